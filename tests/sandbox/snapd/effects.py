# SPDX-License-Identifier: Apache-2.0
"""What the kinds of tasks do to the snap, when they begin, when they are done, when they are
undone; how long they take and how they fail."""

import copy

import data
import units
from plan import missing, plan_connect, plan_connect_later, plan_disconnect, plan_prerequisites
from state import MS, SECOND, Snap, full, id_of, shown_time

LONG_DOWNLOAD = 1024 * 1024  # from here on it takes its time, shows how far it is, and is not kept
BYTES_PER_SECOND = 2500000
SLOW_HOOK = 20 * SECOND
RETRIES = 82 * SECOND  # so long a download is tried again
STORE_RETRIES = 32 * SECOND  # and so long what the store has is asked


def nothing(sim, change, task, now):
    pass


def release_of(sim, change, task):
    part = change.part_of(task.snap)
    return part.target if part else sim.store.find(task.snap, "latest/stable")


def start_download(sim, change, task, now):
    size = release_of(sim, change, task).size
    if size > LONG_DOWNLOAD:
        task.label, task.total, task.done = task.snap, size, size // 50


def finish_download(sim, change, task, now):
    release = release_of(sim, change, task)
    if (task.snap, release.revision) in sim.cached:
        return
    task.label, task.done, task.total = task.snap, release.size, release.size
    if release.size <= LONG_DOWNLOAD:
        sim.cached.add((task.snap, release.revision))


def finish_prerequisites(sim, change, task, now):
    if task.summary.startswith("Ensure"):
        plan_prerequisites(sim, change, task)


def stop(sim, change, task, now):
    """What is disabled by now stays so, also if it runs."""
    snap = sim.snaps.get(task.snap)
    if snap and snap.active:
        snap.disabled = {name for name, unit in units.units(sim, snap) if not unit.enabled}
        units.stop(sim, snap, now)


def enable(sim, change, task, now):
    if snap := sim.snaps.get(task.snap):
        units.enable(sim, snap, snap.wanted())


def start(sim, change, task, now):
    """Says why the services cannot be started; then they are disabled, which lasts if this was the
    undo of their stop."""
    snap = sim.snaps.get(task.snap)
    if not snap:
        return None
    enable(sim, change, task, now)
    failed = units.start(sim, snap, snap.wanted(), now)
    if failed:
        units.enable(sim, snap, ())
    return failed


def unlink(sim, change, task, now):
    if snap := sim.snaps.get(task.snap):
        snap.active = False
        units.enable(sim, snap, ())
        units.stop(sim, snap, now)


def undo_unlink(sim, change, task, now):
    if snap := sim.snaps.get(task.snap):
        snap.active, snap.installed = True, now
        units.enable(sim, snap, snap.wanted())


def link_plain(sim, task, now):
    if task.snap == "snapd":
        task.say("Requested daemon restart (snapd snap).", now)
        sim.maintenance = True


def link(sim, change, task, now):
    part = change.part_of(task.snap)
    link_plain(sim, task, now)
    if not part:
        sim.install(task.snap, sim.store.find(task.snap, "latest/stable"))
        return
    snap = sim.snaps.setdefault(task.snap, Snap(task.snap))
    if change.reverting:
        snap.current = snap.find(part.target.revision)
    elif part.target:
        snap.append(part.target)
        if change.channel:
            snap.tracking = full(change.channel)
        snap.devmode = change.devmode
    if part.target:
        snap.id = "" if part.target.revision.startswith("x") else id_of(snap.name)
    snap.active, snap.installed, snap.broken = True, now, ""
    snap.wiped = False
    units.enable(sim, snap, ())
    units.stop(sim, snap, now)
    if change.kind == "enable-snap":
        plan_connect_later(sim, change, task)
        task.say("added auto-connect task", now)


def undo_link(sim, change, task, now):
    """What was there before, less the revisions that were discarded since."""
    snap, part = sim.snaps.get(task.snap), change.part_of(task.snap)
    if not snap or not part:
        return
    was = copy.deepcopy(part.before)
    units.enable(sim, snap, ())
    units.stop(sim, snap, now)
    if not was:
        del sim.snaps[task.snap]
        return
    snap.active = False
    snap.tracking, snap.id, snap.devmode = was.tracking, was.id, was.devmode
    for number in [item.revision for item in reversed(was.revisions)]:
        if snap.find(number) < 0:
            was.drop(number)
    snap.revisions, snap.current = was.revisions, was.current


def connect(sim, change, task, now):
    if task.snap == "snapd":
        task.say("Waiting for automatic snapd restart...", task.began)
        sim.maintenance = False
    plan_connect(sim, change, task)


def disconnect(sim, change, task, now):
    plan_disconnect(sim, change, task)


def copy_data(sim, change, task, now):
    data.make(sim, task.snap)


def undo_copy_data(sim, change, task, now):
    part = change.part_of(task.snap)
    if part and not part.before:
        data.drop(sim, task.snap)


def save_data(sim, change, task, now):
    data.save(sim, task.snap)


def clear(sim, change, task, now):
    """With its last revision the data that all have in common goes too."""
    snap = sim.snaps.get(task.snap)
    if snap and len(snap.revisions) == 1:
        data.drop(sim, task.snap)


def start_discard(sim, change, task, now):
    snap = sim.snaps.get(task.snap)
    if snap and len(snap.revisions) == 1:
        snap.wiped = True


def discard(sim, change, task, now):
    if snap := sim.snaps.get(task.snap):
        snap.drop(task.number)
        if not snap.revisions:
            del sim.snaps[task.snap]


def switch(sim, change, task, now):
    if snap := sim.snaps.get(task.snap):
        snap.tracking = full(change.channel)
        if task.kind == "switch-snap-channel":
            snap.now().channel = change.channel


def control_service(sim, change, task, now):
    """Says why the services cannot be started. A restart leaves those aside that are disabled and
    stopped, except for one that is named, or has the snap's name."""
    if not (snap := sim.snaps.get(task.snap)):
        return None
    chosen = dict(units.units(sim, snap, change.services))
    if change.verb == "restart":
        chosen = {name: unit for name, unit in chosen.items()
                  if name in change.named_services or unit.enabled or unit.is_active(now)}
    failed = None
    if change.verb == "stop":
        units.stop(sim, snap, now, chosen)
    else:
        failed = units.start(sim, snap, chosen, now)
    for unit in chosen.values() if change.lasting and not failed else ():
        unit.enabled = change.verb != "stop"
    return failed


def set_health(sim, snap, now, failed=False):
    """By the hook of its current revision, if it has one."""
    revision = snap.now()
    told = {"status": revision.health, "message": revision.health_message,
            "code": revision.health_code}
    if failed:
        told = {"status": "unknown", "message": "hook failed", "code": "snapd-hook-failed"}
    elif revision.health == "silent":
        told = {"status": "unknown", "message": "hook did not call set-health",
                "code": "snapd-hook-no-health-set"}
    if failed or revision.health:
        sim.health[snap.name] = {"revision": revision.revision, "timestamp": shown_time(now)} | {
            key: value for key, value in told.items() if value}


def finish_hook(sim, change, task, now):
    """Says why it fails."""
    snap = sim.snaps.get(task.snap)
    if not snap or task.hook != "check-health":
        return None
    failed = snap.now().health == "fails"
    set_health(sim, snap, now, failed)
    return 'run hook "check-health": check-health: told to fail' if failed else None


START = {"download-snap": start_download, "start-snap-services": enable,
         "discard-snap": start_discard}
# Those of FINISH and UNDO say why they fail, if they do.
FINISH = {
    "auto-connect": connect, "auto-disconnect": disconnect, "clear-snap": clear,
    "copy-snap-data": copy_data, "discard-snap": discard, "download-snap": finish_download,
    "link-snap": link, "prerequisites": finish_prerequisites, "run-hook": finish_hook,
    "save-snapshot": save_data, "service-control": control_service, "start-snap-services": start,
    "stop-snap-services": stop, "switch-snap": switch, "switch-snap-channel": switch,
    "unlink-current-snap": unlink, "unlink-snap": unlink}
UNDO = {"copy-snap-data": undo_copy_data, "link-snap": undo_link, "start-snap-services": stop, "stop-snap-services": start,
        "unlink-current-snap": undo_unlink, "unlink-snap": undo_unlink}


# --- what goes wrong, and how long it takes ---------------------------------------------------

def injected(sim, task):
    for fail in sim.fails:
        if fail["task"] == task.kind and fail["hook"] in ("", task.hook):
            fail["times"] -= 1
            if fail["times"] <= 0:
                sim.fails.remove(fail)
            return fail["log"]
    return None


def quirky(change, task):
    """Of a revision that was made to fail."""
    name = task.snap
    quirk = change.quirk_of(task)
    if (quirk == "hookfail" and task.is_hook("install", "post-refresh")
            or quirk == "badconf" and task.is_hook("configure")):
        return (f'run hook "{task.hook}": \n-----\nerror: {name} cannot initialise its database\n'
                f"{task.hook} hook: about to fail\n-----")
    return None


def unavailable(sim, change, task):
    """Of what TASK is to see to, or None."""
    for what, name in missing(sim, change, task):
        why = sim.store.trouble(sim.newer)
        if not why and not sim.store.find(name, "latest/stable"):
            why = "snap not found"
        if why:
            return f'cannot install {what} "{name}": {why}'
    return None


def failure(sim, change, task):
    """Why TASK, about to be done, fails instead of having any effect; None when it does not. Uses
    up an injected one."""
    aborting = task.status == "Abort"
    if aborting and task.kind == "download-snap":
        return "the download has been cancelled: context canceled"
    if change.is_slow(task) and (aborting or change.interrupted):
        return f'run hook "{task.hook}": \n-----\nhook: sleeping\n\n<aborted>\n-----'
    text = injected(sim, task)
    if text is not None and task.is_hook("check-health"):
        set_health(sim, sim.snaps[task.snap], sim.now(), failed=True)
    text = quirky(change, task) if text is None else text
    if text is not None:
        return text
    # No revision but badconf has that hook, and nothing but a new configuration misses it.
    if change.kind == "configure-snap":
        return f'snap "{task.snap}" has no "configure" hook'
    if task.kind == "prerequisites" and task.summary.startswith("Ensure"):
        return unavailable(sim, change, task)
    if task.kind != "download-snap" or not (sim.store.down or sim.store.download != "ok"):
        return None
    url = f"http://127.0.0.1:11028/download/{task.snap}_{task.number}.snap"
    if sim.store.down:
        return f'Get "{url}": dial tcp 127.0.0.1:11028: connect: connection refused'
    return (f"received an unexpected http response code ({sim.store.download}) when trying to "
            f"download {url}")


def duration(sim, change, task):
    """From this transition to the next."""
    if task.status == "Doing" and change.is_slow(task):
        return SLOW_HOOK
    if (task.status == "Doing" and task.kind == "prerequisites" and sim.store.trouble(sim.newer)
            and missing(sim, change, task)):
        return STORE_RETRIES
    if task.status == "Doing" and task.kind == "download-snap":
        if sim.store.download == "500" or sim.store.down:
            return RETRIES
        if task.total > LONG_DOWNLOAD:
            return task.total * MS // (BYTES_PER_SECOND // 1000)
    return sim.task_ms * MS // 2


def is_downloading(task):
    return task.status == "Doing" and task.total > LONG_DOWNLOAD


def progress(sim, task):
    """In manual mode a long download takes some steps; whether this was one that is not the
    last."""
    if not sim.manual or not is_downloading(task) or task.done >= task.total:
        return False
    task.done = min(task.done + task.total // 4, task.total)
    return True

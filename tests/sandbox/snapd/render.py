# SPDX-License-Identifier: Apache-2.0
"""Snaps, changes and the machine as snapd shows them."""

import copy

from state import ARCHITECTURE, SECOND, is_base, is_plain, shown_time
from units import units

APPARMOR = ("cannot check apparmor kernel features: "
            "open /sys/kernel/security/apparmor/features: no such file or directory")
# The names are enough for an answer as long as the real one, which goes out in chunks.
FEATURES = """
apparmor-prompting check-disk-space-install check-disk-space-refresh check-disk-space-remove
classic-preserves-xdg-runtime-dir clustering confdb confdb-control content-compatibility-label
dbus-activation gate-auto-refresh-hook gpio-chardev-interface hidden-snap-folder hotplug layouts
move-snap-home-dir parallel-instances per-user-mount-namespace quota-groups refresh-app-awareness
refresh-app-awareness-ux remote-device-management seed-refresh snap-delta-format
user-daemons""".split()
SANDBOX = {"confinement-options": ["classic", "devmode"]}


DAEMONS = {"svcfail": "forking", "oneshot": "oneshot"}


def type_of(name):
    return "base" if is_base(name) else "snapd" if name == "snapd" else "app"


def shown_apps(sim, snap):
    if snap.apps is not ...:
        return snap.apps
    if is_plain(snap.name) or snap.wiped or snap.broken:
        return None
    if not snap.services():
        return [{"snap": snap.name, "name": snap.name}]
    daemon = DAEMONS.get(snap.now().quirk, "simple")
    return [{"snap": snap.name, "name": name, "daemon": daemon, "daemon-scope": "system"}
            | {key: True for key, so in (
                ("enabled", unit.enabled), ("active", unit.is_active(sim.now())))
               if so and snap.active}
            for name, unit in units(sim, snap)]


def shown_snap(sim, snap):
    plain, revision = is_plain(snap.name), snap.now()
    number = revision.revision
    summary = {"snapd": "empty snapd snap for the rig", "bare": "minimal base for the rig"}.get(
        snap.name, "Micro sample service") if not snap.wiped else ""
    shown = {"id": snap.id, "summary": summary, "description":
             summary if plain or snap.wiped else "Answers Online on port 8080.\n"}
    if not snap.wiped:
        shown["installed-size"] = revision.size
    if snap.active:
        shown["install-date"] = shown_time(snap.installed)
    shown["name"] = snap.name
    publisher = "testrootorg" if plain else "developer1"
    if snap.id:
        shown["publisher"] = {
            "id": publisher, "username": publisher,
            "display-name": "Testrootorg" if plain else "Developer 1",
            "validation": "verified" if plain else "unproven"}
    shown |= {"developer": publisher if snap.id else "",
              "status": "active" if snap.active else "installed",
              "type": "" if snap.wiped else type_of(snap.name)}
    if not plain and not snap.wiped:
        shown["base"] = revision.base
    shown |= {"version": "" if snap.wiped else revision.version, "channel": revision.channel}
    if snap.tracking:
        shown["tracking-channel"] = snap.tracking
    shown |= {"ignore-validation": False, "revision": number, "confinement": revision.confinement}
    if sim.newer:
        grade = "devel" if revision.version == "3.0-dev" else "stable"
        shown["grade"] = "" if snap.wiped or plain else grade
    shown |= {"private": False, "devmode": snap.devmode, "jailmode": False}
    apps = shown_apps(sim, snap)
    if apps is not None:
        shown["apps"] = apps
    if snap.broken or snap.wiped:
        shown["broken"] = snap.broken or (
            f'cannot find installed snap "{snap.name}" at revision {number}: missing file '
            f"/snap/{snap.name}/{number}/meta/snap.yaml")
    shown["mounted-from"] = f"/var/lib/snapd/snaps/{snap.name}_{number}.snap"
    if not sim.newer:
        shown["links"] = None
    shown["contact"] = ""
    if snap.hold:
        shown["hold"] = snap.hold
    if snap.name in sim.health:
        shown["health"] = sim.health[snap.name]
    return shown


def shown_once(sim, snap):
    return [shown_snap(sim, snap)]


def shown_revisions(sim, snap):
    """Those on disk, in their order. None but the current one has services that run, or health."""
    ret = []
    for i in range(len(snap.revisions)):
        other = copy.copy(snap)
        other.current, other.active = i, snap.active and i == snap.current
        ret.append(shown_snap(sim, other))
    return ret


def shown_task(task):
    shown = {"id": str(task.id), "kind": task.kind, "summary": task.summary, "status": task.status}
    if task.log:
        at = shown_time(task.log_at // SECOND * SECOND)
        shown["log"] = [f"{at} {'ERROR' if task.error else 'INFO'} {task.log}"]
    shown["progress"] = {
        "label": task.label,
        "done": task.done if task.label else int(task.status != "Do"),
        "total": task.total if task.label else 1}
    shown["spawn-time"] = shown_time(task.spawned)
    if task.ended:
        shown["ready-time"] = shown_time(task.ended)
    if task.affects and task.snap:
        shown["data"] = {"affected-snaps": [task.snap, task.peer] if task.peer else [task.snap]}
    return shown


def shown_change(sim, change):
    shown = {"id": str(change.id), "kind": change.kind, "summary": change.summary,
             "status": change.status}
    if change.tasks:
        shown["tasks"] = [shown_task(task) for task in change.tasks]
    shown["ready"] = change.ended != 0
    error = change.error()
    if error:
        shown["err"] = error
    shown["spawn-time"] = shown_time(change.spawned)
    if change.ended:
        shown["ready-time"] = shown_time(change.ended)
    if change.named and change.snap:
        shown["data"] = {"snap-names": [change.snap]}
        if change.data:
            shown["data"] = change.data
        elif not sim.newer and change.kind == "install-snap":
            shown["data"]["components"] = {change.snap: None}
    return shown


def shown_system(sim):
    """Its tables are those of the real one in part only: nobody reads them."""
    second = sim.now() // SECOND * SECOND
    refresh = {"timer": "00:00~24:00/4", "hold": shown_time(second + 7200 * SECOND)}
    # Seen at the start only, and not in what was recorded later.
    if sim.posts == 0:
        refresh["next"] = shown_time(second)
    shown = {
        "architecture": ARCHITECTURE,
        "build-id": "565d23112f2ae76e50ddd4f95549a82f3543a1eb",
        "confinement": "partial",
        "features": {name: {"supported": name != "apparmor-prompting", "enabled": False}
                     | ({"unsupported-reason": APPARMOR} if name == "apparmor-prompting" else {})
                     for name in FEATURES},
        "kernel-version": "6.18.44-fc-v669",
        "locations": {"snap-bin-dir": "/snap/bin", "snap-mount-dir": "/snap"},
        "managed": False,
        "on-classic": True,
        "os-release": {"id": "debian", "version-id": "13"},
        "refresh": refresh,
        "sandbox-features": SANDBOX,
        "series": "16",
    }
    if sim.newer:
        shown["snapd-bin-from"] = "native-package"
    return shown | {"system-mode": "run",
                    "version": "2.77.1-2" if sim.newer else "2.68.3-3+deb13u1",
                    "virtualization": "container-other"}

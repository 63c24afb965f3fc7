# SPDX-License-Identifier: Apache-2.0
"""The lists of tasks: which tasks, with which summaries, a change of each kind begins with, and
which are added while it runs. Both versions of snapd, as recorded."""

import changes
from state import Snap, is_base, is_plain

# A row: kind, hook, summary, and when it is used, all of these words: older (like 2.68), newer
# (like 2.77), fetch (the revision comes from the store), here (it does not), mount (it is not on the
# disk), asked (of the store, not a file), moved (so, or another revision than the one that runs),
# snapshot, app (not a base, not snapd). In a summary: n the snap, r the revision, c the channel, o
# the current revision, f the file, s the number of a snapshot, t the channel tracked until now.


def hook(name, when=""):
    return ("run-hook", name, f'Run {name} hook of "{{n}}" snap if present', when)


PREREQUISITES = ("prerequisites", "", 'Ensure prerequisites for "{n}" are available', "")
WAIT = ("prerequisites", "", 'Wait until prerequisites for "{n}" are available', "newer")
PREPARE = ("prepare-snap", "", 'Prepare snap "{f}" ({r})', "here")
FETCH = [
    PREREQUISITES,
    ("download-snap", "", 'Download snap "{n}" ({r}) from channel "{c}"', "fetch"),
    ("validate-snap", "", 'Fetch and check assertions for snap "{n}" ({r})', "fetch"),
    PREPARE, WAIT, ("mount-snap", "", 'Mount snap "{n}" ({r})', "mount")]
CHECK = ("run-hook", "check-health", 'Run health check of "{n}" snap', "")
STOP = ("stop-snap-services", "", 'Stop snap "{n}" services', "")
NO_ALIASES = ("remove-aliases", "", 'Remove aliases for snap "{n}"', "")
UNLINK = ("unlink-current-snap", "", 'Make current revision for snap "{n}" unavailable', "")
COPY = ("copy-snap-data", "", 'Copy snap "{n}" data', "")
CONNECT = ("auto-connect", "", 'Automatically connect eligible plugs and slots of snap "{n}"', "")
START = ("start-snap-services", "", 'Start snap "{n}" ({r}) services', "")
ALIASES = ("setup-aliases", "", 'Setup snap "{n}" aliases', "")
LINK = [
    ("setup-profiles", "", 'Setup snap "{n}" ({r}) security profiles', "older"),
    ("setup-profiles", "", 'Prepare snap "{n}" ({r}) for security profile setup', "newer"),
    ("link-snap", "", 'Make snap "{n}" ({r}) available to the system', ""),
    CONNECT, ("set-auto-aliases", "", 'Set automatic aliases for snap "{n}"', ""), ALIASES]
DELAYED = "Process delayed security backend side effects for affected snaps"
DISCARD = [("clear-snap", "", 'Remove data for snap "{n}" ({r})', ""),
           ("discard-snap", "", 'Remove snap "{n}" ({r}) from the system', "")]

INSTALL = [
    *FETCH, COPY, *LINK, hook("install"), hook("default-configure", "app"), START,
    hook("configure", "app"), CHECK,
    ("process-delayed-security-backend-effects", "", DELAYED, "newer app")]
REFRESH = [
    *FETCH, hook("pre-refresh", "moved"), STOP, NO_ALIASES, UNLINK, COPY, *LINK,
    hook("post-refresh", "moved"), START,
    ("(old)", "", "", ""), ("cleanup", "", 'Clean up "{n}" ({r}) install', ""),
    hook("configure"), CHECK,
    ("check-rerefresh", "", 'Monitoring snap "{n}" to determine whether extra refresh steps are '
     "required", "asked"),
    ("process-delayed-security-backend-effects", "", DELAYED, "newer")]
ROWS = {
    "install-snap": INSTALL,
    "refresh-snap": REFRESH,
    "auto-refresh": REFRESH,
    "revert-snap": [PREREQUISITES, PREPARE, WAIT, STOP, NO_ALIASES, UNLINK, *LINK, START,
                    hook("configure"), CHECK],
    "remove-snap": [
        STOP, hook("remove"),
        ("auto-disconnect", "", 'Disconnect interfaces of snap "{n}"', ""),
        ("save-snapshot", "", 'Save data of snap "{n}" in automatic snapshot set #{s}', "snapshot"),
        NO_ALIASES, ("unlink-snap", "", 'Make snap "{n}" unavailable to the system', ""),
        ("remove-profiles", "", 'Remove security profile for snap "{n}" ({o})', ""),
        ("(all)", "", "", "")],
    "switch-snap": [("switch-snap", "", 'Switch snap "{n}" from channel "{t}" to "{c}"', "")],
    "enable-snap": [
        ("prepare-snap", "", 'Prepare snap "{n}" ({o})', ""),
        ("setup-profiles", "", 'Setup snap "{n}" ({o}) security profiles', ""),
        ("link-snap", "", 'Make snap "{n}" ({o}) available to the system', ""), ALIASES,
        ("start-snap-services", "", 'Start snap "{n}" ({o}) services', "")],
    "disable-snap": [
        ("stop-snap-services", "", 'Stop snap "{n}" ({o}) services', ""), NO_ALIASES,
        ("unlink-snap", "", 'Make snap "{n}" ({o}) unavailable to the system', ""),
        ("remove-profiles", "", 'Remove security profiles of snap "{n}"', "")],
    "become-operational": [("generate-device-key", "", "Generate device key", ""),
                           ("request-serial", "", "Request device serial", "")],
    "pre-download": [
        ("pre-download-snap", "", 'Pre-download snap "{n}" ({r}) from channel "{c}"', "")],
    "hold-snap": [],
    "unhold-snap": [],
}
SWITCH_FIRST = [("switch-snap", "", 'Switch snap "{n}" to channel "{c}"', "")]
SWITCH_SAME = [("switch-snap-channel", "", 'Switch snap "{n}" from channel "{t}" to "{c}"', "")]


def add(sim, change, row, words, rank=0, **members):
    kind, name, summary, _ = row
    return change.add(sim, kind, words["n"], summary.format_map(words), rank, hook=name, **members)


def discard(sim, change, words, revisions, rank=0):
    """The two tasks that throw a revision away, for each."""
    for item in revisions:
        for row in DISCARD:
            add(sim, change, row, words | {"r": item.revision}, rank, number=item.revision)


def superfluous(snap, number, retain):
    """What goes when revision NUMBER comes: all that is newer than the current one, and of the
    older all but the last few."""
    others = [item for item in snap.revisions if item.revision != number]
    older = [item for item in snap.revisions[:snap.current] if item.revision != number]
    newer = [item for item in snap.revisions[snap.current + 1:] if item.revision != number]
    # The current one counts, and one that is not here yet.
    count = len(older) + 1 + (len(others) == len(snap.revisions)) - retain
    return newer + older[:max(count, 0)]


def rows_of(kind, before, target):
    if kind == "switch-snap" and not before.tracking:
        return SWITCH_FIRST
    # A refresh to what is there already, under another name.
    if kind == "refresh-snap" and not target:
        return SWITCH_SAME
    # Of one revision that is not the current one.
    if kind == "remove-snap" and target:
        return ROWS[kind][-1:]
    return ROWS.get(kind)


def plan(sim, kind, snap, summary, channel="", source="", target=None, purge=False):
    """A change with its tasks. CHANNEL is to be tracked ("" = as it is), the download is said to
    come from SOURCE, TARGET is the revision. A kind that is not known gets one task of that
    kind."""
    change = changes.Change(sim, kind, snap, summary)
    before = change.before or Snap(snap)
    number = target.revision if target else ""
    here = before.find(number) >= 0
    rows = rows_of(kind, before, target)
    holds = {"newer" if sim.newer else "older", "asked", "moved"}
    holds |= {"here"} if here else {"fetch", "mount"}
    holds |= {word for word, so in (("snapshot", not purge), ("app", not is_plain(snap))) if so}
    change.named, change.target, change.channel = True, target, channel
    change.reverting = kind == "revert-snap"
    change.devmode = target is not None and target.confinement == "devmode"
    if kind == "remove-snap" and not target and not purge:
        sim.snapshots += 1
    words = {
        "n": snap, "r": number, "o": before.now().revision, "c": source or channel,
        "t": before.tracking, "s": sim.snapshots,
        # Of a revision that is not the current one no file is named.
        "f": f"/var/lib/snapd/snaps/{snap}_{number}.snap"
             if here and before.now().revision == number else ""}
    for row in rows if rows is not None else [(kind, "", summary, "")]:
        if not set(row[3].split()) <= holds:
            continue
        if row[0] == "(old)":
            discard(sim, change, words, superfluous(before, number, sim.retain))
        elif row[0] == "(all)":
            discard(sim, change, words, [target] if target else before.revisions)
        else:
            add(sim, change, row, words)
    change.settle(sim, change.spawned)
    return change


def add_file(sim, change, name, target, before, rank):
    """The install or the refresh of one snap from a file, from RANK on."""
    number, before = target.revision, before or Snap(name)
    here = before.find(number) >= 0
    holds = {"newer" if sim.newer else "older", "here"}
    holds |= {word for word, so in (
        ("mount", not here), ("moved", before.now().revision != number),
        ("app", not is_plain(name))) if so}
    # A local one has its number only when it is done.
    words = {"n": name, "r": "unset" if number.startswith("x") else number,
             "f": "" if sim.newer and here else
                  f"/var/lib/snapd/snaps/.local-install-{change.id}"}
    for row in REFRESH if before.revisions else INSTALL:
        if not set(row[3].split()) <= holds:
            continue
        rank += 100
        if row[0] == "(old)":
            discard(sim, change, words, superfluous(before, number, sim.retain), rank)
        else:
            add(sim, change, row, words, rank, number=number)


def plan_files(sim, summary, loaded, data):
    """Of snaps from files: shown in their order; done is snapd first, then the bases."""
    first = next((one for one in loaded if not is_plain(one.name)), loaded[0])
    change = changes.Change(sim, "install-snap", first.name, summary)
    change.named, change.target, change.data = True, first.target, data
    change.devmode = first.target.confinement == "devmode"
    for one in loaded:
        if one is not first:
            change.parts[one.name] = changes.Part(sim, one.name, one.target)
    for i, one in enumerate(loaded):
        stage = 1 if one.name == "snapd" else 2 if is_base(one.name) else 3
        add_file(sim, change, one.name, one.target, change.part_of(one.name).before,
                 stage * 10**6 + i * 10**4)
    if len(loaded) > 1:
        names = ", ".join(f'"{one.name}"' for one in loaded)
        change.add(sim, "check-rerefresh", "", f"Monitoring snaps {names} to determine whether "
                   "extra refresh steps are required", 4 * 10**6)
    return change


def plan_service(sim, snap, verb, names=(), lasting=False):
    """VERB is start, stop or restart; of all services unless NAMES has some that are named. The one
    with the snap's name is named by that as well."""
    change = changes.Change(sim, "service-control", snap, "Running service command")
    change.verb, change.lasting = verb, lasting
    change.named_services = names or [snap]
    change.services = names or sim.snaps[snap].services()
    shown = " ".join(f'"{name}"' for name in change.named_services)
    change.add(sim, "service-control", snap,
               f'Run service command "{verb}" for services [{shown}] of snap "{snap}"')
    return change


def add_plain(sim, change, name, rank):
    """The whole install of a plain snap, within another change."""
    holds = {"newer" if sim.newer else "older", "fetch", "mount"}
    words = {"n": name, "r": sim.store.find(name, "stable").revision, "c": "stable", "f": ""}
    for row in INSTALL:
        if set(row[3].split()) <= holds:
            rank += 1
            add(sim, change, row, words, rank)


def missing(sim, change, task):
    """What the snap of TASK needs and is not there, the base first: what it is to it, and its name.
    What comes with the same change is there by now."""
    part = change.part_of(task.snap)
    if is_plain(task.snap) or not part or not part.target:
        return []
    return [(what, name) for what, name in (
        ("snap base", part.target.base), ("system snap", "snapd"))
            if name not in sim.snaps]


def plan_prerequisites(sim, change, task):
    """Adds, behind TASK, what installs the base and the snapd snap, where they are missing. The
    snapd snap comes first and is shown last."""
    for what, name in missing(sim, change, task):
        add_plain(sim, change, name, task.rank + (40 if what == "snap base" else 0))


def add_connections(sim, change, task, verb, way):
    for i, plug in enumerate(("network", "network-bind")):
        change.add(sim, verb.lower(), task.snap, f"{verb} {task.snap}:{plug} {way} snapd:{plug}",
                   task.rank + 1 + i, peer="snapd")


def has_plugs(snap):
    """The classic one of the recordings has none."""
    return not is_plain(snap) and snap != "microclassic"


def plan_connect(sim, change, task):
    """Adds, behind the auto-connect TASK, the connections of a new snap."""
    part = change.part_of(task.snap)
    fresh = (change.kind == "install-snap" and not (part and part.before)
             and has_plugs(task.snap))
    if not fresh and not sim.newer:
        return
    # The profiles are made first and shown last.
    sim.last_task += 1
    first = sim.last_task
    if fresh:
        add_connections(sim, change, task, "Connect", "to")
    snap = sim.snaps.get(task.snap)
    profiles = change.add(
        sim, "setup-profiles", task.snap,
        f'Setup snap "{task.snap}" ({snap.now().revision if snap else ""}) security profiles'
        + ("" if sim.newer else " for auto-connections"), task.rank + 3)
    sim.last_task -= 1
    profiles.id = first


def plan_disconnect(sim, change, task):
    if has_plugs(task.snap):
        add_connections(sim, change, task, "Disconnect", "from")


def plan_connect_later(sim, change, task):
    """Adds an auto-connect behind the link TASK of a snap that was disabled."""
    add(sim, change, CONNECT, {"n": task.snap}, task.rank + 1)

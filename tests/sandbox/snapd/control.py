# SPDX-License-Identifier: Apache-2.0
"""The commands of the control; HELP tells of them. A slip in one is an error: it is not to be
mistaken for a daemon that does nothing."""

import copy

import api
import changes
import data
import units
from effects import set_health
from plan import plan, plan_service
from state import Revision
from workload import check as check_answer

HELP = """
serve: the API of snapd on PATH, the control on PATH.ctl (POST / with a JSON body), what the snap's
service answers on a port of 127.0.0.1 whose number is in workload.port beside PATH, and where nobody
listens unless a service of the snap runs. Prints 'ready' when all accept, ends on SIGTERM. With --state the state is written before every answer and read at
the start, so a kill -9 and a new start are a snapd restart. Changes move on by the time of the
clock (real, or the one in the file of --clock), whenever a request comes; with --manual only by
step and finish. The channels hookfail, svcfail, badconf, slow and big of microsample do as they say.

Commands, here with ' for ":
{'do':'reset'}  as after the start, in auto mode
{'do':'mode','manual':true,'task-ms':40,'saving':false}  saving: of the state; true again before a
   kill
{'do':'step','n':1}  transitions of the oldest change that can move; answers 'taken'
{'do':'finish'}  every change to its end, held and waiting ones aside
{'do':'fail','task':'run-hook','hook':'configure','log':'text','times':1}  the next task of that
   kind fails, and what was done is undone
{'do':'foreign','kind':'auto-refresh','snap':S,'channel':C,'revision':N,'held':true,
   'held-at':'link-snap','summary':T,'verb':'stop','purge':true}  somebody else's change, begun;
   held stays in its first task, held-at in a task of that kind or hook; answers 'change'
{'do':'release'}  lets held and waiting changes go on
{'do':'wait','change':'7'}  into status Wait
{'do':'abort','change':'7'}
{'do':'prune'}  changes that are over vanish
{'do':'purge'}  all changes vanish, and ids start again at 1
{'do':'snap','name':'microsample','set':{...}}  without a change, and made when it is not there:
   revision, version, channel, tracking, id, active, disabled, broken, apps, hold, quirk,
   confinement, size, services, dies-ms, stays-dead (from the next start on), health,
   health-message, health-code, and of all services or the
   one with a name 'service':{'name':'worker','enabled':true,'active':true}
{'do':'snap','name':'microsample','gone':true}  (of snapd and bare: the next install brings them);
   with its data: the next one has none
{'do':'restore','name':'microsample'}  its common data comes back from the last snapshot, as copies
{'do':'store','set':{...}}  status, delay-ms, down, no-dns, timeout, snap-missing, confinement,
   download ('ok', 404 or 500), size, snap (whose channels; microsample),
   'channels':{'latest/edge':{'revision':'3','version':'3.0'},'latest/beta':null}; a release may
   have confinement, size, services ('web,worker' or none; else one with the snap's name), quirk:
   hookfail, svcfail, badconf, slow, crash (the service exits at once, and systemd gives up after
   five starts) or oneshot; dies-ms (its services exit so long after each start, and systemd starts
   them again 100 ms later, five times in 10 s) and stays-dead (it does not); and what its check-health hook sets: health (okay, waiting, blocked,
   error; silent: nothing is set; fails: the hook does), health-message, health-code
{'do':'workload','answer':500,'revision':'5','path':'/healthz'}  what is answered at the port of the
   snap's services, instead of 200: a status (3xx leads to where nobody listens), hang, close,
   refuse (not for a path), garbage, cut (in the body), endless, endless-head, drip (a byte now and
   then), slow (half a second); without revision or path for any; null: as if never said
{'do':'workload','snap':'otherapp'}  whose services they are (microsample)
{'do':'die','name':'microsample','service':'worker','stays-dead':true}  the process of that service,
   or of each; systemd starts it again, or leaves it
{'do':'seeded','value':false} and likewise degraded, root (false: 401 for POSTs), maintenance,
   holds (false: as before 2.58, hold and unhold are unknown)
{'do':'like','value':'2.77'}
{'do':'away','how':'refused'} or missing or hang; {'do':'back'}
{'do':'fault','method':'POST','path':'/v2/snaps/microsample','mode':M,'times':1,'skip':0}  for the
   next such requests ('' = any, times 0 = for ever); M is drop-unacted, drop-acted, act-late (ms),
   reset (cut in the header), hang, delay (ms; acted on at once), eof-mid-body, drip, huge (bytes),
   raw (status, type, body), status (status, kind, message, value), kill-client (when: before,
   acted, answered), chunked, extra-fields, shuffle; with 'after':N and drop-unacted, hang, delay, status or kill-client
   it comes as soon as N bytes of the request's body have, of which no more are read (with a delay:
   only then)
{'do':'well'}  no more faults
{'do':'requests'}  all there were, each with its 'time' in ms, in place of its 'body' for a form
   'form', the values and files in it, and 'posts' and 'gets'; and 'probes', those to the workload
{'do':'forget'}  clears them
{'do':'state'}  everything, with 'changes-made' and 'changes-done'
"""

MODES = """drop-unacted drop-acted act-late reset hang delay eof-mid-body drip huge raw status
kill-client chunked extra-fields shuffle""".split()
IN_THE_MIDDLE = "drop-unacted hang delay status kill-client".split()


def reset(sim):
    for name in sim.snaps:
        data.drop(sim, name)
    sim.reset()


def mode(sim, manual=None, task_ms=None, saving=None):
    # What is due is done first, by the mode it was due in.
    api.catch_up(sim)
    sim.manual = sim.manual if manual is None else manual
    sim.saving = sim.saving if saving is None else saving
    sim.task_ms = sim.task_ms if task_ms is None else task_ms


def step(sim, n=1):
    api.catch_up(sim)
    return {"taken": changes.step(sim, n)}


def finish(sim):
    api.catch_up(sim)
    changes.step(sim, 10**6)


def fail(sim, task, hook="", log="injected failure", times=1):
    sim.fails.append({"task": task, "hook": hook, "log": log, "times": times})


def foreign_target(sim, snap, channel, number):
    """What the other one installs: a revision that the store need not have, or what a channel
    gives."""
    if number is None:
        target = sim.store.find(snap, channel)
    else:
        target = sim.store.find_number(snap, str(number)) or Revision(
            revision=number, version=f"{number}.0", channel=channel)
    if not target:
        raise ValueError("nothing is released there")
    return target


def foreign(sim, kind="auto-refresh", snap="microsample", channel="", revision=None, held=False,
            held_at="", summary=None, verb="restart", purge=False):
    there = sim.snaps.get(snap)
    channel = channel or (there.tracking if there else "")
    target = None
    if not there and kind not in ("install-snap", "become-operational"):
        raise ValueError(f"{snap} is not installed")
    if kind in ("install-snap", "refresh-snap", "auto-refresh", "pre-download"):
        target = foreign_target(sim, snap, channel or "latest/stable", revision)
    if summary is None:
        summary = (f'Auto-refresh snap "{snap}"' if kind == "auto-refresh"
                   else f'Foreign {kind} of "{snap}" snap')
    if kind == "service-control":
        change = plan_service(sim, snap, verb)
    else:
        change = plan(sim, kind, "" if kind == "become-operational" else snap, summary, channel,
                      target=target, purge=purge)
    change.held, change.held_at = held or bool(held_at), held_at
    # Somebody else's is under way.
    change.step(sim, sim.now())
    return {"change": str(change.id)}


def release(sim):
    for change in sim.changes.values():
        if change.held or change.waiting:
            change.release()
            change.due = sim.now()


def running(sim, change):
    found = sim.changes.get(int(change))
    if not found or found.ended:
        raise ValueError(f"no change {change} under way")
    return found


def abort(sim, change):
    change = running(sim, change)
    change.abort(sim)
    change.settle(sim, sim.now())


def wait(sim, change):
    """In the task that is next, or in the one that is being done."""
    change = running(sim, change)
    next(task for task in change.tasks if task.status in ("Do", "Doing")).status = "Wait"
    change.waiting = True


def prune(sim):
    api.catch_up(sim)
    sim.changes = {number: change for number, change in sim.changes.items() if not change.ended}


def purge(sim):
    sim.changes = {}
    sim.last_change = sim.last_task = 0


def snap(sim, name="microsample", set=None, gone=False):
    api.catch_up(sim)
    if gone:
        if there := sim.snaps.pop(name, None):
            units.enable(sim, there, ())
            units.stop(sim, there, sim.now())
            data.drop(sim, name)
        return
    members = copy.copy(set)
    if name not in sim.snaps:
        sim.install(name, Revision())
    row = sim.snaps[name]
    service = members.pop("service", None)
    row.apps = members.pop("apps", row.apps)
    row.active = not members.pop("disabled", not row.active)
    # Those of the current revision stand beside those of the snap.
    of_revision = {key for key in members if hasattr(Revision, key.replace("-", "_"))}
    row.now().merge({key: members.pop(key) for key in of_revision})
    row.merge(members)
    if "health" in of_revision:
        set_health(sim, row, sim.now())
    if service:
        for _, unit in units.units(sim, row, [service["name"]] if "name" in service else None):
            unit.stop(sim.now())
            unit.enabled = service.get("enabled", False)
            unit.running = service.get("active", False)


def die(sim, name="microsample", service=None, stays_dead=False):
    api.catch_up(sim)
    found = units.units(sim, sim.snaps[name], service and [service])
    if not any(unit.is_active(sim.now()) for _, unit in found):
        raise ValueError("no such service runs")
    for _, unit in found:
        if unit.running:
            unit.stays_dead = stays_dead
            unit.die(sim.now())


def restore(sim, name="microsample"):
    api.catch_up(sim)
    data.restore(sim, name)


def store(sim, set):
    api.catch_up(sim)
    sim.store.set(set)


def workload(sim, answer=200, revision="", path="", snap=None):
    if answer is None:
        sim.workload.pop((str(revision), path), None)
    elif snap is None:
        check_answer(answer, path)
        sim.workload[str(revision), path] = answer
    sim.workload_snap = snap or sim.workload_snap


def flag(name):
    def run(sim, value):
        if not isinstance(value, bool):
            raise ValueError("value must be true or false")
        setattr(sim, name, value)
    return run


def like(sim, value):
    sim.newer = {"2.68": False, "2.77": True}[value]


def away(sim, how):
    if how not in ("refused", "missing", "hang"):
        raise ValueError("away how: refused, missing or hang?")
    sim.away = how


def back(sim):
    sim.away = "present"


def fault(sim, mode, method="", path="", times=1, skip=0, **parameters):
    unknown = parameters.keys() - set(
        "ms bytes status type body kind message value when after".split())
    if unknown or mode not in (IN_THE_MIDDLE if "after" in parameters else MODES):
        raise ValueError(f"unknown {unknown or mode}")
    sim.faults.append(parameters | {"mode": mode, "method": method, "path": path, "times": times,
                                    "skip": skip})


def well(sim):
    sim.faults, sim.late = [], []


def requests(sim):
    return {"requests": sim.requests, "posts": sim.posts, "gets": sim.gets,
            "probes": sim.probes}


def forget(sim):
    sim.forget()


def state(sim):
    api.catch_up(sim)
    for unit in sim.units.values():
        unit.follow(sim.now())
    return sim.shown()


COMMANDS = {command.__name__: command for command in (
    reset, mode, step, finish, fail, foreign, release, abort, wait, prune, purge, snap, die, restore,
    store, like, away, back, fault, well, requests, forget, state, workload)}
COMMANDS |= {name: flag(name) for name in (
    "seeded", "degraded", "root", "maintenance", "holds")}


def run(sim, what):
    """The answer to the command WHAT; ValueError, TypeError or LookupError for a bad one."""
    arguments = {key.replace("-", "_"): value for key, value in what.items()}
    return {"ok": True} | (COMMANDS[arguments.pop("do")](sim, **arguments) or {})

# SPDX-License-Identifier: Apache-2.0
"""Changes and their tasks, moved on one transition at a time: done, failed, undone and aborted by
the rules seen in the recordings."""

import copy

from effects import FINISH, START, UNDO, duration, failure, is_downloading, nothing, progress
from state import MS, SECOND, Row

KEPT = 500
DAY = 24 * 3600 * SECOND

OVER = {"Done", "Undone", "Hold", "Error"}

# The status of a change is the first of these that any of its tasks has.
ORDER = ("Wait", "Abort", "Undoing", "Undo", "Doing", "Do", "Error", "Undone", "Done", "Hold")

# Begin with the change and end after all the others: watchers.
BACKGROUND = {"check-rerefresh", "process-delayed-security-backend-effects"}

# Cannot be undone; all others can.
FINAL = BACKGROUND | {
    "auto-disconnect", "cleanup", "clear-snap", "discard-snap", "mark-seeded", "pre-download-snap",
    "prerequisites", "service-control", "switch-snap", "switch-snap-channel", "validate-snap"}


class Task(Row):
    id = 0
    rank = 0  # tasks are done by rising rank and undone by falling rank
    spawned = began = ended = log_at = 0  # times; 0 = not yet
    done = total = 0  # bytes, when there is a label
    status = "Do"
    affects = True  # shows the snaps it affects
    error = False  # the log line is an error
    kind = hook = snap = label = summary = ""
    peer = ""  # the other snap
    number = ""  # the revision it is about
    log = ""  # one entry, without time and level

    @property
    def background(self):
        return self.kind in BACKGROUND

    def become(self, status, now):
        if status in OVER and self.status not in OVER:
            self.ended = now
        if status == "Doing":
            self.began = now
        self.status = status

    def say(self, text, now, error=False):
        self.log, self.error, self.log_at = text, error, now

    def is_hook(self, *names):
        return self.kind == "run-hook" and self.hook in names


class Change(Row):
    id = spawned = ended = due = 0
    named = False  # its data has the snap's name; else it is only found by it
    posted = False  # made by a POST, not by somebody else
    held = waiting = False
    interrupted = False  # its hook, by a restart of snapd
    lasting = False  # of a service command: enable or disable too
    reverting = devmode = False
    kind = summary = ""
    snap = ""  # "" when it is about none
    verb = ""  # of a service command
    held_at = ""  # the kind of task to stay in, "" for the first
    channel = ""  # what the snap is to track, not yet in full

    def __init__(self, sim, kind, snap, summary):
        super().__init__(kind=kind, snap=snap, summary=summary, spawned=sim.now())
        sim.last_change += 1
        self.id = sim.last_change
        sim.changes[self.id] = self
        self.due = self.spawned + sim.task_ms * MS // 2
        self.target = None  # the Revision that it is about
        self.before = copy.deepcopy(sim.snaps.get(snap))  # None when the snap was not there
        self.parts = {}  # by the names of more snaps, what it is about there
        self.data = {}  # what it shows of itself, when that is not the usual
        self.tasks = []  # in the order in which they are shown
        self.services = self.named_services = ()  # of a service command

    def add(self, sim, kind, snap, summary, rank=0, **members):
        """A task that comes last."""
        sim.last_task += 1
        task = Task(id=sim.last_task, kind=kind, snap=snap, summary=summary, spawned=sim.now(),
                    rank=rank or (len(self.tasks) + 1) * 100, affects=kind not in BACKGROUND,
                    number=self.target.revision if self.target else "")
        task.merge(members)
        self.tasks.append(task)
        return task

    @property
    def status(self):
        seen = {task.status for task in self.tasks}
        return next((status for status in ORDER if status in seen), "Done")

    def part_of(self, snap):
        """With the members target and before; None if it is not about that snap."""
        return self if snap == self.snap else self.parts.get(snap)

    def quirk_of(self, task):
        part = self.part_of(task.snap)
        return part.target.quirk if part and part.target else ""

    def is_slow(self, task):
        return self.quirk_of(task) == "slow" and task.is_hook("install", "post-refresh")

    def error(self):
        if not self.ended or self.status != "Error":
            return None
        return "\n".join(["cannot perform the following tasks:", *(
            f"- {task.summary} ({task.log})" for task in self.tasks if task.status == "Error")])

    def pick(self, statuses, background=False, last=False):
        """The task that is next by rank."""
        tasks = [task for task in self.tasks
                 if task.status in statuses and task.background == background]
        if last:  # the first one of the highest rank
            return max(tasks, key=lambda task: task.rank, default=None)
        return min(tasks, key=lambda task: task.rank, default=None)

    def running(self):
        return self.pick(("Doing", "Abort", "Undoing"))

    def can_move(self):
        if self.ended or self.waiting:
            return False
        task = self.running()
        stuck = self.held and task and task.status == "Doing" and (
            self.held_at in ("", task.kind, task.hook))
        return not stuck

    def is_ignored(self):
        """It stands in nobody's way."""
        return self.kind in ("pre-download", "become-operational")

    def unwind(self, everything, now):
        """What one failed or aborted task means for the others."""
        for task in self.tasks:
            if task.background and not everything and self.kind != "install-snap":
                continue
            if task.status == "Do":
                task.become("Hold", now)
            else:
                task.status = {"Doing": "Abort", "Done": "Undo"}.get(task.status, task.status)

    def settle_marks(self, now):
        """What the marks of a failure or an abort mean at once."""
        while task := self.pick(("Abort",), background=True):
            task.become("Hold", now)
        # A task that cannot be undone stays done, and that takes no time.
        while (not self.running() and (task := self.pick(("Undo",), last=True))
               and task.kind in FINAL):
            task.become("Done", now)

    def settle_end(self, sim, now):
        if self.ended or any(task.status not in OVER for task in self.tasks):
            return
        self.ended = now
        held = any(task.status == "Hold" for task in self.tasks)
        if self.posted and self.status == "Done" and not held:
            sim.done += 1

    def settle(self, sim, now):
        if not self.ended:
            self.settle_marks(now)
        self.settle_end(sim, now)

    def abort(self, sim):
        """Marks all that is to be held, aborted and undone. What follows at once from that is left
        to settle(), so that the answer shows the marks."""
        self.release()
        self.unwind(True, sim.now())
        self.due = sim.now() + sim.task_ms * MS // 2

    def release(self):
        self.held = self.waiting = False
        for task in self.tasks:
            if task.status == "Wait":
                task.status = "Doing"

    def restarted(self, sim):
        """After a start from a kept state: the older snapd has killed the hook that was running."""
        doing = [task for task in self.tasks if task.status == "Doing"]
        if not sim.newer and any(map(self.is_slow, doing)):
            self.interrupted = True

    def complete(self, sim, task, now):
        if task.status == "Undoing":
            text = UNDO.get(task.kind, nothing)(sim, self, task, now)
            if text is not None:
                task.say(text, now, error=True)
            task.become("Undone" if text is None else "Error", now)
            return
        text = failure(sim, self, task)
        if text is None:
            text = FINISH.get(task.kind, nothing)(sim, self, task, now)
        if text is not None:
            task.done = task.total
            task.say(text, now, error=True)
            task.become("Error", now)
            self.unwind(False, now)
            return
        # One that got to its end although it was to be aborted is undone like the others.
        if task.status == "Abort":
            task.ended, task.status = now, "Undo"
        else:
            task.become("Done", now)

    def begin(self, sim, task, now):
        while watcher := self.pick(("Do",), background=True):
            watcher.become("Doing", now)
        task.become("Doing", now)
        START.get(task.kind, nothing)(sim, self, task, now)

    def end_background(self, task, now):
        mounts = [other.status for other in self.tasks if other.kind == "mount-snap"]
        if (task.kind == "check-rerefresh" and mounts[:1] == ["Done"]
                and self.kind == "refresh-snap"):
            task.say("No re-refreshes found.", now)
        task.become("Done", now)

    def step(self, sim, now):
        """One transition. Nothing for a change that is over, waits or is held."""
        if not self.can_move():
            return
        failed = False
        self.settle_marks(now)
        if task := self.running():
            if not progress(sim, task):
                self.complete(sim, task, now)
            failed = task.status == "Error"
        elif task := self.pick(("Undo",), last=True):
            task.become("Undoing", now)
        elif task := self.pick(("Do",)):
            self.begin(sim, task, now)
        elif task := self.pick(("Doing",), background=True, last=True):
            self.end_background(task, now)
        # The marks of a failure show for a moment.
        if not failed:
            self.settle_marks(now)
        self.settle_end(sim, now)
        task = self.running()
        self.due = now + (duration(sim, self, task) if task else sim.task_ms * MS // 2)


class Part:
    """Of a change that is about several snaps, one that is not the first."""

    def __init__(self, sim, snap, target):
        self.target, self.before = target, copy.deepcopy(sim.snaps.get(snap))


# --- all changes ------------------------------------------------------------------------------

def seed(sim):
    """The change of a machine's first boot, which is over."""
    change = Change(sim, "seed", "", "Initialize system state")
    change.add(sim, "run-hook", "core", 'Run configure hook of "core" snap if present',
               affects=False)
    change.add(sim, "mark-seeded", "", "Mark system seeded", affects=False)
    for task in change.tasks:
        task.become("Done", change.spawned)
    change.settle(sim, change.spawned)


def conflict(sim, snap):
    """A change that is not over and stands in the way of another one for SNAP, or None."""
    return next((change for change in sim.changes.values()
                 if not change.ended and change.part_of(snap) and not change.is_ignored()), None)


def advance(sim):
    """Does what is due by now, and prunes what is a day old. In manual mode only the latter."""
    now = sim.now()
    while not sim.manual:
        due = [change for change in sim.changes.values()
               if not change.ended and change.due <= now and change.can_move()]
        if not due:
            break
        change = min(due, key=lambda change: change.due)
        change.step(sim, change.due)
    for change in list(sim.changes.values()):
        task = None if sim.manual or change.ended else change.running()
        if task and is_downloading(task):
            whole, gone = duration(sim, change, task), now - task.began
            if gone < whole:
                part = task.total // 50
                task.done = part + part * 48 // 1000 * (gone * 1000 // whole)
        if change.ended and (len(sim.changes) > KEPT or now - change.ended > DAY):
            del sim.changes[change.id]
        elif (not change.ended and now - change.spawned > 3 * DAY and not change.is_ignored()
              and change.status != "Abort"):
            change.abort(sim)
            change.settle(sim, now)


def oldest(sim):
    return next((change for change in sim.changes.values()
                 if change.can_move() and not change.is_ignored()), None)


def step(sim, count):
    """COUNT transitions of the oldest change that can move; how many there were."""
    taken = 0
    while taken < count and (change := oldest(sim)):
        change.step(sim, sim.now())
        taken += 1
    return taken

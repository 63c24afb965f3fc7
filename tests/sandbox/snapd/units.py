# SPDX-License-Identifier: Apache-2.0
"""What systemd knows of the services: which are enabled, which run, how long each run lasts, when
a dead one is started again and how often that was. It outlives the snap."""

from state import MS, SECOND, Row, is_plain

# How long each run of a service lasts that exits at once, in ms, as recorded of 2.77.1: so long a
# look says that it runs.
CRASH = (125, 141, 166, 144, 145)
PAUSE = 100 * MS  # until systemd starts a dead one again
STARTS = 5  # so many, and no more, in INTERVAL
INTERVAL = 10 * SECOND


class Unit(Row):
    enabled = running = False
    stays_dead = False  # systemd does not start it again
    began = 0  # when it was started last
    again = 0  # when it is to be started again; 0: it is not
    runs = 0  # that are over, of those since it was last started on request
    counted = 0  # since when the starts are counted
    starts = 0  # so many were counted
    lives = ()  # how long its runs last, in ns, in turn; (): for ever

    def count(self, now):
        """Whether systemd starts it once more."""
        if now - self.counted >= INTERVAL:
            self.counted, self.starts = now, 0
        if self.starts == STARTS:
            return False
        self.starts += 1
        return True

    def die(self, now):
        self.running, self.runs = False, self.runs + 1
        self.again = 0 if self.stays_dead else now + PAUSE

    def follow(self, now):
        """Does what systemd has done by now."""
        while True:
            end = self.began + self.lives[self.runs % len(self.lives)] if self.lives else now + 1
            if self.running and end <= now:
                self.die(end)
            elif self.again and self.again <= now:
                self.began, self.again = self.again, 0
                self.running = self.count(self.began)
            else:
                return

    def is_limited(self, now):
        """Whether systemd refuses to start it."""
        self.follow(now)
        return self.starts == STARTS and now - self.counted < INTERVAL

    def is_active(self, now):
        self.follow(now)
        return self.running

    def stop(self, now):
        self.follow(now)
        self.running, self.again, self.lives, self.stays_dead = False, 0, (), False

    def start(self, revision, now):
        """One that is not limited. Only the starts of one that dies are counted: refreshes of a
        good one take seconds."""
        self.stop(now)
        lives = CRASH if revision.quirk == "crash" else (revision.dies_ms,)
        self.lives = tuple(ms * MS for ms in lives if ms)
        self.stays_dead = revision.stays_dead
        self.running = revision.quirk != "oneshot" and (not self.lives or self.count(now))
        self.began, self.runs = now, 0


def units(sim, snap, names=None):
    """The services of SNAP that are among NAMES, each with its unit."""
    return [(name, sim.units.setdefault((snap.name, name), Unit()))
            for name in ([] if is_plain(snap.name) else snap.services())
            if names is None or name in names]


def start(sim, snap, names, now):
    """Starts those. All of them fail when one of them cannot be started: says why."""
    for name, unit in units(sim, snap, names):
        if snap.now().quirk == "svcfail" or unit.is_limited(now):
            unit.stop(now)
            unit = f"snap.{snap.name}.{name}.service"
            return (f"systemctl command [start {unit}] failed with exit status 1: stderr:\n"
                    f"Job for {unit} failed because the control process exited with error code.\n"
                    f'See "systemctl status {unit}" and "journalctl -xeu {unit}" for details.')
    for _, unit in units(sim, snap, names):
        unit.start(snap.now(), now)
    return None


def stop(sim, snap, now, names=None):
    for _, unit in units(sim, snap, names):
        unit.stop(now)


def enable(sim, snap, names):
    """Those, and no others."""
    for name, unit in units(sim, snap):
        unit.enabled = name in names

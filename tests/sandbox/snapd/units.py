# SPDX-License-Identifier: Apache-2.0
"""What systemd knows of the services: which are enabled, which run, which die at once and how often
it starts them again. It outlives the snap."""

from state import MS, SECOND, Row, is_plain

# When a service that exits at once is seen to run, in ms after its start, as recorded of 2.77.1 (45
# ms after the request): systemd starts it again after a pause of 100 ms, until the start limit is
# used up.
RUNS = ((0, 125), (226, 367), (467, 633), (733, 877), (977, 1122))
STARTS = 5
INTERVAL = 10 * SECOND


class Unit(Row):
    enabled = running = False
    dying = 0  # since when it is started again and again; 0: it is not
    counted = 0  # since when the starts are counted
    starts = 0  # so many, without those since it is dying

    def starts_by(self, now):
        """Only those of a service that dies are counted: refreshes of a good one take seconds."""
        again = sum(self.dying + begin * MS <= now for begin, _ in RUNS) if self.dying else 0
        return min(self.starts + again, STARTS)

    def is_limited(self, now):
        """Whether systemd refuses to start it."""
        return self.starts_by(now) == STARTS and now - self.counted < INTERVAL

    def is_active(self, now):
        return self.running or self.dying > 0 and any(
            begin * MS <= now - self.dying < end * MS
            for begin, end in RUNS[:STARTS - self.starts])

    def stop(self, now):
        self.starts = self.starts_by(now)
        self.running, self.dying = False, 0

    def start(self, revision, now):
        """One that is not limited."""
        self.stop(now)
        if now - self.counted >= INTERVAL:
            self.counted, self.starts = now, 0
        self.running = revision.quirk not in ("crash", "oneshot")
        self.dying = now if revision.quirk == "crash" else 0


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

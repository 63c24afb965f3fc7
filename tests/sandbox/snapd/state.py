# SPDX-License-Identifier: Apache-2.0
"""All that the stand-in snapd knows: what is installed, the changes, the little Snap Store, the
knobs, the faults still to come; and the channel grammar. The releases and the rules are those of
the recordings."""

import copy
import mmap
import os
import pickle
import re
import struct
import time

ARCHITECTURE = "amd64"
MS = 10**6
SECOND = 10**9
KEPT_REVISIONS = 8


class Row:
    """Members with defaults; only those can be set."""

    def __init__(self, **members):
        self.merge(members)

    def merge(self, members):
        for key, value in members.items():
            name = key.replace("-", "_")
            default = getattr(type(self), name, None)
            if type(default) not in (str, bool, int):
                raise ValueError(f"unknown key {key}")
            if isinstance(default, str):
                value = "" if value is None else str(value)
            elif isinstance(default, bool) != isinstance(value, bool):
                raise ValueError(f"{key} has another type")
            setattr(self, name, value if isinstance(default, (str, bool)) else int(value))

    def shown(self, **more):
        """As the command "state" shows it: numbers in quotes, since a double is too small for
        them."""
        names = [name for name in vars(type(self)) if name[0] != "_"]
        all_of_it = {name: getattr(self, name) for name in names} | vars(self)
        return {key.replace("_", "-"): str(value) if type(value) is int else value
                for key, value in all_of_it.items() if type(value) in (str, int, bool)} | more


class Revision(Row):
    """What the store says of one revision of a snap."""
    revision = "1"  # or "x1" when built locally
    version = "1.0"
    base = "bare"
    channel = "latest/stable"  # where it came from, as the store spells it; "" when local
    confinement = "strict"
    quirk = ""  # hookfail, svcfail, badconf, slow, crash (its service exits at once) or oneshot
    dies_ms = 0  # its services exit so long after each start; 0: they do not
    stays_dead = False  # systemd does not start them again
    services = ""  # "web,worker"; "" for one with the snap's name; "none"
    health = ""  # what its check-health hook sets; silent: nothing; fails: it does; "": has no hook
    health_message = health_code = ""
    size = 286720


class Snap(Row):
    name = ""
    id = ""  # "" when it did not come from the store
    tracking = ""  # "" when no channel was ever set
    broken = ""
    hold = ""  # RFC 3339, "" when not held
    installed = 0  # when its current revision was linked
    current = 0  # which of the revisions
    active = False
    wiped = False  # its files are gone, its entry not yet
    devmode = False

    def __init__(self, name="", **members):
        super().__init__(name=name, **members)
        self.revisions = []  # oldest first
        self.apps = ...  # what is shown in place of the app, None: nothing
        self.disabled = set()  # services that stay so whenever the others are started

    def now(self):
        """The current revision; an empty one when there is none."""
        return self.revisions[self.current] if self.revisions else Revision(revision="")

    def services(self):
        """The names of its services."""
        if self.now().services == "none":
            return []
        return self.now().services.split(",") if self.now().services else [self.name]

    def wanted(self):
        """Those to be enabled and started whenever the snap is."""
        return [name for name in self.services() if name not in self.disabled]

    def find(self, number):
        return next((i for i, item in enumerate(self.revisions) if item.revision == number), -1)

    def drop(self, number):
        at = self.find(number)
        if at < 0:
            return
        del self.revisions[at]
        if self.current > at or self.current == len(self.revisions):
            self.current = max(self.current - 1, 0)

    def append(self, revision):
        """It comes last; one that was there already moves."""
        self.drop(revision.revision)
        if len(self.revisions) == KEPT_REVISIONS:
            self.drop(self.revisions[0].revision)
        self.revisions.append(copy.copy(revision))
        self.current = len(self.revisions) - 1

    def blocked(self):
        """The revisions that it was reverted from: a refresh of all snaps does not bring them
        back, and one by name does."""
        return [item.revision for item in self.revisions[self.current + 1:]]


def is_base(name):
    return re.fullmatch(r"bare|core\d*", name) is not None


def is_plain(name):
    """Whether it is one of those that are there for the others: no service, no hooks."""
    return name == "snapd" or is_base(name)


# --- channels ---------------------------------------------------------------------------------

RISKS = ("stable", "candidate", "beta", "edge")


def split(channel):
    """Track, risk and branch, each "" when it is not there; what else there is is not looked at."""
    parts = channel.split("/", 2)
    if len(parts) < 3 and parts[0] in RISKS:
        parts = ["", *parts]
    return (parts + ["", ""])[:3]


def join(*parts):
    return "/".join(part for part in parts if part)


def channel_fault(channel):
    """Why no request may name it, or None."""
    parts = channel.split("/")
    risk_first = len(parts) < 3 and parts[0] in RISKS
    if len(parts) > 3:
        return "channel name has too many components: " + channel
    if not risk_first and not parts[0]:
        return "invalid track in channel name: " + channel
    if not risk_first and len(parts) > 1 and parts[1] not in RISKS:
        return "invalid risk in channel name: " + channel
    if len(parts) > 1 and (risk_first or len(parts) == 3) and not parts[-1]:
        return "invalid branch in channel name: " + channel
    return None


def full(channel):
    """As track/risk[/branch]."""
    track, risk, branch = split(channel)
    return join(track or "latest", risk or "stable", branch)


def resolve(tracking, wanted):
    """What a refresh to WANTED means for a snap that tracks TRACKING: a risk alone keeps the
    track."""
    track, risk, branch = split(wanted)
    if not wanted:
        return tracking
    return wanted if track or not split(tracking)[0] else join(split(tracking)[0], risk, branch)


# --- the little Snap Store --------------------------------------------------------------------

STORE_URL = "http://localhost:11028/v2/snaps/refresh"
SMALL, MIDDLE, BIG = 286720, 569344, 12288000
DEFAULTS = [
    ("bare", "latest/stable", "5", "1.0", "strict", "", 4096),
    ("microclassic", "latest/stable", "1", "1.0", "classic", "", SMALL),
    ("microdevmode", "latest/stable", "1", "1.0", "devmode", "", SMALL),
    ("microother", "latest/edge", "1", "1.0", "strict", "", SMALL),
    ("microsample", "2.0/stable", "4", "2.0.1", "strict", "", SMALL),
    ("microsample", "badconf/stable", "9", "9.0-badconf", "strict", "badconf", MIDDLE),
    ("microsample", "big/stable", "7", "7.0-big", "strict", "", BIG),
    ("microsample", "edgeonly/edge", "3", "3.0-dev", "strict", "", SMALL),
    ("microsample", "hookfail/stable", "5", "5.0-hookfail", "strict", "hookfail", MIDDLE),
    ("microsample", "latest/beta", "2", "2.0", "strict", "", SMALL),
    ("microsample", "latest/candidate", "1", "1.0", "strict", "", SMALL),
    ("microsample", "latest/edge", "3", "3.0-dev", "strict", "", SMALL),
    ("microsample", "latest/stable", "1", "1.0", "strict", "", SMALL),
    ("microsample", "slow/stable", "8", "8.0-slowhook", "strict", "slow", MIDDLE),
    ("microsample", "svcfail/stable", "6", "6.0-svcfail", "strict", "svcfail", SMALL),
    ("snapd", "latest/stable", "100", "2.0rig", "strict", "", 4096),
]
IDS = {
    "bare": "EISPgh06mRh1vordZY9OZ34QHdd7OrdR",
    "microclassic": "MicroClassicSnapId00000000000001",
    "microdevmode": "MicroDevmodeSnapId00000000000001",
    "microother": "MicroOtherSnapId0000000000000001",
    "microsample": "MicroSampleSnapId000000000000001",
    "snapd": "PMrrV4ml8uWuEUDBT8dSGnKUYbevVhc4",
}


def id_of(name):
    return IDS.get(name, name + "SnapId")


class Store(Row):
    status = 200  # HTTP status of its answers
    delay_ms = 0  # how long a POST waits for it, in real time
    size = 0  # when not 0, of every download
    down = False
    no_dns = False
    timeout = False
    snap_missing = False
    confinement = ""  # when not "", of every snap
    download = "ok"  # "ok", "404" or "500"

    def __init__(self):
        super().__init__()
        self.releases = {}  # (snap, channel in full): Revision
        self.past = {}  # (snap, number): Revision that is in no channel any more
        for snap, channel, number, version, confinement, quirk, size in DEFAULTS:
            self.releases[snap, channel] = Revision(
                revision=number, version=version, channel=channel, confinement=confinement,
                quirk=quirk, size=size)

    def set(self, knobs):
        knobs = dict(knobs)
        snap = knobs.pop("snap", "microsample")
        for channel, release in knobs.pop("channels", {}).items():
            key = (snap, full(channel))
            if key in self.releases:
                was = self.releases[key]
                self.past[snap, was.revision] = copy.copy(was)
            if release is None:
                self.releases.pop(key, None)
            else:
                self.releases.setdefault(key, Revision(channel=key[1])).merge(release)
        self.merge(knobs)

    def trouble(self, newer):
        """Why it cannot be asked, as snapd says it behind a colon; "" when it can."""
        post = f'Post "{STORE_URL}":'
        if self.timeout:
            why = "net/http: request canceled" if newer else "context deadline exceeded"
            return f"{post} {why} (Client.Timeout exceeded while awaiting headers)"
        if self.down:
            return f"{post} dial tcp 127.0.0.1:11028: connect: connection refused"
        if self.no_dns:
            return (f"persistent network error: {post} dial tcp: lookup localhost: dial udp "
                    "10.255.255.53:53: connect: network is unreachable")
        if self.status == 429:
            return "too many requests"
        if self.status != 200:
            return ("cannot query the store for updates: got unexpected HTTP status code "
                    f'{self.status} via POST to "{STORE_URL}"')
        return ""

    def hand_out(self, snap, release):
        release = copy.copy(release)
        if not is_plain(snap):
            release.confinement = self.confinement or release.confinement
            release.size = self.size or release.size
        return release

    def find(self, snap, channel):
        """What CHANNEL gives: the branch itself, else the risk, else the next more stable risk of
        the same track; None when that is nothing."""
        track, risk, branch = split(full(channel))
        more_stable = RISKS[RISKS.index(risk)::-1] if risk in RISKS else [risk]
        for name in [join(track, risk, branch), *(join(track, other) for other in more_stable)]:
            if (snap, name) in self.releases:
                return self.hand_out(snap, self.releases[snap, name])
        return None

    def find_number(self, snap, number):
        for (name, _), release in sorted(self.releases.items(), key=lambda item: item[0]):
            if name == snap and release.revision == number:
                return self.hand_out(snap, release)
        past = self.past.get((snap, number))
        return self.hand_out(snap, past) if past else None

    def has(self, snap):
        return not self.snap_missing and (
            snap in IDS or any(name == snap for name, _ in self.releases))

    def open_channels(self, snap):
        """Each channel in full with its revision."""
        return {channel: self.hand_out(snap, release)
                for (name, channel), release in sorted(self.releases.items(),
                                                       key=lambda item: item[0])
                if name == snap}

    def shown_releases(self, snap):
        return [{"architecture": "amd64", "channel": channel.removeprefix("latest/")}
                for name, channel in sorted(self.releases) if name == snap]


# --- time -------------------------------------------------------------------------------------

class Clock:
    """The clock of tests/sandbox/clock.h, to look at."""

    START = 1795399200 * SECOND

    def __init__(self, path):
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            file.truncate(16)
            self.map = mmap.mmap(file.fileno(), 16)

    def now(self):
        return self.START + struct.unpack_from("q", self.map)[0]


def shown_time(ns):
    day = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ns // SECOND))
    rest = f".{ns % SECOND:09d}".rstrip("0") if ns % SECOND else ""
    return f"{day}{rest}Z"


# --- everything -------------------------------------------------------------------------------

import changes  # which know what is above
import data
import units

# What is kept in the state file.
KEPT = ("port", "workload", "workload_snap", "newer", "manual", "task_ms", "seeded", "degraded",
        "root", "maintenance", "holds", "last_change", "last_task", "snapshots", "retain", "made",
        "done", "snaps", "units", "health", "changes", "fails", "faults", "store", "assertions")


class Sim:
    def __init__(self, clock=None, file=None, newer=False, manual=False, task_ms=40, data=None):
        self.clock = Clock(clock) if clock else None
        self.data = data  # the folder of the data of snaps, or None
        self.file = file  # where the state is kept, or None
        self.written = None  # what is in it
        self.saving = True
        self.newer = newer  # like 2.77 and not like 2.68
        self.port = 0  # of the workload
        self.usual_task_ms = task_ms
        self.reset()
        self.manual = manual

    def reset(self):
        """As after the start; what the command line said stays."""
        self.manual = self.degraded = self.maintenance = False
        self.seeded = self.root = self.holds = True
        self.away = "present"
        self.task_ms = self.usual_task_ms  # how long a task takes
        self.last_change = self.last_task = self.snapshots = 0
        self.retain = 2  # revisions of each snap that are kept
        self.made = 0  # changes made by POSTs
        self.done = 0  # of these: ended Done, with something done
        self.dice = 1
        self.snaps = {}
        self.units = {}  # of systemd, by snap and service
        self.health = {}  # by snap: what was set last, for ever
        self.changes = {}  # by id, oldest first
        self.fails = []  # tasks to fail
        self.faults = []  # first come first
        self.workload = {}  # its answers that are not 200, by revision and path, "" = any
        self.workload_snap = "microsample"
        self.late = []  # requests whose time is still to come: (due, request)
        self.assertions = {}  # by type and key, those that were acknowledged
        self.cached = set()  # downloads that are still in the cache: (snap, revision)
        self.store = Store()
        self.forget()
        for name in ("snapd", "bare"):
            self.install(name, self.store.find(name, "stable"))
        changes.seed(self)

    def forget(self):
        self.requests = []  # every request to the API
        self.posts = self.gets = 0
        self.probes = []  # every request to the workload

    def now(self):
        """Nanoseconds since the epoch."""
        return self.clock.now() if self.clock else time.time_ns()

    def shuffled(self, items):
        """In an order that is random in the real one, and the same after every reset."""
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            self.dice = (self.dice * 6364136223846793005 + 1442695040888963407) % 2**64
            at = (self.dice >> 33) % (i + 1)
            items[i], items[at] = items[at], items[i]
        return items

    def install(self, name, release, tracking="latest/stable"):
        """At once, without a change."""
        snap = self.snaps[name] = Snap(
            name, id=id_of(name), tracking=tracking, active=True, installed=self.now())
        snap.append(release)
        data.make(self, name)
        units.enable(self, snap, snap.wanted())
        units.start(self, snap, snap.wanted(), self.now())

    def save(self):
        """Writes the state file, whole or not at all; nothing when there is nothing new."""
        if not self.file or not self.saving:
            return
        data = pickle.dumps({key: getattr(self, key) for key in KEPT})
        if data == self.written:
            return
        with open(self.file + ".next", "wb") as file:
            file.write(data)
        os.rename(self.file + ".next", self.file)
        self.written = data

    def load(self):
        if not self.file or not os.path.exists(self.file):
            return
        with open(self.file, "rb") as file:
            vars(self).update(pickle.load(file))
        for change in self.changes.values():
            change.restarted(self)

    def shown(self):
        """Everything, for the command "state"."""
        numbers = {key.replace("_", "-"): str(getattr(self, key)) for key in (
            "last_change", "last_task", "snapshots", "task_ms")}
        return numbers | {
            "changes-made": str(self.made),
            "changes-done": str(self.done),
            "snaps": [snap.shown(revisions=[item.shown() for item in snap.revisions])
                      for snap in self.snaps.values()],
            "units": [unit.shown(snap=snap, name=name)
                      for (snap, name), unit in self.units.items()],
            "changes": [change.shown() for change in self.changes.values()],
            "faults": self.faults,
        }

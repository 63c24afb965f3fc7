# SPDX-License-Identifier: Apache-2.0
"""POSTs: to a snap, with the checks in the order in which snapd has them, to its services and to
its configuration."""

import datetime
import re

import changes
from answer import Refusal, body_of, error, instruction_of, made
from plan import plan, plan_service
from state import SECOND, STORE_URL, full, resolve, shown_time


class StoreIsAsked(Exception):
    """The answer of the store has to be waited for; then the same again, with `waited`."""


def hold_of(time, now, tick):
    """As it is shown. snapd adds TIME to what its clock says a moment later, so no two are alike;
    TICK is that moment, in ns."""
    if time == "forever":  # the longest time of Go, from now on
        return shown_time(now + 9223372036 * SECOND + tick)
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", time):
            raise ValueError
        until = datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()
    except ValueError:
        raise Refusal(
            400, 'hold action requires time to be "forever" or in RFC3339 format: parsing time '
                 f'"{time}" as "2006-01-02T15:04:05Z07:00": cannot parse "{time}" as "2006"'
        ) from None
    return shown_time(int(until) * SECOND + tick)


def refuse_conflict(sim, name):
    other = changes.conflict(sim, name)
    if other:
        raise Refusal(409, f'snap "{name}" has "{other.kind}" change in progress',
                      "snap-change-conflict", {"change-kind": other.kind, "snap-name": name})


class Op:
    """One POST to a snap on its way through the checks, which raise a Refusal."""

    def __init__(self, sim, name, body, waited, cancelled):
        self.sim, self.name, self.waited, self.cancelled = sim, name, waited, cancelled
        self.what = instruction_of(body)
        self.action, self.revision = self.what["action"], self.what["revision"]
        self.snap = sim.snaps.get(name)
        self.release = None  # what the store gives
        # What is to be tracked. An install takes the channel as it is, the others start from what
        # is tracked.
        self.channel = self.what["channel"]
        if self.snap and self.action != "install":
            self.channel = resolve(self.snap.tracking, self.channel)

    def run(self):
        old = not self.sim.holds and self.action in ("hold", "unhold")
        if self.action not in ACTIONS or old:
            raise Refusal(400, f"unknown action {self.action}")
        checks, act = ACTIONS[self.action]
        for check in checks.split():
            getattr(self, check)()
        return act(self)

    # --- checks --------------------------------------------------------------------------------

    def seeded(self):
        if self.sim.seeded:
            return
        early = ("model not yet acknowledged" if self.action in ("remove", "switch")
                 else "not yet seeded or device model not acknowledged")
        raise Refusal(409, f"too early for operation, device {early}", "snap-change-conflict",
                      {"change-kind": "seed"})

    def free_of_changes(self):
        refuse_conflict(self.sim, self.name)

    def there(self):
        if not self.snap:
            raise Refusal(400, f'snap "{self.name}" is not installed', "snap-not-installed",
                          self.name)

    def there_kindless(self):
        if not self.snap:
            raise Refusal(400, f'cannot {self.action} "{self.name}": snap "{self.name}" is not '
                               "installed")

    def not_there(self):
        if self.snap:
            raise Refusal(400, f'snap "{self.name}" is already installed', "snap-already-installed",
                          {"snaps": [self.name]} if self.sim.newer else self.name)

    def seeded_and_not_there(self):
        """The newer one looks at the snap first."""
        for check in sorted((self.seeded, self.not_there), key=lambda check: check.__name__,
                            reverse=not self.sim.newer):
            check()

    def well_named(self):
        if not re.match("[a-z0-9-]+(_|$)", self.name):
            raise Refusal(400, f'cannot install "{self.name}": invalid instance name: invalid snap '
                               f'name: "{self.name.split("_")[0]}"')

    def active(self):
        if not self.snap.active:
            raise Refusal(400, f'cannot refresh "{self.name}": refreshing disabled snap '
                               f'"{self.name}" not supported')

    def from_the_store(self):
        if not self.snap.id and not self.what["amend"]:
            raise Refusal(400, "cannot perform operation on local snap", "snap-local", "")

    def store_answers(self):
        """The store is asked here; what it says is looked at in the checks that follow."""
        store, cannot = self.sim.store, f'cannot {self.action} "{self.name}":'
        trouble = store.trouble(self.sim.newer)
        if store.delay_ms > 0 and not self.waited:
            raise StoreIsAsked
        if self.cancelled:
            raise Refusal(400, f'{cannot} Post "{STORE_URL}": context canceled')
        if store.timeout:
            raise Refusal(400, trouble, "network-timeout", "")
        if trouble:
            raise Refusal(400, f"{cannot} {trouble}")

    def released(self):
        store, channel = self.sim.store, self.channel or "stable"
        if not store.has(self.name):
            raise Refusal(404, "snap not found", "snap-not-found", self.name)
        if self.revision:
            self.release = store.find_number(self.name, self.revision)
            # One that never came from a channel here says nothing of where it came from.
            here = self.snap and self.snap.find(self.revision) >= 0
            if self.release:
                self.release.channel = full(channel) if here else ""
        else:
            self.release = store.find(self.name, channel)
        if self.release:
            return
        releases = store.shown_releases(self.name)
        if self.revision and not self.what["channel"] or not releases:
            raise Refusal(404, "no snap revision available as specified",
                          "snap-revision-not-available", self.name)
        raise Refusal(404, "no snap revision on specified channel", "snap-channel-not-available", {
            "action": self.action, "architecture": "amd64", "channel": channel,
            "releases": releases, "snap-name": self.name})

    def confined(self):
        confinement = self.release.confinement
        if self.snap and self.snap.now().confinement == confinement:
            return
        if confinement == "classic" and not self.what["classic"]:
            raise Refusal(400, f'snap "{self.name}" requires classic confinement',
                          "snap-needs-classic", self.name)
        if confinement == "devmode" and not (self.what["devmode"] or self.what["jailmode"]):
            raise Refusal(400, f'snap "{self.name}" requires devmode or confinement override',
                          "snap-needs-devmode", self.name)

    def worthwhile(self):
        """Not when nothing newer is there, and it is tracked already."""
        if (not self.revision and self.channel == self.snap.tracking
                and self.release.revision == self.snap.now().revision):
            raise Refusal(400, "snap has no updates available", "snap-no-update-available", "")

    def removable(self):
        if self.revision and self.snap.find(self.revision) < 0:
            raise Refusal(400, f'revision {self.revision} of snap "{self.name}" is not installed',
                          "snap-not-installed", self.name)
        if self.snap.active and self.revision == self.snap.now().revision:
            raise Refusal(400, f'cannot remove "{self.name}": cannot remove active revision '
                               f'{self.revision} of snap "{self.name}" (revert first?)')

    def revertible(self):
        """Sets the number of the revision, if it was not named."""
        cannot = f'cannot revert "{self.name}":'
        if not self.revision and (not self.snap or self.snap.current == 0):
            raise Refusal(400, f"{cannot} no revision to revert to")
        if not self.revision:
            self.revision = self.snap.revisions[self.snap.current - 1].revision
        if self.snap and self.revision == self.snap.now().revision:
            raise Refusal(400, f"{cannot} already on requested revision")
        if not self.snap or not self.snap.active:
            raise Refusal(400, f"{cannot} cannot revert inactive snaps")
        if self.snap.find(self.revision) < 0:
            raise Refusal(400, f"{cannot} cannot find revision {self.revision} for snap "
                               f'"{self.name}"')

    def enable_wanted(self):
        if self.snap.active == (self.action == "enable"):
            raise Refusal(400, f'cannot {self.action} "{self.name}": snap "{self.name}" already '
                               f"{self.action}d")

    # --- what is done --------------------------------------------------------------------------

    def make(self, summary, target=None):
        return made(self.sim, plan(
            self.sim, f"{self.action}-snap", self.name, summary, self.channel,
            self.channel or "stable", target, self.what["purge"]))

    def summary(self, verb):
        """With the channel as it was asked for."""
        channel = self.what["channel"]
        behind = f' from "{channel}" channel' if channel not in ("", "stable") else ""
        return f'{verb} "{self.name}" snap{behind}'

    def install(self):
        self.channel = self.channel or "stable"
        return self.make(self.summary("Install"), self.release)

    def refresh(self):
        same = not self.revision and self.release.revision == self.snap.now().revision
        return self.make(self.summary("Refresh"), None if same else self.release)

    def revert(self):
        self.channel = ""
        return self.make(f'Revert "{self.name}" snap',
                         self.snap.revisions[self.snap.find(self.revision)])

    def simple(self):
        return self.make(f'{self.action.capitalize()} "{self.name}" snap')

    def remove(self):
        """All of it, or one revision of several."""
        one = self.revision and len(self.snap.revisions) > 1
        return self.make(f'Remove "{self.name}" snap',
                         self.snap.revisions[self.snap.find(self.revision)] if one else None)

    def switch(self):
        return self.make(f'Switch "{self.name}" snap to channel "{self.what["channel"]}"')

    def hold(self):
        """It takes the place of the one before, whatever their levels are."""
        self.snap.hold = hold_of(self.what["time"], self.sim.now(), self.sim.last_change)
        what = "general refreshes" if self.what["hold-level"] == "general" else "auto-refreshes"
        return self.make(f'Hold {what} for "{self.name}"')

    def unhold(self):
        if self.snap:
            self.snap.hold = ""
        return self.make(f'Remove refresh hold on "{self.name}"')


ACTIONS = {
    "install": ("seeded_and_not_there well_named store_answers released confined free_of_changes",
                Op.install),
    "refresh": ("seeded there_kindless active from_the_store store_answers released worthwhile "
                "free_of_changes", Op.refresh),
    "remove": ("there removable free_of_changes seeded", Op.remove),
    "switch": ("there free_of_changes seeded", Op.switch),
    "enable": ("there enable_wanted free_of_changes", Op.simple),
    "disable": ("there enable_wanted free_of_changes", Op.simple),
    "revert": ("revertible free_of_changes", Op.revert),
    "hold": ("there_kindless", Op.hold),
    "unhold": ("", Op.unhold),
}


def post_snap(sim, name, request):
    return Op(sim, name, request.body, request.waited, request.cancelled).run()


def post_apps(sim, name, request):
    """For SNAP or SNAP.APP, which is all of its services; one snap is enough for the stand-in."""
    body = body_of(request.body, "request body into service operation", "servicestate.Instruction")
    verb, names = body.get("action", ""), body.get("names")
    if not names:
        return error(400, "cannot perform operation on services without a list of services to "
                          "operate on")
    if verb not in ("start", "stop", "restart"):
        return error(400, f'unknown action "{verb}"')
    parts = [name.partition(".") for name in names]
    for name, _, app in parts:
        if name not in sim.snaps:
            return error(404, f'snap "{name}" not found', "snap-not-found", name)
        if app and app not in sim.snaps[name].services():
            return error(404, f'snap "{name}" has no service "{app}"', "app-not-found")
        if not sim.snaps[name].services():
            return error(404, f'snap "{name}" has no services', "app-not-found")
    name, apps = parts[0][0], [app for _, _, app in parts]
    other = changes.conflict(sim, name)
    if other:
        return error(400, f'snap "{name}" has "{other.kind}" change in progress')
    lasting = body.get("enable") is True or body.get("disable") is True
    return made(sim, plan_service(sim, name, verb, apps if all(apps) else (), lasting))


def put_conf(sim, name, request):
    body = body_of(request.body, "request body into patch values", "map[string]interface {}")
    if name == "system":
        sim.retain = body.get("refresh.retain") or 2
        change = changes.Change(sim, "configure-snap", "", 'Change configuration of "core" snap')
        change.settle(sim, change.spawned)
        return made(sim, change)
    if name not in sim.snaps:
        return error(404, f'snap "{name}" is not installed', "snap-not-found", name)
    change = changes.Change(sim, "configure-snap", name, f'Change configuration of "{name}" snap')
    change.add(sim, "run-hook", name, f'Run configure hook of "{name}" snap', hook="configure")
    return made(sim, change)

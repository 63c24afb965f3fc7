# SPDX-License-Identifier: Apache-2.0
"""Three units on three machines that move one by one."""

import contextlib
import os

import jubilant
import pytest

from operator_kit import App

JUJU = os.environ.get('JUJU', '')
REFRESHES = 'refresh-snap'


class Fleet(App):
    """Unit N is on machine N of those that it was given."""

    def __init__(self, juju, machines, delay):
        super().__init__(juju, next(iter(machines)), delay)
        self.snapds = list(machines.values())
        self.before = [snapd.changes() for snapd in self.snapds]

    def refreshes(self):
        """Of each unit, how many refreshes it has had."""
        pairs = zip(self.snapds, self.before)
        return [snapd.kinds(before).count(REFRESHES) for snapd, before in pairs]

    def away(self):
        """The most units that were away at once, by the times of their refreshes."""
        # Without their Z they sort as texts: some have a fraction, some have none.
        spans = [
            (change['spawn-time'].rstrip('Z'), change.get('ready-time', '~').rstrip('Z'))
            for snapd in self.snapds
            for change in snapd.request('GET', '/v2/changes?select=all')
            if change['kind'] == REFRESHES
        ]
        return max((sum(a <= begin < b for a, b in spans) for begin, _ in spans), default=0)

    def message(self, unit):
        return self.unit_status(unit).workload_status.message

    def leader(self):
        units = self.juju.status().get_units(self.name)
        return next(name for name, unit in units.items() if unit.leader)

    def resume(self, **params):
        return self.juju.run(self.leader(), 'resume-rollout', params or None)


@pytest.fixture
def fleet(juju, machines, charm):
    app = Fleet(juju, machines, delay=1.0 if JUJU else 0.05)
    juju.deploy(charm, app.name, num_units=3, to=list(machines), config={'rollout-width': 1})
    try:
        app.wait_ready('edge')
        yield app
    finally:
        app.remove()
        for snapd in machines.values():
            snapd.remove()


def test_never_two_are_away(fleet):
    fleet.set_option('beta')
    fleet.wait_ready('beta')
    assert fleet.refreshes() == [1, 1, 1]
    assert fleet.away() == 1


@pytest.mark.standins
def test_leader_whose_hook_is_killed_goes_on(fleet, juju):
    juju.cli('fault', 'relation-set', 'kill-after')
    fleet.set_option('beta')
    for unit in fleet.units():
        fleet.hook('update-status', unit)
    fleet.wait_ready('beta')
    assert fleet.refreshes() == [1, 1, 1]
    assert fleet.away() == 1


@pytest.mark.standins
def test_unit_that_fails_halts_the_others_until_it_is_passed_over(fleet):
    fleet.snapds[2].tell(do='fail', task='start-snap-services', log='no port')
    stuck = fleet.units()[2]
    fleet.set_option('beta')
    assert fleet.message(fleet.leader()) == f"Ready at 'edge'; rollout to 'beta' halted by {stuck}"
    assert fleet.refreshes() == [0, 1, 1]
    fleet.resume(skip=stuck)
    fleet.wait_for('active', "Ready at 'beta'", fleet.leader())
    assert fleet.away() == 1


def test_first_unit_is_looked_at_before_the_others_follow(fleet):
    fleet.set_options(**{'rollout-pause': 'first'})
    fleet.set_option('beta')
    first = fleet.units()[1 if fleet.leader() == fleet.units()[0] else 0]
    fleet.wait_for('active', f"Ready at 'edge'; rollout to 'beta' paused after {first}", fleet.leader())
    assert sum(fleet.refreshes()) == 1
    with contextlib.suppress(jubilant.TaskError):
        fleet.juju.run(first, 'resume-rollout')
    assert sum(fleet.refreshes()) == 1
    fleet.resume()
    fleet.wait_ready('beta')
    assert fleet.away() == 1

# SPDX-License-Identifier: Apache-2.0
"""A refresh that leaves the service down or without an answer: with `rollback` it goes back once,
without it the unit says how.

On the stand-in snapd the channel beta gets a revision that crashes. On a real machine BROKEN_CHANNEL
names an open channel of the snap whose revision does not serve; docs/your-own-snap.md says how to make
one that can be broken on command. Without it these tests are skipped there."""

import os
import time

import pytest

from operator_kit import StandinSnapd

SOUND = {'revision': '2', 'version': '2.0', 'quirk': ''}
BROKEN = {'revision': '12', 'version': '12.0', 'quirk': 'crash'}
PATIENCE = {'timeout': 400}  # five minutes of probation, and the way back


@pytest.fixture
def broken(snapd):
    """A channel whose revision does not serve."""
    if not isinstance(snapd, StandinSnapd):
        yield os.environ.get('BROKEN_CHANNEL') or pytest.skip('BROKEN_CHANNEL names no channel')
        return
    snapd.tell(do='store', set={'channels': {'latest/beta': BROKEN}})
    yield 'beta'
    snapd.tell(do='store', set={'channels': {'latest/beta': SOUND}})


def what_runs(snapd):
    snap = snapd.snap()
    return snap['revision'], snap['tracking-channel'], [
        (app['name'], app.get('enabled'), app.get('active')) for app in snap['apps']]


def test_with_rollback_it_goes_back_once(deploy, snapd, broken):
    app = deploy(config={'rollback': True})
    app.wait_ready('edge')
    before, since = what_runs(snapd), snapd.changes()
    app.set_option(broken)
    app.wait_for('blocked', f"Refresh to '{broken}' was rolled back: ", **PATIENCE)
    assert what_runs(snapd) == before
    kinds = sorted(snapd.kinds(since))
    assert kinds.count('refresh-snap') == kinds.count('revert-snap') == 1
    app.hook('update-status')
    app.hook('config-changed')
    assert sorted(snapd.kinds(since)) == kinds
    app.set_option('edge')
    app.wait_ready('edge')
    assert what_runs(snapd) == before


def test_without_rollback_the_command_that_goes_back_works(deploy, snapd, broken):
    app = deploy()
    app.wait_ready('edge')
    revision = snapd.snap()['revision']
    app.set_option(broken)
    seen = app.wait_for('blocked', '', **PATIENCE).get_units(app.name)[app.unit]
    assert seen.workload_status.message.endswith('; to go back: juju run UNIT revert')
    assert snapd.snap()['revision'] != revision
    time.sleep(15)  # systemd refuses a service that has just crashed five times, whatever its revision
    assert app.run('revert')['order'] == 'done'
    app.wait_for('active', f"Ready at '{broken}', reverted to revision {revision}")

# SPDX-License-Identifier: Apache-2.0
"""An operator's hand on one unit: hold, pin, and the actions that do something."""

import contextlib

import jubilant
import pytest

EDGE = {'revision': '3', 'version': '3.0-dev'}
NEWER = {'revision': '5', 'version': '5.0-dev'}


@pytest.fixture
def store(standin_snapd):
    """Sets what edge has; afterwards it has what it had."""

    def release(what):
        standin_snapd.tell(do='store', set={'channels': {'latest/edge': what}})

    yield release
    release(EDGE)


@pytest.fixture
def ready(deploy):
    """ready(channel='beta'): the application for this test alone, Ready."""

    def ready(**config):
        app = deploy(config=config)
        app.wait_for('active', 'Ready at ')
        return app

    return ready


def history(app):
    return app.state('history', '-n', '1000')


def revision(snapd):
    return snapd.snap()['revision']


@contextlib.contextmanager
def refused(words):
    """The action fails, and says so to the person."""
    with pytest.raises(jubilant.TaskError) as raised:
        yield
    assert words in raised.value.task.message


# --- options ---


def test_a_hold_is_set_shown_and_lifted(ready, snapd):
    app = ready()
    app.set_options(**{'auto-refresh': False})
    app.wait_for('active', f"Ready at 'edge', held at revision {revision(snapd)}")
    assert snapd.snap()['hold'] > '2100'
    app.set_options(**{'auto-refresh': True})
    app.wait_is('active', "Ready at 'edge'")
    assert 'hold' not in snapd.snap()


def test_a_hold_that_is_lifted_by_hand_is_put_back_and_journaled(ready, snapd):
    app = ready(**{'auto-refresh': False})
    app.wait_for('active', "Ready at 'edge', held at revision ")
    before = snapd.changes()
    snapd.ask('unhold')
    app.hook('update-status')
    app.wait_for('active', "Ready at 'edge', held at revision ")
    assert snapd.kinds(before) == ['unhold-snap', 'hold-snap']
    assert 'no hold of ours' in history(app)


def test_a_hold_of_somebody_else_is_his(ready, snapd):
    app = ready()
    snapd.ask('hold', time='forever', **{'hold-level': 'general'})
    held = snapd.snap()['hold']
    app.set_options(**{'auto-refresh': False})
    app.wait_for('active', "Ready at 'edge', held at revision ")
    app.set_options(**{'auto-refresh': True})
    app.hook('update-status')
    assert snapd.snap()['hold'] == held


@pytest.mark.standins
def test_a_pinned_unit_runs_just_that_revision(ready, snapd):
    app = ready(channel='beta')
    before = snapd.changes()
    app.set_options(revision=3)
    app.wait_is('active', "Ready at 'beta', pinned to revision 3")
    assert snapd.kinds(before) == ['hold-snap', 'refresh-snap']
    assert (revision(snapd), snapd.snap()['tracking-channel']) == ('3', 'latest/beta')
    app.set_options(revision=0)
    app.wait_is('active', "Ready at 'beta'")
    assert 'hold' not in snapd.snap()


@pytest.mark.standins
def test_a_revision_that_is_not_there_blocks_and_says_what_is(ready, snapd):
    app = ready(channel='beta')
    app.set_options(revision=41)
    app.wait_for(
        'blocked', "Snap Store has no revision 41 in 'beta'; it has revision 2"
    )
    assert revision(snapd) == '2'
    app.set_options(revision=0)
    app.wait_is('active', "Ready at 'beta'")


@pytest.mark.standins
def test_a_newer_revision_is_told_of_a_held_snap(ready, store):
    app = ready(**{'auto-refresh': False})
    app.wait_is('active', "Ready at 'edge', held at revision 3")
    store(NEWER)
    app.hook('update-status')
    app.wait_is('active', "Ready at 'edge', held at revision 3; revision 5 is available")


BAD = [
    ({'channel': 'nightly'}, "Invalid channel configured: 'nightly'; use ", ['channel']),
    (
        {'channel': 'edge', 'revision': -3},
        'Invalid revision configured: -3; use 0 or the number of a revision',
        ['revision'],
    ),
    (
        {'channel': 'nightly', 'revision': -3},
        "Invalid channel configured: 'nightly'; use ",
        ['channel', 'revision'],
    ),
]


def test_a_bad_value_blocks_and_leaves_the_snap_alone(ready, snapd):
    app = ready()
    before = snapd.changes()
    for options, message, wrong in BAD:
        app.set_options(**options)
        app.wait_for('blocked', message)
        told = app.state()
        assert all(f'{name} ' in told for name in wrong)
        app.set_options(channel='edge', revision=0)
        app.wait_is('active', "Ready at 'edge'")
    assert snapd.changes() == before


# --- actions ---


def test_plan_tells_and_changes_nothing(ready, snapd):
    app = ready()
    told, before = history(app), snapd.changes()
    assert app.run('plan')['would'] == 'nothing'
    plan = app.run('plan', channel='beta')
    assert (plan['would'], plan['channel']) == ('refresh', 'beta')
    assert any('beta' in value for key, value in plan.items() if key.startswith('row-'))
    assert app.run('plan', revision=41)['revision'] == '41'
    assert snapd.changes() == before
    assert history(app) == told


@pytest.mark.standins
def test_refresh_brings_the_newest_also_when_held(ready, snapd, store):
    app = ready(**{'auto-refresh': False})
    app.wait_is('active', "Ready at 'edge', held at revision 3")
    store(NEWER)
    results = app.run('refresh')
    assert results['order'] == 'done'
    assert (results['revision-before'], results['revision']) == ('3', '5')
    app.wait_is('active', "Ready at 'edge', held at revision 5")
    before = snapd.changes()
    results = app.run('refresh')
    assert (results['order'], results['note']) == ('done', 'already the newest')
    assert snapd.changes() == before


@pytest.mark.standins
def test_revert_goes_back_and_stays(ready, snapd, store):
    app = ready()
    with refused('no revision to revert to'):
        app.run('revert')
    store(NEWER)
    app.run('refresh')
    results = app.run('revert')
    assert (results['order'], results['revision']) == ('done', '3')
    app.wait_is('active', "Ready at 'edge', reverted to revision 3")
    before = snapd.changes()
    app.hook('update-status')
    app.hook('config-changed')
    app.wait_is('active', "Ready at 'edge', reverted to revision 3")
    assert snapd.changes() == before
    app.set_options(revision=3)
    app.wait_is('active', "Ready at 'edge', pinned to revision 3")
    with refused('revision'):
        app.run('revert')


@pytest.mark.standins
def test_retry_asks_at_once(ready, standin_snapd):
    app = ready()
    app.set_options(channel='9.9/edge')
    app.wait_for('blocked', "Snap Store has no channel '9.9/edge'")
    standin_snapd.tell(do='store', set={'channels': {'9.9/edge': NEWER}})
    app.run('retry')
    app.wait_is('active', "Ready at '9.9/edge'")
    standin_snapd.tell(do='store', set={'channels': {'9.9/edge': None}})


@pytest.mark.standins
def test_abort_ends_the_change_in_progress(ready, snapd, standin_snapd):
    app = ready()
    with refused('no change of the snap is in progress'):
        app.run('abort')
    change = standin_snapd.tell(
        do='foreign', kind='auto-refresh', snap='microsample', channel='latest/beta', held=True
    )['change']
    results = app.run('abort')
    assert (results['order'], results['change']) == ('done', str(change))
    app.hook('update-status')
    app.wait_is('active', "Ready at 'edge'")
    assert snapd.request('GET', f'/v2/changes/{change}')['ready']

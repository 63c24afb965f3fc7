# SPDX-License-Identifier: Apache-2.0
"""The actions that give an order to a unit."""

import jubilant
import pytest


def refusal(app, action):
    with pytest.raises(jubilant.TaskError) as raised:
        app.run(action)
    return raised.value.task.message


def test_refresh_of_the_newest_is_done_at_once(app, snapd):
    revision = snapd.snap()['revision']
    results = app.run('refresh')
    assert (results['order'], results['note']) == ('done', 'already the newest')
    assert results['revision'] == results['revision-before'] == str(revision)


def test_revert_and_refresh_go_back_and_forth(app, snapd):
    old = snapd.snap()['revision']
    app.set_option('beta')
    app.wait_ready('beta')
    new = snapd.snap()['revision']
    assert app.run('revert')['order'] == 'done'
    assert snapd.snap()['revision'] == old
    app.hook('update-status')
    assert snapd.snap()['revision'] == old
    assert app.run('refresh')['revision'] == str(new)
    assert snapd.snap()['revision'] == new
    app.set_option('edge')
    app.wait_ready('edge')


def test_restart_is_done_by_one_change(app, snapd):
    before = snapd.changes()
    results = app.run('restart')
    assert results['order'] == 'done'
    assert len(snapd.changes()) == len(before) + 1
    app.wait_ready('edge')


def test_retry_with_nothing_to_retry_asks_nothing(app, snapd):
    before = snapd.changes()
    assert app.run('retry')['order'] == 'done'
    assert snapd.changes() == before


def test_abort_with_nothing_in_progress_is_refused(app):
    assert refusal(app, 'abort') == 'no change of the snap is in progress'


@pytest.mark.parametrize('action', ['refresh', 'revert'])
def test_a_pinned_snap_is_not_moved(app, snapd, action):
    revision = snapd.snap()['revision']
    app.juju.config(app.name, {'revision': int(revision)})
    app.wait_for('active', f"Ready at 'edge', pinned to revision {revision}")
    assert refusal(app, action).startswith('the option revision keeps the snap where it is')
    app.juju.config(app.name, {'revision': 0})
    app.wait_ready('edge')

# SPDX-License-Identifier: Apache-2.0
"""Hooks that are killed in the middle, and trouble of snapd and the Snap Store."""

import concurrent.futures

import pytest


@pytest.fixture
def slowly(standin_snapd):
    """Changes of the stand-in take long enough to be met in the middle; real ones do."""
    if standin_snapd:
        standin_snapd.tell(do='mode', **{'task-ms': 200})
    yield
    if standin_snapd:
        standin_snapd.tell(do='mode', **{'task-ms': 20})


@pytest.fixture
def trouble(standin_snapd):
    """What the stand-in is told here ends with the test."""
    yield standin_snapd.tell
    standin_snapd.tell(do='well')
    standin_snapd.tell(do='store', set={'down': False})


def test_killed_hook_goes_on_with_its_change(app, snapd, slowly):
    folder = app.exec('pwd').strip()
    before = snapd.changes()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        # The stand-in's juju config lasts as long as the hook.
        configured = pool.submit(app.set_option, 'beta')
        message = "Refreshing microsample snap to 'beta'"
        app.wait_for('maintenance', message, successes=1, delay=0.1)
        assert app.kill_hook(folder) == 1
        configured.result()
    app.wait_ready('beta')
    assert snapd.kinds(before) == ['refresh-snap']


@pytest.mark.standins
def test_snap_store_that_is_down_is_asked_again(app, trouble, snapd):
    before = snapd.snap()
    trouble(do='store', set={'down': True})
    app.set_option('beta')
    app.wait_for('waiting', 'Snap Store')
    assert snapd.snap() == before
    trouble(do='store', set={'down': False})
    app.set_option('edge')
    app.wait_ready('edge')


@pytest.mark.standins
@pytest.mark.parametrize('mode', ['drop-acted', 'act-late'])
def test_request_whose_answer_is_lost_is_made_once(app, trouble, mode):
    trouble(do='forget')
    trouble(do='fault', method='POST', path='/v2/snaps/microsample', mode=mode, ms=1500)
    app.set_option('beta')
    app.wait_ready('beta')
    assert trouble(do='requests')['posts'] == 1


@pytest.mark.standins
def test_refresh_that_fails_leaves_the_old_revision_running(app, trouble, snapd):
    before = snapd.snap()['revision']
    trouble(do='fail', task='run-hook', hook='configure', log='no such thing', times=1)
    app.set_option('beta')
    app.wait_for('waiting', 'Refresh failed: ')
    assert snapd.snap()['revision'] == before

# SPDX-License-Identifier: Apache-2.0
"""While something is due a transient service waits for it: the status is true a moment after the end of
a change, the next try comes at the minute that was shown, and Juju's machine lock is free meanwhile."""

import re
import time

import pytest

DAY = 24 * 3600

pytestmark = pytest.mark.usefixtures('systemd')


@pytest.fixture
def ready(deploy):
    app = deploy()
    app.wait_ready('edge')
    return app


@pytest.fixture
def trouble(standin_snapd):
    """What the stand-in is told here ends with the test."""
    yield standin_snapd.tell
    standin_snapd.tell(do='store', set={'down': False})
    standin_snapd.tell(do='mode', **{'task-ms': 20})


def seconds(call, *arguments):
    """How long that takes."""
    before = time.monotonic()
    call(*arguments)
    return time.monotonic() - before


@pytest.mark.standins
def test_status_is_true_within_five_seconds_of_the_end_of_a_change(ready, snapd, trouble):
    ready.juju.cli('hook-env', ready.name, 'MICROSAMPLE_HOOK_BUDGET=5')
    trouble(do='mode', **{'task-ms': 800})
    ready.set_option('beta')
    ready.wait_for('maintenance', "Refreshing microsample snap to 'beta'", successes=1)
    number = max(snapd.changes(), key=int)
    while not snapd.request('GET', f'/v2/changes/{number}')['ready']:
        assert seconds(ready.exec, 'true') < 3  # it takes the lock of the machine
        time.sleep(0.2)
    assert seconds(ready.wait_ready, 'beta') < 5


@pytest.mark.standins
def test_next_try_comes_at_the_minute_that_is_shown(ready, trouble):
    trouble(do='store', set={'down': True})
    trouble(do='forget')
    ready.set_option('beta')
    ready.wait_for('waiting', 'Snap Store trouble: ')
    message = ready.unit_status().workload_status.message
    trouble(do='store', set={'down': False})
    asked = trouble(do='requests')['posts']
    shown = re.search(r'next try (\d\d):(\d\d) UTC', message)
    assert shown, message
    assert seconds(ready.exec, 'true') < 3
    ready.wait_for('active', "Ready at 'beta'", timeout=150)
    assert trouble(do='requests')['posts'] == asked + 1
    late = time.time() - 3600 * int(shown[1]) - 60 * int(shown[2])
    assert -60 < (late + DAY / 2) % DAY - DAY / 2 < 30  # the minute is rounded up


def test_lock_is_free_while_a_refresh_is_on_probation(ready):
    ready.set_option('beta')
    ready.wait_ready('beta')
    assert seconds(ready.exec, 'true') < 20
    ready.wait_ready('beta')

# SPDX-License-Identifier: Apache-2.0
"""One unit, from deploy on: what the option does and what the operator reads."""

import jubilant
import pytest

INVALID = "Invalid channel configured: 'betta'; use [track/]stable|candidate|beta|edge[/branch]"


@pytest.fixture
def untouched(app, snapd):
    """Asserts at the end that snapd was asked for nothing and has what it had."""
    before = snapd.snap(), snapd.changes()
    yield
    assert (snapd.snap(), snapd.changes()) == before


def test_deploy_installs_the_default_channel(app, snapd):
    assert app.option() == 'edge'
    assert app.unit_status().workload_status.message == "Ready at 'edge'"
    assert snapd.snap()['tracking-channel'] == 'latest/edge'


def test_version_is_that_of_the_snap(app, snapd):
    assert app.version() == snapd.snap()['version']


def test_port_is_open(app):
    assert app.unit_status().open_ports == ['8080/tcp']


def test_channel_is_followed(app, snapd):
    app.set_option('beta')
    app.wait_ready('beta')
    assert snapd.snap()['tracking-channel'] == 'latest/beta'
    assert app.version() == snapd.snap()['version']


def test_equal_channel_asks_snapd_for_nothing(app, untouched):
    app.set_option('latest/edge')
    app.hook('update-status')
    app.wait_ready('edge')
    app.set_option('edge')


def test_invalid_channel_blocks_and_leaves_the_snap_alone(app, untouched):
    app.set_option('betta')
    seen = app.wait_for('blocked', INVALID)
    assert jubilant.all_blocked(seen, app.name)
    assert app.unit_status().workload_status.message == INVALID
    app.set_option('edge')
    app.wait_ready('edge')


def test_missing_channel_blocks_and_lists_what_there_is(app, snapd):
    before = snapd.snap()
    app.set_option('9.9/stable')
    app.wait_for('blocked', "Snap Store has no channel '9.9/stable'; it has ")
    offered = app.unit_status().workload_status.message.split('it has ')[1].split(', ')
    assert 'edge' in offered
    assert snapd.snap() == before


def test_remedy_is_another_channel(app, snapd):
    app.set_option('9.9/stable')
    app.wait_for('blocked', 'Snap Store has no channel')
    app.set_option('beta')
    app.wait_ready('beta')
    assert snapd.snap()['tracking-channel'] == 'latest/beta'


def test_reset_option_is_the_default_again(app, snapd):
    app.set_option('beta')
    app.wait_ready('beta')
    app.juju.config(app.name, reset='channel')
    app.hook('update-status')  # Juju 4.0 sends no config-changed after a reset
    app.wait_ready('edge')
    assert app.option() == 'edge'
    assert snapd.snap()['tracking-channel'] == 'latest/edge'

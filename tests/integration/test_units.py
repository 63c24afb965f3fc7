# SPDX-License-Identifier: Apache-2.0
"""Applications deployed for one test each: units that go, and several on one machine."""

PORT_TAKEN = 'Port 8080/tcp is taken by another unit on this machine; move one of them'


def test_deploy_takes_the_channel_of_its_configuration(deploy, snapd):
    before = snapd.changes()
    app = deploy(config={'channel': 'beta'})
    app.wait_ready('beta')
    assert snapd.snap()['tracking-channel'] == 'latest/beta'
    assert snapd.kinds(before) == ['install-snap']


def test_deploy_with_an_invalid_channel_installs_nothing_until_it_is_put_right(deploy, snapd):
    app = deploy(config={'channel': 'edge/'})
    app.wait_for('blocked', "Invalid channel configured: 'edge/'; use ")
    assert snapd.snap() is None
    app.set_option('edge')
    app.wait_ready('edge')


def test_unit_that_goes_takes_its_snap(deploy, snapd):
    app = deploy()
    app.wait_ready('edge')
    app.remove_unit(app.unit)
    assert snapd.snap() is None
    assert app.units() == []


def test_application_that_goes_takes_its_snap(deploy, snapd):
    app = deploy()
    app.wait_ready('edge')
    app.juju.remove_application(app.name)
    app.wait(lambda status: app.name not in status.apps)
    assert snapd.snap() is None


def test_snap_that_was_there_before_stays(deploy, snapd):
    snapd.install('beta')
    app = deploy(config={'channel': 'beta'})
    app.wait_ready('beta')
    assert 'not installed by this charm' in app.state()
    before = snapd.snap(), snapd.changes()
    app.remove_unit(app.unit)
    assert (snapd.snap(), snapd.changes()) == before


def test_snap_that_was_there_before_follows_the_option_and_stays(deploy, snapd):
    snapd.install('beta')
    app = deploy()
    app.wait_ready('edge')
    app.remove_unit(app.unit)
    assert snapd.snap()['tracking-channel'] == 'latest/edge'


def test_second_unit_on_the_machine_waits_for_the_port_and_takes_over(deploy, snapd):
    app = deploy()
    app.wait_ready('edge')
    first, second = app.unit, app.add_unit()
    app.wait_for('blocked', PORT_TAKEN, second)
    app.wait_ready('edge', first)
    assert app.unit_status(first).open_ports == ['8080/tcp']
    assert app.unit_status(second).open_ports == []
    app.remove_unit(first)
    app.hook('update-status', second)
    app.wait_ready('edge')
    assert app.unit_status(second).open_ports == ['8080/tcp']
    assert 'installed by this charm' in app.state()
    app.remove_unit(second)
    assert snapd.snap() is None

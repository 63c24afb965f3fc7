# SPDX-License-Identifier: Apache-2.0
"""What ./state shows through juju exec, actions, and the record over a refresh of the charm."""

import json

import jubilant
import pytest


def journal(app):
    return app.state('history', '-n', '1000').splitlines()


def test_state_tells_state_and_snap(app, snapd):
    lines = app.state().splitlines()
    snap = snapd.snap()
    assert lines[0].startswith("state      active at 'edge' since ")
    assert (
        f'snap       microsample {snap["version"]}, revision {snap["revision"]}, '
        'tracks edge; installed by this charm'
    ) in lines
    assert 'port       8080/tcp: open' in lines


def test_state_as_json_agrees_with_juju(app, snapd):
    state = json.loads(app.state('--format', 'json'))
    assert state['state'] == 'active'
    assert state['snap']['revision'] == snapd.snap()['revision']


def test_history_tells_each_step(app):
    before = len(journal(app))
    app.set_option('beta')
    app.wait_ready('beta')
    told = journal(app)[before:]
    assert any('installing on astray, refresh [beta]' in line for line in told)
    assert 'installing -> active on settled [beta]' in told[-1]


def test_database_is_sound(app):
    assert app.state('check').startswith('sound: schema ')


def test_wrong_usage_fails(app):
    with pytest.raises(jubilant.TaskError) as raised:
        app.state('nonsense')
    assert raised.value.task.return_code == 2


def test_action_state_shows_what_state_shows(app):
    results = app.run('state')
    lines = app.state().splitlines()
    assert lines[0] == f'state      {results["state"]}'
    assert f'told Juju  {results["told-juju"]}' in lines
    assert json.loads(results['json']) == json.loads(app.state('--format', 'json'))
    told = [results[f'row-{number + 1}'] for number in range(int(results['rows']))]
    assert told == [line.strip() for line in journal(app)[-len(told):]]


def test_action_history_shows_as_many_rows_as_are_wanted(app):
    results = app.run('history', limit=3)
    told = [results[f'row-{number}'] for number in (1, 2, 3)]
    assert told == [line.strip() for line in journal(app)[-3:]]
    assert len(json.loads(results['json'])) == 3
    assert 'row-4' not in results


def test_action_history_shows_all_rows(app):
    assert int(app.run('history')['rows']) == len(journal(app))


@pytest.mark.parametrize(
    'params', [{'limit': 0}, {'limit': -1}, {'limit': 1001}, {'limit': 'x'}, {'rows': 5}]
)
def test_wrong_parameter_fails(app, params):
    before = journal(app)
    with pytest.raises(jubilant.TaskError) as raised:
        app.run('history', **params)
    assert 'validation failed' in raised.value.task.message
    assert journal(app) == before


def test_looking_changes_nothing(app, snapd):
    before, changes = journal(app), snapd.changes()
    app.run('state')
    app.run('history', limit=1)
    assert journal(app) == before
    assert snapd.changes() == changes


def test_plan_tells_what_the_option_then_does(app, snapd):
    before, changes = journal(app), snapd.changes()
    now, then = app.run('plan'), app.run('plan', channel='beta')
    assert (now['would'], now['channel']) == ('nothing', 'edge')
    assert (then['would'], then['channel']) == ('refresh', 'beta')
    assert f'revision {snapd.snap()["revision"]}, ' in then['runs']
    assert any(then[f'row-{number + 1}'].startswith('beta ') for number in range(int(then['rows'])))
    assert 'latest/beta' in [one['channel'] for one in json.loads(then['json'])['channels']]
    assert journal(app) == before
    assert snapd.changes() == changes


@pytest.mark.parametrize('params', [{'channel': 'foo'}, {'channel': 'a/b/c/d'}])
def test_plan_refuses_what_the_option_refuses(app, params):
    with pytest.raises(jubilant.TaskError) as raised:
        app.run('plan', **params)
    assert raised.value.task.message.startswith('the parameter channel ')


def test_unknown_action_fails(app):
    # ValueError: Juju refuses what the charm does not declare; TaskError: the charm does.
    with pytest.raises((ValueError, jubilant.TaskError)):
        app.juju.run(app.unit, 'no-such-action')
    app.wait_ready('edge')


def test_refresh_of_the_charm_keeps_the_record(app, charm, snapd):
    revision = app.juju.status().apps[app.name].charm_rev
    told, changes = journal(app), snapd.changes()
    app.juju.refresh(app.name, path=charm)
    app.wait(lambda status: status.apps[app.name].charm_rev > revision)
    app.hook('update-status')  # waits for upgrade-charm and config-changed
    app.wait_ready('edge')
    assert journal(app)[: len(told)] == told
    assert 'installed by this charm' in app.state()
    assert snapd.changes() == changes

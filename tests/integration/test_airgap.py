# SPDX-License-Identifier: Apache-2.0
"""Machines without a network: the snap comes from the charm's resource, and only an empty file leads
back to the Snap Store, which is there all the time."""

import json
import os
import subprocess

import pytest

pytestmark = pytest.mark.standins  # the files are signed by nobody that a genuine snapd knows


class Files:
    """Tars as an operator makes them of what `snap download` wrote, each with a newer revision."""

    def __init__(self, juju, folder):
        self.juju = juju
        self.folder = folder
        self.revision = 6  # in the last one

    def tar(self):
        """Of the snap in the next revision, and its base."""
        self.revision += 1
        return self.tar_of(self.revision)

    def tar_of(self, *revisions):
        folder = self.folder / '-'.join(map(str, revisions))
        folder.mkdir()
        for revision in revisions:
            self.snapd('pack', folder, json.dumps({'revision': f'{revision}'}))
        self.snapd('pack', folder, json.dumps({'name': 'bare', 'revision': '5'}))
        self.snapd('tar', f'{folder}.tar', folder)
        return folder.with_suffix('.tar')

    def of(self, content):
        path = self.folder / 'other.tar'
        path.write_bytes(content)
        return path

    def last(self):
        return self.folder / f'{self.revision}.tar'

    def attach(self, app, tar):
        self.juju.cli('attach-resource', app.name, f'snaps={tar}')

    def ready(self):
        return f'Ready at revision {self.revision} of the resource'

    @staticmethod
    def snapd(*words):
        subprocess.run([os.environ['SANDBOX_SNAPD'], *words], check=True)


@pytest.fixture(scope='module')
def files(juju, tmp_path_factory):
    return Files(juju, tmp_path_factory.mktemp('files'))


@pytest.fixture(scope='module')
def deployed_from_file(deployed, files):
    with deployed(resources={'snaps': str(files.tar())}) as app:
        yield app


@pytest.fixture
def unit(deployed_from_file, files):
    """An application with the last file."""
    deployed_from_file.wait_is('active', files.ready())
    return deployed_from_file


@pytest.fixture
def away(juju):
    """away(how): the controller, for resource-get."""
    yield lambda how: juju.cli('fault', 'resource-get', how, '--times', '99')
    juju.cli('fault', '--clear')


@pytest.fixture
def posts(standin_snapd):
    """What snapd was asked for since; of the Snap Store it is nothing."""

    def posts():
        requests = standin_snapd.tell(do='requests')['requests']
        assert not [one for one in requests if '"channel"' in one['body'] or one['path'] == '/v2/find']
        return [one['path'] for one in requests if one['method'] == 'POST']

    standin_snapd.tell(do='forget')
    return posts


def test_unit_that_never_read_it_asks_nobody_until_it_has(deploy, snapd, standin_snapd, files, posts, away):
    standin_snapd.tell(do='snap', name='bare', gone=True)
    away('exit1')
    app = deploy(resources={'snaps': str(files.tar())})
    app.wait_for('waiting', 'Waiting for the resource snaps: ')
    assert snapd.snap() is None
    assert posts() == []
    app.juju.cli('fault', '--clear')
    app.hook('update-status')
    app.wait_is('active', files.ready())
    assert app.version() == f'{files.revision}.0'
    assert snapd.snap()['revision'] == f'{files.revision}'
    assert snapd.request('GET', '/v2/snaps/bare')['revision'] == '5'
    app.remove_unit(app.unit)
    assert snapd.snap() is None
    posts()


def test_file_of_no_use_is_told_and_harms_nothing(unit, snapd, files, posts):
    before, ready, good = snapd.snap(), files.ready(), files.last().read_bytes()
    for content, told in (
        (b'not a tar' * 100, 'is not a tar'),
        (good[:2000], 'is cut off'),
        (files.tar_of(98, 99).read_bytes(), "holds two files of the snap 'microsample'"),
    ):
        files.attach(unit, files.of(content))
        unit.wait_is('blocked', f'Resource snaps {told}; attach another')
        unit.hook('update-status')
    files.attach(unit, files.of(good))
    unit.wait_is('active', ready)
    assert snapd.snap() == before
    assert posts() == []


def test_unit_keeps_what_it_has_while_the_controller_is_away(unit, snapd, files, posts, away):
    before, ready = snapd.snap(), files.ready()
    tar = files.tar()
    for way in ('exit1', 'halfway'):
        away(way)
        files.attach(unit, tar)
        unit.hook('update-status')
        unit.wait_is('active', ready)
        unit.juju.cli('fault', '--clear')
    assert snapd.snap() == before
    assert posts() == []
    assert unit.run('retry')['order'] == 'done'
    unit.wait_is('active', files.ready())
    assert posts() == ['/v2/assertions', '/v2/snaps']


def test_newer_file_is_one_change_and_an_empty_one_leads_to_the_store(unit, snapd, files, posts):
    before = snapd.changes()
    files.attach(unit, files.tar())
    unit.wait_is('active', files.ready())
    assert snapd.snap()['revision'] == f'{files.revision}'
    assert snapd.kinds(before) == ['install-snap']
    assert posts() == ['/v2/assertions', '/v2/snaps']
    files.attach(unit, files.of(b''))
    unit.wait_ready('edge')
    assert snapd.snap()['tracking-channel'] == 'latest/edge'

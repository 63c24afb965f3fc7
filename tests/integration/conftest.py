# SPDX-License-Identifier: Apache-2.0
"""The operator's story, told to whichever Juju answers.

    make check-integration
        the stand-ins for Juju, 3.6 and then 4.0, and for snapd, with the charm that was built;
        CHARM=FILE takes another, SANDBOX_JUJU_LIKE=4.0 only one Juju
    make check-integration JUJU=juju CHARM=FILE
        the controller that `juju` is logged in to, with the Snap Store as it is. A new model and
        in it a new machine are made for this and destroyed at the end.
        JUJU_TO=WHERE       the machine to deploy to: its number in JUJU_MODEL, or what `juju
                            add-machine` takes for the new one, for instance ssh:USER@HOST
        JUJU_MODEL=NAME     in place of a new model: it is used and stays

PYTEST_OPTIONS="-k removal -x" goes to pytest. A test that needs what only the stand-ins can do has
the mark `standins` and is skipped elsewhere.

A test asks for `app`, the application deployed once for its file, or for `deploy`, which deploys it
for this test alone. Both go away afterwards, and the snap with them, so the files do not depend on
one another. `snapd` is the snapd of the machine, to see what was really done.
"""

import contextlib
import os
import pathlib
import shlex
import shutil
import subprocess

import jubilant
import pytest

from operator_kit import App, Snapd, StandinSnapd, StandinSystemd

JUJU = os.environ.get('JUJU', '')
CHARM = os.environ['CHARM']
REASON = 'only the stand-ins can do this'
LOG = pytest.StashKey()


def pytest_configure(config):
    config.addinivalue_line('markers', f'standins: {REASON}')


def pytest_collection_modifyitems(items):
    for item in items:
        if JUJU and item.get_closest_marker('standins'):
            item.add_marker(pytest.mark.skip(reason=REASON))


def pytest_report_header():
    juju = JUJU or 'the stand-in of ' + os.environ['SANDBOX_JUJU_LIKE']
    return f'juju: {juju}, charm: {CHARM}'


def pytest_terminal_summary(terminalreporter, config):
    if LOG in config.stash:
        terminalreporter.section('the end of juju debug-log')
        terminalreporter.write(config.stash[LOG])


@contextlib.contextmanager
def some_snapd(folder):
    socket = folder / 'socket'
    command = [os.environ['SANDBOX_SNAPD'], 'serve', '--socket', str(socket), '--task-ms', '20', '--data', str(socket.parent / 'data')]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == 'ready\n'
            yield StandinSnapd(socket)
        finally:
            process.terminate()


@pytest.fixture(scope='session')
def standin_snapd(tmp_path_factory):
    """The snapd behind the stand-in Juju; None with a genuine one."""
    if JUJU:
        yield None
        return
    with some_snapd(tmp_path_factory.mktemp('snapd')) as snapd:
        yield snapd


@pytest.fixture(scope='session')
def client(standin_snapd, tmp_path_factory):
    """Puts the `juju` that is wanted first on PATH, where jubilant looks for it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = os.path.dirname(JUJU)
        if standin_snapd:
            folder = tmp_path_factory.mktemp('client')
            patch.setenv('SANDBOX_JUJU_DATA', str(tmp_path_factory.mktemp('models')))
            (folder / 'juju-exec').symlink_to(os.environ['SANDBOX_JUJU'])
            write_standin_juju(folder / 'juju', standin_snapd.socket)
        if folder:
            patch.setenv('PATH', f'{folder}:{os.environ["PATH"]}')
        assert shutil.which('juju'), 'there is no juju'
        yield


def hook_env(socket):
    """What a hook has to know of the snapd at SOCKET, as words of the stand-in Juju's."""
    port = (socket.parent / 'workload.port').read_text().strip()
    settings = (f'SNAPD_SOCKET={socket}', f'WORKLOAD_PORT={port}', f'SNAP_DATA={socket.parent / "data"}',
                f'REGISTER={socket.parent / "register"}')
    return [word for setting in settings for word in ('--hook-env', f'MICROSAMPLE_{setting}')]


def write_standin_juju(path, socket):
    """The stand-in is `juju`, and what it deploys talks to the stand-in snapd."""
    program = shlex.quote(os.environ['SANDBOX_JUJU'])
    path.write_text(
        '#!/bin/sh\n'
        f'[ "$1" = deploy ] || exec {program} "$@"\n'
        f'exec {program} "$@" {shlex.join(hook_env(socket))}\n'
    )
    path.chmod(0o755)


@contextlib.contextmanager
def some_model():
    name = os.environ.get('JUJU_MODEL')
    if JUJU and name:
        yield jubilant.Juju(model=name)
    else:
        with jubilant.temp_model() as juju:
            yield juju


@pytest.fixture(scope='session')
def juju(client, request):
    with some_model() as juju:
        juju.wait_timeout = 15 * 60.0 if JUJU else 30.0
        yield juju
        if request.session.testsfailed:
            request.config.stash[LOG] = '\n'.join(juju.debug_log().splitlines()[-40:])


@pytest.fixture(scope='session')
def machine(juju):
    """The machine that everything is deployed to, as --to takes it."""
    to = os.environ.get('JUJU_TO', '')
    if not JUJU:
        return '0'
    if to[:1].isdigit():
        return to
    before = set(juju.status().machines)
    juju.add_machine(to or None)
    (new,) = set(juju.status().machines) - before
    juju.wait(lambda status: status.machines[new].juju_status.current == 'started')
    return new


@pytest.fixture(scope='module')
def systemd(juju):
    """Runs what the charm has systemd run; the stand-in Juju only writes that down."""
    with contextlib.nullcontext() if JUJU else StandinSystemd(os.environ['SANDBOX_JUJU_DATA']):
        yield


@pytest.fixture(scope='session')
def snapd(juju, machine, standin_snapd):
    return standin_snapd or Snapd(juju, machine)


@pytest.fixture(scope='session')
def machines(juju, machine, snapd, tmp_path_factory):
    """Three machines, each with its snapd: by the name of the machine, as --to takes it."""
    with contextlib.ExitStack() as stack:
        ret = {machine: snapd}
        for _ in range(2):
            before = set(juju.status().machines)
            words = []
            if not JUJU:
                other = stack.enter_context(some_snapd(tmp_path_factory.mktemp('snapd')))
                words = hook_env(other.socket)
            juju.cli('add-machine', *words)
            (new,) = set(juju.status().machines) - before
            ret[new] = Snapd(juju, new) if JUJU else other
        juju.wait(lambda status: all(status.machines[name].juju_status.current == 'started' for name in ret))
        yield ret


@pytest.fixture(scope='session')
def deployed(juju, machine, snapd):
    """deployed(config={...}): a context in which the application is there and has settled."""

    @contextlib.contextmanager
    def deployed(**options):
        app = App(juju, machine, delay=1.0 if JUJU else 0.05)
        juju.deploy(pathlib.Path(CHARM).resolve(), app.name, to=machine, **options)
        try:
            yield app
        finally:
            app.remove()
            snapd.remove()

    return deployed


@pytest.fixture(scope='module')
def deployed_app(deployed):
    with deployed() as app:
        app.wait_ready('edge')
        yield app


@pytest.fixture
def app(deployed_app):
    """The application of this file, at its default channel again."""
    if deployed_app.option() != 'edge':
        deployed_app.set_option('edge')
    deployed_app.wait_ready('edge')
    return deployed_app


@pytest.fixture
def deploy(deployed):
    """deploy(config={...}): the application for this test alone."""
    with contextlib.ExitStack() as stack:
        yield lambda **options: stack.enter_context(deployed(**options))


@pytest.fixture(scope='session')
def charm():
    return pathlib.Path(CHARM).resolve()

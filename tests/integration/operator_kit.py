# SPDX-License-Identifier: Apache-2.0
"""What the tests type and look at: the application through Juju, the snap through snapd."""

import http.client
import json
import os
import pathlib
import shlex
import shutil
import socket
import subprocess
import threading
import time

import jubilant

SNAP = 'microsample'


class App:
    """The application. Its first unit is meant where none is named."""

    name = 'microsample'

    def __init__(self, juju, machine, delay):
        self.juju = juju
        self.machine = machine
        self.delay = delay

    # --- looking ---

    def units(self):
        """Names in the order of their numbers."""
        names = self.juju.status().get_units(self.name)
        return sorted(names, key=lambda name: int(name.split('/')[1]))

    @property
    def unit(self):
        return self.units()[0]

    def unit_status(self, unit=None):
        units = self.juju.status().get_units(self.name)
        return units[unit or self.unit]

    def version(self):
        return self.juju.status().apps[self.name].version

    def option(self):
        return self.juju.config(self.name)['channel']

    def exec(self, *words, unit=None):
        return self.juju.exec(*words, unit=unit or self.unit).stdout

    def state(self, *words):
        return self.exec('./state', *words)

    def run(self, action, **params):
        """What the action gives."""
        return self.juju.run(self.unit, action, params or None).results

    # --- doing ---

    def set_option(self, channel):
        self.set_options(channel=channel)

    def set_options(self, **options):
        self.juju.config(self.name, options)

    def hook(self, name, unit=None):
        """Any hook now, as the operator's guide says."""
        self.exec(f'JUJU_DISPATCH_PATH=hooks/{name} ./dispatch', unit=unit)

    def add_unit(self):
        """One more on the same machine; its name."""
        before = set(self.units())
        self.juju.add_unit(self.name, to=self.machine)
        (new,) = set(self.units()) - before
        return new

    def remove_unit(self, unit):
        self.juju.remove_unit(unit)
        self.wait(lambda status: unit not in status.get_units(self.name))

    def remove(self):
        """Whatever has become of it."""
        if self.name in self.juju.status().apps:
            self.juju.remove_application(self.name, force=True)
        self.juju.wait(lambda status: self.name not in status.apps, delay=self.delay)

    def kill_hook(self, folder):
        """SIGKILL for the dispatch that runs in this charm folder; how many there were."""
        script = (
            'for exe in /proc/[0-9]*/exe; do'
            f' [ "$(readlink $exe)" = {folder}/dispatch ] || continue;'
            ' pid=${exe#/proc/}; kill -9 ${pid%/exe} && echo killed; done'
        )
        command = f'$(command -v sudo) sh -c {shlex.quote(script)}'
        return self.juju.ssh(self.unit, command).count('killed')

    # --- waiting ---

    def in_error(self, status):
        return jubilant.any_error(status, self.name)

    def wait(self, ready, **options):
        options.setdefault('delay', self.delay)
        return self.juju.wait(ready, error=self.in_error, **options)

    def wait_for(self, status, message, unit=None, **options):
        """Until the unit, or each of them, has that status and a message that begins like that."""

        def ready(seen):
            units = seen.get_units(self.name)
            of = [units[unit]] if unit else list(units.values())
            return bool(of) and all(
                one.workload_status.current == status
                and one.workload_status.message.startswith(message)
                for one in of
            )

        return self.wait(ready, **options)

    def wait_is(self, status, message):
        """Until the first unit has that status and just that message."""

        def ready(seen):
            one = seen.get_units(self.name)[self.unit].workload_status
            return (one.current, one.message) == (status, message)

        return self.wait(ready)

    def wait_ready(self, channel, unit=None):
        """Until snapd has what the option wants, and nothing else is said."""
        seen = self.wait_for('active', f"Ready at '{channel}'", unit)
        assert unit or jubilant.all_active(seen, self.name)
        return seen


class Snapd:
    """snapd of the machine, through `juju ssh`."""

    def __init__(self, juju, machine):
        self.juju = juju
        self.machine = machine

    def _ask(self, method, path, body):
        words = ['curl', '-sS', '--unix-socket', '/run/snapd.socket', '-X', method]
        if body is not None:
            words += ['-H', 'Content-Type: application/json', '-d', json.dumps(body)]
        words.append(f'http://localhost{path}')
        return json.loads(self.juju.ssh(self.machine, f'sudo {shlex.join(words)}'))

    def request(self, method, path, body=None):
        """The result; a change is waited for. None where snapd says that there is no such thing."""
        answer = self._ask(method, path, body)
        if answer['status-code'] == 404:
            return None
        assert answer['type'] != 'error', answer
        if answer['type'] == 'async':
            while not (change := self.request('GET', f'/v2/changes/{answer["change"]}'))['ready']:
                time.sleep(0.1)
            assert change['status'] == 'Done', change
            return change
        return answer['result']

    def snap(self):
        """What is installed, or None."""
        return self.request('GET', f'/v2/snaps/{SNAP}')

    def ask(self, action, **more):
        """What a person does with the snap."""
        self.request('POST', f'/v2/snaps/{SNAP}', {'action': action, **more})

    def changes(self, since=()):
        """The numbers of all changes of the snap, also of those in progress."""
        changes = self.request('GET', f'/v2/changes?select=all&for={SNAP}')
        return {change['id'] for change in changes if change['id'] not in since}

    def kinds(self, since):
        """Of the changes that are not in SINCE, the oldest first."""
        numbers = sorted(self.changes(since), key=int)
        return [self.request('GET', f'/v2/changes/{number}')['kind'] for number in numbers]

    def install(self, channel):
        self.request('POST', f'/v2/snaps/{SNAP}', {'action': 'install', 'channel': channel})

    def remove(self):
        """As if it had never been there."""
        if self.snap():
            self.request('POST', f'/v2/snaps/{SNAP}', {'action': 'remove', 'purge': True})


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__('localhost', timeout=30)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class StandinSnapd(Snapd):
    """The stand-in, which also does what it is told: sandbox-snapd --help."""

    def __init__(self, path):
        self.socket = path

    def _ask(self, method, path, body, socket=None):
        connection = UnixConnection(socket or self.socket)
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {'Content-Type': 'application/json'})
        return json.loads(connection.getresponse().read())

    def tell(self, **command):
        return self._ask('POST', '/', command, f'{self.socket}.ctl')


class StandinSystemd:
    """The transient services of all models below a folder that are made while the context lasts."""

    def __init__(self, models):
        self.models = pathlib.Path(models)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.running = {}

    def __enter__(self):
        # Those of units that have gone would all want the machine's lock.
        for path in self.models.glob('*/services/*'):
            path.unlink()
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def serve(self):
        while not self.over.wait(0.1):
            for path in self.models.glob('*/services/*.json'):
                if path not in self.running:
                    self.start(path)
            for path in [path for path, process in self.running.items() if process.poll() is not None]:
                self.collect(path)
        for process in self.running.values():
            process.kill()
            process.wait()

    def start(self, path):
        service = json.loads(path.read_text())
        env = dict(setting.split('=', 1) for setting in service['env'])
        env |= {
            'PATH': os.path.dirname(shutil.which('juju-exec')),
            'SANDBOX_JUJU_MODEL': str(path.parent.parent),
        }
        self.running[path] = subprocess.Popen(service['argv'], env=env)
        path.with_suffix('.pid').write_text(str(self.running[path].pid))

    def collect(self, path):
        """With --collect nothing is left; without its process id another one was to be started since."""
        del self.running[path]
        if path.with_suffix('.pid').exists():
            path.unlink()
            path.with_suffix('.pid').unlink()

# SPDX-License-Identifier: Apache-2.0
"""The two sockets: the API at PATH and the control at PATH.ctl; and the port of the workload. One
lock around the state; every connection has its thread."""

import functools
import json
import os
import select
import signal
import socket
import threading
import time

import api
import control
import workload
from call import Call, HangUp, printed

GRACE = 0.5


def bind(path, listening=True):
    """The file takes the place of an older one in one step. One on which nobody listens stays, as
    after a `systemctl stop snapd.socket` that left it."""
    new = socket.socket(socket.AF_UNIX)
    if os.path.lexists(path + "~"):
        os.unlink(path + "~")
    new.bind(path + "~")
    if listening:
        new.listen(128)
    else:
        new.close()
    os.rename(path + "~", path)
    return new


class Server:
    def __init__(self, sim, path):
        self.sim, self.path = sim, path
        self.lock = threading.Lock()
        self.count = 0  # of requests that are being answered
        self.ending, self.end = os.pipe()
        self.away = "present"  # as the socket file is at the moment
        self.poll = select.epoll()
        self.takers = {}  # by its number, who listens and what is done with a connection
        self.workload = workload.Workload(self)
        # Written to by the signal itself: Python's handler would wait until select() returns.
        os.set_blocking(self.end, False)
        signal.set_wakeup_fd(self.end, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, frame: None)

    def busy(self):
        return Busy(self)

    def show_away(self):
        """The socket file as sim.away wants it. Under the lock."""
        if self.sim.away == self.away:
            return
        self.away = self.sim.away
        if self.away == "refused":
            bind(self.path, listening=False)
        elif self.away == "missing":
            os.unlink(self.path)
        elif not (os.path.exists(self.path) and os.path.samefile(self.path, self.path + ".live")):
            # Present or hanging: the one that listens, by its second name.
            os.link(self.path + ".live", self.path + ".back")
            os.rename(self.path + ".back", self.path)

    def settle(self):
        """All that is to be so before an answer goes out. Under the lock."""
        self.show_away()
        self.workload.follow()
        self.sim.save()

    def watch(self, listener, taker):
        """Each connection gets a thread in which TAKER has it; None: no more. Under the lock."""
        if taker:
            self.takers[listener.fileno()] = listener, taker
            self.poll.register(listener, select.EPOLLIN)
        else:
            self.poll.unregister(listener)
            del self.takers[listener.fileno()]

    def accept(self, number):
        with self.lock:
            listener, taker = self.takers.get(number, (None, None))
            try:
                connection = listener and listener.accept()[0]
            except BlockingIOError:
                connection = None
        if connection:
            threading.Thread(target=taker, args=(connection,), daemon=True).start()

    def control(self, call):
        with self.lock:
            try:
                status, answer = 200, control.run(self.sim, json.loads(call.request.body))
                self.settle()
            except (ValueError, TypeError, LookupError, AttributeError, StopIteration) as bad:
                status, answer = 400, {"error": f"{type(bad).__name__}: {bad}"}
            answer = printed(answer)
        call.answer(status, answer)

    def talk(self, connection, is_control):
        with connection, connection.makefile("rb") as reader:
            try:
                while line := reader.readline():
                    method, target, version = line.decode().split()
                    headers = {}
                    while line := reader.readline().strip():
                        key, value = line.decode().split(":", 1)
                        headers[key.lower()] = value.strip()
                    call = Call(self, connection, reader, version, headers,
                                api.Request(method, target))
                    if is_control:
                        call.read()
                        self.control(call)
                    else:
                        call.run()
            except (HangUp, OSError):
                pass

    def serve(self):
        for path, is_control in ((self.path, False), (self.path + ".ctl", True)):
            listener = bind(path)
            listener.setblocking(False)
            self.watch(listener, functools.partial(self.talk, is_control=is_control))
        if os.path.exists(self.path + ".live"):
            os.unlink(self.path + ".live")
        os.link(self.path, self.path + ".live")
        self.poll.register(self.ending, select.EPOLLIN)
        with self.lock:
            self.settle()
        os.write(1, b"ready\n")
        while self.ending not in (ready := [number for number, _ in self.poll.poll()]):
            for number in ready:
                self.accept(number)
        # Those who wait for a client or for the store see it and end.
        until = time.monotonic() + GRACE
        while self.count and time.monotonic() < until:
            time.sleep(0.001)
        for path in (self.path, self.path + ".ctl", self.path + ".live", self.workload.file):
            if os.path.lexists(path):
                os.unlink(path)
        os._exit(0)


class Busy:
    def __init__(self, server):
        self.server = server

    def __enter__(self):
        with self.server.lock:
            self.server.count += 1

    def __exit__(self, *error):
        with self.server.lock:
            self.server.count -= 1

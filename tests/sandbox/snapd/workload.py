# SPDX-License-Identifier: Apache-2.0
"""What the snap's service answers at its port. The port is the same for the whole life of the
stand-in. Somebody listens there while a service of the snap runs, as it was when something was last
asked or told; whoever is gone by the time of a request gives no answer."""

import os
import select
import socket

import api
import units
from answer import reason
from state import MS

PAUSE = 0.02  # between the bytes of a drip
SLOW = 0.5
BLOCK = b"x" * 65536


def whole(status):
    """Every redirection leads to where nobody listens."""
    where = "Location: http://127.0.0.1:1/\r\n" if 300 <= status < 400 else ""
    return (f"HTTP/1.1 {status} {reason(status)}\r\nContent-Type: text/plain\r\n{where}"
            f"Content-Length: 7\r\nConnection: close\r\n\r\nOnline\n").encode()


# By the word of an answer: what is sent, what is sent for ever after it, and the pause before each,
# in seconds.
HEAD = b"HTTP/1.1 200 OK\r\n"
WORDS = {
    "hang": (b"", None, 0), "close": (b"", b"", 0), "garbage": (b"\0\xff\n\n220 hello\r\n", b"", 0),
    "endless": (HEAD + b"\r\n", BLOCK, 0),
    "endless-head": (HEAD, b"X-Y: " + b"z" * 1000 + b"\r\n", 0),
    "drip": (HEAD, b"x", PAUSE), "cut": (HEAD + b"Content-Length: 7\r\n\r\nOnl", b"", 0),
    "slow": (whole(200), b"", SLOW)}


def check(answer, path):
    if not (answer in WORDS or answer == "refuse" and not path
            or type(answer) is int and 200 <= answer <= 999):
        raise ValueError(f"answer {answer}?")


class Workload:
    def __init__(self, server):
        self.server, self.sim = server, server.sim
        self.listener = None
        self.holder = self.bind(self.sim.port)  # nobody else gets the port while nobody listens
        self.sim.port = self.holder.getsockname()[1]
        self.file = os.path.join(os.path.dirname(server.path), "workload.port")
        with open(self.file + "~", "w", encoding="ascii") as file:
            file.write(f"{self.sim.port}\n")
        os.rename(self.file + "~", self.file)

    @staticmethod
    def bind(port):
        """Two may have a port as long as no more than one listens."""
        new = socket.socket()
        new.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        new.bind(("127.0.0.1", port))
        return new

    def answer_to(self, path):
        """None: nobody answers. The most particular rule counts, that of a revision first."""
        snap = self.sim.snaps.get(self.sim.workload_snap)
        now = self.sim.now()
        if not snap or not any(unit.is_active(now) for _, unit in units.units(self.sim, snap)):
            return None
        number = snap.now().revision
        rules = [self.sim.workload.get(key) for key in (
            (number, path), (number, ""), ("", path), ("", ""))]
        answer = next((rule for rule in rules if rule), 200)
        return None if answer == "refuse" else answer

    def follow(self):
        """Listens, or not, as it is by now. Under the lock."""
        wanted = self.answer_to("") is not None
        if wanted and not self.listener:
            self.listener = self.bind(self.sim.port)
            self.listener.setblocking(False)
            self.listener.listen(128)
            self.server.watch(self.listener, self.talk)
        elif not wanted and self.listener:
            self.server.watch(self.listener, None)
            self.listener.close()
            self.listener = None

    def talk(self, connection):
        try:
            with connection:
                self.take(connection)
        except (OSError, ValueError):
            pass

    def take(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            data = connection.recv(65536)
            if not data:
                return
            head += data
        lines = head.decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split()
        with self.server.lock:
            api.catch_up(self.sim)
            self.follow()
            answer = self.answer_to(path)
            self.sim.probes.append({"method": method, "path": path, "answer": str(answer),
                                    "time": self.sim.now() // MS, "head": lines[1:-2]})
        if answer is not None:
            self.send(connection, answer)

    def send(self, connection, answer):
        data, more, pause = WORDS.get(answer) or (whole(answer), b"", 0)
        while True:
            if self.is_left(connection, None if more is None else pause):
                return
            connection.sendall(data)
            if not more:
                return
            data = more

    def is_left(self, connection, seconds):
        """Whether the client hangs up before that time is over."""
        poll = select.poll()
        poll.register(connection, select.POLLRDHUP)
        return bool(poll.poll(None if seconds is None else int(seconds * 1000)))

# SPDX-License-Identifier: Apache-2.0
"""One request and its answer, with all the faults of a transport."""

import json
import os
import select
import signal
import socket
import struct
import time

import api
from answer import Refusal, Text, error, reason
from form import Body, boundary_of, read_form
from ops import StoreIsAsked
from state import MS, SECOND

JSON_TYPE = "application/json"
LINGERING = 0.5
CHUNKED_ABOVE = 2048  # as Go's server: what does not fit its buffer goes out in chunks

NO_HOST = (b"HTTP/1.1 400 Bad Request: missing required Host header\r\n"
           b"Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
           b"400 Bad Request: missing required Host header")


def printed(value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogateescape")


def head_and_body(answer):
    """Its type, what else stands in the header, and the body."""
    if isinstance(answer, Text):
        return answer.kind, answer.headers, answer.text.encode("utf-8", "surrogateescape")
    return JSON_TYPE, "", printed(answer)


def with_extra_fields(value):
    if isinstance(value, list):
        return [with_extra_fields(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: with_extra_fields(item) for key, item in value.items()} | {
        "x-null": None, "x-number": -1.5e300, "x-text": "\u00e9\"\\\n\t\x01",
        "x-object": {"a": [[], {}, [None]]}}


def shuffled(sim, value):
    if isinstance(value, list):
        return [shuffled(sim, item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: shuffled(sim, item) for key, item in sim.shuffled(value.items())}


class HangUp(Exception):
    """Closes the connection as it is."""


class Call:
    """One request whose head came in: what is done about it, with the fault that is to go with it,
    and how it is answered."""

    def __init__(self, server, connection, reader, version, headers, request):
        self.server, self.sim, self.connection = server, server.sim, connection
        self.reader, self.version, self.headers, self.request = reader, version, headers, request
        self.fault = {}
        self.mode = ""
        self.status = 0  # of the answer; 0 = none was given
        self.came = 0

    def wait(self, seconds=None):
        """True when the client hung up or the server is to end, before that time is over."""
        poll = select.poll()
        poll.register(self.connection, select.POLLRDHUP)
        poll.register(self.server.ending, select.POLLIN)
        return bool(poll.poll(None if seconds is None else int(seconds * 1000)))

    def kill(self, when):
        """SIGKILL to the process at the other end, if the fault says so."""
        if self.mode != "kill-client" or self.fault.get("when", "before") != when:
            return False
        peer = self.connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        os.kill(struct.unpack("3i", peer)[0], signal.SIGKILL)
        return True

    def record(self):
        request = self.request
        self.sim.requests.append({
            "method": request.method, "path": request.path,
            "query": request.target.partition("?")[2], "body": request.body, "status": self.status,
            "form": None if not request.form or isinstance(request.form, Refusal) else
                    request.form.shown(), "time": self.came // MS})
        if request.method == "GET":
            self.sim.gets += 1
        else:
            self.sim.posts += 1

    def hang_up(self):
        with self.server.lock:
            self.record()
        raise HangUp

    def take_fault(self):
        for fault in self.sim.faults:
            if (fault["method"] not in ("", self.request.method)
                    or fault["path"] not in ("", self.request.path)):
                continue
            if fault["skip"] > 0:
                fault["skip"] -= 1
                continue
            if fault["times"] == 1:
                self.sim.faults.remove(fault)
            fault["times"] -= fault["times"] > 0
            self.fault, self.mode = fault, fault["mode"]
            return

    def read(self):
        """The rest of the request, with the fault that is to come in the middle of it."""
        if self.headers.get("expect") == "100-continue":
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        kind = boundary_of(self.headers.get("content-type", ""))
        body = Body(self.reader, int(self.headers.get("content-length", 0)),
                    self.fault.get("after"), self.in_the_middle)
        try:
            if kind:
                self.request.form = read_form(body, kind)
            else:
                self.request.body = body.whole().decode("utf-8", "surrogateescape")
        except EOFError:
            self.hang_up()
        if "after" in self.fault:
            self.mode = ""  # it came, or there was less to read

    def in_the_middle(self):
        """Of a request, of which no more is read, or only after a delay."""
        if self.mode == "delay":
            self.wait(self.fault.get("ms", 1000) / 1000)
            return
        if self.mode == "hang":
            self.wait()
        elif self.mode == "status":
            self.status, answer = self.fault_answer()
            self.connection.sendall(self.whole(self.status, printed(answer)))
            # As Go does it, so that a client that still sends can see the answer.
            self.connection.shutdown(socket.SHUT_WR)
            self.wait(LINGERING)
        self.kill("before")
        self.hang_up()

    def run(self):
        with self.server.lock:
            self.came = self.sim.now()
            away = self.sim.away
            if away == "present":
                self.take_fault()
        self.read()
        # On a connection from before the daemon went away.
        while self.sim.away == "hang" and not self.wait(0.02):
            pass
        if away != "present":
            self.hang_up()
        if self.version == "HTTP/1.1" and "host" not in self.headers:
            self.status = 400
            self.connection.sendall(NO_HOST)
            self.hang_up()
        if self.kill("before") or self.mode == "drop-unacted":
            self.hang_up()
        if self.mode == "hang":
            self.wait()
            self.hang_up()
        if self.mode == "act-late":
            self.act_late()
        if self.mode == "raw":
            self.status = self.fault.get("status", 200)
            self.connection.sendall(self.whole(
                self.status, self.fault.get("body", "").encode("utf-8", "surrogateescape"),
                self.fault.get("type", "text/plain")))
            self.hang_up()
        self.act_and_answer()

    def act_late(self):
        with self.server.lock:
            due = self.came + self.fault.get("ms", 1000) * MS
            self.sim.late.append((due, self.request))
            self.sim.late.sort(key=lambda late: late[0])
        self.hang_up()

    def fault_answer(self):
        return error(self.fault.get("status", 500), self.fault.get("message", "injected"),
                     self.fault.get("kind"), self.fault.get("value"))

    def act(self):
        """Status and answer; waits for the store without the lock. As with the real one, who hangs
        up in that time has asked for nothing. The older one gives up by itself when it is stopped,
        and still says so."""
        while True:
            with self.server.lock:
                if self.mode == "status":
                    answer = self.fault_answer()
                else:
                    try:
                        answer = api.ask(self.sim, self.request)
                    except StoreIsAsked:
                        answer = None
                if answer:
                    self.status = answer[0]
                    self.record()
                    self.server.settle()
                    return answer
                delay = self.sim.store.delay_ms / 1000
            if self.wait(delay):
                ending = bool(select.select([self.server.ending], [], [], 0)[0])
                if not ending or self.sim.newer:
                    self.hang_up()
                self.request.cancelled = True
            self.request.waited = True

    def act_and_answer(self):
        with self.server.busy():
            status, answer = self.act()
            if self.kill("acted") or self.mode == "drop-acted":
                raise HangUp
            if self.mode == "delay":
                self.wait(self.fault.get("ms", 1000) / 1000)
            elif isinstance(answer, Text):
                pass
            elif self.mode == "extra-fields":
                answer = with_extra_fields(answer)
            elif self.mode == "shuffle":
                with self.server.lock:
                    answer = shuffled(self.sim, answer)
            elif self.mode == "huge":
                answer["padding"] = "x" * self.fault.get("bytes", 1 << 20)
            kind, more, body = head_and_body(answer)
            if self.mode in ("drip", "reset", "eof-mid-body", "kill-client"):
                self.write_badly(status, body)
            self.answer(status, body, kind, more)

    def whole(self, status, body, kind=JSON_TYPE):
        return (f"HTTP/1.1 {status} {reason(status)}\r\nContent-Type: {kind}\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n").encode() + body

    def write_badly(self, status, body):
        """Cut short or drawn out."""
        data = self.whole(status, body)
        head = len(data) - len(body)
        if self.mode == "drip":
            for byte in data:
                self.connection.sendall(bytes([byte]))
                if self.wait(1):
                    break
        else:
            ends = {"reset": head // 2, "eof-mid-body": head + len(body) // 2}
            self.connection.sendall(data[:ends.get(self.mode, len(data))])
        self.kill("answered")
        raise HangUp

    def answer(self, status, body, kind=JSON_TYPE, more=""):
        """As Go does it: on HTTP/1.0 no chunks, and for a long one no length either."""
        old = self.version == "HTTP/1.0"
        long = len(body) > CHUNKED_ABOVE or self.mode == "chunked"
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(self.sim.now() // SECOND))
        framing = "" if long and old else "Transfer-Encoding: chunked\r\n" if long else (
            f"Content-Length: {len(body)}\r\n")
        head = (f"{self.version} {status} {reason(status)}\r\nContent-Type: {kind}\r\n"
                f"{more}Date: {date}\r\n{framing}\r\n").encode()
        if long and not old:
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        self.connection.sendall(head + body)
        if old or self.headers.get("connection", "").lower() == "close":
            raise HangUp

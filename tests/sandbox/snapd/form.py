# SPDX-License-Identifier: Apache-2.0
"""The body of a request: whole as a text, or a form of several parts, of whose files nothing is kept
but how they begin, how long they are and their sum. They may have two gigabytes."""

import hashlib
import re

from answer import Refusal
from assertions import digest

PIECE = 1 << 16
VALUES = 1 << 20  # bytes of all parts that are no files
BEGINNING = 4096


class Body:
    """Bytes that come by and by, COUNT of them. When there have been AT, REACHED is called."""

    def __init__(self, reader, count, at=None, reached=None):
        self.reader, self.left, self.came = reader, count, 0
        self.at, self.reached = at, reached
        self.held = b""

    def more(self):
        """The next piece, b"" behind the last one; EOFError when the client hung up before it."""
        size = min(PIECE, self.left)
        if self.at == self.came:
            self.reached()
        elif self.at is not None and self.at > self.came:
            size = min(size, self.at - self.came)
        piece = self.reader.read(size)
        if len(piece) < size:
            raise EOFError
        self.left -= size
        self.came += size
        return piece

    def whole(self):
        return b"".join(iter(self.more, b""))

    def take(self, size):
        while len(self.held) < size and (piece := self.more()):
            self.held += piece
        taken, self.held = self.held[:size], self.held[size:]
        return taken

    def until(self, mark):
        """All that comes before MARK, in pieces."""
        while (at := self.held.find(mark)) < 0:
            keep = len(mark) - 1
            if len(self.held) > keep:
                yield self.held[:-keep]
                self.held = self.held[-keep:]
            piece = self.more()
            if not piece:
                raise ValueError("multipart: NextPart: EOF")
            self.held += piece
        if at:
            yield self.held[:at]
        self.held = self.held[at + len(mark):]


class File:
    def __init__(self, name, pieces):
        self.name, self.size, self.beginning = name, 0, b""
        sha = hashlib.sha3_384()
        for piece in pieces:
            sha.update(piece)
            self.size += len(piece)
            self.beginning += piece[:BEGINNING - len(self.beginning)]
        self.sha3_384 = digest(sha)


class Form:
    def __init__(self):
        self.values, self.files = {}, {}  # by the names of their fields, each a list

    def value(self, name, default=""):
        return self.values.get(name, [default])[0]

    def is_true(self, name):
        return self.value(name).lower() in ("1", "t", "true")

    def shown(self):
        """As the command "requests" shows it."""
        return {name: values[0] for name, values in self.values.items()} | {
            name: [{"name": file.name, "size": file.size, "sha3-384": file.sha3_384}
                   for file in files] for name, files in self.files.items()}


def read_part(body, form, end):
    head = b"".join(body.until(b"\r\n\r\n")).decode("utf-8", "surrogateescape")
    about = dict(re.findall(r'\b(name|filename)="([^"]*)"', head))
    if "name" not in about:
        raise ValueError("a part without a name")
    if "filename" in about:
        # As Go does it, without folders.
        file = File(about["filename"].rpartition("/")[2], body.until(end))
        form.files.setdefault(about["name"], []).append(file)
        return
    value = b"".join(body.until(end)).decode("utf-8", "surrogateescape")
    form.values.setdefault(about["name"], []).append(value)
    if sum(len(value) for values in form.values.values() for value in values) > VALUES:
        raise Refusal(400, "cannot read form data: exceeds memory limit")


def read_form(body, boundary):
    """Or a Refusal; all of the body has come in any case."""
    form, end = Form(), b"\r\n--" + boundary.encode()
    body.held = b"\r\n"  # before the first one
    try:
        for _ in body.until(end):
            pass
        while (mark := body.take(2)) == b"\r\n":
            read_part(body, form, end)
        if mark != b"--":
            raise ValueError("multipart: NextPart: EOF")
    except ValueError as bad:
        form = Refusal(400, f"cannot read POST form: {bad}")
    except Refusal as refusal:
        form = refusal
    while body.more():
        pass
    return form


def boundary_of(kind):
    """Of a form, from its Content-Type; None of anything else."""
    found = re.match(r'multipart/form-data\s*;.*boundary="?([^";\s]+)', kind)
    return found and found[1]

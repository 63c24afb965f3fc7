# SPDX-License-Identifier: Apache-2.0
"""The files of the recorded snaps as the stand-in knows them: their revisions in its small form, and
the recorded assertions with the sums of those."""

import hashlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "sandbox/snapd"))

import assertions
import pack
from scenes import MORE_CHANNELS

BOUNDARY = "232025519eed487087a0c8970c0c24c6"
MORE = {21: {"architecture": "arm64"}, 22: {"base": "core22"}}


def text_of_local(name, version, size):
    return pack.head_of({"name": name, "version": version}).decode().ljust(size, "\0")


def text_of(number, size):
    """The whole file of a revision."""
    release = next((release for release in MORE_CHANNELS.values()
                    if release and release["revision"] == number), {})
    members = {key: value for key, value in release.items() if key != "revision"}
    head = pack.head_of({"name": "microsample"} | members | MORE.get(number, {})).decode()
    return head.ljust(size, "\0")


def as_here(text):
    """A stream of assertions, with the sums of the files here; signed anew where they were signed."""
    parts = text.split("\n\n")
    for i, content in enumerate(parts[:-1]):
        if not content.startswith("type: snap-revision\n"):
            continue
        headers = assertions.headers_of(content)
        file = text_of(int(headers["snap-revision"]), int(headers["snap-size"]))
        parts[i] = content.replace(headers["snap-sha3-384"],
                                   assertions.digest(hashlib.sha3_384(file.encode())))
        parts[i + 1] = parts[i + 1].replace(assertions.sign(content), assertions.sign(parts[i]))
    return "\n\n".join(parts)


def file_of(what, size):
    """WHAT: the number of a revision, the name and the version of a local one, or what is wrong."""
    if isinstance(what, tuple):
        return text_of_local(*what, size)
    if isinstance(what, int):
        return text_of(what, size)
    whole = text_of(1, 569344)
    return {"truncated": whole[:size], "empty": "", "text": "hello\n".ljust(size, "x"),
            "flipped": whole[:-1] + "\1"}[what]


def body_of(form, what):
    """The body of the request and its type."""
    fields = "".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
                     f"{value}\r\n" for name, value in form["values"].items())
    if form["file"] is not None:
        file = file_of(what, form["file"])
        assert len(file) == form["file"], (what, form)
        fields += (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="snap"; '
                   'filename="microsample.snap"\r\nContent-Type: application/octet-stream\r\n\r\n'
                   f"{file}\r\n")
    return {"type": f"multipart/form-data; boundary={BOUNDARY}", "body": f"{fields}--{BOUNDARY}--\r\n"}

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# seeds.py RECORDINGS FOLDER: makes seeds for the fuzz targets `snapd` and `hook` from the recorded
# answers of running snapd daemons. Answers that differ only in their values are taken once. And
# for the target `resource` from tars that Python writes.
import hashlib
import io
import json
import pathlib
import re
import sys
import tarfile

VALUES = {
    "<time>": "2026-11-23T02:00:00Z",
    "<id>": "7",
    "<number>": 3,
    "<object>": {},
    "<url>": "http://localhost/",
    "<address>": "localhost:80",
    "<text>": "text",
}
LONGEST = 12000
ACTIONS = "install refresh remove revert hold unhold start restart abort".split()
PARTS = "post progress snap change system seeded".split()  # of a hook


def fill(value):
    """The answer with real values in place of the placeholders of the recordings."""
    if isinstance(value, dict):
        return {key: fill(item) for key, item in value.items() if key != "same-as"}
    if isinstance(value, list):
        return [fill(item) for item in value]
    if isinstance(value, str):
        if value in VALUES:
            return VALUES[value]
        return re.sub(r"<[a-z]+>", lambda found: str(VALUES.get(found[0], "x")), value)
    return value


def requests_of(method, path, body):
    """The names that the targets use for the request."""
    if path == "/v2/system-info":
        return ["system"]
    if path.startswith("/v2/snaps/system/conf"):
        return ["seeded"]
    if method == "GET" and re.match(r"/v2/snaps/[a-z]+$", path):
        return ["snap"]
    if method == "GET" and re.match(r"/v2/changes/\d+$", path):
        return ["change"]
    if method == "GET" and path.startswith("/v2/changes"):
        return ["changes"]
    if method == "GET" and path.startswith("/v2/snaps?select=all"):
        return ["revisions"]
    if method == "GET" and path.startswith("/v2/find"):
        return ["update" if "select=refresh" in path else "find"]
    if method == "POST" and path.startswith(("/v2/snaps", "/v2/apps", "/v2/changes/")):
        action = re.search(f'"action": *"({"|".join(ACTIONS)})"', body or "")
        return [action[1] if action else "install"]
    return []


def shape(value):
    """The shape of an answer, without its values."""
    if isinstance(value, dict):
        return {key: shape(item) if key not in ("kind", "status") else item for key, item in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(shape(item), sort_keys=True) for item in value})
    return type(value).__name__


def exchanges(folder):
    for path in sorted(folder.glob("*.json")):
        for exchange in json.loads(path.read_text())["exchanges"]:
            request, response = exchange.get("request", {}), exchange.get("response", {})
            if "status" in response and "body" in response:
                yield request, response["status"], fill(response["body"])


def write(folder, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(text).hexdigest()[:16]).write_bytes(text)


ASSERTIONS = """type: snap-declaration
snap-id: {0}-id
snap-name: {0}
body-length: 4

body

AXNp

type: snap-revision
snap-sha3-384: {1}
snap-id: {0}-id
snap-revision: 3
snap-size: 600
sign-key-sha3-384: x

AXNpZw==
"""


def write_tars(seeds):
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w", format=form) as archive:
            for name, folder in (("microsample", "./"), ("core22", "long/" * 30)):
                for ending, data in ((".snap", b"s" * 600), (".assert", ASSERTIONS.format(name, "h" * 64).encode())):
                    member = tarfile.TarInfo(folder + name + "_3" + ending)
                    member.size, member.mtime = len(data), 1.5 if form == tarfile.PAX_FORMAT else 1
                    archive.addfile(member, io.BytesIO(data))
        write(seeds / "resource", tar.getvalue()[:15000])
    write(seeds / "resource", ASSERTIONS.format("microsample", "h" * 64).encode())


def main(recordings, seeds):
    write_tars(seeds)
    seen = set()
    for request, status, body in exchanges(pathlib.Path(recordings)):
        for name in requests_of(request.get("method"), request.get("path", ""), request.get("body")):
            if isinstance(body, dict) and name in ("change", "abort") and isinstance(body.get("result"), dict):
                body["result"]["id"] = "7"
            key = json.dumps([name, status, shape(body)], sort_keys=True)
            text = body if isinstance(body, str) else json.dumps(body)
            if key in seen or len(text) > LONGEST:
                continue
            seen.add(key)
            write(seeds / "snapd", f"{name} {status}\n{text}".encode())
            if name in ("install", "refresh", "remove"):
                part = "post"
            else:
                part = {"changes": "progress"}.get(name, name)
            if part in PARTS:
                hook = {"remove": "remove"}.get(name, "config-changed")
                write(seeds / "hook", HOOK.format(hook, part, status, text).encode())


# One answer of the daemon within a hook in which everything else succeeds.
HOOK = """hook {0}

{1} {2}
{3}

snap 404
{{"type":"error","status-code":404,"result":{{"message":"snap not installed","kind":"snap-not-found"}}}}

progress 200
{{"type":"sync","status-code":200,"result":[]}}

all 200
{{"type":"sync","status-code":200,"result":[]}}

seeded 200
{{"type":"sync","status-code":200,"result":{{"seed.loaded":true}}}}

post 202
{{"type":"async","status-code":202,"result":null,"change":"7"}}

change 200
{{"type":"sync","status-code":200,"result":{{"id":"7","kind":"install-snap","status":"Doing","ready":false}}}}
"""

main(sys.argv[1], pathlib.Path(sys.argv[2]))

# SPDX-License-Identifier: Apache-2.0
"""Files as `snap download` writes them: NAME_REVISION.snap and NAME_REVISION.assert, and a tar of
them.

The file of a snap is not a real one. It begins with a line "sandbox-snap", goes on with lines "key:
value" up to an empty one, and then has anything: whoever changes a byte of it changes its sum. The
keys are name, architecture (amd64), base (bare) and all that a release of the store may have:
version, confinement, services, quirk and so on. The assertions look like real ones but for their
signature, which is a sum of the text. With other texts for root and key they are those of somebody
whom snapd does not know; with a size the file has zeros up to there."""

import hashlib
import os
import tarfile

from assertions import ROOT, digest, sign
from state import id_of

MAGIC = b"sandbox-snap\n"
STORE_KEY = "XCIC_Wvj9_hiAt0b10sDon74oGr3a6xGODkMZqrj63ZzNYUD5N87-ojjPoeN7f1Y"
TIME = "2026-11-25T19:04:33Z"


def read_head(beginning):
    """What a file says of itself; ValueError if it is none of a snap."""
    head, _, rest = beginning.partition(b"\n\n")
    if not head.startswith(MAGIC) or not _:
        raise ValueError("not the file of a snap")
    lines = head[len(MAGIC):].decode().split("\n")
    return dict(line.split(": ", 1) for line in lines)


def head_of(members):
    return MAGIC + "".join(f"{key}: {value}\n" for key, value in members.items()).encode() + b"\n"


def make_file(path, members, size=0):
    """With zeros behind its head up to SIZE, which take no room on the disk. Returns its sum."""
    with open(path, "w+b") as file:
        file.write(head_of(members))
        file.truncate(max(size, file.tell()))
        file.seek(0)
        sha = hashlib.sha3_384()
        for piece in iter(lambda: file.read(1 << 20), b""):
            sha.update(piece)
        return digest(sha)


def assertion(kind, headers, key=STORE_KEY, body=""):
    headers = {"type": kind, "authority-id": "testrootorg"} | headers
    if body:
        headers["body-length"] = len(body)
    headers["sign-key-sha3-384"] = key
    content = "\n".join(f"{name}: {value}" for name, value in headers.items())
    content += f"\n\n{body}" if body else ""
    return f"{content}\n\n{sign(content)}\n"


def assertions(name, snap_id, revision, sha, size, root=ROOT, key=STORE_KEY):
    """The stream of all that a snap stands on."""
    return "\n".join([
        assertion("account-key", {
            "public-key-sha3-384": key, "account-id": "testrootorg", "name": "test-store",
            "since": TIME}, root, "a public key"),
        assertion("account", {
            "account-id": "testrootorg", "display-name": "Testrootorg", "timestamp": TIME,
            "username": "testrootorg", "validation": "verified"}, key),
        assertion("snap-declaration", {
            "series": "16", "snap-id": snap_id, "publisher-id": "testrootorg", "snap-name": name,
            "timestamp": TIME}, key),
        assertion("snap-revision", {
            "snap-sha3-384": sha, "developer-id": "testrootorg", "provenance": "global-upload",
            "snap-id": snap_id, "snap-revision": revision, "snap-size": size, "timestamp": TIME},
            key)])


def pack(folder, name="microsample", revision="1", size=0, root=ROOT, key=STORE_KEY, **members):
    """The two files of one snap."""
    path = os.path.join(folder, f"{name}_{revision}")
    members = {"name": name, "version": f"{revision}.0"} | {
        member.replace("_", "-"): value for member, value in members.items()}
    sha = make_file(path + ".snap", members, int(size))
    with open(path + ".assert", "w", encoding="utf-8") as file:
        file.write(assertions(name, id_of(name), revision, sha,
                              os.path.getsize(path + ".snap"), root, key))


def pack_tar(path, folder):
    """Of all files in FOLDER, as GNU tar makes it; what is zero is written as zero."""
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for name in sorted(os.listdir(folder)):
            tar.add(os.path.join(folder, name), name)

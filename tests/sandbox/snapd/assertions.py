# SPDX-License-Identifier: Apache-2.0
"""Assertions: the stream of them that is acknowledged, all of it or none, and what is shown of
them. They look like the real ones but for the signature, which is a sum of what is signed (sign)."""

import base64
import hashlib
import re

from answer import Refusal, Text, sync
from state import Row

ROOT = "hIedp1AvrWlcDI4uS_qjoFLzjKl5enu4G2FYJpgB3Pj-tUzGlTQBxMBsBmi-tnJR"
TRUSTED = {("account", "testrootorg"), ("account-key", ROOT)}
TEXT_TYPE = "application/x.ubuntu.assertion; bundle=y"

# The headers that tell one assertion from another of its type.
KEYS = {"account": ["account-id"], "account-key": ["public-key-sha3-384"],
        "snap-declaration": ["series", "snap-id"], "snap-revision": ["snap-sha3-384"]}
# What it stands on: a type, and the headers that have the key of that one, or the key itself.
PREREQUISITES = {
    "account": [], "account-key": [("account", "account-id")],
    "snap-declaration": [("account", "publisher-id")],
    "snap-revision": [("snap-declaration", "series=16", "snap-id"), ("account", "developer-id")]}


def digest(data):
    """As assertions spell one."""
    return base64.urlsafe_b64encode(data.digest()).decode()


def sign(content):
    return base64.b64encode(hashlib.sha3_384(content.encode()).digest()).decode()


class Assertion(Row):
    """CONTENT is all that is signed."""
    content = signature = ""

    def __init__(self, content, headers, signature):
        super().__init__(content=content, signature=signature)
        self.headers = headers
        self.kind = headers["type"]

    @property
    def key(self):
        return (self.kind, *(self.headers[name] for name in KEYS[self.kind]))

    @property
    def text(self):
        return f"{self.content}\n\n{self.signature.rstrip()}\n"

    def prerequisites(self):
        for kind, *names in PREREQUISITES[self.kind]:
            yield (kind, *(name.partition("=")[2] or self.headers.get(name, "") for name in names))
        yield "account-key", self.headers["sign-key-sha3-384"]

    def fault(self):
        """What is wrong with its signature, or None."""
        plain = "".join(self.signature.split())
        if len(plain) % 4 or not re.fullmatch("[A-Za-z0-9+/]*=*", plain):
            at = len(self.signature.rstrip("\n")) - len(plain) % 4
            return f"cannot decode signature: illegal base64 data at input byte {at}"
        if plain != sign(self.content):
            return "failed signature verification: openpgp: invalid signature: hash tag doesn't match"
        return None


def headers_of(text):
    """Those of one line; a longer one goes on in lines that are indented."""
    headers, last = {}, ""
    for line in text.split("\n"):
        key, colon, value = line.partition(":")
        if line.startswith(" ") and last:
            headers[last] += "\n" + line
        elif not colon:
            raise ValueError(f"parsing assertion headers: header entry missing ':' separator: "
                             f'"{line}"')
        else:
            last = key
            headers[key] = value.removeprefix(" ")
    return headers


def decoded(text):
    """Every assertion of a stream."""
    while text:
        if "\n\n" not in text:
            raise ValueError("unexpected EOF")
        content, _, text = text.partition("\n\n")
        headers = headers_of(content)
        size = int(headers.get("body-length", "0"))
        if size:
            content, text = f"{content}\n\n{text[:size]}", text[size:].removeprefix("\n\n")
        signature, _, text = text.partition("\n\n")
        kind = headers.get("type")
        for name in ("type", "sign-key-sha3-384", "authority-id"):
            if name not in headers:
                raise ValueError(f'assertion: "{name}" header is mandatory')
        if kind not in KEYS:
            raise ValueError(f'unknown assertion type: "{kind}"')
        for name in KEYS[kind]:
            if name not in headers:
                raise ValueError(f'assertion {kind}: "{name}" header is mandatory')
        yield Assertion(content, headers, signature)


def shown_key(kind, *key):
    """The last part of the key first."""
    return f"{kind} (" + "; ".join([key[-1], *(
        f"{name}:{part}" for name, part in zip(KEYS[kind], key[:-1]))]) + ")"


def post_assertions(sim, name, request):
    try:
        batch = {one.key: one for one in decoded(request.body)}
    except ValueError as bad:
        raise Refusal(400, f"cannot decode request body into assertions: {bad}") from None
    for one in batch.values():
        for key in one.prerequisites():
            if key not in batch and key not in sim.assertions and key not in TRUSTED:
                raise Refusal(400, "assert failed: cannot resolve prerequisite assertion: "
                                   + shown_key(*key))
    faults = [fault for one in batch.values() if (fault := one.fault())]
    if faults:
        raise Refusal(400, "assert failed: cannot accept some assertions:"
                           + "".join(f"\n - {fault}" for fault in faults))
    revision = lambda one: int(one.headers.get("revision", "0"))
    for key, one in batch.items():
        if key not in sim.assertions or revision(one) > revision(sim.assertions[key]):
            sim.assertions[key] = one
    return sync(None)


def get_assertions(sim, name, request):
    if name not in KEYS:
        raise Refusal(400, f'invalid assert type: "{name}"')
    found = [one.text for one in sim.assertions.values() if one.kind == name and all(
        one.headers.get(key) == value for key, value in request.query.items() if key)]
    return 200, Text(TEXT_TYPE, f"X-Ubuntu-Assertions-Count: {len(found)}\r\n", "\n".join(found))


def snap_of(sim, sha):
    """Name and number of the revision whose file has that sum, or None."""
    revision = sim.assertions.get(("snap-revision", sha))
    if not revision:
        return None
    key = ("snap-declaration", "16", revision.headers["snap-id"])
    return sim.assertions[key].headers["snap-name"], revision.headers["snap-revision"]

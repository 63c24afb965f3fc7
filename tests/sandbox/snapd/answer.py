# SPDX-License-Identifier: Apache-2.0
"""The envelopes of answers, and the body of a POST, decoded with the complaints that Go has."""

import json
import re

from state import channel_fault

REASONS = {
    200: "OK", 202: "Accepted", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 429: "Too Many Requests",
    500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Gateway Timeout", 507: "Insufficient Storage"}


def reason(status):
    return REASONS.get(status, "Unknown")


def envelope(kind, status, **members):
    return status, {"type": kind, "status-code": status, "status": reason(status), **members}


def sync(result):
    return envelope("sync", 200, result=result)


def made(sim, change):
    """Of a change that came from a POST."""
    change.posted = True
    sim.made += 1
    sim.done += bool(change.ended)  # one without tasks is done by now
    return envelope("async", 202, result=None, change=str(change.id))


class Text:
    """An answer that is no JSON."""

    def __init__(self, kind, headers, text):
        self.kind, self.headers, self.text = kind, headers, text


def error(status, message, kind=None, value=None):
    result = {"message": message}
    if kind is not None:
        result["kind"] = kind
    if value is not None:
        result["value"] = value
    return envelope("error", status, result=result)


class Refusal(Exception):
    """Raised with what error() takes."""

    def answer(self):
        return error(*self.args)


def type_name(value):
    names = {list: "array", dict: "object", str: "string", int: "number", float: "number"}
    return names.get(type(value), "bool")


def body_of(text, what, kind):
    """The object in TEXT, which is to be decoded into WHAT; KIND as Go calls its type. What comes
    after the first value is not looked at."""
    text = text.lstrip(" \t\r\n")
    if not text:
        raise Refusal(400, f"cannot decode {what}: EOF")
    try:
        body, _ = json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError as bad:
        rest = text[bad.pos:].strip()
        why = (f"invalid character '{rest[0]}' looking for beginning of value" if rest
               else "unexpected EOF")
        raise Refusal(400, f"cannot decode {what}: {why}") from None
    if not isinstance(body, dict):
        raise Refusal(400, f"cannot decode {what}: json: cannot unmarshal {type_name(body)} "
                           f"into Go value of type {kind}")
    return body


# What a POST to a snap may have: where Go keeps it, and its type there.
MEMBERS = {
    "action": ("action", str), "channel": ("snapRevisionOptions.channel", str),
    "time": ("time", str), "hold-level": ("hold-level", str), "classic": ("classic", bool),
    "devmode": ("devmode", bool), "jailmode": ("jailmode", bool), "amend": ("amend", bool),
    "purge": ("purge", bool)}
INTO = "request body into snap instruction"


def revision_of(body):
    """A number, or a text that holds one, or one of a local revision: x1."""
    value = body.get("revision", "")
    if type(value) in (int, float):
        return f"{value:.0f}"
    if "revision" not in body or isinstance(value, str) and re.fullmatch("x?0*[1-9][0-9]*", value):
        return value
    # The bytes of the JSON, quoted once more.
    shown = f'\\"{value}\\"' if isinstance(value, str) else "null"
    raise Refusal(400, f'cannot decode {INTO}: invalid snap revision: "{shown}"')


def instruction_of(text):
    body = body_of(text, INTO, "daemon.snapInstruction")
    what = {key: kind() for key, (_, kind) in MEMBERS.items()}
    for key, (go, kind) in MEMBERS.items():
        value = body.get(key)
        if value is not None and type(value) is not kind:
            raise Refusal(400, f"cannot decode {INTO}: json: cannot unmarshal {type_name(value)} "
                               f"into Go struct field snapInstruction.{go} of type "
                               f"{'string' if kind is str else 'bool'}")
        if value is not None:
            what[key] = value
    what["revision"] = revision_of(body)
    fault = channel_fault(what["channel"]) if what["channel"] else None
    if fault:
        raise Refusal(400, fault)
    if what["action"] == "hold" and not what["time"]:
        raise Refusal(400, "hold action requires a non-empty time value")
    if what["action"] == "hold" and what["hold-level"] not in ("general", "auto-refresh"):
        raise Refusal(400, 'hold action requires hold-level to be either "auto-refresh" or '
                           '"general"')
    return what

# SPDX-License-Identifier: Apache-2.0
"""The API: which path and method does what."""

import re

import changes
from assertions import get_assertions, post_assertions
from answer import Refusal, body_of, error, sync
from ops import post_apps, post_snap, put_conf
from find import get_find
from sideload import post_snaps
from render import (
    shown_apps, shown_change, shown_once, shown_revisions, shown_snap, shown_system)


def unescape(text):
    data = re.sub("%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), text)
    return data.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


class Request:
    def __init__(self, method, target, body="", form=None):
        self.method, self.target, self.body = method, target, body
        self.form = form  # or why it is none that can be read
        self.path, _, query = target.partition("?")
        self.query = {key: unescape(value) for key, _, value in (
            part.partition("=") for part in query.split("&"))}
        self.waited = False  # the store was asked before
        self.cancelled = False  # and the daemon was stopped meanwhile


def is_among(names, name):
    return not names or name in names.split(",")


def get_snaps(sim, name, request):
    """Each snap, or each of its revisions."""
    names, every = request.query.get("snaps", ""), request.query.get("select") == "all"
    status, answer = sync([shown for snap in sim.snaps.values() if is_among(names, snap.name)
                           for shown in (shown_revisions if every else shown_once)(sim, snap)])
    return status, answer | {"sources": ["local"]}


def get_snap(sim, name, request):
    if name not in sim.snaps:
        return error(404, "snap not installed", "snap-not-found", name)
    return sync(shown_snap(sim, sim.snaps[name]))


def get_conf(sim, name, request):
    if not sim.root:
        return error(401, "access denied", "login-required")
    keys = request.query.get("keys", "")
    system = name in ("system", "core")
    if system and sim.seeded and "seed.loaded" in keys.split(","):
        return sync({"seed.loaded": True})
    if not keys:
        return sync({})
    shown = "core" if system else name
    return error(400, f'snap "{shown}" has no "{keys}" configuration option', "option-not-found",
                 {"SnapName": shown, "Key": keys})


def get_apps(sim, name, request):
    names = request.query.get("names", "")
    if names and "," not in names and names not in sim.snaps:
        return error(404, f'snap "{names}" not found', "snap-not-found", names)
    if request.query.get("select") == "service" and names in sim.snaps and (
            not sim.snaps[names].services()):
        return error(404, f'snap "{names}" has no services', "app-not-found")
    return sync([app for snap in sim.snaps.values() if is_among(names, snap.name)
                 for app in shown_apps(sim, snap) or []])


def get_changes(sim, name, request):
    select, snap = request.query.get("select") or "in-progress", request.query.get("for", "")
    if select not in ("all", "in-progress", "ready"):
        return error(400, "select should be one of: all,in-progress,ready")
    return sync([shown_change(sim, change) for change in sim.shuffled(sim.changes.values())
                 if (snap == "" or change.part_of(snap))
                 and (select == "all" or (change.ended != 0) == (select == "ready"))])


def get_change(sim, name, request):
    return sync(shown_change(sim, change_of(sim, name)))


def change_of(sim, name):
    if not name.isdecimal() or int(name) not in sim.changes:
        raise Refusal(404, f'cannot find change with id "{name}"')
    return sim.changes[int(name)]


def post_change(sim, name, request):
    change = change_of(sim, name)
    body = body_of(request.body, "data from request body", "struct { Action string }")
    if body.get("action") != "abort":
        return error(400, f'change action "{body.get("action", "")}" is unsupported')
    if change.ended:
        return error(400, f"cannot abort change {name} with nothing pending")
    change.abort(sim)
    answer = sync(shown_change(sim, change))
    change.settle(sim, sim.now())
    return answer


def post_system(sim, name, request):
    return error(400, "no action") if sim.newer else error(405, 'method "POST" not allowed')


# The one part of a path that varies is the name.
ROUTES = [(re.compile(path), methods) for path, methods in {
    "/": {"GET": lambda sim, name, request: sync(["TBD"])},
    "/v2/system-info": {"GET": lambda sim, name, request: sync(shown_system(sim)),
                        "POST": post_system},
    "/v2/snaps": {"GET": get_snaps, "POST": post_snaps},
    "/v2/assertions": {"POST": post_assertions},
    "/v2/assertions/([^/]+)": {"GET": get_assertions},
    "/v2/find": {"GET": get_find},
    "/v2/snaps/([^/]+)": {"GET": get_snap, "POST": post_snap},
    "/v2/snaps/([^/]+)/conf": {"GET": get_conf, "PUT": put_conf},
    "/v2/apps": {"GET": get_apps, "POST": post_apps},
    "/v2/changes": {"GET": get_changes},
    "/v2/changes/([^/]+)": {"GET": get_change, "POST": post_change},
}.items()]


def route(sim, request):
    for path, methods in ROUTES:
        match = path.fullmatch(request.path)
        if not match:
            continue
        method, name = request.method, unescape("".join(match.groups()))
        if method != "GET" and sim.degraded:
            return error(500, "system does not fully support snapd: cannot mount squashfs image")
        if method not in methods:
            return error(405, f'method "{method}" not allowed')
        if method != "GET" and not sim.root:
            return error(401, "access denied", "login-required")
        try:
            return methods[method](sim, name, request)
        except Refusal as refusal:
            return refusal.answer()
    return error(404, "not found")


def catch_up(sim):
    """Moves everything on to now."""
    changes.advance(sim)
    while sim.late and sim.late[0][0] <= sim.now():
        _, request = sim.late.pop(0)
        request.waited = True
        route(sim, request)
        changes.advance(sim)


def ask(sim, request):
    """Status and JSON, or a Text. Raises StoreIsAsked when the request has to wait."""
    catch_up(sim)
    status, answer = route(sim, request)
    if sim.maintenance and isinstance(answer, dict):
        answer["maintenance"] = {"kind": "daemon-restart", "message": "daemon is restarting"}
    return status, answer

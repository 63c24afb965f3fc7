# SPDX-License-Identifier: Apache-2.0
"""What the Snap Store has, as GET /v2/find tells: by name, or the updates of what is installed.
Held snaps are listed; what was reverted from is not."""

import re

from answer import Refusal, error, sync
from ops import StoreIsAsked
from render import type_of
from state import RISKS, STORE_URL, full, id_of, split

FIELDS = "%2C".join("""architectures base confinement links contact created-at description download
epoch license name prices private publisher revision snap-id summary title type version website
store-url resources media common-ids categories""".split())
RELEASED = "2026-01-01T00:00:00Z"


def info_url(name):
    return f"http://127.0.0.1:11028/v2/snaps/info/{name}?architecture=amd64&fields={FIELDS}"


def ask_store(sim, request, cannot, verb, url):
    """All its troubles are a 500 here, after half a minute in the real one."""
    store = sim.store
    if store.delay_ms > 0 and not request.waited:
        raise StoreIsAsked
    missed = next((why for so, why in (
        (store.timeout, "context deadline exceeded"),
        (store.down, "dial tcp 127.0.0.1:11028: connect: connection refused"),
        (store.no_dns, "dial tcp: lookup localhost: network is unreachable")) if so), None)
    if missed:
        raise Refusal(500, f'{cannot}{verb.capitalize()} "{url}": {missed}')


def item_of(sim, name, release, channel, **members):
    ret = {"id": id_of(name), "download-size": release.size, "name": name, "status": "available",
           "type": type_of(name), "base": release.base, "version": release.version,
           "channel": channel, "ignore-validation": False, "revision": release.revision,
           "confinement": release.confinement, "private": False, "devmode": False,
           "jailmode": False, "contact": ""}
    return ret | ({"grade": ""} if sim.newer else {"links": None}) | members


def order(item):
    """Of the store's channel map: latest first, each track from stable to edge."""
    track, risk, branch = split(item[0])
    return track != "latest", track, RISKS.index(risk), branch


def find_name(sim, request, name):
    if not re.fullmatch("[a-z0-9-]+", name):
        raise Refusal(400, f'invalid snap name: "{name}"')
    ask_store(sim, request, "", "get", info_url(name))
    channels = sim.store.open_channels(name) if sim.store.has(name) else {}
    status = sim.store.status
    if status not in (200, 404):
        raise Refusal(500, f'cannot get details for snap "{name}": '
                           + ("too many requests" if status == 429 else
                              f"got unexpected HTTP status code {status} via GET to "
                              f'"{info_url(name)}"'))
    if status == 404 or not channels:
        raise Refusal(404, "snap not found", "snap-not-found", name)
    # The top of it is the first that the store lists, not what is tracked.
    channels = dict(sorted(channels.items(), key=order))
    first, release = next(iter(channels.items()))
    return item_of(sim, name, release, first.removeprefix("latest/"), channels={
        channel: {"revision": release.revision, "confinement": release.confinement,
                  "version": release.version, "channel": channel,
                  "epoch": {"read": [0], "write": [0]}, "size": release.size,
                  "released-at": RELEASED}
        for channel, release in sorted(channels.items())}, tracks=list(dict.fromkeys(
            channel.partition("/")[0] for channel in channels)))


def update_of(sim, snap):
    """What a refresh of all snaps would bring it if nothing were held, or None."""
    if not snap.active or not snap.id:
        return None
    release = sim.store.find(snap.name, snap.tracking or "stable")
    if not release or release.revision in [snap.now().revision, *snap.blocked()]:
        return None
    return item_of(sim, snap.name, release, full(snap.tracking or "stable"))


def find_updates(sim, request):
    ask_store(sim, request, "cannot list updates: ", "post", STORE_URL)
    status = sim.store.status
    if status == 429:
        raise Refusal(500, "cannot list updates: too many requests")
    if status != 200:
        raise Refusal(500, "cannot list updates: cannot query the store for updates: got "
                           f'unexpected HTTP status code {status} via POST to "{STORE_URL}"')
    return list(filter(None, (update_of(sim, snap) for snap in sim.shuffled(sim.snaps.values()))))


def get_find(sim, name, request):
    name, select = request.query.get("name", ""), request.query.get("select", "")
    if select == "refresh" and name:
        return error(400, "cannot use 'name' with 'select=refresh'")
    if select == "refresh":
        return sync(find_updates(sim, request))
    status, answer = sync([find_name(sim, request, name)])
    return status, answer | {"sources": ["store"], "suggested-currency": "USD"}

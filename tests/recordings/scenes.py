# SPDX-License-Identifier: Apache-2.0
"""What happened to the recorded machines outside of HTTP, and has to be done to the stand-in so
that it comes into the same situation.

A row: the name of the exchange without its number (behind an @ the version that it is for), when
("before", "during" or "after" it), what is done (a method do_... of replay.py) and its argument.
"""


def store(**knobs):
    return {"do": "store", "set": {key.replace("_", "-"): knob for key, knob in knobs.items()}}


def snap(name, **members):
    return {"do": "snap", "name": name, "set": members}


def gone(name):
    return {"do": "snap", "name": name, "gone": True}


def local(name, version):
    return snap(name, id="", revision="x1", channel="", tracking="", version=version)


def refresh(channel):
    return '{"action":"refresh","channel":"%s"}' % channel


def away(how):
    return {"do": "away", "how": how}


BACK = {"do": "back"}
BEFORE, DURING, AFTER = "before", "during", "after"

SCENES = [
    # A new machine.
    ("system-info", BEFORE, "tell", gone("snapd")),
    ("system-info", BEFORE, "tell", gone("bare")),
    ("install-first-with-prereqs", BEFORE, "tell", {"do": "mode", "manual": False, "task-ms": 0}),
    ("install-first-with-prereqs", BEFORE, "tell_of_3",
        {"do": "foreign", "kind": "become-operational", "held-at": "request-serial",
         "summary": "Initialize device"}),
    ("install-first-with-prereqs", BEFORE, "tell", {"do": "mode", "manual": True, "task-ms": 40}),
    # The store is no help.
    ("install-store-500", BEFORE, "tell", store(status=500)),
    ("install-store-404", BEFORE, "tell", store(status=404)),
    ("install-store-429", BEFORE, "tell", store(status=429)),
    ("install-store-429", AFTER, "tell", store(status=200)),
    ("install-store-slow-but-missing-channel", BEFORE, "tell", store(delay_ms=40)),
    ("install-store-slow-but-missing-channel", AFTER, "tell", store(delay_ms=0)),
    ("install-store-unreachable", BEFORE, "tell", store(down=True)),
    ("install-store-unreachable", AFTER, "tell", store(down=False)),
    ("refresh-download-404", BEFORE, "tell", store(download=404)),
    ("refresh-download-404.polls", AFTER, "tell", store(download=500)),
    ("refresh-download-500.polls", AFTER, "tell", store(download="ok")),
    ("store-dies-during-download", AFTER, "step", "download-snap"),
    ("store-dies-during-download", AFTER, "tell", store(down=True)),
    ("remove-store-unreachable.polls", AFTER, "tell", store(down=False)),
    ("install-store-no-dns", BEFORE, "tell", store(no_dns=True)),
    ("install-store-no-dns", AFTER, "tell", store(no_dns=False)),
    ("refresh-store-blackholed", BEFORE, "tell", store(timeout=True)),
    ("refresh-store-answers-after-25s", AFTER, "tell", store(timeout=False)),
    # During a change.
    ("slow-install", AFTER, "step", "download-snap"),
    ("slow-refresh", AFTER, "step", "download-snap"),
    ("during-refresh-hold", AFTER, "stay", None),
    ("during-refresh-other-snap-install", AFTER, "stay", None),
    ("slow-refresh-aborted.polls", AFTER, "finish", None),
    ("abort-at-once", AFTER, "step", 2),
    ("abort-during-hook", AFTER, "step", "Run post-refresh hook"),
    ("abort-during-hook-abort-again@2.68.3", BEFORE, "step", 6),
    ("abort-during-hook-abort-again@2.77.1", BEFORE, "step", 1),
    ("three-simultaneous-refreshes", DURING, "ask", None),
    ("watch-posts-during-refresh", DURING, "abort", None),
    ("watch-posts-during-refresh", DURING, "finish", None),
    ("post-number-revision@2.68.3", AFTER, "stay", None),
    ("post-channel-quote@2.68.3", BEFORE, "step", "copy-snap-data"),
    # Snaps that were not made by the requests that are replayed.
    ("multi-install", AFTER, "post", '{"action":"install"}'),
    ("multi-remove", AFTER, "tell", gone("microsample")),
    ("local-install", AFTER, "tell", local("microlocal", "0.1")),
    ("local-install-over-local", AFTER, "tell",
        {"do": "foreign", "kind": "refresh-snap", "snap": "microlocal", "revision": "x2"}),
    ("local-install-over-local", AFTER, "finish", None),
    ("local-install-over-local", AFTER, "tell", snap("microlocal", version="0.2", channel="")),
    ("local-microsample-install", AFTER, "tell", local("microsample", "1.0")),
    # The daemon comes and goes.
    ("restart-idle.polls", DURING, "restart", None),
    ("restart-idle.polls", DURING, "ask", None),
    ("sigkill-idle.polls", DURING, "kill", None),
    ("sigkill-idle.polls@2.77.1", DURING, "tell", {"do": "fault", "mode": "drop-unacted"}),
    ("sigkill-idle.polls@2.77.1", DURING, "ask", None),
    ("sigkill-idle.polls", DURING, "ask", None),
    ("stop-service-only.polls", DURING, "restart", None),
    ("stop-service-only.polls", DURING, "ask", None),
    ("stop-service-and-socket.polls@2.77.1", DURING, "ask_dying", None),
    ("stop-service-and-socket.polls", DURING, "tell", away("refused")),
    ("stop-service-and-socket.polls", DURING, "ask", None),
    ("start-again.polls", DURING, "tell", BACK),
    ("start-again.polls", DURING, "ask", None),
    ("socket-file-without-listener", BEFORE, "tell", away("refused")),
    ("socket-missing", AFTER, "tell", BACK),
    ("frozen-daemon", BEFORE, "tell", away("hang")),
    ("frozen-daemon", AFTER, "tell", BACK),
    ("restart-during-download", AFTER, "step", "download-snap"),
    ("restart-during-download", AFTER, "restart", None),
    ("sigkill-during-download", AFTER, "step", "download-snap"),
    ("sigkill-during-download", AFTER, "kill", None),
    ("restart-during-post-refresh-hook", AFTER, "step", "Run post-refresh hook"),
    ("restart-during-post-refresh-hook", AFTER, "restart", None),
    # Where the recorded machine was between what is recorded.
    ("abort-at-once", BEFORE, "post", refresh("latest/edge")),
    ("abort-at-once", BEFORE, "post", refresh("latest/stable")),
    ("after-client-hung-up", BEFORE, "post", refresh("latest/stable")),
    ("after-client-hung-up", BEFORE, "tell", store(delay_ms=2000)),
    ("after-client-hung-up", BEFORE, "hang_up", refresh("latest/beta")),
    ("post-in-flight-sigkill@2.68.3", DURING, "kill", None),
    ("post-in-flight-restart@2.68.3", DURING, "restart", None),
    ("post-in-flight-restart@2.68.3", AFTER, "tell", store(delay_ms=0)),
]

# SPDX-License-Identifier: Apache-2.0
"""What happened to the recorded machines outside of HTTP, and has to be done to the stand-in so
that it comes into the same situation.

A row: the name of the exchange without its number (behind an @ the version that it is for), when
("before", "during" or "after" it), what is done (a method do_... of replay.py) and its argument.
"""


# Of the recordings with more, the store of which had some other revisions.
MORE_CHANNELS = {
    "two/stable": {"revision": 13, "services": "microsample,worker", "health": "silent"},
    "oneshot/stable": {"revision": 14, "quirk": "oneshot", "health": "silent"},
    "hblocked/stable": {"revision": 15, "health": "blocked", "health-message": "no license"},
    "hwaiting/stable": {"revision": 16, "health": "waiting", "health-code": "waiting-for-db",
                        "health-message": "database not up yet"},
    "herror/stable": {"revision": 17, "health": "error", "health-message": "no space left",
                      "health-code": "disk-full"},
    "hokay/stable": {"revision": 18, "health": "okay"},
    "mark/stable": {"revision": 19},
    "mark/beta": {"revision": 20},
    "crash/stable": {"revision": 10, "quirk": "crash"},
}


def store(**knobs):
    return {"do": "store", "set": {key.replace("_", "-"): knob for key, knob in knobs.items()}}


def snap(name, **members):
    return {"do": "snap", "name": name, "set": members}


def gone(name):
    return {"do": "snap", "name": name, "gone": True}


def local(name, version):
    return snap(name, id="", revision="x1", channel="", tracking="", version=version)


def refresh(channel, action="refresh"):
    return '{"action":"%s","channel":"%s"}' % (action, channel)


def install(channel):
    return refresh(channel, "install")


def hook_of_hokay(does):
    return store(channels={"hokay/stable": {"health": does}})


def service(enabled, active, **named):
    return snap("microsample", service={"enabled": enabled, "active": active} | named)


def away(how):
    return {"do": "away", "how": how}


BACK = {"do": "back"}
PURGE = '{"action":"remove","purge":true}'
SECOND = 1000
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

# For the recordings with more. Where the machine was in between is seen in what was recorded next.
MORE_SCENES = [
    # A forking service that fails to start, told to by a marker.
    ("get-snap-before-revert-service-fails", BEFORE, "tell", store(channels=MORE_CHANNELS)),
    ("get-snap-before-revert-service-fails", BEFORE, "post", install("mark/stable")),
    ("get-snap-before-revert-service-fails", BEFORE, "tell", snap("microsample", quirk="svcfail")),
    ("get-snap-before-revert-service-fails", BEFORE, "post", refresh("mark/beta")),
    ("get-snap-before-revert-service-fails", BEFORE, "tell", snap("microsample", quirk="svcfail")),
    ("get-snap-revert-service-fails-started", BEFORE, "tell", service(True, True)),
    ("get-snap-two-services", BEFORE, "post", PURGE),
    ("get-snap-two-services", BEFORE, "post", install("two/stable")),
    ("one-stop", BEFORE, "tell", service(True, True, name="worker")),
    # A service that dies, on a machine that has health from before.
    ("get-snap-crashed", BEFORE, "post", PURGE),
    ("get-snap-crashed", BEFORE, "post", install("hokay/stable")),
    ("get-snap-crashed", BEFORE, "post", PURGE),
    ("get-snap-crashed", BEFORE, "post", install("crash/stable")),
    ("get-snap-crashed", BEFORE, "pass", 2 * SECOND),
    ("get-snap-restart-crashing-3s", BEFORE, "pass", 3 * SECOND),
    # Health.
    ("install-health-okay", BEFORE, "pass", 11 * SECOND),
    ("install-health-okay", BEFORE, "post", PURGE),
    ("refresh-health-hook-fails", BEFORE, "tell", hook_of_hokay("fails")),
    ("get-snap-health-hook-fails", AFTER, "tell", hook_of_hokay("okay")),
    ("refresh-health-no-hook", BEFORE, "post", refresh("hblocked/stable")),
    ("get-snap-health-after-restart", BEFORE, "post", refresh("hblocked/stable")),
    ("get-snap-health-after-restart", BEFORE, "post_apps", "restart"),
    ("get-snap-health-after-restart", BEFORE, "finish", None),
    # How long a look at a service that dies says that it runs.
    ("crash-install", BEFORE, "post", PURGE),
    ("crash-loop-get-snap.polls@2.68.3-more", BEFORE, "pass", 150),
    ("crash-loop-get-snap.polls@2.68.3-more", DURING, "ask_after", [150, 150, 100, 150, 100, 9000]),
    ("crash-loop-get-snap.polls@2.77.1-more", DURING, "ask_after", [150, 150, 150, 100, 9000]),
    ("crash-loop-after-start.polls", BEFORE, "pass", 11 * SECOND),
    ("crash-loop-after-start.polls", BEFORE, "post_apps", "start"),
    ("crash-loop-after-start.polls", DURING, "finish", None),
    ("crash-loop-after-start.polls", DURING, "ask_after",
        [0, 150, 150, 100, 200, 50, 150, 100, 100, 150, 9000]),
    ("get-snap-oneshot", BEFORE, "post", PURGE),
    ("get-snap-oneshot", BEFORE, "pass", 11 * SECOND),
    ("get-snap-oneshot", BEFORE, "post", install("oneshot/stable")),
    # Away from it too early.
    ("refresh-from-crash-0", BEFORE, "post", refresh("crash/stable")),
    ("refresh-from-crash-0@2.68.3-more", BEFORE, "pass", 2 * SECOND),
    ("refresh-from-crash-1@2.77.1-more", BEFORE, "post", refresh("crash/stable")),
    ("refresh-from-crash-1@2.77.1-more", BEFORE, "pass", 2 * SECOND),
    ("refresh-after-undo-failed", BEFORE, "pass", 11 * SECOND),
    ("install-good-after-crash-and-purge", BEFORE, "post", refresh("crash/stable")),
    ("install-good-after-crash-and-purge", BEFORE, "pass", 2 * SECOND),
    ("install-good-after-crash-and-purge", BEFORE, "post", PURGE),
    # Behind snapd's back.
    ("get-snap-stopped-by-systemctl", BEFORE, "pass", 11 * SECOND),
    ("get-snap-stopped-by-systemctl", BEFORE, "post", install("hokay/stable")),
    ("get-snap-stopped-by-systemctl", BEFORE, "post", refresh("latest/stable")),
    ("get-snap-stopped-by-systemctl", BEFORE, "tell", service(True, False)),
    ("get-snap-disabled-by-systemctl", BEFORE, "tell", service(False, False)),
    ("start-crashing-after-limit", BEFORE, "tell", service(True, True)),
    ("start-crashing-after-limit", BEFORE, "post", refresh("crash/stable")),
    ("start-crashing-after-limit", BEFORE, "pass", 13 * SECOND),
    ("get-snap-start-crashing-after-limit", BEFORE, "pass", 150),
    ("get-snap-restart-crashing-after-limit@2.68.3-more", BEFORE, "pass", 150),
    ("stop-worker-only", BEFORE, "pass", 11 * SECOND),
    ("stop-worker-only", BEFORE, "post", refresh("two/stable")),
    ("get-snap-worker-runs-disabled", BEFORE, "tell", service(False, True, name="worker")),
]

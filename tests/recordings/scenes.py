# SPDX-License-Identifier: Apache-2.0
"""What happened to the recorded machines outside of HTTP, and has to be done to the stand-in so
that it comes into the same situation.

A row: the name of the exchange without its number (behind an @ the version that it is for), when
("before", "during" or "after" it), what is done (a method do_... of replay.py) and its argument.
"""


# Of the recordings with more, the store of which had some other revisions.
MORE_CHANNELS = {
    "2.0/stable": {"revision": 4, "version": "2.0.1"},
    "badconf/stable": {"revision": 9, "version": "9.0"},
    "big/stable": {"revision": 7, "version": "7.0"},
    "devm/stable": {"revision": 12, "version": "12.0", "confinement": "devmode"},
    "edgeonly/edge": None,
    "hookfail/stable": {"revision": 5, "version": "5.0"},
    "latest/beta": {"revision": 2, "version": "2.0"},
    "latest/candidate": {"revision": 1, "version": "1.0"},
    "latest/edge": {"revision": 3, "version": "3.0-dev"},
    "latest/stable": {"revision": 1, "version": "1.0"},
    "slow/stable": {"revision": 8, "version": "8.0"},
    "svcfail/stable": {"revision": 6, "version": "6.0"},
    "two/stable": {"revision": 13, "version": "13.0-two", "services": "microsample,worker", "health": "silent"},
    "oneshot/stable": {"revision": 14, "version": "14.0-oneshot", "quirk": "oneshot", "health": "silent"},
    "hblocked/stable": {"revision": 15, "version": "15.0-blocked", "health": "blocked",
                        "health-message": "no license"},
    "hwaiting/stable": {"revision": 16, "version": "16.0-waiting", "health": "waiting",
                        "health-code": "waiting-for-db",
                        "health-message": "database not up yet"},
    "herror/stable": {"revision": 17, "version": "17.0-error", "health": "error",
                      "health-code": "disk-full", "health-message": "no space left"},
    "hokay/stable": {"revision": 18, "version": "18.0-okay", "health": "okay"},
    "mark/stable": {"revision": 19, "version": "19.0-marker"},
    "mark/beta": {"revision": 20, "version": "20.0-marker"},
    "crash/stable": {"revision": 10, "version": "10.0", "quirk": "crash"},
}


def store(**knobs):
    return {"do": "store", "set": {key.replace("_", "-"): knob for key, knob in knobs.items()}}


def snap(name, **members):
    return {"do": "snap", "name": name, "set": members}


def gone(name):
    return {"do": "snap", "name": name, "gone": True}


def refresh(channel, action="refresh"):
    return '{"action":"%s","channel":"%s"}' % (action, channel)


def install(channel):
    return refresh(channel, "install")


def switch(channel):
    return refresh(channel, "switch")


def hook_of_hokay(does):
    return store(channels={"hokay/stable": {"health": does}})


def closed(*kept):
    return store(channels={channel: None for channel in MORE_CHANNELS if channel not in kept})


def stable(revision):
    """latest/stable has it."""
    return store(channels={"latest/stable": {"revision": revision, "version": f"{revision}.0"}})


def service(enabled, active, **named):
    return snap("microsample", service={"enabled": enabled, "active": active} | named)


def away(how):
    return {"do": "away", "how": how}


BACK = {"do": "back"}
OTHER = snap("microother", revision=1, channel="latest/stable", services="none")
OTHER_STORE = {"do": "store", "set": {"snap": "microother", "channels": {
    "latest/stable": {"revision": 2, "version": "2.0", "services": "none"}}}}
PURGE = '{"action":"remove","purge":true}'
REMOVE, REVERT, UNHOLD = ('{"action":"%s"}' % action for action in ("remove", "revert", "unhold"))
DISABLE, ENABLE = '{"action":"disable"}', '{"action":"enable"}'
HOLD = '{"action":"hold","time":"forever","hold-level":"%s"}'
OPEN = store(channels=MORE_CHANNELS)
SECOND = 1000
BEFORE, DURING, AFTER = "before", "during", "after"


def sends(exchange, what):
    """What the file of its form is: files.py."""
    return (exchange, BEFORE, "file", what)


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
    sends("local-install-without-dangerous", ("microlocal", "0.1")),
    sends("local-install-over-local", ("microlocal", "0.2")),
    sends("local-microsample-install", ("microsample", "1.0")),
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
    # A new machine, and snaps from files.
    ("ack-empty", BEFORE, "tell", OPEN),
    ("ack-empty", BEFORE, "tell", gone("snapd")),
    ("ack-empty", BEFORE, "tell", gone("bare")),
    sends("sideload-base-missing-store-down", 1),
    ("sideload-base-missing-store-down", BEFORE, "tell", store(down=True)),
    ("sideload-base-missing-store-down.polls", AFTER, "tell", store(down=False)),
    sends("sideload-newer-over-store-snap", 3),
    sends("sideload-older-still-there", 2),
    sends("sideload-older-not-there", 1),
    sends("sideload-store-down-base-there", 2),
    ("sideload-store-down-base-there", BEFORE, "tell", store(down=True)),
    ("sideload-store-down-base-there.polls", AFTER, "tell", store(down=False)),
    sends("sideload-not-acked-revision", 6),
    sends("sideload-12mb", 7),
    sends("sideload-wrong-architecture", 21),
    sends("sideload-base-not-in-store", 22),
    *(sends("sideload-" + exchange, what) for exchange, what in (
        ("truncated", "truncated"), ("empty", "empty"), ("text-file", "text"),
        ("one-bit-flipped", "flipped"))),
    # What the store has.
    ("find-name-only-edge", BEFORE, "post", PURGE),
    ("find-name-only-edge", BEFORE, "tell", OPEN),
    ("find-name-only-edge", BEFORE, "tell", closed("latest/edge")),
    ("find-name-only-edge", AFTER, "tell", OPEN),
    ("find-refresh-nothing", BEFORE, "post", install("latest/stable")),
    ("find-refresh-available", BEFORE, "tell", stable(2)),
    ("find-refresh-held-general", BEFORE, "post", HOLD % "general"),
    ("find-refresh-held-auto", BEFORE, "post", HOLD % "auto-refresh"),
    ("find-refresh-held-auto", AFTER, "post", UNHOLD),
    ("find-refresh-two-snaps", BEFORE, "tell", OTHER),
    ("find-refresh-two-snaps", BEFORE, "tell", OTHER_STORE),
    ("find-refresh-disabled", BEFORE, "post", DISABLE),
    ("find-refresh-disabled", AFTER, "post", ENABLE),
    ("find-refresh-tracking-nonexistent", BEFORE, "post", switch("9.9/stable")),
    ("find-refresh-tracking-nonexistent", AFTER, "post", switch("latest/stable")),
    ("find-refresh-store-429", BEFORE, "tell", store(status=429)),
    ("find-refresh-store-404", BEFORE, "tell", store(status=404)),
    ("find-refresh-store-500", BEFORE, "tell", store(status=500)),
    ("find-name-store-500", AFTER, "tell", store(status=200)),
    ("find-refresh-store-down", BEFORE, "tell", store(down=True)),
    ("find-name-store-down", AFTER, "tell", store(down=False)),
    ("install-by-revision-no-channel", BEFORE, "tell", gone("microother")),
    ("install-by-revision-no-channel", BEFORE, "post", REMOVE),
    # Holds.
    ("hold-general-forever", BEFORE, "post", REMOVE),
    ("hold-general-forever", BEFORE, "tell", stable(1)),
    ("hold-general-forever", BEFORE, "post", install("latest/stable")),
    ("refresh-plain-while-held-update-there", BEFORE, "tell", stable(2)),
    ("disable-while-held", BEFORE, "tell", stable(2)),
    ("disable-while-held", BEFORE, "post", refresh("latest/stable")),
    ("get-snap-enabled-held", BEFORE, "post", ENABLE),
    ("get-snap-hold-after-remove-install", BEFORE, "post", REMOVE),
    ("get-snap-hold-after-remove-install", BEFORE, "post", install("latest/stable")),
    # Reverts.
    ("revert-no-previous", BEFORE, "post", REMOVE),
    ("revert-no-previous", BEFORE, "tell", stable(1)),
    ("revert-no-previous", BEFORE, "post", install("latest/stable")),
    ("get-snap-before-revert", BEFORE, "post", refresh("latest/beta")),
    ("find-refresh-after-revert-newer-released", BEFORE, "post", REVERT),
    ("find-refresh-after-revert-newer-released", BEFORE, "tell",
        store(channels={"latest/beta": {"revision": 3, "version": "3.0-dev"}})),
    ("revert-with-revision", BEFORE, "tell", OPEN),
    ("revert-with-revision", BEFORE, "post", refresh("latest/stable")),
    ("revert-with-revision", BEFORE, "post", refresh("latest/beta")),
    ("get-snap-before-double-revert", BEFORE, "post", refresh("latest/edge")),
    ("get-snap-before-double-revert", BEFORE, "post", refresh("latest/stable")),
    ("get-snap-before-double-revert", BEFORE, "post", refresh("latest/beta")),
    ("get-snap-before-double-revert", BEFORE, "post", refresh("latest/edge")),
    ("revert-disabled", BEFORE, "post", DISABLE),
    ("revert-disabled", AFTER, "post", ENABLE),
    # A forking service that fails to start, told to by a marker.
    ("get-snap-before-revert-service-fails", BEFORE, "post", PURGE),
    ("get-snap-before-revert-service-fails", BEFORE, "post", install("mark/stable")),
    ("get-snap-before-revert-service-fails", BEFORE, "tell", snap("microsample", quirk="svcfail")),
    ("get-snap-before-revert-service-fails", BEFORE, "post", refresh("mark/beta")),
    ("get-snap-before-revert-service-fails", BEFORE, "tell", snap("microsample", quirk="svcfail")),
    ("get-snap-revert-service-fails-started", BEFORE, "tell", service(True, True)),
    # Revisions.
    ("install-channel-and-revision", BEFORE, "post", PURGE),
    ("install-revision-missing", BEFORE, "post", REMOVE),
    # Services.
    ("get-snap-two-services", BEFORE, "post", PURGE),
    ("get-snap-two-services", BEFORE, "post", install("two/stable")),
    ("one-stop", BEFORE, "tell", service(True, True, name="worker")),
    ("get-snap-without-services", BEFORE, "tell", OTHER),
    ("apps-conflict-refresh", AFTER, "stay", None),
    ("apps-restart-while-refresh-runs", AFTER, "finish", None),
    ("apps-restart-then-conflict", AFTER, "stay", None),
    ("restart-while-restart-runs", AFTER, "finish", None),
    # A service that dies, on a machine that has health from before.
    ("get-snap-crashed", BEFORE, "post", PURGE),
    ("get-snap-crashed", BEFORE, "post", install("hokay/stable")),
    ("get-snap-crashed", BEFORE, "post", PURGE),
    ("get-snap-crashed", BEFORE, "post", install("crash/stable")),
    ("get-snap-crashed", BEFORE, "pass", 2 * SECOND),
    ("get-snap-restart-crashing-3s", BEFORE, "pass", 3 * SECOND),
    # Aborts.
    ("abort-refresh-download", BEFORE, "pass", 11 * SECOND),
    ("abort-refresh-download", BEFORE, "tell", gone("microother")),
    ("abort-refresh-download", BEFORE, "post", PURGE),
    ("abort-refresh-download", BEFORE, "post", install("latest/stable")),
    ("abort-refresh-download", AFTER, "step", "download-snap"),
    ("abort-refresh-download.polls", BEFORE, "finish", None),
    ("abort-install-download", BEFORE, "post", PURGE),
    ("abort-install-download", AFTER, "step", "download-snap"),
    ("abort-install-download.polls", BEFORE, "finish", None),
    ("abort-remove-hook", BEFORE, "post", install("two/stable")),
    ("abort-remove-hook", BEFORE, "post", refresh("hokay/stable")),
    ("abort-remove-hook", AFTER, "step", "Run remove hook"),
    ("abort-remove-hook.polls", BEFORE, "finish", None),
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
    # Snaps from files that are taken without their assertions.
    ("ack-again-rev1", BEFORE, "post", refresh("hokay/stable")),
    ("ack-again-rev1", BEFORE, "post", PURGE),
    ("ack-again-rev1", BEFORE, "post", install("latest/edge")),
    sends("sideload-name-mismatch", 1),
    sends("sideload-dangerous-over-store-snap", 4),
    sends("sideload-signed-dangerous", 1),
    ("sideload-conflict-change", BEFORE, "post", PURGE),
    ("sideload-conflict-change", BEFORE, "post", install("latest/edge")),
    ("sideload-conflict-change", AFTER, "stay", None),
    ("sideload-while-change-runs", AFTER, "finish", None),
    ("sideload-over-disabled", BEFORE, "post", DISABLE),
    ("get-snap-sideload-over-disabled", AFTER, "post", ENABLE),
    # After a revert, and after a hold.
    ("find-name-closed-channels-b", BEFORE, "tell", closed(*(
        channel for channel in MORE_CHANNELS if channel not in (
            "latest/candidate", "latest/beta", "latest/edge", "2.0/stable")))),
    ("find-name-closed-channels-b", AFTER, "tell", OPEN),
    ("refresh-explicit-same-channel-reverted", BEFORE, "post", refresh("hokay/stable")),
    ("refresh-explicit-same-channel-reverted", BEFORE, "post", PURGE),
    ("refresh-explicit-same-channel-reverted", BEFORE, "post", install("latest/stable")),
    ("refresh-explicit-same-channel-reverted", BEFORE, "post", refresh("latest/beta")),
    ("refresh-explicit-same-channel-reverted", BEFORE, "post", REVERT),
    ("find-refresh-reverted-after-snapd-restart", BEFORE, "post", REVERT),
    ("find-refresh-reverted-after-snapd-restart", BEFORE, "restart", None),
    ("get-snap-hold-after-plain-remove-install", BEFORE, "post", HOLD % "general"),
    ("get-snap-hold-after-plain-remove-install", BEFORE, "post", REMOVE),
    ("get-snap-hold-after-plain-remove-install", BEFORE, "post", install("latest/stable")),
    ("install-good-after-crash-and-purge", BEFORE, "post", refresh("crash/stable")),
    ("install-good-after-crash-and-purge", BEFORE, "pass", 2 * SECOND),
    ("install-good-after-crash-and-purge", BEFORE, "post", PURGE),
    # Behind snapd's back.
    ("get-snap-stopped-by-systemctl", BEFORE, "pass", 11 * SECOND),
    ("get-snap-stopped-by-systemctl", BEFORE, "post", install("hokay/stable")),
    ("get-snap-stopped-by-systemctl", BEFORE, "post", refresh("latest/stable")),
    ("get-snap-stopped-by-systemctl", BEFORE, "tell", service(True, False)),
    ("get-snap-disabled-by-systemctl", BEFORE, "tell", service(False, False)),
    # Files again.
    ("sideload-install-stable-newer", BEFORE, "post", PURGE),
    ("sideload-install-stable-newer", BEFORE, "tell", stable(2)),
    ("sideload-install-again", BEFORE, "post", PURGE),
    ("sideload-install-again", BEFORE, "tell", OPEN),
    sends("sideload-while-held", 3),
    ("sideload-while-held", BEFORE, "post", PURGE),
    ("sideload-while-held", BEFORE, "post", install("latest/stable")),
    ("sideload-while-held", BEFORE, "post", HOLD % "general"),
    ("start-crashing-after-limit", BEFORE, "post", UNHOLD),
    ("start-crashing-after-limit", BEFORE, "tell", service(True, True)),
    ("start-crashing-after-limit", BEFORE, "post", refresh("crash/stable")),
    ("start-crashing-after-limit", BEFORE, "pass", 13 * SECOND),
    ("get-snap-start-crashing-after-limit", BEFORE, "pass", 150),
    ("get-snap-restart-crashing-after-limit@2.68.3-more", BEFORE, "pass", 150),
    ("hold-4-seconds", BEFORE, "pass", 11 * SECOND),
    ("hold-4-seconds", BEFORE, "post", PURGE),
    ("hold-4-seconds", BEFORE, "post", install("latest/stable")),
    ("get-snap-hold-expired", BEFORE, "pass", 4 * SECOND),
    ("stop-worker-only", BEFORE, "post", UNHOLD),
    ("stop-worker-only", BEFORE, "post", refresh("two/stable")),
    ("get-snap-worker-runs-disabled", BEFORE, "tell", service(False, True, name="worker")),
]

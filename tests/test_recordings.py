#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The stand-in snapd against reality: everything that was recorded of two genuine daemons is asked
of it again, in the same order and in the same situations. How much that is, what is left out, and
why, is printed and pinned: nothing leaves the comparison unseen."""

import json
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent / "recordings"))

import match
import replay

# A whole sequence of polls counts as one exchange. The last number is how many looks there are at
# least: which of two tasks comes first is random in the real one.
PINNED = {
    "2.68.3": ("""341 exchanges replayed
  7 left out: several snaps in one request, or one from a file
  4 left out: a search in the store
  1 left out: warnings
  6 left out: notices
  1 left out: snapshots
  2 left out: a change that came from a request that is left out
20 changes between the exchanges, made and compared too
406 changes compared in lists
  6 left out with the requests that made them
""", 850),
    "2.77.1": ("""329 exchanges replayed
  7 left out: several snaps in one request, or one from a file
  4 left out: a search in the store
  1 left out: warnings
  4 left out: notices
  1 left out: snapshots
  2 left out: a change that came from a request that is left out
21 changes between the exchanges, made and compared too
407 changes compared in lists
  6 left out with the requests that made them
""", 1000),
    "2.68.3-more": ("""469 exchanges replayed
  2 left out: a store that lists its channels in random order
  43 left out: several snaps in one request
  42 left out: hooks and services that were told by hand what to do
  5 left out: what nothing needs
  13 left out: cohorts
0 changes between the exchanges, made and compared too
0 changes compared in lists
  0 left out with the requests that made them
""", 0),
    "2.77.1-more": ("""472 exchanges replayed
  2 left out: a store that lists its channels in random order
  43 left out: several snaps in one request
  42 left out: hooks and services that were told by hand what to do
  5 left out: what nothing needs
  13 left out: cohorts
0 changes between the exchanges, made and compared too
0 changes compared in lists
  0 left out with the requests that made them
""", 0),
}

TIME = "2026-11-23T01:58:40.4585Z"
SAME = [
    ({"a": 1, "b": [True, None]}, {"b": [True, None], "a": 1}),
    ("<aborted>", "<aborted>"), ("<time>", TIME), ("<time> ERROR (x)", TIME + " ERROR (x)"),
    ("<id>", "12"), ("<number>", 12), ("<object>", {}), ("2.68<text>", "2.68.3-1"),
    ("Get <url>: no", "Get http://a:1/b: no"), ("tcp <address>: no", "tcp 10.0.0.1:80: no"),
    ("<download>", {"label": "", "done": 1, "total": 1}),
]
DIFFERENT = [
    ({"a": 1}, {"a": 2}), ({"a": 1}, {"a": "1"}), ({"a": 1}, {"a": 1, "b": None}),
    ({"a": 1, "b": None}, {"a": 1}), ([1, 2], [2, 1]), ([1, 2], [1, 2, 3]), ([1, 2], [1]),
    (True, False), (1, True), ("<aborted>", "aborted"), ("<time>", "2026-11-23 01:58:40"),
    ("<time> ERROR (x)", TIME + " ERROR x"), ("<id>", "x1"), ("<id>", 12), ("<number>", "12"),
    ("<object>", []), ("2.68<text>", "2.6.8"), ("Get <url>: no", "Get a: no"),
    ("tcp <address>: no", "tcp a: no"), ("<download>", {"label": "", "done": 2, "total": 1}),
    ("<download>", {"done": 1, "total": 1}),
]


def placeholders_stand_for_their_kind_and_all_else_for_itself():
    for recorded, seen in SAME:
        assert not match.differences(recorded, seen), (recorded, seen)
    for recorded, seen in DIFFERENT:
        assert match.differences(recorded, seen), (recorded, seen)


def answers_are_those_of_the_recorded_daemon(version):
    summary, looks = PINNED[version]
    path = pathlib.Path(__file__).parent / "recordings" / f"{version}.json"
    with tempfile.TemporaryDirectory(prefix="recordings-", dir="/tmp") as folder:
        replayed = replay.Replay(json.loads(path.read_text()), folder)
        replayed.run()
    print(f"snapd {version}: {replayed.summary()}{replayed.looks_recorded} distinct looks of "
          f"changes on their way, {replayed.looks_shown} shown task by task", *replayed.report,
          sep="\n")
    assert not replayed.report
    assert replayed.summary() == summary
    assert replayed.looks_shown >= looks
    assert not replayed.scenes, "not played: %s" % replayed.scenes


def main():
    failures = 0
    for test, *arguments in [
        (placeholders_stand_for_their_kind_and_all_else_for_itself,),
        *((answers_are_those_of_the_recorded_daemon, version) for version in PINNED),
    ]:
        try:
            test(*arguments)
        except AssertionError as error:
            failures += 1
            print(f"{test.__name__} {arguments}: {error}")
    checks = 1 + len(PINNED)
    print(f"{100 * (checks - failures) // checks}%: Checks: {checks}, Failures: {failures}, "
          "Errors: 0")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""The recorded exchanges with one version of snapd, sent once more to the stand-in, in their
order."""

import collections
import json
import os
import re
import signal
import struct
import subprocess
import time

import files
import wire
from match import differences, essence, match_text
from scenes import AFTER, BEFORE, DURING, MORE_SCENES, SCENES

SNAP = "/v2/snaps/microsample"
CHANGES = "/v2/changes/"
ASSERTIONS = "/v2/assertions"

# What neither the charm calls nor the stand-in has.
LEFT_OUT = {
    "/v2/find": "a search in the store",
    "/v2/notices": "notices",
    "/v2/warnings": "warnings",
    "/v2/snapshots": "snapshots",
    "/v2/snaps": "several snaps in one request, or one from a file",
}
ORPHAN = "a change that came from a request that is left out"


class Stage:
    """The stand-in, and what goes on around the exchanges: changes that move on step by step, and
    the scenes."""

    def __init__(self, recorded, folder):
        self.version = recorded["version"]
        self.letters = recorded["letters"]
        self.only = recorded.get("only", {})  # what is kept of some things that are shown
        self.exchanges = recorded["exchanges"]
        self.socket = f"{folder}/snapd.socket"
        self.command = [os.environ["SANDBOX_SNAPD"], "serve", "--socket", self.socket, "--manual",
                        "--like", self.version[:4], "--state", f"{folder}/state"]
        self.clock = f"{folder}/clock"
        if self.only:  # time passes by scenes alone
            self.command += ["--clock", self.clock]
        self.frozen = False  # stopped in its tracks: it can only be killed
        self.newest = ""  # the change made last, here
        self.file = ""  # what is in the next one that is sent
        self.ids = {}  # recorded id of a change: its id here
        self.extra = set()  # ids here of changes that stand for no recorded one
        self.looks = collections.defaultdict(set)  # id here: every look of the change so far
        self.scenes = [  # not played so far
            scene for scene in (MORE_SCENES if self.only else SCENES)
            if "@" not in scene[0] or scene[0].endswith("@" + self.version)]
        self.by_name = collections.defaultdict(list)
        for scene in self.scenes:
            self.by_name[scene[0].split("@")[0]].append(scene)

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"
        # To write all of the state again and again would take a minute.
        self.ctl({"do": "mode", "saving": False})

    def stop(self, kindly):
        self.process.send_signal(signal.SIGTERM if kindly else signal.SIGKILL)
        assert self.process.wait() == 0 or not kindly
        self.process.stdout.close()

    def ctl(self, command):
        request = {"method": "POST", "path": "/", "body": json.dumps(command)}
        answer = wire.ask(self.socket + ".ctl", request)
        assert answer.status == 200, (command, answer)
        return answer.json

    def change(self, number):
        answer = wire.ask(self.socket, {"method": "GET", "path": CHANGES + number})
        assert "ready" in answer.json["result"], answer
        return answer.json["result"] | {key: True for key in ("maintenance",) if key in answer.json}

    @staticmethod
    def look_of(about, tasks):
        """The status, what else there is of note, and a letter for each task."""
        marks = [mark for mark in ("ready", "err", "maintenance") if about.get(mark)]
        return (" ".join([about["status"], *marks]), tasks)

    def look(self, number):
        change = self.change(number)
        tasks = "".join(self.letters[task["status"]] for task in change.get("tasks", []))
        self.looks[number].add(self.look_of(change, tasks))
        return change

    def move(self, number, is_enough=lambda change: False):
        """Steps until IS_ENOUGH, or until the change is over, looking at it all the way."""
        change = self.look(number)
        while not change["ready"] and not is_enough(change):
            self.ctl({"do": "step"})
            change = self.look(number)

    def post(self, body, path=SNAP, limit=20):
        answer = wire.ask(self.socket, {"method": "POST", "path": path, "body": body}, limit)
        self.newest = (answer.json or {}).get("change", self.newest)

    # --- what a scene may do -------------------------------------------------------------------

    def do_tell(self, exchange, command):
        self.extra.add(self.ctl(command).get("change"))

    def do_tell_of_3(self, exchange, command):
        """It makes the change that was recorded with the number 3."""
        self.ids["3"] = self.ctl(command)["change"]

    def do_step(self, exchange, what):
        """So many steps, or until a task is Doing: its kind, or how its summary begins."""
        is_doing = lambda change: any(
            task["status"] == "Doing" and (task["kind"] == what or task["summary"].startswith(what))
            for task in change["tasks"])
        if isinstance(what, str):
            self.move(self.newest, is_doing)
            return
        for _ in range(what):
            self.ctl({"do": "step"})
            self.look(self.newest)

    def do_finish(self, exchange=None, nothing=None):
        self.ctl({"do": "finish"})

    def do_stay(self, exchange, nothing):
        """The change of the exchange goes on: it is not run to its end."""

    def do_post(self, exchange, body):
        """A request that was not recorded. A change that was recorded with a request that is left
        out is that of the one sent instead."""
        self.post(body)
        if "made" in exchange and "response" not in exchange:
            self.ids.setdefault(exchange["made"], self.newest)
        else:
            self.do_finish()

    def do_post_apps(self, exchange, verb):
        """To the services, begun only."""
        self.post('{"action":"%s","names":["microsample"]}' % verb, "/v2/apps")

    def do_pass(self, exchange, ms):
        with open(self.clock, "r+b") as file:
            passed, = struct.unpack("q", file.read(8))
            file.seek(0)
            file.write(struct.pack("q", passed + ms * 10**6))

    def do_file(self, exchange, what):
        """What is in the file of its form (files.py)."""
        self.file = what

    def do_hang_up(self, exchange, body):
        self.post(body, limit=0)

    def do_abort(self, exchange=None, nothing=None):
        """When the second task of the newest change is to begin, as those that were recorded."""
        self.do_step(exchange, 2)
        self.post('{"action":"abort"}', CHANGES + self.newest)

    def do_restart(self, exchange, nothing, kindly=True):
        if not self.frozen:
            self.ctl({"do": "mode", "saving": True})
        self.frozen = False
        self.stop(kindly)
        self.start()

    def do_kill(self, exchange=None, nothing=None):
        self.do_restart(exchange, nothing, kindly=False)

    def freeze(self):
        self.ctl({"do": "mode", "saving": True})
        self.process.send_signal(signal.SIGSTOP)
        self.frozen = True

    def named(self, exchange):
        return self.by_name[re.sub(r"^\d{3}-", "", exchange["name"])]

    def play(self, exchange, when, ask=lambda dying: None):
        for scene in self.named(exchange):
            name, at, verb, what = scene
            if at != when:
                continue
            if scene in self.scenes:
                self.scenes.remove(scene)
            if verb in ("ask", "ask_dying"):
                ask(verb == "ask_dying")
            elif verb == "ask_after":
                for ms in what:
                    self.do_pass(exchange, ms)
                    ask()
            else:
                getattr(self, "do_" + verb)(exchange, what)


def is_change(value):
    return isinstance(value, dict) and "id" in value and ("ready" in value or "same-as" in value)


def are_snaps(value):
    return (isinstance(value, list) and bool(value)
            and all(isinstance(item, dict) and "name" in item for item in value)
            and not all("daemon" in item for item in value))


class Replay(Stage):
    def __init__(self, recorded, folder):
        super().__init__(recorded, folder)
        # Why an exchange is left out: how often. Some are not even among the recordings here.
        self.left = collections.Counter(recorded.get("left", {}))
        self.report = []  # what differs
        self.replayed = self.unseen = self.listed = self.unlisted = 0
        self.looks_recorded = self.looks_shown = 0
        self.changes = {}  # name of an exchange, id: the change as it was recorded there
        for exchange in self.exchanges:
            self.note_changes(exchange["name"], exchange)

    def note_changes(self, name, value):
        if isinstance(value, dict) and "ready" in value and "id" in value:
            self.changes.setdefault((name, value["id"]), value)
        elif isinstance(value, (dict, list)):
            for item in value.values() if isinstance(value, dict) else value:
                self.note_changes(name, item)

    def run(self):
        self.start()
        try:
            for exchange in self.exchanges:
                self.play_or_leave(exchange)
            self.stop(kindly=True)
        finally:
            self.process.kill()

    def summary(self):
        left = "".join(f"  {count} left out: {why}\n" for why, count in self.left.items())
        return (f"{self.replayed} exchanges replayed\n{left}"
                f"{self.unseen} changes between the exchanges, made and compared too\n"
                f"{self.listed} changes compared in lists\n"
                f"  {self.unlisted} left out with the requests that made them\n")

    def play_or_leave(self, exchange):
        self.play(exchange, BEFORE)
        kinds = [kind for kind in ("unseen", "looks", "probes", "answers", "response")
                 if kind in exchange]
        path = exchange["request"]["path"]
        if "looks" in exchange and path.removeprefix(CHANGES) not in self.ids:
            self.left[ORPHAN] += 1
        elif not kinds:
            self.left[next(LEFT_OUT[start] for start in LEFT_OUT if path.startswith(start))] += 1
        else:
            self.ctl({"do": "root", "value": "uid" not in exchange})
            why = getattr(self, "play_" + kinds[0])(exchange)
            self.ctl({"do": "root", "value": True})
            self.unseen += kinds[0] == "unseen"
            self.replayed += kinds[0] != "unseen"
            self.report += [f"{self.version} {exchange['name']}: {line}" for line in why]
        self.play(exchange, AFTER)
        if not self.goes_on(exchange):
            self.do_finish()

    def goes_on(self, exchange):
        """Whether what EXCHANGE began goes on behind it."""
        if any(at == AFTER and verb in ("step", "stay") for _, at, verb, _ in self.named(exchange)):
            return True
        behind = self.exchanges[self.exchanges.index(exchange):]
        polls = [later["request"]["path"] for later in behind if "looks" in later]
        return "made" not in exchange or CHANGES + exchange["made"] in polls

    # --- asking and comparing ------------------------------------------------------------------

    def ask(self, request, limit=20, meanwhile=None):
        """With the id of here in the path, 0 where there is none; 1 was there from the start, 99999
        never is."""
        number = request["path"].removeprefix(CHANGES)
        if (request["path"].startswith(CHANGES) and number.isdecimal()
                and number not in ("1", "99999")):
            request = request | {"path": CHANGES + self.ids.get(number, "0")}
        if "form" in request:
            request = request | files.body_of(request["form"], self.file)
        if ASSERTIONS in request["path"] and "body" in request:
            request = request | {"body": files.as_here(request["body"])}
        return wire.ask(self.socket, request, limit, meanwhile)

    def compare_change(self, recorded, seen):
        number = recorded["id"]
        if "same-as" in recorded:
            recorded = self.changes[recorded["same-as"], number]
        return differences(recorded | {"id": "1" if number == "1" else self.ids.get(number)}, seen)

    def compare_list(self, recorded, seen):
        """Lists are in random order. A change that came from a request that is left out is not
        here."""
        here = {change["id"]: change for change in seen}
        why = []
        common = 0
        for change in recorded:
            number = "1" if change["id"] == "1" else self.ids.get(change["id"])
            common += number is not None
            if number:
                why += self.compare_change(change, here.get(number))
        self.listed += common
        self.unlisted += len(recorded) - common
        if common != len(here.keys() - self.extra):
            why.append(f"{len(here)} changes here, {common} of the recorded ones")
        return why

    def compare_body(self, recorded, seen):
        result = recorded.get("result") if isinstance(recorded, dict) else None
        if not isinstance(seen, dict):
            return differences(recorded, seen)
        if "result" in seen:
            seen = seen | {"result": essence(seen["result"], self.only)}
        if are_snaps(seen.get("result")):  # in random order too
            in_order = sorted(seen["result"], key=lambda snap: snap["name"])
            return differences(recorded, seen | {"result": in_order})
        if "change" in recorded and match_text("<id>", seen.get("change")):
            self.ids[recorded["change"]] = self.newest = seen["change"]
            return differences(recorded | {"change": "<id>"}, seen)
        compare = None
        if is_change(result):
            compare = self.compare_change
        elif isinstance(result, list) and result and is_change(result[0]):
            compare = self.compare_list
        if not compare or "result" not in seen:
            return differences(recorded, seen)
        return compare(result, seen["result"]) + differences(
            recorded | {"result": 0}, seen | {"result": 0})

    def compare(self, recorded, answer):
        failure = recorded.get("error", "")
        if failure or answer.failure:
            same = failure == answer.failure
            return [] if same else [f"recorded {failure}, here {answer.failure}"]
        head = [f"{key}: recorded {recorded[key]}, here {getattr(answer, key)}"
                for key in ("status", "type", "framing")
                if key in recorded and recorded[key] != getattr(answer, key)]
        if isinstance(recorded["body"], str):
            recorded = recorded | {"body": files.as_here(recorded["body"])}
            return head + differences({"body": recorded["body"]}, {"body": answer.body})
        return head + self.compare_body(recorded["body"], answer.json)

    # --- the kinds of exchanges ----------------------------------------------------------------

    def play_response(self, exchange):
        def meanwhile():
            time.sleep(0.2)  # then it is surely being worked on
            self.play(exchange, DURING)

        # In a watch the scenes belong to the probes.
        during = "probes" not in exchange and any(
            scene[1] == DURING for scene in self.named(exchange))
        recorded = exchange["response"]
        limit = 0.2 if recorded.get("error") == "recv timed out" else 20
        answer = self.ask(exchange["request"], limit, meanwhile if during else None)
        return self.compare(recorded, answer)

    def play_looks(self, exchange):
        number = self.ids[exchange["request"]["path"].removeprefix(CHANGES)]
        self.move(number)
        why = self.play_response(exchange)
        looks = [self.look_of(look, look["tasks"]) for look in exchange["looks"]]
        self.looks_recorded += len(looks)
        self.looks_shown += sum(look in self.looks[number] for look in looks)
        # If not task by task, then at least what stands before them.
        shown = {status for status, tasks in self.looks[number]}
        return why + [f"never like {look}" for look in looks if look[0] not in shown]

    def play_answers(self, exchange):
        """Asked again and again: each answer is like the one before, or the next recorded one."""
        answers = collections.deque(exchange["answers"])
        last = {"error": "nothing yet"}
        why = []

        def ask(dying=False):
            nonlocal last
            if dying:  # frozen first, so that the request is never read
                self.freeze()
            answer = self.ask(exchange["request"], meanwhile=self.do_kill if dying else None)
            if answers and not self.compare(answers[0], answer):
                last = answers.popleft()
            else:
                why.extend(self.compare(last, answer))

        ask()
        self.play(exchange, DURING, ask)
        return why + ["not all of the recorded answers"] * bool(answers)

    def play_probes(self, exchange):
        """Several requests again and again while a change runs: the recorded answers to each of
        them, in their order, must be among those given from step to step."""
        queues = {}
        for probe in exchange["probes"]:
            key = json.dumps(probe["request"], sort_keys=True)
            queues.setdefault(key, collections.deque()).append(probe["response"])
        why = self.play_response(exchange)
        number = self.newest
        ready = False
        while not ready:
            ready = self.look(number)["ready"]
            # After its end once more, since then some are accepted.
            for _ in range(1 + ready):
                self.ask_all(exchange, queues)
            if not ready:
                self.ctl({"do": "step"})
                self.look(number)
        why += [f"{key}: never {queue[0]['status']}" for key, queue in queues.items() if queue]
        path = CHANGES + exchange["response"]["body"]["change"]
        return why + self.compare(exchange["final"], self.ask({"method": "GET", "path": path}))

    def ask_all(self, exchange, queues):
        for key, queue in queues.items():
            if not queue:
                continue
            answer = self.ask(json.loads(key))
            if not self.compare(queue[0], answer):
                queue.popleft()
                if answer.status == 202:
                    self.play(exchange, DURING)

    def play_unseen(self, exchange):
        self.post(exchange["request"]["body"])
        self.ids.setdefault(exchange["change"]["id"], self.newest)
        if exchange["aborted"]:
            self.do_abort()
        self.do_finish()
        return self.compare_change(exchange["change"], self.change(self.newest))

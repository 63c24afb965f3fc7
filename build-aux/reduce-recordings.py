#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/recordings/VERSION.json from a folder of recorded exchanges with a snapd.

Every exchange keeps its place and its name. Those on an endpoint that the charm calls, and some
others, keep their answer (WANTED); the rest only say what was asked, because some of them changed
the machine. What differs from one run to the next stands as a placeholder
(tests/recordings/match.py), and a change that was recorded before is only pointed at ("same-as").
Of a sequence of polls there is one row for each distinct look of the change (LETTERS, one for each
task), and the whole last answer. A change that was made between two recorded exchanges, and shows
in a later list, gets a place of its own ("unseen"), with the request that it must have come from.

    reduce-recordings.py FOLDER OUTPUT      FOLDER is named after the version

Of VERSION-more some exchanges are not taken (LEFT; how many is written down), and of the snaps and
changes in the others only what tells of their state (ONLY): all else tells of another machine and
store. Of a form there are the values and the size of its file. A signature of an assertion stands as
the stand-in makes it, of that text which it was recorded with most often; one that cannot be decoded
stays.
"""

import ast
import collections
import datetime
import email.utils
import itertools
import json
import pathlib
import re
import sys

for folder in ("tests/recordings", "tests/sandbox/snapd"):
    sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / folder))

import assertions
from match import essence

LETTERS = {"Do": ".", "Doing": ">", "Done": "D", "Abort": "A", "Undo": "u", "Undoing": "<",
           "Undone": "U", "Hold": "H", "Error": "E", "Wait": "W"}

# Keys whose value says when or how much.
TIMES = {"spawn-time", "ready-time", "install-date", "hold", "next", "last", "timestamp",
         "released-at"}
SIZES = {"installed-size", "size"}

# Of GET /v2/system-info: what tells of that machine and moment, not of snapd.
MACHINE = {"build-id": "<text>", "kernel-version": "<text>", "virtualization": "<text>",
           "features": "<object>", "refresh": "<object>", "sandbox-features": "<object>"}

# The charm's endpoints, those that change or show the same things, and unknown paths.
WANTED = (r"(GET|POST) /v2/(system-info|changes/[^/?]+|apps(\?.*)?)|GET /v2/(snaps|changes)(\?.*)?|"
          r"\w+ /v2/assertions.*|"
          r"\w+ /v2/snaps/[^/?]+/?|(GET|PUT) /v2/snaps/[^/?]+/conf(\?.*)?|GET (/v2/nonsense|/)")

# Of a folder with more: why some exchanges are not taken, by name; and what is kept of a thing that
# has the first key.
LEFT = [
    (r".*multi-|(un)?hold-all|.*refresh-all|.*(info|snap)-(un)?hold-all|changes-",
     "several snaps in one request"),
    (r".*cohort", "cohorts"),
    (r".*standing|.*abort-refresh-hook|abort-finished-(error|done)|get-snap-abort-finished|"
     r".*revert-configure-fails|.*by-hand|.*oneshot-fail|.*failing-forking|service-killed|"
     r"restart-crashing-\d", "hooks and services that were told by hand what to do"),
    (r"find-name-(present|closed-channels)$", "a store that lists its channels in random order"),
    (r".*restart-reload|warnings-|refresh-while-restart", "what nothing needs"),
]
ONLY = {"ready": ["id", "kind", "summary", "status", "ready", "err"],
        "revision": ["name", "revision", "channel", "tracking-channel", "status", "apps", "health",
                     "hold", "channels", "tracks"]}


def why_left(name):
    """"" if it is not."""
    short = re.sub(r"^\d+-", "", name)
    return next((why for pattern, why in LEFT if re.match(pattern, short)), "")


def wanted(request, more=False):
    """The store of the first recordings tells nothing that is worth a comparison."""
    found = more and request["path"].startswith("/v2/find")
    # Of a file that is none of a snap the bytes are told.
    return found or is_form(request) and "not-a-snap" not in request["body"] or re.fullmatch(WANTED, f"{request['method']} {request['path']}")


def steady_text(text):
    """TEXT with placeholders for what differs from one run to the next."""
    text = re.sub(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)(?!\d)", "<time>",
                  text)
    text = re.sub(r'https?://[^" ]+', "<url>", text)
    text = re.sub(r": [^()]* \(Client.Timeout exceeded", ": <text> (Client.Timeout exceeded", text)
    text = re.sub(r"127\.0\.0\.\d+:\d+", "<address>", text)
    text = re.sub(r"\blookup \S+( on \S+)?:", "lookup <text>:", text)
    text = re.sub(r"\.local-install-\d+", ".local-install-<id>", text)
    text = re.sub(r"\bsnapshot set #\d+\b", "snapshot set #<id>", text)
    return re.sub(r"\bchange \d+\b", "change <id>", text)


def steady_order(tasks):
    """TASKS with neighbours that (dis)connect interfaces sorted: theirs is the order of a Go
    map."""
    ret = []
    for kind, run in itertools.groupby(tasks, lambda task: task["kind"]):
        run = list(run)
        ret += sorted(run, key=lambda task: task["summary"]) if "connect" in kind else run
    return ret


def steady_object(value):
    ret = {}
    for key, item in value.items():
        if key in TIMES and isinstance(item, str):
            ret[key] = "<time>"
        elif key in SIZES:
            ret[key] = "<number>"
        else:
            ret[key] = steady(item)
    if "progress" in ret and "kind" in ret:  # a task
        ret["id"] = "<id>"
        if ret["kind"] == "download-snap":
            ret["progress"] = "<download>"
    if "tasks" in ret:
        ret["tasks"] = steady_order(ret["tasks"])
    if "system-mode" in ret:
        ret |= {key: item for key, item in MACHINE.items() if key in ret}
        ret["version"] = re.sub(r"^(\d+\.\d+).*", r"\1<text>", ret["version"])
        ret["os-release"] = {key: "<text>" for key in ret["os-release"]}
    return ret


def steady(value):
    if isinstance(value, dict):
        return steady_object(value)
    if isinstance(value, list):
        return [steady(item) for item in value]
    return steady_text(value) if isinstance(value, str) else value


def in_order(result):
    """RESULT of snaps by their names, and of a missing channel by those that the store has."""
    if isinstance(result, list) and all("name" in item and "daemon" not in item for item in result):
        return sorted(result, key=lambda snap: snap["name"])
    value = result.get("value") if isinstance(result, dict) else None
    if isinstance(value, dict) and "releases" in value:
        whole = lambda release: "/".join(["latest", *release["channel"].split("/")][-2:])
        value["releases"].sort(key=whole)
    return result


class Changes:
    """The changes in their last look, to be written once only."""

    def __init__(self, only):
        self.only = only
        self.seen = {}  # id: {whole text: name of the exchange}

    def short(self, change, name):
        text = json.dumps(change, sort_keys=True)
        looks = self.seen.setdefault(change["id"], {})
        if text in looks:
            return {"id": change["id"], "same-as": looks[text]}
        if change["ready"]:
            looks[text] = name
        return change

    def shorten(self, body, name):
        """BODY with the changes in it that NAME is not the first to show pointed at."""
        if not isinstance(body, dict):
            return body
        if self.only:
            body = {key: body[key] for key in body if not key.startswith("warning-")}
            return body | {"result": in_order(essence(body.get("result"), self.only))}
        result = body.get("result")
        is_change = lambda item: isinstance(item, dict) and {"id", "ready", "kind"} <= item.keys()
        if is_change(result):
            return body | {"result": self.short(result, name)}
        if isinstance(result, list) and result and all(map(is_change, result)):
            # The order is that of a Go map; here by number.
            result = sorted(result, key=lambda change: int(change["id"]))
            return body | {"result": [self.short(change, name) for change in result]}
        if "sources" in body:  # snaps, as out of a Go map too
            return body | {"result": sorted(result, key=lambda snap: snap["name"])}
        return body


def is_form(request):
    return str(request.get("body")).startswith("multipart form: ")


def form_of(body):
    """Its values, and the size of the file, None if there is none."""
    values, size = re.fullmatch(r"multipart form: (\{.*?\})(?: .*\((\d+) bytes\))?", body).groups()
    return {"values": ast.literal_eval(values), "file": size and int(size)}


def sign_anew(exchanges):
    """All assertions in EXCHANGES."""
    found = collections.defaultdict(collections.Counter)
    told = [side for recorded in exchanges if "/v2/assertions" in recorded["request"]["path"]
            for side in (recorded["request"], recorded["response"])
            if isinstance(side["body"], str)]
    for side in told:
        try:
            for one in assertions.decoded(side["body"]):
                if len("".join(one.signature.split())) % 4 == 0:
                    found[one.signature.strip()][one.content] += 1
        except ValueError:
            pass  # behind the last good one
    for side, (signature, texts) in itertools.product(told, found.items()):
        content = texts.most_common(1)[0][0]
        side["body"] = side["body"].replace(signature, assertions.sign(content))


def request_of(recorded):
    ret = {"method": recorded["method"], "path": recorded["path"]}
    body = recorded.get("body")
    if is_form(recorded):
        return ret | {"form": form_of(body)}
    if body is not None:
        ret["body"] = body if isinstance(body, str) else json.dumps(body)
    kind = (recorded.get("headers") or {}).get("Content-Type")
    if body is not None and kind != "application/json" and "headers" in recorded:
        ret["type"] = kind  # null: no such header
    if "Host" not in (recorded.get("headers") or {"Host": ""}):
        ret["host"] = False
    return ret


def framing_of(headers):
    if headers.get("Transfer-Encoding") == "chunked":
        return "chunked"
    return "length" if "Content-Length" in headers else "end"


def response_of(recorded, name, changes):
    if "error" in recorded:
        return {"error": recorded["error"]["stage"] + " " + recorded["error"]["errno"]}
    headers = recorded["headers"]
    framing = {} if changes.only else {"framing": framing_of(headers)}  # goes by the length
    return {
        "status": recorded["status"],
        "type": headers.get("Content-Type"),
        **framing,
        "body": recorded["body"] if "assertion" in headers.get("Content-Type", "") else
                changes.shorten(steady(recorded["body"]), name),
    }


def response_of_raw(raw, name, changes):
    """Of two equal answers on one connection the second one."""
    head, body = raw[raw.rindex("HTTP/1.1 ") :].split("\r\n\r\n", 1)
    status, *headers = head.split("\r\n")
    recorded = {
        "status": int(status.split()[1]),
        "headers": dict(header.split(": ", 1) for header in headers),
        "body": json.loads(body),
    }
    return response_of(recorded, name, changes)


def look_of(response):
    change = response["body"]["result"]
    marks = {"ready": change["ready"], "err": change.get("err"),
             "maintenance": "maintenance" in response["body"]}
    return {"status": change["status"], **{key: True for key, so in marks.items() if so},
            "tasks": "".join(LETTERS[task["status"]] for task in change.get("tasks", []))}


def distinct(items, key=lambda item: None):
    """ITEMS without those that are as the one before with the same KEY."""
    ret = []
    last = {}
    for item in items:
        which = key(item)
        if last.get(which) != item:
            ret.append(item)
        last[which] = item
    return ret


def reduce_one(recorded, name, changes):
    reply = lambda answer: response_of(answer, name, changes)
    ret = {"name": name, "request": request_of(recorded["request"])}
    if (recorded.get("response") or {}).get("status_line", "").startswith("HTTP/1.0"):
        ret["request"]["http"] = "1.0"
    if "client_uid" in recorded:
        ret["uid"] = recorded["client_uid"]
    if "note" in recorded:
        ret["note"] = recorded["note"]
    if made(recorded):
        ret["made"] = str(made(recorded))
    if not wanted(recorded["request"], bool(changes.only)):
        return ret
    if "polls" in recorded and recorded["request"]["path"].startswith("/v2/changes/"):
        if changes.only:
            return ret | {"response": reply(recorded["polls"][-1]["response"])}
        answers = [poll["response"] for poll in recorded["polls"]]
        return ret | {"looks": distinct(map(look_of, answers)), "response": reply(answers[-1])}
    if "polls" in recorded or "responses" in recorded:
        return ret | {"answers": distinct(reply(answer) for answer in answers_of(recorded))}
    if "probes" in recorded:
        answer = reply(recorded["answer_to_post"])
        probes = [{"request": request_of(probe), "response": reply(probe["response"])}
                  for probe in recorded["probes"] if wanted(probe)]
        return ret | {
            "response": answer,
            "probes": distinct(probes, lambda probe: json.dumps(probe["request"])),
            "final": reply(recorded["final_change"]),
        }
    if "raw_response_bytes" in recorded:
        ret["request"]["twice"] = True
        return ret | {"response": response_of_raw(recorded["raw_response_bytes"], name, changes)}
    return ret | ({"response": reply(recorded["response"])} if "response" in recorded else {})


def answers_of(recorded):
    """Every answer within one file, in order."""
    ret = recorded.get("responses", [])
    ret = ret + [poll["response"] for poll in recorded.get("polls", [])]
    ret = ret + [recorded[key] for key in ("answer_to_post", "response") if key in recorded]
    return ret + [probe["response"] for probe in recorded.get("probes", [])]


def started(recorded):
    """When the first answer came, in seconds; None when none did."""
    for answer in answers_of(recorded):
        if "Date" in answer.get("headers", {}):
            return email.utils.parsedate_to_datetime(answer["headers"]["Date"]).timestamp()
    return None


def seconds_of(time):
    """Of a time as snapd writes it."""
    return datetime.datetime.fromisoformat(time[:19] + "+00:00").timestamp()


def made(recorded):
    """The first change that its answers gave; 0 when none did."""
    bodies = [answer.get("body") for answer in answers_of(recorded)]
    numbers = [int(body["change"]) for body in bodies
               if isinstance(body, dict) and "change" in body]
    return min(numbers, default=0)


def is_after(recorded, change):
    """Whether RECORDED came after CHANGE was made; Date has no fractions of a second."""
    if made(recorded) > int(change["id"]):
        return True
    return (started(recorded) or 0) > seconds_of(change["spawn-time"])


def unseen_changes(folder):
    """The changes that only lists show, by id."""
    ret = {}
    known = set()
    for recorded in folder.values():
        for answer in answers_of(recorded):
            body = answer.get("body")
            if not isinstance(body, dict):
                continue
            known.add(body.get("change"))
            if isinstance(body.get("result"), list):
                ret |= {item["id"]: item for item in body["result"] if "ready" in item}
    of_the_device = ("seed", "become-operational")
    return {
        number: change
        for number, change in ret.items()
        if number not in known and change["kind"] not in of_the_device
    }


def body_of(change):
    """What must have been asked for CHANGE to come about."""
    ret = {"action": change["kind"].removesuffix("-snap")}
    kinds = [task["kind"] for task in change.get("tasks", [])]
    channel = re.search(r' from "(.*)" channel$', change["summary"])
    if channel:
        ret["channel"] = channel[1]
    if ret["action"] == "remove" and "save-snapshot" not in kinds:
        ret["purge"] = True
    return json.dumps(ret)


def unseen_entry(change, changes):
    name = "change-" + change["id"]
    aborted = any(task["status"] == "Hold" for task in change.get("tasks", []))
    return {
        "name": name,
        "unseen": True,
        "aborted": aborted,
        "request": {"method": "POST", "path": "/v2/snaps/microsample", "body": body_of(change)},
        "change": changes.short(steady(change), name),
    }


def reduce_folder(path, only):
    names = [file.name.removesuffix(".json")
             for file in sorted(path.glob("[0-9][0-9][0-9]-*.json"))]
    left = collections.Counter(filter(None, map(why_left, names))) if only else {}
    names = [name for name in names if not only or not why_left(name)]
    folder = {name: json.loads((path / f"{name}.json").read_text()) for name in names}
    sign_anew(folder.values())
    changes = Changes(only)
    missing = [] if only else sorted(
        unseen_changes(folder).values(), key=lambda change: int(change["id"]))
    ret = []
    for name, recorded in folder.items():
        while missing and is_after(recorded, missing[0]):
            ret.append(unseen_entry(missing.pop(0), changes))
        ret.append(reduce_one(recorded, name, changes))
    return ret, left


def main(folder, output):
    dump = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    only = ONLY if folder.name.endswith("-more") else {}
    rows, left = reduce_folder(folder, only)
    head = {"version": folder.name, "letters": LETTERS}
    head = dump(head | ({"only": only, "left": left} if only else {}))[:-1]
    rows = ",\n".join(map(dump, rows))
    (output / f"{folder.name}.json").write_text(f'{head},"exchanges":[\n{rows}\n]}}\n')


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:]))

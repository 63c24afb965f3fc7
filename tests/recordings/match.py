# SPDX-License-Identifier: Apache-2.0
"""Whether an answer is the recorded one: the same keys, the same values, lists in the same order,
and for a placeholder (see build-aux/reduce-recordings.py) anything of its kind."""

import json
import re

TEXTS = {
    "<time>": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
    "<id>": r"\d+",
    "<text>": r".*",
    "<url>": r'https?://[^" ]+',
    "<address>": r"[0-9A-Za-z.-]+:\d+",
}


def match_text(recorded, seen):
    parts = re.split("(%s)" % "|".join(TEXTS), recorded)
    pattern = "".join(TEXTS.get(part) or re.escape(part) for part in parts)
    return isinstance(seen, str) and re.fullmatch(pattern, seen, re.DOTALL) is not None


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_download(seen):
    return (isinstance(seen, dict) and seen.keys() == {"label", "done", "total"}
            and is_number(seen["done"]) and is_number(seen["total"])
            and seen["done"] <= seen["total"])


WHOLE = {
    "<number>": is_number,
    "<object>": lambda seen: isinstance(seen, dict),
    "<download>": is_download,
}


def essence(value, only):
    """VALUE, or each item of a list, with only the keys that ONLY has for what tells such a thing
    from others."""
    if isinstance(value, list):
        return [essence(item, only) for item in value]
    for mark, keys in only.items():
        if isinstance(value, dict) and mark in value:
            return {key: value[key] for key in value if key in keys}
    return value


NOTHING = object()


def differences(recorded, seen, path=""):
    """A line for each, empty when there is none."""
    if isinstance(recorded, dict) and isinstance(seen, dict):
        return [line for key in {**recorded, **seen} for line in differences(
            recorded.get(key, NOTHING), seen.get(key, NOTHING), f"{path}/{key}")]
    if isinstance(recorded, list) and isinstance(seen, list) and len(recorded) == len(seen):
        return [line for i, pair in enumerate(zip(recorded, seen))
                for line in differences(*pair, f"{path}/{i}")]
    if isinstance(recorded, str):
        same = WHOLE[recorded](seen) if recorded in WHOLE else match_text(recorded, seen)
    else:
        same = recorded == seen and isinstance(recorded, bool) == isinstance(seen, bool)
    show = lambda value: "nothing" if value is NOTHING else json.dumps(value)[:300]
    return [] if same else [f"{path}: recorded {show(recorded)}, here {show(seen)}"]

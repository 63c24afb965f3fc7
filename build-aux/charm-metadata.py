#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what Juju reads of a charm, made from charmcraft.yaml as charmcraft makes it.

metadata.yaml, config.yaml and actions.yaml get the bytes that charmcraft gives them. manifest.yaml
holds only what Juju reads of it: the base and the architecture of one platform.
"""

import argparse
import pathlib
import platform
import sys

import yaml

# charmcraft.yaml's word for it, Juju's word for it; links are under "links".
KEYS = {
    "name": "name",
    "title": "display-name",
    "summary": "summary",
    "description": "description",
    "assumes": "assumes",
    "charm-user": "charm-user",
    "containers": "containers",
    "devices": "devices",
    "extra-bindings": "extra-bindings",
    "peers": "peers",
    "provides": "provides",
    "requires": "requires",
    "resources": "resources",
    "storage": "storage",
    "subordinate": "subordinate",
    "terms": "terms",
}
LINKS = {
    "contact": "maintainers",
    "documentation": "docs",
    "issues": "issues",
    "source": "source",
    "website": "website",
}
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "ppc64le": "ppc64el"}


class Dumper(yaml.SafeDumper):
    """Text of several lines in literal style."""


def _text(dumper, data):
    style = "|" if "\n" in data else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


Dumper.add_representer(str, _text)


def only(value):
    """The one item of a list that holds one, or the value itself."""
    if not isinstance(value, list):
        return value
    if len(value) != 1:
        raise SystemExit(f"charmcraft.yaml: one value expected, not {value}")
    return value[0]


def metadata(project):
    """What metadata.yaml holds."""
    ret = {juju: project[ours] for ours, juju in KEYS.items() if ours in project}
    links = project.get("links", {})
    ret |= {juju: links[ours] for ours, juju in LINKS.items() if ours in links}
    if isinstance(ret.get("maintainers"), str):
        ret["maintainers"] = [ret["maintainers"]]
    return ret


def platforms(project):
    """Name, distribution, version and architecture of each platform, in their order."""
    for name, body in project["platforms"].items():
        base, _, arch = only(body["build-for"]).partition(":")
        distribution, _, version = base.partition("@")
        yield name, distribution, version, arch


def host():
    """Distribution, version and architecture of this machine."""
    machine = platform.machine()
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    return release.get("ID"), release.get("VERSION_ID"), ARCHITECTURES.get(machine, machine)


def choose(project, wanted):
    """The platform by its name; "auto" is this machine, else the first of this architecture."""
    known = list(platforms(project))
    if wanted != "auto":
        for entry in known:
            if entry[0] == wanted:
                return entry
        raise SystemExit(f"no platform {wanted}; there are: {', '.join(e[0] for e in known)}")
    here = host()
    for entry in known:
        if entry[1:] == here:
            return entry
    for entry in known:
        if entry[3] == here[2]:
            return entry
    return f"{known[0][1]}-{known[0][2]}-{here[2]}", known[0][1], known[0][2], here[2]


def manifest(project, wanted):
    """What manifest.yaml holds; Juju wants the channel as text, so it is quoted."""
    _, distribution, version, arch = choose(project, wanted)
    base = {"name": distribution, "channel": str(version), "architectures": [arch]}
    return {"bases": [base]}


def write(path, content, sort):
    """Writes CONTENT, or removes the file when there is none: Juju refuses an empty one."""
    if not content:
        path.unlink(missing_ok=True)
        return
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(content, file, Dumper=Dumper, sort_keys=sort)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--platform", default="auto", metavar="NAME",
                        help="a platform of charmcraft.yaml, or auto for this machine")
    parser.add_argument("--print-platform", action="store_true",
                        help="only print the name of the chosen platform")
    parser.add_argument("project", metavar="charmcraft.yaml", type=pathlib.Path)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, help="where the files go")
    args = parser.parse_args()

    with args.project.open(encoding="utf-8") as file:
        project = yaml.safe_load(file)
    if args.print_platform:
        print(choose(project, args.platform)[0])
        return
    if not args.folder:
        parser.error("a folder is needed")
    args.folder.mkdir(parents=True, exist_ok=True)
    write(args.folder / "config.yaml", project.get("config"), True)
    write(args.folder / "actions.yaml", project.get("actions"), True)
    write(args.folder / "manifest.yaml", manifest(project, args.platform), False)
    write(args.folder / "metadata.yaml", metadata(project), True)


if __name__ == "__main__":
    sys.exit(main())

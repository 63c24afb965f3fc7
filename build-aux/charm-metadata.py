#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what Juju reads of a charm, made from charmcraft.yaml as charmcraft makes it.

metadata.yaml, config.yaml and actions.yaml get the bytes that charmcraft gives them. manifest.yaml
holds only what Juju reads of it: the base and the architecture of one platform.
"""

import argparse
import pathlib
import platform
import re
import subprocess
import sys

import yaml

# charmcraft.yaml's word for it, Juju's word for it; links are under "links".
KEYS = {"title": "display-name"} | {key: key for key in (
    "name summary description assumes charm-user containers devices extra-bindings peers provides "
    "requires resources storage subordinate terms").split()}
LINKS = {"contact": "maintainers", "documentation": "docs", "issues": "issues", "source": "source",
         "website": "website"}
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "ppc64le": "ppc64el"}

# The version of libc that a base has at least.
GLIBC = {"22.04": (2, 35), "24.04": (2, 39), "26.04": (2, 42)}


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


def glibc_need(program):
    """The newest version of libc that PROGRAM asks for."""
    answer = subprocess.run(["objdump", "-T", program], check=True, stdout=subprocess.PIPE,
                            text=True)
    versions = re.findall(r"\bGLIBC_(\d+)\.(\d+)", answer.stdout)
    return max((int(major), int(minor)) for major, minor in versions)


def fits(version, need):
    return need is None or GLIBC.get(version, (0, 0)) >= need


def choose(project, wanted, program=None):
    """The platform by its name; "auto" is this machine's.

    On a machine that is none of them the charm is named after the machine, and is for the first
    base of its architecture whose libc has what PROGRAM needs.
    """
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
    need = glibc_need(program) if program else None
    name = "-".join(part for part in here if part)
    for _, distribution, version, _ in known:
        if fits(version, need):
            return name, distribution, version, here[2]
    raise SystemExit(f"{program} needs GLIBC_{need[0]}.{need[1]}: no base of charmcraft.yaml has it")


def manifest(chosen):
    """What manifest.yaml holds; Juju wants the channel as text, so it is quoted."""
    _, distribution, version, arch = chosen
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
    parser.add_argument("--program", metavar="FILE",
                        help="what the base must be able to run, for a machine that is no platform")
    parser.add_argument("--print-platform", action="store_true",
                        help="only print the name of the chosen platform")
    parser.add_argument("project", metavar="charmcraft.yaml", type=pathlib.Path)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, help="where the files go")
    args = parser.parse_args()

    with args.project.open(encoding="utf-8") as file:
        project = yaml.safe_load(file)
    chosen = choose(project, args.platform, args.program)
    if args.print_platform:
        print(chosen[0])
        return
    if not args.folder:
        parser.error("a folder is needed")
    args.folder.mkdir(parents=True, exist_ok=True)
    write(args.folder / "config.yaml", project.get("config"), True)
    write(args.folder / "actions.yaml", project.get("actions"), True)
    write(args.folder / "manifest.yaml", manifest(chosen), False)
    write(args.folder / "metadata.yaml", metadata(project), True)


if __name__ == "__main__":
    sys.exit(main())

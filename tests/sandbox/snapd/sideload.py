# SPDX-License-Identifier: Apache-2.0
"""POST /v2/snaps with a form: snaps from files, each known by an assertion of its sum, or local ones
that are "dangerous". What the file of a snap is here: pack.py."""

from answer import Refusal, error, made
from assertions import snap_of
from ops import refuse_conflict
from pack import read_head
from plan import plan_files
from state import ARCHITECTURE, Revision


def local_number(sim, name):
    """x1, or one more than what is there."""
    there = sim.snaps[name].revisions if name in sim.snaps else []
    numbers = [int(item.revision[1:]) for item in there if item.revision.startswith("x")]
    return f"x{max(numbers, default=0) + 1}"


class Loaded:
    """A snap from a file: its name, its revision, and where the file is from."""

    def __init__(self, sim, form, file, path):
        self.path = path
        dangerous = form.is_true("dangerous")
        signed = None if dangerous else snap_of(sim, file.sha3_384)
        if not signed and not dangerous:
            raise Refusal(400, f'cannot find signatures with metadata for snap/component "{path}"')
        try:
            about = read_head(file.beginning)
            self.name = about.pop("name")
            self.name, number = signed or (self.name, local_number(sim, self.name))
            self.architecture = about.pop("architecture", ARCHITECTURE)
            self.target = Revision(revision=number, channel="", size=file.size)
            self.target.merge(about)
        except (ValueError, KeyError):
            status, what = (500, "install snap file: cannot open") if signed else (400, "read")
            raise Refusal(status, f"cannot {what} snap file: cannot process snap or snapdir: file "
                                  '"/var/lib/snapd/snaps/.local-install-1" is invalid') from None

    def check(self, sim, cannot):
        snap = sim.snaps.get(self.name)
        if self.architecture not in (ARCHITECTURE, "all"):
            raise Refusal(500, f'{cannot}snap "{self.name}" supported architectures '
                               f"({self.architecture}) are incompatible with this system "
                               f"({ARCHITECTURE})")
        if snap and not snap.active:
            raise Refusal(500, f'{cannot}cannot update disabled snap "{self.name}"')
        refuse_conflict(sim, self.name)


def files_of(form):
    """Each with the path that it is said to have."""
    files = form.files.get("snap")
    if not files:
        raise Refusal(400, 'cannot find "snap" file field in provided multipart/form-data payload')
    if len(files) == 1 and "snap-path" in form.values:
        return [(files[0], form.value("snap-path"))]
    return [(file, file.name) for file in files]


def quoted(words):
    return ", ".join(f'"{word}"' for word in words)


def post_snaps(sim, name, request):
    if request.form is None:
        return error(400, "unsupported multi-snap operation")
    if isinstance(request.form, Refusal):
        raise request.form
    form = request.form
    transaction = form.value("transaction", "per-snap")
    if transaction not in ("per-snap", "all-snaps"):
        return error(400, 'transaction must be either "per-snap" or "all-snaps"')
    files = files_of(form)
    if not sim.seeded:
        return error(500, "too early for operation, device not yet seeded or device model not "
                          "acknowledged")
    loaded = [Loaded(sim, form, *file) for file in files]
    if len(loaded) == 1:
        return post_one(sim, form, loaded[0])
    if transaction == "per-snap":
        return error(500, "the stand-in has several snaps in one transaction only")
    # Of two revisions of one snap the second is dropped, and named all the same.
    unique = list({one.name: one for one in reversed(loaded)}.values())[::-1]
    for one in unique:
        one.check(sim, "cannot install snap/component files: ")
    names = [one.name for one in loaded]
    return made(sim, plan_files(
        sim, f"Install snaps {quoted(names)} from files {quoted(one.path for one in loaded)}",
        unique, {"snap-names": names}))


def post_one(sim, form, one):
    if form.value("name", one.name) != one.name:
        return error(400, f'instance name "{form.value("name")}" does not match snap name '
                          f'"{one.name}"')
    one.check(sim, "cannot install snap file: ")
    return made(sim, plan_files(sim, f'Install "{one.name}" snap from file "{one.path}"', [one],
                                {"snap-name": one.name, "snap-names": [one.name]}))

# SPDX-License-Identifier: Apache-2.0
"""The common data of the snaps, real folders below --data, where a client may leave files, and what
the snapshots hold of it. Without --data there is none."""

import os
import shutil

from state import is_plain


def folder(sim, *names):
    return os.path.join(sim.data, *names)


def make(sim, snap):
    if sim.data and not is_plain(snap):
        os.makedirs(folder(sim, snap, "common"), exist_ok=True)


def drop(sim, snap):
    if sim.data:
        shutil.rmtree(folder(sim, snap), ignore_errors=True)


def copy(source, target):
    """Its plain files, each a new one."""
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    for entry in os.scandir(source) if os.path.isdir(source) else ():
        if entry.is_file(follow_symlinks=False):
            shutil.copy2(entry.path, target)


def save(sim, snap):
    if sim.data and not is_plain(snap):
        copy(folder(sim, snap, "common"), folder(sim, ".snapshots", snap))


def restore(sim, snap):
    copy(folder(sim, ".snapshots", snap), folder(sim, snap, "common"))

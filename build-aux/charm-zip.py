#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packs a folder into a .charm so that the same files give the same bytes.

The names are sorted, the date is fixed, and the modes are 0755 and 0644, as Juju makes them. The
archive has no entries for folders.
"""

import argparse
import pathlib
import zipfile

DATE = (1980, 1, 1, 0, 0, 0)
UNIX = 3
REGULAR = 0o100000


def pack(folder, path):
    files = sorted(entry.relative_to(folder).as_posix()
                   for entry in folder.rglob("*") if entry.is_file())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in files:
            entry = zipfile.ZipInfo(name, DATE)
            mode = 0o755 if (folder / name).stat().st_mode & 0o100 else 0o644
            entry.create_system = UNIX
            entry.external_attr = (REGULAR | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, (folder / name).read_bytes(), compresslevel=9)


def unpack(path, folder):
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            file = pathlib.Path(archive.extract(entry, folder))
            file.chmod(entry.external_attr >> 16 & 0o777)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--unpack", action="store_true", help="unpack CHARM into FOLDER instead")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("charm", type=pathlib.Path)
    args = parser.parse_args()
    if args.unpack:
        unpack(args.charm, args.folder)
    else:
        pack(args.folder, args.charm)


if __name__ == "__main__":
    main()

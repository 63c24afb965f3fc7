# SPDX-License-Identifier: Apache-2.0
"""Puts faults into a good .charm, one at a time. The gate that is meant for a fault must refuse the
file, and no other gate of its group. This shows that every gate can fail, for its own reason."""

import copy
import json
import os
import pathlib
import random
import subprocess
import tempfile
import zipfile

import charm_gates as gates

SOURCE = """
#include <netdb.h>
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv)
{
    char text[64];
    strcpy(text, argv[argc - 1]);
#ifdef CALL
    CALL;
#endif
    return puts(text) < 0;
}
"""
SOUND = ("-O2 -fPIE -pie -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong "
         "-Wl,-z,relro,-z,now,-z,noexecstack").split()


class Compiler:
    """Compiles small programs with one flaw each."""

    def __init__(self):
        self.keep = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.keep.name)
        (self.folder / "main.c").write_text(SOURCE)

    def run(self, *arguments):
        subprocess.run([os.environ.get("CC") or "gcc", "-w", *arguments], cwd=self.folder,
                       check=True)

    def program(self, *flaws, strip="-s"):
        self.run(*SOUND, "main.c", *flaws, strip, "-o", "program")
        return (self.folder / "program").read_bytes()

    def with_library(self, soname, version):
        """A program that calls a function of a library of that name and symbol version."""
        (self.folder / "library.c").write_text("void library(void) {}\n")
        (self.folder / "library.map").write_text(f"{version} {{ global: library; }};\n")
        self.run("-shared", "-fPIC", "-nostdlib", f"-Wl,-soname,{soname}",
                 "-Wl,--version-script,library.map", "library.c", "-o", "liblibrary.so")
        return self.program("-DCALL=library()", "-L.", "-llibrary")


# --- faults of the archive: functions that change its entries ------------------------------------


def find(entries, name):
    return next(entry for entry in entries if entry.name == name)


def add(name, mode=0o100644):
    def fault(entries):
        entries.append(gates.Entry(name, mode, entries[0].date, b"#!/bin/sh\n"))
        entries.sort(key=lambda entry: entry.name)
    return fault


def drop(name):
    return lambda entries: entries.remove(find(entries, name))


def change_mode(name, mode):
    return lambda entries: setattr(find(entries, name), "mode", mode)


def change_date(entries):
    entries[0].date = (2024, 2, 29, 12, 0, 0)


def append(name, content):
    def fault(entries):
        find(entries, name).content += content
    return fault


def replace(name, old, new):
    def fault(entries):
        entry = find(entries, name)
        if old.encode() not in entry.content:
            raise RuntimeError(f"{name} has no {old!r}")
        entry.content = entry.content.replace(old.encode(), new.encode(), 1)
    return fault


def put(name, content):
    return lambda entries: setattr(find(entries, name), "content", content)


def edit_sbom(change):
    def fault(entries):
        entry = find(entries, "sbom.spdx.json")
        sbom = json.loads(entry.content)
        change(sbom)
        entry.content = json.dumps(sbom).encode()
    return fault


def patch_machine(entries):
    """Changes the machine in the ELF header, and nothing else."""
    entry = find(entries, "dispatch")
    entry.content = entry.content[:18] + b"\xf3\x00" + entry.content[20:]


def noise(size):
    return random.Random(1).randbytes(size)


def other_version(sbom):
    sbom["packages"][1]["versionInfo"] = "0.0.1"


def other_checksum(sbom):
    for checksum in sbom["files"][0]["checksums"]:
        checksum["checksumValue"] = "0" * 40


def dangling(sbom):
    sbom["relationships"][0]["relatedSpdxElement"] = "SPDXRef-nothing"


def without_charm(sbom):
    del sbom["packages"][0]
    sbom["relationships"] = [one for one in sbom["relationships"]
                             if "SPDXRef-charm" not in one.values()]


def archive_faults():
    regular = 0o100000
    return [
        (gates.holds_exactly_what_is_listed, add("hooks/install", regular | 0o644)),
        (gates.holds_exactly_what_is_listed, drop("LICENSE")),
        (gates.programs_are_0755_and_texts_0644, change_mode("dispatch", regular | 0o644)),
        (gates.programs_are_0755_and_texts_0644, change_mode("state", regular | 0o644)),
        (gates.programs_are_0755_and_texts_0644, change_mode("version", regular | 0o755)),
        (gates.programs_are_0755_and_texts_0644, change_mode("state", 0o120777)),
        (gates.is_sorted_and_has_one_date, change_date),
        (gates.is_sorted_and_has_one_date, list.reverse),
        (gates.archive_is_at_most_1_mib, append("README.md", noise(gates.ARCHIVE_MAX))),
        (gates.dispatch_is_at_most_2_mib, append("dispatch", bytes(gates.DISPATCH_MAX))),
    ]


def metadata_faults():
    takes = gates.metadata_is_what_juju_takes
    manifest = gates.manifest_is_what_juju_takes
    config = gates.config_is_what_juju_takes
    return [
        (takes, replace("metadata.yaml", "summary:", "symmary:")),
        (takes, replace("metadata.yaml", "name: microsample-vm", "name: other")),
        (takes, append("metadata.yaml", b"series: [jammy]\n")),
        (takes, put("metadata.yaml", b"a: [")),
        (manifest, put("manifest.yaml", b"bases:\n- name: ubuntu\n  channel: 22.04\n"
                                        b"  architectures: [amd64]\n")),
        (manifest, put("manifest.yaml", b"bases:\n- name: ubuntu\n  channel: '22.04'\n")),
        (manifest, put("manifest.yaml", b"bases:\n- name: debian\n  channel: '12'\n"
                                        b"  architectures: [amd64]\n")),
        (manifest, put("manifest.yaml", b"bases:\n- name: ubuntu\n  channel: '22.04'\n"
                                        b"  architectures: [all]\n")),
        (manifest, put("manifest.yaml", b"")),
        (config, put("config.yaml", b"")),
        (config, put("config.yaml", b"options: {}\n")),
        (config, replace("config.yaml", "type: string", "type: int")),
    ]


def contents_faults():
    return [
        (gates.version_is_that_of_the_program, put("version", b"0.0.1\n")),
        (gates.sbom_is_spdx, edit_sbom(lambda sbom: sbom.update(spdxVersion="SPDX-1.0"))),
        (gates.sbom_is_spdx, edit_sbom(lambda sbom: sbom.pop("documentNamespace"))),
        (gates.sbom_is_spdx, edit_sbom(dangling)),
        (gates.sbom_has_the_versions_of_the_program, edit_sbom(other_version)),
        (gates.sbom_has_the_versions_of_the_program, edit_sbom(without_charm)),
        (gates.sbom_is_of_this_program, edit_sbom(other_checksum)),
        (gates.every_library_has_its_licence, drop("licenses/cjson.txt")),
        (gates.every_library_has_its_licence, put("licenses/curl.txt", b"")),
    ]


def program_faults(compiler):
    """Pairs of a gate and the small program that it must refuse."""
    def flawed(*flaws, **options):
        return put("dispatch", compiler.program(*flaws, **options))

    plain = flawed()
    return [
        (None, plain),
        (gates.needs_libc_and_libm_only,
         put("dispatch", compiler.with_library("libother.so.1", "OTHER_1.0"))),
        (gates.fits_the_libc_of_its_base,
         put("dispatch", compiler.with_library("libm.so.6", "GLIBC_9.99"))),
        (gates.is_of_its_architecture, lambda entries: (plain(entries), patch_machine(entries))),
        (gates.is_position_independent, flawed("-fno-pie", "-no-pie")),
        (gates.relocations_are_read_only, flawed("-Wl,-z,norelro")),
        (gates.relocations_are_read_only, flawed("-Wl,-z,lazy")),
        (gates.stack_is_not_executable, flawed("-Wl,-z,execstack")),
        (gates.stack_is_protected, flawed("-fno-stack-protector")),
        (gates.calls_are_fortified, flawed("-U_FORTIFY_SOURCE")),
        (gates.looks_for_libraries_nowhere_else, flawed("-Wl,-rpath,/opt")),
        (gates.looks_for_libraries_nowhere_else,
         flawed("-Wl,--disable-new-dtags", "-Wl,-rpath,/opt")),
        (gates.resolves_no_names, flawed("-DCALL=getaddrinfo(text, 0, 0, 0)")),
        (gates.resolves_no_names, flawed("-DCALL=gethostbyname(text)")),
        (gates.is_stripped, flawed(strip="-g")),
    ]


# --- the test --------------------------------------------------------------------------------------


def write(entries, path, method):
    with zipfile.ZipFile(path, "w") as archive:
        for entry in entries:
            info = zipfile.ZipInfo(entry.name, entry.date)
            info.create_system = 3
            info.external_attr = entry.mode << 16
            archive.writestr(info, entry.content, method)


def refusals(group, charm):
    ret = set()
    for gate in group:
        try:
            gate(charm)
        except gates.Refused:
            ret.add(gate)
    return ret


def verdicts(sound):
    """Yields for each fault its name and whether the right gate refuses it."""
    groups = [
        (gates.ARCHIVE, archive_faults()),
        (gates.PROGRAM, program_faults(Compiler())),
        (gates.METADATA, metadata_faults()),
        (gates.CONTENTS, contents_faults()),
    ]
    caught = set()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "faulty.charm")
        for group, faults in groups:
            # Only the archive's gates look at the packing; the others run faster without it.
            method = zipfile.ZIP_DEFLATED if group is gates.ARCHIVE else zipfile.ZIP_STORED
            for number, (gate, fault) in enumerate(faults):
                entries = copy.deepcopy(sound.entries)
                fault(entries)
                write(entries, path, method)
                found = refusals(group, gates.Charm(path))
                name = gate.__name__ if gate else "nothing"
                caught |= found
                yield f"fault {number} for {name}", found == ({gate} if gate else set())
    yield "every gate can fail", caught == set(gates.ALL)

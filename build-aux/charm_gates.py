# SPDX-License-Identifier: Apache-2.0
"""What must be true of a .charm file before anybody deploys it. A gate is a function that takes a
Charm and raises Refused if something is wrong; its name is the fact that it checks."""

import dataclasses
import hashlib
import json
import pathlib
import re
import runpy
import stat
import subprocess
import tempfile
import zipfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent
GLIBC = runpy.run_path(str(HERE / "charm-metadata.py"))["GLIBC"]
MACHINES = {"amd64": "Advanced Micro Devices X86-64", "arm64": "AArch64"}
PROGRAMS = ["dispatch", "state"]
LICENSES = {"libcurl": "curl", "cJSON": "cjson", "SQLite": "sqlite"}
FILES = sorted([
    *PROGRAMS, "LICENSE", "README.md", "config.yaml", "manifest.yaml", "metadata.yaml",
    "sbom.spdx.json", "version", *(f"licenses/{name}.txt" for name in LICENSES.values()),
])
DISPATCH_MAX = 2 << 20
ARCHIVE_MAX = 1 << 20
RESOLVER = re.compile(r"(getaddrinfo|getnameinfo|gethostby\w+|getservby\w+|_*res_n?\w*(init|query|search))$")


class Refused(Exception):
    pass


def require(condition, text):
    if not condition:
        raise Refused(text)


@dataclasses.dataclass
class Entry:
    name: str
    mode: int  # type and permissions, as in Unix
    date: tuple
    content: bytes


class Charm:
    """The archive, and its program unpacked into a file."""

    def __init__(self, path):
        self.size = pathlib.Path(path).stat().st_size
        with zipfile.ZipFile(path) as archive:
            self.entries = [Entry(info.filename, info.external_attr >> 16, info.date_time,
                                  archive.read(info)) for info in archive.infolist()]
        self.folder = tempfile.TemporaryDirectory()
        self.program = pathlib.Path(self.folder.name, "dispatch")
        self.program.write_bytes(self.content("dispatch"))
        self.program.chmod(0o755)

    def content(self, name):
        for entry in self.entries:
            if entry.name == name:
                return entry.content
        raise Refused(f"there is no {name}")

    def yaml(self, name):
        try:
            return yaml.safe_load(self.content(name))
        except yaml.YAMLError as error:
            raise Refused(f"{name}: {error}") from error

    def sbom(self):
        try:
            return json.loads(self.content("sbom.spdx.json"))
        except ValueError as error:
            raise Refused(f"sbom.spdx.json: {error}") from error

    def readelf(self, *options):
        answer = subprocess.run(["readelf", "--wide", *options, self.program],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        require(answer.returncode == 0, "dispatch is not a program")
        return answer.stdout

    def imports(self):
        """The names that the program takes from libraries, without their versions."""
        found = re.findall(r" UND (\S+)", self.readelf("--dyn-syms"))
        return {name.partition("@")[0] for name in found}

    def versions(self):
        """Name and version of the charm and of each library, as the program prints them."""
        try:
            answer = subprocess.run([self.program, "state", "--version"], cwd="/",
                                    stdout=subprocess.PIPE, text=True)
        except OSError as error:
            raise Refused(f"dispatch does not run: {error}") from error
        require(answer.returncode == 0, "dispatch state --version fails")
        return dict(line.split(" ", 1) for line in answer.stdout.splitlines())

    def base(self):
        bases = self.yaml("manifest.yaml").get("bases")
        require(bases, "manifest.yaml has no bases")
        return bases[0]


# --- the archive -------------------------------------------------------------------------------


def holds_exactly_what_is_listed(charm):
    names = sorted(entry.name for entry in charm.entries)
    require(names == FILES, f"holds {names}")


def programs_are_0755_and_texts_0644(charm):
    for entry in charm.entries:
        wanted = stat.S_IFREG | (0o755 if entry.name in PROGRAMS else 0o644)
        require(entry.mode == wanted, f"{entry.name} is {oct(entry.mode)}")


def is_sorted_and_has_one_date(charm):
    names = [entry.name for entry in charm.entries]
    require(names == sorted(names), "the names are not sorted")
    require(all(entry.date == (1980, 1, 1, 0, 0, 0) for entry in charm.entries), "a date differs")


def archive_is_at_most_1_mib(charm):
    require(charm.size <= ARCHIVE_MAX, f"{charm.size} bytes")


def dispatch_is_at_most_2_mib(charm):
    require(len(charm.content("dispatch")) <= DISPATCH_MAX,
            f"{len(charm.content('dispatch'))} bytes")


# --- the program -------------------------------------------------------------------------------


def needs_libc_and_libm_only(charm):
    for name in re.findall(r"\(NEEDED\).*\[(.*)\]", charm.readelf("--dynamic")):
        require(re.fullmatch(r"lib[cm]\.so\.6|ld-linux[\w-]*\.so\.\d", name), f"needs {name}")


def fits_the_libc_of_its_base(charm):
    wanted = charm.base().get("channel")
    require(wanted in GLIBC, f"no base {wanted} is known")
    for major, minor in re.findall(r"\bGLIBC_(\d+)\.(\d+)", charm.readelf("--version-info")):
        require((int(major), int(minor)) <= GLIBC[wanted],
                f"needs GLIBC_{major}.{minor}, not on {wanted}")


def is_of_its_architecture(charm):
    machine = re.search(r"Machine: +(.*)", charm.readelf("--file-header"))[1]
    wanted = [MACHINES.get(name) for name in charm.base().get("architectures", [])]
    require(wanted == [machine], f"is for {machine}")


def is_position_independent(charm):
    require(re.search(r"\(FLAGS_1\).*\bPIE\b", charm.readelf("--dynamic")), "no PIE")


def relocations_are_read_only(charm):
    require("GNU_RELRO" in charm.readelf("--program-headers"), "no RELRO")
    require(re.search(r"\(FLAGS_1\).*\bNOW\b", charm.readelf("--dynamic")), "binds lazily")


def stack_is_not_executable(charm):
    found = re.search(r"GNU_STACK.* (\w+) +0x\w+$", charm.readelf("--program-headers"), re.M)
    require(found and "E" not in found[1], "executable stack")


def stack_is_protected(charm):
    require("__stack_chk_fail" in charm.imports(), "no stack protector")


def calls_are_fortified(charm):
    fortified = {name for name in charm.imports() if re.fullmatch(r"__\w+_chk", name)}
    require(fortified, "no _FORTIFY_SOURCE")


def looks_for_libraries_nowhere_else(charm):
    require(not re.search(r"\((RPATH|RUNPATH)\)", charm.readelf("--dynamic")), "RPATH or RUNPATH")


def resolves_no_names(charm):
    found = [name for name in charm.imports() if RESOLVER.match(name)]
    require(not found, f"imports {found}")


def is_stripped(charm):
    require(".symtab" not in charm.readelf("--sections"), "has symbols")


# --- what Juju's charm reader demands ----------------------------------------------------------


def metadata_is_what_juju_takes(charm):
    meta = charm.yaml("metadata.yaml")
    for key in ("name", "summary", "description", "display-name"):
        require(isinstance(meta.get(key), str) and meta[key].strip(), f"no {key}")
    require(meta["name"] == "microsample-vm", f"the name is {meta['name']}")
    require(len(meta["summary"]) <= 200, "the summary is too long")
    require("series" not in meta, "series makes it a charm of format 1")


def manifest_is_what_juju_takes(charm):
    manifest = charm.yaml("manifest.yaml") or {}
    require(manifest.get("bases"), "no bases")
    for base in manifest["bases"]:
        require(base.get("name") == "ubuntu", f"base {base.get('name')}")
        require(isinstance(base.get("channel"), str), "the channel is not text")
        require(base.get("architectures"), "no architectures")
        require(set(base["architectures"]) <= set(MACHINES), f"for {base['architectures']}")


def config_is_what_juju_takes(charm):
    options = (charm.yaml("config.yaml") or {}).get("options")
    require(options, "an empty configuration")
    option = options.get("channel", {})
    require(option.get("type") == "string" and option.get("default") == "edge", "option channel")
    require(option.get("description"), "no description")


# --- what is in it -----------------------------------------------------------------------------


def version_is_that_of_the_program(charm):
    wanted = charm.versions().get("microsample-vm")
    require(charm.content("version").decode().strip() == wanted, f"the program is {wanted}")


def sbom_is_spdx(charm):
    sbom = charm.sbom()
    require(sbom.get("spdxVersion") == "SPDX-2.3" and sbom.get("dataLicense") == "CC0-1.0", "head")
    require(sbom.get("documentNamespace", "").startswith("https://"), "no namespace")
    created = sbom.get("creationInfo", {}).get("created", "")
    require(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created), "no date")
    known = {sbom.get("SPDXID")}
    for item in sbom.get("packages", []) + sbom.get("files", []):
        require(re.fullmatch(r"SPDXRef-[\w.-]+", item.get("SPDXID", "")), "an item has no id")
        known.add(item["SPDXID"])
    for package in sbom["packages"]:
        require(package.get("downloadLocation") and package.get("name"), "a package lacks fields")
    for relation in sbom.get("relationships", []):
        require({relation["spdxElementId"], relation["relatedSpdxElement"]} <= known,
                "a relationship to nothing")


def sbom_has_the_versions_of_the_program(charm):
    named = {package["name"]: package.get("versionInfo") for package in charm.sbom()["packages"]}
    require(named == charm.versions(), f"the SBOM has {named}, the program {charm.versions()}")


def sbom_is_of_this_program(charm):
    digests = {one["algorithm"]: one["checksumValue"]
               for file in charm.sbom().get("files", []) if file["fileName"] == "./dispatch"
               for one in file["checksums"]}
    wanted = hashlib.sha256(charm.content("dispatch")).hexdigest()
    require(digests.get("SHA256") == wanted, "the checksum is of another program")


def every_library_has_its_licence(charm):
    for library in charm.versions():
        name = f"licenses/{LICENSES[library]}.txt" if library in LICENSES else "LICENSE"
        require(len(charm.content(name)) >= 60, f"{library}: {name} says nothing")


ARCHIVE = [holds_exactly_what_is_listed, programs_are_0755_and_texts_0644,
           is_sorted_and_has_one_date, archive_is_at_most_1_mib, dispatch_is_at_most_2_mib]
PROGRAM = [needs_libc_and_libm_only, fits_the_libc_of_its_base, is_of_its_architecture,
           is_position_independent, relocations_are_read_only, stack_is_not_executable,
           stack_is_protected, calls_are_fortified, looks_for_libraries_nowhere_else,
           resolves_no_names, is_stripped]
METADATA = [metadata_is_what_juju_takes, manifest_is_what_juju_takes, config_is_what_juju_takes]
CONTENTS = [version_is_that_of_the_program, sbom_is_spdx, sbom_has_the_versions_of_the_program,
            sbom_is_of_this_program, every_library_has_its_licence]
ALL = ARCHIVE + PROGRAM + METADATA + CONTENTS

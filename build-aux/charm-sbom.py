#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the SBOM of the program, as SPDX 2.3 JSON.

The versions are those of the libraries that are really linked; the program itself prints them
(`dispatch state --version`). A file in the folder of origins says in one line where a library comes
from,

    deb DISTRIBUTION PACKAGE VERSION        a source package of the distribution
    file NAME sha256/DIGEST                 an archive that the user named

Without such a file, the library comes from the source of its part in charmcraft.yaml. SQLite is the
archive of the system that builds. The same input gives the same bytes: the document has the date of
SOURCE_DATE_EPOCH, or 1980 without it, and a name with the checksum of the program.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import platform
import subprocess
import sys
import urllib.parse

import yaml

# The name that the program uses, the part, the licence, the supplier, the home page.
LIBRARIES = [
    ("libcurl", "curl", "curl", "Organization: The curl project", "https://curl.se/"),
    ("cJSON", "cjson", "MIT", "Person: Dave Gamble", "https://github.com/DaveGamble/cJSON"),
    ("SQLite", "sqlite3", "blessing", "Organization: The SQLite project", "https://sqlite.org/"),
]
EARLIEST = 315532800  # 1980-01-01, the first day of a zip archive


def linked_versions(program):
    """Name and version of the charm, then of each library, as the program prints them."""
    answer = subprocess.run([program.resolve(), "state", "--version"], cwd="/", check=True,
                            stdout=subprocess.PIPE, text=True)
    return dict(line.split(" ", 1) for line in answer.stdout.splitlines())


def package_url(kind, name, version, **qualifiers):
    query = urllib.parse.urlencode({k: v for k, v in sorted(qualifiers.items())}, safe=":/")
    return f"pkg:{kind}/{name}@{urllib.parse.quote(version, safe='')}?{query}"


def system_sqlite():
    """The origin of the system's libsqlite3.a."""
    query = ["dpkg-query", "--show", "--showformat=${source:Package} ${source:Version}",
             "libsqlite3-dev"]
    answer = subprocess.run(query, check=True, stdout=subprocess.PIPE, text=True)
    return f"deb {platform.freedesktop_os_release()['ID']} {answer.stdout}"


def origin(part, version, project, folder):
    """Where PART comes from: to be downloaded, in words, and as a package URL."""
    path = folder / part if folder else None
    if path and path.exists():
        kind, *words = path.read_text().split()
    elif part == "sqlite3":
        kind, *words = system_sqlite().split()
    else:
        pin = project["parts"][part]
        kind, words = "pin", [pin["source"], pin["source-checksum"]]
    if kind == "deb":
        distribution, package, version = words
        return ("NOASSERTION", f"source package {package} {version} of {distribution}",
                package_url("deb", f"{distribution}/{package}", version, arch="source"))
    name, (algorithm, digest) = words[0], words[1].split("/")
    qualifiers = {"download_url": name} if kind == "pin" else {}
    return (name if kind == "pin" else "NOASSERTION", f"{name}, {algorithm} {digest}",
            package_url("generic", part, version, checksum=f"{algorithm}:{digest}", **qualifiers))


def library(entry, versions, project, folder):
    name, part, license_name, supplier, home = entry
    location, info, purl = origin(part, versions[name], project, folder)
    return {
        "SPDXID": f"SPDXRef-{name}",
        "name": name,
        "versionInfo": versions[name],
        "supplier": supplier,
        "homepage": home,
        "downloadLocation": location,
        "sourceInfo": info,
        "filesAnalyzed": False,
        "licenseConcluded": license_name,
        "licenseDeclared": license_name,
        "copyrightText": "NOASSERTION",
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": purl,
        }],
    }


def charm(project, versions):
    return {
        "SPDXID": "SPDXRef-charm",
        "name": project["name"],
        "versionInfo": versions[project["name"]],
        "supplier": "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "primaryPackagePurpose": "APPLICATION",
        "licenseConcluded": "Apache-2.0",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
    }


def program_file(content):
    digests = {"SHA1": hashlib.sha1(content), "SHA256": hashlib.sha256(content)}
    return {
        "SPDXID": "SPDXRef-dispatch",
        "fileName": "./dispatch",
        "fileTypes": ["BINARY"],
        "checksums": [{"algorithm": name, "checksumValue": digest.hexdigest()}
                      for name, digest in digests.items()],
        "licenseConcluded": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    }


def document(project, versions, content, folder):
    name = f"{project['name']}-{versions[project['name']]}"
    date = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH") or EARLIEST),
                                           datetime.timezone.utc)
    relate = lambda one, how, other: {"spdxElementId": f"SPDXRef-{one}", "relationshipType": how,
                                      "relatedSpdxElement": f"SPDXRef-{other}"}
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": f"https://spdx.org/spdxdocs/{name}-"
                             f"{hashlib.sha256(content).hexdigest()}",
        "creationInfo": {
            "created": date.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [f"Tool: {name}/charm-sbom.py"],
        },
        "packages": [charm(project, versions)] + [library(entry, versions, project, folder)
                                                  for entry in LIBRARIES],
        "files": [program_file(content)],
        "relationships": [relate("DOCUMENT", "DESCRIBES", "charm"),
                          relate("charm", "CONTAINS", "dispatch")] +
                         [relate("dispatch", "STATIC_LINK", entry[0]) for entry in LIBRARIES],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--origins", type=pathlib.Path, help="folder with a file for each library")
    parser.add_argument("project", metavar="charmcraft.yaml", type=pathlib.Path)
    parser.add_argument("program", metavar="dispatch", type=pathlib.Path)
    args = parser.parse_args()
    project = yaml.safe_load(args.project.read_text(encoding="utf-8"))
    sbom = document(project, linked_versions(args.program), args.program.read_bytes(),
                    args.origins)
    json.dump(sbom, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a bill of materials (CycloneDX 1.5, JSON) of programs: what they are linked with,
by the Debian packages that have those files. Libraries that only these load in turn are in it
too: ldd names them all.

Packages of npm that the web pages are made of come from their lock file.

usage: sbom.py VERSION LOCK PROGRAM ... >FILE"""
import base64
import json
import os
import re
import subprocess
import sys
import uuid
from datetime import datetime, timezone
from pathlib import Path

LICENCES = re.compile(r"^License: *(\S.*)$", re.M)


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120).stdout


def libraries(program):
    """The files that the loader takes for it."""
    found = re.findall(r"(?:=> |^\s+)(/\S+) \(0x", run("ldd", program), re.M)
    return {os.path.realpath(path) for path in found}


def packages_of(paths):
    """{path: package}; dpkg knows files by the name that they were packed under: /lib may be
    /usr/lib."""
    names = {name: path for path in paths for name in (path, path.removeprefix("/usr"))}
    done = subprocess.run(["dpkg-query", "-S", *names], capture_output=True, text=True,
                          check=False, timeout=120)
    found = (line.rpartition(": ") for line in done.stdout.splitlines())
    return {names[name]: owners.split(", ")[0] for owners, _, name in found if name in names}


def licences(package):
    """The short names that its copyright file has, where it has the machine-readable form."""
    copyright_file = Path("/usr/share/doc") / package / "copyright"
    try:
        text = copyright_file.read_text(errors="replace")
    except OSError:
        return []
    if "Format:" not in text.splitlines()[0]:
        return []
    return sorted(set(LICENCES.findall(text)))


SHAPE = "${Package}\\t${Version}\\t${Architecture}\\t${source:Package}\\t${source:Version}\\n"


def component(line):
    name, version, arch, source, upstream = line.split("\t")
    purl = f"pkg:deb/debian/{name}@{version.replace(':', '%3A').replace('+', '%2B')}?arch={arch}"
    found = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
             "properties": [{"name": "debian:source", "value": f"{source} ({upstream})"}]}
    if names := licences(name):
        # of all its files, those that only build it among them
        found["properties"].append({"name": "debian:copyright", "value": ", ".join(names)})
    return found


def web(lock):
    """What the pages' bundle has: packages that are not for development alone."""
    try:
        packages = json.loads(Path(lock).read_text())["packages"]
    except OSError:
        return []
    found = []
    for place, p in sorted(packages.items()):
        if not place or p.get("dev") or p.get("optional"):
            continue
        name = place.rpartition("node_modules/")[2]
        purl = f"pkg:npm/{name.replace('@', '%40')}@{p['version']}"
        part = {"type": "library", "bom-ref": purl, "name": name, "version": p["version"],
                "purl": purl}
        if p.get("license"):
            part["licenses"] = [{"expression": p["license"]}]
        kind, _, digest = p.get("integrity", "").partition("-")
        if kind == "sha512":
            part["hashes"] = [{"alg": "SHA-512", "content": base64.b64decode(digest).hex()}]
        found.append(part)
    return found


def when():
    """Of the build, where that says so: then two builds have the same bill."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.fromtimestamp(int(epoch), timezone.utc) if epoch else \
        datetime.now(timezone.utc)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def bill(version, lock, programs):
    files = {Path(program).name: libraries(program) for program in programs}
    owners = packages_of(set().union(*files.values()))
    unknown = set().union(*files.values()) - set(owners)
    if unknown:
        sys.exit(f"sbom: of no package: {' '.join(sorted(unknown))}")
    uses = {name: {owners[path] for path in paths} for name, paths in files.items()}
    used = sorted(set().union(*uses.values()))
    parts = [component(run("dpkg-query", "-W", "-f", SHAPE, p).splitlines()[0]) for p in used]
    refs = {p: part["bom-ref"] for p, part in zip(used, parts)}
    pages = web(lock)
    ours = [{"type": "application", "bom-ref": name, "name": name, "version": version,
             "licenses": [{"license": {"id": "Apache-2.0"}}]} for name in sorted(uses)]
    made = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"timestamp": when(), "component": {
            "type": "application", "bom-ref": "clusterbmc", "name": "clusterbmc",
            "version": version, "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": ours + parts + pages,
        "dependencies": [{"ref": "clusterbmc", "dependsOn": sorted(uses) +
                          [p["bom-ref"] for p in pages]}] +
                        [{"ref": name, "dependsOn": sorted(refs[p] for p in uses[name])}
                         for name in sorted(uses)],
    }
    names = json.dumps(made["components"], sort_keys=True)
    made["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, names)}"
    return made


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    json.dump(bill(sys.argv[1], sys.argv[2], sys.argv[3:]), sys.stdout, indent=1, sort_keys=True)
    print()

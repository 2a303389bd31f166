# SPDX-License-Identifier: Apache-2.0
"""The bill of materials: what CycloneDX 1.5 requires of one, and every library that the
programs say they need."""
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest

from sources import TOP

pytestmark = [pytest.mark.plain_only,
              pytest.mark.skipif(not shutil.which("dpkg-query"), reason="this is no Debian")]

BUILD = Path(os.environ.get("CLUSTERBMC_BUILD", TOP / "build"))
TEXT = {"type": "string", "minLength": 1}
# From the standard's own bom-1.5.schema.json: what must be there, and the forms of it.
PART = {"type": "object", "required": ["type", "name"], "additionalProperties": False,
        "properties": {
            "type": {"enum": ["application", "library"]}, "name": TEXT, "version": TEXT,
            "bom-ref": TEXT, "purl": {"type": "string", "pattern": "^pkg:(deb|npm)/"},
            "licenses": {"type": "array"},
            "hashes": {"type": "array", "items": {
                "type": "object", "required": ["alg", "content"],
                "properties": {"alg": {"const": "SHA-512"},
                               "content": {"type": "string", "pattern": "^[0-9a-f]{128}$"}}}},
            "properties": {"type": "array", "items": {
                "type": "object", "additionalProperties": False,
                "properties": {"name": TEXT, "value": TEXT}}}}}
BILL = {"type": "object", "required": ["bomFormat", "specVersion", "version", "components"],
        "properties": {
            "bomFormat": {"const": "CycloneDX"}, "specVersion": {"const": "1.5"},
            "serialNumber": {"pattern": "^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
            "version": {"type": "integer", "minimum": 1},
            "metadata": {"type": "object", "properties": {
                "timestamp": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
                "component": PART}},
            "components": {"type": "array", "items": PART, "uniqueItems": True},
            "dependencies": {"type": "array", "uniqueItems": True, "items": {
                "type": "object", "required": ["ref"], "properties": {
                    "dependsOn": {"type": "array", "items": TEXT, "uniqueItems": True}}}}}}


def made():
    """By the rule of the makefile, whose time two runs share."""
    run = subprocess.run(["make", "-s", "sbom"], cwd=BUILD, capture_output=True, text=True,
                         timeout=600, check=False,
                         env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
    assert run.returncode == 0, run.stdout + run.stderr
    return (BUILD / "clusterbmc.cdx.json").read_text()


@pytest.fixture(scope="module")
def text():
    return made()


@pytest.fixture(scope="module")
def bill(text):
    return json.loads(text)


def test_it_has_the_form_of_cyclonedx(bill):
    jsonschema.validate(bill, BILL)
    refs = [c["bom-ref"] for c in bill["components"]] + ["clusterbmc"]
    assert len(refs) == len(set(refs))
    for row in bill["dependencies"]:
        assert {row["ref"], *row["dependsOn"]} <= set(refs)


@pytest.mark.parametrize("program", ["clusterbmcd", "clusterbmc-priv", "bmc"])
def test_every_library_that_a_program_needs_is_in_it(bill, program):
    """By another way: readelf's NEEDED and ldconfig's cache."""
    needed = re.findall(r"\(NEEDED\).*\[(\S+)\]", subprocess.run(
        ["readelf", "-d", str(BUILD / program)], capture_output=True, text=True, check=True,
        timeout=60).stdout)
    row = next(d for d in bill["dependencies"] if d["ref"] == program)
    names = {re.match("pkg:deb/debian/([^@]+)@", ref)[1] for ref in row["dependsOn"]}
    cache = set(re.findall(r"^\t(\S+) \(.*\) => (\S+)$", subprocess.run(
        ["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True, timeout=60).stdout,
        re.M))
    for library in needed:
        # of each architecture that is here; /lib and /usr/lib may be the same folder
        at = {path.removeprefix("/usr") for name, path in cache if name == library}
        found = subprocess.run(["dpkg-query", "-S", *at, *("/usr" + p for p in at)],
                               check=False, capture_output=True, text=True, timeout=60).stdout
        assert {line.split(":")[0] for line in found.splitlines()} & names, library


def test_two_bills_of_one_build_are_equal(text):
    assert made() == text and '"2023-11-14T22:13:20Z"' in text


def test_pages_packages_are_those_of_the_lock_file(bill):
    lock = TOP / "redfish/webui/package-lock.json"
    packages = json.loads(lock.read_text())["packages"]
    wanted = {f"{p.rpartition('node_modules/')[2]} {v['version']}" for p, v in packages.items()
              if p and not v.get("dev") and not v.get("optional")}
    have = {f"{c['name']} {c['version']}" for c in bill["components"]
            if c.get("purl", "").startswith("pkg:npm/")}
    assert have == wanted and wanted

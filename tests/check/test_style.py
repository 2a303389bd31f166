# SPDX-License-Identifier: Apache-2.0
"""The limits of the house style that a machine can see: sizes, licence lines, leftovers."""
import re
import shutil
import subprocess

import pytest

from sources import TOP, c_files

FUNCTION_MAX = 50
FILE_MAX = 500
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|not implemented")
SCRIPTS = ("*.py", "*.sh", "*.inc", "*.am", "*.ac", "*.yaml")


def functions(path):
    """(name, lines of the body) of each function: bodies begin and end at column 0."""
    lines = (TOP / path).read_text().splitlines()
    start = None
    for i, line in enumerate(lines):
        if line == "{":
            start = i
        elif line == "}" and start is not None:
            yield lines[start - 1].strip(), i - start - 1
            start = None


@pytest.mark.plain_only
def test_functions_are_short():
    long = [f"{path}: {name}: {n} lines" for path in c_files(".c", ".h")
            for name, n in functions(path) if n > FUNCTION_MAX]
    assert not long, "\n".join(long)


@pytest.mark.plain_only
def test_files_are_short():
    long = [f"{path}: {n} lines" for path in c_files(".c", ".h")
            if (n := len((TOP / path).read_text().splitlines())) > FILE_MAX]
    assert not long, "\n".join(long)


@pytest.mark.plain_only
def test_every_source_begins_with_its_licence():
    for path in c_files(".c", ".h", folders=("agent", "redfish", "plugins", "tests")):
        first = (TOP / path).read_text().splitlines()[0]
        assert first == "// SPDX-License-Identifier: Apache-2.0", path


@pytest.mark.plain_only
def test_every_source_says_what_it_is_for():
    for path in c_files(".c"):
        second = (TOP / path).read_text().splitlines()[1]
        assert second.startswith(("//", "/*")), path


@pytest.mark.plain_only
def test_mount_namespaces_are_entered_with_their_root():
    """When the tests run below a chroot, nsenter without --root is outside of it: what
    useradd and others do there is done to the machine."""
    bare = [path.name for path in sorted((TOP / "tests/integration").glob("*.py"))
            if re.search(r'"nsenter", "--mount", (?!"--root")', path.read_text())]
    assert not bare


@pytest.mark.plain_only
def test_headers_are_included_once():
    for path in c_files(".h"):
        assert (TOP / path).read_text().splitlines()[1] == "#pragma once", path


@pytest.mark.plain_only
def test_nothing_is_left_for_later():
    found = []
    for path in c_files(".c", ".h"):
        for number, line in enumerate((TOP / path).read_text().splitlines(), 1):
            if LEFTOVER.search(line):
                found.append(f"{path}:{number}: {line.strip()}")
    assert not found, "\n".join(found)


@pytest.mark.plain_only
def test_scripts_and_makefiles_carry_the_licence_too():
    for folder in ("agent", "redfish", "plugins", "tests", "conf", "mibs"):
        for pattern in SCRIPTS:
            for path in (TOP / folder).rglob(pattern):
                if {"data", "seeds"} & set(path.parts):  # what a test feeds to the product
                    continue
                head = path.read_text().splitlines()[:3]
                assert any("SPDX-License-Identifier: Apache-2.0" in line for line in head), path


@pytest.mark.plain_only
def test_the_order_of_kinds_means_nothing():
    """What a kind is like is said by flags of its description."""
    kinds = re.findall(r"^\tBMC_([A-Z]+),$", (TOP / "agent/include/bmc/model.h").read_text()
                       .split("enum bmc_kind {")[1].split("}")[0], re.M)
    assert "FIRMWARE" in kinds
    order = re.compile(r"[<>]=? \(?BMC_(%s)\b" % "|".join(kinds))
    found = [f"{path}:{number}" for path in c_files(".c", ".h", folders=("agent", "redfish", "plugins"))
             for number, line in enumerate((TOP / path).read_text().splitlines(), 1)
             if order.search(line)]
    assert not found, "\n".join(found)


def clang_format():
    """Debian 12's: other versions break lines elsewhere."""
    program = shutil.which("clang-format-14") or shutil.which("clang-format")
    if not program or " 14." not in subprocess.run([program, "--version"], capture_output=True,
                                                   text=True, check=False).stdout:
        pytest.skip("clang-format 14 is not installed")
    return program


@pytest.mark.plain_only
def test_sources_are_formatted():
    paths = c_files(".c", ".h", folders=("agent", "redfish", "plugins", "tests"))
    done = subprocess.run([clang_format(), "--dry-run", *map(str, paths)], cwd=TOP,
                          capture_output=True, text=True, check=True)
    wrong = set(re.findall(r"^([^\s:]+):\d+:\d+: warning: code should be clang-formatted",
                           done.stderr, re.M))
    assert not wrong, f"clang-format -i {' '.join(sorted(wrong))}"


@pytest.mark.plain_only
def test_section_rulers_are_one_line():
    """/* ---- name ---- */: a longer one is broken by clang-format."""
    ruler = re.compile(r"^/\* -{4} (?!.* -{4} \*/$)|^ \* -{10,}")
    found = [f"{path}:{number}: {line}"
             for path in c_files(".c", ".h", folders=("agent", "redfish", "plugins", "tests"))
             for number, line in enumerate((TOP / path).read_text().splitlines(), 1)
             if ruler.search(line)]
    assert not found, "\n".join(found)


def test_threads_and_conditions_are_made_in_one_place():
    """core/base/thread.c blocks signals in threads and sets the clock of conditions."""
    made = re.compile(r"\bpthread_(create|cond_init|cond_timedwait)\s*\(")
    found = [str(p) for p in c_files(".c") if made.search((TOP / p).read_text())]
    assert [p for p in found if p.startswith(("agent/", "redfish/"))] == \
        ["agent/core/base/thread.c"]

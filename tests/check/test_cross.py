# SPDX-License-Identifier: Apache-2.0
"""What `./quickstart cross` runs under an emulator, counts and leaves out; here without one."""
import os
import re
import shutil
import subprocess

import pytest

from sources import TOP

pytestmark = [pytest.mark.plain_only]

CROSS = TOP / "tests/cross"
SKIP = re.compile(r"(test-[a-z0-9-]+)(?: ([a-z0-9_]+))?: (.{20,})")
LISTS = re.search(r'\{CROSS_LISTS:-"(.*?)"\}', (CROSS / "cross.sh").read_text())[1].split()
GOOD = "echo 1..2; echo ok 1 - a; echo ok 2 - b\n"
PROGRAM = """#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
static void works(void **state) { (void)state; }
static void tells(void **state) { (void)state; assert_null(getenv("LD_PRELOAD")); }
static void fails(void **state) { (void)state; assert_true(0); }
int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(works), cmocka_unit_test(fails),
		cmocka_unit_test(tells) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
"""


@pytest.fixture(name="units")
def fixture_units(tmp_path):
    """units(programs, skips, limit): runs units.sh on them; its status and its lines."""
    build = tmp_path / "build"
    (build / "tests/unit").mkdir(parents=True)

    def units(programs, skips="", limit=60):
        for name, text in programs.items():
            path = build / "tests/unit" / name
            path.write_text("#!/bin/sh\n" + text)
            path.chmod(0o755)
        (tmp_path / "skips").write_text("# a comment\n" + skips)
        (tmp_path / "logs").mkdir(exist_ok=True)
        names = sorted(p.name for p in (build / "tests/unit").iterdir())
        run = subprocess.run(
            [CROSS / "units.sh", tmp_path / "skips", tmp_path / "logs", *names],
            env={**os.environ, "top_srcdir": str(TOP), "top_builddir": str(build),
                 "UNITS_JOBS": "2", "UNITS_TIMEOUT": str(limit), "UNITS_EMULATOR": "",
                 "MARK": str(tmp_path / "mark")},
            capture_output=True, text=True, timeout=300, check=False)
        assert not run.stderr, run.stderr
        return run.returncode, run.stdout.splitlines()

    units.build, units.mark = build, tmp_path / "mark"
    return units


def test_each_skip_names_a_test_that_is_run_and_has_a_reason():
    lines = [line for line in (CROSS / "skips").read_text().splitlines()
             if line and not line.startswith("#")]
    assert lines and lines == sorted(set(lines))
    ran = "".join((TOP / f"tests/unit/{name}.inc").read_text() for name in LISTS)
    for line in lines:
        match = SKIP.fullmatch(line)
        assert match, line
        name, case, _ = match.groups()
        assert re.search(rf"tests/unit/{name}(?![a-z0-9-])", ran), line
        text = (TOP / f"tests/unit/{name}.c").read_text()
        assert not case or re.search(rf"^static void {case}\(void \*\*state\)", text, re.M), line


def test_what_passes_is_counted(units):
    assert units({"test-a": GOOD, "test-b": GOOD}) == (0, ["4 passed, 0 failed, 0 skipped"])


def test_what_fails_is_named_and_fails_the_whole(units):
    bad = "echo 1..2; echo ok 1 - a; echo not ok 2 - b; exit 1\n"
    assert units({"test-a": GOOD, "test-b": bad}) == (
        1, ["  test-b: not ok 2 - b", "3 passed, 1 failed, 0 skipped"])


@pytest.mark.parametrize("text, said", [
    ("kill -ABRT $$", ["it ended with 134", "it ran 0 of an unknown number of tests"]),
    ("echo 1..3; echo ok 1 - a; kill -SEGV $$", ["it ended with 139", "it ran 1 of 3 tests"]),
    ("echo 1..2; echo ok 1 - a", ["it ran 1 of 2 tests"]),
    ("exit 0", ["it ran 0 of an unknown number of tests"]),
    ("echo 1..1; echo ok 1 - a; exit 3", ["it ended with 3"]),
])
def test_a_program_that_does_not_end_well_has_failed(units, text, said):
    code, lines = units({"test-a": text + "\n"})
    assert code == 1
    assert lines[:-1] == [f"  test-a: not ok - {one}" for one in said]


def test_a_program_that_does_not_end_is_ended(units):
    text = 'echo . >>"$MARK"; echo 1..1; exec sleep 200\n'
    code, lines = units({"test-a": text}, limit=8)
    assert code == 1
    assert lines[0] == "  test-a: not ok - it had not ended after 8 seconds"
    assert units.mark.read_text() == ".\n"  # not a second time


def test_what_passes_alone_is_said_to_be_unstable(units):
    once = 'test -e "$MARK" || { : >"$MARK"; echo 1..1; echo not ok 1 - b; exit 1; }\n'
    assert units({"test-a": once + GOOD}) == (
        0, ["  UNSTABLE test-a: not ok 1 - b", "2 passed, 0 failed, 0 skipped"])


def test_nothing_at_all_is_no_success(units):
    code, lines = units({"test-a": "exit 1\n"}, "test-a: cannot be done here\n")
    assert (code, lines) == (1, ["  skipped: test-a: cannot be done here",
                                 "0 passed, 0 failed, 1 skipped"])


def test_a_program_is_left_out_by_its_whole_name(units):
    skips = "test-b: cannot be done here\ntest-other: is not among them\n"
    assert units({"test-a": GOOD, "test-b": "exit 1\n", "test-b-c": GOOD}, skips) == (
        0, ["  skipped: test-b: cannot be done here", "4 passed, 0 failed, 1 skipped"])


@pytest.mark.skipif(not shutil.which("gcc"), reason="gcc is missing")
def test_a_case_is_left_out_and_must_be_there(units):
    build = units.build
    for source, options in ((CROSS / "skip.c", ["-shared", "-fPIC", "-o", build / "skip.so"]),
                            (build / "p.c", ["-o", build / "tests/unit/test-case"])):
        if source.name == "p.c":
            source.write_text(PROGRAM)
        subprocess.run(["gcc", "-Wall", "-Wextra", "-Werror", *options, source, "-lcmocka"],
                       check=True, timeout=120)
    assert units({}) == (1, ["  test-case: not ok 2 - fails", "2 passed, 1 failed, 0 skipped"])
    assert units({}, "test-case fails: cannot be done here\n") == (
        0, ["  skipped: test-case fails: cannot be done here",
            "2 passed, 0 failed, 1 skipped"])
    code, lines = units({}, "test-case fails: no\ntest-case gone: cannot be done here\n")
    assert code == 1
    assert "  test-case: not ok - gone is to be skipped, and there is no such case" in lines

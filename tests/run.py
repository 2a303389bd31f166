#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Builds every variant and runs every test; `./quickstart check` ends here.

usage: tests/run.py BUILD_DIR [STAGE ...]     (all stages when none is named)

A variant is built while the tests of the one before run: tests mostly wait, compilers
mostly compute. What runs in which variant: tests/pytest.ini.

The last lines list what was skipped and why, and what failed; the very last one counts. The
exit status is 0 only when none failed and every stage ran. Logs stay in BUILD_DIR*/.
"""
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
CPUS = os.cpu_count() or 2
JOBS = str(CPUS)
UNIT_JOBS = str(4 * CPUS)  # they use a core for a twentieth of their time
PYTEST_JOBS = 2 * CPUS + 1  # with their agents, for a quarter
BUILD_NICE = ["nice", "-n", "5"]  # tests go first, and others don't starve it
# Those that take longest begin first; the others follow by size.
LONGEST = ["test_web.py", "test_gpio.py", "test_adb_server.py", "test_sensors.py", "test_clients.py",
           "test_crash.py", "test_ansible.py", "test_quarantine.py",
           "test_full_disk.py", "test_actions.py", "test_hung_threads.py", "test_tls.py",
           "test_accounts.py", "test_http_limits.py", "test_bad_input.py",
           "test_login_throttle.py", "test_memory.py", "test_everything_at_once.py",
           "test_state_bounds.py", "test_isolation.py"]
FLOOR = {"agent/core": 85.0, "redfish": 85.0}  # per cent of lines that tests execute
DIST_TESTS = ["tests/unit/test-conf", "tests/unit/test-conf-doc", "tests/unit/test-conf-files",
              "tests/unit/test-platform"]
SANITIZER = re.compile(r"(Address|Leak|Thread)Sanitizer|runtime error:")


class Results:
    def __init__(self):
        self.passed = self.failed = 0
        self.problems = []
        self.skips = {}  # reason: names of tests

    @property
    def skipped(self):
        return sum(map(len, self.skips.values()))

    def skip(self, name, why):
        self.skips.setdefault(why, []).append(name)

    def problem(self, text):
        self.failed += 1
        self.problems.append(text)

    def unstable(self, text):
        """Failed among others and passed alone."""
        self.passed += 1
        print("    UNSTABLE", text, flush=True)


def sh(argv, log, timeout, **kwargs):
    """Runs `argv` with its output in `log`; its exit status, 124 when time was up."""
    with open(log, "ab") as out:
        try:
            return subprocess.run(argv, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                  timeout=timeout, check=False, **kwargs).returncode
        except subprocess.TimeoutExpired:
            out.write(b"\ntime was up\n")
            return 124


def build(directory, options):
    """Configures (once) and builds one variant; raises with the log's end on failure."""
    directory.mkdir(parents=True, exist_ok=True)
    log = directory / "build.log"
    log.write_bytes(b"")
    print(f"    building in {directory}", flush=True)
    if not (TOP / "configure").exists() or \
            (TOP / "configure").stat().st_mtime < (TOP / "configure.ac").stat().st_mtime:
        (TOP / "build-aux").mkdir(exist_ok=True)
        if sh([*BUILD_NICE, "autoreconf", "-fi"], log, 300, cwd=TOP):
            raise RuntimeError(tail(log))
    if not (directory / "Makefile").exists() and \
            sh([*BUILD_NICE, str(TOP / "configure"), "--quiet", *options], log, 600,
               cwd=directory):
        raise RuntimeError(tail(log))
    for target in ("all", "check-programs"):  # not at once: each would make the library
        if sh([*BUILD_NICE, "make", "-s", "-j" + JOBS, target], log, 3600, cwd=directory):
            raise RuntimeError(tail(log))


def tail(path, lines=40):
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def unit(directory, results, env=None, tests=()):
    """`make check`: cmocka programs that speak TAP; with `tests`, these alone (built)."""
    print("    unit tests", flush=True)
    words = ["check-TESTS", "TESTS=" + " ".join(tests)] if tests else ["check"]
    counts, bad = make_check(directory, words, env)
    results.passed += counts["PASS"]
    text = (directory / f"unit-{words[0]}.log").read_text(errors="replace")
    for name, why in re.findall(r"^SKIP: (\S+)(?: -)? ?(.*)$", text, re.M):
        results.skip(name.rsplit("/", 1)[-1], why or "no reason given")
    if bad and not any(map(SANITIZER.search, bad)):
        again = make_check(directory, ["recheck", *words[1:]], env, "1")[1]
        for line in (b for b in bad if b not in again):
            results.unstable(f"{directory.name} unit: {line}")
        bad = again
    for line in bad:
        results.problem(f"{directory.name} unit: {line}")


def reports(directory, bad):
    """The sanitizers' words in the logs of programs that failed; make's own has none of what
    a TAP program prints."""
    names = {m.group(1) for m in (re.match(r"\w+: (\S+)", line) for line in bad) if m}
    logs = (directory / f"{name}.log" for name in names)
    found = (SANITIZER.search(log.read_text(errors="replace")) for log in logs if log.exists())
    return sorted({m.group(0) for m in found if m})


def make_check(directory, words, env, jobs=UNIT_JOBS):
    """Counts, and a line for each test that failed (with the sanitizer's word, if any)."""
    log = directory / f"unit-{words[0]}.log"
    log.write_bytes(b"")
    code = sh(["make", *words, "-k", "-j" + jobs], log, 3600, cwd=directory,
              env={**os.environ, **(env or {})})
    text = log.read_text(errors="replace")
    counts = {k: sum(map(int, re.findall(rf"^# {k}: +(\d+)", text, re.M)))
              for k in ("PASS", "FAIL", "ERROR", "XPASS")}
    bad = re.findall(r"^((?:FAIL|ERROR|XPASS): .*)$", text, re.M)
    bad += reports(directory, bad)
    if code and not bad:
        bad = [f"make {words[0]} ended with {code}\n{tail(log)}"]
    return counts, bad


def pytest(directory, folders, results, env=None, marks="", tests=TOP / "tests",
           pattern="test_*.py"):
    """Runs pytest on folders below tests/, several files at a time: they mostly wait. What fails among others is tried once more
    alone: a machine that is busy with something else is no defect. It is said, though, and
    what a sanitizer reported is never tried again."""
    print("    " + " and ".join(folders) + " tests", flush=True)
    files = [f for name in folders for f in (tests / name).glob(pattern)]
    files.sort(key=lambda f: (LONGEST.index(f.name) if f.name in LONGEST else len(LONGEST),
                              -f.stat().st_size))
    env = {**os.environ, "CLUSTERBMC_BUILD": str(directory), "PYTHONDONTWRITEBYTECODE": "1",
           **(env or {})}

    def run(file, *cases):
        end = "-again" if cases else ""
        report, log = (directory / f"{file.stem}{end}{kind}" for kind in (".xml", ".log"))
        log.write_bytes(b"")
        report.unlink(missing_ok=True)
        code = sh([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                   "--tb=short", "-m", marks, f"--junitxml={report}",
                   *(cases or [str(file)])], log, 3600, cwd=tests.parent, env=env)
        return file, report, log, code

    with ThreadPoolExecutor(PYTEST_JOBS) as pool:
        done = list(pool.map(run, files))
    for file, report, log, code in done:
        bad = count(report, log, code, results)
        again = [name for name, text in bad.items() if name and not SANITIZER.search(text)]
        if again:
            still = count(*run(file, *(f"{file}::{name}" for name in again))[1:], Results())
            for name in (n for n in again if n not in still and None not in still):
                results.unstable(f"{directory.name}: {file.stem}: {name}: {bad.pop(name)}")
        for name, text in bad.items():
            results.problem(f"{directory.name}: {file.stem}: {name or ''}: {text}")


def count(report, log, code, results):
    """Takes one file's passed and skipped tests in; returns those that failed, with why. The
    name None stands for the whole file."""
    if not report.exists():
        return {None: f"pytest ended with {code}\n{tail(log)}"}
    bad = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        why = case.find("failure")
        if why is None:
            why = case.find("error")
        if why is not None:
            said = (why.get("message") or "")[:300]
            found = SANITIZER.search(why.text or "")
            bad[case.get("name")] = said + (" " + found.group(0) if found else "")
        elif case.find("skipped") is not None:
            results.skip(case.get("name"), case.find("skipped").get("message"))
        else:
            results.passed += 1
    return bad


def beside(base, name):
    """The build folder of a variant."""
    return base if name == "plain" else base.with_name(f"{base.name}-{VARIANTS[name][0]}")


# The build folder's suffix, and configure's options.
VARIANTS = {
    "plain": ("", ["--enable-werror"]),
    "address": ("asan", ["--enable-sanitizers=address,undefined", "CFLAGS=-g -O1",
                         "--without-webui"]),
    "thread": ("tsan", ["--without-webui", "--enable-sanitizers=thread", "CFLAGS=-g -O1"]),
    "coverage": ("coverage", ["--without-webui", "--enable-coverage", "CFLAGS=-g -O0"]),
    "dist": ("dist", []),
}


class Builds:
    """Builds the variants of the stages one after the other, in a thread of its own."""

    def __init__(self, base, stages):
        self.base, self.pool = base, ThreadPoolExecutor(1)
        self.tested = {name: threading.Event() for name in stages}
        self.built = {name: self.pool.submit(self.make, name) for name in stages}

    def make(self, name):
        if name != "dist":
            build(beside(self.base, name), VARIANTS[name][1])
            return
        if "plain" in self.tested:
            self.tested["plain"].wait()  # one of its tests makes a tarball there, too
        else:
            build(self.base, VARIANTS["plain"][1])
        build_dist(self.base)

    def run(self, name, results):
        """A stage, once its variant is built; raises when it could not be."""
        try:
            self.built[name].result()
            STAGES[name](self.base, results)
        finally:
            self.tested[name].set()


def stage_plain(base, results):
    unit(base, results)
    pytest(base, ["check", "integration"], results)


def stage_address(base, results):
    directory = beside(base, "address")
    env = {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=1:halt_on_error=1",
           "LSAN_OPTIONS": f"suppressions={TOP}/tests/lsan.supp:print_suppressions=0",
           "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
    unit(directory, results, env)
    pytest(directory, ["integration"], results, env, "address or not (plain_only or threads)")


def stage_thread(base, results):
    directory = beside(base, "thread")
    env = {"TSAN_OPTIONS": f"suppressions={TOP}/tests/tsan.supp:halt_on_error=0:"
                           "exitcode=66:second_deadlock_stack=1"}
    unit(directory, results, env)
    pytest(directory, ["integration"], results, env, "threads")


@contextlib.contextmanager
def counters_of_daemon(directory):
    """A folder for GCOV_PREFIX, whose counters are merged into the build folder's at the end:
    when we are root, the daemon is another user, who may write nothing in the build folder
    and perhaps not even enter it. What it may write is made here."""
    with tempfile.TemporaryDirectory(prefix="clusterbmc-gcov.") as prefix:
        here = Path(prefix) / directory.relative_to("/")
        for file in directory.rglob("*.gcno"):
            counter = here / file.relative_to(directory).with_suffix(".gcda")
            counter.parent.mkdir(parents=True, exist_ok=True)
            counter.touch()
            counter.chmod(0o666)
        Path(prefix).chmod(0o755)
        yield prefix
        for counter in here.rglob("*.gcda"):
            if not counter.stat().st_size:
                counter.unlink()  # never executed
        merged = Path(prefix) / "merged"
        if sh(["gcov-tool", "merge", str(directory), str(here), "-o", str(merged)],
              directory / "merge.log", 300):
            raise RuntimeError(tail(directory / "merge.log"))
        shutil.copytree(merged, directory, dirs_exist_ok=True)


def stage_coverage(base, results):
    directory = beside(base, "coverage")
    for file in directory.rglob("*.gcda"):
        file.unlink()  # of the last time
    unit(directory, results)
    with counters_of_daemon(directory) as prefix:
        pytest(directory, ["integration"], results, {"GCOV_PREFIX": prefix}, "coverage")
    for folder, floor in FLOOR.items():
        out = subprocess.run(
            ["gcovr", "-r", str(TOP), "-f", f"{TOP}/{folder}/", "--print-summary", "-s",
             "--object-directory", str(directory), "-o", str(directory / "coverage.txt")],
            cwd=directory, capture_output=True, text=True, timeout=600, check=False)
        found = re.search(r"lines: ([\d.]+)%", out.stdout)
        percent = float(found.group(1)) if found else 0.0
        print(f"    {folder}: {percent:.1f} % of lines executed (floor {floor:.0f} %)")
        if percent >= floor:
            results.passed += 1
        else:
            results.problem(f"coverage of {folder}: {percent:.1f} % is below {floor} %"
                            + (out.stderr[-300:] if not found else ""))


def build_dist(base):
    """From the tarball alone, with the plugins as modules."""
    directory = beside(base, "dist")
    directory.mkdir(parents=True, exist_ok=True)
    print(f"    building in {directory}", flush=True)
    log = directory / "dist.log"
    log.write_bytes(b"")
    source = directory / "source"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir()
    for argv, cwd in ((["make", "-s", "dist"], base),
                      (["sh", "-c", 'tar -xf "$0"/clusterbmc-*.tar.* --strip-components=1',
                        str(base)], source),
                      ([str(source / "configure"), "--quiet", "--with-plugin-simulator=shared",
                        "--with-plugin-host=shared"], directory),
                      (["make", "-s", "-j" + JOBS], directory),
                      (["make", "-s", "-j" + JOBS, "tests/check/dump-snmp", *DIST_TESTS],
                       directory)):
        if sh([*BUILD_NICE, *argv], log, 1800, cwd=cwd):
            raise RuntimeError(tail(log))


def stage_dist(base, results):
    """Runs the unit tests of the configuration and all that needs no more than an
    installation."""
    directory = beside(base, "dist")
    unit(directory, results, tests=DIST_TESTS)
    tests = directory / "source/tests"
    pytest(directory, ["check"], results, tests=tests)
    pytest(directory, ["integration"], results, tests=tests, pattern="test_install.py")


STAGES = {"plain": stage_plain, "address": stage_address, "thread": stage_thread,
          "coverage": stage_coverage, "dist": stage_dist}


def main(argv):
    if len(argv) < 2 or set(argv[2:]) - set(STAGES):
        print(__doc__, file=sys.stderr)
        return 2
    os.environ["LC_ALL"] = "C.UTF-8"  # Ansible takes no other encoding; messages are compared
    base = Path(argv[1]).resolve()
    results = Results()
    stages = argv[2:] or list(STAGES)
    builds = Builds(base, stages)
    for name in stages:
        begin, before = time.monotonic(), (results.passed, results.failed)
        print(f"{name}:", flush=True)
        try:
            builds.run(name, results)
        except RuntimeError as e:
            results.problem(f"{name}: the build failed\n{e}")
        print(f"    {results.passed - before[0]} passed, {results.failed - before[1]} failed"
              f" in {time.monotonic() - begin:.0f} s", flush=True)
    for why, names in sorted(results.skips.items()):
        print(f"SKIPPED {len(names)}: {why}: {', '.join(dict.fromkeys(names))}")
    for text in results.problems:
        print("FAILED", text)
    print(f"{results.passed} passed, {results.failed} failed, {results.skipped} skipped")
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))

# SPDX-License-Identifier: Apache-2.0
"""clusterbmc-recovery: what a factory reset drops and keeps, and that one which was
interrupted anywhere is finished by the next start."""
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from harness import BUILD, TOP, eventually

pytestmark = [pytest.mark.plain_only,
              pytest.mark.skipif(os.geteuid() != 0, reason="it is root's command")]


class Place:
    """A configuration and a state folder, and the command on them."""

    def __init__(self, folder):
        self.folder = folder
        folder.chmod(0o755)
        (folder / "var").mkdir()
        self.state = folder / "var/clusterbmc"
        self.mark = folder / "var/clusterbmc.reset"
        self.config = folder / "clusterbmcd.yaml"
        self.write_config()
        subprocess.run(["make", "-s", "conf/recovery/clusterbmc-recovery"], cwd=BUILD, check=True,
                       timeout=120)
        script = (BUILD / "conf/recovery/clusterbmc-recovery").read_text().splitlines()
        lines = [f"daemon={BUILD}/clusterbmcd" if line.startswith("daemon=") else line
                 for line in script]
        # there is no service of ours that it might stop
        lines = [line.replace("/run/systemd/system", "/nonexistent") for line in lines]
        self.command = folder / "clusterbmc-recovery"
        self.command.write_text("\n".join(lines) + "\n")
        self.command.chmod(0o755)
        self.fill()

    def write_config(self):
        self.config.write_text(
            f"platform: {TOP}/conf/platforms/host.yaml\nstate_dir: {self.state}\nuser: nobody\n"
            f"helper: {{ backend: file, file: {{ dir: {self.state}/accounts }} }}\n"
            "instances: [{name: host, plugin: host}]\n")

    def fill(self):
        shutil.rmtree(self.state, ignore_errors=True)
        for name in ("state.db", "state.db-wal", "https.pem", "helper.key", "helper.roles",
                     "accounts/accounts", "accounts/passwords", "images/a/b/c", "snmp/engine",
                     "adb/.android/adbkey", ".hidden", "with space/x", "line\nfeed"):
            file = self.state / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("x")

    def words(self, *words):
        return [str(self.command), "--config", str(self.config), *words]

    def run(self, *words, **kw):
        return subprocess.run(self.words(*words), capture_output=True, text=True, timeout=120,
                              check=False, stdin=subprocess.DEVNULL, **kw)

    def files(self):
        return {str(p.relative_to(self.state)) for p in self.state.rglob("*") if p.is_file()}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_all_goes_but_the_key_that_boards_know(place):
    before = place.state.stat()
    done = place.run("reset", "--yes")
    assert done.returncode == 0, done.stderr
    assert place.files() == {"adb/.android/adbkey"}
    assert not place.mark.exists() and "--first-account" in done.stdout
    assert {p.name for p in place.state.rglob("*") if p.is_dir()} == {"adb", ".android"}
    after = place.state.stat()
    assert (before.st_ino, before.st_mode, before.st_uid) == \
        (after.st_ino, after.st_mode, after.st_uid)
    assert place.config.exists()


def test_accounts_are_kept_when_asked(place):
    done = place.run("reset", "--keep-accounts", "--yes")
    assert done.returncode == 0, done.stderr
    assert place.files() == {"adb/.android/adbkey", "accounts/accounts", "accounts/passwords",
                             "helper.roles"}


def test_it_asks_first(place):
    before = place.files()
    done = place.run("reset")
    assert done.returncode == 1 and "--yes" in done.stderr
    for answer, status in (("n\n", 1), ("\n", 1), ("y\n", 0)):
        done = subprocess.run(["script", "-qec", " ".join(place.words("reset")), "/dev/null"],
                              input=answer, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == status, done.stdout
        assert "Continue?" in done.stdout
        assert (place.files() == before) == bool(status)


def test_it_waits_for_no_daemon_that_runs(place):
    with subprocess.Popen(["flock", str(place.state), "sleep", "60"]) as held:
        try:
            eventually(lambda: subprocess.run(["flock", "-n", str(place.state), "true"],
                                              check=False).returncode)
            before = place.files()
            done = place.run("reset", "--yes")
            assert done.returncode == 1 and "stop it" in done.stderr
            assert place.files() == before and not place.mark.exists()
        finally:
            held.terminate()


def test_an_interrupted_reset_is_finished(place):
    """Killed anywhere: either nothing has begun, or resume does the rest."""
    seed = random.Random(11)
    begin = time.monotonic()
    assert place.run("reset", "--yes").returncode == 0
    whole = time.monotonic() - begin
    begun = 0
    for _ in range(12):
        place.fill()
        before = place.files()
        with subprocess.Popen(place.words("reset", "--yes"), start_new_session=True,
                              stdout=subprocess.DEVNULL) as process:
            time.sleep(seed.uniform(0.3, 1.0) * whole)
            os.killpg(process.pid, signal.SIGKILL)
        begun += place.mark.exists()
        wanted = place.files() if not place.mark.exists() else {"adb/.android/adbkey"}
        assert place.run("resume").returncode == 0
        assert place.files() == wanted
        assert wanted in (before, {"adb/.android/adbkey"})
        assert not place.mark.exists()
    # and each state on the way, whatever the dice said
    for gone in ("nothing", "accounts", "images", "state.db"):
        place.fill()
        shutil.rmtree(place.state / gone, ignore_errors=True)
        (place.state / "state.db").unlink(missing_ok=gone == "state.db")
        place.mark.write_text("all\n")
        assert place.run("resume").returncode == 0
        assert place.files() == {"adb/.android/adbkey"} and not place.mark.exists()


def test_resume_does_nothing_without_a_mark(place):
    before = place.files()
    assert place.run("resume").returncode == 0
    assert place.files() == before


def test_a_configuration_inside_of_the_folder_is_refused(place):
    inside = place.state / "clusterbmcd.yaml"
    inside.write_text(place.config.read_text())
    place.config = inside
    done = place.run("reset", "--yes")
    assert done.returncode == 1 and "lies in the state folder" in done.stderr
    assert inside.exists() and (place.state / "state.db").exists()


def test_wrong_words_are_refused(place):
    before = place.files()
    for words in ((), ("factory",), ("reset", "--force")):
        assert place.run(*words).returncode == 2
    assert place.run("--help").returncode == place.run("--version").returncode == 0
    assert Path(place.state).exists() and place.files() == before

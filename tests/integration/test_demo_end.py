# SPDX-License-Identifier: Apache-2.0
"""The demo leaves nothing behind, however it ends: no process, and no folder in /tmp with
keys and passphrases."""
import fcntl
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from harness import BUILD, SLOW, TOP, Agent, alive, eventually

pytestmark = [pytest.mark.plain_only]
PREFIX = "clusterbmc."


class Demo(Agent):
    """Without --state: quickstart makes a temporary folder, here below this agent's."""

    def __init__(self, **kw):
        super().__init__(**kw)
        self.tmp = self.folder / "tmp"
        self.tmp.mkdir()
        self.tmp.chmod(0o1777)
        self.env["CLUSTERBMC_TMP"] = str(self.tmp)

    def command(self):
        words = super().command()
        at = words.index("--state")
        return words[:at] + words[at + 2:]

    def start(self, wait=True, **env):
        super().start(wait, **env)
        if wait:
            line = rf"^  state +({self.tmp}/clusterbmc\.\w{{6}})$"
            self.state = Path(eventually(lambda: re.search(line, self.log_text(), re.M), 30)[1])
        return self

    def nothing_is_left(self):
        return not alive(self.pid) and not self.state.exists()


@pytest.fixture
def demo(new_agent):
    return new_agent(Demo).start()


@pytest.mark.parametrize("send, status", [
    (lambda p: os.killpg(p.pid, signal.SIGINT), 130),  # ^C goes to all of a terminal's group
    (lambda p: os.kill(p.pid, signal.SIGTERM), 143),
    (lambda p: os.killpg(p.pid, signal.SIGHUP), 129)])
def test_second_signal_interrupts_no_stop(demo, send, status):
    for _ in range(20):  # some of them while it cleans up
        send(demo.process)
        time.sleep(0.01)
        if demo.process.poll() is not None:
            break
    assert demo.process.wait(120 * SLOW) == status
    eventually(demo.nothing_is_left, 30)


@pytest.mark.parametrize("kill", [os.kill, os.killpg])
def test_killed_quickstart_takes_daemon_and_folder_with_it(demo, kill):
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(demo.pid)], text=True,
                              capture_output=True, check=False).stdout.split()
    assert children  # the helper
    kill(demo.process.pid, signal.SIGKILL)
    demo.process.wait(120)
    eventually(demo.nothing_is_left, 30)
    eventually(lambda: not any(alive(int(p)) for p in children), 30)


def test_daemon_outlives_no_parent_that_is_gone_at_its_start(new_agent):
    agent = new_agent().start()
    agent.stop()
    done = subprocess.run([BUILD / "clusterbmcd", "--config", agent.state / "clusterbmcd.yaml",
                           "--end-with", "1"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "not the parent" in done.stderr
    for wrong in ("0", "-1", "x", "", "99999999999"):
        done = subprocess.run([BUILD / "clusterbmcd", "--end-with", wrong],
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 2 and "not a process id" in done.stderr


def leftover(demo, lock=True):
    """A folder as a demo makes it."""
    folder = demo.tmp / (PREFIX + f"{len(list(demo.tmp.iterdir())):06}")
    folder.mkdir()
    (folder / "https.key").write_text("secret")
    if lock:
        (folder / "lock").touch(0o600)
    return folder


def test_folder_of_a_killed_demo_is_removed_at_the_next_start(new_agent):
    demo = new_agent(Demo)
    dead, locked, used, target = (leftover(demo) for _ in range(4))
    kept = [locked, used, leftover(demo, lock=False), target.rename(demo.tmp / "elsewhere")]
    (demo.tmp / (PREFIX + "symbol")).symlink_to(kept[-1])
    if os.geteuid() == 0:
        kept.append(leftover(demo))
        os.chown(kept[-1], 65534, 65534)
    folder = os.open(used, os.O_RDONLY)  # as a daemon that still runs
    with open(locked / "lock", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fcntl.flock(folder, fcntl.LOCK_EX)
        demo.start()
    os.close(folder)
    assert not dead.exists()
    assert f"removed what a killed demo had left: {dead}\n" in demo.log_text()
    assert [f for f in kept if not (f / "https.key").exists()] == []
    assert (demo.tmp / (PREFIX + "symbol")).is_symlink()


def test_state_folder_given_by_hand_is_kept(new_agent):
    agent = new_agent().start()
    agent.stop()
    assert (agent.state / "clusterbmcd.yaml").exists()
    assert agent.start().get("Systems").status_code == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="without root there is no other user to be")
def test_state_folder_that_the_daemon_can_not_enter_is_refused(new_agent):
    agent = new_agent()
    closed = agent.folder / "closed"
    closed.mkdir(0o700)
    agent.state = closed / "state"
    agent.start(wait=False)
    assert agent.process.wait(120) == 1
    assert f"can't enter {agent.state}" in agent.log_text()


def test_lock_that_is_a_link_is_not_followed(new_agent):
    agent = new_agent()
    agent.state.mkdir()
    target = agent.folder / "target"
    (agent.state / "lock").symlink_to(target)
    agent.start(wait=False)
    assert agent.process.wait(120) == 1
    assert "is in use" in agent.log_text() and not target.exists()


@pytest.mark.parametrize("password, text", [
    ("short", "--password: 5 characters are too short, 8 are the least"),
    ("7-chars", "too short"), ("x" * 129, "129 bytes are too long, 128 are the most"),
    ("with-a\nline", "control characters")])
def test_bad_password_is_said_before_anything_is_built(tmp_path, password, text):
    done = subprocess.run([TOP / "quickstart", "run", "--password", password],
                          capture_output=True, text=True, timeout=120, check=False,
                          env={**os.environ, "CLUSTERBMC_BUILD": str(tmp_path / "build")})
    assert done.returncode == 1 and text in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("password", ["8-chars.", "x" * 128, "with:a-colon", " blanks at both ends "])
def test_password_at_the_limits_is_taken(new_agent, password):
    assert new_agent(password=password).start().get("Systems").status_code == 200


@pytest.mark.parametrize("port", ["65536", "x", "-1", "", "8443x"])
def test_bad_port_is_said(tmp_path, port):
    done = subprocess.run([TOP / "quickstart", "run", "--https-port", port],
                          capture_output=True, text=True, timeout=120, check=False,
                          env={**os.environ, "CLUSTERBMC_BUILD": str(tmp_path / "build")})
    assert done.returncode == 1 and "no port number" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bad", [" ", ":", "#", "'", "[", "\\", "\t"])
def test_state_folder_with_a_name_that_can_not_work_is_said(tmp_path, bad):
    done = subprocess.run([TOP / "quickstart", "run", "--no-build", "--state",
                           tmp_path / f"a{bad}b"],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1 and f"--state {tmp_path}/a{bad}b: choose a path" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["run"], ["check"], ["bench"]])
def test_clone_whose_path_has_blanks_is_said_before_anything_is_built(tmp_path, words):
    clone = tmp_path / "my clone"
    (clone / "conf/platforms").mkdir(parents=True)
    shutil.copy(TOP / "quickstart", clone)
    shutil.copy(TOP / "conf/platforms/firefly-r2.yaml", clone / "conf/platforms")
    env = {k: v for k, v in os.environ.items() if k != "CLUSTERBMC_BUILD"}
    done = subprocess.run([clone / "quickstart", *words], env=env, capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == 1, done.stdout
    assert f"this clone is in {clone}: choose a path without blanks" in done.stderr
    assert not (clone / "build").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="without root nothing can be mounted")
def test_state_folder_that_is_read_only_is_said(tmp_path):
    done = subprocess.run(["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o ro tmpfs "$1" && '
                           'exec "$2" run --no-build --state "$1"', "sh", tmp_path,
                           TOP / "quickstart"], capture_output=True, text=True, timeout=120,
                          check=False, env={**os.environ, "CLUSTERBMC_BUILD": str(BUILD)})
    assert done.returncode == 1 and f"--state {tmp_path} is not writable" in done.stderr


MAKEFILE = """all:
\t@echo "  CC      " one.lo;
\t@echo "  CC      " two.lo;
\t@echo "  CCLD    " both;
\t@{end}
"""


def built(tmp_path, end, **kw):
    """quickstart run in a build folder whose Makefile is this; there is no daemon in it."""
    (tmp_path / "Makefile").write_text(MAKEFILE.format(end=end))
    return subprocess.run([TOP / "quickstart", "run"], timeout=600, check=False,
                          env={**os.environ, "CLUSTERBMC_BUILD": str(tmp_path)}, **kw)


def test_progress_of_the_build_is_said_and_its_failure(tmp_path):
    done = built(tmp_path, "true", capture_output=True, text=True)
    assert "compiling 2 files\n" in done.stdout and "\r" not in done.stdout
    assert "nothing built" in done.stderr  # it went on
    done = built(tmp_path, "echo the reason; exit 1", capture_output=True, text=True)
    assert done.returncode == 1 and "the build failed" in done.stderr
    assert "the reason" in done.stdout
    assert "two.lo" in (tmp_path / "build.log").read_text()


def test_progress_of_the_build_moves_on_a_terminal(tmp_path):
    reader, writer = os.openpty()
    done = built(tmp_path, "true", stdout=writer, stderr=subprocess.DEVNULL)
    os.close(writer)
    said = os.read(reader, 65536)
    os.close(reader)
    assert done.returncode == 1  # no daemon was built
    assert b"\rcompiling: 1 of 2\rcompiling: 2 of 2\r" in said

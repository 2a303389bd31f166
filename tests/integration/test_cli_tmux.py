# SPDX-License-Identifier: Apache-2.0
"""A session in a real terminal emulator: what is drawn again stays in its place, and an
interrupt leaves the terminal as it was."""
import random
import shlex
import shutil
import subprocess

import pytest

from cli_rig import BUILD, environment, remote
from conftest import Agents
from harness import SLOW, eventually

pytestmark = [pytest.mark.plain_only,
              pytest.mark.skipif(not shutil.which("tmux"), reason="there is no tmux")]


class Session:
    """A shell in a tmux of its own, of 90 columns and 20 lines."""

    def __init__(self, agent):
        self.socket = str(agent.folder / "tmux")
        self.env = environment(agent, PATH=f"{BUILD}:/usr/bin:/bin", LC_ALL="C.UTF-8")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "90", "-y", "20",
                  "env ENV= sh -i")
        eventually(self.screen, 20)
        self.type("PS1='R> '; clear")
        eventually(lambda: self.screen() == "R>", 20)

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True,
                              text=True, check=True, env=self.env, timeout=60 * SLOW).stdout

    def screen(self):
        """Its lines as a user sees them."""
        return self.tmux("capture-pane", "-p").rstrip("\n")

    def type(self, text, enter=True):
        self.tmux("send-keys", "-l", text)
        if enter:
            self.tmux("send-keys", "Enter")

    def key(self, name):
        self.tmux("send-keys", name)

    def shows(self, text, seconds=30):
        return eventually(lambda: self.screen() if text in self.screen() else None, seconds)

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], check=False, env=self.env)

    def check_sane(self):
        """What is typed is shown, and lines end where they should."""
        self.type("clear; stty -a | grep -ow -e '-echo' -e '-icanon' -e '-onlcr'; echo sa''ne")
        eventually(lambda: self.screen() == "sane\nR>", 20)


@pytest.fixture(name="agent", scope="module")
def small_agent():
    one = Agents.new(platform="r1").start()
    one.image = one.folder / "xxx.img"
    one.image.write_bytes(random.Random(1).randbytes(20_000))
    eventually(lambda: all(one.node_state(b) in ("Linux", "Android") for b in ("sub01", "sub02")),
               60)
    yield one
    Agents.remove(one)


@pytest.fixture(name="session")
def a_session(agent):
    one = Session(agent)
    yield one
    one.close()


def test_a_bar_stays_in_its_line(agent, session):
    agent.sim("fault", id="sub02", fault="flash_hang", seconds=600)
    try:
        session.type(f"bmc fw queue {agent.image} sub01 sub02 -wy")
        screen = session.shows("1 of 2 boards done, 1 running")
        assert screen.count("[") == 1 and screen.count("boards done") == 1
        assert "\nsub01: done\n" in screen
        session.key("C-c")
        screen = session.shows("the update goes on as task")
        assert "boards done" not in screen
        session.check_sane()
    finally:
        agent.sim("clear", id="sub02")


def test_an_interrupted_password_leaves_the_echo_on(agent, session):
    words = shlex.join([*remote(agent), "-u", "admin"])
    session.type(f"bmc {words} passwd")
    session.shows("Old password:")
    session.type("not-to-be-seen", enter=False)
    session.key("C-c")
    eventually(lambda: session.screen().endswith("R>"), 20)
    assert "not-to-be-seen" not in session.screen()
    session.check_sane()


def test_what_is_watched_begins_at_the_top(session):
    session.type("bmc sensors ambient --watch --interval 1s")
    eventually(lambda: session.screen().startswith("CHASSIS"), 20)
    session.key("C-c")
    session.check_sane()

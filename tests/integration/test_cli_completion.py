# SPDX-License-Identifier: Apache-2.0
"""Completion of bmc's words: what is offered, and that a real bash takes it."""
import re
import resource
import shutil
import subprocess
import time

import pytest

from cli_rig import BUILD, Terminal, bmc, environment
from conftest import Agents
from harness import R2_BOARDS, SLOW, TOP

pytestmark = [pytest.mark.plain_only]


@pytest.fixture(name="agent", scope="module")
def an_agent():
    one = Agents.new(platform="r2")
    yield one.start()
    Agents.remove(one)


def offers(agent, *words):
    return bmc(agent, "__complete", "--", *words)[0].split()


@pytest.mark.parametrize("words, want", [
    (["sens"], ["sensors"]), (["fw", ""], ["queue", "list", "images", "log", "wait", "cancel"]),
    (["fw", "queue", "x.img", "sub1-01", "sub9-"], [f"sub9-{n:02}" for n in range(1, 9)]),
    (["@of"], ["@offline"]), (["@blade"], [f"@blade{n}" for n in range(1, 10)]),
    (["fw", "queue", ""], ["@files"]), (["--ca", ""], ["@files"]), (["-o", "y"], ["yaml"]),
    (["fw", "--verify", "f"], ["full"]), (["--host", "x", "acc"], ["account"]),
    (["account", "role", "a"], ["admin"]), (["account", "role", "admin", "Op"], ["Operator"]),
    (["redfish", "P"], ["POST", "PATCH", "PUT"]), (["fw", "--max"], ["--max-failed"]),
    (["sub1-01", "sens"], ["sensors"]), (["sub1-01", "acc"], []), (["nonsense", "x", ""], None),
    (["redfish", "GET", "x", "y", "z", ""], []), (["completion", "bash", ""], [])])
def test_what_is_offered(agent, words, want):
    found = offers(agent, *words)
    assert want is None or found == want


def test_all_commands_and_boards_are_offered_at_first(agent):
    found = offers(agent, "")
    assert set(R2_BOARDS) | {"list", "state", "fw", "events", "main"} <= set(found)
    assert not [w for w in found if w.startswith("__")]
    assert "--host" in offers(agent, "--h") and "--dry-run" in offers(agent, "fw", "--d")


def test_no_agent_and_no_login_are_no_trouble(agent):
    """Nothing is asked, and nothing said."""
    for words in (["sub"], ["fw", "cancel", ""]):
        assert bmc(agent, "__complete", "--", *words, BMC_SOCKET="/nowhere") == ("", "")
        assert bmc(agent, "__complete", "--", *words,
                   BMC_HOST=f"127.0.0.1:{agent.https_port}") == ("", "")


def test_names_come_quickly(agent):
    """Below 100 ms: of processor time, so that others on the machine don't count, and on
    the clock the best of several with much room."""
    best, before = 9e9, resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(8):
        begin = time.monotonic()
        assert "sub9-08" in offers(agent, "sub9")
        best = min(best, time.monotonic() - begin)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert used / 8 < 0.1 * SLOW and best < 1.0 * SLOW


@pytest.fixture(name="bash")
def a_bash(agent):
    t = Terminal(["bash", "--norc", "--noprofile", "-i"],
                 environment(agent, PATH=f"{BUILD}:/usr/bin:/bin", PS1="> ",
                             INPUTRC="/dev/null"))
    try:
        for line in ("bind 'set show-all-if-ambiguous on'", "bind 'set page-completions off'",
                     "bind 'set enable-bracketed-paste off'", "bind 'set bell-style none'",
                     "source <(bmc completion bash)", "echo rea''dy"):
            t.type(line + "\n")
        t.expect("ready\r\n")
        yield t
        t.type("\x15exit\n")
        t.end()
    finally:
        t.close()


@pytest.mark.parametrize("typed, shown", [
    ("bmc sub3-0", r"sub3-01 +sub3-02[\s\S]*sub3-08"), ("bmc acc", r"bmc account "),
    ("bmc @off", r"bmc @off(line|[\b]+@offline) "), ("bmc fw queue x @blade", r"@blade1[\s\S]*@blade9"),
    ("bmc fw --verify=x que", "bmc fw --verify=x queue "),
    ("bmc fw queue /etc/os-rel", "bmc fw queue /etc/os-release "),
    ("bmc sub1-01 sub1-02 seri", None)])
def test_a_real_bash_completes(bash, typed, shown):
    bash.type(typed + "\t")
    if shown:
        bash.expect(shown)
        return
    bash.type(" # no''thing\n")
    assert bash.expect(r"seri # no''thing")


def test_the_words_of_a_real_bash_are_what_was_meant(bash):
    """A completed word is one that bmc takes."""
    bash.type("bmc @blade3 sens\t soc-temp*\n")
    bash.expect(r"CHASSIS +SENSOR")
    bash.expect(r"sub3-08 +soc-temperature")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_are_of_their_shell(agent, shell):
    script = bmc(agent, "completion", shell)[0]
    assert re.search(r"__complete", script) and script.endswith("\n")
    loader = {"bash": "bmc", "zsh": "_bmc", "fish": "bmc.fish"}[shell]
    loader = (TOP / "conf/completion" / loader).read_text()
    assert f"bmc completion {shell}" in loader
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=loader, text=True, check=True, timeout=60)
        subprocess.run([shell, "-n"], input=script, text=True, check=True,
                       capture_output=True, timeout=60)
    bmc(agent, "completion", "csh", code=2)

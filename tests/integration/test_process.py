# SPDX-License-Identifier: Apache-2.0
"""The daemon as a process: its signals, its log, its stop, and what it reads once it is no
longer root."""
import os
import re
import signal
import subprocess

import pytest

from harness import BUILD, ROOT, TOP, eventually

pytestmark = [pytest.mark.plain_only]

PLATFORM = TOP / "conf/platforms/firefly-r2.yaml"


def reloaded(agent, level):
    """SIGHUP with another log level: the log, once the daemon has said what it did."""
    config = agent.state / "clusterbmcd.yaml"
    config.write_text(re.sub("log_level: .*", f"log_level: {level}", config.read_text()))
    before = len(agent.log_text())
    os.kill(agent.pid, signal.SIGHUP)
    return eventually(lambda: (re.search("configuration (?:taken over|is unchanged).*",
                                         agent.log_text()[before:]) or [None])[0], 60)


def test_sighup_takes_effect_where_the_daemons_user_can_not_read_the_clone(new_agent):
    agent = new_agent()
    closed = agent.folder / "closed"
    closed.mkdir(0o700)
    platform = closed / "my.yaml"
    platform.write_text(PLATFORM.read_text())
    agent.platform = str(platform)
    agent.start()
    eventually(lambda: "is running: my, simulated" in agent.log_text(), 30)
    assert reloaded(agent, "info") == "configuration taken over"


def test_daemon_opens_nothing_of_the_clone_once_privileges_are_dropped(new_agent):
    """Neither at the start nor at SIGHUP, nor for a request: what is open or mapped is from
    the system's folders or the state folder, but for the program itself."""
    agent = new_agent().start()
    assert reloaded(agent, "info") == "configuration taken over"
    agent.json("Systems/sub1-01")
    agent.snmpget("cbmcBoardId.1.1")
    paths = set()
    for line in subprocess.run(["cat", f"/proc/{agent.pid}/maps"], capture_output=True, text=True,
                               check=False).stdout.splitlines():
        paths.add(line.split(maxsplit=5)[5] if len(line.split(maxsplit=5)) == 6 else "")
    for fd in os.listdir(f"/proc/{agent.pid}/fd"):
        paths.add(os.readlink(f"/proc/{agent.pid}/fd/{fd}"))
    ours = {p for p in paths if p.startswith((str(TOP), str(BUILD)))}
    assert ours <= {str(BUILD / "clusterbmcd")}, ours


def test_signals_that_were_ignored_at_the_start_work(new_agent):
    """nohup ignores SIGHUP, a shell's background job SIGINT."""
    agent = new_agent().start()
    agent.stop()
    ignoring = ("import os, signal, sys\nfor s in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM,"
                " signal.SIGCHLD): signal.signal(s, signal.SIG_IGN)\nos.execv(sys.argv[1],"
                " sys.argv[1:])")
    for end in (signal.SIGINT, signal.SIGTERM):
        agent.ready.unlink(missing_ok=True)
        with open(agent.log, "ab") as out:
            agent.process = subprocess.Popen(
                ["/usr/bin/python3", "-c", ignoring, BUILD / "clusterbmcd", "--config",
                 agent.state / "clusterbmcd.yaml", "--ready-file", agent.ready],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        agent.wait_ready()
        assert reloaded(agent, "info") == "configuration taken over"
        assert agent.get("Systems").status_code == 200  # the helper's children are waited for
        helper = subprocess.run(["ps", "-o", "pid=", "--ppid", str(agent.pid)], text=True,
                                capture_output=True, check=False).stdout.split()
        before = len(agent.log_text())
        os.kill(int(helper[0]), signal.SIGKILL)
        eventually(lambda: "clusterbmc-priv" in agent.log_text()[before:], 30)
        agent.process.send_signal(end)
        assert agent.process.wait(120) == 0


def test_check_started_by_nohup_has_demos_that_end_with_their_terminal(new_agent):
    """The fixture gives its children the default signals, whatever pytest was started with."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        agent = new_agent().start()
    finally:
        signal.signal(signal.SIGHUP, before)
    os.killpg(agent.process.pid, signal.SIGHUP)
    assert agent.process.wait(120) == 129


MARK = re.compile(r"^<\d>", re.M)


def test_log_in_a_file_has_no_priority_marks(new_agent):
    agent = new_agent().start()
    assert "clusterbmcd 0" in agent.log_text()
    assert not MARK.search(agent.log_text())
    # what a unit's shell inherits speaks of another stream
    agent.restart(JOURNAL_STREAM="8:12345")
    assert not MARK.search(agent.log_text())


def test_log_has_priority_marks_when_stderr_is_the_journal(new_agent):
    agent = new_agent().start()
    st = os.stat(agent.log)
    agent.restart(JOURNAL_STREAM=f"{st.st_dev}:{st.st_ino}")
    assert re.search(r"^<5>clusterbmcd .* is ready", agent.log_text(), re.M)


def without_helper(agent):
    return lambda text: text.replace("spawn: true",
                                     f"spawn: false\n  socket: {agent.state}/none.sock")


def test_stop_without_a_helper_says_nothing_of_calls_that_never_came_back(new_agent):
    agent = new_agent().start()
    agent.stop()
    agent.start_daemon(without_helper(agent))
    before = len(agent.log_text())
    agent.snmpset(f"cbmcBoardAction.{agent.index('sub1-03')}", "i", "forceOff")
    eventually(lambda: "ForceOff of sub1-03 accepted" in agent.log_text(), 30)
    agent.process.terminate()
    assert agent.process.wait(120) == 0
    said = agent.log_text()[before:]
    assert "never came back" not in said and "left behind" not in said, said


def test_stop_of_the_whole_group_plans_no_restart(new_agent):
    """As a terminal or a service manager stops: the helper ends before the daemon has."""
    agent = new_agent().start()
    os.killpg(agent.process.pid, signal.SIGTERM)
    agent.wait_dead()
    assert "clusterbmcd ends: Terminated" in agent.log_text()
    assert "clusterbmc-priv ended" not in agent.log_text()


def test_ipv4_clients_of_an_ipv6_socket_are_shown_as_ipv4(new_agent):
    agent = new_agent().start()
    agent.stop()
    agent.start_daemon(lambda text: text.replace("  bind: 127.0.0.1\n  https_port",
                                                 '  bind: "::ffff:127.0.0.1"\n  https_port'))
    session = agent.post("SessionService/Sessions",
                         {"UserName": "admin", "Password": agent.password}, auth=None)
    assert session.status_code == 201
    where = session.headers["Location"]
    assert agent.json(where[where.index(ROOT):])["ClientOriginIPAddress"] == "127.0.0.1"
    agent.finished_or_done(agent.reset("sub1-03", "ForceOff"))
    agent.snmpset(f"cbmcBoardAction.{agent.index('sub1-04')}", "i", "forceOff")
    log = eventually(lambda: "ForceOff of sub1-04 accepted" in agent.log_text()
                     and agent.log_text(), 30)
    assert len(re.findall(r"accepted from .* from 127\.0\.0\.1$", log, re.M)) == 2, log
    assert "::ffff:" not in log
    assert "::ffff:" not in agent.get("Managers/bmc/LogServices/Log/Entries").text

# SPDX-License-Identifier: Apache-2.0
"""Boards behind Debian's own adb server, over TCP: the daemon as a whole."""
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from adb_rig import AdbAgent, Board, Server, platform_of
from harness import eventually, free_ports


@pytest.fixture(scope="module")
def folder():
    path = Path(tempfile.mkdtemp(prefix="clusterbmc-adb-rig."))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def boards(folder):
    made = [Board(folder, "sub01", android=True), Board(folder, "sub02")]
    yield {b.name: b for b in made}
    for b in made:
        b.stop()


@pytest.fixture(scope="module")
def server(folder):
    one = Server(folder)
    yield one
    one.stop()


@pytest.fixture(scope="module")
def agent(boards, server):
    one = AdbAgent(platform_of(boards.values()), server.port).start_with_adb()
    yield one
    one.remove()


def test_a_board_appears_with_what_its_system_says(agent):
    eventually(lambda: agent.node_state("sub01") == "Android", 20)
    android = agent.json("Systems/sub01")
    assert android["Model"] == "Core-3399-JD4"
    assert android["SerialNumber"] == "B09CCSUB02"
    assert android["Status"]["State"] == "Enabled"
    oem = android["Oem"]["ClusterBmc"]
    assert oem["OsVersion"] == "Android 7.1.2, CLUSTER-SERVER-R2_20210118", oem
    eventually(lambda: agent.node_state("sub02") == "Linux", 20)
    assert agent.json("Systems/sub02")["MemorySummary"]["TotalSystemMemoryGiB"] > 0


def test_a_graceful_restart_reaches_the_device(agent, boards):
    eventually(lambda: agent.node_state("sub01") == "Android", 20)
    task = agent.finished(agent.reset("sub01", "GracefulRestart"))
    assert task["TaskState"] == "Completed", task
    assert "reboot:" in boards["sub01"].requests()
    eventually(lambda: agent.node_state("sub01") != "Android", 5)
    eventually(lambda: agent.node_state("sub01") == "Android", 40)


def test_a_home_that_can_t_be_written_is_named(folder):
    """adb itself only ends, and "start it" would be all that the log says."""
    agent = AdbAgent(platform_of([]), free_ports(1)[0],
                     settings={"start_server": True, "home": "/nonexistent/home"})
    try:
        agent.start_with_adb()
        eventually(lambda: "below /nonexistent/home: set `home`" in agent.log_text(), 20)
    finally:
        agent.remove()


def test_a_server_is_started_where_none_runs(folder):
    board, port = Board(folder, "sub03"), free_ports(1)[0]
    home = Path(tempfile.mkdtemp(prefix="clusterbmc-adb-home."))
    home.chmod(0o777)
    agent = AdbAgent(platform_of([board]), port,
                     settings={"port": port, "start_server": True, "home": str(home)})
    try:
        agent.start_with_adb()
        eventually(lambda: agent.node_state("sub03") == "Linux", 20)
    finally:
        subprocess.run(["adb", "-P", str(port), "kill-server"], check=False, capture_output=True)
        agent.remove()
        board.stop()
        shutil.rmtree(home, ignore_errors=True)

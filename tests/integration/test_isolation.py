# SPDX-License-Identifier: Apache-2.0
"""One board never hurts another, nor the frontends."""
import time

import pytest

from harness import SLOW, R2_BOARDS, eventually

pytestmark = [pytest.mark.threads]


# Seconds. The hanging calls are given up after ten at least: what waited for one of them
# takes longer, what did not takes tenths, also on a busy machine.
HELD = 8


def seconds_until(agent, board, state):
    begin = time.monotonic()
    eventually(lambda: agent.power(board) == state, 20, 0.02)
    return time.monotonic() - begin


@pytest.mark.parametrize("fault", ["adb_hang", "adb_wedge"])
def test_ten_hanging_boards_do_not_delay_the_others(agent, fault):
    hanging, others = R2_BOARDS[:10], R2_BOARDS[20:26]
    for board in hanging:
        agent.sim("fault", id=board, fault=fault, seconds=25)
    tasks = [agent.reset(b, "GracefulRestart") for b in hanging]
    try:
        for board in others:
            assert agent.reset(board, "ForceOff").status_code == 202
            assert seconds_until(agent, board, "Off") < HELD * SLOW
            agent.sim("set", kind="board", id=board, field="present", value=False)
            begin = time.monotonic()
            eventually(lambda: agent.json(f"Systems/{board}")["Status"]["State"] == "Absent", 20)
            assert time.monotonic() - begin < HELD * SLOW
            agent.sim("clear", id=board)
            begin = time.monotonic()
            agent.snmpwalk("cbmcBoardPowerState")
            assert time.monotonic() - begin < HELD * SLOW
        for task in tasks:
            agent.finished(task, 120)
    finally:
        for board in hanging:
            agent.sim("clear", id=board)
        for board in others:
            agent.finished_or_done(agent.reset(board, "On"))


def test_faces_answer_while_all_boards_of_a_blade_hang(agent):
    for s in range(1, 9):
        agent.sim("fault", id=f"sub9-{s:02}", fault="adb_hang", seconds=15)
    tasks = [agent.reset(f"sub9-{s:02}", "GracefulRestart") for s in range(1, 9)]
    times = []
    for _ in range(50):
        begin = time.monotonic()
        agent.json("Systems/sub1-01")
        times.append(time.monotonic() - begin)
    assert sorted(times)[45] < HELD * SLOW
    for s in range(1, 9):
        agent.sim("clear", id=f"sub9-{s:02}")
    for task in tasks:
        agent.finished(task, 120)

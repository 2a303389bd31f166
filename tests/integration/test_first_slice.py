# SPDX-License-Identifier: Apache-2.0
"""The main job, end to end: a NOC walks and sets over SNMP, an operator over Redfish."""
import time

import pytest

from harness import R2_BOARDS, eventually

pytestmark = [pytest.mark.threads, pytest.mark.address]


def test_snmpset_power_off_is_off_in_redfish_within_a_second_and_a_trap_and_a_task(agent):
    board = "sub1-03"
    before = set(agent.members("TaskService/Tasks"))
    traps = len(agent.trap.traps())
    assert agent.power(board) == "On"

    agent.snmpset(f"cbmcBoardAction.{agent.index(board)}", "i", "forceOff")
    begin = time.monotonic()
    eventually(lambda: agent.power(board) == "Off", 1)
    assert time.monotonic() - begin < 5  # however slow this machine is

    new = [t for t in agent.members("TaskService/Tasks") if t not in before]
    tasks = [agent.json(f"TaskService/Tasks/{t}") for t in new]
    assert len(tasks) == 1 and board in str(tasks[0])
    eventually(lambda: agent.ended(f"/redfish/v1/TaskService/Tasks/{new[0]}"), 5)
    assert agent.json(f"TaskService/Tasks/{new[0]}")["TaskState"] == "Completed"
    eventually(lambda: any(board in t for t in agent.trap.traps()[traps:]), 5)

    agent.finished_or_done(agent.reset(board, "On"))
    eventually(lambda: agent.power(board) == "On", 5)


def test_get_equals_snmpget_for_all_72_boards(agent):
    words = {"On": "on", "Off": "off", None: None}
    agent.finished_or_done(agent.reset("sub9-08", "ForceOff"))
    try:
        eventually(lambda: agent.power("sub9-08") == "Off")
        for board in R2_BOARDS:
            system = agent.json(f"Systems/{board}")
            i = agent.index(board)
            ident, power, model = agent.snmpget(f"cbmcBoardId.{i}", f"cbmcBoardPowerState.{i}",
                                                f"cbmcBoardModel.{i}")
            assert system["Id"] == ident == board
            assert words[system["PowerState"]] == power, board
            assert system["Model"] == model, board
    finally:
        agent.finished_or_done(agent.reset("sub9-08", "On"))


def test_walk_of_the_board_table_is_rising_and_the_same_by_getbulk(agent):
    walk = agent.snmpwalk("cbmcBoardTable", options="-OqnU")
    oids = [[int(n) for n in oid.strip(".").split(".")] for oid in walk]
    assert oids == sorted(oids)
    for column in ("cbmcBoardId", "cbmcBoardModel", "cbmcBoardPresent"):
        assert agent.snmpwalk(column) == agent.snmpbulkwalk(column)
    assert len(agent.snmpwalk("cbmcBoardId")) == 73  # with main


def test_one_set_of_boards_is_atomic_over_its_varbinds(agent):
    since = agent.last_seq()
    bad = ("cbmcBoardAction.1.99", "i", "forceOff")
    good = (f"cbmcBoardAction.{agent.index('sub2-02')}", "i", "forceOff")
    with pytest.raises(Exception):
        agent.snmpset(*good, *bad)
    assert agent.trace(since) == []
    assert agent.power("sub2-02") == "On"


def test_location_of_an_accepted_action_answers_at_once(agent):
    answer = agent.reset("sub2-05", "PowerCycle")
    assert answer.status_code == 202
    assert agent.get(answer.headers["Location"]).status_code in (200, 202)
    task = agent.finished(answer)
    assert task["TaskState"] == "Completed" and task["TaskStatus"] == "OK"


def test_two_starts_on_one_state_keep_the_names_people_gave(agent):
    agent.snmpset(f"cbmcBoardName.{agent.index('sub3-03')}", "s", "Sleipnir")
    assert agent.json("Systems/sub3-03")["Name"] == "Sleipnir"
    agent.restart()
    assert agent.json("Systems/sub3-03")["Name"] == "Sleipnir"
    assert agent.snmpget(f"cbmcBoardName.{agent.index('sub3-03')}") == "Sleipnir"

# SPDX-License-Identifier: Apache-2.0
"""Alarms of boards and redundancy as a NOC sees them: set over Redfish and SNMP, notified, shown
as conditions, cleared."""
import pytest

from harness import eventually

pytestmark = [pytest.mark.coverage]

BOARD = "Systems/sub1-03"


def oem(agent):
    return agent.json(BOARD)["Oem"]["ClusterBmc"]


def conditions(agent, path):
    return [c["MessageId"].rsplit(".", 1)[1] for c in agent.json(path)["Status"].get("Conditions", [])]


def traps(agent, name):
    return [t for t in agent.trap.traps() if name in t]


def test_a_red_line_raises_an_alarm_and_clears_it(agent):
    eventually(lambda: agent.json(BOARD)["Status"].get("Health") == "OK")
    before = oem(agent)
    assert (before["CpuRedLinePercent"], before["AlarmAfterSeconds"]) == (95, 60)
    assert agent.patch(BOARD, {"Oem": {"ClusterBmc": {"AlarmAfterSeconds": 0,
                                                      "AlarmClearAfterSeconds": 0}}}).ok
    agent.sim("set", kind="board", id="sub1-03", field="cpu_load", value=94000)
    eventually(lambda: oem(agent)["CpuLoadPercent"] == 94)
    assert oem(agent)["CpuAlarm"] is False
    agent.snmpset("cbmcBoardCpuRed.1.3", "i", "90000")
    eventually(lambda: oem(agent)["CpuAlarm"] is True)
    assert oem(agent)["CpuRedLinePercent"] == 90
    assert conditions(agent, BOARD) == ["BoardCpuHigh"]
    assert agent.json(BOARD)["Status"]["Health"] == "Warning"
    eventually(lambda: any("sub1-03" in t and "94.0 %" in t for t in traps(agent, "cbmcBoardCpuHigh")))
    agent.sim("set", kind="board", id="sub1-03", field="cpu_load", value=89500)  # within 1 %
    eventually(lambda: oem(agent)["CpuLoadPercent"] == 89.5)
    assert oem(agent)["CpuAlarm"] is True
    agent.sim("set", kind="board", id="sub1-03", field="cpu_load", value=89000)
    eventually(lambda: oem(agent)["CpuAlarm"] is False)
    assert not conditions(agent, BOARD)
    eventually(lambda: traps(agent, "cbmcBoardCpuCleared"))
    agent.sim("clear")


def test_a_fan_of_a_module_may_fail_once(agent):
    eventually(lambda: agent.json("Chassis/enclosure")["Oem"]["ClusterBmc"]["FanRedundancy"]
               == "Redundant")
    groups = agent.json("Chassis/enclosure/ThermalSubsystem")["FanRedundancy"]
    assert [g["MaxSupportedInGroup"] for g in groups] == [6, 4]
    agent.sim("set", kind="fan", id="fan8", field="rpm", value=0)
    eventually(lambda: "FanRedundancyLost" in conditions(agent, "Chassis/enclosure"))
    groups = agent.json("Chassis/enclosure/ThermalSubsystem")["FanRedundancy"]
    assert [g["Status"]["Health"] for g in groups] == ["OK", "Warning"]
    eventually(lambda: traps(agent, "cbmcFanRedundancyLost"))
    agent.sim("clear")
    agent.sim("set", kind="fan", id="fan8", field="rpm", value=4000)
    eventually(lambda: not conditions(agent, "Chassis/enclosure"))
    eventually(lambda: traps(agent, "cbmcFanRedundancyRestored"))
    agent.sim("clear")

# SPDX-License-Identifier: Apache-2.0
"""ALARM-MIB, by number: a condition is an active alarm while it lasts and a cleared one after
that, with the notification, the resource and the model of each."""
import re

import pytest

import standard_mibs
from harness import TOP, eventually

pytestmark = [pytest.mark.plain_only]

ALARM = "1.3.6.1.2.1.118.1"
MODEL, ACTIVE, STATS, CLEAR = (f"{ALARM}.{at}" for at in ("1.2.1", "2.2.1", "2.4.1", "3.2.1"))


def table(agent, at):
    found = standard_mibs.varbinds(agent.snmp("snmpbulkwalk", "-On", [f".{at}"], mibs=False))
    return standard_mibs.table(found, at)


def about_fan(agent, at, prefix):
    oid = "." + agent.oid("cbmcFanId", 3).lstrip(".")
    return {i: r for i, r in table(agent, at).items() if r[f"{prefix}ResourceId"] == oid}


def stats(agent):
    (row,) = table(agent, STATS).values()
    return [int(re.search(r"\d+", v)[0]) for v in row.values()]


def notification(agent, name):
    return "." + agent.oid(name, 0).lstrip(".").rsplit(".", 1)[0]


def value(agent, pointer):
    return agent.snmp("snmpget", "-Oqvn", [pointer], mibs=False).strip()


def test_a_condition_is_an_alarm_while_it_lasts(agent):
    eventually(lambda: agent.snmpget("cbmcFanHealth.3") in ("ok", "2"))
    assert not about_fan(agent, ACTIVE, "alarmActive")
    current, total, *_ = stats(agent)
    agent.sim("set", kind="fan", id="fan3", field="rpm", value=0)
    ((index, row),) = eventually(lambda: about_fan(agent, ACTIVE, "alarmActive")).items()
    assert row["alarmActiveNotificationID"] == notification(agent, "cbmcFanFailed")
    assert value(agent, row["alarmActiveModelPointer"]) == row["alarmActiveNotificationID"]
    assert "fan3" in row["alarmActiveDescription"]
    # the fan's, and that its module is not redundant any more
    now = stats(agent)
    assert now[0] == current + 2 and now[1] == total + 2 and now[2] > 0
    # its date is the one of its begin, also in a later snapshot
    generation = agent.snmpget("cbmcSnapshotGeneration.0")
    eventually(lambda: agent.snmpget("cbmcSnapshotGeneration.0") != generation)
    assert list(about_fan(agent, ACTIVE, "alarmActive")) == [index]
    assert not about_fan(agent, CLEAR, "alarmClear")
    agent.sim("clear")
    agent.sim("set", kind="fan", id="fan3", field="rpm", value=4000)
    ((cleared, row),) = eventually(lambda: about_fan(agent, CLEAR, "alarmClear")).items()
    assert row["alarmClearNotificationID"] == notification(agent, "cbmcFanRecovered")
    assert value(agent, row["alarmClearModelPointer"]) == row["alarmClearNotificationID"]
    assert cleared[-1] == index[-1] and cleared[:-1] >= index[:-1]
    assert not about_fan(agent, ACTIVE, "alarmActive")
    assert stats(agent)[0] == current and stats(agent)[3] >= now[2]


def test_models_say_how_an_alarm_is_told(agent):
    rows = table(agent, MODEL)
    assert {i[2] for i in rows} == {1, 2, 3} and {i[0] for i in rows} == {0}
    for (_, _, state), row in rows.items():
        assert row["alarmModelVarbindValue"] == str(state + 1)  # cbmcEventSeverity
        assert row["alarmModelVarbindIndex"] == "4" and row["alarmModelRowStatus"] == "1"
        assert row["alarmModelResourcePrefix"].startswith(".1.3.6.1.4.1.32473.1.1.")
    every = notification(agent, "cbmcEvent")
    assert every not in {r["alarmModelNotificationId"] for r in rows.values()}


def test_every_reason_of_a_condition_has_a_model():
    """Also those that no simulated fault makes."""
    rules = (TOP / "agent/core/events/rules.c").read_text()
    reasons = set(re.findall(r"LASTS,\s*\"(\w+)\"", rules))
    models = re.findall(r'^\t\{ "(\w+)", "(\w+)", BMC_',
                        (TOP / "agent/snmp/tables/alarm.c").read_text(), re.M)
    assert reasons and reasons <= {m[0] for m in models}


def test_walk_is_as_the_rfc_says(agent):
    agent.sim("set", kind="fan", id="fan4", field="rpm", value=0)
    agent.sim("set", kind="psu", id="psu1", field="input_ok", value=False)
    try:
        eventually(lambda: len(table(agent, ACTIVE)) >= 2)
        found = standard_mibs.varbinds(agent.snmp("snmpbulkwalk", "-On", [f".{ALARM}"],
                                                  mibs=False))
        assert not standard_mibs.wrong(found)
    finally:
        agent.sim("clear")

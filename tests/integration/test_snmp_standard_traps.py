# SPDX-License-Identifier: Apache-2.0
"""Notifications of standard MIBs, each just before our own one of the same event: what tools
know that do not have our MIB. The receiver prints other MIBs' names as numbers."""
import time

import pytest

import standard_mibs
from harness import eventually

pytestmark = [pytest.mark.plain_only]

TRAP_OID = "| snmpModules.1.1.4.1.0 "
LINK_DOWN, LINK_UP = (f"{TRAP_OID}snmpModules.1.1.5.{n} |" for n in (3, 4))
OPER_DISABLED = f"{TRAP_OID}mib-2.131.0.2 |"
CONFIG_CHANGE = f"{TRAP_OID}mib-2.47.2.0.1"
PHYSICAL = "1.3.6.1.2.1.47.1.1.1.1"


def before(traps, *words):
    """The notification just before the one that has these words."""
    return traps[next(i for i, t in enumerate(traps) if all(w in t for w in words)) - 1]


def entity(agent, name):
    found = standard_mibs.varbinds(agent.snmp("snmpbulkwalk", "-On", [f".{PHYSICAL}"],
                                              mibs=False))
    rows = standard_mibs.table(found, PHYSICAL)
    return next((i[0] for i, r in rows.items() if r.get("entPhysicalName") == name), None)


def test_a_link_of_the_chassis_is_link_down_and_link_up(agent):
    i = next(n.rsplit(".", 1)[1] for n, v in
             agent.snmpwalk(".1.3.6.1.2.1.2.2.1.2", options="-Oqn").items() if v == "net1-ge1")
    eventually(lambda: agent.snmpget(f"cbmcNicLink.{i}") == "linkUp")
    for word, trap, status in (("LinkDown", LINK_DOWN, 2), ("LinkUp", LINK_UP, 1)):
        agent.sim("set", kind="nic", id="net1-ge1", field="link", value=word)
        agent.trap.wait(f"Nic{word}", "net1-ge1")
        standard = before(agent.trap.traps(), f"Nic{word}", "net1-ge1")
        assert trap in standard
        assert standard.endswith(
            f"| mib-2.2.2.1.1.{i} {i} | mib-2.2.2.1.7.{i} 1 | mib-2.2.2.1.8.{i} {status}")


def test_a_board_that_is_switched_off_is_disabled(agent):
    i = eventually(lambda: entity(agent, "sub6-02"))
    eventually(lambda: agent.power("sub6-02") == "On")
    agent.finished(agent.reset("sub6-02", "ForceOff"))
    agent.trap.wait("BoardPowerChanged", "sub6-02", "Off")
    standard = before(agent.trap.traps(), "BoardPowerChanged", "sub6-02", "Off")
    assert OPER_DISABLED in standard and f"| mib-2.131.1.1.1.2.{i} 4 | " in standard


def test_changes_of_the_configuration_are_told_once_in_five_seconds(agent):
    first, start = len(agent.trap.traps()), time.monotonic()
    for board in ("sub6-03", "sub6-04", "sub6-05"):
        agent.sim("set", kind="board", id=board, field="present", value=False)
    for board in ("sub6-03", "sub6-04", "sub6-05"):
        agent.trap.wait("BoardRemoved", board)
    told, most = agent.trap.traps()[first:], 1 + (time.monotonic() - start) // 5
    assert 1 <= sum(CONFIG_CHANGE in t for t in told) <= most

# SPDX-License-Identifier: Apache-2.0
"""HOST-RESOURCES-MIB of main, and what of IF-MIB is beside ifTable, by number: the values of
Redfish, and nothing that the model does not know."""
import pytest

import standard_mibs
from harness import eventually

pytestmark = [pytest.mark.plain_only]

HR = "1.3.6.1.2.1.25"
STORAGE, DEVICE, PROCESSOR = f"{HR}.2.3.1", f"{HR}.3.2.1", f"{HR}.3.3.1"
NETWORK, DISK = f"{HR}.3.4.1", f"{HR}.3.6.1"
RAM, FIXED_DISK = f".{HR}.2.1.2", f".{HR}.2.1.4"


def walk(agent, at):
    return standard_mibs.varbinds(agent.snmp("snmpbulkwalk", "-On", [f".{at}"], mibs=False))


def table(agent, at):
    return {i[0]: row for i, row in standard_mibs.table(walk(agent, at), at).items()}


def test_memory_is_that_of_main(agent):
    board = agent.snmpwalk("cbmcBoardMemoryBytes")
    size = int(board["cbmcBoardMemoryBytes.0.0"].split()[0])
    rows = eventually(lambda: table(agent, STORAGE))
    memory = next(r for r in rows.values() if r["hrStorageType"] == RAM)
    unit = int(memory["hrStorageAllocationUnits"])
    assert int(memory["hrStorageSize"]) == size // unit
    assert 0 < int(memory["hrStorageUsed"]) <= int(memory["hrStorageSize"])
    assert agent.snmp("snmpget", "-Oqv", [f".{HR}.2.2.0"], mibs=False).strip() == \
        str(min(size // 1024, 2**31 - 1))
    root = next(r for r in rows.values() if r["hrStorageDescr"] == "/")
    assert root["hrStorageType"] == FIXED_DISK
    assert int(root["hrStorageSize"]) * int(root["hrStorageAllocationUnits"]) <= \
        int(agent.snmpwalk("cbmcBoardStorageBytes")["cbmcBoardStorageBytes.0.0"].split()[0])


def test_each_device_has_its_row_in_the_table_of_its_type(agent):
    eventually(lambda: any("hrProcessorLoad" in r for r in table(agent, PROCESSOR).values()))
    devices = table(agent, DEVICE)
    for at, type_ in ((PROCESSOR, 3), (NETWORK, 4), (DISK, 6)):
        assert set(table(agent, at)) == \
            {i for i, r in devices.items() if r["hrDeviceType"] == f".{HR}.3.1.{type_}"}
    interfaces = {r["hrNetworkIfIndex"]: devices[i]["hrDeviceDescr"]
                  for i, r in table(agent, NETWORK).items()}
    names = {n.rsplit(".", 1)[1]: v for n, v in
             agent.snmpwalk(".1.3.6.1.2.1.2.2.1.2", options="-Oqn").items()}
    assert interfaces == names
    assert all(0 <= int(r["hrProcessorLoad"]) <= 100 for r in table(agent, PROCESSOR).values())


def test_number_and_stack_of_the_interfaces(agent):
    count = len(agent.snmpwalk(".1.3.6.1.2.1.2.2.1.1", options="-Oqn"))
    assert agent.snmp("snmpget", "-Oqv", [".1.3.6.1.2.1.2.1.0"], mibs=False).strip() == str(count)
    stack = standard_mibs.table(walk(agent, "1.3.6.1.2.1.31.1.2.1"), "1.3.6.1.2.1.31.1.2.1")
    assert len(stack) == 2 * count and all(0 in i for i in stack)


def test_every_module_is_in_sys_or_table(agent):
    """What a manager reads to know what it may ask for."""
    listed = {v for n, v in agent.snmpwalk(".1.3.6.1.2.1.1.9.1.2", options="-Oqn").items()}
    for at in (HR, "1.3.6.1.2.1.31", "1.3.6.1.2.1.47", "1.3.6.1.2.1.99", "1.3.6.1.2.1.131",
               "1.3.6.1.2.1.229"):
        assert f".{at}" in listed
    # the standard tables are all that is below mib-2 besides system and snmp
    found = {".".join(map(str, oid[:7])) for oid, *_ in walk(agent, "1.3.6.1.2.1")}
    assert all(any(f".{f}".startswith(m) for m in listed | {".1.3.6.1.2.1.1", ".1.3.6.1.2.1.2",
                                                            ".1.3.6.1.2.1.11"}) for f in found)

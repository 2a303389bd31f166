# SPDX-License-Identifier: Apache-2.0
"""ENTITY-MIB, ENTITY-SENSOR-MIB and ENTITY-STATE-MIB, by number: the tree of the machine, its
sensors and states, and that an index means the same thing for ever."""
import itertools
import re
import threading
import uuid

import pytest

import standard_mibs
from harness import R2_BOARDS, SnmpError, eventually

pytestmark = [pytest.mark.plain_only]

PHYSICAL, SENSOR = "1.3.6.1.2.1.47.1.1.1.1", "1.3.6.1.2.1.99.1.1.1"
STATE, CONTAINS = "1.3.6.1.2.1.131.1.1.1", "1.3.6.1.2.1.47.1.3.3.1"
ALIASES, LAST_CHANGE = "1.3.6.1.2.1.47.1.3.2.1", ".1.3.6.1.2.1.47.1.4.1.0"
CHASSIS, CONTAINER, SUPPLY, FAN, A_SENSOR, MODULE, PORT, CPU, DRIVE = \
    "3", "5", "6", "7", "8", "9", "10", "12", "15"


def walk(agent, *subtrees):
    """A walk with types and without any MIB."""
    found = []
    for at in subtrees:
        found += standard_mibs.varbinds(agent.snmp("snmpbulkwalk", "-On", [f".{at}"],
                                                   mibs=False))
    return [f for f in found if f[2] and not f[2].startswith("No Such")]


def entities(agent):
    """{entPhysicalIndex: row}; a row that came while the walk was under way is left out."""
    rows = standard_mibs.table(walk(agent, PHYSICAL), PHYSICAL)
    return {i[0]: row for i, row in rows.items() if len(row) == 18}


def indexes(agent):
    """{name: entPhysicalIndex}"""
    found = entities(agent)
    named = {row["entPhysicalName"]: i for i, row in found.items()}
    assert len(named) == len(found), "names are telling"
    return named


@pytest.fixture(scope="module")
def settled(agent):
    """An agent whose boards have all been read."""
    eventually(lambda: sum(r["entPhysicalName"].endswith("SoC temperature")
                           for r in entities(agent).values()) == len(R2_BOARDS), 30)
    return agent


@pytest.mark.parametrize("at", standard_mibs.SUBTREES)
def test_walks_are_as_the_rfcs_say(settled, at):
    found = walk(settled, at)
    assert found and not standard_mibs.wrong(found)


def test_tree_is_chassis_slots_modules_and_parts(settled):
    found = entities(settled)
    roots = [i for i, row in found.items() if row["entPhysicalContainedIn"] == "0"]
    assert [found[i]["entPhysicalClass"] for i in roots] == [CHASSIS]

    def path(i):
        return [] if i == 0 else path(int(found[i]["entPhysicalContainedIn"])) + \
            [found[i]["entPhysicalClass"]]
    paths = {row["entPhysicalName"]: path(i) for i, row in found.items()}
    blade = [CHASSIS, CONTAINER, MODULE]
    for board in R2_BOARDS:
        assert paths[board] == blade + [CONTAINER, MODULE]
        assert paths[f"{board} CPU"] == blade + [CONTAINER, MODULE, CPU]
        assert paths[f"{board} SoC temperature"] == blade + [CONTAINER, MODULE, A_SENSOR]
    assert paths["main"] == [CHASSIS, CONTAINER, MODULE]
    assert paths["psu1 input voltage"] == [CHASSIS, SUPPLY, A_SENSOR]
    assert paths["fan10 speed"] == [CHASSIS, FAN, A_SENSOR]
    assert paths["disk1"] == blade + [DRIVE]
    assert paths["net1-ge1"] == [CHASSIS, PORT]
    pairs = {(int(row["entPhysicalContainedIn"]), i) for i, row in found.items()}
    contains = standard_mibs.table(walk(settled, CONTAINS), CONTAINS)
    assert set(contains) == {(a, b) for a, b in pairs if a}
    assert all(row["entPhysicalChildIndex"] == str(i[1]) for i, row in contains.items())


def test_positions_are_the_slots_numbers_and_never_twice(settled):
    found = entities(settled)
    places = [(r["entPhysicalContainedIn"], r["entPhysicalClass"], r["entPhysicalParentRelPos"])
              for r in found.values()]
    assert len(set(places)) == len(places)
    for board in R2_BOARDS:
        slot = next(r for r in found.values() if r["entPhysicalName"] == f"{board} slot")
        assert slot["entPhysicalParentRelPos"] == str(int(board[-2:]))


def test_texts_are_those_of_redfish(settled):
    found = {r["entPhysicalName"]: r for r in entities(settled).values()}
    for board in R2_BOARDS[::17] + ["main"]:
        shown = settled.json(f"Systems/{board}")
        for object_, is_ in (("entPhysicalSerialNum", shown["SerialNumber"]),
                             ("entPhysicalModelName", shown["Model"]),
                             ("entPhysicalMfgName", shown["Manufacturer"])):
            assert found[board][object_] == (is_ or "")
        assert found[board]["entPhysicalIsFRU"] == "1"
        assert found[f"{board} slot"]["entPhysicalIsFRU"] == "2"


def test_uuid_of_a_board_is_the_one_in_redfish(settled):
    """Nothing else has one."""
    for row in entities(settled).values():
        name, found = row["entPhysicalName"], row["entPhysicalUUID"]
        if name not in [*R2_BOARDS, "main"]:
            assert not found, name
        elif name in [*R2_BOARDS[::17], "main"]:
            found = found.encode() if isinstance(found, str) else found
            assert uuid.UUID(bytes=found) == uuid.UUID(settled.json(f"Systems/{name}")["UUID"])
        else:
            assert len(found) == 16


def test_ports_of_main_and_chassis_are_interfaces(settled):
    names = {i: r["entPhysicalName"] for i, r in entities(settled).items()}
    interfaces = {n.rsplit(".", 1)[1]: v for n, v in
                  settled.snmpwalk(".1.3.6.1.2.1.2.2.1.2", options="-Oqn").items()}
    mapped = standard_mibs.table(walk(settled, ALIASES), ALIASES)
    assert len(mapped) == len(interfaces)
    for (i, logical), row in mapped.items():
        column, _, index = row["entAliasMappingIdentifier"].rpartition(".")
        assert column == ".1.3.6.1.2.1.2.2.1.1" and logical == 0
        assert interfaces[index] == names[i]


def test_each_sensor_has_a_value_and_a_telling_name(settled):
    """What LibreNMS joins: entPhySensorTable by index with entPhysicalTable's names."""
    with settled.pinned():
        physical, sensors = entities(settled), standard_mibs.table(walk(settled, SENSOR), SENSOR)
        board = settled.snmpwalk("cbmcBoardSocTemperature", mibs=True)
    assert {i[0] for i in sensors} == \
        {i for i, r in physical.items() if r["entPhysicalClass"] == A_SENSOR}
    by_name = {physical[i[0]]["entPhysicalName"]: row for i, row in sensors.items()}
    for row in sensors.values():
        assert row["entPhySensorPrecision"] == "0" and row["entPhySensorScale"] in ("8", "9")
        assert ("entPhySensorValue" in row) == (row["entPhySensorOperStatus"] == "1")
    for name, shown in board.items():
        index = name.split(".", 1)[1]
        which = next(b for b in R2_BOARDS + ["main"] if settled.index(b) == index)
        row = by_name[f"{which} SoC temperature"]
        assert (row["entPhySensorType"], row["entPhySensorScale"]) == ("8", "8")
        assert int(row["entPhySensorValue"]) == round(float(shown.split()[0]) * (
            1000 if "." in shown else 1))
    assert by_name["psu1 input voltage"]["entPhySensorType"] == "3"
    assert by_name["fan1 speed"]["entPhySensorType"] == "10"
    assert by_name["Ambient temperature"]["entPhySensorType"] == "8"


# ---- writing ----

def test_alias_and_asset_id_are_the_rows_name_and_asset_tag(settled):
    i = indexes(settled)["sub3-03"]
    was = settled.json("Systems/sub3-03")
    try:
        settled.snmp("snmpset", [f".{PHYSICAL}.14.{i}", "s", "rack 7", f".{PHYSICAL}.15.{i}", "s",
                                 "x" * 32], community="private", mibs=False)
        now = settled.json("Systems/sub3-03")
        assert now["AssetTag"] == "x" * 32
        assert entities(settled)[i]["entPhysicalAlias"] == "rack 7"
        assert settled.snmpget(f"cbmcBoardName.{settled.index('sub3-03')}") == "rack 7"
    finally:
        settled.patch("Systems/sub3-03", {"AssetTag": was["AssetTag"] or ""})
        settled.snmp("snmpset", [f".{PHYSICAL}.14.{i}", "s", ""], community="private",
                     mibs=False)


@pytest.mark.parametrize("what, column, kind, value, error", [
    ("sub3-04", 14, "s", "x" * 33, "wrongLength"),
    ("sub3-04", 14, "i", "4", "wrongType"),
    ("sub3-04", 14, "x", "6100", "wrongValue"),
    ("sub3-04", 13, "s", "another", "notWritable"),
    ("sub3-04 slot", 14, "s", "a slot", "notWritable"),
    ("fan1", 15, "s", "no field", "notWritable"),
])
def test_what_can_not_be_written_says_why(settled, what, column, kind, value, error):
    i = indexes(settled)[what]
    with pytest.raises(SnmpError, match=error):
        settled.snmp("snmpset", [f".{PHYSICAL}.{column}.{i}", kind, value], community="private",
                     mibs=False)
    with pytest.raises(SnmpError, match="noCreation"):
        settled.snmp("snmpset", [f".{PHYSICAL}.14.999999", "s", "x"], community="private",
                     mibs=False)
    with pytest.raises(SnmpError, match="noAccess"):
        settled.snmp("snmpset", [f".{PHYSICAL}.14.{i}", "s", "x"], mibs=False)


# ---- what comes and goes ----

def last_change(agent):
    return int(re.search(r"\((\d+)\)", agent.snmp("snmpget", "-Ov", [LAST_CHANGE], mibs=False))[1])


def test_a_board_that_is_pulled_out_leaves_its_slot(new_agent):
    agent = new_agent().start()
    eventually(lambda: "sub2-05 SoC temperature" in indexes(agent))
    before, at = indexes(agent), last_change(agent)
    agent.sim("set", kind="board", id="sub2-05", field="present", value=False)
    gone = {"sub2-05", "sub2-05 CPU", "sub2-05 SoC temperature", "sub2-05 power"}
    eventually(lambda: not gone & set(indexes(agent)))
    after = indexes(agent)
    assert after["sub2-05 slot"] == before["sub2-05 slot"] and last_change(agent) > at
    used = {r["entStateUsage"] for i, r in standard_mibs.table(walk(agent, STATE), STATE).items()
            if i[0] == after["sub2-05 slot"]}
    assert used == {"2"}
    agent.sim("set", kind="board", id="sub2-05", field="present", value=True)
    eventually(lambda: gone <= set(indexes(agent)))
    now = indexes(agent)
    assert {n: now[n] for n in before} == before, "each index means what it meant"
    # also after a power cut, when other things are there first
    agent.kill9()
    agent.start()
    eventually(lambda: gone <= set(indexes(agent)))
    again = indexes(agent)
    assert {n: again[n] for n in before if n in again} == \
        {n: i for n, i in before.items() if n in again}


def test_a_board_that_is_off_is_disabled(settled):
    i = indexes(settled)["sub4-04"]

    def state():
        row = settled.snmp("snmpget", "-Oqv", [f".{STATE}.{c}.{i}" for c in (3, 4, 6)],
                           mibs=False).split()
        return row
    assert state() == ["3", "3", "4"]
    settled.finished(settled.reset("sub4-04", "ForceOff"))
    try:
        eventually(lambda: state()[:2] == ["2", "2"])
    finally:
        settled.finished(settled.reset("sub4-04", "On"))
    eventually(lambda: state() == ["3", "3", "4"], 60)


def test_walks_are_in_order_while_boards_come_and_go(new_agent):
    """100 changes a second; an index never has two names, a name never two indexes."""
    agent = new_agent().start()
    eventually(lambda: len(indexes(agent)) > 400)
    end, toggles = threading.Event(), []

    def toggle():
        boards = itertools.cycle(R2_BOARDS[::5])
        for board, present in zip(boards, itertools.cycle([False] * 15 + [True] * 15)):
            if end.wait(0.01) or len(toggles) == 5000:
                return
            agent.sim("set", kind="board", id=board, field="present", value=present)
            toggles.append(board)
    churn = threading.Thread(target=toggle)
    churn.start()
    names = {}
    try:
        for _ in range(15):
            for at in (PHYSICAL, CONTAINS, SENSOR, STATE):
                found = walk(agent, at)
                order = [oid for oid, *_ in found]
                assert order == sorted(set(order))
            for i, row in entities(agent).items():
                assert names.setdefault(i, row["entPhysicalName"]) == row["entPhysicalName"]
    finally:
        end.set()
        churn.join()
    assert len(set(names.values())) == len(names) and len(toggles) > 20

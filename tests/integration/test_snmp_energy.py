# SPDX-License-Identifier: Apache-2.0
"""ENERGY-OBJECT-MIB, by number: who draws how much power, and who is on."""
import pytest

import standard_mibs
from harness import R2_BOARDS, SnmpError, eventually

pytestmark = [pytest.mark.plain_only]

ENERGY = "1.3.6.1.2.1.229"
NOTIFIES, METER, POWER = f"{ENERGY}.0.1", f"{ENERGY}.1.1.1", f"{ENERGY}.1.2.1"
PHYSICAL, SENSOR = "1.3.6.1.2.1.47.1.1.1.1", "1.3.6.1.2.1.99.1.1.1"
UNKNOWN, OFF, ON = "255", "257", "259"


def rows(agent, entry):
    found = standard_mibs.varbinds(agent.snmp("snmpbulkwalk", "-On", [f".{entry}"], mibs=False))
    return {i[0]: row for i, row in standard_mibs.table(found, entry).items()}


def names(agent):
    """{entPhysicalIndex: entPhysicalName}"""
    return {i: row["entPhysicalName"] for i, row in rows(agent, PHYSICAL).items()
            if len(row) == 18}


def metered(agent):
    """{entPhysicalName: row of eoPowerTable}"""
    called = names(agent)
    return {called[i]: row for i, row in rows(agent, POWER).items() if i in called}


@pytest.fixture(scope="module")
def settled(agent):
    eventually(lambda: {*R2_BOARDS, "psu1"} <= set(metered(agent)), 30)
    return agent


def test_power_is_that_of_the_sensors_and_of_redfish(settled):
    with settled.pinned():
        called, power = names(settled), rows(settled, POWER)
        sensors = {called[i]: row["entPhySensorValue"] for i, row in
                   rows(settled, SENSOR).items() if "entPhySensorValue" in row}
        meters = rows(settled, METER)
        shown = settled.json("Chassis/enclosure/EnvironmentMetrics")["PowerWatts"]["Reading"]
    of = {called[i]: row for i, row in power.items()}
    (chassis,) = [n for n in of if n not in R2_BOARDS and not n.startswith(("psu", "blade", "main"))]
    assert int(of[chassis]["eoPower"]) == round(shown * 1000)
    for name, row in of.items():
        reading = "input power" if name == chassis or name.startswith("psu") else "power"
        assert row["eoPower"] == sensors[f"{name} {reading}"], name
    drawn = {n.removesuffix(" input power").removesuffix(" power") for n in sensors
             if n.endswith((" input power", " power")) and not n.endswith("output power")}
    assert set(of) == drawn, "all that have a reading, and no others"
    assert set(meters) == set(power)
    # powermetering(1)
    assert all(row["eoMeterCapability"] in ("@", b"@") for row in meters.values())


def test_rows_say_how_they_are_measured(settled):
    of = metered(settled)
    for name, row in of.items():
        board = name in R2_BOARDS or name.startswith(("main", "blade"))
        assert (row["eoPowerUnitMultiplier"], row["eoPowerAccuracy"]) == ("-3", "0")
        assert row["eoPowerCurrentType"] == ("2" if board else "1"), name
        assert row["eoPowerMeasurementCaliber"] == ("3" if name.startswith("psu") else "2"), name
        assert row["eoPowerMeasurementLocal"] == "1" and row["eoPowerStateEnterReason"] == ""
        assert (row["eoPowerAdminState"], row["eoPowerOperState"]) == (ON, ON), name


def test_notifications_are_off_and_nothing_can_be_written(settled):
    found = settled.snmp("snmpget", "-Oqvn", [f".{NOTIFIES}.0"], mibs=False).strip()
    assert found == "2"
    index = next(iter(rows(settled, POWER)))
    for at, kind, value in ((f"{NOTIFIES}.0", "i", "1"), (f"{POWER}.8.{index}", "i", OFF),
                            (f"{POWER}.10.{index}", "s", "why")):
        with pytest.raises(SnmpError, match="noAccess"):
            settled.snmp("snmpset", [f".{at}", kind, value], community="private", mibs=False)


def test_a_board_that_is_off_says_so(settled):
    def states():
        row = metered(settled).get("sub4-05", {})
        return row.get("eoPowerAdminState"), row.get("eoPowerOperState")
    assert states() == (ON, ON)
    settled.finished(settled.reset("sub4-05", "ForceOff"))
    try:
        eventually(lambda: states() == (OFF, OFF))
    finally:
        settled.finished(settled.reset("sub4-05", "On"))
    eventually(lambda: states() == (ON, ON), 60)


def test_a_row_whose_reading_is_unknown_is_not_there(settled):
    """Also when no part has come or gone: the tree is whole before."""
    eventually(lambda: {f"{b} GPU temperature" for b in R2_BOARDS} |
               {f"{b} CPU load" for b in R2_BOARDS} <= set(names(settled).values()), 60)
    entities, before = names(settled), set(metered(settled))
    try:
        for ident, kind, field in (("sub4-06", "board", "power"), ("psu1", "psu", "input_power")):
            settled.sim("set", kind=kind, id=ident, field=field, value=None)
        eventually(lambda: before - set(metered(settled)) == {"sub4-06", "psu1"})
        assert names(settled) == entities
        assert set(rows(settled, METER)) == set(rows(settled, POWER))
    finally:
        settled.sim("clear")
    eventually(lambda: set(metered(settled)) == before)


def test_what_draws_nothing_is_on_only_where_it_is_known(settled):
    try:
        settled.sim("set", kind="psu", id="psu2", field="input_power", value=0)
        eventually(lambda: metered(settled)["psu2"]["eoPower"] == "0")
        row = metered(settled)["psu2"]
        assert (row["eoPowerAdminState"], row["eoPowerOperState"]) == (ON, UNKNOWN)
    finally:
        settled.sim("clear")


@pytest.mark.parametrize("power, shown", [
    (2**31 - 1, 2**31 - 1), (2**31, 2**31 - 1), (-5, -5), (-2**31 - 1, -2**31)])
def test_power_keeps_to_its_range(settled, power, shown):
    try:
        settled.sim("set", kind="psu", id="psu2", field="input_power", value=power)
        eventually(lambda: metered(settled).get("psu2", {}).get("eoPower") == str(shown))
    finally:
        settled.sim("clear")

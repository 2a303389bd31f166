# SPDX-License-Identifier: Apache-2.0
"""Serial number and MAC addresses that a board's flash keeps, over Redfish and SNMP."""
import pytest

from harness import SnmpError, eventually

pytestmark = [pytest.mark.plain_only]

BOARD, OTHER = "sub1-05", "sub1-06"
MAC = "ae:0e:fb:84:0f:c2"


def oem(agent, board=BOARD):
    return agent.json(f"Systems/{board}")["Oem"]["ClusterBmc"]


def patch(agent, board, **values):
    return agent.patch(f"Systems/{board}", {"Oem": {"ClusterBmc": values}})


def test_an_administrator_sets_them_and_two_boards_never_have_the_same(agent):
    eventually(lambda: agent.node_state(BOARD) in ("Linux", "Android"), 60, 0.2)
    eventually(lambda: agent.node_state(OTHER) in ("Linux", "Android"), 60, 0.2)
    assert patch(agent, BOARD, LanMacAddress="AE0EFB840FC2",
                 VendorSerialNumber="B09-1").status_code in (200, 204)
    eventually(lambda: oem(agent)["LanMacAddress"] == MAC)
    assert oem(agent)["VendorSerialNumber"] == "B09-1"
    i = agent.index(BOARD)
    assert agent.snmpget(f"cbmcBoardLanMacAddress.{i}", f"cbmcBoardVendorSerial.{i}") == \
        [MAC, "B09-1"]

    answer = patch(agent, OTHER, BluetoothMacAddress=MAC.upper())
    assert answer.status_code in (400, 409) and BOARD in answer.text and MAC in answer.text
    for bad in ("00:00:00:00:00:00", "01:00:5e:00:00:01", "nonsense"):
        assert patch(agent, OTHER, WifiMacAddress=bad).status_code == 400, bad
    assert oem(agent, OTHER)["WifiMacAddress"] in (None, "")


def test_an_operator_may_not(agent):
    i = agent.index(BOARD)
    with pytest.raises(SnmpError):  # the community private is an Operator's
        agent.snmpset(f"cbmcBoardLanMacAddress.{i}", "s", "02:00:00:00:77:01")
    assert oem(agent)["LanMacAddress"] != "02:00:00:00:77:01"
    agent.snmpset(f"cbmcBoardAssetTag.{i}", "s", "rack 7")

# SPDX-License-Identifier: Apache-2.0
"""Serial number and MAC addresses of boards whose system runs, by its tool vendor_storage."""
import shutil
import tempfile
from pathlib import Path

import pytest
from adb_rig import AdbAgent, Board, Server, platform_of
from harness import eventually

# As Rockchip's tool: -r NAME -t hex, -w NAME -t TYPE -i VALUE; `string` keeps text as it is.
TOOL = r'''#!/bin/sh
file="$HOME/$2"
if [ "$1" = -r ]; then
	[ -e "$file" ] || { echo "vendor read error -1"; exit 1; }
	data=$(od -An -v -tx1 "$file" | tr -d ' \n')
	echo "vendor read:"
	echo "tag = 1448232273 // id = 3 // len = ${#data} // data = 0x$data"
elif [ "$4" = hex ] && [ ! -e "$HOME/only-string" ]; then
	printf "$(printf %s "$6" | sed 's/../\\x&/g')" >"$file"
elif [ -e "$HOME/only-string" ]; then
	case $2 in *MAC*) printf "$(printf %s "$6" | sed 's/../\\x&/g')" ;; *) printf %s "$6" ;; esac >"$file"
	[ "$4" = string ] || : >"$file"
else
	printf %s "$6" >"$file"
fi
'''
MAC = "ae:0e:fb:84:0f:c2"


@pytest.fixture(scope="module")
def rig():
    folder = Path(tempfile.mkdtemp(prefix="clusterbmc-adb-rig."))
    boards = [Board(folder, "sub01", android=True), Board(folder, "sub02"), Board(folder, "sub03")]
    for b in boards[:2]:
        b.tool("vendor_storage", TOOL.replace("#!/bin/sh", "#!/bin/bash"))
    (boards[1].folder / "only-string").touch()
    (boards[0].folder / "VENDOR_WIFI_MAC_ID").write_bytes(bytes.fromhex("020000000001"))
    (boards[0].folder / "VENDOR_BT_MAC_ID").write_bytes(b"junk that is no address at all" * 9)
    server = Server(folder)
    verbs = {"os_reboot": "adb", "os_shutdown": "adb", "usb_mode": "adb", "vendor_set": "adb"}
    agent = AdbAgent(platform_of(boards, {"verbs": verbs}), server.port).start_with_adb()
    agent.boards = {b.name: b for b in boards}
    yield agent
    agent.remove()
    server.stop()
    for b in boards:
        b.stop()
    shutil.rmtree(folder, ignore_errors=True)


def oem(agent, board):
    return agent.json(f"Systems/{board}")["Oem"]["ClusterBmc"]


def patch(agent, board, **values):
    return agent.patch(f"Systems/{board}", {"Oem": {"ClusterBmc": values}})


def test_a_boards_flash_is_read(rig):
    eventually(lambda: oem(rig, "sub01")["WifiMacAddress"] == "02:00:00:00:00:01", 30)
    assert not oem(rig, "sub01")["BluetoothMacAddress"]
    assert not oem(rig, "sub01")["LanMacAddress"]


@pytest.mark.parametrize("board", ["sub01", "sub02"])
def test_it_is_written_whichever_way_its_tool_wants_it(rig, board):
    eventually(lambda: rig.node_state(board) in ("Android", "Linux"), 30)
    mac = MAC[:-1] + board[-1]
    answer = patch(rig, board, LanMacAddress=mac.upper(), VendorSerialNumber=f"B;09$(x)-{board}")
    assert answer.status_code in (200, 204), answer.text
    folder = rig.boards[board].folder
    assert (folder / "VENDOR_LAN_MAC_ID").read_bytes() == bytes.fromhex(mac.replace(":", ""))
    assert (folder / "VENDOR_SN_ID").read_bytes() == f"B;09$(x)-{board}".encode()
    eventually(lambda: oem(rig, board)["LanMacAddress"] == mac, 10)


def test_what_can_not_be_written_is_said(rig):
    eventually(lambda: rig.node_state("sub03") == "Linux", 30)
    answer = patch(rig, "sub03", LanMacAddress="02:00:00:00:00:33")
    assert answer.status_code >= 400 and "vendor_storage" in answer.text, answer.text
    answer = patch(rig, "sub02", VendorSerialNumber="B'09")
    assert answer.status_code >= 400
    assert not oem(rig, "sub03")["LanMacAddress"]
    answer = patch(rig, "sub02", BluetoothMacAddress="02:00:00:00:00:01")
    assert answer.status_code >= 400 and "sub01" in answer.text, answer.text

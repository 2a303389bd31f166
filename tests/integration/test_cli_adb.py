# SPDX-License-Identifier: Apache-2.0
"""bmc beside Debian's adb: a board's own ifconfig as Firefly's documentation shows it, and
bmc_adb in the shell of a board that it names."""
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from adb_rig import AdbAgent, Board, Server, platform_of
from bmc_rig import Bmc
from harness import TOP, eventually

pytestmark = [pytest.mark.plain_only]

GOLDEN = (TOP / "tests/cli/golden/5-05-ifconfig.txt").read_text()


@pytest.fixture(name="bmc", scope="module")
def bmc_with_adb():
    folder = Path(tempfile.mkdtemp(prefix="clusterbmc-cli-adb."))
    board, server = Board(folder, "sub3-01", android=True), Server(folder)
    shown = re.search("^eth0 .*", GOLDEN, re.M | re.S)[0]
    board.tool("ifconfig", "#!/bin/sh\ncat <<'END'\n" + shown + "END\n")
    agent = AdbAgent(platform_of([board]), server.port).start_with_adb()
    try:
        bmc = Bmc(agent)
        own = bmc.environment
        bmc.environment = lambda **more: own(
            **{"ANDROID_ADB_SERVER_PORT": str(server.port), "BMC_USER": "admin",
               "BMC_PASSWORD": agent.password, **more})
        bmc.wait_state("sub3-01", "android")
        eventually(lambda: "B09CCSUB02" in bmc.run("serials").stdout, 20)
        bmc.port = board.port
        yield bmc
    finally:
        agent.remove()
        server.stop()
        board.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_board_s_ifconfig_is_shown(bmc):
    command, _, shown = GOLDEN.partition("\n")
    done = bmc.shell(command.removeprefix("$ "))
    assert done.stdout == shown, done.stderr


def test_bmc_adb_names_the_board_to_adb(bmc):
    assert bmc.run("serials").stdout == f"sub3-01 B09CCSUB02 127.0.0.1:{bmc.port}\n"
    assert bmc.shell("bmc_adb -s sub3-01 shell echo '*' done").stdout.endswith("done\n")
    assert bmc.shell("bmc_adb -s sub9-09 shell id").returncode == 7
    assert bmc.shell("bmc_adb -s sub3-01,sub3-01 shell exit 5").returncode == 5
    assert bmc.shell("echo sub3-01 | bmc forall shell getprop ro.serialno").stdout.startswith(
        ">>> bmc sub3-01 shell getprop ro.serialno\n")

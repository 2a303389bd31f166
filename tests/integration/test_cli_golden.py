# SPDX-License-Identifier: Apache-2.0
"""Every example that Firefly's documentation gives of bmc, on boards with the names, serial
numbers and places on USB that it shows; see tests/cli/golden/README.md."""
import re
import shutil
import tempfile
from pathlib import Path

import pytest
import yaml

from bmc_rig import Bmc, golden_files
from harness import TOP, Agent, eventually

# a board's ifconfig takes a board: test_cli_adb.py
GOLDEN = [p for p in golden_files(TOP / "tests/cli/golden") if "ifconfig" not in p.stem]
R1 = {"sub02": ("B09CCSUB02", "2-1.2.3"), "sub03": ("A8232SUB03", "2-1.2.4"),
      "sub04": ("C10DDSUB04", "2-1.2.5"), "sub06": ("4DE1ESUB06", "2-1.2.7"),
      "sub07": ("505C3SUB07", "2-1.1.2"), "sub08": ("FFBCCSUB08", "2-1.4"),
      "sub09": ("710AFSUB09", "2-1.1.1")}
R2 = ["sub1-01", "sub1-02", "sub1-03", "sub3-01", "sub3-02", "sub7-01", "sub7-02", "sub7-03",
      "sub8-09"]


def platform():
    """Boards of both chassis, those of the R2 first."""
    rows = [{"id": "main", "is_main": True, "index": "0.0", "hw_version": "v1.0"}]
    for name in R2 + list(R1):
        blade, _, slot = name[3:].rpartition("-")
        line = len(rows)
        rows.append({"id": name, "index": f"{blade or 10}.{int(slot)}", "soc": "RK3399",
                     "pins": [{"name": pin, "chip": pin, "line": str(line)}
                              for pin in ("power", "reset")]})
    verbs = {verb: "simulator" for verb in
             ("power", "reset", "os_reboot", "os_shutdown", "usb_mode", "vendor_set")}
    chips = [{"id": pin, "driver": "simulator", "lines": 32} for pin in ("power", "reset")]
    return {"platform": "seed", "boot_time": "90s", "inrush": "0ms", "chips": chips,
            "sources": {"default": "simulator"}, "verbs": verbs,
            "chassis": [{"id": "enclosure"}], "boards": rows,
            "disks": [{"id": "disk1", "media": "HDD"}]}


def set_boards(agent):
    def put(kind, name, **fields):
        for field, value in fields.items():
            agent.sim("set", kind=kind, id=name, field=field, value=value)
    for name, (serial, path) in R1.items():
        put("board", name, serial=serial, adb_transport=f"usb:{path}")
    for name in ("sub1-01", "sub1-02", "sub1-03"):
        put("board", name, os_version="CLUSTER-SERVER-R2_20210118")
    put("board", "main", os_version="Ubuntu18.04.4")
    for name in ("sub7-01", "sub7-02", "sub7-03"):
        put("board", name, usb_mode="none", adb_state="none")
    put("board", "sub3-02", adb_state="offline")
    put("nic", "sub3-01-eth0", mac="ae:bb:8b:e7:b4:38")
    put("disk", "disk1", present=True, device="sda", model="ST1000DM010-2EP1",
        bytes=1000204886016, used_bytes=121475072)


def without_this_machine(config):
    """main is simulated, too."""
    host = "  - name: host\n    plugin: host\n    poll: 2s\n"
    assert host in config
    return config.replace(host, "").replace("pins: ", "main: true, pins: ")


@pytest.fixture(name="bmc", scope="module")
def bmc_of_the_seed():
    folder = Path(tempfile.mkdtemp(prefix="clusterbmc-seed."))
    folder.chmod(0o755)
    (folder / "seed.yaml").write_text(yaml.safe_dump(platform(), sort_keys=False))
    agent = Agent(platform=folder / "seed.yaml")
    agent.start()
    agent.stop()
    agent.start_daemon(without_this_machine)
    try:
        bmc = Bmc(agent)
        bmc.tool("adb", '#!/bin/sh\n[ "$3" = get-state ] || echo "adb $*"\n')
        bmc.wait_state("sub09", "android")
        set_boards(agent)
        bmc.wait_state("sub7-03", "offline")
        bmc.wait_state("sub1-01", "android")
        # what was set is read within a poll; the disk was the last
        eventually(lambda: '"sda"' in bmc.shell("bmc query node_cluster_disk_up").stdout, 60)
        yield bmc
    finally:
        agent.remove()
        shutil.rmtree(folder, ignore_errors=True)


def times(text):
    return re.sub(r"@\[[0-9.]+\]", "@[TIME]", text)


def pattern(lines):
    """What the lines that a document shows match; "..." are any."""
    return "".join("(?:.*\n)*?" if line == "..." else re.escape(times(line)) + "\n"
                   for line in lines)


def examples(path):
    """(command, lines) of a file, in order."""
    found = []
    for line in path.read_text().splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


@pytest.mark.parametrize("path", GOLDEN, ids=lambda p: p.stem)
def test_example_of_the_seed(bmc, path):
    ran = False
    for command, lines in examples(path):
        done = bmc.shell(command)
        assert re.fullmatch(pattern(lines), times(done.stdout)), \
            f"$ {command}\n{done.stdout}{done.stderr}"
        ran = True
    assert ran
    for board in ("sub03", "sub04", "sub1-01"):  # those that were restarted
        bmc.wait_state(board, "android")


def test_excerpts_are_compared_byte_for_byte():
    shown = pattern(["a", "...", "b @[1.5]"])
    assert re.fullmatch(shown, "a\nb @[TIME]\n")
    assert re.fullmatch(shown, "a\nx\ny\nb @[TIME]\n")
    for wrong in ("a\nb @[TIME] \n", " a\nb @[TIME]\n", "a\nb @[TIME]", "a\nb @[TIME]\nc\n"):
        assert not re.fullmatch(shown, wrong)

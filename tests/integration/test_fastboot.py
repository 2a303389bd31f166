# SPDX-License-Identifier: Apache-2.0
"""The model of a board in fastboot mode (tests/rigs/fastboot-model.h) is right: Debian's unmodified
fastboot works with it, over TCP."""
import os
import re
import shutil
import subprocess

import pytest

from harness import BUILD, SLOW, TOP

TOOL = shutil.which("fastboot")
pytestmark = [
    pytest.mark.plain_only,
    pytest.mark.skipif(not TOOL, reason="fastboot is not installed"),
]


@pytest.fixture(name="board")
def fixture_board(tmp_path):
    """Runs fastboot with a model that has the given options; what it says."""
    def run(options, *words, fails=False):
        command = [str(BUILD / "tests/rigs/fastboot-tcp"), f"disk={tmp_path}/disk,{options}"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as model:
            port = int(model.stdout.readline())
            done = subprocess.run([TOOL, "-s", f"tcp:127.0.0.1:{port}", *map(str, words)],
                                  cwd=tmp_path, capture_output=True, text=True,
                                  timeout=60 * SLOW, check=False)
            model.stdin.close()
            rest = model.stdout.read()
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        assert "violations 0" in rest, rest
        return done.stdout + done.stderr
    return run


def rootfs(folder, size):
    """What is in the partition behind `boot`, of 256 KiB."""
    with open(folder / "disk", "rb") as disk:
        disk.seek(256 * 1024)
        return disk.read(size)


def test_it_tells_its_variables(board):
    assert "product: evb_rk3399" in board("product=evb_rk3399", "getvar", "product")
    assert "max-download-size: 0x200000" in board("max=0x200000", "getvar", "max-download-size")
    assert "partition-size:boot: 0x40000" in board("slot=b", "getvar", "partition-size:boot")
    assert "current-slot: b" in board("slot=b", "getvar", "current-slot")


def test_what_is_flashed_is_on_its_disk(board, tmp_path):
    data = os.urandom(1_500_000)
    (tmp_path / "root.img").write_bytes(data)
    board("max=0x400000", "flash", "rootfs", "root.img")
    assert rootfs(tmp_path, len(data)) == data


def test_what_the_tool_splits_is_put_together(board, tmp_path):
    """Larger than max-download-size: the tool sends sparse images, as the plugin does."""
    data = bytearray(os.urandom(3 << 20))
    data[1 << 20:(1 << 20) + 400_000] = bytes(400_000)
    (tmp_path / "root.img").write_bytes(data)
    out = board("max=0x80000", "flash", "rootfs", "root.img")
    assert len(re.findall(r"Sending sparse 'rootfs' \d+/\d+", out)) > 3, out
    assert rootfs(tmp_path, len(data)) == data


@pytest.mark.skipif(not shutil.which("img2simg"), reason="img2simg is not installed")
def test_sparse_images_are_written(board, tmp_path):
    data = os.urandom(1 << 20) + bytes(1 << 20) + b"\x12\x34\x56\x78" * (64 << 10)
    (tmp_path / "root.img").write_bytes(data)
    subprocess.run(["img2simg", "root.img", "root.simg"], cwd=tmp_path, check=True,
                   timeout=60 * SLOW)
    board("max=0x400000", "flash", "rootfs", "root.simg")
    assert rootfs(tmp_path, len(data)) == data


def test_it_erases_chooses_a_slot_and_restarts(board, tmp_path):
    board("slot=a,parts=boot_a:64+boot_b:64", "set_active", "b")
    board("", "erase", "boot")
    with open(tmp_path / "disk", "rb") as disk:
        assert disk.read(256 * 1024) == b"\xff" * 256 * 1024
    board("", "reboot")


@pytest.mark.parametrize("fault, says", [("fail", "write error -5"), ("lying", "too large")])
def test_the_tool_sees_faults(board, tmp_path, fault, says):
    (tmp_path / "root.img").write_bytes(os.urandom(1 << 20))
    assert says in board(f"fault={fault}", "flash", "rootfs", "root.img", fails=True)


def test_the_pages_example_is_fine(tmp_path):
    page = (TOP / "plugins/fastboot/README.md").read_text()
    instances, rows = re.findall(r"^```yaml\n(.*?)^```", page, re.M | re.S)
    (tmp_path / "platform.yaml").write_text(
        "platform: test\nchassis:\n  - {id: enclosure}\nsources: {default: adb}\n" + rows)
    (tmp_path / "clusterbmcd.yaml").write_text(
        f"platform: {tmp_path}/platform.yaml\n{instances}  - {{name: adb, plugin: adb}}\n")
    done = subprocess.run([str(BUILD / "clusterbmcd"), "-t", "-c",
                           str(tmp_path / "clusterbmcd.yaml")],
                          capture_output=True, text=True, timeout=60 * SLOW, check=False)
    assert done.returncode == 0 and "is fine" in done.stdout, done.stdout + done.stderr

# SPDX-License-Identifier: Apache-2.0
"""The model of a board in loader and mask ROM mode (tests/rigs/rockusb-model.h) is right: Debian's
unmodified rkdeveloptool works with it, over the real libusb. And what the plugin's flasher writes
is what that tool writes."""
import os
import re
import shutil
import struct
import subprocess

import pytest

from harness import BUILD, SLOW, TOP

TOOL = shutil.which("rkdeveloptool")
RIG = BUILD / "tests/rigs/usb-rig"
pytestmark = [
    pytest.mark.plain_only,
    pytest.mark.skipif(not TOOL, reason="rkdeveloptool is not installed"),
    pytest.mark.skipif(not shutil.which("umockdev-wrapper"), reason="umockdev is not installed"),
]


def run(folder, world, *words):
    (folder / "world").write_text(world)
    done = subprocess.run(["umockdev-wrapper", str(RIG), "--world", str(folder / "world"), "--exec",
                           TOOL, *map(str, words)], cwd=folder, capture_output=True, text=True,
                          timeout=120 * SLOW, check=False)
    return done.returncode, done.stdout + done.stderr


def loader(folder, more=""):
    return f"plug 2-1.2.1 loader soc=330c options=disk={folder}/disk{more}\n"


def test_it_lists_boards_and_tells_their_modes(tmp_path):
    code, out = run(tmp_path, loader(tmp_path) + "plug 2-1.2.3 maskrom soc=350b\n"
                    "plug 2-1.4 adb\n", "ld")
    assert code == 0
    found = re.findall(r"Pid=0x(\w+),LocationID=(\d+)\s+(\w+)", out)
    assert sorted(found) == [("330c", "201", "Loader"), ("350b", "203", "Maskrom")]


def test_it_reads_chip_flash_and_capability(tmp_path):
    assert "43 30 33 33" in run(tmp_path, loader(tmp_path), "rci")[1]
    assert "65536 Sectors" in run(tmp_path, loader(tmp_path), "rfi")[1]
    assert "45 4D 4D 43 20" in run(tmp_path, loader(tmp_path), "rid")[1]
    out = run(tmp_path, loader(tmp_path), "rcb")[1]
    assert re.search(r"Vendor Storage:\s+enabled", out), out
    assert run(tmp_path, loader(tmp_path), "td") == (0, "Test Device OK.\n")


def test_what_it_writes_it_reads(tmp_path):
    data = os.urandom(300 * 512)
    (tmp_path / "in").write_bytes(data)
    code, out = run(tmp_path, loader(tmp_path), "wl", 8192, "in")
    assert code == 0 and "100%" in out, out
    with open(tmp_path / "disk", "rb") as disk:
        disk.seek(8192 * 512)
        assert disk.read(len(data)) == data
    code, out = run(tmp_path, loader(tmp_path), "rl", 8192, 300, "out")
    assert code == 0, out
    assert (tmp_path / "out").read_bytes()[:len(data)] == data


@pytest.mark.parametrize("fault", ["failed", "bad-tag", "bad-signature", "short", "stall"])
def test_it_sees_faults(tmp_path, fault):
    code, out = run(tmp_path, loader(tmp_path, f",fault={fault}"), "rci")
    assert code != 0 or "failed" in out.lower(), out


def test_it_resets(tmp_path):
    assert "Reset Device OK." in run(tmp_path, loader(tmp_path), "rd")[1]
    assert "Reset Device OK." in run(tmp_path, loader(tmp_path), "rd", 3)[1]


# ---- the upload to a mask ROM ----

def rk_crc32(data):
    crc = 0
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C10DB7 if crc & 1 << 31 else 0)) & 0xffffffff
    return crc


def boot_file(codes, names=("ddr", "usbplug", "FlashData"), plain=1):
    """A loader file (RKBOOT) whose entries 471, 472 and those of the loader are these."""
    head, size, n = 102, 57, len(codes)
    entries, data, at = b"", b"", head + size * n
    for i, (name, code) in enumerate(zip(names, codes)):
        entries += struct.pack("<BI40sIII", size, (1, 2, 4)[min(i, 2)], name.encode("utf-16-le"),
                               at + len(data), len(code), 1)
        data += code
    places = b"".join(struct.pack("<BIB", 1 if i < 2 else n - 2, head + size * i, size)
                      for i in range(3))
    text = struct.pack("<4sHII", b"BOOT", head, 0x100, 0x1000000) + \
        struct.pack("<HBBBBB", 2020, 1, 1, 0, 0, 0) + b"C033" + places + bytes([0, plain]) + \
        bytes(57)
    assert len(text) == head
    text += entries + data
    return text + struct.pack("<I", rk_crc32(text))


# Not 4094: there the tool sends the byte that ends the upload, and then fails by itself.
@pytest.mark.parametrize("length", [2048, 4093, 4095, 4096, 10000])
def test_it_brings_a_mask_rom_to_usbplug(tmp_path, length):
    codes = [bytes(i * 7 % 251 for i in range(length + n)) for n in (0, 0, 10)]
    (tmp_path / "loader.bin").write_bytes(boot_file(codes))
    code, out = run(tmp_path, "plug 2-1.2.1 maskrom soc=330c\n", "db", "loader.bin")
    assert code == 0 and "Downloading bootloader succeeded" in out, out


# ---- the same bytes ----

def flash(folder, world, image, *words):
    """By the plugin."""
    (folder / "world").write_text(world)
    done = subprocess.run(["umockdev-wrapper", str(RIG), "--world", str(folder / "world"), "--exec",
                           str(BUILD / "tests/rigs/flash-board"), str(image), "full", *words],
                          capture_output=True, text=True, timeout=120 * SLOW, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def usbplug(folder, disk):
    return f"plug 2-1.2.1 usbplug soc=330c options=disk={folder}/{disk},new-idb\n"


def both(folder, file, *words):
    """The storage after rkdeveloptool and after the plugin."""
    code, out = run(folder, usbplug(folder, "theirs"), *words)
    assert code == 0, out
    flash(folder, usbplug(folder, "ours"), file)
    return (folder / "theirs").read_bytes(), (folder / "ours").read_bytes()


def test_both_write_the_same_storage(tmp_path):
    (tmp_path / "image").write_bytes(os.urandom(700 * 512))
    theirs, ours = both(tmp_path, tmp_path / "image", "wl", 0, "image")
    assert theirs == ours


@pytest.mark.parametrize("names, plain", [
    (("ddr", "usbplug", "FlashData", "FlashBoot"), 1),
    (("ddr", "usbplug", "FlashData", "FlashBoot"), 0),
    (("ddr", "usbplug", "FlashData", "FlashBoot", "FlashHead"), 1),
    (("ddr", "usbplug", "FlashData", "FlashBoot", "FlashHead"), 0)])
def test_both_write_the_same_loader(tmp_path, names, plain):
    codes = [os.urandom(n) for n in (2048, 2048, 3072, 5120, 2048)][:len(names)]
    (tmp_path / "loader.bin").write_bytes(boot_file(codes, names, plain))
    theirs, ours = both(tmp_path, tmp_path / "loader.bin", "ul", "loader.bin")
    assert any(theirs)
    assert theirs == ours


def test_the_tool_reads_the_table_that_is_written(tmp_path):
    """Of a parameter: the names and places that `ppt` shows, its copy at the end, and its last
    partition grown to there."""
    text = ("FIRMWARE_VER: 8.1\nTYPE: GPT\nCMDLINE: mtdparts=rk29xxnand:0x00002000@0x00004000(uboot),"
            "0x00008000@0x00006000(boot),-@0x0000e000(rootfs:grow)\n")
    (tmp_path / "parameter.txt").write_text(text)
    parm = text.encode()
    parm = b"PARM" + struct.pack("<I", len(parm)) + parm + struct.pack("<I", rk_crc32(parm))
    (tmp_path / "update.img").write_bytes(packed([("parameter", parm, 0), ("uboot", b"u" * 3000,
                                                                          0x4000)]))
    out = run(tmp_path, usbplug(tmp_path, "theirs"), "gpt", "parameter.txt")[1]
    assert "Writing gpt succeeded" in out, out
    theirs = run(tmp_path, usbplug(tmp_path, "theirs"), "ppt")[1]
    flash(tmp_path, usbplug(tmp_path, "ours"), tmp_path / "update.img")
    ours = run(tmp_path, usbplug(tmp_path, "ours"), "ppt")[1]
    places = re.findall(r"^\d+ +(\w+) +(\w+)", theirs, re.M)
    assert places == re.findall(r"^\d+ +(\w+) +(\w+)", ours, re.M)
    assert [name for _, name in places] == ["uboot", "boot", "rootfs"]
    # unique numbers of disk and partitions are random in both, and with them the sums
    a, b = (tmp_path / "theirs").read_bytes(), (tmp_path / "ours").read_bytes()
    for table in (2 * 512, 65536 * 512 - 33 * 512):
        for n in range(4):
            at = table + n * 128
            assert a[at + 32:at + 48] == b[at + 32:at + 48]
            assert a[at + 56:at + 128] == b[at + 56:at + 128]


def packed(files):
    """An RKAF: (name, bytes, first sector) of each file."""
    at, head, body = 2048, b"", b""
    for name, data, start in files:
        room = -len(data) % 2048
        head += struct.pack("<32s60sIIIII", name.encode(), (name + ".img").encode(), 0x2000, at,
                            start if start else 0xffffffff, (len(data) + room) // 2048, len(data))
        body += data + bytes(room)
        at += len(data) + room
    text = struct.pack("<4sI34s30s56sIII", b"RKAF", at, b"RK3399", b"", b"Firefly", 0, 0x08010000,
                       len(files)) + head
    text += bytes(2048 - len(text)) + body
    return text + struct.pack("<I", rk_crc32(text))


@pytest.mark.parametrize("flash_too", [False, True])
def test_the_pages_example_is_fine(tmp_path, flash_too):
    page = (TOP / "plugins/rockusb/README.md").read_text()
    instances, rows, _, verbs = re.findall(r"^```yaml\n(.*?)^```", page, re.M | re.S)
    rows = rows.replace("rockusb, simulator", "rockusb")
    if flash_too:
        rows = rows.replace("verbs: {vendor_set: rockusb}\n", verbs)
        instances += "  - {name: adb, plugin: adb}\n"
    (tmp_path / "platform.yaml").write_text("platform: test\nchassis:\n  - {id: enclosure}\n" + rows)
    (tmp_path / "clusterbmcd.yaml").write_text(
        f"platform: {tmp_path}/platform.yaml\n{instances}")
    done = subprocess.run([str(BUILD / "clusterbmcd"), "-t", "-c",
                           str(tmp_path / "clusterbmcd.yaml")],
                          capture_output=True, text=True, timeout=60 * SLOW, check=False)
    assert done.returncode == 0 and "is fine" in done.stdout, done.stdout + done.stderr

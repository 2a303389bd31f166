# SPDX-License-Identifier: Apache-2.0
"""Boards that fetch their image, through the front door: an image is pushed to Redfish, the
plugin rockusb writes the auxiliary system to emulated boards in their loader (real libusb), the
reference client runs as that system and writes the board's storage."""
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import threading
import time
import uuid
import zlib

import pytest
from harness import BUILD, SLOW, TOP, eventually, free_ports
from test_usb import RIG, WRAPPER, UsbAgent

pytestmark = [pytest.mark.plain_only,
              pytest.mark.skipif(not WRAPPER or not RIG.exists() or not shutil.which("curl"),
                                 reason="umockdev-wrapper, the rig or curl is missing")]

CLIENT = TOP / "plugins/netrecovery/aux/netrecovery.sh"
BOARDS = {"sub01": "2-1.1", "sub02": "2-1.2"}
SECTORS = 65536
PARTS = {"misc": (8192, 8192), "recovery": (16384, 16384)}  # first sector, sectors
PLATFORM = """platform: netrecovery
sources: {default: "usb, rockusb"}
verbs: {flash: netrecovery, usb_mode: rockusb, write_partition: rockusb}
boot_time: 10s
chassis: [{id: enclosure}]
boards:
  - {id: sub01, usb: 2-1.1, soc: RK3399}
  - {id: sub02, usb: 2-1.2, soc: RK3399}
"""
INSTANCES = """update:
  board_network: {{address: 127.0.0.1, port: {port}}}
instances:
  - {{name: usb, plugin: usb}}
  - {{name: rockusb, plugin: rockusb}}
  - name: netrecovery
    plugin: netrecovery
    settings: {{image: '{folder}/aux.img', boot_timeout: 60s, logs: '{state}/netrecovery'}}
"""
AUX = b"the auxiliary system" * 1000


def storage():
    """A disk with a GPT of these partitions."""
    entries = b"".join(
        uuid.UUID("0fc63daf-8483-4772-8e79-3d69d8477de4").bytes_le + uuid.uuid4().bytes_le +
        struct.pack("<QQQ", first, first + n - 1, 0) + name.encode("utf-16-le").ljust(72, b"\0")
        for name, (first, n) in PARTS.items()).ljust(128 * 128, b"\0")
    head = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, 1, SECTORS - 1, 34,
                       SECTORS - 34, uuid.uuid4().bytes_le, 2, 128, 128, zlib.crc32(entries))
    head = head[:16] + struct.pack("<I", zlib.crc32(head)) + head[20:]
    mbr = bytes(446) + struct.pack("<4sB3sII", b"", 0xee, b"", 1, SECTORS - 1) + bytes(48) + \
        b"\x55\xaa"
    return (mbr + head.ljust(512, b"\0") + entries).ljust(SECTORS * 512, b"\0")


class EmulatedBoard(threading.Thread):
    """Its boot loader: when misc says so the auxiliary system starts."""

    def __init__(self, agent, name):
        super().__init__(daemon=True)
        self.agent, self.path, self.url = agent, BOARDS[name], None
        self.folder = agent.folder / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.disk, self.over, self.client = self.folder / "disk", threading.Event(), None
        self.disk.write_bytes(storage())
        self.reboot = self.folder / "reboot"
        self.reboot.write_text(f'#!/bin/sh\necho "restart $*" >> {self.folder}/log\n')
        self.reboot.chmod(0o755)

    def loader(self):
        return f"loader soc=330c options=disk={self.disk},sectors={SECTORS}"

    def part(self, name, size):
        with open(self.disk, "rb") as f:
            f.seek(PARTS[name][0] * 512)
            return f.read(size)

    def run(self):
        while not self.over.wait(0.1):
            message = self.part("misc", 832)
            if not message.startswith(b"boot-recovery\0"):
                continue
            self.url = re.search(rb"--url=(\S+)\n", message).group(1).decode()
            self.client = subprocess.Popen(
                ["sh", str(CLIENT), self.url, str(self.disk)], start_new_session=True,
                env={**os.environ, "REBOOT": str(self.reboot), "POLL": "0.2",
                     "PATIENCE": str(60 * SLOW), "WORK": str(self.folder / "work")})
            self.client.wait()
            self.agent.usb(f"unplug {self.path}")
            time.sleep(0.5)
            self.agent.usb(f"plug {self.path} adb")
            return

    def stop(self):
        self.over.set()
        if self.client and self.client.poll() is None:
            os.killpg(self.client.pid, 9)
        self.join()


class NetAgent(UsbAgent):
    def configure(self):
        super(UsbAgent, self).start()
        self.stop()
        config = self.state / "clusterbmcd.yaml"
        platform = self.folder / "netrecovery.yaml"
        platform.write_text(PLATFORM)
        platform.chmod(0o644)
        (self.folder / "aux.img").write_bytes(AUX)
        text = re.sub(r"^platform: .*$", f"platform: {platform}", config.read_text(), flags=re.M)
        self.port = free_ports(1)[0]
        config.write_text(text[:text.index("instances:\n")] +
                          INSTANCES.format(port=self.port, folder=self.folder,
                                           state=self.state))
        self.boards = {name: EmulatedBoard(self, name) for name in BOARDS}
        world = self.folder / "world"
        world.write_text("hub 2-1 4 individual\n" + "".join(
            f"plug {b.path} {b.loader()}\n" for b in self.boards.values()))
        self.control = self.folder / "control"
        self.command = lambda: [WRAPPER, str(RIG), "--world", str(world), "--control",
                                str(self.control), "--exec", str(BUILD / "clusterbmcd"),
                                "--config", str(config), "--ready-file", str(self.ready)]
        return self.start()

    def again(self, name):
        """The board in its loader once more, with its old storage."""
        board = self.boards[name] = EmulatedBoard(self, name)
        self.usb(f"unplug {board.path}")
        self.usb(f"plug {board.path} {board.loader()}")
        eventually(lambda: self.node_state(name) == "Loader", 30)
        board.start()
        return board

    def remove(self):
        for board in getattr(self, "boards", {}).values():
            if board.is_alive():
                board.stop()
        super().remove()


@pytest.fixture(scope="module")
def agent():
    a = NetAgent()
    try:
        a.configure()
        yield a
    finally:
        a.remove()


def push(agent, targets, name, image):
    uri = agent.json("UpdateService")["MultipartHttpPushUri"]
    answer = agent.http.post(agent.url(uri), timeout=30, files=[
        ("UpdateParameters", (None, json.dumps(
            {"Targets": [f"/redfish/v1/Systems/{t}" for t in targets]}), "application/json")),
        ("UpdateFile", (name, image, "application/octet-stream"))])
    assert answer.status_code == 202, answer.text
    return answer


def test_a_precondition_is_told_beforehand(agent):
    task = agent.finished(push(agent, ["sub01"], "system.bin", os.urandom(1 << 20)), 120)
    assert task["TaskState"] == "Exception", task
    assert ".img" in json.dumps(task) + agent.log_text(), task
    assert not (agent.folder / "sub01/log").exists()


def test_two_boards_fetch_what_was_pushed(agent):
    image = os.urandom((9 << 20) + 512)
    for board in agent.boards.values():
        board.start()
    task = agent.finished(push(agent, BOARDS, "system.img", image), 120)
    assert task["TaskState"] == "Completed", json.dumps(task) + agent.log_text()[-3000:]
    urls = set()
    for name, board in agent.boards.items():
        board.join(60)
        assert board.client.returncode == 0
        with open(board.disk, "rb") as f:
            assert f.read(len(image)) == image
            # what the image did not reach is as rockusb has written it
            f.seek(PARTS["recovery"][0] * 512)
            recovery = f.read(len(AUX))
        assert recovery == (image[8 << 20:] + recovery)[:len(AUX)]
        assert (board.folder / "log").read_text() == "restart \n"
        history = (agent.state / "netrecovery" / name / "state/history").read_text()
        assert [line.split()[2] for line in history.splitlines()] == [
            "detach:", "write:", "verify:", "attach:"], history
        urls.add(board.url)
    assert len(urls) == 2
    # the job is over
    for url in urls:
        status = subprocess.run(["curl", "-s", "-o", os.devnull, "-w", "%{http_code}", url],
                                capture_output=True, text=True, check=False).stdout
        assert status == "410", url


def test_a_board_goes_on_when_the_daemon_was_killed(agent):
    """Its address and its order are the same afterwards: it fetches what it has not yet."""
    board, image = agent.again("sub01"), os.urandom(28 << 20)
    answer = push(agent, ["sub01"], "large.img", image)
    eventually((board.folder / "work/at").exists, 60)
    os.killpg(board.client.pid, signal.SIGSTOP)
    agent.kill9()
    os.killpg(board.client.pid, signal.SIGCONT)
    agent.start()
    task = agent.finished(answer, 120)
    assert task["TaskState"] == "Completed", json.dumps(task) + agent.log_text()[-3000:]
    board.join(60)
    assert board.client.returncode == 0
    assert board.disk.read_bytes()[:len(image)] == image
    said = (board.folder / "work/log/history").read_text()
    assert [line.split()[2] for line in said.splitlines()] == [
        "asks", "wait", "write", "verify", "reset"], said


def test_the_pages_example_is_fine(tmp_path):
    page = (TOP / "plugins/netrecovery/README.md").read_text()
    config, rows = re.findall(r"^```yaml\n(.*?)^```", page, re.M | re.S)
    (tmp_path / "platform.yaml").write_text(
        "platform: test\nchassis:\n  - {id: enclosure}\n" + rows)
    (tmp_path / "clusterbmcd.yaml").write_text(
        f"platform: {tmp_path}/platform.yaml\n{config}  - {{name: adb, plugin: adb}}\n")
    done = subprocess.run([str(BUILD / "clusterbmcd"), "-t", "-c",
                           str(tmp_path / "clusterbmcd.yaml")],
                          capture_output=True, text=True, timeout=60 * SLOW, check=False)
    assert done.returncode == 0 and "is fine" in done.stdout, done.stdout + done.stderr

# SPDX-License-Identifier: Apache-2.0
"""48 boards are flashed at once in an emulated USB world (tests/rigs/usb-world.h), three of them with
faults; and an agent that is killed in the middle goes on."""
import json
import os
import re
import shutil
import socket
import struct
from datetime import datetime

import pytest

from harness import BUILD, SLOW, Agent, eventually

RIG = BUILD / "tests/rigs/usb-rig"
WRAPPER = shutil.which("umockdev-wrapper")
BOARDS = {f"sub{b}-{s:02}": f"2-1.{b}.{s}" for b in range(1, 7) for s in range(1, 9)}
SIZE = 7168 * 512  # up to the serial number and MACs, which are kept
CHUNK = 1 << 20  # what the plugin writes at once
IMAGE = os.urandom(SIZE)

pytestmark = [pytest.mark.plain_only,
              pytest.mark.skipif(not WRAPPER or not RIG.exists(),
                                 reason="umockdev-wrapper or the rig is missing")]

PLATFORM = '''platform: cluster
sources: {default: usb}
verbs: {flash: rockusb, usb_mode: rockusb}
boot_time: 3s
chassis: [{id: enclosure}]
blades:
  - {range: {b: 1-6}, id: "blade{b}", index: "{b}"}
boards:
  - {id: main, is_main: true, index: "0.0"}
  - range: {b: 1-6, s: 1-8}
    id: "sub{b}-{s:02}"
    index: "{b}.{s}"
    parent: "blade{b}"
    soc: RK3399
    usb: "2-1.{b}.{s}"
'''

INSTANCES = '''instances:
  - {name: usb, plugin: usb}
  - {name: rockusb, plugin: rockusb}
'''


# What the boards do in the middle of the image, and the code of their updates.
FAULTS = {
    "sub2-03": ("torn:3", "write-absent"),
    "sub3-05": ("full:3", "write-io"),
    "sub5-08": ("half:3", "verify-corrupt"),
}


class Cluster(Agent):
    """The daemon alone, run by the rig, with boards in their loader."""

    def configure(self, boards, rate):
        super().start()
        self.stop()
        config = self.state / "clusterbmcd.yaml"
        platform = self.folder / "cluster.yaml"
        platform.write_text(PLATFORM)
        platform.chmod(0o644)
        text = re.sub(r"^platform: .*$", f"platform: {platform}", config.read_text(), flags=re.M)
        text = text.replace("log_level: notice", "log_level: info")
        config.write_text(text[:text.index("instances:\n")] + INSTANCES)
        self.disks = self.folder / "disks"
        self.disks.mkdir()
        self.world = self.folder / "world"
        self.world.write_text("hub 2-1 7 individual\n" + "".join(
            f"plug {BOARDS[b]} loader soc=330c options=disk={self.disks}/{b},"
            f"counts={self.disks}/{b}.counts,sectors=16384,rate={rate}"
            f"{'' if b in FAULTS else ',parity'}\n" for b in boards))
        self.control = self.folder / "control"
        self.command = lambda: [WRAPPER, str(RIG), "--world", str(self.world), "--control",
                                str(self.control), "--exec", str(BUILD / "clusterbmcd"),
                                "--config", str(config), "--ready-file", str(self.ready)]
        return self.start()

    def usb(self, line):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60 * SLOW)
            s.connect(str(self.control))
            s.sendall(line.encode() + b"\n")
            answer = s.makefile().read()
        assert answer.startswith("ok"), f"{line}: {answer}"
        return answer[3:]

    def push(self, boards, name="image.img"):
        """Starts an update of these boards; the monitor's or the task's address."""
        targets = [f"/redfish/v1/Systems/{b}" for b in boards]
        where = self.json("UpdateService")["MultipartHttpPushUri"]
        answer = self.http.post(
            self.url(where.removeprefix("/redfish/v1/")), timeout=60 * SLOW,
            files={"UpdateParameters": (None, json.dumps({"Targets": targets}), "application/json"),
                   "UpdateFile": (name, IMAGE, "application/octet-stream")})
        assert answer.status_code == 202, answer.text
        return answer

    def content(self, board):
        return (self.disks / board).read_bytes()[:SIZE]

    def written(self, board):
        """Bytes that the board was sent as data of writes."""
        counts = (self.disks / f"{board}.counts").read_bytes()
        return struct.unpack_from("=Q", counts, 8)[0] * 512

    def subtasks(self, task):
        """By their boards."""
        members = self.json(task["SubTasks"]["@odata.id"].removeprefix("/redfish/v1/"))["Members"]
        tasks = [self.json(m["@odata.id"].removeprefix("/redfish/v1/")) for m in members]
        return {t["Oem"]["ClusterBmc"]["TargetId"]: t for t in tasks}

    def image_reads(self):
        """Bytes read for all boards, in how many passes, bytes read for single ones."""
        line = r"image \S+ read (\d+) bytes in (\d+) passes for its boards, (\d+) more"
        return [int(n) for n in eventually(lambda: re.search(line, self.log_text()), 10).groups()]


def seconds(task):
    begin, end = (datetime.fromisoformat(task[k]) for k in ("StartTime", "EndTime"))
    return (end - begin).total_seconds()


@pytest.fixture(name="cluster")
def fixture_cluster():
    c = Cluster()
    try:
        yield c
    finally:
        print(c.log_text()[-4000:])  # of a test that fails
        c.remove()


def test_forty_eight_boards_with_three_faults(cluster):
    cluster.configure(BOARDS, 4 << 20)
    for board, (fault, _) in FAULTS.items():
        cluster.usb(f"option {BOARDS[board]} fault={fault}")
    task = cluster.finished(cluster.push(BOARDS), 300)
    subtasks = cluster.subtasks(task)
    codes = {b: t["Oem"]["ClusterBmc"]["Code"] for b, t in subtasks.items()}
    assert codes == {b: FAULTS.get(b, (None, None))[1] for b in BOARDS}
    assert {t["TaskState"] for b, t in subtasks.items() if b not in FAULTS} == {"Completed"}
    assert [b for b in BOARDS if b not in FAULTS and cluster.content(b) != IMAGE] == []
    oem = task["Oem"]["ClusterBmc"]
    assert (oem["Targets"], oem["TargetsOk"], oem["TargetsFailed"]) == (48, 45, 3)
    # a board that is slow or dead delays none but itself
    good = [seconds(t) for b, t in subtasks.items() if b not in FAULTS]
    print(f"slowest good board {max(good)} s, quickest {min(good)} s, all {seconds(task)} s")
    # the image is in the window for as long as a board has it open
    read, passes, own = cluster.image_reads()
    assert own == 0 and read == passes * SIZE and passes <= 2


def test_what_is_sent_again_after_kill_9_is_one_chunk(cluster):
    boards = list(BOARDS)[:12]
    cluster.configure(boards, 1 << 20)
    answer = cluster.push(boards)
    where = answer.json()["@odata.id"]

    def is_half():
        done = cluster.json(where.removeprefix("/redfish/v1/"))["Oem"]["ClusterBmc"]["BytesDone"]
        return done and done > len(boards) * SIZE // 2

    eventually(is_half, 60)
    cluster.kill9()
    before = {b: cluster.written(b) for b in boards}
    assert all(0 < n < SIZE for n in before.values()), before
    cluster.start()
    eventually(lambda: cluster.json(where.removeprefix("/redfish/v1/"))["TaskState"]
               not in ("Running", "Starting", "Pending", "New"), 120, 0.2)
    task = cluster.json(where.removeprefix("/redfish/v1/"))
    assert task["TaskState"] == "Completed", str(task) + cluster.log_text()[-3000:]
    assert all(cluster.content(b) == IMAGE for b in boards)
    again = {b: cluster.written(b) - SIZE for b in boards}
    assert max(again.values()) <= CHUNK, again

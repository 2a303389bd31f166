# SPDX-License-Identifier: Apache-2.0
"""Updates of boards with two slots, through the front door: an image is pushed to Redfish, the
plugin absystem writes it by adb, a model of the boot loader starts the board."""
import json
import os
import shutil
import struct
import tempfile
import zlib
from pathlib import Path

import pytest
from adb_rig import AdbAgent, Board, Server, platform_of
from harness import BUILD, eventually

ROOM = 1 << 20
BOOT = """echo androidboot.slot_suffix=_$({loader} {folder}/by-name/misc {good}) > {folder}/cmdline
"""


def metadata(a, b, last=0):
    data = b"\0AB0\1\0\0\0" + bytes(a) + bytes(b) + bytes([last]) + bytes(11)
    return data + struct.pack(">I", zlib.crc32(data))


class SlotBoard(Board):
    """Slot a runs and is marked as booted well."""

    def __init__(self, folder, name):
        self.slots = folder / name / "by-name"
        self.slots.mkdir(parents=True)
        for slot in "ab":
            (self.slots / f"system_{slot}").write_bytes(slot.encode() * ROOM)
        (self.slots / "misc").write_bytes(bytes(2048) + metadata((15, 0, 1, 0), (14, 7, 0, 0)) +
                                          bytes(4096))
        (folder / name / "cmdline").write_text("quiet androidboot.slot_suffix=_a\n")
        super().__init__(folder, name)
        self.comes_up("a", "b")

    def comes_up(self, *slots):
        self.tool("boot", BOOT.format(loader=BUILD / "tests/rigs/ab-loader", folder=self.folder,
                                      good=" ".join(slots)))

    def metadata(self):
        return (self.slots / "misc").read_bytes()[2048:2080]

    def system(self, slot):
        return (self.slots / f"system_{slot}").read_bytes()

    def running(self):
        return (self.folder / "cmdline").read_text().strip()[-1]


@pytest.fixture(scope="module")
def folder():
    path = Path(tempfile.mkdtemp(prefix="clusterbmc-ab."))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def boards(folder):
    # one board's folder is what `by_name` names: an instance for each of them
    made = [SlotBoard(folder, "sub01"), SlotBoard(folder, "sub02")]
    yield {b.name: b for b in made}
    for b in made:
        b.stop()


@pytest.fixture(scope="module")
def agent(folder, boards):
    server = Server(folder)
    rows = {b.name: {"absystem": {"partition": "system"}, "verbs": {"flash": f"slots-{b.name}"}}
            for b in boards.values()}
    one = AdbAgent(with_keys(platform_of(boards.values()), rows), server.port,
                   others=[{"name": f"slots-{b.name}", "plugin": "absystem",
                            "settings": {"by_name": str(b.slots), "wait": "20s",
                                         "cmdline": str(b.folder / "cmdline")}}
                           for b in boards.values()])
    one.start_with_adb()
    yield one
    one.remove()
    server.stop()


def with_keys(text, rows):
    import yaml
    tree = yaml.safe_load(text)
    for board in tree["boards"]:
        board.update(rows.get(board["id"], {}))
    return yaml.safe_dump(tree, sort_keys=False)


def pushed(agent, board, image):
    eventually(lambda: agent.node_state(board) == "Linux", 30)
    uri = agent.json("UpdateService")["MultipartHttpPushUri"]
    answer = agent.http.post(agent.url(uri), timeout=30, files=[
        ("UpdateParameters", (None, json.dumps({"Targets": [f"/redfish/v1/Systems/{board}"]}),
                              "application/json")),
        ("UpdateFile", ("system.img", image, "application/octet-stream"))])
    assert answer.status_code == 202, answer.text
    return answer


def push(agent, board, image):
    return agent.finished(pushed(agent, board, image), 120)


def test_a_pushed_image_goes_to_the_other_slot(agent, boards):
    board, image = boards["sub01"], os.urandom(300 * 1024 + 17)
    task = push(agent, "sub01", image)
    assert task["TaskState"] == "Completed", task
    assert board.running() == "b"
    assert board.system("b") == image + b"b" * (ROOM - len(image))
    assert board.system("a") == b"a" * ROOM
    assert board.metadata() == metadata((14, 0, 1, 0), (15, 0, 1, 0), last=1)


def test_a_system_that_does_not_come_up_is_gone_back_from(agent, boards):
    board, image = boards["sub02"], os.urandom(100 * 1024)
    board.comes_up("a")
    task = push(agent, "sub02", image)
    assert task["TaskState"] == "Exception", task
    assert "slot b did not come up" in json.dumps(task["Messages"]), task["Messages"]
    assert board.running() == "a"
    assert board.system("a") == b"a" * ROOM
    assert board.metadata() == metadata((15, 0, 1, 0), (0, 0, 0, 0))


def test_an_image_that_is_too_large_changes_nothing(agent, boards):
    board, before = boards["sub02"], boards["sub02"].metadata()
    task = push(agent, "sub02", os.urandom(ROOM + 1))
    assert task["TaskState"] == "Exception", task
    assert "system_b has 1048576 bytes" in json.dumps(task["Messages"]), task["Messages"]
    assert board.metadata() == before


def test_a_daemon_that_is_killed_while_it_writes_goes_on(agent, boards):
    board, image = boards["sub02"], os.urandom(ROOM)
    board.comes_up("a", "b")
    answer = pushed(agent, "sub02", image)
    eventually(lambda: board.metadata()[12:16] == bytes((0, 0, 0, 1)), 60, every=0.002)
    agent.kill9()
    assert board.metadata()[8:16] == bytes((15, 0, 1, 0, 0, 0, 0, 1))
    agent.start_daemon()
    task = agent.finished(answer, 120)
    assert task["TaskState"] == "Completed", task
    assert board.running() == "b"
    assert board.system("b") == image
    assert board.metadata() == metadata((14, 0, 1, 0), (15, 0, 1, 0), last=1)

# SPDX-License-Identifier: Apache-2.0
"""Updates by the plugin rockusb in a running agent: emulated boards in their loaders
(tests/rigs/rockusb-model.h), several at once, with faults, and over a kill -9 of the agent."""
import json
import os
import re
import shutil
import signal
import socket
import struct
import sys

import pytest

from harness import BUILD, SLOW, Agent, eventually

RIG = BUILD / "tests/rigs/usb-rig"
WRAPPER = shutil.which("umockdev-wrapper")
pytestmark = [pytest.mark.plain_only,
              pytest.mark.skipif(not WRAPPER or not RIG.exists(),
                                 reason="umockdev-wrapper or the rig is missing")]

BOARDS = 4
SECTORS = 65536
CHUNK = 512  # sectors of a command, by the option small
SIZE = (3 << 20) - 1000
WRITTEN, VIOLATIONS = 1, 3  # enum rockusb_count

INSTANCES = """instances:
  - {name: usb, plugin: usb}
  - {name: rockusb, plugin: rockusb, settings: {transfer_timeout: 1s}}
"""
PLATFORM = """platform: rockusb
sources: {default: usb}
verbs: {flash: rockusb, usb_mode: rockusb}
boot_time: 4s
chassis: [{id: enclosure}]
boards:
  - {id: main, is_main: true, index: "0.0"}
""" + "".join(f'  - {{id: sub{n}, index: "{n}.1", soc: RK3399, usb: "2-1.{n}"}}\n'
              for n in range(1, BOARDS + 1))

# Starts the agent again when it was killed: the world lives in the rig, which ends with this.
AGAIN = """
import signal, subprocess, sys
ending = False
def end(*_):
    global ending
    ending = True
    child.terminate()
signal.signal(signal.SIGTERM, end)
while True:
    child = subprocess.Popen(sys.argv[1:])
    if child.wait() != -signal.SIGKILL or ending:
        sys.exit(child.returncode)
"""


class RockAgent(Agent):
    def configure(self):
        super().start()
        self.stop()
        config = self.state / "clusterbmcd.yaml"
        platform = self.folder / "rockusb.yaml"
        platform.write_text(PLATFORM)
        platform.chmod(0o644)
        text = re.sub(r"^platform: .*$", f"platform: {platform}", config.read_text(), flags=re.M)
        config.write_text(text[:text.index("instances:\n")] + INSTANCES)
        (self.folder / "world").write_text("hub 2-1 7 individual\n")
        self.control = self.folder / "control"
        self.command = lambda: [WRAPPER, str(RIG), "--world", str(self.folder / "world"),
                                "--control", str(self.control), "--exec", sys.executable, "-c",
                                AGAIN, str(BUILD / "clusterbmcd"), "--config", str(config),
                                "--ready-file", str(self.ready)]
        return self.start()

    def usb(self, line):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60 * SLOW)
            s.connect(str(self.control))
            s.sendall(line.encode() + b"\n")
            answer = s.makefile().read()
        assert answer.startswith("ok"), f"{line}: {answer}"
        return answer[3:]

    def plug(self, n, options=""):
        """The board anew, its storage as it was."""
        if f"2-1.{n} " in self.usb("list"):
            self.usb(f"unplug 2-1.{n}")
        for name in (f"disk{n}", f"counts{n}"):
            (self.folder / name).unlink(missing_ok=True)
        self.usb(f"plug 2-1.{n} loader soc=330c options=disk={self.folder}/disk{n},"
                 f"counts={self.folder}/counts{n},sectors={SECTORS},small{options}")

    def disk(self, n, size):
        with open(self.folder / f"disk{n}", "rb") as f:
            return f.read(size)

    def counts(self, n):
        return struct.unpack("5Q", (self.folder / f"counts{n}").read_bytes())

    def update(self, image, boards, **options):
        """By a multipart push; the response."""
        parameters = {"Targets": [f"/redfish/v1/Systems/sub{n}" for n in boards], **options}
        return self.request("POST", self.json("UpdateService")["MultipartHttpPushUri"], files=[
            ("UpdateParameters", (None, json.dumps(parameters), "application/json")),
            ("UpdateFile", ("test.img", image, "application/octet-stream"))])


@pytest.fixture(name="agent", scope="module")
def fixture_agent():
    a = RockAgent()
    try:
        yield a.configure()
    finally:
        a.remove()


@pytest.fixture(name="image", scope="module")
def fixture_image():
    return os.urandom(SIZE)


def padded(image):
    return image + bytes(-len(image) % 512)


def test_several_boards_are_written_at_once(agent, image):
    for n in range(1, BOARDS + 1):
        agent.plug(n, ",parity" if n % 2 else "")
    task = agent.finished(agent.update(image, range(1, BOARDS + 1)), 120 * SLOW)
    assert task["TaskState"] == "Completed", json.dumps(task)
    for n in range(1, BOARDS + 1):
        assert agent.disk(n, len(padded(image))) == padded(image)
        assert agent.counts(n)[WRITTEN] == len(padded(image)) // 512
        assert agent.counts(n)[VIOLATIONS] == 0
        assert f"2-1.{n} adb" in agent.usb("list")  # its system was started


def test_a_board_that_goes_wrong_stops_no_other(agent, image):
    """One lies, one is full, one leaves for good, one is well."""
    agent.plug(1)
    agent.plug(2)
    agent.plug(3)
    agent.plug(4)
    agent.usb("option 2-1.1 fault=bit-flip:3")
    agent.usb("option 2-1.2 fault=full:5")
    agent.usb("option 2-1.3 fault=to-system:12")
    task = agent.finished(agent.update(image, range(1, 5)), 120 * SLOW)
    assert task["TaskState"] == "Exception", task
    assert agent.disk(4, len(padded(image))) == padded(image)
    assert "2-1.4 adb" in agent.usb("list")
    text = json.dumps([agent.json(m["@odata.id"])
                       for m in agent.json(task["SubTasks"]["@odata.id"])["Members"]])
    assert "verify-corrupt" in text and "write-io" in text, text
    # in a mode in which they can be flashed again
    assert "2-1.1 loader" in agent.usb("list") and "2-1.2 loader" in agent.usb("list")
    agent.plug(2)
    task = agent.finished(agent.update(image, [1, 2]), 120 * SLOW)
    assert task["TaskState"] == "Completed", json.dumps(task)
    assert agent.disk(1, len(padded(image))) == padded(image)
    assert agent.disk(2, len(padded(image))) == padded(image)


def test_what_has_no_room_is_refused(agent, image):
    agent.plug(2, ",sectors=4096")  # 2 MiB
    task = agent.finished(agent.update(image, [2]), 60 * SLOW)
    assert "accepts-space" in json.dumps(task), task
    assert agent.counts(2)[WRITTEN] == 0


@pytest.mark.parametrize("half", [1, 2])
def test_after_a_kill_at_most_a_chunk_is_sent_again(agent, image, half):
    """At about a third, then later; what is there already is only read."""
    total = len(padded(image)) // 512
    agent.plug(1, ",rate=3000000")
    response = agent.update(image, [1])
    eventually(lambda: agent.counts(1)[WRITTEN] > total * half // 3, 60 * SLOW, 0.01)
    agent.ready.unlink()
    os.kill(agent.pid, signal.SIGKILL)
    agent.wait_ready()
    task = agent.finished(response, 120 * SLOW)
    assert task["TaskState"] == "Completed", json.dumps(task)
    assert agent.disk(1, len(padded(image))) == padded(image)
    assert agent.counts(1)[WRITTEN] <= total + CHUNK
    assert "2-1.1 adb" in agent.usb("list")

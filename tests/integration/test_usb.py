# SPDX-License-Identifier: Apache-2.0
"""The plugin usb in a running agent, in an emulated USB world (tests/rigs/usb-world.h): a
whole R2's boards on the ports of nine hubs."""
import os
import re
import shutil
import socket
import subprocess
import time

import pytest

from harness import BUILD, R2_BOARDS, SLOW, TOP, Agent, eventually

RIG = BUILD / "tests/rigs/usb-rig"
WRAPPER = shutil.which("umockdev-wrapper")
PAGE = (TOP / "plugins/usb/README.md").read_text()
INSTANCES, PLATFORM = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)

pytestmark = [pytest.mark.plain_only,
              pytest.mark.skipif(not WRAPPER or not RIG.exists(),
                                 reason="umockdev-wrapper or the rig is missing")]

R2 = '''platform: r2-usb
sources: {default: usb}
verbs: {hub_reset: usb}
boot_time: 10s
chassis: [{id: enclosure}]
blades:
  - {range: {b: 1-9}, id: "blade{b}", index: "{b}"}
boards:
  - {id: main, is_main: true, index: "0.0"}
  - range: {b: 1-9, s: 1-8}
    id: "sub{b}-{s:02}"
    index: "{b}.{s}"
    parent: "blade{b}"
    soc: RK3399
    usb: "2-1.{b}.{s}"
'''


class UsbAgent(Agent):
    """The daemon alone, run by the rig."""

    def configure(self):
        super().start()
        self.stop()
        config = self.state / "clusterbmcd.yaml"
        platform = self.folder / "r2-usb.yaml"
        platform.write_text(R2)
        platform.chmod(0o644)
        text = re.sub(r"^platform: .*$", f"platform: {platform}", config.read_text(), flags=re.M)
        config.write_text(text[:text.index("instances:\n")] + INSTANCES)
        world = self.folder / "world"
        world.write_text("hub 2-1 9 individual\n" + "".join(
            f"hub 2-1.{b} 8 ganged\n" + "".join(
                f"plug 2-1.{b}.{s} adb serial=S{b}{s}\n" for s in range(1, 9))
            for b in range(1, 10)))
        self.control = self.folder / "control"
        self.command = lambda: [WRAPPER, str(RIG), "--world", str(world), "--control",
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

    def states(self):
        return {b: self.node_state(b) for b in R2_BOARDS}


@pytest.fixture(scope="module")
def agent():
    a = UsbAgent()
    try:
        a.configure()
        yield a
    finally:
        a.remove()


def online(agent, boards):
    return all(agent.node_state(b) == "Online" for b in boards)


def test_the_pages_example_is_fine(tmp_path):
    (tmp_path / "platform.yaml").write_text(PLATFORM)
    (tmp_path / "clusterbmcd.yaml").write_text(f"platform: {tmp_path}/platform.yaml\n{INSTANCES}")
    done = subprocess.run([str(BUILD / "clusterbmcd"), "-t", "-c",
                           str(tmp_path / "clusterbmcd.yaml")],
                          capture_output=True, text=True, timeout=60 * SLOW, check=False)
    assert done.returncode == 0 and "is fine" in done.stdout, done.stdout + done.stderr


def test_a_whole_r2_is_seen_and_a_hub_that_drops_takes_its_eight(agent):
    blade3 = [b for b in R2_BOARDS if b.startswith("sub3-")]
    eventually(lambda: online(agent, R2_BOARDS), 30)
    agent.usb("power 2-1 3 off")
    eventually(lambda: all(agent.node_state(b) == "Offline" for b in blade3), 10)
    assert online(agent, [b for b in R2_BOARDS if b not in blade3])
    agent.usb("power 2-1 3 on")
    eventually(lambda: online(agent, blade3), 10)


def test_resetting_a_port_says_whom_it_touches(agent):
    eventually(lambda: online(agent, R2_BOARDS), 30)
    agent.usb("log")
    action = agent.json("Systems/sub5-02")["Actions"]["Oem"]["#ClusterBmcComputerSystem.ResetUsbPort"]
    answer = agent.post(action["target"].removeprefix("/redfish/v1/"), {})
    assert answer.status_code == 202, answer.text
    task = agent.finished(answer, 60)
    assert task["TaskState"] == "Completed", str(task) + agent.log_text()[-3000:]
    assert "sub5-01" in str(task) and "sub6-01" not in str(task), task
    log = agent.usb("log").split("\n")
    assert log[0] == "2-1.5 1 off" and "2-1.5 8 on" in log and not [x for x in log if "2-1.6" in x]


def test_a_missing_permission_names_the_rule(agent):
    eventually(lambda: online(agent, R2_BOARDS), 30)
    agent.usb("fault 2-1.6 noaccess")
    where = "Systems/sub6-02/Actions/Oem/ClusterBmcComputerSystem.ResetUsbPort"
    task = agent.finished(agent.post(where, {}), 60)
    assert task["TaskState"] == "Exception" and "70-clusterbmc-usb.rules" in str(task), task
    assert online(agent, R2_BOARDS)
    agent.usb("fault 2-1.6 none")


def test_an_idle_r2_takes_next_to_nothing(agent):
    """Loose: the figure is for the page; a busy machine must not fail it."""
    eventually(lambda: online(agent, R2_BOARDS), 30)

    def ticks():
        words = open(f"/proc/{agent.pid}/stat", encoding="ascii").read().rsplit(")", 1)[1].split()
        return int(words[11]) + int(words[12])
    time.sleep(5)
    before, began = ticks(), time.monotonic()
    time.sleep(10)
    used = (ticks() - before) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - began)
    print(f"[72 boards idle: {100 * used:.2f} % of one core]", end=" ")
    assert used < 0.05 * SLOW
    assert "serve: ended by itself" not in agent.log_text()  # it is told, and does not only poll

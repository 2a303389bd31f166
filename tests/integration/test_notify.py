# SPDX-License-Identifier: Apache-2.0
"""What the service manager is told over its notification socket, and when."""
import os
import signal
import socket
import time

import pytest

from harness import SLOW, eventually
from test_hung_threads import HANG_S, Stopped

pytestmark = [pytest.mark.plain_only]


class Manager:
    """The socket of $NOTIFY_SOCKET, and every datagram that came."""

    def __init__(self, agent):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.path = agent.folder / "notify"
        self.socket.bind(str(self.path))
        self.path.chmod(0o777)

    def next(self, seconds):
        """The next datagram but the watchdog's, as its lines' words; None: none came."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                message = self.socket.recv(4096).decode()
            except TimeoutError:
                return None
            if message != "WATCHDOG=1":
                return dict(line.split("=", 1) for line in message.split("\n"))
        return None

    def fed(self, seconds):
        """Whether the watchdog is fed within the time."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(4096) == b"WATCHDOG=1"
        except TimeoutError:
            return False


@pytest.fixture
def managed(new_agent):
    agent = new_agent(env={"CLUSTERBMC_HANG_TIMEOUT": f"{HANG_S}s"})
    return agent, Manager(agent)


def test_each_change_is_told_with_a_line_of_state(managed):
    agent, manager = managed
    agent.start(wait=False, NOTIFY_SOCKET=str(manager.path))
    told = manager.next(60 * SLOW)
    assert told["READY"] == "1"
    for word in ("platform firefly-r2", f"https {agent.https_port}", f"snmp {agent.snmp_port}"):
        assert word in told["STATUS"]
    boards = agent.get("Systems?$expand=.&$select=PowerState,SerialNumber").json()["Members"]
    assert len(boards) == 73 and all(b["PowerState"] for b in boards)
    agent.wait_ready()

    config = agent.state / "clusterbmcd.yaml"
    good = config.read_text()
    for text, note in ((good + "manual_fans: 5h\n", "waits for a restart"),
                       (good + "nonsense: 1\n", "is refused"), (good, "a change waits")):
        config.write_text(text)
        os.kill(agent.pid, signal.SIGHUP)
        assert manager.next(60 * SLOW) == {"RELOADING": "1"}
        told = manager.next(60 * SLOW)
        assert told["READY"] == "1" and note in told["STATUS"], note
    os.kill(agent.pid, signal.SIGTERM)
    assert manager.next(60 * SLOW) == {"STOPPING": "1"}
    assert manager.next(0.5) is None


def test_a_main_loop_that_stands_still_does_not_feed_the_watchdog(managed):
    agent, manager = managed
    agent.start(NOTIFY_SOCKET=str(manager.path))
    assert manager.next(1)["READY"] == "1"
    assert eventually(lambda: manager.fed(HANG_S / 4), HANG_S)
    Stopped(agent.pid)  # the first thread, whose id is the process's, is the main loop's
    while manager.fed(0.1):
        pass  # what was sent before
    assert not manager.fed(HANG_S / 3), "it is fed every sixth of the time"
    os.kill(agent.pid, signal.SIGKILL)

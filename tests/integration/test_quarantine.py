# SPDX-License-Identifier: Apache-2.0
"""Forty boards hang: at most one restart in ten minutes, and the others can be switched."""
import threading
import time

import pytest
import requests

from harness import SLOW, R2_BOARDS, eventually

pytestmark = [pytest.mark.plain_only]

WEDGED, HEALTHY = R2_BOARDS[:40], R2_BOARDS[40:44]
LOST = "never came back, its thread is left behind"
SECONDS = 60  # before, in this time: a restart each time sixteen threads were lost


class Wedge(threading.Thread):
    """Keeps the boards wedged, also over restarts: the simulator forgets its faults."""

    def __init__(self, agent):
        super().__init__(daemon=True)
        self.agent, self.end = agent, threading.Event()

    def run(self):
        done = None
        while not self.end.is_set():
            try:
                text = self.agent.ready.read_text()
                # the ready file comes seconds after the socket: faults first
                if text != done or not text:
                    for board in WEDGED:
                        self.agent.sim("fault", id=board, fault="adb_wedge", seconds=600)
                    done = text
            except (OSError, ValueError, AssertionError):
                pass
            self.end.wait(0.05)


def restarts(agent):
    return agent.log_text().count(" is ready: ") - 1


def switch(agent, board, kind, state):
    """A power action by somebody who tries again when the daemon is just restarting."""
    def ask():
        try:
            return agent.reset(board, kind).status_code in (202, 204)
        except requests.ConnectionError:
            return False

    def there():
        try:
            return agent.power(board) == state
        except (requests.ConnectionError, AssertionError):
            return False
    eventually(ask, 20)
    eventually(there, 20)


def test_forty_wedged_boards_restart_the_daemon_once(new_agent):
    agent = new_agent().start()
    wedge = Wedge(agent)
    wedge.start()
    try:
        begin, n = time.monotonic(), 0
        eventually(lambda: restarts(agent) == 1, 60)
        while time.monotonic() - begin < SECONDS * SLOW:
            board = HEALTHY[n % len(HEALTHY)]
            switch(agent, board, "ForceOff", "Off")
            switch(agent, board, "On", "On")
            n += 1
            time.sleep(1)
        assert restarts(agent) == 1
        assert n >= 2
    finally:
        wedge.end.set()
        wedge.join(10)
    # those that hung are known after the restart: one at a time, each after a rest
    log = agent.log_text()
    cut = log.index("is ready", log.index("clusterbmcd restarts: too many calls"))
    hung = {line.split("probe of ")[1].split()[0] for line in log[:cut].splitlines()
            if LOST in line}
    again = [b for b in hung if any(LOST in line and f"of {b} " in line
                                    for line in log[cut:].splitlines())]
    assert len(hung) >= 16
    assert len(again) <= SECONDS * SLOW // 6 + 1

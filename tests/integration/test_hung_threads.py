# SPDX-License-Identifier: Apache-2.0
"""A thread that does not run any more is noticed, and does not keep the daemon from
ending. Threads are stopped one by one, as a debugger does it."""
import ctypes
import os
import socket
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from harness import SLOW, alive, eventually

pytestmark = [pytest.mark.plain_only]

PTRACE_SEIZE, PTRACE_INTERRUPT, WALL = 0x4206, 0x4207, 0x40000000
HANG_S = 20
libc = ctypes.CDLL(None, use_errno=True)


def threads(pid, name):
    """The ids of the threads of this name, in the order in which they began."""
    tasks = Path(f"/proc/{pid}/task")
    return sorted(int(t.name) for t in tasks.iterdir()
                  if (t / "comm").read_text().strip() == name)


class Stopped:
    """Stops threads until they are killed. One thread traces them and collects them when
    they end, for until then their process can't."""

    def __init__(self, *ids):
        self.ids, self.error = ids, None
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.trace, daemon=True)
        self.thread.start()
        assert self.done.wait(10 * SLOW)
        if self.error:
            pytest.skip(f"tracing is not allowed here: {self.error}")

    def trace(self):
        for tid in self.ids:
            for request in (PTRACE_SEIZE, PTRACE_INTERRUPT):
                if libc.ptrace(request, tid, None, None) != 0:
                    self.error = os.strerror(ctypes.get_errno())
        self.done.set()
        for tid in self.ids if not self.error else ():
            status = 0x7f
            while os.WIFSTOPPED(status):
                _, status = os.waitpid(tid, WALL)


class Manager:
    """A service manager's notification socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        path.chmod(0o777)

    def fed(self, seconds):
        """Whether the watchdog is fed within the time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                if b"WATCHDOG=1" in self.socket.recv(4096):
                    return True
            except TimeoutError:
                pass
        return False


class Hang:
    """An agent one of whose threads stops."""

    def __init__(self, agent, name):
        self.agent = agent
        self.manager = Manager(agent.folder / "notify")
        agent.start(NOTIFY_SOCKET=str(agent.folder / "notify"))
        self.pid = agent.pid
        assert self.manager.fed(HANG_S * SLOW) and self.manager.fed(HANG_S * SLOW)
        self.begin = time.monotonic()
        self.stopped = Stopped(threads(self.pid, name)[-1])

    def expect_restart(self):
        agent = self.agent
        eventually(lambda: "does not run" in agent.log_text(), HANG_S * 3)
        while self.manager.fed(0.1):
            pass  # what was sent before
        assert not alive(self.pid) or not self.manager.fed(HANG_S / 4)
        eventually(lambda: not alive(self.pid), HANG_S * 3 + 12)
        assert time.monotonic() - self.begin > HANG_S * 0.8
        eventually(lambda: agent.wait_ready() or agent.pid != self.pid, 30)
        assert agent.get("/redfish/v1").status_code == 200
        assert f"has not run for {HANG_S} s" in agent.log_text()
        assert "http does not end" in agent.log_text()
        self.stopped.thread.join(10)


def test_http_thread_that_does_not_run_restarts_the_daemon(new_agent):
    """One that serves, and the one that accepts."""
    hangs = [Hang(new_agent(env={"CLUSTERBMC_HANG_TIMEOUT": f"{HANG_S}s"}), name)
             for name in ("MHD-single", "http-accept")]
    for hang in hangs:
        hang.expect_restart()


def test_stop_has_a_deadline_and_loses_nothing(new_agent):
    agent = new_agent().start()
    assert len(threads(agent.pid, "MHD-single")) == 4
    stopped = Stopped(threads(agent.pid, "MHD-single")[-1])
    assert agent.patch("Systems/sub1-01", {"AssetTag": "kept"}).status_code == 200
    accepted = agent.reset("sub1-02", "PowerCycle")
    assert accepted.status_code == 202
    pid, begin = agent.pid, time.monotonic()
    agent.process.terminate()
    eventually(lambda: not alive(pid), 12)
    assert 7 < time.monotonic() - begin < 12 * SLOW
    stopped.thread.join(10)
    agent.wait_dead()
    assert "http does not end: clusterbmcd ends without it" in agent.log_text()
    database = sqlite3.connect(f"file:{agent.state / 'state.db'}?mode=ro", uri=True)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    agent.start()
    assert not list(agent.state.glob("state.db.corrupt-*"))
    assert agent.json("Systems/sub1-01")["AssetTag"] == "kept"
    where = accepted.headers["Location"].replace("/TaskMonitors/", "/Tasks/")
    assert eventually(lambda: agent.ended(where), 30)


def test_stop_without_a_hang_takes_no_time(new_agent):
    agent = new_agent().start()
    pid, begin = agent.pid, time.monotonic()
    agent.process.terminate()
    eventually(lambda: not alive(pid), 7)
    assert time.monotonic() - begin < 7 * SLOW
    assert "does not end" not in agent.log_text()

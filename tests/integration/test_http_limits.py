# SPDX-License-Identifier: Apache-2.0
"""Limits of the web frontends: floods of connections, slow clients, requests that two
servers would read differently. Bounded load, from loopback addresses."""
import os
import resource
import socket
import ssl
import time

import pytest

from rig import SLOW, alive, eventually

pytestmark = [pytest.mark.threads]

FRONTENDS = ["https", "http"]
SLOTS, PER_ADDRESS = 512, 128  # the defaults of the configuration
GET = b"GET /redfish/v1 HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module", autouse=True)
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def port_of(agent, frontend):
    return agent.https_port if frontend == "https" else agent.http_port


def connect(agent, frontend, source="127.0.0.1", timeout=15):
    s = socket.create_connection(("127.0.0.1", port_of(agent, frontend)), timeout * SLOW,
                                 source_address=(source, 0))
    if frontend == "http":
        return s
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(s)


def received(s):
    """All that comes until the server closes."""
    got = b""
    try:
        while data := s.recv(65536):
            got += data
    except OSError:
        pass
    return got


def answers(agent, frontend, source):
    """The seconds that a GET over a new connection takes."""
    begin = time.monotonic()
    with connect(agent, frontend, source) as s:
        s.sendall(GET)
        assert s.recv(4096).startswith(b"HTTP/1.1 200")
    return time.monotonic() - begin


def descriptors(agent):
    return len(os.listdir(f"/proc/{agent.pid}/fd"))


def resident(agent):
    with open(f"/proc/{agent.pid}/status", encoding="ascii") as f:
        return int(next(line for line in f if line.startswith("VmRSS")).split()[1])


# ---- floods ----

def burst(port, count):
    """Connects from five addresses as fast as it can, sends nothing, closes."""
    sockets = []
    for i in range(count):
        s = socket.socket()
        s.setblocking(False)
        s.bind((f"127.0.0.{2 + i % 5}", 0))
        s.connect_ex(("127.0.0.1", port))
        sockets.append(s)
    time.sleep(0.5)
    for s in sockets:
        s.close()


@pytest.mark.parametrize("frontend", FRONTENDS)
def test_burst_of_connects_leaves_the_frontend_as_it_was(new_agent, frontend):
    agent = new_agent().start()
    answers(agent, frontend, "127.0.0.77")
    before = descriptors(agent)
    for count in (640, 1500, 640, 640):
        burst(port_of(agent, frontend), count)
        assert answers(agent, frontend, "127.0.0.77") < 1 * SLOW
    eventually(lambda: descriptors(agent) <= before, 10)
    eventually(lambda: resident(agent) < 24000 * SLOW * SLOW, 10)
    pid, begin = agent.pid, time.monotonic()
    agent.process.terminate()
    eventually(lambda: not alive(pid), 10)
    assert time.monotonic() - begin < 10 * SLOW


# ---- slow clients ----

class Slow:
    """Connections that have sent the beginning of a request."""

    def __init__(self, agent, frontend):
        self.agent, self.frontend, self.sockets = agent, frontend, []

    def add(self, count, source):
        for _ in range(count):
            s = socket.create_connection(("127.0.0.1", port_of(self.agent, self.frontend)), 15,
                                         source_address=(source, 0))
            s.sendall(b"\x16\x03\x01" if self.frontend == "https" else b"GET /redf")
            self.sockets.append(s)

    def open(self):
        """How many the server has not ended."""
        n = 0
        for s in self.sockets:
            s.setblocking(False)
            try:
                n += s.recv(1) != b""
            except BlockingIOError:
                n += 1
            except OSError:
                pass
        return n

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for s in self.sockets:
            s.close()


@pytest.mark.parametrize("frontend", FRONTENDS)
def test_slow_clients_at_every_slot_refuse_no_new_one(agent, frontend):
    with Slow(agent, frontend) as slow:
        for i in range(8):
            slow.add(SLOTS // 8 + 10, f"127.0.1.{i + 1}")
            answers(agent, frontend, f"127.0.2.{i + 1}")
        for i in range(20):
            answers(agent, frontend, f"127.0.3.{i + 1}")
        assert slow.open() <= SLOTS * 3 // 4 + 1
    assert agent.get("/redfish/v1").status_code == 200


@pytest.mark.parametrize("frontend", FRONTENDS)
def test_address_has_a_limit_of_its_own(agent, frontend):
    with Slow(agent, frontend) as slow:
        slow.add(PER_ADDRESS - 1, "127.0.4.1")
        answers(agent, frontend, "127.0.4.1")  # the last one that is let in
        eventually(lambda: slow.open() == PER_ADDRESS - 1)
        slow.add(1, "127.0.4.1")
        with pytest.raises((OSError, AssertionError)):
            for _ in range(3):  # the one before may not have been closed yet
                answers(agent, frontend, "127.0.4.1")
        assert slow.open() == PER_ADDRESS
        answers(agent, frontend, "127.0.4.2")
    eventually(lambda: not refused(agent, frontend, "127.0.4.1"), 10)


def refused(agent, frontend, source):
    try:
        return answers(agent, frontend, source) is None
    except (OSError, AssertionError):
        return True


def test_authenticated_clients_keep_their_connections(agent):
    kept = connect(agent, "https", "127.0.5.1", timeout=60)
    ask = (b"GET /redfish/v1/Systems HTTP/1.1\r\nHost: x\r\n"
           b"X-Auth-Token: %s\r\n\r\n")
    session = agent.post("SessionService/Sessions",
                         {"UserName": "admin", "Password": agent.password}, auth=None)
    token = session.headers["X-Auth-Token"].encode()
    with kept, Slow(agent, "https") as slow:
        kept.sendall(ask % token)
        assert kept.recv(65536).startswith(b"HTTP/1.1 200")
        slow.add(20, "127.0.5.1")  # a trusted address's are ended last
        trusted = list(slow.sockets)
        for i in range(8):
            slow.add(SLOTS // 8, f"127.0.6.{i + 1}")
        slow.sockets = trusted + slow.sockets[20:]
        kept.sendall(ask % token)
        kept.settimeout(15 * SLOW)
        while b"HTTP/1.1 200" not in kept.recv(65536):
            pass
        first = Slow(agent, "https")
        first.sockets = trusted
        assert first.open() == 20
    agent.delete(session.headers["Location"])


def test_without_descriptors_the_oldest_waiting_connection_ends(new_agent):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (110, hard))
    try:
        agent = new_agent().start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with Slow(agent, "http") as slow:
        for i in range(4):
            slow.add(40, f"127.0.7.{i + 1}")
        for i in range(5):
            answers(agent, "http", f"127.0.8.{i + 1}")
            answers(agent, "https", f"127.0.8.{i + 1}")
    assert agent.get("/redfish/v1").status_code == 200

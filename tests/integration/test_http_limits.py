# SPDX-License-Identifier: Apache-2.0
"""Limits of the web frontends: floods of connections, slow clients, requests that two
servers would read differently. Bounded load, from loopback addresses."""
import os
import resource
import socket
import ssl
import time

import pytest

from harness import SLOW, alive, eventually

pytestmark = [pytest.mark.threads, pytest.mark.address]

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


def own_memory(agent):
    """kB, without the pages of libraries."""
    with open(f"/proc/{agent.pid}/status", encoding="ascii") as f:
        return int(next(line for line in f if line.startswith("RssAnon")).split()[1])


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
    eventually(lambda: own_memory(agent) < 20000 * SLOW * SLOW, 10)
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

        def at_its_limit():
            """One more is let in once the one before is closed, and no second one."""
            slow.add(1, "127.0.4.1")
            return refused(agent, frontend, "127.0.4.1") and slow.open() == PER_ADDRESS
        eventually(at_its_limit, 20, every=0.3)
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


# ---- requests that two servers would read differently ----

LINE = b"GET /redfish/v1 HTTP/1.1\r\n"
POST = b"POST /redfish/v1/SessionService/Sessions HTTP/1.1\r\n"
HOST = b"Host: x\r\n"
JSON = b"Content-Type: application/json\r\n"
HIDDEN = b"GET /redfish/v1/odata HTTP/1.1\r\nHost: x\r\n\r\n"  # what would be smuggled

AMBIGUOUS = {
    "folded Transfer-Encoding": POST + HOST + b"Transfer-Encoding:\r\n chunked\r\n\r\n",
    "folded with a tab": LINE + HOST + b"X: a\r\n\tb\r\n\r\n",
    "folded first line": LINE + b" Host: x\r\n\r\n",
    "folded Content-Length": POST + HOST + b"Content-Length: 1\r\n 0\r\n\r\n",
    "blank before the colon": POST + HOST + b"Content-Length : 5\r\n\r\n",
    "tab before the colon": POST + HOST + b"Content-Length\t: 5\r\n\r\n",
    "blank before TE's colon": POST + HOST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "two Content-Lengths": POST + HOST + b"Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}",
    "two equal ones": POST + HOST + b"Content-Length: 2\r\ncontent-length: 2\r\n\r\n{}",
    "list of lengths": POST + HOST + b"Content-Length: 2, 2\r\n\r\n{}",
    "length with a sign": POST + HOST + b"Content-Length: +2\r\n\r\n{}",
    "negative length": POST + HOST + b"Content-Length: -2\r\n\r\n{}",
    "length with a blank": POST + HOST + b"Content-Length: 1 0\r\n\r\n{}",
    "hexadecimal length": POST + HOST + b"Content-Length: 0x2\r\n\r\n{}",
    "empty length": POST + HOST + b"Content-Length:\r\n\r\n{}",
    "TE and length": POST + HOST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    "length and TE": POST + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
    "other TE": POST + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    "identity": POST + HOST + b"Transfer-Encoding: identity\r\n\r\n",
    "odd TE": POST + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two TEs": POST + HOST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
    "TE with GET": LINE + HOST + b"Transfer-Encoding: x\r\n\r\n",
    "CR in a value": LINE + HOST + b"X: a\rb\r\n\r\n",
    "CR for a line's end": LINE + HOST + b"X: a\rContent-Length: 5\r\n\r\n",
    "CR before CR LF": LINE + HOST + b"X: a\r\r\n\r\n",
    "CR in a name": LINE + HOST + b"X\rY: a\r\n\r\n",
    "NUL in a value": LINE + HOST + b"X: a\0b\r\n\r\n",
    "NUL at a value's end": LINE + HOST + b"X: a\0\r\n\r\n",
    "NUL in a name": LINE + HOST + b"X\0Y: a\r\n\r\n",
    "NUL at a line's start": LINE + HOST + b"\0X: a\r\n\r\n",
    "NUL hides a header": LINE + HOST + b"X: a\0\0Content-Length: 5\r\n\r\n",
    "other control in a value": LINE + HOST + b"X: a\x01b\r\n\r\n",
    "DEL in a value": LINE + HOST + b"X: a\x7fb\r\n\r\n",
    "LF for a line's end": LINE + HOST + b"X: a\nY: b\r\n\r\n",
    "LF after the request line": LINE.replace(b"\r\n", b"\n") + HOST + b"\r\n",
    "LF at the end": LINE + HOST + b"\n",
    "two Hosts": LINE + HOST + b"Host: y\r\n\r\n",
    "no Host": LINE + b"X: a\r\n\r\n",
    "no header": LINE + b"\r\n",
    "empty name": LINE + HOST + b": a\r\n\r\n",
    "no colon": LINE + HOST + b"nonsense\r\n\r\n",
    "blank in a name": LINE + HOST + b"X Y: a\r\n\r\n",
    "bracket in a name": LINE + HOST + b"X(Y): a\r\n\r\n",
    "byte above 127 in a name": LINE + HOST + b"X\xff: a\r\n\r\n",
    "two tokens": LINE + HOST + b"X-Auth-Token: a\r\nX-Auth-Token: b\r\n\r\n",
    "two credentials": LINE + HOST + b"Authorization: a\r\nAuthorization: b\r\n\r\n",
    "two blanks in the request line": LINE.replace(b" /", b"  /") + HOST + b"\r\n",
    "blank in the target": LINE.replace(b"/v1", b"/v1 x") + HOST + b"\r\n",
    "tab in the target": LINE.replace(b"/v1", b"/v1\tx") + HOST + b"\r\n",
    "NUL in the target": LINE.replace(b"/v1", b"/v1\0x") + HOST + b"\r\n",
    "CR in the target": LINE.replace(b"/v1", b"/v1\rx") + HOST + b"\r\n",
    "NUL in the method": LINE.replace(b"GET", b"GE\0T") + HOST + b"\r\n",
    "byte above 127 in the method": LINE.replace(b"GET", b"G\xffT") + HOST + b"\r\n",
    "blank before the request line": b" " + LINE + HOST + b"\r\n",
}
# NUL LF looks like CR LF in what libmicrohttpd shows. Seen when it comes with its request
# line; else the connection ends with the answer.
NUL_LF = [LINE + HOST + b"X: a\0\nContent-Length: %d\r\n\r\n" % len(HIDDEN),
          LINE + HOST + b"X: a\r\n\0\n",
          LINE.replace(b"\r\n", b"\0\n") + HOST + b"\r\n"]


@pytest.mark.parametrize("frontend", FRONTENDS)
@pytest.mark.parametrize("name", AMBIGUOUS)
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "in two"])
def test_ambiguous_request_is_refused_and_the_connection_ends(agent, frontend, name, whole):
    """Whether its bytes come together or not; what follows is not taken for a request."""
    request = AMBIGUOUS[name]
    with connect(agent, frontend) as s:
        if not whole:
            s.sendall(request[:40])
            time.sleep(0.02)
            request = request[40:]
        try:
            s.sendall(request + HIDDEN)
        except OSError:
            pass
        got = received(s)
    assert b"HTTP/1.1 200" not in got, got
    assert not got or got.startswith(b"HTTP/1.1 400 "), got
    if name in ("folded Transfer-Encoding", "two Content-Lengths", "TE and length",
                "NUL in a value", "CR in a value", "blank before the colon", "two Hosts",
                "no Host"):
        assert b"HeaderInvalid" in got
    well(agent, frontend)


def well(agent, frontend):
    assert answers(agent, frontend, "127.0.0.1") < 15 * SLOW


@pytest.mark.parametrize("frontend", FRONTENDS)
@pytest.mark.parametrize("request_", NUL_LF, ids=["header", "end", "request line"])
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "in two"])
def test_nul_before_a_bare_lf_smuggles_nothing(agent, frontend, request_, whole):
    with connect(agent, frontend) as s:
        at = len(request_) if whole else request_.index(b"\n") + 1
        s.sendall(request_[:at] + (HIDDEN if whole else b""))
        time.sleep(0.02)
        if not whole:
            try:
                s.sendall(request_[at:] + HIDDEN)
            except OSError:
                pass
        got = received(s)
    assert got.count(b"HTTP/1.") <= 1, got
    if got.startswith(b"HTTP/1.1 200"):
        assert b"Connection: close" in got


@pytest.mark.parametrize("frontend", FRONTENDS)
def test_what_is_clear_keeps_its_connection(agent, frontend):
    with connect(agent, frontend) as s:
        for more in (b"", b"X: a\tb\r\n", b"X:\r\n", b"X:  a  \r\n", b"x!#$%&'*+-.^_`|~9: \xc3\xa4\r\n",
                     b"Content-Length: 0\r\n", b"Cookie: a=b; c=d\r\nX: 1\r\nX: 2\r\n"):
            s.sendall(LINE + HOST + more + b"\r\n")
            got = s.recv(65536)
            assert got.startswith(b"HTTP/1.1 200"), (more, got)
            assert b"Connection: close" not in got, more
            while not got.rstrip().endswith(b"}"):
                got += s.recv(65536)
        s.sendall((LINE + HOST + b"\r\n") * 3)  # pipelined
        got = b""
        while got.count(b"HTTP/1.1 200") < 3:
            data = s.recv(65536)
            assert data, got
            got += data


@pytest.mark.parametrize("frontend", FRONTENDS)
def test_http_1_0_needs_no_host(agent, frontend):
    with connect(agent, frontend) as s:
        s.sendall(b"GET /redfish/v1 HTTP/1.0\r\n\r\n")
        assert received(s).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("frontend", FRONTENDS)
@pytest.mark.parametrize("count, status", [(64, b"200"), (65, b"414"), (601, b"414"), (1700, b"414")])
def test_many_query_arguments_get_an_answer(agent, frontend, count, status):
    query = b"&".join([b"a=1"] * count)
    begin = time.monotonic()
    with connect(agent, frontend) as s:
        s.sendall(b"GET /redfish/v1?" + query + b" HTTP/1.1\r\n" + HOST +
                  b"Connection: close\r\n\r\n")
        got = received(s)
    assert got.startswith(b"HTTP/1.1 " + status), got
    assert status == b"200" or b"PayloadTooLarge" in got
    assert time.monotonic() - begin < 5 * SLOW


@pytest.mark.parametrize("count", [8, 9, 20])
def test_query_parameter_is_not_lost_among_others(agent, count):
    path = "/redfish/v1/Systems?" + "&".join(f"$nope{i}=1" for i in range(count))
    answer = agent.get(path)
    assert answer.status_code == 501, answer.text
    assert "QueryParameterUnsupported" in answer.text
    path = "/redfish/v1/Systems?" + "&".join(["$top=1"] * count)
    answer = agent.get(path)
    assert answer.status_code == 400, answer.text
    assert "QueryCombinationInvalid" in answer.text

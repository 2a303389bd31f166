# SPDX-License-Identifier: Apache-2.0
"""The daemon's deadlines count progress: what goes on is never cut, what stalls is."""
import json
import socket
import ssl
import time

import pytest

from harness import SLOW, Agent

pytestmark = [pytest.mark.plain_only]

TIMEOUT = 1  # seconds in which a body has to make progress


@pytest.fixture(name="agent", scope="module")
def impatient_agent():
    agent = Agent().start()
    agent.stop()
    agent.start_daemon(lambda text: text.replace(
        "http:\n", f"http:\n  request_timeout: {TIMEOUT}s\n  idle_timeout: {TIMEOUT}s\n"))
    yield agent
    agent.remove()


def connect(agent):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    s = socket.create_connection(("127.0.0.1", agent.https_port), 60 * SLOW)
    return context.wrap_socket(s)


def patch(agent, *headers):
    token = agent.post("SessionService/Sessions", {"UserName": "admin", "Password": agent.password},
                       auth=None).headers["X-Auth-Token"]
    s = connect(agent)
    s.sendall("\r\n".join(["PATCH /redfish/v1/Systems/sub1-01 HTTP/1.1", "Host: x",
                           f"X-Auth-Token: {token}", "Content-Type: application/json",
                           *headers, "", ""]).encode())
    return s


def body_of(length):
    text = json.dumps({"AssetTag": "slow"})
    return (" " * (length - len(text)) + text).encode()


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
def test_upload_that_makes_progress_is_never_cut(agent, chunked):
    body, part = body_of(16000), 1000
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    with patch(agent, length) as s:
        for at in range(0, len(body), part):
            time.sleep(TIMEOUT / 4)
            s.sendall((b"3e8\r\n%s\r\n" if chunked else b"%s") % body[at:at + part])
        if chunked:
            s.sendall(b"0\r\n\r\n")
        assert s.recv(4096).startswith(b"HTTP/1.1 200")
    assert agent.json("Systems/sub1-01")["AssetTag"] == "slow"
    agent.patch("Systems/sub1-01", {"AssetTag": ""})


def test_upload_that_stalls_is_cut(agent):
    with patch(agent, "Content-Length: 16000") as s:
        s.sendall(body_of(16000)[:1500])
        begin = time.monotonic()
        try:
            assert s.recv(4096) == b""
        except OSError:
            pass
        assert time.monotonic() - begin < 10 * TIMEOUT * SLOW

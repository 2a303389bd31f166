# SPDX-License-Identifier: Apache-2.0
"""Shells of boards over a WebSocket: who may open one, what passes, and how they end."""
import contextlib
import signal
import subprocess
import sys
import time

import pytest
import requests
from harness import PASSWORD, ROOT, eventually
from websocket import Refused, WebSocket

pytestmark = [pytest.mark.threads]

NODE = "sub1-03"
OTHER = "shell-Pw-2-velvet"
SIZE = {"columns": 80, "rows": 24}


def login(agent, user="admin", password=PASSWORD):
    """A session: its token, and where it is."""
    r = requests.post(agent.url(ROOT + "/SessionService/Sessions"), verify=False, timeout=60,
                      json={"UserName": user, "Password": password})
    assert r.status_code == 201, r.text
    return r.headers["X-Auth-Token"], r.headers["Location"]


@pytest.fixture(scope="module")
def token(agent):
    eventually(lambda: agent.get(f"{ROOT}/Systems/{NODE}").json()["Status"]["State"] == "Enabled",
               20)
    return login(agent)[0]


class Shell(WebSocket):
    """The first message is sent; what comes is gathered in `output`."""

    def __init__(self, agent, token, node=NODE, first=SIZE, headers=None, **kw):
        super().__init__(agent.http_port, f"/shell/{node}",
                         {"X-Auth-Token": token, **(headers or {})}, **kw)
        self.output, self.last = b"", None
        if first is not None:
            self.send(first)

    def until(self, text):
        while text not in self.output:
            message = self.receive()
            assert isinstance(message, bytes), (message, self.close_code, self.output)
            self.output += message
        self.output = self.output.split(text, 1)[1]

    def through(self, data):
        """Sends it and that it ends; what came back until then. Neither side holds all of it."""
        got = b""
        for i in range(0, len(data), 16384):
            self.send(data[i:i + 16384])
            while len(got) < i:
                got += self.receive()
        self.send({"eof": True})
        return got

    def end(self):
        """The last message: {"exit": N} or {"error": ...}; the output is all there is."""
        while isinstance(message := self.receive(), bytes):
            self.output += message
        self.last = message
        return message


@contextlib.contextmanager
def shell(*args, **kw):
    one = Shell(*args, **kw)
    try:
        yield one
    finally:
        one.close()


def events(agent, word):
    entries = agent.get(f"{ROOT}/Managers/bmc/LogServices/Events/Entries?$top=200").json()
    return [e["Message"] for e in entries["Members"] if word in e["MessageId"]]


# ---- bytes ----

def test_command_gives_its_output_and_its_exit_code(agent, token):
    with shell(agent, token, first={"command": "echo one  two"}) as s:
        assert s.end() == {"exit": 0} and s.output == b"one  two\n"
    with shell(agent, token, first={"command": "false"}) as s:
        assert s.end() == {"exit": 1} and s.output == b""
    with shell(agent, token, first={"command": "nonsense"}) as s:
        assert s.end() == {"exit": 127} and b"not found" in s.output


def test_terminal_echoes_resizes_and_exits(agent, token):
    with shell(agent, token) as s:
        s.until(b"sub1-03:/ $ ")
        s.send(b"hostname\r")
        s.until(b"hostname\r\nsub1-03\r\n")
        s.send(b"size\r")
        s.until(b"24 80\r\n")
        s.send({"columns": 120, "rows": 40})
        s.send(b"size\r")
        s.until(b"40 120\r\n")
        s.send(b"exit 7\r")
        assert s.end() == {"exit": 7}


def test_input_that_ends_ends_the_command(agent, token):
    data = bytes(range(256)) * 4096  # 1 MiB, of every byte
    with shell(agent, token, first={"command": "cat"}) as s:
        got = s.through(data)
        assert s.end() == {"exit": 0}
        assert got + s.output == data


def test_what_is_not_read_stops_the_client_and_is_not_lost(agent, token):
    """`cat` to a client that sends first and reads later."""
    data = bytes(range(251)) * 80000  # 20 MB: more than sockets and buffers hold
    with shell(agent, token, first={"command": "cat"}, timeout=3) as s:
        sent = 0
        with pytest.raises(TimeoutError):
            while sent < len(data):
                s.send(data[sent:sent + 16384])
                sent += 16384
        assert sent < len(data), "back-pressure"


def test_window_bounds_what_comes_ahead(agent, token):
    with shell(agent, token, first={"command": "yes", "window": 20000}, timeout=1) as s:
        with pytest.raises(TimeoutError):
            while len(s.output) < 100000:
                s.output += s.receive()
        assert len(s.output) == 20000
        s.send({"ack": 5000})
        with pytest.raises(TimeoutError):
            while len(s.output) < 100000:
                s.output += s.receive()
        assert len(s.output) == 25000
        s.send({"ack": 20001})
        assert "error" in s.receive()


def test_the_audit_has_beginning_and_end_with_bytes(agent, token):
    with shell(agent, token, first={"command": "echo audited-secret"}) as s:
        assert s.end() == {"exit": 0}
    closed = eventually(lambda: events(agent, "StreamClosed"))
    assert any("sub1-03" in m and "admin" in m for m in events(agent, "StreamOpened"))
    assert any("exit code 0, 0 B in, 15 out" in m for m in closed), closed
    assert "audited-secret" not in agent.log_text() + str(closed)


def test_over_tls(agent, token):
    one = WebSocket(agent.https_port, f"/shell/{NODE}", {"X-Auth-Token": token}, tls=True)
    try:
        one.send({"command": "hostname"})
        while isinstance(message := one.receive(), bytes):
            pass
        assert message == {"exit": 0}
    finally:
        one.close()


def test_redfish_says_where_it_is(agent, token):
    where = agent.json(f"Systems/{NODE}")["Oem"]["ClusterBmc"]["ShellUri"]
    ws = WebSocket(agent.http_port, where, {"X-Auth-Token": token})
    ws.close()
    assert agent.json("Systems/main")["Oem"]["ClusterBmc"]["ShellUri"] is None


# ---- who ----

def refused(agent, path=f"/shell/{NODE}", **headers):
    with pytest.raises(Refused) as info:
        WebSocket(agent.http_port, path, {k.replace("_", "-"): v for k, v in headers.items()})
    return info.value.status


def test_browser_brings_its_token_as_a_subprotocol(agent, token):
    ws = WebSocket(agent.http_port, f"/shell/{NODE}", {
        "Sec-WebSocket-Protocol": f"clusterbmc.shell, token.{token}",
        "Origin": f"http://127.0.0.1:{agent.http_port}"})
    assert ws.headers["sec-websocket-protocol"] == "clusterbmc.shell"
    ws.close()


def test_nobody_else_opens_one(agent, token):
    assert refused(agent) == 401
    assert refused(agent, X_Auth_Token="0" * 40) == 401
    assert refused(agent, Sec_WebSocket_Protocol="clusterbmc.shell, token.0") == 401
    assert refused(agent, Sec_WebSocket_Protocol="token." + token + "0" * 60) == 401
    assert refused(agent, X_Auth_Token=token, Origin="https://evil.example") == 403
    assert refused(agent, X_Auth_Token=token, Origin="null") == 403
    assert refused(agent, "/shell/sub9-99", X_Auth_Token=token) == 404
    assert refused(agent, "/shell/main", X_Auth_Token=token) == 404
    assert refused(agent, "/shell/", X_Auth_Token=token) == 404
    assert refused(agent, f"/shell/{NODE}/x", X_Auth_Token=token) == 404
    r = requests.get(agent.url(f"/shell/{NODE}"), verify=False, timeout=60,
                     headers={"X-Auth-Token": token})
    assert r.status_code == 426


@contextlib.contextmanager
def account(agent, name, role):
    r = agent.post(ROOT + "/AccountService/Accounts",
                   {"UserName": name, "Password": OTHER, "RoleId": role,
                    "PasswordChangeRequired": False})
    assert r.status_code in (201, 204), r.text
    try:
        yield OTHER
    finally:
        agent.http.delete(agent.url(f"{ROOT}/AccountService/Accounts/{name}"), timeout=60)


def test_operator_may_not(agent):
    with account(agent, "otto", "Operator") as password:
        token, _ = login(agent, "otto", password)
        assert refused(agent, X_Auth_Token=token) == 403


@pytest.mark.parametrize("message", [b"bytes", {"columns": -1}, {"columns": 1001}, {"rows": "x"},
                                     {"command": ""}, {"command": 5}, {"eof": 1},
                                     {"window": 16383}, {"window": 1048577}, {"ack": 1}])
def test_message_that_is_none_ends_it(agent, token, message):
    with shell(agent, token, first=None) as s:
        s.send(message)
        assert "error" in s.receive()
        assert s.receive() is None and s.close_code == 1008


def test_message_that_is_too_long_ends_it(agent, token):
    with shell(agent, token) as s:
        s.until(b"$ ")
        s.send(b"x" * 16385)
        assert s.end() is None and s.close_code == 1009


# ---- the end ----

def test_session_that_ends_takes_its_shell_along(agent):
    token, where = login(agent)
    with shell(agent, token) as s:
        s.until(b"$ ")
        assert agent.http.delete(agent.url(where), timeout=60).status_code in (200, 204)
        assert s.end() == {"error": "the session has ended"}
        assert s.receive() is None and s.close_code == 1008
        eventually(lambda: any("cancelled" in m for m in events(agent, "StreamClosed")))


def test_role_that_changes_ends_the_shell(agent):
    with account(agent, "vera", "Administrator") as password:
        token, _ = login(agent, "vera", password)
        with shell(agent, token) as s:
            s.until(b"$ ")
            r = agent.patch(f"{ROOT}/AccountService/Accounts/vera", {"RoleId": "Operator"})
            assert r.status_code in (200, 204), r.text
            assert "error" in s.end()
            assert s.receive() is None and s.close_code == 1008


def test_board_that_is_pulled_ends_its_shell(agent, token):
    node = "sub2-05"
    with shell(agent, token, node) as s:
        s.until(b"$ ")
        agent.sim("set", kind="board", id=node, field="present", value=False)
        try:
            assert "error" in s.end()
        finally:
            agent.sim("clear", kind="board", id=node, field="present")


def can_open(agent, token):
    try:
        with shell(agent, token) as one:
            one.until(b"$ ")
        return True
    except Refused:
        return False


def test_sixteen_at_once_and_not_one_more(agent):
    token, _ = login(agent)
    with contextlib.ExitStack() as all_of:
        shells = [all_of.enter_context(shell(agent, token, f"sub{b}-{s:02}"))
                  for b in (3, 4) for s in range(1, 9)]
        for i, s in enumerate(shells):
            s.until(b"$ ")
            s.send(b"echo %d-mine\r" % i)
        for i, s in enumerate(shells):
            s.until(b"\r\n%d-mine\r\n" % i)
        assert refused(agent, X_Auth_Token=token) == 503
        other, _ = login(agent)
        with shell(agent, other) as one:
            one.until(b"$ ")
    eventually(lambda: can_open(agent, token))


def test_reader_that_is_dead_holds_nothing_up(agent, token):
    with shell(agent, token, first={"command": "yes"}, receive=4096) as dead, \
            shell(agent, token) as other:
        other.until(b"$ ")
        time.sleep(0.5)
        started = time.monotonic()
        other.send(b"echo still\r")
        other.until(b"\r\nstill\r\n")
        assert time.monotonic() - started < 30
        assert dead.socket.fileno() >= 0


def test_client_that_is_killed_leaves_nothing(agent, token):
    code = ("import sys, time; sys.path.insert(0, sys.argv[1]); from websocket import WebSocket\n"
            "w = WebSocket(int(sys.argv[2]), '/shell/sub5-05', {'X-Auth-Token': sys.argv[3]})\n"
            "w.send({'columns': 80, 'rows': 24}); print(w.receive(), flush=True)\n"
            "time.sleep(600)")
    client = subprocess.Popen([sys.executable, "-c", code, __file__.rsplit("/", 1)[0],
                               str(agent.http_port), token], stdout=subprocess.PIPE)
    try:
        assert b"sub5-05" in client.stdout.readline()
        before = len([m for m in events(agent, "StreamClosed") if "sub5-05" in m])
        client.send_signal(signal.SIGKILL)
        eventually(lambda: len([m for m in events(agent, "StreamClosed")
                                if "sub5-05" in m]) > before)
    finally:
        client.kill()
        client.wait()
        client.stdout.close()


def test_agent_that_stops_closes_them(new_agent):
    agent = new_agent()
    agent.start()
    eventually(lambda: agent.get(f"{ROOT}/Systems/{NODE}").json()["Status"]["State"] == "Enabled",
               20)
    token, _ = login(agent)
    with shell(agent, token) as s, shell(agent, token, first={"command": "yes"}) as noisy:
        s.until(b"$ ")
        noisy.until(b"y\ny\n")
        agent.stop()
        assert s.end() is None and s.close_code == 1001

# SPDX-License-Identifier: Apache-2.0
"""The shell of main, by clusterbmc-shell: over a WebSocket and by bmc; what it says while it is
not set up; and that nothing of it stays."""
import contextlib
import os
import re
import socket
import struct
import subprocess
import threading

import pytest
import requests
from harness import BUILD, PASSWORD, ROOT, alive, eventually
from main_shell_rig import bound, gone
from test_shell import SIZE, account, events, login, refused, shell
from websocket import Refused, WebSocket

pytestmark = [pytest.mark.plain_only]


@pytest.fixture(scope="module")
def both():
    from conftest import Agents
    with contextlib.ExitStack() as ends:
        def make(**kw):
            one = Agents.new(**kw)
            ends.callback(Agents.remove, one)
            return one
        yield ends.enter_context(bound(make))


@pytest.fixture
def agent(both):
    """With the service running."""
    one, service = both
    if not service.process:
        service.start()
    eventually(lambda: one.get(f"{ROOT}/Systems/main").json()["Status"]["State"] == "Enabled", 20)
    return one


@pytest.fixture
def token(agent):
    return login(agent)[0]


def main_shell(agent, token, **kw):
    return shell(agent, token, "main", **kw)


def terminal(agent, token):
    """A plain sh on a terminal, whatever shell the account has."""
    return main_shell(agent, token, first={**SIZE, "command": "PS1='$ ' exec /bin/sh"})


def run(agent, token, command):
    with main_shell(agent, token, first={"command": command}) as s:
        return s.end(), s.output.decode()


# ---- as it comes ----

def test_main_without_a_binding_says_what_to_do(new_agent):
    agent = new_agent()
    agent.start()
    token = login(agent)[0]
    assert agent.json("Systems/main")["Oem"]["ClusterBmc"]["ShellUri"] is None
    assert agent.json("Managers/bmc")["CommandShell"]["ServiceEnabled"] is False
    with pytest.raises(Refused) as info:
        WebSocket(agent.http_port, "/shell/main", {"X-Auth-Token": token})
    assert info.value.status == 404 and "doc/shell.md" in info.value.body


def test_shell_without_its_service_says_what_to_start(both):
    agent, service = both
    service.stop()
    end, _ = run(agent, login(agent)[0], "true")
    assert "systemctl enable --now clusterbmc-shell@" in end["error"]


# ---- what it is ----

def test_redfish_offers_it(agent, token):
    where = agent.json("Systems/main")["Oem"]["ClusterBmc"]["ShellUri"]
    assert where == "/shell/main"
    offered = agent.json("Managers/bmc")["CommandShell"]
    assert offered == {"ServiceEnabled": True, "MaxConcurrentSessions": 4,
                       "ConnectTypesSupported": ["Oem"]}
    WebSocket(agent.http_port, where, {"X-Auth-Token": token}).close()


def test_command_runs_as_the_account(both, agent, token):
    service = both[1]
    assert run(agent, token, "exit 7")[0] == {"exit": 7}
    _, out = run(agent, token, "echo $USER; pwd; cat /proc/self/status")
    lines = out.splitlines()
    assert lines[0] == service.account
    uids = re.search(r"^Uid:\s+(.*)$", out, re.M)[1].split()
    if service.before:
        assert lines[1] == str(service.home) and set(uids) == {"4711"}
        assert re.search(r"^CapEff:\s+0+$", out, re.M) and re.search(r"^Groups:\s*$", out, re.M)
    else:
        assert set(uids) == {str(os.getuid())}


def test_nothing_of_daemon_or_service_is_in_it(both, agent, token):
    _, out = run(agent, token, "env; i=3; while [ $i -lt 100 ]; do "
                               "[ ! -e /proc/$$/fd/$i ] || echo FD=$i; i=$((i+1)); done")
    names = {line.split("=")[0] for line in out.splitlines()}
    assert {"HOME", "USER", "PATH"} <= names and "FD" not in names
    assert "of-the-service" not in out
    if both[1].before:  # else the account's own files may add some
        assert names <= {"HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "PWD", "SHLVL", "_",
                         "OLDPWD"}


def test_login_shell_exits(both, agent, token):
    with main_shell(agent, token) as s:
        if both[1].before:
            s.send(b"echo $0 is $((40 + 2))\r")
            s.until(b"-sh is 42\r\n")
        s.send(b"exit 5\r")
        assert s.end() == {"exit": 5}


def test_terminal_follows_the_window_and_exits(agent, token):
    with terminal(agent, token) as s:
        s.send(b"stty size; tty\r")
        s.until(b"\r\n24 80\r\n")
        s.until(b"/dev/pts/")
        s.send({"columns": 120, "rows": 40})
        s.send(b"until [ \"$(stty size)\" = '40 120' ]; do sleep 0.1; done; echo it is $((40 + 2))\r")
        s.until(b"it is 42\r\n")
        s.send(b"exit 5\r")
        assert s.end() == {"exit": 5}


def test_every_byte_passes_both_ways(agent, token):
    data = bytes(range(256)) * 4096  # 1 MiB
    with main_shell(agent, token, first={"command": "cat"}) as s:
        got = s.through(data)
        assert s.end() == {"exit": 0}
        assert got + s.output == data


def test_end_of_input_ends_a_terminal_s_shell(agent, token):
    with terminal(agent, token) as s:
        s.send(b"echo $((6 * 7))\r")
        s.until(b"\r\n42\r\n")
        s.send({"eof": True})
        assert s.end() == {"exit": 0}


def test_client_that_does_not_read_holds_the_shell_up_alone(agent, token):
    with main_shell(agent, token, first={"command": "yes", "window": 20000}, timeout=2) as s, \
            main_shell(agent, token, first={"command": "echo other"}) as other:
        with pytest.raises(TimeoutError):
            while True:
                s.output += s.receive()
        assert len(s.output) == 20000
        assert other.end() == {"exit": 0} and other.output == b"other\n"


def test_bmc_opens_it_over_the_network(agent):
    env = {**os.environ, "BMC_HOST": f"127.0.0.1:{agent.https_port}", "BMC_USER": "admin",
           "BMC_PASSWORD": PASSWORD, "XDG_RUNTIME_DIR": str(agent.folder)}
    r = subprocess.run([str(BUILD / "bmc"), "-k", "main", "shell", "cat; echo $USER; exit 3"],
                       env=env, input=b"in\n", capture_output=True, timeout=120, check=False)
    assert r.returncode == 3 and b"in\n" in r.stdout, r


# ---- who ----

def test_nobody_but_an_administrator(agent, token):
    assert refused(agent, "/shell/main") == 401
    assert refused(agent, "/shell/main", X_Auth_Token=token, Origin="https://evil.example") == 403
    with account(agent, "otto", "Operator") as password:
        other, _ = login(agent, "otto", password)
        assert refused(agent, "/shell/main", X_Auth_Token=other) == 403


def test_it_is_audited_without_its_bytes(agent, token):
    end, _ = run(agent, token, "echo audited-secret")
    assert end == {"exit": 0}
    eventually(lambda: any("main" in m and "exit code 0, 0 B in, 15 out" in m
                           for m in events(agent, "StreamClosed")))
    assert any("main" in m and "admin" in m for m in events(agent, "StreamOpened"))
    assert "audited-secret" not in agent.log_text()


def test_root_or_another_account_has_to_be_asked_for(both):
    service = both[1]
    other = "daemon" if service.account == "root" else "root"
    r = subprocess.run(service.command(other), capture_output=True, text=True, timeout=60,
                       check=False)
    assert r.returncode == 1 and f"does not run as {other}" in r.stderr, r


# ---- a service that is none ----

def answer_with(listener, files):
    """Answers one request as clusterbmc-shell does, with these descriptors."""
    conn, _ = listener.accept()
    with conn:
        version, = struct.unpack_from("I", conn.recv(4096))
        socket.send_fds(conn, [struct.pack("Ii160s", version, 0, b"")], files)
        conn.settimeout(60)
        with contextlib.suppress(OSError):
            conn.recv(4096)  # until the daemon ends it


def test_descriptors_of_a_false_service_are_not_kept(both, agent, token, tmp_path):
    """The account of the shells owns the folder of the socket."""
    service = both[1]
    service.stop()
    sent = tmp_path / "sent"
    sent.touch()
    with contextlib.ExitStack() as ends:
        listener = ends.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        listener.bind(str(service.socket))
        ends.callback(service.socket.unlink)
        service.socket.chmod(0o777)
        listener.listen()
        listener.settimeout(60)
        files = [ends.enter_context(sent.open("rb")).fileno() for _ in range(2)]
        answers = threading.Thread(target=answer_with, args=(listener, files))
        answers.start()
        end, _ = run(agent, token, "true")
        answers.join(120)
        assert "error" in end and not answers.is_alive()
        held = f"/proc/{agent.pid}/fd"
        eventually(lambda: str(sent) not in [link_of(f"{held}/{n}") for n in os.listdir(held)])


def link_of(path):
    """Others end while they are listed."""
    try:
        return os.readlink(path)
    except FileNotFoundError:
        return ""


# ---- the end ----

@contextlib.contextmanager
def shell_with_jobs(agent, token, folder):
    """A shell with a job that ignores what asks it to end and one in a session of its own."""
    at = folder / "pids"
    with contextlib.suppress(FileNotFoundError):
        at.unlink()
    script = (f"rm -f {at}; (trap '' HUP TERM; sleep 10000; sleep 10001) & echo $! >>{at}; "
              f"setsid sh -c 'echo $$ >>{at}; sleep 10002; :' & echo $$ >>{at}; wait")
    with main_shell(agent, token, first={"command": script}) as s:
        eventually(lambda: at.exists() and len(at.read_text().split()) == 3, 20)
        yield s, [int(p) for p in at.read_text().split()]


def test_end_of_the_client_ends_all_that_it_started(both, agent, token):
    with shell_with_jobs(agent, token, both[1].home) as (s, started):
        assert all(alive(p) for p in started)
        s.socket.close()
        for pid in started:
            gone(pid)


def test_end_of_the_session_ends_all_that_it_started(both, agent):
    token, where = login(agent)
    with shell_with_jobs(agent, token, both[1].home) as (s, started):
        r = requests.delete(agent.url(where), verify=False, timeout=60,
                            headers={"X-Auth-Token": token})
        assert r.status_code in (200, 204)
        assert s.end() == {"error": "the session has ended"}
        for pid in started:
            gone(pid)


def test_four_at_once_and_not_one_more(agent, token):
    with contextlib.ExitStack() as all_of:
        for i in range(4):
            s = all_of.enter_context(terminal(agent, token))
            s.send(b"echo %d$((40 + 2))\r" % i)
            s.until(b"%d42\r\n" % i)
        end, _ = run(agent, token, "true")
        assert "4 streams are open already" in end["error"]

    def again():
        end, _ = run(agent, token, "true")
        return end == {"exit": 0}
    eventually(again, 20)


def test_end_of_the_service_is_said(both, agent, token):
    with shell_with_jobs(agent, token, both[1].home) as (s, started):
        both[1].stop()
        assert s.end() != {"exit": 0}
        for pid in started:
            gone(pid)
    assert not both[1].socket.exists()


def test_end_of_the_daemon_ends_all_that_was_started(both, agent, token):
    """The last one: killed, it can say nothing to the service."""
    with shell_with_jobs(agent, token, both[1].home) as (_, started):
        agent.kill9()
        for pid in started:
            gone(pid)

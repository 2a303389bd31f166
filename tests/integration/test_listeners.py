# SPDX-License-Identifier: Apache-2.0
"""Several places to listen: over TLS, without it on loopback, and a Unix socket on which
the kernel says who the client is."""
import json
import os
import socket
import subprocess

import pytest
import requests

from harness import SLOW, Agent, alive, eventually, free_ports

NOBODY = 65534


def listeners(agent, secure, plain):
    """Beside the Unix socket that quickstart asks for."""
    return (f"  listeners:\n    - {{address: 127.0.0.2, port: {secure}}}\n"
            f"    - {{port: {plain}, tls: false}}\n")


@pytest.fixture(name="agent", scope="module")
def agent_with_listeners():
    agent = Agent().start()
    agent.stop()
    agent.more_ports = free_ports(2)
    agent.start_daemon(lambda text: text.replace("  listeners:\n", listeners(agent, *agent.more_ports)))
    yield agent
    agent.remove()


def local(agent, path, *words, user=None):
    """Status and JSON over the Unix socket, as root or another user."""
    run = subprocess.run(
        ["curl", "-s", "--unix-socket", str(agent.state / "http.sock"), "-w",
         "\\n%{http_code}", *words, f"http://localhost{path}"], capture_output=True,
        text=True, timeout=60 * SLOW, check=True, user=user,
        group=None if user is None else agent.state.stat().st_gid)
    body, status = run.stdout.rsplit("\n", 1)
    return int(status), json.loads(body) if body.strip() else None


def test_each_listener_answers(agent):
    secure, plain = agent.more_ports
    for url in (f"https://127.0.0.1:{agent.https_port}", f"https://127.0.0.2:{secure}",
                f"http://127.0.0.1:{plain}"):
        r = requests.get(f"{url}/redfish/v1/Systems", auth=("admin", agent.password),
                         verify=False, timeout=60 * SLOW)
        assert r.status_code == 200, url
        assert ("Strict-Transport-Security" in r.headers) == url.startswith("https")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"https://127.0.0.1:{secure}/redfish/v1", verify=False, timeout=5 * SLOW)


def test_clients_of_the_unix_socket_log_in_unless_they_are_root(agent):
    user = NOBODY if os.geteuid() == 0 else None
    assert local(agent, "/redfish/v1/Systems", user=user)[0] == 401
    status, _ = local(agent, "/redfish/v1/Systems", "-u", f"admin:{agent.password}", user=user)
    assert status == 200
    assert local(agent, "/redfish/v1/Systems", "-u", "admin:wrong", user=user)[0] == 401
    if os.geteuid() != 0:
        pytest.skip("only root is an Administrator without a login")
    assert local(agent, "/redfish/v1/Systems")[0] == 200
    assert local(agent, "/redfish/v1/Systems", "-u", "admin:wrong")[0] == 401
    status, task = local(agent, "/redfish/v1/Systems/sub1-01/Actions/ComputerSystem.Reset",
                         "-H", "Content-Type: application/json", "-d",
                         '{"ResetType": "PowerCycle"}')
    assert status == 202
    assert "\"root\"" in json.dumps(agent.json(task["@odata.id"])), task


@pytest.mark.skipif(os.geteuid() != 0, reason="without root there is no other user to be")
def test_guesses_of_one_local_user_do_not_lock_others_out(agent):
    def guess(user, name):
        return local(agent, "/redfish/v1/Systems", "-u", f"{name}:wrong", user=user)[0]

    first = [guess(NOBODY - 1, f"nobody{i}") for i in range(14)]
    assert first[0] == 401 and first[-1] == 503, first
    assert guess(NOBODY - 2, "somebody") == 401
    status, session = local(agent, "/redfish/v1/SessionService/Sessions", "-H",
                            "Content-Type: application/json", "-d",
                            json.dumps({"UserName": "admin", "Password": agent.password}),
                            user=NOBODY - 2)
    assert status == 201
    assert session["ClientOriginIPAddress"] == f"local:{NOBODY - 2}"


def test_tcp_on_loopback_is_no_identity(agent):
    """Root's connection over TCP has to log in."""
    r = requests.get(f"http://127.0.0.1:{agent.more_ports[1]}/redfish/v1/Systems", timeout=60 * SLOW)
    assert r.status_code == 401


def test_many_idle_local_clients_leave_room(agent):
    held = []
    try:
        for _ in range(140):
            s = socket.socket(socket.AF_UNIX)
            s.connect(str(agent.state / "http.sock"))
            held.append(s)
        assert agent.get("/redfish/v1").status_code == 200
        if os.geteuid() == 0:  # another uid has slots of its own
            assert local(agent, "/redfish/v1", user=NOBODY)[0] == 200
    finally:
        for s in held:
            s.close()


def test_socket_file_of_a_killed_daemon_is_replaced_and_another_file_is_not(agent):
    pid, path = agent.pid, agent.state / "http.sock"
    agent.process.kill()
    eventually(lambda: not alive(pid), 10)
    assert path.is_socket()
    agent.start_daemon()
    assert local(agent, "/redfish/v1")[0] == 200
    agent.stop()
    assert not path.exists()
    path.write_text("kept")
    with pytest.raises(AssertionError):
        agent.start_daemon()
    assert "Address already in use" in agent.log_text() and path.read_text() == "kept"
    path.unlink()

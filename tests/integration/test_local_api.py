# SPDX-License-Identifier: Apache-2.0
"""The local API (port 7070 by default) with curl: what it does, and what it refuses."""
import json
import subprocess
from pathlib import Path

import pytest

from conftest import Agents
from harness import SLOW, eventually, free_ports

pytestmark = [pytest.mark.plain_only]

LOGS = "Managers/bmc/LogServices"


def started(platform, keys):
    """An agent with the local API, after one without: `.before` has where that listened."""
    one = Agents.new(platform=platform).start()
    one.before = listening(one)
    one.stop()
    [one.port] = free_ports(1)
    return one.start_daemon(
        lambda text: f"{text}\nlocal_api: {{enabled: true, port: {one.port}{keys}}}\n")


@pytest.fixture(scope="module", name="r2")
def posting():
    agent = started("r2", "")
    yield agent
    Agents.remove(agent)


@pytest.fixture(scope="module", name="r1")
def getting():
    agent = started("r1", ", get: true")
    yield agent
    Agents.remove(agent)


def listening(agent):
    """(address, port) of the agent's TCP sockets, as /proc has them."""
    inodes = {Path(fd).readlink().name for fd in Path(f"/proc/{agent.pid}/fd").iterdir()
              if str(Path(fd).readlink()).startswith("socket:")}
    found = set()
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/{agent.pid}/net/{name}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in inodes:
                address, port = words[1].split(":")
                found.add((address, int(port, 16)))
    return found


def ask(agent, path, *words, host="localhost", method="POST"):
    """Status and JSON; `words` are curl's."""
    run = subprocess.run(
        ["curl", "-s", "--noproxy", "*", "--max-time", str(60 * SLOW), "-X", method, "-w",
         "\\n%{http_code} %{content_type}", *words, f"http://{host}:{agent.port}{path}"],
        capture_output=True, text=True, check=True)
    body, status = run.stdout.rsplit("\n", 1)
    code, _, kind = status.partition(" ")
    assert kind == "application/json", run.stdout
    assert body.endswith("}\n"), "a terminal's next prompt would stand behind it"
    return int(code), json.loads(body)


def accepted(agent, verb, board):
    status, body = ask(agent, f"/api/{verb}/{board}")
    assert status == 202, body
    assert body == {"node": board, "action": verb, "task": body["task"],
                    "message": f"{verb} of {board} accepted as task {body['task']}"}
    task = eventually(lambda: agent.ended(f"TaskService/Tasks/{body['task']}"), 30)
    assert task["TaskState"] == "Completed", task


def test_each_verb_acts_on_its_board(r2):
    eventually(lambda: r2.node_state("sub1-01") in ("Linux", "Android"), 30)
    since = r2.last_seq()
    accepted(r2, "reboot", "sub1-01")
    assert "reboot" in r2.requests_to("sub1-01", since)
    accepted(r2, "reset", "sub1-02")
    lengths, at_rest = r2.pulses("sub1-02", since=since)
    assert len(lengths) == 1 and at_rest
    accepted(r2, "poweroff", "sub1-03")
    assert r2.power("sub1-03") == "Off"
    assert ask(r2, "/api/poweroff/sub1-03") == (200, {
        "node": "sub1-03", "action": "poweroff", "task": None,
        "message": "nothing to do for sub1-03: it is off already"})
    accepted(r2, "poweron", "sub1-03")
    assert r2.power("sub1-03") == "On"
    assert r2.power("sub1-04") == "On" and not r2.pulses("sub1-04", since=since)[0]


def test_it_is_in_the_audit_log(r2):
    status, body = ask(r2, "/api/reset/sub2-01")
    assert status == 202
    assert ask(r2, "/api/reset/nowhere")[0] == 404

    def record(**want):
        return [e for e in r2.json(f"{LOGS}/Audit/Entries")["Members"]
                if e["Username"] == "local-api" and
                all(e["Oem"]["ClusterBmc"][k] == v for k, v in want.items())]
    [one] = eventually(lambda: record(Target="board sub2-01", Accepted=True), 10)
    assert one["Oem"]["ClusterBmc"]["Interface"] == "local"
    assert one["Message"].endswith(f"by local-api from 127.0.0.1: task {body['task']}")
    assert eventually(lambda: record(Target="nowhere", Accepted=False), 10)
    eventually(lambda: r2.ended(f"TaskService/Tasks/{body['task']}"), 30)


def test_what_can_not_be_is_said(r2, r1):
    status, body = ask(r2, "/api/reset/sub1-09")
    assert (status, body["error"]) == (404, "unknown-node") and "sub1-09" in body["message"]
    r2.sim("fault", id="sub3-01", fault="adb_hang", seconds=60)
    try:
        first = ask(r2, "/api/reboot/sub3-01")
        status, body = ask(r2, "/api/reboot/sub3-01")
        assert first[0] == 202 and (status, body["error"]) == (409, "busy"), body
    finally:
        r2.sim("clear", id="sub3-01")
    status, body = ask(r1, "/api/poweroff/sub01")
    assert (status, body["error"]) == (501, "not-supported") and "sub01" in body["message"]
    for path in ("/", "/api", "/api/", "/api/reset", "/api/reset/", "/api/explode/sub1-01",
                 "/api/resets/sub1-01", "/api/reset/sub1-01/x", "/redfish/v1",
                 "/api/reset/" + "x" * 500, "/apiXreset/sub1-01", "/api/reset/%22%0a%3cb%3e"):
        status, body = ask(r2, path)
        assert status == 404 and set(body) == {"error", "message"}, path
        assert len(body["message"]) < 160
    assert ask(r2, "/api/reset/sub1-01", "-d", "x" * 100000)[0] == 413


def test_get_is_for_those_that_ask_for_it(r2, r1):
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        status, body = ask(r2, "/api/reset/sub4-01", method=method)
        assert (status, body["error"]) == (405, "use-post"), method
    assert ask(r1, "/api/reset/sub01", method="PUT")[0] == 405
    since = r1.last_seq()
    status, body = ask(r1, "/api/reset/sub01", method="GET")
    assert status == 202, body
    eventually(lambda: r1.ended(f"TaskService/Tasks/{body['task']}"), 30)
    assert len(r1.pulses("sub01", since=since)[0]) == 1


@pytest.mark.parametrize("words", [
    ["-H", "Host: cluster.example.com"], ["-H", "Host: localhost.example.com:7070"],
    ["-H", "Host:"], ["-H", "Origin: http://example.com"], ["-H", "Origin: null"],
    ["-H", "Origin: http://localhost:3000"], ["-H", "Sec-Fetch-Site: cross-site"],
    ["-H", "Sec-Fetch-Site: same-site"]], ids=lambda words: words[1])
def test_another_sites_page_is_refused(r1, words):
    since = r1.last_seq()
    for method in ("GET", "POST"):
        run = subprocess.run(
            ["curl", "-s", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}", "-X",
             method, *words, f"http://localhost:{r1.port}/api/reset/sub02"],
            capture_output=True, text=True, check=True)
        assert run.stdout in ("403", "400"), words
        assert run.stdout == "403" or words == ["-H", "Host:"]
    assert not r1.pulses("sub02", since=since)[0]


def test_the_own_origin_is_none_of_another_site(r1):
    for words in (["-H", f"Origin: http://localhost:{r1.port}"],
                  ["-H", "Sec-Fetch-Site: none"]):
        assert ask(r1, "/api/reset/nowhere", *words)[0] == 404


def test_it_is_on_loopback_only_and_off_unless_asked_for(r2):
    assert [a for a, port in listening(r2) if port == r2.port] == ["0100007F"]
    assert len(listening(r2)) == len(r2.before) + 1
    assert 7070 not in {port for _, port in r2.before}
    for host in ("127.0.0.2", "[::1]"):
        run = subprocess.run(["curl", "-s", "--noproxy", "*", "-X", "POST", "--max-time", "20",
                              f"http://{host}:{r2.port}/api/reset/sub1-01"],
                             capture_output=True, check=False)
        assert run.returncode == 7, host
    for port in (r2.https_port, r2.http_port):
        scheme = "https" if port == r2.https_port else "http"
        run = subprocess.run(["curl", "-sk", "--noproxy", "*", "-X", "POST", "-o", "/dev/null",
                              "-w", "%{http_code}",
                              f"{scheme}://127.0.0.1:{port}/api/reset/sub1-01"],
                             capture_output=True, text=True, check=True)
        assert run.stdout in ("401", "404"), scheme

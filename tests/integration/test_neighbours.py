# SPDX-License-Identifier: Apache-2.0
"""The other agents that an agent finds on its network, as it lists them for the web pages."""
import json
import os
import re
import subprocess
from datetime import datetime

import pytest

from harness import PASSWORD, eventually
from lan import Neighbours, within_net
from test_scan import FORGER, HOSTILE, answer, root, uuid

pytestmark = [
    pytest.mark.plain_only,
    pytest.mark.skipif(os.getuid() != 0, reason="network namespaces are for root")]
PORT = Neighbours.PORT
URI = "/redfish/v1/Managers/bmc/Oem/ClusterBmc/Neighbours"
ROGUE = "192.0.2.200"
SLOW_SERVER = """import socket, time
s = socket.create_server(("", 8009))
print("ready", flush=True)
time.sleep(10000)"""


@pytest.fixture(scope="module")
def lan():
    n = Neighbours(3)
    yield n
    n.close()


def ask(lan, path=URI, user="admin", method="GET", body=None, at=0):
    """(status, document) of a request to the agent `at`, from the link."""
    words = ["curl", "-sk", "-m", "60", "-X", method, "-w", "\n%{http_code}"]
    words += ["-u", f"{user}:{PASSWORD}"] if user else []
    if body is not None:
        words += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
    run = lan.run(*words, f"https://{lan.agents[at].address}:{PORT}{path}", check=True)
    text, _, status = run.stdout.rpartition("\n")
    return int(status), json.loads(text or "null")


def listed(lan, at=0):
    status, document = ask(lan, at=at)
    assert status == 200, document
    assert document["Members@odata.count"] == len(document["Members"])
    assert [m["Id"] for m in document["Members"]] == [
        *range(1, len(document["Members"]) + 1)]
    return document


def names(document):
    return [m["DeviceName"] for m in document["Members"]]


def test_it_lists_the_others_of_the_link(lan):
    assert ask(lan, "/redfish/v1/Managers/bmc")[1]["Oem"]["ClusterBmc"]["NeighboursUri"] == URI
    first = listed(lan)
    assert first["Searching"] and first["SearchEnabled"]
    others = [a.name for a in lan.agents[1:]]
    # a datagram or an answer may be late on a busy machine: then the next search has it
    done = eventually(lambda: not (d := listed(lan))["Searching"] and names(d) == others and d, 90)
    one = done["Members"][0]
    assert (one["IPv4Address"], one["IPv6Address"]) == ("192.0.2.2", "2001:db8::2")
    assert one["Port"] == PORT and one["Uri"] == f"https://192.0.2.2:{PORT}/"
    service = ask(lan, "/redfish/v1/", user=None, at=1)[1]
    assert one["UUID"] == service["UUID"]
    ours = service["Oem"]["ClusterBmc"]
    assert (one["SoftwareVersion"], one["StartTime"]) == (ours["SoftwareVersion"], ours["StartTime"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", one["SeenAt"])
    assert done["SearchedAt"] >= one["SeenAt"]
    # searches are ten seconds and their own three apart, by the agent's clock
    later = eventually(lambda: (d := listed(lan))["SearchedAt"] != done["SearchedAt"] and d, 90)
    times = [datetime.fromisoformat(d["SearchedAt"].replace("Z", "+00:00")) for d in (done, later)]
    assert (times[1] - times[0]).total_seconds() >= 12
    # each that is asked begins a search of its own
    eventually(lambda: names(listed(lan, at=2)) == [a.name for a in lan.agents[:2]], 90)


def test_it_is_read_like_the_manager(lan):
    assert ask(lan, user=None)[0] == 401
    made, document = ask(lan, "/redfish/v1/AccountService/Accounts", method="POST", body={
        "UserName": "reader", "Password": PASSWORD, "RoleId": "ReadOnly"})
    assert made == 201, document
    assert ask(lan, user="reader")[0] == 200
    for method in ("POST", "PATCH", "DELETE"):
        assert ask(lan, method=method, body={})[0] == 405
    assert ask(lan, URI.replace("/bmc/", "/other/"))[0] == 404
    assert ask(lan, URI + "/1")[0] == 404


def test_without_ssdp_it_searches_not_and_says_so(lan):
    protocol = "/redfish/v1/Managers/bmc/NetworkProtocol"
    assert ask(lan, protocol, method="PATCH", body={"SSDP": {"ProtocolEnabled": False}})[0] == 200
    try:
        assert listed(lan) == {
            "Id": "Neighbours", "Name": "Other agents of the network", "SearchEnabled": False,
            "Searching": False, "SearchedAt": None, "Members@odata.count": 0, "Members": []}
    finally:
        body = {"SSDP": {"ProtocolEnabled": True}}
        assert ask(lan, protocol, method="PATCH", body=body)[0] == 200
    eventually(lambda: names(listed(lan)) == [a.name for a in lan.agents[1:]], 90)


def test_one_that_left_stays_for_a_while_and_one_that_came_is_found(lan):
    gone = lan.agents[2]
    gone.stop()
    try:
        both = eventually(lambda: names(d := listed(lan))[1:] == [gone.name] and d, 90)
        seen = both["Members"][1]["SeenAt"]
        after = eventually(lambda: not (d := listed(lan))["Searching"] and d["SearchedAt"] > seen and
                           d["Members"][0]["SeenAt"] > d["Members"][1]["SeenAt"] and d, 120)
        assert names(after)[1] == gone.name
    finally:
        gone.start_daemon(program=gone.folder / "daemon")
    eventually(lambda: listed(lan)["Members"][1]["SeenAt"] > after["SearchedAt"], 120)


def test_an_end_of_the_agent_waits_for_no_search(lan):
    eventually(lambda: listed(lan)["Searching"], 60)
    lan.agents[0].stop()
    lan.agents[0].start_daemon(program=lan.agents[0].folder / "daemon")
    assert listed(lan)["Searching"]


def test_hostile_machines_of_the_link(lan):
    """The last one: they stay. One has a name that is to do something, and answers at its own
    address whatever URL it gives; another accepts connections and says nothing."""
    rogue = lan.join(200, "forger")
    datagrams = [(ROGUE, answer("http://192.0.2.1:8102/", 102)),
                 (ROGUE, answer(f"http://{ROGUE}:8103/", 103)),
                 (ROGUE, answer(f"http://{ROGUE}:8009/", 109)), (ROGUE, "\0" * 1400)]
    documents = {8102: root(HOSTILE, 102), 8103: root("x" * 70000, 103)}
    with subprocess.Popen(within_net(rogue, "python3", "-c", SLOW_SERVER),
                          stdout=subprocess.PIPE, text=True) as silent, \
            subprocess.Popen(within_net(rogue, "python3", "-c", FORGER), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True) as forger:
        try:
            forger.stdin.write(json.dumps([datagrams, documents]) + "\n")
            forger.stdin.flush()
            assert forger.stdout.readline() == silent.stdout.readline() == "ready\n"
            one = eventually(lambda: [m for m in listed(lan)["Members"] if m["Port"] == 8102], 120)[0]
            assert one["UUID"] == uuid(102) and one["IPv4Address"] == ROGUE
            assert one["Uri"] == f"http://{ROGUE}:8102/"
            assert not set(one["DeviceName"]) & set("\x1b\x9b\u202e\n") and one["StartTime"] is None
            done = eventually(lambda: not (d := listed(lan))["Searching"] and d, 90)
            assert {m["Port"] for m in done["Members"]} == {PORT, 8102}
            assert set(names(done)) >= {a.name for a in lan.agents[1:]}
        finally:
            silent.kill()
            forger.kill()

# SPDX-License-Identifier: Apache-2.0
"""SSDP: an agent and its clients on a network of their own, two network namespaces that a
veth pair joins. Nothing is sent anywhere else."""
import json
import os
import re
import shutil
import subprocess
import time

import pytest

from harness import SLOW, TOP, eventually
from lan import DMTF, REDFISH, LanAgent, Network, within_net

pytestmark = [
    pytest.mark.plain_only,
    pytest.mark.skipif(os.getuid() != 0, reason="network namespaces are for root")]
FOUR, SIX = ("239.255.255.250", "192.0.2.1"), ("ff02::c", "2001:db8::1")
# Joins the groups and prints each announcement.
LISTENER = """
import select, socket, struct
link = socket.if_nametoindex("client")
four = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
for s in four, six:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("", 1900))
four.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                socket.inet_aton("239.255.255.250") + struct.pack("@4si", b"\\0" * 4, link))
six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
               socket.inet_pton(socket.AF_INET6, "ff02::c") + struct.pack("@I", link))
print("ready", flush=True)
while True:
    for s in select.select([four, six], [], [])[0]:
        print(repr(s.recv(4096).decode()), flush=True)
"""


@pytest.fixture(scope="module")
def network():
    n = Network()
    yield n
    n.close()


@pytest.fixture(scope="module")
def lan(network):
    agent = LanAgent(network.ours)
    try:
        agent.start()
        agent.stop()
        yield agent.serve()
    finally:
        agent.remove()


@pytest.fixture
def found(lan):
    assert lan.ssdp(ProtocolEnabled=True)["ProtocolEnabled"] is True
    return lan


def fields(answer):
    lines = answer.split("\r\n")
    assert lines[0] == "HTTP/1.1 200 OK" and lines[-2:] == ["", ""]
    return dict(re.fullmatch(r"([A-Z-]+): ?(.*)", line).groups() for line in lines[1:-2])


def ports_1900(pid):
    out = subprocess.run(within_net(pid, "ss", "-Hlun", "sport", "=", ":1900"), check=True,
                         capture_output=True, text=True).stdout
    return len(out.splitlines())


def silent(network):
    """Nothing is awaited for long: what is sent to it alone is answered within 200 ms."""
    return not network.search("192.0.2.1", seconds=1.5) and not ports_1900(network.ours)


def test_it_is_off_at_first(network, lan):
    ssdp = lan.call("GET", "Managers/bmc/NetworkProtocol")["SSDP"]
    assert ssdp["ProtocolEnabled"] is False and ssdp["NotifyMulticastIntervalSeconds"] == 0
    assert silent(network)


@pytest.mark.parametrize("to", FOUR + SIX)
def test_a_search_is_answered_with_the_service_root(network, found, to):
    (answer, sender), = network.search(to)
    root = found.call("GET", "/redfish/v1/")
    is_ = fields(answer)
    minor = root["RedfishVersion"].split(".")[1]
    assert is_["ST"] == f"{REDFISH}:{minor}" and is_["EXT"] == ""
    assert is_["USN"] == f"uuid:{root['UUID']}::{is_['ST']}"
    assert int(re.fullmatch(r"max-age=(\d+)", is_["CACHE-CONTROL"])[1]) >= 1800
    host = "192.0.2.1" if "." in to else "[2001:db8::1]"
    assert is_["AL"] == f"https://{host}:{found.https_port}/redfish/v1/"
    assert sender.split("%")[0] in (host.strip("[]"), sender if "fe80" in sender else "")
    read = json.loads(network.client("curl", "-sSkg", is_["AL"], check=True).stdout)
    assert read["UUID"] == root["UUID"]
    assert len(answer) <= 3 * len(DMTF)


def test_a_search_that_is_repeated_has_one_answer(network, found):
    """While that waits, as clients send a search several times. The default 1 second of MX:
    the chance that it is due between two of these is small."""
    counts = [len(network.search("239.255.255.250", times=3, seconds=2)) for _ in range(3)]
    assert counts.count(1) >= 2, counts


def test_no_answer_is_longer_than_three_searches(network, found):
    short = 'M-SEARCH * HTTP/1.1\r\nMAN:"ssdp:discover"\r\nST:ssdp:all\r\n\r\n'
    enough = short.replace("ST:", "X:%s\r\nST:" % ("y" * 60))
    assert not network.search("192.0.2.1", short, seconds=1.5)
    (answer, _), = network.search("192.0.2.1", enough)
    assert len(short) * 3 < len(answer) <= len(enough) * 3


@pytest.mark.parametrize("to,text", [
    ("192.0.2.1", DMTF.replace("rest:1", "rest:2")), ("192.0.2.1", DMTF.replace("Man", "Men")),
    ("192.0.2.1", DMTF.replace(REDFISH, "upnp:rootdevice")),
    ("192.0.2.1", "\0" * 2000), ("192.0.2.1", DMTF + "X: " + "y" * 2000),
    ("239.255.255.250", DMTF.replace("MX: 1", "XM: 1"))])
def test_what_is_no_search_for_it_has_no_answer(network, found, to, text):
    assert not network.search(to, text, seconds=1.5)
    assert network.search("192.0.2.1"), found.log_text()


def test_who_is_not_on_the_link_gets_no_answer(network, found):
    assert not network.search("192.0.2.1", source="198.51.100.9", seconds=1.5)
    assert not network.search("239.255.255.250", source="198.51.100.9", seconds=2.5)
    assert network.search("192.0.2.1"), found.log_text()


def test_a_flood_of_searches_is_answered_in_part(network, found):
    time.sleep(1.1)  # until none of what others asked counts any more
    began = time.monotonic()
    answers = network.search("192.0.2.1", count=300, seconds=1.5)
    assert 10 <= len(answers) <= 10 + (time.monotonic() - began) * 10 + 1
    eventually(lambda: network.search("192.0.2.1", seconds=1.5), 20)
    assert found.log_text().count("discovery: SSDP is on") >= 1


@pytest.mark.skipif(not shutil.which("gssdp-discover"), reason="gssdp-discover is missing")
@pytest.mark.parametrize("target", ["ssdp:all", f"{REDFISH}:22"])
def test_gssdp_discover_sees_it(network, found, target):
    run = network.client("gssdp-discover", "-i", "client", "-t", target, "-n", "5",
                         check=False)
    uuid = found.call("GET", "/redfish/v1/")["UUID"]
    assert f"uuid:{uuid}::{REDFISH}:22" in run.stdout, run.stdout + run.stderr
    assert f"https://192.0.2.1:{found.https_port}/redfish/v1/" in run.stdout


def test_it_stays_on_over_a_restart_and_can_be_turned_off(network, found):
    found.stop()
    found.serve()
    assert network.search("192.0.2.1")
    assert found.ssdp(ProtocolEnabled=False)["ProtocolEnabled"] is False
    eventually(lambda: silent(network), 20)


def test_an_interface_that_comes_later_is_spoken_on(network, found):
    network.ip(network.ours, "address flush dev agent")
    eventually(lambda: not network.search("239.255.255.250", seconds=2), 20)
    network.ip(network.ours, "address add 192.0.2.1/24 dev agent")
    network.ip(network.ours, "address add 2001:db8::1/64 dev agent nodad")
    network.ip(network.ours, "route replace 198.51.100.0/24 via 192.0.2.2")
    for to in "239.255.255.250", "2001:db8::1":
        eventually(lambda to=to: network.search(to, seconds=3 * SLOW), 60)
    assert found.process.poll() is None


def test_it_announces_itself_when_that_is_wanted_and_says_goodbye(network, found):
    listener = subprocess.Popen(within_net(network.theirs, "python3", "-c", LISTENER),
                                stdout=subprocess.PIPE, text=True)
    try:
        assert listener.stdout.readline() == "ready\n"
        assert found.ssdp(NotifyMulticastIntervalSeconds=1)["NotifyMulticastIntervalSeconds"] == 1
        heard = [listener.stdout.readline() for _ in range(4)]  # two of each family
        assert all("NTS: ssdp:alive" in h and f"NT: {REDFISH}:22" in h for h in heard), heard
        assert sum("HOST: 239.255.255.250:1900" in h for h in heard) == 2, heard
        assert sum("HOST: [ff02::c]:1900" in h for h in heard) == 2, heard
        assert "https://192.0.2.1:" in "".join(heard)
        found.ssdp(ProtocolEnabled=False)
        while "ssdp:byebye" not in (last := listener.stdout.readline()):
            assert "ssdp:alive" in last
        assert "ssdp:byebye" in listener.stdout.readline()
        assert "AL:" not in last
    finally:
        listener.kill()
        listener.wait(10)
        listener.stdout.close()
    assert found.ssdp(NotifyMulticastIntervalSeconds=0)["NotifyMulticastIntervalSeconds"] == 0


@pytest.mark.parametrize("body,code", [
    ({"ProtocolEnabled": 1}, "PropertyValueTypeError"), ({"ProtocolEnabled": None}, ""),
    ({"NotifyMulticastIntervalSeconds": -1}, "PropertyValueOutOfRange"),
    ({"NotifyMulticastIntervalSeconds": 86401}, "PropertyValueOutOfRange"),
    ({"Port": 1901}, "PropertyNotWritable")])
def test_what_can_not_be_set_is_refused(lan, body, code):
    answer = lan.call("PATCH", "Managers/bmc/NetworkProtocol", {"SSDP": body})
    assert code in json.dumps(answer["error"]), answer


def test_a_demo_on_the_loopback_stays_silent(network, found):
    """On, but served on the loopback alone: there is no address to be found at."""
    found.stop()
    found.start_daemon(lambda text: text.replace("bind: '*'", "bind: 127.0.0.1"), found.program)
    try:
        assert not network.search("192.0.2.1", seconds=1.5)
        assert not network.search("239.255.255.250", seconds=2.5)
    finally:
        found.stop()
        found.serve()
    assert network.search("192.0.2.1"), TOP

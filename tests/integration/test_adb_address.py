# SPDX-License-Identifier: Apache-2.0
"""A static IPv4 address for a board's interface, by Redfish and SNMP, down to what the board's
system keeps. The board's tools are stand-ins that do with a file what the real ones do."""
import shutil
import subprocess
from pathlib import Path

import pytest
from adb_rig import ANDROID, AdbAgent, OddServer, platform_of
from harness import eventually, SnmpError

NIC = "Systems/sub01/EthernetInterfaces/sub01-eth0"
HAVE = subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0
pytestmark = pytest.mark.skipif(not HAVE, reason="mounts of one's own need root")

IP = r'''#!/bin/sh
read a <$HOME/address 2>/dev/null || exit 0
echo "2: eth0    inet $a brd 192.0.2.255 scope global eth0\       valid_lft forever"
'''
NMCLI = r'''#!/bin/sh
echo "$*" >>$HOME/calls
case "$*" in
*"RUNNING general") echo running ;;
*"DEVICE,STATE device") echo eth0:connected ;;
*"device show eth0") echo "Wired connection 1" ;;
*"connection show"*) echo "before" ;;
*"connection modify"*" manual "*) echo "$7" >$HOME/address ;;
*"connection up"*) [ ! -e $HOME/refuse ] ;;
esac
'''
IFUP = r'''#!/bin/sh
echo "ifup $*" >>$HOME/calls
[ ! -e $HOME/refuse ] || { rm $HOME/refuse; exit 1; }
awk '$1=="address"{a=$2} $1=="netmask"{m=$2} END{if(a)print a"/24"}' /etc/network/interfaces >$HOME/address
'''
FIREFLY = r'''#!/bin/sh
echo "$*" >>$HOME/calls
[ "$1 $2 $3" = "ethernet setIpAddress 1" ] && echo "$4/24" >$HOME/address
'''
INTERFACES = """# made by hand
auto lo eth0
iface lo inet loopback

iface eth0 inet dhcp
    hostname old
iface eth0 inet6 auto
iface eth1 inet dhcp
"""


class Box:
    """The board's own side."""

    def __init__(self, server):
        self.folder = server.folder / "board"

    def fresh(self, **tools):
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("bin", "etc/network", "net/eth0"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "etc/os-release").write_text('PRETTY_NAME="Box 1"\n')
        for name, value in {"type": 1, "address": "02:00:00:00:00:07", "operstate": "up",
                            "speed": 100, "flags": "0x1003", "device": 1}.items():
            (self.folder / "net/eth0" / name).write_text(f"{value}\n")
        self.write("address", "192.0.2.99/24\n")
        for name, text in {"ip": IP, "sync": "#!/bin/sh\n", **tools}.items():
            self.write(f"bin/{name}", text)
            (self.folder / "bin" / name).chmod(0o755)
        # Debian's is a link by way of /etc
        (self.folder / "bin/awk").symlink_to(Path(shutil.which("awk")).resolve())
        return self

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def read(self, name):
        path = self.folder / name
        return path.read_text() if path.exists() else ""


@pytest.fixture(scope="module")
def server():
    one = OddServer()
    one.behave("all runs")
    one.devices(["S device usb:1-1 product:a model:b device:c transport_id:5",
                 "S device usb:1-2 product:a model:b device:c transport_id:6"])
    Box(one).fresh()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def agent(server):
    verbs = {"os_reboot": "adb", "os_shutdown": "adb", "ipv4_static": "adb"}
    rows = [{"id": f"sub0{n}", "index": f"0.{n}", "usb": f"1-{n}"} for n in (1, 2)]
    one = AdbAgent(platform_of([], {"verbs": verbs}, rows), server.port).start_with_adb()
    yield one
    one.remove()


def give(agent, address="192.0.2.7", mask="255.255.255.0", gateway="192.0.2.1", **more):
    """The answer; asked again while the agent still sees that the board was plugged in anew."""
    answers = []

    def put():
        answers.append(agent.patch(NIC, {"IPv4StaticAddresses": [
            {"Address": address, "SubnetMask": mask, "Gateway": gateway, **more}]}))
        return answers[-1].status_code != 404
    eventually(put, 20)
    return answers[-1]


def shows(agent, address):
    now = agent.json(NIC)["IPv4Addresses"]
    return now and now[0].get("Address") == address


def test_network_manager(agent, server):
    box = Box(server).fresh(nmcli=NMCLI)
    r = give(agent)
    assert r.status_code in (200, 204), r.text
    assert "connection modify Wired connection 1 ipv4.method manual ipv4.addresses 192.0.2.7/24 " \
           "ipv4.gateway 192.0.2.1" in box.read("calls")
    assert agent.json(NIC)["IPv4StaticAddresses"] == [
        {"Address": "192.0.2.7", "SubnetMask": "255.255.255.0", "Gateway": "192.0.2.1"}]
    eventually(lambda: shows(agent, "192.0.2.7"), 5)


def test_a_refusal_puts_back_what_was_before(agent, server):
    box = Box(server).fresh(nmcli=NMCLI)
    box.write("refuse", "")
    r = give(agent, "192.0.2.8")
    assert r.status_code >= 400 and "NetworkManager refused it" in r.text, r.text
    assert box.read("calls").splitlines()[-2].endswith(
        "ipv4.method before ipv4.addresses before ipv4.gateway before")
    static = agent.json(NIC)["IPv4StaticAddresses"]
    assert not static or static[0]["Address"] != "192.0.2.8"


def test_ifupdown(agent, server):
    box = Box(server).fresh(ifup=IFUP, ifdown="#!/bin/sh\n", systemctl="#!/bin/sh\nexit 1\n")
    box.write("etc/network/interfaces", INTERFACES)
    r = give(agent, "192.0.2.9")
    assert r.status_code in (200, 204), r.text
    assert box.read("etc/network/interfaces") == """# made by hand
auto lo eth0
iface lo inet loopback

iface eth0 inet6 auto
iface eth1 inet dhcp
iface eth0 inet static
\taddress 192.0.2.9
\tnetmask 255.255.255.0
\tgateway 192.0.2.1
"""
    eventually(lambda: shows(agent, "192.0.2.9"), 5)


def test_ifupdown_that_refuses_has_its_file_back(agent, server):
    box = Box(server).fresh(ifup=IFUP, ifdown="#!/bin/sh\n", systemctl="#!/bin/sh\nexit 1\n")
    box.write("etc/network/interfaces", INTERFACES)
    box.write("refuse", "")
    r = give(agent, "192.0.2.10")
    assert r.status_code >= 400 and "ifup refused it" in r.text
    assert box.read("etc/network/interfaces") == INTERFACES
    assert box.read("calls") == "ifup eth0\nifup eth0\n"


def test_networkd(agent, server):
    tools = {"systemctl": "#!/bin/sh\nexit 0\n",
             "networkctl": "#!/bin/sh\nsed -n 's/^Address=//p' /etc/systemd/network/05* >$HOME/address\n"}
    box = Box(server).fresh(**tools)
    r = give(agent, "192.0.2.11", gateway=None)
    assert r.status_code in (200, 204), r.text
    text = box.read("etc/systemd/network/05-clusterbmc-eth0.network")
    assert text.startswith("[Match]\nName=eth0\n\n[Network]\nAddress=192.0.2.11/24\n")
    assert "Gateway" not in text
    # by DHCP again
    assert agent.patch(NIC, {"IPv4StaticAddresses": []}).status_code in (200, 204)
    assert not box.read("etc/systemd/network/05-clusterbmc-eth0.network")
    assert agent.json(NIC)["IPv4StaticAddresses"] == []


def test_android(agent, server):
    box = Box(server).fresh(getprop=ANDROID, fireflyapi=FIREFLY)
    r = give(agent, "192.0.2.12")
    assert r.status_code in (200, 204), r.text
    assert box.read("calls") == ("ethernet setIpAddress 1 192.0.2.12 255.255.255.0 192.0.2.1 "
                                 "192.0.2.53 192.0.2.1\n")
    assert "remount:" in [what for _, _, what in server.requests()]


def test_an_address_that_does_not_come_is_an_error(agent, server):
    Box(server).fresh(getprop=ANDROID, fireflyapi="#!/bin/sh\n")
    r = give(agent, "192.0.2.13")
    assert r.status_code >= 400 and "does not have it" in r.text, r.text


def test_a_board_without_any_of_them_says_so(agent, server):
    Box(server).fresh(systemctl="#!/bin/sh\nexit 1\n")
    r = give(agent, "192.0.2.14")
    assert r.status_code >= 400 and "neither NetworkManager" in r.text, r.text


@pytest.mark.parametrize("body", [
    {"address": "192.0.2.0"}, {"address": "192.0.2.255"}, {"address": "224.0.0.1"},
    {"address": "127.0.0.1"}, {"address": "0.0.0.1"}, {"address": "192.0.2.7;reboot"},
    {"address": "192.0.2"}, {"mask": "255.0.255.0"}, {"mask": "255.255.255.255"},
    {"mask": "0.0.0.0"}, {"gateway": "192.0.3.1"}, {"gateway": "192.0.2.7"},
    {"gateway": "192.0.2.255"}, {"mask": 24}, {"Nonsense": 1}])
def test_what_is_wrong_is_refused_before_the_board_is_asked(agent, server, body):
    box = Box(server).fresh(nmcli=NMCLI)
    r = give(agent, **body)
    assert r.status_code == 400, r.text
    assert "modify" not in box.read("calls")


def test_an_address_that_another_board_has_is_refused(agent, server):
    box = Box(server).fresh(nmcli=NMCLI)
    assert give(agent, "192.0.2.20").status_code in (200, 204)
    other = "Systems/sub02/EthernetInterfaces/sub02-eth0"
    eventually(lambda: agent.get(other).status_code == 200, 10)
    r = agent.patch(other, {"IPv4StaticAddresses": [
        {"Address": "192.0.2.20", "SubnetMask": "255.255.255.0"}]})
    assert r.status_code in (400, 409) and "already" in r.text, r.text
    assert box.read("calls").count("modify") == 1


def test_snmp_does_the_same(agent, server):
    box = Box(server).fresh(nmcli=NMCLI)

    def rows():
        return [k.split(".", 1)[1] for k, v in agent.snmpwalk("cbmcNicId").items()
                if v == "sub01-eth0"]
    row = eventually(rows, 20)[0]
    agent.snmpset(f"cbmcNicIpv4Static.{row}", "s", "192.0.2.30/24 192.0.2.1")
    eventually(lambda: "192.0.2.30/24" in box.read("calls"), 5)
    eventually(lambda: agent.json(NIC)["IPv4StaticAddresses"][0]["Address"] == "192.0.2.30", 5)
    with pytest.raises(SnmpError):
        agent.snmpset(f"cbmcNicIpv4Static.{row}", "s", "192.0.2.30/33")

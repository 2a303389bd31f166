# SPDX-License-Identifier: Apache-2.0
"""DNS-SD: an agent that Avahi publishes, and who finds it so. Each of the two machines has an
avahi-daemon, and a D-Bus for its clients, in a mount namespace of its own."""
import os
import re
import shutil
import subprocess
from xml.etree import ElementTree

import pytest

from harness import BUILD, eventually
from lan import Neighbours

pytestmark = [
    pytest.mark.plain_only,
    pytest.mark.skipif(os.getuid() != 0, reason="namespaces are for root"),
    pytest.mark.skipif(not all(map(shutil.which, ("avahi-daemon", "avahi-browse", "dbus-daemon"))),
                       reason="avahi-daemon, avahi-utils or dbus is missing")]
PORT = Neighbours.PORT
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/><allow user="*"/></policy></busconfig>
"""
CONF = """[server]
use-ipv4=yes
use-ipv6=yes
allow-interfaces={}
[publish]
publish-workstation=no
"""


class Avahi:
    """An avahi-daemon on a machine of the link. `services`: its folder of service files."""

    def __init__(self, pid, folder, interface):
        self.pid, self.services, self.children = pid, folder / "services", []
        self.services.mkdir(parents=True)
        self.bus = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder}/bus",
                    "LC_ALL": "C.UTF-8"}
        (folder / "bus.conf").write_text(BUS.format(folder / "bus"))
        (folder / "avahi.conf").write_text(CONF.format(interface))
        self.start("dbus-daemon", "--nofork", f"--config-file={folder}/bus.conf")
        eventually((folder / "bus").exists)
        self.start("unshare", "--mount", "--propagation", "private", "sh", "-c",
                   f"mount -t tmpfs none /run && mkdir /run/avahi-daemon && "
                   f"mount --bind {self.services} /etc/avahi/services && "
                   f"exec avahi-daemon --no-drop-root --no-chroot --no-rlimits "
                   f"-f {folder}/avahi.conf")

    def start(self, *words):
        self.children.append(subprocess.Popen(
            self.there(*words), env=self.bus, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def there(self, *words):
        """In its network and under its host name."""
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", f"--uts=/proc/{self.pid}/ns/uts",
                *map(str, words)]

    def run(self, *words):
        return subprocess.run(self.there(*words), env=self.bus, text=True, capture_output=True,
                              timeout=120, check=False)

    def browse(self):
        """[(host, address, port, texts)] of what is published, over IPv4."""
        out = self.run("avahi-browse", "--parsable", "--resolve", "--terminate",
                       "_redfish._tcp").stdout
        lines = [line.split(";") for line in out.splitlines() if line.startswith("=")]
        return [(f[3], f[7], int(f[8]), dict(t.split("=", 1) for t in
                                             re.findall(r'"([^"]*)"', f[9])))
                for f in lines if f[2] == "IPv4"]

    def close(self):
        for child in reversed(self.children):
            child.terminate()
            child.wait(20)


@pytest.fixture(scope="module")
def lan():
    n = Neighbours(1)
    yield n
    n.close()


@pytest.fixture(scope="module")
def published(lan):
    """The agent with SSDP off and DNS-SD on; its Avahi and that of a client."""
    agent, folder = lan.agents[0], lan.folder / "avahi"
    agent.avahi = Avahi(lan.holders[1].pid, folder / "agent", "eth0")
    client = Avahi(lan.hub, folder / "client", "lan")
    agent.file = agent.avahi.services / "clusterbmc.service"
    agent.file.touch()
    agent.file.chmod(0o666)  # what its administrator makes, for the agent's user
    agent.stop()
    agent.start_daemon(lambda text: text.replace(
        "discovery: { ssdp: { enabled: true } }",
        f"discovery: {{ dns_sd: {{ file: {agent.file} }} }}"), agent.folder / "daemon")
    yield agent, client
    agent.avahi.close()
    client.close()


def test_avahi_browse_finds_the_agent(lan, published):
    agent, client = published
    (name, address, port, texts), = eventually(client.browse, 30)
    assert (name, address, port) == ("chassis-001", agent.address, PORT)
    assert texts["path"] == "/redfish/v1/" and texts["model"] == "clusterbmc"
    assert re.fullmatch(r"[0-9a-f-]{36}", texts["uuid"]) and texts["version"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", texts["start"])
    tree = ElementTree.parse(agent.file)
    assert tree.find("service/type").text == "_redfish._tcp"
    root = lan.run("curl", "-sk", f"https://{agent.address}:{PORT}/redfish/v1/").stdout
    assert texts["uuid"] in root and f'"StartTime":"{texts["start"]}"' in root


def test_bmc_scan_takes_in_what_avahi_knows(published):
    agent, client = published
    eventually(client.browse, 30)
    run = client.run(BUILD / "bmc-scan", "-o", "csv", "-t", "30")
    assert f'"chassis-001","{agent.address}"' in run.stdout, run.stdout + run.stderr
    run = client.run(BUILD / "bmc-scan", "-o", "csv", "--no-dns-sd", "-w", "1")
    assert run.returncode == 5  # by SSDP it is not to be found


def test_it_is_withdrawn_when_the_agent_ends(published):
    agent, client = published
    eventually(client.browse, 30)
    agent.stop()
    assert agent.file.read_text() == ""
    eventually(lambda: not client.browse(), 30)
    agent.start_daemon(program=agent.folder / "daemon")
    eventually(client.browse, 30)


def test_a_file_that_can_not_be_written_is_said_and_no_more(lan, published):
    agent, _ = published
    agent.stop()
    agent.start_daemon(lambda text: text.replace(str(agent.file), "/proc/none"),
                       agent.folder / "daemon")
    assert "discovery: /proc/none: " in agent.log_text()
    assert lan.run("curl", "-sk", f"https://{agent.address}:{PORT}/redfish/v1/").stdout

# SPDX-License-Identifier: Apache-2.0
"""Sub-agents of others at our AgentX socket: their objects beside ours, and no delay of ours
when one has stopped."""
import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest

from harness import SLOW, SnmpError, eventually
from test_snmp_transport import request

pytestmark = pytest.mark.skipif(not shutil.which("snmpd"), reason="snmpd is not installed")

OTHER = "1.3.6.1.4.1.8072.1.3.2"  # nsExtendObjects of net-snmp's snmpd
VIEWS = """exempt: [ 127.0.0.0/8 ]
  agentx_master: {{ socket: "{folder}/agentx" }}
  views:
    - {{ name: all, include: [ 1.3.6.1 ] }}"""


@pytest.fixture
def folder():
    """One that the daemon's user can enter and write to."""
    with tempfile.TemporaryDirectory(prefix="clusterbmc-it.") as name:
        os.chmod(name, 0o777)
        yield Path(name)


@pytest.fixture
def master(new_agent, folder):
    """An agent with a socket, and its community `public` seeing all."""
    agent = new_agent(env={"CLUSTERBMC_SNMP": VIEWS.format(folder=folder)})
    agent.start()
    agent.stop()
    agent.start_daemon(lambda text: text.replace("{ name: public, role: ReadOnly }",
                                                 "{ name: public, role: ReadOnly, view: all }"))
    agent.agentx = folder / "agentx"
    return agent


@pytest.fixture
def other(master, folder):
    """Another program's sub-agent, with objects of its own."""
    (folder / "snmpd.conf").write_text("extend hello /bin/echo there\nagentXPingInterval 1\n")
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            ["snmpd", "-f", "-C", "-c", str(folder / "snmpd.conf"), "-X", "-x", str(master.agentx),
             "-Le", "-I", "extend"], stdout=log, stderr=log,
            env={**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": str(folder / "kept"),
                 "SNMPCONFPATH": str(folder / "kept")})
    try:
        eventually(lambda: hello(master) == "there", 20)
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


def hello(agent, timeout=5):
    """nsExtendOutputFull."hello", of the other."""
    index = ".5." + ".".join(str(ord(c)) for c in "hello")
    try:
        return agent.snmpget(f"{OTHER}.3.1.2{index}", timeout=timeout)
    except SnmpError:
        return None


def test_socket_is_for_its_group_only(master):
    is_ = os.stat(master.agentx)
    assert stat.S_ISSOCK(is_.st_mode) and stat.S_IMODE(is_.st_mode) == 0o660
    master.stop()
    assert not master.agentx.exists()


def test_objects_of_others_are_beside_ours(master, other):
    assert other.poll() is None
    assert master.snmpget("cbmcFanId.1") == "fan1"
    out = master.snmp("snmpwalk", "-On", [OTHER], mibs=False)
    assert '"there"' in out
    walk = master.snmp("snmpwalk", "-On", ["1.3.6.1.4.1"], mibs=False)
    assert f".{OTHER}." in walk and ".1.3.6.1.4.1.32473." in walk


def test_objects_of_others_need_a_view(master, other):
    assert other.poll() is None
    # `private` has none that includes them
    out = master.snmp("snmpget", "-On", [f"{OTHER}.1.0"], mibs=False, community="private")
    assert "No Such Object" in out
    assert master.snmpget("cbmcFanId.1", community="private") == "fan1"


def test_stopped_sub_agent_delays_only_its_own_objects(master, other):
    other.send_signal(signal.SIGSTOP)
    took = []

    def ask_other():
        begun = time.monotonic()
        assert hello(master, timeout=20) is None
        took.append(time.monotonic() - begun)
    asking = threading.Thread(target=ask_other)
    asking.start()
    longest = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(10 * SLOW)
        while asking.is_alive():
            begun = time.monotonic()
            s.sendto(request(), ("127.0.0.1", master.snmp_port))
            s.recv(65536)
            longest = max(longest, time.monotonic() - begun)
            time.sleep(0.01)
    asking.join()
    assert longest < 0.5 * SLOW, "ours are answered meanwhile"
    assert 1 < took[0] < 8 * SLOW
    assert hello(master, timeout=5) is None  # it has been detached
    assert master.snmpget("cbmcFanId.1") == "fan1"

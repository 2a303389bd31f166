# SPDX-License-Identifier: Apache-2.0
"""As AgentX sub-agent of Debian's snmpd: the same objects, bounded when the master is stopped,
there again when it comes back, writing only by `agentx.set_role`."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from harness import MIBS, SLOW, Agent, SnmpError, eventually, free_ports

pytestmark = pytest.mark.skipif(not shutil.which("snmpd"), reason="snmpd is not installed")

MIB = "1.3.6.1.4.1.32473.1"
# What differs from one moment to the next: the data's age, and what is read again and again.
MOVING = re.compile(r"^\.1\.3\.6\.1\.4\.1\.32473\.1\.1\.1\.(1[678]|21)\.0 ")


class Master:
    """snmpd on a port and with an AgentX socket of its own."""

    def __init__(self, folder):
        self.folder = folder / "snmpd"
        self.folder.mkdir()
        self.folder.chmod(0o777)
        self.socket = self.folder / "agentx"
        self.port, = free_ports(1)
        (self.folder / "snmpd.conf").write_text(
            f"rocommunity public\nrwcommunity private\nmaster agentx\n"
            f"agentXSocket {self.socket}\nagentXPerms 0777 0777\n"
            f"agentaddress udp:127.0.0.1:{self.port}\n")
        self.process = None

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["snmpd", "-f", "-C", "-c", str(self.folder / "snmpd.conf"), "-Le"],
                stdout=log, stderr=log, env={
                    **os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": str(self.folder / "kept"),
                    "SNMPCONFPATH": str(self.folder / "kept")})
        return self

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def master():
    with tempfile.TemporaryDirectory(prefix="clusterbmc-it.") as name:
        os.chmod(name, 0o755)  # the daemon is another user
        one = Master(Path(name))
        try:
            yield one
        finally:
            one.stop()


def sub_agent(new_agent, master, more="", **options):
    return new_agent(Agent, **options, env={
        "CLUSTERBMC_SNMP": f'exempt: [ 127.0.0.0/8 ]\n  agentx: {{ socket: "{master.socket}"{more} }}'
    }).start()


def ask(master, tool, *words, community="public", timeout=10):
    run = subprocess.run(
        [tool, "-v2c", "-c", community, "-On", "-r", "0", "-t", str(timeout * SLOW),
         "-M", MIBS, "-m", "", *words[:-1], f"127.0.0.1:{master.port}", *words[-1].split()],
        capture_output=True, text=True, timeout=300 * SLOW, check=False)
    if run.returncode or "Timeout" in run.stderr or "Error in packet" in run.stdout + run.stderr:
        raise SnmpError(run.stderr + run.stdout)
    return run.stdout


def shown(master, name=f"{MIB}.1.3.1.4.1.1"):
    """The value of an object that is ours, None where the master has no such object."""
    try:
        out = ask(master, "snmpget", "-Oqv", name, timeout=2).strip()
    except SnmpError:
        return None
    return None if out.startswith("No Such") else out


def attached(master):
    return eventually(lambda: shown(master), 20)


def lines(text):
    return [line for line in text.splitlines() if not MOVING.match(line)]


def test_walk_is_the_same_as_on_the_own_port(new_agent, master):
    agent = sub_agent(new_agent, master.start())
    attached(master)
    with agent.pinned():
        own = agent.snmp("snmpwalk", "-On", [MIB], mibs=False)
        assert own.count("\n") > 3000
        assert lines(ask(master, "snmpbulkwalk", "-Cr30", MIB)) == lines(own)
        boards = f"{MIB}.1.3"
        assert ask(master, "snmpwalk", boards) == agent.snmp("snmpwalk", "-On", [boards],
                                                             mibs=False)


def test_exceptions_and_bulk_over_agentx(new_agent, master):
    sub_agent(new_agent, master.start())
    attached(master)
    assert "No Such Instance" in ask(master, "snmpget", f"{MIB}.1.3.1.4.99.1")
    assert "No Such Object" in ask(master, "snmpget", f"{MIB}.1.99.1.0")
    out = ask(master, "snmpbulkget", "-Cn1", "-Cr20", f"1.3.6.1.2.1.1.3 {MIB}.1.3.1.4 {MIB}.1.4.1.2")
    assert out.count(f".{MIB}.1.3.1.4.") == 20 and out.count("\n") == 41


def test_it_is_read_only_without_a_role(new_agent, master):
    agent = sub_agent(new_agent, master.start())
    attached(master)
    with pytest.raises(SnmpError, match="notWritable"):
        ask(master, "snmpset", f"{MIB}.1.3.1.4.1.1 s renamed", community="private")
    assert agent.snmpget("cbmcBoardName.1.1") != "renamed"


def test_sets_have_the_role_of_the_config(new_agent, master):
    agent = sub_agent(new_agent, master.start(), ", set_role: Operator")
    attached(master)
    ask(master, "snmpset", f"{MIB}.1.3.1.4.1.1 s renamed", community="private")
    assert agent.snmpget("cbmcBoardName.1.1") == "renamed"
    assert "\"renamed\"" in ask(master, "snmpget", f"{MIB}.1.3.1.4.1.1")
    # all or nothing, and the status and index are those of SNMP
    for words, status in (
            (f"{MIB}.1.3.1.4.1.1 s other {MIB}.1.3.1.4.1.2 i 3", "wrongType"),
            (f"{MIB}.1.3.1.4.1.1 s other {MIB}.1.3.1.3.1.2 s id", "notWritable"),
            (f"{MIB}.1.3.1.4.1.1 s other {MIB}.1.3.1.10.1.2 i 99", "wrongValue"),
            (f"{MIB}.1.3.1.4.1.1 s other {MIB}.1.3.1.4.99.1 s none", "noCreation")):
        with pytest.raises(SnmpError, match=status) as error:
            ask(master, "snmpset", words, community="private")
        assert words.split()[3] in str(error.value)
    assert agent.snmpget("cbmcBoardName.1.1") == "renamed"
    with pytest.raises(SnmpError, match="authorizationError"):  # ConfigureManager
        ask(master, "snmpset", f"{MIB}.1.14.12.0 i 2", community="private")


def test_an_action_over_agentx_does_not_wait_for_hardware(new_agent, master):
    agent = sub_agent(new_agent, master.start(), ", set_role: Operator")
    attached(master)
    since = agent.last_seq()
    begun = time.monotonic()
    ask(master, "snmpset", f"{MIB}.1.3.1.10.1.3 i 6", community="private")  # forceRestart
    assert time.monotonic() - begun < 3 * SLOW
    eventually(lambda: agent.pulses("sub1-03", since=since)[0], 20)
    audit = [line for line in str(agent.json("Managers/bmc/LogServices/Audit/Entries")).split("'")
             if "agentx" in line]
    assert audit


def test_it_attaches_again_within_two_seconds(new_agent, master):
    agent = sub_agent(new_agent, master)  # it is not there yet
    eventually(lambda: "AgentX master" in agent.log_text(), 10)
    time.sleep(2.5)
    assert agent.log_text().count("AgentX master") == 1, "said once"
    master.start()
    assert attached(master)
    for _ in range(2):
        master.stop()
        agent.snmpget("cbmcFanId.1")
        before = (master.folder / "log").read_text().count("NET-SNMP version")
        master.start()
        eventually(lambda: (master.folder / "log").read_text().count("NET-SNMP version") > before,
                   10)
        begun = time.monotonic()
        attached(master)
        assert time.monotonic() - begun < 5 * SLOW


def p99(agent, n=150):
    """Of GETs on the own port, in seconds."""
    from test_snmp_transport import UP_TIME, client, request
    assert UP_TIME
    times = []
    with client() as s:
        for i in range(n):
            begun = time.monotonic()
            s.sendto(request(number=i + 1), ("127.0.0.1", agent.snmp_port))
            s.recv(65536)
            times.append(time.monotonic() - begun)
    return sorted(times)[int(n * 0.99) - 1]


def test_a_stopped_master_delays_nothing(new_agent, master):
    master.start()
    eventually(master.socket.exists, 10)
    os.kill(master.process.pid, signal.SIGSTOP)
    agent = sub_agent(new_agent, master)
    idle = p99(agent)
    try:
        # over the time at which it is given up and connected to again
        end = time.monotonic() + 7
        while time.monotonic() < end:
            assert p99(agent, 50) < max(20 * idle, 0.25 * SLOW)
            time.sleep(0.2)
        eventually(lambda: "does not answer" in agent.log_text(), 30)
        assert agent.log_text().count("does not answer") == 1
    finally:
        os.kill(master.process.pid, signal.SIGCONT)
    attached(master)
    os.kill(master.process.pid, signal.SIGSTOP)  # and in the midst of a session
    try:
        assert p99(agent, 50) < max(20 * idle, 0.25 * SLOW)
    finally:
        os.kill(master.process.pid, signal.SIGCONT)


def test_without_a_port_it_is_a_sub_agent_only(new_agent, master):
    agent = sub_agent(new_agent, master.start())
    agent.stop()
    agent.start_daemon(lambda text: re.sub(r"(snmp:\n  bind: .*\n  port:) \d+", r"\1 0", text))
    attached(master)
    with pytest.raises(SnmpError):
        agent.snmpget("cbmcFanId.1", timeout=1)

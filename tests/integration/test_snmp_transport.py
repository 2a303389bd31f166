# SPDX-License-Identifier: Apache-2.0
"""The SNMP agent's sockets: several addresses, bursts, malformed floods, hosts.deny."""
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest

from harness import SLOW, Agent, eventually, free_ports

UP_TIME = bytes.fromhex("2b06010201010300")


def ber(tag, *parts):
    body = b"".join(parts)
    assert len(body) < 128
    return bytes([tag, len(body)]) + body


def request(kind=0xa0, number=1):
    """sysUpTime.0, by v2c."""
    names = ber(0x30, ber(0x30, ber(6, UP_TIME), b"\x05\x00"))
    pdu = ber(kind, ber(2, number.to_bytes(4, "big")), b"\x02\x01\x00\x02\x01\x00", names)
    return ber(0x30, b"\x02\x01\x01", ber(4, b"public"), pdu)


def client(family=socket.AF_INET):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.settimeout(5 * SLOW)
    return s


def asks(s, address):
    """Where the answer to a request to this address came from."""
    s.sendto(request(), address)
    return s.recvfrom(65536)[1][:2]


def bound(new_agent, bind, kind=Agent):
    return new_agent(kind, env={"CLUSTERBMC_SNMP_BIND": bind}).start()


def test_each_address_of_the_list_is_answered_from_itself(new_agent):
    port, = free_ports(1)
    agent = bound(new_agent, f"[127.0.0.2, '127.0.0.3:{port}', '::1']")
    with client() as s:
        assert asks(s, ("127.0.0.2", agent.snmp_port)) == ("127.0.0.2", agent.snmp_port)
        assert asks(s, ("127.0.0.3", port)) == ("127.0.0.3", port)
        s.settimeout(0.5)
        with pytest.raises(OSError):
            asks(s, ("127.0.0.4", agent.snmp_port))
    with client(socket.AF_INET6) as s:
        assert asks(s, ("::1", agent.snmp_port)) == ("::1", agent.snmp_port)


def test_any_address_answers_from_the_one_that_was_asked(new_agent):
    agent = bound(new_agent, "'*'")
    with client() as s:
        for host in ("127.0.0.1", "127.0.0.2", "127.9.9.9"):
            assert asks(s, (host, agent.snmp_port)) == (host, agent.snmp_port)
    with client(socket.AF_INET6) as s:
        assert asks(s, ("::1", agent.snmp_port)) == ("::1", agent.snmp_port)


IN_NAMESPACE = """
set -e
ip link set lo up
ip address add 192.0.2.7/32 dev lo
ip address add 198.51.100.7/32 dev lo
ip address add 2001:db8::7/128 dev lo nodad
ip address add 2001:db8::8/128 dev lo nodad
exec "$@"
"""


class SeveralNetworks(Agent):
    """In a network namespace of its own with several addresses. For root."""

    def command(self):
        return ["unshare", "--net", "sh", "-c", IN_NAMESPACE, "sh", *super().command()]


CLIENT = """
import socket, sys
for word in sys.argv[3:]:
    family = socket.AF_INET6 if ":" in word else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(float(sys.argv[2]))
        s.sendto(bytes.fromhex(sys.argv[1]), (word, PORT))
        print(s.recvfrom(65536)[1][0])
"""


@pytest.mark.skipif(os.getuid() != 0, reason="a network namespace is for root")
def test_answers_leave_from_the_asked_one_of_several_networks(new_agent):
    agent = bound(new_agent, "'*'", SeveralNetworks)
    hosts = ["192.0.2.7", "198.51.100.7", "2001:db8::7", "2001:db8::8", "127.0.0.5"]
    code = CLIENT.replace("PORT", str(agent.snmp_port))
    out = subprocess.run(["nsenter", "--net", "--target", str(agent.pid), "python3", "-c", code,
                          request().hex(), str(5 * SLOW), *hosts],
                         capture_output=True, text=True, check=False)
    assert out.stdout.split() == hosts, out.stderr


class HostsDenied(Agent):
    """Whose /etc/hosts.deny refuses all clients. For root."""

    def command(self):
        etc = self.folder / "etc"
        if not etc.exists():
            shutil.copytree("/etc", etc, symlinks=True)
            (etc / "hosts.deny").write_text("ALL: ALL\n")
            (etc / "hosts.allow").write_text("")
        inside = f'mount --bind "{etc}" /etc && exec "$@"'
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", inside, "sh",
                *super().command()]


@pytest.mark.skipif(os.getuid() != 0, reason="a mount namespace is for root")
def test_hosts_deny_does_not_silence_it(new_agent):
    agent = new_agent(HostsDenied).start()
    assert agent.snmpget("cbmcFanId.1") == "fan1"
    assert agent.snmpget("cbmcFanId.1", auth=[
        "-v3", "-l", "authPriv", "-u", "noc", "-a", "SHA-256", "-A", agent.passphrase,
        "-x", "AES-256", "-X", agent.passphrase]) == "fan1"


# Message types that no manager sends to an agent, and what is no message at all.
MALFORMED = [request(kind) for kind in (0xa2, 0xa4, 0xa6, 0xa7, 0xa8, 0xa9, 0xbf, 0x30)] + [
    b"", b"\x30", b"\x30\x84\xff\xff\xff\xff", request()[:20], b"GET / HTTP/1.1\r\n\r\n",
    request().replace(b"public", b"%s%n%d"), b"\x30\x03\x02\x01\x07", bytes(60)]


def test_ten_thousand_malformed_messages_are_few_lines_in_the_log(agent):
    before = agent.log_text().count("\n")
    with client() as s:
        for i in range(10000):
            s.sendto(MALFORMED[i % len(MALFORMED)], ("127.0.0.1", agent.snmp_port))
        s.sendto(request(), ("127.0.0.1", agent.snmp_port))
    assert agent.snmpget("cbmcFanId.1") == "fan1"
    assert agent.log_text().count("\n") - before < 60


@pytest.mark.skipif(os.getuid() != 0, reason="a raw socket is for root")
def test_an_answer_that_cannot_be_sent_is_said_and_holds_up_no_other(agent):
    from_nowhere = (0).to_bytes(2, "big") + agent.snmp_port.to_bytes(2, "big")
    numbers = range(0x01000000, 0x0100001e)
    before = len(agent.log_text())
    with client() as s, socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
        s.connect(("127.0.0.1", agent.snmp_port))
        for number in numbers:
            data = request(number=number)
            s.send(data)
            raw.sendto(from_nowhere + (8 + len(data)).to_bytes(2, "big") + b"\0\0" + data,
                       ("127.0.0.1", 0))
        answers = [s.recv(65536) for _ in numbers]
    assert all(n.to_bytes(4, "big") in a for n, a in zip(numbers, answers))
    eventually(lambda: "an answer can't be sent: Invalid argument" in agent.log_text()[before:], 5)


def holds_a_megabyte(agent):
    return "has a receive buffer of" not in agent.log_text()


def test_burst_waits_in_the_receive_buffer(new_agent):
    """3000 requests while the agent can't run take 2 MB of the kernel's memory."""
    agent = new_agent().start()
    if not holds_a_megabyte(agent):  # not root, and a system with a low limit: it says so
        assert re.search(r"receive buffer of \d+ KiB only", agent.log_text())
        return
    lost = re.compile(r"snmp: (\d+) requests were dropped")
    with client() as s:
        os.kill(agent.pid, signal.SIGSTOP)
        try:
            for i in range(3000):
                s.sendto(request(number=i), ("127.0.0.1", agent.snmp_port))
        finally:
            os.kill(agent.pid, signal.SIGCONT)
        assert s.recv(65536)
        time.sleep(1.2)  # it counts each second
        assert agent.snmpget("cbmcFanId.1") == "fan1"
        assert not lost.search(agent.log_text())
        os.kill(agent.pid, signal.SIGSTOP)
        try:
            for i in range(20000):
                s.sendto(request(number=i), ("127.0.0.1", agent.snmp_port))
        finally:
            os.kill(agent.pid, signal.SIGCONT)
        found = eventually(lambda: lost.search(agent.log_text()), 10)
        assert 1000 < int(found[1]) < 20000

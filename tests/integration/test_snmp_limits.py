# SPDX-License-Identifier: Apache-2.0
"""What a forged source can have the SNMP agent send, and that real managers get on."""
import contextlib
import socket
import threading
import time

import pytest

from harness import PASSPHRASE, SLOW, SnmpError, eventually

# 127.0.0.2 is the manager's own network, all other sources have a budget.
LIMITS = "exempt: [ 127.0.0.2/32 ]\n  source_rate: {rate}\n  source_burst: {burst}"


def ber(tag, *parts):
    body = b"".join(parts)
    assert len(body) < 128
    return bytes([tag, len(body)]) + body


def getbulk(community=b"public", version=1, repetitions=255):
    """35 bytes: GETBULK of iso.3.6."""
    name = ber(0x30, ber(0x06, b"\x2b\x06"), b"\x05\x00")
    pdu = ber(0xa5, b"\x02\x01\x01\x02\x01\x00", ber(2, repetitions.to_bytes(2, "big")),
              ber(0x30, name))
    return ber(0x30, bytes([2, 1, version]), ber(4, community), pdu)


class Source:
    """A sender at an address of loopback."""

    def __init__(self, agent, address):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.socket.connect(("127.0.0.1", agent.snmp_port))
        self.socket.settimeout(0.2 * SLOW)

    def answer(self, request):
        """Bytes that came back, 0 for none."""
        self.socket.send(request)
        try:
            return len(self.socket.recv(65536))
        except socket.timeout:
            return 0


def limited(new_agent, rate, burst):
    return new_agent(env={"CLUSTERBMC_SNMP": LIMITS.format(rate=rate, burst=burst)}).start()


def test_forged_source_gets_three_times_what_it_sent_once_its_budget_is_used(new_agent):
    agent = limited(new_agent, 1, 20000)
    request = getbulk()
    source = Source(agent, "127.0.0.1")
    sizes = [source.answer(request) for _ in range(100)]
    assert len(request) == 35 and max(sizes) > 1400
    long = [n for n in sizes if n > 3 * len(request)]
    assert 10000 < sum(long) <= 20000
    rest = sizes[20:]
    assert max(rest) <= 3 * len(request)
    assert [n for n in rest if n], "not even a short answer"
    # another source and the managers' network have what is theirs
    assert Source(agent, "127.0.0.3").answer(request) > 1400
    exempt = Source(agent, "127.0.0.2")
    assert all(exempt.answer(request) > 1400 for _ in range(50))
    # a walk still gets on, one object at a time
    assert len(agent.snmpbulkwalk("cbmcBoardModel")) == 73
    assert len(agent.snmpwalk("cbmcBoardPowerState")) == 73
    # and v3, which can't be forged, at full speed
    user = ["-v3", "-l", "authPriv", "-u", "noc", "-a", "SHA-256", "-A", PASSPHRASE, "-x",
            "AES-256", "-X", PASSPHRASE]
    assert len(agent.snmpbulkwalk("cbmcBoardModel", auth=user)) == 73


def test_what_is_left_of_the_budget_cuts_getbulk_and_does_not_silence_it(new_agent):
    agent = limited(new_agent, 1, 4000)
    source = Source(agent, "127.0.0.1")
    first, second = (source.answer(getbulk()) for _ in range(2))
    assert 3900 < first <= 4000, "cut at the budget"
    assert 0 < second <= 3 * len(getbulk()), "one repetition"


V3 = ["-v3", "-l", "authPriv", "-u", "noc", "-a", "SHA-256", "-A", PASSPHRASE, "-x", "AES-256",
      "-X", PASSPHRASE]


@pytest.mark.parametrize("size", [484, 1472])
@pytest.mark.parametrize("tool", ["snmpget", "snmpgetnext"])
def test_v3_request_of_many_names_is_whole_or_too_big(agent, tool, size):
    """A client that takes `size` octets, from one name to more than it takes."""
    answers = []
    for n in range(1, (size - 140) // 16, size // 400):
        names = [".1.3.6.1.2.1.1.1.0" if tool == "snmpget" else ".1.3.6.1.2.1.1.1"] * n
        try:
            out = agent.snmp(tool, "-Oqv", f"--sendMessageMaxSize={size}", names, auth=V3,
                             timeout=5, mibs=False)
            assert out.count("\n") == n
            answers.append("whole")
        except SnmpError as e:
            assert "(tooBig)" in str(e)
            assert "Failed object" not in str(e)
            answers.append("too big")
    assert answers[:2] == ["whole"] * 2 and answers[-1] == "too big"
    assert answers == sorted(answers, reverse=True)


def test_default_budget_takes_the_whole_tree_several_times(new_agent):
    agent = new_agent(env={"CLUSTERBMC_SNMP": "exempt: []"}).start()
    for _ in range(3):
        # the test's own deadline: one repetition at a time would be thousands of requests
        lines = agent.snmp("snmpbulkwalk", "-Oqn", "-Cr50", [".1.3.6.1"], mibs=False)
        assert lines.count("\n") > 3000
    assert "left out" not in agent.log_text()


def test_wrong_digests_of_a_source_are_slowed_down(new_agent):
    agent = limited(new_agent, 65536, 1048576)

    def user(password):
        return ["-v3", "-l", "authPriv", "-u", "noc", "-a", "SHA-256", "-A", password, "-x",
                "AES-256", "-X", PASSPHRASE]

    def address(n):
        return ["--clientaddr=127.0.0.%d" % n]
    # this manager has authenticated before; that one has not
    assert agent.snmpget("cbmcBoardId.1.1", auth=user(PASSPHRASE) + address(4))
    packet = wrong_digest(agent)
    for n in (4, 5):
        source = Source(agent, f"127.0.0.{n}")
        answers = [source.answer(packet) for _ in range(150)]
        assert answers[0] > 0, "no report at all"
        assert 90 <= sum(map(bool, answers)) < 150
    assert agent.snmpget("cbmcBoardId.1.1", auth=user(PASSPHRASE) + address(4))
    assert agent.snmpget("cbmcBoardId.1.1", auth=user(PASSPHRASE) + address(6))
    with flood(agent, "127.0.0.5", packet):
        with pytest.raises(SnmpError, match="Timeout"):
            agent.snmpget("cbmcBoardId.1.1", auth=user(PASSPHRASE) + address(5), timeout=0.3)
        assert agent.snmpget("cbmcBoardId.1.1", auth=user(PASSPHRASE) + address(6))

    def heard():
        try:
            return agent.snmpget("cbmcBoardId.1.1", auth=user(PASSPHRASE) + address(5), timeout=1)
        except SnmpError:
            return False
    eventually(heard, 20)


@contextlib.contextmanager
def flood(agent, address, packet):
    """A thousand packets a second, for a minute at most."""
    source, end = Source(agent, address), threading.Event()

    def send():
        for _ in range(60000):
            if end.wait(0.001):
                return
            with contextlib.suppress(OSError):
                source.socket.send(packet)
    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    time.sleep(0.5)
    yield
    end.set()
    thread.join()


def wrong_digest(agent):
    """A v3 request of user noc with the engine's own id and time, and a digest of zeros."""
    ident = bytes.fromhex(agent.snmp("snmpget", "-Oqvx", [".1.3.6.1.6.3.10.2.1.1.0"], mibs=False)
                          .replace('"', "").replace(" ", "").strip())
    usm = ber(0x30, ber(4, ident), b"\x02\x01\x01\x02\x01\x01", ber(4, b"noc"), ber(4, bytes(24)),
              ber(4, bytes(8)))
    header = ber(0x30, b"\x02\x01\x07", ber(2, b"\x00\xff\xff"), ber(4, b"\x07"), b"\x02\x01\x03")
    body = b"\x02\x01\x03" + header + ber(4, usm) + ber(4, bytes(16))
    return b"\x30\x81" + bytes([len(body)]) + body

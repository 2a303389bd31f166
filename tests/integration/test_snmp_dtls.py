# SPDX-License-Identifier: Apache-2.0
"""SNMP over DTLS (RFC 6353), with net-snmp's own client and with datagrams that no client
would send."""
import contextlib
import os
import random
import re
import select
from concurrent.futures import ThreadPoolExecutor

import pytest

from dtls_client import DTLS_1_0, DTLS_1_2, DtlsClient
from harness import SLOW, eventually
from load import memory
from test_snmp_tls import Secured, message, shows_reload


class OverDatagrams(Secured):
    """An agent that is also reached over DTLS."""
    transport = "dtlsudp"

    def __init__(self, **kw):
        super().__init__(**kw)
        self.more = {"dtls": True}

    def dtls(self, who="reader", version=DTLS_1_2, **kw):
        identity = str(self.clients / "tls/{}" / who) if who else None
        return DtlsClient(self.tls_port, identity, version, **kw)

    def opened(self, who="reader"):
        c = self.dtls(who)
        assert c.shake(), self.log_text()
        return c


@pytest.fixture
def secured(new_agent):
    return new_agent(OverDatagrams).start_tls()


def answered(client, get):
    return b"\xa2" in (client.ask(get) or b"")


def datagrams(client, seconds=1):
    """What comes until nothing has come for a while."""
    got = []
    while select.select([client.socket], [], [], seconds * SLOW)[0]:
        got.append(client.socket.recv(65536))
    return got


def test_it_is_off_by_default(new_agent):
    agent = new_agent(OverDatagrams)
    agent.more = {}
    agent.start_tls()
    with agent.dtls() as c:
        c.socket.settimeout(1)
        assert not c.shake()


def test_only_known_certificates_are_taken(secured):
    get = message(secured.engine_id())
    with secured.dtls() as c:
        assert c.shake()
        assert answered(c, get) and answered(c, get)
    for who in ("unknown", None):
        with secured.dtls(who) as c:
            assert not (c.shake() and answered(c, get)), who
    with secured.dtls(version=DTLS_1_0) as c:
        assert not c.shake(), "DTLS 1.0 is off by default"


@pytest.fixture
def old(new_agent):
    agent = new_agent(OverDatagrams)
    agent.more["min_version"] = "tls1.0"  # net-snmp's clients speak no newer one
    return agent.start_tls()


def test_reads_by_net_snmps_client_are_those_over_udp(old):
    assert old.tls("snmpget", "cbmcBoardId.1.1", who="reader").strip('"\n') == "sub1-01"
    over_udp = old.snmpwalk("cbmcFanId", options="-OqsU")
    for tool in ("snmpwalk", "snmpbulkwalk"):
        lines = old.tls(tool, "cbmcFanId", who="reader").splitlines()
        assert len(lines) == len(over_udp) == 10


def test_a_set_is_its_clients_and_a_readers_is_refused(old):
    words = ("cbmcFanMode.3", "i", "manual")
    refused = old.tls("snmpset", *words, who="reader", check=False)
    assert refused.returncode != 0 and "noAccess" in refused.stderr, refused
    assert old.tls("snmpset", *words, who="operator").strip() == "manual"
    assert eventually(lambda: old.snmpget("cbmcFanMode.3") == "manual", 20)
    audit = str(old.json("Managers/bmc/LogServices/Audit/Entries"))
    assert "operator" in audit and "127.0.0.1" in audit


@pytest.mark.threads
@pytest.mark.address
def test_a_reload_takes_clients_away(old):
    shows_reload(old)


# ---- before a client has shown its address ----

def first_hello(client):
    client.step()
    hello, = client.flight()
    return hello


def test_what_is_no_client_hello_gets_no_answer(secured):
    with secured.dtls() as c:
        hello = first_hello(c)
        other = bytearray(hello)
        other[4] = 1  # an epoch that has not begun
        part = bytearray(hello)
        part[22:25] = (int.from_bytes(hello[14:17], "big") - 1).to_bytes(3, "big")
        begun = bytearray(hello)
        begun[21] = 1  # a fragment from the second octet on
        bad = [hello[:n] for n in range(len(hello))] + [other, part, begun]
        bad += [b"\x16\xfe\xff" + bytes(n) for n in range(64)] + [os.urandom(200)]
        for data in bad:
            c.socket.send(data)
        assert datagrams(c) == []
        c.socket.send(hello)
        answer, = datagrams(c)
        assert answer[13] == 3 and len(answer) < 67  # a HelloVerifyRequest; shorter than any hello


def test_a_cookie_is_its_sources(secured):
    with secured.dtls() as c, secured.dtls() as other:
        with_cookie, = c.hello()
        other.socket.send(with_cookie)
        answer, = datagrams(other)
        assert answer[13] == 3, "another cookie"
        c.socket.send(with_cookie)
        assert datagrams(c)[0][13] == 2, "a ServerHello"


def test_a_flood_of_hellos_leaves_nothing(secured):
    get = message(secured.engine_id())
    with secured.opened() as served, secured.dtls() as c:
        hello = bytearray(first_hello(c))
        def flood(n):
            for i in range(n):
                hello[27:31] = i.to_bytes(4, "big")
                c.socket.send(hello)
                if i % 100 == 0:
                    while select.select([c.socket], [], [], 0)[0]:
                        c.socket.recv(65536)
        flood(2000)
        before = memory(secured.process.pid).own
        flood(20000)
        eventually(lambda: answered(served, get))  # the flood may have taken its place
        assert memory(secured.process.pid).own - before < 2 << 20
        assert secured.snmpget("cbmcBoardId.1.1") == "sub1-01"


def test_four_handshakes_of_an_address_at_a_time(secured):
    with contextlib.ExitStack() as stack:
        def begins(source):
            c = stack.enter_context(secured.dtls(source=source))
            c.socket.send(c.hello()[0])
            return bool(select.select([c.socket], [], [], 0.5 * SLOW)[0])
        assert [begins("127.0.0.1") for _ in range(5)] == [True] * 4 + [False]
        others = [begins(f"127.0.0.{2 + i // 4}") for i in range(12)]
        assert others == [True] * 12
        assert not begins("127.0.0.9"), "16 of all addresses"
        assert eventually(lambda: begins("127.0.0.9"), 15), "they end after ten seconds"


# ---- handshakes over a network that loses datagrams ----

def test_a_handshake_that_loses_any_one_datagram(secured):
    get = message(secured.engine_id())

    def shakes(lost):
        with secured.dtls(source=f"127.0.0.{lost + 2}") as c:
            n = c.shake_losing(lost)
            return n if n and answered(c, get) else 0

    whole = shakes(99)
    assert 8 < whole < 30
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(shakes, range(whole - 1)))
    assert all(counts), (counts, secured.log_text())


def test_the_agent_sends_again_on_its_own(secured):
    with secured.dtls() as c:
        c.send(c.hello())
        first = datagrams(c, 0.3)
        again = datagrams(c, 1.2)
        assert [d[13] for d in again[:len(first)]] == [d[13] for d in first]


def test_a_client_that_begins_again_from_its_port(secured):
    get = message(secured.engine_id())
    with secured.opened() as c:
        for _ in range(3):
            c.begin()
            assert c.shake() and answered(c, get)
        c.begin()
        c.send(c.hello())  # given up half way
        c.begin()
        while select.select([c.socket], [], [], 0.3)[0]:
            c.socket.recv(65536)
        assert c.shake() and answered(c, get)


# ---- sessions ----

def test_a_record_acts_once(secured):
    get = message(secured.engine_id())
    with secured.opened() as c:
        request = c.write(get)
        c.send(request * 5)
        assert len(datagrams(c)) == 1
        hellos = [d for d in c.sent if d[0] == 22]
        for d in hellos:  # a new session does not come of it, nor does the old one end
            c.socket.send(d)
        assert datagrams(c) == []
        assert answered(c, get)


def test_records_that_are_changed_are_dropped(secured):
    get = message(secured.engine_id())
    rng = random.Random(6353)
    with secured.opened() as c:
        request, = c.write(get)
        for n in range(len(request)):
            c.socket.send(request[:n])
            if n == len(request) - 13:  # the length that it has
                continue
            c.socket.send(request[:11] + n.to_bytes(2, "big") + request[13:])  # its length
            c.socket.send(request[:11] + n.to_bytes(2, "big") + request[13:13 + n])
        for i in range(2000):
            other = bytearray(request)
            for _ in range(rng.randint(1, 4)):
                other[rng.randrange(len(other) if i % 2 else 13)] ^= 1 << rng.randrange(8)
            if other != request:
                c.socket.send(other)
        assert all(d[0] != 23 for d in datagrams(c))
        c.send([request])
        assert b"\xa2" in c.read()


def test_handshakes_that_are_changed_end_nothing_else(secured):
    """Every datagram of a handshake with some octets changed, from ports of their own."""
    get = message(secured.engine_id())
    rng = random.Random(6347)
    with secured.opened() as served:
        for _ in range(60):
            with secured.dtls(source=f"127.0.0.{rng.randint(2, 200)}") as c:
                c.socket.settimeout(0.2)
                send = c.socket.send
                with contextlib.suppress(OSError):
                    c.send(c.hello())
                    flight = []
                    while not c.step():
                        c.session.bio_write(c.socket.recv(65536))
                        flight += c.flight()
                        for d in flight:
                            other = bytearray(d)
                            for _ in range(rng.randint(0, 3)):
                                other[rng.randrange(len(other))] = rng.randrange(256)
                            send(other[:rng.randint(len(other) // 2, len(other))])
        assert answered(served, get)


def test_eight_sessions_of_a_client(secured):
    get = message(secured.engine_id())
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(secured.opened()) for _ in range(8)]
        assert all(answered(c, get) for c in clients)
        operator = stack.enter_context(secured.opened("operator"))
        assert answered(clients[0], get)  # so the second is the one not used for longest
        clients.append(stack.enter_context(secured.opened()))
        assert clients[1].read() is None, "its session has ended, and it is told"
        del clients[1]
        assert all(answered(c, get) for c in [*clients, operator])


def test_the_end_of_a_session_is_told(secured):
    get = message(secured.engine_id())
    with secured.opened() as c:
        assert answered(c, get)
        c.session.shutdown()
        c.send(c.flight())
        assert c.read() is None
    with secured.opened() as c:
        assert answered(c, get)
        secured.stop()
        assert c.read() is None


def test_what_is_not_tsm_ends_the_session(secured):
    engine = secured.engine_id()
    get = message(engine)
    for data in (message(engine, model=3), message(engine, version=1), b"GET / HTTP/1.1\r\n\r\n",
                 b"\x30\x80", get[:-1], get + b"\0", get + get):
        with secured.opened() as c:
            assert c.ask(data) is None, data
    with secured.opened() as c:
        assert answered(c, get)


def test_messages_up_to_a_record(secured):
    engine = secured.engine_id()
    with secured.opened() as c:
        fits = 16384 - len(message(engine, pad=16000)) + 16000
        assert len(message(engine, pad=fits)) == 16384
        assert answered(c, message(engine, pad=fits))
        c.send(c.write(message(engine, bulk=2000)))
        datagram = c.socket.recv(65536)
        assert 14000 < len(datagram) <= 16384
        c.session.bio_write(datagram)
        assert b"\xa2" in c.session.recv(65536)


def test_answers_as_long_as_max_message(new_agent):
    agent = new_agent(OverDatagrams)
    agent.start()
    agent.stop()
    agent.start_daemon(lambda text: re.sub("(?m)^snmp:$", "snmp:\n  max_message: 1472",
                                           agent.with_tls(text)))
    with agent.opened() as c:
        c.send(c.write(message(agent.engine_id(), bulk=2000)))
        datagram = c.socket.recv(65536)
        assert 1300 < len(datagram) <= 1472
        c.session.bio_write(datagram)
        assert b"\xa2" in c.session.recv(65536)


def test_answers_come_from_the_address_that_was_asked(new_agent):
    agent = new_agent(OverDatagrams)
    agent.bind = ["*"]
    agent.start_tls()
    get = message(agent.engine_id())
    for host in ("127.0.0.1", "127.0.0.7", "::1"):
        with agent.dtls(host=host) as c:
            assert c.shake() and answered(c, get), host

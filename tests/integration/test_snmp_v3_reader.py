# SPDX-License-Identifier: Apache-2.0
"""SNMPv3 by the agent's read engine and by net-snmp: what they decrypt to is the same, byte by byte.

A message whose outer length has more octets than it needs is BER, but not what any client sends: the
read engine leaves it to net-snmp. So one agent answers each request in both ways; which way it was
is seen by the salts, of which each has numbers of its own."""
import os
import random
import signal

import pytest

from harness import PASSPHRASE, eventually
from snmp_packets import BULK, GET, NEXT, ber, dotted, pdu
from usm_packets import Both, UsmUser, parts

OTHER = "another-Phrase-9"
COLUMNS = "cbmcBoardTable", "cbmcSensorTable", "cbmcFanTable"


@pytest.fixture
def both(agent):
    with UsmUser(agent) as user:
        yield Both(user)


def some_names(agent):
    """Objects, some cut short, some of the neighbours, some of nowhere."""
    names = []
    for table in COLUMNS:
        names += agent.snmp("snmpwalk", "-OqnU", [table]).split("\n")[:-1]
    names = [tuple(map(int, line.split()[0].strip(".").split("."))) for line in names]
    pick = random.Random(1)
    out = []
    for _ in range(400):
        name = list(pick.choice(names))
        change = pick.randrange(5)
        if change == 1:
            name = name[:pick.randrange(10, len(name))]
        elif change == 2:
            name[pick.randrange(10, len(name))] = pick.choice([0, 1, 127, 128, 70000, 4294967295])
        elif change == 3:
            name.append(pick.randrange(3))
        out.append(dotted(name))
    return out


def test_answers_are_those_of_net_snmp(agent, both):
    with agent.pinned():
        names = some_names(agent)
        pick = random.Random(2)
        for i in range(400):
            kind = (GET, NEXT, BULK)[i % 3]
            some = pick.sample(names, pick.choice([1, 1, 1, 2, 5, 20]))
            counts = (pick.choice([0, 0, 1, 3]), pick.choice([0, 1, 5, 25, 50])) if kind == BULK else ()
            both.ask(kind, some, *counts, max_size=pick.choice([484, 600, 1472, 65507]))
    both.assert_two_ways()


@pytest.mark.parametrize("size", [484, 485, 515, 700, 1472, 5000])
def test_bulk_is_cut_to_the_size_that_the_manager_takes(agent, both, size):
    name = agent.oid("cbmcBoardId", "0")
    with agent.pinned():
        for repetitions in (1, 10, 50, 200):
            got = both.ask(BULK, [name], 0, repetitions, max_size=size)
            assert got.answer.status == 0 and 1 <= len(got.answer.varbinds) <= repetitions
            assert len(got.data) <= size
        # one more would not have fitted: each has some 20 octets
        assert len(got.data) > size - 60 or len(got.answer.varbinds) == 200
    both.assert_two_ways()


@pytest.mark.parametrize("level", ["authNoPriv", "authPriv"])
def test_level_is_the_users_own(new_agent, level):
    """noc encrypts, so without encryption it reads nothing (by either way); a user without
    encryption reads in the clear."""
    agent = new_agent().start()
    agent.stop()
    agent.start_daemon(lambda text: text.replace("  users:\n", "  users:\n    - { name: clear, priv: none, "
                                                 f"auth_passphrase: {PASSPHRASE} }}\n"))
    name = agent.oid("cbmcBoardId", "1.1")
    for who in ("clear", "noc"):
        with UsmUser(agent, who) as user:
            got = Both(user).ask(GET, [name], level=level) if (who, level) != ("clear", "authPriv") else None
        if got and (who == "clear") == (level == "authNoPriv"):
            assert got.answer.varbinds[0][2] == b"sub1-01"
        elif got:
            assert got.answer.status == 16


def test_mutated_requests_have_one_outcome(agent, both):
    """Signed and encrypted as it should be, but with a few octets of the scoped PDU changed."""
    user, pick = both.user, random.Random(3)
    name = agent.oid("cbmcBoardId", "1.1")
    with agent.pinned():
        for i in range(300):
            body = bytearray(ber(0x30, ber(4, user.engine), ber(4, b""), pdu(
                (GET, NEXT, BULK)[i % 3], 77, [name] * pick.randrange(1, 4), 0, 2)))
            for _ in range(pick.randrange(1, 4)):
                body[pick.randrange(len(body))] = pick.randrange(256)
            outcomes = [outcome(user, bytes(body), way) for way in (False, True)]
            assert outcomes[0] == outcomes[1], body.hex()


def outcome(user, scoped, long_form):
    """What is answered, or None: another request behind it is answered first."""
    user.number = 100
    user.socket.send(user.message(b"", scoped=scoped, long_form=long_form))
    probe = user.message(pdu(GET, 4242, ["1.3.6.1.2.1.1.5.0"]), long_form=True)
    got = user.exchange(probe)
    if got.answer.number == 4242:
        return None
    after = user.receive()
    assert after.answer.number == 4242
    if got.report:
        return got.report, got.flags, got.context_engine, got.context
    return parts(got)


def test_keys_change_with_a_reload_and_v3_can_be_switched_off(new_agent):
    agent = new_agent().start()
    name = agent.oid("cbmcBoardId", "1.1")
    config = agent.state / "clusterbmcd.yaml"
    with UsmUser(agent) as user:
        assert user.ask(GET, [name]).answer.varbinds[0][2] == b"sub1-01"
        config.write_text(config.read_text().replace(PASSPHRASE, OTHER, 2))
        os.kill(agent.pid, signal.SIGHUP)
        eventually(lambda: user.ask(GET, [name]).report)
    with UsmUser(agent, passphrase=OTHER) as user:
        assert user.ask(GET, [name]).answer.varbinds[0][2] == b"sub1-01"
        where = "Managers/bmc/NetworkProtocol"
        assert agent.patch(where, {"SNMP": {"EnableSNMPv3": False}}).ok
        eventually(lambda: user.silent(user.message(pdu(GET, 1, [name]))))
        assert agent.patch(where, {"SNMP": {"EnableSNMPv3": True}}).ok
        eventually(lambda: not user.silent(user.message(pdu(GET, 1, [name]))))

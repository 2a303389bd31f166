# SPDX-License-Identifier: Apache-2.0
"""Receivers of SNMP notifications as subscriptions: added and removed while running, kept over
a restart; those of the configuration are shown and can't be changed."""
import pytest

from harness import TrapReceiver, eventually
from test_events import SUBSCRIPTIONS, submit, subscribed

pytestmark = [pytest.mark.coverage]

COLD_START = "snmpModules.1.1.5.1"
PASS, OTHER = "subscriber-Pass-1", "subscriber-Pass-2"


@pytest.fixture
def receiver():
    one = []

    def make(users="", port=None):
        one.append(TrapReceiver(users, port))
        return one[-1]
    yield make
    for r in one:
        r.stop()


def engine_of(agent):
    hexadecimal = agent.snmp("snmpget", "-Oqvx", [".1.3.6.1.6.3.10.2.1.1.0"], mibs=False)
    return "".join(hexadecimal.strip('"\n').split())


def v2c(port, **more):
    return f"snmp://127.0.0.1:{port}", {"Protocol": "SNMPv2c", "SNMP": {"TrapCommunity": "traps-9"},
                                        **more}


def v3(port, name="subscriber", **more):
    keys = {"AuthenticationProtocol": "HMAC192_SHA256", "AuthenticationKey": PASS,
            "EncryptionProtocol": "CFB128_AES256", "EncryptionKey": f"Passphrase:{OTHER}"}
    return f"snmp://{name}@127.0.0.1:{port}", {"Protocol": "SNMPv3", "SNMP": keys, **more}


def test_traps_go_to_a_subscribed_receiver_until_it_is_removed(agent, receiver):
    it = receiver()
    url, more = v2c(it.port)
    with subscribed(agent, url, **more) as where:
        body = agent.json(where)
        assert body["SubscriptionType"] == "SNMPTrap" and body["Protocol"] == "SNMPv2c"
        assert body["SNMP"]["TrapCommunity"] is None
        assert "traps-9" not in agent.get(where).text
        submit(agent, "to a trap receiver")
        it.wait("cbmcTestEvent", "to a trap receiver")
    submit(agent, "when it is gone")
    agent.trap.wait("when it is gone")
    assert not [t for t in it.traps() if "when it is gone" in t]
    assert "traps-9" not in agent.log_text()


@pytest.mark.parametrize("kind", ["SNMPTrap", "SNMPInform"])
def test_a_subscriber_has_a_user_of_its_own(agent, receiver, kind):
    which = f"-e 0x{engine_of(agent)} " if kind == "SNMPTrap" else ""
    it = receiver(f"createUser {which}subscriber SHA-256 {PASS} AES-256 {OTHER}\n"
                  "authUser log subscriber priv\n")
    url, more = v3(it.port, SubscriptionType=kind)
    with subscribed(agent, url, **more) as where:
        shown = agent.json(where)["SNMP"]
        assert shown["AuthenticationKey"] is None and shown["AuthenticationKeySet"] is True
        assert shown["EncryptionProtocol"] == "CFB128_AES256"
        assert PASS not in agent.get(where).text
        submit(agent, f"signed {kind}")
        it.wait(f"signed {kind}")
    assert PASS not in agent.log_text() and OTHER not in agent.log_text()


def test_the_users_of_subscribers_read_nothing(agent):
    url, more = v3(9)
    who = ["-v3", "-l", "authPriv", "-u", "subscriber", "-a", "SHA-256", "-A", PASS,
           "-x", "AES-256", "-X", OTHER]
    with subscribed(agent, url, **more):
        eventually(lambda: "authorizationError" in refused(agent, who) or
                   "No more variables" in refused(agent, who), 10)


def refused(agent, who):
    try:
        return agent.snmp("snmpwalk", "-On", [".1.3.6.1.2.1.1"], auth=who, timeout=2)
    except Exception as e:
        return str(e)


def test_those_of_the_configuration_are_shown_and_stay(agent):
    ids = [i for i in agent.members(SUBSCRIPTIONS) if i.startswith("snmp")]
    assert ids == ["snmp1"]
    where = f"{SUBSCRIPTIONS}/snmp1"
    body = agent.json(where)
    assert body["Destination"].endswith(f"127.0.0.1:{agent.trap.port}")
    for r in (agent.delete(where), agent.patch(where, {"Context": "x"}),
              agent.post(f"{where}/Actions/EventDestination.SuspendSubscription", {})):
        assert 400 <= r.status_code < 500, r.text
    assert agent.json(where) == body


@pytest.mark.parametrize("destination,more", [
    ("snmp://127.0.0.1:0", {}), ("snmp://127.0.0.1:65536", {}), ("snmp://", {}),
    ("snmp://user@127.0.0.1", {}), ("snmp://127.0.0.1/x", {}), ("http://127.0.0.1", {}),
    ("snmp://[::1", {}), ("snmp://127.0.0.1", {"SNMP": {}}),
    ("snmp://127.0.0.1", {"SNMP": {"TrapCommunity": "x" * 65}}),
    ("snmp://127.0.0.1", {"SNMP": {"TrapCommunity": "a", "Other": 1}}),
    ("snmp://127.0.0.1", {"MessageIds": ["a"]}),
    ("snmp://127.0.0.1", {"SubscriptionType": "RedfishEvent"}),
])
def test_what_is_no_receiver_is_refused(agent, destination, more):
    r = agent.post(SUBSCRIPTIONS, {"Destination": destination, "Protocol": "SNMPv2c",
                                   "SNMP": {"TrapCommunity": "a"}, **more})
    assert r.status_code == 400, r.text


@pytest.mark.parametrize("keys", [
    {"AuthenticationKey": "short"}, {"AuthenticationKey": "Hex:" + "0" * 64},
    {"AuthenticationProtocol": "HMAC_MD5"}, {"AuthenticationProtocol": "CommunityString"},
    {"AuthenticationProtocol": "None"}, {"EncryptionProtocol": "CBC_DES"},
    {"EncryptionKey": "x" * 129},
])
def test_bad_keys_are_refused_and_not_repeated(agent, keys):
    url, more = v3(9)
    more["SNMP"].update(keys)
    r = agent.post(SUBSCRIPTIONS, {"Destination": url, **more})
    assert r.status_code == 400
    assert PASS not in r.text and OTHER not in r.text


def test_receivers_outlive_a_restart(new_agent, receiver):
    it = receiver()
    agent = new_agent().start()
    url, more = v2c(it.port)
    with subscribed(agent, url, **more):
        agent.restart()
        submit(agent, "after the restart")
        it.wait("after the restart", seconds=10)


# ---- what a receiver gets that was away ----

def numbers_of(receiver, prefix):
    """The test events with this prefix that it has, in the order in which they came."""
    return [t.split(prefix, 1)[1].split('"')[0].split()[0].rstrip(",")
            for t in receiver.traps() if prefix in t]


def test_an_inform_receiver_that_was_down_over_kill9_gets_each_event_once(new_agent, receiver):
    it = receiver()
    agent = new_agent().start()
    url, more = v2c(it.port, SubscriptionType="SNMPInform")
    assert agent.post(SUBSCRIPTIONS, {"Destination": url, **more}).status_code == 201
    for word in ("away-a", "away-b"):
        submit(agent, word)
        it.wait(word)
    it.process.kill()
    it.process.wait(60)
    for i in range(1, 6):
        submit(agent, f"away-{i}")
    elsewhere, words = v2c(9)
    with subscribed(agent, elsewhere, **words):
        pass  # answered when it is stored, and so all events before it
    agent.kill9()
    agent.start()
    for i in range(6, 9):
        submit(agent, f"away-{i}")
    again = receiver(port=it.port)
    again.wait("away-8", seconds=60)
    assert COLD_START in again.traps()[0]
    assert sum(COLD_START in t for t in again.traps()) == 1
    got = numbers_of(again, "away-")
    # It got b when a was stored as confirmed; b was under way, if it died before its answer.
    assert "a" not in got
    assert [n for n in got if n != "b"] == [str(i) for i in range(1, 9)]

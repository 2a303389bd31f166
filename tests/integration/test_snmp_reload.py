# SPDX-License-Identifier: Apache-2.0
"""SIGHUP and SNMP: communities, users, views and receivers are taken over live; the rest of
the section says that it waits for a restart."""
import os
import re
import signal
import time

import pytest
import yaml

from harness import PASSPHRASE, SnmpError, TrapReceiver, eventually

pytestmark = [pytest.mark.coverage]

ENGINE_ID = ".1.3.6.1.6.3.10.2.1.1.0"
OTHER = "another-Passphrase-3"


def user(name, passphrase=PASSPHRASE):
    return ["-v3", "-l", "authPriv", "-u", name, "-a", "SHA-256", "-A", passphrase,
            "-x", "AES-256", "-X", passphrase]


class Config:
    """The agent's file; `change` is given its section snmp."""

    def __init__(self, agent):
        self.agent = agent
        self.path = agent.state / "clusterbmcd.yaml"

    def change(self, edit, expect="configuration taken over"):
        whole = yaml.safe_load(self.path.read_text())
        edit(whole["snmp"])
        before = len(self.ends())
        self.path.write_text(yaml.safe_dump(whole))
        os.kill(self.agent.pid, signal.SIGHUP)
        line = eventually(lambda: self.ends()[before:])[0]
        assert line.startswith(expect)
        return line

    def ends(self):
        """How each reload ended."""
        return re.findall("configuration (?:taken over|is unchanged).*", self.agent.log_text())


@pytest.fixture(scope="module")
def config(agent):
    return Config(agent)


def reads(agent, **kw):
    try:
        return agent.snmpget("cbmcBoardId.1.1", timeout=1, **kw) == "sub1-01"
    except SnmpError:
        return False


def writes(agent, community):
    try:
        agent.snmpset("cbmcBoardName.1.3", "s", community, community=community, timeout=1)
        return True
    except SnmpError:
        return False


def test_communities_come_change_and_go(agent, config):
    def add(snmp):
        snmp["communities"].append({"name": "fresh", "role": "Operator", "actor": "new"})
    config.change(add)
    eventually(lambda: reads(agent, community="fresh"))
    assert writes(agent, "fresh")
    config.change(lambda snmp: snmp["communities"][-1].update(role="ReadOnly"))
    eventually(lambda: not writes(agent, "fresh"))
    assert reads(agent, community="fresh")
    config.change(lambda snmp: snmp["communities"][-1].update(name="renamed"))
    eventually(lambda: reads(agent, community="renamed"))
    assert not reads(agent, community="fresh")
    config.change(lambda snmp: snmp["communities"].pop())
    eventually(lambda: not reads(agent, community="renamed"))
    assert reads(agent) and writes(agent, "private")


def test_a_community_can_be_held_to_a_view_at_once(agent, config):
    def narrow(snmp):
        snmp["views"] = [{"name": "system", "include": [".1.3.6.1.2.1.1"]}]
        snmp["communities"][0]["view"] = "system"
    config.change(narrow)
    eventually(lambda: not reads(agent))
    assert agent.snmp("snmpget", "-Oqv", [".1.3.6.1.2.1.1.3.0"], mibs=False)

    def widen(snmp):
        del snmp["views"], snmp["communities"][0]["view"]
    config.change(widen)
    eventually(lambda: reads(agent))


def test_users_come_change_and_go(agent, config):
    def add(snmp):
        snmp["users"].append({"name": "fresh", "auth_passphrase": PASSPHRASE,
                              "priv_passphrase": PASSPHRASE})
    config.change(add)
    eventually(lambda: reads(agent, auth=user("fresh")))
    config.change(lambda snmp: snmp["users"][-1].update(auth_passphrase=OTHER,
                                                         priv_passphrase=OTHER))
    eventually(lambda: reads(agent, auth=user("fresh", OTHER)))
    assert not reads(agent, auth=user("fresh"))
    assert reads(agent, auth=user("noc")), "another user lost its keys"
    config.change(lambda snmp: snmp["users"].pop())
    eventually(lambda: not reads(agent, auth=user("fresh", OTHER)))
    assert reads(agent, auth=user("noc"))


def sender_of(agent, passphrase, inform, port):
    """A receiver of what user `sender` sends with this passphrase. Of informs it is the
    authoritative engine itself, always the same one; of traps the agent is."""
    ident = agent.snmp("snmpget", "-Oqvx", [ENGINE_ID], mibs=False)
    engine = "" if inform else "-e 0x" + "".join(ident.strip('"\n').split())
    return TrapReceiver("exactEngineID 0x8000000005010203\n"
                        f'createUser {engine} sender SHA-256 "{passphrase}" AES-256 '
                        f'"{passphrase}"\nauthUser log sender priv\n', port)


def arrives(agent, receiver, name):
    """Until one of the events that are raised reaches the receiver."""
    tries = iter(range(1000))

    def once():
        agent.snmpset("cbmcBoardName.1.3", "s", f"{name}{next(tries)}", community="private")
        time.sleep(0.2)
        return any("SettingChanged" in trap for trap in receiver.traps())
    eventually(once)


@pytest.fixture
def restored(config):
    before = config.path.read_text()
    yield
    config.change(lambda snmp: snmp.clear() or snmp.update(yaml.safe_load(before)["snmp"]))


def v2c(receiver, inform):
    return {"host": "127.0.0.1", "port": receiver.port, "version": "v2c",
            "community": "public", "inform": inform}


def test_receivers_come_change_and_go(agent, config, restored):
    first, second = TrapReceiver(), TrapReceiver()
    try:
        config.change(lambda snmp: snmp.update(receivers=[v2c(first, False)]))
        arrives(agent, first, "first")
        config.change(lambda snmp: snmp.update(receivers=[v2c(first, False),
                                                          v2c(second, True)]))
        arrives(agent, second, "second")
        config.change(lambda snmp: snmp.update(receivers=[v2c(second, True)]))
        eventually(lambda: agent.snmpget("cbmcBoardId.1.1"))  # the next pass has been
        had = len(first.traps()), len(second.traps())
        agent.snmpset("cbmcBoardName.1.4", "s", "third", community="private")
        eventually(lambda: len(second.traps()) > had[1])
        assert len(first.traps()) == had[0]
    finally:
        first.stop()
        second.stop()


@pytest.mark.parametrize("inform", [False, True])
def test_notifications_are_sent_with_a_changed_passphrase(agent, config, restored, inform):
    receivers = []

    def change(passphrase):
        port = receivers[-1].port if receivers else None  # the same, so only keys change
        for old in receivers:
            old.stop()
        receivers.append(sender_of(agent, passphrase, inform, port))

        def edit(snmp):
            snmp["users"] = [u for u in snmp["users"] if u["name"] != "sender"]
            snmp["users"].append({"name": "sender", "auth_passphrase": passphrase,
                                  "priv_passphrase": passphrase})
            snmp["receivers"] = [{"host": "127.0.0.1", "port": receivers[-1].port,
                                  "user": "sender", "inform": inform}]
        config.change(edit)
        arrives(agent, receivers[-1], "sent")
        assert reads(agent, auth=user("sender", passphrase))
    try:
        change(PASSPHRASE)
        change(OTHER)
        assert not reads(agent, auth=user("sender"))
    finally:
        receivers[-1].stop()


def test_a_bad_section_changes_nothing(agent, config):
    before = config.path.read_text()

    def bad(snmp):
        snmp["communities"].append({"name": "fresh"})
        snmp["communities"].append({"name": "other", "view": "nowhere"})
    line = config.change(bad, expect="configuration is unchanged")
    assert "nowhere" in line
    assert not reads(agent, community="fresh") and reads(agent)
    config.path.write_text(before)


def test_what_waits_for_a_restart_says_so(agent, config, restored):
    config.change(lambda snmp: snmp.update(max_message=1400),
                  expect="configuration taken over, but for what waits")
    assert "configuration: snmp.max_message takes effect at the next start" in agent.log_text()

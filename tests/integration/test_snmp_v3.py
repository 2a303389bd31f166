# SPDX-License-Identifier: Apache-2.0
"""SNMPv3: users, roles, and an engine whose id and boots outlive kill -9."""
import re

import pytest

from harness import PASSPHRASE, PASSWORD, SnmpError, eventually

ENGINE_ID = ".1.3.6.1.6.3.10.2.1.1.0"
ENGINE_BOOTS = ".1.3.6.1.6.3.10.2.1.2.0"


def user(name, auth=PASSPHRASE, priv=PASSPHRASE, level="authPriv", hash_="SHA-256",
         cipher="AES-256"):
    return ["-v3", "-l", level, "-u", name, "-a", hash_, "-A", auth, "-x", cipher, "-X", priv]


def test_reader_reads_and_does_not_write(agent):
    assert agent.snmpget("cbmcBoardId.1.1", auth=user("noc")) == "sub1-01"
    assert len(agent.snmpwalk("cbmcBoardPowerState", auth=user("noc"))) == 73
    with pytest.raises(SnmpError, match="noAccess|authorizationError|notWritable"):
        agent.snmpset("cbmcBoardAction.1.1", "i", "forceOff", auth=user("noc"))
    assert agent.power("sub1-01") == "On"


def test_writer_powers_a_board_off_and_on(agent):
    agent.snmpset("cbmcBoardAction.1.2", "i", "forceOff", auth=user("nocadmin"))
    eventually(lambda: agent.power("sub1-02") == "Off")
    eventually(lambda: agent.snmpget("cbmcBoardActionState.1.2") == "completed")
    agent.snmpset("cbmcBoardAction.1.2", "i", "on", auth=user("nocadmin"))
    eventually(lambda: agent.power("sub1-02") == "On")


@pytest.mark.parametrize("who", [
    user("noc", auth="wrong-Password-1"),
    user("noc", auth=PASSWORD, priv=PASSWORD),
    user("noc", priv="wrong-Password-1"),
    user("stranger"),
    user("noc", level="authNoPriv"),
    user("noc", level="noAuthNoPriv"),
    user("noc", hash_="SHA"),
    user("noc", cipher="AES"),
])
def test_wrong_credentials_read_nothing(agent, who):
    with pytest.raises(SnmpError):
        agent.snmpget("cbmcBoardId.1.1", auth=who, timeout=1)
    assert agent.snmpget("cbmcBoardId.1.1", auth=user("noc")) == "sub1-01"


def test_engine_id_stays_and_boots_grow_over_kill_9(agent):
    def engine():
        return (agent.snmpget(ENGINE_ID, auth=user("noc")),
                int(agent.snmpget(ENGINE_BOOTS, auth=user("noc"))))
    ident, boots = engine()
    for kill in (True, False, True):
        if kill:
            agent.kill9()
        else:
            agent.stop()
        agent.start()
        now = engine()
        assert now[0] == ident
        assert now[1] > boots
        boots = now[1]


def test_bulk_walk_over_v3_is_the_walk_over_v2c(agent):
    by_v2c = agent.snmpwalk("cbmcBoardModel")
    assert agent.snmpbulkwalk("cbmcBoardModel", auth=user("noc")) == by_v2c


def test_users_and_keys_can_not_be_read(agent):
    out = agent.snmpwalk(".1.3.6.1.6.3", options="-OqnU")
    assert PASSPHRASE not in str(out) and PASSWORD not in str(out)
    assert not [o for o in out if o.startswith(".1.3.6.1.6.3.15.1.2")]  # usmUserTable
    assert not [o for o in out if o.startswith(".1.3.6.1.6.3.18")]  # communities


def test_the_demo_makes_a_passphrase_for_each_user(new_agent):
    agent = new_agent(passphrase=None).start()
    noc, nocadmin = eventually(lambda: re.search(
        r"SNMPv3 +noc, passphrase (\S+); nocadmin, .* passphrase (\S+)", agent.log_text())).groups()
    assert len({noc, nocadmin, PASSWORD}) == 3 and min(len(noc), len(nocadmin)) >= 16
    assert PASSWORD not in (agent.state / "clusterbmcd.yaml").read_text()
    for name, own, other in (("noc", noc, nocadmin), ("nocadmin", nocadmin, noc)):
        assert agent.snmpget("cbmcBoardId.1.1", auth=user(name, own, own)) == "sub1-01"
        with pytest.raises(SnmpError):
            agent.snmpget("cbmcBoardId.1.1", auth=user(name, other, other), timeout=1)
    agent.restart()
    eventually(lambda: len(set(re.findall(r"SNMPv3 +noc, passphrase ([^;]+);",
                                          agent.log_text()))) == 2)


def test_a_passphrase_may_have_quotes(new_agent):
    agent = new_agent(passphrase='Qu"ote\\d-Phrase-7').start()
    assert agent.snmpget("cbmcBoardId.1.1", auth=user(
        "nocadmin", agent.passphrase, agent.passphrase)) == "sub1-01"

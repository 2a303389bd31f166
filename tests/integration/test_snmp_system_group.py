# SPDX-License-Identifier: Apache-2.0
"""sysContact, sysName and sysLocation (RFC 3418), which managers can set."""
import os
import signal

import pytest
import yaml

from harness import Agent, SnmpError, eventually

OBJECTS = {"sysContact.0": "NOC, +49 30 1234", "sysName.0": "r2-7.example.net",
           "sysLocation.0": "rack 7, unit 12"}


def with_admin(location=""):
    def edit(text):
        tree = yaml.safe_load(text)
        tree["snmp"]["location"] = location
        names = {c["name"] for c in tree["snmp"]["communities"]}
        if "chief" not in names:
            tree["snmp"]["communities"].append({"name": "chief", "role": "Administrator"})
        return yaml.safe_dump(tree)
    return edit


@pytest.fixture
def one(new_agent):
    agent = new_agent(Agent)
    agent.start()
    agent.stop()
    return agent.start_daemon(with_admin("hall 1"))


def setting(agent, name, value, community="chief"):
    return agent.snmpset(f"SNMPv2-MIB::{name}", "s", value, community=community)


def now(agent, *names):
    return agent.snmpget(*(f"SNMPv2-MIB::{name}" for name in names))


def refused(agent, *words, **kw):
    with pytest.raises(SnmpError) as e:
        setting(agent, *words, **kw)
    return str(e.value)


def test_what_an_administrator_sets_lasts(one):
    host = now(one, "sysName.0")
    assert now(one, "sysLocation.0") == "hall 1"
    for name, value in OBJECTS.items():
        setting(one, name, value)
    assert now(one, *OBJECTS) == list(OBJECTS.values())
    one.stop()
    one.start_daemon()
    assert now(one, *OBJECTS) == list(OBJECTS.values()), "it outlives a restart"
    for name in OBJECTS:
        setting(one, name, "")
    assert now(one, "sysLocation.0", "sysName.0") == ["hall 1", host], "the configuration's again"
    (one.state / "clusterbmcd.yaml").write_text(
        with_admin("hall 2")((one.state / "clusterbmcd.yaml").read_text()))
    os.kill(one.process.pid, signal.SIGHUP)
    assert eventually(lambda: now(one, "sysLocation.0") == "hall 2", 20)


def test_what_is_refused_changes_nothing(one):
    before = now(one, *OBJECTS)
    for name in OBJECTS:
        assert "authorizationError" in refused(one, name, "x", community="private")
        assert "noAccess" in refused(one, name, "x", community="public")
        assert "wrongValue" in refused(one, name, "M\u00fcnchen")
        with pytest.raises(SnmpError, match="wrongType"):
            one.snmp("snmpset", "-Oqv", [f".1.3.6.1.2.1.1.{4 + list(OBJECTS).index(name)}.0", "i",
                                         "1"], community="chief", mibs=False)
        with pytest.raises(SnmpError, match="wrongLength"):
            one.snmp("snmpset", "-Oqv", [f".1.3.6.1.2.1.1.{4 + list(OBJECTS).index(name)}.0", "s",
                                         "x" * 256], community="chief", mibs=False)
    assert now(one, *OBJECTS) == before
    for name in OBJECTS:
        setting(one, name, "y" * 255)
    assert now(one, *OBJECTS) == ["y" * 255] * 3

# SPDX-License-Identifier: Apache-2.0
"""Traps to receivers that know SNMPv1 alone, as RFC 3584 translates them: read by snmptrapd."""
import re
import subprocess

import pytest

from harness import BUILD, TrapReceiver
from test_events import submit
from test_events_snmp import v2c
from test_notifications import objects_of_mib

# the sender's address, the enterprise, the generic and the specific number
FORM = "%a from %N type %w/%q %P | %v"


@pytest.fixture
def receivers():
    """One of v1, one of v2c."""
    both = TrapReceiver(form=FORM), TrapReceiver()
    try:
        yield both
    finally:
        for one in both:
            one.stop()


@pytest.fixture
def agent(new_agent, receivers):
    old, new = receivers
    agent = new_agent(traps=new).start()
    agent.stop()
    line = re.compile(r"( *- \{ host: [^}]*version: )v2c(, community: public \})")

    def with_both(text):
        assert line.search(text), text
        return line.sub(lambda m: m[0] + "\n" + (m[1] + "v1" + m[2]).replace(
            f"port: {new.port}", f"port: {old.port}"), text)

    agent.start_daemon(with_both)
    return agent


def objects(trap):
    return re.findall(r"(cbmcEvent[A-Z]\w*\.\d+) (.*?) ?\|?(?= cbmcEvent[A-Z]\w*\.\d+ |$)",
                      trap.split(" | ", 1)[1].replace("\t", " | "))


def test_a_trap_of_v1_says_what_that_of_v2c_does(agent, receivers):
    old, new = receivers
    agent.sim("set", kind="board", id="sub1-08", field="present", value=False)
    there = new.wait("cbmcBoardRemoved", "sub1-08", seconds=20)
    words = objects(there)
    assert len(words) >= len(objects_of_mib()["cbmcBoardRemoved"])
    text = next(value for name, value in words if name.startswith("cbmcEventText"))
    here = old.wait(text, seconds=20)
    assert objects(here) == words
    assert here.startswith("TRAP 127.0.0.1 from clusterBmcMIB type 6/cbmcBoardRemoved "), here
    assert "SNMP v1, community public" in here
    # coldStart is a generic one, and the first
    assert re.search(r" type 0/0 ", old.traps()[0]), old.traps()[0]
    for i in range(3):
        submit(agent, f"number {i}")
    old.wait("number 2", seconds=20)
    assert [re.search(r"number \d", t).group() for t in old.traps() if "number " in t] == [
        "number 0", "number 1", "number 2"]


def test_it_is_shown_and_not_subscribed_to(agent):
    shown = [agent.json(f"EventService/Subscriptions/{s}")
             for s in agent.members("EventService/Subscriptions")]
    assert sorted(s["Protocol"] for s in shown) == ["SNMPv1", "SNMPv2c"]
    assert all(s["SubscriptionType"] == "SNMPTrap" for s in shown)
    url, more = v2c(9)
    refused = agent.post("EventService/Subscriptions",
                         {"Destination": url, **more, "Protocol": "SNMPv1"})
    assert refused.status_code == 400 and "Protocol" in refused.text


def test_v1_has_no_informs(agent):
    config = agent.state / "clusterbmcd.yaml"
    text = config.read_text()
    wrong = text.replace("version: v1,", "version: v1, inform: true,")
    assert wrong != text
    config.write_text(wrong)
    try:
        done = subprocess.run([BUILD / "clusterbmcd", "--config", config, "-t"], check=False,
                              capture_output=True, text=True, timeout=60)
    finally:
        config.write_text(text)
    assert done.returncode != 0 and "v1 has no informs" in done.stderr, done.stderr

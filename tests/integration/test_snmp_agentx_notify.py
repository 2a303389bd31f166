# SPDX-License-Identifier: Apache-2.0
"""Notifications through Debian's snmpd, whose sub-agent we are: to its receivers, once and in
order, with the same objects as to ours, also of what happened while it was away."""
import re
import shutil

import pytest

from harness import TrapReceiver
from test_events import submit
from test_notifications import parts
from test_snmp_agentx import attached, master, sub_agent  # noqa: F401

COLD_START = re.compile(r"snmpModules\.1\.1\.5\.1\b")
TARGETS = "1.3.6.1.6.3.12.1.2"  # snmpTargetAddrTable

pytestmark = pytest.mark.skipif(not shutil.which("snmpd"), reason="snmpd is not installed")


@pytest.fixture
def sink(master):  # noqa: F811
    """snmptrapd, to which snmpd sends."""
    one = TrapReceiver()
    conf = master.folder / "snmpd.conf"
    conf.write_text(conf.read_text() + f"trap2sink 127.0.0.1:{one.port} public\n")
    try:
        yield one
    finally:
        one.stop()


@pytest.fixture
def own():
    """snmptrapd, to which the agent sends."""
    one = TrapReceiver()
    try:
        yield one
    finally:
        one.stop()


def start(new_agent, master, own, more=""):  # noqa: F811
    agent = sub_agent(new_agent, master, more, traps=own)
    attached(master)
    return agent


def of_ours(sink):
    return [t for t in sink.traps() if "cbmcEventText" in t]


def test_the_masters_receivers_get_what_ours_get(new_agent, master, sink, own):  # noqa: F811
    agent = start(new_agent, master.start(), own)
    agent.sim("set", kind="board", id="sub1-08", field="present", value=False)
    removed = sink.wait("cbmcBoardRemoved", "sub1-08", seconds=20)
    assert parts(removed) == parts(own.wait("cbmcBoardRemoved", "sub1-08", seconds=20))
    for i in range(5):
        submit(agent, f"number {i}")
    last = sink.wait("number 4", seconds=20)
    assert parts(last) == parts(own.wait("number 4", seconds=20))
    texts = [re.search(r"number \d", t).group() for t in of_ours(sink) if "number " in t]
    assert texts == [f"number {i}" for i in range(5)]
    assert len([t for t in sink.traps() if COLD_START.search(t)]) == 1  # the master's own
    # it is none of ours: neither Redfish nor SNMP-TARGET-MIB has it
    where = agent.members("EventService/Subscriptions")
    assert not [s for s in where if "AgentX" in agent.get(
        f"EventService/Subscriptions/{s}").text]
    addresses = agent.snmp("snmpwalk", "-On", [TARGETS], mibs=False).splitlines()
    assert len([a for a in addresses if a.startswith(f".{TARGETS}.1.2.")]) == 1, addresses


def test_what_happens_while_the_master_is_away_follows(new_agent, master, sink, own):  # noqa: F811
    agent = start(new_agent, master.start(), own)
    submit(agent, "before it goes")
    sink.wait("before it goes", seconds=20)
    master.stop()
    for i in range(3):
        submit(agent, f"away {i}")
    own.wait("away 2", seconds=20)
    assert not [t for t in sink.traps() if "away" in t]
    master.start()
    sink.wait("away 2", seconds=40)
    texts = [re.search(r"away \d", t).group() for t in sink.traps() if "away" in t]
    assert texts == ["away 0", "away 1", "away 2"]
    assert sum("before it goes" in t for t in sink.traps()) == 1


def test_the_master_can_be_left_out(new_agent, master, sink, own):  # noqa: F811
    agent = start(new_agent, master.start(), own, ", notify: false")
    submit(agent, "not for all")
    own.wait("not for all", seconds=20)
    agent.sim("set", kind="board", id="sub1-08", field="present", value=False)
    own.wait("cbmcBoardRemoved", "sub1-08", seconds=20)
    assert not of_ours(sink)


def test_without_a_port_and_receivers_the_master_notifies(new_agent, master, sink, own):  # noqa: F811
    agent = start(new_agent, master.start(), own)
    agent.stop()
    agent.start_daemon(lambda text: re.sub(r"(snmp:\n  bind: .*\n  port:) \d+", r"\1 0", text))
    attached(master)
    submit(agent, "by agentx alone")
    assert parts(sink.wait("by agentx alone", seconds=20))

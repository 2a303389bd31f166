# SPDX-License-Identifier: Apache-2.0
"""A SET that a manager sends again because its answer was lost acts once."""
import contextlib
import copy
import select
import socket
import threading

import pytest

from harness import PASSPHRASE, SnmpError, eventually

V3 = ["-v3", "-l", "authPriv", "-u", "nocadmin", "-a", "SHA-256", "-A", PASSPHRASE, "-x", "AES-256",
      "-X", PASSPHRASE]


@contextlib.contextmanager
def lossy(agent, lose):
    """The agent behind a wire that loses those of its answers for which `lose` says so;
    all requests come from one port, as a client's do."""
    near, far = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    near.bind(("127.0.0.1", 0))
    far.connect(("127.0.0.1", agent.snmp_port))
    end, requests = threading.Event(), []

    def carry():
        client = None
        while not end.is_set():
            for one in select.select([near, far], [], [], 0.05)[0]:
                if one is near:
                    data, client = near.recvfrom(65536)
                    requests.append(data)
                    far.send(data)
                elif not lose(data := far.recv(65536), requests):
                    near.sendto(data, client)
    thread = threading.Thread(target=carry, daemon=True)
    thread.start()
    behind = copy.copy(agent)
    behind.snmp_port = near.getsockname()[1]
    try:
        yield behind, requests
    finally:
        end.set()
        thread.join()
        near.close()
        far.close()


def first_answers(n, handshake):
    """Loses n answers, after those that tell the client the engine's id and time."""
    seen = []

    def lose(data, requests):
        del data
        seen.append(len(requests))
        return handshake < len(seen) <= handshake + n
    return lose


@pytest.mark.parametrize("who, handshake", [(["-v2c", "-c", "private"], 0), (V3, 1)],
                         ids=["v2c", "v3"])
def test_a_restart_whose_answer_was_lost_twice_is_one_restart(agent, who, handshake):
    eventually(lambda: agent.snmpget("cbmcBoardPowerState.1.1") == "on")
    since = agent.last_seq()
    with lossy(agent, first_answers(2, handshake)) as (behind, requests):
        behind.snmp("snmpset", "-Oqv", "-r", "5", "-t", "0.3",
                    ["cbmcBoardAction.1.1", "i", "forceRestart"], auth=who)
        assert len(requests) >= handshake + 3
        assert len(set(requests[handshake:])) == (1 if handshake == 0 else len(requests) - handshake)
    eventually(lambda: agent.snmpget("cbmcBoardActionState.1.1") == "completed", 60)
    lengths, at_rest = agent.pulses("sub1-01", since=since)
    assert at_rest and len(lengths) == 1
    # a new request is another one
    agent.snmpset("cbmcBoardAction.1.1", "i", "forceRestart")
    eventually(lambda: len(agent.pulses("sub1-01", since=since)[0]) == 2, 60)
    eventually(lambda: agent.snmpget("cbmcBoardActionState.1.1") == "completed", 60)


def test_seventy_two_restarts_in_one_request_act_at_once_or_not_at_all(new_agent):
    """With room for the answer all boards are restarted, without it none is."""
    triples = [word for blade in range(1, 10) for slot in range(1, 9)
               for word in (f"cbmcBoardAction.{blade}.{slot}", "i", "forceRestart")]
    agent = new_agent(env={"CLUSTERBMC_SNMP": "max_message: 1472"}).start()
    since = agent.last_seq()
    with pytest.raises(SnmpError, match="tooBig"):
        agent.snmpset(*triples)
    assert not agent.trace(since)
    assert not agent.snmpwalk("cbmcJobState")
    agent.stop()
    agent = new_agent().start()
    since = agent.last_seq()
    assert agent.snmpset(*triples).count("\n") == 72
    eventually(lambda: all(len(agent.pulses(f"sub{b}-{s:02}", since=since)[0]) == 1
                           for b in range(1, 10) for s in range(1, 9)), 120)

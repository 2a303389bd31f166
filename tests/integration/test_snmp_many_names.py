# SPDX-License-Identifier: Apache-2.0
"""Requests of one to two thousand names: answered whole, cut where GETBULK may be, or too big."""
import pytest

from snmp_packets import BULK, GET, NEXT, TOO_BIG, Manager

OURS = (1, 3, 6, 1, 4, 1, 32473, 1, 1)
BOARD = (*OURS, 3, 1)
COUNTS = [*range(1, 20), 60, 64, 66, 67, 68, 69, 70, 100, 127, 128, 129, 200, 255, 256, 400, 500,
          999, 1000, 1500, 2000]


@pytest.fixture(scope="module", params=[65507, 1472])
def agent_and_size(request):
    """With the default, and with what fits into one frame of Ethernet."""
    from conftest import Agents
    keys = "exempt: [ 127.0.0.0/8 ]"
    agent = Agents.new(env={} if request.param == 65507 else
                       {"CLUSTERBMC_SNMP": f"{keys}\n  max_message: {request.param}"})
    try:
        yield agent.start(), request.param
    finally:
        Agents.remove(agent)


@pytest.fixture
def manager(agent_and_size):
    with Manager(agent_and_size[0]) as one:
        yield one


def names(n):
    return [(*BOARD, 5 + i // 72 % 5, 1 + i // 8 % 9, 1 + i % 8) for i in range(n)]


@pytest.mark.parametrize("kind", [GET, NEXT])
def test_all_names_are_answered_or_they_are_too_many(manager, agent_and_size, kind):
    answered = []
    for n in COUNTS:
        answer = manager.ask(kind, names(n))
        if answer.status == 0:
            answered.append(n)
            assert len(answer.varbinds) == n
            assert answer.names() == names(n) if kind == GET else all(
                got > asked for got, asked in zip(answer.names(), names(n)))
        else:
            assert (answer.status, answer.index, answer.varbinds) == (TOO_BIG, 0, []), n
    most = 2000 if agent_and_size[1] == 65507 else 70
    assert answered == [n for n in COUNTS if n <= answered[-1]]
    assert most - 10 <= answered[-1] <= most


def test_getbulk_of_many_names_is_cut_and_never_empty(manager):
    for n in (1, 2, 30, 50, 60, 100, 200, 1000, 2000):
        for once in (0, n // 2, n):
            answer = manager.ask(BULK, names(n), once, 100)
            assert answer.status == 0 and answer.varbinds, (n, once)
            assert len(answer.varbinds) >= min(n, 50)
            assert all(got > asked for got, asked in zip(answer.names(), names(n)))

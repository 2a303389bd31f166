# SPDX-License-Identifier: Apache-2.0
"""Walks over the whole tree: the order always rises, also while boards come and go; GETNEXT and
GETBULK find the same; an answer is of one snapshot; what is not there is said as RFC 3416 says."""
import contextlib
import json
import socket
import threading
import time

import pytest

from harness import SLOW, eventually
from snmp_packets import (BULK, END, GET, NEXT, NO_INSTANCE, NO_OBJECT, Answer, Manager, Reader,
                          integer, message, pdu)

OURS = (1, 3, 6, 1, 4, 1, 32473, 1, 1)
BOARD = (*OURS, 3, 1)
PRESENT, STATUS = (*BOARD, 5), (*BOARD, 6)
DATA_AGE, GENERATION, CLOCK = ((*OURS, 1, n, 0) for n in (16, 17, 21))
FALSE, ABSENT = 2, 3


@pytest.fixture
def manager(agent):
    with Manager(agent) as one:
        yield one


def number(varbind):
    return int.from_bytes(varbind[2], "big", signed=True)


def generation(manager):
    return number(manager.ask(GET, [GENERATION]).varbinds[0])


# ---- a chassis that never rests ----

class Churn:
    """A hundred times a second a board is pulled, or put back."""
    BOARDS = [f"sub{blade}-{slot:02}" for blade in (2, 5, 9) for slot in range(1, 9)]

    def __init__(self, agent):
        self.agent, self.changes, self.end = agent, 0, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60 * SLOW)
            s.connect(str(self.agent.state / "simulator.sock"))
            lines = s.makefile()
            while not self.end.wait(0.01) and self.changes < 30000:
                board = self.BOARDS[self.changes // 2 % len(self.BOARDS)]
                request = {"op": "set", "kind": "board", "id": board, "field": "present",
                           "value": bool(self.changes % 2)}
                s.sendall(json.dumps(request).encode() + b"\n")
                assert json.loads(lines.readline())["ok"]
                self.changes += 1

    def __enter__(self):
        self.thread.start()
        eventually(lambda: self.changes > 3)
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()
        self.agent.sim("clear")


@pytest.mark.address
@pytest.mark.threads
def test_order_rises_over_the_whole_tree_while_boards_come_and_go(agent, manager):
    kinds = [0, 7, 50, 300]
    with Churn(agent) as churn:
        first, walks = generation(manager), 0
        limit = time.monotonic() + 60 * SLOW
        while walks < len(kinds) or generation(manager) - first < 100:
            found = manager.walk(repetitions=kinds[walks % len(kinds)])  # asserts the order
            assert len(found) > 3000
            walks += 1
            assert time.monotonic() < limit, "nothing changes"
    assert churn.changes > 50


def test_an_answer_is_of_one_snapshot_while_boards_come_and_go(agent, manager):
    """GETBULK over two columns that agree in every snapshot, with its number before and after."""
    generations = set()
    with Churn(agent) as churn:
        limit = time.monotonic() + 60 * SLOW
        while len(generations) < 60 and time.monotonic() < limit:
            answer = manager.ask(BULK, [(*GENERATION[:-1],), PRESENT, STATUS], 1, 30)
            before, rows = answer.varbinds[0], answer.varbinds[1:]
            generations.add(number(before))
            assert len(rows) >= 40 and before[0] == GENERATION
            for present, status in zip(rows[::2], rows[1::2]):
                assert present[0][len(PRESENT):] == status[0][len(STATUS):]
                assert (number(present) == FALSE) == (number(status) == ABSENT), present[0]
            twice = manager.ask(GET, [GENERATION, PRESENT + (2, 1), GENERATION])
            assert twice.varbinds[0] == twice.varbinds[2]
    assert len(generations) >= 60 and churn.changes > 10


# ---- GETNEXT, GETBULK ----

def steady(found):
    """Without the values that move although nothing is published: times and counters."""
    return [(name, tag,
             content if name[:len(OURS)] == OURS and name not in (DATA_AGE, CLOCK) else None)
            for name, tag, content in found]


def test_getbulk_walk_finds_what_getnext_walk_finds(agent, manager):
    with agent.pinned():
        whole = steady(manager.walk())
        assert len(whole) > 3000
        for repetitions in (1, 10, 50, 1000):
            assert steady(manager.walk(repetitions=repetitions)) == whole, repetitions
        boards = [v for v in whole if v[0][:len(BOARD)] == BOARD]
        for repetitions in (2, 3, 25, 71, 72, 73, 74, 100, 255, 999):
            found = manager.walk(BOARD, repetitions, end=(*OURS, 4))
            assert steady(found) == boards, repetitions


def test_each_name_that_a_walk_finds_can_be_got(agent, manager):
    with agent.pinned():
        found = manager.walk(repetitions=50)
        for start in range(0, len(found), 20):
            part = found[start:start + 20]
            answer = manager.ask(GET, [name for name, _, _ in part])
            assert answer.status == 0
            assert steady(answer.varbinds) == steady(part)


def test_getbulk_has_its_names_and_repetitions_in_rfc_3416s_order(agent, manager):
    with agent.pinned():
        answer = manager.ask(BULK, [GENERATION[:-1], PRESENT, STATUS], 1, 4)
        once = manager.ask(NEXT, [GENERATION[:-1]]).varbinds
        columns = [manager.walk(c, 4, end=c + (0, 99))[:1] + manager.walk(c + (0, 99), 4)[:3]
                   for c in (PRESENT, STATUS)]
    assert answer.varbinds == once + [v for pair in zip(*columns) for v in pair]
    nothing = manager.ask(BULK, [PRESENT], 0, 0)
    assert (nothing.status, nothing.varbinds) == (0, [])
    assert manager.ask(BULK, [PRESENT], -5, -5).varbinds == []
    only_once = manager.ask(BULK, [PRESENT, STATUS], 9, 30)
    assert [v[0][:len(PRESENT)] for v in only_once.varbinds] == [PRESENT, STATUS]


# ---- what is not there ----

@pytest.mark.parametrize("name,tag", [
    (PRESENT + (1, 1), 2), (PRESENT + (1, 9), NO_INSTANCE), (PRESENT + (1,), NO_INSTANCE),
    (PRESENT, NO_INSTANCE), (PRESENT + (1, 1, 0), NO_INSTANCE),
    ((*BOARD, 1, 1, 1), NO_OBJECT), ((*BOARD, 200, 1, 1), NO_OBJECT), (BOARD, NO_OBJECT),
    (OURS, NO_OBJECT), ((*OURS, 99, 1), NO_OBJECT), ((1, 3), NO_OBJECT),
    (GENERATION[:-1], NO_INSTANCE), (GENERATION[:-1] + (1,), NO_INSTANCE),
    ((1, 3, 6, 1, 4, 1, 1, 1), NO_OBJECT), ((2, 9), NO_OBJECT)])
def test_what_is_missing_is_an_instance_or_an_object(manager, name, tag):
    answer = manager.ask(GET, [GENERATION, name, GENERATION])
    assert (answer.status, answer.names()) == (0, [GENERATION, name, GENERATION])
    assert answer.varbinds[1][1] == tag and (tag == 2 or answer.varbinds[1][2] == b"")
    assert answer.varbinds[0] == answer.varbinds[2]


def test_end_of_the_view_is_said_for_each_name_behind_it(manager):
    last = manager.walk((1, 3, 6, 1, 6), 50)[-1][0]
    for behind in (last, (1, 3, 6, 1, 7), (2, 39, 1), last + (4294967295,)):
        answer = manager.ask(NEXT, [behind])
        assert (answer.status, answer.varbinds) == (0, [(behind, END, b"")])
    answer = manager.ask(BULK, [last, PRESENT], 0, 3)
    assert answer.status == 0 and answer.varbinds[0] == (last, END, b"")
    assert [v[1] for v in answer.varbinds[0::2]] == [END] * len(answer.varbinds[0::2])
    assert manager.ask(BULK, [last], 0, 5).varbinds[0] == (last, END, b"")


def test_values_that_a_request_carries_are_not_looked_at(manager):
    asked = pdu(GET, 77, [GENERATION[:-1] + (9,)], value=integer(5))
    manager.socket.send(message(b"public", asked))
    r = Reader(Reader(manager.socket.recv(9000)).take()[1])
    assert r.number() == 1 and r.take() == (4, b"public")
    answer = Answer(r.data[r.at:])
    assert (answer.number, answer.status, answer.varbinds[0][1]) == (77, 0, NO_INSTANCE)

# SPDX-License-Identifier: Apache-2.0
"""Fixtures: an agent shared by a file's tests, fresh ones, and a trap receiver."""
import contextlib

import pytest

from harness import Agent, TrapReceiver


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what its agents wrote."""
    report = (yield).get_result()
    if report.when != "call" or report.passed or report.skipped:
        return
    for agent in Agents.all:
        report.sections.append((f"agent {agent.folder}", agent.log_text()[-6000:]))


class Agents:
    """Those that run, for the reports of failed tests."""
    all = []

    @classmethod
    def new(cls, kind=Agent, **kw):
        agent = kind(**kw)
        cls.all.append(agent)
        return agent

    @classmethod
    def remove(cls, agent):
        cls.all.remove(agent)
        agent.remove()


@pytest.fixture(scope="module")
def agent():
    """An R2 for all tests of a file, with `.trap`, a receiver of its traps. Tests leave it
    as they found it."""
    receiver = TrapReceiver()
    one = Agents.new(traps=receiver)
    try:
        yield one.start()
    finally:
        Agents.remove(one)
        receiver.stop()


@pytest.fixture
def new_agent():
    """Makes agents (not started yet) for one test."""
    with contextlib.ExitStack() as ends:
        def make(kind=Agent, **kw):
            one = Agents.new(kind, **kw)
            ends.callback(Agents.remove, one)
            return one
        yield make


@pytest.fixture
def quick(agent):
    """Failed deliveries are tried again after a second."""
    before = agent.json("EventService")
    assert agent.patch("EventService", {"DeliveryRetryIntervalSeconds": 1,
                                        "DeliveryRetryAttempts": 1}).status_code == 200
    yield agent
    assert agent.patch("EventService", {
        name: before[name] for name in ("DeliveryRetryIntervalSeconds", "DeliveryRetryAttempts")
    }).status_code == 200

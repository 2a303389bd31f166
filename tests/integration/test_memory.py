# SPDX-License-Identifier: Apache-2.0
"""The bound of the memory: README.md states it."""
import pytest

from harness import eventually
from load import Load, idle_clients, memory

pytestmark = [pytest.mark.plain_only]

OWN, RESIDENT = 22, 40  # megabytes, with the 72 boards of an R2
SECONDS = 20


def bounded(agent):
    """What a load leaves between what is in use is given back every 20 s."""
    def look():
        now = memory(agent.pid)
        return now if now.own < OWN and now.resident < RESIDENT else None
    return eventually(look, 45, 1)


def test_memory_has_a_bound_under_a_mixed_load(new_agent):
    agent = new_agent().start()
    rest = bounded(agent)
    assert rest.resident - rest.own > 10, "the pages of its code are taken from it: " + str(rest)
    idle = idle_clients(agent, 16)
    count = Load(agent, SECONDS).run()
    assert count["walk"] > 2000, count  # each resource was asked for
    assert len(count) == 6, count
    bounded(agent)
    again = Load(agent, SECONDS // 2).run()
    assert again["walk"] > 0
    assert bounded(agent).peak < RESIDENT + 8
    for client in idle:
        client.close()

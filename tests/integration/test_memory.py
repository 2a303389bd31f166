# SPDX-License-Identifier: Apache-2.0
"""The bound of the memory: README.md states it."""
import re
from pathlib import Path

import pytest

from load import Load, idle_clients, resident

pytestmark = [pytest.mark.plain_only]

MEGABYTES = 24  # with the 72 boards of an R2
SECONDS = 20


def test_memory_has_a_bound_under_a_mixed_load(new_agent):
    agent = new_agent().start()
    idle = idle_clients(agent, 16)
    count = Load(agent, SECONDS).run()
    assert count["walk"] > 2000, count  # each resource was asked for
    assert len(count) == 6, count
    assert resident(agent.pid) < MEGABYTES
    again = Load(agent, SECONDS // 2).run()
    assert again["walk"] > 0 and resident(agent.pid) < MEGABYTES
    status = Path(f"/proc/{agent.pid}/status").read_text()
    peak = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024 / 1e6
    assert peak < MEGABYTES * 1.25, peak
    for client in idle:
        client.close()

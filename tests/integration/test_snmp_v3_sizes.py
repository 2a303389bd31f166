# SPDX-License-Identifier: Apache-2.0
"""Answers over SNMPv3 are as long as client and agent allow, and never a genErr."""
import pytest

from harness import PASSPHRASE

USER = ["-v3", "-l", "authPriv", "-u", "noc", "-a", "SHA-256", "-A", PASSPHRASE, "-x", "AES-256",
        "-X", PASSPHRASE]
TABLE = "cbmcBoardTable"


@pytest.mark.parametrize("size", [None, 484, 1472, 65507])
@pytest.mark.parametrize("repetitions", [10, 25, 50, 200])
def test_bulk_walk_reads_every_row(agent, size, repetitions):
    """With 50 repetitions it ended in genErr after 150 of 9,299 lines."""
    declared = [f"--sendMessageMaxSize={size}"] if size else []
    with agent.pinned():
        one_by_one = agent.snmp("snmpwalk", "-OqnU", [TABLE])
        bulk = agent.snmp("snmpbulkwalk", "-OqnU", f"-Cr{repetitions}", *declared, [TABLE],
                          auth=USER)
    assert one_by_one.count("\n") > 1000
    assert bulk == one_by_one

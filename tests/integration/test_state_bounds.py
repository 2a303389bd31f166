# SPDX-License-Identifier: Apache-2.0
"""The database of a running agent keeps its bound, also when it begins far above it."""
import shutil
import sqlite3
import time
from pathlib import Path

from harness import SLOW, eventually

KEEP, MIB = 1000, 1 << 20


def size(agent):
    return sum((agent.state / name).stat().st_size for name in ("state.db", "state.db-wal")
               if (agent.state / name).exists())


def add_events(agent, n):
    """What years of an agent without a bound have left: `n` copies of its last event."""
    # beside the folder, where SQLite may not make files as root beside the daemon's
    copy = agent.folder / "copy.db"
    for tail in ("", "-wal"):
        if Path(f"{agent.state}/state.db{tail}").exists():
            shutil.copy(f"{agent.state}/state.db{tail}", f"{copy}{tail}")
    with sqlite3.connect(copy) as db:
        db.execute("PRAGMA synchronous = OFF")
        columns = [c[1] for c in db.execute("PRAGMA table_info(row_event)")]
        last = list(db.execute("SELECT * FROM row_event ORDER BY rowid DESC LIMIT 1").fetchone())
        number = max(int(r[0]) for r in db.execute("SELECT _id FROM row_event"))
        ident, index = columns.index("_id"), columns.index("_index0")
        marks = ",".join("?" * len(columns))
        for i in range(number + 1, number + 1 + n):
            last[ident], last[index] = str(i), i
            db.execute(f"INSERT INTO row_event VALUES({marks})", last)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    (agent.state / "state.db-wal").unlink(missing_ok=True)
    with open(agent.state / "state.db", "r+b") as out:
        out.write(copy.read_bytes())


def first_answer(agent):
    begin = time.monotonic()
    agent.start(wait=False)
    while True:
        try:
            if agent.http.get(agent.url("/redfish"), timeout=1).status_code == 200:
                return time.monotonic() - begin
        except OSError:
            assert time.monotonic() - begin < 30 * SLOW
            time.sleep(0.01)


def test_large_database_shrinks_behind_a_start_that_is_as_quick_as_ever(new_agent):
    agent = new_agent(env={"CLUSTERBMC_STATE": f"events_keep: {KEEP}, max_size: 8MiB"}).start()
    agent.stop()
    usual = first_answer(agent)
    agent.wait_ready()
    agent.stop()
    add_events(agent, 60000)
    before = size(agent)
    assert before > 6 * MIB
    large = first_answer(agent)
    agent.wait_ready()
    assert large < usual + 0.5 * SLOW
    eventually(lambda: size(agent) < 3 * MIB, 60, 0.5)
    assert agent.patch("Systems/sub1-01", {"AssetTag": "kept"}).status_code == 200
    print(f"first answer {usual:.2f} s, {large:.2f} s; {before} bytes, {size(agent)} bytes")


def test_events_without_end_do_not_let_the_database_grow(new_agent):
    agent = new_agent(env={"CLUSTERBMC_STATE": f"events_keep: {KEEP}, max_size: 8MiB"}).start()
    end = time.monotonic() + 15
    n, largest = 0, 0
    while time.monotonic() < end:
        n += 1
        assert agent.patch("Systems/sub1-01", {"AssetTag": f"tag{n}"}).status_code == 200
        agent.finished_or_done(agent.reset("sub1-02", ("ForceOff", "On")[n % 2]))
        largest = max(largest, size(agent))
    print(f"{n} rounds, {largest} bytes")
    assert largest < 3 * MIB

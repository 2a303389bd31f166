# SPDX-License-Identifier: Apache-2.0
"""The event log beyond the 1,000 events that are in memory: pages and entries of the database."""
import contextlib
import sqlite3
import time

import pytest
import requests

from harness import Agent, eventually

pytestmark = [pytest.mark.plain_only]

LOG = "Managers/bmc/LogServices/Events"
ENTRIES = f"{LOG}/Entries"
SHOWN = 1000  # in memory
STORED = 9000
PAGE = 250
BOARD, FAN = 2, 3  # enum bmc_kind


def add_events(agent, n):
    """Adds events to the database of an agent that is stopped; the number of the last one."""
    file = f"file:{agent.state}/state.db?mode=rw"  # to create one in a sticky folder is refused
    with contextlib.closing(sqlite3.connect(file, uri=True)) as db, db:
        first = db.execute("SELECT coalesce(max(_index0), 0) + 1 FROM row_event").fetchone()[0]
        now = int(time.time() * 1000)
        db.executemany(
            "INSERT INTO row_event(_id, _index0, _index1, time, severity, type, message, origin_id,"
            " origin_kind) VALUES(?, ?, 0, ?, 1, 'TestEvent', ?, ?, ?)",
            ((str(i), i, now, f"event {i}", *(("sub1-01", BOARD) if i % 10 == 0 else ("fan1", FAN)))
             for i in range(first, first + n)))
    return first + n - 1


@pytest.fixture(scope="module")
def agent():
    one = Agent().start()
    try:
        one.stop()
        one.last = add_events(one, STORED)
        yield one.start()
    finally:
        one.remove()


def number(entry):
    return int(entry["Id"])


def walk(agent, path):
    """All pages, by their links."""
    pages = []
    while path:
        pages.append(agent.json(path))
        path = pages[-1].get("Members@odata.nextLink")
        assert len(pages) < 100
    return pages


def test_every_stored_event_is_on_one_page(agent):
    with agent.pinned():
        pages = walk(agent, ENTRIES)
    assert len(pages[0]["Members"]) == SHOWN
    assert {len(p["Members"]) for p in pages[1:-1]} == {PAGE}
    shown = [number(e) for e in pages[0]["Members"]]
    assert shown == sorted(shown), "those in memory come first, as they always did"
    older = [number(e) for p in pages[1:] for e in p["Members"]]
    assert older == list(range(shown[0] - 1, 0, -1)), "then the others, the newest first"
    assert len(older) >= STORED - SHOWN
    for p in pages:
        assert p["Members@odata.count"] >= STORED
        assert p["@odata.id"] == f"/redfish/v1/{ENTRIES}"
        assert p["@odata.etag"]


def test_page_begins_and_ends_where_it_is_asked_to(agent):
    with agent.pinned():
        check_pages(agent)


def check_pages(agent):
    def ids(skip, top):
        page = agent.json(f"{ENTRIES}?$skip={skip}&$top={top}")
        return [number(e) for e in page["Members"]], page
    in_memory = ids(0, SHOWN)[0]
    oldest = in_memory[0]
    assert ids(0, 3)[0] == in_memory[:3]
    assert ids(SHOWN - 1, 1)[0] == in_memory[-1:]
    assert ids(SHOWN - 2, 5)[0] == in_memory[-2:], "a page is of one kind"
    assert ids(SHOWN, 3)[0] == [oldest - 1, oldest - 2, oldest - 3]
    members, page = ids(SHOWN, PAGE + 1)
    assert len(members) == PAGE
    assert page["Members@odata.nextLink"].endswith(f"?$skip={SHOWN + PAGE}&$top={PAGE + 1}")
    total = page["Members@odata.count"]
    members, page = ids(total - 1, 10)
    assert members == [1] and "Members@odata.nextLink" not in page
    members, page = ids(total, 10)
    assert members == [] and "Members@odata.nextLink" not in page
    members, page = ids(SHOWN, 0)
    assert members == [] and page["Members@odata.count"] == total
    assert "Members@odata.nextLink" not in page
    assert ids(1000000, 5)[0] == []
    assert agent.get(f"{ENTRIES}?$skip=-1").status_code == 400


def test_filter_picks_among_all_events_and_its_pages_lead_through_them(agent):
    """In memory and stored; the order is that of the pages without a filter."""
    with agent.pinned():
        whole = [e for p in walk(agent, ENTRIES) for e in p["Members"]]
        query = "$filter=MessageId eq 'ClusterBmc.1.0.TestEvent' and Message gt 'event 78'"
        some = [number(e) for e in whole if e["MessageId"].endswith(".TestEvent")
                and e["Message"] > "event 78"]
        pages = walk(agent, f"{ENTRIES}?$top=700&{query}&$select=Message")
        last = agent.json(f"{ENTRIES}?$filter=Message eq 'event 77'")
        none = agent.json(f"{ENTRIES}?$filter=Message eq 'event x'")
        edge = agent.json(f"{ENTRIES}?$skip={len(some) - 1}&$top=5&{query}")
        beyond = agent.json(f"{ENTRIES}?$skip={len(some)}&{query}")
    assert len(some) > SHOWN
    found = [m for p in pages for m in p["Members"]]
    assert [int(m["@odata.id"].rsplit("/", 1)[1]) for m in found] == some
    assert {p["Members@odata.count"] for p in pages} == {len(some)}
    assert all(set(m) == {"@odata.id", "@odata.type", "Message"} for m in found)
    assert [number(e) for e in last["Members"]] == [77]
    assert none["Members"] == [] and none["Members@odata.count"] == 0
    assert len(edge["Members"]) == 1 and "Members@odata.nextLink" not in edge
    assert beyond["Members"] == [] and beyond["Members@odata.count"] == len(some)


def test_stored_entry_is_a_resource(agent):
    page = agent.json(f"{ENTRIES}?$skip={SHOWN + 17}&$top=1")
    member = page["Members"][0]
    r = agent.get(member["@odata.id"])
    assert r.status_code == 200
    entry = r.json()
    etag = entry.pop("@odata.etag")
    assert entry == member and etag == r.headers["ETag"]
    assert entry["Message"] == f"event {entry['Id']}"
    origin = "/Systems/sub1-01" if number(entry) % 10 == 0 else "/Fans/fan1"
    assert entry["Links"]["OriginOfCondition"]["@odata.id"].endswith(origin)
    assert r.headers["Allow"] == "GET, HEAD"
    r = agent.get(member["@odata.id"], headers={"If-None-Match": etag})
    assert r.status_code == 304
    head = agent.request("HEAD", member["@odata.id"])
    assert head.status_code == 200 and not head.content
    assert agent.patch(member["@odata.id"], {"Message": "x"}).status_code in (404, 405)
    r = requests.get(agent.url(member["@odata.id"]), verify=False, timeout=60)
    assert r.status_code == 401


def test_a_systems_entry_is_found_when_it_is_no_longer_in_memory(agent):
    """As a client finds it that has read the list before; in no other system's log."""
    def entry(board, of):
        return agent.get(f"Systems/{board}/LogServices/Events/Entries/{of}")
    kept, old = agent.json(f"{ENTRIES}/5000"), entry("sub1-01", 5000)
    assert old.status_code == 200, old.text
    body = old.json()
    assert {k: v for k, v in body.items() if not k.startswith("@odata")} == \
        {k: v for k, v in kept.items() if not k.startswith("@odata")}
    assert body["@odata.id"].endswith("/Systems/sub1-01/LogServices/Events/Entries/5000")
    assert body["Links"]["OriginOfCondition"]["@odata.id"].endswith("/Systems/sub1-01")
    assert entry("sub1-02", 5000).status_code == 404
    assert entry("sub1-01", 5001).status_code == 404, "a fan's"
    assert entry("sub1-01", 10 ** 9).status_code == 404
    r = requests.get(agent.url(body["@odata.id"]), verify=False, timeout=60)
    assert r.status_code == 401


@pytest.mark.parametrize("name", ["0", "00001", "01", "4294967295", "4294967296", "99999999999",
                                  "-1", "1x", "x"])
def test_what_is_no_entry_is_404(agent, name):
    assert agent.get(f"{ENTRIES}/{name}").status_code == 404


def test_log_says_how_many_events_it_keeps(agent):
    assert agent.json(LOG)["MaxNumberOfRecords"] == 10000


def test_new_events_move_older_ones_to_later_pages(agent):
    before = agent.json(f"{ENTRIES}?$skip={SHOWN}&$top=1")
    agent.post("SessionService/Sessions", {"UserName": "admin", "Password": agent.password})

    def moved():
        page = agent.json(f"{ENTRIES}?$skip={SHOWN}&$top=1")
        return number(page["Members"][0]) > number(before["Members"][0])
    eventually(moved)


def test_cleared_log_has_no_stored_entries(agent):
    """The last test here."""
    old = agent.json(f"{ENTRIES}?$skip={SHOWN}&$top=1")["Members"][0]["@odata.id"]
    assert agent.post(f"{LOG}/Actions/LogService.ClearLog", {}).status_code == 204
    page = agent.json(ENTRIES)
    assert page["Members@odata.count"] == len(page["Members"]) < 20
    assert "Members@odata.nextLink" not in page
    assert agent.get(old).status_code == 404

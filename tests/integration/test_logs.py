# SPDX-License-Identifier: Apache-2.0
"""The manager's other logs: who asked for what, and the agent's own lines."""
import pytest
import requests

from harness import PASSWORD, eventually

pytestmark = [pytest.mark.coverage]

LOGS = "Managers/bmc/LogServices"


def records(agent):
    return [{**e["Oem"]["ClusterBmc"], "user": e["Username"], "Message": e["Message"],
             "Severity": e["Severity"], "id": e["Id"]}
            for e in agent.json(f"{LOGS}/Audit/Entries")["Members"]]


def test_audit_says_who_asked_for_what(new_agent):
    agent = new_agent(platform="r2").start()
    agent.post("AccountService/Accounts",
               {"UserName": "rita", "Password": "Some-long-Pw-9", "RoleId": "ReadOnly"})
    agent.patch("Systems/sub1-03", {"AssetTag": "rack 7"})
    agent.finished(agent.reset("sub1-03", "ForceOff"))
    with requests.Session() as s:
        s.trust_env, s.verify, s.auth = False, False, ("rita", "wrong-Pw-12")
        assert s.get(agent.url("Systems")).status_code == 401
        s.auth = ("rita", "Some-long-Pw-9")
        s.patch(agent.url("AccountService/Accounts/rita"), json={"Password": "Other-long-Pw-9"})
        s.auth = ("rita", "Other-long-Pw-9")
        assert s.patch(agent.url("Systems/sub1-03"), json={"AssetTag": "x"}).status_code == 403
        for entries in ("Audit/Entries", "Journal/Entries", "Audit/Entries/1"):
            assert s.get(agent.url(f"{LOGS}/{entries}")).status_code == 403, entries

    def found(**want):
        return [r for r in records(agent) if all(r[k] == v for k, v in want.items())]
    for want in ({"user": "admin", "Action": "Set", "Target": "board sub1-03",
                  "Detail": "asset_tag = rack 7", "Accepted": True, "Interface": "redfish"},
                 {"user": "admin", "Action": "ForceOff", "Target": "board sub1-03",
                  "Detail": "task 1", "Severity": "OK"},
                 {"user": "admin", "Action": "Add", "Target": "account rita"},
                 {"user": "rita", "Action": "Password", "Target": "account rita"},
                 {"user": "rita", "Action": "Login", "Accepted": False, "Severity": "Warning"},
                 {"user": "rita", "Action": "Login", "Accepted": True}):
        eventually(lambda want=want: found(**want), 5)
    text = agent.get(f"{LOGS}/Audit/Entries").text
    for secret in (PASSWORD, "Some-long-Pw-9", "Other-long-Pw-9", "wrong-Pw-12"):
        assert secret not in text
    one = found(Action="ForceOff")[0]
    assert agent.json(f"{LOGS}/Audit/Entries/{one['id']}")["Message"] == one["Message"] == \
        "ForceOff of board sub1-03 by admin from 127.0.0.1: task 1"
    before = records(agent)
    agent.restart()
    assert records(agent)[:len(before)] == before


@pytest.mark.parametrize("log, lasts", [("Events", True), ("Audit", True), ("Journal", False)])
def test_each_log_says_what_it_is(agent, log, lasts):
    assert agent.members(LOGS) == ["Events", "Audit", "Journal"]
    body = agent.json(f"{LOGS}/{log}")
    assert body["OverWritePolicy"] == "WrapsWhenFull" and body["Persistency"] is lasts
    assert body["MaxNumberOfRecords"] > 0 and body["DateTime"][:4] >= "2024"
    assert ("#LogService.ClearLog" in body.get("Actions", {})) == (log == "Events")


def test_journal_has_the_agents_last_lines(agent):
    entries = agent.json(f"{LOGS}/Journal/Entries")
    assert entries["Members@odata.count"] == len(entries["Members"]) > 3
    ready = [e for e in entries["Members"] if "is ready: platform" in e["Message"]]
    assert len(ready) == 1 and ready[0]["Severity"] == "OK" and ready[0]["EntryType"] == "Event"
    assert ready[0]["Message"] in agent.log_text()
    one = agent.json(f"{LOGS}/Journal/Entries/{ready[0]['Id']}")
    assert (one["Message"], one["Created"]) == (ready[0]["Message"], ready[0]["Created"])
    for wrong in ("0", "-1", "1x", "999999", "01", "9" * 30):
        assert agent.get(f"{LOGS}/Journal/Entries/{wrong}").status_code == 404, wrong
    for _ in range(450):  # each is a line
        agent.post(f"{LOGS}/Events/Actions/LogService.ClearLog", {})
    lines = agent.json(f"{LOGS}/Journal/Entries")["Members"]
    assert len(lines) == 400
    numbers = [int(e["Id"]) for e in lines]
    assert numbers == list(range(numbers[0], numbers[0] + 400)) and numbers[0] > 50
    # the first line was listed above: a client that reads them one by one finds it
    assert agent.json(f"{LOGS}/Journal/Entries/{ready[0]['Id']}")["Message"] == one["Message"]


def test_audit_lists_the_newest_and_keeps_what_was_listed(agent):
    """So that who reads the list's records one by one finds each, also on a busy chassis."""
    entries = f"{LOGS}/Audit/Entries"
    first = records(agent)[0]
    for n in range(505):
        assert agent.patch("Systems/sub1-05", {"AssetTag": f"tag {n}"}).status_code == 200
    eventually(lambda: records(agent)[-1]["Detail"] == "asset_tag = tag 504", 20)
    numbers = [int(r["id"]) for r in records(agent)]
    assert numbers == list(range(numbers[0], numbers[0] + 500)) and numbers[0] > int(first["id"])
    assert agent.json(f"{LOGS}/Audit")["MaxNumberOfRecords"] == 500
    assert agent.json(f"{entries}/{first['id']}")["Message"] == first["Message"]
    page = agent.json(f"{entries}?$skip=498")
    assert page["Members@odata.count"] == 500
    assert [int(m["Id"]) for m in page["Members"]] == numbers[-2:]

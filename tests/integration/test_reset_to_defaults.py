# SPDX-License-Identifier: Apache-2.0
"""Manager.ResetToDefaults: what users set goes, all or none of it; the rest stays."""
import os
import signal
import threading
import time

import pytest
import requests

from harness import SmallDiskAgent, TrapReceiver, eventually
from receivers import Stream

pytestmark = [pytest.mark.plain_only]

TARGET = "Managers/bmc/Actions/Manager.ResetToDefaults"
PRESERVE = {"ResetType": "PreserveNetworkAndUsers"}
LOG = "Managers/bmc/LogServices/Events/Entries"
SUBSCRIPTIONS = "EventService/Subscriptions"
REPORTS = "TelemetryService/MetricReportDefinitions"
TRIGGERS = "TelemetryService/Triggers"
AGGREGATES = "AggregationService/Aggregates"
SYSTEM = {"@odata.id": "/redfish/v1/Systems/sub03"}


def values(agent):
    """One of each kind that users set."""
    return {
        "tag": agent.json("Systems/sub03")["AssetTag"],
        "subscriptions": agent.members(SUBSCRIPTIONS),
        "retries": agent.json("EventService")["DeliveryRetryAttempts"],
        "reports": agent.members(REPORTS),
        "taken": [one for one in agent.members("TelemetryService/MetricReports")
                  if not one.endswith((".Hour", ".Day"))],
        "triggers": agent.members(TRIGGERS),
        "aggregates": agent.members(AGGREGATES),
        "timeout": agent.json("SessionService")["SessionTimeout"],
    }


def set_all(agent):
    """Sets each of values() to another."""
    made = [
        agent.post(SUBSCRIPTIONS, {"Destination": "https://127.0.0.1:9/x",
                                   "Protocol": "Redfish"}),
        agent.post(REPORTS, {"Id": "mine", "MetricReportDefinitionType": "Periodic",
                             "Schedule": {"RecurrenceInterval": "PT1S"},
                             "Metrics": [{"MetricId": "FanSpeed"}]}),
        agent.post(TRIGGERS, {"Id": "mine", "MetricIds": ["FanSpeed"],
                              "NumericThresholds": {"UpperCritical": {"Reading": 1}}}),
        agent.post(AGGREGATES, {"Name": "Web", "Elements": [SYSTEM]}),
    ]
    assert [r.status_code for r in made] == [201] * 4, [r.text for r in made]
    changed = [
        agent.patch("Systems/sub03", {"AssetTag": "rack 7"}),
        agent.patch("SessionService", {"SessionTimeout": 777}),
        agent.patch("EventService", {"DeliveryRetryAttempts": 9}),
    ]
    assert [r.status_code for r in changed] == [200] * 3, [r.text for r in changed]
    return [r.headers["Location"] for r in made]


@pytest.fixture
def r1(new_agent):
    traps = TrapReceiver()
    yield new_agent(platform="r1", traps=traps).start()
    traps.stop()


def test_all_that_users_set_goes_and_the_rest_stays(r1):
    before = values(r1)
    assert before["subscriptions"], "one of the configuration stays"
    user = {"UserName": "olga", "Password": "Some-long-Pw-9", "RoleId": "Operator"}
    assert r1.post("AccountService/Accounts", user).status_code == 201
    role = {"RoleId": "Looker", "AssignedPrivileges": ["Login"]}
    assert r1.post("AccountService/Roles", role).status_code == 201
    opened = r1.post("SessionService/Sessions", {"UserName": "admin", "Password": r1.password})
    where = set_all(r1)
    changed = values(r1)
    assert [k for k in before if before[k] == changed[k]] == []
    kept = {at: r1.members(at) for at in ("AccountService/Accounts", "AccountService/Roles",
                                          "SessionService/Sessions", "TaskService/Tasks")}
    logged = len(r1.members(LOG))
    stream = Stream(r1)
    assert r1.post(TARGET, PRESERVE).status_code == 204

    def as_configured():
        assert values(r1) == before
        assert {at: r1.members(at) for at in kept} == kept
        assert [r1.get(at).status_code for at in where] == [404] * 4
        assert r1.get("Systems", auth=None, headers={
            "X-Auth-Token": opened.headers["X-Auth-Token"]}).status_code == 200
        assert len(r1.members(LOG)) > logged
    eventually(lambda: any("SettingsReset" in str(body) for _, body in stream.events))
    stream.response.close()
    told = [e for e in r1.json(LOG)["Members"] if e["MessageId"].endswith(".SettingsReset")]
    assert [e["MessageArgs"] for e in told] == [["admin", "127.0.0.1"]]
    assert "accounts" in told[0]["Message"] and "network" in told[0]["Message"]
    gone = [e["MessageArgs"] for e in r1.json(LOG)["Members"]
            if e["MessageId"].endswith(".SubscriptionRemoved")]
    assert ["https://127.0.0.1:9/x", "settings were reset"] in [a[1:] for a in gone]
    eventually(lambda: len(r1.members(SUBSCRIPTIONS)) == len(before["subscriptions"]), 30)
    as_configured()
    r1.kill9()
    r1.start()
    as_configured()
    # and it can be set again
    set_all(r1)
    assert [k for k, v in values(r1).items() if before[k] == v] == []


def test_a_kill_leaves_all_or_none(r1):
    """The kill comes earlier and later around the transaction; what was answered holds."""
    before, seen = values(r1), set()
    set_all(r1)
    changed = values(r1)
    for after in (0, 0.002, 0.004, 0.008, 0.016):
        answers = []

        def ask():
            try:
                answers.append(r1.post(TARGET, PRESERVE).status_code)
            except requests.RequestException:
                pass
        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(after)
        os.kill(r1.pid, signal.SIGKILL)
        thread.join()
        r1.wait_dead()
        r1.start()
        eventually(lambda: values(r1)["taken"] == values(r1)["reports"])
        now = values(r1)
        assert now in (before, changed), after
        assert now == before or not answers
        seen.add(now == before)
        if now == before:
            set_all(r1)
            changed = values(r1)
    assert seen, "nothing was tried"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")
def test_a_full_disk_leaves_all_as_it_was(new_agent):
    agent = new_agent(SmallDiskAgent, platform="r1").start()
    set_all(agent)
    before = values(agent)
    agent.fill_disk()
    refused = agent.post(TARGET, PRESERVE)
    assert refused.status_code == 507, refused.text
    assert values(agent) == before
    assert "SettingsReset" not in agent.get(LOG).text
    agent.free_disk()
    eventually(lambda: agent.post(TARGET, PRESERVE).status_code == 204, 30)
    assert values(agent)["aggregates"] == []

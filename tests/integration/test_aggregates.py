# SPDX-License-Identifier: Apache-2.0
"""Sets of boards that clients make, over restarts; and what boards are sent to boot."""
import pytest

from harness import eventually

pytestmark = [pytest.mark.plain_only]

AGGREGATES = "AggregationService/Aggregates"


def links(*ids):
    return [{"@odata.id": f"/redfish/v1/Systems/{i}"} for i in ids]


@pytest.fixture(scope="module")
def r1(request):
    from harness import Agent
    agent = Agent(platform="r1")
    request.addfinalizer(agent.remove)
    return agent.start()


def test_aggregates_stay_over_a_restart(r1):
    made = r1.post(AGGREGATES, {"Name": "Web", "Elements": links("sub01", "sub02")})
    assert made.status_code == 201, made.text
    gone = r1.post(AGGREGATES, {"Name": "Old", "Elements": links("sub03")})
    where = made.headers["Location"]
    assert r1.post(f"{where}/Actions/Aggregate.AddElements",
                   {"Elements": links("sub04")}).status_code == 204
    assert r1.delete(gone.headers["Location"]).status_code == 204
    before = r1.json(where)
    r1.restart()
    assert r1.members(AGGREGATES) == [before["Id"]]
    after = r1.json(where)
    assert {k: v for k, v in after.items() if k != "@odata.etag"} == {
        k: v for k, v in before.items() if k != "@odata.etag"}
    task = r1.finished(r1.post(f"{where}/Actions/Aggregate.Reset",
                               {"ResetType": "ForceRestart", "BatchSize": 2}), 60)
    assert task["TaskState"] == "Completed" and task["Oem"]["ClusterBmc"]["TargetsOk"] == 3
    assert r1.delete(where).status_code == 204
    r1.restart()
    assert not r1.members(AGGREGATES)


def mode(agent, board, words):
    eventually(lambda: agent.node_state(board) in words, 60)


def test_a_board_enters_a_mode_and_comes_back(r1):
    enter = "Systems/sub05/Actions/Oem/ClusterBmcComputerSystem.EnterMode"
    mode(r1, "sub05", ("Linux", "Android"))
    for word, states in (("Loader", ("Loader",)), ("Normal", ("Linux", "Android"))):
        task = r1.finished(r1.post(enter, {"Mode": word}), 60)
        assert task["TaskState"] == "Completed", task
        assert task["Oem"]["ClusterBmc"]["Mode"] == word
        mode(r1, "sub05", states)


def test_an_override_for_once_holds_for_one_reset(r1):
    mode(r1, "sub06", ("Linux", "Android"))
    once = r1.patch("Systems/sub06", {"Boot": {"BootSourceOverrideEnabled": "Once",
                                               "BootSourceOverrideTarget": "Recovery"}})
    assert once.status_code == 200, once.text
    r1.finished(r1.reset("sub06", "ForceRestart"), 60)
    mode(r1, "sub06", ("NetRecovery",))
    eventually(lambda: r1.json("Systems/sub06")["Boot"]["BootSourceOverrideEnabled"]
               == "Disabled", 30)
    r1.finished(r1.reset("sub06", "ForceRestart"), 60)
    mode(r1, "sub06", ("Linux", "Android"))

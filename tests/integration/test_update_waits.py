# SPDX-License-Identifier: Apache-2.0
"""Updates that wait for a reset of their board, for a reset in a window, or for StartUpdate: through
the front door, over restarts and a kill, cancelled, and at the edges of the window."""
import json
from datetime import datetime, timedelta, timezone

import pytest

from conftest import Agents
from harness import eventually
from test_update import SERVICE, curl, end_of, flashed, image_bytes, is_on, push, system

pytestmark = [pytest.mark.plain_only]

WHEN = "@Redfish.OperationApplyTime"
START = f"{SERVICE}/Actions/UpdateService.StartUpdate"
LIST = "@Redfish.OperationApplyTimeSupport"
FOR_RESET = "waiting for the next reset of its board"


def are_up(agent):
    """A board that still boots is not updated."""
    boards = [b for b in agent.members("Systems") if b != "main"]
    eventually(lambda: all(agent.node_state(b) in ("Linux", "Android") for b in boards), 120)


@pytest.fixture(scope="module")
def site():
    one = Agents.new(platform="r1")
    try:
        one.start()
        one.stop()
        one.start_daemon(lambda text: text + "update: {addresses: any}\n"
                         "redfish: {http_push_uri: true}\n")
        are_up(one)
        yield one
    finally:
        Agents.remove(one)


def again(agent, edit=lambda text: text):
    """The agent's next life, with its boards up."""
    agent.start_daemon(edit)
    are_up(agent)


def window(begin, seconds):
    start = datetime.now(timezone.utc) + timedelta(seconds=begin)
    return {"@Redfish.MaintenanceWindow": {
        "MaintenanceWindowStartTime": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "MaintenanceWindowDurationInSeconds": seconds}}


def task_of(headers):
    return "TaskService/Tasks/" + headers["location"].rsplit("/", 1)[1]


def part_of(agent, headers, n=0):
    parts = agent.json(agent.json(task_of(headers))["SubTasks"]["@odata.id"])["Members"]
    return agent.json(parts[n]["@odata.id"])


def waits(agent, headers, words=FOR_RESET):
    """It has its image, and is kept."""
    def look():
        task, part = agent.json(task_of(headers)), part_of(agent, headers)
        return words in json.dumps(task["Messages"]) and words in json.dumps(part["Messages"]) \
            and {task["TaskState"], part["TaskState"]} == {"Pending"}
    eventually(look, 60)


def accept(agent, image, boards, when="OnReset", **more):
    status, headers, body = push(agent, image, {"Targets": [system(b) for b in boards], WHEN: when,
                                                **more})
    assert status == 202, body
    assert body["TaskState"] == "Pending", body
    assert int(headers["retry-after"]) == 60
    return headers


def expect_done(agent, headers, board, image):
    end = end_of(agent, headers)
    assert end["TaskState"] == "Completed", json.dumps(end)
    assert is_on(agent, board, image)


def test_each_action_says_what_it_takes(site):
    service = site.json("UpdateService")
    every = ["Immediate", "AtMaintenanceWindowStart", "OnReset", "OnTargetReset",
             "InMaintenanceWindowOnReset", "OnStartUpdateRequest"]
    assert service["Actions"]["#UpdateService.SimpleUpdate"][LIST]["SupportedValues"] == every
    assert service[f"MultipartHttpPushUri{LIST}"]["SupportedValues"] == every
    assert service["Actions"]["#UpdateService.StartUpdate"]["target"] == START
    for action in site.json("Systems/sub01")["Actions"].values():
        assert action.get(LIST, {"SupportedValues": every[:2]})["SupportedValues"] == every[:2]
    for when in every[2:]:
        r = site.post("Systems/sub01/Actions/ComputerSystem.Reset",
                      {"ResetType": "ForceRestart", WHEN: when, **window(0, 60)})
        assert r.status_code == 400 and "ActionParameterValueNotInList" in r.text, r.text


def test_a_reset_begins_the_update_of_its_board(site):
    image = image_bytes(1)
    headers = accept(site, image, ["sub01", "sub02"])
    waits(site, headers)
    stored = site.json(task_of(headers))["Oem"]["ClusterBmc"]["Image"]
    # the boards are free, the image is not
    assert site.delete(f"{SERVICE}/LocalImageStore/{stored}").status_code in (400, 409)
    again_refused = push(site, image, {"Targets": [system("sub01")], WHEN: "OnReset"})
    assert again_refused[0] == 409 and "waits for sub01 already" in json.dumps(again_refused[2])
    assert site.finished(site.reset("sub01", "ForceRestart"), 60)["TaskState"] == "Completed"
    eventually(lambda: is_on(site, "sub01", image), 60)
    assert not is_on(site, "sub02", image)
    assert site.json(task_of(headers))["TaskState"] == "Running"
    # SNMP resets, too
    site.snmpset("cbmcBoardAction.0.2", "i", "6")
    expect_done(site, headers, "sub02", image)


def test_a_restart_by_the_system_does_so_too(site):
    image = image_bytes(2)
    headers = accept(site, image, ["sub03"], "OnTargetReset")
    waits(site, headers)
    assert site.finished(site.reset("sub03", "GracefulRestart"), 60)["TaskState"] == "Completed"
    expect_done(site, headers, "sub03", image)


def test_what_waits_is_cancelled(site):
    image = image_bytes(3)
    headers = accept(site, image, ["sub04"])
    waits(site, headers)
    assert site.delete(task_of(headers)).status_code == 204
    assert end_of(site, headers)["TaskState"] == "Cancelled"
    assert site.finished(site.reset("sub04", "ForceRestart"), 60)["TaskState"] == "Completed"
    assert not flashed(site, "sub04")["bytes"]
    are_up(site)


@pytest.mark.parametrize("end", ["stop", "kill9"])
def test_it_waits_over_the_end_of_the_agent(site, end):
    image = image_bytes(4 if end == "stop" else 5)
    headers = accept(site, image, ["sub05"])
    waits(site, headers)
    getattr(site, end)()
    again(site)
    waits(site, headers)
    assert site.finished(site.reset("sub05", "ForceRestart"), 60)["TaskState"] == "Completed"
    expect_done(site, headers, "sub05", image)


def test_a_reset_in_the_window_and_none(site):
    image = image_bytes(6)
    inside = accept(site, image, ["sub06"], "InMaintenanceWindowOnReset", **window(-10, 3600))
    before = accept(site, image, ["sub07"], "InMaintenanceWindowOnReset", **window(3000, 3600))
    for board in ("sub06", "sub07"):
        site.finished(site.reset(board, "ForceRestart"), 60)
    expect_done(site, inside, "sub06", image)
    assert not flashed(site, "sub07")["bytes"]
    assert site.json(task_of(before))["TaskState"] == "Pending"
    assert site.delete(task_of(before)).status_code == 204
    none = accept(site, image, ["sub07"], "InMaintenanceWindowOnReset", **window(-5, 25))
    end = end_of(site, none)
    assert end["TaskState"] == "Exception"
    assert "without a reset" in json.dumps(end["Messages"])
    site.finished(site.reset("sub07", "ForceRestart"), 60)
    assert not flashed(site, "sub07")["bytes"]


def test_start_update_begins_what_waits_for_it(site):
    image = image_bytes(7)
    nothing = site.post(START, {})
    assert nothing.status_code == 400 and "NoOperation" in nothing.text
    assert "No update waits" in nothing.text
    stored = site.post(f"{SERVICE}/Actions/UpdateService.SimpleUpdate", {
        "ImageURI": f"{SERVICE}/LocalImageStore/{site.members(f'{SERVICE}/LocalImageStore')[0]}",
        "Targets": [system("sub08")], WHEN: "OnStartUpdateRequest"})
    assert stored.status_code == 202, stored.text
    first = {"location": stored.headers["Location"]}
    r = site.patch("UpdateService", {"HttpPushUriTargets": [system("sub09")], "HttpPushUriOptions": {
        "HttpPushUriApplyTime": {"ApplyTime": "OnStartUpdateRequest"}}})
    assert r.status_code == 200, r.text
    path = site.folder / "plain.img"
    path.write_bytes(image)
    status, second, body = curl(site, "-H", "Content-Type: application/octet-stream", "--data-binary",
                                f"@{path}", site.url(f"{SERVICE}/update"))
    assert status == 202, body
    for headers in (first, second):
        waits(site, headers, "waiting for a request to start updates")
    # no reset begins them
    site.finished(site.reset("sub08", "ForceRestart"), 60)
    assert not flashed(site, "sub08")["bytes"]
    are_up(site)
    site.kill9()
    again(site)
    waits(site, second, "waiting for a request to start updates")
    started = site.post(START)
    assert started.status_code == 200 and "Success" in started.text, started.text
    assert end_of(site, first)["TaskState"] == "Completed"
    expect_done(site, second, "sub09", image)
    assert site.post(START, {}).status_code == 400


def test_an_image_that_is_waited_for_is_not_removed_to_make_room(site):
    image = image_bytes(8)
    headers = accept(site, image, ["sub10"])
    waits(site, headers)
    stored = site.json(task_of(headers))["Oem"]["ClusterBmc"]["Image"]
    site.kill9()  # what was sent a moment ago stays for a minute: not after a restart
    again(site, lambda text: text.replace("{addresses: any}", "{addresses: any, max_images: 3}"))
    for n in range(20, 24):  # it is the one that was used least recently soon
        push(site, image_bytes(n), {"Targets": [system("sub11")],
                                    "Oem": {"ClusterBmc": {"DryRun": True}}})
    assert stored in site.members(f"{SERVICE}/LocalImageStore")
    site.finished(site.reset("sub10", "ForceRestart"), 60)
    expect_done(site, headers, "sub10", image)

# SPDX-License-Identifier: Apache-2.0
"""Every action on a board, a blade and a set of boards; and every reason to refuse one."""
import time

import pytest

from harness import SnmpError, eventually

pytestmark = [pytest.mark.threads, pytest.mark.coverage]

PULSE_MS = 200  # conf/platforms/firefly-r2.yaml
PULSE_MAX_MS = 5000  # a busy machine ends it late, but it ends it


def levels(agent, board, since):
    return [e["level"] for e in agent.trace(since, board) if e.get("line") == "power"]


def ensure(agent, board, state):
    if agent.power(board) != state:
        agent.finished_or_done(agent.reset(board, state if state == "On" else "ForceOff"))
        eventually(lambda: agent.power(board) == state)
    if state == "On":
        up(agent, board)


def up(agent, board):
    """Until its operating system answers."""
    eventually(lambda: agent.node_state(board) in ("Linux", "Android"), 60, 0.2)


def message(response):
    """The first message id of an error answer, without its registry."""
    return response.json()["error"]["@Message.ExtendedInfo"][0]["MessageId"].rsplit(".", 1)[1]


def ok(task):
    assert task["TaskState"] == "Completed", task
    assert task["TaskStatus"] == "OK", task


# ---- one board ----

# What it starts from, where it ends, how often POWER and RESET were touched, adb's request.
@pytest.mark.parametrize("kind, begin, end, power, pulses, request_", [
    ("On", "Off", "On", 1, 0, None),
    ("ForceOn", "Off", "On", 1, 0, None),
    ("ForceOff", "On", "Off", 1, 0, None),
    ("GracefulShutdown", "On", "Off", None, 0, "shutdown"),
    ("GracefulRestart", "On", "On", 0, 0, "reboot"),
    ("ForceRestart", "On", "On", 0, 1, None),
    ("PowerCycle", "On", "On", 2, 0, None),
])
def test_reset_of_a_board(agent, kind, begin, end, power, pulses, request_):
    board = "sub1-01"
    ensure(agent, board, begin)
    since = agent.last_seq()
    ok(agent.finished(agent.reset(board, kind), 60))
    assert agent.power(board) == end
    lengths, at_rest = agent.pulses(board, since=since)
    assert at_rest and len(lengths) == pulses
    assert all(PULSE_MS * 0.9 <= x <= PULSE_MAX_MS for x in lengths)
    if power is not None:
        assert len(levels(agent, board, since)) == power
    assert agent.requests_to(board, since) == ([request_] if request_ else [])
    ensure(agent, board, "On")


@pytest.mark.parametrize("verb, end", [("forceOff", "Off"), ("on", "On"), ("powerCycle", "On"),
                                       ("forceRestart", "On")])
def test_action_of_a_board_over_snmp(agent, verb, end):
    board = "sub1-02"
    ensure(agent, board, "Off" if verb == "on" else "On")
    i = agent.index(board)
    agent.snmpset(f"cbmcBoardAction.{i}", "i", verb)
    job = int(agent.snmpget(f"cbmcBoardActionJob.{i}"))
    assert agent.snmpget(f"cbmcBoardLastAction.{i}") == verb
    eventually(lambda: agent.snmpget(f"cbmcJobState.{job}") == "completed", 20)
    eventually(lambda: agent.power(board) == end)
    assert agent.snmpget(f"cbmcBoardAction.{i}") == "none"
    ensure(agent, board, "On")


@pytest.mark.parametrize("kind, state", [("On", "On"), ("ForceOn", "On"), ("ForceOff", "Off"),
                                         ("GracefulShutdown", "Off")])
def test_already_in_the_wanted_state_is_success_and_nothing_is_pulsed(agent, kind, state):
    board = "sub1-04"
    ensure(agent, board, state)
    since, tasks = agent.last_seq(), agent.members("TaskService/Tasks")
    assert agent.reset(board, kind).status_code == 204
    assert agent.trace(since, board) == []
    assert agent.members("TaskService/Tasks") == tasks
    ensure(agent, board, "On")


def test_already_in_the_wanted_state_is_success_over_snmp(agent):
    ensure(agent, "sub1-05", "On")
    since = agent.last_seq()
    agent.snmpset(f"cbmcBoardAction.{agent.index('sub1-05')}", "i", "on")
    assert agent.trace(since, "sub1-05") == []


@pytest.mark.parametrize("off", ["GracefulShutdown", "ForceOff"])
def test_on_right_after_a_shutdown_is_done_after_it(agent, off):
    board = "sub1-07"
    ensure(agent, board, "On")
    since = agent.last_seq()
    down = agent.reset(board, off)
    state = agent.power(board)
    up = agent.reset(board, "On")
    assert state in ("PoweringOff", "Off")
    assert (down.status_code, up.status_code) == (202, 202), up.text
    ok(agent.finished(down, 60))
    ok(agent.finished(up, 60))
    assert agent.power(board) == "On"
    assert levels(agent, board, since) == [0, 1]


def test_power_state_says_where_a_shutdown_is(agent):
    board = "sub1-08"
    ensure(agent, board, "On")
    agent.sim("fault", id=board, fault="adb_hang", seconds=600)
    down = agent.reset(board, "GracefulShutdown")
    seen = [agent.power(board), agent.json(f"Chassis/{board}")["PowerState"]]
    over_snmp = agent.snmpget(f"cbmcBoardPowerState.{agent.index(board)}")
    assert agent.delete(down.headers["Location"]).status_code == 204
    assert seen == ["PoweringOff"] * 2 and over_snmp == "poweringOff"
    eventually(lambda: agent.power(board) == "On")
    agent.sim("clear", id=board)


def test_graceful_restart_of_a_hanging_board_ends_with_one_reset_pulse(agent):
    board = "sub1-06"
    ensure(agent, board, "On")
    since = agent.last_seq()
    agent.sim("fault", id=board, fault="adb_hang", seconds=60)
    begin = time.monotonic()
    task = agent.finished(agent.reset(board, "GracefulRestart"), 60)
    assert time.monotonic() - begin >= 9
    ok(task)
    lengths, at_rest = agent.pulses(board, since=since)
    assert len(lengths) == 1 and at_rest
    assert PULSE_MS * 0.9 <= lengths[0] <= PULSE_MAX_MS
    assert agent.requests_to(board, since) == ["reboot"]
    assert "pin" in str(task["Messages"]).lower() or "ResetFellBack" in str(task["Messages"])
    agent.sim("clear", id=board)


def test_graceful_restart_that_adb_refuses_ends_with_one_reset_pulse(agent):
    board = "sub1-07"
    ensure(agent, board, "On")
    since = agent.last_seq()
    agent.sim("fault", id=board, fault="adb_fail", seconds=60)
    ok(agent.finished(agent.reset(board, "GracefulRestart"), 60))
    lengths, at_rest = agent.pulses(board, since=since)
    assert len(lengths) == 1 and at_rest
    agent.sim("clear", id=board)


def test_graceful_shutdown_never_falls_to_force_off(new_agent, tmp_path):
    agent = new_agent(platform=platform(tmp_path, "shutdown: 2s")).start()
    agent.sim("fault", id="sub1-01", fault="adb_fail", seconds=60)
    task = agent.finished(agent.reset("sub1-01", "GracefulShutdown"), 60)
    assert task["TaskState"] == "Exception"
    assert agent.power("sub1-01") == "On"
    assert [e for e in agent.trace(0, "sub1-01") if e.get("line") == "power"] == []


def platform(folder, extra, reset=True):
    """Three boards in one blade."""
    pins = '    pins: [{name: power, chip: c, line: "{s}"}' + (
        ', {name: reset, chip: c, line: "1{s}", pulse: 120ms}]\n' if reset else "]\n")
    path = folder / "platform.yaml"
    path.write_text(f"""
platform: three
{extra}
chips: [{{id: c, driver: simulator, lines: 100}}]
sources: {{default: simulator}}
verbs: {{power: simulator, reset: simulator, os_reboot: simulator, os_shutdown: simulator}}
chassis: [{{id: enclosure}}]
blades: [{{id: blade1, index: "1"}}]
boards:
  - range: {{s: 1-3}}
    id: "sub1-{{s:02}}"
    index: "1.{{s}}"
    parent: blade1
{pins}""")
    path.chmod(0o644)
    for parent in list(path.parents)[:3]:
        if parent != parent.parent and parent.stat().st_uid == path.stat().st_uid:
            parent.chmod(parent.stat().st_mode | 0o011)
    return path


def test_force_restart_without_a_reset_pin_is_power_off_and_on(new_agent, tmp_path):
    agent = new_agent(platform=platform(tmp_path, "settle: 300ms", reset=False)).start()
    ok(agent.finished(agent.reset("sub1-02", "ForceRestart"), 60))
    edges = [e for e in agent.trace(0, "sub1-02") if e.get("line") == "power"]
    assert len(edges) == 2
    assert (edges[1]["usec"] - edges[0]["usec"]) / 1000 >= 250
    assert agent.power("sub1-02") == "On"


# ---- a blade, a set ----

def test_blade_boards_go_one_after_another_with_the_inrush_delay(agent):
    boards = [f"sub4-{s:02}" for s in range(1, 9)]
    ok(agent.finished(agent.post("Chassis/blade4/Actions/Chassis.Reset",
                                 {"ResetType": "ForceOff"}), 60))
    eventually(lambda: all(agent.power(b) == "Off" for b in boards))
    since = agent.last_seq()
    task = agent.finished(agent.post("Chassis/blade4/Actions/Chassis.Reset",
                                     {"ResetType": "On"}), 60)
    ok(task)
    on = sorted(e["usec"] for e in agent.trace(since) if e.get("line") == "power")
    assert len(on) == 8
    assert all(b - a >= 190_000 for a, b in zip(on, on[1:]))  # the platform's 200 ms
    assert len(agent.json(task["SubTasks"]["@odata.id"])["Members"]) == 8
    eventually(lambda: all(agent.power(b) == "On" for b in boards))


def test_batches_of_a_set_are_a_delay_apart(agent):
    boards = ["sub9-06", "sub8-01", "sub9-02", "sub8-05", "sub9-04", "sub8-03"]
    targets = [{"@odata.id": f"/redfish/v1/Systems/{b}"} for b in boards]
    url = "AggregationService/Actions/AggregationService.Reset"
    for board in boards:
        ensure(agent, board, "On")
    since = agent.last_seq()
    ok(agent.finished(agent.post(url, {"ResetType": "ForceOff", "TargetURIs": targets,
                                       "BatchSize": 2, "DelayBetweenBatchesInSeconds": 1}), 60))
    off = sorted((e["usec"], e["board"]) for e in agent.trace(since) if e.get("line") == "power")
    times, order = zip(*off)
    assert [set(order[i:i + 2]) for i in (0, 2, 4)] == [set(boards[i:i + 2]) for i in (0, 2, 4)]
    assert times[2] - times[1] >= 1_000_000 and times[4] - times[3] >= 1_000_000, times
    ok(agent.finished(agent.post(url, {"ResetType": "On", "TargetURIs": targets}), 60))


def test_blade_action_over_snmp(agent):
    agent.snmpset("cbmcBladeAction.5", "i", "forceOff")
    boards = [f"sub5-{s:02}" for s in range(1, 9)]
    eventually(lambda: all(agent.power(b) == "Off" for b in boards), 20)
    eventually(lambda: agent.snmpget("cbmcBladeActionState.5") == "completed", 20)
    agent.snmpset("cbmcBladeAction.5", "i", "on")
    eventually(lambda: all(agent.power(b) == "On" for b in boards), 20)
    eventually(lambda: agent.snmpget("cbmcBladeActionState.5") == "completed", 20)


def test_set_of_boards_in_one_pdu_is_one_claim(agent):
    boards = ["sub6-01", "sub6-04", "sub7-02"]
    agent.snmpset(*[w for b in boards
                    for w in (f"cbmcBoardAction.{agent.index(b)}", "i", "forceOff")])
    eventually(lambda: all(agent.power(b) == "Off" for b in boards), 20)
    agent.snmpset(*[w for b in boards for w in (f"cbmcBoardAction.{agent.index(b)}", "i", "on")])
    eventually(lambda: all(agent.power(b) == "On" for b in boards), 20)


def test_set_of_boards_in_redfish(agent):
    boards = ["sub6-02", "sub6-05", "sub7-03"]
    for kind, state in (("ForceOff", "Off"), ("On", "On")):
        body = {"ResetType": kind, "TargetURIs": [f"/redfish/v1/Systems/{b}" for b in boards]}
        ok(agent.finished(agent.post(
            "AggregationService/Actions/AggregationService.Reset", body), 60))
        eventually(lambda: all(agent.power(b) == state for b in boards))


# ---- settings that hardware carries out ----

def test_locator_is_lit_from_redfish_and_seen_over_snmp(agent):
    i = agent.index("sub8-01")
    for value, word in ((True, "true"), (False, "false")):
        r = agent.patch("Systems/sub8-01", {"LocationIndicatorActive": value})
        assert r.status_code in (200, 204), r.text
        eventually(lambda: agent.snmpget(f"cbmcBoardLocator.{i}") == word)
        assert agent.json("Systems/sub8-01")["LocationIndicatorActive"] is value


def test_fan_follows_the_duty_it_is_given(agent):
    agent.snmpset("cbmcFanMode.3", "i", "manual")
    agent.snmpset("cbmcFanTargetDuty.3", "i", "80000")
    fan = "Chassis/enclosure/ThermalSubsystem/Fans/fan3"
    eventually(lambda: abs((agent.json(fan)["SpeedPercent"].get("Reading") or 0) - 80) < 2, 20)
    eventually(lambda: agent.json(fan)["SpeedPercent"]["SpeedRPM"] > 8000, 20)
    agent.snmpset("cbmcFanTargetDuty.3", "i", "40000")
    eventually(lambda: agent.json(fan)["SpeedPercent"]["SpeedRPM"] < 6000, 20)
    agent.snmpset("cbmcFanMode.3", "i", "automatic")


# ---- refusals ----

def test_empty_slot_is_a_clear_error_in_both_protocols(agent):
    board, i = "sub9-01", agent.index("sub9-01")
    agent.sim("set", kind="board", id=board, field="present", value=False)
    try:
        eventually(lambda: agent.json(f"Systems/{board}")["Status"]["State"] == "Absent")
        answer = agent.reset(board, "On")
        assert answer.status_code in (400, 404, 409) and "error" in answer.json()
        with pytest.raises(SnmpError, match="inconsistentValue"):
            agent.snmpset(f"cbmcBoardAction.{i}", "i", "on")
        assert agent.snmpget(f"cbmcBoardPresent.{i}") == "false"
    finally:
        agent.sim("clear", id=board)
    eventually(lambda: agent.json(f"Systems/{board}")["Status"]["State"] != "Absent")


def test_unknown_board_is_404_and_no_creation(agent):
    answer = agent.reset("sub9-99", "On")
    assert answer.status_code == 404
    assert message(answer) in ("ResourceMissingAtURI", "ResourceNotFound")
    with pytest.raises(SnmpError, match="noCreation|noSuchName|inconsistentName"):
        agent.snmpset("cbmcBoardAction.9.99", "i", "on")


def test_busy_board_is_a_conflict_and_inconsistent_value(agent):
    board, i = "sub2-01", agent.index("sub2-01")
    agent.sim("fault", id=board, fault="adb_hang", seconds=60)
    try:
        first = agent.reset(board, "GracefulRestart")
        assert first.status_code == 202
        second = agent.reset(board, "ForceOff")
        assert second.status_code in (409, 503), second.text
        with pytest.raises(SnmpError, match="inconsistentValue"):
            agent.snmpset(f"cbmcBoardAction.{i}", "i", "forceOff")
        agent.finished(first, 60)
    finally:
        agent.sim("clear", id=board)


def test_set_with_one_busy_board_starts_none(agent):
    agent.sim("fault", id="sub2-03", fault="adb_hang", seconds=60)
    try:
        first = agent.reset("sub2-03", "GracefulRestart")
        since = agent.last_seq()
        with pytest.raises(SnmpError, match="inconsistentValue"):
            agent.snmpset(f"cbmcBoardAction.{agent.index('sub2-04')}", "i", "forceOff",
                          f"cbmcBoardAction.{agent.index('sub2-03')}", "i", "forceOff")
        assert agent.trace(since, "sub2-04") == []
        agent.finished(first, 60)
    finally:
        agent.sim("clear", id="sub2-03")


def test_wrong_role_is_refused_in_both_protocols(agent):
    made = agent.post("AccountService/Accounts", {
        "UserName": "looker", "Password": "only-Looking-7", "RoleId": "ReadOnly"})
    assert made.status_code == 201, made.text
    since = agent.last_seq()
    answer = agent.reset("sub2-06", "ForceOff", auth=("looker", "only-Looking-7"))
    assert answer.status_code == 403 and message(answer) == "InsufficientPrivilege"
    with pytest.raises(SnmpError, match="noAccess|authorizationError|notWritable"):
        agent.snmpset(f"cbmcBoardAction.{agent.index('sub2-06')}", "i", "forceOff",
                      community="public")
    assert agent.trace(since, "sub2-06") == []
    assert agent.delete("AccountService/Accounts/looker").status_code in (200, 204)


@pytest.mark.parametrize("body, expected", [
    ({"ResetType": "Nmi"}, "ActionParameterNotSupported|ActionParameterValue"),
    ({"ResetType": "Explode"}, "ActionParameterValue|PropertyValue"),
    ({"ResetType": 5}, "ActionParameterValueType|PropertyValueType"),
    ({"ResetType": "On", "Delay": 1}, "ActionParameterUnknown|PropertyUnknown"),
])
def test_reset_with_a_wrong_parameter_is_400(agent, body, expected):
    answer = agent.post("Systems/sub2-07/Actions/ComputerSystem.Reset", body)
    assert answer.status_code == 400
    assert any(message(answer).startswith(word) for word in expected.split("|")), answer.text


@pytest.mark.parametrize("type_, value, error", [("i", "99", "wrongValue"),
                                                 ("s", "on", "wrongType")])
def test_snmpset_of_a_wrong_action_has_the_error_status_of_rfc_3416(agent, type_, value, error):
    since, oid = agent.last_seq(), agent.oid("cbmcBoardAction", agent.index("sub2-07"))
    with pytest.raises(SnmpError, match=error):
        agent.snmpset(oid, type_, value, mibs=False)
    assert agent.trace(since) == []


def test_task_of_a_board_that_never_boots_ends_by_itself(agent):
    board = "sub8-02"
    ensure(agent, board, "On")
    agent.sim("fault", id=board, fault="pin_stuck", seconds=120)
    try:
        task = agent.finished(agent.reset(board, "ForceOff"), 90)
        assert task["TaskState"] in ("Exception", "Completed")
    finally:
        agent.sim("clear", id=board)


def test_allowable_values_are_in_action_info_and_in_the_action(agent):
    action = agent.json("Systems/sub1-01")["Actions"]["#ComputerSystem.Reset"]
    values = set(action["ResetType@Redfish.AllowableValues"])
    assert {"On", "ForceOff", "GracefulShutdown", "GracefulRestart", "ForceRestart",
            "PowerCycle"} <= values
    info = agent.json(action["@Redfish.ActionInfo"])
    assert set(info["Parameters"][0]["AllowableValues"]) == values

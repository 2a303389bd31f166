# SPDX-License-Identifier: Apache-2.0
"""The manager's own switches: SNMP, the event log, the clock, limits of logins."""
import hashlib
import re
import time
from datetime import datetime, timedelta, timezone

import pytest

from harness import SnmpError, eventually

pytestmark = [pytest.mark.plain_only]

PROTOCOL = "Managers/bmc/NetworkProtocol"
LOG = "Managers/bmc/LogServices/Events"


def keys(answer):
    """The keys of an error's messages."""
    return [m["MessageId"].rsplit(".", 1)[1]
            for m in answer.json()["error"]["@Message.ExtendedInfo"]]


def answers(agent, **kw):
    try:
        return bool(agent.snmpget("cbmcManagerId.0", timeout=1, **kw))
    except SnmpError:
        return False


# ---- SNMP ----

def test_network_protocol_shows_snmp_as_it_is(agent):
    snmp = agent.json(PROTOCOL)["SNMP"]
    assert snmp["ProtocolEnabled"] is True and snmp["Port"] == agent.snmp_port
    assert snmp["EnableSNMPv1"] is False and snmp["EnableSNMPv2c"] is True
    engine = (snmp["EngineId"]["PrivateEnterpriseId"] + " " +
              snmp["EngineId"]["ArchitectureId"]).upper()
    shown = agent.snmp("snmpget", "-Oqv", [".1.3.6.1.6.3.10.2.1.1.0"]).replace('"', "")
    assert shown.split() == engine.split()


def test_snmp_is_switched_off_and_on(agent):
    assert answers(agent)
    body = agent.patch(PROTOCOL, {"SNMP": {"ProtocolEnabled": False}})
    assert body.status_code == 200 and body.json()["SNMP"]["ProtocolEnabled"] is False
    assert not answers(agent)
    assert agent.patch(PROTOCOL, {"SNMP": {"ProtocolEnabled": True}}).status_code == 200
    eventually(lambda: answers(agent))


def test_a_version_is_switched_off_by_itself(agent):
    assert agent.patch(PROTOCOL, {"SNMP": {"EnableSNMPv2c": False}}).status_code == 200
    assert not answers(agent)
    assert agent.json(PROTOCOL)["SNMP"]["ProtocolEnabled"] is True
    agent.patch(PROTOCOL, {"SNMP": {"EnableSNMPv2c": True}})
    eventually(lambda: answers(agent))


def test_the_switch_outlives_a_restart(new_agent):
    agent = new_agent().start()
    agent.patch(PROTOCOL, {"SNMP": {"ProtocolEnabled": False}})
    agent.restart()
    assert agent.json(PROTOCOL)["SNMP"]["ProtocolEnabled"] is False
    assert not answers(agent)


def test_reset_to_defaults_drops_what_was_set_and_nothing_else(new_agent):
    agent = new_agent(platform="r1").start()
    target = "Managers/bmc/Actions/Manager.ResetToDefaults"
    action = agent.json("Managers/bmc")["Actions"]["#Manager.ResetToDefaults"]
    assert action["target"].endswith(target)
    assert action["ResetType@Redfish.AllowableValues"] == ["PreserveNetworkAndUsers"]
    before = agent.json("Systems/sub03")["AssetTag"]
    assert agent.patch("Systems/sub03", {"AssetTag": "rack 7"}).status_code == 200
    assert agent.patch(PROTOCOL, {"SNMP": {"EnableSNMPv2c": False}}).status_code == 200
    for body, key in (({"ResetType": "ResetAll"}, "ActionParameterValueNotInList"),
                      ({"ResetType": "PreserveNetwork"}, "ActionParameterValueNotInList"),
                      ({}, "ActionParameterMissing")):
        refused = agent.post(target, body)
        assert refused.status_code == 400 and keys(refused) == [key], refused.text
    assert agent.json("Systems/sub03")["AssetTag"] == "rack 7"
    assert agent.post(target, {"ResetType": "PreserveNetworkAndUsers"}).status_code == 204

    def as_configured():
        assert agent.json("Systems/sub03")["AssetTag"] == before
        assert agent.json(PROTOCOL)["SNMP"]["EnableSNMPv2c"] is True
        assert agent.members("AccountService/Accounts") == ["admin"]
    as_configured()
    assert [e for e in agent.json(f"{LOG}/Entries")["Members"]
            if e["MessageId"].endswith(".SettingsReset") and e["MessageArgs"][0] == "admin"]
    agent.restart()
    as_configured()


def test_reset_of_the_manager_is_answered_each_time(new_agent):
    agent = new_agent().start()

    for i in range(15):
        agent.http.close()  # a connection of its own, as curl has
        kind = "ForceRestart" if i == 7 else "GracefulRestart"
        r = agent.post("Managers/bmc/Actions/Manager.Reset", {"ResetType": kind})
        assert r.status_code == 204, r.text
        agent.pid = eventually(lambda: agent.ready_pid(old=agent.pid), 60)


@pytest.mark.parametrize("change, key", [
    ({"SNMP": {"Port": 1161}}, "PropertyNotWritable"),
    ({"SNMP": {"EnableSNMPv1": True}}, "PropertyNotWritable"),
    ({"SNMP": {"EngineId": {"ArchitectureId": "00"}}}, "PropertyNotWritable"),
    ({"SNMP": {"ProtocolEnabled": "yes"}}, "PropertyValueTypeError"),
    ({"SNMP": {"EnableSNMPv4": True}}, "PropertyUnknown"),
    ({"SNMP": True}, "PropertyValueTypeError"),
    ({"HTTPS": {"Port": 444}}, "PropertyNotWritable"),
    ({"SSH": {"ProtocolEnabled": True}}, "PropertyUnknown"),
    ({"NTP": {"ProtocolEnabled": True}}, "PropertyNotWritable"),  # helper.system is deny
    ({"NTP": {"NTPServers": ["a.example"]}}, "PropertyNotWritable"),
])
def test_what_cannot_be_changed_is_refused_by_name(agent, change, key):
    before = agent.json(PROTOCOL)
    r = agent.patch(PROTOCOL, change)
    assert r.status_code == 400 and keys(r) == [key]
    assert agent.json(PROTOCOL) == before and answers(agent)


def test_only_an_administrator_switches_snmp(agent):
    agent.post("AccountService/Accounts", {"UserName": "oskar", "Password": "secret-Pw-12",
                                           "RoleId": "Operator"})
    r = agent.patch(PROTOCOL, {"SNMP": {"ProtocolEnabled": False}}, auth=("oskar", "secret-Pw-12"))
    assert r.status_code == 403 and answers(agent)
    agent.delete("AccountService/Accounts/oskar")


# ---- the event log ----

def clear(agent, **kw):
    target = agent.json(LOG)["Actions"]["#LogService.ClearLog"]["target"]
    return agent.post(target, {}, **kw)


def events(agent):
    return agent.json(f"{LOG}/Entries")["Members"]


def test_cleared_log_is_empty_but_for_who_did_it_also_after_a_restart(new_agent):
    agent = new_agent().start()
    agent.post("SessionService/Sessions", {"UserName": "admin", "Password": agent.password})
    assert len(eventually(lambda: len(events(agent)) > 2 and events(agent))) > 2
    last = max(int(e["Id"]) for e in events(agent))
    assert clear(agent).status_code == 204
    # events of boards that are still starting may come before and after it
    before = sorted(int(e["Id"]) for e in events(agent))
    done, = [e for e in events(agent) if e["MessageId"].endswith(".LogCleared")]
    assert done["MessageArgs"] == ["admin", "127.0.0.1"]
    assert before[0] > last, "numbers go on, and what was there is gone"
    table = {int(k.split(".")[1]): v for k, v in agent.snmpwalk("cbmcEventType").items()}
    assert min(table) == before[0] and table[int(done["Id"])] == "LogCleared"
    agent.kill9()
    agent.start()
    ids = [int(e["Id"]) for e in events(agent)]
    assert min(ids) == before[0], "what was cleared is not back"
    assert len(set(ids)) == len(ids)


def test_new_events_appear_after_a_clear_and_are_sent(agent):
    assert clear(agent).status_code == 204
    agent.trap.wait("LogCleared")
    agent.finished(agent.reset("sub1-06", "ForceOff"))
    eventually(lambda: any(e["MessageId"].endswith("BoardPowerChanged") for e in events(agent)))
    agent.finished(agent.reset("sub1-06", "On"))


def test_only_an_administrator_clears_the_log(agent):
    agent.post("AccountService/Accounts", {"UserName": "otto", "Password": "secret-Pw-12",
                                           "RoleId": "Operator"})
    r = clear(agent, auth=("otto", "secret-Pw-12"))
    assert r.status_code == 403 and keys(r) == ["InsufficientPrivilege"]
    assert len(events(agent)) > 1
    agent.delete("AccountService/Accounts/otto")


def test_clear_takes_no_parameters(agent):
    target = agent.json(LOG)["Actions"]["#LogService.ClearLog"]["target"]
    r = agent.post(target, {"LogType": "Full"})
    assert r.status_code == 400 and keys(r) == ["ActionParameterUnknown"]


# ---- the clock ----

def test_manager_shows_its_clock(agent):
    manager = agent.json("Managers/bmc")
    shown = datetime.fromisoformat(manager["DateTime"])
    assert abs(shown - datetime.now(timezone.utc)) < timedelta(minutes=2)
    assert manager["DateTime"].endswith(manager["DateTimeLocalOffset"])
    assert re.fullmatch(r"[-+][01]\d:[0-5]\d", manager["DateTimeLocalOffset"])


def test_running_clock_does_not_change_what_if_match_compares(agent):
    etag = agent.get("Managers/bmc").headers["ETag"]
    now = agent.json("Managers/bmc")["DateTime"]
    eventually(lambda: agent.json("Managers/bmc")["DateTime"] != now)
    r = agent.patch("Managers/bmc", {"Oem": {"ClusterBmc": {"Label": "mine"}}},
                    headers={"If-Match": etag})
    assert r.status_code == 200
    agent.patch("Managers/bmc", {"Oem": {"ClusterBmc": {"Label": "Cluster server manager"}}})


@pytest.mark.parametrize("change, key", [
    ({"DateTime": "2026-11-21T12:00:00Z"}, "PropertyNotWritable"),  # helper.system is deny
    ({"DateTime": "tomorrow"}, "PropertyValueFormatError"),
    ({"DateTime": "2026-02-30T12:00:00Z"}, "PropertyValueFormatError"),
    ({"DateTime": "2026-11-21T24:00:00Z"}, "PropertyValueFormatError"),
    ({"DateTime": "2026-11-21T12:00:00"}, "PropertyValueFormatError"),
    ({"DateTime": 7}, "PropertyValueTypeError"),
    ({"DateTimeLocalOffset": "+01:00"}, "PropertyNotWritable"),
])
def test_clock_is_not_set_where_the_configuration_says_no(agent, change, key):
    r = agent.patch("Managers/bmc", change)
    assert r.status_code == 400 and keys(r) == [key]


# ---- accounts ----

def test_account_service_says_the_limits_that_hold(agent):
    service = agent.json("AccountService")
    assert service["AccountLockoutThreshold"] == 5
    assert service["AccountLockoutDuration"] == 300
    low, high = service["MinPasswordLength"], service["MaxPasswordLength"]
    for length, status in ((low - 1, 400), (low, 201), (high, 201), (high + 1, 400)):
        password = ("aB3-" + hashlib.sha512(b"any").hexdigest())[:length]
        r = agent.post("AccountService/Accounts", {"UserName": f"len{length}", "RoleId": "ReadOnly",
                                                   "Password": password})
        assert r.status_code == status, (length, r.text)
        if status == 201:
            agent.delete(f"AccountService/Accounts/len{length}")


LIMITS = {"AccountLockoutThreshold": (1, 10), "AccountLockoutDuration": (60, 86400),
          "MinPasswordLength": (8, 64)}


@pytest.mark.parametrize("name", LIMITS)
def test_account_limit_is_a_setting_within_bounds(agent, name):
    before, (low, high) = agent.json("AccountService")[name], LIMITS[name]
    for value, status in ((low - 1, 400), (low, 200), (high, 200), (high + 1, 400), ("9", 400)):
        r = agent.patch("AccountService", {name: value})
        assert r.status_code == status, (value, r.text)
        if status == 200:
            assert r.json()[name] == agent.json("AccountService")[name] == value
    assert agent.json("AccountService")[name] == high
    assert agent.patch("AccountService", {name: before}).status_code == 200


def test_account_limits_are_changed_from_the_state_that_was_read(agent):
    def read():
        return agent.get("AccountService").headers["ETag"]

    def change(value, etag):
        return agent.patch("AccountService", {"AccountLockoutThreshold": value},
                           headers={"If-Match": etag})
    first, r = read(), change(6, read())
    assert r.status_code == 200
    etag = read()
    assert first != etag == r.headers["ETag"]
    r = change(7, first)
    assert r.status_code == 412 and keys(r) == ["PreconditionFailed"]
    assert agent.json("AccountService")["AccountLockoutThreshold"] == 6
    # neither readings nor another setting of the manager are a change of this resource
    fan = "Chassis/enclosure/ThermalSubsystem/Fans/fan1"
    speed = agent.json(fan)["SpeedPercent"]
    agent.sim("set", kind="fan", id="fan1", field="rpm", value=3456)
    eventually(lambda: agent.json(fan)["SpeedPercent"] != speed)
    for label in ("mine", "Cluster server manager"):
        r = agent.patch("Managers/bmc", {"Oem": {"ClusterBmc": {"Label": label}}})
        assert r.status_code == 200
    assert change(5, etag).status_code == 200
    assert change(6, "*").status_code == change(5, read()).status_code == 200


def test_only_an_administrator_changes_account_limits(agent):
    agent.post("AccountService/Accounts", {"UserName": "orla", "Password": "secret-Pw-12",
                                           "RoleId": "Operator"})
    orla = ("orla", "secret-Pw-12")
    before = agent.json("AccountService")["AccountLockoutDuration"]
    for headers in ({}, {"If-Match": agent.get("AccountService").headers["ETag"]}):
        r = agent.patch("AccountService", {"AccountLockoutDuration": 900}, auth=orla,
                        headers=headers)
        assert r.status_code == 403 and keys(r) == ["InsufficientPrivilege"]
    assert agent.json("AccountService")["AccountLockoutDuration"] == before
    agent.delete("AccountService/Accounts/orla")


def test_longest_password_is_no_setting(agent):
    assert agent.patch("AccountService", {"MaxPasswordLength": 99}).status_code == 400


def test_account_limits_hold_and_outlive_a_restart(new_agent):
    agent = new_agent().start()
    r = agent.patch("AccountService", {"AccountLockoutThreshold": 2, "MinPasswordLength": 12})
    assert r.status_code == 200, r.text
    agent.restart()
    service = agent.json("AccountService")
    assert (service["AccountLockoutThreshold"], service["MinPasswordLength"]) == (2, 12)
    new = {"UserName": "olga", "RoleId": "Operator"}
    assert agent.post("AccountService/Accounts", {**new, "Password": "Quartz-Lmp4"}).status_code == 400
    assert agent.post("AccountService/Accounts", {**new, "Password": "Quartz-Lmp44"}).status_code == 201
    assert agent.patch("AccountService/Accounts/olga", {"Password": "Basalt-Rp5"}).status_code == 400

    def wrong():
        return agent.get("Systems", auth=("admin", "not-the-Password-1")).status_code
    time.sleep(1.5)  # the throttle follows within a second
    assert agent.get("Systems").status_code == 200  # this client is known
    assert [wrong() for _ in range(3)] == [401, 401, 503]


def test_a_normal_boot_is_no_warning_and_few_entries(agent):
    board, up = "sub1-06", ("android", "linux")
    state = f"cbmcBoardState.{agent.index(board)}"
    eventually(lambda: agent.snmpget(state) in up, 60)
    assert clear(agent).status_code == 204
    agent.finished(agent.reset(board, "PowerCycle"), 60)
    eventually(lambda: agent.snmpget(state) not in up, 60)
    eventually(lambda: agent.snmpget(state) in up, 60)
    log = events(agent)
    assert {e["Severity"] for e in log} == {"OK"}, log
    told = [e["Message"] for e in log if board in "".join(e["MessageArgs"])]
    # the task; off and on; where the boot begins and where it ends
    assert 4 <= len(told) <= 2 + 2 + 2, told

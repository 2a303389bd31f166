# SPDX-License-Identifier: Apache-2.0
"""Metric reports and triggers over Redfish."""
import time

import pytest

from harness import eventually

pytestmark = [pytest.mark.coverage]

T = "TelemetryService"
REPORTS = f"{T}/MetricReportDefinitions"


def define(agent, **body):
    return agent.post(REPORTS, {"MetricReportDefinitionType": "OnRequest",
                                "Metrics": [{"MetricId": "FanSpeed"}], **body})


def trigger(agent, metric="FanSpeed", **more):
    limits = {k: {"Reading": v} for k, v in more.pop("limits", {"UpperCritical": 9000}).items()}
    return agent.post(f"{T}/Triggers", {"MetricIds": [metric], "NumericThresholds": limits, **more})


def keys(answer):
    return [m["MessageId"].rsplit(".", 1)[1]
            for m in answer.json()["error"]["@Message.ExtendedInfo"]]


def value_at(agent, where):
    """What a MetricProperty names."""
    uri, path = where.split("#")
    at = agent.json(uri)
    for key in path.strip("/").split("/"):
        at = at[key]
    return at


@pytest.fixture(scope="module")
def r1(module_agent):
    return module_agent


@pytest.fixture(scope="module")
def module_agent():
    from harness import Agent
    one = Agent(platform="r1")
    try:
        yield one.start()
    finally:
        one.remove()


def test_each_metric_names_properties_that_are_there(r1):
    ids = r1.members(f"{T}/MetricDefinitions")
    assert len(ids) == len(set(ids)) >= 8
    for metric in ids:
        body = r1.json(f"{T}/MetricDefinitions/{metric}")
        assert body["Id"] == metric and body["MetricProperties"]
        for where in body["MetricProperties"]:
            value = value_at(r1, where)
            assert value is None or isinstance(value, (int, float)), where
    assert r1.get(f"{T}/MetricDefinitions/Nothing").status_code == 404


def test_a_report_on_request_shows_what_is_read_now(r1):
    made = define(r1, Id="now", Name="Now", Metrics=[{"MetricId": "FanSpeed"},
                                                     {"MetricId": "BoardPower"}])
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"/redfish/v1/{REPORTS}/now"
    r1.sim("set", kind="fan", id="fan1", field="rpm", value=4321)

    def shown():
        body = r1.json(f"{T}/MetricReports/now")
        fans = {v["MetricProperty"].split("#")[0].rsplit("/", 1)[1]: v["MetricValue"]
                for v in body["MetricValues"] if v["MetricId"] == "FanSpeed"}
        return fans.get("fan1") == "4321" and body
    body = eventually(shown, 10)
    assert {v["MetricId"] for v in body["MetricValues"]} == {"FanSpeed", "BoardPower"}
    assert body["MetricReportDefinition"]["@odata.id"] == made.headers["Location"]
    r1.sim("clear", id="fan1")
    r1.patch(f"{REPORTS}/now", {"MetricReportDefinitionEnabled": False})
    assert r1.json(f"{T}/MetricReports/now")["MetricValues"] == []
    assert r1.delete(f"{REPORTS}/now").status_code == 204
    assert r1.get(f"{T}/MetricReports/now").status_code == 404


def test_a_periodic_report_is_of_one_moment_and_comes_again(r1):
    assert define(r1, Id="each", MetricReportDefinitionType="Periodic",
                  Schedule={"RecurrenceInterval": "PT1S"}).status_code == 201
    first = eventually(lambda: r1.json(f"{T}/MetricReports/each")["Timestamp"], 10)
    body = r1.json(f"{T}/MetricReports/each")
    assert {v["Timestamp"] for v in body["MetricValues"]} == {body["Timestamp"]}
    eventually(lambda: r1.json(f"{T}/MetricReports/each")["Timestamp"] > first, 10)
    slower = r1.patch(f"{REPORTS}/each", {"Schedule": {"RecurrenceInterval": "PT1H0.5S"}})
    assert slower.status_code == 200
    assert slower.json()["Schedule"]["RecurrenceInterval"] == "PT3600.5S"
    assert r1.delete(f"{REPORTS}/each").status_code == 204


def test_a_report_on_change_is_made_when_a_reading_changes(r1):
    fans = r1.members("Chassis/enclosure/ThermalSubsystem/Fans")

    def shown(rpm):
        body = r1.json(f"{T}/MetricReports/changed")
        values = {v["MetricProperty"].split("#")[0].rsplit("/", 1)[1]: v["MetricValue"]
                  for v in body["MetricValues"]}
        return values == {f: str(rpm.get(f, 4000)) for f in fans} and body["Timestamp"]
    refused = define(r1, MetricReportDefinitionType="OnChange",
                     Schedule={"RecurrenceInterval": "PT1S"})
    assert refused.status_code == 400 and keys(refused) == ["PropertyValueError"]
    for fan in fans:
        r1.sim("set", kind="fan", id=fan, field="rpm", value=4000)
    made = define(r1, Id="changed", MetricReportDefinitionType="OnChange")
    assert made.status_code == 201, made.text
    assert "Schedule" not in r1.json(f"{REPORTS}/changed")
    at = eventually(lambda: shown({}), 20)
    time.sleep(3)  # three looks at the readings
    assert shown({}) == at
    r1.sim("set", kind="fan", id=fans[0], field="rpm", value=4500)
    assert eventually(lambda: shown({fans[0]: 4500}), 20) > at
    for fan in fans:
        r1.sim("clear", id=fan)
    assert r1.delete(f"{REPORTS}/changed").status_code == 204
    assert r1.get(f"{T}/MetricReports/changed").status_code == 404


def test_a_wrong_definition_is_refused(r1):
    periodic = {"MetricReportDefinitionType": "Periodic"}
    every = "Schedule/RecurrenceInterval"
    for body, key in (
            ({"MetricReportDefinitionType": "Sometimes"}, "PropertyValueNotInList"),
            ({"MetricReportDefinitionType": "unknown"}, "PropertyValueNotInList"),
            ({"Metrics": [{"MetricId": "Nothing"}]}, "PropertyValueNotInList"),
            ({"Metrics": [{"MetricId": "FanSpeed", "CollectionFunction": "Average"}]},
             "PropertyValueNotInList"),
            ({"Metrics": []}, "PropertyValueError"), ({"Metrics": ["x"]}, "PropertyValueNotInList"),
            ({"Metrics": [{"MetricId": "FanSpeed"}] * 40}, "PropertyValueError"),
            (periodic, "CreateFailedMissingReqProperties"),
            ({**periodic, "Schedule": {"RecurrenceInterval": "PT0.9S"}}, "PropertyValueOutOfRange"),
            ({**periodic, "Schedule": {"RecurrenceInterval": "P2D"}}, "PropertyValueOutOfRange"),
            ({**periodic, "Schedule": {"RecurrenceInterval": "10 s"}}, "PropertyValueFormatError"),
            ({**periodic, "Schedule": {"RecurrenceInterval": "PT"}}, "PropertyValueFormatError"),
            ({**periodic, "Schedule": {"RecurrenceInterval": "PT1..1S"}},
             "PropertyValueFormatError"),
            ({"Schedule": {"RecurrenceInterval": "PT1S"}}, "PropertyValueError"),
            ({"ReportActions": ["Shout"]}, "PropertyValueNotInList"),
            ({"ReportActions": ["RedfishEvent", "Shout"]}, "PropertyValueNotInList"),
            ({"ReportActions": [1]}, "PropertyValueTypeError"),
            ({"ReportActions": [{}]}, "PropertyValueTypeError"),
            ({"ReportActions": []}, "PropertyValueError"),
            ({"ReportActions": [None]}, "PropertyValueError"),
            ({"ReportUpdates": "NewReport"}, "PropertyValueNotInList"),
            ({"Id": "a b"}, "PropertyValueFormatError"), ({"Id": ""}, "PropertyValueFormatError"),
            ({"Id": "x" * 32}, "PropertyValueFormatError"),
            ({"Wildcards": []}, "PropertyUnknown")):
        refused = define(r1, **body)
        assert refused.status_code == 400 and keys(refused) == [key], (body, refused.text)
    for more, key in (({"metric": "Nothing"}, "PropertyValueNotInList"),
                      ({"limits": {}}, "PropertyValueError"),
                      ({"limits": {"UpperFatal": 1}}, "PropertyValueError"),
                      ({"limits": {"UpperWarning": "x"}}, "PropertyValueError"),
                      ({"limits": {"UpperWarning": 1e13}}, "PropertyValueOutOfRange")):
        refused = trigger(r1, **more)
        assert refused.status_code == 400 and keys(refused) == [key], (more, refused.text)
    disordered = trigger(r1, limits={"UpperWarning": 10, "UpperCritical": 9})
    assert disordered.status_code == 400
    assert not r1.members(REPORTS) and not r1.members(f"{T}/Triggers"), every
    assert define(r1, Id="x" * 31).status_code == 201
    assert define(r1, Id="x" * 31).status_code == 400
    assert r1.delete(f"{REPORTS}/{'x' * 31}").status_code == 204


def test_there_are_ten_reports_and_they_outlive_a_restart(new_agent):
    agent = new_agent(platform="r1").start()
    for i in range(10):
        assert define(agent, Name=f"Report {i}").status_code == 201
    refused = define(agent)
    assert keys(refused) == ["CreateLimitReachedForResource"]
    assert trigger(agent, Id="kept", limits={"LowerWarning": -12.5}).status_code == 201
    agent.patch(f"{T}/Triggers/kept", {"TriggerEnabled": False})
    before = [agent.json(f"{REPORTS}/{i}") for i in agent.members(REPORTS)]
    agent.restart()
    assert [agent.json(f"{REPORTS}/{i}") for i in agent.members(REPORTS)] == before
    kept = agent.json(f"{T}/Triggers/kept")
    assert kept["NumericThresholds"] == {"LowerWarning": {"Reading": -12.5}}
    assert kept["TriggerEnabled"] is False
    # who may not
    agent.post("AccountService/Accounts",
               {"UserName": "olga", "Password": "Some-long-Pw-9", "RoleId": "Operator"})
    agent.http.auth = ("olga", "Some-long-Pw-9")
    agent.patch("AccountService/Accounts/olga", {"Password": "Other-long-Pw-9"})
    agent.http.auth = ("olga", "Other-long-Pw-9")
    for answer in (define(agent), trigger(agent), agent.delete(f"{REPORTS}/1"),
                   agent.patch(f"{T}/Triggers/kept", {"TriggerEnabled": True})):
        assert answer.status_code == 403, answer.text
    assert agent.get(f"{T}/MetricReports/1").status_code == 200


def test_a_trigger_writes_an_event_when_a_limit_is_passed(r1):
    log = "Managers/bmc/LogServices/Events/Entries"

    def told():
        return [(e["MessageId"].rsplit(".", 1)[1], e["Severity"], *e["MessageArgs"])
                for e in r1.json(log)["Members"] if ".Metric" in e["MessageId"]
                and e["MessageArgs"][0] == "fast"]

    def speed(rpm, want):
        r1.sim("set", kind="fan", id="fan2", field="rpm", value=rpm)
        eventually(lambda: told() and told()[-1] == want, 15)
    assert trigger(r1, Id="fast", limits={"UpperWarning": 8000, "UpperCritical": 9000}
                   ).status_code == 201
    speed(8000, ("MetricWarning", "Warning", "fast", "fan2", "8000"))
    speed(9000, ("MetricCritical", "Critical", "fast", "fan2", "9000"))
    speed(8999, ("MetricWarning", "Warning", "fast", "fan2", "8999"))
    speed(7999, ("MetricNormal", "OK", "fast", "fan2", "7999"))
    assert len(told()) == 4
    entry = next(e for e in r1.json(log)["Members"] if ".MetricWarning" in e["MessageId"])
    assert entry["Links"]["OriginOfCondition"]["@odata.id"].endswith("/Fans/fan2")
    assert r1.patch(f"{T}/Triggers/fast",
                    {"NumericThresholds": {"UpperWarning": {"Reading": 9001}}}).status_code == 400
    assert r1.delete(f"{T}/Triggers/fast").status_code == 204
    r1.sim("clear", id="fan2")

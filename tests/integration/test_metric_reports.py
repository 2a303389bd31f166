# SPDX-License-Identifier: Apache-2.0
"""Metric reports that are sent: pushed to receivers, and on streams."""
import contextlib
import http.client
import json

import pytest

from harness import PASSWORD, eventually, free_ports
from receivers import Receiver, Stream, is_report
from test_events import SUBSCRIPTIONS, submit, subscribed
from test_events_many import connect
from test_telemetry import REPORTS, T, define, keys

pytestmark = [pytest.mark.coverage]

LOG, SEND = "LogToMetricReportsCollection", "RedfishEvent"
FAN = "fan1"
TEST = f"{T}/Actions/TelemetryService.SubmitTestMetricReport"


def link(name):
    return {"@odata.id": f"/redfish/v1/{REPORTS}/{name}"}


@contextlib.contextmanager
def defined(agent, name, *actions, **more):
    """A definition that makes a report each second, unless `more` says otherwise."""
    kind = more.pop("kind", "Periodic")
    if kind == "Periodic":
        more.setdefault("Schedule", {"RecurrenceInterval": "PT1S"})
    if actions:
        more["ReportActions"] = list(actions)
    made = define(agent, Id=name, MetricReportDefinitionType=kind, **more)
    assert made.status_code == 201, made.text
    try:
        yield made.json()
    finally:
        assert agent.delete(f"{REPORTS}/{name}").status_code == 204


def takes_reports(agent, url, *names, **more):
    if names:
        more["MetricReportDefinitions"] = [link(n) for n in names]
    return subscribed(agent, url, EventFormatType="MetricReport", **more)


def wait(receiver, name, n=1, seconds=20):
    return eventually(lambda: len(receiver.reports(name)) >= n and receiver.reports(name), seconds)


def more_of(receiver, name, n=3):
    """Waits for n more reports than there are."""
    wait(receiver, name, len(receiver.reports(name)) + n)


def speed(agent, rpm):
    agent.sim("set", kind="fan", id=FAN, field="rpm", value=rpm)


def speeds(reports):
    """The speeds of the fan that the reports show."""
    return [v["MetricValue"] for body in reports for v in body["MetricValues"]
            if v["MetricProperty"].split("#")[0].endswith(f"/{FAN}")]


@pytest.fixture
def still(agent):
    """All fans turn at one speed."""
    fans = agent.members("Chassis/enclosure/ThermalSubsystem/Fans")
    for fan in fans:
        agent.sim("set", kind="fan", id=fan, field="rpm", value=4000)
    yield agent
    for fan in fans:
        agent.sim("clear", id=fan)


def test_the_service_says_that_it_sends_reports(agent):
    service = agent.json("EventService")
    assert service["EventFormatTypes"] == ["Event", "MetricReport"]
    assert service["SSEFilterPropertiesSupported"]["MetricReportDefinition"] is True


def test_what_is_pushed_is_what_a_get_shows(agent):
    with Receiver() as receiver, defined(agent, "each", LOG, SEND), \
            takes_reports(agent, receiver.url, "each", Context='a "word"') as where:
        body = agent.json(where)
        assert body["EventFormatType"] == "MetricReport"
        assert body["MetricReportDefinitions"] == [link("each")]

        def same():
            now = agent.json(f"{T}/MetricReports/each")
            return {**now, "Context": 'a "word"'} in receiver.reports("each")
        eventually(same, 20)
        more_of(receiver, "each")
        times = [r["Timestamp"] for r in receiver.reports("each")]
        assert times == sorted(set(times))
        assert receiver.headers[-1]["Content-Type"] == "application/json"
        assert receiver.headers[-1]["OData-Version"] == "4.0"


def test_without_a_context_there_is_none(agent):
    with Receiver() as receiver, defined(agent, "bare", SEND), \
            takes_reports(agent, receiver.url, "bare", Context=""):
        assert "Context" not in wait(receiver, "bare")[0]


def test_each_change_is_sent(still):
    with Receiver() as receiver, defined(still, "change", LOG, SEND, kind="OnChange"):
        eventually(lambda: still.json(f"{T}/MetricReports/change")["MetricValues"], 20)
        with takes_reports(still, receiver.url, "change"):
            for rpm in (4100, 4200, 4300):
                speed(still, rpm)
                eventually(lambda: str(rpm) in speeds(receiver.reports("change")), 20)
            assert [s for s in speeds(receiver.reports("change")) if s != "4000"] == \
                ["4100", "4200", "4300"]


def test_a_subscriber_gets_those_of_its_definitions_and_events_go_elsewhere(agent):
    with contextlib.ExitStack() as ends:
        one, whole, events = (ends.enter_context(Receiver()) for _ in range(3))
        ends.enter_context(defined(agent, "one", SEND))
        ends.enter_context(defined(agent, "two", LOG, SEND))
        ends.enter_context(defined(agent, "kept", LOG))
        ends.enter_context(defined(agent, "default"))
        ends.enter_context(defined(agent, "asked", SEND, kind="OnRequest"))
        ends.enter_context(takes_reports(agent, one.url, "one"))
        ends.enter_context(takes_reports(agent, whole.url))
        ends.enter_context(subscribed(agent, events.url))
        for name in ("one", "two"):
            wait(whole, name, 3)
        wait(one, "one", 3)
        submit(agent, "no report")
        events.wait("no report")
        assert agent.json(f"{T}/MetricReports/asked")["MetricValues"]
        more_of(whole, "two")
        assert {r["Id"] for r in one.reports()} == {"one"}
        assert {r["Id"] for r in whole.reports()} == {"one", "two"}
        assert not events.reports() and not one.records() and not whole.records()


def test_what_happens_with_a_report_can_be_changed(agent):
    with Receiver() as receiver, defined(agent, "clock", SEND), \
            defined(agent, "other", SEND) as made, takes_reports(agent, receiver.url):
        assert made["ReportActions"] == [SEND] and "MetricReport" not in made
        wait(receiver, "other")
        assert agent.get(f"{T}/MetricReports/other").status_code == 404
        assert "other" not in agent.members(f"{T}/MetricReports")
        now = agent.patch(f"{REPORTS}/other", {"ReportActions": [{}, LOG]}).json()
        assert now["ReportActions"] == [LOG, SEND]
        assert agent.get(now["MetricReport"]["@odata.id"]).status_code == 200
        assert "other" in agent.members(f"{T}/MetricReports")
        now = agent.patch(f"{REPORTS}/other", {"ReportActions": [{}, None]}).json()
        assert now["ReportActions"] == [LOG]
        more_of(receiver, "clock", 1)  # what was under way has come
        n = len(receiver.reports("other"))
        more_of(receiver, "clock")
        assert len(receiver.reports("other")) == n
        # both changes of one request
        now = agent.patch(f"{REPORTS}/other", {
            "ReportActions": [SEND], "Schedule": {"RecurrenceInterval": "PT2S"}}).json()
        assert now["ReportActions"] == [SEND]
        assert now["Schedule"]["RecurrenceInterval"] == "PT2S"
        more_of(receiver, "other", 2)
        for wrong in ([], [None], ["Shout"], "RedfishEvent", [LOG, {}], None):
            assert agent.patch(f"{REPORTS}/other", {"ReportActions": wrong}).status_code == 400
        assert agent.json(f"{REPORTS}/other")["ReportActions"] == [SEND]


@pytest.mark.parametrize("body,message", [
    ({"MetricReportDefinitions": [link("Nothing")]}, "PropertyValueNotInList"),
    ({"MetricReportDefinitions": [{"@odata.id": "/redfish/v1/Systems"}]},
     "PropertyValueNotInList"),
    ({"MetricReportDefinitions": [{"@odata.id": ""}]}, "PropertyValueNotInList"),
    ({"MetricReportDefinitions": ["there"]}, "PropertyValueTypeError"),
    ({"MetricReportDefinitions": [{**link("there"), "Id": "there"}]}, "PropertyValueTypeError"),
    ({"MetricReportDefinitions": link("there")}, "PropertyValueTypeError"),
    ({"EventFormatType": "Event", "MetricReportDefinitions": [link("there")]},
     "PropertyValueConflict"),
    ({"RegistryPrefixes": ["ClusterBmc"]}, "PropertyValueConflict"),
    ({"MessageIds": ["ClusterBmc.1.0.TestEvent"]}, "PropertyValueConflict"),
    ({"Severities": ["OK"]}, "PropertyValueConflict"),
    ({"SendHeartbeat": True}, "PropertyValueConflict"),
    ({"EventTypes": ["Alert"]}, "PropertyValueNotInList"),
    ({"Protocol": "SNMPv2c", "Destination": "snmp://127.0.0.1",
      "SNMP": {"TrapCommunity": "public"}}, "PropertyValueNotInList"),
])
def test_what_is_no_subscription_to_reports_is_refused(agent, body, message):
    with defined(agent, "there", LOG):
        before = agent.members(SUBSCRIPTIONS)
        r = agent.post(SUBSCRIPTIONS, {"Destination": "http://127.0.0.1:9/", "Protocol": "Redfish",
                                       "EventFormatType": "MetricReport", **body})
        assert r.status_code == 400 and message in keys(r), r.text
        assert agent.members(SUBSCRIPTIONS) == before


def test_empty_lists_choose_nothing(agent):
    with subscribed(agent, "http://127.0.0.1:9/", EventFormatType="MetricReport",
                    EventTypes=["MetricReport"], RegistryPrefixes=[], SendHeartbeat=False,
                    MetricReportDefinitions=[]) as where:
        body = agent.json(where)
        assert body["EventFormatType"] == "MetricReport" and "MetricReportDefinitions" not in body
    with subscribed(agent, "http://127.0.0.1:9/", MetricReportDefinitions=[]) as where:
        assert agent.json(where)["EventFormatType"] == "Event"


# ---- those that take none ----

def test_a_receiver_that_was_away_gets_the_newest_only(still, quick):
    port = free_ports(1)[0]
    with defined(still, "away", LOG, SEND, kind="OnChange"), \
            takes_reports(still, f"http://127.0.0.1:{port}/", "away",
                          DeliveryRetryPolicy="RetryForever"):
        for rpm in (4100, 4200, 4300):
            speed(still, rpm)
            eventually(lambda: str(rpm) in speeds([still.json(f"{T}/MetricReports/away")]), 20)
        with Receiver(port=port) as receiver:
            wait(receiver, "away")
            assert set(speeds(receiver.reports("away"))) == {"4300"}
            speed(still, 4400)
            eventually(lambda: "4400" in speeds(receiver.reports("away")), 20)


@pytest.mark.parametrize("policy", ["TerminateAfterRetries", "SuspendRetries"])
def test_a_dead_receiver_ends_as_its_policy_says(quick, policy):
    port = free_ports(1)[0]
    with defined(quick, "unread", SEND), \
            takes_reports(quick, f"http://127.0.0.1:{port}/", "unread",
                          DeliveryRetryPolicy=policy) as where:
        if policy == "TerminateAfterRetries":
            eventually(lambda: quick.get(where).status_code == 404, 20)
            return
        eventually(lambda: quick.json(where)["Status"]["State"] == "Disabled", 20)
        assert "took no report" in quick.log_text()
        with Receiver(port=port) as receiver, Receiver() as clock, \
                takes_reports(quick, clock.url, "unread"):
            more_of(clock, "unread")
            assert not receiver.reports()
            assert quick.post(f"{where}/Actions/EventDestination.ResumeSubscription",
                              {}).status_code == 204
            wait(receiver, "unread", 2)
            assert receiver.reports()[0]["Timestamp"] > clock.reports()[1]["Timestamp"]


def test_what_is_made_while_it_is_suspended_is_not_sent(still):
    with contextlib.ExitStack() as ends:
        some, whole = (ends.enter_context(Receiver()) for _ in range(2))
        ends.enter_context(defined(still, "paused", LOG, SEND, kind="OnChange"))
        eventually(lambda: still.json(f"{T}/MetricReports/paused")["MetricValues"], 20)
        where = ends.enter_context(takes_reports(still, some.url, "paused"))
        ends.enter_context(takes_reports(still, whole.url, "paused"))
        assert still.post(f"{where}/Actions/EventDestination.SuspendSubscription",
                          {}).status_code == 204
        speed(still, 4100)
        eventually(lambda: "4100" in speeds(whole.reports()), 20)
        assert still.post(f"{where}/Actions/EventDestination.ResumeSubscription",
                          {}).status_code == 204
        speed(still, 4200)
        eventually(lambda: "4200" in speeds(some.reports()), 20)
        assert "4100" not in speeds(some.reports())


def test_a_slow_receiver_misses_reports_and_holds_up_nobody(still):
    with contextlib.ExitStack() as ends:
        slow, fast, events = (ends.enter_context(Receiver()) for _ in range(3))
        ends.enter_context(defined(still, "slowly", LOG, SEND, kind="OnChange"))
        eventually(lambda: still.json(f"{T}/MetricReports/slowly")["MetricValues"], 20)
        ends.enter_context(takes_reports(still, slow.url, "slowly",
                                         DeliveryRetryPolicy="RetryForever"))
        ends.enter_context(takes_reports(still, fast.url, "slowly"))
        ends.enter_context(subscribed(still, events.url))
        slow.hold.clear()
        for rpm in (4100, 4200, 4300):
            speed(still, rpm)
            eventually(lambda: str(rpm) in speeds(fast.reports("slowly")), 20)
        submit(still, "past a slow one")
        events.wait("past a slow one")
        assert not slow.reports()
        slow.hold.set()
        eventually(lambda: "4300" in speeds(slow.reports("slowly")), 60)
        assert "4200" not in speeds(slow.reports("slowly"))


# ---- streams ----

def test_a_stream_asks_for_reports(agent):
    chosen = f"MetricReportDefinition eq '/redfish/v1/{REPORTS}/one'"
    before = set(agent.members(SUBSCRIPTIONS))
    with contextlib.ExitStack() as ends:
        ends.enter_context(defined(agent, "one", SEND))
        ends.enter_context(defined(agent, "two", SEND))

        def stream(query):
            return ends.enter_context(Stream(agent, query and f"?$filter={query}"))
        one = stream(f"EventFormatType eq MetricReport and {chosen}")
        mine = (set(agent.members(SUBSCRIPTIONS)) - before).pop()
        assert agent.json(f"{SUBSCRIPTIONS}/{mine}")["EventFormatType"] == "MetricReport"
        all_of_them = stream("EventFormatType eq MetricReport")
        both = stream("EventFormatType eq Event or EventFormatType eq MetricReport")
        without = [stream(""), stream("not (RegistryPrefix eq 'Base')")]
        submit(agent, "beside reports")
        number = both.wait("beside reports")[0]
        for name in ("one", "two"):
            wait(all_of_them, name, 2)
            wait(both, name, 2)
        wait(one, "one", 2)
        submit(agent, "the second")
        assert both.wait("the second")[0] > number
        for s in without:
            assert s.wait("the second") and not s.reports()
        assert {r["Id"] for r in one.reports()} == {"one"}
        assert not one.of("") and not all_of_them.of("beside")
        # an id is an event's: a reader that comes back goes on after it
        assert {n for n, _ in all_of_them.events} == {None}


def test_a_reader_that_pauses_gets_whole_reports_and_misses_some(agent):
    """What it has not read is more than a stream's queue and the sockets' buffers hold."""
    values = [dict.fromkeys(("MetricId", "MetricProperty", "MetricValue", "Timestamp"), "x" * 255)
              for _ in range(220)]
    n_sent = 40
    before = agent.members(SUBSCRIPTIONS)
    with contextlib.ExitStack() as ends:
        s = ends.enter_context(connect(agent, "GET /redfish/v1/EventService/SSE?$filter="
                                              "EventFormatType%20ne%20None", "", ""))
        eventually(lambda: agent.members(SUBSCRIPTIONS) != before)
        answer = ends.enter_context(http.client.HTTPResponse(s))
        answer.begin()
        for n in range(n_sent):
            assert agent.post(TEST, {"MetricReportName": f"Big {n}",
                                     "GeneratedMetricReportValues": values}).status_code == 204
        submit(agent, "behind it")
        got = b""
        wanted = {b"behind it", f"Big {n_sent - 1}".encode()}
        while wanted:
            chunk = answer.read1(1 << 20)
            got += chunk
            wanted = {w for w in wanted if w not in got[-len(chunk) - 16:]}
        while not got.endswith(b"\n\n"):
            got += answer.read1(1 << 20)
        bodies = [json.loads(line[6:]) for line in got.decode().splitlines()
                  if line.startswith("data: ")]
        names = [int(b["Name"][4:]) for b in bodies if is_report(b)]
        assert names == sorted(set(names)) and len(names) < n_sent
        assert all(b["MetricValues"] == values for b in bodies if is_report(b))


# ---- the test report ----

def test_a_test_report_is_what_its_client_wants(agent):
    values = [{"MetricId": "Test", "MetricProperty": "/redfish/v1/Systems/main#/x",
               "MetricValue": "7", "Timestamp": "2026-01-01T00:00:00Z"}, {"MetricId": None}]
    with contextlib.ExitStack() as ends:
        some, whole = (ends.enter_context(Receiver()) for _ in range(2))
        ends.enter_context(defined(agent, "real", SEND))
        ends.enter_context(takes_reports(agent, some.url, "real"))
        ends.enter_context(takes_reports(agent, whole.url))
        stream = ends.enter_context(Stream(agent, "?$filter=EventFormatType eq MetricReport"))
        for n in (1, 2):
            r = agent.post(TEST, {"MetricReportName": f"Try {n}",
                                  "GeneratedMetricReportValues": values})
            assert r.status_code == 204, r.text
            for taker in (whole, stream):
                body = eventually(lambda: [b for b in taker.reports("Test.Report")
                                           if b["Name"] == f"Try {n}"], 20)[0]
                assert body["MetricValues"] == values
        wait(some, "real", 2)
        assert not some.reports("Test.Report")
    good = {"MetricReportName": "x", "GeneratedMetricReportValues": [{"MetricId": "x" * 255}] * 256}
    assert agent.post(TEST, good).status_code == 204
    for wrong in ({"MetricReportName": ""}, {"MetricReportName": "x" * 256},
                  {"GeneratedMetricReportValues": [{"MetricId": 7}]},
                  {"GeneratedMetricReportValues": [{"MetricId": "x" * 256}]},
                  {"GeneratedMetricReportValues": [{"Unheard": "of"}]},
                  {"GeneratedMetricReportValues": ["x"]},
                  {"GeneratedMetricReportValues": [{}] * 257}):
        assert agent.post(TEST, {**good, **wrong}).status_code == 400, wrong
    for name in good:
        assert agent.post(TEST, {k: v for k, v in good.items() if k != name}).status_code == 400


def test_only_who_may_configure_the_manager_sends_a_test_report(agent):
    assert agent.post("AccountService/Accounts", {
        "UserName": "watcher", "Password": PASSWORD, "RoleId": "ReadOnly"}).status_code == 201
    try:
        assert agent.post(TEST, {"MetricReportName": "x", "GeneratedMetricReportValues": []},
                          auth=("watcher", PASSWORD)).status_code == 403
    finally:
        assert agent.delete("AccountService/Accounts/watcher").status_code == 204


# ---- over a restart ----

def test_subscriptions_to_reports_outlive_a_restart(new_agent):
    agent = new_agent(platform="r1").start()
    names = [f"{n:031}" for n in range(10)]
    with Receiver() as receiver, contextlib.ExitStack() as ends:
        for name in names[:9]:
            ends.enter_context(defined(agent, name, LOG))
        ends.enter_context(defined(agent, names[9], SEND, Schedule={"RecurrenceInterval": "PT1H"}))
        where = ends.enter_context(takes_reports(agent, receiver.url, *names, *names,
                                                 DeliveryRetryPolicy="RetryForever"))
        assert agent.json(where)["MetricReportDefinitions"] == [link(n) for n in names]
        before = [agent.json(where), agent.json(f"{REPORTS}/{names[9]}")]
        for n, end in enumerate((agent.stop, agent.kill9), 1):
            there = len(receiver.reports(names[9]))
            end()
            agent.start()
            assert [agent.json(where), agent.json(f"{REPORTS}/{names[9]}")] == before, n
            wait(receiver, names[9], there + 1)  # the one that is made at the start
        assert {r["Id"] for r in receiver.reports()} == {names[9]}


def test_a_definition_that_is_made_again_is_meant_again(agent):
    with Receiver() as receiver, contextlib.ExitStack() as ends:
        with defined(agent, "gone", SEND):
            where = ends.enter_context(takes_reports(agent, receiver.url, "gone"))
            wait(receiver, "gone")
        assert agent.json(where)["MetricReportDefinitions"] == []  # no link to nowhere
        n = len(receiver.reports())
        with defined(agent, "gone", SEND):
            wait(receiver, "gone", n + 1)

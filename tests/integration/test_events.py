# SPDX-License-Identifier: Apache-2.0
"""Events over Redfish: pushed to receivers, and as streams."""
import base64
import concurrent.futures
import concurrent.futures
import contextlib
import socket
import subprocess

import pytest
import requests

from harness import PASSWORD, eventually, free_ports
from receivers import Receiver, Stream

pytestmark = [pytest.mark.coverage]

SUBSCRIPTIONS = "EventService/Subscriptions"


def made(agent):
    """Those that are not the configuration's."""
    return [i for i in agent.members(SUBSCRIPTIONS) if not i.startswith("snmp")]


@contextlib.contextmanager
def subscribed(agent, url, **more):
    body = {"Destination": url, "Protocol": "Redfish", "Context": "here", **more}
    r = agent.post(SUBSCRIPTIONS, body)
    assert r.status_code == 201, r.text
    where = r.headers["Location"]
    assert where == r.json()["@odata.id"]
    try:
        yield where
    finally:
        assert agent.delete(where).status_code in (204, 404)


def submit(agent, text, **more):
    r = agent.post("EventService/Actions/EventService.SubmitTestEvent",
                   {"Message": text, "MessageId": "ClusterBmc.1.0.TestEvent", **more})
    assert r.status_code == 204, r.text


def test_an_event_is_pushed_and_is_the_log_entry(agent):
    with Receiver() as receiver, subscribed(agent, receiver.url) as where:
        submit(agent, "first words")
        record = receiver.wait("first words")[0]
        event = next(e for e in receiver.events if e["Events"] == [record])
        entry = agent.json(record["LogEntry"]["@odata.id"])
        assert event["Id"] == record["EventId"] == entry["Id"]
        assert event["Context"] == "here" and event["@odata.type"].startswith("#Event.v1_")
        for mine, its in (("MessageId", "MessageId"), ("Message", "Message"),
                          ("MessageArgs", "MessageArgs"), ("EventTimestamp", "Created"),
                          ("MessageSeverity", "Severity")):
            assert record[mine] == entry[its], mine
        assert record["OriginOfCondition"] == entry["Links"]["OriginOfCondition"]
        assert agent.json(where)["SubscriptionType"] == "RedfishEvent"


def test_a_test_event_says_what_its_client_wants(agent):
    with Receiver() as receiver, subscribed(agent, receiver.url, Severities=["Critical"],
                                            RegistryPrefixes=["Environmental"]):
        submit(agent, "of another registry", MessageId="Environmental.1.0.TemperatureNormal",
               MessageSeverity="Critical", OriginOfCondition="/redfish/v1/Systems/sub1-03")
        record = receiver.wait("of another registry")[0]
        assert record["MessageId"] == "Environmental.1.0.TemperatureNormal"
        assert record["MessageSeverity"] == "Critical"
        assert record["OriginOfCondition"]["@odata.id"] == "/redfish/v1/Systems/sub1-03"
        entry = agent.json(record["LogEntry"]["@odata.id"])
        assert entry["MessageId"] == record["MessageId"]
    for wrong in ({"MessageSeverity": "Bad"}, {"MessageId": "x" * 64}, {"Message": "x" * 64},
                  {"OriginOfCondition": "/redfish/v1/Nothing"}):
        r = agent.post("EventService/Actions/EventService.SubmitTestEvent",
                       {"MessageId": "ClusterBmc.1.0.TestEvent", **wrong})
        assert r.status_code == 400, r.text


def test_events_come_once_and_in_order(agent):
    with Receiver() as receiver, subscribed(agent, receiver.url):
        for i in range(30):
            submit(agent, f"ordered {i:02}")
        receiver.wait("ordered", 30)
        assert [r["MessageArgs"][0] for r in receiver.of("ordered")] == \
            [f"ordered {i:02}" for i in range(30)]
        ids = [int(e["Id"]) for e in receiver.events]
        assert ids == sorted(set(ids))


@pytest.mark.parametrize("filters,comes", [
    ({"RegistryPrefixes": ["ClusterBmc"]}, True),
    ({"RegistryPrefixes": ["TaskEvent", "Base"]}, False),
    ({"ExcludeRegistryPrefixes": ["ClusterBmc"]}, False),
    ({"MessageIds": ["ClusterBmc.1.0.TestEvent"]}, True),
    ({"MessageIds": ["ClusterBmc.TestEvent"]}, True),
    ({"MessageIds": ["ClusterBmc.1.0.FanFailed"]}, False),
    ({"ExcludeMessageIds": ["ClusterBmc.1.0.TestEvent"]}, False),
    ({"ResourceTypes": ["Manager"]}, True),
    ({"ResourceTypes": ["ComputerSystem"]}, False),
    ({"Severities": ["OK", "Warning"]}, True),
    ({"Severities": ["Critical"]}, False),
    ({"OriginResources": [{"@odata.id": "/redfish/v1/Managers/bmc"}]}, True),
    ({"OriginResources": [{"@odata.id": "/redfish/v1/Managers"}]}, False),
    ({"OriginResources": [{"@odata.id": "/redfish/v1/Managers"}],
      "SubordinateResources": True}, True),
    ({"EventFormatType": "Event", "EventTypes": ["Alert"]}, True),
])
def test_a_subscription_gets_what_its_filters_let_through(agent, filters, comes):
    """A second subscriber without filters shows that the event has been delivered."""
    with Receiver() as some, Receiver() as whole, subscribed(agent, some.url, **filters), \
            subscribed(agent, whole.url):
        submit(agent, "sieve")
        whole.wait("sieve")
        if comes:
            some.wait("sieve")
        else:
            assert not some.of("sieve")


@pytest.mark.parametrize("body,message", [
    ({"Protocol": "FTP"}, "PropertyValueNotInList"),
    ({"Protocol": "Kafka"}, "PropertyValueNotInList"),
    ({"Destination": "ftp://127.0.0.1/"}, "PropertyValueFormatError"),
    ({"Destination": "http://"}, "PropertyValueFormatError"),
    ({"Destination": "http://a:b@127.0.0.1/"}, "PropertyValueFormatError"),
    ({"Destination": "http://127.0.0.1/a b"}, "PropertyValueFormatError"),
    ({"Destination": "http://127.0.0.1/" + "x" * 239}, "StringValueTooLong"),
    ({"Context": "x" * 256}, "StringValueTooLong"),
    ({"HttpHeaders": [{"X-Two\r\nX-Lines": "a"}]}, "PropertyValueFormatError"),
    ({"HttpHeaders": [{"X-A": "a\r\nX-B: b"}]}, "PropertyValueFormatError"),
    ({"HttpHeaders": [{"Host": "a"}]}, "PropertyValueFormatError"),
    ({"HttpHeaders": [{"X-A": "a" * 1100}]}, "PropertyValueFormatError"),
    ({"HeartbeatIntervalMinutes": 0}, "PropertyValueOutOfRange"),
    ({"HeartbeatIntervalMinutes": 65536}, "PropertyValueOutOfRange"),
    ({"Severities": ["Bad"]}, "PropertyValueNotInList"),
    ({"MessageIds": ["a b"]}, "PropertyValueFormatError"),
    ({"MessageIds": [7]}, "PropertyValueTypeError"),
    ({"MessageIds": ["x" * 512]}, "PropertyValueOutOfRange"),
    ({"EventFormatType": "Report"}, "PropertyValueNotInList"),
    ({"DeliveryRetryPolicy": "Never"}, "PropertyValueNotInList"),
    ({"IncludeOriginOfCondition": True}, "PropertyValueNotInList"),
    ({"SubscriptionType": "SSE"}, "PropertyValueNotInList"),
    ({"Unheard": "of"}, "PropertyUnknown"),
])
def test_what_is_no_subscription_is_refused(agent, body, message):
    before = agent.members(SUBSCRIPTIONS)
    r = agent.post(SUBSCRIPTIONS, {"Destination": "http://127.0.0.1/", "Protocol": "Redfish",
                                   **body})
    assert r.status_code == 400
    infos = r.json()["error"]["@Message.ExtendedInfo"]
    assert any(i["MessageId"].endswith("." + message) for i in infos), infos
    assert agent.members(SUBSCRIPTIONS) == before


def test_the_longest_values_are_taken(agent):
    more = {"Context": "x" * 255, "HeartbeatIntervalMinutes": 65535,
            "Destination": "http://127.0.0.1:1/" + "x" * 236}
    with subscribed(agent, "", **more) as where:
        body = agent.json(where)
        assert all(body[name] == value for name, value in more.items())


def test_headers_are_sent_and_never_shown(agent):
    secret = "do-not-show-9f3a"
    with Receiver() as receiver, \
            subscribed(agent, receiver.url, HttpHeaders=[{"X-Secret": secret}]) as where:
        submit(agent, "with a header")
        receiver.wait("with a header")
        assert receiver.headers[-1]["X-Secret"] == secret
        assert secret not in agent.get(where).text
        other = "another-secret-77"
        r = agent.patch(where, {"HttpHeaders": [{"X-Secret": other}], "Context": "there"})
        assert r.status_code == 200 and other not in r.text
        submit(agent, "with another")
        receiver.wait("with another")
        assert receiver.headers[-1]["X-Secret"] == other
        assert receiver.events[-1]["Context"] == "there"
    assert secret not in agent.log_text() and other not in agent.log_text()


def test_redirects_are_not_followed_and_failures_suspend(quick):
    with Receiver(status=307) as receiver, \
            subscribed(quick, receiver.url, DeliveryRetryPolicy="SuspendRetries") as where:
        submit(quick, "not taken")
        eventually(lambda: quick.json(where)["Status"]["State"] == "Disabled", 20)
        receiver.status = 204
        submit(quick, "while it was suspended")
        r = quick.post(f"{where}/Actions/EventDestination.ResumeSubscription", {})
        assert r.status_code == 204, r.text
        assert quick.json(where)["Status"]["State"] == "Enabled"
        submit(quick, "after it")
        receiver.wait("after it")
        assert not receiver.of("not taken") and not receiver.of("while it was")


def test_a_dead_receiver_is_removed_after_its_retries(quick):
    port = free_ports(1)[0]
    r = quick.post(SUBSCRIPTIONS, {"Destination": f"http://127.0.0.1:{port}/",
                                   "Protocol": "Redfish",
                                   "DeliveryRetryPolicy": "TerminateAfterRetries"})
    submit(quick, "for a dead one")
    eventually(lambda: quick.get(r.headers["Location"]).status_code == 404, 20)


def test_what_a_receiver_missed_comes_when_it_is_back(quick):
    port = free_ports(1)[0]
    with subscribed(quick, f"http://127.0.0.1:{port}/", DeliveryRetryPolicy="RetryForever"):
        for i in range(5):
            submit(quick, f"missed {i}")
        with Receiver(port=port) as receiver:
            receiver.wait("missed", 5, 20)
            assert [r["MessageArgs"][0] for r in receiver.of("missed")] == \
                [f"missed {i}" for i in range(5)]


def test_a_user_can_suspend(agent):
    with Receiver() as receiver, subscribed(agent, receiver.url) as where:
        assert agent.post(f"{where}/Actions/EventDestination.SuspendSubscription",
                          {}).status_code == 204
        with Receiver() as whole, subscribed(agent, whole.url):
            submit(agent, "in the pause")
            whole.wait("in the pause")
        assert not receiver.of("in the pause")
        assert agent.post(f"{where}/Actions/EventDestination.ResumeSubscription",
                          {}).status_code == 204
        submit(agent, "after the pause")
        receiver.wait("after the pause")
        assert not receiver.of("in the pause")


def test_the_service_can_be_disabled(agent):
    with Receiver() as receiver, subscribed(agent, receiver.url):
        try:
            assert agent.patch("EventService", {"ServiceEnabled": False}).status_code == 200
            assert agent.json("EventService")["Status"]["State"] == "Disabled"
            submit(agent, "unheard")
        finally:
            assert agent.patch("EventService", {"ServiceEnabled": True}).status_code == 200
        submit(agent, "heard")
        receiver.wait("heard")
        assert [r["MessageArgs"][0] for r in receiver.records()
                if r["MessageId"].endswith("TestEvent")] == ["heard"]


def test_a_slow_receiver_holds_up_no_other(agent):
    with Receiver() as slow, Receiver() as quick_one, subscribed(agent, slow.url), \
            subscribed(agent, quick_one.url):
        slow.hold.clear()
        for i in range(10):
            submit(agent, f"meanwhile {i}")
        quick_one.wait("meanwhile", 10)
        assert not slow.of("meanwhile")
        slow.hold.set()
        slow.wait("meanwhile", 10, 20)


def test_only_who_may_configure_the_manager_subscribes(agent):
    assert agent.post("AccountService/Accounts", {
        "UserName": "watcher", "Password": PASSWORD, "RoleId": "ReadOnly"}).status_code == 201
    try:
        who = {"auth": ("watcher", PASSWORD)}
        with subscribed(agent, "http://127.0.0.1:1/") as where:
            assert agent.get(where, **who).status_code == 200
            assert agent.delete(where, **who).status_code == 403
            assert agent.patch(where, {"Context": "x"}, **who).status_code == 403
            assert agent.post(f"{where}/Actions/EventDestination.SuspendSubscription", {},
                              **who).status_code == 403
        assert agent.post(SUBSCRIPTIONS, {"Destination": "http://127.0.0.1:1/",
                                          "Protocol": "Redfish"}, **who).status_code == 403
        assert agent.post("EventService/Actions/EventService.SubmitTestEvent",
                          {"MessageId": "Base.1.0.Success"}, **who).status_code == 403
    finally:
        assert agent.delete("AccountService/Accounts/watcher").status_code == 204


# ---- streams ----

def test_a_stream_gives_events_and_is_a_subscription(agent):
    before = set(agent.members(SUBSCRIPTIONS))
    with Stream(agent) as stream:
        assert stream.response.headers["Content-Type"].startswith("text/event-stream")
        added = set(agent.members(SUBSCRIPTIONS)) - before
        assert len(added) == 1
        body = agent.json(f"{SUBSCRIPTIONS}/{added.pop()}")
        assert body["SubscriptionType"] == "SSE" and body["Protocol"] == "Redfish"
        assert body["Destination"].startswith("redfish-sse://127.0.0.1")
        assert isinstance(body["Context"], str)
        assert "HeartbeatIntervalMinutes" not in body  # nobody has set one
        submit(agent, "on the stream")
        number = stream.wait("on the stream")[0]
        event = next(b for n, b in stream.events if n == number)
        assert event["Id"] == str(number) == event["Events"][0]["EventId"]
    eventually(lambda: set(agent.members(SUBSCRIPTIONS)) <= before, 20)


def test_deleting_its_subscription_ends_a_stream(agent):
    before = set(agent.members(SUBSCRIPTIONS))
    with Stream(agent) as stream:
        mine = (set(agent.members(SUBSCRIPTIONS)) - before).pop()
        assert agent.delete(f"{SUBSCRIPTIONS}/{mine}").status_code == 204
        eventually(lambda: stream.ended, 10)


@pytest.mark.parametrize("accept,status", [
    (None, 200), ("*/*", 200), ("text/*", 200), ("text/event-stream", 200),
    ("application/json", 406),
])
def test_what_a_client_accepts(agent, accept, status):
    r = agent.get("EventService/SSE", stream=True, headers={"Accept": accept})
    assert r.status_code == status
    assert status == 200 or "Accept text/event-stream" in r.text
    r.close()


@pytest.mark.parametrize("query,comes", [
    ("MessageId eq 'ClusterBmc.1.0.TestEvent'", True),
    ("(RegistryPrefix eq 'ClusterBmc') and (ResourceType eq 'Manager')", True),
    ("RegistryPrefix eq 'TaskEvent' or Severity eq 'OK'", True),
    ("EventFormatType eq MetricReport", False),
    ("not (RegistryPrefix eq 'ClusterBmc')", False),
    ("OriginResource eq '/redfish/v1/Managers' and SubordinateResources eq true", True),
])
def test_a_stream_has_a_filter(agent, query, comes):
    with Stream(agent) as whole, Stream(agent, f"?$filter={query}") as some:
        submit(agent, "through a filter")
        whole.wait("through a filter")
        if comes:
            some.wait("through a filter")
        else:
            assert not some.of("through a filter")


@pytest.mark.parametrize("query", ["?$filter=Nothing eq 'a'", "?$filter=MessageId", "?$filter=",
                                   "?$filter=MessageId eq 'a",
                                   "?$filter=" + "(" * 20])
def test_a_bad_query_of_a_stream_is_refused(agent, query):
    r = agent.get(f"EventService/SSE{query}", stream=True, headers={"Accept": "*/*"})
    assert r.status_code == 400 and "error" in r.json()


def test_a_stream_goes_on_where_the_last_one_ended(agent):
    with Stream(agent) as stream:
        submit(agent, "seen on the first")
        last = stream.wait("seen on the first")[0]
    for i in range(3):
        submit(agent, f"between the two {i}")
    with Stream(agent, **{"Last-Event-ID": str(last)}) as stream:
        stream.wait("between the two", 3)
        assert not stream.of("seen on the first")
        numbers = [n for n, _ in stream.events]
        assert numbers == sorted(set(numbers)) and numbers[0] == last + 1


def test_events_that_only_the_database_has_come_again(new_agent):
    agent = new_agent().start()
    with Stream(agent) as stream:
        submit(agent, "the oldest")
        first = stream.wait("the oldest")[0]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda i: submit(agent, f"many {i}"), range(1100)))
        stream.wait("many", 1100, 60)
    with Stream(agent, **{"Last-Event-ID": str(first)}) as stream:
        stream.wait("many", 1100, 60)
        numbers = [n for n, _ in stream.events]
        assert numbers == list(range(first + 1, first + 1 + len(numbers)))


def test_the_end_of_its_session_ends_a_stream(agent):
    r = agent.post("SessionService/Sessions", {"UserName": "admin", "Password": PASSWORD})
    token = r.headers["X-Auth-Token"]
    s = requests.Session()
    s.verify = s.trust_env = False
    stream = s.get(agent.url("EventService/SSE"), stream=True, timeout=60,
                   headers={"X-Auth-Token": token})
    assert stream.status_code == 200
    lines = stream.iter_lines(chunk_size=1)
    assert next(lines).startswith(b":")
    assert agent.delete(r.headers["Location"]).status_code == 204
    assert list(lines) is not None  # it ends


def test_a_role_that_may_no_longer_log_in_ends_a_stream(agent):
    who = {"auth": ("listener", PASSWORD)}
    assert agent.post("AccountService/Roles", {
        "RoleId": "listeners", "AssignedPrivileges": ["Login"]}).status_code == 201
    assert agent.post("AccountService/Accounts", {
        "UserName": "listener", "Password": PASSWORD,
        "RoleId": "listeners"}).status_code == 201
    try:
        stream = agent.get("EventService/SSE", stream=True, timeout=60, **who)
        assert stream.status_code == 200
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines).startswith(b":")
        assert agent.patch("AccountService/Roles/listeners",
                           {"AssignedPrivileges": ["ConfigureSelf"]}).status_code == 200
        assert agent.get("Systems", **who).status_code == 403
        assert list(lines) is not None  # it ends
    finally:
        assert agent.delete("AccountService/Accounts/listener").status_code == 204
        assert agent.delete("AccountService/Roles/listeners").status_code == 204


def test_another_password_ends_a_stream_that_was_opened_with_the_old_one(agent):
    assert agent.post("AccountService/Accounts", {
        "UserName": "listener", "Password": PASSWORD, "RoleId": "ReadOnly"}).status_code == 201
    try:
        stream = agent.get("EventService/SSE", stream=True, timeout=60, auth=("listener", PASSWORD))
        assert stream.status_code == 200
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines).startswith(b":")
        assert agent.patch("AccountService/Accounts/listener",
                           {"Password": "another-Pw-33"}).status_code == 200
        assert list(lines) is not None  # it ends
    finally:
        assert agent.delete("AccountService/Accounts/listener").status_code == 204


def test_an_operator_may_subscribe_and_change_its_own_only(agent):
    operator, other = ("auth", ("operator1", PASSWORD)), ("auth", ("operator2", PASSWORD))
    for _, (name, _) in (operator, other):
        assert agent.post("AccountService/Accounts", {
            "UserName": name, "Password": PASSWORD, "RoleId": "Operator"}).status_code == 201
    try:
        with Receiver() as receiver:
            r = agent.post("EventService/Subscriptions", {
                "Destination": receiver.url, "Protocol": "Redfish"}, **dict([operator]))
            assert r.status_code == 201, r.text
            uri = r.headers["Location"]
            assert agent.patch(uri, {"Context": "x"}, **dict([other])).status_code == 403
            assert agent.delete(uri, **dict([other])).status_code == 403
            assert agent.patch(uri, {"Context": "x"}, **dict([operator])).status_code == 200
            assert agent.delete(uri, **dict([operator])).status_code == 204
    finally:
        for _, (name, _) in (operator, other):
            assert agent.delete(f"AccountService/Accounts/{name}").status_code == 204


def test_the_limit_of_snmp_receivers_holds_when_many_come_at_once(agent):
    def add(n):
        return agent.post(SUBSCRIPTIONS, {
            "Destination": f"snmp://127.0.0.1:{20000 + n}", "Protocol": "SNMPv2c",
            "SNMP": {"TrapCommunity": "public"}})
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(add, range(20)))
    added = [r.headers["Location"] for r in answers if r.status_code == 201]
    try:
        assert len(added) == 16, [r.status_code for r in answers]
        assert all("EventSubscriptionLimitExceeded" in r.text for r in answers
                   if r.status_code != 201)
    finally:
        for uri in added:
            assert agent.delete(uri).status_code == 204


def test_there_is_a_limit_of_streams_for_a_user(agent):
    eventually(lambda: not made(agent), 20)  # those of the tests before
    with contextlib.ExitStack() as all_of_them:
        for _ in range(8):
            stream = all_of_them.enter_context(Stream(agent))
            assert stream.response.status_code == 200
        r = agent.get("EventService/SSE", stream=True, headers={"Accept": "*/*"})
        assert r.status_code == 503
        assert "EventSubscriptionLimitExceeded" in r.text
    eventually(lambda: not made(agent), 20)


def test_a_reader_that_never_reads_holds_up_no_other(agent):
    with socket.create_connection(("127.0.0.1", agent.http_port)) as deaf, \
            Receiver() as receiver, subscribed(agent, receiver.url):
        basic = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
        deaf.sendall(f"GET /redfish/v1/EventService/SSE HTTP/1.1\r\nHost: x\r\n"
                     f"Authorization: Basic {basic}\r\n\r\n".encode())
        assert deaf.recv(15) == b"HTTP/1.1 200 OK"
        for i in range(50):
            submit(agent, f"not read {i}")
        receiver.wait("not read", 50, 20)


# ---- over a restart ----

def test_subscriptions_outlive_a_restart_and_a_crash(new_agent):
    agent = new_agent().start()
    with Receiver() as receiver:
        with subscribed(agent, receiver.url, HttpHeaders=[{"X-Key": "k-1"}],
                        MessageIds=["ClusterBmc.1.0.TestEvent"],
                        DeliveryRetryPolicy="RetryForever") as where:
            before = agent.json(where)
            for end in (agent.stop, agent.kill9):
                end()
                agent.start()
                after = agent.json(where)
                assert {k: v for k, v in after.items() if k != "@odata.etag"} == \
                    {k: v for k, v in before.items() if k != "@odata.etag"}
                submit(agent, f"after {end.__name__}")
                receiver.wait(f"after {end.__name__}")
                assert receiver.headers[-1]["X-Key"] == "k-1"


def test_a_crash_loses_nothing_that_was_not_delivered(new_agent):
    """What is in the event log after it, and was not delivered before, is delivered."""
    agent = new_agent().start()
    with Receiver() as receiver:
        body = {"Destination": receiver.url, "Protocol": "Redfish",
                "DeliveryRetryPolicy": "RetryForever"}
        assert agent.post(SUBSCRIPTIONS, body).status_code == 201
        submit(agent, "before")
        receiver.wait("before")
        receiver.hold.clear()
        for i in range(5):
            submit(agent, f"under way {i}")
        agent.kill9()
        receiver.events.clear()
        receiver.hold.set()
        agent.start()
        entries = agent.json("Managers/bmc/LogServices/Events/Entries")["Members"]
        logged = {e["Id"] for e in entries if "under way" in e["Message"]}
        assert logged
        eventually(lambda: logged <= {e["Id"] for e in receiver.events}, 20)


# ---- over TLS ----

@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    """A CA of its own and a certificate for 127.0.0.1 by it."""
    folder = tmp_path_factory.mktemp("pki")

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca", "-days", "2")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            "key.pem", "-out", "csr.pem", "-subj", "/CN=receiver")
    (folder / "ext").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-out",
            "cert.pem", "-days", "2", "-extfile", "ext", "-CAcreateserial")
    return folder


def test_certificates_are_checked_unless_told_not_to(new_agent, pki):
    agent = new_agent().start()
    with Receiver(tls=(pki / "cert.pem", pki / "key.pem")) as receiver:
        with subscribed(agent, receiver.url, VerifyCertificate=False):
            submit(agent, "unchecked")
            receiver.wait("unchecked")
        with subscribed(agent, receiver.url, DeliveryRetryPolicy="RetryForever") as where:
            submit(agent, "not trusted")
            eventually(lambda: "took no event" in agent.log_text(), 20)
            assert not receiver.of("not trusted")
            agent.stop()
            ca = agent.state / "receivers-ca.pem"
            ca.write_text((pki / "ca.pem").read_text())
            ca.chmod(0o644)
            agent.start_daemon(lambda text: f"{text}\nevents: {{ca: {ca}}}\n")
            receiver.wait("not trusted", 1, 20)  # the receiver's CA is known now
            assert agent.delete(where).status_code == 204

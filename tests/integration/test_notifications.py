# SPDX-License-Identifier: Apache-2.0
"""Notifications as a NOC uses them: what they carry, the log of them, who is sent to, refused
requests, and receivers that hang."""
import os
import re
import signal

import pytest

from harness import SLOW, TOP, SnmpError, eventually
from test_events import submit, subscribed
from test_events_snmp import receiver, v2c, v3  # noqa: F401
from test_snmp_set_hung import Client

pytestmark = [pytest.mark.coverage]

AUTHENTICATION_FAILURE = "snmpModules.1.1.5.5"
AUTH_TRAPS = "1.3.6.1.2.1.11.30.0"
LOG = "1.3.6.1.2.1.92.1.3"
NOTIFICATION = re.compile(r"^(\w+) NOTIFICATION-TYPE\s+OBJECTS\s+\{(.*?)\}", re.S | re.M)


def objects_of_mib():
    text = (TOP / "mibs" / "CLUSTER-BMC-MIB.txt").read_text()
    return {name: re.findall(r"\w+", objects) for name, objects in NOTIFICATION.findall(text)}


def parts(trap):
    """The notification's name, and its objects with their values in order."""
    rest = trap.split(" | ", 1)[1]
    name = rest.split()[1]
    found = re.findall(r"(cbmcEvent[A-Z]\w*)\.(\d+) (.*?) ?\|?(?= cbmcEvent[A-Z]\w*\.\d+ |$)",
                       rest)
    assert len({number for _, number, _ in found}) <= 1, trap
    return name, [(column, value.strip().strip('"')) for column, _, value in found]


def administrator(agent):
    return ["-v3", "-l", "authPriv", "-u", "nocadmin", "-a", "SHA-256", "-A", agent.passphrase,
            "-x", "AES-256", "-X", agent.passphrase]


@pytest.fixture
def with_administrator(new_agent, receiver):
    """Makes an agent of which nocadmin is an Administrator, with `.trap`."""
    def promote(text):
        return text.replace("name: nocadmin, role: Operator",
                            "name: nocadmin, role: Administrator")
    one = new_agent(traps=receiver()).start()
    one.stop()

    def start():
        return one.start_daemon(promote)
    one.again = start
    start()
    yield one


def event_of_log(agent, number):
    return agent.json(f"Managers/bmc/LogServices/Events/Entries/{number}")


def number_of(trap):
    return re.search(r"cbmcEventText\.(\d+)", trap).group(1)


@pytest.fixture(scope="module")
def happenings(agent):
    """Brings about some of everything; the notifications of it by their names."""
    agent.sim("set", kind="board", id="sub1-08", field="present", value=False)
    agent.trap.wait("cbmcBoardRemoved", "sub1-08", seconds=20)
    agent.sim("clear", id="sub1-08")
    agent.trap.wait("cbmcBoardInserted", "sub1-08", seconds=20)
    agent.sim("set", kind="sensor", id="ambient", field="value", value=60000)
    agent.trap.wait("cbmcSensorAboveLimit", "ambient", seconds=20)
    agent.sim("clear", id="ambient")
    agent.trap.wait("cbmcSensorLimitCleared", "ambient", seconds=20)
    assert agent.reset("sub2-02", "ForceRestart").status_code in (202, 204)
    agent.trap.wait("cbmcJobCompleted", "sub2-02", seconds=30)
    submit(agent, "a test of all")
    agent.trap.wait("cbmcTestEvent", "a test of all")
    return [t for t in agent.trap.traps() if "cbmc" in t]


def test_each_notification_has_the_objects_of_the_mib_in_order(agent, happenings):
    declared = objects_of_mib()
    seen = set()
    for trap in happenings:
        name, objects = parts(trap)
        assert [column for column, _ in objects] == declared[name], trap
        seen.add(name)
    assert {"cbmcBoardRemoved", "cbmcBoardInserted", "cbmcJobStarted", "cbmcJobCompleted",
            "cbmcSensorAboveLimit", "cbmcSensorLimitCleared", "cbmcTestEvent"} <= seen


def test_a_notification_says_what_redfish_says(agent, happenings):
    for trap in happenings:
        _, objects = parts(trap)
        said, entry = dict(objects), event_of_log(agent, number_of(trap))
        assert entry["Message"] == said["cbmcEventText"]
        assert entry["Severity"].lower() == said["cbmcEventSeverity"]
        kind = entry["MessageId"].rsplit(".", 1)[1]
        assert kind in (said["cbmcEventType"], said["cbmcEventType"] + entry["Severity"])


def test_states_operations_and_targets_are_values(agent, happenings):
    told = {}
    for trap in happenings:
        name, objects = parts(trap)
        told.setdefault(name, dict(objects))
    removed, done, hot = (told[f"cbmc{name}"] for name in
                          ("BoardRemoved", "JobCompleted", "SensorAboveLimit"))
    assert float(hot["cbmcEventReading"]) == 60 > float(hot["cbmcEventLimit"]) > 0
    assert "cbmcEventReading" in told["cbmcSensorLimitCleared"]
    assert (removed["cbmcEventBefore"], removed["cbmcEventAfter"]) == ("Present", "Absent")
    assert removed["cbmcEventOriginId"] == "sub1-08"
    assert (done["cbmcEventOperation"], done["cbmcEventTarget"]) == ("ForceRestart", "sub2-02")
    assert done["cbmcEventAfter"] == "Completed"


def test_the_notification_log_has_what_was_sent(agent, happenings):
    trap = [t for t in happenings if "cbmcJobCompleted" in t][-1]
    number, (_, objects) = number_of(trap), parts(trap)
    got = agent.snmp("snmpget", "-Oqvn", [f"{LOG}.1.1.9.0.{number}"], mibs=False)
    assert got.strip().endswith(".32473.1.0.31")
    rows = agent.snmpwalk(f"{LOG}.2.1.2.0.{number}", options="-OqsU")
    assert [v.split(".")[0] for v in rows.values()] == [column for column, _ in objects]
    types = agent.snmpwalk(f"{LOG}.2.1.3.0.{number}", options="-OqnU")
    assert list(types.values()) == ["6", "4"] + ["6"] * (len(objects) - 2)
    texts = agent.snmpwalk(f"{LOG}.2.1.8.0.{number}", options="-OqnU")
    assert dict(objects)["cbmcEventText"] in texts.values()


def test_the_notification_log_is_bounded(agent, happenings):
    limit = int(agent.snmpget("1.3.6.1.2.1.92.1.1.1.0"))
    for i in range(5):
        submit(agent, f"fill {i}")
    agent.trap.wait("fill 4")
    assert 0 < len(agent.snmpbulkwalk(f"{LOG}.1.1.9", options="-OqnU")) <= limit
    assert int(agent.snmpget("1.3.6.1.2.1.92.1.2.1.0")) >= 5
    assert agent.snmpget("1.3.6.1.2.1.92.1.1.3.1.5.0") == "2"


def test_snmpset_sends_a_test_event_to_all(with_administrator, receiver):
    agent, it = with_administrator, receiver()
    url, more = v2c(it.port, SubscriptionType="SNMPInform")
    with subscribed(agent, url, **more):
        agent.snmpset("cbmcManagerTestEvent.0", "i", "2", auth=administrator(agent))
        it.wait("cbmcTestEvent", "nocadmin", seconds=10)
        agent.trap.wait("cbmcTestEvent", "nocadmin")


# ---- refused requests ----

def guess(agent, n=1):
    for _ in range(n):
        with pytest.raises(SnmpError):
            agent.snmp("snmpget", ["1.3.6.1.2.1.1.3.0"], community="a-guess", timeout=0.1)


def test_a_wrong_community_is_notified_with_its_address_and_only_once(new_agent, receiver):
    it = receiver()
    agent = new_agent(traps=it).start()
    assert agent.snmpget(AUTH_TRAPS) == "1"
    guess(agent, 5)
    trap = it.wait(AUTHENTICATION_FAILURE, seconds=10)
    assert "cbmcEventClient" in trap and trap.rstrip('"').endswith("127.0.0.1"), trap
    entry = event_of_log(agent, number_of(trap))
    assert entry["MessageId"].endswith("SnmpAuthenticationFailed")
    assert entry["MessageArgs"][:2] == ["127.0.0.1", "unknown community"]
    submit(agent, "after the guesses")
    it.wait("after the guesses")
    assert sum(AUTHENTICATION_FAILURE in t for t in it.traps()) == 1
    assert "a-guess" not in agent.log_text()


def test_snmpEnableAuthenTraps_is_set_by_administrators_and_kept(with_administrator):
    agent, it = with_administrator, with_administrator.trap
    for value, auth, why in (("3", administrator(agent), "wrongValue"),
                             ("2", ["-v2c", "-c", "private"], "authorizationError"),
                             ("2", ["-v2c", "-c", "public"], "noAccess")):
        with pytest.raises(SnmpError, match=why):
            agent.snmpset(AUTH_TRAPS, "i", value, auth=auth)
    agent.snmpset(AUTH_TRAPS, "i", "2", auth=administrator(agent))
    assert agent.snmpget(AUTH_TRAPS) == "2"
    agent.kill9()
    agent.again()
    assert agent.snmpget(AUTH_TRAPS) == "2"
    guess(agent)
    submit(agent, "nothing before this")
    it.wait("nothing before this")
    assert not [t for t in it.traps() if AUTHENTICATION_FAILURE in t]


# ---- who is sent to ----

def test_receivers_are_in_the_target_tables(agent, receiver):
    it = receiver()
    url, more = v2c(it.port, SubscriptionType="SNMPInform")
    with subscribed(agent, url, **more) as where:
        name = where.rsplit("/", 1)[1]
        index = ".".join(str(ord(c)) for c in name)
        table = "1.3.6.1.6.3.12.1.2.1"
        eventually(lambda: agent.snmpget(f"{table}.9.{index}") == "1", 10)
        assert agent.snmpget(f"{table}.2.{index}", options="-Oqvn") == ".1.3.6.1.6.1.1"
        address = agent.snmpget(f"{table}.3.{index}", options="-Oqvx").split()
        assert address == [f"{n:02X}" for n in (127, 0, 0, 1, it.port >> 8, it.port & 255)]
        assert agent.snmpget(f"{table}.6.{index}") == "inform"
    eventually(lambda: agent.snmpget(f"{table}.9.{index}") is None, 10)
    types = agent.snmpwalk("1.3.6.1.6.3.13.1.1.1.3", options="-OqnU")
    assert list(types.values()) == ["2", "1"]


def test_no_walk_shows_a_community_of_a_receiver(agent, receiver):
    url, more = v2c(receiver().port)
    with subscribed(agent, url, **more):
        for community in ("public", "private"):
            out = agent.snmp("snmpbulkwalk", "-OnaU", ["1.3"], community=community)
            assert "traps-9" not in out and '"private"' not in out and '"public"' not in out


# ---- receivers that hang ----

def test_a_stopped_inform_receiver_delays_no_answer_and_no_other_receiver(agent, receiver):
    """p99 of GET beside stopped receivers of v2c and v3 informs, against that before."""
    client = Client(agent)
    idle = sorted(client.get_s() for _ in range(500))
    two = receiver(), receiver("createUser subscriber SHA-256 subscriber-Pass-1 AES-256 "
                               "subscriber-Pass-2\nauthUser log subscriber priv\n")
    (u1, m1), (u2, m2) = v2c(two[0].port, SubscriptionType="SNMPInform"), \
        v3(two[1].port, SubscriptionType="SNMPInform")
    with subscribed(agent, u1, **m1), subscribed(agent, u2, **m2):
        submit(agent, "before the stop")
        for it in two:
            it.wait("before the stop", seconds=20)
            os.kill(it.process.pid, signal.SIGSTOP)
        try:
            hung = []
            for i in range(10):
                submit(agent, f"beside the stopped {i}")
                hung += [client.get_s() for _ in range(50)]
            agent.trap.wait("beside the stopped 9", seconds=10)
        finally:
            for it in two:
                os.kill(it.process.pid, signal.SIGCONT)
        for it in two:
            it.wait("beside the stopped 9", seconds=60)
    hung.sort()
    p99 = [seconds[int(len(seconds) * 0.99)] for seconds in (idle, hung)]
    print(f"p99 of GET {p99[0] * 1e3:.2f} ms, beside stopped receivers {p99[1] * 1e3:.2f} ms")
    assert p99[1] < 20 * p99[0] + 0.2 * SLOW

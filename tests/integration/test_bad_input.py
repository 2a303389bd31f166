# SPDX-License-Identifier: Apache-2.0
"""Bad input gets a clear error, and nothing is lost."""
import os
import random
import re
import signal
import socket
import ssl
import subprocess
import time

import pytest

from harness import BUILD, SLOW, SmallDiskAgent, SnmpError, alive, eventually

pytestmark = [pytest.mark.coverage]

JSON = {"Content-Type": "application/json"}
RESET = "Systems/sub1-01/Actions/ComputerSystem.Reset"


def messages(response):
    """Ids of the messages of an error, without registry and version."""
    info = response.json()["error"]["@Message.ExtendedInfo"]
    return [m["MessageId"].rsplit(".", 1)[1] for m in info]


def tls(agent, timeout=60):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    raw = socket.create_connection(("127.0.0.1", agent.https_port), timeout=timeout * SLOW)
    return context.wrap_socket(raw)


def well(agent):
    """It is the same process, and all frontends answer."""
    assert alive(agent.pid)
    assert agent.get("/redfish/v1").status_code == 200
    assert agent.snmpget("cbmcBoardId.1.1") == "sub1-01"


# ---- HTTP ----

@pytest.mark.parametrize("body", [b"{", b"", b"[1,2", b'{"ResetType": "On",}', b"\xff\xfe{}",
                                  b'{"ResetType": "\xc3\x28"}', b"nonsense", b"{}{}",
                                  b'{"a":' * 5000])
def test_malformed_json(agent, body):
    answer = agent.request("POST", RESET, data=body, headers=JSON)
    assert answer.status_code == 400
    assert messages(answer)[0] in ("MalformedJSON", "UnrecognizedRequestBody", "EmptyJSON",
                                   "ActionParameterMissing", "InvalidObject")
    well(agent)


@pytest.mark.parametrize("body", [b"[]", b'"On"', b"7", b"null"])
def test_json_that_is_no_object(agent, body):
    answer = agent.request("POST", RESET, data=body, headers=JSON)
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("path, body, property_", [
    ("Systems/sub1-01", {"LocationIndicatorActive": "yes"}, "LocationIndicatorActive"),
    ("Systems/sub1-01", {"AssetTag": 5}, "AssetTag"),
    ("Systems/sub1-01", {"AssetTag": {"a": 1}}, "AssetTag"),
    ("Chassis/enclosure", {"LocationIndicatorActive": 1}, "LocationIndicatorActive"),
    ("SessionService", {"SessionTimeout": "long"}, "SessionTimeout"),
    ("AccountService/Accounts/admin", {"Enabled": "true"}, "Enabled"),
])
def test_wrong_types(agent, path, body, property_):
    answer = agent.patch(path, body)
    assert answer.status_code == 400, answer.text
    assert messages(answer)[0] in ("PropertyValueTypeError", "PropertyValueError")
    assert property_ in answer.text


@pytest.mark.parametrize("body, expected", [
    ({"Nope": 1}, "PropertyUnknown"),
    ({"PowerState": "On"}, "PropertyNotWritable"),
    ({"Id": "sub1-02"}, "PropertyNotWritable"),
    ({}, "EmptyJSON|NoOperation|PropertyMissing|MalformedJSON"),
])
def test_unknown_and_read_only_properties(agent, body, expected):
    answer = agent.patch("Systems/sub1-01", body)
    assert answer.status_code in (400, 200), answer.text
    assert any(word in answer.text for word in expected.split("|")), answer.text


def test_one_wrong_property_of_two_changes_nothing_silently(agent):
    answer = agent.patch("Systems/sub1-01", {"AssetTag": "half", "Nope": 1})
    assert "Nope" in answer.text
    tag = agent.json("Systems/sub1-01").get("AssetTag")
    assert answer.status_code == 200 and tag == "half" or \
        answer.status_code == 400 and tag != "half"
    agent.patch("Systems/sub1-01", {"AssetTag": ""})


def test_value_that_is_too_long(agent):
    answer = agent.patch("Systems/sub1-01", {"AssetTag": "x" * 5000})
    assert answer.status_code == 400
    assert messages(answer)[0].startswith(("PropertyValue", "StringValue"))


def test_oversized_body(agent):
    try:
        answer = agent.request("POST", RESET, data=b" " * (64 << 20), headers=JSON)
        assert answer.status_code == 413
    except OSError:
        pass  # closed while we still sent: as good an answer
    well(agent)


def test_announced_oversized_body_is_refused_before_it_is_sent(agent):
    with tls(agent) as s:
        s.sendall(f"POST /redfish/v1/{RESET} HTTP/1.1\r\nHost: x\r\n"
                  "Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n".encode())
        assert re.match(rb"HTTP/1.1 (413|401|400)", s.recv(4096))
    well(agent)


def test_endless_header(agent):
    with tls(agent) as s:
        s.sendall(b"GET /redfish/v1 HTTP/1.1\r\nHost: x\r\nX-Long: ")
        end = time.monotonic() + 60
        try:
            while time.monotonic() < end:
                s.sendall(b"y" * 16384)
        except OSError:
            pass  # it was closed
        assert time.monotonic() < end
    well(agent)


def test_endless_headers(agent):
    with tls(agent) as s:
        s.sendall(b"GET /redfish/v1 HTTP/1.1\r\nHost: x\r\n")
        end = time.monotonic() + 60
        try:
            while time.monotonic() < end:
                s.sendall(b"X-More: yes\r\n" * 1000)
        except OSError:
            pass
        assert time.monotonic() < end
    well(agent)


@pytest.mark.parametrize("head", [
    b"GET\r\n\r\n", b"\x00\x01\x02\x03\r\n\r\n", b"GET /redfish/v1 HTTP/9.9\r\n\r\n",
    b"GET /redfish/v1 HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    b"POST /redfish/v1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
    b"GET " + b"/" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /redfish/v1/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /redfish/v1/%00%ff HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_malformed_requests(agent, head):
    with tls(agent) as s:
        s.sendall(head)
        s.settimeout(15 * SLOW)
        try:
            answer = s.recv(4096)
        except (OSError, ssl.SSLError):
            answer = b""
        assert not answer or re.match(rb"HTTP/1.[01] [45]\d\d|HTTP/1.[01] 401", answer), answer
        assert b"root:" not in answer
    well(agent)


def test_slow_clients_do_not_delay_others_and_are_shown_the_door(agent):
    slow = [tls(agent, 90) for _ in range(40)]
    try:
        for s in slow:
            s.sendall(b"GET /redfish/v1 HT")
        times = []
        for _ in range(20):
            begin = time.monotonic()
            assert agent.get("/redfish/v1").status_code == 200
            times.append(time.monotonic() - begin)
        assert sorted(times)[15] < 5 * SLOW
        s, end = slow[0], time.monotonic() + 60
        try:
            while time.monotonic() < end:
                s.sendall(b"x")  # a byte a second does not keep it alive
                s.settimeout(1)
                try:
                    if s.recv(1000) == b"":
                        break
                except TimeoutError:
                    pass
        except OSError:
            pass
        assert time.monotonic() < end
    finally:
        for s in slow:
            s.close()
    well(agent)


def test_plain_http_on_the_tls_port(agent):
    with socket.create_connection(("127.0.0.1", agent.https_port), timeout=10) as s:
        s.sendall(b"GET /redfish/v1 HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            assert b"200" not in s.recv(4096)
        except OSError:
            pass
    well(agent)


# ---- SNMP ----

def test_bad_oid_is_no_such_object_or_instance(agent):
    assert agent.snmpget(".1.3.6.1.4.1.32473.1.99.1") is None
    column = agent.oid("cbmcBoardId", "1.1")[:-4]
    for index in ("200.1", "1", "1.1.1", "4294967295.4294967295", "0", "1.9"):
        assert agent.snmpget(f"{column}.{index}", mibs=False) is None, index


@pytest.mark.parametrize("object_, type_, value, error", [
    ("cbmcBoardId.1.1", "s", "x", "notWritable"),
    ("cbmcBoardName.1.1", "i", "5", "wrongType"),
    ("cbmcBoardName.1.1", "s", "x" * 200, "wrongLength|wrongValue"),
    ("cbmcBoardLocator.1.1", "i", "7", "wrongValue"),
    (".1.3.6.1.4.1.32473.1.99.1", "i", "1", "noCreation|notWritable|noAccess"),
])
def test_bad_set_has_its_error_status_of_rfc_3416(agent, object_, type_, value, error):
    if not object_.startswith("."):
        object_ = agent.oid(*object_.split(".", 1))
    with pytest.raises(SnmpError, match=error):
        agent.snmpset(object_, type_, value, mibs=False)


def test_bad_pdus_are_dropped_and_the_log_is_not_flooded(agent):
    log = len(agent.log_text())
    good = bytes.fromhex("302902010104067075626c6963a01c02040102030402010002010030"
                         "0e300c06082b060102010101000500")
    chance = random.Random(7)
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.connect(("127.0.0.1", agent.snmp_port))
        for i in range(5000):
            data = bytearray(good)
            for _ in range(chance.randrange(1, 5)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            s.send(bytes(data[:chance.randrange(1, len(data) + 1)]) if i % 3 else bytes(data))
            if i % 50 == 0:
                time.sleep(0.01)
        s.send(b"")
        s.send(b"\x30\x84\xff\xff\xff\xff")
        s.send(os.urandom(60000))
    eventually(lambda: agent.snmpget("cbmcBoardId.1.1") == "sub1-01", 10)
    well(agent)
    assert len(agent.log_text()) - log < 20000


def test_wrong_community_has_no_answer(agent):
    with pytest.raises(SnmpError, match="Timeout"):
        agent.snmpget("cbmcBoardId.1.1", community="guess", timeout=1)


# ---- configuration ----

def daemon(*words):
    return subprocess.run([str(BUILD / "clusterbmcd"), *words], capture_output=True, text=True,
                          timeout=300 * SLOW, check=False)


def edited(text, folder, old, new):
    assert old in text
    path = folder / "clusterbmcd.yaml"
    path.write_text(text.replace(old, new, 1))
    return path, path.read_text().splitlines()


@pytest.mark.parametrize("old, new, word", [
    ("state_dir:", "state_dri:", "state_dri"),
    ("bind: 127.0.0.1", "bind: [1, 2]", "bind"),
    ("poll: 50ms", "poll: fast", "poll"),
    ("poll: 50ms", "poll: -5ms", "poll"),
    ("plugin: simulator", "plugin: simulatr", "simulatr"),
    ("role: ReadOnly", "role: Emperor", "Emperor"),
    ("https_port:", "https_port: 99999999 #", "https_port"),
    ("instances:", "instances: {", ""),
    ("backend: file", "backend: floppy", "floppy"),
    ("http:", "\thttp:", ""),
])
def test_broken_config_is_refused_with_file_line_and_reason(agent, tmp_path, old, new, word):
    text = (agent.state / "clusterbmcd.yaml").read_text()
    path, lines = edited(text, tmp_path, old, new)
    run = daemon("-t", "--config", str(path))
    output = run.stdout + run.stderr
    assert run.returncode != 0, output
    found = re.search(r"clusterbmcd\.yaml:(\d+): .", output)
    assert found, output
    assert word in output
    expected = next(i for i, line in enumerate(lines, 1) if new.split("\n")[0].strip() in line)
    assert new.endswith("{") or abs(int(found[1]) - expected) <= 1, output


def test_good_config_is_accepted_and_printed(agent):
    path = str(agent.state / "clusterbmcd.yaml")
    run = daemon("-t", "--config", path)
    assert run.returncode == 0, run.stderr
    run = daemon("-p", "--config", path)
    assert run.returncode == 0 and str(agent.https_port) in run.stdout
    assert "default" in run.stdout


def test_broken_config_at_sighup_changes_nothing(agent):
    path = agent.state / "clusterbmcd.yaml"
    text, log = path.read_text(), len(agent.log_text())
    path.write_text(text.replace("poll: 50ms", "poll: sometimes"))
    try:
        os.kill(agent.pid, signal.SIGHUP)
        eventually(lambda: "sometimes" in agent.log_text()[log:], 10)
        assert re.search(r"clusterbmcd\.yaml:\d+: ", agent.log_text()[log:])
        well(agent)
        agent.finished_or_done(agent.reset("sub3-01", "PowerCycle"))
    finally:
        path.write_text(text)
    os.kill(agent.pid, signal.SIGHUP)
    well(agent)


def test_unreadable_config_at_sighup_changes_nothing(agent):
    path = agent.state / "clusterbmcd.yaml"
    away = path.with_name("away.yaml")
    path.rename(away)
    try:
        log = len(agent.log_text())
        os.kill(agent.pid, signal.SIGHUP)
        eventually(lambda: "clusterbmcd.yaml" in agent.log_text()[log:], 10)
        well(agent)
    finally:
        away.rename(path)


PLATFORM_FAULTS = [
    ("parent: blade1", "parent: blade77", "blade77"),
    ("driver: simulator", "driver: telepathy", "telepathy"),
    ("chip: c,", "chip: d,", "d"),
    ("line: 3", "line: 2", "line"),
    ("pulse: 200ms", "pulse: 20000s", "pulse"),
    ("id: sub1-01", "id: SUB 1", "SUB 1"),
    ("id: sub1-02", "id: sub1-01", "sub1-01"),
    ("platform: small", "platfrom: small", "platfrom"),
]
PLATFORM = """platform: small
chips: [{id: c, driver: simulator, lines: 100}]
chassis: [{id: enclosure}]
blades: [{id: blade1, index: "1"}]
boards:
  - id: sub1-01
    index: "1.1"
    parent: blade1
    pins: [{name: power, chip: c, line: 2, pulse: 200ms}]
  - id: sub1-02
    index: "1.2"
    parent: blade1
    pins: [{name: power, chip: c, line: 3}]
"""


@pytest.mark.parametrize("old, new, word", PLATFORM_FAULTS)
def test_broken_platform_file_is_refused_with_file_line_and_reason(agent, tmp_path, old, new,
                                                                   word):
    platform = tmp_path / "small.yaml"
    text = (agent.state / "clusterbmcd.yaml").read_text()
    config = tmp_path / "clusterbmcd.yaml"
    config.write_text(re.sub(r"^platform: .*$", f"platform: {platform}", text, flags=re.M))
    platform.write_text(PLATFORM)
    run = daemon("-t", "--config", str(config))
    assert run.returncode == 0, run.stderr
    platform.write_text(PLATFORM.replace(old, new, 1))
    run = daemon("-t", "--config", str(config))
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert re.search(r"small\.yaml:\d+: .", output), output
    assert word in output


def test_agent_does_not_start_with_a_broken_platform_file_and_says_why(new_agent, tmp_path):
    agent = new_agent()
    path = agent.folder / "broken.yaml"
    path.write_text(PLATFORM.replace("parent: blade1", "parent: blade77", 1))
    agent.platform = str(path)
    agent.start(wait=False)
    assert agent.process.wait(120 * SLOW) != 0
    assert "broken.yaml:" in agent.log_text() and "blade77" in agent.log_text()


# ---- the state database ----

def test_corrupt_database_is_set_aside_and_said_so(new_agent):
    agent = new_agent().start()
    agent.finished(agent.reset("sub1-01", "PowerCycle"))
    agent.stop()
    database = agent.state / "state.db"
    with open(database, "r+b") as f:
        f.write(os.urandom(8192))
    agent.start()
    well(agent)
    aside = list(agent.state.glob("state.db.corrupt-*"))
    assert len(aside) >= 1
    assert aside[0].name in agent.log_text()
    eventually(lambda: "StateSetAside" in agent.snmpwalk("cbmcEventType").values(), 5)
    agent.finished(agent.reset("sub1-01", "PowerCycle"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")
def test_full_disk_lets_power_actions_run_and_is_caught_up(new_agent):
    agent = new_agent(SmallDiskAgent).start()
    agent.fill_disk()
    answers = [agent.reset(f"sub2-{s:02}", "ForceOff") for s in range(1, 9)]
    assert {a.status_code for a in answers} == {202}
    for a in answers:
        agent.finished(a)
    eventually(lambda: agent.power("sub2-08") == "Off")
    eventually(lambda: "changes are not on the disk" in agent.log_text(), 20)
    eventually(lambda: agent.snmpget("cbmcManagerStateDurable.0") == "false", 10)
    agent.free_disk()
    eventually(lambda: "takes writes again" in agent.log_text(), 20)
    eventually(lambda: agent.snmpget("cbmcManagerStateDurable.0") == "true", 10)
    tasks = agent.members("TaskService/Tasks")
    agent.kill9()
    agent.start()
    assert set(tasks) <= set(agent.members("TaskService/Tasks"))


class ReadOnly:
    """state.db can be read and not written: by a mount for root, who ignores modes."""

    def __init__(self, path):
        self.path = str(path)

    def __enter__(self):
        if os.geteuid():
            os.chmod(self.path, 0o400)
            return
        for words in (["--bind", self.path], ["-o", "remount,bind,ro"]):
            if subprocess.run(["mount", *words, self.path], check=False).returncode:
                pytest.skip("no right to mount")

    def __exit__(self, *_):
        if os.geteuid():
            os.chmod(self.path, 0o600)
        else:
            subprocess.run(["umount", "-l", self.path], check=False)


def test_read_only_database_is_read_and_actions_still_run(new_agent):
    agent = new_agent().start()
    agent.finished(agent.reset("sub2-01", "PowerCycle"))
    agent.snmpset("cbmcBoardName.2.1", "s", "Muninn")
    agent.stop()
    with ReadOnly(agent.state / "state.db"):
        agent.start()
        assert agent.members("TaskService/Tasks") == ["1"]
        assert agent.snmpget("cbmcBoardName.2.1") == "Muninn"
        agent.finished(agent.reset("sub2-02", "PowerCycle"))
        assert "changes are not on the disk" in agent.log_text()
        well(agent)
    eventually(lambda: "takes writes again" in agent.log_text(), 20)
    agent.kill9()
    agent.start()
    assert len(agent.members("TaskService/Tasks")) == 2

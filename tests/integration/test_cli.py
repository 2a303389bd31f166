# SPDX-License-Identifier: Apache-2.0
"""bmc on an agent: logins, node sets, several boards, formats, and how it ends."""
import http.server
import json
import os
import re
import signal
import socketserver
import stat
import statistics
import subprocess
import threading
import time

import jsonschema
import pytest
import yaml

from bmc_rig import Bmc
from harness import BUILD, R2_BOARDS, SLOW, TOP, eventually, free_ports

# The sanitizers' turn is test_cli_golden.py's, which runs every command.
pytestmark = [pytest.mark.plain_only]

SCHEMA = json.loads((TOP / "doc/bmc.schema.json").read_text())
OK, FAILED, USAGE, SOME, AUTH, UNREACHABLE, TIMEOUT, NOT_FOUND, BUSY = range(9)
ROOT = os.geteuid() == 0
NOBODY = 65534


@pytest.fixture(name="bmc", scope="module")
def bmc_of_agent(agent):
    one = Bmc(agent)
    if not ROOT:  # root needs no login on the Unix socket
        (one.folder / "password").write_text(agent.password + "\n")
        own = one.environment
        one.environment = lambda **more: own(**{
            "BMC_PASSWORD_FILE": str(one.folder / "password"), **more})
    one.wait_state("sub9-08", "android")
    one.wait_state("sub1-01", "android")
    return one


def valid(value, command):
    jsonschema.validate(value, {**SCHEMA, "$ref": f"#/definitions/{command}"})
    return value


def nodes(bmc, *words, stdin=""):
    done = bmc.run(*words, "state", "-o", "name", stdin=stdin)
    assert done.returncode == OK, done.stderr
    return done.stdout.split()


# ---- formats ----

@pytest.mark.parametrize("command, words", [
    ("state", ["state"]), ("state", ["sub1-01", "state"]), ("list", ["list"]),
    ("list", ["list", "--offline"]), ("serials", ["serials"]), ("versions", ["versions"]),
    ("show", ["sub1-01", "sub1-02"]), ("vendor", ["sub1-01", "vendor", "sn"]),
    ("query", ["query"])])
def test_json_is_what_its_schema_says(bmc, command, words):
    found = valid(bmc.json(*words), command)
    assert found or "--offline" in words
    as_yaml = bmc.run(*words, "-o", "yaml").stdout
    again = yaml.safe_load(as_yaml)
    assert [sorted(r) for r in again] == [sorted(r) for r in found]


def test_a_schema_refuses_what_is_wrong():
    for command, wrong in (("state", [{"node": "sub1-01"}]), ("action", [{}]), ("query", {})):
        with pytest.raises(jsonschema.ValidationError):
            valid(wrong, command)


def test_state_of_all_boards_in_each_format(bmc):
    plain = bmc.run("state").stdout.splitlines()
    assert plain[0] == "main: linux" and "sub1-01: android" in plain
    assert [line.split(":")[0] for line in plain] == ["main", *R2_BOARDS]
    table = bmc.run("state", "-o", "table").stdout.splitlines()
    assert re.fullmatch(r"NODE +STATE +POWER", table[0]) and len(table) == 74
    assert bmc.run("state", "-o", "csv").stdout.startswith("node,state,power,adb_state,")
    assert bmc.run("state", "-o", "nonsense").returncode == USAGE


def test_state_of_72_boards_is_there_at_once(bmc):
    """Program start included; the bound is for a machine five times slower."""
    times = []
    for _ in range(9):
        begin = time.monotonic()
        assert len(bmc.run("state").stdout.splitlines()) == 73
        times.append(time.monotonic() - begin)
    print(f"bmc state: {statistics.median(times) * 1000:.0f} ms, best {min(times) * 1000:.0f}")
    assert min(times) < 0.5


@pytest.mark.parametrize("word, fields", [
    ("adb_offline", {"usb_mode": "adb", "adb_state": "offline"}),
    ("android_recovery", {"usb_mode": "adb", "adb_state": "recovery"}),
    ("loader", {"usb_mode": "loader", "adb_state": "none"}),
    ("fastboot", {"usb_mode": "fastboot", "adb_state": "none"}),
    ("maskrom", {"usb_mode": "maskrom", "adb_state": "none"}),
    ("netrecovery", {"usb_mode": "netrecovery", "adb_state": "none"})])
def test_words_of_states_are_firefly_s(bmc, agent, word, fields):
    for field, value in fields.items():
        agent.sim("set", kind="board", id="sub6-08", field=field, value=value)
    try:
        bmc.wait_state("sub6-08", word)
        assert nodes(bmc, f"@{word}") == ["sub6-08"]
    finally:
        agent.sim("clear", id="sub6-08")


# ---- node sets ----

@pytest.mark.parametrize("words, expected", [
    (["sub1-01"], ["sub1-01"]), (["sub1-02", "sub1-01"], ["sub1-01", "sub1-02"]),
    (["sub1-01,sub1-03"], ["sub1-01", "sub1-03"]), (["sub1-01", "sub1-01"], ["sub1-01"]),
    (["sub2-*"], R2_BOARDS[8:16]), (["@blade2"], R2_BOARDS[8:16]),
    (["sub{1..3}-01"], ["sub1-01", "sub2-01", "sub3-01"]),
    (["sub1-{07..08}"], ["sub1-07", "sub1-08"]), (["sub{1,3}-0{1,2}"],
     ["sub1-01", "sub1-02", "sub3-01", "sub3-02"]), (["@all"], ["main", *R2_BOARDS]),
    (["@boards"], R2_BOARDS), (["@fastboot"], []),
    (["sub[12]-0?,main"], ["main", *R2_BOARDS[:16]])])
def test_node_sets(bmc, words, expected):
    assert nodes(bmc, *words) == expected


def test_names_come_from_stdin(bmc):
    assert nodes(bmc, "-", stdin="sub1-02\nsub1-01 @blade3\n") == \
        ["sub1-01", "sub1-02", *R2_BOARDS[16:24]]


@pytest.mark.parametrize("word, code, text", [
    ("sub1-1", NOT_FOUND, "Did you mean 'sub1-01'?"), ("stat", NOT_FOUND, "Did you mean 'state'?"),
    ("zzzzzzzz", NOT_FOUND, "bmc state lists the boards"), ("@blade10", NOT_FOUND, "no set @blade10"),
    ("@nonsense", NOT_FOUND, "Sets are @all"), ("sub{1..}-01", NOT_FOUND, "no board"),
    ("sub1-9*", NOT_FOUND, "no board's name fits 'sub1-9*'"),
    ("sub1-01,x?", NOT_FOUND, "no board's name fits 'x?'"),
    ("sub{3..1}-01", USAGE, "a range is from a number to a higher one"),
    ("sub{1..2000}-01", USAGE, "a range is from"), ("sub{1-01", USAGE, "braces are"),
    ("x" * 300, USAGE, "too long"), ("{{{{a}}}}", NOT_FOUND, "no board"), ("sub1-01/../main", NOT_FOUND, "no board")])
def test_what_names_no_board_is_said(bmc, word, code, text):
    done = bmc.run(word, "state")
    assert done.returncode == code and text in done.stderr and not done.stdout, done.stderr


@pytest.mark.parametrize("words, text", [
    ("state sub1-01", "boards stand before state: bmc sub1-01 state"), ("serials x", "'x' is one"),
    ("reset sub1-01", "reset needs a board"), ("sub1-01 reset x", "'x' is one"), ("versions x", "'x' is one"),
    ("main metrics x", "'x' is one"), ("login x", "'x' is one"), ("logout x", "'x' is one"),
    ("sub1-01 list", "list takes no board before it"), ("doctor x", "'x' is one"),
    ("@blade1 fw list", "fw takes no board before it")])
def test_words_that_have_no_meaning_are_refused(bmc, words, text):
    done = bmc.run(*words.split())
    assert done.returncode == USAGE and text in done.stderr and not done.stdout, done.stderr


# ---- actions ----

def test_action_is_waited_for(bmc):
    done = bmc.run("sub2-01", "reset", "--wait", "--timeout", "2m", "-o", "json")
    assert done.returncode == OK, done.stderr
    assert valid(json.loads(done.stdout), "action") == \
        [{"node": "sub2-01", "action": "reset", "result": "done"}]
    assert "sub2-01: 100% reset" in done.stderr.splitlines() and "\r" not in done.stderr


def test_power_of_a_blade_goes_off_and_on(bmc):
    refused = bmc.run("@blade2", "poweroff")
    assert refused.returncode == USAGE and "8 boards needs --yes" in refused.stderr
    assert "off" not in {b["power"].lower() for b in bmc.json("@blade2", "state")}
    for verb, power in (("poweroff", "Off"), ("poweron", "On")):
        done = bmc.run("@blade2", verb, "-y", "--wait", "--parallel", "3", "-o", "json", "-q")
        assert done.returncode == OK and not done.stderr, done.stderr
        assert len(valid(json.loads(done.stdout), "action")) == 8
        assert {b["power"] for b in bmc.json("@blade2", "state")} == {power}
    bmc.wait_state("sub2-08", "android")


def test_a_set_does_not_restart_the_machine_of_the_agent(bmc):
    """Only by its name."""
    done = bmc.run("mai?,sub9-0[12],@loader", "poweron", "-y", "-o", "json", "--wait")
    assert done.returncode == OK and "bmc: main is left out" in done.stderr, done.stderr
    assert {r["node"] for r in json.loads(done.stdout)} == {"sub9-01", "sub9-02"}
    quiet = bmc.run("mai?", "sub9-01", "poweron", "-q")
    assert quiet.returncode == OK and not quiet.stderr
    assert "left out" not in bmc.run("@boards", "reset").stderr
    for words in (["main,sub1-01"], ["@all", "main"], ["{main,sub1-01}"], ["-"]):
        named = bmc.run(*words, "poweroff", stdin="main\n")
        assert "left out" not in named.stderr, words
        assert named.returncode == (USAGE if words != ["-"] else NOT_FOUND), named.stderr
        assert words == ["-"] or "boards needs --yes" in named.stderr
    assert "73 boards needs --yes" in bmc.run("@all", "main", "reset").stderr
    assert "72 boards needs --yes" in bmc.run("@all", "reset").stderr
    only = bmc.run("mai?", "reset", "-y")
    assert only.returncode == USAGE and "only main is in that set" in only.stderr
    assert "main" in nodes(bmc, "@all") and nodes(bmc, "mai?") == ["main"]  # to look at it is fine


def test_boards_that_are_switched_off_are_no_fault(bmc):
    assert bmc.run("sub2-02", "poweroff", "--wait").returncode == OK
    try:
        bmc.wait_state("sub2-02", "offline")
        usb, = [r for r in json.loads(bmc.run("doctor", "-o", "json").stdout) if r["check"] == "usb"]
        assert usb["status"] == "ok" and "bmc @off state" in usb["next"]
    finally:
        assert bmc.run("sub2-02", "poweron", "--wait").returncode == OK
        bmc.wait_state("sub2-02", "android")


def test_failures_of_several_boards_are_listed(bmc):
    done = bmc.run("main", "sub1-08", "poweroff", "--yes", "-o", "json")
    assert done.returncode == SOME
    assert done.stderr.startswith("main: ") and "sub1-08:" not in done.stderr
    assert {r["node"]: r["result"] for r in json.loads(done.stdout)} == \
        {"main": "failed", "sub1-08": "started"}
    bmc.wait_state("sub1-08", "offline")
    assert bmc.run("sub1-08", "poweron").returncode == OK
    assert bmc.run("main", "poweroff").returncode == NOT_FOUND  # not supported
    bmc.wait_state("sub1-08", "android")


def test_a_board_that_is_busy_is_said(bmc, agent):
    agent.sim("fault", id="sub1-07", fault="adb_hang", seconds=30)
    try:
        assert bmc.run("sub1-07", "reboot").returncode == OK
        done = bmc.run("sub1-07", "reset")
        assert done.returncode == BUSY and done.stderr.startswith("sub1-07: "), done.stderr
    finally:
        agent.sim("fault", id="sub1-07", fault="adb_hang", seconds=0)


def test_forall_runs_no_shell_and_says_what_fails(bmc):
    done = bmc.run("forall", "echo", "%{node};id", stdin="sub1-01 sub1-02\n")
    assert done.returncode == OK
    assert done.stdout == ">>> echo sub1-01;id\nsub1-01;id\n>>> echo sub1-02;id\nsub1-02;id\n"
    hostile = bmc.run("forall", "echo", stdin="sub1-01 $(id)\n")
    assert hostile.returncode == USAGE and not hostile.stdout
    assert bmc.run("forall", "echo", stdin="-n").returncode == USAGE
    assert bmc.run("forall", "false", stdin="a b").returncode == SOME
    assert bmc.run("forall", "nonsense-program", stdin="a").returncode == FAILED


def forall(bmc, script, *options, names="a b c d"):
    """A shell's script for each name: it is $0, and $D a folder for all."""
    return bmc.run("forall", *options, "sh", "-c", script, "%{node}", stdin=names,
                   env={"D": str(bmc.folder)})


# Gives up after a minute or more: a test that fails leaves nothing running.
AWAIT = 'await() { n=0; while [ ! -e $1 ] && [ $n -lt 600 ]; do sleep 0.1; n=$((n+1)); done; }; '


def test_forall_runs_several_at_once_and_keeps_their_output_in_order(bmc):
    """Each waits for all others, and the last ends first."""
    meet = "touch $D/at.$0; for x in a b c d; do await $D/at.$x; done; "
    order = "case $0 in a) await $D/end.b;; b) await $D/end.c;; c) await $D/end.d;; esac; "
    done = forall(bmc, AWAIT + meet + order + "yes $0 | head -c 100000; touch $D/end.$0; "
                  "echo $0 >&2; [ $0 != b ]")
    assert done.returncode == SOME
    lines = done.stdout.splitlines()
    assert [x[-1] for x in lines if x.startswith(">>> ")] == list("abcd")
    assert [x for x in lines if not x.startswith(">>> ")] == [n for n in "abcd"
                                                              for _ in range(50_000)]
    assert done.stderr == "a\nb\nb: sh ended with 1\nc\nd\n"


def test_forall_keeps_long_output_whole(bmc):
    """More than is kept of a board whose turn has not come."""
    done = forall(bmc, "yes $0 | head -c 3000000; yes $0 | head -c 3000000 >&2")
    for text in (done.stdout, done.stderr):
        assert [x for x in text.splitlines() if not x.startswith(">>> ")] == \
            [n for n in "abcd" for _ in range(1_500_000)]
    assert done.returncode == OK


@pytest.mark.parametrize("most", [1, 2])
def test_forall_runs_no_more_at_once_than_it_may(bmc, most):
    """Each counts who is there beside itself, and leaves after a while."""
    script = 'mkdir -p $D/in$1; touch $D/in$1/$0; ls $D/in$1 | wc -l; sleep 0.3; rm $D/in$1/$0'
    done = bmc.run("forall", "-P", str(most), "sh", "-c", script, "%{node}", str(most),
                   stdin="a b c d e", env={"D": str(bmc.folder)})
    counts = [int(x) for x in done.stdout.splitlines() if not x.startswith(">>> ")]
    assert len(counts) == 5 and max(counts) <= most and done.returncode == OK, done.stderr


def test_forall_ends_with_its_reader_and_waits_for_no_stranger(bmc):
    done = bmc.shell("echo a b c | bmc forall yes | head -n 2")
    assert done.stdout == ">>> yes\ny\n" and not done.stderr
    begin = time.monotonic()
    try:
        done = forall(bmc, "sleep 600 & echo $! >>$D/sleepers; echo $0")
        assert [x for x in done.stdout.splitlines() if not x.startswith(">>> ")] == list("abcd")
        assert time.monotonic() - begin < 300
    finally:
        for pid in (bmc.folder / "sleepers").read_text().split():
            os.kill(int(pid), signal.SIGTERM)
    many = bmc.run("forall", "-P", "64", "echo", "%{node}",
                   stdin=" ".join(f"n{i}" for i in range(200)))
    assert many.stdout == "".join(f">>> echo n{i}\nn{i}\n" for i in range(200))
    full = bmc.shell("echo a b | bmc forall echo >/dev/full")
    assert full.returncode == FAILED and "No space left on device" in full.stderr, full.stderr


def test_vendor_storage_is_checked_by_the_agent(bmc):
    assert bmc.run("sub1-01", "vendor", "lan", "nonsense").returncode == FAILED
    assert bmc.run("sub1-01", "vendor", "nonsense").returncode == USAGE
    assert bmc.run("@blade1", "vendor", "sn", "X").returncode == USAGE
    was = bmc.run("sub1-01", "vendor", "VENDOR_SN_ID").stdout.strip()
    assert bmc.run("sub1-01", "vendor", "sn", "NEW-1").returncode == OK
    assert bmc.run("sub1-01", "vendor", "sn").stdout == "NEW-1\n"
    assert bmc.run("sub1-01", "vendor", "sn", was).returncode == OK


# ---- hostile text ----

def test_names_that_move_the_cursor_are_cleaned(bmc, agent):
    evil = "x\x1b]0;owned\x07\u202etxt"
    agent.sim("set", kind="board", id="sub1-06", field="os_version", value=evil)
    try:
        eventually(lambda: "owned" in bmc.run("versions").stdout)
        for words in (["versions"], ["sub1-06", "state", "-o", "wide"], ["versions", "-o", "csv"],
                      ["versions", "-o", "json"], ["versions", "-o", "yaml"]):
            out = bmc.run(*words).stdout
            assert "owned" in out
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", out), words
    finally:
        agent.sim("clear", id="sub1-06")
    bmc.wait_state("sub1-06", "android")


ESCAPE = "x\x1b[2Jowned"


class Liar(http.server.BaseHTTPRequestHandler):
    """An agent all of whose words would move the cursor."""
    protocol_version = "HTTP/1.1"
    BOARD = {"@odata.id": "/redfish/v1/Systems/sub1-01", "Id": "sub1-01",
             "Oem": {"ClusterBmc": {"NodeState": ESCAPE}}}
    EVENT = {"Id": "1", "Created": ESCAPE, "Severity": ESCAPE, "Message": ESCAPE}
    TASK = {"Id": "5", "TaskState": ESCAPE, "PercentComplete": 100,
            "Oem": {"ClusterBmc": {"TargetId": ESCAPE, "Code": ESCAPE, "Image": ESCAPE,
                                   "Operation": "Update"}}}

    def do_GET(self):  # pylint: disable=invalid-name
        path = self.path.split("?")[0]
        one = self.EVENT if path.endswith("/Entries") else self.BOARD
        answer = {"@odata.id": path, "Members@odata.count": 1, "Members": [one]}
        if path.endswith("/SubTasks"):
            answer["Members"] = []
        elif "/Tasks/" in path:
            self.server.seen += 1
            ended = {"TaskState": "Exception"} if self.server.seen > 3 else {}
            answer = {**self.TASK, **ended}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass


def test_agent_that_lies_moves_no_cursor(tmp_path):
    path = str(tmp_path / "liar.sock")
    server = socketserver.ThreadingUnixStreamServer(path, Liar)
    server.daemon_threads, server.seen = True, 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for words in (["state"], ["events"], ["fw", "wait", "5"]):
            done = subprocess.run([BUILD / "bmc", *words], capture_output=True, timeout=60,
                                  env={"PATH": os.environ["PATH"], "BMC_SOCKET": path})
            assert b"owned" in done.stdout + done.stderr, words
            assert b"\x1b" not in done.stdout + done.stderr, words
    finally:
        server.shutdown()
        server.server_close()


# ---- the manual ----

def examples_of_the_manual():
    text = (TOP / "doc/bmc.1.scd").read_text().split("# EXAMPLES")[1]
    return re.findall(r"^bmc .*$", text.split("```")[1], re.M)


@pytest.mark.parametrize("line", examples_of_the_manual())
def test_example_of_the_manual_works(bmc, line):
    done = bmc.shell(line)
    assert done.returncode == OK, done.stderr
    if "poweroff" in line:
        assert bmc.run("@blade2", "poweron", "--yes", "--wait").returncode == OK
        bmc.wait_state("sub2-08", "android")


# ---- logins ----

def tokens(bmc):
    return list((bmc.folder / ".cache/clusterbmc").glob("session-*"))


def test_remote_agent_is_logged_in_to_once(bmc, agent):
    before = len(agent.members("SessionService/Sessions"))
    done = bmc.remote("state", "--insecure")
    assert done.returncode == OK, done.stderr
    # boards that other tests have restarted may be on their way
    names = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert names == ["main", *R2_BOARDS]
    assert "--insecure: a machine between" in done.stderr
    kept, = tokens(bmc)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert agent.password not in kept.read_text()
    # the password is not needed any more
    assert bmc.remote("sub1-01", "state", "-k", password="wrong").returncode == OK
    assert len(agent.members("SessionService/Sessions")) == before + 1
    # a session that has ended is replaced
    session = json.loads(kept.read_text())["session"]
    assert agent.delete(session).status_code == 204
    assert bmc.remote("state", "-k").returncode == OK
    assert json.loads(kept.read_text())["session"] != session
    # other users may not have read it
    kept.chmod(0o644)
    assert bmc.remote("state", "-k", password="wrong").returncode == AUTH
    assert bmc.remote("state", "-k").returncode == OK
    assert bmc.remote("logout", "-k").returncode == OK
    assert not tokens(bmc)


def test_wrong_password_is_said(bmc):
    done = bmc.remote("state", "-k", password="wrong")
    assert done.returncode == AUTH and not done.stdout and not tokens(bmc)
    none = bmc.run("--host", "127.0.0.1:1", "state", env={"BMC_PASSWORD_FILE": "/nonexistent"})
    assert none.returncode == AUTH and "no password in /nonexistent" in none.stderr


def test_certificate_is_checked(bmc, agent):
    assert bmc.remote("state").returncode == UNREACHABLE
    done = bmc.remote("state")
    assert "can't be trusted" in done.stderr and "--ca FILE" in done.stderr
    pin = bmc.shell(
        f"openssl s_client -connect 127.0.0.1:{agent.https_port} </dev/null 2>/dev/null | openssl "
        "x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | "
        "base64").stdout.strip()
    done = bmc.remote("state", "--fingerprint", f"sha256//{pin}")
    assert done.returncode == OK and "insecure" not in done.stderr, done.stderr
    other = bmc.remote("state", "--fingerprint", "sha256//" + "A" * 43 + "=")
    assert other.returncode == UNREACHABLE and "another one" in other.stderr, other.stderr
    assert bmc.remote("state", "--fingerprint", pin).returncode == USAGE
    assert bmc.remote("logout", "--fingerprint", f"sha256//{pin}").returncode == OK


# ---- what else can go wrong ----

@pytest.mark.parametrize("words, text", [
    ("state -o -h", "-o needs a value: FORMAT"), ("state --output --wait", "--output needs a value"),
    ("events --filter sub1-01", "--filter needs -f"), ("events --since 5", "--since needs -f"),
    *((f"--host {host} state", "a port from 1 to 65535") for host in (
        "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:https", "127.0.0.1:", "127.0.0.1:1x", ":443",
        "::1", "[::1", "::1]:443", "[::1]:99999", "https://bmc.example:70000/", "https://")),
    ("--host 127.0.0.1:1 --ca /nope state", "--ca: the certificates in /nope can't be read: No such"),
])
def test_a_slip_is_said_before_a_password_is_asked_for(bmc, words, text):
    """Without a terminal the question for a password would be another error."""
    done = bmc.run(*words.split())
    assert done.returncode == USAGE and text in done.stderr and not done.stdout, done.stderr
    assert "assword" not in done.stderr


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "https://127.0.0.1:{}/redfish", "[::1]:{}"])
def test_hosts_and_ports_that_are_right_are_tried(bmc, host):
    port, = free_ports(1)
    done = bmc.run("--host", host.format(port), "-k", "state", env={"BMC_PASSWORD": "x"})
    assert done.returncode == UNREACHABLE, done.stderr


def test_a_file_without_a_certificate_is_said(bmc, agent, tmp_path):
    (tmp_path / "empty.pem").write_text("nothing\n")
    done = bmc.remote("state", "--ca", str(tmp_path / "empty.pem"))
    assert done.returncode == UNREACHABLE
    assert f"No authority in {tmp_path}/empty.pem has signed" in done.stderr, done.stderr


def test_what_bmc_adb_is_for_is_asked_of_itself(bmc):
    for word in ("-h", "--help"):
        done = bmc.shell(f"bmc_adb {word}")
        assert done.returncode == OK and done.stdout.startswith("usage: bmc_adb -s <node> ")


def test_a_board_that_is_off_is_said_to_be_off(bmc):
    assert bmc.run("sub2-03", "poweroff", "--wait").returncode == OK
    try:
        bmc.wait_state("sub2-03", "offline")
        done = bmc.run("sub2-03", "reboot", "--wait")
        assert done.returncode == BUSY
        assert done.stderr == "sub2-03: is off: switch it on instead (HTTP 409)\n"
    finally:
        assert bmc.run("sub2-03", "poweron", "--wait").returncode == OK
        bmc.wait_state("sub2-03", "android")


def test_an_agent_that_is_not_there_is_said(bmc, tmp_path):
    done = bmc.run("--socket", str(tmp_path / "none"), "state")
    assert done.returncode == UNREACHABLE and "Does clusterbmcd run" in done.stderr
    port, = free_ports(1)
    assert bmc.remote("state", env={"BMC_HOST": f"127.0.0.1:{port}"}).returncode == UNREACHABLE


def test_an_agent_that_does_not_answer_is_given_up(bmc, tmp_path):
    import socket
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(tmp_path / "deaf"))
        s.listen(1)
        done = bmc.run("--socket", str(tmp_path / "deaf"), "state", "--timeout", "1")
    assert done.returncode == TIMEOUT and "--timeout" in done.stderr


class Prometheus(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # pylint: disable=invalid-name
        ok = "sum" in self.path
        body = json.dumps({"status": "success", "data": {"resultType": "vector", "result": [
            {"metric": {"job": "x", "a": "1"}, "value": [1608772515.659, "71.5"]}]}} if ok else
            {"status": "error", "error": "parse error\x1b"}).encode()
        self.send_response(200 if ok else 400)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):  # pylint: disable=arguments-differ
        pass


def test_query_asks_prometheus_when_there_is_one(bmc):
    with http.server.HTTPServer(("127.0.0.1", 0), Prometheus) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        env = {"BMC_PROMETHEUS": f"http://127.0.0.1:{server.server_port}/"}
        done = bmc.run("query", "sum(up)", env=env)
        assert done.stdout == '{a="1", job="x"} => 71.5 @[1608772515.659]\n' and not done.stderr
        bad = bmc.run("query", "(", env=env)
        assert bad.returncode == FAILED and "Prometheus: parse error?" in bad.stderr
        server.shutdown()


@pytest.mark.parametrize("expr, n", [
    ("node_cluster_up", 73), ('node_cluster_up{subnode="main"}', 1),
    ('node_cluster_up{subnode!="main"}', 72), ('node_cluster_up{subnode=~"sub1-.*"}', 8),
    ('node_cluster_up { subnode=~"sub1-.*", subnode!~".*0[12]", }', 6),
    ("node_cluster", 0), ("node_cluster_up{}", 73), ('node_cluster_up{nodename="main"}', 73)])
def test_query_of_the_agent_knows_labels(bmc, expr, n):
    assert len(bmc.json("query", expr)) == n


@pytest.mark.parametrize("expr", ["sum(x)", "x{", 'x{a=b}', 'x{a="b}', 'x{a~"b"}', "x y", "",
                                  'x{a=~"("}', "x{" + 'a="",' * 17 + "}"])
def test_query_that_the_agent_can_not_answer_is_refused(bmc, expr):
    done = bmc.run("query", expr)
    assert done.returncode == USAGE and "--prometheus" in done.stderr


def test_watch_repeats_and_ends_with_its_reader(bmc):
    done = bmc.shell("bmc sub1-01 state --watch --interval 1 | head -n 3")
    assert done.stdout == "sub1-01: android\n\nsub1-01: android\n"
    assert bmc.run("versions", "--watch").returncode == USAGE


def test_watching_a_board_fills_no_log(bmc, agent):
    def opened():
        return [e["Id"] for e in agent.json("Managers/bmc/LogServices/Events/Entries")["Members"]
                if "stream to board sub3-01" in e["Message"]]
    bmc.wait_state("sub3-01", "android")
    before = opened()
    assert bmc.shell("bmc sub3-01 --watch --interval 1 | head -n 30").stdout.count("node: ") > 1
    assert opened() == before
    assert bmc.run("sub3-01").returncode == OK
    assert len(opened()) == len(before) + 2


def test_a_full_disk_is_no_success(bmc):
    for line in ("bmc state >/dev/full", "bmc state -o json >/dev/full"):  # in one write, in several
        full = bmc.shell(line)
        assert full.returncode == FAILED and "No space left on device" in full.stderr, full.stderr


@pytest.mark.skipif(not ROOT, reason="becomes another user")
def test_other_users_of_this_machine_log_in(bmc, agent):
    """The kernel vouches for root only; a session is kept for the user who made it."""
    home = agent.folder / "nobody"
    home.mkdir()
    (home / "password").write_text(agent.password + "\n")
    for path in (home, home / "password"):
        os.chown(path, NOBODY, NOBODY)

    def run(*words, **env):
        return subprocess.run(
            [str(bmc.bin / "bmc"), *words], capture_output=True, text=True, check=False,
            timeout=60 * SLOW, stdin=subprocess.DEVNULL, user=NOBODY, start_new_session=True,
            group=agent.state.stat().st_gid, env=bmc.environment(HOME=str(home), **env))
    refused = run("state")
    assert refused.returncode == AUTH and "--password-file FILE" in refused.stderr, refused.stderr
    done = run("state", BMC_PASSWORD_FILE=str(home / "password"))
    assert done.returncode == OK and done.stdout.startswith("main: "), done.stderr
    assert run("state").returncode == OK  # the session is kept
    assert run("logout").returncode == OK
    assert run("state").returncode == AUTH

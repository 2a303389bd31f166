# SPDX-License-Identifier: Apache-2.0
"""bmc's commands for accounts, events, sensors and any Redfish request."""
import json
import os
import signal
import subprocess

import pytest

from cli_rig import PROGRAM, bmc, bmc_json, environment, remote, rows_of, terminal
from conftest import Agents
from harness import eventually

pytestmark = [pytest.mark.plain_only]

OLD, NEW, NEWER = "Some-long-Pw-9", "Other-long-Pw-8", "Third-long-Pw-7"
NUMBER = ["number", "null"]
SUBSCRIPTIONS = "EventService/Subscriptions"


@pytest.fixture(name="agent", scope="module")
def small_agent():
    one = Agents.new(platform="r1")
    yield one.start()
    Agents.remove(one)


# ---- redfish ----

def test_any_request(agent):
    assert json.loads(bmc(agent, "redfish", "GET", "AccountService")[0]) == \
        agent.json("AccountService")
    assert bmc(agent, "redfish", "GET", "/redfish", "-o", "yaml")[0].startswith('"v1":')
    bmc(agent, "redfish", "PATCH", "Systems/sub01", '{"AssetTag": "rack 7"}')
    assert agent.json("Systems/sub01")["AssetTag"] == "rack 7"
    bmc(agent, "redfish", "PATCH", "Systems/sub01", "-", stdin='{"AssetTag": "rack 8"}')
    file = agent.folder / "body.json"
    file.write_text('{"Operation": 1}')
    assert agent.json("Systems/sub01")["AssetTag"] == "rack 8"
    _, told = bmc(agent, "redfish", "PATCH", "Systems/sub01", f"@{file}", code=1)
    assert "Operation" in told
    out, told = bmc(agent, "redfish", "POST", "Systems/sub02/Actions/ComputerSystem.Reset",
                    '{"ResetType": "ForceRestart"}')
    assert json.loads(out)["Id"] in told and "TaskMonitors" in told


@pytest.mark.parametrize("code, words", [
    (2, ["GET"]), (2, ["FETCH", "Systems"]), (2, ["GET", "a b"]), (2, ["POST", "Systems", "{"]),
    (2, ["POST", "Systems", "@/nowhere"]), (7, ["GET", "Systems/nowhere"])])
def test_a_request_that_can_not_be(agent, code, words):
    out, told = bmc(agent, "redfish", *words, code=code)
    assert not out and told.startswith("bmc: ")


@pytest.mark.parametrize("code, words, text", [
    (7, "account remove nobody", "bmc: account nobody: not found (HTTP 404)\n"
                                 "  bmc account list lists all.\n"),
    (7, "account role nobody operator", "bmc: account nobody: not found (HTTP 404)\n"),
    (7, "passwd nobody --stdin", "bmc: account nobody: not found (HTTP 404)\n"),
    (7, "fw log 4711", "bmc: task 4711: not found (HTTP 404)\n  bmc fw list lists all.\n"),
    (7, "redfish GET Systems/nowhere", "bmc: Systems/nowhere: not found (HTTP 404)\n"),
    (7, "redfish GET /redfish/v1/Nowhere?$top=1",
     "bmc: /redfish/v1/Nowhere?$top=1: not found (HTTP 404)\n"),
    (1, "account role admin nonsense", "bmc: account admin: The value "),
    (4, "-u nobody state", "bmc: login of nobody: user name or password was refused (HTTP 401)\n")])
def test_an_error_names_what_the_user_named(agent, code, words, text):
    """Not a URI of the agent's, and with the status that a manual or a log is searched for."""
    _, told = bmc(agent, *words.split(), code=code, stdin=OLD + "\n", BMC_PASSWORD="wrong-Pw-123")
    assert told.startswith(text), told
    assert "URI" not in told and "(HTTP " in told


def test_an_account_that_may_not_is_named_with_what_it_tried(agent):
    bmc(agent, "account", "add", "otto", "--stdin", stdin=OLD + "\n")
    try:
        _, told = bmc(agent, "-u", "otto", "account", "remove", "admin", code=4, BMC_PASSWORD=OLD)
    finally:
        bmc(agent, "account", "remove", "otto")
    assert told.startswith("bmc: account admin: ") and "privilege" in told
    assert "(HTTP 403)\n" in told and ". (HTTP" not in told, told


# ---- accounts ----

def accounts(agent):
    rows = bmc_json(agent, "account", "list", schema=rows_of(
        account="string", role="string", enabled="boolean", locked="boolean",
        must_change="boolean"))
    return {row["account"]: row for row in rows}


def test_accounts_come_change_and_go(agent):
    assert list(accounts(agent)) == ["admin"]
    bmc(agent, "account", "add", "rita", "--role", "operator", "--stdin", stdin=OLD + "\n")
    assert accounts(agent)["rita"] == {"account": "rita", "role": "Operator", "enabled": True,
                                       "locked": False, "must_change": False}
    bmc(agent, "account", "role", "rita", "readonly")
    bmc(agent, "account", "disable", "rita")
    assert accounts(agent)["rita"]["role"] == "ReadOnly"
    assert not accounts(agent)["rita"]["enabled"]
    bmc(agent, "account", "enable", "rita")
    assert accounts(agent)["rita"]["enabled"]
    bmc(agent, "account", "remove", "rita")
    assert "rita" not in accounts(agent)
    assert "did you mean remove?" in bmc(agent, "account", "remov", "x", code=2)[1]
    assert "<account> <role>" in bmc(agent, "account", "role", "x", code=2)[1]
    bmc(agent, "account", "remove", "nobody", code=7)
    bmc(agent, "account", "remove", "../Roles/x", code=2)
    assert "Password" in bmc(agent, "account", "add", "max", "--stdin", stdin="short\n",
                             code=1)[1]
    assert "no line" in bmc(agent, "account", "add", "max", "--stdin", code=2)[1]


def test_an_account_that_may_see_no_other_sees_itself(agent):
    bmc(agent, "account", "add", "otto", "--stdin", stdin=OLD + "\n")
    rows = bmc_json(agent, *remote(agent), "-u", "otto", "account", BMC_PASSWORD=OLD)
    assert [row["account"] for row in rows] == ["otto"]
    bmc(agent, "account", "remove", "otto")


def logs_in(agent, user, password):
    r = agent.http.post(agent.url("SessionService/Sessions"), auth=None, timeout=60,
                        json={"UserName": user, "Password": password})
    return r.status_code == 201


def test_a_password_is_changed_on_a_terminal(agent):
    bmc(agent, "account", "add", "paul", "--stdin", "--must-change", stdin=OLD + "\n")
    words = [*remote(agent), "--user", "paul", "passwd"]
    for old, new, again, code in ((OLD, NEW, NEWER, 1), ("wrong-Pw-123", NEW, NEW, 4),
                                  (OLD, NEW, NEW, 0)):
        with terminal(agent, *words) as t:
            for prompt, secret in (("Old password: ", old), ("New password: ", new),
                                   ("again: ", again)):
                t.expect(prompt)
                t.type(secret + "\n")
            assert t.end() == code, t.text
            assert old not in t.text and new not in t.text
    assert logs_in(agent, "paul", NEW) and not logs_in(agent, "paul", OLD)
    bmc(agent, *words, "--stdin", stdin=f"{NEW}\n{NEWER}\n")
    assert logs_in(agent, "paul", NEWER)
    bmc(agent, *words, "--stdin", stdin=f"{NEWER}\n", code=2)
    bmc(agent, "account", "remove", "paul")


def test_an_administrator_sets_anothers_password(agent):
    bmc(agent, "account", "add", "rosa", "--stdin", stdin=OLD + "\n")
    admin = [*remote(agent), "-u", "admin"]
    bmc(agent, *admin, "passwd", "rosa", "--stdin", stdin=NEW + "\n",
        BMC_PASSWORD=agent.password)
    assert logs_in(agent, "rosa", NEW)
    bmc(agent, "passwd", "a/b", "--stdin", code=2)
    bmc(agent, "account", "remove", "rosa")


# ---- sensors ----

SENSORS = rows_of(chassis="string", sensor="string", name="string", reading=NUMBER,
                  units="string", health="string", state="string", caution=NUMBER,
                  critical=NUMBER)


def test_sensors(agent):
    rows = bmc_json(agent, "sensors", schema=SENSORS)
    assert len(rows) == len(agent.members("Chassis/enclosure/Sensors"))
    some = bmc_json(agent, "sensors", "fan*-rpm", schema=SENSORS)
    assert some and all(row["units"] == "{rev}/min" for row in some)
    boards = bmc_json(agent, "sub01", "sub02", "sensors", "power", schema=SENSORS)
    assert [(row["chassis"], row["sensor"]) for row in boards] == \
        [("sub01", "power"), ("sub02", "power")]
    assert "nix" in bmc(agent, "sensors", "nix", code=7)[1]
    assert bmc(agent, "sensors", "fan1-rpm", "-o", "name")[0] == "fan1-rpm\n"
    head, first = bmc(agent, "sensors")[0].splitlines()[:2]
    assert head.split() == ["CHASSIS", "SENSOR", "READING", "UNITS", "HEALTH"]
    assert first.startswith("enclosure  ")


def test_sensors_are_watched(agent):
    with terminal(agent, "sensors", "fan1-rpm", "--watch", "--interval", "1s") as t:
        for _ in range(2):
            t.expect(r"\x1b\[H\x1b\[2J")
            t.expect("enclosure  fan1-rpm")
        t.type("\x03")
        assert t.end() == -signal.SIGINT


# ---- events ----

def test_the_last_events(agent):
    agent.finished(agent.reset("sub07", "ForceRestart"))
    eventually(lambda: agent.node_state("sub07") in ("Linux", "Android"), 30)
    rows = bmc_json(agent, "events", "-n", "5", schema=rows_of(
        id="string", time="string", severity="string", origin="string", type="string",
        message="string", uri="string"))
    newest = agent.json("Managers/bmc/LogServices/Events/Entries")["Members@odata.count"]
    assert len(rows) == 5 and int(rows[-1]["id"]) >= newest
    lines = bmc(agent, "events", "-n", "2")[0].splitlines()
    assert len(lines) == 2 and all(line[10] == "T" for line in lines)
    assert bmc(agent, "events", "-n", "0")[0] == ""
    bmc(agent, "events", "-n", "x", code=2)
    bmc(agent, "events", "--filter", "sub01", code=2)
    bmc(agent, "events", "-f", "--filter", "x eq", code=1)
    bmc(agent, "events", "-f", "--since", "-1", code=2)


def wait_stream(agent, before):
    """Until there is a stream beside those."""
    eventually(lambda: set(agent.members(SUBSCRIPTIONS)) - before, 10)


class Follow:
    """`bmc events -f -o json` with its lines in a file."""

    def __init__(self, agent, *words):
        before = set(agent.members(SUBSCRIPTIONS))
        self.file = agent.folder / "events"
        with open(self.file, "w", encoding="utf-8") as out:
            self.process = subprocess.Popen(
                [PROGRAM, "events", "-f", "-o", "json", *words], stdout=out,
                stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=environment(agent))
        wait_stream(agent, before)

    def events(self):
        return [json.loads(line) for line in self.file.read_text().splitlines(keepends=True)
                if line.endswith("\n")]

    def types(self, origin=None):
        return [e["type"] for e in self.events() if origin in (None, e["origin"])]

    def stop(self):
        self.process.terminate()
        return self.process.wait(60)


def test_events_are_followed_over_a_restart_of_the_agent(agent):
    follow = Follow(agent)
    try:
        agent.reset("sub03", "ForceRestart")
        eventually(lambda: "BoardStateChanged" in follow.types("sub03"), 20)
        follow.process.send_signal(signal.SIGSTOP)  # it is not back before that is over
        agent.restart()
        agent.finished(agent.reset("sub05", "ForceRestart"))
        newest = max(int(n) for n in agent.members("Managers/bmc/LogServices/Events/Entries"))
        follow.process.send_signal(signal.SIGCONT)

        def ids():
            return [int(e["id"]) for e in follow.events()]
        eventually(lambda: ids()[-1] >= newest, 30)
        numbers = ids()
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
    finally:
        follow.stop()


def test_events_of_one_board(agent):
    eventually(lambda: agent.node_state("sub04") in ("Linux", "Android"), 30)
    follow = Follow(agent, "--filter", "sub04")
    try:
        agent.finished(agent.reset("sub05", "ForceRestart"))
        agent.finished(agent.reset("sub04", "ForceRestart"))
        eventually(lambda: follow.types("sub04"), 10)
        assert {e["origin"] for e in follow.events()} == {"sub04"}
    finally:
        follow.stop()


def test_a_pipe_that_closes_ends_it(agent):
    before = set(agent.members(SUBSCRIPTIONS))
    read, write = os.pipe()
    process = subprocess.Popen([PROGRAM, "events", "-f"], stdout=write, env=environment(agent),
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    wait_stream(agent, before)
    os.close(read)
    agent.reset("sub06", "ForceRestart")
    try:
        assert process.wait(60) in (0, 1)
    finally:
        process.kill()

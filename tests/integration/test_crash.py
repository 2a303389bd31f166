# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the daemon at each journal step of each action. CLUSTERBMC_CRASH_AT=N kills it
when its N-th journal entry is on the disk; N grows until an action outlives it. Pins and
trace are a file of the simulated hardware, so they outlive the daemon as real pins do."""
import time

import pytest
import requests
import urllib3

from harness import ROOT, SLOW, eventually

pytestmark = [pytest.mark.plain_only]

STEPS_MAX = 16
PLATFORM = """
platform: crash
inrush: 50ms
settle: 200ms
leave: 4s
shutdown: 5s
chips: [{id: c, driver: simulator, lines: 100}]
sources: {default: simulator}
verbs: {power: simulator, reset: simulator, os_reboot: simulator, os_shutdown: simulator,
        locator: simulator}
chassis: [{id: enclosure}]
blades: [{id: blade1, index: "1"}]
boards:
  - range: {s: 1-2}
    id: "sub1-{s:02}"
    index: "1.{s}"
    parent: blade1
    pins:
      - {name: power, chip: c, line: "{s}"}
      - {name: reset, chip: c, line: "1{s}", pulse: 150ms}
"""


@pytest.fixture
def agent(new_agent, request):
    one = new_agent()
    path = one.folder / "crash.yaml"
    hangs = "adb_hang" in request.node.name  # it never leaves: no need to wait for it
    path.write_text(PLATFORM.replace("leave: 4s", "leave: 500ms") if hangs else PLATFORM)
    one.platform = str(path)
    return one


def tasks(agent):
    """Every task there is, sub-tasks too: {id: task}."""
    found = {t: agent.json(f"TaskService/Tasks/{t}") for t in agent.members("TaskService/Tasks")}
    return found


def ended(agent):
    """All tasks, once none of them is under way."""
    all_ = tasks(agent)
    words = {t["TaskState"] for t in all_.values()}
    return all_ if words <= {"Completed", "Exception", "Cancelled", "Interrupted"} else None


def prepare(agent, state):
    """The board switched to where the action begins."""
    agent.sim("clear", id="sub1-01")
    if agent.power("sub1-01") != state:
        agent.finished_or_done(agent.reset("sub1-01", "On" if state == "On" else "ForceOff"))


# What a client meets of a daemon that dies while it answers, or has died: requests' own
# exceptions, those of the layers below that it does not wrap, an answer cut short.
GONE = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, AssertionError,
        ValueError, KeyError)


def is_dead(agent):
    """Whether quickstart has ended; the daemon then has, too."""
    if agent.process.poll() is None:
        return False
    agent.wait_dead()
    return True


def all_is_on_disk(agent):
    """A name is answered when it is on the disk, and so is what was journaled before it: a
    daemon that answers outlived every entry of the action."""
    return agent.patch("Chassis/enclosure", {"AssetTag": "fence"}).status_code in (200, 204)


def crashed(agent, accepted=True):
    """Whether the daemon dies before all that was accepted has ended."""
    end = time.monotonic() + 300 * SLOW
    while time.monotonic() < end:
        if is_dead(agent):
            return True
        try:
            if accepted and ended(agent) is not None and all_is_on_disk(agent):
                return False
        except GONE:
            pass
        time.sleep(0.05)
    raise AssertionError("neither dead nor done")


def crash(agent, act):
    """Starts the action; whether the daemon died, and whether it had answered."""
    answered = False
    try:
        answered = act(agent).status_code == 202
    except GONE:
        pass
    return crashed(agent, answered), answered


def reset(kind, where="Systems/sub1-01/Actions/ComputerSystem.Reset"):
    return lambda agent: agent.post(where, {"ResetType": kind})


# Where it begins, what goes wrong, and how often RESET is pulsed: without a kill, with one.
# (A restart by adb that was cut short can't be known to have reached the board.)
@pytest.mark.parametrize("kind, state, fault, pulses, pulses_killed", [
    ("On", "Off", None, 0, 0),
    ("ForceOff", "On", None, 0, 0),
    ("GracefulShutdown", "On", None, 0, 0),
    ("GracefulRestart", "On", None, 0, 1),
    ("GracefulRestart", "On", "adb_hang", 1, 1),
    ("ForceRestart", "On", None, 1, 1),
    ("PowerCycle", "On", None, 0, 0),
])
def test_killed_at_each_journal_step_of(agent, kind, state, fault, pulses, pulses_killed):
    act, crashes = reset(kind), 0
    agent.start()
    for n in range(1, STEPS_MAX):
        prepare(agent, state)
        agent.restart(CLUSTERBMC_CRASH_AT=str(n))
        if kind.startswith("Graceful"):
            eventually(lambda: agent.node_state("sub1-01") in ("Linux", "Android"), 60, 0.1)
        if fault:
            agent.sim("fault", id="sub1-01", fault=fault, seconds=600)
        before, since = set(tasks(agent)), agent.last_seq()
        died, answered = crash(agent, act)
        if died:
            crashes += 1
            agent.start()
        after = eventually(lambda: ended(agent), 60, 0.1)
        new = [t for t in after if t not in before]
        assert len(new) == 1 if answered else len(new) <= 1, f"step {n}: {new}"
        assert all(after[t]["EndTime"] for t in new)
        lengths, at_rest = agent.pulses("sub1-01", since=since)
        assert at_rest, f"step {n}: the RESET pin is not at rest"
        assert len(lengths) <= pulses_killed, f"step {n}: {lengths}"
        assert len(agent.requests_to("sub1-01", since)) <= 1, f"step {n}"
        if not died:
            assert after[new[0]]["TaskState"] == "Completed"
            assert len(lengths) == pulses
            break
    assert crashes >= 3  # reserved, accepted, started at least


def test_on_that_waits_for_a_shutdown_survives_each_step(agent):
    crashes = 0
    agent.start()
    for n in range(2, STEPS_MAX * 2, 2):
        # cut short, a shutdown may leave a halted system under power
        agent.finished(agent.reset("sub1-01", "PowerCycle"), 60)
        agent.restart(CLUSTERBMC_CRASH_AT=str(n))
        eventually(lambda: agent.node_state("sub1-01") in ("Linux", "Android"), 60, 0.1)
        before, answered = set(tasks(agent)), None
        try:
            answered = reset("GracefulShutdown")(agent).status_code
            answered = reset("On")(agent)
        except requests.RequestException:
            pass
        died = crashed(agent)
        if died:
            crashes += 1
            agent.start()
        after = eventually(lambda: ended(agent), 60, 0.1)
        new = [t for t in after if t not in before]
        if getattr(answered, "status_code", 0) == 202:
            on = answered.headers["Location"].rsplit("/", 1)[1]
            assert after[on]["TaskState"] == "Completed", f"step {n}: {after[on]}"
            assert agent.power("sub1-01") == "On", f"step {n}"
        assert len(new) <= 2
        if not died:
            break
    assert crashes >= 3


def test_killed_at_each_journal_step_of_a_blade(agent):
    act, crashes = reset("PowerCycle", "Chassis/blade1/Actions/Chassis.Reset"), 0
    for n in range(1, STEPS_MAX * 2, 3):
        agent.restart(CLUSTERBMC_CRASH_AT=str(n))
        before = set(tasks(agent))
        died, _ = crash(agent, act)
        if died:
            crashes += 1
            agent.start()
        after = eventually(lambda: ended(agent), 60, 0.1)
        assert len([t for t in after if t not in before]) in (0, 1, 3)
        for board in ("sub1-01", "sub1-02"):
            eventually(lambda: agent.power(board) in ("On", "Off"), 30)
        if not died:
            break
    assert crashes >= 2


def test_name_that_was_answered_is_there_after_kill_9(agent):
    agent.start()
    assert agent.patch("Chassis/enclosure", {"AssetTag": "rack 4"}).status_code in (200, 204)
    agent.kill9()
    agent.start()
    assert agent.json("Chassis/enclosure")["AssetTag"] == "rack 4"


def test_levels_stay_while_the_daemon_is_dead(agent):
    agent.start()
    agent.finished_or_done(agent.reset("sub1-02", "ForceOff"))
    since = agent.last_seq()
    agent.kill9()
    agent.start()
    eventually(lambda: agent.power("sub1-02") == "Off", 10)
    assert agent.trace(since) == []
    assert agent.get(ROOT).status_code == 200

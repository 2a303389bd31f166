# SPDX-License-Identifier: Apache-2.0
"""The plugin gpio as a whole: agent, root helper and the real libgpiod over emulated chips
(tests/rigs/gpio-rig.c), wired to simulated boards. The trace of the simulator's pin bank says
what happened to each line and when."""
import mmap
import os
import re
import signal
import shutil
import time

import pytest

from harness import BUILD, TOP, Agent, alive, eventually

RIG = BUILD / "tests/rigs/.libs/gpio-rig.so"
pytestmark = [
    pytest.mark.plain_only,
    pytest.mark.skipif(os.geteuid() != 0 or not RIG.exists() or
                       not shutil.which("umockdev-wrapper"),
                       reason="needs root, libgpiod 1 and umockdev"),
]

BOARDS = [f"sub{n:02}" for n in range(1, 7)]
PULSE_MS = {b: 120 for b in BOARDS} | {"sub04": 2000}
SETTLE_MS, MIN_OFF_MS, INRUSH_MS = 500, 1500, 200
SLACK_MS = 1000  # a busy machine
LINES = 1024  # of a chip in the bank

PLATFORM = f"""
platform: gpio-test
inrush: {INRUSH_MS}ms
settle: {SETTLE_MS}ms
{{extra}}
chips:
  - {{{{id: power, driver: libgpiod, name: gpiochip0, lines: 64}}}}
  - {{{{id: reset, driver: libgpiod, name: gpiochip1, lines: 64}}}}
  - {{{{id: panel, driver: libgpiod, name: gpiochip2, lines: 64}}}}
verbs: {{{{power: gpio, reset: gpio, locator: gpio, os_reboot: simulator, os_shutdown: simulator}}}}
sources: {{{{default: "gpio, simulator"}}}}
chassis: [{{{{id: enclosure}}}}]
boards:
  - {{{{id: main, is_main: true}}}}
{{boards}}
fans:
  - {{{{range: {{{{n: 1-2}}}}, id: "fan{{{{n}}}}", low_rpm: 1000}}}}
psus: [{{{{id: psu1}}}}]
lines:
  - {{{{id: key-power, chip: panel, line: 0, direction: input, role: button_power, active: low, debounce: 20ms}}}}
  - {{{{id: key-uid, chip: panel, line: 1, direction: input, role: button_uid, active: low, debounce: 20ms}}}}
  - {{{{id: fan2-in, chip: panel, line: 2, direction: input, role: presence, parent: fan2, active: low}}}}
  - {{{{id: led-bmc, chip: panel, line: 10, direction: output, role: led_bmc}}}}
  - {{{{id: led-uid, chip: panel, line_name: UID, direction: output, role: led_uid}}}}
  - {{{{id: led-green, chip: panel, line: 12, direction: output, role: led_fan, parent: fan1}}}}
  - {{{{id: led-red, chip: panel, line: 13, direction: output, role: led_fan_bad, parent: fan1}}}}
  - {{{{id: buzzer, chip: panel, line: 14, direction: output, role: buzzer}}}}
  - {{{{id: gone, chip: panel, line_name: NO-SUCH-LINE, direction: output, role: led_net}}}}
"""

POWER, RESET, PANEL = 0, 1, 2
KEY_POWER, KEY_UID, FAN2_IN, LED_BMC, LED_UID, LED_GREEN, LED_RED, BUZZER = \
    0, 1, 2, 10, 11, 12, 13, 14


def board_text(n):
    board = f"sub{n:02}"
    return (f"  - id: {board}\n    pins:\n"
            f"      - {{name: power, chip: power, line: {n}, min_off: {MIN_OFF_MS}ms}}\n"
            f"      - {{name: reset, chip: reset, line: {n}, active: low, "
            f"pulse: {PULSE_MS[board]}ms}}\n")


def table(on):
    """The emulated lines: RESET rests high, the POWER line of sub06 is stuck at 0, the RESET
    line of sub05 is somebody else's."""
    rows = []
    for n, board in enumerate(BOARDS, 1):
        stuck = board == "sub06"
        rows.append(f"0 {n} {int(on and not stuck)} {'stuck' if stuck else 'line'} "
                    f"P{n} {board} power")
        rows.append(f"1 {n} 1 {'held' if board == 'sub05' else 'line'} R{n} {board} reset")
    for n in (KEY_POWER, KEY_UID, FAN2_IN):
        rows.append(f"2 {n} {int(n != FAN2_IN)} line I{n} - input")
    for n in (LED_BMC, LED_UID, LED_GREEN, LED_RED, BUZZER):
        rows.append(f"2 {n} 0 line {'UID' if n == LED_UID else f'L{n}'} panel {n}")
    return "\n".join(rows) + "\n"


class GpioAgent(Agent):
    """An agent whose helper sees the rig's chips."""

    def __init__(self, on=True, extra=""):
        super().__init__(platform="r1")
        self.start()  # for its accounts and its configuration
        self.stop()
        for stale in self.state.glob("simulator.pins*"):
            stale.unlink()
        (self.folder / "table").write_text(table(on))
        (self.folder / "gpio.yaml").write_text(PLATFORM.format(
            extra=extra, boards="".join(board_text(n) for n in range(1, 7))))
        self.bank_path = self.state / "simulator.pins"
        build = self.folder / "build"
        build.mkdir()
        shutil.copy2(BUILD / "clusterbmcd", build)
        self.program = build / "clusterbmcd"
        helper = build / "clusterbmc-priv"
        helper.write_text(
            f"#!/bin/sh\nexport GPIO_RIG='{self.folder}/table' GPIO_RIG_BANK='{self.bank_path}'\n"
            f"export LD_PRELOAD='libumockdev-preload.so.0 {RIG}'\n"
            f"exec '{BUILD}/clusterbmc-priv' \"$@\"\n")
        helper.chmod(0o755)

    def run(self):
        def edit(text):
            if "plugin: gpio" in text:
                return text
            text = re.sub(r"^platform:.*$", f"platform: {self.folder}/gpio.yaml", text, flags=re.M)
            return text.replace("instances:\n", "instances:\n  - name: gpio\n    plugin: gpio\n"
                                "    poll: 100ms\n", 1)
        return self.start_daemon(edit, self.program)

    def helper(self):
        for entry in os.listdir("/proc"):
            try:
                with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as f:
                    name, rest = f.read().split("(", 1)[1].rsplit(")", 1)
            except (OSError, IndexError):
                continue
            if name == "clusterbmc-priv" and int(rest.split()[1]) == self.pid:
                return int(entry)
        raise AssertionError("the daemon has no helper")

    def kill_both(self):
        helper = self.helper()
        os.kill(helper, signal.SIGKILL)
        self.kill9()
        eventually(lambda: not alive(helper), 30)

    def bank(self):
        with open(self.bank_path, "r+b") as f:
            return mmap.mmap(f.fileno(), 0)

    def level(self, chip, line):
        with self.bank() as bank:
            return bank[16 + chip * LINES + line]

    def wire(self, chip, line, level):
        with self.bank() as bank:
            bank[16 + chip * LINES + line] = level

    def levels(self):
        return [(c, n, self.level(c, n)) for c in (POWER, RESET) for n in range(1, 7)]

    def steps(self, board, since=0):
        return [(e["line"], e["level"]) for e in self.trace(since, board) if "line" in e]

    def press(self, key, seconds):
        self.wire(PANEL, key, 0)
        time.sleep(seconds)
        self.wire(PANEL, key, 1)
        time.sleep(0.3)  # a release that is shorter than the debounce time is none


@pytest.fixture(scope="module")
def agent():
    a = GpioAgent().run()
    yield a
    a.remove()


def ok(task):
    assert task["TaskState"] == "Completed" and task["TaskStatus"] == "OK", task


def up(agent, board):
    """On, and its system is up."""
    agent.finished_or_done(agent.reset(board, "On"), 60)
    eventually(lambda: agent.node_state(board) in ("Linux", "Android"), 60)


LOW_AND_HIGH = [("reset", 0), ("reset", 1)]


@pytest.mark.parametrize("kind, steps", [
    ("ForceOff", [("power", 0)]),
    ("On", [("power", 1)]),
    ("ForceRestart", LOW_AND_HIGH),
    ("PowerCycle", [("power", 0), ("power", 1)]),
    ("GracefulRestart", []),
    ("GracefulShutdown", [("power", 0)]),
])
def test_each_action_moves_the_lines_that_it_has_to(agent, kind, steps):
    board = "sub01"
    up(agent, board)
    if kind == "On":
        ok(agent.finished(agent.reset(board, "ForceOff")))
    since = agent.last_seq()
    ok(agent.finished(agent.reset(board, kind), 60))
    assert agent.steps(board, since) == steps
    times = [e["usec"] / 1000 for e in agent.trace(since, board) if "line" in e]
    if kind == "ForceRestart":
        assert PULSE_MS[board] <= times[1] - times[0] <= PULSE_MS[board] + SLACK_MS
    if kind == "PowerCycle":  # the longer one of both
        assert times[1] - times[0] >= max(SETTLE_MS, MIN_OFF_MS) - 200
    state = "Off" if kind in ("ForceOff", "GracefulShutdown") else "On"
    eventually(lambda: agent.power(board) == state)
    others = [e for e in agent.trace(since) if e["board"] not in (board, "panel")]
    assert not others


def test_a_silent_adb_ends_at_the_reset_pin_once(agent):
    """Hangs of 0 to 9 s and beyond 10 s, at once on boards of their own."""
    hangs = {"sub01": 0, "sub02": 3, "sub03": 9, "sub04": 60}
    for board in hangs:
        up(agent, board)
    since, began, tasks = agent.last_seq(), {}, {}
    for board, seconds in hangs.items():
        if seconds:
            agent.sim("fault", id=board, fault="adb_hang", seconds=seconds)
        began[board] = time.clock_gettime(time.CLOCK_BOOTTIME) * 1000
        tasks[board] = agent.reset(board, "GracefulRestart")
    for board, seconds in hangs.items():
        ok(agent.finished(tasks[board], 60))
        steps = agent.steps(board, since)
        assert steps == (LOW_AND_HIGH if seconds else []), board
        if not seconds:
            continue
        times = [e["usec"] / 1000 for e in agent.trace(since, board) if "line" in e]
        assert times[0] - began[board] >= min(seconds, 10) * 1000 - 500
        assert PULSE_MS[board] <= times[1] - times[0] <= PULSE_MS[board] + SLACK_MS
        agent.sim("clear", id=board)


def test_a_line_that_can_t_be_had_is_said_and_the_rest_works(agent):
    task = agent.finished(agent.reset("sub05", "ForceRestart"), 60)
    assert task["TaskState"] == "Exception"
    assert "busy" in str(task).lower() and "gpioinfo" in str(task), task
    log = agent.log_text()
    assert re.search(r"sub05\.reset: gpio chip gpiochip1 line 5 can't be taken: .*gpioinfo", log)
    assert re.search(r"gone: gpio chip gpiochip2 has no such line: see gpioinfo", log)
    since = agent.last_seq()
    ok(agent.finished(agent.reset("sub05", "ForceOff"), 60))
    assert agent.steps("sub05", since) == [("power", 0)]


def test_a_stuck_pin_is_seen(agent):
    assert agent.power("sub06") == "Off"
    task = agent.finished(agent.reset("sub06", "On"), 60)
    assert task["TaskState"] == "Exception" and "check board and wiring" in str(task), task


def test_lights_and_presence_follow_the_model(agent):
    eventually(lambda: agent.level(PANEL, LED_BMC) == 1)
    eventually(lambda: agent.level(PANEL, LED_GREEN) == 1)
    assert agent.level(PANEL, LED_RED) == 0
    since = agent.last_seq()
    agent.sim("set", kind="fan", id="fan1", field="rpm", value=0)
    eventually(lambda: agent.level(PANEL, LED_RED) == 1 and agent.level(PANEL, LED_GREEN) == 0)
    beeps = eventually(lambda: [e for e in agent.trace(since, "panel")
                                if e.get("line") == str(BUZZER)][:2][1:])
    assert beeps[0]["level"] == 0
    agent.sim("clear", id="fan1")
    eventually(lambda: agent.level(PANEL, LED_GREEN) == 1 and agent.level(PANEL, BUZZER) == 0)
    agent.wire(PANEL, FAN2_IN, 1)
    where = "Chassis/enclosure/ThermalSubsystem/Fans/fan2"
    eventually(lambda: agent.json(where)["Status"]["State"] == "Absent")
    agent.wire(PANEL, FAN2_IN, 0)
    eventually(lambda: agent.json(where)["Status"]["State"] == "Enabled")


def test_many_edges_end_at_the_right_level(agent):
    where = "Chassis/enclosure/ThermalSubsystem/Fans/fan2"
    for i in range(200):
        agent.wire(PANEL, FAN2_IN, i % 2)  # the last one: absent
        time.sleep(0.002)
    eventually(lambda: agent.json(where)["Status"]["State"] == "Absent")
    agent.wire(PANEL, FAN2_IN, 0)
    eventually(lambda: agent.json(where)["Status"]["State"] == "Enabled")


def test_uid_button_and_property_are_one_light(agent):
    def shown():
        return agent.json("Chassis/enclosure")["LocationIndicatorActive"]
    assert agent.level(PANEL, LED_UID) == 0
    agent.press(KEY_UID, 0.2)
    eventually(lambda: agent.level(PANEL, LED_UID) == 1 and shown() is True)
    agent.press(KEY_UID, 0.2)
    eventually(lambda: agent.level(PANEL, LED_UID) == 0 and shown() is False)
    assert agent.patch("Chassis/enclosure",
                       {"LocationIndicatorActive": True}).status_code in (200, 204)
    assert agent.level(PANEL, LED_UID) == 1
    assert "over button from key-uid: accepted" in agent.log_text()


def test_power_button_asks_for_a_shutdown_cuts_and_starts(agent):
    for board in ("sub01", "sub02"):
        up(agent, board)
    agent.press(KEY_POWER, 0.3)
    eventually(lambda: "button POWER (key-power): it is on" in agent.log_text())
    assert agent.power("sub01") == "On"
    since = agent.last_seq()
    agent.press(KEY_POWER, 3.3)
    eventually(lambda: agent.power("sub01") == agent.power("sub02") == "Off", 60)
    assert "shutdown" in agent.requests_to("sub01", since)
    up(agent, "sub01")
    since = agent.last_seq()
    agent.wire(PANEL, KEY_POWER, 0)
    eventually(lambda: agent.power("sub01") == "Off", 60)  # it is still held
    agent.wire(PANEL, KEY_POWER, 1)
    time.sleep(0.3)  # as press() does
    assert agent.requests_to("sub01", since) == []
    eventually(lambda: not any(agent.power(b) == "On" for b in BOARDS), 60)
    agent.press(KEY_POWER, 0.3)
    eventually(lambda: agent.power("sub01") == agent.power("sub03") == "On", 60)


def test_levels_outlive_the_daemon_and_are_taken_as_they_are(agent):
    up(agent, "sub01")
    agent.finished_or_done(agent.reset("sub02", "ForceOff"), 60)
    before = agent.levels()
    for stop in (agent.stop, agent.kill_both, agent.kill9):
        stop()
        assert agent.levels() == before
        since = agent.run().last_seq()
        assert agent.levels() == before
        assert agent.power("sub01") == "On" and agent.power("sub02") == "Off"
        assert agent.steps("sub01", since) == agent.steps("sub02", since) == []
    assert agent.level(PANEL, LED_UID) == 1  # as it was set before


def test_a_pulse_that_is_cut_short_is_put_right_at_the_next_start(agent):
    board, line = "sub04", 4
    up(agent, board)
    since = agent.last_seq()
    assert agent.reset(board, "ForceRestart").status_code == 202
    eventually(lambda: agent.level(RESET, line) == 0, every=0.01)
    agent.kill_both()
    assert agent.level(RESET, line) == 0  # nobody is there to end it
    agent.run()
    eventually(lambda: agent.level(RESET, line) == 1, 30)
    eventually(lambda: agent.json(f"Systems/{board}")["Oem"]["ClusterBmc"]["NodeState"] == "Android"
               or agent.power(board) == "On", 60)
    steps = agent.steps(board, since)
    assert steps[:2] == LOW_AND_HIGH and len(steps) in (2, 4) and steps[-1] == ("reset", 1)


def test_boards_are_powered_on_once_at_the_start_of_main():
    a = GpioAgent(on=False, extra="power_on: all\npower_on_batch: 2\npower_on_delay: 100ms")
    try:
        a.run()
        eventually(lambda: [a.level(POWER, n) for n in range(1, 6)] == [1] * 5, 60)
        ups = [e for e in a.trace() if e.get("line") == "power"]
        assert [e["board"] for e in ups] == BOARDS[:5]  # sub06 is stuck; in the file's order
        gaps = [(y["usec"] - x["usec"]) / 1000 for x, y in zip(ups, ups[1:])]
        assert min(gaps) >= INRUSH_MS - 10
        tasks = [a.json(f"TaskService/Tasks/{t}") for t in a.members("TaskService/Tasks")]
        assert any("On" in str(t) for t in tasks)
        eventually(lambda: a.power("sub01") == "On", 60)
        a.finished_or_done(a.reset("sub01", "ForceOff"), 60)
        since = a.last_seq()
        for stop in (a.stop, a.kill_both):
            stop()
            a.run()
            time.sleep(3)
            assert a.level(POWER, 1) == 0  # as its user wants it
        assert a.steps("sub02", since) == []
    finally:
        a.remove()


def test_two_boards_on_one_line_are_refused(tmp_path):
    text = PLATFORM.format(extra="", boards=board_text(1) + board_text(2).replace(
        "chip: power, line: 2", "chip: power, line: 1"))
    checked = check(tmp_path, text)
    assert checked[0] != 0 and "'sub01.power' and 'sub02.power' have the same chip and line" in \
        checked[1], checked


def test_the_readme_s_platform_file_is_one(tmp_path):
    page = (TOP / "plugins/gpio/README.md").read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```$", page, re.M | re.S)
    (text,) = [b for b in blocks if b.startswith("platform:")]
    (instances,) = [b for b in blocks if b.startswith("instances:")]
    assert check(tmp_path, text, instances)[0] == 0


def check(folder, platform, instances="instances: [{name: gpio, plugin: gpio},"
                                      " {name: simulator, plugin: simulator}]"):
    import subprocess
    (folder / "p.yaml").write_text(platform)
    config = folder / "c.yaml"
    config.write_text(f"platform: {folder}/p.yaml\nstate_dir: {folder}\n{instances}\n")
    done = subprocess.run([BUILD / "clusterbmcd", "-t", "--config", config], capture_output=True,
                          text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr

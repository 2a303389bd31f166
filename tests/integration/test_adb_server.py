# SPDX-License-Identifier: Apache-2.0
"""72 boards on USB paths, and an adb server that does what a real one can't be made to do."""
import os
import time

import pytest
from adb_rig import (R2, WORDS, AdbAgent, OddServer, answer, platform_of, r2_line, r2_name,
                     r2_platform)
from harness import SLOW, eventually


@pytest.fixture(scope="module")
def server():
    one = OddServer()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def agent(server):
    one = AdbAgent(r2_platform(), server.port, probe="1s", probe_deadline="3s").start_with_adb()
    yield one
    one.remove()


@pytest.fixture(autouse=True)
def all_boards(server):
    """Each test begins with 72 boards of one serial."""
    server.behave()
    server.answer(answer())
    server.devices([r2_line(b, s) for b, s in R2])


def column(agent, name):
    """{board: value} of a column of the board table."""
    found = agent.snmpwalk(name)
    return {k.split(".", 1)[1]: v for k, v in found.items()}


def states(agent):
    return column(agent, "cbmcBoardState")


def all_are(agent, word):
    now = states(agent)
    return all(now[f"{b}.{s}"] == word for b, s in R2)


def test_72_boards_of_one_serial_are_told_apart(agent, server):
    eventually(lambda: all_are(agent, "linux"), 20)
    server.devices([r2_line(b, s) for b, s in R2 if (b, s) != (4, 5)])
    eventually(lambda: states(agent)["4.5"] != "linux", 10)
    others = states(agent)
    assert all(others[f"{b}.{s}"] == "linux" for b, s in R2 if (b, s) != (4, 5))
    server.devices([r2_line(b, s) for b, s in R2])
    eventually(lambda: all_are(agent, "linux"), 20)
    task = agent.finished(agent.reset("sub7-02", "GracefulRestart"))
    assert task["TaskState"] == "Completed", task
    assert [n for _, n, what in server.requests() if what.startswith("reboot:")] == [702]


@pytest.mark.parametrize("word,state", zip(WORDS, [
    "linux", "adbOffline", "adbOffline", "androidRecovery", "androidRecovery", "adbOffline"]))
def test_the_server_s_words(agent, server, word, state):
    server.devices([r2_line(b, s, word if (b, s) == (3, 3) else "device") for b, s in R2])
    eventually(lambda: states(agent)["3.3"] == state, 20)


def test_a_device_can_t_take_another_one_s_place(agent, server):
    """A serial is the board's own text: a line feed and a path in it make another line."""
    eventually(lambda: all_are(agent, "linux"), 20)
    evil = f"x device usb:5-1.1 product:a model:b device:c transport_id:101\nB09"
    server.devices([r2_line(b, s, serial=evil if (b, s) == (1, 1) else "B09CCSUB02")
                    for b, s in R2])
    eventually(lambda: states(agent)["5.1"] == "unknown", 10)
    eventually(lambda: states(agent)["1.1"] == "unknown", 10)
    assert states(agent)["1.2"] == "linux"
    sent = agent.reset("sub5-01", "GracefulRestart")
    assert sent.status_code in (202, 400, 409)
    if sent.status_code == 202:
        agent.finished(sent, 40)
    assert [n for _, n, what in server.requests() if what.startswith("reboot:")][-1:] == [702]
    # as one word in one line it is part of the serial
    server.devices([r2_line(b, s, serial="usb:5-1.1 device" if (b, s) == (1, 1) else "B09CCSUB02")
                    for b, s in R2])
    eventually(lambda: all_are(agent, "linux"), 10)


@pytest.mark.parametrize("end", ["transport_id:101", "transport_id:101 ", ""])
@pytest.mark.parametrize("own", ["rk3399", "rk 3399"])
def test_a_device_can_t_take_the_place_of_one_that_is_not_there(agent, server, end, own):
    """Of an absent one its place is listed once: the connection tells whose line it is."""
    eventually(lambda: all_are(agent, "linux"), 20)
    evil = r2_line(1, 1, serial=f"x device usb:5-1.1 product:a model:b device:c {end}\nB09")
    server.devices([evil.replace("device:rk3399", f"device:{own}") if (b, s) == (1, 1)
                    else r2_line(b, s) for b, s in R2 if (b, s) != (5, 1)])
    eventually(lambda: states(agent)["5.1"] != "linux", 10)
    server.answer(answer("turn"))
    eventually(lambda: agent.json("Systems/sub2-02")["HostName"] == "turn", 20)
    assert states(agent)["5.1"] == "unknown"
    assert agent.json("Systems/sub5-01").get("HostName") != "turn"


def test_what_boards_say_is_cleaned(agent, server):
    server.answer(answer("ev\x1b[2Jil\x07\xff", more="@@nic\n@" + "x" * 400 + "\n@../../etc\n@-rf\n"
                         + "".join(f"@n{i}\ntype 1\n" for i in range(200))))
    eventually(lambda: agent.json("Systems/sub2-02")["HostName"] == "ev [2Jil ??", 10)
    assert len(agent.members("Systems/sub2-02/EthernetInterfaces")) <= 16


def test_interfaces_of_containers_give_way(agent, server):
    """More than are shown, and one whose name is not: what comes with it is nobody's."""
    server.answer(answer("crowd", more="@@nic\n@bad+name\naddress 06:66:66:66:66:66\n" + "".join(
        f"@cali{i}\ntype 1\naddress ee:ee:ee:ee:ee:ee\n" for i in range(40))
        + "@wlan0\ndevice 1\ntype 1\naddress 02:00:00:00:00:02\n"))
    eventually(lambda: agent.json("Systems/sub2-02")["HostName"] == "crowd", 10)

    def mac(name):
        return agent.json(f"Systems/sub2-02/EthernetInterfaces/sub2-02-{name}")["MACAddress"]
    assert (mac("eth0"), mac("wlan0")) == ("02:00:00:00:00:01", "02:00:00:00:00:02")


@pytest.mark.parametrize("how", ["half", "endless", "closes", "lies", "fail"])
def test_a_bad_answer_is_its_own_board_s_problem(agent, server, how):
    eventually(lambda: all_are(agent, "linux"), 20)
    server.behave(f"202 {how}")
    server.answer(answer(f"host-{how}"))
    eventually(lambda: agent.json("Systems/sub2-01")["HostName"] == f"host-{how}", 10)
    assert agent.json("Systems/sub2-02")["HostName"] != f"host-{how}"
    assert states(agent)["2.2"] in ("linux", "adb")
    assert agent.json("Systems/sub2-02")["Status"]["State"] in ("Enabled", "Starting")


@pytest.mark.plain_only
def test_the_others_are_never_older_than_two_seconds(agent, server):
    """10 boards never answer. What the other 62 say is shown within 2 s of its change."""
    eventually(lambda: all_are(agent, "linux"), 20)
    silent = R2[5:15]
    server.behave(*[f"{b * 100 + s} silent" for b, s in silent])
    time.sleep(5)
    oldest = 0
    want = {r2_name(b, s) for b, s in R2 if (b, s) not in silent}
    for turn in range(3):
        name = f"turn-{turn}"
        begin = time.monotonic()
        server.answer(answer(name))

        def fresh():
            hosts = agent.json("Systems?$expand=.($levels=1)")["Members"]
            return all(h["HostName"] == name for h in hosts if h["Id"] in want)
        eventually(fresh, 20)
        oldest = max(oldest, time.monotonic() - begin)
    print(f"oldest of 62 boards: {oldest:.2f} s")
    assert oldest < 2 * 5


@pytest.mark.plain_only
def test_72_idle_boards_take_little_time(agent, server):
    """With the default of 10 s between two probes: below 1 % of a core."""
    quiet = AdbAgent(r2_platform(), server.port, probe="10s").start_with_adb()
    try:
        eventually(lambda: all_are(quiet, "linux"), 30)

        def ticks():
            with open(f"/proc/{quiet.pid}/stat", encoding="ascii") as f:
                return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))
        before, begin = ticks(), time.monotonic()
        time.sleep(10)
        share = (ticks() - before) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - begin)
        print(f"72 idle boards: {share * 100:.2f} % of a core")
        assert share < 0.05
    finally:
        quiet.remove()


@pytest.fixture(scope="module")
def agent_with_pins(server):
    rows = [{"id": f"sub0{n}", "index": f"0.{n}", "usb": f"2-1.{n}",
             "pins": [{"name": "reset", "chip": "pins", "line": n, "active": "low",
                       "pulse": "100ms"}]} for n in (1, 2, 3, 4)]
    text = platform_of([], {
        "sources": {"default": "adb, gpio"},
        "verbs": {"os_reboot": "adb", "os_shutdown": "adb", "reset": "gpio"},
        "chips": [{"id": "pins", "driver": "simulator", "lines": 20}]}, rows)
    one = AdbAgent(text, server.port, [{"name": "gpio", "plugin": "gpio", "poll": "1s"}])
    yield one.start_with_adb()
    one.remove()


def test_a_restart_has_ten_seconds(agent_with_pins, server):
    """The seed's rule: adb that answers after 0 to 9 s restarts the board; after 10 s the RESET
    pin does."""
    agent = agent_with_pins
    eventually(lambda: all(agent.node_state(f"sub0{n}") == "Linux" for n in (1, 2, 3, 4)), 20)
    after = {1: 0, 2: 3, 3: 8, 4: 30}
    server.behave(*[f"{200 + n} reboot={wait}" for n, wait in after.items()])
    sent = {n: (time.monotonic(), agent.reset(f"sub0{n}", "GracefulRestart")) for n in after}
    for n, wait in after.items():
        begin, response = sent[n]
        task = agent.finished(response, 40)
        took = time.monotonic() - begin
        said = " ".join(m["Message"] for m in task["Messages"])
        assert task["TaskState"] == "Completed", (n, task)
        assert took >= min(wait, 10)
        assert ("RESET pin" in said) == (wait > 10), said


@pytest.mark.parametrize("how", ["nonsense", "half", "refuses"])
def test_a_bad_server_makes_all_unknown_and_comes_back(agent, server, how):
    eventually(lambda: all_are(agent, "linux"), 60)
    server.behave(f"server {how}")
    # a change wakes who tracks; a server that hangs is found out when it is asked
    eventually(lambda: all_are(agent, "unknown"), 40)
    begin = time.monotonic()
    assert agent.get("Systems/sub1-01").status_code == 200
    assert time.monotonic() - begin < 2 * SLOW * 5
    server.behave()
    eventually(lambda: all_are(agent, "linux"), 60)

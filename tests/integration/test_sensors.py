# SPDX-License-Identifier: Apache-2.0
"""hwmon and fancontrol on a whole R2: daemon, root helper and a sysfs of the test's own."""
import os
import re
import signal
import subprocess
import time

import pytest

from harness import BUILD, SLOW, TOP, eventually
from sensor_rig import BOARDS, SensorAgent, Sysfs

pytestmark = [
    pytest.mark.plain_only,  # speeds and costs
    pytest.mark.skipif(os.geteuid() != 0, reason="mounts a sysfs: for root"),
]
FULL = 255


@pytest.fixture(scope="module")
def r2():
    """A machine at rest. Tests leave it as they found it."""
    sysfs = Sysfs().r2()
    agent = SensorAgent(sysfs)
    try:
        yield agent.start_on_sysfs()
    except Exception:
        print(agent.log_text()[-4000:])
        raise
    finally:
        agent.remove()
        sysfs.remove()


def at_rest(agent):
    """25 % by 20 C and cool boards."""
    eventually(lambda: (agent.pwm(1), agent.pwm(2)) == (64, 64), 10)


def conditions(agent, path):
    return [c["MessageId"].rsplit(".", 1)[1] for c in agent.json(path)["Status"].get("Conditions", [])]


def test_everything_is_read(r2):
    at_rest(r2)
    sensors = "Chassis/enclosure/Sensors"
    found = eventually(lambda: [r2.json(f"Chassis/enclosure/ThermalSubsystem/Fans/fan{n}")
                                for n in range(1, 11)], 5)
    assert [f["SpeedPercent"]["SpeedRPM"] for f in found] == [4000 + n for n in range(1, 11)]
    eventually(lambda: all(25 <= r2.fan(n)["SpeedPercent"]["Reading"] < 25.2 for n in (1, 10)), 5)
    assert r2.json(f"{sensors}/ambient")["Reading"] == 20.0
    temperatures = r2.snmpwalk("cbmcSensorValue")
    assert {float(v) for v in temperatures.values()} >= {(30000 + 100 * b + s) / 1000
                                                         for b, s in BOARDS}
    psu = r2.json("Chassis/enclosure/PowerSubsystem/PowerSupplies/psu2")
    assert psu["LineInputStatus"] == "Normal" and psu["Status"]["Health"] == "OK"


def test_fans_follow_intake_and_hottest_board(r2):
    at_rest(r2)
    r2.sysfs.ambient(40000)
    eventually(lambda: r2.pwm(1) == r2.pwm(2) == 179, 10)  # 70 %
    r2.sysfs.set("platform/ntc@308", temp1_input=80000)
    eventually(lambda: r2.pwm(1) == 204, 10)  # 80 %
    r2.sysfs.set("platform/ntc@308", temp1_input=30308)
    r2.sysfs.ambient(20000)
    eventually(lambda: r2.pwm(1) == 71, 10)  # 22 C by the hysteresis: 28 %
    r2.sysfs.ambient(15000)
    at_rest(r2)


def test_a_failed_fan_speeds_up_its_module(r2):
    at_rest(r2)
    r2.sysfs.set("platform/fan-module1", fan3_input=1200)
    eventually(lambda: r2.pwm(1) == FULL, 10)
    assert r2.pwm(2) == 64
    eventually(lambda: "FanFailed" in conditions(
        r2, "Chassis/enclosure/ThermalSubsystem/Fans/fan3"), 5)
    r2.sysfs.set("platform/fan-module1", fan3_input="text")  # not read is no better
    time.sleep(1)
    assert r2.pwm(1) == FULL
    r2.sysfs.set("platform/fan-module1", fan3_input=4003)
    at_rest(r2)


def test_lost_temperatures_mean_full_speed(r2):
    at_rest(r2)
    r2.sysfs.ambient(20000, check="NO")
    eventually(lambda: r2.pwm(1) == r2.pwm(2) == FULL, 5)
    r2.sysfs.ambient(15000)
    at_rest(r2)
    r2.sysfs.ambient_gone()
    eventually(lambda: r2.pwm(1) == r2.pwm(2) == FULL, 5)
    r2.sysfs.ambient(15000)
    at_rest(r2)


def test_chips_are_known_by_their_place_not_their_number(r2):
    at_rest(r2)
    for a, b in ((101, 102), (901, 908)):
        was = [r2.sysfs.gone(f"platform/ntc@{n}") for n in (a, b)]
        r2.sysfs.chip(f"platform/ntc@{b}", "platform_ntc", was[0], temp1_input=42000)
        r2.sysfs.chip(f"platform/ntc@{a}", "platform_ntc", was[1], temp1_input=41000)
    where = {i["Id"]: i for i in (r2.json(f"Chassis/{c}/Sensors/{s}") for c, s in ntc_places(r2))}
    assert set(where) == {"ntc1-01", "ntc1-02", "ntc9-01", "ntc9-08"}

    def swapped():
        return [r2.json(f"Chassis/{c}/Sensors/{s}")["Reading"] for c, s in ntc_places(r2)] == [
            41.0, 42.0, 41.0, 42.0]
    eventually(swapped, 5)


def ntc_places(agent):
    """Where the sensors of these boards are shown."""
    out = []
    for name in ("1-01", "1-02", "9-01", "9-08"):
        for chassis in (f"sub{name}", f"blade{name[0]}", "enclosure"):
            if agent.get(f"Chassis/{chassis}/Sensors/ntc{name}").status_code == 200:
                out.append((chassis, f"ntc{name}"))
                break
    return out


def test_a_sensor_that_can_not_be_read_says_so(r2):
    (chassis, sensor), *_ = ntc_places(r2)
    path = f"Chassis/{chassis}/Sensors/{sensor}"
    for bad in ("", "999999999999999999999", "text"):
        r2.sysfs.set("platform/ntc@101", temp1_input=bad)
        eventually(lambda: r2.json(path)["Reading"] is None, 5)
        r2.sysfs.set("platform/ntc@101", temp1_input=41000)
        eventually(lambda: r2.json(path)["Reading"] == 41.0, 5)


def test_limits_hold_with_hysteresis(r2):
    path = "Chassis/enclosure/Sensors/ambient"

    def health_at(milli):
        r2.sysfs.ambient(milli)
        eventually(lambda: r2.json(path)["Reading"] == milli / 1000, 5)
        return r2.json(path)["Status"]["Health"]
    assert health_at(45000) == "OK"
    assert health_at(45001) == "Warning"
    assert health_at(44600) == "Warning"  # within 1 %
    assert health_at(44500) == "OK"
    assert health_at(50001) == "Critical"
    assert health_at(49600) == "Critical"
    assert health_at(49400) == "Warning"
    assert health_at(15000) == "OK"
    at_rest(r2)


def test_users_set_a_duty_and_give_it_back(r2):
    at_rest(r2)
    fan = "Chassis/enclosure/ThermalSubsystem/Fans/fan7"
    for body in ({"TargetDutyPercent": 60}, {"Mode": "Manual"}):
        assert r2.patch(fan, {"Oem": {"ClusterBmc": body}}).status_code in (200, 202, 204)
    eventually(lambda: r2.pwm(2) == 153, 10)
    assert r2.pwm(1) == 64
    r2.sysfs.ambient(46000)  # beyond the curve
    eventually(lambda: r2.pwm(2) == FULL, 10)
    r2.sysfs.ambient(15000)
    eventually(lambda: r2.pwm(2) == 153, 10)
    assert r2.patch(fan, {"Oem": {"ClusterBmc": {"Mode": "Automatic"}}}).status_code in (200, 202,
                                                                                      204)
    at_rest(r2)


def test_it_costs_less_than_a_hundredth_of_a_core():
    """With the poll of a real machine."""
    sysfs = Sysfs().r2()
    agent = SensorAgent(sysfs, poll="1s")
    try:
        agent.start_on_sysfs()
        time.sleep(5)

        def used():
            fields = open(f"/proc/{agent.pid}/stat", encoding="ascii").read().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        before, at = used(), time.monotonic()
        time.sleep(15)
        share = (used() - before) / (time.monotonic() - at)
        print(f"an R2's sensors: {share:.2%} of a core")
        assert share < 0.01 * 2  # on a machine that is half as fast
    finally:
        agent.remove()
        sysfs.remove()


def test_a_duty_by_hand_ends_after_its_time():
    sysfs = Sysfs().r2()
    agent = SensorAgent(sysfs)
    agent.more = {"manual_fans": "3s"}
    try:
        agent.start_on_sysfs()
        at_rest(agent)
        agent.snmpset("cbmcFanTargetDuty.2", "i", "80000")
        agent.snmpset("cbmcFanMode.2", "i", "manual")
        eventually(lambda: agent.pwm(1) == 204, 10)
        at_rest(agent)
        assert agent.snmpget("cbmcFanMode.2") != "manual"
    finally:
        agent.remove()
        sysfs.remove()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM])
def test_without_the_daemon_fans_run_at_full_speed(how):
    sysfs = Sysfs().r2()
    agent = SensorAgent(sysfs)
    try:
        agent.start_on_sysfs()
        at_rest(agent)
        os.kill(agent.pid, how)
        eventually(lambda: (agent.pwm(1), agent.pwm(2)) == (FULL, FULL), 6)
        if how == signal.SIGSTOP:
            os.kill(agent.pid, signal.SIGCONT)
            at_rest(agent)
    finally:
        agent.remove()
        sysfs.remove()


@pytest.mark.parametrize("plugin", [p.parent.name for p in sorted(TOP.glob("plugins/*/README.md"))
                                    if p.parent.name in ("hwmon", "fancontrol", "watchdog")])
def test_example_of_the_readme_is_good(plugin, tmp_path):
    text = (TOP / "plugins" / plugin / "README.md").read_text()
    instances, *platform = re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S)
    (tmp_path / "platform.yaml").write_text(
        platform[0] if platform else "platform: example\nchassis: [{id: enclosure}]\n")
    (tmp_path / "clusterbmcd.yaml").write_text(
        f"platform: platform.yaml\nstate_dir: {tmp_path}\n{instances}")
    done = subprocess.run([str(BUILD / "clusterbmcd"), "-t", "-c", str(tmp_path / "clusterbmcd.yaml")],
                          capture_output=True, text=True, timeout=60 * SLOW, check=False)
    assert done.returncode == 0, done.stderr

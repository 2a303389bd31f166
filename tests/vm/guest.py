# SPDX-License-Identifier: Apache-2.0
"""Runs in the virtual machine: devices of the real kernel, driven through the real daemon. Started
by run.sh; prints a line for each part, and ends with 0 when none has failed."""
import os
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests/integration"), str(TOP / "tests/vm")]

import harness  # noqa: E402  pylint: disable=wrong-import-position
import usbip  # noqa: E402  pylint: disable=wrong-import-position

VM = Path(os.environ["VM"])
WIRED = 4  # boards with a POWER and a RESET line
BOARDS = 8  # the others are on USB
CHIP = Path("/sys/kernel/config/gpio-sim/vm")
GPIO = "gpio" if (TOP / "plugins/gpio").is_dir() else "simulator"
WAIT = 40


def modprobe(*words):
    return subprocess.run(["modprobe", "-d", str(VM / "kernel"), *words], check=False).returncode == 0


# ---- devices ----

def at(line, what):
    device = (CHIP / "dev_name").read_text().strip()
    chip = (CHIP / "bank0/chip_name").read_text().strip()
    return Path("/sys/devices/platform") / device / chip / f"sim_gpio{line}" / what


def level(line):
    return at(line, "value").read_text().strip()


def make_lines():
    """A gpio-sim chip: POWER and RESET of each board. False: no such module."""
    module = VM / "gpio-sim/gpio_sim_vm.ko"
    if not module.exists() or not modprobe("configfs"):
        return False
    subprocess.run(["mount", "-t", "configfs", "configfs", "/sys/kernel/config"], check=False)
    subprocess.run(["insmod", str(module)], check=True)
    bank = CHIP / "bank0"
    bank.mkdir(parents=True)
    (bank / "num_lines").write_text(str(2 * WIRED))
    (bank / "label").write_text("vm-boards")
    (CHIP / "live").write_text("1")
    for n in range(WIRED, 2 * WIRED):  # what holds no board in reset before the agent runs
        at(n, "pull").write_text("pull-up")
    return True


def make_usb():
    """The number of vhci's first bus, or None."""
    if not modprobe("vhci-hcd"):
        return None
    return next((int(p.name[3:]) for p in sorted(usbip.VHCI.glob("usb*")) if p.name[3:].isdigit()), None)


def platform(lines, bus):
    text = ["platform: vm", "boot_time: 20s", "chassis: [{id: enclosure}]"]
    if lines:
        text.append(f"chips: [{{id: boards, driver: libgpiod, name: vm-boards, lines: {2 * WIRED}}}]")
    sources = ["host"] + ["usb"] * bool(bus)
    text += [f'sources: {{default: "{", ".join(sources)}"}}']
    if lines:
        text.append(f"verbs: {{power: {GPIO}, reset: {GPIO}}}")
    text += ["boards:", "  - {id: main, is_main: true}"]
    for n in range(1, BOARDS + 1):
        row = [f"id: sub{n:02}", "soc: RK3399"]
        if bus and n > WIRED:
            row.append(f'usb: "{bus}-{n}"')
        if lines and n <= WIRED:
            row.append(f"pins: [{{name: power, chip: boards, line: {n - 1}}}, {{name: reset, chip: boards,"
                       f" line: {WIRED + n - 1}, active: low, pulse: 1s}}]")
        text.append("  - {" + ", ".join(row) + "}")
    return "\n".join(text) + "\n"


# ---- parts ----

def oem(agent, board):
    return agent.get(f"/redfish/v1/Systems/{board}").json()["Oem"]["ClusterBmc"]


def state(agent, board):
    return oem(agent, board)["NodeState"].lower()


def until(what, wanted, seconds=WAIT):
    end, seen = time.monotonic() + seconds, []
    while time.monotonic() < end:
        seen.append(what())
        if seen[-1] == wanted:
            return
        time.sleep(0.2)
    raise AssertionError(f"{wanted!r} never came, but {seen[-1]!r}")


def gpio(agent):
    """POWER is a level that stays, RESET a pulse; both on the real kernel's lines."""
    url = "/redfish/v1/Systems/sub02/Actions/ComputerSystem.Reset"
    assert (level(1), level(WIRED + 1)) == ("0", "1"), "lines at rest"
    agent.post(url, {"ResetType": "On"})
    until(lambda: level(1), "1")
    agent.post(url, {"ResetType": "ForceRestart"})
    until(lambda: level(WIRED + 1), "0")
    until(lambda: level(WIRED + 1), "1")
    assert [level(n) for n in range(WIRED)] == ["0", "1"] + ["0"] * (WIRED - 2), "only its own"
    until(lambda: oem(agent, "sub02")["LastActionState"] in ("Completed", "Exception"), True)
    agent.post(url, {"ResetType": "ForceOff"})
    until(lambda: level(1), "0")


def usb(agent):
    """Boards come, change their mode and go, through the real kernel and libusb."""
    def mode(n):
        return "maskrom" if n % 2 else "loader"

    # the kernel shows bytes on which libusb 1.0.26's list of devices never ends
    odd = usbip.Board(0, "loader", rest=b"\0\0")
    until(lambda: any(odd.descriptors[2][:11] in f.read_bytes()
                      for f in Path("/sys/bus/usb/devices").glob("*/descriptors")), True)
    boards = {n: usbip.Board(n - 1, mode(n)) for n in range(WIRED + 1, BOARDS + 1)}
    for n in boards:
        until(lambda n=n: state(agent, f"sub{n:02}"), mode(n))
    boards[8].unplug()
    until(lambda: state(agent, "sub08"), "offline")
    boards[8] = usbip.Board(7, "fastboot")
    until(lambda: state(agent, "sub08"), "fastboot")
    assert state(agent, "sub07") == "maskrom"
    for board in (odd, *boards.values()):
        board.unplug()


def drives(agent):
    found = agent.get("/redfish/v1/Systems/main/Storage?$expand=.($levels=2)").json()
    return {d["Id"]: d for s in found["Members"] for d in s.get("Drives", []) if "Status" in d}


def disks(agent):
    """scsi_debug's disk: found, read by the real smartctl through the helper, pulled."""
    before = set(os.listdir("/sys/block"))
    assert modprobe("sd_mod") and modprobe("scsi_debug", "dev_size_mb=64"), "no such module"
    until(lambda: bool(set(os.listdir("/sys/block")) - before), True)
    name, = set(os.listdir("/sys/block")) - before
    drive = f"main-{name}"
    until(lambda: drives(agent).get(drive, {}).get("Status", {}).get("State"), "Enabled")
    until(lambda: drives(agent)[drive]["CapacityBytes"], 64 << 20)
    if os.access("/usr/sbin/smartctl", os.X_OK):
        until(lambda: drives(agent)[drive]["FailurePredicted"], False)
    Path(f"/sys/block/{name}/device/delete").write_text("1")
    until(lambda: drives(agent)[drive]["Status"]["State"], "Absent")


def say(*words):
    print(f"check-vm: {time.clock_gettime(time.CLOCK_BOOTTIME):.0f} s:", *words, flush=True)


def watchdog(agent):
    """softdog is fed for longer than its timeout, and stopped by an orderly end."""
    at_sys = Path("/sys/class/watchdog/watchdog0")
    until(lambda: (at_sys / "state").read_text().strip(), "active")
    assert (at_sys / "timeout").read_text().strip() == "10"
    time.sleep(15)  # else the machine restarts, and run.sh fails
    agent.process.terminate()
    agent.process.wait()
    until(lambda: (at_sys / "state").read_text().strip(), "inactive")


def make_watchdog():
    if not modprobe("softdog", "soft_margin=10"):
        return False
    for device in Path("/dev").glob("watchdog*"):
        device.chmod(0o666)  # udev's rule gives it to the daemon's group
    return True


def main():
    say("the guest runs", os.uname().release)
    lines, bus, dog = make_lines(), make_usb(), make_watchdog()
    agent = harness.Agent(platform=TOP / "conf/platforms/host.yaml").start()
    say("the daemon starts")
    agent.process.terminate()
    agent.process.wait()
    (agent.state / "platform/host.yaml").write_text(platform(lines, bus))
    more = "  - {name: usb, plugin: usb, poll: 1s, probe: 2s}\n" if bus else ""
    if GPIO == "gpio":
        more += "  - {name: gpio, plugin: gpio, poll: 1s}\n"
    if dog:
        more += "  - {name: watchdog, plugin: watchdog, poll: 1s, settings: {timeout: 10s, stop: true}}\n"
    agent.start_daemon(lambda text: text.replace("instances:\n", "instances:\n" + more))
    failed = 0
    for part, there in ((gpio, lines), (usb, bus), (disks, True), (watchdog, dog)):
        try:
            if there:
                part(agent)
            say(part.__name__, "ok" if there else "left out: no such module")
        except Exception as e:  # pylint: disable=broad-except
            failed += 1
            say(part.__name__, f"FAILED: {e}\n{agent.log_text()[-2000:]}")
    return failed


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as error:  # pylint: disable=broad-except
        say("FAILED:", error)
        sys.exit(1)

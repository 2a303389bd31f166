# SPDX-License-Identifier: Apache-2.0
"""The sensors of a whole R2 in a folder, and an agent for which that folder is /sys: in a mount
namespace of its own, so the root helper (which clears its environment, and so umockdev's) sees
it, too. For root."""
import shutil
import subprocess
import tempfile
from pathlib import Path

import yaml

from harness import BUILD, Agent, default_signals

AMBIENT = "28-0316a2795bff"
FANS = {1: range(1, 7), 2: range(7, 11)}  # of the two modules
BOARDS = [(b, s) for b in range(1, 10) for s in range(1, 9)]


def w1_text(milli, check="YES"):
    return f"72 01 4b 46 7f ff 0e 10 57 : crc=57 {check}\n72 01 4b 46 7f ff 0e 10 57 t={milli}\n"


class Sysfs:
    """Chips by their devices; numbers are given as they come, as the kernel does."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="clusterbmc-sysfs."))
        self.folder.chmod(0o755)
        self.next, self.chips = 0, {}
        (self.folder / "sys/class/hwmon").mkdir(parents=True)
        (self.folder / "sys/bus/w1/devices").mkdir(parents=True)

    def chip(self, device, name, number=None, **attributes):
        if number is None:
            number, self.next = self.next, self.next + 1
        folder = self.folder / f"sys/devices/{device}/hwmon/hwmon{number}"
        folder.mkdir(parents=True)
        self.chips[device] = folder
        self.set(device, name=name, **attributes)
        (self.folder / f"sys/class/hwmon/hwmon{number}").symlink_to(
            f"../../devices/{device}/hwmon/hwmon{number}")

    def set(self, device, **attributes):
        for name, value in attributes.items():
            (self.chips[device] / name).write_text(f"{value}\n")

    def get(self, device, name):
        return int((self.chips[device] / name).read_text() or 0)

    def gone(self, device):
        folder = self.chips.pop(device)
        (self.folder / "sys/class/hwmon" / folder.name).unlink()
        shutil.rmtree(folder)
        return int(folder.name[len("hwmon"):])

    def ambient(self, milli, check="YES"):
        folder = self.folder / "sys/devices/w1_bus_master1" / AMBIENT
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "new").write_text(w1_text(milli, check))
        (folder / "new").rename(folder / "w1_slave")
        link = self.folder / "sys/bus/w1/devices" / AMBIENT
        if not link.is_symlink():
            link.symlink_to(f"../../../devices/w1_bus_master1/{AMBIENT}")

    def ambient_gone(self):
        (self.folder / "sys/bus/w1/devices" / AMBIENT).unlink()
        shutil.rmtree(self.folder / "sys/devices/w1_bus_master1" / AMBIENT)

    def r2(self):
        for module, fans in FANS.items():
            self.chip(f"platform/fan-module{module}", "pwmfan", pwm1=255, pwm1_enable=1,
                      **{f"fan{i}_input": 4000 + n for i, n in enumerate(fans, 1)})
            (self.chips[f"platform/fan-module{module}"] / "pwm1").chmod(0o644)
        for b, s in BOARDS:
            self.chip(f"platform/ntc@{b}{s:02}", "platform_ntc", temp1_input=30000 + 100 * b + s)
        for n in (1, 2):
            self.chip(f"platform/i2c/i2c-7/7-005{n}", "dps650ab", in1_label="vin", in1_input=230000,
                      in1_lcrit_alarm=0, in2_label="vout1", in2_input=12000, in2_crit_alarm=0,
                      curr1_label="iin", curr1_input=1500, curr2_label="iout1", curr2_input=20000,
                      power1_label="pin", power1_input=260000000, power2_label="pout1",
                      power2_input=240000000, temp1_input=35000)
        self.ambient(20000)
        return self

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


PLATFORM = {
    "platform": "r2-sensors",
    "sources": {"default": "hwmon, fancontrol"},
    "verbs": {"fan_mode": "fancontrol", "fan_duty": "fancontrol"},
    "chassis": [{"id": "enclosure"}],
    "blades": [{"range": {"b": "1-9"}, "id": "blade{b}"}],
    "boards": [{"id": "main", "is_main": True, "index": "0.0"},
               {"range": {"b": "1-9", "s": "1-8"}, "id": "sub{b}-{s:02}", "index": "{b}.{s}",
                "parent": "blade{b}"}],
    "pwms": [{"id": f"module{m}", "driver": "hwmon", "channel": 1,
              "device": f"/sys/devices/platform/fan-module{m}"} for m in FANS],
    "fans": [{"id": f"fan{n}", "module": m, "low_rpm": 1500, "fancontrol": {"pwm": f"module{m}"},
              "hwmon": {"device": f"fan-module{m}", "channel": f"fan{i}", "pwm": 1}}
             for m, fans in FANS.items() for i, n in enumerate(fans, 1)],
    "psus": [{"id": f"psu{n}", "hwmon": {"device": f"i2c-7/7-005{n}"}} for n in (1, 2)],
    "sensors": [{"id": "ambient", "type": "Temperature", "context": "Intake", "high_warning": "45C",
                 "high_critical": "50C", "hwmon": {"w1": "28-*"}},
                {"range": {"b": "1-9", "s": "1-8"}, "id": "ntc{b}-{s:02}", "parent": "sub{b}-{s:02}",
                 "type": "Temperature", "high_warning": "85C",
                 "hwmon": {"chip": "platform_ntc", "device": "ntc@{b}{s:02}", "channel": "temp1"}}],
}


class SensorAgent(Agent):
    """The agent on such a machine, with hwmon and fancontrol instead of a simulated chassis."""

    def __init__(self, sysfs, poll="100ms", **settings):
        folder = Path(tempfile.mkdtemp(prefix="clusterbmc-sensors."))
        folder.chmod(0o755)
        self.source = folder / "sensors.yaml"
        super().__init__(platform=self.source)
        self.sysfs, self.more = sysfs, {}  # more: keys of the configuration
        self.instances = [
            {"name": "hwmon", "plugin": "hwmon", "poll": poll, "stale": "2s"},
            {"name": "fancontrol", "plugin": "fancontrol", "poll": poll, "settings": {
                "down": "100%", "up": "100%", "recover": "500ms", "hold": "2s", **settings}}]

    def start_on_sysfs(self):
        """Quickstart makes accounts and folders; then the configuration is another one."""
        plain = {k: PLATFORM[k] for k in ("platform", "chassis")}
        self.source.write_text(yaml.safe_dump({**plain, "boards": PLATFORM["boards"][:1]}))
        self.start()
        self.stop()
        (self.state / "platform/sensors.yaml").write_text(yaml.safe_dump(PLATFORM, sort_keys=False))
        return self.again()

    def again(self):
        config = self.state / "clusterbmcd.yaml"
        tree = yaml.safe_load(config.read_text())
        tree.update(instances=self.instances, **self.more)
        config.write_text(yaml.safe_dump(tree, sort_keys=False))
        self.ready.unlink(missing_ok=True)
        inside = f'mount --bind "{self.sysfs.folder}/sys" /sys && exec "$@"'
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", "-c", inside, "sh",
                 str(BUILD / "clusterbmcd"), "--config", str(config), "--ready-file",
                 str(self.ready)], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, preexec_fn=default_signals)
        self.wait_ready()
        return self

    def pwm(self, module):
        return self.sysfs.get(f"platform/fan-module{module}", "pwm1")

    def fan(self, n):
        return self.json(f"Chassis/enclosure/ThermalSubsystem/Fans/fan{n}")

    def remove(self):
        super().remove()
        shutil.rmtree(self.source.parent, ignore_errors=True)

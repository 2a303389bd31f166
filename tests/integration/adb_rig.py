# SPDX-License-Identifier: Apache-2.0
"""Debian's adb server on a port and with a HOME of its own, boards behind it (tests/rigs/adbd.py),
and an agent whose platform file names them."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from harness import TOP, Agent, default_signals, eventually, free_ports

ANDROID = r'''#!/bin/sh
cat <<'END'
[ro.build.display.id]: [CLUSTER-SERVER-R2_20210118]
[ro.build.version.release]: [7.1.2]
[ro.hw.version]: [v1.0]
[ro.product.model]: [Core-3399-JD4]
[ro.serialno]: [B09CCSUB02]
[net.dns1]: [192.0.2.53]
END
'''


def start(words, log, **env):
    with open(log, "ab") as out:
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                start_new_session=True, preexec_fn=default_signals,
                                env={**os.environ, **env})


def end(process):
    if process and process.poll() is None:
        process.kill()
        process.wait()


class Board:
    """A board on TCP, as Debian's adb server sees it. `android`: what getprop says."""

    def __init__(self, folder, name, android=False):
        self.name, self.folder = name, folder / name
        (self.folder / "bin").mkdir(parents=True)
        self.port = free_ports(1)[0]
        self.process = None
        if android:
            self.tool("getprop", ANDROID)
        self.start()

    def tool(self, name, text):
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def start(self):
        self.process = start([sys.executable, str(TOP / "tests/rigs/adbd.py"), str(self.port),
                              str(self.folder)], self.folder / "output")

    def stop(self):
        end(self.process)

    def behave(self, words=""):
        (self.folder / "behave").write_text(words)

    def log(self):
        path = self.folder / "log"
        return [line.split(" ", 1) for line in path.read_text().splitlines()] if path.exists() else []

    def requests(self):
        return [words for _, words in self.log()]


class Server:
    """The adb server itself."""

    def __init__(self, folder, port=None):
        self.folder, self.port = folder, port or free_ports(1)[0]
        self.process = None
        self.start()

    def start(self):
        self.process = start(["adb", "-P", str(self.port), "nodaemon", "server"],
                             self.folder / "adb-server.log", HOME=str(self.folder),
                             ANDROID_SDK_HOME=str(self.folder))
        eventually(lambda: self.ask("host:version"), 10)

    def ask(self, request):
        import socket
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as s:
                s.settimeout(5)
                s.sendall(f"{len(request):04x}{request}".encode())
                return s.recv(4) == b"OKAY"
        except OSError:
            return False

    def stop(self):
        end(self.process)


def platform_of(boards, extra=None, more=()):
    """A platform file with these boards and those of `more` (rows)."""
    tree = {
        "platform": "adb-test",
        "sources": {"default": "adb"},
        "verbs": {"os_reboot": "adb", "os_shutdown": "adb", "usb_mode": "adb", "shell": "adb",
                  "files": "adb"},
        "chassis": [{"id": "enclosure"}],
        "boards": [{"id": "main", "is_main": True, "index": "0.0"}] + [
            {"id": b.name, "index": f"0.{i + 1}", "adb": f"127.0.0.1:{b.port}"}
            for i, b in enumerate(boards)] + list(more),
        **(extra or {}),
    }
    return yaml.safe_dump(tree, sort_keys=False)


class AdbAgent(Agent):
    """The agent on such a platform, with the adb plugin instead of a simulated chassis."""

    def __init__(self, text, port, others=(), **instance):
        folder = Path(tempfile.mkdtemp(prefix="clusterbmc-adb."))
        folder.chmod(0o755)
        self.source = folder / "adb.yaml"
        self.source.write_text(text)
        super().__init__(platform=self.source)
        self.others = list(others)
        self.instance = {"name": "adb", "plugin": "adb", "probe": "300ms",
                         "settings": {"port": port}, **instance}

    def start_with_adb(self):
        """Quickstart makes accounts and folders; then the configuration is another one."""
        platform = self.source.read_text()
        plain = yaml.safe_load(platform)
        plain.update(verbs={}, sources={})
        for board in plain["boards"]:
            for key in ("adb", "usb", "pins", "verbs", "absystem"):
                board.pop(key, None)
        self.source.write_text(yaml.safe_dump(plain, sort_keys=False))
        self.start()
        self.stop()
        (self.state / "platform/adb.yaml").write_text(platform)

        def edit(text):
            config = yaml.safe_load(text)
            config["instances"] = [self.instance, *self.others]
            return yaml.safe_dump(config, sort_keys=False)
        return self.start_daemon(edit)

    def remove(self):
        super().remove()
        shutil.rmtree(self.source.parent, ignore_errors=True)


WORDS = ["device", "offline", "unauthorized", "recovery", "sideload",
         "no permissions (user in plugdev group; are your udev rules wrong?); see [http://a.b]"]
R2 = [(b, s) for b in range(1, 10) for s in range(1, 9)]


def answer(hostname="cluster", more=""):
    """What a Linux board prints for a probe."""
    return ("@@prop\n@@release\nPRETTY_NAME=\"Ubuntu 18.04.4 LTS\"\n@@kernel\n4.4.194\n@@host\n"
            f"{hostname}\n@@machine\naarch64\n@@dt\n\nserial-number \nB09CCSUB02\0\n@@cpu\n"
            "processor\t: 0\nprocessor\t: 1\nkhz : 1800000\n@@stat\ncpu  100 0 50 800 50 0 0 0\n"
            "@@mem\nMemTotal: 4000000 kB\nMemAvailable: 3000000 kB\n@@up\n4242.42 1\n@@disk\n"
            "MMC 61071360\n/dev/root 100 40 60 40% /\n@@temp\nsoc-thermal 45000\ngpu-thermal 44000\n"
            "@@nic\n@lo\ntype 772\n@eth0\ndevice 1\ntype 1\naddress 02:00:00:00:00:01\noperstate up\n"
            "carrier 1\nspeed 1000\nduplex full\nmtu 1500\nflags 0x1003\nrx_bytes 1000\ntx_bytes 2000\n"
            "rx_packets 10\ntx_packets 20\nrx_errors 1\ntx_errors 2\n@@addr\n"
            "2: eth0    inet 192.0.2.7/24 brd 192.0.2.255 scope global eth0\n@@route\n"
            f"eth0\t00000000\t010200C0\t0003\n{more}@@end\n")


class OddServer:
    """tests/rigs/adb_server.py."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="clusterbmc-adb-server."))
        self.port = free_ports(1)[0]
        self.answer(answer())
        self.devices([])
        self.process = start([sys.executable, str(TOP / "tests/rigs/adb_server.py"),
                              str(self.port), str(self.folder)], self.folder / "output")
        eventually(lambda: (self.folder / "output").read_text(), 10)

    def stop(self):
        end(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, name, data):
        new = self.folder / (name + ".new")
        new.write_bytes(data if isinstance(data, bytes) else data.encode())
        new.rename(self.folder / name)

    def answer(self, data):
        self._write("answer", data)

    def devices(self, lines):
        self._write("devices", b"".join(l if isinstance(l, bytes) else f"{l}\n".encode()
                                        for l in lines))

    def behave(self, *lines):
        self._write("behave", "".join(f"{line}\n" for line in lines))

    def requests(self):
        """(time, transport, service)"""
        path = self.folder / "log"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(float(t), int(n), what) for t, n, what in (l.split(" ", 2) for l in lines)]


def r2_name(blade, slot):
    return f"sub{blade}-{slot:02}"


def r2_line(blade, slot, word="device", serial="B09CCSUB02", transport=None):
    return (f"{serial:<22} {word} usb:{blade}-1.{slot} product:rk3399 model:Core_3399 device:rk3399 "
            f"transport_id:{transport or blade * 100 + slot}")


def r2_platform(**more):
    rows = [{"id": r2_name(b, s), "index": f"{b}.{s}", "parent": f"blade{b}", "usb": f"{b}-1.{s}"}
            for b, s in R2]
    return platform_of([], {"blades": [{"range": {"b": "1-9"}, "id": "blade{b}", "index": "{b}"}],
                            **more}, rows)

# SPDX-License-Identifier: Apache-2.0
"""A bare Debian 12 in a folder, with processes of its own, and the services of a package
that is installed there, started as their units say: no systemd runs in it."""
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CLUSTERBMC_BUILD", TOP / "build"))
PACKAGES = BUILD / "package"
SUITE = "bookworm"


def sh(*argv, check=True, timeout=1800, **kw):
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True,
                          timeout=timeout, check=False, **kw)
    assert not check or done.returncode == 0, f"{argv}\n{done.stdout}{done.stderr}"
    return done


def base():
    """What debootstrap makes, once; copied for each test."""
    folder = PACKAGES / "base"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        sh("debootstrap", "--variant=minbase", SUITE, folder)
        (folder / "done").touch()
    return folder


def eventually(check, seconds=120):
    end = time.monotonic() + seconds
    while not (result := check()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.2)
    return result


class Root:
    """The copy. Its processes see no network but a loopback of their own, except for apt's."""

    def __init__(self, folder):
        self.folder = Path(folder)
        sh("cp", "-a", "--reflink=auto", base(), self.folder)
        for name in ("sources.list", "sources.list.d", "apt.conf.d", "trusted.gpg.d"):
            self.take_from_this_machine(f"etc/apt/{name}")
        self.take_from_this_machine("etc/resolv.conf")
        at = shlex.quote(str(self.folder))
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child",
             "sh", "-c", f"mount -t proc proc {at}/proc && mount -t tmpfs tmpfs {at}/run &&"
             f" ip link set lo up && touch {at}/run/holder && exec sleep infinity"])
        children = Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children")
        eventually(lambda: self.holder.poll() is not None or children.read_text().strip())
        assert self.holder.poll() is None, "unshare failed: are these tests run as root?"
        self.pid = children.read_text().split()[0]
        eventually(lambda: self.run("test", "-e", "/run/holder", check=False).returncode == 0)
        self.services = {}

    def take_from_this_machine(self, name):
        """Where apt finds packages, as this machine finds them; only Debian's own."""
        source, to = Path("/") / name, self.folder / name
        if not source.exists():
            return
        if source.is_file():
            to.write_bytes(source.read_bytes())
            return
        to.mkdir(exist_ok=True)
        for file in source.iterdir():
            if file.is_file() and ("sources.list.d" not in name or "debian" in file.name):
                (to / file.name).write_bytes(file.read_bytes())

    def inside(self, *argv, net=True):
        return ["nsenter", "--target", self.pid, "--mount", "--pid", *(["--net"] if net else []),
                "--uts", "--ipc", "chroot", str(self.folder), "env", "-i",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive",
                "LC_ALL=C.UTF-8", *map(str, argv)]

    def run(self, *argv, net=True, **kw):
        return sh(*self.inside(*argv, net=net), **kw)

    def apt(self, *words):
        return self.run("apt-get", "-q", "-y", "--no-install-recommends",
                        "-o", "Dpkg::Options::=--force-confold", *words, net=False)

    def path(self, name):
        return self.folder / name.lstrip("/")

    def copy(self, file):
        shutil.copy(file, self.path("/root"))
        return f"/root/{Path(file).name}"

    # ---- services ----

    def unit(self, name):
        return Unit(self.path(f"/lib/systemd/system/{name}.service").read_text())

    def start(self, name):
        unit = self.unit(name)
        for kind, where in (("RuntimeDirectory", "/run"), ("StateDirectory", "/var/lib")):
            if folder := unit.value(kind):
                user = unit.value("User", "root")
                self.run("install", "-d", "-m", unit.value(f"{kind}Mode", "0755"), "-o", user,
                         "-g", user, f"{where}/{folder}")
        log = open(self.path(f"/root/{name}.log"), "ab")
        self.services[name] = subprocess.Popen(
            self.inside("sh", "-c", unit.shell(), name), stdin=subprocess.DEVNULL, stdout=log,
            stderr=log)
        log.close()

    def stop(self, name):
        """SIGTERM to the main process, as systemd does; its status."""
        os.kill(self.main_process(name), signal.SIGTERM)
        return self.services.pop(name).wait(60)

    def main_process(self, name):
        """The program's id on this machine: nsenter's only child."""
        pid = self.services[name].pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(children[0]) if children else pid

    def log(self, name):
        return self.path(f"/root/{name}.log").read_text(errors="replace")

    def close(self):
        os.kill(int(self.pid), signal.SIGKILL)  # and with it all that runs there
        self.holder.wait(60)
        shutil.rmtree(self.folder)


class Unit:
    """What of a unit can be had without systemd: user, capabilities, limits, mask."""

    def __init__(self, text):
        self.text = re.sub(r"\\\n", " ", text)

    def value(self, key, default=None):
        found = re.findall(rf"^{key}=(.*)$", self.text, re.M)
        return found[-1] if found else default

    def shell(self):
        bounding = ["+" + c.removeprefix("CAP_").lower()
                    for c in self.value("CapabilityBoundingSet").split()]
        words = ["setpriv", "--no-new-privs", f"--bounding-set=-all,{','.join(bounding)}"]
        if user := self.value("User"):
            ambient = ["+" + c.removeprefix("CAP_").lower()
                       for c in self.value("AmbientCapabilities", "").split()]
            words += [f"--reuid={user}", f"--regid={self.value('Group')}", "--init-groups",
                      f"--inh-caps=-all,{','.join(ambient)}",
                      f"--ambient-caps=-all,{','.join(ambient)}"]
        return (f"umask {self.value('UMask', '0022')}; ulimit -n {self.value('LimitNOFILE')};"
                f" exec {shlex.join(words)} {self.value('ExecStart')}")

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Follows README's "Install it" word for word in a bare Debian root, under a real systemd.

usage (root, before a release): tests/rigs/install_it.py FOLDER

FOLDER/root is made by debootstrap (bookworm, minbase) when it is not there; a root that is
there is used as it is. The sources are those of `git archive HEAD`. Steps 1 and 2 run with
this machine's network, for apt; then systemd is started in namespaces of its own, with
loopback alone, and the other steps run there. Ends with status 0 when every command did
what README says and both services run.
"""
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CGROUP = "clusterbmc-install-it"
MOUNTS = r'''
mount --bind "$0" "$0"; mount -t proc proc "$0/proc"; mount -t sysfs -o ro sysfs "$0/sys"
mount -t tmpfs -o mode=755,nosuid tmpfs "$0/dev"
for d in null zero full random urandom tty; do
	: >"$0/dev/$d"; mount --bind "/dev/$d" "$0/dev/$d"
done
mkdir "$0/dev/shm"; mount -t tmpfs -o mode=1777 tmpfs "$0/dev/shm"
ln -s /proc/self/fd "$0/dev/fd"
'''
SYSTEMD = r'''
mount -t tmpfs -o mode=755 tmpfs "$0/sys/fs/cgroup"
mount -t cgroup2 cgroup2 "$0/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$0/run"
ip link set lo up
exec env -i container=other PATH="$PATH" chroot "$0" /lib/systemd/systemd --unit=multi-user.target
'''


def steps():
    """{number: [command]} of the installation."""
    text = (TOP / "README.md").read_text().split("## Install it")[1].split("## Troubleshoot")[0]
    found = {}
    for number, body in re.findall(r"^(\d)\. (.*?)(?=^\d\. |\Z)", text, re.M | re.S):
        blocks = re.findall(r"^ *```sh\n(.*?)^ *```", body, re.M | re.S)
        found[int(number)] = [line.strip() for b in blocks for line in b.splitlines()]
    return found


class Root:
    def __init__(self, folder):
        self.folder, self.path = folder, folder / "root"
        self.systemd = None  # its process id, from outside

    def prepare(self):
        if not self.path.exists():
            subprocess.run(["debootstrap", "--variant=minbase", "bookworm", str(self.path)],
                           check=True)
        for name in ("resolv.conf", "hosts"):
            (self.path / "etc" / name).write_bytes(Path("/etc", name).read_bytes())
        source = self.path / "root/clusterbmc"
        subprocess.run(["rm", "-rf", str(source)], check=True)
        source.mkdir()
        subprocess.run("git archive HEAD | tar -x -C " + shlex.quote(str(source)), shell=True,
                       cwd=TOP, check=True)

    def command(self, text):
        """Before systemd runs: in a mount namespace; then: in systemd's namespaces."""
        inside = ["chroot", str(self.path), "env", "-i", "HOME=/root", f"PATH={PATH}",
                  "DEBIAN_FRONTEND=noninteractive", "bash", "-c", f"cd /root/clusterbmc; {text}"]
        if self.systemd:
            argv = ["nsenter", "--all", "--target", str(self.systemd), *inside]
        else:
            argv = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "sh",
                    "-euc", MOUNTS + 'exec "$@"', str(self.path), *inside]
        return subprocess.run(argv, capture_output=True, text=True, timeout=1800, check=False)

    def boot(self):
        hierarchy = next(line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()
                         if line.split()[2] == "cgroup2")
        self.cgroup = Path(hierarchy) / CGROUP
        (self.cgroup / "init").mkdir(parents=True, exist_ok=True)
        join = f"echo $$ >{shlex.quote(str(self.cgroup / 'init/cgroup.procs'))}; "
        with open(self.folder / "systemd.log", "wb") as log:
            self.outer = subprocess.Popen(
                ["sh", "-c", join + 'exec "$@"', "sh", "unshare", "--net", "--mount",
                 "--propagation", "private", "--pid", "--fork", "--kill-child", "--ipc", "--uts",
                 "--cgroup", "sh", "-euc", MOUNTS + SYSTEMD, str(self.path)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        children = Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children")
        for _ in range(300):
            time.sleep(0.1)
            if self.outer.poll() is not None:
                break
            self.systemd = int((children.read_text().split() or ["0"])[0])
            if self.systemd and self.command("systemctl is-active multi-user.target") \
                    .stdout.strip() == "active":
                return
        raise SystemExit("systemd did not start; see systemd.log")

    def end(self):
        if self.systemd and self.outer.poll() is None:
            os.kill(self.systemd, signal.SIGKILL)
            self.outer.wait()
            time.sleep(1)
        if self.systemd is not None:
            for folder in sorted(self.cgroup.rglob("*/"), reverse=True):
                folder.rmdir()
            self.cgroup.rmdir()


def fine(command, done):
    """Whether a command of README did what it is there for."""
    if command.startswith("curl"):
        return done.returncode == 0 and '"error"' not in done.stdout and "@odata.id" in done.stdout
    return done.returncode == 0


def follow(root, number, commands):
    bad = 0
    for command in commands:
        done = root.command(command)
        good = fine(command, done)
        print(f"{number}. {'ok  ' if good else 'FAIL'} {command}", flush=True)
        if not good:
            bad += 1
            print((done.stdout + done.stderr)[-2000:])
    return bad


def main(argv):
    if len(argv) != 2 or os.geteuid():
        print(__doc__, file=sys.stderr)
        return 2
    root, todo = Root(Path(argv[1]).resolve()), steps()
    root.prepare()
    # what every installed Debian has, and minbase has not; openssl is for the certificate
    bad = follow(root, 0, ["apt-get update", "apt-get install -y systemd dbus curl openssl"])
    bad += follow(root, 1, todo[1]) + follow(root, 2, todo[2])
    try:
        root.boot()
        for number in (3, 4, 5, 6, 7):
            bad += follow(root, number, todo[number])
        bad += follow(root, 8, ["openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost "
                                "-addext subjectAltName=DNS:localhost -keyout server.key "
                                "-out server.pem", *todo[8], "sleep 1",
                                "curl -s --cacert server.pem https://localhost/redfish/v1/",
                                "systemctl is-active clusterbmcd clusterbmc-priv",
                                "systemd-analyze verify clusterbmcd.service "
                                "clusterbmc-priv.service"])
    finally:
        root.end()
    print(f"{bad} commands failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))

# SPDX-License-Identifier: Apache-2.0
"""An agent under test, started through the front door, and the real clients around it.

Everything is on loopback, on ports that were free a moment ago, in a folder of its own.
Processes are ended by their ids."""
import contextlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import requests
import urllib3

urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CLUSTERBMC_BUILD", TOP / "build"))
PASSWORD = "integration-Pw-1"
PASSPHRASE = "integration-Snmp-2"  # of the SNMPv3 users
MIBS = f"{TOP}/mibs:{TOP}/mibs/base"
ROOT = "/redfish/v1"
# A sanitizer's build is several times slower: deadlines of waiting, not of the agent.
SLOW = 4 if re.search("asan|tsan|coverage", BUILD.name) else 1


SANITIZERS = re.compile("(?:Address|Leak|Thread|UndefinedBehavior)Sanitizer|: runtime error: ")


def free_ports(n):
    """Ports that are free for TCP and for UDP, below those that clients are given: what
    runs beside us takes no such port until ours is open."""
    held, ports = [], []
    while len(ports) < n:
        tcp = socket.socket()
        udp = socket.socket(type=socket.SOCK_DGRAM)
        held += [tcp, udp]
        try:
            tcp.bind(("127.0.0.1", random.randrange(10000, 32000)))
            udp.bind(tcp.getsockname())
        except OSError:
            continue
        ports.append(tcp.getsockname()[1])
    for s in held:
        s.close()
    return ports


def eventually(check, seconds=5.0, every=0.05):
    """The first true result of `check()`; fails with the last one. `seconds` is what an idle
    machine needs at most: one that is busy with ten other things is waited for."""
    limit = max(min(seconds * SLOW * 10, 300), seconds * SLOW)
    end = time.monotonic() + limit
    while True:
        result = check()
        if result:
            return result
        assert time.monotonic() < end, f"not within {limit:.0f} s: {result!r}"
        time.sleep(every)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def default_signals():
    """What a child starts with, also when these tests were started by nohup, or by a shell
    that ignores interrupts for what it runs in the background."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def within(pid, *words):
    """The command that runs in the file systems of this process, also below a chroot."""
    return ["nsenter", "--mount", "--root", "--target", str(pid), *words]


R2_BOARDS = [f"sub{blade}-{slot:02}" for blade in range(1, 10) for slot in range(1, 9)]


class SnmpError(Exception):
    """A client's error message: an error-status, or a timeout."""


class Agent:
    """`./quickstart run` with a folder and ports of its own."""

    def __init__(self, platform="r2", password=PASSWORD, traps=None, env=None, state=None,
                 passphrase=PASSPHRASE):
        self.folder = Path(tempfile.mkdtemp(prefix="clusterbmc-it."))
        self.folder.chmod(0o711)  # the daemon runs as somebody else
        self.state = Path(state) if state else self.folder / "state"
        self.log = self.folder / "log"
        self.ready = self.folder / "ready"
        self.https_port, self.http_port, self.snmp_port = free_ports(3)
        self.platform, self.password, self.trap = str(platform), password, traps
        self.passphrase = passphrase
        self.env = {"CLUSTERBMC_SPEED": "10", "CLUSTERBMC_TEST": "1",
                    "CLUSTERBMC_WEBUI": "off", **(env or {})}
        self.process = self.pid = None
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = False
        if password:
            self.http.auth = ("admin", password)

    # ---- life ----

    def command(self):
        words = [str(TOP / "quickstart"), "run", "--no-build", "--platform", self.platform,
                 "--https-port", str(self.https_port), "--http-port", str(self.http_port),
                 "--snmp-port", str(self.snmp_port), "--state", str(self.state),
                 "--ready-file", str(self.ready)]
        if self.password:
            words += ["--password", self.password]
        if self.passphrase:
            words += ["--snmp-passphrase", self.passphrase]
        if self.trap:
            words += ["--trap-to", self.trap.address]
        return words

    def start(self, wait=True, **env):
        self.ready.unlink(missing_ok=True)
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, preexec_fn=default_signals,
                env={**os.environ, "CLUSTERBMC_BUILD": str(BUILD), **self.env, **env})
        if wait:
            self.wait_ready()
        return self

    def start_daemon(self, edit=lambda text: text, program=BUILD / "clusterbmcd"):
        """The daemon alone, without quickstart, on the state of an earlier start and with its
        configuration edited."""
        config = self.state / "clusterbmcd.yaml"
        config.write_text(edit(config.read_text()))
        self.ready.unlink(missing_ok=True)
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                [str(program), "--config", str(config), "--ready-file",
                 str(self.ready)], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, preexec_fn=default_signals)
        self.wait_ready()
        return self

    def ready_pid(self, old=None):
        """The daemon that is ready, when it is not `old`; else None. In a restart the file goes."""
        try:
            text = self.ready.read_text()
        except FileNotFoundError:
            return None
        pid = json.loads(text)["pid"] if text.strip() else None
        return pid if pid != old else None

    def wait_ready(self, seconds=120):
        def look():
            assert self.process.poll() is None, "it ended:\n" + self.log_text()
            return self.ready_pid()
        self.pid = eventually(look, seconds)

    def stop(self):
        """SIGTERM, as a service manager would; the status of quickstart."""
        if not self.process:
            return None
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.process.wait(120 * SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        if self.pid and alive(self.pid):
            os.kill(self.pid, signal.SIGKILL)
        self.process = self.pid = None
        self.http.close()
        return status

    def kill9(self):
        """The daemon dies at once; everything it held in memory is lost."""
        os.kill(self.pid, signal.SIGKILL)
        self.wait_dead()

    def wait_dead(self, seconds=120):
        """Until quickstart and the daemon have ended by themselves."""
        self.process.wait(seconds * SLOW)
        if self.pid:
            eventually(lambda: not alive(self.pid), 5)
        self.process = self.pid = None
        self.http.close()

    def restart(self, **env):
        if self.process:
            self.stop()
        return self.start(**env)

    def remove(self):
        """Ends it and forgets it; fails when a sanitizer has found something."""
        self.stop()
        log = self.log_text()
        shutil.rmtree(self.folder, ignore_errors=True)
        found = SANITIZERS.search(log)
        assert not found, log[found.start():][:8000]

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    # ---- Redfish ----

    def url(self, path):
        if not path.startswith("/"):
            path = f"{ROOT}/{path}"
        return f"https://127.0.0.1:{self.https_port}{path}"

    def request(self, method, path, **kw):
        kw.setdefault("timeout", 60 * SLOW)
        return self.http.request(method, self.url(path), **kw)

    def get(self, path, **kw):
        return self.request("GET", path, **kw)

    def post(self, path, body=None, **kw):
        return self.request("POST", path, json=body, **kw)

    def patch(self, path, body, **kw):
        return self.request("PATCH", path, json=body, **kw)

    def delete(self, path, **kw):
        return self.request("DELETE", path, **kw)

    def json(self, path):
        r = self.get(path)
        assert r.status_code == 200, f"{path}: {r.status_code} {r.text}"
        return r.json()

    def members(self, path):
        """The ids of a collection."""
        return [m["@odata.id"].rsplit("/", 1)[1] for m in self.json(path)["Members"]]

    def reset(self, board, kind, **kw):
        return self.post(f"Systems/{board}/Actions/ComputerSystem.Reset", {"ResetType": kind}, **kw)

    def finished(self, response, seconds=30):
        """The task that an accepted action's Location names, once it has ended."""
        assert response.status_code == 202, f"{response.status_code} {response.text}"
        where = response.headers["Location"].replace("/TaskMonitors/", "/Tasks/")
        return eventually(lambda: self.ended(where), seconds)

    def finished_or_done(self, response, seconds=30):
        """As finished(), also for what had nothing to do (204)."""
        return None if response.status_code == 204 else self.finished(response, seconds)

    def ended(self, where):
        task = self.json(where)
        return task if task["TaskState"] in ("Completed", "Exception", "Cancelled") else None

    def power(self, board):
        return self.json(f"Systems/{board}").get("PowerState")

    def node_state(self, board):
        """What the board is doing, as our own property says it."""
        return self.json(f"Systems/{board}")["Oem"]["ClusterBmc"]["NodeState"]

    # ---- SNMP ----

    def snmp(self, tool, *words, community="public", auth=None, timeout=20, mibs=True):
        """Without MIBs the client knows no types and sends what it is told."""
        who = auth or ["-v2c", "-c", community]
        run = subprocess.run(
            [tool, *who, "-M", MIBS, "-m", "CLUSTER-BMC-MIB" if mibs else "", "-t",
             str(timeout * SLOW), "-r", "0", *words[:-1], f"127.0.0.1:{self.snmp_port}",
             *words[-1]],
            capture_output=True, text=True, timeout=300 * SLOW, check=False,
            env={**os.environ, "HOME": str(self.folder)})
        if run.returncode or re.search(r"^(Error in packet|Timeout)", run.stderr, re.M):
            raise SnmpError((run.stderr + run.stdout)[:2000])
        return run.stdout

    def snmpget(self, *objects, options="-OqvU", **kw):
        """The value, or a list of values. An unknown is None."""
        out = self.snmp("snmpget", options, objects, **kw).splitlines()
        values = [None if line.startswith("No Such") else line.strip('"') for line in out]
        return values[0] if len(objects) == 1 else values

    def snmpset(self, *triples, community="private", **kw):
        return self.snmp("snmpset", "-Oqv", triples, community=community, **kw)

    def snmpwalk(self, start, options="-OqsU", tool="snmpwalk", **kw):
        """{object.index: value} of a subtree."""
        out = {}
        for line in self.snmp(tool, options, [start], **kw).splitlines():
            name, _, value = line.partition(" ")
            if not value.startswith("No Such"):
                out[name] = value.strip('"')
        return out

    def snmpbulkwalk(self, start, **kw):
        return self.snmpwalk(start, tool="snmpbulkwalk", **kw)

    def oid(self, name, index):
        """An object by number."""
        run = subprocess.run(["snmptranslate", "-M", MIBS, "-m", "CLUSTER-BMC-MIB", "-On",
                              f"CLUSTER-BMC-MIB::{name}.{index}"], capture_output=True,
                             text=True, check=True)
        return run.stdout.strip()

    @staticmethod
    def index(board):
        """The index of a board: sub1-03 is 1.3, sub03 is 0.3, main is 0.0."""
        found = re.fullmatch(r"sub(?:(\d+)-)?(\d+)", board)
        return f"{int(found[1] or 0)}.{int(found[2])}" if found else "0.0"

    # ---- one snapshot ----

    @contextlib.contextmanager
    def pinned(self):
        """Nothing new is published meanwhile: all that is read is of one snapshot. Gives its
        generation. For reading only: what waits for a change would wait for ever."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.settimeout(60 * SLOW)
            s.connect(str(self.state / "test.sock"))
            yield int(s.recv(64))

    # ---- the simulated hardware ----

    def sim(self, op, **more):
        """One line to simulator.sock, one line back."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10 * SLOW)
            s.connect(str(self.state / "simulator.sock"))
            s.sendall(json.dumps({"op": op, **more}).encode() + b"\n")
            answer = json.loads(s.makefile().readline())
        assert not answer.get("error"), answer
        return answer

    def trace(self, since=0, board=None):
        """What happened to pins and adb, oldest first."""
        entries = self.sim("trace", since=since)["trace"]
        return [e for e in entries if board in (None, e["board"])]

    def last_seq(self):
        return self.sim("trace", since=1 << 60)["last"]

    def pulses(self, board, line="reset", since=0):
        """Lengths in milliseconds of what happened to a line that rests otherwise, and
        whether it is at rest now."""
        edges = [e["usec"] for e in self.trace(since, board) if e.get("line") == line]
        lengths = [(b - a) / 1000 for a, b in zip(edges[::2], edges[1::2])]
        return lengths, len(edges) % 2 == 0

    def requests_to(self, board, since=0):
        """The adb requests a board was sent."""
        return [e["request"] for e in self.trace(since, board) if "request" in e]


class UnixAgent(Agent):
    """With the `unix` backend: real accounts, real pam_unix and the system's tools, on a copy
    of /etc that only this agent and its children see. For root."""

    def __init__(self, **kw):
        super().__init__(**kw)
        self.env["CLUSTERBMC_BACKEND"] = "unix"
        self.etc = self.folder / "etc"
        subprocess.run(["cp", "-a", "/etc", str(self.etc)], check=True)
        (self.etc / ".pwd.lock").unlink(missing_ok=True)
        for name in ("group", "gshadow"):  # of an agent that is installed on this machine
            lines = (self.etc / name).read_text().splitlines(keepends=True)
            (self.etc / name).write_text(
                "".join(line for line in lines if not line.startswith("clusterbmc-")))
        shutil.copy(TOP / "conf/pam/clusterbmc", self.etc / "pam.d/clusterbmc")

    def command(self):
        inside = f'mount --bind "{self.etc}" /etc && exec "$@"'
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", inside, "sh",
                *super().command()]


class SmallDiskAgent(Agent):
    """Its state is on a file system of 24 MiB that only it and a keeper process see, so that it
    outlives the agent. Tests reach it through `disk`. For root."""

    def __init__(self, **kw):
        super().__init__(**kw)
        self.state.mkdir()
        inside = f'mount -t tmpfs -o size=24m,mode=711 none "{self.state}" && echo ok && exec cat'
        self.keeper = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", inside],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.keeper.stdout.readline() == "ok\n"
        self.disk = Path(f"/proc/{self.keeper.pid}/root{self.state}")

    def command(self):
        return within(self.keeper.pid, *super().command())

    def fill_disk(self):
        """To the last byte; what is open already has no room to grow either."""
        with open(self.disk / "filler", "ab", buffering=0) as f:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        f.write(b"x" * size)
                except OSError:
                    pass
        assert os.statvfs(self.disk).f_bavail == 0

    def spare(self, size):
        """Gives back that much of a full disk."""
        filler = self.disk / "filler"
        os.truncate(filler, filler.stat().st_size - size)

    def free_disk(self):
        (self.disk / "filler").unlink()

    def remove(self):
        super().remove()
        self.keeper.stdin.close()
        self.keeper.wait(10)


class Daemon(Agent):
    """The daemon alone, with more keys in section `http`; quickstart makes its folder."""

    def configured(self, **http):
        self.start()
        self.stop()
        config = self.state / "clusterbmcd.yaml"
        keys = "".join(f"  {key}: {value}\n" for key, value in http.items())
        config.write_text(config.read_text().replace("http:\n", "http:\n" + keys, 1))
        self.command = lambda: [str(BUILD / "clusterbmcd"), "--config", str(config),
                                "--ready-file", str(self.ready)]
        return self.start()


class TrapReceiver:
    """A real snmptrapd that writes one line a trap into a file. `users`: its lines for v3;
    `port`: of one that has been stopped; `form`: of a line, see snmptrapd(8)."""

    def __init__(self, users="", port=None, form="%V | %v"):
        self.folder = Path(tempfile.mkdtemp(prefix="clusterbmc-trap."))
        self.port = port or free_ports(1)[0]
        self.file = self.folder / "traps"
        config = self.folder / "snmptrapd.conf"
        config.write_text(users or "disableAuthorization yes\n")
        self.process = subprocess.Popen(
            ["snmptrapd", "-f", "-C", "-c", str(config), "-n", "-Lf", str(self.file), "-OqsU",
             "-M", MIBS, "-m", "CLUSTER-BMC-MIB", "-F", f"TRAP {form}\n",
             f"udp:127.0.0.1:{self.port}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "SNMP_PERSISTENT_DIR": str(self.folder)})
        eventually(lambda: self.file.exists() and "NET-SNMP version" in self.file.read_text(), 10)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def traps(self):
        return [line for line in self.file.read_text(errors="replace").splitlines()
                if line.startswith("TRAP")]

    def wait(self, *words, seconds=5):
        """The first trap that has all the words."""
        def look():
            return next((t for t in self.traps() if all(w in t for w in words)), None)
        return eventually(look, seconds)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)

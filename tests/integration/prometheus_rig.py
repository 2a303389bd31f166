# SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus with the configuration that is shipped, on loopback."""
import contextlib
import shutil
import ssl
import subprocess

import pytest
import requests

from harness import BUILD, SLOW, TOP, default_signals, eventually, free_ports

CONF = TOP / "conf/prometheus"
ACCOUNT = {"UserName": "prometheus", "Password": "only-Looking-7", "RoleId": "ReadOnly"}


def needs(program, package):
    if not shutil.which(program):
        pytest.skip(f"{program} is not here (apt install {package})")


def make_reader(agent):
    """The account of role ReadOnly that the configuration logs in with."""
    assert agent.post("AccountService/Accounts", ACCOUNT).status_code == 201
    r = agent.patch("AccountService/Accounts/prometheus", {"PasswordChangeRequired": False})
    assert r.status_code == 200, r.text


def certificate(agent):
    return ssl.get_server_certificate(("127.0.0.1", agent.https_port))


@contextlib.contextmanager
def discovery(agents, folder, seconds):
    """`bmc-scan --serve`, which asks these agents so often: its URL."""
    port, = free_ports(1)
    where = ",".join(f"127.0.0.1:{agent.https_port}" for agent in agents)
    with open(folder / "scan.log", "ab") as log:
        process = subprocess.Popen(
            [str(BUILD / "bmc-scan"), "--address", where, "--no-dns-sd", "--serve",
             f"127.0.0.1:{port}", "--interval", str(seconds)], stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, preexec_fn=default_signals)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.kill()
        process.wait()


class Prometheus:
    """Targets may be changed while it runs: it reads their files again."""

    def __init__(self, folder, interval="2s"):
        self.folder, self.port = folder, free_ports(1)[0]
        self.url, self.interval = f"http://127.0.0.1:{self.port}", interval
        (folder / "clusterbmc").mkdir()
        text = (CONF / "prometheus.yml").read_text().replace("15s", interval)
        (folder / "prometheus.yml").write_text(text)
        shutil.copy(CONF / "rules.yml", folder / "clusterbmc")
        self.put("password", ACCOUNT["Password"])
        for name in ("agents.yml", "boards.yml"):
            self.put(name, "[]")

    def put(self, name, text):
        (self.folder / "clusterbmc" / name).write_text(text)

    def discover(self, url):
        """Takes fleet.yml, whose list of targets is at that address."""
        text = (CONF / "fleet.yml").read_text().replace("15s", self.interval)
        text = text.replace("http://127.0.0.1:9780/", url)
        (self.folder / "prometheus.yml").write_text(text.replace("refresh_interval: 1m",
                                                                 "refresh_interval: 2s"))

    @contextlib.contextmanager
    def running(self):
        with open(self.folder / "log", "ab") as log:
            process = subprocess.Popen(
                ["prometheus", f"--config.file={self.folder}/prometheus.yml",
                 f"--storage.tsdb.path={self.folder}/data",
                 f"--web.listen-address=127.0.0.1:{self.port}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=default_signals)
        try:
            eventually(self.is_ready, 30)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(30 * SLOW)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def is_ready(self):
        try:
            return requests.get(f"{self.url}/-/ready", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def api(self, path, **parameters):
        r = requests.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=60)
        assert r.status_code == 200, f"{parameters}: {r.text}"
        return r.json()["data"]

    def query(self, expression):
        """[(labels, value)]"""
        return [(one["metric"], float(one["value"][1]))
                for one in self.api("query", query=expression)["result"]]

    def instant(self, expression):
        """As the seed shows it: what `promtool query instant` prints."""
        done = subprocess.run(["promtool", "query", "instant", self.url, expression],
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return [line for line in done.stdout.splitlines() if line]

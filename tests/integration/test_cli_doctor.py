# SPDX-License-Identifier: Apache-2.0
"""bmc doctor: each thing that Firefly's manual has one look for, well and broken. The
system's tools and Prometheus are stand-ins, the agent is real."""
import http.server
import json
import re
import threading
import time

import pytest

from cli_rig import bmc, bmc_json, rows_of
from conftest import Agents
from harness import eventually, free_ports

pytestmark = [pytest.mark.plain_only]

ROWS = rows_of(check="string", status="string", what="string", next="string")
ORDER = ["agent", "clock", "usb", "metrics", "exporter", "health", "query", "prometheus",
         "journal"]


class Prometheus(http.server.ThreadingHTTPServer):
    """Answers each query with this many boards, scraped at this time."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            metric = {"__name__": "node_cluster_up", "subnode": "sub01"}
            body = json.dumps({"status": "success", "data": {
                "resultType": "vector",
                "result": [{"metric": metric, "value": [time.time() + self.server.off, "1"]}] *
                self.server.boards}}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.boards, self.off = 1, 0.0
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture(name="prometheus")
def a_prometheus():
    server = Prometheus()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(name="agent", scope="module")
def small_agent():
    one = Agents.new(platform="r1").start()
    one.tools = one.folder / "tools"
    one.tools.mkdir()
    boards = [b for b in one.members("Systems") if b != "main"]
    eventually(lambda: all(one.node_state(b) in ("Linux", "Android") for b in boards), 60)
    yield one
    Agents.remove(one)


@pytest.fixture(name="tools")
def stand_ins(agent):
    """Makes systemctl and journalctl say this."""
    def make(active="active", code=0, journal="Server is ready to receive web requests."):
        for name, text, status in (("systemctl", active, code), ("journalctl", journal, 0)):
            file = agent.tools / name
            file.write_text(f"#!/bin/sh\ncat <<'E'\n{text}\nE\nexit {status}\n")
            file.chmod(0o755)
    make()
    return make


def diagnose(agent, prometheus, code=0):
    rows = bmc_json(agent, "doctor", "--prometheus", prometheus.url, code=code, schema=ROWS,
                    PATH=f"{agent.tools}:/usr/bin:/bin")
    assert [row["check"] for row in rows] == ORDER
    assert all(row["next"] for row in rows if row["status"] in ("failed", "warning")), rows
    return {row["check"]: row for row in rows}


def test_what_is_well_is_well(agent, prometheus, tools):
    found = diagnose(agent, prometheus)
    for check in ("agent", "clock", "usb", "metrics", "query", "prometheus", "journal"):
        assert found[check]["status"] == "ok", found[check]
    text, _ = bmc(agent, "doctor", "--prometheus", prometheus.url,
                  PATH=f"{agent.tools}:/usr/bin:/bin")
    assert re.match(r"ok       agent       clusterbmc \S+ answers\n", text)
    assert tools


@pytest.mark.parametrize("make, check, words, advice", [
    ({"journal": "err=\"Handle Corrupt Prometheus Write-Ahead Log (WAL)\""}, "journal",
     "write-ahead log", "systemctl restart prometheus"),
    ({"journal": "msg=\"Error on ingesting out-of-order samples\" num_dropped=4"}, "journal",
     "out of order", "rm -rf /var/lib/prometheus/metrics2/"),
    ({"journal": "write /x: no space left on device"}, "journal", "disk is full", "df -h"),
    ({"active": "failed", "code": 3}, "prometheus", "prometheus is failed",
     "journalctl -u prometheus")], ids=["wal", "order", "disk", "service"])
def test_what_prometheus_says(agent, prometheus, tools, make, check, words, advice):
    tools(**make)
    found = diagnose(agent, prometheus, code=1)
    assert found[check]["status"] == "failed" and words in found[check]["what"]
    assert advice in found[check]["next"]
    assert [c for c, row in found.items() if row["status"] == "failed"] == [check]


def test_what_is_not_there_is_skipped(agent, prometheus, tools):
    tools(active="inactive", code=4, journal="-- No entries --")
    found = diagnose(agent, prometheus)
    assert found["prometheus"]["status"] == found["journal"]["status"] == "skipped"


def test_prometheus_without_boards_with_another_time_and_gone(agent, prometheus, tools):
    prometheus.boards = 0
    assert "no node_cluster_up" in diagnose(agent, prometheus, code=1)["query"]["what"]
    prometheus.boards, prometheus.off = 3, -4000.0
    assert "time differs by " in diagnose(agent, prometheus, code=1)["query"]["what"]
    prometheus.url = f"http://127.0.0.1:{free_ports(1)[0]}"
    query = diagnose(agent, prometheus, code=1)["query"]
    assert query["status"] == "failed" and "systemctl status prometheus" in query["next"]
    assert tools


def test_boards_that_left_usb(agent, prometheus, tools):
    boards = [b for b in agent.members("Systems") if b != "main"]
    agent.sim("fault", id="sub02", fault="no_boot", seconds=600)
    agent.finished(agent.reset("sub02", "ForceRestart"), 120)
    try:
        eventually(lambda: agent.node_state("sub02") == "Offline", 60)
        usb = diagnose(agent, prometheus)["usb"]
        assert usb["status"] == "warning" and usb["what"].endswith(": sub02"), usb
        assert f"1 of {len(boards) + 1}" in usb["what"]
    finally:
        agent.sim("clear", id="sub02")
    assert tools


def test_boards_that_are_offline_for_adb_are_named(agent, prometheus, tools):
    for field, value in (("usb_mode", "adb"), ("adb_state", "offline")):
        agent.sim("set", kind="board", id="sub04", field=field, value=value)
    try:
        # sub02 may still start, after the test before
        eventually(lambda: re.fullmatch(r"1 of \d+ boards .*: sub04",
                                        diagnose(agent, prometheus)["usb"]["what"]), 60)
    finally:
        agent.sim("clear", id="sub04")
    assert tools


def test_an_agent_that_does_not_answer(agent, prometheus, tools):
    rows = bmc_json(agent, "doctor", "--prometheus", prometheus.url, "--socket", "/nowhere",
                    code=5, schema=ROWS, PATH=f"{agent.tools}:/usr/bin:/bin")
    assert [row["check"] for row in rows] == ["agent", "query", "prometheus", "journal"]
    assert rows[0]["status"] == "failed" and "clusterbmcd" in rows[0]["next"]
    assert tools

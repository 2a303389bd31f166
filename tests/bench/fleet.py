#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a hundred chassis cost a Prometheus, and it them: simulated R2 (72 boards each), found by
`bmc-scan --serve`, are scraped by TLS and password as conf/prometheus/fleet.yml says.

usage: fleet.py [AGENTS [MINUTES]]      (100, 3)"""
import os
import re
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
import prometheus_rig as rig  # noqa: E402
from harness import Agent, eventually, free_ports  # noqa: E402

AGENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
MINUTES = float(sys.argv[2]) if len(sys.argv) > 2 else 3
INTERVAL = 15
AT_ONCE = 4  # agents that are being started


def start(agent):
    agent.start()
    rig.make_reader(agent)
    agent.http.close()


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def scrapes(prometheus, span):
    """How many were made in the last seconds, and how many are missing between two of one target,
    or after its last."""
    made = missed = 0
    now = float(prometheus.api("query", query="time()")["result"][1])
    for series in prometheus.api("query", query=f'up{{job="node"}}[{span}s]')["result"]:
        times = [float(at) for at, _ in series["values"]]
        gaps = [b - a for a, b in zip(times, times[1:])] + [now - times[-1]]
        made += len(times)
        missed += sum(max(round(gap / INTERVAL) - 1, 0) for gap in gaps)
    return made, missed


def measure(prometheus, agents, pid):
    """The figures of that time: what was scraped, what failed, and what it took."""
    pids = [agent.pid for agent in agents]
    before, busy, began = sum(map(cpu_seconds, pids)), cpu_seconds(pid), time.monotonic()
    time.sleep(MINUTES * 60)
    took = time.monotonic() - began
    made, missed = scrapes(prometheus, int(took))
    span = f"{int(took)}s"
    failed = sum(v for _, v in prometheus.query(
        f'count_over_time(up{{job="node"}}[{span}]) - sum_over_time(up{{job="node"}}[{span}])'))
    durations = [v for _, v in prometheus.query(
        f'max_over_time(scrape_duration_seconds{{job="node"}}[{span}])')]
    means = [v for _, v in prometheus.query(
        f'avg_over_time(scrape_duration_seconds{{job="node"}}[{span}])')]
    return {
        "agents": len(agents), "seconds": round(took), "scraped targets": len(means), "scrapes": made, "missed": missed,
        "failed": int(failed),
        "scrape, mean ms": round(statistics.mean(means) * 1000, 1),
        "scrape, longest ms": round(max(durations) * 1000, 1),
        "samples a scrape": int(prometheus.query("avg(scrape_samples_scraped)")[0][1]),
        "agent, % of a core": round((sum(map(cpu_seconds, pids)) - before) / took / len(pids) * 100,
                                    2),
        "agent, MB": round(statistics.mean(map(megabytes, pids)), 1),
        "Prometheus, % of a core": round((cpu_seconds(pid) - busy) / took * 100, 1),
        "Prometheus, MB": round(megabytes(pid)),
    }


def run(agents, folder):
    prometheus = rig.Prometheus(folder, interval=f"{INTERVAL}s")
    prometheus.put("ca.pem", "".join(rig.certificate(agent) for agent in agents))
    with rig.discovery(agents, folder, 60) as url:
        prometheus.discover(url)
        began = time.monotonic()
        with prometheus.running() as pid:
            eventually(lambda: len(prometheus.query('up{job="node"} == 1')) == len(agents), 60)
            print(f"all scraped after {time.monotonic() - began:.0f} s", flush=True)
            time.sleep(INTERVAL)
            return measure(prometheus, agents, pid)


def make_agents():
    """Their ports are drawn together, so that no two have the same one."""
    agents = [Agent(env={"CLUSTERBMC_SPEED": "1", "CLUSTERBMC_TEST": ""}) for _ in range(AGENTS)]
    ports = iter(free_ports(3 * AGENTS))
    for agent, mine in zip(agents, zip(ports, ports, ports)):
        agent.https_port, agent.http_port, agent.snmp_port = mine
    return agents


def main():
    agents, failed = make_agents(), False
    with tempfile.TemporaryDirectory(prefix="clusterbmc-fleet.") as folder:
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(start, agents))
            figures = run(agents, Path(folder))
        finally:
            for agent in agents:
                agent.remove()
    for what, value in figures.items():
        print(f"  {what}: {value}")
        failed = failed or (what in ("missed", "failed") and value > 0)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

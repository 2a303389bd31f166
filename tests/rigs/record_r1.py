#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes mibs/recording/clusterbmc.snmprec anew: a simulated R1, `main` too, so that nothing of
the machine it is made on is in it.

usage: CLUSTERBMC_BUILD=BUILD_DIR tests/rigs/record_r1.py"""
import re
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/integration"))
from harness import Agent, eventually  # noqa: E402

RECORDING = TOP / "mibs/recording/clusterbmc.snmprec"
NAMES = (".1.3.6.1.2.1.1.5.0",)  # sysName; cbmcManagerHostname says the same


def all_simulated(config):
    """The configuration without the plugin that reads this machine."""
    config = re.sub(r"  - name: host\n(?:    .*\n)+", "", config)
    return config.replace("speed: ", "main: true, speed: ")


def main():
    agent = Agent(platform="r1")
    try:
        agent.start()
        agent.stop()
        platform = agent.state / "platform/firefly-r1.yaml"
        platform.write_text(platform.read_text().replace('"host, simulator"', "simulator"))
        agent.start_daemon(all_simulated)
        eventually(lambda: set(agent.snmpwalk("cbmcBoardState").values()) <= {"linux", "android"}
                   and len(agent.snmpwalk("cbmcBoardSocTemperature")) > 10, 60)
        time.sleep(3)  # the counters of interfaces move
        hostname = agent.snmp("snmpget", "-Oqv", NAMES, mibs=False).strip().strip('"')
        text = subprocess.run([str(TOP / "mibs/noc/record.py"), f"127.0.0.1:{agent.snmp_port}"],
                              capture_output=True, text=True, check=True).stdout
    finally:
        agent.remove()
    if hostname:
        text = re.sub(rf"\|4\|{re.escape(hostname)}$", "|4|r1", text, flags=re.M)
    RECORDING.parent.mkdir(exist_ok=True)
    RECORDING.write_text(text)
    print(f"{len(text.splitlines())} objects in {RECORDING}")


if __name__ == "__main__":
    main()

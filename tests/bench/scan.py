#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How long bmc-scan needs to find a hundred agents: real daemons (an R1 each, with a simulator
that is looked at every two seconds), each in a network namespace of its own on one link. For
root.

usage: scan.py [AGENTS [SCANS]]      (100, 5)"""
import json
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
from harness import BUILD  # noqa: E402
from lan import Neighbours  # noqa: E402

AGENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
SCANS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
AIM = 5  # seconds


def scan(lan):
    """Seconds from its start to its end, how many it found and how many of them answered."""
    before, began = os.times(), time.monotonic()
    run = lan.run(BUILD / "bmc-scan", "--no-dns-sd", "-o", "json")
    took, after = time.monotonic() - began, os.times()
    found = json.loads(run.stdout)
    cpu = after.children_user + after.children_system - \
        before.children_user - before.children_system
    return took, len(found), sum(d["answers"] for d in found), cpu


def main():
    began = time.monotonic()
    lan = Neighbours(AGENTS)
    try:
        print(f"{AGENTS} agents after {time.monotonic() - began:.0f} s; load {os.getloadavg()[0]:.1f}"
              f" on {os.cpu_count()} cores", flush=True)
        scans = []
        for _ in range(SCANS):
            scans.append(scan(lan))
            print("  %.2f s: %d found, %d answered, bmc-scan took %.2f s of a core" % scans[-1],
                  flush=True)
    finally:
        lan.close()
    median, worst = statistics.median(s[0] for s in scans), max(s[0] for s in scans)
    missed = sum(AGENTS - s[2] for s in scans)
    print(f"found in {median:.2f} s (worst {worst:.2f} s; aim: below {AIM} s), {missed} missed")
    return 1 if missed or median >= AIM else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what the NOC's tools load, from the MIB: run it after each change of the MIB.

usage: mibs/noc/generate.py [--check | --to FOLDER]     (--check: names what is not current)

Needs python3-yaml. What it writes is committed, below the enterprise number of the examples;
`make` places it below the number that configure was given, as it does with the MIB."""
import sys
from pathlib import Path

import grafana
import librenms
import nagios
import prometheus
import zabbix
from mib import Module

MIBS = Path(__file__).resolve().parent.parent
FILES = {
    "prometheus/snmp.yml": prometheus.exporter,
    "prometheus/snmp-auths.yml": prometheus.exporter_auths,
    "prometheus/generator.yml": prometheus.generator,
    "prometheus/alerts.yml": prometheus.alerts,
    "grafana/clusterbmc.json": grafana.dashboard,
    "librenms/os_detection/clusterbmc.yaml": librenms.detection,
    "librenms/os_discovery/clusterbmc.yaml": librenms.discovery,
    "zabbix/clusterbmc.yaml": zabbix.template,
    "nagios/clusterbmc.cfg": nagios.commands,
    "snmptt/clusterbmc.conf": nagios.snmptt,
}


def texts():
    """{path below mibs: text}"""
    module = Module((MIBS / "CLUSTER-BMC-MIB.txt").read_text())
    return {path: make(module) for path, make in FILES.items()}


def stale():
    """Paths whose file is not what the MIB says now."""
    return [path for path, text in texts().items()
            if not (MIBS / path).exists() or (MIBS / path).read_text() != text]


def main(words):
    if words == ["--check"]:
        old = stale()
        print("".join(f"not current: mibs/{path}\n" for path in old), end="")
        return 1 if old else 0
    if words and (len(words) != 2 or words[0] != "--to"):
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(words[1]) if words else MIBS
    for path, text in texts().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

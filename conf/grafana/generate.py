#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the dashboards of the seed over the metrics of /metrics and of the boards' node_exporter.

    conf/grafana/generate.py            rewrites dashboards/*.json
    conf/grafana/generate.py --check    exit 1: one is not what this makes"""
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "mibs" / "noc"))

import grafana  # noqa: E402  the dashboard over SNMP has the same panels

OVERVIEW, DETAILS, FREQUENCY = "clusterbmc-overview", "clusterbmc-details", "clusterbmc-cpu"
# ONE: a chassis. BOARD: what the agent says of the selected board. NODE: what the exporter on
# the selected board says itself.
WORDS = {"ONE": 'cluster="$cluster"', "BOARD": 'cluster="$cluster", board="$node"',
         "NODE": 'cluster="$cluster", nodename="$node"'}
NEEDS = "Needs node_exporter on the board."
OPEN_DETAILS = {"links": [{"title": "Details", "url": f"/d/{DETAILS}?var-cluster=$cluster"
                           "&var-node=${__data.fields.nodename}"}]}
RATIO = {"min": 0, "max": 1}


def filled(expression):
    for word, selector in WORDS.items():
        expression = expression.replace(word, selector)
    return expression


class Page:
    """Panels from left to right, row below row."""

    def __init__(self):
        self.panels, self.x, self.y, self.height = [], 0, 0, 0

    def add(self, kind, title, size, unit, *series, about="", options=None):
        width, height = size
        if self.x + width > grafana.WIDTH:
            self.x, self.y, self.height = 0, self.y + self.height, 0
        series = [(filled(e), legend) for e, legend in series]
        one = grafana.panel(len(self.panels) + 1, kind, title, series[0][0],
                            (self.x, self.y, width, height), series[0][1], unit,
                            **(options or {}))
        one["targets"] += [{**grafana.target(*s), "refId": "ABCDEF"[i]}
                           for i, s in enumerate(series[1:], 1)]
        one["description"] = about
        if kind == "table":
            one["targets"][0].update(format="table", instant=True)
        self.panels.append(one)
        self.x, self.height = self.x + width, max(self.height, height)

    def plot(self, title, unit, *series, **more):
        self.add("timeseries", title, (12, 8), unit, *series, **more)

    def number(self, title, unit, expression, legend="", **more):
        self.add("stat", title, (4, 4), unit, (expression, legend), **more)

    def table(self, title, expression, **more):
        self.add("table", title, (12, 8), "none", (expression, ""), **more)


def overview():
    p = Page()
    p.number("Boards up", "none", "sum(node_cluster_up{ONE} == 1)")
    p.number("Boards offline", "none", "count(node_cluster_up{ONE} == 0) or vector(0)")
    p.number("Power", "watt", "sum(clusterbmc_chassis_power_watts{ONE})")
    p.number("Ambient", "celsius", "node_cluster_env_temp_celsius{ONE}")
    p.number("Hottest SoC", "celsius", "max(clusterbmc_board_soc_temperature_celsius{ONE})")
    p.number("Age of the data", "s", 'max(clusterbmc_data_age_seconds{ONE})')
    p.plot("CPU", "percentunit", ("clusterbmc_board_cpu_load_ratio{ONE}", "{{board}}"), options=RATIO)
    p.table("Alarms", 'ALERTS{ONE, alertname=~"ClusterBmc.+"}')
    p.plot("Memory", "percentunit", ("board:clusterbmc_memory_used:ratio{ONE}", "{{board}}"),
           options=RATIO)
    p.table("Devices", 'node_network_ipaddr{ONE}', options=OPEN_DETAILS)
    p.plot("Disk", "percentunit", ("board:clusterbmc_storage_used:ratio{ONE}", "{{board}}"),
           options=RATIO)
    p.plot("Boards by state", "none", ("sum by (state) (clusterbmc_board_state{ONE})", "{{state}}"))
    p.plot("Network, received", "Bps",
           ("topk(10, rate(clusterbmc_nic_receive_bytes_total{ONE}[1m]))", "{{nic}}"))
    p.plot("Network, sent", "Bps",
           ("topk(10, rate(clusterbmc_nic_transmit_bytes_total{ONE}[1m]))", "{{nic}}"))
    p.plot("Mainboards of boards", "celsius",
           ('topk(10, node_hwmon_temp_celsius{ONE, chip="platform_ntc"})', "{{nodename}}"))
    p.plot("Fans", "rotrpm", ("node_cluster_fan_speed{ONE}", "{{fan}}"))
    p.plot("Power of supplies", "watt", ("clusterbmc_psu_input_watts{ONE}", "{{psu}}"))
    p.table("Firmware updates", "node_cluster_firmware_upgrade_stat{ONE}")
    return dashboard("Device overview", OVERVIEW, p)


def details():
    p = Page()
    p.number("State", "none", "clusterbmc_board_state{BOARD} == 1", "{{state}}")
    p.number("CPU", "percentunit", "clusterbmc_board_cpu_load_ratio{BOARD}")
    p.number("Memory", "percentunit", "board:clusterbmc_memory_used:ratio{BOARD}")
    p.number("Disk", "percentunit", "board:clusterbmc_storage_used:ratio{BOARD}")
    p.number("SoC", "celsius", "clusterbmc_board_soc_temperature_celsius{BOARD}")
    p.number("Up for", "s", "time() - clusterbmc_board_boot_time_seconds{BOARD}")
    p.plot("CPU", "percentunit", ("clusterbmc_board_cpu_load_ratio{BOARD}", "load"),
           ("clusterbmc_board_cpu_red_ratio{BOARD} > 0", "red line"), options=RATIO)
    p.table("Addresses", "node_network_ipaddr{NODE}")
    p.plot("Memory", "bytes", ("clusterbmc_board_memory_used_bytes{BOARD}", "used"),
           ("clusterbmc_board_memory_size_bytes{BOARD}", "size"))
    p.plot("Disk", "bytes", ("clusterbmc_board_storage_used_bytes{BOARD}", "used"),
           ("clusterbmc_board_storage_size_bytes{BOARD}", "size"))
    p.plot("Network", "Bps",
           ('rate(clusterbmc_nic_receive_bytes_total{ONE, nic=~"$node-.+"}[1m])', "received"),
           ('rate(clusterbmc_nic_transmit_bytes_total{ONE, nic=~"$node-.+"}[1m])', "sent"))
    p.plot("Temperatures", "celsius",
           ("clusterbmc_board_soc_temperature_celsius{BOARD}", "SoC"),
           ("clusterbmc_board_gpu_temperature_celsius{BOARD}", "GPU"),
           ('node_hwmon_temp_celsius{NODE, chip="platform_ntc"}', "mainboard"))
    p.plot("Power", "watt", ("clusterbmc_board_power_watts{BOARD}", ""))
    p.plot("Load", "none", ("node_load1{NODE}", "1 m"), ("node_load5{NODE}", "5 m"),
           ("node_load15{NODE}", "15 m"), about=NEEDS)
    p.plot("CPU by mode", "percentunit",
           ('sum by (mode) (rate(node_cpu_seconds_total{NODE, mode!="idle"}[1m]))', "{{mode}}"),
           about=NEEDS)
    p.plot("File systems", "percentunit",
           ('1 - node_filesystem_avail_bytes{NODE} / node_filesystem_size_bytes{NODE}',
            "{{mountpoint}}"), about=NEEDS)
    p.plot("Open files", "none", ("node_filefd_allocated{NODE}", "allocated"), about=NEEDS)
    p.plot("Context switches", "ops", ("rate(node_context_switches_total{NODE}[1m])", ""),
           about=NEEDS)
    return dashboard("Device details", DETAILS, p, node=True)


def frequency():
    p = Page()
    chosen = '{NODE, cpu="$core"}'
    for title, unit, series in (
            ("Frequency", "hertz", [(f"node_cpu_scaling_frequency_hertz{chosen}", "now"),
                                    (f"node_cpu_scaling_frequency_max_hertz{chosen}", "most")]),
            ("Load of the core", "percentunit",
             [(f'1 - rate(node_cpu_seconds_total{chosen[:-1]}, mode="idle"}}[1m])', "load")])):
        p.add("timeseries", title, (24, 8), unit, *series, about=NEEDS)
    p.plot("SoC", "celsius", ("clusterbmc_board_soc_temperature_celsius{BOARD}", "SoC"),
           ("clusterbmc_board_temperature_red_celsius{BOARD} > 0", "red line"))
    p.plot("GPU", "celsius", ("clusterbmc_board_gpu_temperature_celsius{BOARD}", "GPU"))
    return dashboard("CPU frequency and temperature", FREQUENCY, p, node=True, core=True)


def choice(name, query):
    return grafana.variable(name, "query", query, datasource=grafana.SOURCE, refresh=2, sort=1)


def dashboard(title, uid, page, node=False, core=False):
    choices = [grafana.variable("source", "datasource", "prometheus"),
               choice("cluster", 'label_values(up{nodename="main"}, cluster)')]
    if node:
        choices.append(choice("node", filled("label_values(node_cluster_up{ONE}, subnode)")))
    if core:
        choices.append(choice(
            "core", filled("label_values(node_cpu_scaling_frequency_hertz{NODE}, cpu)")))
    links = [{"type": "dashboards", "tags": ["clusterbmc"], "title": "clusterbmc",
              "asDropdown": True, "includeVars": True, "keepTime": True}]
    return json.dumps({"title": title, "uid": uid, "tags": ["clusterbmc"], "schemaVersion": 36,
                       "editable": True, "refresh": "5s", "links": links,
                       "time": {"from": "now-1h", "to": "now"},
                       "templating": {"list": choices}, "panels": page.panels}, indent=1) + "\n"


FILES = {"overview.json": overview, "details.json": details, "cpu.json": frequency}


def main(words):
    folder, old = HERE / "dashboards", []
    for name, make in FILES.items():
        if words != ["--check"]:
            (folder / name).write_text(make())
        elif not (folder / name).exists() or (folder / name).read_text() != make():
            old.append(name)
    print("".join(f"not current: conf/grafana/dashboards/{name}\n" for name in old), end="")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

# SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus with the shipped configuration scrapes an agent by TLS and password, and a
board's node_exporter: the seed's examples, alerts, and every query of the dashboards."""
import contextlib
import json
import re
import subprocess

import pytest
import requests

import prometheus_rig as rig
from conftest import Agents
from harness import BUILD, TOP, eventually, free_ports
from test_update import SERVICE, curl, end_of, image_bytes, system

pytestmark = [pytest.mark.plain_only]

DASHBOARDS = sorted((TOP / "conf/grafana/dashboards").glob("*.json"))
EXPORTER = "prometheus-node-exporter"
BOARD = "sub1-03"
AT = r" @\[\d+(?:\.\d+)?\]"


def fake_sysfs(folder):
    """Six cores with a frequency each, which a virtual machine does not have."""
    for core in range(6):
        cpufreq = folder / f"devices/system/cpu/cpu{core}/cpufreq"
        cpufreq.mkdir(parents=True)
        for name, value in (("scaling_cur_freq", 1416000), ("scaling_min_freq", 408000),
                            ("scaling_max_freq", 1800000), ("cpuinfo_min_freq", 408000),
                            ("cpuinfo_max_freq", 1800000), ("scaling_governor", "interactive"),
                            ("scaling_driver", "cpufreq-dt"),
                            ("scaling_available_governors", "interactive performance"),
                            ("scaling_setspeed", "<unsupported>"), ("related_cpus", core)):
            (cpufreq / name).write_text(f"{value}\n")
    return folder


@contextlib.contextmanager
def exporter(folder):
    """Of sub1-03, at the address that the configuration takes for it."""
    address = f"127.0.1.3:{free_ports(1)[0]}"
    process = subprocess.Popen(
        [EXPORTER, f"--web.listen-address={address}", f"--path.sysfs={fake_sysfs(folder)}",
         "--collector.disable-defaults", "--log.level=error",
         *(f"--collector.{c}" for c in ("cpu", "cpufreq", "loadavg", "filefd", "filesystem",
                                        "stat"))], stdin=subprocess.DEVNULL)
    try:
        yield address
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def site():
    rig.needs("prometheus", "prometheus")
    rig.needs(EXPORTER, EXPORTER)
    one = Agents.new()
    try:
        one.start()
        rig.make_reader(one)
        one.stop()
        one.start_daemon(lambda text: text + "metrics: {anonymous: no}\n")
        yield one
    finally:
        Agents.remove(one)


@pytest.fixture(scope="module")
def prometheus(site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    one = rig.Prometheus(folder)
    one.put("ca.pem", rig.certificate(site))
    one.put("agents.yml", json.dumps([{"targets": [f"127.0.0.1:{site.https_port}"]}]))
    with exporter(folder / "sys") as address, one.running():
        one.put("boards.yml", json.dumps([{"targets": [address]}]))
        eventually(lambda: sorted(n for n, v in (
            (m["nodename"], v) for m, v in one.query("up")) if v == 1) == ["main", BOARD], 60)
        yield one


def lines(prometheus, site, query, expected):
    """The first line that promtool prints is the seed's, for our instance. `expected` has
    numbers for NUMBER."""
    instance = re.escape(f"127.0.0.1:{site.https_port}")
    pattern = re.escape(expected).replace("INSTANCE", instance).replace(
        "NUMBER", r"-?\d+(?:\.\d+)?") + AT

    def matching():
        found = prometheus.instant(query)
        print(found[:3])
        return found if any(re.fullmatch(pattern, line) for line in found) else None
    return eventually(matching, 10)  # a busy machine misses a scrape


# what the seed asks for and, but for the instance, prints (IV.1, IV.5.8)
EXAMPLES = [
    ("node_cluster_up", 72, 'node_cluster_up{instance="INSTANCE", job="node", nodename="main", '
     'state="android", subnode="sub1-01"} => 1'),
    ('node_hwmon_temp_celsius{chip=~"platform_ntc.*"}', 72,
     'node_hwmon_temp_celsius{chip="platform_ntc", instance="INSTANCE", job="node", '
     'nodename="sub1-01", sensor="temp1"} => NUMBER'),
    ("node_cluster_env_temp_celsius", 1, 'node_cluster_env_temp_celsius{instance="INSTANCE", '
     'job="node", nodename="main"} => NUMBER'),
    ("node_cluster_fan_speed", 10, 'node_cluster_fan_speed{fan="fan1", instance="INSTANCE", '
     'job="node", nodename="main"} => NUMBER'),
    ("node_cluster_disk_up", 2, 'node_cluster_disk_up{device="disk1", instance="INSTANCE", '
     'job="node", model="ST1000DM010-2EP1", nodename="main"} => 1'),
    ("node_cluster_disk_bytes_total", 2, 'node_cluster_disk_bytes_total{device="disk1", '
     'instance="INSTANCE", job="node", nodename="main"} => 1000204886016'),
    ("node_cluster_disk_bytes_used", 2, 'node_cluster_disk_bytes_used{device="disk1", '
     'instance="INSTANCE", job="node", nodename="main"} => 121475072'),
    ("node_network_ipaddr", 72, 'node_network_ipaddr{device="eth0", instance="INSTANCE", '
     'ipaddr="192.168.1.102", job="node", nodename="sub1-02"} => 1'),
]


@pytest.fixture(scope="module")
def disk(site, prometheus):
    """The seed's, and a board with an address."""
    for field, value in (("model", "ST1000DM010-2EP1"), ("bytes", 1000204886016),
                         ("used_bytes", 121475072)):
        site.sim("set", kind="disk", id="disk1", field=field, value=value)
    site.sim("set", kind="board", id="sub1-02", field="ip", value="192.168.1.102")
    eventually(lambda: prometheus.query('node_cluster_disk_bytes_used == 121475072'), 30)
    eventually(lambda: prometheus.query(
        'node_network_ipaddr{nodename="sub1-02", ipaddr!=""}'), 30)
    eventually(lambda: sum(v for _, v in prometheus.query("node_cluster_up")) >= 72, 60)


@pytest.mark.parametrize("query,count,expected", EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_example_of_the_seed_is_printed(prometheus, site, disk, query, count, expected):
    assert len(lines(prometheus, site, query, expected)) >= count


def test_an_update_is_printed_as_in_the_seed(prometheus, site):
    name = "SR-C11G-3399JD4_Android10_HDMI_201202.img"
    path = site.folder / name
    path.write_bytes(image_bytes(1))
    status, headers, _ = curl(
        site, "-F", f'UpdateParameters={json.dumps({"Targets": [system("sub1-02")]})}'
        ";type=application/json", "-F", f"UpdateFile=@{path};type=application/octet-stream",
        site.url(f"{SERVICE}/update-multipart"))
    assert status == 202
    assert end_of(site, headers)["TaskState"] == "Completed"
    query = 'node_cluster_firmware_upgrade_stat{node="sub1-02",state=~"done|error"}'
    eventually(lambda: prometheus.query(query), 30)
    lines(prometheus, site, query, f'node_cluster_firmware_upgrade_stat{{firmware="{name}", '
          'instance="INSTANCE", job="node", node="sub1-02", nodename="main", state="done"} => 100')
    assert not prometheus.instant(
        'node_cluster_firmware_upgrade_stat{node="sub1-02",state="flashing"}')


def test_metrics_of_a_board_have_the_seed_s_labels(prometheus):
    pattern = (r'node_filefd_allocated\{instance="127\.0\.1\.3:\d+", job="node", '
               rf'nodename="{BOARD}"\}} => \d+{AT}')
    eventually(lambda: [line for line in prometheus.instant("node_filefd_allocated")
                        if re.fullmatch(pattern, line)], 10)


def test_nothing_is_read_without_the_password(site):
    r = requests.get(site.url("/metrics"), verify=False, timeout=60)
    assert r.status_code == 401


def linted(text):
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True,
                          text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def without_the_seed_s_names(text):
    return "".join(line for line in text.splitlines(keepends=True)
                   if not re.match(r"(?:# (?:HELP|TYPE) )?node_", line))


def test_promtool_has_no_lint_on_clean_names(prometheus, site):
    """Of the seed's names one is not as Prometheus would have it; it is kept."""
    text = site.get("/metrics").text
    assert linted(without_the_seed_s_names(text)) == (0, "")
    status, said = linted(text)
    assert status != 0 and said.splitlines() == [
        'node_cluster_disk_bytes_total non-counter metrics should not have "_total" suffix']


def test_alerts_follow_the_hardware(prometheus, site):
    """Pending is enough: rules-test.yml shows how long each waits."""
    def pending():
        return {(a["labels"]["alertname"], a["labels"].get(k)) for a in
                prometheus.api("alerts")["alerts"] for k in ("fan", "psu", "board", "chassis")}
    faults = [("fan", "fan3", "rpm", 0), ("psu", "psu2", "input_ok", False)]
    assert not {a for a in pending() if a[1] in ("fan3", "psu2", "sub2-02")}
    site.sim("set", kind="board", id="sub2-02", field="usb_mode", value="none")
    for kind, ident, field, value in faults:
        site.sim("set", kind=kind, id=ident, field=field, value=value)
    try:
        eventually(lambda: pending() >= {
            ("ClusterBmcFanFailed", "fan3"), ("ClusterBmcPsuFailed", "psu2"),
            ("ClusterBmcPowerNotRedundant", "enclosure"),
            ("ClusterBmcBoardOffline", "sub2-02")}, 30)
        # the list of alarms has something to show, and rates have two scrapes
        eventually(lambda: not unanswered(prometheus), 30, 1)
    finally:
        site.sim("clear")


# what is unknown, or not there, in a chassis that is well
EMPTY = re.compile(r"_red_\w+\{.*\} > 0")


def unanswered(prometheus):
    """Queries of the dashboards that find nothing, with these choices of the selectors."""
    empty = []
    for path in DASHBOARDS:
        body = json.loads(path.read_text())
        for panel in body["panels"]:
            for target in panel["targets"]:
                query = target["expr"].replace("$cluster", "").replace("$node", BOARD).replace(
                    "$core", "0")
                found = prometheus.query(query)
                if not found and not EMPTY.search(query):
                    empty.append(f"{path.stem}, {panel['title']}: {query}")
                legend = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
                assert all(legend <= set(labels) for labels, _ in found), query
    print("\n".join(empty))
    return empty


def test_selectors_of_the_dashboards_have_choices(prometheus):
    for path in DASHBOARDS:
        for variable in json.loads(path.read_text())["templating"]["list"][1:]:
            series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]).groups()
            series = series.replace("$cluster", "").replace("$node", BOARD)
            values = {labels.get(label, "") for labels, _ in
                      eventually(lambda q=series: prometheus.query(q), 10)}
            assert ("" in values) == (variable["name"] == "cluster"), variable


def test_what_bmc_scan_finds_is_scraped(site, tmp_path):
    """fleet.yml, with the list of `bmc-scan --serve`."""
    if not (BUILD / "bmc-scan").exists():
        pytest.skip("bmc-scan was not built")
    one = rig.Prometheus(tmp_path)
    one.put("ca.pem", rig.certificate(site))
    with rig.discovery([site], tmp_path, 5) as url:
        one.discover(url)
        with one.running():
            eventually(lambda: one.query('up{job="node", nodename="main"} == 1'), 30)
            [(labels, boards)] = one.query("count by (instance) (node_cluster_up)")
            assert boards == 73 and labels["instance"] == f"127.0.0.1:{site.https_port}"


def test_the_rules_are_evaluated(prometheus):
    groups = prometheus.api("rules")["groups"]
    assert sum(len(g["rules"]) for g in groups) == 23
    assert all(r["health"] == "ok" for g in groups for r in g["rules"]), groups

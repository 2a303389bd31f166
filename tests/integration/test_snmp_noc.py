# SPDX-License-Identifier: Apache-2.0
"""What the NOC's tools load (mibs/README.md), by the tools themselves against an R2."""
import calendar
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import requests
import yaml

from harness import BUILD, PASSPHRASE, R2_BOARDS, SLOW, TOP, eventually, free_ports
from snmp_packets import Manager

sys.path.insert(0, str(TOP / "mibs/noc"))
import choice  # noqa: E402
import prometheus  # noqa: E402
from mib import Module  # noqa: E402

pytestmark = [pytest.mark.plain_only]

MIBS = TOP / "mibs"
MOVING = ("cbmcDataAge", "cbmcTime")  # in one snapshot, too


def needs(program, package):
    if not shutil.which(program, path="/usr/bin:/usr/sbin:/usr/lib/nagios/plugins"):
        pytest.skip(f"{program} is not here (apt install {package})")


@pytest.fixture(scope="module")
def mib():
    return Module((MIBS / "CLUSTER-BMC-MIB.txt").read_text())


def walked(agent, mib):
    """{object name: {index: (tag, content)}} of all that the agent answers of our MIB."""
    columns = {o.oid: o.name for o in mib.objects.values() if o.readable}
    found = {}
    with Manager(agent) as manager:
        for name, tag, content in manager.walk(mib.enterprise, 50, (*mib.enterprise, 2)):
            length = next((n for n in range(len(name)) if name[:n] in columns), None)
            assert length, f"{name} is not in the MIB"
            found.setdefault(columns[name[:length]], {})[name[length:]] = (tag, content)
    return found


# ---- Prometheus ----

@contextlib.contextmanager
def exporter(folder, config):
    """Debian's snmp_exporter with its defaults; its address."""
    port = free_ports(1)[0]
    with open(folder / "exporter.log", "wb") as log:
        process = subprocess.Popen(
            ["prometheus-snmp-exporter", f"--config.file={config}",
             f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log,
            stdin=subprocess.DEVNULL)
    try:
        def up():
            assert process.poll() is None, (folder / "exporter.log").read_text()
            with contextlib.suppress(requests.ConnectionError):
                return local(f"http://127.0.0.1:{port}/", timeout=10).ok
        eventually(up, 10)
        yield f"http://127.0.0.1:{port}/snmp"
    finally:
        process.terminate()
        process.wait(30)


def local(url, **kw):
    """A GET that asks no proxy."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, **kw)


SERIES = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def series(text):
    """{(name, {(label, value)}): value}; fails when a series is there twice."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, labels, value = SERIES.match(line).groups()
            key = name, frozenset(LABEL.findall(labels or ""))
            assert key not in found, f"twice: {line}"
            found[key] = float(value)
    return found


def number(content, tag=2):
    return int.from_bytes(content, "big", signed=tag == 2)


def seconds(content):
    """Of DateAndTime, as a UNIX time."""
    year, (month, day, hour, minute, second) = int.from_bytes(content[:2], "big"), content[2:7]
    at = calendar.timegm((year, month, day, hour, minute, min(second, 59)))
    if len(content) == 11:
        at -= (1 if content[8:9] == b"+" else -1) * (content[9] * 3600 + content[10] * 60)
    return at


def expected(o, key, value, labels):
    """Series that an object's value becomes."""
    tag, content = value
    kind = prometheus.kind(o)
    if kind == "DateAndTime":
        return {(o.name, labels): seconds(content)}
    if kind == "EnumAsInfo":
        return {(o.name + "_info", labels | {(o.name, o.values[number(content)])}): 1}
    if kind == "EnumAsStateSet":
        return {(o.name, labels | {(o.name, word)}): float(number(content) == n)
                for n, word in o.values.items()}
    return {(o.name, labels): number(content, tag)}


def expected_series(mib, found):
    every = {}
    names = {table.name: texts for table, _, texts in choice.tables(mib)}
    for o in choice.readings(mib):
        for key, value in found.get(o.name, {}).items():
            labels = frozenset() if not o.table else frozenset(
                [*zip(o.index, map(str, key)),
                 *((t.name, found[t.name][key][1].decode()) for t in names[o.table.name])])
            every.update(expected(o, key, value, labels))
    return every


@pytest.mark.parametrize("module", ["clusterbmc", "clusterbmc_v3"])
def test_debians_exporter_shows_every_reading_of_72_boards(agent, mib, tmp_path, module):
    needs("prometheus-snmp-exporter", "prometheus-snmp-exporter")
    text = (MIBS / "prometheus/snmp.yml").read_text()
    assert "max_repetitions" not in yaml.safe_load(text)[module], "its defaults"
    (tmp_path / "snmp.yml").write_text(text.replace("CHANGE-ME", PASSPHRASE))
    with exporter(tmp_path, tmp_path / "snmp.yml") as url:
        with agent.pinned():
            asked = local(url, params={"target": f"127.0.0.1:{agent.snmp_port}",
                                       "module": module}, timeout=60 * SLOW)
            found = walked(agent, mib)
    assert asked.status_code == 200, asked.text[:2000]
    shown, wanted = series(asked.text), expected_series(mib, found)
    for fresh in [k for k in shown if k[0] in MOVING or k[0].startswith("snmp_scrape")]:
        del shown[fresh]
    wanted = {k: v for k, v in wanted.items() if k[0] not in MOVING}
    assert shown == wanted, sorted(map(str, shown.items() ^ wanted.items()))[:10]
    boards = {dict(labels)["cbmcBoardId"] for name, labels in shown if name == "cbmcBoardStatus"}
    assert boards == {*R2_BOARDS, "main"} and len(shown) > 5000


def test_exporter_agrees_with_redfish(agent, tmp_path):
    needs("prometheus-snmp-exporter", "prometheus-snmp-exporter")
    with exporter(tmp_path, MIBS / "prometheus/snmp.yml") as url, agent.pinned():
        text = local(url, params={"target": f"127.0.0.1:{agent.snmp_port}",
                                  "module": "clusterbmc"}, timeout=60 * SLOW).text
        systems = agent.json("Systems?$expand=.")["Members"]
    on = {dict(labels)["cbmcBoardId"]: dict(labels)["cbmcBoardPowerState"]
          for (name, labels), value in series(text).items()
          if name == "cbmcBoardPowerState" and value == 1}
    assert {s["Id"]: s["PowerState"].lower() for s in systems} == \
        {board: word.replace("poweringO", "poweringo") for board, word in on.items()}


def metrics_of(mib):
    """({metric: its labels}, {metric: words of its enumeration}) of the exporter's module."""
    labels, words = {}, {}
    for metric in prometheus.parts(mib)[2]:
        name = metric["name"] + ("_info" if metric["type"] == "EnumAsInfo" else "")
        labels[name] = {"instance", "job", metric["name"],
                        *(i["labelname"] for i in metric.get("indexes", [])),
                        *(look["labelname"] for look in metric.get("lookups", []))}
        words[name] = set(metric.get("enum_values", {}).values())
    return labels, words


def check_expression(expression, mib):
    """Each metric is one of the module's, each label one of its own, each word one of its
    enumeration's; the metrics' labels."""
    labels, words = metrics_of(mib)
    used = set()
    for name, inside in re.findall(r"(?<![\w{,\"])(cbmc\w+)(?:\{([^}]*)\})?",
                                   re.sub(r"(by|on) \([^)]*\)", "", expression)):
        assert name in labels, f"{name}: {expression}"
        used |= labels[name]
        for label, value in re.findall(r'(\w+)=~?"([^"]*)"', inside):
            assert label in labels[name], f"{label}: {expression}"
            if label == name:
                assert set(value.split("|")) <= words[name], expression
    for label in re.findall(r"(?:by|on) \(([^)]*)\)", expression):
        assert set(re.split(r",\s*", label)) <= used, expression
    return used


def test_alert_rules_use_metrics_that_exist(mib):
    rules = yaml.safe_load((MIBS / "prometheus/alerts.yml").read_text())["groups"][0]["rules"]
    assert len(rules) > 10 and len({r["alert"] for r in rules}) == len(rules)
    for rule in rules:
        used = check_expression(rule["expr"], mib) | {"instance"}
        assert set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])) <= used
        assert rule["labels"]["severity"] in ("warning", "critical")


def test_dashboard_uses_metrics_that_exist(mib):
    body = json.loads((MIBS / "grafana/clusterbmc.json").read_text())
    places = set()
    for panel in body["panels"]:
        for target in panel["targets"]:
            used = check_expression(target["expr"], mib)
            assert used and 'instance="$instance"' in target["expr"]
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= used
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                 for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & places and at["x"] + at["w"] <= 24, panel["title"]
        places |= cells
    assert len({p["id"] for p in body["panels"]}) == len(body["panels"]) >= 10


@pytest.mark.parametrize("wrong", [
    "cbmcBoardsOff == 0", 'cbmcHealth{cbmcHealth="ill"}', 'cbmcFanRpm{cbmcBoardId="sub1-01"}',
    "sum by (cbmcBoardId) (cbmcFanRpm)"])
def test_an_expression_that_finds_nothing_is_noticed(mib, wrong):
    with pytest.raises(AssertionError):
        check_expression(wrong, mib)


# ---- Nagios ----

def nagios_commands():
    text = (MIBS / "nagios/clusterbmc.cfg").read_text()
    return dict(re.findall(r"command_name\s+(\S+)\n\s+command_line\s+(.*)\n", text))


def run_check(agent, command, *words):
    """(exit status, output) of a command as Nagios runs it."""
    macros = {"USER1": "/usr/lib/nagios/plugins", "HOSTADDRESS": "127.0.0.1",
              "_HOSTSNMPPORT": agent.snmp_port, "_HOSTSNMPCOMMUNITY": "public",
              "_HOSTSNMPUSER": "noc", "_HOSTSNMPAUTH": PASSPHRASE, "_HOSTSNMPPRIV": PASSPHRASE,
              **{f"ARG{i}": word for i, word in enumerate(words, 1)}}
    line = re.sub(r"\$(\w+)\$", lambda m: str(macros[m[1]]), nagios_commands()[command])
    run = subprocess.run(line, shell=True, capture_output=True, text=True, check=False,
                         timeout=120 * SLOW)
    return run.returncode, run.stdout


ARGUMENTS = {"boards_present": ("70", "60"), "boards_on": ("70", "60"), "power": ("5000", "6000"),
             "board_health": ("1.3",), "board_present": ("9.8",),
             "board_soc_temperature": ("1.3", "85", "95"), "blade_health": ("4",),
             "fan_rpm": ("2", "1000", "500"), "psu_health": ("1",), "sensor_health": ("1",),
             "disk_failure_predicted": ("1",)}


@pytest.mark.parametrize("version", ["", "_v3"])
def test_nagios_commands_are_right_about_a_chassis_that_is_well(agent, version):
    needs("check_snmp", "monitoring-plugins-standard")
    eventually(lambda: agent.snmpget("cbmcHealth.0") == "ok"
               and agent.snmpget("cbmcBoardSocTemperature.1.3"), 60)
    names = {c.removeprefix("check_cbmc_").removesuffix("_v3") for c in nagios_commands()}
    assert set(ARGUMENTS) < names
    for name in names:
        status, said = run_check(agent, f"check_cbmc_{name}{version}", *ARGUMENTS.get(name, ()))
        assert status == 0 and "OK" in said and "|" in said, f"{name}: {said}"


@pytest.mark.parametrize("command,arguments,sick", [
    ("psu_health", ("1",), {"kind": "psu", "id": "psu1", "field": "input_ok", "value": False}),
    ("board_present", ("9.8",), {"kind": "board", "id": "sub9-08", "field": "present",
                                 "value": False}),
    ("boards_present", ("72", "72"), {"kind": "board", "id": "sub9-08", "field": "present",
                                      "value": False}),
    ("fan_rpm", ("2", "1000", "500"), {"kind": "fan", "id": "fan2", "field": "rpm", "value": 0})])
def test_nagios_commands_see_what_fails(agent, command, arguments, sick):
    needs("check_snmp", "monitoring-plugins-standard")
    agent.sim("set", **sick)
    try:
        eventually(lambda: run_check(agent, f"check_cbmc_{command}", *arguments)[0] == 2, 30, 0.2)
        assert "CRITICAL" in run_check(agent, f"check_cbmc_{command}_v3", *arguments)[1]
    finally:
        agent.sim("clear", id=sick["id"])
    eventually(lambda: run_check(agent, f"check_cbmc_{command}", *arguments)[0] == 0, 60, 0.2)


# ---- LibreNMS, Zabbix: no such program is here, so their steps are taken one by one ----

def rows_of(found, column):
    return {".".join(map(str, key)): value for key, value in found.get(column, {}).items()}


def test_librenms_finds_sensors_of_each_class_with_a_name(agent, mib):
    eventually(lambda: agent.snmpget("cbmcBoardSocTemperature.1.3"), 60)
    with agent.pinned():
        found = walked(agent, mib)
    modules = yaml.safe_load((MIBS / "librenms/os_discovery/clusterbmc.yaml").read_text())["modules"]
    seen = {}
    for kind, data in modules["sensors"].items():
        for sensor in data["data"]:
            for index, (tag, content) in rows_of(found, sensor["value"]).items():
                skip = [number(rows_of(found, rule["oid"])[index][1]) != rule["value"]
                        for rule in sensor.get("skip_values", [])]
                if any(skip):
                    continue
                name = re.sub(r"\{\{ \$(\w+) \}\}", lambda m: rows_of(found, m[1])[index][1].decode(),
                              sensor["descr"])
                assert name.strip() and "{{" not in name
                value = number(content, tag) / sensor.get("divisor", 1)
                assert (kind, name) not in seen, f"twice: {kind} {name}"
                seen[kind, name] = value
                if kind == "state":
                    assert value in {s["value"] for s in sensor["states"]}
    assert {kind for kind, _ in seen} >= {"temperature", "power", "fanspeed", "voltage", "state"}
    hot = [v for (kind, _), v in seen.items() if kind == "temperature"]
    assert len(hot) > 100 and all(5 < v < 110 for v in hot)
    assert seen["state", "sub1-03 health"] in (1, 2, 3, 4)
    assert all(0 < v < 400 for (kind, _), v in seen.items() if kind == "voltage")


def zabbix_rows(found, mib, rule):
    """What "SNMP walk to JSON" makes: {index: {macro: text}}."""
    by_oid = {o.dotted: o.name for o in mib.objects.values()}
    parameters, rows = rule["preprocessing"][0]["parameters"], {}
    for macro, oid, form in zip(parameters[::3], parameters[1::3], parameters[2::3]):
        assert form == "0"
        for index, (_, content) in rows_of(found, by_oid[oid]).items():
            rows.setdefault(index, {})[macro] = content.decode()
    return rows


def test_zabbix_cuts_every_reading_out_of_its_walks(agent, mib):
    with agent.pinned():
        found = walked(agent, mib)
    body = yaml.safe_load((MIBS / "zabbix/clusterbmc.yaml").read_text()
                          )["zabbix_export"]["templates"][0]
    walks = {i["key"]: i["snmp_oid"] for i in body["items"]}
    by_oid = {o.dotted: o.name for o in mib.objects.values()}
    cut, boards = set(), None
    for rule in body["discovery_rules"]:
        rows = zabbix_rows(found, mib, rule)
        if rule["key"] == "cbmc.board.discovery":
            boards = {macros["{#ID}"] for macros in rows.values()}
        walk = walks[rule["master_item"]["key"]].removeprefix("walk[").rstrip("]").split(",")
        assert set(rule["preprocessing"][0]["parameters"][1::3]) <= set(walk)
        for item in rule["item_prototypes"]:
            oid, _, index = item["preprocessing"][0]["parameters"][0].rpartition(".{")
            assert index == "#SNMPINDEX}" and oid in walk
            known = rows_of(found, by_oid[oid])
            assert set(known) <= set(rows)
            if known:
                cut.add(by_oid[oid])
    assert boards == {*R2_BOARDS, "main"}
    with_values = {o.name for o in choice.readings(mib) if o.table and found.get(o.name)}
    assert cut == with_values and len(cut) > 60


# ---- the recording, for who has no hardware ----

@contextlib.contextmanager
def snmpsim(folder, recording):
    """Debian's snmpsimd with one recording, read by the community `clusterbmc`; its port."""
    (folder / "data").mkdir()
    (folder / "cache").mkdir()
    (folder / "data/clusterbmc.snmprec").write_text(recording)
    for path in (folder, folder / "data", folder / "cache"):
        path.chmod(0o777)
    port = free_ports(1)[0]
    words = ["snmpsimd", "--v2c-arch", f"--data-dir={folder}/data", f"--cache-dir={folder}/cache",
             f"--variation-modules-dir={folder}/none", "--logging-method=null",
             f"--agent-udpv4-endpoint=127.0.0.1:{port}"]
    if os.geteuid() == 0:
        words += ["--process-user=nobody", "--process-group=nogroup"]
    with open(folder / "snmpsim.log", "wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.kill()
        process.wait(30)


def read_from(port, *words):
    run = subprocess.run(["snmpbulkwalk", "-v2c", "-c", "clusterbmc", "-m", "", "-Onq", "-Cr20",
                          *words, f"127.0.0.1:{port}", ".1.3"], capture_output=True, text=True,
                         timeout=300 * SLOW, check=False)
    return run.stdout if run.returncode == 0 else ""


def test_recording_is_served_by_snmpsim():
    needs("snmpsimd", "snmpsim")
    text = (MIBS / "recording/clusterbmc.snmprec").read_text()
    with tempfile.TemporaryDirectory(prefix="clusterbmc-sim.") as folder, \
            snmpsim(Path(folder), text) as port:
        eventually(lambda: read_from(port, "-t1", "-r0"), 30, 0.5)
        served = re.findall(r"^\.([\d.]+) (?!No more)", read_from(port, "-t10"), re.M)
    assert served == [line.split("|")[0] for line in text.splitlines()]


def test_a_recording_of_ones_own_has_what_the_agent_answers(agent):
    def recorded():
        run = subprocess.run([str(MIBS / "noc/record.py"), f"127.0.0.1:{agent.snmp_port}"],
                             capture_output=True, text=True, timeout=300 * SLOW, check=True)
        return [line.split("|") for line in run.stdout.splitlines()]
    agent.snmpset("cbmcBoardName.1.2", "s", 'odd | "name" \u00e9\\n ')
    try:
        eventually(lambda: agent.snmpget("cbmcBoardName.1.2"))
        with agent.pinned(), Manager(agent) as manager:
            found, lines = manager.walk(repetitions=50), recorded()
    finally:
        agent.snmpset("cbmcBoardName.1.2", "s", "")
    assert [tuple(map(int, line[0].split("."))) for line in lines] == [name for name, _, _ in found]
    moving = 0
    for (_, tag, value), (name, kind, content) in zip(lines, found):
        assert int(tag.rstrip("x")) == kind
        ours = name[:7] == (1, 3, 6, 1, 4, 1, 32473)
        if kind == 4:
            text = bytes.fromhex(value) if tag == "4x" else value.encode()
            moving += ours and text != content
        elif kind in (2, 66, 70) and ours:
            moving += int(value) != number(content, kind)
    assert moving <= len(MOVING), "all else is pinned"

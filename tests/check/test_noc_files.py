# SPDX-License-Identifier: Apache-2.0
"""What mibs/noc makes of the MIB for the NOC's tools: current, well-formed, placed where configure
says. Tools that can be had here judge their own files: snmp_exporter's generator, snmptranslate."""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sources import TOP

sys.path.insert(0, str(TOP / "mibs/noc"))
import choice  # noqa: E402
import generate  # noqa: E402
from mib import Module  # noqa: E402

pytestmark = [pytest.mark.plain_only]

BUILD = Path(os.environ.get("CLUSTERBMC_BUILD", TOP / "build"))
MIBS = TOP / "mibs"


@pytest.fixture(scope="module")
def mib():
    return Module((MIBS / "CLUSTER-BMC-MIB.txt").read_text())


def load(path):
    return yaml.safe_load((MIBS / path).read_text())


def test_files_are_what_the_mib_says_now():
    assert not generate.stale(), "run mibs/noc/generate.py"


def test_check_names_a_file_that_is_not_current(tmp_path, capsys):
    shutil.copytree(MIBS, tmp_path / "mibs", ignore=shutil.ignore_patterns("__pycache__"))
    changed = tmp_path / "mibs/zabbix/clusterbmc.yaml"
    changed.write_text(changed.read_text() + "\n")
    run = [sys.executable, str(tmp_path / "mibs/noc/generate.py")]
    assert subprocess.run([*run, "--check"], capture_output=True, text=True, check=False,
                          timeout=60).stdout == "not current: mibs/zabbix/clusterbmc.yaml\n"
    assert subprocess.run(run, check=False, timeout=60).returncode == 0
    assert subprocess.run([*run, "--check"], check=False, timeout=60).returncode == 0
    assert changed.read_text() == (MIBS / "zabbix/clusterbmc.yaml").read_text()


def test_reader_of_the_mib_finds_what_the_agent_serves(mib):
    out = subprocess.run([str(BUILD / "tests/check/dump-snmp")], capture_output=True, text=True,
                         timeout=30, check=True).stdout
    table, served = None, {}
    for words in map(str.split, out.splitlines()):
        if words[0] == "table":
            table = words
        if words[0] == "column":
            below = (int(table[2]), 1) if len(table) > 4 else (int(table[2]),)
            served[words[1]] = (*mib.oid("cbmcObjects"), *below, int(words[2]))
    assert served == {o.name: o.oid for o in mib.objects.values() if o.readable}


def test_reader_of_the_mib_agrees_with_net_snmp(mib):
    """Types, words of enumerations, units and hints, as snmptranslate prints them."""
    names = [o.name for o in mib.objects.values() if o.readable]
    run = subprocess.run(["snmptranslate", "-M", f"{MIBS}:{MIBS}/base", "-m", "CLUSTER-BMC-MIB",
                          "-Td", *(f"CLUSTER-BMC-MIB::{n}" for n in names)],
                         capture_output=True, text=True, timeout=60, check=True)
    texts = re.findall(r"^(\w+) OBJECT-TYPE\n(.*?)^::= ", run.stdout, re.M | re.S)
    assert [name for name, _ in texts] == names
    for name, text in texts:
        o = mib.objects[name]
        syntax = re.search(r"^  SYNTAX\s+(.*?)\s*$", text, re.M)[1]
        if o.values:
            assert syntax.partition(" {")[2].rstrip("} ") == \
                ", ".join(f"{w}({n})" for n, w in o.values.items()), name
        units = re.search(r'^  UNITS\s+"(.*)"', text, re.M)
        assert o.units == (units[1] if units else ""), name


# ---- Prometheus ----

@pytest.mark.parametrize("name", ["clusterbmc", "clusterbmc_v3"])
def test_exporters_own_generator_makes_the_same_module(tmp_path, name):
    if not shutil.which("prometheus-snmp-generator"):
        pytest.skip("prometheus-snmp-generator is not here (apt install prometheus-snmp-exporter)")
    shutil.copy(MIBS / "prometheus/generator.yml", tmp_path)
    run = subprocess.run(["prometheus-snmp-generator", "generate"], cwd=tmp_path, timeout=120,
                         capture_output=True, text=True, check=False,
                         env={**os.environ, "MIBDIRS": f"{MIBS}:{MIBS}/base"})
    assert run.returncode == 0, run.stderr
    theirs = yaml.safe_load((tmp_path / "snmp.yml").read_text())[name]
    ours = load("prometheus/snmp.yml")[name]
    assert [m["name"] for m in ours["metrics"]] == [m["name"] for m in theirs["metrics"]]
    for one, other in zip(ours["metrics"], theirs["metrics"]):
        assert one == other
    assert ours == theirs


def test_no_text_is_a_metric_and_every_row_has_a_name(mib):
    for metric in load("prometheus/snmp.yml")["clusterbmc"]["metrics"]:
        o = mib.objects[metric["name"]]
        grows = o.base == "Counter64" and o.syntax == "Counter64"
        assert (metric["type"] == "counter") == grows, o.name
        assert o.base != "OCTET STRING" and metric["type"] not in ("DisplayString", "OctetString")
        if o.table:
            assert [i["labelname"] for i in metric["indexes"]] == o.index
            assert any(look["labelname"].endswith("Id") for look in metric["lookups"])


def test_both_kinds_of_configuration_read_the_same():
    old, new = load("prometheus/snmp.yml"), load("prometheus/snmp-auths.yml")
    assert new["modules"]["clusterbmc"] == {k: v for k, v in old["clusterbmc"].items()
                                            if k not in ("version", "auth")}
    for name, auth in new["auths"].items():
        assert auth == {**old[name]["auth"], "version": old[name]["version"]}


# ---- LibreNMS ----

SENSOR = {"oid", "value", "num_oid", "index", "descr", "group", "divisor", "states", "state_name",
          "low_limit", "low_warn_limit", "warn_limit", "high_limit", "skip_values"}
CLASSES = {"temperature", "voltage", "current", "power", "fanspeed", "percent", "humidity", "state"}


def sensors():
    for kind, data in load("librenms/os_discovery/clusterbmc.yaml")["modules"]["sensors"].items():
        for sensor in data["data"]:
            yield kind, sensor


def test_librenms_detects_the_device_by_its_sysobjectid(mib):
    found = load("librenms/os_detection/clusterbmc.yaml")
    assert set(found) <= {"os", "text", "type", "icon", "mib_dir", "over", "discovery",
                          "bad_entity_sensor_regex"}
    assert found["discovery"] == [{"sysObjectID": ["." + ".".join(map(str, mib.product))]}]


def test_librenms_sensors_are_of_its_schema_and_of_the_mib(mib):
    keys = set()
    for kind, sensor in sensors():
        assert kind in CLASSES and set(sensor) <= SENSOR, sensor
        o = mib.objects[sensor["value"]]
        assert sensor["num_oid"] == f".{o.dotted}.{{{{ $index }}}}"
        assert re.fullmatch(r"(\.\d+)+\.\{\{ \$index \}\}", sensor["num_oid"])
        assert sensor["oid"] == (o.table.name if o.table else o.name)
        for name in re.findall(r"\$(\w+)", sensor["descr"]):
            assert mib.objects[name].table is o.table
        assert (kind, sensor["index"], json.dumps(sensor.get("skip_values"))) not in keys
        keys.add((kind, sensor["index"], json.dumps(sensor.get("skip_values"))))
        if kind == "state":
            assert {s["value"]: s["descr"] for s in sensor["states"]} == o.values
            assert all(set(s) == {"value", "descr", "graph", "generic"} and 0 <= s["generic"] <= 3
                       for s in sensor["states"])
            assert len(sensor["state_name"]) <= 64
        else:
            assert not o.values
            assert sensor.get("divisor", 1) == (1000 if o.hint == "d-3" else 1), sensor
    assert {kind for kind, _ in sensors()} >= {"temperature", "voltage", "power", "fanspeed",
                                               "state"}
    health = next(s for _, s in sensors() if s["value"] == "cbmcBoardHealth")
    assert [s["generic"] for s in health["states"]] == [3, 0, 1, 2]


# ---- Zabbix ----

def template():
    return load("zabbix/clusterbmc.yaml")["zabbix_export"]["templates"][0]


def every(part, key):
    """All values of a key, at any depth."""
    if isinstance(part, dict):
        yield from ([part[key]] if key in part else [])
        for value in part.values():
            yield from every(value, key)
    if isinstance(part, list):
        for value in part:
            yield from every(value, key)


ITEM = {"uuid", "name", "type", "snmp_oid", "key", "history", "trends", "value_type", "units",
        "delay", "description", "valuemap", "preprocessing", "master_item", "tags", "triggers",
        "trigger_prototypes"}


def test_zabbix_template_is_whole():
    """What an import checks: identifiers, and that all that is named is there."""
    export = load("zabbix/clusterbmc.yaml")["zabbix_export"]
    body = template()
    assert export["version"] == "6.4" and body["groups"] == [{"name": "Templates/Server hardware"}]
    uuids = list(every(export, "uuid"))
    assert len(set(uuids)) == len(uuids) > 150
    assert all(re.fullmatch(r"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", u) for u in uuids)
    items = body["items"] + [i for r in body["discovery_rules"] for i in r["item_prototypes"]]
    keys = [i["key"] for i in items] + [r["key"] for r in body["discovery_rules"]]
    assert len(set(keys)) == len(keys)
    maps = {m["name"] for m in body["valuemaps"]}
    for item in items:
        assert set(item) <= ITEM and {"uuid", "name", "type", "key"} <= set(item), item
        assert len(item["name"]) <= 255 and len(item["key"]) <= 2048
        assert item.get("valuemap", {}).get("name") in maps | {None}
        assert item["type"] == ("SNMP_AGENT" if "snmp_oid" in item else "DEPENDENT")
        assert item.get("value_type") in (None, "FLOAT", "TEXT", "CHAR")
        if item["type"] == "DEPENDENT":
            assert item["master_item"]["key"] in keys and item["delay"] == "0"
        elif item["snmp_oid"].startswith("walk["):
            assert (item["value_type"], item["history"]) == ("TEXT", "0")
    for expression in every(export, "expression"):
        assert re.fullmatch(r"last\(/Cluster server by SNMP/(.*)\)=\d", expression)[1] in keys


def test_zabbix_items_have_the_unit_and_the_words_of_the_mib(mib):
    by_oid = {o.dotted: o for o in mib.objects.values()}
    body = template()
    maps = {m["name"]: {int(e["value"]): e["newvalue"] for e in m["mappings"]}
            for m in body["valuemaps"]}
    items = [(i["snmp_oid"].removesuffix(".0"), i) for i in body["items"]
             if not i["snmp_oid"].startswith("walk")]
    items += [(i["preprocessing"][0]["parameters"][0].removesuffix(".{#SNMPINDEX}"), i)
              for r in body["discovery_rules"] for i in r["item_prototypes"]]
    assert {oid for oid, _ in items} == {o.dotted for o in choice.readings(mib)}
    for oid, item in items:
        o = by_oid[oid]
        steps = {s["type"]: s["parameters"][0] for s in item.get("preprocessing", [])}
        thousandths = o.hint == "d-3" or o.units.startswith("milli")
        assert steps.get("MULTIPLIER") == ("0.001" if thousandths else None), o.name
        counts = o.base == "Counter64" and "Gauge" not in o.syntax and o.units != "hours"
        assert ("CHANGE_PER_SECOND" in steps) == counts, o.name
        assert ("FLOAT" == item.get("value_type")) == (thousandths or counts), o.name
        assert bool(o.values) == ("valuemap" in item)
        if o.values:
            assert maps[item["valuemap"]["name"]] == o.values
        wanted = {"watts": "W", "volts": "V", "percent": "%", "amperes": "A",
                  "degrees Celsius": "\N{DEGREE SIGN}C", "milliseconds": "s"}.get(o.units)
        assert not wanted or item["units"] == wanted, o.name


# ---- Nagios, snmptt ----

def test_snmptt_has_an_event_for_each_notification(mib):
    text = (MIBS / "snmptt/clusterbmc.conf").read_text()
    events = re.findall(r'^EVENT (\w+) \.([\d.]+) "Status Events" (Normal|WARNING|CRITICAL)\n'
                        r"FORMAT (.*)\nSDESC\n(?:.*\n)+?EDESC$", text, re.M)
    assert {name: oid for name, oid, _, _ in events} == \
        {n.name: n.dotted for n in mib.notifications.values()}
    for name, _, _, shown in events:
        assert re.findall(r"(\w+)=\$(\d+)", shown) == \
            [(o.removeprefix("cbmc"), str(i))
             for i, o in enumerate(mib.notifications[name].objects, 1)]
    bad = {name for name, _, word, _ in events if word == "CRITICAL"}
    assert {"cbmcFanFailed", "cbmcPsuFailed", "cbmcPsuRedundancyLost"} <= bad


def test_nagios_commands_ask_for_objects_that_exist(mib):
    text = (MIBS / "nagios/clusterbmc.cfg").read_text()
    oids = {o.dotted for o in mib.objects.values() if o.readable}
    asked = re.findall(r"-o \.([\d.]+)\.(0|\$ARG1\$) ", text)
    assert len(asked) >= 20 and {oid for oid, _ in asked} <= oids
    names = re.findall(r"command_name\s+(\S+)", text)
    assert len(set(names)) == len(names)
    assert set(re.findall(r"check_command\s+(\w+)", text)) <= set(names)


# ---- the recording ----

TYPES = {"INTEGER": "2", "Integer32": "2", "OCTET STRING": "4", "Unsigned32": "66",
         "Gauge32": "66", "Counter32": "65", "Counter64": "70", "DateAndTime": "4",
         "MacAddress": "4", "RowPointer": "6", "TimeTicks": "67", "TimeStamp": "67",
         "TestAndIncr": "2", "RowStatus": "2"}


def recorded():
    """[(OID, type, value)]"""
    lines = (MIBS / "recording/clusterbmc.snmprec").read_text().splitlines()
    return [(tuple(map(int, oid.split("."))), tag, value)
            for oid, tag, value in (line.split("|") for line in lines)]


def test_recording_is_in_order_and_as_the_mib_has_it(mib):
    """`tests/rigs/record_r1.py` makes it anew."""
    found = recorded()
    names = [name for name, _, _ in found]
    assert names == sorted(set(names)) and len(names) > 1000
    columns = {o.oid: o for o in mib.objects.values() if o.readable}
    seen = set()
    for name, tag, value in found:
        if name[:len(mib.enterprise)] != mib.enterprise:
            continue
        o = next((columns[name[:n]] for n in range(len(name)) if name[:n] in columns), None)
        assert o and TYPES[o.base] == tag.rstrip("x"), name
        assert not o.values or int(value) in o.values, name
        seen.add(o.table.name if o.table else mib.parents[o.name])
    assert {"cbmcSystem", "cbmcBoardTable", "cbmcFanTable", "cbmcPsuTable", "cbmcSensorTable",
            "cbmcDiskTable", "cbmcNicTable", "cbmcEventTable"} <= seen
    assert ((1, 3, 6, 1, 2, 1, 1, 2, 0), "6", ".".join(map(str, mib.product))) in found


# ---- where they are placed ----

def test_installed_files_are_below_the_enterprise_number_of_configure(tmp_path):
    run = subprocess.run(["make", "-s", "install-noc", f"noc_dir={tmp_path}/placed",
                          "enterprise_oid=.1.3.6.1.4.1.99999.7", f"DESTDIR={tmp_path}/root"],
                         cwd=BUILD, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    installed = {p.relative_to(tmp_path / "root"): p.read_text()
                 for p in (tmp_path / "root").rglob("*") if p.is_file()}
    assert {str(p).split("clusterbmc/", 1)[1] for p in installed} == \
        {*generate.FILES, "recording/clusterbmc.snmprec"}
    assert not [p for p, text in installed.items() if "32473" in text]
    with_oids = [p for p, text in installed.items() if "1.3.6.1.4.1.99999.7." in text]
    assert len(with_oids) >= len(installed) - 3, "alerts, dashboard and generator.yml have none"
    assert not any("..1.3.6" in text or '"..' in text for text in installed.values())


def test_readings_are_most_of_what_can_be_read(mib):
    """The choice leaves texts, references, orders, events and jobs out, and nothing else."""
    shown = {o.name for o in choice.readings(mib)}
    numbers = [o for o in mib.objects.values() if o.readable and o.base in choice.NUMBERS
               and not (o.table and o.table.name in choice.NO_SERIES)]
    left = {o.name for o in numbers} - shown
    assert all(o.endswith(("BoardBlade", "BoardSlot", "Action", "ActionJob", "ActionLock", "NextIndex",
                           "TestEvent")) for o in left), left

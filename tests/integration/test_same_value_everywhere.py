# SPDX-License-Identifier: Apache-2.0
"""For every row of every kind, snmpget equals the Redfish value at one snapshot. What is
compared follows from the frontends' own tables (--dump-snmp, --dump-redfish), so a new field is
compared without a line here."""
import datetime
import re
import subprocess
import time

import pytest

from harness import BUILD, ROOT, eventually

pytestmark = [pytest.mark.coverage]

# Redfish shows these by other words than the field's own.
WORDS = {"lit": "true", "blinking": "true", "off": "false", "cel": "temperature", "v": "voltage",
         "a": "electriccurrent", "current": "electriccurrent",  # a keyword of SMI's
         "w": "power", "rpm": "rotational", "min": "rotational", "normal": "true", "lossofinput": "false",
         "ssd": "sd", "oem": "sd"}  # DSP2046 has no words for a card
# Readings have a DISPLAY-HINT, so both have the same unit; sizes are GiB or MiB in Redfish.
UNITS = (1, 2 ** -30, 2 ** -20, 1e-6)


def dump(frontend):
    out = subprocess.run([str(BUILD / "clusterbmcd"), f"--dump-{frontend}"], capture_output=True,
                         text=True, check=True, timeout=30).stdout
    return out.splitlines()


def snmp_tables():
    """{kind: {"scalar": bool, "fields": {field: object}, "id": object}}"""
    tables, now = {}, None
    for words in (line.split() for line in dump("snmp")):
        if words[0] == "table":
            now = {"name": words[1], "scalar": len(words) == 4, "fields": {}}
            tables.setdefault(words[3], now)
        elif words[0] == "column" and not words[1].endswith("Action"):
            now["fields"].setdefault(words[4].split(".", 1)[1], words[1])
    return tables


def redfish_fields():
    """[(pattern of the URI, kind, path, field)]; of arrays only what is not in one."""
    found = []
    for line in dump("redfish"):
        uri, _, path, how, field = line.split("\t")[:5]
        holders = re.findall(r"\{(\w+)\}", uri)
        if how != "field" or not field or not holders or "[" in path:
            continue
        kind, name = field.split(".", 1)
        if kind == holders[-1]:
            pattern = re.compile(re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(uri)) + "$")
            found.append((pattern, kind, path, name))
    return found


def walk_redfish(agent):
    """Every resource that links lead to: {uri: body}."""
    found, waiting = {}, [ROOT]
    while waiting:
        uri = waiting.pop().split("#")[0].split("?")[0].rstrip("/")
        if uri in found or not uri.startswith(ROOT):
            continue
        answer = agent.get(uri)
        assert answer.status_code == 200, f"a link leads to {uri}: {answer.status_code}"
        found[uri] = None
        if "json" not in answer.headers.get("Content-Type", ""):
            continue
        found[uri] = answer.json()
        waiting += re.findall(r'"@odata.id": ?"([^"]+)"', answer.text)
    return {u: b for u, b in found.items() if b}


def at(body, path):
    for key in path.split("/"):
        body = body.get(key) if isinstance(body, dict) else None
    return body


def plain(word):
    return re.sub(r"[^a-z0-9]", "", str(word).lower())


def same_time(a, b):
    """DateAndTime as net-snmp prints it, and an ISO time."""
    n = [int(x) for x in re.findall(r"\d+", a)[:6]]
    if len(n) < 6:
        return False
    iso = datetime.datetime.fromisoformat(b.replace("Z", "+00:00"))
    return abs((datetime.datetime(*n) - iso.replace(tzinfo=None)).total_seconds()) <= 1


def unit_of(pairs):
    """The one factor between two frontends' numbers that fits all rows, or None."""
    def fits(factor):
        def slack(shown):  # Redfish rounds: to whole numbers, or GiB to three places
            whole = isinstance(shown, int) and factor != 1
            return 0.51 if whole else 0.00051 if factor < 1e-3 else abs(shown) * 1e-6 + 1e-9
        return all(abs(r - s * factor) <= slack(r) for s, r in pairs)
    return next((u for u in UNITS if fits(u)), None)


def same(snmp, redfish, ident):
    unknown = snmp in (None, "", "unknown", "0:0:0:0:0:0")
    if redfish is None:
        return unknown
    if isinstance(redfish, bool):
        return snmp == str(redfish).lower() or unknown and redfish is False
    if isinstance(redfish, str) and re.match(r"\d{4}-\d\d-\d\dT", redfish):
        return same_time(snmp or "", redfish)
    if redfish == ident and unknown:
        return True  # a name that nobody gave is the id
    words = {plain(redfish), WORDS.get(plain(redfish))}
    mac = ":".join(f"{int(x, 16):02x}" for x in str(snmp).split(":")) \
        if re.fullmatch(r"[0-9a-fA-F:]{11,17}", str(snmp)) else None
    return plain(snmp) in words or mac == str(redfish).lower() or str(snmp) == str(redfish)


SETTLED = {"linux", "android", "offline", "unknown"}


@pytest.fixture(scope="module")
def mixed(agent):
    """The agent with an empty slot and a board that is off among those that run."""
    agent.sim("set", kind="board", id="sub7-04", field="present", value=False)
    agent.finished_or_done(agent.reset("sub7-05", "ForceOff"))
    eventually(lambda: set(agent.snmpwalk("cbmcBoardState").values()) <= SETTLED and
               "starting" not in agent.snmpwalk("cbmcBoardStatus").values(), 120, 0.5)
    return agent


def snmp_values(agent, tables):
    """{kind: {id: {field: value}}}"""
    found = {}
    for kind, table in tables.items():
        cells = {}
        for field, name in table["fields"].items():
            for key, value in agent.snmpwalk(name).items():
                cells.setdefault(key.split(".", 1)[1], {})[field] = value
        found[kind] = {row.get("id", "?" if table["scalar"] else index): row
                       for index, row in cells.items()}
    return found


def test_every_value_of_every_row_is_the_same_over_snmp_and_redfish(mixed):
    tables, fields = snmp_tables(), redfish_fields()
    with mixed.pinned() as generation:
        before, bodies = snmp_values(mixed, tables), walk_redfish(mixed)
        assert int(mixed.snmpget("cbmcSnapshotGeneration.0")) == generation
    numbers, wrong, compared, kinds, seen = {}, [], 0, {}, set()
    for uri, body in bodies.items():
        for pattern, kind, path, field in fields:
            match = pattern.match(uri)
            if not match or kind not in tables or field not in tables[kind]["fields"]:
                continue
            ident = match.groups()[-1]
            rows = before[kind]
            row = rows.get(ident) or (rows.get("?") if tables[kind]["scalar"] else None)
            if row is None:
                continue  # of another kind: blades and boards share a pattern
            seen.add((kind, ident))
            value = row.get(field)
            shown = at(body, path)
            if shown is None and at(body, "Status/State") == "Absent":
                continue
            compared += 1
            kinds[kind] = kinds.get(kind, 0) + 1
            if isinstance(shown, (int, float)) and not isinstance(shown, bool) \
                    and re.fullmatch(r"-?\d+|-?\d*\.\d{3}", str(value)):
                numbers.setdefault((pattern.pattern, path, kind, field), []).append(
                    (float(value), shown))
            elif not same(value, shown, ident):
                wrong.append(f"{uri} {path}: {shown!r}, {kind}.{field} over SNMP {value!r}")
    for key, pairs in numbers.items():
        if unit_of(pairs) is None:
            wrong.append(f"{key}: no unit fits {pairs[:5]}")
    print(f"{compared} values compared: {kinds}")
    assert not wrong, f"{len(wrong)} differ:\n" + "\n".join(wrong[:40])
    assert compared > 2000
    for kind in ("blade", "board", "fan", "psu", "disk", "sensor", "nic"):
        missing = set(before[kind]) - {ident for k, ident in seen if k == kind}
        assert not missing, f"{kind}: not in Redfish: {missing}"


def metrics_table():
    """[(name, kind, field, label, factor to the model's number, label of states, is a sensor's)]"""
    found = []
    for line in dump("metrics"):
        name, where, label, multiplier, divisor, state, sensor = line.split()
        divisor = 100000 if sensor != "0" and name.endswith("_ratio") else int(divisor)
        if label != "-":
            found.append((name, *where.split("."), label, divisor / int(multiplier),
                          state if state != "-" else None, sensor != "0"))
    return found


def raw(snmp):
    """What SNMP shows, as the model's number; thousandths have a decimal point."""
    words = {"true": 1, "false": 0}
    if snmp in words:
        return words[snmp]
    return float(snmp) * (1000 if "." in snmp else 1)


def test_every_metric_is_the_same_as_over_snmp(mixed):
    tables = snmp_tables()
    with mixed.pinned() as generation:
        over_snmp = snmp_values(mixed, tables)
        shown = mixed.http.get(f"http://127.0.0.1:{mixed.http_port}/metrics", timeout=60).text
        assert f"\nclusterbmc_snapshots_total {generation}\n" in shown
    samples = {}
    for name, label, value in re.findall(r'^(\w+)\{(.*)\} (\S+)$', shown, re.M):
        samples.setdefault(name, []).append((dict(re.findall(r'(\w+)="([^"]*)"', label)), value))
    wrong, compared = [], {}
    for name, kind, field, label, factor, state, of_sensor in metrics_table():
        if field not in tables.get(kind, {"fields": ()})["fields"]:
            continue
        rows, seen = over_snmp[kind], set()
        for labels, value in samples.get(name, []):
            row = rows.get(labels[label]) or (rows.get("?") if tables[kind]["scalar"] else {})
            seen.add(labels[label])
            there = row.get(field)
            if state:
                good = (value == "1") == (plain(there) == plain(labels[state]))
            elif there and re.match(r"\d+-\d+-\d+,", there):
                iso = datetime.datetime.fromtimestamp(float(value), datetime.timezone.utc)
                good = same_time(there, iso.isoformat())
            else:
                good = there is not None and abs(raw(there) - float(value) * factor) < 0.01
            compared[kind] = compared.get(kind, 0) + 1
            if not good:
                wrong.append(f"{name}{labels} {value}: {there!r} over SNMP")
        known = {ident for ident, row in rows.items() if row.get(field) not in (None, "unknown")}
        if not of_sensor and not tables[kind]["scalar"] and known - seen:
            wrong.append(f"{name}: no sample for {known - seen}")
    assert not wrong, f"{len(wrong)} differ:\n" + "\n".join(wrong[:40])
    assert compared.keys() >= {"chassis", "blade", "board", "fan", "psu", "disk", "sensor", "nic"}
    assert compared["board"] > 1000, compared


def test_metrics_are_named_after_their_fields():
    """The comparison above takes it from the table which field a metric shows."""
    words = {"rx": "receive", "tx": "transmit", "hours": "powered", "bytes": "size",
             "value": "sensor"}
    for name, _, field, *_ in metrics_table():
        first = field.split("_")[0]
        assert not name.startswith("clusterbmc_") or words.get(first, first) in name, (name, field)


def test_empty_slot_is_absent_everywhere_and_keeps_its_index(mixed):
    i = mixed.index("sub7-04")
    assert mixed.json("Systems/sub7-04")["Status"]["State"] == "Absent"
    assert "Health" not in mixed.json("Systems/sub7-04")["Status"]
    assert mixed.snmpget(f"cbmcBoardPresent.{i}") == "false"
    assert mixed.snmpget(f"cbmcBoardStatus.{i}") == "absent"
    assert mixed.json("Systems")["Members@odata.count"] == 73
    assert len(mixed.snmpwalk("cbmcBoardStatus")) == 73


def test_pin_lasts_as_long_as_its_connection_and_holds_back_what_comes(agent):
    """The test hook itself: without it the comparison above proves nothing."""
    fan, ident = "cbmcFanRpm.3", "fan3"
    try:
        with agent.pinned() as generation:
            before = agent.snmpget(fan)
            agent.sim("set", kind="fan", id=ident, field="rpm", value=4321)
            time.sleep(0.5)  # ten polls: it must have been told by then, else this shows less
            assert agent.snmpget(fan) == before
            assert agent.snmpget("cbmcSnapshotGeneration.0") == str(generation)
        eventually(lambda: agent.snmpget(fan) == "4321", 30)
        assert int(agent.snmpget("cbmcSnapshotGeneration.0")) > generation
    finally:
        agent.sim("clear", id=ident)


def test_without_test_in_the_configuration_there_is_no_hook(new_agent):
    agent = new_agent(env={"CLUSTERBMC_TEST": ""}).start()
    assert "test: true" not in (agent.state / "clusterbmcd.yaml").read_text()
    assert not (agent.state / "test.sock").exists()
    agent.restart(CLUSTERBMC_TEST="1")
    assert (agent.state / "test.sock").stat().st_mode & 0o777 == 0o600


def test_unknown_is_null_and_no_such_instance_and_never_0(agent):
    agent.sim("set", kind="fan", id="fan2", field="rpm", value=None)
    fan = "Chassis/enclosure/ThermalSubsystem/Fans/fan2"
    try:
        eventually(lambda: agent.snmpget("cbmcFanRpm.2") is None)
        speed = agent.json(fan)["SpeedPercent"]
        assert speed.get("SpeedRPM") is None
    finally:
        agent.sim("clear", id="fan2")

# SPDX-License-Identifier: Apache-2.0
"""All that the agent shows of CLUSTER-BMC-MIB is what the MIB's text says of it: type, range, SIZE,
enumeration and index; what a row lacks may be missing; nothing is shown that the MIB lacks. The
MIB is read here by itself, not from the tables that it was written from."""
import re

import pytest

from harness import TOP, eventually
from snmp_packets import Manager, name_of

OURS = (1, 3, 6, 1, 4, 1, 32473, 1, 1)
NEXT_ROOT = (*OURS[:-1], 2)
INTEGER, OCTETS, OBJECT_ID, GAUGE, TICKS, COUNTER64 = 0x02, 0x04, 0x06, 0x42, 0x43, 0x46
TAGS = {"Integer32": INTEGER, "INTEGER": INTEGER, "Unsigned32": GAUGE, "Gauge32": GAUGE,
        "Counter64": COUNTER64, "TimeTicks": TICKS, "OCTET STRING": OCTETS,
        "OBJECT IDENTIFIER": OBJECT_ID}
# SNMPv2-TC's conventions by their SYNTAX (RFC 2579).
STANDARD = {"TruthValue": "INTEGER { true(1), false(2) }", "MacAddress": "OCTET STRING (SIZE (6..6))",
            "DateAndTime": "OCTET STRING (SIZE (8..11))", "RowPointer": "OBJECT IDENTIFIER",
            "RowStatus": "INTEGER { active(1) }", "TestAndIncr": "INTEGER (0..2147483647)"}
OBJECT = re.compile(r"^(\w+) OBJECT-TYPE\s+SYNTAX\s+(.*?)\s+(?:UNITS\s+\"[^\"]*\"\s+)?MAX-ACCESS\s+"
                    r"([\w-]+).*?DESCRIPTION\s+\"(.*?)\"(?:\s+INDEX\s+\{ (.*?) \})?"
                    r"\s+::= \{ (\w+) (\d+) \}", re.S | re.M)
CONVENTION = re.compile(r"^(\w+) ::= TEXTUAL-CONVENTION.*?SYNTAX\s+(INTEGER \{.*?\}|[^\n]*)", re.S | re.M)
GROUP = re.compile(r"^(\w+) OBJECT IDENTIFIER ::= \{ cbmcObjects (\d+) \}", re.M)


class Object:
    def __init__(self, name, syntax, access, text, index):
        self.name, self.syntax, self.access = name, syntax, access
        self.may_lack, self.index = "no instance" in text.lower(), index


@pytest.fixture(scope="module")
def mib():
    """{OID of a column or of a scalar's group and number: Object}, {OID of an entry: its INDEX}"""
    text = (TOP / "mibs" / "CLUSTER-BMC-MIB.txt").read_text()
    conventions = {**STANDARD, **{n: " ".join(s.split()) for n, s in CONVENTION.findall(text)}}
    places = {"cbmcObjects": OURS, **{n: (*OURS, int(a)) for n, a in GROUP.findall(text)}}
    objects, entries = {}, {}
    for name, syntax, access, doc, index, parent, number in OBJECT.findall(text):
        base, refined = re.match(r"([A-Za-z]\w+(?: STRING| IDENTIFIER| OF \w+)?)\s*(.*)",
                                 " ".join(syntax.split())).groups()
        if base in conventions:
            base, own = re.match(r"(\w+(?: STRING| IDENTIFIER)?)\s*(.*)", conventions[base]).groups()
            refined = refined or own
        places[name] = (*places[parent], int(number))
        objects[places[name]] = Object(name, (base, refined), access, " ".join(doc.split()),
                                       index and index.split(", "))
        if index:
            entries[places[name]] = index.split(", ")
    assert len(objects) > 250 and len(entries) == 13
    return objects, entries


def number(content):
    return int.from_bytes(content, "big", signed=True)


def fits(syntax, tag, content):
    """Whether a value is one that SYNTAX allows."""
    base, refined = syntax
    if TAGS[base] != tag:
        return False
    if labels := re.findall(r"\w+\((\d+)\)", refined):
        return str(number(content)) in labels
    span = re.search(r"\((-?\d+)(?:\.\.(-?\d+))?\)+$", refined)
    if not span:
        return base != "OCTET STRING"
    value = len(content) if tag == OCTETS else number(content)
    return int(span[1]) <= value <= int(span[2] or span[1])


def check_row(mib, entry, index, wrong):
    """An index of numbers has a sub-identifier each, in its range."""
    objects, entries = mib
    parts = {o.name: o.syntax for o in objects.values() if o.name in entries[entry]}
    if len(index) != len(parts):
        wrong.append(f"{entry}: {index} has not {len(parts)} parts")
    for part, name in zip(index, entries[entry]):
        low, high = map(int, re.search(r"\((\d+)\.\.(\d+)\)", parts[name][1]).groups())
        if not low <= part <= high:
            wrong.append(f"{name} is {part}")


def check(mib, found):
    """What is wrong with a walk: list of sentences."""
    objects, entries = mib
    rows, seen, wrong = {}, {}, []
    for name, tag, content in found:
        entry = next((name[:n] for n in (len(OURS) + 2, len(OURS) + 1) if name[:n] in entries
                      or n == len(OURS) + 1), None)
        column, index = name[:len(entry) + 1], name[len(entry) + 1:]
        thing = objects.get(column)
        if not thing or thing.access == "not-accessible":
            wrong.append(f"{name} is not in the MIB")
            continue
        rows.setdefault(entry, set()).add(index)
        seen.setdefault(column, set()).add(index)
        if not fits(thing.syntax, tag, content):
            wrong.append(f"{thing.name}.{index} is {tag:#x} {content!r}, not {thing.syntax}")
        if tag == OCTETS and "255" in thing.syntax[1]:
            content.decode()
    for entry, indexes in rows.items():
        for index in indexes if entry in entries else ():
            check_row(mib, entry, index, wrong)
        for column, thing in objects.items():
            if column[:-1] == entry and thing.access != "not-accessible" and not thing.may_lack \
                    and (lacking := indexes - seen.get(column, set())):
                wrong.append(f"{thing.name} lacks {sorted(lacking)[:3]} and doesn't say that it may")
    return wrong


def check_pointers(found):
    """A RowPointer names an instance that is there."""
    names = {name for name, _, _ in found}
    return [f"{name} points at {to}" for name, tag, content in found if tag == OBJECT_ID
            and (to := name_of(content)) not in names]


def everything(agent):
    with Manager(agent) as one:
        return [v for v in one.walk(OURS, 40, NEXT_ROOT) if v[0][:len(OURS)] == OURS]


def tables_with_rows(found):
    return {name[len(OURS)] for name, _, _ in found}


def test_all_of_r2_is_as_the_mib_says(agent, mib):
    agent.snmpset("cbmcBladeAction.6", "i", "forceRestart")
    agent.sim("set", kind="board", id="sub3-07", field="present", value=False)
    job = agent.snmpget("cbmcBladeActionJob.6")
    eventually(lambda: agent.snmpget(f"cbmcJobState.{job}") == "completed", 60)
    with agent.pinned():
        found = everything(agent)
    assert len(found) > 4500
    assert tables_with_rows(found) >= {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14}
    assert check(mib, found) == []
    assert check_pointers(found) == []


def test_all_of_r1_is_as_the_mib_says(new_agent, mib):
    found = everything(new_agent(platform="r1").start())
    assert len(found) > 500
    assert check(mib, found) == []


def test_what_is_not_known_is_missing_where_the_mib_says_so(agent, mib):
    """Every reading of some rows is taken away."""
    for kind, ident, field in (("psu", "psu1", "input_power"), ("fan", "fan2", "rpm"),
                               ("sensor", "ambient", "value"), ("board", "sub1-05", "power_pin")):
        agent.sim("set", kind=kind, id=ident, field=field, value=None)
    eventually(lambda: agent.snmpget("cbmcFanRpm.2") is None, 30)
    try:
        assert check(mib, everything(agent)) == []
    finally:
        for ident in ("psu1", "fan2", "ambient", "sub1-05"):
            agent.sim("clear", id=ident)


@pytest.mark.parametrize("name, tag, content, what", [
    ((*OURS, 3, 1, 99, 1, 1), INTEGER, b"\x01", "is not in the MIB"),
    ((*OURS, 3, 1, 1, 1, 1), GAUGE, b"\x01", "is not in the MIB"),
    ((*OURS, 1, 4, 0), INTEGER, b"\x05", "cbmcHealth"),
    ((*OURS, 1, 4, 0), GAUGE, b"\x01", "cbmcHealth"),
    ((*OURS, 1, 5, 0), OCTETS, b"m" * 32, "cbmcModel"),
    ((*OURS, 4, 1, 8, 1), INTEGER, (100001).to_bytes(3, "big"), "cbmcFanDuty"),
    ((*OURS, 2, 1, 3, 256), OCTETS, b"", "cbmcBladeIndex is 256"),
])
def test_the_check_itself_finds_what_the_mib_forbids(mib, name, tag, content, what):
    assert any(what in w for w in check(mib, [(name, tag, content)]))

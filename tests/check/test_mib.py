# SPDX-License-Identifier: Apache-2.0
"""The MIB's text says what the agent serves, object by object, it makes sense, and smilint likes
it."""
import difflib
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sources import TOP

BUILD = Path(os.environ.get("CLUSTERBMC_BUILD", TOP / "build"))
MIB = TOP / "mibs" / "CLUSTER-BMC-MIB.txt"
EXCEPTIONS = TOP / "agent" / "snmp" / "exceptions"
BASE_MODULES = ("SNMPv2-SMI", "SNMPv2-TC", "SNMPv2-CONF")

OBJECT = re.compile(r"^(\w+) OBJECT-TYPE\s+SYNTAX\s+(.*?)\s+(?:UNITS\s+\"(.*?)\"\s+)?"
                    r"MAX-ACCESS\s+([\w-]+).*?::= \{ (\w+) (\d+) \}", re.S | re.M)
DESCRIPTION = re.compile(r"^(\w+)(?: [A-Z][A-Z-]+| ::= TEXTUAL-CONVENTION)\n(?:(?!::=).)*?"
                         r"DESCRIPTION\s+\"([^\"]*)\"", re.S | re.M)
ENUMERATION = re.compile(r"^(\w+) ::= TEXTUAL-CONVENTION((?:(?!::=).)*?)INTEGER \{([^}]*)\}",
                         re.S | re.M)
NOTIFICATION = re.compile(r"^(\w+) NOTIFICATION-TYPE\s+OBJECTS\s+\{(.*?)\}.*?"
                          r"::= \{ cbmcNotifications (\d+) \}", re.S | re.M)


def words(text):
    return " ".join(text.split())


@pytest.fixture(scope="module")
def mib():
    return MIB.read_text()


@pytest.fixture(scope="module")
def served():
    """What the agent says it serves: lists of words by the first one of the line."""
    program = BUILD / "tests" / "check" / "dump-snmp"
    done = subprocess.run([program], capture_output=True, text=True, timeout=30, check=True)
    lines = {}
    for line in done.stdout.splitlines():
        kind, rest = line.split(" ", 1)
        lines.setdefault(kind, []).append(rest)
        if kind == "table":
            table = rest.split()
        if kind == "column":
            lines.setdefault("columns", []).append((table, rest))
    return lines


def parents(table):
    """The node that a table's columns hang below."""
    return table[0] if len(table) == 3 else re.sub(r"Table$", "Entry", table[0])


def test_the_mib_is_what_the_agent_s_tables_say(mib):
    """Every SYNTAX, range, UNITS, DESCRIPTION, INDEX and group: mibs/generate.py writes them."""
    spec = importlib.util.spec_from_file_location("generate", TOP / "mibs" / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    now = generate.generate(BUILD / "tests" / "check" / "dump-snmp", mib)
    differs = "\n".join(difflib.unified_diff(mib.splitlines(), now.splitlines(), "mibs/", "served",
                                             n=1, lineterm=""))
    assert not differs, "run mibs/generate.py:\n" + differs


def test_each_object_of_the_mib_is_served(mib, served):
    objects = {name: (units, access, parent, number)
               for name, _syntax, units, access, parent, number in OBJECT.findall(mib)}
    known = set()
    for table, line in served["columns"]:
        name, number, access, _field, syntax = line.split(" ", 4)
        units = syntax.partition(" UNITS ")[2]
        assert objects.get(name) == (units, access, parents(table), number)
        known.add(name)
    for table in map(str.split, served["table"]):
        known |= {table[0], parents(table), *table[3:]}
    assert set(objects) <= known


# C source, SQL or a template's argument; what says nothing; what is no sentence.
NO_SENSE = re.compile(r"\w+->|\w+\(\)|[;{}]\s*$|\bNULL\b|\bNOTHING\b|BMC_|%\d|^[^A-Z]|[^.]$|TODO|FIXME"
                      r"|^One of them\.|^What (people|users) call it\.|\b(\w+) \2\b| ,|,,|\.\.$")


def nonsense(name, text):
    """What is wrong with a DESCRIPTION, or None."""
    text = words(text)
    if found := NO_SENSE.search(text):
        return found.group(0)
    if len(re.findall(r"\w+", text)) < 3:
        return "too short"
    own = {w.lower() for w in re.findall(r"[A-Z]?[a-z]+", re.sub("^[cC]bmc", "", name))}
    said = {w.lower() for w in re.findall(r"[A-Za-z]+", text)}
    if said - {"the", "a", "an", "of", "is", "it", "its", "this", "that"} <= own:
        return "says only what its name says"
    return None


@pytest.mark.parametrize("text", [", NOTHING,       ", ",        ", "One of them.", "What users call it.",
                                  "the speed", "The speed", "Speed.", "x->y is set.", "f() is called.",
                                  "BMC_OK of it all.", "The name of the the board.", "The board state."])
def test_a_description_without_sense_is_found(text):
    assert nonsense("cbmcBoardState", text)


def test_each_description_makes_sense(mib):
    found = DESCRIPTION.findall(mib)
    assert len(found) > 300
    notifications = set(re.findall(r"^(\w+) NOTIFICATION-TYPE", mib, re.M))
    assert len(notifications) > 35
    assert {name for name, *_ in OBJECT.findall(mib)} | notifications <= {n for n, _ in found}
    wrong = {name: (why, words(text)) for name, text in found if (why := nonsense(name, text))}
    assert not wrong


def test_each_value_of_an_enumeration_is_explained(mib):
    found = ENUMERATION.findall(mib)
    assert len(found) > 15
    for name, text, values in found:
        for value in words(values).split(", "):
            assert re.search(rf"^ +{re.escape(value)}: [A-Z][^:]*?\.\"?$", text, re.M), (name, value)
    inline = re.findall(r"^(\w+) OBJECT-TYPE\s+SYNTAX\s+INTEGER \{([^}]*)\}((?:(?!::=).)*)", mib,
                        re.M | re.S)
    for name, values, text in inline:
        for value in words(values).split(", "):
            assert value in words(text), (name, value)


def test_tables_and_their_indexes_are_where_the_mib_says(mib, served):
    for table in map(str.split, served["table"]):
        name, arc, _kind, *index = table
        assert re.search(rf"^{name}\b[^=]*::= {{ cbmcObjects {arc} }}", mib, re.M | re.S), name
        if index:
            entry = re.search(rf"^{parents(table)} OBJECT-TYPE.*?INDEX\s+{{ (.*?) }}", mib,
                              re.M | re.S)
            assert entry and words(entry.group(1)) == ", ".join(index)


def test_each_notification_names_the_objects_that_are_sent(mib, served):
    in_mib = {name: (number, words(objects).split(", "))
              for name, objects, number in NOTIFICATION.findall(mib)}
    sent = {}
    for line in served["notification"]:
        name, number, _event, *objects = line.split()
        sent[name] = (number, objects)
    assert in_mib == sent


def test_each_field_is_in_a_table_or_has_a_reason(served, capsys):
    shown = {line.split()[3] for line in served["column"]}
    reasons = dict(line.split(None, 1) for line in EXCEPTIONS.read_text().splitlines()
                   if line and not line.startswith("#"))
    used, missing = set(), []
    for line in served["field"]:
        field, *rest = line.split()
        if field in shown or rest[0] == "internal":
            continue
        reason = next((r for r in (field, field.split(".")[0] + ".*") if r in reasons), None)
        if reason:
            used.add(reason)
        else:
            missing.append(field)
    assert not missing
    assert set(reasons) == used, "exceptions that nothing needs"
    with capsys.disabled():
        print(f" [{len(reasons)} exceptions in {EXCEPTIONS.relative_to(TOP)}]", end="")


def base_modules():
    """A folder with SMIv2's base modules, which Debian may not ship; npm's net-snmp has them."""
    package = BUILD / "npm"
    folders = [Path(p) for p in os.environ.get("SMIPATH", "").split(":") if p]
    folders += [Path("/var/lib/mibs/ietf"), Path("/usr/share/mibs/ietf"),
                package / "node_modules/net-snmp/lib/mibs"]

    def found():
        return next((f for f in folders if f.is_dir() and all(
            any(f.glob(f"{m}*")) for m in BASE_MODULES)), None)

    if not found() and shutil.which("npm"):
        package.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(["npm", "install", "--silent", "--prefix", package, "net-snmp"],
                           capture_output=True, timeout=30, check=False)
        except subprocess.TimeoutExpired:
            pass
    return found()


@pytest.mark.plain_only
def test_smilint_has_nothing_to_say():
    if not shutil.which("smilint"):
        pytest.skip("smilint is not here (apt install smitools)")
    folder = base_modules()
    if not folder:
        pytest.skip("SMIv2's base modules are not here (set SMIPATH, or npm i net-snmp)")
    done = subprocess.run(["smilint", "-l", "6", "-s", MIB], capture_output=True, text=True,
                          env={**os.environ, "SMIPATH": str(folder)}, timeout=60, check=False)
    assert done.stdout + done.stderr == ""

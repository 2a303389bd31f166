#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the objects and the conformance part of CLUSTER-BMC-MIB.txt from what the agent says of
its tables (tests/check/dump-snmp), so a DESCRIPTION is written once: in the model's fields
(agent/core/model/fields/), its enumerations (meanings.c) or the table (agent/snmp/tables/). What
stands before "-- Objects" and between "-- Notifications" and "-- Conformance" is written by hand.

    mibs/generate.py BUILD/tests/check/dump-snmp            rewrites the MIB
    mibs/generate.py BUILD/tests/check/dump-snmp --check    exit 1: the MIB differs"""
import re
import subprocess
import sys
import textwrap
from pathlib import Path

MIB = Path(__file__).with_name("CLUSTER-BMC-MIB.txt")
MARKS = ("-- Objects", "-- Notifications", "-- Conformance")
# The numbers of the groups never change; a new table is appended.
GROUPS = ("cbmcSystem", "cbmcBlade", "cbmcBoard", "cbmcFan", "cbmcPsu", "cbmcDisk", "cbmcSensor",
          "cbmcNic", "cbmcFirmware", "cbmcJob", "cbmcEvent", "cbmcManager", "cbmcNotification",
          "cbmcCondition", "cbmcJobResult", "cbmcImage")
# SMIv2 has no 64-bit integer but Counter64; HCNUM-TC's CounterBasedGauge64 would need a module
# that many managers lack.
NUMBERS = '''\
CbmcString ::= TEXTUAL-CONVENTION
    DISPLAY-HINT "255t"
    STATUS      current
    DESCRIPTION
        "UTF-8 text without control characters."
    SYNTAX      OCTET STRING (SIZE (0..255))

CbmcThousandths ::= TEXTUAL-CONVENTION
    DISPLAY-HINT "d-3"
    STATUS      current
    DESCRIPTION
        "A number with three decimal places: 35500 stands for 35.500. UNITS, or
         the object's DESCRIPTION, names the unit of the number with its
         decimal point."
    SYNTAX      Integer32

CbmcGauge64 ::= TEXTUAL-CONVENTION
    DISPLAY-HINT "d"
    STATUS      current
    DESCRIPTION
        "A gauge of 64 bits: a value that rises and falls, and that is no
         counter for all that its type says. It means the same as
         CounterBasedGauge64 of HCNUM-TC (RFC 2856)."
    SYNTAX      Counter64
'''


class Table:
    def __init__(self, name, arc, index):
        self.name, self.arc, self.index = name, arc, index
        self.doc = self.row_doc = ""
        self.columns, self.parts = [], {}

    @property
    def stem(self):
        return re.sub("Table$", "", self.name)

    @property
    def entry(self):
        return self.stem + "Entry" if self.index else self.name


def read(program):
    """The conventions, [(name, doc, [(number, label, doc)])], and the tables."""
    conventions, tables, docs = [], [], {}
    lines = subprocess.run([program], capture_output=True, text=True, check=True, timeout=30)
    for line in lines.stdout.splitlines():
        kind, rest = line.split(" ", 1)
        words = rest.split(" ")
        if kind == "convention":
            conventions.append((words[0], rest.split(" ", 1)[1], []))
        elif kind == "value":
            _, number, label, doc = rest.split(" ", 3)
            conventions[-1][2].append((number, label, doc))
        elif kind == "table":
            tables.append(Table(words[0], words[1], words[3:]))
        elif kind == "row":
            tables[-1].row_doc = rest.split(" ", 1)[1]
        elif kind == "index":
            name, span, doc = rest.split(" ", 2)
            tables[-1].parts[name] = (span, doc)
        elif kind == "column":
            name, number, access, _field, syntax = rest.split(" ", 4)
            syntax, _, units = syntax.partition(" UNITS ")
            tables[-1].columns.append((name, number, access, syntax, units))
        elif kind == "doc":
            docs[words[0]] = rest.split(" ", 1)[1]
    return conventions, tables, docs


def quoted(*paragraphs):
    """A DESCRIPTION: paragraphs, or lists of lines."""
    def wrap(text, first):
        return textwrap.fill(text, 81, initial_indent=first, subsequent_indent=" " * 9,
                             break_long_words=False, break_on_hyphens=False)
    text = "\n\n".join("\n".join(wrap(line, " " * 9) for line in p) if isinstance(p, list)
                       else wrap(p, " " * 9) for p in paragraphs)
    assert '"' not in text, text
    return '        "' + text[9:] + '"'


def enumeration(values):
    listed = ", ".join(f"{label}({number})" for number, label, _ in values)
    return "INTEGER {\n" + textwrap.fill(listed, 76, initial_indent=" " * 20,
                                         subsequent_indent=" " * 20) + "\n                }"


def convention(name, doc, values):
    meaning = [f"{label}({number}): {text}" for number, label, text in values]
    return (f"{name} ::= TEXTUAL-CONVENTION\n    STATUS      current\n    DESCRIPTION\n"
            f"{quoted(doc, meaning)}\n    SYNTAX      {enumeration(values)}\n")


def type_object(name, syntax, access, doc, place, units="", index=""):
    if syntax.startswith("INTEGER {"):
        values = re.findall(r"(\w+)\((\d+)\)", syntax)
        syntax = enumeration([(number, label, "") for label, number in values])
    units = f'    UNITS       "{units}"\n' if units else ""
    index = f"    INDEX       {{ {index} }}\n" if index else ""
    return (f"{name} OBJECT-TYPE\n    SYNTAX      {syntax}\n{units}    MAX-ACCESS  {access}\n"
            f"    STATUS      current\n    DESCRIPTION\n{quoted(doc)}\n{index}"
            f"    ::= {{ {place} }}\n")


def plain(syntax):
    """As a SEQUENCE has it: without range and labels."""
    return re.sub(r"\s*[({].*", "", syntax)


def table_head(t, docs):
    if not t.index:
        return [f"{t.name} OBJECT IDENTIFIER ::= {{ cbmcObjects {t.arc} }}\n"]
    row = t.entry[0].upper() + t.entry[1:]
    members = [(name, "Unsigned32") for name in t.index]
    members += [(name, plain(syntax)) for name, _, _, syntax, _ in t.columns]
    sequence = ",\n".join(f"    {name:30} {syntax}" for name, syntax in members)
    parts = [type_object(t.name, f"SEQUENCE OF {row}", "not-accessible", docs[t.name],
                         f"cbmcObjects {t.arc}"),
             type_object(t.entry, row, "not-accessible", t.row_doc, f"{t.name} 1",
                         index=", ".join(t.index)),
             f"{row} ::= SEQUENCE {{\n{sequence}\n}}\n"]
    for number, name in enumerate(t.index, 1):
        span, doc = t.parts[name]
        parts.append(type_object(name, f"Unsigned32 ({span})", "not-accessible", doc,
                                 f"{t.entry} {number}"))
    return parts


def objects(conventions, tables, docs):
    parts = [NUMBERS] + [convention(*c) for c in conventions]
    for t in tables:
        parts += table_head(t, docs)
        parts += [type_object(name, syntax, access, docs[name], f"{t.entry} {number}", units)
                  for name, number, access, syntax, units in t.columns]
    return "\n".join(parts)


def listed(names, indent):
    return (",\n" + " " * indent).join(names)


def group(stem, what, names, doc):
    word = "OBJECTS     { " if what == "OBJECT-GROUP" else "NOTIFICATIONS { "
    return (f"{stem}Group {what}\n    {word}{listed(names, 4 + len(word))} }}\n"
            f"    STATUS      current\n    DESCRIPTION\n{quoted(doc)}\n"
            f"    ::= {{ cbmcGroups {GROUPS.index(stem) + 1} }}\n")


def compliance(name, number, doc, stems, more=""):
    head = "    MANDATORY-GROUPS { "
    names = listed([s + "Group" for s in stems], len(head))
    return (f"{name} MODULE-COMPLIANCE\n    STATUS      current\n    DESCRIPTION\n{quoted(doc)}\n"
            f"    MODULE\n{head}{names} }}\n{more}    ::= {{ cbmcCompliances {number} }}\n")


def read_only(tables):
    """What a read-only agent may do without."""
    text = []
    for name, _, access, syntax, _ in (c for t in tables for c in t.columns):
        if access == "read-only":
            continue
        narrow = "    SYNTAX      INTEGER { active(1) }\n" if syntax == "RowStatus" else ""
        text.append(f"    OBJECT      {name}\n{narrow}    MIN-ACCESS  read-only\n    DESCRIPTION\n"
                    f"{quoted('Write access is not required.')}\n")
    return "\n" + "\n".join(text)


def conformance(tables, notifications):
    parts = [group(t.stem, "OBJECT-GROUP", [c[0] for c in t.columns],
                   f"The objects of {t.name}.") for t in tables]
    parts.append(group("cbmcNotification", "NOTIFICATION-GROUP",
                       re.findall(r"^(\w+) NOTIFICATION-TYPE", notifications, re.M),
                       "The notifications of this module."))
    stems = [t.stem for t in tables] + ["cbmcNotification"]
    parts.append(compliance("cbmcCompliance", 1,
                            "For agents that answer GET and SET and send notifications.", stems))
    parts.append(compliance("cbmcReadOnlyCompliance", 2,
                            "For agents that take no SET: sub-agents of another agent, and "
                            "communities without a role.", stems, read_only(tables)))
    return "\n".join(parts) + "\nEND\n"


def generate(program, text):
    """The MIB's text as it is to be."""
    at = [text.index(f"\n{mark}") + 1 for mark in MARKS]
    starts = [text.index("\n\n", i) + 2 for i in at]  # after the mark's comment
    facts = read(program)
    notifications = text[at[1]:at[2]]
    return (text[:starts[0]] + objects(*facts) + "\n" + notifications +
            text[at[2]:starts[2]] + conformance(facts[1], notifications))


def main():
    old = MIB.read_text()
    new = generate(sys.argv[1], old)
    if "--check" in sys.argv:
        sys.exit(new != old)
    MIB.write_text(new)


if __name__ == "__main__":
    main()

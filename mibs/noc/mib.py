# SPDX-License-Identifier: Apache-2.0
"""Takes a MIB module apart: as much of SMIv2 as CLUSTER-BMC-MIB uses."""
import re
from dataclasses import dataclass, field

TOKEN = re.compile(r'"[^"]*"|--.*?(?=--|$)(?:--)?|::=|\.\.|[{}(),;|]|[^\s{}(),;|"]+', re.M)
KNOWN = {"enterprises": (1, 3, 6, 1, 4, 1), "TruthValue": {1: "true", 2: "false"}}
CONVENTIONS = {"TruthValue": "INTEGER"}
CLAUSES = {"SYNTAX", "UNITS", "MAX-ACCESS", "STATUS", "DESCRIPTION", "INDEX", "OBJECTS",
           "DISPLAY-HINT", "REFERENCE", "DEFVAL", "AUGMENTS", "::="}


@dataclass
class Object:
    """An OBJECT-TYPE. `syntax` is as it is written, `base` the type below conventions, `values`
    of an enumeration {number: word}. `table` is None for a scalar."""
    name: str
    oid: tuple
    syntax: str
    base: str
    values: dict
    units: str
    hint: str
    access: str
    text: str
    index: list = field(default_factory=list)
    table: "Object" = None

    @property
    def readable(self):
        return self.access not in ("not-accessible", "accessible-for-notify")

    @property
    def dotted(self):
        return ".".join(map(str, self.oid))

    @property
    def first_sentence(self):
        return re.split(r"(?<=\.)\s", self.text, maxsplit=1)[0]


@dataclass
class Notification:
    name: str
    oid: tuple
    objects: list
    text: str

    @property
    def dotted(self):
        return ".".join(map(str, self.oid))


def words(text):
    return " ".join(text.split())


class Module:
    """`objects` and `notifications` by name, in the order of their OIDs; `enterprise` the arc
    that all hangs below; `product` the value of sysObjectID."""

    def __init__(self, text):
        self.tokens = [t for t in TOKEN.findall(text) if not t.startswith("--")]
        self.oids, self.raw, self.conventions, self.parents = {}, {}, {}, {}
        self.at = 0
        self.parse()
        self.objects = {name: self.object(name, raw) for name, raw in self.raw.items()
                        if raw["macro"] == "OBJECT-TYPE"}
        self.objects = dict(sorted(self.objects.items(), key=lambda item: item[1].oid))
        for o in self.objects.values():
            entry = self.objects.get(self.parents[o.name])
            if entry and entry.index:
                o.table = self.objects[self.parents[entry.name]]
                o.table.index = o.index = entry.index
        self.notifications = self.all_notifications()
        self.enterprise = self.oid("cbmcEnterprise")
        self.product = self.oid("cbmcClusterServer")

    # ---- reading ----

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def parse(self):
        """Each `name MACRO clauses ::= { parent number }`, and each convention."""
        while self.at < len(self.tokens) - 1:
            name, then = self.tokens[self.at], self.tokens[self.at + 1]
            if name == "IMPORTS":
                self.at = self.tokens.index(";", self.at) + 1
            elif then == "::=" and self.tokens[self.at + 2] == "TEXTUAL-CONVENTION":
                self.at += 3
                self.conventions[name] = self.clauses(end="SYNTAX")
            elif then == "OBJECT" and self.tokens[self.at + 2] == "IDENTIFIER":
                self.at += 4
                self.node(name)
            elif then in ("OBJECT-TYPE", "NOTIFICATION-TYPE", "MODULE-IDENTITY",
                          "OBJECT-IDENTITY", "OBJECT-GROUP", "NOTIFICATION-GROUP",
                          "MODULE-COMPLIANCE"):
                self.at += 2
                self.raw[name] = {**self.clauses(), "macro": then}
                self.node(name)
            else:
                self.at += 1

    def clauses(self, end="::="):
        """{clause: its tokens}, up to and with `end`; a convention ends with its SYNTAX."""
        found, now = {}, None
        while True:
            token = self.next()
            if token == "::=":
                return found
            if token in CLAUSES:
                now = found[token] = []
                if token == end:
                    now += self.syntax()
                    return found
            elif now is not None:
                now.append(token)

    def syntax(self):
        taken = [self.next()]
        while taken[-1] in ("OCTET", "OBJECT"):
            taken.append(self.next())
        if self.tokens[self.at] in "{(":
            depth = 0
            while True:
                taken.append(self.next())
                depth += (taken[-1] in "{(") - (taken[-1] in "})")
                if not depth:
                    break
        return taken

    def node(self, name):
        assert self.next() == "{", name
        parent, number = self.next(), int(self.next())
        assert self.next() == "}", name
        self.oids[name], self.parents[name] = (parent, number), parent

    # ---- meaning ----

    def oid(self, name):
        if name in KNOWN:
            return KNOWN[name]
        parent, number = self.oids[name]
        return (*self.oid(parent), number)

    def base(self, syntax):
        """(type, {number: word}, display hint) below all conventions."""
        if "{" in syntax and syntax[0] in ("INTEGER", "BITS"):
            inside = syntax[syntax.index("{") + 1:-1]
            return syntax[0], {int(inside[i + 2]): inside[i]
                               for i in range(0, len(inside), 5)}, ""
        if syntax[0] in self.conventions:
            clauses = self.conventions[syntax[0]]
            kind, values, hint = self.base(clauses["SYNTAX"])
            return kind, values, clauses.get("DISPLAY-HINT", [f'"{hint}"'])[0].strip('"')
        if syntax[0] in CONVENTIONS:
            return CONVENTIONS[syntax[0]], KNOWN[syntax[0]], ""
        return " ".join(syntax[:2]) if syntax[0] in ("OCTET", "OBJECT") else syntax[0], {}, ""

    def object(self, name, raw):
        base, values, hint = self.base(raw["SYNTAX"])

        def text(clause):
            return words("".join(raw.get(clause, [])).strip('"'))
        index = [i for i in raw.get("INDEX", []) if i not in "{},IMPLIED"]
        return Object(name, self.oid(name), " ".join(raw["SYNTAX"]), base, values, text("UNITS"),
                      hint, raw["MAX-ACCESS"][0], text("DESCRIPTION"), index)

    def all_notifications(self):
        found = [Notification(name, self.oid(name), [o for o in raw.get("OBJECTS", [])
                                                     if o not in "{},"],
                              words("".join(raw.get("DESCRIPTION", [])).strip('"')))
                 for name, raw in self.raw.items() if raw["macro"] == "NOTIFICATION-TYPE"]
        return {n.name: n for n in sorted(found, key=lambda n: n.oid)}

    def columns(self, table):
        """What can be read of a table, or of the scalars below a node."""
        return [o for o in self.objects.values() if o.readable
                and (o.table.name if o.table else self.parents[o.name]) == table]

    def tables(self):
        return [o.name for o in self.objects.values() if o.syntax.startswith("SEQUENCE OF")]

    def groups(self):
        """Nodes that have scalars below them."""
        return list(dict.fromkeys(self.parents[o.name] for o in self.objects.values()
                                  if o.readable and not o.table))

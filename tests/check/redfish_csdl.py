# SPDX-License-Identifier: Apache-2.0
"""Bodies of a Redfish service against DMTF's CSDL, from files: each property is declared, has
its type and is not null where it can't be, required ones are there, words are in their
enumerations, links are links, actions take what the schema gives them, URIs are those of the
schema. What the JSON schemas can't say, or not as strictly, is said here.

Also a program: redfish_csdl.py URL USER PASSWORD walks a service and prints what is wrong."""
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
SCHEMAS = TOP.parent / "shared" / "dmtf" / "csdl"
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
VERSIONED = re.compile(r"^(\w+)\.v(\d+)_(\d+)_(\d+)$")
PRIMITIVES = {
    "Edm.String": (str,), "Edm.Boolean": (bool,), "Edm.DateTimeOffset": (str,),
    "Edm.Guid": (str,), "Edm.Duration": (str,), "Edm.Date": (str,), "Edm.TimeOfDay": (str,),
    "Edm.Int16": (int,), "Edm.Int32": (int,), "Edm.Int64": (int,),
    "Edm.Decimal": (int, float), "Edm.Double": (int, float)}
FORMS = {
    "Edm.DateTimeOffset": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"),
    "Edm.Guid": re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"),
    "Edm.Duration": re.compile(r"-?P(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$")}


def version(namespace):
    """(name, version) of a namespace; one without a version comes first."""
    found = VERSIONED.match(namespace)
    return (found[1], tuple(map(int, found.groups()[1:]))) if found else (namespace, ())


def note(element, term):
    """The annotation with this term, or None."""
    return next((a for a in element.findall(f"{EDM}Annotation") if a.get("Term") == term), None)


def said_no(element, term):
    found = note(element, term)
    return found is not None and found.get("Bool") == "false"


class Csdl:
    """All schemas: DMTF's, read when they are first named, and `own`: XML of the service's."""

    def __init__(self, own=()):
        self.files, self.types = {}, {}
        for text in own:
            root = ET.fromstring(text)
            for schema in root.iter(f"{EDM}Schema"):
                name = version(schema.get("Namespace"))[0]
                self.files.setdefault(name, {})[schema.get("Namespace")] = schema

    def file(self, name):
        """{namespace: schema} of a schema by its name without a version."""
        if name not in self.files:
            path = SCHEMAS / f"{name}_v1.xml"
            schemas = ET.parse(path).getroot().iter(f"{EDM}Schema") if path.exists() else ()
            self.files[name] = {s.get("Namespace"): s for s in schemas}
        return self.files[name]

    def element(self, kind):
        """The element that declares a type by its whole name, or None."""
        if kind not in self.types:
            namespace, name = kind.rsplit(".", 1)
            schema = self.file(version(namespace)[0]).get(namespace)
            self.types[kind] = None if schema is None else next(
                (e for e in schema if e.get("Name") == name and e.tag != f"{EDM}Action"), None)
        return self.types[kind]

    def bases(self, kind):
        """A type and what it is made from, itself first: (name, element)."""
        while kind:
            element = self.element(kind)
            if element is None:
                return
            yield kind, element
            kind = element.get("BaseType")

    def newest(self, kind, limit=None):
        """The newest version of a type that is made from it; of the schema `limit` names, no
        newer one."""
        namespace, name = kind.rsplit(".", 1)
        schema = version(namespace)[0]
        top = limit[1] if limit and limit[0] == schema else (999,)
        best = kind
        for other in self.file(schema):
            candidate = f"{other}.{name}"
            if version(other)[1] <= top and version(other)[1] >= version(best.rsplit(".", 1)[0])[1] \
                    and any(k == kind for k, _ in self.bases(candidate)):
                best = candidate
        return best

    def properties(self, kind):
        """{name: element} of a type, inherited ones too."""
        found = {}
        for _, element in self.bases(kind):
            for p in element:
                if p.tag in (f"{EDM}Property", f"{EDM}NavigationProperty"):
                    found.setdefault(p.get("Name"), p)
        return found

    def is_open(self, kind):
        """Whether it takes properties that it doesn't declare."""
        declared = [e for _, e in self.bases(kind)]
        return any(note(e, "Redfish.DynamicPropertyPatterns") is not None for e in declared) or \
            not any(said_no(e, "OData.AdditionalProperties") for e in declared)

    def along(self, kind, path):
        """The elements that declare "A" and "B" of the path "A/B" of a type; what is not
        declared ends it with None."""
        limit = version(kind.rsplit(".", 1)[0])
        for key in path.split("/"):
            p = self.properties(kind).get(key)
            yield p
            if p is None:
                return
            kind = self.newest(p.get("Type").removeprefix("Collection(").removesuffix(")"), limit)

    def permission(self, kind, path):
        """"Read", "ReadWrite" ... of the property at "A/B" of a type; None: no such."""
        said = None
        for p in self.along(kind, path):
            if p is None:
                return None
            found = note(p, "OData.Permissions")
            if found is not None:
                said = found.get("EnumMember").rsplit("/", 1)[1]
        return said or "ReadWrite"

    def nullable(self, kind, path):
        """Whether the property at "A/B" of a type may be null; one that is not declared may."""
        last = list(self.along(kind, path))[-1]
        return last is None or last.get("Nullable") != "false"

    # ---- bodies ----

    def errors(self, body):
        """What is wrong with a body, in words."""
        kind = body["@odata.type"].removeprefix("#")
        if self.element(kind) is None:
            return [f"no type {kind}"]
        self.limit = version(kind.rsplit(".", 1)[0])
        wrong = list(self.object(kind, body, ""))
        wrong += list(self.uri(kind, body["@odata.id"]))
        wrong += list(self.actions(kind.split(".")[0], body.get("Actions", {})))
        return wrong

    def uri(self, kind, uri):
        patterns = [s.text for _, e in self.bases(kind)
                    if (a := note(e, "Redfish.Uris")) is not None for s in a.iter(f"{EDM}String")]
        plain = uri.rstrip("/")
        if patterns and not any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", p.rstrip("/")), plain)
                                for p in patterns):
            yield f"is at {uri}, which is none of the schema's"

    def object(self, kind, value, at, excerpt=None):
        if not isinstance(value, dict):
            yield f"{at}: no object"
            return
        known = self.properties(kind)
        for key, v in value.items():
            name = key.split("@")[0]
            if name and name not in known and not name.startswith("#") and not self.is_open(kind):
                yield f"{at}/{name}: is not declared"
            if key.endswith("@odata.count") and name and v != len(value.get(name, [])) and \
                    f"{name}@odata.nextLink" not in value and name != "Members":
                yield f"{at}/{key}: {v} of {len(value.get(name, []))}"
            if "@" not in key and key in known:
                yield from self.property(known[key], v, f"{at}/{key}")
            elif isinstance(v, dict) and "@odata.type" in v:
                yield from self.typed(v, f"{at}/{key}")
        if excerpt is not None:
            yield from self.excerpt(known, value, excerpt, at)
            return
        for name, p in known.items():
            if note(p, "Redfish.Required") is not None and name not in value:
                yield f"{at}/{name}: is required"

    @staticmethod
    def excerpt(known, value, which, at):
        """Only what the schema puts into an excerpt of that name."""
        for key in value:
            p = known.get(key)
            if p is None or note(p, "Redfish.ExcerptCopyOnly") is not None:
                continue
            a = note(p, "Redfish.Excerpt")
            if a is None or (a.get("String") and which not in a.get("String").split(",")):
                yield f"{at}/{key}: is no part of an excerpt {which}"

    def property(self, p, v, at):
        kind = p.get("Type")
        if kind.startswith("Collection("):
            kind = kind[len("Collection("):-1]
            if not isinstance(v, list):
                yield f"{at}: no array"
                return
            for i, item in enumerate(v):
                if item is not None or p.get("Nullable") == "false":
                    yield from self.value(p, kind, item, f"{at}/{i}")
            return
        if v is None:
            if p.get("Nullable") == "false":
                yield f"{at}: is null"
            return
        yield from self.value(p, kind, v, at)

    def value(self, p, kind, v, at):
        if note(p, "Redfish.Deprecated") is not None or note(p, "Redfish.Revisions") is not None \
                and "Deprecated" in ET.tostring(note(p, "Redfish.Revisions"), encoding="unicode"):
            yield f"{at}: is deprecated"
        if p.tag == f"{EDM}NavigationProperty":
            yield from self.navigation(p, kind, v, at)
        elif kind.startswith("Edm."):
            yield from self.primitive(kind, v, at)
            yield from self.range(p, v, at)
        else:
            yield from self.declared(kind, v, at)

    @staticmethod
    def range(p, v, at):
        for term, sign in (("Validation.Minimum", 1), ("Validation.Maximum", -1)):
            limit = note(p, term)
            if limit is not None and isinstance(v, (int, float)) and \
                    (v - int(limit.get("Int"))) * sign < 0:
                yield f"{at}: {v} is past its limit {limit.get('Int')}"

    def navigation(self, p, kind, v, at):
        copy = note(p, "Redfish.ExcerptCopy")
        if copy is not None:
            yield from self.object(self.newest(kind), v, at, copy.get("String", ""))
        elif not isinstance(v, dict) or "@odata.id" not in v:
            yield f"{at}: is no link"
        elif note(p, "OData.AutoExpand") is not None and "#" in v["@odata.id"]:
            yield from self.object(self.newest(kind, self.limit), v, at)
        elif set(v) != {"@odata.id"} and "@odata.type" not in v:
            yield f"{at}: is a link with more than @odata.id"

    @staticmethod
    def primitive(kind, v, at):
        types = PRIMITIVES.get(kind)
        if types and (not isinstance(v, types) or (isinstance(v, bool) and bool not in types)):
            yield f"{at}: {v!r} is no {kind}"
        elif kind in FORMS and not FORMS[kind].match(v):
            yield f"{at}: {v!r} has not the form of {kind}"

    def declared(self, kind, v, at):
        kind = self.newest(kind, self.limit)
        element = self.element(kind)
        if element is None:
            yield f"{at}: no type {kind}"
        elif element.tag == f"{EDM}EnumType":
            if v not in self.words(element):
                yield f"{at}: {v!r} is no {kind}"
        elif element.tag == f"{EDM}TypeDefinition":
            yield from self.primitive(element.get("UnderlyingType"), v, at)
        else:
            yield from self.object(kind, v, at)

    def typed(self, v, at):
        """An object that says itself what it is: ours, in an Oem."""
        kind = v["@odata.type"].removeprefix("#")
        if self.element(kind) is None:
            yield f"{at}: no type {kind}"
        else:
            yield from self.object(kind, v, at)

    @staticmethod
    def words(element):
        return [m.get("Name") for m in element.findall(f"{EDM}Member")]

    # ---- actions ----

    def action(self, name):
        """{parameter: element} of "Chassis.Reset", without the one it is bound to; or None."""
        namespace, _, last = name.partition(".")
        schema = self.file(namespace).get(namespace)
        for e in () if schema is None else schema.findall(f"{EDM}Action"):
            if e.get("Name") == last:
                return {p.get("Name"): p for p in e.findall(f"{EDM}Parameter")[1:]}
        return None

    def actions(self, schema, actions):
        for key, v in actions.items():
            if not key.startswith("#"):
                continue
            takes = self.action(key[1:])
            if takes is None or not key.startswith(f"#{schema}."):
                yield f"Actions/{key}: is not declared"
                continue
            if "target" not in v:
                yield f"Actions/{key}: no target"
            for name, values in v.items():
                if name.endswith("@Redfish.AllowableValues"):
                    yield from self.allowed(takes, name.split("@")[0], values, key)

    def allowed(self, takes, name, values, key):
        if name not in takes:
            yield f"Actions/{key}: takes no {name}"
            return
        kind = self.newest(takes[name].get("Type"))
        element = None if kind.startswith(("Edm.", "Collection(")) else self.element(kind)
        if element is not None and element.tag == f"{EDM}EnumType":
            for v in values:
                if v not in self.words(element):
                    yield f"Actions/{key}: {name} {v!r} is no {kind}"

    def action_info(self, key, body):
        """What is wrong with the ActionInfo of an action "#Chassis.Reset"."""
        takes = self.action(key[1:]) or {}
        given = {p["Name"]: p for p in body.get("Parameters", [])}
        for name, p in given.items():
            if "AllowableValues" in p:
                yield from self.allowed(takes, name, p["AllowableValues"], key)
            elif name not in takes and name != "Oem":  # any action may have that
                yield f"{key}: takes no {name}"
        for name, p in takes.items():
            if p.get("Nullable") == "false" and not given.get(name, {}).get("Required"):
                yield f"{key}: {name} is required, and not said to be"


def own_schemas(get_text):
    """The XML of the service's own schemas, which $metadata names by local addresses."""
    for uri in re.findall(r'Uri="(/redfish/v1/[^"]+)"', get_text("/redfish/v1/$metadata")):
        yield get_text(uri)


def main():
    import requests
    import redfish_schema
    url, user, password = sys.argv[1:]
    session = requests.Session()
    session.verify, session.trust_env, session.auth = False, False, (user, password)
    csdl = Csdl(own_schemas(lambda uri: session.get(url + uri, timeout=10).text))
    told = set()
    for uri, body in redfish_schema.walk(lambda uri: session.get(url + uri, timeout=10).json()):
        for error in csdl.errors(body) if "@odata.type" in body else ():
            if (body["@odata.type"], error) not in told:
                told.add((body["@odata.type"], error))
                print(uri, error)


if __name__ == "__main__":
    main()

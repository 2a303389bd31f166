# SPDX-License-Identifier: Apache-2.0
"""Bodies of a Redfish service against DMTF's JSON schemas, all from files.

Also a program: redfish_schema.py URL USER PASSWORD walks a service and prints what is wrong."""
import json
import sys
from pathlib import Path

import jsonschema

TOP = Path(__file__).resolve().parents[2]
SCHEMAS = TOP.parent / "shared" / "dmtf" / "json-schema"
BASE = "http://redfish.dmtf.org/schemas/v1/"


def load(name):
    path = SCHEMAS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def known_as_csdl(name):
    path = SCHEMAS.parent / "csdl" / f"{name.split('.')[0]}_v1.xml"
    return path.exists() and f'Namespace="{name}"' in path.read_text()


class Resolver(jsonschema.RefResolver):
    """References go to the files; a schema that is not there allows anything."""

    def resolve_remote(self, uri):
        name = uri.rsplit("/", 1)[1].removesuffix(".json")
        return load(name) or Anything()


class Anything(dict):
    """A document in which every pointer leads to the schema that allows all."""

    def __getitem__(self, key):
        return Anything()

    def __contains__(self, key):
        return False


def links(body):
    """Every @odata.id in a body that names a resource of its own."""
    if isinstance(body, list):
        for item in body:
            yield from links(item)
    elif isinstance(body, dict):
        for key, value in body.items():
            if key in ("@odata.id", "@Redfish.ActionInfo") and "#" not in value:
                yield value
            else:
                yield from links(value)


def errors(body):
    """What the schema of a body's @odata.type says against it."""
    kind = body["@odata.type"].removeprefix("#")
    name = kind.rsplit(".", 1)[0] if ".v" in kind else kind.split(".")[0]
    schema = load(name)
    if schema is None:
        # a few that DMTF has as CSDL only (redfish_csdl.py looks at those)
        return [] if known_as_csdl(name) else [f"no schema {name}"]
    resolver = Resolver(BASE + name + ".json", schema)
    checker = jsonschema.Draft7Validator(schema, resolver=resolver)
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}"
            for e in checker.iter_errors(body)]


def walk(get, start="/redfish/v1"):
    """All resources that can be reached: (uri, body), each once. `get` gives a JSON body."""
    seen, todo = {start}, [start]
    while todo:
        uri = todo.pop(0)
        body = get(uri)
        yield uri, body
        for link in links(body):
            if link.rstrip("/") not in seen:
                seen.add(link.rstrip("/"))
                todo.append(link)


def main():
    import requests
    url, user, password = sys.argv[1:]
    session = requests.Session()
    session.verify, session.trust_env, session.auth = False, False, (user, password)

    def get(uri):
        r = session.get(url + uri, timeout=10)
        if r.status_code not in (200, 202):
            print(uri, r.status_code)
            return {"@odata.type": ""}
        return r.json()
    count, told = 0, set()
    for uri, body in walk(get):
        count += 1
        if not body["@odata.type"]:
            continue
        for error in errors(body):
            if (body["@odata.type"], error) not in told:
                told.add((body["@odata.type"], error))
                print(uri, error)
    print(count, "resources")


if __name__ == "__main__":
    main()

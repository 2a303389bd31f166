# SPDX-License-Identifier: Apache-2.0
"""Zabbix, from 6.4 on: one walk[] a table, rows found in it, and items that are cut out of it."""
import choice
from writing import document, uuid

HEAD = "Made from CLUSTER-BMC-MIB by mibs/noc/generate.py."
NAME = "Cluster server by SNMP"
GROUP = "Templates/Server hardware"
HEARTBEAT = {"type": "DISCARD_UNCHANGED_HEARTBEAT", "parameters": ["6h"]}
UNITS = {"C": "\N{DEGREE SIGN}C", "rpm": "!rpm", "Mbps": "!Mbps", "MHz": "!MHz", "h": "!h"}
PRIORITY = {1: ("WARNING", "warning"), 2: ("HIGH", "critical")}


def key(o):
    stem = choice.kind_of(o.table.name) if o.table else "system"
    word = o.name.removeprefix("cbmc")
    return f"cbmc.{stem}.{word}" + ("[{#SNMPINDEX}]" if o.table else "")


def master(table):
    return f"cbmc.{choice.kind_of(table.name)}.walk"


def valuemap(o):
    return {"valuemap": {"name": map_name(o)}} if o.values else {}


def map_name(o):
    return o.syntax if o.syntax.startswith("Cbmc") or o.syntax == "TruthValue" else o.name


def steps(o):
    """Preprocessing behind the reading itself."""
    if o.values:
        return []
    if o.base.startswith("Counter") and not choice.is_gauge64(o) and not choice.unit(o) == "h":
        return [{"type": "CHANGE_PER_SECOND", "parameters": [""]}]
    if choice.divisor(o) != 1:
        return [{"type": "MULTIPLIER", "parameters": ["0.001"]}]
    return []


def value_type(o):
    if o.base == "DateAndTime":
        return {"value_type": "CHAR", "trends": "0"}
    if any(s["type"] != "SNMP_WALK_VALUE" for s in steps(o)):
        return {"value_type": "FLOAT"}
    return {"trends": "0"} if o.values else {}


def units(o):
    unit = choice.unit(o)
    per_second = "ps" if any(s["type"] == "CHANGE_PER_SECOND" for s in steps(o)) else ""
    return {"units": UNITS.get(unit, unit) + per_second} if unit else {}


def triggers(o, path, prefix):
    """Of a health: one for each bad word."""
    if not o.name.endswith("Health"):
        return []
    found = []
    for number, word in o.values.items():
        if choice.severity(word) in PRIORITY:
            priority, said = PRIORITY[choice.severity(word)]
            found.append({"uuid": uuid("trigger", o.name, word),
                          "expression": f"last(/{NAME}/{path})={number}",
                          "name": f"{prefix} is {said}", "priority": priority,
                          "tags": [{"tag": "scope", "value": "availability"}]})
    return found


def described(o):
    return f"{o.first_sentence} (CLUSTER-BMC-MIB::{o.name})"


def scalar(o):
    item = {"uuid": uuid("item", o.name), "name": choice.spaced(o.name), "type": "SNMP_AGENT",
            "snmp_oid": o.dotted + ".0", "key": key(o), **value_type(o), **units(o),
            "description": described(o), **valuemap(o)}
    if steps(o):
        item["preprocessing"] = steps(o)
    item["tags"] = [{"tag": "component", "value": "system"}]
    if triggers(o, key(o), "Cluster server"):
        item["triggers"] = triggers(o, key(o), "Cluster server")
    return item


def walk(table, columns):
    return {"uuid": uuid("walk", table.name), "name": f"Walk of {table.name}",
            "type": "SNMP_AGENT", "snmp_oid": f"walk[{','.join(o.dotted for o in columns)}]",
            "key": master(table), "history": "0", "value_type": "TEXT", "trends": "0",
            "description": table.first_sentence, "tags": [{"tag": "component", "value": "raw"}]}


def prototype(o):
    short = choice.spaced(o.name.removeprefix(o.table.name.removesuffix("Table")))
    cut = {"type": "SNMP_WALK_VALUE", "parameters": [o.dotted + ".{#SNMPINDEX}", "0"],
           "error_handler": "DISCARD_VALUE"}
    item = {"uuid": uuid("prototype", o.name), "name": f"{{#ID}}: {short}", "type": "DEPENDENT",
            "key": key(o), "delay": "0", **value_type(o), **units(o),
            "description": described(o), **valuemap(o), "preprocessing": [cut, *steps(o)],
            "master_item": {"key": master(o.table)},
            "tags": [{"tag": "component", "value": choice.kind_of(o.table.name)},
                     {"tag": "row", "value": "{#ID}"}]}
    if triggers(o, key(o), "{#ID}"):
        item["trigger_prototypes"] = triggers(o, key(o), "{#ID}")
    return item


def macros(table, names):
    """{#ID} and, where there is one, {#NAME}: their columns."""
    found = ["{#ID}", choice.name_of(table, names).dotted, "0"]
    for o in names:
        if o.name.endswith("Name"):
            found += ["{#NAME}", o.dotted, "0"]
    return found


def rule(table, shown, names):
    return {"uuid": uuid("rule", table.name), "name": f"Rows of {table.name}",
            "type": "DEPENDENT", "key": f"cbmc.{choice.kind_of(table.name)}.discovery",
            "delay": "0", "description": table.first_sentence,
            "item_prototypes": [prototype(o) for o in shown],
            "master_item": {"key": master(table)},
            "preprocessing": [{"type": "SNMP_WALK_TO_JSON", "parameters": macros(table, names),
                               "error_handler": "DISCARD_VALUE"}, HEARTBEAT]}


def valuemaps(module):
    found = {}
    for o in choice.readings(module):
        if o.values and map_name(o) not in found:
            found[map_name(o)] = {
                "uuid": uuid("valuemap", map_name(o)), "name": map_name(o),
                "mappings": [{"value": str(n), "newvalue": word}
                             for n, word in o.values.items()]}
    return [found[name] for name in sorted(found)]


def template(module):
    tables = choice.tables(module)
    items = [scalar(o) for o in choice.readings(module) if not o.table]
    items += [walk(table, names + shown) for table, shown, names in tables]
    body = {"uuid": uuid("template"), "template": NAME, "name": NAME,
            "description": "A chassis of many small computers, read from CLUSTER-BMC-MIB.\n"
                           "Every table is walked once a minute; all else is cut out of that.",
            "groups": [{"name": GROUP}], "items": items,
            "discovery_rules": [rule(*table) for table in tables],
            "valuemaps": valuemaps(module)}
    return document({"zabbix_export": {
        "version": "6.4", "template_groups": [{"uuid": uuid("group"), "name": GROUP}],
        "templates": [body]}}, HEAD, "For Zabbix 6.4 and later: Data collection, Templates, Import.")

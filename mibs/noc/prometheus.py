# SPDX-License-Identifier: Apache-2.0
"""snmp_exporter's module, what its own generator makes the same from, and alert rules."""
import re

import choice
from writing import document

# A word that says what a part is, not how it is: one series instead of one a word.
PROPERTY = re.compile(r"(Form|Media|Protocol|Context|Type|LastAction)$")
HEAD = "Made from CLUSTER-BMC-MIB by mibs/noc/generate.py."
AUTH_V3 = {"security_level": "authPriv", "username": "noc", "password": "CHANGE-ME",
           "auth_protocol": "SHA256", "priv_protocol": "AES256", "priv_password": "CHANGE-ME"}
AUTHS = {"clusterbmc": {"version": 2, "auth": {"community": "public"}},
         "clusterbmc_v3": {"version": 3, "auth": AUTH_V3}}


def kind(o):
    if o.values:
        return "EnumAsInfo" if PROPERTY.search(o.name) else "EnumAsStateSet"
    if o.base == "DateAndTime":
        return "DateAndTime"
    return "counter" if o.base.startswith("Counter") and not choice.is_gauge64(o) else "gauge"


def help_text(o):
    """As the generator words it: the first sentence, without its full stop if more follow."""
    first = o.text.split(". ")[0]
    return f"{first} - {o.dotted}"


def lookups(names):
    return [{"labels": list(o.index), "labelname": o.name, "oid": o.dotted,
             "type": "DisplayString"} for o in names]


def metric(o, names=()):
    out = {"name": o.name, "oid": o.dotted, "type": kind(o), "help": help_text(o)}
    if o.table:
        out["indexes"] = [{"labelname": i, "type": "gauge"} for i in o.index]
        if names:
            out["lookups"] = lookups(names)
    if o.values:
        out["enum_values"] = dict(o.values)
    return out


def parts(module):
    """(columns to walk, scalars to get, metrics in the order of OIDs)"""
    walk, get, metrics = set(), [], []
    for o in choice.readings(module):
        if not o.table:
            get.append(o.dotted + ".0")
            metrics.append((o.dotted, metric(o)))
    for _table, shown, names in choice.tables(module):
        walk |= {o.dotted for o in shown + names}
        metrics += [(o.dotted, metric(o, names)) for o in shown]
    return sorted(walk), sorted(get), [m for _, m in sorted(metrics, key=lambda m: m[0])]


def module_body(module):
    walk, get, metrics = parts(module)
    return {"walk": walk, "get": get, "metrics": metrics}


def exporter(module):
    """For snmp_exporter up to 0.22, as Debian 12 has it: credentials stand in the module."""
    first, second = AUTHS
    text = document({first: {**module_body(module), **AUTHS[first]}}, HEAD,
                    "For snmp_exporter 0.21 and 0.22 (Debian 12). clusterbmc_v3 needs the user's",
                    "name and passphrases; both read with max_repetitions 25.")
    other = document({second: {"MERGE": first, **AUTHS[second]}}).split("\n", 1)[1]
    return (text.replace(f"\n{first}:\n", f"\n{first}: &{first}\n", 1)
            + other.replace("MERGE: ", "<<: *"))


def exporter_auths(module):
    """For snmp_exporter from 0.23 on: credentials stand beside the modules."""
    auths = {name: {**auth["auth"], "version": auth["version"]} for name, auth in AUTHS.items()}
    return document({"auths": auths, "modules": {"clusterbmc": module_body(module)}}, HEAD,
                    "For snmp_exporter from 0.23 on; auth=clusterbmc_v3 needs the user's name and",
                    "passphrases.")


def generator_module(module):
    body = {"walk": [o.name for o in choice.readings(module)], "lookups": [], "overrides": {}}
    for _table, _shown, names in choice.tables(module):
        body["lookups"] += [{"source_indexes": list(o.index), "lookup": o.name} for o in names]
    for o in choice.readings(module):
        plain = "counter" if o.base.startswith("Counter") else "gauge"
        if kind(o) not in (plain, "DateAndTime"):
            body["overrides"][o.name] = {"type": kind(o)}
    return body


def generator(module):
    body = generator_module(module)
    return document({"modules": {name: {**body, **auth} for name, auth in AUTHS.items()}}, HEAD,
                    "For prometheus-snmp-generator 0.21: who wants other objects or labels edits",
                    "this and runs it with MIBDIRS=mibs:mibs/base. Unedited it makes snmp.yml.")


# name: (expression, for, severity, summary). Ratios of 1000 are the MIB's milli-units.
ALERTS = {
    "ClusterBmcDown": ('up{job="clusterbmc"} == 0', "3m", "critical",
                       "{{ $labels.instance }} does not answer SNMP"),
    "ClusterBmcStale": ("cbmcDataAge > 60000", "2m", "warning",
                        "{{ $labels.instance }} shows values older than a minute"),
    "ClusterBmcCritical": ('cbmcHealth{cbmcHealth="critical"} == 1', "1m", "critical",
                           "{{ $labels.instance }} is critical"),
    "ClusterBmcWarning": ('cbmcHealth{cbmcHealth="warning"} == 1', "5m", "warning",
                          "{{ $labels.instance }} needs a look"),
    "ClusterBmcBoardCritical": (
        'cbmcBoardHealth{cbmcBoardHealth="critical"} == 1', "1m", "critical",
        "{{ $labels.cbmcBoardId }} of {{ $labels.instance }} is critical"),
    "ClusterBmcBoardLost": (
        'cbmcBoardPresent{cbmcBoardPresent="false"} == 1 and on (instance, cbmcBoardBlade,'
        ' cbmcBoardSlot) cbmcBoardPresent{cbmcBoardPresent="true"} offset 15m == 1',
        "1m", "warning", "{{ $labels.cbmcBoardId }} of {{ $labels.instance }} was pulled"),
    "ClusterBmcBoardHung": (
        'cbmcBoardState{cbmcBoardState="adbOffline"} == 1', "10m", "warning",
        "{{ $labels.cbmcBoardId }} of {{ $labels.instance }} is powered and does not answer"),
    "ClusterBmcPowerNotRedundant": (
        'cbmcPowerRedundancy{cbmcPowerRedundancy="lost"} == 1', "1m", "critical",
        "{{ $labels.instance }} has no spare power supply left"),
    "ClusterBmcSupplyFailed": (
        'cbmcPsuHealth{cbmcPsuHealth="critical"} == 1', "1m", "critical",
        "{{ $labels.cbmcPsuId }} of {{ $labels.instance }} has failed"),
    "ClusterBmcFanFailed": (
        'cbmcFanHealth{cbmcFanHealth=~"warning|critical"} == 1', "1m", "critical",
        "{{ $labels.cbmcFanId }} of {{ $labels.instance }} is too slow or stands"),
    "ClusterBmcSensorBeyondLimit": (
        'cbmcSensorHealth{cbmcSensorHealth=~"warning|critical"} == 1', "5m", "warning",
        "{{ $labels.cbmcSensorId }} of {{ $labels.instance }} is beyond its limit"),
    "ClusterBmcDiskFailing": (
        'cbmcDiskFailurePredicted{cbmcDiskFailurePredicted="true"} == 1', "5m", "warning",
        "{{ $labels.cbmcDiskId }} of {{ $labels.instance }} expects to fail"),
    "ClusterBmcStateNotDurable": (
        'cbmcManagerStateDurable{cbmcManagerStateDurable="false"} == 1', "5m", "warning",
        "{{ $labels.instance }} can't write to its disk"),
}


def alerts(_module):
    rules = [{"alert": name, "expr": expression, "for": wait, "labels": {"severity": severity},
              "annotations": {"summary": summary}}
             for name, (expression, wait, severity, summary) in ALERTS.items()]
    return document({"groups": [{"name": "clusterbmc", "rules": rules}]}, HEAD,
                    "For Prometheus: `rule_files`. The job that scrapes is called clusterbmc.")

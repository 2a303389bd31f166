# SPDX-License-Identifier: Apache-2.0
"""Every property path in the tables is one DMTF's schemas know, and every field of every kind
is in Redfish or in the list of exceptions. The values are checked by the walk of
tests/integration/test_redfish_bodies.py."""
import os
import re
import subprocess
from pathlib import Path

import pytest

import redfish_csdl
import redfish_schema
from sources import TOP

BUILD = Path(os.environ.get("CLUSTERBMC_BUILD", TOP / "build"))

# Fields that no Redfish property shows, each with its reason.
EXCEPTIONS = {
    **{f"{kind}.{field}": "the kind has no Status in DMTF's schema, or only a fixed one"
       for kind in ("task", "event", "account", "role", "session", "aggregate", "audit",
                    "certificate")
       for field in ("status", "health")},
    **{f"condition.{field}": "an element of Status.Conditions has none; Severity says it"
       for field in ("id", "status", "health")},
    "subscription.suspended": "Status.State says it",
    "subscription.snmp_auth": "an object SNMP of some",
    "subscription.snmp_priv": "an object SNMP of some",
    **{f"{kind}.health": "a definition is well as long as it is there"
       for kind in ("metric_report", "trigger")},
    "condition.origin_id": "OriginOfCondition links to it",
    **{f"event.{field}": "a part of what MessageArgs and Message say"
       for field in ("before", "after", "reading", "limit", "operation", "target", "client")},
    **{f"manager.{field}": "an object of SNMPv2-MIB; DMTF's schemas have no such property"
       for field in ("snmp_auth_traps", "contact", "location", "system_name")},
    **{f"task.{field}": "the plan that the request's parameters gave"
       for field in ("batch", "delay", "canary", "per_blade", "until", "max_failed", "priority")},
    "task.target": "a handle; TargetId says it in words",
    **{f"manager.{field}": "AccountService has it, a resource without a row"
       for field in ("events_enabled", "event_retries", "event_retry_interval",
                     "lockout_threshold", "lockout_duration", "password_min", "basic_auth")},
}


@pytest.fixture(scope="module")
def rows():
    out = subprocess.run([str(BUILD / "clusterbmcd"), "--dump-redfish"], capture_output=True,
                         text=True, check=True, timeout=30).stdout
    return [line.split("\t") for line in out.splitlines()]


def property_of(schema, node, name):
    """The schema of property `name` of an object's schema `node`, references followed."""
    for part in resolved(schema, node):
        found = part[1].get("properties", {}).get(name)
        if found is not None:
            return part[0], found
    return None


def resolved(schema, node):
    """(document, schema) of all that a node may be."""
    if "$ref" in node:
        url, _, pointer = node["$ref"].partition("#")
        document = schema
        if url:
            document = redfish_schema.load(url.rsplit("/", 1)[1].removesuffix(".json"))
        if document is None:
            return
        target = document
        for key in pointer.strip("/").split("/"):
            target = target.get(key, {})
        yield from resolved(document, target)
        return
    if "anyOf" in node:
        for choice in node["anyOf"]:
            yield from resolved(schema, choice)
        return
    if "items" in node:
        yield from resolved(schema, node["items"])
        return
    yield schema, node


def known(kind, path):
    name = kind.rsplit(".", 1)[0] if ".v" in kind else kind.split(".")[0]
    schema = redfish_schema.load(name)
    if schema is None and redfish_schema.known_as_csdl(name):
        return True  # the walk of the integration tests looks at it
    assert schema, f"no schema {name}"
    document, node = schema, schema["definitions"][kind.rsplit(".", 1)[1]]
    for key in re.sub(r"\[\d*\]", "", path).split("/"):
        if "@" in key or key.startswith(("ClusterBmc", "#ClusterBmc")):
            return True
        found = property_of(document, node, key)
        if found is None:
            return not list(resolved(document, node))  # a schema that is not there
        document, node = found
    return True


@pytest.mark.skipif(not redfish_schema.SCHEMAS.is_dir(), reason="DMTF's JSON schemas are not here")
def test_every_path_is_in_the_schema(rows):
    wrong = [f"{kind}: {path}" for _, kind, path, *_ in rows if kind and not known(kind, path)]
    assert not wrong, "\n".join(wrong)


CSDL = pytest.mark.skipif(not redfish_csdl.SCHEMAS.is_dir(), reason="DMTF's CSDL is not here")


@CSDL
def test_what_can_be_patched_is_writable_in_the_schema(rows):
    csdl, wrong = redfish_csdl.Csdl(), []
    settable = [(kind, re.sub(r"\[\d*\]", "", path)) for _, kind, path, *rest in rows
                if rest[2] == "patch" and "Oem/" not in path]
    for kind, path in settable:
        if csdl.permission(kind, path) not in ("ReadWrite", "Write"):
            wrong.append(f"{kind}: {path} is {csdl.permission(kind, path)}")
    print(f"{len(settable)} settings")
    assert len(settable) > 10
    assert not wrong, "\n".join(wrong)


# Fields without which there is no such row: what the schema allows no null for.
ALWAYS = {"account.role", "aggregate.name", "audit.time", "condition.message", "condition.severity",
          "condition.since", "event.time", "manager.model", "role.id", "stored_image.id",
          "subscription.destination", "subscription.protocol"}


@CSDL
def test_what_the_schema_allows_no_null_for_is_never_null(rows):
    csdl = redfish_csdl.Csdl()
    null = [(kind, path, field) for _, kind, path, _, field, _, may in rows
            if may and kind and "Oem/" not in path]
    wrong = [f"{kind}: {path} of {field or 'nothing'}" for kind, path, field in null
             if field not in ALWAYS and not csdl.nullable(kind, re.sub(r"\[\d*\]", "", path))]
    print(f"{len(null)} may be null")
    assert len(null) > 100
    assert not wrong, "\n".join(wrong)
    assert ALWAYS <= {field for _, _, field in null}, "an exception that is none any more"


def chassis(**more):
    return {"@odata.id": "/redfish/v1/Chassis/x", "@odata.type": "#Chassis.v1_28_0.Chassis",
            "Id": "x", "Name": "X", "ChassisType": "Blade", **more}


RESET = "#Chassis.Reset"
WRONG = [
    ({"ChassisType": "Sledge"}, "no Chassis.v1_"),
    ({"ChassisType": None}, "/ChassisType: is null"),
    ({"Name": 5}, "is no"),
    ({"HeightMm": True}, "is no Edm.Decimal"),
    ({"HeightMm": "5"}, "is no Edm.Decimal"),
    ({"HeightMm": -0.5}, "/HeightMm: -0.5 is past its limit 0"),
    ({"Wheels": 4}, "/Wheels: is not declared"),
    ({"Status": {"State": "On"}}, "is no Resource"),
    ({"Status": {"Sate": "Enabled"}}, "/Status/Sate: is not declared"),
    ({"Status": {"State": "Enabled", "Conditions": {}}}, "no array"),
    ({"IndicatorLED": "Lit"}, "/IndicatorLED: is deprecated"),
    ({"Sensors": "/redfish/v1/Chassis/x/Sensors"}, "/Sensors: is no link"),
    ({"Sensors": {"@odata.id": "/x", "Name": "X"}}, "more than @odata.id"),
    ({"Links": {"Contains": {"@odata.id": "/x"}}}, "/Links/Contains: no array"),
    ({"Links": {"Contains": ["/x"]}}, "/Links/Contains/0: is no link"),
    ({"Links": {"Contains": [], "Contains@odata.count": 1}}, "1 of 0"),
    ({"Links": {"ContainedBy": [{"@odata.id": "/x"}]}}, "is no link"),
    ({"Actions": {"#Chassis.Lift": {"target": "/x"}}}, "is not declared"),
    ({"Actions": {RESET: {}}}, "no target"),
    ({"Actions": {RESET: {"target": "/x", "ResetType@Redfish.AllowableValues": ["Off"]}}},
     "'Off' is no Resource.ResetType"),
    ({"Actions": {RESET: {"target": "/x", "Type@Redfish.AllowableValues": ["On"]}}},
     "takes no Type"),
    ({"@odata.id": "/redfish/v1/Enclosures/x"}, "none of the schema's"),
    ({"@odata.type": "#Chassis.v1_99_0.Chassis"}, "no type"),
    ({"Oem": {"X": {"@odata.type": "#X.v1_0_0.X"}}}, "no type X.v1_0_0.X"),
    ({"UUID": "1234"}, "form of Edm.Guid"),
]


@CSDL
def test_the_check_of_bodies_finds_what_is_wrong():
    """The checker itself: right bodies pass, and each wrong one is told for what it is."""
    csdl = redfish_csdl.Csdl()
    right = chassis(Status={"State": "Enabled", "Health": None}, HeightMm=0, WidthMm=5.5, UUID=None, Actions={
        RESET: {"target": "/x", "ResetType@Redfish.AllowableValues": ["On", "ForceOff"]}})
    assert csdl.errors(right) == []
    for change, word in WRONG:
        found = csdl.errors(chassis(**change))
        assert any(word in e for e in found), (change, found)
    nameless = chassis()
    del nameless["Name"]
    assert csdl.errors(nameless) == ["/Name: is required"]
    metrics = {"@odata.id": "/redfish/v1/Chassis/x/EnvironmentMetrics", "Id": "x", "Name": "X",
               "@odata.type": "#EnvironmentMetrics.v1_5_0.EnvironmentMetrics"}
    assert csdl.errors({**metrics, "PowerWatts": {"Reading": 1, "DataSourceUri": "/x"}}) == []
    assert csdl.errors({**metrics, "PowerWatts": {"ReadingUnits": "W"}})
    assert list(csdl.action_info(RESET, {"Parameters": [{"Name": "Kind"}]})) == \
        [f"{RESET}: takes no Kind"]


def test_every_field_is_in_redfish_or_has_a_reason(rows):
    shown = {row[4] for row in rows if row[4]}
    program = BUILD / "tests" / "check" / "dump-snmp"
    out = subprocess.run([program], capture_output=True, text=True, check=True, timeout=30).stdout
    fields = re.findall(r"^field (\S+?)( internal)? ", out, re.M)
    missing = [name for name, internal in fields
               if name not in shown and name not in EXCEPTIONS and not internal]
    print(f"{len(EXCEPTIONS)} exceptions")
    assert len(fields) > 150
    assert not missing, "\n".join(missing)
    assert not [e for e in EXCEPTIONS if e in shown], "an exception that is none any more"

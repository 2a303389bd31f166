# SPDX-License-Identifier: Apache-2.0
"""Every body of a walk over the whole tree is what DMTF's JSON schemas and CSDL say; links lead
somewhere and back; a 304 is honest."""
import contextlib
import sys

import pytest

from harness import ROOT, TOP, Agent, eventually
from receivers import Stream

sys.path.insert(0, str(TOP / "tests" / "check"))
import redfish_csdl  # noqa: E402
import redfish_schema  # noqa: E402

pytestmark = [pytest.mark.plain_only]


# Ansible and OCP's profiles still read them; nothing else that is deprecated is shown.
DEPRECATED = {("Chassis", "/Power: is deprecated"), ("Chassis", "/Thermal: is deprecated")}


def action_infos(body):
    for key, action in body.get("Actions", {}).items():
        if "@Redfish.ActionInfo" in action:
            yield key, action["@Redfish.ActionInfo"]


def wrong_bodies(agent):
    """What is wrong with the bodies of a walk: {error of a type: the first URI that has it}."""
    csdl = redfish_csdl.Csdl(redfish_csdl.own_schemas(lambda uri: agent.get(uri).text))
    wrong, count = {}, 0
    with agent.pinned():
        bodies = dict(redfish_schema.walk(agent.json))
    for uri, body in bodies.items():
        count += 1
        errors = redfish_schema.errors(body) + csdl.errors(body)
        for key, info in action_infos(body):
            errors += csdl.action_info(key, bodies[info])
        for error in errors:
            if (kind_of(body), error) not in DEPRECATED:
                wrong.setdefault(f"{body['@odata.type']}: {error}", uri)
    print(f"{count} resources")
    return wrong


def board(name):
    return {"@odata.id": f"{ROOT}/Systems/{name}"}


WINDOW = {"@Redfish.OperationApplyTime": "AtMaintenanceWindowStart", "@Redfish.MaintenanceWindow": {
    "MaintenanceWindowStartTime": "2100-01-01T00:00:00Z",
    "MaintenanceWindowDurationInSeconds": 60}}
MADE = [("EventService/Subscriptions", {"Destination": "http://127.0.0.1:9/", "Protocol": "Redfish",
                                        "OriginResources": [board("sub1-06")],
                                        "Severities": ["Critical"]}),
        ("EventService/Subscriptions", {"Destination": "snmp://127.0.0.1:9", "Protocol": "SNMPv2c",
                                        "SNMP": {"TrapCommunity": "x"}}),
        ("AggregationService/Aggregates", {"Elements": [board("sub1-06")]}),
        ("TelemetryService/MetricReportDefinitions", {
            "MetricReportDefinitionType": "OnRequest", "Metrics": [{"MetricId": "FanSpeed"}]}),
        ("TelemetryService/Triggers", {
            "MetricIds": ["FanSpeed"], "NumericThresholds": {"UpperWarning": {"Reading": 1}}}),
        ("AccountService/Roles", {"RoleId": "clerk", "AssignedPrivileges": ["Login"]})]


@contextlib.contextmanager
def things_of_users(agent):
    """One of each kind, a stream and a task that waits for its window."""
    with Stream(agent), contextlib.ExitStack() as ends:
        for where, body in MADE:
            r = agent.post(where, body)
            assert r.status_code == 201, r.text
            ends.callback(agent.delete, r.headers["Location"])
        r = agent.post("Systems/sub1-06/Actions/ComputerSystem.Reset",
                       {"ResetType": "ForceRestart", **WINDOW})
        assert r.status_code == 202, r.text
        ends.callback(agent.delete, r.headers["Location"])
        yield


@pytest.mark.skipif(not redfish_schema.SCHEMAS.is_dir() or not redfish_csdl.SCHEMAS.is_dir(),
                    reason="DMTF's schemas are not here")
def test_every_body_of_the_tree_is_valid(agent):
    """With a board that was reset, an empty slot, a pulled supply, a fan that stands and a board
    that is restarting; without boards' readings where they are off; with what users make."""
    agent.finished_or_done(agent.reset("sub1-01", "ForceOff"))
    agent.finished_or_done(agent.reset("sub1-01", "On"))
    agent.finished_or_done(agent.reset("sub1-05", "ForceOff"))
    faults = [("board", "sub1-02", "present", False), ("psu", "psu2", "present", False),
              ("psu", "psu1", "input_ok", False), ("fan", "fan3", "rpm", 0),
              ("fan", "fan4", "present", False), ("sensor", "ambient", "value", 60000)]
    for kind, name, field, value in faults:
        agent.sim("set", kind=kind, id=name, field=field, value=value)
    agent.reset("sub1-03", "ForceRestart")
    eventually(lambda: agent.json("Systems/sub1-02")["Status"]["State"] == "Absent")
    with things_of_users(agent):
        wrong = wrong_bodies(agent)
    for _, name, _, _ in faults:
        agent.sim("clear", id=name)
    agent.finished_or_done(agent.reset("sub1-05", "On"))
    assert not wrong, "\n".join(f"{uri}: {e}" for e, uri in sorted(wrong.items())[:40])


# Links that come in pairs: what the first type links under the first path links back under
# the second. A Chassis is linked both ways by itself.
PAIRS = [("Chassis", "Links/Contains", "Chassis", "Links/ContainedBy"),
         ("Chassis", "Links/ComputerSystems", "ComputerSystem", "Links/Chassis"),
         ("Chassis", "Links/ManagedBy", "Manager", "Links/ManagerForChassis"),
         ("Chassis", "Links/ManagersInChassis", "Manager", "Links/ManagerInChassis"),
         ("Chassis", "Links/Fans", "Fan", "Links/CoolingChassis"),
         ("Chassis", "Links/PowerSupplies", "PowerSupply", "Links/PoweringChassis"),
         ("Chassis", "Links/Drives", "Drive", "Links/Chassis"),
         ("Chassis", "Links/Processors", "Processor", "Links/Chassis"),
         ("Chassis", "Links/Storage", "Storage", "Links/Enclosures"),
         ("ComputerSystem", "Links/ManagedBy", "Manager", "Links/ManagerForServers"),
         ("Storage", "Drives", "Drive", "Links/Storage"),
         ("Processor", "Links/Memory", "Memory", "Links/Processors"),
         ("Drive", "Links/Volumes", "Volume", "Links/Drives"),
         ("Storage", "Links/SimpleStorage", "SimpleStorage", "Links/Storage")]


def kind_of(body):
    return body["@odata.type"].removeprefix("#").split(".")[0]


def at(body, path):
    for key in path.split("/"):
        body = body.get(key, {}) if isinstance(body, dict) else {}
    return body


def one_way(bodies):
    """Links of PAIRS that nothing links back, in words."""
    ways = [*PAIRS, *[(b, back, a, there) for a, there, b, back in PAIRS]]
    for uri, body in bodies.items():
        for kind, path, other, back in ways:
            if kind_of(body) != kind:
                continue
            for link in redfish_schema.links(at(body, path)):
                assert kind_of(bodies[link]) == other, f"{uri} {path} {link}"
                if uri not in redfish_schema.links(at(bodies[link], back)):
                    yield f"{uri} {path}: {link} has no {back} to it"


def test_every_link_leads_somewhere_and_paired_links_lead_back(agent):
    agent.sim("set", kind="board", id="sub2-02", field="present", value=False)
    with agent.pinned():
        bodies = dict(redfish_schema.walk(agent.json))
        moved = [uri for uri, body in bodies.items() if body["@odata.id"].rstrip("/") != uri.rstrip("/")]
    agent.sim("clear", id="sub2-02")
    assert not moved, "these say they are elsewhere"
    wrong = list(one_way(bodies))
    assert not wrong, "\n".join(wrong[:40])
    used = {(kind, path) for kind, path, _, _ in PAIRS
            if any(kind_of(b) == kind and list(redfish_schema.links(at(b, path)))
                   for b in bodies.values())}
    print(f"{len(used)} of {len(PAIRS)} pairs")
    assert ("Chassis", "Links/Contains") in used and ("Chassis", "Links/ComputerSystems") in used


def test_boards_right_in_the_enclosure_are_linked_both_ways_too():
    """On an R1 no blade stands between them."""
    r1 = Agent(platform="r1")
    try:
        r1.start()
        with r1.pinned():
            bodies = dict(redfish_schema.walk(r1.json))
    finally:
        r1.remove()
    wrong = list(one_way(bodies))
    assert not wrong, "\n".join(wrong[:40])
    systems = bodies[f"{ROOT}/Chassis/enclosure"]["Links"]["ComputerSystems"]
    assert systems == [{"@odata.id": f"{ROOT}/Systems/main"}]


def test_304_is_the_answer_if_and_only_if_the_body_is_the_same(agent):
    with agent.pinned():
        uris = [uri for uri, _ in redfish_schema.walk(agent.json)]
        first = {uri: agent.get(uri) for uri in uris}
    # files (schemas, registries) have none: they are no part of the model
    assert all("/JsonSchemas/" in uri or "Registries/" in uri for uri, r in first.items()
               if "ETag" not in r.headers)
    first = {uri: r for uri, r in first.items() if "ETag" in r.headers}
    agent.finished_or_done(agent.reset("sub3-03", "ForceOff"))
    same = 0
    with agent.pinned():
        for uri, before in first.items():
            now = agent.get(uri, headers={"If-None-Match": before.headers["ETag"]})
            assert now.status_code in (200, 304), f"{uri}: {now.status_code}"
            if now.status_code == 200:
                assert now.text != before.text, uri
            else:
                same += 1
                assert agent.get(uri).text == before.text, uri
    agent.finished_or_done(agent.reset("sub3-03", "On"))
    print(f"{same} of {len(first)} bodies stayed")
    assert 0 < same < len(first)


# What OCP's profiles (Baseline, Server) and Ironic's ask for; null where it is not known.
NIC = "Systems/sub1-01/EthernetInterfaces/sub1-01-eth0"
ASKED_FOR = {
    "Systems/sub1-01": ["UUID", "Manufacturer", "BiosVersion", "ProcessorSummary/Count",
                        "Boot/BootSourceOverrideMode", "Boot/UefiTargetBootSourceOverride"],
    "Systems/sub1-01/Processors/cpu": ["ProcessorArchitecture", "TotalThreads"],
    "Chassis/enclosure": ["PowerState", "Manufacturer"],
    "Chassis/blade1": ["PowerState", "Manufacturer"],
    "Chassis/sub1-01": ["PowerState", "Manufacturer"],
    "Chassis/sub1-01/Drives/emmc": ["Protocol", "MediaType", "Status/State", "Status/Health"],
    "Chassis/enclosure/Power": [
        "PowerControl/0/PowerCapacityWatts", "PowerControl/0/PowerLimit/LimitInWatts",
        "PowerControl/0/PowerLimit/LimitException"],
    "Systems/main/Storage/disks/Controllers": ["Members/0"],
    "Systems/main/Storage/disks/Controllers/host": ["SupportedDeviceProtocols"],
    NIC: ["InterfaceEnabled", "LinkStatus", "SpeedMbps", "HostName", "FQDN", "Status/Health",
          "IPv4Addresses/0/Address", "IPv4Addresses/0/SubnetMask", "IPv4Addresses/0/Gateway",
          "IPv4Addresses/0/AddressOrigin"],
}


def has(body, path):
    for key in path.split("/"):
        if isinstance(body, list):
            body = dict(enumerate(body))
            key = int(key)
        if not isinstance(body, dict) or key not in body:
            return False
        body = body[key]
    return True


def test_what_profiles_ask_for_is_there(agent):
    eventually(lambda: agent.json(NIC)["IPv4Addresses"], 30)  # until the board has started
    missing = [f"{uri}: {path}" for uri, asked in ASKED_FOR.items()
               for path in asked if not has(agent.json(uri), path)]
    assert not missing, "\n".join(missing)
    info = agent.json("Managers/bmc/ResetActionInfo")["Parameters"][0]
    assert info["AllowableValues"] == ["GracefulRestart", "ForceRestart"]

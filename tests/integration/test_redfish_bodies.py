# SPDX-License-Identifier: Apache-2.0
"""Every body of a walk over the whole tree is what DMTF's JSON schemas say."""
import sys

import pytest

from harness import TOP

sys.path.insert(0, str(TOP / "tests" / "check"))
import redfish_schema  # noqa: E402

pytestmark = [pytest.mark.plain_only]


@pytest.mark.skipif(not redfish_schema.SCHEMAS.is_dir(), reason="DMTF's JSON schemas are not here")
def test_every_body_of_the_tree_is_valid(agent):
    agent.finished_or_done(agent.reset("sub1-01", "ForceOff"))
    agent.finished_or_done(agent.reset("sub1-01", "On"))
    agent.sim("set", kind="board", id="sub1-02", field="present", value=False)
    wrong, count = set(), 0
    for uri, body in redfish_schema.walk(agent.json):
        count += 1
        wrong |= {f"{body['@odata.type']} ({uri if not wrong else '...'}): {e}"
                  for e in redfish_schema.errors(body)}
    agent.sim("clear", id="sub1-02")
    print(f"{count} resources")
    assert count > 1000
    assert not wrong, "\n".join(sorted(wrong)[:40])


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

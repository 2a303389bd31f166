# SPDX-License-Identifier: Apache-2.0
"""Who may do what: each resource x method x role against DMTF's privilege registry, read here
by itself. What is permitted is asked for with an ETag that fits nothing, so nothing is done."""
import json
import re

import pytest
import requests

from conftest import Agents
from harness import PASSWORD, TOP, Agent

pytestmark = [pytest.mark.plain_only]

REGISTRIES = TOP.parent / "shared/dmtf/registries"
WORD = "another-Pw-22"
ROLES = {"Administrator": {"Login", "ConfigureManager", "ConfigureUsers", "ConfigureComponents",
                           "ConfigureSelf"},
         "Operator": {"Login", "ConfigureComponents", "ConfigureSelf"},
         "ReadOnly": {"Login", "ConfigureSelf"}}
# Read by administrators only, beyond the registry: they name users and their addresses.
STRICTER = ("/LogServices/Audit/Entries", "/LogServices/Journal/Entries")
METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE", "PUT")


@pytest.fixture(scope="module")
def registry():
    files = sorted(REGISTRIES.glob("Redfish_*_PrivilegeRegistry.json"))
    if not files:
        pytest.skip(f"{REGISTRIES} has no privilege registry")
    return {m["Entity"]: m for m in json.loads(files[-1].read_text())["Mappings"]}


@pytest.fixture(scope="module")
def agent():
    one = Agents.new(Agent)
    try:
        yield one.start()
    finally:
        Agents.remove(one)


@pytest.fixture(scope="module")
def sessions(agent):
    """A client for each role, and one that has not logged in."""
    clients = {}
    for role in ROLES:
        name = role.lower()
        r = agent.post("AccountService/Accounts",
                       {"UserName": name, "Password": WORD, "RoleId": role})
        assert r.status_code == 201, r.text
        r = agent.post("SessionService/Sessions", {"UserName": name, "Password": WORD}, auth=None)
        clients[role] = client(agent, r.headers["X-Auth-Token"])
    clients[None] = client(agent, None)
    return clients


def client(agent, token):
    s = requests.Session()
    s.verify = False
    s.trust_env = False
    s.headers.update({"If-Match": '"0-0"', "Content-Type": "application/json"})
    if token:
        s.headers["X-Auth-Token"] = token
    s.base = agent.url("").split("/redfish")[0]
    return s


def links(body):
    if isinstance(body, list):
        for one in body:
            yield from links(one)
    elif isinstance(body, dict):
        for key, value in body.items():
            if key in ("@odata.id", "@Redfish.ActionInfo") and isinstance(value, str):
                yield value.split("#")[0]
            else:
                yield from links(value)


def pattern(uri):
    """Of rows of one kind the first two are enough."""
    return re.sub(r"(?<=/)(sub\S*?|blade|fan|psu|ssd|hdd|nvme)[-\d]*(?=/|$)", r"\1*", uri)


def walk(agent):
    """uri -> (entity, targets of actions)"""
    found, queue, seen = {}, ["/redfish/v1"], {}
    while queue:
        uri = queue.pop(0)
        kind = pattern(uri)
        if uri in found or not uri.startswith("/redfish/v1") or seen.get(kind, 0) == 2 or \
                re.search(r"/Entries/(?!1$)", uri):
            continue
        seen[kind] = seen.get(kind, 0) + 1
        r = agent.get(uri)
        assert r.status_code == 200, uri
        if not r.headers["Content-Type"].startswith("application/json"):
            continue
        body = r.json()
        found[uri] = (body.get("@odata.type", "#.").lstrip("#").split(".")[0],
                      re.findall(r'"target": ?"([^"]*)"', r.text))
        queue += sorted(set(links(body)))
    return found


def ancestors(found, uri):
    parts = uri.split("/")
    paths = ["/".join(parts[:n]) for n in range(3, len(parts))]
    return [found[p][0] for p in paths if p in found]


def operations(registry, found, uri, method):
    """The alternatives, each a set of privileges."""
    mapping = registry.get(found[uri][0])
    if mapping is None:
        return None
    chosen = mapping["OperationMap"][method]
    above = ancestors(found, uri)
    for o in mapping.get("SubordinateOverrides", []):
        if above[-len(o["Targets"]):] == o["Targets"]:
            chosen = o["OperationMap"].get(method, chosen)
    chosen = [set(one["Privilege"]) for one in chosen]
    if method in ("GET", "HEAD") and any(s in uri for s in STRICTER):
        return [{"ConfigureManager"}]
    if method == "PATCH":  # some property of it may be set
        for o in mapping.get("PropertyOverrides", []):
            chosen += [set(p["Privilege"]) for p in o["OperationMap"].get(method, [])
                       if p["Privilege"] == ["ConfigureSelf"]]
    return chosen


def permits(alternatives, role, own):
    if role is None:
        return {"NoAuth"} in alternatives
    has = ROLES[role] - (set() if own else {"ConfigureSelf"})
    return any(one <= has for one in alternatives)


def is_own(agent, uri, role):
    if role is None:
        return False
    if uri.startswith("/redfish/v1/AccountService/Accounts/"):
        return uri.endswith("/" + role.lower())
    return uri.startswith("/redfish/v1/SessionService/Sessions/") and \
        agent.json(uri)["UserName"] == role.lower()


def test_every_role_may_do_to_every_resource_what_the_registry_says(agent, registry, sessions):
    found, wrong, n = walk(agent), [], 0
    assert len(found) > 100 and len({e for e, _ in found.values()}) > 40
    for uri, (_, targets) in found.items():
        for method in METHODS:
            alternatives = operations(registry, found, uri, method)
            if alternatives is None:
                continue
            asked = [uri] + (targets if method == "POST" else [])
            for role, who in sessions.items():
                own = is_own(agent, uri, role)
                for target in asked:
                    may = permits(alternatives, role, own)
                    if method == "POST" and target.endswith("/ManagerAccount.ChangePassword"):
                        may = may or own  # as a PATCH of the password
                    if method == "POST" and uri.endswith("/Sessions") and role is None:
                        may = True  # DSP0266: logging in
                    r = who.request(method, who.base + target, timeout=60,
                                    data='{"Nope": 1}' if method in ("POST", "PATCH", "PUT") else None)
                    n += 1
                    refused = r.status_code in (401, 403)
                    if refused == may or (refused and (r.status_code == 401) != (role is None)):
                        wrong.append((role, method, target, r.status_code, r.text[:200]))
    assert not wrong, "\n".join(str(w[:4]) for w in wrong[:40])
    assert n > 3000


def test_the_map_is_the_registrys_for_what_is_here(agent, registry):
    found = {entity for entity, _ in walk(agent).values()}
    here = agent.json(agent.json("AccountService")["PrivilegeMap"]["@odata.id"])
    mine = {m["Entity"]: m for m in here["Mappings"]}
    missing = (found & set(registry)) - set(mine)
    assert not missing, missing
    def plain(m):
        """Sets, as the order of alternatives means nothing."""
        if isinstance(m, dict):
            return {k: plain(v) for k, v in m.items()}
        if isinstance(m, list) and m and isinstance(m[0], dict) and "Privilege" in m[0]:
            return {tuple(one["Privilege"]) for one in m}
        return [plain(v) for v in m] if isinstance(m, list) else m
    stricter = [t for m in mine.values() for o in m.pop("ResourceURIOverrides", [])
                for t in o["Targets"]]
    assert stricter and all(any(s in t for s in STRICTER) for t in stricter), stricter
    for entity, m in mine.items():
        assert plain(m) == plain(registry[entity]), entity
    assert agent.get("AccountService/PrivilegeMap", auth=("admin", PASSWORD)).status_code == 200

# SPDX-License-Identifier: Apache-2.0
"""Queries against a running agent: what $filter picks is what an evaluator of our own picks
from plain GETs, and what $expand shows is what those GETs show."""
import datetime
import random
import re
from urllib.parse import quote

import pytest
import yaml

from harness import R2_BOARDS, ROOT

pytestmark = [pytest.mark.coverage]

ENTRIES = f"{ROOT}/Managers/bmc/LogServices/Events/Entries"
COLLECTIONS = [f"{ROOT}/Systems", f"{ROOT}/Chassis", f"{ROOT}/Chassis/enclosure/Sensors",
               f"{ROOT}/Registries", f"{ROOT}/JsonSchemas", f"{ROOT}/AccountService/Accounts",
               f"{ROOT}/TelemetryService/MetricDefinitions",
               f"{ROOT}/Managers/bmc/LogServices/Audit/Entries", ENTRIES]


# ---- an evaluator ----

def values(body, path):
    """The values at a path; through arrays those of each element; None: it is not there."""
    if isinstance(body, list):
        return [v for item in body for v in values(item, path)]
    if not path:
        return [body]
    if not isinstance(body, dict) or path[0] not in body:
        return [None]
    return values(body[path[0]], path[1:])


def time_of(text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text):
        return None
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def order(a, b):
    """-1, 0, 1, or None: they are in none."""
    if isinstance(a, str) and isinstance(b, str):
        if time_of(a) and time_of(b):
            a, b = time_of(a), time_of(b)
        else:
            a, b = a.encode(), b.encode()
    elif not (is_number(a) and is_number(b)):
        return None
    return (a > b) - (a < b)


def holds(word, a, b):
    at = order(a, b)
    same = at == 0 if at is not None else (type(a) is type(b) and a == b)
    return {"eq": same, "ne": not same, "gt": at == 1, "ge": at in (0, 1), "lt": at == -1,
            "le": at in (0, -1)}[word]


def evaluate(tree, body):
    word, *rest = tree
    if word == "not":
        return not evaluate(rest[0], body)
    if word in ("and", "or"):
        both = (evaluate(side, body) for side in rest)
        return all(both) if word == "and" else any(both)
    path, literal = rest
    return any(holds(word, value, literal) for value in values(body, path))


def literal_text(value):
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return {True: "true", False: "false", None: "null"}[value] if (
        value is None or isinstance(value, bool)) else repr(value)


def text_of(tree):
    """With brackets only where they are needed, so that precedence counts."""
    word, *rest = tree
    if word == "not":
        inner = text_of(rest[0])
        return f"not ({inner})" if rest[0][0] in ("and", "or") else f"not {inner}"
    if word in ("and", "or"):
        sides = [f"({text_of(side)})" if word == "and" and side[0] == "or" else text_of(side)
                 for side in rest]
        return f" {word} ".join(sides)
    return f"{'/'.join(rest[0])} {word} {literal_text(rest[1])}"


# ---- random expressions ----

def paths(body, above=()):
    """Each path to something that is no object."""
    if isinstance(body, list):
        for item in body:
            yield from paths(item, above)
    elif isinstance(body, dict):
        for key, value in body.items():
            if not re.search(r"[#@]", key):
                yield from paths(value, above + (key,))
    else:
        yield above, body


def comparison(rng, found):
    path, value = rng.choice(found)
    kind = rng.random()
    if kind < 0.1:
        path = path + ("Missing",)
    elif kind < 0.2:
        value = rng.choice([None, True, False, 0, -1.5, "", "it's", "OK", 10 ** 6])
    elif kind < 0.4 and is_number(value):
        value += rng.choice([-1, 1, 0.5])
    elif kind < 0.4 and isinstance(value, str):
        value = value[:rng.randrange(len(value) + 1)]
    return (rng.choice(["eq", "ne", "gt", "ge", "lt", "le"]), path, value)


def expression(rng, found, depth=0):
    kind = rng.random()
    if depth == 3 or kind < 0.4:
        return comparison(rng, found)
    if kind < 0.55:
        return ("not", expression(rng, found, depth + 1))
    word = "and" if kind < 0.78 else "or"
    return (word, expression(rng, found, depth + 1), expression(rng, found, depth + 1))


def uri_of(member):
    return member["@odata.id"]


def bodies(agent, uri):
    """All members as plain GETs show them."""
    members = agent.json(uri)["Members"]
    return {uri_of(m): m if len(m) > 1 else agent.json(uri_of(m)) for m in members}


def paths_in(tree):
    if tree[0] in ("and", "or", "not"):
        return {path for side in tree[1:] for path in paths_in(side)}
    return {tree[1]}


def same_at(paths_used, a, b):
    return all(values(a, path) == values(b, path) for path in paths_used)


@pytest.mark.plain_only
@pytest.mark.parametrize("uri", COLLECTIONS)
def test_filter_picks_what_an_evaluator_picks(agent, uri):
    """A reading may change while we look: a member counts for an expression when what the
    expression names is the same before and after."""
    rng = random.Random(uri)
    before, later = bodies(agent, uri), bodies(agent, uri)
    found = sorted({(path, value) for u, body in before.items() for path, value in paths(body)
                    if (not isinstance(value, str) or value.isprintable())
                    and same_at([path], body, later.get(u))}, key=repr)
    trees = [expression(rng, found) for _ in range(60)]
    picked = []
    for tree in trees:
        page = agent.json(f"{uri}?$filter={quote(text_of(tree))}")
        assert page["Members@odata.count"] == len(page["Members"])
        picked.append([uri_of(m) for m in page["Members"]])
    after = bodies(agent, uri)
    kinds = set()
    for tree, got in zip(trees, picked):
        used = paths_in(tree)
        steady = [u for u in before if same_at(used, before[u], after.get(u))]
        want = [u for u in steady if evaluate(tree, before[u])]
        assert [u for u in got if u in steady] == want, text_of(tree)
        kinds.add("none" if not want else "all" if len(want) == len(steady) else "some")
    assert {"none", "all"} <= kinds  # else the expressions say little


def test_pages_of_a_filter_lead_through_all(agent):
    uri = f"{ROOT}/Systems?$top=7&$select=Members&$filter={quote('Id ne ' + literal_text('main'))}"
    seen = []
    for _ in range(20):
        page = agent.json(uri)
        assert page["Members@odata.count"] == len(R2_BOARDS)
        seen += [uri_of(m).rsplit("/", 1)[1] for m in page["Members"]]
        uri = page.get("Members@odata.nextLink")
        if not uri:
            break
    assert sorted(seen) == sorted(R2_BOARDS)


@pytest.mark.parametrize("uri", [f"{ROOT}/Systems", f"{ROOT}/Registries", f"{ROOT}/JsonSchemas"])
def test_expanded_members_are_the_plain_ones(agent, uri):
    plain = bodies(agent, uri)
    whole = {uri_of(m): m for m in agent.json(f"{uri}?$expand=.")["Members"]}
    for link, body in bodies(agent, uri).items():
        assert whole[link] == body or plain[link] != body, link
    assert len(whole) == len(plain)


def test_head_of_a_query_is_as_its_get(agent):
    uri = f"{ROOT}/Registries?$expand=.&$select=Id"
    get, head = agent.get(uri), agent.request("HEAD", uri)
    assert head.status_code == get.status_code == 200
    assert head.headers["ETag"] == get.headers["ETag"]
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    again = agent.get(uri, headers={"If-None-Match": get.headers["ETag"]})
    assert again.status_code == 304


def test_too_deep_an_expansion_is_refused_and_the_agent_lives(agent):
    answer = agent.get(f"{ROOT}?$expand=*($levels=6)")
    assert answer.status_code == 507
    assert "InsufficientStorage" in answer.text
    assert agent.get(f"{ROOT}?$expand=.").status_code == 200


class NoDuplicates(yaml.SafeLoader):
    """YAML forgets the first of two equal keys."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), keys
        return super().construct_mapping(node, deep)


def walk(agent):
    todo, seen = [ROOT + "/"], set()
    while todo and len(seen) < 400:
        uri = todo.pop(0)
        seen.add(uri)
        body = agent.json(uri)
        for _, link in re.findall(r'"(@odata.id)": *"([^"#]*)"', agent.get(uri).text):
            if link not in seen and link not in todo:
                todo.append(link)
        yield uri, body


@pytest.mark.plain_only
def test_openapi_document_has_every_resource_and_its_methods(agent):
    answer = agent.get(f"{ROOT}/openapi.yaml", auth=None)
    assert answer.headers["Content-Type"].startswith("application/yaml")
    paths_of = yaml.load(answer.text, Loader=NoDuplicates)["paths"]
    patterns = {re.compile(re.sub(r"\{\w+\}", "[^/]+", re.escape(p).replace(r"\{", "{")
                                  .replace(r"\}", "}"))): p for p in paths_of}
    for uri, _ in walk(agent):
        hits = [p for pattern, p in patterns.items() if pattern.fullmatch(uri.rstrip("/"))]
        assert hits, uri
        allow = {m.strip().lower() for m in agent.get(uri).headers["Allow"].split(",")}
        assert any(allow <= set(paths_of[p]) for p in hits), (uri, allow, hits)
    for path, item in paths_of.items():
        named = [p["name"] for p in item.get("parameters", [])]
        assert named == re.findall(r"\{(\w+)\}", path) and len(named) == len(set(named))

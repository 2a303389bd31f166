# SPDX-License-Identifier: Apache-2.0
"""What HTTP asks of the service: codings, negotiation, conditions, methods, refusals."""
import gzip
import json
import re
import ssl
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from harness import SLOW

BOARD = "Systems/sub1-03"
FRONTENDS = ["https", "http"]


def url(agent, frontend, path):
    port = agent.https_port if frontend == "https" else agent.http_port
    return f"{frontend}://127.0.0.1:{port}/redfish/v1/{path}"


@pytest.fixture(params=FRONTENDS)
def ask(agent, request):
    """A request over each frontend, as an administrator; nothing is followed or added."""
    def one(method, path, headers=None, **kw):
        headers = {"Accept-Encoding": "identity", **(headers or {})}
        return agent.http.request(method, url(agent, request.param, path), headers=headers,
                                  timeout=30 * SLOW, **kw)
    return one


def raw(agent, frontend, data):
    """All that the server answers to these bytes."""
    port = agent.https_port if frontend == "https" else agent.http_port
    s = socket.create_connection(("127.0.0.1", port), 30 * SLOW)
    if frontend == "https":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        s = context.wrap_socket(s)
    with s:
        s.sendall(data)
        got = b""
        while part := s.recv(65536):
            got += part
    return got


# ---- gzip ----

@pytest.mark.parametrize("path", [BOARD, "Systems", "", "Chassis/enclosure"])
def test_gzip_is_the_same_resource(ask, path):
    plain = ask("GET", path)
    coded = ask("GET", path, {"Accept-Encoding": "gzip;q=0.8, br"}, stream=True)
    bytes_ = coded.raw.read(decode_content=False)
    assert coded.headers["Content-Encoding"] == "gzip"
    assert int(coded.headers["Content-Length"]) == len(bytes_) < len(plain.content)
    if plain.headers["ETag"] == coded.headers["ETag"]:  # no reading changed in between
        assert gzip.decompress(bytes_) == plain.content
    for answer in plain, coded:
        assert answer.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in plain.headers
    for name in ("Link", "Allow", "OData-Version", "Cache-Control", "Content-Type"):
        assert coded.headers[name] == plain.headers[name]
    assert coded.headers["ETag"].startswith(plain.headers["ETag"].split("-")[0])


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_etag_is_that_of_every_coding(ask, coding):
    etag = ask("GET", "AccountService/Roles/Operator").headers["ETag"]
    same = ask("GET", "AccountService/Roles/Operator",
               {"If-None-Match": etag, "Accept-Encoding": coding})
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["ETag"] == etag
    assert same.headers["Cache-Control"] == "no-cache"
    assert "Content-Type" not in same.headers


def test_vary_of_a_304_is_that_of_its_200(ask):
    answer = ask("GET", "")
    same = ask("GET", "", {"If-None-Match": answer.headers["ETag"]})
    assert same.status_code == 304
    assert same.headers.get("Vary") == answer.headers.get("Vary") == "Accept-Encoding"


@pytest.mark.parametrize("header", ["gzip;q=0", "identity", "br, *;q=0", ""])
def test_no_coding_that_was_not_asked_for(ask, header):
    assert "Content-Encoding" not in ask("GET", BOARD, {"Accept-Encoding": header}).headers


def test_short_bodies_are_not_coded(ask):
    answer = ask("GET", "AccountService/Roles/Operator/none", {"Accept-Encoding": "gzip"})
    assert answer.status_code == 404 and "Content-Encoding" not in answer.headers


def test_head_says_what_get_would(ask):
    for coding in ("gzip", "identity"):
        head = ask("HEAD", "AccountService", {"Accept-Encoding": coding})
        body = ask("GET", "AccountService", {"Accept-Encoding": coding})
        assert head.status_code == 200 and head.content == b""
        for name in ("Content-Length", "ETag", "Link", "Allow", "Content-Type"):
            assert head.headers[name] == body.headers[name]
        assert head.headers.get("Content-Encoding") == body.headers.get("Content-Encoding")


def test_coded_request_is_taken(ask):
    body = gzip.compress(json.dumps({"AssetTag": "coded"}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert ask("PATCH", BOARD, headers, data=body).status_code == 200
    assert ask("GET", BOARD).json()["AssetTag"] == "coded"
    cut = ask("PATCH", BOARD, headers, data=body[:-3])
    assert cut.status_code == 400 and "HeaderInvalid" in cut.text
    other = ask("PATCH", BOARD, {**headers, "Content-Encoding": "br"}, data=body)
    assert other.status_code == 415 and other.headers["Accept-Encoding"] == "gzip"
    assert "error" in other.json()
    bomb = ask("PATCH", BOARD, headers, data=gzip.compress(b" " * 300 * 1024))
    assert bomb.status_code == 413
    ask("PATCH", BOARD, json={"AssetTag": ""})


# ---- refusals ----

@pytest.mark.parametrize("frontend", FRONTENDS)
def test_refusal_reaches_who_sends_megabytes(agent, frontend):
    answer = agent.http.post(url(agent, frontend, "AccountService/Accounts"),
                             data=b" " * 30_000_000, timeout=30 * SLOW,
                             headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert "PayloadTooLarge" in answer.json()["error"]["code"]


@pytest.mark.parametrize("frontend", FRONTENDS)
def test_bad_length_gets_one_answer_in_json(agent, frontend):
    got = raw(agent, frontend, b"POST /redfish/v1/Systems HTTP/1.1\r\nHost: x\r\n"
                               b"Content-Length: 12x\r\n\r\n")
    head, body = got.split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ") and head.count(b"\r\nContent-Type:") == 1
    assert "Content-Length" in json.loads(body)["error"]["message"]


# ---- negotiation, methods, targets ----

@pytest.mark.parametrize("accept, status", [
    ("APPLICATION/JSON", 200), ("application/json;charset=utf-8", 200), ("*/*;q=0.1", 200),
    ("text/html, application/*;q=0.5", 200), ("application/json;q=0", 406),
    ("text/html", 406), ("application/json;q=0, */*", 406)])
def test_accept(ask, accept, status):
    answer = ask("GET", BOARD, {"Accept": accept})
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/json")


def test_encoded_slash_is_no_separator(ask):
    assert ask("GET", "Systems%2Fsub1-03").status_code == 404
    assert ask("GET", "Systems/sub1%2D03").status_code == 200


def test_long_uri(ask):
    base = len("/redfish/v1/")
    assert ask("GET", "x" * (4096 - base)).status_code == 404
    answer = ask("GET", "x" * (4097 - base))
    assert answer.status_code == 414 and "error" in answer.json()


@pytest.mark.parametrize("method, status", [
    ("PUT", 405), ("DELETE", 405), ("POST", 405), ("TRACE", 501), ("CONNECT", 501),
    ("BREW", 501), ("OPTIONS", 204)])
def test_methods(ask, method, status):
    answer = ask(method, BOARD)
    assert answer.status_code == status
    if status != 501:
        assert answer.headers["Allow"] == "GET, HEAD, PATCH"


def test_options_of_an_action(ask):
    answer = ask("OPTIONS", f"{BOARD}/Actions/ComputerSystem.Reset")
    assert (answer.status_code, answer.headers["Allow"]) == (204, "POST")
    assert ask("GET", f"{BOARD}/Actions/ComputerSystem.Reset").status_code == 405


# ---- conditions ----

def test_action_is_bound_to_the_resources_own_etag(ask):
    reset = f"{BOARD}/Actions/ComputerSystem.Reset"
    etag = ask("GET", BOARD).headers["ETag"]
    other = ask("GET", "Systems/sub1-04").headers["ETag"]
    for condition, status in ((etag, 204), ("*", 204), (f"W/{etag}", 204),
                              (f'"x", {etag}', 204), ('"x"', 412)):
        answer = ask("POST", reset, {"If-Match": condition}, json={"ResetType": "On"})
        assert answer.status_code == status, (condition, answer.text)
    assert other  # of another board: its settings may be the same
    assert ask("POST", reset, json={"ResetType": "On"}).status_code == 204


def test_condition_of_a_patch_is_about_settings(ask):
    etag = ask("GET", BOARD).headers["ETag"]
    assert ask("PATCH", BOARD, {"If-Match": etag}, json={"AssetTag": "b"}).status_code == 200
    late = ask("PATCH", BOARD, {"If-Match": etag}, json={"AssetTag": "c"})
    assert late.status_code == 412 and "PreconditionFailed" in late.text
    etag = late.headers.get("ETag") or ask("GET", BOARD).headers["ETag"]
    assert ask("PATCH", BOARD, {"If-Match": etag}, json={"AssetTag": ""}).status_code == 200


def test_of_writes_at_once_with_the_same_etag_one_is_done(agent):
    """Whoever comes second has read what is not so any more."""
    clients = [requests.Session() for _ in range(8)]
    for c in clients:
        c.verify, c.trust_env, c.auth = False, False, agent.http.auth

    def write(i, tag, etag):
        return clients[i].patch(agent.url(BOARD), json={"AssetTag": tag}, timeout=60 * SLOW,
                                headers={"If-Match": etag}).status_code

    with ThreadPoolExecutor(len(clients)) as pool:
        for n in range(15):
            etag = agent.get(BOARD).headers["ETag"]
            asked = [pool.submit(write, i, f"{n}-{i}", etag) for i in range(len(clients))]
            statuses = [one.result() for one in asked]
            assert sorted(statuses) == [200] + [412] * (len(clients) - 1), n
            assert agent.json(BOARD)["AssetTag"] == f"{n}-{statuses.index(200)}"
    for c in clients:
        c.close()
    assert agent.patch(BOARD, {"AssetTag": ""}).status_code == 200


def test_condition_of_a_get(ask):
    etag = ask("GET", "AccountService").headers["ETag"]
    assert ask("GET", "AccountService", {"If-Match": etag}).status_code == 200
    assert ask("GET", "AccountService", {"If-Match": '"x"'}).status_code == 412
    assert ask("GET", "AccountService",
               {"If-None-Match": '"x", ' + etag}).status_code == 304
    assert ask("PATCH", BOARD, {"If-None-Match": "*"}, json={"AssetTag": "x"}).status_code == 412


# ---- every answer ----

@pytest.mark.parametrize("method, path, status", [
    ("GET", "", 200), ("GET", BOARD, 200), ("GET", "none", 404), ("GET", "$metadata", 200),
    ("GET", "odata", 200), ("OPTIONS", "", 204), ("DELETE", "", 405), ("BREW", "", 501)])
def test_headers_of_every_answer(ask, method, path, status):
    answer = ask(method, path)
    assert answer.status_code == status
    assert answer.headers["OData-Version"] == "4.0"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; frame-ancestors 'none'")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    if path in ("", BOARD) and status == 200:
        assert "rel=describedby" in answer.headers["Link"]


# ---- the whole tree ----

def walk(agent):
    """{path: ETag} of every resource below the root."""
    found, waiting = {}, ["/redfish/v1"]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        answer = agent.request("GET", path)
        found[path] = answer.headers.get("ETag")
        assert answer.status_code == 200 and found[path], path
        waiting += re.findall(r'"@odata.id":"(/redfish/v1[^"#]*)', answer.text)
    return found


@pytest.mark.plain_only
def test_conditions_of_all_resources_while_boards_reset(new_agent):
    """If-Match is about settings, of which none changes; If-None-Match about all."""
    agent = new_agent(platform="r1")
    agent.start()
    tags = walk(agent)
    assert len(tags) > 200
    for board in ("sub01", "sub02", "sub03"):
        assert agent.reset(board, "ForceRestart").status_code == 202
    for path, tag in tags.items():
        answer = agent.request("GET", path, headers={"If-Match": tag})
        assert answer.status_code == 200, (path, tag, answer.headers["ETag"])
    changed = 0
    for path, tag in tags.items():
        same = agent.request("GET", path, headers={"If-None-Match": tag})
        changed += same.status_code == 200
        if same.status_code == 200:
            assert same.headers["ETag"] != tag, path
        else:
            assert (same.status_code, same.content) == (304, b""), path
            assert same.headers["ETag"] == tag
    assert changed > 0

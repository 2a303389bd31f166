# SPDX-License-Identifier: Apache-2.0
"""Certificates that users bring over Redfish: authorities of clients, certificates that are a
login as an account; and accounts made with theirs in one request."""
import contextlib
import os
import subprocess
import time

import pytest
import requests

from harness import PASSWORD, SLOW, SmallDiskAgent, eventually
from receivers import Stream
from test_mutual_tls import Authority, Mutual, openssl, resumed
from test_tls import DAY, make_pair
from websocket import WebSocket

pytestmark = [pytest.mark.coverage]

CLIENT_CAS = "AccountService/MultiFactorAuth/ClientCertificate/Certificates"
ACCOUNTS = "AccountService/Accounts"
NEW_PASSWORD = "Another-Pw-12345"
CERTIFICATES_OF_ONE = 8


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("other"), "other")


def asking(**kw):
    """An agent that asks clients for certificates."""
    return Mutual(**kw).configured(client_certificates="optional")


@pytest.fixture(scope="module")
def one():
    agent = asking()
    try:
        yield agent
    finally:
        agent.remove()


def text(pair):
    with open(pair[0], encoding="ascii") as f:
        return f.read()


def own(folder, name, seconds=2 * DAY):
    """A certificate that nobody else signed, as (certificate, key)."""
    key, crt = make_pair(folder, name, int(time.time()) + seconds)
    return str(crt), str(key)


def body(pem, kind="PEM"):
    return {"CertificateString": pem, "CertificateType": kind}


def add(agent, path, pem, **kw):
    """The path of the new member."""
    made = agent.post(path, body(pem), **kw)
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == made.json()["@odata.id"]
    return made.headers["Location"].removeprefix("/redfish/v1/")


def key_of(answer):
    return answer.json()["error"]["@Message.ExtendedInfo"][0]["MessageId"].rsplit(".", 1)[1]


def about(answer):
    return [p for m in answer.json()["error"]["@Message.ExtendedInfo"]
            for p in m.get("RelatedProperties", [])]


def account(agent, name, role="ReadOnly", **more):
    made = agent.post(ACCOUNTS, {"UserName": name, "Password": NEW_PASSWORD, "RoleId": role,
                                 **more})
    assert made.status_code == 201, made.text
    return f"{ACCOUNTS}/{name}/Certificates"


@contextlib.contextmanager
def an_account(agent, name, role="ReadOnly"):
    yield account(agent, name, role)
    assert agent.delete(f"{ACCOUNTS}/{name}").status_code in (204, 404)


def who(agent, pair):
    """As which account, of those that may read no account but their own, the certificate is a
    login; None: as none."""
    if agent.ask(pair).status_code == 401:
        return None
    mine = [name for name in agent.members(ACCOUNTS)
            if agent.ask(pair, f"{ACCOUNTS}/{name}").status_code == 200]
    assert len(mine) == 1, mine
    return mine[0]


# ---- authorities ----

def test_an_authority_is_trusted_at_once_and_not_after_it_is_removed(one, authority):
    admin = authority.sign("/CN=admin")
    assert one.status(admin) == 401
    with requests.Session() as s:
        s.trust_env, s.verify, s.cert = False, False, admin
        url = f"https://127.0.0.1:{one.https_port}/redfish/v1/Systems"
        assert s.get(url, timeout=30 * SLOW).status_code == 401
        path = add(one, CLIENT_CAS, authority.pem.decode())
        assert s.get(url, timeout=30 * SLOW).status_code == 200  # the same connection
        assert one.status(admin) == 200
        shown = one.json(path)
        assert shown["Subject"]["CommonName"] == "authority" and shown["CertificateType"] == "PEM"
        assert path.rsplit("/", 1)[1] in one.members(CLIENT_CAS)
        assert one.delete(path).status_code == 204
        assert s.get(url, timeout=30 * SLOW).status_code == 401
    assert one.status(admin) == 401
    assert one.get(path).status_code == 404
    assert one.json("AccountService")["MultiFactorAuth"]["ClientCertificate"]["Certificates"] == \
        {"@odata.id": f"/redfish/v1/{CLIENT_CAS}"}


def test_a_resumed_session_follows_what_is_removed(new_agent, authority, tmp_path):
    agent = new_agent(kind=Mutual).configured(client_certificates="optional")
    ca = add(agent, CLIENT_CAS, authority.pem.decode())
    rita = own(tmp_path, "rita")
    pin = add(agent, account(agent, "rita"), text(rita))
    for pair, path in ((authority.sign("/CN=admin"), ca), (rita, pin)):
        first = resumed(agent.https_port, pair)
        assert first[:2] == (False, 200)
        assert resumed(agent.https_port, session=first[2])[:2] == (True, 200)
        assert agent.delete(path).status_code == 204
        assert resumed(agent.https_port, session=first[2])[1] == 401
        assert resumed(agent.https_port, pair)[1] == 401


class AsClient:
    """Asks an agent with a certificate."""

    def __init__(self, agent, pair):
        self.agent, self.pair = agent, pair

    def get(self, path, **kw):
        return self.agent.ask(self.pair, path, **kw)


def test_a_stream_ends_with_the_certificate_that_opened_it(one, authority, tmp_path):
    ca = add(one, CLIENT_CAS, authority.pem.decode())
    rita, sam = own(tmp_path, "rita"), own(tmp_path, "sam")
    with an_account(one, "rita") as path, an_account(one, "sam") as others:
        pins = add(one, path, text(rita)), add(one, others, text(sam))
        with Stream(AsClient(one, rita)) as pinned, Stream(AsClient(one, sam)) as other, \
                Stream(AsClient(one, authority.sign("/CN=admin"))) as signed:
            for stream, removed in ((pinned, pins[0]), (signed, ca)):
                assert stream.response.status_code == 200 and not stream.ended
                assert one.delete(removed).status_code == 204
                eventually(lambda s=stream: s.ended, 20)
            assert not other.ended


def test_a_shell_ends_with_the_certificate_that_opened_it(one, tmp_path):
    eventually(lambda: one.json("Systems/sub1-03")["Status"]["State"] == "Enabled", 20)
    rita = own(tmp_path, "rita")
    with an_account(one, "rita", "Administrator") as path:
        pin = add(one, path, text(rita))
        shell = WebSocket(one.https_port, "/shell/sub1-03", tls=True, cert=rita)
        try:
            shell.send({"columns": 80, "rows": 24})
            assert isinstance(shell.receive(), bytes)
            assert one.delete(pin).status_code == 204
            while isinstance(message := shell.receive(), bytes):
                pass
            assert message == {"error": "the certificate was removed"}
        finally:
            shell.close()


def test_those_of_the_configuration_are_shown_and_stay(new_agent, authority, other, tmp_path):
    class Both:
        pem = authority.pem + other.pem
    agent = new_agent(kind=Mutual).trusting(Both, client_certificates="optional")
    assert agent.members(CLIENT_CAS) == ["file-1", "file-2"]
    first = agent.json(f"{CLIENT_CAS}/file-1")
    assert first["Subject"]["CommonName"] == "authority"
    refused = agent.delete(f"{CLIENT_CAS}/file-1")
    assert (refused.status_code, key_of(refused)) == (405, "ResourceCannotBeDeleted")
    assert "DELETE" not in refused.headers["Allow"]
    again = agent.post(CLIENT_CAS, body(authority.pem.decode()))
    assert (again.status_code, key_of(again)) == (400, "ResourceAlreadyExists")
    agent.ca.write_bytes(other.pem)
    agent.reload()
    assert len(agent.members(CLIENT_CAS)) == 1
    assert agent.status(authority.sign("/CN=admin")) == 401
    add(agent, CLIENT_CAS, authority.pem.decode())
    assert agent.status(authority.sign("/CN=admin")) == 200
    assert agent.status(other.sign("/CN=admin")) == 200


# ---- what is refused ----

def refused_strings(folder, authority):
    """(purpose, text) of each that is no good, with a word of the reason."""
    leaf = text(authority.sign("/CN=leaf"))
    openssl("genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:1024", "-out", "short.key",
            folder=folder)
    openssl("req", "-x509", "-key", "short.key", "-subj", "/CN=short", "-days", "2", "-out",
            "short.pem", folder=folder)
    ended = folder / "ended"
    ended.mkdir()
    server = text(authority.sign("/CN=s", "extendedKeyUsage=serverAuth"))
    names = ",".join(f"DNS:{i}.{'x' * 50}" for i in range(60))
    long = text(authority.sign("/CN=long", "extendedKeyUsage=clientAuth",
                               f"subjectAltName={names}"))
    return [
        ("both", "", "PEM"), ("both", "not a certificate", "PEM"),
        ("both", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "PEM"),
        ("both", leaf[:-40], "PEM"), ("both", leaf + leaf, "2 PEM blocks"),
        ("both", leaf + authority.pem.decode(), "2 PEM blocks"),
        ("both", leaf + (authority.folder / "authority-1.key").read_text(), "private key"),
        ("both", (authority.folder / "authority-1.key").read_text(), "private key"),
        ("both", "x" * 16385, "16384 bytes"),
        ("both", text(own(ended, "ended", -DAY)), "expired"),
        ("both", (folder / "short.pem").read_text(), "too short"),
        ("ca", leaf, "no CA's"), ("user", server, "not for clients"),
        ("user", long, "more than 3839 bytes")]


def test_what_is_no_good_is_refused_and_leaves_nothing(one, authority, tmp_path):
    with an_account(one, "nora") as of_nora:
        for purpose, pem, why in refused_strings(tmp_path, authority):
            for path in [CLIENT_CAS] * (purpose != "user") + [of_nora] * (purpose != "ca"):
                answer = one.post(path, body(pem))
                assert (answer.status_code, key_of(answer)) == (400, "PropertyValueError"), \
                    (path, pem[:200], answer.text)
                assert why in answer.text and about(answer) == ["#/CertificateString"]
                assert "BEGIN" not in answer.text
        for wrong, key in (
                ({"CertificateString": "x"}, "CreateFailedMissingReqProperties"),
                ({"CertificateType": "PEM"}, "CreateFailedMissingReqProperties"),
                (body(5), "PropertyValueTypeError"), (body("x", "PEMchain"),
                                                      "PropertyValueNotInList"),
                ({**body("x"), "Nope": 1}, "PropertyUnknown"), ({}, "CreateFailedMissingReq"
                                                                    "Properties")):
            answer = one.post(of_nora, wrong)
            assert (answer.status_code, key_of(answer)) == (400, key), (wrong, answer.text)
        assert one.members(of_nora) == [] and one.members(CLIENT_CAS) == []
        assert one.delete(of_nora).status_code == 405
        assert one.post(f"{ACCOUNTS}/nobody/Certificates", body("x")).status_code == 404
        assert one.post(f"{ACCOUNTS}/nora/Certificates/1", body("x")).status_code == 404


def test_the_same_one_twice_and_too_many_are_refused(one, tmp_path):
    with an_account(one, "uma") as of_uma, an_account(one, "udo") as of_udo:
        pairs = [own(tmp_path, f"u{i}") for i in range(CERTIFICATES_OF_ONE + 1)]
        first = add(one, of_uma, text(pairs[0]))
        for path in (of_uma, of_udo):  # it is a login as one account
            answer = one.post(path, body("comment\n" + text(pairs[0])))
            assert (answer.status_code, key_of(answer)) == (400, "ResourceAlreadyExists")
        for pair in pairs[1:-1]:
            add(one, of_uma, text(pair))
        answer = one.post(of_uma, body(text(pairs[-1])))
        assert (answer.status_code, key_of(answer)) == (503, "CreateLimitReachedForResource")
        assert len(one.members(of_uma)) == CERTIFICATES_OF_ONE
        assert one.delete(first).status_code == 204
        add(one, of_uma, text(pairs[-1]))
        add(one, of_udo, text(pairs[0]))
        assert one.status(pairs[0]) == 200


# ---- logins as an account ----

def test_a_certificate_is_a_login_as_its_account(one, authority, tmp_path):
    with an_account(one, "ida") as of_ida, an_account(one, "olaf", "Operator") as of_olaf:
        ida, olaf = own(tmp_path, "admin"), authority.sign("/CN=admin")
        assert one.status(ida) == one.status(olaf) == 401
        add(one, of_ida, text(ida))
        path = add(one, of_olaf, text(olaf))
        ca = add(one, CLIENT_CAS, authority.pem.decode())  # its name is admin's
        tag = {"AssetTag": "certified"}
        assert who(one, ida) == "ida" and who(one, olaf) == "olaf"
        assert one.status(ida, "Systems/sub1-01", method="PATCH", json=tag) == 403
        assert one.status(olaf, "Systems/sub1-01", method="PATCH", json=tag) == 200
        assert one.status(olaf, f"{ACCOUNTS}/ida", method="DELETE") == 403
        assert one.delete(ca).status_code == 204
        assert one.patch(f"{ACCOUNTS}/ida", {"Enabled": False}).status_code == 200
        assert one.status(ida) == 401
        assert one.patch(f"{ACCOUNTS}/ida", {"Enabled": True}).status_code == 200
        assert one.status(ida) == 200
        assert one.delete(path).status_code == 204
        assert one.status(olaf) == 401
        log = one.json("Managers/bmc/LogServices/Audit/Entries")["Members"]
        assert any("certificate" in str(entry) for entry in log)


def test_a_certificate_goes_with_its_account_and_keeps_its_new_name(one, tmp_path):
    rolf = own(tmp_path, "rolf")
    add(one, account(one, "rolf"), text(rolf))
    assert one.patch(f"{ACCOUNTS}/rolf", {"UserName": "ralf"}).status_code == 200
    assert who(one, rolf) == "ralf"
    members = one.members(f"{ACCOUNTS}/ralf/Certificates")
    assert len(members) == 1
    account(one, "rolf")  # another one
    assert one.members(f"{ACCOUNTS}/rolf/Certificates") == []
    assert who(one, rolf) == "ralf"
    assert one.delete(f"{ACCOUNTS}/ralf").status_code == 204
    assert one.status(rolf) == 401
    assert one.get(f"{ACCOUNTS}/ralf/Certificates/{members[0]}").status_code == 404
    account(one, "ralf")
    assert one.members(f"{ACCOUNTS}/ralf/Certificates") == [] and one.status(rolf) == 401
    for name in ("rolf", "ralf"):
        assert one.delete(f"{ACCOUNTS}/{name}").status_code == 204


def test_nobody_gives_more_than_he_has(one, authority, tmp_path):
    """Who may configure the manager, as the registry says, but no users."""
    role = one.post("AccountService/Roles", {
        "RoleId": "Keeper", "AssignedPrivileges": ["Login", "ConfigureManager", "ConfigureSelf"]})
    assert role.status_code == 201, role.text
    with an_account(one, "kim", "Keeper") as of_kim, an_account(one, "rosa") as of_rosa:
        kim, rosa = ("kim", NEW_PASSWORD), ("rosa", NEW_PASSWORD)
        pem = text(own(tmp_path, "x"))
        for path, string in ((f"{ACCOUNTS}/admin/Certificates", pem),
                             (CLIENT_CAS, authority.pem.decode())):
            answer = one.post(path, body(string), auth=kim)
            assert (answer.status_code, key_of(answer)) == (403, "InsufficientPrivilege")
            assert one.members(path) == []
        for path in (of_rosa, CLIENT_CAS):
            assert one.get(path, auth=rosa).status_code == 403
            assert one.post(path, body(pem), auth=rosa).status_code == 403
        mine = add(one, of_kim, pem, auth=kim)
        assert one.delete(mine, auth=rosa).status_code == 403
        assert one.get(mine, auth=kim).status_code == 200
        assert one.delete(mine, auth=kim).status_code == 204
    assert one.delete("AccountService/Roles/Keeper").status_code == 204


def test_they_outlive_a_crash_and_a_restart(new_agent, authority, tmp_path):
    agent = new_agent(kind=Mutual).configured(client_certificates="optional")
    rita, gone = own(tmp_path, "x"), own(tmp_path, "y")
    ca = add(agent, CLIENT_CAS, authority.pem.decode())
    pin = add(agent, account(agent, "rita"), text(rita))
    removed = add(agent, f"{ACCOUNTS}/rita/Certificates", text(gone))
    assert agent.delete(removed).status_code == 204
    before = [agent.json(path) for path in (ca, pin)]
    agent.kill9()
    agent.start()
    for _ in range(2):
        eventually(lambda: agent.get(pin).status_code == 200, 20)
        assert [agent.json(path) for path in (ca, pin)] == before
        assert agent.status(authority.sign("/CN=admin")) == 200
        assert who(agent, rita) == "rita" and agent.status(gone) == 401
        agent.restart()
    new = add(agent, f"{ACCOUNTS}/rita/Certificates", text(gone))
    assert new.rsplit("/", 1)[1] not in (ca.rsplit("/", 1)[1], pin.rsplit("/", 1)[1])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")
def test_a_full_disk_adds_nothing(new_agent, tmp_path):
    agent = new_agent(kind=SmallDiskAgent).start()
    path, pem = account(agent, "rita"), text(own(tmp_path, "x"))
    agent.fill_disk()
    answer = agent.post(path, body(pem))
    assert answer.status_code == 507, answer.text
    deep = agent.post(f"{ACCOUNTS}.Deep", deep_body("dora", pem))
    assert deep.status_code == 507, deep.text
    agent.free_disk()
    assert agent.members(path) == []
    assert agent.get(f"{ACCOUNTS}/dora").status_code == 404
    eventually(lambda: agent.post(path, body(pem)).status_code == 201, 20)


# ---- deep POST ----

def deep_body(name, *pems, **more):
    return {"UserName": name, "Password": NEW_PASSWORD, "RoleId": "ReadOnly",
            "Certificates": {"Members": [body(pem) for pem in pems]}, **more}


def test_an_account_is_made_with_its_certificates(one, tmp_path):
    supported = one.json("")["ProtocolFeaturesSupported"]["DeepOperations"]
    assert supported == {"DeepPATCH": True, "DeepPOST": True, "MaxLevels": 3}
    pairs = [own(tmp_path, f"d{i}") for i in range(2)]
    made = one.post(f"{ACCOUNTS}.Deep", deep_body("dana", *map(text, pairs)))
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"/redfish/v1/{ACCOUNTS}/dana"
    assert len(one.members(f"{ACCOUNTS}/dana/Certificates")) == 2
    assert {who(one, pair) for pair in pairs} == {"dana"}
    assert one.get("Systems", auth=("dana", NEW_PASSWORD)).status_code == 200
    several = one.post(f"{ACCOUNTS}.Deep", {"Members": [
        deep_body("dan", text(own(tmp_path, "e"))), {**deep_body("don"), "Enabled": False}]})
    assert several.status_code == 201, several.text
    assert [m["UserName"] for m in several.json()["Members"]] == ["dan", "don"]
    for name in ("dana", "dan", "don"):
        assert one.delete(f"{ACCOUNTS}/{name}").status_code == 204
    assert one.status(pairs[0]) == 401


def test_a_deep_post_is_done_as_a_whole_or_not_at_all(one, tmp_path):
    pem, more = text(own(tmp_path, "f")), text(own(tmp_path, "g"))
    before = one.members(ACCOUNTS)
    at = "#/Certificates/Members"
    for path, sent, status, key, where in (
            (".Deep", deep_body("eva", pem, "nonsense"), 400, "PropertyValueError",
             [f"{at}/1/CertificateString"]),
            (".Deep", deep_body("eva", pem, RoleId="Nobody"), 400, "PropertyValueNotInList",
             ["#/RoleId"]),
            (".Deep", {**deep_body("eva"), "Certificates": {"Members": [{**body(pem), "X": 1}]}},
             400, "PropertyUnknown", [f"{at}/0/X"]),
            (".Deep", {**deep_body("eva"), "Certificates": {"Members": [5]}}, 400,
             "PropertyValueTypeError", [f"{at}/0"]),
            (".Deep", {**deep_body("eva"), "Certificates": {"Members": 5}}, 400,
             "PropertyMissing", [at]),
            (".Deep", {**deep_body("eva"), "Certificates": []}, 400, "PropertyValueTypeError",
             ["#/Certificates"]),
            (".Deep", {**deep_body("eva"), "Certificates": {"Nope": 1, "Members": []}}, 400,
             "PropertyUnknown", ["#/Certificates/Nope"]),
            # made, and then undone: the same one twice, a name that is taken
            (".Deep", deep_body("eva", pem, pem), 400, "ResourceAlreadyExists",
             [f"{at}/1/CertificateString"]),
            (".Deep", {"Members": [deep_body("eva", pem), deep_body("eve", more),
                                   deep_body("eva", more)]}, 400, "ResourceAlreadyExists",
             ["#/Members/2/UserName"]),
            (".Deep", {"Members": [deep_body("eva", pem), deep_body("eve", pem)]}, 400,
             "ResourceAlreadyExists",
             ["#/Members/1/Certificates/Members/0/CertificateString"]),
            (".Deep", {"Members": [deep_body("eva", pem), deep_body("Eve")]}, 400,
             "PropertyValueFormatError", ["#/Members/1/UserName"]),
            (".Deep", {"Members": []}, 400, "NoOperation", []),
            (".Deep", {"Members": [deep_body(f"e{i}") for i in range(33)]}, 413,
             "PayloadTooLarge", ["#/"]),
            ("", deep_body("eva", pem), 400, "PropertyUnknown", ["#/Certificates"])):
        answer = one.post(ACCOUNTS + path, sent)
        assert (answer.status_code, key_of(answer)) == (status, key), (sent, answer.text)
        assert about(answer) == where or where == ["#/"], answer.text
        assert one.members(ACCOUNTS) == before, sent
    with an_account(one, "eva") as of_eva:  # nothing of it is left
        add(one, of_eva, pem)
        add(one, of_eva, more)


def test_a_deep_post_needs_the_privileges_of_all_of_it(one, tmp_path):
    role = one.post("AccountService/Roles", {
        "RoleId": "Clerk", "AssignedPrivileges": ["Login", "ConfigureUsers", "ConfigureSelf"]})
    assert role.status_code == 201, role.text
    with an_account(one, "carl", "Clerk"):
        carl, pem = ("carl", NEW_PASSWORD), text(own(tmp_path, "h"))
        answer = one.post(f"{ACCOUNTS}.Deep", deep_body("fay", pem), auth=carl)
        assert (answer.status_code, key_of(answer)) == (403, "InsufficientPrivilege")
        assert about(answer) == ["#/Certificates"]
        assert one.get(f"{ACCOUNTS}/fay").status_code == 404
        assert one.post(f"{ACCOUNTS}.Deep", {k: v for k, v in deep_body("fay").items()
                                             if k != "Certificates"}, auth=carl
                        ).status_code == 201
        assert one.delete(f"{ACCOUNTS}/fay").status_code == 204
    assert one.delete("AccountService/Roles/Clerk").status_code == 204


@pytest.mark.parametrize("path", [
    "Systems.Deep", "SessionService/Sessions.Deep", "AccountService.Deep",
    "AccountService/Roles.Deep", "Systems/sub1-01/Actions/ComputerSystem.Reset.Deep"])
def test_what_takes_no_deep_post_says_so(one, path):
    answer = one.post(path, {"ResetType": "ForceOff"})
    assert (answer.status_code, key_of(answer)) == (405, "OperationNotAllowed"), answer.text


def test_without_being_asked_no_certificate_counts(agent, tmp_path):
    """http.client_certificates decides; what is stored waits for it."""
    rita = own(tmp_path, "rita")
    with an_account(agent, "rita") as path:
        add(agent, path, text(rita))
        answer = requests.get(f"https://127.0.0.1:{agent.https_port}/redfish/v1/Systems",
                              cert=rita, verify=False, timeout=30 * SLOW)
        assert answer.status_code == 401


def test_the_openssl_client_that_has_no_certificate_is_none(one):
    """The handshake goes on without one."""
    out = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{one.https_port}"],
                         stdin=subprocess.DEVNULL, capture_output=True, timeout=60 * SLOW,
                         check=False)
    assert b"BEGIN CERTIFICATE" in out.stdout
    assert one.get("Systems", auth=("admin", PASSWORD)).status_code == 200

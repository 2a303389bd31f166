# SPDX-License-Identifier: Apache-2.0
"""People: PAM decides, Redfish only asks. With redfishtool, curl and pamtester; all of it on
both account backends."""
import concurrent.futures
import crypt
import json
import os
import re
import subprocess

import pytest
import requests

from conftest import Agents
from harness import PASSWORD, SLOW, Agent, UnixAgent, eventually, within

pytestmark = [pytest.mark.coverage]

ACCOUNTS = "AccountService/Accounts"
NEW = "another-Pw-22"


def redfishtool(agent, *words, user="admin", password=PASSWORD):
    run = subprocess.run(["redfishtool", "-r", f"127.0.0.1:{agent.https_port}", "-u", user, "-p",
                          password, "-A", "Basic", "-S", "Always", *words],
                         capture_output=True, text=True, timeout=300 * SLOW, check=False)
    return run.returncode, run.stdout, run.stderr


def curl(agent, *words, user="admin", password=PASSWORD, path="/redfish/v1/Systems"):
    run = subprocess.run(["curl", "-sk", "-u", f"{user}:{password}", "-o", "/dev/null", "-w",
                          "%{http_code}", *words,
                          f"https://127.0.0.1:{agent.https_port}{path}"],
                         capture_output=True, text=True, timeout=300 * SLOW, check=False)
    return int(run.stdout)


def pamtester(agent, user, password, _tmp_path):
    """What other programs say of the accounts that the agent has: PAM itself, or crypt(3)."""
    if not isinstance(agent, UnixAgent):
        lines = (agent.state / "people/passwords").read_text().splitlines()
        kept = dict(line.split(":", 1) for line in lines).get(user)
        return bool(kept) and crypt.crypt(password, kept) == kept
    env = {k: v for k, v in os.environ.items() if not k.startswith("LD_")}
    # --root: below a chroot, the namespace's own root is another
    run = subprocess.run(within(agent.pid, "pamtester", "clusterbmc", user, "authenticate"),
                         input=password + "\n", capture_output=True, text=True,
                         timeout=300 * SLOW, check=False, env=env)
    return run.returncode == 0


@pytest.fixture(scope="module", params=["file", "unix"])
def kind_of_agent(request):
    if request.param == "unix" and os.geteuid():
        pytest.skip("the unix backend needs root")
    return {"file": Agent, "unix": UnixAgent}[request.param]


@pytest.fixture(scope="module")
def agent(kind_of_agent):
    one = Agents.new(kind_of_agent)
    try:
        yield one.start()
    finally:
        Agents.remove(one)


def add(agent, name, role, password=NEW):
    r = agent.post(ACCOUNTS, {"UserName": name, "Password": password, "RoleId": role})
    assert r.status_code == 201, r.text
    return r.headers["Location"]


@pytest.fixture
def person(agent):
    """An Operator, gone at the end."""
    where = add(agent, "olga", "Operator")
    yield "olga", where
    agent.delete(where)


# ---- the first password ----

def test_first_password_must_be_changed_before_anything_else(new_agent, kind_of_agent):
    agent = new_agent(kind_of_agent, password=None).start()
    first = eventually(lambda: re.search(r"admin, password (\S+)", agent.log_text()))[1]
    agent.http.auth = ("admin", first)
    assert agent.get("/redfish/v1").status_code == 200
    for method, path in (("GET", "Systems"), ("GET", "Systems/sub1-01"), ("GET", ACCOUNTS),
                         ("POST", "Systems/sub1-01/Actions/ComputerSystem.Reset")):
        r = agent.request(method, path, json={"ResetType": "ForceOff"} if method == "POST" else None)
        assert r.status_code == 403 and "PasswordChangeRequired" in r.text, (path, r.text)
    session = agent.post("SessionService/Sessions", {"UserName": "admin", "Password": first},
                         auth=None)
    assert session.status_code == 201
    assert "PasswordChangeRequired" in session.text
    assert agent.patch(f"{ACCOUNTS}/admin", {"Password": "short"}).status_code == 400
    r = agent.patch(f"{ACCOUNTS}/admin", {"Password": NEW})
    assert r.status_code in (200, 204), r.text
    assert agent.get("Systems").status_code == 401
    agent.http.auth = ("admin", NEW)
    assert agent.get("Systems").status_code == 200


# ---- one password everywhere ----

def test_patched_password_is_what_pamtester_sees_and_old_sessions_die(agent, person, tmp_path):
    name, where = person
    assert pamtester(agent, name, NEW, tmp_path)
    login = agent.post("SessionService/Sessions", {"UserName": name, "Password": NEW}, auth=None)
    assert login.status_code == 201
    token = {"X-Auth-Token": login.headers["X-Auth-Token"]}
    assert agent.get("Systems", auth=None, headers=token).status_code == 200

    r = agent.patch(where, {"Password": "third-Word-333"}, auth=(name, NEW))
    assert r.status_code in (200, 204), r.text
    assert pamtester(agent, name, "third-Word-333", tmp_path)
    assert not pamtester(agent, name, NEW, tmp_path)
    assert agent.get("Systems", auth=None, headers=token).status_code == 401
    assert curl(agent, user=name, password=NEW) == 401
    assert curl(agent, user=name, password="third-Word-333") == 200


def test_administrator_resets_anothers_password(agent, person, tmp_path):
    name, where = person
    assert agent.patch(where, {"Password": "reset-Word-444"}).status_code in (200, 204)
    assert pamtester(agent, name, "reset-Word-444", tmp_path)
    assert curl(agent, user=name, password="reset-Word-444") in (200, 403)
    assert curl(agent, user=name, password=NEW) == 401


def test_session_is_not_opened_with_a_password_changed_meanwhile(new_agent, kind_of_agent):
    """PAM finds the old password right, and answers when the change is done."""
    agent = new_agent(kind_of_agent).start()
    where = add(agent, "olga", "Operator")
    slow, under_way = agent.folder / "slow", agent.folder / "under-way"
    script = agent.folder / "slow.sh"
    script.write_text(f"#!/bin/sh\nmv {slow} {under_way} 2>/dev/null && sleep 2\nexit 0\n")
    script.chmod(0o755)
    service = (agent.etc / "pam.d/clusterbmc" if isinstance(agent, UnixAgent)
               else next(agent.state.glob("*/pam.d/clusterbmc")))
    service.write_text(service.read_text() + f"account required pam_exec.so quiet {script}\n")
    body = {"UserName": "olga", "Password": NEW}
    slow.touch()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        session = pool.submit(lambda: requests.post(
            agent.url("SessionService/Sessions"), json=body, verify=False, timeout=15 * SLOW))
        eventually(under_way.exists)
        r = agent.patch(where, {"Password": "third-Word-333"})
        assert r.status_code in (200, 204), r.text
        assert not session.done()
        assert session.result().status_code == 401
    assert agent.members("SessionService/Sessions") == []
    body["Password"] = "third-Word-333"
    assert agent.post("SessionService/Sessions", body, auth=None).status_code == 201
    # the same for what Basic remembers
    assert agent.patch(where, {"Password": "fourth-Word-44"}).status_code in (200, 204)
    slow.touch()
    under_way.unlink()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        basic = pool.submit(curl, agent, user="olga", password="fourth-Word-44")
        eventually(under_way.exists)
        assert agent.patch(where, {"Password": NEW}).status_code in (200, 204)
        assert basic.result() == 401
    assert curl(agent, user="olga", password="fourth-Word-44") == 401
    assert curl(agent, user="olga", password=NEW) == 200


def test_weak_password_is_refused_and_nothing_changes(agent, person):
    name, where = person
    r = agent.patch(where, {"Password": "x"}, auth=(name, NEW))
    assert r.status_code == 400, r.text
    assert curl(agent, user=name, password=NEW) == 200


@pytest.mark.parametrize("password, why", [
    ("Password123!", "most common"), ("12345678", "sequence"), ("qwertyuiop", "most common"),
    ("my-olga-7731", "user's name"), ("x7-Pq", "shorter")])
def test_common_password_is_refused_with_a_reason(agent, person, password, why):
    name, where = person
    for r in (agent.patch(where, {"Password": password}, auth=(name, NEW)),
              agent.patch(where, {"Password": password}),
              agent.post(ACCOUNTS, {"UserName": "olg", "Password": password,
                                    "RoleId": "ReadOnly"})):
        key = "PasswordIncorrectLength" if why == "shorter" else "PasswordComplexityNotMet"
        assert r.status_code == 400 and key in r.text, r.text
        assert why in r.text, r.text
        assert "Resubmit the request" in r.text
    assert curl(agent, user=name, password=NEW) == 200


# ---- all of a change, or nothing of it ----

@pytest.mark.parametrize("password", [
    " fourth-Word-44", "fourth-Word-44 ", "  fourth  Word  44  ", "fourth:Word:44", "f\"o'urth-\\44",
    "vi\u00ebrde-W\u00f6rd-\u20ac4"])
def test_password_is_stored_as_it_was_sent(agent, person, tmp_path, password):
    name, where = person
    r = agent.patch(where, {"Password": password})
    assert r.status_code == 200, r.text
    assert pamtester(agent, name, password, tmp_path)
    encoded = password.encode()  # as curl and browsers send it
    assert agent.get(where, auth=(name.encode(), encoded)).status_code == 200
    for other in (encoded.strip(), encoded[1:], encoded[:-1], NEW.encode()):
        if other != encoded:
            assert agent.get(where, auth=(name.encode(), other)).status_code == 401


@pytest.mark.parametrize("password", [
    "fourth\tWord-44", "fourth-Word-44\n", "fourth\u007fWord", "x" * 129, "short-7", "", " " * 12])
def test_password_that_can_not_be_stored_changes_nothing(agent, person, password):
    name, where = person
    before = agent.json(where)
    r = agent.patch(where, {"RoleId": "ReadOnly", "Enabled": False, "Password": password})
    assert r.status_code == 400 and "Password" in r.json()["error"]["code"] + r.text, r.text
    assert agent.json(where) == before
    assert curl(agent, user=name, password=NEW) == 200


def test_account_is_made_disabled_or_with_a_password_to_change(agent):
    body = {"UserName": "olaf", "Password": NEW, "RoleId": "Operator"}
    r = agent.post(ACCOUNTS, {**body, "Enabled": False})
    assert r.status_code == 201 and r.json()["Enabled"] is False, r.text
    assert curl(agent, user="olaf", password=NEW) == 401
    agent.patch(ACCOUNTS + "/olaf", {"Enabled": True, "PasswordChangeRequired": True})
    assert curl(agent, user="olaf", password=NEW) == 403
    assert agent.json(ACCOUNTS + "/olaf")["PasswordChangeRequired"] is True
    assert agent.delete(ACCOUNTS + "/olaf").status_code == 204


def test_account_is_renamed_with_all_it_has(agent, person):
    _, where = person
    session = agent.post("SessionService/Sessions", {"UserName": "olga", "Password": NEW}, auth=None)
    r = agent.patch(where, {"UserName": "root"})
    assert r.status_code in (200, 400), r.text  # the system has a root
    if r.status_code == 200:
        agent.patch(ACCOUNTS + "/root", {"UserName": "olga"})
    for name, key in (("admin", "ResourceAlreadyExists"), ("Bad Name", "PropertyValueFormatError"),
                      ("x" * 32, "PropertyValueFormatError")):
        r = agent.patch(where, {"UserName": name, "RoleId": "ReadOnly"})
        assert r.status_code == 400 and key in r.text, r.text
        assert agent.json(where)["RoleId"] == "Operator"
    r = agent.patch(where, {"UserName": "olaf", "RoleId": "ReadOnly"})
    assert r.status_code == 200, r.text
    assert (r.json()["UserName"], r.json()["RoleId"]) == ("olaf", "ReadOnly")
    assert agent.get(where).status_code == 404
    assert curl(agent, user="olaf", password=NEW) == 200
    assert curl(agent, user="olga", password=NEW) == 401
    token = {"X-Auth-Token": session.headers["X-Auth-Token"]}
    assert agent.get("Systems", auth=None, headers=token).status_code == 401
    assert agent.delete(ACCOUNTS + "/olaf").status_code == 204


def test_basic_authentication_can_be_switched_off(agent):
    session = agent.post("SessionService/Sessions", {"UserName": "admin", "Password": PASSWORD},
                         auth=None)
    token = {"auth": None, "headers": {"X-Auth-Token": session.headers["X-Auth-Token"]}}
    assert re.fullmatch("[0-9a-f]{32,}", session.headers["X-Auth-Token"])
    r = agent.patch("AccountService", {"HTTPBasicAuth": "Unadvertised", "MinPasswordLength": 9})
    assert r.status_code == 400 and "PropertyValueNotInList" in r.text, r.text
    assert agent.json("AccountService")["MinPasswordLength"] == 8
    r = agent.patch("AccountService", {"HTTPBasicAuth": "Disabled"})
    assert r.status_code == 200 and r.json()["HTTPBasicAuth"] == "Disabled", r.text
    assert curl(agent) == 401
    assert agent.get("Systems", **token).status_code == 200
    r = agent.patch("AccountService", {"HTTPBasicAuth": "Enabled"}, **token)
    assert r.status_code == 200, r.text
    assert curl(agent) == 200


def test_session_that_is_one_too_many_ends_the_oldest_and_is_logged(agent, person):
    most = agent.json("SessionService")["Oem"]["ClusterBmc"]["MaxSessionsPerUser"]
    def login():
        r = agent.post("SessionService/Sessions", {"UserName": "olga", "Password": NEW}, auth=None)
        assert r.status_code == 201, r.text
        return {"auth": None, "headers": {"X-Auth-Token": r.headers["X-Auth-Token"]}}
    tokens = [login() for _ in range(most)]
    assert [agent.get("Systems", **t).status_code for t in tokens] == [200] * most
    last = login()
    assert [agent.get("Systems", **t).status_code for t in (tokens[0], tokens[1], last)] == [
        401, 200, 200]
    log = agent.json("Managers/bmc/LogServices/Events/Entries")["Members"]
    assert any("The session of olga from 127.0.0.1 was ended" in e["Message"] for e in log)


# ---- roles ----

ROLES = "AccountService/Roles"


@pytest.fixture
def role(agent):
    """One that may configure users, and little else; gone at the end."""
    r = agent.post(ROLES, {"RoleId": "clerk", "AssignedPrivileges": [
        "Login", "ConfigureSelf", "ConfigureUsers"]})
    assert r.status_code == 201 and r.json()["IsPredefined"] is False, r.text
    yield r.headers["Location"]
    for name in agent.members(ACCOUNTS):
        if name != "admin":
            agent.delete(f"{ACCOUNTS}/{name}")
    assert agent.delete(r.headers["Location"]).status_code == 204


def test_custom_role_allows_what_it_says_and_changes_hold_at_once(agent, role):
    add(agent, "clara", "clerk")
    clara = ("clara", NEW)
    session = agent.post("SessionService/Sessions", {"UserName": "clara", "Password": NEW}, auth=None)
    token = {"X-Auth-Token": session.headers["X-Auth-Token"]}
    system = agent.members("Systems")[1]
    def tag(**who):
        return agent.patch(f"Systems/{system}", {"AssetTag": "clara's"}, **who).status_code
    assert tag(auth=clara) == tag(auth=None, headers=token) == 403
    r = agent.patch(role, {"AssignedPrivileges": ["Login", "ConfigureComponents"]})
    assert r.status_code == 200 and "ConfigureComponents" in r.json()["AssignedPrivileges"]
    assert tag(auth=clara) == tag(auth=None, headers=token) == 200
    r = agent.delete(role)
    assert r.status_code == 409 and "clara has this role" in r.text, r.text
    agent.restart()
    assert tag(auth=clara) == 200
    assert agent.json(role)["AssignedPrivileges"] == ["Login", "ConfigureComponents"]


def test_no_role_gives_or_touches_what_its_owner_lacks(agent, role):
    add(agent, "clara", "clerk")
    add(agent, "bert", "ReadOnly")
    clara = {"auth": ("clara", NEW)}
    admin, bert = f"{ACCOUNTS}/admin", f"{ACCOUNTS}/bert"
    def refused(r):
        assert r.status_code == 403 and "InsufficientPrivilege" in r.text, r.text
    refused(agent.post(ACCOUNTS, {"UserName": "eve", "Password": NEW, "RoleId": "Administrator"}, **clara))
    for body in ({"Password": "fifth-Word-55"}, {"Enabled": False}, {"RoleId": "ReadOnly"},
                 {"UserName": "eve"}, {"Locked": False}, {"PasswordChangeRequired": True}):
        refused(agent.patch(admin, body, **clara))
    refused(agent.delete(admin, **clara))
    refused(agent.patch(bert, {"RoleId": "Operator"}, **clara))
    refused(agent.patch(f"{ACCOUNTS}/clara", {"RoleId": "Administrator"}, **clara))
    refused(agent.patch(role, {"AssignedPrivileges": ["ConfigureManager"]}, **clara))
    refused(agent.post(ROLES, {"RoleId": "mine", "AssignedPrivileges": ["Login"]}, **clara))
    assert agent.patch(bert, {"RoleId": "clerk"}, **clara).status_code == 200
    # who may configure the manager, but no users, makes no role that may
    agent.patch(role, {"AssignedPrivileges": ["Login", "ConfigureManager"]})
    for words in (["ConfigureUsers"], ["Login", "ConfigureManager", "ConfigureUsers"]):
        refused(agent.post(ROLES, {"RoleId": "mine", "AssignedPrivileges": words}, **clara))
        refused(agent.patch(role, {"AssignedPrivileges": words}, **clara))
    assert agent.patch(role, {"AssignedPrivileges": ["Login"]}, **clara).status_code == 200


def test_roles_that_can_not_be_made_or_changed_are_refused(agent, role):
    for body, key in (
            ({"RoleId": "clerk", "AssignedPrivileges": []}, "ResourceAlreadyExists"),
            ({"RoleId": "Administrator", "AssignedPrivileges": []}, "ResourceAlreadyExists"),
            ({"RoleId": "admin", "AssignedPrivileges": []}, "RestrictedRole"),
            ({"RoleId": "OPERATOR", "AssignedPrivileges": []}, "RestrictedRole"),
            ({"RoleId": "noaccess", "AssignedPrivileges": ["Login"]}, "RestrictedRole"),
            ({"RoleId": "a b", "AssignedPrivileges": []}, "PropertyValueFormatError"),
            ({"RoleId": "x" * 21, "AssignedPrivileges": []}, "PropertyValueFormatError"),
            ({"RoleId": "r1", "AssignedPrivileges": ["Fly"]}, "PropertyValueNotInList"),
            ({"RoleId": "r1", "AssignedPrivileges": [7]}, "PropertyValueTypeError"),
            ({"RoleId": "r1", "AssignedPrivileges": [], "OemPrivileges": ["X"]},
             "PropertyValueNotInList"),
            ({"RoleId": "r1"}, "CreateFailedMissingReqProperties")):
        r = agent.post(ROLES, body)
        assert r.status_code == 400 and key in r.text, (body, r.text)
    for name in ("Administrator", "Operator", "ReadOnly"):
        r = agent.patch(f"{ROLES}/{name}", {"AssignedPrivileges": ["Login"]})
        assert r.status_code == 400 and "PropertyNotWritable" in r.text, r.text
        r = agent.delete(f"{ROLES}/{name}")
        assert r.status_code == 405 and "ResourceCannotBeDeleted" in r.text, r.text
    assert sorted(agent.members(ROLES)) == ["Administrator", "Operator", "ReadOnly", "clerk"]


# ---- clients ----

def test_redfishtool_adds_shows_and_deletes_a_user(agent):
    code, out, err = redfishtool(agent, "AccountService", "adduser", "tina", NEW, "ReadOnly")
    assert code == 0, out + err
    try:
        code, out, err = redfishtool(agent, "AccountService", "Accounts", "-m", "UserName:tina")
        assert code == 0 and json.loads(out)["RoleId"] == "ReadOnly", out + err
        assert curl(agent, user="tina", password=NEW) == 200
        code, out, err = redfishtool(agent, "AccountService", "setpassword", "tina", "other-Pw-55")
        assert code == 0, out + err
        assert curl(agent, user="tina", password=NEW) == 401
    finally:
        code, out, err = redfishtool(agent, "AccountService", "deleteuser", "tina")
    assert code == 0, out + err
    assert curl(agent, user="tina", password="other-Pw-55") == 401


def test_wrong_password_and_unknown_user_are_401_with_a_challenge(agent):
    for auth in (("admin", "wrong"), ("nobody-here", "wrong"), ("admin", ""), ("", "")):
        r = agent.get("Systems", auth=auth)
        assert r.status_code == 401, auth
        assert "WWW-Authenticate" in r.headers
    assert agent.get("Systems", auth=None, headers={"X-Auth-Token": "guess"}).status_code == 401
    assert agent.get("Systems").status_code == 200


@pytest.mark.parametrize("auth, headers", [
    (("", ""), {}), (("admin", "wrong"), {}), (None, {"X-Auth-Token": "guess"})])
def test_a_script_of_a_browser_is_not_challenged_for_basic(agent, auth, headers):
    """The browser would ask its user in a dialog of its own."""
    for more, scheme in (({}, "Basic "), ({"X-Requested-With": "XMLHttpRequest"}, "X-Auth-Token ")):
        r = agent.get("Systems", auth=auth, headers={**headers, **more})
        assert r.status_code == 401 and r.headers["WWW-Authenticate"].startswith(scheme)


# ---- sessions, roles ----

def test_session_is_made_used_and_deleted(agent):
    r = agent.post("SessionService/Sessions", {"UserName": "admin", "Password": PASSWORD},
                   auth=None)
    assert r.status_code == 201
    assert r.json()["UserName"] == "admin" and "Password" not in {
        k for k, v in r.json().items() if v}
    token, where = r.headers["X-Auth-Token"], r.headers["Location"]
    headers = {"X-Auth-Token": token}
    assert token not in agent.get("SessionService/Sessions").text
    assert agent.get(where, auth=None, headers=headers).status_code == 200
    assert agent.delete(where, auth=None, headers=headers).status_code in (200, 204)
    assert agent.get("Systems", auth=None, headers=headers).status_code == 401


def test_session_survives_a_restart_of_the_agent(agent):
    r = agent.post("SessionService/Sessions", {"UserName": "admin", "Password": PASSWORD},
                   auth=None)
    headers = {"X-Auth-Token": r.headers["X-Auth-Token"]}
    agent.restart()
    assert agent.get("Systems", auth=None, headers=headers).status_code == 200
    agent.delete(r.headers["Location"])


@pytest.mark.parametrize("role, reset, account, own", [
    ("ReadOnly", 403, 403, (200, 204)),
    ("Operator", (202, 204), 403, (200, 204)),
    ("Administrator", (202, 204), 201, (200, 204)),
])
def test_role_allows_no_more_than_its_privileges(agent, role, reset, account, own):
    def is_in(code, allowed):
        return code == allowed or isinstance(allowed, tuple) and code in allowed
    where = add(agent, "rolf", role)
    auth = ("rolf", NEW)
    try:
        assert agent.get("Systems", auth=auth).status_code == 200
        r = agent.reset("sub3-02", "On", auth=auth)
        assert is_in(r.status_code, reset), r.text
        r = agent.post(ACCOUNTS, {"UserName": "eve", "Password": NEW, "RoleId": "ReadOnly"},
                       auth=auth)
        assert is_in(r.status_code, account), r.text
        r = agent.patch(f"{ACCOUNTS}/admin", {"Password": "gotcha-Pw-66"}, auth=auth)
        assert (r.status_code in (200, 204)) == (role == "Administrator"), r.text
        if role == "Administrator":
            assert agent.patch(f"{ACCOUNTS}/admin", {"Password": PASSWORD},
                               auth=auth).status_code in (200, 204)
        r = agent.patch(where, {"Password": "own-Password-77"}, auth=auth)
        assert is_in(r.status_code, own), r.text
    finally:
        agent.delete(f"{ACCOUNTS}/eve")
        assert agent.delete(where).status_code in (200, 204)


def test_disabled_account_and_changed_role_take_effect_at_once(agent, person):
    name, where = person
    assert agent.get("Systems", auth=(name, NEW)).status_code == 200
    assert agent.patch(where, {"Enabled": False}).status_code in (200, 204)
    assert agent.get("Systems", auth=(name, NEW)).status_code == 401
    assert agent.patch(where, {"Enabled": True, "RoleId": "ReadOnly"}).status_code in (200, 204)
    assert agent.get("Systems", auth=(name, NEW)).status_code == 200
    assert agent.reset("sub3-02", "ForceRestart", auth=(name, NEW)).status_code == 403


def test_change_to_what_is_so_already_ends_no_session(agent, person):
    name, where = person
    r = agent.post("SessionService/Sessions", {"UserName": name, "Password": NEW}, auth=None)
    token = {"X-Auth-Token": r.headers["X-Auth-Token"]}
    for body in ({"Enabled": True}, {"RoleId": "Operator"}, {"Enabled": True, "RoleId": "Operator"}):
        assert agent.patch(where, body).status_code in (200, 204)
        assert agent.get("Systems", auth=None, headers=token).status_code == 200, body
    assert agent.patch(where, {"RoleId": "ReadOnly"}).status_code in (200, 204)
    assert agent.get("Systems", auth=None, headers=token).status_code == 401


@pytest.mark.parametrize("body", [
    {"UserName": "bad name", "Password": NEW, "RoleId": "ReadOnly"},
    {"UserName": "../root", "Password": NEW, "RoleId": "ReadOnly"},
    {"UserName": "x" * 100, "Password": NEW, "RoleId": "ReadOnly"},
    {"UserName": "fred", "Password": NEW, "RoleId": "Emperor"},
    {"UserName": "fred", "Password": "a:b\n", "RoleId": "ReadOnly"},
    {"UserName": "fred", "RoleId": "ReadOnly"},
    {"UserName": "admin", "Password": NEW, "RoleId": "ReadOnly"},
])
def test_account_that_can_not_be_made_is_refused(agent, body):
    r = agent.post(ACCOUNTS, body)
    assert r.status_code in (400, 409), r.text
    assert "fred" not in agent.members(ACCOUNTS)


def test_last_administrator_can_not_be_lost(agent):
    assert agent.delete(f"{ACCOUNTS}/admin").status_code in (400, 403, 405, 409)
    assert agent.patch(f"{ACCOUNTS}/admin", {"Enabled": False}).status_code in (400, 403, 409)
    assert agent.get("Systems").status_code == 200


def first(answer):
    return answer.json()["error"]["@Message.ExtendedInfo"][0]


def test_refusal_to_lose_the_last_administrator_speaks_of_the_account(agent):
    for answer in (agent.delete(f"{ACCOUNTS}/admin"),
                   agent.patch(f"{ACCOUNTS}/admin", {"Enabled": False}),
                   agent.patch(f"{ACCOUNTS}/admin", {"RoleId": "Operator"})):
        said = first(answer)
        assert answer.status_code == 409
        assert said["MessageId"].endswith(".AccountNotModified"), said
        assert "admin is the last enabled Administrator" in said["Resolution"]


@pytest.mark.parametrize("name", ["Bob", "a b", "x/y"])
def test_bad_name_of_a_new_account_is_said_by_its_property(agent, name):
    answer = agent.post(ACCOUNTS, {"UserName": name, "Password": PASSWORD, "RoleId": "ReadOnly"})
    said = first(answer)
    assert answer.status_code == 400
    assert said["MessageId"].endswith(".PropertyValueFormatError"), said
    assert said["MessageArgs"] == [name, "UserName"]
    assert "a user's name has up to 31 of a-z" in said["Resolution"]


def test_name_that_the_system_has_already_is_said_in_full(agent):
    if not isinstance(agent, UnixAgent):
        return  # a password file has no other accounts
    answer = agent.post(ACCOUNTS, {"UserName": "daemon", "Password": PASSWORD,
                                   "RoleId": "ReadOnly"})
    said = first(answer)
    assert said["MessageId"].endswith(".ResourceAlreadyExists"), said
    assert said["MessageArgs"] == ["ManagerAccount", "UserName", "daemon"]
    assert "the system has an account of this name" in said["Resolution"]


def test_name_that_only_the_system_has_refuses_the_whole_change(agent, person):
    """A password that was changed before the name is asked for can't be changed back."""
    if not isinstance(agent, UnixAgent):
        return
    name, where = person
    for also in ({"Password": NEW + "-2"}, {"RoleId": "ReadOnly"}, {"Enabled": False}):
        answer = agent.patch(where, {"UserName": "daemon", **also})
        assert answer.status_code == 400, answer.text
        assert first(answer)["MessageArgs"] == ["ManagerAccount", "UserName", "daemon"]
        assert agent.json(where)["RoleId"] == "Operator" and agent.json(where)["Enabled"]
        assert curl(agent, user=name, password=NEW) == 200, also


def test_no_password_is_in_the_log_or_the_database(agent):
    agent.patch(f"{ACCOUNTS}/admin", {"Password": PASSWORD})
    secret = "secret-Needle-88"
    agent.delete(add(agent, "nadja", "ReadOnly", secret))
    assert secret not in agent.log_text()
    for path in agent.state.glob("state.db*"):
        assert secret.encode() not in path.read_bytes()


# ---- other tools ----

@pytest.mark.skipif(os.geteuid() != 0, reason="the unix backend needs root")
def test_account_of_the_system_logs_in_as_soon_as_it_is_in_a_group(new_agent):
    agent = new_agent(UnixAgent).start()
    inside = within(agent.pid)
    for command in (["groupadd", "-f", "--system", "clusterbmc-readonly"],
                    ["useradd", "--no-log-init", "--no-create-home", "alice"],
                    ["sh", "-c", f"echo 'alice:{NEW}' | chpasswd"],
                    ["gpasswd", "--add", "alice", "clusterbmc-readonly"]):
        subprocess.run([*inside, *command], check=True, capture_output=True, timeout=60 * SLOW)
    assert curl(agent, user="alice", password=NEW) == 200
    assert "refused" not in agent.log_text()

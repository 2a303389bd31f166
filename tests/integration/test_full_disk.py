# SPDX-License-Identifier: Apache-2.0
"""The helper on a full disk and after its death: logins work again without an operator."""
import os
import signal
import subprocess
import time

import pytest
import requests

from harness import SmallDiskAgent, alive, eventually

ACCOUNT = "AccountService/Accounts/admin"
PACE = 10  # seconds between restarts because of a helper that ends at once
NEW = "another-Pw-22"


def helper_of(agent):
    """The process id of the helper that the daemon started."""
    out = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(agent.pid)],
                         capture_output=True, text=True, check=False).stdout
    return next((int(line.split()[0]) for line in out.splitlines()
                 if "clusterbmc-priv" in line), None)


def wait_for_another(agent, old):
    """Until the daemon that quickstart has started in the place of `old` is ready."""
    def look():
        agent.wait_ready()
        return agent.pid != old
    eventually(look, 30)


def logs_in(agent):
    return agent.get("Systems").status_code == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")
@pytest.mark.parametrize("older", [False, True], ids=["same service", "older service"])
def test_restart_on_a_full_disk_leaves_logins_working(new_agent, older):
    agent = new_agent(SmallDiskAgent).start()
    assert logs_in(agent)
    agent.kill9()
    if older:
        with open(agent.disk / "people/pam.d/clusterbmc", "a", encoding="ascii") as f:
            f.write("# of an older version\n")
    files = {p: p.stat().st_mtime_ns for p in (agent.disk / "people").rglob("*") if p.is_file()}
    agent.fill_disk()
    agent.start()
    agent.fill_disk()  # the database's recovery may have given some of it back
    assert logs_in(agent)
    r = agent.patch(ACCOUNT, {"Password": NEW})
    assert r.status_code == 507, r.text
    assert logs_in(agent), "a change that was refused was made by half"
    assert {p: p.stat().st_mtime_ns for p in files} == files
    assert {p for p in (agent.disk / "people").rglob("*") if p.is_file()} == set(files)
    agent.free_disk()
    r = agent.patch(ACCOUNT, {"Password": NEW})
    assert r.status_code in (200, 204), r.text
    agent.http.auth = ("admin", NEW)
    assert logs_in(agent)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")
def test_password_on_a_nearly_full_disk_is_changed_or_not(new_agent):
    """Two files are written: room for one of them must not change half."""
    agent = new_agent(SmallDiskAgent).start()
    old, answers = agent.password, set()
    agent.fill_disk()
    for i in range(6):
        r = agent.patch(ACCOUNT, {"Password": f"{NEW}-{i}"})
        answers.add(r.status_code)
        assert r.status_code in (200, 204, 507), r.text
        changed = r.status_code != 507
        assert agent.get("Systems", auth=("admin", f"{NEW}-{i}")).status_code == \
            (200 if changed else 401)
        assert agent.get("Systems", auth=("admin", old)).status_code == (401 if changed else 200)
        old = f"{NEW}-{i}" if changed else old
        agent.http.auth = ("admin", old)
        agent.spare(4096)
    assert 507 in answers and len(answers) > 1


def test_helper_that_can_not_start_is_tried_again_until_it_can(new_agent):
    agent = new_agent().start()
    first, people = agent.pid, agent.state / "people"
    people.chmod(0o755)  # not the helper's alone: it does not serve
    os.kill(helper_of(agent), signal.SIGKILL)
    eventually(lambda: agent.log_text().count("not a folder that only the helper can use") >= 2,
               4 * PACE)
    wait_for_another(agent, first)
    assert agent.get("/redfish/v1", auth=None).status_code == 200
    assert agent.get("Systems").status_code >= 401
    people.chmod(0o700)
    eventually(lambda: has_helper(agent), 4 * PACE, 0.5)
    eventually(lambda: can_log_in_soon(agent), 4 * PACE, 1)


def has_helper(agent):
    """A login without it counts as an attempt, and too many have to wait."""
    agent.wait_ready()
    return helper_of(agent)


def can_log_in_soon(agent):
    try:
        return logs_in(agent)
    except requests.ConnectionError:  # between two of them
        return False


def test_dead_helper_is_started_again(new_agent):
    began = time.monotonic()
    agent = new_agent().start()
    assert logs_in(agent)
    for _ in range(2):
        old = agent.pid
        os.kill(helper_of(agent), signal.SIGKILL)
        eventually(lambda: not alive(old), PACE + 10)
        assert time.monotonic() - began >= PACE, "a helper that dies at once restarts in a loop"
        began = time.monotonic()
        wait_for_another(agent, old)
        assert logs_in(agent)


def test_stop_after_the_helper_has_died_is_a_stop(new_agent):
    agent = new_agent().start()
    os.kill(helper_of(agent), signal.SIGKILL)
    eventually(lambda: "clusterbmc-priv ended" in agent.log_text())
    pid = agent.pid
    os.kill(pid, signal.SIGTERM)
    assert agent.process.wait(20) == 0
    assert not alive(pid)


# ---- damaged account files ----

def test_bad_line_refuses_its_own_account_only(new_agent):
    agent = new_agent().start()
    for name in ("olga", "rosa"):
        r = agent.post("AccountService/Accounts",
                       {"UserName": name, "Password": NEW, "RoleId": "Operator"})
        assert r.status_code == 201, r.text
    agent.stop()
    people = agent.state / "people"
    lines = (people / "accounts").read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["admin", "olga", "rosa"]
    damaged = f"{lines[0]}\n{lines[1]} secret-junk\n\n\0\0\0\n{'x' * 5000}\n{lines[2]}\n"
    (people / "accounts").write_text(damaged)
    agent.start()

    def status(name, password=NEW):
        return agent.get("Systems", auth=(name, password)).status_code
    assert logs_in(agent)
    assert status("rosa") == 200
    assert status("olga") == 401
    said = [line for line in agent.log_text().splitlines() if "can't be read" in line]
    assert [line.partition("accounts:")[2].split(":")[0] for line in said] == ["2", "4", "5"] * 2, \
        "once by --first-account, once by the helper"
    assert "secret-junk" not in agent.log_text() and "xxxx" not in agent.log_text()
    # the list is read every few seconds: what was said once is not said again
    r = agent.post("AccountService/Accounts",
                   {"UserName": "olga", "Password": NEW + "x", "RoleId": "ReadOnly"})
    assert r.status_code == 201, r.text
    assert status("olga", NEW) == 401 and status("olga", NEW + "x") == 200
    assert len([line for line in agent.log_text().splitlines()
                if "can't be read" in line and "kept as" not in line]) == len(said)
    kept = list(people.glob("accounts.damaged-*"))
    assert [k.read_text() for k in kept] == [damaged]
    assert (people / "accounts").read_text().split()[::4] == ["admin", "rosa", "olga"]


@pytest.mark.parametrize("line", ["no-colon\n", "\n", "a:b\n", "x" * 3000 + "\n", "\0\0\n"])
def test_bad_line_in_the_password_file_refuses_nobody(new_agent, line):
    agent = new_agent().start()
    agent.stop()
    passwords = agent.state / "people" / "passwords"
    good = passwords.read_text()
    passwords.write_text(line + good)
    agent.start()
    assert logs_in(agent)
    assert ("passwords:1: can't be read" in agent.log_text()) == (line != "\n")
    r = agent.patch(ACCOUNT, {"Password": NEW})
    assert r.status_code in (200, 204), r.text
    agent.http.auth = ("admin", NEW)
    assert logs_in(agent)
    assert len(passwords.read_text().splitlines()) == 1
    kept = list(passwords.parent.glob("passwords.damaged-*"))
    assert [k.read_text() for k in kept] == ([line + good] if line != "\n" else [])
    assert all(k.stat().st_mode & 0o777 == 0o600 for k in kept)

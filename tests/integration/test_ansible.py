# SPDX-License-Identifier: Apache-2.0
"""Ansible's Redfish modules do what an administrator asks of them: one play on an R2, whose
boards have a power line, and one on an R1, where reading everything is quick."""
import json
import os
import subprocess

import pytest

from conftest import Agents
from harness import PASSWORD, SLOW, Agent, UnixAgent, eventually

pytestmark = [pytest.mark.plain_only]

CLEAN = {k: v for k, v in os.environ.items()
         if k not in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")}


class Play:
    """Tasks for one run of ansible-playbook, which takes a second or two for each."""

    def __init__(self, agent):
        self.agent, self.tasks = agent, []

    def add(self, module, category, command, **more):
        args = {"baseuri": f"127.0.0.1:{self.agent.https_port}", "username": "admin",
                "password": PASSWORD, "timeout": 60, "category": category, "command": command}
        self.tasks.append({"name": f"{len(self.tasks)} {command}", "ignore_errors": True,
                           f"community.general.redfish_{module}": {**args, **more}})
        return len(self.tasks) - 1

    def uri(self, method, path, **more):
        url = self.agent.url(path)
        self.tasks.append({"name": f"{len(self.tasks)} {method} {path}", "ignore_errors": True,
                           "register": "answer", "ansible.builtin.uri": {
                               "url": url, "method": method, "validate_certs": False,
                               "return_content": True, "body_format": "json", **more}})
        return len(self.tasks) - 1

    def run(self):
        """The results in the order of the tasks."""
        book = self.agent.folder / "play.json"
        book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False,
                                     "tasks": self.tasks}]))
        done = subprocess.run(["ansible-playbook", str(book)], capture_output=True, text=True,
                              check=False, timeout=(60 + 20 * len(self.tasks)) * SLOW, env={
                                  **CLEAN, "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
                                  "ANSIBLE_HOME": str(self.agent.folder / "ansible"),
                                  "HOME": str(self.agent.folder),
                                  "ANSIBLE_STDOUT_CALLBACK": "json"})
        tasks = json.loads(done.stdout)["plays"][0]["tasks"]
        return [t["hosts"]["localhost"] for t in tasks]


def said(result):
    """What a failed module has to say; never a crash of its own."""
    assert "MODULE FAILURE" not in result.get("msg", ""), result
    return result["msg"]


@pytest.fixture(scope="module")
def r1():
    agent = Agent(platform="r1")
    try:
        yield agent.start()
    finally:
        agent.remove()


# Chassis has no "all": its command for HPE's thermal settings crashes within the module.
EVERYTHING = [("Systems", "all"), ("Accounts", "all"), ("Sessions", "all"), ("Update", "all"),
              ("Manager", "all"),
              ("Chassis", ["GetFanInventory", "GetPsuInventory", "GetChassisPower",
                           "GetChassisThermals", "GetChassisInventory", "GetHealthReport"])]

# What such hardware or this service does not have; the module says so and goes on.
NOT_THERE = {"bios_attribute", "boot_order", "virtual_media", "host_interfaces",
             "storage_controller", "firmware_update_capabilities", "update_status"}


def test_everything_is_read(r1):
    play = Play(r1)
    for category, command in EVERYTHING:
        play.add("info", category, command)
    for (category, _), result in zip(EVERYTHING, play.run()):
        assert not result.get("failed"), (category, result.get("msg"))
        facts = result["redfish_facts"]
        failed = {name for name, part in facts.items() if part["ret"] is not True}
        assert failed <= NOT_THERE, failed
        if category == "Manager":
            assert facts["network_protocols"]["entries"]["SNMP"]["ProtocolEnabled"] is True
            assert facts["network_protocols"]["entries"]["SSDP"]["ProtocolEnabled"] is False
            assert facts["log"]["entries"] and facts["manager_nics"]["entries"]
            assert facts["manager"]["entries"][0][1]["ManagerType"] == "BMC"
        if category == "Update":
            agent_itself = facts["software"]["entries"][0]
            assert agent_itself["Id"] == "bmc" and agent_itself["Version"]
            for one in facts["firmware"]["entries"]:
                assert one["Version"] and one["SoftwareId"] and one["Updateable"] in (True, False)
        if category == "Systems":
            assert len(facts["system"]["entries"]) == 12
        if category == "Chassis":
            assert facts["fan"]["entries"] and facts["psu"]["entries"]
            assert facts["chassis_power"]["entries"][0]["PowerConsumedWatts"] > 0


def test_a_board_is_switched_and_lit(agent):
    play, board = Play(agent), "sub1-03"
    def command(name):
        return play.add("command", "Systems", name, resource_id=board)
    changes = [command(c) for c in ("PowerGracefulShutdown", "PowerOn", "PowerForceOff", "PowerOn")]
    # its commands for the light know only the deprecated IndicatorLED
    lit = [play.uri("PATCH", f"Systems/{board}", user="admin", password=PASSWORD,
                    force_basic_auth=True, body={"LocationIndicatorActive": on})
           for on in (True, False)]
    wrong = play.add("command", "Systems", "PowerOn", resource_id="sub1-99")
    results = play.run()
    for i in changes:
        assert results[i].get("changed") is True and not results[i].get("failed"), results[i]
    assert "sub1-99" in said(results[wrong])
    assert [results[i]["json"]["LocationIndicatorActive"] for i in lit] == [True, False]
    eventually(lambda: agent.power(board) == "On", 60)
    assert agent.json(f"Systems/{board}")["LocationIndicatorActive"] is False
    tasks = [agent.json(f"TaskService/Tasks/{i}") for i in agent.members("TaskService/Tasks")]
    assert {t["TaskState"] for t in tasks} == {"Completed"}


def test_a_second_run_changes_no_power_and_no_boot(agent):
    play, board = Play(agent), "sub1-06"
    def command(name, **more):
        return play.add("command", "Systems", name, resource_id=board, **more)
    first = [command("PowerForceOff")]
    again = [command("PowerForceOff")]
    first.append(command("PowerOn"))
    again.append(command("PowerOn"))
    for name, more in (("SetOneTimeBoot", {"bootdevice": "Recovery"}),
                       ("EnableContinuousBootOverride", {"bootdevice": "Hdd"}),
                       ("DisableBootOverride", {})):
        first.append(command(name, **more))
        again.append(command(name, **more))
    wrong = command("SetOneTimeBoot", bootdevice="Pxe")
    results = play.run()
    assert [(r.get("changed"), r.get("msg")) for r in (results[i] for i in first)] == [
        (True, "Action was successful")] * len(first)
    assert [results[i].get("changed") for i in again] == [False] * len(again)
    assert not any(results[i].get("failed") for i in first + again)
    assert "Pxe" in said(results[wrong])
    boot = agent.json(f"Systems/{board}")["Boot"]
    assert boot["BootSourceOverrideEnabled"] == "Disabled"
    assert boot["BootSourceOverrideTarget"] == "None"


def test_the_status_of_a_task_is_read_through_its_monitor(agent):
    ended = agent.reset("sub1-07", "PowerCycle")
    agent.finished(ended, 60)
    waits = agent.post("Systems/sub1-07/Actions/ComputerSystem.Reset", {
        "ResetType": "ForceOff", "@Redfish.OperationApplyTime": "AtMaintenanceWindowStart",
        "@Redfish.MaintenanceWindow": {"MaintenanceWindowStartTime": "2100-01-01T00:00:00Z",
                                       "MaintenanceWindowDurationInSeconds": 60}})
    play = Play(agent)
    for answer in (waits, ended, ended):
        play.add("info", "Update", "GetUpdateStatus", update_handle=answer.headers["Location"])
    new, completed, gone = (r["redfish_facts"]["update_status"] for r in play.run())
    assert new["ret"] and new["status"] == "New"
    assert completed["ret"] and completed["status"] == "Completed"
    assert "410" in gone["msg"]  # the answer is given once
    assert agent.delete(waits.headers["Location"]).status_code == 204


@pytest.fixture(scope="module", params=[Agent, UnixAgent], ids=["file", "unix"])
def people(request):
    if request.param is UnixAgent and os.geteuid():
        pytest.skip("the unix backend needs root")
    one = Agents.new(request.param)
    try:
        yield one.start()
    finally:
        Agents.remove(one)


def test_accounts_live_and_end(people):
    """Each command twice: the second time nothing is left to change."""
    play = Play(people)
    changes, same = [], []
    def twice(command, category="Accounts", **more):
        for these in (changes, same):
            these.append(play.add("command", category, command, **more))
    new = {"account_password": "secret-Pw-11", "account_roleid": "ReadOnly"}
    anna = {"account_username": "anna"}
    twice("AddUser", **anna, **new)
    twice("UpdateUserRole", **anna, account_roleid="Operator")
    twice("DisableUser", **anna)
    twice("EnableUser", **anna)
    password = [play.add("command", "Accounts", "UpdateUserPassword", **anna,
                         account_password=word) for word in ("secret-Pw-22", "secret-Pw-22")]
    renamed = play.add("command", "Accounts", "UpdateUserName", **anna, account_updatename="berta")
    same.append(play.add("command", "Accounts", "UpdateUserName", account_username="berta",
                         account_updatename="berta"))
    refused = [play.add("command", "Accounts", "UpdateUserRole", account_username="berta",
                        account_roleid="Emperor"),
               play.add("command", "Accounts", "UpdateUserPassword", account_username="berta",
                        account_password="password1"),
               play.add("command", "Accounts", "UpdateUserName", account_username="berta",
                        account_updatename="Not A Name")]
    users = play.add("info", "Accounts", "ListUsers")
    twice("DeleteUser", account_username="berta")
    for n in (6, 5):
        twice("UpdateAccountServiceProperties",
              account_properties={"AccountLockoutThreshold": n, "HTTPBasicAuth": "Enabled"})
    refused.append(play.add("command", "Accounts", "UpdateAccountServiceProperties",
                            account_properties={"AccountLockoutThreshold": 11}))
    for seconds in (600, 1800):
        for these in (changes, same):
            these.append(play.add("config", "Sessions", "SetSessionService",
                                  sessions_config={"SessionTimeout": seconds}))
    changes += [play.add("command", "Sessions", "CreateSession"),
                play.add("command", "Sessions", "ClearSessions")]
    same.append(play.add("command", "Sessions", "ClearSessions"))
    results = play.run()
    for i in (*changes, *password, renamed):
        assert results[i].get("changed") is True and not results[i].get("failed"), (i, results[i])
    for i in same:
        assert results[i].get("changed") is False and not results[i].get("failed"), (i, results[i])
    for i in refused:
        assert results[i]["failed"] and "400" in said(results[i]), results[i]
    listed = {u["UserName"]: u for u in results[users]["redfish_facts"]["user"]["entries"]}
    assert set(listed) == {"admin", "berta"}
    assert (listed["berta"]["RoleId"], listed["berta"]["Enabled"]) == ("Operator", True)
    assert people.members("AccountService/Accounts") == ["admin"]


def test_manager_is_configured_cleared_and_restarted(r1):
    play = Play(r1)
    def switch(**snmp):
        return play.add("config", "Manager", "SetNetworkProtocols",
                        network_protocols={"SNMP": snmp})
    off, again = switch(ProtocolEnabled=False), switch(ProtocolEnabled=False)
    on, port = switch(ProtocolEnabled=True), switch(Port=1161)
    timeout = play.add("config", "Sessions", "SetSessionService",
                       sessions_config={"SessionTimeout": 1200})
    clear = play.add("command", "Manager", "ClearLogs")
    sessions = play.add("command", "Sessions", "ClearSessions")
    restart = play.add("command", "Manager", "GracefulRestart")
    before, results = r1.pid, play.run()
    for i in (off, on, timeout, clear, restart):
        assert results[i].get("changed") is True and not results[i].get("failed"), results[i]
    for i in (again, sessions):
        assert results[i].get("changed") is False and not results[i].get("failed"), results[i]
    assert results[port]["failed"] and "read-only" in said(results[port])
    r1.pid = eventually(lambda: r1.ready_pid(old=before), 30)
    assert r1.json("Managers/bmc/NetworkProtocol")["SNMP"]["ProtocolEnabled"] is True


def test_uri_module_works_with_a_session(agent):
    play = Play(agent)
    login = play.uri("POST", "SessionService/Sessions", status_code=201,
                     body={"UserName": "admin", "Password": PASSWORD})
    token = {"X-Auth-Token": "{{ answer.x_auth_token }}"}
    read = play.uri("GET", "Systems/sub1-01", headers=token)
    results = play.run()
    assert not results[login].get("failed"), results[login]
    assert results[read].get("status") == 200 and results[read]["json"]["Id"] == "sub1-01"

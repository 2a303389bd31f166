# SPDX-License-Identifier: Apache-2.0
"""Real Redfish clients do their daily work: redfishtool, sushy, Ansible."""
import json
import os
import subprocess

import pytest

from harness import PASSWORD, SLOW, eventually

pytestmark = [pytest.mark.plain_only]


def run(*words, timeout=300, **env):
    clean = {k: v for k, v in os.environ.items()
             if k not in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")}
    done = subprocess.run(words, capture_output=True, text=True, timeout=timeout * SLOW,
                          check=False, env={**clean, **env})
    return done.returncode, done.stdout, done.stderr


# ---- redfishtool ----

def redfishtool(agent, *words, auth="Basic"):
    code, out, err = run("redfishtool", "-r", f"127.0.0.1:{agent.https_port}", "-u", "admin", "-p",
                         PASSWORD, "-A", auth, "-S", "Always", *words)
    assert code == 0, out + err
    return json.loads(out) if out.strip().startswith("{") else out


@pytest.mark.parametrize("auth", ["Basic", "Session"])
def test_redfishtool_lists_72_boards_and_main(agent, auth):
    found = redfishtool(agent, "Systems", "list", auth=auth)
    assert len(found["Members"]) == 73


@pytest.mark.parametrize("words", [
    ["root"], ["Systems", "-I", "sub1-01"], ["Systems", "-I", "sub1-01", "Processors"],
    ["Chassis", "list"], ["Chassis", "-I", "enclosure", "Thermal"],
    ["Chassis", "-I", "enclosure", "Power"], ["Managers", "list"],
    ["Managers", "-I", "bmc", "EthernetInterfaces"], ["SessionService"], ["AccountService"],
    ["AccountService", "Accounts"], ["AccountService", "Roles"], ["SessionService", "Sessions"],
    ["Managers", "-I", "bmc", "NetworkProtocol"], ["versions"], ["odata"],
])
def test_redfishtool_reads(agent, words):
    assert redfishtool(agent, *words)


def test_redfishtool_resets_a_board_and_sets_its_asset_tag(agent):
    redfishtool(agent, "Systems", "-I", "sub1-03", "reset", "ForceOff")
    eventually(lambda: agent.power("sub1-03") == "Off")
    redfishtool(agent, "Systems", "-I", "sub1-03", "reset", "On")
    eventually(lambda: agent.power("sub1-03") == "On")
    redfishtool(agent, "Systems", "-I", "sub1-03", "setAssetTag", "rack 7")
    assert agent.json("Systems/sub1-03")["AssetTag"] == "rack 7"


def test_redfishtool_sets_what_a_board_boots(agent):
    redfishtool(agent, "Systems", "-I", "sub1-03", "setBootOverride", "Once", "Usb")
    boot = agent.json("Systems/sub1-03")
    assert boot["Boot"]["BootSourceOverrideEnabled"] == "Once"
    assert boot["Oem"]["ClusterBmc"]["BootTarget"] == "MaskRom"
    redfishtool(agent, "Systems", "-I", "sub1-03", "setBootOverride", "Disabled", "None")
    assert agent.json("Systems/sub1-03")["Boot"]["BootSourceOverrideEnabled"] == "Disabled"


# ---- sushy ----

@pytest.fixture(scope="module")
def sushy(agent):
    module = pytest.importorskip("sushy")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        os.environ.pop(name, None)
    return module, module.Sushy(f"https://127.0.0.1:{agent.https_port}", verify=False,
                                auth=module.auth.BasicAuth("admin", PASSWORD))


def test_sushy_reads_every_system_chassis_and_manager(agent, sushy):
    _, root = sushy
    assert len(root.get_system_collection().members_identities) == 73
    system = root.get_system("/redfish/v1/Systems/sub1-04")
    assert system.identity == "sub1-04" and system.power_state.value == "On"
    assert len(root.get_chassis_collection().get_members()) >= 10
    assert root.get_manager_collection().get_members()[0].identity == "bmc"
    assert agent.get("/redfish/v1").status_code == 200


class Expanded:
    """Answers sushy's GETs from an expanded collection."""
    status_code, headers = 200, {}

    def __init__(self, members):
        self.members, self.content = {m["@odata.id"]: m for m in members}, b""

    def get(self, path="", **_):
        self.content = json.dumps(self.members[path]).encode()
        return self

    def json(self):
        return json.loads(self.content)


def test_sushy_takes_expanded_documents(agent, sushy, monkeypatch):
    """What a member of an expanded collection has is all that it reads of a system."""
    _, root = sushy
    assert root.protocol_features_supported.expand_query
    members = agent.json("Systems?$expand=.")["Members"]
    monkeypatch.setattr(root._conn, "get", Expanded(members).get)
    systems = [root.get_system(m["@odata.id"]) for m in members]
    assert len(systems) == 73
    assert all(s.identity == m["Id"] and s.name == m["Name"] and s.uuid == m.get("UUID") and
               s.power_state.value == m["PowerState"] for s, m in zip(systems, members)
               if m["PowerState"])


def test_sushy_switches_a_board_off_and_on(agent, sushy):
    module, root = sushy
    system = root.get_system("/redfish/v1/Systems/sub1-04")
    system.reset_system(module.RESET_TYPE_FORCE_OFF)
    eventually(lambda: agent.power("sub1-04") == "Off")
    system.reset_system(module.RESET_TYPE_ON)
    eventually(lambda: agent.power("sub1-04") == "On")


def test_sushy_reads_all_systems_when_a_slot_is_empty(agent, sushy):
    """It looks for Actions and Boot in each, and gives up all of them for one without."""
    _, root = sushy
    agent.sim("set", kind="board", id="sub1-08", field="present", value=False)
    try:
        eventually(lambda: agent.json("Systems/sub1-08")["Status"]["State"] == "Absent")
        systems = {s.identity: s for s in root.get_system_collection().get_members()}
        assert len(systems) == 73
        assert systems["sub1-08"].boot.allowed_values == ["None"]
        assert systems["sub1-07"].get_allowed_reset_system_values()
    finally:
        agent.sim("clear", id="sub1-08")
    eventually(lambda: agent.json("Systems/sub1-08")["Status"]["State"] != "Absent")


def test_sushy_sets_what_a_board_boots(agent, sushy):
    module, root = sushy
    system = root.get_system("/redfish/v1/Systems/sub1-04")
    system.set_system_boot_options(module.BOOT_SOURCE_TARGET_HDD,
                                   enabled=module.BOOT_SOURCE_ENABLED_ONCE)
    system.refresh()
    assert system.boot.target == module.BOOT_SOURCE_TARGET_HDD
    assert module.BOOT_SOURCE_TARGET_PXE not in system.get_allowed_system_boot_source_values()
    system.set_system_boot_options(enabled=module.BOOT_SOURCE_ENABLED_DISABLED)
    assert agent.json("Systems/sub1-04")["Boot"]["BootSourceOverrideEnabled"] == "Disabled"


# ---- Ansible ----

def ansible(agent, module, **args):
    args = {"baseuri": f"127.0.0.1:{agent.https_port}", "username": "admin",
            "password": PASSWORD, "timeout": 60, **args}
    code, out, err = run("ansible", "localhost", "-m", f"community.general.{module}", "-a",
                         json.dumps(args), ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3",
                         ANSIBLE_HOME=str(agent.folder / "ansible"),
                         ANSIBLE_LOCALHOST_WARNING="False", HOME=str(agent.folder))
    assert code == 0, out + err
    return out


@pytest.mark.parametrize("category, command, word", [
    ("Systems", "GetSystemInventory", "sub9-08"),
    ("Systems", "GetHealthReport", "Systems"),
    ("Chassis", "GetFanInventory", "fan"),
    ("Chassis", "GetPsuInventory", "psu"),
    ("Chassis", "GetChassisPower", "Watts"),
    ("Chassis", "GetChassisThermals", "ReadingCelsius"),
    ("Chassis", "GetChassisInventory", "blade3"),
    ("Accounts", "ListUsers", "admin"),
    ("Sessions", "GetSessions", "session"),
    ("Manager", "GetManagerNicInventory", "nic"),
    ("Manager", "GetNetworkProtocols", "HTTPS"),
])
def test_ansible_redfish_info(agent, category, command, word):
    out = ansible(agent, "redfish_info", category=category, command=command)
    assert word.lower() in out.lower()


def test_ansible_redfish_command_switches_a_board(agent):
    out = ansible(agent, "redfish_command", category="Systems", command="PowerForceOff",
                  resource_id="sub1-05")
    assert '"changed": true' in out
    eventually(lambda: agent.power("sub1-05") == "Off")
    out = ansible(agent, "redfish_command", category="Systems", command="PowerForceOff",
                  resource_id="sub1-05")
    assert '"changed": false' in out
    ansible(agent, "redfish_command", category="Systems", command="PowerOn",
            resource_id="sub1-05")
    eventually(lambda: agent.power("sub1-05") == "On")

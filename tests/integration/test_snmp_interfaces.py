# SPDX-License-Identifier: Apache-2.0
"""IF-MIB and the addresses of IP-MIB, by number (their texts are not on every machine); old
tools with SHA-1 and AES-128; and Ansible's snmp_facts, which reads nothing else."""
import ipaddress
import json
import os
import re
import subprocess

import pytest

from harness import SLOW, Agent, SnmpError, eventually

pytestmark = [pytest.mark.plain_only]

IF, IFX = ".1.3.6.1.2.1.2.2.1", ".1.3.6.1.2.1.31.1.1.1"
ADDRESSES = ".1.3.6.1.2.1.4.20.1"
OLD = "old-Tools-Pw-1"


def column(agent, base, number, **kw):
    """{index: value} of a column."""
    found = agent.snmpwalk(f"{base}.{number}", options="-Oqn", **kw)
    return {name.split(f"{base}.{number}.")[1]: value for name, value in found.items()}


PORTS = "Chassis/enclosure/NetworkAdapters/network/Ports"


def nics(agent):
    """The manager's interfaces, and the enclosure's ports in their words."""
    all_of = {m: agent.json(f"Managers/bmc/EthernetInterfaces/{m}")
              for m in agent.members("Managers/bmc/EthernetInterfaces")}
    for m in agent.members(PORTS):
        port = agent.json(f"{PORTS}/{m}")
        gbps = port["CurrentSpeedGbps"]
        assert m not in all_of
        all_of[m] = {"Name": port["Name"], "LinkStatus": port["LinkStatus"],
                     "SpeedMbps": None if gbps is None else round(gbps * 1000),
                     "MTUSize": port["MaxFrameSize"],
                     "MACAddress": port["Ethernet"]["AssociatedMACAddresses"][0]}
    return all_of


def test_each_interface_of_manager_and_enclosure_is_in_both_tables(agent):
    names = column(agent, IF, 2)
    assert sorted(names.values()) == sorted(nics(agent))
    assert column(agent, IFX, 1) == names
    assert column(agent, IF, 1) == {i: i for i in names}
    own = {k.rsplit(".", 1)[1]: v for k, v in agent.snmpwalk("cbmcNicId").items()}
    assert names.items() <= own.items(), "ifIndex is cbmcNicIndex"
    assert len(own) - len(names) >= 72, "boards answer for their own interfaces"


def test_values_are_those_of_redfish(agent):
    shown, names = nics(agent), column(agent, IF, 2)
    speed, high = column(agent, IF, 5), column(agent, IFX, 15)
    status, alias = column(agent, IF, 8), column(agent, IFX, 18)
    mtu, mac = column(agent, IF, 4), column(agent, IF, 6)
    for i, name in names.items():
        nic = shown[name]
        assert status[i] == {"LinkUp": "1", "LinkDown": "2"}.get(nic["LinkStatus"], "4")
        assert high.get(i) == (str(nic["SpeedMbps"]) if nic["SpeedMbps"] is not None else None)
        if nic["SpeedMbps"]:
            assert int(speed[i]) == min(nic["SpeedMbps"] * 1000000, 2**32 - 1)
        assert mtu.get(i) == (str(nic["MTUSize"]) if nic["MTUSize"] is not None else None)
        assert alias[i] == nic["Name"] or alias[i] == ""
        octets = [int(x, 16) for x in re.findall(r"\b[0-9A-Fa-f]{1,2}\b", mac[i])]
        assert octets == [int(x, 16) for x in (nic["MACAddress"] or "").split(":") if x]


def test_walks_and_gets_agree_at_each_edge(agent):
    whole = agent.snmpwalk(IF, options="-Oqn")
    again = agent.snmpbulkwalk(IF, options="-Oqn")
    assert list(whole) == list(again)
    counters = tuple(f"{IF}.{column}." for column in range(9, 21))  # ifLastChange .. ifOutErrors
    assert {n: v for n, v in whole.items() if not n.startswith(counters)} == \
        {n: v for n, v in again.items() if not n.startswith(counters)}
    for name, value in list(whole.items())[:3] + list(whole.items())[-3:]:
        assert agent.snmp("snmpget", "-Oqv", [name]).strip().strip('"').strip() == value.strip()
    first = next(iter(whole))
    for missing in (f"{IF}.1.0", f"{IF}.1.4294967295", f"{IF}.1", f"{first}.0", f"{IF}.3"):
        assert "No Such" in agent.snmp("snmpget", "-Oqv", [missing])
    behind = agent.snmp("snmpgetnext", "-Oqn", [f"{IF}.1.4294967295"])
    assert behind.startswith(f"{IF}.2.")


def test_addresses_name_their_interface(agent):
    by_address = {nic["IPv4Addresses"][0]["Address"]: (name, nic["IPv4Addresses"][0])
                  for name, nic in nics(agent).items() if nic.get("IPv4Addresses")}
    names, masks = column(agent, IF, 2), column(agent, ADDRESSES, 3)
    found = column(agent, ADDRESSES, 2)
    assert set(found) == set(by_address)
    assert list(found) == sorted(found, key=ipaddress.ip_address)
    for address, i in found.items():
        assert names[i] == by_address[address][0]
        assert masks.get(address) == by_address[address][1].get("SubnetMask")


def test_tables_are_not_written(agent):
    with pytest.raises(SnmpError):
        agent.snmpset(f"{IF}.7.1", "i", "2")


# ---- old tools, on SNMP's own port in a network namespace of their own ----

class LonelyAgent(Agent):
    """In a network namespace with only a loopback, so that port 161 is free."""

    def __init__(self, **kw):
        super().__init__(**kw)
        self.snmp_port = 161

    def command(self):
        ready = ("ip link set lo up && "
                 "echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start && exec \"$@\"")
        return ["unshare", "--net", "sh", "-c", ready, "sh", *super().command()]

    def inside(self, *words, **env):
        clean = {k: v for k, v in os.environ.items()
                 if k not in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")}
        return subprocess.run(["nsenter", "--net", "-t", str(self.pid), *words],
                              capture_output=True, text=True, timeout=120 * SLOW, check=False,
                              env={**clean, **env})

    def add_user(self):
        """Into the configuration; the daemon restarts itself as an administrator asks."""
        config, old = self.state / "clusterbmcd.yaml", self.pid
        user = (f"    - {{ name: old, role: ReadOnly, auth: sha1, auth_passphrase: {OLD},\n"
                f"        priv: aes128, priv_passphrase: {OLD} }}\n")
        config.write_text(config.read_text().replace("  users:\n", "  users:\n" + user))
        reset = "https://127.0.0.1:%d/redfish/v1/Managers/bmc/Actions/Manager.Reset"
        done = self.inside("curl", "-sSkfu", f"admin:{self.password}", "-X", "POST", "-H",
                           "Content-Type: application/json", "-d", "{}", reset % self.https_port)
        assert done.returncode == 0, done.stderr
        self.pid = eventually(lambda: self.ready_pid(old=old), 30)


@pytest.fixture(scope="module")
def lonely():
    if os.geteuid() != 0:
        pytest.skip("only root makes network namespaces")
    agent = LonelyAgent()
    try:
        agent.start()
        agent.add_user()
        yield agent
    finally:
        agent.remove()


def test_user_with_sha1_and_aes128_reads(lonely):
    done = lonely.inside("snmpget", "-v3", "-l", "authPriv", "-u", "old", "-a", "SHA", "-A", OLD,
                         "-x", "AES", "-X", OLD, "-Oqv", "127.0.0.1", ".1.3.6.1.2.1.1.1.0")
    assert "management agent" in done.stdout, done.stderr


def test_snmp_facts_finds_the_interfaces(lonely):
    args = {"host": "127.0.0.1", "version": "v3", "username": "old", "level": "authPriv",
            "integrity": "sha", "authkey": OLD, "privacy": "aes", "privkey": OLD, "timeout": 20}
    done = lonely.inside("ansible", "localhost", "-m", "community.general.snmp_facts", "-a",
                         json.dumps(args), ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3",
                         ANSIBLE_HOME=str(lonely.folder / "ansible"), HOME=str(lonely.folder),
                         ANSIBLE_LOCALHOST_WARNING="False")
    assert done.returncode == 0, done.stdout + done.stderr
    facts = json.loads(done.stdout.split("=>", 1)[1])["ansible_facts"]
    names = {v["name"] for v in facts["ansible_interfaces"].values()}
    assert {"net1-ge1", "net2-sfp2"} <= names
    assert "management agent" in facts["ansible_sysdescr"]

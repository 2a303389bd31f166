# SPDX-License-Identifier: Apache-2.0
"""SIGHUP: what the manual says a change of each key needs is what happens. The keys are
those of `clusterbmcd --dump-conf-doc`; each is given another valid value."""
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest
import requests
import yaml

from harness import BUILD, SLOW, SnmpError, TrapReceiver, eventually
from test_snmp_tls import Secured, shows_reload

pytestmark = [pytest.mark.plain_only]

# What can't be made up from a key's type.
VALUES = {
    "bind": "127.0.0.2", "enterprise_oid": "1.3.6.1.4.1.32473.9", "exempt": ["10.0.0.0/8"],
    "engine_id": "8000000001020304", "user": "daemon",
    "update.keys": [{"name": "release", "file": "/nowhere/release.pem"}],
    "update.board_network.address": "127.0.0.1",
    "http.listeners": [{"address": "127.0.0.1", "port": 18443}],
    "snmp.agentx_master.group": "daemon",
    "snmp.bind": ["127.0.0.2", "127.0.0.3"],
    "snmp.views": [{"name": "boards", "include": ["1.3.6.1.4.1.32473"]}],
    "snmp.communities": [{"name": "another-word", "role": "Operator"}],
    "snmp.users": [{"name": "noc", "auth_passphrase": "new-Passphrase-1",
                    "priv_passphrase": "new-Passphrase-1"}],
    "snmp.tls.clients": [{"name": "noc", "fingerprint": "ab" * 32}],
    "snmp.receivers": [{"host": "127.0.0.1", "version": "v2c", "community": "another-word"}],
}
ROW = re.compile(r"^\| `([^`]+)` \| (.*?) \| (.*?) \| (at once|restart|new instance) \|", re.M)
# Of an instance: the platform file names it, and a plugin's word is not a value.
FIXED = {"name", "plugin", "settings"}


class Key:
    """A row of the manual: `path` is "http.max_body"."""

    def __init__(self, section, row):
        name, self.type, self.default, self.needs = row
        self.path = f"{section}.{name}" if section else name
        self.name = name

    def other(self, now):
        """A valid value that is not the one in force."""
        for known in (self.path, self.name):
            if known in VALUES:
                return VALUES[known]
        if self.type.startswith("`"):
            words = re.findall("`([^`]+)`", self.type)
            return words[0] if words[0] != (now or self.default.strip("`")) else words[1]
        if self.type == "true or false":
            return not (self.default == "`true`" if now is None else now)
        found = re.match(r"number, (\d+) to ", self.type)
        if found:  # in the key's own unit; most defaults have another one
            least = int(found[1])
            return least + (1 if str(least + 1) not in (str(now), self.default.strip("`")) else 2)
        assert self.type.startswith("text"), f"name a value for {self.path}: {self.type}"
        return f"/nowhere/{self.name}"


def manual():
    """{section: its keys}; lists and mappings of a section are keys of it."""
    text = subprocess.run([str(BUILD / "clusterbmcd"), "--dump-conf-doc"], capture_output=True,
                          text=True, check=True).stdout
    parts = re.split(r"^##+ (.*)$", text, flags=re.M)
    return {title.replace("`", ""): ROW.findall(body)
            for title, body in zip(parts[1::2], parts[2::2])}


def keys():
    """Of clusterbmcd.yaml, but for those of its lists' sections."""
    found = []
    for title, rows in manual().items():
        if title == "Platform files":
            return found
        if not title.endswith("[]"):
            section = "" if title == "clusterbmcd.yaml" else title
            found += [Key(section, row) for row in rows
                      if row[1] != "section" and row[0] != "instances"]
    raise AssertionError("no platform file in the manual")


class Reloads:
    """An agent whose service manager is here, so that the end of a reload is known."""

    def __init__(self, agent):
        self.agent = agent
        self.file = agent.state / "clusterbmcd.yaml"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(agent.folder / "notify"))
        (agent.folder / "notify").chmod(0o777)
        agent.start(NOTIFY_SOCKET=str(agent.folder / "notify"))
        self.text = self.file.read_text()

    def wait_for(self, word):
        self.socket.settimeout(60 * SLOW)
        while word not in self.socket.recv(4096).decode():
            pass

    def value(self, path):
        node = yaml.safe_load(self.text)
        for word in path.split("."):
            node = (node or {}).get(word)
        return node

    def changed(self, values):
        """The configuration with these values; the log of the reload."""
        tree = yaml.safe_load(self.text)
        for path, value in values.items():
            node, words = tree, path.split(".")
            for word in words[:-1]:
                node = node.setdefault(word, {})
            node[words[-1]] = value
        return self.reload(yaml.safe_dump(tree))

    def instance(self, name, section, key, value):
        tree = yaml.safe_load(self.text)
        one = next(i for i in tree["instances"] if i["name"] == name)
        (one.setdefault("settings", {}) if section else one)[key] = value
        return self.reload(yaml.safe_dump(tree))

    def reload(self, text):
        self.file.write_text(text)
        before = len(self.agent.log_text())
        os.kill(self.agent.pid, signal.SIGHUP)
        self.wait_for("RELOADING=1")
        self.wait_for("READY=1")
        log = self.agent.log_text()[before:]
        assert "unchanged" not in log, log
        return log


@pytest.fixture
def reloads(new_agent):
    return Reloads(new_agent())


def said(log, words):
    return set(re.findall(rf"configuration: (\S+) takes effect {words}", log))


def pair(folder):
    """A key and its certificate that the daemon's user can read."""
    key, certificate = folder / "live.key", folder / "live.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=reloaded",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    key.chmod(0o644)
    return {"http.key": str(key), "http.certificate": str(certificate)}


def test_what_a_change_of_each_key_needs(reloads):
    """All that wait for a restart at once, in one reload; the others one by one."""
    all_ = keys()
    assert len(all_) > 40
    platform = reloads.agent.state / "platform/other.yaml"
    shutil.copy(reloads.value("platform"), platform)
    later = {k.path: k.other(reloads.value(k.path)) for k in all_ if k.needs == "restart"}
    later["platform"] = str(platform)
    log = reloads.changed(later)
    assert said(log, "at the next start") == set(later)
    assert said(log, "at once") == set()
    assert "but for what waits for a restart" in log
    reloads.reload(reloads.text)
    certificate = pair(reloads.agent.folder)
    for key in all_:
        if key.needs == "restart":
            continue
        values = certificate if key.path in certificate else \
            {key.path: key.other(reloads.value(key.path))}
        log = reloads.changed(values)
        assert said(log, "at once") == set(values), key.path
        assert said(log, "at the next start") == set()
        reloads.reload(reloads.text)
    assert reloads.agent.get("Systems").status_code == 200


def test_a_change_of_each_key_of_an_instance_makes_it_again(reloads):
    """Its own keys and its plugin's; the other instance stays."""
    found = manual()
    for section, rows in (("", found["instances[]"]),
                          ("settings", found["settings of plugin simulator"])):
        for row in rows:
            key = Key(section, row)
            assert key.needs == "new instance", key.path
            if key.name in FIXED:
                continue
            log = reloads.instance("simulator", section, key.name, key.other(None))
            assert re.findall(r"instance (\w+) is recreated", log) == ["simulator"], key.path
            assert not said(log, r"(?:at the next start|at once)")
            reloads.reload(reloads.text)
    # most reloads came while the instance of the one before was still ending
    assert "already" not in reloads.agent.log_text()
    eventually(lambda: reloads.agent.power("sub1-01") == "On", 30)


# ---- what is in force afterwards, of each key that is taken over live ----

def log_level(reloads):
    log = reloads.changed({"log_level": "warning"})
    assert "at once" in log and "configuration taken over" not in log  # a notice
    assert "configuration taken over" in reloads.reload(reloads.text)


def hang_timeout(reloads):
    """The watchdog is fed each sixth of it, and not less often than every ten seconds."""
    reloads.changed({"hang_timeout": "20s"})
    begin = time.monotonic()
    reloads.wait_for("WATCHDOG=1")
    reloads.wait_for("WATCHDOG=1")
    assert time.monotonic() - begin < 9 * SLOW


def max_body(reloads):
    def status():
        return reloads.agent.request("POST", "SessionService/Sessions",
                                     data=b" " * 6000, headers={
                                         "Content-Type": "application/json"}).status_code
    assert status() == 400
    reloads.changed({"http.max_body": "4KiB"})
    assert status() == 413


def session_timeout(reloads):
    reloads.changed({"http.session_timeout": "77s"})
    eventually(lambda: reloads.agent.json("SessionService")["SessionTimeout"] == 77, 10)


def certificate(reloads):
    values = pair(reloads.agent.folder)
    reloads.changed(values)
    shown = ssl.get_server_certificate(("127.0.0.1", reloads.agent.https_port))
    with open(values["http.certificate"], encoding="ascii") as f:
        assert shown.strip() == f.read().strip()


def authority(reloads):
    """An authority that signs for itself: (the keys to trust it, a client's pair)."""
    folder = reloads.agent.folder
    key, crt = folder / "client.key", folder / "client.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=admin",
                    "-keyout", key, "-out", crt], check=True, capture_output=True)
    return {"http.client_ca": str(crt), "http.client_certificates": "optional"}, (crt, key)


def client_certificate(reloads):
    """The authority, that certificates are asked for, and what of them is the name."""
    values, pair_ = authority(reloads)

    def status():
        return requests.get(f"https://127.0.0.1:{reloads.agent.https_port}/redfish/v1/Systems",
                            cert=pair_, verify=False, timeout=30 * SLOW).status_code
    assert status() == 401
    reloads.changed(values)
    assert status() == 200
    reloads.changed({**values, "http.client_certificate_name": "UserPrincipalName"})
    assert status() == 401


def reads_with(agent, *auth):
    try:
        return agent.snmpget("cbmcBoardId.1.1", auth=list(auth), timeout=3) == "sub1-01"
    except SnmpError:
        return False


def communities(reloads):
    reloads.changed({"snmp.communities": VALUES["snmp.communities"]})
    assert eventually(lambda: reads_with(reloads.agent, "-v2c", "-c", "another-word"), 10)
    assert not reads_with(reloads.agent, "-v2c", "-c", "public")


def users(reloads):
    reloads.changed({"snmp.users": VALUES["snmp.users"]})
    words = ["-v3", "-l", "authPriv", "-u", "noc", "-a", "SHA-256", "-A", "new-Passphrase-1",
             "-x", "AES-256", "-X", "new-Passphrase-1"]
    assert eventually(lambda: reads_with(reloads.agent, *words), 10)


def views(reloads):
    """A view shows only in what is held to it."""
    agent, outside = reloads.agent, agent_oid(reloads.agent)
    seen = {"name": "boards", "include": ["1.3.6.1.4.1.32473"], "exclude": [outside]}
    reloads.changed({"snmp.views": [seen], "snmp.communities": [
        {"name": "another-word", "view": "boards"}]})
    eventually(lambda: reads_with(agent, "-v2c", "-c", "another-word") is False and
               agent.snmpget("cbmcFanId.1", auth=["-v2c", "-c", "another-word"]) == "fan1", 10)


def agent_oid(agent):
    return agent.oid("cbmcBoardId", "1.1").lstrip(".").rsplit(".", 4)[0]


def receivers(reloads):
    receiver = TrapReceiver()
    try:
        host, port = receiver.address.split(":")
        reloads.changed({"snmp.receivers": [{"host": host, "port": int(port), "version": "v2c",
                                             "community": "public"}]})
        reloads.agent.finished_or_done(reloads.agent.reset("sub2-02", "ForceOff"))
        receiver.wait("sub2-02", seconds=20)
    finally:
        receiver.stop()


def version_1(reloads):
    assert not reads_with(reloads.agent, "-v1", "-c", "public")
    reloads.changed({"snmp.v1": True})
    assert eventually(lambda: reads_with(reloads.agent, "-v1", "-c", "public"), 10)


def system_group(reloads):
    wanted = {"snmp.contact": "noc@example.net", "snmp.location": "rack 9", "snmp.services": 64}
    reloads.changed(wanted)
    names = [f"1.3.6.1.2.1.1.{n}.0" for n in (4, 6, 7)]
    eventually(lambda: reloads.agent.snmpget(*names) == [str(v) for v in wanted.values()], 10)


def tls_clients(_):
    """The port takes a restart: an agent that has it."""
    agent = Secured()
    try:
        shows_reload(agent.start_tls())
    finally:
        agent.stop()
        agent.remove()


IN_FORCE = {
    "snmp.tls.clients": tls_clients,
    "snmp.contact": system_group, "snmp.location": system_group, "snmp.services": system_group,
    "snmp.v1": version_1,
    "snmp.views": views, "snmp.receivers": receivers,
    "log_level": log_level, "hang_timeout": hang_timeout, "http.max_body": max_body,
    "http.session_timeout": session_timeout, "http.key": certificate,
    "http.certificate": certificate, "http.client_ca": client_certificate,
    "http.client_certificates": client_certificate,
    "http.client_certificate_name": client_certificate, "snmp.communities": communities, "snmp.users": users,
}


def test_each_live_key_is_in_force_at_once(new_agent):
    live = {k.path for k in keys() if k.needs == "at once"}
    tested = set()
    one = Reloads(new_agent())
    for key in sorted(live - {"http.key"}):
        assert key in IN_FORCE, f"show that a new value of {key} is in force"
        try:
            IN_FORCE[key](one)
        except requests.ConnectionError as e:
            raise AssertionError(key) from e
        one.reload(one.text)
        tested.add(key)
    assert tested | {"http.key"} == live

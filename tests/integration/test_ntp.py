# SPDX-License-Identifier: Apache-2.0
"""The machine's NTP client, shown and set by the manager's NetworkProtocol."""
import os
import shutil
import subprocess

import pytest

from harness import Agent
from test_ansible import Play, said
from test_manager import PROTOCOL, keys

pytestmark = [pytest.mark.plain_only]

UNIT = "systemd-timesyncd.service"
WANTS = f"systemd/system/sysinit.target.wants/{UNIT}"


class NtpAgent(Agent):
    """On a copy of /etc and a systemd that has timesyncd, which only this agent and its
    children see; the tools of systemd do as much as a test looks at. For root."""

    def __init__(self, **kw):
        super().__init__(**kw)
        self.env["CLUSTERBMC_BACKEND"] = "file\n  system: allow"
        self.etc, self.tools = self.folder / "etc", self.folder / "tools"
        subprocess.run(["cp", "-a", "/etc", str(self.etc)], check=True)
        shutil.rmtree(self.etc / "systemd", ignore_errors=True)
        (self.etc / WANTS).parent.mkdir(parents=True)
        self.tools.mkdir()
        for name, words in (("systemctl", "test ! -e /etc/refuse"),
                            ("timedatectl", f"""test ! -e /etc/refuse || exit 1
                             case $2 in true) ln -s /x /etc/{WANTS} ;; *) rm /etc/{WANTS} ;;
                             esac""")):
            (self.tools / name).write_text(f"#!/bin/sh\n{words}\n")
            (self.tools / name).chmod(0o755)

    def command(self):
        inside = f"""mount --bind "{self.etc}" /etc &&
            mount -t tmpfs -o mode=755 none /run && mkdir -p /run/systemd/system &&
            mount -t tmpfs -o mode=755 none /usr/lib/systemd/system &&
            touch /usr/lib/systemd/system/{UNIT} &&
            mount --bind "{self.tools}/systemctl" /usr/bin/systemctl &&
            mount --bind "{self.tools}/timedatectl" /usr/bin/timedatectl && exec "$@" """
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", inside, "sh",
                *super().command()]


@pytest.fixture(name="ntp", scope="module")
def ntp_agent():
    if os.geteuid():
        pytest.skip("mounts need root")
    one = NtpAgent(platform="r1")
    try:
        yield one.start()
    finally:
        one.remove()


def test_ntp_is_set_through_the_helper_and_stays(ntp):
    (ntp.etc / "systemd/timesyncd.conf").write_text("[Time]\nNTP=admin.example\n")
    assert ntp.json(PROTOCOL)["NTP"] == {"ProtocolEnabled": False,
                                         "NTPServers": ["admin.example"]}
    change = {"ProtocolEnabled": True, "NTPServers": ["a.example", "2001:db8::1"]}
    etag = ntp.get(PROTOCOL).headers["ETag"]
    r = ntp.patch(PROTOCOL, {"NTP": change}, headers={"If-Match": etag})
    assert r.status_code == 200 and r.json()["NTP"] == change, r.text
    assert r.headers["ETag"] == ntp.get(PROTOCOL).headers["ETag"] != etag
    ntp.restart()
    assert ntp.json(PROTOCOL)["NTP"] == change
    r = ntp.patch(PROTOCOL, {"NTP": {"NTPServers": []}})
    assert r.json()["NTP"] == {"ProtocolEnabled": True, "NTPServers": []}
    r = ntp.patch(PROTOCOL, {"NTP": {"ProtocolEnabled": False}})
    assert r.json()["NTP"] == {"ProtocolEnabled": False, "NTPServers": []}


def test_ntp_that_systemd_refuses_is_as_it_was(ntp):
    assert ntp.patch(PROTOCOL, {"NTP": {"NTPServers": ["a.example"]}}).status_code == 200
    before = ntp.json(PROTOCOL)["NTP"]
    (ntp.etc / "refuse").touch()
    try:
        r = ntp.patch(PROTOCOL, {"NTP": {"NTPServers": ["b.example"], "ProtocolEnabled": True}})
    finally:
        (ntp.etc / "refuse").unlink()
    assert r.status_code >= 500, r.text
    assert ntp.json(PROTOCOL)["NTP"] == before


def test_a_wrong_server_refuses_all_of_the_patch(ntp):
    before = ntp.json(PROTOCOL)
    r = ntp.patch(PROTOCOL, {"SNMP": {"EnableSNMPv2c": False},
                             "NTP": {"ProtocolEnabled": not before["NTP"]["ProtocolEnabled"],
                                     "NTPServers": ["ok.example", "not a name"]}})
    assert r.status_code == 400 and keys(r) == ["PropertyValueFormatError"], r.text
    assert "not a name" in r.text and ntp.json(PROTOCOL) == before


def test_ntp_is_set_by_ansible(ntp):
    play = Play(ntp)

    def change(**protocol):
        return play.add("config", "Manager", "SetNetworkProtocols",
                        network_protocols={"NTP": protocol})
    wanted = {"ProtocolEnabled": True, "NTPServers": ["c.example", "10.0.0.1"]}
    first, again = change(**wanted), change(**wanted)
    wrong = change(NTPServers=["-c"])
    read = play.add("info", "Manager", "GetNetworkProtocols")
    results = play.run()
    assert results[first]["changed"] is True and results[again]["changed"] is False
    assert results[wrong]["failed"] and "-c" in said(results[wrong])
    shown = results[read]["redfish_facts"]["network_protocols"]["entries"]
    assert shown["NTP"] == wanted

# SPDX-License-Identifier: Apache-2.0
"""The root helper as a program: what it has given up, and which places it refuses."""
import os
import re
import subprocess

import pytest

from harness import BUILD, TOP, Agent, UnixAgent, eventually
from test_full_disk import helper_of

pytestmark = [pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")]

# chown, dac_override, sys_rawio, sys_admin, sys_time, audit_write; see confine.c
KEPT = 1 << 0 | 1 << 1 | 1 << 17 | 1 << 21 | 1 << 25 | 1 << 29


def status(pid):
    text = open(f"/proc/{pid}/status", encoding="ascii").read()
    return dict(re.findall(r"^(\w+):\s+(.*)$", text, re.M))


@pytest.mark.parametrize("kind", [Agent, UnixAgent])
def test_helper_of_the_demo_has_given_up_what_it_does_not_need(new_agent, kind):
    agent = new_agent(kind).start()
    now = status(helper_of(agent))
    assert now["Uid"].split()[0] == "0"
    for which in ("CapPrm", "CapEff", "CapBnd"):
        assert int(now[which], 16) & ~KEPT == 0, which
    assert int(now["CapInh"], 16) == int(now["CapAmb"], 16) == 0
    assert now["NoNewPrivs"] == "1" and now["Seccomp"] == "2"
    assert agent.get("Systems").status_code == 200


def test_helper_works_in_the_file_system_of_its_unit(new_agent):
    """All read-only but what the unit names: accounts are made and changed."""
    class UnderUnit(UnixAgent):
        """Its helper is what the service manager would start."""
        def command(self):
            words = super().command()
            inside = words.index("sh") + 2
            words[inside] = words[inside].replace(' && exec "$@"', f''' &&
                mount --make-rprivate / && mount --bind / / && mount --bind /etc /etc &&
                mount --bind "{self.folder}" "{self.folder}" &&
                mount --bind /proc /proc && mount --bind /dev /dev &&
                mount -o remount,ro,bind / && exec "$@"''')
            return words
    agent = new_agent(UnderUnit).start()
    inside = f"/proc/{helper_of(agent)}/root"
    with pytest.raises(OSError, match="Read-only"):
        open(f"{inside}/usr/written-by-a-test", "w", encoding="ascii")
    r = agent.post("AccountService/Accounts",
                   {"UserName": "olga", "Password": "another-Pw-22", "RoleId": "Operator"})
    assert r.status_code == 201, r.text
    where = r.headers["Location"]
    assert agent.get("Systems", auth=("olga", "another-Pw-22")).status_code == 200
    for change in ({"Password": "a-third-Pw-33"}, {"RoleId": "ReadOnly"}, {"Enabled": False}):
        assert agent.patch(where, change).status_code in (200, 204), change
    assert agent.delete(where).status_code in (200, 204)


def configuration(folder, **changes):
    keys = {"platform": TOP / "conf/platforms/host.yaml", "state_dir": folder / "state",
            "socket": folder / "priv.sock", **changes}
    path = folder / "clusterbmcd.yaml"
    path.write_text(f"platform: {keys['platform']}\nstate_dir: {keys['state_dir']}\nuser: nobody\n"
                    f"helper: {{ socket: {keys['socket']} }}\n"
                    "instances: [{ name: host, plugin: host }]\n")
    return path


@pytest.mark.parametrize("place", ["socket", "state_dir"])
def test_helper_refuses_a_place_that_the_daemon_could_exchange(place):
    """chown of the socket, or the making of a file, would follow a link put there."""
    agent = Agent()  # for its folder
    try:
        (agent.folder / "state").mkdir()
        free = agent.folder / "free"
        free.mkdir()
        os.chown(free, 65534, 65534)
        (free / "state").mkdir()
        change = {"socket": free / "priv.sock"} if place == "socket" else \
            {"state_dir": free / "state"}
        done = subprocess.run([BUILD / "clusterbmc-priv", "--config",
                               configuration(agent.folder, **change)],
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 1
        assert f"{free}: the daemon's user may write it" in done.stderr
        good = subprocess.Popen([BUILD / "clusterbmc-priv", "--config",
                                 configuration(agent.folder)], stderr=subprocess.PIPE, text=True)
        try:
            socket = agent.folder / "priv.sock"
            eventually(lambda: good.poll() is None and socket.exists() and
                       socket.stat().st_uid == 65534)
        finally:
            good.terminate()
            good.communicate(timeout=60)
    finally:
        agent.remove()

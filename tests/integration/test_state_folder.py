# SPDX-License-Identifier: Apache-2.0
"""The state folder holds root's files beside the daemon's: who may change which."""
import os
import subprocess
import sys

import pytest

from rig import BUILD

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root has files to guard")


def as_nobody(code, *args):
    """What this Python does as the daemon's user: the name of the exception, or nothing."""
    drop = "import os, sys\nos.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
    done = subprocess.run([sys.executable, "-c", drop + code, *map(str, args)],
                          capture_output=True, text=True, timeout=20)
    return done.stderr.strip().rsplit("\n", 1)[-1].split(":")[0]


@root_only
def test_daemons_user_cannot_swap_what_the_helper_reads(agent):
    """PAM takes its folder by name: whoever may rename it runs code as root."""
    for name in ("people", "clusterbmcd.yaml", "helper.key", "helper.pulses"):
        path = agent.state / name
        assert path.stat().st_uid == 0
        assert as_nobody("os.rename(sys.argv[1], sys.argv[1] + '.mine')", path) == "PermissionError"
    assert as_nobody("open(sys.argv[1], 'w').write('its own')", agent.state / "own") == ""
    assert as_nobody("os.unlink(sys.argv[1])", agent.state / "own") == ""


@root_only
def test_helper_refuses_a_configuration_in_the_daemons_folder(new_agent):
    agent = new_agent().start()
    agent.stop()
    os.chown(agent.state, 65534, 65534)
    done = subprocess.run([BUILD / "clusterbmc-priv", "--config", agent.state / "clusterbmcd.yaml",
                           "--first-account", "mallory"], input="A-long-Passw0rd\n",
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert "the daemon's user may write it" in done.stderr


def test_ready_file_goes_with_the_daemon(new_agent):
    agent = new_agent().start()
    assert agent.ready.exists()
    agent.stop()
    assert not agent.ready.exists()

# SPDX-License-Identifier: Apache-2.0
"""The state folder holds root's files beside the daemon's: who may change which."""
import os
import signal
import subprocess
import sys

import pytest

from harness import BUILD, alive, eventually

pytestmark = [pytest.mark.plain_only]

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root has files to guard")


def as_nobody(code, *args):
    """What this Python does as the daemon's user: the name of the exception, or nothing."""
    drop = "import os, sys\nos.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
    done = subprocess.run([sys.executable, "-c", drop + code, *map(str, args)],
                          capture_output=True, text=True, timeout=120)
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
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "the daemon's user may write it" in done.stderr


def test_ready_file_goes_with_the_daemon(new_agent):
    agent = new_agent().start()
    assert agent.ready.exists()
    agent.stop()
    assert not agent.ready.exists()


def test_second_daemon_in_a_state_folder_is_refused(new_agent):
    one = new_agent().start()
    before = (one.state / "clusterbmcd.yaml").read_text()
    other = new_agent(state=one.state).start(wait=False)
    assert other.process.wait(120) == 1
    assert "is in use" in other.log_text()
    assert (one.state / "clusterbmcd.yaml").read_text() == before
    done = subprocess.run([BUILD / "clusterbmcd", "--config", one.state / "clusterbmcd.yaml"],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "another clusterbmcd uses it" in done.stderr
    assert one.get("Systems").status_code == 200


def test_closed_terminal_leaves_nothing_running(new_agent):
    agent = new_agent().start()
    os.killpg(agent.process.pid, signal.SIGHUP)
    agent.process.wait(120)
    eventually(lambda: not alive(agent.pid))


def test_password_may_have_quotes(new_agent):
    agent = new_agent(password='Qu"ote\\d-Word-7').start()
    assert agent.get("Systems").status_code == 200


def test_kept_accounts_are_not_greeted_with_a_new_password(new_agent):
    agent = new_agent(password=None).start()
    eventually(lambda: "state     " in agent.log_text())
    agent.stop()
    before = agent.log_text()
    assert "admin, password " in before
    agent.start()
    eventually(lambda: "state     " in agent.log_text()[len(before):])
    after = agent.log_text()[len(before):]
    assert "there are accounts already" in after
    assert "admin, password " not in after and "first thing" not in after


def test_configuration_is_never_readable_by_others(new_agent, tmp_path):
    """It has passphrases: its mode when quickstart comes to change it."""
    modes = tmp_path / "modes"
    chmod = tmp_path / "chmod"
    chmod.write_text("#!/bin/sh\nfor f; do case $f in *.yaml) stat -c '%a %n' \"$f\" >>"
                     f'"{modes}"; esac; done\nexec /bin/chmod "$@"\n')
    chmod.chmod(0o755)
    agent = new_agent(env={"PATH": f"{tmp_path}:{os.environ['PATH']}"}).start()
    config = agent.state / "clusterbmcd.yaml"
    seen = [line.split()[0] for line in modes.read_text().splitlines() if str(config) in line]
    assert seen == ["600"]
    assert config.stat().st_mode & 0o777 == 0o640

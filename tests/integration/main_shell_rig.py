# SPDX-License-Identifier: Apache-2.0
"""clusterbmc-shell beside an agent whose platform file binds the shell of main. As root, and
where mounts are possible, it runs as an account that is only there for it; else as the
account that runs the tests."""
import contextlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pytest
from harness import BUILD, TOP, alive, default_signals, eventually

UID = 4711
PROGRAM = BUILD / "clusterbmc-shell"


def shells():
    try:
        return Path("/etc/shells").read_text().split()
    except OSError:
        return []


def can_mount():
    return os.geteuid() == 0 and shutil.which("setpriv") and \
        subprocess.run(["unshare", "--mount", "mount", "--make-rprivate", "/"], check=False,
                       capture_output=True, timeout=60).returncode == 0


class Service:
    """clusterbmc-shell in a folder of its own."""

    def __init__(self, folder, peer):
        self.folder = folder / "shell"
        self.folder.mkdir()
        self.home = self.folder / "home"
        self.home.mkdir()
        self.socket = self.folder / "shell.sock"
        self.program = shutil.copy(PROGRAM, self.folder)  # where the account may look
        self.peer, self.process = peer, None
        self.account, self.before = self.own()

    def own(self):
        """Who it is, and the words before the program's."""
        if can_mount() and "/bin/sh" in shells():
            for path in (self.folder, self.home):
                os.chown(path, UID, UID)
            self.folder.chmod(0o755)
            passwd = self.folder / "passwd"
            passwd.write_text(Path("/etc/passwd").read_text() +
                              f"olga:x:{UID}:{UID}::{self.home}:/bin/sh\n")
            script = ('mount --make-rprivate / && mount --bind "$1" /etc/passwd && shift && '
                      f'exec setpriv --reuid {UID} --regid {UID} --clear-groups -- "$@"')
            return "olga", ["unshare", "--mount", "sh", "-euc", script, "sh", str(passwd)]
        try:
            entry = pwd.getpwuid(os.getuid())
        except KeyError:
            pytest.skip("the user of the tests has no account")
        if entry.pw_shell not in shells():
            pytest.skip(f"{entry.pw_shell} is not in /etc/shells")
        return entry.pw_name, []

    def command(self, account):
        return [*self.before, str(self.program), "--account", account, "--peer", self.peer,
                "--socket", str(self.socket)]

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                self.command(self.account), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=default_signals,
                env={**os.environ, "SECRET": "of-the-service"})
        eventually(lambda: self.socket.exists() or self.process.poll() is not None, 30)
        assert self.process.poll() is None, self.log_text()

    def log_text(self):
        return (self.folder / "log").read_text()

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(120)
            self.process = None


@contextlib.contextmanager
def bound(make, **kw):
    """An agent with main's shell bound to a service that is not started yet: both."""
    text = (TOP / "conf/platforms/firefly-r2.yaml").read_text()
    assert text.count("is_main: true,") == 1
    agent = make(**kw)
    platform = agent.folder / "with-shell.yaml"
    platform.write_text(text.replace("is_main: true,", "is_main: true, verbs: {shell: host},"))
    platform.chmod(0o644)
    agent.platform = str(platform)
    agent.start()
    agent.stop()
    config = (agent.state / "clusterbmcd.yaml").read_text()
    peer = next(line.split()[1] for line in config.splitlines() if line.startswith("user: "))
    service = Service(agent.folder, peer)
    agent.start_daemon(lambda text: text.replace(
        "plugin: host\n", f"plugin: host\n    settings: {{shell: {service.socket}}}\n"))
    try:
        yield agent, service
    finally:
        service.stop()


def gone(pid):
    eventually(lambda: not alive(pid), 20)

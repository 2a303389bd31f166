# SPDX-License-Identifier: Apache-2.0
"""bmc NODE shell: commands and pipes, a terminal, and what comes back at the end."""
import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios

import pytest
from harness import BUILD, PASSWORD, ROOT, alive, eventually

pytestmark = [pytest.mark.plain_only]

NODE = "sub1-03"


@pytest.fixture(scope="module")
def env(agent):
    eventually(lambda: agent.get(f"{ROOT}/Systems/{NODE}").json()["Status"]["State"] == "Enabled",
               20)
    return {**os.environ, "BMC_SOCKET": str(agent.state / "http.sock"), "TERM": "xterm"}


def bmc(env, *words, **kw):
    return subprocess.run([str(BUILD / "bmc"), *words], env=env, timeout=120,
                          capture_output=True, **kw)


def test_command_gives_output_and_exit_status(env):
    r = bmc(env, NODE, "shell", "echo", "one", "two", stdin=subprocess.DEVNULL)
    assert (r.returncode, r.stdout, r.stderr) == (0, b"one two\n", b"")
    assert bmc(env, NODE, "shell", "false", stdin=subprocess.DEVNULL).returncode == 1
    assert bmc(env, NODE, "shell", "exit 200", stdin=subprocess.DEVNULL).returncode == 200


def test_the_examples_of_the_manual_have_answers(agent, env):
    """In the demo, from the values that its rows show."""
    def shell(*words, code=0):
        r = bmc(env, NODE, "shell", *words, stdin=subprocess.DEVNULL, text=True)
        assert r.returncode == code, (r.stdout, r.stderr)
        return r.stdout
    system = agent.json(f"Systems/{NODE}")
    eventually(lambda: agent.json(f"Systems/{NODE}")["Oem"]["ClusterBmc"]["OsVersion"], 30)
    nic = agent.json(f"Systems/{NODE}/EthernetInterfaces/{NODE}-eth0")
    assert shell("getprop", "ro.serialno") == system["SerialNumber"] + "\n"
    assert f"[ro.product.model]: [{system['Model']}]\n" in shell("getprop")
    assert shell("getprop", "nothing") == "\n"
    assert shell("uname") == "Linux\n" and shell("uname -a").startswith(f"Linux {NODE} 4.")
    assert nic["MACAddress"] in shell("ifconfig") and "inet addr:10.46." in shell("ifconfig", "eth0")
    assert "No such device" in shell("ifconfig", "eth9", code=1)
    assert nic["MACAddress"] in shell("ip", "addr") and shell("id").startswith("uid=2000(shell)")
    assert "/dev/mmcblk2" in shell("df", "-h") and "/data" in shell("df")
    gib = system["MemorySummary"]["TotalSystemMemoryGiB"]
    assert f"MemTotal:       {gib << 20:8} kB\n" in shell("cat", "/proc/meminfo")
    assert "No such file" in shell("cat", "/etc/nothing", code=1)
    assert shell("nonsense", code=127) == "sh: nonsense: not found\n"


def test_pipe_passes_every_byte(env):
    data = bytes(range(256)) * 8192  # 2 MiB
    r = bmc(env, NODE, "shell", "cat", input=data)
    assert r.returncode == 0 and r.stdout == data, (len(r.stdout), r.stderr)


def test_commands_may_come_from_a_pipe(env):
    r = bmc(env, NODE, "shell", input=b"hostname\nexit 5\n")
    assert r.returncode == 5 and b"sub1-03\n" in r.stdout


def test_remote_shell_is_the_same(agent, env):
    env = {**env, "BMC_HOST": f"127.0.0.1:{agent.https_port}", "BMC_USER": "admin",
           "BMC_PASSWORD": PASSWORD, "XDG_RUNTIME_DIR": str(agent.folder)}
    r = bmc(env, "-k", NODE, "shell", "cat", input=b"over TLS")
    assert (r.returncode, r.stdout) == (0, b"over TLS"), r.stderr


def test_an_account_that_may_not_is_told_why(agent, env):
    """Over TLS the reason comes in a record of its own."""
    assert bmc(env, "account", "add", "olga", "--stdin",
               input=b"Some-long-Pw-9\n").returncode == 0
    other = {**env, "BMC_HOST": f"127.0.0.1:{agent.https_port}", "BMC_USER": "olga",
             "BMC_PASSWORD": "Some-long-Pw-9", "XDG_RUNTIME_DIR": str(agent.folder)}
    try:
        r = bmc(other, "-k", NODE, "shell", "true", stdin=subprocess.DEVNULL)
        assert r.returncode == 4 and b"needs the role Administrator" in r.stderr, r.stderr
    finally:
        bmc(env, "account", "remove", "olga")


def test_what_is_wrong_is_said(agent, env):
    r = bmc(env, "sub1-*", "shell", "true", stdin=subprocess.DEVNULL)
    assert r.returncode == 2 and b"forall" in r.stderr
    r = bmc({**env, "BMC_SOCKET": str(agent.folder / "none")}, NODE, "shell", "true",
            stdin=subprocess.DEVNULL)
    assert r.returncode == 5 and r.stderr
    agent.sim("set", kind="board", id="sub2-02", field="present", value=False)
    try:
        eventually(lambda: agent.get(f"{ROOT}/Systems/sub2-02").json()["Status"]["State"]
                   == "Absent")
        r = bmc(env, "sub2-02", "shell", "true", stdin=subprocess.DEVNULL)
        assert r.returncode == 1 and r.stderr.count(b"sub2-02: ") == 1, r.stderr
    finally:
        agent.sim("clear", kind="board", id="sub2-02", field="present")


def test_a_board_is_named_once(agent, env):
    agent.finished(agent.reset("sub2-03", "ForceOff"), 60)
    try:
        r = bmc(env, "sub2-03", "shell", "true", stdin=subprocess.DEVNULL)
        assert r.returncode == 1 and r.stderr.startswith(b"sub2-03: adb: no device"), r.stderr
    finally:
        agent.finished(agent.reset("sub2-03", "On"), 120)


def test_main_here_is_this_machine(env):
    env = {**env, "SHELL": "/bin/sh"}
    r = bmc(env, "main", "shell", "echo", "here", stdin=subprocess.DEVNULL)
    assert (r.returncode, r.stdout) == (0, b"here\n"), r.stderr


class Terminal:
    """bmc in a terminal of its own."""

    def __init__(self, env, *words):
        self.output = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(str(BUILD / "bmc"), ["bmc", *words], env)
        self.resize(100, 30)

    def resize(self, columns, rows):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.fd, text)

    def until(self, text):
        while text not in self.output:
            self.output += os.read(self.fd, 4096)
        before, self.output = self.output.split(text, 1)
        return before

    def ask(self, line):
        """What the board answers in a line."""
        self.type(line)
        self.until(b"\r\n")
        return self.until(b"\r\n")

    def status(self):
        """When it has ended."""
        try:
            while os.read(self.fd, 4096):
                pass
        except OSError:
            pass  # the terminal is closed
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def end(self):
        if alive(self.pid):
            os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)


@pytest.fixture
def terminal(env):
    one = Terminal(env, NODE, "shell")
    try:
        one.until(b"sub1-03:/ $ ")
        yield one
    finally:
        one.end()


def test_terminal_is_the_boards_until_it_exits(terminal):
    terminal.type(b"echo on the board\r")
    terminal.until(b"\r\non the board\r\n")
    terminal.resize(120, 40)
    # the size and what is typed come by two ways
    eventually(lambda: terminal.ask(b"size\r").endswith(b"40 120"))
    terminal.type(b"\x03")  # the board's, not bmc's
    terminal.until(b"^C")
    terminal.type(b"exit 9\r")
    assert terminal.status() == 9


def test_ctrl_bracket_leaves_at_once(terminal):
    before = termios.tcgetattr(terminal.fd)[3]
    assert not before & termios.ECHO
    terminal.type(b"\x1d")
    assert terminal.status() == 1


def test_signal_gives_the_terminal_back(terminal):
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.status() == 128 + signal.SIGTERM

# SPDX-License-Identifier: Apache-2.0
"""The first steps of mibs/README.md, word for word but for ports, folders and passphrases; what is
shown as output appears, with other numbers."""
import os
import re
import subprocess

import pytest

from harness import PASSPHRASE, SLOW, TOP, eventually, free_ports

pytestmark = [pytest.mark.plain_only]

TEXT = (TOP / "mibs/README.md").read_text()
STEPS = TEXT.split("## First steps")[1].split("\n## ")[0]
BLOCKS = re.findall(r"^```(sh|text|traps)\n(.*?)^```", STEPS, re.M | re.S)


class Port:
    """Where traps are to go; nothing listens there yet."""

    def __init__(self):
        self.port = free_ports(1)[0]
        self.address = f"127.0.0.1:{self.port}"


class Reader:
    """Runs the page's commands in one folder and one environment."""

    def __init__(self, agent, folder):
        self.agent, self.folder, self.receiver = agent, folder, None
        self.traps = folder / "traps"
        self.env = {**os.environ, "HOME": str(folder), "SNMP_PERSISTENT_DIR": str(folder)}

    def run(self, command):
        for old, new in (("127.0.0.1:1161", f"127.0.0.1:{self.agent.snmp_port}"),
                         ("127.0.0.1:1162", self.agent.trap.address), ("$PWD", str(TOP)),
                         ("PASSPHRASE", PASSPHRASE), ("trapd.conf", str(self.folder / "trapd.conf"))):
            command = command.replace(old, new)
        if command.startswith("export "):
            self.env.update(word.split("=", 1) for word in command.split()[1:])
            return ""
        if command.startswith("snmptrapd "):
            self.listen(command)
            return ""
        run = subprocess.run(command, shell=True, cwd=TOP, env=self.env, capture_output=True,
                             text=True, timeout=120 * SLOW, check=False)
        said = re.sub(r"^Created directory: .*\n", "", run.stderr, flags=re.M)
        assert run.returncode == 0 and not said, command + "\n" + said
        return run.stdout

    def listen(self, command):
        with open(self.traps, "wb") as out:
            self.receiver = subprocess.Popen(["sh", "-c", "exec " + command], env=self.env,
                                             stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        eventually(lambda: "NET-SNMP version" in self.traps.read_text(), 10)

    def end(self):
        if self.receiver:
            self.receiver.terminate()
            self.receiver.wait(30)


def pattern(line):
    """A line of a sample: words as they are, numbers of other size, spaces as they come."""
    parts = re.split(r"(\d[\d:.]*|\s+)", line.strip())
    return "".join(r"\s+" if p.isspace() else r"[\da-f:.]*" if p and p[0].isdigit() and i % 2
                   else re.escape(p) for i, p in enumerate(parts))


def shows(sample, output):
    return all(re.search(pattern(line), output) for line in sample.splitlines())


def test_first_steps_lead_from_a_walk_to_a_job_and_its_traps(new_agent, tmp_path):
    agent = new_agent(traps=Port()).start()
    eventually(lambda: set(agent.snmpwalk("cbmcBoardState").values()) <= {"linux", "android"}
               and agent.snmpget("cbmcBoardMemoryUsed.1.3"), 60)
    reader, tools, last = Reader(agent, tmp_path), [], None
    try:
        for kind, block in BLOCKS:
            if kind == "sh":
                outputs = [reader.run(line) for line in block.splitlines()]
                tools += [line.split()[0] for line in block.splitlines()]
                last = block.splitlines()[-1], outputs[-1]
            elif kind == "text" and "running(3)" in block:
                done = block.replace("running(3)", "completed(4)")  # it may be so far already
                assert shows(block, last[1]) or shows(done, last[1]), last[1]
            elif kind == "text":
                if not shows(block, last[1]):
                    eventually(lambda: shows(block, reader.run(last[0])), 30, 0.3)
            else:
                eventually(lambda: shows(block, reader.traps.read_text()), 30, 0.3)
    finally:
        reader.end()
    assert {"snmpwalk", "snmptable", "snmpget", "snmptrapd", "snmpset"} <= set(tools)
    assert [kind for kind, _ in BLOCKS].count("text") == 7


def test_a_sample_is_not_found_where_it_is_not():
    line = "CLUSTER-BMC-MIB::cbmcPower.0 = INTEGER: 364.000 watts\n"
    assert shows(line, "CLUSTER-BMC-MIB::cbmcPower.0 = INTEGER: 12.5 watts")
    assert not shows(line, "CLUSTER-BMC-MIB::cbmcPower.0 = INTEGER: 12.5 volts")
    assert not shows(line, "CLUSTER-BMC-MIB::cbmcPower.0 = STRING: 12.5 watts")

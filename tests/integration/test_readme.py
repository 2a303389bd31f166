# SPDX-License-Identifier: Apache-2.0
"""The README's commands are run as they are printed, but for ports and paths."""
import json
import re
import subprocess

import pytest

from harness import SLOW, TOP, eventually

pytestmark = [pytest.mark.plain_only]

README = (TOP / "README.md").read_text()


def commands():
    """Each command of the README's sh blocks, with its continued lines, and the sample of
    its output (the block right after it), or None."""
    found = []
    for kind, block in re.findall(r"^ *```(sh|json|text)\n(.*?)^ *```", README, re.M | re.S):
        if kind != "sh":
            found[-1] = (found[-1][0], (kind, block))
            continue
        lines = re.sub(r"\\\n\s*", "", block).splitlines()
        found += [(line.strip(), None) for line in lines if line.strip()]
    return found


def run_as_printed(agent, command, first):
    command = (command.replace("FIRST", first)
               .replace("127.0.0.1:8443", f"127.0.0.1:{agent.https_port}")
               .replace("127.0.0.1:1161", f"127.0.0.1:{agent.snmp_port}")
               .replace("curl ", "curl -sS -w '\\n%{http_code}' ", 1))
    if "board.img" in command:
        image = agent.folder / "board.img"
        image.write_bytes(bytes(range(256)) * 40)
        command = command.replace("board.img", str(image))
    if "IMAGE" in command:
        command = command.replace("IMAGE", agent.members("UpdateService/LocalImageStore")[0])
    stream = command.endswith("/SSE")  # goes on until its client ends it
    command += " -m 2" if stream else ""
    run = subprocess.run(command, shell=True, cwd=TOP, capture_output=True, text=True,
                         timeout=300 * SLOW, check=False)
    assert run.returncode == (28 if stream else 0), command + "\n" + run.stdout + run.stderr
    if command.startswith("curl"):
        assert int(run.stdout.splitlines()[-1]) < 300, command + "\n" + run.stdout
    return run.stdout


def has(sample, real):
    """Whether all of a sample is in the real thing: members of objects, elements of lists."""
    if isinstance(sample, dict):
        return isinstance(real, dict) and all(k in real and has(v, real[k])
                                              for k, v in sample.items())
    if isinstance(sample, list):
        return len(sample) <= len(real) and all(map(has, sample, real))
    return sample == real


def shows(sample, output):
    kind, text = sample
    if kind == "json":
        return has(json.loads(text), json.loads(output.rsplit("\n", 1)[0]))
    return all(line.strip() in output for line in text.splitlines())


def test_first_start_leads_to_a_changed_password_and_a_power_cycled_board(new_agent):
    agent = new_agent(password=None).start()
    first = eventually(lambda: re.search(r"admin, password (\S+)", agent.log_text()))[1]
    seen, samples = [], 0
    for command, sample in commands():
        tool = command.split()[0]
        if tool not in ("curl", "snmpwalk", "snmpset", "snmpget") or "127.0.0.1" not in command:
            continue
        output = run_as_printed(agent, command, first)
        if sample and not shows(sample, output):  # boards boot, tasks end
            eventually(lambda: shows(sample, run_as_printed(agent, command, first)), 60, 0.5)
        samples += sample is not None
        seen.append(tool)
        agent.http.auth = ("admin", "a-new-Password-7")
    assert seen.count("curl") >= 6 and "snmpwalk" in seen and "snmpset" in seen
    assert samples == 3


def test_greeting_shows_commands_that_work(new_agent):
    agent = new_agent().start()
    text = eventually(lambda: "simulator.sock" in agent.log_text() and agent.log_text())
    shown = re.sub(r"\\\n\s*", "", text)
    tried = 0
    for command in re.findall(r"^\s*((?:snmpwalk|curl) .*)$", shown, re.M):
        if "PATCH" in command:
            continue
        command = command.replace("admin:PASSWORD", f"admin:{agent.password}")
        run = subprocess.run(command.replace("curl ", "curl -fsS "), shell=True, cwd=TOP,
                             capture_output=True, text=True, timeout=300 * SLOW, check=False)
        assert run.returncode == 0 and run.stdout, command + "\n" + run.stderr
        tried += 1
    assert tried >= 3


def test_demo_ends_on_sigterm_and_leaves_nothing_behind(new_agent):
    agent = new_agent().start()
    pid = agent.pid
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True,
                              text=True, check=False).stdout.split()
    agent.stop()
    for p in [pid, *map(int, children)]:
        eventually(lambda: ended(p), 10)


def ended(pid):
    """Gone, or waiting for a parent that takes no notice (the first process of a container)."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], check=False,
                           capture_output=True, text=True).stdout
    return not state or state.startswith("Z")


@pytest.mark.parametrize("words, text", [
    (["--platform", "r9"], "no platform file"), (["--frobnicate"], "unknown option"),
    (["--password"], "needs a value")])
def test_wrong_options_of_quickstart_are_said(words, text):
    run = subprocess.run([str(TOP / "quickstart"), "run", "--no-build", *words],
                         capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode != 0 and text in run.stderr

# SPDX-License-Identifier: Apache-2.0
"""`bmc support-bundle`: what is in it, and what is not."""
import json
import os
import re
import subprocess
import tarfile

import pytest

from cli_rig import PROGRAM, bmc, bmc_json, environment, remote
from conftest import Agents
from harness import PASSPHRASE, PASSWORD, SLOW

pytestmark = [pytest.mark.plain_only]

SECRETS = [PASSWORD, PASSPHRASE, "very-Secret-community", "Some-long-Pw-9", "tok-5ecret"]
SCHEMA = {
    "type": "object", "required": ["archive", "files"], "additionalProperties": False,
    "properties": {"archive": {"type": "string"}, "files": {"type": "array", "items": {
        "type": "object", "required": ["file", "bytes", "error"], "additionalProperties": False,
        "properties": {"file": {"type": "string"}, "bytes": {"type": "integer"},
                       "error": {"type": "string"}}}}}}


@pytest.fixture(name="agent", scope="module")
def an_agent():
    one = Agents.new(platform="r1").start()
    one.stop()
    one.start_daemon(lambda text: text.replace("name: private", "name: very-Secret-community"))
    one.post("AccountService/Accounts",
             {"UserName": "rita", "Password": "Some-long-Pw-9", "RoleId": "ReadOnly"})
    one.tools = one.folder / "tools"
    one.tools.mkdir()
    journal = one.tools / "journalctl"
    journal.write_text("#!/bin/sh\nyes 'one of very many lines' | head -c 9000000\n"
                       "echo 'Authorization: Bearer tok-5ecret'\necho 'the last line'\n")
    journal.chmod(0o755)
    yield one
    Agents.remove(one)


def unpacked(path):
    """{name: bytes}, without the folder that all are in."""
    with tarfile.open(path) as tar:
        names = tar.getnames()
        assert len({n.split("/", 1)[0] for n in names}) == 1
        return {n.split("/", 1)[1]: tar.extractfile(n).read() for n in names}


@pytest.fixture(name="bundle", scope="module")
def a_bundle(agent):
    path = agent.folder / "local.tar"
    told = bmc_json(agent, "support-bundle", str(path), "--config",
                    str(agent.state / "clusterbmcd.yaml"), schema=SCHEMA,
                    PATH=f"{agent.tools}:/usr/bin:/bin")
    assert told["archive"] == str(path) and path.stat().st_mode & 0o777 == 0o600
    return unpacked(path)


def test_what_is_in_it(agent, bundle):
    for name in ("versions.json", "doctor.json", "contents.json", "metrics.txt",
                 "configuration.yaml", "redfish/systems.json", "redfish/tasks.json",
                 "log/events.json", "log/audit.json", "log/journal.json", "system/kernel.txt",
                 "log/clusterbmcd.txt"):
        assert bundle[name], name
    for name, content in bundle.items():
        if name.endswith(".json"):
            json.loads(content)
    assert len(json.loads(bundle["redfish/systems.json"])["Members"]) == \
        len(agent.members("Systems"))
    assert b"node_cluster_up{" in bundle["metrics.txt"]
    contents = json.loads(bundle["contents.json"])
    assert {c["file"] for c in contents if not c["error"]} == set(bundle) - {"contents.json"}


def test_no_secret_is_in_it(bundle):
    for name, content in bundle.items():
        for secret in SECRETS:
            assert secret.encode() not in content, (name, secret)
    assert b'auth_passphrase: "***"' in bundle["configuration.yaml"]
    assert b"Authorization: ****" in bundle["log/clusterbmcd.txt"]
    assert b"rita" in bundle["log/audit.json"]


def test_a_long_log_is_its_newest_end(bundle):
    log = bundle["log/clusterbmcd.txt"]
    assert log.endswith(b"the last line\n") and len(log) == 4 << 20


def test_over_the_network_it_has_what_redfish_shows(agent):
    path = agent.folder / "remote.tar"
    bmc(agent, *remote(agent), "-u", "admin", "support-bundle", str(path),
        BMC_PASSWORD=agent.password)
    bundle = unpacked(path)
    assert bundle["redfish/systems.json"] and "configuration.yaml" not in bundle
    for content in bundle.values():
        assert agent.password.encode() not in content
    _, told = bmc(agent, "support-bundle", str(path), code=1)
    assert "exists" in told


def test_its_name_is_sorted_by_host_and_time(agent, tmp_path):
    """Many lie side by side where a support engineer has them."""
    for words, host in ((["--socket", "/nowhere"], re.sub("[^A-Za-z0-9.-]", "-", os.uname().nodename[:32])),
                        (["--host", "127.0.0.1:1"], r"127\.0\.0\.1"),
                        (["--host", "https://[::1]:1/"], "--1")):
        run = subprocess.run([PROGRAM, "support-bundle", *words], cwd=tmp_path, text=True,
                             capture_output=True, check=True, timeout=120 * SLOW,
                             env=environment(agent, BMC_PASSWORD="x"))
        name = run.stdout.strip()
        assert re.fullmatch(rf"bmc-support-{host}-20\d{{6}}T\d{{6}}Z\.tar", name), name
        with tarfile.open(tmp_path / name) as tar:
            assert f"{name[:-4]}/contents.json" in tar.getnames()


def test_without_an_agent_it_says_so(agent):
    path = agent.folder / "none.tar"
    bmc(agent, "support-bundle", str(path), "--socket", "/nowhere")
    bundle = unpacked(path)
    assert "redfish/systems.json" not in bundle and bundle["system/kernel.txt"]
    [first] = [r for r in json.loads(bundle["doctor.json"]) if r["check"] == "agent"]
    assert first["status"] == "failed"
    bmc(agent, "support-bundle", str(agent.folder / "no" / "x.tar"), code=1)
    bmc(agent, "support-bundle", "a", "b", code=2)

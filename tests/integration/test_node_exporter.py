# SPDX-License-Identifier: Apache-2.0
"""The plugin node_exporter in a running agent, with Debian's prometheus-node-exporter."""
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from harness import BUILD, SLOW, TOP, Agent, eventually, free_ports

pytestmark = [pytest.mark.plain_only]

EXPORTER = shutil.which("prometheus-node-exporter")
PAGE = (TOP / "plugins/node_exporter/README.md").read_text()
INSTANCES, ROWS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)


def r1_with(keys):
    """The R1's platform file whose sub01, sub02 ... have these URLs."""
    text = (TOP / "conf/platforms/firefly-r1.yaml").read_text()
    text = text.replace('{default: "host, simulator"}', '{default: "exporters, host, simulator"}')
    old, = re.findall(r"^  - range: \{s: 1-11\}\n(?:    .*\n)+", text, re.M)
    new = old.replace("1-11", f"{len(keys) + 1}-11")
    for s, url in enumerate(keys, 1):
        row = re.sub(r"^  - range: .*\n    id: .*\n    index: .*\n",
                     f'  - id: sub{s:02}\n    index: "0.{s}"\n'
                     f'    node_exporter: {{url: "{url}"}}\n', old)
        new += row.replace('"{s}"', f'"{s}"')
    return text.replace(old, new)


def test_the_pages_examples_are_fine(tmp_path):
    platform = (TOP / "conf/platforms/firefly-r2.yaml").read_text()
    platform = platform[:platform.index("\nboards:")] + "\n" + ROWS[ROWS.index("boards:"):]
    source = re.search(r"^sources: .*$", ROWS, re.M)[0]
    platform = re.sub(r"^sources: .*$", source, platform, flags=re.M)
    (tmp_path / "platform.yaml").write_text(platform)
    (tmp_path / "clusterbmcd.yaml").write_text(
        f"platform: {tmp_path}/platform.yaml\n{INSTANCES}"
        "  - {name: simulator, plugin: simulator}\n")

    def checked():
        return subprocess.run([str(BUILD / "clusterbmcd"), "-t", "-c",
                               str(tmp_path / "clusterbmcd.yaml")],
                              capture_output=True, text=True, timeout=60 * SLOW, check=False)
    done = checked()
    assert done.returncode == 0 and "is fine" in done.stdout, done.stdout + done.stderr
    (tmp_path / "platform.yaml").write_text(platform.replace("url:", "uri:"))
    done = checked()
    assert done.returncode != 0 and "uri" in done.stdout + done.stderr


@pytest.mark.skipif(not EXPORTER, reason="prometheus-node-exporter is not installed")
def test_a_board_is_read_and_a_mute_one_beside_it_hurts_none():
    port, = free_ports(1)
    mute = socket.create_server(("127.0.0.1", 0))  # takes connections and never answers
    url = f"http://127.0.0.1:{port}/metrics"
    platform = r1_with([url, f"http://127.0.0.1:{mute.getsockname()[1]}/metrics"])
    agent = Agent(platform="r1")
    exporter = subprocess.Popen(
        [EXPORTER, f"--web.listen-address=127.0.0.1:{port}", "--collector.disable-defaults",
         "--collector.uname", "--collector.meminfo", "--log.level=error"],
        stdin=subprocess.DEVNULL)
    own = INSTANCES.split("\n", 1)[1].replace("10s", "500ms").replace("3s", "1s")
    try:
        agent.start()
        agent.stop()
        (agent.state / "platform/firefly-r1.yaml").write_text(platform)
        agent.start_daemon(lambda text: text.replace("instances:\n", "instances:\n" + own))
        name = os.uname().nodename
        eventually(lambda: agent.json("Systems/sub01")["HostName"] == name, 30)
        shown = agent.http.get(f"http://127.0.0.1:{agent.http_port}/metrics", timeout=60).text
        kilobytes = re.search(r"MemTotal: +(\d+)", Path("/proc/meminfo").read_text())[1]
        assert ('\nclusterbmc_board_memory_size_bytes{board="sub01"} '
                f'{int(kilobytes) * 1024}\n') in shown
        eventually(lambda: "sub02: its exporter took too long" in agent.log_text(), 30)
        assert agent.json("Systems/sub02")["HostName"] not in (None, name)
        exporter.kill()
        eventually(lambda: agent.json("Systems/sub01")["HostName"] != name, 30)
        eventually(lambda: "sub01: no answer of its exporter" in agent.log_text(), 30)
    finally:
        exporter.kill()
        exporter.wait()
        mute.close()
        agent.remove()

# SPDX-License-Identifier: Apache-2.0
"""The files of conf/examples at work, as they are but for the address."""
import itertools
import os
import re
import shutil
import subprocess

import pytest
import yaml

from harness import BUILD, SLOW, TOP, eventually

pytestmark = [pytest.mark.plain_only]

EXAMPLES = TOP / "conf/examples"


SITE = (EXAMPLES / "site.yaml").read_text()
# What is behind a # but for the certificate, which does not exist yet.
WITH_OPTIONS = re.sub(r"^( *)#(?=history:|poll_deadline:|listeners:|  - )", r"\1", SITE, flags=re.M)


@pytest.mark.parametrize("text", [SITE, WITH_OPTIONS], ids=["as it is", "with its options"])
def test_sites_configuration_is_fine(tmp_path, text):
    (tmp_path / "clusterbmcd.yaml").write_text(text)
    shutil.copytree(TOP / "conf/platforms", tmp_path / "platforms")
    is_fine(tmp_path)


def is_fine(folder):
    done = subprocess.run([str(BUILD / "clusterbmcd"), "-t", "-c", str(folder / "clusterbmcd.yaml")],
                          capture_output=True, text=True, timeout=60 * SLOW, check=False)
    assert done.returncode == 0 and "is fine" in done.stdout, done.stdout + done.stderr


def test_platform_pages_example_of_lines_is_fine(tmp_path):
    text = (TOP / "conf/platforms/README.md").read_text()
    example, = [e for e in re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S) if "pwms:" in e]
    (tmp_path / "clusterbmcd.yaml").write_text(SITE)
    (tmp_path / "platforms").mkdir()
    (tmp_path / "platforms/host.yaml").write_text(
        (TOP / "conf/platforms/host.yaml").read_text() + example)
    is_fine(tmp_path)


HARDWARE = (EXAMPLES / "firefly-hardware.yaml").read_text()


@pytest.mark.parametrize("name", ["firefly-r1-hardware", "firefly-r2-hardware"])
def test_the_platform_files_of_real_machines_are_fine(tmp_path, name):
    text = HARDWARE.replace("firefly-r2-hardware", name, 1).replace("  #- {", "  - {")
    assert "\n  - {name: watchdog" in text
    (tmp_path / "clusterbmcd.yaml").write_text(text)
    shutil.copytree(TOP / "conf/platforms", tmp_path / "platforms")
    is_fine(tmp_path)


@pytest.mark.parametrize("name", ["firefly-r1", "firefly-r2"])
def test_real_machines_have_the_rows_of_simulated_ones(name):
    """What a NOC has learnt on the demo holds on the machine: boards, fans, supplies by id and index."""
    def rows(file):
        tree = yaml.safe_load((TOP / f"conf/platforms/{file}.yaml").read_text())
        return {kind: sorted(ident for row in tree[kind] for ident in ids(row))
                for kind in ("boards", "fans", "psus", "disks")}
    assert rows(name) == rows(f"{name}-hardware")


@pytest.mark.parametrize("name", ["firefly-r1-hardware", "firefly-r2-hardware"])
def test_real_machines_bind_what_their_plugins_do(name):
    """A verb that is not bound is refused to users, and a board in its loader stays there."""
    tree = yaml.safe_load((TOP / f"conf/platforms/{name}.yaml").read_text())
    fields = "".join(p.read_text() for p in (TOP / "agent/core/model/fields").glob("*.c"))
    passed_on = (TOP / "plugins/rockusb/plugin.c").read_text()
    asked = set(re.findall(r'\.verb = "(\w+)"', fields) +
                re.findall(r'ask_system\(r, call, "(\w+)"', passed_on))
    assert {"ipv4_static", "vendor_set", "fan_mode", "os_usb_mode"} <= asked
    assert not asked - set(tree["verbs"])
    assert tree["verbs"]["usb_mode"] == tree["verbs"]["flash"] == "rockusb"


def ids(row):
    """The ids that a row and its range make."""
    def numbers(words):
        for part in str(words).split(","):
            first, _, last = part.partition("-")
            yield from range(int(first), int(last or first) + 1)
    names = list(row.get("range", {}))
    for values in itertools.product(*(numbers(row["range"][n]) for n in names)):
        yield row["id"].format(**dict(zip(names, values)))


def test_options_of_the_site_are_options():
    """The means of the tests above: each optional key is really there."""
    for key in ("listeners:", "history:", "poll_deadline:", "path: /run/clusterbmcd/"):
        assert re.search(rf"^[^#\n]*{key}", WITH_OPTIONS, re.M), key


def play(agent, name, *more):
    folder = agent.folder / "ansible"
    if not folder.exists():
        shutil.copytree(EXAMPLES / "ansible", folder)
        inventory = folder / "inventory.yaml"
        inventory.write_text(inventory.read_text().replace("127.0.0.1:8443",
                                                           f"127.0.0.1:{agent.https_port}"))
    done = subprocess.run(
        ["ansible-playbook", "-i", "inventory.yaml", f"{name}.yaml", *more], cwd=folder,
        capture_output=True, text=True, timeout=300 * SLOW, check=False,
        env={**os.environ, "CLUSTERBMC_PASSWORD": agent.password, "HOME": str(agent.folder),
             "ANSIBLE_HOME": str(folder / "home"), "ANSIBLE_NOCOLOR": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_play_inspects_a_chassis(agent):
    assert '"msg": "10 fans"' in play(agent, "inspect")


def test_play_switches_a_board_off_and_on(agent):
    before = agent.last_seq()
    out = play(agent, "power-cycle", "-e", '{"boards": ["sub1-03"]}')
    assert "changed=2" in out
    eventually(lambda: agent.power("sub1-03") == "On", 30)
    assert [e for e in agent.trace(before, "sub1-03") if e.get("line") == "power"]

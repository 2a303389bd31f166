# SPDX-License-Identifier: Apache-2.0
"""The AppArmor profiles: AppArmor's own parser reads them, and they let through what the
programs' sources, units and the udev rules name."""
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sources import TOP

pytestmark = [pytest.mark.plain_only]

BUILD = Path(os.environ.get("CLUSTERBMC_BUILD", TOP / "build"))
PROFILES = ["clusterbmcd", "clusterbmc-priv"]
PARSER = shutil.which("apparmor_parser") or "/usr/sbin/apparmor_parser"


def made(name):
    run = subprocess.run(["make", "-s", f"conf/apparmor/{name}"], cwd=BUILD, check=False,
                         capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return BUILD / "conf/apparmor" / name


def words(name, kind):
    return set(re.findall(rf"^  {kind} (\w+),$", (TOP / f"conf/apparmor/{name}.in").read_text(),
                          re.M))


@pytest.mark.parametrize("name", PROFILES)
def test_every_place_is_filled_in(name):
    text = made(name).read_text()
    assert not re.findall(r"@[a-z_]+@", text)


@pytest.mark.skipif(not Path(PARSER).exists(), reason="apparmor is missing: apt install apparmor")
@pytest.mark.parametrize("name", PROFILES)
def test_the_parser_reads_it(name):
    done = subprocess.run([PARSER, "--skip-kernel-load", "--skip-cache", "--warn=all",
                           "--abort-on-error", str(made(name))],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_helper_keeps_its_capabilities():
    source = (TOP / "agent/priv/confine.c").read_text()
    kept = set(re.findall(r"\bCAP_([A-Z_]+)", source.split("kept[] = {")[1].split("};")[0]))
    assert words("clusterbmc-priv", "capability") - {"setpcap"} == {c.lower() for c in kept}


def test_the_helper_may_start_its_programs():
    """Those that its sources name."""
    profile = (TOP / "conf/apparmor/clusterbmc-priv.in").read_text()
    started = set()
    for line in re.findall(r"^  (/usr/s?bin/\S+) r[iP]\w*x,$", profile, re.M):
        folder, _, names = line.rpartition("/")
        started |= {f"{folder}/{n}" for n in names.strip("{}").split(",")}
    named = set()
    for path in (TOP / "agent/priv").glob("*.c"):
        named |= set(re.findall(r'"(/usr/s?bin/[a-z]+)"', path.read_text()))
    assert named - {"/usr/sbin/nologin"} <= started

# SPDX-License-Identifier: Apache-2.0
"""The systemd units: how much they leave open by systemd's own measure, and that they never
give up."""
import re
import shutil
import subprocess

import pytest

from sources import TOP

pytestmark = [pytest.mark.plain_only]

EXPOSURE = {"clusterbmcd": 1.6, "clusterbmc-priv": 2.0}
PLACES = {"@sbindir@/clusterbmc-recovery": "/bin/true",
          "@sbindir@/clusterbmcd": "/bin/true", "@libexecdir@/clusterbmc-priv": "/bin/true",
          "@libexecdir@/clusterbmc-shell": "/bin/true",
          "@sysconfdir@": "/etc", "@bmc_user@": "daemon"}
SHELL = "clusterbmc-shell@"  # takes nothing away from the account, as ssh

analyze = pytest.mark.skipif(not shutil.which("systemd-analyze"),
                             reason="systemd-analyze is missing: apt install systemd")


def unit(name):
    text = (TOP / f"conf/systemd/{name}.service.in").read_text()
    for place, path in PLACES.items():
        text = text.replace(place, path)
    bare = re.sub(r"=~?@[a-z@ -]+$|^#.*$", "", text, flags=re.M)
    assert "@" not in bare, "an unknown place holder"
    return text


def settings(name, key):
    """All values of a key, in their order, with the section that each is in."""
    section, found = None, []
    for line in unit(name).splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line.startswith(key + "="):
            found.append((section, line.partition("=")[2]))
    return found


def run(*words):
    done = subprocess.run(["systemd-analyze", "--no-pager", *words], capture_output=True,
                          text=True, timeout=60, check=False)
    return done.stdout + done.stderr


@analyze
@pytest.mark.parametrize("name", EXPOSURE)
def test_exposure(name, tmp_path):
    path = tmp_path / f"{name}.service"
    path.write_text(unit(name))
    out = run("security", "--offline=true", str(path))
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", out)
    assert found, out
    assert float(found[1]) <= EXPOSURE[name], out


@analyze
@pytest.mark.parametrize("name", [*EXPOSURE, SHELL])
def test_systemd_knows_every_line(name, tmp_path):
    path = tmp_path / f"{name.replace('@', '@daemon')}.service"
    path.write_text(unit(name))
    complaints = [line for line in run("verify", str(path)).splitlines() if str(path) in line]
    assert not complaints


@pytest.mark.parametrize("name", EXPOSURE)
def test_a_unit_is_started_again_however_often_it_ends(name):
    assert settings(name, "StartLimitIntervalSec") == [("Unit", "0")]
    assert settings(name, "Restart") == [("Service", "always")]
    (section, pause), = settings(name, "RestartSec")
    assert section == "Service" and int(pause.rstrip("s")) >= 2, "a tight loop"


def test_helpers_unit_leaves_what_the_helper_keeps():
    """But the clock, which only `helper.system: allow` needs."""
    source = (TOP / "agent/priv/confine.c").read_text()
    kept = set(re.findall(r"\bCAP_[A-Z_]+", source.split("kept[] = {")[1].split("};")[0]))
    (_, given), = settings("clusterbmc-priv", "CapabilityBoundingSet")
    assert set(given.split()) == kept - {"CAP_SYS_TIME"}


def test_shells_are_the_account_s_that_was_started_and_bounded():
    assert settings(SHELL, "User") == [("Service", "%i")]
    (_, command), = settings(SHELL, "ExecStart")
    assert " --account %i " in command and not command.startswith(("+", "!", "-"))
    assert not settings(SHELL, "AmbientCapabilities") and not settings(SHELL, "PAMName")
    assert settings(SHELL, "KillMode") == [("Service", "control-group")]
    for key in ("TasksMax", "MemoryMax", "OOMScoreAdjust"):
        assert settings(SHELL, key), key

# SPDX-License-Identifier: Apache-2.0
"""What of the packages can be seen without building them, and the files for systemd-sysusers,
systemd-tmpfiles and udev. The packages themselves: `./quickstart package --test`."""
import os
import re
import shutil
import subprocess

import pytest

from sources import TOP

pytestmark = [pytest.mark.plain_only]

CONTROL = (TOP / "debian/control").read_text()
SYSUSERS = (TOP / "conf/sysusers/clusterbmc.conf").read_text()
RULES = "\n".join(p.read_text() for p in sorted((TOP / "conf/udev").glob("*.rules")))
as_root = pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("systemd-sysusers"),
                             reason="systemd-sysusers is missing, or the user is not root")


def quickstart(name):
    text = (TOP / "quickstart").read_text()
    return set(re.search(rf'^{name}="(.*?)"', text, re.M | re.S)[1].split())


def test_package_is_built_with_the_libraries_of_quickstart():
    """A library that only one of both names is missing where the other one is followed."""
    wanted = {p for p in quickstart("BUILD_PACKAGES")
              if p.endswith("-dev") and p != "libc6-dev"}
    field = re.search(r"^Build-Depends: (.*?)\n\S", CONTROL, re.M | re.S)[1]
    named = {re.split(r"[ (:]", p.strip())[0] for p in field.split(",")}
    assert wanted == {p for p in named if p.endswith("-dev")}


def test_changelog_has_the_version():
    version = re.search(r"^AC_INIT\(\[clusterbmc\], \[(.+?)\]\)",
                        (TOP / "configure.ac").read_text(), re.M)[1]
    assert (TOP / "debian/changelog").read_text().startswith(f"clusterbmc ({version}) ")


def test_each_package_has_its_list():
    packages = re.findall(r"^Package: (\S+)", CONTROL, re.M)
    assert packages[0] == "clusterbmc"
    for package in packages:
        assert (TOP / f"debian/{package}.install").read_text().strip()


def test_maintainers_scripts_are_shell():
    for path in sorted((TOP / "debian").glob("*.p*[mt]*")):
        if path.suffix not in (".postinst", ".postrm", ".preinst", ".prerm"):
            continue
        text = path.read_text()
        assert text.startswith("#!/bin/sh\n") and "\nset -e\n" in text and "#DEBHELPER#" in text
        subprocess.run(["sh", "-n", str(path)], check=True, timeout=60)


def test_groups_of_the_rules_are_made():
    made = set(re.findall(r"^[ug] (\S+)", SYSUSERS, re.M))
    assert set(re.findall(r'GROUP="([^"]+)"', RULES)) <= made
    assert {"clusterbmc", "clusterbmc-admin", "clusterbmc-operator", "clusterbmc-readonly"} == made


def test_rules_have_the_usb_ids_of_the_plugins():
    ids = set()
    for path in (TOP / "plugins").rglob("*.c"):
        ids |= {i.lower() for i in re.findall(r"^#define ROCKCHIP +0x([0-9a-fA-F]{4})$",
                                              path.read_text(), re.M)}
    assert ids and all(f'ATTR{{idVendor}}=="{i}"' in RULES for i in ids)


@as_root
def test_users_and_folders_are_made_as_they_say(tmp_path):
    """By systemd's own programs, in a folder; a second time changes nothing."""
    for folder in ("etc/clusterbmc", "var/lib", "run"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/clusterbmc/clusterbmcd.yaml").write_text("")
    seen = []
    for _ in range(2):
        for program, words, file in (("sysusers", (), "sysusers/clusterbmc.conf"),
                                     ("tmpfiles", ("--create",), "tmpfiles/clusterbmc.conf")):
            run = subprocess.run([f"systemd-{program}", *words, f"--root={tmp_path}",
                                  str(TOP / "conf" / file)], capture_output=True, text=True,
                                 timeout=120, check=False)
            assert run.returncode == 0, run.stderr
        seen.append((tmp_path / "etc/passwd").read_text() + (tmp_path / "etc/group").read_text())
    assert seen[0] == seen[1]
    name, _, uid, gid, _, home, shell = seen[0].splitlines()[0].split(":")
    assert (name, home, shell) == ("clusterbmc", "/var/lib/clusterbmc", "/usr/sbin/nologin")
    state = (tmp_path / "var/lib/clusterbmc").stat()
    assert (state.st_mode & 0o7777, state.st_uid, state.st_gid) == (0o700, int(uid), int(gid))
    config = (tmp_path / "etc/clusterbmc/clusterbmcd.yaml").stat()
    assert (config.st_mode & 0o7777, config.st_uid, config.st_gid) == (0o640, 0, int(gid))

# SPDX-License-Identifier: Apache-2.0
"""The tarball of `make dist` has every file of the repository: who builds from it builds
the same, with the same tests."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sources import TOP

BUILD = Path(os.environ.get("CLUSTERBMC_BUILD", TOP / "build"))
NOT_IN_THE_TARBALL = set()  # each with its reason


def tracked():
    """What git knows; None in a folder that came out of a tarball."""
    if not (TOP / ".git").exists() or not shutil.which("git"):
        return None
    run = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=TOP,
                         capture_output=True, text=True, timeout=60, check=True)
    return {name for name in run.stdout.split("\0") if name and (TOP / name).exists()}


def tarball(folder):
    """Files of the folder that `make dist` packs."""
    run = subprocess.run(["make", "-s", "distdir", f"distdir={folder}"], cwd=BUILD,
                         capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}


@pytest.mark.plain_only
def test_tarball_has_every_tracked_file_and_no_left_over(tmp_path):
    packed = tarball(tmp_path / "dist")
    assert {"configure", "Makefile.in", "LICENSE", "agent/include/bmc/plugin.h"} <= packed
    odd = [p for p in packed if p.endswith((".o", ".lo", ".pyc", "~")) or "__pycache__" in p]
    assert not odd, odd
    known = tracked()
    if known is None:
        return  # this is a tarball's folder: there is no list to compare with
    missing = sorted(known - packed - NOT_IN_THE_TARBALL)
    assert not missing, "name them in a Makefile.inc (EXTRA_DIST, _SOURCES): " + " ".join(missing)
    assert not NOT_IN_THE_TARBALL - known, "exceptions for files that are gone"

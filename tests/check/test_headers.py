# SPDX-License-Identifier: Apache-2.0
"""Every header compiles alone, so that nobody has to know what to include before it."""
import os
import subprocess
from pathlib import Path

import pytest

from sources import TOP, c_files

BUILD = Path(os.environ.get("CLUSTERBMC_BUILD", TOP / "build"))


@pytest.mark.plain_only
@pytest.mark.parametrize("header", c_files(".h"), ids=str)
def test_header_compiles_alone(header):
    done = subprocess.run(
        ["gcc", "-std=gnu11", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Werror",
         f"-I{TOP}/agent/include", f"-I{TOP}/agent", f"-I{TOP}", f"-I{BUILD}", "-x", "c",
         "-include", str(TOP / header), "/dev/null"],
        capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr

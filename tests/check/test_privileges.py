# SPDX-License-Identifier: Apache-2.0
"""The privileges are those of DMTF's registry: the committed table is what its generator makes."""
import subprocess
import sys

import pytest

from sources import TOP

pytestmark = [pytest.mark.plain_only]

REGISTRIES = TOP.parent / "shared/dmtf/registries"


def test_generated_privileges_are_those_of_the_registry():
    files = sorted(REGISTRIES.glob("Redfish_*_PrivilegeRegistry.json"))
    if not files:
        pytest.skip(f"{REGISTRIES} has no privilege registry")
    made = subprocess.run([sys.executable, TOP / "redfish/privileges-gen.py", files[-1]],
                          capture_output=True, text=True, timeout=60, check=True).stdout
    assert made == (TOP / "redfish/privilege-table.c").read_text()

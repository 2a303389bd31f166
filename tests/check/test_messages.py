# SPDX-License-Identifier: Apache-2.0
"""The standard messages' words are DMTF's: the committed table is what its generator makes."""
import subprocess
import sys

import pytest

from sources import TOP

pytestmark = [pytest.mark.plain_only]

REGISTRIES = TOP.parent / "shared/dmtf/registries"


def test_generated_messages_are_those_of_the_registries():
    if not REGISTRIES.is_dir():
        pytest.skip(f"{REGISTRIES} is missing")
    made = subprocess.run([sys.executable, TOP / "redfish/messages-gen.py", REGISTRIES],
                          capture_output=True, text=True, timeout=60, check=True).stdout
    assert made == (TOP / "redfish/standard-messages.c").read_text()

# SPDX-License-Identifier: Apache-2.0
"""Where the sources are, for the tests in this folder."""
import re
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
PRODUCT = ("agent", "redfish", "plugins")

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def c_files(*suffixes, folders=PRODUCT):
    """All of the product's own C files with one of `suffixes`, relative to the top."""
    return sorted(path.relative_to(TOP) for folder in folders
                  for path in (TOP / folder).rglob("*") if path.suffix in suffixes)


def includes(path):
    """What a file includes: (is it a system header, its name)."""
    text = (TOP / path).read_text()
    return [(bracket == "<", name) for bracket, name in INCLUDE.findall(text)]

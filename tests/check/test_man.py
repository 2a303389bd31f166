# SPDX-License-Identifier: Apache-2.0
"""The manual pages: clean for mandoc, with every option of the programs and every key of the
configuration."""
import os
import re
import subprocess
from pathlib import Path

import pytest

from sources import TOP

BUILD = Path(os.environ.get("CLUSTERBMC_BUILD", TOP / "build"))
PAGES = ["clusterbmcd.8", "clusterbmc-priv.8", "clusterbmcd.yaml.5"]
# scdoc's own habits, which change nothing on the screen
HABITS = re.compile("skipping paragraph macro|lower case character in document title|"
                    "input text line longer than 80 bytes")


@pytest.fixture(scope="module")
def pages():
    run = subprocess.run(["make", "-s", *(f"doc/{p}" for p in PAGES)], cwd=BUILD, check=False,
                         capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    # a tarball's folder has them beside their sources
    return {p: next(f for f in (BUILD / "doc" / p, TOP / "doc" / p) if f.exists())
            for p in PAGES}


def words(page):
    done = subprocess.run(["mandoc", "-Tutf8", "-O", "width=200", str(page)], check=True,
                          capture_output=True, text=True, timeout=60)
    return re.sub(".\b", "", done.stdout)


@pytest.mark.plain_only
@pytest.mark.parametrize("name", PAGES)
def test_mandoc_finds_nothing(pages, name):
    done = subprocess.run(["mandoc", "-Tlint", str(pages[name])], capture_output=True, text=True,
                          timeout=60, check=False)
    found = [line for line in done.stdout.splitlines() if not HABITS.search(line)]
    assert not found and not done.stderr, "\n".join(found) + done.stderr


@pytest.mark.plain_only
@pytest.mark.parametrize("program", ["clusterbmcd", "clusterbmc-priv"])
def test_page_has_every_option_and_no_other(pages, program):
    said = subprocess.run([str(BUILD / program), "--help"], capture_output=True, text=True,
                          timeout=60, check=True).stdout
    page = words(pages[f"{program}.8"])
    options = page[page.index("OPTIONS"):page.index("EXIT STATUS")]
    assert set(re.findall(r"--[a-z-]+", options)) == set(re.findall(r"--[a-z-]+", said))


@pytest.mark.plain_only
def test_page_of_the_configuration_has_every_key(pages):
    listed = re.findall(r"^\| `(\S+)` \|", (TOP / "doc/clusterbmcd.yaml.md").read_text(), re.M)
    page = words(pages["clusterbmcd.yaml.5"])
    shown = re.findall(r"^ +(\S+)$", page, re.M)
    assert listed and listed == [w for w in shown if w in set(listed)]

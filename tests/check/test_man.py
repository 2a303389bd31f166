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
PLUGINS = sorted(p.parent.name for p in (TOP / "plugins").glob("*/README.md"))
PAGES = ["bmc.1", "bmc-scan.1", "clusterbmcd.8", "clusterbmc-priv.8", "clusterbmc-recovery.8",
         "clusterbmc-shell.8", "clusterbmcd.yaml.5",
         "clusterbmc-mib.7", "clusterbmc-bundle.5", "clusterbmc-update-codes.7",
         *(f"clusterbmc-{name}.7" for name in PLUGINS)]
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
@pytest.mark.parametrize("program", ["clusterbmcd", "clusterbmc-priv", "clusterbmc-recovery",
                                     "clusterbmc-shell", "bmc-scan"])
def test_page_has_every_option_and_no_other(pages, program):
    built = BUILD / program
    if program == "clusterbmc-recovery":
        built = BUILD / "conf/recovery" / program
        subprocess.run(["make", "-s", f"conf/recovery/{program}"], cwd=BUILD, check=True)
    said = subprocess.run([str(built), "--help"], capture_output=True, text=True,
                          timeout=60, check=True).stdout
    page = words(next(pages[p] for p in PAGES if p.rsplit(".", 1)[0] == program))
    options = page[page.index("\nOPTIONS"):page.index("\nEXIT STATUS")]
    assert set(re.findall(r"--[a-z-]+", options)) == set(re.findall(r"--[a-z-]+", said))


@pytest.mark.plain_only
def test_page_of_bmc_has_every_option_and_command(pages):
    said = subprocess.run([str(BUILD / "bmc"), "--help"], capture_output=True, text=True,
                          timeout=60, check=True).stdout
    page = words(pages["bmc.1"])
    options = page[page.index("\nOPTIONS"):page.index("\nEXIT STATUS")]
    for option in set(re.findall(r"--[a-z-]+", said.split(" Options:")[1])):
        assert option in options, option
    commands = page[:page.index("\nOPTIONS")]
    for line in re.findall(r"^ (?:bmc )?(\S.*)$", said.split(" <node>: ")[0], re.M):
        words_of = re.findall(r"[a-z_-]{4,}", re.sub(r"<\S*>|\[.*?\]", "", line))
        assert all(word in commands for word in words_of if word != "node"), line


@pytest.mark.plain_only
def test_page_of_the_configuration_has_every_key(pages):
    listed = re.findall(r"^\| `(\S+)` \|", (TOP / "doc/clusterbmcd.yaml.md").read_text(), re.M)
    page = words(pages["clusterbmcd.yaml.5"])
    shown = re.findall(r"^ +(\S+)$", page, re.M)
    assert listed and listed == [w for w in shown if w in set(listed)]


@pytest.mark.plain_only
@pytest.mark.parametrize("plugin", PLUGINS)
def test_page_of_a_plugin_has_its_settings(pages, plugin):
    """Each key of its table of settings is a term of the page, made from the README, and the
    line that apropos(1) shows says what it does."""
    page = words(pages[f"clusterbmc-{plugin}.7"])
    said = re.search(rf"^ +clusterbmc-{plugin} - plugin: (.+)$", page, re.M)
    assert said and said[1].strip() and "|" not in said[1]
    text = (TOP / f"plugins/{plugin}/README.md").read_text()
    for table in re.findall(r"^\| setting .*\n\|[-|]+\n((?:\|.*\n)+)", text, re.M):
        for row in table.splitlines():
            key = row.split("|")[1].replace("`", "").strip()
            assert re.search(rf"^ +{re.escape(key)}$", page, re.M), key
    assert "`" not in re.sub(r"^ {11,}.*$", "", page, flags=re.M)


@pytest.mark.plain_only
def test_every_page_is_installed():
    """Pages that are in no list of the makefile are made for nobody."""
    listed = (TOP / "doc/Makefile.inc").read_text().split("if MAN_PAGES")[0]
    assert not [p for p in PAGES if f"doc/{p}" not in listed]

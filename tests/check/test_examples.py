# SPDX-License-Identifier: Apache-2.0
"""The examples of the READMEs: C compiles as the page says, against the sources here."""
import re
import subprocess

import pytest

from sources import TOP, c_files

FENCE = re.compile(r"^```c\n(.*?)^```$", re.M | re.S)
PAGES = sorted(p.relative_to(TOP) for p in [*TOP.glob("*.md"), *TOP.glob("*/**/README.md"),
                                            *TOP.glob("doc/**/*.md")]
               if "build" not in str(p.relative_to(TOP)).split("/")[0])
EXAMPLES = [(page, number, text) for page in PAGES
            for number, text in enumerate(FENCE.findall((TOP / page).read_text()), 1)]
# what a page's examples may include, as the code they are about may
FOLDERS = {"plugins": ["agent/include"]}
OTHERS = ["agent/include", "agent", "."]


def include_flags(page):
    return [f"-I{TOP / folder}" for folder in FOLDERS.get(page.parts[0], OTHERS)]


@pytest.mark.plain_only
def test_there_is_a_plugin_to_copy():
    assert any(str(page) == "plugins/README.md" for page, _, _ in EXAMPLES)


@pytest.mark.plain_only
@pytest.mark.parametrize("page,number,text", EXAMPLES,
                         ids=[f"{page}-{number}" for page, number, _ in EXAMPLES])
def test_example_compiles(page, number, text, tmp_path):
    source = tmp_path / f"example{number}.c"
    source.write_text(text)
    for variant in ([], ["-DBMC_PLUGIN_SHARED"]):
        done = subprocess.run(
            ["gcc", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
             *include_flags(page), *variant, str(source)],
            capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{page}, example {number}:\n{done.stderr}"


def messages():
    """What the first table of README's Troubleshoot quotes: the product's own messages."""
    text = (TOP / "README.md").read_text().split("## Troubleshoot")[1]
    table = text.split("What clients say:")[0]
    return re.findall(r"^\| `(.+?)` \| ", table, re.M)


@pytest.mark.plain_only
@pytest.mark.parametrize("message", messages())
def test_troubleshooting_quotes_messages_that_exist(message):
    strings = "".join((TOP / p).read_text() for p in c_files(".c", folders=("agent", "redfish")))
    strings = re.sub(r'"\s*\n\s*"', "", strings)
    parts = [p.strip() for p in message.split("\N{HORIZONTAL ELLIPSIS}")]
    assert all(part in strings for part in parts), parts
    assert any(len(part) >= 8 for part in parts)


@pytest.mark.plain_only
def test_pages_link_to_files_that_exist():
    broken = [f"{page}: {link}" for page in PAGES
              for link in re.findall(r"\]\(([^)#:]+)\)", (TOP / page).read_text())
              if not (TOP / page).parent.joinpath(link).exists()]
    assert not broken and PAGES, "\n".join(broken)


@pytest.mark.plain_only
def test_installation_names_the_packages_of_quickstart():
    """A package that only one of both lists is missing where the other one is followed."""
    listed = re.search(r'^BUILD_PACKAGES="(.*?)"', (TOP / "quickstart").read_text(), re.M | re.S)[1]
    steps = (TOP / "README.md").read_text().split("## Install it")[1]
    install = re.findall(r"^ *apt-get install -y (.*)$", steps, re.M)
    named = set(" ".join(install).split()) - {"scdoc"}  # the manual pages, for a clone
    assert named == set(listed.split())

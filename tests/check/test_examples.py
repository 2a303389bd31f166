# SPDX-License-Identifier: Apache-2.0
"""The examples of the READMEs: C compiles as the page says, against the sources here."""
import re
import subprocess

import pytest

from sources import TOP

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

# SPDX-License-Identifier: Apache-2.0
"""The sources of the web pages: each text is there in both languages and is used, packages are
pinned, and nothing names another host."""
import json
import os
import re
import subprocess

import pytest

from sources import TOP

WEBUI = TOP / "redfish/webui"
SOURCES = sorted((WEBUI / "src").rglob("*.js"))
LANGUAGES = 2
LOCKS = [WEBUI / "package-lock.json", TOP / "tests/web/package-lock.json"]


def texts():
    """{key: [texts]} of all files; a key stands once."""
    found = {}
    for path in sorted((WEBUI / "text").glob("*.json")):
        pairs = json.loads(path.read_text(), object_pairs_hook=list)
        for key, value in pairs:
            assert key not in found, f"{path.name}: {key} is there twice"
            found[key] = value
    return found


def test_each_text_is_there_in_both_languages():
    for key, value in texts().items():
        assert isinstance(value, list) and len(value) == LANGUAGES and all(value), key
        holes = [sorted(re.findall(r"\{\w+\}", one)) for one in value]
        assert holes[0] == holes[1], f"{key}: the same {{names}} in both"


def test_chinese_is_chinese():
    same = [key for key, (english, chinese) in texts().items()
            if english == chinese and re.search("[a-z]+ [a-z]+$", english)]
    assert not same, same


def test_each_text_that_is_asked_for_is_there():
    asked = {key for path in SOURCES
             for key in re.findall(r"\bt\('([\w.]+)'", path.read_text())}
    assert asked and not asked - set(texts()), sorted(asked - set(texts()))


@pytest.mark.parametrize("path", LOCKS, ids=lambda p: p.parent.name)
def test_packages_are_pinned_and_no_registry_is_named(path):
    lock = json.loads(path.read_text())
    wanted = json.loads((path.parent / "package.json").read_text())
    for kind in ("dependencies", "devDependencies"):
        for name, version in wanted.get(kind, {}).items():
            assert re.fullmatch(r"\d+\.\d+\.\d+", version), (name, version)
            assert lock["packages"][f"node_modules/{name}"]["version"] == version
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert not name or package["integrity"].startswith("sha512-"), name


def test_nothing_names_another_host_or_runs_text():
    for path in [*SOURCES, *(WEBUI / "style").glob("*.css"), WEBUI / "index.html"]:
        source = path.read_text()
        found = re.findall(r"https?://([\w.]+)", source)
        assert not [host for host in found if not host.startswith("192.168.")], (path, found)
        for word in ("innerHTML", "dangerouslySetInnerHTML", "eval(", "new Function",
                     "document.write"):
            assert word not in source, f"{path}: {word}"


def test_each_page_has_a_title():
    names = re.findall(r"name: '(\w+)'", (WEBUI / "src/pages.js").read_text())
    assert names and not [n for n in names if f"page.{n}" not in texts()]


def build(source, output, path):
    return subprocess.run(["/bin/sh", str(WEBUI / "build.sh"), str(source), str(output)],
                          env={"PATH": path}, capture_output=True, text=True, timeout=60,
                          check=False)


def tools_without_node(folder):
    """A PATH with what the script needs, and without node and npm."""
    folder.mkdir()
    for name in ("cp", "mkdir", "rm", "cmp", "timeout"):
        (folder / name).symlink_to(next(p for p in ("/usr/bin", "/bin")
                                        if os.path.exists(f"{p}/{name}")) + f"/{name}")
    return str(folder)


def test_without_npm_there_are_no_pages_and_that_is_said(tmp_path):
    source = tmp_path / "source"  # this one may be a tarball's, with its pages
    source.mkdir()
    done = build(source, tmp_path / "out", tools_without_node(tmp_path / "bin"))
    assert done.returncode == 0, done.stderr
    assert "no web pages" in done.stderr and "npm" in done.stderr
    assert not list((tmp_path / "out/dist").iterdir())


def test_what_a_tarball_brings_is_taken_without_npm(tmp_path):
    source = tmp_path / "source"
    (source / "prebuilt").mkdir(parents=True)
    (source / "prebuilt/index.html").write_text("built before")
    done = build(source, tmp_path / "out", tools_without_node(tmp_path / "bin"))
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert (tmp_path / "out/dist/index.html").read_text() == "built before"

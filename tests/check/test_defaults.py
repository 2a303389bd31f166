# SPDX-License-Identifier: Apache-2.0
"""A default of the configuration stands in one place: in the schema. What the code gives to
bmc_conf_num() and bmc_conf_text() for a key that is missing is then never used, and says so:
it is 0, "" or NULL."""
import re

import pytest

from sources import TOP, c_files

pytestmark = [pytest.mark.plain_only]

ITEM = re.compile(r"\{\s*\.key = \"([^\"]+)\"(.*?)(?=\.doc)", re.S)
PORT = re.compile(r"PORT\(\"(\w+)\", \"\d+\"")
CALL = re.compile(r"\bbmc_conf_(num|text)\s*\(((?:[^()\"]|\"[^\"]*\"|\([^()]*(?:\([^()]*\))*\))*)\)")
NEUTRAL = ("0", '""', "NULL")

# (file, key): why the code knows better
EXCEPTIONS = {
    ("plugins/simulator/build.c", "os"): "without the section, main runs another system",
}


def code(path):
    """Without comments; strings stay."""
    text = (TOP / path).read_text()
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def keys_with_defaults(path):
    text = (TOP / path).read_text()
    found = {key for key, rest in ITEM.findall(text) if re.search(r"\.def = (?!\"!\")", rest)}
    return found | set(PORT.findall(text))


def split(arguments):
    """At the commas that are in no brackets and no string."""
    out, depth, quoted = [""], 0, False
    for c in arguments:
        quoted ^= c == '"'
        depth += (c in "([{") - (c in ")]}")
        if c == "," and depth == 0 and not quoted:
            out.append("")
        else:
            out[-1] += c
    return [" ".join(a.split()) for a in out]


def second_defaults(path, keys):
    for _, arguments in CALL.findall(code(path)):
        words = split(arguments)
        if len(words) != 3 or not re.fullmatch(r'"\w+"', words[1]):
            continue
        key = words[1].strip('"')
        if key in keys and words[2] not in NEUTRAL and (str(path), key) not in EXCEPTIONS:
            yield f"{path}: {key}: {words[2]}"


def test_a_default_is_found():
    keys = keys_with_defaults("agent/conf/schema.c")
    assert {"https_port", "max_body", "keep", "bind", "poll"} <= keys
    assert "platform" not in keys and "certificate" not in keys
    assert split('snmp, "port", f(1, 2)') == ["snmp", '"port"', "f(1, 2)"]


@pytest.mark.parametrize("folder", ["agent", "redfish"])
def test_defaults_stand_in_the_schema_alone(folder):
    keys = keys_with_defaults("agent/conf/schema.c") | \
        keys_with_defaults("agent/conf/platform-schema.c")
    found = [p for path in c_files(".c", ".h", folders=[folder])
             for p in second_defaults(path, keys)]
    assert not found, "\n".join(found)


def test_a_plugin_s_defaults_stand_in_its_schema_alone():
    found = []
    for folder in sorted((TOP / "plugins").iterdir()):
        files = c_files(".c", folders=[folder.relative_to(TOP)])
        keys = {k for f in files for k in keys_with_defaults(f)}
        found += [p for path in files for p in second_defaults(path, keys)]
    assert not found, "\n".join(found)

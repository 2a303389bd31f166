#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Records an agent's whole tree for snmpsim (and LibreNMS's tests): one line OID|type|value each.

usage: mibs/noc/record.py [-c COMMUNITY] HOST[:PORT] > NAME.snmprec

Needs snmpbulkwalk. It is a picture of the device: names, addresses and serial numbers, too."""
import re
import subprocess
import sys

TAGS = {"INTEGER": "2", "OID": "6", "IpAddress": "64", "Network Address": "64",
        "Counter32": "65", "Gauge32": "66", "Counter64": "70"}
LINE = re.compile(r"\.([\d.]+) = (?:([A-Za-z][\w -]*): )?(.*)", re.S)


def octets(data):
    """A string: as text where that is safe, else as hexadecimal digits."""
    text = data.decode("ascii", "replace")
    if re.fullmatch(r"[ -{}~]*", text) and text == text.strip():
        return "4", text
    return "4x", data.hex()


def entry(line):
    """(OID as numbers, line of the recording) of an answer as snmpbulkwalk prints it."""
    name, kind, value = LINE.fullmatch(line).groups()
    if kind in ("Hex-STRING", "STRING", "BITS") or value == '""':
        digits = "" if value == '""' else re.sub(r"[^0-9A-Fa-f]", "", value)
        tag, value = octets(bytes.fromhex(digits))
    elif kind is None:
        tag = "67"  # TimeTicks as a number
    else:
        tag, value = TAGS[kind], value.strip().removeprefix("." if kind == "OID" else "")
    return tuple(map(int, name.split("."))), f"{name}|{tag}|{value}"


def answers(text):
    """Lines, each with those that a long value went on over."""
    return [a for a in re.split(r"\n(?=\.\d+\.\d)|\n$", text)
            if a.startswith(".") and " = No more variables" not in a]


def record(address, community="public"):
    run = subprocess.run(
        ["snmpbulkwalk", "-v2c", "-c", community, "-m", "", "-OnxetU", "-Cr40", address, ".1.3"],
        capture_output=True, text=True, timeout=600, check=True)
    return "".join(line + "\n" for _, line in sorted(map(entry, answers(run.stdout))))


def main(words):
    community = "public"
    if words[:1] == ["-c"] and len(words) > 1:
        community, words = words[1], words[2:]
    if len(words) != 1 or words[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    sys.stdout.write(record(words[0], community))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

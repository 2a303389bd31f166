# SPDX-License-Identifier: Apache-2.0
"""Managers that share no code with net-snmp read the agent with their defaults, over v2c and v3,
and find what snmpwalk finds: pysnmp, and npm's net-snmp where npm answers."""
import json
import os
import shutil
import subprocess

import pytest

from harness import BUILD, PASSPHRASE, SLOW
from snmp_packets import Manager, dotted, name_of

pytestmark = [pytest.mark.plain_only]

OURS = (1, 3, 6, 1, 4, 1, 32473)
MOVING = [(*OURS, 1, 1, 1, 16, 0), (*OURS, 1, 1, 1, 21, 0)]  # the data's age, the clock
V3 = ["-v3", "-l", "authPriv", "-u", "noc", "-a", "SHA-256", "-A", PASSPHRASE, "-x", "AES-256",
      "-X", PASSPHRASE]


def plain(name, tag, content):
    """A value without its type; None for what moves by itself."""
    if name[:len(OURS)] != OURS or name in MOVING:
        return None
    if tag == 4:
        return content
    if tag == 6:
        return name_of(content)
    return int.from_bytes(content, "big", signed=tag == 2)


def expected(agent):
    """{name: value} of all that the agent has, as our own packets find it; snmpwalk's names are
    the same."""
    with Manager(agent) as manager:
        found = manager.walk(repetitions=50)
    printed = agent.snmp("snmpwalk", "-Onq", [".1.3"], mibs=False)
    names = [line.split(" ", 1)[0] for line in printed.splitlines()
             if line.startswith(".1.") and " No more variables left" not in line]
    assert names == [dotted(name) for name, _, _ in found]
    return {name: plain(name, tag, content) for name, tag, content in found}


def tables(found):
    """The entries of all tables, and the groups of scalars, that have objects."""
    return sorted({name[:10] if name[:len(OURS)] == OURS else name[:8] for name in found})


# ---- pysnmp ----

PYSNMP = """
import json, sys
from pysnmp.hlapi import *

def credentials(version, passphrase):
    if version == "v2c":
        return CommunityData("public")
    return UsmUserData("noc", passphrase, passphrase, authProtocol=usmHMAC192SHA256AuthProtocol,
                       privProtocol=usmAesBlumenthalCfb256Protocol)

def flat(value):
    kind = value.__class__.__name__
    if kind in ("OctetString", "IpAddress"):
        return bytes(value).hex()
    return list(value) if kind == "ObjectIdentifier" else int(value)

version, port, passphrase, way = sys.argv[1:]
engine, who = SnmpEngine(), credentials(version, passphrase)
where = UdpTransportTarget(("127.0.0.1", int(port)))
for root in json.load(sys.stdin):
    start = ObjectType(ObjectIdentity(tuple(root)))
    if way == "next":
        walk = nextCmd(engine, who, where, ContextData(), start, lexicographicMode=False,
                       lookupMib=False)
    else:
        walk = bulkCmd(engine, who, where, ContextData(), 0, 25, start,
                       lexicographicMode=False, lookupMib=False)
    for error, status, index, varbinds in walk:
        if error or status:
            sys.exit(f"{root}: {error} {status} {index}")
        for name, value in varbinds:
            if value.__class__.__name__ in ("EndOfMibView", "Null"):
                continue  # that is how it ends a walk
            print(json.dumps([list(name), value.__class__.__name__, flat(value)]))
"""


def pysnmp(agent, roots, version, way):
    done = subprocess.run(
        ["/usr/bin/python3", "-W", "ignore", "-c", PYSNMP, version, str(agent.snmp_port),
         PASSPHRASE, way], input=json.dumps(roots), capture_output=True, text=True,
        timeout=600 * SLOW, check=False)
    if "No module named 'pysnmp'" in done.stderr:
        pytest.skip("pysnmp is not here (apt install python3-pysnmp4)")
    assert done.returncode == 0, done.stderr[-2000:]
    found = {}
    for name, kind, value in map(json.loads, done.stdout.splitlines()):
        text = kind in ("OctetString", "IpAddress")
        found[tuple(name)] = bytes.fromhex(value) if text else \
            tuple(value) if isinstance(value, list) else value
    return found


def compare(found, wanted):
    assert list(found) == [name for name in wanted if name in found], "another order"
    assert set(found) == set(wanted), sorted(set(found) ^ set(wanted))[:5]
    for name, value in wanted.items():
        if value is not None:
            assert found[name] == value, name


@pytest.mark.parametrize("version", ["v2c", "v3"])
def test_pysnmp_reads_every_table_by_getbulk(agent, version):
    with agent.pinned():
        wanted = expected(agent)
        compare(pysnmp(agent, tables(wanted), version, "bulk"), wanted)


@pytest.mark.parametrize("version", ["v2c", "v3"])
def test_pysnmp_reads_tables_by_getnext(agent, version):
    with agent.pinned():
        wanted = expected(agent)
        roots = [(*OURS, 1, 1, n) for n in (1, 2, 4, 5, 14)] + [(1, 3, 6, 1, 2, 1, 1)]
        part = {name: value for name, value in wanted.items()
                if any(name[:len(root)] == root for root in roots)}
        roots.sort()
        compare(pysnmp(agent, roots, version, "next"), part)
        assert len(part) > 200


# ---- npm's net-snmp ----

NODE = """
const snmp = require(process.argv[1] + '/node_modules/net-snmp');
const [, , version, port, passphrase] = process.argv;
const user = {name: 'noc', level: snmp.SecurityLevel.authPriv,
    authProtocol: snmp.AuthProtocols.sha256, authKey: passphrase,
    privProtocol: snmp.PrivProtocols.aes256b, privKey: passphrase};
const options = {port: Number(port), version: version === 'v3' ? snmp.Version3 : snmp.Version2c};
const session = version === 'v3' ? snmp.createV3Session('127.0.0.1', user, options)
    : snmp.createSession('127.0.0.1', 'public', options);
const names = [];
session.subtree('1.3', 20, varbinds => {
    for (const v of varbinds) {
        if (snmp.isVarbindError(v)) { console.error(snmp.varbindError(v)); process.exit(1); }
        names.push([v.oid, v.type, Buffer.isBuffer(v.value) ? v.value.toString('hex')
            : String(v.value)]);
    }
}, error => {
    if (error) { console.error(error.toString()); process.exit(1); }
    console.log(JSON.stringify(names));
    session.close();
});
"""


@pytest.fixture(scope="module")
def node_folder():
    """Where npm has put net-snmp; the test of the MIB shares it."""
    folder = BUILD / "npm"
    if not shutil.which("npm") or not shutil.which("node"):
        pytest.skip("npm is not here")
    if not (folder / "node_modules/net-snmp/index.js").exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(["npm", "install", "--silent", "--prefix", str(folder), "net-snmp"],
                           capture_output=True, timeout=30, check=False)
        except subprocess.TimeoutExpired:
            pass
    if not (folder / "node_modules/net-snmp/index.js").exists():
        pytest.skip("npm did not answer in 30 s")
    return folder


@pytest.mark.parametrize("version", ["v2c", "v3"])
def test_npms_net_snmp_reads_the_whole_tree(agent, node_folder, version):
    with agent.pinned():
        wanted = expected(agent)
        done = subprocess.run(["node", "-e", NODE, str(node_folder), version,
                               str(agent.snmp_port), PASSPHRASE], capture_output=True, text=True,
                              timeout=300 * SLOW, check=False, env={**os.environ})
    assert done.returncode == 0, done.stderr[-2000:]
    rows = json.loads(done.stdout)
    assert [tuple(map(int, name.split("."))) for name, _, _ in rows] == list(wanted)
    compared = 0
    for (name, kind, value), want in zip(rows, wanted.values()):
        if isinstance(want, int) and kind == 2:
            assert int(value) == want, name
        elif isinstance(want, bytes) and kind == 4:
            assert bytes.fromhex(value) == want, name
        else:
            continue
        compared += 1
    assert compared > 2000

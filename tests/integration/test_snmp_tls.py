# SPDX-License-Identifier: Apache-2.0
"""SNMP over TLS (RFC 6353), with net-snmp's own clients and with sockets that misbehave."""
import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest
import yaml

from harness import SLOW, TOP, Agent, eventually, free_ports

ROLES = {"reader": "ReadOnly", "operator": "Operator"}

# What has OpenSSL sign with SHA-1, as TLS 1.0 does.
OPENSSL = """openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = default
[default]
CipherString = DEFAULT:@SECLEVEL=0
"""


def make_certificate(folder, name):
    for part in ("certs", "private"):
        (folder / "tls" / part).mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "30", "-subj", f"/CN={name}",
         "-keyout", folder / "tls/private" / f"{name}.key",
         "-out", folder / "tls/certs" / f"{name}.crt"], check=True, capture_output=True)


def fingerprint(file):
    out = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", file],
                         check=True, capture_output=True, text=True).stdout
    return out.strip().split("=")[1]


class Secured(Agent):
    """An agent that is also reached over TLS, and its clients' certificates."""
    transport, bind = "tlstcp", ("127.0.0.1",)

    def __init__(self, **kw):
        super().__init__(**kw)
        self.tls_port, = free_ports(1)
        self.clients = self.folder / "clients"
        for name in (*ROLES, "unknown"):
            make_certificate(self.clients, name)
        self.openssl = self.clients / "openssl.cnf"
        self.openssl.write_text(OPENSSL)
        self.more = {"min_version": "tls1.0"}  # net-snmp's clients speak no newer one

    def entries(self):
        return [{"name": name, "role": role,
                 "fingerprint": fingerprint(self.clients / f"tls/certs/{name}.crt")}
                for name, role in ROLES.items()]

    def with_tls(self, text):
        tree = yaml.safe_load(text)
        tree["snmp"]["tls"] = {"port": self.tls_port, "bind": list(self.bind),
                               "clients": self.entries(), **self.more}
        return yaml.safe_dump(tree)

    def start_tls(self):
        self.start()
        self.stop()
        self.start_daemon(self.with_tls)
        return self

    def tls(self, tool, *words, who, check=True):
        shutil.copy(self.state / "https.crt", self.clients / "tls/certs/agent.crt")
        run = subprocess.run(
            [tool, "-v3", "--defSecurityModel=tsm", "-l", "authPriv", "-r0",
             "-t", str(5 * SLOW), "-T", f"our_identity={who}", "-T", "their_identity=agent",
             "-M", f"{TOP}/mibs:{TOP}/mibs/base", "-m", "CLUSTER-BMC-MIB", "-OqvU",
             f"{self.transport}:127.0.0.1:{self.tls_port}", *words],
            env={**os.environ, "SNMPCONFPATH": str(self.clients),
                 "OPENSSL_CONF": str(self.openssl),
                 "SNMP_PERSISTENT_DIR": str(self.clients / "kept")},
            capture_output=True, text=True, timeout=60 * SLOW, check=False)
        assert not check or run.returncode == 0, run.stdout + run.stderr + self.log_text()
        return run.stdout if check else run

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.tls_port), 20 * SLOW)
        s.settimeout(20 * SLOW)
        return s

    def session(self, who, version=ssl.TLSVersion.TLSv1_3):
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
        c.minimum_version = c.maximum_version = version
        if who:
            c.load_cert_chain(self.clients / f"tls/certs/{who}.crt",
                              self.clients / f"tls/private/{who}.key")
        return c.wrap_socket(self.connect())

    def engine_id(self):
        shown = self.snmp("snmpget", "-Oqvx", ["1.3.6.1.6.3.10.2.1.1.0"])  # of several lines
        return bytes.fromhex("".join(shown.replace('"', "").split()))


@pytest.fixture
def secured(new_agent):
    return new_agent(Secured).start_tls()


def ber(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    head = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + head + body


def message(engine, number=7, model=4, version=3, pad=0, bulk=0):
    """A GET of sysUpTime.0; `pad` octets of value make it longer. Or a GETBULK of so many
    repetitions from there."""
    name = ber(6, bytes.fromhex("2b06010201010300"))
    value = ber(4, bytes(pad)) if pad else b"\x05\x00"
    pdu = ber(0xa5 if bulk else 0xa0, ber(2, bytes([number])), ber(2, b"\0"),
              ber(2, bulk.to_bytes(2, "big")), ber(0x30, ber(0x30, name, value)))
    header = ber(0x30, ber(2, bytes([number])), ber(2, (65507).to_bytes(3, "big")),
                 ber(4, b"\x07"), ber(2, bytes([model])))
    return ber(0x30, ber(2, bytes([version])), header, ber(4),
               ber(0x30, ber(4, engine), ber(4), pdu))


def answered(s, data):
    """Whether a request over a TLS connection gets a response."""
    try:
        s.sendall(data)
        return b"\xa2" in s.recv(65536)
    except OSError:
        return False


def is_closed(s):
    try:
        return s.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:  # also of TLS: an alert
        return True


def test_reads_over_tls_are_those_over_udp(secured):
    assert secured.tls("snmpget", "cbmcBoardId.1.1", who="reader").strip('"\n') == "sub1-01"
    over_udp = secured.snmpwalk("cbmcFanId", options="-OqsU")
    for tool in ("snmpwalk", "snmpbulkwalk"):
        lines = secured.tls(tool, "cbmcFanId", who="reader").splitlines()
        assert len(lines) == len(over_udp) == 10


def test_a_set_is_its_clients_and_a_readers_is_refused(secured):
    words = ("cbmcFanMode.3", "i", "manual")
    refused = secured.tls("snmpset", *words, who="reader", check=False)
    assert refused.returncode != 0 and "noAccess" in refused.stderr, refused
    assert secured.snmpget("cbmcFanMode.3") != "manual"
    assert secured.tls("snmpset", *words, who="operator").strip() == "manual"
    assert eventually(lambda: secured.snmpget("cbmcFanMode.3") == "manual", 20)
    audit = str(secured.json("Managers/bmc/LogServices/Audit/Entries"))
    assert "operator" in audit and "127.0.0.1" in audit


def shows_reload(agent):
    """A client that a reload takes away is answered no more."""
    def reads(who):
        return agent.tls("snmpget", "cbmcBoardId.1.1", who=who, check=False).returncode == 0
    tree = yaml.safe_load((agent.state / "clusterbmcd.yaml").read_text())
    assert reads("reader") and not reads("unknown")
    tree["snmp"]["tls"]["clients"] = agent.entries()[1:]
    (agent.state / "clusterbmcd.yaml").write_text(yaml.safe_dump(tree))
    os.kill(agent.process.pid, signal.SIGHUP)
    assert eventually(lambda: not reads("reader"), 20)
    assert reads("operator")


@pytest.mark.threads
@pytest.mark.address
def test_a_reload_takes_clients_away(secured):
    shows_reload(secured)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_only_known_certificates_are_taken(new_agent, version):
    agent = new_agent(Secured)
    agent.more = {}
    agent.start_tls()
    get = message(agent.engine_id())
    with agent.session("reader", version) as s:
        assert answered(s, get) and answered(s, get)
    for who in ("unknown", None):
        with contextlib.suppress(OSError), agent.session(who, version) as s:
            assert not answered(s, get)
    run = agent.tls("snmpget", "cbmcBoardId.1.1", who="reader", check=False)
    assert run.returncode != 0 and "sub1-01" not in run.stdout, "TLS 1.0 is off by default"


def test_a_report_has_nothing_but_the_engine_id(secured):
    """net-snmp sent what lay behind it in memory."""
    engine = secured.engine_id()
    with secured.session("reader") as s:
        s.sendall(message(b""))
        report = s.recv(65536)
    assert b"\xa8" in report and ber(0x30, ber(4, engine), ber(4))[2:] in report, report.hex()


def test_messages_of_any_length_up_to_the_limit(secured):
    engine = secured.engine_id()
    with secured.session("reader") as s:
        for octet in message(engine):
            s.sendall(bytes([octet]))
        assert b"\xa2" in s.recv(65536)
        s.sendall(message(engine, 1) + message(engine, 2))
        got = b""
        while got.count(b"\xa2") < 2:
            got += s.recv(65536)
        fits = 65507 - len(message(engine, pad=60000)) + 60000
        assert len(message(engine, pad=fits)) == 65507
        assert answered(s, message(engine, pad=fits))
        with contextlib.suppress(OSError):  # it may end before all is sent
            s.sendall(message(engine, pad=fits + 1))
        assert is_closed(s)


def test_what_is_not_tsm_ends_the_connection(secured):
    engine = secured.engine_id()
    for data in (message(engine, model=3), message(engine, version=1), b"GET / HTTP/1.1\r\n\r\n",
                 b"\x30\x80", b"\x30\x85", b"\x30\x84\xff\xff\xff\xff"):
        with secured.session("reader") as s:
            s.sendall(data)
            assert is_closed(s), data
    with secured.session("reader") as s:
        assert answered(s, message(engine))


def test_slow_clients_delay_no_others(secured):
    get = message(secured.engine_id())
    with contextlib.ExitStack() as all_of_them:
        slow = [all_of_them.enter_context(secured.connect()) for _ in range(100)]
        for s in slow[:8]:
            with contextlib.suppress(OSError):
                s.sendall(b"\x16\x03\x01\x02")  # a handshake begins
        begin = time.monotonic()
        for _ in range(20):
            assert secured.snmpget("cbmcBoardId.1.1") == "sub1-01"
        assert time.monotonic() - begin < 8 * SLOW  # and the handshake has 10 s
        assert all(is_closed(s) for s in slow)
    with secured.session("reader") as s:
        assert answered(s, get)


def test_eight_connections_of_one_address(secured):
    get = message(secured.engine_id())
    with contextlib.ExitStack() as all_of_them:
        for _ in range(8):
            s = all_of_them.enter_context(secured.session("reader"))
            assert answered(s, get)
        with contextlib.suppress(OSError), secured.session("reader") as ninth:
            assert not answered(ninth, get)
        assert answered(s, get)

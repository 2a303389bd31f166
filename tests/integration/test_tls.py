# SPDX-License-Identifier: Apache-2.0
"""TLS: what a handshake may cost, how many there may be, and key and certificate."""
import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from harness import SLOW, Daemon, eventually

pytestmark = [pytest.mark.threads]


def context(version=None, ciphers=None):
    c = ssl.create_default_context()
    c.check_hostname = False
    c.verify_mode = ssl.CERT_NONE
    if version:
        c.minimum_version = c.maximum_version = version
    if ciphers:
        c.set_ciphers(ciphers)
    return c


def s_client(port, *options):
    """What openssl says of one handshake."""
    return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=30 * SLOW, check=False)


def client_hello(group):
    """The first flight of a TLS 1.3 client with a key share of this group."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30 * SLOW)
        client = subprocess.Popen(
            ["openssl", "s_client", "-tls1_3", "-groups", group, "-connect",
             f"127.0.0.1:{server.getsockname()[1]}"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with server.accept()[0] as connection:
            connection.settimeout(30 * SLOW)
            hello = connection.recv(65536)
        client.kill()
        client.wait()
        client.stdin.close()
    return hello


def connected(agent, data=b"", source="127.0.0.1"):
    s = socket.create_connection(("127.0.0.1", agent.https_port), 30 * SLOW, (source, 0))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as HTTP clients do
    s.sendall(data)
    return s


def cpu(agent):
    """Seconds of CPU that the daemon has used."""
    fields = Path(f"/proc/{agent.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# ---- what a handshake costs ----

# with TLS 1.2, openssl wants the certificate's curve in the list, too
@pytest.mark.parametrize("version, groups, used", [
    ("-tls1_3", "X25519", "X25519"), ("-tls1_3", "P-256", "ECDH, prime256v1"),
    ("-tls1_3", "P-384", "ECDH, secp384r1"), ("-tls1_2", "X25519:P-256", "X25519"),
    ("-tls1_2", "P-256", "ECDH, prime256v1")])
def test_usual_groups_are_offered(agent, version, groups, used):
    answer = s_client(agent.https_port, version, "-groups", groups)
    assert answer.returncode == 0, answer.stderr
    assert f"Server Temp Key: {used}," in answer.stdout


@pytest.mark.parametrize("group", ["P-521", "X448", "ffdhe2048", "ffdhe8192"])
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_costly_groups_are_refused(agent, version, group):
    answer = s_client(agent.https_port, version, "-groups", group)
    assert answer.returncode != 0 and "Cipher is (NONE)" in answer.stdout


def test_client_with_finite_fields_only_is_refused(agent):
    answer = s_client(agent.https_port, "-tls1_2", "-cipher", "DHE")
    assert answer.returncode != 0 and "Cipher is (NONE)" in answer.stdout


def test_replayed_hello_with_a_costly_share_costs_little(agent):
    hello, count = client_hello("ffdhe8192"), 20
    before = cpu(agent)
    for _ in range(count):
        with connected(agent, hello) as s:
            s.recv(1)
    assert (cpu(agent) - before) / count < 0.05 * SLOW  # the share alone would take 0.24 s


@pytest.mark.parametrize("length", [0, 50, None])
def test_handshake_that_waits_for_its_client_costs_nothing(agent, length):
    def used(seconds=3):
        before = cpu(agent)
        time.sleep(seconds)
        return cpu(agent) - before

    hello = client_hello("X25519")[:length]
    idle = used()
    with connected(agent, hello), connected(agent, hello):
        time.sleep(0.5)
        assert used() < 3 * idle + 0.15  # a loop takes whatever the machine can spare


# ---- how many ----

def answers(agent, source, hello):
    """Whether the server takes a handshake from there."""
    try:
        with connected(agent, hello, source) as s:
            return len(s.recv(1)) == 1
    except ConnectionResetError:
        return False


def test_handshakes_are_limited_by_address(new_agent):
    agent = new_agent(kind=Daemon).configured(handshakes_per_address=1, handshake_burst=10)
    hello = client_hello("X25519")
    begin = time.monotonic()
    taken = [answers(agent, "127.0.0.2", hello) for _ in range(40)]
    assert all(taken[:10])
    assert sum(taken) <= 10 + 1 + (time.monotonic() - begin)
    assert answers(agent, "127.0.0.3", hello)
    agent.post("SessionService/Sessions", {}, auth=None)  # 127.0.0.1 has its own
    assert "too many handshakes from 127.0.0.2" in agent.log_text()
    time.sleep(2)
    assert answers(agent, "127.0.0.2", hello)


def test_inventory_run_with_a_connection_for_each_request_passes(agent):
    """1,800 connections from one address, as fast as they go, as of Ansible."""
    c = context()
    for _ in range(1800):
        with c.wrap_socket(connected(agent)) as s:
            s.sendall(b"HEAD /redfish/v1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert s.recv(12) == b"HTTP/1.1 200"


# ---- headers ----

@pytest.mark.parametrize("method, path", [("GET", ""), ("HEAD", ""), ("GET", "Systems"),
                                          ("GET", "none"), ("POST", "SessionService/Sessions")])
def test_strict_transport_security_over_tls_only(agent, method, path):
    secure = agent.request(method, path)
    plain = agent.http.request(method, f"http://127.0.0.1:{agent.http_port}/redfish/v1/{path}")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in plain.headers
    assert plain.status_code == secure.status_code
    assert plain.headers.get("Link") == secure.headers.get("Link")
    assert plain.headers.get("Allow") == secure.headers.get("Allow")
    assert plain.headers.get("ETag") == secure.headers.get("ETag")


# ---- key and certificate ----

DAY = 86400


def make_pair(folder, name, ends):
    """A self-signed pair of `name`.key and `name`.crt that ends at that time."""
    key, crt = folder / f"{name}.key", folder / f"{name}.crt"
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca = d\n[d]\ndatabase = index\nnew_certs_dir = .\nserial = serial\n"
        "default_md = sha256\npolicy = p\nunique_subject = no\n[p]\ncommonName = supplied\n")
    (folder / "index").write_text("")
    (folder / "serial").write_text("01\n")

    def utc(t):
        return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(t))
    for command in (
            ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-subj", f"/CN={name}", "-keyout", str(key), "-out", "request"],
            ["ca", "-batch", "-config", "ca.cnf", "-selfsign", "-keyfile", str(key), "-in",
             "request", "-out", str(crt), "-notext", "-startdate", utc(ends - 3650 * DAY),
             "-enddate", utc(ends)]):
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)
    return key, crt


def put(path, data):
    """A file of the user that the daemon becomes when the tests run as root."""
    path.unlink(missing_ok=True)  # root may not write over another's file in a sticky folder
    path.write_bytes(data)
    if os.geteuid() == 0:
        shutil.chown(path, "nobody")


def put_pair(pair, folder, name):
    """Copies what there is of a pair."""
    copies = folder / f"{name}.key", folder / f"{name}.crt"
    for source, path in zip(pair, copies):
        if source.exists():
            put(path, source.read_bytes())
    return copies


def served(agent):
    """The certificate that the server shows, None when there is no handshake."""
    try:
        with context().wrap_socket(connected(agent)) as s:
            return ssl.DER_cert_to_PEM_cert(s.getpeercert(True))
    except (ssl.SSLError, ConnectionResetError):
        return None


def certificate(path):
    return "".join(re.findall("-----BEGIN.*?END CERTIFICATE-----\n", path.read_text(), re.S))


@pytest.fixture(scope="module")
def pair_maker(tmp_path_factory):
    return lambda name, ends: make_pair(tmp_path_factory.mktemp("pair"), name, ends)


HALF = {
    "key alone": lambda key, crt: crt.unlink(),
    "certificate alone": lambda key, crt: key.unlink(),
    "key empty": lambda key, crt: put(key, b""),
    "certificate empty": lambda key, crt: put(crt, b""),
    "key cut": lambda key, crt: put(key, key.read_bytes()[:100]),
    "certificate cut": lambda key, crt: put(crt, crt.read_bytes()[:300]),
    "key garbage": lambda key, crt: put(key, os.urandom(200)),
    "certificate garbage": lambda key, crt: put(crt, b"\0" * 4096),
    "new files left": lambda key, crt: [crt.unlink(), key.rename(f"{key}.new"),
                                        put(Path(f"{crt}.new"), b"half")],
}


def test_half_a_pair_is_made_again(new_agent, pair_maker):
    agent = new_agent(kind=Daemon).configured()
    key, crt = agent.state / "https.key", agent.state / "https.crt"
    other = pair_maker("other", time.time() + 99 * DAY)[0].read_bytes()
    states = {**HALF, "another key": lambda key, crt: put(key, other)}
    for name, leave in states.items():
        before = served(agent)
        agent.stop()
        leave(key, crt)
        agent.start()
        now = served(agent)
        assert now and now != before, name
        assert now == certificate(crt), name
        assert not list(agent.state.glob("https.*.new")), name
        agent.restart()
        assert served(agent) == now, name
    assert agent.log_text().count("both are made again") == len(states) - 1


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_own_pair_that_cannot_be_read_is_left_alone(new_agent, make):
    agent = new_agent(kind=Daemon).configured()
    key = agent.state / "https.key"
    agent.stop()
    before = key.read_bytes()
    key.rename(agent.state / "kept")
    make(key)
    if os.geteuid() == 0:
        shutil.chown(key, "nobody")
    agent.start()
    assert served(agent) is None and agent.snmpget("cbmcManagerName.0")
    (key.rmdir if key.is_dir() else key.unlink)()
    (agent.state / "kept").rename(key)
    os.kill(agent.pid, signal.SIGHUP)
    eventually(lambda: served(agent), 10)
    assert key.read_bytes() == before


@pytest.mark.parametrize("state", ["key garbage", "certificate cut", "key alone", "another key"])
def test_configured_pair_that_does_not_fit_stops_tls_only(new_agent, pair_maker, state):
    key, crt = pair_maker("site", time.time() + 99 * DAY)
    good = key.read_bytes(), crt.read_bytes()
    if state == "another key":
        put(key, pair_maker("other", time.time() + 99 * DAY)[0].read_bytes())
    else:
        HALF[state](key, crt)
    agent = new_agent(kind=Daemon)
    shown = put_pair((key, crt), agent.folder, "site")
    agent.configured(key=shown[0], certificate=shown[1])
    assert served(agent) is None
    assert agent.snmpget("cbmcManagerName.0")
    assert agent.http.get(f"http://127.0.0.1:{agent.http_port}/redfish/v1").status_code == 200
    said = next(line for line in agent.log_text().splitlines() if "repair it and send" in line)
    assert str(shown[0]) in said or str(shown[1]) in said
    for data, path in zip(good, shown):
        put(path, data)
    os.kill(agent.pid, signal.SIGHUP)
    eventually(lambda: served(agent) == good[1].decode(), 10)
    assert agent.get("Systems").status_code == 200


def test_sighup_takes_files_that_changed_under_their_names(new_agent, pair_maker):
    agent = new_agent(kind=Daemon)
    first, second = (pair_maker(name, time.time() + 99 * DAY) for name in ("first", "second"))
    shown = put_pair(first, agent.folder, "site")
    agent.configured(key=shown[0], certificate=shown[1])
    assert served(agent) == first[1].read_text()
    put(shown[0], second[0].read_bytes())  # half of it: what is in use stays
    os.kill(agent.pid, signal.SIGHUP)
    eventually(lambda: "the certificate in use stays" in agent.log_text(), 10)
    assert served(agent) == first[1].read_text()
    put(shown[1], second[1].read_bytes())
    os.kill(agent.pid, signal.SIGHUP)
    eventually(lambda: served(agent) == second[1].read_text(), 10)


def test_own_certificate_is_renewed_before_it_ends(new_agent, pair_maker):
    agent = new_agent(kind=Daemon).configured()
    agent.stop()
    old = pair_maker("old", time.time() + 30 * DAY + 8 * SLOW)
    put_pair(old, agent.state, "https")
    agent.start()
    assert served(agent) == old[1].read_text()
    kept = http.client.HTTPSConnection("127.0.0.1", agent.https_port, context=context())
    kept.connect()
    before = kept.sock

    def renewed():
        kept.request("GET", "/redfish/v1")
        assert kept.getresponse().read() and kept.sock is before  # no request waits for it
        return served(agent) not in (None, old[1].read_text())
    eventually(renewed, 30, 0.5)
    kept.close()
    new = certificate(agent.state / "https.crt")
    assert served(agent) == new
    agent.restart()
    assert served(agent) == new


def test_end_of_the_configured_certificate_is_warned_of(new_agent, pair_maker):
    agent = new_agent(kind=Daemon)
    old = pair_maker("old", time.time() + 30 * DAY + 8 * SLOW)
    shown = put_pair(old, agent.folder, "site")
    agent.configured(key=shown[0], certificate=shown[1])
    eventually(lambda: "CertificateExpires" in agent.snmpwalk("cbmcEventType").values(), 30)
    assert f"the certificate in {shown[1]} ends on" in agent.log_text()
    assert served(agent) == old[1].read_text()

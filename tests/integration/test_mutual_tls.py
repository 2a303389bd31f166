# SPDX-License-Identifier: Apache-2.0
"""Mutual TLS: which certificates of clients are a login, as whom, and which are none."""
import contextlib
import os
import signal
import socket
import ssl
import subprocess

import pytest

from harness import PASSWORD, SLOW, Daemon, eventually
from test_tls import DAY, make_pair, put

pytestmark = [pytest.mark.threads]

CLIENT = "extendedKeyUsage=clientAuth"
UPN = "subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:"


def openssl(*words, folder):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


class Authority:
    """Signs certificates of clients; each call gives a pair (certificate, key)."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out",
                f"{name}.pem", folder=folder)
        self.count = 0

    @property
    def pem(self):
        return (self.folder / f"{self.name}.pem").read_bytes()

    def sign(self, subject, *extensions):
        self.count += 1
        name = f"{self.name}-{self.count}"
        (self.folder / f"{name}.ext").write_text("\n".join(extensions or [CLIENT]))
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-utf8", "-subj", subject, "-keyout", f"{name}.key", "-out", f"{name}.csr",
                folder=self.folder)
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{self.name}.pem", "-CAkey",
                f"{self.name}.key", "-CAcreateserial", "-days", "1", "-extfile", f"{name}.ext",
                "-out", f"{name}.pem", folder=self.folder)
        return str(self.folder / f"{name}.pem"), str(self.folder / f"{name}.key")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("other"), "other")


class Mutual(Daemon):
    """A daemon that trusts an authority."""

    def trusting(self, authority, **keys):
        self.ca = self.folder / "clients.pem"
        self.folder.chmod(0o755)
        put(self.ca, authority.pem)
        return self.configured(client_ca=self.ca, **keys)

    def reload(self, **keys):
        config = self.state / "clusterbmcd.yaml"
        text = config.read_text()
        for key, value in keys.items():
            lines = [line for line in text.splitlines() if not line.startswith(f"  {key}:")]
            lines.insert(lines.index("http:") + 1, f"  {key}: {value}")
            text = "\n".join(lines) + "\n"
        config.write_text(text)
        before = self.log_text().count("configuration taken over")
        os.kill(self.pid, signal.SIGHUP)
        eventually(lambda: self.log_text().count("configuration taken over") > before, 20)

    def status(self, cert=None, path="Systems", auth=None, **kw):
        """Of a request over a new connection; 0: none."""
        with contextlib.suppress(OSError):
            return self.ask(cert, path, auth, **kw).status_code
        return 0

    def ask(self, cert=None, path="Systems", auth=None, method="GET", **kw):
        import requests
        with requests.Session() as s:
            s.trust_env = False
            return s.request(method, f"https://127.0.0.1:{self.https_port}/redfish/v1/{path}",
                             cert=cert, auth=auth, verify=False, timeout=30 * SLOW, **kw)


@pytest.fixture(scope="module")
def one(authority):
    """Asks for certificates. Accounts: rita (ReadOnly), gone (disabled), late (has to
    change the password)."""
    agent = Mutual()
    try:
        agent.trusting(authority, client_certificates="optional")
        for name, role, enabled in (("rita", "ReadOnly", True), ("gone", "Operator", False)):
            made = agent.post("AccountService/Accounts", {
                "UserName": name, "Password": "Another-Pw-12345", "RoleId": role})
            assert made.status_code == 201, made.text
            if not enabled:
                answer = agent.patch(f"AccountService/Accounts/{name}", {"Enabled": False})
                assert answer.status_code == 200, answer.text
        yield agent
    finally:
        agent.remove()


def test_certificate_is_a_login_with_the_accounts_role(one, authority):
    admin, rita = authority.sign("/CN=admin"), authority.sign("/O=x/CN=rita/OU=y")
    assert one.status(admin) == 200
    assert one.status(rita) == 200
    body = {"AssetTag": "mutual"}
    assert one.status(rita, "Systems/sub1-01", method="PATCH", json=body) == 403
    assert one.status(admin, "Systems/sub1-01", method="PATCH", json=body) == 200
    assert one.status() == 401
    assert one.status(path="") == 200


def test_other_credentials_go_before_the_certificate(one, authority):
    rita = authority.sign("/CN=rita")
    body = {"AssetTag": "basic"}
    assert one.status(rita, "Systems/sub1-01", ("admin", PASSWORD), method="PATCH",
                      json=body) == 200
    assert one.status(rita, auth=("admin", "wrong-password")) == 401
    assert one.status(rita, headers={"X-Auth-Token": "none"}) == 401


@pytest.mark.parametrize("subject, extensions", [
    ("/CN=nobody-there", []), ("/CN=gone", []), ("/O=admin", []), ("/CN=admin/CN=rita", []),
    ("/CN=rita/CN=admin", []), ("/CN=admin ", []), ("/CN=Admin", []), ("/CN=admin@x", []),
    ("/CN=admin", ["extendedKeyUsage=serverAuth"]),
    ("/CN=nobody", [CLIENT, UPN + "admin@x"]), ("/CN=" + "a" * 60, [])])
def test_certificates_that_are_no_login(one, authority, subject, extensions):
    assert one.status(authority.sign(subject, *extensions)) == 401


def test_certificates_of_others_are_no_login(one, authority, other, tmp_path):
    assert one.status(other.sign("/CN=admin")) == 401
    key, crt = make_pair(tmp_path, "admin", 4000000000)
    assert one.status((str(crt), str(key))) == 401
    # an authority below ours that may not sign
    crt, key = authority.sign("/CN=rita", CLIENT, "basicConstraints=CA:FALSE")
    (tmp_path / "rita.pem").write_bytes(open(crt, "rb").read())
    (tmp_path / "rita.key").write_bytes(open(key, "rb").read())
    below = Authority.__new__(Authority)
    below.folder, below.name, below.count = tmp_path, "rita", 0
    forged, key = below.sign("/CN=admin")
    chain = tmp_path / "chain.pem"
    chain.write_bytes(open(forged, "rb").read() + below.pem)
    assert one.status((str(chain), key)) == 401


def test_expired_certificate_is_no_login(new_agent, tmp_path):
    """Also one that is trusted as it is."""
    import time
    agent = new_agent(kind=Mutual)
    live, ended = [make_pair(tmp_path, "admin", int(time.time()) + days * DAY)
                   for days in (2, )], None
    bundle = live[0][1].read_bytes()
    valid = tmp_path / "valid"
    valid.mkdir()
    key, crt = live[0]
    pair = (str(crt.rename(valid / "admin.crt")), str(key.rename(valid / "admin.key")))
    ended = make_pair(tmp_path, "admin", int(time.time()) - DAY)

    class Both:
        pem = bundle + ended[1].read_bytes()
    agent.trusting(Both, client_certificates="optional")
    assert agent.status(pair) == 200
    assert agent.status((str(ended[1]), str(ended[0]))) == 401


def resumed(port, cert=None, session=None):
    """(whether it is resumed, the status, the session) of a GET over TLS 1.2, whose
    sessions Python can resume."""
    c = ssl.create_default_context()
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    c.maximum_version = ssl.TLSVersion.TLSv1_2
    if session:
        c = session[1]
    elif cert:
        c.load_cert_chain(*cert)
    with c.wrap_socket(socket.create_connection(("127.0.0.1", port), 30 * SLOW),
                       session=session and session[0]) as s:
        s.sendall(b"GET /redfish/v1/Systems HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        got = b""
        while data := s.recv(65536):
            got += data
        return s.session_reused, int(got[9:12] or 0), (s.session, c)


def test_resumed_session_is_verified_again(new_agent, authority, other):
    """A ticket holds the certificate, but trusts it no more than a handshake would."""
    agent = new_agent(kind=Mutual).trusting(authority, client_certificates="optional")
    first = resumed(agent.https_port, authority.sign("/CN=admin"))
    assert first[:2] == (False, 200)
    assert resumed(agent.https_port, session=first[2])[:2] == (True, 200)
    plain = resumed(agent.https_port)
    assert plain[:2] == (False, 401)
    assert resumed(agent.https_port, session=plain[2])[:2] == (True, 401)
    put(agent.ca, other.pem)
    agent.reload()
    again = resumed(agent.https_port, session=first[2])
    assert again[1] == 401
    assert agent.status(authority.sign("/CN=admin")) == 401
    assert agent.status(other.sign("/CN=admin")) == 200
    agent.reload(client_certificates="required")
    for session in (plain[2], first[2]):
        with contextlib.suppress(OSError):
            assert resumed(agent.https_port, session=session)[1] == 0


def test_tls13_ticket_of_an_unverified_client_lets_nothing_in(new_agent, authority):
    agent = new_agent(kind=Mutual).trusting(authority, client_certificates="optional")
    ticket = agent.folder / "ticket"
    request = b"GET /redfish/v1/Systems HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    def ask(*options):
        return subprocess.run(["openssl", "s_client", "-quiet", "-tls1_3", "-connect",
                               f"127.0.0.1:{agent.https_port}", *options], input=request,
                              capture_output=True, timeout=60 * SLOW, check=False).stdout
    crt, key = authority.sign("/CN=admin")
    assert b" 200 " in ask("-cert", crt, "-key", key, "-sess_out", str(ticket))[:16]
    assert b" 200 " in ask("-sess_in", str(ticket))[:16]
    assert b" 401 " in ask("-sess_out", str(ticket))[:16]
    assert b" 401 " in ask("-sess_in", str(ticket))[:16]
    agent.reload(client_certificates="required")
    assert ask("-sess_in", str(ticket)) == b""


def test_required_certificate(new_agent, authority, other):
    agent = new_agent(kind=Mutual).trusting(authority, client_certificates="required")
    admin = authority.sign("/CN=admin")
    assert agent.status(admin) == 200
    assert agent.status(authority.sign("/CN=nobody-there")) == 401
    assert agent.status(authority.sign("/CN=nobody-there"), path="") == 200
    for nothing in (None, other.sign("/CN=admin")):
        assert agent.status(nothing) == 0
        assert agent.status(nothing, path="", auth=("admin", PASSWORD)) == 0
    shown = agent.ask(admin, "AccountService").json()
    assert shown["MultiFactorAuth"]["ClientCertificate"] == {
        "Enabled": True, "RespondToUnauthenticatedClients": False,
        "CertificateMappingAttribute": "CommonName",
        "Certificates": {"@odata.id": "/redfish/v1/AccountService/MultiFactorAuth/"
                                      "ClientCertificate/Certificates"}}
    put(agent.ca, b"no certificate")
    agent.reload()
    assert "holds no certificates" in agent.log_text()
    assert agent.status(admin) == 200 and agent.status() == 0


def test_open_connection_follows_a_reload(new_agent, authority, other):
    agent = new_agent(kind=Mutual).trusting(authority, client_certificates="optional")
    import requests
    with requests.Session() as s:
        s.trust_env, s.verify, s.cert = False, False, authority.sign("/CN=admin")
        url = f"https://127.0.0.1:{agent.https_port}/redfish/v1/Systems"
        assert s.get(url, timeout=30 * SLOW).status_code == 200
        put(agent.ca, other.pem)
        agent.reload()
        assert s.get(url, timeout=30 * SLOW).status_code == 401
    agent.reload(client_certificates="none")
    assert agent.status(other.sign("/CN=admin")) == 401


def test_principal_name(new_agent, authority):
    agent = new_agent(kind=Mutual).trusting(authority, client_certificates="optional",
                                            client_certificate_name="UserPrincipalName")
    assert agent.status(authority.sign("/CN=x", CLIENT, UPN + "admin@example.org")) == 200
    assert agent.status(authority.sign("/CN=x", CLIENT, UPN + "admin")) == 200
    for names in (["subjectAltName=email:admin@example.org"], [UPN + "@example.org"],
                  [UPN + "nobody@admin"], []):
        assert agent.status(authority.sign("/CN=admin", CLIENT, *names)) == 401


def test_password_that_has_to_be_changed_blocks(new_agent, authority):
    agent = new_agent(kind=Mutual, password=None)
    agent.trusting(authority, client_certificates="optional")
    answer = agent.ask(authority.sign("/CN=admin"))
    assert answer.status_code == 403 and "PasswordChangeRequired" in answer.text


def test_without_it_no_certificate_counts(agent, authority):
    import requests
    answer = requests.get(f"https://127.0.0.1:{agent.https_port}/redfish/v1/Systems",
                          cert=authority.sign("/CN=admin"), verify=False, timeout=30 * SLOW)
    assert answer.status_code == 401
    shown = agent.json("AccountService")["MultiFactorAuth"]["ClientCertificate"]
    assert shown["Enabled"] is False

# SPDX-License-Identifier: Apache-2.0
"""The HTTPS certificate over Redfish: what it says, a new one in its place, requests for one."""
import concurrent.futures
import hashlib
import os
import ssl
import subprocess
import threading
from datetime import datetime, timedelta, timezone

import pytest
import requests

from harness import SmallDiskAgent, eventually

pytestmark = [pytest.mark.coverage]

SERVICE = "CertificateService/Actions/CertificateService"
HTTPS = "Managers/bmc/NetworkProtocol/HTTPS/Certificates"
ONE = f"{HTTPS}/1"
HIGH_BIT = 0x82 << 56  # DER puts a zero before such a serial number
P256 = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]


def openssl(*words, text=None):
    done = subprocess.run(["openssl", *map(str, words)], input=text, capture_output=True,
                          text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Authority:
    """A CA of the test's own."""

    def __init__(self, folder):
        self.folder = folder
        self.key, self.cert = folder / "ca.key", folder / "ca.crt"
        openssl("req", "-x509", *P256, "-nodes", "-keyout", self.key, "-out", self.cert,
                "-days", 30, "-subj", "/CN=Test CA")

    def sign(self, request, days=90, purpose="serverAuth"):
        names = self.folder / "ext"
        names.write_text(f"subjectAltName=DNS:bmc.example.com,IP:127.0.0.1\n"
                         f"extendedKeyUsage={purpose}\n")
        return openssl("x509", "-req", "-CA", self.cert, "-CAkey", self.key, "-days", days,
                       "-set_serial", HIGH_BIT | int.from_bytes(os.urandom(7), "big"),
                       "-extfile", names,
                       text=request)

    def pair(self, key=P256, **how):
        """A certificate and its key, made elsewhere."""
        path = self.folder / "leaf.key"
        request = openssl("req", "-new", *key, "-nodes", "-keyout", path, "-subj", "/CN=leaf")
        return self.sign(request, **how), path.read_text()

    def starting(self, seconds):
        """A certificate that is valid from so many seconds on, and its key."""
        names = {n: self.folder / n for n in ("conf", "index", "leaf.csr", "leaf.crt", "leaf.key")}
        start = datetime.now(timezone.utc) + timedelta(seconds=seconds)
        names["index"].write_text("")
        names["conf"].write_text(
            f"[ca]\ndefault_ca = c\n[c]\ndatabase = {names['index']}\nrand_serial = yes\n"
            f"new_certs_dir = {self.folder}\npolicy = p\ndefault_md = sha256\n"
            f"x509_extensions = e\n[p]\ncommonName = supplied\n"
            f"[e]\nextendedKeyUsage = serverAuth\n")
        openssl("req", "-new", *P256, "-nodes", "-keyout", names["leaf.key"], "-subj", "/CN=leaf",
                "-out", names["leaf.csr"])
        openssl("ca", "-batch", "-notext", "-config", names["conf"], "-cert", self.cert,
                "-keyfile", self.key, "-in", names["leaf.csr"], "-out", names["leaf.crt"],
                "-startdate", f"{start:%Y%m%d%H%M%SZ}",
                "-enddate", f"{start + timedelta(days=9):%Y%m%d%H%M%SZ}")
        return names["leaf.crt"].read_text(), names["leaf.key"].read_text()

    def verifies(self, agent):
        """Whether a client that trusts this CA only takes the connection."""
        out = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{agent.https_port}", "-CAfile",
             str(self.cert), "-verify_return_error", "-verify_ip", "127.0.0.1"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)
        return "Verify return code: 0 (ok)" in out.stdout


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


def offered(agent):
    """The certificate that a new handshake gets."""
    return ssl.get_server_certificate(("127.0.0.1", agent.https_port))


def replace(agent, pem, kind="PEM", uri=f"/redfish/v1/{ONE}", **kw):
    return agent.post(f"{SERVICE}.ReplaceCertificate",
                      {"CertificateString": pem, "CertificateType": kind,
                       "CertificateUri": {"@odata.id": uri}}, **kw)


def generate(agent, **more):
    return agent.post(f"{SERVICE}.GenerateCSR",
                      {"CommonName": "bmc.example.com", "CertificateCollection":
                       {"@odata.id": f"/redfish/v1/{HTTPS}"}, **more})


def key_of(answer):
    return answer.json()["error"]["@Message.ExtendedInfo"][0]["MessageId"].rsplit(".", 1)[1]


def test_the_resource_says_what_the_certificate_says(agent):
    body, pem = agent.json(ONE), offered(agent)
    assert body["CertificateString"].strip() == pem.strip()
    assert body["Fingerprint"].replace(":", "") == \
        hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    said = openssl("x509", "-noout", "-serial", "-startdate", "-enddate", "-dateopt", "iso_8601",
                   text=pem).replace(" ", "T", 1)
    assert body["SerialNumber"].replace(":", "").upper() in said
    assert body["ValidNotAfter"][:10] in said and body["ValidNotBefore"][:10] in said
    assert body["SignatureAlgorithm"] == "ECDSA-SHA256"
    assert "127.0.0.1" in body["Subject"]["AlternativeNames"]
    assert body["KeyUsage"] == ["DigitalSignature"]
    assert "PRIVATE" not in str(body)
    found = agent.json("CertificateService/CertificateLocations")["Links"]["Certificates"]
    assert found == [{"@odata.id": f"/redfish/v1/{ONE}"}]
    assert agent.json("Managers/bmc/NetworkProtocol")["HTTPS"]["Certificates"] == \
        {"@odata.id": f"/redfish/v1/{HTTPS}"}


@pytest.mark.parametrize("key, want", [
    ({}, "prime256v1"), ({"KeyCurveId": "TPM_ECC_NIST_P384"}, "secp384r1"),
    ({"KeyPairAlgorithm": "TPM_ALG_RSA", "KeyBitLength": 2048}, "(2048 bit)")])
def test_a_request_has_what_was_asked_for(agent, key, want):
    answer = generate(agent, AlternativeNames=["bmc.example.com", "192.0.2.7"], Country="DE",
                      Organization="Example", KeyUsage=["DigitalSignature"], **key)
    assert answer.status_code == 200, answer.text
    assert answer.json()["CertificateCollection"]["@odata.id"].endswith(HTTPS)
    said = openssl("req", "-noout", "-text", "-verify", text=answer.json()["CSRString"])
    for part in ("C = DE", "O = Example", "CN = bmc.example.com", "DNS:bmc.example.com",
                 "IP Address:192.0.2.7", "TLS Web Server Authentication", want):
        assert part in said, said


def test_there_is_one_such_call_at_a_time(agent):
    """A long RSA key takes a while."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(requests.post, agent.url(f"{SERVICE}.GenerateCSR"), json={
            "CommonName": "x", "KeyPairAlgorithm": "TPM_ALG_RSA", "KeyBitLength": 4096,
            "CertificateCollection": {"@odata.id": f"/redfish/v1/{HTTPS}"}},
            auth=agent.http.auth, verify=False, timeout=300) for _ in range(4)]
        got = sorted(c.result().status_code for c in calls)
    assert set(got) == {200, 409}, got
    assert generate(agent).status_code == 200


def test_wrong_parameters_are_refused(agent):
    for more, key in (({"KeyPairAlgorithm": "TPM_ALG_SM2"}, "ActionParameterValueNotInList"),
                      ({"KeyCurveId": "TPM_ECC_BN_P256"}, "ActionParameterValueNotInList"),
                      ({"KeyBitLength": 1024}, "ActionParameterValueNotInList"),
                      ({"KeyUsage": ["Everything"]}, "ActionParameterValueNotInList"),
                      ({"CommonName": ""}, "ActionParameterValueOutOfRange"),
                      ({"CommonName": "x" * 65}, "ActionParameterValueOutOfRange"),
                      ({"Country": "GER"}, "ActionParameterValueOutOfRange"),
                      ({"AlternativeNames": [7]}, "ActionParameterValueTypeError"),
                      ({"AlternativeNames": ["a"] * 17}, "ActionParameterValueOutOfRange"),
                      ({"CertificateCollection": {"@odata.id": "/redfish/v1/Systems"}},
                       "ActionParameterValueNotInList")):
        refused = generate(agent, **more)
        assert refused.status_code == 400 and key_of(refused) == key, (more, refused.text)
    assert generate(agent, CommonName="x" * 64).status_code == 200
    assert generate(agent, AlternativeNames=["a"] * 16).status_code == 200
    for wrong in (replace(agent, "", kind="PKCS7"), replace(agent, "", uri=f"/redfish/v1/{HTTPS}"),
                  replace(agent, "", uri="/redfish/v1")):
        assert wrong.status_code == 400 and key_of(wrong) == "ActionParameterValueNotInList"


def test_a_certificate_of_a_ca_takes_the_place_of_the_own_one(new_agent, ca):
    agent = new_agent(platform="r1").start()
    old = offered(agent)
    with requests.Session() as before:
        before.trust_env, before.verify, before.auth = False, False, agent.http.auth
        assert before.get(agent.url("Systems")).status_code == 200
        assert not ca.verifies(agent)
        request = generate(agent, AlternativeNames=["127.0.0.1"]).json()["CSRString"]
        agent.restart()  # a CA may take days
        new = ca.sign(request)
        answer = replace(agent, new)
        assert answer.status_code == 204, answer.text
    assert ca.verifies(agent)
    body = agent.json(ONE)
    assert body["Issuer"]["CommonName"] == "Test CA"
    assert body["Subject"]["CommonName"] == "bmc.example.com"
    assert body["KeyUsage"] == ["ServerAuthentication"]
    serial = body["SerialNumber"].replace(":", "").upper()
    assert f"serial={serial}\n" == openssl("x509", "-noout", "-serial", text=new)
    assert offered(agent).strip() == new.strip() != old.strip()
    kept = agent.state / "https.pem"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert not (agent.state / "https-request.key").exists()
    agent.restart()
    assert ca.verifies(agent)
    # the same key again
    renewed = agent.post(f"{ONE}/Actions/Certificate.Renew", {}).json()
    assert renewed["Certificate"]["@odata.id"].endswith(ONE)
    again = ca.sign(renewed["CSRString"])
    assert replace(agent, again + ca.cert.read_text(), kind="PEMchain").status_code == 204
    assert offered(agent).strip() == again.strip() and ca.verifies(agent)
    assert agent.json(ONE)["CertificateString"].count("BEGIN CERTIFICATE") == 2
    rekeyed = agent.post(f"{ONE}/Actions/Certificate.Rekey",
                         {"KeyPairAlgorithm": "TPM_ALG_RSA", "KeyBitLength": 2048}).json()
    assert replace(agent, ca.sign(rekeyed["CSRString"])).status_code == 204
    assert ca.verifies(agent) and agent.json(ONE)["SignatureAlgorithm"] == "ECDSA-SHA256"
    log = agent.json("Managers/bmc/LogServices/Events/Entries")["Members"]
    assert sum(e["MessageId"].endswith(".CertificateReplaced") for e in log) == 3
    assert "PRIVATE KEY" not in agent.log_text()
    # what the file holds is broken: the service stays reachable
    os.truncate(kept, 100)
    agent.restart()
    assert offered(agent).strip() == old.strip()


def test_what_is_not_good_changes_nothing(new_agent, ca):
    agent = new_agent(platform="r1").start()
    before = offered(agent)
    good, key = ca.pair()
    other, _ = ca.pair()
    expired = openssl("x509", "-req", "-CA", ca.cert, "-CAkey", ca.key, "-days", "-1",
                      text=openssl("req", "-new", "-key", ca.folder / "leaf.key", "-subj", "/CN=x"))
    last = (ca.folder / "leaf.key").read_text()
    for why, pem in (
            ("no key", good), ("another key", other + key), ("expired", expired + last),
            ("not valid yet", "".join(ca.starting(3600))),
            ("not for servers", "".join(ca.pair(purpose="clientAuth"))),
            ("short key", "".join(ca.pair(key=["-newkey", "rsa:1024"]))),
            ("kind of key", "".join(ca.pair(key=["-newkey", "ed25519"]))),
            ("wrong order", good + other + key), ("too many", good * 9 + key),
            ("no certificate", key), ("garbage", "garbage"), ("empty", ""),
            ("long", "x" * 60000)):
        refused = replace(agent, pem)
        assert refused.status_code == 400, f"{why}: {refused.status_code} {refused.text}"
        assert key_of(refused) == "PropertyValueError", f"{why}: {refused.text}"
        assert offered(agent) == before, why
        assert "PRIVATE KEY" not in refused.text
    assert not list(agent.state.glob("https.pem*"))
    assert replace(agent, good + key).status_code == 204
    assert offered(agent).strip() == good.strip()
    # the CA's clock may be ahead by five minutes
    assert replace(agent, "".join(ca.starting(240))).status_code == 204


def test_only_an_administrator_may(new_agent, ca):
    agent = new_agent(platform="r1").start()
    agent.post("AccountService/Accounts",
               {"UserName": "olga", "Password": "Some-long-Pw-9", "RoleId": "Operator"})
    agent.http.auth = ("olga", "Some-long-Pw-9")
    agent.patch("AccountService/Accounts/olga", {"Password": "Other-long-Pw-9"})
    agent.http.auth = ("olga", "Other-long-Pw-9")
    assert agent.get("CertificateService").status_code == 200
    before = offered(agent)
    for answer in (agent.get(ONE), agent.get(HTTPS), generate(agent),
                   replace(agent, "".join(ca.pair())),
                   agent.post(f"{ONE}/Actions/Certificate.Rekey", {})):
        assert answer.status_code == 403, answer.text
    assert offered(agent) == before


def test_a_pair_that_the_configuration_names_is_not_replaced(new_agent, ca):
    agent = new_agent(platform="r1").start()
    agent.stop()
    cert, key = ca.pair()
    for name, text in (("site.crt", cert), ("site.key", key)):
        (agent.state / name).write_text(text)
        (agent.state / name).chmod(0o644)
    agent.start_daemon(lambda text: text.replace(
        "http:\n", f"http:\n  certificate: {agent.state}/site.crt\n  key: {agent.state}/site.key\n",
        1))
    assert offered(agent).strip() == cert.strip()
    refused = replace(agent, "".join(ca.pair()))
    assert refused.status_code == 400 and "configuration names" in refused.text
    assert generate(agent).status_code == 400
    assert offered(agent).strip() == cert.strip()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")
def test_on_a_full_disk_the_old_pair_stays(new_agent, ca):
    agent = new_agent(SmallDiskAgent).start()
    before, text = offered(agent), "".join(ca.pair())
    agent.fill_disk()
    refused = replace(agent, text)
    assert refused.status_code == 507, refused.text
    assert offered(agent) == before
    assert generate(agent).status_code == 507
    agent.free_disk()
    assert not list(agent.state.glob("https*.new"))
    assert replace(agent, text).status_code == 204
    assert offered(agent) != before


def test_a_death_in_between_leaves_a_working_pair(new_agent, ca):
    agent = new_agent(platform="r1").start()
    pairs = [ca.pair() for _ in range(2)]
    known = {offered(agent).strip()} | {p[0].strip() for p in pairs}
    seen = set()
    for delay in (0.0, 0.002, 0.005, 0.01, 0.03):
        stop = threading.Event()

        def hammer(auth=agent.http.auth):
            with requests.Session() as s:
                s.trust_env, s.verify, s.auth = False, False, auth
                for i in range(1000):
                    if stop.is_set():
                        return
                    try:
                        s.post(agent.url(f"{SERVICE}.ReplaceCertificate"), json={
                            "CertificateString": "".join(pairs[i % 2]), "CertificateType": "PEM",
                            "CertificateUri": {"@odata.id": f"/redfish/v1/{ONE}"}}, timeout=20)
                    except requests.RequestException:
                        return
        thread = threading.Thread(target=hammer)
        thread.start()
        eventually(lambda: (agent.state / "https.pem").exists(), 10)
        stop.wait(delay)
        agent.kill9()
        stop.set()
        thread.join()
        agent.start()
        now = offered(agent).strip()
        assert now in known
        seen.add(now)
        assert agent.get("Systems").status_code == 200
    assert seen & {p[0].strip() for p in pairs}

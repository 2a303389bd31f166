# SPDX-License-Identifier: Apache-2.0
"""clusterbmcd -t: what the daemon could not work with is said before it is started."""
import subprocess

import pytest

from harness import BUILD, SLOW, TOP

pytestmark = [pytest.mark.plain_only]

SITE = (TOP / "conf/examples/site.yaml").read_text()


def checked(tmp_path, old="", new=""):
    """-t of the site's example with one thing replaced."""
    assert old in SITE
    config = tmp_path / "clusterbmcd.yaml"
    config.write_text(SITE.replace("platforms/host.yaml", str(TOP / "conf/platforms/host.yaml"))
                      .replace(old, new, 1))
    return subprocess.run([str(BUILD / "clusterbmcd"), "-t", "-c", str(config)],
                          capture_output=True, text=True, timeout=60 * SLOW, check=False)


@pytest.mark.parametrize("old, new, text", [
    ("  https_port: 443", "  bind: localhost", "http.bind: 'localhost' is no address"),
    ("  https_port: 443", "  bind: 999.1.1.1", "http.bind: '999.1.1.1' is no address"),
    ("  https_port: 443", "  listeners: [ {port: 1, address: localhost} ]",
     "'localhost' is no address"),
    ("  https_port: 443", "  listeners: [ {port: 1, tls: false, address: 192.0.2.1} ]",
     "without TLS only a loopback address is served"),
    ("  https_port: 443", "  listeners: [ {port: 1, tls: false, address: '*'} ]",
     "without TLS only a loopback address is served"),
    ("  https_port: 443", "  listeners: [ {port: 1, path: /run/x} ]",
     "a listener has either a port or a path"),
    ("  https_port: 443", "  listeners: [ {tls: true} ]",
     "a listener has either a port or a path"),
    ("  https_port: 443", "  listeners: [ {path: run/x} ]", "run/x is no absolute path"),
    ("  port: 161", "  bind: 999.1.1.1", "'999.1.1.1' is no address"),
    ("  port: 161", "  exempt: [ 10.0.0.0/33 ]", "10.0.0.0/33: the prefix is 0 to 32 bits"),
    ("  port: 161", "  exempt: [ ten ]", "ten is no network"),
])
def test_addresses_are_checked(tmp_path, old, new, text):
    done = checked(tmp_path, old, new)
    assert done.returncode == 1 and text in done.stderr, done.stderr


@pytest.mark.parametrize("old, new", [
    ("  https_port: 443", "  bind: 127.0.0.1"), ("  https_port: 443", '  bind: "::1"'),
    ("  https_port: 443", "  listeners: [ {port: 1, address: '*'}, {path: /run/x}, "
     "{port: 2, tls: false}, {port: 3, tls: false, address: '::1'} ]"),
    ("  https_port: 443", '  bind: "*"'), ("  port: 161", "  bind: 127.0.0.1"),
    ("  port: 161", '  bind: "::1"'), ("  port: 161", "  exempt: [ 10.0.0.0/32 ]")])
def test_good_addresses_are_fine(tmp_path, old, new):
    done = checked(tmp_path, old, new)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """a.key, a.pem and b.key, b.pem."""
    folder = tmp_path_factory.mktemp("pairs")
    for name in "ab":
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "60", "-subj",
                        "/CN=localhost", "-keyout", folder / f"{name}.key", "-out",
                        folder / f"{name}.pem"], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("key, certificate, text", [
    ("b.key", "a.pem", "is not that of the first certificate in"),
    ("a.pem", "a.key", "is no private key"), ("a.key", "b.key", "is no certificate chain"),
    ("a.key", "none.pem", "none.pem: No such file"), ("a.key", "a.pem", None)])
def test_key_and_certificate_are_read(tmp_path, pairs, key, certificate, text):
    done = checked(tmp_path, "  #certificate: /etc/clusterbmc/server.pem\n"
                   "  #key: /etc/clusterbmc/server.key",
                   f"  certificate: {pairs / certificate}\n  key: {pairs / key}")
    if text:
        assert done.returncode == 1 and text in done.stderr, done.stderr
    else:
        assert done.returncode == 0 and "is fine" in done.stdout, done.stderr

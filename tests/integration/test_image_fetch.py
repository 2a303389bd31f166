# SPDX-License-Identifier: Apache-2.0
"""Fetching images from servers that are real, and from some that are hostile."""
import contextlib
import gzip
import hashlib
import http.server
import os
import socket
import ssl
import struct
import subprocess
import threading
import time

import pytest

import harness as rig

EPERM, EAUTH, ETIMEDOUT, ECANCELED = -6, -7, -10, -11
EINVAL, ERANGE, ENOTFOUND, EIO, ENOSPC = -1, -2, -3, -12, -14
IMAGE = os.urandom(1 << 20) + b"the end"
DIGEST = hashlib.sha256(IMAGE).hexdigest()
RIG = rig.BUILD / "tests/rigs/image-rig"


class Fetch:
    """The store of images in a folder of its own, and its configuration."""

    def __init__(self, folder):
        self.folder = folder
        self.store = folder / "images"

    def __call__(self, uri, *who, cancel=None, **conf):
        conf = {"addresses": "any", "timeout": "20s", "max_bytes": "4MiB", **conf}
        path = self.folder / "update.yaml"
        path.write_text("".join(f"{k}: {v}\n" for k, v in conf.items()))
        args = [] if cancel is None else [f"cancel:{cancel}"]
        done = subprocess.run([RIG, path, self.store, *args, "fetch", uri, *who], timeout=120,
                              capture_output=True, text=True, check=False)
        assert not rig.SANITIZERS.search(done.stderr), done.stderr
        head, *rows = done.stdout.splitlines()
        self.error = head
        if head == "ok":
            return dict(r.split("=", 1) for r in rows)
        assert not list(self.store.glob("incoming*"))
        return int(head.split()[0])

    def stored(self):
        return {p.name for p in self.store.glob("*.img")}


@pytest.fixture
def fetch(tmp_path):
    return Fetch(tmp_path)


class Web(http.server.BaseHTTPRequestHandler):
    """Answers with what self.server.answers[path] says: a function, or (status, headers, body)."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.path, self.headers.get("Authorization")))
        answer = self.server.answers.get(self.path)
        if callable(answer):
            self.close_connection = True
            with contextlib.suppress(OSError):
                answer(self)
            return
        status, headers, body = answer or (404, {}, b"none")
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(answers, address="127.0.0.1", tls=None):
    server = http.server.ThreadingHTTPServer((address, 0), Web)
    server.answers, server.seen = answers, []
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.url = f"http{'s' if tls else ''}://{address}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


GOOD = (200, {}, IMAGE)


def test_image_is_fetched_over_http(fetch):
    with served({"/a/board.img?x=1": GOOD}) as web:
        row = fetch(f"{web.url}/a/board.img?x=1")
    assert row["digest"] == DIGEST and row["name"] == "board.img"
    assert row["size"] == str(len(IMAGE)) and row["id"] == DIGEST[:16]
    assert (fetch.store / f"{DIGEST}.img").read_bytes() == IMAGE


def test_user_and_password_are_sent_to_this_server_only(fetch):
    with served({"/x": GOOD}, "127.0.0.2") as other:
        with served({"/x": (401, {"WWW-Authenticate": 'Basic realm="x"'}, b"no"),
                     "/y": (302, {"Location": f"{other.url}/x"}, b"")}) as web:
            assert fetch(f"{web.url}/x", "me", "secret-Pw-1") == EAUTH
            assert web.seen[0][1] == "Basic bWU6c2VjcmV0LVB3LTE="
            assert "secret" not in fetch.error
            assert fetch(f"{web.url}/y", "me", "secret-Pw-1")["digest"] == DIGEST
    assert other.seen == [("/x", None)]


@pytest.mark.parametrize("status,code", [(404, ENOTFOUND), (410, ENOTFOUND), (403, EAUTH),
                                         (500, EIO), (204, EIO), (206, EIO)])
def test_status_that_is_no_image(fetch, status, code):
    with served({"/x": (status, {}, b"" if status == 204 else b"<html>")}) as web:
        assert fetch(f"{web.url}/x") == code
    assert not fetch.stored()


def test_other_schemes_are_refused(fetch, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for uri in (f"file://{secret}", f"file://localhost{secret}", "gopher://127.0.0.1/x",
                "ftp://127.0.0.1/x", "dict://127.0.0.1/x", "ldap://127.0.0.1/x", "FILE:///x",
                "smb://127.0.0.1/x/y"):
        assert fetch(uri) in (EPERM, EINVAL), uri
    for uri in ("", "x", "http://", "http:///x", "://x", "http://a b/"):
        assert fetch(uri) in (EPERM, EINVAL, EIO), uri
    with served({"/x": GOOD}) as web:
        assert fetch(f"{web.url}/x", schemes="https") == EPERM
        assert not web.seen
    assert not fetch.stored()


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://127.0.0.1/x", "tftp://127.0.0.1/x",
                                "scp://127.0.0.1/x", "gopher://127.0.0.1/"])
def test_redirects_lead_to_the_web_only(fetch, to):
    with served({"/x": (302, {"Location": to}, b"")}) as web:
        assert fetch(f"{web.url}/x") == EPERM
    assert not fetch.stored()


def test_redirects_are_counted(fetch):
    answers = {f"/{i}": (302, {"Location": f"/{i + 1}"}, b"") for i in range(4)}
    answers["/4"] = GOOD
    with served(answers) as web:
        assert fetch(f"{web.url}/1", redirects=3)["digest"] == DIGEST
        assert fetch(f"{web.url}/0", redirects=3) == EPERM
        assert fetch(f"{web.url}/3", redirects=0) == EPERM


# Where no Internet is: the refusal comes before a connection, so it needs none.
@pytest.mark.parametrize("host,allowed,code", [
    ("127.0.0.1", "private", EPERM), ("[::1]", "private", EPERM),
    ("[::ffff:127.0.0.1]", "private", EPERM), ("0.0.0.0", "any", EPERM),
    ("2130706433", "private", EPERM), ("0x7f.1", "private", EPERM),
    ("localhost", "private", EPERM), ("169.254.169.254", "private", EPERM),
    ("10.0.0.1", "public", EPERM), ("172.16.0.1", "public", EPERM),
    ("172.31.255.255", "public", EPERM), ("192.168.1.1", "public", EPERM),
    ("[fd00::1]", "public", EPERM), ("[fe80::1]", "private", EPERM),
    ("224.0.0.1", "any", EPERM), ("255.255.255.255", "any", EPERM), ("[::]", "any", EPERM)])
def test_addresses_that_are_refused(fetch, host, allowed, code):
    assert fetch(f"http://{host}:1/x", addresses=allowed) == code


def test_the_address_of_a_redirect_is_checked_too(fetch):
    """With the policy `private` a site's own address would be taken, loopback is not: the
    first request is refused; of a redirect to 0.0.0.0 the second one is."""
    with served({"/x": (302, {"Location": "http://0.0.0.0:1/x"}, b"")}) as web:
        assert fetch(f"{web.url}/x") == EPERM
        assert web.seen and "0.0.0.0" in fetch.error


def test_a_body_without_end_stops_at_the_bound(fetch):
    sent = []

    def endless(web):
        web.send_response(200)
        web.end_headers()
        while True:
            web.wfile.write(b"x" * 65536)
            sent.append(65536)

    with served({"/x": endless}) as web:
        assert fetch(f"{web.url}/x", max_bytes="2MiB") == ERANGE
    assert sum(sent) < 16 << 20
    assert not fetch.stored()


def test_a_length_over_the_bound_is_refused_at_once(fetch):
    with served({"/x": (200, {"Content-Length": str(1 << 40)}, b"x")}) as web:
        assert fetch(f"{web.url}/x") == ERANGE


@pytest.mark.parametrize("length", [len(IMAGE) + 1, len(IMAGE) * 2])
def test_an_image_that_is_cut_off_is_not_stored(fetch, length):
    def short(web):
        web.send_response(200)
        web.send_header("Content-Length", str(length))
        web.end_headers()
        web.wfile.write(IMAGE)

    with served({"/x": short}) as web:
        assert fetch(f"{web.url}/x") == EIO
    assert not fetch.stored()


def test_an_image_whose_length_nobody_knows_is_not_stored(fetch):
    """It may be cut off where its connection ends; chunks have an end."""
    def to_the_end(web):
        web.send_response(200)
        web.end_headers()
        web.wfile.write(IMAGE)

    def chunks(web):
        web.send_response(200)
        web.send_header("Transfer-Encoding", "chunked")
        web.end_headers()
        web.wfile.write(b"%x\r\n%s\r\n" % (len(IMAGE), IMAGE))
        if web.path == "/whole":
            web.wfile.write(b"0\r\n\r\n")

    with served({"/x": to_the_end, "/cut": chunks, "/whole": chunks}) as web:
        assert fetch(f"{web.url}/x") == EIO
        assert fetch(f"{web.url}/cut") == EIO
        assert not fetch.stored()
        assert fetch(f"{web.url}/whole")["digest"] == DIGEST


def test_a_shorter_length_is_what_is_stored(fetch):
    """What follows it is no part of the answer."""
    with served({"/x": (200, {"Content-Length": "5"}, IMAGE)}) as web:
        assert fetch(f"{web.url}/x")["digest"] == hashlib.sha256(IMAGE[:5]).hexdigest()


def test_a_slow_server_is_given_up(fetch):
    def slow(web):
        web.send_response(200)
        web.end_headers()
        for _ in range(600):
            web.wfile.write(b"x" * 10)
            time.sleep(0.1)

    with served({"/x": slow}) as web:
        assert fetch(f"{web.url}/x", timeout="1s") == ETIMEDOUT
    assert not fetch.stored()


def test_a_silent_server_is_given_up(fetch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert fetch(f"http://127.0.0.1:{port}/x", timeout="1s") == ETIMEDOUT


def test_headers_without_end_are_given_up(fetch):
    def endless(web):
        web.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            web.wfile.write(b"X-More: " + b"x" * 1000 + b"\r\n")

    with served({"/x": endless}) as web:
        assert fetch(f"{web.url}/x") == EIO


def test_a_coded_body_is_stored_as_it_comes(fetch):
    """Nothing unpacks what was not asked for: a gzip bomb stays small."""
    bomb = gzip.compress(bytes(64 << 20))
    with served({"/x": (200, {"Content-Encoding": "gzip"}, bomb)}) as web:
        row = fetch(f"{web.url}/x")
    assert row["digest"] == hashlib.sha256(bomb).hexdigest()


def test_a_fetch_is_cancelled(fetch):
    with served({"/x": (200, {}, IMAGE * 3)}) as web:
        assert fetch(f"{web.url}/x", cancel=1) == ECANCELED
    assert not fetch.stored()


def test_a_proxy_of_the_environment_is_not_used(fetch, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with served({"/x": GOOD}) as web:
        assert fetch(f"{web.url}/x")["digest"] == DIGEST


# ---- https ----

@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                    folder / "key.pem", "-out", folder / "cert.pem"], check=True,
                   capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


def test_image_is_fetched_over_https(fetch, certificate):
    with served({"/x": GOOD}, tls=certificate) as web:
        assert fetch(f"{web.url}/x", ca=certificate[0])["digest"] == DIGEST
        assert fetch(f"{web.url}/x") == EAUTH  # nobody that the system trusts has signed it
        assert fetch(f"{web.url}/x", verify="false")["digest"] == DIGEST
    with served({"/x": GOOD}, "127.0.0.2", tls=certificate) as web:
        assert fetch(f"{web.url}/x", ca=certificate[0]) == EAUTH  # it is another one's


def test_no_redirect_leaves_https(fetch, certificate):
    with served({"/x": GOOD}) as plain:
        with served({"/x": (302, {"Location": f"{plain.url}/x"}, b"")}, tls=certificate) as web:
            assert fetch(f"{web.url}/x", ca=certificate[0]) == EPERM
        assert not plain.seen
        for header in ("Location", "LOCATION"):  # http may come first: what follows may not
            back = (302, {header: f"{plain.url}/x"}, b"")
            with served({"/x": back}, tls=certificate) as web:
                plain.answers["/z"] = (302, {"Location": f"{web.url}/x"}, b"")
                plain.seen.clear()
                assert fetch(f"{plain.url}/z", ca=certificate[0]) == EPERM
                assert [path for path, _ in plain.seen] == ["/z"]
        with served({"/x": GOOD}, tls=certificate) as web:
            plain.answers["/y"] = (302, {"Location": f"{web.url}/x"}, b"")
            assert fetch(f"{plain.url}/y", ca=certificate[0])["digest"] == DIGEST
            assert fetch(f"{plain.url}/y", ca=certificate[0], schemes="http") == EPERM


# ---- tftp (RFC 1350) ----

def tftp_server(sock, files, stop):
    """Serves one file after the other until it is told to stop."""
    sock.settimeout(0.1)
    with contextlib.suppress(OSError):
        while not stop.is_set():
            try:
                request, client = sock.recvfrom(2048)
            except TimeoutError:
                continue
            name = request[2:].split(b"\0")[0].decode().lstrip("/")
            with socket.socket(type=socket.SOCK_DGRAM) as data:
                data.bind(("127.0.0.1", 0))
                data.settimeout(20)
                if name not in files:
                    data.sendto(struct.pack(">HH", 5, 1) + b"none\0", client)
                    continue
                body = files[name]
                for at in range(0, len(body) + 1, 512):
                    block = at // 512 + 1 & 0xffff
                    data.sendto(struct.pack(">HH", 3, block) + body[at:at + 512], client)
                    data.recv(512)


def test_image_is_fetched_over_tftp(fetch):
    small = IMAGE[-40_000:]
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        url = f"tftp://127.0.0.1:{sock.getsockname()[1]}"
        stop = threading.Event()
        thread = threading.Thread(target=tftp_server,
                                  args=(sock, {"board.img": small}, stop))
        thread.start()
        try:
            row = fetch(f"{url}/board.img")
            assert row["digest"] == hashlib.sha256(small).hexdigest()
            assert fetch(f"{url}/other.img") == ENOTFOUND
            assert fetch(f"{url}/board.img", addresses="private") == EPERM
        finally:
            stop.set()
            thread.join()


# ---- what a policy refuses ----

WORDS = 95  # bytes of a task's words


def refused(fetch, key, uri, **conf):
    """Says what is to be set, in words that a task has room for."""
    assert fetch(uri, **conf) == EPERM, fetch.error
    words = fetch.error.split(" ", 1)[1]
    assert f"`update.{key}" in words and len(words.encode()) <= WORDS, words


def test_a_refusal_names_the_key_of_the_policy(fetch):
    longest = "[fd00:1111:2222:3333:4444:5555:6666:7777]"
    refused(fetch, "addresses: any`", "http://127.0.0.1:1/x", addresses="private")
    refused(fetch, "addresses: any`", "http://[::1]:1/x", addresses="public")
    refused(fetch, "addresses: private`", f"http://{longest}:1/x", addresses="public")
    refused(fetch, "addresses: private`", "http://10.0.0.1:1/x", addresses="public")
    for scheme in ("http", "https", "sftp", "scp", "tftp"):
        other = "https" if scheme == "http" else "http"
        refused(fetch, "schemes`", f"{scheme}://127.0.0.1/x", schemes=other)
    refused(fetch, "schemes`", "gopher-and-more-of-it://127.0.0.1/x")
    refused(fetch, "ssh_known_hosts`", "sftp://127.0.0.1:1/x")
    with served({"/x": (302, {"Location": "/x"}, b""),
                 "/y": (302, {"Location": "ftp://127.0.0.1/"}, b"")}) as web:
        refused(fetch, "redirects`", f"{web.url}/x")
        refused(fetch, "redirects`", f"{web.url}/x", redirects=0)
        refused(fetch, "schemes`", f"{web.url}/y")
    # of these no setting allows any
    for host in ("0.0.0.0", "224.0.0.1", "[ff02::1]"):
        assert fetch(f"http://{host}:1/x") == EPERM
        assert "whatever is set" in fetch.error and "`" not in fetch.error

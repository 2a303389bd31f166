# SPDX-License-Identifier: Apache-2.0
"""Images over sftp and scp: from OpenSSH's own server, and from one that lies."""
import base64
import contextlib
import os
import shutil
import socket
import subprocess
import threading

import paramiko
import pytest

import harness as rig
from test_image_fetch import (DIGEST, EAUTH, ECANCELED, EINVAL, EIO, ENOTFOUND, EPERM, ERANGE,
                              ETIMEDOUT, IMAGE, Fetch)

# AddressSanitizer stops in libssh2 1.10: libssh2_session_method_pref() has a memcpy() of
# memory that overlaps.
pytestmark = pytest.mark.plain_only

USER, PASSWORD = "me", "secret-Pw-1"
SSHD = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
# An account of its own: this machine's are hidden from the server, and so are its logs.
INSIDE = """mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/shadow" /etc/shadow &&
mount -t tmpfs tmpfs /run && mkdir -m 755 /run/sshd && mount -t tmpfs tmpfs /var/log &&
exec "$2" -i -e -f "$1/sshd_config" 2>>"$1/log" """
CONF = """HostKey {key}
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
PermitRootLogin yes
StrictModes no
UseDNS no
PrintLastLog no
Subsystem sftp internal-sftp
"""


@pytest.fixture
def fetch(tmp_path):
    return Fetch(tmp_path)


class Server:
    """Has each connection served by `serve(socket)`."""

    def __init__(self, serve):
        self.serve, self.socket = serve, socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.accept)

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                self.serve(self.socket.accept()[0])

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()

    def known(self, path, kind, key, host="127.0.0.1"):
        path.write_text(f"[{host}]:{self.port} {kind} {key}\n")
        return {"ssh_known_hosts": path}


# ---- OpenSSH's server ----

class Sshd(Server):
    def __init__(self, folder, kind):
        self.folder, self.running = folder, []
        super().__init__(self.run)
        key = folder / kind
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", key], check=True)
        self.key = (folder / f"{kind}.pub").read_text().split()[:2]
        secret = subprocess.run(["openssl", "passwd", "-6", PASSWORD], check=True,
                                capture_output=True, text=True).stdout.strip()
        (folder / "sshd_config").write_text(CONF.format(key=key))
        (folder / "passwd").write_text(
            "root:x:0:0::/root:/bin/sh\nsshd:x:33333:33333::/run/sshd:/usr/sbin/nologin\n"
            f"{USER}:x:0:0::/:/bin/sh\n")
        (folder / "shadow").write_text(
            f"root:*:19000::::::\nsshd:*:19000::::::\n{USER}:{secret}:19000::::::\n")

    def run(self, sock):
        with sock:
            self.running.append(subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", "-c", INSIDE, "sh",
                 self.folder, SSHD], stdin=sock, stdout=sock))

    def __exit__(self, *_):
        super().__exit__()
        for p in self.running:
            p.terminate()
            p.wait()

    def log(self):
        log = self.folder / "log"
        return log.read_text()[-300:] if log.exists() else ""


def try_login(server):
    """Whether this machine's server takes a login at all: in some containers it can't."""
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        try:
            client.connect("127.0.0.1", server.port, USER, PASSWORD, timeout=60,
                           banner_timeout=60, auth_timeout=60, allow_agent=False,
                           look_for_keys=False)
            client.open_sftp().listdir("/")
            return client.exec_command("scp -f /dev/null", timeout=60)[0] is not None
        except (OSError, EOFError, paramiko.SSHException) as e:
            pytest.skip(f"sshd takes no login here: {e} {server.log()}")


@pytest.fixture(scope="module", params=["ed25519", "ecdsa"])
def sshd(request, tmp_path_factory):
    if not SSHD or not shutil.which("scp"):
        pytest.skip("no openssh-server")
    if os.geteuid() != 0:
        pytest.skip("needs root, for an account of its own")
    folder = tmp_path_factory.mktemp("sshd")
    (folder / "board.img").write_bytes(IMAGE)
    (folder / "it's a $(board).img").write_bytes(IMAGE)
    (folder / "empty.img").write_bytes(b"")
    with Sshd(folder, request.param) as server:
        try_login(server)
        yield server


SCHEMES = pytest.mark.parametrize("scheme", ["sftp", "scp"])


@SCHEMES
def test_image_is_fetched_from_openssh(fetch, sshd, tmp_path, scheme):
    known = sshd.known(tmp_path / "known_hosts", *sshd.key)
    at = f"{scheme}://127.0.0.1:{sshd.port}{sshd.folder}"
    row = fetch(f"{at}/board.img", USER, PASSWORD, **known)
    assert row["digest"] == DIGEST and row["name"] == "board.img"
    assert row["size"] == str(len(IMAGE))
    # a file's name is no shell's
    assert fetch(f"{at}/it's%20a%20$(board).img", USER, PASSWORD, **known)["digest"] == DIGEST


@SCHEMES
def test_what_openssh_refuses(fetch, sshd, tmp_path, scheme):
    known = sshd.known(tmp_path / "known_hosts", *sshd.key)
    host = f"127.0.0.1:{sshd.port}"
    at = f"{scheme}://{host}{sshd.folder}"
    assert fetch(f"{at}/board.img", USER, "other-Pw-1", **known) == EAUTH
    assert "Pw-1" not in fetch.error
    assert fetch(f"{at}/board.img", "root", PASSWORD, **known) == EAUTH
    assert fetch(f"{at}/board.img", **known) == EAUTH
    assert fetch(f"{at}/none.img", USER, PASSWORD, **known) == ENOTFOUND
    assert fetch(f"{at}/board.img", USER, PASSWORD, **known, schemes="https") == EPERM
    assert fetch(f"{at}/board.img", USER, PASSWORD, **known, addresses="private") == EPERM
    assert fetch(f"{at}/empty.img", USER, PASSWORD, **known) in (EIO, EINVAL)
    assert fetch(f"{at}/board.img", USER, PASSWORD, **known, max_bytes="1MiB") == ERANGE
    assert fetch(f"{at}/board.img", USER, PASSWORD, cancel=1, **known) == ECANCELED
    assert not fetch.stored()


@SCHEMES
def test_a_folder_is_no_image(fetch, sshd, tmp_path, scheme):
    known = sshd.known(tmp_path / "known_hosts", *sshd.key)
    at = f"{scheme}://127.0.0.1:{sshd.port}"
    for path in (f"{sshd.folder}/", f"{sshd.folder}", "/", "",
                 f"{sshd.folder}/?a=b", f"{sshd.folder}%2f", "/~/", "/~/%2F"):
        assert fetch(at + path, USER, PASSWORD, **known) in (EINVAL, EIO, ENOTFOUND), path
    assert not fetch.stored()


@SCHEMES
def test_the_host_key_is_checked(fetch, sshd, tmp_path, scheme):
    path = tmp_path / "known_hosts"
    uri = f"{scheme}://127.0.0.1:{sshd.port}{sshd.folder}/board.img"
    get = lambda **conf: fetch(uri, USER, PASSWORD, **conf)
    kind, key = sshd.key
    other = bytearray(base64.b64decode(key))
    other[-1] ^= 1
    assert get() == EPERM  # no file of keys
    assert get(ssh_known_hosts=tmp_path / "none") == EAUTH
    path.write_text("")
    assert get(ssh_known_hosts=path) == EAUTH  # a file without it
    assert get(**sshd.known(path, kind, key, "127.0.0.2")) == EAUTH  # another host's
    assert get(**sshd.known(path, kind, base64.b64encode(other).decode())) == EAUTH
    # "is not checked" is about servers that are not known: of one that is, another key is none
    assert get(verify="false", **sshd.known(path, kind,
                                            base64.b64encode(other).decode())) == EAUTH
    assert get(verify="false")["digest"] == DIGEST
    sshd.known(path, kind, key)
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], check=True, capture_output=True)
    assert "127.0.0.1" not in path.read_text()
    assert get(ssh_known_hosts=path)["digest"] == DIGEST  # a hashed name
    for marker in ("@revoked", "@cert-authority"):
        path.write_text(f"{marker} [127.0.0.1]:{sshd.port} {kind} {key}\n")
        assert get(ssh_known_hosts=path) == EAUTH


# ---- a server of our own ----

class Files(paramiko.SFTPServerInterface):
    size = len(IMAGE)

    def stat(self, path):
        if path != "/board.img":
            return paramiko.SFTP_PERMISSION_DENIED if "secret" in path \
                else paramiko.SFTP_NO_SUCH_FILE
        attributes = paramiko.SFTPAttributes()
        attributes.st_size, attributes.st_mode = self.size, 0o100644
        return attributes

    lstat = stat

    def open(self, path, flags, attr):
        found = self.stat(path)
        return found if isinstance(found, int) else File(flags)


class LongFiles(Files):
    size = len(IMAGE) + 1


class File(paramiko.SFTPHandle):
    def read(self, offset, length):
        return IMAGE[offset:offset + length]


class Login(paramiko.ServerInterface):
    """By password, or by questions: what PAM asks."""

    def __init__(self, methods):
        self.methods = methods

    def check_auth_password(self, username, password):
        good = (username, password) == (USER, PASSWORD) and self.methods == "password"
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_auth_interactive(self, username, submethods):
        return paramiko.InteractiveQuery("", "", ("Password: ", False))

    def check_auth_interactive_response(self, responses):
        good = list(responses) == [PASSWORD]
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username):
        return self.methods

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED


class Paramiko(Server):
    def __init__(self, files=Files, methods="password"):
        super().__init__(self.run)
        self.key, self.transports = paramiko.RSAKey.generate(2048), []
        self.files, self.methods = files, methods

    def run(self, sock):
        transport = paramiko.Transport(sock)
        self.transports.append(transport)
        transport.add_server_key(self.key)
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, self.files)
        with contextlib.suppress(paramiko.SSHException, EOFError):
            transport.start_server(server=Login(self.methods))

    def __exit__(self, *_):
        super().__exit__()
        for t in self.transports:
            t.close()

    def trusted(self, tmp_path):
        return self.known(tmp_path / "known_hosts", "ssh-rsa", self.key.get_base64())


@pytest.mark.parametrize("methods", ["password", "keyboard-interactive"])
def test_image_is_fetched_over_sftp(fetch, tmp_path, methods):
    with Paramiko(methods=methods) as server:
        uri = f"sftp://127.0.0.1:{server.port}/board.img"
        conf = server.trusted(tmp_path)
        assert fetch(uri, USER, PASSWORD, **conf)["digest"] == DIGEST
        assert fetch(uri, USER, "other", **conf) == EAUTH
        assert fetch(uri.replace("board", "other"), USER, PASSWORD, **conf) == ENOTFOUND
        assert fetch(uri.replace("board", "secret"), USER, PASSWORD, **conf) == EAUTH
        assert fetch(uri, USER, PASSWORD) == EPERM  # no server is known
        other = paramiko.RSAKey.generate(2048)
        assert fetch(uri, USER, PASSWORD, **server.known(
            tmp_path / "known_hosts", "ssh-rsa", other.get_base64())) == EAUTH


def test_an_image_that_is_shorter_than_its_server_says_is_not_stored(fetch, tmp_path):
    with Paramiko(LongFiles) as server:
        assert fetch(f"sftp://127.0.0.1:{server.port}/board.img", USER, PASSWORD,
                     **server.trusted(tmp_path)) == EIO
    assert not fetch.stored()


@SCHEMES
def test_a_silent_ssh_server_is_given_up(fetch, tmp_path, scheme):
    path = tmp_path / "known_hosts"
    path.write_text("")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert fetch(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/x", USER, PASSWORD,
                     timeout="1s", ssh_known_hosts=path) == ETIMEDOUT


@SCHEMES
def test_what_is_no_ssh_server(fetch, tmp_path, scheme):
    path = tmp_path / "known_hosts"
    path.write_text("")

    def noise(sock):
        with sock, contextlib.suppress(OSError):
            sock.sendall(b"220 mail ESMTP\r\n" * 1000)

    with Server(noise) as server:
        code = fetch(f"{scheme}://127.0.0.1:{server.port}/x", USER, PASSWORD,
                     ssh_known_hosts=path)
        assert code == EIO, fetch.error
        assert not rig.SANITIZERS.search(fetch.error)

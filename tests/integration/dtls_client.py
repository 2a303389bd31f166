# SPDX-License-Identifier: Apache-2.0
"""A DTLS client over OpenSSL whose datagrams the tests hold in their hands."""
import select
import socket
import time

from OpenSSL import SSL
from OpenSSL._util import lib

from harness import SLOW

DTLS_1_0, DTLS_1_2 = 0xfeff, 0xfefd


def records(data):
    """The records of a flight."""
    while data:
        size = 13 + int.from_bytes(data[11:13], "big")
        yield data[:size]
        data = data[size:]


class DtlsClient:
    """One UDP socket, and a session over it."""

    def __init__(self, port, identity=None, version=DTLS_1_2, host="127.0.0.1", source=None):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.settimeout(10 * SLOW)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect((host, port))
        self.identity, self.version = identity, version
        self.sent = []  # every datagram, for replays
        self.begin()

    def begin(self):
        """Forgets the session; the socket and its port stay."""
        context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
        context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
        context.set_options(SSL.OP_NO_QUERY_MTU)
        context.set_min_proto_version(self.version)
        context.set_max_proto_version(self.version)
        if self.identity:
            context.use_certificate_file(self.identity.format("certs") + ".crt")
            context.use_privatekey_file(self.identity.format("private") + ".key")
        self.session = SSL.Connection(context, None)
        self.session.set_connect_state()
        self.session.set_ciphertext_mtu(1400)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def flight(self):
        """The records that the session wants sent."""
        try:
            return list(records(self.session.bio_read(1 << 17)))
        except SSL.WantReadError:
            return []

    def send(self, datagrams):
        for d in datagrams:
            self.sent.append(d)
            self.socket.send(d)

    def step(self):
        """Goes on with the handshake; true: it is done."""
        try:
            self.session.do_handshake()
            return True
        except SSL.WantReadError:
            return False

    def hello(self):
        """The ClientHello with its cookie, not sent yet."""
        self.step()
        self.send(self.flight())
        self.session.bio_write(self.socket.recv(65536))
        self.step()
        return self.flight()

    def shake(self):
        """The handshake. False: the agent refuses it, or says nothing."""
        try:
            while not self.step():
                self.send(self.flight())
                self.session.bio_write(self.socket.recv(65536))
            self.send(self.flight())
            return True
        except (SSL.Error, OSError):
            return False

    def shake_losing(self, lost):
        """The handshake over a network that loses the `lost`th datagram of those sent by
        both; what is lost is sent again when its time has come. Returns how many there
        were, 0 when it was in vain."""
        n = 0
        end = time.monotonic() + 30 * SLOW
        while time.monotonic() < end:
            done = self.step()
            for d in self.flight():
                if n != lost:
                    self.socket.send(d)
                n += 1
            if done:
                return n
            if select.select([self.socket], [], [], 0.3)[0]:
                d = self.socket.recv(65536)
                if n != lost:
                    self.session.bio_write(d)
                n += 1
            else:
                lib.DTLSv1_handle_timeout(self.session._ssl)  # pylint: disable=protected-access
        return 0

    def write(self, message):
        """The records of a message."""
        self.session.send(message)
        return self.flight()

    def read(self):
        """The next message, b"" when none comes; None: the agent has ended the session."""
        while True:
            try:
                self.session.bio_write(self.socket.recv(65536))
                return self.session.recv(65536)
            except SSL.WantReadError:
                pass  # a datagram that brought none
            except SSL.ZeroReturnError:
                return None
            except (SSL.Error, OSError):
                return b""

    def ask(self, message):
        self.send(self.write(message))
        return self.read()

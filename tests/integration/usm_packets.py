# SPDX-License-Identifier: Apache-2.0
"""SNMPv3 messages byte by byte (RFC 3412, 3414, 7860, 3826), for what no client sends: each part
of a message can be another than it should be."""
import hashlib
import hmac
import os
import socket

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from harness import PASSPHRASE, SLOW
from snmp_packets import GET, REPORT, Answer, Reader, ber, integer, pdu

# hash, octets of it that are sent
AUTH = {"sha1": ("sha1", 12), "sha224": ("sha224", 16), "sha256": ("sha256", 24),
        "sha384": ("sha384", 32), "sha512": ("sha512", 48)}
KEY_LEN = {"aes128": 16, "aes192": 24, "aes256": 32}
AUTH_FLAG, PRIV_FLAG, REPORTABLE = 1, 2, 4
LEVELS = {"noAuthNoPriv": 0, "authNoPriv": AUTH_FLAG, "authPriv": AUTH_FLAG | PRIV_FLAG}
USM = 3


def localized(hash_, passphrase, engine):
    """RFC 3414, A.2."""
    text = passphrase.encode()
    whole = (text * (1048576 // len(text) + 1))[:1048576]
    key = hashlib.new(hash_, whole).digest()
    return hashlib.new(hash_, key + engine + key).digest()


class Message:
    """What came back, opened and checked: `report` is the object of a report, else None."""

    def __init__(self, user, data):
        self.data = data
        r = Reader(Reader(data).take()[1])
        assert r.number() == 3
        head = Reader(r.take()[1])
        self.id, self.max_size = head.number(), head.number()
        self.flags, self.model = head.take()[1][0], head.number()
        parameters = r.take()[1]
        usm = Reader(Reader(parameters).take()[1])
        self.engine, self.boots, self.time = usm.take()[1], usm.number(), usm.number()
        self.user, digest, salt = (usm.take()[1] for _ in range(3))
        self.salt = salt
        if self.flags & AUTH_FLAG:
            at = data.index(digest)
            unsigned = data[:at] + bytes(len(digest)) + data[at + len(digest):]
            assert digest == user.digest(unsigned), "the answer's digest is wrong"
        scoped = r.take()[1]
        if self.flags & PRIV_FLAG:
            plain = user.crypt(scoped, self.boots, self.time, salt, False)
            scoped = Reader(plain).take()[1]
        r = Reader(scoped)
        self.context_engine, self.context = r.take()[1], r.take()[1]
        self.body = scoped[r.at:]
        self.answer = Answer(self.body)
        self.report = None
        if self.answer.kind == REPORT:
            self.report = self.answer.varbinds[0][0]


class UsmUser:
    """Asks as one user with one UDP socket; all that it knows of the engine it may be told."""

    def __init__(self, agent, name="noc", auth="sha256", passphrase=PASSPHRASE, priv="aes256",
                 priv_passphrase=None, timeout=10):
        self.name, self.number, self.key_len = name, 0, KEY_LEN[priv]
        self.hash, self.digest_len = AUTH[auth]
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", agent.snmp_port))
        self.socket.settimeout(timeout * SLOW)
        self.auth_key = self.priv_key = None
        self.discover(passphrase, priv_passphrase or passphrase)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def discover(self, passphrase, priv_passphrase):
        """RFC 3414, section 4, in one step: the report has boots and time."""
        found = self.exchange(self.message(pdu(GET, 1, []), level="noAuthNoPriv", engine=b"", boots=0,
                                           time=0, name=b""))
        self.engine, self.boots, self.time = found.engine, found.boots, found.time
        self.auth_key = localized(self.hash, passphrase, self.engine)
        key = localized(self.hash, priv_passphrase, self.engine)
        # a hash that is too short for the cipher: draft-blumenthal-aes-usm-04, 3.1.2.1
        self.priv_key = (key + hashlib.new(self.hash, key).digest())[:self.key_len]

    def digest(self, message):
        return hmac.new(self.auth_key, message, self.hash).digest()[:self.digest_len]

    def crypt(self, data, boots, time, salt, encrypt=True):
        iv = boots.to_bytes(4, "big") + time.to_bytes(4, "big") + salt
        cipher = Cipher(algorithms.AES(self.priv_key), modes.CFB(iv))
        way = cipher.encryptor() if encrypt else cipher.decryptor()
        return way.update(data) + way.finalize()

    def message(self, body, level="authPriv", engine=None, boots=None, time=None, name=None,
                context=b"", context_engine=None, max_size=65507, model=USM, flags=None,
                spoil=False, salt=None, scoped=None, long_form=False):
        """`long_form`: the whole in a length of more octets than it needs, which is BER too; the
        agent's read engine leaves such messages to net-snmp."""
        self.number += 1
        engine = self.engine if engine is None else engine
        boots = self.boots if boots is None else boots
        time = self.time if time is None else time
        name = self.name.encode() if name is None else name
        flags = LEVELS[level] | REPORTABLE if flags is None else flags
        if scoped is None:
            scoped = ber(0x30, ber(4, engine if context_engine is None else context_engine),
                         ber(4, context), body)
        salt = os.urandom(8) if salt is None else salt
        if flags & PRIV_FLAG:
            scoped = ber(4, self.crypt(scoped, boots, time, salt))
        else:
            salt = b""
        mark = bytes(self.digest_len) if flags & AUTH_FLAG else b""
        head = ber(0x30, integer(self.number), integer(max_size), ber(4, bytes([flags])),
                   integer(model))

        def whole(digest):
            usm = ber(0x30, ber(4, engine), integer(boots), integer(time), ber(4, name),
                      ber(4, digest), ber(4, salt))
            body = integer(3) + head + ber(4, usm) + scoped
            if long_form:
                return b"\x30\x84" + len(body).to_bytes(4, "big") + body
            return ber(0x30, body)
        if not mark:
            return whole(mark)
        digest = bytearray(self.digest(whole(mark)))
        if spoil:
            digest[-1] ^= 1
        return whole(bytes(digest))

    def exchange(self, data):
        self.socket.send(data)
        return self.receive()

    def receive(self):
        return Message(self, self.socket.recv(1 << 16))

    def ask(self, kind, names, first=0, second=0, **parts):
        return self.exchange(self.message(pdu(kind, self.number + 1, names, first, second), **parts))

    def silent(self, data, seconds=0.3):
        """Nothing comes back."""
        before = self.socket.gettimeout()
        self.socket.settimeout(seconds * SLOW)
        try:
            self.socket.send(data)
            self.socket.recv(1 << 16)
            return False
        except socket.timeout:
            return True
        finally:
            self.socket.settimeout(before)


def parts(message):
    """All but time, salt and digest."""
    return (message.id, message.max_size, message.flags, message.model, message.engine, message.boots,
            message.user, message.context_engine, message.context, message.body)


class Both:
    """The same request answered by the read engine and by net-snmp."""

    def __init__(self, user):
        self.user, self.salts = user, ({}, {})

    def ask(self, kind, names, first=0, second=0, **more):
        found = []
        for way in (0, 1):
            self.user.number = 41
            got = self.user.exchange(self.user.message(
                pdu(kind, 4711, names, first, second), long_form=bool(way), **more))
            if got.flags & PRIV_FLAG:
                assert got.salt not in self.salts[0] and got.salt not in self.salts[1], "a salt again"
                self.salts[way][got.salt] = True
            found.append(got)
        assert parts(found[0]) == parts(found[1])
        assert abs(found[0].time - found[1].time) <= 1
        assert len(found[0].data) == len(found[1].data)
        return found[0]

    def tops(self, way):
        """The upper halves of the salts: each engine counts in the lower half."""
        return {salt[:4] for salt in self.salts[way]}

    def assert_two_ways(self):
        """Nothing but a few requests that the read engine leaves to net-snmp."""
        own = [s for s in self.salts[0] if s[:4] not in self.tops(1)]
        assert len(own) > 0.7 * len(self.salts[0]), "the read engine has not answered"

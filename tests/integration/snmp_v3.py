# SPDX-License-Identifier: Apache-2.0
"""SNMPv3 messages byte by byte with the default protocols of our users: HMAC-192-SHA-256 (RFC
7860) and AES-256 (draft-blumenthal-aes-usm-04). Each layer can be spoilt before the next is put
round it: a wrong inside has a right digest."""
import hashlib
import hmac

from snmp_packets import ber, integer

DIGEST = 24
AUTH, PRIV, REPORTABLE = 1, 2, 4
USM_MODEL = 3


def key_of(passphrase, engine):
    """RFC 3414 A.2: a megabyte of the passphrase, then localized."""
    word = passphrase.encode()
    long = hashlib.sha256((word * (1048576 // len(word) + 1))[:1048576]).digest()
    return hashlib.sha256(long + engine + long).digest()


class User:
    def __init__(self, name, passphrase, engine, boots, time):
        self.name, self.engine, self.boots, self.time = name.encode(), engine, boots, time
        self.key, self.salt = key_of(passphrase, engine), 0

    def encrypted(self, plain, boots, time):
        """(ciphertext, salt) of RFC 3826."""
        from Cryptodome.Cipher import AES
        self.salt += 1
        salt = self.salt.to_bytes(8, "big")
        iv = boots.to_bytes(4, "big") + time.to_bytes(4, "big") + salt
        return AES.new(self.key, AES.MODE_CFB, iv, segment_size=128).encrypt(plain), salt

    def message(self, pdu, number, flags=AUTH | PRIV | REPORTABLE, spoil=lambda layer, data: data,
                size=65507):
        """The packet. `spoil` sees the layers "scoped", "cipher", "usm", "header" and "whole",
        the last with the digest in it."""
        scoped = spoil("scoped", ber(0x30, ber(4, self.engine), ber(4, b""), pdu))
        salt = b""
        if flags & PRIV:
            cipher, salt = self.encrypted(scoped, self.boots, self.time)
            scoped = ber(4, spoil("cipher", cipher))
        digest = bytes(DIGEST) if flags & AUTH else b""
        usm = spoil("usm", ber(0x30, ber(4, self.engine), integer(self.boots), integer(self.time),
                               ber(4, self.name), ber(4, digest), ber(4, salt)))
        header = spoil("header", ber(0x30, integer(number), integer(size), ber(4, bytes([flags])),
                                     integer(USM_MODEL)))
        whole = ber(0x30, integer(3), header, ber(4, usm), scoped)
        if flags & AUTH and bytes(DIGEST) in whole:
            right = hmac.digest(self.key, whole, "sha256")[:DIGEST]
            whole = whole.replace(bytes(DIGEST), right, 1)
        return spoil("whole", whole)

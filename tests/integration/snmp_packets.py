# SPDX-License-Identifier: Apache-2.0
"""SNMP messages byte by byte, and a manager made of them: for what no client program sends (two
thousand names, two requests on one pin) and for walks that are compared value by value."""
import socket

from harness import SLOW

GET, NEXT, RESPONSE, SET, BULK, INFORM, TRAP, REPORT = 0xa0, 0xa1, 0xa2, 0xa3, 0xa5, 0xa6, 0xa7, 0xa8
NULL, NO_OBJECT, NO_INSTANCE, END = 0x05, 0x80, 0x81, 0x82
TOO_BIG = 1
UDP_MAX = 65507


def length(n):
    if n < 128:
        return bytes([n])
    size = (n.bit_length() + 7) // 8
    return bytes([0x80 | size]) + n.to_bytes(size, "big")


def ber(tag, *parts):
    body = b"".join(parts)
    return bytes([tag]) + length(len(body)) + body


def integer(n, tag=2):
    return ber(tag, n.to_bytes(n.bit_length() // 8 + 1, "big", signed=True))


def oid(name):
    """The encoding of "1.3.6.1..." or of a tuple."""
    if isinstance(name, str):
        name = tuple(int(x) for x in name.strip(".").split("."))
    out = bytearray()
    for n in (name[0] * 40 + name[1], *name[2:]):
        part = [n & 0x7f]
        while n := n >> 7:
            part.append(0x80 | n & 0x7f)
        out += bytes(reversed(part))
    return ber(6, bytes(out))


def varbind(name, value=b"\x05\x00"):
    return ber(0x30, oid(name), value)


def pdu(kind, number, names, first=0, second=0, value=b"\x05\x00"):
    """`first` and `second`: error-status and error-index, or GETBULK's two counts."""
    return ber(kind, integer(number), integer(first), integer(second),
               ber(0x30, *(varbind(n, value) for n in names)))


def message(community, body, version=1):
    return ber(0x30, integer(version), ber(4, community), body)


class Reader:
    """Takes an encoding apart; an error is an exception."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def more(self):
        return self.at < len(self.data)

    def take(self):
        """(tag, content) of the next element."""
        tag, n = self.data[self.at], self.data[self.at + 1]
        self.at += 2
        if n & 0x80:
            size = n & 0x7f
            n = int.from_bytes(self.data[self.at:self.at + size], "big")
            self.at += size
        content = self.data[self.at:self.at + n]
        assert len(content) == n, "cut short"
        self.at += n
        return tag, content

    def number(self):
        return int.from_bytes(self.take()[1], "big", signed=True)


def name_of(content):
    numbers, n = [], 0
    for byte in content:
        n = n << 7 | byte & 0x7f
        if not byte & 0x80:
            numbers.append(n)
            n = 0
    return (min(numbers[0] // 40, 2), numbers[0] - 40 * min(numbers[0] // 40, 2), *numbers[1:])


class Answer:
    """A response: `varbinds` are (name as a tuple, tag, content)."""

    def __init__(self, body):
        self.kind, content = Reader(body).take()
        r = Reader(content)
        self.number, self.status, self.index = r.number(), r.number(), r.number()
        r = Reader(r.take()[1])
        self.varbinds = []
        while r.more():
            one = Reader(r.take()[1])
            self.varbinds.append((name_of(one.take()[1]), *one.take()))

    def names(self):
        return [name for name, _, _ in self.varbinds]


class Manager:
    """Asks one question at a time with v1 or v2c."""

    def __init__(self, agent, community=b"public", version=1, timeout=30):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.connect(("127.0.0.1", agent.snmp_port))
        self.socket.settimeout(timeout * SLOW)
        self.community, self.version, self.number = community, version, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, kind, names, first=0, second=0):
        self.number += 1
        self.socket.send(message(self.community, pdu(kind, self.number, names, first, second),
                                 self.version))
        while True:
            r = Reader(Reader(self.socket.recv(1 << 16)).take()[1])
            r.take(), r.take()
            answer = Answer(r.data[r.at:])
            if answer.number == self.number:
                return answer

    def walk(self, start=(1, 3), repetitions=0, end=None):
        """[(name, tag, content)] to the end of the view, by GETNEXT, or by GETBULK of so many
        repetitions; to the first name from `end` on. Fails where the order does not rise."""
        found, at = [], start
        while True:
            answer = self.ask(BULK, [at], 0, repetitions) if repetitions else self.ask(NEXT, [at])
            assert answer.status == 0 and answer.varbinds, (answer.status, at)
            for name, tag, content in answer.varbinds:
                if tag == END or end and name >= end:
                    return found
                assert name > at, f"{name} after {at}"
                found.append((name, tag, content))
                at = name


def dotted(name):
    return "." + ".".join(map(str, name))

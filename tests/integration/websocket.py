# SPDX-License-Identifier: Apache-2.0
"""A WebSocket client (RFC 6455), written out so that it can also break the rules."""
import base64
import json
import os
import socket
import ssl
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """The answer was no upgrade: its status and its body."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status, self.body = status, body


class WebSocket:
    """`headers` are those of the request; `receive` the size of the receive buffer, small for
    a client that reads nothing, `cert` the client's certificate and key."""

    def __init__(self, port, path, headers=None, tls=False, receive=None, timeout=120,
                 cert=None):
        self.socket = socket.socket()
        self.socket.settimeout(timeout)
        if receive:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        self.socket.connect(("127.0.0.1", port))
        if tls:
            context = ssl._create_unverified_context()
            if cert:
                context.load_cert_chain(*cert)
            self.socket = context.wrap_socket(self.socket)
        self.buffer, self.close_code = b"", None
        try:
            self.headers = self.upgrade(port, path, headers or {})
        except BaseException:
            self.socket.close()
            raise

    def upgrade(self, port, path, headers):
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket",
                 "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join(lines + ["", ""]).encode())
        while b"\r\n\r\n" not in self.buffer:
            self.fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        first, *rest = head.decode().split("\r\n")
        status = int(first.split()[1])
        answer = {k.lower(): v for k, v in (line.split(": ", 1) for line in rest)}
        if status != 101:
            length = int(answer.get("content-length", 0))
            raise Refused(status, self.take(length).decode())
        return answer

    def fill(self):
        some = self.socket.recv(65536)
        if not some:
            raise ConnectionError("closed")
        self.buffer += some

    def take(self, n):
        while len(self.buffer) < n:
            self.fill()
        taken, self.buffer = self.buffer[:n], self.buffer[n:]
        return taken

    def frame(self, opcode, payload):
        mask = os.urandom(4)
        if len(payload) < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | len(payload))
        elif len(payload) < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, len(payload))
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, len(payload))
        wide = int.from_bytes(payload, "big") ^ int.from_bytes(
            (mask * (len(payload) // 4 + 1))[:len(payload)], "big")
        return head + mask + wide.to_bytes(len(payload), "big")

    def send(self, message):
        """A dict as text, bytes as they are."""
        if isinstance(message, dict):
            self.socket.sendall(self.frame(TEXT, json.dumps(message).encode()))
        else:
            self.socket.sendall(self.frame(BINARY, message))

    def receive(self):
        """The next message: a dict, bytes, or None at the end (close_code says how)."""
        while True:
            try:
                first, second = self.take(2)
            except (ConnectionError, ssl.SSLError):
                return None
            length = second & 0x7f
            if length == 126:
                length, = struct.unpack("!H", self.take(2))
            elif length == 127:
                length, = struct.unpack("!Q", self.take(8))
            payload, opcode = self.take(length), first & 0xf
            if opcode == PING:
                self.socket.sendall(self.frame(PONG, payload))
            elif opcode == CLOSE:
                self.close_code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                return None
            elif opcode == TEXT:
                return json.loads(payload)
            elif opcode == BINARY:
                return payload

    def close(self):
        self.socket.close()

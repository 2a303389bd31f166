# SPDX-License-Identifier: Apache-2.0
"""USB devices for the kernel's vhci_hcd: the device's side of USB/IP (Documentation/usb/
usbip_protocol.rst), with the descriptors of a board in one of its modes. What is sent to its bulk
endpoints is never answered: such a board hangs, which a plugin has to outlive."""
import socket
import struct
import threading
from pathlib import Path

VHCI = Path("/sys/devices/platform/vhci_hcd.0")
HIGH_SPEED = 3
SUBMIT, UNLINK, RET_SUBMIT, RET_UNLINK = 1, 2, 3, 4
EPIPE, ECONNRESET = -32, -104
# class, subclass and protocol of the interface, and the release of USB that it claims
MODES = {"adb": (0xff, 0x42, 0x01, 0x0200), "fastboot": (0xff, 0x42, 0x03, 0x0200),
         "maskrom": (0xff, 0x06, 0x05, 0x0200), "loader": (0xff, 0x06, 0x05, 0x0201)}


def text(words):
    raw = words.encode("utf-16-le")
    return bytes([2 + len(raw), 3]) + raw


class Board:
    """A board in a mode, on a port of vhci (counted from 0), until unplug(). `rest`: bytes by which
    its configurations' headers are longer than they should be; it has two of these, then."""

    def __init__(self, port, mode, serial="B09CCVM", rest=b""):
        self.port, self.device = port, (1 << 16) + port + 1
        triple, release = MODES[mode][:3], MODES[mode][3]
        self.descriptors = {
            1: struct.pack("<BBHBBBBHHHBBBB", 18, 1, release, 0, 0, 0, 64, 0x2207, 0x330c, 0x0100,
                           1, 2, 3, 2 if rest else 1),
            2: struct.pack("<BBHBBBBB", 9 + len(rest), 2, 32 + len(rest), 1, 1, 0, 0x80, 250) + rest
            + struct.pack("<BBBBBBBBB", 9, 4, 0, 0, 2, *triple, 0)
            + struct.pack("<BBBBHB", 7, 5, 0x81, 2, 512, 0)
            + struct.pack("<BBBBHB", 7, 5, 0x01, 2, 512, 0),
        }
        self.texts = [b"\4\3\x09\4", text("Firefly"), text("Core-3399-JD4"), text(serial)]
        self.ours, theirs = socket.socketpair()
        threading.Thread(target=self.serve, daemon=True).start()
        (VHCI / "attach").write_text(f"{port} {theirs.fileno()} {self.device} {HIGH_SPEED}")
        theirs.close()

    def unplug(self):
        self.ours.close()
        (VHCI / "detach").write_text(str(self.port))

    def take(self, size):
        data = b""
        while len(data) < size:
            data += (more := self.ours.recv(size - len(data)))
            if not more:
                raise OSError("gone")
        return data

    def control(self, setup):
        """The answer's data, or None: stall."""
        kind, request, value, _index, length = struct.unpack("<BBHHH", setup)
        if kind != 0x80:  # set address, configuration, interface, feature
            return b""
        if request == 0:
            return bytes(2)
        if request != 6:
            return None
        if value >> 8 == 3:
            at = value & 0xff
            return self.texts[at][:length] if at < len(self.texts) else None
        found = self.descriptors.get(value >> 8)
        return found[:length] if found else None

    def serve(self):
        try:
            while True:
                command, number, _device, inwards, endpoint = struct.unpack(">5I", self.take(20))
                rest = self.take(28)
                if command == UNLINK:
                    self.ours.sendall(struct.pack(">5Ii24x", RET_UNLINK, number, 0, 0, 0, ECONNRESET))
                    continue
                length = struct.unpack(">I", rest[4:8])[0]
                if not inwards:
                    self.take(length)
                if endpoint == 0:
                    self.reply(number, self.control(rest[20:28]), 0 if inwards else length)
        except OSError:
            pass

    def reply(self, number, data, sent):
        status, data = (EPIPE, b"") if data is None else (0, data)
        self.ours.sendall(struct.pack(">5IiIIII8x", RET_SUBMIT, number, 0, 0, 0, status,
                                      len(data) or sent, 0, 0, 0) + data)

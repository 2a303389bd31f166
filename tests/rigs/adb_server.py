#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An adb server that shows what a real one can't: adb_server.py PORT FOLDER

FOLDER/devices is the list as `host:devices-l` gives it, bytes as they are; a change of it goes to
all who track. FOLDER/answer is what every shell prints. FOLDER/behave has lines "WHAT HOW", WHAT
being a transport id, `all`, or `server`:
  silent     no answer, ever       half      half of an answer, then nothing
  endless    output without end    closes    closes without an answer
  lies       lengths that are not true    fail   FAIL with a hostile reason
  reboot=S   a restart is answered after S seconds, and the device leaves the list then
  runs       a shell runs its command in FOLDER/board, with FOLDER/board/bin first in PATH and, in
             mounts of its own, FOLDER/board/etc as /etc and FOLDER/board/net as /sys/class/net
FOLDER/log gets a line "TIME TRANSPORT SERVICE" for each service. One thread, many connections."""
import selectors
import socket
import subprocess
import sys
import time
from pathlib import Path

PORT, FOLDER = int(sys.argv[1]), Path(sys.argv[2])
MOUNTS = ('mount --make-rprivate / && mount --bind "$HOME/etc" /etc && '
          'mount --bind "$HOME/net" /sys/class/net && exec /bin/sh -c "$1"')
HOSTILE = b"\x1b[2J\r\nsub01: all is well\x00\xff" * 40
poller = selectors.DefaultSelector()
timers = []  # (when, function)


def content(name):
    try:
        return (FOLDER / name).read_bytes()
    except FileNotFoundError:
        return b""


def behaviour(who):
    """The last line that counts for it."""
    found = ""
    for line in content("behave").decode().splitlines():
        name, _, how = line.partition(" ")
        if name in (who, "all" if who != "server" else "server"):
            found = how
    return found


def run(command):
    board = FOLDER / "board"
    done = subprocess.run(["unshare", "--mount", "/bin/sh", "-c", MOUNTS, "sh", command], cwd=board,
                          env={"HOME": str(board), "PATH": f"{board}/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.stdout


def block(data):
    return b"%04x" % len(data) + data


class Client:
    """One connection: what came and is no whole request yet, and what has to go."""

    tracking = []

    def __init__(self, sock):
        self.sock, self.taken, self.out, self.transport = sock, b"", bytearray(), ""
        self.last, self.endless = False, False
        poller.register(sock, selectors.EVENT_READ, self)

    def close(self):
        if self in Client.tracking:
            Client.tracking.remove(self)
        if self.sock.fileno() >= 0:
            poller.unregister(self.sock)
        self.sock.close()

    def send(self, data, last=False):
        if self.sock.fileno() < 0:
            return
        self.out += data
        self.last = self.last or last
        poller.modify(self.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, self)

    def events(self, mask):
        try:
            if mask & selectors.EVENT_READ:
                data = self.sock.recv(65536)
                if not data:
                    return self.close()
                self.taken += data
                self.requests()
            if mask & selectors.EVENT_WRITE:
                if self.endless and not self.out:
                    self.out += b"@@nic\n@eth0\n" + b"x" * 65000
                del self.out[:self.sock.send(self.out)]
                if not self.out and not self.endless:
                    if self.last:
                        return self.close()
                    poller.modify(self.sock, selectors.EVENT_READ, self)
        except OSError:
            self.close()

    def requests(self):
        while len(self.taken) >= 4:
            try:
                n = int(self.taken[:4], 16)
            except ValueError:
                return  # bytes of a service
            if len(self.taken) < 4 + n:
                return
            request, self.taken = self.taken[4:4 + n].decode("utf-8", "replace"), self.taken[4 + n:]
            self.request(request)

    def answer_list(self):
        how = behaviour("server")
        data = content("devices")
        if how == "half":
            self.send(b"OKAY" + block(data)[:len(data) // 2])
        elif how == "lies":
            self.send(b"OKAYffff" + data)
        elif how == "fail":
            self.send(b"FAIL" + block(HOSTILE))
        elif how == "closes":
            self.send(b"OK", last=True)
        elif how == "nonsense":
            self.send(b"HTTP/1.1 200 OK\r\n\r\n" * 100)
        elif how != "silent":
            self.send(b"OKAY" + block(data))
            return True
        return False

    def request(self, request):
        if request == "host:track-devices-l":
            if self.answer_list():
                Client.tracking.append(self)
        elif request == "host:devices-l":
            self.answer_list()
        elif request == "host:version":
            self.send(b"OKAY" + block(b"0029"))
        elif request.startswith("host:transport-id:"):
            self.transport = request.rsplit(":", 1)[1]
            self.send(b"OKAY")
        elif request.endswith(":features"):
            self.send(b"OKAY" + block(b"shell_v2,cmd"), last=True)
        elif self.transport:
            self.service(request)
        else:
            self.send(b"FAIL" + block(b"unknown host service"), last=True)

    def service(self, request):
        with open(FOLDER / "log", "a", encoding="utf-8") as log:
            log.write(f"{time.monotonic():.3f} {self.transport} {request[:20]}\n")
        how = behaviour(self.transport)
        if request.startswith("reboot:"):
            timers.append((time.monotonic() + float(how[7:] or 0 if how.startswith("reboot=") else 0),
                           self.restart))
        elif how == "runs" and request == "remount:":
            self.send(b"OKAYremount succeeded\n", last=True)
        elif how == "runs":
            self.send(b"OKAY" + run(request.partition(":")[2]), last=True)
        elif how == "silent":
            pass
        elif how == "half":
            self.send(b"OKAY" + content("answer")[:300])
        elif how == "endless":
            self.endless = True
            self.send(b"OKAY")
        elif how == "closes":
            self.send(b"", last=True)
        elif how == "lies":
            self.send(b"OKAY" + b"\x01\xff\xff\xff\xff" + HOSTILE, last=True)
        elif how == "fail":
            self.send(b"FAIL" + block(HOSTILE), last=True)
        else:
            self.send(b"OKAY" + content("answer"), last=True)

    def restart(self):
        if self.sock.fileno() < 0:  # the client has not waited
            return
        self.send(b"OKAY", last=True)
        word = f"transport_id:{self.transport}".encode()
        lines = [l for l in content("devices").splitlines(True) if word not in l.split()]
        (FOLDER / "devices").write_bytes(b"".join(lines))


def main():
    listener = socket.create_server(("127.0.0.1", PORT), backlog=200)
    poller.register(listener, selectors.EVENT_READ)
    before = content("devices")
    print("listening", flush=True)
    while True:
        for key, mask in poller.select(0.02):
            if key.data:
                key.data.events(mask)
            else:
                sock, _ = listener.accept()
                if behaviour("server") == "refuses":
                    sock.close()
                    continue
                sock.setblocking(False)
                Client(sock)
        due = [t for t in timers if t[0] <= time.monotonic()]
        for t in due:
            timers.remove(t)
            t[1]()
        now = content("devices")
        if now != before:
            before = now
            for client in list(Client.tracking):
                client.send(block(now))


main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A board's adb daemon on 127.0.0.1, for Debian's adb server: adbd.py PORT FOLDER

Commands run in FOLDER with FOLDER/bin first in PATH, so a file `bin/getprop` makes the board an
Android. Files are pushed to and pulled from below FOLDER. FOLDER/behave holds words that change
what it does from then on:
  old          no shell,v2            silent       shells never answer
  endless      shells never end       reboot=hang  the request is never answered
  reboot=stay  the request is taken, the board stays
  user         the shell is not root until `root:` (FOLDER/uid is what `id -u` says)
FOLDER/bin/boot is run when the board restarts: its boot loader.
FOLDER/log gets a line for each request. Protocol: AOSP's adb/protocol.txt, SERVICES.TXT, SYNC.TXT."""
import fcntl
import os
import pty
import select
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

CNXN, OPEN, OKAY, CLSE, WRTE = (int.from_bytes(w, "little")
                                for w in (b"CNXN", b"OPEN", b"OKAY", b"CLSE", b"WRTE"))
CHUNK = 256 * 1024
PORT, FOLDER = int(sys.argv[1]), Path(sys.argv[2])
DOWN_S = 1.5  # after a restart


def behaves(word):
    try:
        return word in (FOLDER / "behave").read_text().split()
    except FileNotFoundError:
        return False


def note(line):
    with open(FOLDER / "log", "a", encoding="utf-8") as log:
        log.write(f"{time.monotonic():.3f} {line}\n")


def exactly(sock, n):
    data = bytearray()
    while len(data) < n:
        part = sock.recv(min(n - len(data), 1 << 20))
        if not part:
            raise EOFError
        data += part
    return bytes(data)


class Stream:
    """One service: what the other side sends is read with read(), write() waits for its OKAY."""

    def __init__(self, conn, here, there):
        self.conn, self.here, self.there = conn, here, there
        self.taken, self.have, self.ended = bytearray(), threading.Condition(), False
        self.ready = threading.Semaphore(0)
        self.pipe = os.pipe()  # readable while there is something to read

    def feed(self, data):
        with self.have:
            self.taken += data
            self.ended = self.ended or not data
            self.have.notify_all()
        os.write(self.pipe[1], b"x")

    def some(self):
        """What has come so far, None at the end."""
        with self.have:
            data, self.taken = bytes(self.taken), bytearray()
            return data or (None if self.ended else b"")

    def read(self, n):
        with self.have:
            self.have.wait_for(lambda: len(self.taken) >= n or self.ended)
            if len(self.taken) < n:
                raise EOFError
            data = bytes(self.taken[:n])
            del self.taken[:n]
            return data

    def write(self, data):
        for at in range(0, len(data), CHUNK):
            self.conn.send(WRTE, self.here, self.there, data[at:at + CHUNK])
            while not self.ready.acquire(timeout=1):
                if self.ended or self.conn.closed:
                    raise EOFError

    def close(self):
        self.conn.send(CLSE, self.here, self.there)


class Connection:
    def __init__(self, sock):
        self.sock, self.lock, self.streams, self.closed = sock, threading.Lock(), {}, False

    def send(self, command, a, b, data=b""):
        with self.lock:
            self.sock.sendall(struct.pack("<6I", command, a, b, len(data), sum(data) & 0xffffffff,
                                          command ^ 0xffffffff) + data)

    def banner(self):
        features = "cmd" if behaves("old") else "shell_v2,cmd"
        return ("device::ro.product.name=rk3399_firefly;ro.product.model=Core-3399-JD4;"
                f"ro.product.device=rk3399;features={features}").encode()

    def run(self):
        number = 0
        while True:
            command, a, b, n, _, _ = struct.unpack("<6I", exactly(self.sock, 24))
            data = exactly(self.sock, n) if n else b""
            if command == CNXN:
                self.send(CNXN, 0x01000001, CHUNK, self.banner())
            elif command == OPEN:
                number += 1
                stream = self.streams[number] = Stream(self, number, a)
                self.send(OKAY, number, a)
                threading.Thread(target=serve, daemon=True,
                                 args=(stream, data.rstrip(b"\0").decode())).start()
            elif command == WRTE and b in self.streams:
                self.streams[b].feed(data)
                self.send(OKAY, b, a)
            elif command == OKAY and b in self.streams:
                self.streams[b].ready.release()
            elif command == CLSE and b in self.streams:
                self.streams.pop(b).feed(b"")


# ---- services ----

def environment():
    return {"PATH": f"{FOLDER}/bin:{os.environ['PATH']}", "HOME": str(FOLDER), "TERM": "dumb"}


def child(command, terminal):
    words = ["/bin/sh", "-c", command] if command else ["/bin/sh"]
    if not terminal:
        return subprocess.Popen(words, cwd=FOLDER, env=environment(), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT), None
    ours, theirs = pty.openpty()
    process = subprocess.Popen(words, cwd=FOLDER, env=environment(), stdin=theirs, stdout=theirs,
                               stderr=theirs, start_new_session=True)
    os.close(theirs)
    return process, ours


def packets(buffer):
    while len(buffer) >= 5:
        kind, n = struct.unpack_from("<BI", buffer)
        if len(buffer) < 5 + n:
            return
        yield kind, bytes(buffer[5:5 + n])
        del buffer[:5 + n]


def shell(stream, name):
    how, _, command = name.partition(":")
    v2, terminal = ",v2" in how, "pty" in how
    process, ours = child(command, terminal)
    out = ours if terminal else process.stdout.fileno()
    buffer, typed = bytearray(), True
    try:
        while True:
            ready = select.select([out] + ([stream.pipe[0]] if typed else []), [], [])[0]
            if stream.pipe[0] in ready:
                os.read(stream.pipe[0], 4096)
                data = stream.some()
                if data is None:
                    process.kill()
                    break
                buffer += data
                taken = list(packets(buffer)) if v2 else [(0, bytes(buffer))]
                if not v2:
                    buffer.clear()
                for kind, text in taken:
                    typed = input_of(process, ours, kind, text) and typed
            if out in ready:
                try:
                    data = os.read(out, 65536)
                except OSError:
                    data = b""
                if not data:
                    break
                stream.write(struct.pack("<BI", 1, len(data)) + data if v2 else data)
        code = process.wait()
        if v2:
            stream.write(struct.pack("<BIB", 3, 1, code & 255))
    finally:
        process.kill()
        if ours is not None:
            os.close(ours)


def input_of(process, ours, kind, text):
    if kind == 0:
        os.write(ours if ours is not None else process.stdin.fileno(), text)
    elif kind == 4 and ours is None:
        process.stdin.close()
        return False
    elif kind == 5:
        rows, columns = text.split(b",")[0].split(b"x")
        note(f"window {columns.decode()} {rows.decode()}")
        fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("4H", int(rows), int(columns), 0, 0))
    return True


def place(path):
    found = (FOLDER / path.lstrip("/")).resolve()
    if FOLDER.resolve() not in [found, *found.parents]:
        raise PermissionError(13, "Permission denied")
    return found


def fail(stream, why):
    stream.write(struct.pack("<4sI", b"FAIL", len(why)) + why.encode())


def take_file(stream, text):
    path, _, mode = text.rpartition(",")
    temporary = None
    try:
        temporary = place(path + ".part")
        with open(temporary, "wb") as out:
            while True:
                kind, n = struct.unpack("<4sI", stream.read(8))
                if kind == b"DONE":
                    break
                out.write(stream.read(n))
        temporary.chmod(int(mode) & 0o777)
        temporary.rename(place(path))
        stream.write(struct.pack("<4sI", b"OKAY", 0))
    except OSError as e:
        fail(stream, f"couldn't create file: {e.strerror}")
        raise EOFError from e
    except EOFError:
        temporary.unlink(missing_ok=True)
        raise


def give_file(stream, path):
    try:
        with open(place(path), "rb") as source:
            while data := source.read(65536):
                stream.write(struct.pack("<4sI", b"DATA", len(data)) + data)
        stream.write(struct.pack("<4sI", b"DONE", 0))
    except OSError as e:
        fail(stream, f"open failed: {e.strerror}")


def sync(stream):
    while True:
        kind, n = struct.unpack("<4sI", stream.read(8))
        if kind == b"QUIT":
            return
        text = stream.read(n).decode()
        note(f"{kind.decode()} {text}")
        if kind == b"SEND":
            take_file(stream, text)
        elif kind == b"RECV":
            give_file(stream, text)
        else:
            fail(stream, "unknown command")


def restart(stream):
    """The board goes away, and comes back after a while."""
    if behaves("reboot=hang"):
        threading.Event().wait()
    if behaves("reboot=stay"):
        return
    server.leave()
    if (FOLDER / "bin/boot").exists():
        subprocess.run(["/bin/sh", FOLDER / "bin/boot"], cwd=FOLDER, env=environment(), check=False)
    stream.conn.sock.shutdown(socket.SHUT_RDWR)


def serve(stream, name):
    try:
        if name.startswith(("shell", "exec")):
            if behaves("silent"):
                threading.Event().wait()
            while behaves("endless"):
                stream.write(b"x" * 65536)
            if name.partition(":")[2] in ("poweroff", "reboot -p"):
                note("shutdown")
                restart(stream)
            else:
                shell(stream, name)
        elif name == "sync:":
            sync(stream)
        elif name.startswith("reboot:"):
            note(name)
            restart(stream)
        elif name == "root:":
            note(name)
            (FOLDER / "uid").write_text("0\n")
            stream.write(b"restarting adbd as root\n")
            time.sleep(0.1)
            stream.conn.sock.shutdown(socket.SHUT_RDWR)
        elif name == "remount:":
            note(name)
            stream.write(b"remount succeeded\n")
        stream.close()
    except (EOFError, OSError):
        try:
            stream.close()
        except OSError:
            pass


class Server:
    def __init__(self):
        self.away = 0.0

    def leave(self):
        self.away = time.monotonic() + DOWN_S

    def run(self):
        listener = socket.create_server(("127.0.0.1", PORT))
        print("listening", flush=True)
        while True:
            sock, _ = listener.accept()
            if time.monotonic() < self.away:
                sock.close()
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.connection, args=(Connection(sock),), daemon=True).start()

    @staticmethod
    def connection(conn):
        try:
            conn.run()
        except (EOFError, OSError):
            pass
        conn.closed = True
        for stream in list(conn.streams.values()):
            stream.feed(b"")
        conn.sock.close()


server = Server()
server.run()

# SPDX-License-Identifier: Apache-2.0
"""conf/examples/events: events of an agent go into Debian's nats-server, and none is lost when one
of the three ends in the middle."""
import contextlib
import json
import re
import socket
import subprocess
import sys
import threading

import pytest

import prometheus_rig as rig
from harness import SLOW, TOP, default_signals, eventually, free_ports
from test_events import submit

pytestmark = [pytest.mark.plain_only]

SCRIPT = TOP / "conf/examples/events/redfish-to-nats.py"


@contextlib.contextmanager
def ended(process):
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def bus(port, *options):
    server = subprocess.Popen(["nats-server", "-a", "127.0.0.1", "-p", str(port), *options],
                              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
            return True
        return False
    eventually(answers, 20)
    return ended(server)


class Listener(threading.Thread):
    """A client of the bus: what was published, until its connection ends."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.got, self.sizes = [], []
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120 * SLOW)
        self.lines = self.socket.makefile("rb")
        self.lines.readline()
        self.socket.sendall(b"CONNECT {}\r\nSUB clusterbmc.events.> 1\r\nPING\r\n")
        while self.lines.readline().strip() != b"PONG":
            pass
        self.start()

    def run(self):
        with contextlib.suppress(OSError):
            while line := self.lines.readline():
                if line.startswith(b"MSG "):
                    _, subject, _, size = line.split()
                    body = self.lines.read(int(size) + 2)
                    self.sizes.append(int(size))
                    self.got.append((subject.decode(), json.loads(body)))
                elif line.startswith(b"PING"):
                    self.socket.sendall(b"PONG\r\n")

    def messages(self):
        """The numbers of the test events, as they came."""
        texts = [e.get("Message", "") for _, body in self.got for e in body["Events"]]
        return [int(m[1]) for text in texts if (m := re.search(r"number (\d+)\.", text))]


def bridge(agent, port, folder):
    (folder / "ca.pem").write_text(rig.certificate(agent))
    (folder / "password").write_text(rig.ACCOUNT["Password"] + "\n")
    return ended(subprocess.Popen(
        [sys.executable, str(SCRIPT), "--host", f"127.0.0.1:{agent.https_port}", "--ca",
         str(folder / "ca.pem"), "--user", rig.ACCOUNT["UserName"], "--password-file",
         str(folder / "password"), "--state", str(folder / "last"), "--name", "r2-01", "--pause", "0.5",
         "--nats", f"127.0.0.1:{port}"], stdin=subprocess.DEVNULL,
        stderr=open(folder / "log", "ab"), preexec_fn=default_signals))


def test_no_event_is_lost_on_its_way_to_the_bus(new_agent, tmp_path):
    rig.needs("nats-server", "nats-server")
    agent, port = new_agent(platform="r1").start(), free_ports(1)[0]
    rig.make_reader(agent)
    last = tmp_path / "last"
    with bus(port):
        listener = Listener(port)
        with bridge(agent, port, tmp_path):
            # a stream begins with what comes after it
            eventually(lambda: submit(agent, "number 0.") or 0 in listener.messages(), 30, 0.5)
            submit(agent, "number 1.")
            eventually(lambda: 1 in listener.messages(), 30)
        subject, body = listener.got[0]
        assert subject == "clusterbmc.events.r2-01" and body["@odata.type"].startswith("#Event.")
        eventually(lambda: last.read_text(), 10)  # that of number 1, which may come twice, or 0's
        submit(agent, "number 2.")  # while there is no bridge
    submit(agent, "number 3.")      # nor a bus
    with bridge(agent, port, tmp_path):
        eventually(lambda: "again in" in (tmp_path / "log").read_text(), 30)
        with bus(port):
            listener = Listener(port)
            submit(agent, "number 4.")
            eventually(lambda: 4 in listener.messages(), 60)
            assert [n for n in listener.messages() if n > 1] == [2, 3, 4]
            agent.restart()
            submit(agent, "number 5.")
            eventually(lambda: 5 in listener.messages(), 60)
            assert [n for n in listener.messages() if n > 1] == [2, 3, 4, 5]
    assert rig.ACCOUNT["Password"] not in (tmp_path / "log").read_text()


def test_an_event_that_is_refused_for_ever_stops_no_other(new_agent, tmp_path):
    """NATS ends the connection of who sends too much, so that the same event came again and again."""
    rig.needs("nats-server", "nats-server")
    agent, port = new_agent(platform="r1").start(), free_ports(1)[0]
    rig.make_reader(agent)
    log, conf = tmp_path / "log", tmp_path / "nats.conf"
    with bus(port), bridge(agent, port, tmp_path):
        listener = Listener(port)
        eventually(lambda: submit(agent, "number 0.") or 0 in listener.messages(), 30, 0.5)
        submit(agent, "number 1.")
        eventually(lambda: 1 in listener.messages(), 30)
    conf.write_text(f"max_payload: {listener.sizes[-1] + 30}\n")
    before = len(log.read_text())
    with bus(port, "-c", str(conf)):
        listener = Listener(port)
        with bridge(agent, port, tmp_path):
            submit(agent, "number 2. " + "x" * 50)
            submit(agent, "number 3.")
            eventually(lambda: 3 in listener.messages(), 120)
            assert 2 not in listener.messages()
    told = log.read_text()[before:]
    dropped = re.findall(r"event (\d+) is dropped after 5 tries: NATS: .*Maximum Payload", told)
    assert dropped and len(set(dropped)) == len(dropped), told
    first = told[:told.index("is dropped")]
    assert first.count("Maximum Payload Violation'; again in") == 4, told
    assert int((tmp_path / "last").read_text()) >= max(map(int, dropped))

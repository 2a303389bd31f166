# SPDX-License-Identifier: Apache-2.0
"""A mixed load, bounded in time and size: what an agent's memory is measured under."""
import http.client
import json
import re
import ssl
import threading
import time
from pathlib import Path
from typing import NamedTuple

from harness import R2_BOARDS, SLOW

INSECURE = ssl.create_default_context()
INSECURE.check_hostname = False
INSECURE.verify_mode = ssl.CERT_NONE
PAUSE = 0.15  # between new connections: four threads stay below http.handshakes_per_address
JSON = {"Content-Type": "application/json"}


class Memory(NamedTuple):
    """Megabytes of a process. `own` is what it alone uses: heap, stacks, what it has written
    to (RssAnon). `resident` has the pages of programs and libraries, too, which the page
    cache holds once for all processes (VmRSS), and `peak` is the most that was."""
    own: float
    resident: float
    peak: float

    def __str__(self):
        return f"own {self.own:.1f}, resident {self.resident:.1f} MB"


def memory(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return Memory(*(int(re.search(rf"^{name}:\s+(\d+) kB", status, re.M)[1]) * 1024 / 1e6
                    for name in ("RssAnon", "VmRSS", "VmHWM")))


class Client:
    """A connection of its own over TLS, and the session it logged in with."""

    def __init__(self, agent, user="admin", password=None):
        self.connection = http.client.HTTPSConnection(
            "127.0.0.1", agent.https_port, context=INSECURE, timeout=60 * SLOW)
        self.headers = {}
        status, headers, _ = self.ask("POST", "/redfish/v1/SessionService/Sessions",
                                      {"UserName": user, "Password": password or agent.password})
        assert status == 201, status
        self.session = headers["Location"]
        self.headers = {"X-Auth-Token": headers["X-Auth-Token"]}

    def ask(self, method, path, body=None, **headers):
        self.connection.request(method, path, json.dumps(body) if body is not None else None,
                                {**self.headers, **(JSON if body is not None else {}), **headers})
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def close(self):
        self.ask("DELETE", self.session)
        self.connection.close()


def idle_clients(agent, n, user="second", password="another-Pw-12345"):
    """Sessions whose connections stay open, of a user of their own (one may have 16)."""
    made = agent.post("AccountService/Accounts", {
        "UserName": user, "Password": password, "RoleId": "Administrator"})
    assert made.status_code == 201, made.text
    return [Client(agent, user, password) for _ in range(n)]


class Load:
    """Walkers of the whole tree, sessions that come and go, settings, actions and SNMP, each in
    a thread that goes on until `end`. `count` says what was done; nothing may fail but what a
    busy board refuses (409, 503)."""

    def __init__(self, agent, seconds, walkers=8):
        self.agent, self.end, self.count = agent, time.monotonic() + seconds, {}
        self.errors, self.walkers = [], walkers

    def run(self):
        work = [self.walk] * self.walkers + [self.sessions] * 2 + [self.settings] * 2 + \
            [self.actions] * 2 + [self.snmp] * 2 + [self.connections] * 2
        threads = [threading.Thread(target=self.one, args=(w, i)) for i, w in enumerate(work)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert not self.errors, self.errors[:3]
        return self.count

    def one(self, work, i):
        try:
            for _ in work(i):
                self.count[work.__name__] = self.count.get(work.__name__, 0) + 1
                if time.monotonic() > self.end:
                    return
        except Exception as e:  # pylint: disable=broad-except
            self.errors.append(f"{work.__name__}: {e!r}")

    @staticmethod
    def expect(answer, *statuses):
        assert answer[0] in statuses, (answer[0], answer[2][:300])
        return answer

    def walk(self, i):
        client = Client(self.agent)
        while True:
            found, waiting = set(), ["/redfish/v1"]
            while waiting:
                path = waiting.pop(i % len(waiting))
                if path in found:
                    continue
                found.add(path)
                body = client.ask("GET", path)[2]
                waiting += re.findall(r'"@odata.id" *: *"(/redfish/v1[^"#]*)"', body.decode())
                yield

    def sessions(self, _):
        while True:
            client = Client(self.agent)
            self.expect(client.ask("GET", "/redfish/v1/Managers"), 200)
            client.close()
            yield
            time.sleep(PAUSE)

    def connections(self, _):
        while True:
            c = http.client.HTTPSConnection("127.0.0.1", self.agent.https_port,
                                            context=INSECURE, timeout=60 * SLOW)
            c.request("GET", "/redfish/v1")
            assert c.getresponse().read()
            c.close()
            yield
            time.sleep(PAUSE)

    def settings(self, i):
        client, n = Client(self.agent), i
        while True:
            n += 1
            board = f"/redfish/v1/Systems/{R2_BOARDS[n % len(R2_BOARDS)]}"
            self.expect(client.ask("PATCH", board, {"AssetTag": f"tag {n}"}), 200)
            yield

    def actions(self, i):
        client, n = Client(self.agent), i * 7
        while True:
            n += 1
            reset = f"/redfish/v1/Systems/{R2_BOARDS[n % len(R2_BOARDS)]}/Actions/" \
                "ComputerSystem.Reset"
            self.expect(client.ask("POST", reset, {"ResetType": "PowerCycle"}),
                        202, 204, 409, 503)
            yield

    def snmp(self, _):
        while True:
            self.agent.snmp("snmpbulkwalk", "-Oqn", ["1.3.6.1.4.1.32473"], timeout=20)
            yield

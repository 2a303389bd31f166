# SPDX-License-Identifier: Apache-2.0
"""Both frontends, sessions, accounts, abandoned logins, SIGHUP and hanging boards at the same
time, mainly for ThreadSanitizer: tables that threads share are used by all of them here."""
import base64
import os
import signal
import socket
import threading
import time

import pytest

from load import Client, Load
from harness import R2_BOARDS, eventually

pytestmark = [pytest.mark.threads, pytest.mark.address]

SECONDS = 12
PAUSE = 0.3


class Mixed(Load):
    """Adds what Load leaves out. It runs in threads of its own until `end`."""

    def accounts(self, i):
        client, path = Client(self.agent), "/redfish/v1/AccountService/Accounts"
        while True:
            made = {"UserName": f"user{i}", "Password": "another-Pw-12345", "RoleId": "ReadOnly"}
            self.expect(client.ask("POST", path, made), 201)
            self.expect(client.ask("PATCH", f"{path}/user{i}", {"RoleId": "Operator"}), 200)
            self.expect(client.ask("DELETE", f"{path}/user{i}"), 200, 204)
            yield

    def abandoned(self, i):
        """Logins whose client has gone before PAM has answered."""
        n = 0
        while True:
            n += 1
            word = base64.b64encode(f"made-up-{i}-{n}:wrong".encode()).decode()
            with socket.create_connection(("127.0.0.1", self.agent.http_port)) as s:
                s.sendall(f"GET /redfish/v1/Systems HTTP/1.1\r\nHost: a\r\n"
                          f"Authorization: Basic {word}\r\n\r\n".encode())
                time.sleep(PAUSE * (n % 3))
            yield

    def reloads(self, _):
        """Each with keys that are taken over live, and one that is not."""
        config, n = self.agent.state / "clusterbmcd.yaml", 0
        text = config.read_text()
        while True:
            n += 1
            changed = text.replace("http:\n", f"http:\n  max_body: {64 + n % 2}KiB\n"
                                   f"  session_timeout: {1800 + n % 2}s\n", 1)
            assert changed != text
            config.write_text(changed)
            os.kill(self.agent.pid, signal.SIGHUP)
            yield
            time.sleep(PAUSE)

    def run(self):
        more = [threading.Thread(target=self.one, args=(w, i)) for i, w in enumerate(
            [self.accounts, self.abandoned, self.abandoned, self.reloads])]
        for t in more:
            t.start()
        try:
            return super().run()
        finally:
            for t in more:
                t.join()
            assert not self.errors, self.errors[:3]


def test_everything_at_once(new_agent):
    agent = new_agent(env={"CLUSTERBMC_SPEED": "10"}).start()
    hanging = R2_BOARDS[:6]
    for board in hanging:
        agent.sim("fault", id=board, fault="adb_hang", seconds=SECONDS)
    for board in hanging:
        assert agent.reset(board, "GracefulRestart").status_code == 202
    done = Mixed(agent, SECONDS, walkers=2).run()
    kinds = {"walk", "sessions", "settings", "actions", "snmp", "connections", "accounts",
             "abandoned", "reloads"}
    assert set(done) == kinds, done
    assert agent.json("Systems")["Members@odata.count"] == 73
    eventually(lambda: agent.json("Systems/sub9-08")["Status"]["State"] == "Enabled", 60)
    assert "configuration taken over" in agent.log_text()

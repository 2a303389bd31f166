# SPDX-License-Identifier: Apache-2.0
"""The login throttle in front of real PAM: attempts are counted where PAM is, by a module of
the agent's own PAM service."""
import base64
import concurrent.futures
import http.client
import itertools
import json
import time

import pytest

from harness import PASSWORD, SLOW, eventually

pytestmark = [pytest.mark.threads]

SYSTEMS = "/redfish/v1/Systems"
SESSIONS = "/redfish/v1/SessionService/Sessions"
# seconds; one that waits for the throttle waits for 5 or more, a busy machine for less
AT_ONCE = 4 * SLOW


class Counter:
    """Counts PAM conversations by the account they are about."""

    def __init__(self, agent):
        self.agent = agent
        self.file = agent.folder / "pam-count"
        self.script = agent.folder / "pam-count.sh"
        self.script.write_text(f'#!/bin/sh\necho "$PAM_USER" >> {self.file}\n')
        self.script.chmod(0o755)
        self.file.touch()
        self.install()

    def install(self):
        service = next(self.agent.state.glob("*/pam.d/clusterbmc"))
        service.write_text(f"auth optional pam_exec.so quiet {self.script}\n" +
                           service.read_text())

    def __call__(self, user="admin"):
        return self.file.read_text().split().count(user)


def ask(agent, source, user, password, method="GET", path=SYSTEMS):
    """The status of one request over a connection from `source`."""
    c = http.client.HTTPConnection("127.0.0.1", agent.http_port, timeout=30 * SLOW,
                                   source_address=(source, 0))
    try:
        if method == "POST":
            body = json.dumps({"UserName": user, "Password": password})
            c.request("POST", path, body, {"Content-Type": "application/json"})
        else:
            word = base64.b64encode(f"{user}:{password}".encode()).decode()
            c.request("GET", path, headers={"Authorization": f"Basic {word}"})
        return c.getresponse().status
    finally:
        c.close()


def log_in(agent, source):
    """Opens a session: PAM is asked, whatever is remembered. The seconds it took."""
    start = time.monotonic()
    status = ask(agent, source, "admin", PASSWORD, "POST", SESSIONS)
    assert status == 201, f"from {source}: {status}"
    return time.monotonic() - start


def attack(agent, attempts, user, first=0):
    """Wrong passwords from 250 addresses in turn, by 6 threads."""
    def one(i):
        n = i % 250
        return ask(agent, f"127.1.{n // 25}.{n % 25 + 1}", user(i), f"wrong-{i}")
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        return list(pool.map(one, range(first, first + attempts)))


@pytest.fixture
def agent(new_agent):
    return new_agent().start()


@pytest.mark.parametrize("names", ["admin", "made-up"])
def test_attack_from_250_addresses_leaves_the_administrator_alone(agent, names):
    counter = Counter(agent)
    log_in(agent, "127.0.0.1")
    new = (f"127.{200 + i // 250}.{i % 250}.1" for i in itertools.count())
    logins, took = 1, []
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        running = pool.submit(attack, agent, 3000 if names == "admin" else 100,
                              lambda i: "admin" if names == "admin" else f"name{i % 400}")
        while not running.done():
            took += [log_in(agent, "127.0.0.1"), log_in(agent, next(new))]
            logins += 2
            time.sleep(0.3)
        statuses = running.result()
    assert set(statuses) <= {401, 503}
    assert counter() - logins <= 20
    assert len(took) >= 2 and max(took) < AT_ONCE, sorted(took)[-5:]


def test_throttle_outlives_a_kill(agent):
    counter = Counter(agent)
    log_in(agent, "127.0.0.1")
    attack(agent, 60, lambda i: "admin")
    reached = counter()
    assert 4 <= reached - 1 <= 20
    time.sleep(2.5)  # what was counted in the last second may be lost
    agent.kill9()
    agent.start()
    counter.install()
    attack(agent, 60, lambda i: "admin", first=60)
    assert counter() - reached <= 4
    assert log_in(agent, "127.0.0.1") < 5 * SLOW  # it is known still


def test_abandoned_logins_do_not_delay_the_next(agent):
    log_in(agent, "127.0.0.1")
    word = base64.b64encode(b"admin:wrong").decode()
    connections = []
    for i in range(68):
        c = http.client.HTTPConnection("127.0.0.1", agent.http_port, timeout=30 * SLOW,
                                       source_address=(f"127.3.{i}.1", 0))
        word = base64.b64encode(f"name{i}:wrong".encode()).decode()
        c.request("GET", SYSTEMS, headers={"Authorization": f"Basic {word}"})
        connections.append(c)
    for c in connections:
        c.close()
    assert log_in(agent, "127.0.0.1") < AT_ONCE


def test_unknown_and_known_names_are_answered_alike(agent):
    """The same statuses in the same order, and about the same time."""
    log_in(agent, "127.0.0.1")
    times = {"admin": [], "no-such-name": []}
    statuses = {"admin": [], "no-such-name": []}
    for i in range(12):
        for net, user in enumerate(times):
            start = time.monotonic()
            statuses[user].append(ask(agent, f"127.{10 + net}.{i // 2}.1", user, f"wrong-{i}"))
            times[user].append(time.monotonic() - start)
    assert statuses["admin"] == statuses["no-such-name"]
    assert {401, 503} == set(statuses["admin"])
    refused = {u: sorted(t for t, s in zip(times[u], statuses[u]) if s == 401) for u in times}
    median = {u: t[len(t) // 2] for u, t in refused.items()}
    assert abs(median["admin"] - median["no-such-name"]) < 0.05 * SLOW
    eventually(lambda: ask(agent, "127.0.0.1", "admin", PASSWORD) == 200)

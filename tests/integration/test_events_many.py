# SPDX-License-Identifier: Apache-2.0
"""A hundred subscribers of events, half of which take none: the others don't notice."""
import base64
import concurrent.futures
import contextlib
import json
import re
import socket
import threading
import time
from pathlib import Path

import pytest

from harness import PASSWORD, SLOW, eventually, free_ports
from receivers import Receiver
from test_events import SUBSCRIPTIONS, made, submit

pytestmark = [pytest.mark.plain_only]

EVENTS = 40
WELL, DEAD, MUTE, DEAF = 50, 20, 20, 10  # subscribers that take events, and of each other kind
ALL = WELL + DEAD + MUTE + DEAF
LIMIT = ALL + 3
DELAY = 5 * SLOW  # seconds from the answer to who submits an event until the last has it
MEMORY = 16 << 20
CONFIG = f"events: {{subscriptions: {LIMIT}, streams_per_user: 16, retry_interval: 1s}}\n"


@contextlib.contextmanager
def mute_server():
    """Accepts connections, of which it reads nothing. Gives its port and how many there are."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener, \
            contextlib.ExitStack() as taken:
        connections = []

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    connections.append(taken.enter_context(listener.accept()[0]))
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1], connections
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(60)


def connect(agent, *lines):
    """A socket with a small buffer, and the lines of a request sent on it."""
    s = socket.socket()
    s.settimeout(60 * SLOW)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    s.connect(("127.0.0.1", agent.http_port))
    basic = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    s.sendall("\r\n".join([lines[0] + " HTTP/1.1", "Host: x", f"Authorization: Basic {basic}",
                           *lines[1:]]).encode())
    return s


def ask_for_stream(agent):
    """A socket that has asked for a stream, and the answer's first bytes."""
    s = connect(agent, "GET /redfish/v1/EventService/SSE", "", "")
    return s, s.recv(15)


def post_at_once(agent, bodies):
    """The answers' status; all but the last bytes have been sent before the first is asked for."""
    with contextlib.ExitStack() as ends:
        sockets = []
        for body in map(json.dumps, bodies):
            head = ("Content-Type: application/json", f"Content-Length: {len(body)}", "", body[:-1])
            sockets.append(ends.enter_context(
                connect(agent, f"POST /redfish/v1/{SUBSCRIPTIONS}", *head)))
        for s in sockets:
            s.sendall(b"}")
        return [s.recv(12)[9:] for s in sockets]


def subscribe(agent, url):
    return agent.post(SUBSCRIPTIONS, {"Destination": url, "Protocol": "Redfish",
                                      "DeliveryRetryPolicy": "RetryForever"})


def keys(r):
    return [m["MessageId"].rsplit(".", 1)[1] for m in r.json()["error"]["@Message.ExtendedInfo"]]


def resident(agent):
    status = Path(f"/proc/{agent.pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)[1]) << 10


@pytest.fixture
def crowd(new_agent):
    """An agent with all the subscribers: it, the receiver, the connections of those that
    read nothing."""
    agent = new_agent(platform="r1").start()
    agent.stop()
    agent.start_daemon(lambda text: text + CONFIG)
    with contextlib.ExitStack() as ends:
        receiver = ends.enter_context(Receiver())
        port, connections = ends.enter_context(mute_server())
        dead = free_ports(1)[0]
        agent.rss = resident(agent)
        for n in range(WELL):
            urls = [receiver.url + str(n)]
            urls += [f"http://127.0.0.1:{dead}/{n}"] if n < DEAD else []
            urls += [f"http://127.0.0.1:{port}/{n}"] if n < MUTE else []
            for url in urls:
                r = subscribe(agent, url)
                assert r.status_code == 201, r.text
        for _ in range(DEAF):
            deaf, answer = ask_for_stream(agent)
            ends.enter_context(deaf)
            assert answer == b"HTTP/1.1 200 OK"
        assert len(made(agent)) == ALL
        yield agent, receiver, connections


def arrived(receiver, text):
    """{path: [(time, argument)]} of the events whose message has this text."""
    out = {}
    for path, when, event in list(receiver.arrivals):
        for record in event["Events"]:
            if text in record["Message"]:
                out.setdefault(path, []).append((when, record["MessageArgs"][0]))
    return out


def all_have(receiver, text, n):
    got = arrived(receiver, text)
    return len(got) == WELL and min(map(len, got.values())) >= n and got


def test_half_of_a_hundred_take_nothing_and_the_others_all(crowd):
    agent, receiver, connections = crowd
    submit(agent, "the first")  # from here on the others are being tried
    eventually(lambda: len(connections) >= MUTE and all_have(receiver, "the first", 1), 10)
    sent = {}
    for i in range(EVENTS):
        text = f"to a crowd {i:03}"
        submit(agent, text)
        sent[text] = time.monotonic()
        begin = time.monotonic()
        assert agent.get("Systems/main").status_code == 200
        assert time.monotonic() - begin < DELAY
    got = eventually(lambda: all_have(receiver, "to a crowd", EVENTS), DELAY)
    for path, events in got.items():
        assert [text for _, text in events] == list(sent), path
        assert max(when - sent[text] for when, text in events) < DELAY, path
    assert resident(agent) - agent.rss < MEMORY
    assert len(made(agent)) == ALL


def test_those_that_come_at_once_get_the_places_there_are(new_agent):
    agent = new_agent(platform="r1").start()
    agent.stop()
    agent.start_daemon(
        lambda text: text + "events: {subscriptions: 10, streams_per_user: 4}\n")
    with concurrent.futures.ThreadPoolExecutor(24) as pool, contextlib.ExitStack() as ends:
        answers = [ends.enter_context(s) and answer
                   for s, answer in pool.map(lambda _: ask_for_stream(agent), range(24))]
        assert sorted(set(answers)) == [b"HTTP/1.1 200 OK", b"HTTP/1.1 503 Se"]
        assert answers.count(b"HTTP/1.1 200 OK") == 4
        eventually(lambda: len(made(agent)) == 4)
        added = post_at_once(agent, [{"Destination": f"http://127.0.0.1:9/{n}",
                                      "Protocol": "Redfish"} for n in range(24)])
        assert sorted(added) == [b"201"] * 6 + [b"503"] * 18
        assert len(made(agent)) == 10


def test_more_are_taken_up_to_the_limit(crowd):
    agent, receiver, _ = crowd
    for n in range(LIMIT - ALL):
        assert subscribe(agent, receiver.url + f"more{n}").status_code == 201
    assert len(made(agent)) == LIMIT
    r = subscribe(agent, receiver.url + "above")
    assert r.status_code == 503 and keys(r) == ["EventSubscriptionLimitExceeded"], r.text
    r = agent.get("EventService/SSE", headers={"Accept": "text/event-stream"})
    assert r.status_code == 503 and keys(r) == ["EventSubscriptionLimitExceeded"], r.text
    assert len(made(agent)) == LIMIT
    where = f"{SUBSCRIPTIONS}/{made(agent)[-1]}"
    assert agent.delete(where).status_code == 204
    assert subscribe(agent, receiver.url + "again").status_code == 201

# SPDX-License-Identifier: Apache-2.0
"""A hundred subscribers of large metric reports, most of which take none: events, the other
subscribers and the memory don't notice."""
import contextlib
import json
import time

import pytest

from harness import eventually, free_ports
from receivers import Receiver
from test_events import SUBSCRIPTIONS, made, submit
from test_events_many import DELAY, connect, mute_server, resident
from test_metric_reports import LOG, SEND, defined
from test_telemetry import T

pytestmark = [pytest.mark.plain_only]

WELL, DEAD, MUTE, DEAF = 20, 35, 35, 10
ALL = WELL + DEAD + MUTE + DEAF
EVENTS = 20
MEMORY = 24 << 20
CONFIG = f"events: {{subscriptions: {ALL + 1}, streams_per_user: 16, retry_interval: 1s}}\n"
BULK = [{"MetricId": m} for m in (
    "BoardPower", "BoardCpuLoad", "BoardMemoryUsed", "BoardStorageUsed", "BoardSocTemperature",
    "SensorReading", "NetworkReceived", "NetworkSent")]


def subscribe(agent, url, **more):
    r = agent.post(SUBSCRIPTIONS, {"Destination": url, "Protocol": "Redfish",
                                   "DeliveryRetryPolicy": "RetryForever", **more})
    assert r.status_code == 201, r.text


def ask_for_reports(agent):
    """The socket of a stream of reports, of which only the first bytes are read."""
    s = connect(agent, "GET /redfish/v1/EventService/SSE?$filter="
                       "EventFormatType%20eq%20MetricReport", "", "")
    assert s.recv(15) == b"HTTP/1.1 200 OK"
    return s


def of_each(receiver):
    """{path: the reports' times}"""
    out = {}
    for path, _, body in list(receiver.arrivals):
        out.setdefault(path, []).append(body["Timestamp"])
    return out


def all_have(receiver, n):
    got = of_each(receiver)
    return len(got) == WELL and min(map(len, got.values())) >= n and got


def test_most_of_a_hundred_take_no_report_and_the_others_all(new_agent):
    agent = new_agent(platform="r2").start()
    agent.stop()
    agent.start_daemon(lambda text: text + CONFIG)
    reports = {"EventFormatType": "MetricReport"}
    with contextlib.ExitStack() as ends:
        receiver, events = (ends.enter_context(Receiver()) for _ in range(2))
        port, connections = ends.enter_context(mute_server())
        dead = free_ports(1)[0]
        ends.enter_context(defined(agent, "bulk", LOG, SEND, Metrics=BULK,
                                   Schedule={"RecurrenceInterval": "PT2S"}))
        eventually(lambda: agent.json(f"{T}/MetricReports/bulk")["MetricValues"], 20)
        before = resident(agent)
        subscribe(agent, events.url)
        for n in range(max(WELL, DEAD, MUTE)):
            urls = [receiver.url + str(n)] if n < WELL else []
            urls += [f"http://127.0.0.1:{dead}/{n}"] if n < DEAD else []
            urls += [f"http://127.0.0.1:{port}/{n}"] if n < MUTE else []
            for url in urls:
                subscribe(agent, url, **reports)
        for _ in range(DEAF):
            ends.enter_context(ask_for_reports(agent))
        assert len(made(agent)) == ALL + 1
        eventually(lambda: len(connections) >= MUTE and all_have(receiver, 1), 20)
        for i in range(EVENTS):
            submit(agent, f"beside reports {i:02}")
            begin = time.monotonic()
            assert agent.get("Systems/main").status_code == 200
            assert time.monotonic() - begin < DELAY
            events.wait("beside reports", i + 1, DELAY)
        got = eventually(lambda: all_have(receiver, 3), 30)
        for path, times in got.items():
            assert times == sorted(set(times)), path
        size = len(json.dumps(receiver.arrivals[-1][2]))
        grown = resident(agent) - before
        print(f"a report has {size} bytes; {grown >> 10} KiB for {ALL} subscribers")
        assert size > 50000 and grown < MEMORY
        assert len(made(agent)) == ALL + 1

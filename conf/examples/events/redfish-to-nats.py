#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Publishes the events of one chassis to NATS: each Redfish Event as it came, on
SUBJECT.NAME. What was published is remembered, so that after an interruption of either side
the stream goes on with the next event: none is lost, at worst one comes twice. An event that NATS
refuses, or that is no JSON, is tried --tries times and then dropped with a message.

    redfish-to-nats.py --host r2-01.example:443 --ca ca.pem --user prometheus \\
        --password-file password --state /var/lib/events/r2-01.last --nats 127.0.0.1:4222"""
import argparse
import base64
import http.client
import json
import socket
import ssl
import sys
import time
from pathlib import Path

STREAM = "/redfish/v1/EventService/SSE"
LINE_MAX = 1 << 20  # bytes: NATS takes no longer message
QUIET = 90          # seconds: the agent sends a comment more often (http.request_timeout)


# Of NATS's errors those that are about one message, not about the connection or the login.
REFUSALS = (b"-ERR 'Maximum Payload", b"-ERR 'Permissions Violation for Publish",
            b"-ERR 'Invalid Publish Subject")


class Refused(Exception):
    """This one event is not taken, however often it comes."""


class Nats:
    def __init__(self, where):
        host, port = where.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=QUIET)
        self.lines = self.socket.makefile("rb")
        self.lines.readline(LINE_MAX)  # INFO
        self.socket.sendall(b'CONNECT {"verbose":false,"pedantic":false,"name":"clusterbmc"}\r\n')

    def publish(self, subject, body):
        """Returns when the server has it."""
        self.socket.sendall(b"PUB %s %d\r\n%s\r\nPING\r\n" % (subject.encode(), len(body), body))
        while (line := self.lines.readline(LINE_MAX).strip()) != b"PONG":
            if line == b"PING":
                self.socket.sendall(b"PONG\r\n")
            elif line.startswith(REFUSALS):
                raise Refused(f"NATS: {line.decode(errors='replace')}")
            elif not line.startswith(b"INFO"):
                raise ConnectionError(f"NATS: {line.decode(errors='replace') or 'it ended'}")

    def close(self):
        self.lines.close()
        self.socket.close()


def events(options, last):
    """(number, JSON) of each event after `last`."""
    login = f"{options.user}:{Path(options.password_file).read_text().strip()}"
    headers = {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}
    if last:
        headers["Last-Event-ID"] = last
    connection = http.client.HTTPSConnection(
        options.host, timeout=QUIET, context=ssl.create_default_context(cafile=options.ca))
    connection.request("GET", STREAM, headers=headers)
    stream = connection.getresponse()
    if stream.status != 200:
        raise ConnectionError(f"{options.host} answers {stream.status}")
    number, data, length = "", b"", 0
    while line := stream.readline(LINE_MAX):
        name, _, value = line.rstrip(b"\r\n").partition(b":")
        value = value.removeprefix(b" ")
        if name == b"id":
            number = value.decode()
        elif name == b"data":
            length += len(value)
            data = data + value if length <= LINE_MAX else b"longer than LINE_MAX"
        elif not line.strip() and data:
            yield number, data
            data, length = b"", 0
    raise ConnectionError(f"{options.host} has ended the stream")


def publish(options, nats, number, data, refusals):
    """Also an event that is dropped is done. `refusals`: how often each was refused."""
    try:
        try:
            json.loads(data)
        except (ValueError, RecursionError) as e:
            raise Refused(f"{options.host}: no event in JSON: {e}") from e
        nats.publish(f"{options.subject}.{options.name}", data)
    except Refused as e:
        refusals[number] = refusals.get(number, 0) + 1
        if refusals[number] < options.tries:
            raise
        print(f"redfish-to-nats: event {number} is dropped after {options.tries} tries: {e}",
              file=sys.stderr, flush=True)
    refusals.pop(number, None)


def forward(options, nats, refusals):
    state = Path(options.state)
    last = state.read_text().strip() if state.exists() else ""
    for number, data in events(options, last):
        dropped = number in refusals
        publish(options, nats, number, data, refusals)
        new = state.with_suffix(".new")
        new.write_text(number)
        new.replace(state)
        if dropped:
            return  # NATS may have ended the connection on which it refused


def arguments():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("host", "user", "password-file", "state"):
        p.add_argument(f"--{option}", required=True)
    p.add_argument("--ca", help="certificates to trust (the system's)")
    p.add_argument("--nats", default="127.0.0.1:4222")
    p.add_argument("--subject", default="clusterbmc.events")
    p.add_argument("--name", help="last part of the subject (the host's first)")
    p.add_argument("--pause", type=float, default=5, help="seconds before it tries again (5)")
    p.add_argument("--tries", type=int, default=5,
                   help="so often an event is sent that is refused (5)")
    options = p.parse_args()
    options.name = options.name or options.host.split(":")[0].split(".")[0]
    return options


def main():
    options, refusals = arguments(), {}
    while True:
        nats = None
        try:
            nats = Nats(options.nats)
            forward(options, nats, refusals)
            continue
        except (OSError, Refused, ValueError, http.client.HTTPException) as e:
            print(f"redfish-to-nats: {e}; again in {options.pause} s", file=sys.stderr, flush=True)
        finally:
            if nats:
                nats.close()
        time.sleep(options.pause)


if __name__ == "__main__":
    main()

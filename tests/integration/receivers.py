# SPDX-License-Identifier: Apache-2.0
"""Receivers of events: an HTTP(S) server that writes down what is posted to it, and a reader
of a stream of server-sent events."""
import contextlib
import http.server
import json
import socket
import ssl
import threading
import time

import requests

from harness import eventually, free_ports


def is_report(body, name=None):
    return ".MetricReport" in body["@odata.type"] and name in (None, body["Id"])


class Receiver:
    """Answers each POST with `status`; `events` has the bodies, `headers` their headers,
    `arrivals` (path, when, body)."""

    def __init__(self, tls=None, status=204, port=None):
        self.status, self.events, self.headers, self.arrivals = status, [], [], []
        self.hold = threading.Event()  # while it is not set nothing is answered
        self.hold.set()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.hold.wait(60)
                status = 204 if self.path == "/elsewhere" else outer.status
                if 200 <= status < 300:
                    outer.arrivals.append((self.path, time.monotonic(), json.loads(body)))
                    outer.events.append(json.loads(body))
                    outer.headers.append(dict(self.headers))
                self.send_response(status)
                if status == 307:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128  # many subscribers connect at once

            def handle_error(self, request, client_address):
                pass

        self.port = port or free_ports(1)[0]
        self.server = Server(("127.0.0.1", self.port), Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}/events"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self):
        self.hold.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.stop()

    def records(self):
        return [record for event in list(self.events) for record in event.get("Events", [])]

    def reports(self, name=None):
        """The metric reports, all or of one definition."""
        return [body for body in list(self.events) if is_report(body, name)]

    def of(self, text):
        """The records whose message has this text."""
        return [r for r in self.records() if text in r["Message"]]

    def wait(self, text, n=1, seconds=10):
        return eventually(lambda: len(self.of(text)) >= n and self.of(text), seconds)


class Stream:
    """Reads a stream in a thread. `events`: (id, body); `comments` are counted."""

    def __init__(self, agent, query="", **headers):
        self.response = agent.get("EventService/SSE" + query, stream=True,
                                  headers={"Accept": "text/event-stream", **headers})
        self.events, self.comments, self.ended = [], 0, False
        self.socket = self.response.raw.connection.sock
        self.thread = threading.Thread(target=self.read, daemon=True)
        if self.response.status_code == 200:
            self.thread.start()

    def read(self):
        number = None
        try:
            for line in self.response.iter_lines(chunk_size=1):
                if line.startswith(b":"):
                    self.comments += 1
                elif line.startswith(b"id: "):
                    number = int(line[4:])
                elif line.startswith(b"data: "):
                    self.events.append((number, json.loads(line[6:])))
        except (requests.RequestException, AttributeError, OSError):
            pass
        self.ended = True

    def of(self, text):
        return [n for n, body in list(self.events)
                if "Events" in body and text in body["Events"][0]["Message"]]

    def reports(self, name=None):
        """The metric reports, all or of one definition."""
        return [body for _, body in list(self.events) if is_report(body, name)]

    def wait(self, text, n=1, seconds=10):
        return eventually(lambda: len(self.of(text)) >= n and self.of(text), seconds)

    def close(self):
        """Wakes the thread, which would read until the next comment."""
        with contextlib.suppress(OSError, AttributeError):
            self.socket.shutdown(socket.SHUT_RDWR)
        if self.thread.ident:
            self.thread.join(60)
        self.response.close()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

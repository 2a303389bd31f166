# SPDX-License-Identifier: Apache-2.0
"""The HTTPS server below its resources: connections, buffers, ports."""
import json
import re
import socket
import ssl

import pytest

from harness import PASSWORD, SLOW, free_ports

pytestmark = [pytest.mark.threads]

PIPELINED = 1200


def late_reader(agent):
    """A connection whose kernel takes little that is not read yet."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.settimeout(30 * SLOW)
    raw.connect(("127.0.0.1", agent.https_port))
    return context.wrap_socket(raw)


def test_pipelined_answers_are_whole_when_they_are_read_late(agent):
    token = agent.post("SessionService/Sessions", {"UserName": "admin", "Password": PASSWORD},
                       auth=None).headers["X-Auth-Token"]
    paths = ["/redfish/v1/Systems", "/redfish/v1/Systems/sub1-03", "/redfish/v1/Roles/none"]
    each = [f"GET {p} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {token}\r\n\r\n".encode()
            for p in paths]
    with late_reader(agent) as s:
        for i in range(PIPELINED * len(paths)):
            s.sendall(each[i % 3])  # whole: the connection ends after one that comes in parts
        with s.makefile("rb") as answers:
            for i in range(PIPELINED * len(paths)):
                status = answers.readline()
                assert status, f"the connection ended after {i} answers"
                head = b"".join(iter(answers.readline, b"\r\n")).decode()
                body = answers.read(int(re.search(r"(?i)content-length: (\d+)", head)[1]))
                expected = b" 404 " if i % 3 == 2 else b" 200 "
                assert expected in status, (i, status)
                if i % 3 < 2:
                    assert json.loads(body)["@odata.id"] == paths[i % 3]


def test_second_daemon_on_the_same_port_does_not_start(agent, new_agent):
    other = new_agent()
    other.https_port, other.snmp_port = agent.https_port, free_ports(1)[0]
    other.start(wait=False)
    other.wait_dead()
    assert f"can't listen on 127.0.0.1, port {agent.https_port}" in other.log_text()

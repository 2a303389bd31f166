# SPDX-License-Identifier: Apache-2.0
"""Networks of their own for agents and their clients, in network namespaces: nothing is sent
anywhere else. For root."""
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from harness import BUILD, SLOW, Agent

REDFISH = "urn:dmtf-org:service:redfish-rest:1"
# As DMTF's python-redfish-library sends it: without the empty line.
DMTF = ('M-SEARCH * HTTP/1.1\r\nHost: 239.255.255.250:1900\r\nMan: "ssdp:discover"\r\n'
        f'ST: {REDFISH}\r\nMX: 1\r\n')

# Sends `count` datagrams, each from a port of its own, and prints what comes back.
CLIENT = """
import json, select, socket, sys, time
to, source, text, count, times, seconds = json.loads(sys.argv[1])
family = socket.AF_INET6 if ":" in to else socket.AF_INET
link = socket.if_nametoindex("client")
sockets, answers = [], []
for i in range(count):
    s = socket.socket(family, socket.SOCK_DGRAM)
    if source:
        s.bind((source, 0))
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, link)
    else:
        here = socket.inet_aton(source or "192.0.2.2")
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, here)
    for _ in range(times):
        s.sendto(text.encode(), (to, 1900, 0, link) if to.startswith("f") else (to, 1900))
    sockets.append(s)
end = time.monotonic() + seconds
while time.monotonic() < end and (count + times > 2 or not answers):
    for s in select.select(sockets, [], [], max(0, end - time.monotonic()))[0]:
        data, sender = s.recvfrom(4096)
        answers.append([data.decode(), sender[0]])
print(json.dumps(answers))
"""


def within_net(pid, *words):
    return ["nsenter", f"--net=/proc/{pid}/ns/net", *words]


class Network:
    """Two namespaces, each held by a process: ours with `agent`, theirs with `client`."""

    def __init__(self):
        self.holders = [subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "ip link set lo up && echo ok && exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        for h in self.holders:
            assert h.stdout.readline() == "ok\n"
        self.ours, self.theirs = (h.pid for h in self.holders)
        self.ip(self.ours, f"link add agent type veth peer name client netns {self.theirs}")
        for pid, name, n in ((self.ours, "agent", 1), (self.theirs, "client", 2)):
            self.ip(pid, f"address add 192.0.2.{n}/24 dev {name}")
            self.ip(pid, f"address add 2001:db8::{n}/64 dev {name} nodad")
            self.ip(pid, f"link set {name} up")
        # a client of another network, to which the agent has a way
        self.ip(self.theirs, "address add 198.51.100.9/32 dev lo")
        self.ip(self.ours, "route add 198.51.100.0/24 via 192.0.2.2")

    @staticmethod
    def ip(pid, words):
        subprocess.run(within_net(pid, "ip", *words.split()), check=True)

    def client(self, *words, **kw):
        return subprocess.run(within_net(self.theirs, *words), capture_output=True, text=True,
                              timeout=120 * SLOW, **kw)

    def search(self, to, text=DMTF, source="", count=1, times=1, seconds=6 * SLOW):
        words = json.dumps([to, source, text, count, times, seconds])
        run = self.client("python3", "-c", CLIENT, words, check=True)
        return json.loads(run.stdout)

    def close(self):
        for h in self.holders:
            h.stdin.close()
            h.wait(10)


class LanAgent(Agent):
    """Serves on all addresses of a namespace."""

    def __init__(self, pid, **kw):
        super().__init__(**kw)
        self.program = self.folder / "daemon"
        self.program.write_text("#!/bin/sh\nexec nsenter --net=/proc/%d/ns/net %s \"$@\"\n"
                                % (pid, BUILD / "clusterbmcd"))
        self.program.chmod(0o755)
        self.net = pid

    def edited(self, text):
        text = re.sub(r"^  bind: .*\n", "", text, flags=re.M)
        return re.sub(r"^http:\n", "http:\n  bind: '*'\n", text, flags=re.M)

    def serve(self):
        return self.start_daemon(self.edited, self.program)

    def call(self, method, path, body=None):
        """By curl within the namespace."""
        words = ["curl", "-sSku", f"admin:{self.password}", "-X", method, self.url(path)]
        if body is not None:
            words += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        run = subprocess.run(within_net(self.net, *words), capture_output=True, text=True,
                             timeout=60 * SLOW, check=True)
        return json.loads(run.stdout)

    def ssdp(self, **body):
        return self.call("PATCH", "Managers/bmc/NetworkProtocol", {"SSDP": body})["SSDP"]


class Neighbours:
    """Many agents on one link: a bridge in a namespace, where clients are, and a namespace for
    each agent, 192.0.2.1, 2001:db8::1 and so on. They are small ones (an R1 whose simulator
    is looked at every two seconds), each with a state, a UUID and a host name of its own."""

    PORT = 8443

    def __init__(self, count, pattern="chassis-{:03}"):
        self.agents, self.holders = [], []
        self.folder = Path(tempfile.mkdtemp(prefix="clusterbmc-lan."))
        self.folder.chmod(0o711)
        try:
            self.hub = self.hold("hub")
            self.ip(self.hub, "link add lan type bridge mcast_snooping 0",
                    "link set lan up", "address add 192.0.2.250/24 dev lan",
                    "address add 2001:db8::fa/64 dev lan nodad")
            self.model = self.prepare()
            for n in range(1, count + 1):
                self.agents.append(self.add(n, pattern.format(n)))
        except BaseException:
            self.close()
            raise

    def hold(self, name):
        """A namespace of a network and of a host name; its holder's id."""
        held = subprocess.Popen(
            ["unshare", "--net", "--uts", "sh", "-c",
             'hostname "$0" && ip link set lo up && echo ok && exec cat', name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.holders.append(held)
        assert held.stdout.readline() == "ok\n"
        return held.pid

    @staticmethod
    def ip(pid, *lines):
        subprocess.run(within_net(pid, "ip", "-batch", "-"), input="\n".join(lines), text=True,
                       check=True)

    def prepare(self):
        """A state to copy: that of an agent that has run, without its database."""
        first = Agent(platform="r1", state=self.folder / "model")
        try:
            first.start()
        finally:
            first.remove()
        for path in (self.folder / "model").iterdir():
            if path.name.startswith(("state.db", "simulator.pins")) or path.is_socket():
                path.unlink()
        return self.folder / "model"

    def edited(self, text, state):
        text = text.replace(str(self.model), str(state))
        text = re.sub(r"^  bind: .*\n", "", text, flags=re.M)
        text = re.sub(r"^http:\n", "http:\n  bind: '*'\n", text, flags=re.M)
        text = re.sub(r"^  https_port: .*", f"  https_port: {self.PORT}", text, flags=re.M)
        text = re.sub(r"(plugin: simulator\n)    poll: 50ms", r"\1    poll: 2s", text)
        return text + "discovery: { ssdp: { enabled: true } }\n"

    def join(self, n, name):
        """A machine of the link, for whatever is to run there; its holder's id."""
        pid = self.hold(name)
        self.ip(self.hub, f"link add port{n} type veth peer name eth0 netns {pid}",
                f"link set port{n} master lan up")
        self.ip(pid, f"address add 192.0.2.{n}/24 dev eth0",
                f"address add 2001:db8::{n}/64 dev eth0 nodad", "link set eth0 up")
        return pid

    def add(self, n, name):
        pid = self.join(n, name)
        agent = Agent(state=self.folder / name)
        subprocess.run(["cp", "-a", str(self.model), str(agent.state)], check=True)
        program = agent.folder / "daemon"
        program.write_text('#!/bin/sh\nexec nsenter --net=/proc/%d/ns/net --uts=/proc/%d/ns/uts'
                           ' %s "$@"\n' % (pid, pid, BUILD / "clusterbmcd"))
        program.chmod(0o755)
        try:
            agent.start_daemon(lambda text: self.edited(text, agent.state), program)
        except BaseException:
            agent.remove()
            raise
        agent.name, agent.address = name, f"192.0.2.{n}"
        return agent

    def run(self, *words, **kw):
        """A client on the link."""
        return subprocess.run(within_net(self.hub, *map(str, words)), text=True,
                              **{"capture_output": True, "timeout": 120 * SLOW, **kw})

    def close(self):
        for agent in self.agents:
            agent.remove()
        for h in self.holders:
            h.stdin.close()
            h.stdout.close()
            h.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

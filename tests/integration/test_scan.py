# SPDX-License-Identifier: Apache-2.0
"""bmc-scan on a link of its own with real agents, and the programs that take its lists."""
import csv
import io
import json
import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

from harness import BUILD, PASSWORD, SLOW, eventually
from lan import Neighbours, within_net

pytestmark = [
    pytest.mark.plain_only,
    pytest.mark.skipif(os.getuid() != 0, reason="network namespaces are for root")]
SCAN = BUILD / "bmc-scan"
COUNT = 12
PORT = Neighbours.PORT
# a machine that is busy with ten other things is waited for
PATIENT = ("--no-dns-sd", "-w", "4", "-t", "30")
ENGLISH = {**{k: v for k, v in os.environ.items() if not k.startswith("LC_")},
           "LANG": "C.UTF-8"}

# Answers each search with all datagrams of its argument, and serves documents: the one of
# the path's first segment, by the port.
FORGER = r"""
import http.server, json, socket, struct, sys, threading
datagrams, documents = json.loads(sys.stdin.readline())
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = documents[str(self.server.server_port)]
        self.send_response(200 if body else 500)
        self.send_header("Location", "http://192.0.2.1:9/")
        self.end_headers()
        try:
            self.wfile.write(body.encode())
        except OSError:
            pass
    def log_message(self, *_):
        sys.stdout.write(f"asked {self.path}\n")
        sys.stdout.flush()
for port in documents:
    server = http.server.ThreadingHTTPServer(("", int(port)), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
senders = {d[0]: socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for d in datagrams}
for address, sender in senders.items():
    sender.bind((address, 0))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 1900))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
             socket.inet_aton("239.255.255.250") + struct.pack("@4si", b"\\0" * 4,
                                                              socket.if_nametoindex("eth0")))
print("ready", flush=True)
while True:
    _, client = s.recvfrom(4096)
    for address, text in datagrams:
        senders[address].sendto(text.encode("latin-1"), client)
"""


@pytest.fixture(scope="module")
def lan():
    n = Neighbours(COUNT)
    yield n
    n.close()


def scan(lan, *words, code=0, **env):
    run = lan.run(SCAN, *PATIENT, *words, env={**ENGLISH, **env})
    assert run.returncode == code, run.stderr + run.stdout
    return run.stdout


def found(lan, *words, **kw):
    return json.loads(scan(lan, "-o", "json", *words, **kw))


def addresses(*numbers):
    return ",".join(f"192.0.2.{n}:{PORT}" for n in numbers)


# ---- what it finds ----

def test_it_finds_every_agent_of_the_link_once(lan):
    began = time.monotonic()
    all_ = found(lan)
    took = time.monotonic() - began
    assert [d["name"] for d in all_] == [a.name for a in lan.agents]
    assert [d["ipv4"] for d in all_] == [a.address for a in lan.agents]
    assert [d["id"] for d in all_] == list(range(1, COUNT + 1))
    assert len({d["uuid"] for d in all_}) == COUNT
    assert all(d["ipv6"] and d["answers"] and d["port"] == PORT for d in all_)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", d["start"]) for d in all_)
    assert took < 60, took


@pytest.mark.parametrize("words,numbers", [
    (f"192.0.2.3:{PORT}", [3]), (f"[2001:db8::2]:{PORT},192.0.2.1:{PORT}", [1, 2]),
    (f"192.0.2.2:{PORT},192.0.2.2:{PORT},[2001:db8::2]:{PORT}", [2]),
    (f"192.0.2.0/30:{PORT}", [1, 2]), (f"192.0.2.4/31:{PORT}", [4, 5]),
    (f"192.0.2.12/32:{PORT}", [12])])
def test_addresses_are_asked_without_a_search(lan, words, numbers):
    all_ = found(lan, "-a", words)
    assert [d["name"] for d in all_] == [f"chassis-{n:03}" for n in numbers]


def test_what_does_not_answer_is_shown_when_it_was_named(lan):
    one, = found(lan, "-a", "192.0.2.1:9", "-t", "2", code=5)
    assert not one["answers"] and one["ipv4"] == "192.0.2.1" and one["name"] is None
    assert "(no answer)" in scan(lan, "-a", "192.0.2.1:9", "-o", "table", code=5)
    assert json.loads(scan(lan, "-a", "192.0.2.1:9", "--list"))["clusterbmc"]["hosts"] == []
    assert found(lan, "-a", "192.0.2.1/32:9", code=5) == []


def test_what_does_not_answer_is_not_counted_and_a_hint_is_given(lan):
    named = "-a", f"192.0.2.1:9,192.0.2.2:{PORT}", "-t", "2", "-o", "table"
    run = lan.run(SCAN, *named, env=ENGLISH)
    assert run.returncode == 0 and not run.stderr
    assert run.stdout.startswith("Total devices: 1\n") and "(no answer)" in run.stdout
    none = lan.run(SCAN, "-a", "192.0.2.1:9", "-t", "2", "-o", "json", env=ENGLISH)
    assert none.returncode == 5 and len(json.loads(none.stdout)) == 1
    assert none.stderr.startswith("bmc-scan: No device was found. Does the agent run there, ")
    table = lan.run(SCAN, "-a", "192.0.2.1:9", "-t", "2", "-o", "table", env=ENGLISH)
    assert table.stdout.startswith("Total devices: 0\n")
    silent = lan.run(SCAN, "-i", "lo", "-w", "1", "--no-dns-sd", "-o", "csv", env=ENGLISH)
    assert silent.returncode == 5 and "discovery.ssdp" in silent.stderr, silent.stderr
    assert "bmc-scan -a ADDRESS" in silent.stderr
    chinese = lan.run(SCAN, "-a", "192.0.2.1:9", "-t", "2", "-o", "csv", "-l", "zh", env=ENGLISH)
    assert "防火墙" in chinese.stderr
    assert not lan.run(SCAN, "-a", "192.0.2.1:9", "-t", "2", "--list", env=ENGLISH).stderr


# A hosts file of its own, in a mount namespace.
WITH_HOSTS = 'mount --bind "$0" /etc/hosts && exec "$@"'


def test_a_host_is_named_by_its_name(lan, tmp_path):
    """All addresses are asked, one that answers is enough, and an agent is one device."""
    hosts = tmp_path / "hosts"
    hosts.write_text("192.0.2.3 chassis.test\n2001:db8::3 chassis.test\n192.0.2.77 chassis.test\n"
                     "192.0.2.250 nothing.test\n2001:db8::fa nothing.test\n")

    def by_name(words, code=0):
        run = lan.run("unshare", "--mount", "sh", "-c", WITH_HOSTS, str(hosts), SCAN, "-o", "json",
                      "-t", "3", "-a", words, env=ENGLISH)
        assert run.returncode == code, run.stderr
        return json.loads(run.stdout) if code in (0, 5) else run.stderr

    one, = by_name(f"chassis.test:{PORT}")
    assert (one["name"], one["ipv4"], one["ipv6"]) == ("chassis-003", "192.0.2.3", "2001:db8::3")
    three = by_name(f"192.0.2.1:{PORT},chassis.test:{PORT},nothing.test:9")
    assert [d["answers"] for d in three] == [True, True, False]
    silent, = by_name("nothing.test:9", code=5)
    assert silent["ipv4"] == "192.0.2.250" or silent["ipv6"] == "2001:db8::fa"
    assert "the name has no address" in by_name("unknown.invalid", code=2)


@pytest.mark.parametrize("words", [
    "-o yaml", "-a 192.0.2.0/15", "-a x", "-a 192.0.2.1:0", "-a 192.0.2.1:65536", "-a ,",
    "-a 192.0.2.0/33", "-a 2001:db8::/64", "-w 0.9", "-w 31", "-t x", "-l de", "-i none0",
    "--interval 4", "word", "--nonsense", "--serve 127.0.0.1:9999 word", "--serve 127.0.0.1:9x",
    "-a 192.0.0.0/20,192.0.16.0/29"])
def test_a_wrong_command_line_is_said(lan, words):
    run = lan.run(SCAN, *words.split(), env=ENGLISH)
    assert run.returncode == 2 and "--help lists the options" in run.stderr, run
    assert not run.stdout


def test_an_agent_that_is_not_to_be_found_is_not(lan):
    """It says its name, version and start to no one then."""
    hidden = lan.agents[0]
    config = hidden.state / "clusterbmcd.yaml"
    program = hidden.folder / "daemon"
    hidden.stop()
    hidden.start_daemon(lambda text: text.replace("enabled: true", "enabled: false"), program)
    try:
        assert hidden.name not in {d["name"] for d in found(lan)}
        one, = found(lan, "-a", f"{hidden.address}:{PORT}")
        assert one["answers"] and not one["name"] and not one["version"] and not one["start"]
    finally:
        hidden.stop()
        config.write_text(config.read_text().replace("enabled: false", "enabled: true"))
        hidden.start_daemon(program=program)


# ---- what it writes ----

def test_the_table_says_it_in_two_languages(lan):
    words = "-a", addresses(1, 2), "-o", "table"
    lines = scan(lan, *words).splitlines()
    assert lines[0] == "Total devices: 2"
    assert lines[1].split() == ["ID", "DEVICES", "IPV4", "ADDRESS", "PORT", "SOFTWARE", "VER",
                                "START", "TIME", "ACTIONS"]
    assert re.fullmatch(rf"1   chassis-001  192\.0\.2\.1     {PORT}  \S+ +20\S+ \S+Z  "
                        rf"https://192\.0\.2\.1:{PORT}/", lines[2])
    chinese = scan(lan, *words, LANG="zh_CN.UTF-8")
    assert chinese == scan(lan, *words, "--lang", "zh")
    assert chinese.splitlines()[0] == "设备总数: 2"
    assert scan(lan, *words, "-l", "en", LANG="zh_CN.UTF-8").splitlines() == lines


def test_csv_is_read_by_others(lan):
    rows = list(csv.DictReader(io.StringIO(scan(lan, "-o", "csv", "-a", addresses(1, 2)), newline="")))
    assert [r["name"] for r in rows] == ["chassis-001", "chassis-002"]
    assert rows[0]["url"] == f"https://192.0.2.1:{PORT}/"


# ---- Ansible ----

@pytest.mark.skipif(not shutil.which("ansible"), reason="ansible is missing")
def test_ansible_runs_from_the_inventory(lan, tmp_path):
    script = tmp_path / "scan.sh"
    script.write_text(f'#!/bin/sh\nexec {SCAN} -t 30 -a {addresses(1, 2)} "$@"\n')
    script.chmod(0o755)
    env = {**ENGLISH, "HOME": str(tmp_path), "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
           "ANSIBLE_HOME": str(tmp_path / "ansible"), "PASSWORD": PASSWORD}
    run = lan.run("ansible", "-i", script, "clusterbmc", "-m", "community.general.redfish_info",
                  "-a", json.dumps({
                      "category": "Manager", "command": "GetManagerInventory", "username": "admin",
                      "timeout": 60,
                      "baseuri": "{{ baseuri }}", "password": "{{ lookup('env', 'PASSWORD') }}"}),
                  env=env)
    assert run.returncode == 0, run.stderr + run.stdout
    assert sorted(re.findall(r"^(\S+) \| SUCCESS", run.stdout, re.M)) == ["chassis-001", "chassis-002"]
    assert '"ManagerType": "BMC"' in run.stdout


# ---- Prometheus ----

@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is missing")
def test_promtool_takes_the_file(lan, tmp_path):
    file = tmp_path / "targets.json"
    file.write_text("old")
    assert scan(lan, "-a", addresses(1, 2, 3), "--prom-file", str(file)) == ""
    targets = json.loads(file.read_text())
    assert [t["targets"] for t in targets] == [[t] for t in addresses(1, 2, 3).split(",")]
    assert targets[0]["labels"]["__meta_clusterbmc_name"] == "chassis-001"
    assert file.stat().st_mode & 0o777 == 0o644 and list(tmp_path.iterdir()) == [file]
    config = tmp_path / "prometheus.yml"
    config.write_text("scrape_configs: [{job_name: clusterbmc, file_sd_configs: "
                      "[{files: [targets.json]}]}]")
    run = lan.run("promtool", "check", "service-discovery", "--timeout=3s", config, "clusterbmc")
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count('"discoveredLabels"') == 3, run.stdout


def test_a_list_that_can_not_be_written_stays_as_it_was(lan, tmp_path):
    run = lan.run(SCAN, "-a", f"192.0.2.1:{PORT}", "--prom-file", tmp_path / "no" / "file")
    assert run.returncode == 1 and "No such file" in run.stderr


def test_the_list_is_served_whole_over_http(lan):
    words = "-a", addresses(1, 2), "--serve", "127.0.0.1:9780"
    server = subprocess.Popen(within_net(lan.hub, SCAN, *words), stderr=subprocess.PIPE, text=True)

    def ask(*more):
        return lan.run("curl", "-sS", "-i", *more, "http://127.0.0.1:9780/").stdout

    try:
        text = eventually(lambda: (t := ask()).startswith("HTTP/1.1 200") and t, 20)
        head, body = text.split("\n\n")
        assert "Content-Type: application/json" in head.splitlines()
        assert [t["targets"] for t in json.loads(body)] == [[f"192.0.2.1:{PORT}"],
                                                           [f"192.0.2.2:{PORT}"]]
        assert ask("-X", "POST").startswith("HTTP/1.1 405")
        assert ask("-I").startswith("HTTP/1.1 200")
        run = lan.run(SCAN, *words[:2], "--serve", "127.0.0.1:9780")
        assert run.returncode == 1 and "can't listen" in run.stderr
    finally:
        server.terminate()
        server.wait(20)
        server.stderr.close()


def test_an_empty_network_is_an_empty_list(lan):
    assert json.loads(scan(lan, "-i", "lo", "-w", "1", "-o", "prom-sd")) == []


# ---- the terminal ----

class Terminal:
    """bmc-scan on a pseudo-terminal."""

    def __init__(self, lan, *words, **env):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.execvpe("nsenter", within_net(lan.hub, str(SCAN), *PATIENT, *words),
                       {**ENGLISH, "TERM": "xterm", **env})

    def until(self, text, seconds=120 * SLOW):
        end = time.monotonic() + seconds
        while text not in self.seen:
            ready = select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]
            assert ready, self.seen[-2000:]
            self.seen += os.read(self.fd, 4096).decode(errors="replace")
        shown, _, self.seen = self.seen.partition(text)
        return shown

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def end(self):
        try:
            while os.read(self.fd, 4096):
                pass
        except OSError:
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_the_terminal_view_refreshes_chooses_and_opens(lan, tmp_path):
    opener = tmp_path / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/opened\n')
    opener.chmod(0o755)
    term = Terminal(lan, PATH=f"{tmp_path}:{os.environ['PATH']}")
    term.until("Searching for network devices...")
    term.until(f"Total devices: {COUNT}\x1b[K")  # without the word of the search
    term.until("q quit")
    term.press("l")
    term.until(f"设备总数: {COUNT}")
    term.press("r")
    term.until("正在搜索网络设备...")
    term.until(f"设备总数: {COUNT}\x1b[K")
    term.press("\x1b[B\x1bOB\x1b[A\r")
    eventually(lambda: (tmp_path / "opened").exists() and (tmp_path / "opened").read_text(), 10)
    assert (tmp_path / "opened").read_text() == f"https://192.0.2.2:{PORT}/\n"
    term.press("q")
    term.until("\x1b[?1049l")
    assert term.end() == 0


def test_an_empty_view_says_so(lan):
    term = Terminal(lan, "-i", "lo", "-w", "1")
    term.until("Total devices: 0  Searching for network devices...")
    term.until("No device was found.")
    term.press("\x03")
    assert term.end() == 0


# ---- forgeries: the last ones, as their machine stays on the link ----

ROGUE = [f"192.0.2.{n}" for n in range(200, 205)]
TARGET = "urn:dmtf-org:service:redfish-rest:1:22"
HOSTILE = "{{ lookup('pipe', 'touch F') }}\x1b[2J\x9b31m\u202e=\"',\n;$(reboot)`"


def uuid(number):
    return f"01234567-89ab-4def-8123-{number:012}"


def answer(url, number):
    return (f"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nST: {TARGET}\r\n"
            f"USN: uuid:{uuid(number)}::{TARGET}\r\nAL: {url}\r\nEXT:\r\n\r\n")


def root(name, number, product="clusterbmc"):
    return json.dumps({"UUID": uuid(number), "Product": product, "Oem": {"ClusterBmc": {
        "DeviceName": name, "SoftwareVersion": name, "StartTime": name}}})


def junk():
    good = answer("http://192.0.2.200:8009/redfish/v1/", 9)
    return ["", "\0" * 1400, "HTTP/1.1 200 OK", good[:-40], good.replace("AL:", "XL:"),
            good.replace("uuid:", "uuid"), good + "x" * 2100, good.replace("200 OK", "500 NO"),
            good.replace("http:", "file:"), good.replace(":8009", ":99999"),
            good.replace("192.0.2.200:8009", "[::"), good.replace("\r\n", "\n"),
            answer("x" * 159, 8), "\xff\xfe" * 300]


@pytest.fixture(scope="module")
def forger(lan):
    """A machine of the link that answers each search with malformed answers, with good ones
    that lead to malformed service roots, and with some that are to lead elsewhere."""
    pid = lan.join(200, "forger")
    lan.ip(pid, *(f"address add {a}/24 dev eth0" for a in ROGUE[1:]))
    twin, = found(lan, "-a", addresses(1))
    malformed = ["", "{}", "[" * 100000, "null", root("x" * 70000, 5), root("d", 6)[:-3],
                 root("e", 7).replace("0123", "x123")]
    documents = {8000 + i: text for i, text in enumerate(malformed)}
    documents |= {8100: root("elsewhere", 100), 8101: root("by name", 101),
                  8102: root(HOSTILE, 102), 8103: root("other", 103, "Other BMC"),
                  8104: root("chassis-001", 104).replace(uuid(104), twin["uuid"])}
    datagrams = [(ROGUE[0], text) for text in junk()] + [
        (ROGUE[1 + i // 4], answer(f"http://{ROGUE[1 + i // 4]}:{8000 + i}/", i))
        for i in range(len(malformed))] + [
        (ROGUE[3], answer("http://198.51.100.7:8100/redfish/v1/", 100)),
        (ROGUE[3], answer("http://192.0.2.1:8101/other/path", 101)),
        (ROGUE[3], answer(f"http://{ROGUE[3]}:8102/", 102)),
        (ROGUE[3], answer(f"http://{ROGUE[3]}:8103/", 103)),
        (ROGUE[3], answer(f"http://{ROGUE[3]}:8109/", 109)),  # one port more than is asked
        (ROGUE[4], answer(f"http://{ROGUE[4]}:8104/", 104))]
    p = subprocess.Popen(within_net(pid, "python3", "-c", FORGER), stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True)
    p.stdin.write(json.dumps([datagrams, documents]) + "\n")
    p.stdin.close()
    assert p.stdout.readline() == "ready\n"
    p.twin = twin
    yield p
    p.kill()
    asked = set(p.stdout.read().split("\n"))
    p.wait(10)
    p.stdout.close()
    assert asked == {"asked /redfish/v1/", ""}


def test_forgeries_hide_no_agent_and_lead_nowhere(lan, forger):
    all_ = found(lan)
    good = [d for d in all_ if d["answers"] and d["ipv4"] not in ROGUE]
    assert [d["name"] for d in good] == [a.name for a in lan.agents]
    # the host of a URL does not count, its port does
    bad = {d["port"]: d for d in all_ if d["ipv4"] in ROGUE}
    assert set(bad) == {*range(8000, 8007), 8100, 8101, 8102, 8104}, bad
    assert [bad[port]["ipv4"] for port in (8100, 8101)] == [ROGUE[3]] * 2
    assert not any(bad[port]["answers"] for port in range(8000, 8007))
    # one UUID at two addresses of a family on one link: two devices
    assert bad[8104]["uuid"] == forger.twin["uuid"] == good[0]["uuid"]


def test_other_services_are_shown_when_asked_for(lan, forger):
    assert [d["name"] for d in found(lan, "--all", "-w", "3") if d["port"] == 8103] == ["other"]


def test_names_do_nothing_to_who_reads_them(lan, forger):
    table = scan(lan, "-o", "table", "-w", "3")
    assert "lookup('pipe', 'touch F')" in table and not set(table) & set("\x1b\x9b\u202e\r")
    answering = int(re.match(r"Total devices: (\d+)\n", table)[1])
    assert len(table.splitlines()) == answering + table.count("(no answer)") + 2
    inventory = scan(lan, "--list")
    assert not set(inventory) & set("$`'\u202e\x1b()") and "{{" not in inventory
    hosts = json.loads(inventory)["_meta"]["hostvars"]
    assert all(re.fullmatch("[A-Za-z0-9][A-Za-z0-9._-]*", h) for h in hosts)
    assert any("touch_F" in h for h in hosts), hosts
    assert hosts["chassis-001"]["ansible_host"] == "192.0.2.1"  # not that of its twin
    assert f"chassis-001-{forger.twin['uuid']}" in hosts

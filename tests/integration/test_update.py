# SPDX-License-Identifier: Apache-2.0
"""Boards are updated through the front door by the clients that sites have: a multipart push by
curl, Ansible, an snmpset; and what must not be updated is refused before it is touched."""
import base64
import contextlib
import http.server
import json
import os
import random
import shutil
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import threading
import xml.etree.ElementTree
import zlib

import pytest

from conftest import Agents
from harness import PASSWORD, SLOW, SnmpError, eventually
from test_ansible import Play, said

pytestmark = [pytest.mark.plain_only]

SERVICE = "/redfish/v1/UpdateService"
SIZE = 20_000
LARGEST = 1 << 20


def image_bytes(seed, size=SIZE):
    """Random bytes: no format that an image has, so the boards get them as they are."""
    return random.Random(seed).randbytes(size)


class Files(http.server.ThreadingHTTPServer):
    """A web server on loopback with the images of a site."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.server.files.get(self.path)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *args):
            pass

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.files = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def add(self, name, body):
        self.files[f"/{name}"] = body
        return f"http://127.0.0.1:{self.server_port}/{name}"


@pytest.fixture(scope="module")
def files():
    server = Files()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def site():
    """An R1 whose images may come from this machine, and may be 1 MiB at most."""
    one = Agents.new(platform="r1")
    try:
        one.start()
        one.stop()
        one.start_daemon(lambda text: text + f"update: {{addresses: any, max_bytes: {LARGEST}}}\n"
                         "redfish: {http_push_uri: true}\n")
        # a board that still boots is not updated
        boards = [b for b in one.members("Systems") if b != "main"]
        eventually(lambda: all(one.node_state(b) in ("Linux", "Android") for b in boards), 60)
        yield one
    finally:
        Agents.remove(one)


def system(board):
    return f"/redfish/v1/Systems/{board}"


def curl(agent, *words, user=f"admin:{PASSWORD}"):
    """The status, the headers by their names in lower case, and the body."""
    done = subprocess.run(["curl", "-sSki", "-u", user, "-w", "\n%{http_code}", *words],
                          capture_output=True, text=True, timeout=120 * SLOW, check=True)
    text, status = done.stdout.replace("\r", "").rsplit("\n", 1)
    while text.startswith("HTTP/1.1 100"):
        text = text.split("\n\n", 1)[1]
    head, _, body = text.partition("\n\n")
    headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:])
    return int(status), headers, json.loads(body) if body.strip() else None


def push(agent, image, parameters, **more):
    path = agent.folder / f"image-{random.randrange(1 << 30)}.img"
    path.write_bytes(image)
    return curl(agent, "-F", f"UpdateParameters={json.dumps(parameters)};type=application/json",
                "-F", f"UpdateFile=@{path};type=application/octet-stream",
                agent.url(f"{SERVICE}/update-multipart"), **more)


def end_of(agent, headers):
    where = "TaskService/Tasks/" + headers["location"].rsplit("/", 1)[1]
    return eventually(lambda: agent.ended(where), 60)


def flashed(agent, board):
    """What the simulator's board has stored."""
    return agent.sim("flashed", id=board)


def is_on(agent, board, image):
    got = flashed(agent, board)
    return got["bytes"] == len(image) and got["crc32"] == zlib.crc32(image)


def test_curl_pushes_an_image_to_boards(site):
    image = image_bytes(1)
    status, headers, task = push(site, image, {
        "Targets": [system("sub01"), system("sub02")],
        "@Redfish.OperationApplyTime": "Immediate",
        "Oem": {"ClusterBmc": {"BatchSize": 1, "Verify": "Full"}}})
    assert status == 202, task
    assert task["@odata.type"].startswith("#Task.")
    end = end_of(site, headers)
    assert end["TaskState"] == "Completed", end
    assert is_on(site, "sub01", image) and is_on(site, "sub02", image)
    parts = [site.json(m["@odata.id"]) for m in site.json(end["SubTasks"]["@odata.id"])["Members"]]
    assert {p["Oem"]["ClusterBmc"]["TargetId"] for p in parts} == {"sub01", "sub02"}
    assert all(p["TaskState"] == "Completed" for p in parts)
    assert all("UpdateSuccessful" in json.dumps(p["Messages"]) for p in parts)
    assert end["Oem"]["ClusterBmc"]["Image"] in site.members(f"{SERVICE}/LocalImageStore")
    assert not flashed(site, "sub03")["bytes"]


def test_a_plain_body_goes_to_the_targets_that_were_named(site):
    image = image_bytes(2)
    path = site.folder / "plain.img"
    path.write_bytes(image)
    words = ("-H", "Content-Type: application/octet-stream", "--data-binary", f"@{path}",
             site.url(f"{SERVICE}/update"))
    r = site.patch("UpdateService", {"HttpPushUriTargets": [system("sub03")]})
    assert r.status_code == 200, r.text
    status, headers, answer = curl(site, *words)
    assert status == 202, answer
    assert end_of(site, headers)["TaskState"] == "Completed"
    assert is_on(site, "sub03", image)
    assert site.patch("UpdateService", {"HttpPushUriTargets": []}).status_code == 200
    assert curl(site, *words)[0] == 400


def test_the_schema_describes_the_options_that_are_taken(site):
    info = {p["Name"]: p for p in site.json("UpdateService/SimpleUpdateActionInfo")["Parameters"]}
    name, _, kind = info["Oem"]["ObjectDataType"].lstrip("#").split(".")
    schema = xml.etree.ElementTree.fromstring(site.get(f"Schemas/{name}_v1.xml").content)
    edm = "{http://docs.oasis-open.org/odata/ns/edm}"
    properties = schema.findall(f".//{edm}ComplexType[@Name='{kind}']/{edm}Property")
    types = {p.get("Name"): p.get("Type") for p in properties}
    assert types == dict.fromkeys(
        ["BatchSize", "CanarySize", "DelayBetweenBatchesInSeconds", "MaxFailed", "MaxPerBlade",
         "Priority"], "Edm.Int64") | {"DryRun": "Edm.Boolean", "Verify": "Edm.String"}
    for option in [*types, "Other"]:
        r = site.post("UpdateService/Actions/UpdateService.SimpleUpdate", {
            "ImageURI": "http://127.0.0.1/image", "Targets": [system("sub08")],
            "Oem": {"ClusterBmc": {option: []}}})
        assert r.status_code == 400 and option in r.text, r.text
        assert ("ActionParameterUnknown" in r.text) == (option not in types), r.text


def test_ansible_updates_and_follows(site, files):
    image = image_bytes(3)
    uri = files.add("board.img", image)
    play = Play(site)
    able = play.add("info", "Update", "GetFirmwareUpdateCapabilities")
    start = play.add("command", "Update", "SimpleUpdate", update_image_uri=uri,
                     update_protocol="HTTP", update_targets=[system("sub04")])
    none = play.add("command", "Update", "SimpleUpdate", update_image_uri=uri)
    results = play.run()
    actions = results[able]["redfish_facts"]["firmware_update_capabilities"]
    assert "HTTPS" in json.dumps(actions)
    assert results[start].get("changed"), results[start]
    assert "Targets" in said(results[none])
    handle = results[start]["return_values"]["update_status"]["handle"]
    task = eventually(lambda: site.ended(handle.replace("TaskMonitors", "Tasks")), 60)
    assert task["TaskState"] == "Completed", task
    assert is_on(site, "sub04", image)
    play = Play(site)
    status = play.add("info", "Update", "GetUpdateStatus", update_handle=handle)
    assert not play.run()[status].get("failed"), play.run()[status]


def test_sushy_finds_what_it_can_update_and_does(site, files, monkeypatch):
    sushy = pytest.importorskip("sushy")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    image = image_bytes(12)
    uri = files.add("by-sushy.img", image)
    eventually(lambda: "sub05-os" in site.members("UpdateService/FirmwareInventory"), 60)
    service = sushy.Sushy(f"https://127.0.0.1:{site.https_port}", verify=False,
                          auth=sushy.auth.BasicAuth("admin", PASSWORD)).get_update_service()
    firmware = {m.identity: m for m in service.firmware_inventory.get_members()}
    assert firmware["sub05-os"].updateable
    monitor = service.simple_update(uri, targets=[firmware["sub05-os"].path])
    # of the answer it takes the task's URI, which is not the monitor's: that of the Location
    # is what its TaskMonitor expects. Its wait() can't sleep for a Retry-After in seconds.
    right = sushy.taskmonitor.TaskMonitor(service._conn, monitor.response.headers["Location"])
    assert right.task_monitor_uri != monitor.task_monitor_uri
    eventually(lambda: not right.check_is_processing, 60)
    assert right.response.status_code == 200
    running = (sushy.TASK_STATE_NEW, sushy.TASK_STATE_STARTING, sushy.TASK_STATE_RUNNING)
    state = eventually(lambda: (s := monitor.get_task().task_state) not in running and s, 60)
    assert state == sushy.TASK_STATE_COMPLETED
    assert is_on(site, "sub05", image)


def create_job(agent, **columns):
    job = agent.snmpget("cbmcJobNextIndex.0")
    kinds = {"RowStatus": "i", "Operation": "i", "TargetId": "s", "Image": "s", "Verify": "i",
             "DryRun": "i", "MaxFailed": "i", "Priority": "i"}
    words = []
    for name, value in {"RowStatus": 4, "Operation": 20, **columns}.items():
        words += [f"cbmcJob{name}.{job}", kinds[name], str(value)]
    agent.snmpset(*words)
    return job


def job_ended(agent, job):
    state = agent.snmpget(f"cbmcJobState.{job}")
    return state if state in ("completed", "exception", "cancelled") else None


def test_a_stored_image_is_written_again(site):
    image = image_bytes(11)
    status, headers, _ = push(site, image, {"Targets": [system("sub01")]})
    assert status == 202
    used = end_of(site, headers)["Oem"]["ClusterBmc"]["Image"]
    r = site.post("UpdateService/Actions/UpdateService.SimpleUpdate", {
        "ImageURI": f"{SERVICE}/LocalImageStore/{used}", "Targets": [system("sub02")]})
    assert site.finished(r, 60)["TaskState"] == "Completed"
    assert is_on(site, "sub02", image)
    r = site.post("UpdateService/Actions/UpdateService.SimpleUpdate", {
        "ImageURI": f"{SERVICE}/LocalImageStore/0123456789abcdef", "Targets": [system("sub02")]})
    assert r.status_code == 400 and "ImageURI" in r.text, r.text


def test_snmpset_starts_follows_and_cancels_an_update(site, files):
    image = image_bytes(4)
    uri = files.add("by-snmp.img", image)
    job = create_job(site, TargetId="sub05", Image=uri, Verify=3, DryRun=2, MaxFailed=0, Priority=9)
    assert eventually(lambda: job_ended(site, job), 60) == "completed"
    assert is_on(site, "sub05", image)
    assert site.snmpget(f"cbmcJobImage.{job}", f"cbmcJobPriority.{job}",
                        f"cbmcJobImageCredential.{job}") == [uri, "9", ""]
    job = create_job(site, TargetId="sub06", Image=uri, DryRun=1)
    assert eventually(lambda: job_ended(site, job), 60) == "completed"
    assert not flashed(site, "sub06")["bytes"]
    site.sim("fault", id="sub07", fault="flash_hang", seconds=600)
    job = create_job(site, TargetId="sub07", Image=uri)
    eventually(lambda: site.snmpget(f"cbmcJobBytesDone.{job}") not in (None, "0") or
               site.node_state("sub07") == "Loader", 60)
    site.snmpset(f"cbmcJobCancel.{job}", "i", "2")
    assert eventually(lambda: job_ended(site, job), 60) == "cancelled"
    site.sim("clear", id="sub07")
    for wrong in ({"Image": "no such image"}, {"Image": "file:///etc/passwd"}):
        with pytest.raises(SnmpError):
            create_job(site, TargetId="sub06", **wrong)


def test_what_must_not_be_updated_is_not(site):
    image = image_bytes(5)
    before = flashed(site, "sub08")
    ok = {"Targets": [system("sub08")]}
    stored = site.members(f"{SERVICE}/LocalImageStore")
    assert push(site, image, {})[0] == 400
    assert push(site, image, {"Targets": [system("sub99")]})[0] == 400
    assert push(site, image, ok, user="admin:wrong")[0] == 401
    assert push(site, image_bytes(6, LARGEST + 100_000), ok)[0] == 413
    made = site.post("AccountService/Accounts", {"UserName": "looker", "Password": "only-Looking-7",
                                                 "RoleId": "ReadOnly"})
    assert made.status_code == 201, made.text
    assert push(site, image, ok, user="looker:only-Looking-7")[0] == 403
    assert site.members(f"{SERVICE}/LocalImageStore") == stored
    assert flashed(site, "sub08") == before


def incoming(agent):
    """Files of images that have not come whole."""
    return [f for f in os.listdir(agent.state / "images") if not f.endswith((".img", ".txt"))]


def test_a_body_that_is_cut_leaves_nothing(site):
    image = image_bytes(7)
    stored = site.members(f"{SERVICE}/LocalImageStore")
    parts = (f"--limit\r\nContent-Disposition: form-data; name=UpdateParameters\r\n\r\n"
             f"{json.dumps({'Targets': [system('sub08')]})}\r\n--limit\r\n"
             "Content-Disposition: form-data; name=UpdateFile\r\n\r\n").encode() + image
    login = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", site.https_port)) as plain:
        with context.wrap_socket(plain) as s:
            head = (f"POST {SERVICE}/update-multipart HTTP/1.1\r\nHost: x\r\n"
                    f"Authorization: Basic {login}\r\nContent-Length: {2 * len(parts)}\r\n"
                    "Content-Type: multipart/form-data; boundary=limit\r\n\r\n")
            s.sendall(head.encode() + parts)
            eventually(lambda: incoming(site), 20)
    eventually(lambda: not incoming(site), 20)
    # older ones may have made room for it
    assert set(site.members(f"{SERVICE}/LocalImageStore")) <= set(stored)


def test_a_board_under_an_update_is_busy(site):
    image = image_bytes(8)
    eventually(lambda: site.node_state("sub09") in ("Android", "Linux"), 60)
    site.sim("fault", id="sub09", fault="flash_hang", seconds=600)
    status, headers, _ = push(site, image, {"Targets": [system("sub09")]})
    assert status == 202
    eventually(lambda: site.node_state("sub09") == "Loader", 60)
    assert site.reset("sub09", "ForceRestart").status_code == 409
    again = push(site, image_bytes(9), {"Targets": [system("sub09")]})
    assert again[0] == 409, again
    assert "sub09 is busy with Update: wait for its task to end" in json.dumps(again[2])
    # all resources are right meanwhile
    running = site.json("TaskService/Tasks/" + headers["location"].rsplit("/", 1)[1])
    assert running["TaskState"] == "Running"
    site.sim("clear", id="sub09")
    assert end_of(site, headers)["TaskState"] == "Completed"
    assert is_on(site, "sub09", image)


def test_several_pushes_at_once(site):
    boards = ["sub01", "sub02", "sub03", "sub04"]
    images = [image_bytes(20 + i) for i in range(len(boards))]
    answers = [None] * len(boards)

    def one(i):
        answers[i] = push(site, images[i], {"Targets": [system(boards[i])]})
    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(boards))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for i, (status, headers, body) in enumerate(answers):
        assert status == 202, body
        assert end_of(site, headers)["TaskState"] == "Completed"
        assert is_on(site, boards[i], images[i])


def test_a_board_that_fails_is_told_with_its_code(site):
    image = image_bytes(10)
    site.sim("fault", id="sub10", fault="flash_refuse", seconds=600)
    status, headers, _ = push(site, image, {"Targets": [system("sub10")]})
    assert status == 202
    end = end_of(site, headers)
    assert end["TaskState"] == "Exception"
    part = site.json(site.json(end["SubTasks"]["@odata.id"])["Members"][0]["@odata.id"])
    assert part["Oem"]["ClusterBmc"]["Code"] == "accepts-conflict"
    assert "UpdateNotApplicable" in json.dumps(part["Messages"])
    site.sim("clear", id="sub10")


def stored(agent):
    """All that the database has; the agent has it for itself, so of a copy."""
    with tempfile.TemporaryDirectory() as folder:
        for path in agent.state.glob("state.db*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, folder)
        try:
            return rows_of(f"{folder}/state.db")
        except sqlite3.DatabaseError:
            return ""  # copied amidst a write


def rows_of(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        tables = [t for t, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return repr([list(db.execute(f"SELECT * FROM '{t}'")) for t in tables])


def test_what_is_secret_of_an_address_is_nowhere(site, files):
    """Its query is one, as of an address that is signed; also when nothing comes of it."""
    needle = "needle-3f9c"
    there = files.add(f"signed.img?token={needle}", image_bytes(11))
    for uri, state in ((there, "Completed"), (there.replace("signed", "none"), "Exception")):
        begun = site.post(f"{SERVICE}/Actions/UpdateService.SimpleUpdate",
                          {"ImageURI": uri, "Targets": [system("sub11")]})
        assert begun.status_code == 202 and needle not in begun.text
        end = end_of(site, {"location": begun.headers["Location"]})
        assert end["TaskState"] == state
        assert needle not in json.dumps(end)
        job = create_job(site, TargetId="sub11", Image=uri)
        assert eventually(lambda: job_ended(site, job), 60) == state.lower()
        assert site.snmpget(f"cbmcJobImage.{job}") == uri.split("?")[0]

    def is_forgotten():
        text = stored(site)
        return "signed.img" in text and needle not in text

    eventually(is_forgotten, 10)
    shown = [site.get(f"{where}?$expand=.").text for where in (
        "TaskService/Tasks", "Managers/bmc/LogServices/Events/Entries",
        f"{SERVICE}/LocalImageStore")]
    shown += [site.snmp("snmpwalk", "-On", ["1.3.6.1.4.1.32473.1"], mibs=False), site.log_text()]
    assert all(len(text) > 1000 and needle not in text for text in shown)

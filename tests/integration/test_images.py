# SPDX-License-Identifier: Apache-2.0
"""Stored images through the front doors: Redfish's LocalImageStore, cbmcImageTable, updates
that the policy refuses, and a restart."""
import hashlib
import http.server
import re
import threading

import pytest

from harness import Agent, eventually

IMAGE = b"firmware" * 1000
DIGEST = hashlib.sha256(IMAGE).hexdigest()


def configured(text, folder, unsigned="allow"):
    text = re.sub(r"^update: .*\n", "", text, flags=re.M)
    return text + f"update: {{folder: {folder}, addresses: any, schemes: http, " \
        f"unsigned: {unsigned}}}\n"


@pytest.fixture(scope="module")
def agent():
    one = Agent()
    one.firmware = one.folder / "firmware"
    one.firmware.mkdir()
    one.firmware.chmod(0o755)
    (one.firmware / "board.img").write_bytes(b"board")
    (one.firmware / "notes.txt").write_bytes(b"text")
    one.start()
    one.stop()
    one.start_daemon(lambda text: configured(text, one.firmware))
    yield one
    one.remove()


def images(agent):
    members = agent.json("UpdateService/LocalImageStore")["Members"]
    return {m["@odata.id"].split("/")[-1]: agent.json(m["@odata.id"][len("/redfish/v1/"):])
            for m in members}


@pytest.fixture(scope="module")
def web():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path not in ("/good.img", "/held.img"):
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(IMAGE)))
            self.end_headers()
            self.wfile.write(IMAGE[:-1])
            if self.path == "/held.img":
                self.server.held.set()
                self.server.go_on.wait(60)
            self.wfile.write(IMAGE[-1:])

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.held, server.go_on = threading.Event(), threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    server.address = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


def update(agent, uri, **more):
    return agent.http.post(
        agent.url("/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate"), timeout=30,
        json={"ImageURI": uri, "Targets": ["/redfish/v1/Systems/sub1-01"], **more})


def test_files_of_the_firmware_folder_are_listed(agent):
    found = eventually(lambda: images(agent), 30)
    assert [i["Name"] for i in found.values()] == ["board.img"]
    (name, image), = found.items()
    assert name.startswith("file-") and image["WriteProtected"] and image["SizeBytes"] == 5
    assert image["Oem"]["ClusterBmc"]["State"] == "Stored"
    refused = agent.http.delete(agent.url(image["@odata.id"]), timeout=30)
    assert refused.status_code in (400, 403, 405, 409), refused.text
    (agent.firmware / "board.img").unlink()
    eventually(lambda: not agent.json("UpdateService/LocalImageStore")["Members"], 30)


def test_an_image_that_is_fetched_is_stored_and_shown(agent, web):
    answer = update(agent, f"{web.address}/good.img", Username="me", Password="secret-Pw-1")
    assert answer.status_code == 202, answer.text
    agent.finished(answer, 60)
    image = eventually(lambda: images(agent).get(DIGEST[:16]), 30)
    oem = image["Oem"]["ClusterBmc"]
    assert image["Name"] == "good.img" and image["SizeBytes"] == len(IMAGE)
    assert oem["Sha256"] == DIGEST and oem["State"] == "Good" and oem["Format"] == "raw"
    assert oem["Trust"] == "Unsigned"
    rows = agent.snmpwalk("cbmcImageTable")
    (index,) = [k.split(".")[1] for k, v in rows.items() if v == DIGEST]
    assert rows[f"cbmcImageId.{index}"] == DIGEST[:16]
    assert rows[f"cbmcImageName.{index}"] == "good.img"
    assert rows[f"cbmcImageState.{index}"] == "good"
    assert "secret-Pw-1" not in agent.log_text()


def test_what_can_t_be_fetched_says_why(agent, web):
    for uri, code in ((f"{web.address}/none.img", "fetch-missing"),):
        answer = update(agent, uri)
        assert answer.status_code == 202, answer.text
        task = agent.finished(answer, 60)
        assert task["TaskState"] == "Exception" and code in str(task), task
    for uri in ("file:///etc/passwd", "https://127.0.0.1/x"):
        assert update(agent, uri).status_code in (400, 403), uri


def test_an_unsigned_image_is_refused_by_the_policy(agent, web):
    agent.stop()
    agent.start_daemon(lambda text: configured(text, agent.firmware, "deny"))
    answer = update(agent, f"{web.address}/good.img")
    assert answer.status_code == 202, answer.text
    task = agent.finished(answer, 60)
    assert task["TaskState"] == "Exception" and "check-refused" in str(task), task
    oem = images(agent)[DIGEST[:16]]["Oem"]["ClusterBmc"]
    assert oem["State"] == "Refused" and "update.unsigned" in oem["Reason"]
    agent.stop()
    agent.start_daemon(lambda text: configured(text, agent.firmware))
    update(agent, f"{web.address}/good.img")
    eventually(lambda: images(agent)[DIGEST[:16]]["Oem"]["ClusterBmc"]["State"] == "Good", 60)


def start_on(agent, board, uri):
    eventually(lambda: agent.node_state(board) in ("Android", "Linux"), 120)
    answer = update(agent, uri, Targets=[f"/redfish/v1/Systems/{board}"])
    assert answer.status_code == 202, answer.text
    return answer


def restart(agent):
    agent.stop()
    agent.start_daemon(lambda text: configured(text, agent.firmware))


def test_an_update_goes_on_after_a_stop(agent, web):
    """Stopped while the image is fetched, then while it is written: nothing is lost."""
    fetched = start_on(agent, "sub1-02", f"{web.address}/held.img")
    eventually(web.held.is_set, 60)
    agent.stop()
    web.go_on.set()
    agent.start_daemon(lambda text: configured(text, agent.firmware))
    task = agent.finished(fetched, 120)
    assert task["TaskState"] == "Completed", str(task)
    written = start_on(agent, "sub1-04", f"{web.address}/good.img")
    restart(agent)
    task = agent.finished(written, 120)
    assert task["TaskState"] == "Completed", str(task)


def test_a_stored_image_outlives_a_restart_and_is_removed(agent):
    agent.stop()
    agent.start_daemon()
    image = eventually(lambda: images(agent).get(DIGEST[:16]), 30)
    assert image["Name"] == "good.img" and image["Oem"]["ClusterBmc"]["State"] == "Good"
    file = agent.state / "images" / f"{DIGEST}.img"
    eventually(lambda: images(agent)[DIGEST[:16]]["Oem"]["ClusterBmc"]["Jobs"] == 0, 60)
    gone = agent.http.delete(agent.url(image["@odata.id"]), timeout=30)
    assert gone.status_code in (200, 204), gone.text
    assert not images(agent)
    assert not file.exists()

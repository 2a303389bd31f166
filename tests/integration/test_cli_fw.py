# SPDX-License-Identifier: Apache-2.0
"""`bmc fw` and netrecovery-master: images to boards, and what is said of them meanwhile and
afterwards."""
import contextlib
import json
import os
import random
import re
import signal
import socket
import threading

import jsonschema
import pytest

from cli_rig import PROGRAM, bmc, bmc_json, rows_of, terminal
from conftest import Agents
from harness import eventually

pytestmark = [pytest.mark.plain_only]

BOARDS = [f"sub{n:02}" for n in range(1, 12)]
NUMBER = ["number", "null"]
RESULT = {
    "type": "object", "additionalProperties": False,
    "required": ["task", "state", "percent", "image", "dry_run", "boards"],
    "properties": {
        "task": {"type": "string"}, "state": {"type": "string"}, "percent": {"type": NUMBER},
        "image": {"type": "string"}, "dry_run": {"type": "boolean"},
        "boards": rows_of(node="string", state="string", percent=NUMBER, code="string",
                          message="string", history="string", bytes_done=NUMBER,
                          bytes_total=NUMBER, bytes_per_second=NUMBER)}}


@pytest.fixture(name="agent", scope="module")
def small_agent():
    one = Agents.new(platform="r1").start()
    one.image = one.folder / "xxx.img"
    one.image.write_bytes(random.Random(1).randbytes(20_000))
    one.image.chmod(0o644)
    eventually(lambda: all(one.node_state(b) in ("Linux", "Android") for b in BOARDS), 60)
    yield one
    Agents.remove(one)


@pytest.fixture(name="stored")
def stored_image(agent):
    """xxx.img is in the agent's store, whichever tests ran before."""
    if not bmc_json(agent, "fw", "images"):
        bmc(agent, "fw", "queue", str(agent.image), "sub11", "--wait")
    return "xxx.img"


@contextlib.contextmanager
def counting_relay(agent):
    """A socket that leads to the agent's, and how many bytes clients have sent through it."""
    sent, path = [], str(agent.folder / "relay.sock")

    def pump(src, dst, count):
        with contextlib.suppress(OSError):
            while more := src.recv(65536):
                if count:
                    sent.append(len(more))
                dst.sendall(more)
        for one in (src, dst):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def accept(server):
        with contextlib.suppress(OSError):
            while True:
                client, agent_side = server.accept()[0], socket.socket(socket.AF_UNIX)
                agent_side.connect(str(agent.state / "http.sock"))
                for src, dst, count in ((client, agent_side, True), (agent_side, client, False)):
                    threading.Thread(target=pump, args=(src, dst, count), daemon=True).start()

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(8)
        threading.Thread(target=accept, args=(server,), daemon=True).start()
        yield path, sent
        server.shutdown(socket.SHUT_RDWR)
    os.unlink(path)


def flashed(agent, board):
    return agent.sim("flashed", id=board)["bytes"]


def states(result):
    return {b["node"]: b["state"] for b in result["boards"]}


def test_a_file_is_sent_and_written(agent):
    out, told = bmc(agent, "fw", "queue", str(agent.image), "sub01", "--wait")
    assert out == "sub01: done: updated\n"
    assert "sending the image: 100 %" in told and "\r" not in told and "\x1b" not in told
    assert flashed(agent, "sub01") == 20_000


def test_a_board_that_fails_is_told_from_the_others(agent):
    agent.sim("fault", id="sub02", fault="flash_fail", seconds=600)
    try:
        result = bmc_json(agent, "fw", "queue", str(agent.image), "sub{02..04}", "-wy",
                          "--verify", "full", code=3, schema=RESULT)
    finally:
        agent.sim("clear", id="sub02")
    assert states(result) == {"sub02": "failed", "sub03": "done", "sub04": "done"}
    [failed] = [b for b in result["boards"] if b["state"] == "failed"]
    assert failed["code"].startswith("write-") and failed["message"]
    lines = bmc(agent, "fw", "log", result["task"])[0].splitlines()
    assert lines[0].startswith(f"sub02: failed, {failed['code']}: ")
    out, _ = bmc(agent, "fw", "log", result["task"], "sub03")
    assert out.startswith("sub03: done") and "\n  " in out
    rows = bmc_json(agent, "fw", "list", schema=rows_of(
        task="string", state="string", percent=NUMBER, boards=NUMBER, ok=NUMBER, failed=NUMBER,
        image="string", code="string", by="string", started="string", ended="string"))
    [row] = [r for r in rows if r["task"] == result["task"]]
    assert (row["boards"], row["ok"], row["failed"]) == (3, 2, 1)
    agent.sim("fault", id="sub02", fault="flash_fail", seconds=600)
    try:
        bmc(agent, "fw", "queue", "xxx.img", "sub02", "--wait", code=1)
    finally:
        agent.sim("clear", id="sub02")


def test_a_stored_image_is_named_by_its_name_or_id(agent, stored):
    [image] = bmc_json(agent, "fw", "images", schema=rows_of(
        id="string", name="string", bytes=NUMBER, format="string", chip="string",
        version="string", trust="string", state="string", sha256="string"))
    assert (image["name"], image["bytes"]) == (stored, 20_000)
    for word in (stored, image["id"]):
        before = flashed(agent, "sub05")
        result = bmc_json(agent, "fw", "queue", word, "sub05", "--dry-run", schema=RESULT)
        assert result["dry_run"] and "would write 20000 bytes" in result["boards"][0]["message"]
        assert flashed(agent, "sub05") == before


MIB = 1 << 20


@pytest.mark.parametrize("words, code, text", [
    (["--dry-run"], 0, ""), (["--dry-run", "-o", "json"], 0, ""),
    (["-u", "otto"], 4, "privilege"),         # who may not
    (["--force"], 1, "ForceUpdate"),          # what the agent never does
    (["main"], 7, "main can't be updated"),   # a board that is named and can't be
])
def test_what_the_agent_would_refuse_costs_no_upload(agent, words, code, text):
    """Also who has the wrong role, and what only the agent knows of a board."""
    image = agent.folder / "large.img"
    with open(image, "wb") as f:
        f.truncate(64 * MIB)
    bmc(agent, "account", "add", "otto", "--stdin", stdin="Some-long-Pw-9\n")
    images = bmc_json(agent, "fw", "images")
    try:
        with counting_relay(agent) as (path, sent):
            out, told = bmc(agent, "fw", "queue", str(image), "sub10", *words, "-y", code=code,
                            BMC_SOCKET=path, BMC_PASSWORD="Some-long-Pw-9")
    finally:
        bmc(agent, "account", "remove", "otto")
        image.unlink()
    assert text in told and "sending" not in told, told
    assert 0 < sum(sent) < MIB, sum(sent)
    assert bmc_json(agent, "fw", "images") == images
    if "json" in words:
        jsonschema.validate(json.loads(out), RESULT)
        assert json.loads(out)["dry_run"]
    elif not code:
        assert out == f"sub10: possible: {64 * MIB} bytes would be sent; " \
            "the agent has not seen the image yet\n"


def test_an_image_that_is_too_large_is_not_sent(agent):
    """At the agent's limit and one byte above it: a file of holes takes no room here."""
    most = agent.json("UpdateService")["MaxImageSizeBytes"]
    image = agent.folder / "huge.img"
    for size, code in ((most, 0), (most + 1, 1), (0, 1)):
        with open(image, "wb") as f:
            f.truncate(size)
        _, told = bmc(agent, "fw", "queue", str(image), "sub10", "--dry-run", code=code)
        assert (f"and the agent takes {most}" in told) == (size > most), told
        assert ("is empty" in told) == (size == 0), told
    image.unlink()


def test_what_is_wrong_is_said_before_anything_is_sent(agent, stored):
    image = str(agent.image)
    assert stored == "xxx.img"
    assert "did you mean xxx.img?" in bmc(agent, "fw", "queue", "xxy.img", "sub01",
                                          code=7)[1].lower()
    assert "there is no file" in bmc(agent, "fw", "queue", "/nowhere.img", "sub01", code=7)[1]
    assert "update of 2 boards needs --yes" in bmc(agent, "fw", "queue", image, "sub01", "sub02",
                                                   code=2)[1]
    bmc(agent, "fw", "queue", image, "sub99", code=7)
    for option in ("--batch=0", "--canary=x", "--priority=10", "--verify=some", "--delay=-1"):
        bmc(agent, "fw", "queue", image, "sub01", option, code=2)
    for words in (["queue", image], ["log", "x"], ["cancel"], ["explode"], []):
        bmc(agent, "fw", *words, code=2)
    bmc(agent, "fw", "log", "99999", code=7)
    other = agent.finished(agent.reset("sub06", "ForceRestart"))["Id"]
    bmc(agent, "fw", "cancel", other, code=7)


@pytest.fixture(name="slow")
def slow_boards(agent):
    """Boards whose writing stands still."""
    for board in ("sub07", "sub08"):
        agent.sim("fault", id=board, fault="flash_hang", seconds=600)
    yield ["sub07", "sub08"]
    for board in ("sub07", "sub08"):
        agent.sim("clear", id=board)


def test_an_interrupt_ends_the_waiting_and_not_the_update(agent, stored, slow):
    with terminal(agent, "fw", "queue", stored, *slow, "-wy") as t:
        t.expect(r"\[[#.]+\] +\d+ %  0 of 2 boards done, 2 running")
        t.expect(r"\r\x1b\[K\[")  # drawn again over itself
        t.type("\x03")
        task = t.expect(r"\r\x1b\[Kbmc: the update goes on as task (\d+)")[1]
        assert t.end() == -signal.SIGINT
        assert t.text.endswith("\n")
    _, told = bmc(agent, "fw", "wait", task, "--timeout", "1s", code=6)
    assert f"bmc fw log {task}" in told
    assert agent.json(f"TaskService/Tasks/{task}")["TaskState"] == "Running"
    def writes():
        parts = agent.json(f"TaskService/Tasks/{task}/SubTasks?$expand=.")["Members"]
        return {p["Oem"]["ClusterBmc"]["Stage"] for p in parts} == {"write"}
    eventually(writes, 60)
    bmc(agent, "fw", "cancel", task)
    for board in slow:
        agent.sim("clear", id=board)
    result = bmc_json(agent, "fw", "wait", task, code=3, schema=RESULT)
    assert result["state"] == "cancelled"
    assert "has ended already" in bmc(agent, "fw", "cancel", task, code=8)[1]


def test_waves_on_a_terminal(agent, stored):
    with terminal(agent, "fw", "queue", stored, "sub09", "sub10", "sub11", "--canary", "1",
                  "--batch", "1", "-w") as t:
        t.expect(r"sub09 sub10 sub11\? \[y/N\] ")
        t.type("y\n")
        assert t.end() == 0
    shown = t.text.replace("\r", "")
    for board in ("sub09", "sub10", "sub11"):
        assert f"{board}: done: updated\n" in shown
    assert all(len(re.sub(r"\x1b\[K", "", line)) < 80
               for line in re.split(r"[\r\n]+", t.text)), t.text


def test_the_seeds_command(agent):
    program = agent.folder / "netrecovery-master"
    os.symlink(PROGRAM, program)
    agent.image.rename(agent.folder / "yyy.img")
    agent.image = agent.folder / "yyy.img"
    out, told = bmc(agent, "queue", str(agent.image), "sub01", "sub03", program=str(program))
    assert not out
    task = re.search(r"task (\d+)", told)[1]
    assert states(bmc_json(agent, "fw", "wait", task, schema=RESULT)) == \
        {"sub01": "done", "sub03": "done"}
    for words in (["queue", "yyy.img", "sub01"], ["queue", str(agent.image)], ["list"], [],
                  ["queue", "/etc/hostname", "sub01"]):
        bmc(agent, *words, program=str(program), code=2)
    jsonschema.Draft7Validator.check_schema(RESULT)

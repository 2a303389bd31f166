# SPDX-License-Identifier: Apache-2.0
"""The watchdog of boards, /dev/wdt_crl, which a loop in the board's own shell feeds. Each board has
a /dev of its own, with a FIFO in which the test sees what is written, and when."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from adb_rig import AdbAgent, Board, Server, platform_of, start
from harness import SnmpError, TOP, eventually

HAVE = subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0
pytestmark = pytest.mark.skipif(not HAVE, reason="mounts of one's own need root")

OWN_DEV = r'''
for n in null zero urandom random tty ptmx; do
	: >"$1/dev/$n" && mount --bind "/dev/$n" "$1/dev/$n" || exit 1
done
mount --bind "$1/dev" /dev && exec "$2" "$3" "$4" "$1"
'''
TIMEOUTS = {"After640ms": ("0", 0.64), "After2560ms": ("1", 2.56),
            "After10240ms": ("2", 10.24), "After40960ms": ("3", 40.96)}


class Dog(Board):
    """A board with a watchdog. `written` is what it was sent: (time, letter)."""

    def start(self):
        self.written = []
        (self.folder / "dev").mkdir(exist_ok=True)
        path = self.folder / "dev/wdt_crl"
        if self.name != "sub02":
            if not path.exists():
                os.mkfifo(path)
            self.fifo = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self.process = start(["unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", OWN_DEV,
                              "sh", str(self.folder), sys.executable, str(TOP / "tests/rigs/adbd.py"),
                              str(self.port)], self.folder / "output")

    def look(self):
        try:
            now, text = time.monotonic(), os.read(self.fifo, 4096).decode()
            self.written += [(now, letter) for letter in text.split()]
        except BlockingIOError:
            pass
        return "".join(letter for _, letter in self.written)

    def loop(self):
        path = self.folder / "dev/.clusterbmc-wdt"
        return int(path.read_text()) if path.exists() else None

    def end_loop(self):
        pid = self.loop()
        if pid:
            os.kill(pid, signal.SIGKILL)
            (self.folder / "dev/.clusterbmc-wdt").unlink()


@pytest.fixture(scope="module")
def rig():
    folder = Path(tempfile.mkdtemp(prefix="clusterbmc-adb-rig."))
    boards = [Dog(folder, f"sub0{n}", android=n == 1) for n in (1, 2, 3)]
    boards[2].tool("sleep", '#!/bin/sh\ncase $1 in *.*) exit 1 ;; esac\nexec /bin/sleep "$1"\n')
    server = Server(folder)
    verbs = {"os_reboot": "adb", "os_shutdown": "adb", "usb_mode": "adb", "watchdog": "adb"}
    agent = AdbAgent(platform_of(boards, {"verbs": verbs}), server.port).start_with_adb()
    agent.boards = {b.name: b for b in boards}
    for b in boards:
        eventually(lambda b=b: agent.node_state(b.name) in ("Android", "Linux"), 30)
    yield agent
    agent.remove()
    server.stop()
    for b in boards:
        b.stop()
        b.end_loop()
    shutil.rmtree(folder, ignore_errors=True)


def patch(agent, board, word):
    return agent.patch(f"Systems/{board}", {"Oem": {"ClusterBmc": {"Watchdog": word}}})


def shown(agent, board):
    return agent.json(f"Systems/{board}")["Oem"]["ClusterBmc"]["Watchdog"]


def alive(pid):
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("word", TIMEOUTS)
def test_it_is_enabled_and_fed_in_time(rig, word):
    board, (letter, timeout) = rig.boards["sub01"], TIMEOUTS[word]
    before = board.loop()
    board.look()
    board.written.clear()
    answer = patch(rig, "sub01", word)
    assert answer.status_code in (200, 204), answer.text
    assert eventually(board.look, 5).startswith("e" + letter)
    pid = board.loop()
    assert alive(pid) and pid != before
    eventually(lambda: not before or not alive(before), 5)
    assert shown(rig, "sub01") == word
    if timeout < 5:
        board.written.clear()
        end = time.monotonic() + 3 * timeout
        while time.monotonic() < end:
            board.look()
            time.sleep(0.02)
        times = [t for t, found in board.written if found == letter]
        assert max(b - a for a, b in zip(times, times[1:])) < timeout, times


def test_after_a_restart_its_system_is_told_again(rig):
    board = rig.boards["sub01"]
    assert patch(rig, "sub01", "After40960ms").status_code in (200, 204)
    board.end_loop()
    board.look()
    board.written.clear()
    assert rig.reset("sub01", "GracefulRestart").status_code in (200, 202, 204)
    eventually(lambda: board.look().startswith("e3"), 15)
    assert alive(board.loop())


def test_off_ends_the_feeding_before_it_closes(rig):
    board = rig.boards["sub01"]
    assert patch(rig, "sub01", "After2560ms").status_code in (200, 204)
    pid = board.loop()
    assert patch(rig, "sub01", "Off").status_code in (200, 204)
    assert eventually(lambda: board.look().endswith("d"), 5)
    assert board.loop() is None and not alive(pid)
    time.sleep(1.5)  # a feeding takes place each second
    assert board.look().endswith("d")


def test_a_board_that_is_down_is_told_when_it_is_up(rig):
    board = rig.boards["sub01"]
    board.stop()
    eventually(lambda: rig.node_state("sub01") not in ("Android", "Linux"), 30)
    assert patch(rig, "sub01", "After10240ms").status_code in (200, 204)
    assert board.loop() is None
    board.look()
    os.close(board.fifo)
    board.start()
    eventually(lambda: board.look().startswith("e2"), 15)


def test_what_a_board_can_not_do_is_said_and_not_kept(rig):
    answer = patch(rig, "sub02", "After640ms")
    assert answer.status_code >= 400 and "/dev/wdt_crl" in answer.text, answer.text
    assert shown(rig, "sub02") is None
    answer = patch(rig, "sub03", "After640ms")
    assert answer.status_code >= 400 and "whole seconds" in answer.text, answer.text
    assert rig.boards["sub03"].look() == "" and rig.boards["sub03"].loop() is None
    assert patch(rig, "sub03", "After2560ms").status_code in (200, 204)


@pytest.mark.parametrize("word", ["After639ms", "After641ms", "After40961ms", "Disabled", "unknown", 1, None,
                                  "Off; reboot"])
def test_other_timeouts_are_refused(rig, word):
    before = shown(rig, "sub03")
    assert patch(rig, "sub03", word).status_code == 400
    assert shown(rig, "sub03") == before


def test_limits_by_snmp(rig):
    column = "cbmcBoardWatchdog.0.3"
    for number in (1, 7):
        with pytest.raises(SnmpError):
            rig.snmpset(column, "i", str(number))
    for number, word in ((6, "After40960ms"), (2, "Off")):
        rig.snmpset(column, "i", str(number))
        eventually(lambda word=word: shown(rig, "sub03") == word, 10)

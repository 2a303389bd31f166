# SPDX-License-Identifier: Apache-2.0
"""A state folder whose file system is really full: settings are refused whole, power works."""
import os

import pytest

from harness import SmallDiskAgent, SnmpError, eventually

pytestmark = [pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")]

BOARD, OTHER = "sub1-03", "sub1-04"


def restart_daemon(agent):
    """Manager.Reset: the folder's file system stays mounted."""
    agent.ready.unlink(missing_ok=True)
    old = agent.pid
    agent.post("Managers/bmc/Actions/Manager.Reset", {"ResetType": "GracefulRestart"})
    eventually(lambda: not os.path.exists(f"/proc/{old}"), 30)
    agent.wait_ready(60)


@pytest.fixture(scope="module")
def full():
    agent = SmallDiskAgent().start()
    try:
        agent.fill_disk()
        # what the database holds open may take some more writes
        for i in range(200):
            r = agent.patch(f"Systems/{OTHER}", {"Oem": {"ClusterBmc": {"Label": f"fill{i}"}}})
            if r.status_code != 200:
                break
        assert r.status_code == 507, r.text
        yield agent
    finally:
        agent.remove()


def label(agent, board):
    return agent.json(f"Systems/{board}")["Oem"]["ClusterBmc"].get("Label")


SETTINGS = [
    (f"Systems/{BOARD}", {"Oem": {"ClusterBmc": {"Label": "lost"}}}),
    (f"Systems/{BOARD}", {"AssetTag": "lost"}),
    (f"Systems/{BOARD}", {"LocationIndicatorActive": True}),
    ("Managers/bmc", {"Oem": {"ClusterBmc": {"Label": "lost"}}}),
    ("SessionService", {"SessionTimeout": 777}),
]


def part(whole, like):
    """Of `whole`, what `like` has, too: readings change by themselves."""
    if not isinstance(like, dict):
        return whole
    return {key: part((whole or {}).get(key), value) for key, value in like.items()}


@pytest.mark.parametrize("path,body", SETTINGS, ids=lambda v: v if isinstance(v, str) else None)
def test_setting_on_a_full_disk_is_507_and_changes_nothing(full, path, body):
    before = full.json(path)
    for _ in range(3):
        r = full.patch(path, body)
        assert r.status_code == 507, f"{r.status_code} {r.text}"
        info = str(r.json())
        assert "Base." in info and "InsufficientStorage" in info
    assert part(full.json(path), body) == part(before, body)


def test_several_settings_are_refused_together(full):
    before = full.json(f"Systems/{BOARD}")
    r = full.patch(f"Systems/{BOARD}", {"AssetTag": "lost", "LocationIndicatorActive": True})
    assert r.status_code == 507
    after = full.json(f"Systems/{BOARD}")
    assert after["AssetTag"] == before["AssetTag"]
    assert after["LocationIndicatorActive"] == before["LocationIndicatorActive"]


def test_log_is_not_cleared_on_a_full_disk(full):
    """What the database holds open may take one more write: then it is cleared whole."""
    log = "Managers/bmc/LogServices/Events"

    def events():
        return {e["Id"]: e["MessageId"] for e in full.json(f"{log}/Entries")["Members"]}
    for _ in range(20):
        before = events()
        r = full.post(f"{log}/Actions/LogService.ClearLog", {})
        if r.status_code != 204:
            break
    assert r.status_code == 507 and "InsufficientStorage" in r.text, r.text
    assert before.items() <= events().items()


def test_set_on_a_full_disk_is_an_error_and_changes_nothing(full):
    before = full.snmpget("cbmcBoardName.1.3")
    with pytest.raises(SnmpError, match="commitFailed|resourceUnavailable"):
        full.snmpset("cbmcBoardName.1.3", "s", "lost")
    assert full.snmpget("cbmcBoardName.1.3") == before


def test_power_actions_run_on_a_full_disk_with_a_warning(full):
    task = full.finished_or_done(full.reset(BOARD, "ForceOff"))
    assert task["TaskState"] == "Completed"
    assert "not journaled" in str(task)
    eventually(lambda: full.power(BOARD) == "Off")
    assert full.finished_or_done(full.reset(BOARD, "On"))["TaskState"] == "Completed"


def test_with_room_again_settings_are_taken_and_outlive_a_restart(full):
    """The last test here: it makes room."""
    full.free_disk()

    def taken():
        r = full.patch(f"Systems/{BOARD}", {"AssetTag": "kept"})
        return r.status_code == 200
    eventually(taken, 20, 0.5)
    before = label(full, BOARD)
    restart_daemon(full)
    board = full.json(f"Systems/{BOARD}")
    assert board["AssetTag"] == "kept"
    assert board["LocationIndicatorActive"] is False
    assert label(full, BOARD) == before
    assert full.json("SessionService")["SessionTimeout"] != 777

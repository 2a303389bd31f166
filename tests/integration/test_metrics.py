# SPDX-License-Identifier: Apache-2.0
"""GET /metrics of a running agent: the formats, who may read, and an update as it goes."""
import gzip
import json
import re
import time

import pytest
import requests

from conftest import Agents
from harness import SLOW, eventually
from test_update import end_of, image_bytes, push, system

pytestmark = [pytest.mark.plain_only]

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)'
                    r'(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?\d+(?:\.\d+)?)')
OPENMETRICS = {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}
FORWARDED = {"X-Forwarded-For": "192.0.2.1"}
UPDATE = "node_cluster_firmware_upgrade_stat"


@pytest.fixture(scope="module")
def site():
    one = Agents.new(platform="r1")
    try:
        one.start()
        # a board takes an image when its system has come up
        boards = [f"sub{n:02}" for n in range(1, 6)]
        eventually(lambda: all(one.node_state(b) in ("Linux", "Android") for b in boards), 60)
        yield one
    finally:
        Agents.remove(one)


def scrape(agent, auth=None, method="GET", **headers):
    with requests.Session() as s:
        s.trust_env = False
        return s.request(method, f"http://127.0.0.1:{agent.http_port}/metrics", auth=auth,
                         headers=headers, timeout=60)


def families(text):
    """{family: (type, {series: value})}; each line is of the family whose head was last."""
    found, name = {}, None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            assert name not in found and line.split(" ", 3)[3]
            found[name] = [None, {}]
        elif line.startswith("# TYPE "):
            assert line.split()[2] == name
            found[name][0] = line.split()[3]
        elif line != "# EOF":
            match = SAMPLE.fullmatch(line)
            assert match, line
            series = match[1] + (match[2] or "")
            assert match[1] in (name, f"{name}_total") and series not in found[name][1], line
            found[name][1][series] = float(match[3])
    return found


def samples(agent, name):
    return families(scrape(agent).text).get(name, (None, {}))[1]


def same_families(site):
    """Both answers; a value that becomes known between the two makes one of them longer."""
    text, om = scrape(site), scrape(site, **OPENMETRICS)
    names = {name.removesuffix("_total") if kind == "counter" else name
             for name, (kind, _) in families(text.text).items()}
    return (text, om) if names == set(families(om.text)) else None


def test_both_formats_say_the_same(site):
    text, om = eventually(lambda: same_families(site), 10)
    assert text.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert om.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert om.text.endswith("\n# EOF\n") and om.text.count("# EOF") == 1
    assert "# EOF" not in text.text
    a = families(text.text)
    for name, (kind, series) in a.items():
        assert series and kind in ("gauge", "counter"), name
        if name.startswith(("clusterbmc_", "process_")):
            assert name.endswith("_total") == (kind == "counter"), name
    assert len(a["node_cluster_up"][1]) == len(site.members("Systems"))
    assert scrape(site, Accept="*/*").headers["Content-Type"].startswith("text/plain")
    assert scrape(site, method="HEAD").text == ""
    assert scrape(site, method="POST").status_code == 405


def test_gzip_for_those_who_ask(site):
    """Prometheus always asks."""
    with requests.get(f"http://127.0.0.1:{site.http_port}/metrics", stream=True, timeout=60,
                      headers={"Accept-Encoding": "gzip", **OPENMETRICS}) as r:
        assert r.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in r.headers["Vary"]
        coded = r.raw.read(decode_content=False)
        assert len(coded) == int(r.headers["Content-Length"])
    text = gzip.decompress(coded).decode()
    assert text.endswith("# EOF\n") and len(families(text)) > 50 and len(coded) < len(text) / 4
    plain = scrape(site, **{"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers and "node_cluster_up" in plain.text


def test_build_and_process_are_shown(site):
    shown = families(scrape(site).text)
    [name] = shown["clusterbmc_build_info"][1]
    assert re.search(r'version="\d+\.', name)
    start = shown["process_start_time_seconds"][1]["process_start_time_seconds"]
    age = (time.time() - start)
    assert -2 < age < 3600 and shown["process_cpu_seconds_total"][0] == "counter"
    for kind in ("board", "fan", "psu", "sensor"):
        assert f'clusterbmc_data_age_seconds{{kind="{kind}"}}' in \
            shown["clusterbmc_data_age_seconds"][1]


def test_who_may_read(site):
    """This machine's clients without a login, but not those behind its proxy."""
    account = {"UserName": "watcher", "Password": "only-Looking-7", "RoleId": "ReadOnly"}
    assert site.post("AccountService/Accounts", account).status_code == 201
    login = ("watcher", "only-Looking-7")
    for must_change, status in ((True, 403), (False, 200)):
        r = site.patch("AccountService/Accounts/watcher", {"PasswordChangeRequired": must_change})
        assert r.status_code == 200, r.text
        assert eventually(lambda: scrape(site, login, **FORWARDED).status_code == status, 10)
    refused = scrape(site, **FORWARDED)
    assert refused.status_code == 401 and "WWW-Authenticate" in refused.headers
    assert scrape(site, **{"Forwarded": "for=192.0.2.1"}).status_code == 401
    assert scrape(site, ("admin", "wrong"), **FORWARDED).status_code == 401
    r = site.post("SessionService/Sessions", {"UserName": "admin", "Password": site.password})
    token = {"X-Auth-Token": r.headers["X-Auth-Token"]}
    assert scrape(site, **FORWARDED, **token).status_code == 200
    assert scrape(site, **{"X-Auth-Token": "0" * 40}, **FORWARDED).status_code == 401


def state_of(agent, board):
    """{(state, percent)} of a board's update; a board has one at most."""
    return {(re.search(r'state="(\w+)"', s)[1], v) for s, v in samples(agent, UPDATE).items()
            if f'node="{board}"' in s}


def test_an_update_is_followed(site):
    assert not state_of(site, "sub02") and not state_of(site, "sub03")
    site.sim("fault", id="sub02", fault="flash_hang", seconds=600)
    status, headers, _ = push(site, image_bytes(1), {"Targets": [system("sub02")]})
    assert status == 202
    [(state, percent)] = eventually(lambda: state_of(site, "sub02"), 30)
    assert state in ("preparing", "flashing") and percent < 100
    site.sim("clear", id="sub02")
    assert end_of(site, headers)["TaskState"] == "Completed"
    eventually(lambda: state_of(site, "sub02") == {("done", 100)}, 10)
    [name] = [s for s in samples(site, UPDATE) if 'node="sub02"' in s]
    assert re.fullmatch(UPDATE + r'\{firmware="[^"]+",node="sub02",state="done"\}', name)
    assert samples(site, "clusterbmc_firmware_update_progress_ratio")[
        name.replace(UPDATE, "clusterbmc_firmware_update_progress_ratio").replace(
            "node=", "board=")] == 1


def test_a_failed_update_is_an_error(site):
    site.sim("fault", id="sub03", fault="flash_refuse", seconds=600)
    status, headers, _ = push(site, image_bytes(2), {"Targets": [system("sub03")]})
    assert status == 202
    assert end_of(site, headers)["TaskState"] == "Exception"
    eventually(lambda: [s for s, _ in state_of(site, "sub03")] == ["error"], 10)
    site.sim("clear", id="sub03")


def test_a_dry_run_is_no_update(site):
    status, headers, _ = push(site, image_bytes(3), {
        "Targets": [system("sub04")], "Oem": {"ClusterBmc": {"DryRun": True}}})
    assert status == 202
    assert end_of(site, headers)["TaskState"] == "Completed", json.dumps(headers)
    assert not state_of(site, "sub04")


def test_a_scrape_never_waits_for_hardware(site):
    """Every adb call hangs, and ignores being cancelled; the data gets old, and that is said. The
    last test of the file: the boards restart."""
    boards = [b for b in site.members("Systems") if b != "main"]
    for board in boards:
        site.sim("fault", id=board, fault="adb_wedge", seconds=600)
    try:
        for board in boards:  # calls that can't end
            site.post(f"Systems/{board}/Actions/ComputerSystem.Reset",
                      {"ResetType": "GracefulRestart"})
        took = []
        for _ in range(20):
            text = scrape(site).text
            took.append(families(text)["clusterbmc_scrape_duration_seconds"][1].popitem()[1])
        assert sorted(took)[10] < 0.5 * SLOW, took
    finally:
        site.sim("clear")

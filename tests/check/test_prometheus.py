# SPDX-License-Identifier: Apache-2.0
"""What is shipped for Prometheus, Alertmanager and Grafana, as those programs' own checkers see
it. tests/integration/test_prometheus.py runs it."""
import json
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from sources import TOP

pytestmark = [pytest.mark.plain_only]

CONF = TOP / "conf"
DASHBOARDS = sorted((CONF / "grafana/dashboards").glob("*.json"))


def run(program, *words, cwd=None, package="prometheus"):
    if not shutil.which(program):
        pytest.skip(f"{program} is not here (apt install {package})")
    done = subprocess.run([program, *words], cwd=cwd, capture_output=True, text=True, timeout=120,
                          check=False)
    return done.returncode, done.stdout + done.stderr


def laid_out(folder, config):
    """The configuration with what it names where it says."""
    (folder / "clusterbmc").mkdir()
    shutil.copy(CONF / "prometheus" / config, folder)
    for name in ("rules.yml", "agents.yml", "boards.yml"):
        shutil.copy(CONF / "prometheus" / name, folder / "clusterbmc")
    for name in ("ca.pem", "password"):
        (folder / "clusterbmc" / name).write_text("")
    return folder / config


@pytest.mark.parametrize("name", ["prometheus.yml", "fleet.yml"])
def test_configuration_is_fine(tmp_path, name):
    config = laid_out(tmp_path, name)
    status, said = run("promtool", "check", "config", str(config))
    assert status == 0 and "23 rules found" in said and "WARNING" not in said.upper(), said
    config.write_text(config.read_text().replace("basic_auth", "basic_author"))
    assert run("promtool", "check", "config", str(config))[0] != 0


def test_the_seed_s_retention():
    words = (CONF / "prometheus/default").read_text()
    assert ('\nARGS="--storage.tsdb.retention.time=7d --storage.tsdb.retention.size=4GB"\n'
            in words)


def test_rules_do_what_their_tests_say():
    status, said = run("promtool", "test", "rules", "rules-test.yml", cwd=CONF / "prometheus")
    assert status == 0, said


@pytest.mark.parametrize("old,new", [(r'== 1\b', "== 2"), (r"for: (1m|2m|10m|15m)", "for: 40s"),
                                     (r"> 120", "> 20"), (r'unless on.*\n', "\n")])
def test_rules_that_are_wrong_are_noticed(tmp_path, old, new):
    rules = (CONF / "prometheus/rules.yml").read_text()
    (tmp_path / "rules.yml").write_text(re.sub(old, new, rules))
    shutil.copy(CONF / "prometheus/rules-test.yml", tmp_path)
    status, said = run("promtool", "test", "rules", "rules-test.yml", cwd=tmp_path)
    assert status != 0 and "FAILED" in said, said


def test_each_rule_is_tested():
    """Each alert is silent in one place and fires in another; each sum has a value."""
    groups = yaml.safe_load((CONF / "prometheus/rules.yml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    tests = yaml.safe_load((CONF / "prometheus/rules-test.yml").read_text())["tests"]
    asked = [one for test in tests for one in test.get("alert_rule_test", ())]
    alerts = {rule["alert"] for rule in rules if "alert" in rule}
    assert {one["alertname"] for one in asked if one.get("exp_alerts")} == alerts
    assert {one["alertname"] for one in asked if not one.get("exp_alerts")} == alerts
    summed = {one["expr"] for test in tests for one in test.get("promql_expr_test", ())}
    assert summed == {rule["record"] for rule in rules if "record" in rule}
    for rule in rules:
        assert "alert" not in rule or rule["labels"]["severity"] in ("warning", "critical")


def test_unit_of_the_discovery_is_a_unit(tmp_path):
    text = (CONF / "prometheus/bmc-scan.service").read_text()
    copy = tmp_path / "bmc-scan.service"
    copy.write_text(text.replace("/usr/bin/bmc-scan --serve", "/bin/true"))
    status, said = run("systemd-analyze", "verify", "--man=no", str(copy), package="systemd")
    assert status == 0 and "bmc-scan.service" not in said, said
    status, said = run("systemd-analyze", "security", "--offline=true", "--threshold=20",
                       str(copy), package="systemd")
    assert status == 0, said


def test_alertmanager_takes_its_example():
    config = CONF / "alertmanager/alertmanager.yml"
    status, said = run("amtool", "check-config", str(config), package="prometheus-alertmanager")
    assert status == 0 and "1 receivers" in said, said


def test_alertmanager_names_alerts_that_exist():
    text = (CONF / "alertmanager/alertmanager.yml").read_text()
    named = set(re.findall(r"alertname !?= (\w+)", text))
    assert named and named <= set(re.findall(r"- alert: (\w+)",
                                             (CONF / "prometheus/rules.yml").read_text()))


def test_dashboards_are_what_the_generator_makes():
    done = subprocess.run([sys.executable, "-B", str(CONF / "grafana/generate.py"), "--check"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda p: p.stem)
def test_dashboard_is_whole(path):
    body = json.loads(path.read_text())
    assert re.fullmatch(r"clusterbmc-\w+", body["uid"]) and body["schemaVersion"] >= 36
    names = [v["name"] for v in body["templating"]["list"]]
    assert names[0] == "source" and body["templating"]["list"][0]["type"] == "datasource"
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(body["panels"]))) - {"__data"}
    assert used == set(names), "variables that are not there, or not used"
    places = set()
    for panel in body["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                 for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & places and at["x"] + at["w"] <= 24, panel["title"]
        places |= cells
        assert all(t["datasource"]["uid"] == "${source}" for t in panel["targets"])
        assert len({t["refId"] for t in panel["targets"]}) == len(panel["targets"])


def test_the_three_dashboards_of_the_seed_are_there():
    bodies = {b["uid"]: b for b in (json.loads(p.read_text()) for p in DASHBOARDS)}
    assert sorted(b["title"] for b in bodies.values()) == [
        "CPU frequency and temperature", "Device details", "Device overview"]
    names = {u: {v["name"] for v in b["templating"]["list"]} for u, b in bodies.items()}
    assert "node" in names["clusterbmc-details"] and "core" in names["clusterbmc-cpu"]


def test_provisioning_names_the_folders():
    for path in sorted((CONF / "grafana/provisioning").rglob("*.yml")):
        assert yaml.safe_load(path.read_text())["apiVersion"] == 1, path
    text = (CONF / "grafana/provisioning/dashboards/clusterbmc.yml").read_text()
    assert yaml.safe_load(text)["providers"][0]["options"]["path"] == "/var/lib/grafana/dashboards"


# ---- doc/fleet.md ----

PAGE = (TOP / "doc/fleet.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)


def test_commands_of_the_page_lay_out_what_prometheus_takes(tmp_path):
    """As they are, but for the place, the packages and the service."""
    if not shutil.which("promtool"):
        pytest.skip("promtool is not here (apt install prometheus)")
    block, = [b for b in BLOCKS if "apt-get install prometheus" in b]
    block = re.sub(r"^(apt-get|systemctl) .*\n", "", block, flags=re.M)
    block = block.replace("/etc/", f"{tmp_path}/etc/").replace(
        "/usr/share/clusterbmc/prometheus", str(CONF / "prometheus"))
    block = block.replace("-g prometheus ", "")
    for name in ("YOUR-CA.pem", "PASSWORD-FILE"):
        (tmp_path / name).write_text("x\n")
        block = block.replace(name, str(tmp_path / name))
    for folder in ("etc/prometheus", "etc/default", "etc/systemd/system"):
        (tmp_path / folder).mkdir(parents=True)
    status, said = run("sh", "-euc", block)
    assert status == 0 and "SUCCESS" in said, said


def test_options_that_the_page_shows_exist():
    script = CONF / "examples/events/redfish-to-nats.py"
    shown = set(re.findall(r"--[a-z-]+", "".join(b for b in BLOCKS if script.name in b)))
    status, said = run(sys.executable, "-B", str(script), "--help")
    assert status == 0 and shown and shown <= set(re.findall(r"--[a-z-]+", said))
    scan = (TOP / "agent/cli/scan/options.c").read_text()
    shown = {o for line in re.findall(r"`bmc-scan ([^`]*)`", PAGE)
             for o in re.findall(r"--([a-z-]+)", line)}
    assert shown and all(f'{{ "{option}"' in scan for option in shown)


def test_files_that_the_page_names_are_there():
    linked = re.findall(r"\]\((\.\./[^)#]+)\)", PAGE)
    assert len(linked) >= 5
    for path in linked:
        assert (TOP / "doc" / path).exists(), path

# SPDX-License-Identifier: Apache-2.0
"""The history of readings over Redfish: what a page plots of the last hour and day."""
import pytest

from harness import Agent, eventually

pytestmark = [pytest.mark.coverage]

R = "TelemetryService/MetricReports"
QUICK = "\nhistory: {samples: 30, interval: 1s, means: 20, mean_interval: 2s}\n"


def running(agent, history):
    agent.start()
    agent.stop()
    return agent.start_daemon(lambda text: text + history)


@pytest.fixture(scope="module")
def agent():
    one = Agent(platform="r2")
    try:
        yield running(one, QUICK)
    finally:
        one.remove()


def series(body):
    """{(metric, resource): [samples]}, with the newest as the standard's part says it."""
    values, oem = body["MetricValues"], body["Oem"]["ClusterBmc"]
    assert len(values) == len(oem["Series"])
    return {(v["MetricId"], v["MetricProperty"].split("#")[0]):
            [float(n) if n else None for n in (text or "").split(",")]
            for v, text in zip(values, oem["Series"])}


def shown(agent, report, key, wanted):
    """The series, as soon as it is as wanted."""
    return eventually(lambda: (lambda s: wanted(s) and s)(
        series(agent.json(f"{R}/{report}"))[key]), 60)


BOARD = ("BoardCpuLoad", "/redfish/v1/Systems/sub1-02")


def test_samples_of_all_boards_are_in_one_report(agent):
    agent.sim("set", kind="board", id="sub1-02", field="cpu_load", value=42500)
    samples = shown(agent, "BoardCpuLoad.Hour", BOARD, lambda s: s[-3:] == [42.5] * 3)
    agent.sim("set", kind="board", id="sub1-02", field="cpu_load", value=7000)
    shown(agent, "BoardCpuLoad.Hour", BOARD,
          lambda s: s[-1] == 7 and s[-4:].count(42.5) + s[-4:].count(7) >= 3)
    assert len(samples) <= 30
    body = agent.json(f"{R}/BoardCpuLoad.Hour")
    assert body["Oem"]["ClusterBmc"]["IntervalSeconds"] == 1
    boards = [b for b in agent.members("Systems") if b != "main"]
    assert {f"/redfish/v1/Systems/{b}" for b in boards} <= {at for _, at in series(body)}
    assert body["Timestamp"].endswith("Z")
    newest = {v["MetricProperty"]: v["MetricValue"] for v in body["MetricValues"]}
    assert newest[BOARD[1] + "#/Oem/ClusterBmc/CpuLoadPercent"] == "7"


def test_a_report_of_a_board_has_all_its_readings(agent):
    body = series(agent.json(f"{R}/sub1-02.Hour"))
    assert {"BoardCpuLoad", "BoardMemoryUsed", "BoardStorageUsed", "BoardSocTemperature",
            "NetworkReceived", "SensorReading"} <= {metric for metric, _ in body}
    assert all("sub1-02" in at for _, at in body)
    chassis = series(agent.json(f"{R}/{agent.members('Chassis')[0]}.Hour"))
    assert {"FanSpeed", "PsuInputPower"} <= {metric for metric, _ in chassis}
    assert not any("sub1-02" in at for _, at in chassis)


def test_what_a_counter_gained_is_by_the_second(agent):
    nic = next(at for m, at in series(agent.json(f"{R}/sub1-02.Hour")) if m == "NetworkReceived")
    total = agent.json(nic)["Oem"]["ClusterBmc"]["RxBytes"]
    rates = shown(agent, "sub1-02.Hour", ("NetworkReceived", nic),
                  lambda s: sum(n is not None for n in s) >= 3)
    assert all(n is None or 0 <= n <= max(total, 10 ** 9) for n in rates)


def test_means_reach_further_back(agent):
    agent.sim("set", kind="board", id="sub1-02", field="cpu_load", value=33000)
    shown(agent, "BoardCpuLoad.Day", BOARD, lambda s: s[-1] == 33)
    body = agent.json(f"{R}/sub1-02.Day")
    assert body["Oem"]["ClusterBmc"]["IntervalSeconds"] == 2
    assert body["Timestamp"] <= agent.json(f"{R}/sub1-02.Hour")["Timestamp"]


def test_reports_are_found_and_others_are_not_there(agent):
    ids = agent.members(R)
    assert {"BoardCpuLoad.Hour", "BoardCpuLoad.Day", "SensorReading.Hour"} <= set(ids)
    assert len(ids) == len(set(ids))
    for one in ids:
        body = agent.json(f"{R}/{one}")
        assert body["Id"] == one and len(body["MetricValues"]) == len(
            body["Oem"]["ClusterBmc"]["Series"])
    page = agent.json(f"{R}?$skip=1&$top=2")
    assert [m["@odata.id"].rsplit("/", 1)[1] for m in page["Members"]] == ids[1:3]
    for wrong in ("BoardCpuLoad", "BoardCpuLoad.Week", ".Hour", "nothing.Hour", "sub1-02",
                  "sub1-02.hour", "x" * 40 + ".Hour", "Hour"):
        assert agent.get(f"{R}/{wrong}").status_code == 404, wrong
    schema = agent.get("Schemas/ClusterBmcMetricReport_v1.xml").text
    assert 'Name="Series" Type="Collection(Edm.String)"' in schema


def test_without_history_reports_are_empty():
    one = Agent(platform="r1")
    try:
        running(one, "\nhistory: {samples: 0}\n")
        body = one.json(f"{R}/BoardCpuLoad.Hour")
        assert body["Timestamp"] is None
        assert set(body["Oem"]["ClusterBmc"]["Series"]) == {None}
        assert {v["MetricValue"] for v in body["MetricValues"]} == {None}
    finally:
        one.remove()

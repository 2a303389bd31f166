# SPDX-License-Identifier: Apache-2.0
"""A dashboard over the series that prometheus.py names."""
import json

SOURCE = {"type": "prometheus", "uid": "${source}"}
WHERE = '{instance="$instance"}'
WIDTH = 24


def target(expression, legend):
    return {"datasource": SOURCE, "expr": expression, "legendFormat": legend, "refId": "A"}


def panel(number, kind, title, expression, place, legend="", unit="none", **options):
    x, y, w, h = place
    return {"id": number, "type": kind, "title": title, "datasource": SOURCE,
            "gridPos": {"x": x, "y": y, "w": w, "h": h},
            "fieldConfig": {"defaults": {"unit": unit, **options}, "overrides": []},
            "targets": [target(expression.replace("WHERE", 'instance="$instance"'), legend)]}


BAD = {"thresholds": {"mode": "absolute", "steps": [{"color": "green", "value": None},
                                                    {"color": "red", "value": 1}]}}
# kind, title, expression, (x, y, w, h), legend, unit, options
PANELS = [
    ("stat", "Boards on", "cbmcBoardsOn{WHERE}", (0, 0, 4, 4), "", "none", {}),
    ("stat", "Boards present", "cbmcBoardsPresent{WHERE}", (4, 0, 4, 4), "", "none", {}),
    ("stat", "Power", "cbmcPower{WHERE} / 1000", (8, 0, 4, 4), "", "watt", {}),
    ("stat", "Age of the data", "cbmcDataAge{WHERE}", (12, 0, 4, 4), "", "ms", {}),
    ("stat", "Parts in need", 'sum(cbmcBoardHealth{WHERE, cbmcBoardHealth=~"warning|critical"})'
     ' + sum(cbmcFanHealth{WHERE, cbmcFanHealth=~"warning|critical"})'
     ' + sum(cbmcPsuHealth{WHERE, cbmcPsuHealth=~"warning|critical"})', (16, 0, 8, 4), "",
     "none", BAD),
    ("table", "Conditions", "cbmcConditionSeverity{WHERE} == 1", (0, 4, 12, 8),
     "", "none", {}),
    ("timeseries", "Power of blades", "cbmcBladePower{WHERE} / 1000", (12, 4, 12, 8),
     "{{cbmcBladeId}}", "watt", {}),
    ("timeseries", "Boards by state",
     "sum by (cbmcBoardState) (cbmcBoardState{WHERE})", (0, 12, 12, 8), "{{cbmcBoardState}}",
     "none", {}),
    ("timeseries", "Hottest boards", "topk(10, cbmcBoardSocTemperature{WHERE} / 1000)",
     (12, 12, 12, 8), "{{cbmcBoardId}}", "celsius", {}),
    ("timeseries", "Load of boards", "topk(10, cbmcBoardCpuLoad{WHERE} / 1000)",
     (0, 20, 12, 8), "{{cbmcBoardId}}", "percent", {}),
    ("timeseries", "Fans", "cbmcFanRpm{WHERE}", (12, 20, 12, 8), "{{cbmcFanId}}", "rotrpm", {}),
    ("timeseries", "Received", "topk(10, rate(cbmcNicRxBytes{WHERE}[5m]))", (0, 28, 12, 8),
     "{{cbmcNicId}}", "Bps", {}),
    ("timeseries", "Sent", "topk(10, rate(cbmcNicTxBytes{WHERE}[5m]))", (12, 28, 12, 8),
     "{{cbmcNicId}}", "Bps", {}),
]


def variable(name, kind, query, **more):
    return {"name": name, "type": kind, "query": query, **more}


def dashboard(_module):
    panels = [panel(i, kind, title, expression, place, legend, unit, **options)
              for i, (kind, title, expression, place, legend, unit, options)
              in enumerate(PANELS, 1)]
    choices = [variable("source", "datasource", "prometheus"),
               variable("instance", "query", "label_values(cbmcBoardsOn, instance)",
                        datasource=SOURCE, refresh=2)]
    return json.dumps({"title": "Cluster server", "uid": "clusterbmc", "tags": ["clusterbmc"],
                       "schemaVersion": 36, "editable": True, "refresh": "1m",
                       "time": {"from": "now-6h", "to": "now"},
                       "templating": {"list": choices}, "panels": panels}, indent=1) + "\n"

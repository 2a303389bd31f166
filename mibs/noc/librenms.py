# SPDX-License-Identifier: Apache-2.0
"""LibreNMS: by what it knows the device, and its sensors with their states."""
import choice
from writing import document

HEAD = "Made from CLUSTER-BMC-MIB by mibs/noc/generate.py."
CLASSES = {"C": "temperature", "V": "voltage", "A": "current", "W": "power", "rpm": "fanspeed",
           "%": "percent"}
# A sensor's class follows from its type: rows of each are a class of their own.
SENSOR_TYPES = {"temperature": "temperature", "voltage": "voltage",
                "electricCurrent": "current", "power": "power", "rotational": "fanspeed",
                "percent": "percent", "humidity": "humidity"}


def detection(module):
    return document({
        "os": "clusterbmc", "text": "Cluster server", "type": "server", "icon": "generic",
        "mib_dir": "clusterbmc",
        "over": [{"graph": "device_temperature", "text": "Temperature"},
                 {"graph": "device_power", "text": "Power"}],
        # ENTITY-SENSOR-MIB shows the same readings, without their limits.
        "bad_entity_sensor_regex": ["/./"],
        "discovery": [{"sysObjectID": ["." + ".".join(map(str, module.product))]}],
    }, HEAD, "LibreNMS: resources/definitions/os_detection/clusterbmc.yaml")


def entry(o, names, index="{{ $index }}"):
    """What every sensor says of where it is read and what it is called."""
    out = {"oid": o.table.name if o.table else o.name, "value": o.name,
           "num_oid": f".{o.dotted}.{{{{ $index }}}}", "index": f"{o.name}.{index}",
           "descr": choice.spaced(o.name), "group": "Chassis"}
    if o.table:
        row = choice.name_of(o.table, names)
        out["descr"] = f"{{{{ ${row.name} }}}} {short(o)}"
        out["group"] = choice.spaced(o.table.name.removesuffix("Table"))
    return out


def short(o):
    """cbmcPsuOutputPower of cbmcPsuTable: output power."""
    return choice.spaced(o.name.removeprefix(o.table.name.removesuffix("Table"))).lower()


def number(o, names):
    out = entry(o, names)
    if choice.divisor(o) != 1:
        out["divisor"] = choice.divisor(o)
    return out


def limits(o, columns):
    """cbmcSensorValue has limits beside it, in the same unit."""
    words = {"low_limit": "LowCritical", "low_warn_limit": "LowWarning",
             "warn_limit": "HighWarning", "high_limit": "HighCritical"}
    stem = o.name.removesuffix("Value")
    return {key: stem + word for key, word in words.items() if stem + word in columns}


def sensor_rows(module, names):
    """cbmcSensorTable: one entry for each type."""
    value, kind = module.objects["cbmcSensorValue"], module.objects["cbmcSensorType"]
    columns = {o.name for o in module.columns("cbmcSensorTable")}
    for number_, word in kind.values.items():
        if word in SENSOR_TYPES:
            out = entry(value, names)
            out["descr"] = "{{ $cbmcSensorId }}"
            out["divisor"] = choice.divisor(value)
            out.update(limits(value, columns))
            out["skip_values"] = [{"oid": kind.name, "op": "!=", "value": number_}]
            yield SENSOR_TYPES[word], out


def state(o, names):
    out = entry(o, names)
    out["state_name"] = o.name
    out["states"] = [{"value": n, "descr": word, "graph": 1, "generic": choice.severity(word)}
                     for n, word in o.values.items()]
    return out


def all_sensors(module):
    named = {table.name: names for table, _, names in choice.tables(module)}
    for o in choice.readings(module):
        names = named.get(o.table.name, []) if o.table else []
        if o.table and o.table.name == "cbmcConditionTable":
            continue  # its rows come and go
        if o.values:
            yield "state", state(o, names)
        elif choice.unit(o) in CLASSES and not o.name.startswith("cbmcSensor") \
                and o.access == "read-only":
            yield CLASSES[choice.unit(o)], number(o, names)
    yield from sensor_rows(module, named["cbmcSensorTable"])


def pool(module, total, used):
    o = module.objects[total]
    return {"oid": o.table.name, "total": total, "used": used,
            "descr": "{{ $cbmcBoardId }} memory", "index": "{{ $index }}", "type": "clusterbmc"}


def processor(module):
    o = module.objects["cbmcBoardCpuLoad"]
    return {"oid": o.table.name, "value": o.name, "num_oid": f".{o.dotted}.{{{{ $index }}}}",
            "descr": "{{ $cbmcBoardId }}", "index": "{{ $index }}", "type": "clusterbmc",
            "precision": choice.divisor(o)}


def discovery(module):
    sensors = {}
    for kind, sensor in all_sensors(module):
        sensors.setdefault(kind, {"data": []})["data"].append(sensor)
    modules = {
        "os": {"hardware": "CLUSTER-BMC-MIB::cbmcModel.0",
               "serial": "CLUSTER-BMC-MIB::cbmcSerialNumber.0",
               "version": "CLUSTER-BMC-MIB::cbmcManagerVersion.0"},
        "mempools": {"data": [pool(module, "cbmcBoardMemoryBytes", "cbmcBoardMemoryUsed")]},
        "processors": {"data": [processor(module)]},
        "sensors": {kind: sensors[kind] for kind in sorted(sensors)},
    }
    return document({"mib": "CLUSTER-BMC-MIB", "modules": modules}, HEAD,
                    "LibreNMS: resources/definitions/os_discovery/clusterbmc.yaml")

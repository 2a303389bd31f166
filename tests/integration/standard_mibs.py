# SPDX-License-Identifier: Apache-2.0
"""What the RFCs say of the standard tables' columns: number, object, syntax. A syntax is a
word of SMIv2 with a range or the values of an enumeration, checked on what a client without
any MIB prints of a varbind."""
import re

INT32 = (-2**31, 2**31 - 1)
UINT32 = (0, 2**32 - 1)
TRUTH = (1, 2)
PHYSICAL = (1, 2**31 - 1)


def number(kind, low, high):
    def good(tag, value):
        return tag == kind and re.fullmatch(r"-?\d+", value) and low <= int(value) <= high
    return good


def integer(low=INT32[0], high=INT32[1]):
    return number("INTEGER", low, high)


def unsigned(low=0, high=UINT32[1]):
    return number("Gauge32", low, high)


def ticks(tag, value):
    return tag == "Timeticks" and re.match(r"\(\d+\)", value)


def octets(value, tag):
    """The octets of an OCTET STRING as snmpwalk prints them, or None."""
    if value == '""' and tag is None:
        return b""
    if tag == "STRING":
        return value[1:-1].encode()
    if tag == "Hex-STRING":
        return bytes.fromhex(value.replace(" ", ""))
    return None


def string(low=0, high=255, *sizes):
    def good(tag, value):
        is_ = octets(value, tag)
        return is_ is not None and (len(is_) in sizes if sizes else low <= len(is_) <= high)
    return good


def name(tag, value):
    return tag == "OID" and re.fullmatch(r"[.\d]+", value)


def address(tag, value):
    return tag == "IpAddress" and re.fullmatch(r"\d+(\.\d+){3}", value)


counter = number("Counter32", *UINT32)
counter64 = number("Counter64", 0, 2**64 - 1)
date = string(0, 0, 8, 11)

# {OID of the entry: ({column: (object, syntax)}, sub-identifiers of the index)}; 0: a group of
# scalars; None: a scalar of its own, its column is the instance
TABLES = {
    # RFC 6933
    "1.3.6.1.2.1.47.1.1.1.1": ({
        2: ("entPhysicalDescr", string()),
        3: ("entPhysicalVendorType", name),
        4: ("entPhysicalContainedIn", integer(0)),
        5: ("entPhysicalClass", integer(1, 15)),
        6: ("entPhysicalParentRelPos", integer(-1)),
        7: ("entPhysicalName", string()),
        8: ("entPhysicalHardwareRev", string()),
        9: ("entPhysicalFirmwareRev", string()),
        10: ("entPhysicalSoftwareRev", string()),
        11: ("entPhysicalSerialNum", string(0, 32)),
        12: ("entPhysicalMfgName", string()),
        13: ("entPhysicalModelName", string()),
        14: ("entPhysicalAlias", string(0, 32)),
        15: ("entPhysicalAssetID", string(0, 32)),
        16: ("entPhysicalIsFRU", integer(*TRUTH)),
        17: ("entPhysicalMfgDate", date),
        18: ("entPhysicalUris", string()),
        19: ("entPhysicalUUID", string(0, 0, 0, 16)),
    }, 1),
    "1.3.6.1.2.1.47.1.3.2.1": ({2: ("entAliasMappingIdentifier", name)}, 2),
    "1.3.6.1.2.1.47.1.3.3.1": ({1: ("entPhysicalChildIndex", integer(*PHYSICAL))}, 2),
    "1.3.6.1.2.1.47.1.4": ({1: ("entLastChangeTime", ticks)}, 0),
    # RFC 3433
    "1.3.6.1.2.1.99.1.1.1": ({
        1: ("entPhySensorType", integer(1, 14)),
        2: ("entPhySensorScale", integer(1, 17)),
        3: ("entPhySensorPrecision", integer(-8, 9)),
        4: ("entPhySensorValue", integer(-10**9, 10**9)),
        5: ("entPhySensorOperStatus", integer(1, 3)),
        6: ("entPhySensorUnitsDisplay", string()),
        7: ("entPhySensorValueTimeStamp", ticks),
        8: ("entPhySensorValueUpdateRate", unsigned()),
    }, 1),
    # RFC 4268
    "1.3.6.1.2.1.131.1.1.1": ({
        1: ("entStateLastChanged", string(0, 0, 8, 11)),
        2: ("entStateAdmin", integer(1, 4)),
        3: ("entStateOper", integer(1, 4)),
        4: ("entStateUsage", integer(1, 4)),
        5: ("entStateAlarm", string(0, 1)),
        6: ("entStateStandby", integer(1, 4)),
    }, 1),
    # RFC 2863, RFC 4293
    "1.3.6.1.2.1.2.1": ({0: ("ifNumber", integer(0))}, None),
    "1.3.6.1.2.1.2.2.1": ({
        1: ("ifIndex", integer(1)),
        2: ("ifDescr", string()),
        3: ("ifType", integer(1, 300)),
        4: ("ifMtu", integer()),
        5: ("ifSpeed", unsigned()),
        6: ("ifPhysAddress", string()),
        7: ("ifAdminStatus", integer(1, 3)),
        8: ("ifOperStatus", integer(1, 7)),
        9: ("ifLastChange", ticks),
        10: ("ifInOctets", counter),
        14: ("ifInErrors", counter),
        16: ("ifOutOctets", counter),
        20: ("ifOutErrors", counter),
    }, 1),
    "1.3.6.1.2.1.31.1.1.1": ({
        1: ("ifName", string()),
        6: ("ifHCInOctets", counter64),
        10: ("ifHCOutOctets", counter64),
        14: ("ifLinkUpDownTrapEnable", integer(1, 2)),
        15: ("ifHighSpeed", unsigned()),
        17: ("ifConnectorPresent", integer(*TRUTH)),
        18: ("ifAlias", string(0, 64)),
        19: ("ifCounterDiscontinuityTime", ticks),
    }, 1),
    "1.3.6.1.2.1.31.1.2.1": ({3: ("ifStackStatus", integer(1, 6))}, 2),
    "1.3.6.1.2.1.31.1.5": ({0: ("ifTableLastChange", ticks)}, None),
    "1.3.6.1.2.1.31.1.6": ({0: ("ifStackLastChange", ticks)}, None),
    # RFC 2790
    "1.3.6.1.2.1.25.1": ({
        1: ("hrSystemUptime", ticks),
        2: ("hrSystemDate", string(0, 0, 8, 11)),
    }, 0),
    "1.3.6.1.2.1.25.2.2": ({0: ("hrMemorySize", integer(0))}, None),
    "1.3.6.1.2.1.25.2.3.1": ({
        1: ("hrStorageIndex", integer(1)),
        2: ("hrStorageType", name),
        3: ("hrStorageDescr", string()),
        4: ("hrStorageAllocationUnits", integer(1)),
        5: ("hrStorageSize", integer(0)),
        6: ("hrStorageUsed", integer(0)),
    }, 1),
    "1.3.6.1.2.1.25.3.2.1": ({
        1: ("hrDeviceIndex", integer(1)),
        2: ("hrDeviceType", name),
        3: ("hrDeviceDescr", string(0, 64)),
        4: ("hrDeviceID", name),
        5: ("hrDeviceStatus", integer(1, 5)),
    }, 1),
    "1.3.6.1.2.1.25.3.3.1": ({
        1: ("hrProcessorFrwID", name),
        2: ("hrProcessorLoad", integer(0, 100)),
    }, 1),
    "1.3.6.1.2.1.25.3.4.1": ({1: ("hrNetworkIfIndex", integer(0))}, 1),
    "1.3.6.1.2.1.25.3.6.1": ({
        1: ("hrDiskStorageAccess", integer(1, 2)),
        2: ("hrDiskStorageMedia", integer(1, 8)),
        3: ("hrDiskStorageRemoveble", integer(*TRUTH)),
        4: ("hrDiskStorageCapacity", integer(0)),
    }, 1),
    # RFC 3877
    "1.3.6.1.2.1.118.1.1.1": ({0: ("alarmModelLastChanged", ticks)}, None),
    "1.3.6.1.2.1.118.1.1.2.1": ({
        3: ("alarmModelNotificationId", name),
        4: ("alarmModelVarbindIndex", unsigned()),
        5: ("alarmModelVarbindValue", integer()),
        6: ("alarmModelDescription", string()),
        7: ("alarmModelSpecificPointer", name),
        8: ("alarmModelVarbindSubtree", name),
        9: ("alarmModelResourcePrefix", name),
        10: ("alarmModelRowStatus", integer(1, 6)),
    }, 3),
    "1.3.6.1.2.1.118.1.2.1": ({0: ("alarmActiveLastChanged", ticks)}, None),
    "1.3.6.1.2.1.118.1.2.2.1": ({
        4: ("alarmActiveEngineID", string(0, 0, 0, *range(5, 33))),
        5: ("alarmActiveEngineAddressType", integer(0, 16)),
        6: ("alarmActiveEngineAddress", string()),
        7: ("alarmActiveContextName", string(0, 32)),
        8: ("alarmActiveVariables", unsigned()),
        9: ("alarmActiveNotificationID", name),
        10: ("alarmActiveResourceId", name),
        11: ("alarmActiveDescription", string()),
        12: ("alarmActiveLogPointer", name),
        13: ("alarmActiveModelPointer", name),
        14: ("alarmActiveSpecificPointer", name),
    }, 14),
    "1.3.6.1.2.1.118.1.2.4.1": ({
        1: ("alarmActiveStatsActiveCurrent", unsigned()),
        2: ("alarmActiveStatsActives", counter),
        3: ("alarmActiveStatsLastRaise", ticks),
        4: ("alarmActiveStatsLastClear", ticks),
    }, 1),
    "1.3.6.1.2.1.118.1.2.5": ({0: ("alarmActiveOverflow", counter)}, None),
    "1.3.6.1.2.1.118.1.3.1": ({0: ("alarmClearMaximum", unsigned())}, None),
    "1.3.6.1.2.1.118.1.3.2.1": ({
        3: ("alarmClearEngineID", string(0, 0, 0, *range(5, 33))),
        4: ("alarmClearEngineAddressType", integer(0, 16)),
        5: ("alarmClearEngineAddress", string()),
        6: ("alarmClearContextName", string(0, 32)),
        7: ("alarmClearNotificationID", name),
        8: ("alarmClearResourceId", name),
        9: ("alarmClearLogIndex", unsigned()),
        10: ("alarmClearModelPointer", name),
    }, 14),
    # RFC 7460; eoPowerNameplate is not known
    "1.3.6.1.2.1.229.0.1": ({0: ("eoPowerEnableStatusNotification", integer(*TRUTH))}, None),
    "1.3.6.1.2.1.229.1.1.1": ({1: ("eoMeterCapability", string(1, 1))}, 1),
    "1.3.6.1.2.1.229.1.2.1": ({
        1: ("eoPower", integer()),
        3: ("eoPowerUnitMultiplier", integer(-24, 24)),
        4: ("eoPowerAccuracy", integer(0, 10000)),
        5: ("eoPowerMeasurementCaliber", integer(1, 5)),
        6: ("eoPowerCurrentType", integer(1, 3)),
        7: ("eoPowerMeasurementLocal", integer(*TRUTH)),
        8: ("eoPowerAdminState", integer(255, 259)),
        9: ("eoPowerOperState", integer(255, 259)),
        10: ("eoPowerStateEnterReason", string(0, 127)),
    }, 1),
}
SUBTREES = ("1.3.6.1.2.1.2", "1.3.6.1.2.1.25", "1.3.6.1.2.1.31", "1.3.6.1.2.1.118",
            "1.3.6.1.2.1.47", "1.3.6.1.2.1.99", "1.3.6.1.2.1.131",
            "1.3.6.1.2.1.229")


def varbinds(text):
    """[(name as numbers, tag, value)] of a walk with -On."""
    found = []
    for line in text.splitlines():
        if not line.startswith("."):
            found[-1][2] += "\n" + line
            continue
        oid, _, value = line.partition(" = ")
        tag = re.match(r"([\w-]+): ", value)
        found.append([tuple(map(int, oid[1:].split("."))), tag and tag[1],
                      value[tag.end():].strip() if tag else value.strip()])
    return found


def place(oid):
    """(entry, column, index) of an object, the longest entry that fits; None: in no table."""
    for n in range(len(oid) - 1, 6, -1):
        entry = ".".join(map(str, oid[:n]))
        if entry in TABLES:
            return entry, oid[n], oid[n + 1:]
    return None


def wrong(found):
    """What of a walk is not as the RFCs say, as lines of text."""
    lines = [f"{b[0]} after {a[0]}" for a, b in zip(found, found[1:]) if b[0] <= a[0]]
    for oid, tag, value in found:
        where = place(oid)
        if not where or where[1] not in TABLES[where[0]][0]:
            lines.append(f"{oid}: no such object")
            continue
        (object_, good), n = TABLES[where[0]][0][where[1]], TABLES[where[0]][1]
        if not good(tag, value):
            lines.append(f"{object_}.{where[2]}: {tag} {value}")
        if where[2] != {None: (), 0: (0,)}.get(n, where[2]) or n and len(where[2]) != n:
            lines.append(f"{object_}.{where[2]}: index")
    return lines


def table(found, entry):
    """{index: {object: value}} of one table of a walk; strings without their quotes."""
    rows = {}
    for oid, tag, value in found:
        where = place(oid)
        if where and where[0] == entry:
            text = octets(value, tag)
            rows.setdefault(where[2], {})[TABLES[entry][0][where[1]][0]] = \
                value if text is None else text.decode(errors="replace") \
                if tag != "Hex-STRING" else text
    return rows

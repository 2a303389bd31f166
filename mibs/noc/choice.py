# SPDX-License-Identifier: Apache-2.0
"""What of the MIB all of the NOC's tools show: which objects are readings, by what names rows are
called, what units mean, and how bad each word of an enumeration is."""
import re

# Tables that grow with what happens: their rows are no time series.
NO_SERIES = ("cbmcEventTable", "cbmcJobTable", "cbmcJobResultTable")
# Texts that name a row. Each becomes a label or a description.
NAMES = re.compile(r"cbmc\w+(?:Id|Name)$|cbmcConditionReason$")
REFERENCES = re.compile(r"cbmc\w+(?:BoardBlade|BoardSlot|ActionJob|NextIndex)$")
NUMBERS = ("INTEGER", "Integer32", "Unsigned32", "Gauge32", "Counter32", "Counter64",
           "DateAndTime")
# Words of enumerations by how bad they are; all others are as they should be. A board that
# is off, or a slot that is empty, may well be meant so.
CRITICAL = {"critical", "lost", "failed"}
WARNING = {"warning", "unavailableOffline", "notRedundant", "quiesced", "adbOffline",
           "exception", "interrupted", "standbyOffline"}
UNKNOWN = {"unknown"}


def is_gauge64(o):
    """Counter64 is SMIv2's only 64-bit type: conventions named *Gauge64 mean a gauge."""
    return "Gauge64" in o.syntax


def is_order(o):
    """Something to write: what reading it gives says nothing."""
    return (o.values.get(1) in ("none", "noOp") and o.access != "read-only"
            or o.syntax in ("TestAndIncr", "RowStatus", "StorageType"))


def is_name(o):
    return o.base == "OCTET STRING" and bool(NAMES.match(o.name))


def is_reading(o):
    """A number that is worth a time series."""
    return (o.readable and o.base in NUMBERS and not is_order(o)
            and not REFERENCES.match(o.name)
            and not (o.table and o.table.name in NO_SERIES))


def readings(module):
    return [o for o in module.objects.values() if is_reading(o)]


def tables(module):
    """Tables that have readings, with them and with the texts that name a row."""
    found = []
    for name in module.tables():
        columns = module.columns(name)
        shown = [o for o in columns if is_reading(o)]
        if shown:
            found.append((module.objects[name], shown, [o for o in columns if is_name(o)]))
    return found


def name_of(table, names):
    """The text by which a row is called: its Id, a condition's origin."""
    return next(o for o in names if o.name.endswith(("Id", "OriginId")))


def kind_of(table_name):
    """cbmcBoardTable: board."""
    return re.sub(r"^cbmc(\w+)Table$", r"\1", table_name).lower()


def spaced(text):
    """cbmcPsuOutputPower: Psu output power."""
    parts = re.findall(r"[A-Z0-9][a-z0-9]*", text.removeprefix("cbmc"))
    return " ".join([parts[0], *(p.lower() for p in parts[1:])])


def divisor(o):
    """By what a value is divided to be in plain units."""
    if o.units.startswith(("milli", "0.001")) or o.hint == "d-3":
        return 1000
    return 1


# What UNITS says, and the word for the plain unit.
PLAIN = {"degrees celsius": "C", "volts": "V", "amperes": "A", "watts": "W", "percent": "%",
         "revolutions per minute": "rpm", "octets": "B", "bytes": "B", "joules": "J",
         "hours": "h", "seconds": "s", "megahertz": "MHz", "megabits per second": "Mbps"}


def unit(o):
    words = re.sub(r"^(0\.001 |milli)", "", o.units.lower())
    return PLAIN.get(words, "")


def severity(word):
    """0 good, 1 warning, 2 critical, 3 unknown, as LibreNMS and Nagios count."""
    return 2 if word in CRITICAL else 1 if word in WARNING else 3 if word in UNKNOWN else 0

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes redfish/privilege-table.c from DMTF's privilege registry. By hand, when DMTF has
published a new one:

    redfish/privileges-gen.py Redfish_1.8.0_PrivilegeRegistry.json >redfish/privilege-table.c"""
import json
import sys
from pathlib import Path

LETTERS = {"Login": "L", "ConfigureSelf": "S", "ConfigureComponents": "C", "ConfigureUsers": "U",
           "ConfigureManager": "M", "NoAuth": "N"}
METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE", "PUT")  # those of enum rf_method

HEAD = """// SPDX-License-Identifier: Apache-2.0
// Made by privileges-gen.py from DMTF's %s: do not edit.
#include "core/base/util.h"
#include "redfish/privileges.h"

#define L BMC_PRIV_LOGIN
#define S BMC_PRIV_CONFIGURE_SELF
#define C BMC_PRIV_CONFIGURE_COMPONENTS
#define U BMC_PRIV_CONFIGURE_USERS
#define M BMC_PRIV_CONFIGURE_MANAGER
#define N RF_PRIV_NO_AUTH

/* clang-format off */
"""


def mask(alternatives):
    """One of them is enough. The table has no place for "this privilege and that one"."""
    if any(len(one["Privilege"]) != 1 for one in alternatives):
        sys.exit(f"needs several privileges at once: {alternatives}")
    return " | ".join(LETTERS[one["Privilege"][0]] for one in alternatives)


def masks(operations):
    """0: as without the override."""
    return ", ".join(mask(operations[m]) if m in operations else "0" for m in METHODS)


def lines(registry):
    mappings = sorted(registry["Mappings"], key=lambda m: m["Entity"])
    yield f'const char rf_privilege_registry[] = "{registry["Id"]}";\n\n'
    yield "const struct rf_privilege_entity rf_privilege_entities[] = {\n"
    for m in mappings:
        yield f'\t{{ "{m["Entity"]}", {{ {masks(m["OperationMap"])} }} }},\n'
    yield "};\nconst size_t rf_n_privilege_entities = ARRAY_SIZE(rf_privilege_entities);\n\n"
    yield "const struct rf_privilege_override rf_privilege_below[] = {\n"
    for m in mappings:
        if m.get("ResourceURIOverrides"):
            sys.exit(f"{m['Entity']}: overrides by URI are not supported")
        for o in m.get("SubordinateOverrides", []):
            yield (f'\t{{ "{m["Entity"]}", "{"/".join(o["Targets"])}", '
                   f'{{ {masks(o["OperationMap"])} }} }},\n')
    yield "\t{ .entity = NULL },\n};\n\n"
    yield "const struct rf_privilege_override rf_privilege_properties[] = {\n"
    for m in mappings:
        for o in m.get("PropertyOverrides", []):
            for target in o["Targets"]:
                yield f'\t{{ "{m["Entity"]}", "{target}", {{ {masks(o["OperationMap"])} }} }},\n'
    yield "\t{ .entity = NULL },\n};\n/* clang-format on */\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    registry = json.loads(Path(sys.argv[1]).read_text())
    sys.stdout.writelines([HEAD % registry["Id"], *lines(registry)])

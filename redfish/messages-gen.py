#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes redfish/standard-messages.c from DMTF's message registries. By hand, when DMTF has
published new ones:

    redfish/messages-gen.py FOLDER >redfish/standard-messages.c

FOLDER holds one version of each of REGISTRIES (Base.1.22.1.json, ...)."""
import json
import sys
from pathlib import Path

REGISTRIES = ("AccountSecurity", "Base", "HeartbeatEvent", "JobEvent", "LogService",
              "ManagerEvent", "Platform", "ResourceEvent", "SensorEvent",
              "ServiceCommunications", "StorageDevice", "TaskEvent", "Telemetry", "Update")

HEAD = """// SPDX-License-Identifier: Apache-2.0
// Made by messages-gen.py from DMTF's message registries: do not edit.
#include "core/base/util.h"
#include "redfish/standard.h"

/* clang-format off */
"""


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def load(folder, prefix):
    files = sorted(Path(folder).glob(f"{prefix}.[0-9]*.json"))
    if len(files) != 1:
        sys.exit(f"{folder}: {len(files)} files of the registry {prefix}")
    return json.loads(files[0].read_text())


def lines(folder):
    registries = [load(folder, prefix) for prefix in REGISTRIES]
    yield "const struct rf_standard_registry rf_standard_registries[] = {\n"
    for r in registries:
        yield f'\t{{ "{r["RegistryPrefix"]}", "{r["RegistryVersion"]}" }},\n'
    yield "\t{ .prefix = NULL },\n};\n\nconst struct rf_standard rf_standards[] = {\n"
    for r in registries:
        for key, m in sorted(r["Messages"].items()):
            yield (f'\t{{ "{r["RegistryPrefix"]}", "{key}", "{m["MessageSeverity"]}", '
                   f'{m["NumberOfArgs"]}, {quoted(m["Message"])}, '
                   f'{quoted(m["Resolution"])} }},\n')
    yield "};\n/* clang-format on */\n\nconst size_t rf_n_standards = ARRAY_SIZE(rf_standards);\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.stdout.writelines([HEAD, *lines(sys.argv[1])])

// SPDX-License-Identifier: Apache-2.0
#pragma once

/* net-snmp's settings that are the process's: no file and no environment of the
 * system's, its log lines in ours. Before the thread runs. */

/** No MIB files, no configuration files, nothing kept by net-snmp itself; `dir` is
 *  where it would. Before init_agent. */
void sn_library_isolate(const char *dir);

/** Takes over its log, and its limits. After init_snmp. */
void sn_library_started(void);

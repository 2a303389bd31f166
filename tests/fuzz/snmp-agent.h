// SPDX-License-Identifier: Apache-2.0
#pragma once

/* The SNMP frontend over a small chassis without plugins, without its own thread: the
 * target calls sn_pass. The communities are "r" (read), "p" (read, but for a column of
 * the boards) and "w" (write). */

/** Starts it with `more` (a line, or "") in its config; a socket that is connected to
 * it. Once. */
int snmp_agent(const char *more);

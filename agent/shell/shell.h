// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/conf.h"

/* Shells of boards for browsers and for bmc: a WebSocket at /shell/NODE whose other end
 * is a stream of the board's plugin (core/plugin/stream.h). For the role Administrator
 * alone; doc/shell.md has the messages.
 *
 * What the board sends passes through unread. A shell ends with its command, its
 * WebSocket, its session, the account's role, and after an idle time. */

/** Registers /shell. `shell` is the section of that name. Main thread, before
 * http_start. */
void shell_init(const struct bmc_conf *shell);
/** Main thread, after http_stop. */
void shell_done(void);

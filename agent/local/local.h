// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/conf.h"

/* The local API, for scripts that were written for the seed's: POST, and where the
 * configuration says so GET, of http://localhost:7070/api/VERB/BOARD with the verbs
 * reset, reboot, poweron and poweroff. It listens on 127.0.0.1 only and asks for no
 * login: whatever runs on this machine may restart boards with it, and nothing else.
 * What a browser sends for another site's page is refused, see origin.h. The audit log
 * has each action with the user "local-api".
 *
 * Answers are JSON objects with a `message`; of what was accepted (202) also with
 * `node`, `action` and the number of its `task`, null where there was nothing to do
 * (200); of what was refused with `error`, a short code. */

/** Has the HTTP server listen. `local_api`: the section of that name in the config;
 * without `enabled` it does nothing. Main thread, before http_start. */
int local_init(const struct bmc_conf *local_api, struct bmc_error *err);
/** Main thread, after http_stop. */
void local_done(void);

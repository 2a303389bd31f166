// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "daemon/daemon.h"

/* For tests, and only with `test: true` in the configuration: a socket
 * STATE_DIR/test.sock (SOCK_SEQPACKET). While a client is connected to it, no snapshot
 * is published: what the client reads meanwhile, over whichever frontend, is of one
 * generation. Each client is sent the number of that generation, in decimal, once
 * publishing is paused. Main thread. */

int bmc_test_hook_init(struct bmc_daemon *d, struct bmc_error *err);
void bmc_test_hook_done(struct bmc_daemon *d);

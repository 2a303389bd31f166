// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdio.h>

#include "bmc/conf.h"
#include "bmc/error.h"

/* The Redfish face: an HTTPS server, and a plain one on loopback when asked for. It
 * reads snapshots and changes things through the door only. */

/** Starts to listen, also without a pair of key and certificate: that is logged, and
 *  handshakes fail until rf_reload() finds one. `http` is the section of that name in
 * the config, with the schema's defaults: https_port, http_port (0: off), bind,
 * certificate, key and the limits. Needs the inventory and the people. Main thread. */
int rf_start(const struct bmc_conf *http, const char *state_dir, struct bmc_error *err);
/** Whether rf_start could use that section: its address, key and certificate. Opens no
 *  port. Before rf_start. */
int rf_check(const struct bmc_conf *http, struct bmc_error *err);
/** Answers what waits with 503, closes all connections, ends the threads. Main thread.
 */
void rf_stop(void);
/** The port in use, 0 when that server is off. */
unsigned rf_port(bool tls);
/** Takes the body's bound, key and certificate over, these also from files that changed
 * under the same name (what can't be loaded is logged and stays as it was), and forgets
 * rendered bodies. Main thread. */
void rf_reload(const struct bmc_conf *http);

/** Prints each resource's properties: URI pattern, path, field, type; tab separated. */
void rf_dump(FILE *out);

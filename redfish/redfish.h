// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdio.h>

/* The Redfish frontend: a handler of the HTTP server. It reads snapshots and changes
 * things through the action API only. */

/* The version of DSP0266 that is kept to: 1.RF_MINOR. */
#define RF_MINOR 22
#define RF_ROOT  "/redfish/v1/"

/** Whether UpdateService has the deprecated HttpPushUri, beside MultipartHttpPushUri;
 * at first not. Main thread, before rf_init. */
void rf_serve_http_push(bool on);
/** Registers with the HTTP server. Needs the inventory and the accounts. Main thread,
 * before http_start. */
void rf_init(void);
/** Drops rendered bodies. Main thread, after http_stop. */
void rf_done(void);
/** The config was reloaded: drops rendered bodies. Any thread. */
void rf_reload(void);

/** Prints each resource's properties: URI pattern, path, field, type; tab separated. */
void rf_dump(FILE *out);

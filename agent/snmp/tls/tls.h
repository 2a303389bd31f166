// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

#include "bmc/conf.h"
#include "bmc/error.h"
#include "snmp/access.h"

/* SNMP over TLS (RFC 6353) with the Transport Security Model (RFC 5591), off unless
 * `snmp.tls.port` is set. A thread of its own, the front, listens and does all of TLS,
 * so that no client, however slow, holds up SNMP's thread: that gets whole messages,
 * with the name of the client whose certificate was seen. */

/** Whether there is to be a front. Any thread. */
bool sn_tls_wanted(const struct bmc_conf *snmp);

/** Whether sn_tls_open could use `tls`. Any thread. */
int sn_tls_check(const struct bmc_conf *snmp, struct bmc_error *err);

/** Opens the listeners and has net-snmp take messages from the front. After init_snmp,
 *  before privileges are dropped. */
int sn_tls_open(const struct bmc_conf *snmp, const char *state_dir,
		struct bmc_error *err);

/** Whose certificates are taken from now on, and by which names; a connection of one
 *  that is gone ends with its next message. SNMP's thread, or before it runs. */
void sn_tls_use(const struct sn_access *a);

/** Starts the front's thread, when it was opened. Main thread. */
int sn_tls_start(struct bmc_error *err);

/** Ends that thread and its connections. Main thread. */
void sn_tls_stop(void);

/** Closes the listeners. When SNMP's thread has ended. */
void sn_tls_close(void);

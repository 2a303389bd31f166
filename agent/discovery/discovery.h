// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/socket.h>

#include "bmc/error.h"

/* Being found by clients that do not know our address: DNS-SD, and SSDP as DSP0266
 * ("Discovery") asks. A search that was multicast, or sent to us, is answered with the
 * URL of the service root; who wants it is told when the service comes and goes. It is
 * off, with no socket open, until the manager's ssdp_enabled says so (NetworkProtocol's
 * SSDP.ProtocolEnabled).
 *
 * A search may be forged, so: who is not on the link gets no answer, an answer has at
 * most three times the search's length and is the only one, answers are limited
 * (limit.h), and nothing is said on the loopback. Main thread. */

struct discovery_conf {
	unsigned minor;   /* the service keeps to version 1.minor of DSP0266 */
	const char *path; /* of the service root */
	/** The port at which it is served over TLS at that address; 0: not there. */
	unsigned (*port)(const struct sockaddr *address);
	/** The file by which Avahi publishes the service while the agent runs
	 * (dnssd.h), copied; NULL: none. */
	const char *service_file;
};

/** `conf` is copied. After the manager's row is published, and until discovery_stop. */
int discovery_start(const struct discovery_conf *conf, struct bmc_error *err);
void discovery_stop(void);

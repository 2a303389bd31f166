// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>

#include "bmc/conf.h"
#include "bmc/error.h"
#include "bmc/model.h"

/* Certificates of clients, mutual TLS: which authorities are trusted, and whose name a
 * certificate is in. A chain is verified for each connection, also of one that resumes
 * a session, against the authorities and the time of now: a ticket proves nothing. */

/* What a connection has been verified with. */
struct http_certified {
	uint64_t generation;   /* of the authorities; 0: not verified yet */
	int64_t at;            /* BMC_TIME */
	char name[BMC_ID_MAX]; /* "": no certificate that is trusted */
	uint32_t row; /* the stored certificate it rests on; 0: the configuration */
};

/** Takes the section's keys over: asks for certificates from the next handshake on.
 * When the file of authorities can't be read those before stay, at the start none are
 * trusted. Main thread. */
int http_trust_load(const struct bmc_conf *http, struct bmc_error *err);
/** Whether http_trust_load could. */
int http_trust_check(const struct bmc_conf *http, struct bmc_error *err);
/** Main thread, after the serving threads. */
void http_trust_done(void);

/** Asks the client of a handshake for its certificate, if that is configured. */
void http_trust_ask(gnutls_session_t session);
/** Brings `c` up to date. False: a certificate is required and there is none that is
 * trusted. The connection's serving thread. */
bool http_trust_verify(gnutls_session_t session, struct http_certified *c);

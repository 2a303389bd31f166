// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snmp/tls/dtls-hello.h"
#include "snmp/tls/dtls-socket.h"
#include "snmp/tls/session.h"

/* A session over UDP. The front's thread. */

#define SN_DTLS_RECORD_MAX 16384u /* octets of a message: it is one record */

struct sn_dtls_session {
	uint64_t id;
	struct sn_dtls_path path;
	gnutls_session_t tls;
	bool open;     /* the handshake is done */
	int64_t until; /* BMC_TIME: it is ended then */
	int64_t used;  /* BMC_TIME of its last message */
	uint8_t random[SN_DTLS_RANDOM], print[SN_TLS_PRINT];
	const uint8_t *in; /* the datagram that is being read */
	size_t in_len;
};

/** What a session is made by. */
struct sn_dtls_begin {
	const struct sn_dtls_path *path;
	const uint8_t *random; /* of its ClientHello */
	gnutls_dtls_prestate_st *prestate;
	gnutls_certificate_credentials_t credentials;
	bool old; /* DTLS 1.0 will do */
};

/** NULL: out of memory. */
struct sn_dtls_session *sn_dtls_session_new(const struct sn_dtls_begin *b);

/** Ends it and frees it. Returns NULL. */
struct sn_dtls_session *sn_dtls_session_free(struct sn_dtls_session *s);

/** Handles a datagram, answers are to have `room` octets of a datagram at most. False:
 *  the session has ended. */
bool sn_dtls_session_take(struct sn_dtls_session *s, const uint8_t *data, size_t len,
			  int link, size_t room);

/** Milliseconds until the next call of sn_dtls_session_tick is due. */
int64_t sn_dtls_session_due(const struct sn_dtls_session *s, int64_t now);

/** Sends what got no answer in time again. False: the session has ended. */
bool sn_dtls_session_tick(struct sn_dtls_session *s, int64_t now);

/** Sends an answer. */
void sn_dtls_session_answer(struct sn_dtls_session *s, const uint8_t *data, size_t len);

// SPDX-License-Identifier: Apache-2.0
/* Handshake and messages of a session over UDP, see dtls-session.h. GnuTLS is given one
 * datagram at a time; it drops records that were seen before or do not authenticate,
 * and sends its part of a handshake again. Called by dtls.c. */
#include "snmp/tls/dtls-session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/tls/message.h"

#define RESEND_MS     1000
#define HANDSHAKE_MTU 1200u /* octets of a datagram; IPv6 carries it everywhere */
#define RECORDS       64    /* read at a time */
#define HEADER        13u   /* of a record; ends with its length (RFC 6347, 4.1) */

/* ---- datagrams ---- */

static ssize_t push(gnutls_transport_ptr_t p, const void *data, size_t len)
{
	const struct sn_dtls_session *s = p;

	sn_dtls_send(&s->path, data, len);
	return (ssize_t)len;
}

static ssize_t pull(gnutls_transport_ptr_t p, void *data, size_t size)
{
	struct sn_dtls_session *s = p;
	size_t n = MIN(s->in_len, size);

	if (n == 0) {
		gnutls_transport_set_errno(s->tls, EAGAIN);
		return -1;
	}
	memcpy(data, s->in, n);
	s->in_len = 0; /* what does not fit is no record of ours */
	return (ssize_t)n;
}

static int pull_timeout(gnutls_transport_ptr_t p, unsigned ms)
{
	const struct sn_dtls_session *s = p;

	(void)ms; /* the front never waits */
	return s->in_len > 0;
}

/* ---- life ---- */

struct sn_dtls_session *sn_dtls_session_new(const struct sn_dtls_begin *b)
{
	struct sn_dtls_session *s = calloc(1, sizeof(*s));

	if (!s || !(s->tls = sn_tls_session_new(true, b->old, b->credentials))) {
		free(s);
		return NULL;
	}
	s->id = sn_tls_session_id();
	s->path = *b->path;
	s->used = bmc_now();
	s->until = s->used + SN_TLS_HANDSHAKE_MS;
	memcpy(s->random, b->random, sizeof(s->random));
	gnutls_transport_set_ptr(s->tls, s);
	gnutls_transport_set_push_function(s->tls, push);
	gnutls_transport_set_pull_function(s->tls, pull);
	gnutls_transport_set_pull_timeout_function(s->tls, pull_timeout);
	gnutls_dtls_prestate_set(s->tls, b->prestate);
	gnutls_dtls_set_mtu(s->tls, HANDSHAKE_MTU);
	gnutls_dtls_set_timeouts(s->tls, RESEND_MS, SN_TLS_HANDSHAKE_MS);
	return s;
}

struct sn_dtls_session *sn_dtls_session_free(struct sn_dtls_session *s)
{
	if (!s)
		return NULL;
	s->in_len = 0;
	if (s->open)
		(void)gnutls_bye(s->tls, GNUTLS_SHUT_WR);
	gnutls_deinit(s->tls);
	free(s);
	return NULL;
}

static bool ended(const struct sn_dtls_session *s, const char *why)
{
	return sn_tls_session_ended(&s->path.peer, why);
}

static bool shake(struct sn_dtls_session *s)
{
	enum sn_tls_step step = sn_tls_session_shake(s->tls, &s->path.peer, s->print);

	if (step != SN_TLS_DONE)
		return step != SN_TLS_FAILED;
	s->open = true;
	s->used = bmc_now();
	s->until = s->used + SN_TLS_IDLE_MS;
	return true;
}

/* ---- messages ---- */

/* One that finds the link full is lost, as on the way: its client sends it again. */
static bool deliver(struct sn_dtls_session *s, uint8_t *data, size_t len, int link)
{
	struct sn_tls_head head = { .conn = s->id,
				    .peer = s->path.peer,
				    .room = gnutls_dtls_get_data_mtu(s->tls),
				    .datagrams = true };

	if (sn_tls_message_length(data, len) != (long)len)
		return ended(s, "a record is no SNMP message");
	if (sn_tls_message_deliver(link, &head, s->print, data, len) == SN_TLS_REFUSED)
		return false;
	s->used = bmc_now();
	s->until = s->used + SN_TLS_IDLE_MS;
	return true;
}

static bool read_records(struct sn_dtls_session *s, int link)
{
	static uint8_t record[SN_DTLS_RECORD_MAX];

	for (int i = 0; i < RECORDS; i++) {
		ssize_t n = gnutls_record_recv(s->tls, record, sizeof(record));
		if (n == 0)
			return false;
		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			return true;
		if (n < 0 && gnutls_error_is_fatal((int)n))
			return ended(s, gnutls_strerror((int)n));
		if (n > 0 && !deliver(s, record, (size_t)n, link))
			return false;
	}
	return true;
}

/* One record. GnuTLS would take what is left of a bad one for the next one's begin. */
static bool take(struct sn_dtls_session *s, const uint8_t *data, size_t len, int link,
		 size_t room)
{
	s->in = data;
	s->in_len = len;
	if (!s->open) {
		if (!shake(s))
			return false;
		if (!s->open)
			return true;
		gnutls_dtls_set_mtu(s->tls, (unsigned)MIN(room, SN_DTLS_RECORD_MAX));
	}
	return read_records(s, link);
}

bool sn_dtls_session_take(struct sn_dtls_session *s, const uint8_t *data, size_t len,
			  int link, size_t room)
{
	while (len >= HEADER) {
		size_t n = HEADER + ((size_t)data[HEADER - 2] << 8 | data[HEADER - 1]);
		if (n > len)
			return true;
		if (!take(s, data, n, link, room))
			return false;
		data += n;
		len -= n;
	}
	return true;
}

void sn_dtls_session_answer(struct sn_dtls_session *s, const uint8_t *data, size_t len)
{
	ssize_t n = gnutls_record_send(s->tls, data, len);

	if (n < 0)
		log_limited(LOG_INFO, "snmp: an answer over DTLS is lost: %s",
			    gnutls_strerror((int)n));
}

/* ---- time ---- */

int64_t sn_dtls_session_due(const struct sn_dtls_session *s, int64_t now)
{
	int64_t left = MAX(s->until - now, 0);

	if (s->open)
		return left;
	return MIN(left, (int64_t)gnutls_dtls_get_timeout(s->tls));
}

bool sn_dtls_session_tick(struct sn_dtls_session *s, int64_t now)
{
	s->in_len = 0;
	if (s->until <= now)
		return s->open ? false : ended(s, "its handshake takes too long");
	if (s->open || gnutls_dtls_get_timeout(s->tls) > 0)
		return true;
	return shake(s);
}

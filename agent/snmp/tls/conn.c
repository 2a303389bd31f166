// SPDX-License-Identifier: Apache-2.0
/* A connection over TLS: its handshake, the messages that it brings, and the answers to
 * them. Called by tls.c. */
#include "snmp/tls/conn.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/tls/message.h"

#define SERIES 8 /* records read before the others get their turn */

struct sn_tls_conn *sn_tls_conn_new(int fd, const struct sockaddr_in6 *peer,
				    gnutls_certificate_credentials_t credentials,
				    bool old)
{
	struct sn_tls_conn *c = malloc(sizeof(*c)); /* its rooms are not touched yet */

	if (c)
		memset(c, 0, offsetof(struct sn_tls_conn, in));
	if (!c || !(c->tls = sn_tls_session_new(false, old, credentials))) {
		free(c);
		(void)close(fd);
		return NULL;
	}
	c->id = sn_tls_session_id();
	c->fd = fd;
	c->peer = *peer;
	c->until = bmc_now() + SN_TLS_HANDSHAKE_MS;
	gnutls_transport_set_int(c->tls, fd);
	return c;
}

struct sn_tls_conn *sn_tls_conn_free(struct sn_tls_conn *c)
{
	if (!c)
		return NULL;
	if (c->open)
		(void)gnutls_bye(c->tls, GNUTLS_SHUT_WR);
	gnutls_deinit(c->tls);
	(void)close(c->fd);
	free(c);
	return NULL;
}

/* A client that takes no answers is not read from either. */
static bool reads(const struct sn_tls_conn *c)
{
	return !c->open || (!c->blocked && c->out_len == 0);
}

short sn_tls_conn_events(const struct sn_tls_conn *c)
{
	bool writes =
		c->open ? c->out_len > 0 : gnutls_record_get_direction(c->tls) == 1;

	return (short)((reads(c) && (c->open || !writes) ? POLLIN : 0) |
		       (writes ? POLLOUT : 0));
}

bool sn_tls_conn_pending(const struct sn_tls_conn *c)
{
	return c->open && reads(c) && gnutls_record_check_pending(c->tls) > 0;
}

static bool ended(const struct sn_tls_conn *c, const char *why)
{
	return sn_tls_session_ended(&c->peer, why);
}

static bool shake(struct sn_tls_conn *c)
{
	enum sn_tls_step step = sn_tls_session_shake(c->tls, &c->peer, c->print);

	c->open = step == SN_TLS_DONE;
	if (c->open)
		c->until = bmc_now() + SN_TLS_IDLE_MS;
	return step != SN_TLS_FAILED;
}

/* ---- messages ---- */

/* Gives a message to SNMP's thread; false: the connection ends. */
static bool deliver(struct sn_tls_conn *c, size_t len, int link)
{
	struct sn_tls_head head = { .conn = c->id, .peer = c->peer };
	enum sn_tls_delivery d =
		sn_tls_message_deliver(link, &head, c->print, c->in, len);

	c->blocked = d == SN_TLS_BLOCKED;
	if (d != SN_TLS_DELIVERED)
		return c->blocked;
	c->until = bmc_now() + SN_TLS_IDLE_MS;
	c->in_len -= len;
	memmove(c->in, c->in + len, c->in_len);
	return true;
}

static bool deliver_all(struct sn_tls_conn *c, int link)
{
	c->blocked = false;
	while (!c->blocked) {
		long len = sn_tls_message_length(c->in, c->in_len);
		if (len < 0)
			return ended(c, "it sends no SNMP, or too long a message");
		if (len == 0 || (size_t)len > c->in_len)
			return true;
		if (!deliver(c, (size_t)len, link))
			return false;
	}
	return true;
}

static bool read_some(struct sn_tls_conn *c, int link)
{
	for (int i = 0; i < SERIES && reads(c); i++) {
		ssize_t n = gnutls_record_recv(c->tls, c->in + c->in_len,
					       sizeof(c->in) - c->in_len);
		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			return true;
		if (n == 0)
			return false;
		if (n < 0)
			return ended(c, gnutls_strerror((int)n));
		c->in_len += (size_t)n;
		if (!deliver_all(c, link))
			return false;
	}
	return true;
}

/* ---- answers ---- */

void sn_tls_conn_answer(struct sn_tls_conn *c, const uint8_t *data, size_t len)
{
	if (len > sizeof(c->out) - c->out_len) {
		log_limited(LOG_INFO, "snmp: a client over TLS does not take its "
				      "answers; some are left out");
		return;
	}
	memcpy(c->out + c->out_len, data, len);
	c->out_len += len;
}

static bool write_some(struct sn_tls_conn *c)
{
	while (c->out_len > 0) {
		ssize_t n = gnutls_record_send(c->tls, c->out, c->out_len);
		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			return true;
		if (n < 0)
			return ended(c, gnutls_strerror((int)n));
		c->out_len -= (size_t)n;
		memmove(c->out, c->out + n, c->out_len);
	}
	return true;
}

bool sn_tls_conn_serve(struct sn_tls_conn *c, int link)
{
	if (!c->open && !shake(c))
		return false;
	return !c->open ||
	       (deliver_all(c, link) && write_some(c) && read_some(c, link));
}

// SPDX-License-Identifier: Apache-2.0
// Sending over TLS, see conn.h. Called by the connection's serving thread.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/util.h"
#include "http/conn-table.h"

#define PARTS_MAX 8 /* gnutls writes one record, of a few parts, at a time */

void http_conn_header_next(struct http_conn *c)
{
	if (c)
		c->header_next = true;
}

/* Copies a header's record, to be sent with the next; false: it is too long for that.
 */
static bool hold(struct http_conn *c, const struct iovec *iov, int n)
{
	size_t len = 0;

	for (int i = 0; i < n; i++) {
		if (iov[i].iov_len > sizeof(c->held) - len)
			return false;
		memcpy(c->held + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	c->n_held = len;
	return true;
}

/* What was held went first. None of the rest may be reported before all of it went. */
static ssize_t after_held(struct http_conn *c, size_t sent)
{
	size_t held = c->n_held;

	c->n_held -= MIN(held, sent);
	memmove(c->held, c->held + held - c->n_held, c->n_held);
	if (sent > held)
		return (ssize_t)(sent - held);
	errno = EAGAIN;
	return -1;
}

ssize_t http_conn_send(struct http_conn *c, const struct iovec *iov, int n)
{
	struct iovec all[PARTS_MAX] = { { c->held, c->n_held } };
	struct msghdr m = { .msg_iov = all, .msg_iovlen = 1 };
	bool header = c->header_next;

	c->header_next = false;
	if (header && !c->n_held && hold(c, iov, n))
		return (ssize_t)c->n_held;
	for (int i = 0; i < n && m.msg_iovlen < PARTS_MAX; i++)
		all[m.msg_iovlen++] = iov[i];
	ssize_t sent = sendmsg(c->fd, &m, MSG_NOSIGNAL);
	return sent > 0 ? after_held(c, (size_t)sent) : sent;
}

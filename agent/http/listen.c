// SPDX-License-Identifier: Apache-2.0
// Accepting, see listen.h. Called by the accepting thread.
#include "http/listen.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/address.h"
#include "core/base/liveness.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "http/conn.h"
#include "http/handshakes.h"

#define ASK_MS (BMC_LIVE_BEAT_MS - 1000)
#define SERIES 64 /* connections taken before the deadlines are looked at again */

/* Whether the address may begin another handshake now. */
static bool admitted(const struct sockaddr *a, socklen_t len)
{
	char host[BMC_ADDRESS_MAX];

	if (http_handshakes_take(a, bmc_now()))
		return true;
	bmc_address_format(a, len, host, sizeof(host));
	log_limited(LOG_WARNING, "https: too many handshakes from %s; closed", host);
	return false;
}

/* libmicrohttpd closes what it does not take. */
static void hand_over(int fd, struct http_workers *w, const struct sockaddr *from,
		      socklen_t len)
{
	struct http_conn *c = http_conn_admit(fd, w->group, from);

	if (!c) {
		(void)close(fd);
		log_limited(LOG_INFO, "http: a connection is refused: no slot is left "
				      "for its address");
		return;
	}
	w->next = (w->next + 1) % w->n;
	if (MHD_add_connection(w->list[w->next].daemon, fd, from, len) != MHD_YES)
		http_conn_free(c);
}

bool http_accept(int fd, struct http_workers *w)
{
	for (int i = 0; i < SERIES; i++) {
		struct sockaddr_storage a;
		socklen_t len = sizeof(a);
		if (http_conns_ending(w->group))
			return false;
		int c = accept4(fd, (struct sockaddr *)&a, &len,
				SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (c < 0 && errno == ECONNABORTED)
			continue;
		if (c < 0 && (errno == EAGAIN || errno == EINTR))
			return true;
		if (c < 0) {
			(void)http_conns_shed();
			return false;
		}
		if (w->group == HTTP_TLS && !admitted((const struct sockaddr *)&a, len))
			(void)close(c);
		else
			hand_over(c, w, (const struct sockaddr *)&a, len);
	}
	return true;
}

/* The other end is closed: the worker begins with it, which is the beat, and ends it.
 */
static void ask(struct MHD_Daemon *worker)
{
	const struct sockaddr self = { .sa_family = AF_UNSPEC };
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) !=
	    0)
		return;
	(void)close(ends[1]);
	(void)MHD_add_connection(worker, ends[0], &self, sizeof(self));
}

void http_ask_workers(struct http_workers *w)
{
	int64_t now = bmc_now();

	for (unsigned i = 0; i < w->n; i++) {
		if (now - w->list[i].asked < ASK_MS)
			continue;
		w->list[i].asked = now;
		ask(w->list[i].daemon);
	}
}

// SPDX-License-Identifier: Apache-2.0
// See listen.h. Called by the server's start and by its own thread.
#include "http/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/address.h"
#include "core/base/liveness.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "http/conn.h"
#include "http/handshakes.h"

#define BACKLOG 4096
#define ASK_MS  (BMC_LIVE_BEAT_MS - 1000)
#define SERIES  64 /* connections taken before the deadlines are looked at again */

/* "*" is every address: IPv6's, which takes IPv4 too, or where there is none, IPv4's.
 */
static const char *any_address(const char *address)
{
	if (strcmp(address, "*") != 0)
		return address;
	auto_fd int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd >= 0 ? "::" : "0.0.0.0";
}

/* No SO_REUSEPORT: a second daemon has to fail, not to get every other connection. */
static bool bind_to(int fd, const struct addrinfo *a)
{
	int yes = 1, no = 0;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (a->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
	return bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
}

static struct addrinfo *address_of(const char *address, unsigned port,
				   struct bmc_error *err)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_PASSIVE,
				  .ai_socktype = SOCK_STREAM },
			*a = NULL;
	char text[12];

	(void)snprintf(text, sizeof(text), "%u", port);
	if (getaddrinfo(any_address(address), text, &hints, &a) != 0) {
		(void)bmc_fail(err, BMC_EINVAL,
			       "http.bind: '%s' is no address: numbers, or *", address);
		return NULL;
	}
	return a;
}

int http_listen_check(const char *address, struct bmc_error *err)
{
	struct addrinfo *a = address_of(address, 0, err);

	if (!a)
		return BMC_EINVAL;
	freeaddrinfo(a);
	return 0;
}

int http_listen(const char *address, unsigned port, struct bmc_error *err)
{
	struct addrinfo *a = address_of(address, port, err);

	if (!a)
		return BMC_EINVAL;
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool ok = fd >= 0 && bind_to(fd, a);
	freeaddrinfo(a);
	if (ok)
		return fd;
	(void)bmc_fail(err, BMC_EIO, "http: can't listen on %s, port %u: %s", address,
		       port, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return BMC_EIO;
}

unsigned http_listen_port(int fd)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	if (fd < 0 || getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return 0;
	/* the port is at the same place in both families */
	return ntohs(((const struct sockaddr_in *)(const void *)&a)->sin_port);
}

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
	struct http_conn *c = http_conn_admit(fd, w->tls, from);

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
		if (http_conns_ending(w->tls))
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
		if (w->tls && !admitted((const struct sockaddr *)&a, len))
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
	const struct sockaddr self = { .sa_family = AF_UNIX };
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

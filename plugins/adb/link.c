// SPDX-License-Identifier: Apache-2.0
/* One connection to the adb server: never blocks for longer than its deadline, nor than
 * its call lives. A request is four hexadecimal digits of length and a text; the answer
 * is OKAY, or FAIL with a length and a text. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adb.h"

#define SLICE_MS 100 /* after which a cancelled call notices */

static const char *board_of(const struct adb_link *l)
{
	return l->call ? l->adb->ops->target_id(l->call) : "adb server";
}

/* One look at the descriptor: its events, 0 after a slice. */
static int look(struct adb_link *l, short events, int64_t left)
{
	const struct bmc_host_ops *ops = l->adb->ops;
	struct pollfd p = { .fd = l->fd, .events = events };

	if (!l->call)
		return ops->wait(l->adb->host, l->fd, events, left);
	if (l->stream)
		return ops->stream_wait(l->call, l->fd, events, 0, left);
	int n = poll(&p, 1, (int)(left < SLICE_MS ? left : SLICE_MS));
	if (n < 0 && errno != EINTR)
		return BMC_EIO;
	if (ops->cancelled(l->call) && n <= 0)
		return ops->now() >= ops->deadline(l->call) ? BMC_ETIMEDOUT
							    : BMC_ECANCELED;
	return n > 0 ? p.revents : 0;
}

/* Until the descriptor has one of `events`. */
static int wait_for(struct adb_link *l, short events, struct bmc_error *err)
{
	for (;;) {
		int64_t left = l->until - l->adb->ops->now();
		int is = left > 0 ? look(l, events, left) : BMC_ETIMEDOUT;

		if (is == BMC_ECANCELED)
			return bmc_fail(err, is, "%s: cancelled", board_of(l));
		if (is < 0)
			return bmc_fail(err, is, "%s: adb: no answer; reset the board",
					board_of(l));
		if (is > 0)
			return BMC_OK;
	}
}

static int lost(const struct adb_link *l, struct bmc_error *err)
{
	return bmc_fail(err, BMC_EIO, "%s: adb: the connection was closed",
			board_of(l));
}

static int refused(const struct adb_link *l, struct bmc_error *err)
{
	return bmc_fail(err, BMC_EIO,
			"%s: adb: no server at %s port %u; start it: adb start-server",
			board_of(l), l->adb->address, l->adb->port);
}

static int connect_to(struct adb_link *l, const struct sockaddr *to, socklen_t len,
		      struct bmc_error *err)
{
	int one = 1, problem = 0, code;
	socklen_t size = sizeof(problem);

	l->fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return bmc_fail(err, BMC_ENOMEM, "%s: adb: no socket", board_of(l));
	(void)setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(l->fd, to, len) == 0)
		return BMC_OK;
	if (errno != EINPROGRESS)
		return refused(l, err);
	code = wait_for(l, POLLOUT, err);
	if (code < 0)
		return code;
	if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &problem, &size) < 0 || problem)
		return refused(l, err);
	return BMC_OK;
}

int adb_open(struct adb_link *l, struct bmc_error *err)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(l->adb->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(l->adb->port) };
	int code;

	l->fd = -1;
	if (inet_pton(AF_INET, l->adb->address, &in.sin_addr) == 1)
		code = connect_to(l, (struct sockaddr *)&in, sizeof(in), err);
	else if (inet_pton(AF_INET6, l->adb->address, &in6.sin6_addr) == 1)
		code = connect_to(l, (struct sockaddr *)&in6, sizeof(in6), err);
	else
		code = refused(l, err);
	if (code < 0)
		adb_close(l);
	return code;
}

void adb_close(struct adb_link *l)
{
	if (l->fd >= 0)
		(void)close(l->fd);
	l->fd = -1;
}

int adb_send(struct adb_link *l, const void *buf, size_t len, struct bmc_error *err)
{
	const char *at = buf;

	while (len) {
		ssize_t n = send(l->fd, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN) {
			int code = wait_for(l, POLLOUT, err);
			if (code < 0)
				return code;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return lost(l, err);
		at += n;
		len -= (size_t)n;
	}
	return BMC_OK;
}

ssize_t adb_some(struct adb_link *l, void *buf, size_t len, struct bmc_error *err)
{
	for (;;) {
		ssize_t n = recv(l->fd, buf, len, 0);

		if (n >= 0)
			return n;
		if (errno == EAGAIN) {
			int code = wait_for(l, POLLIN, err);
			if (code < 0)
				return code;
		} else if (errno != EINTR) {
			return lost(l, err);
		}
	}
}

int adb_read(struct adb_link *l, void *buf, size_t len, struct bmc_error *err)
{
	char *at = buf;

	while (len) {
		ssize_t n = adb_some(l, at, len, err);

		if (n < 0)
			return (int)n;
		if (n == 0)
			return lost(l, err);
		at += n;
		len -= (size_t)n;
	}
	return BMC_OK;
}

static int hex(const char digits[4])
{
	int n = 0;

	for (int i = 0; i < 4; i++) {
		const char *all = "0123456789abcdef", *at;

		at = digits[i] ? strchr(all, digits[i] | 0x20) : NULL;
		if (!at)
			return -1;
		n = n * 16 + (int)(at - all);
	}
	return n;
}

static int nonsense(const struct adb_link *l, struct bmc_error *err)
{
	return bmc_fail(err, BMC_EIO,
			"%s: adb: what answers on port %u is no adb server",
			board_of(l), l->adb->port);
}

ssize_t adb_block(struct adb_link *l, char *buf, struct bmc_error *err)
{
	char digits[4];
	int code = adb_read(l, digits, sizeof(digits), err), n;

	if (code < 0)
		return code;
	n = hex(digits);
	if (n < 0)
		return nonsense(l, err);
	code = adb_read(l, buf, (size_t)n, err);
	if (code < 0)
		return code;
	buf[n] = '\0';
	return n;
}

/* The reason that comes with FAIL: its first bytes. */
static int failed(struct adb_link *l, struct bmc_error *err)
{
	char digits[4], why[ADB_TEXT_MAX] = "", clean[100];
	int n, code = adb_read(l, digits, sizeof(digits), err);

	if (code < 0)
		return code;
	n = hex(digits);
	if (n < 0)
		return nonsense(l, err);
	if ((size_t)n >= sizeof(why))
		n = sizeof(why) - 1;
	code = adb_read(l, why, (size_t)n, err);
	if (code < 0)
		return code;
	adb_clean(clean, sizeof(clean), why, (size_t)n);
	return bmc_fail(err, BMC_EIO, "%s: adb: %s", board_of(l), clean);
}

int adb_request(struct adb_link *l, struct bmc_error *err, const char *fmt, ...)
{
	char text[4 + 4096], digits[5], answer[4];
	va_list ap;
	int n, code;

	va_start(ap, fmt);
	n = vsnprintf(text + 4, sizeof(text) - 4, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(text) - 4)
		return bmc_fail(err, BMC_ERANGE, "%s: adb: the request is too long",
				board_of(l));
	(void)snprintf(digits, sizeof(digits), "%04x", (unsigned)n);
	memcpy(text, digits, 4);
	code = adb_send(l, text, (size_t)n + 4, err);
	if (code == BMC_OK)
		code = adb_read(l, answer, sizeof(answer), err);
	if (code < 0)
		return code;
	if (memcmp(answer, "FAIL", 4) == 0)
		return failed(l, err);
	return memcmp(answer, "OKAY", 4) == 0 ? BMC_OK : nonsense(l, err);
}

int adb_service(struct adb_link *l, const struct adb_board *b, struct bmc_error *err,
		const char *service)
{
	uint64_t transport;
	int code;

	if (adb_state(l->adb, b, &transport) == BMC_ADB_NONE)
		return bmc_fail(err, BMC_ESTATE,
				"%s: adb: no device at %s; wait for its system or "
				"reset the board",
				b->id, b->where);
	code = adb_open(l, err);
	if (code < 0)
		return code;
	/* the place alone can't be mistaken; a transport is one connection of it */
	code = transport ? adb_request(l, err, "host:transport-id:%llu",
				       (unsigned long long)transport)
			 : adb_request(l, err, "host:transport:%s", b->where);
	if (code == BMC_OK)
		code = adb_request(l, err, "%s", service);
	if (code < 0)
		adb_close(l);
	return code;
}

ssize_t adb_all(struct adb_link *l, char *buf, size_t size, struct bmc_error *err)
{
	size_t len = 0;

	for (;;) {
		ssize_t n = adb_some(l, buf + len, size - len, err);

		if (n < 0)
			return n;
		len += (size_t)n;
		if (len >= size)
			return bmc_fail(err, BMC_EIO,
					"%s: adb: it answers more than %zu bytes",
					board_of(l), size - 1);
		if (n == 0)
			break;
	}
	buf[len] = '\0';
	return (ssize_t)len;
}

ssize_t adb_run(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		const char *command, char *buf, size_t size, struct bmc_error *err)
{
	struct adb_link l = { .adb = a, .call = call, .until = a->ops->deadline(call) };
	char service[4096];
	ssize_t n;
	int code;

	n = snprintf(service, sizeof(service), "shell:%s", command);
	if (n < 0 || (size_t)n >= sizeof(service))
		return bmc_fail(err, BMC_ERANGE, "%s: the command is too long", b->id);
	code = adb_service(&l, b, err, service);
	if (code < 0)
		return code;
	n = adb_all(&l, buf, size, err);
	adb_close(&l);
	return n;
}

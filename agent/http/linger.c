// SPDX-License-Identifier: Apache-2.0
// See linger.h. libmicrohttpd closes its own descriptor; the copy keeps the connection.
#include "http/linger.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/util.h"

#define CHUNK  65536
#define SERIES 16 /* chunks of one connection taken before the others' turn */

struct lingering {
	int fd; /* -1: free */
	int64_t since, received_at;
};

static struct {
	pthread_mutex_t lock;
	int epoll;
	struct lingering list[HTTP_LINGER_MAX];
} linger = { .lock = PTHREAD_MUTEX_INITIALIZER, .epoll = -1 };

void http_linger_open(void)
{
	linger.epoll = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < HTTP_LINGER_MAX; i++)
		linger.list[i].fd = -1;
}

int http_linger_fd(void)
{
	return linger.epoll;
}

static void end(struct lingering *l)
{
	if (l->fd >= 0)
		(void)close(l->fd);
	l->fd = -1;
}

/* A free entry, or that of the oldest, which is closed. */
static struct lingering *entry(void)
{
	struct lingering *oldest = &linger.list[0];

	for (size_t i = 0; i < HTTP_LINGER_MAX; i++) {
		struct lingering *l = &linger.list[i];
		if (l->fd < 0)
			return l;
		if (l->since < oldest->since)
			oldest = l;
	}
	end(oldest);
	return oldest;
}

void http_linger_add(int fd)
{
	int64_t now = bmc_now();
	int copy = linger.epoll < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0)
		return;
	(void)shutdown(copy, SHUT_WR);
	(void)pthread_mutex_lock(&linger.lock);
	struct lingering *l = entry();
	*l = (struct lingering){ copy, now, now };
	struct epoll_event e = { .events = EPOLLIN | EPOLLRDHUP, .data.ptr = l };
	if (epoll_ctl(linger.epoll, EPOLL_CTL_ADD, copy, &e) != 0)
		end(l);
	(void)pthread_mutex_unlock(&linger.lock);
}

/* False: the client has closed it, or it is broken. TCP drops without a copy. */
static bool take(struct lingering *l)
{
	static char bytes[CHUNK];

	for (int i = 0; i < SERIES; i++) {
		ssize_t n = recv(l->fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if (n == 0)
			return false;
		l->received_at = bmc_now();
	}
	return true;
}

void http_linger_drop(void)
{
	struct epoll_event events[HTTP_LINGER_MAX];

	(void)pthread_mutex_lock(&linger.lock);
	int n = epoll_wait(linger.epoll, events, HTTP_LINGER_MAX, 0);
	for (int i = 0; i < n; i++) {
		struct lingering *l = events[i].data.ptr;
		if (l->fd >= 0 && !take(l))
			end(l);
	}
	(void)pthread_mutex_unlock(&linger.lock);
}

void http_linger_tick(int64_t now)
{
	(void)pthread_mutex_lock(&linger.lock);
	for (size_t i = 0; i < HTTP_LINGER_MAX; i++) {
		struct lingering *l = &linger.list[i];
		if (l->fd >= 0 && (now - l->since >= HTTP_LINGER_MS ||
				   now - l->received_at >= HTTP_LINGER_IDLE_MS))
			end(l);
	}
	(void)pthread_mutex_unlock(&linger.lock);
}

void http_linger_close(void)
{
	for (size_t i = 0; i < HTTP_LINGER_MAX; i++)
		end(&linger.list[i]);
	if (linger.epoll >= 0)
		(void)close(linger.epoll);
	linger.epoll = -1;
}

// SPDX-License-Identifier: Apache-2.0
// See stream.h. A stream without bytes to send has its connection suspended. One lock
// is for all: it is held for moments, never while something waits.
#include "http/stream.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "bmc/error.h"
#include "core/base/util.h"
#include "http/call.h"
#include "http/response.h"

#define BLOCK       4096
#define SOCKET_SEND 65536 /* bytes that the kernel queues for a client */

struct http_stream {
	LIST_ENTRY(http_stream) link;
	unsigned refs; /* the producer's and the response's */
	struct MHD_Connection *c;
	int fd;
	bool ended;     /* nothing more is queued */
	bool dead;      /* what is queued is not sent either */
	bool suspended; /* the connection */
	char *queue;
	size_t first, len, room, max; /* the bytes from `first` on are queued */
	const char *keep_alive;
	int64_t written; /* BMC_TIME: when bytes came or went */
};

static struct {
	pthread_mutex_t lock;
	LIST_HEAD(, http_stream) list;
	int64_t idle_ms;
	bool stopped;
} streams = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* All with the lock held. */

static void unref(struct http_stream *s)
{
	if (--s->refs > 0)
		return;
	LIST_REMOVE(s, link);
	free(s->queue);
	free(s);
}

static void resume(struct http_stream *s)
{
	if (!s->suspended)
		return;
	s->suspended = false;
	MHD_resume_connection(s->c);
}

static bool make_room(struct http_stream *s, size_t len)
{
	size_t room = s->room ? s->room : BLOCK;

	if (s->first + s->len + len <= s->room)
		return true;
	if (s->first) {
		memmove(s->queue, s->queue + s->first, s->len);
		s->first = 0;
	}
	while (room < s->len + len)
		room *= 2;
	if (room <= s->room)
		return true;
	char *queue = realloc(s->queue, room);
	if (!queue)
		return false;
	s->queue = queue;
	s->room = room;
	return true;
}

static int append(struct http_stream *s, const void *bytes, size_t len)
{
	if (s->ended || !s->c)
		return BMC_ECANCELED;
	if (len > s->max - s->len || !make_room(s, len)) {
		s->ended = true;
		resume(s);
		return BMC_EAGAIN;
	}
	memcpy(s->queue + s->first + s->len, bytes, len);
	s->len += len;
	s->written = bmc_now();
	resume(s);
	return 0;
}

/* ---- the producer ---- */

int http_stream_write(struct http_stream *s, const void *bytes, size_t len)
{
	(void)pthread_mutex_lock(&streams.lock);
	int r = append(s, bytes, len);
	(void)pthread_mutex_unlock(&streams.lock);
	return r;
}

size_t http_stream_room(struct http_stream *s)
{
	(void)pthread_mutex_lock(&streams.lock);
	size_t room = s->max - s->len;
	(void)pthread_mutex_unlock(&streams.lock);
	return room;
}

bool http_stream_ended(struct http_stream *s)
{
	(void)pthread_mutex_lock(&streams.lock);
	bool ended = s->ended || !s->c;
	(void)pthread_mutex_unlock(&streams.lock);
	return ended;
}

struct http_stream *http_stream_close(struct http_stream *s)
{
	if (!s)
		return NULL;
	(void)pthread_mutex_lock(&streams.lock);
	s->ended = true;
	resume(s);
	unref(s);
	(void)pthread_mutex_unlock(&streams.lock);
	return NULL;
}

/* ---- libmicrohttpd's side ---- */

static ssize_t take(struct http_stream *s, char *buf, size_t max)
{
	size_t n = MIN(s->len, max);

	if (s->dead)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (n == 0 && s->ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n == 0) {
		s->suspended = true;
		MHD_suspend_connection(s->c);
		return 0;
	}
	memcpy(buf, s->queue + s->first, n);
	s->first += n;
	s->len -= n;
	s->written = bmc_now(); /* the producer may be in the middle of a line */
	if (s->len == 0) {      /* most of the time nothing is queued */
		free(s->queue);
		s->queue = NULL;
		s->first = s->room = 0;
	}
	return (ssize_t)n;
}

static ssize_t read_stream(void *cls, uint64_t pos, char *buf, size_t max)
{
	(void)pos;
	(void)pthread_mutex_lock(&streams.lock);
	ssize_t n = take(cls, buf, max);
	(void)pthread_mutex_unlock(&streams.lock);
	return n;
}

static void drop(void *cls)
{
	struct http_stream *s = cls;

	(void)pthread_mutex_lock(&streams.lock);
	s->c = NULL;
	unref(s);
	(void)pthread_mutex_unlock(&streams.lock);
}

static int socket_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);

	return i ? i->connect_fd : -1;
}

static struct http_stream *new_stream(struct MHD_Connection *c, size_t max,
				      const char *keep_alive)
{
	struct http_stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	*s = (struct http_stream){ .refs = 2,
				   .c = c,
				   .fd = socket_of(c),
				   .max = max,
				   .keep_alive = keep_alive,
				   .written = bmc_now() };
	(void)pthread_mutex_lock(&streams.lock);
	LIST_INSERT_HEAD(&streams.list, s, link);
	s->ended = streams.stopped;
	(void)pthread_mutex_unlock(&streams.lock);
	return s;
}

struct http_stream *http_answer_stream(struct http_request *q, const char *type,
				       size_t max, const char *keep_alive)
{
	const struct http_call *call = q->handle;
	struct http_stream *s = new_stream(call->c, max, keep_alive);
	const int size = SOCKET_SEND;

	if (!s)
		return NULL;
	struct MHD_Response *mhd = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, BLOCK, read_stream, s, drop);
	if (!mhd)
		drop(s);
	struct http_response *r = http_response_wrap(mhd, q->secure);
	if (!r)
		return http_stream_close(s);
	(void)setsockopt(s->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	http_response_add(r, "Content-Type", type);
	http_response_add(r, "Cache-Control", "no-store");
	q->pace = HTTP_PACE_TRANSFER;
	http_answer(q, 200, r);
	return s;
}

/* ---- the server's side ---- */

/* A suspended connection is not read, so a client that has closed it is seen here only.
 */
static bool is_gone(const struct http_stream *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0;
}

void http_streams_tick(void)
{
	int64_t now = bmc_now();
	struct http_stream *s, *next;

	(void)pthread_mutex_lock(&streams.lock);
	for (s = LIST_FIRST(&streams.list); s; s = next) {
		next = LIST_NEXT(s, link);
		if (!s->suspended)
			continue;
		if (is_gone(s)) {
			s->ended = s->dead = true;
			resume(s);
		} else if (s->keep_alive && now - s->written >= streams.idle_ms) {
			(void)append(s, s->keep_alive, strlen(s->keep_alive));
		}
	}
	(void)pthread_mutex_unlock(&streams.lock);
}

void http_streams_open(int64_t idle_ms)
{
	(void)pthread_mutex_lock(&streams.lock);
	streams.idle_ms = idle_ms;
	streams.stopped = false;
	(void)pthread_mutex_unlock(&streams.lock);
}

void http_streams_stop(void)
{
	struct http_stream *s;

	(void)pthread_mutex_lock(&streams.lock);
	streams.stopped = true;
	LIST_FOREACH (s, &streams.list, link) {
		s->ended = true;
		resume(s);
	}
	(void)pthread_mutex_unlock(&streams.lock);
}

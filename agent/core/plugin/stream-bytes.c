// SPDX-License-Identifier: Apache-2.0
/* The bytes of a stream: two bounded buffers, the plugin at one side of each
 * (ops->stream_*, which wait), a frontend at the other (bmc_stream_send and _receive,
 * which never do). */
#include "core/plugin/stream-bytes.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "core/base/util.h"

#define WAIT_SLICE_MS 3600000 /* of a wait without a limit */

/* ---- buffers; locked ---- */

static size_t ring_put(struct bmc_stream_ring *r, const void *buf, size_t len)
{
	size_t at = (r->first + r->len) % sizeof(r->bytes);
	size_t n = MIN(len, sizeof(r->bytes) - r->len);
	size_t head = MIN(n, sizeof(r->bytes) - at);

	memcpy(r->bytes + at, buf, head);
	memcpy(r->bytes, (const unsigned char *)buf + head, n - head);
	r->len += n;
	return n;
}

static size_t ring_take(struct bmc_stream_ring *r, void *buf, size_t len)
{
	size_t n = MIN(len, r->len), head = MIN(n, sizeof(r->bytes) - r->first);

	memcpy(buf, r->bytes + r->first, head);
	memcpy((unsigned char *)buf + head, r->bytes, n - head);
	r->first = (r->first + n) % sizeof(r->bytes);
	r->len -= n;
	return n;
}

/* ---- the frontend's side ---- */

void bmc_stream_wake(struct bmc_stream *s)
{
	uint64_t one = 1;

	if (write(s->wake, &one, sizeof(one)) < 0 && errno != EAGAIN)
		log_limited(LOG_ERR, "a stream could not be woken");
}

static void stream_note(void *arg)
{
	struct bmc_stream *s = arg;

	(void)pthread_mutex_lock(&s->lock);
	s->noting = false;
	(void)pthread_mutex_unlock(&s->lock);
	if (!s->closed && s->ready)
		s->ready(s->arg);
	bmc_stream_unref(s);
}

/* Notifies the frontend that bytes have moved; unlocks. */
static void stream_moved(struct bmc_stream *s)
{
	bool send = !s->noting && !s->out_ended && s->ready;

	atomic_store(&s->moved_at, bmc_now());
	if (send) {
		s->noting = true;
		bmc_stream_ref(s);
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (send)
		bmc_loop_send(&s->note, stream_note, s);
}

ssize_t bmc_stream_send(struct bmc_stream *s, const void *buf, size_t len)
{
	ssize_t n = BMC_ECANCELED;

	(void)pthread_mutex_lock(&s->lock);
	if (!s->in_ended && !s->out_ended)
		n = (ssize_t)ring_put(&s->in, buf, len);
	if (n > 0)
		atomic_store(&s->moved_at, bmc_now());
	(void)pthread_mutex_unlock(&s->lock);
	if (n > 0)
		bmc_stream_wake(s);
	return n ? n : BMC_EAGAIN;
}

void bmc_stream_finish(struct bmc_stream *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->in_ended = true;
	(void)pthread_mutex_unlock(&s->lock);
	bmc_stream_wake(s);
}

ssize_t bmc_stream_receive(struct bmc_stream *s, void *buf, size_t len)
{
	bool ended;
	ssize_t n;

	(void)pthread_mutex_lock(&s->lock);
	n = (ssize_t)ring_take(&s->out, buf, len);
	ended = s->out_ended;
	if (n > 0)
		atomic_store(&s->moved_at, bmc_now());
	(void)pthread_mutex_unlock(&s->lock);
	if (n > 0)
		bmc_stream_wake(s);
	return n || ended ? n : BMC_EAGAIN;
}

void bmc_stream_resize(struct bmc_stream *s, uint16_t columns, uint16_t rows)
{
	(void)pthread_mutex_lock(&s->lock);
	s->resized = s->resized || columns != s->columns || rows != s->rows;
	s->columns = columns;
	s->rows = rows;
	(void)pthread_mutex_unlock(&s->lock);
	bmc_stream_wake(s);
}

void bmc_stream_bytes_end(struct bmc_stream *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->out_ended = true;
	bmc_wipe(s->in.bytes, sizeof(s->in.bytes));
	s->in.len = 0;
	(void)pthread_mutex_unlock(&s->lock);
}

/* ---- the plugin's side ---- */

static void beat(struct bmc_call *call)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	bmc_call_beat(call);
	(void)pthread_mutex_unlock(&bmc_host_lock);
}

static uint32_t stream_state(struct bmc_stream *s)
{
	uint32_t is = 0;

	(void)pthread_mutex_lock(&s->lock);
	if (s->in.len || s->in_ended)
		is |= BMC_STREAM_IN;
	if (s->out.len < sizeof(s->out.bytes))
		is |= BMC_STREAM_OUT;
	if (s->resized)
		is |= BMC_STREAM_RESIZED;
	(void)pthread_mutex_unlock(&s->lock);
	return is;
}

/* One look at both; `ms` counts when the stream is not ready. */
static int wait_once(struct bmc_stream *s, struct pollfd fds[2], uint32_t want,
		     int64_t ms)
{
	uint64_t woken;
	uint32_t is;
	int n;

	if (read(s->wake, &woken, sizeof(woken)) < 0 && errno != EAGAIN)
		return bmc_from_errno(errno);
	is = stream_state(s) & want;
	n = poll(fds, 2, is ? 0 : (int)MIN(ms, WAIT_SLICE_MS));
	if (n < 0 && errno != EINTR)
		return bmc_from_errno(errno);
	return (int)is | (n > 0 ? (unsigned short)fds[1].revents : 0);
}

static int stream_await(struct bmc_call *call, struct pollfd *user, uint32_t want,
			int64_t ms)
{
	struct bmc_stream *s = call->stream;
	struct pollfd fds[2] = { { .fd = s->wake, .events = POLLIN }, *user };
	int64_t until = ms < 0 ? INT64_MAX : bmc_now() + ms, left;
	int is;

	do {
		if (atomic_load(&call->cancelled))
			return BMC_ECANCELED;
		left = MAX(until - bmc_now(), 0);
		is = wait_once(s, fds, want, left);
	} while (is == 0 && left > 0);
	return atomic_load(&call->cancelled) ? BMC_ECANCELED : is;
}

int bmc_stream_op_wait(struct bmc_call *call, int fd, short events, uint32_t want,
		       int64_t ms)
{
	struct pollfd user = { .fd = fd, .events = events };
	int is;

	if (call->command)
		return bmc_command_op_wait(call, fd, events, want, ms);
	if (!call->stream)
		return BMC_EINVAL;
	beat(call);
	atomic_store(&call->stream->waiting, true);
	is = stream_await(call, &user, want, ms);
	beat(call);
	atomic_store(&call->stream->waiting, false);
	return is;
}

ssize_t bmc_stream_op_read(struct bmc_call *call, void *buf, size_t len, int64_t ms)
{
	struct bmc_stream *s = call->stream;
	size_t n;
	int is;

	if (call->command)
		return bmc_command_op_read(call, buf, len, ms);
	is = len ? bmc_stream_op_wait(call, -1, 0, BMC_STREAM_IN, ms) : BMC_EINVAL;
	if (is <= 0)
		return is < 0 ? is : BMC_EAGAIN;
	(void)pthread_mutex_lock(&s->lock);
	n = ring_take(&s->in, buf, len);
	s->taken += n;
	stream_moved(s);
	return (ssize_t)n;
}

ssize_t bmc_stream_op_write(struct bmc_call *call, const void *buf, size_t len,
			    int64_t ms)
{
	struct bmc_stream *s = call->stream;
	size_t n;
	int is;

	if (call->command)
		return bmc_command_op_write(call, buf, len);
	is = len ? bmc_stream_op_wait(call, -1, 0, BMC_STREAM_OUT, ms) : BMC_EINVAL;
	if (is <= 0)
		return is < 0 ? is : BMC_EAGAIN;
	(void)pthread_mutex_lock(&s->lock);
	n = ring_put(&s->out, buf, len);
	s->given += n;
	stream_moved(s);
	return (ssize_t)n;
}

bool bmc_stream_op_size(struct bmc_call *call, uint16_t *ret_columns,
			uint16_t *ret_rows)
{
	struct bmc_stream *s = call->stream;
	bool resized;

	if (!s)
		return false;
	beat(call);
	(void)pthread_mutex_lock(&s->lock);
	resized = s->resized;
	s->resized = false;
	*ret_columns = s->columns;
	*ret_rows = s->rows;
	(void)pthread_mutex_unlock(&s->lock);
	return resized;
}

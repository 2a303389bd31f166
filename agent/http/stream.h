// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "http/request.h"

/* Answers without an end, as server-sent events: a producer writes to the stream, on
 * any thread and without waiting, and the server sends it as fast as the client reads.
 * What a client has not read yet is bounded; one that falls behind further loses its
 * stream, not events in the middle of it. */

struct http_stream;

/** Answers 200 with a stream of this type. `max`: bytes that are queued at most.
 * `keep_alive` (static, or NULL) is sent after each request_timeout without other
 * bytes, so that a dead client is noticed. Headers can be added to q->response. The
 * caller has a reference, for http_stream_close(). NULL: out of memory, or the server
 * stops; no answer was given. On a serving thread. */
struct http_stream *http_answer_stream(struct http_request *q, const char *type,
				       size_t max, const char *keep_alive);
/** Queues all of these bytes, or none and an error: BMC_ECANCELED, the stream has ended
 * (the client or the server did that); BMC_EAGAIN, the client is too slow: the stream
 * ends with what is queued. Any thread. */
int http_stream_write(struct http_stream *s, const void *bytes, size_t len);
/** Ends the stream with what is queued and gives the reference back. Accepts and
 * returns NULL. Any thread. */
struct http_stream *http_stream_close(struct http_stream *s);

/** Bytes that can be queued now. Any thread. */
size_t http_stream_room(struct http_stream *s);
/** Whether it has ended: the client has gone, was too slow, or the server stops. Any
 * thread. */
bool http_stream_ended(struct http_stream *s);

/** For server.c: looks after clients that have gone and streams that are idle. Twice a
 * second, accepting thread. */
void http_streams_tick(void);
/** Streams may begin; `idle_ms`: until their keep_alive. Main thread. */
void http_streams_open(int64_t idle_ms);
/** All streams end, and none may begin. Main thread. */
void http_streams_stop(void);

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

/* Streams to boards, for frontends and tasks: a shell, a push of a file, a pull of one.
 * The instance that the platform file binds as `shell` or `files` does it on a worker
 * thread (struct bmc_stream_type); the core owns the bytes between, BMC_STREAM_BUFFER
 * each way, and neither side ever waits for the other with more than these.
 *
 * Whether the user may open it is the caller's to decide, before bmc_stream_open; the
 * core records who did (events StreamOpened, StreamClosed). What was asked for (a
 * command, a path) and the bytes are in no log and are wiped.
 *
 * A stream ends when its plugin's function returns, and is cancelled by
 * bmc_stream_close, after `idle_ms` without a byte, and when its instance ends. A
 * plugin that then does not return is abandoned after its grace: `ended` gets
 * BMC_ETIMEDOUT, and this instance opens no further stream to that board until it has
 * returned; other calls of the board, and other boards, are not affected. */

struct bmc_stream;

#define BMC_STREAM_BUFFER     65536u /* bytes each way */
#define BMC_STREAMS_MAX       64u    /* at once */
#define BMC_STREAMS_PER_BOARD 4u     /* of them */
#define BMC_STREAM_IDLE_MAX   86400000

struct bmc_stream_request {
	uint32_t row;                /* handle of the board */
	struct bmc_stream_args args; /* the text is copied */
	const char *user, *client;   /* who: the account, its address; copied */
	int64_t idle_ms;             /* 1..BMC_STREAM_IDLE_MAX */
	/** There is something to receive, or room to send, again. Main thread; may be
	 * NULL. */
	void (*ready)(void *arg);
	/** Called once, on the main thread, unless the stream is closed before: the
	 * exit code (0..) or a negative error. What is left to receive stays until
	 * close. */
	void (*ended)(void *arg, int code, const struct bmc_error *err);
	void *arg;
};

/** Opens a stream; it is the caller's until bmc_stream_close. BMC_ENOTFOUND (no such
 * row), BMC_ENOTSUP (no board, or no instance is bound), BMC_EABSENT, BMC_EINVAL,
 * BMC_ERANGE, BMC_EQUARANTINED, BMC_EAGAIN (the instance is being recreated, or no
 * thread), BMC_ENOSPC (a limit above), BMC_ENOMEM. Main thread. */
int bmc_stream_open(const struct bmc_stream_request *request, struct bmc_stream **ret,
		    struct bmc_error *err);
/** Hands bytes to the plugin, as many as there is room for: 1..len, or BMC_EAGAIN;
 * BMC_ECANCELED after its end or bmc_stream_finish. Never waits. Any thread. */
ssize_t bmc_stream_send(struct bmc_stream *s, const void *buf, size_t len);
/** Nothing more will be sent: the plugin reads the end. Any thread. */
void bmc_stream_finish(struct bmc_stream *s);
/** Takes bytes of the plugin: 1..len, BMC_EAGAIN when there are none yet, 0 when it has
 * ended and all are taken. Never waits. Any thread. */
ssize_t bmc_stream_receive(struct bmc_stream *s, void *buf, size_t len);
/** The client's terminal has another size. Any thread. */
void bmc_stream_resize(struct bmc_stream *s, uint16_t columns, uint16_t rows);
/** Cancels the stream if it has not ended, and gives it back: no callback comes any
 * more, and no other thread may use it. Accepts and returns NULL. Main thread. */
struct bmc_stream *bmc_stream_close(struct bmc_stream *s);
/** How many are open, or abandoned in their plugin. Any thread. */
unsigned bmc_streams(void);

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/plugin/host.h"
#include "core/plugin/stream.h"

/* Inside the plugin host: a stream and its bytes. stream.c has its life, stream-bytes.c
 * both ends of its buffers. */

struct bmc_stream_ring {
	size_t first, len;
	unsigned char bytes[BMC_STREAM_BUFFER];
};

struct bmc_stream {
	struct bmc_stream *next;
	atomic_uint refs; /* the user's, the call's, a message's */
	const struct bmc_stream_type *type;
	struct bmc_stream_args args;
	struct bmc_verb verb; /* as which call.c knows it */
	struct bmc_exec_slot exec;
	uint64_t number; /* of its call */
	uint32_t row;
	char user[BMC_ID_MAX], client[64];
	int code;  /* what the plugin returned */
	bool over; /* the call has ended or is abandoned; bmc_host_lock */
	/* bytes, under `lock` */
	pthread_mutex_t lock;
	struct bmc_stream_ring in, out; /* to the plugin; from it */
	uint64_t taken, given;          /* by the plugin, since the beginning */
	bool in_ended, out_ended, resized, noting;
	uint16_t columns, rows;
	int wake;                 /* eventfd: the plugin's side evaluates again */
	_Atomic int64_t moved_at; /* when the last byte was */
	atomic_bool waiting;      /* the plugin is inside the core */
	struct bmc_message note;
	/* main thread */
	struct bmc_timer *timer;
	int64_t idle_ms;
	bool idle_over, closed;
	void (*ready)(void *arg);
	void (*ended)(void *arg, int code, const struct bmc_error *err);
	void *arg;
};

/** Any thread. */
void bmc_stream_ref(struct bmc_stream *s);
void bmc_stream_unref(struct bmc_stream *s);

/** The plugin has returned or is abandoned: what is in the buffer is all. Main thread.
 */
void bmc_stream_bytes_end(struct bmc_stream *s);

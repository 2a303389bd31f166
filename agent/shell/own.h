// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>
#include <sys/queue.h>

#include "core/base/loop.h"
#include "core/plugin/stream.h"
#include "core/ports/auth.h"
#include "http/websocket.h"

/* Inside of agent/shell: service.c has the requests and the limits, messages.c what the
 * client says, bytes.c both directions, life.c beginning and end on the main thread. */

#define SHELL_MESSAGE_MAX 16384u  /* bytes of one from the client */
#define SHELL_QUEUE_MAX   262144u /* that wait for the client */
/* One message makes the reading stop, one more may be half read, and the rest of what
 * was read from the socket follows. */
#define SHELL_IN_MAX  (2 * SHELL_MESSAGE_MAX + 8192u)
#define SHELL_OUT_MAX 16384u

enum { SHELL_DONE = 1000, SHELL_REFUSED = 1008 }; /* how a WebSocket closes */

struct shell {
	LIST_ENTRY(shell) link; /* the table's lock */
	/* set before the WebSocket opens */
	struct bmc_actor actor;
	char session[BMC_ID_MAX], token[BMC_TOKEN_MAX];
	char node[BMC_ID_MAX];
	bool has_account; /* else there is no row to follow */
	int64_t began;
	/* under the lock */
	pthread_mutex_t lock;
	struct http_websocket *ws; /* a reference; NULL: closed */
	struct bmc_stream *stream; /* opened and closed on the main thread */
	bool asked, in_ended, ended, told;
	char *command; /* NULL: interactive */
	uint16_t columns, rows;
	uint32_t window, unacked; /* bytes the client takes ahead; 0: any */
	int code;                 /* of the end: the exit code, or an error */
	char why[160];
	size_t in_at, in_len, out_len;
	unsigned char in[SHELL_IN_MAX], out[SHELL_OUT_MAX];
	bool typed; /* since the session was touched */
	/* main thread */
	struct bmc_message added, opening, closed;
	int64_t touched, told_at;
};

extern const struct http_websocket_handler shell_websocket;

/* ---- bytes.c; with the shell's lock ---- */

/** Takes bytes of the client; false: more than the protocol lets it send. */
bool shell_take(struct shell *s, const void *bytes, size_t len);
/** Moves what can be moved to the board. */
void shell_pump_in(struct shell *s);
/** Moves what can be moved to the client, at the end the exit code. */
void shell_pump_out(struct shell *s);
/** Says why it ends, and closes. */
void shell_refuse(struct shell *s, const char *why);

/* ---- life.c ---- */

/** No further checks: the end. Main thread. */
void shell_unwatch(void);
/** The client has said what it wants: opens the stream soon. Any thread. */
void shell_open(struct shell *s);

/* ---- messages.c ---- */

/** A message of the client, with the lock held. */
void shell_message(struct shell *s, bool text, const void *bytes, size_t len);

/* ---- service.c ---- */

/** Calls `each` for all shells. Main thread; `each` may not free one. */
void shell_each(void (*each)(struct shell *s));
/** How many there are. Any thread. */
unsigned shell_count(void);
/** Takes it out of the table and frees it. Main thread. */
void shell_free(struct shell *s);
int64_t shell_idle_ms(void);

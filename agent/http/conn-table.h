// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include "http/conn.h"
#include "http/peer.h"
#include "http/trust.h"

/* The table of connections, for conn*.c. */

#define HTTP_HELD_MAX 1024

/* What a connection does now; each has its deadline (conn-pace.c). */
enum http_phase {
	HTTP_PHASE_HEADERS, /* nothing of a request yet, or a part of its headers */
	HTTP_PHASE_BODY,
	HTTP_PHASE_RUN,  /* the request is complete, its answer has not begun */
	HTTP_PHASE_SEND, /* the answer is being read */
	HTTP_PHASE_UPGRADED,
	HTTP_PHASE_IDLE /* answered, and nothing of a next request came */
};

struct http_conn {
	TAILQ_ENTRY(http_conn) link; /* oldest first */
	int fd;
	enum http_group group;
	bool started, ended;
	bool linger;  /* a request was answered before its body had come */
	bool known;   /* its last request was an authenticated client's */
	bool trusted; /* its peer is */
	struct in6_addr peer;
	uint64_t cookie; /* of the socket, http_cookie_of */
	enum http_phase phase;
	enum http_pace pace;
	bool paused;                 /* suspended: not the client is waited for */
	int64_t deadline, since;     /* BMC_TIME; since: of the phase */
	uint64_t mark;               /* progress at the last check, in bytes */
	uint64_t received;           /* at the first tick of IDLE; 0: none yet */
	_Atomic uint64_t body_bytes; /* taken */
	/* its own serving thread's */
	struct http_certified certified;
	bool header_next;
	size_t n_held;
	uint8_t held[HTTP_HELD_MAX]; /* a header that waits for its body */
};

struct http_conn_table {
	pthread_mutex_t lock;
	struct http_limits limits;
	TAILQ_HEAD(http_conn_list, http_conn) list;
	struct http_trusted trusted;
	unsigned ending[HTTP_GROUPS]; /* when it was last counted */
};

extern struct http_conn_table http_conns;

/** Removes and frees it. With the lock held. */
void http_conn_drop(struct http_conn *c);
/** Ends it: libmicrohttpd closes it then. One that libmicrohttpd has not begun with may
 * be closed by it at any time: its descriptor is not touched before that. With the lock
 * held. */
void http_conn_end(struct http_conn *c);
/** The kernel's name of a socket, its own for ever (SO_COOKIE; before Linux 4.12 its
 * inode's number), or 0 when there is no socket of that number. */
uint64_t http_cookie_of(int fd);

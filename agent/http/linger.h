// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

/* Connections that were answered before all of their request's body had come. A socket
 * that is closed with unread bytes resets its connection, and the client, which still
 * sends, would lose the answer. So what it sends is read and dropped for a while. At
 * most HTTP_LINGER_MAX at a time; of more the oldest is closed. */

#define HTTP_LINGER_MAX     64
#define HTTP_LINGER_MS      5000 /* for a connection, however much it sends */
#define HTTP_LINGER_IDLE_MS 2000 /* without a byte */

/** Before a serving thread is started. Without a descriptor nothing lingers. */
void http_linger_open(void);
/** The serving thread closes `fd` now, a copy of it lingers. Any thread. */
void http_linger_add(int fd);
/** The descriptor that is readable when bytes have come, or -1. */
int http_linger_fd(void);
/** Drops what has come. Accepting thread. */
void http_linger_drop(void);
/** Closes those whose time is over. Accepting thread. */
void http_linger_tick(int64_t now);
/** Closes all. Main thread, after the others have ended. */
void http_linger_close(void);

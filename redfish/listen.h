// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <microhttpd.h>
#include <stdbool.h>

#include "bmc/error.h"

/* Listening sockets, and to which of libmicrohttpd's threads a connection goes. Left to
 * themselves those threads race for what comes in: the one that wakes up first takes
 * all, and one processor serves every connection. */

/** Listens on this numeric address ("*": all). The socket, or a negative error. */
int rf_listen(const char *address, unsigned port, struct bmc_error *err);
/** The port of a socket, 0 when `fd` is none. */
unsigned rf_listen_port(int fd);
/** Gives what waits at `fd` to the threads of `d`, in turn. False: there is no room for
 * more now, ask again later. */
bool rf_accept(int fd, struct MHD_Daemon *d);

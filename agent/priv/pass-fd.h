// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <sys/types.h>

/* Packets that may carry one descriptor (unix(7), SCM_RIGHTS). */

/** As send(2) with MSG_DONTWAIT; `pass` -1: none. The descriptor stays the caller's. */
ssize_t priv_send(int fd, const void *packet, size_t size, int pass);

/** As recv(2) with MSG_DONTWAIT; *ret_passed is the caller's, close-on-exec, or -1. Of
 * several that came, all but the first are closed. */
ssize_t priv_receive(int fd, void *packet, size_t size, int *ret_passed);

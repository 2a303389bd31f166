// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

/* What the kernel is asked for the agent's UDP sockets. SNMP's thread, or before it
 * runs. */

/** Has it say to which address a datagram came, where that may be more than one, and
 *  keep SN_RECEIVE_BUFFER bytes of them; less is logged, with `spec` as the socket's
 *  name. The socket is bound. */
void sn_socket_prepare(int fd, const char *spec);
#define SN_RECEIVE_BUFFER     (4 << 20)
#define SN_RECEIVE_BUFFER_MIN (1 << 20) /* below that it is said */

/** How many datagrams it has dropped since the socket was opened; logs those beyond
 *  `before`. */
uint32_t sn_socket_dropped(int fd, uint32_t before);

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "bmc/error.h"
#include "bmc/model.h"

/* The way between the front and SNMP's thread: a pair of sockets that keeps messages
 * apart (SOCK_SEQPACKET). Neither side ever waits for the other. */

#define SN_TLS_MESSAGE_MAX 65507u /* as long as over UDP */

/** What goes ahead of each message. */
struct sn_tls_head {
	uint64_t conn;            /* answers: to which connection or session */
	uint32_t room;            /* octets that the answer may have; 0: any */
	bool datagrams;           /* DTLS */
	struct sockaddr_in6 peer; /* or sockaddr_in; requests only, as the next */
	char name[BMC_ID_MAX];    /* the client's, of the config */
};

/** Has net-snmp take messages from one end; the other one is the front's. `room`:
 *  octets that an answer may have. Before SNMP's thread runs. */
int sn_tls_link_open(size_t room, int *ret_front, struct bmc_error *err);

/** Closes net-snmp's end. When SNMP's thread has ended. */
void sn_tls_link_close(void);

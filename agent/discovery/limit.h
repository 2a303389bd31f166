// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* How often searches are answered: a source address may be forged, so that the answer
 * goes to a host that never asked. */

#define SSDP_PEERS                                                         \
	64 /* remembered; an IPv6 network of /64 is one, if not the link's \
	    */
#define SSDP_PEER_MS   100 /* a peer's answers, in the long run one in so long   */
#define SSDP_PEER_RUN  10  /* of them at once                                    */
#define SSDP_TOTAL_MS  10
#define SSDP_TOTAL_RUN 100

struct ssdp_limit {
	struct {
		unsigned char address[16];
		int64_t paid; /* ms: until then its answers are paid for; 0: free */
	} peers[SSDP_PEERS];
	int64_t paid; /* for all of them */
};

/** Whether `peer` gets an answer at `now` (BMC_TIME), which counts then. A new peer
 * gets none while all that are remembered are busy. */
bool ssdp_limit_take(struct ssdp_limit *l, const struct sockaddr_storage *peer,
		     int64_t now);

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <netinet/in.h>

#include "snmp/receiver.h"

/* The way to one receiver: its address, its engine, a session. Nothing waits: a name is
 * looked up in a thread of its own, an inform's engine is discovered by a probe whose
 * answer arrives like any other datagram. SNMP's thread. */

enum sn_link_stage {
	SN_LINK_NAMED,     /* its address has to be looked up         */
	SN_LINK_ASKING,    /* a thread is looking it up               */
	SN_LINK_ADDRESSED, /* an inform's engine has to be discovered */
	SN_LINK_PROBING,   /* a probe is under way                    */
	SN_LINK_READY,
};

struct sn_lookup;

struct sn_link_key {
	unsigned char bytes[USM_AUTH_KU_LEN];
	size_t len;
};

struct sn_link {
	const struct sn_receiver *is; /* borrowed */
	enum sn_link_stage stage;
	struct sn_lookup *lookup;
	char address[INET6_ADDRSTRLEN];
	int64_t next;   /* BMC_TIME: nothing is tried before */
	unsigned tries; /* that failed, of a look-up or a probe */
	netsnmp_session *session;
	unsigned char engine[32];
	size_t engine_len;
	struct sn_link_key auth, priv; /* from the passphrases, for any engine */
};

void sn_link_init(struct sn_link *l, const struct sn_receiver *is);
/** Goes on as far as it goes now. True: it is ready. */
bool sn_link_advance(struct sn_link *l);
/** Sends, once; stolen. An inform's answer goes to `answer`, until the next
 *  sn_link_restart. False: it was not sent. */
bool sn_link_send(struct sn_link *l, netsnmp_pdu *pdu, netsnmp_callback answer,
		  void *arg);
/** Starts over, with the address and the engine, which may have changed. Not in a
 * callback of its session. */
void sn_link_restart(struct sn_link *l);
void sn_link_done(struct sn_link *l);

/** Time to wait for the answer to an attempt, and so between two, after `failures` of
 * them: 5 s, doubled up to 5 min. */
int64_t sn_back_off_ms(unsigned failures);

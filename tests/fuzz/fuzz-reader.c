// SPDX-License-Identifier: Apache-2.0
// Fuzz target: one request to SNMP's read engine. What it answers, net-snmp answers
// with the same bytes.
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "snmp-agent.h"
#include "snmp/reader/reader.h"
#include "snmp/snmp.h"

#define INPUT_MAX   8192
#define MESSAGE_MAX 65507

#define TRIES 5

struct answer {
	uint8_t data[SN_READER_ROOM], *at;
	size_t len; /* 0: none */
};

static int sender = -1;

static void ask_engine(const uint8_t *data, size_t size, struct answer *ret)
{
	netsnmp_indexed_addr_pair peer = { .remote_addr.sin.sin_family = AF_INET };
	const struct sn_reader_request r = {
		.data = data, .len = size, .peer = &peer, .room = MESSAGE_MAX
	};

	sn_reader_enable(true);
	ret->len = sn_reader_answer(&r, ret->data, &ret->at);
}

static void ask_net_snmp(const uint8_t *data, size_t size, struct answer *ret)
{
	ssize_t n;

	sn_reader_enable(false);
	if (send(sender, data, size, 0) < 0)
		abort();
	sn_pass();
	n = recv(sender, ret->data, sizeof(ret->data), MSG_DONTWAIT);
	ret->at = ret->data;
	ret->len = n > 0 ? (size_t)n : 0;
}

static int same(const struct answer *a, const struct answer *b)
{
	return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

/* Of v3, two answers to a request differ in their salts. */
static int is_v3(const struct answer *a)
{
	size_t head = a->at[1] & 0x80 ? 2 + (a->at[1] & 0x7f) : 2;

	return a->at[head + 2] == SNMP_VERSION_3;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct answer engine, before, after;
	int tries = TRIES; /* what changes with time may change in between */

	if (sender < 0)
		sender = snmp_agent("source_rate: 0\n");
	if (size > INPUT_MAX)
		return 0;
	ask_engine(data, size, &engine);
	while (engine.len && !is_v3(&engine) && tries--) {
		ask_net_snmp(data, size, &before);
		ask_engine(data, size, &engine);
		ask_net_snmp(data, size, &after);
		if (!same(&before, &after))
			continue;
		if (!same(&before, &engine))
			abort();
		break;
	}
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* Requests to the agent with and without the read engine, see reader-fixture.h. */
#include "reader-fixture.h"

#include "snmp-fixture.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "snmp/reader/ber.h"
#include "snmp/reader/reader.h"
#include "snmp/snmp.h"

#define TO_TEXT(x)  TO_TEXT_(x)
#define TO_TEXT_(x) #x
#define NAMES_MAX   16384

#define OID_ROOM 128
#define ROUNDS   6
#define REQUESTS 4000

static const char config[] = "max_message: " TO_TEXT(
	READER_MESSAGE_MAX) "\n"
			    "source_rate: 0\n"
			    "communities:\n"
			    "  - {name: public}\n"
			    "  - {name: curious, view: no-states}\n"
			    "  - {name: tables, view: boards-only}\n"
			    "  - {name: one, view: one-board}\n"
			    "  - {name: nothing, view: elsewhere}\n"
			    "views:\n"
			    "  - {name: no-states, include: [1.3.6.1], exclude: "
			    "[" READER_BASE ".1.1.3.1.9]}\n"
			    "  - {name: boards-only, include: [" READER_BASE
			    ".1.1.3, " READER_BASE ".1.1.7]}\n"
			    "  - {name: one-board, include: [" READER_BASE
			    ".1.1.3.1.3.2.4, " READER_BASE ".1.1.4]}\n"
			    "  - {name: elsewhere, include: [1.3.6.1.2.1.99]}\n";

struct answer {
	uint8_t data[65536];
	size_t len; /* 0: none */
};

struct reader_name *reader_names;
size_t reader_n_names;
unsigned long reader_n_direct, reader_n_asked;
static int sender = -1;
static uint32_t random_state = 1;

uint32_t reader_below(uint32_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % n;
}

/* ---- requests ---- */

static uint8_t *put_name(uint8_t *at, const struct reader_name *n)
{
	uint8_t out[5 * READER_OID_ROOM], *p = out;

	for (size_t i = 1; i < n->len; i++) {
		uint32_t v = (uint32_t)(i == 1 ? n->id[0] * 40 + n->id[1] : n->id[i]);
		for (int shift = 28; shift >= 0; shift -= 7) {
			if (v >> shift || shift == 0)
				*p++ = (uint8_t)((v >> shift & 0x7f) |
						 (shift ? 0x80 : 0));
		}
	}
	return sn_ber_put(at, SN_BER_OID, out, (size_t)(p - out));
}

void reader_make(struct reader_message *m, const struct reader_request *r)
{
	uint8_t *end = m->data + sizeof(m->data), *at = end;

	for (size_t i = r->n; i-- > 0;) {
		uint8_t *varbind = at;
		at = r->odd ? sn_ber_put_int(at, 7)
			    : sn_ber_put(at, SN_BER_NULL, "", 0);
		at = put_name(at, &r->of[i]);
		at = sn_ber_head(at, SN_BER_SEQUENCE, (size_t)(varbind - at));
	}
	at = sn_ber_head(at, SN_BER_SEQUENCE, (size_t)(end - at));
	at = sn_ber_put_int(at, r->second);
	at = sn_ber_put_int(at, r->first);
	at = sn_ber_put_int(at, (int32_t)reader_below(INT32_MAX) >> reader_below(31));
	at = sn_ber_head(at, r->type, (size_t)(end - at));
	at = sn_ber_put(at, SN_BER_OCTETS, r->community, strlen(r->community));
	at = sn_ber_put_int(at, r->version);
	m->begin = sn_ber_head(at, SN_BER_SEQUENCE, (size_t)(end - at));
	m->len = (size_t)(end - m->begin);
}

/* ---- both ways ---- */

static void ask(const struct reader_message *m, struct answer *ret)
{
	assert_int_equal(send(sender, m->begin, m->len, 0), m->len);
	sn_pass();
	ssize_t n = recv(sender, ret->data, sizeof(ret->data), MSG_DONTWAIT);
	ret->len = n > 0 ? (size_t)n : 0;
}

static void read_counters(u_int *ret)
{
	for (int i = 0; i < NETSNMP_STAT_MAX_STATS; i++)
		ret[i] = snmp_get_statistic(i);
}

static void subtract(u_int *from, const u_int *what)
{
	for (int i = 0; i < NETSNMP_STAT_MAX_STATS; i++)
		from[i] -= what[i];
}

static void ask_counted(const struct reader_message *m, bool engine, struct answer *ret,
			u_int *counters)
{
	u_int before[NETSNMP_STAT_MAX_STATS];

	sn_reader_enable(engine);
	read_counters(before);
	ask(m, ret);
	read_counters(counters);
	subtract(counters, before);
}

static bool same(const struct answer *a, const struct answer *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void dump(const char *what, const uint8_t *data, size_t len)
{
	fprintf(stderr, "%s (%zu):", what, len);
	for (size_t i = 0; i < len; i++)
		fprintf(stderr, " %02x", data[i]);
	fprintf(stderr, "\n");
}

/* What changes with time is asked for again; what changes
 * with each request (as the counters of the snmp group do) can't be compared. */
static void compare(const struct reader_message *m)
{
	static struct answer with, without, again;
	u_int counted[2][NETSNMP_STAT_MAX_STATS];
	int tries = 10;

	do {
		ask_counted(m, false, &without, counted[0]);
		ask_counted(m, true, &with, counted[1]);
		ask_counted(m, false, &again, counted[0]);
	} while (!same(&without, &again) && --tries);
	if (!tries)
		return;
	if (!same(&with, &without)) {
		dump("request", m->begin, m->len);
		dump("net-snmp", without.data, without.len);
		dump("engine", with.data, with.len);
		fail();
	}
	for (int i = 0; i < NETSNMP_STAT_MAX_STATS; i++) {
		if (counted[0][i] == counted[1][i])
			continue;
		dump("request", m->begin, m->len);
		fail_msg("counter %d: %u, with the engine %u", i, counted[0][i],
			 counted[1][i]);
	}
}

unsigned reader_counted(const struct reader_message *m, bool engine, int statistic)
{
	static struct answer a;
	u_int counted[NETSNMP_STAT_MAX_STATS];

	ask_counted(m, engine, &a, counted);
	assert_true(a.len > 0);
	return counted[statistic];
}

/* Whether the engine answers it by itself. */
static bool is_direct(const struct reader_message *m)
{
	static uint8_t room[SN_READER_ROOM];
	netsnmp_indexed_addr_pair peer = { .remote_addr.sin.sin_family = AF_INET };
	const struct sn_reader_request r = { .data = m->begin,
					     .len = m->len,
					     .peer = &peer,
					     .room = READER_MESSAGE_MAX };
	uint8_t *at;

	sn_reader_enable(true);
	return sn_reader_answer(&r, room, &at) > 0;
}

void reader_check(const struct reader_message *m)
{
	compare(m);
	reader_n_asked++;
	reader_n_direct += is_direct(m);
}

/* ---- reader_names ---- */

static bool next_name(const struct reader_name *from, struct reader_name *ret)
{
	struct reader_request r = { .community = "public",
				    .type = SN_BER_GETNEXT,
				    .version = 1,
				    .of = ret,
				    .n = 1 };
	static struct answer a;
	struct reader_message m;
	struct sn_ber in, element, varbind, id;

	*ret = *from;
	reader_make(&m, &r);
	ask(&m, &a);
	in = (struct sn_ber){ a.data, a.data + a.len };
	assert_true(sn_ber_take(&in, SN_BER_SEQUENCE, &in));
	in.at += 3; /* version */
	assert_true(sn_ber_take(&in, SN_BER_OCTETS, &element));
	assert_true(sn_ber_take(&in, SN_BER_RESPONSE, &in));
	for (int i = 0; i < 3; i++)
		assert_true(sn_ber_take(&in, SN_BER_INTEGER, &element));
	assert_true(sn_ber_take(&in, SN_BER_SEQUENCE, &in));
	assert_true(sn_ber_take(&in, SN_BER_SEQUENCE, &varbind));
	assert_true(sn_ber_take(&varbind, SN_BER_OID, &id));
	ret->len = sn_ber_oid(id, ret->id, READER_OID_ROOM);
	return varbind.at < varbind.end && *varbind.at != SNMP_ENDOFMIBVIEW;
}

void reader_learn_names(void)
{
	struct reader_name at = { .id = { 1, 3 }, .len = 2 };

	sn_reader_enable(false);
	reader_n_names = 0;
	while (reader_n_names < NAMES_MAX &&
	       next_name(&at, &reader_names[reader_n_names]))
		at = reader_names[reader_n_names++];
	assert_in_range(reader_n_names, 1000, NAMES_MAX - 1);
}

void reader_any_name(struct reader_name *ret)
{
	*ret = reader_names[reader_below((uint32_t)reader_n_names)];
	switch (reader_below(10)) {
	case 0: /* of an instance that is missing, or a column */
		ret->id[ret->len - 1 -
			reader_below((uint32_t)MIN(ret->len - 2, (size_t)4))] +=
			reader_below(3) - 1;
		break;
	case 1:
		ret->len -= reader_below((uint32_t)MIN(ret->len - 2, (size_t)5));
		break;
	case 2:
		ret->id[ret->len++] = reader_below(2) ? reader_below(300) : UINT32_MAX;
		break;
	case 3:
		ret->id[ret->len - 1] = UINT32_MAX - reader_below(2);
		break;
	case 4:
		ret->id[2 + reader_below((uint32_t)ret->len - 2)] = reader_below(20);
		break;
	default:
		break;
	}
	for (size_t i = 0; i < ret->len; i++)
		ret->id[i] &= UINT32_MAX;
}

void reader_change_rows(unsigned round)
{
	char id[16];

	snprintf(id, sizeof(id), "%u", 100 + round);
	struct bmc_row *r = snmp_fixture_row(BMC_NIC, id);
	r->index[0] = 3 + round * 7 % 5;
	r->status = round % 2 ? BMC_ENABLED : BMC_ABSENT;
	bmc_field_set(r, bmc_field_find(BMC_NIC, "ipv4"), 0, "192.0.2.17");
	bmc_field_set(r, bmc_field_find(BMC_NIC, "rx_bytes"),
		      INT64_C(0x7fffffff80) << round * 4, NULL);
	r = snmp_fixture_row(BMC_FAN, id);
	r->index[0] = 1000000 * round;
	bmc_field_set(r, bmc_field_find(BMC_FAN, "rpm"), -129 + (int)round * 64, NULL);
	r = snmp_fixture_row(BMC_BOARD, "sub2-04");
	bmc_field_set(r, bmc_field_find(BMC_BOARD, "name"), 0,
		      round % 2 ? ""
				: "a name that has more than a hundred and "
				  "twenty-seven octets");
	snmp_fixture_publish();
}

int reader_start(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET };

	(void)state;
	bmc_log_init(LOG_EMERG);
	reader_names = calloc(NAMES_MAX, sizeof(*reader_names));
	snmp_fixture_publish();
	snmp_fixture_open(config);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)snmp_fixture_port());
	sender = socket(AF_INET, SOCK_DGRAM, 0);
	return connect(sender, (struct sockaddr *)&at, sizeof(at));
}

int reader_stop(void **state)
{
	(void)state;
	printf("# %lu of %lu requests were the engine's\n", reader_n_direct,
	       reader_n_asked);
	close(sender);
	snmp_fixture_stop();
	free(reader_names);
	return 0;
}
// SPDX-License-Identifier: Apache-2.0
/* The read engine beside net-snmp, see reader-fixture.h. */
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
#include "snmp/reader/encode.h"
#include "snmp/reader/reader.h"
#include "snmp/snmp.h"
#include "snmp/walk.h"

#define ROUNDS   6
#define REQUESTS 4000

static const char *const communities[] = { "public",  "public", "public",  "curious",
					   "tables",  "one",    "nothing", "unknown",
					   "public2", "" };

static void any_request(struct reader_message *m)
{
	static const uint8_t types[] = { SN_BER_GET, SN_BER_GETNEXT, SN_BER_GETBULK,
					 SN_BER_GETBULK };
	static const int32_t counts[] = {
		0, 1, 2, 5, 10, 50, 100, 1000, INT32_MAX, -1
	};
	static struct reader_name of[200];
	struct reader_request r = { .version = reader_below(40)
						       ? 1
						       : (int32_t)reader_below(4),
				    .of = of,
				    .n = 1,
				    .odd = reader_below(30) == 0 };

	r.community = communities[reader_below(ARRAY_SIZE(communities))];
	r.type = types[reader_below(ARRAY_SIZE(types))];
	if (reader_below(2))
		r.n = reader_below(4) ? reader_below(8) : reader_below(ARRAY_SIZE(of));
	if (r.type == SN_BER_GETBULK) {
		r.first = reader_below(3) ? 0 : (int32_t)reader_below(4) - 1;
		r.second = counts[reader_below(ARRAY_SIZE(counts))];
	}
	for (size_t i = 0; i < r.n; i++)
		reader_any_name(&of[i]);
	reader_make(m, &r);
}

/* A SET changes what the second one reads. */
static bool writes(const struct reader_message *m)
{
	return memchr(m->begin, SNMP_MSG_SET, m->len) != NULL;
}

static void mutate(struct reader_message *m)
{
	for (uint32_t n = 1 + reader_below(3); n; n--)
		m->begin[reader_below((uint32_t)m->len)] = (uint8_t)reader_below(256);
	if (reader_below(4) == 0)
		m->len -= reader_below((uint32_t)MIN(m->len, (size_t)5));
	else if (reader_below(4) == 0)
		m->begin--, m->len++;
}

static void requests_are_answered_alike(void **state)
{
	struct reader_message m;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		reader_change_rows(round);
		reader_learn_names();
		for (unsigned i = 0; i < REQUESTS / ROUNDS; i++) {
			any_request(&m);
			reader_check(&m);
		}
	}
	/* what the engine refuses would be alike in any case */
	assert_true(reader_n_direct * 3 > reader_n_asked);
}

static void mutated_requests_are_answered_alike(void **state)
{
	struct reader_message m;

	(void)state;
	for (unsigned i = 0; i < REQUESTS; i++) {
		any_request(&m);
		mutate(&m);
		if (!writes(&m))
			reader_check(&m);
	}
}

static void every_object_is_answered_alike(void **state)
{
	struct reader_message m;

	(void)state;
	for (size_t i = 0; i < reader_n_names; i++) {
		struct reader_request r = { .community = "public",
					    .type = SN_BER_GET,
					    .version = 1,
					    .of = &reader_names[i],
					    .n = 1 };
		reader_make(&m, &r);
		reader_check(&m);
	}
}

static void every_size_of_an_answer_is_cut_alike(void **state)
{
	struct reader_message m;
	struct reader_name of[64];
	struct reader_request r = {
		.community = "public", .type = SN_BER_GETBULK, .version = 1, .of = of
	};

	(void)state;
	for (r.n = 1; r.n < 64; r.n++) {
		for (size_t i = 0; i < r.n; i++)
			of[i] = reader_names[400 + 31 * i];
		for (r.second = 1; r.second < 66; r.second += (int32_t)r.n) {
			reader_make(&m, &r);
			reader_check(&m);
		}
	}
}

/* The view "no-states" hides one column of the boards. */
static unsigned bad_uses(uint8_t type, const char *name, bool engine)
{
	struct reader_message m;
	struct reader_name of = { .len = 0 };
	struct sn_oid id;
	const struct reader_request r = { .community = "curious",
					  .type = type,
					  .version = 1,
					  .second = type == SN_BER_GETBULK ? 90 : 0,
					  .of = &of,
					  .n = 1 };

	assert_true(sn_oid_parse(name, &id));
	memcpy(of.id, id.id, id.len * sizeof(oid));
	of.len = id.len;
	reader_make(&m, &r);
	return reader_counted(&m, engine, STAT_SNMPINBADCOMMUNITYUSES);
}

static void only_what_is_asked_for_counts_as_a_bad_use(void **state)
{
	(void)state;
	for (int engine = 0; engine < 2; engine++) {
		assert_int_equal(
			bad_uses(SN_BER_GET, READER_BASE ".1.1.3.1.9.2.4", engine), 1);
		assert_int_equal(
			bad_uses(SN_BER_GET, READER_BASE ".1.1.3.1.8.2.4", engine), 0);
		assert_int_equal(
			bad_uses(SN_BER_GETNEXT, READER_BASE ".1.1.3.1.9", engine), 0);
		assert_int_equal(
			bad_uses(SN_BER_GETBULK, READER_BASE ".1.1.3.1.8", engine), 0);
	}
}

/* Below, at and above each length whose own length takes another byte. */
static void contents_fit_as_long_as_they_can_be(void **state)
{
	static uint8_t room[16];
	uint8_t *end = room + sizeof(room);

	(void)state;
	assert_int_equal(sn_ber_fit(0), 0);
	assert_int_equal(sn_ber_fit(1), 0);
	for (size_t n = 2; n < 0x10000 + 300; n++) {
		size_t fits = sn_ber_fit(n);
		size_t head = (size_t)(end - sn_ber_head(end, SN_BER_SEQUENCE, fits));
		size_t more =
			(size_t)(end - sn_ber_head(end, SN_BER_SEQUENCE, fits + 1));
		assert_true(head + fits <= n);
		assert_true(more + fits + 1 > n);
	}
}

/* Both ways look for columns alike, so they are compared with the tables. */
static void check_columns(const struct sn_table *t)
{
	struct sn_oid name = *sn_table_prefix(t);
	oid last = t->columns[t->n_columns - 1].column;
	const struct sn_cell *cell;
	struct sn_walk w;

	name.len += 2;
	for (oid number = 0; number <= last + 3; number++) {
		size_t i = 0;
		while (i < t->n_columns && t->columns[i].column < number)
			i++;
		bool is = i < t->n_columns && t->columns[i].column == number;
		name.id[name.len - 2] = number;
		name.id[name.len - 1] = UINT32_MAX;
		(void)sn_walk_find(t, name.id, name.len, &cell);
		assert_ptr_equal(cell ? cell->column : NULL,
				 is ? &t->columns[i] : NULL);
		sn_walk_open(&w, t);
		sn_walk_seek(&w, name.id, name.len - 1, true);
		assert_int_equal(w.cell, i);
	}
	name.id[name.len - 2] = UINT32_MAX;
	sn_walk_open(&w, t);
	sn_walk_seek(&w, name.id, name.len - 1, true);
	assert_int_equal(w.cell, t->n_columns);
}

static void columns_are_found_by_their_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; sn_tables[i]; i++)
		check_columns(sn_tables[i]);
}

static size_t sub_identifiers(const char *octets, size_t len, size_t max,
			      unsigned long *ret)
{
	const uint8_t *at = (const uint8_t *)octets;

	return sn_ber_oid((struct sn_ber){ at, at + len }, ret, max);
}

/* What is not the shortest form is net-snmp's, which answers with the shortest. */
static void names_are_taken_in_their_shortest_form(void **state)
{
	unsigned long id[4];

	(void)state;
	assert_int_equal(sub_identifiers("\x2b\x06\x7f", 3, 4, id), 4);
	assert_int_equal(id[2], 6);
	assert_int_equal(id[3], 127);
	assert_int_equal(sub_identifiers("\x2b\x81\x00", 3, 4, id), 3);
	assert_int_equal(id[2], 128);
	assert_int_equal(sub_identifiers("\x2b\x8f\xff\xff\xff\x7f", 6, 4, id), 3);
	assert_int_equal(id[2], UINT32_MAX);
	assert_int_equal(sub_identifiers("\x2b\x90\x80\x80\x80\x00", 6, 4, id), 0);
	assert_int_equal(sub_identifiers("\x2b\x80\x01", 3, 4, id), 0);
	assert_int_equal(sub_identifiers("\x2b\x80", 2, 4, id), 0);
	assert_int_equal(sub_identifiers("\x2b\x01\x81", 3, 4, id), 0);
	assert_int_equal(sub_identifiers("\x2b\x01\x02", 3, 4, id), 4);
	assert_int_equal(sub_identifiers("\x2b\x01\x02\x03", 4, 4, id), 0);
	assert_int_equal(sub_identifiers("\x2a", 1, 4, id), 0);
	assert_int_equal(sub_identifiers("", 0, 4, id), 0);
}

static void elements_are_taken_whole(void **state)
{
	static const uint8_t octets[] = { 0x04, 0x02, 0x05, 0x00, 0x02, 0x01, 0x07 };

	(void)state;
	for (size_t len = 0; len <= sizeof(octets); len++) {
		struct sn_ber in = { octets, octets + len }, is, again;
		assert_int_equal(sn_ber_take(&in, SN_BER_OCTETS, &is), len >= 4);
		if (len < 4)
			continue;
		assert_ptr_equal(in.at, octets + 4);
		assert_ptr_equal(is.at, octets + 2);
		assert_ptr_equal(is.end, octets + 4);
		assert_false(sn_ber_take(&in, SN_BER_OCTETS, &again));
		assert_int_equal(sn_ber_take(&in, SN_BER_INTEGER, &again), len == 7);
		/* into itself */
		assert_true(sn_ber_take(&is, SN_BER_NULL, &is));
		assert_ptr_equal(is.at, is.end);
		assert_false(sn_ber_take(&is, SN_BER_NULL, &is));
	}
}

static void lengths_are_taken_in_their_shortest_form(void **state)
{
	static uint8_t octets[70000];
	uint8_t *end = octets + sizeof(octets);

	(void)state;
	for (size_t len = 0; len < 66000; len += len < 300 ? 1 : 731) {
		uint8_t *at = sn_ber_head(end - len, SN_BER_OCTETS, len);
		struct sn_ber in = { at, end }, is;
		assert_int_equal(sn_ber_take(&in, SN_BER_OCTETS, &is), len <= 0xffff);
		if (len > 0xffff)
			continue;
		assert_ptr_equal(is.at, end - len);
		assert_ptr_equal(is.end, end);
		in = (struct sn_ber){ at, end - 1 };
		assert_false(sn_ber_take(&in, SN_BER_OCTETS, &is));
	}
	octets[0] = SN_BER_OCTETS;
	octets[1] = 0x80; /* indefinite */
	struct sn_ber all = { octets, end }, contents;
	assert_false(sn_ber_take(&all, SN_BER_OCTETS, &contents));
	octets[1] = 0x81;
	for (unsigned len = 0; len <= UINT8_MAX; len++) {
		struct sn_ber in = { octets, octets + 300 }, is;
		octets[2] = (uint8_t)len;
		assert_int_equal(sn_ber_take(&in, SN_BER_OCTETS, &is), len >= 0x80);
	}
}

static void integers_are_put_as_net_snmp_does(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 32 * 6; i++) {
		uint32_t edge = (UINT32_C(1) << i / 6) + i % 3 - 1;
		int32_t value = (int32_t)(i % 6 < 3 ? edge : -edge), is;
		long number = value;
		uint8_t made[8], theirs[8];
		size_t left = sizeof(theirs);

		assert_non_null(asn_build_int(theirs, &left, ASN_INTEGER, &number,
					      sizeof(number)));
		left = sizeof(theirs) - left;
		uint8_t *at = sn_ber_put_int(made + sizeof(made), value);
		assert_int_equal(made + sizeof(made) - at, left);
		assert_memory_equal(at, theirs, left);
		struct sn_ber in = { at, made + sizeof(made) };
		assert_true(sn_ber_take_int(&in, &is));
		assert_int_equal(is, value);
	}
}

/* The model's counters are below 2^63; what a Counter64 may be is more. */
static void every_counter_is_encoded_as_net_snmp_does(void **state)
{
	uint64_t edges[130] = { 0, UINT64_MAX };
	const struct sn_name name = { .data = { 0x2b }, .len = 1 };

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		edges[2 + 2 * i] = UINT64_C(1) << i;
		edges[3 + 2 * i] = (UINT64_C(1) << i) - 1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(edges); i++) {
		struct counter64 big = { edges[i] >> 32, edges[i] & UINT32_MAX };
		struct sn_value v = { .type = ASN_COUNTER64,
				      .data = &big,
				      .len = sizeof(big) };
		uint8_t made[32], theirs[32];
		struct sn_list list = { made, made + sizeof(made), 0 };
		size_t left = sizeof(theirs);
		bool odd = false;

		assert_non_null(asn_build_unsigned_int64(theirs, &left, ASN_COUNTER64,
							 &big, sizeof(big)));
		left = sizeof(theirs) - left;
		assert_true(sn_encode_value(&list, &name, &v, &odd));
		assert_false(odd);
		/* behind the SEQUENCE's head and the name */
		assert_int_equal(list.at - made, 2 + 3 + left);
		assert_memory_equal(made + 5, theirs, left);
	}
}

static void check_from(struct reader_name *from)
{
	struct reader_request r = {
		.community = "public", .version = 1, .of = from, .n = 1
	};
	struct reader_message m;

	r.type = SN_BER_GET;
	reader_make(&m, &r);
	reader_check(&m);
	r.type = SN_BER_GETNEXT;
	reader_make(&m, &r);
	reader_check(&m);
	r.type = SN_BER_GETBULK;
	for (r.second = 1; r.second < 9; r.second += 3) {
		reader_make(&m, &r);
		reader_check(&m);
	}
}

static void check_table(void)
{
	struct sn_oid table;

	assert_true(sn_oid_parse(READER_BASE ".1.1.3", &table));
	reader_learn_names();
	for (size_t i = 1; i < reader_n_names; i++) {
		assert_true(snmp_oid_compare(
				    reader_names[i - 1].id, reader_names[i - 1].len,
				    reader_names[i].id, reader_names[i].len) < 0);
		if (!netsnmp_oid_is_subtree(table.id, table.len, reader_names[i].id,
					    reader_names[i].len))
			check_from(&reader_names[i]);
	}
}

/* Another registration within a column: the table is before and behind it. */
static void a_table_in_parts_is_answered_alike(void **state)
{
	static struct sn_oid within;
	static int value = 7;
	unsigned long direct = reader_n_direct, asked = reader_n_asked;

	(void)state;
	assert_true(sn_oid_parse(READER_BASE ".1.1.3.1.3.1.200.0", &within));
	assert_int_equal(netsnmp_register_read_only_int_instance(
				 "within", within.id, within.len, &value, NULL),
			 MIB_REGISTERED_OK);
	check_table();
	assert_true(reader_n_asked - asked > 100);
	/* all but what meets the other registration is still the engine's */
	assert_true((reader_n_direct - direct) * 10 > (reader_n_asked - asked) * 8);
	assert_int_equal(unregister_mib(within.id, within.len), MIB_UNREGISTERED_OK);
}

/* One that has nothing: the engine goes on behind it. It stays until the agent ends. */
static void a_table_with_a_gap_is_answered_alike(void **state)
{
	static struct sn_oid gap;

	(void)state;
	assert_true(sn_oid_parse(READER_BASE ".1.1.3.1.3.1.200", &gap));
	assert_int_equal(netsnmp_register_null(gap.id, gap.len), MIB_REGISTERED_OK);
	check_table();
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_answered_alike),
		cmocka_unit_test(mutated_requests_are_answered_alike),
		cmocka_unit_test(every_object_is_answered_alike),
		cmocka_unit_test(every_size_of_an_answer_is_cut_alike),
		cmocka_unit_test(a_table_in_parts_is_answered_alike),
		cmocka_unit_test(a_table_with_a_gap_is_answered_alike),
		cmocka_unit_test(only_what_is_asked_for_counts_as_a_bad_use),
		cmocka_unit_test(columns_are_found_by_their_numbers),
		cmocka_unit_test(names_are_taken_in_their_shortest_form),
		cmocka_unit_test(elements_are_taken_whole),
		cmocka_unit_test(lengths_are_taken_in_their_shortest_form),
		cmocka_unit_test(integers_are_put_as_net_snmp_does),
		cmocka_unit_test(contents_fit_as_long_as_they_can_be),
		cmocka_unit_test(every_counter_is_encoded_as_net_snmp_does),
	};

	return cmocka_run_group_tests(tests, reader_start, reader_stop);
}

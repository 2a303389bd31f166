// SPDX-License-Identifier: Apache-2.0
/* Columns that are encoded once for a snapshot: what GETBULKs are answered with from
 * them is what net-snmp answers, whatever changes between two of them. */
#include "reader-fixture.h"

#include "snmp-fixture.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "snmp/reader/ber.h"
#include "snmp/reader/runs.h"

#define BOARDS READER_BASE ".1.1.3.1"

static void name_is(struct reader_name *ret, const char *text)
{
	struct sn_oid name;

	assert_true(sn_oid_parse(text, &name));
	memcpy(ret->id, name.id, name.len * sizeof(oid));
	ret->len = name.len;
}

/* Each is asked for as often as it takes until it is copied, and once more. */
static void bulk(struct reader_name *of, size_t n, int32_t first, int32_t repetitions)
{
	static struct reader_message m;
	const struct reader_request r = { .community = "public",
					  .type = SN_BER_GETBULK,
					  .version = 1,
					  .first = first,
					  .second = repetitions,
					  .of = of,
					  .n = n };

	for (int i = 0; i < 2; i++) {
		reader_make(&m, &r);
		reader_check(&m);
	}
}

static void bulk_at(const char *text, int32_t repetitions)
{
	struct reader_name name;

	name_is(&name, text);
	bulk(&name, 1, 0, repetitions);
}

/* ---- copying ---- */

struct room {
	struct sn_run run; /* its data are behind it */
	uint8_t data[2 * SN_RUN_ROWS];
};

static void fill(struct room *r, size_t rows)
{
	size_t end = 0, n = 0;

	r->run.first = reader_below(3) * SN_RUN_ROWS;
	r->run.rows = rows;
	for (size_t i = 0; i < rows; i++) {
		size_t len = reader_below(3); /* 0: no value */
		memset(r->run.data + end, (int)i + 1, len);
		end += len;
		n += len > 0;
		r->run.end[i] = (uint16_t)end;
		r->run.n[i] = (uint8_t)n;
	}
}

/* One row after the other. */
static size_t copy_rows(const struct sn_run *run, size_t *row, size_t most,
			struct sn_list *to)
{
	size_t n = 0;

	for (size_t i = *row - run->first; i < run->rows; i++, ++*row) {
		size_t begin = i ? run->end[i - 1] : 0, len = run->end[i] - begin;
		if (len && (n == most || len > (size_t)(to->end - to->at)))
			break;
		memcpy(to->at, run->data + begin, len);
		to->at += len;
		n += len > 0;
	}
	to->n += n;
	return n;
}

static void rows_are_copied_as_far_as_they_fit(void **state)
{
	static struct room r;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint8_t one[64], other[64];
		size_t room = reader_below(40), most = 1 + reader_below(40);
		struct sn_list a = { one, one + room, 7 };
		struct sn_list b = { other, other + room, 7 };
		fill(&r, 1 + reader_below(SN_RUN_ROWS));
		size_t at = r.run.first + reader_below((uint32_t)r.run.rows + 2);
		size_t row = at, same = at;
		assert_int_equal(sn_run_copy(&r.run, &row, most, &a),
				 copy_rows(&r.run, &same, most, &b));
		assert_int_equal(row, same);
		assert_int_equal(a.n, b.n);
		assert_int_equal(a.at - one, b.at - other);
		assert_memory_equal(one, other, (size_t)(a.at - one));
	}
}

/* ---- differences ---- */

static void columns_are_answered_alike_again(void **state)
{
	static const int32_t repetitions[] = { 1,  2,  9,   10,  49,   50,       63,
					       64, 65, 127, 128, 1000, INT32_MAX };
	struct reader_name of[4];

	(void)state;
	reader_learn_names();
	for (int i = 0; i < 600; i++) {
		size_t n = reader_below(3) ? 1 : 1 + reader_below(ARRAY_SIZE(of));
		for (size_t k = 0; k < n; k++)
			reader_any_name(&of[k]);
		bulk(of, n, 0, repetitions[reader_below(ARRAY_SIZE(repetitions))]);
	}
	/* each number of repetitions, from each row on */
	for (int32_t n = 1; n < 80; n += 3) {
		char text[64];
		snprintf(text, sizeof(text), BOARDS ".4.%d.%d", n % 10, n % 9);
		bulk_at(text, n);
		bulk_at(BOARDS ".31", n);
	}
}

/* What comes first has other lengths, so that the rest is cut at each octet. */
static void full_answers_end_alike(void **state)
{
	static const char *const columns[] = { ".3", ".4", ".9", ".22", ".31", ".40" };
	struct reader_name of[9];
	char text[64];

	(void)state;
	for (int i = 0; i < 400; i++) {
		size_t n = reader_below(ARRAY_SIZE(of));
		for (size_t k = 0; k < n; k++)
			of[k] = reader_names[reader_below((uint32_t)reader_n_names)];
		snprintf(text, sizeof(text), BOARDS "%s",
			 columns[reader_below(ARRAY_SIZE(columns))]);
		name_is(&of[n], text);
		bulk(of, n + 1, (int32_t)n, 1000);
	}
}

/* ---- changes ---- */

static void change_board(unsigned i)
{
	char id[16], name[64];

	snprintf(id, sizeof(id), "sub%u-%02u", 1 + i % 9, 1 + i / 9 % 8);
	struct bmc_row *r = snmp_fixture_row(BMC_BOARD, id);
	snprintf(name, sizeof(name), "%.*s", (int)(i * 7 % 60),
		 "a name that is longer each time, and then is a short one again");
	bmc_field_set(r, bmc_field_find(BMC_BOARD, "name"), 0, name);
	bmc_field_set(r, bmc_field_find(BMC_BOARD, "memory_bytes"),
		      i % 3 ? (int64_t)i << i % 40 : BMC_UNKNOWN, NULL);
	snmp_fixture_publish();
}

static void a_walk_sees_what_has_changed_meanwhile(void **state)
{
	char text[64];

	(void)state;
	for (unsigned i = 0; i < 80; i++) {
		change_board(i);
		snprintf(text, sizeof(text), BOARDS ".4.%u", i % 10);
		bulk_at(text, 10);
		bulk_at(BOARDS ".4", 50);
		bulk_at(BOARDS ".31", 50);
		reader_change_rows(i % 6);
		bulk_at(READER_BASE ".1.1.4", 10);
		bulk_at(READER_BASE ".1.1.8", 40);
	}
}

/* Places of tables in the registry are what runs are found by. */
static void tables_that_move_are_answered_alike(void **state)
{
	static struct sn_oid ahead;
	static int value = 7;
	char text[64];

	(void)state;
	assert_true(sn_oid_parse("1.3.6.1.2.1.1.99.0", &ahead));
	for (int i = 0; i < 4; i++) {
		for (int table = 1; table < 15; table++) {
			for (int column = 1; column < 6; column++) {
				snprintf(text, sizeof(text), READER_BASE ".1.1.%d.1.%d",
					 table, column);
				bulk_at(text, 5);
			}
		}
		if (i % 2)
			assert_int_equal(unregister_mib(ahead.id, ahead.len),
					 MIB_UNREGISTERED_OK);
		else
			assert_int_equal(
				netsnmp_register_read_only_int_instance(
					"ahead", ahead.id, ahead.len, &value, NULL),
				MIB_REGISTERED_OK);
	}
}

static void time_goes_on_within_a_snapshot(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		bulk_at("1.3.6.1.2.1.1.3", 1);    /* sysUpTime */
		bulk_at("1.3.6.1.2.1.25.1.1", 1); /* hrSystemUptime */
		usleep(25000);
	}
}

static const struct sn_cell *board_cell(const char *field)
{
	const struct sn_cell *c = sn_table_cell(&sn_board_table, field);

	assert_non_null(c);
	return c;
}

static void what_a_clock_or_a_function_says_is_not_kept(void **state)
{
	(void)state;
	assert_true(sn_value_is_fixed(board_cell("name")));
	assert_true(sn_value_is_fixed(board_cell("memory_bytes")));
	assert_true(sn_value_is_fixed(board_cell("power_state")));
	assert_false(sn_value_is_fixed(board_cell("boot_time")));
	for (size_t i = 0; i < sn_system_group.n_columns; i++)
		assert_false(sn_value_is_fixed(
			&sn_table_cells(&sn_system_group, sn_system_group.kind)[i]));
}

/* ---- bounds ---- */

static void add_rows(void)
{
	static const enum bmc_kind kinds[] = { BMC_EVENT, BMC_SENSOR,   BMC_NIC,
					       BMC_DISK,  BMC_FIRMWARE, BMC_CONDITION };
	char id[16], text[160];

	for (unsigned i = 200; i < 310; i++) {
		snprintf(id, sizeof(id), "%u", i);
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
			struct bmc_row *r = snmp_fixture_row(kinds[k], id);
			const struct bmc_kind_desc *d = bmc_kind(kinds[k]);
			for (size_t f = 0; f < d->n_fields; f++) {
				memset(text, 'a' + (int)(i % 26), sizeof(text));
				text[MIN(sizeof(text), d->fields[f].size) - 1] = '\0';
				if (d->fields[f].type == BMC_TEXT &&
				    strcmp(d->fields[f].name, "id") != 0)
					bmc_field_set(r, &d->fields[f], 0, text);
			}
		}
	}
	snmp_fixture_publish();
}

/* More columns, and longer ones, than there is memory for. */
static void what_finds_no_room_is_answered_alike(void **state)
{
	char text[64];

	(void)state;
	add_rows();
	for (int table = 1; table < 15; table++) {
		for (int column = 2; column < 36; column++) {
			snprintf(text, sizeof(text), READER_BASE ".1.1.%d.1.%d", table,
				 column);
			bulk_at(text, 1000);
			strcat(text, table == 3 ? ".8" : ".270");
			bulk_at(text, 1000);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_copied_as_far_as_they_fit),
		cmocka_unit_test(columns_are_answered_alike_again),
		cmocka_unit_test(full_answers_end_alike),
		cmocka_unit_test(a_walk_sees_what_has_changed_meanwhile),
		cmocka_unit_test(tables_that_move_are_answered_alike),
		cmocka_unit_test(time_goes_on_within_a_snapshot),
		cmocka_unit_test(what_a_clock_or_a_function_says_is_not_kept),
		cmocka_unit_test(what_finds_no_room_is_answered_alike),
	};

	return cmocka_run_group_tests(tests, reader_start, reader_stop);
}

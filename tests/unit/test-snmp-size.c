// SPDX-License-Identifier: Apache-2.0
/* Answers of any length: whole, cut where GETBULK may be, or tooBig without a name;
 * never silence, never fewer varbinds than names, never an empty noError. */
#include "snmp-fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "action-fixture.h"
#include "core/base/util.h"
#include "snmp-message.h"
#include "snmp/build.h"
#include "snmp/engine.h"
#include "snmp/limit.h"
#include "snmp/reader/reader.h"
#include "snmp/snmp.h"

#define BOARD_ID      ROOT ".3.1.3"
#define BOARD_NAME    ROOT ".3.1.4"
#define BOARD_ACTION  ROOT ".3.1.10"
#define NAMES_MAX     2000
#define TOO_BIG       1
#define FORCE_RESTART 6

static const char config[] = "communities:\n"
			     "  - {name: public}\n"
			     "  - {name: private, role: Operator}\n";
static const size_t counts[] = { 1,   2,   15,  16,   17,   18,   64,       65,  66,
				 67,  68,  69,  70,   127,  128,  129,      255, 256,
				 300, 500, 999, 1000, 1500, 1999, NAMES_MAX };
static size_t max;
static int fd;
static unsigned number = 100000; /* three octets */
static struct message_value names[NAMES_MAX];

static int set_up(void **state)
{
	fixture_set_up(state);
	snmp_fixture_open(config); /* no thread: limits change between requests */
	fd = message_socket("127.0.0.1", "127.0.0.1", snmp_fixture_port());
	return fd < 0;
}

static int tear_down(void **state)
{
	close(fd);
	snmp_fixture_end();
	return fixture_tear_down(state);
}

/* A max_message for the requests to come. */
static int limit(size_t to)
{
	struct bmc_conf key = { .key = "max_message", .text = "", .num = (int64_t)to };
	const struct bmc_conf snmp = { .child = &key };
	struct bmc_error err;

	max = to;
	return sn_limit_init(&snmp, &err);
}

/* The read engine answers first; without it net-snmp does, by the same rules. */
static int reader_off(void **state)
{
	(void)state;
	sn_reader_enable(false);
	return 0;
}

static int at_484(void **state)
{
	(void)state;
	return limit(484);
}

static int at_1472(void **state)
{
	(void)state;
	return limit(1472);
}

static int at_65507(void **state)
{
	(void)state;
	return limit(65507);
}

/* The answer, while the loop runs: a SET's journal is on it. */
static struct message_answer ask_bulk(unsigned char pdu, size_t n, long non_repeaters,
				      long repetitions)
{
	struct message_answer a = { 0 };
	struct message m;
	bool came = false;

	message_make_bulk(&m, pdu, pdu == MESSAGE_SET ? "private" : "public", ++number,
			  names, n, non_repeaters, repetitions);
	assert_true(message_send(fd, &m));
	for (int i = 0; i < 2000 && !came; i++) {
		bmc_loop_step(0);
		sn_wake(); /* a pass does not wait */
		sn_pass();
		came = message_receive(fd, 0, &a);
	}
	if (!came)
		fail_msg("no answer to %zu names", n);
	assert_int_equal(a.request_id, number);
	assert_in_range(a.len, 1, max);
	return a;
}

static struct message_answer ask(unsigned char pdu, size_t n)
{
	return ask_bulk(pdu, n, 0, 0);
}

static void all_are(const char *object, const char *text)
{
	for (size_t i = 0; i < NAMES_MAX; i++)
		names[i] = (struct message_value){ object, 0, text };
}

static size_t element(size_t len)
{
	return len + (len < 128 ? 2 : len < 256 ? 3 : 4);
}

/* Octets of a v2c answer with n equal varbinds, from what one of them takes. */
static size_t size_of(size_t n, size_t varbind, size_t community)
{
	return element(3 + element(community) +
		       element(5 + 3 + 3 + element(n * varbind)));
}

static size_t size_of_varbind(unsigned char pdu, size_t community)
{
	size_t one = ask(pdu, 1).len, varbind = 1;

	while (size_of(1, varbind, community) < one)
		varbind++;
	assert_int_equal(size_of(1, varbind, community), one);
	return varbind;
}

/* All names have the same answer, so its length is known. */
static void whole_or_too_big(unsigned char pdu, size_t community)
{
	size_t varbind = size_of_varbind(pdu, community);
	size_t most = max / varbind + 3;

	for (size_t i = 0; i < ARRAY_SIZE(counts) + 6; i++) {
		size_t n = i < 6 ? most - i : counts[i - 6];
		if (n > NAMES_MAX)
			continue;
		struct message_answer a = ask(pdu, n);
		if (size_of(n, varbind, community) <= max) {
			assert_int_equal(a.status, 0);
			assert_int_equal(a.n, n);
			assert_int_equal(a.len, size_of(n, varbind, community));
		} else {
			assert_int_equal(a.status, TOO_BIG);
			assert_int_equal(a.index, 0);
			assert_int_equal(a.n, 0);
		}
	}
}

static void a_get_is_whole_or_too_big(void **state)
{
	(void)state;
	all_are(BOARD_ID ".1.2", NULL);
	whole_or_too_big(MESSAGE_GET, 6);
}

static void a_getnext_is_whole_or_too_big(void **state)
{
	(void)state;
	all_are(BOARD_ID ".1.1", NULL);
	whole_or_too_big(MESSAGE_NEXT, 6);
}

static void a_set_is_whole_or_too_big(void **state)
{
	(void)state;
	all_are(BOARD_NAME ".1.2", "rack seven");
	whole_or_too_big(MESSAGE_SET, 7);
}

/* Of names beyond all objects, too: endOfMibView is the shortest of varbinds. */
static void a_getbulk_has_as_many_as_fit(void **state)
{
	static const char *const objects[] = { BOARD_ID ".1.1", "2.9" };

	(void)state;
	for (size_t o = 0; o < ARRAY_SIZE(objects); o++) {
		all_are(objects[o], NULL);
		size_t varbind = size_of_varbind(MESSAGE_NEXT, 6);
		for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
			size_t n = counts[i], fit = n;
			while (size_of(fit, varbind, 6) > max)
				fit--;
			/* none repeated, all repeated */
			struct message_answer a =
				ask_bulk(MESSAGE_BULK, n, NAMES_MAX, 0);
			assert_int_equal(a.status, 0);
			assert_int_equal(a.n, fit);
			assert_int_equal(a.len, size_of(fit, varbind, 6));
			a = ask_bulk(MESSAGE_BULK, n, 0, 1);
			assert_int_equal(a.status, 0);
			assert_int_equal(a.n, fit);
		}
	}
}

/* A walk of many columns at once is filled, but for less than one varbind. */
static void many_columns_and_repetitions_fill_the_message(void **state)
{
	(void)state;
	all_are(BOARD_ID, NULL);
	for (size_t n = 1; n <= NAMES_MAX; n = n * 3 + 1) {
		for (long repetitions = 1; repetitions < 100000; repetitions *= 17) {
			struct message_answer a =
				ask_bulk(MESSAGE_BULK, n, (long)n / 2, repetitions);
			size_t wanted = n / 2 + (n - n / 2) * (size_t)repetitions;
			assert_int_equal(a.status, 0);
			assert_true(a.n > 0);
			assert_true(a.n == wanted || a.len > max - 60 ||
				    (max > 1472 && a.n >= n)); /* the end */
		}
	}
}

/* A later error names a varbind: its index has two octets from 128 on, and has room. */
static void a_set_leaves_room_for_the_index_of_an_error(void **state)
{
	(void)state;
	all_are(BOARD_NAME ".1.2", "rack seven");
	limit(SN_MESSAGE_MAX);
	size_t varbind = size_of_varbind(MESSAGE_SET, 7);
	for (size_t n = 127; n <= 128; n++) {
		size_t whole = size_of(n, varbind, 7) + (n > 127);
		limit(whole);
		assert_int_equal(ask(MESSAGE_SET, n).status, 0);
		limit(whole - 1);
		assert_int_equal(ask(MESSAGE_SET, n).status, TOO_BIG);
	}
}

static void each_octet_counts(void **state)
{
	(void)state;
	all_are(BOARD_ID ".1.2", NULL);
	limit(SN_MESSAGE_MAX);
	size_t varbind = size_of_varbind(MESSAGE_GET, 6);
	const size_t n = 20, whole = size_of(n, varbind, 6);
	all_are(BOARD_ID ".1.1", NULL);
	size_t next = size_of_varbind(MESSAGE_NEXT, 6);
	assert_int_equal(next, varbind);
	for (size_t i = 0; i < 2 * varbind; i++) {
		limit(whole - varbind + i);
		struct message_answer a = ask(MESSAGE_NEXT, n);
		assert_int_equal(a.status, max >= whole ? 0 : TOO_BIG);
		a = ask_bulk(MESSAGE_BULK, n, NAMES_MAX, 0);
		assert_int_equal(a.n, max >= whole ? n : n - 1);
	}
}

/* The 72 restarts: more than fits is not begun. */
static void a_set_that_is_too_big_does_nothing(void **state)
{
	static const struct message_value restart = { BOARD_ACTION ".1.2",
						      FORCE_RESTART, NULL };
	(void)state;
	for (size_t i = 0; i < NAMES_MAX; i++)
		names[i] = restart;
	int64_t task = fixture_row("sub1-02")->task;
	assert_int_equal(ask(MESSAGE_SET, 72).status, TOO_BIG);
	fixture_pass(50);
	assert_int_equal(fixture_row("sub1-02")->task, task);
	assert_int_equal(ask(MESSAGE_SET, 1).status, 0);
	assert_int_not_equal(fixture_row("sub1-02")->task, task);
}

#define AT(limit)                                                                     \
	cmocka_unit_test_setup(a_get_is_whole_or_too_big, limit),                     \
		cmocka_unit_test_setup(a_getnext_is_whole_or_too_big, limit),         \
		cmocka_unit_test_setup(a_set_is_whole_or_too_big, limit),             \
		cmocka_unit_test_setup(a_getbulk_has_as_many_as_fit, limit),          \
		cmocka_unit_test_setup(many_columns_and_repetitions_fill_the_message, \
				       limit)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AT(at_484),
		AT(at_1472),
		AT(at_65507),
		cmocka_unit_test(each_octet_counts),
		cmocka_unit_test_setup(each_octet_counts, reader_off),
		AT(at_484),
		AT(at_1472),
		AT(at_65507),
		cmocka_unit_test(a_set_leaves_room_for_the_index_of_an_error),
		cmocka_unit_test_setup(a_set_that_is_too_big_does_nothing, at_1472),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

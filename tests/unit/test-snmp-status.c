// SPDX-License-Identifier: Apache-2.0
/* Every error status of a SET (RFC 3416, 4.2.5), with its index and in the order of the
 * RFC's checks; what is left in the audit log. Byte by byte, for no client sends what
 * is wrong. */
#include "snmp-fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "action-fixture.h"
#include "core/base/util.h"
#include "core/events/audit.h"
#include "core/model/field.h"
#include "core/model/service.h"
#include "core/snapshot/build.h"
#include "snmp-message.h"
#include "snmp/refusals.h"

static const char config[] =
	"communities:\n"
	"  - {name: public}\n"
	"  - {name: private, role: Operator, actor: script}\n"
	"  - {name: fans, role: Operator, actor: fans, view: fans}\n"
	"views:\n"
	"  - {name: fans, include: [" ROOT ".4]}\n";

#define BOARD_ID     ROOT ".3.1.3"
#define BOARD_NAME   ROOT ".3.1.4"
#define BOARD_ACTION ROOT ".3.1.10"
#define BLADE_ACTION ROOT ".2.1.7"
#define FAN_DUTY     ROOT ".4.1.10"
#define FAN_LOW      ROOT ".4.1.11"
#define LOCK         ROOT ".1.18.0"
#define TEST_EVENT   ROOT ".14.12.0"
#define LONG                                                                         \
	"a name that is longer than any of the sixty-four octets that it may have, " \
	"and more"

enum {
	NO_ERROR = 0,
	NO_ACCESS = 6,
	WRONG_TYPE,
	WRONG_LENGTH,
	WRONG_ENCODING,
	WRONG_VALUE,
	NO_CREATION,
	INCONSISTENT,
	UNAVAILABLE,
	COMMIT_FAILED,
	UNDO_FAILED,
	NO_AUTHORIZATION,
	NOT_WRITABLE
};
enum { ON = 2, FORCE_OFF, FORCE_RESTART = 6 };

static int fd;
static unsigned number;

static int set_up(void **state)
{
	struct bmc_manager manager; /* asks for the test event */
	struct bmc_error err;

	fixture_set_up(state);
	assert_int_equal(bmc_audit_init(&err), 0);
	bmc_row_clear(&manager.row, BMC_MANAGER);
	bmc_copy(manager.row.id, sizeof(manager.row.id), "bmc");
	manager.row.index[0] = 1;
	bmc_inventory_upsert(&manager.row);
	bmc_inventory_publish();
	snmp_fixture_serve(config);
	fd = message_socket("127.0.0.1", "127.0.0.1", snmp_fixture_port());
	return fd < 0;
}

static int tear_down(void **state)
{
	close(fd);
	snmp_fixture_end();
	bmc_audit_done();
	return fixture_tear_down(state);
}

static struct message_answer answer(void)
{
	struct message_answer a = { 0 };

	for (int i = 0; i < 2000; i++) {
		bmc_loop_step(0);
		if (message_receive(fd, 5, &a))
			return a;
	}
	fail_msg("no answer");
	return a;
}

static struct message_answer set_as(const char *community,
				    const struct message_value *v, size_t n)
{
	struct message m;

	message_make(&m, MESSAGE_SET, community, ++number, v, n);
	assert_true(message_send(fd, &m));
	struct message_answer a = answer();
	assert_int_equal(a.request_id, number);
	assert_int_equal(a.n, n);
	return a;
}

static void expect_as(const char *community, const struct message_value *v, size_t n,
		      int status, int index)
{
	struct message_answer a = set_as(community, v, n);

	if (a.status != status || a.index != index)
		fail_msg("%s (of %zu): %d at %d, not %d at %d", v[0].object, n,
			 a.status, a.index, status, index);
}

#define expect(status, index, ...)                                          \
	expect_as("private", (const struct message_value[]){ __VA_ARGS__ }, \
		  sizeof((struct message_value[]){ __VA_ARGS__ }) /         \
			  sizeof(struct message_value),                     \
		  status, index)

static void raw(const char *object, const char *octets, size_t n, int status)
{
	struct message m;

	message_make_raw(&m, "private", ++number, object, octets, n);
	assert_true(message_send(fd, &m));
	struct message_answer a = answer();
	assert_int_equal(a.request_id, number);
	if (a.status != status || a.index != (status != 0))
		fail_msg("%s, %zu octets: %d at %d", object, n, a.status, a.index);
}

#define RAW(object, octets, status) raw(object, octets, sizeof(octets) - 1, status)

/* ---- each status, at the varbind that it is about ---- */

#define GOOD                                   \
	{                                      \
		BOARD_NAME ".1.1", 0, "a name" \
	}

static void each_status_has_its_index(void **state)
{
	(void)state;
	expect(WRONG_TYPE, 2, GOOD, { BOARD_ACTION ".1.2", 0, "on" });
	expect(WRONG_LENGTH, 2, GOOD, { BOARD_NAME ".1.2", 0, LONG });
	expect(WRONG_VALUE, 2, GOOD, { BOARD_ACTION ".1.2", 99, NULL });
	expect(NO_CREATION, 2, GOOD, { BOARD_ACTION ".7.7", ON, NULL });
	expect(NOT_WRITABLE, 2, GOOD, { BOARD_ID ".1.2", 0, "sub9" });
	expect(NOT_WRITABLE, 2, GOOD, { ROOT ".3.1.99.1.2", 1, NULL });
	expect(INCONSISTENT, 2, GOOD, { BOARD_ACTION ".1.4", ON, NULL });
	expect(NO_AUTHORIZATION, 2, GOOD, { TEST_EVENT, 2, NULL });
	expect(NO_ERROR, 0, GOOD);
	assert_string_equal(fixture_row("sub1-01")->name, "a name");
	/* an index of two octets */
	struct message_value many[300];
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = (struct message_value)GOOD;
	many[199].text = NULL;
	expect_as("private", many, ARRAY_SIZE(many), WRONG_TYPE, 200);
}

static void what_may_not_be_seen_may_not_be_set(void **state)
{
	const struct message_value v[] = { { FAN_LOW ".1", 1500, NULL },
					   { BOARD_NAME ".1.1", 0, "mine" } };

	(void)state;
	expect_as("fans", v, 2, NO_ACCESS, 2);
	expect_as("public", v, 1, NO_ACCESS, 1);
	/* also of what is wrong in every other way */
	const struct message_value none[] = { { BOARD_ID ".7.7", 1, NULL } };
	expect_as("fans", none, 1, NO_ACCESS, 1);
}

static void the_checks_come_in_the_order_of_the_rfc(void **state)
{
	(void)state;
	/* of a row that is not there, and of one that is */
	for (int there = 0; there < 2; there++) {
		const char *action = there ? BOARD_ACTION ".1.2" : BOARD_ACTION ".7.7";
		const char *name = there ? BOARD_NAME ".1.2" : BOARD_NAME ".7.7";
		expect(WRONG_TYPE, 1, { name, 1, NULL });
		expect(WRONG_LENGTH, 1, { name, 0, LONG });
		expect(WRONG_VALUE, 1, { action, 99, NULL });
		RAW(action, "\x02\x05\x01\x00\x00\x00\x06", WRONG_ENCODING);
		RAW(action, "\x42\x05\x01\x00\x00\x00\x06", WRONG_TYPE);
	}
	expect(NOT_WRITABLE, 1, { BOARD_ID ".7.7", 1, NULL });
	expect(NO_CREATION, 1, { BOARD_NAME ".7.7", 0, "a name" });
}

/* ---- encodings ---- */

static void a_value_is_what_its_octets_say(void **state)
{
	(void)state;
	RAW(BOARD_ACTION ".1.2", "\x02\x05\x01\x00\x00\x00\x06", WRONG_ENCODING);
	RAW(BOARD_ACTION ".1.2", "\x02\x05\x00\x00\x00\x00\x06", WRONG_ENCODING);
	RAW(BOARD_ACTION ".1.2", "\x02\x09\x00\x00\x00\x00\x00\x00\x00\x00\x06",
	    WRONG_ENCODING);
	RAW(BOARD_ACTION ".1.2", "\x02\x00", WRONG_ENCODING);
	RAW(BOARD_ACTION ".1.2", "\x02\x81\x05\x01\x00\x00\x00\x06", WRONG_ENCODING);
	RAW(BOARD_ACTION ".1.2", "\x02\x88\0\0\0\0\0\0\0\x05\x01\x00\x00\x00\x06",
	    WRONG_ENCODING);
	RAW(BOARD_ACTION ".1.2", "\x02\x04\xff\xff\xff\xff", WRONG_VALUE);
	RAW(BOARD_NAME ".1.2", "\x06\x02\x2b\x86", WRONG_TYPE);
	RAW(FAN_LOW ".1", "\x02\x04\x00\x00\x05\xdc", NO_ERROR);
	/* no value, with octets: net-snmp has a length and no data for these */
	RAW(BOARD_ACTION ".1.2", "\x05\x02\x41\x41", WRONG_TYPE);
	RAW(BOARD_ACTION ".1.2", "\x80\x02\x41\x41", WRONG_TYPE);
	RAW(BOARD_ACTION ".1.2", "\x82\x81\xa4" LONG LONG, WRONG_TYPE);
}

/* Of two such values the first is named. */
static void the_first_bad_value_is_named(void **state)
{
	const struct message_value v[] = { { BOARD_NAME ".1.1", 0, "a name" },
					   { BOARD_ACTION ".1.2", 0, "five!" },
					   { BOARD_ACTION ".1.3", 0, "five!" } };
	struct message m;

	(void)state;
	message_make(&m, MESSAGE_SET, "private", ++number, v, 3);
	for (size_t i = 0; i + 7 <= m.len; i++) {
		if (memcmp(m.data + i,
			   "\x04\x05"
			   "five!",
			   7) == 0)
			m.data[i] = 0x02;
	}
	assert_true(message_send(fd, &m));
	struct message_answer a = answer();
	assert_int_equal(a.status, WRONG_ENCODING);
	assert_int_equal(a.index, 2);
}

/* ---- said twice ---- */

static void one_board_gets_one_operation(void **state)
{
	(void)state;
	int64_t task = fixture_row("sub1-02")->task;

	expect(INCONSISTENT, 2, { BOARD_ACTION ".1.2", FORCE_OFF, NULL },
	       { BOARD_ACTION ".1.2", FORCE_RESTART, NULL });
	expect(INCONSISTENT, 3, { BOARD_ACTION ".1.2", FORCE_OFF, NULL },
	       { BOARD_ACTION ".1.3", FORCE_OFF, NULL },
	       { BLADE_ACTION ".1", FORCE_RESTART, NULL });
	expect(INCONSISTENT, 2, { BLADE_ACTION ".1", FORCE_RESTART, NULL },
	       { BOARD_ACTION ".1.2", FORCE_OFF, NULL });
	expect(INCONSISTENT, 3, { BOARD_NAME ".1.2", 0, "one" },
	       { BOARD_NAME ".1.3", 0, "one" }, { BOARD_NAME ".1.2", 0, "two" });
	expect(INCONSISTENT, 2, { FAN_DUTY ".1", 40000, NULL },
	       { FAN_DUTY ".1", 50000, NULL });
	assert_int_equal(fixture_row("sub1-02")->task, task);
	expect(NO_ERROR, 0, { FAN_DUTY ".1", 60000, NULL },
	       { FAN_DUTY ".1", 60000, NULL }, { BOARD_NAME ".1.2", 0, "one" },
	       { BOARD_NAME ".1.2", 0, "one" });
	expect(NO_ERROR, 0, { BOARD_ACTION ".1.2", FORCE_OFF, NULL },
	       { BOARD_NAME ".1.2", 0, "off" },
	       { BOARD_ACTION ".1.2", FORCE_OFF, NULL });
}

/* ---- what goes wrong later ---- */

/* Sends a request; a row goes before it is stored. */
static void row_goes(enum bmc_kind kind, const char *id, const struct message_value *v,
		     size_t n, int status, int index)
{
	struct message m;
	struct message_answer a = { 0 };
	uint32_t row = bmc_inventory_find(kind, id);
	struct message_value get = { "1.3.6.1.2.1.1.3.0", 0, NULL };
	int other = message_socket("127.0.0.1", "127.0.0.1", snmp_fixture_port());

	message_make(&m, MESSAGE_SET, "private", ++number, v, n);
	assert_true(message_send(fd, &m));
	message_make(&m, MESSAGE_GET, "public", 1, &get, 1);
	assert_true(message_send(other, &m));
	assert_true(message_receive(other, 5000, &a)); /* the SET has been read */
	close(other);
	assert_int_not_equal(row, 0);
	bmc_inventory_remove(row);
	a = answer();
	assert_int_equal(a.status, status);
	assert_int_equal(a.index, index);
}

static void a_journal_that_refuses_is_commit_failed(void **state)
{
	(void)state;
	fixture_pass(300);
	fixture->store_refuses = true;
	expect(COMMIT_FAILED, 1, { BOARD_NAME ".1.3", 0, "never" },
	       { BOARD_NAME ".1.2", 0, "never" });
	fixture->store_refuses = false;
	assert_string_not_equal(fixture_row("sub1-03")->name, "never");
	assert_string_not_equal(fixture_row("sub1-02")->name, "never");
}

static void what_can_not_be_undone_says_so(void **state)
{
	(void)state;
	const struct message_value v[] = { { BOARD_NAME ".1.3", 0, "stays" },
					   { FAN_LOW ".1", 1600, NULL } };
	row_goes(BMC_FAN, "fan1", v, 2, UNDO_FAILED, 0);
	assert_string_equal(fixture_row("sub1-03")->name, "stays");
	/* one alone is undone */
	const struct message_value alone = { BOARD_NAME ".2.2", 0, "gone" };
	row_goes(BMC_BOARD, "sub2-02", &alone, 1, COMMIT_FAILED, 1);
}

/* ---- the audit ---- */

static const struct bmc_audit *last_audit(void)
{
	const struct bmc_row *const *rows;

	fixture_pass(50);
	bmc_inventory_publish();
	struct bmc_snapshot *s = bmc_snapshot_get();
	size_t n = bmc_snapshot_rows(s, BMC_AUDIT, &rows);
	assert_true(n > 0);
	static struct bmc_audit copy;
	copy = *(const struct bmc_audit *)rows[n - 1];
	bmc_snapshot_unref(s);
	return &copy;
}

static void audited(const char *user, const char *target, const char *detail,
		    bool accepted)
{
	const struct bmc_audit *a = last_audit();

	assert_string_equal(a->user, user);
	assert_string_equal(a->origin, "snmp");
	assert_string_equal(a->client, "127.0.0.1");
	assert_string_equal(a->action, "Set");
	assert_string_equal(a->target, target);
	assert_string_equal(a->detail, detail);
	assert_int_equal(a->accepted, accepted);
}

static void what_is_asked_for_is_audited(void **state)
{
	const struct message_value mine = { BOARD_NAME ".1.1", 0, "mine" };

	(void)state;
	expect(NO_ERROR, 0, { BOARD_NAME ".1.1", 0, "rack 7" });
	audited("script", "board sub1-01", "name = rack 7", true);
	expect(WRONG_VALUE, 2, GOOD, { BOARD_ACTION ".1.2", 99, NULL });
	audited("script", BOARD_ACTION ".1.2", "wrongValue", false);
	expect_as("fans", &mine, 1, NO_ACCESS, 1);
	audited("fans", BOARD_NAME ".1.1", "noAccess", false);
}

/* A reader's community is no secret to many, and its source can be forged. */
static void a_reader_does_not_push_others_out_of_the_audit(void **state)
{
	const struct message_value mine = { BOARD_NAME ".1.1", 0, "mine" };
	const struct bmc_row *const *rows;

	(void)state;
	expect(NO_ERROR, 0, { BOARD_NAME ".1.1", 0, "rack 8" });
	audited("script", "board sub1-01", "name = rack 8", true);
	uint32_t before = last_audit()->row.index[0];
	for (unsigned i = 0; i < BMC_AUDIT_KEPT + 10; i++)
		expect_as("fans", &mine, 1, NO_ACCESS, 1);
	assert_in_range(last_audit()->row.index[0], before + 1,
			before + SN_REFUSAL_BURST + 1); /* one minute at most */
	struct bmc_snapshot *s = bmc_snapshot_get();
	size_t n = bmc_snapshot_rows(s, BMC_AUDIT, &rows);
	assert_true(rows[0]->index[0] <= before && rows[n - 1]->index[0] >= before);
	bmc_snapshot_unref(s);
	/* those who may write are not concerned */
	expect(NO_ERROR, 0, { BOARD_NAME ".1.1", 0, "rack 9" });
	audited("script", "board sub1-01", "name = rack 9", true);
}

static void what_is_left_out_is_counted(void **state)
{
	int64_t now = bmc_now();
	unsigned before = 0;

	(void)state;
	for (unsigned i = 0; i < SN_REFUSAL_BURST; i++)
		assert_true(sn_refusal_due("one", now, &before));
	assert_int_equal(before, 0);
	assert_false(sn_refusal_due("one", now, &before));
	assert_false(sn_refusal_due("one", now + SN_REFUSAL_REFILL_MS - 1, &before));
	assert_true(sn_refusal_due("two", now, &before));
	assert_int_equal(before, 0);
	assert_true(sn_refusal_due("one", now + SN_REFUSAL_REFILL_MS, &before));
	assert_int_equal(before, 2);
	assert_false(sn_refusal_due("one", now + SN_REFUSAL_REFILL_MS, &before));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_status_has_its_index),
		cmocka_unit_test(what_may_not_be_seen_may_not_be_set),
		cmocka_unit_test(the_checks_come_in_the_order_of_the_rfc),
		cmocka_unit_test(a_value_is_what_its_octets_say),
		cmocka_unit_test(the_first_bad_value_is_named),
		cmocka_unit_test(one_board_gets_one_operation),
		cmocka_unit_test(what_is_asked_for_is_audited),
		cmocka_unit_test(a_reader_does_not_push_others_out_of_the_audit),
		cmocka_unit_test(what_is_left_out_is_counted),
		cmocka_unit_test(a_journal_that_refuses_is_commit_failed),
		cmocka_unit_test(what_can_not_be_undone_says_so),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

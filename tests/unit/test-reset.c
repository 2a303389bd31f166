// SPDX-License-Identifier: Apache-2.0
/* The reset to defaults: one transaction of all parts, and what comes while it is being
 * stored. What is dropped is in tests/integration/test_reset_to_defaults.py. */
#include "action-fixture.h"

#include "core/inventory/inventory.h"
#include "core/model/field.h"
#include "core/model/params.h"
#include "core/model/service.h"
#include "core/ports/reset.h"
#include "core/ports/subscriptions.h"
#include "subscriptions/subscriptions.h"
#include "telemetry/telemetry.h"

#define PENDING 12345 /* no code of ours */

/* The store as it is, but that it answers when the test says so. */
static struct {
	const struct bmc_store_ops *store;
	struct bmc_store_ops holding;
	bool hold;
	int refuse;                /* a code: takes none */
	unsigned n;                /* transactions of write_or_drop since it holds */
	size_t kinds[BMC_N_KINDS]; /* their ROWS_GONE */
	size_t subscriptions;      /* rows of them that others wrote meanwhile */
	bmc_store_done *done;
	void *arg;
} held;

static int hold_write(const struct bmc_record *recs, size_t n, bmc_store_done *done,
		      void *arg)
{
	for (size_t i = 0; held.hold && i < n; i++)
		held.subscriptions +=
			recs[i].type == BMC_REC_ROW && recs[i].kind == BMC_SUBSCRIPTION;
	return held.store->write(recs, n, done, arg);
}

static int hold_write_or_drop(const struct bmc_record *recs, size_t n,
			      bmc_store_done *done, void *arg)
{
	if (!held.hold)
		return held.store->write_or_drop(recs, n, done, arg);
	held.n++;
	for (size_t i = 0; i < n; i++) {
		held.kinds[recs[i].kind] += recs[i].type == BMC_REC_ROWS_GONE;
	}
	held.done = done;
	held.arg = arg;
	return held.refuse;
}

static int load_nothing(enum bmc_record_type type, enum bmc_kind kind,
			int (*each)(void *arg, const struct bmc_record *), void *arg)
{
	return type == BMC_REC_ROW ? BMC_OK : held.store->load(type, kind, each, arg);
}

static int set_up(void **state)
{
	(void)fixture_set_up(state);
	memset(&held, 0, sizeof(held));
	held.store = bmc_store;
	held.holding = *bmc_store;
	held.holding.write = hold_write;
	held.holding.write_or_drop = hold_write_or_drop;
	held.holding.load = load_nothing;
	bmc_store = &held.holding;
	assert_int_equal(bmc_telemetry_init(NULL), 0);
	assert_int_equal(bmc_subscriptions_init(20, NULL), 0);
	return 0;
}

static int tear_down(void **state)
{
	bmc_subscriptions_done();
	bmc_telemetry_done();
	bmc_store = held.store;
	return fixture_tear_down(state);
}

/* Adds or removes a row of a kind; the result. */
static int change(enum bmc_action_op op, const struct bmc_row *row)
{
	struct bmc_action act = { .op = op, .kind = (enum bmc_kind)row->kind };
	struct bmc_result result;

	(void)bmc_copy(act.id, sizeof(act.id), row->id);
	if (op == BMC_ACT_ADD) {
		act.params = bmc_params_new();
		assert_int_equal(bmc_params_set_row(act.params, row, NULL), 0);
	}
	int code = fixture_submit(&fixture_admin, &act, 1, &result);
	act.params = bmc_params_unref(act.params);
	return code;
}

static const struct bmc_aggregate aggregate = {
	.row = { .kind = BMC_AGGREGATE, .id = "7" }, .name = "Web", .members = "sub1-01"
};
static const struct bmc_metric_report report = {
	.row = { .kind = BMC_METRIC_REPORT, .id = "mine" },
	.type = BMC_REPORT_ON_REQUEST,
	.enabled = 1,
	.metrics = "FanSpeed",
};
static const struct bmc_trigger trigger = {
	.row = { .kind = BMC_TRIGGER, .id = "mine" },
	.enabled = 1,
	.metric = "FanSpeed",
	.lower_warning = BMC_UNKNOWN,
	.lower_critical = BMC_UNKNOWN,
	.upper_warning = BMC_UNKNOWN,
	.upper_critical = 9000000,
};
static const struct bmc_subscription subscription = {
	.row = { .kind = BMC_SUBSCRIPTION, .id = "1" },
	.type = BMC_SUBSCRIBER_PUSH,
	.destination = "https://127.0.0.1:9/x",
};
static const struct bmc_row *const all[] = { &aggregate.row, &report.row, &trigger.row,
					     &subscription.row };

static void add_all(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_int_equal(change(BMC_ACT_ADD, all[i]), 0);
}

static size_t rows(void)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		n += bmc_snapshot_find(s, (enum bmc_kind)all[i]->kind, all[i]->id) !=
		     NULL;
	return n;
}

static void note_code(void *arg, int code)
{
	*(int *)arg = code;
}

static void begin(int *code)
{
	*code = PENDING;
	held.hold = true;
	held.n = 0;
	assert_int_equal(bmc_reset(note_code, code), 0);
}

static void answer(int code)
{
	held.hold = false;
	held.done(held.arg, code);
	bmc_inventory_publish();
}

static void all_parts_are_one_transaction(void **state)
{
	int code;

	(void)state;
	add_all();
	begin(&code);
	assert_int_equal(held.n, 1);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_int_equal(held.kinds[all[i]->kind], 1);
	assert_int_equal(rows(), ARRAY_SIZE(all)); /* not before it is stored */
	assert_int_equal(code, PENDING);
	answer(BMC_OK);
	assert_int_equal(code, 0);
	assert_int_equal(rows(), 0);
	add_all();
}

static void what_is_not_stored_is_not_dropped(void **state)
{
	int code;

	(void)state;
	add_all();
	begin(&code);
	answer(BMC_ENOSPC);
	assert_int_equal(code, BMC_ENOSPC);
	assert_int_equal(rows(), ARRAY_SIZE(all));
	held.hold = true;
	held.refuse = BMC_EAGAIN;
	assert_int_equal(bmc_reset(note_code, &code), BMC_EAGAIN);
	held.refuse = 0;
	assert_int_equal(bmc_reset_check(NULL), 0); /* none is under way */
	assert_int_equal(rows(), ARRAY_SIZE(all));
	begin(&code);
	answer(BMC_OK);
	assert_int_equal(rows(), 0);
}

static void changes_are_refused_while_it_is_stored(void **state)
{
	int code, other = PENDING;

	(void)state;
	add_all();
	begin(&code);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_int_equal(change(BMC_ACT_REMOVE, all[i]), BMC_EAGAIN);
	assert_int_equal(bmc_reset(note_code, &other), BMC_EAGAIN);
	assert_int_equal(other, PENDING);
	assert_int_equal(rows(), ARRAY_SIZE(all));
	answer(BMC_OK);
	assert_int_equal(rows(), 0);
	add_all();
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_int_equal(change(BMC_ACT_REMOVE, all[i]), 0);
}

static bool is_suspended(void *arg)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_subscription *row =
		(const struct bmc_subscription *)bmc_snapshot_find(s, BMC_SUBSCRIPTION,
								   "1");

	(void)arg;
	return row && row->suspended == 1;
}

/* What the daemon itself writes of a row would bring the row back. */
static void suspension_meanwhile_brings_nothing_back(void **state)
{
	int code;

	(void)state;
	add_all();
	begin(&code);
	bmc_subscriptions->suspend("1");
	assert_true(fixture_until(is_suspended, NULL));
	assert_int_equal(held.subscriptions, 0);
	answer(BMC_OK);
	assert_int_equal(rows(), 0);
}

/* Also when the daemon ends before the answer. */
static void position_meanwhile_brings_nothing_back(void **state)
{
	int code;

	(void)state;
	add_all();
	begin(&code);
	bmc_subscriptions->delivered("1", 1000000);
	bmc_subscriptions_done();
	assert_int_equal(held.subscriptions, 0);
	answer(BMC_OK);
	assert_int_equal(bmc_subscriptions_init(20, NULL), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(all_parts_are_one_transaction),
		T(what_is_not_stored_is_not_dropped),
		T(changes_are_refused_while_it_is_stored),
		T(suspension_meanwhile_brings_nothing_back),
		T(position_meanwhile_brings_nothing_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

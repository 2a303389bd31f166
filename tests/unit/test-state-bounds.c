// SPDX-License-Identifier: Apache-2.0
// How large the database gets: rows that are kept, the size of the file, and how a
// larger one of before shrinks.
#include "state-fixture.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH 50

static off_t size_of(const char *name)
{
	char path[128];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", test_dir, name);
	return stat(path, &st) == 0 ? st.st_size : 0;
}

/* An event whose texts are as long as they get. */
static struct bmc_event longest(uint32_t number)
{
	struct bmc_event e = { .row = { .kind = BMC_EVENT, .index = { number } } };

	(void)snprintf(e.row.id, sizeof(e.row.id), "%u", number);
	memset(e.type, 't', sizeof(e.type) - 1);
	memset(e.message, 'm', sizeof(e.message) - 1);
	memset(e.origin_id, 'o', sizeof(e.origin_id) - 1);
	for (size_t i = 0; i < ARRAY_SIZE(e.args); i++)
		memset(e.args[i], 'a', sizeof(e.args[i]) - 1);
	return e;
}

static uint32_t written;

/* Returns the worst code of the transactions. */
static int write_events(unsigned n)
{
	struct bmc_event events[BATCH];
	struct bmc_record records[BATCH];
	int worst = 0;

	for (unsigned done = 0; done < n; done += BATCH) {
		for (unsigned i = 0; i < BATCH; i++) {
			events[i] = longest(++written);
			records[i] = (struct bmc_record){ .type = BMC_REC_ROW,
							  .kind = BMC_EVENT,
							  .row = &events[i].row };
			(void)bmc_copy(records[i].id, sizeof(records[i].id),
				       events[i].row.id);
		}
		worst = MIN(worst, write_now(records, BATCH));
	}
	return worst;
}

static int set_up(void **state)
{
	written = 0;
	bmc_state_bounds(0, 0);
	return make_dir(state);
}

static int64_t highest;

static int look(void *arg, const struct bmc_record *r)
{
	++*(size_t *)arg;
	highest = MAX(highest, (int64_t)r->row->index[0]);
	return 0;
}

static void events_are_kept_up_to_the_number_that_is_configured(void **state)
{
	size_t n = 0;

	(void)state;
	bmc_state_bounds(500, 0);
	state_start();
	assert_int_equal(write_events(5000), 0);
	assert_int_equal(bmc_store->load(BMC_REC_ROW, BMC_EVENT, look, &n), 0);
	assert_in_range(n, 500, 500 + 64); /* the oldest go 64 at a time */
	assert_int_equal(highest, 5000);
	/* 1 KiB for each, however long their texts are */
	assert_true(size_of("state.db") < 564 * 1024 + 200000);
	assert_true(size_of("state.db-wal") <= 2 << 20);
	state_end();
}

static void larger_database_of_before_shrinks_while_the_agent_runs(void **state)
{
	int64_t began, end;
	off_t before;

	(void)state;
	state_start();
	assert_int_equal(write_events(12000), 0);
	state_end();
	before = size_of("state.db");
	assert_true(before > 6 << 20);
	bmc_state_bounds(1000, 8 << 20);
	began = bmc_now();
	state_start();
	assert_int_equal(stored(BMC_REC_ROW, BMC_EVENT), 1000);
	assert_true(bmc_now() - began < 5000);
	end = bmc_now() + 60000;
	while (size_of("state.db") > before / 4 && bmc_now() < end) {
		struct bmc_record r = meta("beside", bmc_now(), "");

		assert_int_equal(write_now(&r, 1), 0); /* it goes on meanwhile */
		bmc_loop_step(200);
	}
	assert_true(size_of("state.db") < before / 4);
	assert_true(size_of("state.db-wal") <= 2 << 20);
	assert_int_equal(stored(BMC_REC_ROW, BMC_EVENT), 1000);
	state_end();
}

static void file_at_its_largest_makes_room_by_its_oldest_events(void **state)
{
	size_t n = 0;

	(void)state;
	bmc_state_bounds(100000, 1 << 20);
	state_start();
	assert_int_equal(write_events(6000), 0);
	assert_true(bmc_store->durable());
	assert_true(size_of("state.db") <= 1 << 20);
	assert_int_equal(bmc_store->load(BMC_REC_ROW, BMC_EVENT, look, &n), 0);
	assert_true(n > 100);
	assert_int_equal(highest, 6000);
	state_end();
}

static void what_does_not_fit_any_more_is_refused(void **state)
{
	struct bmc_record records[BATCH];
	int code = 0;
	unsigned n = 0;

	(void)state;
	bmc_state_bounds(1000, 256 << 10);
	state_start();
	while (code == 0 && n < 20000) {
		for (size_t i = 0; i < BATCH; i++) {
			char name[16];

			(void)snprintf(name, sizeof(name), "m%u", n++);
			records[i] = meta(name, 1, "a text that takes some room");
		}
		code = NEVER;
		assert_int_equal(
			bmc_store->write_or_drop(records, BATCH, got_code, &code), 0);
		(void)wait_code(&code);
	}
	assert_int_equal(code, BMC_ENOSPC);
	assert_true(size_of("state.db") <= 256 << 10);
	assert_true(n > 100);
	state_end();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(events_are_kept_up_to_the_number_that_is_configured),
		TEST(larger_database_of_before_shrinks_while_the_agent_runs),
		TEST(file_at_its_largest_makes_room_by_its_oldest_events),
		TEST(what_does_not_fit_any_more_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Pages of the stored event log, read while the agent runs.
#include "state-fixture.h"

#include <sqlite3.h>
#include <string.h>

#define EVENTS 10000
#define BATCH  500

static void write_events(uint32_t first, uint32_t n)
{
	static struct bmc_event events[BATCH];
	static struct bmc_record records[BATCH];

	for (uint32_t done = 0; done < n; done += BATCH) {
		uint32_t m = MIN(n - done, (uint32_t)BATCH);

		for (uint32_t i = 0; i < m; i++) {
			struct bmc_event *e = &events[i];

			*e = (struct bmc_event){ .severity = 2, .time = bmc_now() };
			e->row.kind = BMC_EVENT;
			e->row.index[0] = first + done + i;
			(void)snprintf(e->row.id, sizeof(e->row.id), "%u",
				       e->row.index[0]);
			(void)bmc_copy(e->type, sizeof(e->type), "TestEvent");
			(void)snprintf(e->message, sizeof(e->message), "number %u",
				       e->row.index[0]);
			records[i] = (struct bmc_record){ .type = BMC_REC_ROW,
							  .kind = BMC_EVENT,
							  .row = &e->row };
		}
		assert_int_equal(write_now(records, m), 0);
	}
}

/* ---- asking ---- */

static struct {
	int code;
	uint64_t total;
	size_t n;
	struct bmc_event events[BMC_QUERY_EVENTS_MAX];
} got;

static void take(void *arg, int code, const struct bmc_event_page *page)
{
	assert_ptr_equal(arg, &got);
	assert_int_equal(page != NULL, code == 0);
	got.code = code;
	got.total = page ? page->total : 0;
	got.n = page ? page->n : 0;
	if (page)
		memcpy(got.events, page->events, page->n * sizeof(page->events[0]));
}

/* The numbers of the first and the last event of the answer, which have no gap. */
static void ask(struct bmc_event_query q, size_t n, uint32_t first, uint32_t last)
{
	got.code = NEVER;
	assert_int_equal(bmc_store->events(&q, take, &got), 0);
	assert_int_equal(wait_code(&got.code), 0);
	assert_int_equal(got.n, n);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(got.events[i].row.index[0],
				 q.newest_first ? first - i : first + i);
	if (n)
		assert_int_equal(got.events[n - 1].row.index[0], last);
}

static void pages_of_ten_thousand_events_are_complete(void **state)
{
	const uint32_t page = BMC_QUERY_EVENTS_MAX;
	struct bmc_event_query q = { .newest_first = true, .limit = page };

	(void)state;
	state_start();
	write_events(1, EVENTS);
	for (q.skip = 0; q.skip < EVENTS; q.skip += page) {
		ask(q, page, EVENTS - q.skip, EVENTS - q.skip - page + 1);
		assert_int_equal(got.total, EVENTS);
	}
	ask(q, 0, 0, 0);
	assert_int_equal(got.total, EVENTS);
	state_end();
}

static void page_is_where_it_is_asked_for(void **state)
{
	(void)state;
	state_start();
	write_events(1, 20);
	ask((struct bmc_event_query){ .limit = 5 }, 5, 1, 5);
	ask((struct bmc_event_query){ .limit = 5, .skip = 17 }, 3, 18, 20);
	ask((struct bmc_event_query){ .limit = 5, .after = 4 }, 5, 5, 9);
	assert_int_equal(got.total, 16);
	ask((struct bmc_event_query){ .limit = 5, .after = 19 }, 1, 20, 20);
	ask((struct bmc_event_query){ .limit = 5, .after = 20 }, 0, 0, 0);
	ask((struct bmc_event_query){ .limit = 5, .before = 4 }, 3, 1, 3);
	ask((struct bmc_event_query){ .limit = 5, .before = 1 }, 0, 0, 0);
	ask((struct bmc_event_query){ .limit = 2, .before = 9, .newest_first = true },
	    2, 8, 7);
	assert_int_equal(got.total, 8);
	ask((struct bmc_event_query){ .limit = 9, .after = 5, .before = 8 }, 2, 6, 7);
	ask((struct bmc_event_query){ .limit = 0 }, 0, 0, 0);
	assert_int_equal(got.total, 20);
	state_end();
}

static void event_comes_back_as_it_was_stored(void **state)
{
	struct bmc_event e = { .severity = 3,
			       .time = bmc_now(),
			       .origin_kind = BMC_FAN };
	struct bmc_record r = { .type = BMC_REC_ROW, .kind = BMC_EVENT, .row = &e.row };

	(void)state;
	e.row = (struct bmc_row){
		.kind = BMC_EVENT, .id = "7", .index = { 7 }, .handle = 99, .parent = 98
	};
	(void)bmc_copy(e.type, sizeof(e.type), "FanFailed");
	(void)bmc_copy(e.message, sizeof(e.message), "Fan fan1 \xc3\xa9 'quoted'");
	(void)bmc_copy(e.args[2], sizeof(e.args[2]), "third");
	(void)bmc_copy(e.origin_id, sizeof(e.origin_id), "fan1");
	state_start();
	assert_int_equal(write_now(&r, 1), 0);
	ask((struct bmc_event_query){ .limit = 1 }, 1, 7, 7);
	assert_int_equal(got.events[0].row.kind, BMC_EVENT);
	assert_string_equal(got.events[0].row.id, "7");
	assert_int_equal(got.events[0].row.handle, 0);
	assert_int_equal(got.events[0].row.parent, 0);
	assert_int_equal(got.events[0].severity, 3);
	assert_in_range(got.events[0].time, e.time - 1500, e.time + 1500);
	assert_string_equal(got.events[0].type, e.type);
	assert_string_equal(got.events[0].message, e.message);
	assert_string_equal(got.events[0].args[2], "third");
	assert_int_equal(got.events[0].origin_kind, BMC_FAN);
	assert_string_equal(got.events[0].origin_id, "fan1");
	state_end();
}

static void query_sees_what_was_written_before_it(void **state)
{
	const struct bmc_event_query q = { .limit = 1 };
	struct bmc_event e = { .row = {
				       .kind = BMC_EVENT, .index = { 1 }, .id = "1" } };
	struct bmc_record r = { .type = BMC_REC_ROW, .kind = BMC_EVENT, .row = &e.row };
	int code = NEVER;

	(void)state;
	state_start();
	got.code = NEVER;
	assert_int_equal(bmc_store->write(&r, 1, got_code, &code), 0);
	assert_int_equal(bmc_store->events(&q, take, &got), 0);
	assert_int_equal(wait_code(&got.code), 0);
	assert_int_equal(got.n, 1);
	assert_int_equal(code, 0); /* and was answered before */
	state_end();
}

/* ---- limits ---- */

static unsigned answers;

static void count_answer(void *arg, int code, const struct bmc_event_page *page)
{
	assert_int_equal(page != NULL, code == 0);
	*(int *)arg = code;
	answers++;
}

static void larger_page_is_refused(void **state)
{
	struct bmc_event_query q = { .limit = BMC_QUERY_EVENTS_MAX + 1 };

	(void)state;
	state_start();
	assert_int_equal(bmc_store->events(&q, take, &got), BMC_EINVAL);
	q.limit--;
	ask(q, 0, 0, 0);
	state_end();
}

static void await_answers(unsigned n)
{
	int64_t end = bmc_now() + 60000;

	while (answers < n && bmc_now() < end)
		bmc_loop_step(10);
	assert_int_equal(answers, n);
}

/* Asks until that is refused; returns how often it was not. */
static unsigned ask_until_refused(const struct bmc_event_query *q, int *code)
{
	unsigned asked = 0;
	int rc;

	answers = 0;
	while ((rc = bmc_store->events(q, count_answer, code)) == 0)
		asked++;
	assert_int_equal(rc, BMC_EAGAIN);
	assert_true(asked >= 32);
	return asked;
}

static void queries_that_wait_are_bounded_and_all_answered(void **state)
{
	const struct bmc_event_query q = { .limit = BMC_QUERY_EVENTS_MAX };
	int code = NEVER;

	(void)state;
	state_start();
	write_events(1, 1000);
	await_answers(ask_until_refused(&q, &code));
	assert_int_equal(code, 0);
	state_end();
}

/* How fast the thread is decides how many are cancelled: it is tried until one is. */
static void queries_at_the_end_are_answered_all_the_same(void **state)
{
	const struct bmc_event_query q = { .limit = 1 };
	const struct bmc_store_ops *store;
	unsigned cancelled = 0;
	int codes[32];

	(void)state;
	for (int round = 0; round < 50 && !cancelled; round++) {
		state_start();
		store = bmc_store;
		answers = 0;
		for (unsigned i = 0; i < ARRAY_SIZE(codes); i++)
			assert_int_equal(store->events(&q, count_answer, &codes[i]), 0);
		bmc_state_done();
		assert_int_equal(answers, ARRAY_SIZE(codes));
		for (unsigned i = 0; i < ARRAY_SIZE(codes); i++) {
			assert_true(codes[i] == 0 || codes[i] == BMC_ECANCELED);
			cancelled += codes[i] == BMC_ECANCELED;
		}
		assert_int_equal(store->events(&q, count_answer, codes), BMC_ESTATE);
		bmc_loop_done();
	}
	assert_true(cancelled > 0);
}

static unsigned answers_before_the_write;

static void written(void *arg, int code)
{
	*(int *)arg = code;
	answers_before_the_write = answers;
}

/* It is tried again where this thread was kept from asking fast enough. */
static void writes_go_before_queries(void **state)
{
	const struct bmc_event_query q = { .limit = BMC_QUERY_EVENTS_MAX,
					   .skip = EVENTS / 2 };
	struct bmc_record r = meta("some", 1, "text");
	bool before = false;

	(void)state;
	state_start();
	write_events(1, EVENTS);
	for (int round = 0; round < 20 && !before; round++) {
		int ignored = 0, code = NEVER;
		unsigned asked = ask_until_refused(&q, &ignored);

		assert_int_equal(bmc_store->write(&r, 1, written, &code), 0);
		assert_int_equal(wait_code(&code), 0);
		before = answers_before_the_write + 16 < asked;
		await_answers(asked);
	}
	assert_true(before);
	state_end();
}

static void database_of_an_older_version_gets_the_index(void **state)
{
	char path[128];
	sqlite3 *sql;

	(void)state;
	state_start();
	write_events(1, 3);
	state_end();
	(void)snprintf(path, sizeof(path), "%s/state.db", test_dir);
	for (int i = 0; i < 2; i++) { /* it is there to be dropped again */
		assert_int_equal(sqlite3_open(path, &sql), SQLITE_OK);
		assert_int_equal(sqlite3_exec(sql, "DROP INDEX row_event_number", NULL,
					      NULL, NULL),
				 SQLITE_OK);
		assert_int_equal(sqlite3_close(sql), SQLITE_OK);
		state_start();
		ask((struct bmc_event_query){ .limit = 5, .after = 1 }, 2, 2, 3);
		state_end();
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pages_of_ten_thousand_events_are_complete),
		TEST(page_is_where_it_is_asked_for),
		TEST(event_comes_back_as_it_was_stored),
		TEST(query_sees_what_was_written_before_it),
		TEST(larger_page_is_refused),
		TEST(queries_that_wait_are_bounded_and_all_answered),
		TEST(queries_at_the_end_are_answered_all_the_same),
		TEST(writes_go_before_queries),
		TEST(database_of_an_older_version_gets_the_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

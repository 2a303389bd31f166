// SPDX-License-Identifier: Apache-2.0
// What is written is there after a restart, as it was; through bmc_store only.
#include "state-fixture.h"

#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

static struct bmc_record last;
static union {
	struct bmc_row row;
	struct bmc_task task;
	struct bmc_event event;
	struct bmc_session session;
} last_row;
static char last_secret[129];

static int keep_last(void *arg, const struct bmc_record *r)
{
	(void)arg;
	last = *r;
	if (r->row)
		memcpy(&last_row, r->row, bmc_kind(r->kind)->size);
	(void)bmc_copy(last_secret, sizeof(last_secret), r->secret);
	return 0;
}

static int stop_at_third(void *arg, const struct bmc_record *r)
{
	(void)r;
	return ++*(int *)arg == 3 ? 7 : 0;
}

static void load_last(enum bmc_record_type type, enum bmc_kind kind)
{
	memset(&last, 0, sizeof(last));
	memset(&last_row, 0, sizeof(last_row));
	assert_int_equal(bmc_store->load(type, kind, keep_last, NULL), 0);
}

static struct bmc_task a_task(unsigned number)
{
	struct bmc_task t = { .row = { .kind = BMC_TASK, .index = { number, 0 } },
			      .op = BMC_ACT_POWER_CYCLE,
			      .state = BMC_TASK_RUNNING,
			      .percent = BMC_UNKNOWN,
			      .created = bmc_now() - 5000,
			      .started = bmc_now(),
			      .ended = BMC_UNKNOWN };

	(void)snprintf(t.row.id, sizeof(t.row.id), "%u", number);
	(void)bmc_copy(t.target_id, sizeof(t.target_id), "sub1-03");
	(void)bmc_copy(t.message, sizeof(t.message),
		       "caf\xc3\xa9; DROP TABLE row_task; --'\"");
	return t;
}

static struct bmc_record row_record(const struct bmc_row *row)
{
	return (struct bmc_record){ .type = BMC_REC_ROW,
				    .kind = row->kind,
				    .row = row };
}

static void fresh_directory_gives_an_empty_private_database(void **state)
{
	char path[96];
	struct stat st;

	(void)state;
	assert_int_equal(rmdir(test_dir), 0);
	state_start();
	assert_true(bmc_store->durable());
	assert_int_equal(stored(BMC_REC_ROW, BMC_TASK), 0);
	assert_int_equal(stat(test_dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	(void)snprintf(path, sizeof(path), "%s/state.db", test_dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	state_end();
}

static void task_row_comes_back_as_it_was(void **state)
{
	struct bmc_task t = a_task(41);
	struct bmc_record r = row_record(&t.row);

	(void)state;
	r.num = 40; /* the parent's number */
	state_start();
	assert_int_equal(write_now(&r, 1), 0);
	state_restart();
	load_last(BMC_REC_ROW, BMC_TASK);
	assert_string_equal(last.id, "41");
	assert_int_equal(last.num, 40);
	assert_int_equal(last_row.task.row.index[0], 41);
	assert_int_equal(last_row.task.op, BMC_ACT_POWER_CYCLE);
	assert_int_equal(last_row.task.state, BMC_TASK_RUNNING);
	assert_string_equal(last_row.task.target_id, "sub1-03");
	assert_string_equal(last_row.task.message, t.message);
	assert_in_range(last_row.task.created, t.created - 2, t.created + 2);
	state_end();
}

static void unknown_number_is_unknown_and_not_0_after_a_restart(void **state)
{
	struct bmc_task t = a_task(1);
	struct bmc_record r = row_record(&t.row);

	(void)state;
	state_start();
	assert_int_equal(write_now(&r, 1), 0);
	state_restart();
	load_last(BMC_REC_ROW, BMC_TASK);
	assert_true(last_row.task.percent == BMC_UNKNOWN);
	assert_true(last_row.task.ended == BMC_UNKNOWN);
	state_end();
}

static void row_written_twice_is_there_once_with_the_last_value(void **state)
{
	struct bmc_task t = a_task(5);
	struct bmc_record r = row_record(&t.row);

	(void)state;
	state_start();
	assert_int_equal(write_now(&r, 1), 0);
	t.state = BMC_TASK_COMPLETED;
	assert_int_equal(write_now(&r, 1), 0);
	assert_int_equal(stored(BMC_REC_ROW, BMC_TASK), 1);
	load_last(BMC_REC_ROW, BMC_TASK);
	assert_int_equal(last_row.task.state, BMC_TASK_COMPLETED);
	r = (struct bmc_record){ .type = BMC_REC_ROW_GONE,
				 .kind = BMC_TASK,
				 .id = "5" };
	assert_int_equal(write_now(&r, 1), 0);
	assert_int_equal(stored(BMC_REC_ROW, BMC_TASK), 0);
	state_end();
}

static void removal_without_an_id_removes_nothing(void **state)
{
	struct bmc_session s = { .row = { .kind = BMC_SESSION, .id = "s1" } };
	struct bmc_task t = a_task(5);
	struct bmc_record r = row_record(&s.row), other = row_record(&t.row);

	(void)state;
	state_start();
	assert_int_equal(write_now(&r, 1), 0);
	assert_int_equal(write_now(&other, 1), 0);
	r = (struct bmc_record){ .type = BMC_REC_ROW_GONE, .kind = BMC_SESSION };
	assert_int_equal(write_now(&r, 1), 0);
	assert_int_equal(stored(BMC_REC_ROW, BMC_SESSION), 1);
	r.type = BMC_REC_ROWS_GONE;
	assert_int_equal(write_now(&r, 1), 0);
	assert_int_equal(stored(BMC_REC_ROW, BMC_SESSION), 0);
	assert_int_equal(stored(BMC_REC_ROW, BMC_TASK), 1); /* of its kind only */
	r.kind = BMC_FAN;
	assert_int_equal(write_now(&r, 1), BMC_EINVAL);
	state_end();
}

static void nothing(void *arg)
{
	(void)arg;
}

static void answer_comes_when_the_queue_of_the_loop_was_full(void **state)
{
	struct bmc_record r = meta("some", 1, "text");
	int code = NEVER;

	(void)state;
	state_start();
	while (bmc_loop_post(nothing, NULL) == 0)
		;
	assert_int_equal(bmc_store->write(&r, 1, got_code, &code), 0);
	assert_int_equal(stored(BMC_REC_META, 0), 1); /* waits until it is written */
	assert_int_equal(wait_code(&code), 0);
	state_end();
}

static void session_keeps_its_tokens_hash(void **state)
{
	struct bmc_session s = { .row = { .kind = BMC_SESSION, .id = "s1" },
				 .user = "admin" };
	struct bmc_record r = row_record(&s.row);

	(void)state;
	r.secret = "00112233445566778899aabbccddeeff";
	state_start();
	assert_int_equal(write_now(&r, 1), 0);
	state_restart();
	load_last(BMC_REC_ROW, BMC_SESSION);
	assert_string_equal(last_secret, r.secret);
	assert_string_equal(last_row.session.user, "admin");
	state_end();
}

static void job_comes_back_with_its_step_and_phase(void **state)
{
	struct bmc_record r = { .type = BMC_REC_JOURNAL,
				.job = { .job = UINT64_C(1) << 40,
					 .task = 7,
					 .kind = BMC_BOARD,
					 .op = BMC_ACT_FORCE_RESTART,
					 .id = "sub9-08",
					 .field = "locator",
					 .num = -3,
					 .step = 2,
					 .phase = BMC_JOURNAL_STARTED } };

	(void)state;
	state_start();
	assert_int_equal(write_now(&r, 1), 0);
	state_restart();
	load_last(BMC_REC_JOURNAL, 0);
	assert_memory_equal(&last.job, &r.job, sizeof(r.job));
	r.type = BMC_REC_JOURNAL_GONE;
	assert_int_equal(write_now(&r, 1), 0);
	assert_int_equal(stored(BMC_REC_JOURNAL, 0), 0);
	state_end();
}

static void setting_gone_without_a_field_takes_all_of_its_row(void **state)
{
	struct bmc_record r[4];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(r); i++) {
		r[i] = (struct bmc_record){ .type = BMC_REC_SETTING, .kind = BMC_FAN };
		(void)bmc_copy(r[i].id, sizeof(r[i].id), i < 3 ? "fan1" : "fan2");
		(void)snprintf(r[i].field, sizeof(r[i].field), "field%zu", i);
	}
	state_start();
	assert_int_equal(write_now(r, ARRAY_SIZE(r)), 0);
	r[0].type = BMC_REC_SETTING_GONE;
	assert_int_equal(write_now(r, 1), 0);
	assert_int_equal(stored(BMC_REC_SETTING, 0), 3);
	r[0].field[0] = '\0';
	assert_int_equal(write_now(r, 1), 0);
	assert_int_equal(stored(BMC_REC_SETTING, 0), 1);
	r[0].id[0] = '\0';
	assert_int_equal(write_now(r, 1), 0);
	assert_int_equal(stored(BMC_REC_SETTING, 0), 0);
	state_end();
}

static void callbacks_come_in_the_order_of_the_writes(void **state)
{
	enum { N = 500 };
	static int codes[N];

	(void)state;
	state_start();
	for (int i = 0; i < N; i++) {
		struct bmc_record r = meta("count", i, "");

		codes[i] = NEVER;
		assert_int_equal(bmc_store->write(&r, 1, got_code, &codes[i]), 0);
	}
	assert_int_equal(wait_code(&codes[N - 1]), 0);
	for (int i = 0; i < N; i++)
		assert_int_equal(codes[i], 0);
	load_last(BMC_REC_META, 0);
	assert_int_equal(last.num, N - 1);
	state_end();
}

static void end_writes_what_waits_and_tells_everybody(void **state)
{
	struct bmc_record r = meta("late", 1, "x");
	int code = NEVER;

	(void)state;
	state_start();
	assert_int_equal(bmc_store->write(&r, 1, got_code, &code), 0);
	state_end();
	assert_int_equal(code, 0);
	state_start();
	assert_int_equal(stored(BMC_REC_META, 0), 1);
	state_end();
}

static void record_without_a_table_is_refused_at_once(void **state)
{
	struct bmc_record r = { .type = BMC_REC_ROW, .kind = BMC_FAN };

	(void)state;
	state_start();
	assert_int_equal(bmc_store->write(&r, 1, NULL, NULL), BMC_EINVAL);
	state_end();
}

static void load_ends_when_it_is_told_to(void **state)
{
	int calls = 0;

	(void)state;
	state_start();
	for (int i = 0; i < 5; i++) {
		char name[16];
		struct bmc_record r;

		(void)snprintf(name, sizeof(name), "n%d", i);
		r = meta(name, i, "");
		assert_int_equal(write_now(&r, 1), 0);
	}
	assert_int_equal(bmc_store->load(BMC_REC_META, 0, stop_at_third, &calls), 7);
	assert_int_equal(calls, 3);
	state_end();
}

static void write_events(uint32_t from, uint32_t n)
{
	enum { BATCH = 256 };
	static struct bmc_event events[BATCH];
	static struct bmc_record records[BATCH];

	for (uint32_t i = 0; i < n; i += BATCH) {
		for (uint32_t k = 0; k < BATCH; k++) {
			struct bmc_row *row = &events[k].row;

			row->kind = BMC_EVENT;
			row->index[0] = from + i + k;
			(void)snprintf(row->id, sizeof(row->id), "%u", row->index[0]);
			records[k] = row_record(row);
		}
		assert_int_equal(write_now(records, BATCH), 0);
	}
}

static long long query(const char *sql)
{
	char path[96];
	sqlite3 *db;
	sqlite3_stmt *st;
	long long n;

	(void)snprintf(path, sizeof(path), "%s/state.db", test_dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_in_range(sqlite3_step(st), SQLITE_ROW, SQLITE_DONE);
	n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return n;
}

static void event_log_keeps_100000_and_loads_the_last_1000(void **state)
{
	(void)state;
	state_start();
	write_events(1, 100352 + 256);
	state_restart();
	assert_int_equal(stored(BMC_REC_ROW, BMC_EVENT), 1000);
	load_last(BMC_REC_ROW, BMC_EVENT);
	assert_int_equal(last_row.event.row.index[0], 100608);
	state_end();
	assert_in_range(query("SELECT count(*) FROM row_event"), 100000, 100064);
}

static void column_of_a_new_field_is_added_to_an_old_database(void **state)
{
	struct bmc_task t = a_task(9);
	struct bmc_record r = row_record(&t.row);

	(void)state;
	state_start();
	assert_int_equal(write_now(&r, 1), 0);
	state_end();
	/* an older version's table */
	(void)query("ALTER TABLE row_task DROP COLUMN message");
	state_start();
	load_last(BMC_REC_ROW, BMC_TASK);
	assert_string_equal(last.id, "9");
	assert_string_equal(last_row.task.message, "");
	assert_int_equal(write_now(&r, 1), 0);
	load_last(BMC_REC_ROW, BMC_TASK);
	assert_string_equal(last_row.task.message, t.message);
	state_end();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fresh_directory_gives_an_empty_private_database),
		TEST(task_row_comes_back_as_it_was),
		TEST(unknown_number_is_unknown_and_not_0_after_a_restart),
		TEST(row_written_twice_is_there_once_with_the_last_value),
		TEST(removal_without_an_id_removes_nothing),
		TEST(answer_comes_when_the_queue_of_the_loop_was_full),
		TEST(session_keeps_its_tokens_hash),
		TEST(job_comes_back_with_its_step_and_phase),
		TEST(setting_gone_without_a_field_takes_all_of_its_row),
		TEST(callbacks_come_in_the_order_of_the_writes),
		TEST(end_writes_what_waits_and_tells_everybody),
		TEST(record_without_a_table_is_refused_at_once),
		TEST(load_ends_when_it_is_told_to),
		TEST(event_log_keeps_100000_and_loads_the_last_1000),
		TEST(column_of_a_new_field_is_added_to_an_old_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

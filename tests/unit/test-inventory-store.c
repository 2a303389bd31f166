// SPDX-License-Identifier: Apache-2.0
/* What the inventory has stored is there after a restart: indexes, settings, events. */
#include "core-fixture.h"

#include <signal.h>
#include <sys/resource.h>

#include "core/events/build.h"
#include "core/ports/store.h"
#include "state/state.h"

static char dir[64];

static void start_all(void)
{
	assert_int_equal(bmc_loop_init(), 0);
	assert_int_equal(bmc_state_init(dir, NULL), 0);
	load_platform(platform_text);
	start_inventory();
}

static void end_all(void)
{
	/* The store takes in order: what was written before the end is on the disk
	 * then. */
	bmc_state_done();
	(void)tear_down(NULL);
}

static int make_dir(void **state)
{
	(void)state;
	bmc_log_init(LOG_EMERG);
	(void)bmc_copy(dir, sizeof(dir), "/tmp/test-inventory.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

static void an_index_is_the_same_after_a_restart(void **state)
{
	(void)state;
	start_all();
	assert_int_equal(say(first, BMC_NIC, "eth0", "mtu", 1500, NULL), 0);
	assert_int_equal(say(first, BMC_NIC, "eth1", "mtu", 1500, NULL), 0);
	assert_int_equal(row_of(BMC_NIC, "eth1")->index[0], 1002);
	end_all();
	start_all();
	assert_int_equal(say(first, BMC_NIC, "eth2", "mtu", 1500, NULL), 0);
	assert_int_equal(say(first, BMC_NIC, "eth1", "mtu", 1500, NULL), 0);
	assert_int_equal(row_of(BMC_NIC, "eth1")->index[0], 1002);
	assert_int_equal(row_of(BMC_NIC, "eth2")->index[0], 1003);
	end_all();
}

static void events_go_on_counting_after_a_restart(void **state)
{
	(void)state;
	start_all();
	bmc_event_raise("LoginFailed", row_of(BMC_BOARD, "main")->handle, "eve",
			"192.0.2.7", "redfish");
	assert_int_equal(count_events("LoginFailed", "main"), 1);
	end_all();
	start_all();
	const struct bmc_event *e = last_event();
	assert_non_null(e);
	assert_string_equal(e->row.id, "1");
	assert_string_equal(e->args[1], "192.0.2.7");
	assert_int_equal(e->row.parent, row_of(BMC_BOARD, "main")->handle);
	bmc_event_raise("TestEvent", 0, "second", NULL, NULL);
	assert_int_equal(count_events("TestEvent", ""), 1);
	assert_string_equal(last_event()->row.id, "2");
	end_all();
}

static void write_setting(enum bmc_kind kind, const char *id, const char *field,
			  int64_t num, const char *text)
{
	struct bmc_record r = { .type = BMC_REC_SETTING, .kind = kind, .num = num };

	(void)bmc_copy(r.id, sizeof(r.id), id);
	(void)bmc_copy(r.field, sizeof(r.field), field);
	(void)bmc_copy(r.text, sizeof(r.text), text);
	assert_int_equal(bmc_store->write(&r, 1, NULL, NULL), 0);
}

static void settings_are_in_force_after_a_restart(void **state)
{
	(void)state;
	start_all();
	write_setting(BMC_FAN, "fan1", "name", 0, "front");
	write_setting(BMC_FAN, "fan1", "low_rpm", 700, NULL);
	write_setting(BMC_FAN, "fan2", "low_rpm", -1, NULL);
	write_setting(BMC_FAN, "fan2", "wings", 2, NULL);
	write_setting(BMC_FAN, "fan2", "rpm", 2, NULL);
	end_all();
	start_all();
	assert_string_equal(text_of(BMC_FAN, "fan1", "name"), "front");
	assert_int_equal(num_of(BMC_FAN, "fan1", "low_rpm"), 700);
	assert_int_equal(num_of(BMC_FAN, "fan2", "low_rpm"), 1000);
	assert_int_equal(num_of(BMC_FAN, "fan2", "rpm"), BMC_UNKNOWN);
	end_all();
}

/* ---- settings with a time limit ---- */

static void limit_setting(const char *id, const char *field, int64_t num,
			  const char *text, int64_t ms)
{
	const struct bmc_field *f = bmc_field_find(BMC_FAN, field);
	const struct bmc_value v = { .num = num, .text = text };
	uint32_t handle = row_of(BMC_FAN, id)->handle;
	int64_t until = bmc_now() + ms;
	struct bmc_record r = bmc_setting_new_limit(handle, f, &v, until);

	assert_int_equal(bmc_store->write(&r, 1, NULL, NULL), 0);
	assert_int_equal(bmc_inventory_set_until(handle, f, num, text, until), 0);
}

static void wait_low_rpm(int64_t rpm)
{
	int64_t end = bmc_now() + 60000;

	while (num_of(BMC_FAN, "fan1", "low_rpm") != rpm && bmc_now() < end)
		bmc_loop_step(50);
	assert_int_equal(num_of(BMC_FAN, "fan1", "low_rpm"), rpm);
}

static int64_t told;

static void note_expired(enum bmc_kind kind, const char *id, const struct bmc_field *f,
			 int64_t num)
{
	(void)kind;
	(void)id;
	if (strcmp(f->name, "low_rpm") == 0)
		told = num;
}

static void a_limited_setting_outlives_a_restart_and_ends(void **state)
{
	(void)state;
	start_all();
	write_setting(BMC_FAN, "fan2", "name", 0, "rear");
	limit_setting("fan1", "low_rpm", 900, NULL, 4000);
	limit_setting("fan2", "name", 0, "noisy", 3600000);
	end_all();
	start_all();
	assert_int_equal(num_of(BMC_FAN, "fan1", "low_rpm"), 900);
	assert_string_equal(text_of(BMC_FAN, "fan2", "name"), "noisy");
	told = 0;
	bmc_settings_on_expiry(note_expired);
	wait_low_rpm(1000);           /* as the platform file says */
	assert_int_equal(told, 1000); /* what was in force when it was set */
	assert_string_equal(text_of(BMC_FAN, "fan2", "name"), "noisy");
	end_all();
	start_all();
	assert_int_equal(num_of(BMC_FAN, "fan1", "low_rpm"), 1000);
	end_all();
}

/* Its time was over while the daemon was not there. */
static void a_limit_that_passed_meanwhile_ends_at_the_start(void **state)
{
	struct bmc_record r = { .type = BMC_REC_META, .kind = BMC_FAN, .num = 1 };

	(void)state;
	start_all();
	(void)bmc_copy(r.id, sizeof(r.id), "fan1");
	(void)bmc_copy(r.field, sizeof(r.field), "until.low_rpm");
	(void)bmc_copy(r.text, sizeof(r.text), "900 1234");
	assert_int_equal(bmc_store->write(&r, 1, NULL, NULL), 0);
	end_all();
	start_all();
	told = 0;
	bmc_settings_on_expiry(note_expired);
	wait_low_rpm(1000);
	assert_int_equal(told, 1234);
	end_all();
}

/* A clock that was set back, and records that are none. */
static void a_limit_from_the_store_is_checked(void **state)
{
	static const char *const texts[] = { "900", "", "-1 0", "x y" };
	struct bmc_record r = { .type = BMC_REC_META,
				.kind = BMC_FAN,
				.id = "fan1",
				.field = "until.low_rpm",
				.num = INT64_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		start_all();
		(void)bmc_copy(r.text, sizeof(r.text), texts[i]);
		assert_int_equal(bmc_store->write(&r, 1, NULL, NULL), 0);
		end_all();
		start_all();
		assert_int_equal(num_of(BMC_FAN, "fan1", "low_rpm"), 1000);
		end_all();
	}
	start_all();
	(void)bmc_copy(r.text, sizeof(r.text), "900 0");
	assert_int_equal(bmc_store->write(&r, 1, NULL, NULL), 0);
	end_all();
	start_all();
	assert_int_equal(num_of(BMC_FAN, "fan1", "low_rpm"), 900);
	r = bmc_setting_limit_record(BMC_FAN, "fan1",
				     bmc_field_find(BMC_FAN, "low_rpm"));
	assert_true(r.num <= bmc_wall(bmc_now()) + BMC_SETTING_LIMIT_MAX);
	end_all();
}

/* ---- clearing the event log ---- */

#define NEVER 12345 /* no code of ours: not answered yet */

static int count_one(void *arg, const struct bmc_record *r)
{
	(void)r;
	++*(size_t *)arg;
	return 0;
}

static size_t stored_events(void)
{
	size_t n = 0;

	assert_int_equal(bmc_store->load(BMC_REC_ROW, BMC_EVENT, count_one, &n), 0);
	return n;
}

static void got_code(void *arg, int code)
{
	*(int *)arg = code;
}

static int wait_code(const int *code)
{
	int64_t end = bmc_now() + 60000;

	while (*code == NEVER && bmc_now() < end)
		bmc_loop_step(50);
	return *code;
}

static size_t events(void)
{
	const struct bmc_row *const *rows;

	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	return bmc_snapshot_rows(s, BMC_EVENT, &rows);
}

static void raise_events(int n)
{
	for (int i = 0; i < n; i++)
		bmc_event_raise("TestEvent", 0, "one", NULL, NULL);
	bmc_loop_step(0);
}

static void cleared_log_holds_who_cleared_it(void **state)
{
	int code = NEVER;

	(void)state;
	start_all();
	raise_events(3);
	assert_int_equal(bmc_events_clear("eve", "192.0.2.7", got_code, &code), 0);
	assert_int_equal(events(), 3); /* until it is stored */
	assert_int_equal(wait_code(&code), 0);
	assert_int_equal(events(), 1);
	end_all();
	start_all();
	assert_int_equal(events(), 1);
	assert_string_equal(last_event()->type, "LogCleared");
	assert_string_equal(last_event()->args[0], "eve");
	assert_string_equal(last_event()->row.id, "4");
	end_all();
}

static void event_during_a_clear_stays_and_the_clear_comes_after_it(void **state)
{
	int code = NEVER;

	(void)state;
	start_all();
	raise_events(3);
	/* posted before the answer of the store, taken after the clear has its number
	 */
	bmc_event_raise("TestEvent", 0, "one", NULL, NULL);
	assert_int_equal(bmc_events_clear("eve", "192.0.2.7", got_code, &code), 0);
	assert_int_equal(wait_code(&code), 0);
	for (int i = 0; i < 2; i++) { /* before and after a restart */
		assert_int_equal(events(), 2);
		assert_string_equal(last_event()->type, "LogCleared");
		assert_string_equal(last_event()->row.id, "6");
		end_all();
		start_all();
	}
	end_all();
}

static void log_that_can_not_be_cleared_on_the_disk_stays_as_it_is(void **state)
{
	struct rlimit limit, small;
	int code = NEVER;

	(void)state;
	start_all();
	raise_events(3);
	assert_int_equal(stored_events(), 3);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_true(bmc_store->durable());
	assert_int_equal(bmc_events_clear("eve", "192.0.2.7", got_code, &code), 0);
	assert_true(wait_code(&code) < 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(events(), 3);
	for (int i = 0; i < 100 && !bmc_store->durable(); i++)
		bmc_loop_step(100);
	assert_int_equal(stored_events(), 3); /* not done later either */
	raise_events(1);
	assert_int_equal(events(), 4);
	assert_string_equal(last_event()->type, "TestEvent");
	end_all();
	start_all();
	assert_int_equal(events(), 4);
	end_all();
}

#define T(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_index_is_the_same_after_a_restart),
		T(events_go_on_counting_after_a_restart),
		T(settings_are_in_force_after_a_restart),
		T(a_limited_setting_outlives_a_restart_and_ends),
		T(a_limit_that_passed_meanwhile_ends_at_the_start),
		T(a_limit_from_the_store_is_checked),
		T(cleared_log_holds_who_cleared_it),
		T(event_during_a_clear_stays_and_the_clear_comes_after_it),
		T(log_that_can_not_be_cleared_on_the_disk_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// What the login throttle stores and reads again, over a store that is a list.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/throttle.h"
#include "core/base/util.h"
#include "core/ports/store.h"

#define ADMIN  "admin"
#define HERE   "192.0.2.1"
#define OTHER  "198.51.100.9"
#define STORED 4096

static const struct priv_accounts accounts = { .n = 1,
					       .account = { { .user = ADMIN } } };

static struct {
	struct bmc_record rec[STORED];
	size_t n;
	bool full, durable;
} disk;

static int write_list(const struct bmc_record *records, size_t n, bmc_store_done *done,
		      void *arg)
{
	(void)done;
	(void)arg;
	if (disk.full)
		return BMC_EAGAIN;
	assert_true(n <= 64);
	for (size_t i = 0; i < n; i++) {
		size_t at = 0;
		while (at < disk.n && strcmp(disk.rec[at].field, records[i].field) != 0)
			at++;
		assert_true(at < STORED);
		disk.rec[at] = records[i];
		disk.n = MAX(disk.n, at + 1);
	}
	return BMC_OK;
}

static int load_list(enum bmc_record_type type, enum bmc_kind kind,
		     int (*each)(void *arg, const struct bmc_record *), void *arg)
{
	(void)type;
	(void)kind;
	for (size_t i = 0; i < disk.n; i++)
		(void)each(arg, &disk.rec[i]);
	return BMC_OK;
}

static bool is_durable(void)
{
	return disk.durable;
}

static const struct bmc_store_ops list = {
	.write = write_list,
	.write_or_drop = write_list,
	.load = load_list,
	.durable = is_durable,
};

static int setup(void **state)
{
	(void)state;
	memset(&disk, 0, sizeof(disk));
	disk.durable = true;
	bmc_store = &list;
	bmc_throttle_init();
	bmc_throttle_accounts(&accounts);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bmc_store = NULL;
	return 0;
}

static void save_all(void)
{
	for (int i = 0; i < 20; i++)
		bmc_throttle_save();
}

static void restart(int64_t now)
{
	bmc_throttle_init();
	bmc_throttle_load(now);
	bmc_throttle_accounts(&accounts);
}

/* Uses the account's bucket up, as far as one client can. */
static unsigned wrong(const char *client, int64_t now)
{
	unsigned n = 0;

	for (enum bmc_login_class class; n < 100; n++) {
		class = bmc_throttle_admit(ADMIN, client, false, now);
		if (class == BMC_LOGIN_REFUSED)
			break;
		(void)bmc_throttle_result(ADMIN, client, class, now, BMC_ATTEMPT_WRONG);
	}
	return n;
}

static void right(const char *client, int64_t now)
{
	enum bmc_login_class class = bmc_throttle_admit(ADMIN, client, false, now);

	assert_int_not_equal(class, BMC_LOGIN_REFUSED);
	(void)bmc_throttle_result(ADMIN, client, class, now, BMC_ATTEMPT_RIGHT);
}

static void what_is_counted_outlives_a_restart(void **state)
{
	int64_t now = bmc_now();

	(void)state;
	right(HERE, now);
	assert_int_equal(wrong(OTHER, now),
			 BMC_THROTTLE_BUCKET - BMC_THROTTLE_RESERVED);
	assert_int_equal(wrong(HERE, now), BMC_THROTTLE_FREE);
	save_all();
	restart(now);
	assert_int_equal(wrong(OTHER, now), 0);
	assert_int_equal(wrong(HERE, now), 0);
	assert_int_equal(
		bmc_throttle_admit(ADMIN, HERE, false, now + BMC_THROTTLE_FIRST_MS),
		BMC_LOGIN_KNOWN);
	assert_int_equal(bmc_throttle_admit(ADMIN, "203.0.113.5", false, now),
			 BMC_LOGIN_CLEAN);
}

/* The clock ran ahead when it was stored, and was set back by days. */
static void a_clock_that_was_set_back_locks_for_no_longer_than_a_limit(void **state)
{
	int64_t now = bmc_now(), ahead = now + INT64_C(30) * 86400000;

	(void)state;
	right(HERE, ahead);
	(void)wrong(OTHER, ahead);
	(void)wrong(HERE, ahead);
	save_all();
	restart(now);
	assert_int_equal(wrong(HERE, now), 0);
	assert_int_equal(
		bmc_throttle_admit(ADMIN, HERE, false, now + BMC_THROTTLE_LONGEST_MS),
		BMC_LOGIN_KNOWN);
	now += (int64_t)BMC_THROTTLE_BUCKET * BMC_THROTTLE_BUCKET_MS;
	assert_int_equal(bmc_throttle_admit(ADMIN, "203.0.113.5", false, now),
			 BMC_LOGIN_CLEAN);
}

static void what_the_store_refused_is_written_later(void **state)
{
	int64_t now = bmc_now();

	(void)state;
	right(HERE, now);
	(void)wrong(OTHER, now);
	disk.full = true;
	bmc_throttle_save();
	assert_int_equal(disk.n, 0);
	disk.full = false;
	save_all();
	restart(now);
	assert_int_equal(bmc_throttle_admit(ADMIN, HERE, false, now), BMC_LOGIN_KNOWN);
	assert_int_equal(wrong(OTHER, now), 0);
}

static void nothing_is_given_to_a_store_that_fails(void **state)
{
	int64_t now = bmc_now();

	(void)state;
	disk.durable = false;
	right(HERE, now);
	save_all();
	assert_int_equal(disk.n, 0);
	disk.durable = true;
	save_all();
	restart(now);
	assert_int_equal(bmc_throttle_admit(ADMIN, HERE, false, now), BMC_LOGIN_KNOWN);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_is_counted_outlives_a_restart),
		T(a_clock_that_was_set_back_locks_for_no_longer_than_a_limit),
		T(what_the_store_refused_is_written_later),
		T(nothing_is_given_to_a_store_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

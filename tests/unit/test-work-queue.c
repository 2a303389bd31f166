// SPDX-License-Identifier: Apache-2.0
// The bounded queue that a few threads serve.
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bmc/error.h"
#include "core/base/util.h"
#include "core/base/work-queue.h"

static struct {
	atomic_uint at_once, most, done, stopped, hurried, order[16];
	atomic_bool held;
} seen;

static void run(void *arg, bool stopping)
{
	unsigned now = ++seen.at_once;

	while (now > seen.most)
		seen.most = now;
	while (seen.held && !stopping)
		(void)usleep(1000);
	seen.stopped += stopping;
	seen.at_once--;
	seen.order[seen.done++ % ARRAY_SIZE(seen.order)] = (unsigned)(uintptr_t)arg;
}

static void hurry(void)
{
	seen.hurried++;
	seen.held = false;
}

static int setup(void **state)
{
	(void)state;
	memset((void *)&seen, 0, sizeof(seen));
	return 0;
}

static int submit(struct bmc_work_queue *q, unsigned number)
{
	return bmc_work_queue_submit(q, run, (void *)(uintptr_t)number);
}

static bool comes_to(atomic_uint *value, unsigned n)
{
	int64_t until = bmc_now() + 20000;

	while (*value != n && bmc_now() < until)
		(void)usleep(1000);
	return *value == n;
}

static void one_thread_keeps_the_order(void **state)
{
	struct bmc_work_queue *q = bmc_work_queue_new("test", 1, 16);

	(void)state;
	seen.held = true;
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(submit(q, i), 0);
	seen.held = false;
	assert_true(comes_to(&seen.done, 10));
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(seen.order[i], i);
	assert_int_equal(seen.most, 1);
	assert_null(bmc_work_queue_free(q, hurry));
	assert_int_equal(seen.stopped, 0);
	assert_int_equal(seen.hurried, 1);
}

static void threads_and_places_are_bounded(void **state)
{
	struct bmc_work_queue *q = bmc_work_queue_new("test", 3, 4);

	(void)state;
	seen.held = true;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(submit(q, i), 0);
		assert_true(comes_to(&seen.at_once, i + 1));
	}
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(submit(q, i), 0);
	assert_int_equal(submit(q, 9), BMC_EAGAIN);
	seen.held = false;
	assert_true(comes_to(&seen.done, 7));
	assert_int_equal(seen.most, 3);
	assert_int_equal(submit(q, 9), 0); /* its threads have ended or go on */
	assert_true(comes_to(&seen.done, 8));
	assert_null(bmc_work_queue_free(q, hurry));
}

static void what_waits_at_the_end_is_run_as_stopping(void **state)
{
	struct bmc_work_queue *q = bmc_work_queue_new("test", 1, 4);

	(void)state;
	seen.held = true;
	assert_int_equal(submit(q, 0), 0);
	assert_true(comes_to(&seen.at_once, 1));
	assert_int_equal(submit(q, 1), 0);
	assert_int_equal(submit(q, 2), 0);
	assert_null(bmc_work_queue_free(q, hurry));
	assert_int_equal(seen.done, 3);
	assert_int_equal(seen.stopped, 2); /* the first was let go by `hurry` */
	assert_true(seen.hurried >= 1);
	assert_null(bmc_work_queue_free(NULL, hurry));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		T(one_thread_keeps_the_order),
		T(threads_and_places_are_bounded),
		T(what_waits_at_the_end_is_run_as_stopping),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

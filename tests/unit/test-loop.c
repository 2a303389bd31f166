// SPDX-License-Identifier: Apache-2.0
/* Descriptors, timers and posted calls of the main loop. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/types.h>

#include <cmocka.h>

#include "bmc/error.h"
#include "core/base/loop.h"
#include "core/base/util.h"

static int start(void **state)
{
	(void)state;
	return bmc_loop_init();
}

static int end(void **state)
{
	(void)state;
	bmc_loop_done();
	return 0;
}

static char trace[64];

static void note(void *arg)
{
	size_t n = 0;

	while (trace[n])
		n++;
	if (n < sizeof(trace) - 1) {
		trace[n] = *(const char *)arg;
		trace[n + 1] = '\0';
	}
}

static void steps(int64_t ms)
{
	int64_t until = bmc_now() + ms;

	while (bmc_now() < until)
		bmc_loop_step(5);
}

static void timers_fire_in_the_order_of_their_times(void **state)
{
	char names[] = "edacbf";
	int64_t now = bmc_now();
	struct bmc_timer *timers[6];

	(void)state;
	trace[0] = '\0';
	for (size_t i = 0; i < 6; i++)
		timers[i] = bmc_timer_new(now + 10 * (names[i] - 'a'), note, &names[i]);
	assert_null(bmc_timer_cancel(timers[3]));
	assert_null(bmc_timer_cancel(NULL));
	steps(200);
	assert_string_equal(trace, "abdef");
}

static void many_timers_keep_their_order(void **state)
{
	static char x = 'x';
	struct bmc_timer *timers[300];

	(void)state;
	trace[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(timers); i++)
		timers[i] = bmc_timer_new(
			bmc_now() + 100000 + (int64_t)(i * 7919 % 300), note, &x);
	for (size_t i = 0; i < ARRAY_SIZE(timers); i += 2)
		timers[i] = bmc_timer_cancel(timers[i]);
	steps(10);
	assert_string_equal(trace, "");
}

static void again(void *arg)
{
	++*(int *)arg;
	assert_non_null(bmc_timer_new(0, again, arg));
}

static void a_timer_that_starts_itself_does_not_hold_the_loop(void **state)
{
	int n = 0;

	(void)state;
	assert_non_null(bmc_timer_new(0, again, &n));
	bmc_loop_step(0);
	assert_int_equal(n, 1);
	bmc_loop_step(0);
	assert_int_equal(n, 2);
}

static void readable(void *arg, uint32_t events)
{
	assert_true(events & EPOLLIN);
	++*(int *)arg;
}

static void a_watched_descriptor_is_told_until_unwatched(void **state)
{
	int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK), n = 0;

	(void)state;
	assert_int_equal(bmc_loop_watch(fd, EPOLLIN, readable, &n), 0);
	bmc_loop_step(1000);
	assert_int_equal(n, 1);
	assert_int_equal(bmc_loop_watch(fd, 0, readable, &n), 0);
	bmc_loop_step(0);
	assert_int_equal(n, 1);
	assert_int_equal(bmc_loop_watch(fd, EPOLLIN, readable, &n), 0);
	bmc_loop_unwatch(fd);
	bmc_loop_unwatch(fd);
	bmc_loop_step(0);
	assert_int_equal(n, 1);
	assert_int_equal(bmc_loop_watch(-1, EPOLLIN, readable, &n), BMC_EINVAL);
	assert_int_equal(close(fd), 0);
	assert_true(bmc_loop_watch(fd, EPOLLIN, readable, &n) < 0);
}

static void *post_all(void *arg)
{
	(void)arg;
	for (const char *c = "12345"; *c; c++) {
		static char copies[5];
		copies[*c - '1'] = *c;
		if (bmc_loop_post(note, &copies[*c - '1']) != 0)
			return NULL;
	}
	return NULL;
}

static void calls_from_another_thread_run_here_in_order(void **state)
{
	pthread_t thread;

	(void)state;
	trace[0] = '\0';
	assert_int_equal(pthread_create(&thread, NULL, post_all, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_string_equal(trace, "");
	bmc_loop_step(1000);
	assert_string_equal(trace, "12345");
}

static void nothing(void *arg)
{
	(void)arg;
}

static void posting_is_bounded(void **state)
{
	(void)state;
	for (int i = 0; i < 65536; i++)
		assert_int_equal(bmc_loop_post(nothing, NULL), 0);
	assert_int_equal(bmc_loop_post(nothing, NULL), BMC_ENOSPC);
	bmc_loop_step(0);
	assert_int_equal(bmc_loop_post(nothing, NULL), 0);
}

/* ---- messages ---- */

static struct bmc_message messages[5];

static void *send_all(void *arg)
{
	static char digits[] = "12345";

	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		bmc_loop_send(&messages[i], note, &digits[i]);
	return NULL;
}

static void messages_are_run_in_order_when_the_queue_is_full(void **state)
{
	static char first = 'p', later = 'q';
	pthread_t thread;

	(void)state;
	trace[0] = '\0';
	assert_int_equal(bmc_loop_post(note, &first), 0);
	while (bmc_loop_post(nothing, NULL) == 0)
		;
	assert_int_equal(pthread_create(&thread, NULL, send_all, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(bmc_loop_post(nothing, NULL), BMC_ENOSPC);
	assert_string_equal(trace, "");
	bmc_loop_step(1000);
	assert_string_equal(trace, "p12345");
	assert_int_equal(bmc_loop_post(note, &later), 0);
	bmc_loop_step(1000);
	assert_string_equal(trace, "p12345q");
}

static void message_that_waits_is_run_once(void **state)
{
	static char names[] = "ab";

	(void)state;
	trace[0] = '\0';
	bmc_loop_send(&messages[0], note, &names[0]);
	bmc_loop_send(&messages[1], note, &names[1]);
	bmc_loop_send(&messages[0], note, &names[1]);
	bmc_loop_step(1000);
	assert_string_equal(trace, "ab");
	bmc_loop_send(&messages[0], note, &names[0]);
	bmc_loop_step(1000);
	assert_string_equal(trace, "aba");
}

static void send_again(void *arg)
{
	note(arg);
	bmc_loop_send(&messages[0], send_again, arg);
}

static void message_sent_by_its_own_call_is_run_in_the_next_pass(void **state)
{
	static char name = 'm';

	(void)state;
	trace[0] = '\0';
	bmc_loop_send(&messages[0], send_again, &name);
	bmc_loop_step(1000);
	assert_string_equal(trace, "m");
	bmc_loop_step(1000);
	assert_string_equal(trace, "mm");
}

static void note_and_free(void *arg)
{
	static char name = 'f';

	note(&name);
	free(arg);
}

static void call_may_free_its_message(void **state)
{
	(void)state;
	trace[0] = '\0';
	for (int i = 0; i < 3; i++) {
		struct bmc_message *m = calloc(1, sizeof(*m));

		assert_non_null(m);
		bmc_loop_send(m, note_and_free, m);
	}
	bmc_loop_step(1000);
	assert_string_equal(trace, "fff");
}

static void message_left_at_the_end_can_be_sent_to_the_next_loop(void **state)
{
	static char name = 'm';

	(void)state;
	trace[0] = '\0';
	assert_int_equal(bmc_loop_init(), 0);
	bmc_loop_send(&messages[0], note, &name);
	bmc_loop_done();
	bmc_loop_send(&messages[0], note, &name);
	assert_int_equal(bmc_loop_init(), 0);
	bmc_loop_step(0);
	assert_string_equal(trace, "");
	bmc_loop_send(&messages[0], note, &name);
	bmc_loop_step(1000);
	assert_string_equal(trace, "m");
	bmc_loop_done();
}

static void post_after_the_end_is_refused(void **state)
{
	(void)state;
	assert_int_equal(bmc_loop_init(), 0);
	assert_int_equal(bmc_loop_post(nothing, NULL), 0);
	bmc_loop_done();
	assert_int_equal(bmc_loop_post(nothing, NULL), BMC_ESTATE);
}

static void stop(void *arg)
{
	note(arg);
	bmc_loop_stop();
}

static void the_loop_runs_until_it_is_stopped(void **state)
{
	static char s = 's';

	(void)state;
	trace[0] = '\0';
	assert_non_null(bmc_timer_new(bmc_now() + 5, stop, &s));
	bmc_loop_run();
	assert_string_equal(trace, "s");
	bmc_loop_run(); /* stopped stays stopped */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(timers_fire_in_the_order_of_their_times,
						start, end),
		cmocka_unit_test_setup_teardown(many_timers_keep_their_order, start,
						end),
		cmocka_unit_test_setup_teardown(
			a_timer_that_starts_itself_does_not_hold_the_loop, start, end),
		cmocka_unit_test_setup_teardown(
			a_watched_descriptor_is_told_until_unwatched, start, end),
		cmocka_unit_test_setup_teardown(
			calls_from_another_thread_run_here_in_order, start, end),
		cmocka_unit_test_setup_teardown(posting_is_bounded, start, end),
		cmocka_unit_test_setup_teardown(
			messages_are_run_in_order_when_the_queue_is_full, start, end),
		cmocka_unit_test_setup_teardown(message_that_waits_is_run_once, start,
						end),
		cmocka_unit_test_setup_teardown(
			message_sent_by_its_own_call_is_run_in_the_next_pass, start,
			end),
		cmocka_unit_test_setup_teardown(call_may_free_its_message, start, end),
		cmocka_unit_test(message_left_at_the_end_can_be_sent_to_the_next_loop),
		cmocka_unit_test(post_after_the_end_is_refused),
		cmocka_unit_test_setup_teardown(the_loop_runs_until_it_is_stopped,
						start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

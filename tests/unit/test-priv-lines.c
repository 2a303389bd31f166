// SPDX-License-Identifier: Apache-2.0
// Pins and pulses through the client, the socket and a helper in its own process, seen
// in the simulator's pin bank; and what remains when one of the two is killed.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "priv-fixture.h"
#include "priv/client.h"

#define PULSE_US 80000
enum {
	B1_POWER,
	B1_RESET,
	B2_POWER,
	B2_RESET,
	B3_POWER,
	BUTTON,
	LAMP,
	PRESENT,
	NO_SUCH_LINE
};
enum { B1_POWER_LINE = 0, B1_RESET_LINE = 10, B2_RESET_LINE = 11, LAMP_LINE = 21 };

struct fixture {
	struct priv_fixture fixture;
	struct bmc_pinbank *bank;
};

static int64_t soon(void)
{
	return bmc_now() + 60000;
}

static void connect_client(struct fixture *f)
{
	const struct priv_client_conf conf = {
		.fd = f->fixture.fd, .digest = f->fixture.settings.platform->digest
	};
	struct bmc_error err;

	f->fixture.fd = -1;
	assert_int_equal(priv_client_init(&conf, &err), 0);
	assert_int_equal(priv_client_wait(soon(), &err), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	priv_fixture_init(&f->fixture);
	priv_fixture_start(&f->fixture);
	connect_client(f);
	f->bank = priv_fixture_bank(&f->fixture);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	priv_client_done();
	priv_fixture_done(&f->fixture);
	(void)munmap(f->bank, sizeof(*f->bank));
	free(f);
	return 0;
}

static int level(const struct fixture *f, unsigned line)
{
	return atomic_load(&f->bank->level[0][line]);
}

/* The trace's entry that is `back` before the newest. */
static const struct bmc_trace_entry *trace(const struct fixture *f, uint64_t back)
{
	return &f->bank->ring[(atomic_load(&f->bank->seq) - back) % BMC_PINBANK_TRACE];
}

static void a_new_bank_has_all_boards_on_and_out_of_reset(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(level(f, B1_POWER_LINE), 1);
	assert_int_equal(level(f, B1_RESET_LINE), 1);
	assert_int_equal(bmc_hardware->line_read(B1_POWER, soon(), NULL), 1);
	assert_int_equal(bmc_hardware->line_read(B1_RESET, soon(), NULL), 0);
	assert_int_equal(atomic_load(&f->bank->seq), 0);
}

static void a_pin_that_is_set_keeps_its_level_and_is_traced(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bmc_hardware->line_set(1, B1_POWER, false, soon(), NULL), 0);
	assert_int_equal(level(f, B1_POWER_LINE), 0);
	assert_int_equal(bmc_hardware->line_read(B1_POWER, soon(), NULL), 0);
	assert_int_equal(bmc_hardware->line_set(2, B1_POWER, false, soon(), NULL), 0);
	assert_int_equal(atomic_load(&f->bank->seq), 1);
	assert_string_equal(trace(f, 0)->board, "b1");
	assert_string_equal(trace(f, 0)->text, "power");
	assert_int_equal(trace(f, 0)->level, 0);
}

static void a_pulse_has_its_width_and_ends_at_rest(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bmc_hardware->line_pulse(7, B1_RESET, soon(), NULL), 0);
	assert_int_equal(level(f, B1_RESET_LINE), 1);
	assert_int_equal(atomic_load(&f->bank->seq), 2);
	assert_int_equal(trace(f, 1)->level, 0);
	assert_int_equal(trace(f, 0)->level, 1);
	assert_true(trace(f, 0)->usec - trace(f, 1)->usec >= PULSE_US);
}

static void a_pulse_is_done_once_for_a_job(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bmc_hardware->line_was_pulsed(7, soon(), NULL), 0);
	assert_int_equal(bmc_hardware->line_pulse(7, B1_RESET, soon(), NULL), 0);
	assert_int_equal(bmc_hardware->line_pulse(7, B1_RESET, soon(), NULL), 0);
	assert_int_equal(atomic_load(&f->bank->seq), 2);
	assert_int_equal(bmc_hardware->line_was_pulsed(7, soon(), NULL), 1);
	assert_int_equal(bmc_hardware->line_was_pulsed(8, soon(), NULL), 0);
}

static void lines_that_are_not_there_are_refused(void **state)
{
	const struct fixture *f = *state;

	assert_int_equal(bmc_hardware->line_set(1, NO_SUCH_LINE, true, soon(), NULL),
			 BMC_ENOTFOUND);
	assert_int_equal(bmc_hardware->line_pulse(2, BUTTON, soon(), NULL),
			 BMC_ENOTSUP);
	assert_int_equal(bmc_hardware->line_set(2, BUTTON, true, soon(), NULL),
			 BMC_ENOTSUP);
	assert_int_equal(bmc_hardware->line_read(UINT32_MAX, soon(), NULL),
			 BMC_ENOTFOUND);
	assert_int_equal(bmc_hardware->line_set(3, LAMP, true, soon(), NULL), 0);
	assert_int_equal(level(f, LAMP_LINE), 0);
}

/* A peer that asks for a pulse and is killed before it has ended. */
static void pulse_and_die(struct fixture *f)
{
	struct priv_request hello = { .op = PRIV_HELLO },
			    pulse = { .id = 1, .op = PRIV_LINE_PULSE };
	pid_t pid;

	hello.u.hello =
		(struct priv_hello){ .version = PRIV_VERSION,
				     .digest = f->fixture.settings.platform->digest };
	pulse.u.line = (struct priv_line){ .job = 99, .line = B2_RESET };
	priv_client_done();
	priv_fixture_stop(&f->fixture);
	priv_fixture_start(&f->fixture);
	pid = fork();
	if (pid == 0) {
		(void)send(f->fixture.fd, &hello, PRIV_REQUEST_SIZE(hello), 0);
		(void)send(f->fixture.fd, &pulse, PRIV_REQUEST_SIZE(line), 0);
		(void)pause();
	}
	(void)close(f->fixture.fd);
	f->fixture.fd = -1;
	while (level(f, B2_RESET_LINE) == 1)
		(void)usleep(1000);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static void a_pulse_ends_at_rest_when_its_peer_is_killed(void **state)
{
	struct fixture *f = *state;

	pulse_and_die(f);
	priv_fixture_stop(&f->fixture);
	assert_int_equal(level(f, B2_RESET_LINE), 1);
	assert_int_equal(atomic_load(&f->bank->seq), 2);
	assert_true(trace(f, 0)->usec - trace(f, 1)->usec >= PULSE_US);
}

static void a_helper_that_was_killed_brings_its_pulse_to_rest_at_the_next_start(
	void **state)
{
	struct fixture *f = *state;

	pulse_and_die(f);
	(void)kill(f->fixture.pid, SIGKILL);
	priv_fixture_stop(&f->fixture);
	assert_int_equal(level(f, B2_RESET_LINE), 0);
	priv_fixture_start(&f->fixture);
	connect_client(f);
	assert_int_equal(level(f, B2_RESET_LINE), 1);
	assert_int_equal(atomic_load(&f->bank->seq), 2);
}

/* Its ordinals may name other lines. */
static void a_pulse_under_another_platform_file_is_forgotten(void **state)
{
	struct fixture *f = *state;

	pulse_and_die(f);
	(void)kill(f->fixture.pid, SIGKILL);
	priv_fixture_stop(&f->fixture);
	f->fixture.settings.platform->digest ^= 1;
	priv_fixture_start(&f->fixture);
	connect_client(f);
	assert_int_equal(level(f, B2_RESET_LINE), 0);
	assert_int_equal(atomic_load(&f->bank->seq), 1);
	assert_int_equal(bmc_hardware->line_was_pulsed(99, soon(), NULL), 0);
}

static void levels_survive_a_restart_of_the_helper(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bmc_hardware->line_set(1, B1_POWER, false, soon(), NULL), 0);
	priv_client_done();
	priv_fixture_stop(&f->fixture);
	priv_fixture_start(&f->fixture);
	connect_client(f);
	assert_int_equal(bmc_hardware->line_read(B1_POWER, soon(), NULL), 0);
	assert_int_equal(bmc_hardware->line_read(B2_POWER, soon(), NULL), 1);
}

static void another_platform_file_is_answered_with_what_to_do(void **state)
{
	struct fixture *f = *state;
	struct bmc_error err = { 0 };

	priv_client_done();
	priv_fixture_stop(&f->fixture);
	priv_fixture_start(&f->fixture);
	f->fixture.settings.platform->digest ^= 1;
	connect_client(f);
	assert_int_equal(bmc_hardware->line_set(1, B1_POWER, true, soon(), &err),
			 BMC_ESTATE);
	assert_non_null(strstr(err.what, "restart"));
}

static void calls_fail_at_once_when_the_helper_has_ended(void **state)
{
	struct fixture *f = *state;
	int64_t before = bmc_now();

	(void)kill(f->fixture.pid, SIGKILL);
	priv_fixture_stop(&f->fixture);
	assert_int_equal(bmc_hardware->line_read(B1_POWER, soon(), NULL), BMC_EIO);
	assert_true(bmc_now() - before < 5000);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_new_bank_has_all_boards_on_and_out_of_reset),
		T(a_pin_that_is_set_keeps_its_level_and_is_traced),
		T(a_pulse_has_its_width_and_ends_at_rest),
		T(a_pulse_is_done_once_for_a_job),
		T(lines_that_are_not_there_are_refused),
		T(a_pulse_ends_at_rest_when_its_peer_is_killed),
		T(a_helper_that_was_killed_brings_its_pulse_to_rest_at_the_next_start),
		T(a_pulse_under_another_platform_file_is_forgotten),
		T(levels_survive_a_restart_of_the_helper),
		T(another_platform_file_is_answered_with_what_to_do),
		T(calls_fail_at_once_when_the_helper_has_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Edges of input lines from the simulator's bank through the helper and the client to a
// watcher; debouncing, what is lost on the way, and pwm's fail-safe beside them.
#include <poll.h>
#include <pthread.h>
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

#include "core/base/thread.h"
#include "core/base/util.h"
#include "priv-fixture.h"
#include "priv/client-edges.h"
#include "priv/client.h"
#include "priv/helper.h"
#include "priv/pwms.h"

enum { BUTTON = 5, LAMP = 6, PRESENT = 7 };
enum { BUTTON_LINE = 20, PRESENT_LINE = 22 };
#define DEBOUNCE_US 100000
#define MAX_SEEN    4096

struct fixture {
	struct priv_fixture fixture;
	struct bmc_pinbank *bank;
};

/* What the watcher was called with. */
static struct {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct bmc_edge edge[MAX_SEEN];
	size_t n;
	bool hold; /* the watcher does not return */
} seen = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static int64_t soon(void)
{
	return bmc_now() + 60000;
}

static void on_edge(void *arg, const struct bmc_edge *e)
{
	assert_ptr_equal(arg, &seen);
	(void)pthread_mutex_lock(&seen.mutex);
	if (seen.n < MAX_SEEN)
		seen.edge[seen.n++] = *e;
	(void)pthread_cond_broadcast(&seen.changed);
	while (seen.hold)
		(void)bmc_cond_wait(&seen.changed, &seen.mutex, soon());
	(void)pthread_mutex_unlock(&seen.mutex);
}

/* Waits until `n` edges were seen; a copy of the last of them. */
static struct bmc_edge nth_edge(size_t n)
{
	int64_t until = soon();

	(void)pthread_mutex_lock(&seen.mutex);
	while (seen.n < n && bmc_cond_wait(&seen.changed, &seen.mutex, until))
		;
	assert_true(seen.n >= n);
	struct bmc_edge e = seen.edge[n - 1];
	(void)pthread_mutex_unlock(&seen.mutex);
	return e;
}

static void set_hold(bool hold)
{
	(void)pthread_mutex_lock(&seen.mutex);
	seen.hold = hold;
	(void)pthread_cond_broadcast(&seen.changed);
	(void)pthread_mutex_unlock(&seen.mutex);
}

static void start(struct fixture *f)
{
	struct priv_client_conf conf = { .platform = f->fixture.settings.platform };

	priv_fixture_start(&f->fixture);
	conf.fd = f->fixture.fd;
	conf.digest = conf.platform->digest;
	f->fixture.fd = -1;
	assert_int_equal(priv_client_init(&conf, NULL), 0);
	assert_int_equal(priv_client_wait(soon(), NULL), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	bmc_cond_init(&seen.changed);
	seen.n = 0;
	seen.hold = false;
	priv_fixture_init(&f->fixture);
	priv_edges_watch(on_edge, &seen); /* so that the hello's reading is seen */
	start(f);
	(void)nth_edge(2);
	f->bank = priv_fixture_bank(&f->fixture);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	set_hold(false);
	priv_client_done();
	if (f->fixture.pid > 0) /* one at a socket does not end with its peer */
		(void)kill(f->fixture.pid, SIGTERM);
	priv_fixture_done(&f->fixture);
	(void)munmap(f->bank, sizeof(*f->bank));
	free(f);
	return 0;
}

static void wire(const struct fixture *f, unsigned line, int level)
{
	atomic_store(&f->bank->level[0][line], (uint8_t)level);
}

/* The first two edges are the levels of the two inputs. */
static void watch(void)
{
	struct bmc_edge button = nth_edge(1), present = nth_edge(2);
	assert_true(button.resync && present.resync);
	assert_int_equal(button.line, BUTTON);
	assert_int_equal(present.line, PRESENT);
	assert_false(button.active || present.active);
}

static void a_watcher_is_told_all_levels_and_then_each_edge(void **state)
{
	struct fixture *f = *state;

	watch();
	int64_t before = bmc_now() * 1000;
	wire(f, BUTTON_LINE, 0); /* active low */
	struct bmc_edge e = nth_edge(3);
	assert_true(e.line == BUTTON && e.active && !e.resync);
	assert_true(e.at >= before && e.at <= (bmc_now() + 1) * 1000);
	wire(f, BUTTON_LINE, 1);
	e = nth_edge(4);
	assert_true(e.line == BUTTON && !e.active && !e.resync);
	wire(f, BUTTON_LINE, 0);
	assert_true(nth_edge(5).active);
	bmc_hardware->watch(on_edge, &seen); /* a new watcher is told all levels */
	e = nth_edge(6);
	assert_true(e.line == BUTTON && e.active && e.resync);
	e = nth_edge(7);
	assert_true(e.line == PRESENT && !e.active && e.resync);
	wire(f, BUTTON_LINE, 1);
	assert_false(nth_edge(8).active);
	assert_int_equal(bmc_hardware->line_read(BUTTON, soon(), NULL), 0);
}

static void a_level_that_does_not_stay_is_not_reported(void **state)
{
	struct fixture *f = *state;

	watch();
	/* bounces, each shorter than the debounce time */
	for (int i = 0; i < 8; i++) {
		wire(f, PRESENT_LINE, (i & 1) == 0);
		(void)usleep(20000);
	}
	wire(f, BUTTON_LINE, 0); /* comes after whatever the bounces made */
	struct bmc_edge e = nth_edge(3);
	assert_int_equal(e.line, BUTTON);
	wire(f, PRESENT_LINE, 1);
	int64_t before = bmc_now();
	e = nth_edge(4);
	assert_int_equal(e.line, PRESENT);
	assert_true(e.active);
	assert_true((bmc_now() - before) * 1000 >= DEBOUNCE_US * 9 / 10);
}

/* The watcher hangs while the queue is filled by hand, as the reader would. */
static void a_full_queue_is_made_good_by_reading_the_lines(void **state)
{
	static const struct priv_notice one = {
		.kind = PRIV_EDGE, .edge = { .line = BUTTON, .active = 1 }
	};
	struct fixture *f = *state;

	watch();
	set_hold(true);
	priv_edges_push(&one); /* the watcher has this one */
	assert_int_equal(nth_edge(3).line, BUTTON);
	for (unsigned i = 0; i < PRIV_EDGES_QUEUE; i++)
		priv_edges_push(&one);
	set_hold(false);
	assert_false(nth_edge(3 + PRIV_EDGES_QUEUE).resync); /* all that fitted */
	set_hold(true);
	priv_edges_push(&one);
	size_t n = 4 + PRIV_EDGES_QUEUE;
	(void)nth_edge(n);
	for (unsigned i = 0; i <= PRIV_EDGES_QUEUE; i++) /* one more than fits */
		priv_edges_push(&one);
	wire(f, PRESENT_LINE, 1);
	set_hold(false);
	struct bmc_edge e = nth_edge(n + 1);
	assert_true(e.resync && e.line == BUTTON && !e.active);
	e = nth_edge(n + 2);
	assert_true(e.resync && e.line == PRESENT && e.active);
}

static void edges_that_name_no_input_are_dropped(void **state)
{
	static const struct priv_notice odd[] = {
		{ .kind = PRIV_EDGE, .edge.line = LAMP },
		{ .kind = PRIV_EDGE, .edge.line = UINT32_MAX },
		{ .kind = 77, .edge.line = BUTTON },
		{ .kind = PRIV_NO_NOTICE, .edge.line = BUTTON },
	};
	const struct fixture *f = *state;

	watch();
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
		priv_edges_push(&odd[i]);
	wire(f, BUTTON_LINE, 0);
	struct bmc_edge e = nth_edge(3);
	assert_true(e.line == BUTTON && e.active && !e.resync);
}

static void a_helper_that_is_new_has_its_lines_read(void **state)
{
	struct fixture *f = *state;
	struct priv_client_conf conf = { .fd = -1,
					 .socket = f->fixture.settings.socket,
					 .platform = f->fixture.settings.platform };

	priv_client_done();
	priv_fixture_stop(&f->fixture);
	conf.digest = conf.platform->digest;
	assert_int_equal(priv_client_init(&conf, NULL), 0);
	bmc_hardware->watch(on_edge, &seen);
	for (unsigned i = 0; i < 2; i++) {
		wire(f, BUTTON_LINE, (int)i);
		f->fixture.pid = fork();
		if (f->fixture.pid == 0)
			_exit(priv_serve(&f->fixture.settings, -1, NULL) < 0);
		struct bmc_edge e = nth_edge(1);
		for (size_t n = 1; e.line != BUTTON || e.active == (i == 1); n++)
			e = nth_edge(n);
		assert_true(e.resync);
		(void)kill(f->fixture.pid, SIGKILL);
		(void)waitpid(f->fixture.pid, NULL, 0);
		f->fixture.pid = 0;
	}
}

/* A peer that takes nothing: its socket fills, its answers are not lost for it, and
 * when it takes packets again it is told to read the lines. */
static void a_peer_that_does_not_take_its_edges_is_told_so(void **state)
{
	struct fixture *f = *state;
	struct priv_request hello = { .op = PRIV_HELLO };
	struct priv_reply rp;
	unsigned n = 0;

	priv_client_done();
	priv_fixture_stop(&f->fixture);
	f->fixture.small_socket = true;
	priv_fixture_start(&f->fixture);
	struct pollfd p = { .fd = f->fixture.fd, .events = POLLIN };
	hello.u.hello =
		(struct priv_hello){ .version = PRIV_VERSION,
				     .digest = f->fixture.settings.platform->digest };
	assert_true(send(f->fixture.fd, &hello, PRIV_REQUEST_SIZE(hello), 0) > 0);
	assert_int_equal(poll(&p, 1, 60000), 1);
	assert_true(recv(f->fixture.fd, &rp, sizeof(rp), 0) > 0);
	assert_int_equal(rp.err.code, 0);
	for (int i = 0; i < 100; i++) { /* some 5 fit */
		wire(f, BUTTON_LINE, i & 1);
		(void)usleep(10000);
	}
	rp = (struct priv_reply){ 0 };
	while (poll(&p, 1, 1000) == 1 && recv(f->fixture.fd, &rp, sizeof(rp), 0) > 0) {
		assert_true(rp.id == PRIV_NOTICE);
		n++;
		if (rp.u.notice.kind == PRIV_EDGES_LOST)
			break;
		assert_int_equal(rp.u.notice.kind, PRIV_EDGE);
		assert_int_equal(rp.u.notice.edge.line, BUTTON);
	}
	assert_true(n > 1);
	assert_int_equal(rp.u.notice.kind, PRIV_EDGES_LOST);
	wire(f, BUTTON_LINE, 0);
	wire(f, PRESENT_LINE, 1);
	assert_int_equal(poll(&p, 1, 60000), 1); /* and edges come again */
	assert_true(recv(f->fixture.fd, &rp, sizeof(rp), 0) > 0);
	assert_int_equal(rp.u.notice.kind, PRIV_EDGE);
}

/* ---- pwm ---- */

static unsigned duty(const struct fixture *f)
{
	return atomic_load(&f->bank->pwm[0]);
}

static void wait_for_duty(const struct fixture *f, unsigned wanted)
{
	for (int i = 0; i < 60000 && duty(f) != wanted; i++)
		(void)usleep(1000);
	assert_int_equal(duty(f), wanted);
}

static void a_pwm_is_full_until_it_is_set_and_when_the_peer_is_gone(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(duty(f), PRIV_DUTY_FULL);
	assert_int_equal(bmc_hardware->pwm_set(0, 40000, 60000, soon(), NULL), 0);
	assert_int_equal(duty(f), 40000);
	assert_int_equal(bmc_hardware->pwm_read(0, soon(), NULL), 40000);
	priv_client_done();
	wait_for_duty(f, PRIV_DUTY_FULL);
}

/* The service's helper goes on without its peer. */
static void a_helper_that_lives_on_sets_full_speed_too(void **state)
{
	struct fixture *f = *state;
	struct priv_client_conf conf = { .fd = -1,
					 .socket = f->fixture.settings.socket,
					 .digest =
						 f->fixture.settings.platform->digest };

	priv_client_done();
	priv_fixture_stop(&f->fixture);
	f->fixture.pid = fork();
	if (f->fixture.pid == 0)
		_exit(priv_serve(&f->fixture.settings, -1, NULL) < 0);
	assert_int_equal(priv_client_init(&conf, NULL), 0);
	assert_int_equal(bmc_hardware->pwm_set(0, 40000, 600000, soon(), NULL), 0);
	assert_int_equal(duty(f), 40000);
	priv_client_done();
	wait_for_duty(f, PRIV_DUTY_FULL);
	assert_int_equal(waitpid(f->fixture.pid, NULL, WNOHANG), 0);
}

static void a_duty_that_is_not_set_again_in_time_ends(void **state)
{
	struct fixture *f = *state;

	int64_t before = bmc_now();
	assert_int_equal(bmc_hardware->pwm_set(0, 0, PRIV_HOLD_MIN, soon(), NULL), 0);
	wait_for_duty(f, PRIV_DUTY_FULL);
	assert_true(bmc_now() - before >= PRIV_HOLD_MIN);
}

static void a_duty_out_of_range_is_refused(void **state)
{
	static const int64_t bad[] = { -1, PRIV_DUTY_FULL + 1, INT64_MIN, INT64_MAX };
	struct fixture *f = *state;

	assert_int_equal(bmc_hardware->pwm_set(0, PRIV_DUTY_FULL, 5000, soon(), NULL),
			 0);
	assert_int_equal(bmc_hardware->pwm_set(0, 0, PRIV_HOLD_MAX, soon(), NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(bmc_hardware->pwm_set(0, bad[i], 5000, soon(), NULL),
				 BMC_ERANGE);
	assert_int_equal(bmc_hardware->pwm_set(0, 1, PRIV_HOLD_MIN - 1, soon(), NULL),
			 BMC_ERANGE);
	assert_int_equal(bmc_hardware->pwm_set(0, 1, PRIV_HOLD_MAX + 1, soon(), NULL),
			 BMC_ERANGE);
	assert_int_equal(bmc_hardware->pwm_set(1, 1, 5000, soon(), NULL),
			 BMC_ENOTFOUND);
	assert_int_equal(bmc_hardware->pwm_read(1, soon(), NULL), BMC_ENOTFOUND);
	assert_int_equal(duty(f), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_watcher_is_told_all_levels_and_then_each_edge),
		T(a_level_that_does_not_stay_is_not_reported),
		T(a_full_queue_is_made_good_by_reading_the_lines),
		T(edges_that_name_no_input_are_dropped),
		T(a_helper_that_is_new_has_its_lines_read),
		T(a_peer_that_does_not_take_its_edges_is_told_so),
		T(a_pwm_is_full_until_it_is_set_and_when_the_peer_is_gone),
		T(a_helper_that_lives_on_sets_full_speed_too),
		T(a_duty_that_is_not_set_again_in_time_ends),
		T(a_duty_out_of_range_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

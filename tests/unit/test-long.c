// SPDX-License-Identifier: Apache-2.0
/* Long verbs: beats, checkpoints, a grace of their own, in simulated time; typed
 * arguments; rows made at run time; steps that disturb several boards. */
#include "action-fixture.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "core/access/claims.h"

#define CHUNKS      30
#define CHUNK_MS    20000 /* ten minutes for all of them */
#define BEAT_MS     30000
#define HOUR_MS     3600000
#define GRACE_MS    120000
#define ENTRIES     (5 + CHUNKS) /* reserved, accepted, started ... done, ended */
#define FORMAT      7
#define CHUNK_BYTES 4096

/* What outlives a daemon that is killed; shared memory. */
static struct {
	int written[CHUNKS];
	int runs;
	uint64_t from; /* the last run's beginning */
	/* of the verb that is told what to do */
	atomic_bool inside, beat, release, obeys;
	atomic_int in_verb, in_verb_max;
	atomic_bool hub;
	/* arguments that were seen */
	char text[2048];
	unsigned char read[4];
	atomic_bool hold;
	atomic_int held;
} * seen;

static void nap(void)
{
	struct timespec t = { 0, 1000000 };

	(void)nanosleep(&t, NULL);
}

/* Until the journal has what was kept last: so each chunk is an entry of its own. */
static void until_kept(uint64_t offset)
{
	char hex[17];

	(void)snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)offset);
	for (int i = 0; i < 20000; i++) {
		if (fixture_checkpoint_is(hex))
			return;
		nap();
	}
	abort();
}

static int write_image(void *arg, struct bmc_call *call, const struct bmc_args *args,
		       struct bmc_error *err)
{
	const struct bmc_host_ops *ops = ((struct fixture_self *)arg)->ops;
	struct bmc_checkpoint c = { .version = FORMAT,
				    .digest = { 1, 2, 3 },
				    .len = 2 };
	struct bmc_checkpoint before;

	seen->runs++;
	if (ops->resumed(call, &before)) {
		assert_int_equal(before.version, FORMAT);
		assert_memory_equal(before.digest, c.digest, sizeof(c.digest));
		assert_int_equal(before.len, 2);
		assert_memory_equal(before.data, "ok", 2);
		c.offset = before.offset;
	}
	seen->from = c.offset;
	memcpy(c.data, "ok", 2);
	while (c.offset < CHUNKS) {
		struct bmc_progress p = { .stage = "write",
					  .total = CHUNKS * CHUNK_BYTES };

		bmc_clock_skip(CHUNK_MS);
		seen->written[c.offset++]++;
		p.done = (int64_t)c.offset * CHUNK_BYTES;
		p.millipercent = (int64_t)c.offset * 100000 / CHUNKS;
		ops->report(call, &p);
		if (ops->checkpoint(call, &c) < 0)
			abort();
		until_kept(c.offset);
	}
	return ops->pin_set(call, BMC_PIN_POWER, args->num != 0, err);
}

static int told_what(void *arg, struct bmc_call *call, const struct bmc_args *args,
		     struct bmc_error *err)
{
	const struct bmc_host_ops *ops = ((struct fixture_self *)arg)->ops;
	int max = atomic_fetch_add(&seen->in_verb, 1) + 1;

	(void)args;
	if (max > seen->in_verb_max)
		seen->in_verb_max = max;
	seen->inside = true;
	while (!seen->release && !(seen->obeys && ops->cancelled(call))) {
		if (atomic_exchange(&seen->beat, false))
			ops->heartbeat(call);
		nap();
	}
	atomic_fetch_sub(&seen->in_verb, 1);
	seen->inside = false;
	return ops->cancelled(call) ? BMC_ECANCELED
				    : ops->pin_pulse(call, BMC_PIN_RESET, err);
}

static size_t hub(void *self, const char *board, const char **ret, size_t max)
{
	static const char *const boards[] = { "sub1-01", "sub1-02", "sub1-03" };

	(void)self;
	(void)board;
	assert_true(max >= 3);
	for (size_t i = 0; i < 3; i++)
		ret[i] = boards[i];
	return seen->hub ? 3 : 0;
}

static int see_arguments(void *arg, struct bmc_call *call, const struct bmc_args *args,
			 struct bmc_error *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	(void)arg;
	(void)call;
	(void)err;
	(void)pthread_mutex_lock(&lock);
	(void)bmc_copy(seen->text, sizeof(seen->text),
		       args->text ? args->text : "none");
	if (args->image)
		(void)args->image->read(args->image, 2, seen->read, 4);
	(void)pthread_mutex_unlock(&lock);
	(void)atomic_fetch_add(&seen->held, 1);
	while (seen->hold)
		nap();
	return (int)args->num;
}

static const struct bmc_verb verbs[] = {
	{ .name = "power",
	  .flags = BMC_VERB_LONG | BMC_VERB_RESUMES,
	  .deadline = BEAT_MS,
	  .run = write_image },
	{ .name = "reset",
	  .flags = BMC_VERB_LONG,
	  .deadline = HOUR_MS,
	  .grace = GRACE_MS,
	  .run = told_what,
	  .also = hub },
	{ .name = "locator",
	  .flags = BMC_VERB_TAKES_TEXT | BMC_VERB_TAKES_IMAGE,
	  .deadline = HOUR_MS,
	  .run = see_arguments },
	BMC_VERB("fan_duty", 0, 2000, see_arguments),
	{ 0 },
};
static struct bmc_plugin plugin;

static void fresh(void)
{
	fixture_new();
	fixture_conf.poll_deadline_ms = 86400000; /* simulated hours pass meanwhile */
	plugin = fixture_plugin;
	plugin.verbs = verbs;
	plugin.probe = NULL;
	fixture_used = &plugin;
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(seen != MAP_FAILED);
}

static int set_up(void **state)
{
	(void)state;
	fresh();
	fixture_start(false);
	return 0;
}

static bool thread_is_out(void *arg)
{
	(void)arg;
	return !seen->inside;
}

static int tear_down(void **state)
{
	seen->release = true;
	assert_true(fixture_until(thread_is_out, NULL));
	fixture_tear_down(state);
	(void)munmap(seen, sizeof(*seen));
	return 0;
}

static bool is_inside(void *arg)
{
	(void)arg;
	return seen->inside;
}

/* ---- killed at each entry ---- */

static void live(int entry)
{
	struct bmc_action act = fixture_action(BMC_ACT_FORCE_OFF, "sub1-01");
	struct bmc_result result;
	char at[12];

	(void)snprintf(at, sizeof(at), "%d", entry);
	(void)setenv("CLUSTERBMC_CRASH_AT", at, 1);
	(void)alarm(300);
	fixture_start(true);
	if (fixture_submit(&fixture_admin, &act, 1, &result) != 0)
		_exit(2);
	(void)fixture_wait(result.task);
	fixture_pass(50);
	_exit(0);
}

static bool journal_is_empty(void *arg)
{
	(void)arg;
	return fixture->n_jobs == 0 && fixture->n_tasks == 1 &&
	       fixture->tasks[0].state >= BMC_TASK_COMPLETED;
}

static void live_again(void)
{
	(void)unsetenv("CLUSTERBMC_CRASH_AT");
	(void)alarm(300);
	fixture_start(false);
	if (!fixture_until(journal_is_empty, NULL))
		_exit(3);
	fixture_stop();
	_exit(0);
}

static int status_of(void (*life)(int entry), int entry)
{
	int status;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (life)
			life(entry);
		live_again();
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* What a second life has to make of a first one that was killed at `entry`. */
static void check_continued(int entry)
{
	int kept = entry > 3 ? MIN(entry - 3, CHUNKS) : 0, total = 0;
	bool started = entry > 1;

	assert_int_equal(fixture->tasks[0].state,
			 started ? BMC_TASK_COMPLETED : BMC_TASK_EXCEPTION);
	for (int i = 0; i < CHUNKS; i++) {
		assert_true(seen->written[i] >= started);
		/* only what came after the last checkpoint is written again */
		assert_true(seen->written[i] <= 1 + (i >= kept));
		total += seen->written[i];
	}
	assert_true(total <= CHUNKS + 1);
	assert_int_equal(fixture->boards[1].powered, !started);
	if (entry > 3 && entry < ENTRIES - 1)
		assert_int_equal(seen->from, kept);
}

static void transfer_of_ten_minutes_goes_on_where_it_was_killed(void **state)
{
	int entry, status;

	(void)state;
	for (entry = 1; entry <= ENTRIES + 1; entry++) {
		fresh();
		status = status_of(live, entry);
		if (entry > ENTRIES) {
			assert_int_equal(status, 0); /* it has no more entries */
			assert_int_equal(seen->runs, 1);
		} else {
			assert_true(WIFSIGNALED(status));
			assert_int_equal(WTERMSIG(status), SIGKILL);
			assert_int_equal(status_of(NULL, 0), 0);
		}
		check_continued(entry);
		(void)munmap(seen, sizeof(*seen));
		(void)munmap(fixture, sizeof(*fixture));
	}
}

static void transfer_shows_stage_bytes_and_rate(void **state)
{
	uint32_t task;

	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "sub1-01", &task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_string_equal(fixture_task(task)->stage, "write");
	assert_int_equal(fixture_task(task)->bytes_done, CHUNKS * CHUNK_BYTES);
	assert_int_equal(fixture_task(task)->bytes_total, CHUNKS * CHUNK_BYTES);
	assert_in_range(fixture_task(task)->rate, CHUNK_BYTES / 20 - 40,
			CHUNK_BYTES / 20 + 40);
}

/* ---- beats ---- */

static void start_reset(uint32_t *ret_task)
{
	assert_int_equal(fixture_do(BMC_ACT_FORCE_RESTART, "sub1-01", ret_task), 0);
	assert_true(fixture_until(is_inside, NULL));
}

static bool has_beaten(void *arg)
{
	(void)arg;
	return !seen->beat;
}

static void beat(void)
{
	seen->beat = true;
	assert_true(fixture_until(has_beaten, NULL));
	fixture_pass(5);
}

static void verb_of_hours_without_a_beat_is_given_up_after_its_own_grace(void **state)
{
	uint32_t task;

	(void)state;
	start_reset(&task);
	bmc_clock_skip(HOUR_MS + GRACE_MS - 5000);
	fixture_pass(30);
	assert_int_equal(fixture_task(task)->state, BMC_TASK_RUNNING);
	beat();
	bmc_clock_skip(HOUR_MS + GRACE_MS - 5000);
	fixture_pass(30);
	assert_int_equal(fixture_task(task)->state, BMC_TASK_RUNNING);
	assert_int_equal(bmc_abandoned(), 0);
	bmc_clock_skip(6000);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_int_equal(bmc_abandoned(), 1);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_RESTART, "sub1-01", &task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION); /* quarantined */
	assert_string_equal(fixture_task(task)->code, "reset-quarantined");
}

static void cancelled_long_verb_has_its_grace_and_beats_no_more(void **state)
{
	uint32_t task;

	(void)state;
	start_reset(&task);
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, &fixture_error), 0);
	fixture_pass(10);
	bmc_clock_skip(GRACE_MS - 5000);
	fixture_pass(30);
	assert_int_equal(bmc_abandoned(), 0);
	beat();
	bmc_clock_skip(6000);
	fixture_pass(30);
	assert_int_equal(bmc_abandoned(), 1);
}

static void cancelled_long_verb_that_obeys_ends_its_task(void **state)
{
	uint32_t task;

	(void)state;
	seen->obeys = true;
	start_reset(&task);
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, &fixture_error), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	assert_int_equal(bmc_abandoned(), 0);
	assert_int_equal(fixture->boards[1].resets, 0);
}

/* ---- arguments ---- */

struct outcome {
	bool done;
	int code;
};

static void note(void *arg, int code, const struct bmc_error *err)
{
	struct outcome *o = arg;

	(void)err;
	o->done = true;
	o->code = code;
}

static bool is_done(void *arg)
{
	return ((struct outcome *)arg)->done;
}

static int start(struct outcome *o, enum bmc_kind kind, const char *id,
		 const char *verb, const struct bmc_args *args)
{
	struct bmc_verb_request request = {
		.kind = kind, .verb = verb, .args = *args, .done = note, .ctx = o
	};
	uint64_t run;

	*o = (struct outcome){ .done = false };
	(void)bmc_copy(request.id, sizeof(request.id), id);
	return bmc_verb_run(&request, &run, &fixture_error);
}

static int image_refs;

static ssize_t image_read(const struct bmc_image *image, uint64_t offset, void *buf,
			  size_t len)
{
	assert_true(offset + len <= image->size);
	memcpy(buf, "abcdefgh" + offset, len);
	return (ssize_t)len;
}

static void image_ref(const struct bmc_image *image)
{
	(void)image;
	(void)__atomic_add_fetch(&image_refs, 1, __ATOMIC_SEQ_CST);
}

static void image_unref(const struct bmc_image *image)
{
	(void)image;
	(void)__atomic_sub_fetch(&image_refs, 1, __ATOMIC_SEQ_CST);
}

static bool image_is_closed(void *arg)
{
	(void)arg;
	return __atomic_load_n(&image_refs, __ATOMIC_SEQ_CST) == 0;
}

static void verb_takes_a_number_a_text_and_an_image(void **state)
{
	static const struct bmc_image image = {
		.size = 8, .read = image_read, .ref = image_ref, .unref = image_unref
	};
	char text[2049];
	struct bmc_args args = { .num = 5, .text = text, .image = &image };
	struct outcome o;

	(void)state;
	memset(text, 'u', sizeof(text));
	text[2048] = '\0';
	assert_int_equal(start(&o, BMC_BOARD, "sub1-01", "locator", &args), BMC_ERANGE);
	text[2047] = '\0';
	assert_int_equal(start(&o, BMC_BOARD, "sub1-01", "locator", &args), 0);
	memset(text, 'x', 2047); /* the call has its own copy */
	assert_true(fixture_until(is_done, &o));
	assert_int_equal(o.code, 0);
	assert_int_equal(strspn(seen->text, "u"), 2047);
	assert_memory_equal(seen->read, "cdef", 4);
	assert_true(fixture_until(image_is_closed, NULL));
	args.image = NULL;
	assert_int_equal(start(&o, BMC_FAN, "fan1", "fan_duty", &args), BMC_EINVAL);
	args = (struct bmc_args){ .image = &image };
	assert_int_equal(start(&o, BMC_FAN, "fan1", "fan_duty", &args), BMC_EINVAL);
	assert_int_equal(image_refs, 0);
}

/* ---- rows made at run time ---- */

static bool both_are_held(void *arg)
{
	return seen->held >= *(int *)arg;
}

static void part_made_at_run_time_has_a_slot_of_its_own(void **state)
{
	struct bmc_source *source = bmc_source_new("parts", 0, 9);
	const struct bmc_value speed[] = { BMC_NUM(bmc_nic, speed, 1000) };
	const struct bmc_args none = { 0 };
	struct outcome a, b, c;
	int two = 2, three = 3;

	(void)state;
	for (int i = 0; i < 3; i++) {
		static const char *const ids[] = { "sub1-01-eth0", "sub1-01-eth1",
						   "main-eth0" };
		assert_int_equal(bmc_inventory_put(source, BMC_NIC, ids[i], BMC_BOARD,
						   i < 2 ? "sub1-01" : "main", speed,
						   1),
				 0);
	}
	fixture_pass(300);
	assert_true(bmc_verb_bound(BMC_NIC, "sub1-01-eth0", "locator"));
	assert_false(bmc_verb_bound(BMC_NIC, "sub1-01-eth0", "no_such_verb"));
	assert_false(bmc_verb_bound(BMC_NIC, "main-eth0", "locator"));
	assert_false(bmc_verb_bound(BMC_NIC, "sub1-01-eth9", "locator"));
	seen->hold = true;
	assert_int_equal(start(&a, BMC_NIC, "sub1-01-eth0", "locator", &none), 0);
	assert_int_equal(start(&b, BMC_NIC, "sub1-01-eth1", "locator", &none), 0);
	assert_true(fixture_until(both_are_held, &two)); /* beside each other */
	assert_int_equal(start(&c, BMC_NIC, "sub1-01-eth0", "locator", &none), 0);
	fixture_pass(50);
	assert_int_equal(seen->held, 2); /* after each other */
	seen->hold = false;
	assert_true(fixture_until(is_done, &a) && fixture_until(is_done, &b) &&
		    fixture_until(is_done, &c));
	assert_true(fixture_until(both_are_held, &three));
	assert_int_equal(start(&a, BMC_NIC, "main-eth0", "locator", &none),
			 BMC_ENOTSUP);
	(void)bmc_source_free(source);
	fixture_pass(50);
	assert_int_equal(start(&a, BMC_NIC, "sub1-01-eth0", "locator", &none),
			 BMC_ENOTSUP);
}

/* ---- several boards for one step ---- */

static void claims_of_a_step_are_all_or_none(void **state)
{
	const uint32_t hub_boards[] = { 11, 12, 13 };
	enum bmc_action_op held;

	(void)state;
	assert_int_equal(bmc_claim(11, 0, 1, BMC_ACT_ON, &held), 0);
	assert_int_equal(bmc_claim(13, 0, 2, BMC_ACT_ON, &held), 0);
	assert_int_equal(bmc_claim_more(11, hub_boards, 3, 101, BMC_ACT_ON), BMC_EBUSY);
	assert_int_equal(bmc_claim(12, 0, 3, BMC_ACT_ON, &held), 0); /* stayed free */
	bmc_claim_drop(12, 3);
	bmc_claim_drop(13, 2);
	assert_int_equal(bmc_claim_more(11, hub_boards, 3, 101, BMC_ACT_ON), 0);
	assert_int_equal(bmc_claim(12, 0, 3, BMC_ACT_ON, &held), BMC_EBUSY);
	assert_int_equal(bmc_claim(13, 0, 3, BMC_ACT_ON, &held), BMC_EBUSY);
	bmc_claim_less(101);
	assert_true(bmc_claim_held(11, 1));
	assert_int_equal(bmc_claim(12, 0, 3, BMC_ACT_ON, &held), 0);
	assert_int_equal(bmc_claim(13, 0, 3, BMC_ACT_ON, &held), 0);
	bmc_claim_drop(11, 1);
	/* two that wait for each other's board: the first lends its own */
	assert_int_equal(bmc_claim_more(12, hub_boards, 3, 102, BMC_ACT_ON), BMC_EBUSY);
	assert_int_equal(bmc_claim_more(13, hub_boards, 3, 103, BMC_ACT_ON), 0);
	assert_int_equal(bmc_claim_more(12, hub_boards, 3, 102, BMC_ACT_ON), BMC_EBUSY);
	bmc_claim_drop(12, 3); /* its task was cancelled: the board is still in use */
	assert_int_equal(bmc_claim(12, 0, 4, BMC_ACT_ON, &held), BMC_EBUSY);
	bmc_claim_less(103);
	assert_int_equal(bmc_claim(12, 0, 4, BMC_ACT_ON, &held), 0);
	assert_int_equal(bmc_claim(11, 0, 4, BMC_ACT_ON, &held), 0);
	bmc_claims_done();
}

static bool someone_was_in(void *arg)
{
	(void)arg;
	return seen->in_verb_max > 0;
}

static void resets_of_one_hub_follow_each_other(void **state)
{
	uint32_t task;

	(void)state;
	seen->hub = true;
	assert_int_equal(fixture_do(BMC_ACT_FORCE_RESTART, "blade1", &task), 0);
	assert_true(fixture_until(someone_was_in, NULL));
	fixture_pass(300);
	assert_int_equal(seen->in_verb, 1);
	seen->release = true;
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(seen->in_verb_max, 1);
	assert_int_equal(fixture->boards[1].resets + fixture->boards[2].resets +
				 fixture->boards[3].resets,
			 3);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_RESTART, "sub1-02", &task), 0);
	assert_int_equal(fixture_wait(task),
			 BMC_TASK_COMPLETED); /* all is given back */
}

static void board_that_a_step_disturbs_is_busy_for_that_step(void **state)
{
	struct bmc_action act = fixture_action(BMC_ACT_FORCE_RESTART, "sub1-03");
	struct bmc_transaction *t;
	uint32_t task;

	(void)state;
	seen->hub = true;
	fixture->boards[1].fault =
		FIXTURE_PINS_STUCK; /* its task waits for it afterwards */
	start_reset(&task);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_RESTART, "sub1-03", NULL), BMC_EBUSY);
	seen->release = true;
	assert_true(fixture_until(thread_is_out, NULL));
	fixture_pass(100);
	assert_int_equal(
		bmc_action_reserve(&fixture_admin, &act, 1, &t, NULL, &fixture_error),
		0);
	bmc_transaction_release(t);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transfer_of_ten_minutes_goes_on_where_it_was_killed),
		T(transfer_shows_stage_bytes_and_rate),
		T(verb_of_hours_without_a_beat_is_given_up_after_its_own_grace),
		T(cancelled_long_verb_has_its_grace_and_beats_no_more),
		T(cancelled_long_verb_that_obeys_ends_its_task),
		T(verb_takes_a_number_a_text_and_an_image),
		T(part_made_at_run_time_has_a_slot_of_its_own),
		cmocka_unit_test(claims_of_a_step_are_all_or_none),
		T(resets_of_one_hub_follow_each_other),
		T(board_that_a_step_disturbs_is_busy_for_that_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

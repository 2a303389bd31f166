// SPDX-License-Identifier: Apache-2.0
/* The plugin host: instances, their polls and probes, verbs with deadlines, calls that
 * hang. */
#include "action-fixture.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/pool.h"
#include "core/plugin/host.h"
#include "core/plugin/quarantine.h"
#include "core/ports/hardware.h"

/* A second plugin, whose every call can be held up. */
static struct {
	atomic_int polls, puts, probes, verbs, inside;
	atomic_bool hold, hold_poll, hold_create, fail_poll, fail_create, ended;
	/* set by create's thread while the poll of an older instance still runs */
	const struct bmc_host_ops *_Atomic ops;
	struct bmc_host *_Atomic host;
} odd;

static void hold_while(const atomic_bool *held)
{
	const struct timespec t = { 0, 5000000 };

	odd.inside++;
	while (*held)
		(void)nanosleep(&t, NULL);
	odd.inside--;
}

static void hold(void)
{
	hold_while(&odd.hold);
}

static int odd_create(struct bmc_host *host, const struct bmc_host_ops *ops,
		      const struct bmc_conf *conf, void **ret_self,
		      struct bmc_error *err)
{
	(void)conf;
	if (odd.fail_create)
		return bmc_fail(err, BMC_EIO, "no such device");
	hold_while(&odd.hold_create);
	odd.ops = ops;
	odd.host = host;
	*ret_self = &odd;
	return BMC_OK;
}

static int odd_poll(void *self, struct bmc_error *err)
{
	(void)self;
	odd.polls++;
	hold_while(&odd.hold_poll);
	if (odd.ops->put(odd.host, BMC_FAN, "fan1", &BMC_NUM(bmc_fan, rpm, 2000), 1) ==
	    0)
		odd.puts++;
	return odd.fail_poll ? bmc_fail(err, BMC_EIO, "sensor bus is stuck") : BMC_OK;
}

static int odd_probe(void *self, struct bmc_call *job, const char *board,
		     struct bmc_error *err)
{
	(void)self;
	(void)job;
	(void)board;
	(void)err;
	odd.probes++;
	hold();
	return BMC_OK;
}

static int odd_verb(void *self, struct bmc_call *job, const struct bmc_args *args,
		    struct bmc_error *err)
{
	int64_t arg = args->num;
	(void)self;
	(void)job;
	(void)err;
	odd.verbs++;
	hold();
	return arg ? BMC_OK : BMC_EIO;
}

static void odd_destroy(void *self)
{
	(void)self;
	odd.ended = true;
}

static const struct bmc_verb odd_verbs[] = {
	BMC_VERB("os_reboot", 0, 100,
		 odd_verb), /* bound to `fixture` by the platform file */
	BMC_VERB("power", BMC_VERB_PINS, 100, odd_verb),
	{ 0 },
};

static const struct bmc_plugin odd_plugin = {
	BMC_PLUGIN_HEAD("odd", "1"), .create = odd_create, .poll = odd_poll,
	.probe = odd_probe,          .verbs = odd_verbs,   .destroy = odd_destroy,
};

static int set_up(void **state)
{
	memset(&odd, 0, sizeof(odd));
	return fixture_set_up(state);
}

static int start_odd(const char *name)
{
	struct bmc_instance_conf conf = { .poll_ms = 20,
					  .poll_deadline_ms = 100,
					  .probe_ms = 100,
					  .probe_deadline_ms = 150 };

	(void)bmc_copy(conf.name, sizeof(conf.name), name);
	return bmc_instance_start(&odd_plugin, &conf, &fixture_error);
}

/* ---- calling verbs ---- */

struct outcome {
	bool done;
	int code;
	char what[160];
	int64_t progress;
};

static void note_done(void *arg, int code, const struct bmc_error *err)
{
	struct outcome *o = arg;

	assert_false(o->done);
	o->done = true;
	o->code = code;
	(void)bmc_copy(o->what, sizeof(o->what), err->what);
}

static void note_progress(void *arg, const struct bmc_report *report)
{
	((struct outcome *)arg)->progress = report->millipercent;
}

static bool is_done(void *arg)
{
	return ((struct outcome *)arg)->done;
}

static int start_verb(struct outcome *o, const char *board, const char *verb,
		      int64_t arg, uint64_t *ret_run)
{
	struct bmc_verb_request call = { .kind = BMC_BOARD,
					 .verb = verb,
					 .args.num = arg,
					 .step = 640,
					 .progress = note_progress,
					 .done = note_done,
					 .ctx = o };

	(void)bmc_copy(call.id, sizeof(call.id), board);
	*o = (struct outcome){ .done = false };
	return bmc_verb_run(&call, ret_run, &fixture_error);
}

static int run_verb(const char *board, const char *verb, int64_t arg)
{
	struct outcome o;
	uint64_t run;
	int code = start_verb(&o, board, verb, arg, &run);

	if (code < 0)
		return code;
	assert_true(fixture_until(is_done, &o));
	(void)bmc_copy(fixture_error.what, sizeof(fixture_error.what), o.what);
	return o.code;
}

static void verbs_are_found_by_the_platform_file(void **state)
{
	(void)state;
	assert_true(bmc_verb_bound(BMC_BOARD, "sub1-01", "reset"));
	assert_false(bmc_verb_bound(BMC_BOARD, "sub1-01", "no_such"));
	assert_false(bmc_verb_bound(BMC_BOARD, "fan1", "reset"));
	assert_true(bmc_verb_bound(BMC_FAN, "fan1", "fan_mode"));
	/* bound, but not done */
	assert_false(bmc_verb_bound(BMC_BOARD, "sub1-01", "vendor_set"));
	assert_int_equal(bmc_verb_flags(BMC_BOARD, "sub1-01", "reset"), BMC_VERB_PINS);
	assert_int_equal(bmc_verb_flags(BMC_BOARD, "sub1-01", "no_such"), 0);
	assert_int_equal(run_verb("sub1-01", "no_such", 1), BMC_ENOTSUP);
	assert_int_equal(run_verb("sub1-01", "reset", 0), 0);
	assert_int_equal(fixture->boards[1].resets, 1);
}

static void verb_inside_a_verb_has_its_own_pulses(void **state)
{
	(void)state;
	assert_int_equal(run_verb("sub1-01", "outer", 2), 0);
	assert_int_equal(fixture->boards[1].resets, 2);
	assert_int_equal(fixture->boards[1].locator, 1);
	/* the same step once more: the helper remembers */
	assert_int_equal(run_verb("sub1-01", "outer", 2), 0);
	assert_int_equal(fixture->boards[1].resets, 2);
	assert_int_equal(run_verb("sub1-01", "outer", 0), BMC_ENOTSUP);
}

static void missing_pins_and_helper_are_said(void **state)
{
	(void)state;
	assert_int_equal(run_verb("sub2-01", "reset", 0), BMC_ENOTSUP);
	assert_non_null(strstr(fixture_error.what, "no RESET pin"));
	bmc_hardware = NULL;
	assert_int_equal(run_verb("sub1-01", "reset", 0), BMC_ENOTSUP);
	assert_non_null(strstr(fixture_error.what, "clusterbmc-priv"));
}

static void progress_is_seen_meanwhile(void **state)
{
	struct outcome o;
	uint64_t run;

	(void)state;
	fixture->boards[1].fault = FIXTURE_ADB_HANGS;
	assert_int_equal(start_verb(&o, "sub1-01", "os_reboot", 0, &run), 0);
	fixture_pass(50);
	assert_int_equal(o.progress, 50000);
	bmc_verb_cancel(run);
	assert_true(fixture_until(is_done, &o));
	assert_int_equal(o.code, BMC_ECANCELED);
	bmc_verb_cancel(run); /* has ended: nothing */
}

/* ---- calls that hang ---- */

static void hung_verb_is_left_behind_and_its_board_quarantined(void **state)
{
	struct outcome o;
	uint64_t run;

	(void)state;
	fixture->boards[1].fault = FIXTURE_ADB_WEDGED;
	fixture->wedge_ms = 2500;
	assert_int_equal(start_verb(&o, "sub1-01", "os_reboot", 0, &run), 0);
	fixture_pass(20);
	bmc_verb_cancel(run); /* which it does not hear */
	assert_true(fixture_until(is_done, &o));
	assert_int_equal(o.code, BMC_ETIMEDOUT);
	assert_int_equal(bmc_abandoned(), 1);
	assert_int_equal(run_verb("sub1-01", "os_shutdown", 0), BMC_EQUARANTINED);
	assert_int_equal(run_verb("sub1-02", "os_shutdown", 0), 0);
	assert_int_equal(run_verb("sub1-01", "reset", 0), 0);
	fixture->boards[1].fault = FIXTURE_NO_FAULT;
	fixture_pass(2000); /* it comes back after all */
	assert_int_equal(bmc_abandoned(), 0);
	assert_int_equal(run_verb("sub1-01", "os_shutdown", 0), 0);
}

static int restarts;

static void restart(const char *why)
{
	(void)why;
	restarts++;
}

/* Each of these instances is stuck in all its six boards' probes. */
static void too_many_hung_calls_restart_the_daemon(void **state)
{
	static const char *const names[] = { "odd1", "odd2", "odd3" };

	(void)state;
	bmc_restart_hook = restart;
	odd.hold = true;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(start_odd(names[i]), 0);
	fixture_pass(2500);
	assert_true(bmc_abandoned() >= BMC_ABANDONED_MAX);
	assert_true(restarts > 0);
	odd.hold = false;
	fixture_pass(100);
	assert_int_equal(bmc_abandoned(), 0);
}

/* ---- probes ---- */

static int probing(void **state)
{
	(void)state;
	fixture_new();
	fixture_conf.probe_ms = 100;
	fixture_conf.probe_deadline_ms = 300;
	fixture_start(false);
	return 0;
}

static void hung_probes_do_not_delay_other_boards(void **state)
{
	int before;

	(void)state;
	for (unsigned i = 2; i < FIXTURE_BOARDS; i++)
		fixture->probe_hangs[i] = true;
	fixture_pass(400);
	before = fixture->probes[1];
	for (int i = 0; i < 30 && fixture->probes[1] - before < 4; i++)
		fixture_pass(2000);
	assert_true(fixture->probes[1] - before >= 4);
	assert_true(fixture->probes[2] < fixture->probes[1] / 2); /* ever more seldom */
}

static void pauses_between_probes_double(void **state)
{
	(void)state;
	assert_int_equal(bmc_probe_pause(10000, 0), 10000);
	assert_int_equal(bmc_probe_pause(10000, 1), 20000);
	assert_int_equal(bmc_probe_pause(10000, 4), 160000);
	assert_int_equal(bmc_probe_pause(10000, 5), 300000);
	assert_int_equal(bmc_probe_pause(10000, 1000), 300000);
	assert_int_equal(bmc_probe_pause(3600000, 1), 3600000);
	assert_int_equal(bmc_probe_pause(100, 10), 102400);
	assert_int_equal(bmc_probe_pause(100, 11), 102400);
}

static struct bmc_exec_slot *probe_slot(const char *id)
{
	const struct bmc_slot *slot =
		bmc_platform_slot(bmc_instances_platform(), BMC_BOARD, id);

	return bmc_host_exec_slot(bmc_hosts, slot, NULL);
}

static bool timed_out_thrice(void *arg)
{
	return ((struct bmc_exec_slot *)arg)->timeouts >= 3;
}

/* Three probes of 300 ms that time out, with pauses of 200 and 400 ms, then one of 800;
 * at the pace of the others they would be over after 1,200 ms. */
static void hung_board_is_probed_ever_more_seldom(void **state)
{
	struct bmc_exec_slot *slot = probe_slot("sub1-01");
	int64_t begin = bmc_now();

	(void)state;
	fixture->probe_hangs[1] = true;
	slot->timeouts = 0;
	slot->due = begin;
	assert_true(fixture_until(timed_out_thrice, slot));
	assert_true(slot->due - begin >= 3 * 300 + 200 + 400 + 800 - 100);
	fixture->probe_hangs[1] = false;
}

static void probe_of_a_board_that_is_not_ones_own_is_not_repeated(void **state)
{
	(void)state;
	for (int i = 0; i < 60 && fixture->probes[fixture_board("sub1-01")] < 2; i++)
		fixture_pass(500);
	assert_int_equal(fixture->probes[fixture_board("sub2-02")], 1);
	assert_true(fixture->probes[fixture_board("sub1-01")] >= 2);
}

static void probe_gives_way_to_a_verb(void **state)
{
	int64_t begin = bmc_now();

	(void)state;
	fixture->probe_hangs[1] = true;
	fixture_pass(150);
	assert_int_equal(run_verb("sub1-01", "os_reboot", 0), 0);
	assert_int_equal(fixture->boards[1].reboots, 1);
	assert_true(bmc_now() - begin < 2000);
}

/* ---- polls and creates that hang ---- */

static void note_end(void *arg)
{
	*(bool *)arg = true;
}

static bool flag(void *arg)
{
	return *(bool *)arg;
}

static int64_t fan_rpm(void)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();

	return ((const struct bmc_fan *)bmc_snapshot_find(s, BMC_FAN, "fan1"))->rpm;
}

static unsigned events_of(const char *type)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_EVENT, &rows);
	unsigned found = 0;

	for (size_t i = 0; i < n; i++)
		found += strcmp(((const struct bmc_event *)rows[i])->type, type) == 0;
	return found;
}

static bool turns(void *arg)
{
	(void)arg;
	return fan_rpm() == 2000;
}

static bool quarantined_by_event(void *arg)
{
	return events_of(arg) > 0;
}

static void stop_and_wait(const char *name)
{
	bool ended = false;

	assert_int_equal(bmc_instance_stop(name, note_end, &ended), 0);
	assert_true(fixture_until(flag, &ended));
}

static void hung_poll_quarantines_its_instance_only(void **state)
{
	int polls, probes;

	(void)state;
	assert_int_equal(start_odd("odd"), 0);
	assert_true(fixture_until(turns, NULL));
	assert_int_equal(bmc_hosts_hung(), 0);
	odd.hold_poll = true;
	assert_true(fixture_until(quarantined_by_event,
				  (void *)(uintptr_t) "InstanceQuarantined"));
	assert_int_equal(bmc_hosts_hung(), 1);
	assert_int_equal(bmc_abandoned(), 1);
	assert_true(bmc_instances_polled()); /* nothing waits for it */
	fixture_pass(50);
	assert_int_equal(fan_rpm(), BMC_UNKNOWN);
	polls = odd.polls;
	fixture_pass(200); /* a probe may have been under way */
	probes = odd.probes;
	fixture_pass(1500);
	assert_int_equal(odd.polls, polls); /* no second thread */
	assert_int_equal(odd.probes, probes);
	assert_int_equal(events_of("InstanceQuarantined"), 1);
	assert_int_equal(fixture_row("sub1-01")->power_pin, 1);
	assert_int_equal(run_verb("sub1-01", "os_reboot", 0), 0); /* another's */
	odd.hold_poll = false;
	assert_true(fixture_until(turns, NULL));
	assert_true(fixture_until(quarantined_by_event,
				  (void *)(uintptr_t) "InstanceRecovered"));
	assert_int_equal(bmc_hosts_hung(), 0);
	assert_int_equal(bmc_abandoned(), 0);
}

/* What it says late is dropped; its verbs are refused but for those of lines. */
static void quarantined_instance_is_left_alone(void **state)
{
	(void)state;
	stop_and_wait("fixture");
	assert_int_equal(start_odd("fixture"), 0);
	assert_true(fixture_until(turns, NULL));
	assert_int_equal(run_verb("sub1-01", "os_reboot", 1), 0);
	odd.hold_poll = true;
	assert_true(fixture_until(quarantined_by_event,
				  (void *)(uintptr_t) "InstanceQuarantined"));
	assert_int_equal(run_verb("sub1-01", "os_reboot", 1), BMC_EQUARANTINED);
	assert_non_null(strstr(fixture_error.what, "instance fixture hangs"));
	assert_int_equal(run_verb("sub1-01", "power", 1), 0); /* lines only */
	assert_int_equal(
		odd.ops->put(odd.host, BMC_FAN, "fan1", &BMC_NUM(bmc_fan, rpm, 1), 1),
		BMC_ESTATE);
	fixture_pass(50);
	assert_int_equal(fan_rpm(), BMC_UNKNOWN);
	int64_t begin = bmc_now();
	stop_and_wait("fixture"); /* which does not take the 30 s of a busy one */
	assert_true(bmc_now() - begin < 20000);
	assert_false(odd.ended); /* its thread is still inside */
	odd.hold_poll = false;
	while (odd.inside)
		fixture_pass(10);
}

static void hung_create_leaves_its_instance_out(void **state)
{
	int64_t begin = bmc_now();

	(void)state;
	odd.hold_create = true;
	assert_int_equal(start_odd("odd"), BMC_ETIMEDOUT);
	assert_non_null(strstr(fixture_error.what, "did not come back"));
	assert_true(bmc_now() - begin < 15000);
	assert_int_equal(run_verb("sub1-01", "os_reboot", 0), 0);
	assert_int_equal(bmc_instance_stop("odd", NULL, NULL), BMC_ENOTFOUND);
	odd.hold_create = false;
	while (odd.inside)
		fixture_pass(10);
	fixture_pass(50);
	assert_int_equal(odd.polls, 0); /* come back too late */
	assert_int_equal(start_odd("odd"), 0);
	assert_true(fixture_until(turns, NULL));
}

/* ---- instances ---- */

static void instance_ends_when_its_calls_are_done(void **state)
{
	bool ended = false;

	(void)state;
	odd.hold = true;
	assert_int_equal(start_odd("odd"), 0);
	assert_int_equal(start_odd("odd"), BMC_EEXIST);
	while (odd.inside == 0)
		fixture_pass(10);
	assert_int_equal(bmc_instance_stop("odd", note_end, &ended), 0);
	assert_int_equal(bmc_instance_stop("odd", NULL, NULL), BMC_EBUSY);
	assert_int_equal(bmc_instance_stop("nobody", NULL, NULL), BMC_ENOTFOUND);
	fixture_pass(50);
	assert_false(ended);
	odd.hold = false;
	assert_true(fixture_until(flag, &ended));
	assert_true(odd.ended);
	assert_int_equal(start_odd("odd"), 0); /* and can be made anew */
}

static void instance_with_hung_calls_is_not_destroyed(void **state)
{
	bool ended = false;

	(void)state;
	odd.hold = true;
	assert_int_equal(start_odd("odd"), 0);
	fixture_pass(1500); /* its probes are left behind by now */
	assert_int_equal(bmc_instance_stop("odd", note_end, &ended), 0);
	assert_true(fixture_until(flag, &ended));
	assert_false(odd.ended);
	odd.hold = false;
	fixture_pass(100);
	assert_int_equal(odd.inside, 0);
	assert_int_equal(odd.ops->put(odd.host, BMC_BOARD, "sub1-01",
				      &BMC_NUM(bmc_board, present, 0), 1),
			 BMC_ECANCELED);
	assert_int_equal(odd.ops->gone(odd.host, BMC_BOARD, "sub1-01"), BMC_ECANCELED);
}

static void instance_that_can_not_be_made_says_why(void **state)
{
	(void)state;
	odd.fail_create = true;
	assert_int_equal(start_odd("odd"), BMC_EIO);
	assert_string_equal(fixture_error.what, "no such device");
	assert_int_equal(bmc_instance_stop("odd", NULL, NULL), BMC_ENOTFOUND);
}

static void polls_go_on_after_an_error_and_at_a_wake(void **state)
{
	struct bmc_instance_conf slow = { .name = "slow", .poll_ms = 60000 };
	int before;

	(void)state;
	odd.fail_poll = true;
	assert_int_equal(start_odd("odd"), 0);
	fixture_pass(100);
	odd.fail_poll = false;
	fixture_pass(100);
	assert_true(odd.polls >= 4);
	assert_int_equal(bmc_instance_start(&odd_plugin, &slow, &fixture_error), 0);
	fixture_pass(50);
	before = odd.polls;
	odd.ops->wake(odd.host);
	fixture_pass(100);
	assert_true(odd.polls > before);
}

static unsigned loads;

static int count_load(enum bmc_record_type type, enum bmc_kind kind,
		      int (*each)(void *arg, const struct bmc_record *), void *arg)
{
	(void)type;
	(void)kind;
	(void)each;
	(void)arg;
	loads++;
	return 0;
}

/* As a reload does it; the store reads at the start only, it may be slow. */
static void an_instance_made_again_knows_who_hung_without_the_store(void **state)
{
	const struct bmc_store_ops *store = bmc_store;
	struct bmc_store_ops counting = *store;
	const struct bmc_slot *slot;
	bool ended = false;

	(void)state;
	counting.load = count_load;
	loads = 0;
	bmc_store = &counting;
	assert_int_equal(start_odd("odd"), 0);
	slot = bmc_platform_slot(bmc_instances_platform(), BMC_BOARD, "sub1-01");
	assert_non_null(slot);
	odd.hold = true; /* no probe answers meanwhile */
	bmc_exec_slot_hung(bmc_host_exec_slot(odd.host, slot, NULL));
	bmc_exec_slot_hung(bmc_host_exec_slot(odd.host, slot, NULL));
	assert_int_equal(bmc_instance_stop("odd", note_end, &ended), 0);
	odd.hold = false;
	assert_true(fixture_until(flag, &ended));
	assert_int_equal(start_odd("odd"), 0);
	assert_int_equal(bmc_host_exec_slot(odd.host, slot, NULL)->hung, 2);
	assert_int_equal(loads, 0);
	bmc_store = store;
}

static int count_rows(void *arg, const char *id, const uint32_t index[2],
		      const struct bmc_conf *conf)
{
	(void)id;
	(void)index;
	(void)conf;
	return ++*(int *)arg == 3 ? 42 : 0;
}

static void host_tells_of_platform_and_pins(void **state)
{
	struct bmc_pin_place place;
	struct bmc_smart smart;
	int n = 0;

	(void)state;
	assert_int_equal(start_odd("odd"), 0);
	assert_string_equal(odd.ops->name(odd.host), "odd");
	assert_int_equal(odd.ops->platform(odd.host, BMC_BOARD, count_rows, &n), 42);
	assert_int_equal(n, 3);
	assert_int_equal(odd.ops->platform(odd.host, BMC_N_KINDS, count_rows, &n),
			 BMC_EINVAL);
	assert_int_equal(odd.ops->pin_place(odd.host, "sub1-02", BMC_PIN_RESET, &place),
			 0);
	assert_int_equal(place.line, 22);
	assert_int_equal(odd.ops->pin_place(odd.host, "main", BMC_PIN_RESET, &place),
			 BMC_ENOTFOUND);
	assert_int_equal(odd.ops->pin_read(odd.host, "sub1-01", BMC_PIN_POWER, NULL),
			 1);
	assert_int_equal(odd.ops->pin_read(odd.host, "sub1-01", BMC_N_PINS, NULL),
			 BMC_EINVAL);
	assert_int_equal(odd.ops->pin_read(odd.host, "sub9-09", BMC_PIN_POWER, NULL),
			 BMC_ENOTSUP);
	assert_int_equal(odd.ops->smart(odd.host, 8, 1, &smart, NULL), 0);
	assert_int_equal(smart.hours, 9);
	bmc_hardware = NULL;
	assert_int_equal(odd.ops->smart(odd.host, 8, 1, &smart, NULL), BMC_ENOTSUP);
	assert_int_equal(odd.ops->put(odd.host, BMC_BOARD, "sub1-01", NULL, 0),
			 BMC_EINVAL);
	for (int i = 0; i < 20; i++)
		odd.ops->log(odd.host, LOG_WARNING, "line %d", i);
	assert_ptr_equal(odd.ops->kind(BMC_BOARD), bmc_kind(BMC_BOARD));
}

/* ---- workers, plugins ---- */

static atomic_int works;

static void work(struct bmc_work *w)
{
	(void)w;
	works++;
	hold();
}

static int find_fan(void *arg, const struct bmc_row *row)
{
	const struct bmc_fan *f = (const struct bmc_fan *)row;

	*(int64_t *)arg = f->rpm;
	return strcmp(row->id, "fan1") == 0 ? 42 : 0;
}

static bool fan_is_published(void *arg)
{
	int64_t rpm = 0;

	(void)arg;
	return odd.ops->published(odd.host, BMC_FAN, find_fan, &rpm) == 42 &&
	       rpm == 2000;
}

static void a_plugin_reads_what_is_published(void **state)
{
	int64_t rpm;

	(void)state;
	assert_int_equal(start_odd("odd"), 0);
	assert_true(fixture_until(fan_is_published, NULL));
	assert_int_equal(odd.ops->published(odd.host, BMC_TASK, find_fan, &rpm),
			 BMC_EINVAL);
	assert_int_equal(odd.ops->published(odd.host, BMC_ACCOUNT, find_fan, &rpm),
			 BMC_EINVAL);
	assert_int_equal(odd.ops->published(odd.host, BMC_N_KINDS, find_fan, &rpm),
			 BMC_EINVAL);
	assert_true(odd.ops->daemon_alive(odd.host));
}

static void pool_grows_with_what_is_handed_to_it(void **state)
{
	struct bmc_pool *p = bmc_pool_new("test");
	struct bmc_work w[8] = { { .run = work }, { .run = work }, { .run = work },
				 { .run = work }, { .run = work }, { .run = work },
				 { .run = work }, { .run = work } };

	(void)state;
	odd.hold = true;
	for (size_t i = 0; i < ARRAY_SIZE(w) - 1; i++)
		assert_int_equal(bmc_pool_run(p, &w[i]), 0);
	while (works < 7)
		fixture_pass(5);
	odd.hold = false;
	assert_int_equal(bmc_pool_run(p, &w[7]), 0);
	assert_null(bmc_pool_free(p, 2000));
	assert_int_equal(works, 8);
	assert_null(bmc_pool_free(NULL, 0));
}

struct held_work {
	struct bmc_work work;
	atomic_bool *hold;
	atomic_bool ran;
};

static void held_work(struct bmc_work *w)
{
	struct held_work *h = (struct held_work *)w;

	h->ran = true;
	while (h->hold && *h->hold)
		usleep(200);
}

static bool work_ran(void *arg)
{
	return ((struct held_work *)arg)->ran;
}

/* One thread is idle each time: the first piece of work takes it and hangs. */
static void work_is_not_queued_behind_work_that_hangs(void **state)
{
	(void)state;
	for (int i = 0; i < 30; i++) {
		struct bmc_pool *p = bmc_pool_new("test");
		atomic_bool hold = true;
		struct held_work warm = { .work.run = held_work };
		struct held_work hangs = { .work.run = held_work, .hold = &hold };
		struct held_work next = { .work.run = held_work };
		bool ran;

		assert_int_equal(bmc_pool_run(p, &warm.work), 0);
		assert_true(fixture_until(work_ran, &warm));
		usleep(2000); /* its thread is idle now */
		assert_int_equal(bmc_pool_run(p, &hangs.work), 0);
		assert_int_equal(bmc_pool_run(p, &next.work), 0);
		for (int ms = 0; ms < 5000 && !next.ran; ms++)
			usleep(1000);
		ran = next.ran;
		hold = false;
		(void)bmc_pool_free(p, 10000);
		assert_true(ran);
	}
}

static void plugin_that_is_not_there_is_said(void **state)
{
	const struct bmc_plugin *p;
	char dir[] = "/tmp/plugin-host-XXXXXX", path[64];
	FILE *f;

	(void)state;
	assert_int_equal(bmc_plugin_load(NULL, "nobody", &p, &fixture_error),
			 BMC_ENOTFOUND);
	assert_int_equal(bmc_plugin_load(NULL, "../host", &p, &fixture_error),
			 BMC_EINVAL);
	assert_int_equal(bmc_plugin_load(NULL, "", &p, &fixture_error), BMC_EINVAL);
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/broken.so", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fclose(f);
	assert_int_equal(bmc_plugin_load(dir, "broken", &p, &fixture_error), BMC_EIO);
	(void)remove(path);
	(void)remove(dir);
}

static void module_is_loaded_when_abi_and_name_fit(void **state)
{
	const char *top = getenv("top_builddir");
	const struct bmc_plugin *p = NULL;
	char dir[512];

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s/tests/unit/.libs", top ? top : ".");
	assert_int_equal(bmc_plugin_load(dir, "sample", &p, &fixture_error), 0);
	assert_string_equal(p->version, "1.0");
	assert_int_equal(bmc_plugin_load(dir, "sample_old", &p, &fixture_error),
			 BMC_ENOTSUP);
	assert_int_equal(bmc_plugin_load(dir, "sample_other", &p, &fixture_error),
			 BMC_EINVAL);
	assert_int_equal(bmc_plugin_load(dir, "sample_none", &p, &fixture_error),
			 BMC_EINVAL);
}

static void builtin_plugins_are_found_by_name(void **state)
{
	const struct bmc_plugin *p;

	(void)state;
	for (size_t i = 0; bmc_builtin_plugins[i]; i++) {
		assert_int_equal(
			bmc_plugin_load(NULL, bmc_builtin_plugins[i]->name, &p, NULL),
			0);
		assert_ptr_equal(p, bmc_builtin_plugins[i]);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)
#define P(name) cmocka_unit_test_setup_teardown(name, probing, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(verbs_are_found_by_the_platform_file),
		T(verb_inside_a_verb_has_its_own_pulses),
		T(missing_pins_and_helper_are_said),
		T(progress_is_seen_meanwhile),
		T(hung_verb_is_left_behind_and_its_board_quarantined),
		T(too_many_hung_calls_restart_the_daemon),
		P(hung_probes_do_not_delay_other_boards),
		T(pauses_between_probes_double),
		P(hung_board_is_probed_ever_more_seldom),
		P(probe_of_a_board_that_is_not_ones_own_is_not_repeated),
		P(probe_gives_way_to_a_verb),
		T(hung_poll_quarantines_its_instance_only),
		T(quarantined_instance_is_left_alone),
		T(hung_create_leaves_its_instance_out),
		T(instance_ends_when_its_calls_are_done),
		T(instance_with_hung_calls_is_not_destroyed),
		T(instance_that_can_not_be_made_says_why),
		T(polls_go_on_after_an_error_and_at_a_wake),
		T(an_instance_made_again_knows_who_hung_without_the_store),
		T(host_tells_of_platform_and_pins),
		T(a_plugin_reads_what_is_published),
		T(pool_grows_with_what_is_handed_to_it),
		T(work_is_not_queued_behind_work_that_hangs),
		T(plugin_that_is_not_there_is_said),
		T(module_is_loaded_when_abi_and_name_fit),
		T(builtin_plugins_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

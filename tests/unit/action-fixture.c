// SPDX-License-Identifier: Apache-2.0
/* The fixture of the action tests: see action-fixture.h. */
#include "action-fixture.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "conf/conf.h"
#include "core/events/event.h"
#include "core/model/field.h"
#include "core/ports/hardware.h"
#include "slower.h"

#define AWAY_MS 300

static const char platform_text[] =
	"platform: fixture\n"
	"inrush: 100ms\n"
	"settle: 50ms\n"
	"leave: 1500ms\n"
	"shutdown: 1s\n"
	"boot_time: 2s\n"
	"verbs: {power: fixture, reset: fixture, os_reboot: fixture, os_shutdown: "
	"fixture, locator: "
	"fixture,\n"
	"        fan_duty: fixture, fan_mode: fixture, outer: fixture, vendor_set: "
	"fixture, usb_mode: "
	"fixture}\n"
	"chips:\n"
	"  - {id: pins, driver: simulator, lines: 100}\n"
	"chassis:\n"
	"  - {id: enclosure}\n"
	"blades:\n"
	"  - {range: {b: 1-2}, id: \"blade{b}\", index: \"{b}\"}\n"
	"boards:\n"
	"  - {id: main, is_main: true, index: \"0.0\"}\n"
	"  - range: {s: 1-4}\n"
	"    id: \"sub1-{s:02}\"\n"
	"    index: \"1.{s}\"\n"
	"    parent: blade1\n"
	"    pins:\n"
	"      - {name: power, chip: pins, line: \"1{s}\"}\n"
	"      - {name: reset, chip: pins, line: \"2{s}\"}\n"
	"      - {name: locator, chip: pins, line: \"3{s}\"}\n"
	"  - id: sub2-01\n"
	"    index: \"2.1\"\n"
	"    parent: blade2\n"
	"    pins: [{name: power, chip: pins, line: 41}]\n"
	"  - {id: sub2-02, index: \"2.2\", parent: blade2}\n"
	"fans:\n"
	"  - {id: fan1, low_rpm: 1000}\n"
	"sensors:\n"
	"  - {id: ambient, type: Temperature, low_critical: 0C, high_warning: 45C, "
	"high_critical: 50C}\n"
	"psus:\n"
	"  - {id: psu1}\n";

const char *fixture_platform = platform_text, *fixture_last = "sub2-02";
struct fixture *fixture;
struct bmc_error fixture_error;
struct bmc_instance_conf fixture_conf;

static struct bmc_conf_file *file;
static struct bmc_platform *platform;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define ADMIN_BITS 31u
const struct bmc_actor fixture_admin = { .name = "admin",
					 .role = "Administrator",
					 .privileges = ADMIN_BITS,
					 .origin = "redfish" };
const struct bmc_actor fixture_operator = { .name = "olga",
					    .role = "Operator",
					    .privileges = BMC_PRIV_LOGIN |
							  BMC_PRIV_CONFIGURE_SELF |
							  BMC_PRIV_CONFIGURE_COMPONENTS,
					    .origin = "redfish" };
const struct bmc_actor fixture_reader = { .name = "rita",
					  .role = "ReadOnly",
					  .privileges = BMC_PRIV_LOGIN |
							BMC_PRIV_CONFIGURE_SELF,
					  .origin = "snmp" };

unsigned fixture_board(const char *id)
{
	const struct bmc_slot *slot = bmc_platform_slot(platform, BMC_BOARD, id);

	return slot ? slot->ordinal : 0;
}

/* ---- the hardware ---- */

static bool on_usb(const struct fixture_board *b)
{
	return b->present && b->powered && !b->os_down && !b->lost &&
	       bmc_now() >= b->usb_back;
}

static void power_set(struct fixture_board *b, bool on)
{
	if (on && !b->powered) {
		fixture->power_up_at[b - fixture->boards] = bmc_now();
		b->power_ups++;
		b->os_down = false;
		b->lost = b->lost == 3 ? 3 : 0;
		b->mode = BMC_USB_UNKNOWN;
		b->usb_back = bmc_now() + AWAY_MS;
	}
	b->powered = on;
}

static bool known_pulse(uint64_t job)
{
	for (size_t i = 0; i < fixture->n_pulsed; i++) {
		if (fixture->pulsed[i] == job)
			return true;
	}
	return false;
}

static int hw_line_set(uint64_t job, uint32_t line, bool active, int64_t deadline,
		       struct bmc_error *err)
{
	const struct bmc_line *l = &bmc_instances_platform()->lines[line];
	struct fixture_board *b = &fixture->boards[l->slot->ordinal];

	(void)job;
	(void)deadline;
	(void)pthread_mutex_lock(&lock);
	if (l->pin == BMC_PIN_LOCATOR)
		b->locator = active;
	else if (b->fault != FIXTURE_PINS_STUCK)
		power_set(b, active);
	(void)pthread_mutex_unlock(&lock);
	(void)err;
	return BMC_OK;
}

static int hw_line_pulse(uint64_t job, uint32_t line, int64_t deadline,
			 struct bmc_error *err)
{
	const struct bmc_line *l = &bmc_instances_platform()->lines[line];
	struct fixture_board *b = &fixture->boards[l->slot->ordinal];

	(void)deadline;
	(void)err;
	(void)pthread_mutex_lock(&lock);
	if (!known_pulse(job)) {
		fixture->pulsed[fixture->n_pulsed++ % FIXTURE_PULSES] = job;
		b->resets++;
		if (b->fault != FIXTURE_PINS_STUCK) {
			b->usb_back = bmc_now() + AWAY_MS;
			b->mode = BMC_USB_UNKNOWN;
			b->os_down = false;
			b->lost = b->lost == 3 ? 3 : 0;
		}
	}
	(void)pthread_mutex_unlock(&lock);
	return BMC_OK;
}

static int hw_line_read(uint32_t line, int64_t deadline, struct bmc_error *err)
{
	(void)deadline;
	(void)err;
	return fixture->boards[bmc_instances_platform()->lines[line].slot->ordinal]
		.powered;
}

static int hw_line_was_pulsed(uint64_t job, int64_t deadline, struct bmc_error *err)
{
	(void)deadline;
	(void)err;
	if (fixture->helper_forgot)
		return BMC_ENOTFOUND;
	(void)pthread_mutex_lock(&lock);
	bool known = known_pulse(job);
	(void)pthread_mutex_unlock(&lock);
	return known;
}

static int hw_smart(unsigned dev_major, unsigned dev_minor, struct bmc_smart *ret,
		    int64_t deadline, struct bmc_error *err)
{
	(void)deadline;
	(void)err;
	*ret = (struct bmc_smart){ .hours = dev_major + dev_minor };
	return BMC_OK;
}

static const struct bmc_hardware_ops hardware = { .line_set = hw_line_set,
						  .line_pulse = hw_line_pulse,
						  .line_read = hw_line_read,
						  .line_was_pulsed = hw_line_was_pulsed,
						  .smart = hw_smart };

/* ---- the plugin ---- */

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	struct fixture_self *self = calloc(1, sizeof(*self));

	(void)conf;
	(void)err;
	self->host = host;
	self->ops = ops;
	*ret_self = self;
	return BMC_OK;
}

static int poll_board(void *arg, const char *id, const uint32_t index[2],
		      const struct bmc_conf *conf)
{
	struct fixture_self *self = arg;
	const struct fixture_board *b = &fixture->boards[fixture_board(id)];
	const struct bmc_slot *slot = bmc_platform_slot(platform, BMC_BOARD, id);
	int64_t usb = on_usb(b) ? BMC_USB_ADB : BMC_USB_NONE, pin = BMC_UNKNOWN;

	(void)index;
	(void)conf;
	if (on_usb(b) && b->mode)
		usb = (int64_t)b->mode;
	if (fixture->no_usb[b - fixture->boards])
		usb = BMC_USB_UNKNOWN;
	if (slot->pins[BMC_PIN_POWER].exists || fixture->no_usb[b - fixture->boards])
		pin = b->powered;
	(void)pthread_mutex_lock(&lock);
	const struct bmc_value values[] = {
		BMC_NUM(bmc_board, present, b->present),
		BMC_NUM(bmc_board, power_pin, pin),
		BMC_NUM(bmc_board, locator, b->locator),
		BMC_NUM(bmc_board, usb_mode, usb),
		BMC_NUM(bmc_board, adb_state,
			on_usb(b) && !b->mode ? BMC_ADB_DEVICE : BMC_ADB_NONE),
		BMC_NUM(bmc_board, os, b->mode ? BMC_OS_UNKNOWN : BMC_OS_ANDROID),
	};
	(void)pthread_mutex_unlock(&lock);
	return self->ops->put(self->host, BMC_BOARD, id, values, b->present ? 6 : 1);
}

static int poll(void *arg, struct bmc_error *err)
{
	struct fixture_self *self = arg;
	const struct bmc_value duty[] = { BMC_NUM(bmc_fan, duty, fixture->duty),
					  BMC_NUM(bmc_fan, present, 1) };

	(void)err;
	if (fixture->mute)
		return BMC_OK;
	(void)self->ops->put(self->host, BMC_FAN, "fan1", duty, 2);
	return self->ops->platform(self->host, BMC_BOARD, poll_board, self);
}

static void nap(int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

static int probe(void *arg, struct bmc_call *job, const char *board,
		 struct bmc_error *err)
{
	struct fixture_self *self = arg;
	unsigned i = fixture_board(board);

	(void)err;
	__atomic_add_fetch(&fixture->probes[i], 1, __ATOMIC_SEQ_CST);
	if (strcmp(board, "sub2-02") == 0)
		return BMC_ENOTSUP;
	while (fixture->probe_hangs[i]) {
		int code = self->ops->sleep(job, 60000);
		if (code < 0)
			return code;
	}
	return BMC_OK;
}

static int verb_power(void *arg, struct bmc_call *job, const struct bmc_args *args,
		      struct bmc_error *err)
{
	int64_t on = args->num;
	struct fixture_self *self = arg;
	const struct fixture_board *b =
		&fixture->boards[fixture_board(self->ops->target_id(job))];

	if (b->fault == FIXTURE_POWER_FAILS)
		return bmc_fail(err, BMC_EIO, "the pin's chip is gone");
	while (b->fault == FIXTURE_POWER_HANGS)
		nap(1);
	return self->ops->pin_set(job, BMC_PIN_POWER, on, err);
}

static int verb_reset(void *arg, struct bmc_call *job, const struct bmc_args *args,
		      struct bmc_error *err)
{
	struct fixture_self *self = arg;

	(void)args;
	return self->ops->pin_pulse(job, BMC_PIN_RESET, err);
}

static atomic_int wedged; /* this process' threads in a wedged adb */

/* What adb does with a request before the board's system sees it. */
static int adb(struct fixture_self *self, struct bmc_call *job,
	       const struct fixture_board *b, struct bmc_error *err)
{
	self->ops->progress(job, 50000);
	if (b->fault == FIXTURE_ADB_FAILS)
		return bmc_fail(err, BMC_EIO, "adb: device offline");
	if (b->fault == FIXTURE_ADB_HANGS)
		return self->ops->sleep(job, 600000);
	if (b->fault != FIXTURE_ADB_WEDGED)
		return BMC_OK;
	wedged++;
	nap(fixture->wedge_ms);
	wedged--;
	return BMC_ETIMEDOUT;
}

static int verb_os_reboot(void *arg, struct bmc_call *job, const struct bmc_args *args,
			  struct bmc_error *err)
{
	struct fixture_self *self = arg;
	struct fixture_board *b =
		&fixture->boards[fixture_board(self->ops->target_id(job))];
	int code = adb(self, job, b, err);

	(void)args;
	if (code < 0)
		return code;
	(void)pthread_mutex_lock(&lock);
	b->reboots++;
	if (b->fault != FIXTURE_OS_IGNORES)
		b->usb_back = bmc_now() + AWAY_MS;
	(void)pthread_mutex_unlock(&lock);
	return BMC_OK;
}

static int verb_os_shutdown(void *arg, struct bmc_call *job,
			    const struct bmc_args *args, struct bmc_error *err)
{
	struct fixture_self *self = arg;
	struct fixture_board *b =
		&fixture->boards[fixture_board(self->ops->target_id(job))];
	int code = adb(self, job, b, err);

	(void)args;
	if (code < 0)
		return code;
	(void)pthread_mutex_lock(&lock);
	b->shutdowns++;
	b->os_down = b->fault != FIXTURE_OS_IGNORES;
	if (b->os_down && fixture->no_usb[b - fixture->boards])
		b->powered = false;
	(void)pthread_mutex_unlock(&lock);
	return BMC_OK;
}

static int verb_usb_mode(void *arg, struct bmc_call *job, const struct bmc_args *args,
			 struct bmc_error *err)
{
	struct fixture_self *self = arg;
	struct fixture_board *b =
		&fixture->boards[fixture_board(self->ops->target_id(job))];
	int code = adb(self, job, b, err);

	if (code < 0)
		return code;
	if (!on_usb(b) || b->mode)
		return bmc_fail(err, BMC_ESTATE, "adb: no device");
	(void)pthread_mutex_lock(&lock);
	b->reboots++;
	if (b->fault != FIXTURE_OS_IGNORES) {
		b->usb_back = bmc_now() + AWAY_MS;
		b->mode = (enum bmc_usb_mode)args->num;
	}
	(void)pthread_mutex_unlock(&lock);
	return BMC_OK;
}

static int verb_locator(void *arg, struct bmc_call *job, const struct bmc_args *args,
			struct bmc_error *err)
{
	int64_t on = args->num;
	struct fixture_self *self = arg;

	if (self->ops->target_kind(job) != BMC_BOARD)
		return bmc_fail(err, BMC_ENOTSUP, "boards only");
	return self->ops->pin_set(job, BMC_PIN_LOCATOR, on, err);
}

static int verb_fan_duty(void *arg, struct bmc_call *job, const struct bmc_args *args,
			 struct bmc_error *err)
{
	int64_t duty = args->num;
	(void)arg;
	(void)job;
	if (duty == 66000)
		return bmc_fail(err, BMC_EIO, "the fan's controller does not answer");
	while (fixture->fan_hangs)
		nap(5);
	fixture->duty = duty;
	return BMC_OK;
}

/* Runs `arg` times another verb under its own claim. */
static int verb_outer(void *arg, struct bmc_call *job, const struct bmc_args *args,
		      struct bmc_error *err)
{
	int64_t times = args->num;
	struct fixture_self *self = arg;
	int code = BMC_OK;

	if (times == 0)
		return self->ops->verb(job, "no_such_verb", NULL, err);
	while (times-- > 0 && code == BMC_OK)
		code = self->ops->verb(job, "reset", NULL, err);
	return code == BMC_OK ? self->ops->verb(job, "locator",
						&(struct bmc_args){ .num = 1 }, err)
			      : code;
}

static const struct bmc_verb verbs[] = {
	BMC_VERB("power", BMC_VERB_REPEATABLE | BMC_VERB_PINS, 2000, verb_power),
	BMC_VERB("reset", BMC_VERB_PINS, 2000, verb_reset),
	BMC_VERB("os_reboot", 0, 5000, verb_os_reboot),
	BMC_VERB("os_shutdown", 0, 5000, verb_os_shutdown),
	BMC_VERB("usb_mode", 0, 5000, verb_usb_mode),
	BMC_VERB("locator", BMC_VERB_REPEATABLE, 2000, verb_locator),
	BMC_VERB("fan_duty", BMC_VERB_REPEATABLE, 2000, verb_fan_duty),
	BMC_VERB("fan_mode", BMC_VERB_REPEATABLE, 2000, verb_fan_duty),
	BMC_VERB("outer", 0, 2000, verb_outer),
	{ 0 },
};

const struct bmc_plugin fixture_plugin = {
	BMC_PLUGIN_HEAD("fixture", "1.0"),
	.create = create,
	.poll = poll,
	.probe = probe,
	.verbs = verbs,
	.destroy = free,
};

const struct bmc_plugin *fixture_used = &fixture_plugin;

/* ---- the journal ---- */

struct answer {
	bmc_store_done *done;
	void *arg;
	int code;
};

static void tell(void *arg)
{
	struct answer *a = arg;

	a->done(a->arg, a->code);
	free(a);
}

static void write_row(const struct bmc_record *r)
{
	size_t i = 0;

	while (i < fixture->n_tasks && strcmp(fixture->tasks[i].row.id, r->id) != 0)
		i++;
	if (r->type == BMC_REC_ROW_GONE) {
		if (i == fixture->n_tasks)
			return;
		fixture->n_tasks--;
		memmove(&fixture->tasks[i], &fixture->tasks[i + 1],
			(fixture->n_tasks - i) * sizeof(fixture->tasks[0]));
		memmove(&fixture->parents[i], &fixture->parents[i + 1],
			(fixture->n_tasks - i) * sizeof(fixture->parents[0]));
		memmove(&fixture->texts[i], &fixture->texts[i + 1],
			(fixture->n_tasks - i) * sizeof(fixture->texts[0]));
		memmove(&fixture->secrets[i], &fixture->secrets[i + 1],
			(fixture->n_tasks - i) * sizeof(fixture->secrets[0]));
		return;
	}
	fixture->n_tasks += i == fixture->n_tasks;
	assert_true(fixture->n_tasks <= FIXTURE_RECORDS);
	memcpy(&fixture->tasks[i], r->row, sizeof(fixture->tasks[0]));
	fixture->parents[i] = (uint32_t)r->num;
	assert_true(bmc_copy(fixture->texts[i], sizeof(fixture->texts[i]), r->text));
	assert_true(
		bmc_copy(fixture->secrets[i], sizeof(fixture->secrets[i]), r->secret));
}

static void write_job(const struct bmc_record *r)
{
	size_t i = 0;

	while (i < fixture->n_jobs && fixture->jobs[i].job != r->job.job)
		i++;
	if (r->type == BMC_REC_JOURNAL_GONE) {
		if (i == fixture->n_jobs)
			return;
		fixture->jobs[i] = fixture->jobs[--fixture->n_jobs];
		memcpy(fixture->checkpoints[i], fixture->checkpoints[fixture->n_jobs],
		       sizeof(fixture->checkpoints[i]));
		return;
	}
	fixture->n_jobs += i == fixture->n_jobs;
	assert_true(fixture->n_jobs <= FIXTURE_RECORDS);
	fixture->jobs[i] = r->job;
	assert_true(bmc_copy(fixture->checkpoints[i], sizeof(fixture->checkpoints[i]),
			     r->text));
}

bool fixture_checkpoint_is(const char *hex)
{
	(void)pthread_mutex_lock(&lock);
	bool is = strncmp(fixture->checkpoints[0] + 8, hex, 16) == 0;
	(void)pthread_mutex_unlock(&lock);
	return is;
}

static void write_setting(const struct bmc_record *r)
{
	size_t i = 0;

	while (i < fixture->n_settings &&
	       (fixture->settings[i].kind != r->kind ||
		strcmp(fixture->settings[i].id, r->id) != 0 ||
		strcmp(fixture->settings[i].field, r->field) != 0))
		i++;
	if (r->type == BMC_REC_SETTING_GONE) {
		if (i < fixture->n_settings)
			fixture->settings[i] = fixture->settings[--fixture->n_settings];
		return;
	}
	fixture->n_settings += i == fixture->n_settings;
	assert_true(fixture->n_settings <= FIXTURE_RECORDS);
	fixture->settings[i] = *r;
}

static void write_one(const struct bmc_record *r)
{
	if ((r->type == BMC_REC_ROW || r->type == BMC_REC_ROW_GONE) &&
	    r->kind == BMC_TASK)
		write_row(r);
	else if (r->type == BMC_REC_JOURNAL || r->type == BMC_REC_JOURNAL_GONE)
		write_job(r);
	else if (r->type == BMC_REC_SETTING || r->type == BMC_REC_SETTING_GONE)
		write_setting(r);
}

static int store_write(const struct bmc_record *records, size_t n, bmc_store_done *done,
		       void *arg)
{
	struct answer *a;

	if (fixture->store_refuses)
		return BMC_EAGAIN;
	(void)pthread_mutex_lock(&lock);
	for (size_t i = 0; i < n && !fixture->store_fails; i++)
		write_one(&records[i]);
	(void)pthread_mutex_unlock(&lock);
	if (!done)
		return BMC_OK;
	a = malloc(sizeof(*a));
	*a = (struct answer){ done, arg, fixture->store_fails ? BMC_ENOSPC : BMC_OK };
	return bmc_loop_post(tell, a);
}

static int store_load(enum bmc_record_type type, enum bmc_kind kind,
		      int (*each)(void *arg, const struct bmc_record *), void *arg)
{
	struct bmc_record r = { .type = type, .kind = kind };
	int code = 0;

	for (size_t i = 0;
	     type == BMC_REC_ROW && kind == BMC_TASK && i < fixture->n_tasks && !code;
	     i++) {
		struct bmc_task t =
			fixture->tasks[i]; /* handles don't outlive a process */

		t.row.handle = t.row.parent = 0;
		r.row = &t.row;
		r.num = fixture->parents[i];
		(void)bmc_copy(r.text, sizeof(r.text), fixture->texts[i]);
		r.secret = fixture->secrets[i][0] ? fixture->secrets[i] : NULL;
		code = each(arg, &r);
	}
	for (size_t i = 0; type == BMC_REC_JOURNAL && i < fixture->n_jobs && !code;
	     i++) {
		r.job = fixture->jobs[i];
		(void)bmc_copy(r.text, sizeof(r.text), fixture->checkpoints[i]);
		code = each(arg, &r);
	}
	for (size_t i = 0; type == BMC_REC_SETTING && i < fixture->n_settings && !code;
	     i++)
		code = each(arg, &fixture->settings[i]);
	return code;
}

static bool store_durable(void)
{
	return !fixture->store_fails;
}

static const struct bmc_store_ops store = {
	.write = store_write,
	.write_or_drop = store_write,
	.load = store_load,
	.durable = store_durable,
};

/* ---- the core ---- */

void fixture_new(void)
{
	fixture = mmap(NULL, sizeof(*fixture), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(fixture != MAP_FAILED);
	for (unsigned i = 0; i < FIXTURE_MOST; i++)
		fixture->boards[i] =
			(struct fixture_board){ .present = i != 4, .powered = 1 };
	fixture->wedge_ms = 3000;
	fixture_conf = (struct bmc_instance_conf){ .name = "fixture", .poll_ms = 20 };
}

static void load_platform(void)
{
	if (bmc_conf_parse("fixture", fixture_platform, strlen(fixture_platform),
			   bmc_platform_schema(), &file, &fixture_error) < 0 ||
	    bmc_platform_new(bmc_conf_root(file), &platform, &fixture_error) < 0)
		fail_msg("%s", fixture_error.what);
}

static bool readings_are_in(void *arg)
{
	const struct bmc_board *b = fixture_row(fixture_last);

	(void)arg;
	return b->power_state != BMC_POWER_UNKNOWN && b->usb_mode != BMC_USB_UNKNOWN;
}

void fixture_start(bool test)
{
	bmc_log_init(getenv("FIXTURE_LOG") ? LOG_DEBUG : LOG_EMERG);
	assert_int_equal(bmc_loop_init(), 0);
	bmc_hardware = &hardware;
	bmc_store = &store;
	load_platform();
	assert_int_equal(bmc_inventory_init(platform, &fixture_error), 0);
	assert_int_equal(bmc_events_init(NULL), 0);
	bmc_actions_limit_updates(4);
	assert_int_equal(bmc_actions_init(20, test, &fixture_error), 0);
	assert_int_equal(bmc_instances_init(platform, &fixture_error), 0);
	assert_int_equal(
		bmc_instance_start(fixture_used, &fixture_conf, &fixture_error), 0);
	bmc_actions_start();
	assert_true(fixture->mute || fixture_until(readings_are_in, NULL));
}

static pid_t runner;

__attribute__((constructor)) static void note_runner(void)
{
	runner = getpid();
}

int fixture_end_child(void **state)
{
	(void)state;
	if (getpid() != runner)
		_exit(9);
	return 0;
}

bool fixture_was_killed(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGKILL);
		return true;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	return false;
}

void fixture_stop(void)
{
	while (wedged) /* it looks at the fixture when it comes back */
		bmc_loop_step(20);
	bmc_actions_done();
	bmc_instances_done();
	fixture_pass(50);
	bmc_events_done();
	bmc_inventory_done();
	platform = bmc_platform_free(platform);
	file = bmc_conf_free(file);
	bmc_loop_done();
	bmc_store = NULL;
	bmc_hardware = NULL;
	bmc_restart_hook = NULL;
}

int fixture_set_up(void **state)
{
	(void)state;
	fixture_new();
	fixture_start(false);
	return 0;
}

int fixture_tear_down(void **state)
{
	(void)state;
	fixture_stop();
	(void)munmap(fixture, sizeof(*fixture));
	return 0;
}

/* ---- asking and looking ---- */

/* A test may move the daemon's clock. */
static int64_t real_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool fixture_until(bool (*what)(void *arg), void *arg)
{
	int64_t end = real_ms() + slower(60000);

	while (!what(arg) && real_ms() < end)
		bmc_loop_step(20);
	return what(arg);
}

void fixture_pass(int64_t ms)
{
	int64_t end = real_ms() + ms;

	/* on a loaded machine time passes in which this process does not run */
	for (int64_t steps = 0; real_ms() < end || steps < ms / 10; steps++)
		bmc_loop_step(10);
}

static const struct bmc_row *row_of(enum bmc_kind kind, const char *id)
{
	static struct bmc_snapshot *held[64];
	static unsigned last;
	struct bmc_snapshot **s = &held[last++ % 64];

	*s = bmc_snapshot_unref(*s);
	*s = bmc_snapshot_get();
	return bmc_snapshot_find(*s, kind, id);
}

const struct bmc_board *fixture_row(const char *id)
{
	return (const struct bmc_board *)row_of(BMC_BOARD, id);
}

const struct bmc_task *fixture_task(uint32_t number)
{
	char id[16];

	(void)snprintf(id, sizeof(id), "%u", number);
	return (const struct bmc_task *)row_of(BMC_TASK, id);
}

struct bmc_action fixture_action(enum bmc_action_op op, const char *id)
{
	struct bmc_action act = { .op = op, .kind = BMC_BOARD };

	if (strncmp(id, "blade", 5) == 0)
		act.kind = BMC_BLADE;
	(void)bmc_copy(act.id, sizeof(act.id), id);
	return act;
}

struct told {
	bool told;
	struct bmc_result result;
};

static void note(void *arg, const struct bmc_result *result)
{
	struct told *t = arg;

	t->told = true;
	t->result = *result;
}

static bool was_told(void *arg)
{
	return ((struct told *)arg)->told;
}

int fixture_submit(const struct bmc_actor *who, const struct bmc_action *acts, size_t n,
		   struct bmc_result *ret)
{
	struct told t = { .told = false };
	int code = bmc_action_submit(who, acts, n, note, &t, NULL, &fixture_error);

	if (code < 0)
		return code;
	assert_true(fixture_until(was_told, &t));
	*ret = t.result;
	return t.result.code;
}

int fixture_do(enum bmc_action_op op, const char *id, uint32_t *ret_task)
{
	struct bmc_action act = fixture_action(op, id);
	struct bmc_result result = { 0 };
	int code = fixture_submit(&fixture_admin, &act, 1, &result);

	if (ret_task)
		*ret_task = result.task;
	return code;
}

static bool task_ended(void *arg)
{
	const struct bmc_task *t = fixture_task(*(uint32_t *)arg);

	return t && t->state >= BMC_TASK_COMPLETED;
}

enum bmc_task_state fixture_wait(uint32_t task)
{
	assert_true(fixture_until(task_ended, &task));
	return (enum bmc_task_state)fixture_task(task)->state;
}

enum bmc_task_state fixture_do_wait(enum bmc_action_op op, const char *id)
{
	uint32_t task;

	assert_int_equal(fixture_do(op, id, &task), 0);
	return fixture_wait(task);
}

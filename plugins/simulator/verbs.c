// SPDX-License-Identifier: Apache-2.0
/* What the simulator can do to its chassis. Pins go through the helper as real ones do,
 * and come back to the boards by the pin bank; adb requests are recorded in its ring
 * and take effect from there. Worker threads; the lock is never held while one waits.
 */
#include "sim.h"

#define WEDGED_NAP_MS 50

static void tick_now(struct sim *s)
{
	pthread_mutex_lock(&s->lock);
	sim_tick(s, s->reporter.ops->now());
	pthread_mutex_unlock(&s->lock);
}

static int verb_power(void *self, struct bmc_call *call, const struct bmc_args *args,
		      struct bmc_error *err)
{
	int64_t arg = args->num;
	struct sim *s = self;
	int r = s->reporter.ops->pin_set(call, BMC_PIN_POWER, arg != 0, err);

	tick_now(s);
	return r;
}

static int verb_reset(void *self, struct bmc_call *call, const struct bmc_args *args,
		      struct bmc_error *err)
{
	int64_t arg = args->num;
	struct sim *s = self;
	int r = s->reporter.ops->pin_pulse(call, BMC_PIN_RESET, err);

	(void)arg;
	tick_now(s);
	return r;
}

/* ---- adb ---- */

static void nap(int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

static bool has_fault(struct sim *s, struct sim_board *b, enum sim_fault f)
{
	bool r;

	pthread_mutex_lock(&s->lock);
	r = sim_board_faulty(&b->model, f, s->reporter.ops->now());
	pthread_mutex_unlock(&s->lock);
	return r;
}

/* Waits as a client of a silent adb server would. */
static int wait_for_answer(struct sim *s, struct bmc_call *call, struct sim_board *b)
{
	const struct bmc_host_ops *ops = s->reporter.ops;
	int r = BMC_OK;

	while (has_fault(s, b, SIM_ADB_WEDGE))
		nap(WEDGED_NAP_MS);
	while (r == BMC_OK && has_fault(s, b, SIM_ADB_HANG))
		r = ops->sleep(call, WEDGED_NAP_MS);
	return r;
}

/* Whether adb reaches the board's OS; with the lock. */
static int adb_answers(struct sim *s, const struct sim_board *b, struct bmc_error *err)
{
	int64_t now = s->reporter.ops->now();

	if (sim_board_faulty(&b->model, SIM_ADB_FAIL, now))
		return bmc_fail(err, BMC_EIO, "%s: adb: error: closed; reset the board",
				b->row->id);
	if (!sim_board_is_in(b) || sim_board_seen(&b->model, now).adb != BMC_ADB_DEVICE)
		return bmc_fail(
			err, BMC_ESTATE,
			"%s: adb: no device; wait for its OS or reset the board",
			b->row->id);
	return BMC_OK;
}

/* Sends `request`; `arg` is the USB mode a restart ends in, 0 for none. */
static int adb(struct sim *s, struct bmc_call *call, const char *request, unsigned arg,
	       struct bmc_error *err)
{
	const char *id = s->reporter.ops->target_id(call);
	struct sim_board *b = sim_find_board(s, id);
	int64_t now = s->reporter.ops->now();
	bool hangs;
	int r;

	if (!b)
		return bmc_fail(err, BMC_ENOTFOUND, "%s: not a simulated board", id);
	pthread_mutex_lock(&s->lock);
	hangs = sim_board_faulty(&b->model, SIM_ADB_HANG, now) ||
		sim_board_faulty(&b->model, SIM_ADB_WEDGE, now);
	r = hangs ? BMC_OK : adb_answers(s, b, err);
	sim_pins_request(&s->pins, id, request, arg, r == BMC_OK && !hangs);
	sim_tick(s, now);
	pthread_mutex_unlock(&s->lock);
	if (!hangs)
		return r;
	r = wait_for_answer(s, call, b);
	if (r == BMC_OK)
		r = BMC_ETIMEDOUT;
	return bmc_fail(err, r, "%s: adb: no answer to %s; reset the board", id,
			request);
}

static int verb_os_reboot(void *self, struct bmc_call *call,
			  const struct bmc_args *args, struct bmc_error *err)
{
	int64_t arg = args->num;
	(void)arg;
	return adb(self, call, "reboot", 0, err);
}

static int verb_os_shutdown(void *self, struct bmc_call *call,
			    const struct bmc_args *args, struct bmc_error *err)
{
	int64_t arg = args->num;
	(void)arg;
	return adb(self, call, "shutdown", 0, err);
}

static int verb_usb_mode(void *self, struct bmc_call *call, const struct bmc_args *args,
			 struct bmc_error *err)
{
	int64_t arg = args->num;
	static const char *const requests[] = {
		[BMC_USB_ADB] = "reboot",
		[BMC_USB_FASTBOOT] = "reboot fastboot",
		[BMC_USB_LOADER] = "reboot loader",
		[BMC_USB_NETRECOVERY] = "reboot netrec",
		[BMC_USB_MASKROM] = "reboot maskrom",
	};
	bool known =
		arg >= 0 && arg < (int64_t)(sizeof(requests) / sizeof(requests[0]));

	if (!known || !requests[arg])
		return bmc_fail(err, BMC_ENOTSUP,
				"a board can be sent to adb, fastboot, loader, maskrom "
				"or netrecovery");
	return adb(self, call, requests[arg], arg == BMC_USB_ADB ? 0 : (unsigned)arg,
		   err);
}

/* ---- light and air ---- */

static int set_member(struct sim *s, struct bmc_call *call, size_t offset,
		      int64_t value, struct bmc_error *err)
{
	const struct bmc_host_ops *ops = s->reporter.ops;
	enum bmc_kind kind = ops->target_kind(call);
	int r = BMC_OK;

	pthread_mutex_lock(&s->lock);
	struct sim_row *row = sim_find(s, kind, ops->target_id(call));
	if (row) {
		memcpy((char *)row->now + offset, &value, sizeof(value));
		(void)sim_row_report(row, &s->reporter, SIM_REPORT_QUICK);
	} else {
		r = bmc_fail(err, BMC_ENOTFOUND,
			     "%s: not a part of the simulated chassis",
			     ops->target_id(call));
	}
	pthread_mutex_unlock(&s->lock);
	return r;
}

static int verb_locator(void *self, struct bmc_call *call, const struct bmc_args *args,
			struct bmc_error *err)
{
	int64_t arg = args->num;
	static const size_t offsets[BMC_N_KINDS] = {
		[BMC_CHASSIS] = offsetof(struct bmc_chassis, locator),
		[BMC_BLADE] = offsetof(struct bmc_blade, locator),
		[BMC_BOARD] = offsetof(struct bmc_board, locator),
	};
	struct sim *s = self;
	const struct bmc_host_ops *ops = s->reporter.ops;
	enum bmc_kind kind = ops->target_kind(call);
	struct bmc_pin_place place;
	int r = BMC_OK;

	if (!offsets[kind])
		return bmc_fail(err, BMC_ENOTSUP, "%s has no light",
				ops->target_id(call));
	if (kind == BMC_BOARD && ops->pin_place(s->reporter.host, ops->target_id(call),
						BMC_PIN_LOCATOR, &place) == 0)
		r = ops->pin_set(call, BMC_PIN_LOCATOR, arg != 0, err);
	return r < 0 ? r : set_member(s, call, offsets[kind], arg != 0, err);
}

static int set_fan(struct sim *s, struct bmc_call *call, int64_t duty, int64_t mode,
		   struct bmc_error *err)
{
	const char *id = s->reporter.ops->target_id(call);
	int r = BMC_ENOTFOUND;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n_fans; i++) {
		struct sim_fan *f = &s->fans[i];

		if (strcmp(f->row->id, id) != 0)
			continue;
		f->duty = duty >= 0 ? duty : f->duty;
		f->mode = mode ? mode : f->mode;
		((struct bmc_fan *)f->row->now)->duty = f->duty;
		((struct bmc_fan *)f->row->now)->mode = f->mode;
		r = sim_row_report(f->row, &s->reporter, SIM_REPORT_QUICK);
	}
	pthread_mutex_unlock(&s->lock);
	return r < 0 ? bmc_fail(err, r, "%s: not a fan of the simulated chassis", id)
		     : r;
}

static int verb_fan_duty(void *self, struct bmc_call *call, const struct bmc_args *args,
			 struct bmc_error *err)
{
	int64_t arg = args->num;
	if (arg < 0 || arg > 100000)
		return bmc_fail(err, BMC_ERANGE, "a fan's duty is 0 to 100 percent");
	return set_fan(self, call, arg, BMC_FAN_MANUAL, err);
}

static int verb_fan_mode(void *self, struct bmc_call *call, const struct bmc_args *args,
			 struct bmc_error *err)
{
	int64_t arg = args->num;
	if (arg != BMC_FAN_AUTOMATIC && arg != BMC_FAN_MANUAL)
		return bmc_fail(err, BMC_EINVAL, "a fan's mode is automatic or manual");
	return set_fan(self, call, -1, arg, err);
}

static int verb_vendor_set(void *self, struct bmc_call *call,
			   const struct bmc_args *args, struct bmc_error *err)
{
	struct sim *s = self;
	const char *id = s->reporter.ops->target_id(call);
	struct sim_board *b = sim_find_board(s, id);
	int r = b ? wait_for_answer(s, call, b) : BMC_ENOTFOUND;

	if (r < 0)
		return bmc_fail(err, r, "%s: adb: no answer", id);
	pthread_mutex_lock(&s->lock);
	r = adb_answers(s, b, err);
	if (r == BMC_OK)
		r = sim_vendor_set(s, b, args->text, err);
	pthread_mutex_unlock(&s->lock);
	return r;
}

/* A simulated system feeds its watchdog for ever. */
static int verb_watchdog(void *self, struct bmc_call *call, const struct bmc_args *args,
			 struct bmc_error *err)
{
	const struct sim *s = self;
	const char *id = s->reporter.ops->target_id(call);

	if (args->num < BMC_WATCHDOG_OFF || args->num > BMC_WATCHDOG_40960MS)
		return bmc_fail(err, BMC_EINVAL, "%s: no such timeout", id);
	return sim_find_board(self, id)
		       ? BMC_OK
		       : bmc_fail(err, BMC_ENOTFOUND, "%s is no board", id);
}

/* ---- the slow reading ---- */

int sim_probe(void *self, struct bmc_call *call, const char *board,
	      struct bmc_error *err)
{
	struct sim *s = self;
	struct sim_board *b = sim_find_board(s, board);
	int r;

	if (!b)
		return BMC_ENOTSUP; /* another instance's */
	r = wait_for_answer(s, call, b);
	if (r < 0)
		return bmc_fail(err, r, "%s: adb: no answer", board);
	pthread_mutex_lock(&s->lock);
	if (sim_board_is_in(b) && b->model.phase == SIM_UP) {
		r = adb_answers(s, b, err);
		if (r == BMC_OK)
			sim_board_ask(s, b);
	}
	pthread_mutex_unlock(&s->lock);
	return r;
}

const struct bmc_verb sim_verbs[] = {
	/* clang-format off */
	BMC_VERB("power",       BMC_VERB_REPEATABLE | BMC_VERB_PINS, 5000, verb_power),
	BMC_VERB("reset",       BMC_VERB_PINS,       15000, verb_reset),
	BMC_VERB("os_reboot",   0,                   10000, verb_os_reboot),
	BMC_VERB("os_shutdown", 0,                   10000, verb_os_shutdown),
	BMC_VERB("usb_mode",    0,                   10000, verb_usb_mode),
	BMC_VERB("locator",     BMC_VERB_REPEATABLE, 5000,  verb_locator),
	BMC_VERB("fan_duty",    BMC_VERB_REPEATABLE, 5000,  verb_fan_duty),
	BMC_VERB("fan_mode",    BMC_VERB_REPEATABLE, 5000,  verb_fan_mode),
	BMC_VERB("vendor_set",  BMC_VERB_REPEATABLE | BMC_VERB_TAKES_TEXT, 10000, verb_vendor_set),
	BMC_VERB("watchdog",    BMC_VERB_REPEATABLE, 5000,  verb_watchdog),
	{ 0 },
	/* clang-format on */
};

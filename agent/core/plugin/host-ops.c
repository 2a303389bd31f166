// SPDX-License-Identifier: Apache-2.0
/* What the core does for plugins: struct bmc_host_ops over inventory, platform and the
 * root helper. Called on the instances' threads. */
#include "core/base/liveness.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "core/plugin/host.h"
#include "core/ports/hardware.h"
#include "core/snapshot/snapshot.h"

#define PIN_READ_MS      2000
#define SMART_MS         10000
#define RESTART_MS       15000
#define PINS_PER_STEP    4 /* distinct numbers for the helper, see step_number() */
#define STEPS_PER_RECIPE 16

/* ---- values ---- */

/* An instance that ends takes its source away when no thread is inside the inventory
 * with it. */
static struct bmc_source *source_get(struct bmc_host *host)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	struct bmc_source *s = host->source;
	host->putting += s != NULL;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return s;
}

static void source_unget(struct bmc_host *host)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	host->putting--;
	(void)pthread_mutex_unlock(&bmc_host_lock);
}

static int op_put_part(struct bmc_host *host, enum bmc_kind kind, const char *id,
		       enum bmc_kind parent_kind, const char *parent,
		       const struct bmc_value *values, size_t n)
{
	struct bmc_source *s;
	int code;

	if (n < 1 || n > BMC_PUT_MAX)
		return BMC_EINVAL;
	s = source_get(host);
	if (!s)
		return BMC_ECANCELED;
	code = bmc_inventory_put(s, kind, id, parent_kind, parent, values, n);
	source_unget(host);
	return code;
}

static int op_put(struct bmc_host *host, enum bmc_kind kind, const char *id,
		  const struct bmc_value *values, size_t n)
{
	return op_put_part(host, kind, id, BMC_CHASSIS, NULL, values, n);
}

static int op_gone(struct bmc_host *host, enum bmc_kind kind, const char *id)
{
	struct bmc_source *s = source_get(host);
	int code;

	if (!s)
		return BMC_ECANCELED;
	code = bmc_inventory_gone(s, kind, id);
	source_unget(host);
	return code;
}

/* ---- the instance ---- */

__attribute__((format(printf, 3, 4))) static void op_log(struct bmc_host *host,
							 int priority, const char *fmt,
							 ...)
{
	char line[400];
	unsigned dropped = 0;
	va_list ap;

	if (priority <= LOG_NOTICE && !bmc_log_allowed(&host->limit, &dropped))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	bmc_log(priority, "%s: %s", host->conf.name, line);
	if (dropped)
		bmc_log(priority, "%s: %u lines left out", host->conf.name, dropped);
}

static const char *op_name(const struct bmc_host *host)
{
	return host->conf.name;
}

static int op_platform(const struct bmc_host *host, enum bmc_kind kind,
		       int (*each)(void *arg, const char *id, const uint32_t index[2],
				   const struct bmc_conf *conf),
		       void *arg)
{
	const struct bmc_platform *p = bmc_instances_platform();
	int code = 0;

	(void)host;
	if (kind >= BMC_N_KINDS)
		return BMC_EINVAL;
	for (size_t i = p->first[kind]; i < p->first[kind + 1] && code == 0; i++)
		code = each(arg, p->slots[i].id, p->slots[i].index, p->slots[i].conf);
	return code;
}

static int op_published(const struct bmc_host *host, enum bmc_kind kind,
			int (*each)(void *arg, const struct bmc_row *row), void *arg)
{
	auto_snapshot struct bmc_snapshot *s = NULL;
	const struct bmc_row *const *rows;
	int code = 0;

	(void)host;
	if (kind >= BMC_N_KINDS || !bmc_kind_is(kind, BMC_KIND_HARDWARE))
		return BMC_EINVAL;
	s = bmc_snapshot_get();
	size_t n = bmc_snapshot_rows(s, kind, &rows);
	for (size_t i = 0; i < n && code == 0; i++)
		code = each(arg, rows[i]);
	return code;
}

static bool op_daemon_alive(const struct bmc_host *host)
{
	(void)host;
	return bmc_live_is();
}

static void op_wake(struct bmc_host *host)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	bmc_host_wake(host);
	(void)pthread_mutex_unlock(&bmc_host_lock);
}

/* ---- the call ---- */

static const char *op_target_id(const struct bmc_call *call)
{
	return call->exec_slot->slot->id;
}

static enum bmc_kind op_target_kind(const struct bmc_call *call)
{
	return call->exec_slot->slot->kind;
}

static int64_t op_deadline(const struct bmc_call *call)
{
	return atomic_load(&call->deadline);
}

static bool op_cancelled(const struct bmc_call *call)
{
	return atomic_load(&call->cancelled) || bmc_now() >= call->deadline;
}

static int op_sleep(struct bmc_call *call, int64_t ms)
{
	int64_t until = MIN(bmc_now() + ms, call->deadline);

	(void)pthread_mutex_lock(&bmc_host_lock);
	while (!atomic_load(&call->cancelled) &&
	       bmc_cond_wait(&call->woken, &bmc_host_lock, until))
		;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (atomic_load(&call->cancelled))
		return BMC_ECANCELED;
	return bmc_now() >= call->deadline ? BMC_ETIMEDOUT : BMC_OK;
}

/* The newest report and checkpoint, on the main thread. */
static void progress_show(void *arg)
{
	struct bmc_call *call = arg;
	struct bmc_checkpoint kept;
	struct bmc_report report;
	bool keep;

	(void)pthread_mutex_lock(&bmc_host_lock);
	call->reported = false;
	report = call->report;
	kept = call->kept;
	keep = call->has_kept;
	call->has_kept = false;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (!call->answered && call->progress)
		call->progress(call->ctx, &report);
	if (!call->answered && call->checkpoint && keep)
		call->checkpoint(call->ctx, &kept);
	bmc_call_unref(call);
}

/* The outermost call is the one that is watched and shown. */
static struct bmc_call *outermost(struct bmc_call *call)
{
	while (call->outer)
		call = call->outer;
	return call;
}

/* Unlocks. */
static void progress_send(struct bmc_call *call)
{
	bool sent = call->reported || call->abandoned ||
		    (!call->progress && !call->checkpoint);

	bmc_call_beat(call);
	if (!sent) {
		call->reported = true;
		call->refs++;
	}
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (!sent)
		bmc_loop_send(&call->progressed, progress_show, call);
}

static void op_heartbeat(struct bmc_call *call)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	bmc_call_beat(call);
	(void)pthread_mutex_unlock(&bmc_host_lock);
}

static int64_t bounded(int64_t num, int64_t max)
{
	return num == BMC_UNKNOWN ? BMC_UNKNOWN : MAX(0, MIN(num, max));
}

static void op_report(struct bmc_call *call, const struct bmc_progress *p)
{
	struct bmc_call *top = outermost(call);
	struct bmc_report *r = &top->report;

	(void)pthread_mutex_lock(&bmc_host_lock);
	bmc_call_beat(call);
	r->millipercent = bounded(p->millipercent, 100000);
	r->done = bounded(p->done, INT64_MAX);
	r->total = bounded(p->total, INT64_MAX);
	if (p->stage) {
		(void)bmc_copy(r->stage, sizeof(r->stage), p->stage);
		bmc_text_sanitize(r->stage);
	}
	progress_send(top);
}

static void op_progress(struct bmc_call *call, int64_t millipercent)
{
	struct bmc_call *top = outermost(call);

	(void)pthread_mutex_lock(&bmc_host_lock);
	bmc_call_beat(call);
	top->report.millipercent = bounded(millipercent, 100000);
	progress_send(top);
}

static int op_checkpoint(struct bmc_call *call, const struct bmc_checkpoint *c)
{
	if (!call->verb || !(call->verb->flags & BMC_VERB_RESUMES) || call->outer ||
	    c->len > BMC_CHECKPOINT_DATA)
		return BMC_EINVAL;
	(void)pthread_mutex_lock(&bmc_host_lock);
	call->kept = *c;
	call->has_kept = true;
	progress_send(call);
	return BMC_OK;
}

static bool op_resumed(const struct bmc_call *call, struct bmc_checkpoint *ret)
{
	if (call->has_before)
		*ret = call->before;
	return call->has_before;
}

/* ---- through the helper ---- */

static int pin_slot(const struct bmc_slot *slot, enum bmc_pin pin,
		    struct bmc_error *err)
{
	static const char *const names[] = { "POWER", "RESET", "locator" };

	if (pin >= BMC_N_PINS)
		return bmc_fail(err, BMC_EINVAL, "no such pin");
	if (!slot || slot->kind != BMC_BOARD || !slot->pins[pin].exists)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s has no %s pin in the platform file",
				slot ? slot->id : "it", names[pin]);
	if (!bmc_hardware)
		return bmc_fail(err, BMC_ENOTSUP,
				"the root helper is not running: start "
				"clusterbmc-priv");
	return BMC_OK;
}

static int call_pin_slot(const struct bmc_call *call, enum bmc_pin pin,
			 struct bmc_error *err)
{
	if (call->stream || call->command)
		return bmc_fail(err, BMC_EPERM, "a stream has no claim on %s",
				call->exec_slot->slot->id);
	return pin_slot(call->exec_slot->slot, pin, err);
}

/* The first pin operation of a step has the step's own number, which a restart asks
 * for; the next ones have their own, the same each time the step is run. */
static uint64_t step_number(struct bmc_call *call)
{
	unsigned nth = MIN(call->pins, PINS_PER_STEP - 1u);

	call->pins++;
	return call->step + (uint64_t)nth * STEPS_PER_RECIPE;
}

static int op_pin_set(struct bmc_call *call, enum bmc_pin pin, bool active,
		      struct bmc_error *err)
{
	const struct bmc_slot *slot = call->exec_slot->slot;
	int code = call_pin_slot(call, pin, err);

	if (code < 0)
		return code;
	return bmc_hardware->line_set(step_number(call), slot->pins[pin].ordinal,
				      active, call->deadline, err);
}

static int op_pin_pulse(struct bmc_call *call, enum bmc_pin pin, struct bmc_error *err)
{
	const struct bmc_slot *slot = call->exec_slot->slot;
	int code = call_pin_slot(call, pin, err);

	if (code < 0)
		return code;
	return bmc_hardware->line_pulse(step_number(call), slot->pins[pin].ordinal,
					call->deadline, err);
}

static int op_pin_read(struct bmc_host *host, const char *board, enum bmc_pin pin,
		       struct bmc_error *err)
{
	const struct bmc_slot *slot =
		bmc_platform_slot(bmc_instances_platform(), BMC_BOARD, board);
	int code = pin_slot(slot, pin, err);

	(void)host;
	if (code < 0)
		return code;
	return bmc_hardware->line_read(slot->pins[pin].ordinal, bmc_now() + PIN_READ_MS,
				       err);
}

static int op_smart(struct bmc_host *host, unsigned dev_major, unsigned dev_minor,
		    struct bmc_smart *ret, struct bmc_error *err)
{
	(void)host;
	if (!bmc_hardware)
		return bmc_fail(err, BMC_ENOTSUP, "the root helper is not running");
	return bmc_hardware->smart(dev_major, dev_minor, ret, bmc_now() + SMART_MS,
				   err);
}

static int op_restart_machine(struct bmc_call *call, struct bmc_error *err)
{
	const struct bmc_slot *slot = call->exec_slot->slot;

	if (slot->kind != BMC_BOARD || !slot->is_main || !call->verb || call->stream ||
	    call->command)
		return bmc_fail(err, BMC_EINVAL, "%s is not the agent's machine",
				slot->id);
	if (!bmc_hardware || !bmc_hardware->restart)
		return bmc_fail(err, BMC_ENOTSUP,
				"the root helper is not running: start "
				"clusterbmc-priv");
	return bmc_hardware->restart(bmc_now() + RESTART_MS, err);
}

static int op_pin_place(const struct bmc_host *host, const char *board,
			enum bmc_pin pin, struct bmc_pin_place *ret)
{
	const struct bmc_slot *slot =
		bmc_platform_slot(bmc_instances_platform(), BMC_BOARD, board);

	(void)host;
	if (!slot || pin >= BMC_N_PINS || !slot->pins[pin].exists)
		return BMC_ENOTFOUND;
	*ret = (struct bmc_pin_place){ .chip = slot->pins[pin].chip,
				       .line = slot->pins[pin].line,
				       .active_low = slot->pins[pin].active_low };
	return BMC_OK;
}

const struct bmc_host_ops bmc_host_ops = {
	.abi = BMC_ABI,
	.size = sizeof(struct bmc_host_ops),
	.put = op_put,
	.put_part = op_put_part,
	.gone = op_gone,
	.log = op_log,
	.now = bmc_now,
	.name = op_name,
	.platform = op_platform,
	.wake = op_wake,
	.target_id = op_target_id,
	.target_kind = op_target_kind,
	.deadline = op_deadline,
	.cancelled = op_cancelled,
	.sleep = op_sleep,
	.progress = op_progress,
	.verb = bmc_call_inner,
	.pin_set = op_pin_set,
	.pin_pulse = op_pin_pulse,
	.pin_read = op_pin_read,
	.smart = op_smart,
	.kind = bmc_kind,
	.pin_place = op_pin_place,
	.wait = bmc_serve_wait,
	.stop_fd = bmc_serve_stop_fd,
	.heartbeat = op_heartbeat,
	.report = op_report,
	.checkpoint = op_checkpoint,
	.resumed = op_resumed,
	.stream_read = bmc_stream_op_read,
	.stream_write = bmc_stream_op_write,
	.stream_wait = bmc_stream_op_wait,
	.stream_size = bmc_stream_op_size,
	.published = op_published,
	.daemon_alive = op_daemon_alive,
	.lines = bmc_lines_op_lines,
	.line_set = bmc_lines_op_set,
	.line_pulse = bmc_lines_op_pulse,
	.line_read = bmc_lines_op_read,
	.pwm_set = bmc_lines_op_pwm_set,
	.pwm_read = bmc_lines_op_pwm_read,
	.storage_open = bmc_lines_op_storage_open,
	.edge = bmc_edges_op_edge,
	.press = bmc_edges_op_press,
	.offer = bmc_flash_op_offer,
	.offered = bmc_flash_op_offered,
	.offer_put = bmc_flash_op_offer_put,
	.offer_get = bmc_flash_op_offer_get,
	.command = bmc_command_op,
	.restart_machine = op_restart_machine,
};

// SPDX-License-Identifier: Apache-2.0
// See telemetry.h. Called by main(), by the action API and by its timer.
#include "telemetry/telemetry.h"

#include <pthread.h>
#include <string.h>
#include <sys/queue.h>

#include "core/actions/action.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/inventory/inventory.h"
#include "core/model/field.h"
#include "core/model/service.h"
#include "core/ports/action-handler.h"
#include "core/ports/reset.h"
#include "core/ports/store.h"
#include "telemetry/triggers.h"

#define WATCH_MS 1000 /* between two looks at the metrics that are watched */

/* The last report of a definition. */
struct taken {
	char id[BMC_ID_MAX];
	struct bmc_snapshot *snap; /* NULL: this place is free */
	int64_t at;
	uint64_t number;
};

static struct {
	pthread_mutex_t lock; /* of `taken` and `made` */
	struct taken taken[BMC_REPORTS_MAX];
	uint64_t made; /* reports since the start */
	struct bmc_timer *timer;
	uint32_t last[2]; /* numbers that rows were given */
} telemetry = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void schedule(void);

/* ---- reports ---- */

static struct taken *place_of(const char *id)
{
	struct taken *free_one = NULL;

	for (size_t i = 0; i < BMC_REPORTS_MAX; i++) {
		struct taken *t = &telemetry.taken[i];
		if (t->snap && strcmp(t->id, id) == 0)
			return t;
		if (!t->snap)
			free_one = t;
	}
	return free_one;
}

static void keep_report(const char *id, struct bmc_snapshot *snap, int64_t at)
{
	(void)pthread_mutex_lock(&telemetry.lock);
	struct taken *t = place_of(id);
	struct bmc_snapshot *old = t ? t->snap : snap;
	if (t) {
		(void)bmc_copy(t->id, sizeof(t->id), id);
		t->snap = snap;
		t->at = at;
		t->number = ++telemetry.made;
	}
	(void)pthread_mutex_unlock(&telemetry.lock);
	(void)bmc_snapshot_unref(old);
}

static void drop_report(const char *id)
{
	(void)pthread_mutex_lock(&telemetry.lock);
	struct taken *t = place_of(id);
	struct bmc_snapshot *old = t ? t->snap : NULL;
	if (t)
		t->snap = NULL;
	(void)pthread_mutex_unlock(&telemetry.lock);
	(void)bmc_snapshot_unref(old);
}

struct bmc_snapshot *bmc_telemetry_report(const char *id, int64_t *ret_at)
{
	(void)pthread_mutex_lock(&telemetry.lock);
	const struct taken *t = place_of(id);
	struct bmc_snapshot *snap = t && t->snap ? bmc_snapshot_ref(t->snap) : NULL;
	if (snap)
		*ret_at = t->at;
	(void)pthread_mutex_unlock(&telemetry.lock);
	return snap;
}

void bmc_telemetry_made(struct bmc_report_made ret[BMC_REPORTS_MAX])
{
	(void)pthread_mutex_lock(&telemetry.lock);
	for (size_t i = 0; i < BMC_REPORTS_MAX; i++) {
		const struct taken *t = &telemetry.taken[i];
		(void)bmc_copy(ret[i].id, sizeof(ret[i].id), t->id);
		ret[i].number = t->snap ? t->number : 0;
	}
	(void)pthread_mutex_unlock(&telemetry.lock);
}

/* ---- the timer ---- */

/* Those on request are made by who reads them. */
static bool is_taken_here(const struct bmc_metric_report *r)
{
	return r->type != BMC_REPORT_ON_REQUEST && r->enabled == 1;
}

/* Since its last report; without one, too. */
static bool has_changed(const struct bmc_metric_report *r, const struct bmc_snapshot *s)
{
	int64_t at;
	auto_snapshot struct bmc_snapshot *last = bmc_telemetry_report(r->row.id, &at);

	return !last || bmc_metrics_differ(r->metrics, last, s);
}

static int64_t due_at(const struct bmc_metric_report *r, int64_t now)
{
	return r->last == BMC_UNKNOWN ? now
				      : MIN(r->last + r->interval, now + r->interval);
}

static bool is_due(const struct bmc_metric_report *r, const struct bmc_snapshot *s,
		   int64_t now)
{
	return r->type == BMC_REPORT_ON_CHANGE ? has_changed(r, s)
					       : due_at(r, now) <= now;
}

/* Returns when the next one is due, or looked at. */
static int64_t take_reports(const struct bmc_snapshot *s, int64_t now)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_METRIC_REPORT, &rows);
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < n; i++) {
		struct bmc_metric_report r = *(const struct bmc_metric_report *)rows[i];
		if (!is_taken_here(&r))
			continue;
		if (is_due(&r, s, now)) {
			keep_report(r.row.id, bmc_snapshot_get(), now);
			r.last = now;
			(void)bmc_inventory_upsert(&r.row);
		}
		next = MIN(next, r.type == BMC_REPORT_ON_CHANGE ? now + WATCH_MS
								: r.last + r.interval);
	}
	return next;
}

static void tick(void *arg)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	int64_t now = bmc_now(), next = take_reports(s, now);

	(void)arg;
	telemetry.timer = NULL;
	if (bmc_triggers_watch(s))
		next = MIN(next, now + WATCH_MS);
	if (next != INT64_MAX)
		telemetry.timer = bmc_timer_new(next, tick, NULL);
}

/* Looks at everything again, once what has changed is published. */
static void schedule(void)
{
	telemetry.timer = bmc_timer_cancel(telemetry.timer);
	telemetry.timer = bmc_timer_new(bmc_now(), tick, NULL);
}

/* ---- definitions ---- */

static int check_report(const struct bmc_metric_report *r, struct bmc_error *err)
{
	const char *at = r->metrics;

	if (r->type == BMC_REPORT_PERIODIC && (r->interval < BMC_REPORT_INTERVAL_MIN ||
					       r->interval > BMC_REPORT_INTERVAL_MAX))
		return bmc_fail(err, BMC_ERANGE,
				"a periodic report is made every 1 s to every 24 h");
	while (*at) {
		size_t len = strcspn(at, " ");
		if (!bmc_metric_find(at, len))
			return bmc_fail(err, BMC_EINVAL, "there is no metric %.*s",
					(int)len, at);
		at += len + strspn(at + len, " ");
	}
	return 0;
}

static int check_trigger(const struct bmc_trigger *t, struct bmc_error *err)
{
	const int64_t order[] = { t->lower_critical, t->lower_warning, t->upper_warning,
				  t->upper_critical };
	int64_t last = BMC_UNKNOWN;

	if (!bmc_metric_find(t->metric, strlen(t->metric)))
		return bmc_fail(err, BMC_EINVAL, "there is no metric %s", t->metric);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		if (order[i] == BMC_UNKNOWN)
			continue;
		if (order[i] <= last)
			return bmc_fail(err, BMC_ERANGE,
					"the limits are not in their order");
		last = order[i];
	}
	return last == BMC_UNKNOWN ? bmc_fail(err, BMC_EINVAL, "there is no limit") : 0;
}

static int check_row(const struct bmc_row *row, struct bmc_error *err)
{
	return row->kind == BMC_METRIC_REPORT
		       ? check_report((const struct bmc_metric_report *)row, err)
		       : check_trigger((const struct bmc_trigger *)row, err);
}

union definition {
	struct bmc_row row;
	struct bmc_metric_report report;
	struct bmc_trigger trigger;
};

/* The row as it will be. */
static int changed(const struct bmc_action *act, const struct bmc_row *now,
		   union definition *ret, struct bmc_error *err)
{
	memcpy(ret, now, bmc_kind(act->kind)->size);
	(void)bmc_field_set(&ret->row, act->field, act->num, act->text);
	return check_row(&ret->row, err);
}

static int check(const struct bmc_action *act, const struct bmc_actor *who,
		 struct bmc_error *err)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows,
		*row = bmc_params_row(act->params, act->kind);
	size_t n = bmc_snapshot_rows(s, act->kind, &rows);
	union definition d;

	(void)who;
	if (act->op == BMC_ACT_REMOVE)
		return 0;
	if (act->op == BMC_ACT_SET) {
		row = bmc_snapshot_find(s, act->kind, act->id);
		return row ? changed(act, row, &d, err)
			   : bmc_fail(err, BMC_ENOTFOUND, "it is gone");
	}
	if (act->op != BMC_ACT_ADD || !row)
		return bmc_fail(err, BMC_ENOTSUP, "a definition can't do this");
	if (n >= (act->kind == BMC_METRIC_REPORT ? BMC_REPORTS_MAX : BMC_TRIGGERS_MAX))
		return bmc_fail(err, BMC_ENOSPC, "there are %zu, more can't be kept",
				n);
	return check_row(row, err);
}

struct change {
	LIST_ENTRY(change) link; /* of those that are being stored, the newest first */
	union definition d;
	bool remove;
	bmc_action_handler_done *done;
	void *arg;
};

static LIST_HEAD(, change) changes = LIST_HEAD_INITIALIZER(changes);

static void apply(struct change *c)
{
	uint32_t handle = bmc_inventory_find((enum bmc_kind)c->d.row.kind, c->d.row.id);

	if (c->remove && c->d.row.kind == BMC_METRIC_REPORT)
		drop_report(c->d.row.id);
	if (c->remove)
		bmc_inventory_remove(handle);
	else
		(void)bmc_inventory_upsert(&c->d.row);
	bmc_inventory_publish();
	schedule();
}

static void stored(void *arg, int code)
{
	struct change *c = arg;
	struct bmc_error err = { 0 };

	LIST_REMOVE(c, link);
	if (code == BMC_OK)
		apply(c);
	else
		code = bmc_fail(&err, BMC_ENOSPC,
				"nothing was changed, it can't be stored: %s",
				bmc_strerror(code));
	c->done(c->arg, code, &err);
	free(c);
}

/* The row, as the last change leaves it: the changes of one request follow each other
 * at once. */
static const struct bmc_row *present(enum bmc_kind kind, const char *id)
{
	const struct change *c;

	LIST_FOREACH (c, &changes, link) {
		if (c->d.row.kind == kind && !c->remove && strcmp(c->d.row.id, id) == 0)
			return &c->d.row;
	}
	return bmc_inventory_row(bmc_inventory_find(kind, id));
}

static int fill(struct change *c, const struct bmc_action *act, struct bmc_error *err)
{
	const struct bmc_row *now = present(act->kind, act->id),
			     *row = bmc_params_row(act->params, act->kind);

	if (act->op != BMC_ACT_ADD && !now)
		return bmc_fail(err, BMC_ENOTFOUND, "it is gone");
	if (act->op == BMC_ACT_SET)
		return changed(act, now, &c->d, err);
	if (act->op == BMC_ACT_ADD && now)
		return bmc_fail(err, BMC_EEXIST, "there is one of this name");
	memcpy(&c->d, act->op == BMC_ACT_ADD ? row : now, bmc_kind(act->kind)->size);
	c->remove = act->op == BMC_ACT_REMOVE;
	if (c->remove)
		return 0;
	c->d.row.status = BMC_ENABLED;
	c->d.row.health = BMC_OK_HEALTH;
	if (act->kind == BMC_METRIC_REPORT && !c->d.report.actions)
		c->d.report.actions = BMC_REPORT_LOG;
	c->d.row.index[0] = ++telemetry.last[act->kind == BMC_TRIGGER];
	return 0;
}

static void run(const struct bmc_action *act, const struct bmc_actor *who,
		bmc_action_handler_done *done, void *arg)
{
	struct change *c = calloc(1, sizeof(*c));
	struct bmc_error err = { 0 };
	int code =
		c ? bmc_reset_check(&err) : bmc_fail(&err, BMC_ENOMEM, "out of memory");

	(void)who;
	if (code == 0)
		code = fill(c, act, &err);
	if (code == 0) {
		struct bmc_record r = { .type = c->remove ? BMC_REC_ROW_GONE
							  : BMC_REC_ROW,
					.kind = act->kind,
					.row = &c->d.row };
		(void)bmc_copy(r.id, sizeof(r.id), c->d.row.id);
		c->done = done;
		c->arg = arg;
		LIST_INSERT_HEAD(&changes, c, link);
		code = bmc_store ? bmc_store->write_or_drop(&r, 1, stored, c)
				 : BMC_ENOSPC;
		if (code == 0)
			return;
		LIST_REMOVE(c, link);
		(void)bmc_fail(&err, code, "it can't be stored now: try again");
	}
	done(arg, code, &err);
	free(c);
}

static const struct bmc_action_handler handler = { .check = check, .run = run };

/* ---- the reset to defaults ---- */

static const enum bmc_kind kinds[] = { BMC_METRIC_REPORT, BMC_TRIGGER };

static size_t reset_records(struct bmc_record *ret)
{
	for (size_t i = 0; ret && i < ARRAY_SIZE(kinds); i++)
		ret[i] = (struct bmc_record){ .type = BMC_REC_ROWS_GONE,
					      .kind = kinds[i] };
	return ARRAY_SIZE(kinds);
}

static void drop_all(enum bmc_kind kind)
{
	size_t n;

	for (uint32_t h; (h = bmc_inventory_first(kind, &n));) {
		if (kind == BMC_METRIC_REPORT)
			drop_report(bmc_inventory_row(h)->id);
		bmc_inventory_remove(h);
	}
}

static void end_reset(int code)
{
	if (code != BMC_OK)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		drop_all(kinds[i]);
	schedule();
}

static const struct bmc_reset_part reset_part = { reset_records, end_reset };

/* ---- start and end ---- */

static int load_one(void *arg, const struct bmc_record *r)
{
	union definition d;
	uint32_t *last = &telemetry.last[r->kind == BMC_TRIGGER];

	(void)arg;
	memcpy(&d, r->row, bmc_kind(r->kind)->size);
	if (r->kind == BMC_METRIC_REPORT) {
		d.report.last = BMC_UNKNOWN;
		if (!d.report.actions) /* of a version that had no others */
			d.report.actions = BMC_REPORT_LOG;
	}
	d.row.status = BMC_ENABLED;
	d.row.health = BMC_OK_HEALTH;
	*last = MAX(*last, d.row.index[0]);
	if (check_row(&d.row, NULL) < 0) {
		log_warning("telemetry: %s %s is not one any more, left out",
			    bmc_kind(r->kind)->name, d.row.id);
		return 0;
	}
	return bmc_inventory_upsert(&d.row) ? 0 : BMC_ENOMEM;
}

int bmc_telemetry_init(struct bmc_error *err)
{
	int code = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds) && code >= 0; i++) {
		bmc_action_handler_register(kinds[i], &handler);
		if (bmc_store)
			code = bmc_store->load(BMC_REC_ROW, kinds[i], load_one, NULL);
	}
	if (code < 0)
		return bmc_fail(err, code, "telemetry: %s", bmc_strerror(code));
	bmc_reset_register(&reset_part);
	bmc_inventory_publish();
	schedule();
	return BMC_OK;
}

void bmc_telemetry_done(void)
{
	bmc_reset_unregister(&reset_part);
	bmc_action_handler_register(BMC_METRIC_REPORT, NULL);
	bmc_action_handler_register(BMC_TRIGGER, NULL);
	telemetry.timer = bmc_timer_cancel(telemetry.timer);
	for (size_t i = 0; i < BMC_REPORTS_MAX; i++)
		telemetry.taken[i].snap = bmc_snapshot_unref(telemetry.taken[i].snap);
	bmc_triggers_done();
	memset(telemetry.last, 0, sizeof(telemetry.last));
}

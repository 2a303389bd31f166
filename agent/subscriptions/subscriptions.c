// SPDX-License-Identifier: Apache-2.0
// Subscriptions to events, see core/ports/subscriptions.h: the handler of the actions
// on them. A row is the truth about one; table.c has what a row must not show. Rows
// change on the main thread.
#include "subscriptions/subscriptions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "core/actions/action.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/model/field.h"
#include "core/model/service.h"
#include "core/ports/action-handler.h"
#include "core/ports/reset.h"
#include "core/ports/store.h"
#include "core/snapshot/snapshot.h"
#include "subscriptions/positions.h"
#include "subscriptions/reset.h"
#include "subscriptions/room.h"
#include "subscriptions/table.h"

#define STORE_MS 5000 /* between two records of how far one has got */

static struct {
	struct bmc_timer *timer;
	LIST_HEAD(, change) changes;
} state;

const struct bmc_subscription_ops *bmc_subscriptions;

static uint32_t newest_event(void)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_EVENT, &rows);

	return n ? rows[n - 1]->index[0] : 0;
}

static const struct bmc_subscription *row_of(const char *id)
{
	return (const struct bmc_subscription *)bmc_inventory_row(
		bmc_inventory_find(BMC_SUBSCRIPTION, id));
}

/* ---- records ---- */

static struct bmc_record record(enum bmc_record_type type, const char *id)
{
	struct bmc_record r = { .type = type, .kind = BMC_SUBSCRIPTION };

	(void)bmc_copy(r.id, sizeof(r.id), id);
	return r;
}

static int store(const struct bmc_subscription *row, const char *secrets,
		 uint32_t position, bmc_store_done *done, void *arg)
{
	struct bmc_record r = record(BMC_REC_ROW, row->row.id);

	r.row = &row->row;
	r.secret = secrets;
	r.num = position;
	if (!bmc_store) {
		if (done)
			done(arg, BMC_OK);
		return BMC_OK;
	}
	return done ? bmc_store->write_or_drop(&r, 1, done, arg)
		    : bmc_store->write(&r, 1, NULL, NULL);
}

/* What was delivered since the last record comes again after a crash, with the same
 * numbers. */
static void store_position(const char *id, const char *secrets, uint32_t position)
{
	const struct bmc_subscription *row = row_of(id);

	if (row)
		(void)store(row, secrets, position, NULL, NULL);
}

static void store_positions(void)
{
	if (bmc_reset_check(NULL) == BMC_OK) /* a record would outlive the reset */
		sub_each_moved(store_position);
}

static void tick(void *arg)
{
	(void)arg;
	store_positions();
	state.timer = bmc_timer_new(bmc_now() + STORE_MS, tick, NULL);
	if (!state.timer)
		log_err("subscriptions: how far they are is not stored any more: out "
			"of memory");
}

/* ---- rows ---- */

static void show(struct bmc_subscription *row)
{
	row->row.kind = BMC_SUBSCRIPTION;
	row->row.status = row->suspended == 1 ? BMC_DISABLED : BMC_ENABLED;
	row->row.health = BMC_OK_HEALTH;
	if (bmc_inventory_upsert(&row->row) == 0)
		log_limited(LOG_WARNING, "subscription %s: not shown, out of memory",
			    row->row.id);
	bmc_inventory_publish();
}

static void remove_row(const char *id)
{
	struct bmc_record r = record(BMC_REC_ROW_GONE, id);

	bmc_inventory_remove(bmc_inventory_find(BMC_SUBSCRIPTION, id));
	sub_drop(id);
	sub_positions_drop(id);
	if (bmc_store)
		(void)bmc_store->write(&r, 1, NULL, NULL);
	bmc_inventory_publish();
}

/* ---- what the deliverers report ---- */

struct report {
	char id[BMC_ID_MAX];
};

static void post(const char *id, void (*run)(void *arg))
{
	struct report *r = calloc(1, sizeof(*r));

	if (r)
		(void)bmc_copy(r->id, sizeof(r->id), id);
	if (!r || bmc_loop_post(run, r) < 0) {
		log_limited(LOG_WARNING, "subscription %s: its end is not noted", id);
		free(r);
	}
}

static void close_now(void *arg)
{
	auto_free struct report *r = arg;
	const struct bmc_subscription *row = row_of(r->id);

	if (!row)
		return;
	bool stream = row->type == BMC_SUBSCRIBER_STREAM,
	     reports = row->format == BMC_FORMAT_METRIC_REPORT;
	bmc_event_raise("SubscriptionRemoved", 0, r->id, row->destination,
			stream    ? "the stream has ended"
			: reports ? "it took no reports"
				  : "it took no events");
	remove_row(r->id);
}

static void close_one(const char *id)
{
	post(id, close_now);
}

static void suspend_now(void *arg)
{
	auto_free struct report *r = arg;
	const struct bmc_subscription *is = row_of(r->id);

	if (!is || is->suspended == 1)
		return;
	struct bmc_subscription row = *is;
	row.suspended = 1;
	bmc_event_raise("SubscriptionSuspended", 0, r->id, row.destination, NULL);
	char *secrets = sub_secrets(r->id);
	if (bmc_reset_check(NULL) == BMC_OK) /* a record would outlive the reset */
		(void)store(&row, secrets, sub_position(r->id), NULL, NULL);
	sub_secrets_drop(secrets);
	show(&row);
}

static void suspend(const char *id)
{
	post(id, suspend_now);
}

struct opening {
	bool (*room)(const char *user);
	struct bmc_subscription row;
};

/* Several may have come at once for the last place. */
static void open_now(void *arg)
{
	auto_free struct opening *o = arg;
	struct bmc_subscription *row = &o->row;

	if (!o->room(row->user) || !sub_add(row->row.id, NULL, newest_event(), false))
		return;
	bmc_event_raise("SubscriptionAdded", 0, row->row.id, row->destination,
			row->user);
	show(row);
}

static int open_one(const struct bmc_subscription *stream,
		    bool (*room)(const char *user))
{
	struct opening *o = malloc(sizeof(*o));

	if (!o)
		return BMC_ENOMEM;
	*o = (struct opening){ .room = room, .row = *stream };
	if (bmc_loop_post(open_now, o) == BMC_OK)
		return BMC_OK;
	free(o);
	return BMC_EAGAIN;
}

/* ---- actions ---- */

struct change {
	LIST_ENTRY(change) link; /* of those that are being stored, the newest first */
	struct bmc_subscription row;
	char *secrets; /* owned */
	uint32_t position;
	bool new;
	char user[BMC_ID_MAX];
	bmc_action_handler_done *done;
	void *arg;
};

static int check(const struct bmc_action *act, const struct bmc_actor *who,
		 struct bmc_error *err)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *given = bmc_params_row(act->params, BMC_SUBSCRIPTION),
			     *row = bmc_snapshot_find(s, BMC_SUBSCRIPTION, act->id);

	(void)who;
	if (act->op == BMC_ACT_ADD && (!given || !act->id[0]))
		return bmc_fail(err, BMC_EINVAL, "a subscription has to be described");
	const struct sub_count n = sub_count();
	if (act->op == BMC_ACT_ADD &&
	    sub_check_room(&n, (const struct bmc_subscription *)given, err) < 0)
		return BMC_ENOSPC;
	if (row && ((const struct bmc_subscription *)row)->configured == 1)
		return bmc_fail(err, BMC_EREADONLY,
				"%s stands in the configuration: change it there",
				act->id);
	if (act->op == BMC_ACT_SET && act->field &&
	    !(act->field->flags & BMC_SETTING) &&
	    !bmc_params_text(act->params, BMC_PARAM_SECRETS))
		return bmc_fail(err, BMC_EREADONLY, "%s can't be set",
				act->field->name);
	return BMC_OK;
}

static void changed(void *arg, int code)
{
	struct change *c = arg;
	bool added = code == BMC_OK && c->new;

	LIST_REMOVE(c, link);
	if (added && !sub_add(c->row.row.id, c->secrets, c->position, true))
		code = BMC_ENOMEM;
	if (code == BMC_OK && !c->new)
		sub_change(c->row.row.id, c->secrets, c->position);
	if (code == BMC_OK)
		show(&c->row);
	if (added)
		bmc_event_raise("SubscriptionAdded", 0, c->row.row.id,
				c->row.destination, c->user);
	c->done(c->arg, code, NULL);
	sub_secrets_drop(c->secrets);
	bmc_wipe(c, sizeof(*c));
	free(c);
}

static void run_remove(const struct bmc_action *act, const struct bmc_actor *who,
		       bmc_action_handler_done *done, void *arg)
{
	const struct bmc_subscription *row = row_of(act->id);
	struct bmc_error err = { 0 };

	if (!row) {
		done(arg, bmc_fail(&err, BMC_ENOTFOUND, "no such subscription"), &err);
		return;
	}
	bmc_event_raise("SubscriptionRemoved", 0, act->id, row->destination, who->name);
	remove_row(act->id);
	done(arg, BMC_OK, NULL);
}

/* The new value: in the row among the parameters, or the action's own. */
static void take_value(struct bmc_subscription *row, const struct bmc_action *act)
{
	const struct bmc_row *given = bmc_params_row(act->params, BMC_SUBSCRIPTION);
	const struct bmc_field *f = act->field;

	if (!f)
		return;
	if (f->type == BMC_TEXT)
		(void)bmc_field_set(&row->row, f, 0,
				    given ? bmc_field_text(given, f) : act->text);
	else
		(void)bmc_field_set(&row->row, f,
				    given ? bmc_field_num(given, f) : act->num, NULL);
}

/* Changes of one request follow each other at once: each begins with the one before. */
static const struct change *under_way(const char *id)
{
	const struct change *c;

	LIST_FOREACH (c, &state.changes, link) {
		if (strcmp(c->row.row.id, id) == 0)
			break;
	}
	return c;
}

static void fill(struct change *c, const struct bmc_action *act,
		 const struct bmc_actor *who)
{
	const char *secrets = bmc_params_text(act->params, BMC_PARAM_SECRETS);
	const struct change *before = under_way(act->id);
	const struct bmc_subscription *is = before ? &before->row : row_of(act->id);

	c->new = act->op == BMC_ACT_ADD;
	(void)bmc_copy(c->user, sizeof(c->user), who->name);
	if (c->new) {
		const struct bmc_row *given =
			bmc_params_row(act->params, BMC_SUBSCRIPTION);
		c->row = *(const struct bmc_subscription *)given;
		(void)bmc_copy(c->row.row.id, sizeof(c->row.row.id), act->id);
		(void)bmc_copy(c->row.user, sizeof(c->row.user), who->name);
		c->position = newest_event();
	} else {
		c->row = *is;
		take_value(&c->row, act);
		c->position = sub_position(act->id);
		if (is->suspended == 1 && c->row.suspended == 0)
			c->position = newest_event(); /* what was missed is missed */
	}
	if (secrets)
		c->secrets = strdup(secrets);
	else if (before)
		c->secrets = before->secrets ? strdup(before->secrets) : NULL;
	else
		c->secrets = sub_secrets(act->id);
	LIST_INSERT_HEAD(&state.changes, c, link);
}

/* Main thread. With those that are being stored: several may have been accepted for
 * the last place. */
static int check_room_now(const struct bmc_action *act, struct bmc_error *err)
{
	struct sub_count n = sub_count();
	const struct change *c;

	LIST_FOREACH (c, &state.changes, link) {
		if (c->new)
			sub_count_add(&n, &c->row);
	}
	return sub_check_room(&n,
			      (const struct bmc_subscription *)bmc_params_row(
				      act->params, BMC_SUBSCRIPTION),
			      err);
}

static void run(const struct bmc_action *act, const struct bmc_actor *who,
		bmc_action_handler_done *done, void *arg)
{
	struct bmc_error err = { 0 };
	int code = bmc_reset_check(&err);

	if (code != BMC_OK) {
		done(arg, code, &err);
		return;
	}
	if (act->op == BMC_ACT_REMOVE) {
		run_remove(act, who, done, arg);
		return;
	}
	struct change *c = calloc(1, sizeof(*c));
	if (act->op == BMC_ACT_SET && !row_of(act->id))
		code = bmc_fail(&err, BMC_ENOTFOUND, "no such subscription");
	else if (act->op == BMC_ACT_ADD)
		code = check_room_now(act, &err);
	if (code == BMC_OK)
		code = c ? BMC_OK : bmc_fail(&err, BMC_ENOMEM, "out of memory");
	if (code == BMC_OK) {
		fill(c, act, who);
		c->done = done;
		c->arg = arg;
		code = store(&c->row, c->secrets, c->position, changed, c);
		if (code == BMC_OK)
			return;
		LIST_REMOVE(c, link);
		sub_secrets_drop(c->secrets);
	}
	free(c);
	done(arg, code, err.what[0] ? &err : NULL);
}

static const struct bmc_action_handler handler = { .check = check, .run = run };

static const struct bmc_subscription_ops ops = {
	.max = sub_max,
	.new_id = sub_new_id,
	.secrets = sub_secrets,
	.open = open_one,
	.close = close_one,
	.suspend = suspend,
	.delivered = sub_delivered,
	.position = sub_confirmed_position,
	.confirm = sub_confirm,
	.forget = sub_positions_drop,
};

/* ---- of the configuration ---- */

int bmc_subscriptions_show_configured(const struct bmc_subscription *row)
{
	struct bmc_subscription copy = *row;

	copy.configured = 1;
	show(&copy);
	return BMC_OK;
}

void bmc_subscriptions_hide_configured(void)
{
	auto_snapshot struct bmc_snapshot *s = NULL;
	const struct bmc_row *const *rows;

	bmc_inventory_publish();
	s = bmc_snapshot_get();
	size_t n = bmc_snapshot_rows(s, BMC_SUBSCRIPTION, &rows);
	for (size_t i = 0; i < n; i++) {
		if (((const struct bmc_subscription *)rows[i])->configured == 1)
			bmc_inventory_remove(rows[i]->handle);
	}
}

/* ---- start and end ---- */

static int load_one(void *arg, const struct bmc_record *r)
{
	struct bmc_subscription row;

	(void)arg;
	if (!r->row)
		return 0;
	row = *(const struct bmc_subscription *)r->row;
	sub_number_taken(row.row.index[0]);
	if (!sub_add(row.row.id, r->secret, (uint32_t)r->num, true))
		return BMC_ENOMEM;
	show(&row);
	return 0;
}

int bmc_subscriptions_init(unsigned max, struct bmc_error *err)
{
	int r = 0;

	sub_init(max);
	r = sub_positions_load();
	if (r == 0 && bmc_store)
		r = bmc_store->load(BMC_REC_ROW, BMC_SUBSCRIPTION, load_one, NULL);
	if (r < 0)
		return bmc_fail(err, r, "the subscriptions can't be read");
	bmc_action_handler_register(BMC_SUBSCRIPTION, &handler);
	bmc_reset_register(&sub_reset_part);
	bmc_subscriptions = &ops;
	tick(NULL);
	return BMC_OK;
}

void bmc_subscriptions_done(void)
{
	bmc_reset_unregister(&sub_reset_part);
	bmc_action_handler_register(BMC_SUBSCRIPTION, NULL);
	state.timer = bmc_timer_cancel(state.timer);
	store_positions();
	bmc_subscriptions = NULL;
	sub_done();
	sub_positions_done();
}

// SPDX-License-Identifier: Apache-2.0
// Aggregates: sets of boards that clients make. Their members are ids of rows, the
// elements links to systems, blades and the enclosure; an aggregate in an aggregate is
// refused. Called through resources/aggregates.c.
#include "redfish/aggregates.h"

#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/list.h"
#include "redfish/view.h"

#define CREATE_TRIES 8 /* another client may have taken the id */

/* ---- elements ---- */

/* What can be an element, by the resource that shows it. */
static const struct {
	enum bmc_kind kind;
	const struct rf_resource *res;
} shown_by[] = {
	{ BMC_BOARD, &rf_system },
	{ BMC_BLADE, &rf_blade },
	{ BMC_CHASSIS, &rf_enclosure },
};

static bool is_element(const struct rf_resource *res)
{
	for (size_t i = 0; i < ARRAY_SIZE(shown_by); i++) {
		if (shown_by[i].res == res)
			return true;
	}
	return false;
}

/* Calls `each` for each member that there is, until it returns false. */
static void each_member(struct rf_view *v, const struct bmc_row *row,
			bool (*each)(void *arg, const struct rf_resource *res,
				     const struct bmc_row *member),
			void *arg)
{
	char ids[sizeof(((struct bmc_aggregate *)0)->members)], *rest = ids;
	const char *id;
	bool go_on = true;

	(void)bmc_copy(ids, sizeof(ids), ((const struct bmc_aggregate *)row)->members);
	while (go_on && (id = strsep(&rest, " "))) {
		for (size_t i = 0; go_on && i < ARRAY_SIZE(shown_by); i++) {
			const struct bmc_row *m = rf_view_find(v, shown_by[i].kind, id);
			if (m)
				go_on = each(arg, shown_by[i].res, m);
		}
	}
}

struct elements {
	struct rf_render *r;
	json_t *list;
};

static bool add_link(void *arg, const struct rf_resource *res,
		     const struct bmc_row *member)
{
	struct elements *e = arg;
	json_t *link = rf_link_row(e->r, res, member);

	if (link)
		(void)json_array_append_new(e->list, link);
	return true;
}

json_t *rf_aggregate_elements(struct rf_render *r)
{
	struct elements e = { r, json_array() };

	each_member(rf_view_of(r), rf_row(r), add_link, &e);
	return e.list;
}

json_t *rf_aggregate_count(struct rf_render *r)
{
	json_t *list = rf_aggregate_elements(r), *n;

	n = json_integer((json_int_t)json_array_size(list));
	json_decref(list);
	return n;
}

/* ---- what a body names ---- */

static int refuse(struct rf_request *q, enum rf_message_id id, const json_t *v)
{
	char word[RF_ARG_MAX];

	rf_format_value(v, word);
	rf_message_about(rf_message_add(&q->messages, id, word, "Elements",
					q->action ? q->action->name : NULL),
			 "Elements",
			 "name systems, blades or the enclosure by their URIs");
	(void)rf_answer_messages(q, 0);
	return -1;
}

/* Appends an id to the list of members; false: no room. */
static bool append(struct bmc_aggregate *a, const char *id)
{
	size_t used = strlen(a->members), size = sizeof(a->members);

	if (used + strlen(id) + 2 > size)
		return false;
	(void)snprintf(a->members + used, size - used, "%s%s", used ? " " : "", id);
	return true;
}

static bool has(const struct bmc_aggregate *a, const char *id)
{
	size_t len = strlen(id);

	for (const char *p = a->members; (p = strstr(p, id)); p += len) {
		if ((p == a->members || p[-1] == ' ') && (!p[len] || p[len] == ' '))
			return true;
	}
	return false;
}

/* The elements as members of `ret`; -1: it has been answered. */
static int take_elements(struct rf_request *q, const json_t *list,
			 struct bmc_aggregate *ret)
{
	const struct bmc_row *row;
	size_t i;
	json_t *v;

	/* const in all but jansson's macro */
	json_array_foreach ((json_t *)(uintptr_t)list, i, v) {
		const struct rf_resource *res = rf_target(q, v, &row);
		if (!res || !is_element(res))
			return refuse(q,
				      q->action ? RF_PARAMETER_NOT_IN_LIST
						: RF_PROPERTY_NOT_IN_LIST,
				      v);
		if (has(ret, row->id) || append(ret, row->id))
			continue;
		(void)rf_message_add(&q->messages, RF_ARRAY_TOO_LONG, "Elements",
				     "1,535 bytes of ids", NULL);
		(void)rf_answer_messages(q, 0);
		return -1;
	}
	return 0;
}

/* ---- changes ---- */

static int submit(struct rf_request *q, struct bmc_action *act,
		  const struct bmc_aggregate *given, int (*then)(struct rf_request *q))
{
	int r = BMC_ENOMEM;

	act->kind = BMC_AGGREGATE;
	act->params = bmc_params_new();
	if (act->params)
		r = bmc_params_set_row(act->params, &given->row, NULL);
	r = r < 0 ? rf_answer_error(q, r, NULL) : rf_submit(q, act, 1, then);
	act->params = bmc_params_unref(act->params);
	return r;
}

static int changed(struct rf_request *q)
{
	if (q->result.code == BMC_ERANGE) {
		(void)rf_message_add(&q->messages, RF_ARRAY_TOO_LONG, "Elements",
				     "1,535 bytes of ids", NULL);
		return rf_answer_messages(q, 0);
	}
	return rf_then_task(q);
}

static int change(struct rf_request *q, const json_t *elements, bool add)
{
	struct bmc_action act = { .op = BMC_ACT_SET, .num = add };
	struct bmc_aggregate given = { .row.kind = BMC_AGGREGATE };

	if (take_elements(q, elements, &given) < 0)
		return RF_DONE;
	act.field = bmc_field_find(BMC_AGGREGATE, "members");
	(void)bmc_copy(act.id, sizeof(act.id), q->row->id);
	return submit(q, &act, &given, changed);
}

int rf_aggregate_add(struct rf_request *q, const json_t *const *args)
{
	return change(q, args[0], true);
}

/* Only what is in it can be taken out. */
int rf_aggregate_remove(struct rf_request *q, const json_t *const *args)
{
	const struct bmc_aggregate *a = (const struct bmc_aggregate *)q->row;
	size_t i;
	json_t *v;

	json_array_foreach ((json_t *)(uintptr_t)args[0], i, v) {
		const struct bmc_row *row;
		(void)rf_target(q, v, &row);
		if (!row || !has(a, row->id)) {
			(void)refuse(q, RF_PARAMETER_NOT_IN_LIST, v);
			return RF_DONE;
		}
	}
	return change(q, args[0], false);
}

/* ---- creation ---- */

/* What is to be made, while the request waits. */
struct creation {
	struct bmc_aggregate row;
	unsigned tries;
	char id[BMC_ID_MAX];
};

static int try_create(struct rf_request *q);

static int created(struct rf_request *q)
{
	struct creation *c = q->data;

	rf_refresh(q);
	if (q->result.code == BMC_EEXIST && ++c->tries < CREATE_TRIES)
		return try_create(q);
	if (q->result.code < 0)
		return rf_answer_error(q, q->result.code, &q->result.err);
	const struct bmc_row *row = bmc_snapshot_find(q->snap, BMC_AGGREGATE, c->id);
	if (row)
		return rf_answer_created(q, &rf_aggregate, row);
	q->status = 201; /* removed meanwhile */
	return RF_DONE;
}

/* The number after the last one. */
static int try_create(struct rf_request *q)
{
	struct creation *c = q->data;
	struct bmc_action act = { .op = BMC_ACT_ADD };
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(q->snap, BMC_AGGREGATE, &rows);

	if (n >= BMC_AGGREGATE_MAX)
		return rf_answer_message(q, RF_CREATE_LIMIT, NULL);
	(void)snprintf(c->id, sizeof(c->id), "%u",
		       n ? rows[n - 1]->index[0] + 1 + c->tries : 1 + c->tries);
	(void)bmc_copy(act.id, sizeof(act.id), c->id);
	return submit(q, &act, &c->row, created);
}

static bool take_name(struct rf_request *q, const json_t *v, struct bmc_aggregate *ret)
{
	const char *name = v ? json_string_value(v) : "Aggregate";
	char limit[16];

	(void)snprintf(limit, sizeof(limit), "%zu", sizeof(ret->name) - 1);
	if (!bmc_copy(ret->name, sizeof(ret->name), name))
		(void)rf_message_add(&q->messages, RF_STRING_TOO_LONG, name, limit,
				     NULL);
	else if (!name[0] || !bmc_text_ok(name, strlen(name)))
		(void)rf_message_add(&q->messages, RF_PROPERTY_FORMAT, name, "Name",
				     NULL);
	if (q->messages.n)
		(void)rf_answer_messages(q, 0);
	return !q->messages.n;
}

int rf_aggregate_create(struct rf_request *q, const json_t *const *args)
{
	struct creation *c = calloc(1, sizeof(*c));

	q->data = c;
	if (!c)
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	c->row.row.kind = BMC_AGGREGATE;
	if (!take_name(q, args[0], &c->row) || take_elements(q, args[1], &c->row) < 0)
		return RF_DONE;
	return try_create(q);
}

/* ---- resets ---- */

struct gathering {
	struct rf_request *q;
	struct rf_set *set;
	int code;
};

static bool gather(void *arg, const struct rf_resource *res,
		   const struct bmc_row *member)
{
	struct gathering *g = arg;

	(void)res;
	g->code = rf_set_add(g->set, g->q, member);
	return g->code == 0;
}

int rf_aggregate_gather(struct rf_request *q, const struct bmc_row *aggregate,
			struct rf_set *set)
{
	struct gathering g = { .q = q, .set = set };
	struct rf_view v;

	rf_view_init(&v, q->snap);
	each_member(&v, aggregate, gather, &g);
	return g.code;
}

int rf_aggregate_reset(struct rf_request *q, const json_t *const *args)
{
	int op = rf_reset_op(q, args[0]), r;
	struct rf_set set = { .op = (enum bmc_action_op)op };

	if (op < 0 || !rf_set_plan(q, &set, args + 1, 1))
		return RF_DONE;
	r = rf_aggregate_gather(q, q->row, &set);
	if (r == 0)
		return rf_set_submit(q, &set);
	rf_set_done(&set);
	return rf_answer_error(q, r, NULL);
}

struct allowance {
	struct rf_view *v;
	uint32_t mask;
};

static bool add_allowed(void *arg, const struct rf_resource *res,
			const struct bmc_row *member)
{
	struct allowance *a = arg;

	(void)res;
	rf_view_values(a->v, member);
	a->mask |= rf_allowed_row(a->v, member);
	return true;
}

uint32_t rf_aggregate_allowed(struct rf_view *v, const struct bmc_row *row)
{
	struct allowance a = { v, 0 };

	each_member(v, row, add_allowed, &a);
	return a.mask;
}

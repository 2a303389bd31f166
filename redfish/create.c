// SPDX-License-Identifier: Apache-2.0
// POST to a collection, also a deep one: the body is cut into one body for each member,
// all of them are checked, then each is made after what it is below, and all are undone
// when one fails. Called by rf_post.
#include "redfish/create.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "redfish/auth.h"
#include "redfish/patch.h"
#include "redfish/render.h"
#include "redfish/uri.h"

#define NONE SIZE_MAX

struct member {
	const struct rf_resource *in; /* its collection */
	json_t *body;                 /* borrowed of the request */
	char at[RF_ARG_MAX]; /* where that is: "" or "Certificates/Members/0/" */
	size_t above;        /* what it is below; NONE: the collection asked */
	struct bmc_action act;
	bool made;
};

/* It goes on also when its request has been given up: what was begun is ended or
 * undone. */
struct creation {
	struct rf_request *q; /* until it begins */
	struct http_wait *wait;
	struct bmc_actor who;
	struct bmc_result result;
	size_t at, n; /* under way */
	struct member list[RF_CREATE_MAX];
};

static void creation_free(struct creation *c)
{
	for (size_t i = 0; i < c->n; i++)
		(void)bmc_params_unref(c->list[i].act.params);
	bmc_wipe(c, sizeof(*c));
	free(c);
}

/* ---- messages ---- */

static void say(const struct creation *c, enum rf_message_id id, const char *arg,
		const char *at)
{
	rf_message_about(rf_message_add(&c->q->messages, id, arg, NULL, NULL), at, "");
}

/* What was said of a member names its properties: they are at `at`. */
static void place(struct rf_request *q, size_t said, const char *at)
{
	char path[RF_ARG_MAX * 2];

	for (size_t i = said; at[0] && i < q->messages.n; i++) {
		struct rf_message *m = &q->messages.list[i];
		(void)snprintf(path, sizeof(path), "%s%s", at, m->property);
		if (!m->property[0])
			path[strlen(path) - 1] = '\0'; /* the member itself */
		(void)bmc_copy(m->property, sizeof(m->property), path);
	}
}

/* ---- taking the body apart ---- */

/* The collection below a member of `in` that is linked by this property. */
static const struct rf_resource *below(const struct rf_resource *in, const char *key)
{
	const char *member = in->members[0]->uri;
	size_t len = strlen(member);

	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		if ((*r)->draft && strncmp((*r)->uri, member, len) == 0 &&
		    (*r)->uri[len] == '/' && strcmp((*r)->uri + len + 1, key) == 0)
			return *r;
	}
	return NULL;
}

static void take_member(struct creation *c, const struct member *is, unsigned level);

/* The value of a property that is a collection: nothing but its members. */
static void take_members(struct creation *c, const struct member *of, json_t *value,
			 unsigned level)
{
	json_t *list = json_object_get(value, "Members"), *v;
	struct member one = { .in = of->in, .above = of->above };
	char path[RF_ARG_MAX * 2];
	const char *key;
	size_t i;

	json_object_foreach (value, key, v) {
		(void)snprintf(path, sizeof(path), "%s%s", of->at, key);
		if (!strchr(key, '@') && strcmp(key, "Members") != 0)
			say(c, RF_PROPERTY_UNKNOWN, key, path);
	}
	(void)snprintf(path, sizeof(path), "%sMembers", of->at);
	if (!json_is_array(list))
		say(c, RF_PROPERTY_MISSING, "Members", path);
	json_array_foreach (list, i, one.body) {
		(void)snprintf(path, sizeof(path), "%sMembers/%zu/", of->at, i);
		if (bmc_copy(one.at, sizeof(one.at), path) && c->n < RF_CREATE_MAX &&
		    level <= RF_DEEP_LEVELS_MAX) {
			take_member(c, &one, level);
			continue;
		}
		say(c, RF_PAYLOAD_TOO_LARGE, NULL, of->at);
		return;
	}
}

static void take_below(struct creation *c, size_t above, unsigned level)
{
	const struct member *m = &c->list[above];
	struct member sub = { .above = above };
	char path[RF_ARG_MAX * 2];
	const char *key;
	json_t *v;

	json_object_foreach (m->body, key, v) {
		sub.in = below(m->in, key);
		if (!sub.in)
			continue;
		(void)snprintf(path, sizeof(path), "%s%s", m->at, key);
		if (snprintf(sub.at, sizeof(sub.at), "%.80s/", path) > 80)
			say(c, RF_PAYLOAD_TOO_LARGE, NULL, m->at);
		else if (!rf_may_read(c->q, sub.in, NULL)) /* judges the method: POST */
			say(c, RF_INSUFFICIENT_PRIVILEGE, NULL, path);
		else if (!json_is_object(v))
			rf_message_about(rf_message_add(&c->q->messages,
							RF_PROPERTY_TYPE, "***", key,
							NULL),
					 path, "");
		else
			take_members(c, &sub, v, level + 2);
	}
}

/* Its own properties, a new object. */
static json_t *own_of(const struct creation *c, const struct member *m)
{
	json_t *own = json_object(), *v;
	const char *key;

	json_object_foreach (m->body, key, v) {
		if (!c->q->deep || !below(m->in, key))
			(void)json_object_set(own, key, v);
	}
	return own;
}

static void take_member(struct creation *c, const struct member *is, unsigned level)
{
	const json_t *args[RF_PARAMS_MAX] = { NULL };
	struct member *m = &c->list[c->n];
	struct rf_request *q = c->q;
	size_t said = q->messages.n, mine = c->n++;

	*m = *is;
	if (!json_is_object(m->body)) {
		(void)rf_message_add(&q->messages, RF_PROPERTY_TYPE, "***", "Members",
				     NULL);
		place(q, said, m->at);
		return;
	}
	json_t *own = own_of(c, m);
	if (rf_args_of(q, m->in->create_params, NULL, own, args))
		m->in->draft(q, args, m->above == NONE ? NULL : &c->list[m->above].act,
			     &m->act);
	place(q, said, m->at);
	json_decref(own);
	if (q->deep)
		take_below(c, mine, level);
}

static void take_all(struct creation *c)
{
	struct rf_request *q = c->q;
	struct member top = { .in = q->res, .body = q->parsed, .above = NONE };

	if (q->deep && json_is_array(json_object_get(q->parsed, "Members")))
		take_members(c, &top, q->parsed, 1);
	else
		take_member(c, &top, 1);
	if (!q->messages.n && !c->n)
		say(c, RF_NO_OPERATION, NULL, "");
}

/* ---- the answer ---- */

static json_t *shown(struct rf_request *q, const struct member *m, char uri[RF_URI_MAX])
{
	const struct rf_resource *res = m->in->members[0];
	const struct bmc_row *row = bmc_snapshot_find(q->snap, m->act.kind, m->act.id);
	struct rf_view view;

	rf_view_init(&view, q->snap);
	return row && rf_uri(res, &view, row, uri)
		       ? rf_render_once(q->snap, res, row, uri)
		       : NULL;
}

/* Of several no URI is "the" created one. */
static int answer_several(struct rf_request *q, const struct creation *c)
{
	json_t *list = json_array();
	char uri[RF_URI_MAX];

	for (size_t i = 0; i < c->n; i++) {
		json_t *v =
			c->list[i].above == NONE ? shown(q, &c->list[i], uri) : NULL;
		if (v)
			(void)json_array_append_new(list, v);
	}
	return rf_answer(q, 201,
			 json_pack("{sIso}", "Members@odata.count",
				   (json_int_t)json_array_size(list), "Members", list));
}

static int answer_made(struct rf_request *q, const struct creation *c)
{
	const struct member *m = &c->list[0];
	size_t tops = 0;

	rf_refresh(q);
	for (size_t i = 0; i < c->n; i++)
		tops += c->list[i].above == NONE;
	const struct bmc_row *row = bmc_snapshot_find(q->snap, m->act.kind, m->act.id);
	if (tops > 1)
		return answer_several(q, c);
	if (row)
		return rf_answer_created(q, m->in->members[0], row);
	q->status = 201;
	return RF_DONE;
}

static int answer_refused(struct rf_request *q, const struct creation *c)
{
	const struct member *m = &c->list[c->at];
	size_t said = q->messages.n;

	q->result = c->result;
	if (m->in->refused)
		m->in->refused(q, m->body);
	else
		rf_add_refusal(q, q->result.code, &q->result.err);
	place(q, said, m->at);
	return rf_answer_messages(q, 0);
}

static int answered(struct rf_request *q)
{
	struct creation *c = q->data;
	int r;

	q->data = NULL;
	r = c->result.code < 0 ? answer_refused(q, c) : answer_made(q, c);
	creation_free(c);
	return r;
}

/* ---- one after the other ---- */

static void finish(struct creation *c)
{
	struct rf_request *q = rf_wait_end(c->wait);

	if (!q) {
		creation_free(c);
		return;
	}
	q->data = c;
	rf_wait_resume(q);
}

static void undo(struct creation *c);

static void undone(void *arg, const struct bmc_result *result)
{
	if (result->code < 0)
		log_warning("a part of a request that failed stays: %s",
			    result->err.what);
	undo(arg);
}

/* What is below another goes with that. */
static void undo(struct creation *c)
{
	size_t i = c->n;

	while (i > 0 && !(c->list[i - 1].made && c->list[i - 1].above == NONE))
		i--;
	if (i == 0) {
		finish(c);
		return;
	}
	struct member *m = &c->list[i - 1];
	struct bmc_action act = { .op = BMC_ACT_REMOVE, .kind = m->act.kind };
	struct bmc_result failed = { .code = BMC_OK };
	m->made = false;
	(void)bmc_copy(act.id, sizeof(act.id), m->act.id);
	failed.code = bmc_action_submit(&c->who, &act, 1, undone, c, NULL, &failed.err);
	if (failed.code < 0)
		undone(c, &failed);
}

static void made(void *arg, const struct bmc_result *result);

static void next(struct creation *c)
{
	struct bmc_transaction *t = NULL;
	struct bmc_result failed = { .code = BMC_OK };

	if (c->at == c->n) {
		finish(c);
		return;
	}
	failed.code = bmc_action_reserve(&c->who, &c->list[c->at].act, 1, &t, NULL,
					 &failed.err);
	if (failed.code < 0)
		made(c, &failed);
	else
		bmc_transaction_commit(t, made, c);
}

static void made(void *arg, const struct bmc_result *result)
{
	struct creation *c = arg;

	c->result = *result;
	if (result->code < 0) {
		undo(c);
		return;
	}
	c->list[c->at++].made = true;
	next(c);
}

int rf_create(struct rf_request *q)
{
	struct creation *c;

	if (!rf_parse(q))
		return RF_DONE;
	c = calloc(1, sizeof(*c));
	if (!c)
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	c->q = q;
	c->who = q->login.actor;
	take_all(c);
	if (!q->messages.n && !(c->wait = rf_wait_begin(q, answered, NULL)))
		rf_add_refusal(q, BMC_ENOMEM, NULL);
	if (q->messages.n) {
		creation_free(c);
		return rf_answer_messages(q, 0);
	}
	c->q = NULL;
	next(c);
	return RF_WAIT;
}

// SPDX-License-Identifier: Apache-2.0
// GET: the page of a collection that is asked for, or the resource, and what the query
// parameters make of it. Called by the dispatcher and by what finds its members
// elsewhere (log.c).
#include <string.h>

#include "core/base/util.h"
#include "redfish/auth.h"
#include "redfish/query.h"
#include "redfish/render.h"

/* ---- collections ---- */

bool rf_is_collection(const struct rf_resource *res)
{
	return res->members || (res->flags & RF_NO_ID);
}

/* The whole collection as JSON, also the members that are whole. */
static json_t *all_members(struct rf_render *r)
{
	json_t *root = rf_render(r);
	char *text = NULL;

	if (!r->members)
		return root;
	if (asprintf(&text, "[%s]", r->members) < 0)
		text = NULL;
	free(r->members);
	r->members = NULL;
	json_t *list = text ? json_loads(text, 0, NULL) : NULL;
	free(text);
	(void)json_object_set_new(root, "Members", list ? list : json_array());
	return root;
}

void rf_put_page(struct rf_request *q, json_t *root, size_t total, size_t next)
{
	const struct rf_options *o = q->options;

	(void)json_object_set_new(root, "Members@odata.count",
				  json_integer((json_int_t)total));
	(void)json_object_del(root, "Members@odata.nextLink");
	if (next < total)
		(void)json_object_set_new(
			root, "Members@odata.nextLink",
			json_sprintf("%s?$skip=%zu&$top=%zu%s", q->uri, next,
				     o ? o->top : RF_TOP_MAX, o ? o->more : ""));
}

static void take_picked(struct rf_options *o, json_t *member)
{
	if (!o->picked)
		o->picked = json_array();
	if (o->n_picked >= o->skip && o->n_picked - o->skip < o->top)
		(void)json_array_append(o->picked, member);
	o->n_picked++;
}

void rf_pick(struct rf_options *o, json_t *member)
{
	if (!o->filter || rf_filter_matches(o->filter, member))
		take_picked(o, member);
}

void rf_put_picked(struct rf_request *q, json_t *root)
{
	struct rf_options *o = q->options;

	(void)json_object_set_new(root, "Members",
				  o->picked ? o->picked : json_array());
	o->picked = NULL;
	rf_put_page(q, root, o->n_picked, o->top ? o->skip + o->top : SIZE_MAX);
}

/* A member that is a link. What the client may not read is not picked: the answer would
 * tell of it. */
static void pick_link(struct rf_request *q, json_t *link)
{
	struct rf_options *o = q->options;
	struct rf_body *b =
		rf_body_at(q, json_string_value(json_object_get(link, "@odata.id")));
	json_t *whole = b ? json_loadb(b->text, b->len, 0, NULL) : NULL;

	if (whole && rf_filter_matches(o->filter, whole))
		take_picked(o, link);
	json_decref(whole);
	(void)rf_body_unref(b);
}

/* A page out of all members. */
static struct rf_body *picked(struct rf_request *q)
{
	struct rf_view view;
	struct rf_render r = { .view = &view,
			       .res = q->res,
			       .row = q->row,
			       .uri = q->uri,
			       .top = SIZE_MAX };
	json_t *v;
	size_t i;

	rf_view_init(&view, q->snap);
	json_t *root = all_members(&r);
	json_array_foreach (json_object_get(root, "Members"), i, v) {
		if (q->options->filter && json_object_size(v) == 1)
			pick_link(q, v);
		else
			rf_pick(q->options, v);
	}
	rf_put_picked(q, root);
	return rf_cache_make(&r, root, false);
}

/* ---- a collection's only member ---- */

/* Goes on with the member when there is one only; false: answered. */
static bool take_only(struct rf_request *q)
{
	struct rf_body *b = rf_body_of(q, 0, RF_TOP_MAX);
	json_t *root = b ? json_loadb(b->text, b->len, 0, NULL) : NULL;
	const json_t *members = json_object_get(root, "Members");
	const char *uri = json_string_value(
		json_object_get(json_array_get(members, 0), "@odata.id"));
	bool ok = true;

	if (uri && json_array_size(members) == 1) {
		(void)bmc_copy(q->uri, sizeof(q->uri), uri);
		q->res = rf_route(q->snap, q->uri, &q->row);
		rf_allow(q->res, false, q->allow);
		ok = rf_authorize(q);
	}
	json_decref(root);
	(void)rf_body_unref(b);
	return ok;
}

/* ---- the answer ---- */

/* Replaces the body by what it becomes as JSON; its ETag stays, so says DSP0266. */
static bool reduce(struct rf_request *q)
{
	json_t *root = json_loadb(q->body->text, q->body->len, 0, NULL);
	bool members = (q->res->flags & RF_INLINE) || q->options->expand;

	if (root && q->options->excerpt)
		rf_excerpt(root);
	if (root && q->options->select)
		rf_select_apply(q->options->select, root,
				rf_is_collection(q->res) && members);
	char *text = root ? json_dumps(root, RF_JSON_FLAGS) : NULL;
	struct rf_body *less =
		text ? rf_body_new(q->body, text, strlen(text), NULL) : NULL;
	json_decref(root);
	(void)rf_body_unref(q->body);
	q->body = less;
	return less != NULL;
}

static bool expand(struct rf_request *q, unsigned *ret_status)
{
	struct rf_body *more = rf_expand(q, q->body, ret_status);

	(void)rf_body_unref(q->body);
	q->body = more;
	return more != NULL;
}

int rf_answer_body(struct rf_request *q)
{
	const struct rf_options *o = q->options;
	const char *have = http_header(q->http, "If-None-Match");
	unsigned status = 500;
	struct bmc_error err = { 0 };

	if (q->body && o && o->expand && !expand(q, &status) && status != 500) {
		(void)bmc_fail(&err, BMC_ENOSPC,
			       "the answer is too long: ask for less with $levels, "
			       "$filter or $top, or for a resource further down");
		return status == 507 ? rf_answer_error(q, BMC_ENOSPC, &err)
				     : rf_answer_error(q, BMC_EAGAIN, NULL);
	}
	if (!q->body || (o && (o->excerpt || o->select) && !reduce(q)))
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	q->status = have && rf_etag_matches(have, q->body->etag, false) ? 304 : 200;
	return RF_DONE;
}

/* Members that are not the renderer's are paged here. */
static bool is_picked(const struct rf_request *q)
{
	const struct rf_options *o = q->options;

	return o && (o->filter || (o->page && !q->res->members));
}

int rf_read(struct rf_request *q)
{
	const struct rf_options *o;

	if (q->res->raw)
		return q->res->raw(q);
	if (q->n_query && !(q->options = rf_options_new(q)))
		return RF_DONE;
	o = q->options;
	if (o && o->only && !take_only(q))
		return RF_DONE;
	if (q->res->stored) {
		int r = q->res->stored(q, o ? o->skip : 0, o ? o->top : RF_TOP_MAX);
		if (r != RF_DONE || q->status)
			return r;
	}
	if (is_picked(q))
		q->body = picked(q);
	else if (!q->body)
		q->body = rf_body_of(q, o ? o->skip : 0, o ? o->top : RF_TOP_MAX);
	return rf_answer_body(q);
}

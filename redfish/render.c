// SPDX-License-Identifier: Apache-2.0
// From a resource's table and a row to JSON. Pure: reads one snapshot through a view,
// which notes what the body was made from. Called on a miss of the cache.
#include <string.h>

#include "core/actions/action.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/apply-time.h"
#include "redfish/render.h"
#include "redfish/uri.h"
#include "redfish/values.h"

/* ---- links ---- */

json_t *rf_link(const char *uri)
{
	return json_pack("{ss}", "@odata.id", uri);
}

const struct bmc_row *rf_row(const struct rf_render *r)
{
	return r->row;
}

const char *rf_id(const struct rf_render *r)
{
	return strrchr(r->uri, '/') + 1;
}

struct rf_view *rf_view_of(struct rf_render *r)
{
	return r->view;
}

json_t *rf_link_row(struct rf_render *r, const struct rf_resource *res,
		    const struct bmc_row *row)
{
	char uri[RF_URI_MAX];

	if (!rf_exists(r->view, res, row) || !rf_uri(res, r->view, row, uri))
		return NULL;
	return rf_link(uri);
}

static json_t *link_text(const struct rf_render *r, const char *text)
{
	char uri[RF_URI_MAX];

	if (text[0] != '.')
		return rf_link(text);
	(void)snprintf(uri, sizeof(uri), "%s%s", r->uri, text + 1);
	return rf_link(uri);
}

/* The first of `to` that shows the row, or what holds it. */
static json_t *link_same(struct rf_render *r, const struct rf_prop *p)
{
	for (const struct rf_resource *const *to = p->to; *to; to++) {
		const struct bmc_row *row = rf_ancestor(r->view, r->row, rf_kind(*to));
		json_t *link = row ? rf_link_row(r, *to, row) : NULL;
		if (link)
			return link;
	}
	return NULL;
}

static json_t *uri_same(struct rf_render *r, const struct rf_prop *p)
{
	json_t *link = link_same(r, p);
	json_t *uri = json_incref(json_object_get(link, "@odata.id"));

	json_decref(link);
	return uri;
}

json_t *rf_place(struct rf_render *r)
{
	const struct bmc_row *row = r->row;

	return json_integer(
		(json_int_t)(row->kind == BMC_BOARD ? row->index[1] : row->index[0]));
}

static json_t *link_up(struct rf_render *r, const struct rf_prop *p)
{
	const struct bmc_row *up = rf_view_row(r->view, r->row->parent);

	for (const struct rf_resource *const *to = p->to; up && *to; to++) {
		json_t *link =
			rf_kind(*to) == up->kind ? rf_link_row(r, *to, up) : NULL;
		if (link)
			return link;
	}
	return NULL;
}

/* Links to the rows of `to`, all or only those right below this row. */
static json_t *links(struct rf_render *r, const struct rf_prop *p, bool below)
{
	json_t *list = json_array();

	for (const struct rf_resource *const *to = p->to; *to; to++) {
		const struct bmc_row *const *rows;
		size_t n = below ? rf_view_children(r->view, r->row->handle,
						    rf_kind(*to), &rows)
				 : rf_view_rows(r->view, rf_kind(*to), &rows);
		for (size_t i = 0; i < n; i++) {
			json_t *link = rf_link_row(r, *to, rows[i]);
			if (link)
				(void)json_array_append_new(list, link);
		}
	}
	return list;
}

/* ---- arrays of objects ---- */

static void put_props(struct rf_render *r, const struct rf_prop *props, json_t *root);

static json_t *element(struct rf_render *r, const struct rf_prop *p, size_t i)
{
	char uri[RF_URI_MAX + 64];
	json_t *o = json_object();

	if (!p->each->children) {
		(void)snprintf(uri, sizeof(uri), "%s#/%s/%zu", r->uri, p->path, i);
		(void)json_object_set_new(o, "@odata.id", json_string(uri));
		(void)json_object_set_new(o, "MemberId", json_sprintf("%zu", i));
	}
	put_props(r, p->each->props, o);
	return o;
}

struct elements {
	struct rf_render *r;
	const struct rf_prop *p;
	json_t *list;
};

static void add_element(void *arg, const struct bmc_row *row)
{
	struct elements *e = arg;
	const struct bmc_row *own = e->r->row;

	rf_view_values(e->r->view, row);
	if (e->p->each->where && !e->p->each->where(row))
		return;
	e->r->row = row;
	(void)json_array_append_new(e->list,
				    element(e->r, e->p, json_array_size(e->list)));
	e->r->row = own;
}

static json_t *children(struct elements *e)
{
	const struct bmc_row *const *rows;
	size_t n = rf_view_children(e->r->view, e->r->row->handle, e->p->each->kind,
				    &rows);

	for (size_t i = 0; i < n; i++)
		add_element(e, rows[i]);
	if (json_array_size(e->list) > 0)
		return e->list;
	json_decref(e->list);
	return NULL;
}

static json_t *each(struct rf_render *r, const struct rf_prop *p)
{
	struct elements e = { .r = r, .p = p, .list = json_array() };

	if (p->each->children)
		return children(&e);
	rf_each_below(r->view, r->row, rf_kind(r->res), p->each->kind, add_element, &e);
	return e.list;
}

/* ---- properties ---- */

static json_t *field(const struct rf_render *r, const struct rf_prop *p)
{
	const struct bmc_field *f =
		bmc_field_at((enum bmc_kind)r->row->kind, p->offset);

	return f ? rf_field_value(r->row, f, p) : NULL;
}

json_t *rf_value(struct rf_render *r, const struct rf_prop *p)
{
	if (p->shown && !p->shown())
		return NULL;
	switch (p->how) {
	case RF_HOW_FIELD:
		return field(r, p);
	case RF_HOW_TEXT:
		return json_string(p->text);
	case RF_HOW_NUM:
		return json_integer(p->num);
	case RF_HOW_BOOL:
		return json_boolean(p->num);
	case RF_HOW_NULL:
		return json_null();
	case RF_HOW_LIST:
		return json_array();
	case RF_HOW_LINK:
		return link_text(r, p->text);
	case RF_HOW_SAME:
		return link_same(r, p);
	case RF_HOW_URI:
		return uri_same(r, p);
	case RF_HOW_UP:
		return link_up(r, p);
	case RF_HOW_DOWN:
	case RF_HOW_ALL:
		return links(r, p, p->how == RF_HOW_DOWN);
	case RF_HOW_EACH:
		return each(r, p);
	case RF_HOW_FN:
		return p->fn(r);
	}
	return NULL;
}

static void hash_setting(struct rf_render *r, const json_t *v)
{
	char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);

	if (text)
		r->settings = bmc_hash(r->settings, text, strlen(text) + 1);
	free(text);
}

static void put_props(struct rf_render *r, const struct rf_prop *props, json_t *root)
{
	for (const struct rf_prop *p = props; p && p->path; p++) {
		json_t *v = rf_value(r, p);
		if (!v) {
			rf_put_nothing(root, p->path);
			continue;
		}
		if ((p->flags & RF_PATCH) && !(p->flags & RF_CLOCK))
			hash_setting(r, v);
		(void)rf_put(root, p->path, v);
	}
}

/* ---- actions ---- */

json_t *rf_reset_words(uint32_t allowed)
{
	json_t *list = json_array();

	for (const struct bmc_name *n = rf_reset_names; n->word; n++) {
		if (allowed & (1U << n->value))
			(void)json_array_append_new(list, json_string(n->word));
	}
	return list;
}

/* Resets can wait for a maintenance window, but for the agent's own. */
static void put_apply_time(const struct rf_render *r, json_t *action)
{
	if (rf_kind(r->res) != BMC_MANAGER)
		(void)json_object_set_new(action, "@Redfish.OperationApplyTimeSupport",
					  rf_apply_time_support(BMC_ACT_ON));
}

static void put_actions(struct rf_render *r, json_t *root)
{
	char key[80], target[RF_URI_MAX + 80];

	/* clients take an object without it for broken: an empty one says "none now" */
	if (r->res->actions && !json_object_get(root, "Actions"))
		(void)json_object_set_new(root, "Actions", json_object());
	for (const struct rf_action *a = r->res->actions; a && a->name; a++) {
		uint32_t allowed = a->allowed ? a->allowed(r->view, r->row) : 0;
		if (a->allowed && !allowed)
			continue;
		(void)snprintf(target, sizeof(target), "%s/Actions/%s", r->uri,
			       a->name);
		json_t *o = json_pack("{ss}", "target", target);
		if (a->allowed) {
			(void)json_object_set_new(o,
						  "ResetType@Redfish.AllowableValues",
						  rf_reset_words(allowed));
			(void)snprintf(target, sizeof(target), "%s/ResetActionInfo",
				       r->uri);
			(void)json_object_set_new(o, "@Redfish.ActionInfo",
						  json_string(target));
			put_apply_time(r, o);
		}
		(void)snprintf(key, sizeof(key), "#%s", a->name);
		/* what the table of properties says of the action */
		(void)json_object_update_missing(
			o, json_object_get(json_object_get(root, "Actions"), key));
		(void)snprintf(key, sizeof(key), "Actions/#%s", a->name);
		(void)rf_put(root, key, o);
	}
}

/* ---- collections ---- */

/* The page $skip and $top ask for, out of all members. */
struct page {
	json_t *list;
	FILE *text; /* with RF_INLINE, instead of the list */
	size_t seen;
};

static int write_text(const char *text, size_t len, void *arg)
{
	return fwrite(text, 1, len, arg) == len ? 0 : -1;
}

static void add_member(struct rf_render *r, const struct rf_resource *res,
		       const struct bmc_row *row, struct page *page)
{
	char uri[RF_URI_MAX];

	if (!page->text) {
		(void)json_array_append_new(page->list, rf_link_row(r, res, row));
		return;
	}
	if (!rf_uri(res, r->view, row, uri))
		return;
	struct rf_render one = { .view = r->view, .res = res, .row = row, .uri = uri };
	json_t *member = rf_render(&one);
	if (ftell(page->text) > 0)
		(void)fputc(',', page->text);
	(void)json_dump_callback(member, write_text, page->text, RF_JSON_FLAGS);
	json_decref(member);
}

static bool on_page(const struct rf_render *r, struct page *page)
{
	size_t i = page->seen++;

	return i >= r->skip && i - r->skip < r->top;
}

struct members {
	struct rf_render *r;
	const struct rf_resource *of;
	struct page *page;
};

static bool too_old(const struct members *m, const struct bmc_row *row)
{
	const struct bmc_row *const *rows;
	size_t n = m->r->res->newest ? rf_view_rows(m->r->view, row->kind, &rows) : 0;

	return n > 0 && rows[n - 1]->index[0] - row->index[0] >= m->r->res->newest;
}

static void add_if_member(void *arg, const struct bmc_row *row)
{
	struct members *m = arg;

	if (!too_old(m, row) && rf_is_member(m->of, m->r->view, row, m->r->uri) &&
	    on_page(m->r, m->page))
		add_member(m->r, m->of, row, m->page);
}

/* Whether only the collection's own row can be a member: no placeholder follows the one
 * that both end with, which may be "container" in the collection's pattern. */
static bool is_of_row_itself(const struct rf_render *r, const struct rf_resource *of)
{
	size_t len = strlen(r->res->uri);

	if (!r->row)
		return false;
	if (strncmp(of->uri, r->res->uri, len) == 0)
		return !strchr(of->uri + len, '{');
	return rf_kind(r->res) == BMC_N_KINDS && strchr(r->res->uri, '{') &&
	       strchr(of->uri, '{') == strrchr(of->uri, '{') &&
	       rf_kind(of) == r->row->kind;
}

static void add_rows(struct rf_render *r, const struct rf_resource *of,
		     struct page *page)
{
	struct members m = { .r = r, .of = of, .page = page };
	const struct bmc_row *const *rows;

	if (is_of_row_itself(r, of)) {
		add_if_member(&m, r->row);
	} else if (r->row && r->row->kind != rf_kind(of)) {
		rf_each_below(r->view, r->row, rf_kind(r->res), rf_kind(of),
			      add_if_member, &m);
	} else {
		size_t n = r->row ? rf_view_children(r->view, r->row->handle,
						     rf_kind(of), &rows)
				  : rf_view_rows(r->view, rf_kind(of), &rows);
		for (size_t i = 0; i < n; i++)
			add_if_member(&m, rows[i]);
	}
}

/* Members without a row: one, or those of a URI that ends with "*". */
static void add_links(struct rf_render *r, const struct rf_resource *of,
		      struct page *page)
{
	char id[BMC_ID_MAX] = "";
	size_t len = strcspn(of->uri, "*");

	for (size_t i = 0; of->member_id ? of->member_id(i, id) : i == 0; i++) {
		if (on_page(r, page))
			(void)json_array_append_new(
				page->list, json_pack("{so}", "@odata.id",
						      json_sprintf("%.*s%s", (int)len,
								   of->uri, id)));
	}
}

static void put_members(struct rf_render *r, json_t *root)
{
	struct page page = { .list = json_array() };
	size_t len;

	if (r->res->flags & RF_INLINE)
		page.text = open_memstream(&r->members, &len);

	for (const struct rf_resource *const *m = r->res->members; *m; m++) {
		if (strchr((*m)->uri, '{'))
			add_rows(r, *m, &page);
		else
			add_links(r, *m, &page);
	}
	if (page.text)
		(void)fclose(page.text);
	(void)json_object_set_new(root, "Members@odata.count",
				  json_integer((json_int_t)page.seen));
	(void)json_object_set_new(root, "Members", page.list);
	if (r->skip >= page.seen || r->top >= page.seen - r->skip || !r->top)
		return;
	(void)json_object_set_new(root, "Members@odata.nextLink",
				  json_sprintf("%s?$skip=%zu&$top=%zu%s", r->uri,
					       r->skip + r->top, r->top,
					       r->more ? r->more : ""));
}

/* That the row is there and where, what gives it this resource, and its values if any
 * of them are shown. */
static void note_row(const struct rf_render *r)
{
	char uri[RF_URI_MAX];

	if (!r->row)
		return;
	(void)rf_uri(r->res, r->view, r->row, uri);
	(void)rf_view_row(r->view, r->row->handle);
	(void)rf_exists(r->view, r->res, r->row);
	if (r->res->props || r->res->actions)
		rf_view_values(r->view, r->row);
}

json_t *rf_render(struct rf_render *r)
{
	char type[128];
	json_t *root = json_object();

	(void)snprintf(type, sizeof(type), "#%s", r->res->type);
	(void)json_object_set_new(root, "@odata.id", json_string(r->uri));
	(void)json_object_set_new(root, "@odata.type", json_string(type));
	if (!r->res->members && !(r->res->flags & RF_NO_ID))
		(void)json_object_set_new(root, "Id", json_string(rf_id(r)));
	if (r->res->name)
		(void)json_object_set_new(root, "Name", json_string(r->res->name));
	note_row(r);
	put_props(r, r->res->props, root);
	if (r->res->members)
		put_members(r, root);
	else if (r->res->flags & RF_NO_ID) /* it made its members itself */
		(void)json_object_set_new(root, "Members@odata.count",
					  json_integer((json_int_t)json_array_size(
						  json_object_get(root, "Members"))));
	put_actions(r, root);
	return root;
}

json_t *rf_render_once(const struct bmc_snapshot *s, const struct rf_resource *res,
		       const struct bmc_row *row, const char *uri)
{
	struct rf_view view;

	rf_view_init(&view, s);
	struct rf_render r = { .view = &view, .res = res, .row = row, .uri = uri };
	return rf_render(&r);
}

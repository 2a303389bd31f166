// SPDX-License-Identifier: Apache-2.0
// Log entries that are in the database only: see log.h. A request waits for the state
// thread, whose answer comes on the main thread. Called by request.c.
#include "redfish/log.h"

#include <string.h>

#include "core/base/util.h"
#include "core/events/event.h"
#include "core/model/field.h"
#include "core/ports/store.h"
#include "redfish/auth.h"
#include "redfish/list.h"
#include "redfish/query.h"
#include "redfish/render.h"
#include "redfish/uri.h"

/* What a request waits for; its `data`. */
struct stored {
	size_t skip, top;
	int code;
	uint64_t total; /* events that are only stored */
	size_t n;
	struct bmc_event events[];
};

json_t *rf_log_message_id(const char *type, int64_t severity)
{
	const struct bmc_event_type *t = bmc_event_type_find(type);
	bool by_row = t && t->severity == BMC_SEVERITY_UNKNOWN;

	return json_sprintf("ClusterBmc.1.0.%s%s", type,
			    by_row ? bmc_name_word(bmc_severity_names, severity) : "");
}

/* ---- asking ---- */

/* Main thread. */
static void got(void *arg, int code, const struct bmc_event_page *page)
{
	struct rf_request *q = rf_wait_end(arg);

	if (!q)
		return;
	struct stored *s = q->data;
	s->code = code;
	if (page) {
		s->total = page->total;
		s->n = page->n;
		memcpy(s->events, page->events, page->n * sizeof(page->events[0]));
	}
	rf_wait_resume(q);
}

static int ask(struct rf_request *q, const struct bmc_event_query *query, size_t skip,
	       size_t top, int (*then)(struct rf_request *q))
{
	struct stored *s = calloc(1, sizeof(*s) + query->limit * sizeof(s->events[0]));
	struct http_wait *w;
	int code;

	if (!s)
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	s->skip = skip;
	s->top = top;
	q->data = s;
	w = rf_wait_begin(q, then, NULL);
	if (!w)
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	code = bmc_store->events(query, got, w);
	if (code != BMC_OK)
		got(w, code, NULL);
	return RF_WAIT;
}

/* Handles do not outlive a process: the origin is found by its id. */
static void link_origin(const struct bmc_snapshot *s, struct bmc_event *e)
{
	const struct bmc_row *origin = NULL;

	if (e->origin_id[0] && e->origin_kind >= 0 && e->origin_kind < BMC_N_KINDS)
		origin = bmc_snapshot_find(s, (enum bmc_kind)e->origin_kind,
					   e->origin_id);
	e->row.parent = origin ? origin->handle : 0;
}

static const struct bmc_row *const *shown(const struct rf_request *q, size_t *n)
{
	const struct bmc_row *const *rows;

	*n = bmc_snapshot_rows(q->snap, BMC_EVENT, &rows);
	return rows;
}

/* ---- a page of the collection ---- */

static int write_text(const char *text, size_t len, void *arg)
{
	return fwrite(text, 1, len, arg) == len ? 0 : -1;
}

static void write_entries(struct rf_request *q, struct rf_view *view, struct stored *s,
			  FILE *to)
{
	char uri[RF_URI_MAX];

	for (size_t i = 0; i < s->n; i++) {
		struct rf_render one = { .view = view,
					 .res = &rf_entry,
					 .row = &s->events[i].row,
					 .uri = uri };
		link_origin(q->snap, &s->events[i]);
		if (!rf_uri(&rf_entry, view, one.row, uri))
			continue;
		json_t *entry = rf_render(&one);
		if (i > 0)
			(void)fputc(',', to);
		(void)json_dump_callback(entry, write_text, to, RF_JSON_FLAGS);
		json_decref(entry);
	}
}

static int show_page(struct rf_request *q)
{
	struct stored *s = q->data;
	struct rf_view view;
	struct rf_render r = { .view = &view,
			       .res = q->res,
			       .row = q->row,
			       .uri = q->uri,
			       .skip = s->skip,
			       .top = s->top };
	size_t n, len, on_page;

	(void)shown(q, &n);
	if (s->code != BMC_OK && s->skip >= n)
		return rf_answer_error(q, s->code, NULL);
	rf_view_init(&view, q->snap);
	json_t *root = rf_render(&r);
	on_page = s->skip < n ? MIN(s->top, n - s->skip) : s->n;
	if (s->skip >= n) {
		free(r.members);
		r.members = NULL;
		FILE *to = open_memstream(&r.members, &len);
		if (to) {
			write_entries(q, &view, s, to);
			(void)fclose(to);
		}
	}
	rf_put_page(q, root, n + (size_t)s->total,
		    s->top ? s->skip + on_page : SIZE_MAX);
	q->body = rf_cache_make(&r, root, false);
	return rf_answer_body(q);
}

/* ---- a page of those that a filter picks ---- */

/* Reads on from here: `before` is the last number that was seen. */
static int read_on(struct rf_request *q, uint32_t before,
		   int (*then)(struct rf_request *q))
{
	const struct bmc_event_query query = { .newest_first = true,
					       .before = before,
					       .limit = BMC_QUERY_EVENTS_MAX };

	free(q->data);
	q->data = NULL;
	return ask(q, &query, 0, 0, then);
}

static void pick(struct rf_request *q, struct rf_view *view, const struct bmc_row *row)
{
	char uri[RF_URI_MAX];
	struct rf_render one = {
		.view = view, .res = &rf_entry, .row = row, .uri = uri
	};

	if (!rf_uri(&rf_entry, view, row, uri))
		return;
	json_t *entry = rf_render(&one);
	rf_pick(q->options, entry);
	json_decref(entry);
}

static int show_picked(struct rf_request *q)
{
	struct rf_view view;
	struct rf_render r = {
		.view = &view, .res = q->res, .row = q->row, .uri = q->uri
	};

	rf_view_init(&view, q->snap);
	json_t *root = rf_render(&r);
	rf_put_picked(q, root);
	q->body = rf_cache_make(&r, root, false);
	return rf_answer_body(q);
}

static int pick_page(struct rf_request *q)
{
	struct stored *s = q->data;
	struct rf_view view;

	if (s->code != BMC_OK)
		return rf_answer_error(q, s->code, NULL);
	rf_view_init(&view, q->snap);
	for (size_t i = 0; i < s->n; i++) {
		link_origin(q->snap, &s->events[i]);
		pick(q, &view, &s->events[i].row);
	}
	if (s->n < BMC_QUERY_EVENTS_MAX)
		return show_picked(q);
	return read_on(q, s->events[s->n - 1].row.index[0], pick_page);
}

static int pick_all(struct rf_request *q)
{
	struct rf_view view;
	size_t n;
	const struct bmc_row *const *rows = shown(q, &n);

	rf_view_init(&view, q->snap);
	for (size_t i = 0; i < n; i++)
		pick(q, &view, rows[i]);
	return read_on(q, rows[0]->index[0], pick_page);
}

int rf_log_page(struct rf_request *q, size_t skip, size_t top)
{
	struct bmc_event_query query = { .newest_first = true };
	size_t n;
	const struct bmc_row *const *rows = shown(q, &n);

	if (n < BMC_EVENTS_KEPT || !bmc_store || !bmc_store->events)
		return RF_DONE; /* there are no others */
	(void)rf_body_unref(q->body);
	q->body = NULL;
	if (q->options && q->options->filter)
		return pick_all(q);
	query.before = rows[0]->index[0];
	if (skip >= n) {
		query.skip = (uint32_t)(skip - n);
		query.limit = (uint32_t)MIN(top, (size_t)BMC_QUERY_EVENTS_MAX);
	}
	return ask(q, &query, skip, top, show_page);
}

/* ---- one entry ---- */

/* The number of an entry's URI and its resource: the manager's or a system's entry.
 * 0: it is none. */
static uint32_t entry_number(struct rf_request *q, const struct rf_resource **ret_res)
{
	const struct rf_resource *of;
	char base[RF_URI_MAX], *slash;
	const struct bmc_row *row;
	unsigned long n;

	(void)bmc_copy(base, sizeof(base), q->uri);
	slash = strrchr(base, '/');
	if (!slash || slash == base || slash[1] < '1' || slash[1] > '9' ||
	    strlen(slash + 1) > 10 ||
	    strspn(slash + 1, "0123456789") != strlen(slash + 1))
		return 0;
	n = strtoul(slash + 1, NULL, 10);
	*slash = '\0';
	of = rf_route(q->snap, base, &row);
	if (n >= UINT32_MAX || (of != &rf_entries && of != &rf_system_entries))
		return 0;
	*ret_res = of == &rf_entries ? &rf_entry : &rf_system_entry;
	return (uint32_t)n;
}

/* Whether the event has this resource's entry there: not in another system's log. */
static bool is_at(struct rf_request *q, struct rf_view *view, const struct bmc_row *row)
{
	char uri[RF_URI_MAX];

	return rf_uri(q->res, view, row, uri) && strcmp(uri, q->uri) == 0;
}

static int show_entry(struct rf_request *q)
{
	struct stored *s = q->data;
	struct rf_view view;
	struct rf_render r = { .view = &view, .res = q->res, .uri = q->uri };

	if (s->code != BMC_OK)
		return rf_answer_error(q, s->code, NULL);
	rf_view_init(&view, q->snap);
	if (s->n > 0)
		link_origin(q->snap, &s->events[0]);
	if (s->n == 0 || !is_at(q, &view, &s->events[0].row))
		return rf_answer_message(q, RF_INVALID_URI, q->uri);
	q->row = r.row = &s->events[0].row;
	q->body = rf_cache_make(&r, rf_render(&r), false);
	return rf_answer_body(q);
}

int rf_log_entry(struct rf_request *q)
{
	const struct rf_resource *res = NULL;
	uint32_t number = entry_number(q, &res);
	struct bmc_event_query query = { .after = number - 1,
					 .before = number + 1,
					 .limit = 1 };
	size_t n;
	const struct bmc_row *const *rows = shown(q, &n);

	if (!number || n == 0 || number >= rows[0]->index[0] || !bmc_store ||
	    !bmc_store->events)
		return rf_answer_message(q, RF_INVALID_URI, q->uri);
	q->res = res;
	rf_allow(q->res, false, q->allow);
	return rf_authorize(q) ? ask(q, &query, 0, 1, show_entry) : RF_DONE;
}

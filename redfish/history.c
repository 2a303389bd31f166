// SPDX-License-Identifier: Apache-2.0
// The history of readings as metric reports: the newest sample of each as the standard
// has it, and in the Oem object all of them, as a text a reading, because an object a
// sample would take fifty times that. Called through the tables in
// resources/telemetry.c.
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "core/snapshot/history.h"
#include "redfish/render.h"
#include "redfish/telemetry.h"
#include "redfish/uri.h"
#include "redfish/values.h"
#include "telemetry/telemetry.h"

static const char *const spans[] = { ".Hour", ".Day" };

/* ---- which readings a report is of ---- */

/* Of "METRIC.Hour" or "ROW.Day"; false: no such end. */
static bool split(const char *id, char ret_what[BMC_ID_MAX], bool *ret_means)
{
	const char *dot = strrchr(id, '.');

	if (!dot || (strcmp(dot, spans[0]) != 0 && strcmp(dot, spans[1]) != 0))
		return false;
	*ret_means = strcmp(dot, spans[1]) == 0;
	if (dot - id >= BMC_ID_MAX)
		return false;
	(void)bmc_copy(ret_what, (size_t)(dot - id) + 1, id);
	return true;
}

static const struct bmc_row *container(const struct bmc_snapshot *s, const char *id)
{
	static const enum bmc_kind kinds[] = { BMC_BOARD, BMC_BLADE, BMC_CHASSIS };
	const struct bmc_row *row = NULL;

	for (size_t i = 0; !row && i < ARRAY_SIZE(kinds); i++)
		row = bmc_snapshot_find(s, kinds[i], id);
	return row;
}

bool rf_history_known(const char *id)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	char what[BMC_ID_MAX];
	bool means;

	return split(id, what, &means) &&
	       (bmc_metric_find(what, strlen(what)) || (s && container(s, what)));
}

bool rf_history_id(size_t i, char ret[BMC_ID_MAX])
{
	const struct bmc_metric *m = bmc_metrics;

	while (m->id && m < bmc_metrics + i / ARRAY_SIZE(spans))
		m++;
	(void)snprintf(ret, BMC_ID_MAX, "%s%s", m->id ? m->id : "",
		       spans[i % ARRAY_SIZE(spans)]);
	return m->id != NULL;
}

struct report {
	struct rf_view *view;
	const struct bmc_metric *metric;
	bool means;
	struct bmc_history_values *got;
	json_t *list; /* out */
	/* Adds to the list what the report shows of a reading. */
	void (*add)(struct report *p, const struct bmc_row *row, json_t *where);
};

static void add_row(void *arg, const struct bmc_row *row)
{
	struct report *p = arg;
	const struct rf_metric_place *place = rf_metric_place(p->metric->id);
	const struct bmc_field *f = bmc_field_at(p->metric->kind, p->metric->offset);
	json_t *where = place && (f->flags & BMC_HISTORY)
				? rf_metric_property(p->view, place, row)
				: NULL;

	if (!where)
		return;
	(void)bmc_history_read(row->handle, f, p->means, p->got);
	p->add(p, row, where);
	json_decref(where);
}

/* All readings of a board, a blade or the chassis, with what it holds. */
static void add_container(struct report *p, const struct bmc_row *row)
{
	for (p->metric = bmc_metrics; p->metric->id; p->metric++) {
		if (p->metric->kind == (enum bmc_kind)row->kind)
			add_row(p, row);
		else
			rf_each_below(p->view, row, BMC_N_KINDS, p->metric->kind,
				      add_row, p);
	}
}

static json_t *make(struct rf_render *r,
		    void (*add)(struct report *p, const struct bmc_row *row,
				json_t *where))
{
	struct report p = { .view = r->view, .list = json_array(), .add = add };
	const struct bmc_row *const *rows, *row;
	char what[BMC_ID_MAX];

	p.got = malloc(sizeof(*p.got));
	if (!p.got || !split(rf_id(r), what, &p.means))
		goto out;
	p.metric = bmc_metric_find(what, strlen(what));
	size_t n = p.metric ? rf_rows(r->view, p.metric->kind, &rows) : 0;
	for (size_t i = 0; i < n; i++)
		add_row(&p, rows[i]);
	row = p.metric ? NULL : container(r->view->snap, what);
	if (row)
		add_container(&p, row);
out:
	free(p.got);
	return p.list;
}

/* ---- what is shown of them ---- */

/* As rf_field_value() writes it. */
static void print(FILE *out, const struct bmc_field *f, int64_t value)
{
	double v = (double)value / (double)rf_scale(f);

	if (value != BMC_UNKNOWN)
		fprintf(out, "%.10g", v);
}

static char *series_text(const struct bmc_history_values *h, const struct bmc_field *f,
			 size_t from)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = from; out && i < h->n; i++) {
		if (i > from)
			fputc(',', out);
		print(out, f, h->values[i]);
	}
	if (out)
		(void)fclose(out);
	return text;
}

static void add_series(struct report *p, const struct bmc_row *row, json_t *where)
{
	const struct bmc_field *f = bmc_field_at(p->metric->kind, p->metric->offset);
	char *text = series_text(p->got, f, 0);

	(void)row;
	(void)where;
	(void)json_array_append_new(p->list,
				    text && text[0] ? json_string(text) : json_null());
	free(text);
}

json_t *rf_history_series(struct rf_render *r)
{
	return make(r, add_series);
}

static void add_newest(struct report *p, const struct bmc_row *row, json_t *where)
{
	const struct bmc_field *f = bmc_field_at(p->metric->kind, p->metric->offset);
	char *text = series_text(p->got, f, p->got->n ? p->got->n - 1 : 0);
	json_t *one = json_pack("{ss sO}", "MetricId", p->metric->id, "MetricProperty",
				where);

	(void)row;
	(void)json_object_set_new(one, "MetricValue",
				  text && text[0] ? json_string(text) : json_null());
	free(text);
	(void)json_array_append_new(p->list, one);
}

json_t *rf_history_newest(struct rf_render *r)
{
	return make(r, add_newest);
}

static int64_t newest(const struct rf_render *r, int64_t *ret_interval)
{
	char what[BMC_ID_MAX];
	bool means = false;

	(void)split(rf_id(r), what, &means);
	return bmc_history_newest(means, ret_interval);
}

json_t *rf_history_time(struct rf_render *r)
{
	int64_t interval, at = newest(r, &interval);
	char text[32];

	if (at == BMC_UNKNOWN)
		return json_null();
	rf_time(at, text);
	return json_string(text);
}

json_t *rf_history_interval(struct rf_render *r)
{
	int64_t interval;

	return newest(r, &interval) == BMC_UNKNOWN ? json_null()
						   : json_integer(interval / 1000);
}

json_t *rf_history_name(struct rf_render *r)
{
	return json_sprintf("History of %s", rf_id(r));
}

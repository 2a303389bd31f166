// SPDX-License-Identifier: Apache-2.0
// From a snapshot's rows to samples, by the tables. Called by service.c, the tests.
#include "config.h"

#include "metrics/metrics.h"
#include "metrics/render.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "core/base/util.h"
#include "core/model/field.h"

/* ---- the tables ---- */

static const char *label_of(const struct mx_metric *m, const struct bmc_row *row)
{
	const struct bmc_field *f =
		m->label_at ? bmc_field_at(m->kind, m->label_at) : NULL;
	const char *text = f ? bmc_field_text(row, f) : "";

	return *text ? text : row->id;
}

static void states(struct mx_text *t, const struct mx_metric *m,
		   const struct bmc_row *row, const struct bmc_field *f)
{
	for (const struct bmc_name *n = f->names; n->word; n++) {
		if (n->value == 0)
			continue;
		mx_sample(t);
		mx_label(t, m->label, label_of(m, row));
		mx_label(t, m->state, n->word);
		mx_value(t, n->value == bmc_field_num(row, f), 1, 1);
	}
}

/* What sensors measure is in thousandths, of turns too. */
static const struct mx_scale *scale_of(const struct bmc_row *row,
				       const struct bmc_field *f)
{
	bool turns =
		f->unit == BMC_UNIT_BY_ROW && bmc_field_unit(row, f) == BMC_UNIT_RPM;

	return mx_scale(turns ? BMC_UNIT_BY_ROW : bmc_field_unit(row, f));
}

static void number(struct mx_text *t, const struct mx_metric *m,
		   const struct bmc_row *row, const struct bmc_field *f)
{
	const struct mx_scale *scale = scale_of(row, f);
	int64_t num = bmc_field_num(row, f);

	mx_sample(t);
	mx_label(t, m->label, label_of(m, row));
	if (f->type == BMC_TIME)
		mx_value(t, bmc_wall(num), 1, 1000);
	else
		mx_value(t, num, scale->multiplier, scale->divisor);
}

static bool is_of(const struct mx_metric *m, const struct bmc_row *row)
{
	return m->sensor == 0 || ((const struct bmc_sensor *)row)->type == m->sensor;
}

void mx_render_table(struct mx_text *t, const struct bmc_snapshot *s,
		     const struct mx_metric *table)
{
	for (const struct mx_metric *m = table; m->name; m++) {
		const struct bmc_field *f = bmc_field_at(m->kind, m->offset);
		const struct bmc_row *const *rows;
		size_t n = bmc_snapshot_rows(s, m->kind, &rows);

		mx_family(t, m->name, m->type, f->doc);
		for (size_t i = 0; i < n; i++) {
			if (!is_of(m, rows[i]) || !bmc_field_known(rows[i], f))
				continue;
			if (m->state)
				states(t, m, rows[i], f);
			else
				number(t, m, rows[i], f);
		}
	}
}

static void dump(FILE *out, const struct mx_metric *table)
{
	for (const struct mx_metric *m = table; m->name; m++) {
		const struct bmc_field *f = bmc_field_at(m->kind, m->offset);
		const struct mx_scale *scale = mx_scale(f->unit);

		(void)fprintf(out,
			      "%s %s.%s %s %" PRId64 " %" PRId64 " %s %" PRId64 "\n",
			      m->name, bmc_kind(m->kind)->name, f->name,
			      m->label_at ? "-" : m->label, scale->multiplier,
			      scale->divisor, m->state ? m->state : "-", m->sensor);
	}
}

void mx_dump(FILE *out)
{
	dump(out, mx_seed);
	dump(out, mx_clean);
}

void mx_render(struct mx_text *t, const struct bmc_snapshot *s)
{
	mx_render_table(t, s, mx_seed);
	mx_render_seed(t, s);
	mx_render_table(t, s, mx_clean);
	mx_family(t, "clusterbmc_build_info", MX_GAUGE,
		  "The program's version; the value is 1.");
	mx_sample(t);
	mx_label(t, "version", PACKAGE_VERSION);
	mx_value(t, 1, 1, 1);
}

/* ---- ages ---- */

/* When the oldest reading of the kind was taken, or BMC_UNKNOWN. */
static int64_t oldest(const struct bmc_snapshot *s, enum bmc_kind kind)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, kind, &rows);
	int64_t at = BMC_UNKNOWN;

	for (size_t i = 0; i < n; i++) {
		int64_t is = rows[i]->read_at;
		if (is != BMC_UNKNOWN && is != 0 && (at == BMC_UNKNOWN || is < at))
			at = is;
	}
	return at;
}

static void ages(struct mx_text *t, const struct bmc_snapshot *s, int64_t now)
{
	mx_family(t, "clusterbmc_data_age_seconds", MX_GAUGE,
		  "Age of the oldest reading among the rows of a kind.");
	for (unsigned k = 0; k < BMC_N_KINDS; k++) {
		int64_t at = oldest(s, (enum bmc_kind)k);

		if (!bmc_kind_is((enum bmc_kind)k, BMC_KIND_PUT) || at == BMC_UNKNOWN)
			continue;
		mx_sample(t);
		mx_label(t, "kind", bmc_kind((enum bmc_kind)k)->name);
		mx_value(t, MAX(now - at, 0), 1, 1000);
	}
}

int64_t mx_clock(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void mx_render_now(struct mx_text *t, const struct bmc_snapshot *s, int64_t since)
{
	int64_t now = bmc_now();

	ages(t, s, now);
	mx_family(t, "clusterbmc_snapshot_age_seconds", MX_GAUGE,
		  "Time since the state that is shown was published.");
	mx_sample(t);
	mx_value(t, MAX(now - bmc_snapshot_time(s), 0), 1, 1000);
	mx_family(t, "clusterbmc_snapshots_total", MX_COUNTER,
		  "States that were published since the start.");
	mx_sample(t);
	mx_value(t, (int64_t)bmc_snapshot_generation(s), 1, 1);
	mx_render_process(t);
	mx_family(t, "clusterbmc_scrape_duration_seconds", MX_GAUGE,
		  "Time that this answer took to make.");
	mx_sample(t);
	mx_value(t, MAX(mx_clock() - since, 0), 1, 1000000000);
}

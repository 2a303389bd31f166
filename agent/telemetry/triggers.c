// SPDX-License-Identifier: Apache-2.0
// See triggers.h. What is remembered is only which readings are beyond a limit.
#include "telemetry/triggers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/model/field.h"
#include "core/model/service.h"
#include "telemetry/telemetry.h"

/* What a value is divided by for its plain unit. */
static int64_t scale_of(const struct bmc_field *f)
{
	switch (f->unit) {
	case BMC_UNIT_MILLICELSIUS:
	case BMC_UNIT_MILLIVOLT:
	case BMC_UNIT_MILLIAMPERE:
	case BMC_UNIT_MILLIWATT:
	case BMC_UNIT_MILLIPERCENT:
	case BMC_UNIT_BY_ROW:
		return 1000;
	default:
		return 1;
	}
}

enum range { NORMAL, WARNING, CRITICAL };

/* A reading that is beyond a limit. */
struct beyond {
	uint32_t trigger, row; /* handles */
	enum range range;
};

static struct {
	struct beyond *list;
	size_t n, size;
} beyond;

static bool over(int64_t value, int64_t limit)
{
	return limit != BMC_UNKNOWN && value >= limit;
}

static bool under(int64_t value, int64_t limit)
{
	return limit != BMC_UNKNOWN && value <= limit;
}

static enum range range_of(const struct bmc_trigger *t, int64_t value)
{
	if (over(value, t->upper_critical) || under(value, t->lower_critical))
		return CRITICAL;
	if (over(value, t->upper_warning) || under(value, t->lower_warning))
		return WARNING;
	return NORMAL;
}

static struct beyond *find(uint32_t trigger, uint32_t row)
{
	for (size_t i = 0; i < beyond.n; i++) {
		if (beyond.list[i].trigger == trigger && beyond.list[i].row == row)
			return &beyond.list[i];
	}
	return NULL;
}

/* False: no memory; then it is tried again with the next reading. */
static bool note(uint32_t trigger, uint32_t row, enum range range)
{
	struct beyond *b = find(trigger, row), *more;

	if (range == NORMAL) {
		*b = beyond.list[--beyond.n];
		return true;
	}
	if (!b && beyond.n == beyond.size) {
		size_t size = MAX(beyond.size * 2, 16U);
		more = reallocarray(beyond.list, size, sizeof(*more));
		if (!more)
			return false;
		beyond.list = more;
		beyond.size = size;
	}
	if (!b)
		b = &beyond.list[beyond.n++];
	*b = (struct beyond){ trigger, row, range };
	return true;
}

static void report(const struct bmc_trigger *t, const struct bmc_row *row,
		   int64_t value, int64_t scale, enum range range)
{
	static const char *const types[] = { "MetricNormal", "MetricWarning",
					     "MetricCritical" };
	char text[32];

	if (scale == 1)
		(void)snprintf(text, sizeof(text), "%" PRId64, value);
	else
		(void)snprintf(text, sizeof(text), "%.6g",
			       (double)value / (double)scale);
	bmc_event_raise(types[range], row->handle, t->row.id, row->id, text);
}

static void watch_row(const struct bmc_trigger *t, const struct bmc_row *row,
		      const struct bmc_field *f)
{
	int64_t scale = scale_of(f), value = bmc_field_num(row, f);
	const struct beyond *b = find(t->row.handle, row->handle);
	enum range was = b ? b->range : NORMAL, now;

	if (value == BMC_UNKNOWN)
		return;
	/* limits are in milli-units */
	now = range_of(t, scale == 1 ? value * 1000 : value);
	if (now != was && note(t->row.handle, row->handle, now))
		report(t, row, value, scale, now);
}

static bool is_there(const struct bmc_snapshot *s, const struct beyond *b)
{
	const struct bmc_trigger *t =
		(const struct bmc_trigger *)bmc_snapshot_row(s, b->trigger);

	return t && t->enabled == 1 && bmc_snapshot_row(s, b->row);
}

bool bmc_triggers_watch(const struct bmc_snapshot *s)
{
	const struct bmc_row *const *triggers, *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_TRIGGER, &triggers);
	bool any = false;

	for (size_t i = beyond.n; i-- > 0;) {
		if (!is_there(s, &beyond.list[i]))
			beyond.list[i] = beyond.list[--beyond.n];
	}
	for (size_t i = 0; i < n; i++) {
		const struct bmc_trigger *t = (const struct bmc_trigger *)triggers[i];
		const struct bmc_metric *m =
			bmc_metric_find(t->metric, strlen(t->metric));
		if (t->enabled != 1 || !m)
			continue;
		any = true;
		size_t n_rows = bmc_snapshot_rows(s, m->kind, &rows);
		for (size_t k = 0; k < n_rows; k++)
			watch_row(t, rows[k], bmc_field_at(m->kind, m->offset));
	}
	return any;
}

void bmc_triggers_done(void)
{
	free(beyond.list);
	memset(&beyond, 0, sizeof(beyond));
}

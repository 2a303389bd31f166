// SPDX-License-Identifier: Apache-2.0
// See text.h. The formats: Prometheus' "Exposition formats", and OpenMetrics 1.0.
#include "metrics/text.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/util.h"

#define TOTAL     "_total"
#define LABEL_MAX 1024 /* bytes of a value; what is longer is cut */

void mx_family(struct mx_text *t, const char *name, enum mx_type type, const char *help)
{
	t->name = name;
	t->type = type;
	t->help = help;
	t->headed = false;
}

/* One byte that is not UTF-8 would cost the client the whole scrape. */
static void escaped(FILE *to, const char *value)
{
	char room[LABEL_MAX], *text = room;

	(void)bmc_copy(room, sizeof(room), value);
	bmc_text_sanitize(room);
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			(void)fprintf(to, "\\%c", *text);
		else
			(void)fputc(*text, to);
	}
}

/* OpenMetrics: a counter's family is named without the suffix of its samples. */
static void head(struct mx_text *t)
{
	int len = (int)strlen(t->name);

	if (t->format == MX_OPENMETRICS && t->type == MX_COUNTER)
		len -= (int)strlen(TOTAL);
	(void)fprintf(t->to, "# HELP %.*s %s\n# TYPE %.*s %s\n", len, t->name, t->help,
		      len, t->name, t->type == MX_COUNTER ? "counter" : "gauge");
	t->headed = true;
}

void mx_sample(struct mx_text *t)
{
	if (!t->headed)
		head(t);
	(void)fputs(t->name, t->to);
	t->labels = 0;
}

void mx_label(struct mx_text *t, const char *name, const char *value)
{
	(void)fprintf(t->to, "%c%s=\"", t->labels++ ? ',' : '{', name);
	escaped(t->to, value);
	(void)fputc('"', t->to);
}

void mx_value(struct mx_text *t, int64_t value, int64_t multiplier, int64_t divisor)
{
	int64_t n;

	if (__builtin_mul_overflow(value, multiplier, &n))
		n = value < 0 ? INT64_MIN : INT64_MAX;
	uint64_t size = n < 0 ? -(uint64_t)n : (uint64_t)n, d = (uint64_t)divisor;
	uint64_t rest = size % d;

	(void)fprintf(t->to, "%s %s%" PRIu64, t->labels ? "}" : "", n < 0 ? "-" : "",
		      size / d);
	if (rest)
		(void)fputc('.', t->to);
	while (rest) {
		d /= 10;
		(void)fputc((int)('0' + rest / d), t->to);
		rest %= d;
	}
	(void)fputc('\n', t->to);
}

/* clang-format off */
static const struct mx_scale scales[] = {
	[BMC_UNIT_NONE] = { "", 1, 1 },
	[BMC_UNIT_MILLICELSIUS] = { "_celsius", 1, 1000 },
	[BMC_UNIT_MILLIVOLT] = { "_volts", 1, 1000 },
	[BMC_UNIT_MILLIAMPERE] = { "_amperes", 1, 1000 },
	[BMC_UNIT_MILLIWATT] = { "_watts", 1, 1000 },
	[BMC_UNIT_JOULE] = { "_joules", 1, 1 },
	[BMC_UNIT_MILLIPERCENT] = { "_ratio", 1, 100000 },
	[BMC_UNIT_RPM] = { "_rpm", 1, 1 },
	[BMC_UNIT_BYTE] = { "_bytes", 1, 1 },
	[BMC_UNIT_MEGABIT_PER_SECOND] = { "_bytes_per_second", 125000, 1 },
	[BMC_UNIT_MEGAHERTZ] = { "_hertz", 1000000, 1 },
	[BMC_UNIT_MILLISECOND] = { "_seconds", 1, 1000 },
	[BMC_UNIT_SECOND] = { "_seconds", 1, 1 },
	[BMC_UNIT_HOUR] = { "_seconds", 3600, 1 },
	[BMC_UNIT_BY_ROW] = { "", 1, 1000 },
};
/* clang-format on */

const struct mx_scale *mx_scale(enum bmc_unit unit)
{
	return &scales[unit];
}

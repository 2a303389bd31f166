// SPDX-License-Identifier: Apache-2.0
// Numbers as configs and clients write them: "150ms", "10s", "45.5C", "1300W", "4MiB".
// One table says which suffixes a unit takes and what they are worth in it. check.c
// calls it.
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "conf/tree.h"
#include "core/base/util.h"

#define MAX_FRACTION 1000000000 /* nine digits behind the point */

struct suffix {
	const char *unit, *suffix;
	int64_t times, divided_by;
};

/* clang-format off */
static const struct suffix suffixes[] = {
	{ "ms", "ms", 1, 1 }, { "ms", "s", 1000, 1 }, { "ms", "m", 60000, 1 }, { "ms", "h", 3600000, 1 },
	{ "s", "s", 1, 1 }, { "s", "m", 60, 1 }, { "s", "h", 3600, 1 }, { "s", "d", 86400, 1 },
	{ "s", "ms", 1, 1000 },
	{ "bytes", "KiB", 1 << 10, 1 }, { "bytes", "MiB", 1 << 20, 1 }, { "bytes", "GiB", 1 << 30, 1 },
	{ "bytes", "TiB", INT64_C(1) << 40, 1 },
	{ "mC", "mC", 1, 1 }, { "mC", "C", 1000, 1 },
	{ "mV", "mV", 1, 1 }, { "mV", "V", 1000, 1 },
	{ "mA", "mA", 1, 1 }, { "mA", "A", 1000, 1 },
	{ "mW", "mW", 1, 1 }, { "mW", "W", 1000, 1 }, { "mW", "kW", 1000000, 1 },
	{ "m%", "%", 1000, 1 },
	{ "milli-units", "C", 1000, 1 }, { "milli-units", "V", 1000, 1 }, { "milli-units", "A", 1000, 1 },
	{ "milli-units", "W", 1000, 1 }, { "milli-units", "rpm", 1000, 1 }, { "milli-units", "%", 1000, 1 },
	{ "rpm", "rpm", 1, 1 },
	{ "Mbit/s", "Mbit/s", 1, 1 }, { "Mbit/s", "Gbit/s", 1000, 1 },
	{ "MHz", "MHz", 1, 1 }, { "MHz", "GHz", 1000, 1 },
	{ "J", "J", 1, 1 },
	{ "h", "h", 1, 1 },
};
/* clang-format on */

void bmc_conf_suffixes(const char *unit, char *buf, size_t size)
{
	size_t i, len = 0;

	*buf = '\0';
	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (!unit || strcmp(suffixes[i].unit, unit) != 0)
			continue;
		len = strlen(buf);
		(void)snprintf(buf + len, size - len, "%s%s", len ? ", " : "",
			       suffixes[i].suffix);
	}
}

static const struct suffix *find_suffix(const char *unit, const char *word)
{
	static const struct suffix none = { "", "", 1, 1 };
	size_t i;

	if (!*word)
		return &none;
	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (unit && strcmp(suffixes[i].unit, unit) == 0 &&
		    strcmp(suffixes[i].suffix, word) == 0)
			return &suffixes[i];
	}
	return NULL;
}

/* Digits, added to `n` as in "12" "5" -> 125; `scale` grows by ten for each. */
static int read_digits(const char **s, int64_t *n, int64_t *scale)
{
	if (!isdigit((unsigned char)**s))
		return BMC_EINVAL;
	for (; isdigit((unsigned char)**s); (*s)++) {
		if (__builtin_mul_overflow(*n, 10, n) ||
		    __builtin_add_overflow(*n, **s - '0', n) || *scale > MAX_FRACTION)
			return BMC_ERANGE;
		*scale *= 10;
	}
	return 0;
}

int bmc_conf_number(const char *text, const char *unit, int64_t *ret)
{
	bool negative = *text == '-';
	int64_t n = 0, scale = 0;
	const struct suffix *x;
	int rc;

	text += negative;
	rc = read_digits(&text, &n, &scale);
	scale = 1;
	if (rc == 0 && *text == '.') {
		text++;
		rc = read_digits(&text, &n, &scale);
	}
	if (rc < 0)
		return rc;
	x = find_suffix(unit, text);
	if (!x)
		return BMC_EINVAL;
	if (__builtin_mul_overflow(n, x->times, &n))
		return BMC_ERANGE;
	scale *= x->divided_by;
	if (n % scale != 0)
		return BMC_EINVAL; /* not a whole number of the unit */
	*ret = (negative ? -n : n) / scale;
	return 0;
}

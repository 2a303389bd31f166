// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bmc/model.h"

/* Writing the exposition: one family after the other, the head of each before its first
 * sample; a family without samples has no head. Any thread, each with its own. */

enum mx_format { MX_TEXT, MX_OPENMETRICS, MX_N_FORMATS };
enum mx_type { MX_GAUGE, MX_COUNTER };

struct mx_text {
	FILE *to;
	enum mx_format format;
	/* the family that is being written */
	const char *name, *help;
	enum mx_type type;
	bool headed;
	size_t labels; /* of the sample that is being written */
};

/** Begins a family. Counters are named with their "_total". Borrows both texts. */
void mx_family(struct mx_text *t, const char *name, enum mx_type type,
	       const char *help);
/** Begins a sample of the family. */
void mx_sample(struct mx_text *t);
/** Adds a label: its value escaped, and sanitized to UTF-8 without control characters.
 */
void mx_label(struct mx_text *t, const char *name, const char *value);
/** Ends the sample with value * multiplier / divisor, a power of ten: exact, but
 * for a product that is out of range, which becomes the nearest that is not. */
void mx_value(struct mx_text *t, int64_t value, int64_t multiplier, int64_t divisor);

/** How a unit of the model is a base unit of Prometheus, and the suffix of that. */
struct mx_scale {
	const char *suffix;
	int64_t multiplier, divisor;
};
/** Any thread; static. */
const struct mx_scale *mx_scale(enum bmc_unit unit);

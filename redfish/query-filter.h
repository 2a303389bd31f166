// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <jansson.h>
#include <stdbool.h>

/* The $filter parameter (DSP0266, "$filter"): comparisons of a member's properties with
 * literals, joined by and, or, not and brackets.
 *
 *   Status/Health ne 'OK' and (PowerState eq 'On' or not (Index lt 8))
 *
 * Operands are a property ("A/B": B in the object A), 'text' (a quote in it is
 * doubled), a number, true, false, null, or a date without quotes. What a member does
 * not have is null. A comparison with an array is true when it is so for one of its
 * elements; "A/B" of an array of objects is the B of each. null is equal to null only,
 * and in no order; values of two types are not equal and in no order, nor are booleans.
 * Two texts that both are times (RFC 3339) compare as times. */

#define RF_FILTER_LEN_MAX   1024 /* characters */
#define RF_FILTER_NODES_MAX 100  /* comparisons, ands, ors and nots */
#define RF_FILTER_DEPTH_MAX 16   /* brackets and nots in each other */

struct rf_filter;

/** A new filter, or NULL: it is none, exceeds a limit, or memory ran out. */
struct rf_filter *rf_filter_new(const char *text);
/** Accepts and returns NULL. */
struct rf_filter *rf_filter_free(struct rf_filter *f);
/** Whether a member (an object, borrowed) is what the filter asks for. Any thread. */
bool rf_filter_matches(const struct rf_filter *f, const json_t *member);

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <jansson.h>
#include <stdbool.h>

/* The $select parameter (DSP0266, "$select"): a list of properties, "A,B/C". A path
 * goes through arrays. The annotations of the object itself stay, and with a property
 * those of the property ("Members@odata.count"). */

#define RF_SELECT_LEN_MAX   1024 /* characters */
#define RF_SELECT_PATHS_MAX 64

struct rf_select {
	size_t n;
	const char *paths[RF_SELECT_PATHS_MAX]; /* into `text` */
	char text[RF_SELECT_LEN_MAX + 1];
};

/** A new list, or NULL: it is none, exceeds a limit, or memory ran out. */
struct rf_select *rf_select_new(const char *text);
/** Leaves in `root` what is selected. Of a collection that holds its members whole
 *  (`members`) the selected properties are the members', unless a path begins with
 *  "Members/". */
void rf_select_apply(const struct rf_select *s, json_t *root, bool members);

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/resource.h"

/* A field's value as JSON and back. */

/** A row's field as the property wants it (new reference), or NULL: left out. */
json_t *rf_field_value(const struct bmc_row *row, const struct bmc_field *f,
		       const struct rf_prop *p);
/** What a stored number is divided by when it is shown: 1 or 1000. */
int64_t rf_scale(const struct bmc_field *f);
/** The first word of a value, or NULL. */
const char *rf_word(const struct bmc_name *names, int64_t value);

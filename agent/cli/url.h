// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <jansson.h>
#include <stdint.h>

#include "cli/error.h"

/** "BASE/PATH?NAME=VALUE" with VALUE encoded; owned, NULL: out of memory. */
char *cli_url_with(const char *base, const char *path, const char *name,
		   const char *value);
/** The JSON at another program's http or https URL, also of an answer that is an error;
 * a new reference. NULL: `err`. */
json_t *cli_url_json(const char *url, int64_t ms, struct cli_error *err);

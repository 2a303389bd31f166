// SPDX-License-Identifier: Apache-2.0
// Fuzz target: $filter. Input: the expression, a line's end, a member as JSON (without
// one the expression is only read).
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "redfish/query-filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *end;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = 0;
	end = strchr(text, '\n');
	if (end)
		*end = 0;
	struct rf_filter *f = rf_filter_new(text);
	json_t *member = end ? json_loads(end + 1, 0, NULL) : NULL;
	if (f)
		(void)rf_filter_matches(f, member);
	(void)rf_filter_free(f);
	json_decref(member);
	free(text);
	return 0;
}

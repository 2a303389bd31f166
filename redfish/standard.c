// SPDX-License-Identifier: Apache-2.0
// Looks into the tables of standard messages. Called by what answers and what reports.
#include "redfish/standard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"

static int compare(const void *a, const void *b)
{
	const struct rf_standard *x = a, *y = b;
	int n = strcmp(x->registry, y->registry);

	return n ? n : strcmp(x->key, y->key);
}

const struct rf_standard *rf_standard_find(const char *registry, const char *key)
{
	const struct rf_standard want = { .registry = registry, .key = key };

	return bsearch(&want, rf_standards, rf_n_standards, sizeof(want), compare);
}

char *rf_standard_id(const struct rf_standard *s, char ret[96])
{
	const struct rf_standard_registry *r = rf_standard_registries;

	while (strcmp(r->prefix, s->registry) != 0)
		r++;
	/* an id has no errata version */
	(void)snprintf(ret, 96, "%s.%.*s.%s", r->prefix,
		       (int)(strrchr(r->version, '.') - r->version), r->version,
		       s->key);
	return ret;
}

char *rf_standard_text(const struct rf_standard *s, const char *const *args, char *ret,
		       size_t size)
{
	size_t n = 0;

	for (const char *at = s->message; *at && n + 1 < size; at++) {
		unsigned i = at[0] == '%' && at[1] > '0' ? (unsigned)(at[1] - '1') : 9;
		if (i >= s->n_args) {
			ret[n++] = *at;
			continue;
		}
		at++;
		(void)bmc_copy(ret + n, size - n, args[i]);
		n += strlen(ret + n);
	}
	ret[n] = 0;
	return ret;
}

// SPDX-License-Identifier: Apache-2.0
// Fuzz target: a configuration file under both schemas. What is accepted is also built
// into a platform and printed, and what was printed must be accepted again.
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf.h"
#include "core/platform/platform.h"
#include "fuzz.h"

/* Secrets are printed as "***", which may be shorter than what they stood for. */
static int has_secret(const struct bmc_conf *c)
{
	if (c->item && c->item->secret)
		return 1;
	for (c = c->child; c; c = c->next) {
		if (has_secret(c))
			return 1;
	}
	return 0;
}

static void print_and_parse(const struct bmc_conf_file *f,
			    const struct bmc_conf_item *schema)
{
	struct bmc_conf_file *again = NULL;
	struct bmc_error err;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	bmc_conf_print(bmc_conf_root(f), out);
	if (fclose(out) == 0 && !has_secret(bmc_conf_root(f)) &&
	    bmc_conf_parse("printed", text, len, schema, &again, &err) == BMC_EINVAL) {
		(void)fprintf(stderr, "%s\n%s\n", err.what, text);
		abort();
	}
	bmc_conf_free(again);
	free(text);
}

static void run(const uint8_t *data, size_t size, const struct bmc_conf_item *schema)
{
	struct bmc_conf_file *f = NULL;
	struct bmc_platform *p = NULL;
	struct bmc_error err;

	if (bmc_conf_parse("fuzz", (const char *)data, size, schema, &f, &err) < 0)
		return;
	if (schema == bmc_platform_schema() &&
	    bmc_platform_new(bmc_conf_root(f), &p, &err) == 0)
		bmc_platform_free(p);
	print_and_parse(f, schema);
	bmc_conf_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	run(data, size, bmc_conf_schema);
	run(data, size, bmc_platform_schema());
	return 0;
}

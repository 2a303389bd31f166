// SPDX-License-Identifier: Apache-2.0
/* The reset to defaults: see reset.h. */
#include "core/ports/reset.h"

#include <stdlib.h>

#include "core/base/util.h"

#define PARTS_MAX 8

static struct {
	const struct bmc_reset_part *parts[PARTS_MAX]; /* NULL: free */
	bmc_store_done *done; /* not NULL: a reset is being stored */
	void *arg;
} reset;

void bmc_reset_register(const struct bmc_reset_part *part)
{
	bmc_reset_unregister(part);
	for (size_t i = 0; i < PARTS_MAX; i++) {
		if (reset.parts[i])
			continue;
		reset.parts[i] = part;
		return;
	}
	abort(); /* PARTS_MAX is to grow with a new owner */
}

void bmc_reset_unregister(const struct bmc_reset_part *part)
{
	for (size_t i = 0; i < PARTS_MAX; i++) {
		if (reset.parts[i] == part)
			reset.parts[i] = NULL;
	}
}

static size_t records(struct bmc_record *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < PARTS_MAX; i++) {
		if (reset.parts[i])
			n += reset.parts[i]->records(ret ? ret + n : NULL);
	}
	return n;
}

static void end(int code)
{
	for (size_t i = 0; i < PARTS_MAX; i++) {
		if (reset.parts[i])
			reset.parts[i]->end(code);
	}
}

static void stored(void *arg, int code)
{
	bmc_store_done *done = reset.done;

	(void)arg;
	end(code);
	reset.done = NULL;
	done(reset.arg, code);
}

int bmc_reset(bmc_store_done *done, void *arg)
{
	size_t n = records(NULL);
	auto_free struct bmc_record *recs = calloc(n + 1, sizeof(*recs));
	int code = bmc_reset_check(NULL);

	if (code == BMC_OK && !bmc_store)
		code = BMC_ESTATE;
	if (code == BMC_OK && !recs)
		code = BMC_ENOMEM;
	if (code != BMC_OK)
		return code;
	reset.done = done;
	reset.arg = arg;
	code = bmc_store->write_or_drop(recs, records(recs), stored, NULL);
	if (code != BMC_OK) {
		reset.done = NULL;
		end(code);
	}
	return code;
}

int bmc_reset_check(struct bmc_error *err)
{
	return reset.done ? bmc_fail(err, BMC_EAGAIN,
				     "what users set is being reset: try again")
			  : BMC_OK;
}

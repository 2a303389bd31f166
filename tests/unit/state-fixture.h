// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/types.h>

#include <cmocka.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/ports/store.h"
#include "slower.h"
#include "state/state.h"

/* What the tests of the state database share: a folder of their own, writing with an
 * answer, and looking at what a new start finds. */

#define NEVER 12345 /* no code of ours: not answered yet */

static char test_dir[64];

static inline void state_start(void)
{
	assert_int_equal(bmc_loop_init(), 0);
	assert_int_equal(bmc_state_init(test_dir, NULL), 0);
}

static inline void state_end(void)
{
	bmc_state_done();
	bmc_loop_done();
}

static inline void state_restart(void)
{
	state_end();
	state_start();
}

static inline int make_dir(void **state)
{
	(void)state;
	bmc_log_init(LOG_EMERG);
	(void)bmc_copy(test_dir, sizeof(test_dir), "/tmp/test-state.XXXXXX");
	return mkdtemp(test_dir) ? 0 : -1;
}

static inline int remove_dir(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", test_dir);
	return system(command);
}

static inline void got_code(void *arg, int code)
{
	*(int *)arg = code;
}

/** Handles what is posted until `*code` is set: a minute at most. */
static inline int wait_code(const int *code)
{
	int64_t end = bmc_now() + slower(60000);

	while (*code == NEVER && bmc_now() < end)
		bmc_loop_step(50);
	return *code;
}

/** Writes and returns what the callback was told. */
static inline int write_now(const struct bmc_record *records, size_t n)
{
	int code = NEVER;
	int rc = bmc_store->write(records, n, got_code, &code);

	return rc ? rc : wait_code(&code);
}

static inline struct bmc_record meta(const char *field, int64_t num, const char *text)
{
	struct bmc_record r = { .type = BMC_REC_META, .num = num };

	(void)bmc_copy(r.field, sizeof(r.field), field);
	(void)bmc_copy(r.text, sizeof(r.text), text);
	return r;
}

static inline int count_one(void *arg, const struct bmc_record *r)
{
	(void)r;
	++*(size_t *)arg;
	return 0;
}

static inline size_t stored(enum bmc_record_type type, enum bmc_kind kind)
{
	size_t n = 0;

	assert_int_equal(bmc_store->load(type, kind, count_one, &n), 0);
	return n;
}

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>

#include "conf/conf.h"
#include "core/platform/platform.h"
#include "plugin-fixture.h"

/* What the two halves of the fixture share: plugin-fixture.c (its life) and
 * plugin-fixture-host.c (what the plugin under test can call). */

#define MAX_ROWS 8192

struct reported {
	enum bmc_kind kind;
	char id[BMC_ID_MAX], parent[BMC_ID_MAX];
	void *row;
};

struct fixture {
	struct fixture_conf conf;
	char dir[64];
	struct bmc_conf_file *platform_file, *settings_file;
	struct bmc_platform *platform;
	struct bmc_pinbank *bank;
	void *self;
	uint64_t stamped; /* entries of the ring that have the fixture's time */
	int64_t offset;   /* of the fixture's clock */
	struct reported rows[MAX_ROWS];
	size_t n_rows, puts, refuse;
	const struct bmc_smart *smart;
	struct bmc_error err;
	pthread_mutex_t lock;
};

struct bmc_host {
	struct fixture *fixture;
};

struct bmc_call {
	struct fixture *fixture;
	enum bmc_kind kind;
	const char *id;
	int64_t deadline;
};

extern struct bmc_host plugin_fixture_host;
extern const struct bmc_host_ops plugin_fixture_ops;

/** Forgets what was reported. */
void plugin_fixture_forget(struct fixture *r);

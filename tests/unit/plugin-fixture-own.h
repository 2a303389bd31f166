// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>

#include "conf/conf.h"
#include "core/platform/platform.h"
#include "plugin-fixture.h"

/* What the two halves of the fixture share: plugin-fixture.c (its life) and
 * plugin-fixture-host.c (what the plugin under test can call). */

#define MAX_ROWS    8192
#define FIXTURE_LOG 64 /* the newest lines */

struct reported {
	enum bmc_kind kind;
	char id[BMC_ID_MAX], parent[BMC_ID_MAX];
	void *row;
};

#define MAX_LINE_SETS 1024
#define MAX_EDGES     1024

struct scripted_edge {
	struct bmc_line_edge edge;
	int64_t due; /* ms */
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
	int64_t stopped;  /* the real time at which it was stopped, 0: it runs */
	unsigned sleeps;  /* real time of a call's sleep, as a multiple; 0: see there */
	struct reported rows[MAX_ROWS];
	size_t n_rows, puts, refuse;
	const struct bmc_smart *smart;
	struct bmc_error err;
	pthread_mutex_t lock; /* rows and log */
	char log[FIXTURE_LOG][256];
	size_t n_log;
	pthread_t server;
	bool serving;
	int stop, woken; /* eventfds */
	int served;      /* what serve returned */
	char also[1024];
	/* lines */
	struct scripted_edge edges[MAX_EDGES];
	size_t n_edges, next_edge;
	int64_t serve_until;
	struct fixture_line_set sets[MAX_LINE_SETS];
	size_t n_sets;
	bool line_fails;
	unsigned presses[BMC_N_PRESSES];
	struct reported published[MAX_EDGES];
	size_t n_published;
	bool dead; /* what ops->daemon_alive denies */
	struct fixture_told told;
	struct bmc_checkpoint before;
	bool has_before;
	int64_t cancel_at; /* beats; 0: never */
	fixture_verb_fn *on_verb;
	void *on_verb_arg;
	fixture_touch_fn *on_touch;
	void *on_touch_arg;
};

struct bmc_host {
	struct fixture *fixture;
};

struct bmc_call {
	struct fixture *fixture;
	enum bmc_kind kind;
	const char *id;
	int64_t deadline;
	int64_t beat; /* ms; 0: no long call */
	const struct bmc_flash *flash;
};

extern struct bmc_host plugin_fixture_host;
extern struct bmc_host_ops plugin_fixture_ops;

/* plugin-fixture-lines.c: what the operations of lines are */
void plugin_fixture_line_ops(struct bmc_host_ops *ops);
/* plugin-fixture-flash.c: what a long verb and a flasher's call have beyond others */
void plugin_fixture_flash_ops(struct bmc_host_ops *ops);
/* plugin-fixture-command.c: commands on boards, and storage */
void plugin_fixture_command_ops(struct bmc_host_ops *ops);
/** Applies values to a row of a kind. */
void plugin_fixture_apply(enum bmc_kind kind, void *row, const struct bmc_value *v);
void plugin_fixture_unpublish(struct fixture *r);

/** Forgets what was reported. */
void plugin_fixture_forget(struct fixture *r);

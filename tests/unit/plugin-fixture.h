// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/pinbank.h"
#include "bmc/plugin.h"

/* A small host for one plugin instance: a platform file, a clock that tests move, the
 * rows that it reported, pins in a bank in a temporary folder as clusterbmc-priv keeps
 * them.
 */

struct fixture;

/** What a test can make the host's side do. */
struct fixture_conf {
	const struct bmc_plugin *plugin;
	const char *platform; /* YAML */
	const char *settings; /* YAML, or NULL; "@" becomes the fixture's folder */
};

struct fixture *fixture_new(const struct fixture_conf *conf);
void fixture_free(struct fixture *r);
/** Ends the instance and makes it anew, as a restart of the daemon does. */
void fixture_restart(struct fixture *r);

/** The fixture's temporary folder. */
const char *fixture_dir(const struct fixture *r);
/** Moves the clock on in steps of 50 ms and polls at each. */
void fixture_run(struct fixture *r, int64_t ms);
void fixture_poll(struct fixture *r);
int64_t fixture_now(const struct fixture *r);

/** The row as it was reported, NULL when nothing was (or it is gone). */
const void *fixture_row(const struct fixture *r, enum bmc_kind kind, const char *id);
/** The id of its parent, "" for none. */
const char *fixture_parent(const struct fixture *r, enum bmc_kind kind, const char *id);
size_t fixture_rows(const struct fixture *r, enum bmc_kind kind);
/** Number of puts so far. */
size_t fixture_puts(const struct fixture *r);
/** The next `n` puts answer BMC_EAGAIN. */
void fixture_refuse(struct fixture *r, size_t n);

/** Runs a verb with a deadline of `ms` on the fixture's clock. */
int fixture_verb(struct fixture *r, enum bmc_kind kind, const char *id,
		 const char *verb, int64_t arg, int64_t ms);
int fixture_probe(struct fixture *r, const char *board, int64_t ms);
/** What the last verb or probe said. */
const char *fixture_error(const struct fixture *r);

struct bmc_pinbank *fixture_bank(const struct fixture *r);
/** Answers of host_ops.smart; NULL: BMC_ENOTSUP. */
void fixture_smart(struct fixture *r, const struct bmc_smart *smart);

#define FIXTURE_BOARD(r, id) \
	((const struct bmc_board *)fixture_row((r), BMC_BOARD, (id)))

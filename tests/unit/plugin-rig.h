// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/pinbank.h"
#include "bmc/plugin.h"

/* A small host for one plugin instance: a platform file, a clock that tests move, the
 * rows that it reported, pins in a bank in a temporary folder as clusterbmc-priv keeps
 * them.
 */

struct rig;

/** What a test can make the host's side do. */
struct rig_conf {
	const struct bmc_plugin *plugin;
	const char *platform; /* YAML */
	const char *settings; /* YAML, or NULL; "@" becomes the rig's folder */
};

struct rig *rig_new(const struct rig_conf *conf);
void rig_free(struct rig *r);
/** Ends the instance and makes it anew, as a restart of the daemon does. */
void rig_restart(struct rig *r);

/** The rig's temporary folder. */
const char *rig_dir(const struct rig *r);
/** Moves the clock on in steps of 50 ms and polls at each. */
void rig_run(struct rig *r, int64_t ms);
void rig_poll(struct rig *r);
int64_t rig_now(const struct rig *r);

/** The row as it was reported, NULL when nothing was (or it is gone). */
const void *rig_row(const struct rig *r, enum bmc_kind kind, const char *id);
/** The id of its parent, "" for none. */
const char *rig_parent(const struct rig *r, enum bmc_kind kind, const char *id);
size_t rig_rows(const struct rig *r, enum bmc_kind kind);
/** Number of puts so far. */
size_t rig_puts(const struct rig *r);
/** The next `n` puts answer BMC_EAGAIN. */
void rig_refuse(struct rig *r, size_t n);

/** Runs a verb with a deadline of `ms` on the rig's clock. */
int rig_verb(struct rig *r, enum bmc_kind kind, const char *id, const char *verb,
	     int64_t arg, int64_t ms);
int rig_probe(struct rig *r, const char *board, int64_t ms);
/** What the last verb or probe said. */
const char *rig_error(const struct rig *r);

struct bmc_pinbank *rig_bank(const struct rig *r);
/** Answers of host_ops.smart; NULL: BMC_ENOTSUP. */
void rig_smart(struct rig *r, const struct bmc_smart *smart);

#define RIG_BOARD(r, id) ((const struct bmc_board *)rig_row((r), BMC_BOARD, (id)))

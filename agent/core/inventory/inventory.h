// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"
#include "core/platform/platform.h"
#include "core/ports/store.h"
#include "core/snapshot/snapshot.h"

/* The merge: what each source last said of each field, which of them is believed, and
 * the next snapshot. Main thread only, but bmc_inventory_put. */

struct bmc_source; /* one instance, or the core itself */

/** Makes the platform's rows (all unknown, slots Absent until a source says otherwise)
 * and publishes snapshot 1. Borrows `p` until done. */
int bmc_inventory_init(const struct bmc_platform *p, struct bmc_error *err);
void bmc_inventory_done(void);

/** A source of values. `stale_ms`: what it said longer ago than that is not believed
 * any more (0: for ever). `order`: position among the instances. */
struct bmc_source *bmc_source_new(const char *name, int64_t stale_ms, unsigned order);
/** Forgets the source and all it said. Accepts and returns NULL. */
struct bmc_source *bmc_source_free(struct bmc_source *s);

/** While muted, what the source says is dropped; what it said before becomes unknown.
 */
void bmc_source_mute(struct bmc_source *s, bool mute);

/** Queues values of one row for the merge. Any thread. See bmc_host_ops.put. */
int bmc_inventory_put(struct bmc_source *s, enum bmc_kind kind, const char *id,
		      enum bmc_kind parent_kind, const char *parent,
		      const struct bmc_value *values, size_t n);
/** Queues the end of a row. Any thread. */
int bmc_inventory_gone(struct bmc_source *s, enum bmc_kind kind, const char *id);

/** The core's own rows (tasks, events, accounts, roles, sessions, the manager): copies
 * `row` (its kind, id, index, parent and members; handle and stamps are the
 * inventory's) into the next snapshot, made if it is new. Returns its handle, 0 when
 * out of memory or full. */
uint32_t bmc_inventory_upsert(const struct bmc_row *row);
void bmc_inventory_remove(uint32_t handle);

/** The handle of a row by its id, 0 when there is none. Main thread. */
uint32_t bmc_inventory_find(enum bmc_kind kind, const char *id);
/** The row as it is now, which may not be published yet; borrowed until it changes.
 *  NULL: there is none. Main thread. */
const struct bmc_row *bmc_inventory_row(uint32_t handle);
/** The handle of the kind's first row by index (0: none), and how many rows it has.
 *  Main thread. */
uint32_t bmc_inventory_first(enum bmc_kind kind, size_t *ret_n);

/** What derives rows from the step from one snapshot to the next: called in each
 *  publication but the first, with the new snapshot before its readers see it. Core
 * rows that `step` upserts and removes are part of that snapshot. One; NULL: none. Main
 *  thread, after the inventory's init. */
typedef void bmc_inventory_step(const struct bmc_snapshot *old,
				const struct bmc_snapshot *new);
void bmc_inventory_follow(bmc_inventory_step *step);

/** A setting: overlays what the sources say. Main thread. */
int bmc_inventory_set(uint32_t handle, const struct bmc_field *f, int64_t num,
		      const char *text);
/** As bmc_inventory_set, until `until` (BMC_TIME): then what was in force before is
 *  again. bmc_setting_new_limit() was called before. */
int bmc_inventory_set_until(uint32_t handle, const struct bmc_field *f, int64_t num,
			    const char *text, int64_t until);

/* What stores a setting, for the action API. Main thread. A setting has up to two
 * records: one that lasts and a limited one over it. */

#define BMC_SETTING_LIMIT_MIN INT64_C(1000)       /* ms */
#define BMC_SETTING_LIMIT_MAX INT64_C(2592000000) /* ms: 30 days */

/** The record that stores the lasting setting as it is, or that there is none. */
struct bmc_record bmc_setting_record(enum bmc_kind kind, const char *id,
				     const struct bmc_field *f);
/** The record that stores the limited setting as it is, or that there is none. */
struct bmc_record bmc_setting_limit_record(enum bmc_kind kind, const char *id,
					   const struct bmc_field *f);
/** The record that stores a limited setting to be. Notes which value the row has now:
 *  hardware gets that one at the end, if no lasting setting is there. */
struct bmc_record bmc_setting_new_limit(uint32_t handle, const struct bmc_field *f,
					const struct bmc_value *v, int64_t until);
/** Whether a limited setting is in force. Any thread. */
bool bmc_setting_limited(enum bmc_kind kind, const char *id, const struct bmc_field *f);

/** Called when a limited setting has ended, with the value that hardware is to have
 * from now on; BMC_UNKNOWN: none is known. Main thread. */
typedef void bmc_setting_expired(enum bmc_kind kind, const char *id,
				 const struct bmc_field *f, int64_t num);
void bmc_settings_on_expiry(bmc_setting_expired *expired);
/** Calls `each` for each setting in force (texts: num is 0). Main thread. */
void bmc_settings_each(void (*each)(void *arg, enum bmc_kind kind, const char *id,
				    const struct bmc_field *f, int64_t num),
		       void *arg);

/** Notes for which of a board's capabilities some instance has a verb (enum bmc_cap,
 * or-ed); what may be done to the board is derived from it. Main thread. */
void bmc_inventory_bound(const char *board, uint32_t caps);

/** Publishes at the end of this loop pass, not after the coalescing time. */
void bmc_inventory_urgent(void);
/** Merges and publishes now, if anything changed. */
void bmc_inventory_publish(void);
/** For tests: while held, nothing is published, so that what two clients read one after
 *  the other is of one snapshot. What arrives meanwhile is published at the end. */
void bmc_inventory_hold(bool hold);

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/model.h"

/* The published state of everything: immutable, counted, the same for all frontends.
 * The main thread publishes; anybody reads. A row stays where it is for as long as a
 * snapshot that holds it is referenced; rows that did not change are shared between
 * snapshots. Readers never wait for hardware: get is a mutex held for a load and an
 * increment. */

struct bmc_snapshot;

/** The newest snapshot, with a reference that the caller owns. Never NULL after the
 *  inventory's init. Any thread. */
struct bmc_snapshot *bmc_snapshot_get(void);

/** Takes another reference of one that is held. Any thread. */
struct bmc_snapshot *bmc_snapshot_ref(struct bmc_snapshot *s);

/** Gives a reference back. Accepts and returns NULL. Any thread. */
struct bmc_snapshot *bmc_snapshot_unref(struct bmc_snapshot *s);

static inline void bmc_snapshot_auto(struct bmc_snapshot **s)
{
	*s = bmc_snapshot_unref(*s);
}
#define auto_snapshot __attribute__((cleanup(bmc_snapshot_auto)))

/** Number of the snapshot, from 1, growing by one. */
uint64_t bmc_snapshot_generation(const struct bmc_snapshot *s);
/** When it was published (BMC_TIME). */
int64_t bmc_snapshot_time(const struct bmc_snapshot *s);

/** The rows of a kind, ordered by index[0], index[1]; borrowed from the snapshot. */
size_t bmc_snapshot_rows(const struct bmc_snapshot *s, enum bmc_kind kind,
			 const struct bmc_row *const **ret_rows);

/** The rows of a kind whose parent is `handle` (0: those without a parent), ordered by
 *  index; borrowed from the snapshot. O(log n). */
size_t bmc_snapshot_children(const struct bmc_snapshot *s, uint32_t handle,
			     enum bmc_kind kind,
			     const struct bmc_row *const **ret_rows);

/** Snapshot in which any row of the kind last changed, came or went. */
uint64_t bmc_snapshot_changed(const struct bmc_snapshot *s, enum bmc_kind kind);
/** Snapshot in which the kind's set of rows, their order, or whose child one of them
 * is, last changed. */
uint64_t bmc_snapshot_membership(const struct bmc_snapshot *s, enum bmc_kind kind);

/** The row with this id, or NULL. O(log n). */
const struct bmc_row *bmc_snapshot_find(const struct bmc_snapshot *s,
					enum bmc_kind kind, const char *id);
/** The row with this handle, or NULL. O(log n). */
const struct bmc_row *bmc_snapshot_row(const struct bmc_snapshot *s, uint32_t handle);
/** Position in bmc_snapshot_rows() of the first row with index >= {i0, i1} (n when
 *  none): what GETNEXT needs. O(log n). */
size_t bmc_snapshot_lower(const struct bmc_snapshot *s, enum bmc_kind kind, uint32_t i0,
			  uint32_t i1);

/** Writes 1 to `event_fd` (an eventfd, borrowed) after each publication, until unwatch.
 * At most 16 watchers. Any thread. */
int bmc_snapshot_watch(int event_fd);
void bmc_snapshot_unwatch(int event_fd);

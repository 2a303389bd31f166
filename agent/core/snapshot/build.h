// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdatomic.h>

#include "core/model/service.h"
#include "core/snapshot/snapshot.h"

/* How a snapshot is made; for the inventory only. A row is refcounted, and the
 * rows of one kind in a counted table: both are shared by all snapshots in which they
 * are the same, and immutable from the moment a snapshot that holds them is published.
 */

/** The order of a kind's rows by id, by handle and by parent: shared until a row comes
 *  or goes or gets another parent. */
struct bmc_key_index {
	atomic_uint refs;
	size_t n;
	bool by_parent_is_order; /* the rows' own order is by parent already */
	uint32_t *by_handle;     /* n positions, behind by_id                */
	uint32_t *by_parent;     /* n positions, behind by_handle            */
	uint32_t by_id[];
};

struct bmc_table {
	atomic_uint refs;
	size_t n;
	uint64_t changed, membership_changed;
	struct bmc_key_index *key_index;
	const struct bmc_row **children; /* ordered by parent, then index; borrowed */
	const struct bmc_row *rows[];    /* ordered by index; each with a reference */
};

struct bmc_snapshot {
	atomic_uint refs;
	uint64_t generation;
	int64_t time;
	struct bmc_table *tables[BMC_N_KINDS];
};

/** Room for a row of any kind. */
union bmc_any_row {
	struct bmc_row row;
	struct bmc_chassis chassis;
	struct bmc_blade blade;
	struct bmc_board board;
	struct bmc_fan fan;
	struct bmc_psu psu;
	struct bmc_disk disk;
	struct bmc_sensor sensor;
	struct bmc_nic nic;
	struct bmc_firmware firmware;
	struct bmc_manager manager;
	struct bmc_task task;
	struct bmc_event event;
	struct bmc_account account;
	struct bmc_role role;
	struct bmc_session session;
	struct bmc_condition condition;
	struct bmc_aggregate aggregate;
	struct bmc_subscription subscription;
	struct bmc_metric_report metric_report;
	struct bmc_trigger trigger;
	struct bmc_audit audit;
	struct bmc_certificate certificate;
};

/** Makes everything in a row's struct unknown. */
void bmc_row_clear(struct bmc_row *row, enum bmc_kind kind);
/** A refcounted copy, with one reference; it can be changed until it is published.
 * NULL: no memory. */
struct bmc_row *bmc_row_copy(const struct bmc_row *row);
const struct bmc_row *bmc_row_ref(const struct bmc_row *row);
/** Accepts and returns NULL. Any thread. */
struct bmc_row *bmc_row_unref(const struct bmc_row *row);

/** Room for `n` positions. NULL: no memory. */
struct bmc_key_index *bmc_key_index_new(size_t n);
struct bmc_key_index *bmc_key_index_ref(struct bmc_key_index *s);
struct bmc_key_index *bmc_key_index_unref(struct bmc_key_index *s);

/** A table whose rows the caller fills in, each with a reference; then
 * bmc_table_link(). Steals `key_index`, also when it fails. */
struct bmc_table *bmc_table_new(struct bmc_key_index *key_index);
/** Orders the rows, which are filled in, by parent. */
void bmc_table_link(struct bmc_table *t);
struct bmc_table *bmc_table_ref(struct bmc_table *t);
struct bmc_table *bmc_table_unref(struct bmc_table *t);

/** A snapshot after `old` (may be NULL: the first) with the same tables. */
struct bmc_snapshot *bmc_snapshot_after(const struct bmc_snapshot *old);
/** Puts a table in place of the present one. Steals `t`. */
void bmc_snapshot_replace(struct bmc_snapshot *s, enum bmc_kind kind,
			  struct bmc_table *t);
/** Makes `s` the newest and wakes the watchers. Steals the reference. */
void bmc_snapshot_publish(struct bmc_snapshot *s);
/** Drops the newest snapshot: get returns NULL from here on. */
void bmc_snapshot_retire(void);

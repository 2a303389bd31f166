// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits.h>

#include "state/table.h"

/* The database file: opening, checking, setting aside, transactions. State thread only
 * (or before it runs). */

struct state_db {
	sqlite3 *sql; /* NULL: no database can be used */
	bool writable;
	char path[PATH_MAX];
	char aside[PATH_MAX]; /* where a corrupt one went, else "" */
	struct state_table tables[STATE_TABLES];
};

/** Opens DIR/state.db, as well as it goes: for writing; else what is there for reading;
 * else not at all. Returns 0 when it can be written, else why not. `db` is usable in
 * any case. */
int state_db_open(struct state_db *db, const char *dir, struct bmc_error *err);
void state_db_close(struct state_db *db);

int state_db_begin(struct state_db *db, struct bmc_error *err);
/** Makes what was applied durable. After an error it is undone. */
int state_db_commit(struct state_db *db, struct bmc_error *err);
void state_db_rollback(struct state_db *db);

/** Applies `n` records within the open transaction, all or none. BMC_EINVAL: they are
 * wrong, and the transaction goes on without them; any other error is the disk's. */
int state_db_apply(struct state_db *db, const struct bmc_record *records, size_t n,
		   struct bmc_error *err);

/** Reads the page after `page->last`. */
int state_db_page(struct state_db *db, enum bmc_record_type type, enum bmc_kind kind,
		  struct state_page *page, struct bmc_error *err);

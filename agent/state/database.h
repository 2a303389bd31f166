// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits.h>

#include "state/table.h"

/* The database file: opening, checking, setting aside, transactions. State thread only
 * (or before it runs). */

/* How large it gets; 0: no bound. */
struct state_bounds {
	unsigned events;   /* that are kept */
	int64_t max_bytes; /* of the file, without its write-ahead log */
};

struct state_db {
	sqlite3 *sql; /* NULL: no database can be used */
	int64_t max_bytes;
	bool writable;
	char path[PATH_MAX];
	char aside[PATH_MAX]; /* where a corrupt one went, else "" */
	struct state_table tables[STATE_TABLES];
};

/** Opens DIR/state.db, as well as it goes: for writing; else what is there for reading;
 * else not at all. Returns 0 when it can be written, else why not. `db` is usable in
 * any case. */
int state_db_open(struct state_db *db, const char *dir,
		  const struct state_bounds *bounds, struct bmc_error *err);
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

/** Answers a query of events; `page` is zero and has room for them. BMC_ETIMEDOUT: it
 * took too long. */
int state_db_events(struct state_db *db, const struct bmc_event_query *query,
		    struct bmc_event_page *page, struct bmc_error *err);

/** One step towards the bounds: removes some rows, and when there are none too many
 * gives pages that have become empty back to the disk. Returns whether there is more to
 * do. */
bool state_db_tidy(struct state_db *db);

/** When the file is about as large as it may get: removes the older half of the events.
 * False: that is not what the matter is. */
bool state_db_make_room(struct state_db *db);

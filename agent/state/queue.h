// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/ports/store.h"

/* Transactions on their way to the database. No locks: the owner of a list may use
 * it. */

/* The answer that a caller waits for. */
struct state_call {
	struct state_call *next;
	bmc_store_done *done;
	void *arg;
	int code;
};

struct state_txn {
	struct state_txn *next;
	struct state_call *call; /* NULL: not asked for, or given already */
	bool drop;               /* when it can't be written, rather than tried again */
	size_t size, n;
	struct bmc_record records[]; /* with the rows and secrets behind them */
};

struct state_txns {
	struct state_txn *head, **tail;
	size_t n, bytes;
};

/** Copies the records, their rows and secrets into one block. NULL when out of memory.
 */
struct state_txn *state_txn_new(const struct bmc_record *records, size_t n,
				bmc_store_done *done, void *arg);
/** Accepts and returns NULL. */
struct state_txn *state_txn_free(struct state_txn *t);

void state_txns_init(struct state_txns *l);
/** Appends; steals `t`. */
void state_txns_add(struct state_txns *l, struct state_txn *t);
/** The first, now owned by the caller, or NULL. */
struct state_txn *state_txns_pop(struct state_txns *l);
/** Appends all of `from`, which is empty then. */
void state_txns_move(struct state_txns *to, struct state_txns *from);
void state_txns_clear(struct state_txns *l);

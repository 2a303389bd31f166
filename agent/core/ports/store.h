// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "bmc/model.h"

/* What has to survive: agent/state implements it with SQLite in its own thread. The
 * core sees records and callbacks, never SQL. */

enum bmc_record_type {
	BMC_REC_ROW, /* a whole task, event, session or account row; key: kind, id */
	BMC_REC_ROW_GONE,     /* kind, id                                       */
	BMC_REC_SETTING,      /* kind, id, field, num or text                   */
	BMC_REC_SETTING_GONE, /* kind, id, field ("" all fields; id "" all ids) */
	BMC_REC_JOURNAL,      /* one board's share of a task, and how far it is */
	BMC_REC_JOURNAL_GONE, /* job number                                     */
	BMC_REC_META,         /* a text of the core or a module; key: kind, id, field */
	BMC_REC_ROWS_GONE,    /* kind: all rows of it                           */
};

/* A job's journal. A step is written as STARTED before its verb is called. */
enum bmc_journal_phase {
	BMC_JOURNAL_RESERVED,
	BMC_JOURNAL_ACCEPTED,
	BMC_JOURNAL_STARTED,
	BMC_JOURNAL_DONE
};

struct bmc_journal_record {
	uint64_t job;
	uint32_t task;
	uint16_t kind, op;
	char id[BMC_ID_MAX];
	char field[32]; /* BMC_ACT_SET of a setting with a verb */
	int64_t num;
	uint32_t step;  /* of its recipe */
	uint16_t phase; /* enum bmc_journal_phase, of that step */
};

/* Handles do not outlive the process: a row's references (parent, target ...) are not
 * stored. What they stand for goes into `num` and `text` of its record (a task's
 * parent: the parent's number), which come back as they were written. */
struct bmc_record {
	enum bmc_record_type type;
	enum bmc_kind kind;
	char id[BMC_ID_MAX];
	char field[32];
	int64_t num;
	char text[BMC_NAME_MAX * 4];
	const struct bmc_row *row; /* ROW: copied by write()                     */
	const char *secret; /* ROW: what is secret of it (a session: its token's hash, a
			       subscription: its headers and keys); up to 2,048 bytes */
	struct bmc_journal_record job; /* JOURNAL: its checkpoint is `text` */
};

/** Called on the main thread. `code` 0: the transaction is on the disk. */
typedef void bmc_store_done(void *arg, int code);

#define BMC_QUERY_EVENTS_MAX 250u

/* Which stored events are asked for, by their numbers (row.index[0]). */
struct bmc_event_query {
	uint32_t after;  /* only those with larger numbers                     */
	uint32_t before; /* only those with smaller ones; 0: no limit          */
	bool newest_first;
	uint32_t skip;  /* so many are left out first                         */
	uint32_t limit; /* at most so many are read: 0 to BMC_QUERY_EVENTS_MAX */
};

/* The answer. Handles do not outlive a process: `row.handle` and `row.parent` are 0,
 * `origin_kind` and `origin_id` name the origin. */
struct bmc_event_page {
	uint64_t total; /* stored events between `after` and `before` */
	size_t n;
	struct bmc_event events[];
};

/** Called once on the main thread. 0: `page` is borrowed for the call. Else it is NULL:
 *  BMC_ECANCELED (the service ends), BMC_ETIMEDOUT (longer than 0.5 s), or why the
 * database can't be read. */
typedef void bmc_store_events(void *arg, int code, const struct bmc_event_page *page);

struct bmc_store_ops {
	/** Writes `n` records in one transaction, in the order of calls. Copies. `done`
	 * may be NULL. BMC_EAGAIN when 8,192 transactions wait. Any thread; never
	 * waits. */
	int (*write)(const struct bmc_record *records, size_t n, bmc_store_done *done,
		     void *arg);
	/** As `write`, but for what is answered as a failure when it can't be stored:
	 * then the records are dropped, not kept for a later try. */
	int (*write_or_drop)(const struct bmc_record *records, size_t n,
			     bmc_store_done *done, void *arg);
	/** Reads all records of a type (and kind for ROW; of events the last 1,000),
	 * oldest first, calling `each` with a record that is borrowed for the call,
	 * until it returns non-zero, which is returned. `each` may write. Main thread,
	 * at start only. */
	int (*load)(enum bmc_record_type type, enum bmc_kind kind,
		    int (*each)(void *arg, const struct bmc_record *), void *arg);
	/** Whether writes reach the disk (false: full, read-only, failing). Any thread.
	 */
	bool (*durable)(void);
	/** Reads a page of the event log, with all that was written before this call
	 * and could be stored. Writes that wait go first. BMC_EINVAL (a limit),
	 * BMC_EAGAIN when 32 queries wait, BMC_ENOMEM, BMC_ESTATE (ended): then `got`
	 * is not called. Any thread; never waits. */
	int (*events)(const struct bmc_event_query *query, bmc_store_events *got,
		      void *arg);
	/** How many events are stored at most; the oldest go. Any thread. */
	uint32_t (*events_max)(void);
};

/** Set once by the state's init. */
extern const struct bmc_store_ops *bmc_store;

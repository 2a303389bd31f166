// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sqlite3.h>

#include "core/ports/store.h"

/* The tables of the state database: one for each kind of row that is stored, with one
 * column for each field of its field table, and one each for settings, jobs and named
 * texts. All SQL on them is generated from these descriptions. State thread only. */

#define STATE_TABLES     13u
#define STATE_FIELDS_MAX 64u
#define STATE_PAGE       64u
#define STATE_TRIM       1024u
#define STATE_SECRET_MAX 2049 /* with the NUL */

/* A column that is no field: a member of the record, or of its row. */
enum state_place { STATE_RECORD_NUM, STATE_RECORD_TEXT, STATE_ROW_INDEX, STATE_SECRET };

struct state_column {
	const char *name;
	enum state_place place;
	size_t offset, size;
};

/* What a table holds. */
struct state_spec {
	const char *name;
	enum bmc_record_type put, gone;
	enum bmc_kind kind; /* rows of this kind; else BMC_N_KINDS */
	const struct state_column *columns;
	size_t n_columns, n_key; /* the first n_key columns are the key */
	const char *gone_where;
	unsigned keep, load; /* rows kept, newest rows loaded; 0: all */
	bool numbered;       /* by index[0], and queried by it */
};

struct state_table {
	const struct state_spec *spec;
	const struct bmc_field *fields[STATE_FIELDS_MAX]; /* of a row table */
	size_t n_fields;
	unsigned keep; /* rows; 0: all */
	sqlite3_stmt *put, *gone, *all_gone, *page, *trim;
	sqlite3_stmt *oldest, *newest, *count; /* queries of numbered rows */
	unsigned untrimmed;
};

/** A page of what was stored; `row` and `secret` of each record point into the page. */
struct state_page {
	size_t n;
	sqlite3_int64 last; /* rowid to go on after */
	struct bmc_record records[STATE_PAGE];
	char secrets[STATE_PAGE][STATE_SECRET_MAX];
	char *rows; /* owned; STATE_PAGE rows of the kind's size, or NULL */
};

/** Fills in the descriptions; no database is needed. `events`: how many of these are
 * kept, 0: as the table says. */
void state_tables_init(struct state_table tables[STATE_TABLES], unsigned events);

/** How many events are kept with `events` configured. Any thread. */
unsigned state_events_kept(unsigned events);

/** Removes up to STATE_TRIM rows of each table that has too many. Returns whether there
 * may be more, or an error (negative). SQLite's code, negated. */
int state_tables_trim(struct state_table tables[STATE_TABLES], sqlite3 *sql);

/** Makes the tables that are missing, and the columns of new fields. SQLite's code. */
int state_tables_make(struct state_table tables[STATE_TABLES], sqlite3 *sql);

/** Prepares the statements, those that write only if `writable`. SQLite's code. */
int state_tables_prepare(struct state_table tables[STATE_TABLES], sqlite3 *sql,
			 bool writable);
void state_tables_release(struct state_table tables[STATE_TABLES]);

struct state_table *state_table_find(struct state_table *tables,
				     enum bmc_record_type type, enum bmc_kind kind);
/** The columns of a table, those of the fields after its own. */
size_t state_column_count(const struct state_table *t);

/** Whether there is a table for records of this type and kind. Any thread. */
bool state_storable(const struct bmc_record *r);

/** Carries out one record. SQLite's code. */
int state_record_apply(struct state_table tables[STATE_TABLES],
		       const struct bmc_record *r);

/** Answers a query of events. SQLite's code. */
int state_events_read(struct state_table tables[STATE_TABLES],
		      const struct bmc_event_query *query, struct bmc_event_page *page);

/** Reads the page after `page->last` of a type and kind. SQLite's code. */
int state_page_read(struct state_table tables[STATE_TABLES], enum bmc_record_type type,
		    enum bmc_kind kind, struct state_page *page);

// SPDX-License-Identifier: Apache-2.0
// Records into and out of the tables of the state database. Called by database.c.
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "state/table.h"

#define TRIM_EVERY 64u

/* ---- writing ---- */

static int64_t load_num(const void *base, const struct state_column *c)
{
	const char *p = (const char *)base + c->offset;
	uint16_t u16;
	uint32_t u32;
	int64_t i64;

	switch (c->size) {
	case sizeof(u16):
		memcpy(&u16, p, sizeof(u16));
		return u16;
	case sizeof(u32):
		memcpy(&u32, p, sizeof(u32));
		return u32;
	default:
		memcpy(&i64, p, sizeof(i64));
		return i64;
	}
}

static int bind_column(sqlite3_stmt *st, int at, const struct state_column *c,
		       const struct bmc_record *r)
{
	switch (c->place) {
	case STATE_RECORD_NUM:
		return sqlite3_bind_int64(st, at, load_num(r, c));
	case STATE_RECORD_TEXT:
		return sqlite3_bind_text(st, at, (const char *)r + c->offset, -1,
					 SQLITE_STATIC);
	case STATE_ROW_INDEX:
		return sqlite3_bind_int64(st, at, load_num(r->row, c));
	default:
		return sqlite3_bind_text(st, at, r->secret, -1, SQLITE_STATIC);
	}
}

/* Unknown is NULL. Times are kept as wall clock: a boot's own clock means nothing
 * later. */
static int bind_field(sqlite3_stmt *st, int at, const struct bmc_field *f,
		      const struct bmc_row *row)
{
	int64_t num;

	if (!bmc_field_known(row, f))
		return sqlite3_bind_null(st, at);
	if (f->type == BMC_TEXT)
		return sqlite3_bind_text(st, at, bmc_field_text(row, f), -1,
					 SQLITE_STATIC);
	num = bmc_field_num(row, f);
	return sqlite3_bind_int64(st, at, f->type == BMC_TIME ? bmc_wall(num) : num);
}

static int bind(sqlite3_stmt *st, const struct state_table *t,
		const struct bmc_record *r, size_t n)
{
	size_t own = t->spec->n_columns;
	int code = SQLITE_OK;

	for (size_t i = 0; code == SQLITE_OK && i < n; i++) {
		int at = (int)i + 1;

		code = i < own ? bind_column(st, at, &t->spec->columns[i], r)
			       : bind_field(st, at, t->fields[i - own], r->row);
	}
	return code;
}

static int step_once(sqlite3_stmt *st)
{
	int code = sqlite3_step(st);

	(void)sqlite3_reset(st);
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

int state_record_apply(struct state_table tables[STATE_TABLES],
		       const struct bmc_record *r)
{
	struct state_table *t = state_table_find(tables, r->type, r->kind);
	bool put;
	int code;

	if (!t)
		return SQLITE_MISUSE;
	if (r->type == BMC_REC_ROWS_GONE)
		return step_once(t->all_gone);
	put = r->type == t->spec->put;
	code = put ? bind(t->put, t, r, state_column_count(t))
		   : bind(t->gone, t, r, t->spec->n_key);
	if (code == SQLITE_OK)
		code = step_once(put ? t->put : t->gone);
	if (code != SQLITE_OK || !put || !t->trim || ++t->untrimmed < TRIM_EVERY)
		return code;
	t->untrimmed = 0;
	return step_once(t->trim);
}

int state_tables_trim(struct state_table tables[STATE_TABLES], sqlite3 *sql)
{
	bool more = false;

	for (size_t i = 0; i < STATE_TABLES; i++) {
		int code = tables[i].trim ? step_once(tables[i].trim) : SQLITE_OK;

		if (code != SQLITE_OK)
			return -code;
		more = more || (tables[i].trim && sqlite3_changes(sql) > 0);
	}
	return more;
}

/* ---- reading ---- */

static void store_num(void *base, const struct state_column *c, int64_t num)
{
	char *p = (char *)base + c->offset;
	uint16_t u16 = (uint16_t)num;
	uint32_t u32 = (uint32_t)num;

	switch (c->size) {
	case sizeof(u16):
		memcpy(p, &u16, sizeof(u16));
		break;
	case sizeof(u32):
		memcpy(p, &u32, sizeof(u32));
		break;
	default:
		memcpy(p, &num, sizeof(num));
		break;
	}
}

static const char *text_at(sqlite3_stmt *st, int at)
{
	return (const char *)sqlite3_column_text(st, at);
}

static void read_column(sqlite3_stmt *st, int at, const struct state_column *c,
			struct bmc_record *r, struct bmc_row *row)
{
	switch (c->place) {
	case STATE_RECORD_NUM:
		store_num(r, c, sqlite3_column_int64(st, at));
		break;
	case STATE_RECORD_TEXT:
		(void)bmc_copy((char *)r + c->offset, c->size, text_at(st, at));
		break;
	case STATE_ROW_INDEX:
		store_num(row, c, sqlite3_column_int64(st, at));
		break;
	default:
		break; /* the page keeps it */
	}
}

static void read_field(sqlite3_stmt *st, int at, const struct bmc_field *f,
		       struct bmc_row *row)
{
	int64_t num = sqlite3_column_int64(st, at);

	if (f->type == BMC_TEXT)
		(void)bmc_field_set(row, f, 0, text_at(st, at));
	else if (sqlite3_column_type(st, at) == SQLITE_NULL)
		(void)bmc_field_set(row, f, f->type == BMC_ENUM ? 0 : BMC_UNKNOWN,
				    NULL);
	else
		(void)bmc_field_set(
			row, f, f->type == BMC_TIME ? bmc_boottime(num) : num, NULL);
}

/* The statement's present row, with its columns after the rowid; `row` has the size of
 * its kind and is zero. */
static void read_record(const struct state_table *t, sqlite3_stmt *st,
			struct bmc_record *r, struct bmc_row *row)
{
	const struct state_spec *spec = t->spec;
	size_t i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < spec->n_columns; i++)
		read_column(st, (int)i + 1, &spec->columns[i], r, row);
	for (size_t k = 0; row && k < t->n_fields; k++)
		read_field(st, (int)(i + k) + 1, t->fields[k], row);
	r->type = spec->put;
	if (!row)
		return;
	r->kind = spec->kind;
	r->row = row;
	row->kind = (uint16_t)spec->kind;
	(void)bmc_copy(row->id, sizeof(row->id), r->id);
}

static void read_secret(const struct state_table *t, struct state_page *page)
{
	char *secret = page->secrets[page->n];

	(void)bmc_copy(secret, STATE_SECRET_MAX,
		       text_at(t->page, (int)t->spec->n_columns));
	if (secret[0])
		page->records[page->n].secret = secret;
}

static struct bmc_row *page_row(const struct state_table *t, struct state_page *page)
{
	return page->rows ? (struct bmc_row *)(void *)(page->rows +
						       page->n * bmc_kind(t->spec->kind)
									 ->size)
			  : NULL;
}

int state_page_read(struct state_table tables[STATE_TABLES], enum bmc_record_type type,
		    enum bmc_kind kind, struct state_page *page)
{
	struct state_table *t = state_table_find(tables, type, kind);
	int code;

	page->n = 0;
	if (!t || t->spec->put != type || !t->page)
		return SQLITE_OK;
	if (t->spec->kind != BMC_N_KINDS && !page->rows) {
		page->rows = calloc(STATE_PAGE, bmc_kind(kind)->size);
		if (!page->rows)
			return SQLITE_NOMEM;
	}
	code = sqlite3_bind_int64(t->page, 1, page->last);
	while (code == SQLITE_OK && sqlite3_step(t->page) == SQLITE_ROW) {
		read_record(t, t->page, &page->records[page->n], page_row(t, page));
		if (page->rows)
			read_secret(t, page);
		page->last = sqlite3_column_int64(t->page, 0);
		page->n++;
	}
	return sqlite3_reset(t->page) == SQLITE_OK ? code : SQLITE_IOERR;
}

/* ---- queries ---- */

static int bind_numbers(sqlite3_stmt *st, const int64_t *values, int n)
{
	int code = SQLITE_OK;

	for (int i = 0; code == SQLITE_OK && i < n; i++)
		code = sqlite3_bind_int64(st, i + 1, values[i]);
	return code;
}

static int count_events(sqlite3_stmt *st, const int64_t *values, uint64_t *ret)
{
	int code = bind_numbers(st, values, 2);

	if (code == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		*ret = (uint64_t)sqlite3_column_int64(st, 0);
	return code == SQLITE_OK ? sqlite3_reset(st) : code;
}

int state_events_read(struct state_table tables[STATE_TABLES],
		      const struct bmc_event_query *query, struct bmc_event_page *page)
{
	const struct state_table *t = state_table_find(tables, BMC_REC_ROW, BMC_EVENT);
	sqlite3_stmt *st = query->newest_first ? t->newest : t->oldest;
	const int64_t values[] = { query->after,
				   query->before ? query->before : INT64_MAX,
				   query->limit, query->skip };
	struct bmc_record record;
	int code = count_events(t->count, values, &page->total);

	page->n = 0;
	if (code == SQLITE_OK)
		code = bind_numbers(st, values, (int)ARRAY_SIZE(values));
	while (code == SQLITE_OK && page->n < query->limit &&
	       sqlite3_step(st) == SQLITE_ROW)
		read_record(t, st, &record, &page->events[page->n++].row);
	return code == SQLITE_OK ? sqlite3_reset(st) : code;
}

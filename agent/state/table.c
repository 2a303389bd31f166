// SPDX-License-Identifier: Apache-2.0
// The tables of the state database and all SQL on them, generated from descriptions:
// the field tables for rows, the columns below for the rest. Called by state.c, on its
// thread.
#include "state/table.h"

#include <string.h>

#include "core/base/util.h"
#include "core/events/audit.h"

#define COLUMN(n, place_, type, member)                    \
	{                                                  \
		.name = (n), .place = (place_),            \
		.offset = offsetof(struct type, member),   \
		.size = sizeof(((struct type *)0)->member) \
	}
#define NUM(n, member)  COLUMN(n, STATE_RECORD_NUM, bmc_record, member)
#define TEXT(n, member) COLUMN(n, STATE_RECORD_TEXT, bmc_record, member)

/* Own columns of row tables begin with `_`, so no field can have their name. */
/* clang-format off */
static const struct state_column row_columns[] = {
	TEXT("_id", id),
	COLUMN("_index0", STATE_ROW_INDEX, bmc_row, index[0]),
	COLUMN("_index1", STATE_ROW_INDEX, bmc_row, index[1]),
	NUM("_num", num),
	TEXT("_text", text),
	COLUMN("_secret", STATE_SECRET, bmc_record, secret),
};
static const struct state_column named_columns[] = {
	NUM("kind", kind), TEXT("id", id), TEXT("field", field), NUM("num", num),
	TEXT("text", text),
};
static const struct state_column job_columns[] = {
	NUM("job", job.job), NUM("task", job.task), NUM("kind", job.kind), NUM("op", job.op),
	TEXT("id", job.id), TEXT("field", job.field), NUM("num", job.num),
	NUM("step", job.step), NUM("phase", job.phase), TEXT("checkpoint", text),
};
/* clang-format on */

#define ROWS(n, k, keep_, load_)                                            \
	{                                                                   \
		.name = (n), .put = BMC_REC_ROW, .gone = BMC_REC_ROW_GONE,  \
		.kind = (k), .columns = row_columns,                        \
		.n_columns = ARRAY_SIZE(row_columns), .n_key = 1,           \
		.gone_where = "_id = ?1", .keep = (keep_), .load = (load_), \
		.numbered = (k) == BMC_EVENT                                \
	}
#define NAMED(n, put_, gone_)                                                     \
	{                                                                         \
		.name = (n), .put = (put_), .gone = (gone_), .kind = BMC_N_KINDS, \
		.columns = named_columns, .n_columns = ARRAY_SIZE(named_columns), \
		.n_key = 3,                                                       \
		.gone_where = "kind = ?1 AND (?2 = '' OR id = ?2) "               \
			      "AND (?3 = '' OR field = ?3)"                       \
	}

static const struct state_spec specs[STATE_TABLES] = {
	ROWS("row_task", BMC_TASK, 5000, 0),
	ROWS("row_event", BMC_EVENT, 100000, 1000),
	ROWS("row_session", BMC_SESSION, 0, 0),
	ROWS("row_account", BMC_ACCOUNT, 0, 0),
	ROWS("row_aggregate", BMC_AGGREGATE, 0, 0),
	ROWS("row_subscription", BMC_SUBSCRIPTION, 0, 0),
	ROWS("row_metric_report", BMC_METRIC_REPORT, 0, 0),
	ROWS("row_trigger", BMC_TRIGGER, 0, 0),
	ROWS("row_audit", BMC_AUDIT, 5000, BMC_AUDIT_KEPT),
	ROWS("row_certificate", BMC_CERTIFICATE, 0, 0),
	NAMED("settings", BMC_REC_SETTING, BMC_REC_SETTING_GONE),
	NAMED("meta", BMC_REC_META, BMC_REC_META),
	{
		.name = "job",
		.put = BMC_REC_JOURNAL,
		.gone = BMC_REC_JOURNAL_GONE,
		.kind = BMC_N_KINDS,
		.columns = job_columns,
		.n_columns = ARRAY_SIZE(job_columns),
		.n_key = 1,
		.gone_where = "job = ?1",
	},
};

/* ---- descriptions ---- */

static bool matches(const struct state_spec *s, enum bmc_record_type type,
		    enum bmc_kind kind)
{
	if (s->kind == BMC_N_KINDS)
		return s->put == type || s->gone == type;
	return s->kind == kind &&
	       (s->put == type || s->gone == type || type == BMC_REC_ROWS_GONE);
}

struct state_table *state_table_find(struct state_table *tables,
				     enum bmc_record_type type, enum bmc_kind kind)
{
	for (size_t i = 0; i < STATE_TABLES; i++) {
		if (matches(tables[i].spec, type, kind))
			return &tables[i];
	}
	return NULL;
}

bool state_storable(const struct bmc_record *r)
{
	for (size_t i = 0; i < STATE_TABLES; i++) {
		if (matches(&specs[i], r->type, r->kind))
			return r->type != BMC_REC_ROW || r->row;
	}
	return false;
}

static void fields_init(struct state_table *t)
{
	const struct bmc_kind_desc *d = bmc_kind(t->spec->kind);

	for (size_t i = 0; i < d->n_fields && t->n_fields < STATE_FIELDS_MAX; i++) {
		if (d->fields[i].type != BMC_REF)
			t->fields[t->n_fields++] = &d->fields[i];
	}
}

void state_tables_init(struct state_table tables[STATE_TABLES], unsigned events)
{
	memset(tables, 0, STATE_TABLES * sizeof(*tables));
	for (size_t i = 0; i < STATE_TABLES; i++) {
		tables[i].spec = &specs[i];
		tables[i].keep = specs[i].kind == BMC_EVENT ? state_events_kept(events)
							    : specs[i].keep;
		if (specs[i].kind != BMC_N_KINDS)
			fields_init(&tables[i]);
	}
}

unsigned state_events_kept(unsigned events)
{
	for (size_t i = 0; i < STATE_TABLES && !events; i++) {
		if (specs[i].kind == BMC_EVENT)
			events = specs[i].keep;
	}
	return events;
}

size_t state_column_count(const struct state_table *t)
{
	return t->spec->n_columns + t->n_fields;
}

static const char *column_name(const struct state_table *t, size_t i)
{
	size_t own = t->spec->n_columns;

	return i < own ? t->spec->columns[i].name : t->fields[i - own]->name;
}

static const char *column_type(const struct state_table *t, size_t i)
{
	size_t own = t->spec->n_columns;
	bool text = i < own ? t->spec->columns[i].place == STATE_RECORD_TEXT ||
				      t->spec->columns[i].place == STATE_SECRET
			    : t->fields[i - own]->type == BMC_TEXT;

	return text ? "TEXT" : "INTEGER";
}

/* ---- SQL ---- */

static void add_columns(sqlite3_str *s, const struct state_table *t, size_t n,
			const char *fmt)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			sqlite3_str_appendchar(s, 1, ',');
		sqlite3_str_appendf(s, fmt, column_name(t, i), column_name(t, i));
	}
}

static int run(sqlite3 *sql, sqlite3_str *s)
{
	char *text = sqlite3_str_finish(s);
	int code = text ? sqlite3_exec(sql, text, NULL, NULL, NULL) : SQLITE_NOMEM;

	sqlite3_free(text);
	return code;
}

static int prepare(sqlite3 *sql, sqlite3_str *s, sqlite3_stmt **ret)
{
	char *text = sqlite3_str_finish(s);
	int code = text ? sqlite3_prepare_v3(sql, text, -1, SQLITE_PREPARE_PERSISTENT,
					     ret, NULL)
			: SQLITE_NOMEM;

	sqlite3_free(text);
	return code;
}

static bool has_column(sqlite3 *sql, const char *table, const char *column)
{
	return sqlite3_table_column_metadata(sql, "main", table, column, NULL, NULL,
					     NULL, NULL, NULL) == SQLITE_OK;
}

/* A table is made with its key; everything else is a column that is missing. */
static int table_make(const struct state_table *t, sqlite3 *sql)
{
	const char *name = t->spec->name;
	sqlite3_str *s = sqlite3_str_new(sql);
	int code;

	sqlite3_str_appendf(s, "CREATE TABLE IF NOT EXISTS \"%w\"(", name);
	for (size_t i = 0; i < t->spec->n_key; i++)
		sqlite3_str_appendf(s, "\"%w\" %s NOT NULL,", column_name(t, i),
				    column_type(t, i));
	sqlite3_str_appendall(s, "UNIQUE(");
	add_columns(s, t, t->spec->n_key, "\"%w\"");
	sqlite3_str_appendall(s, "))");
	code = run(sql, s);
	for (size_t i = 0; code == SQLITE_OK && i < state_column_count(t); i++) {
		if (has_column(sql, name, column_name(t, i)))
			continue;
		s = sqlite3_str_new(sql);
		sqlite3_str_appendf(s, "ALTER TABLE \"%w\" ADD COLUMN \"%w\" %s", name,
				    column_name(t, i), column_type(t, i));
		code = run(sql, s);
	}
	if (code != SQLITE_OK || !t->spec->numbered)
		return code;
	s = sqlite3_str_new(sql);
	sqlite3_str_appendf(
		s, "CREATE INDEX IF NOT EXISTS \"%w_number\" ON \"%w\"(_index0)", name,
		name);
	return run(sql, s);
}

int state_tables_make(struct state_table tables[STATE_TABLES], sqlite3 *sql)
{
	int code = SQLITE_OK;

	for (size_t i = 0; code == SQLITE_OK && i < STATE_TABLES; i++)
		code = table_make(&tables[i], sql);
	return code;
}

static int prepare_put(struct state_table *t, sqlite3 *sql)
{
	sqlite3_str *s = sqlite3_str_new(sql);
	size_t n = state_column_count(t);

	sqlite3_str_appendf(s, "INSERT INTO \"%w\"(", t->spec->name);
	add_columns(s, t, n, "\"%w\"");
	sqlite3_str_appendall(s, ") VALUES(?");
	for (size_t i = 1; i < n; i++)
		sqlite3_str_appendall(s, ",?");
	sqlite3_str_appendall(s, ") ON CONFLICT(");
	add_columns(s, t, t->spec->n_key, "\"%w\"");
	sqlite3_str_appendall(s, ") DO UPDATE SET ");
	add_columns(s, t, n, "\"%w\"=excluded.\"%w\"");
	return prepare(sql, s, &t->put);
}

static int prepare_writers(struct state_table *t, sqlite3 *sql)
{
	const struct state_spec *spec = t->spec;
	sqlite3_str *s;
	int code = prepare_put(t, sql);

	if (code != SQLITE_OK)
		return code;
	s = sqlite3_str_new(sql);
	sqlite3_str_appendf(s, "DELETE FROM \"%w\" WHERE %s", spec->name,
			    spec->gone_where);
	code = prepare(sql, s, &t->gone);
	if (code == SQLITE_OK && spec->kind != BMC_N_KINDS) {
		s = sqlite3_str_new(sql);
		sqlite3_str_appendf(s, "DELETE FROM \"%w\"", spec->name);
		code = prepare(sql, s, &t->all_gone);
	}
	return code;
}

/* A few rows at a time: others wait for it. */
static int prepare_trim(struct state_table *t, sqlite3 *sql)
{
	const struct state_spec *spec = t->spec;
	sqlite3_str *s;

	if (!t->keep)
		return SQLITE_OK;
	s = sqlite3_str_new(sql);
	sqlite3_str_appendf(s,
			    "DELETE FROM \"%w\" WHERE rowid <= min((SELECT max(rowid) "
			    "FROM \"%w\") - %u, (SELECT min(rowid) FROM \"%w\") + %u)",
			    spec->name, spec->name, t->keep, spec->name,
			    STATE_TRIM - 1);
	return prepare(sql, s, &t->trim);
}

static int prepare_page(struct state_table *t, sqlite3 *sql)
{
	const struct state_spec *spec = t->spec;
	sqlite3_str *s = sqlite3_str_new(sql);

	sqlite3_str_appendall(s, "SELECT rowid,");
	add_columns(s, t, state_column_count(t), "\"%w\"");
	sqlite3_str_appendf(s, " FROM \"%w\" WHERE rowid > ?1", spec->name);
	if (spec->load)
		sqlite3_str_appendf(s,
				    " AND rowid > (SELECT max(rowid) FROM \"%w\") - %u",
				    spec->name, spec->load);
	sqlite3_str_appendf(s, " ORDER BY rowid LIMIT %u", STATE_PAGE);
	return prepare(sql, s, &t->page);
}

#define BETWEEN "_index0 > ?1 AND _index0 < ?2"

static int prepare_query(struct state_table *t, sqlite3 *sql, const char *order,
			 sqlite3_stmt **ret)
{
	sqlite3_str *s = sqlite3_str_new(sql);

	sqlite3_str_appendall(s, "SELECT rowid,");
	add_columns(s, t, state_column_count(t), "\"%w\"");
	sqlite3_str_appendf(s,
			    " FROM \"%w\" WHERE " BETWEEN
			    " ORDER BY _index0 %s LIMIT ?3 OFFSET ?4",
			    t->spec->name, order);
	return prepare(sql, s, ret);
}

static int prepare_queries(struct state_table *t, sqlite3 *sql)
{
	sqlite3_str *s;
	int code;

	if (!t->spec->numbered)
		return SQLITE_OK;
	code = prepare_query(t, sql, "ASC", &t->oldest);
	if (code == SQLITE_OK)
		code = prepare_query(t, sql, "DESC", &t->newest);
	if (code != SQLITE_OK)
		return code;
	s = sqlite3_str_new(sql);
	sqlite3_str_appendf(s, "SELECT count(*) FROM \"%w\" WHERE " BETWEEN,
			    t->spec->name);
	return prepare(sql, s, &t->count);
}

int state_tables_prepare(struct state_table tables[STATE_TABLES], sqlite3 *sql,
			 bool writable)
{
	int code = SQLITE_OK;

	for (size_t i = 0; code == SQLITE_OK && i < STATE_TABLES; i++) {
		code = prepare_page(&tables[i], sql);
		if (code == SQLITE_OK)
			code = prepare_queries(&tables[i], sql);
		if (code == SQLITE_OK && writable)
			code = prepare_writers(&tables[i], sql);
		if (code == SQLITE_OK && writable)
			code = prepare_trim(&tables[i], sql);
	}
	return code;
}

void state_tables_release(struct state_table tables[STATE_TABLES])
{
	for (size_t i = 0; i < STATE_TABLES; i++) {
		struct state_table *t = &tables[i];
		sqlite3_stmt **all[] = {
			&t->put,  &t->gone,   &t->all_gone, &t->page,
			&t->trim, &t->oldest, &t->newest,   &t->count
		};

		for (size_t k = 0; k < ARRAY_SIZE(all); k++) {
			(void)sqlite3_finalize(*all[k]);
			*all[k] = NULL;
		}
	}
}

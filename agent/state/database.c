// SPDX-License-Identifier: Apache-2.0
// The file state.db: made, checked at start, set aside when it is corrupt, read only
// where it can't be written. Called by state.c. The lock is held exclusively, so WAL
// needs no shared memory and two daemons can't use one database.
#include "state/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/log.h"
#include "core/base/util.h"

#define SCHEMA_VERSION 1
#define SHRINK_PAGES   256 /* spare ones that are worth it */
#define QUERY_MS       500
#define CHECK_MS       250 /* of the check at start: it must not delay the first answer */

static const struct {
	int sqlite, code;
} codes[] = {
	{ SQLITE_OK, BMC_OK },
	{ SQLITE_FULL, BMC_ENOSPC },
	{ SQLITE_READONLY, BMC_EREADONLY },
	{ SQLITE_CANTOPEN, BMC_EREADONLY },
	{ SQLITE_PERM, BMC_EREADONLY },
	{ SQLITE_IOERR, BMC_EIO },
	{ SQLITE_CORRUPT, BMC_ECORRUPT },
	{ SQLITE_NOTADB, BMC_ECORRUPT },
	{ SQLITE_NOMEM, BMC_ENOMEM },
	{ SQLITE_BUSY, BMC_EBUSY },
	{ SQLITE_LOCKED, BMC_EBUSY },
};

static int result(const struct state_db *db, int sqlite, struct bmc_error *err)
{
	int code = BMC_EINVAL; /* what is left: constraint, mismatch, too big */

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		if (codes[i].sqlite == (sqlite & 0xff))
			code = codes[i].code;
	}
	return code == BMC_OK ? code
			      : bmc_fail(err, code, "%.100s: %s", db->path,
					 sqlite3_errstr(sqlite));
}

static int exec(struct state_db *db, const char *text)
{
	return sqlite3_exec(db->sql, text, NULL, NULL, NULL);
}

/* ---- opening ---- */

/* The file is made before SQLite sees it: its mode is ours, and -wal and -shm inherit
 * it. */
static int make_file(const struct state_db *db, struct bmc_error *err)
{
	auto_fd int fd =
		open(db->path, O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return bmc_fail(err, bmc_from_errno(errno), "%.100s: %m", db->path);
	/* SQLite would read a pipe for ever */
	return S_ISREG(st.st_mode)
		       ? BMC_OK
		       : bmc_fail(err, BMC_ECORRUPT, "%.100s: not a file", db->path);
}

static int past_deadline(void *deadline)
{
	return bmc_now() > *(int64_t *)deadline;
}

static int first_word(void *ret_ok, int n, char **values, char **names)
{
	(void)names;
	*(bool *)ret_ok = n > 0 && values[0] && strcmp(values[0], "ok") == 0;
	return 0;
}

/* A check that takes too long is left at that; damage shows when it is met. */
static int check(struct state_db *db)
{
	int64_t deadline = bmc_now() + CHECK_MS;
	bool ok = false;
	int code;

	sqlite3_progress_handler(db->sql, 1000, past_deadline, &deadline);
	code = sqlite3_exec(db->sql, "PRAGMA quick_check(1)", first_word, &ok, NULL);
	sqlite3_progress_handler(db->sql, 0, NULL, NULL);
	if (code == SQLITE_INTERRUPT)
		return SQLITE_OK;
	return code == SQLITE_OK && !ok ? SQLITE_CORRUPT : code;
}

static int make_schema(struct state_db *db)
{
	char version[48];
	int code = exec(db, "BEGIN IMMEDIATE");

	if (code == SQLITE_OK)
		code = state_tables_make(db->tables, db->sql);
	(void)snprintf(version, sizeof(version), "PRAGMA user_version = %d",
		       SCHEMA_VERSION);
	if (code == SQLITE_OK)
		code = exec(db, version);
	return code == SQLITE_OK ? exec(db, "COMMIT") : code;
}

static int pragma_row(void *ret, int n, char **values, char **names)
{
	(void)names;
	if (n > 0 && values[0])
		*(int64_t *)ret = strtoll(values[0], NULL, 10);
	return 0;
}

static int64_t pragma(struct state_db *db, const char *name)
{
	char text[64];
	int64_t value = 0;

	(void)snprintf(text, sizeof(text), "PRAGMA %s", name);
	(void)sqlite3_exec(db->sql, text, pragma_row, &value, NULL);
	return value;
}

/* The last line: what does not fit is refused (SQLITE_FULL). A file that is larger
 * already stays so until it was shrunk. */
static int bound(struct state_db *db)
{
	char text[64];
	int64_t page = pragma(db, "page_size");

	if (!db->max_bytes || page <= 0)
		return SQLITE_OK;
	(void)snprintf(text, sizeof(text), "PRAGMA max_page_count = %lld",
		       (long long)(db->max_bytes / page));
	return exec(db, text);
}

static int set_up(struct state_db *db)
{
	static const char pragmas[] = "PRAGMA locking_mode = EXCLUSIVE;"
				      "PRAGMA journal_mode = WAL;"
				      "PRAGMA synchronous = FULL;"
				      "PRAGMA wal_autocheckpoint = 256;"
				      "PRAGMA journal_size_limit = 1048576;"
				      "PRAGMA cache_size = -512;"
				      "PRAGMA trusted_schema = OFF;";
	int code = exec(db, pragmas);

	if (code == SQLITE_OK)
		code = bound(db);
	if (code == SQLITE_OK)
		code = check(db);
	if (code == SQLITE_OK)
		code = make_schema(db);
	return code == SQLITE_OK ? state_tables_prepare(db->tables, db->sql, true)
				 : code;
}

static int open_writable(struct state_db *db, struct bmc_error *err)
{
	int code = make_file(db, err);

	if (code != BMC_OK)
		return code;
	code = sqlite3_open_v2(db->path, &db->sql,
			       SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
				       SQLITE_OPEN_EXRESCODE,
			       NULL);
	if (code == SQLITE_OK)
		code = set_up(db);
	db->writable = code == SQLITE_OK;
	if (code != SQLITE_OK)
		state_db_close(db);
	return result(db, code, err);
}

/* `immutable`: no lock, no -wal, no -shm is needed, so a read-only disk will do. */
static void open_readable(struct state_db *db)
{
	char uri[PATH_MAX + 32];

	(void)snprintf(uri, sizeof(uri), "file:%s?immutable=1", db->path);
	if (sqlite3_open_v2(uri, &db->sql,
			    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI |
				    SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK ||
	    state_tables_prepare(db->tables, db->sql, false) != SQLITE_OK)
		state_db_close(db);
}

/* With its -wal beside it, so that it can be looked at with sqlite3 later. */
static bool set_aside(struct state_db *db)
{
	static const char *const parts[] = { "", "-wal", "-shm" };
	char from[PATH_MAX + 8], to[PATH_MAX + 8], stamp[32];
	time_t now = time(NULL);
	struct tm tm;

	(void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	if (snprintf(db->aside, sizeof(db->aside), "%.4000s.corrupt-%s", db->path,
		     stamp) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		(void)snprintf(from, sizeof(from), "%s%s", db->path, parts[i]);
		(void)snprintf(to, sizeof(to), "%s%s", db->aside, parts[i]);
		if (rename(from, to) != 0 && i == 0) {
			db->aside[0] = '\0';
			return false;
		}
	}
	return true;
}

int state_db_open(struct state_db *db, const char *dir,
		  const struct state_bounds *bounds, struct bmc_error *err)
{
	struct bmc_error why = { 0 };
	int code;

	memset(db, 0, sizeof(*db));
	db->max_bytes = bounds->max_bytes;
	state_tables_init(db->tables, bounds->events);
	if (snprintf(db->path, sizeof(db->path), "%s/state.db", dir) >= PATH_MAX - 64)
		return bmc_fail(err, BMC_EINVAL, "%.100s: the path is too long", dir);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return bmc_fail(err, bmc_from_errno(errno), "%.120s: %m", dir);
	code = open_writable(db, &why);
	if (code == BMC_ECORRUPT && set_aside(db)) {
		log_err("%s is corrupt: set aside as %s, a new one is made", db->path,
			db->aside);
		code = open_writable(db, &why);
	}
	if (code == BMC_OK)
		return code;
	open_readable(db);
	return bmc_fail(err, code, "%s", why.what);
}

void state_db_close(struct state_db *db)
{
	state_tables_release(db->tables);
	(void)sqlite3_close(db->sql);
	db->sql = NULL;
	db->writable = false;
}

/* ---- transactions ---- */

void state_db_rollback(struct state_db *db)
{
	if (!sqlite3_get_autocommit(db->sql))
		(void)exec(db, "ROLLBACK");
}

int state_db_begin(struct state_db *db, struct bmc_error *err)
{
	return result(db, exec(db, "BEGIN IMMEDIATE"), err);
}

int state_db_commit(struct state_db *db, struct bmc_error *err)
{
	int code = exec(db, "COMMIT");

	if (code != SQLITE_OK)
		state_db_rollback(db);
	return result(db, code, err);
}

int state_db_apply(struct state_db *db, const struct bmc_record *records, size_t n,
		   struct bmc_error *err)
{
	int code = exec(db, "SAVEPOINT one");

	for (size_t i = 0; code == SQLITE_OK && i < n; i++)
		code = state_record_apply(db->tables, &records[i]);
	if (code == SQLITE_OK)
		code = exec(db, "RELEASE one");
	else if (!sqlite3_get_autocommit(db->sql))
		(void)exec(db, "ROLLBACK TO one; RELEASE one");
	return result(db, code, err);
}

int state_db_page(struct state_db *db, enum bmc_record_type type, enum bmc_kind kind,
		  struct state_page *page, struct bmc_error *err)
{
	page->n = 0;
	return db->sql ? result(db, state_page_read(db->tables, type, kind, page), err)
		       : BMC_OK;
}

/* Commits wait for a query: it does not get longer than this. */
int state_db_events(struct state_db *db, const struct bmc_event_query *query,
		    struct bmc_event_page *page, struct bmc_error *err)
{
	int64_t deadline = bmc_now() + QUERY_MS;
	int code;

	if (!db->sql)
		return bmc_fail(err, BMC_EIO, "%.100s: can't be read", db->path);
	sqlite3_progress_handler(db->sql, 1000, past_deadline, &deadline);
	code = state_events_read(db->tables, query, page);
	sqlite3_progress_handler(db->sql, 0, NULL, NULL);
	if (code == SQLITE_INTERRUPT)
		return bmc_fail(err, BMC_ETIMEDOUT, "%.100s: reading takes too long",
				db->path);
	return result(db, code, err);
}

/* ---- bounds ---- */

/* Rewrites the file when a good part of it is empty. */
static int shrink(struct state_db *db)
{
	int64_t pages = pragma(db, "page_count"), spare = pragma(db, "freelist_count");
	int code;

	if (spare < SHRINK_PAGES || spare < pages / 4)
		return SQLITE_OK;
	code = exec(db, "VACUUM");
	if (code == SQLITE_OK)
		code = exec(db, "PRAGMA wal_checkpoint(TRUNCATE)");
	return code == SQLITE_OK ? bound(db) : code;
}

bool state_db_tidy(struct state_db *db)
{
	int code;

	if (!db->writable)
		return false;
	code = state_tables_trim(db->tables, db->sql);
	if (code > 0)
		return true;
	if (code == 0)
		code = -shrink(db);
	if (code < 0) {
		state_db_rollback(db);
		log_warning("%s: can't be made smaller now: %s", db->path,
			    sqlite3_errstr(-code));
	}
	return false;
}

bool state_db_make_room(struct state_db *db)
{
	static const char oldest[] =
		"DELETE FROM row_event WHERE rowid <= "
		"(SELECT (min(rowid) + max(rowid)) / 2 FROM row_event)";

	/* near it is enough: a transaction that did not fit was undone */
	if (!db->writable || !db->max_bytes ||
	    pragma(db, "page_count") < pragma(db, "max_page_count") / 4 * 3)
		return false;
	return exec(db, oldest) == SQLITE_OK && sqlite3_changes(db->sql) > 0;
}

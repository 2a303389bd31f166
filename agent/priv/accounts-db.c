// SPDX-License-Identifier: Apache-2.0
// The files of the `file` backend, see accounts-db.h. Only `accounts` makes an account:
// `passwords` takes its new place before it, so a power cut leaves the old state or the
// new one, and a full disk changes neither.
#include "priv/accounts-db.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "priv/accounts.h"
#include "priv/names.h"

#define LINES_LOGGED 8u

void priv_db_done(struct priv_db *db)
{
	if (db->dir >= 0)
		(void)close(db->dir);
	bmc_wipe(db, sizeof(*db));
	db->dir = -1;
}

int priv_db_open_dir(const struct priv_settings *s, struct bmc_error *err)
{
	struct stat st;
	int fd = open(s->file_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	    (st.st_mode & 0077) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return bmc_fail(
		err, BMC_EIO,
		"%s: not a folder that only the helper can use: chown root, chmod 0700",
		s->file_dir);
}

struct priv_db_account *priv_db_find(struct priv_db *db, const char *user)
{
	for (size_t i = 0; i < db->n; i++) {
		if (strcmp(db->account[i].user, user) == 0)
			return &db->account[i];
	}
	return NULL;
}

/* ---- reading ---- */

/* Older versions wrote numbers. */
static bool take_role(struct priv_db_account *a)
{
	static const char *const numbers[] = { PRIV_ROLE_ADMINISTRATOR,
					       PRIV_ROLE_OPERATOR, PRIV_ROLE_READONLY };

	if (a->role[0] >= '1' && a->role[0] <= '3' && a->role[1] == '\0')
		(void)bmc_copy(a->role, sizeof(a->role), numbers[a->role[0] - '1']);
	return priv_role_ok(a->role);
}

/* A zero byte in it: what a power cut leaves of a block that was not written. */
static bool take_account(struct priv_db *db, const char *line, size_t len)
{
	struct priv_db_account a = { 0 };
	int end = 0;

	if (strcmp(line, "\n") == 0)
		return true;
	if (strlen(line) != len ||
	    sscanf(line, "%31s %31s %u %u %n", a.user, a.role, &a.enabled,
		   &a.must_change, &end) != 4 ||
	    line[end] != '\0' || a.enabled > 1 || a.must_change > 1 ||
	    !priv_user_ok(a.user) || !take_role(&a) || priv_db_find(db, a.user) ||
	    db->n == PRIV_ACCOUNTS_MAX)
		return false;
	db->account[db->n++] = a;
	return true;
}

/* The password of no account is what a power cut left between the two files. */
static bool take_password(struct priv_db *db, const char *line, size_t len)
{
	struct priv_db_account one = { 0 }, *a;
	int end = 0;
	bool ok = strlen(line) == len &&
		  sscanf(line, "%31[^:]:%191[^:\n]%n", one.user, one.hash, &end) == 2 &&
		  strcmp(line + end, "\n") == 0 && priv_hash_ok(one.hash);

	a = ok ? priv_db_find(db, one.user) : NULL;
	if (a)
		(void)bmc_copy(a->hash, sizeof(a->hash), one.hash);
	bmc_wipe(&one, sizeof(one));
	return ok || strcmp(line, "\n") == 0;
}

/* The state of each file when its damage was logged; shared with the workers. */
static _Atomic int64_t *logged;
static const char *const names[PRIV_DB_FILES] = { "accounts", "passwords" };

void priv_db_init(void)
{
	if (logged)
		return;
	void *p = mmap(NULL, PRIV_DB_FILES * sizeof(*logged), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	logged = p == MAP_FAILED ? NULL : p;
}

/* True the first time that a file is read in this state, by whichever process: lists
 * are read every few seconds, by a new worker each. */
static bool is_news(int fd, unsigned file)
{
	struct stat st;

	if (!logged || fstat(fd, &st) < 0)
		return true;
	int64_t state = (int64_t)st.st_ino ^ (int64_t)st.st_size << 32 ^
			(st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
	return atomic_exchange(&logged[file], state) != state;
}

static void report_damage(FILE *f, const char *name, unsigned file,
			  const unsigned *lines, unsigned n)
{
	if (!is_news(fileno(f), file))
		return;
	for (unsigned i = 0; i < MIN(n, LINES_LOGGED); i++)
		log_err("%s:%u: can't be read: this account can't log in, the others "
			"can",
			name, lines[i]);
	if (n > LINES_LOGGED)
		log_err("%s: %u more lines can't be read", name, n - LINES_LOGGED);
}

static void read_lines(struct priv_db *db, FILE *f, const char *name, unsigned file,
		       bool (*take)(struct priv_db *db, const char *line, size_t len))
{
	unsigned bad[LINES_LOGGED], n_bad = 0, number = 0;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, f)) >= 0) {
		number++;
		if (take(db, line, (size_t)n))
			continue;
		if (n_bad < LINES_LOGGED)
			bad[n_bad] = number;
		n_bad++;
	}
	if (line)
		bmc_wipe(line, size);
	free(line);
	if (n_bad > 0)
		report_damage(f, name, file, bad, n_bad);
	db->damaged[file] = n_bad > 0;
}

static int read_file(struct priv_db *db, unsigned file,
		     bool (*take)(struct priv_db *db, const char *line, size_t len),
		     struct bmc_error *err)
{
	const char *name = names[file];
	int fd = openat(db->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	int r = 0;

	if (!f)
		return errno == ENOENT ? 0
				       : bmc_fail(err, BMC_EIO, "%s: %s", name,
						  strerror(errno));
	read_lines(db, f, name, file, take);
	if (ferror(f))
		r = bmc_fail(err, BMC_EIO, "%s: %s", name, strerror(errno));
	(void)fclose(f);
	return r;
}

int priv_db_load(const struct priv_settings *s, struct priv_db *db,
		 struct bmc_error *err)
{
	int r;

	db->n = db->n_hashed = db->n_failed = 0;
	memset(db->damaged, 0, sizeof(db->damaged));
	db->dir = priv_db_open_dir(s, err);
	if (db->dir < 0)
		return db->dir;
	r = read_file(db, PRIV_DB_ACCOUNTS, take_account, err);
	if (r == 0)
		r = read_file(db, PRIV_DB_PASSWORDS, take_password, err);
	if (r < 0)
		priv_db_done(db);
	return r;
}

/* ---- writing ---- */

static void put_accounts(FILE *f, const void *arg)
{
	const struct priv_db *db = arg;

	for (size_t i = 0; i < db->n; i++) {
		const struct priv_db_account *a = &db->account[i];
		(void)fprintf(f, "%s %s %u %u\n", a->user, a->role, a->enabled,
			      a->must_change);
	}
}

static void put_passwords(FILE *f, const void *arg)
{
	const struct priv_db *db = arg;

	for (size_t i = 0; i < db->n; i++) {
		const struct priv_db_account *a = &db->account[i];
		if (a->hash[0])
			(void)fprintf(f, "%s:%s\n", a->user, a->hash);
	}
}

static void temp_name(const char *name, char temp[64])
{
	(void)snprintf(temp, 64, "%s.new", name);
}

static int not_written(int e, const char *name, struct bmc_error *err)
{
	return bmc_fail(err, bmc_from_errno(e), "%s can't be written: %s", name,
			strerror(e));
}

/* Writes the new file beside the old one; nothing is left of it when that fails. */
static int stage(int dir, const char *name, void (*put)(FILE *f, const void *arg),
		 const void *arg, struct bmc_error *err)
{
	char temp[64];

	temp_name(name, temp);
	int fd = openat(dir, temp,
			O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return not_written(errno, name, err);
	put(f, arg);
	int e = fflush(f) != 0 || ferror(f) || fsync(fd) < 0 ? errno : 0;
	if (fclose(f) != 0 && e == 0)
		e = errno;
	if (e == 0)
		return 0;
	(void)unlinkat(dir, temp, 0);
	return not_written(e, name, err);
}

static int commit(int dir, const char *name, struct bmc_error *err)
{
	char temp[64];

	temp_name(name, temp);
	return renameat(dir, temp, dir, name) < 0 ? not_written(errno, name, err) : 0;
}

static int sync_dir(int dir, const char *name, struct bmc_error *err)
{
	return fsync(dir) < 0 ? not_written(errno, name, err) : 0;
}

int priv_db_replace(int dir, const char *name, void (*put)(FILE *f, const void *arg),
		    const void *arg, struct bmc_error *err)
{
	int r = stage(dir, name, put, arg, err);

	if (r == 0)
		r = commit(dir, name, err);
	return r < 0 ? r : sync_dir(dir, name, err);
}

/* A second name for the old file, which the new one is about to replace. */
static int keep_damaged(int dir, const char *name, struct bmc_error *err)
{
	char kept[64];
	long long at = time(NULL);

	do
		(void)snprintf(kept, sizeof(kept), "%s.damaged-%lld", name, at++);
	while (linkat(dir, name, dir, kept, 0) < 0 && errno == EEXIST);
	if (faccessat(dir, kept, F_OK, 0) < 0)
		return not_written(errno, kept, err);
	log_warning("%s had lines that can't be read: it is kept as %s", name, kept);
	return 0;
}

int priv_db_save(const struct priv_db *db, struct bmc_error *err)
{
	int r = stage(db->dir, "passwords", put_passwords, db, err);

	if (r == 0)
		r = stage(db->dir, "accounts", put_accounts, db, err);
	for (unsigned file = 0; r == 0 && file < PRIV_DB_FILES; file++) {
		if (db->damaged[file])
			r = keep_damaged(db->dir, names[file], err);
	}
	if (r == 0)
		r = commit(db->dir, "passwords", err);
	if (r == 0)
		r = commit(db->dir, "accounts", err);
	if (r == 0)
		return sync_dir(db->dir, "accounts", err);
	(void)unlinkat(db->dir, "passwords.new", 0);
	(void)unlinkat(db->dir, "accounts.new", 0);
	return r;
}

/* ---- an older version's clear text ---- */

#define CLEAR_TEXT "passdb" /* NAME:PASSWORD:SERVICE, as pam_matrix reads them */

/* False for a line that is none. An account that has a hash keeps it: it is newer. */
static bool take_clear_text(struct priv_db *db, const char *line, size_t len)
{
	char user[BMC_ID_MAX], secret[BMC_SECRET_MAX] = "";
	struct priv_db_account *a;
	int end = 0;
	bool ok = strlen(line) == len &&
		  sscanf(line, "%31[^:]:%128[^:\n]:%n", user, secret, &end) == 2 &&
		  end > 0;

	a = ok ? priv_db_find(db, user) : NULL;
	if (a && !a->hash[0] && priv_hash_make(secret, a->hash, NULL) == 0)
		db->n_hashed++;
	else if (a && !a->hash[0])
		db->n_failed++;
	bmc_wipe(secret, sizeof(secret));
	return ok || strcmp(line, "\n") == 0;
}

/* The file, what was left of writing it, and the copies of damaged ones. */
static int remove_clear_text(int dir, struct bmc_error *err)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	int r = d ? 0 : -1;

	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, CLEAR_TEXT, strlen(CLEAR_TEXT)) == 0 &&
		    unlinkat(dir, e->d_name, 0) < 0)
			r = -1;
	}
	if (r < 0)
		r = bmc_fail(err, BMC_EIO,
			     "%s has passwords in clear text and can't be removed: %s",
			     CLEAR_TEXT, strerror(errno));
	if (d)
		(void)closedir(d);
	return r;
}

static int hash_clear_text(struct priv_db *db, struct bmc_error *err)
{
	int fd = openat(db->dir, CLEAR_TEXT, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (!f)
		return not_written(errno, CLEAR_TEXT, err);
	read_lines(db, f, CLEAR_TEXT, PRIV_DB_PASSWORDS, take_clear_text);
	(void)fclose(f);
	/* out of memory: the next start can do it while the clear text is there */
	if (db->n_failed > 0)
		return bmc_fail(err, BMC_ENOMEM, "%zu passwords can't be hashed",
				db->n_failed);
	if (db->n_hashed == 0)
		return 0;
	int r = priv_db_replace(db->dir, "passwords", put_passwords, db, err);
	if (r == 0)
		log_info("accounts: the passwords are stored as hashes from now on");
	return r;
}

int priv_db_migrate(const struct priv_settings *s, struct bmc_error *err)
{
	struct priv_db db;
	int r = priv_db_load(s, &db, err);

	if (r < 0)
		return r;
	/* Both files: after a crash before the removal of the old one, and when this
	 * failed at an earlier start and an account was changed since. */
	if (faccessat(db.dir, CLEAR_TEXT, F_OK, 0) == 0)
		r = hash_clear_text(&db, err);
	if (r == 0)
		r = remove_clear_text(db.dir, err);
	priv_db_done(&db);
	return r;
}

// SPDX-License-Identifier: Apache-2.0
// The `file` backend: accounts of clusterbmc alone, in a folder of the helper's own.
// Who may do what is in `accounts`, passwords in `passdb` as pam_matrix reads them; PAM
// is asked through a service file that is written here. Only `accounts` makes an
// account: passwords are written before it, so a power cut leaves the old state or the
// new one.
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/util.h"
#include "priv/accounts.h"

struct account {
	char user[BMC_ID_MAX], secret[BMC_SECRET_MAX];
	unsigned role, enabled, must_change;
};

struct db {
	int dir;
	size_t n;
	struct account account[PRIV_ACCOUNTS_MAX];
};

static void wipe(struct db *db)
{
	if (db->dir >= 0)
		(void)close(db->dir);
	bmc_wipe(db, sizeof(*db));
	db->dir = -1;
}

/* ---- files --------------------------------------------------------------------------
 */

static int open_dir(const struct priv_settings *s, struct bmc_error *err)
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

static FILE *open_in(int dir, const char *name, int flags, const char *mode)
{
	int fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? NULL : fdopen(fd, mode);
}

/* Calls `put` to fill a new file that then takes the old one's place. */
static int replace(int dir, const char *name, void (*put)(FILE *f, const void *arg),
		   const void *arg, struct bmc_error *err)
{
	char temp[64];
	FILE *f;

	(void)snprintf(temp, sizeof(temp), "%s.new", name);
	f = open_in(dir, temp, O_WRONLY | O_CREAT | O_TRUNC, "w");
	if (f) {
		put(f, arg);
		int bad = fflush(f) != 0 || ferror(f) || fsync(fileno(f)) < 0;
		if (fclose(f) == 0 && !bad && renameat(dir, temp, dir, name) == 0)
			return fsync(dir) < 0 ? bmc_fail(err, BMC_EIO, "%s: %s", name,
							 strerror(errno))
					      : 0;
	}
	return bmc_fail(err, bmc_from_errno(errno),
			"the account files can't be written: %s", strerror(errno));
}

static struct account *find(struct db *db, const char *user)
{
	for (size_t i = 0; i < db->n; i++) {
		if (strcmp(db->account[i].user, user) == 0)
			return &db->account[i];
	}
	return NULL;
}

static bool take_account(struct db *db, const char *line)
{
	struct account a = { 0 };

	if (sscanf(line, "%31s %u %u %u", a.user, &a.role, &a.enabled,
		   &a.must_change) != 4 ||
	    !priv_user_ok(a.user) || a.role == PRIV_NO_ROLE || a.role >= PRIV_N_ROLES ||
	    find(db, a.user) || db->n == PRIV_ACCOUNTS_MAX)
		return false;
	db->account[db->n++] = a;
	return true;
}

static bool take_password(struct db *db, const char *line)
{
	struct account one = { 0 }, *a;

	if (sscanf(line, "%31[^:]:%128[^:\n]", one.user, one.secret) == 2) {
		a = find(db, one.user);
		if (a)
			(void)bmc_copy(a->secret, sizeof(a->secret), one.secret);
	}
	bmc_wipe(&one, sizeof(one));
	return true;
}

static int read_lines(struct db *db, const char *name,
		      bool (*take)(struct db *db, const char *line),
		      struct bmc_error *err)
{
	char line[256];
	unsigned number = 0;
	FILE *f = open_in(db->dir, name, O_RDONLY, "r");
	int r = 0;

	if (!f)
		return errno == ENOENT ? 0
				       : bmc_fail(err, BMC_EIO, "%s: %s", name,
						  strerror(errno));
	while (r == 0 && fgets(line, sizeof(line), f)) {
		number++;
		if (!take(db, line))
			r = bmc_fail(err, BMC_ECORRUPT, "%s:%u: not an account", name,
				     number);
	}
	bmc_wipe(line, sizeof(line));
	(void)fclose(f);
	return r;
}

static int load(const struct priv_settings *s, struct db *db, struct bmc_error *err)
{
	int r;

	db->n = 0;
	db->dir = open_dir(s, err);
	if (db->dir < 0)
		return db->dir;
	r = read_lines(db, "accounts", take_account, err);
	if (r == 0)
		r = read_lines(db, "passdb", take_password, err);
	if (r < 0)
		wipe(db);
	return r;
}

struct saved {
	const struct priv_settings *settings;
	const struct db *db;
};

static void put_accounts(FILE *f, const void *arg)
{
	const struct saved *s = arg;

	for (size_t i = 0; i < s->db->n; i++) {
		const struct account *a = &s->db->account[i];
		(void)fprintf(f, "%s %u %u %u\n", a->user, a->role, a->enabled,
			      a->must_change);
	}
}

static void put_passwords(FILE *f, const void *arg)
{
	const struct saved *s = arg;

	for (size_t i = 0; i < s->db->n; i++) {
		const struct account *a = &s->db->account[i];
		if (a->secret[0])
			(void)fprintf(f, "%s:%s:%s\n", a->user, a->secret,
				      s->settings->pam_service);
	}
}

static int save(const struct priv_settings *s, struct db *db, struct bmc_error *err)
{
	const struct saved saved = { s, db };
	int r = replace(db->dir, "passdb", put_passwords, &saved, err);

	if (r == 0)
		r = replace(db->dir, "accounts", put_accounts, &saved, err);
	return r;
}

/* ---- PAM
 * ------------------------------------------------------------------------------ */

/* A module's path: PAM takes bare names only from its own folder, and this one is not
 * there. */
static bool find_file(const char *pattern, char *dst, size_t size)
{
	glob_t g;
	bool found =
		glob(pattern, 0, NULL, &g) == 0 && bmc_copy(dst, size, g.gl_pathv[0]);

	globfree(&g);
	return found;
}

static bool find_first(const char *const patterns[], char *dst, size_t size)
{
	for (; *patterns; patterns++) {
		if (find_file(*patterns, dst, size))
			return true;
	}
	return false;
}

struct service {
	const char *dir, *matrix, *quality;
};

static void put_service(FILE *f, const void *arg)
{
	const struct service *s = arg;

	(void)fprintf(f,
		      "# Written by clusterbmc-priv at each start.\n"
		      "auth     required  %s passdb=%s/passdb\n"
		      "account  required  %s passdb=%s/passdb\n",
		      s->matrix, s->dir, s->matrix, s->dir);
	/* the rules only: the helper stores the password itself, as a new file at once
	 */
	if (s->quality)
		(void)fprintf(f,
			      "password requisite %s retry=1 minlen=%d dictcheck=0 "
			      "enforce_for_root\n",
			      s->quality, PRIV_SECRET_MIN);
	(void)fputs(
		"password required  pam_permit.so\nsession  required  pam_permit.so\n",
		f);
}

static int write_service(const struct priv_settings *s, int dir, struct bmc_error *err)
{
	static const char *const matrix[] = { "/usr/lib/*/pam_wrapper/pam_matrix.so",
					      "/usr/lib64/pam_wrapper/pam_matrix.so",
					      "/usr/lib/pam_wrapper/pam_matrix.so",
					      NULL };
	static const char *const quality[] = { "/usr/lib/*/security/pam_pwquality.so",
					       "/lib/*/security/pam_pwquality.so",
					       "/usr/lib64/security/pam_pwquality.so",
					       "/usr/lib/security/pam_pwquality.so",
					       NULL };
	char matrix_path[128], quality_path[128];
	struct service service = { .dir = s->file_dir, .matrix = matrix_path };

	if (!find_first(matrix, matrix_path, sizeof(matrix_path)))
		return bmc_fail(err, BMC_ENOTFOUND,
				"pam_matrix.so is missing: apt install libpam-wrapper");
	if (find_first(quality, quality_path, sizeof(quality_path)))
		service.quality = quality_path;
	if (mkdirat(dir, "pam.d", 0700) < 0 && errno != EEXIST)
		return bmc_fail(err, bmc_from_errno(errno), "%s/pam.d: %s", s->file_dir,
				strerror(errno));
	auto_fd int pam_dir =
		openat(dir, "pam.d", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (pam_dir < 0)
		return bmc_fail(err, bmc_from_errno(errno), "%s/pam.d: %s", s->file_dir,
				strerror(errno));
	return replace(pam_dir, s->pam_service, put_service, &service, err);
}

static int file_init(const struct priv_settings *s, struct bmc_error *err)
{
	/* PAM splits a service file's lines at blanks and brackets */
	if (strpbrk(s->file_dir, " \t[]\\#"))
		return bmc_fail(err, BMC_EINVAL,
				"%s: PAM can't use a folder of this name", s->file_dir);
	if (mkdir(s->file_dir, 0700) < 0 && errno != EEXIST)
		return bmc_fail(err, bmc_from_errno(errno), "%s: %s", s->file_dir,
				strerror(errno));
	/* PAM takes the folder by its name, so nobody else may give that to another */
	int r = priv_settings_guarded(s, s->file_dir, err);
	if (r < 0)
		return r;
	auto_fd int dir = open_dir(s, err);
	return dir < 0 ? dir : write_service(s, dir, err);
}

static struct priv_pam file_pam(const struct priv_settings *s)
{
	return (struct priv_pam){ .service = s->pam_service, .dir = s->file_pam_dir };
}

/* ---- the table
 * ------------------------------------------------------------------------ */

static int file_list(const struct priv_settings *s, struct priv_accounts *ret,
		     struct bmc_error *err)
{
	char text[BMC_SECRET_MAX + BMC_ID_MAX + 16];
	struct db db;
	int r = load(s, &db, err);

	if (r < 0)
		return r;
	memset(ret, 0, sizeof(*ret));
	ret->n = (uint32_t)db.n;
	for (size_t i = 0; i < db.n; i++) {
		const struct account *a = &db.account[i];
		struct priv_account *to = &ret->account[i];
		(void)bmc_copy(to->user, sizeof(to->user), a->user);
		to->role = (uint8_t)a->role;
		to->enabled = a->enabled != 0;
		to->must_change = a->must_change != 0;
		(void)snprintf(text, sizeof(text), "%s:%u:%u:%s", a->user, a->role,
			       a->enabled, a->secret);
		to->stamp = priv_stamp(s, text);
	}
	bmc_wipe(text, sizeof(text));
	wipe(&db);
	return 0;
}

/* Loads, lets `change` alter one account (made first when `make`), saves. */
static int alter(const struct priv_settings *s, const char *user,
		 void (*change)(struct db *db, struct account *a, const void *arg),
		 const void *arg, struct bmc_error *err)
{
	struct db db;
	struct account *a;
	int r = load(s, &db, err);

	if (r < 0)
		return r;
	a = find(&db, user);
	if (a) {
		change(&db, a, arg);
		r = save(s, &db, err);
	} else {
		r = bmc_fail(err, BMC_ENOTFOUND, "no such account");
	}
	wipe(&db);
	return r;
}

static int file_add(const struct priv_settings *s, const struct priv_person *p,
		    struct bmc_error *err)
{
	struct db db;
	int r = load(s, &db, err);

	if (r < 0)
		return r;
	if (db.n == PRIV_ACCOUNTS_MAX) {
		r = bmc_fail(err, BMC_ENOSPC, "there are %u accounts already",
			     PRIV_ACCOUNTS_MAX);
	} else {
		struct account *a = &db.account[db.n++];
		*a = (struct account){ .role = p->role, .enabled = 1 };
		(void)bmc_copy(a->user, sizeof(a->user), p->user);
		r = save(s, &db, err);
	}
	wipe(&db);
	return r;
}

static void change_remove(struct db *db, struct account *a, const void *arg)
{
	(void)arg;
	*a = db->account[--db->n];
}

static void change_enabled(struct db *db, struct account *a, const void *arg)
{
	(void)db;
	a->enabled = *(const unsigned *)arg;
}

static void change_role(struct db *db, struct account *a, const void *arg)
{
	(void)db;
	a->role = *(const unsigned *)arg;
}

static void change_mark(struct db *db, struct account *a, const void *arg)
{
	(void)db;
	a->must_change = *(const unsigned *)arg;
}

static void change_secret(struct db *db, struct account *a, const void *arg)
{
	(void)db;
	(void)bmc_copy(a->secret, sizeof(a->secret), arg);
	a->must_change = 0;
}

static int file_remove(const struct priv_settings *s, const char *user,
		       struct bmc_error *err)
{
	return alter(s, user, change_remove, NULL, err);
}

static int file_enable(const struct priv_settings *s, const char *user, bool on,
		       struct bmc_error *err)
{
	return alter(s, user, change_enabled, &(const unsigned){ on }, err);
}

static int file_set_role(const struct priv_settings *s, const char *user,
			 enum priv_role role, struct bmc_error *err)
{
	return alter(s, user, change_role, &(const unsigned){ role }, err);
}

static int file_mark(const struct priv_settings *s, const char *user, bool must_change,
		     struct bmc_error *err)
{
	return alter(s, user, change_mark, &(const unsigned){ must_change }, err);
}

static int file_password(const struct priv_settings *s, const struct priv_person *p,
			 bool by_rules, struct bmc_error *err)
{
	const struct priv_pam pam = file_pam(s);
	int r = 0;

	if (strchr(p->secret, ':')) /* it ends the password in pam_matrix's file */
		return bmc_fail(err, BMC_EPASSWORD,
				"the password may not contain a colon");
	if (by_rules)
		r = priv_pam_password(&pam, p->user, p->secret, err);
	return r < 0 ? r : alter(s, p->user, change_secret, p->secret, err);
}

const struct priv_backend priv_accounts_file = {
	.name = "file",
	.init = file_init,
	.pam = file_pam,
	.list = file_list,
	.add = file_add,
	.remove = file_remove,
	.enable = file_enable,
	.set_role = file_set_role,
	.mark = file_mark,
	.password = file_password,
};

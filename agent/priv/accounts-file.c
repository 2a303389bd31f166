// SPDX-License-Identifier: Apache-2.0
// The `file` backend: accounts of clusterbmc alone, in a folder of the helper's own.
// Who may do what is in `accounts`, hashed passwords are in `passwords`
// (accounts-db.c). A login passes PAM first, through a service file that is made here
// and may be added to; then the password is compared with its hash.
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "priv/accounts-db.h"
#include "priv/accounts.h"

/* ---- PAM ---- */

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

#define OLDER_MODULE "pam_matrix" /* in the service of a version with clear text */

/* Its auth and account modules permit all: they are the place for an administrator's
 * own (pam_time, pam_access). The password is checked by file_check(). */
static void put_service(FILE *f, const void *arg)
{
	const char *quality = arg;

	(void)fputs(
		"# Made by clusterbmc-priv. Lines may be added: they hold beside the "
		"password.\n"
		"auth     required  pam_permit.so\n"
		"account  required  pam_permit.so\n",
		f);
	/* the rules only: the helper stores the password itself, as a new file at once
	 */
	if (quality)
		(void)fprintf(f,
			      "password requisite %s retry=1 minlen=%d dictcheck=0 "
			      "enforce_for_root\n",
			      quality, PRIV_SECRET_MIN);
	(void)fputs(
		"password required  pam_permit.so\nsession  required  pam_permit.so\n",
		f);
}

/* What stands there already is left alone: it may have been added to, and a restart
 * needs no free space. */
static bool is_current(const struct priv_settings *s, int pam_dir)
{
	char text[4096];
	auto_fd int fd = openat(pam_dir, s->pam_service,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	text[MAX(n, 0)] = '\0';
	return n > 0 && !strstr(text, OLDER_MODULE);
}

static int write_service(const struct priv_settings *s, int dir, struct bmc_error *err)
{
	static const char *const quality[] = { "/usr/lib/*/security/pam_pwquality.so",
					       "/lib/*/security/pam_pwquality.so",
					       "/usr/lib64/security/pam_pwquality.so",
					       "/usr/lib/security/pam_pwquality.so",
					       NULL };
	char quality_path[128];

	if (mkdirat(dir, "pam.d", 0700) < 0 && errno != EEXIST)
		return bmc_fail(err, bmc_from_errno(errno), "%s/pam.d: %s", s->file_dir,
				strerror(errno));
	auto_fd int pam_dir =
		openat(dir, "pam.d", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (pam_dir < 0)
		return bmc_fail(err, bmc_from_errno(errno), "%s/pam.d: %s", s->file_dir,
				strerror(errno));
	if (is_current(s, pam_dir))
		return 0;
	bool found = find_first(quality, quality_path, sizeof(quality_path));
	return priv_db_replace(pam_dir, s->pam_service, put_service,
			       found ? quality_path : NULL, err);
}

/* Without space for the hashes the helper starts all the same: its lines and pulses are
 * needed. The next start tries again. */
static void migrate(const struct priv_settings *s)
{
	struct bmc_error err = { 0 };

	priv_db_init();
	if (priv_db_migrate(s, &err) < 0)
		log_err("accounts of an older version: %s", err.what);
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
	/* PAM takes the folder by its name: no other user may give that name away */
	int r = priv_settings_guarded(s, s->file_dir, err);
	if (r < 0)
		return r;
	auto_fd int dir = priv_db_open_dir(s, err);
	if (dir < 0)
		return dir;
	migrate(s);
	return write_service(s, dir, err);
}

static struct priv_pam file_pam(const struct priv_settings *s)
{
	return (struct priv_pam){ .service = s->pam_service, .dir = s->file_pam_dir };
}

static int check_hash(const struct priv_settings *s, const char *user,
		      const char *secret, struct bmc_error *err)
{
	struct bmc_error why = { 0 };
	struct priv_db db;
	int r = priv_db_load(s, &db, err);

	if (r < 0)
		return r;
	const struct priv_db_account *a = priv_db_find(&db, user);
	if (a && a->hash[0])
		r = priv_hash_check(secret, a->hash, &why);
	else
		r = priv_hash_refuse(secret, NULL);
	if (r == BMC_ECORRUPT)
		log_err("account %s: %s: give it a new one", user, why.what);
	priv_db_done(&db);
	return r == 0 ? 0 : bmc_fail(err, BMC_EAUTH, "wrong name or password");
}

static int file_check(const struct priv_settings *s, const char *user,
		      const char *secret, struct bmc_error *err)
{
	const struct priv_pam pam = file_pam(s);
	int by_pam = priv_pam_authenticate(&pam, user, secret, err);
	int r = check_hash(s, user, secret, by_pam < 0 ? NULL : err);

	return by_pam < 0 || r == 0 ? by_pam : r;
}

/* ---- the table ---- */

static int file_list(const struct priv_settings *s, struct priv_accounts *ret,
		     struct bmc_error *err)
{
	char text[PRIV_HASH_MAX + 2 * BMC_ID_MAX + 16];
	struct priv_db db;
	int r = priv_db_load(s, &db, err);

	if (r < 0)
		return r;
	memset(ret, 0, sizeof(*ret));
	ret->n = (uint32_t)db.n;
	for (size_t i = 0; i < db.n; i++) {
		const struct priv_db_account *a = &db.account[i];
		struct priv_account *to = &ret->account[i];
		(void)bmc_copy(to->user, sizeof(to->user), a->user);
		(void)bmc_copy(to->role, sizeof(to->role), a->role);
		to->enabled = a->enabled != 0;
		to->must_change = a->must_change != 0;
		(void)snprintf(text, sizeof(text), "%s:%s:%u:%s", a->user, a->role,
			       a->enabled, a->hash);
		to->stamp = priv_stamp(s, text);
	}
	bmc_wipe(text, sizeof(text));
	priv_db_done(&db);
	return 0;
}

/* Loads, lets `change` alter one account (made first when `make`), saves. */
static int alter(const struct priv_settings *s, const char *user,
		 void (*change)(struct priv_db *db, struct priv_db_account *a,
				const void *arg),
		 const void *arg, struct bmc_error *err)
{
	struct priv_db db;
	struct priv_db_account *a;
	int r = priv_db_load(s, &db, err);

	if (r < 0)
		return r;
	a = priv_db_find(&db, user);
	if (a) {
		change(&db, a, arg);
		r = priv_db_save(&db, err);
	} else {
		r = bmc_fail(err, BMC_ENOTFOUND, "no such account");
	}
	priv_db_done(&db);
	return r;
}

static int file_add(const struct priv_settings *s, const struct priv_account_args *p,
		    struct bmc_error *err)
{
	struct priv_db db;
	int r = priv_db_load(s, &db, err);

	if (r < 0)
		return r;
	if (db.n == PRIV_ACCOUNTS_MAX) {
		r = bmc_fail(err, BMC_ENOSPC, "there are %u accounts already",
			     PRIV_ACCOUNTS_MAX);
	} else {
		struct priv_db_account *a = &db.account[db.n++];
		*a = (struct priv_db_account){ .enabled = 1 };
		(void)bmc_copy(a->role, sizeof(a->role), p->role);
		(void)bmc_copy(a->user, sizeof(a->user), p->user);
		r = priv_db_save(&db, err);
	}
	priv_db_done(&db);
	return r;
}

static void change_remove(struct priv_db *db, struct priv_db_account *a,
			  const void *arg)
{
	(void)arg;
	*a = db->account[--db->n];
}

static void change_enabled(struct priv_db *db, struct priv_db_account *a,
			   const void *arg)
{
	(void)db;
	a->enabled = *(const unsigned *)arg;
}

static void change_role(struct priv_db *db, struct priv_db_account *a, const void *arg)
{
	(void)db;
	(void)bmc_copy(a->role, sizeof(a->role), arg);
}

static void change_must_change(struct priv_db *db, struct priv_db_account *a,
			       const void *arg)
{
	(void)db;
	a->must_change = *(const unsigned *)arg;
}

static void change_hash(struct priv_db *db, struct priv_db_account *a, const void *arg)
{
	(void)db;
	(void)bmc_copy(a->hash, sizeof(a->hash), arg);
	a->must_change = 0;
}

static int file_remove(const struct priv_settings *s, const char *user,
		       struct bmc_error *err)
{
	return alter(s, user, change_remove, NULL, err);
}

static void change_name(struct priv_db *db, struct priv_db_account *a, const void *arg)
{
	(void)db;
	(void)bmc_copy(a->user, sizeof(a->user), arg);
}

static int file_rename(const struct priv_settings *s, const char *user,
		       const char *name, struct bmc_error *err)
{
	return alter(s, user, change_name, name, err);
}

static int file_enable(const struct priv_settings *s, const char *user, bool on,
		       struct bmc_error *err)
{
	return alter(s, user, change_enabled, &(const unsigned){ on }, err);
}

static int file_set_role(const struct priv_settings *s, const char *user,
			 const char *role, struct bmc_error *err)
{
	return alter(s, user, change_role, role, err);
}

static int file_must_change(const struct priv_settings *s, const char *user,
			    bool must_change, struct bmc_error *err)
{
	return alter(s, user, change_must_change, &(const unsigned){ must_change },
		     err);
}

static int file_hash(const struct priv_settings *s, const char *user,
		     char ret[PRIV_HASH_MAX], struct bmc_error *err)
{
	struct priv_db db;
	int r = priv_db_load(s, &db, err);

	ret[0] = '\0';
	if (r < 0)
		return r;
	const struct priv_db_account *a = priv_db_find(&db, user);
	if (a)
		(void)bmc_copy(ret, PRIV_HASH_MAX, a->hash);
	priv_db_done(&db);
	return 0;
}

static int file_restore(const struct priv_settings *s, const char *user,
			const char *hash, struct bmc_error *err)
{
	return alter(s, user, change_hash, hash, err);
}

static int file_password(const struct priv_settings *s,
			 const struct priv_account_args *p, bool by_rules,
			 struct bmc_error *err)
{
	const struct priv_pam pam = file_pam(s);
	char hash[PRIV_HASH_MAX];
	int r = by_rules ? priv_pam_password(&pam, p->user, p->secret, err) : 0;

	if (r == 0)
		r = priv_hash_make(p->secret, hash, err);
	if (r == 0)
		r = alter(s, p->user, change_hash, hash, err);
	return r;
}

const struct priv_backend priv_accounts_file = {
	.name = "file",
	.init = file_init,
	.check = file_check,
	.list = file_list,
	.add = file_add,
	.remove = file_remove,
	.rename = file_rename,
	.enable = file_enable,
	.set_role = file_set_role,
	.must_change = file_must_change,
	.hash = file_hash,
	.restore = file_restore,
	.password = file_password,
};

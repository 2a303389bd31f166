// SPDX-License-Identifier: Apache-2.0
// The `file` backend: accounts of clusterbmc alone, in a folder of the helper's own.
// Who may do what is in `accounts`, passwords in `passdb` as pam_matrix reads them
// (accounts-db.c); PAM is asked through a service file that is written here.
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

struct service {
	const char *dir, *matrix, *quality;
};

static void put_service(FILE *f, const void *arg)
{
	const struct service *s = arg;

	(void)fprintf(f,
		      "# Written by clusterbmc-priv.\n"
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

/* What stands there already is left alone: a restart needs no free space. An older one
 * that can't be replaced now is better than none. */
static int put_service_file(const struct priv_settings *s, int pam_dir,
			    const struct service *service, struct bmc_error *err)
{
	char *text = NULL, old[2048];
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	put_service(f, service);
	bool whole = fclose(f) == 0;
	auto_fd int fd = openat(pam_dir, s->pam_service,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, old, sizeof(old));
	bool same = whole && n == (ssize_t)len && memcmp(old, text, len) == 0;
	free(text);
	if (same)
		return 0;
	int r = priv_db_replace(pam_dir, s->pam_service, put_service, service, err);
	if (r == 0 || fd < 0)
		return r;
	log_warning("%s: the old PAM service stays", err ? err->what : s->pam_service);
	return 0;
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
	return put_service_file(s, pam_dir, &service, err);
}

/* pam_matrix refuses every user when one line of its file is bad, so that file is
 * recreated. A bad line in `accounts` harms only its account: an administrator has to
 * repair it. */
static void repair(const struct priv_settings *s)
{
	struct priv_db db;
	struct bmc_error err = { 0 };

	priv_db_init();
	if (priv_db_load(s, &db, NULL) < 0)
		return;
	if (db.damaged[PRIV_DB_PASSDB] && priv_db_save(s, &db, &err) < 0)
		log_err("%s: no user can log in", err.what);
	priv_db_done(&db);
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
	auto_fd int dir = priv_db_open_dir(s, err);
	if (dir < 0)
		return dir;
	repair(s);
	return write_service(s, dir, err);
}

static struct priv_pam file_pam(const struct priv_settings *s)
{
	return (struct priv_pam){ .service = s->pam_service, .dir = s->file_pam_dir };
}

/* ---- the table ---- */

static int file_list(const struct priv_settings *s, struct priv_accounts *ret,
		     struct bmc_error *err)
{
	char text[BMC_SECRET_MAX + BMC_ID_MAX + 16];
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
		to->role = (uint8_t)a->role;
		to->enabled = a->enabled != 0;
		to->must_change = a->must_change != 0;
		(void)snprintf(text, sizeof(text), "%s:%u:%u:%s", a->user, a->role,
			       a->enabled, a->secret);
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
		r = priv_db_save(s, &db, err);
	} else {
		r = bmc_fail(err, BMC_ENOTFOUND, "no such account");
	}
	priv_db_done(&db);
	return r;
}

static int file_add(const struct priv_settings *s, const struct priv_person *p,
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
		*a = (struct priv_db_account){ .role = p->role, .enabled = 1 };
		(void)bmc_copy(a->user, sizeof(a->user), p->user);
		r = priv_db_save(s, &db, err);
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
	a->role = *(const unsigned *)arg;
}

static void change_mark(struct priv_db *db, struct priv_db_account *a, const void *arg)
{
	(void)db;
	a->must_change = *(const unsigned *)arg;
}

static void change_secret(struct priv_db *db, struct priv_db_account *a,
			  const void *arg)
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

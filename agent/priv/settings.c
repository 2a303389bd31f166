// SPDX-License-Identifier: Apache-2.0
// The helper's own reading of the configuration: what it may do is decided by files
// that the daemon's user can't write, not by what the daemon says.
#include "config.h"

#include "priv/settings.h"

#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "priv/map.h"
#include "priv/proto.h"

/* Paths in the file are relative to the file. */
static void resolve(const char *base, const char *path, char *dst, size_t size)
{
	char copy[PATH_MAX];

	(void)bmc_copy(copy, sizeof(copy), base);
	if (path[0] == '/' || path[0] == '\0')
		(void)bmc_copy(dst, size, path);
	else
		(void)snprintf(dst, size, "%s/%s", dirname(copy), path);
}

static int take_user(struct priv_settings *s, const char *name, struct bmc_error *err)
{
	const struct passwd *pw;

	s->uid = geteuid();
	s->gid = getegid();
	if (s->uid != 0)
		return 0;
	pw = getpwnam(name);
	if (!pw)
		return bmc_fail(
			err, BMC_ENOTFOUND,
			"user %s: no such account; see `user` in the configuration",
			name);
	s->uid = pw->pw_uid;
	s->gid = pw->pw_gid;
	return 0;
}

/* Whether the daemon's user can write this, or what a folder has in it. In a sticky
 * folder everybody keeps what is his. */
static bool daemon_may_change(const struct priv_settings *s, const struct stat *st)
{
	mode_t mode = st->st_mode;

	if (st->st_uid == s->uid)
		return true;
	if (S_ISDIR(mode) && (mode & S_ISVTX))
		return false;
	return (mode & S_IWOTH) || ((mode & S_IWGRP) && st->st_gid == s->gid);
}

/* The file and each folder on the way to it. */
static int check_parts(const struct priv_settings *s, const char *path,
		       struct bmc_error *err)
{
	size_t len = strlen(path);
	char part[PATH_MAX];
	struct stat st;

	for (size_t n = 1; n <= len; n++) {
		if (n > 1 && n < len && path[n] != '/')
			continue;
		(void)snprintf(part, sizeof(part), "%.*s", (int)n, path);
		if (stat(part, &st) < 0)
			return bmc_fail(err, bmc_from_errno(errno), "%s: %s", part,
					strerror(errno));
		if (daemon_may_change(s, &st))
			return bmc_fail(err, BMC_EPERM,
					"%s: the daemon's user may write it: chown "
					"root, chmod go-w",
					part);
	}
	return 0;
}

int priv_settings_guarded(const struct priv_settings *s, const char *path,
			  struct bmc_error *err)
{
	char real[PATH_MAX];

	if (geteuid() != 0 || s->uid == 0)
		return 0;
	if (!realpath(path, real))
		return bmc_fail(err, bmc_from_errno(errno), "%s: %s", path,
				strerror(errno));
	int r = check_parts(s, real, err);
	/* and links on the way */
	return r == 0 && path[0] == '/' ? check_parts(s, path, err) : r;
}

static void take_helper_section(struct priv_settings *s, const char *path,
				const struct bmc_conf *root)
{
	const struct bmc_conf *helper = bmc_conf_find(root, "helper");
	char file_dir[PATH_MAX];

	resolve(path, bmc_conf_text(root, "state_dir", ""), s->state_dir,
		sizeof(s->state_dir));
	resolve(path, bmc_conf_text(helper, "socket", ""), s->socket,
		sizeof(s->socket));
	if (snprintf(file_dir, sizeof(file_dir), "%s/accounts", s->state_dir) >=
	    (int)sizeof(file_dir))
		file_dir[0] = '\0';
	resolve(path, bmc_conf_text(bmc_conf_find(helper, "file"), "dir", file_dir),
		s->file_dir, sizeof(s->file_dir));
	(void)snprintf(s->file_pam_dir, sizeof(s->file_pam_dir), "%s/pam.d",
		       s->file_dir);
	resolve(path, bmc_conf_text(helper, "pam_dir", ""), s->pam_dir,
		sizeof(s->pam_dir));
	(void)bmc_copy(s->pam_service, sizeof(s->pam_service),
		       bmc_conf_text(helper, "pam_service", ""));
	s->unix_backend = strcmp(bmc_conf_text(helper, "backend", ""), "unix") == 0;
	s->system_allowed = strcmp(bmc_conf_text(helper, "system", ""), "allow") == 0;
}

/* What is in it may be the daemon's; where it is may not. */
static int check_state_dir(const struct priv_settings *s, struct bmc_error *err)
{
	char parent[PATH_MAX];

	(void)bmc_copy(parent, sizeof(parent), s->state_dir);
	return priv_settings_guarded(s, dirname(parent), err);
}

static int load(const char *path, struct priv_settings *s, struct bmc_error *err)
{
	char platform[PATH_MAX];
	int r = bmc_conf_load(path, bmc_conf_schema, &s->conf, err);

	if (r < 0)
		return r;
	const struct bmc_conf *root = bmc_conf_root(s->conf);
	take_helper_section(s, path, root);
	resolve(path, bmc_conf_text(root, "platform", ""), platform, sizeof(platform));
	r = take_user(s, bmc_conf_text(root, "user", ""), err);
	if (r == 0)
		r = priv_settings_guarded(s, path, err);
	if (r == 0)
		r = priv_settings_guarded(s, platform, err);
	if (r == 0 && s->pam_dir[0])
		r = priv_settings_guarded(s, s->pam_dir, err);
	if (r == 0)
		r = check_state_dir(s, err);
	if (r == 0)
		r = bmc_conf_load(platform, bmc_platform_schema(), &s->platform_conf,
				  err);
	if (r == 0)
		r = bmc_platform_new(bmc_conf_root(s->platform_conf), &s->platform,
				     err);
	return r;
}

int priv_settings_load(const char *path, struct priv_settings *ret,
		       struct bmc_error *err)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->deadline_ms = PRIV_DEADLINE_MS;
	r = load(path, ret, err);
	if (r < 0)
		priv_settings_done(ret);
	return r;
}

/* In the state folder, but the helper's own: the daemon can only make it be lost, and
 * then all accounts count as changed. That also happens at the next start when it can't
 * be saved: sessions end, logins work. */
void priv_settings_key(struct priv_settings *s)
{
	char path[PATH_MAX + 16];
	uint8_t zeros[sizeof(s->stamp_key)] = { 0 };
	struct bmc_error err = { 0 };
	bool is_new;

	(void)snprintf(path, sizeof(path), "%s/helper.key", s->state_dir);
	auto_fd int fd =
		priv_open_fixed(path, sizeof(s->stamp_key), (uid_t)-1, &is_new, &err);
	if (fd >= 0 &&
	    pread(fd, s->stamp_key, sizeof(s->stamp_key), 0) ==
		    (ssize_t)sizeof(s->stamp_key) &&
	    memcmp(s->stamp_key, zeros, sizeof(zeros)) != 0)
		return;
	bmc_random(s->stamp_key, sizeof(s->stamp_key));
	if (fd >= 0 && pwrite(fd, s->stamp_key, sizeof(s->stamp_key), 0) ==
			       (ssize_t)sizeof(s->stamp_key))
		return;
	log_warning("%s: sessions will end with the helper",
		    fd < 0 ? err.what : strerror(errno));
}

void priv_settings_done(struct priv_settings *s)
{
	s->platform = bmc_platform_free(s->platform);
	s->platform_conf = bmc_conf_free(s->platform_conf);
	s->conf = bmc_conf_free(s->conf);
}

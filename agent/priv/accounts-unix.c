// SPDX-License-Identifier: Apache-2.0
// The `unix` backend: the system's own accounts, changed with the system's own tools. A
// role is membership in a group. Only accounts that are in such a group, ordinary (uid
// 1000 or more) and in no system group but these are touched or even seen.
#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/util.h"
#include "priv/accounts.h"
#include "priv/names.h"
#include "priv/run.h"

#define ROLES_MAX  32 /* groups that are looked at */
#define UID_FIRST  1000u
#define UID_NOBODY 65534u
#define GID_USERS  100u /* every account's in Debian's adduser; grants nothing */
#define DAY_S      86400
#define NO_MAXIMUM 99999 /* days: what login.defs has for "never" */
#define EXPIRED    1     /* day of expiry of a disabled account: 1970-01-02 */

/* ---- who is whose ---- */

/* Rights of the system, also where an administrator has given such a group a number
 * above those of the system. */
static const char *const system_groups[] = {
	"root",
	"sudo",
	"wheel",
	"admin",
	"adm",
	"shadow",
	"disk",
	"kmem",
	"docker",
	"lxd",
	"incus",
	"podman",
	"libvirt",
	"kvm",
	"staff",
	"ssl-cert",
	"systemd-journal",
};

static bool is_system_group(const struct group *g)
{
	for (size_t i = 0; i < ARRAY_SIZE(system_groups); i++) {
		if (strcmp(system_groups[i], g->gr_name) == 0)
			return true;
	}
	return g->gr_gid < UID_FIRST && g->gr_gid != GID_USERS;
}

/* The first role of its groups, by priv_role_before(); false when it has none, or when
 * one of its groups is the system's, or unknown. */
static bool role_of(const struct passwd *pw, char ret[BMC_ID_MAX])
{
	gid_t groups[64];
	int n = (int)ARRAY_SIZE(groups);
	char role[BMC_ID_MAX];

	ret[0] = '\0';
	if (pw->pw_uid < UID_FIRST || pw->pw_uid == UID_NOBODY ||
	    getgrouplist(pw->pw_name, pw->pw_gid, groups, &n) < 0)
		return false;
	for (int i = 0; i < n; i++) {
		const struct group *g = getgrgid(groups[i]);
		bool ours = g && priv_role_of_group(g->gr_name, role);
		if (!ours && (!g || is_system_group(g)))
			return false;
		if (ours && (!ret[0] || priv_role_before(role, ret)))
			(void)bmc_copy(ret, BMC_ID_MAX, role);
	}
	return ret[0] != '\0';
}

static void take_state(const struct priv_settings *s, struct priv_account *a)
{
	char text[512];
	const struct spwd *sp = getspnam(a->user);

	if (!sp)
		return;
	a->enabled = sp->sp_expire != EXPIRED && sp->sp_pwdp[0] != '!';
	a->must_change = sp->sp_lstchg == 0;
	if (sp->sp_max >= 0 && sp->sp_max < NO_MAXIMUM && sp->sp_lstchg > 0)
		a->expires = (sp->sp_lstchg + sp->sp_max) * INT64_C(86400);
	(void)snprintf(text, sizeof(text), "%s:%s:%ld:%s", a->user, a->role,
		       sp->sp_expire, sp->sp_pwdp);
	a->stamp = priv_stamp(s, text);
	bmc_wipe(text, sizeof(text));
}

/* Whether `user` is one of ours; fills *ret then. */
static bool take_account(const struct priv_settings *s, const char *user,
			 struct priv_account *ret)
{
	const struct passwd *pw = getpwnam(user);

	memset(ret, 0, sizeof(*ret));
	if (!pw || !role_of(pw, ret->role) ||
	    !bmc_copy(ret->user, sizeof(ret->user), user) || !priv_user_ok(ret->user))
		return false;
	take_state(s, ret);
	return true;
}

static bool listed(const struct priv_accounts *all, const char *user)
{
	for (uint32_t i = 0; i < all->n; i++) {
		if (strcmp(all->account[i].user, user) == 0)
			return true;
	}
	return false;
}

/* getgrnam's answer is overwritten by the look-ups of its members, so names are copied
 * first. */
static size_t members(const char *group, char (*names)[BMC_ID_MAX], size_t max)
{
	const struct group *g = getgrnam(group);
	size_t n = 0;

	for (char **m = g ? g->gr_mem : NULL; m && *m && n < max; m++) {
		if (bmc_copy(names[n], sizeof(names[n]), *m))
			n++;
	}
	return n;
}

/* The groups of roles, those of Redfish's own first. */
static size_t role_groups(char (*names)[PRIV_GROUP_MAX], size_t max)
{
	static const char *const first[] = { PRIV_ROLE_ADMINISTRATOR,
					     PRIV_ROLE_OPERATOR, PRIV_ROLE_READONLY };
	char role[BMC_ID_MAX];
	const struct group *g;
	size_t n = 0;

	for (; n < ARRAY_SIZE(first); n++)
		priv_role_group(first[n], names[n]);
	setgrent();
	while (n < max && (g = getgrent())) {
		if (!priv_role_of_group(g->gr_name, role))
			continue;
		priv_role_group(role, names[n]);
		bool known = false;
		for (size_t i = 0; i < n; i++)
			known = known || strcmp(names[i], names[n]) == 0;
		n += !known;
	}
	endgrent();
	return n;
}

static int unix_list(const struct priv_settings *s, struct priv_accounts *ret,
		     struct bmc_error *err)
{
	char names[PRIV_ACCOUNTS_MAX][BMC_ID_MAX];
	char groups[ROLES_MAX][PRIV_GROUP_MAX];
	size_t n_groups = role_groups(groups, ARRAY_SIZE(groups));

	(void)err;
	memset(ret, 0, sizeof(*ret));
	for (size_t g = 0; g < n_groups; g++) {
		size_t n = members(groups[g], names, ARRAY_SIZE(names));
		for (size_t i = 0; i < n && ret->n < PRIV_ACCOUNTS_MAX; i++) {
			if (!listed(ret, names[i]) &&
			    take_account(s, names[i], &ret->account[ret->n]))
				ret->n++;
		}
	}
	return 0;
}

/* ---- changes ---- */

static int unix_init(const struct priv_settings *s, struct bmc_error *err)
{
	(void)s;
	if (geteuid() != 0)
		return bmc_fail(err, BMC_EPERM,
				"backend unix: the helper has to run as root; see "
				"`helper.backend`");
	return 0;
}

static struct priv_pam unix_pam(const struct priv_settings *s)
{
	return (struct priv_pam){ .service = s->pam_service,
				  .dir = s->pam_dir[0] ? s->pam_dir : NULL };
}

static int unix_check(const struct priv_settings *s, const char *user,
		      const char *secret, struct bmc_error *err)
{
	const struct priv_pam pam = unix_pam(s);

	return priv_pam_authenticate(&pam, user, secret, err);
}

static int need_group(const char *group, struct bmc_error *err)
{
	const char *const argv[] = { "/usr/sbin/groupadd", "--system", group, NULL };

	return getgrnam(group) ? 0 : priv_run(argv, err);
}

static int unix_add(const struct priv_settings *s, const struct priv_account_args *p,
		    struct bmc_error *err)
{
	char group[PRIV_GROUP_MAX];
	const char *const argv[] = { "/usr/sbin/useradd",
				     "--no-log-init",
				     "--no-create-home",
				     "--home-dir",
				     "/nonexistent",
				     "--shell",
				     "/usr/sbin/nologin",
				     "--no-user-group",
				     "--groups",
				     group,
				     p->user,
				     NULL };

	(void)s;
	priv_role_group(p->role, group);
	int r = need_group(group, err);
	if (getpwnam(p->user))
		return bmc_fail(err, BMC_EEXIST,
				"the system has an account of this name");
	return r < 0 ? r : priv_run(argv, err);
}

static int unix_remove(const struct priv_settings *s, const char *user,
		       struct bmc_error *err)
{
	const char *const argv[] = { "/usr/sbin/userdel", user, NULL };

	(void)s;
	return priv_run(argv, err);
}

static int unix_name_free(const char *name, struct bmc_error *err)
{
	return getpwnam(name) ? bmc_fail(err, BMC_EEXIST,
					 "the system has an account of this name")
			      : 0;
}

static int unix_rename(const struct priv_settings *s, const char *user,
		       const char *name, struct bmc_error *err)
{
	const char *const argv[] = { "/usr/sbin/usermod", "--login", name, user, NULL };

	(void)s;
	return priv_run(argv, err);
}

static int unix_enable(const struct priv_settings *s, const char *user, bool on,
		       struct bmc_error *err)
{
	const char *const enable[] = {
		"/usr/sbin/usermod", "--unlock", "--expiredate", "", user, NULL
	};
	const char *const disable[] = {
		"/usr/sbin/usermod", "--lock", "--expiredate", "1", user, NULL
	};

	(void)s;
	return priv_run(on ? enable : disable, err);
}

static void leave_group(const char *user, const char *group)
{
	const char *const leave[] = { "/usr/bin/gpasswd", "--delete", user, group,
				      NULL };

	if (getgrnam(group))
		(void)priv_run(leave, NULL); /* fails when it was not a member */
}

static bool is_member(const char *user, const char *group)
{
	const struct group *g = getgrnam(group);

	for (char **m = g ? g->gr_mem : NULL; m && *m; m++) {
		if (strcmp(*m, user) == 0)
			return true;
	}
	return false;
}

/* Into the new group first: at no moment is the account in none. */
static int unix_set_role(const struct priv_settings *s, const char *user,
			 const char *role, struct bmc_error *err)
{
	struct priv_account a;
	char group[PRIV_GROUP_MAX], groups[ROLES_MAX][PRIV_GROUP_MAX];
	const char *const join[] = { "/usr/bin/gpasswd", "--add", user, group, NULL };
	size_t n = role_groups(groups, ARRAY_SIZE(groups));

	priv_role_group(role, group);
	int r = need_group(group, err);
	if (r == 0)
		r = priv_run(join, err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (strcmp(groups[i], group) != 0 && is_member(user, groups[i]))
			leave_group(user, groups[i]);
	}
	if (r == 0 && (!take_account(s, user, &a) || strcmp(a.role, role) != 0))
		r = bmc_fail(err, BMC_EIO, "the groups of %s could not be changed",
			     user);
	return r;
}

static int unix_must_change(const struct priv_settings *s, const char *user,
			    bool must_change, struct bmc_error *err)
{
	char day[24];
	const char *const argv[] = { "/usr/bin/chage", "--lastday", day, user, NULL };

	(void)s;
	(void)snprintf(day, sizeof(day), "%lld",
		       must_change ? 0 : (long long)(time(NULL) / DAY_S));
	return priv_run(argv, err);
}

/* Without the marks of a locked password. */
static int unix_hash(const struct priv_settings *s, const char *user,
		     char ret[PRIV_HASH_MAX], struct bmc_error *err)
{
	const struct spwd *sp = getspnam(user);
	const char *hash = sp ? sp->sp_pwdp + strspn(sp->sp_pwdp, "!") : "";

	(void)s;
	if (strpbrk(hash, ":\n") || !bmc_copy(ret, PRIV_HASH_MAX, hash))
		return bmc_fail(err, BMC_ECORRUPT, "%s has a malformed hash", user);
	return 0;
}

static int unix_restore(const struct priv_settings *s, const char *user,
			const char *hash, struct bmc_error *err)
{
	const char *const argv[] = { "/usr/sbin/chpasswd", "--encrypted", NULL };
	char text[BMC_ID_MAX + PRIV_HASH_MAX + 2];

	(void)s;
	(void)snprintf(text, sizeof(text), "%s:%s\n", user, hash);
	int r = priv_run_input(argv, text, err);
	bmc_wipe(text, sizeof(text));
	return r;
}

static int unix_password(const struct priv_settings *s,
			 const struct priv_account_args *p, bool by_rules,
			 struct bmc_error *err)
{
	const struct priv_pam pam = unix_pam(s);

	(void)by_rules; /* the system's rules hold for its accounts, always */
	return priv_pam_password(&pam, p->user, p->secret, err);
}

const struct priv_backend priv_accounts_unix = {
	.name = "unix",
	.init = unix_init,
	.check = unix_check,
	.list = unix_list,
	.add = unix_add,
	.remove = unix_remove,
	.name_free = unix_name_free,
	.rename = unix_rename,
	.enable = unix_enable,
	.set_role = unix_set_role,
	.must_change = unix_must_change,
	.hash = unix_hash,
	.restore = unix_restore,
	.password = unix_password,
};

// SPDX-License-Identifier: Apache-2.0
// The operations on roles on the root side. Redfish's own three can't be changed.
#include <string.h>

#include "core/base/util.h"
#include "priv/accounts.h"
#include "priv/helper.h"
#include "priv/names.h"
#include "priv/roles-store.h"

static int role_check(const struct priv_role_args *a, struct bmc_error *err)
{
	if (!priv_role_ok(a->role))
		return bmc_fail(
			err, BMC_EINVAL,
			"a role's name has up to %u letters, digits, '-' and '_', "
			"begins with a letter and is none of Redfish's own",
			PRIV_ROLE_MAX);
	if (priv_role_is_own(a->role))
		return bmc_fail(err, BMC_EREADONLY,
				"%s is predefined: it stays as it is", a->role);
	if (a->privileges > BMC_PRIV_ALL)
		return bmc_fail(err, BMC_ERANGE, "no such privilege");
	return 0;
}

static size_t find(const struct priv_role_args *all, size_t n, const char *role)
{
	size_t i = 0;

	while (i < n && strcmp(all[i].role, role) != 0)
		i++;
	return i;
}

int asroot_role_set(struct priv_helper *h, const struct priv_request *rq,
		    struct priv_reply *rp)
{
	struct priv_role_args all[PRIV_ROLES_MAX];
	const struct priv_role_args *a = &rq->u.role;
	int r = role_check(a, &rp->err);

	if (r < 0)
		return r;
	size_t n = priv_roles_load(h->settings, all), at = find(all, n, a->role);
	if (at == PRIV_ROLES_MAX)
		return bmc_fail(&rp->err, BMC_ENOSPC, "there are %u roles already",
				PRIV_ROLES_MAX);
	memset(&all[at], 0, sizeof(all[at])); /* nothing behind the name is stored */
	(void)bmc_copy(all[at].role, sizeof(all[at].role), a->role);
	all[at].privileges = a->privileges;
	return priv_roles_save(h->settings, all, MAX(n, at + 1), &rp->err);
}

/* An account without its role would be lost to the daemon. */
static int unused(const struct priv_settings *s, const char *role,
		  struct bmc_error *err)
{
	struct priv_accounts accounts;
	int r = priv_backend(s)->list(s, &accounts, err);

	for (uint32_t i = 0; r == 0 && i < accounts.n; i++) {
		if (strcmp(accounts.account[i].role, role) == 0)
			r = bmc_fail(err, BMC_EBUSY,
				     "%s has this role: give it another one first",
				     accounts.account[i].user);
	}
	return r;
}

int asroot_role_remove(struct priv_helper *h, const struct priv_request *rq,
		       struct priv_reply *rp)
{
	struct priv_role_args all[PRIV_ROLES_MAX];
	const struct priv_role_args *a = &rq->u.role;
	int r = role_check(a, &rp->err);

	if (r < 0)
		return r;
	size_t n = priv_roles_load(h->settings, all), at = find(all, n, a->role);
	if (at == n)
		return bmc_fail(&rp->err, BMC_ENOTFOUND, "no such role");
	r = unused(h->settings, a->role, &rp->err);
	if (r < 0)
		return r;
	all[at] = all[n - 1];
	return priv_roles_save(h->settings, all, n - 1, &rp->err);
}

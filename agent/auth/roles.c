// SPDX-License-Identifier: Apache-2.0
// Roles, see roles.h. What a role may do is looked up at each request, so a change
// holds for open sessions too.
#include "auth/roles.h"

#include <pthread.h>
#include <string.h>

#include "auth/change.h"
#include "core/base/util.h"
#include "core/inventory/inventory.h"
#include "core/model/field.h"
#include "priv/names.h"

#define LOGIN (BMC_PRIV_LOGIN | BMC_PRIV_CONFIGURE_SELF)
#define OWN   3u

static const struct priv_role_args own[OWN] = {
	{ PRIV_ROLE_ADMINISTRATOR, BMC_PRIV_ALL },
	{ PRIV_ROLE_OPERATOR, LOGIN | BMC_PRIV_CONFIGURE_COMPONENTS },
	{ PRIV_ROLE_READONLY, LOGIN },
};

struct role {
	struct priv_role_args is; /* "": a free place */
	uint32_t handle;
	bool seen;
};

static struct {
	pthread_mutex_t mutex;
	struct role role[PRIV_ROLES_MAX]; /* its place makes its index */
} table = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* ---- rows ---- */

static uint32_t show(const struct priv_role_args *is, uint32_t index, bool predefined)
{
	struct bmc_role row = { .row = { .kind = BMC_ROLE,
					 .status = BMC_ENABLED,
					 .health = BMC_OK_HEALTH,
					 .index = { index, 0 } },
				.privileges = is->privileges,
				.predefined = predefined };

	(void)bmc_copy(row.row.id, sizeof(row.row.id), is->role);
	return bmc_inventory_upsert(&row.row);
}

int bmc_roles_init(void)
{
	memset(table.role, 0, sizeof(table.role));
	for (uint32_t i = 0; i < OWN; i++) {
		if (!show(&own[i], i + 1, true))
			return BMC_ENOMEM;
	}
	return 0;
}

void bmc_roles_done(void)
{
	(void)pthread_mutex_lock(&table.mutex);
	memset(table.role, 0, sizeof(table.role));
	(void)pthread_mutex_unlock(&table.mutex);
}

/* With the table locked. */
static struct role *find(const char *name)
{
	for (size_t i = 0; i < PRIV_ROLES_MAX; i++) {
		if (strcmp(table.role[i].is.role, name) == 0)
			return &table.role[i];
	}
	return NULL;
}

static bool role_ok(const struct priv_role_args *r)
{
	return memchr(r->role, 0, sizeof(r->role)) && priv_role_ok(r->role) &&
	       !priv_role_is_own(r->role) && r->privileges <= BMC_PRIV_ALL;
}

static void mark_listed(const struct priv_accounts *all)
{
	for (size_t i = 0; i < PRIV_ROLES_MAX; i++)
		table.role[i].seen = false;
	for (uint32_t i = 0; i < all->n_roles; i++) {
		struct role *r =
			role_ok(&all->role[i]) ? find(all->role[i].role) : NULL;
		if (r)
			r->seen = true;
	}
}

static void drop_unseen(void)
{
	for (size_t i = 0; i < PRIV_ROLES_MAX; i++) {
		struct role *r = &table.role[i];
		if (!r->is.role[0] || r->seen)
			continue;
		if (r->handle)
			bmc_inventory_remove(r->handle);
		*r = (struct role){ 0 };
	}
}

void bmc_roles_apply(const struct priv_accounts *all)
{
	(void)pthread_mutex_lock(&table.mutex);
	mark_listed(all);
	drop_unseen();
	for (uint32_t i = 0; i < MIN(all->n_roles, PRIV_ROLES_MAX); i++) {
		const struct priv_role_args *is = &all->role[i];
		struct role *r = role_ok(is) ? find(is->role) : NULL;
		if (!r && role_ok(is))
			r = find("");
		if (!r)
			continue;
		r->is = *is;
		r->handle = show(is, OWN + 1 + (uint32_t)(r - table.role), false);
	}
	(void)pthread_mutex_unlock(&table.mutex);
}

bool bmc_role_find(const char *role, uint32_t *ret)
{
	for (size_t i = 0; i < OWN; i++) {
		if (strcmp(own[i].role, role) == 0) {
			*ret = own[i].privileges;
			return true;
		}
	}
	(void)pthread_mutex_lock(&table.mutex);
	const struct role *r = role[0] ? find(role) : NULL;
	if (r)
		*ret = r->is.privileges;
	(void)pthread_mutex_unlock(&table.mutex);
	return r != NULL;
}

int bmc_role_name(const char *name)
{
	char text[BMC_ID_MAX] = "";

	if (priv_role_is_own(name) || priv_role_is_restricted(name))
		return BMC_EPERM;
	return bmc_copy(text, sizeof(text), name) && priv_role_ok(text) ? 0
									: BMC_EINVAL;
}

/* ---- changes ---- */

/* Else who may configure the manager, but no users, could make himself a role for it.
 */
static int check_grant(uint32_t privileges, const struct bmc_actor *who,
		       struct bmc_error *err)
{
	if (privileges & ~who->privileges)
		return bmc_fail(err, BMC_EPERM,
				"%s lacks a privilege of this role: ask an "
				"administrator",
				who->name);
	return 0;
}

static int check_name(const char *role, struct bmc_error *err)
{
	if (bmc_role_name(role) == 0)
		return 0;
	return bmc_fail(
		err, BMC_EINVAL,
		"a role's name has up to %u letters, digits, '-' and '_', begins "
		"with a letter and is none of Redfish's own",
		PRIV_ROLE_MAX);
}

static int check(const struct bmc_action *act, const struct bmc_actor *who,
		 struct bmc_error *err)
{
	uint32_t is = 0;

	if (act->op != BMC_ACT_ADD && priv_role_is_own(act->id))
		return bmc_fail(err, BMC_EREADONLY,
				"%s is predefined: it stays as it is", act->id);
	if (act->op == BMC_ACT_ADD && check_name(act->id, err) < 0)
		return BMC_EINVAL;
	if (act->op == BMC_ACT_ADD || bmc_change_sets(act, "privileges")) {
		if (act->num < 0 || act->num > BMC_PRIV_ALL)
			return bmc_fail(err, BMC_ERANGE, "no such privilege");
		if (check_grant((uint32_t)act->num, who, err) < 0)
			return BMC_EPERM;
	} else if (act->op != BMC_ACT_REMOVE) {
		return bmc_fail(err, BMC_EREADONLY, "this can't be set");
	}
	(void)bmc_role_find(act->id, &is);
	return check_grant(is, who, err);
}

static int make(struct bmc_change *c)
{
	const struct bmc_action *act = c->act;
	bool removes = act->op == BMC_ACT_REMOVE;
	/* what has changed since it was reserved */
	int r = check(act, c->who, &c->err);

	if (r < 0)
		return r;
	for (uint32_t i = 0; act->op != BMC_ACT_REMOVE && i < c->accounts.n_roles;
	     i++) {
		const struct priv_role_args *is = &c->accounts.role[i];
		if (strcmp(is->role, act->id) != 0)
			continue;
		if (act->op == BMC_ACT_ADD)
			return bmc_fail(&c->err, BMC_EEXIST,
					"there is a role of this name");
		c->unchanged = is->privileges == (uint32_t)act->num;
	}
	if (c->unchanged)
		return 0;
	(void)snprintf(c->what, sizeof(c->what), "role %s",
		       removes                  ? "removed"
		       : act->op == BMC_ACT_ADD ? "added"
						: "changed");
	return priv_change_role(removes ? PRIV_ROLE_REMOVE : PRIV_ROLE_SET, act->id,
				(uint32_t)act->num, bmc_change_deadline(), &c->err);
}

static void run(const struct bmc_action *act, const struct bmc_actor *who,
		bmc_action_handler_done *done, void *arg)
{
	bmc_change_submit(act, who, make, done, arg);
}

const struct bmc_action_handler bmc_role_handler = { .check = check, .run = run };

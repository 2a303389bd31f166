// SPDX-License-Identifier: Apache-2.0
// Handlers of the actions on accounts and sessions. The action API has checked role and
// form; the rules about accounts are here: the last Administrator stays, a user's own
// password needs the old one. The helper makes the change; then its list is read again
// and published before the answer is given, so that the client sees the change.
#include "auth/handler.h"

#include <stdlib.h>
#include <string.h>

#include "auth/accounts.h"
#include "auth/change.h"
#include "auth/logins.h"
#include "auth/roles.h"
#include "auth/sessions.h"
#include "auth/throttle.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/model/field.h"
#include "priv/names.h"

/* ---- rules ---- */

static bool is_setting(const struct bmc_action *act, const char *name)
{
	return bmc_change_sets(act, name);
}

static bool takes_admin_away(const struct bmc_action *act)
{
	if (is_setting(act, "enabled"))
		return act->num == 0;
	if (is_setting(act, "role"))
		return strcmp(act->text, PRIV_ROLE_ADMINISTRATOR) != 0;
	return act->op == BMC_ACT_REMOVE;
}

static int check_last(const struct bmc_action *act, const struct priv_accounts *all,
		      struct bmc_error *err)
{
	if (takes_admin_away(act) && bmc_accounts_last_admin(act->id, all))
		return bmc_fail(
			err, BMC_ESTATE,
			"%s is the last enabled Administrator: make another one first",
			act->id);
	return 0;
}

static bool is_own(const struct bmc_action *act, const struct bmc_actor *who)
{
	return strcmp(act->id, who->name) == 0;
}

/* The rules themselves are the helper's. */
static int check_length(const struct bmc_action *act, struct bmc_error *err)
{
	struct bmc_auth_limits l;

	bmc_auth->limits(&l);
	if (strlen(act->secret) < l.password_min)
		return bmc_fail(err, BMC_EPASSWORD,
				"the password is shorter than %u characters",
				l.password_min);
	return 0;
}

static int check_password(const struct bmc_action *act, const struct bmc_actor *who,
			  struct bmc_error *err)
{
	if (act->secret[0] == '\0')
		return bmc_fail(err, BMC_EPASSWORD, "a password can't be empty");
	if (is_own(act, who) && act->old_secret[0] == '\0' && !who->fresh)
		return bmc_fail(err, BMC_EAUTH,
				"send the old password too, or log in again");
	return check_length(act, err);
}

/* An actor gives no privilege that it lacks, and changes no account that has more: else
 * a role that may only configure users could reset an Administrator's password. */
static int check_rank(const struct bmc_action *act, const struct bmc_actor *who,
		      const char *role, struct bmc_error *err)
{
	uint32_t other = is_own(act, who) ? 0 : bmc_accounts_privileges(act->id),
		 granted = 0;

	if (role && !bmc_role_find(role, &granted))
		return bmc_fail(err, BMC_ENOTFOUND, "there is no such role");
	if ((other | granted) & ~who->privileges)
		return bmc_fail(err, BMC_EPERM,
				"%s lacks a privilege of %s: ask an administrator",
				who->name, other & ~who->privileges ? act->id : role);
	return 0;
}

static int check_new_name(const struct bmc_action *act, struct bmc_error *err)
{
	char name[BMC_ID_MAX];

	if (!bmc_copy(name, sizeof(name), act->text) || !priv_user_ok(name))
		return bmc_fail(err, BMC_EINVAL, BMC_USER_RULE);
	if (strcmp(act->text, act->id) != 0 && bmc_accounts_stamp(name))
		return bmc_fail(err, BMC_EEXIST, "there is an account of this name");
	return 0;
}

static int check_account(const struct bmc_action *act, const struct bmc_actor *who,
			 struct bmc_error *err)
{
	const char *role =
		act->op == BMC_ACT_ADD || is_setting(act, "role") ? act->text : NULL;
	int r = check_rank(act, who, role, err);

	if (r < 0)
		return r;
	if (is_setting(act, "id"))
		return check_new_name(act, err);
	if (is_setting(act, "locked") && act->num != 0)
		return bmc_fail(
			err, BMC_ERANGE,
			"an account can be unlocked, not locked: disable it instead");
	if (act->op == BMC_ACT_PASSWORD)
		return check_password(act, who, err);
	if (act->op == BMC_ACT_ADD)
		return check_length(act, err);
	return check_last(act, NULL, err);
}

static int check_session(const struct bmc_action *act, const struct bmc_actor *who,
			 struct bmc_error *err)
{
	(void)who;
	if (act->op != BMC_ACT_REMOVE)
		return bmc_fail(err, BMC_ENOTSUP, "a session can only be ended");
	return 0;
}

/* ---- what the helper is asked ---- */

static int do_add(struct bmc_change *c, struct priv_account_args *p)
{
	(void)bmc_copy(p->role, sizeof(p->role), c->act->text);
	p->disabled = (c->act->num & BMC_ADD_DISABLED) != 0;
	p->flag = (c->act->num & BMC_ADD_MUST_CHANGE) != 0;
	(void)snprintf(c->what, sizeof(c->what), "added as %.31s%s", c->act->text,
		       p->disabled ? ", disabled" : "");
	return priv_change_account(PRIV_ACCOUNT_ADD, p, bmc_change_deadline(), &c->err);
}

static int do_remove(struct bmc_change *c, struct priv_account_args *p)
{
	(void)bmc_copy(c->what, sizeof(c->what), "removed");
	return priv_change_account(PRIV_ACCOUNT_REMOVE, p, bmc_change_deadline(),
				   &c->err);
}

/* Resetting another account's, with the actor's own password as a proof (Redfish's
 * ChangePassword). */
static int prove_actor(struct bmc_change *c, struct priv_account_args *p)
{
	struct priv_account_args me;
	struct priv_account ignored;
	int r = priv_account_args_init(&me, c->who->name, c->act->old_secret, &c->err);

	(void)p;
	if (r == 0)
		r = priv_authenticate(&me, &ignored, bmc_change_deadline(), &c->err);
	bmc_wipe(&me, sizeof(me));
	return r;
}

/* An old password can be tried out here, with a stolen session, as it can be at a
 * login: it is counted as one. */
static int try_old(struct bmc_change *c, struct priv_account_args *p,
		   int (*ask)(struct bmc_change *c, struct priv_account_args *p))
{
	const char *user = c->who->name, *client = c->who->client;
	bool matches = bmc_accounts_matches(user, c->act->old_secret);
	enum bmc_login_class class =
		bmc_throttle_admit(user, client, matches, bmc_now());

	if (class == BMC_LOGIN_REFUSED)
		return bmc_fail(&c->err, BMC_EAGAIN,
				"too many wrong passwords: try again later");
	int r = ask(c, p);
	if (bmc_throttle_result(user, client, class, bmc_now(), bmc_login_attempt(r)))
		bmc_event_raise("LoginLocked", 0, user, client, NULL);
	return r;
}

static int change_own(struct bmc_change *c, struct priv_account_args *p)
{
	(void)bmc_copy(p->old_secret, sizeof(p->old_secret), c->act->old_secret);
	return priv_change_account(PRIV_PASSWORD_CHANGE, p, bmc_change_deadline(),
				   &c->err);
}

static int do_password(struct bmc_change *c, struct priv_account_args *p)
{
	bool own = is_own(c->act, c->who), proof = c->act->old_secret[0] != '\0';
	int r = 0;

	(void)bmc_copy(c->what, sizeof(c->what), "password changed");
	if (own && proof)
		return try_old(c, p, change_own);
	if (proof)
		r = try_old(c, p, prove_actor);
	return r < 0 ? r
		     : priv_change_account(PRIV_PASSWORD_RESET, p,
					   bmc_change_deadline(), &c->err);
}

static int do_role(struct bmc_change *c, struct priv_account_args *p)
{
	(void)bmc_copy(p->role, sizeof(p->role), c->act->text);
	(void)snprintf(c->what, sizeof(c->what), "role set to %.31s", c->act->text);
	return priv_change_account(PRIV_ACCOUNT_ROLE, p, bmc_change_deadline(),
				   &c->err);
}

static int do_enabled(struct bmc_change *c, struct priv_account_args *p)
{
	p->flag = c->act->num != 0;
	(void)bmc_copy(c->what, sizeof(c->what), p->flag ? "enabled" : "disabled");
	return priv_change_account(PRIV_ACCOUNT_ENABLE, p, bmc_change_deadline(),
				   &c->err);
}

static int do_rename(struct bmc_change *c, struct priv_account_args *p)
{
	(void)bmc_copy(p->new_user, sizeof(p->new_user), c->act->text);
	p->flag = c->act->ask;
	(void)snprintf(c->what, sizeof(c->what), "renamed to %.31s", c->act->text);
	return priv_change_account(PRIV_ACCOUNT_RENAME, p, bmc_change_deadline(),
				   &c->err);
}

static int do_must_change(struct bmc_change *c, struct priv_account_args *p)
{
	p->flag = c->act->num != 0;
	(void)bmc_copy(c->what, sizeof(c->what),
		       p->flag ? "has to change the password"
			       : "need not change the password");
	return priv_change_account(PRIV_ACCOUNT_MUST_CHANGE, p, bmc_change_deadline(),
				   &c->err);
}

static int do_unlock(struct bmc_change *c, struct priv_account_args *p)
{
	(void)bmc_copy(c->what, sizeof(c->what), "unlocked");
	bmc_throttle_drop(p->user);
	return 0;
}

/* The first line that fits. `old_logins_end`: the account's sessions and remembered
 * logins end. */
static const struct {
	enum bmc_action_op op;
	const char *setting; /* of SET */
	int (*run)(struct bmc_change *c, struct priv_account_args *p);
	bool old_logins_end;
} operations[] = {
	{ BMC_ACT_ADD, NULL, do_add, false },
	{ BMC_ACT_REMOVE, NULL, do_remove, true },
	{ BMC_ACT_PASSWORD, NULL, do_password, true },
	{ BMC_ACT_SET, "role", do_role, true },
	{ BMC_ACT_SET, "enabled", do_enabled, true },
	{ BMC_ACT_SET, "locked", do_unlock, false },
	{ BMC_ACT_SET, "must_change", do_must_change, false },
	{ BMC_ACT_SET, "id", do_rename, true },
};

/* What is so already ends no session. */
static bool is_so(const struct bmc_action *act, const struct priv_accounts *all)
{
	for (uint32_t i = 0; i < all->n; i++) {
		const struct priv_account *a = &all->account[i];
		if (strcmp(a->user, act->id) != 0)
			continue;
		if (is_setting(act, "enabled"))
			return (a->enabled != 0) == (act->num != 0);
		if (is_setting(act, "must_change"))
			return (a->must_change != 0) == (act->num != 0);
		if (is_setting(act, "id"))
			return strcmp(act->text, act->id) == 0;
		return is_setting(act, "role") && strcmp(act->text, a->role) == 0;
	}
	return false;
}

static int carry_out(struct bmc_change *c, struct priv_account_args *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		if (operations[i].op != c->act->op ||
		    (operations[i].setting &&
		     !is_setting(c->act, operations[i].setting)))
			continue;
		int r = operations[i].run(c, p);
		if (r == 0 && operations[i].old_logins_end && !c->act->ask) {
			bmc_accounts_drop(c->act->id);
			bmc_sessions_end_user(c->act->id);
		}
		return r;
	}
	return bmc_fail(&c->err, BMC_EREADONLY, "this can't be set");
}

static uint32_t role_in(const struct priv_accounts *all, const char *role)
{
	uint32_t privileges = 0;

	for (uint32_t i = 0; i < all->n_roles; i++) {
		if (strcmp(all->role[i].role, role) == 0)
			return all->role[i].privileges;
	}
	(void)bmc_role_find(role, &privileges);
	return privileges;
}

static uint32_t account_in(const struct priv_accounts *all, const char *user)
{
	for (uint32_t i = 0; i < all->n; i++) {
		if (strcmp(all->account[i].user, user) == 0)
			return role_in(all, all->account[i].role);
	}
	return 0;
}

/* As check_rank(), on the newest list: the account may have got more rights, or the
 * actor fewer, by a change that was made in between. */
static int check_rank_again(struct bmc_change *c)
{
	const struct bmc_action *act = c->act;
	bool grants = act->op == BMC_ACT_ADD || is_setting(act, "role");
	uint32_t mine = c->who->privileges, other = 0;

	if (is_own(act, c->who) && !grants)
		return 0;
	if (strcmp(c->who->origin, "redfish") == 0)
		mine &= account_in(&c->accounts, c->who->name);
	if (!is_own(act, c->who))
		other = account_in(&c->accounts, act->id);
	if (grants)
		other |= role_in(&c->accounts, act->text);
	return other & ~mine ? bmc_fail(&c->err, BMC_EPERM,
					"%s lacks a privilege of %s by now",
					c->who->name, act->id)
			     : 0;
}

static int make(struct bmc_change *c)
{
	struct priv_account_args p = { 0 };
	int r = priv_account_args_init(&p, c->act->id, c->act->secret, &c->err);

	/* once more, on the newest list: changes are made one at a time */
	if (r == 0)
		r = check_rank_again(c);
	if (r == 0)
		r = check_last(c->act, &c->accounts, &c->err);
	if (r == 0)
		c->unchanged = is_so(c->act, &c->accounts);
	if (r == 0 && !c->unchanged)
		r = carry_out(c, &p);
	c->unchanged |= c->act->ask;
	bmc_wipe(&p, sizeof(p));
	return r;
}

static void account_run(const struct bmc_action *act, const struct bmc_actor *who,
			bmc_action_handler_done *done, void *arg)
{
	bmc_change_submit(act, who, make, done, arg);
}

static void session_run(const struct bmc_action *act, const struct bmc_actor *who,
			bmc_action_handler_done *done, void *arg)
{
	struct bmc_error err = { 0 };
	int r = bmc_session_end(act->id);

	(void)who;
	done(arg, r < 0 ? bmc_fail(&err, r, "no such session") : 0,
	     r < 0 ? &err : NULL);
}

static const struct bmc_action_handler account_owner = { .check = check_account,
							 .run = account_run };
static const struct bmc_action_handler session_owner = { .check = check_session,
							 .run = session_run };

void bmc_auth_register(struct bmc_work_queue *changes)
{
	bmc_changes_init(changes);
	bmc_action_handler_register(BMC_ACCOUNT, &account_owner);
	bmc_action_handler_register(BMC_SESSION, &session_owner);
	bmc_action_handler_register(BMC_ROLE, &bmc_role_handler);
}

void bmc_auth_unregister(void)
{
	bmc_action_handler_register(BMC_ACCOUNT, NULL);
	bmc_action_handler_register(BMC_SESSION, NULL);
	bmc_action_handler_register(BMC_ROLE, NULL);
}

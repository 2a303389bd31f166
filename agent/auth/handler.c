// SPDX-License-Identifier: Apache-2.0
// Handlers of the actions on accounts and sessions. The action API has checked role and
// form; the rules about accounts are here: the last Administrator stays, a user's own
// password needs the old one. The helper makes the change; then its list is read again
// and published before the answer is given, so that the client sees the change.
#include "auth/handler.h"

#include <stdlib.h>
#include <string.h>

#include "auth/accounts.h"
#include "auth/logins.h"
#include "auth/sessions.h"
#include "auth/throttle.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/model/field.h"

#define CALL_MS 11000 /* the helper's own deadline is 10 s */

struct change {
	struct bmc_message finished;
	const struct bmc_action *act;
	const struct bmc_actor *who;
	bmc_action_handler_done *done;
	void *arg;
	int code;
	struct bmc_error err;
	char what[64];  /* for the event */
	bool unchanged; /* it was so already */
	bool listed;
	struct priv_accounts accounts;
};

static struct bmc_work_queue *queue;

/* ---- rules ---- */

static bool is_setting(const struct bmc_action *act, const char *name)
{
	return act->op == BMC_ACT_SET && act->field &&
	       strcmp(act->field->name, name) == 0;
}

static bool takes_admin_away(const struct bmc_action *act)
{
	if (is_setting(act, "enabled"))
		return act->num == 0;
	if (is_setting(act, "role"))
		return bmc_name_value(priv_role_names, act->text) != PRIV_ADMINISTRATOR;
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

static int check_account(const struct bmc_action *act, const struct bmc_actor *who,
			 struct bmc_error *err)
{
	const char *role =
		act->op == BMC_ACT_ADD || is_setting(act, "role") ? act->text : NULL;

	if (role && bmc_name_value(priv_role_names, role) <= 0)
		return bmc_fail(err, BMC_EINVAL,
				"the roles are Administrator, Operator and ReadOnly");
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

static int64_t soon(void)
{
	return bmc_now() + CALL_MS;
}

static int do_add(struct change *c, struct priv_account_args *p)
{
	(void)bmc_copy(p->role, sizeof(p->role), c->act->text);
	(void)snprintf(c->what, sizeof(c->what), "added as %.31s", c->act->text);
	return priv_change_account(PRIV_ACCOUNT_ADD, p, soon(), &c->err);
}

static int do_remove(struct change *c, struct priv_account_args *p)
{
	(void)bmc_copy(c->what, sizeof(c->what), "removed");
	return priv_change_account(PRIV_ACCOUNT_REMOVE, p, soon(), &c->err);
}

/* Resetting another account's, with the actor's own password as a proof (Redfish's
 * ChangePassword). */
static int prove_actor(struct change *c, struct priv_account_args *p)
{
	struct priv_account_args me;
	struct priv_account ignored;
	int r = priv_account_args_init(&me, c->who->name, c->act->old_secret, &c->err);

	(void)p;
	if (r == 0)
		r = priv_authenticate(&me, &ignored, soon(), &c->err);
	bmc_wipe(&me, sizeof(me));
	return r;
}

/* An old password can be tried out here, with a stolen session, as it can be at a
 * login: it is counted as one. */
static int try_old(struct change *c, struct priv_account_args *p,
		   int (*ask)(struct change *c, struct priv_account_args *p))
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

static int change_own(struct change *c, struct priv_account_args *p)
{
	(void)bmc_copy(p->old_secret, sizeof(p->old_secret), c->act->old_secret);
	return priv_change_account(PRIV_PASSWORD_CHANGE, p, soon(), &c->err);
}

static int do_password(struct change *c, struct priv_account_args *p)
{
	bool own = is_own(c->act, c->who), proof = c->act->old_secret[0] != '\0';
	int r = 0;

	(void)bmc_copy(c->what, sizeof(c->what), "password changed");
	if (own && proof)
		return try_old(c, p, change_own);
	if (proof)
		r = try_old(c, p, prove_actor);
	return r < 0 ? r : priv_change_account(PRIV_PASSWORD_RESET, p, soon(), &c->err);
}

static int do_role(struct change *c, struct priv_account_args *p)
{
	(void)bmc_copy(p->role, sizeof(p->role), c->act->text);
	(void)snprintf(c->what, sizeof(c->what), "role set to %.31s", c->act->text);
	return priv_change_account(PRIV_ACCOUNT_ROLE, p, soon(), &c->err);
}

static int do_enabled(struct change *c, struct priv_account_args *p)
{
	p->flag = c->act->num != 0;
	(void)bmc_copy(c->what, sizeof(c->what), p->flag ? "enabled" : "disabled");
	return priv_change_account(PRIV_ACCOUNT_ENABLE, p, soon(), &c->err);
}

static int do_unlock(struct change *c, struct priv_account_args *p)
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
	int (*run)(struct change *c, struct priv_account_args *p);
	bool old_logins_end;
} operations[] = {
	{ BMC_ACT_ADD, NULL, do_add, false },
	{ BMC_ACT_REMOVE, NULL, do_remove, true },
	{ BMC_ACT_PASSWORD, NULL, do_password, true },
	{ BMC_ACT_SET, "role", do_role, true },
	{ BMC_ACT_SET, "enabled", do_enabled, true },
	{ BMC_ACT_SET, "locked", do_unlock, false },
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
		return is_setting(act, "role") && strcmp(act->text, a->role) == 0;
	}
	return false;
}

static int carry_out(struct change *c, struct priv_account_args *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		if (operations[i].op != c->act->op ||
		    (operations[i].setting &&
		     !is_setting(c->act, operations[i].setting)))
			continue;
		int r = operations[i].run(c, p);
		if (r == 0 && operations[i].old_logins_end) {
			bmc_accounts_drop(c->act->id);
			bmc_sessions_end_user(c->act->id);
		}
		return r;
	}
	return bmc_fail(&c->err, BMC_EREADONLY, "this can't be set");
}

/* ---- the way of a change ---- */

static void finish(void *arg)
{
	struct change *c = arg;

	if (c->listed)
		bmc_accounts_apply(&c->accounts, bmc_sessions_end_user);
	if (c->code == 0 && !c->unchanged)
		bmc_event_raise("AccountChanged", 0, c->act->id, c->what, c->who->name);
	bmc_inventory_publish();
	c->done(c->arg, c->code, c->code < 0 ? &c->err : NULL);
	bmc_wipe(c, sizeof(*c));
	free(c);
}

static void run_change(void *arg, bool stopping)
{
	struct change *c = arg;
	struct priv_account_args p = { 0 };

	c->code = stopping ? bmc_fail(&c->err, BMC_ECANCELED,
				      "the service is being stopped")
			   : priv_account_args_init(&p, c->act->id, c->act->secret,
						    &c->err);
	/* once more, on the newest list: changes are made one at a time */
	if (c->code == 0)
		c->code = priv_list_accounts(&c->accounts, soon(), &c->err);
	if (c->code == 0)
		c->code = check_last(c->act, &c->accounts, &c->err);
	if (c->code == 0)
		c->unchanged = is_so(c->act, &c->accounts);
	if (c->code == 0 && !c->unchanged)
		c->code = carry_out(c, &p);
	if (c->unchanged)
		c->listed = true;
	else if (!stopping)
		c->listed = priv_list_accounts(&c->accounts, soon(), NULL) == 0;
	bmc_wipe(&p, sizeof(p));
	bmc_loop_send(&c->finished, finish, c);
}

static void account_run(const struct bmc_action *act, const struct bmc_actor *who,
			bmc_action_handler_done *done, void *arg)
{
	struct change *c = calloc(1, sizeof(*c));
	struct bmc_error err = { 0 };

	if (c)
		*c = (struct change){
			.act = act, .who = who, .done = done, .arg = arg
		};
	if (c && bmc_work_queue_submit(queue, run_change, c) == 0)
		return;
	free(c);
	done(arg,
	     bmc_fail(&err, BMC_EAGAIN, "too many changes to accounts wait: try again"),
	     &err);
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
	queue = changes;
	bmc_action_handler_register(BMC_ACCOUNT, &account_owner);
	bmc_action_handler_register(BMC_SESSION, &session_owner);
}

void bmc_auth_unregister(void)
{
	bmc_action_handler_register(BMC_ACCOUNT, NULL);
	bmc_action_handler_register(BMC_SESSION, NULL);
}

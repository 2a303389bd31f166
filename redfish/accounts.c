// SPDX-License-Identifier: Apache-2.0
// Logging in, and what the account resources do. A password goes to the
// authentication port or to the action API, and nowhere else. Called through the tables
// in resources/.
#include "redfish/accounts.h"

#include <string.h>

#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "core/ports/auth.h"
#include "redfish/auth.h"
#include "redfish/list.h"

/* ---- sessions ---- */

static int show(struct rf_request *q)
{
	const char *id = strrchr(q->location, '/') + 1;

	rf_refresh(q);
	const struct bmc_row *row = bmc_snapshot_find(q->snap, BMC_SESSION, id);
	if (!row)
		return rf_answer_error(q, BMC_EAGAIN, NULL);
	if (q->login.actor.must_change)
		rf_add_must_change(q);
	return rf_answer_created(q, &rf_session, row);
}

/* Main thread: by now the session that session_open() made is published. */
static void go_on(void *wait)
{
	struct rf_request *q = rf_wait_end(wait);

	if (q)
		rf_wait_resume(q);
}

/* The password is right. The answer waits until the session's Location can be read. */
static int opened(struct rf_request *q)
{
	struct bmc_error err = { 0 };
	char id[BMC_ID_MAX];

	if (!q->login.known)
		return rf_answer_error(q, q->login.code, NULL);
	int r = bmc_auth->session_open(&q->login.actor, id, q->token, &err);
	if (r < 0)
		return rf_answer_error(q, r, &err);
	(void)snprintf(q->location, sizeof(q->location), "%s/%s", rf_sessions.uri, id);
	struct http_wait *w = rf_wait_begin(q, show, NULL);
	if (!w)
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	if (bmc_loop_post(go_on, w) != 0)
		go_on(w);
	return RF_WAIT;
}

int rf_session_create(struct rf_request *q, const json_t *const *args)
{
	q->login.known =
		false; /* another authentication of this request does not count */
	q->then = opened;
	if (http_login_check(q->http, &q->login, json_string_value(args[0]),
			     json_string_value(args[1])) == 0)
		return RF_WAIT;
	q->then = NULL;
	return rf_answer_error(q, BMC_ENOMEM, NULL);
}

/* ---- accounts ---- */

/* The word for what is wrong with a password's length, else 0. The rules themselves are
 * the helper's. */
static int take_secret(struct rf_request *q, char *dst, const json_t *value,
		       const char *property)
{
	struct bmc_auth_limits l;
	struct rf_message *m;

	if (!json_is_string(value))
		return BMC_EINVAL;
	bmc_auth->limits(&l);
	size_t len = json_string_length(value);
	if (len >= l.password_min && len <= l.password_max &&
	    bmc_copy(dst, BMC_SECRET_MAX, json_string_value(value)))
		return 0;
	m = rf_message_add(&q->messages, RF_PASSWORD_LENGTH, NULL, NULL, NULL);
	if (m) {
		(void)bmc_copy(m->property, sizeof(m->property), property);
		(void)snprintf(m->detail, sizeof(m->detail),
			       "the password is %s than %u bytes",
			       len < l.password_min ? "shorter" : "longer",
			       len < l.password_min ? l.password_min : l.password_max);
	}
	return BMC_EPASSWORD;
}

int rf_account_set_password(struct rf_request *q, const json_t *value,
			    struct bmc_action *act)
{
	act->op = BMC_ACT_PASSWORD;
	return take_secret(q, act->secret, value, "Password");
}

int rf_account_set_name(struct rf_request *q, const json_t *value,
			struct bmc_action *act)
{
	(void)q;
	if (!json_is_string(value))
		return BMC_EINVAL;
	act->op = BMC_ACT_SET;
	act->field = bmc_field_at(BMC_ACCOUNT, offsetof(struct bmc_row, id));
	/* longer ones are cut and refused by the handler's rule */
	(void)bmc_copy(act->text, sizeof(act->text), json_string_value(value));
	return 0;
}

static const char *text_of(const json_t *body, const char *name)
{
	const char *text = json_string_value(json_object_get(body, name));

	return text ? text : "";
}

void rf_account_explain(struct rf_request *q, const json_t *body)
{
	const struct bmc_result *r = &q->result;
	const char *name = text_of(body, "UserName"), *detail = r->err.what;
	struct rf_messages *m = &q->messages;

	if (r->code == BMC_EEXIST) /* of the system, or made meanwhile */
		rf_message_about(rf_message_add(m, RF_ALREADY_EXISTS, "ManagerAccount",
						"UserName", name),
				 "UserName", detail);
	else if (r->code == BMC_EINVAL) /* all else of the body is checked before */
		rf_message_about(
			rf_message_add(m, RF_PROPERTY_FORMAT, name, "UserName", NULL),
			"UserName", detail);
	else if (r->code == BMC_ENOTFOUND) /* it was there when it was asked for */
		rf_message_about(rf_message_add(m, RF_PROPERTY_NOT_IN_LIST,
						text_of(body, "RoleId"), "RoleId",
						NULL),
				 "RoleId", detail);
	else if (r->code == BMC_EPASSWORD)
		rf_message_about(rf_add_error(q, r->code, &r->err), "Password", detail);
	else
		rf_add_refusal(q, r->code, &r->err);
}

int rf_account_refused(struct rf_request *q)
{
	rf_account_explain(q, q->parsed);
	return rf_answer_messages(q, 0);
}

void rf_account_follow(struct rf_request *q)
{
	const char *name = text_of(q->parsed, "UserName");

	if (!name[0] || strcmp(name, q->row->id) == 0)
		return;
	(void)snprintf(q->uri, sizeof(q->uri), "%s/%s", rf_accounts.uri, name);
	(void)bmc_copy(q->location, sizeof(q->location), q->uri);
}

/* There is one type of accounts. */
static void types_ok(struct rf_request *q, const json_t *types)
{
	const char *word = json_string_value(json_array_get(types, 0));
	char value[RF_ARG_MAX];

	if (!types ||
	    (json_array_size(types) == 1 && word && strcmp(word, "Redfish") == 0))
		return;
	rf_format_value(types, value);
	rf_message_about(rf_message_add(&q->messages, RF_PROPERTY_NOT_IN_LIST, value,
					"AccountTypes", NULL),
			 "AccountTypes", "an account's type is Redfish");
}

static void names_ok(struct rf_request *q, const char *name, const char *role,
		     struct bmc_action *act)
{
	if (bmc_snapshot_find(q->snap, BMC_ACCOUNT, name))
		rf_message_about(rf_message_add(&q->messages, RF_ALREADY_EXISTS,
						"ManagerAccount", "UserName", name),
				 "UserName", "");
	if (!bmc_copy(act->id, sizeof(act->id), name))
		rf_message_about(rf_message_add(&q->messages, RF_PROPERTY_FORMAT, name,
						"UserName", NULL),
				 "UserName", BMC_USER_RULE);
	if (!bmc_snapshot_find(q->snap, BMC_ROLE, role) ||
	    !bmc_copy(act->text, sizeof(act->text), role))
		rf_message_about(rf_message_add(&q->messages, RF_PROPERTY_NOT_IN_LIST,
						role, "RoleId", NULL),
				 "RoleId",
				 "the roles are those of "
				 "/redfish/v1/AccountService/Roles");
}

/* `args` in the order of create_params. All of them are checked before any acts. */
void rf_account_draft(struct rf_request *q, const json_t *const *args,
		      const struct bmc_action *above, struct bmc_action *act)
{
	(void)above;
	act->op = BMC_ACT_ADD;
	act->kind = BMC_ACCOUNT;
	if (args[3] && json_is_false(args[3]))
		act->num |= BMC_ADD_DISABLED;
	if (args[4] && json_is_true(args[4]))
		act->num |= BMC_ADD_MUST_CHANGE;
	names_ok(q, json_string_value(args[0]), json_string_value(args[2]), act);
	types_ok(q, args[5]);
	(void)take_secret(q, act->secret, args[1], "Password");
}

int rf_account_change_password(struct rf_request *q, const json_t *const *args)
{
	struct bmc_action act = { .op = BMC_ACT_PASSWORD, .kind = BMC_ACCOUNT };
	int r = 0;

	/* one that is too long is wrong, like any other that is not the old one */
	if (!bmc_copy(act.old_secret, sizeof(act.old_secret),
		      json_string_value(args[0])))
		r = rf_answer_message(q, RF_UNAUTHORIZED, NULL);
	else if (take_secret(q, act.secret, args[1], "NewPassword") < 0)
		r = rf_answer_messages(q, 0);
	else {
		(void)bmc_copy(act.id, sizeof(act.id), q->row->id);
		r = rf_submit(q, &act, 1, rf_then_task);
	}
	bmc_wipe(&act, sizeof(act));
	return r;
}

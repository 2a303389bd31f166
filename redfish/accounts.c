// SPDX-License-Identifier: Apache-2.0
// Logging in, and what the account resources do. A password goes to the
// authentication port or to the action API, and nowhere else. Called through the tables
// in resources/.
#include "redfish/accounts.h"

#include <string.h>

#include "core/base/loop.h"
#include "core/base/util.h"
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
	if (q->actor.must_change)
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

	if (!q->known)
		return rf_answer_error(q, q->auth_code, NULL);
	int r = bmc_auth->session_open(&q->actor, id, q->token, &err);
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
	q->known = false; /* another authentication of this request does not count */
	if (rf_check_password(q, json_string_value(args[0]), json_string_value(args[1]),
			      opened) != 0)
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	return RF_WAIT;
}

/* ---- accounts ---- */

static int take_secret(char *dst, const json_t *value)
{
	if (!json_is_string(value))
		return BMC_EINVAL;
	return bmc_copy(dst, BMC_SECRET_MAX, json_string_value(value)) ? 0
								       : BMC_EPASSWORD;
}

int rf_account_set_password(struct rf_request *q, const json_t *value,
			    struct bmc_action *act)
{
	(void)q;
	act->op = BMC_ACT_PASSWORD;
	return take_secret(act->secret, value);
}

static int refused(struct rf_request *q, const char *name)
{
	const struct bmc_result *r = &q->result;
	struct rf_message *m;

	if (r->code == BMC_EEXIST) /* of the system, or made meanwhile */
		m = rf_message_add(&q->messages, RF_ALREADY_EXISTS, "ManagerAccount",
				   "UserName", name);
	else if (r->code == BMC_EINVAL) /* all else of the body is checked before */
		m = rf_message_add(&q->messages, RF_PROPERTY_FORMAT, name, "UserName",
				   NULL);
	else
		return rf_answer_error(q, r->code, &r->err);
	if (m)
		(void)bmc_copy(m->detail, sizeof(m->detail), r->err.what);
	return rf_answer_messages(q, 0);
}

static int created(struct rf_request *q)
{
	const char *name = json_string_value(json_object_get(q->parsed, "UserName"));

	if (q->result.code < 0)
		return refused(q, name);
	rf_refresh(q);
	const struct bmc_row *row = bmc_snapshot_find(q->snap, BMC_ACCOUNT, name);
	if (row)
		return rf_answer_created(q, &rf_account, row);
	q->status = 201;
	return RF_DONE;
}

/* `args` in the order of create_params. */
int rf_account_create(struct rf_request *q, const json_t *const *args)
{
	struct bmc_action act = { .op = BMC_ACT_ADD, .kind = BMC_ACCOUNT };
	const char *name = json_string_value(args[0]);

	if (bmc_snapshot_find(q->snap, BMC_ACCOUNT, name)) {
		(void)rf_message_add(&q->messages, RF_ALREADY_EXISTS, "ManagerAccount",
				     "UserName", name);
		return rf_answer_messages(q, 0);
	}
	const char *role = json_string_value(args[2]);
	if (!bmc_snapshot_find(q->snap, BMC_ROLE, role)) {
		(void)rf_message_add(&q->messages, RF_PROPERTY_NOT_IN_LIST, role,
				     "RoleId", NULL);
		return rf_answer_messages(q, 0);
	}
	if (!bmc_copy(act.id, sizeof(act.id), name) ||
	    !bmc_copy(act.text, sizeof(act.text), role))
		return rf_answer_error(q, BMC_EINVAL, NULL);
	int r = take_secret(act.secret, args[1]);
	r = r < 0 ? rf_answer_error(q, r, NULL) : rf_submit(q, &act, 1, created);
	bmc_wipe(&act, sizeof(act));
	return r;
}

int rf_account_change_password(struct rf_request *q, const json_t *const *args)
{
	struct bmc_action act = { .op = BMC_ACT_PASSWORD, .kind = BMC_ACCOUNT };
	int r = take_secret(act.old_secret, args[0]);

	if (r == 0)
		r = take_secret(act.secret, args[1]);
	(void)bmc_copy(act.id, sizeof(act.id), q->row->id);
	r = r < 0 ? rf_answer_error(q, r, NULL) : rf_submit(q, &act, 1, rf_then_task);
	bmc_wipe(&act, sizeof(act));
	return r;
}

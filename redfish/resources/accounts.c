// SPDX-License-Identifier: Apache-2.0
// Accounts: what PAM's backend knows of them, as rows. A password goes to the door and
// nowhere else.
#include <string.h>

#include "core/util.h"
#include "redfish/auth.h"
#include "redfish/resources/list.h"

static int take_secret(char *dst, const json_t *value)
{
	if (!json_is_string(value))
		return BMC_EINVAL;
	return bmc_copy(dst, BMC_SECRET_MAX, json_string_value(value)) ? 0
								       : BMC_EPASSWORD;
}

static int set_password(struct rf_request *q, const json_t *value,
			struct bmc_action *act)
{
	(void)q;
	act->op = BMC_ACT_PASSWORD;
	return take_secret(act->secret, value);
}

static json_t *null_value(struct rf_render *r)
{
	(void)r;
	return json_null();
}

static int created(struct rf_request *q)
{
	if (q->result.code < 0)
		return rf_answer_error(q, q->result.code, &q->result.err);
	const char *name = json_string_value(json_object_get(q->parsed, "UserName"));
	rf_refresh(q);
	const struct bmc_row *row = bmc_snapshot_find(q->snap, BMC_ACCOUNT, name);
	if (row)
		return rf_answer_created(q, &rf_account, row);
	q->status = 201;
	return RF_DONE;
}

/* `args` in the order of create_params. */
static int create(struct rf_request *q, const json_t *const *args)
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

static int change_password(struct rf_request *q, const json_t *const *args)
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

/* clang-format off */
static const struct rf_param create_params[] = {
	{ "UserName", JSON_STRING, true }, { "Password", JSON_STRING, true },
	{ "RoleId", JSON_STRING, true }, { "Enabled", JSON_TRUE, false }, { .name = NULL },
};
static const struct rf_param change_params[] = {
	{ "SessionAccountPassword", JSON_STRING, true }, { "NewPassword", JSON_STRING, true },
	{ .name = NULL },
};
static const struct rf_action actions[] = {
	{ "ManagerAccount.ChangePassword", change_params, change_password, NULL },
	{ .name = NULL },
};
static const struct rf_prop props[] = {
	RF_FIELD("UserName", bmc_account, row.id),
	RF_FN("Password", null_value, .flags = RF_PATCH, .set = set_password),
	RF_FIELD("RoleId", bmc_account, role, .flags = RF_PATCH),
	RF_FIELD("Enabled", bmc_account, enabled, .flags = RF_PATCH | RF_FALSE),
	RF_FIELD("Locked", bmc_account, locked, .flags = RF_PATCH | RF_FALSE),
	RF_FIELD("PasswordChangeRequired", bmc_account, must_change, .flags = RF_FALSE),
	RF_TEXT("AccountTypes[]", "Redfish"),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_accounts = {
	.uri = "/redfish/v1/AccountService/Accounts",
	.type = "ManagerAccountCollection.ManagerAccountCollection",
	.name = "Accounts",
	.members = RF_TO(&rf_account),
	.create_params = create_params,
	.create = create,
};
const struct rf_resource rf_account = {
	.uri = "/redfish/v1/AccountService/Accounts/{account}",
	.type = "ManagerAccount.v1_14_1.ManagerAccount",
	.name = "Account",
	.props = props,
	.actions = actions,
	.privileges = BMC_PRIV_CONFIGURE_USERS | BMC_PRIV_CONFIGURE_MANAGER,
	.flags = RF_DELETE | RF_OWN,
};

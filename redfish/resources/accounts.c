// SPDX-License-Identifier: Apache-2.0
// Accounts: what PAM's backend knows of them, as rows. A password goes to the action
// API and nowhere else.
#include <string.h>

#include "redfish/accounts.h"
#include "redfish/list.h"

static json_t *null_value(struct rf_render *r)
{
	(void)r;
	return json_null();
}

static json_t *name(struct rf_render *r)
{
	return json_string(rf_row(r)->id);
}

static json_t *role(struct rf_render *r)
{
	const struct bmc_account *a = (const struct bmc_account *)rf_row(r);
	const struct bmc_row *const *rows;
	size_t n = rf_rows(rf_view_of(r), BMC_ROLE, &rows);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i]->id, a->role) == 0)
			return rf_link_row(r, &rf_role, rows[i]);
	}
	return NULL;
}

/* clang-format off */
static const struct rf_param create_params[] = {
	{ "UserName", JSON_STRING, true }, { "Password", JSON_STRING, true },
	{ "RoleId", JSON_STRING, true }, { "Enabled", JSON_TRUE, false },
	{ "PasswordChangeRequired", JSON_TRUE, false }, { "AccountTypes", JSON_ARRAY, false },
	{ .name = NULL },
};
static const struct rf_param change_params[] = {
	{ "SessionAccountPassword", JSON_STRING, true }, { "NewPassword", JSON_STRING, true },
	{ .name = NULL },
};
static const struct rf_action actions[] = {
	{ "ManagerAccount.ChangePassword", change_params, rf_account_change_password, NULL },
	{ .name = NULL },
};
static const struct rf_prop props[] = {
	RF_FN("UserName", name, .flags = RF_PATCH, .set = rf_account_set_name),
	RF_FN("Password", null_value, .flags = RF_PATCH, .set = rf_account_set_password),
	RF_FIELD("RoleId", bmc_account, role, .flags = RF_PATCH),
	RF_FIELD("Enabled", bmc_account, enabled, .flags = RF_PATCH | RF_FALSE_IF_UNKNOWN),
	RF_FIELD("Locked", bmc_account, locked, .flags = RF_PATCH | RF_FALSE_IF_UNKNOWN),
	RF_FIELD("PasswordChangeRequired", bmc_account, must_change, .flags = RF_PATCH | RF_FALSE_IF_UNKNOWN),
	RF_FIELD("PasswordExpiration", bmc_account, password_expires),
	RF_TEXT("AccountTypes[]", "Redfish"),
	RF_BOOL("StrictAccountTypes", true),
	RF_FN("Links/Role", role),
	RF_LINK("Certificates", "./Certificates"),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_accounts = {
	.uri = "/redfish/v1/AccountService/Accounts",
	.type = "ManagerAccountCollection.ManagerAccountCollection",
	.name = "Accounts",
	.members = RF_TO(&rf_account),
	.create_params = create_params,
	.draft = rf_account_draft,
	.refused = rf_account_explain,
};
const struct rf_resource rf_account = {
	.uri = "/redfish/v1/AccountService/Accounts/{account}",
	.type = "ManagerAccount.v1_14_1.ManagerAccount",
	.name = "Account",
	.props = props,
	.actions = actions,
	.flags = RF_DELETE | RF_SELF_ACCESS,
};

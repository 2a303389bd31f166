// SPDX-License-Identifier: Apache-2.0
// The account service itself, and the roles.
#include "core/people.h"
#include "core/util.h"
#include "redfish/resources/list.h"

static json_t *privileges(struct rf_render *r)
{
	static const struct bmc_name words[] = {
		{ BMC_PRIV_LOGIN, "Login" },
		{ BMC_PRIV_CONFIGURE_SELF, "ConfigureSelf" },
		{ BMC_PRIV_CONFIGURE_COMPONENTS, "ConfigureComponents" },
		{ BMC_PRIV_CONFIGURE_USERS, "ConfigureUsers" },
		{ BMC_PRIV_CONFIGURE_MANAGER, "ConfigureManager" },
	};
	const struct bmc_role *role = (const struct bmc_role *)r->row;
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (role->privileges & words[i].value)
			(void)json_array_append_new(list, json_string(words[i].word));
	}
	return list;
}

/* ---- limits; those of the helper and the login throttle, which are not settings ----
 */

static struct bmc_people_limits limits(void)
{
	struct bmc_people_limits l;

	bmc_people->limits(&l);
	return l;
}

static json_t *lockout_threshold(struct rf_render *r)
{
	(void)r;
	return json_integer(limits().failures);
}

static json_t *lockout_duration(struct rf_render *r)
{
	(void)r;
	return json_integer(limits().wait_s);
}

static json_t *password_min(struct rf_render *r)
{
	(void)r;
	return json_integer(limits().password_min);
}

static json_t *password_max(struct rf_render *r)
{
	(void)r;
	return json_integer(limits().password_max);
}

/* clang-format off */
static const struct rf_prop service_props[] = {
	RF_TEXT("Status/State", "Enabled"),
	RF_BOOL("ServiceEnabled", true),
	RF_TEXT("HTTPBasicAuth", "Enabled"),
	RF_TEXT("LocalAccountAuth", "Enabled"),
	RF_TEXT("SupportedAccountTypes[]", "Redfish"),
	RF_TEXT("PasswordGuidanceMessage", "At least 8 characters; the system's password rules apply."),
	RF_FN("AccountLockoutThreshold", lockout_threshold),
	RF_FN("AccountLockoutDuration", lockout_duration),
	RF_FN("MinPasswordLength", password_min),
	RF_FN("MaxPasswordLength", password_max),
	RF_LINK("Accounts", "./Accounts"),
	RF_LINK("Roles", "./Roles"),
	{ .path = NULL },
};
static const struct rf_prop role_props[] = {
	RF_FIELD("RoleId", bmc_role, row.id),
	RF_FIELD("IsPredefined", bmc_role, predefined, .flags = RF_FALSE),
	RF_FN("AssignedPrivileges", privileges, RF_AT(bmc_role, privileges)),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_account_service = {
	.uri = "/redfish/v1/AccountService",
	.type = "AccountService.v1_18_1.AccountService",
	.name = "Accounts",
	.props = service_props,
};
const struct rf_resource rf_roles = {
	.uri = "/redfish/v1/AccountService/Roles",
	.type = "RoleCollection.RoleCollection",
	.name = "Roles",
	.members = RF_TO(&rf_role),
};
const struct rf_resource rf_role = {
	.uri = "/redfish/v1/AccountService/Roles/{role}",
	.type = "Role.v1_3_3.Role",
	.name = "Role",
	.props = role_props,
};

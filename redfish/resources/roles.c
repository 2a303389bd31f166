// SPDX-License-Identifier: Apache-2.0
// The roles.
#include "core/base/util.h"
#include "redfish/list.h"

static json_t *privileges(struct rf_render *r)
{
	static const struct bmc_name words[] = {
		{ BMC_PRIV_LOGIN, "Login" },
		{ BMC_PRIV_CONFIGURE_SELF, "ConfigureSelf" },
		{ BMC_PRIV_CONFIGURE_COMPONENTS, "ConfigureComponents" },
		{ BMC_PRIV_CONFIGURE_USERS, "ConfigureUsers" },
		{ BMC_PRIV_CONFIGURE_MANAGER, "ConfigureManager" },
	};
	const struct bmc_role *role = (const struct bmc_role *)rf_row(r);
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (role->privileges & words[i].value)
			(void)json_array_append_new(list, json_string(words[i].word));
	}
	return list;
}

/* clang-format off */
static const struct rf_prop role_props[] = {
	RF_FIELD("RoleId", bmc_role, row.id),
	RF_FIELD("IsPredefined", bmc_role, predefined, .flags = RF_FALSE_IF_UNKNOWN),
	RF_FN("AssignedPrivileges", privileges, RF_AT(bmc_role, privileges)),
	{ .path = NULL },
};
/* clang-format on */

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

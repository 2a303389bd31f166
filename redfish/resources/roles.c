// SPDX-License-Identifier: Apache-2.0
// The roles: Redfish's own three, and those that administrators make.
#include "redfish/accounts.h"
#include "redfish/list.h"

static json_t *privileges(struct rf_render *r)
{
	return rf_privilege_words(
		(uint32_t)((const struct bmc_role *)rf_row(r))->privileges);
}

/* clang-format off */
static const struct rf_param create_params[] = {
	{ "RoleId", JSON_STRING, true }, { "AssignedPrivileges", JSON_ARRAY, true },
	{ "OemPrivileges", JSON_ARRAY, false }, { .name = NULL },
};
static const struct rf_prop role_props[] = {
	RF_FIELD("RoleId", bmc_role, row.id),
	RF_FIELD("IsPredefined", bmc_role, predefined, .flags = RF_FALSE_IF_UNKNOWN),
	RF_FN("AssignedPrivileges", privileges, RF_AT(bmc_role, privileges), .flags = RF_PATCH, .set = rf_role_set_privileges),
	RF_LIST("OemPrivileges"),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_roles = {
	.uri = "/redfish/v1/AccountService/Roles",
	.type = "RoleCollection.RoleCollection",
	.name = "Roles",
	.members = RF_TO(&rf_role),
	.create_params = create_params,
	.create = rf_role_create,
};
const struct rf_resource rf_role = {
	.uri = "/redfish/v1/AccountService/Roles/{role}",
	.type = "Role.v1_3_3.Role",
	.name = "Role",
	.props = role_props,
	.remove = rf_role_remove,
	.flags = RF_DELETE,
};

// SPDX-License-Identifier: Apache-2.0
// Sessions: logging in, who is logged in, logging out.

#include "redfish/accounts.h"
#include "redfish/list.h"

/* clang-format off */
static const struct rf_param params[] = {
	{ "UserName", JSON_STRING, true }, { "Password", JSON_STRING, true }, { .name = NULL },
};
static const struct rf_prop props[] = {
	RF_FIELD("UserName", bmc_session, user),
	RF_FIELD("ClientOriginIPAddress", bmc_session, client),
	RF_FIELD("CreatedTime", bmc_session, created),
	RF_FIELD("Roles[]", bmc_session, role, .flags = RF_OMIT),
	RF_TEXT("SessionType", "Redfish"),
	RF_NULL("Password"),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_sessions = {
	.uri = "/redfish/v1/SessionService/Sessions",
	.type = "SessionCollection.SessionCollection",
	.name = "Sessions",
	.members = RF_TO(&rf_session),
	.create_params = params,
	.create = rf_session_create,
	.flags = RF_CREATE_UNAUTHENTICATED,
};
const struct rf_resource rf_session = {
	.uri = "/redfish/v1/SessionService/Sessions/{session}",
	.type = "Session.v1_8_0.Session",
	.name = "Session",
	.props = props,
	.flags = RF_DELETE | RF_SELF_ACCESS,
};

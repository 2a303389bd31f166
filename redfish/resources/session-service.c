// SPDX-License-Identifier: Apache-2.0
// The session service: how long a session may be idle.
#include "core/ports/auth.h"
#include "redfish/list.h"

static json_t *timeout(struct rf_render *r)
{
	(void)r;
	return json_integer(bmc_auth->session_timeout());
}

static int set_timeout(struct rf_request *q, const json_t *value,
		       struct bmc_action *act)
{
	if (!(q->login.actor.privileges & BMC_PRIV_CONFIGURE_MANAGER))
		return BMC_EPERM;
	if (!json_is_integer(value))
		return BMC_EINVAL;
	int64_t seconds = json_integer_value(value);
	if (seconds < BMC_SESSION_TIMEOUT_MIN || seconds > BMC_SESSION_TIMEOUT_MAX)
		return BMC_ERANGE;
	int r = act ? 0 : bmc_auth->set_session_timeout(seconds);
	return r < 0 ? r : 1;
}

static json_t *most(struct rf_render *r)
{
	struct bmc_auth_limits l;

	(void)r;
	bmc_auth->limits(&l);
	return json_integer(l.sessions);
}

static json_t *most_a_user(struct rf_render *r)
{
	struct bmc_auth_limits l;

	(void)r;
	bmc_auth->limits(&l);
	return json_integer(l.sessions_a_user);
}

#define OEM "Oem/ClusterBmc/"

/* clang-format off */
static const struct rf_prop service_props[] = {
	RF_TEXT("Status/State", "Enabled"),
	RF_BOOL("ServiceEnabled", true),
	RF_FN("SessionTimeout", timeout, .flags = RF_PATCH, .set = set_timeout),
	RF_TEXT(OEM "@odata.type", "#ClusterBmcSessionService.v1_0_0.SessionService"),
	RF_FN(OEM "MaxSessions", most, .text = "How many sessions are open at most: one more ends the one that is idle longest."),
	RF_FN(OEM "MaxSessionsPerUser", most_a_user, .text = "How many sessions of one user are open at most: one more ends the user's that is idle longest."),
	RF_LINK("Sessions", "./Sessions"),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_session_service = {
	.uri = "/redfish/v1/SessionService",
	.type = "SessionService.v1_2_0.SessionService",
	.name = "Sessions",
	.props = service_props,
	.flags = RF_VOLATILE,
};

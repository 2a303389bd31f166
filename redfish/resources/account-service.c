// SPDX-License-Identifier: Apache-2.0
// The account service: its limits are settings of the manager's row, which the login
// throttle and the checks of new passwords follow.
#include "core/base/util.h"
#include "core/model/field.h"
#include "core/ports/auth.h"
#include "redfish/auth.h"
#include "redfish/list.h"
#include "redfish/privileges.h"
#include "redfish/request.h"

static struct bmc_auth_limits limits(void)
{
	struct bmc_auth_limits l;

	bmc_auth->limits(&l);
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

static json_t *basic_auth(struct rf_render *r)
{
	(void)r;
	return json_string(limits().basic ? "Enabled" : "Disabled");
}

/* The manager's row is not the request's. */
static int set_number(struct rf_request *q, int64_t number, struct bmc_action *act,
		      size_t offset)
{
	const struct bmc_row *manager = rf_the_manager(q);

	if (!manager)
		return BMC_EREADONLY;
	act->op = BMC_ACT_SET;
	act->kind = BMC_MANAGER;
	(void)bmc_copy(act->id, sizeof(act->id), manager->id);
	act->field = bmc_field_at(BMC_MANAGER, offset);
	act->num = number;
	return bmc_field_check(act->field, act->num, NULL, NULL);
}

static int set_limit(struct rf_request *q, const json_t *value, struct bmc_action *act,
		     size_t offset)
{
	return json_is_integer(value)
		       ? set_number(q, json_integer_value(value), act, offset)
		       : BMC_EINVAL;
}

static int set_basic_auth(struct rf_request *q, const json_t *v, struct bmc_action *act)
{
	static const struct bmc_name words[] = { { 1, "Enabled" },
						 { 0, "Disabled" },
						 { 0, NULL } };
	int value =
		json_is_string(v) ? bmc_name_value(words, json_string_value(v)) : -1;

	if (!json_is_string(v))
		return BMC_EINVAL;
	return value < 0 ? BMC_ENOTFOUND
			 : set_number(q, value, act,
				      offsetof(struct bmc_manager, basic_auth));
}

static int set_threshold(struct rf_request *q, const json_t *v, struct bmc_action *act)
{
	return set_limit(q, v, act, offsetof(struct bmc_manager, lockout_threshold));
}

static int set_duration(struct rf_request *q, const json_t *v, struct bmc_action *act)
{
	return set_limit(q, v, act, offsetof(struct bmc_manager, lockout_duration));
}

static int set_password_min(struct rf_request *q, const json_t *v,
			    struct bmc_action *act)
{
	return set_limit(q, v, act, offsetof(struct bmc_manager, password_min));
}

/* clang-format off */
static const struct rf_prop service_props[] = {
	RF_TEXT("Status/State", "Enabled"),
	RF_BOOL("ServiceEnabled", true),
	RF_FN("HTTPBasicAuth", basic_auth, .flags = RF_PATCH, .set = set_basic_auth),
	RF_TEXT("LocalAccountAuth", "Enabled"),
	RF_TEXT("SupportedAccountTypes[]", "Redfish"),
	RF_TEXT("PasswordGuidanceMessage", "At least MinPasswordLength characters; the most common passwords and the system's rules are refused."),
	RF_FN("AccountLockoutThreshold", lockout_threshold, .flags = RF_PATCH, .set = set_threshold),
	RF_FN("AccountLockoutDuration", lockout_duration, .flags = RF_PATCH, .set = set_duration),
	RF_FN("MinPasswordLength", password_min, .flags = RF_PATCH, .set = set_password_min),
	RF_FN("MaxPasswordLength", password_max),
	RF_FN("MultiFactorAuth/ClientCertificate", rf_client_certificate),
	RF_LINK("Accounts", "./Accounts"),
	RF_LINK("Roles", "./Roles"),
	RF_LINK("PrivilegeMap", "./PrivilegeMap"),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_account_service = {
	.uri = "/redfish/v1/AccountService",
	.type = "AccountService.v1_18_1.AccountService",
	.name = "Accounts",
	.props = service_props,
	.flags = RF_VOLATILE, /* limits are the manager's */
};

/* clang-format off */
static const struct rf_prop map_props[] = {
	RF_TEXT("PrivilegesUsed[]", "Login"),
	RF_TEXT("PrivilegesUsed[]", "ConfigureManager"),
	RF_TEXT("PrivilegesUsed[]", "ConfigureUsers"),
	RF_TEXT("PrivilegesUsed[]", "ConfigureComponents"),
	RF_TEXT("PrivilegesUsed[]", "ConfigureSelf"),
	RF_LIST("OEMPrivilegesUsed"),
	RF_FN("Mappings", rf_privilege_mappings),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_privilege_map = {
	.uri = "/redfish/v1/AccountService/PrivilegeMap",
	.type = "PrivilegeRegistry.v1_2_0.PrivilegeRegistry",
	.name = "Privileges that each operation needs",
	.props = map_props,
};

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* What the tables of sessions and accounts call; as `create`, `run` and `set` there. */

/** Arguments: UserName, Password. */
int rf_session_create(struct rf_request *q, const json_t *const *args);
/** Arguments: UserName, Password, RoleId, Enabled, PasswordChangeRequired,
 * AccountTypes. */
void rf_account_draft(struct rf_request *q, const json_t *const *args,
		      const struct bmc_action *above, struct bmc_action *act);
/** Says what the helper has refused of an account with this body. */
void rf_account_explain(struct rf_request *q, const json_t *body);
/** Arguments: SessionAccountPassword, NewPassword. */
int rf_account_change_password(struct rf_request *q, const json_t *const *args);
int rf_account_set_password(struct rf_request *q, const json_t *value,
			    struct bmc_action *act);
int rf_account_set_name(struct rf_request *q, const json_t *value,
			struct bmc_action *act);
/** Answers what the helper has refused of an account. */
int rf_account_refused(struct rf_request *q);
/** After a PATCH: the request goes on at the account's new name, if it has one. */
void rf_account_follow(struct rf_request *q);

/** Arguments: RoleId, AssignedPrivileges, OemPrivileges. */
int rf_role_create(struct rf_request *q, const json_t *const *args);
int rf_role_set_privileges(struct rf_request *q, const json_t *value,
			   struct bmc_action *act);
int rf_role_remove(struct rf_request *q);
/** Redfish's words for a mask of enum bmc_privilege, a new array. */
json_t *rf_privilege_words(uint32_t privileges);

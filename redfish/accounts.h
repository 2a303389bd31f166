// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* What the tables of sessions and accounts call; as `create`, `run` and `set` there. */

/** Arguments: UserName, Password. */
int rf_session_create(struct rf_request *q, const json_t *const *args);
/** Arguments: UserName, Password, RoleId. */
int rf_account_create(struct rf_request *q, const json_t *const *args);
/** Arguments: SessionAccountPassword, NewPassword. */
int rf_account_change_password(struct rf_request *q, const json_t *const *args);
int rf_account_set_password(struct rf_request *q, const json_t *value,
			    struct bmc_action *act);

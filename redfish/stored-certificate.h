// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* What the tables of certificates that users brought call; as `create_params`, `draft`,
 * `refused` and `remove` there. */

extern const struct rf_param rf_stored_certificate_params[];
void rf_client_ca_draft(struct rf_request *q, const json_t *const *args,
			const struct bmc_action *above, struct bmc_action *act);
void rf_account_certificate_draft(struct rf_request *q, const json_t *const *args,
				  const struct bmc_action *above,
				  struct bmc_action *act);
void rf_stored_certificate_refused(struct rf_request *q, const json_t *body);
int rf_stored_certificate_remove(struct rf_request *q);

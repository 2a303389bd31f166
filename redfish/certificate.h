// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* What the tables of certificates call. */

extern const struct rf_param rf_csr_params[], rf_replace_params[], rf_rekey_params[],
	rf_renew_params[];
int rf_csr_generate(struct rf_request *q, const json_t *const *args);
int rf_certificate_replace(struct rf_request *q, const json_t *const *args);
int rf_certificate_rekey(struct rf_request *q, const json_t *const *args);
int rf_certificate_renew(struct rf_request *q, const json_t *const *args);

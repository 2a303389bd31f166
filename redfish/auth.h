// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/** AccountService's MultiFactorAuth/ClientCertificate, a new reference. */
json_t *rf_client_certificate(struct rf_render *r);
/** Whether the client may do this to this resource; if not it has been answered. */
bool rf_authorize(struct rf_request *q);
/** Whether the row is the actor's own account or session. */
bool rf_is_own(const struct rf_request *q);
/** The URI of the actor's own account. */
void rf_own_account(const struct rf_request *q, char ret[RF_ARG_MAX]);
/** Adds the message that the actor's password has to be changed first, and where. */
void rf_add_must_change(struct rf_request *q);
/** Whether the client may read this resource too; `row` may be NULL where the resource
 * has none, and for one that is no account's or session's. */
bool rf_may_read(struct rf_request *q, const struct rf_resource *res,
		 const struct bmc_row *row);

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/** Asks whether the password is right; goes on in `then` with q->known and q->actor.
 *  Suspends the request even when the answer is there at once. 0 or BMC_ENOMEM. */
int rf_check_password(struct rf_request *q, const char *user, const char *password,
		      int (*then)(struct rf_request *q));
/** The account that the client's verified certificate names, if it is there and
 * enabled; it has given no password. */
bool rf_auth_certificate(struct rf_request *q, struct bmc_actor *ret);
/** AccountService's MultiFactorAuth/ClientCertificate, a new reference. */
json_t *rf_client_certificate(struct rf_render *r);
/** Whether the client may do this to this resource; if not it has been answered. */
bool rf_authorize(struct rf_request *q);
/** Whether the row is the actor's own account or session. */
bool rf_is_own(const struct rf_request *q);
/** Adds the message that the actor's password has to be changed first, and where. */
void rf_add_must_change(struct rf_request *q);
/** Whether the client may read this resource too; `row` may be NULL where the resource
 * has none, and for one that is no account's or session's. */
bool rf_may_read(struct rf_request *q, const struct rf_resource *res,
		 const struct bmc_row *row);

// SPDX-License-Identifier: Apache-2.0
// Logging in by a client's certificate: agent/http has verified it, here is the account
// that it names. Called by rf_auth for a request that brings no other credentials.
#include "core/base/util.h"
#include "http/http.h"
#include "redfish/auth.h"

bool rf_auth_certificate(struct rf_request *q, struct bmc_actor *ret)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_account *account =
		(const struct bmc_account *)bmc_snapshot_find(s, BMC_ACCOUNT,
							      q->http->certificate);
	const struct bmc_role *role =
		account ? (const struct bmc_role *)bmc_snapshot_find(s, BMC_ROLE,
								     account->role)
			: NULL;

	if (!role || account->enabled != 1)
		return false;
	*ret = (struct bmc_actor){ .privileges = (uint32_t)role->privileges,
				   .must_change = account->must_change != 0 };
	(void)bmc_copy(ret->name, sizeof(ret->name), account->row.id);
	(void)bmc_copy(ret->role, sizeof(ret->role), account->role);
	return true;
}

json_t *rf_client_certificate(struct rf_render *r)
{
	struct http_client_certificates c = http_client_certificates();

	(void)r;
	return json_pack("{sb sb ss}", "Enabled", c.use != HTTP_CLIENT_NONE,
			 "RespondToUnauthenticatedClients",
			 c.use != HTTP_CLIENT_REQUIRED, "CertificateMappingAttribute",
			 c.name == HTTP_CLIENT_COMMON_NAME ? "CommonName"
							   : "UserPrincipalName");
}

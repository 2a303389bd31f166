// SPDX-License-Identifier: Apache-2.0
// How clients' certificates log in, as AccountService shows it.
#include "http/http.h"
#include "redfish/auth.h"

json_t *rf_client_certificate(struct rf_render *r)
{
	struct http_client_certificates c = http_client_certificates();

	(void)r;
	return json_pack("{sb sb ss s{ss}}", "Enabled", c.use != HTTP_CLIENT_NONE,
			 "RespondToUnauthenticatedClients",
			 c.use != HTTP_CLIENT_REQUIRED, "CertificateMappingAttribute",
			 c.name == HTTP_CLIENT_COMMON_NAME ? "CommonName"
							   : "UserPrincipalName",
			 "Certificates", "@odata.id",
			 "/redfish/v1/AccountService/MultiFactorAuth/ClientCertificate/"
			 "Certificates");
}

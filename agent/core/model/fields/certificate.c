// SPDX-License-Identifier: Apache-2.0
/* The fields of a certificate that users brought: whom it makes trusted, and for what.
 */
#include "core/model/fields.h"
#include "core/model/service.h"

static const struct bmc_name purposes[] = {
	{ BMC_CERTIFICATE_UNKNOWN, "unknown" },
	{ BMC_CERTIFICATE_CLIENT_CA, "client_ca" },
	{ BMC_CERTIFICATE_USER, "user" },
	{ 0, NULL },
};

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	FIELD(bmc_certificate, purpose, BMC_ENUM, .flags = BMC_INTERNAL, .names = purposes,
	      .doc = "What it is for."),
	FIELD(bmc_certificate, configured, BMC_BOOL, .flags = BMC_INTERNAL,
	      .doc = "Whether it is the configuration's."),
	FIELD(bmc_certificate, owner, BMC_TEXT, .flags = BMC_INTERNAL,
	      .doc = "The account that it belongs to."),
	FIELD(bmc_certificate, pem, BMC_TEXT, .flags = BMC_INTERNAL, .doc = "The certificate itself (PEM)."),
};
/* clang-format on */

KIND(BMC_CERTIFICATE, certificate, .flags = 0);

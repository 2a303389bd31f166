// SPDX-License-Identifier: Apache-2.0
/* The fields of a session. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	FIELD(bmc_session, user, BMC_TEXT, .doc = "Whose session it is."),
	FIELD(bmc_session, role, BMC_TEXT, .doc = "The role of its user."),
	FIELD(bmc_session, client, BMC_TEXT, .doc = "From which address it was opened."),
	FIELD(bmc_session, created, BMC_TIME, .doc = "When it was opened."),
};
/* clang-format on */

KIND(BMC_SESSION, session, .flags = 0);

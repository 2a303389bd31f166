// SPDX-License-Identifier: Apache-2.0
/* The fields of a piece of firmware or software. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_firmware, name, .doc = "Name of the firmware, as its maker or users call it."),
	FIELD(bmc_firmware, version, BMC_TEXT, .flags = BMC_STATIC, .doc = "Version of the firmware."),
	FIELD(bmc_firmware, updateable, BMC_BOOL, .flags = BMC_STATIC,
	      .doc = "Whether this agent can replace the firmware."),
};
/* clang-format on */

KIND(BMC_FIRMWARE, firmware,
     .flags = BMC_KIND_HARDWARE | BMC_KIND_PUT | BMC_KIND_RUN_TIME, .level = 5);

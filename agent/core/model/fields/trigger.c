// SPDX-License-Identifier: Apache-2.0
/* The fields of a trigger: limits of a metric. */
#include "core/model/fields.h"
#include "core/model/service.h"

/* clang-format off */
#define LIMIT(member, words)                                               \
	FIELD(bmc_trigger, member, BMC_INT, .unit = BMC_UNIT_BY_ROW,       \
	      .flags = BMC_SETTING, .min = -BMC_TRIGGER_LIMIT_MAX,         \
	      .max = BMC_TRIGGER_LIMIT_MAX, .doc = words)

static const struct bmc_field fields[] = {
	ROW_FIELDS,
	FIELD(bmc_trigger, name, BMC_TEXT, .doc = "Label that its maker gave it."),
	FIELD(bmc_trigger, metric, BMC_TEXT, .doc = "Id of the metric."),
	FIELD(bmc_trigger, enabled, BMC_BOOL, .flags = BMC_SETTING, .max = 1,
	      .doc = "Whether the limits are watched."),
	LIMIT(upper_critical, "A reading from here on is critical."),
	LIMIT(upper_warning, "A reading from here on is a warning."),
	LIMIT(lower_warning, "A reading down from here is a warning."),
	LIMIT(lower_critical, "A reading down from here is critical."),
};
/* clang-format on */

KIND(BMC_TRIGGER, trigger, .flags = 0);

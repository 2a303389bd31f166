// SPDX-License-Identifier: Apache-2.0
/* The fields of the manager: this agent and the computer it runs on. */
#include "core/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_manager, name, .doc = "What people call it."),
	FIELD(bmc_manager, version, BMC_TEXT, .doc = "Version of this agent."),
	FIELD(bmc_manager, uuid, BMC_TEXT, .doc = "What tells this agent from all others."),
	FIELD(bmc_manager, hostname, BMC_TEXT, .doc = "Its name on the network."),
	FIELD(bmc_manager, model, BMC_TEXT, .doc = "Model of the computer it runs on."),
	FIELD(bmc_manager, start_time, BMC_TIME, .doc = "When the agent started."),
	FIELD(bmc_manager, state_durable, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether the state database takes writes."),
	FIELD(bmc_manager, locator, BMC_BOOL, .flags = BMC_SETTING | BMC_STATE, .max = 1,
	      .verb = "locator", .doc = "Whether the locating light is lit."),
};
/* clang-format on */

KIND(BMC_MANAGER, manager);

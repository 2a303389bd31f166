// SPDX-License-Identifier: Apache-2.0
// Boot of a system: what a board starts at its next reset or at each. Redfish's words
// for what the chips have: Hdd is the eMMC, Utilities the vendor's loader, Usb the mask
// ROM, which starts what comes over USB, Recovery the system that the loader fetches
// over the network. Fastboot has no such word: Oem has them all.
#include <string.h>

#include "core/model/field.h"
#include "redfish/list.h"

/* clang-format off */
const struct bmc_name rf_boot_names[] = {
	{ BMC_BOOT_NONE, "None" }, { BMC_BOOT_NORMAL, "Hdd" }, { BMC_BOOT_LOADER, "Utilities" },
	{ BMC_BOOT_MASKROM, "Usb" }, { BMC_BOOT_NETRECOVERY, "Recovery" }, { 0, NULL },
};
const struct bmc_name rf_mode_names[] = {
	{ BMC_BOOT_NONE, "None" }, { BMC_BOOT_NORMAL, "Normal" }, { BMC_BOOT_LOADER, "Loader" },
	{ BMC_BOOT_MASKROM, "MaskRom" }, { BMC_BOOT_NETRECOVERY, "NetRecovery" },
	{ BMC_BOOT_FASTBOOT, "Fastboot" }, { 0, NULL },
};
/* clang-format on */

uint32_t rf_boot_allowed(const struct bmc_row *row)
{
	int64_t allowed = ((const struct bmc_board *)row)->boot_allowed;

	return allowed == BMC_UNKNOWN ? 0 : (uint32_t)allowed;
}

json_t *rf_boot_words(const struct bmc_name *names, uint32_t allowed)
{
	json_t *list = json_array();

	for (; names->word; names++) {
		if (allowed & (1U << names->value))
			(void)json_array_append_new(list, json_string(names->word));
	}
	return list;
}

/* "None" can be asked of any board. */
json_t *rf_boot_targets(struct rf_render *r)
{
	return rf_boot_words(rf_boot_names,
			     rf_boot_allowed(rf_row(r)) | 1U << BMC_BOOT_NONE);
}

/* Whether there is anything to override with. */
static bool overrides(const struct bmc_row *row)
{
	return rf_boot_allowed(row) & ~(1U << BMC_BOOT_NONE);
}

json_t *rf_boot_switches(struct rf_render *r)
{
	uint32_t all = 1U << BMC_BOOT_DISABLED | 1U << BMC_BOOT_ONCE |
		       1U << BMC_BOOT_CONTINUOUS;

	return rf_boot_words(bmc_boot_enabled_names,
			     overrides(rf_row(r)) ? all : 1U << BMC_BOOT_DISABLED);
}

/* Fills the action with what `word` is among `names` and allowed by `mask`. */
static int set(const json_t *value, const char *field, const struct bmc_name *names,
	       uint32_t mask, struct bmc_action *act)
{
	int n;

	if (!json_is_string(value))
		return BMC_EINVAL;
	n = bmc_name_value(names, json_string_value(value));
	if (n < 0 || !(mask & (1U << n)))
		return BMC_ENOTFOUND;
	act->op = BMC_ACT_SET;
	act->field = bmc_field_find(BMC_BOARD, field);
	act->num = n;
	return 0;
}

int rf_boot_set_target(struct rf_request *q, const json_t *value,
		       struct bmc_action *act)
{
	return set(value, "boot_target", rf_boot_names,
		   rf_boot_allowed(q->row) | 1U << BMC_BOOT_NONE, act);
}

int rf_boot_set_mode(struct rf_request *q, const json_t *value, struct bmc_action *act)
{
	return set(value, "boot_target", rf_mode_names,
		   rf_boot_allowed(q->row) | 1U << BMC_BOOT_NONE, act);
}

int rf_boot_set_enabled(struct rf_request *q, const json_t *value,
			struct bmc_action *act)
{
	uint32_t mask = overrides(q->row) ? ~1U : 1U << BMC_BOOT_DISABLED;

	return set(value, "boot_enabled", bmc_boot_enabled_names, mask, act);
}

/* Clients send it along; there is one only, so it is so already. */
int rf_boot_set_firmware(struct rf_request *q, const json_t *value,
			 struct bmc_action *act)
{
	(void)q;
	(void)act;
	if (!json_is_string(value))
		return BMC_EINVAL;
	return strcmp(json_string_value(value), RF_BOOT_FIRMWARE) == 0 ? 1
								       : BMC_ENOTFOUND;
}

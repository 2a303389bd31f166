// SPDX-License-Identifier: Apache-2.0
// How far a board's start is: BootProgress, from its state.
#include <string.h>

#include "redfish/list.h"

json_t *rf_boot_state(struct rf_render *r)
{
	static const struct bmc_name words[] = {
		{ BMC_BOARD_ANDROID, "OSRunning" },
		{ BMC_BOARD_LINUX, "OSRunning" },
		{ BMC_BOARD_ADB, "OSBootStarted" },
		{ BMC_BOARD_ONLINE, "OSBootStarted" },
		{ BMC_BOARD_ADB_OFFLINE, "OSBootStarted" },
		{ BMC_BOARD_OFFLINE, "None" }, /* switched off */
		{ BMC_BOARD_LOADER, "OEM" },
		{ BMC_BOARD_MASKROM, "OEM" },
		{ BMC_BOARD_FASTBOOT, "OEM" },
		{ BMC_BOARD_NETRECOVERY, "OEM" },
		{ BMC_BOARD_ANDROID_RECOVERY, "OEM" },
		{ 0, NULL },
	};
	const struct bmc_board *b = (const struct bmc_board *)rf_row(r);

	/* powered, and nothing on USB: firmware is at work, until that takes too long
	 */
	if (b->state == BMC_BOARD_OFFLINE && b->row.status == BMC_STARTING)
		return json_string("SystemHardwareInitializationComplete");
	if (b->state == BMC_BOARD_OFFLINE && b->row.status == BMC_UNAVAILABLE_OFFLINE)
		return json_null();
	const struct rf_prop p =
		RF_FIELD("", bmc_board, state, .names = words, .flags = RF_PRESENT);
	return rf_value(r, &p);
}

/* Which mode it is that Redfish has no word for. */
json_t *rf_boot_oem_state(struct rf_render *r)
{
	const struct rf_prop p =
		RF_FIELD("", bmc_board, state, .names = rf_board_state_names);
	json_t *last = rf_boot_state(r);
	const char *word = json_string_value(last);
	bool oem = word && strcmp(word, "OEM") == 0;

	json_decref(last);
	return oem ? rf_value(r, &p) : NULL;
}

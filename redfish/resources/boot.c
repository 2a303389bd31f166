// SPDX-License-Identifier: Apache-2.0
// How far a board's start is.
#include "redfish/list.h"

json_t *rf_boot_state(struct rf_render *r)
{
	static const struct bmc_name words[] = {
		{ BMC_BOARD_ANDROID, "OSRunning" },
		{ BMC_BOARD_LINUX, "OSRunning" },
		{ BMC_BOARD_ADB, "OSBootStarted" },
		{ BMC_BOARD_ONLINE, "OSBootStarted" },
		{ BMC_BOARD_OFFLINE, "None" },
		{ BMC_BOARD_LOADER, "OEM" },
		{ BMC_BOARD_MASKROM, "OEM" },
		{ BMC_BOARD_FASTBOOT, "OEM" },
		{ BMC_BOARD_NETRECOVERY, "OEM" },
		{ BMC_BOARD_ANDROID_RECOVERY, "OEM" },
		{ BMC_BOARD_ADB_OFFLINE, "OSBootStarted" },
		{ 0, NULL },
	};
	const struct bmc_board *b = (const struct bmc_board *)rf_row(r);

	/* powered, and nothing on USB yet: firmware is at work */
	if (b->state == BMC_BOARD_OFFLINE && b->row.status == BMC_STARTING)
		return json_string("SystemHardwareInitializationComplete");
	const struct rf_prop p = RF_FIELD("", bmc_board, state, .names = words,
					  .flags = RF_PRESENT | RF_OMIT);
	return rf_value(r, &p);
}

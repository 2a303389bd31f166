// SPDX-License-Identifier: Apache-2.0
/* cbmcBoardTable: one row for each board slot, empty ones too. */
#include "core/base/util.h"
#include "snmp/table.h"

/* clang-format off */
#define KEPT(what) what " in the board's own flash; empty: not known. Writing takes an administrator; the value takes effect when the board restarts. inconsistentValue: another board has it, or it is no unicast address."

static const struct sn_column columns[] = {
	SN_COLUMN(3, "cbmcBoardId", "id"),
	SN_COLUMN(4, "cbmcBoardName", "name"),
	SN_COLUMN(5, "cbmcBoardPresent", "present"),
	SN_COLUMN(6, "cbmcBoardStatus", "status"),
	SN_COLUMN(7, "cbmcBoardHealth", "health"),
	SN_COLUMN(8, "cbmcBoardState", "state"),
	SN_COLUMN(9, "cbmcBoardPowerState", "power_state"),
	SN_COLUMN(10, "cbmcBoardAction", "action", .form = SN_ACTION,
		  .doc = "Writing starts an operation on the board. It becomes a job, which cbmcBoardActionJob names and cbmcBoardActionState follows; the SET is answered before it begins. What is as asked already succeeds without a job. inconsistentValue: the slot is empty, or another operation is under way; wrongValue: this hardware can not do it."),
	SN_COLUMN(11, "cbmcBoardLastAction", "action"),
	SN_COLUMN(12, "cbmcBoardActionState", "action_state"),
	SN_COLUMN(13, "cbmcBoardActionError", "action_error"),
	SN_COLUMN(14, "cbmcBoardActionJob", "task", .form = SN_UNSIGNED,
		  .doc = "The cbmcJobIndex of the last operation's job, which may be gone by now."),
	SN_COLUMN(15, "cbmcBoardLocator", "locator"),
	SN_COLUMN(16, "cbmcBoardModel", "model"),
	SN_COLUMN(17, "cbmcBoardSoc", "soc"),
	SN_COLUMN(18, "cbmcBoardSerial", "serial"),
	SN_COLUMN(19, "cbmcBoardPartNumber", "part_number"),
	SN_COLUMN(20, "cbmcBoardHwVersion", "hw_version"),
	SN_COLUMN(21, "cbmcBoardAssetTag", "asset_tag"),
	SN_COLUMN(22, "cbmcBoardMacAddress", "mac", .form = SN_MAC),
	SN_COLUMN(23, "cbmcBoardIpAddress", "ip"),
	SN_COLUMN(24, "cbmcBoardHostname", "hostname"),
	SN_COLUMN(25, "cbmcBoardOsVersion", "os_version"),
	SN_COLUMN(26, "cbmcBoardKernel", "kernel"),
	SN_COLUMN(27, "cbmcBoardCpuModel", "cpu_model"),
	SN_COLUMN(28, "cbmcBoardCpuCores", "cpu_cores"),
	SN_COLUMN(29, "cbmcBoardCpuMhz", "cpu_mhz"),
	SN_COLUMN(30, "cbmcBoardCpuLoad", "cpu_load"),
	SN_COLUMN(31, "cbmcBoardMemoryBytes", "memory_bytes"),
	SN_COLUMN(32, "cbmcBoardMemoryUsed", "memory_used"),
	SN_COLUMN(33, "cbmcBoardStorageBytes", "storage_bytes"),
	SN_COLUMN(34, "cbmcBoardStorageUsed", "storage_used"),
	SN_COLUMN(35, "cbmcBoardSocTemperature", "soc_temperature"),
	SN_COLUMN(36, "cbmcBoardGpuTemperature", "gpu_temperature"),
	SN_COLUMN(37, "cbmcBoardPower", "power"),
	SN_COLUMN(38, "cbmcBoardBootTime", "boot_time"),
	SN_COLUMN(39, "cbmcBoardBootCount", "boot_count"),
	SN_COLUMN(40, "cbmcBoardBootTarget", "boot_target",
		  .doc = "What the board starts at a reset, where cbmcBoardBootEnabled says that it is used."),
	SN_COLUMN(41, "cbmcBoardBootEnabled", "boot_enabled",
		  .doc = "Whether cbmcBoardBootTarget is used at the next reset, at each, or not."),
	SN_COLUMN(42, "cbmcBoardManufacturer", "manufacturer"),
	SN_COLUMN(43, "cbmcBoardArchitecture", "architecture"),
	SN_COLUMN(44, "cbmcBoardCpuThreads", "cpu_threads"),
	SN_COLUMN(45, "cbmcBoardCpuRed", "cpu_red"),
	SN_COLUMN(46, "cbmcBoardMemoryRed", "memory_red"),
	SN_COLUMN(47, "cbmcBoardStorageRed", "storage_red"),
	SN_COLUMN(48, "cbmcBoardTemperatureRed", "temperature_red"),
	SN_COLUMN(49, "cbmcBoardAlarmAfter", "alarm_after"),
	SN_COLUMN(50, "cbmcBoardAlarmClearAfter", "alarm_clear_after"),
	SN_COLUMN(51, "cbmcBoardCpuAlarm", "cpu_alarm"),
	SN_COLUMN(52, "cbmcBoardMemoryAlarm", "memory_alarm"),
	SN_COLUMN(53, "cbmcBoardStorageAlarm", "storage_alarm"),
	SN_COLUMN(54, "cbmcBoardTemperatureAlarm", "temperature_alarm"),
	SN_COLUMN(55, "cbmcBoardVendorSerial", "vendor_serial", .doc = KEPT("Serial number")),
	SN_COLUMN(56, "cbmcBoardLanMacAddress", "lan_mac", .doc = KEPT("MAC address of the wired interface, as text,")),
	SN_COLUMN(57, "cbmcBoardWifiMacAddress", "wifi_mac", .doc = KEPT("MAC address of the wireless interface, as text,")),
	SN_COLUMN(58, "cbmcBoardBtMacAddress", "bt_mac", .doc = KEPT("Bluetooth address, as text,")),
	SN_COLUMN(59, "cbmcBoardWatchdog", "watchdog"),
};
/* clang-format on */

const struct sn_table sn_board_table = {
	.name = "cbmcBoardTable",
	.arc = 3,
	.kind = BMC_BOARD,
	.n_index = 2,
	.index = { { "cbmcBoardBlade" }, { "cbmcBoardSlot" } },
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.doc = "The boards: the computers of the cluster, and the one that the agent "
	       "runs on.",
	.row_doc = "One board slot. The row is there while the slot is empty, so an "
		   "index never moves.",
	.index_doc = { "Number of the blade that holds the board; 0: the board is in "
		       "the chassis itself.",
		       "Number of the slot in that blade, as printed; 0 in blade 0: "
		       "the board that the agent runs on (main)." },
	.index_range = { "0..255", "0..65535" },
};

// SPDX-License-Identifier: Apache-2.0
/* cbmcBoardTable: one row for each board slot, empty ones too. */
#include "core/base/util.h"
#include "snmp/table.h"

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(3, "cbmcBoardId", "id"),
	SN_COLUMN(4, "cbmcBoardName", "name"),
	SN_COLUMN(5, "cbmcBoardPresent", "present"),
	SN_COLUMN(6, "cbmcBoardStatus", "status"),
	SN_COLUMN(7, "cbmcBoardHealth", "health"),
	SN_COLUMN(8, "cbmcBoardState", "state"),
	SN_COLUMN(9, "cbmcBoardPowerState", "power_state"),
	SN_COLUMN(10, "cbmcBoardAction", "action", .form = SN_ACTION),
	SN_COLUMN(11, "cbmcBoardLastAction", "action"),
	SN_COLUMN(12, "cbmcBoardActionState", "action_state"),
	SN_COLUMN(13, "cbmcBoardActionError", "action_error"),
	SN_COLUMN(14, "cbmcBoardActionJob", "task", .form = SN_UNSIGNED),
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
	SN_COLUMN(40, "cbmcBoardBootTarget", "boot_target"),
	SN_COLUMN(41, "cbmcBoardBootEnabled", "boot_enabled"),
	SN_COLUMN(42, "cbmcBoardManufacturer", "manufacturer"),
	SN_COLUMN(43, "cbmcBoardArchitecture", "architecture"),
	SN_COLUMN(44, "cbmcBoardCpuThreads", "cpu_threads"),
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
};

// SPDX-License-Identifier: Apache-2.0
/* Which event is which notification. The numbers are the MIB's and never change. Only
 * objects that always have a value are named: a receiver goes by their places. */
#include "snmp/notifier.h"

/* clang-format off */
const struct sn_notification sn_notifications[] = {
	{ "BoardInserted", 2, "cbmcBoardInserted", BMC_BOARD, { "name", "present" } },
	{ "BoardRemoved", 3, "cbmcBoardRemoved", BMC_BOARD, { "name", "present" } },
	{ "BladeInserted", 4, "cbmcBladeInserted", BMC_BLADE, { "name", "present" } },
	{ "BladeRemoved", 5, "cbmcBladeRemoved", BMC_BLADE, { "name", "present" } },
	{ "FanInserted", 6, "cbmcFanInserted", BMC_FAN, { "name", "present" } },
	{ "FanRemoved", 7, "cbmcFanRemoved", BMC_FAN, { "name", "present" } },
	{ "PsuInserted", 8, "cbmcPsuInserted", BMC_PSU, { "name", "present" } },
	{ "PsuRemoved", 9, "cbmcPsuRemoved", BMC_PSU, { "name", "present" } },
	{ "DiskInserted", 10, "cbmcDiskInserted", BMC_DISK, { "name", "present" } },
	{ "DiskRemoved", 11, "cbmcDiskRemoved", BMC_DISK, { "name", "present" } },
	{ "BoardPowerChanged", 12, "cbmcBoardPowerChanged", BMC_BOARD, { "name", "power_state" } },
	{ "BoardStateChanged", 13, "cbmcBoardStateChanged", BMC_BOARD, { "name", "state" } },
	{ "BoardHealthChanged", 14, "cbmcBoardHealthChanged", BMC_BOARD, { "name", "health" } },
	{ "BoardQuarantined", 15, "cbmcBoardQuarantined", BMC_BOARD, { "name" } },
	{ "ResetFellBackToPin", 16, "cbmcResetFellBackToPin", BMC_BOARD, { "name" } },
	{ "ChassisHealthChanged", 17, "cbmcChassisHealthChanged", BMC_CHASSIS, { "name", "health" } },
	{ "PsuRedundancyLost", 18, "cbmcPsuRedundancyLost", BMC_CHASSIS, { "redundancy" } },
	{ "PsuRedundancyRestored", 19, "cbmcPsuRedundancyRestored", BMC_CHASSIS, { "redundancy" } },
	{ "FanFailed", 20, "cbmcFanFailed", BMC_FAN, { "name", "health" } },
	{ "FanRecovered", 21, "cbmcFanRecovered", BMC_FAN, { "name", "health" } },
	{ "PsuFailed", 22, "cbmcPsuFailed", BMC_PSU, { "name", "health" } },
	{ "PsuRecovered", 23, "cbmcPsuRecovered", BMC_PSU, { "name", "health" } },
	{ "DiskHealthChanged", 24, "cbmcDiskHealthChanged", BMC_DISK, { "name", "health" } },
	{ "SensorAboveLimit", 25, "cbmcSensorAboveLimit", BMC_SENSOR, { "name", "type", "health" } },
	{ "SensorBelowLimit", 26, "cbmcSensorBelowLimit", BMC_SENSOR, { "name", "type", "health" } },
	{ "SensorLimitCleared", 27, "cbmcSensorLimitCleared", BMC_SENSOR, { "name", "type", "health" } },
	{ "NicLinkUp", 28, "cbmcNicLinkUp", BMC_NIC, { "name", "link" } },
	{ "NicLinkDown", 29, "cbmcNicLinkDown", BMC_NIC, { "name", "link" } },
	{ "TaskStarted", 30, "cbmcJobStarted", BMC_TASK, { "op", "state" } },
	{ "TaskCompleted", 31, "cbmcJobCompleted", BMC_TASK, { "op", "state" } },
	{ "TaskFailed", 32, "cbmcJobFailed", BMC_TASK, { "op", "state" } },
	{ "TaskCancelled", 33, "cbmcJobCancelled", BMC_TASK, { "op", "state" } },
	{ "StateNotDurable", 34, "cbmcStateNotDurable", BMC_MANAGER, { "name" } },
	{ "StateDurable", 35, "cbmcStateDurable", BMC_MANAGER, { "name" } },
	{ "TestEvent", 36, "cbmcTestEvent", BMC_MANAGER, { "name" } },
	{ NULL, 1, "cbmcEvent", BMC_N_KINDS, { NULL } },
};
/* clang-format on */

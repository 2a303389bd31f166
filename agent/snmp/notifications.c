// SPDX-License-Identifier: Apache-2.0
/* Which event is which notification. The numbers are the MIB's and never change; nor do
 * the objects, which a receiver may go by the places of. */
#include "snmp/notifier.h"

const char *const sn_notification_common[SN_NOTIFICATION_COMMON] = {
	"time", "severity", "type", "origin_id", "message",
};

/* clang-format off */
const struct sn_notification sn_notifications[] = {
	{ "BoardInserted", 2, 0, "cbmcBoardInserted", { "before", "after" } },
	{ "BoardRemoved", 3, 0, "cbmcBoardRemoved", { "before", "after" } },
	{ "BladeInserted", 4, 0, "cbmcBladeInserted", { "before", "after" } },
	{ "BladeRemoved", 5, 0, "cbmcBladeRemoved", { "before", "after" } },
	{ "FanInserted", 6, 0, "cbmcFanInserted", { "before", "after" } },
	{ "FanRemoved", 7, 0, "cbmcFanRemoved", { "before", "after" } },
	{ "PsuInserted", 8, 0, "cbmcPsuInserted", { "before", "after" } },
	{ "PsuRemoved", 9, 0, "cbmcPsuRemoved", { "before", "after" } },
	{ "DiskInserted", 10, 0, "cbmcDiskInserted", { "before", "after" } },
	{ "DiskRemoved", 11, 0, "cbmcDiskRemoved", { "before", "after" } },
	{ "BoardPowerChanged", 12, 0, "cbmcBoardPowerChanged", { "before", "after" } },
	{ "BoardStateChanged", 13, 0, "cbmcBoardStateChanged", { "before", "after" } },
	{ "BoardHealthChanged", 14, 0, "cbmcBoardHealthChanged", { "before", "after" } },
	{ "BoardQuarantined", 15, 0, "cbmcBoardQuarantined", { NULL } },
	{ "ResetFellBackToPin", 16, 0, "cbmcResetFellBackToPin", { NULL } },
	{ "ChassisHealthChanged", 17, 0, "cbmcChassisHealthChanged", { "before", "after" } },
	{ "PsuRedundancyLost", 18, 0, "cbmcPsuRedundancyLost", { "before", "after" } },
	{ "PsuRedundancyRestored", 19, 0, "cbmcPsuRedundancyRestored", { "before", "after" } },
	{ "FanFailed", 20, 0, "cbmcFanFailed", { "before", "after" } },
	{ "FanRecovered", 21, 0, "cbmcFanRecovered", { "before", "after" } },
	{ "PsuFailed", 22, 0, "cbmcPsuFailed", { "before", "after" } },
	{ "PsuRecovered", 23, 0, "cbmcPsuRecovered", { "before", "after" } },
	{ "DiskHealthChanged", 24, 0, "cbmcDiskHealthChanged", { "before", "after" } },
	{ "SensorAboveLimit", 25, 0, "cbmcSensorAboveLimit", { "before", "after", "reading", "limit" } },
	{ "SensorBelowLimit", 26, 0, "cbmcSensorBelowLimit", { "before", "after", "reading", "limit" } },
	{ "SensorLimitCleared", 27, 0, "cbmcSensorLimitCleared", { "before", "after", "reading" } },
	{ "NicLinkUp", 28, 0, "cbmcNicLinkUp", { "before", "after" } },
	{ "NicLinkDown", 29, 0, "cbmcNicLinkDown", { "before", "after" } },
	{ "TaskStarted", 30, 0, "cbmcJobStarted", { "before", "after", "operation", "target" } },
	{ "TaskCompleted", 31, 0, "cbmcJobCompleted", { "before", "after", "operation", "target" } },
	{ "TaskFailed", 32, 0, "cbmcJobFailed", { "before", "after", "operation", "target" } },
	{ "TaskCancelled", 33, 0, "cbmcJobCancelled", { "before", "after", "operation", "target" } },
	{ "StateNotDurable", 34, 0, "cbmcStateNotDurable", { NULL } },
	{ "StateDurable", 35, 0, "cbmcStateDurable", { NULL } },
	{ "TestEvent", 36, 0, "cbmcTestEvent", { NULL } },
	{ "BoardCpuHigh", 37, 0, "cbmcBoardCpuHigh", { "before", "after", "reading", "limit" } },
	{ "BoardCpuCleared", 38, 0, "cbmcBoardCpuCleared", { "before", "after", "reading", "limit" } },
	{ "BoardMemoryHigh", 39, 0, "cbmcBoardMemoryHigh", { "before", "after", "reading", "limit" } },
	{ "BoardMemoryCleared", 40, 0, "cbmcBoardMemoryCleared", { "before", "after", "reading", "limit" } },
	{ "BoardStorageHigh", 41, 0, "cbmcBoardStorageHigh", { "before", "after", "reading", "limit" } },
	{ "BoardStorageCleared", 42, 0, "cbmcBoardStorageCleared", { "before", "after", "reading", "limit" } },
	{ "BoardTemperatureHigh", 43, 0, "cbmcBoardTemperatureHigh", { "before", "after", "reading", "limit" } },
	{ "BoardTemperatureCleared", 44, 0, "cbmcBoardTemperatureCleared", { "before", "after", "reading", "limit" } },
	{ "FanRedundancyLost", 45, 0, "cbmcFanRedundancyLost", { "before", "after" } },
	{ "FanRedundancyRestored", 46, 0, "cbmcFanRedundancyRestored", { "before", "after" } },
	{ "NetworkRedundancyLost", 47, 0, "cbmcNetworkRedundancyLost", { "before", "after" } },
	{ "NetworkRedundancyRestored", 48, 0, "cbmcNetworkRedundancyRestored", { "before", "after" } },
	{ "HealthUnknown", 49, 0, "cbmcHealthUnknown", { "before", "after" } },
	{ "SnmpAuthenticationFailed", 0, 5, "authenticationFailure", { "client" } },
	{ NULL, 1, 0, "cbmcEvent", { NULL } },
};
/* clang-format on */

// SPDX-License-Identifier: Apache-2.0
/* The names of enumerations' values, in every interface. Where Redfish has the same
 * thing the word is Redfish's; a board's state is the word of the makers' own tools. */
#include <string.h>

#include "core/model/fields.h"
#include "core/model/service.h"

/* clang-format off */
const struct bmc_name bmc_health_names[] = {
	{ BMC_HEALTH_UNKNOWN, "unknown" }, { BMC_OK_HEALTH, "OK" },
	{ BMC_WARNING, "Warning" }, { BMC_CRITICAL, "Critical" }, { 0, NULL },
};
const struct bmc_name bmc_status_names[] = {
	{ BMC_STATUS_UNKNOWN, "unknown" }, { BMC_ENABLED, "Enabled" },
	{ BMC_ABSENT, "Absent" }, { BMC_STARTING, "Starting" },
	{ BMC_STANDBY_OFFLINE, "StandbyOffline" },
	{ BMC_UNAVAILABLE_OFFLINE, "UnavailableOffline" },
	{ BMC_QUIESCED, "Quiesced" }, { BMC_UPDATING, "Updating" },
	{ BMC_DISABLED, "Disabled" }, { 0, NULL },
};
const struct bmc_name bmc_board_state_names[] = {
	{ BMC_BOARD_UNKNOWN, "unknown" }, { BMC_BOARD_ANDROID, "android" },
	{ BMC_BOARD_LINUX, "linux" }, { BMC_BOARD_OFFLINE, "offline" },
	{ BMC_BOARD_ONLINE, "online" }, { BMC_BOARD_LOADER, "loader" },
	{ BMC_BOARD_FASTBOOT, "fastboot" }, { BMC_BOARD_ADB, "adb" },
	{ BMC_BOARD_ADB_OFFLINE, "adb_offline" },
	{ BMC_BOARD_ANDROID_RECOVERY, "android_recovery" },
	{ BMC_BOARD_NETRECOVERY, "netrecovery" }, { BMC_BOARD_MASKROM, "maskrom" },
	{ 0, NULL },
};
const struct bmc_name bmc_power_names[] = {
	{ BMC_POWER_UNKNOWN, "unknown" }, { BMC_POWER_OFF, "Off" }, { BMC_POWER_ON, "On" },
	{ BMC_POWERING_ON, "PoweringOn" }, { BMC_POWERING_OFF, "PoweringOff" }, { 0, NULL },
};
const struct bmc_name bmc_usb_mode_names[] = {
	{ BMC_USB_UNKNOWN, "unknown" }, { BMC_USB_NONE, "none" },
	{ BMC_USB_DEVICE, "device" }, { BMC_USB_ADB, "adb" },
	{ BMC_USB_FASTBOOT, "fastboot" }, { BMC_USB_LOADER, "loader" },
	{ BMC_USB_MASKROM, "maskrom" }, { BMC_USB_NETRECOVERY, "netrecovery" },
	{ BMC_USB_USBPLUG, "usbplug" }, { BMC_USB_STORAGE, "storage" },
	{ BMC_USB_DFU, "dfu" },
	{ 0, NULL },
};
const struct bmc_name bmc_adb_state_names[] = {
	{ BMC_ADB_UNKNOWN, "unknown" }, { BMC_ADB_NONE, "none" },
	{ BMC_ADB_OFFLINE, "offline" }, { BMC_ADB_DEVICE, "device" },
	{ BMC_ADB_RECOVERY, "recovery" }, { 0, NULL },
};
const struct bmc_name bmc_os_names[] = {
	{ BMC_OS_UNKNOWN, "unknown" }, { BMC_OS_ANDROID, "android" },
	{ BMC_OS_LINUX, "linux" }, { 0, NULL },
};
const struct bmc_name bmc_sensor_type_names[] = {
	{ BMC_SENSOR_UNKNOWN, "unknown" }, { BMC_SENSOR_TEMPERATURE, "Temperature" },
	{ BMC_SENSOR_VOLTAGE, "Voltage" }, { BMC_SENSOR_CURRENT, "Current" },
	{ BMC_SENSOR_POWER, "Power" }, { BMC_SENSOR_FAN_SPEED, "Rotational" },
	{ BMC_SENSOR_PERCENT, "Percent" }, { BMC_SENSOR_HUMIDITY, "Humidity" },
	{ 0, NULL },
};
const struct bmc_name bmc_task_state_names[] = {
	{ BMC_TASK_UNKNOWN, "unknown" }, { BMC_TASK_NEW, "New" },
	{ BMC_TASK_RUNNING, "Running" }, { BMC_TASK_COMPLETED, "Completed" },
	{ BMC_TASK_EXCEPTION, "Exception" }, { BMC_TASK_CANCELLED, "Cancelled" },
	{ BMC_TASK_INTERRUPTED, "Interrupted" }, { 0, NULL },
};
const struct bmc_name bmc_wait_names[] = {
	{ BMC_WAIT_NONE, "None" }, { BMC_WAIT_RESET, "Reset" },
	{ BMC_WAIT_REQUEST, "Request" }, { 0, NULL },
};
const struct bmc_name bmc_action_names[] = {
	{ BMC_ACT_NONE, "None" }, { BMC_ACT_ON, "On" },
	{ BMC_ACT_FORCE_OFF, "ForceOff" },
	{ BMC_ACT_GRACEFUL_SHUTDOWN, "GracefulShutdown" },
	{ BMC_ACT_GRACEFUL_RESTART, "GracefulRestart" },
	{ BMC_ACT_FORCE_RESTART, "ForceRestart" }, { BMC_ACT_POWER_CYCLE, "PowerCycle" },
	{ BMC_ACT_SET, "Set" }, { BMC_ACT_ADD, "Add" }, { BMC_ACT_REMOVE, "Remove" },
	{ BMC_ACT_PASSWORD, "Password" }, { BMC_ACT_MANAGER_RESTART, "ManagerRestart" },
	{ BMC_ACT_CLEAR_LOG, "ClearLog" }, { BMC_ACT_SET_CLOCK, "SetClock" },
	{ BMC_ACT_RESET_SETTINGS, "ResetSettings" },
	{ BMC_ACT_ENTER_MODE, "EnterMode" }, { BMC_ACT_SET_NTP, "SetNtp" },
	{ BMC_ACT_HUB_RESET, "HubReset" }, { BMC_ACT_RECOVER, "Recover" },
	{ BMC_ACT_UPDATE, "Update" },
	{ 0, NULL },
};
const struct bmc_name bmc_boot_target_names[] = {
	{ BMC_BOOT_UNKNOWN, "unknown" }, { BMC_BOOT_NONE, "none" },
	{ BMC_BOOT_NORMAL, "normal" }, { BMC_BOOT_LOADER, "loader" },
	{ BMC_BOOT_MASKROM, "maskrom" }, { BMC_BOOT_NETRECOVERY, "netrecovery" },
	{ BMC_BOOT_FASTBOOT, "fastboot" }, { 0, NULL },
};
const struct bmc_name bmc_boot_enabled_names[] = {
	{ BMC_BOOT_ENABLED_UNKNOWN, "unknown" }, { BMC_BOOT_DISABLED, "Disabled" },
	{ BMC_BOOT_ONCE, "Once" }, { BMC_BOOT_CONTINUOUS, "Continuous" }, { 0, NULL },
};
const struct bmc_name bmc_watchdog_names[] = {
	{ BMC_WATCHDOG_UNKNOWN, "unknown" }, { BMC_WATCHDOG_OFF, "Off" },
	{ BMC_WATCHDOG_640MS, "After640ms" }, { BMC_WATCHDOG_2560MS, "After2560ms" },
	{ BMC_WATCHDOG_10240MS, "After10240ms" }, { BMC_WATCHDOG_40960MS, "After40960ms" },
	{ 0, NULL },
};
const struct bmc_name bmc_severity_names[] = {
	{ BMC_SEVERITY_UNKNOWN, "unknown" }, { BMC_SEVERITY_OK, "OK" },
	{ BMC_SEVERITY_WARNING, "Warning" }, { BMC_SEVERITY_CRITICAL, "Critical" },
	{ 0, NULL },
};
const struct bmc_name bmc_fan_mode_names[] = {
	{ BMC_FAN_MODE_UNKNOWN, "unknown" }, { BMC_FAN_AUTOMATIC, "Automatic" },
	{ BMC_FAN_MANUAL, "Manual" }, { 0, NULL },
};
const struct bmc_name bmc_link_names[] = {
	{ BMC_LINK_UNKNOWN, "unknown" }, { BMC_LINK_UP, "LinkUp" },
	{ BMC_LINK_DOWN, "LinkDown" }, { 0, NULL },
};
const struct bmc_name bmc_media_names[] = {
	{ BMC_MEDIA_UNKNOWN, "unknown" }, { BMC_MEDIA_HDD, "HDD" },
	{ BMC_MEDIA_SSD, "SSD" }, { BMC_MEDIA_SD, "SD" }, { BMC_MEDIA_EMMC, "eMMC" },
	{ 0, NULL },
};
const struct bmc_name bmc_protocol_names[] = {
	{ BMC_PROTOCOL_UNKNOWN, "unknown" }, { BMC_PROTOCOL_SATA, "SATA" },
	{ BMC_PROTOCOL_NVME, "NVMe" }, { BMC_PROTOCOL_USB, "USB" },
	{ BMC_PROTOCOL_EMMC, "eMMC" }, { BMC_PROTOCOL_SD, "SD" }, { 0, NULL },
};
const struct bmc_name bmc_context_names[] = {
	{ BMC_CONTEXT_UNKNOWN, "unknown" }, { BMC_CONTEXT_INTAKE, "Intake" },
	{ BMC_CONTEXT_EXHAUST, "Exhaust" }, { BMC_CONTEXT_ROOM, "Room" },
	{ BMC_CONTEXT_CPU, "CPU" }, { BMC_CONTEXT_GPU, "GPU" },
	{ BMC_CONTEXT_MEMORY, "Memory" }, { BMC_CONTEXT_BOARD, "SystemBoard" },
	{ 0, NULL },
};
const struct bmc_name bmc_address_state_names[] = {
	{ BMC_ADDRESS_UNKNOWN, "unknown" }, { BMC_ADDRESS_PREFERRED, "Preferred" },
	{ BMC_ADDRESS_DEPRECATED, "Deprecated" }, { BMC_ADDRESS_TENTATIVE, "Tentative" },
	{ BMC_ADDRESS_FAILED, "Failed" }, { 0, NULL },
};
const struct bmc_name bmc_chassis_form_names[] = {
	{ BMC_FORM_UNKNOWN, "unknown" }, { BMC_FORM_ENCLOSURE, "Enclosure" },
	{ BMC_FORM_RACKMOUNT, "RackMount" }, { 0, NULL },
};
const struct bmc_name bmc_redundancy_names[] = {
	{ BMC_REDUNDANCY_UNKNOWN, "unknown" }, { BMC_NOT_REDUNDANT, "NotRedundant" },
	{ BMC_REDUNDANT, "Redundant" }, { BMC_REDUNDANCY_LOST, "Lost" }, { 0, NULL },
};
const struct bmc_name bmc_kind_names[] = {
	{ BMC_CHASSIS, "chassis" }, { BMC_BLADE, "blade" }, { BMC_BOARD, "board" },
	{ BMC_FAN, "fan" }, { BMC_PSU, "psu" }, { BMC_DISK, "disk" },
	{ BMC_SENSOR, "sensor" }, { BMC_NIC, "nic" }, { BMC_FIRMWARE, "firmware" },
	{ BMC_MANAGER, "manager" }, { BMC_TASK, "task" }, { BMC_EVENT, "event" },
	{ BMC_ACCOUNT, "account" }, { BMC_ROLE, "role" }, { BMC_SESSION, "session" },
	{ BMC_CONDITION, "condition" },
	{ BMC_AGGREGATE, "aggregate" },
	{ BMC_SUBSCRIPTION, "subscription" },
	{ BMC_METRIC_REPORT, "metric_report" }, { BMC_TRIGGER, "trigger" },
	{ BMC_AUDIT, "audit" }, { BMC_STORED_IMAGE, "stored_image" },
	{ BMC_CERTIFICATE, "certificate" },
	{ 0, NULL },
};
const struct bmc_name bmc_image_state_names[] = {
	{ BMC_IMAGE_UNKNOWN, "unknown" }, { BMC_IMAGE_STORED, "Stored" },
	{ BMC_IMAGE_CHECKING, "Checking" }, { BMC_IMAGE_GOOD, "Good" },
	{ BMC_IMAGE_REFUSED, "Refused" }, { 0, NULL },
};
const struct bmc_name bmc_image_trust_names[] = {
	{ BMC_IMAGE_TRUST_UNKNOWN, "unknown" }, { BMC_IMAGE_UNSIGNED, "Unsigned" },
	{ BMC_IMAGE_SIGNED, "Signed" }, { 0, NULL },
};
const struct bmc_name bmc_subscriber_names[] = {
	{ BMC_SUBSCRIBER_UNKNOWN, "unknown" }, { BMC_SUBSCRIBER_PUSH, "RedfishEvent" },
	{ BMC_SUBSCRIBER_STREAM, "SSE" }, { BMC_SUBSCRIBER_SNMP_TRAP, "SNMPTrap" },
	{ BMC_SUBSCRIBER_SNMP_INFORM, "SNMPInform" }, { 0, NULL },
};
const struct bmc_name bmc_event_protocol_names[] = {
	{ BMC_EVENTS_UNKNOWN, "unknown" }, { BMC_EVENTS_REDFISH, "Redfish" },
	{ BMC_EVENTS_SNMP_V2C, "SNMPv2c" }, { BMC_EVENTS_SNMP_V3, "SNMPv3" },
	{ BMC_EVENTS_SNMP_V1, "SNMPv1" }, { 0, NULL },
};
const struct bmc_name bmc_retry_policy_names[] = {
	{ BMC_RETRY_UNKNOWN, "unknown" }, { BMC_RETRY_TERMINATE, "TerminateAfterRetries" },
	{ BMC_RETRY_SUSPEND, "SuspendRetries" }, { BMC_RETRY_FOREVER, "RetryForever" },
	{ BMC_RETRY_BACKOFF, "RetryForeverWithBackoff" }, { 0, NULL },
};
const struct bmc_name bmc_event_format_names[] = {
	{ BMC_FORMAT_UNKNOWN, "unknown" }, { BMC_FORMAT_EVENT, "Event" },
	{ BMC_FORMAT_METRIC_REPORT, "MetricReport" }, { 0, NULL },
};
const struct bmc_name bmc_snmp_auth_names[] = {
	{ BMC_SNMP_AUTH_UNKNOWN, "unknown" }, { BMC_SNMP_AUTH_NONE, "None" },
	{ BMC_SNMP_AUTH_COMMUNITY, "CommunityString" }, { BMC_SNMP_AUTH_SHA1, "HMAC_SHA96" },
	{ BMC_SNMP_AUTH_SHA224, "HMAC128_SHA224" }, { BMC_SNMP_AUTH_SHA256, "HMAC192_SHA256" },
	{ BMC_SNMP_AUTH_SHA384, "HMAC256_SHA384" }, { BMC_SNMP_AUTH_SHA512, "HMAC384_SHA512" },
	{ 0, NULL },
};
const struct bmc_name bmc_snmp_priv_names[] = {
	{ BMC_SNMP_PRIV_UNKNOWN, "unknown" }, { BMC_SNMP_PRIV_NONE, "None" },
	{ BMC_SNMP_PRIV_AES128, "CFB128_AES128" }, { BMC_SNMP_PRIV_AES192, "CFB128_AES192" },
	{ BMC_SNMP_PRIV_AES256, "CFB128_AES256" }, { 0, NULL },
};
/* clang-format on */

const char *bmc_name_word(const struct bmc_name *names, int64_t value)
{
	for (; names && names->word; names++) {
		if (names->value == value)
			return names->word;
	}
	return "unknown";
}

int bmc_name_value(const struct bmc_name *names, const char *word)
{
	for (; names && names->word; names++) {
		if (strcmp(names->word, word) == 0)
			return names->value;
	}
	return -1;
}

// SPDX-License-Identifier: Apache-2.0
/* What each value of an enumeration means, one sentence each: the MIB explains its
 * enumerations with them. The words themselves are in names.c. */
#include "core/model/fields.h"
#include "core/model/service.h"

struct meaning {
	const struct bmc_name *names;
	int value;
	const char *doc;
};

/* clang-format off */
static const struct meaning meanings[] = {
	{ bmc_health_names, BMC_HEALTH_UNKNOWN, "Nothing has been read that tells." },
	{ bmc_health_names, BMC_OK_HEALTH, "Works as it should." },
	{ bmc_health_names, BMC_WARNING, "Works, but needs attention." },
	{ bmc_health_names, BMC_CRITICAL, "Has failed or is about to; act at once." },

	{ bmc_status_names, BMC_STATUS_UNKNOWN, "Nothing has been read that tells." },
	{ bmc_status_names, BMC_ENABLED, "Present and in use." },
	{ bmc_status_names, BMC_ABSENT, "The slot is empty." },
	{ bmc_status_names, BMC_STARTING, "Present and starting." },
	{ bmc_status_names, BMC_STANDBY_OFFLINE, "Present and off, ready to be switched on." },
	{ bmc_status_names, BMC_UNAVAILABLE_OFFLINE, "Present, but can't be used." },
	{ bmc_status_names, BMC_QUIESCED, "Present, but takes no requests for now." },
	{ bmc_status_names, BMC_UPDATING, "Its firmware is being written." },
	{ bmc_status_names, BMC_DISABLED, "Present, but switched off by its settings." },

	{ bmc_board_state_names, BMC_BOARD_UNKNOWN, "Nothing has been read that tells." },
	{ bmc_board_state_names, BMC_BOARD_ANDROID, "Runs Android, which answers." },
	{ bmc_board_state_names, BMC_BOARD_LINUX, "Runs Linux, which answers." },
	{ bmc_board_state_names, BMC_BOARD_OFFLINE, "Without power, or nothing of it is seen." },
	{ bmc_board_state_names, BMC_BOARD_ONLINE, "Powered; what it runs is not known." },
	{ bmc_board_state_names, BMC_BOARD_LOADER, "In the boot loader's flashing mode." },
	{ bmc_board_state_names, BMC_BOARD_FASTBOOT, "In fastboot mode, for flashing." },
	{ bmc_board_state_names, BMC_BOARD_ADB, "Answers adb; its system is not known yet." },
	{ bmc_board_state_names, BMC_BOARD_ADB_OFFLINE, "Seen by adb, but does not answer it." },
	{ bmc_board_state_names, BMC_BOARD_ANDROID_RECOVERY, "Runs Android's recovery system." },
	{ bmc_board_state_names, BMC_BOARD_NETRECOVERY, "Runs the recovery system that the network provides." },
	{ bmc_board_state_names, BMC_BOARD_MASKROM, "In the mask ROM's mode; no boot loader was found." },

	{ bmc_power_names, BMC_POWER_UNKNOWN, "Nothing has been read that tells." },
	{ bmc_power_names, BMC_POWER_OFF, "Without power." },
	{ bmc_power_names, BMC_POWER_ON, "Powered." },
	{ bmc_power_names, BMC_POWERING_ON, "Being switched on." },
	{ bmc_power_names, BMC_POWERING_OFF, "Being switched off." },

	{ bmc_sensor_type_names, BMC_SENSOR_UNKNOWN, "A quantity without a type of its own." },
	{ bmc_sensor_type_names, BMC_SENSOR_TEMPERATURE, "Temperature, in degrees Celsius." },
	{ bmc_sensor_type_names, BMC_SENSOR_VOLTAGE, "Voltage, in volts." },
	{ bmc_sensor_type_names, BMC_SENSOR_CURRENT, "Current, in amperes." },
	{ bmc_sensor_type_names, BMC_SENSOR_POWER, "Power, in watts." },
	{ bmc_sensor_type_names, BMC_SENSOR_FAN_SPEED, "Rotational speed, in revolutions per minute." },
	{ bmc_sensor_type_names, BMC_SENSOR_PERCENT, "A share, in percent." },
	{ bmc_sensor_type_names, BMC_SENSOR_HUMIDITY, "Relative humidity, in percent." },

	{ bmc_task_state_names, BMC_TASK_UNKNOWN, "There has been none." },
	{ bmc_task_state_names, BMC_TASK_NEW, "Accepted, but not begun." },
	{ bmc_task_state_names, BMC_TASK_RUNNING, "Under way." },
	{ bmc_task_state_names, BMC_TASK_COMPLETED, "Ended well." },
	{ bmc_task_state_names, BMC_TASK_EXCEPTION, "Ended with an error." },
	{ bmc_task_state_names, BMC_TASK_CANCELLED, "Ended early because it was cancelled." },
	{ bmc_task_state_names, BMC_TASK_INTERRUPTED, "Cut short by a restart; its outcome is not known." },

	{ bmc_action_names, BMC_ACT_NONE, "No operation." },
	{ bmc_action_names, BMC_ACT_ON, "Switch on." },
	{ bmc_action_names, BMC_ACT_FORCE_OFF, "Cut the power at once." },
	{ bmc_action_names, BMC_ACT_GRACEFUL_SHUTDOWN, "Ask the operating system to shut down, then cut the power." },
	{ bmc_action_names, BMC_ACT_GRACEFUL_RESTART, "Ask the operating system to restart; reset by the pin when it does not." },
	{ bmc_action_names, BMC_ACT_FORCE_RESTART, "Reset by the pin at once." },
	{ bmc_action_names, BMC_ACT_POWER_CYCLE, "Cut the power, wait, and switch on." },
	{ bmc_action_names, BMC_ACT_SET, "Set one setting." },
	{ bmc_action_names, BMC_ACT_ADD, "Create a row." },
	{ bmc_action_names, BMC_ACT_REMOVE, "Remove a row." },
	{ bmc_action_names, BMC_ACT_PASSWORD, "Give an account a new password." },
	{ bmc_action_names, BMC_ACT_MANAGER_RESTART, "Restart the agent." },
	{ bmc_action_names, BMC_ACT_CLEAR_LOG, "Remove all events from the event log." },
	{ bmc_action_names, BMC_ACT_SET_CLOCK, "Set the clock." },
	{ bmc_action_names, BMC_ACT_RESET_SETTINGS, "Drop all settings that users made." },
	{ bmc_action_names, BMC_ACT_ENTER_MODE, "Restart a board into a mode for flashing." },
	{ bmc_action_names, BMC_ACT_SET_NTP, "Configure the NTP client." },
	{ bmc_action_names, BMC_ACT_HUB_RESET, "Cut the power of a board's USB port and switch it on; other boards of the hub may lose it, too." },
	{ bmc_action_names, BMC_ACT_RECOVER, "Bring back a board that does not answer, by its hub's power, then by its own." },
	{ bmc_action_names, BMC_ACT_UPDATE, "Write an image of firmware to a board, verify it and start it." },

	{ bmc_boot_target_names, BMC_BOOT_UNKNOWN, "Not known." },
	{ bmc_boot_target_names, BMC_BOOT_NONE, "Nothing is overridden; the board starts its system." },
	{ bmc_boot_target_names, BMC_BOOT_NORMAL, "The board's system, as without an override." },
	{ bmc_boot_target_names, BMC_BOOT_LOADER, "The boot loader's flashing mode." },
	{ bmc_boot_target_names, BMC_BOOT_MASKROM, "The mask ROM's mode, below the boot loader." },
	{ bmc_boot_target_names, BMC_BOOT_NETRECOVERY, "The recovery system that the network provides." },
	{ bmc_boot_target_names, BMC_BOOT_FASTBOOT, "Fastboot mode." },

	{ bmc_boot_enabled_names, BMC_BOOT_ENABLED_UNKNOWN, "Not known." },
	{ bmc_boot_enabled_names, BMC_BOOT_DISABLED, "The override is not used." },
	{ bmc_boot_enabled_names, BMC_BOOT_ONCE, "The override is for the next reset only." },
	{ bmc_boot_enabled_names, BMC_BOOT_CONTINUOUS, "The override is for every reset." },
	{ bmc_watchdog_names, BMC_WATCHDOG_UNKNOWN, "Nobody has set it." },
	{ bmc_watchdog_names, BMC_WATCHDOG_OFF, "The watchdog is closed." },
	{ bmc_watchdog_names, BMC_WATCHDOG_640MS, "The board is reset 0.64 s after it was fed last." },
	{ bmc_watchdog_names, BMC_WATCHDOG_2560MS, "The board is reset 2.56 s after it was fed last." },
	{ bmc_watchdog_names, BMC_WATCHDOG_10240MS, "The board is reset 10.24 s after it was fed last." },
	{ bmc_watchdog_names, BMC_WATCHDOG_40960MS, "The board is reset 40.96 s after it was fed last." },

	{ bmc_image_state_names, BMC_IMAGE_UNKNOWN, "Not known." },
	{ bmc_image_state_names, BMC_IMAGE_STORED, "The image was not checked yet, or its file has changed since." },
	{ bmc_image_state_names, BMC_IMAGE_CHECKING, "The image is being checked." },
	{ bmc_image_state_names, BMC_IMAGE_GOOD, "All that the image says of itself is true, and the policy allows it." },
	{ bmc_image_state_names, BMC_IMAGE_REFUSED, "The image is damaged, or the policy does not allow it." },
	{ bmc_image_trust_names, BMC_IMAGE_TRUST_UNKNOWN, "Not known." },
	{ bmc_image_trust_names, BMC_IMAGE_UNSIGNED, "No trusted key has signed the image." },
	{ bmc_image_trust_names, BMC_IMAGE_SIGNED, "A trusted key has signed the image." },

	{ bmc_severity_names, BMC_SEVERITY_UNKNOWN, "Not known." },
	{ bmc_severity_names, BMC_SEVERITY_OK, "For information; nothing has to be done." },
	{ bmc_severity_names, BMC_SEVERITY_WARNING, "Needs attention, but not at once." },
	{ bmc_severity_names, BMC_SEVERITY_CRITICAL, "Needs attention at once." },

	{ bmc_fan_mode_names, BMC_FAN_MODE_UNKNOWN, "Not known." },
	{ bmc_fan_mode_names, BMC_FAN_AUTOMATIC, "The speed follows the temperatures." },
	{ bmc_fan_mode_names, BMC_FAN_MANUAL, "The speed is the one that users asked for." },

	{ bmc_link_names, BMC_LINK_UNKNOWN, "Not known." },
	{ bmc_link_names, BMC_LINK_UP, "The link carries a signal." },
	{ bmc_link_names, BMC_LINK_DOWN, "There is no signal." },

	{ bmc_media_names, BMC_MEDIA_UNKNOWN, "Not known." },
	{ bmc_media_names, BMC_MEDIA_HDD, "Rotating magnetic disks." },
	{ bmc_media_names, BMC_MEDIA_SSD, "A solid-state drive." },
	{ bmc_media_names, BMC_MEDIA_SD, "A removable SD card." },
	{ bmc_media_names, BMC_MEDIA_EMMC, "Soldered flash memory (eMMC)." },

	{ bmc_protocol_names, BMC_PROTOCOL_UNKNOWN, "Not known." },
	{ bmc_protocol_names, BMC_PROTOCOL_SATA, "By Serial ATA." },
	{ bmc_protocol_names, BMC_PROTOCOL_NVME, "By NVM Express over PCIe." },
	{ bmc_protocol_names, BMC_PROTOCOL_USB, "By USB." },
	{ bmc_protocol_names, BMC_PROTOCOL_EMMC, "By the eMMC bus." },
	{ bmc_protocol_names, BMC_PROTOCOL_SD, "By an SD card slot." },

	{ bmc_context_names, BMC_CONTEXT_UNKNOWN, "The part that the sensor belongs to." },
	{ bmc_context_names, BMC_CONTEXT_INTAKE, "The air that comes in." },
	{ bmc_context_names, BMC_CONTEXT_EXHAUST, "The air that goes out." },
	{ bmc_context_names, BMC_CONTEXT_ROOM, "The room around the chassis." },
	{ bmc_context_names, BMC_CONTEXT_CPU, "A processor." },
	{ bmc_context_names, BMC_CONTEXT_GPU, "A graphics processor." },
	{ bmc_context_names, BMC_CONTEXT_MEMORY, "A memory module." },
	{ bmc_context_names, BMC_CONTEXT_BOARD, "A circuit board as a whole." },

	{ bmc_address_state_names, BMC_ADDRESS_UNKNOWN, "Not known." },
	{ bmc_address_state_names, BMC_ADDRESS_PREFERRED, "May be used without restriction." },
	{ bmc_address_state_names, BMC_ADDRESS_DEPRECATED, "Holds for what is open; nothing new should use it." },
	{ bmc_address_state_names, BMC_ADDRESS_TENTATIVE, "Being checked for duplicates; not used yet." },
	{ bmc_address_state_names, BMC_ADDRESS_FAILED, "Another host has the same address; not used." },

	{ bmc_chassis_form_names, BMC_FORM_UNKNOWN, "Not known." },
	{ bmc_chassis_form_names, BMC_FORM_ENCLOSURE, "A case that stands by itself." },
	{ bmc_chassis_form_names, BMC_FORM_RACKMOUNT, "A case for a 19-inch rack." },

	{ bmc_redundancy_names, BMC_REDUNDANCY_UNKNOWN, "Nothing has been read that tells." },
	{ bmc_redundancy_names, BMC_NOT_REDUNDANT, "There is only one of its kind; what needs it stops with it." },
	{ bmc_redundancy_names, BMC_REDUNDANT, "One may fail; the others do its work." },
	{ bmc_redundancy_names, BMC_REDUNDANCY_LOST, "One has failed; another one would be missed." },
};
/* clang-format on */

const char *bmc_name_doc(const struct bmc_name *names, int64_t value)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (meanings[i].names == names && meanings[i].value == value)
			return meanings[i].doc;
	}
	return NULL;
}

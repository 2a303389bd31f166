// SPDX-License-Identifier: Apache-2.0
// A board as a computer system. Every slot has one; an empty slot's is Absent.
#include <string.h>

#include "core/base/util.h"
#include "redfish/list.h"

#define OEM "Oem/ClusterBmc/"

/* Its modules hold the other boards; main is the enclosure's own computer too. */
static json_t *enclosure_of_main(struct rf_render *r)
{
	const struct rf_prop link = RF_SAME("", &rf_enclosure);

	return rf_of_main(rf_view_of(r), rf_row(r)) ? rf_value(r, &link) : NULL;
}

/* One, soldered, where anything is known of it. */
static json_t *processors(struct rf_render *r)
{
	const struct bmc_board *b = (const struct bmc_board *)rf_row(r);

	return b->cpu_model[0] || b->cpu_cores > 0 ? json_integer(1) : json_null();
}

/* What starts the board: the BIOS or loader among its firmware. */
static json_t *bios_version(struct rf_render *r)
{
	static const char *const names[] = { "-bios", "-loader" };
	const struct bmc_row *const *rows;
	size_t n = rf_children(rf_view_of(r), rf_row(r), BMC_FIRMWARE, &rows);

	for (size_t i = 0; i < n * ARRAY_SIZE(names); i++) {
		const struct bmc_firmware *f =
			(const struct bmc_firmware *)rows[i / ARRAY_SIZE(names)];
		const char *tail = strrchr(f->row.id, '-');
		if (!tail || strcmp(tail, names[i % ARRAY_SIZE(names)]) != 0)
			continue;
		rf_note(rf_view_of(r), &f->row);
		return f->version[0] ? json_string(f->version) : json_null();
	}
	return json_null();
}

/* Of the slot, for as long as the manager keeps its own. */
static json_t *uuid(struct rf_render *r)
{
	const struct bmc_row *const *rows;
	const char *id = rf_row(r)->id;

	if (rf_rows(rf_view_of(r), BMC_MANAGER, &rows) == 0)
		return json_null();
	const char *manager = ((const struct bmc_manager *)rows[0])->uuid;
	char text[37];
	return bmc_uuid_of(manager, id, text) ? json_string(text) : json_null();
}

/* Of a board that can have one; doc/shell.md. */
static json_t *shell(struct rf_render *r)
{
	const struct bmc_board *b = (const struct bmc_board *)rf_row(r);

	return b->row.status == BMC_ABSENT || b->can_shell != 1
		       ? json_null()
		       : json_sprintf("/shell/%s", rf_row(r)->id);
}

/* clang-format off */
static const struct rf_prop props[] = {
	RF_NAMED(bmc_board),
	RF_TEXT("SystemType", "Physical"),
	RF_STATUS_CONDITIONS(bmc_board),
	RF_FIELD("PowerState", bmc_board, power_state, .flags = RF_PRESENT),
	RF_LOCATOR(bmc_board),
	RF_FIELD("Manufacturer", bmc_board, manufacturer),
	RF_FIELD("Model", bmc_board, model),
	RF_FIELD("SerialNumber", bmc_board, serial),
	RF_FIELD("PartNumber", bmc_board, part_number),
	RF_FIELD("AssetTag", bmc_board, asset_tag, .flags = RF_PATCH),
	RF_NULL("SKU"),
	RF_FIELD("HostName", bmc_board, hostname),
	RF_FN("BiosVersion", bios_version),
	RF_FN("UUID", uuid),
	RF_FIELD("Boot/BootSourceOverrideEnabled", bmc_board, boot_enabled, .flags = RF_PATCH, .set = rf_boot_set_enabled),
	RF_FN("Boot/BootSourceOverrideEnabled@Redfish.AllowableValues", rf_boot_switches),
	RF_TEXT("Boot/BootSourceOverrideMode", RF_BOOT_FIRMWARE, .flags = RF_PATCH | RF_ONE_VALUE, .set = rf_boot_set_firmware),
	RF_TEXT("Boot/BootSourceOverrideMode@Redfish.AllowableValues[]", RF_BOOT_FIRMWARE),
	RF_FIELD("Boot/BootSourceOverrideTarget", bmc_board, boot_target, .names = rf_boot_names, .flags = RF_PATCH, .set = rf_boot_set_target),
	RF_FN("Boot/BootSourceOverrideTarget@Redfish.AllowableValues", rf_boot_targets),
	RF_NULL("Boot/UefiTargetBootSourceOverride"),
	RF_FN("BootProgress/LastState", rf_boot_state),
	RF_FN("BootProgress/OemLastState", rf_boot_oem_state),
	RF_FIELD("LastResetTime", bmc_board, boot_time, .flags = RF_OMIT),
	RF_FIELD("ProcessorSummary/Model", bmc_board, cpu_model),
	RF_FN("ProcessorSummary/Count", processors),
	RF_FIELD("ProcessorSummary/CoreCount", bmc_board, cpu_cores),
	RF_FIELD("ProcessorSummary/LogicalProcessorCount", bmc_board, cpu_threads),
	RF_FIELD("MemorySummary/TotalSystemMemoryGiB", bmc_board, memory_bytes, .flags = RF_GIB),
	/* no console of a board is served here; its shell is (Oem ShellUri) */
	RF_BOOL("SerialConsole/SSH/ServiceEnabled", false),
	RF_BOOL("SerialConsole/WebSocket/ServiceEnabled", false),
	RF_LINK("Processors", "./Processors"),
	RF_LINK("Memory", "./Memory"),
	RF_LINK("EthernetInterfaces", "./EthernetInterfaces"),
	RF_LINK("SimpleStorage", "./SimpleStorage"),
	RF_LINK("Storage", "./Storage"),
	RF_LINK("LogServices", "./LogServices"),
	RF_SAME("Links/Chassis[]", &rf_card),
	RF_FN("Links/Chassis[]", enclosure_of_main),
	RF_SAME("Links/ManagedBy[]", &rf_manager),
	RF_TEXT(OEM "@odata.type", "#ClusterBmcComputerSystem.v1_0_0.ComputerSystem"),
	RF_FIELD(OEM "Label", bmc_board, name, .flags = RF_PATCH),
	RF_FIELD(OEM "NodeState", bmc_board, state, .names = rf_board_state_names),
	RF_FIELD(OEM "AdbState", bmc_board, adb_state, .names = rf_adb_state_names),
	RF_FIELD(OEM "AdbTransport", bmc_board, adb_transport),
	RF_FIELD(OEM "Soc", bmc_board, soc),
	RF_FIELD(OEM "HardwareVersion", bmc_board, hw_version),
	RF_FIELD(OEM "OsVersion", bmc_board, os_version),
	RF_FIELD(OEM "KernelVersion", bmc_board, kernel),
	RF_FIELD(OEM "MacAddress", bmc_board, mac),
	RF_FIELD(OEM "IpAddress", bmc_board, ip),
	RF_FIELD(OEM "VendorSerialNumber", bmc_board, vendor_serial, .flags = RF_PATCH),
	RF_FIELD(OEM "LanMacAddress", bmc_board, lan_mac, .flags = RF_PATCH),
	RF_FIELD(OEM "WifiMacAddress", bmc_board, wifi_mac, .flags = RF_PATCH),
	RF_FIELD(OEM "BluetoothMacAddress", bmc_board, bt_mac, .flags = RF_PATCH),
	RF_FIELD(OEM "Watchdog", bmc_board, watchdog, .flags = RF_PATCH),
	RF_FIELD(OEM "Present", bmc_board, present),
	RF_FIELD(OEM "CpuLoadPercent", bmc_board, cpu_load),
	RF_FIELD(OEM "MemoryUsedBytes", bmc_board, memory_used),
	RF_FIELD(OEM "StorageUsedBytes", bmc_board, storage_used),
	RF_FIELD(OEM "SocTemperatureCelsius", bmc_board, soc_temperature),
	RF_FIELD(OEM "GpuTemperatureCelsius", bmc_board, gpu_temperature),
	RF_FIELD(OEM "PowerWatts", bmc_board, power),
	RF_FIELD(OEM "CpuRedLinePercent", bmc_board, cpu_red, .flags = RF_PATCH),
	RF_FIELD(OEM "MemoryRedLinePercent", bmc_board, memory_red, .flags = RF_PATCH),
	RF_FIELD(OEM "StorageRedLinePercent", bmc_board, storage_red, .flags = RF_PATCH),
	RF_FIELD(OEM "TemperatureRedLineCelsius", bmc_board, temperature_red, .flags = RF_PATCH),
	RF_FIELD(OEM "AlarmAfterSeconds", bmc_board, alarm_after, .flags = RF_PATCH),
	RF_FIELD(OEM "AlarmClearAfterSeconds", bmc_board, alarm_clear_after, .flags = RF_PATCH),
	RF_FIELD(OEM "CpuAlarm", bmc_board, cpu_alarm),
	RF_FIELD(OEM "MemoryAlarm", bmc_board, memory_alarm),
	RF_FIELD(OEM "StorageAlarm", bmc_board, storage_alarm),
	RF_FIELD(OEM "TemperatureAlarm", bmc_board, temperature_alarm),
	RF_FN(OEM "ShellUri", shell, .flags = RF_STRING, .text = "Where a WebSocket opens the board's shell, for the role Administrator; null: no board is there, or the platform file says of no plugin that it opens one. clusterbmc's doc/shell.md has the messages."),
	RF_FIELD(OEM "BootCount", bmc_board, boot_count),
	RF_FIELD(OEM "BootTarget", bmc_board, boot_target, .names = rf_mode_names, .flags = RF_PATCH, .set = rf_boot_set_mode),
	RF_FN("Actions/Oem/#ClusterBmcComputerSystem.EnterMode", rf_enter_mode_action),
	RF_FN("Actions/Oem/#ClusterBmcComputerSystem.ResetUsbPort", rf_hub_reset_action),
	RF_FN("Actions/Oem/#ClusterBmcComputerSystem.Recover", rf_recover_action),
	RF_FIELD(OEM "LastAction", bmc_board, action),
	RF_FIELD(OEM "LastActionState", bmc_board, action_state),
	RF_FIELD(OEM "LastActionTask", bmc_board, task),
	RF_FIELD(OEM "LastActionError", bmc_board, action_error),
	{ .path = NULL },
};

static const struct rf_action actions[] = {
	{ "ComputerSystem.Reset", rf_reset_params, rf_run_reset, rf_allowed_row },
	{ RF_ENTER_MODE, rf_enter_mode_params, rf_enter_mode, rf_enter_mode_shown },
	{ RF_HUB_RESET, rf_repair_params, rf_hub_reset, rf_enter_mode_shown },
	{ RF_RECOVER, rf_repair_params, rf_recover, rf_enter_mode_shown },
	{ .name = NULL },
};
/* clang-format on */

const struct rf_resource rf_systems = {
	.uri = "/redfish/v1/Systems",
	.type = "ComputerSystemCollection.ComputerSystemCollection",
	.name = "Boards as computer systems",
	.members = RF_TO(&rf_system),
};

const struct rf_resource rf_system = {
	.uri = "/redfish/v1/Systems/{board}",
	.type = "ComputerSystem.v1_27_0.ComputerSystem",
	.props = props,
	.actions = actions,
};

// SPDX-License-Identifier: Apache-2.0
// All resources, in the order in which a URI is looked up: what is asked for most
// first.
#include "redfish/list.h"

/* clang-format off */
const struct rf_resource *const rf_resources[] = {
	&rf_root, &rf_versions, &rf_odata, &rf_metadata,
	&rf_systems, &rf_system, &rf_system_reset_info, &rf_processors, &rf_processor,
	&rf_memories, &rf_memory, &rf_simple_storages, &rf_simple_storage, &rf_storages,
	&rf_storage, &rf_system_nics, &rf_board_nic, &rf_system_nic,
	&rf_chassis, &rf_enclosure, &rf_blade, &rf_card, &rf_enclosure_reset_info,
	&rf_blade_reset_info, &rf_enclosure_metrics, &rf_blade_metrics, &rf_card_metrics,
	&rf_thermal_subsystem, &rf_fans, &rf_fan, &rf_power_subsystem, &rf_psus, &rf_psu,
	&rf_psu_metrics, &rf_thermal, &rf_power, &rf_sensors, &rf_sensor, &rf_drives, &rf_drive,
	&rf_managers, &rf_manager, &rf_manager_reset_info, &rf_protocols, &rf_manager_nics,
	&rf_manager_nic, &rf_logs, &rf_log, &rf_entries, &rf_entry,
	&rf_session_service, &rf_sessions, &rf_session,
	&rf_account_service, &rf_accounts, &rf_account, &rf_roles, &rf_role,
	&rf_task_service, &rf_tasks, &rf_task, &rf_subtasks, &rf_subtask, &rf_monitor,
	&rf_update_service, &rf_inventory, &rf_firmware,
	&rf_aggregation, &rf_aggregation_reset_info,
	&rf_registries, &rf_base_registry, &rf_own_registry, &rf_own_messages,
	&rf_json_schemas, &rf_json_schema, &rf_oem_file,
	NULL,
};
/* clang-format on */

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/action.h"
#include "redfish/resource.h"

/* Every resource by name, so that they can link to each other. list.c has them in the
 * order in which a URI is looked up. */

extern const struct rf_resource rf_root, rf_versions, rf_odata, rf_metadata;
extern const struct rf_resource rf_systems, rf_system, rf_system_reset_info;
extern const struct rf_resource rf_processors, rf_processor, rf_memories, rf_memory;
extern const struct rf_resource rf_simple_storages, rf_simple_storage, rf_storages,
	rf_storage;
extern const struct rf_resource rf_system_nics, rf_system_nic, rf_board_nic;
extern const struct rf_resource rf_chassis, rf_enclosure, rf_blade, rf_card;
extern const struct rf_resource rf_enclosure_reset_info, rf_blade_reset_info;
extern const struct rf_resource rf_enclosure_metrics, rf_blade_metrics, rf_card_metrics;
extern const struct rf_resource rf_thermal_subsystem, rf_fans, rf_fan;
extern const struct rf_resource rf_power_subsystem, rf_psus, rf_psu, rf_psu_metrics;
extern const struct rf_resource rf_thermal, rf_power;
extern const struct rf_resource rf_sensors, rf_sensor, rf_drives, rf_drive;
extern const struct rf_resource rf_managers, rf_manager, rf_manager_reset_info;
extern const struct rf_resource rf_protocols, rf_manager_nics, rf_manager_nic;
extern const struct rf_resource rf_logs, rf_log, rf_entries, rf_entry;
extern const struct rf_resource rf_session_service, rf_sessions, rf_session;
extern const struct rf_resource rf_account_service, rf_accounts, rf_account, rf_roles,
	rf_role;
extern const struct rf_resource rf_task_service, rf_tasks, rf_task, rf_subtasks,
	rf_subtask, rf_monitor;
extern const struct rf_resource rf_update_service, rf_inventory, rf_firmware;
extern const struct rf_resource rf_aggregation, rf_aggregation_reset_info;
extern const struct rf_resource rf_registries, rf_base_registry, rf_own_registry,
	rf_own_messages;
extern const struct rf_resource rf_json_schemas, rf_json_schema, rf_oem_file;

/** The manager's DateTime and DateTimeLocalOffset; in clock.c. */
json_t *rf_clock_value(struct rf_render *r);
json_t *rf_clock_offset(struct rf_render *r);
int rf_clock_set(struct rf_request *q, const json_t *value, struct bmc_action *act);

/** BootProgress.LastState of a board; in boot.c. */
json_t *rf_boot_state(struct rf_render *r);

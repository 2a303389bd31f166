// SPDX-License-Identifier: Apache-2.0
/* The list of all tables; apart from what uses it, so that a test can have its own. */
#include "snmp/table.h"

/* clang-format off */
const struct sn_table *const sn_tables[] = {
	&sn_system_table, &sn_blade_table, &sn_board_table, &sn_fan_table, &sn_psu_table,
	&sn_disk_table, &sn_sensor_table, &sn_nic_table, &sn_firmware_table, &sn_job_table, &sn_job_result_table,
	&sn_event_table, &sn_manager_table, &sn_condition_table,
	&sn_image_table,
	&sn_system_group,
	&sn_if_table, &sn_ip_address_table, &sn_ifx_table,
	&sn_entity_table, &sn_entity_alias_table, &sn_entity_contains_table,
	&sn_entity_general, &sn_entity_sensor_table, &sn_entity_state_table,
	&sn_if_number, &sn_if_changed, &sn_if_stack_changed, &sn_if_stack_table,
	&sn_hr_system, &sn_hr_memory, &sn_hr_storage_table, &sn_hr_device_table,
	&sn_hr_processor_table, &sn_hr_network_table, &sn_hr_disk_table,
	&sn_nlm_limit, &sn_nlm_age, &sn_nlm_config_table, &sn_nlm_logged, &sn_nlm_bumped,
	&sn_nlm_stats_table, &sn_nlm_log_table, &sn_nlm_variable_table,
	&sn_target_addr_table, &sn_target_params_table, &sn_notify_table, &sn_community_table,
	&sn_auth_traps,
	&sn_alarm_models_changed, &sn_alarm_model_table, &sn_alarm_changed,
	&sn_alarm_active_table, &sn_alarm_stats_table, &sn_alarm_overflow,
	&sn_alarm_clear_maximum, &sn_alarm_clear_table,
	&sn_energy_notifies, &sn_energy_meter_table, &sn_energy_power_table,
	NULL, /* on its own line: lines that are added are merged */
};
/* clang-format on */

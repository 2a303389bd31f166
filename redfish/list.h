// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/action.h"
#include "redfish/resource.h"

/* Every resource by name, so that they can link to each other. list.c has them in the
 * order in which a URI is looked up. */

extern const struct rf_resource rf_root;
extern const struct rf_resource rf_versions;
extern const struct rf_resource rf_odata;
extern const struct rf_resource rf_metadata;
extern const struct rf_resource rf_openapi;
extern const struct rf_resource rf_systems;
extern const struct rf_resource rf_system;
extern const struct rf_resource rf_system_reset_info;
extern const struct rf_resource rf_enter_mode_info;
extern const struct rf_resource rf_processors;
extern const struct rf_resource rf_processor;
extern const struct rf_resource rf_memories;
extern const struct rf_resource rf_memory;
extern const struct rf_resource rf_simple_storages;
extern const struct rf_resource rf_simple_storage;
extern const struct rf_resource rf_storages;
extern const struct rf_resource rf_storage;
extern const struct rf_resource rf_controllers;
extern const struct rf_resource rf_disk_controller;
extern const struct rf_resource rf_volumes;
extern const struct rf_resource rf_emmc;
extern const struct rf_resource rf_emmc_controllers;
extern const struct rf_resource rf_emmc_controller;
extern const struct rf_resource rf_emmc_volumes;
extern const struct rf_resource rf_emmc_drive;
extern const struct rf_resource rf_system_logs;
extern const struct rf_resource rf_system_log;
extern const struct rf_resource rf_system_entries;
extern const struct rf_resource rf_system_entry;
extern const struct rf_resource rf_system_nics;
extern const struct rf_resource rf_system_nic;
extern const struct rf_resource rf_board_nic;
extern const struct rf_resource rf_chassis;
extern const struct rf_resource rf_enclosure;
extern const struct rf_resource rf_blade;
extern const struct rf_resource rf_card;
extern const struct rf_resource rf_enclosure_reset_info;
extern const struct rf_resource rf_blade_reset_info;
extern const struct rf_resource rf_enclosure_metrics;
extern const struct rf_resource rf_blade_metrics;
extern const struct rf_resource rf_card_metrics;
extern const struct rf_resource rf_thermal_subsystem;
extern const struct rf_resource rf_fans;
extern const struct rf_resource rf_fan;
extern const struct rf_resource rf_thermal_metrics;
extern const struct rf_resource rf_power_subsystem;
extern const struct rf_resource rf_psus;
extern const struct rf_resource rf_psu;
extern const struct rf_resource rf_psu_metrics;
extern const struct rf_resource rf_thermal;
extern const struct rf_resource rf_power;
extern const struct rf_resource rf_adapters;
extern const struct rf_resource rf_adapter;
extern const struct rf_resource rf_ports;
extern const struct rf_resource rf_port;
extern const struct rf_resource rf_port_metrics;
extern const struct rf_resource rf_sensors;
extern const struct rf_resource rf_sensor;
extern const struct rf_resource rf_enclosure_power;
extern const struct rf_resource rf_blade_power;
extern const struct rf_resource rf_board_power;
extern const struct rf_resource rf_soc_temperature;
extern const struct rf_resource rf_gpu_temperature;
extern const struct rf_resource rf_fan_speed;
extern const struct rf_resource rf_fan_rpm;
extern const struct rf_resource rf_psu_input_power;
extern const struct rf_resource rf_psu_output_power;
extern const struct rf_resource rf_psu_input_voltage;
extern const struct rf_resource rf_psu_output_voltage;
extern const struct rf_resource rf_psu_output_current;
extern const struct rf_resource rf_psu_temperature;
extern const struct rf_resource rf_controls;
extern const struct rf_resource rf_fan_control;
extern const struct rf_resource rf_drives;
extern const struct rf_resource rf_drive;
extern const struct rf_resource rf_managers;
extern const struct rf_resource rf_manager;
extern const struct rf_resource rf_manager_reset_info;
extern const struct rf_resource rf_protocols;
extern const struct rf_resource rf_neighbours;
extern const struct rf_resource rf_certificates;
extern const struct rf_resource rf_certificate;
extern const struct rf_resource rf_client_cas;
extern const struct rf_resource rf_client_ca;
extern const struct rf_resource rf_account_certificates;
extern const struct rf_resource rf_account_certificate;
extern const struct rf_resource rf_certificate_service;
extern const struct rf_resource rf_certificate_locations;
extern const struct rf_resource rf_telemetry;
extern const struct rf_resource rf_metric_definitions;
extern const struct rf_resource rf_metric_definition;
extern const struct rf_resource rf_report_definitions;
extern const struct rf_resource rf_report_definition;
extern const struct rf_resource rf_reports;
extern const struct rf_resource rf_report;
extern const struct rf_resource rf_history_report;
extern const struct rf_resource rf_triggers;
extern const struct rf_resource rf_trigger;
extern const struct rf_resource rf_manager_nics;
extern const struct rf_resource rf_manager_nic;
extern const struct rf_resource rf_logs;
extern const struct rf_resource rf_log;
extern const struct rf_resource rf_entries;
extern const struct rf_resource rf_entry;
extern const struct rf_resource rf_audit_log;
extern const struct rf_resource rf_audit_entries;
extern const struct rf_resource rf_audit_entry;
extern const struct rf_resource rf_journal;
extern const struct rf_resource rf_journal_entries;
extern const struct rf_resource rf_journal_entry;
extern const struct rf_resource rf_session_service;
extern const struct rf_resource rf_sessions;
extern const struct rf_resource rf_session;
extern const struct rf_resource rf_account_service;
extern const struct rf_resource rf_privilege_map;
extern const struct rf_resource rf_accounts;
extern const struct rf_resource rf_account;
extern const struct rf_resource rf_roles;
extern const struct rf_resource rf_role;
extern const struct rf_resource rf_event_service;
extern const struct rf_resource rf_event_stream;
extern const struct rf_resource rf_subscriptions;
extern const struct rf_resource rf_subscription;
extern const struct rf_resource rf_task_service;
extern const struct rf_resource rf_tasks;
extern const struct rf_resource rf_task;
extern const struct rf_resource rf_subtasks;
extern const struct rf_resource rf_subtask;
extern const struct rf_resource rf_monitor;
extern const struct rf_resource rf_update_service;
extern const struct rf_resource rf_simple_update_action_info;
extern const struct rf_resource rf_inventory;
extern const struct rf_resource rf_firmware;
extern const struct rf_resource rf_software_inventory;
extern const struct rf_resource rf_agent_software;
extern const struct rf_resource rf_image_store;
extern const struct rf_resource rf_stored_image;
extern const struct rf_resource rf_aggregation;
extern const struct rf_resource rf_aggregation_reset_info;
extern const struct rf_resource rf_aggregates;
extern const struct rf_resource rf_aggregate;
extern const struct rf_resource rf_aggregate_reset_info;
extern const struct rf_resource rf_registries;
extern const struct rf_resource rf_registry;
extern const struct rf_resource rf_own_messages;
extern const struct rf_resource rf_json_schemas;
extern const struct rf_resource rf_json_schema;
extern const struct rf_resource rf_oem_file;

/** The manager's DateTime and DateTimeLocalOffset; in clock.c. */
json_t *rf_clock_value(struct rf_render *r);
json_t *rf_clock_offset(struct rf_render *r);
int rf_clock_set(struct rf_request *q, const json_t *value, struct bmc_action *act);
/** RFC 3339's date-time; fractions of a second are dropped. In milliseconds since 1970;
 * false: it is none. */
bool rf_read_time(const char *at, int64_t *ret);

/** NetworkProtocol's NTP; in ntp.c. */
json_t *rf_ntp_value(struct rf_render *r);
int rf_ntp_set(struct rf_request *q, const json_t *value, struct bmc_action *act);
/* Of a board's network interface: resources/static-address.c. */
json_t *rf_static_address_value(struct rf_render *r);
int rf_static_address_set(struct rf_request *q, const json_t *value,
			  struct bmc_action *act);

/** The properties of an entry of the event log; in logs.c. */
extern const struct rf_prop rf_entry_props[];

/** PhysicalContext of a sensor; in sensors.c. */
json_t *rf_sensor_context(struct rf_render *r);
/** PowerCapacityWatts of a chassis: the sum of its power supplies'; in psus.c. */
json_t *rf_power_capacity(struct rf_render *r);

/** BootProgress' LastState and OemLastState of a board; in boot.c. */
json_t *rf_boot_state(struct rf_render *r);
json_t *rf_boot_oem_state(struct rf_render *r);

/** Boot of a system; in boot-override.c. rf_boot_words: those of `names` that a mask of
 * 1 << enum bmc_boot_target has, a new array. */
#define RF_BOOT_FIRMWARE "UEFI"
extern const struct bmc_name rf_boot_names[], rf_mode_names[];
uint32_t rf_boot_allowed(const struct bmc_row *row);
json_t *rf_boot_words(const struct bmc_name *names, uint32_t allowed);
json_t *rf_boot_targets(struct rf_render *r);
json_t *rf_boot_switches(struct rf_render *r);
int rf_boot_set_target(struct rf_request *q, const json_t *value,
		       struct bmc_action *act);
int rf_boot_set_mode(struct rf_request *q, const json_t *value, struct bmc_action *act);
int rf_boot_set_enabled(struct rf_request *q, const json_t *value,
			struct bmc_action *act);
int rf_boot_set_firmware(struct rf_request *q, const json_t *value,
			 struct bmc_action *act);

/** The action that restarts a board into a mode; in enter-mode.c. */
#define RF_HUB_RESET "Oem/ClusterBmcComputerSystem.ResetUsbPort"
#define RF_RECOVER   "Oem/ClusterBmcComputerSystem.Recover"
extern const struct rf_param rf_repair_params[];
json_t *rf_hub_reset_action(struct rf_render *r);
json_t *rf_recover_action(struct rf_render *r);
int rf_hub_reset(struct rf_request *q, const json_t *const *args);
int rf_recover(struct rf_request *q, const json_t *const *args);
#define RF_ENTER_MODE "Oem/ClusterBmcComputerSystem.EnterMode"
extern const struct rf_param rf_enter_mode_params[];
json_t *rf_enter_mode_action(struct rf_render *r);
int rf_enter_mode(struct rf_request *q, const json_t *const *args);
uint32_t rf_enter_mode_shown(struct rf_view *v, const struct bmc_row *row);

// SPDX-License-Identifier: Apache-2.0
/* The list of all tables; apart from what uses it, so that a test can have its own. */
#include "snmp/table.h"

/* clang-format off */
const struct sn_table *const sn_tables[] = {
	&sn_system_table, &sn_blade_table, &sn_board_table, &sn_fan_table, &sn_psu_table,
	&sn_disk_table, &sn_sensor_table, &sn_nic_table, &sn_firmware_table, &sn_job_table,
	&sn_event_table, &sn_manager_table, &sn_condition_table,
	&sn_if_table, &sn_ip_address_table, &sn_ifx_table, NULL,
};
/* clang-format on */

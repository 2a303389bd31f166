// SPDX-License-Identifier: Apache-2.0
// The metrics that are a field of a kind's rows each. Unit and sentence are the
// field's: a name ends with the unit's suffix (text.c), which a test checks.
#include "metrics/render.h"

/* clang-format off */
#define ROW(t, word, k, st, member, ...) \
	{ .name = "clusterbmc_" word, .type = (t), .kind = (k), .offset = offsetof(struct st, member), __VA_ARGS__ }
#define CHASSIS(t, word, member, ...) ROW(t, "chassis_" word, BMC_CHASSIS, bmc_chassis, member, .label = "chassis", __VA_ARGS__)
#define BLADE(t, word, member, ...) ROW(t, "blade_" word, BMC_BLADE, bmc_blade, member, .label = "blade", __VA_ARGS__)
#define BOARD(t, word, member, ...) ROW(t, "board_" word, BMC_BOARD, bmc_board, member, .label = "board", __VA_ARGS__)
#define FAN(t, word, member, ...) ROW(t, "fan_" word, BMC_FAN, bmc_fan, member, .label = "fan", __VA_ARGS__)
#define PSU(t, word, member, ...) ROW(t, "psu_" word, BMC_PSU, bmc_psu, member, .label = "psu", __VA_ARGS__)
#define DISK(t, word, member, ...) ROW(t, "disk_" word, BMC_DISK, bmc_disk, member, .label = "disk", __VA_ARGS__)
#define NIC(t, word, member, ...) ROW(t, "nic_" word, BMC_NIC, bmc_nic, member, .label = "nic", __VA_ARGS__)
#define SENSOR(word, what) ROW(MX_GAUGE, "sensor_" word, BMC_SENSOR, bmc_sensor, value, .label = "sensor", .sensor = (what))

const struct mx_metric mx_clean[] = {
	CHASSIS(MX_GAUGE, "health", row.health, .state = "health"),
	CHASSIS(MX_GAUGE, "power_watts", power),
	CHASSIS(MX_GAUGE, "power_redundancy", redundancy, .state = "redundancy"),
	CHASSIS(MX_GAUGE, "fan_redundancy", fan_redundancy, .state = "redundancy"),
	CHASSIS(MX_GAUGE, "network_redundancy", network_redundancy, .state = "redundancy"),
	CHASSIS(MX_GAUGE, "boards_present", boards_present),
	CHASSIS(MX_GAUGE, "boards_on", boards_on),
	BLADE(MX_GAUGE, "health", row.health, .state = "health"),
	BLADE(MX_GAUGE, "present", present),
	BLADE(MX_GAUGE, "power_watts", power),
	BLADE(MX_GAUGE, "boards_present", boards_present),
	BLADE(MX_GAUGE, "boards_on", boards_on),
	BOARD(MX_GAUGE, "health", row.health, .state = "health"),
	BOARD(MX_GAUGE, "state", state, .state = "state"),
	BOARD(MX_GAUGE, "power_state", power_state, .state = "state"),
	BOARD(MX_GAUGE, "present", present),
	BOARD(MX_GAUGE, "cpu_cores", cpu_cores),
	BOARD(MX_GAUGE, "cpu_frequency_hertz", cpu_mhz),
	BOARD(MX_GAUGE, "cpu_load_ratio", cpu_load),
	BOARD(MX_GAUGE, "memory_size_bytes", memory_bytes),
	BOARD(MX_GAUGE, "memory_used_bytes", memory_used),
	BOARD(MX_GAUGE, "storage_size_bytes", storage_bytes),
	BOARD(MX_GAUGE, "storage_used_bytes", storage_used),
	BOARD(MX_GAUGE, "soc_temperature_celsius", soc_temperature),
	BOARD(MX_GAUGE, "gpu_temperature_celsius", gpu_temperature),
	BOARD(MX_GAUGE, "power_watts", power),
	BOARD(MX_GAUGE, "boot_time_seconds", boot_time),
	BOARD(MX_COUNTER, "boots_total", boot_count),
	BOARD(MX_GAUGE, "cpu_red_ratio", cpu_red),
	BOARD(MX_GAUGE, "memory_red_ratio", memory_red),
	BOARD(MX_GAUGE, "storage_red_ratio", storage_red),
	BOARD(MX_GAUGE, "temperature_red_celsius", temperature_red),
	BOARD(MX_GAUGE, "cpu_alarm", cpu_alarm),
	BOARD(MX_GAUGE, "memory_alarm", memory_alarm),
	BOARD(MX_GAUGE, "storage_alarm", storage_alarm),
	BOARD(MX_GAUGE, "temperature_alarm", temperature_alarm),
	FAN(MX_GAUGE, "health", row.health, .state = "health"),
	FAN(MX_GAUGE, "present", present),
	FAN(MX_GAUGE, "speed_rpm", rpm),
	FAN(MX_GAUGE, "duty_ratio", duty),
	PSU(MX_GAUGE, "health", row.health, .state = "health"),
	PSU(MX_GAUGE, "present", present),
	PSU(MX_GAUGE, "input_ok", input_ok),
	PSU(MX_GAUGE, "output_ok", output_ok),
	PSU(MX_GAUGE, "input_volts", input_voltage),
	PSU(MX_GAUGE, "output_volts", output_voltage),
	PSU(MX_GAUGE, "output_amperes", output_current),
	PSU(MX_GAUGE, "input_watts", input_power),
	PSU(MX_GAUGE, "output_watts", output_power),
	PSU(MX_GAUGE, "capacity_watts", capacity),
	PSU(MX_COUNTER, "energy_joules_total", energy),
	PSU(MX_GAUGE, "temperature_celsius", temperature),
	DISK(MX_GAUGE, "health", row.health, .state = "health"),
	DISK(MX_GAUGE, "present", present),
	DISK(MX_GAUGE, "size_bytes", bytes),
	DISK(MX_GAUGE, "used_bytes", used_bytes),
	DISK(MX_GAUGE, "temperature_celsius", temperature),
	DISK(MX_COUNTER, "powered_seconds_total", hours),
	DISK(MX_GAUGE, "rotation_rpm", rotation_rpm),
	DISK(MX_GAUGE, "failure_predicted", failure_predicted),
	NIC(MX_GAUGE, "link", link, .state = "state"),
	NIC(MX_GAUGE, "speed_bytes_per_second", speed),
	NIC(MX_COUNTER, "receive_bytes_total", rx_bytes),
	NIC(MX_COUNTER, "transmit_bytes_total", tx_bytes),
	NIC(MX_COUNTER, "receive_packets_total", rx_packets),
	NIC(MX_COUNTER, "transmit_packets_total", tx_packets),
	NIC(MX_COUNTER, "receive_errors_total", rx_errors),
	NIC(MX_COUNTER, "transmit_errors_total", tx_errors),
	ROW(MX_GAUGE, "sensor_health", BMC_SENSOR, bmc_sensor, row.health, .label = "sensor", .state = "health"),
	SENSOR("temperature_celsius", BMC_SENSOR_TEMPERATURE),
	SENSOR("voltage_volts", BMC_SENSOR_VOLTAGE),
	SENSOR("current_amperes", BMC_SENSOR_CURRENT),
	SENSOR("power_watts", BMC_SENSOR_POWER),
	SENSOR("speed_rpm", BMC_SENSOR_FAN_SPEED),
	SENSOR("level_ratio", BMC_SENSOR_PERCENT),
	SENSOR("humidity_ratio", BMC_SENSOR_HUMIDITY),
	{ .name = NULL },
};
/* clang-format on */

// SPDX-License-Identifier: Apache-2.0
/* What resources of hardware show of what sources say: words that are Redfish's own,
 * and what is made of several values. */
#include "redfish-fixture.h"

#include "core/events/event.h"
#include "core/model/field.h"

static struct bmc_source *source;

static void put(enum bmc_kind kind, const char *id, const char *parent,
		const char *field, int64_t num, const char *text)
{
	const struct bmc_field *f = bmc_field_find(kind, field);
	enum bmc_kind above =
		parent && strcmp(parent, "enclosure") == 0 ? BMC_CHASSIS : BMC_BOARD;

	assert_non_null(f);
	const struct bmc_value v = { .offset = f->offset, .num = num, .text = text };
	assert_int_equal(bmc_inventory_put(source, kind, id, above, parent, &v, 1), 0);
	bmc_inventory_publish();
}

/* What stands at `path`: a text, a number as text, "null", or "-": nothing. */
static const char *shown(const char *uri, const char *path)
{
	static char text[256];
	json_t *body = rf_get(uri), *v = rf_at(body, path);

	if (!v)
		(void)snprintf(text, sizeof(text), "-");
	else if (json_is_string(v))
		(void)snprintf(text, sizeof(text), "%s", json_string_value(v));
	else {
		char *dump = json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(10));
		(void)snprintf(text, sizeof(text), "%s", dump);
		free(dump);
	}
	json_decref(body);
	return text;
}

/* The fixture's platform ends with its power supplies. */
static int set_up(void **state)
{
	static char platform[8192];

	(void)snprintf(platform, sizeof(platform), "%s  - {id: psu2}\n",
		       fixture_platform);
	fixture_platform = platform;
	assert_int_equal(rf_fixture_set_up(state), 0);
	source = bmc_source_new("test", 0, 0);
	return 0;
}

static int tear_down(void **state)
{
	source = bmc_source_free(source);
	return rf_fixture_tear_down(state);
}

#define BOARD "/redfish/v1/Systems/sub1-01"

static void architectures_are_redfishs(void **state)
{
	static const char *const all[][3] = {
		{ "aarch64", "ARM", "ARM-A64" }, { "armv7l", "ARM", "ARM-A32" },
		{ "x86_64", "x86", "x86-64" },   { "i686", "x86", "x86" },
		{ "riscv64", "RISC-V", "RV64" }, { "s390x", "null", "null" },
	};

	(void)state;
	put(BMC_BOARD, "sub1-01", NULL, "cpu_cores", 6, NULL);
	put(BMC_BOARD, "sub1-01", NULL, "cpu_threads", 12, NULL);
	assert_string_equal(shown(BOARD, "ProcessorSummary/Count"), "1");
	assert_string_equal(shown(BOARD, "ProcessorSummary/LogicalProcessorCount"),
			    "12");
	assert_string_equal(shown(BOARD "/Processors/cpu", "InstructionSet"), "null");
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		put(BMC_BOARD, "sub1-01", NULL, "architecture", 0, all[i][0]);
		assert_string_equal(
			shown(BOARD "/Processors/cpu", "ProcessorArchitecture"),
			all[i][1]);
		assert_string_equal(shown(BOARD "/Processors/cpu", "InstructionSet"),
				    all[i][2]);
	}
	assert_string_equal(
		shown("/redfish/v1/Systems/sub1-02", "ProcessorSummary/Count"), "null");
}

static void what_starts_a_board_is_its_bios(void **state)
{
	(void)state;
	assert_string_equal(shown(BOARD, "BiosVersion"), "null");
	put(BMC_FIRMWARE, "sub1-01-os", "sub1-01", "version", 0, "Android 10");
	assert_string_equal(shown(BOARD, "BiosVersion"), "null");
	put(BMC_FIRMWARE, "sub1-01-loader", "sub1-01", "version", 0, "1.26");
	assert_string_equal(shown(BOARD, "BiosVersion"), "1.26");
	put(BMC_FIRMWARE, "sub1-01-loader", "sub1-01", "version", 0, "1.27");
	assert_string_equal(shown(BOARD, "BiosVersion"), "1.27");
}

static void uuids_are_the_slots_and_the_managers(void **state)
{
	char one[37], other[37], text[64];

	(void)state;
	assert_true(
		bmc_uuid_of("11111111-2222-4333-8444-555555555555", "sub1-01", one));
	/* it stays what it was in earlier releases */
	assert_string_equal(one, "2757d6b4-ed74-802b-8336-6651a8646021");
	assert_int_equal(one[14], '8');           /* version */
	assert_non_null(strchr("89ab", one[19])); /* variant */
	assert_true(
		bmc_uuid_of("11111111-2222-4333-8444-555555555555", "sub1-01", other));
	assert_string_equal(one, other);
	assert_true(
		bmc_uuid_of("11111111-2222-4333-8444-555555555555", "sub1-02", other));
	assert_int_not_equal(strncmp(one, other, 18), 0); /* in both halves */
	assert_string_not_equal(one + 24, other + 24);
	assert_true(
		bmc_uuid_of("11111111-2222-4333-8444-555555555556", "sub1-01", other));
	assert_int_not_equal(strncmp(one, other, 18), 0);
	assert_string_not_equal(one + 24, other + 24);
	assert_false(bmc_uuid_of("", "sub1-01", other));
	(void)snprintf(text, sizeof(text), "%s", shown(BOARD, "UUID"));
	assert_int_equal(strlen(text), 36);
	assert_string_not_equal(text, shown("/redfish/v1/Systems/sub1-02", "UUID"));
}

#define NIC BOARD "/EthernetInterfaces/e1"

static void an_interface_tells_all_of_its_addresses(void **state)
{
	(void)state;
	put(BMC_NIC, "e1", "sub1-01", "link", BMC_LINK_UP, NULL);
	assert_string_equal(shown(NIC, "InterfaceEnabled"), "null");
	assert_string_equal(shown(NIC, "IPv4Addresses"), "[]");
	assert_string_equal(shown(NIC, "HostName"), "null");
	put(BMC_BOARD, "sub1-01", NULL, "hostname", 0, "node1");
	assert_string_equal(shown(NIC, "HostName"), "node1");
	assert_string_equal(shown(NIC, "FQDN"), "null");
	put(BMC_BOARD, "sub1-01", NULL, "hostname", 0, "node1.rack.example");
	assert_string_equal(shown(NIC, "HostName"), "node1");
	assert_string_equal(shown(NIC, "FQDN"), "node1.rack.example");
	put(BMC_NIC, "e1", "sub1-01", "enabled", 0, NULL);
	put(BMC_NIC, "e1", "sub1-01", "ipv4", 0, "10.1.2.3");
	put(BMC_NIC, "e1", "sub1-01", "ipv4_gateway", 0, "10.1.2.1");
	put(BMC_NIC, "e1", "sub1-01", "ipv6", 0, "2001:db8::5");
	put(BMC_NIC, "e1", "sub1-01", "ipv6_prefix", 64, NULL);
	put(BMC_NIC, "e1", "sub1-01", "ipv6_state", BMC_ADDRESS_DEPRECATED, NULL);
	put(BMC_NIC, "e1", "sub1-01", "ipv6_gateway", 0, "fe80::1");
	assert_string_equal(shown(NIC, "InterfaceEnabled"), "false");
	assert_string_equal(shown(NIC, "IPv4Addresses/0/Gateway"), "10.1.2.1");
	assert_string_equal(shown(NIC, "IPv4Addresses/0/AddressOrigin"), "null");
	assert_string_equal(shown(NIC, "IPv6Addresses/0/PrefixLength"), "64");
	assert_string_equal(shown(NIC, "IPv6Addresses/0/AddressState"), "Deprecated");
	assert_string_equal(shown(NIC, "IPv6DefaultGateway"), "fe80::1");
	assert_string_equal(shown(NIC, "Links/Chassis/@odata.id"),
			    "/redfish/v1/Chassis/sub1-01");
}

static void a_drive_tells_how_it_is_attached(void **state)
{
	static const char uri[] = "/redfish/v1/Chassis/main/Drives/d1";

	(void)state;
	put(BMC_DISK, "d1", "main", "protocol", BMC_PROTOCOL_NVME, NULL);
	assert_string_equal(shown(uri, "Protocol"), "NVMe");
	put(BMC_DISK, "d1", "main", "protocol", BMC_PROTOCOL_SD, NULL);
	assert_string_equal(shown(uri, "Protocol"), "OEM");
	put(BMC_DISK, "d1", "main", "protocol", BMC_PROTOCOL_UNKNOWN, NULL);
	assert_string_equal(shown(uri, "Protocol"), "null");
}

static void a_sensor_tells_what_it_measures(void **state)
{
	static const char board[] = "/redfish/v1/Chassis/sub1-01/Sensors/t1",
			  box[] = "/redfish/v1/Chassis/enclosure/Sensors/t2";

	(void)state;
	put(BMC_SENSOR, "t1", "sub1-01", "value", 20000, NULL);
	assert_string_equal(shown(board, "PhysicalContext"), "SystemBoard");
	assert_string_equal(shown(board, "RelatedItem/0/@odata.id"),
			    "/redfish/v1/Chassis/sub1-01");
	put(BMC_SENSOR, "t1", "sub1-01", "context", BMC_CONTEXT_CPU, NULL);
	assert_string_equal(shown(board, "PhysicalContext"), "CPU");
	put(BMC_SENSOR, "t2", "enclosure", "value", 20000, NULL);
	assert_string_equal(shown(box, "PhysicalContext"), "Chassis");
	put(BMC_SENSOR, "t2", "enclosure", "context", BMC_CONTEXT_INTAKE, NULL);
	assert_string_equal(shown(box, "PhysicalContext"), "Intake");
}

#define FAN     "/redfish/v1/Chassis/enclosure/ThermalSubsystem/Fans/fan1"
#define SENSORS "/redfish/v1/Chassis/enclosure/Sensors/"
#define CONTROL "/redfish/v1/Chassis/enclosure/Controls/fan1-drive"

static void excerpts_name_the_sensor_they_are_of(void **state)
{
	char uri[128];

	(void)state;
	put(BMC_FAN, "fan1", NULL, "rpm", 4000, NULL);
	put(BMC_FAN, "fan1", NULL, "duty", 52000, NULL);
	(void)snprintf(uri, sizeof(uri), "%s",
		       shown(FAN, "SpeedPercent/DataSourceUri"));
	assert_string_equal(uri, SENSORS "fan1-speed");
	assert_string_equal(shown(uri, "Reading"), shown(FAN, "SpeedPercent/Reading"));
	assert_string_equal(shown(uri, "SpeedRPM"), "4000");
	assert_string_equal(shown(uri, "RelatedItem/0/@odata.id"), FAN);
	assert_string_equal(shown(SENSORS "fan1-rpm", "Reading"), "4000");
	put(BMC_BOARD, "sub1-01", NULL, "power", 5500, NULL);
	assert_string_equal(shown("/redfish/v1/Chassis/sub1-01/EnvironmentMetrics",
				  "PowerWatts/DataSourceUri"),
			    "/redfish/v1/Chassis/sub1-01/Sensors/power");
	assert_string_equal(
		shown("/redfish/v1/Chassis/sub1-01/Sensors/power", "Reading"), "5.5");
	/* of what has the reading, and of nothing else */
	assert_int_equal(rf_status("GET", SENSORS "fan99-speed", NULL), 404);
	assert_int_equal(rf_status("GET", SENSORS "fan1", NULL), 404);
	assert_int_equal(rf_status("GET", SENSORS "-speed", NULL), 404);
	assert_int_equal(rf_status("GET", SENSORS "fan1-speedy", NULL), 404);
	assert_int_equal(rf_status("GET",
				   "/redfish/v1/Chassis/sub1-01/Sensors/fan1-speed",
				   NULL),
			 404);
}

static void a_fan_is_driven_by_its_control(void **state)
{
	(void)state;
	assert_string_equal(shown(CONTROL, "Sensor/DataSourceUri"),
			    SENSORS "fan1-speed");
	assert_int_equal(rf_status("PATCH", CONTROL, "{\"SetPoint\":101}"), 400);
	assert_int_equal(rf_status("PATCH", CONTROL, "{\"SetPoint\":-1}"), 400);
	assert_int_equal(rf_status("PATCH", CONTROL, "{\"ControlMode\":\"Override\"}"),
			 400);
	assert_int_equal(rf_status("PATCH", CONTROL,
				   "{\"ControlMode\":\"Manual\",\"SetPoint\":75}"),
			 200);
	fixture_pass(200);
	assert_int_equal(fixture->duty, 75000);
}

#define POWER "/redfish/v1/Chassis/enclosure/PowerSubsystem"

static void supplies_back_each_other(void **state)
{
	static const char *const ids[] = { "psu1", "psu2" };

	(void)state;
	assert_string_equal(shown(POWER, "CapacityWatts"), "null");
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		put(BMC_PSU, ids[i], "enclosure", "present", 1, NULL);
		put(BMC_PSU, ids[i], "enclosure", "input_ok", 1, NULL);
		put(BMC_PSU, ids[i], "enclosure", "capacity", 300000, NULL);
	}
	assert_string_equal(shown(POWER, "CapacityWatts"), "600.0");
	assert_string_equal(shown(POWER, "PowerSupplyRedundancy/0/MinNeededInGroup"),
			    "1");
	assert_string_equal(shown(POWER, "PowerSupplyRedundancy/0/Status/Health"),
			    "OK");
	put(BMC_PSU, "psu2", "enclosure", "input_ok", 0, NULL);
	assert_string_equal(shown(POWER, "PowerSupplyRedundancy/0/Status/Health"),
			    "Warning");
	/* what is pulled gives nothing */
	put(BMC_PSU, "psu2", "enclosure", "present", 0, NULL);
	assert_string_equal(shown(POWER, "CapacityWatts"), "300.0");
	assert_string_equal(shown("/redfish/v1/Chassis/enclosure/Power",
				  "PowerControl/0/PowerCapacityWatts"),
			    "300.0");
}

static void built_in_storage_is_shown_both_ways(void **state)
{
	static const char drive[] = "/redfish/v1/Chassis/sub1-02/Drives/emmc",
			  storage[] = "/redfish/v1/Systems/sub1-02/Storage/emmc";

	(void)state;
	assert_int_equal(rf_status("GET", storage, NULL), 404);
	put(BMC_BOARD, "sub1-02", NULL, "storage_bytes", 32000000000, NULL);
	assert_string_equal(shown(storage, "Drives/0/@odata.id"), drive);
	assert_string_equal(shown(drive, "Links/Storage/@odata.id"), storage);
	assert_string_equal(shown(drive, "CapacityBytes"), "32000000000");
	assert_string_equal(shown("/redfish/v1/Systems/sub1-02/SimpleStorage/emmc",
				  "Links/Storage/@odata.id"),
			    storage);
	assert_int_equal(
		rf_status("GET", "/redfish/v1/Chassis/sub1-04/Drives/emmc", NULL), 404);
}

static size_t count(const char *uri)
{
	json_t *body = rf_get(uri);
	size_t n = json_array_size(rf_at(body, "Members"));

	json_decref(body);
	return n;
}

#define LOG(of) "/redfish/v1/Systems/" of "/LogServices/Events/Entries"

static void a_system_logs_what_concerns_it(void **state)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	uint32_t board = bmc_snapshot_find(s, BMC_BOARD, "sub1-03")->handle,
		 nic = bmc_snapshot_find(s, BMC_NIC, "e1")->handle;
	size_t other = count(LOG("sub1-02")), third = count(LOG("sub1-03")),
	       first = count(LOG("sub1-01"));

	(void)state;
	bmc_event_raise("TestEvent", board, "sub1-03", NULL, NULL);
	bmc_event_raise("TestEvent", nic, "e1", NULL, NULL); /* a part of sub1-01 */
	bmc_event_raise("TestEvent", 0, NULL, NULL, NULL);
	fixture_pass(50);
	assert_int_equal(count(LOG("sub1-02")), other);
	assert_int_equal(count(LOG("sub1-03")), third + 1);
	assert_int_equal(count(LOG("sub1-01")), first + 1);
	char path[32];
	(void)snprintf(path, sizeof(path), "Members/%zu/@odata.id", third);
	char uri[256];
	(void)snprintf(uri, sizeof(uri), "%s", shown(LOG("sub1-03"), path));
	assert_string_equal(shown(uri, "MessageId"), "ClusterBmc.1.0.TestEvent");
	/* not under another system */
	char *id = strstr(uri, "sub1-03");
	memcpy(id, "sub1-02", 7);
	assert_int_equal(rf_status("GET", uri, NULL), 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(architectures_are_redfishs),
		cmocka_unit_test(what_starts_a_board_is_its_bios),
		cmocka_unit_test(uuids_are_the_slots_and_the_managers),
		cmocka_unit_test(an_interface_tells_all_of_its_addresses),
		cmocka_unit_test(a_drive_tells_how_it_is_attached),
		cmocka_unit_test(a_sensor_tells_what_it_measures),
		cmocka_unit_test(excerpts_name_the_sensor_they_are_of),
		cmocka_unit_test(a_fan_is_driven_by_its_control),
		cmocka_unit_test(supplies_back_each_other),
		cmocka_unit_test(built_in_storage_is_shown_both_ways),
		cmocka_unit_test(a_system_logs_what_concerns_it),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

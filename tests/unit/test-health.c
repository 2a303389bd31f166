// SPDX-License-Identifier: Apache-2.0
/* No health without a reason: each way in which a part becomes Warning or Critical has
 * a condition, an event and a notification, and each end of it an event and its
 * notification. And what a group of parts makes of its failed ones. */
#include "core-fixture.h"
#include "snmp/notifier.h"

/* One way: `field` of a part becomes `bad`, then `good` again. */
static const struct way {
	enum bmc_kind kind;
	const char *id, *field;
	int64_t good, bad;
	uint16_t health;           /* of the row itself or of what it is made of */
	const char *begun, *ended; /* types of the events                       */
} ways[] = {
	{ BMC_SENSOR, "temp1", "value", 20000, 81000, BMC_WARNING, "SensorAboveLimit",
	  "SensorLimitCleared" },
	{ BMC_SENSOR, "temp1", "value", 20000, 91000, BMC_CRITICAL, "SensorAboveLimit",
	  "SensorLimitCleared" },
	{ BMC_SENSOR, "cold", "value", 20000, 4000, BMC_WARNING, "SensorBelowLimit",
	  "SensorLimitCleared" },
	{ BMC_SENSOR, "cold", "value", 20000, -4000, BMC_CRITICAL, "SensorBelowLimit",
	  "SensorLimitCleared" },
	{ BMC_FAN, "fan1", "rpm", 4000, 0, BMC_CRITICAL, "FanFailed", "FanRecovered" },
	{ BMC_PSU, "psu1", "input_ok", 1, 0, BMC_CRITICAL, "PsuFailed",
	  "PsuRecovered" },
	{ BMC_PSU, "psu1", "output_ok", 1, 0, BMC_CRITICAL, "PsuFailed",
	  "PsuRecovered" },
	{ BMC_DISK, "disk1", "failure_predicted", 0, 1, BMC_CRITICAL,
	  "DiskHealthChanged", "DiskHealthChanged" },
	{ BMC_BOARD, "sub1-01", "adb_state", BMC_ADB_DEVICE, BMC_ADB_OFFLINE,
	  BMC_WARNING, "BoardHealthChanged", "BoardHealthChanged" },
	{ BMC_BOARD, "sub1-01", "cpu_load", 0, 99000, BMC_WARNING, "BoardCpuHigh",
	  "BoardCpuCleared" },
	{ BMC_BOARD, "sub1-01", "memory_used", 0, 1000, BMC_WARNING, "BoardMemoryHigh",
	  "BoardMemoryCleared" },
	{ BMC_BOARD, "sub1-01", "storage_used", 0, 1000, BMC_WARNING,
	  "BoardStorageHigh", "BoardStorageCleared" },
	{ BMC_BOARD, "sub1-01", "soc_temperature", 0, 99000, BMC_WARNING,
	  "BoardTemperatureHigh", "BoardTemperatureCleared" },
};

/* Groups: what of the chassis becomes bad with one part of it. */
static const struct way groups[] = {
	{ BMC_PSU, "psu2", "present", 1, 0, BMC_WARNING, "PsuRedundancyLost",
	  "PsuRedundancyRestored" },
	{ BMC_FAN, "fan2", "present", 1, 0, BMC_WARNING, "FanRedundancyLost",
	  "FanRedundancyRestored" },
	{ BMC_FAN, "fan6", "rpm", 4000, 0, BMC_WARNING, "FanRedundancyLost",
	  "FanRedundancyRestored" },
	{ BMC_NIC, "net2", "link", BMC_LINK_UP, BMC_LINK_DOWN, BMC_WARNING,
	  "NetworkRedundancyLost", "NetworkRedundancyRestored" },
};

static const char more_parts[] =
	"  - {id: cold, type: Temperature, low_warning: 5C, low_critical: 0C}\n"
	"nics:\n"
	"  - {id: net1, unit: 1}\n"
	"  - {id: net1b, unit: 1}\n"
	"  - {id: net2, unit: 2}\n"
	"  - {id: other}\n";

static int set_up_more(void **state)
{
	static char text[sizeof(platform_text) + sizeof(more_parts) + 200];
	char *fans;

	(void)state;
	(void)snprintf(text, sizeof(text), "%s%s", platform_text, more_parts);
	/* two modules of three fans */
	fans = strstr(text, "  - {range: {n: 1-2}, id: \"fan{n}\"");
	assert_non_null(fans);
	char *end = strchr(fans, '\n') + 1;
	static const char six[] = "  - {range: {n: 1-3}, id: \"fan{n}\", module: 1}\n"
				  "  - {range: {n: 4-6}, id: \"fan{n}\", module: 2}\n";
	memmove(fans + strlen(six), end, strlen(end) + 1);
	memcpy(fans, six, strlen(six));
	bmc_log_init(LOG_EMERG);
	assert_int_equal(bmc_loop_init(), 0);
	load_platform(text);
	start_inventory();
	return 0;
}

static void put(enum bmc_kind kind, const char *id, const char *field, int64_t n)
{
	assert_int_equal(say(first, kind, id, field, n, NULL), 0);
}

/* Longer than any of the periods. */
static void pass(void)
{
	bmc_inventory_publish();
	bmc_clock_skip(150000);
	for (size_t i = 0; i < 5; i++)
		bmc_loop_step(i == 0 ? 0 : 20);
	bmc_inventory_publish();
}

static void all_is_well(void)
{
	char id[BMC_ID_MAX];

	board_says("sub1-01", 1, "adb", "device", "linux");
	put(BMC_BOARD, "sub1-01", "memory_bytes", 1000);
	put(BMC_BOARD, "sub1-01", "storage_bytes", 1000);
	for (int i = 1; i <= 6; i++) {
		(void)snprintf(id, sizeof(id), "fan%d", i);
		put(BMC_FAN, id, "rpm", 4000);
		put(BMC_FAN, id, "duty", 50000);
	}
	put(BMC_PSU, "psu1", "input_ok", 1);
	put(BMC_PSU, "psu2", "input_ok", 1);
	put(BMC_BLADE, "blade2", "present", 1);
	put(BMC_DISK, "disk1", "present", 1);
	put(BMC_NIC, "net1", "link", BMC_LINK_UP);
	put(BMC_NIC, "net1b", "link", BMC_LINK_DOWN);
	put(BMC_NIC, "net2", "link", BMC_LINK_UP);
	put(BMC_NIC, "other", "link", BMC_LINK_DOWN);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		put(ways[i].kind, ways[i].id, ways[i].field, ways[i].good);
	pass();
}

static bool has_condition(const struct bmc_snapshot *s, const struct bmc_row *row,
			  const char *reason)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_children(s, row->handle, BMC_CONDITION, &rows);

	for (size_t i = 0; i < n; i++) {
		const struct bmc_condition *c = (const struct bmc_condition *)rows[i];
		if (!reason || strcmp(c->reason, reason) == 0)
			return true;
	}
	return false;
}

static bool is_above(const struct bmc_snapshot *s, const struct bmc_row *top,
		     const struct bmc_row *row)
{
	for (; row; row = bmc_snapshot_row(s, row->parent)) {
		if (row == top)
			return true;
	}
	return false;
}

/* Whether it or something that it holds has a condition as bad as its health. */
static bool has_reason(const struct bmc_snapshot *s, const struct bmc_row *row)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_CONDITION, &rows);

	for (size_t i = 0; i < n; i++) {
		const struct bmc_row *about = bmc_snapshot_row(s, rows[i]->parent);
		if (is_above(s, row, about) && rows[i]->health >= row->health)
			return true;
	}
	return false;
}

/* Of all rows: none is bad without a reason, and no condition is of a good one. */
static void all_has_reasons(void)
{
	const struct bmc_row *const *rows;

	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	for (size_t k = 0; k < BMC_N_KINDS; k++) {
		size_t n = bmc_snapshot_rows(s, (enum bmc_kind)k, &rows);
		for (size_t i = 0; i < n && bmc_kind_is(k, BMC_KIND_HARDWARE); i++) {
			bool bad = rows[i]->health >= BMC_WARNING;
			if (bad != has_reason(s, rows[i]))
				fail_msg("%s: health %d", rows[i]->id, rows[i]->health);
		}
	}
}

static bool is_notified(const char *type)
{
	const struct sn_notification *n = sn_notifications;

	while (n->event && strcmp(n->event, type) != 0)
		n++;
	return n->event;
}

static void walk(const struct way *w, enum bmc_kind about, const char *id)
{
	print_message("# %s.%s %d\n", w->id, w->field, (int)w->bad);
	size_t begun = count_events(w->begun, id), ended = count_events(w->ended, id);
	put(w->kind, w->id, w->field, w->bad);
	pass();
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *row = bmc_snapshot_find(s, about, id);
	assert_int_equal(row->health, w->health);
	assert_true(has_condition(s, row, w->begun));
	assert_int_equal(count_events(w->begun, id), begun + 1);
	all_has_reasons();
	put(w->kind, w->id, w->field, w->good);
	pass();
	auto_snapshot struct bmc_snapshot *after = bmc_snapshot_get();
	row = bmc_snapshot_find(after, about, id);
	assert_int_equal(row->health, BMC_OK_HEALTH);
	assert_false(has_condition(after, row, NULL));
	assert_int_equal(count_events(w->ended, id),
			 ended + 1 + (strcmp(w->begun, w->ended) == 0));
	all_has_reasons();
	assert_true(is_notified(w->begun) && is_notified(w->ended));
}

static void each_bad_part_has_its_reason_until_it_is_good(void **state)
{
	(void)state;
	platform->boot_ms = 1000;
	all_is_well();
	all_has_reasons();
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		walk(&ways[i], ways[i].kind, ways[i].id);
}

static void each_group_that_lost_a_part_has_its_reason(void **state)
{
	(void)state;
	all_is_well();
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		const struct way *w = &groups[i];
		struct way g = *w;
		/* a fan that fails is worse than the group without it */
		if (strcmp(w->field, "rpm") == 0)
			g.health = BMC_CRITICAL;
		walk(&g, BMC_CHASSIS, "enclosure");
	}
}

/* A value that is lost ends the condition, and that is said. */
static void what_becomes_unknown_is_reported(void **state)
{
	(void)state;
	platform->boot_ms = 1000;
	all_is_well();
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		const struct way *w = &ways[i];
		struct bmc_source *gone = bmc_source_new("gone", 0, 0);
		size_t n = count_events("HealthUnknown", w->id);

		if (w->kind == BMC_BOARD)
			continue; /* an alarm is held: test-alarms */
		print_message("# %s.%s\n", w->id, w->field);
		put(w->kind, w->id, w->field, BMC_UNKNOWN);
		assert_int_equal(say(gone, w->kind, w->id, w->field, w->bad, NULL), 0);
		pass();
		all_has_reasons();
		(void)bmc_source_free(gone);
		pass();
		all_has_reasons();
		/* a supply is good by what else is known of it */
		if (w->kind != BMC_PSU)
			assert_int_equal(count_events("HealthUnknown", w->id), n + 1);
		put(w->kind, w->id, w->field, w->good);
		pass();
	}
}

static void a_state_that_was_bad_from_the_start_is_reported(void **state)
{
	(void)state;
	put(BMC_PSU, "psu1", "input_ok", 1);
	put(BMC_PSU, "psu2", "present", 0);
	put(BMC_NIC, "net1", "link", BMC_LINK_UP);
	put(BMC_NIC, "net1b", "link", BMC_LINK_UP);
	put(BMC_NIC, "net2", "link", BMC_LINK_DOWN);
	bmc_inventory_publish();
	assert_int_equal(count_events("PsuRedundancyLost", "enclosure"), 1);
	assert_int_equal(count_events("NetworkRedundancyLost", "enclosure"), 1);
	assert_int_equal(count_events("FanRedundancyLost", "enclosure"), 0);
	all_has_reasons();
}

static const char *fans(void)
{
	return word_of(BMC_CHASSIS, "enclosure", "fan_redundancy");
}

static const char *networks(void)
{
	return word_of(BMC_CHASSIS, "enclosure", "network_redundancy");
}

static void one_fan_of_each_module_may_fail(void **state)
{
	(void)state;
	assert_string_equal(fans(), "unknown");
	all_is_well();
	assert_string_equal(fans(), "Redundant");
	put(BMC_FAN, "fan1", "rpm", BMC_UNKNOWN);
	assert_string_equal(fans(), "unknown");
	put(BMC_FAN, "fan4", "rpm", 0); /* the other module's: that is known */
	assert_string_equal(fans(), "Lost");
	put(BMC_FAN, "fan4", "duty", 0); /* not driven */
	put(BMC_FAN, "fan1", "rpm", 1);
	assert_string_equal(fans(), "Redundant");
}

static void a_unit_is_good_while_one_of_its_interfaces_has_a_link(void **state)
{
	(void)state;
	assert_string_equal(networks(), "unknown");
	put(BMC_NIC, "net1", "link", BMC_LINK_UP);
	assert_string_equal(networks(), "unknown"); /* of net2 nothing is known */
	put(BMC_NIC, "net2", "link", BMC_LINK_UP);
	assert_string_equal(networks(), "Redundant"); /* whatever net1b is */
	put(BMC_NIC, "net1b", "link", BMC_LINK_UP);
	put(BMC_NIC, "net1", "link", BMC_LINK_DOWN);
	assert_string_equal(networks(), "Redundant");
	put(BMC_NIC, "net1b", "link", BMC_LINK_DOWN);
	assert_string_equal(networks(), "Lost");
	/* a number that is no unit's counts for none */
	put(BMC_NIC, "other", "unit", 32);
	put(BMC_NIC, "other", "link", BMC_LINK_UP);
	assert_string_equal(networks(), "Lost");
	put(BMC_NIC, "net2", "unit", -1);
	assert_string_equal(networks(), "NotRedundant");
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up_more, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_bad_part_has_its_reason_until_it_is_good),
		T(each_group_that_lost_a_part_has_its_reason),
		T(what_becomes_unknown_is_reported),
		T(a_state_that_was_bad_from_the_start_is_reported),
		T(one_fan_of_each_module_may_fail),
		T(a_unit_is_good_while_one_of_its_interfaces_has_a_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

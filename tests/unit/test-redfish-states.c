// SPDX-License-Identifier: Apache-2.0
/* What a board's state is in Redfish's words: each state that the core derives, from
 * what sources see to what a GET of its System shows. */
#include "redfish-fixture.h"

#include "core/inventory/derive.h"
#include "core/snapshot/build.h"
#include "redfish/list.h"
#include "redfish/render.h"

#define BOOT_MS 60000

/* What is seen of a board, and how long it has been so. */
struct scene {
	int64_t pin, usb, adb, os, since_ms;
	const char *node, *power, *state, *health, *boot, *oem;
};

/* clang-format off */
static const struct scene scenes[] = {
	/* runs */
	{ 1, BMC_USB_ADB, BMC_ADB_DEVICE, BMC_OS_ANDROID, 1,
	  "Android", "On", "Enabled", "OK", "OSRunning", NULL },
	{ 1, BMC_USB_ADB, BMC_ADB_DEVICE, BMC_OS_LINUX, 1,
	  "Linux", "On", "Enabled", "OK", "OSRunning", NULL },
	/* on its way */
	{ 1, BMC_USB_DEVICE, BMC_ADB_NONE, BMC_OS_UNKNOWN, 1,
	  "Online", "On", "Starting", "OK", "OSBootStarted", NULL },
	{ 1, BMC_USB_ADB, BMC_ADB_DEVICE, BMC_OS_UNKNOWN, 1,
	  "Adb", "On", "Starting", "OK", "OSBootStarted", NULL },
	{ 1, BMC_USB_NONE, BMC_ADB_NONE, BMC_OS_UNKNOWN, BOOT_MS - 1,
	  "Offline", "On", "Starting", "OK", "SystemHardwareInitializationComplete", NULL },
	/* in a mode of its own */
	{ 1, BMC_USB_ADB, BMC_ADB_RECOVERY, BMC_OS_UNKNOWN, 1,
	  "AndroidRecovery", "On", "Quiesced", "OK", "OEM", "AndroidRecovery" },
	{ 1, BMC_USB_LOADER, BMC_ADB_NONE, BMC_OS_UNKNOWN, 1,
	  "Loader", "On", "Quiesced", "OK", "OEM", "Loader" },
	{ 1, BMC_USB_MASKROM, BMC_ADB_NONE, BMC_OS_UNKNOWN, 1,
	  "MaskRom", "On", "Quiesced", "OK", "OEM", "MaskRom" },
	{ 1, BMC_USB_NETRECOVERY, BMC_ADB_NONE, BMC_OS_UNKNOWN, 1,
	  "NetRecovery", "On", "Quiesced", "OK", "OEM", "NetRecovery" },
	{ 1, BMC_USB_FASTBOOT, BMC_ADB_NONE, BMC_OS_UNKNOWN, 1,
	  "Fastboot", "On", "Quiesced", "OK", "OEM", "Fastboot" },
	/* not as it should be */
	{ 1, BMC_USB_ADB, BMC_ADB_OFFLINE, BMC_OS_UNKNOWN, BOOT_MS - 1,
	  "AdbOffline", "On", "Starting", "OK", "OSBootStarted", NULL },
	{ 1, BMC_USB_ADB, BMC_ADB_OFFLINE, BMC_OS_UNKNOWN, BOOT_MS,
	  "AdbOffline", "On", "Enabled", "Warning", "OSBootStarted", NULL },
	{ 1, BMC_USB_NONE, BMC_ADB_NONE, BMC_OS_UNKNOWN, BOOT_MS,
	  "Offline", "On", "UnavailableOffline", "Warning", NULL, NULL },
	{ 1, BMC_USB_NONE, BMC_ADB_NONE, BMC_OS_UNKNOWN, 2 * BOOT_MS,
	  "Offline", "On", "UnavailableOffline", "Critical", NULL, NULL },
	/* off */
	{ 0, BMC_USB_NONE, BMC_ADB_NONE, BMC_OS_UNKNOWN, 1,
	  "Offline", "Off", "StandbyOffline", "OK", "None", NULL },
	{ 0, BMC_USB_ADB, BMC_ADB_DEVICE, BMC_OS_LINUX, 1,
	  "Offline", "PoweringOff", "Enabled", "OK", "None", NULL },
};
/* clang-format on */

/* The System of sub1-01 as it would be, a new reference. */
static json_t *system_of(const struct scene *s, int64_t action, int64_t action_state)
{
	auto_snapshot struct bmc_snapshot *snap = bmc_snapshot_get();
	struct bmc_board old, b = *(const struct bmc_board *)bmc_snapshot_find(
				      snap, BMC_BOARD, "sub1-01");
	struct bmc_derive d = { .old = &old.row, .boot_ms = BOOT_MS };

	b.power_pin = s->pin;
	b.usb_mode = s->usb;
	b.adb_state = s->adb;
	b.os = s->os;
	b.power_since = b.usb_since = 1000;
	b.action = action;
	b.action_state = action_state;
	old = b;
	d.now = 1000 + s->since_ms;
	bmc_derive_board(&b.row, &d);
	return rf_render_once(snap, &rf_system, &b.row, "/redfish/v1/Systems/sub1-01");
}

static void expect(json_t *body, const char *path, const char *word)
{
	json_t *v = rf_at(body, path);

	if (!word) /* not known, or left out */
		assert_true(!v || json_is_null(v));
	else if (!json_is_string(v) || strcmp(json_string_value(v), word) != 0)
		fail_msg("%s is not %s in %s", path, word, json_dumps(body, 0));
}

static void each_state_of_a_board_has_its_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++) {
		const struct scene *s = &scenes[i];
		json_t *body = system_of(s, BMC_ACT_NONE, BMC_TASK_UNKNOWN);

		print_message("# %s, %s\n", s->node, s->state);
		expect(body, "Oem/ClusterBmc/NodeState", s->node);
		expect(body, "PowerState", s->power);
		expect(body, "Status/State", s->state);
		expect(body, "Status/Health", s->health);
		expect(body, "BootProgress/LastState", s->boot);
		expect(body, "BootProgress/OemLastState", s->oem);
		json_decref(body);
	}
}

/* Every word of the core's is in a scene above, so that a new one isn't forgotten. */
static void every_state_is_in_the_table(void **state)
{
	(void)state;
	for (const struct bmc_name *n = rf_board_state_names; n->word; n++) {
		bool found = false;

		for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
			found |= strcmp(scenes[i].node, n->word) == 0;
		if (!found)
			fail_msg("no scene shows a board in state %s", n->word);
	}
}

static void power_on_its_way_is_told(void **state)
{
	const struct scene off = scenes[ARRAY_SIZE(scenes) - 2], on = scenes[0];
	json_t *body = system_of(&off, BMC_ACT_ON, BMC_TASK_RUNNING);

	(void)state;
	expect(body, "PowerState", "PoweringOn");
	json_decref(body);
	body = system_of(&on, BMC_ACT_GRACEFUL_SHUTDOWN, BMC_TASK_RUNNING);
	expect(body, "PowerState", "PoweringOff");
	json_decref(body);
	body = system_of(&on, BMC_ACT_GRACEFUL_SHUTDOWN, BMC_TASK_EXCEPTION);
	expect(body, "PowerState", "On");
	json_decref(body);
}

static void an_empty_slot_has_no_power_state_health_or_progress(void **state)
{
	json_t *body = rf_get("/redfish/v1/Systems/sub1-04");

	(void)state;
	expect(body, "Status/State", "Absent");
	assert_null(rf_at(body, "PowerState"));
	assert_null(rf_at(body, "Status/Health"));
	assert_null(rf_at(body, "BootProgress/LastState"));
	assert_null(rf_at(body, "LocationIndicatorActive"));
	json_decref(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_of_a_board_has_its_words),
		cmocka_unit_test(every_state_is_in_the_table),
		cmocka_unit_test(power_on_its_way_is_told),
		cmocka_unit_test(an_empty_slot_has_no_power_state_health_or_progress),
	};

	return cmocka_run_group_tests(tests, rf_fixture_set_up, rf_fixture_tear_down);
}

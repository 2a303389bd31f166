// SPDX-License-Identifier: Apache-2.0
/* Actions and their tasks over Redfish: who may ask, what is answered and when, sets of
 * boards. */
#include "redfish-fixture.h"

#include <stdlib.h>

#include "core/tasks/tasks.h"

#define SYSTEM    "/redfish/v1/Systems/sub1-01"
#define RESET     "/Actions/ComputerSystem.Reset"
#define BLADE     "/redfish/v1/Chassis/blade1"
#define SERVICE   "/redfish/v1/AggregationService"
#define SET_RESET SERVICE "/Actions/AggregationService.Reset"
#define MONITORS  "/redfish/v1/TaskService/TaskMonitors/"
#define TASKS     "/redfish/v1/TaskService/Tasks/"

/* ---- what is offered ---- */

static void clients_find_actions_also_where_there_are_none(void **state)
{
	static const char *const uris[] = { "/redfish/v1/Systems/sub1-04",
					    "/redfish/v1/UpdateService" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(uris); i++) {
		json_t *json = rf_get(uris[i]);
		assert_true(json_is_object(rf_at(json, "Actions")));
		json_decref(json);
	}
	json_t *absent = rf_get(uris[0]);
	assert_int_equal(json_object_size(rf_at(absent, "Actions")), 0);
	json_decref(absent);
	json_t *there = rf_get(SYSTEM);
	assert_true(json_object_size(rf_at(there, "Actions")) > 0);
	json_decref(there);
	rf_expect("admin", "POST", "/redfish/v1/Systems/sub1-04" RESET,
		  "{\"ResetType\":\"On\"}", 409, "ResourceMissingAtURI");
}

static void set_of_boards_tells_its_parameters(void **state)
{
	static const char *const names[] = { "ResetType", "TargetURIs", "BatchSize",
					     "DelayBetweenBatchesInSeconds" };
	json_t *info = rf_get(SERVICE "/ResetActionInfo");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_string_equal(
			json_string_value(rf_at(
				json_array_get(rf_at(info, "Parameters"), i), "Name")),
			names[i]);
	assert_int_equal(json_integer_value(rf_at(info, "Parameters/2/MaximumValue")),
			 2048);
	assert_int_equal(json_integer_value(rf_at(info, "Parameters/3/MaximumValue")),
			 86400);
	json_decref(info);
}

/* ---- who may ---- */

static void privilege_comes_before_parameters(void **state)
{
	static const struct {
		const char *user, *uri;
	} all[] = {
		{ "rita", SYSTEM RESET },
		{ "rita", BLADE "/Actions/Chassis.Reset" },
		{ "rita", SET_RESET },
		{ "olga", "/redfish/v1/Managers/bmc/Actions/Manager.Reset" },
		{ "olga", "/redfish/v1/Managers/bmc/LogServices/Events/Actions/"
			  "LogService.ClearLog" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		rf_expect(all[i].user, "POST", all[i].uri, "{\"Nonsense\":1}", 403,
			  "InsufficientPrivilege");
		rf_expect(all[i].user, "POST", all[i].uri, "{", 403,
			  "InsufficientPrivilege");
		rf_expect("admin", "POST", all[i].uri, "{\"Nonsense\":1}", 400,
			  "ActionParameterUnknown");
	}
	rf_expect("olga", "POST", SYSTEM RESET, "{\"Nonsense\":1}", 400,
		  "ActionParameterUnknown");
}

/* ---- tasks and their monitors ---- */

/* A restart of the board, which takes a while. */
static struct rf_reply begin(const char *board)
{
	char uri[128];

	(void)snprintf(uri, sizeof(uri), "/redfish/v1/Systems/%s" RESET, board);
	return rf_expect_reply("admin", "POST", uri,
			       "{\"ResetType\":\"GracefulRestart\"}", 202, NULL);
}

static uint32_t number_of(const struct rf_reply *r)
{
	return (uint32_t)atoi(strrchr(r->location, '/') + 1);
}

static void location_is_the_monitor_and_the_body_the_task(void **state)
{
	struct rf_reply r = begin("sub1-01");
	char uri[64];

	(void)state;
	assert_int_equal(strncmp(r.location, MONITORS, strlen(MONITORS)), 0);
	(void)snprintf(uri, sizeof(uri), TASKS "%u", number_of(&r));
	assert_string_equal(json_string_value(rf_at(r.json, "@odata.id")), uri);
	assert_string_equal(json_string_value(rf_at(r.json, "TaskMonitor")),
			    r.location);
	assert_int_equal(r.retry_after, 1);
	assert_int_equal(fixture_wait(number_of(&r)), BMC_TASK_COMPLETED);
	rf_reply_done(&r);
}

static void monitor_gives_the_action_its_own_answer_once(void **state)
{
	struct rf_reply r = begin("sub1-01"), m;

	(void)state;
	for (int i = 0; i < 2; i++) {
		m = rf_expect_reply("admin", "GET", r.location, NULL, 202, NULL);
		assert_string_equal(m.location, r.location);
		assert_string_equal(json_string_value(rf_at(m.json, "@odata.type")),
				    "#Task.v1_7_4.Task");
		assert_non_null(rf_at(m.json, "TaskState"));
		assert_int_equal(m.retry_after, 1);
		rf_reply_done(&m);
	}
	rf_expect("rita", "GET", r.location, NULL, 202, NULL);
	rf_expect("rita", "DELETE", r.location, NULL, 403, "InsufficientPrivilege");
	rf_expect(NULL, "GET", r.location, NULL, 401, NULL);
	assert_int_equal(fixture_wait(number_of(&r)), BMC_TASK_COMPLETED);
	fixture_pass(150);
	rf_expect("admin", "HEAD", r.location, NULL, 200, NULL); /* takes nothing */
	rf_expect("rita", "GET", r.location, NULL, 200,
		  "Success"); /* nor another user */
	rf_expect("admin", "GET", r.location, NULL, 200, "Success");
	rf_expect("admin", "GET", r.location, NULL, 410, "ResourceMissingAtURI");
	rf_expect("admin", "HEAD", r.location, NULL, 410, NULL);
	char *task = strdup(json_string_value(rf_at(r.json, "@odata.id")));
	json_decref(rf_get(task)); /* the task stays */
	free(task);
	rf_reply_done(&r);
}

static void monitor_of_a_failure_is_an_error(void **state)
{
	struct rf_reply r, m;

	(void)state;
	fixture->boards[3].fault = FIXTURE_OS_IGNORES;
	r = rf_expect_reply("admin", "POST", "/redfish/v1/Systems/sub1-03" RESET,
			    "{\"ResetType\":\"GracefulShutdown\"}", 202, NULL);
	assert_int_equal(fixture_wait(number_of(&r)), BMC_TASK_EXCEPTION);
	fixture->boards[3].fault = FIXTURE_NO_FAULT;
	fixture_pass(150);
	m = rf_expect_reply("admin", "GET", r.location, NULL, 500, "OperationFailed");
	assert_non_null(
		strstr(json_string_value(rf_at(
			       m.json, "error/@Message.ExtendedInfo/0/Resolution")),
		       "did not go down"));
	rf_reply_done(&m);
	rf_reply_done(&r);
}

static void part_of_a_task_has_no_monitor(void **state)
{
	struct rf_reply r =
		rf_expect_reply("admin", "POST", BLADE "/Actions/Chassis.Reset",
				"{\"ResetType\":\"PowerCycle\"}", 202, NULL);
	uint32_t n = number_of(&r);
	char uri[96];

	(void)state;
	(void)snprintf(uri, sizeof(uri), TASKS "%u/SubTasks/%u", n, n + 1);
	json_t *part = rf_get(uri);
	assert_null(rf_at(part, "TaskMonitor"));
	json_decref(part);
	(void)snprintf(uri, sizeof(uri), MONITORS "%u", n + 1);
	assert_int_equal(rf_status("GET", uri, NULL), 404);
	assert_int_equal(fixture_wait(n), BMC_TASK_COMPLETED);
	rf_reply_done(&r);
}

/* The MessageId of message `i`, without registry and version. */
static const char *task_message(json_t *task, const char *i, char ret[64])
{
	char path[64];

	(void)snprintf(path, sizeof(path), "Messages/%s/MessageId", i);
	const char *id = json_string_value(rf_at(task, path));
	(void)bmc_copy(ret, 64, id ? id : "(none)");
	return ret;
}

static void messages_of_a_task_are_from_registries(void **state)
{
	struct rf_reply r = begin("sub1-01");
	char word[64], text[64], uri[64];

	(void)state;
	assert_string_equal(task_message(r.json, "0", word),
			    "TaskEvent.1.0.TaskStarted");
	(void)snprintf(text, sizeof(text), "The task with Id '%u' has started.",
		       number_of(&r));
	assert_string_equal(json_string_value(rf_at(r.json, "Messages/0/Message")),
			    text);
	assert_string_equal(task_message(r.json, "1", word), "ClusterBmc.1.0.TaskStep");
	assert_int_equal(fixture_wait(number_of(&r)), BMC_TASK_COMPLETED);
	fixture_pass(150);
	(void)snprintf(uri, sizeof(uri), TASKS "%u", number_of(&r));
	json_t *task = rf_get(uri);
	assert_string_equal(task_message(task, "0", word),
			    "TaskEvent.1.0.TaskCompletedOK");
	json_decref(task);
	rf_reply_done(&r);
}

static void failed_task_says_why(void **state)
{
	char word[64], uri[64];
	struct rf_reply r;

	(void)state;
	fixture_pass(400); /* the last restart is over */
	fixture->boards[3].fault = FIXTURE_OS_IGNORES;
	r = rf_expect_reply("admin", "POST", "/redfish/v1/Systems/sub1-03" RESET,
			    "{\"ResetType\":\"GracefulShutdown\"}", 202, NULL);
	assert_int_equal(fixture_wait(number_of(&r)), BMC_TASK_EXCEPTION);
	fixture->boards[3].fault = FIXTURE_NO_FAULT;
	fixture_pass(150);
	(void)snprintf(uri, sizeof(uri), TASKS "%u", number_of(&r));
	json_t *task = rf_get(uri);
	assert_string_equal(task_message(task, "0", word), "TaskEvent.1.0.TaskAborted");
	assert_string_equal(task_message(task, "2", word), "ClusterBmc.1.0.TaskError");
	assert_non_null(strstr(json_string_value(rf_at(task, "Messages/2/Message")),
			       "did not go down"));
	json_decref(task);
	rf_reply_done(&r);
}

/* Last message and status of a task that is so far. */
static void check_last(struct bmc_task *t, const char *status, const char *id,
		       const char *text)
{
	char uri[64], at[32], word[64];

	bmc_task_show(t);
	fixture_pass(100);
	(void)snprintf(uri, sizeof(uri), TASKS "%s", t->row.id);
	json_t *task = rf_get(uri), *list = rf_at(task, "Messages");
	(void)snprintf(at, sizeof(at), "%zu", json_array_size(list) - 1);
	assert_string_equal(json_string_value(rf_at(task, "TaskStatus")), status);
	assert_string_equal(task_message(task, at, word), id);
	(void)snprintf(uri, sizeof(uri), "Messages/%s/Message", at);
	assert_string_equal(json_string_value(rf_at(task, uri)), text);
	for (size_t i = 0;
	     strcmp(status, "Warning") == 0 && i + 1 < json_array_size(list); i++)
		assert_string_not_equal(
			json_string_value(json_object_get(json_array_get(list, i),
							  "MessageSeverity")),
			"Critical");
	json_decref(task);
}

static void task_has_failed_only_at_its_end(void **state)
{
	struct bmc_task t;

	(void)state;
	bmc_task_init(&t, BMC_ACT_UPDATE, "", &fixture_admin);
	bmc_task_set_number(&t, 900000);
	t.state = BMC_TASK_RUNNING;
	t.targets = 3;
	t.targets_failed = 1;
	(void)bmc_copy(t.code, sizeof(t.code), "write-io");
	(void)bmc_copy(t.error, sizeof(t.error), "no answer");
	check_last(&t, "Warning", "ClusterBmc.1.0.BoardsFailedSoFar",
		   "1 of 3 boards have failed so far.");
	t.targets_failed = 0;
	check_last(&t, "Warning", "ClusterBmc.1.0.TaskUndoes",
		   "The task was stopped and undoes what it began: no answer.");
	t.targets_failed = 1;
	t.state = BMC_TASK_EXCEPTION;
	check_last(&t, "Critical", "ClusterBmc.1.0.TaskError",
		   "The task has failed: no answer.");
	t.state = BMC_TASK_CANCELLED;
	check_last(&t, "Warning", "ClusterBmc.1.0.TaskStopped",
		   "The task has ended early: no answer.");
}

static void task_that_has_ended_is_removed_by_delete(void **state)
{
	struct rf_reply r =
		rf_expect_reply("admin", "POST", BLADE "/Actions/Chassis.Reset",
				"{\"ResetType\":\"PowerCycle\"}", 202, NULL);
	uint32_t n = number_of(&r);
	char uri[64], part[96];

	(void)state;
	(void)snprintf(uri, sizeof(uri), TASKS "%u", n);
	(void)snprintf(part, sizeof(part), TASKS "%u/SubTasks/%u", n, n + 1);
	assert_int_equal(fixture_wait(n), BMC_TASK_COMPLETED);
	fixture_pass(150);
	rf_expect("rita", "DELETE", uri, NULL, 403, "InsufficientPrivilege");
	rf_expect("admin", "DELETE", uri, NULL, 204, NULL);
	fixture_pass(150);
	rf_expect("admin", "GET", uri, NULL, 404, "ResourceMissingAtURI");
	rf_expect("admin", "GET", part, NULL, 404, "ResourceMissingAtURI");
	rf_expect("admin", "GET", r.location, NULL, 404, "ResourceMissingAtURI");
	rf_reply_done(&r);
}

static void interrupted_task_is_over_for_clients(void **state)
{
	struct bmc_task t = {
		.row = { .kind = BMC_TASK, .id = "4000", .index = { 4000, 0 } },
		.op = BMC_ACT_POWER_CYCLE,
		.state = BMC_TASK_INTERRUPTED,
		.start_at = BMC_UNKNOWN,
		.error = "the service stopped",
	};
	uint32_t handle = bmc_inventory_upsert(&t.row);
	char word[64];

	(void)state;
	bmc_inventory_publish();
	json_t *json = rf_get(TASKS "4000");
	assert_string_equal(json_string_value(rf_at(json, "TaskState")), "Exception");
	assert_string_equal(task_message(json, "0", word), "TaskEvent.1.0.TaskAborted");
	json_decref(json);
	rf_expect("admin", "GET", MONITORS "4000", NULL, 500, "OperationFailed");
	bmc_inventory_remove(handle);
	bmc_inventory_publish();
}

#define REMOVE_ALL "/redfish/v1/TaskService/Actions/TaskService.DeleteAllCompletedTasks"

static void ended_tasks_are_removed_at_once(void **state)
{
	struct rf_reply ended = begin("sub1-01"), runs;

	(void)state;
	assert_int_equal(fixture_wait(number_of(&ended)), BMC_TASK_COMPLETED);
	fixture_pass(150);
	runs = begin("sub1-02");
	rf_expect("olga", "POST", REMOVE_ALL, "{}", 403, "InsufficientPrivilege");
	rf_expect("admin", "POST", REMOVE_ALL, "{}", 204, NULL);
	fixture_pass(150);
	rf_expect("admin", "GET", ended.location, NULL, 404, "ResourceMissingAtURI");
	json_t *left = rf_get("/redfish/v1/TaskService/Tasks");
	assert_int_equal(json_integer_value(rf_at(left, "Members@odata.count")), 1);
	json_decref(left);
	assert_int_equal(fixture_wait(number_of(&runs)), BMC_TASK_COMPLETED);
	fixture_pass(150);
	rf_expect("admin", "POST", REMOVE_ALL, "{}", 204, NULL);
	rf_expect("admin", "POST", REMOVE_ALL, "{}", 204, NULL); /* there are none */
	rf_expect("admin", "POST", REMOVE_ALL, NULL, 204,
		  NULL); /* nor is a body needed */
	rf_expect("admin", "POST", SYSTEM RESET, NULL, 400, "EmptyJSON");
	rf_reply_done(&ended);
	rf_reply_done(&runs);
}

/* ---- maintenance windows ---- */

/* A shutdown of a board with these annotations. */
static struct rf_reply later(const char *more, unsigned status, const char *message)
{
	char body[384];

	(void)snprintf(body, sizeof(body), "{\"ResetType\":\"ForceOff\"%s}", more);
	return rf_expect_reply("admin", "POST", "/redfish/v1/Systems/sub1-02" RESET,
			       body, status, message);
}

static void later_is_refused(const char *more, const char *message)
{
	struct rf_reply r = later(more, 400, message);

	rf_reply_done(&r);
}

#define TIME(word) ",\"@Redfish.OperationApplyTime\":" word
#define AT_START   TIME("\"AtMaintenanceWindowStart\"")
#define WINDOW(start, duration)                          \
	AT_START ",\"@Redfish.MaintenanceWindow\":{"     \
		 "\"MaintenanceWindowStartTime\":" start \
		 ",\"MaintenanceWindowDurationInSeconds\":" duration "}"
#define FUTURE "\"2100-01-01T00:00:00Z\""

static void apply_times_are_checked(void **state)
{
	static const char out[] = "ActionParameterValueOutOfRange",
			  type[] = "ActionParameterValueTypeError",
			  missing[] = "ActionParameterMissing";

	(void)state;
	later_is_refused(TIME("\"OnReset\""), "ActionParameterValueNotInList");
	later_is_refused(TIME("7"), type);
	later_is_refused(AT_START, missing);
	later_is_refused(AT_START ",\"@Redfish.MaintenanceWindow\":7", type);
	later_is_refused(AT_START ",\"@Redfish.MaintenanceWindow\":{}", missing);
	later_is_refused(WINDOW("7", "60"), type);
	later_is_refused(WINDOW(FUTURE, "\"60\""), type);
	later_is_refused(WINDOW("\"tomorrow\"", "60"),
			 "ActionParameterValueFormatError");
	later_is_refused(WINDOW(FUTURE, "0"), out);
	later_is_refused(WINDOW(FUTURE, "2592001"), out);
	later_is_refused(WINDOW("\"2020-01-01T00:00:00Z\"", "60"), out);
	fixture_pass(100);
	assert_int_equal(fixture->boards[2].powered, 1);
}

static void action_waits_for_its_window(void **state)
{
	static const char *const durations[] = { WINDOW(FUTURE, "1"),
						 WINDOW(FUTURE, "2592000") };
	char uri[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(durations); i++) {
		struct rf_reply r = later(durations[i], 202, NULL);
		assert_string_equal(json_string_value(rf_at(r.json, "TaskState")),
				    "New");
		assert_string_equal(
			json_string_value(rf_at(r.json, "Oem/ClusterBmc/PlannedStart")),
			"2100-01-01T00:00:00Z");
		assert_int_equal(r.retry_after, 60);
		rf_expect("admin", "GET", r.location, NULL, 202, NULL);
		fixture_pass(200);
		assert_int_equal(fixture->boards[2].powered, 1);
		(void)snprintf(uri, sizeof(uri), TASKS "%u", number_of(&r));
		rf_expect("admin", "DELETE", uri, NULL, 204, NULL);
		assert_int_equal(fixture_wait(number_of(&r)), BMC_TASK_CANCELLED);
		rf_reply_done(&r);
	}
	fixture_pass(150);
	struct rf_reply r = later(TIME("\"Immediate\""), 202, NULL);
	assert_int_equal(fixture_wait(number_of(&r)), BMC_TASK_COMPLETED);
	rf_reply_done(&r);
	assert_int_equal(fixture_do_wait(BMC_ACT_ON, "sub1-02"), BMC_TASK_COMPLETED);
}

static void window_is_for_sets_too(void **state)
{
	struct rf_reply r;
	char uri[64];

	(void)state;
	r = rf_expect_reply("admin", "POST", BLADE "/Actions/Chassis.Reset",
			    "{\"ResetType\":\"ForceOff\"" WINDOW(FUTURE, "60") "}", 202,
			    NULL);
	assert_int_equal(json_integer_value(rf_at(r.json, "Oem/ClusterBmc/Targets")),
			 3);
	(void)snprintf(uri, sizeof(uri), TASKS "%u", number_of(&r));
	rf_expect("admin", "DELETE", uri, NULL, 204, NULL);
	assert_int_equal(fixture_wait(number_of(&r)), BMC_TASK_CANCELLED);
	rf_reply_done(&r);
	rf_expect("admin", "POST", SET_RESET,
		  "{\"ResetType\":\"ForceOff\",\"TargetURIs\":[\"" SYSTEM
		  "\"]" TIME("1") "}",
		  400, "ActionParameterValueTypeError");
}

#define SUPPORT "@Redfish.OperationApplyTimeSupport/SupportedValues"

static void resets_tell_that_they_can_wait(void **state)
{
	static const char *const there[][2] = {
		{ SYSTEM, "Actions/#ComputerSystem.Reset/" SUPPORT },
		{ SYSTEM, "Actions/Oem/#ClusterBmcComputerSystem.EnterMode/" SUPPORT },
		{ BLADE, "Actions/#Chassis.Reset/" SUPPORT },
		{ SERVICE, "Actions/#AggregationService.Reset/" SUPPORT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(there); i++) {
		json_t *json = rf_get(there[i][0]);
		if (json_array_size(rf_at(json, there[i][1])) != 2)
			fail_msg("%s: no %s", there[i][0], there[i][1]);
		json_decref(json);
	}
	json_t *manager = rf_get("/redfish/v1/Managers/bmc");
	assert_null(rf_at(manager, "Actions/#Manager.Reset/" SUPPORT));
	json_decref(manager);
}

/* ---- what boots ---- */

#define TARGET  "Boot/BootSourceOverrideTarget"
#define ENABLED "Boot/BootSourceOverrideEnabled"

static void shows(const char *path, const char *word)
{
	json_t *json = rf_get("/redfish/v1/Systems/sub1-02");
	const char *got = json_string_value(rf_at(json, path));

	if (!got || strcmp(got, word) != 0)
		fail_msg("%s is %s, not %s", path, got ? got : "null", word);
	json_decref(json);
}

static void override(const char *body, unsigned status, const char *message)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "{\"Boot\":{%s}}", body);
	rf_expect("admin", "PATCH", "/redfish/v1/Systems/sub1-02", text, status,
		  message);
}

#define BOOT(key, value) "\"BootSourceOverride" key "\":\"" value "\""

static void boot_override_is_set_and_taken_back(void **state)
{
	(void)state;
	shows(TARGET, "None");
	shows(ENABLED, "Disabled");
	for (int i = 0; i < 2; i++) { /* the second time it is so already */
		override(BOOT("Enabled", "Once") "," BOOT("Target", "Recovery"), 200,
			 NULL);
		shows(TARGET, "Recovery");
		shows(ENABLED, "Once");
		shows("Oem/ClusterBmc/BootTarget", "NetRecovery");
	}
	override(BOOT("Enabled", "Continuous") "," BOOT("Mode", "UEFI"), 200, NULL);
	shows(ENABLED, "Continuous");
	override(BOOT("Mode", "UEFI"), 200, NULL);
	override(BOOT("Target", "Usb"), 200, NULL);
	shows("Oem/ClusterBmc/BootTarget", "MaskRom");
	override(BOOT("Enabled", "Disabled") "," BOOT("Target", "None"), 200, NULL);
	shows(TARGET, "None");
	shows(ENABLED, "Disabled");
}

/* Whichever of them stands first. */
static void boot_override_is_set_whole_or_not_at_all(void **state)
{
	(void)state;
	override(BOOT("Enabled", "Once") "," BOOT("Target", "Pxe"), 400,
		 "PropertyValueNotInList");
	override(BOOT("Target", "Recovery") "," BOOT("Mode", "Legacy"), 400,
		 "PropertyValueNotInList");
	rf_expect("admin", "PATCH", "/redfish/v1/Systems/sub1-02",
		  "{\"AssetTag\":\"x\",\"Boot\":{" BOOT("Enabled", "Always") "}}", 400,
		  "PropertyValueNotInList");
	shows(TARGET, "None");
	shows(ENABLED, "Disabled");
	json_t *json = rf_get("/redfish/v1/Systems/sub1-02");
	assert_true(json_is_null(rf_at(json, "AssetTag")));
	json_decref(json);
}

static void boot_override_takes_what_the_board_has(void **state)
{
	(void)state;
	override(BOOT("Target", "Pxe"), 400, "PropertyValueNotInList");
	override(BOOT("Enabled", "Sometimes"), 400, "PropertyValueNotInList");
	override(BOOT("Enabled", "unknown"), 400, "PropertyValueNotInList");
	override(BOOT("Mode", "Legacy"), 400, "PropertyValueNotInList");
	override("\"BootSourceOverrideTarget\":7", 400, "PropertyValueTypeError");
	override("\"BootSourceOverrideMode\":null", 400, "PropertyValueTypeError");
	rf_expect("olga", "PATCH", "/redfish/v1/Systems/sub1-02",
		  "{\"Boot\":{" BOOT("Target", "None") "}}", 200, NULL);
	rf_expect("rita", "PATCH", "/redfish/v1/Systems/sub1-02",
		  "{\"Boot\":{" BOOT("Target", "None") "}}", 403,
		  "InsufficientPrivilege");
	json_t *main_board = rf_get("/redfish/v1/Systems/main");
	assert_int_equal(
		json_array_size(rf_at(main_board, TARGET "@Redfish.AllowableValues")),
		1);
	assert_int_equal(
		json_array_size(rf_at(main_board, ENABLED "@Redfish.AllowableValues")),
		1);
	json_decref(main_board);
	rf_expect("admin", "PATCH", "/redfish/v1/Systems/main",
		  "{\"Boot\":{" BOOT("Target", "Usb") "}}", 400,
		  "PropertyValueNotInList");
	rf_expect("admin", "PATCH", "/redfish/v1/Systems/main",
		  "{\"Boot\":{" BOOT("Enabled", "Once") "}}", 400,
		  "PropertyValueNotInList");
}

#define ENTER      "/Actions/Oem/ClusterBmcComputerSystem.EnterMode"
#define ENTER_INFO "/EnterModeActionInfo"

static void board_is_sent_into_a_mode(void **state)
{
	json_t *board = rf_get(SYSTEM), *info = rf_get(SYSTEM ENTER_INFO);
	json_t *action =
		rf_at(board, "Actions/Oem/#ClusterBmcComputerSystem.EnterMode");
	struct rf_reply r;

	(void)state;
	assert_string_equal(json_string_value(rf_at(action, "target")), SYSTEM ENTER);
	assert_string_equal(json_string_value(rf_at(action, "@Redfish.ActionInfo")),
			    SYSTEM ENTER_INFO);
	assert_true(json_equal(rf_at(action, "Mode@Redfish.AllowableValues"),
			       rf_at(info, "Parameters/0/AllowableValues")));
	assert_int_equal(json_array_size(rf_at(info, "Parameters/0/AllowableValues")),
			 5);
	json_decref(board);
	json_decref(info);
	r = rf_expect_reply("admin", "POST", SYSTEM ENTER, "{\"Mode\":\"Loader\"}", 202,
			    NULL);
	assert_string_equal(json_string_value(rf_at(r.json, "Oem/ClusterBmc/Mode")),
			    "Loader");
	(void)fixture_wait(number_of(&r));
	rf_reply_done(&r);
	rf_expect("admin", "POST", SYSTEM ENTER, "{\"Mode\":\"None\"}", 400,
		  "ActionParameterValueNotInList");
	rf_expect("admin", "POST", SYSTEM ENTER, "{\"Mode\":\"Explode\"}", 400,
		  "ActionParameterValueNotInList");
	rf_expect("admin", "POST", SYSTEM ENTER, "{}", 400, "ActionParameterMissing");
	rf_expect("rita", "POST", SYSTEM ENTER, "{}", 403, "InsufficientPrivilege");
	rf_expect("admin", "POST", "/redfish/v1/Systems/main" ENTER,
		  "{\"Mode\":\"Loader\"}", 400, "ActionNotSupported");
	rf_expect("admin", "GET", "/redfish/v1/Systems/main" ENTER_INFO, NULL, 404,
		  NULL);
}

/* ---- sets of boards ---- */

#define BOARD(n) "\"/redfish/v1/Systems/sub1-0" #n "\""
#define ALL_OF_BLADE1 \
	"[" BOARD(1) "," BOARD(2) ",{\"@odata.id\":" BOARD(3) "}," BOARD(4) "]"

/* Ways to name the boards of the first blade, all but `main` and the second. */
static const struct {
	const char *uri, *more;
} ways[] = {
	{ BLADE "/Actions/Chassis.Reset", "" },
	{ SET_RESET, ",\"TargetURIs\":[\"" BLADE "\"]" },
	{ SET_RESET, ",\"TargetURIs\":[\"" BLADE "/\"]" },
	{ SET_RESET, ",\"TargetURIs\":" ALL_OF_BLADE1 },
};

static struct rf_reply reset_all(size_t way, const char *type, unsigned status,
				 const char *message)
{
	char body[512];

	(void)snprintf(body, sizeof(body), "{\"ResetType\":\"%s\"%s}", type,
		       ways[way].more);
	return rf_expect_reply("admin", "POST", ways[way].uri, body, status, message);
}

static void set_is_answered_alike_however_it_is_named(void **state)
{
	uint32_t busy;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct rf_reply r;
		assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "sub1-02", &busy), 0);
		r = reset_all(i, "ForceOff", 202, NULL);
		assert_int_equal(
			json_integer_value(rf_at(r.json, "Oem/ClusterBmc/Targets")), 2);
		assert_string_equal(
			json_string_value(rf_at(r.json, "Oem/ClusterBmc/LeftOut")),
			"sub1-02");
		json_t *m = rf_at(r.json, "Messages/1");
		assert_string_equal(json_string_value(rf_at(m, "MessageId")),
				    "ClusterBmc.1.0.BoardLeftOut");
		assert_string_equal(json_string_value(rf_at(m, "MessageArgs/0")),
				    "sub1-02");
		assert_non_null(
			strstr(json_string_value(rf_at(m, "Message")), "sub1-02"));
		assert_int_equal(fixture_wait(number_of(&r)), BMC_TASK_COMPLETED);
		rf_reply_done(&r);
		assert_int_equal(fixture_wait(busy), BMC_TASK_COMPLETED);
		assert_int_equal(fixture_do_wait(BMC_ACT_ON, "blade1"),
				 BMC_TASK_COMPLETED);
		fixture_pass(150);
		r = reset_all(i, "On", 204, NULL); /* all are on */
		rf_reply_done(&r);
		assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "blade1", &busy), 0);
		r = reset_all(i, "ForceOff", 409, "ResourceInUse");
		rf_reply_done(&r);
		assert_int_equal(fixture_wait(busy), BMC_TASK_COMPLETED);
		fixture_pass(150);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_find_actions_also_where_there_are_none),
		cmocka_unit_test(set_of_boards_tells_its_parameters),
		cmocka_unit_test(privilege_comes_before_parameters),
		cmocka_unit_test(location_is_the_monitor_and_the_body_the_task),
		cmocka_unit_test(monitor_gives_the_action_its_own_answer_once),
		cmocka_unit_test(monitor_of_a_failure_is_an_error),
		cmocka_unit_test(part_of_a_task_has_no_monitor),
		cmocka_unit_test(messages_of_a_task_are_from_registries),
		cmocka_unit_test(failed_task_says_why),
		cmocka_unit_test(task_has_failed_only_at_its_end),
		cmocka_unit_test(task_that_has_ended_is_removed_by_delete),
		cmocka_unit_test(interrupted_task_is_over_for_clients),
		cmocka_unit_test(ended_tasks_are_removed_at_once),
		cmocka_unit_test(apply_times_are_checked),
		cmocka_unit_test(action_waits_for_its_window),
		cmocka_unit_test(window_is_for_sets_too),
		cmocka_unit_test(resets_tell_that_they_can_wait),
		cmocka_unit_test(boot_override_is_set_and_taken_back),
		cmocka_unit_test(boot_override_is_set_whole_or_not_at_all),
		cmocka_unit_test(boot_override_takes_what_the_board_has),
		cmocka_unit_test(set_is_answered_alike_however_it_is_named),
		cmocka_unit_test(board_is_sent_into_a_mode),
	};

	return cmocka_run_group_tests(tests, rf_fixture_set_up, rf_fixture_tear_down);
}

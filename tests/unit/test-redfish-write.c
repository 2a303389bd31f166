// SPDX-License-Identifier: Apache-2.0
/* What PATCH, POST and DELETE do, what they refuse and how they say it. */
#include "redfish-fixture.h"

#include <stdlib.h>
#include <time.h>

#include "core/base/ntp.h"
#include "core/ports/hardware.h"

#define SYSTEM    "/redfish/v1/Systems/sub1-01"
#define RESET     SYSTEM "/Actions/ComputerSystem.Reset"
#define SET_RESET "/redfish/v1/AggregationService/Actions/AggregationService.Reset"
#define ACCOUNTS  "/redfish/v1/AccountService/Accounts"

/* Properties that are not there. */
#define UNKNOWN_4(x) "\"" x "a\":1,\"" x "b\":1,\"" x "c\":1,\"" x "d\":1,"
#define UNKNOWN_16   UNKNOWN_4("X") UNKNOWN_4("Y") UNKNOWN_4("Z") UNKNOWN_4("W")

/* Asks as `user` and checks the status and, when given, the first message. */
static struct rf_reply expect(const struct rf_ask *ask, unsigned status,
			      const char *message)
{
	struct rf_reply r = rf_ask(ask);
	const char *got = rf_message(&r, 0);

	if (r.status != status || (message && (!got || strcmp(got, message) != 0)))
		fail_msg("%s %s: %u %s", ask->method, ask->uri, r.status, r.text);
	return r;
}

static void say(const char *user, const char *method, const char *uri, const char *body,
		unsigned status, const char *message)
{
	const struct rf_ask ask = {
		.method = method, .uri = uri, .user = user, .body = body
	};
	struct rf_reply r = expect(&ask, status, message);

	rf_reply_done(&r);
}

static const char *text_of(const char *uri, const char *path, char ret[64])
{
	json_t *json = rf_get(uri);
	const char *text = json_string_value(rf_at(json, path));

	(void)bmc_copy(ret, 64, text ? text : "(none)");
	json_decref(json);
	return ret;
}

/* ---- actions ---- */

static void reset_is_202_with_a_task_that_answers_at_once(void **state)
{
	const struct rf_ask ask = { .method = "POST",
				    .uri = RESET,
				    .user = "admin",
				    .body = "{\"ResetType\":\"ForceOff\"}" };
	struct rf_reply r = expect(&ask, 202, NULL);
	char word[64];

	(void)state;
	assert_int_equal(r.retry_after, 1);
	assert_string_equal(json_string_value(rf_at(r.json, "@odata.type")),
			    "#Task.v1_7_4.Task");
	const char *task = json_string_value(rf_at(r.json, "@odata.id"));
	text_of(task, "Oem/ClusterBmc/TargetId", word);
	assert_string_equal(word, "sub1-01");
	assert_int_equal(fixture_wait((uint32_t)atoi(strrchr(r.location, '/') + 1)),
			 BMC_TASK_COMPLETED);
	fixture_pass(150);
	assert_string_equal(text_of(task, "TaskState", word), "Completed");
	assert_string_equal(text_of(SYSTEM, "PowerState", word), "Off");
	rf_reply_done(&r);
	say("admin", "POST", RESET, "{\"ResetType\":\"ForceOff\"}", 204, NULL);
	assert_int_equal(fixture_do_wait(BMC_ACT_ON, "sub1-01"), BMC_TASK_COMPLETED);
}

static void blade_reset_has_a_task_with_a_part_for_each_board(void **state)
{
	const struct rf_ask ask = {
		.method = "POST",
		.user = "admin",
		.uri = "/redfish/v1/Chassis/blade1/Actions/Chassis.Reset",
		.body = "{\"ResetType\":\"PowerCycle\"}"
	};
	struct rf_reply r = expect(&ask, 202, NULL);
	char uri[300];

	(void)state;
	assert_int_equal(fixture_wait((uint32_t)atoi(strrchr(r.location, '/') + 1)),
			 BMC_TASK_COMPLETED);
	(void)snprintf(uri, sizeof(uri), "%s/SubTasks",
		       json_string_value(rf_at(r.json, "@odata.id")));
	json_t *parts = rf_get(uri);
	assert_int_equal(json_integer_value(rf_at(parts, "Members@odata.count")), 3);
	json_decref(parts);
	rf_reply_done(&r);
}

static void set_of_boards_is_one_transaction(void **state)
{
	char word[64];

	(void)state;
	say("admin", "POST", SET_RESET,
	    "{\"ResetType\":\"ForceOff\",\"TargetURIs\":[\"/redfish/v1/Systems/"
	    "sub1-01\","
	    "{\"@odata.id\":\"/redfish/v1/Systems/sub2-01\"}],\"BatchSize\":1}",
	    202, NULL);
	fixture_pass(500);
	assert_string_equal(text_of(SYSTEM, "PowerState", word), "Off");
	say("admin", "POST", SET_RESET,
	    "{\"ResetType\":\"On\",\"TargetURIs\":[\"/redfish/v1/Chassis/enclosure\"]}",
	    202, NULL);
	fixture_pass(800);
	assert_string_equal(text_of(SYSTEM, "PowerState", word), "On");
	say("admin", "POST", SET_RESET, "{\"ResetType\":\"On\",\"TargetURIs\":[]}", 400,
	    "ArraySizeTooShort");
	say("admin", "POST", SET_RESET, "{\"ResetType\":\"On\",\"TargetURIs\":[7]}",
	    400, "ActionParameterValueNotInList");
	say("admin", "POST", SET_RESET,
	    "{\"ResetType\":\"On\",\"TargetURIs\":[\"/redfish/v1/Managers/bmc\"]}", 400,
	    "ActionParameterValueNotInList");
	say("admin", "POST", SET_RESET,
	    "{\"ResetType\":\"On\",\"TargetURIs\":[\"/redfish/v1/Systems/sub1-04\"]}",
	    409, "ResourceMissingAtURI");
}

/* A reset of one board with this text after its TargetURIs; the first message's key. */
static void plan(const char *more, unsigned status, const char *key)
{
	char body[256];

	(void)snprintf(body, sizeof(body),
		       "{\"ResetType\":\"On\",\"TargetURIs\":[\"" SYSTEM "\"]%s}",
		       more);
	say("admin", "POST", SET_RESET, body, status, key);
}

#define BATCH ",\"BatchSize\":"
#define DELAY ",\"DelayBetweenBatchesInSeconds\":"

static void batches_of_a_set_are_checked(void **state)
{
	static const char out[] = "ActionParameterValueOutOfRange",
			  type[] = "ActionParameterValueTypeError";

	(void)state;
	plan(BATCH "0" DELAY "0", 204, NULL);
	plan(BATCH "1" DELAY "1", 204, NULL);
	plan(BATCH "2048" DELAY "86400", 204, NULL);
	plan(BATCH "2049", 400, out);
	plan(BATCH "-1", 400, out);
	plan(DELAY "86401", 400, out);
	plan(DELAY "-1", 400, out);
	plan(DELAY "9223372036854775807", 400, out);
	plan(BATCH "1.5", 400, type);
	plan(BATCH "\"2\"", 400, type);
	plan(DELAY "null", 400, type);
	plan(DELAY "true", 400, type);
	/* nothing of it was done */
	say("admin", "POST", SET_RESET,
	    "{\"ResetType\":\"ForceOff\",\"TargetURIs\":[\"" SYSTEM "\"]" BATCH "-2}",
	    400, out);
	fixture_pass(150);
	assert_int_equal(fixture->boards[1].powered, 1);
}

static void second_batch_waits_for_the_first(void **state)
{
	const struct rf_ask ask = {
		.method = "POST",
		.user = "admin",
		.uri = SET_RESET,
		.body = "{\"ResetType\":\"ForceOff\",\"TargetURIs\":["
			"\"/redfish/v1/Systems/sub1-02\",\"/redfish/v1/Systems/"
			"sub1-01\"]" BATCH "1" DELAY "1}"
	};
	int64_t begin = bmc_now();
	struct rf_reply r = expect(&ask, 202, NULL);

	(void)state;
	fixture_pass(300);
	assert_int_equal(fixture->boards[2].powered, 0);
	assert_int_equal(fixture->boards[1].powered, 1);
	assert_int_equal(fixture_wait((uint32_t)atoi(strrchr(r.location, '/') + 1)),
			 BMC_TASK_COMPLETED);
	assert_int_equal(fixture->boards[1].powered, 0);
	assert_true(bmc_now() - begin >= 1000);
	rf_reply_done(&r);
	assert_int_equal(fixture_do_wait(BMC_ACT_ON, "sub1-01"), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_do_wait(BMC_ACT_ON, "sub1-02"), BMC_TASK_COMPLETED);
}

static void enclosure_reset_leaves_out_what_can_not(void **state)
{
	(void)state;
	say("admin", "POST", "/redfish/v1/Chassis/enclosure/Actions/Chassis.Reset",
	    "{\"ResetType\":\"On\"}", 204, NULL);
}

static void refused_actions_say_why(void **state)
{
	uint32_t task;

	(void)state;
	say("admin", "POST", RESET, "{\"ResetType\":\"Explode\"}", 400,
	    "ActionParameterValueNotInList");
	say("admin", "POST", RESET, "{\"ResetType\":5}", 400,
	    "ActionParameterValueTypeError");
	say("admin", "POST", RESET, "{\"ResetType\":\"On\",\"Delay\":1}", 400,
	    "ActionParameterUnknown");
	say("admin", "POST", RESET, "{}", 400, "ActionParameterMissing");
	say("rita", "POST", RESET, "{\"ResetType\":\"ForceOff\"}", 403,
	    "InsufficientPrivilege");
	say(NULL, "POST", RESET, "{\"ResetType\":\"ForceOff\"}", 401,
	    "AccessUnauthorized");
	say("newbie", "POST", RESET, "{\"ResetType\":\"ForceOff\"}", 403,
	    "PasswordChangeRequired");
	say("admin", "GET", RESET, NULL, 405, "OperationNotAllowed");
	say("admin", "POST", SYSTEM "/Actions/ComputerSystem.Explode", "{}", 404, NULL);
	say("admin", "POST", "/redfish/v1/Systems/sub1-04/Actions/ComputerSystem.Reset",
	    "{\"ResetType\":\"On\"}", 409, "ResourceMissingAtURI");
	say("admin", "POST", "/redfish/v1/Systems/sub2-02/Actions/ComputerSystem.Reset",
	    "{\"ResetType\":\"ForceOff\"}", 400, "ActionNotSupported");
	say("admin", "POST", "/redfish/v1/Systems/nope/Actions/ComputerSystem.Reset",
	    "{\"ResetType\":\"On\"}", 404, "ResourceMissingAtURI");
	assert_int_equal(fixture_do(BMC_ACT_GRACEFUL_RESTART, "sub1-01", &task), 0);
	say("admin", "POST", RESET, "{\"ResetType\":\"ForceOff\"}", 409,
	    "ResourceInUse");
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	fixture_pass(150);
}

static void task_is_cancelled_by_delete_and_goes_when_it_has_ended(void **state)
{
	uint32_t task;
	char uri[64];

	(void)state;
	fixture->boards[fixture_board("sub1-01")].fault = FIXTURE_ADB_HANGS;
	assert_int_equal(fixture_do(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01", &task), 0);
	fixture_pass(50);
	(void)snprintf(uri, sizeof(uri), "/redfish/v1/TaskService/Tasks/%u", task);
	say("rita", "DELETE", uri, NULL, 403, "InsufficientPrivilege");
	say("admin", "DELETE", uri, NULL, 204, NULL);
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	fixture->boards[fixture_board("sub1-01")].fault = FIXTURE_NO_FAULT;
	fixture_pass(150);
	say("rita", "DELETE", uri, NULL, 403, "InsufficientPrivilege");
	say("admin", "DELETE", uri, NULL, 204, NULL);
	assert_int_equal(rf_status("GET", uri, NULL), 404);
	assert_int_equal(rf_status("DELETE", uri, NULL), 404);
}

static void manager_restarts_only_gracefully(void **state)
{
	const char *uri = "/redfish/v1/Managers/bmc/Actions/Manager.Reset";

	(void)state;
	say("admin", "POST", uri, "{\"ResetType\":\"ForceOff\"}", 400,
	    "ActionParameterValueNotInList");
	say("olga", "POST", uri, "{\"ResetType\":\"GracefulRestart\"}", 403,
	    "InsufficientPrivilege");
}

/* ---- the clock ---- */

static int64_t clock_ms;
static int clock_code;

static int clock_set(int64_t wall_ms, int64_t deadline, struct bmc_error *err)
{
	assert_true(deadline > bmc_now());
	clock_ms = wall_ms;
	return clock_code < 0 ? bmc_fail(err, clock_code, "no") : clock_code;
}

/* `settable`: what the configuration says. */
static void show_manager(bool settable)
{
	struct bmc_manager row = {
		.row = { .kind = BMC_MANAGER, .id = "bmc", .index = { 1 } },
		.clock_settable = settable,
	};

	(void)bmc_inventory_upsert(&row.row);
	bmc_inventory_publish();
}

static void clock_is_set_where_the_helper_may(void **state)
{
	static const struct {
		const char *body;
		int64_t ms;
	} cases[] = {
		{ "{\"DateTime\":\"2026-11-21T12:00:00Z\"}", 1795262400000 },
		{ "{\"DateTime\":\"2026-11-21T12:00:00.750+01:30\"}", 1795257000000 },
		{ "{\"DateTime\":\"2028-02-29T23:59:59-12:00\"}", 1835524799000 },
	};
	const struct bmc_hardware_ops *before = bmc_hardware;
	const struct bmc_hardware_ops with = { .clock_set = clock_set };
	const char *uri = "/redfish/v1/Managers/bmc";

	(void)state;
	bmc_hardware = &with;
	show_manager(false);
	clock_ms = 0;
	say("admin", "PATCH", uri, cases[0].body, 400, "PropertyNotWritable");
	assert_int_equal(clock_ms, 0);
	show_manager(true);
	say("olga", "PATCH", uri, cases[0].body, 403, "InsufficientPrivilege");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		say("admin", "PATCH", uri, cases[i].body, 200, NULL);
		assert_int_equal(clock_ms, cases[i].ms);
	}
	clock_code = BMC_EPERM;
	say("admin", "PATCH", uri, cases[0].body, 403, "InsufficientPrivilege");
	clock_code = 0;
	bmc_hardware = before;
}

/* ---- NTP ---- */

static struct {
	char servers[BMC_NTP_LIST_MAX];
	int enabled, code;
	unsigned calls;
} ntp;

static int ntp_set(const char *servers, int enabled, int64_t deadline,
		   struct bmc_error *err)
{
	assert_true(deadline > bmc_now());
	(void)bmc_copy(ntp.servers, sizeof(ntp.servers), servers ? servers : "-");
	ntp.enabled = enabled;
	ntp.calls++;
	return ntp.code < 0 ? bmc_fail(err, ntp.code, "no") : ntp.code;
}

static const struct {
	const char *body, *key;
} bad_ntp[] = {
	{ "[]", "PropertyValueTypeError" },
	{ "{}", "NoOperation" },
	{ "{\"Port\":123}", "PropertyUnknown" },
	{ "{\"ProtocolEnabled\":\"yes\"}", "PropertyValueTypeError" },
	{ "{\"ProtocolEnabled\":null}", "PropertyValueTypeError" },
	{ "{\"NTPServers\":\"a\"}", "PropertyValueTypeError" },
	{ "{\"NTPServers\":[\"a\",7]}", "PropertyValueTypeError" },
	{ "{\"NTPServers\":[\"a b\"]}", "PropertyValueFormatError" },
	{ "{\"NTPServers\":[\"\"]}", "PropertyValueFormatError" },
	{ "{\"NTPServers\":[\"a\\nNTP=b\"]}", "PropertyValueFormatError" },
	{ "{\"NTPServers\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]}",
	  "ArraySizeTooLong" },
	{ "{\"ProtocolEnabled\":true,\"NTPServers\":[\"a..b\"]}",
	  "PropertyValueFormatError" },
	{ "{\"ProtocolEnabled\":1,\"NTPServers\":[\"a\"]}", "PropertyValueTypeError" },
};

static const struct {
	const char *body, *servers;
	int enabled;
} good_ntp[] = {
	{ "{\"ProtocolEnabled\":true}", "-", 1 },
	{ "{\"ProtocolEnabled\":false,\"NTPServers\":[]}", "", 0 },
	{ "{\"NTPServers\":[\"a.example\",null,\"2001:db8::1\"]}",
	  "a.example 2001:db8::1", -1 },
	{ "{\"NTPServers\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\"]}",
	  "a b c d e f g h", -1 },
};

static void try_ntp(const char *user, const char *value, unsigned status,
		    const char *key)
{
	char body[512];

	(void)snprintf(body, sizeof(body), "{\"NTP\":%s}", value);
	say(user, "PATCH", "/redfish/v1/Managers/bmc/NetworkProtocol", body, status,
	    key);
}

static void long_server(size_t len, unsigned status, const char *key)
{
	char value[320] = "{\"NTPServers\":[\"";
	size_t at = strlen(value);

	for (size_t i = 0; i < len; i++)
		value[at + i] = i % 50 == 49 ? '.' : 'a';
	(void)snprintf(value + at + len, sizeof(value) - at - len, "\"]}");
	try_ntp("admin", value, status, key);
}

static void ntp_is_checked_whole_and_set_once(void)
{
	try_ntp("olga", good_ntp[0].body, 403, "InsufficientPrivilege");
	for (size_t i = 0; i < ARRAY_SIZE(bad_ntp); i++)
		try_ntp("admin", bad_ntp[i].body, 400, bad_ntp[i].key);
	long_server(254, 400, "StringValueTooLong");
	/* behind more than there is room to say */
	say("admin", "PATCH", "/redfish/v1/Managers/bmc/NetworkProtocol",
	    "{" UNKNOWN_16 "\"NTP\":{\"ProtocolEnabled\":\"yes\"}}", 400,
	    "PropertyUnknown");
	assert_int_equal(ntp.calls, 0);
	long_server(253, 200, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(good_ntp); i++) {
		try_ntp("admin", good_ntp[i].body, 200, NULL);
		assert_string_equal(ntp.servers, good_ntp[i].servers);
		assert_int_equal(ntp.enabled, good_ntp[i].enabled);
		assert_int_equal(ntp.calls, i + 2);
	}
	ntp.code = BMC_EPERM;
	try_ntp("admin", good_ntp[0].body, 403, "InsufficientPrivilege");
	ntp.code = 0;
}

static void ntp_is_set_where_timesyncd_is_and_the_helper_may(void **state)
{
	const struct bmc_hardware_ops *before = bmc_hardware;
	const struct bmc_hardware_ops with = { .ntp_set = ntp_set };
	char folder[] = "/tmp/redfish-ntp-XXXXXX", command[256];

	(void)state;
	assert_non_null(mkdtemp(folder));
	bmc_hardware = &with;
	bmc_ntp_below(folder);
	show_manager(true);
	try_ntp("admin", good_ntp[0].body, 400, "PropertyNotWritable");
	(void)snprintf(command, sizeof(command),
		       "cd %s && mkdir -p run/systemd/system usr/lib/systemd/system && "
		       "touch usr/lib/systemd/system/systemd-timesyncd.service",
		       folder);
	assert_int_equal(system(command), 0);
	show_manager(false);
	try_ntp("admin", good_ntp[0].body, 400, "PropertyNotWritable");
	assert_int_equal(ntp.calls, 0);
	show_manager(true);
	ntp_is_checked_whole_and_set_once();
	bmc_ntp_below("");
	bmc_hardware = before;
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
}

/* ---- PATCH ---- */

static void settings_are_set_and_shown(void **state)
{
	char word[64];

	(void)state;
	say("olga", "PATCH", SYSTEM, "{\"AssetTag\":\"rack 7\",\"@odata.etag\":\"x\"}",
	    200, NULL);
	assert_string_equal(text_of(SYSTEM, "AssetTag", word), "rack 7");
	assert_string_equal(text_of("/redfish/v1/Chassis/sub1-01", "AssetTag", word),
			    "rack 7");
	say("admin", "PATCH", SYSTEM,
	    "{\"Oem\":{\"ClusterBmc\":{\"Label\":\"Sleipnir\"}}}", 200, NULL);
	assert_string_equal(text_of(SYSTEM, "Name", word), "Sleipnir");
}

static void null_empties_a_text_that_is_shown_as_null(void **state)
{
	static const char chassis[] = "/redfish/v1/Chassis/enclosure";
	char word[64];

	(void)state;
	say("admin", "PATCH", chassis, "{\"AssetTag\":\"rack 8\"}", 200, NULL);
	assert_string_equal(text_of(chassis, "AssetTag", word), "rack 8");
	say("admin", "PATCH", chassis, "{\"AssetTag\":null}", 200, NULL);
	json_t *body = rf_get(chassis);
	assert_true(json_is_null(rf_at(body, "AssetTag")));
	json_decref(body);
	/* what is never null, and what is no text */
	say("admin", "PATCH", chassis, "{\"LocationIndicatorActive\":null}", 400,
	    "PropertyValueTypeError");
}

static void locator_is_lit_and_put_out(void **state)
{
	(void)state;
	say("admin", "PATCH", SYSTEM, "{\"LocationIndicatorActive\":true}", 200, NULL);
	fixture_pass(200);
	assert_int_equal(fixture->boards[fixture_board("sub1-01")].locator, 1);
	say("admin", "PATCH", SYSTEM, "{\"LocationIndicatorActive\":false}", 200, NULL);
	fixture_pass(200);
	assert_int_equal(fixture->boards[fixture_board("sub1-01")].locator, 0);
}

static void wrong_values_are_named_one_by_one(void **state)
{
	const struct rf_ask ask = {
		.method = "PATCH",
		.uri = SYSTEM,
		.user = "admin",
		.body = "{\"AssetTag\":5,\"Nope\":1,\"PowerState\":\"On\",\"Status\":7,"
			"\"IndicatorLED\":\"Lit\",\"LocationIndicatorActive\":"
			"\"yes\",\"Id\":\"x\"}"
	};
	struct rf_reply r = expect(&ask, 400, "PropertyValueTypeError");

	(void)state;
	assert_string_equal(rf_message(&r, 1), "PropertyUnknown");
	assert_string_equal(rf_message(&r, 2), "PropertyNotWritable");
	assert_string_equal(rf_message(&r, 3), "PropertyValueTypeError");
	assert_string_equal(rf_message(&r, 4), "PropertyUnknown");
	assert_string_equal(rf_message(&r, 5), "PropertyValueTypeError");
	assert_string_equal(rf_message(&r, 6), "PropertyNotWritable");
	assert_string_equal(json_string_value(rf_at(r.json, "error/code")),
			    "Base.1.22.GeneralError");
	rf_reply_done(&r);
}

static void half_of_a_patch_is_done_and_the_rest_is_said(void **state)
{
	char word[64];
	const struct rf_ask ask = { .method = "PATCH",
				    .uri = SYSTEM,
				    .user = "admin",
				    .body = "{\"AssetTag\":\"half\",\"Nope\":1}" };
	struct rf_reply r = expect(&ask, 200, NULL);

	(void)state;
	assert_string_equal(json_string_value(rf_at(r.json, "AssetTag")), "half");
	assert_non_null(rf_at(r.json, "Nope@Message.ExtendedInfo/0/MessageId"));
	assert_non_null(rf_at(r.json, "@Message.ExtendedInfo/0/MessageId"));
	rf_reply_done(&r);
	/* what the action API refuses is left out, wherever it stands */
	say("admin", "PATCH", "/redfish/v1/Systems/main",
	    "{\"LocationIndicatorActive\":true,\"AssetTag\":\"kept\"}", 200, NULL);
	assert_string_equal(text_of("/redfish/v1/Systems/main", "AssetTag", word),
			    "kept");
	say("admin", "PATCH", "/redfish/v1/Systems/main",
	    "{\"AssetTag\":\"also kept\",\"LocationIndicatorActive\":true}", 200, NULL);
	assert_string_equal(text_of("/redfish/v1/Systems/main", "AssetTag", word),
			    "also kept");
}

/* An answer has room for 16 messages: a value that is refused behind them counts. */
static void what_is_refused_unsaid_is_refused_too(void **state)
{
	static const char *const wrong[] = {
		"\"LocationIndicatorActive\":\"yes\"",
		"\"Boot\":{\"BootSourceOverrideTarget\":\"Pxe\"}",
		"\"Nope\":1",
	};
	char body[512], word[64];

	(void)state;
	say("admin", "PATCH", SYSTEM, "{\"AssetTag\":\"before\"}", 200, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		(void)snprintf(body, sizeof(body),
			       "{" UNKNOWN_16 "%s,\"AssetTag\":\"after\"}", wrong[i]);
		say("admin", "PATCH", SYSTEM, body, 400, "PropertyUnknown");
		assert_string_equal(text_of(SYSTEM, "AssetTag", word), "before");
	}
	say("admin", "PATCH", SYSTEM, "{" UNKNOWN_16 "\"AssetTag\":\"after\"}", 200,
	    NULL);
	assert_string_equal(text_of(SYSTEM, "AssetTag", word), "after");
}

static void bounds_of_values_are_kept(void **state)
{
	const char *fan = "/redfish/v1/Chassis/enclosure/ThermalSubsystem/Fans/fan1";
	char body[300], long_text[200];

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = 0;
	(void)snprintf(body, sizeof(body), "{\"AssetTag\":\"%s\"}", long_text);
	say("admin", "PATCH", SYSTEM, body, 400, "StringValueTooLong");
	say("admin", "PATCH", fan,
	    "{\"Oem\":{\"ClusterBmc\":{\"TargetDutyPercent\":120}}}", 400,
	    "PropertyValueOutOfRange");
	say("admin", "PATCH", fan,
	    "{\"Oem\":{\"ClusterBmc\":{\"TargetDutyPercent\":1e300}}}", 400,
	    "PropertyValueOutOfRange");
	say("admin", "PATCH", fan,
	    "{\"Oem\":{\"ClusterBmc\":{\"TargetDutyPercent\":true}}}", 400,
	    "PropertyValueTypeError");
	say("admin", "PATCH", fan, "{\"Oem\":{\"ClusterBmc\":{\"LowestRpm\":900}}}",
	    200, NULL);
	/* it is named once */
	const struct rf_ask ask = {
		.method = "PATCH",
		.uri = fan,
		.user = "admin",
		.body = "{\"Oem\":{\"ClusterBmc\":{\"TargetDutyPercent\":-1}}}"
	};
	struct rf_reply r = expect(&ask, 400, "PropertyValueOutOfRange");
	assert_null(rf_message(&r, 1));
	rf_reply_done(&r);
}

static void patch_needs_the_right_role_method_and_resource(void **state)
{
	(void)state;
	say("rita", "PATCH", SYSTEM, "{\"AssetTag\":\"x\"}", 403,
	    "InsufficientPrivilege");
	say("admin", "PATCH", "/redfish/v1/Systems", "{\"AssetTag\":\"x\"}", 405,
	    "OperationNotAllowed");
	say("admin", "PUT", SYSTEM, "{\"AssetTag\":\"x\"}", 405, "OperationNotAllowed");
	say("admin", "TRACE", SYSTEM, NULL, 501, "OperationNotAllowed");
	say("admin", "DELETE", SYSTEM, NULL, 405, "OperationNotAllowed");
	say("admin", "POST", "/redfish/v1/Systems", "{}", 405, "OperationNotAllowed");
	say("admin", "OPTIONS", SYSTEM, NULL, 204, NULL);
}

static void malformed_bodies_are_refused(void **state)
{
	static const struct {
		const char *body, *message;
	} all[] = {
		{ "{", "MalformedJSON" },
		{ "", "EmptyJSON" },
		{ "[]", "UnrecognizedRequestBody" },
		{ "{}{}", "MalformedJSON" },
		{ "{\"a\":\"\xff\"}", "MalformedJSON" },
		{ "{\"AssetTag\":\"a\",\"AssetTag\":\"b\"}", "PropertyDuplicate" },
		{ "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{"
		  "\"a\":{}}}}}}}}}}}",
		  "MalformedJSON" },
		{ "{}", "NoOperation" },
		{ "{\"@odata.id\":\"x\"}", "NoOperation" },
		{ "{\"a\\\"", "MalformedJSON" },
		{ "{\"a\":\"\\u0000\"}", "MalformedJSON" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		say("admin", "PATCH", SYSTEM, all[i].body, 400, all[i].message);
}

static void body_has_to_be_json_by_its_header(void **state)
{
	/* the last one: what a web page elsewhere can make a browser send */
	static const char *const types[] = { "Content-Type: text/plain",
					     "Content-Type: application/jsonx", NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const struct rf_ask form = { .method = "PATCH",
					     .uri = SYSTEM,
					     .user = "admin",
					     .body = "{\"AssetTag\":\"x\"}",
					     .no_type = true,
					     .headers = { types[i] } };
		struct rf_reply r = expect(&form, 415, "HeaderInvalid");
		rf_reply_done(&r);
	}
}

/* ---- preconditions ---- */

static void if_match_compares_the_settings_only(void **state)
{
	const struct rf_ask get = { .method = "GET", .uri = SYSTEM, .user = "admin" };
	struct rf_reply old = rf_ask(&get), r;
	char header[64];
	struct rf_ask patch = { .method = "PATCH",
				.uri = SYSTEM,
				.user = "admin",
				.body = "{\"AssetTag\":\"first\"}",
				.headers = { header } };

	(void)state;
	(void)snprintf(header, sizeof(header), "If-Match: %s", old.etag);
	/* a reading changes: no reason to refuse */
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-01"),
			 BMC_TASK_COMPLETED);
	fixture_pass(150);
	assert_int_equal(fixture_do_wait(BMC_ACT_ON, "sub1-01"), BMC_TASK_COMPLETED);
	r = expect(&patch, 200, NULL);
	rf_reply_done(&r);
	/* the setting changed since: refused */
	patch.body = "{\"AssetTag\":\"second\"}";
	r = expect(&patch, 412, "PreconditionFailed");
	rf_reply_done(&r);
	patch = (struct rf_ask){ .method = "POST",
				 .uri = RESET,
				 .user = "admin",
				 .body = "{\"ResetType\":\"On\"}",
				 .headers = { header } };
	r = expect(&patch, 412, "PreconditionFailed");
	rf_reply_done(&r);
	patch.headers[0] = "If-Match: *";
	r = expect(&patch, 204, NULL);
	rf_reply_done(&r);
	rf_reply_done(&old);
}

static void running_clock_is_no_reason_to_refuse(void **state)
{
	const struct rf_ask get = { .method = "GET",
				    .uri = "/redfish/v1/Managers/bmc",
				    .user = "admin" };
	struct rf_reply old = rf_ask(&get), r;
	char header[64];
	const struct rf_ask patch = {
		.method = "PATCH",
		.uri = get.uri,
		.user = "admin",
		.body = "{\"Oem\":{\"ClusterBmc\":{\"Label\":\"x\"}}}",
		.headers = { header }
	};

	(void)state;
	(void)snprintf(header, sizeof(header), "If-Match: %s", old.etag);
	assert_int_equal(setenv("TZ", "XYZ+3", 1), 0); /* another DateTime at once */
	tzset();
	r = rf_ask(&get);
	assert_string_not_equal(r.etag, old.etag);
	rf_reply_done(&r);
	r = expect(&patch, 200, NULL);
	rf_reply_done(&r);
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
	rf_reply_done(&old);
}

/* ---- people ---- */

static void credentials_are_checked_once_and_remembered(void **state)
{
	(void)state;
	rf_fixture.cached = false;
	say("admin", "GET", SYSTEM, NULL, 200, NULL);
	assert_int_equal(rf_fixture.checks, 1);
	say("admin:wrong", "GET", SYSTEM, NULL, 401, "AccessUnauthorized");
	rf_fixture.cached = true;
	say("admin", "GET", SYSTEM, NULL, 200, NULL);
	assert_int_equal(rf_fixture.checks, 2);
	say("Basic !!!", "GET", SYSTEM, NULL, 401, NULL);
	say("Bearer x", "GET", SYSTEM, NULL, 401, NULL);
	say("Basic YWRtaW4=", "GET", SYSTEM, NULL, 401, NULL);
}

static void too_many_failures_have_to_wait(void **state)
{
	(void)state;
	rf_fixture.check_code = BMC_EAGAIN;
	say("admin:wrong", "GET", SYSTEM, NULL, 503, "ServiceTemporarilyUnavailable");
	rf_fixture.check_code = 0;
}

static void session_is_opened_used_and_its_token_is_shown_once(void **state)
{
	const struct rf_ask open = {
		.method = "POST",
		.uri = "/redfish/v1/SessionService/Sessions",
		.body = "{\"UserName\":\"admin\",\"Password\":\"admin-pw\"}"
	};
	struct rf_reply r = expect(&open, 201, NULL);
	const struct rf_ask use = { .method = "GET",
				    .uri = SYSTEM,
				    .headers = { "X-Auth-Token: token-of-admin" } },
			    guess = { .method = "GET",
				      .uri = SYSTEM,
				      .headers = { "X-Auth-Token: guess" } };

	(void)state;
	assert_string_equal(r.token, "token-of-admin");
	assert_string_equal(r.location, "/redfish/v1/SessionService/Sessions/s1");
	assert_null(strstr(r.text, "token"));
	rf_reply_done(&r);
	r = expect(&use, 200, NULL);
	rf_reply_done(&r);
	r = expect(&guess, 401, "NoValidSession");
	rf_reply_done(&r);
	say("admin", "DELETE", "/redfish/v1/SessionService/Sessions/s1", NULL, 204,
	    NULL);
	say("rita", "DELETE", "/redfish/v1/SessionService/Sessions/s1", NULL, 403,
	    "InsufficientPrivilege");
}

static void login_needs_the_right_password_and_both_names(void **state)
{
	const char *uri = "/redfish/v1/SessionService/Sessions";

	(void)state;
	say(NULL, "POST", uri, "{\"UserName\":\"admin\",\"Password\":\"x\"}", 401,
	    NULL);
	say("admin", "POST", uri, "{\"UserName\":\"rita\",\"Password\":\"x\"}", 401,
	    NULL);
	say(NULL, "POST", uri, "{\"UserName\":\"admin\"}", 400,
	    "CreateFailedMissingReqProperties");
	say(NULL, "POST", "/redfish/v1/SessionService/Sessions/Members",
	    "{\"UserName\":\"admin\",\"Password\":\"admin-pw\"}", 201, NULL);
	say(NULL, "POST", uri, "{\"UserName\":1,\"Password\":\"x\"}", 400,
	    "PropertyValueTypeError");
	say(NULL, "POST", uri, "{\"UserName\":\"a\",\"Password\":\"x\",\"Foo\":1}", 400,
	    "PropertyUnknown");
}

static void a_refused_creation_names_the_properties(void **state)
{
	static const char *const cases[][3] = {
		{ "AccountService/Accounts",
		  "{\"UserName\":\"a\",\"Password\":\"x\",\"Foo\":1}", "#/Foo" },
		{ "AccountService/Accounts", "{\"UserName\":1,\"Password\":\"x\"}",
		  "#/UserName" },
		{ "AccountService/Accounts", "{\"UserName\":\"a\"}", "#/Password" },
		{ "AggregationService/Aggregates",
		  "{\"Elements\":[{\"@odata.id\":\"/redfish/v1/Systems/no\"}]}",
		  "#/Elements" },
	};
	char uri[80];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)snprintf(uri, sizeof(uri), "/redfish/v1/%s", cases[i][0]);
		const struct rf_ask ask = { .method = "POST",
					    .uri = uri,
					    .user = "admin",
					    .body = cases[i][1] };
		struct rf_reply r = rf_ask(&ask);
		const json_t *said = rf_at(r.json, "error/@Message.ExtendedInfo/0/"
						   "RelatedProperties/0");
		assert_int_equal(r.status, 400);
		assert_string_equal(json_string_value(said), cases[i][2]);
		rf_reply_done(&r);
	}
}

static void first_password_is_changed_before_anything_else(void **state)
{
	const struct rf_ask open = {
		.method = "POST",
		.uri = "/redfish/v1/SessionService/Sessions",
		.body = "{\"UserName\":\"newbie\",\"Password\":\"newbie-pw\"}"
	};
	struct rf_reply r = expect(&open, 201, NULL);

	(void)state;
	assert_non_null(strstr(r.text, "PasswordChangeRequired"));
	rf_reply_done(&r);
	say("newbie", "GET", "/redfish/v1", NULL, 200, NULL);
	say("newbie", "GET", SYSTEM, NULL, 403, "PasswordChangeRequired");
	say("newbie", "GET", ACCOUNTS "/admin", NULL, 403, "PasswordChangeRequired");
	say("newbie", "GET", ACCOUNTS "/newbie", NULL, 200, NULL);
	const struct rf_ask rename = { .user = "newbie",
				       .method = "PATCH",
				       .uri = ACCOUNTS "/newbie",
				       .body = "{\"UserName\":\"older\"}" };
	r = expect(&rename, 403, "PasswordChangeRequired");
	assert_non_null(strstr(r.text, "URI '" ACCOUNTS "/newbie'"));
	rf_reply_done(&r);
	say("newbie", "PATCH", ACCOUNTS "/newbie", "{\"Password\":\"much-better\"}",
	    200, NULL);
}

static void accounts_are_seen_by_their_owner_and_administrators(void **state)
{
	(void)state;
	say("rita", "GET", ACCOUNTS "/rita", NULL, 200, NULL);
	say("rita", "GET", ACCOUNTS "/admin", NULL, 403, "InsufficientPrivilege");
	say("admin", "GET", ACCOUNTS "/rita", NULL, 200, NULL);
	say("rita", "GET", ACCOUNTS, NULL, 200, NULL);
	/* the same from the cache */
	say("olga", "GET", ACCOUNTS "/olga", NULL, 200, NULL);
	say("olga", "GET", ACCOUNTS "/olga", NULL, 200, NULL);
	say("rita", "GET", ACCOUNTS "/olga", NULL, 403, "InsufficientPrivilege");
}

/* A password of the wrong type is refused without being repeated. */
static void shows_no_secret(const char *method, const char *uri, const char *body)
{
	const struct rf_ask ask = {
		.method = method, .uri = uri, .user = "admin", .body = body
	};
	struct rf_reply r = rf_ask(&ask);

	assert_int_equal(r.status, 400);
	assert_null(strstr(r.text, "hush"));
	rf_reply_done(&r);
}

static void account_is_made_changed_and_removed(void **state)
{
	const char *whole = "{\"UserName\":\"olaf\",\"Password\":\"long-enough\","
			    "\"RoleId\":\"Operator\"}";
	const struct rf_ask ask = {
		.method = "POST", .uri = ACCOUNTS, .user = "admin", .body = whole
	};
	struct rf_reply r = expect(&ask, 201, NULL);

	(void)state;
	assert_string_equal(r.location, ACCOUNTS "/olaf");
	assert_string_equal(json_string_value(rf_at(r.json, "RoleId")), "Operator");
	assert_true(json_is_null(rf_at(r.json, "Password")));
	rf_reply_done(&r);
	say("admin", "POST", ACCOUNTS, whole, 400, "ResourceAlreadyExists");
	say("rita", "POST", ACCOUNTS,
	    "{\"UserName\":\"eve\",\"Password\":\"long-enough\",\"RoleId\":"
	    "\"Operator\"}",
	    403, "InsufficientPrivilege");
	say("admin", "POST", ACCOUNTS,
	    "{\"UserName\":\"eve\",\"Password\":\"weak-weak\",\"RoleId\":\"Operator\"}",
	    400, "PasswordComplexityNotMet");
	say("admin", "POST", ACCOUNTS,
	    "{\"UserName\":\"eve\",\"Password\":\"x\",\"RoleId\":\"Operator\"}", 400,
	    "PasswordIncorrectLength");
	say("admin", "POST", ACCOUNTS,
	    "{\"UserName\":\"eve\",\"Password\":\"x\",\"RoleId\":\"Emperor\"}", 400,
	    "PropertyValueNotInList");
	say("admin", "PATCH", ACCOUNTS "/olaf",
	    "{\"RoleId\":\"ReadOnly\",\"Enabled\":false}", 200, NULL);
	say("admin", "PATCH", ACCOUNTS "/olaf", "{\"Enabled\":\"no\"}", 400,
	    "PropertyValueTypeError");
	say("admin", "PATCH", ACCOUNTS "/olaf", "{\"Password\":7}", 400,
	    "PropertyValueTypeError");
	shows_no_secret("PATCH", ACCOUNTS "/olaf", "{\"Password\":[\"hush\"]}");
	shows_no_secret("POST", ACCOUNTS,
			"{\"UserName\":\"eve\",\"Password\":{\"is\":\"hush\"},"
			"\"RoleId\":\"Operator\"}");
	shows_no_secret(
		"POST", ACCOUNTS "/olaf/Actions/ManagerAccount.ChangePassword",
		"{\"SessionAccountPassword\":\"x\",\"NewPassword\":[\"hush\"]}");
	say("admin", "POST", ACCOUNTS "/olaf/Actions/ManagerAccount.ChangePassword",
	    "{\"SessionAccountPassword\":\"admin-pw\",\"NewPassword\":\"another-one\"}",
	    204, NULL);
	say("admin", "DELETE", ACCOUNTS "/olaf", NULL, 204, NULL);
}

/* What is right in it is not done when anything is wrong; what is no property of it is
 * only said. */
static void an_accounts_patch_is_done_as_a_whole_or_not_at_all(void **state)
{
	static const struct {
		const char *body, *message;
		unsigned status;
	} refused[] = {
		{ "{\"RoleId\":\"ReadOnly\",\"Password\":\"short\"}",
		  "PasswordIncorrectLength", 400 },
		{ "{\"Password\":\"short\",\"RoleId\":\"ReadOnly\"}",
		  "PasswordIncorrectLength", 400 },
		{ "{\"RoleId\":\"ReadOnly\",\"Enabled\":\"no\"}",
		  "PropertyValueTypeError", 400 },
		{ "{\"RoleId\":\"ReadOnly\",\"UserName\":7}", "PropertyValueTypeError",
		  400 },
	};
	const struct rf_ask part = { .method = "PATCH",
				     .uri = ACCOUNTS "/olga",
				     .user = "admin",
				     .body = "{\"RoleId\":\"ReadOnly\",\"Nope\":1}" };
	unsigned runs;

	(void)state;
	runs = rf_fixture.account_runs;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		say("admin", "PATCH", ACCOUNTS "/olga", refused[i].body,
		    refused[i].status, refused[i].message);
		assert_int_equal(rf_fixture.account_runs, runs);
	}
	say("olga", "PATCH", ACCOUNTS "/olga",
	    "{\"Password\":\"much-better\",\"RoleId\":\"Administrator\"}", 403,
	    "InsufficientPrivilege");
	assert_int_equal(rf_fixture.account_runs, runs);
	struct rf_reply r = expect(&part, 200, NULL);
	assert_non_null(rf_at(r.json, "Nope@Message.ExtendedInfo/0/MessageId"));
	rf_reply_done(&r);
	assert_int_equal(rf_fixture.account_runs, runs + 1);
	/* a password is set before all else and a new name last, in whatever order */
	say("admin", "PATCH", ACCOUNTS "/olga",
	    "{\"UserName\":\"olga\",\"RoleId\":\"Operator\",\"Enabled\":true,"
	    "\"Password\":\"much-better\"}",
	    200, NULL);
	assert_int_equal(rf_fixture.account_runs, runs + 6); /* it is asked first */
	assert_string_equal(rf_fixture.last_runs, "password role enabled id ");
}

static void session_timeout_is_set_by_who_may(void **state)
{
	const char *uri = "/redfish/v1/SessionService";

	(void)state;
	say("admin", "PATCH", uri, "{\"SessionTimeout\":600}", 200, NULL);
	assert_int_equal(rf_fixture.timeout, 600);
	say("admin", "PATCH", uri, "{\"SessionTimeout\":5}", 400,
	    "PropertyValueOutOfRange");
	say("admin", "PATCH", uri, "{\"SessionTimeout\":\"long\"}", 400,
	    "PropertyValueTypeError");
	say("olga", "PATCH", uri, "{\"SessionTimeout\":600}", 403,
	    "InsufficientPrivilege");
}

static void what_never_answers_is_given_up(void **state)
{
	const struct rf_ask ask = { .method = "GET",
				    .uri = SYSTEM,
				    .user = "admin:wrong" };

	(void)state;
	rf_fixture.cached = false;
	http_wait_expire(true); /* the server ends */
	struct rf_reply r = expect(&ask, 500, "InternalError");
	rf_reply_done(&r);
	http_wait_open();
	rf_fixture.cached = true;
}

/* ---- limits of a sensor ---- */

static void limits(const char *body, unsigned status, const char *message)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "{\"Thresholds\":{%s}}", body);
	say("admin", "PATCH", "/redfish/v1/Chassis/enclosure/Sensors/ambient", text,
	    status, message);
}

#define LIMIT(name, value) "\"" name "\":{\"Reading\":" value "}"

static void limits_of_a_sensor_stay_in_order(void **state)
{
	const struct rf_ask ask = {
		.method = "PATCH",
		.uri = "/redfish/v1/Chassis/enclosure/Sensors/ambient",
		.user = "admin",
		.body = "{\"Thresholds\":{" LIMIT("UpperCaution", "50.5") "}}",
	};
	struct rf_reply r = expect(&ask, 400, "PropertyValueConflict");

	(void)state;
	assert_non_null(strstr(r.text, "Thresholds/UpperCaution/Reading"));
	rf_reply_done(&r);
	limits(LIMIT("UpperCaution", "50"), 200, NULL);
	limits(LIMIT("UpperCritical", "49.999"), 400, "PropertyValueConflict");
	limits(LIMIT("UpperCritical", "60") "," LIMIT("UpperCaution", "60"), 200, NULL);
	limits(LIMIT("UpperCaution", "45"), 200, NULL);
	limits(LIMIT("UpperCritical", "50"), 200, NULL);
}

/* As the privilege registry says of each resource, also for roles of the site's own:
 * the action API judges by what is changed, and does not refuse what the registry
 * allows. */
static void one_privilege_is_enough_where_the_registry_says_so(void **state)
{
	static const struct {
		const char *user, *method, *uri, *body;
		unsigned status;
	} asked[] = {
		{ "ulla", "PATCH", "AccountService", "{\"MinPasswordLength\":9}", 200 },
		{ "ulla", "PATCH", "AccountService", "{\"HTTPBasicAuth\":\"Enabled\"}",
		  200 },
		{ "ulla", "PATCH", "AccountService",
		  "{\"AccountLockoutThreshold\":4,\"AccountLockoutDuration\":60}",
		  200 },
		{ "mona", "PATCH", "AccountService", "{\"MinPasswordLength\":9}", 403 },
		{ "olga", "PATCH", "AccountService", "{\"MinPasswordLength\":9}", 403 },
		{ "ulla", "PATCH", "SessionService", "{\"SessionTimeout\":900}", 403 },
		{ "ulla", "PATCH", "Managers/bmc", "{\"LocationIndicatorActive\":true}",
		  403 },
		{ "ulla", "PATCH", "Systems/sub1-02", "{\"AssetTag\":\"x\"}", 403 },
		{ "mona", "PATCH", "Systems/sub1-02", "{\"AssetTag\":\"x\"}", 403 },
		{ "olga", "PATCH", "Systems/sub1-02", "{\"AssetTag\":\"x\"}", 200 },
		{ "mona", "POST", "AggregationService/Actions/AggregationService.Reset",
		  "{\"ResetType\":\"On\",\"TargetURIs\":[\"/redfish/v1/Systems/"
		  "sub1-02\"]}",
		  204 },
		{ "mona", "POST", "Systems/sub1-02/Actions/ComputerSystem.Reset",
		  "{\"ResetType\":\"On\"}", 403 },
	};
	char uri[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		(void)snprintf(uri, sizeof(uri), "/redfish/v1/%s", asked[i].uri);
		rf_expect(asked[i].user, asked[i].method, uri, asked[i].body,
			  asked[i].status,
			  asked[i].status == 403 ? "InsufficientPrivilege" : NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reset_is_202_with_a_task_that_answers_at_once),
		cmocka_unit_test(blade_reset_has_a_task_with_a_part_for_each_board),
		cmocka_unit_test(set_of_boards_is_one_transaction),
		cmocka_unit_test(batches_of_a_set_are_checked),
		cmocka_unit_test(second_batch_waits_for_the_first),
		cmocka_unit_test(enclosure_reset_leaves_out_what_can_not),
		cmocka_unit_test(refused_actions_say_why),
		cmocka_unit_test(
			task_is_cancelled_by_delete_and_goes_when_it_has_ended),
		cmocka_unit_test(manager_restarts_only_gracefully),
		cmocka_unit_test(clock_is_set_where_the_helper_may),
		cmocka_unit_test(ntp_is_set_where_timesyncd_is_and_the_helper_may),
		cmocka_unit_test(settings_are_set_and_shown),
		cmocka_unit_test(null_empties_a_text_that_is_shown_as_null),
		cmocka_unit_test(locator_is_lit_and_put_out),
		cmocka_unit_test(wrong_values_are_named_one_by_one),
		cmocka_unit_test(half_of_a_patch_is_done_and_the_rest_is_said),
		cmocka_unit_test(what_is_refused_unsaid_is_refused_too),
		cmocka_unit_test(bounds_of_values_are_kept),
		cmocka_unit_test(patch_needs_the_right_role_method_and_resource),
		cmocka_unit_test(malformed_bodies_are_refused),
		cmocka_unit_test(body_has_to_be_json_by_its_header),
		cmocka_unit_test(if_match_compares_the_settings_only),
		cmocka_unit_test(running_clock_is_no_reason_to_refuse),
		cmocka_unit_test(credentials_are_checked_once_and_remembered),
		cmocka_unit_test(too_many_failures_have_to_wait),
		cmocka_unit_test(session_is_opened_used_and_its_token_is_shown_once),
		cmocka_unit_test(login_needs_the_right_password_and_both_names),
		cmocka_unit_test(a_refused_creation_names_the_properties),
		cmocka_unit_test(first_password_is_changed_before_anything_else),
		cmocka_unit_test(accounts_are_seen_by_their_owner_and_administrators),
		cmocka_unit_test(account_is_made_changed_and_removed),
		cmocka_unit_test(an_accounts_patch_is_done_as_a_whole_or_not_at_all),
		cmocka_unit_test(session_timeout_is_set_by_who_may),
		cmocka_unit_test(what_never_answers_is_given_up),
		cmocka_unit_test(limits_of_a_sensor_stay_in_order),
		cmocka_unit_test(one_privilege_is_enough_where_the_registry_says_so),
	};

	return cmocka_run_group_tests(tests, rf_fixture_set_up, rf_fixture_tear_down);
}

// SPDX-License-Identifier: Apache-2.0
/* A PATCH of several resources at once: all of it is done, or nothing. */
#include "redfish-fixture.h"

#include <stdlib.h>

#include "redfish/patch.h"

#define SYSTEMS "/redfish/v1/Systems"
#define ONE     "{\"@odata.id\":\"" SYSTEMS "/sub1-01\",\"AssetTag\":"
#define TWO     "{\"@odata.id\":\"" SYSTEMS "/sub1-02\",\"AssetTag\":"

static unsigned deep(const char *user, const char *uri, const char *body,
		     char message[64])
{
	struct rf_reply r = rf_ask(&(struct rf_ask){
		.method = "PATCH", .uri = uri, .user = user, .body = body });
	unsigned status = r.status;

	(void)bmc_copy(message, 64, status >= 400 ? rf_message(&r, 0) : "");
	rf_reply_done(&r);
	return status;
}

static void tag_is(const char *board, const char *want)
{
	char uri[128];

	(void)snprintf(uri, sizeof(uri), SYSTEMS "/%s", board);
	json_t *json = rf_get(uri);
	assert_string_equal(json_string_value(rf_at(json, "AssetTag")), want);
	json_decref(json);
}

static void set_tags(const char *one, const char *two)
{
	char body[512], message[64];

	(void)snprintf(body, sizeof(body),
		       "{\"Members\":[" ONE "\"%s\"}," TWO "\"%s\"}]}", one, two);
	assert_int_equal(deep("admin", SYSTEMS ".Deep", body, message), 200);
}

static void members_are_set_at_once(void **state)
{
	(void)state;
	set_tags("a", "b");
	tag_is("sub1-01", "a");
	tag_is("sub1-02", "b");
}

static void two_levels_are_set_with_what_is_between(void **state)
{
	static const char body[] =
		"{\"@odata.type\":\"#x\",\"Systems\":{\"@odata.id\":\"" SYSTEMS
		"\",\"Members@odata.count\":1,\"Members\":[" ONE "\"deep\"}]}}";
	char message[64];

	(void)state;
	assert_int_equal(deep("admin", "/redfish/v1.Deep", body, message), 200);
	tag_is("sub1-01", "deep");
}

static void boot_is(const char *key, const char *want)
{
	json_t *json = rf_get(SYSTEMS "/sub1-02");
	char path[64];

	(void)snprintf(path, sizeof(path), "Boot/BootSourceOverride%s", key);
	assert_string_equal(json_string_value(rf_at(json, path)), want);
	json_decref(json);
}

/* Settings whose values are more than a number or a text. */
static void what_systems_boot_is_set_at_once(void **state)
{
	static const char body[] =
		"{\"Members\":[" ONE "\"boots\"},{\"@odata.id\":\"" SYSTEMS
		"/sub1-02\",\"Boot\":{\"BootSourceOverrideEnabled\":\"Once\","
		"\"BootSourceOverrideMode\":\"UEFI\","
		"\"BootSourceOverrideTarget\":\"Recovery\"}}]}";
	char message[64];

	(void)state;
	assert_int_equal(deep("admin", SYSTEMS ".Deep", body, message), 200);
	boot_is("Enabled", "Once");
	boot_is("Target", "Recovery");
	tag_is("sub1-01", "boots");
	rf_expect("admin", "PATCH", SYSTEMS "/sub1-02",
		  "{\"Boot\":{\"BootSourceOverrideEnabled\":\"Disabled\"}}", 200, NULL);
}

static const struct {
	const char *user, *uri, *body;
	unsigned status;
	const char *message;
} refused[] = {
	{ "admin", SYSTEMS ".Deep", "{\"Members\":[" ONE "\"new\"}," TWO "5}]}", 400,
	  "PropertyValueTypeError" },
	{ "admin", SYSTEMS ".Deep", "{\"Members\":[" TWO "5}," ONE "\"new\"}]}", 400,
	  "PropertyValueTypeError" },
	{ "admin", SYSTEMS ".Deep",
	  "{\"Members\":[" ONE "\"new\"},{\"@odata.id\":\"" SYSTEMS
	  "/x\",\"AssetTag\":\"y\"}]}",
	  404, "ResourceMissingAtURI" },
	{ "admin", SYSTEMS ".Deep",
	  "{\"Members\":[" ONE
	  "\"new\"},{\"@odata.id\":\"/redfish/v1/Chassis/enclosure\","
	  "\"AssetTag\":\"y\"}]}",
	  404, "ResourceMissingAtURI" },
	{ "admin", SYSTEMS ".Deep",
	  "{\"Members\":[" ONE "\"new\"},{\"@odata.id\":\"" SYSTEMS
	  "2/x\",\"AssetTag\":\"y\"}]}",
	  404, "ResourceMissingAtURI" },
	{ "admin", SYSTEMS ".Deep", "{\"Members\":[" ONE "\"new\"}," ONE "\"y\"}]}",
	  400, "PropertyDuplicate" },
	{ "admin", SYSTEMS ".Deep", "{\"Name\":\"x\",\"Members\":[" ONE "\"new\"}]}",
	  405, "OperationNotAllowed" },
	{ "admin", SYSTEMS ".Deep", "{\"Members\":[" ONE "\"new\",\"Nope\":1}]}", 400,
	  "PropertyUnknown" },
	{ "admin", SYSTEMS ".Deep", "{\"Members\":[]}", 405, "OperationNotAllowed" },
	{ "admin", SYSTEMS ".Deep", "{}", 400, "NoOperation" },
	{ "admin", SYSTEMS ".Deep", "[]", 400, "UnrecognizedRequestBody" },
	{ "admin", SYSTEMS ".Deep?$top=1", "{\"Members\":[" ONE "\"new\"}]}", 400,
	  "QueryNotSupportedOnOperation" },
	{ "rita", SYSTEMS ".Deep", "{\"Members\":[" ONE "\"new\"}]}", 403,
	  "InsufficientPrivilege" },
	{ "admin", SYSTEMS, "{\"Members\":[" ONE "\"new\"}]}", 405,
	  "OperationNotAllowed" },
	{ "admin", SYSTEMS "/sub1-01.Deep", "{\"X\":" ONE "\"new\"}}", 404,
	  "ResourceMissingAtURI" },
	{ "admin", "/redfish/v1/Nope.Deep", "{}", 404, "ResourceMissingAtURI" },
	{ "admin", SYSTEMS ".Deep",
	  "{\"Members\":[" ONE "\"new\"},{\"@odata.id\":\"" SYSTEMS
	  "/sub1-02\",\"Boot\":{\"BootSourceOverrideTarget\":\"Pxe\"}}]}",
	  400, "PropertyValueNotInList" },
	/* what is no setting of a row */
	{ "admin", "/redfish/v1.Deep",
	  "{\"A\":" ONE "\"new\"},\"B\":{\"@odata.id\":\"/redfish/v1/SessionService\","
	  "\"SessionTimeout\":600}}",
	  400, "PropertyNotWritable" },
	{ "admin", "/redfish/v1.Deep",
	  "{\"A\":" ONE "\"new\"},\"B\":{\"@odata.id\":"
	  "\"/redfish/v1/AccountService/Accounts/olga\",\"Password\":\"longer-Pw-9\"}}",
	  400, "PropertyNotWritable" },
	/* four levels */
	{ "admin", "/redfish/v1.Deep",
	  "{\"Systems\":{\"@odata.id\":\"" SYSTEMS "\",\"M\":{\"@odata.id\":\"" SYSTEMS
	  "/sub1-01\",\"AssetTag\":\"new\",\"P\":{\"@odata.id\":\"" SYSTEMS
	  "/sub1-01/Processors\",\"C\":{\"@odata.id\":\"" SYSTEMS
	  "/sub1-01/Processors/cpu\"}}}}}",
	  413, "PayloadTooLarge" },
};

static void nothing_is_done_when_anything_is_refused(void **state)
{
	(void)state;
	set_tags("old", "old");
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		char message[64];
		unsigned status =
			deep(refused[i].user, refused[i].uri, refused[i].body, message);
		if (status != refused[i].status ||
		    strcmp(message, refused[i].message) != 0)
			fail_msg("%zu %s: %u %s", i, refused[i].body, status, message);
		tag_is("sub1-01", "old");
		tag_is("sub1-02", "old");
	}
	assert_int_equal(rf_fixture.timeout, 1800);
}

static void each_resource_needs_its_own_privilege(void **state)
{
	static const char body[] =
		"{\"A\":{\"@odata.id\":\"/redfish/v1/AccountService/Accounts/olga\","
		"\"Nope\":1}}"; /* never done */
	static const uint32_t privileges[] = {
		BMC_PRIV_LOGIN | BMC_PRIV_CONFIGURE_MANAGER, 31
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(privileges); i++) {
		struct http_request http = { .body = strdup(body),
					     .body_len = strlen(body),
					     .method = "PATCH",
					     .path = "/redfish/v1",
					     .client = "192.0.2.1" };
		struct rf_request *q = rf_request_new(&http);

		assert_non_null(q);
		q->login.known = true;
		q->login.actor =
			(struct bmc_actor){ .name = "x", .privileges = privileges[i] };
		q->snap = bmc_snapshot_get();
		(void)rf_patch_deep(q);
		assert_int_equal(q->messages.n, 1);
		assert_int_equal(q->messages.list[0].id,
				 i ? RF_PROPERTY_UNKNOWN : RF_INSUFFICIENT_PRIVILEGE);
		(void)rf_request_free(q);
		free(http.body);
	}
}

/* A body with `n` members, of which all but the first have nothing to set. */
static unsigned of_targets(size_t n)
{
	char *body = malloc(n * 80 + 256), message[64], *at = body;

	assert_non_null(body);
	at += sprintf(at, "{\"Members\":[" ONE "\"many\"}");
	for (size_t i = 1; i < n; i++)
		at += sprintf(at, ",{\"@odata.id\":\"" SYSTEMS "/x%zu\"}", i);
	(void)strcpy(at, "]}");
	unsigned status = deep("admin", SYSTEMS ".Deep", body, message);
	free(body);
	return status;
}

static void targets_are_bounded(void **state)
{
	(void)state;
	/* the collection itself is one */
	assert_int_equal(of_targets(RF_DEEP_TARGETS_MAX - 2), 200);
	assert_int_equal(of_targets(RF_DEEP_TARGETS_MAX - 1), 200);
	assert_int_equal(of_targets(RF_DEEP_TARGETS_MAX), 413);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_set_at_once),
		cmocka_unit_test(two_levels_are_set_with_what_is_between),
		cmocka_unit_test(what_systems_boot_is_set_at_once),
		cmocka_unit_test(nothing_is_done_when_anything_is_refused),
		cmocka_unit_test(each_resource_needs_its_own_privilege),
		cmocka_unit_test(targets_are_bounded),
	};

	return cmocka_run_group_tests(tests, rf_fixture_set_up, rf_fixture_tear_down);
}

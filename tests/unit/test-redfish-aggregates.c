// SPDX-License-Identifier: Apache-2.0
/* Aggregates over Redfish: made, changed, reset and removed; their bounds. */
#include "core/model/service.h"
#include "redfish-fixture.h"

#include <stdlib.h>

#define AGGREGATES    "/redfish/v1/AggregationService/Aggregates"
#define FIRST         AGGREGATES "/1"
#define ADD           "/Actions/Aggregate.AddElements"
#define REMOVE        "/Actions/Aggregate.RemoveElements"
#define RESET         "/Actions/Aggregate.Reset"
#define SYSTEM(id)    "{\"@odata.id\":\"/redfish/v1/Systems/" id "\"}"
#define CHASSIS(id)   "{\"@odata.id\":\"/redfish/v1/Chassis/" id "\"}"
#define ELEMENTS(...) "{\"Elements\":[" __VA_ARGS__ "]}"

/* The URIs of the elements, "," after each. */
static const char *elements(const char *uri, char ret[512])
{
	json_t *json = rf_get(uri), *v;
	size_t i;

	ret[0] = 0;
	json_array_foreach (rf_at(json, "Elements"), i, v) {
		const char *at = json_string_value(rf_at(v, "@odata.id"));
		size_t used = strlen(ret);
		(void)snprintf(ret + used, 512 - used, "%s,", strrchr(at, '/') + 1);
	}
	assert_int_equal(json_integer_value(rf_at(json, "ElementsCount")),
			 json_array_size(rf_at(json, "Elements")));
	json_decref(json);
	return ret;
}

static int64_t count(void)
{
	json_t *json = rf_get(AGGREGATES);
	int64_t n = json_integer_value(rf_at(json, "Members@odata.count"));

	json_decref(json);
	return n;
}

static void make(void)
{
	rf_expect("olga", "POST", AGGREGATES,
		  "{\"Name\":\"Web\",\"Elements\":[" SYSTEM("sub1-01") "," SYSTEM(
			  "sub1-02") "]}",
		  201, NULL);
}

static int remove_all(void **state)
{
	json_t *json = rf_get(AGGREGATES), *v;
	size_t i;

	(void)state;
	json_array_foreach (rf_at(json, "Members"), i, v)
		rf_expect("admin", "DELETE", json_string_value(rf_at(v, "@odata.id")),
			  NULL, 204, NULL);
	json_decref(json);
	assert_int_equal(count(), 0);
	return 0;
}

static void aggregate_is_made_shown_and_removed(void **state)
{
	struct rf_reply r;
	char text[512];

	(void)state;
	r = rf_expect_reply(
		"admin", "POST", AGGREGATES,
		"{\"Name\":\"Web\",\"Elements\":[" SYSTEM("sub1-01") "," CHASSIS(
			"blade2") "," SYSTEM("sub1-01/") "]}",
		201, NULL);
	assert_string_equal(r.location, FIRST);
	assert_string_equal(json_string_value(rf_at(r.json, "Name")), "Web");
	rf_reply_done(&r);
	assert_string_equal(elements(FIRST, text), "sub1-01,blade2,");
	assert_int_equal(count(), 1);
	make();
	assert_string_equal(elements(AGGREGATES "/2", text), "sub1-01,sub1-02,");
	rf_expect("admin", "PATCH", FIRST, "{\"Name\":\"x\"}", 405, NULL);
	rf_expect("admin", "DELETE", FIRST, NULL, 204, NULL);
	rf_expect("admin", "GET", FIRST, NULL, 404, "ResourceMissingAtURI");
	assert_int_equal(count(), 1);
	make(); /* no gap is filled */
	json_decref(rf_get(AGGREGATES "/3"));
}

static void elements_come_and_go(void **state)
{
	char text[512];

	(void)state;
	make();
	rf_expect("admin", "POST", FIRST ADD,
		  ELEMENTS(SYSTEM("sub1-02") "," SYSTEM("sub2-01")), 204, NULL);
	assert_string_equal(elements(FIRST, text), "sub1-01,sub1-02,sub2-01,");
	rf_expect("admin", "POST", FIRST REMOVE, ELEMENTS(SYSTEM("sub1-01")), 204,
		  NULL);
	assert_string_equal(elements(FIRST, text), "sub1-02,sub2-01,");
	rf_expect("admin", "POST", FIRST REMOVE, ELEMENTS(SYSTEM("sub1-01")), 400,
		  "ActionParameterValueNotInList");
	rf_expect("admin", "POST", FIRST REMOVE,
		  ELEMENTS(SYSTEM("sub1-02") "," SYSTEM("sub2-01")), 204, NULL);
	assert_string_equal(elements(FIRST, text), "");
	json_t *json = rf_get(FIRST);
	assert_null(rf_at(json, "Actions/#Aggregate.Reset")); /* nothing to reset */
	json_decref(json);
}

static void only_boards_and_what_holds_them_are_elements(void **state)
{
	static const char *const wrong[] = {
		CHASSIS("sub1-01"), /* the card of a system */
		"{\"@odata.id\":\"/redfish/v1/Managers/bmc\"}",
		"{\"@odata.id\":\"" FIRST "\"}", /* none in another */
		"{\"@odata.id\":\"/redfish/v1/Systems/nope\"}",
		"{\"@odata.id\":7}",
		"{}",
		"7",
	};
	char body[256];

	(void)state;
	make();
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		(void)snprintf(body, sizeof(body), "{\"Elements\":[%s]}", wrong[i]);
		rf_expect("admin", "POST", AGGREGATES, body, 400,
			  "PropertyValueNotInList");
		rf_expect("admin", "POST", FIRST ADD, body, 400,
			  "ActionParameterValueNotInList");
	}
	rf_expect("admin", "POST", AGGREGATES, "{\"Name\":\"x\"}", 400,
		  "CreateFailedMissingReqProperties");
	rf_expect("admin", "POST", AGGREGATES, "{\"Name\":\"\",\"Elements\":[]}", 400,
		  "PropertyValueFormatError");
	rf_expect("admin", "POST", AGGREGATES, "{\"Name\":7,\"Elements\":[]}", 400,
		  "PropertyValueTypeError");
	assert_int_equal(count(), 1);
}

static void readers_may_only_read(void **state)
{
	(void)state;
	make();
	rf_expect("rita", "GET", FIRST, NULL, 200, NULL);
	rf_expect("rita", "POST", AGGREGATES, ELEMENTS(SYSTEM("sub1-01")), 403,
		  "InsufficientPrivilege");
	rf_expect("rita", "POST", FIRST ADD, "{}", 403, "InsufficientPrivilege");
	rf_expect("rita", "POST", FIRST RESET, "{}", 403, "InsufficientPrivilege");
	rf_expect("rita", "DELETE", FIRST, NULL, 403, "InsufficientPrivilege");
	assert_int_equal(count(), 1);
}

static void number_and_size_are_bounded(void **state)
{
	char body[256], name[BMC_NAME_MAX + 1];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[BMC_NAME_MAX] = 0; /* one too many */
	(void)snprintf(body, sizeof(body), "{\"Name\":\"%s\",\"Elements\":[]}", name);
	rf_expect("admin", "POST", AGGREGATES, body, 400, "StringValueTooLong");
	(void)snprintf(body, sizeof(body), "{\"Name\":\"%s\",\"Elements\":[]}",
		       name + 1);
	rf_expect("admin", "POST", AGGREGATES, body, 201, NULL);
	for (int i = 1; i < BMC_AGGREGATE_MAX; i++)
		make();
	assert_int_equal(count(), BMC_AGGREGATE_MAX);
	rf_expect("admin", "POST", AGGREGATES, ELEMENTS(SYSTEM("sub1-01")), 503,
		  "CreateLimitReachedForResource");
	rf_expect("admin", "DELETE", FIRST, NULL, 204, NULL);
	make();
}

static void what_can_not_be_stored_is_not_done(void **state)
{
	char text[512];

	(void)state;
	make();
	fixture->store_fails = true;
	rf_expect("admin", "POST", AGGREGATES, ELEMENTS(SYSTEM("sub1-01")), 507, NULL);
	rf_expect("admin", "POST", FIRST ADD, ELEMENTS(SYSTEM("sub2-01")), 507, NULL);
	rf_expect("admin", "DELETE", FIRST, NULL, 507, NULL);
	fixture->store_fails = false;
	assert_string_equal(elements(FIRST, text), "sub1-01,sub1-02,");
	assert_int_equal(count(), 1);
}

static uint32_t task_of(const struct rf_reply *r)
{
	return (uint32_t)atoi(strrchr(r->location, '/') + 1);
}

static void aggregate_is_reset_as_one(void **state)
{
	struct rf_reply r;
	uint32_t busy;

	(void)state;
	make();
	json_t *info = rf_get(FIRST "/ResetActionInfo");
	assert_int_equal(json_array_size(rf_at(info, "Parameters")), 3);
	assert_true(json_array_size(rf_at(info, "Parameters/0/AllowableValues")) > 3);
	json_decref(info);
	assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "sub1-02", &busy), 0);
	r = rf_expect_reply("olga", "POST", FIRST RESET,
			    "{\"ResetType\":\"ForceOff\",\"BatchSize\":1,"
			    "\"DelayBetweenBatchesInSeconds\":0}",
			    202, NULL);
	assert_string_equal(json_string_value(rf_at(r.json, "Oem/ClusterBmc/LeftOut")),
			    "sub1-02");
	assert_int_equal(fixture_wait(task_of(&r)), BMC_TASK_COMPLETED);
	rf_reply_done(&r);
	assert_int_equal(fixture_wait(busy), BMC_TASK_COMPLETED);
	fixture_pass(150);
	r = rf_expect_reply("olga", "POST", FIRST RESET, "{\"ResetType\":\"On\"}", 202,
			    NULL);
	assert_int_equal(fixture_wait(task_of(&r)), BMC_TASK_COMPLETED);
	rf_reply_done(&r);
	fixture_pass(150);
	rf_expect("olga", "POST", FIRST RESET, "{\"ResetType\":\"On\"}", 204, NULL);
	rf_expect("olga", "POST", FIRST RESET,
		  "{\"ResetType\":\"On\",\"BatchSize\":2049}", 400,
		  "ActionParameterValueOutOfRange");
	rf_expect("olga", "POST", FIRST RESET, "{\"ResetType\":\"Explode\"}", 400,
		  "ActionParameterValueNotInList");
	rf_expect("admin", "POST", AGGREGATES, "{\"Elements\":[]}", 201, NULL);
	rf_expect("olga", "POST", AGGREGATES "/2" RESET, "{\"ResetType\":\"On\"}", 409,
		  NULL);
}

#define T(test) cmocka_unit_test_teardown(test, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(aggregate_is_made_shown_and_removed),
		T(elements_come_and_go),
		T(only_boards_and_what_holds_them_are_elements),
		T(readers_may_only_read),
		T(number_and_size_are_bounded),
		T(what_can_not_be_stored_is_not_done),
		T(aggregate_is_reset_as_one),
	};

	return cmocka_run_group_tests(tests, rf_fixture_set_up, rf_fixture_tear_down);
}

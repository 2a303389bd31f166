// SPDX-License-Identifier: Apache-2.0
/* The query parameters of a GET: what each takes, what it makes of the answer, and what
 * it may not show or cost. */
#include "redfish-fixture.h"

#include <stdlib.h>

#include "core/events/event.h"
#include "redfish/query.h"

#define SYSTEMS "/redfish/v1/Systems"
#define SYSTEM  SYSTEMS "/sub1-01"
#define SENSORS "/redfish/v1/Chassis/enclosure/Sensors"
#define ENTRIES "/redfish/v1/Managers/bmc/LogServices/Events/Entries"

static struct rf_reply get_as(const char *user, const char *uri)
{
	return rf_ask(&(struct rf_ask){ .method = "GET", .uri = uri, .user = user });
}

static const char *text_at(json_t *json, const char *path)
{
	const char *text = json_string_value(rf_at(json, path));

	return text ? text : "(none)";
}

static size_t n_members(json_t *json)
{
	return json_array_size(rf_at(json, "Members"));
}

static json_int_t count(json_t *json)
{
	return json_integer_value(rf_at(json, "Members@odata.count"));
}

/* ---- $filter's grammar ---- */

static const char member_text[] =
	"{\"Name\":\"it's\",\"On\":true,\"N\":5,\"F\":2.5,\"Null\":null,\"Neg\":-3,"
	"\"Status\":{\"Health\":\"OK\",\"State\":\"Enabled\"},\"Big\":1e3,"
	"\"Tags\":[\"a\",\"b\"],\"Empty\":[],\"Fans\":[{\"Rpm\":100},{\"Rpm\":200}],"
	"\"Created\":\"2026-08-21T10:00:00Z\",\"notice\":1,\"Text\":\"5\"}";

/* What the filter says of the member: 0, 1, -1: it is none. */
static int result_of(const char *text)
{
	json_t *member = json_loads(member_text, 0, NULL);
	struct rf_filter *f = rf_filter_new(text);
	int result = f ? rf_filter_matches(f, member) : -1;

	assert_non_null(member);
	assert_null(rf_filter_free(f));
	json_decref(member);
	return result;
}

static const struct {
	const char *text;
	int result;
} expressions[] = {
	/* comparisons of each type */
	{ "N eq 5", 1 },
	{ "N eq 5.0", 1 },
	{ "N eq 4", 0 },
	{ "N ne 4", 1 },
	{ "N ne 5", 0 },
	{ "N gt 4", 1 },
	{ "N gt 5", 0 },
	{ "N ge 5", 1 },
	{ "N ge 6", 0 },
	{ "N lt 6", 1 },
	{ "N lt 5", 0 },
	{ "N le 5", 1 },
	{ "N le 4", 0 },
	{ "Neg lt -2.5", 1 },
	{ "F eq 25e-1", 1 },
	{ "Big eq 1000", 1 },
	{ "5 eq N", 1 },
	{ "4 gt N", 0 },
	{ "6 gt N", 1 },
	{ "N gt F", 1 },
	{ "Name eq 'it''s'", 1 },
	{ "Name eq 'its'", 0 },
	{ "Name gt 'is'", 1 },
	{ "Name lt 'is'", 0 },
	{ "Name ge 'it''s'", 1 },
	{ "On eq true", 1 },
	{ "On eq false", 0 },
	{ "On ne false", 1 },
	{ "On gt false", 0 },
	{ "On ge true", 0 },
	/* paths, and what is not there */
	{ "Status/Health eq 'OK'", 1 },
	{ "Status/Health ne 'OK'", 0 },
	{ "Status/Health/Deeper eq 'OK'", 0 },
	{ "Status eq 'OK'", 0 },
	{ "Null eq null", 1 },
	{ "Null ne null", 0 },
	{ "Missing eq null", 1 },
	{ "Missing/Too eq null", 1 },
	{ "Missing ne 'x'", 1 },
	{ "Missing lt 5", 0 },
	{ "Missing ge 5", 0 },
	{ "N ne null", 1 },
	{ "Null le null", 0 },
	/* types don't mix */
	{ "Text eq 5", 0 },
	{ "Text ne 5", 1 },
	{ "Text gt 4", 0 },
	{ "N eq '5'", 0 },
	{ "N lt '6'", 0 },
	/* arrays: one element is enough */
	{ "Tags eq 'a'", 1 },
	{ "Tags eq 'b'", 1 },
	{ "Tags eq 'c'", 0 },
	{ "Tags ne 'a'", 1 },
	{ "Empty eq 'a'", 0 },
	{ "Empty ne 'a'", 0 },
	{ "Fans/Rpm gt 150", 1 },
	{ "Fans/Rpm gt 200", 0 },
	{ "Fans/Rpm lt 100", 0 },
	/* times, in whatever zone */
	{ "Created eq '2026-08-21T12:00:00+02:00'", 1 },
	{ "Created ge 2026-08-21T10:00:00Z", 1 },
	{ "Created gt 2026-08-21T10:00:00Z", 0 },
	{ "Created gt 2026-08-21T09:59:59.999Z", 1 },
	{ "Created lt '2026-08-21T05:00:00.001-05:00'", 1 },
	{ "Created gt '2026'", 1 }, /* no time: text */
	/* precedence: not, and, or; brackets */
	{ "N eq 5 or N eq 6 and N eq 7", 1 },
	{ "(N eq 5 or N eq 6) and N eq 7", 0 },
	{ "N eq 7 and N eq 6 or N eq 5", 1 },
	{ "N eq 7 and (N eq 6 or N eq 5)", 0 },
	{ "not N eq 5 or N eq 5", 1 },
	{ "not (N eq 5 or N eq 6)", 0 },
	{ "not not N eq 5", 1 },
	{ "not(N eq 6)and(On eq true)", 1 },
	{ "((((N eq 5))))", 1 },
	{ "  N   eq\t5  ", 1 },
	{ "notice eq 1", 1 },
	{ "Name eq 'and or not ('", 0 },
	/* none of these is a filter */
	{ "", -1 },
	{ " ", -1 },
	{ "N", -1 },
	{ "On", -1 },
	{ "N eq", -1 },
	{ "eq 5", -1 },
	{ "N eq 5 and", -1 },
	{ "N eq 5 N eq 6", -1 },
	{ "N eq 5 or or N eq 6", -1 },
	{ "N eq eq", -1 },
	{ "N equals 5", -1 },
	{ "N EQ 5", -1 },
	{ "N eq 5)", -1 },
	{ "(N eq 5", -1 },
	{ "()", -1 },
	{ "not", -1 },
	{ "N eq 'x", -1 },
	{ "N eq 'x''", -1 },
	{ "N eq \"x\"", -1 },
	{ "N eq 0x5", -1 },
	{ "N eq inf", 0 }, /* a property */
	{ "N eq 1e999", -1 },
	{ "N eq 5x", -1 },
	{ "N eq -", -1 },
	{ "/N eq 5", -1 },
	{ "N/ eq 5", -1 },
	{ "A//B eq 5", -1 },
	{ "N eq 5;", -1 },
	{ "N eq 'a\xff'", -1 },
	{ "contains(Name,'a')", -1 },
	{ "Created gt 2026-13-21T10:00:00Z", -1 },
};

static void filter_expressions_mean_what_the_grammar_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(expressions); i++) {
		int result = result_of(expressions[i].text);
		if (result != expressions[i].result)
			fail_msg("%s: %d", expressions[i].text, result);
	}
}

/* `n` times `a`, then the end. */
static char *repeated(const char *a, size_t n, const char *end)
{
	char *text = calloc(1, n * strlen(a) + strlen(end) + 1);

	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * strlen(a), a, strlen(a));
	memcpy(text + n * strlen(a), end, strlen(end) + 1);
	return text;
}

static int result_of_repeated(const char *a, size_t n, const char *end)
{
	char *text = repeated(a, n, end);
	int result = result_of(text);

	free(text);
	return result;
}

static void filters_are_bounded(void **state)
{
	(void)state;
	/* one expression is a level itself */
	assert_int_equal(result_of_repeated("not ", RF_FILTER_DEPTH_MAX - 2, "N eq 5"),
			 1);
	assert_int_equal(result_of_repeated("not ", RF_FILTER_DEPTH_MAX - 1, "N eq 5"),
			 0);
	assert_int_equal(result_of_repeated("not ", RF_FILTER_DEPTH_MAX, "N eq 5"), -1);
	assert_int_equal(result_of_repeated("(", RF_FILTER_DEPTH_MAX, "N eq 5"), -1);
	assert_int_equal(result_of_repeated("not ", 200, "N eq 5"), -1);
	/* n comparisons and n - 1 ands */
	assert_int_equal(RF_FILTER_NODES_MAX, 100);
	assert_int_equal(result_of_repeated("N le 5 or ", 48, "N eq 5"), 1);
	assert_int_equal(result_of_repeated("N le 5 or ", 49, "N eq 5"), 1);
	assert_int_equal(result_of_repeated("N le 5 or ", 49, "not N eq 5"), 1);
	assert_int_equal(result_of_repeated("N le 5 or ", 49, "not not N eq 5"), -1);
	assert_int_equal(result_of_repeated("N le 5 or ", 50, "N eq 5"), -1);
	assert_int_equal(result_of_repeated(" ", RF_FILTER_LEN_MAX - 7, "N eq 5"), 1);
	assert_int_equal(result_of_repeated(" ", RF_FILTER_LEN_MAX - 6, "N eq 5"), 1);
	assert_int_equal(result_of_repeated(" ", RF_FILTER_LEN_MAX - 5, "N eq 5"), -1);
}

/* ---- which parameters are taken ---- */

static const struct {
	const char *method, *uri;
	unsigned status;
	const char *message;
} parameters[] = {
	{ "GET", SYSTEMS "?$top=1", 200, NULL },
	{ "HEAD", SYSTEMS "?$top=1", 200, NULL },
	{ "GET", SYSTEMS "?$top=1000", 200, NULL },
	{ "GET", SYSTEMS "?$top=1001", 200, NULL }, /* a page has 1000 */
	{ "GET", SYSTEMS "?$skip=1000000", 200, NULL },
	{ "GET", SYSTEMS "?$skip=1000001", 400, "QueryParameterOutOfRange" },
	{ "GET", SYSTEMS "?$top=-1", 400, "QueryParameterOutOfRange" },
	{ "GET", SYSTEMS "?$top=99999999999999999999", 400,
	  "QueryParameterOutOfRange" },
	{ "GET", SYSTEMS "?$top=", 400, "QueryParameterValueTypeError" },
	{ "GET", SYSTEMS "?$top", 400, "QueryParameterValueTypeError" },
	{ "GET", SYSTEMS "?$top=x", 400, "QueryParameterValueTypeError" },
	{ "GET", SYSTEMS "?$top=1x", 400, "QueryParameterValueTypeError" },
	{ "GET", SYSTEM "?$top=1", 400, "QueryNotSupportedOnResource" },
	{ "GET", SYSTEM "?$skip=1", 400, "QueryNotSupportedOnResource" },
	{ "GET", SYSTEM "?$filter=Id%20eq%20'x'", 400, "QueryNotSupportedOnResource" },
	{ "GET", SYSTEM "?only", 400, "QueryNotSupportedOnResource" },
	{ "GET", SYSTEM "?$select=Id", 200, NULL },
	{ "GET", SYSTEM "?$expand=.", 200, NULL },
	{ "GET", SYSTEM "?excerpt", 200, NULL },
	{ "GET", SYSTEM "?excerpt=1", 400, "QueryParameterValueFormatError" },
	{ "GET", SYSTEMS "?only=1", 400, "QueryParameterValueFormatError" },
	{ "GET", SYSTEMS "?only&$expand=.", 400, "QueryCombinationInvalid" },
	{ "GET", SYSTEMS "?$top=1&$top=1", 400, "QueryCombinationInvalid" },
	{ "GET", SYSTEMS "?$nope=1", 501, "QueryParameterUnsupported" },
	{ "GET", SYSTEMS "?$Top=1", 501, "QueryParameterUnsupported" },
	{ "GET", SYSTEMS "?$top=x&$nope=1", 501, "QueryParameterUnsupported" },
	{ "GET", SYSTEMS "?nope=1&lang", 200, NULL },
	{ "GET", SYSTEMS "?$filter=", 400, "QueryParameterValueFormatError" },
	{ "GET", SYSTEMS "?$filter=Id", 400, "QueryParameterValueFormatError" },
	{ "GET", SYSTEMS "?$select=", 400, "QueryParameterValueFormatError" },
	{ "GET", SYSTEMS "?$select=A,,B", 400, "QueryParameterValueFormatError" },
	{ "GET", SYSTEMS "?$select=A/", 400, "QueryParameterValueFormatError" },
	{ "GET", SYSTEMS "?$expand=", 400, "QueryParameterValueFormatError" },
	{ "GET", SYSTEMS "?$expand=Members", 400, "QueryParameterValueFormatError" },
	{ "GET", SYSTEMS "?$expand=.($levels=)", 400,
	  "QueryParameterValueFormatError" },
	{ "GET", SYSTEMS "?$expand=.($levels=1", 400,
	  "QueryParameterValueFormatError" },
	{ "GET", SYSTEMS "?$expand=.($levels=1)x", 400,
	  "QueryParameterValueFormatError" },
	{ "GET", SYSTEMS "?$expand=.($levels=0)", 400, "QueryParameterOutOfRange" },
	{ "GET", SYSTEMS "?$expand=.($levels=1)", 200, NULL },
	{ "GET", SYSTEM "?$expand=.($levels=6)", 200, NULL },
	{ "GET", SYSTEMS "?$expand=.($levels=7)", 400, "QueryParameterOutOfRange" },
	{ "PATCH", SYSTEM "?$select=Id", 400, "QueryNotSupportedOnOperation" },
	{ "DELETE", "/redfish/v1/AccountService/Accounts/olga?only", 400,
	  "QueryNotSupportedOnOperation" },
	{ "POST", "/redfish/v1/AccountService/Accounts?$expand=.", 400,
	  "QueryNotSupportedOnOperation" },
};

static void parameters_are_taken_or_refused_with_the_fitting_message(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parameters); i++) {
		bool write = parameters[i].method[0] != 'G' &&
			     parameters[i].method[0] != 'H';
		const struct rf_ask ask = { .method = parameters[i].method,
					    .uri = parameters[i].uri,
					    .user = "admin",
					    .body = write ? "{}" : NULL };
		struct rf_reply r = rf_ask(&ask);
		const char *message = r.status >= 400 ? rf_message(&r, 0) : NULL;
		if (r.status != parameters[i].status ||
		    strcmp(message ? message : "",
			   parameters[i].message ? parameters[i].message : "") != 0)
			fail_msg("%s: %u %s", ask.uri, r.status, r.text);
		rf_reply_done(&r);
	}
}

/* ---- pages ---- */

static void next_links_keep_the_other_parameters_and_lead_through_all(void **state)
{
	char uri[512] =
		SYSTEMS "?$top=2&$filter=Id%20ne%20'main'%20and%20Id%20ne%20'%26%25'"
			"&$select=Members/Id&$expand=.";
	size_t n = 0;

	(void)state;
	for (int pages = 0; pages < 10; pages++) {
		json_t *page = rf_get(uri);
		assert_int_equal(count(page), FIXTURE_BOARDS - 1);
		assert_int_equal(n_members(page), 2);
		assert_string_not_equal(text_at(page, "Members/0/Id"), "main");
		assert_string_not_equal(text_at(page, "Members/0/Id"), "(none)");
		assert_null(rf_at(page, "Members/0/PowerState"));
		n += n_members(page);
		json_t *next = rf_at(page, "Members@odata.nextLink");
		assert_int_equal(!next, n == FIXTURE_BOARDS - 1);
		(void)bmc_copy(uri, sizeof(uri), json_string_value(next));
		json_decref(page);
		if (!uri[0])
			break;
	}
	assert_int_equal(n, FIXTURE_BOARDS - 1);
}

static void a_page_of_none_has_the_count_and_no_next_page(void **state)
{
	static const char *const uris[] = { SYSTEMS "?$top=0",
					    SYSTEMS "?$top=0&$filter=Id%20ne%20'x'",
					    SYSTEMS "?$skip=7",
					    SYSTEMS "?$skip=7&$filter=Id%20ne%20'x'" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(uris); i++) {
		json_t *page = rf_get(uris[i]);
		assert_int_equal(n_members(page), 0);
		assert_int_equal(count(page), FIXTURE_BOARDS);
		assert_null(rf_at(page, "Members@odata.nextLink"));
		json_decref(page);
	}
}

static void every_collection_has_pages(void **state)
{
	static const char *const uris[] = { SYSTEMS, "/redfish/v1/Chassis",
					    "/redfish/v1/JsonSchemas",
					    "/redfish/v1/Registries", ENTRIES };

	(void)state;
	bmc_event_raise("TestEvent", 0, "one", NULL, NULL);
	bmc_event_raise("TestEvent", 0, "two", NULL, NULL);
	fixture_pass(50);
	for (size_t i = 0; i < ARRAY_SIZE(uris); i++) {
		char uri[256];
		(void)snprintf(uri, sizeof(uri), "%s?$top=1&$skip=1", uris[i]);
		json_t *all = rf_get(uris[i]), *page = rf_get(uri);
		assert_true(count(all) > 1);
		assert_int_equal(count(page), count(all));
		assert_int_equal(n_members(page), 1);
		assert_true(
			json_equal(rf_at(page, "Members/0"), rf_at(all, "Members/1")));
		assert_int_equal(rf_at(page, "Members@odata.nextLink") != NULL,
				 count(all) > 2);
		json_decref(page);
		json_decref(all);
	}
}

static void entries_of_the_log_are_filtered_and_selected(void **state)
{
	(void)state;
	bmc_event_raise("TestEvent", 0, "one", NULL, NULL);
	fixture_pass(50);
	json_t *page =
		rf_get(ENTRIES "?$filter=MessageId%20eq%20'ClusterBmc.1.0.TestEvent'"
			       "&$select=MessageId,Links/None&$top=1");
	json_t *none = rf_get(ENTRIES "?$filter=MessageId%20eq%20'nope'");
	assert_true(count(page) >= 1);
	assert_int_equal(n_members(page), 1);
	assert_string_equal(text_at(page, "Members/0/MessageId"),
			    "ClusterBmc.1.0.TestEvent");
	assert_null(rf_at(page, "Members/0/Created"));
	assert_int_equal(count(none), 0);
	assert_int_equal(n_members(none), 0);
	json_decref(page);
	json_decref(none);
}

/* ---- only ---- */

static void only_shows_the_one_member(void **state)
{
	json_t *manager = rf_get("/redfish/v1/Managers?only");
	json_t *systems = rf_get(SYSTEMS "?only");

	(void)state;
	assert_string_equal(text_at(manager, "@odata.id"), "/redfish/v1/Managers/bmc");
	assert_string_equal(text_at(systems, "@odata.id"), SYSTEMS);
	assert_int_equal(n_members(systems), FIXTURE_BOARDS);
	json_decref(manager);
	json_decref(systems);
}

/* ---- $select ---- */

static void selected_properties_stay_with_the_annotations(void **state)
{
	json_t *whole = rf_get(SYSTEM);
	json_t *part = rf_get(SYSTEM "?$select=Status/Health,Id,Nope,Boot/Nope");
	json_t *list = rf_get(SYSTEMS "?$select=Members");

	(void)state;
	assert_string_equal(text_at(part, "@odata.id"), SYSTEM);
	assert_string_equal(text_at(part, "@odata.type"),
			    text_at(whole, "@odata.type"));
	assert_string_equal(text_at(part, "@odata.etag"),
			    text_at(whole, "@odata.etag"));
	assert_string_equal(text_at(part, "Id"), "sub1-01");
	assert_non_null(rf_at(part, "Status/Health"));
	assert_null(rf_at(part, "Status/State"));
	assert_null(rf_at(part, "PowerState"));
	assert_null(rf_at(part, "Actions"));
	assert_int_equal(n_members(list), FIXTURE_BOARDS);
	assert_int_equal(count(list), FIXTURE_BOARDS);
	assert_null(rf_at(list, "Name"));
	json_decref(whole);
	json_decref(part);
	json_decref(list);
}

static void select_is_bounded(void **state)
{
	char *most = repeated("A,", RF_SELECT_PATHS_MAX - 1, "A");
	char *more = repeated("A,", RF_SELECT_PATHS_MAX, "A");
	char *fits = repeated("A", RF_SELECT_LEN_MAX, "");
	char *longer = repeated("A", RF_SELECT_LEN_MAX + 1, "");
	struct rf_select *s = rf_select_new(most), *l = rf_select_new(fits);

	(void)state;
	assert_non_null(s);
	assert_non_null(l);
	assert_null(rf_select_new(more));
	assert_null(rf_select_new(longer));
	json_t *root = json_pack("{si s[{si si}]}", "A", 1, "Members", "A", 2, "B", 3);
	rf_select_apply(s, root, true); /* as many levels as paths, and one more */
	assert_int_equal(json_integer_value(rf_at(root, "Members/0/A")), 2);
	assert_null(rf_at(root, "Members/0/B"));
	json_decref(root);
	free(s);
	free(l);
	free(most);
	free(more);
	free(fits);
	free(longer);
}

/* ---- excerpt ---- */

static void annotations_of_a_selected_property_stay_whole(void **state)
{
	json_t *root = json_pack("{s{si si} s{si} si si}", "A", "B", 1, "C", 2, "A@x.y",
				 "k", 1, "D@x.y", 1, "D", 1);
	struct rf_select *s = rf_select_new("A/B");

	(void)state;
	assert_non_null(s);
	rf_select_apply(s, root, false);
	assert_non_null(rf_at(root, "A/B"));
	assert_null(rf_at(root, "A/C"));
	assert_non_null(rf_at(root, "A@x.y/k"));
	assert_null(rf_at(root, "D@x.y"));
	assert_null(rf_at(root, "D"));
	json_decref(root);
	free(s);
}

static void excerpts_have_what_the_schema_says(void **state)
{
	json_t *json = json_pack("{ss s[{ss ss sf ss}]}", "@odata.type", "#X.X",
				 "Members", "@odata.type", "#Sensor.v1_12_0.Sensor",
				 "@odata.id", "/s", "Reading", 1.5, "Name", "n");

	(void)state;
	rf_excerpt(json);
	assert_non_null(rf_at(json, "Members/0/Reading"));
	assert_null(rf_at(json, "Members/0/Name"));
	assert_string_equal(text_at(json, "Members/0/@odata.id"), "/s");
	json_decref(json);
}

/* ---- $expand ---- */

/* Whether what is at the path is a link alone. */
static bool is_link(json_t *json, const char *path)
{
	json_t *v = rf_at(json, path);

	assert_non_null(v);
	return json_object_size(v) == 1 && json_object_get(v, "@odata.id");
}

static void expanded_members_are_the_bodies_themselves(void **state)
{
	json_t *plain = rf_get(SYSTEMS), *all = rf_get(SYSTEMS "?$expand=.");
	json_t *v;
	size_t i;

	(void)state;
	assert_int_equal(n_members(all), FIXTURE_BOARDS);
	json_array_foreach (rf_at(all, "Members"), i, v) {
		json_t *one = rf_get(text_at(v, "@odata.id"));
		assert_true(json_equal(one, v));
		json_decref(one);
	}
	/* apart from members and ETag it is the collection */
	(void)json_object_del(all, "Members");
	(void)json_object_del(plain, "Members");
	assert_string_not_equal(text_at(all, "@odata.etag"),
				text_at(plain, "@odata.etag"));
	(void)json_object_del(all, "@odata.etag");
	(void)json_object_del(plain, "@odata.etag");
	assert_true(json_equal(all, plain));
	json_decref(all);
	json_decref(plain);
}

static void what_is_in_links_is_expanded_by_tilde_and_star(void **state)
{
	static const struct {
		const char *expand;
		bool links, others;
	} all[] = { { "*", true, true }, { ".", false, true }, { "~", true, false } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		char uri[128];
		(void)snprintf(uri, sizeof(uri), SYSTEM "?$expand=%s", all[i].expand);
		json_t *json = rf_get(uri);
		assert_int_equal(!is_link(json, "Links/ManagedBy/0"), all[i].links);
		assert_int_equal(!is_link(json, "Processors"), all[i].others);
		json_decref(json);
	}
}

static void levels_go_down_and_never_in_a_circle(void **state)
{
	json_t *one = rf_get("/redfish/v1?$expand=.($levels=1)");
	json_t *two = rf_get("/redfish/v1?$expand=.($levels=2)");
	json_t *three = rf_get("/redfish/v1?$expand=.($levels=3)");
	json_t *circle = rf_get("/redfish/v1/Managers/bmc?$expand=~($levels=6)");

	(void)state;
	assert_true(is_link(one, "Systems/Members/1"));
	assert_false(is_link(two, "Systems/Members/1"));
	assert_true(is_link(two, "Systems/Members/1/Processors"));
	assert_false(is_link(three, "Systems/Members/1/Processors"));
	/* a managed chassis links its manager, which is being expanded */
	assert_false(is_link(circle, "Links/ManagerForChassis/0"));
	assert_true(is_link(circle, "Links/ManagerForChassis/0/Links/ManagedBy/0"));
	json_decref(one);
	json_decref(two);
	json_decref(three);
	json_decref(circle);
}

static void what_the_client_may_not_read_stays_a_link(void **state)
{
	struct rf_reply nobody = get_as(NULL, "/redfish/v1?$expand=*");
	struct rf_reply admin = get_as("admin", "/redfish/v1?$expand=*");
	struct rf_reply rita =
		get_as("rita", "/redfish/v1/AccountService/Accounts?$expand=.");
	json_t *v;
	size_t i, whole = 0;

	(void)state;
	assert_int_equal(nobody.status, 200);
	assert_true(is_link(nobody.json, "Systems"));
	assert_false(is_link(admin.json, "Systems"));
	assert_string_not_equal(nobody.etag, admin.etag);
	json_array_foreach (rf_at(rita.json, "Members"), i, v) {
		struct rf_reply r = get_as("rita", text_at(v, "@odata.id"));
		assert_int_equal(json_object_size(v) > 1, r.status == 200);
		whole += r.status == 200;
		rf_reply_done(&r);
	}
	assert_true(whole >= 1); /* her own */
	rf_reply_done(&nobody);
	rf_reply_done(&admin);
	rf_reply_done(&rita);
}

static void a_filter_does_not_tell_of_what_the_client_may_not_read(void **state)
{
	struct rf_reply r = get_as("rita", "/redfish/v1/AccountService/Accounts"
					   "?$filter=RoleId%20ne%20'x'");
	json_t *v;
	size_t i;

	(void)state;
	if (r.status == 200) {
		json_array_foreach (rf_at(r.json, "Members"), i, v) {
			struct rf_reply one = get_as("rita", text_at(v, "@odata.id"));
			assert_int_equal(one.status, 200);
			rf_reply_done(&one);
		}
		assert_int_equal(count(r.json), n_members(r.json));
	}
	rf_reply_done(&r);
}

/* The status of a GET with this If-None-Match. */
static unsigned revalidate(const char *uri, const char *etag)
{
	char header[64];

	(void)snprintf(header, sizeof(header), "If-None-Match: %s", etag);
	const struct rf_ask ask = {
		.method = "GET", .uri = uri, .user = "admin", .headers = { header }
	};
	struct rf_reply r = rf_ask(&ask);
	unsigned status = r.status;

	rf_reply_done(&r);
	return status;
}

static void etags_of_answers_change_with_what_is_in_them(void **state)
{
	static const char *const uris[] = { SYSTEMS "?$expand=.", SYSTEMS "?$expand=*",
					    SYSTEMS "?$expand=.&$select=Id",
					    "/redfish/v1?$expand=.($levels=2)" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(uris); i++) {
		char body[64];
		struct rf_reply before = get_as("admin", uris[i]);
		/* a reading may change in between */
		for (int tries = 0;
		     tries < 200 && revalidate(uris[i], before.etag) != 304; tries++) {
			rf_reply_done(&before);
			before = get_as("admin", uris[i]);
		}
		assert_int_equal(revalidate(uris[i], before.etag), 304);
		/* the header's is the body's */
		assert_string_equal(text_at(before.json, "@odata.etag"), before.etag);
		(void)snprintf(body, sizeof(body), "{\"AssetTag\":\"tag %zu\"}", i);
		assert_int_equal(rf_status("PATCH", SYSTEM, body), 200);
		assert_int_equal(revalidate(uris[i], before.etag), 200);
		rf_reply_done(&before);
	}
	/* what a PATCH of the collection's own would compare has not */
	json_t *plain = rf_get(SYSTEMS), *all = rf_get(SYSTEMS "?$expand=.");
	assert_memory_equal(text_at(plain, "@odata.etag"), text_at(all, "@odata.etag"),
			    9);
	json_decref(plain);
	json_decref(all);
}

/* What a body with this text and an ETag becomes; NULL: the status is in *ret. */
static json_t *expanded(const char *text, enum rf_expand kind, unsigned *ret)
{
	struct http_request http = { .client = "192.0.2.1" };
	struct rf_options options = { .expand = kind, .levels = 1 };
	struct rf_request q = { .http = &http,
				.login.known = true,
				.login.actor = { .name = "admin", .privileges = 31 },
				.snap = bmc_snapshot_get(),
				.options = &options };
	struct rf_body *like = calloc(1, sizeof(*like) + 8), *b, *all;
	json_t *json = NULL;

	assert_non_null(like);
	(void)bmc_copy(like->uri, 8, "/x");
	b = rf_body_new(like, strdup(text), strlen(text), "\"1-2\"");
	assert_non_null(b);
	all = rf_expand(&q, b, ret);
	if (all)
		json = json_loads(all->text, 0, NULL);
	(void)rf_body_unref(all);
	(void)rf_body_unref(b);
	free(like);
	(void)bmc_snapshot_unref(q.snap);
	return json;
}

static void what_follows_links_is_outside_of_it(void **state)
{
	static const char text[] =
		"{\"Before\":{\"@odata.id\":\"/redfish/v1/Systems\"},"
		"\"Name\":\"\\\"Links\\\":{\\\\\",\"Links\":{\"A\":{\"B\":[{\"@odata."
		"id\":"
		"\"/redfish/v1/Managers\"}]},\"C\":{\"@odata.id\":"
		"\"/redfish/v1/Chassis\"}},\"After\":{\"@odata.id\":"
		"\"/redfish/v1/Managers/bmc\"},\"Gone\":{\"@odata.id\":\"/redfish/v1/"
		"x\"}";
	unsigned status;
	json_t *dot = expanded(text, RF_EXPAND_NO_LINKS, &status);
	json_t *tilde = expanded(text, RF_EXPAND_LINKS, &status);

	(void)state;
	assert_false(is_link(dot, "Before"));
	assert_false(is_link(dot, "After"));
	assert_true(is_link(dot, "Links/A/B/0"));
	assert_true(is_link(dot, "Links/C"));
	assert_true(is_link(tilde, "Before"));
	assert_true(is_link(tilde, "After"));
	assert_false(is_link(tilde, "Links/A/B/0"));
	assert_false(is_link(tilde, "Links/C"));
	assert_true(is_link(dot, "Gone"));
	json_decref(dot);
	json_decref(tilde);
}

static void an_expansion_looks_at_so_many_links_only(void **state)
{
	for (unsigned more = 0; more < 2; more++) {
		char *links = repeated(
			"{\"@odata.id\":\"/x#y\"},{\"@odata.id\":\"/y\"},",
			RF_EXPAND_TRIES_MAX - 1 + more, "{\"@odata.id\":\"/z\"}]");
		char *text = repeated("{\"L\":[", 1, links);
		unsigned status = 0;
		json_t *json = expanded(text, RF_EXPAND_ALL, &status);
		assert_int_equal(json == NULL, more);
		if (more)
			assert_int_equal(status, 507);
		json_decref(json);
		free(text);
		free(links);
	}
	(void)state;
}

static void an_answer_that_is_too_large_is_507(void **state)
{
	struct rf_reply r = get_as("admin", "/redfish/v1?$expand=*($levels=6)");

	(void)state;
	assert_int_equal(r.status, 507);
	assert_string_equal(rf_message(&r, 0), "InsufficientStorage");
	assert_non_null(strstr(r.text, "ask for less with $levels"));
	rf_reply_done(&r);
}

/* An answer of so many bytes that its client does not fetch. */
static struct rf_body *unfetched(size_t len)
{
	struct rf_body *like = calloc(1, sizeof(*like) + 8), *b;

	assert_non_null(like);
	(void)bmc_copy(like->uri, 8, "/x");
	b = rf_body_new(like, malloc(len), len, NULL);
	free(like);
	assert_non_null(b);
	return b;
}

static unsigned status_of_get(const char *uri)
{
	struct rf_reply r = get_as("admin", uri);
	unsigned status = r.status;

	if (status == 503)
		assert_string_equal(rf_message(&r, 0), "ServiceTemporarilyUnavailable");
	rf_reply_done(&r);
	return status;
}

static void answers_that_wait_for_their_clients_are_bounded(void **state)
{
	static const char large[] = "/redfish/v1?$expand=*($levels=2)",
			  small[] = "/redfish/v1?$expand=.";

	(void)state;
	assert_int_equal(rf_bodies_lent(), 0);
	struct rf_body *b = unfetched(RF_EXPAND_LENT_MAX - RF_EXPAND_BYTES_MAX);
	assert_int_equal(status_of_get(large), 200);
	struct rf_body *more = unfetched(1);
	assert_int_equal(status_of_get(large), 503);
	assert_int_equal(status_of_get(small), 200);
	assert_null(rf_body_unref(more));
	assert_int_equal(status_of_get(large), 200);
	assert_null(rf_body_unref(b));
	assert_int_equal(rf_bodies_lent(), 0);
}

static void a_text_is_taken_from_its_only_user(void **state)
{
	struct rf_body *b = unfetched(10);

	(void)state;
	b->refs = 2;
	assert_null(rf_body_take_text(b));
	b->refs = 1;
	char *text = rf_body_take_text(b);
	assert_non_null(text);
	free(text);
	assert_null(rf_body_take_text(b));
	assert_int_equal(rf_bodies_lent(), 10);
	assert_null(rf_body_unref(b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_expressions_mean_what_the_grammar_says),
		cmocka_unit_test(filters_are_bounded),
		cmocka_unit_test(
			parameters_are_taken_or_refused_with_the_fitting_message),
		cmocka_unit_test(
			next_links_keep_the_other_parameters_and_lead_through_all),
		cmocka_unit_test(a_page_of_none_has_the_count_and_no_next_page),
		cmocka_unit_test(every_collection_has_pages),
		cmocka_unit_test(entries_of_the_log_are_filtered_and_selected),
		cmocka_unit_test(only_shows_the_one_member),
		cmocka_unit_test(selected_properties_stay_with_the_annotations),
		cmocka_unit_test(select_is_bounded),
		cmocka_unit_test(annotations_of_a_selected_property_stay_whole),
		cmocka_unit_test(excerpts_have_what_the_schema_says),
		cmocka_unit_test(what_follows_links_is_outside_of_it),
		cmocka_unit_test(an_expansion_looks_at_so_many_links_only),
		cmocka_unit_test(expanded_members_are_the_bodies_themselves),
		cmocka_unit_test(what_is_in_links_is_expanded_by_tilde_and_star),
		cmocka_unit_test(levels_go_down_and_never_in_a_circle),
		cmocka_unit_test(what_the_client_may_not_read_stays_a_link),
		cmocka_unit_test(
			a_filter_does_not_tell_of_what_the_client_may_not_read),
		cmocka_unit_test(etags_of_answers_change_with_what_is_in_them),
		cmocka_unit_test(an_answer_that_is_too_large_is_507),
		cmocka_unit_test(answers_that_wait_for_their_clients_are_bounded),
		cmocka_unit_test(a_text_is_taken_from_its_only_user),
	};

	return cmocka_run_group_tests(tests, rf_fixture_set_up, rf_fixture_tear_down);
}

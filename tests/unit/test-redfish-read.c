// SPDX-License-Identifier: Apache-2.0
/* What GET shows, to whom, and when it is made anew. */
#include "redfish-fixture.h"

#include <stdlib.h>

#include "core/events/event.h"
#include "core/model/field.h"
#include "redfish/redfish.h"
#include "redfish/uri.h"

#define SYSTEM "/redfish/v1/Systems/sub1-01"

static const char *text_at(json_t *json, const char *path)
{
	const char *text = json_string_value(rf_at(json, path));

	return text ? text : "(none)";
}

static void service_root_needs_no_login(void **state)
{
	const struct rf_ask ask = { .method = "GET", .uri = "/redfish/v1/" };
	struct rf_reply r = rf_ask(&ask);

	(void)state;
	assert_int_equal(r.status, 200);
	assert_string_equal(text_at(r.json, "Id"), "RootService");
	assert_string_equal(text_at(r.json, "Systems/@odata.id"),
			    "/redfish/v1/Systems");
	rf_reply_done(&r);
}

static void what_is_open_needs_no_login_and_nothing_else_is_open(void **state)
{
	static const struct {
		const char *uri;
		unsigned status;
	} all[] = {
		{ "/redfish", 200 },
		{ "/redfish/v1/odata", 200 },
		{ "/redfish/v1/$metadata", 200 },
		{ "/redfish/v1/openapi.yaml", 200 },
		{ "/redfish/v1/Systems", 401 },
		{ SYSTEM, 401 },
		{ "/redfish/v1/nope", 401 },
		{ "/redfish/v1/SessionService/Sessions", 401 },
		{ "/redfish/v1/Schemas/ClusterBmcFan_v1.xml", 200 },
		{ "/redfish/v1/Schemas/nope.xml", 404 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		const struct rf_ask ask = { .method = "GET", .uri = all[i].uri };
		struct rf_reply r = rf_ask(&ask);
		if (r.status != all[i].status)
			fail_msg("%s: %u", all[i].uri, r.status);
		assert_int_equal(r.authenticate, r.status == 401);
		rf_reply_done(&r);
	}
}

static void every_slot_is_a_system_with_its_own_id(void **state)
{
	json_t *systems = rf_get("/redfish/v1/Systems"), *one = rf_get(SYSTEM),
	       *empty = rf_get("/redfish/v1/Systems/sub1-04");

	(void)state;
	assert_int_equal(json_integer_value(rf_at(systems, "Members@odata.count")),
			 FIXTURE_BOARDS);
	assert_string_equal(text_at(systems, "Members/1/@odata.id"), SYSTEM);
	assert_string_equal(text_at(one, "Id"), "sub1-01");
	assert_string_equal(text_at(one, "PowerState"), "On");
	assert_string_equal(text_at(one, "Links/Chassis/0/@odata.id"),
			    "/redfish/v1/Chassis/sub1-01");
	assert_string_equal(text_at(empty, "Status/State"), "Absent");
	assert_null(rf_at(empty, "Status/Health"));
	assert_null(rf_at(empty, "PowerState"));
	assert_int_equal(json_object_size(rf_at(empty, "Actions")), 0);
	json_decref(systems);
	json_decref(one);
	json_decref(empty);
}

static void unknown_values_are_null(void **state)
{
	json_t *fan =
		rf_get("/redfish/v1/Chassis/enclosure/ThermalSubsystem/Fans/fan1");

	(void)state;
	assert_true(json_is_null(rf_at(fan, "SpeedPercent/SpeedRPM")));
	assert_true(json_is_null(rf_at(fan, "SerialNumber")));
	json_decref(fan);
}

static void chassis_hold_each_other(void **state)
{
	json_t *box = rf_get("/redfish/v1/Chassis/enclosure"),
	       *blade = rf_get("/redfish/v1/Chassis/blade2"),
	       *card = rf_get("/redfish/v1/Chassis/sub2-02");

	(void)state;
	assert_int_equal(json_array_size(rf_at(blade, "Links/Contains")), 2);
	assert_string_equal(text_at(blade, "Links/ContainedBy/@odata.id"),
			    "/redfish/v1/Chassis/enclosure");
	assert_string_equal(text_at(card, "Links/ContainedBy/@odata.id"),
			    "/redfish/v1/Chassis/blade2");
	assert_string_equal(text_at(blade, "ChassisType"), "Blade");
	/* each links the systems that it holds itself, and they link back */
	assert_int_equal(json_array_size(rf_at(box, "Links/ComputerSystems")), 1);
	assert_string_equal(text_at(box, "Links/ComputerSystems/0/@odata.id"),
			    "/redfish/v1/Systems/main");
	assert_int_equal(json_array_size(rf_at(blade, "Links/ComputerSystems")), 0);
	assert_int_equal(json_array_size(rf_at(card, "Links/ComputerSystems")), 1);
	json_t *main_board = rf_get("/redfish/v1/Systems/main");
	assert_string_equal(text_at(main_board, "Links/Chassis/1/@odata.id"),
			    "/redfish/v1/Chassis/enclosure");
	assert_int_equal(json_array_size(rf_at(main_board, "Links/Chassis")), 2);
	json_decref(main_board);
	json_decref(box);
	json_decref(blade);
	json_decref(card);
}

#define NICS(of) "/redfish/v1/" of "/EthernetInterfaces"
#define PORTS    "/redfish/v1/Chassis/enclosure/NetworkAdapters/network/Ports"

/* Every link of every resource leads to a resource that says the same of itself. */
static void walk(const char *uri, json_t *seen)
{
	const char *key;
	json_t *v;
	size_t i;

	if (strchr(uri, '#') || json_object_get(seen, uri))
		return;
	(void)json_object_set_new(seen, uri, json_true());
	json_t *body = rf_get(uri), *list = json_array();
	assert_string_equal(text_at(body, "@odata.id"), uri);
	(void)json_array_append(list, body);
	for (size_t n = 0; n < json_array_size(list); n++) {
		json_t *at = json_array_get(list, n);
		if (json_is_array(at))
			json_array_foreach (at, i, v)
				(void)json_array_append(list, v);
		json_object_foreach (at, key, v) {
			if (strcmp(key, "@odata.id") == 0 ||
			    strcmp(key, "@Redfish.ActionInfo") == 0)
				walk(json_string_value(v), seen);
			(void)json_array_append(list, v);
		}
	}
	json_decref(list);
	json_decref(body);
}

static void every_link_leads_somewhere(void **state)
{
	json_t *seen = json_object();

	(void)state;
	bmc_event_raise("TestEvent", 0, NULL, NULL, NULL);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "blade1"),
			 BMC_TASK_COMPLETED);
	walk("/redfish/v1", seen);
	assert_true(json_object_size(seen) > 120);
	json_decref(seen);
}

/* What hardware has a URI is linked from somewhere, an action's ActionInfo where there
 * is the action. */
static void every_resource_is_found_from_the_root(void **state)
{
	json_t *seen = json_object();
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows, *routed;
	char uri[RF_URI_MAX];
	struct rf_view view;

	(void)state;
	walk("/redfish/v1", seen);
	rf_view_init(&view, s);
	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		for (enum bmc_kind k = 0; k < BMC_N_KINDS; k++) {
			bool hardware =
				k == rf_kind(*r) && bmc_kind_is(k, BMC_KIND_HARDWARE);
			size_t n = hardware ? bmc_snapshot_rows(s, k, &rows) : 0;
			for (size_t i = 0; i < n; i++) {
				if (!rf_uri(*r, &view, rows[i], uri) ||
				    rf_route(s, uri, &routed) != *r ||
				    strstr(uri, "ActionInfo"))
					continue;
				if (!json_object_get(seen, uri))
					fail_msg("nothing links to %s", uri);
			}
		}
	}
	json_decref(seen);
}

static void a_boards_interface_is_shown_once(void **state)
{
	struct bmc_source *source = bmc_source_new("nics", 0, 0);
	const struct bmc_value up = { .offset = offsetof(struct bmc_nic, link),
				      .num = BMC_LINK_UP };
	const struct bmc_value mac = { .offset = offsetof(struct bmc_board, mac),
				       .text = "02:00:00:00:00:01" };

	(void)state;
	assert_int_equal(bmc_inventory_put(source, BMC_BOARD, "sub1-02", BMC_CHASSIS,
					   NULL, &mac, 1),
			 0);
	bmc_inventory_publish();
	assert_int_equal(rf_status("GET", NICS("Systems/sub1-02") "/first", NULL), 200);
	assert_int_equal(
		bmc_inventory_put(source, BMC_NIC, "e2", BMC_BOARD, "sub1-02", &up, 1),
		0);
	assert_int_equal(
		bmc_inventory_put(source, BMC_NIC, "e0", BMC_BOARD, "main", &up, 1), 0);
	assert_int_equal(bmc_inventory_put(source, BMC_NIC, "front", BMC_CHASSIS,
					   "enclosure", &up, 1),
			 0);
	bmc_inventory_publish();
	assert_int_equal(rf_status("GET", NICS("Systems/sub1-02") "/first", NULL), 404);
	assert_int_equal(rf_status("GET", NICS("Systems/sub1-02") "/e2", NULL), 200);
	assert_int_equal(rf_status("GET", NICS("Systems/main") "/e0", NULL), 200);
	assert_int_equal(rf_status("GET", NICS("Managers/bmc") "/e0", NULL), 200);
	assert_int_equal(rf_status("GET", NICS("Managers/bmc") "/e2", NULL), 404);
	assert_int_equal(rf_status("GET", NICS("Managers/bmc") "/front", NULL), 404);
	assert_int_equal(rf_status("GET", PORTS "/front/Metrics", NULL), 200);
	assert_int_equal(rf_status("GET", PORTS "/e0", NULL), 404);
	assert_int_equal(rf_status("GET", PORTS "/e2", NULL), 404);
	fixture->duty = 0;
	(void)bmc_source_free(source);
}

/* The schemas of these two allow no null. */
static void a_chassis_and_a_port_of_which_nothing_is_known_are_valid(void **state)
{
	struct bmc_source *source = bmc_source_new("front", 0, 0);
	const struct bmc_value bytes = { .offset = offsetof(struct bmc_nic, rx_bytes),
					 .num = 7 };
	json_t *box = rf_get("/redfish/v1/Chassis/enclosure");

	(void)state;
	assert_string_equal(text_at(box, "ChassisType"), "Enclosure");
	assert_int_equal(bmc_inventory_put(source, BMC_NIC, "bare", BMC_CHASSIS,
					   "enclosure", &bytes, 1),
			 0);
	bmc_inventory_publish();
	json_t *port = rf_get(PORTS "/bare");
	assert_null(rf_at(port, "LinkStatus"));
	assert_true(json_is_null(rf_at(port, "MaxFrameSize")));
	json_decref(port);
	json_decref(box);
	(void)bmc_source_free(source);
}

static void tricks_with_the_path_find_nothing(void **state)
{
	static const char *const paths[] = {
		"/redfish/v1//Systems",
		"/redfish/v1/Systems/SUB1-01",
		"/redfish/v1/Systems/sub1-01//",
		"/redfish/v1/Systems/../Systems",
		"/redfish/v1/Systems/sub1-01;x",
		"/redfish/v1/systems",
		"/redfish/v1/Systems/enclosure",
		"/redfish/v1/Chassis/admin",
		"/redfish/v1/Chassis/blade1/Sensors/none",
		"/redfish/v1/Systems/%2e",
		"/redfish/v1/Systems/this-id-is-much-longer-than-any-row-has-it",
		"/redfish/v1/JsonSchemas/",
		"/redfish/v1/JsonSchemas/Nope.v1_0_0",
		"/redfish/v1/TaskService/Tasks/99999/SubTasks",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		unsigned status = rf_status("GET", paths[i], NULL);
		if (status != 404 && strcmp(paths[i], "/redfish/v1/JsonSchemas/") != 0)
			fail_msg("%s: %u", paths[i], status);
	}
}

static void etag_stays_while_nothing_changes(void **state)
{
	const struct rf_ask ask = { .method = "GET", .uri = SYSTEM, .user = "admin" };
	struct rf_reply a = rf_ask(&ask), b;

	(void)state;
	fixture_pass(300);
	b = rf_ask(&ask);
	assert_string_equal(a.etag, b.etag);
	assert_string_equal(text_at(a.json, "@odata.etag"), a.etag);
	rf_reply_done(&a);
	rf_reply_done(&b);
}

static void if_none_match_is_answered_with_304(void **state)
{
	const struct rf_ask plain = { .method = "GET", .uri = SYSTEM, .user = "admin" };
	struct rf_reply a = rf_ask(&plain), b;
	char match[64];
	struct rf_ask ask = plain;

	(void)state;
	(void)snprintf(match, sizeof(match), "If-None-Match: \"x\", %s", a.etag);
	ask.headers[0] = match;
	b = rf_ask(&ask);
	assert_int_equal(b.status, 304);
	rf_reply_done(&b);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-01"),
			 BMC_TASK_COMPLETED);
	fixture_pass(150);
	b = rf_ask(&ask);
	assert_int_equal(b.status, 200);
	assert_string_equal(text_at(b.json, "PowerState"), "Off");
	rf_reply_done(&a);
	rf_reply_done(&b);
}

static void cached_body_is_the_same_bytes(void **state)
{
	const struct rf_ask ask = { .method = "GET",
				    .uri = "/redfish/v1/Chassis",
				    .user = "rita" };
	struct rf_reply a = rf_ask(&ask);
	size_t bytes = rf_cache_bytes();
	struct rf_reply b = rf_ask(&ask);

	(void)state;
	assert_string_equal(a.text, b.text);
	assert_int_equal(rf_cache_bytes(), bytes);
	rf_reply_done(&a);
	rf_reply_done(&b);
}

/* Whether there is a page after this one of the systems. */
static bool goes_on(const char *query)
{
	const struct rf_ask ask = { .method = "GET",
				    .uri = "/redfish/v1/Systems",
				    .user = "admin",
				    .query = query };
	struct rf_reply r = rf_ask(&ask);
	bool more = rf_at(r.json, "Members@odata.nextLink") != NULL;

	assert_int_equal(r.status, 200);
	rf_reply_done(&r);
	return more;
}

static void last_page_links_to_no_other(void **state)
{
	(void)state;
	assert_int_equal(FIXTURE_BOARDS, 7);
	assert_false(goes_on(NULL));
	assert_true(goes_on("$top\0"
			    "6"));
	assert_false(goes_on("$top\0"
			     "7"));
	assert_false(goes_on("$skip\0"
			     "6"));
	assert_false(goes_on("$skip\0"
			     "7"));
}

static void skip_and_top_make_a_page(void **state)
{
	const struct rf_ask ask = { .method = "GET",
				    .uri = "/redfish/v1/Systems",
				    .user = "admin",
				    .query = "$top\0"
					     "2" },
			    bad = { .method = "GET",
				    .uri = "/redfish/v1/Systems",
				    .user = "admin",
				    .query = "$skip\0"
					     "-1" },
			    other = { .method = "GET",
				      .uri = SYSTEM,
				      .user = "admin",
				      .query = "$nope\0"
					       "x" },
			    free = { .method = "GET",
				     .uri = SYSTEM,
				     .user = "admin",
				     .query = "lang\0"
					      "x" };
	struct rf_reply r = rf_ask(&ask);

	(void)state;
	assert_int_equal(json_array_size(rf_at(r.json, "Members")), 2);
	assert_int_equal(json_integer_value(rf_at(r.json, "Members@odata.count")),
			 FIXTURE_BOARDS);
	assert_string_equal(text_at(r.json, "Members@odata.nextLink"),
			    "/redfish/v1/Systems?$skip=2&$top=2");
	rf_reply_done(&r);
	r = rf_ask(&bad);
	assert_int_equal(r.status, 400);
	rf_reply_done(&r);
	r = rf_ask(&other);
	assert_int_equal(r.status, 501);
	assert_string_equal(rf_message(&r, 0), "QueryParameterUnsupported");
	rf_reply_done(&r);
	r = rf_ask(&free);
	assert_int_equal(r.status, 200);
	rf_reply_done(&r);
}

static void log_entries_come_whole(void **state)
{
	(void)state;
	bmc_event_raise("TestEvent", 0, NULL, NULL, NULL);
	fixture_pass(50);
	json_t *log = rf_get("/redfish/v1/Managers/bmc/LogServices/Events/Entries");
	size_t n = json_array_size(rf_at(log, "Members"));
	assert_true(n > 0);
	assert_int_equal(json_integer_value(rf_at(log, "Members@odata.count")), n);
	json_t *last = json_array_get(rf_at(log, "Members"), n - 1);
	assert_string_equal(text_at(last, "MessageId"), "ClusterBmc.1.0.TestEvent");
	assert_string_equal(text_at(last, "EntryType"), "Event");
	assert_int_equal(strlen(text_at(last, "Created")), 20);
	json_decref(log);
}

/* A fan that does not turn: it has failed, and the chassis is not well. */
static void stop_a_fan(void)
{
	struct bmc_source *source = bmc_source_new("test", 0, 0);
	const struct bmc_value rpm[][1] = { { BMC_NUM(bmc_fan, rpm, 3000) },
					    { BMC_NUM(bmc_fan, rpm, 0) } };

	fixture->duty = 50000;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(bmc_inventory_put(source, BMC_FAN, "fan1", BMC_CHASSIS,
						   NULL, rpm[i], 1),
				 0);
		fixture_pass(50);
	}
	(void)bmc_source_free(source);
}

static void severity_of_an_entry_is_its_registrys(void **state)
{
	bool several = false;

	(void)state;
	stop_a_fan();
	json_t *log = rf_get("/redfish/v1/Managers/bmc/LogServices/Events/Entries"),
	       *all = rf_get("/redfish/v1/Registries/ClusterBmc.1.0.0.json");
	size_t n = json_array_size(rf_at(log, "Members"));
	assert_true(n >= 2);
	for (size_t i = 0; i < n; i++) {
		json_t *e = json_array_get(rf_at(log, "Members"), i);
		const char *key = strrchr(text_at(e, "MessageId"), '.') + 1;
		json_t *m = rf_at(rf_at(all, "Messages"), key);

		assert_non_null(m);
		assert_string_equal(text_at(e, "Severity"),
				    text_at(m, "MessageSeverity"));
		several |= strcmp(key, "ChassisHealthChangedCritical") == 0;
	}
	assert_true(several);
	json_decref(log);
	json_decref(all);
}

static void own_registry_has_a_message_for_each_event_type(void **state)
{
	json_t *file = rf_get("/redfish/v1/Registries/ClusterBmc.1.0.0"),
	       *all = rf_get(text_at(file, "Location/0/Uri"));

	(void)state;
	for (const struct bmc_event_type *t = bmc_event_types; t->name; t++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "%s%s", t->name,
			       t->severity ? "" : "Critical");
		json_t *m = rf_at(rf_at(all, "Messages"), name);
		assert_int_equal(json_integer_value(rf_at(m, "NumberOfArgs")),
				 t->n_args);
		assert_string_not_equal(text_at(m, "MessageSeverity"), "unknown");
	}
	json_decref(file);
	json_decref(all);
}

static void wrong_headers_are_refused(void **state)
{
	static const struct {
		const char *header;
		unsigned status;
	} all[] = {
		{ "OData-Version: 4.0", 200 },       { "OData-Version: 3.0", 412 },
		{ "Accept: application/json", 200 }, { "Accept: */*", 200 },
		{ "Accept: text/html", 406 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		const struct rf_ask ask = { .method = "GET",
					    .uri = SYSTEM,
					    .user = "admin",
					    .headers = { all[i].header } };
		struct rf_reply r = rf_ask(&ask);
		assert_int_equal(r.status, all[i].status);
		rf_reply_done(&r);
	}
}

static void tables_are_printed_for_the_checks(void **state)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	rf_dump(out);
	(void)fclose(out);
	assert_non_null(strstr(
		text,
		"/redfish/v1/Systems/{board}\tComputerSystem.v1_27_0.ComputerSystem\t"
		"AssetTag\tfield\tboard.asset_tag\tpatch\tnull\n"));
	free(text);
}

/* ---- log entries that are in the database ---- */

#define ENTRIES "/redfish/v1/Managers/bmc/LogServices/Events/Entries"

static struct {
	int refused, answer; /* at once, later */
	unsigned asked;
} events;

static int read_events(const struct bmc_event_query *query, bmc_store_events *got,
		       void *arg)
{
	events.asked++;
	assert_true(query->before > 1);
	if (!events.refused)
		got(arg, events.answer, NULL);
	return events.refused;
}

static unsigned status_of(const char *user, const char *uri, const char *query)
{
	const struct rf_ask ask = {
		.method = "GET", .uri = uri, .user = user, .query = query
	};
	struct rf_reply r = rf_ask(&ask);
	unsigned status = r.status;

	rf_reply_done(&r);
	return status;
}

static size_t events_published(void)
{
	struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_EVENT, &rows);

	(void)bmc_snapshot_unref(s);
	return n;
}

static void stored_entries_that_can_not_be_read_are_said(void **state)
{
	static const int codes[] = { BMC_EAGAIN, BMC_ETIMEDOUT, BMC_ECANCELED,
				     BMC_EIO };
	const struct bmc_store_ops *store = bmc_store;
	struct bmc_store_ops broken = *store;
	json_t *page;

	(void)state;
	broken.events = read_events;
	bmc_store = &broken;
	events.asked = 0;
	assert_int_equal(status_of("admin", ENTRIES,
				   "$skip\0"
				   "1000"),
			 200);
	assert_int_equal(events.asked, 0); /* all of them are in memory */
	for (unsigned i = 0; i <= BMC_EVENTS_KEPT; i++)
		bmc_event_raise("TestEvent", 0, "one", NULL, NULL);
	for (int i = 0; i < 400 && events_published() < BMC_EVENTS_KEPT; i++)
		fixture_pass(50);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(codes); i++) {
		int code = codes[i / 2];

		events.refused = i % 2 ? code : 0;
		events.answer = code;
		page = rf_get(ENTRIES);
		assert_int_equal(json_array_size(rf_at(page, "Members")),
				 BMC_EVENTS_KEPT);
		assert_int_equal(json_integer_value(rf_at(page, "Members@odata.count")),
				 BMC_EVENTS_KEPT);
		json_decref(page);
		assert_in_range(status_of("admin", ENTRIES,
					  "$skip\0"
					  "1000"),
				500, 504);
		assert_in_range(status_of("admin", ENTRIES "/1", NULL), 500, 504);
	}
	assert_int_equal(events.asked, 3 * 2 * ARRAY_SIZE(codes));
	/* without the right to read it the database is not asked */
	assert_int_equal(status_of("newbie", ENTRIES "/1", NULL), 403);
	assert_int_equal(status_of(NULL, ENTRIES "/1", NULL), 401);
	assert_int_equal(events.asked, 3 * 2 * ARRAY_SIZE(codes));
	bmc_store = store;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(service_root_needs_no_login),
		cmocka_unit_test(what_is_open_needs_no_login_and_nothing_else_is_open),
		cmocka_unit_test(every_slot_is_a_system_with_its_own_id),
		cmocka_unit_test(unknown_values_are_null),
		cmocka_unit_test(chassis_hold_each_other),
		cmocka_unit_test(tricks_with_the_path_find_nothing),
		cmocka_unit_test(etag_stays_while_nothing_changes),
		cmocka_unit_test(cached_body_is_the_same_bytes),
		cmocka_unit_test(last_page_links_to_no_other),
		cmocka_unit_test(skip_and_top_make_a_page),
		cmocka_unit_test(log_entries_come_whole),
		cmocka_unit_test(severity_of_an_entry_is_its_registrys),
		cmocka_unit_test(own_registry_has_a_message_for_each_event_type),
		cmocka_unit_test(wrong_headers_are_refused),
		cmocka_unit_test(tables_are_printed_for_the_checks),
		cmocka_unit_test(if_none_match_is_answered_with_304),
		cmocka_unit_test(every_link_leads_somewhere),
		cmocka_unit_test(every_resource_is_found_from_the_root),
		cmocka_unit_test(a_boards_interface_is_shown_once),
		cmocka_unit_test(
			a_chassis_and_a_port_of_which_nothing_is_known_are_valid),
		cmocka_unit_test(stored_entries_that_can_not_be_read_are_said),
	};

	return cmocka_run_group_tests(tests, rf_fixture_set_up, rf_fixture_tear_down);
}

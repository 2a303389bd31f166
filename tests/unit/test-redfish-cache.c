// SPDX-License-Identifier: Apache-2.0
/* Whether the cache ever shows what is no more so: after each change, every resource is
 * taken from the cache and rendered beside it, and the bytes are compared. */
#include "redfish-fixture.h"

#include <stdlib.h>

#include "core/events/event.h"
#include "core/model/field.h"
#include "core/snapshot/build.h"
#include "http/gzip.h"
#include "redfish/render.h"
#include "redfish/uri.h"

/* What the last comparison saw: URI -> text without the cache. */
static json_t *seen;
static struct bmc_source *source;

/* ---- comparing ---- */

static struct rf_body *body_of(const struct bmc_snapshot *s,
			       const struct rf_resource *res, const struct bmc_row *row,
			       const char *uri, bool keep)
{
	struct rf_view view;
	struct rf_render r = {
		.view = &view, .res = res, .row = row, .uri = uri, .top = RF_TOP_MAX
	};

	rf_view_init(&view, s);
	struct rf_body *b = rf_cache_make(&r, rf_render(&r), keep);
	assert_non_null(b);
	return b;
}

/* Returns whether the body differs from the one of the comparison before. */
static bool compare(const struct bmc_snapshot *s, const struct rf_resource *res,
		    const struct bmc_row *row, const char *uri, json_t *now,
		    const char *after)
{
	struct rf_body *fresh = body_of(s, res, row, uri, false);
	struct rf_body *cached = rf_cache_find(s, uri);
	const char *before = json_string_value(json_object_get(seen, uri));
	bool differs = !before || strcmp(before, fresh->text) != 0;

	if (cached && strcmp(cached->text, fresh->text) != 0)
		fail_msg("after %s, %s:\ncached %s\nright  %s", after, uri,
			 cached->text, fresh->text);
	(void)json_object_set_new(now, uri, json_string(fresh->text));
	if (!cached)
		cached = body_of(s, res, row, uri, true);
	(void)rf_body_unref(cached);
	(void)rf_body_unref(fresh);
	return differs;
}

static bool is_cacheable(const struct rf_resource *res)
{
	return !res->raw && !(res->flags & RF_VOLATILE);
}

/* Of one resource, for each of its rows. */
static size_t compare_rows(const struct bmc_snapshot *s, const struct rf_resource *res,
			   json_t *now, const char *after)
{
	const struct bmc_row *const *rows, *routed;
	char uri[RF_URI_MAX];
	struct rf_view view;
	size_t changed = 0;

	if (!strchr(res->uri, '{'))
		return compare(s, res, NULL, res->uri, now, after);
	rf_view_init(&view, s);
	for (enum bmc_kind k = 0; k < BMC_N_KINDS; k++) {
		bool any = rf_kind(res) == BMC_N_KINDS &&
			   (k == BMC_CHASSIS || k == BMC_BLADE || k == BMC_BOARD);
		size_t n =
			k == rf_kind(res) || any ? bmc_snapshot_rows(s, k, &rows) : 0;
		for (size_t i = 0; i < n; i++) {
			if (!rf_uri(res, &view, rows[i], uri) ||
			    rf_route(s, uri, &routed) != res || routed != rows[i])
				continue;
			changed += compare(s, res, rows[i], uri, now, after);
		}
	}
	return changed;
}

/* All resources; returns how many bodies are others than before, gone ones too. */
static size_t compare_all(const char *after)
{
	json_t *now = json_object(), *v;
	const char *uri;
	size_t changed = 0;

	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		if (is_cacheable(*r))
			changed += compare_rows(s, *r, now, after);
	}
	json_object_foreach (seen, uri, v) {
		if (json_object_get(now, uri))
			continue;
		changed++;
		struct rf_body *b = rf_cache_find(s, uri);
		if (b)
			fail_msg("after %s: %s is gone, and still answered", after,
				 uri);
	}
	json_decref(seen);
	seen = now;
	return changed;
}

/* ---- changing ---- */

/* Another value than the field has. */
static struct bmc_value other_value(const struct bmc_row *row,
				    const struct bmc_field *f)
{
	static char text[16];
	static int64_t last = 1000;
	struct bmc_value v = { .offset = f->offset };
	int64_t is = f->type == BMC_TEXT ? 0 : bmc_field_num(row, f);

	last += 1000;
	v.num = f->type == BMC_TIME ? bmc_now() - last : last;
	if (f->type == BMC_BOOL)
		v.num = is != 1;
	for (const struct bmc_name *n = f->names; n && n->word; n++) {
		if (n->value > 0 && n->value != is)
			v.num = n->value;
	}
	if (f->type != BMC_TEXT)
		return v;
	(void)snprintf(text, sizeof(text), "t%lld", (long long)last);
	v.text = text;
	return v;
}

static const struct bmc_row *newest(const struct bmc_snapshot *s, enum bmc_kind kind,
				    const char *id)
{
	const struct bmc_row *row = bmc_snapshot_find(s, kind, id);

	if (!row)
		fail_msg("there is no %s %s", bmc_kind(kind)->name, id);
	return row;
}

/* As its kind is changed: by a source, or by the core itself. */
static void change(const struct bmc_row *row, const struct bmc_field *f)
{
	struct bmc_value v = other_value(row, f);
	union bmc_any_row copy;

	if (!bmc_kind_is(row->kind, BMC_KIND_HARDWARE)) {
		memcpy(&copy, row, bmc_kind(row->kind)->size);
		(void)bmc_field_set(&copy.row, f, v.num, v.text);
		(void)bmc_inventory_upsert(&copy.row);
	} else if (f->flags & BMC_SETTING) {
		assert_int_equal(bmc_inventory_set(row->handle, f, v.num, v.text), 0);
	} else {
		assert_int_equal(bmc_inventory_put(source, row->kind, row->id,
						   BMC_CHASSIS, NULL, &v, 1),
				 0);
	}
}

static bool can_change(const struct bmc_row *row, const struct bmc_field *f)
{
	if (!bmc_kind_is(row->kind, BMC_KIND_HARDWARE))
		return strcmp(f->name, "id") != 0;
	return !(f->flags & BMC_DERIVED);
}

/* Each field of the row in turn; returns how often a body followed. */
static size_t change_each_field(enum bmc_kind kind, const char *id)
{
	const struct bmc_kind_desc *k = bmc_kind(kind);
	size_t followed = 0;
	char after[96];

	for (size_t i = 0; i < k->n_fields; i++) {
		auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
		const struct bmc_row *row = newest(s, kind, id);
		const struct bmc_field *f = &k->fields[i];
		if (!can_change(row, f))
			continue;
		change(row, f);
		(void)snprintf(after, sizeof(after), "%s of %s %s", f->name, k->name,
			       id);
		followed += compare_all(after) > 0;
	}
	return followed;
}

static void put(enum bmc_kind kind, const char *id, enum bmc_kind parent_kind,
		const char *parent, const char *field, int64_t num)
{
	const struct bmc_field *f = bmc_field_find(kind, field);
	const struct bmc_value v = { .offset = f->offset, .num = num };

	assert_int_equal(
		bmc_inventory_put(source, kind, id, parent_kind, parent, &v, 1), 0);
}

static struct bmc_task task(const char *id, uint32_t number, uint32_t parent)
{
	struct bmc_task t = {
		.row = { .kind = BMC_TASK, .index = { number, 0 }, .parent = parent },
		.op = BMC_ACT_ON,
		.state = BMC_TASK_RUNNING
	};

	(void)bmc_copy(t.row.id, sizeof(t.row.id), id);
	return t;
}

static uint32_t add_session(const char *id, uint32_t number)
{
	struct bmc_session x = { .row = { .kind = BMC_SESSION, .index = { number, 0 } },
				 .user = "admin" };

	(void)bmc_copy(x.row.id, sizeof(x.row.id), id);
	return bmc_inventory_upsert(&x.row);
}

/* Rows of each kind, below each kind of container. */
static int set_up(void **state)
{
	assert_int_equal(rf_fixture_set_up(state), 0);
	source = bmc_source_new("test", 0, 0);
	seen = json_object();
	put(BMC_SENSOR, "temp1", BMC_BOARD, "sub1-01", "value", 20000);
	put(BMC_SENSOR, "temp2", BMC_BLADE, "blade1", "value", 20000);
	put(BMC_SENSOR, "temp3", BMC_CHASSIS, "enclosure", "value", 20000);
	put(BMC_DISK, "disk1", BMC_BOARD, "main", "bytes", 1000);
	put(BMC_NIC, "eth0", BMC_BOARD, "main", "link", BMC_LINK_UP);
	put(BMC_NIC, "eth1", BMC_BOARD, "sub1-02", "link", BMC_LINK_UP);
	put(BMC_FIRMWARE, "fw1", BMC_BOARD, "sub1-01", "updateable", 1);
	put(BMC_FIRMWARE, "fw2", BMC_CHASSIS, "enclosure", "updateable", 1);
	put(BMC_PSU, "psu1", BMC_CHASSIS, NULL, "present", 1);
	struct bmc_task whole = task("71", 71, 0);
	struct bmc_task part = task("72", 72, bmc_inventory_upsert(&whole.row));
	assert_int_not_equal(bmc_inventory_upsert(&part.row), 0);
	assert_int_not_equal(add_session("s7", 7), 0);
	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	bmc_event_raise("TestEvent", newest(s, BMC_NIC, "eth0")->handle, "eth0", NULL,
			NULL);
	fixture_pass(50);
	assert_true(compare_all("the start") >= 150);
	assert_int_equal(compare_all("nothing"), 0);
	return 0;
}

static int tear_down(void **state)
{
	json_decref(seen);
	return rf_fixture_tear_down(state);
}

/* ---- the tests ---- */

static void values_of_hardware_are_followed(void **state)
{
	(void)state;
	assert_true(change_each_field(BMC_CHASSIS, "enclosure") >= 9);
	assert_true(change_each_field(BMC_BLADE, "blade1") >= 11);
	assert_true(change_each_field(BMC_BOARD, "sub1-02") >= 27);
	assert_true(change_each_field(BMC_BOARD, "main") >= 30);
	assert_true(change_each_field(BMC_FAN, "fan1") >= 7);
	assert_true(change_each_field(BMC_PSU, "psu1") >= 16);
	assert_true(change_each_field(BMC_DISK, "disk1") >= 13);
	assert_true(change_each_field(BMC_SENSOR, "temp1") >= 7);
	assert_true(change_each_field(BMC_SENSOR, "temp3") >= 7);
	assert_true(change_each_field(BMC_NIC, "eth0") >= 15);
	assert_true(change_each_field(BMC_FIRMWARE, "fw1") >= 3);
}

static void values_of_the_core_are_followed(void **state)
{
	char event[BMC_ID_MAX];
	const struct bmc_row *const *rows;

	(void)state;
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	assert_true(bmc_snapshot_rows(s, BMC_EVENT, &rows) > 0);
	(void)bmc_copy(event, sizeof(event), rows[0]->id);
	assert_true(change_each_field(BMC_MANAGER, "bmc") >= 9);
	assert_true(change_each_field(BMC_TASK, "71") >= 15);
	assert_true(change_each_field(BMC_TASK, "72") >= 15);
	assert_true(change_each_field(BMC_EVENT, event) >= 6);
	assert_true(change_each_field(BMC_ACCOUNT, "olga") >= 4);
	assert_true(change_each_field(BMC_ROLE, "Operator") >= 2);
	assert_true(change_each_field(BMC_SESSION, "s7") >= 4);
}

static void plug(bool present)
{
	for (unsigned i = 1; i < FIXTURE_BOARDS; i++)
		fixture->boards[i].present = present;
	fixture_pass(100);
}

static void boards_that_come_and_go_are_followed(void **state)
{
	(void)state;
	plug(false);
	assert_true(compare_all("all boards were pulled") > 30);
	plug(true);
	assert_true(compare_all("all boards were plugged in") > 30);
	fixture->boards[2].present = 0;
	fixture_pass(100);
	assert_true(compare_all("one board was pulled") > 5);
	fixture->boards[3].powered = 0;
	fixture_pass(100);
	assert_true(compare_all("one board was switched off") > 2);
}

static void rows_that_come_and_go_are_followed(void **state)
{
	struct bmc_task t = task("73", 73, 0);
	struct bmc_account a = {
		.row = { .kind = BMC_ACCOUNT, .id = "zoe", .index = { 50, 0 } },
		.role = "Operator",
		.enabled = 1
	};

	(void)state;
	put(BMC_SENSOR, "temp9", BMC_BOARD, "sub1-03", "value", 1000);
	assert_true(compare_all("a new sensor") > 1);
	put(BMC_NIC, "eth9", BMC_BOARD, "main", "link", BMC_LINK_DOWN);
	assert_true(compare_all("a new interface") > 1);
	uint32_t handle = bmc_inventory_upsert(&t.row);
	assert_true(compare_all("a new task") > 2);
	struct bmc_task part = task("74", 74, handle);
	uint32_t part_handle = bmc_inventory_upsert(&part.row);
	assert_true(compare_all("a new part of a task") > 2);
	uint32_t session = add_session("s8", 8);
	assert_true(compare_all("a new session") > 1);
	uint32_t account = bmc_inventory_upsert(&a.row);
	assert_true(compare_all("a new account") > 1);
	bmc_event_raise("TestEvent", handle, "73", NULL, NULL);
	fixture_pass(50);
	assert_true(compare_all("an event of the task") > 1);
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	bmc_event_raise("TestEvent", newest(s, BMC_SENSOR, "temp9")->handle, "temp9",
			NULL, NULL);
	fixture_pass(50);
	assert_true(compare_all("an event of the sensor") > 1);

	bmc_inventory_remove(part_handle);
	assert_true(compare_all("the part of the task is gone") > 1);
	bmc_inventory_remove(handle);
	assert_true(compare_all("the task is gone, its event stays") > 3);
	bmc_inventory_remove(session);
	assert_true(compare_all("the session is gone") > 1);
	bmc_inventory_remove(account);
	assert_true(compare_all("the account is gone") > 1);
	assert_int_equal(bmc_inventory_gone(source, BMC_NIC, "eth9"), 0);
	assert_true(compare_all("the interface is gone") > 1);
	assert_int_equal(bmc_inventory_gone(source, BMC_NIC, "eth0"), 0);
	assert_true(compare_all("the interface of an event is gone") > 2);
	assert_int_equal(bmc_inventory_gone(source, BMC_SENSOR, "temp9"), 0);
	assert_true(compare_all("the sensor is gone, its event stays") > 2);
}

/* More rows in one body than it can name one by one. */
static void many_rows_of_one_body_are_followed(void **state)
{
	char id[BMC_ID_MAX];

	(void)state;
	for (int i = 10; i < 10 + 2 * RF_DEP_ROWS; i++) {
		(void)snprintf(id, sizeof(id), "many%d", i);
		put(BMC_SENSOR, id, BMC_CHASSIS, "enclosure", "type",
		    BMC_SENSOR_TEMPERATURE);
	}
	assert_true(compare_all("many sensors") > 2 * RF_DEP_ROWS);
	for (int i = 10; i < 10 + 2 * RF_DEP_ROWS; i++) {
		(void)snprintf(id, sizeof(id), "many%d", i);
		put(BMC_SENSOR, id, BMC_CHASSIS, "enclosure", "value", i * 1000);
		assert_int_equal(compare_all(id), 3); /* its own and both Thermal */
	}
}

static bool offers(const char *uri, const char *path)
{
	json_t *body = rf_get(uri);
	bool found = json_array_size(rf_at(body, path)) > 0;

	json_decref(body);
	return found;
}

#define SENSOR(at) "/redfish/v1/Chassis/" at "/Sensors/temp8"
#define NICS       "/redfish/v1/Managers/bmc/EthernetInterfaces"

static void rows_that_move_are_followed(void **state)
{
	struct bmc_task t = task("72", 72, 0);

	(void)state;
	put(BMC_SENSOR, "temp1", BMC_BLADE, "blade2", "value", 20000);
	assert_true(compare_all("a sensor moved from a board to a blade") > 3);
	/* the manager has those of main only */
	assert_int_equal(rf_status("GET", NICS "/eth0", NULL), 200);
	assert_int_equal(rf_status("GET", NICS "/eth1", NULL), 404);
	put(BMC_NIC, "eth0", BMC_BOARD, "sub1-03", "link", BMC_LINK_UP);
	assert_true(compare_all("an interface moved from main to a board") > 3);
	assert_int_equal(rf_status("GET", NICS "/eth0", NULL), 404);
	put(BMC_SENSOR, "temp8", BMC_DISK, "disk1", "value", 30000);
	assert_true(compare_all("a sensor of a disk") > 1);
	assert_int_equal(rf_status("GET", SENSOR("main"), NULL), 200);
	put(BMC_DISK, "disk1", BMC_BOARD, "sub1-03", "bytes", 1000);
	assert_true(compare_all("the disk moved, its sensor with it") > 3);
	assert_int_equal(rf_status("GET", SENSOR("sub1-03"), NULL), 200);
	assert_int_equal(rf_status("GET", SENSOR("main"), NULL), 404);
	assert_int_not_equal(bmc_inventory_upsert(&t.row), 0);
	assert_true(compare_all("a part of a task became a task") > 2);
	t.row.index[0] = 3;
	assert_int_not_equal(bmc_inventory_upsert(&t.row), 0);
	assert_true(compare_all("a task got another place") > 0);
}

static void conditions_come_and_go_with_their_cause(void **state)
{
	static const char fan[] =
		"/redfish/v1/Chassis/enclosure/ThermalSubsystem/Fans/fan1";

	(void)state;
	fixture->duty = 50000;
	fixture_pass(100);
	put(BMC_FAN, "fan1", BMC_CHASSIS, NULL, "rpm", 4000);
	(void)compare_all("a fan turns");
	assert_false(offers(fan, "Status/Conditions"));
	put(BMC_FAN, "fan1", BMC_CHASSIS, NULL, "rpm", 10);
	assert_true(compare_all("a fan hardly turns") > 1);
	json_t *body = rf_get(fan);
	assert_int_equal(json_array_size(rf_at(body, "Status/Conditions")), 1);
	json_t *one = rf_at(body, "Status/Conditions/0");
	assert_string_equal(json_string_value(rf_at(one, "Severity")), "Critical");
	assert_string_equal(json_string_value(rf_at(one, "MessageId")),
			    "ClusterBmc.1.0.FanFailed");
	assert_string_equal(
		json_string_value(rf_at(one, "OriginOfCondition/@odata.id")), fan);
	assert_non_null(json_string_value(rf_at(one, "Timestamp")));
	assert_null(rf_at(one, "MemberId"));
	assert_int_equal(json_array_size(rf_at(one, "MessageArgs")), 2);
	assert_string_equal(json_string_value(rf_at(one, "MessageArgs/0")), "fan1");
	json_decref(body);
	put(BMC_FAN, "fan1", BMC_CHASSIS, NULL, "rpm", 4000);
	assert_true(compare_all("the fan turns again") > 1);
	body = rf_get(fan);
	assert_null(rf_at(body, "Status/Conditions"));
	json_decref(body);
	/* also one that comes without a change of its row */
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	struct bmc_condition c = {
		.row = { .kind = BMC_CONDITION, .id = "c1", .index = { 900, 0 } },
		.severity = BMC_SEVERITY_WARNING,
		.reason = "FanFailed"
	};
	c.row.parent = newest(s, BMC_FAN, "fan1")->handle;
	uint32_t handle = bmc_inventory_upsert(&c.row);
	assert_int_not_equal(handle, 0);
	assert_int_equal(compare_all("a condition came"), 1);
	assert_true(offers(fan, "Status/Conditions"));
	bmc_inventory_remove(handle);
	assert_int_equal(compare_all("the condition is gone"), 1);
}

static void note(void *arg)
{
	*(bool *)arg = true;
}

static bool is_set(void *arg)
{
	return *(bool *)arg;
}

static void end_of_the_instance_is_followed(void **state)
{
	bool ended = false;

	(void)state;
	assert_int_equal(bmc_instance_stop("fixture", note, &ended), 0);
	assert_true(fixture_until(is_set, &ended));
	assert_true(compare_all("the instance ended") > 10);
}

#define WORDS "Actions/#AggregationService.Reset/ResetType@Redfish.AllowableValues"

static void reset_of_sets_comes_back_with_the_boards(void **state)
{
	static const char uri[] = "/redfish/v1/AggregationService",
			  info[] = "/redfish/v1/AggregationService/ResetActionInfo",
			  list[] = "Parameters/0/AllowableValues";

	(void)state;
	assert_true(offers(uri, WORDS) && offers(info, list));
	plug(false);
	assert_false(offers(uri, WORDS) || offers(info, list));
	plug(true);
	assert_true(offers(uri, WORDS) && offers(info, list));
}

/* ---- what the cache holds ---- */

static void gzip_coding_is_made_once_and_counted(void **state)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *row;
	const char *uri = "/redfish/v1/Systems/sub1-01";
	const struct rf_resource *res = rf_route(s, uri, &row);
	char *out;
	size_t n;

	(void)state;
	rf_cache_clear();
	assert_int_equal(rf_cache_bytes(), 0);
	struct rf_body *b = body_of(s, res, row, uri, true);
	size_t before = rf_cache_bytes();
	assert_true(b->len >= RF_GZIP_MIN && before >= b->len);
	const struct rf_coded *c = rf_body_gzip(b);
	assert_non_null(c);
	assert_int_equal(http_gzip_inflate(c->text, c->len, b->len, &out, &n), 0);
	assert_int_equal(n, b->len);
	assert_memory_equal(out, b->text, n);
	free(out);
	assert_true(rf_cache_bytes() >= before + c->len);
	before = rf_cache_bytes();
	assert_ptr_equal(rf_body_gzip(b), c);
	struct rf_body *other = body_of(s, res, row, uri, false);
	assert_non_null(rf_body_gzip(other));
	assert_int_equal(rf_cache_bytes(), before);
	(void)rf_body_unref(other);
	rf_cache_clear();
	assert_int_equal(rf_cache_bytes(), 0);
	assert_ptr_equal(rf_body_gzip(b), c); /* it has a reference still */
	(void)rf_body_unref(b);
	uri = "/redfish/v1/Systems/sub1-01/Memory";
	b = body_of(s, rf_route(s, uri, &row), row, uri, false);
	assert_true(b->len < RF_GZIP_MIN);
	assert_null(rf_body_gzip(b));
	(void)rf_body_unref(b);
}

/* More than there are buckets at first. */
static void cache_that_grows_loses_nothing(void **state)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *row;
	const struct rf_resource *res =
		rf_route(s, "/redfish/v1/Systems/sub1-01/Memory", &row);
	char uri[64];

	(void)state;
	rf_cache_clear();
	for (unsigned i = 0; i < 1500; i++) {
		(void)snprintf(uri, sizeof(uri), "/test/%u", i);
		(void)rf_body_unref(body_of(s, res, row, uri, true));
	}
	assert_in_range(rf_cache_bytes(), 1500 * 1000, 4U << 20);
	for (unsigned i = 0; i < 1500; i++) {
		(void)snprintf(uri, sizeof(uri), "/test/%u", i);
		struct rf_body *b = rf_cache_find(s, uri);
		if (!b)
			fail_msg("%s is lost", uri);
		(void)rf_body_unref(b);
	}
	rf_cache_clear();
}

/* More than there is room for. */
static void cache_keeps_its_bound_and_finds_what_it_has(void **state)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *row, *const *rows;
	const struct rf_resource *res =
		rf_route(s, "/redfish/v1/Systems/sub1-01", &row);
	size_t bound = 0, found = 0, most = 0;
	char uri[64];

	(void)state;
	for (enum bmc_kind k = 0; k < BMC_N_KINDS; k++)
		bound += bmc_kind_is(k, BMC_KIND_HARDWARE)
				 ? bmc_snapshot_rows(s, k, &rows) * 16384
				 : 0;
	bound = MAX(bound, 4U << 20);
	rf_cache_clear();
	for (unsigned i = 0; i < 6000; i++) {
		(void)snprintf(uri, sizeof(uri), "/test/%u", i);
		(void)rf_body_unref(body_of(s, res, row, uri, true));
		most = MAX(most, rf_cache_bytes());
		struct rf_body *b = rf_cache_find(s, uri);
		assert_non_null(b);
		assert_string_equal(b->uri, uri);
		(void)rf_body_unref(b);
	}
	assert_in_range(most, bound / 2, bound + 8192);
	for (unsigned i = 0; i < 6000; i++) {
		(void)snprintf(uri, sizeof(uri), "/test/%u", i);
		struct rf_body *b = rf_cache_find(s, uri);
		found += b != NULL;
		(void)rf_body_unref(b);
	}
	assert_in_range(found * 8192, bound / 2, 6000 * 8192);
	rf_cache_clear();
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(values_of_hardware_are_followed),
		T(values_of_the_core_are_followed),
		T(boards_that_come_and_go_are_followed),
		T(rows_that_come_and_go_are_followed),
		T(many_rows_of_one_body_are_followed),
		T(rows_that_move_are_followed),
		T(conditions_come_and_go_with_their_cause),
		T(end_of_the_instance_is_followed),
		T(reset_of_sets_comes_back_with_the_boards),
		T(gzip_coding_is_made_once_and_counted),
		T(cache_that_grows_loses_nothing),
		T(cache_keeps_its_bound_and_finds_what_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

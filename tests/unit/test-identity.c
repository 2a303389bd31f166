// SPDX-License-Identifier: Apache-2.0
/* Settings that the hardware keeps: who may set them, which values are refused, and
 * that they go to the hardware and nowhere else. */
#include "action-fixture.h"

#include "core/model/field.h"

#define A1 "02:00:00:00:00:a1"
#define A2 "02:00:00:00:00:a2"
#define A3 "02:00:00:00:00:a3"

static const char platform[] =
	"platform: fixture\n"
	"verbs: {vendor_set: fixture, ipv4_static: fixture}\n"
	"chassis:\n  - {id: enclosure}\n"
	"blades:\n  - {id: blade1}\n"
	"boards:\n"
	"  - {id: main, is_main: true}\n"
	"  - {range: {s: 1-3}, id: \"sub1-{s:02}\", parent: blade1}\n"
	"nics:\n  - {id: port1}\n  - {id: port2}\n";

static struct bmc_plugin plugin;
static atomic_int verbs_run, held;
static atomic_bool flash_fails;
static char last_text[200];

/* The flash keeps it, and what it reads back is put. */
static int vendor_set(void *arg, struct bmc_call *call, const struct bmc_args *args,
		      struct bmc_error *err)
{
	struct fixture_self *self = arg;
	const char *value = strchr(args->text, ' ');
	char name[BMC_NAME_MAX];

	(void)snprintf(last_text, sizeof(last_text), "%s", args->text);
	verbs_run++;
	while (held) {
		if (self->ops->sleep(call, 5) < 0)
			return BMC_ETIMEDOUT;
	}
	if (flash_fails)
		return bmc_fail(err, BMC_EIO, "the flash takes nothing");
	(void)snprintf(name, sizeof(name), "%.*s", (int)(value - args->text),
		       args->text);
	const struct bmc_value v = { .offset = bmc_field_find(BMC_BOARD, name)->offset,
				     .text = value + 1 };
	return self->ops->put(self->host, BMC_BOARD, self->ops->target_id(call), &v, 1);
}

static int address_set(void *arg, struct bmc_call *call, const struct bmc_args *args,
		       struct bmc_error *err)
{
	struct fixture_self *self = arg;

	(void)args;
	verbs_run++;
	while (held) {
		if (self->ops->sleep(call, 5) < 0)
			return BMC_ETIMEDOUT;
	}
	return flash_fails ? bmc_fail(err, BMC_EIO, "the board takes nothing") : BMC_OK;
}

static int poll(void *arg, struct bmc_error *err)
{
	struct fixture_self *self = arg;
	const struct bmc_value mac[] = { BMC_TXT(bmc_nic, mac, A3) };
	const struct bmc_value serial[] = { BMC_TXT(bmc_board, serial, "SN-OF-MAIN") };

	const struct bmc_value up[] = { BMC_NUM(bmc_nic, link, BMC_LINK_UP) };

	(void)self->ops->put(self->host, BMC_NIC, "port1", mac, 1);
	(void)self->ops->put(self->host, BMC_NIC, "port2", up, 1);
	(void)self->ops->put(self->host, BMC_BOARD, "main", serial, 1);
	(void)err;
	for (int i = 1; i <= 3; i++) {
		const struct bmc_value in[] = { BMC_NUM(bmc_board, present, 1) };
		char id[20];

		(void)snprintf(id, sizeof(id), "sub1-%02d", i);
		(void)self->ops->put(self->host, BMC_BOARD, id, in, 1);
	}
	return BMC_OK;
}

static const struct bmc_verb verbs[] = {
	BMC_VERB("vendor_set", BMC_VERB_REPEATABLE | BMC_VERB_TAKES_TEXT, 5000,
		 vendor_set),
	BMC_VERB("ipv4_static", BMC_VERB_REPEATABLE | BMC_VERB_TAKES_TEXT, 5000,
		 address_set),
	{ 0 },
};

static int set_up(void **state)
{
	(void)state;
	plugin = fixture_plugin;
	plugin.poll = poll;
	plugin.probe = NULL;
	plugin.verbs = verbs;
	fixture_used = &plugin;
	fixture_platform = platform;
	fixture_last = "sub1-03";
	verbs_run = held = 0;
	flash_fails = false;
	fixture_new();
	fixture->mute = true; /* its own poll is not used */
	fixture_start(false);
	fixture_pass(50);
	return 0;
}

static struct bmc_action set(const char *id, const char *field, const char *value)
{
	struct bmc_action a = { .op = BMC_ACT_SET,
				.kind = BMC_BOARD,
				.field = bmc_field_find(BMC_BOARD, field) };

	(void)bmc_copy(a.id, sizeof(a.id), id);
	(void)bmc_copy(a.text, sizeof(a.text), value);
	return a;
}

static int submit(const char *id, const char *field, const char *value)
{
	struct bmc_action a = set(id, field, value);
	struct bmc_result result;

	return fixture_submit(&fixture_admin, &a, 1, &result);
}

static void it_is_written_to_the_hardware_and_not_to_the_database(void **state)
{
	(void)state;
	assert_int_equal(submit("sub1-01", "lan_mac", "020000-00-00A1"), BMC_EINVAL);
	assert_int_equal(submit("sub1-01", "lan_mac", "02-00-00-00-00-A1"), BMC_OK);
	assert_string_equal(last_text, "lan_mac " A1);
	fixture_pass(50);
	assert_string_equal(fixture_row("sub1-01")->lan_mac, A1);
	assert_int_equal(fixture->n_settings, 0);
	assert_int_equal(submit("sub1-01", "wifi_mac", "0200000000a2"), BMC_OK);
	assert_int_equal(submit("sub1-01", "vendor_serial", "B09CC-1"), BMC_OK);
	assert_string_equal(last_text, "vendor_serial B09CC-1");
	assert_int_equal(verbs_run, 3);
}

static void what_it_has_already_is_not_written_again(void **state)
{
	(void)state;
	assert_int_equal(submit("sub1-01", "lan_mac", A1), BMC_OK);
	fixture_pass(50);
	assert_int_equal(submit("sub1-01", "lan_mac", A1), BMC_OK);
	assert_int_equal(verbs_run, 1);
}

static void a_board_that_is_changed_shows_what_its_own_flash_says(void **state)
{
	(void)state;
	flash_fails = true;
	assert_int_equal(submit("sub1-01", "lan_mac", A1), BMC_EIO);
	fixture_pass(50);
	assert_string_equal(fixture_row("sub1-01")->lan_mac, "");
	flash_fails = false;
	assert_int_equal(submit("sub1-02", "lan_mac", A1), BMC_OK);
}

static void values_that_are_none_are_refused(void **state)
{
	static const struct {
		const char *field, *value;
		int code;
	} bad[] = {
		{ "lan_mac", "00:00:00:00:00:00", BMC_EINVAL },
		{ "lan_mac", "01:00:5e:00:00:01", BMC_EINVAL },
		{ "wifi_mac", "ff:ff:ff:ff:ff:ff", BMC_EINVAL },
		{ "bt_mac", "03-00-00-00-00-01", BMC_EINVAL },
		{ "lan_mac", "02:00:00:00:00", BMC_EINVAL },
		{ "lan_mac", "02:00:00:00:00:0g", BMC_EINVAL },
		{ "lan_mac", "02:00:00-00:00:01", BMC_EINVAL },
		{ "lan_mac", "02.00.00.00.00.01", BMC_EINVAL },
		{ "lan_mac", "0200000000010", BMC_EINVAL },
		{ "lan_mac", "02:00:00:00:00:010", BMC_ERANGE },
		{ "lan_mac", "", BMC_ERANGE },
		{ "lan_mac", "2", BMC_EINVAL },
		{ "vendor_serial", "", BMC_ERANGE },
		{ "vendor_serial", "B 1", BMC_EINVAL },
		{ "vendor_serial", "\xc3\xa9", BMC_EINVAL },
		{ "vendor_serial", "12345678901234567890123456789012", BMC_ERANGE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (submit("sub1-01", bad[i].field, bad[i].value) != bad[i].code)
			fail_msg("%s: %s", bad[i].value, fixture_error.what);
	}
	assert_int_equal(verbs_run, 0);
	assert_int_equal(
		submit("sub1-01", "vendor_serial", "1234567890123456789012345678901"),
		BMC_OK);
}

static void no_two_boards_have_one_address(void **state)
{
	(void)state;
	assert_int_equal(submit("sub1-01", "lan_mac", A1), BMC_OK);
	fixture_pass(50);
	assert_int_equal(submit("sub1-02", "lan_mac", A1), BMC_ECONFLICT);
	assert_string_equal(fixture_error.what,
			    "lan_mac of sub1-02: sub1-01 has " A1 " already");
	assert_int_equal(submit("sub1-02", "bt_mac", "020000-00-00-A1"), BMC_EINVAL);
	assert_int_equal(submit("sub1-02", "bt_mac", "0200000000A1"), BMC_ECONFLICT);
	assert_int_equal(submit("sub1-01", "wifi_mac", A1), BMC_ECONFLICT);
	assert_int_equal(submit("sub1-02", "lan_mac", A3), BMC_ECONFLICT); /* port1 */
	assert_int_equal(submit("sub1-02", "lan_mac", A2), BMC_OK);
	assert_int_equal(submit("sub1-02", "vendor_serial", "SN-OF-MAIN"),
			 BMC_ECONFLICT);
	assert_int_equal(submit("sub1-02", "vendor_serial", "S1"), BMC_OK);
	fixture_pass(50);
	assert_int_equal(submit("sub1-03", "vendor_serial", "S1"), BMC_ECONFLICT);
}

static void nor_do_two_requests_of_one_batch(void **state)
{
	struct bmc_action acts[] = { set("sub1-01", "lan_mac", A1),
				     set("sub1-02", "lan_mac", "0200000000A1") };
	struct bmc_result result;

	(void)state;
	assert_int_equal(fixture_submit(&fixture_admin, acts, 2, &result),
			 BMC_ECONFLICT);
	assert_int_equal(verbs_run, 0);
	acts[1] = set("sub1-02", "lan_mac", A2);
	assert_int_equal(fixture_submit(&fixture_admin, acts, 2, &result), BMC_OK);
	fixture_pass(50);
	assert_string_equal(fixture_row("sub1-02")->lan_mac, A2);
}

static bool verb_runs(void *arg)
{
	(void)arg;
	return verbs_run > 0;
}

static void done(void *arg, const struct bmc_result *r)
{
	*(int *)arg = r->code;
}

static void nor_do_two_that_are_written_at_once(void **state)
{
	struct bmc_action a = set("sub1-01", "lan_mac", A1);
	int first = 1;

	(void)state;
	held = 1;
	assert_int_equal(
		bmc_action_submit(&fixture_admin, &a, 1, done, &first, NULL, NULL),
		BMC_OK);
	assert_true(fixture_until(verb_runs, NULL));
	assert_int_equal(submit("sub1-02", "lan_mac", A1), BMC_ECONFLICT);
	flash_fails = true;
	held = 0;
	fixture_pass(100);
	assert_int_equal(first, BMC_EIO);
	flash_fails = false;
	assert_int_equal(submit("sub1-02", "lan_mac", A1), BMC_OK);
}

static struct bmc_action address(const char *id, const char *text)
{
	struct bmc_action a = { .op = BMC_ACT_SET,
				.kind = BMC_NIC,
				.field = bmc_field_find(BMC_NIC, "ipv4_static") };

	(void)bmc_copy(a.id, sizeof(a.id), id);
	(void)bmc_copy(a.text, sizeof(a.text), text);
	return a;
}

#define NET_7 "192.0.2.7/24 192.0.2.1"

static void static_addresses_are_held_in_the_same_way(void **state)
{
	struct bmc_action both[] = { address("port1", NET_7),
				     address("port2", "192.0.2.7/25") };
	struct bmc_result result;
	int first = 1;

	(void)state;
	assert_int_equal(fixture_submit(&fixture_admin, both, 2, &result),
			 BMC_ECONFLICT);
	assert_int_equal(verbs_run, 0);
	held = 1;
	assert_int_equal(bmc_action_submit(&fixture_admin, &both[0], 1, done, &first,
					   NULL, NULL),
			 BMC_OK);
	assert_true(fixture_until(verb_runs, NULL));
	assert_int_equal(fixture_submit(&fixture_admin, &both[1], 1, &result),
			 BMC_ECONFLICT);
	flash_fails = true;
	held = 0;
	fixture_pass(100);
	assert_int_equal(first, BMC_EIO);
	flash_fails = false;
	assert_int_equal(fixture_submit(&fixture_admin, &both[1], 1, &result), BMC_OK);
	fixture_pass(50);
	assert_int_equal(fixture_submit(&fixture_admin, &both[0], 1, &result),
			 BMC_ECONFLICT);
}

static void it_takes_an_administrator(void **state)
{
	struct bmc_action a = set("sub1-01", "lan_mac", A1);
	struct bmc_result result;

	(void)state;
	assert_int_equal(fixture_submit(&fixture_operator, &a, 1, &result), BMC_EPERM);
	assert_int_equal(fixture_submit(&fixture_reader, &a, 1, &result), BMC_EPERM);
	a = set("sub1-01", "asset_tag", "x");
	assert_int_equal(fixture_submit(&fixture_operator, &a, 1, &result), BMC_OK);
}

static void it_has_no_time_limit(void **state)
{
	struct bmc_action a = set("sub1-01", "lan_mac", A1);
	struct bmc_result result;

	(void)state;
	a.duration_ms = 2000;
	assert_int_equal(fixture_submit(&fixture_admin, &a, 1, &result), BMC_ENOTSUP);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_written_to_the_hardware_and_not_to_the_database),
		TEST(what_it_has_already_is_not_written_again),
		TEST(a_board_that_is_changed_shows_what_its_own_flash_says),
		TEST(values_that_are_none_are_refused),
		TEST(no_two_boards_have_one_address),
		TEST(nor_do_two_requests_of_one_batch),
		TEST(nor_do_two_that_are_written_at_once),
		TEST(static_addresses_are_held_in_the_same_way),
		TEST(it_takes_an_administrator),
		TEST(it_has_no_time_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

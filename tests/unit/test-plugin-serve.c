// SPDX-License-Identifier: Apache-2.0
/* An event-driven source: the module events-plugin.c under the real host. */
#include "action-fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "core/plugin/host.h"

static char dir[] = "/tmp/plugin-serve-XXXXXX", fifo[64];
static int events_fd;
static const struct bmc_plugin *plugin;
static struct bmc_conf_file *file;

static int load_module(void **state)
{
	const char *top = getenv("top_builddir");
	char path[512];

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	(void)snprintf(path, sizeof(path), "%s/tests/unit/.libs", top ? top : ".");
	if (mkfifo(fifo, 0600) < 0)
		return -1;
	events_fd = open(fifo, O_RDWR | O_CLOEXEC);
	return bmc_plugin_load(path, "events", &plugin, &fixture_error);
}

static int remove_module(void **state)
{
	(void)state;
	(void)close(events_fd);
	(void)unlink(fifo);
	return rmdir(dir);
}

static void start_events(int64_t poll_ms, int64_t probe_ms)
{
	struct bmc_instance_conf conf = { .name = "events",
					  .poll_ms = poll_ms,
					  .poll_deadline_ms = 100,
					  .probe_ms = probe_ms };
	char text[100];

	(void)snprintf(text, sizeof(text), "fifo: %s\n", fifo);
	if (bmc_conf_parse("settings", text, strlen(text), plugin->conf, &file,
			   &fixture_error) < 0)
		fail_msg("%s", fixture_error.what);
	conf.settings = bmc_conf_root(file);
	if (bmc_instance_start(plugin, &conf, &fixture_error) < 0)
		fail_msg("%s", fixture_error.what);
}

static int set_up(void **state)
{
	assert_int_equal(fixture_set_up(state), 0);
	return 0;
}

static int tear_down(void **state)
{
	int code = fixture_tear_down(state);

	file = bmc_conf_free(file);
	return code;
}

static void event(const char *line)
{
	assert_int_equal(write(events_fd, line, strlen(line)), strlen(line));
}

struct expected {
	const char *id;
	int64_t present;
};

/* The fixture's own plugin counts more where it speaks; the empty slot's board is named
 * by its `present` too. */
static bool is_present(void *arg)
{
	const struct expected *e = arg;

	return fixture_row(e->id)->present == e->present;
}

static void note_end(void *arg)
{
	*(bool *)arg = true;
}

static bool flag(void *arg)
{
	return *(bool *)arg;
}

static void stop_events(void)
{
	bool ended = false;

	assert_int_equal(bmc_instance_stop("fixture", note_end, &ended), 0);
	assert_true(fixture_until(flag, &ended));
}

static void an_event_is_seen_without_a_poll(void **state)
{
	struct expected in = { "sub1-04", 1 }, out = { "sub1-04", 0 };
	int64_t begin;

	(void)state;
	stop_events();
	start_events(3600000, 0);
	event("sub1-04 1\n");
	assert_true(fixture_until(is_present, &in));
	fixture_pass(20);
	begin = bmc_now();
	event("sub1-04 0\n");
	assert_true(fixture_until(is_present, &out));
	assert_true(bmc_now() - begin < 5000);
}

static void serving_ends_with_its_instance(void **state)
{
	bool ended = false;
	int64_t begin = bmc_now();

	(void)state;
	start_events(3600000, 0);
	assert_int_equal(bmc_instance_stop("events", note_end, &ended), 0);
	assert_true(fixture_until(flag, &ended));
	assert_true(bmc_now() - begin < 10000); /* it did not have to be left behind */
	file = bmc_conf_free(file);
	start_events(3600000, 0);
}

static void serving_that_ends_by_itself_begins_again(void **state)
{
	struct expected in = { "sub1-04", 1 };
	int64_t begin = bmc_now();

	(void)state;
	stop_events();
	start_events(3600000, 0);
	event("!fail\n");
	fixture_pass(100); /* two lines at once would be one event */
	event("sub1-04 1\n");
	assert_true(fixture_until(is_present, &in));
	assert_true(bmc_now() - begin >= 1000);
}

static int64_t fan_rpm(void)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();

	return ((const struct bmc_fan *)bmc_snapshot_find(s, BMC_FAN, "fan1"))->rpm;
}

static bool fan_is_unknown(void *arg)
{
	(void)arg;
	return fan_rpm() == BMC_UNKNOWN;
}

static bool fan_is_known(void *arg)
{
	(void)arg;
	return fan_rpm() >= 1000;
}

static void a_poll_that_hangs_is_released_by_an_event(void **state)
{
	(void)state;
	start_events(20, 0);
	assert_true(fixture_until(fan_is_known, NULL));
	event("!hang\n");
	assert_true(fixture_until(fan_is_unknown, NULL));
	assert_int_equal(bmc_hosts_hung(), 1);
	event("!go\n");
	assert_true(fixture_until(fan_is_known, NULL));
	assert_int_equal(bmc_hosts_hung(), 0);
}

/* Six boards, of which one is its own: five probes, and then only that one's. */
static void boards_that_are_not_its_own_are_probed_once(void **state)
{
	int64_t probes = 0;

	(void)state;
	start_events(20, 100);
	for (int i = 0; i < 200 && probes < FIXTURE_BOARDS + 5; i++) {
		fixture_pass(50);
		probes = fan_rpm() == BMC_UNKNOWN ? 0 : fan_rpm() - 1000;
	}
	assert_in_range(probes, FIXTURE_BOARDS + 5, FIXTURE_BOARDS + 60);
	for (int i = 0; i < FIXTURE_BOARDS; i++) {
		const struct bmc_slot *slot =
			&bmc_instances_platform()
				 ->slots[bmc_instances_platform()->first[BMC_BOARD] +
					 (size_t)i];
		assert_int_equal(bmc_host_exec_slot(bmc_hosts, slot, NULL)->probe_off,
				 strcmp(slot->id, "sub1-01") != 0);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_event_is_seen_without_a_poll),
		T(serving_ends_with_its_instance),
		T(serving_that_ends_by_itself_begins_again),
		T(a_poll_that_hangs_is_released_by_an_event),
		T(boards_that_are_not_its_own_are_probed_once),
	};

	return cmocka_run_group_tests(tests, load_module, remove_module);
}

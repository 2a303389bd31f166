// SPDX-License-Identifier: Apache-2.0
// What a reload finds different, what the helper reads, and the manual page.
#include "conf-test.h"

static char platform[PATH_MAX];
static char said[1024]; /* what the last diff told, in its order */

static struct bmc_config *load(const char *text)
{
	struct bmc_config *c = NULL;
	struct bmc_error err = { 0 };
	char whole[PATH_MAX + 512];

	(void)snprintf(whole, sizeof(whole), "platform: \"%s\"\n%s", platform, text);
	if (test_load_text(whole, &c, &err) < 0)
		fail_msg("%s", err.what);
	return c;
}

__attribute__((format(printf, 1, 2))) static void say(const char *fmt, ...)
{
	size_t len = strlen(said);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(said + len, sizeof(said) - len, fmt, ap);
	va_end(ap);
}

static void say_key(void *arg, const char *key, enum bmc_reload needs)
{
	static const char *const words[] = { "live", "instance", "restart" };

	(void)arg;
	say("%s %s\n", key, words[needs]);
}

static void say_instance(void *arg, const struct bmc_config_instance *was,
			 const struct bmc_config_instance *is)
{
	(void)arg;
	say("%s %s\n",
	    !was  ? "make"
	    : !is ? "end"
		  : "renew",
	    (is ? is : was)->conf.name);
}

static void assert_diff(const char *was_text, const char *is_text, const char *expected)
{
	static const struct bmc_config_changes changes = { .key = say_key,
							   .instance = say_instance };
	struct bmc_config *was = load(was_text), *is = load(is_text);

	*said = '\0';
	bmc_config_diff(was, is, &changes);
	assert_string_equal(said, expected);
	bmc_config_unref(was);
	bmc_config_unref(is);
}

static void equal_files_have_no_difference(void **state)
{
	(void)state;
	assert_diff(TEST_INSTANCES, TEST_INSTANCES, "");
}

static void order_spelling_and_defaults_are_no_difference(void **state)
{
	(void)state;
	assert_diff("http: {idle_timeout: 60s}\ninstances:\n"
		    "  - {name: host, plugin: host}\n"
		    "  - {name: simulator, plugin: simulator, settings: {speed: 10}}\n",
		    "instances:\n  - {plugin: host, name: host, poll: 1000ms}\n"
		    "  - {name: simulator, plugin: simulator}\n"
		    "http: {idle_timeout: 60000}\n",
		    "");
}

static void keys_come_with_what_they_need(void **state)
{
	(void)state;
	assert_diff(TEST_INSTANCES,
		    "log_level: debug\nhttp: {https_port: 8443}\ntasks: {keep: 99}\n"
		    "helper: {file: {dir: x}}\n" TEST_INSTANCES,
		    "log_level live\nhelper.file.dir restart\nhttp.https_port restart\n"
		    "tasks.keep restart\n");
}

static void only_changed_instances_are_named(void **state)
{
	(void)state;
	assert_diff("instances:\n  - {name: simulator, plugin: simulator}\n"
		    "  - {name: host, plugin: host}\n  - {name: old, plugin: host}\n",
		    "instances:\n  - {name: simulator, plugin: simulator, settings: "
		    "{speed: 9}}\n"
		    "  - {name: host, plugin: host}\n  - {name: new, plugin: host}\n",
		    "end old\nrenew simulator\nmake new\n");
}

static void another_platform_needs_a_restart(void **state)
{
	static const struct bmc_config_changes changes = { .key = say_key,
							   .instance = say_instance };
	char path[] = "/tmp/clusterbmc-platform-XXXXXX";
	struct bmc_config *was, *is;
	struct bmc_error err;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	test_write(path, "platform: p\nchassis: [{id: a}]\n");
	assert_int_equal(test_load_platform(path, &was, &err), 0);
	test_write(path, "platform: p\nchassis: [{id: b}]\n");
	assert_int_equal(test_load_platform(path, &is, &err), 0);
	*said = '\0';
	bmc_config_diff(was, is, &changes);
	assert_string_equal(said, "platform restart\n");
	bmc_config_unref(was);
	bmc_config_unref(is);
	(void)unlink(path);
}

static void instances_carry_their_times_and_settings(void **state)
{
	struct bmc_config *c = load("instances:\n  - {name: host, plugin: host}\n"
				    "  - {name: simulator, plugin: simulator, poll: "
				    "200ms, poll_deadline: 4s,\n"
				    "     probe: 3s, probe_deadline: 2s, stale: 0,\n"
				    "     settings: {word: x}}\n");
	const struct bmc_config_instance *in = &c->instances[1];

	(void)state;
	assert_int_equal(c->n_instances, 2);
	assert_ptr_equal(in->plugin, &test_simulator);
	assert_string_equal(in->conf.name, "simulator");
	assert_int_equal(in->conf.poll_ms, 200);
	assert_int_equal(in->conf.poll_deadline_ms, 4000);
	assert_int_equal(in->conf.probe_ms, 3000);
	assert_int_equal(in->conf.probe_deadline_ms, 2000);
	assert_int_equal(in->conf.stale_ms, 0);
	assert_int_equal(bmc_conf_num(in->conf.settings, "speed", 0), 10);
	assert_string_equal(bmc_conf_text(in->conf.settings, "word", ""), "x");
	bmc_config_unref(c);
}

static void helper_loads_without_plugins(void **state)
{
	struct bmc_config *c = NULL;
	struct bmc_error err = { 0 };
	char path[] = "/tmp/clusterbmc-conf-XXXXXX", text[PATH_MAX + 256];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	(void)snprintf(text, sizeof(text),
		       "platform: \"%s\"\ninstances:\n  - {name: host, plugin: gone}\n"
		       "  - {name: simulator, plugin: gone, settings: {a: {b: [c]}}}\n",
		       test_path("tests/unit/data/good/uneven.yaml"));
	test_write(path, text);
	if (bmc_config_load(path, NULL, &c, &err) < 0)
		fail_msg("%s", err.what);
	assert_null(c->instances[0].plugin);
	assert_int_equal(c->platform->n_chips, 2);
	bmc_config_unref(c);
	(void)unlink(path);
}

static void paths_are_relative_to_the_file(void **state)
{
	struct bmc_config c = { .path = (char[]){
					"/etc/clusterbmc/clusterbmcd.yaml" } };
	struct bmc_config here = { .path = (char[]){ "clusterbmcd.yaml" } };
	char buf[64], tiny[8];

	(void)state;
	assert_int_equal(bmc_config_resolve(&c, "platforms/a.yaml", buf, sizeof(buf)),
			 0);
	assert_string_equal(buf, "/etc/clusterbmc/platforms/a.yaml");
	assert_int_equal(bmc_config_resolve(&c, "/a.yaml", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "/a.yaml");
	assert_int_equal(bmc_config_resolve(&here, "a.yaml", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "a.yaml");
	assert_int_equal(bmc_config_resolve(&c, "a.yaml", tiny, sizeof(tiny)),
			 BMC_ERANGE);
}

static void kept_config_outlives_its_loader(void **state)
{
	struct bmc_config *c = load(TEST_INSTANCES), *kept = bmc_config_ref(c);

	(void)state;
	assert_null(bmc_config_unref(c));
	assert_string_equal(kept->instances[0].conf.name, "host");
	assert_null(bmc_config_unref(kept));
	assert_null(bmc_config_unref(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_files_have_no_difference),
		cmocka_unit_test(order_spelling_and_defaults_are_no_difference),
		cmocka_unit_test(keys_come_with_what_they_need),
		cmocka_unit_test(only_changed_instances_are_named),
		cmocka_unit_test(another_platform_needs_a_restart),
		cmocka_unit_test(instances_carry_their_times_and_settings),
		cmocka_unit_test(helper_loads_without_plugins),
		cmocka_unit_test(paths_are_relative_to_the_file),
		cmocka_unit_test(kept_config_outlives_its_loader),
	};

	(void)snprintf(platform, sizeof(platform), "%s",
		       test_path("tests/unit/data/good/three.yaml"));
	return cmocka_run_group_tests_name("conf-reload", tests, NULL, NULL);
}

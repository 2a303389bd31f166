// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What the tests of configuration share: two plugins with schemas but without hardware
 * (a file is checked against a plugin's tables, never against what it does), and
 * loading. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/daemon.h"
#include "core/base/util.h"

/* clang-format off */
static const struct bmc_conf_item test_settings[] = {
	{ .key = "speed", .type = BMC_CONF_INT, .min = 1, .max = 100, .def = "10", .doc = "A number." },
	{ .key = "word", .type = BMC_CONF_TEXT, .doc = "A text." },
	{ .key = NULL },
};
static const struct bmc_conf_item test_section[] = {
	{ .key = "os", .type = BMC_CONF_TEXT, .doc = "A text." },
	{ .key = NULL },
};
static const struct bmc_conf_item test_row[] = {
	{ .key = "simulator", .type = BMC_CONF_SECTION, .items = test_section, .doc = "A section." },
	{ .key = "usb", .type = BMC_CONF_TEXT, .min = 1, .max = 31, .doc = "Port path." },
	{ .key = NULL },
};
static const struct bmc_verb test_verbs[] = {
	{ .name = "power" }, { .name = "reset" }, { .name = "os_reboot" }, { .name = "os_shutdown" },
	{ .name = "locator" }, { .name = "fan_mode" }, { .name = "fan_duty" }, { .name = "usb_mode" }, { .name = "vendor_set" },
	{ .name = "watchdog" }, { .name = "shell" }, { .name = NULL },
};
static const struct bmc_flasher test_flasher = { .size = sizeof(test_flasher) };
static const struct bmc_plugin test_simulator = {
	BMC_PLUGIN_HEAD("simulator", "1"), .conf = test_settings, .board_conf = test_row,
	.verbs = test_verbs, .flasher = &test_flasher,
};
static const struct bmc_plugin test_host = { BMC_PLUGIN_HEAD("host", "1") };
/* clang-format on */

static inline int test_loader(const char *dir, const char *name,
			      const struct bmc_plugin **ret, struct bmc_error *err)
{
	(void)dir;
	*ret = strcmp(name, "simulator") == 0 ? &test_simulator
	       : strcmp(name, "host") == 0    ? &test_host
					      : NULL;
	return *ret ? 0 : bmc_fail(err, BMC_ENOTFOUND, "no plugin '%s'", name);
}

/* A file of the source tree; the tests know where that is from make. */
static inline const char *test_path(const char *name)
{
	static char path[PATH_MAX];
	const char *top = getenv("top_srcdir");

	(void)snprintf(path, sizeof(path), "%s/%s", top ? top : ".", name);
	return path;
}

static inline void test_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

#define TEST_INSTANCES                                 \
	"instances:\n  - {name: host, plugin: host}\n" \
	"  - {name: simulator, plugin: simulator}\n"

/* Loads a clusterbmcd.yaml with this text, in a folder of its own that is gone after.
 */
static inline int test_load_text_with(bmc_plugin_loader *loader, const char *text,
				      struct bmc_config **ret, struct bmc_error *err)
{
	char dir[] = "/tmp/clusterbmc-conf-XXXXXX", path[64];
	int rc;

	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/clusterbmcd.yaml", dir);
	test_write(path, text);
	rc = bmc_config_load(path, loader, ret, err);
	(void)unlink(path);
	(void)rmdir(dir);
	return rc;
}

static inline int test_load_text(const char *text, struct bmc_config **ret,
				 struct bmc_error *err)
{
	return test_load_text_with(test_loader, text, ret, err);
}

/* Loads a platform file below the instances `host` and `simulator`. */
static inline int test_load_platform(const char *path, struct bmc_config **ret,
				     struct bmc_error *err)
{
	char text[PATH_MAX + 128];

	(void)snprintf(text, sizeof(text), "platform: \"%s\"\n%s", path,
		       TEST_INSTANCES);
	return test_load_text(text, ret, err);
}

// SPDX-License-Identifier: Apache-2.0
// One test for each file below data/bad: its first line, "# LINE: reason", is what
// loading it has to say. The file's name says what is wrong with it. And the files that
// are right.
#include <dirent.h>

#include "conf-test.h"

static void refused_with_its_line_and_reason(void **state)
{
	const char *name = *state, *path, *where;
	char file[300], expected[512];
	struct bmc_config *c = NULL;
	struct bmc_error err = { 0 };
	FILE *f;

	(void)snprintf(file, sizeof(file), "tests/unit/data/bad/%.255s", name);
	path = test_path(file);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(expected, sizeof(expected), f));
	(void)fclose(f);
	expected[strcspn(expected, "\n")] = '\0';
	if (strncmp(name, "main-", 5) == 0)
		assert_true(bmc_config_load(path, test_loader, &c, &err) < 0);
	else
		assert_true(test_load_platform(path, &c, &err) < 0);
	assert_null(c);
	where = strstr(err.what, ".yaml:");
	assert_non_null(where);
	assert_string_equal(where + 6, expected + 2);
}

static void installed_files_load(void **state)
{
	static const char *const files[] = { "firefly-r1", "firefly-r2", "host" };
	struct bmc_config *c;
	struct bmc_error err = { 0 };
	char name[64];
	size_t i;

	(void)state;
	if (bmc_config_load(test_path("conf/clusterbmcd.yaml"), test_loader, &c, &err) <
	    0)
		fail_msg("%s", err.what);
	bmc_config_unref(c);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		(void)snprintf(name, sizeof(name), "conf/platforms/%s.yaml", files[i]);
		if (test_load_platform(test_path(name), &c, &err) < 0)
			fail_msg("%s", err.what);
		bmc_config_unref(c);
	}
}

/* What is installed has to suit the plugins that are installed with it, where they are.
 */
static void installed_files_suit_the_plugins_built_in(void **state)
{
	static const struct bmc_plugin *const *p;
	struct bmc_config *c;
	struct bmc_error err = { 0 };
	char text[PATH_MAX + 256];
	int found = 0;

	(void)state;
	for (p = bmc_builtin_plugins; *p; p++)
		found += strcmp((*p)->name, "host") == 0 ||
			 strcmp((*p)->name, "simulator") == 0;
	if (found < 2)
		return;
	if (bmc_config_load(test_path("conf/clusterbmcd.yaml"), bmc_plugin_load, &c,
			    &err) < 0)
		fail_msg("%s", err.what);
	bmc_config_unref(c);
	(void)snprintf(text, sizeof(text), "platform: \"%s\"\n%s",
		       test_path("conf/platforms/firefly-r2.yaml"), TEST_INSTANCES);
	if (test_load_text_with(bmc_plugin_load, text, &c, &err) < 0)
		fail_msg("%s", err.what);
	bmc_config_unref(c);
}

#define MAX_TESTS 256

static int is_file(const struct dirent *e)
{
	return *e->d_name != '.';
}

int main(void)
{
	static struct CMUnitTest tests[MAX_TESTS] = {
		cmocka_unit_test(installed_files_load),
		cmocka_unit_test(installed_files_suit_the_plugins_built_in),
	};
	struct dirent **names;
	int n = scandir(test_path("tests/unit/data/bad"), &names, is_file, alphasort),
	    i;

	if (n < 60 || n > MAX_TESTS - 2)
		return 99; /* TAP's driver: a hard error */
	for (i = 0; i < n; i++)
		tests[i + 2] =
			(struct CMUnitTest){ .name = names[i]->d_name,
					     .test_func =
						     refused_with_its_line_and_reason,
					     .initial_state = names[i]->d_name };
	i = _cmocka_run_group_tests("conf-files", tests, (size_t)n + 2, NULL, NULL);
	while (n > 0)
		free(names[--n]);
	free(names);
	return i;
}

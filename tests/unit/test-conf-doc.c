// SPDX-License-Identifier: Apache-2.0
// doc/clusterbmcd.yaml.md is what the schemas say. Where configure's choices show, the
// page has a distribution's.
#include "config.h"

#include "conf-test.h"

static const char *const choices[][2] = {
	{ BMC_STATEDIR, "/var/lib/clusterbmc" },
	{ BMC_PLUGINDIR, "/usr/lib/clusterbmc" },
	{ "`" BMC_DATADIR "/", "`/usr/share/clusterbmc/" },
	{ "`" BMC_USER "`", "`clusterbmc`" },
	{ BMC_ENTERPRISE_OID, "1.3.6.1.4.1.32473" },
};

static char *replaced(char *text, const char *from, const char *to)
{
	char *buf = NULL, *rest = text, *at;
	size_t len;
	FILE *out = open_memstream(&buf, &len);

	for (; (at = strstr(rest, from)); rest = at + strlen(from))
		(void)fprintf(out, "%.*s%s", (int)(at - rest), rest, to);
	(void)fputs(rest, out);
	(void)fclose(out);
	free(text);
	return buf;
}

static char *wanted(void)
{
	static const struct bmc_plugin *const none[] = { NULL };
	char *buf = NULL;
	size_t len, i;
	FILE *out = open_memstream(&buf, &len);

	(void)fputs("# The configuration files\n\n"
		    "Written by `clusterbmcd --dump-conf-doc` from the tables that "
		    "check the "
		    "files; a plugin's own\nsettings are on its page. "
		    "`conf/platforms/README.md` says how a platform file is made.\n\n",
		    out);
	bmc_config_doc(none, out);
	(void)fclose(out);
	for (i = 0; i < ARRAY_SIZE(choices); i++)
		buf = replaced(buf, choices[i][0], choices[i][1]);
	return buf;
}

static void manual_page_is_what_the_schemas_say(void **state)
{
	auto_free char *text = wanted(), *page = calloc(1, 1 << 20);
	FILE *f = fopen(test_path("doc/clusterbmcd.yaml.md"), "r");

	(void)state;
	if (f) {
		(void)!fread(page, 1, (1 << 20) - 1, f);
		(void)fclose(f);
	}
	if (strcmp(page, text) == 0)
		return;
	test_write("clusterbmcd.yaml.md", text);
	fail_msg("it has changed: copy clusterbmcd.yaml.md from the build folder over "
		 "it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(manual_page_is_what_the_schemas_say),
	};

	return cmocka_run_group_tests_name("conf-doc", tests, NULL, NULL);
}

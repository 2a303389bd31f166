// SPDX-License-Identifier: Apache-2.0
/* The codes of updates: doc/update-codes.md is what the table says, and no other code
 * can be made. */
#include "conf-test.h"

#include "bmc/error.h"
#include "core/model/update-codes.h"

static void table_is_the_manuals(void **state)
{
	auto_free char *page = calloc(1, 1 << 20);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len), *f;
	int detail;

	(void)state;
	(void)fputs(
		"# Codes of firmware updates\n\n"
		"Written from agent/core/model/update-codes.c. A task that does not "
		"complete has a code, STAGE-DETAIL, as in\n`write-io`: in Redfish, "
		"SNMP (`cbmcJobCode`), events and logs alike. No other code "
		"occurs.\n\n## Stages\n\n"
		"| stage | when | the board, when it was not rolled back |\n"
		"|---|---|---|\n",
		out);
	for (unsigned i = BMC_STAGE_NONE + 1; i < BMC_N_STAGES; i++)
		(void)fprintf(out, "| `%s` | %s | %s |\n",
			      bmc_stage_word((enum bmc_stage)i),
			      bmc_stage_text((enum bmc_stage)i),
			      bmc_stage_left((enum bmc_stage)i));
	(void)fputs(
		"\n## Details\n\n| detail | meaning | what to do |\n|---|---|---|\n",
		out);
	for (size_t i = 0; bmc_detail_nth(i, &detail); i++)
		(void)fprintf(out, "| `%s` | %s | %s |\n", bmc_detail_word(detail),
			      bmc_detail_text(detail), bmc_detail_next(detail));
	(void)fclose(out);
	f = fopen(test_path("doc/update-codes.md"), "r");
	if (f) {
		(void)!fread(page, 1, (1 << 20) - 1, f);
		(void)fclose(f);
	}
	if (strcmp(page, text) != 0) {
		test_write("update-codes.md", text);
		free(text);
		fail_msg("it has changed: copy update-codes.md from the build folder "
			 "over it");
	}
	free(text);
}

static void what_is_made_is_of_the_table(void **state)
{
	enum bmc_stage stage;
	char code[48], words[400];
	int detail;

	(void)state;
	for (int s = -1; s <= BMC_N_STAGES + 1; s++) {
		for (int d = -60; d <= 60; d++) {
			bmc_code_format((enum bmc_stage)s, d, code, sizeof(code));
			assert_true(bmc_code_parse(code, &stage, &detail));
			bmc_code_explain(code, words, sizeof(words));
			assert_true(strlen(words) > 20);
		}
	}
}

/* Each error of the core has a word of its own, or is one that no update has. */
static void each_error_has_its_word(void **state)
{
	static const int no_updates[] = { BMC_EPASSWORD, BMC_EMUSTCHANGE };
	int detail;

	(void)state;
	for (int code = BMC_EINVAL; code >= BMC_ECONFLICT; code--) {
		bool none = code == no_updates[0] || code == no_updates[1];

		assert_int_equal(strcmp(bmc_detail_word(-code), "failed") == 0, none);
	}
	for (size_t i = 0, n = 0; bmc_detail_nth(i, &detail); i++, n = 0) {
		int other;

		for (size_t k = 0; bmc_detail_nth(k, &other); k++)
			n += strcmp(bmc_detail_word(detail), bmc_detail_word(other)) ==
			     0;
		assert_int_equal(n, 1);
	}
}

static void what_is_no_code_is_refused(void **state)
{
	static const char *const bad[] = { "",          "write",
					   "write-",    "-io",
					   "flash-io",  "write-oi",
					   "write-io-", "awfully-long-stage-io" };
	enum bmc_stage stage;
	char words[40];
	int detail;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_false(bmc_code_parse(bad[i], &stage, &detail));
		bmc_code_explain(bad[i], words, sizeof(words));
		assert_string_equal(words, "");
	}
	assert_true(bmc_code_parse("verify-corrupt", &stage, &detail));
	assert_int_equal(stage, BMC_STAGE_VERIFY);
	assert_int_equal(detail, -BMC_ECORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_the_manuals),
		cmocka_unit_test(what_is_made_is_of_the_table),
		cmocka_unit_test(each_error_has_its_word),
		cmocka_unit_test(what_is_no_code_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

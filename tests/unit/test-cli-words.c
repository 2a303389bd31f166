// SPDX-License-Identifier: Apache-2.0
// bmc: the command line, texts for a terminal, formats and guesses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/list.h"
#include "cli/options.h"
#include "core/base/util.h"

/* ---- texts ---- */

static void cleaned(const char *text, int lines, const char *expected)
{
	char buf[256];

	(void)snprintf(buf, sizeof(buf), "%s", text);
	cli_clean(buf, lines);
	assert_string_equal(buf, expected);
}

static void text_that_moves_the_cursor_is_cleaned(void **state)
{
	(void)state;
	cleaned("sub1-01", 0, "sub1-01");
	cleaned("a\033[2Jb", 0, "a?[2Jb");
	cleaned("a\nb\tc", 0, "a?b?c");
	cleaned("a\nb\tc\r", 1, "a\nb\tc?");
	cleaned("\xff\xfe", 0, "??");
	cleaned("caf\xc3\xa9 \xe4\xb8\xad", 0, "caf\xc3\xa9 \xe4\xb8\xad");
	cleaned("\xc2\x9b"
		"31m",
		0, "??31m");
	/* U+202E reverses what follows, U+2066 and U+200B hide in it */
	cleaned("a\xe2\x80\xae"
		"b\xe2\x81\xa6"
		"c\xe2\x80\x8b"
		"d",
		0, "a?b?c?d");
	cleaned("x\n\xe2\x80\xae\ny", 1, "x\n?\ny");
	/* their neighbours are text */
	cleaned("\xe2\x80\x8a\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf", 0,
		"\xe2\x80\x8a\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf");
}

/* ---- the command line ---- */

#define MAX_WORDS 12

struct parsed {
	struct cli c;
	char words[MAX_WORDS][32];
	char *argv[MAX_WORDS + 1];
};

static int parse(struct parsed *p, const char *line)
{
	int argc = 0;
	char copy[256], *save, *word;

	memset(p, 0, sizeof(*p));
	(void)snprintf(copy, sizeof(copy), "%s", line);
	for (word = strtok_r(copy, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		assert_true(argc < MAX_WORDS);
		(void)snprintf(p->words[argc], sizeof(p->words[argc]), "%s", word);
		p->argv[argc] = p->words[argc];
		argc++;
	}
	return cli_parse(&p->c, argc, p->argv);
}

static void command_of_boards_comes_behind_their_names(void **state)
{
	struct parsed p;

	(void)state;
	assert_int_equal(parse(&p, "bmc sub1-01 sub1-02 reset -w --timeout 5m"), 0);
	assert_ptr_equal(p.c.command, &cli_reset);
	assert_int_equal(p.c.n_words, 2);
	assert_string_equal(p.c.words[0], "sub1-01");
	assert_string_equal(p.c.words[1], "sub1-02");
	assert_string_equal(cli_option(&p.c, "timeout"), "5m");
	assert_non_null(cli_option(&p.c, "wait"));
	assert_null(cli_option(&p.c, "yes"));
	free(p.c.argv);
}

static void options_stand_anywhere_and_in_any_form(void **state)
{
	struct parsed p;

	(void)state;
	assert_int_equal(parse(&p, "bmc -yqP3 --host=a --offline list -- -x"), 0);
	assert_ptr_equal(p.c.command, &cli_list);
	assert_string_equal(cli_option(&p.c, "parallel"), "3");
	assert_string_equal(cli_option(&p.c, "host"), "a");
	assert_string_equal(cli_option(&p.c, "offline"), "");
	assert_non_null(cli_option(&p.c, "yes"));
	assert_non_null(cli_option(&p.c, "quiet"));
	assert_int_equal(p.c.argc, 1);
	assert_string_equal(p.c.argv[0], "-x");
	free(p.c.argv);
}

static void bad_options_are_refused(void **state)
{
	static const char *const lines[] = {
		"bmc --nonsense",
		"bmc state --offline",
		"bmc list --offline=1",
		"bmc list --host",
		"bmc -Z",
		"bmc list -yZ",
		"bmc --x state",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct parsed p;
		assert_int_equal(parse(&p, lines[i]), CLI_USAGE);
		free(p.c.argv);
	}
}

static void durations_have_units_and_bounds(void **state)
{
	(void)state;
	assert_int_equal(cli_duration("90"), 90000);
	assert_int_equal(cli_duration("90s"), 90000);
	assert_int_equal(cli_duration("5m"), 300000);
	assert_int_equal(cli_duration("2h"), 7200000);
	assert_int_equal(cli_duration("1"), 1000);
	assert_int_equal(cli_duration("0"), -1);
	assert_int_equal(cli_duration("-1"), -1);
	assert_int_equal(cli_duration("1000000"), 1000000000);
	assert_int_equal(cli_duration("1000001"), -1);
	assert_int_equal(cli_duration("5d"), -1);
	assert_int_equal(cli_duration(""), -1);
}

static void words_alike_are_guessed_and_others_not(void **state)
{
	struct cli_guess g = { .word = "stat" }, far = { .word = "xyzzy" };

	(void)state;
	cli_guess(&g, "serials");
	assert_null(g.best);
	cli_guess(&g, "start");
	cli_guess(&g, "state");
	assert_string_equal(g.best, "start"); /* the first of the nearest */
	cli_guess(&far, "state");
	cli_guess(&far, "");
	assert_null(far.best);
}

static void every_command_has_words_and_no_name_twice(void **state)
{
	(void)state;
	for (size_t i = 0; cli_commands[i]; i++) {
		const struct cli_command *cmd = cli_commands[i];
		assert_non_null(cmd->usage);
		assert_non_null(cmd->summary);
		assert_non_null(cmd->run);
		assert_true(cmd->help || cmd->flags & CLI_HIDDEN);
		assert_ptr_equal(cli_find(cmd->name), cmd);
	}
}

/* ---- formats ---- */

static const struct cli_column columns[] = {
	{ "NODE", "node", false },
	{ "N", "n", false },
	{ "MORE", "more", true },
	{ .title = NULL },
};

static void printed(enum cli_format f, const char *json, const char *expected)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	json_t *rows = json_loads(json, 0, NULL);

	assert_non_null(rows);
	cli_print_rows(out, f, rows, columns);
	(void)fclose(out);
	assert_string_equal(text, expected);
	json_decref(rows);
	free(text);
}

static void rows_are_printed_in_each_format(void **state)
{
	const char *rows = "[{\"node\":\"a\\u001bb\",\"n\":1},"
			   "{\"node\":\"sub1-01\",\"n\":null,\"more\":\"=x,\\\"\"}]";

	(void)state;
	printed(CLI_TABLE, rows, "NODE     N\na?b      1\nsub1-01\n");
	printed(CLI_WIDE, rows, "NODE     N  MORE\na?b      1\nsub1-01     =x,\"\n");
	printed(CLI_NAME, rows, "a?b\nsub1-01\n");
	printed(CLI_CSV, rows, "node,n,more\na?b,1,\nsub1-01,,\"'=x,\"\"\"\n");
	printed(CLI_JSON, "[]", "[]\n");
	printed(CLI_TABLE, "[]", "NODE  N\n");
	printed(CLI_YAML, rows,
		"- \"node\": \"a\\u001Bb\"\n  \"n\": 1\n- \"node\": \"sub1-01\"\n"
		"  \"n\": null\n  \"more\": \"=x,\\\"\"\n");
	printed(CLI_YAML, "[{\"a\":{},\"b\":[1,[2]],\"c\":{\"d\":true}}]",
		"- \"a\": {}\n  \"b\":\n    - 1\n    - - 2\n  \"c\":\n    \"d\": "
		"true\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_that_moves_the_cursor_is_cleaned),
		cmocka_unit_test(command_of_boards_comes_behind_their_names),
		cmocka_unit_test(options_stand_anywhere_and_in_any_form),
		cmocka_unit_test(bad_options_are_refused),
		cmocka_unit_test(durations_have_units_and_bounds),
		cmocka_unit_test(words_alike_are_guessed_and_others_not),
		cmocka_unit_test(every_command_has_words_and_no_name_twice),
		cmocka_unit_test(rows_are_printed_in_each_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

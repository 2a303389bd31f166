// SPDX-License-Identifier: Apache-2.0
// Node sets: which boards words such as sub1-*, sub{1..3}-01, @blade2 and @offline
// mean. Called before a command of boards is run.
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/list.h"
#include "cli/options.h"
#include "core/base/util.h"

#define WORD_MAX  256
#define STDIN_MAX 4096 /* names */

struct set {
	struct cli *c;
	const json_t *boards;
	bool *chosen;    /* of each board */
	bool names_main; /* by its id, not by a pattern or a class */
};

#define MAIN "main" /* the machine that runs the agent */

bool cli_matches(const char *pattern, const char *name)
{
	return fnmatch(pattern, name, 0) == 0;
}

/* ---- one plain word ---- */

static bool has_wildcard(const char *word)
{
	return strpbrk(word, "*?[") != NULL;
}

static size_t choose(struct set *s, const char *word)
{
	size_t i, n = 0;
	const json_t *b;

	json_array_foreach (s->boards, i, b) {
		if (!cli_matches(word, cli_text_at(b, "node")))
			continue;
		s->chosen[i] = true;
		n++;
	}
	return n;
}

static int unknown(const struct set *s, const char *word)
{
	struct cli_error err;
	struct cli_guess g = { .word = word };
	const json_t *b;
	size_t i;

	if (cli_find(word)) {
		cli_fail(&err, CLI_USAGE, "%s takes no board before it", word);
		cli_next(&err, "bmc %s -h says how it is used.", word);
		return cli_report(NULL, &err);
	}
	for (const struct cli_command *const *p = cli_commands; *p; p++)
		cli_guess(&g, (*p)->name);
	json_array_foreach (s->boards, i, b)
		cli_guess(&g, cli_text_at(b, "node"));
	cli_fail(&err, CLI_NOT_SUPPORTED, "there is no board and no command '%s'",
		 word);
	if (g.best)
		cli_next(&err, "Did you mean '%s'?", g.best);
	else
		cli_next(&err, "bmc state lists the boards, bmc --help the commands.");
	return cli_report(NULL, &err);
}

/* ---- @... ---- */

static bool is_in_class(const json_t *b, const char *word)
{
	const char *node = cli_text_at(b, "node");
	char pattern[WORD_MAX];

	if (strcmp(word, "all") == 0)
		return true;
	if (strcmp(word, "boards") == 0)
		return strcmp(node, MAIN) != 0;
	if (strcmp(word, "on") == 0 || strcmp(word, "off") == 0)
		return strcasecmp(cli_text_at(b, "power"), word) == 0;
	if (strncmp(word, "blade", 5) == 0 && isdigit((unsigned char)word[5])) {
		(void)snprintf(pattern, sizeof(pattern), "sub%s-*", word + 5);
		return cli_matches(pattern, node);
	}
	return strcmp(cli_text_at(b, "state"), word) == 0;
}

/* Words of states (see enum bmc_board_state); a class may be empty at the moment. */
static bool is_class(const char *word)
{
	static const char *const classes[] = {
		"all",
		"boards",
		"on",
		"off",
		"offline",
		"online",
		"android",
		"linux",
		"adb",
		"adb_offline",
		"android_recovery",
		"loader",
		"fastboot",
		"maskrom",
		"netrecovery",
	};

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		if (strcmp(word, classes[i]) == 0)
			return true;
	}
	return strncmp(word, "blade", 5) == 0 && isdigit((unsigned char)word[5]) &&
	       !word[5 + strspn(word + 5, "0123456789")];
}

static int choose_class(struct set *s, const char *word)
{
	struct cli_error err;
	const json_t *b;
	size_t i, n = 0;

	json_array_foreach (s->boards, i, b) {
		bool in = is_in_class(b, word);
		s->chosen[i] |= in;
		n += in;
	}
	if (n || (is_class(word) && strncmp(word, "blade", 5) != 0))
		return CLI_OK;
	cli_fail(&err, CLI_NOT_SUPPORTED, "there is no set @%s", word);
	cli_next(&err,
		 "Sets are @all, @boards (all but main), @on, @off, @blade1 ... and "
		 "the states: @android, @linux, @offline ...");
	return cli_report(NULL, &err);
}

/* ---- {1..3} and {a,b} ---- */

/* More likely a slip than meant: a script would think that it had reset something. */
static int fits_none(const char *pattern)
{
	struct cli_error err;

	cli_fail(&err, CLI_NOT_SUPPORTED, "no board's name fits '%s'", pattern);
	cli_next(&err, "bmc state lists the boards.");
	return cli_report(NULL, &err);
}

static int choose_word(struct set *s, const char *word, int depth);

static int choose_with(struct set *s, const char *word, const char *open,
		       const char *middle, const char *close, int depth)
{
	char made[WORD_MAX];
	int n = snprintf(made, sizeof(made), "%.*s%s%s", (int)(open - word), word,
			 middle, close + 1);

	if (n < 0 || (size_t)n >= sizeof(made))
		return cli_usage(s->c, "'%s' is too long", word);
	return choose_word(s, made, depth + 1);
}

/* "{01..08}": the width of the first number is kept. 1: it is no such range. */
static int choose_range(struct set *s, const char *word, const char *open,
			const char *close, int depth)
{
	char *end;
	unsigned long a = strtoul(open + 1, &end, 10), b;
	int width = open[1] == '0' ? (int)(end - open - 1) : 1, code = CLI_OK;

	if (end == open + 1 || strncmp(end, "..", 2) != 0)
		return -1;
	char *second = end + 2;
	b = strtoul(second, &end, 10);
	if (end == second || end != close)
		return -1;
	if (a > b || b - a > 999)
		return cli_usage(s->c, "'%s': a range is from a number to a higher one",
				 word);
	for (; a <= b && !code; a++) {
		char number[16];
		(void)snprintf(number, sizeof(number), "%0*lu", MIN(width, 8), a);
		code = choose_with(s, word, open, number, close, depth);
	}
	return code;
}

static int choose_braces(struct set *s, const char *word, const char *open, int depth)
{
	const char *close = strchr(open, '}');
	char part[WORD_MAX];
	int code;

	if (!close || depth > 3)
		return cli_usage(s->c, "'%s': braces are sub{1..3}-01 or sub1-{01,03}",
				 word);
	code = choose_range(s, word, open, close, depth);
	if (code >= 0)
		return code;
	for (const char *at = open + 1; at <= close; at += strlen(part) + 1) {
		size_t n = strcspn(at, ",}");
		if (n >= sizeof(part))
			return cli_usage(s->c, "'%s' is too long", word);
		memcpy(part, at, n);
		part[n] = 0;
		code = choose_with(s, word, open, part, close, depth);
		if (code)
			return code;
	}
	return CLI_OK;
}

static int choose_word(struct set *s, const char *word, int depth)
{
	const char *open = strchr(word, '{');

	if (open)
		return choose_braces(s, word, open, depth);
	if (*word == '@')
		return choose_class(s, word + 1);
	s->names_main |= strcmp(word, MAIN) == 0;
	if (choose(s, word))
		return CLI_OK;
	return has_wildcard(word) ? fits_none(word) : unknown(s, word);
}

/* ---- all words ---- */

static int choose_stdin(struct set *s)
{
	char word[WORD_MAX];
	int n = 0, code = CLI_OK;

	while (!code && scanf("%255s", word) == 1) {
		if (++n > STDIN_MAX)
			return cli_usage(s->c, "there are too many names on stdin");
		code = choose_word(s, word, 0);
	}
	return code;
}

/* Commas separate words, but not in braces. */
static int choose_list(struct set *s, const char *words)
{
	char one[WORD_MAX];
	size_t n = 0;
	int depth = 0;

	for (;; words++) {
		depth += *words == '{';
		depth -= *words == '}';
		if (*words && (*words != ',' || depth > 0)) {
			if (n + 1 == sizeof(one))
				return cli_usage(s->c,
						 "the name of a board is too long");
			one[n++] = *words;
			continue;
		}
		one[n] = 0;
		int code = n ? choose_word(s, one, 0) : CLI_OK;
		if (code || !*words)
			return code;
		n = 0;
	}
}

static json_t *chosen(const struct set *s)
{
	json_t *list = json_array(), *b;
	size_t i;

	json_array_foreach (s->boards, i, b) {
		if (s->chosen[i])
			(void)json_array_append(list, b);
	}
	return list;
}

/* A restart of the machine that runs the agent ends what is done to the boards. As in
 * Redfish and SNMP, it is one of many only when it is named. */
static int leave_main_out(struct set *s)
{
	size_t others = 0, i;
	bool in = false;
	const json_t *b;

	if (!(s->c->command->flags & CLI_NOT_MAIN) || s->names_main)
		return CLI_OK;
	json_array_foreach (s->boards, i, b) {
		bool is_main = strcmp(cli_text_at(b, "node"), MAIN) == 0;
		in |= is_main && s->chosen[i];
		others += !is_main && s->chosen[i];
		s->chosen[i] = s->chosen[i] && !is_main;
	}
	if (in && !others)
		return cli_usage(s->c,
				 "only " MAIN " is in that set, and %s takes "
				 "it by its name only",
				 s->c->command->name);
	if (in && !cli_option(s->c, "quiet"))
		cli_note(MAIN " is left out: give its name, too, to mean it");
	return CLI_OK;
}

json_t *cli_select(struct cli *c, int n, char *const *words, int *ret_code)
{
	struct set s = { .c = c, .boards = cli_boards(c, ret_code) };
	json_t *list = NULL;

	if (!s.boards)
		return NULL;
	s.chosen = calloc(json_array_size(s.boards) + 1, sizeof(*s.chosen));
	*ret_code = s.chosen ? CLI_OK : CLI_FAILED;
	for (int i = 0; i < n && !*ret_code; i++)
		*ret_code = strcmp(words[i], "-") == 0 ? choose_stdin(&s)
						       : choose_list(&s, words[i]);
	if (!*ret_code)
		*ret_code = leave_main_out(&s);
	if (!*ret_code)
		list = chosen(&s);
	free(s.chosen);
	return list;
}

// SPDX-License-Identifier: Apache-2.0
// forall: a command for each of the names on stdin, so many at a time.
#include <stdlib.h>
#include <string.h>

#include "cli/commands/forall-run.h"
#include "cli/list.h"
#include "cli/run.h"
#include "core/base/util.h"

#define NODE      "%{node}"
#define NAMES_MAX 4096
#define NAME_MAX  64

struct names {
	char (*name)[NAME_MAX];
	size_t n;
};

/* All of stdin first: what is run has none. */
static int read_names(struct cli *c, struct names *ret)
{
	char word[NAME_MAX];

	ret->name = calloc(NAMES_MAX, sizeof(*ret->name));
	if (!ret->name)
		return cli_usage(c, "out of memory");
	while (scanf("%63s", word) == 1) {
		if (ret->n == NAMES_MAX)
			return cli_usage(c, "there are more than %d names", NAMES_MAX);
		if (word[strspn(word, "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] ||
		    *word == '-')
			return cli_usage(c, "'%s' is no name of a board", word);
		memcpy(ret->name[ret->n++], word, sizeof(word));
	}
	return CLI_OK;
}

/* Each %{node} of a word becomes the name; owned. */
static char *replace(const char *word, const char *name)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (const char *at; (at = strstr(word, NODE)); word = at + strlen(NODE))
		fprintf(out, "%.*s%s", (int)(at - word), word, name);
	fputs(word, out);
	(void)fclose(out);
	return text;
}

static void put_line(char *const *words)
{
	fputs(">>>", stdout);
	for (; *words; words++) {
		fputc(' ', stdout);
		cli_put(stdout, *words);
	}
	fputc('\n', stdout);
	(void)fflush(stdout);
}

struct all {
	const struct names *names;
	char *const *words; /* with %{node} */
	size_t failed;
};

static void free_words(char **words)
{
	for (char **w = words; w && *w; w++)
		free(*w);
	free(words);
}

/* Owned, each word and the array. */
static char **words_of(void *arg, size_t i)
{
	const struct all *a = arg;
	size_t n = 0;

	while (a->words[n])
		n++;
	char **made = calloc(n + 1, sizeof(*made));
	for (size_t k = 0; made && k < n; k++) {
		made[k] = replace(a->words[k], a->names->name[i]);
		if (!made[k]) { /* never a shorter command line */
			free_words(made);
			return NULL;
		}
	}
	return made;
}

static void begin(void *arg, size_t i, char *const *words)
{
	(void)arg, (void)i;
	if (words)
		put_line(words);
}

static void end(void *arg, size_t i, int status, struct cli_error *err)
{
	struct cli_error own = { .code = CLI_FAILED };
	struct all *a = arg;

	if (status > 0)
		cli_fail(&own, CLI_FAILED, "%s ended with %d", a->words[0], status);
	if (status)
		(void)cli_report(a->names->name[i], status > 0 || !err ? &own : err);
	a->failed += status != 0;
}

/* They have this program's own output, which may be a terminal. */
static void run_alone(struct all *a)
{
	struct cli_error err = { .what = "out of memory" };

	for (size_t i = 0; i < a->names->n; i++) {
		char **words = words_of(a, i);
		begin(a, i, words);
		int status = words ? cli_run(words, &err) : -1;
		end(a, i, status, &err);
		free_words(words);
	}
}

static bool is_shortcut(const char *word)
{
	static const char *const words[] = { "reset", "reboot", "poweron", "poweroff",
					     "shell" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

static int run_all(const struct cli *c, const struct names *names, char *const *words)
{
	struct all a = { .names = names, .words = words };
	const struct cli_batch b = { .n = names->n,
				     .parallel = c->parallel,
				     .words = words_of,
				     .begin = begin,
				     .end = end,
				     .arg = &a };

	if (names->n < 2 || c->parallel < 2)
		run_alone(&a);
	else if (!cli_run_batch(&b))
		return CLI_FAILED;
	if (!a.failed)
		return CLI_OK;
	return names->n > 1 ? CLI_SOME_FAILED : CLI_FAILED;
}

static int run(struct cli *c)
{
	struct names names = { .n = 0 };
	char *bmc = strdup("bmc"), *node = strdup(NODE);
	char **words = calloc((size_t)c->argc + 3, sizeof(*words));
	int code = CLI_USAGE;
	size_t n = 0;

	if (!c->argc) {
		code = cli_usage(c, "forall needs a command");
	} else if (bmc && node && words) {
		if (is_shortcut(c->argv[0])) {
			words[n++] = bmc;
			words[n++] = node;
		}
		for (int i = 0; i < c->argc; i++)
			words[n++] = c->argv[i];
		code = read_names(c, &names);
		if (!code)
			code = run_all(c, &names, words);
	}
	free(names.name);
	free(words);
	free(node);
	free(bmc);
	return code;
}

const struct cli_command cli_forall = {
	.name = "forall",
	.usage = "forall <command> %{node}",
	.summary = "Run the command for each of the nodes named on stdin, in place of "
		   "%{node}.",
	.help = "reset, reboot, poweron, poweroff and shell stand for bmc %{node} "
		"reset and so\n"
		"on. Each command is printed before its output; no shell reads it. "
		"--parallel of\n"
		"them (8) run at once, the output of each in one piece and in the "
		"order "
		"of the\n"
		"names; with -P 1 one after the other, on the terminal itself.\n"
		"\n"
		"Examples:\n"
		"  echo sub03 sub04 | bmc forall reset\n"
		"  bmc list | bmc forall shell getprop ro.serialno\n"
		"  echo sub03 sub04 | bmc forall adb -s %{node} get-state\n",
	.flags = CLI_RAW,
	.run = run,
};

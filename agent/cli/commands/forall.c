// SPDX-License-Identifier: Apache-2.0
// forall: a command for each of the names on stdin, one after the other.
#include <stdlib.h>
#include <string.h>

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

static int run_one(char *const *words, const char *name)
{
	struct cli_error err = { .code = CLI_FAILED };
	size_t n = 0;

	while (words[n])
		n++;
	char **made = calloc(n + 1, sizeof(*made));
	for (size_t i = 0; made && i < n; i++)
		made[i] = replace(words[i], name);
	if (made)
		put_line(made);
	int status = made ? cli_run(made, &err) : -1;
	if (status > 0)
		cli_fail(&err, CLI_FAILED, "%s ended with %d", made[0], status);
	if (status)
		(void)cli_report(name, &err);
	for (size_t i = 0; made && i < n; i++)
		free(made[i]);
	free(made);
	return status ? CLI_FAILED : CLI_OK;
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

static int run_all(const struct names *names, char *const *words)
{
	size_t failed = 0;

	for (size_t i = 0; i < names->n; i++)
		failed += run_one(words, names->name[i]) != CLI_OK;
	if (!failed)
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
			code = run_all(&names, words);
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
		"on. Each command is printed before it is run; no shell reads it.\n"
		"\n"
		"Examples:\n"
		"  echo sub03 sub04 | bmc forall reset\n"
		"  bmc list | bmc forall shell getprop ro.serialno\n"
		"  echo sub03 sub04 | bmc forall adb -s %{node} get-state\n",
	.flags = CLI_RAW,
	.run = run,
};

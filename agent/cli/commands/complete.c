// SPDX-License-Identifier: Apache-2.0
// bmc __complete: what a shell may offer for the last of these words, a line each; or
// "@files": the shell's own. It follows the usage texts of the commands. It never asks
// anything, and what it can't know within a moment is left out.
#include <stdlib.h>
#include <string.h>

#include "cli/commands/complete.h"
#include "cli/link.h"
#include "cli/list.h"
#include "cli/options.h"
#include "core/base/util.h"

#define DEADLINE_MS 1500
#define TOKENS_MAX  16

struct complete {
	struct cli *c;
	const char *word;              /* that is to be completed */
	const struct cli_command *cmd; /* NULL: none yet */
	int nodes;                     /* words before it */
	char **args;                   /* behind it */
	int n_args;
	const struct cli_option *option; /* whose value the word is; NULL: none */
};

static void offer(const struct complete *m, const char *text, size_t n)
{
	if (n && strncmp(text, m->word, MIN(n, strlen(m->word))) == 0 &&
	    n >= strlen(m->word))
		printf("%.*s\n", (int)n, text);
}

static void offer_word(const struct complete *m, const char *text)
{
	offer(m, text, strlen(text));
}

/* ---- what the agent knows ---- */

/* Without a login: that could ask for a password. */
static json_t *fetch(const struct complete *m, const char *path)
{
	struct cli_call call = { .path = path, .ms = DEADLINE_MS };
	struct cli_link *l = cli_link(m->c);
	struct cli_reply r = { 0 };
	struct cli_error err;
	json_t *body = NULL;

	if (l->target->host || l->target->user)
		cli_token_read(l);
	if (cli_transfer(l, &call, &r, &err) == CLI_OK)
		body = json_incref(r.json);
	cli_reply_done(&r);
	return body;
}

/* As ids are made; others could not be typed. */
static bool is_plain(const char *id)
{
	return *id && strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789-_.") == strlen(id);
}

static void offer_members(const struct complete *m, const char *path)
{
	json_t *body = fetch(m, path);
	const json_t *one;
	size_t i;

	json_array_foreach (json_object_get(body, "Members"), i, one) {
		const char *uri = strrchr(cli_text_at(one, "@odata.id"), '/');
		if (uri && is_plain(uri + 1))
			offer_word(m, uri + 1);
	}
	json_decref(body);
}

static void offer_sets(const struct complete *m)
{
	json_t *body = fetch(m, CLI_ROOT "/Chassis");
	const json_t *one;
	char set[64];
	size_t i;

	offer_word(m, "@all");
	offer_word(m, "@offline");
	json_array_foreach (json_object_get(body, "Members"), i, one) {
		const char *uri = strrchr(cli_text_at(one, "@odata.id"), '/');
		if (!uri || strncmp(uri, "/blade", 6) != 0 || !is_plain(uri + 1))
			continue;
		(void)snprintf(set, sizeof(set), "@%.60s", uri + 1);
		offer_word(m, set);
	}
	json_decref(body);
}

static void offer_nodes(const struct complete *m)
{
	if (m->word[0] == '@')
		offer_sets(m);
	else
		offer_members(m, CLI_ROOT "/Systems");
}

/* ---- words ---- */

static void offer_options(const struct complete *m)
{
	const struct cli_option *const lists[] = { m->cmd ? m->cmd->options : NULL,
						   cli_global_options };
	char text[64];

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		for (const struct cli_option *o = lists[i]; o && o->name; o++) {
			(void)snprintf(text, sizeof(text), "--%s", o->name);
			offer_word(m, text);
		}
	}
}

static void offer_commands(const struct complete *m)
{
	for (const struct cli_command *const *p = cli_commands; *p; p++) {
		bool of_nodes = (*p)->flags & CLI_NODES;
		if (strncmp((*p)->name, "__", 2) == 0 || ((*p)->flags & CLI_PROGRAM) ||
		    (m->nodes && !of_nodes))
			continue;
		offer_word(m, (*p)->name);
	}
}

static void offer_value(const struct complete *m)
{
	static const struct {
		const char *option, *words;
	} known[] = {
		{ "output", "plain|table|wide|json|yaml|csv|name" },
		{ "verify", "none|sampled|full" },
		{ "role", "Administrator|Operator|ReadOnly" },
	};
	const char *name = m->option->name, *words = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		words = strcmp(known[i].option, name) == 0 ? known[i].words : words;
	for (; words && *words;
	     words += strcspn(words, "|") + (strchr(words, '|') != NULL))
		offer(m, words, strcspn(words, "|"));
	if (strstr(m->option->value, "FILE") || strcmp(name, "ca") == 0 ||
	    strcmp(name, "socket") == 0)
		printf("@files\n");
}

/* ---- usage texts ---- */

static bool is_one_of(const char *token, size_t n, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < n;) {
		size_t part = strcspn(token + i, "|{}[] ");
		part = MIN(part, n - i);
		if (part == len && strncmp(token + i, word, len) == 0)
			return true;
		i += part + 1;
	}
	return false;
}

/* Arguments of a line of usage behind the command's name, without options. */
static int arguments(const struct complete *m, const char *line, size_t len,
		     const char *ret[TOKENS_MAX], size_t ret_n[TOKENS_MAX])
{
	bool behind = false, skip = false;
	int n = 0;

	for (size_t i = 0; i < len && n < TOKENS_MAX;) {
		size_t part = strcspn(line + i, " \n");
		const char *token = line + i;

		i += part + 1;
		if (skip || token[0] == '-' || strncmp(token, "[-", 2) == 0) {
			skip = !skip && token[0] == '[' && token[part - 1] != ']';
			continue;
		}
		if (behind) {
			ret[n] = token;
			ret_n[n++] = part;
		}
		behind |= is_one_of(token, part, m->cmd->name);
	}
	return n;
}

static bool is_placeholder(const char *token, size_t n)
{
	return memchr(token, '<', n) != NULL;
}

static void offer_placeholder(const struct complete *m, const char *token, size_t n)
{
	if (is_one_of(token, n, "<node>...") || is_one_of(token, n, "<node>"))
		offer_nodes(m);
	else if (memmem(token, n, "<image>", 7) || memmem(token, n, "<file>", 6))
		printf("@files\n");
	else if (memmem(token, n, "<task>", 6))
		offer_members(m, CLI_ROOT "/TaskService/Tasks");
	else if (memmem(token, n, "<account>", 9))
		offer_members(m, CLI_ROOT "/AccountService/Accounts");
	else if (memmem(token, n, "<role>", 6))
		offer_members(m, CLI_ROOT "/AccountService/Roles");
}

static void offer_token(const struct complete *m, const char *token, size_t n)
{
	if (is_placeholder(token, n)) {
		offer_placeholder(m, token, n);
		return;
	}
	for (size_t i = 0; i < n;) {
		size_t part = MIN(strcspn(token + i, "|{}[]"), n - i);
		offer(m, token + i, part);
		i += part + 1;
	}
}

static void offer_line(const struct complete *m, const char *line, size_t len)
{
	const char *token[TOKENS_MAX];
	size_t size[TOKENS_MAX];
	int n = arguments(m, line, len, token, size), at = m->n_args;

	for (int i = 0; i < m->n_args && i < n; i++) {
		if (!is_placeholder(token[i], size[i]) &&
		    !is_one_of(token[i], size[i], m->args[i]))
			return;
	}
	if (at >= n && n && memmem(token[n - 1], size[n - 1], "...", 3))
		at = n - 1;
	if (at < n)
		offer_token(m, token[at], size[at]);
}

static void offer_arguments(const struct complete *m)
{
	const char *line = m->cmd->usage;

	while (*line) {
		size_t n = strcspn(line, "\n");
		offer_line(m, line, n);
		line += n + (line[n] == '\n');
	}
}

/* ---- the command line so far ---- */

static void take_target(struct cli_target *t, const char *name, const char *value)
{
	t->host = strcmp(name, "host") == 0 ? value : t->host;
	t->socket = strcmp(name, "socket") == 0 ? value : t->socket;
	t->user = strcmp(name, "user") == 0 ? value : t->user;
	t->ca = strcmp(name, "ca") == 0 ? value : t->ca;
	t->fingerprint = strcmp(name, "fingerprint") == 0 ? value : t->fingerprint;
	t->insecure |= strcmp(name, "insecure") == 0;
}

static const struct cli_option *option_of(const struct complete *m, const char *word)
{
	const struct cli_option *const lists[] = { m->cmd ? m->cmd->options : NULL,
						   cli_global_options };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		for (const struct cli_option *o = lists[i]; o && o->name; o++) {
			if (word[1] == '-' ? strcmp(word + 2, o->name) == 0
					   : word[1] == o->letter && !word[2])
				return o;
		}
	}
	return NULL;
}

/* A word before the last one. */
static void take_word(struct complete *m, char *word)
{
	const struct cli_option *o;

	if (m->option) {
		take_target(&m->c->target, m->option->name, word);
		m->option = NULL;
	} else if (word[0] == '-' && word[1]) {
		o = option_of(m, word);
		m->option = o && o->value ? o : NULL;
		if (o && !o->value)
			take_target(&m->c->target, o->name, "");
	} else if (m->cmd) {
		m->args[m->n_args++] = word;
	} else {
		m->cmd = cli_find(word);
		m->nodes += !m->cmd;
	}
}

static int run(struct cli *c)
{
	struct complete m = { .c = c, .word = "", .args = c->argv };

	for (int i = 0; i + 1 < c->argc; i++)
		take_word(&m, c->argv[i]); /* an argument is never put behind itself */
	if (c->argc)
		m.word = c->argv[c->argc - 1];
	if (m.option) {
		offer_value(&m);
	} else if (m.word[0] == '-') {
		offer_options(&m);
	} else if (m.cmd) {
		offer_arguments(&m);
	} else {
		offer_commands(&m);
		offer_nodes(&m);
	}
	return CLI_OK;
}

const struct cli_command cli_complete = {
	.name = "__complete",
	.usage = "__complete -- <word>...",
	.summary = "What a shell may offer for the last word.",
	.flags = CLI_HIDDEN | CLI_RAW,
	.run = run,
};

/* ---- the shells' side ---- */

static int run_completion(struct cli *c)
{
	for (size_t i = 0; c->argc == 1 && i < ARRAY_SIZE(cli_completions); i++) {
		if (strcmp(cli_completions[i].shell, c->argv[0]) == 0) {
			fputs(cli_completions[i].script, stdout);
			return CLI_OK;
		}
	}
	return cli_usage(c, "for which shell: bash, zsh or fish?");
}

const struct cli_command cli_completion = {
	.name = "completion",
	.usage = "completion bash|zsh|fish",
	.summary = "Print what makes a shell complete bmc's words.",
	.help = "Commands, options, boards, sets, tasks and accounts are completed; "
		"boards\n"
		"are those that the agent has.\n"
		"\n"
		"Examples:\n"
		"  source <(bmc completion bash)           # in ~/.bashrc\n"
		"  bmc completion zsh > ~/.zfunc/_bmc      # a folder of $fpath\n"
		"  bmc completion fish > ~/.config/fish/completions/bmc.fish\n",
	.run = run_completion,
};

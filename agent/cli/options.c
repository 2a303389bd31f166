// SPDX-License-Identifier: Apache-2.0
// The command line: "bmc [OPTIONS] COMMAND ARGS" or "bmc [OPTIONS] NODE... [COMMAND
// ARGS]"; options may stand anywhere before a command line for another program. Called
// by main.c.
#include "cli/options.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/list.h"
#include "core/base/util.h"

/* clang-format off */
const struct cli_option cli_global_options[] = {
	{ "host", 'H', "HOST[:PORT]", "the agent of another machine (BMC_HOST), over HTTPS" },
	{ "user", 'u', "NAME", "who logs in there (BMC_USER; admin)" },
	{ "password-file", 0, "FILE", "its first line is the password (BMC_PASSWORD_FILE); -: stdin" },
	{ "ca", 0, "FILE", "the certificates (PEM) that vouch for the agent (BMC_CA)" },
	{ "fingerprint", 0, "sha256//BASE64", "the agent's public key, instead (BMC_FINGERPRINT)" },
	{ "insecure", 'k', NULL, "takes any certificate: a machine in between can read the password" },
	{ "socket", 0, "PATH", "Unix socket of this machine's agent (BMC_SOCKET)" },
	{ "output", 'o', "FORMAT", "plain, table, wide, json, yaml, csv or name" },
	{ "json", 0, NULL, "the same as -o json" },
	{ "parallel", 'P', "N", "so many boards at a time (8)" },
	{ "wait", 'w', NULL, "until it has been done, and says how far it is" },
	{ "timeout", 't', "TIME", "no longer than that: 90, 90s, 5m, 2h" },
	{ "watch", 'W', NULL, "again and again, every 2 seconds" },
	{ "interval", 0, "TIME", "--watch so often" },
	{ "yes", 'y', NULL, "asks nothing back" },
	{ "quiet", 'q', NULL, "no progress" },
	{ "help", 'h', NULL, "what a command does, with examples" },
	{ "version", 'V', NULL, "the version of bmc" },
	{ .name = NULL },
};
/* clang-format on */

const struct cli_command *cli_find(const char *name)
{
	for (const struct cli_command *const *p = cli_commands; *p; p++) {
		if (strcmp((*p)->name, name) == 0)
			return *p;
	}
	return NULL;
}

/* ---- options ---- */

static const struct cli_option *find_in(const struct cli_option *o, const char *name,
					size_t n)
{
	for (; o && o->name; o++) {
		if (n == 1 ? o->letter == *name
			   : strlen(o->name) == n && strncmp(o->name, name, n) == 0)
			return o;
	}
	return NULL;
}

/* Any command's own: its name may come later. Checked once the command is known. */
static const struct cli_option *find(const struct cli *c, const char *name, size_t n)
{
	const struct cli_option *o = find_in(cli_global_options, name, n);

	if (!o && c->command)
		return find_in(c->command->options, name, n);
	for (const struct cli_command *const *p = cli_commands; !o && *p; p++)
		o = find_in((*p)->options, name, n);
	return o;
}

static int unknown(const struct cli *c, const char *word)
{
	struct cli_guess g = { .word = word + strspn(word, "-") };
	const struct cli_option *own = c->command ? c->command->options : NULL;

	for (const struct cli_option *o = cli_global_options; o->name; o++)
		cli_guess(&g, o->name);
	for (const struct cli_option *o = own; o && o->name; o++)
		cli_guess(&g, o->name);
	return g.best ? cli_usage(c, "there is no option %s: did you mean --%s?", word,
				  g.best)
		      : cli_usage(c, "there is no option %s", word);
}

static int give(struct cli *c, const char *name, const char *value)
{
	if (c->n_given == CLI_OPTIONS_MAX)
		return cli_usage(c, "there are too many options");
	c->given[c->n_given].name = name;
	c->given[c->n_given++].value = value;
	return CLI_OK;
}

/* One word that begins with "-"; `next` is the word behind it, which it may take. */
static int take_option(struct cli *c, char *word, char *next, bool *ret_took_next)
{
	bool is_long = word[1] == '-';
	const char *name = word + 1 + is_long, *eq = strchr(name, '=');
	size_t n = is_long ? (eq ? (size_t)(eq - name) : strlen(name)) : 1;
	const struct cli_option *o = is_long && n == 1 ? NULL : find(c, name, n);
	int code;

	if (!o)
		return unknown(c, word);
	if (!o->value && is_long)
		return eq ? cli_usage(c, "--%s takes no value", o->name)
			  : give(c, o->name, "");
	if (!o->value) {
		code = give(c, o->name, "");
		if (code || !name[1])
			return code;
		word[1] = '-'; /* -yw is -y -w */
		(void)memmove(word + 1, word + 2, strlen(word + 1));
		return take_option(c, word, next, ret_took_next);
	}
	if (is_long && eq)
		return give(c, o->name, eq + 1);
	if (!is_long && name[1])
		return give(c, o->name, name + 1);
	if (!next)
		return cli_usage(c, "%s needs a value: %s", word, o->value);
	if (next[0] == '-' && next[1]) /* a slip more often than a value */
		return cli_usage(c,
				 "%s needs a value: %s; one that begins with '-' goes "
				 "behind a '=': --%s=%s",
				 word, o->value, o->name, next);
	*ret_took_next = true;
	return give(c, o->name, next);
}

const char *cli_option(const struct cli *c, const char *name)
{
	for (size_t i = c->n_given; i-- > 0;) {
		if (strcmp(c->given[i].name, name) == 0)
			return c->given[i].value;
	}
	return NULL;
}

/* An option of another command than the one that came. */
static int check_own(const struct cli *c)
{
	for (size_t i = 0; i < c->n_given; i++) {
		const char *name = c->given[i].name;
		size_t n = strlen(name);
		if (find_in(cli_global_options, name, n))
			continue;
		if (!c->command || !find_in(c->command->options, name, n))
			return cli_usage(c, "%s takes no --%s",
					 c->command ? c->command->name : "bmc", name);
	}
	return CLI_OK;
}

/* ---- words ---- */

/* Words before the command name boards. A board may be called as a command that is not
 * of boards; then the command is meant. */
static void take_word(struct cli *c, char *word, char **words, char **args)
{
	const struct cli_command *cmd = c->command ? NULL : cli_find(word);

	if (cmd && !(cmd->flags & CLI_NODES) && c->n_words)
		cmd = NULL;
	if (cmd)
		c->command = cmd;
	else if (c->command)
		args[c->argc++] = word;
	else
		words[c->n_words++] = word;
}

/* From here on it is the command line of another program. */
static bool ends_options(const struct cli *c)
{
	unsigned flags = c->command ? c->command->flags : 0;

	return (flags & CLI_RAW) && (c->argc || (flags & CLI_PROGRAM));
}

int cli_parse(struct cli *c, int argc, char **argv)
{
	char **words = argv, **args;
	bool options;

	args = calloc((size_t)argc + 1, sizeof(*args));
	if (!args)
		return cli_usage(c, "out of memory");
	c->words = words;
	c->argv = args;
	options = !ends_options(c); /* of a program's own name */
	for (int i = 1; i < argc; i++) {
		bool took = false;
		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
			continue;
		}
		if (options && argv[i][0] == '-' && argv[i][1]) {
			int code = take_option(c, argv[i], argv[i + 1], &took);
			if (code)
				return code;
			i += took;
			continue;
		}
		take_word(c, argv[i], words, args);
		if (ends_options(c))
			options = false;
	}
	return check_own(c);
}

// SPDX-License-Identifier: Apache-2.0
// One run of bmc: options into settings, the boards that are named, the command. Called
// by main().
#include "cli/program.h"

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "cli/list.h"
#include "cli/options.h"
#include "core/base/util.h"

#define PARALLEL     8
#define PARALLEL_MAX 64
#define WATCH_MS     2000

struct cli_link *cli_link(struct cli *c)
{
	if (!c->link)
		c->link = cli_link_new(&c->target);
	if (c->link)
		return c->link;
	cli_note("out of memory");
	_exit(CLI_FAILED);
}

int64_t cli_duration(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);
	long unit = strcmp(end, "h") == 0                ? 3600
		    : strcmp(end, "m") == 0              ? 60
		    : *end == 0 || strcmp(end, "s") == 0 ? 1
							 : 0;

	if (end == text || n < 1 || n > 1000000 || !unit)
		return -1;
	return (int64_t)n * unit * 1000;
}

long cli_option_number(const struct cli *c, const char *name, long min, long max,
		       long other)
{
	const char *text = cli_option(c, name);
	char *end;

	if (!text)
		return other;
	long n = strtol(text, &end, 10);
	if (end != text && !*end && n >= min && n <= max)
		return n;
	(void)cli_usage(c, "--%s %s: a number from %ld to %ld", name, text, min, max);
	return -1;
}

static void replace(const struct cli *c, const char *name, const char **value)
{
	if (cli_option(c, name))
		*value = cli_option(c, name);
}

/* HOST, HOST:PORT, [V6] or [V6]:PORT, also with https:// before it. */
static bool is_host(const char *host)
{
	const char *colon, *end;
	size_t n;

	if (strncmp(host, "https://", 8) == 0)
		host += 8;
	n = strcspn(host, "/?#");
	end = memchr(host, ']', n);
	colon = memchr(end ? end : host, ':', n - (end ? (size_t)(end - host) : 0));
	if (!n || colon == host || (host[0] == '[') != (end != NULL))
		return false;
	if (!colon)
		return true;
	if (!end && memchr(colon + 1, ':', n - (size_t)(colon + 1 - host)))
		return false; /* an IPv6 address without its brackets */
	size_t digits = strspn(colon + 1, "0123456789");
	unsigned long port = strtoul(colon + 1, NULL, 10);
	return digits && digits < 6 && colon + 1 + digits == host + n && port > 0 &&
	       port < 65536;
}

/* Before a password is asked for. */
static int check_target(const struct cli *c)
{
	const struct cli_target *t = &c->target;

	if (!t->host)
		return CLI_OK;
	if (!is_host(t->host))
		return cli_usage(c,
				 "--host %s: a name or an address ([...] of IPv6), and "
				 "a port from 1 to 65535 behind a ':'",
				 t->host);
	if (t->ca && access(t->ca, R_OK) != 0)
		return cli_usage(c, "--ca: the certificates in %s can't be read: %s",
				 t->ca, strerror(errno));
	return CLI_OK;
}

static int set_target(struct cli *c)
{
	struct cli_target *t = &c->target;

	cli_target_init(t);
	replace(c, "host", &t->host);
	replace(c, "user", &t->user);
	replace(c, "password-file", &t->password_file);
	replace(c, "ca", &t->ca);
	replace(c, "fingerprint", &t->fingerprint);
	if (cli_option(c, "socket")) {
		t->socket = cli_option(c, "socket");
		t->host = cli_option(c, "host");
	}
	t->insecure = cli_option(c, "insecure");
	if (t->fingerprint && strncmp(t->fingerprint, "sha256//", 8) != 0)
		return cli_usage(c,
				 "--fingerprint: sha256// and the base64 of the public "
				 "key's digest");
	if (t->host && t->insecure)
		cli_note("--insecure: a machine between here and %s can read the "
			 "password "
			 "and all else",
			 t->host);
	return CLI_OK;
}

static int set_times(struct cli *c)
{
	const char *text = cli_option(c, "timeout");

	if (!text)
		return CLI_OK;
	c->timeout_ms = cli_duration(text);
	if (c->timeout_ms < 0)
		return cli_usage(c, "--timeout %s: a time such as 90, 90s, 5m, 2h",
				 text);
	if (c->timeout_ms < c->target.request_ms || !cli_option(c, "wait"))
		c->target.request_ms = c->timeout_ms;
	return CLI_OK;
}

static int set_format(struct cli *c)
{
	const char *text = cli_option(c, "output");
	int f = cli_format_of(text ? text : "plain");

	if (f < 0)
		return cli_usage(
			c, "-o %s: plain, table, wide, json, yaml, csv or name", text);
	c->format = cli_option(c, "json") ? CLI_JSON : (enum cli_format)f;
	return CLI_OK;
}

static int settings(struct cli *c)
{
	long n = cli_option_number(c, "parallel", 1, PARALLEL_MAX, PARALLEL);
	int code = set_target(c);

	if (n < 0)
		return CLI_USAGE;
	c->parallel = (unsigned)n;
	if (!code)
		code = check_target(c);
	if (!code)
		code = set_times(c);
	return code ? code : set_format(c);
}

static int run_once(struct cli *c)
{
	int code = CLI_OK;

	if (c->n_words)
		c->nodes = cli_select(c, c->n_words, c->words, &code);
	if (c->n_words && !c->nodes)
		return code;
	return c->command->run(c);
}

static void drop_boards(struct cli *c)
{
	json_decref(c->boards);
	json_decref(c->nodes);
	c->boards = c->nodes = NULL;
}

/* Until ^C, or what it writes to has gone. */
static int watch(struct cli *c)
{
	const char *text = cli_option(c, "interval");
	int64_t ms = text ? cli_duration(text) : WATCH_MS;
	bool terminal = isatty(STDOUT_FILENO);

	if (ms < 0)
		return cli_usage(c, "--interval %s: a time such as 5, 5s, 1m", text);
	for (;;) {
		if (terminal)
			fputs("\033[H\033[2J", stdout);
		int code = run_once(c);
		if (code && code != CLI_SOME_FAILED && code != CLI_UNREACHABLE)
			return code;
		if (!terminal)
			fputc('\n', stdout);
		if (fflush(stdout) != 0)
			return CLI_FAILED;
		drop_boards(c);
		(void)poll(NULL, 0, (int)ms);
	}
}

/* A reader that has gone away knows it; a full disk is said. */
static int flushed(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	if (errno != EPIPE)
		cli_note("the output can't be written: %s", strerror(errno));
	return code ? code : CLI_FAILED;
}

static int too_much(const struct cli *c)
{
	const char *name = c->command->name, *word = c->argv[0];

	return (c->command->flags & CLI_NODES) && !c->n_words
		       ? cli_usage(c, "boards stand before %s: bmc %s %s", name, word,
				   name)
		       : cli_usage(c, "'%s' is one word too many", word);
}

/* "bmc NODE" without more shows it; "bmc state" is of all boards. */
static int check_words(struct cli *c)
{
	if (!c->command && c->n_words)
		c->command = &cli_show;
	if (!c->command)
		return cli_usage(c, "what is to be done?");
	if ((c->command->flags & (CLI_NODES | CLI_WHOLE)) == CLI_NODES && !c->n_words)
		return cli_usage(c, "%s needs a board before it: bmc %s",
				 c->command->name, c->command->usage);
	if ((c->command->flags & CLI_ALONE) && c->argc)
		return too_much(c);
	if (cli_option(c, "watch") && !(c->command->flags & CLI_WATCH))
		return cli_usage(c, "%s can't be watched", c->command->name);
	return CLI_OK;
}

static int run(struct cli *c)
{
	if (cli_option(c, "version")) {
		printf("bmc %s\n", PACKAGE_VERSION);
		return CLI_OK;
	}
	if (cli_option(c, "help") && c->command)
		cli_print_help(c->command);
	else if (cli_option(c, "help"))
		cli_print_overview();
	if (cli_option(c, "help"))
		return CLI_OK;
	int code = check_words(c);
	if (!code)
		code = settings(c);
	if (code)
		return code;
	return cli_option(c, "watch") ? watch(c) : run_once(c);
}

/* A link to bmc with the name of one of its commands is that command. */
static const struct cli_command *program_of(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');
	const struct cli_command *cmd = cli_find(slash ? slash + 1 : argv0);

	return cmd && (cmd->flags & CLI_PROGRAM) ? cmd : NULL;
}

int cli_main(int argc, char **argv)
{
	struct cli c = { .command = argc > 0 ? program_of(argv[0]) : NULL };

	(void)signal(SIGPIPE, SIG_IGN);
	if (curl_global_init(CURL_GLOBAL_ALL) != 0) {
		cli_note("libcurl can't be started");
		return CLI_FAILED;
	}
	int code = cli_parse(&c, argc, argv);
	if (!code)
		code = run(&c);
	code = flushed(code);
	drop_boards(&c);
	cli_link_free(c.link);
	free(c.argv);
	curl_global_cleanup();
	return code;
}

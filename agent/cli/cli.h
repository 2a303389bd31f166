// SPDX-License-Identifier: Apache-2.0
#pragma once
// The frame of `bmc`: what a command is, and what it is given. A new command is a file
// commands/NAME.c with one `const struct cli_command cli_NAME`, a line in Makefile.inc
// and one in list.h and list.c.
#include <jansson.h>
#include <stdbool.h>

#include "cli/client.h"
#include "cli/output.h"

struct cli;

/** "--name VALUE" or "--name=VALUE", "-x VALUE"; `value` NULL: a switch. A NULL name
 * ends a list of them. */
struct cli_option {
	const char *name;
	char letter; /* 0: none */
	const char *value, *doc;
};

enum cli_flag {
	CLI_NODES = 1,  /* "bmc NODE... NAME": of boards                             */
	CLI_RAW = 2,    /* options end at the first argument: a command line follows */
	CLI_WATCH = 4,  /* --watch repeats it                                        */
	CLI_HIDDEN = 8, /* not in the overview                                       */
	CLI_PROGRAM = 16,  /* also a program of this name: a link to bmc */
	CLI_WHOLE = 32,    /* with CLI_NODES: also without a board before it */
	CLI_ALONE = 64,    /* takes no arguments                             */
	CLI_NOT_MAIN = 128 /* sets leave main out, unless its name is given */
};

struct cli_command {
	const char *name;
	/* as in the overview, behind "bmc " ("<node> state"); several forms: a line
	 * each */
	const char *usage;
	const char *summary; /* what it does, a sentence */
	const char *help; /* -h: more about it, and examples; ends with a line feed   */
	const struct cli_option *options; /* of its own; may be NULL */
	unsigned flags;            /* enum cli_flag, or-ed                        */
	int (*run)(struct cli *c); /* returns an enum cli_exit                    */
};

#define CLI_OPTIONS_MAX 64

/** The command line, taken apart. For one thread, but for what cli_each() gives. */
struct cli {
	const struct cli_command *command;
	int argc; /* arguments behind the command's name */
	char **argv;
	int n_words; /* what names boards, before the command's name */
	char **words;
	struct {
		const char *name, *value;
	} given[CLI_OPTIONS_MAX]; /* options, in their order */
	size_t n_given;
	enum cli_format format;
	struct cli_target target;
	struct cli_link *link; /* by cli_link() */
	json_t *boards;        /* by cli_boards() */
	json_t *nodes;         /* the boards that `words` name */
	unsigned parallel;
	int64_t timeout_ms; /* of the whole command when it waits; 0: not said */
};

/** The value of an option: "" of a switch, NULL when it was not given; of several the
 * last. */
const char *cli_option(const struct cli *c, const char *name);
/** A number of such an option, in the given range; `other` when it was not given. -1
 * and a message: it is none. */
long cli_option_number(const struct cli *c, const char *name, long min, long max,
		       long other);
/** "90", "90s", "5m", "2h" in milliseconds; -1: it is none. */
int64_t cli_duration(const char *text);

/** The main thread's connection; never NULL: a failure ends the program. */
struct cli_link *cli_link(struct cli *c);

/** A message about the command line, and how it is used; CLI_USAGE. */
__attribute__((format(printf, 2, 3))) int cli_usage(const struct cli *c,
						    const char *fmt, ...);

/* ---- boards; nodes.c ---- */

/** All boards, in the order of the chassis: an array of {"node", "state", "power",
 * "adb_state", "adb_serial", "adb_transport", "os", "os_version", "hardware_version",
 * "ip", "mac", "present", "uri"}, borrowed. NULL: reported, the code is in `ret_code`.
 */
const json_t *cli_boards(struct cli *c, int *ret_code);
/** Those that node sets name ("sub1-*", "sub{1..3}-01", "@blade2", "@offline", "@all",
 * "-": names on stdin), each once and in the order of the chassis; a new reference.
 * NULL: reported. A name or a pattern that fits no board is an error, a class ("@...")
 * that has none at the moment isn't. A command with CLI_NOT_MAIN gets main only by its
 * name; that it was left out is said. */
json_t *cli_select(struct cli *c, int n, char *const *words, int *ret_code);

/* ---- the same for several boards; each.c ---- */

struct cli_job {
	struct cli_link *link; /* of this thread */
	const json_t *board;   /* as cli_boards() has it */
	const char *node, *uri;
	void *arg;
	json_t *result; /* the function may leave something; owned */
	struct cli_error err;
	struct cli_each *each; /* each.c's */
};

/** Runs `one` for all of c->nodes, c->parallel at a time, each in a thread. It returns
 * an enum cli_exit with job->err filled; failures are listed on stderr. Then
 * `ret_results` (may be NULL) gets a new array of the results in the order of the
 * boards. Returns CLI_OK, the code of a single board, or CLI_SOME_FAILED. */
int cli_each(struct cli *c, int (*one)(struct cli_job *job), void *arg,
	     json_t **ret_results);
/** Reports how far a board is: a line on stderr, or on a terminal a bar of all boards.
 */
void cli_progress(struct cli_job *job, int percent, const char *words);

/** Whether `what` may be done to c->nodes: several boards need --yes, or a yes on the
 * terminal. CLI_OK or a code, reported. */
int cli_confirm(struct cli *c, const char *what);

/** Waits for the task behind an answer's Location until it has ended; `ret` (may be
 * NULL) gets it. A task that failed is an error in its own words. In task.c. */
int cli_wait_task(struct cli_job *job, const char *location, int64_t ms, json_t **ret);

/* ---- words ---- */

/** The best of what is like `word`, NULL: nothing is. Ask with each candidate. */
struct cli_guess {
	const char *word, *best;
	unsigned distance;
};
void cli_guess(struct cli_guess *g, const char *candidate);

/** Shell's wildcards * ? [..]; in nodes.c. */
bool cli_matches(const char *pattern, const char *name);

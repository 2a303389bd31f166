// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/cli.h"

/* What may be wrong when boards are missing from pages and dashboards, in the order in
 * which Firefly's manual looks. */

enum cli_health { CLI_WELL, CLI_WARNING, CLI_BROKEN, CLI_SKIPPED };

/* A finding, and what to do about it ("": nothing). */
struct cli_finding {
	enum cli_health health;
	char what[400], next[500];
};

struct cli_diagnosis {
	struct cli *c;
	json_t *manager;        /* NULL: the agent does not answer */
	const json_t *boards;   /* borrowed; NULL: not known */
	const char *prometheus; /* URL; "": not known */
	bool asked;             /* that was said, not assumed */
	bool local;             /* the agent runs on this machine */
	bool is_root;
};

/** One check. It always fills `ret`. */
struct cli_check {
	const char *name;
	void (*run)(struct cli_diagnosis *p, struct cli_finding *ret);
};
extern const struct cli_check cli_checks[]; /* a NULL name ends them */
extern const struct cli_check
	cli_more_checks[]; /* of Prometheus, in doctor-prometheus.c */

__attribute__((format(printf, 3, 4))) void cli_set_finding(struct cli_finding *f,
							   enum cli_health health,
							   const char *fmt, ...);
__attribute__((format(printf, 2, 3))) void cli_advise(struct cli_finding *f,
						      const char *fmt, ...);

/** All checks: a new array of {"check", "status", "what", "next"}; `ret_code` is the
 * worst: CLI_OK, CLI_FAILED, or CLI_UNREACHABLE when the agent does not answer. */
json_t *cli_diagnose(struct cli *c, int *ret_code);

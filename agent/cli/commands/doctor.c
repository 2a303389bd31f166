// SPDX-License-Identifier: Apache-2.0
// bmc doctor: what is wrong, and what to do next.
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands/doctor.h"
#include "cli/list.h"
#include "cli/sub.h"

#define PROMETHEUS "http://127.0.0.1:9090"

void cli_set_finding(struct cli_finding *f, enum cli_health health, const char *fmt,
		     ...)
{
	va_list ap;

	f->health = health;
	f->next[0] = 0;
	va_start(ap, fmt);
	(void)vsnprintf(f->what, sizeof(f->what), fmt, ap);
	va_end(ap);
}

void cli_advise(struct cli_finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(f->next, sizeof(f->next), fmt, ap);
	va_end(ap);
}

static void run_check(struct cli_diagnosis *p, const struct cli_check *check,
		      json_t *rows, enum cli_health *worst)
{
	static const char *const words[] = { [CLI_WELL] = "ok",
					     [CLI_WARNING] = "warning",
					     [CLI_BROKEN] = "failed",
					     [CLI_SKIPPED] = "skipped" };
	struct cli_finding f = { .health = CLI_SKIPPED };

	check->run(p, &f);
	cli_clean(f.what, 0);
	cli_clean(f.next, 0);
	if (f.health == CLI_BROKEN || (f.health == CLI_WARNING && *worst == CLI_WELL))
		*worst = f.health;
	(void)json_array_append_new(
		rows, json_pack("{s:s, s:s, s:s, s:s}", "check", check->name, "status",
				words[f.health], "what", f.what, "next", f.next));
}

static void find_prometheus(struct cli_diagnosis *p)
{
	const char *url = cli_option(p->c, "prometheus");

	url = url ? url : getenv("BMC_PROMETHEUS");
	p->asked = url != NULL;
	p->prometheus = url ? url : p->local ? PROMETHEUS : "";
}

json_t *cli_diagnose(struct cli *c, int *ret_code)
{
	struct cli_diagnosis p = { .c = c,
				   .local = !c->target.host,
				   .is_root = geteuid() == 0 };
	enum cli_health worst = CLI_WELL;
	json_t *rows = json_array();

	find_prometheus(&p);
	run_check(&p, &cli_checks[0], rows, &worst);
	/* what asks an agent that does not answer would only say so again */
	if (p.manager)
		p.boards = cli_boards(c, ret_code);
	for (const struct cli_check *k = cli_checks + 1; p.manager && k->name; k++)
		run_check(&p, k, rows, &worst);
	for (const struct cli_check *k = cli_more_checks; k->name; k++)
		run_check(&p, k, rows, &worst);
	*ret_code = !p.manager            ? CLI_UNREACHABLE
		    : worst == CLI_BROKEN ? CLI_FAILED
					  : CLI_OK;
	json_decref(p.manager);
	return rows;
}

static void print_plain(const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		const char *next = cli_text_at(row, "next");
		printf("%-8s %-11s ", cli_text_at(row, "status"),
		       cli_text_at(row, "check"));
		cli_put(stdout, cli_text_at(row, "what"));
		fputc('\n', stdout);
		if (!*next)
			continue;
		printf("%-20s ", "");
		cli_put(stdout, next);
		fputc('\n', stdout);
	}
}

static int run(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "CHECK", "check", false }, { "STATUS", "status", false },
		{ "WHAT", "what", false },   { "NEXT", "next", false },
		{ .title = NULL },
	};
	int code = CLI_OK;
	json_t *rows = cli_diagnose(c, &code);

	if (c->format == CLI_PLAIN)
		print_plain(rows);
	else
		cli_print_rows(stdout, c->format, rows, columns);
	json_decref(rows);
	return code;
}

static const struct cli_option options[] = {
	{ "prometheus", 0, "URL", "of Prometheus (BMC_PROMETHEUS; port 9090 here)" },
	{ .name = NULL },
};

const struct cli_command cli_doctor = {
	.name = "doctor",
	.usage = "doctor",
	.summary = "Find out why boards are missing, and say what to do next.",
	.help = "In the order of Firefly's manual: the agent, clocks, USB, metrics, "
		"the\n"
		"exporter, then Prometheus, its service and its journal. The exit code "
		"is 1\n"
		"when something failed, 5 when the agent does not answer.\n"
		"\n"
		"Examples:\n"
		"  sudo bmc doctor\n"
		"  bmc -H r2.example doctor --prometheus http://metrics.example:9090\n",
	.options = options,
	.flags = CLI_ALONE,
	.run = run,
};

// SPDX-License-Identifier: Apache-2.0
// bmc sensors: the readings of the enclosure, or of boards.
#include <string.h>

#include "cli/list.h"
#include "cli/sub.h"

static json_t *row_of(const char *chassis, const json_t *s)
{
	return json_pack("{s:s, s:s, s:s, s:O?, s:s, s:s, s:s, s:O?, s:O?}", "chassis",
			 chassis, "sensor", cli_text_at(s, "Id"), "name",
			 cli_text_at(s, "Name"), "reading",
			 json_object_get(s, "Reading"), "units",
			 cli_text_at(s, "ReadingUnits"), "health",
			 cli_text_at(s, "Status/Health"), "state",
			 cli_text_at(s, "Status/State"), "caution",
			 cli_at(s, "Thresholds/UpperCaution/Reading"), "critical",
			 cli_at(s, "Thresholds/UpperCritical/Reading"));
}

/* A new array of rows. */
static json_t *load(struct cli_link *l, const char *chassis, struct cli_error *err)
{
	json_t *all =
		cli_collect(l, err, CLI_ROOT "/Chassis/%s/Sensors?$expand=.", chassis);
	json_t *rows = all ? json_array() : NULL, *s;
	size_t i;

	json_array_foreach (all, i, s)
		(void)json_array_append_new(rows, row_of(chassis, s));
	json_decref(all);
	return rows;
}

static int load_board(struct cli_job *job)
{
	job->result = load(job->link, job->node, &job->err);
	return job->result ? CLI_OK : job->err.code;
}

/* Of each board an array: all in one, a new array. */
static json_t *flatten(const json_t *lists)
{
	json_t *rows = json_array();
	const json_t *list;
	size_t i;

	json_array_foreach (lists, i, list) {
		if (json_is_array(list))
			(void)json_array_extend(rows, (json_t *)(uintptr_t)list);
	}
	return rows;
}

static json_t *matching(const struct cli *c, const json_t *rows)
{
	json_t *some = json_array(), *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		bool fits = !c->argc;
		for (int a = 0; a < c->argc; a++)
			fits |= cli_matches(c->argv[a], cli_text_at(row, "sensor"));
		if (fits)
			(void)json_array_append(some, row);
	}
	return some;
}

static int run(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "CHASSIS", "chassis", false },
		{ "SENSOR", "sensor", false },
		{ "READING", "reading", false },
		{ "UNITS", "units", false },
		{ "HEALTH", "health", false },
		{ "NAME", "name", true },
		{ "CAUTION", "caution", true },
		{ "CRITICAL", "critical", true },
		{ .title = NULL },
	};
	struct cli_error err = { 0 };
	json_t *lists = NULL, *rows = NULL;
	int code = CLI_OK;

	if (c->n_words) {
		code = cli_each(c, load_board, NULL, &lists);
		rows = flatten(lists);
	} else {
		rows = load(cli_link(c), "enclosure", &err);
	}
	if (!rows)
		return cli_report(NULL, &err);
	json_t *some = matching(c, rows);
	if (!code && c->argc && !json_array_size(some))
		code = cli_report(NULL, (cli_fail(&err, CLI_NOT_SUPPORTED,
						  "no sensor is called %s", c->argv[0]),
					 &err));
	else
		cli_print_rows(stdout, c->format, some,
			       columns + (c->format == CLI_NAME)); /* not where it is */
	json_decref(some);
	json_decref(rows);
	json_decref(lists);
	return code;
}

const struct cli_command cli_sensors = {
	.name = "sensors",
	.usage = "[<node>] sensors [<pattern>...]",
	.summary = "Show the sensors of the enclosure, or of boards.",
	.help = "Examples:\n"
		"  bmc sensors --watch\n"
		"  bmc sensors 'fan*-rpm'\n"
		"  bmc @blade2 sensors soc-temperature\n",
	.flags = CLI_NODES | CLI_WHOLE | CLI_WATCH,
	.run = run,
};

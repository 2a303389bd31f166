// SPDX-License-Identifier: Apache-2.0
// query and metrics: what Prometheus has, or what the agent shows it.
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/list.h"
#include "cli/metrics.h"
#include "cli/url.h"
#include "core/base/util.h"

static const struct cli_column columns[] = {
	{ "METRIC", "metric", false },
	{ "VALUE", "value", false },
	{ "TIME", "time", true },
	{ .title = NULL },
};

/* As promtool prints them. */
static void put_plain(const json_t *rows)
{
	const json_t *r;
	size_t i;

	json_array_foreach (rows, i, r) {
		cli_put(stdout, cli_text_at(r, "metric"));
		fputs(" => ", stdout);
		cli_put(stdout, cli_text_at(r, "value"));
		printf(" @[%.14g]\n", json_real_value(json_object_get(r, "time")));
	}
}

static int get_text(struct cli *c, char **ret, struct cli_error *err)
{
	struct cli_call call = { .path = "/metrics", .accept = "text/plain" };
	struct cli_reply r;
	int code = cli_ask(cli_link(c), &call, &r, err);

	*ret = code ? NULL : r.text;
	if (!code)
		r.text = NULL;
	cli_reply_done(&r);
	if (!code && !*ret)
		*ret = strdup("");
	return code;
}

static json_t *from_agent(struct cli *c, const char *expr, struct cli_error *err)
{
	auto_free char *text = NULL;

	if (!cli_option(c, "quiet"))
		cli_note("asked the agent, which knows no past: no Prometheus is "
			 "configured "
			 "(--prometheus URL or BMC_PROMETHEUS)");
	return get_text(c, &text, err) ? NULL : cli_metrics_find(text, expr, err);
}

static json_t *from_prometheus(const char *url, const char *expr, int64_t ms,
			       struct cli_error *err)
{
	auto_free char *full = cli_url_with(url, "/api/v1/query", "query", expr);
	json_t *answer = full ? cli_url_json(full, ms, err) : NULL;
	json_t *rows = answer ? cli_metrics_of_prometheus(answer, err) : NULL;

	json_decref(answer);
	return rows;
}

static int query(struct cli *c)
{
	const char *expr = c->argc ? c->argv[0] : "node_cluster_up";
	const char *url = cli_option(c, "prometheus");
	struct cli_error err = { .code = CLI_FAILED };
	json_t *rows;

	if (c->argc > 1)
		return cli_usage(c, "query takes one expression: quote it");
	if (!url)
		url = getenv("BMC_PROMETHEUS");
	rows = url && *url ? from_prometheus(url, expr, c->target.request_ms, &err)
			   : from_agent(c, expr, &err);
	if (!rows)
		return cli_report(NULL, &err);
	if (c->format == CLI_PLAIN)
		put_plain(rows);
	else
		cli_print_rows(stdout, c->format, rows, columns);
	json_decref(rows);
	return CLI_OK;
}

static int metrics(struct cli *c)
{
	const char *node = cli_text_at(json_array_get(c->nodes, 0), "node");
	auto_free char *text = NULL;
	struct cli_error err;

	if (json_array_size(c->nodes) != 1 || strcmp(node, "main") != 0) {
		cli_fail(&err, CLI_NOT_SUPPORTED, "%s shows no metrics here", node);
		cli_next(&err, "bmc main metrics has those of all boards.");
		return cli_report(NULL, &err);
	}
	if (get_text(c, &text, &err))
		return cli_report(NULL, &err);
	cli_clean(text, 1);
	fputs(text, stdout);
	return CLI_OK;
}

static const struct cli_option options[] = {
	{ "prometheus", 0, "URL", "where Prometheus answers (BMC_PROMETHEUS)" },
	{ .name = NULL },
};

const struct cli_command cli_query = {
	.name = "query",
	.usage = "query [<expression>]",
	.summary = "Query Prometheus: node_cluster_up, or what is asked for.",
	.help = "Without Prometheus the agent itself is asked, which answers the names "
		"of its\n"
		"metrics, with labels to choose by: NAME{LABEL=\"VALUE\"}, also != =~ "
		"and !~.\n"
		"\n"
		"Examples:\n"
		"  bmc query\n"
		"  bmc query node_cluster_disk_up\n"
		"  bmc query 'node_cluster_up{state=\"offline\"}'\n"
		"  bmc query --prometheus http://localhost:9090 "
		"'sum(node_cluster_up)'\n",
	.options = options,
	.flags = CLI_WATCH,
	.run = query,
};

const struct cli_command cli_metrics = {
	.name = "metrics",
	.usage = "main metrics",
	.summary = "Show the agent's page of metrics.",
	.help = "Examples:\n"
		"  bmc main metrics | grep node_cluster_up\n",
	.flags = CLI_NODES | CLI_ALONE,
	.run = metrics,
};

// SPDX-License-Identifier: Apache-2.0
// vendor: a board's serial number and MAC addresses in its flash storage.
#include <ctype.h>
#include <string.h>

#include "cli/list.h"
#include "core/base/util.h"

static const struct type {
	const char *name, *id, *property;
	bool mac;
} types[] = {
	{ "sn", "VENDOR_SN_ID", "VendorSerialNumber", false },
	{ "lan", "VENDOR_LAN_MAC_ID", "LanMacAddress", true },
	{ "wifi", "VENDOR_WIFI_MAC_ID", "WifiMacAddress", true },
	{ "bt", "VENDOR_BT_MAC_ID", "BluetoothMacAddress", true },
};

struct request {
	const struct type *type;
	const char *data; /* NULL: reads */
	int64_t timeout_ms;
};

static const struct type *find(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (strcmp(word, types[i].name) == 0 || strcmp(word, types[i].id) == 0)
			return &types[i];
	}
	return NULL;
}

/* "ae0efb840fc2" with colons; what is no such number stays, for the agent to refuse. */
static void format_mac(const char *data, char *ret, size_t size)
{
	size_t n = strlen(data);

	(void)bmc_copy(ret, size, data);
	for (size_t i = 0; i < n; i++) {
		if (n != 12 || !isxdigit((unsigned char)data[i]))
			return;
	}
	for (size_t i = 0; i < 6; i++)
		(void)snprintf(ret + 3 * i, size - 3 * i, "%.2s%s", data + 2 * i,
			       i < 5 ? ":" : "");
}

static int read_one(struct cli_job *job)
{
	const struct request *q = job->arg;
	json_t *system = cli_get(job->link, &job->err, "%s", job->uri);
	char path[64];

	if (!system)
		return job->err.code;
	(void)snprintf(path, sizeof(path), "Oem/ClusterBmc/%s", q->type->property);
	const char *value = cli_text_at(system, path);
	int code = CLI_OK;
	if (!*value) {
		code = cli_fail(&job->err, CLI_NOT_SUPPORTED,
				"its vendor storage could not be read, or has no %s",
				q->type->id);
		cli_next(&job->err,
			 "It is read while the board's system or loader runs.");
	} else {
		job->result = json_pack("{s:s,s:s,s:s}", "node", job->node, "type",
					q->type->name, "value", value);
	}
	json_decref(system);
	return code;
}

static int write_one(struct cli_job *job)
{
	const struct request *q = job->arg;
	char data[64];

	(void)bmc_copy(data, sizeof(data), q->data);
	if (q->type->mac)
		format_mac(q->data, data, sizeof(data));
	json_t *body = json_pack("{s:{s:{s:s}}}", "Oem", "ClusterBmc",
				 q->type->property, data);
	struct cli_call call = { .method = "PATCH", .path = job->uri, .body = body };
	struct cli_reply r;
	int code = cli_ask(job->link, &call, &r, &job->err);
	if (code == CLI_OK && r.status == 202 && r.location[0])
		code = cli_wait_task(job, r.location, q->timeout_ms, NULL);
	cli_reply_done(&r);
	json_decref(body);
	return code;
}

static const struct cli_column columns[] = {
	{ "NODE", "node", false },
	{ "TYPE", "type", false },
	{ "VALUE", "value", false },
	{ .title = NULL },
};

static void put_values(const struct cli *c, const json_t *results)
{
	const json_t *r;
	size_t i;

	if (c->format != CLI_PLAIN) {
		cli_print_rows(stdout, c->format, results, columns);
		return;
	}
	json_array_foreach (results, i, r) {
		if (json_array_size(c->nodes) > 1)
			printf("%s: ", cli_text_at(r, "node"));
		cli_put(stdout, cli_text_at(r, "value"));
		fputc('\n', stdout);
	}
}

static int run(struct cli *c)
{
	struct request q = { .timeout_ms = c->timeout_ms };
	json_t *results = NULL;
	int code;

	q.type = c->argc ? find(c->argv[0]) : NULL;
	if (!q.type || c->argc > 2)
		return cli_usage(c, "vendor takes a type (sn, lan, wifi, bt) and data");
	q.data = c->argc == 2 ? c->argv[1] : NULL;
	if (q.data && json_array_size(c->nodes) > 1)
		return cli_usage(c, "two boards must not have the same %s",
				 q.type->name);
	if (q.data)
		return cli_each(c, write_one, &q, NULL);
	code = cli_each(c, read_one, &q, &results);
	put_values(c, results);
	json_decref(results);
	return code;
}

const struct cli_command cli_vendor = {
	.name = "vendor",
	.usage = "<node> vendor <type> [<data>]",
	.summary = "Show or write the node's serial number (sn) or MAC address (lan, "
		   "wifi, bt).",
	.help = "Types: sn (VENDOR_SN_ID), lan (VENDOR_LAN_MAC_ID), wifi "
		"(VENDOR_WIFI_MAC_ID),\n"
		"bt (VENDOR_BT_MAC_ID). A board takes a new one when its system starts "
		"again.\n"
		"\n"
		"Examples:\n"
		"  bmc sub8-08 vendor lan ae0efb840fc2\n"
		"  bmc sub8-08 vendor lan\n",
	.flags = CLI_NODES,
	.run = run,
};

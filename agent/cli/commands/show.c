// SPDX-License-Identifier: Apache-2.0
// "bmc NODE": a board's state and its network interfaces, in ifconfig's shape.
#include <stdlib.h>
#include <string.h>

#include "cli/commands/shell-output.h"
#include "cli/list.h"

#define OEM         "Oem/ClusterBmc/"
#define IFCONFIG_MS 5000

/* Shown where it is known; numbers that nothing counts are left out. */
static void put_number(const char *lead, const json_t *nic, const char *path)
{
	char buf[CLI_NUMBER_MAX];
	const char *text = cli_text_of(cli_at(nic, path), buf);

	if (!*text)
		return;
	fputs(lead, stdout);
	cli_put(stdout, text);
}

static void put_text(const char *lead, const json_t *v, const char *key)
{
	fputs(lead, stdout);
	cli_put(stdout, cli_text_at(v, key));
}

static void put_addresses(const json_t *nic)
{
	const json_t *v4 = json_array_get(json_object_get(nic, "IPv4Addresses"), 0),
		     *v6 = json_array_get(json_object_get(nic, "IPv6Addresses"), 0);

	put_text("          inet addr:", v4, "Address");
	put_text("  Mask:", v4, "SubnetMask");
	fputc('\n', stdout);
	if (*cli_text_at(v6, "Address")) {
		put_text("          inet6 addr: ", v6, "Address");
		put_number("/", v6, "PrefixLength");
		fputc('\n', stdout);
	}
}

static void put_nic(const json_t *nic)
{
	const char *id = cli_text_at(nic, "Id"), *dash = strrchr(id, '-');
	char name[16];

	(void)snprintf(name, sizeof(name), "%s", dash ? dash + 1 : id);
	cli_clean(name, 0);
	printf("%-10sLink encap:Ethernet", name);
	put_text("  HWaddr ", nic, "MACAddress");
	fputc('\n', stdout);
	put_addresses(nic);
	fputs("         ", stdout);
	if (strcmp(cli_text_at(nic, "LinkStatus"), "LinkUp") == 0)
		fputs(" UP RUNNING ", stdout);
	put_number(" MTU:", nic, "MTUSize");
	put_number("  Speed:", nic, "SpeedMbps");
	fputc('\n', stdout);
	put_number("          RX packets:", nic, OEM "RxPackets");
	put_number(" errors:", nic, OEM "RxErrors");
	put_number("\n          TX packets:", nic, OEM "TxPackets");
	put_number(" errors:", nic, OEM "TxErrors");
	put_number("\n          RX bytes:", nic, OEM "RxBytes");
	put_number(" TX bytes:", nic, OEM "TxBytes");
	fputs("\n\n", stdout);
}

/* Of one board: what its own ifconfig prints, where adb can run it and the login may.
 */
static void ask_board(struct cli_job *job)
{
	const bool *wanted = job->arg;
	char *text = NULL;

	if (*wanted && strcmp(cli_text_at(job->board, "adb_state"), "device") == 0)
		text = cli_shell_output(job->link, job->node, "ifconfig", IFCONFIG_MS);
	if (text)
		(void)json_object_set_new(job->result, "ifconfig", json_string(text));
	free(text);
}

static int get_nics(struct cli_job *job)
{
	json_t *answer = cli_get(job->link, &job->err,
				 "%s/EthernetInterfaces?$expand=.", job->uri);

	if (!answer)
		return job->err.code;
	job->result = json_copy((json_t *)(uintptr_t)job->board);
	(void)json_object_set(job->result, "interfaces",
			      json_object_get(answer, "Members"));
	json_decref(answer);
	ask_board(job);
	return CLI_OK;
}

static void put_board(const json_t *b)
{
	const char *ifconfig = cli_text_at(b, "ifconfig");
	const json_t *nic;
	size_t i;

	put_text("node: ", b, "node");
	put_text("\nstate: ", b, "state");
	if (*cli_text_at(b, "adb_state"))
		put_text("\nadb_state: ", b, "adb_state");
	fputc('\n', stdout);
	fputs(ifconfig, stdout); /* cleaned already */
	if (*ifconfig)
		return;
	json_array_foreach (json_object_get(b, "interfaces"), i, nic)
		put_nic(nic);
}

static const struct cli_column columns[] = {
	{ "NODE", "node", false },
	{ "STATE", "state", false },
	{ "ADB", "adb_state", false },
	{ "IP", "ip", false },
	{ "MAC", "mac", true },
	{ "MODEL", "model", true },
	{ .title = NULL },
};

static int run(struct cli *c)
{
	json_t *results = NULL, *b;
	/* each stream to a board is two events in the log: none for --watch */
	bool ask = c->format == CLI_PLAIN && json_array_size(c->nodes) == 1 &&
		   !cli_option(c, "watch");
	int code = cli_each(c, get_nics, &ask, &results);
	size_t i;

	if (c->format == CLI_PLAIN) {
		json_array_foreach (results, i, b)
			put_board(b);
	} else {
		cli_print_rows(stdout, c->format, results, columns);
	}
	json_decref(results);
	return code;
}

const struct cli_command cli_show = {
	.name = "show",
	.usage = "<node>",
	.summary = "Show the node's state and its network interfaces.",
	.help = "Of a single board that adb reaches it prints what the board's "
		"ifconfig says, when\n"
		"the account may use its shell; else, and with --watch, what the agent "
		"knows.\n"
		"\n"
		"Examples:\n"
		"  bmc sub3-01\n"
		"  bmc sub3-01 -o json\n",
	.flags = CLI_NODES | CLI_WATCH | CLI_ALONE,
	.run = run,
};

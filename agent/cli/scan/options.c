// SPDX-License-Identifier: Apache-2.0
// The command line, see options.h.
#include "config.h"

#include "cli/scan/options.h"

#include <getopt.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "scan/text.h"

#define SERVE_AT "127.0.0.1:9780"

static const char usage[] =
	"Usage: bmc-scan [OPTION]...\n"
	"Finds the clusterbmc agents of the network. On a terminal it shows a list to "
	"choose\n"
	"from (r searches again, Enter opens one in the browser, q ends).\n"
	"\n"
	"  -o, --output FORMAT     table, json, csv, ansible or prom-sd\n"
	"  -a, --address LIST      ask these: ADDRESS[:PORT], [IPV6]:PORT, IPV4/BITS, "
	"HOST[:PORT],\n"
	"                          between commas; without --multicast no other\n"
	"      --multicast         search the network, too\n"
	"  -i, --interface NAME    search this interface only\n"
	"  -w, --wait SECONDS      wait for answers to searches (2.5; at least 1)\n"
	"  -t, --timeout SECONDS   wait for what an agent says of itself (5)\n"
	"      --no-dns-sd         do not ask Avahi (avahi-browse)\n"
	"      --all               show other Redfish services, too\n"
	"  -l, --lang en|zh        language of the table; else that of LANG\n"
	"      --list              the same as -o ansible: an inventory of Ansible\n"
	"      --host NAME         the variables of one host of that inventory\n"
	"      --serve [ADDR:PORT] serve -o prom-sd over HTTP (" SERVE_AT ")\n"
	"      --prom-file FILE    write -o prom-sd to FILE\n"
	"      --interval SECONDS  search again so often (--serve: 60)\n"
	"  -h, --help              show this\n"
	"      --version           show the version\n"
	"\n"
	"Examples:\n"
	"  bmc-scan -o table\n"
	"  bmc-scan -a 192.0.2.10,198.51.100.0/24:8443 -o json\n"
	"  ansible-inventory -i ./scan.sh --list    # scan.sh: exec bmc-scan \"$@\"\n"
	"\n"
	"It ends with 0, with 5 when no agent answered (-o table, json, csv), with 2 "
	"for a\n"
	"wrong command line and with 1 for another failure.\n";

enum {
	OPT_MULTICAST = 256,
	OPT_NO_DNS_SD,
	OPT_ALL,
	OPT_LIST,
	OPT_HOST,
	OPT_SERVE,
	OPT_PROM_FILE,
	OPT_INTERVAL,
	OPT_VERSION,
};

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "address", required_argument, NULL, 'a' },
	{ "interface", required_argument, NULL, 'i' },
	{ "wait", required_argument, NULL, 'w' },
	{ "timeout", required_argument, NULL, 't' },
	{ "lang", required_argument, NULL, 'l' },
	{ "multicast", no_argument, NULL, OPT_MULTICAST },
	{ "no-dns-sd", no_argument, NULL, OPT_NO_DNS_SD },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "host", required_argument, NULL, OPT_HOST },
	{ "serve", optional_argument, NULL, OPT_SERVE },
	{ "prom-file", required_argument, NULL, OPT_PROM_FILE },
	{ "interval", required_argument, NULL, OPT_INTERVAL },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static bool seconds(const char *text, double least, double most, int64_t *ret)
{
	char *end;
	double s = strtod(text, &end);

	if (end == text || *end || !(s >= least && s <= most))
		return false;
	*ret = (int64_t)(s * 1000);
	return true;
}

static bool wrong(const char *option, const char *value, const char *why)
{
	char clean[80];

	scan_text_copy(clean, sizeof(clean), value);
	(void)fprintf(stderr, "bmc-scan: --%s %s: %s (--help lists the options)\n",
		      option, clean, why);
	return false;
}

static bool take_addresses(struct scan_command *c, const char *list)
{
	char why[160];

	return scan_hosts_read(list, c->endpoints, &c->scan.n, why) ||
	       wrong("address", list, why);
}

static bool take_format(struct scan_command *c, const char *name)
{
	c->format = scan_format_read(name);
	c->format_given = true;
	return c->format < SCAN_FORMATS ||
	       wrong("output", name, "no format: table, json, csv, ansible or prom-sd");
}

static bool take_language(struct scan_command *c, const char *name)
{
	c->language = scan_language_read(name);
	return c->language < SCAN_LANGUAGES || wrong("lang", name, "en or zh");
}

static bool take_interface(struct scan_command *c, const char *name)
{
	c->scan.interface = name;
	return if_nametoindex(name) || wrong("interface", name, "there is none");
}

static bool take_time(int option, struct scan_command *c, const char *text)
{
	switch (option) {
	case 'w':
		return seconds(text, 1, 30, &c->scan.wait_ms) ||
		       wrong("wait", text, "1 to 30 seconds");
	case 't':
		return seconds(text, 0.1, 30, &c->scan.timeout_ms) ||
		       wrong("timeout", text, "0.1 to 30 seconds");
	default:
		return seconds(text, 5, 86400, &c->interval_ms) ||
		       wrong("interval", text, "5 to 86400 seconds");
	}
}

static bool take(int option, struct scan_command *c, bool *multicast)
{
	switch (option) {
	case 'o':
		return take_format(c, optarg);
	case 'a':
		return take_addresses(c, optarg);
	case 'i':
		return take_interface(c, optarg);
	case 'l':
		return take_language(c, optarg);
	case OPT_MULTICAST:
		*multicast = true;
		return true;
	case OPT_NO_DNS_SD:
		c->scan.dns_sd = false;
		return true;
	case OPT_ALL:
		c->scan.all = true;
		return true;
	case OPT_LIST:
		return take_format(c, "ansible");
	case OPT_HOST:
		c->host = optarg;
		return take_format(c, "ansible");
	case OPT_SERVE:
		c->serve = optarg ? optarg : SERVE_AT;
		return true;
	case OPT_PROM_FILE:
		c->prom_file = optarg;
		return true;
	default:
		return take_time(option, c, optarg);
	}
}

static int help(int option)
{
	if (option == 'h')
		(void)fputs(usage, stdout);
	else
		(void)puts("bmc-scan (" PACKAGE_NAME ") " PACKAGE_VERSION);
	return fflush(stdout) == 0 ? SCAN_EXIT_OK : SCAN_EXIT_FAILED;
}

/* getopt_long() has said which. */
static int unknown(void)
{
	(void)fprintf(stderr, "bmc-scan --help lists the options\n");
	return SCAN_EXIT_USAGE;
}

/* "--serve ADDRESS:PORT" in two words, and nothing else that is no option. */
static bool take_operands(struct scan_command *c, char **words)
{
	if (words[0] && c->serve && strcmp(c->serve, SERVE_AT) == 0)
		c->serve = *words++;
	if (!words[0])
		return true;
	(void)fprintf(stderr,
		      "bmc-scan: one word too much (--help lists the options)\n");
	return false;
}

int scan_options_read(int argc, char **argv, struct scan_command *c)
{
	bool multicast = false;
	int option;

	*c = (struct scan_command){
		.scan = { .dns_sd = true,
			  .wait_ms = 2500,
			  .timeout_ms = 5000,
			  .at_once = 128 }, /* the usual limit is 1024 */
		.endpoints = calloc(SCAN_ENDPOINTS_MAX, sizeof(*c->endpoints)),
		.language = scan_language_of_environment(),
	};
	if (!c->endpoints)
		return SCAN_EXIT_FAILED;
	while ((option = getopt_long(argc, argv, "ho:a:i:w:t:l:", options, NULL)) !=
	       -1) {
		if (option == 'h' || option == OPT_VERSION)
			return help(option);
		if (option == '?')
			return unknown();
		if (!take(option, c, &multicast))
			return SCAN_EXIT_USAGE;
	}
	if (!take_operands(c, argv + optind))
		return SCAN_EXIT_USAGE;
	c->scan.endpoints = c->endpoints;
	c->scan.multicast = multicast || !c->scan.n;
	c->scan.dns_sd = c->scan.dns_sd && c->scan.multicast;
	if (c->serve && !c->interval_ms)
		c->interval_ms = 60000;
	return -1;
}

void scan_options_done(struct scan_command *c)
{
	free(c->endpoints);
}

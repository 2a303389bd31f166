// SPDX-License-Identifier: Apache-2.0
// The command line of clusterbmcd: what ends after printing something is done here, the
// rest is left in struct bmc_daemon for main().
#include "config.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/plugin/instance.h"
#include "daemon/daemon.h"

static const char usage[] =
	"usage: clusterbmcd [--config FILE] [--ready-file FILE] [--end-with PID]\n"
	"       clusterbmcd [--config FILE] -t | -p\n"
	"\n"
	"  -c, --config FILE      configuration (" BMC_SYSCONFDIR "/clusterbmcd.yaml)\n"
	"  -r, --ready-file FILE  written when everything answers: pid and ports as "
	"JSON\n"
	"  -e, --end-with PID     ends as at SIGTERM when this process, its parent, "
	"has ended\n"
	"  -t, --test             checks the configuration and the platform file\n"
	"  -p, --print            prints what is in force, and where each value came "
	"from\n"
	"      --dump-conf-doc    prints the manual's list of all keys\n"
	"      --dump-redfish, --dump-snmp, --dump-metrics  print a frontend's tables, "
	"for the checks\n"
	"  -V, --version\n"
	"  -h, --help\n"
	"\n"
	"SIGHUP takes a changed configuration over; a bad one changes nothing.\n";

enum { DUMP_CONF_DOC = 256, DUMP_FACE };

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "ready-file", required_argument, NULL, 'r' },
	{ "end-with", required_argument, NULL, 'e' },
	{ "test", no_argument, NULL, 't' },
	{ "print", no_argument, NULL, 'p' },
	{ "dump-conf-doc", no_argument, NULL, DUMP_CONF_DOC },
	{ "dump-metrics", no_argument, NULL, DUMP_FACE },
	{ "dump-redfish", no_argument, NULL, DUMP_FACE },
	{ "dump-snmp", no_argument, NULL, DUMP_FACE },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int ended(int status, int *ret_status)
{
	*ret_status = status;
	return 1;
}

static int take_pid(const char *text, int *ret)
{
	char *end;
	long pid = strtol(text, &end, 10);

	if (end == text || *end || pid < 1 || pid > INT_MAX) {
		fprintf(stderr, "clusterbmcd: --end-with %s: not a process id\n", text);
		return BMC_EINVAL;
	}
	*ret = (int)pid;
	return BMC_OK;
}

/* -t, -p, and the start: load first, then do what was asked. */
static int with_config(struct bmc_daemon *d, int what, int *ret_status)
{
	struct bmc_error err;

	if (bmc_config_load(d->config_path, bmc_plugin_load, &d->config, &err) < 0) {
		fprintf(stderr, "clusterbmcd: %s\n", err.what);
		return ended(EXIT_FAILURE, ret_status);
	}
	if (!what)
		return 0;
	if (what == 't' && d->check(d->config->root, &err) < 0) {
		fprintf(stderr, "clusterbmcd: %s\n", err.what);
		d->config = bmc_config_unref(d->config);
		return ended(EXIT_FAILURE, ret_status);
	}
	if (what == 'p') {
		bmc_conf_print(d->config->root, stdout);
		printf("---\n");
		bmc_conf_print(bmc_conf_root(d->config->platform_file), stdout);
	} else {
		printf("%s is fine: platform %s, %zu boards\n", d->config_path,
		       d->config->platform->name,
		       d->config->platform->first[BMC_BOARD + 1] -
			       d->config->platform->first[BMC_BOARD]);
	}
	d->config = bmc_config_unref(d->config);
	return ended(EXIT_SUCCESS, ret_status);
}

int bmc_daemon_options(struct bmc_daemon *d, int argc, char **argv, int *ret_status)
{
	int c, which, what = 0;

	d->config_path = BMC_SYSCONFDIR "/clusterbmcd.yaml";
	while ((c = getopt_long(argc, argv, "c:r:e:tpVh", options, &which)) != -1) {
		switch (c) {
		case 'c':
			d->config_path = optarg;
			break;
		case 'r':
			d->ready_file = optarg;
			break;
		case 'e':
			if (take_pid(optarg, &d->end_with) < 0)
				return ended(2, ret_status);
			break;
		case 't':
		case 'p':
			what = c;
			break;
		case DUMP_CONF_DOC:
			bmc_config_doc(bmc_builtin_plugins, stdout);
			return ended(EXIT_SUCCESS, ret_status);
		case DUMP_FACE:
			return ended(
				d->dump_frontend(options[which].name + strlen("dump-")),
				ret_status);
		case 'V':
			printf("clusterbmcd %s\n", PACKAGE_VERSION);
			return ended(EXIT_SUCCESS, ret_status);
		case 'h':
			fputs(usage, stdout);
			return ended(EXIT_SUCCESS, ret_status);
		default:
			fputs(usage, stderr);
			return ended(2, ret_status);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "clusterbmcd: unexpected argument %s\n%s", argv[optind],
			usage);
		return ended(2, ret_status);
	}
	return with_config(d, what, ret_status);
}

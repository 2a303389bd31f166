// SPDX-License-Identifier: Apache-2.0
// clusterbmc-shell: shells of this machine for clusterbmcd, as the account it is
// started as.
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "../shell-proto.h"
#include "login.h"

static const char usage[] =
	"usage: clusterbmc-shell --account NAME [--peer USER] [--socket PATH]\n"
	"Shells of this machine for clusterbmcd, as the account that it runs as.\n"
	"\n"
	"  -a, --account NAME  the account: refused unless this process runs as it\n"
	"  -p, --peer USER     the daemon's user (" BMC_USER ")\n"
	"  -s, --socket PATH   where to listen (" HOST_SHELL_SOCKET ")\n"
	"  -V, --version\n"
	"  -h, --help\n";

struct options {
	const char *account, *peer, *socket;
};

enum { OPT_ERROR = -1, OPT_RUN, OPT_PRINTED };

static int print(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? OPT_ERROR : OPT_PRINTED;
}

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "account", required_argument, NULL, 'a' },
		{ "peer", required_argument, NULL, 'p' },
		{ "socket", required_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	*o = (struct options){ .peer = BMC_USER, .socket = HOST_SHELL_SOCKET };
	while ((c = getopt_long(argc, argv, "a:p:s:Vh", longs, NULL)) != -1) {
		if (c == 'a')
			o->account = optarg;
		else if (c == 'p')
			o->peer = optarg;
		else if (c == 's')
			o->socket = optarg;
		else if (c == 'V')
			return print("clusterbmc-shell " PACKAGE_VERSION "\n");
		else
			return c == 'h' ? print(usage) : OPT_ERROR;
	}
	return optind == argc && o->account && o->socket[0] == '/' ? OPT_RUN
								   : OPT_ERROR;
}

static int run(const struct options *o, struct bmc_error *err)
{
	const struct passwd *peer = getpwnam(o->peer);
	struct login_conf conf = { .socket = o->socket };
	struct login_account account;
	int r;

	if (!peer)
		return bmc_fail(err, BMC_ENOTFOUND, "%.32s: no such user", o->peer);
	conf.peer = peer->pw_uid;
	r = login_account_find(o->account, "/etc/shells", &account, err);
	if (r < 0)
		return r;
	conf.account = &account;
	r = login_serve(&conf, err);
	login_account_done(&account);
	return r;
}

int main(int argc, char **argv)
{
	struct bmc_error err = { 0 };
	struct options o;

	switch (parse(argc, argv, &o)) {
	case OPT_PRINTED:
		return 0;
	case OPT_ERROR:
		(void)fputs(usage, stderr);
		return 2;
	default:
		break;
	}
	if (run(&o, &err) == 0)
		return 0;
	login_log("%s", err.what);
	return 1;
}

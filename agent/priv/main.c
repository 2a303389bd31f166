// SPDX-License-Identifier: Apache-2.0
// clusterbmc-priv: the only part of clusterbmc that runs as root. It does a fixed list
// of things (ops.c) for the daemon's user, at a socket or at a descriptor it was
// started with.
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "priv/accounts.h"
#include "priv/client.h"
#include "priv/confine.h"
#include "priv/helper.h"

static const char usage[] =
	"usage: clusterbmc-priv [--config FILE] [--fd N]\n"
	"       clusterbmc-priv [--config FILE] --first-account NAME [--must-change] "
	"<PASSWORD\n"
	"The root helper of clusterbmcd.\n"
	"\n"
	"  -c, --config FILE         configuration (" BMC_SYSCONFDIR
	"/clusterbmcd.yaml)\n"
	"      --fd N                serve the daemon at this socket and end with it\n"
	"      --first-account NAME  make the first Administrator unless there are "
	"accounts\n"
	"                            already; the password is one line on standard "
	"input\n"
	"      --must-change         the first login has to change that password\n"
	"  -V, --version\n"
	"  -h, --help\n";

struct options {
	const char *config, *first_admin;
	int fd;
	bool must_change;
};

enum { OPT_ERROR = -1, OPT_RUN, OPT_PRINTED };

static int print(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? OPT_ERROR : OPT_PRINTED;
}

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "fd", required_argument, NULL, 'f' },
		{ "first-account", required_argument, NULL, 'a' },
		{ "must-change", no_argument, NULL, 'm' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	*o = (struct options){ .config = BMC_SYSCONFDIR "/clusterbmcd.yaml", .fd = -1 };
	while ((c = getopt_long(argc, argv, "c:Vh", longs, NULL)) != -1) {
		if (c == 'c')
			o->config = optarg;
		else if (c == 'f')
			o->fd = atoi(optarg);
		else if (c == 'a')
			o->first_admin = optarg;
		else if (c == 'm')
			o->must_change = true;
		else if (c == 'V')
			return print("clusterbmc-priv " PACKAGE_VERSION "\n");
		else
			return c == 'h' ? print(usage) : OPT_ERROR;
	}
	return optind == argc ? OPT_RUN : OPT_ERROR;
}

/* Passwords pass through this process: nothing of it goes into core files. */
static void harden(void)
{
	const struct rlimit none = { 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)clearenv();
	(void)setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	(void)setenv("LC_ALL", "C.UTF-8", 1);
}

static int first_admin(const struct priv_settings *settings, const struct options *o,
		       struct bmc_error *err)
{
	struct priv_account_args p;
	char line[BMC_SECRET_MAX + 1] = "";
	int r;

	if (!fgets(line, sizeof(line), stdin))
		return bmc_fail(err, BMC_EINVAL, "no password on standard input");
	line[strcspn(line, "\n")] = '\0';
	r = priv_account_args_init(&p, o->first_admin, line, err);
	(void)bmc_copy(p.role, sizeof(p.role), PRIV_ROLE_ADMINISTRATOR);
	p.flag = o->must_change;
	if (r == 0)
		r = priv_first_admin(settings, &p, err);
	if (r == BMC_EEXIST) /* made at an earlier start */
		r = puts("there are accounts already, they stay") < 0 ? BMC_EIO : 0;
	bmc_wipe(line, sizeof(line));
	bmc_wipe(&p, sizeof(p));
	return r;
}

static int run(const struct options *o, struct bmc_error *err)
{
	struct priv_settings settings;
	int r = priv_settings_load(o->config, &settings, err);

	if (r < 0)
		return r;
	priv_settings_key(&settings);
	r = priv_backend(&settings)->init(&settings, err);
	if (r == 0 && o->first_admin)
		r = first_admin(&settings, o, err);
	else if (r == 0)
		r = priv_serve(&settings, o->fd, err);
	priv_settings_done(&settings);
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
	bmc_log_init(LOG_INFO); /* before the environment is cleared */
	harden();
	if (priv_confine(&err) < 0 || run(&o, &err) < 0) {
		log_err("clusterbmc-priv: %s", err.what);
		return 1;
	}
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
// The machine's NTP client, systemd-timesyncd: its servers in a file of its own, which
// sorts after the administrator's, and whether it runs. What fails leaves both as they
// were. Needs `helper.system: allow`.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/util.h"
#include "priv/helper.h"
#include "priv/run.h"

#define FOLDER "/etc/systemd/timesyncd.conf.d"
#define PATH   FOLDER "/zz-clusterbmc.conf"
#define FRESH  PATH ".new" /* no .conf: timesyncd reads neither of them */
#define OLD    PATH ".old"
#define UNIT   "systemd-timesyncd.service"

static int check(const struct priv_ntp *p, struct bmc_error *err)
{
	if (p->enabled < -1 || p->enabled > 1 || p->set_servers > 1)
		return bmc_fail(err, BMC_EINVAL, "NTP is on (1) or off (0)");
	if (p->set_servers && (!priv_text_ends(p->servers, sizeof(p->servers)) ||
			       !bmc_ntp_list_ok(p->servers)))
		return bmc_fail(err, BMC_EINVAL,
				"no list of names and addresses of servers");
	if (!bmc_ntp_here() || access("/usr/bin/timedatectl", X_OK) < 0)
		return bmc_fail(err, BMC_ENOTSUP, "systemd-timesyncd is not here");
	return 0;
}

/* An empty NTP= takes back what the files before it say. */
static int write_servers(const char *servers)
{
	char text[BMC_NTP_LIST_MAX + 128];

	(void)snprintf(text, sizeof(text),
		       "# Written by clusterbmc-priv.\n[Time]\nNTP=\n%s%s%s",
		       servers[0] ? "NTP=" : "", servers, servers[0] ? "\n" : "");
	/* whatever the umask is */
	if (mkdir(FOLDER, 0755) == 0 && chmod(FOLDER, 0755) < 0)
		return -1;
	(void)unlink(OLD);
	if (link(PATH, OLD) < 0 && errno != ENOENT)
		return -1;
	return priv_write_text(FRESH, text) < 0 ? -1 : rename(FRESH, PATH);
}

/* One that does not run stays so. */
static int restart(struct bmc_error *err)
{
	static const char *const forget[] = { "/usr/bin/systemctl", "reset-failed",
					      UNIT, NULL };
	static const char *const argv[] = { "/usr/bin/systemctl", "try-restart", UNIT,
					    NULL };

	/* else systemd refuses the sixth start within 10 s; fails where it is not
	 * loaded */
	(void)priv_run(forget, NULL);
	return priv_run(argv, err);
}

static void take_back(void)
{
	if (rename(OLD, PATH) < 0)
		(void)unlink(PATH);
	(void)restart(NULL);
}

static int set_servers(const char *servers, struct bmc_error *err)
{
	if (write_servers(servers) < 0) {
		int e = errno;
		(void)unlink(FRESH);
		(void)unlink(OLD);
		return bmc_fail(err, bmc_from_errno(e), "%s: %s", PATH, strerror(e));
	}
	int r = restart(err);
	if (r < 0)
		take_back();
	return r;
}

static int switch_to(int on, struct bmc_error *err)
{
	const char *const argv[] = { "/usr/bin/timedatectl", "set-ntp",
				     on ? "true" : "false", NULL };

	return priv_run(argv, err);
}

int asroot_ntp(struct priv_helper *h, const struct priv_request *rq,
	       struct priv_reply *rp)
{
	const struct priv_ntp *p = &rq->u.ntp;
	int r = priv_system_allowed(h, &rp->err);

	if (r == 0)
		r = check(p, &rp->err);
	if (r == 0 && p->set_servers)
		r = set_servers(p->servers, &rp->err);
	if (r < 0)
		return r;
	if (p->enabled >= 0)
		r = switch_to(p->enabled, &rp->err);
	if (r < 0 && p->set_servers)
		take_back();
	else if (p->set_servers)
		(void)unlink(OLD);
	return r;
}

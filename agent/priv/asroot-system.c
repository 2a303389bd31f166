// SPDX-License-Identifier: Apache-2.0
// Operations on the machine itself: host name, clock, reboot. All of them need
// `helper.system: allow` in the root-owned configuration.
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/util.h"
#include "priv/helper.h"
#include "priv/run.h"

#define CLOCK_MIN_MS INT64_C(1577836800000) /* 2020-01-01 */
#define CLOCK_MAX_MS INT64_C(4102444800000) /* 2100-01-01 */

int priv_system_allowed(const struct priv_helper *h, struct bmc_error *err)
{
	if (h->settings->system_allowed)
		return 0;
	return bmc_fail(err, BMC_EPERM,
			"not allowed here: see `helper.system` in the configuration");
}

/* RFC 1123, one label or several. */
static bool hostname_ok(const char *name, size_t size)
{
	size_t len, label = 0;

	if (!priv_text_ends(name, size))
		return false;
	len = strlen(name);
	for (size_t i = 0; i < len; i++) {
		bool edge = label == 0 || i + 1 == len || name[i + 1] == '.';
		if (name[i] == '.' ? label == 0
				   : !isalnum((unsigned char)name[i]) &&
					     (edge || name[i] != '-'))
			return false;
		label = name[i] == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0;
}

static int write_hostname(const char *name)
{
	static const char path[] = "/etc/hostname",
			  temp[] = "/etc/.hostname.clusterbmc";
	int fd =
		open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0)
		return -1;
	int r = dprintf(fd, "%s\n", name) > 0 && fchmod(fd, 0644) == 0 ? fsync(fd) : -1;
	(void)close(fd);
	return r < 0 ? r : rename(temp, path);
}

int asroot_hostname(struct priv_helper *h, const struct priv_request *rq,
		    struct priv_reply *rp)
{
	const char *name = rq->u.system.hostname;
	int r = priv_system_allowed(h, &rp->err);

	if (r < 0)
		return r;
	if (!hostname_ok(name, sizeof(rq->u.system.hostname)))
		return bmc_fail(
			&rp->err, BMC_EINVAL,
			"a host name has letters, digits, dots and inner hyphens");
	if (write_hostname(name) < 0 || sethostname(name, strlen(name)) < 0)
		return bmc_fail(&rp->err, bmc_from_errno(errno), "host name: %s",
				strerror(errno));
	return 0;
}

int asroot_clock(struct priv_helper *h, const struct priv_request *rq,
		 struct priv_reply *rp)
{
	int64_t ms = rq->u.system.number;
	int r = priv_system_allowed(h, &rp->err);

	if (r < 0)
		return r;
	if (ms < CLOCK_MIN_MS || ms >= CLOCK_MAX_MS)
		return bmc_fail(&rp->err, BMC_ERANGE,
				"the clock can be set to 2020 .. 2099");
	const struct timespec ts = { .tv_sec = ms / 1000,
				     .tv_nsec = ms % 1000 * 1000000 };
	if (clock_settime(CLOCK_REALTIME, &ts) < 0)
		return bmc_fail(&rp->err, bmc_from_errno(errno), "clock: %s",
				strerror(errno));
	return 0;
}

int asroot_reboot(struct priv_helper *h, const struct priv_request *rq,
		  struct priv_reply *rp)
{
	static const char *const argv[] = { "/usr/bin/systemctl", "--no-block",
					    "reboot", NULL };
	int r = priv_system_allowed(h, &rp->err);

	(void)rq;
	return r < 0 ? r : priv_run(argv, &rp->err);
}

// SPDX-License-Identifier: Apache-2.0
/* The plugin `watchdog`: the machine's own watchdog, see the kernel's
 * Documentation/watchdog/watchdog-api.rst. Opening the device starts it; it is fed at
 * each poll while the daemon works, which is the same truth that the service manager's
 * watchdog gets. Closing it without the letter V leaves it running. */
#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <syslog.h>
#include <unistd.h>

#include "bmc/plugin.h"

struct watchdog {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	const char *device;
	int timeout, pretimeout; /* s; 0: as the driver has it */
	bool stop;               /* it at an orderly end */
	int fd;                  /* -1: not open */
	bool starved;            /* not fed, since the daemon does not work */
};

/* clang-format off */
static const struct bmc_conf_item settings[] = {
	{ .key = "device", .type = BMC_CONF_TEXT, .min = 1, .max = 127, .def = "/dev/watchdog",
	  .reload = BMC_RELOAD_INSTANCE, .doc = "The watchdog's device." },
	{ .key = "timeout", .type = BMC_CONF_INT, .min = 5, .max = 3600, .def = "60s", .unit = "s",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "The machine restarts when the watchdog has not been fed for so long. At least three polls." },
	{ .key = "pretimeout", .type = BMC_CONF_INT, .min = 0, .max = 3600, .def = "0", .unit = "s",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "So long before that the kernel is told, as far as the driver can; 0: it is not." },
	{ .key = "stop", .type = BMC_CONF_BOOL, .def = "false", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Whether an orderly end of the daemon stops the watchdog. If not, the machine restarts unless the daemon is started again in time." },
	{ .key = NULL },
};
/* clang-format on */

/* ---- the device ---- */

static void set_pretimeout(const struct watchdog *w, uint32_t options)
{
	int seconds = w->pretimeout;

	if (!(options & WDIOF_PRETIMEOUT) ||
	    ioctl(w->fd, WDIOC_SETPRETIMEOUT, &seconds) < 0)
		w->ops->log(w->host, LOG_WARNING,
			    "%s: its driver has no pretimeout of %d s", w->device,
			    w->pretimeout);
}

/* The driver may round; what it took is said. */
static int set_timeout(const struct watchdog *w, uint32_t options,
		       struct bmc_error *err)
{
	int seconds = w->timeout;

	if (options & WDIOF_SETTIMEOUT && ioctl(w->fd, WDIOC_SETTIMEOUT, &seconds) < 0)
		return bmc_fail(err, bmc_from_errno(errno), "%s: timeout %d s: %s",
				w->device, w->timeout, strerror(errno));
	if (ioctl(w->fd, WDIOC_GETTIMEOUT, &seconds) < 0)
		seconds = w->timeout;
	if (seconds != w->timeout)
		w->ops->log(w->host, LOG_WARNING, "%s: its timeout is %d s, not %d s",
			    w->device, seconds, w->timeout);
	return BMC_OK;
}

static void tell_cause(const struct watchdog *w)
{
	int status = 0;

	if (ioctl(w->fd, WDIOC_GETBOOTSTATUS, &status) == 0 && status > 0 &&
	    status & WDIOF_CARDRESET)
		w->ops->log(w->host, LOG_WARNING,
			    "%s: this machine was restarted by its watchdog",
			    w->device);
}

static int start(struct watchdog *w, struct bmc_error *err)
{
	struct watchdog_info info = { .options = 0 };

	w->fd = open(w->device, O_WRONLY | O_CLOEXEC);
	if (w->fd < 0)
		return bmc_fail(err, bmc_from_errno(errno), "%s: %s%s", w->device,
				strerror(errno),
				errno == EBUSY
					? ": another program feeds it, such as systemd "
					  "(RuntimeWatchdogSec)"
					: "");
	if (ioctl(w->fd, WDIOC_GETSUPPORT, &info) < 0)
		info.options = WDIOF_SETTIMEOUT; /* tried, refused with a word */
	tell_cause(w);
	if (w->pretimeout)
		set_pretimeout(w, info.options);
	return set_timeout(w, info.options, err);
}

/* Closed as it is: it goes on, and restarts the machine. */
static void abandon(struct watchdog *w)
{
	if (w->fd >= 0)
		(void)close(w->fd);
	w->fd = -1;
}

/* ---- its life ---- */

static void tell_starved(struct watchdog *w, bool starved)
{
	if (starved && !w->starved)
		w->ops->log(w->host, LOG_CRIT,
			    "%s: not fed, a thread of the daemon does not run",
			    w->device);
	w->starved = starved;
}

static int poll_watchdog(void *self, struct bmc_error *err)
{
	struct watchdog *w = self;
	int code = BMC_OK;

	if (w->fd < 0)
		code = start(w, err);
	if (w->fd < 0)
		return code;
	tell_starved(w, !w->ops->daemon_alive(w->host));
	if (w->starved)
		return bmc_fail(err, BMC_EBUSY, "the daemon does not work");
	if (ioctl(w->fd, WDIOC_KEEPALIVE, 0) < 0) {
		code = bmc_fail(err, bmc_from_errno(errno), "%s: %s", w->device,
				strerror(errno));
		abandon(w);
	}
	return code;
}

static void destroy(void *self)
{
	struct watchdog *w = self;

	if (w->stop && w->fd >= 0 && write(w->fd, "V", 1) != 1)
		w->ops->log(w->host, LOG_WARNING, "%s: it does not stop: %s", w->device,
			    strerror(errno));
	abandon(w);
	free(w);
}

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	struct watchdog *w;

	if (ops->size <
	    offsetof(struct bmc_host_ops, daemon_alive) + sizeof(ops->daemon_alive))
		return bmc_fail(err, BMC_ENOTSUP,
				"the daemon is older than this plugin");
	w = calloc(1, sizeof(*w));
	if (!w)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the plugin watchdog");
	w->host = host;
	w->ops = ops;
	w->device = bmc_conf_text(conf, "device", NULL);
	w->timeout = (int)bmc_conf_num(conf, "timeout", 0);
	w->pretimeout = (int)bmc_conf_num(conf, "pretimeout", 0);
	w->stop = bmc_conf_num(conf, "stop", 0) == 1;
	w->fd = -1;
	if (w->pretimeout >= w->timeout) {
		free(w);
		return bmc_conf_fail(bmc_conf_find(conf, "pretimeout"), err, BMC_EINVAL,
				     "pretimeout: less than the timeout");
	}
	*ret_self = w;
	return BMC_OK;
}

BMC_PLUGIN(watchdog) = {
	BMC_PLUGIN_HEAD("watchdog", "1.0"),
	.conf = settings,
	.create = create,
	.poll = poll_watchdog,
	.destroy = destroy,
};

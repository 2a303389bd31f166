// SPDX-License-Identifier: Apache-2.0
/* The plugin `host`: this machine as the board `main`. Glue to the core; host.h says
 * which file reads what. */
#include <stdlib.h>
#include <syslog.h>

#include "host.h"
#include "shell-proto.h"

#define IDENTITY_EVERY 10 /* polls; often enough not to grow stale */

static const struct bmc_conf_item settings[] = {
	{ .key = "root",
	  .type = BMC_CONF_TEXT,
	  .min = 0,
	  .max = 1000,
	  .def = "",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Folder that holds proc, sys and etc: for tests. Empty: this "
		 "machine." },
	{ .key = "smart",
	  .type = BMC_CONF_INT,
	  .min = 1000,
	  .max = 86400000,
	  .def = "10m",
	  .unit = "ms",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Time between two SMART readings of the disks." },
	{ .key = "sensors",
	  .type = BMC_CONF_BOOL,
	  .def = "true",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Whether each thermometer of the machine is a row; false where the "
		 "platform file names them for the plugin hwmon." },
	{ .key = "shell",
	  .type = BMC_CONF_TEXT,
	  .min = 1,
	  .max = 107,
	  .def = HOST_SHELL_SOCKET,
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Where clusterbmc-shell listens, for a main that has `verbs: {shell: "
		 "host}` in the platform file." },
	{ .key = NULL },
};

static const struct bmc_conf_item row_keys[] = {
	{ .key = "port",
	  .type = BMC_CONF_TEXT,
	  .min = 1,
	  .max = 63,
	  .doc = "Of a disk: the bay's place, as a part of the disk's path below "
		 "/sys/devices (ata1, 1-1.2, mmc0). The disk there is this row." },
	{ .key = NULL },
};

static int find_main(void *arg, const char *id, const uint32_t index[2],
		     const struct bmc_conf *conf)
{
	struct host *h = arg;

	(void)index;
	if (!bmc_conf_num(conf, "is_main", 0))
		return 0;
	(void)snprintf(h->board, sizeof(h->board), "%s", id);
	h->board_conf = conf;
	return 1;
}

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	struct host *h;

	if (ops->size < sizeof(*ops))
		return bmc_fail(err, BMC_ENOTSUP,
				"the daemon is older than this plugin");
	h = calloc(1, sizeof(*h));
	if (!h)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the plugin host");
	h->host = host;
	h->ops = ops;
	h->root = bmc_conf_text(conf, "root", "");
	h->shell = bmc_conf_text(conf, "shell", "");
	h->smart_ms = bmc_conf_num(conf, "smart", 0);
	h->sensors = bmc_conf_num(conf, "sensors", 0) != 0;
	h->soc = h->gpu = BMC_UNKNOWN;
	(void)pthread_mutex_init(&h->lock, NULL);
	host_find_bays(h);
	if (!ops->platform(host, BMC_BOARD, find_main, h))
		ops->log(host, LOG_WARNING,
			 "the platform file has no board with is_main: only disks, "
			 "interfaces and temperatures are shown");
	*ret_self = h;
	return BMC_OK;
}

static int poll_machine(void *self, struct bmc_error *err)
{
	struct host *h = self;

	(void)err;
	host_read_temperatures(h);
	host_read_nics(h);
	host_read_disks(h);
	if (h->polls++ % IDENTITY_EVERY == 0)
		host_read_identity(h);
	host_read_board(h);
	return BMC_OK;
}

/* The slow reading: disks may have to be woken up, so not at each probe. */
static int probe(void *self, struct bmc_call *call, const char *board,
		 struct bmc_error *err)
{
	struct host *h = self;
	int64_t now = h->ops->now();

	(void)call;
	(void)err;
	if (strcmp(board, h->board) != 0)
		return BMC_ENOTSUP;
	if (!h->smart_at || now >= h->smart_at + h->smart_ms || host_smart_old(h)) {
		h->smart_at = now;
		host_read_smart(h);
	}
	host_put_smart(h);
	return BMC_OK;
}

static void destroy(void *self)
{
	struct host *h = self;

	(void)pthread_mutex_destroy(&h->lock);
	free(h);
}

BMC_PLUGIN(host) = {
	BMC_PLUGIN_HEAD("host", "1.0"), .conf = settings,        .create = create,
	.poll = poll_machine,           .probe = probe,          .destroy = destroy,
	.board_conf = row_keys,         .streams = host_streams,
};

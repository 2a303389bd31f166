// SPDX-License-Identifier: Apache-2.0
/* The plugin `netrecovery`: boards that fetch their image over the network, in an
 * auxiliary system. Glue to the core; see netrecovery.h. */
#include <stdlib.h>
#include <string.h>

#include "netrecovery.h"

/* clang-format off */
static const struct bmc_conf_item settings[] = {
	{ .key = "image", .type = BMC_CONF_TEXT, .min = 1, .max = 200, .def = "!", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "File with the auxiliary system, as the board's partition takes it." },
	{ .key = "partition", .type = BMC_CONF_TEXT, .min = 1, .max = 36, .def = "recovery", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Partition of the board from which its boot loader starts it." },
	{ .key = "misc", .type = BMC_CONF_TEXT, .min = 1, .max = 36, .def = "misc", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Partition with the message that has the boot loader do so." },
	{ .key = "misc_offset", .type = BMC_CONF_INT, .min = 0, .max = 65536, .def = "0", .unit = "bytes", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Where in it, a multiple of 512; boot loaders before Android 10 read at 16KiB." },
	{ .key = "boot_timeout", .type = BMC_CONF_INT, .min = 1000, .max = 3600000, .def = "180s", .unit = "ms", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Time from the board's restart until the auxiliary system asks what to do, with an address by DHCP." },
	{ .key = "silence", .type = BMC_CONF_INT, .min = 1000, .max = 3600000, .def = "120s", .unit = "ms", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "A board that neither fetches nor says anything for so long has failed, as has one that says the same for ten times as long." },
	{ .key = "logs", .type = BMC_CONF_TEXT, .min = 1, .max = 200, .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Folder for boards' logs and history. Without it they are not kept." },
	{ .key = NULL },
};
/* clang-format on */

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	struct nr *n = calloc(1, sizeof(*n));

	if (!n)
		return bmc_fail(err, BMC_ENOMEM, "no memory for netrecovery");
	*n = (struct nr){
		.host = host,
		.ops = ops,
		.image = bmc_conf_text(conf, "image", ""),
		.partition = bmc_conf_text(conf, "partition", ""),
		.misc = bmc_conf_text(conf, "misc", ""),
		.logs = bmc_conf_text(conf, "logs", ""),
		.misc_offset = bmc_conf_num(conf, "misc_offset", 0),
		.boot_ms = bmc_conf_num(conf, "boot_timeout", 0),
		.silence_ms = bmc_conf_num(conf, "silence", 0),
	};
	if (n->misc_offset % BMC_SECTOR != 0) {
		int code = bmc_fail(err, BMC_EINVAL,
				    "misc_offset: %lld is no multiple of 512",
				    (long long)n->misc_offset);
		free(n);
		return code;
	}
	*ret_self = n;
	return BMC_OK;
}

BMC_PLUGIN(netrecovery) = {
	BMC_PLUGIN_HEAD("netrecovery", "1.0"), .conf = settings, .create = create,
	.flasher = &netrecovery_flasher,       .destroy = free,
};

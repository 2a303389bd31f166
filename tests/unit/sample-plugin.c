// SPDX-License-Identifier: Apache-2.0
/* The smallest plugin, built as modules that test-plugin-host loads: as it should be,
 * for another ABI, and under another's name. */
#include "bmc/plugin.h"

#ifdef SAMPLE_OLD
#define SAMPLE_ABI 0
#else
#define SAMPLE_ABI BMC_ABI
#endif

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	(void)host;
	(void)ops;
	(void)conf;
	(void)err;
	*ret_self = NULL;
	return BMC_OK;
}

BMC_PLUGIN(sample) = {
	.abi = SAMPLE_ABI,
	.size = sizeof(struct bmc_plugin),
	.name = "sample",
	.version = "1.0",
	.create = create,
};

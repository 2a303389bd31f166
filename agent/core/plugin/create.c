// SPDX-License-Identifier: Apache-2.0
/* create() of an instance, on a thread of its own: one that hangs costs the start of
 * the daemon CREATE_MS, not for ever. Used by instance.c. */
#include "core/base/util.h"
#include "core/plugin/host.h"

#define CREATE_MS 2000 /* create() must not wait for hardware */

static void *create_main(void *arg)
{
	struct bmc_host *host = arg;
	struct bmc_error err = { 0 };
	void *self = NULL;
	int code = host->plugin->create(host, &bmc_host_ops, host->conf.settings, &self,
					&err);

	(void)pthread_mutex_lock(&bmc_host_lock);
	host->self = self;
	host->create_code = code;
	host->create_err = err;
	host->created = true; /* the last touch */
	(void)pthread_cond_broadcast(&host->poll_cond);
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return NULL;
}

int bmc_host_create(struct bmc_host *host, struct bmc_error *err)
{
	int64_t until = bmc_now() + CREATE_MS;
	bool created;

	if (bmc_thread_start(create_main, host) < 0)
		return bmc_fail(err, BMC_EAGAIN, "no thread");
	(void)pthread_mutex_lock(&bmc_host_lock);
	while (!host->created && bmc_cond_wait(&host->poll_cond, &bmc_host_lock, until))
		;
	created = host->created;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (!created)
		return bmc_fail(err, BMC_ETIMEDOUT,
				"create of plugin %s did not come back within %d s",
				host->plugin->name, CREATE_MS / 1000);
	if (host->create_code < 0 && err)
		*err = host->create_err;
	return host->create_code;
}

// SPDX-License-Identifier: Apache-2.0
/* Flashers of plugins, as the core runs them: each of their calls is a long verb that
 * resumes, in the execution slot of its board. The recipe of an update runs them. */
#include "core/plugin/host.h"

#include <stddef.h>
#include <string.h>

#include "core/base/util.h"
#include "core/ports/images.h"

static const char *const names[BMC_N_FLASH_CALLS] = {
	[BMC_FLASH_ACCEPTS] = "flash_accepts",   [BMC_FLASH_DETACH] = "flash_detach",
	[BMC_FLASH_WRITE] = "flash_write",       [BMC_FLASH_VERIFY] = "flash_verify",
	[BMC_FLASH_ATTACH] = "flash_attach",     [BMC_FLASH_CONFIRM] = "flash_confirm",
	[BMC_FLASH_ROLLBACK] = "flash_rollback",
};

static bmc_flash_fn *function_of(const struct bmc_flasher *f, enum bmc_flash_call what)
{
	bmc_flash_fn *const all[BMC_N_FLASH_CALLS] = {
		[BMC_FLASH_ACCEPTS] = f->accepts,   [BMC_FLASH_DETACH] = f->detach,
		[BMC_FLASH_WRITE] = f->write,       [BMC_FLASH_VERIFY] = f->verify,
		[BMC_FLASH_ATTACH] = f->attach,     [BMC_FLASH_CONFIRM] = f->confirm,
		[BMC_FLASH_ROLLBACK] = f->rollback,
	};

	return all[what];
}

static int flash_run(void *self, struct bmc_call *call, const struct bmc_args *args,
		     struct bmc_error *err)
{
	const struct bmc_host *host = call->host;
	bmc_flash_fn *fn = function_of(host->plugin->flasher,
				       (enum bmc_flash_call)(call->verb - host->flash));

	(void)args;
	if (!fn)
		return BMC_OK;
	if (!call->flash)
		return bmc_fail(err, BMC_EINVAL, "no image for %s", call->verb->name);
	return fn(self, call, call->flash, err);
}

void bmc_flash_init(struct bmc_host *host)
{
	const struct bmc_flasher *f = host->plugin->flasher;

	if (!f || f->size < sizeof(*f) || !f->write)
		return;
	for (size_t i = 0; i < BMC_N_FLASH_CALLS; i++)
		host->flash[i] =
			(struct bmc_verb){ .name = names[i],
					   .flags = BMC_VERB_LONG | BMC_VERB_RESUMES |
						    BMC_VERB_REPEATABLE,
					   .deadline = MAX(f->beat, (int64_t)1),
					   .run = flash_run,
					   .grace = f->grace };
}

struct bmc_host *bmc_flash_host(const struct bmc_slot *slot, const char *name,
				const char *verb, const struct bmc_verb **ret)
{
	const char *list = bmc_platform_verb(bmc_instances_platform(),
					     bmc_slot_anchor(slot), "flash");
	bool any = strcmp(verb, "flash") == 0;
	char bound[BMC_ID_MAX];

	for (unsigned n = 0; list && bmc_list_nth(list, n, bound, sizeof(bound)); n++) {
		struct bmc_host *h = bmc_host_find(bound);

		if (!h || !h->flash[0].run || (name && strcmp(name, bound) != 0))
			continue;
		for (size_t i = 0; i < BMC_N_FLASH_CALLS; i++) {
			*ret = &h->flash[i];
			if (any || strcmp(names[i], verb) == 0)
				return h;
		}
	}
	return NULL;
}

bool bmc_flasher_nth(const char *board, unsigned n, char *ret, size_t size)
{
	const struct bmc_platform *p = bmc_instances_platform();
	const struct bmc_slot *slot = bmc_platform_slot(p, BMC_BOARD, board);
	const char *list = slot ? bmc_platform_verb(p, slot, "flash") : NULL;
	const struct bmc_host *h;
	bool found = false;

	(void)pthread_mutex_lock(&bmc_host_lock);
	for (unsigned i = 0; list && !found && bmc_list_nth(list, i, ret, size); i++) {
		h = bmc_host_find(ret);
		found = h && h->flash[0].run && n-- == 0;
	}
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return found;
}

bool bmc_flasher_has(const char *instance, enum bmc_flash_call what)
{
	const struct bmc_host *h;
	bool has;

	(void)pthread_mutex_lock(&bmc_host_lock);
	h = bmc_host_find(instance);
	has = h && h->flash[0].run && function_of(h->plugin->flasher, what);
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return has;
}

/* ---- what a flasher asks for ---- */

static int beat(struct bmc_call *call)
{
	if (!call->flash || !bmc_images)
		return BMC_EINVAL;
	(void)pthread_mutex_lock(&bmc_host_lock);
	bmc_call_beat(call);
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return BMC_OK;
}

int bmc_flash_op_offer(struct bmc_call *call, char *ret_url, size_t size,
		       struct bmc_error *err)
{
	if (beat(call) < 0)
		return bmc_fail(err, BMC_EINVAL, "images are offered by flashers only");
	return bmc_images->offer(call->flash, ret_url, size, err);
}

int64_t bmc_flash_op_offered(struct bmc_call *call)
{
	return beat(call) < 0 ? BMC_EINVAL : bmc_images->offered(call->flash);
}

int bmc_flash_op_offer_put(struct bmc_call *call, const char *name, const void *bytes,
			   size_t len, struct bmc_error *err)
{
	if (beat(call) < 0)
		return bmc_fail(err, BMC_EINVAL, "images are offered by flashers only");
	return bmc_images->offer_put(call->flash, name, bytes, len, err);
}

ssize_t bmc_flash_op_offer_get(struct bmc_call *call, const char *name, void *buf,
			       size_t size, int64_t *ret_at)
{
	if (beat(call) < 0)
		return BMC_EINVAL;
	return bmc_images->offer_get(call->flash, name, buf, size, ret_at);
}

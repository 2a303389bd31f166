// SPDX-License-Identifier: Apache-2.0
/* Verbs as the steps of recipes and the settings ask for them: which instance does it,
 * with which arguments. The call itself is call.c's. */
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "core/plugin/host.h"
#include "core/ports/images.h"

#define TEXT_MAX 2047
#define ALSO_MAX 64

/* ---- arguments ---- */

/* `args` hold their own copies from here on. */
static int args_take(struct bmc_args *args, const struct bmc_args *from)
{
	*args = (struct bmc_args){ .num = from->num };
	if (from->text) {
		args->text = strdup(from->text);
		if (!args->text)
			return BMC_ENOMEM;
	}
	if (from->image && from->image->ref)
		from->image->ref(from->image);
	args->image = from->image;
	return BMC_OK;
}

void bmc_args_drop(struct bmc_args *args)
{
	char *text = (char *)(uintptr_t)args->text;

	if (text)
		bmc_wipe(text, strlen(text));
	free(text);
	if (args->image && args->image->unref)
		args->image->unref(args->image);
	*args = (struct bmc_args){ 0 };
}

/* ---- starting ---- */

static int verb_refuse(struct bmc_host *host, const struct bmc_exec_slot *exec_slot,
		       struct bmc_error *err)
{
	if (host->stopping)
		return bmc_fail(err, BMC_EAGAIN,
				"instance %s is being made anew: try again",
				host->conf.name);
	if (host->hung && exec_slot == bmc_host_exec_slot(host, exec_slot->slot, NULL))
		return bmc_fail(err, BMC_EQUARANTINED,
				"instance %s hangs: restart the service if it stays so",
				host->conf.name);
	return exec_slot->quarantined ? bmc_exec_slot_quarantined(exec_slot, err)
				      : BMC_OK;
}

static int args_check(const struct bmc_verb *verb, const struct bmc_args *args,
		      struct bmc_error *err)
{
	if ((args->text && !(verb->flags & BMC_VERB_TAKES_TEXT)) ||
	    (args->image && !(verb->flags & BMC_VERB_TAKES_IMAGE)))
		return bmc_fail(err, BMC_EINVAL, "%s takes no such argument",
				verb->name);
	if (args->text && strnlen(args->text, TEXT_MAX + 1) > TEXT_MAX)
		return bmc_fail(err, BMC_ERANGE, "the argument of %s is too long",
				verb->name);
	return BMC_OK;
}

/* The row's slot in the instance that does the verb. Locked. */
static struct bmc_host *find(const struct bmc_verb_request *request,
			     const struct bmc_verb **ret_verb,
			     const struct bmc_slot **ret)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *row;
	struct bmc_host *host;

	*ret = bmc_platform_slot(bmc_instances_platform(), request->kind, request->id);
	if (*ret && request->flasher)
		return bmc_flash_host(*ret, request->flasher, request->verb, ret_verb);
	if (*ret)
		return bmc_host_bound(*ret, request->verb, ret_verb);
	row = bmc_snapshot_find(s, request->kind, request->id);
	*ret = row ? bmc_row_anchor(s, row) : NULL;
	host = *ret ? bmc_host_bound(*ret, request->verb, ret_verb) : NULL;
	if (host)
		*ret = bmc_host_row_slot(host, row, *ret);
	return host;
}

static int verb_find(const struct bmc_verb_request *request, struct bmc_host **ret,
		     const struct bmc_verb **verb, const struct bmc_slot **slot,
		     struct bmc_error *err)
{
	const struct bmc_exec_slot *exec_slot;
	int code = BMC_OK;

	(void)pthread_mutex_lock(&bmc_host_lock);
	*ret = find(request, verb, slot);
	exec_slot = *ret && *slot ? bmc_host_exec_slot(*ret, *slot, *verb) : NULL;
	if (exec_slot)
		code = verb_refuse(*ret, exec_slot, err);
	else if (*ret)
		code = bmc_fail(err, BMC_ENOMEM, "out of memory");
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (!*ret)
		return bmc_fail(err, BMC_ENOTSUP, "no plugin does %s for %s",
				request->verb, request->id);
	return code;
}

static int verb_call(const struct bmc_verb_request *request, struct bmc_call **ret,
		     struct bmc_error *err)
{
	const struct bmc_slot *slot;
	const struct bmc_verb *verb;
	struct bmc_host *host;
	int code = verb_find(request, &host, &verb, &slot, err);

	if (code == BMC_OK)
		code = args_check(verb, &request->args, err);
	if (code < 0)
		return code;
	*ret = bmc_call_new(host, slot, verb, bmc_now() + verb->deadline);
	if (*ret && args_take(&(*ret)->args, &request->args) == BMC_OK)
		return BMC_OK;
	if (*ret)
		bmc_call_drop(*ret);
	return bmc_fail(err, BMC_ENOMEM, "out of memory");
}

int bmc_verb_run(const struct bmc_verb_request *request, uint64_t *ret_run,
		 struct bmc_error *err)
{
	struct bmc_call *call;
	uint64_t number;
	int code = verb_call(request, &call, err);

	if (code < 0) {
		if (request->flash && bmc_images)
			bmc_images->close(request->flash);
		return code;
	}
	call->flash = request->flash;
	call->step = request->step;
	call->has_before = request->before != NULL;
	if (request->before)
		call->before = *request->before;
	call->progress = request->progress;
	call->checkpoint = request->checkpoint;
	call->done = request->done;
	call->ctx = request->ctx;
	number = call->number;
	code = bmc_call_start(call, NULL);
	if (code < 0)
		return bmc_fail(err, code, "no thread for %s of %s: try again",
				request->verb, request->id);
	*ret_run = number;
	return BMC_OK;
}

size_t bmc_verb_also(enum bmc_kind kind, const char *id, const char *verb,
		     uint32_t *ret, size_t max)
{
	const struct bmc_slot *slot =
		bmc_platform_slot(bmc_instances_platform(), kind, id);
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_verb *found = NULL;
	const char *boards[ALSO_MAX];
	struct bmc_host *host;
	size_t n = 0, reported;

	(void)pthread_mutex_lock(&bmc_host_lock);
	host = slot ? bmc_host_bound(slot, verb, &found) : NULL;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (!host || !found->also || host->stopping)
		return 0;
	reported = found->also(host->self, id, boards, MIN(max, (size_t)ALSO_MAX));
	for (size_t i = 0; i < MIN(reported, (size_t)ALSO_MAX) && n < max; i++) {
		const struct bmc_row *row = bmc_snapshot_find(s, BMC_BOARD, boards[i]);

		if (row)
			ret[n++] = row->handle;
	}
	return n;
}

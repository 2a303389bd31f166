// SPDX-License-Identifier: Apache-2.0
/* The test host's part for long calls: beats, reports, checkpoints, verbs of other
 * plugins, and calls of a flasher. */
#include "plugin-fixture-own.h"
#include "update/offer.h"

#define BEAT_MS 60000

static void beat(struct bmc_call *call)
{
	call->fixture->told.beats++;
	if (call->beat)
		call->deadline = plugin_fixture_ops.now() + call->beat;
}

static void report(struct bmc_call *call, const struct bmc_progress *p)
{
	struct fixture_told *told = &call->fixture->told;
	char word[64];
	size_t used = strlen(told->stages);

	beat(call);
	told->report = *p;
	told->report.stage = NULL;
	told->reports++;
	if (!p->stage)
		return;
	(void)snprintf(word, sizeof(word), "%s ", p->stage);
	if (!strstr(told->stages, word))
		(void)snprintf(told->stages + used, sizeof(told->stages) - used, "%s",
			       word);
}

static int checkpoint(struct bmc_call *call, const struct bmc_checkpoint *kept)
{
	beat(call);
	if (kept->len > BMC_CHECKPOINT_DATA)
		return BMC_EINVAL;
	call->fixture->told.kept = *kept;
	call->fixture->told.checkpoints++;
	return BMC_OK;
}

static bool resumed(const struct bmc_call *call, struct bmc_checkpoint *ret)
{
	if (call->fixture->has_before)
		*ret = call->fixture->before;
	return call->fixture->has_before;
}

static int verb(struct bmc_call *call, const char *name, const struct bmc_args *args,
		struct bmc_error *err)
{
	const struct fixture *r = call->fixture;
	int code = r->on_verb ? r->on_verb(r->on_verb_arg, call->id, name, args)
			      : BMC_ENOTSUP;

	return code < 0 ? bmc_fail(err, code, "%s: %s", call->id, name) : code;
}

static int offer(struct bmc_call *call, char *ret_url, size_t size,
		 struct bmc_error *err)
{
	beat(call);
	return upd_offer(call->flash, ret_url, size, err);
}

static int64_t offered(struct bmc_call *call)
{
	beat(call);
	return upd_offered(call->flash);
}

static int offer_put(struct bmc_call *call, const char *name, const void *bytes,
		     size_t len, struct bmc_error *err)
{
	beat(call);
	return upd_offer_put(call->flash, name, bytes, len, err);
}

static ssize_t offer_get(struct bmc_call *call, const char *name, void *buf,
			 size_t size, int64_t *ret_at)
{
	beat(call);
	return upd_offer_get(call->flash, name, buf, size, ret_at);
}

void plugin_fixture_flash_ops(struct bmc_host_ops *ops)
{
	ops->heartbeat = beat;
	ops->report = report;
	ops->checkpoint = checkpoint;
	ops->resumed = resumed;
	ops->verb = verb;
	ops->offer = offer;
	ops->offered = offered;
	ops->offer_put = offer_put;
	ops->offer_get = offer_get;
}

/* ---- for tests ---- */

const struct fixture_told *fixture_told(const struct fixture *r)
{
	return &r->told;
}

void fixture_told_clear(struct fixture *r)
{
	memset(&r->told, 0, sizeof(r->told));
}

void fixture_resume(struct fixture *r, const struct bmc_checkpoint *before)
{
	r->has_before = before != NULL;
	if (before)
		r->before = *before;
}

void fixture_cancel(struct fixture *r, unsigned beats)
{
	r->cancel_at = beats;
}

void fixture_on_verb(struct fixture *r, fixture_verb_fn *fn, void *arg)
{
	r->on_verb = fn;
	r->on_verb_arg = arg;
}

int fixture_flash(struct fixture *r, const char *board, bmc_flash_fn *fn,
		  const struct bmc_flash *flash)
{
	struct bmc_call call = { .fixture = r,
				 .kind = BMC_BOARD,
				 .id = board,
				 .deadline = plugin_fixture_ops.now() + BEAT_MS,
				 .beat = BEAT_MS,
				 .flash = flash };

	memset(&r->err, 0, sizeof(r->err));
	return fn ? fn(r->self, &call, flash, &r->err) : BMC_OK;
}

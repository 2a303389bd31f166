// SPDX-License-Identifier: Apache-2.0
/* What a transaction with updates has to be like. Called by reserve.c, on any thread.
 */
#include <stdlib.h>
#include <string.h>

#include "core/access/policy.h"
#include "core/actions/transaction.h"
#include "core/base/util.h"
#include "core/model/field.h"

struct bmc_params *bmc_updates_params(const struct bmc_transaction *t)
{
	for (size_t i = 0; i < t->n_acts; i++) {
		if (t->acts[i].op == BMC_ACT_UPDATE)
			return t->acts[i].params;
	}
	return NULL;
}

static bool is_update(const struct bmc_action *act)
{
	return act->op == BMC_ACT_UPDATE;
}

/* Of boards that begin each by its own reset none can be told to go first. */
static bool waits_well(const struct bmc_transaction *t, const struct bmc_action *act,
		       struct bmc_error *err)
{
	const struct bmc_plan plan = bmc_set_plan(act->params);

	if (!is_update(act))
		return bmc_fail(err, BMC_EINVAL, "only an update waits for that") == 0;
	if (t->waits_for == BMC_WAIT_RESET && (plan.batch || plan.canary || plan.delay))
		return bmc_fail(err, BMC_EINVAL,
				"boards that are updated at their own resets go in no "
				"batches: no size, canaries or delay") == 0;
	return true;
}

int bmc_updates_check(const struct bmc_transaction *t, size_t *ret_bad,
		      struct bmc_error *err)
{
	const struct bmc_action *first = NULL;

	for (size_t i = 0; i < t->n_acts; i++) {
		const struct bmc_action *act = &t->acts[i];

		if (!bmc_op_is_recipe(act->op))
			continue;
		*ret_bad = i;
		if (first && is_update(first) != is_update(act))
			return bmc_fail(err, BMC_EINVAL,
					"an update and other operations at once");
		first = act;
	}
	if (first && t->waits_for && !waits_well(t, first, err))
		return BMC_EINVAL;
	return first && is_update(first) ? bmc_update_check(first->params, err)
					 : BMC_OK;
}

/* ---- those that wait for a request ---- */

int bmc_updates_start_check(const struct bmc_action *act, struct bmc_error *err)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_task *t =
		(const struct bmc_task *)bmc_snapshot_find(s, BMC_TASK, act->id);

	if (act->field != bmc_field_find(BMC_TASK, "waits_for") ||
	    act->num != BMC_WAIT_NONE)
		return bmc_fail(err, BMC_ENOTSUP, "tasks are made by actions");
	if (!t || t->waits_for != BMC_WAIT_REQUEST)
		return bmc_fail(err, BMC_ESTATE, "task %s waits for no request",
				act->id);
	return BMC_OK;
}

struct start {
	bmc_action_handler_done *done;
	void *arg;
};

/* It is begun, stored or not: as all tasks are. */
static void started(void *arg, int code)
{
	struct start *s = arg;

	bmc_journal_point(code);
	s->done(s->arg, BMC_OK, NULL);
	free(s);
}

void bmc_updates_start(const struct bmc_action *act, bmc_action_handler_done *done,
		       void *arg)
{
	struct start *s = malloc(sizeof(*s));
	int code = BMC_ENOMEM;

	if (s) {
		*s = (struct start){ done, arg };
		code = bmc_wait_request((uint32_t)strtoul(act->id, NULL, 10), started,
					s);
	}
	if (code == BMC_OK)
		return;
	free(s);
	done(arg, code, NULL);
}

/* ---- what its tasks show ---- */

/* An address without what may be secret in it: user, password, query. */
static void show_address(struct bmc_task *row, const char *uri)
{
	const char *host = strstr(uri, "://");
	size_t scheme = host ? (size_t)(host - uri) + 3 : 0;
	size_t len = strcspn(uri + scheme, "?#");
	size_t authority = MIN(len, strcspn(uri + scheme, "/"));
	const char *at = memrchr(uri + scheme, '@', authority);
	size_t user = at ? (size_t)(at - (uri + scheme)) + 1 : 0;

	(void)snprintf(row->image, sizeof(row->image), "%.*s%.*s", (int)scheme, uri,
		       (int)(len - user), uri + scheme + user);
	bmc_text_sanitize(row->image);
}

static void show(struct bmc_task *row, const struct bmc_params *p)
{
	const char *image = bmc_params_text(p, BMC_PARAM_IMAGE),
		   *uri = bmc_params_text(p, BMC_PARAM_URI);

	if (image)
		(void)bmc_copy(row->image, sizeof(row->image), image);
	else if (uri)
		show_address(row, uri);
	row->dry_run = bmc_params_num(p, BMC_PARAM_DRY_RUN, 0);
	row->max_failed = bmc_params_num(p, BMC_PARAM_MAX_FAILED, BMC_UNKNOWN);
	row->priority = bmc_params_num(p, BMC_PARAM_PRIORITY, BMC_UNKNOWN);
}

void bmc_updates_show(struct bmc_transaction *t)
{
	const struct bmc_params *p = bmc_updates_params(t);

	if (!p)
		return;
	show(&t->group->row, p);
	for (size_t i = 0; i < t->n_operations; i++) {
		if (t->operations[i].run)
			show(&t->operations[i].run->row, p);
	}
}

// SPDX-License-Identifier: Apache-2.0
/* The image of an update, for its group: which updates may go on, getting it, what of
 * it is kept for a restart, and giving it back. The group's plan asks for it (plan.c),
 * its boards read it (update-run.c). */
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/inventory/inventory.h"
#include "core/plugin/instance.h"
#include "core/tasks/update-own.h"

#define GONE "the service was restarted while the image was fetched: ask again"

static struct {
	struct bmc_update *all; /* that wait or are under way */
	unsigned at_once, under_way;
} state;

static void start(struct bmc_update *u);

/* ---- life ---- */

int bmc_update_check(const struct bmc_params *params, struct bmc_error *err)
{
	if (!bmc_images)
		return bmc_fail(err, BMC_ENOTSUP, "updates are not configured");
	if (!bmc_params_text(params, BMC_PARAM_IMAGE) &&
	    !bmc_params_text(params, BMC_PARAM_URI))
		return bmc_fail(err, BMC_EINVAL, "an update needs an image");
	return bmc_images->check(params, err);
}

static struct bmc_update *update_new(void)
{
	struct bmc_update *u = calloc(1, sizeof(*u));

	if (u)
		u->refs = 1;
	return u;
}

struct bmc_update *bmc_update_new(struct bmc_params *params)
{
	struct bmc_update *u = update_new();

	if (!u)
		return NULL;
	u->params = bmc_params_ref(params);
	u->verify = (enum bmc_verify)bmc_params_num(params, BMC_PARAM_VERIFY,
						    BMC_VERIFY_FULL);
	u->dry = bmc_params_num(params, BMC_PARAM_DRY_RUN, 0) == 1;
	u->priority = (unsigned)bmc_params_num(params, BMC_PARAM_PRIORITY, 0);
	return u;
}

static void unref(struct bmc_update *u)
{
	if (--u->refs)
		return;
	(void)bmc_params_unref(u->params);
	if (u->image && bmc_images)
		bmc_images->unref(u->image);
	free(u);
}

/* The next one that may be begun: of the highest priority, the oldest. */
static struct bmc_update *next_waiting(void)
{
	struct bmc_update *best = NULL;

	for (struct bmc_update *u = state.all; u; u = u->next) {
		if (u->at == UPDATE_WAITS && (!best || u->priority > best->priority))
			best = u;
	}
	return best;
}

static void start_next(void)
{
	struct bmc_update *u;

	while (state.under_way < state.at_once && (u = next_waiting())) {
		state.under_way++;
		u->counts = true;
		start(u);
	}
}

/* Its place is free for another one. */
static void leave(struct bmc_update *u)
{
	for (struct bmc_update **p = &state.all; *p; p = &(*p)->next) {
		if (*p == u) {
			*p = u->next;
			break;
		}
	}
	if (!u->counts)
		return;
	u->counts = false;
	state.under_way--;
	start_next();
}

void bmc_update_free(struct bmc_update *u)
{
	uint32_t task = u && u->group ? u->group->row.row.index[0] : 0;

	if (!u)
		return;
	u->timer = bmc_timer_cancel(u->timer);
	u->group = NULL; /* it gets no more reports */
	if (u->at == UPDATE_PREPARES && bmc_images)
		bmc_images->cancel(task);
	if (u->at != UPDATE_NEW && u->at != UPDATE_PREPARES)
		leave(u);
	unref(u);
}

bool bmc_update_dry(const struct bmc_update *u)
{
	return u && u->dry;
}

void bmc_updates_init(unsigned at_once)
{
	state.at_once = at_once;
}

void bmc_updates_done(void)
{
	state.at_once = 0;
}

/* ---- what is kept for a restart ---- */

/* A password may stand in the address, too. */
static const char *address_to_keep(const struct bmc_update *u)
{
	const char *uri = u->id[0] ? NULL : bmc_params_text(u->params, BMC_PARAM_URI);
	const char *host = uri ? strstr(uri, "://") : NULL;

	if (!uri || bmc_params_text(u->params, BMC_PARAM_CREDENTIAL) ||
	    (host && memchr(host + 3, '@', strcspn(host + 3, "/?#"))))
		return NULL;
	return uri;
}

void bmc_update_format(const struct bmc_update *u, struct bmc_record *rec)
{
	size_t used = strlen(rec->text);
	const char *image;

	if (!u)
		return;
	image = u->id[0] ? u->id : bmc_params_text(u->params, BMC_PARAM_IMAGE);
	(void)snprintf(rec->text + used, sizeof(rec->text) - used,
		       "%supdate %u %u %u %s", used ? " " : "", u->verify, u->dry,
		       u->priority, image ? image : "");
	rec->secret = address_to_keep(u);
}

struct bmc_update *bmc_update_load(const struct bmc_record *rec)
{
	const char *text = strstr(rec->text, "update ");
	struct bmc_update *u = text ? update_new() : NULL;
	unsigned verify, dry, priority;
	int at = 0;

	if (!u ||
	    sscanf(text, "update %u %u %u %n", &verify, &dry, &priority, &at) < 3 ||
	    !at) {
		free(u);
		return NULL;
	}
	u->verify = (enum bmc_verify)MIN(verify, (unsigned)BMC_VERIFY_FULL);
	u->dry = dry;
	u->priority = priority;
	u->params = bmc_params_new();
	if (u->params && text[at] && bmc_copy(u->id, sizeof(u->id), text + at))
		(void)bmc_params_set_text(u->params, BMC_PARAM_IMAGE, text + at, NULL);
	else if (u->params && rec->secret)
		(void)bmc_params_set_text(u->params, BMC_PARAM_URI, rec->secret, NULL);
	return u;
}

/* ---- getting it ---- */

static void show(struct bmc_update *u, const char *message)
{
	struct bmc_task *t = &u->group->row;

	if (message)
		(void)bmc_copy(t->message, sizeof(t->message), message);
	bmc_task_show(t);
}

static void prepare_progress(void *arg, const struct bmc_report *report)
{
	struct bmc_update *u = arg;
	struct bmc_task *t = u->group ? &u->group->row : NULL;

	if (!t || u->at != UPDATE_PREPARES)
		return;
	t->bytes_done = report->done;
	t->bytes_total = report->total;
	if (strcmp(t->stage, report->stage) != 0) {
		(void)bmc_copy(t->stage, sizeof(t->stage), report->stage);
		bmc_task_note(t, t->stage);
		u->rate_at = 0;
	}
	bmc_rate_update(&t->rate, &u->rate_at, &u->rate_done, report->done);
	show(u, "getting the image ready");
}

/* The parent's row is of its boards from now on. */
static void clear_transfer(struct bmc_task *t)
{
	t->bytes_done = t->bytes_total = t->rate = BMC_UNKNOWN;
	t->stage[0] = '\0';
}

static struct bmc_run *first_waiting(const struct bmc_group *g)
{
	struct bmc_run *run = bmc_runs;

	while (run && (run->group != g || run->at != BMC_RUN_IMAGE))
		run = run->next;
	return run;
}

/* Those that were begun before a restart wait for it. The end of the last one may end
 * its group, begin the next update and so end runs of that: the list is looked at
 * again after each. */
static void wake_runs(struct bmc_group *g)
{
	struct bmc_run *run;

	bmc_plan_wake(g);
	while ((run = first_waiting(g)))
		bmc_run_verb(run);
}

static void failed(struct bmc_update *u, enum bmc_stage stage, int detail,
		   const char *words)
{
	u->at = UPDATE_FAILED;
	if (!u->undo_only) {
		(void)bmc_copy(u->words, sizeof(u->words), words);
		bmc_code_format(stage, detail, u->code, sizeof(u->code));
	}
	clear_transfer(&u->group->row);
	wake_runs(u->group);
}

static enum bmc_stage stage_of(const struct bmc_update *u)
{
	enum bmc_stage stage = bmc_stage_find(u->group->row.stage);

	return stage ? stage : BMC_STAGE_PREPARE;
}

/* From here on its id is what a restart needs, and no address or password any more. */
static void got(struct bmc_update *u, struct bmc_prepared *image)
{
	struct bmc_record rec;

	u->image = image;
	u->at = UPDATE_READY;
	(void)bmc_copy(u->id, sizeof(u->id), bmc_images->id(image));
	u->params = bmc_params_unref(u->params);
	clear_transfer(&u->group->row);
	if (u->group->row.waits_for != BMC_WAIT_NONE) /* it may be long: by its id */
		(void)bmc_copy(u->group->row.image, sizeof(u->group->row.image), u->id);
	bmc_task_note(&u->group->row, "the image is there and checked");
	show(u, "the image is there and checked");
	rec = bmc_group_record(u->group);
	if (bmc_store)
		(void)bmc_store->write(&rec, 1, bmc_journal_noted, NULL);
	wake_runs(u->group);
}

/* After a restart: boards that were begun are not left as they are because the policy
 * has changed meanwhile. */
static bool is_for_undo(const struct bmc_update *u, int code)
{
	if (code != BMC_EPERM || u->undo_only)
		return false;
	for (const struct bmc_run *run = bmc_runs; run; run = run->next) {
		if (run->group == u->group && bmc_update_is_begun(run))
			return true;
	}
	return false;
}

static void prepare_for_undo(struct bmc_update *u, int code, const char *words)
{
	(void)bmc_copy(u->words, sizeof(u->words), words);
	bmc_code_format(stage_of(u), -code, u->code, sizeof(u->code));
	u->undo_only = true;
	start(u);
}

static void prepared(void *arg, int code, struct bmc_prepared *image,
		     const struct bmc_error *err)
{
	struct bmc_update *u = arg;

	if (!u->group) {
		if (image)
			bmc_images->unref(image);
		u->at = UPDATE_FAILED;
		leave(u);
	} else if (is_for_undo(u, code)) {
		prepare_for_undo(u, code, err ? err->what : bmc_strerror(code));
	} else if (code < 0) {
		failed(u, stage_of(u), -code, err ? err->what : bmc_strerror(code));
	} else {
		got(u, image);
	}
	unref(u);
}

static void start(struct bmc_update *u)
{
	struct bmc_prepare request = { .task = u->group->row.row.index[0],
				       .params = u->params,
				       .refused_too = u->undo_only,
				       .progress = prepare_progress,
				       .done = prepared,
				       .arg = u };
	struct bmc_error err = { 0 };
	int code;

	u->at = UPDATE_PREPARES;
	if (u->group->row.waits_for == BMC_WAIT_NONE) /* else nothing is begun yet */
		bmc_group_begin(u->group);
	show(u, "getting the image ready");
	if (!bmc_params_text(u->params, BMC_PARAM_IMAGE) &&
	    !bmc_params_text(u->params, BMC_PARAM_URI)) {
		failed(u, BMC_STAGE_FETCH, BMC_DETAIL_INTERRUPTED, GONE);
		return;
	}
	u->refs++;
	code = bmc_images ? bmc_images->prepare(&request, &err)
			  : bmc_fail(&err, BMC_ENOTSUP, "updates are not configured");
	if (code == BMC_OK)
		return;
	failed(u, BMC_STAGE_PREPARE, -code,
	       err.what[0] ? err.what : bmc_strerror(code));
	unref(u);
}

/* At the end of the list: of the same priority the oldest goes first. */
static void want(struct bmc_update *u)
{
	struct bmc_update **p = &state.all;
	char text[80];

	while (*p)
		p = &(*p)->next;
	*p = u;
	u->next = NULL;
	(void)snprintf(text, sizeof(text),
		       "waiting for other updates to end (`update.at_once`: %u)",
		       state.at_once);
	u->at = UPDATE_WAITS;
	show(u, text);
	start_next();
}

bool bmc_update_ready(struct bmc_group *g)
{
	struct bmc_update *u = g->update;
	bool ready;

	u->group = g;
	u->refs++; /* its group may end in here */
	if (u->at == UPDATE_NEW)
		want(u);
	ready = u->at == UPDATE_READY;
	unref(u);
	return ready;
}

bool bmc_update_rest(struct bmc_group *g)
{
	struct bmc_update *u = g->update;
	struct bmc_params *params;

	if (!u || !u->id[0])
		return false;
	if (u->at != UPDATE_READY)
		return true;
	params = bmc_params_new();
	if (!params || bmc_params_set_text(params, BMC_PARAM_IMAGE, u->id, NULL) < 0) {
		(void)bmc_params_unref(params);
		return true; /* it keeps both */
	}
	bmc_inventory_publish(); /* the store keeps what a task names */
	bmc_images->unref(u->image);
	u->image = NULL;
	u->params = params;
	u->at = UPDATE_NEW;
	leave(u);
	return true;
}

const char *bmc_update_failure(const struct bmc_group *g, const char **ret_code)
{
	const struct bmc_update *u = g->update;

	if (!u || (u->at != UPDATE_FAILED && !(u->undo_only && u->at == UPDATE_READY)))
		return NULL;
	*ret_code = g->update->code;
	return g->update->words;
}

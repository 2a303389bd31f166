// SPDX-License-Identifier: Apache-2.0
/* When a board is recovered by itself. It looks at the newest snapshot now and then and
 * asks for the same action that users ask for; started and stopped by execute.c. */
#include "core/actions/recover.h"

#include <stdlib.h>

#include "core/access/policy.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/plugin/instance.h"
#include "core/snapshot/snapshot.h"
#include "core/tasks/run.h"

#define LOOKS     4 /* in the time of `after` */
#define LOOK_MIN  100
#define LOOK_MAX  10000
#define PAUSE_MAX INT64_C(86400000)
#define DOUBLINGS 10

/* What is remembered of a board. */
struct watched {
	uint32_t handle;
	int64_t silent_since, answers_since; /* 0: it is not so */
	int64_t next;                        /* not before then */
	int64_t tries;
};

static struct {
	struct bmc_timer *timer;
	struct watched *boards;
	size_t n;
} state;

static struct watched *watched_of(uint32_t handle)
{
	struct watched *more;

	for (size_t i = 0; i < state.n; i++) {
		if (state.boards[i].handle == handle)
			return &state.boards[i];
	}
	more = realloc(state.boards, (state.n + 1) * sizeof(*more));
	if (!more)
		return NULL;
	state.boards = more;
	more[state.n] = (struct watched){ .handle = handle };
	return &more[state.n++];
}

/* It has power and should run a system, but nothing of it is seen, or no adb. */
static bool is_silent(const struct bmc_board *b)
{
	bool idle =
		b->action_state != BMC_TASK_NEW && b->action_state != BMC_TASK_RUNNING;
	bool gone = b->usb_mode == BMC_USB_NONE || b->state == BMC_BOARD_ADB_OFFLINE;

	return idle && gone && b->power_state == BMC_POWER_ON &&
	       !bmc_board_answers(b) && b->row.health > BMC_OK_HEALTH &&
	       bmc_board_allowed(b) & 1u << BMC_ACT_RECOVER;
}

static bool lasts(int64_t *since, bool is, int64_t now, int64_t ms)
{
	if (!is)
		*since = 0;
	else if (!*since)
		*since = now;
	return is && now - *since >= ms;
}

static int64_t pause_of(const struct bmc_platform *p, int64_t tries)
{
	return MIN(p->recover_pause_ms << MIN(tries, DOUBLINGS), PAUSE_MAX);
}

static const struct bmc_actor self = { .name = "recovery",
				       .role = "Operator",
				       .privileges = BMC_PRIV_LOGIN |
						     BMC_PRIV_CONFIGURE_COMPONENTS,
				       .origin = "local" };

static void reinstall(const char *board)
{
	const char *image = bmc_instances_platform()->reinstall;
	struct bmc_action act = { .op = BMC_ACT_UPDATE,
				  .kind = BMC_BOARD,
				  .params = bmc_params_new() };
	struct bmc_error err = { 0 };
	int code = act.params ? bmc_params_set_text(act.params, BMC_PARAM_IMAGE, image,
						    &err)
			      : bmc_fail(&err, BMC_ENOMEM, "out of memory");

	(void)bmc_copy(act.id, sizeof(act.id), board);
	if (code == BMC_OK)
		code = bmc_action_submit(&self, &act, 1, NULL, NULL, NULL, &err);
	if (code < 0)
		log_warning("recovery of %s: its system is not reinstalled: %s", board,
			    err.what);
	(void)bmc_params_unref(act.params);
}

/* False: it was refused, as for a busy board; it is tried again at the next look. */
static bool recover(const struct bmc_board *b, const struct watched *w, int64_t tries)
{
	struct bmc_action act = { .op = BMC_ACT_RECOVER, .kind = BMC_BOARD };
	struct bmc_error err = { 0 };
	int code;

	(void)bmc_copy(act.id, sizeof(act.id), b->row.id);
	code = bmc_action_submit(&self, &act, 1, NULL, NULL, NULL, &err);
	if (code < 0)
		log_limited(LOG_WARNING, "recovery of %s: %s", b->row.id, err.what);
	else
		log_warning(
			"recovery of %s: its system does not answer, try %lld of %lld",
			b->row.id, (long long)w->tries + 1, (long long)tries);
	return code >= 0;
}

/* Whether a recovery was begun. */
static bool reevaluate(const struct bmc_board *b, const struct bmc_platform *p,
		       int64_t now)
{
	struct watched *w = watched_of(b->row.handle);

	if (!w)
		return false;
	if (lasts(&w->answers_since, bmc_board_answers(b), now, p->recover_ms))
		w->tries = 0;
	if (!lasts(&w->silent_since, is_silent(b), now, p->recover_ms) ||
	    now < w->next || w->tries >= p->recover_tries ||
	    !recover(b, w, p->recover_tries))
		return false;
	w->silent_since = 0;
	w->next = now + pause_of(p, w->tries++);
	return true;
}

static int64_t next_look(const struct bmc_platform *p)
{
	return bmc_now() + MAX(MIN(p->recover_ms / LOOKS, LOOK_MAX), LOOK_MIN);
}

static void look(void *arg)
{
	const struct bmc_platform *p = bmc_instances_platform();
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_BOARD, &rows);
	bool begun = false;

	(void)arg;
	for (size_t i = 0; i < n && !begun; i++)
		begun = reevaluate((const struct bmc_board *)rows[i], p, bmc_now());
	state.timer = bmc_timer_new(next_look(p), look, NULL);
}

void bmc_recover_start(void)
{
	const struct bmc_platform *p = bmc_instances_platform();

	bmc_reinstall_hook = reinstall;
	if (p->recover_ms > 0)
		state.timer = bmc_timer_new(next_look(p), look, NULL);
}

void bmc_recover_stop(void)
{
	bmc_reinstall_hook = NULL;
	state.timer = bmc_timer_cancel(state.timer);
	free(state.boards);
	state.boards = NULL;
	state.n = 0;
}

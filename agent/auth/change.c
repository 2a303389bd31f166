// SPDX-License-Identifier: Apache-2.0
// The way of a change, see change.h.
#include "auth/change.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "auth/accounts.h"
#include "auth/sessions.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/ports/certificates.h"

#define CALL_MS 11000 /* the helper's own deadline is 10 s */

/* The changes of one transaction, which is told by its actor. */
struct bmc_batch {
	const struct bmc_actor *who;
	unsigned n; /* not answered yet */
	atomic_bool failed;
};

static struct bmc_work_queue *queue;
static struct bmc_batch *last; /* the one that may still grow; main thread */

int64_t bmc_change_deadline(void)
{
	return bmc_now() + CALL_MS;
}

bool bmc_change_sets(const struct bmc_action *act, const char *field)
{
	return act->op == BMC_ACT_SET && act->field &&
	       strcmp(act->field->name, field) == 0;
}

static struct bmc_batch *join_batch(const struct bmc_actor *who)
{
	if (!last || last->who != who) {
		struct bmc_batch *b = calloc(1, sizeof(*b));
		if (!b)
			return NULL;
		b->who = who;
		last = b;
	}
	last->n++;
	return last;
}

static void leave_batch(struct bmc_batch *b)
{
	if (--b->n > 0)
		return;
	if (b == last)
		last = NULL;
	free(b);
}

static void finish(void *arg)
{
	struct bmc_change *c = arg;

	if (c->code == 0 && !c->unchanged && bmc_certificates &&
	    c->act->kind == BMC_ACCOUNT && bmc_change_sets(c->act, "id"))
		bmc_certificates->renamed(BMC_ACCOUNT, c->act->id, c->act->text);
	if (c->listed)
		bmc_accounts_apply(&c->accounts, bmc_sessions_end_user);
	if (c->code == 0 && !c->unchanged)
		bmc_event_raise("AccountChanged", 0, c->act->id, c->what, c->who->name);
	bmc_inventory_publish();
	leave_batch(c->batch);
	c->done(c->arg, c->code, c->code < 0 ? &c->err : NULL);
	bmc_wipe(c, sizeof(*c));
	free(c);
}

static int make(struct bmc_change *c, bool stopping)
{
	if (stopping)
		return bmc_fail(&c->err, BMC_ECANCELED, "the service is being stopped");
	if (c->batch->failed)
		return bmc_fail(&c->err, BMC_ECANCELED,
				"not changed: another part of the request was refused");
	int r = priv_list_accounts(&c->accounts, bmc_change_deadline(), &c->err);
	return r < 0 ? r : c->run(c);
}

static void run(void *arg, bool stopping)
{
	struct bmc_change *c = arg;

	c->code = make(c, stopping);
	if (c->code < 0)
		c->batch->failed = true;
	c->listed = c->unchanged;
	if (!c->unchanged && !stopping)
		c->listed = priv_list_accounts(&c->accounts, bmc_change_deadline(),
					       NULL) == 0;
	bmc_loop_send(&c->finished, finish, c);
}

void bmc_change_submit(const struct bmc_action *act, const struct bmc_actor *who,
		       int (*make_it)(struct bmc_change *c),
		       bmc_action_handler_done *done, void *arg)
{
	struct bmc_change *c = calloc(1, sizeof(*c));
	struct bmc_batch *b = c ? join_batch(who) : NULL;
	struct bmc_error err = { 0 };

	if (b) {
		*c = (struct bmc_change){ .act = act,
					  .who = who,
					  .done = done,
					  .arg = arg,
					  .run = make_it,
					  .batch = b };
		if (bmc_work_queue_submit(queue, run, c) == 0)
			return;
		b->failed = true;
		leave_batch(b);
	}
	free(c);
	done(arg,
	     bmc_fail(&err, BMC_EAGAIN, "too many changes to accounts wait: try again"),
	     &err);
}

void bmc_changes_init(struct bmc_work_queue *q)
{
	queue = q;
}

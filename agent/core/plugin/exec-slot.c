// SPDX-License-Identifier: Apache-2.0
/* Execution slots: at most one call at a time for each row of an instance (and one more
 * that only drives pins). The platform's slots have theirs from the start; a row that
 * was made at run time gets one, by its handle, with the first verb that is run on it.
 */
#include <stddef.h>
#include <stdlib.h>

#include "core/base/util.h"
#include "core/plugin/host.h"

/* The slot of a row that was made at run time. */
struct bmc_row_slot {
	struct bmc_row_slot *next;
	uint32_t handle;
	struct bmc_slot slot;          /* its kind and id                     */
	const struct bmc_slot *anchor; /* the slot whose part it is: bindings */
	struct bmc_exec_slot exec;
};

static pthread_cond_t exec_slot_free;

/* ---- rows made at run time ---- */

static bool in_platform(const struct bmc_slot *slot)
{
	const struct bmc_platform *p = bmc_instances_platform();

	return slot >= p->slots && slot < p->slots + p->n_slots;
}

static const struct bmc_row_slot *row_slot_of(const struct bmc_slot *slot)
{
	return (const struct bmc_row_slot *)(const void *)((const char *)slot -
							   offsetof(struct bmc_row_slot,
								    slot));
}

const struct bmc_slot *bmc_slot_anchor(const struct bmc_slot *slot)
{
	return in_platform(slot) ? slot : row_slot_of(slot)->anchor;
}

const struct bmc_slot *bmc_row_anchor(const struct bmc_snapshot *s,
				      const struct bmc_row *row)
{
	const struct bmc_platform *p = bmc_instances_platform();
	const struct bmc_slot *slot = NULL;

	while (row && !(slot = bmc_platform_slot(p, row->kind, row->id)))
		row = bmc_snapshot_row(s, row->parent);
	return slot;
}

/* Rows that are gone leave no slot behind, unless a call is still in it. */
static void prune(struct bmc_host *host)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();

	for (struct bmc_row_slot **p = &host->row_slots; *p;) {
		struct bmc_row_slot *r = *p;

		if (r->exec.calls || bmc_snapshot_row(s, r->handle)) {
			p = &r->next;
		} else {
			*p = r->next;
			free(r);
		}
	}
}

static struct bmc_row_slot *row_slot_get(struct bmc_host *host,
					 const struct bmc_row_slot *like)
{
	struct bmc_row_slot *r = host->row_slots;

	while (r && r->handle != like->handle)
		r = r->next;
	if (r)
		return r;
	prune(host);
	r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->handle = like->handle;
	r->slot = like->slot;
	r->anchor = like->anchor;
	r->exec = (struct bmc_exec_slot){ .host = host, .slot = &r->slot };
	r->next = host->row_slots;
	host->row_slots = r;
	return r;
}

const struct bmc_slot *bmc_host_row_slot(struct bmc_host *host,
					 const struct bmc_row *row,
					 const struct bmc_slot *anchor)
{
	struct bmc_row_slot like = { .handle = row->handle, .anchor = anchor };
	struct bmc_row_slot *r;

	like.slot.kind = row->kind;
	(void)bmc_copy(like.slot.id, sizeof(like.slot.id), row->id);
	r = row_slot_get(host, &like);
	return r ? &r->slot : NULL;
}

void bmc_host_row_slots_free(struct bmc_host *host)
{
	while (host->row_slots) {
		struct bmc_row_slot *r = host->row_slots;

		host->row_slots = r->next;
		free(r);
	}
}

struct bmc_exec_slot *bmc_host_exec_slot(struct bmc_host *host,
					 const struct bmc_slot *slot,
					 const struct bmc_verb *verb)
{
	bool pins = verb && verb->flags & BMC_VERB_PINS;
	struct bmc_row_slot *r;

	if (in_platform(slot))
		return &host->exec_slots[2 * (slot - bmc_instances_platform()->slots) +
					 pins];
	r = row_slot_get(host, row_slot_of(slot));
	return r ? &r->exec : NULL;
}

/* ---- taking turns ---- */

int bmc_exec_slot_quarantined(const struct bmc_exec_slot *exec_slot,
			      struct bmc_error *err)
{
	return bmc_fail(
		err, BMC_EQUARANTINED,
		"an earlier call of %s for %s never came back: restart the service "
		"if it stays so",
		exec_slot->host->conf.name, exec_slot->slot->id);
}

static int exec_slot_refuse(const struct bmc_call *call, struct bmc_error *err)
{
	if (call->exec_slot->quarantined)
		return bmc_exec_slot_quarantined(call->exec_slot, err);
	if (atomic_load(&call->cancelled))
		return bmc_fail(err, BMC_ECANCELED, "cancelled");
	return BMC_OK;
}

/* Waits until the exec_slot is free; a probe in it is asked to leave, and a probe does
 * not wait. */
int bmc_exec_slot_take(struct bmc_call *call, struct bmc_error *err)
{
	struct bmc_exec_slot *exec_slot = call->exec_slot;
	int code = BMC_OK;

	(void)pthread_mutex_lock(&bmc_host_lock);
	while ((code = exec_slot_refuse(call, err)) == BMC_OK && exec_slot->holder) {
		if (!call->verb) {
			code = BMC_ECANCELED;
			break;
		}
		if (!exec_slot->holder->verb)
			bmc_call_cancel(exec_slot->holder);
		if (!bmc_cond_wait(&exec_slot_free, &bmc_host_lock, call->deadline)) {
			code = bmc_fail(err, BMC_ETIMEDOUT, "%s is still busy with %s",
					call->host->conf.name, exec_slot->slot->id);
			break;
		}
	}
	if (code == BMC_OK)
		exec_slot->holder = call;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return code;
}

void bmc_exec_slot_leave(struct bmc_call *call)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	call->exec_slot->holder = NULL;
	call->exec_slot->quarantined = false;
	(void)pthread_cond_broadcast(&exec_slot_free);
	(void)pthread_mutex_unlock(&bmc_host_lock);
}

void bmc_exec_slots_wake(void)
{
	(void)pthread_cond_broadcast(&exec_slot_free);
}

void bmc_exec_slots_init(void)
{
	bmc_cond_init(&exec_slot_free);
}

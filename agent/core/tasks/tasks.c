// SPDX-License-Identifier: Apache-2.0
/* Task rows and how many of them are kept. run.c and resume.c move them on;
 * frontends see them in the snapshot, and the database keeps them over a restart. */
#include "core/tasks/tasks.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/inventory/inventory.h"

#define PRUNE_MS 60000 /* how late a task may be removed */

struct ended {
	uint32_t first, n;
	int64_t at;
};

static int64_t keep_for; /* set before any thread reads it */

static struct {
	atomic_uint_least32_t last_number;
	struct bmc_source *core;
	struct ended *ended; /* transactions, in the order of their ends */
	size_t n_ended, room;
	unsigned keep, kept;
	struct bmc_timer *timer;
} table;

uint32_t bmc_task_numbers(uint32_t n)
{
	return (uint32_t)atomic_fetch_add(&table.last_number, n) + 1;
}

bool bmc_task_numbers_take(uint32_t first, uint32_t n)
{
	uint_least32_t last = atomic_load(&table.last_number);

	do {
		if (first <= last || first - last > BMC_TASKS_AHEAD ||
		    first > UINT32_MAX - n)
			return false;
	} while (!atomic_compare_exchange_weak(&table.last_number, &last,
					       first + n - 1));
	return true;
}

uint32_t bmc_task_number_next(void)
{
	return (uint32_t)atomic_load(&table.last_number) + 1;
}

void bmc_task_number_used(uint32_t number)
{
	if (atomic_load(&table.last_number) < number)
		atomic_store(&table.last_number, number);
}

void bmc_task_set_number(struct bmc_task *t, uint32_t number)
{
	t->row.index[0] = number;
	(void)snprintf(t->row.id, sizeof(t->row.id), "%u", number);
}

void bmc_task_init(struct bmc_task *t, enum bmc_action_op op, const char *target_id,
		   const struct bmc_actor *who)
{
	memset(t, 0, sizeof(*t));
	t->row.kind = BMC_TASK;
	t->op = op;
	t->state = BMC_TASK_NEW;
	t->targets = 1;
	t->created = bmc_now();
	t->started = t->ended = t->start_at = BMC_UNKNOWN;
	t->batch = t->canary = t->per_blade = t->delay = t->until = BMC_UNKNOWN;
	t->dry_run = t->max_failed = t->priority = BMC_UNKNOWN;
	t->bytes_done = t->bytes_total = t->rate = BMC_UNKNOWN;
	(void)bmc_copy(t->target_id, sizeof(t->target_id), target_id);
	(void)bmc_copy(t->actor, sizeof(t->actor), who->name);
	(void)bmc_copy(t->origin, sizeof(t->origin), who->origin);
	(void)bmc_copy(t->client, sizeof(t->client), who->client);
	(void)bmc_copy(t->message, sizeof(t->message), "accepted");
}

/* The oldest entries give way. */
static void history_shrink(char *history, size_t most)
{
	while (strlen(history) > most) {
		const char *next = strstr(history, "; ");

		if (!next) {
			history[0] = '\0';
			return;
		}
		memmove(history, next + 2, strlen(next + 2) + 1);
	}
}

void bmc_task_note(struct bmc_task *t, const char *words)
{
	long long since = MAX(bmc_now() - t->created, (int64_t)0);
	char entry[sizeof(t->history) / 2];
	size_t used;

	(void)snprintf(entry, sizeof(entry), "%lld.%lld s %.80s", since / 1000,
		       since % 1000 / 100, words);
	history_shrink(t->history, sizeof(t->history) - strlen(entry) - 3);
	used = strlen(t->history);
	(void)snprintf(t->history + used, sizeof(t->history) - used, "%s%s",
		       used ? "; " : "", entry);
}

size_t bmc_tasks_waiting(const struct bmc_snapshot *s)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_TASK, &rows), waiting = 0;

	for (size_t i = 0; i < n; i++) {
		const struct bmc_task *task = (const struct bmc_task *)rows[i];
		waiting += task->state == BMC_TASK_NEW &&
			   (task->start_at != BMC_UNKNOWN ||
			    task->waits_for != BMC_WAIT_NONE);
	}
	return waiting;
}

bool bmc_task_ended(const struct bmc_task *t)
{
	return t->state >= BMC_TASK_COMPLETED;
}

void bmc_task_show(struct bmc_task *t)
{
	static const uint16_t health[] = {
		[BMC_TASK_NEW] = BMC_OK_HEALTH,
		[BMC_TASK_RUNNING] = BMC_OK_HEALTH,
		[BMC_TASK_COMPLETED] = BMC_OK_HEALTH,
		[BMC_TASK_EXCEPTION] = BMC_CRITICAL,
		[BMC_TASK_CANCELLED] = BMC_OK_HEALTH,
		[BMC_TASK_INTERRUPTED] = BMC_WARNING,
	};
	uint32_t handle;

	t->row.health = health[t->state];
	handle = bmc_inventory_upsert(&t->row);
	if (handle)
		t->row.handle = handle;
	else
		log_warning("task %s: no room to show it", t->row.id);
}

struct bmc_record bmc_task_record(const struct bmc_task *t, uint32_t parent)
{
	struct bmc_record rec = {
		.type = BMC_REC_ROW, .kind = BMC_TASK, .num = parent, .row = &t->row
	};

	(void)bmc_copy(rec.id, sizeof(rec.id), t->row.id);
	return rec;
}

#define SHOWN(type, t)                                           \
	{                                                        \
		BMC_NUM(type, action, (t)->op),                  \
			BMC_NUM(type, action_state, (t)->state), \
			BMC_NUM(type, task, (t)->row.index[0]),  \
			BMC_TXT(type, action_error, (t)->error)  \
	}

void bmc_task_show_on(enum bmc_kind kind, const char *id, const struct bmc_task *t)
{
	const struct bmc_value board[] = SHOWN(bmc_board, t),
			       blade[] = SHOWN(bmc_blade, t);

	(void)bmc_inventory_put(table.core, kind, id, BMC_CHASSIS, NULL,
				kind == BMC_BLADE ? blade : board, ARRAY_SIZE(board));
}

static void drop_oldest(const struct ended *e)
{
	for (uint32_t i = 0; i < e->n; i++) {
		struct bmc_record gone = { .type = BMC_REC_ROW_GONE, .kind = BMC_TASK };
		uint32_t handle;

		(void)snprintf(gone.id, sizeof(gone.id), "%u", e->first + i);
		handle = bmc_inventory_find(BMC_TASK, gone.id);
		if (handle)
			bmc_inventory_remove(handle);
		if (bmc_store)
			(void)bmc_store->write(&gone, 1, NULL, NULL);
	}
}

static void prune(void *arg)
{
	int64_t now = bmc_now();
	size_t left = 0;

	(void)arg;
	for (size_t i = 0; i < table.n_ended; i++) {
		const struct ended e = table.ended[i];

		if (now - e.at < keep_for) {
			table.ended[left++] = e;
			continue;
		}
		drop_oldest(&e);
		table.kept -= e.n;
	}
	table.n_ended = left;
	table.timer = left ? bmc_timer_new(now + MIN(keep_for, (int64_t)PRUNE_MS),
					   prune, NULL)
			   : NULL;
}

void bmc_tasks_keep_for(int64_t ms)
{
	keep_for = ms;
}

int64_t bmc_tasks_keep_ms(void)
{
	return keep_for;
}

/* One that has just ended stays, so that who started it can read how, while there are
 * not too many of them. */
static bool is_old(const struct ended *e, int64_t now)
{
	return table.kept > table.keep &&
	       (now - e->at >= BMC_TASKS_AGE_MS || table.kept > 2 * table.keep);
}

void bmc_tasks_ended(uint32_t first, uint32_t n, int64_t at)
{
	size_t drop = 0;

	if (table.n_ended == table.room) {
		size_t more = table.room ? table.room * 2 : 64;
		struct ended *grown = realloc(table.ended, more * sizeof(*grown));

		if (!grown)
			return;
		table.ended = grown;
		table.room = more;
	}
	table.ended[table.n_ended++] =
		(struct ended){ .first = first, .n = n, .at = at };
	if (keep_for && !table.timer)
		table.timer = bmc_timer_new(MIN(at + keep_for, bmc_now() + PRUNE_MS),
					    prune, NULL);
	table.kept += n;
	while (drop + 1 < table.n_ended && is_old(&table.ended[drop], at)) {
		drop_oldest(&table.ended[drop]);
		table.kept -= table.ended[drop++].n;
	}
	table.n_ended -= drop;
	memmove(table.ended, table.ended + drop, table.n_ended * sizeof(*table.ended));
}

/* ---- removing ---- */

static void remove_row(const struct bmc_row *row, struct bmc_record *ret)
{
	*ret = (struct bmc_record){ .type = BMC_REC_ROW_GONE, .kind = BMC_TASK };
	(void)bmc_copy(ret->id, sizeof(ret->id), row->id);
	bmc_inventory_remove(row->handle);
}

/* It is not counted among those that are kept any more. */
static void uncount(uint32_t number)
{
	for (size_t i = 0; i < table.n_ended; i++) {
		if (table.ended[i].first != number)
			continue;
		table.kept -= table.ended[i].n;
		table.n_ended--;
		memmove(&table.ended[i], &table.ended[i + 1],
			(table.n_ended - i) * sizeof(*table.ended));
		return;
	}
}

int bmc_task_remove(const struct bmc_row *task)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *parts;
	size_t n = bmc_snapshot_children(s, task->handle, BMC_TASK, &parts);
	auto_free struct bmc_record *gone = calloc(n + 1, sizeof(*gone));

	if (!gone)
		return BMC_ENOMEM;
	if (!task->parent)
		uncount(task->index[0]);
	remove_row(task, &gone[n]);
	for (size_t i = 0; i < n; i++)
		remove_row(parts[i], &gone[i]);
	if (bmc_store)
		(void)bmc_store->write(gone, n + 1, NULL, NULL);
	return BMC_OK;
}

int bmc_tasks_init(unsigned n)
{
	table.keep = n;
	atomic_store(&table.last_number, 0);
	table.core = bmc_source_new("core", 0, UINT32_MAX / 2);
	return table.core ? BMC_OK : BMC_ENOMEM;
}

void bmc_tasks_done(void)
{
	table.core = bmc_source_free(table.core);
	table.timer = bmc_timer_cancel(table.timer);
	free(table.ended);
	table.ended = NULL;
	table.n_ended = table.room = 0;
	table.kept = 0;
}

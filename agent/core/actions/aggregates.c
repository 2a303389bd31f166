// SPDX-License-Identifier: Apache-2.0
/* Carrying out actions on aggregates: one change at a time, so that two that add
 * members don't undo each other; stored first, then shown. */
#include "core/actions/aggregates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "core/inventory/inventory.h"
#include "core/model/params.h"
#include "core/model/service.h"
#include "core/ports/action-handler.h"
#include "core/ports/reset.h"
#include "core/ports/store.h"

struct change {
	struct change *next;
	uint64_t serial;
	const struct bmc_action *act;
	bmc_action_handler_done *done;
	void *arg;
	uint32_t handle;          /* of the row, 0: it is to be made */
	struct bmc_aggregate row; /* as it is to be */
};

static struct change *queue; /* the first one is under way */
static uint64_t last_serial;

/* ---- members ---- */

static bool has_word(const char *list, const char *word, size_t len)
{
	while (*list) {
		size_t n = strcspn(list, " ");

		if (n == len && memcmp(list, word, len) == 0)
			return true;
		list += n + (list[n] == ' ');
	}
	return false;
}

/* Appends the words of `words` that are not in `except`; false: no room. */
static bool append(char *list, size_t size, const char *words, const char *except)
{
	while (*words) {
		size_t n = strcspn(words, " "), used = strlen(list);

		if (n && !has_word(except, words, n)) {
			if (used + n + 2 > size)
				return false;
			(void)snprintf(list + used, size - used, "%s%.*s",
				       used ? " " : "", (int)n, words);
		}
		words += n + (words[n] == ' ');
	}
	return true;
}

/* The members as they are to be. */
static bool merge(char *list, size_t size, const char *words, bool add)
{
	char old[sizeof(((struct bmc_aggregate *)0)->members)];

	if (add)
		return append(list, size, words, list);
	(void)bmc_copy(old, sizeof(old), list);
	list[0] = '\0';
	return append(list, size, old, words);
}

/* ---- what is asked for ---- */

/* The number that an id of digits stands for; 0: it is none. */
static uint32_t number_of(const char *id)
{
	char again[16], *end;
	unsigned long n = strtoul(id, &end, 10);

	if (n == 0 || n > UINT32_MAX)
		return 0;
	(void)snprintf(again, sizeof(again), "%lu", n);
	return strcmp(again, id) == 0 ? (uint32_t)n : 0;
}

static const struct bmc_aggregate *given(const struct bmc_action *act)
{
	return (const struct bmc_aggregate *)bmc_params_row(act->params, BMC_AGGREGATE);
}

static int check(const struct bmc_action *act, const struct bmc_actor *who,
		 struct bmc_error *err)
{
	(void)who;
	if (act->op == BMC_ACT_REMOVE)
		return BMC_OK;
	if (!given(act))
		return bmc_fail(err, BMC_EINVAL, "what is it to be?");
	if (act->op == BMC_ACT_ADD)
		return number_of(act->id)
			       ? BMC_OK
			       : bmc_fail(err, BMC_EINVAL, "the id is a number");
	if (act->op == BMC_ACT_SET && act->field &&
	    strcmp(act->field->name, "members") == 0)
		return BMC_OK;
	return bmc_fail(err, BMC_EREADONLY, "only the members can be changed");
}

static int prepare_new(struct change *c, struct bmc_error *err)
{
	size_t n;

	(void)bmc_inventory_first(BMC_AGGREGATE, &n);
	if (c->handle)
		return bmc_fail(err, BMC_EEXIST, "there is an aggregate %s already",
				c->act->id);
	if (n >= BMC_AGGREGATE_MAX)
		return bmc_fail(err, BMC_ENOSPC, "there are %d aggregates already",
				BMC_AGGREGATE_MAX);
	c->row = *given(c->act);
	c->row.row = (struct bmc_row){ .kind = BMC_AGGREGATE,
				       .status = BMC_ENABLED,
				       .index = { number_of(c->act->id), 0 } };
	(void)bmc_copy(c->row.row.id, sizeof(c->row.row.id), c->act->id);
	return BMC_OK;
}

static int prepare(struct change *c, struct bmc_error *err)
{
	c->handle = bmc_inventory_find(BMC_AGGREGATE, c->act->id);
	if (c->act->op == BMC_ACT_ADD)
		return prepare_new(c, err);
	if (!c->handle)
		return bmc_fail(err, BMC_ENOTFOUND, "there is no aggregate %s",
				c->act->id);
	memcpy(&c->row, bmc_inventory_row(c->handle), sizeof(c->row));
	if (c->act->op == BMC_ACT_SET &&
	    !merge(c->row.members, sizeof(c->row.members), given(c->act)->members,
		   c->act->num != 0))
		return bmc_fail(err, BMC_ERANGE, "it has no room for more members");
	return BMC_OK;
}

/* ---- one after the other ---- */

static void begin(void);

static void finish(int code, const struct bmc_error *err)
{
	struct change *c = queue;

	queue = c->next;
	c->done(c->arg, code, err);
	free(c);
	begin();
}

static void show(struct change *c)
{
	if (c->act->op == BMC_ACT_REMOVE)
		bmc_inventory_remove(c->handle);
	else
		(void)bmc_inventory_upsert(&c->row.row);
	bmc_inventory_publish();
}

static void stored(void *arg, int code)
{
	struct bmc_error err = { 0 };

	if (!queue || queue->serial != (uint64_t)(uintptr_t)arg)
		return;
	if (code == BMC_OK)
		show(queue);
	else
		code = bmc_fail(&err, BMC_ENOSPC,
				"nothing was changed: the state database takes no "
				"writes");
	finish(code, &err);
}

static int store(const struct change *c)
{
	struct bmc_record rec = { .type = c->act->op == BMC_ACT_REMOVE
						  ? BMC_REC_ROW_GONE
						  : BMC_REC_ROW,
				  .kind = BMC_AGGREGATE,
				  .row = &c->row.row };

	(void)bmc_copy(rec.id, sizeof(rec.id), c->act->id);
	if (!bmc_store)
		return BMC_EAGAIN;
	return bmc_store->write_or_drop(&rec, 1, stored, (void *)(uintptr_t)c->serial);
}

static void begin(void)
{
	struct bmc_error err = { 0 };
	int code;

	if (!queue)
		return;
	code = bmc_reset_check(&err);
	if (code == BMC_OK)
		code = prepare(queue, &err);
	if (code == BMC_OK && (code = store(queue)) < 0)
		code = bmc_fail(&err, code, "not now: try again");
	if (code < 0)
		finish(code, &err);
}

static void run(const struct bmc_action *act, const struct bmc_actor *who,
		bmc_action_handler_done *done, void *arg)
{
	struct change *c = calloc(1, sizeof(*c)), **last = &queue;

	(void)who;
	if (!c) {
		done(arg, BMC_ENOMEM, NULL);
		return;
	}
	*c = (struct change){
		.serial = ++last_serial, .act = act, .done = done, .arg = arg
	};
	while (*last)
		last = &(*last)->next;
	*last = c;
	if (queue == c)
		begin();
}

/* ---- the reset to defaults ---- */

static size_t reset_records(struct bmc_record *ret)
{
	if (ret)
		*ret = (struct bmc_record){ .type = BMC_REC_ROWS_GONE,
					    .kind = BMC_AGGREGATE };
	return 1;
}

static void end_reset(int code)
{
	size_t n;

	for (uint32_t h;
	     code == BMC_OK && (h = bmc_inventory_first(BMC_AGGREGATE, &n));)
		bmc_inventory_remove(h);
}

static const struct bmc_reset_part reset_part = { reset_records, end_reset };

/* ---- life ---- */

static const struct bmc_action_handler handler = { .check = check, .run = run };

static int load_one(void *arg, const struct bmc_record *rec)
{
	(void)arg;
	if (rec->row)
		(void)bmc_inventory_upsert(rec->row);
	return 0;
}

int bmc_aggregates_init(struct bmc_error *err)
{
	int code = bmc_store
			   ? bmc_store->load(BMC_REC_ROW, BMC_AGGREGATE, load_one, NULL)
			   : BMC_OK;

	if (code < 0)
		return bmc_fail(err, code, "the aggregates can't be read: %s",
				bmc_strerror(code));
	bmc_action_handler_register(BMC_AGGREGATE, &handler);
	bmc_reset_register(&reset_part);
	return BMC_OK;
}

void bmc_aggregates_done(void)
{
	struct change *c = queue;

	queue = NULL;
	bmc_action_handler_register(BMC_AGGREGATE, NULL);
	bmc_reset_unregister(&reset_part);
	while (c) {
		struct change *next = c->next;

		c->done(c->arg, BMC_ECANCELED, NULL);
		free(c);
		c = next;
	}
}

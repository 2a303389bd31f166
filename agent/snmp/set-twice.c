// SPDX-License-Identifier: Apache-2.0
/* What a SET says twice. All varbinds of a request take effect as if at once (RFC 3416,
 * 4.2.5), so one object can't get two values, nor one board two operations, also not
 * one of them as a part of its blade. Called by set-check.c. */
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "snmp/set-request.h"

static bool is_verb(const struct bmc_action *a)
{
	return bmc_op_is_recipe(a->op);
}

static bool is_looked_at(const struct bmc_action *a)
{
	return a->op == BMC_ACT_SET || is_verb(a);
}

/* Verbs of one row have one subject, each of its settings another. */
static int by_subject(const void *a, const void *b, void *of)
{
	const struct sn_set *set = of;
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	const struct bmc_action *x = &set->actions[i], *y = &set->actions[k];
	int order = (int)x->kind - (int)y->kind;

	if (order == 0)
		order = strcmp(x->id, y->id);
	if (order == 0)
		order = (x->field > y->field) - (x->field < y->field);
	return order ? order : (i > k) - (i < k);
}

static bool same_subject(const struct bmc_action *x, const struct bmc_action *y)
{
	return x->kind == y->kind && x->field == y->field && strcmp(x->id, y->id) == 0;
}

static bool same_value(const struct bmc_action *x, const struct bmc_action *y)
{
	return x->op == y->op && x->num == y->num && x->params == y->params &&
	       strcmp(x->text, y->text) == 0;
}

/* ---- one row ---- */

static void note(struct sn_set *set, long at, int *status)
{
	if (*status == SNMP_ERR_NOERROR || at < set->index)
		set->index = at;
	*status = SNMP_ERR_INCONSISTENTVALUE;
}

/* Leaves the actions that are not marked in `gone`. */
static void compact(struct sn_set *set, const bool *gone)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->n; i++) {
		if (gone[i])
			continue;
		set->actions[kept] = set->actions[i];
		set->varbinds[kept++] = set->varbinds[i];
	}
	set->n = kept;
}

static int check_rows(struct sn_set *set)
{
	auto_free size_t *order = calloc(set->n, sizeof(*order));
	auto_free bool *gone = calloc(set->n, sizeof(*gone));
	int status = SNMP_ERR_NOERROR;

	if (!order || !gone)
		return SNMP_ERR_RESOURCEUNAVAILABLE;
	for (size_t i = 0; i < set->n; i++)
		order[i] = i;
	qsort_r(order, set->n, sizeof(*order), by_subject, set);
	for (size_t i = 1; i < set->n; i++) {
		const struct bmc_action *x = &set->actions[order[i - 1]];
		const struct bmc_action *y = &set->actions[order[i]];
		if (!is_looked_at(x) || !is_looked_at(y) || !same_subject(x, y))
			continue;
		gone[order[i]] = same_value(x, y);
		if (!gone[order[i]])
			note(set, set->varbinds[order[i]], &status);
	}
	if (status == SNMP_ERR_NOERROR)
		compact(set, gone);
	return status;
}

/* ---- a blade and its boards ---- */

static const struct bmc_row *row_of(const struct bmc_action *a)
{
	return bmc_snapshot_find(sn_pinned(), a->kind, a->id);
}

static void check_boards_of(struct sn_set *set, size_t of, int *status)
{
	const struct bmc_row *blade = row_of(&set->actions[of]);

	for (size_t i = 0; blade && i < set->n; i++) {
		const struct bmc_action *a = &set->actions[i];
		if (a->kind != BMC_BOARD || !is_verb(a) || a->op == set->actions[of].op)
			continue;
		const struct bmc_row *board = row_of(a);
		if (board && board->parent == blade->handle)
			note(set, MAX(set->varbinds[i], set->varbinds[of]), status);
	}
}

static int check_blades(struct sn_set *set)
{
	int status = SNMP_ERR_NOERROR;

	for (size_t i = 0; i < set->n; i++) {
		if (set->actions[i].kind == BMC_BLADE && is_verb(&set->actions[i]))
			check_boards_of(set, i, &status);
	}
	return status;
}

int sn_set_check_twice(struct sn_set *set)
{
	int status = set->n > 1 ? check_rows(set) : SNMP_ERR_NOERROR;

	return status == SNMP_ERR_NOERROR ? check_blades(set) : status;
}

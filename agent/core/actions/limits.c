// SPDX-License-Identifier: Apache-2.0
/* Settings that have to be in order: the limits of a sensor. They are compared as the
 * whole transaction leaves them, so all four can be moved at once. Called by reserve.c,
 * on any thread. */
#include <string.h>

#include "core/actions/transaction.h"
#include "core/base/util.h"
#include "core/model/field.h"

#define LIMITS 4

/* Each at most the next one. */
static const struct {
	enum bmc_kind kind;
	size_t offsets[LIMITS];
} orders[] = {
	{ BMC_SENSOR,
	  { offsetof(struct bmc_sensor, low_critical),
	    offsetof(struct bmc_sensor, low_warning),
	    offsetof(struct bmc_sensor, high_warning),
	    offsetof(struct bmc_sensor, high_critical) } },
};

struct limit {
	const struct bmc_field *field;
	int64_t value; /* BMC_UNKNOWN: there is none */
	size_t act;    /* that sets it; n_acts: none does */
};

/* What the limit is to be: what the transaction sets, else what the row has. */
static struct limit limit_of(const struct bmc_transaction *t, const struct bmc_row *row,
			     size_t offset)
{
	struct limit l = { .field = bmc_field_at((enum bmc_kind)row->kind, offset),
			   .act = t->n_acts };

	l.value = bmc_field_num(row, l.field);
	for (size_t i = 0; i < t->n_acts; i++) {
		const struct bmc_action *a = &t->acts[i];

		if (a->op == BMC_ACT_SET && a->kind == row->kind &&
		    a->field == l.field && strcmp(a->id, row->id) == 0) {
			l.value = a->num;
			l.act = i;
		}
	}
	return l;
}

/* What was out of order before, and is not touched, is no reason to refuse. */
static int check_pair(const struct limit *low, const struct limit *high, size_t n_acts,
		      const struct bmc_row *row, size_t *ret_bad, struct bmc_error *err)
{
	if (low->value <= high->value || (low->act == n_acts && high->act == n_acts))
		return BMC_OK;
	*ret_bad = low->act == n_acts    ? high->act
		   : high->act == n_acts ? low->act
					 : MAX(low->act, high->act);
	return bmc_fail(err, BMC_ECONFLICT, "%s of %s would be above its %s",
			low->field->name, row->id, high->field->name);
}

static int check_row(const struct bmc_transaction *t, const struct bmc_row *row,
		     const size_t *offsets, size_t *ret_bad, struct bmc_error *err)
{
	struct limit last = { .value = BMC_UNKNOWN };
	int code = BMC_OK;

	for (size_t i = 0; i < LIMITS && code == BMC_OK; i++) {
		struct limit l = limit_of(t, row, offsets[i]);

		if (l.value == BMC_UNKNOWN)
			continue;
		if (last.value != BMC_UNKNOWN)
			code = check_pair(&last, &l, t->n_acts, row, ret_bad, err);
		last = l;
	}
	return code;
}

int bmc_limits_check(const struct bmc_transaction *t, const struct bmc_snapshot *s,
		     size_t *ret_bad, struct bmc_error *err)
{
	int code = BMC_OK;

	for (size_t i = 0; i < t->n_acts && code == BMC_OK; i++) {
		const struct bmc_action *a = &t->acts[i];

		for (size_t k = 0; k < ARRAY_SIZE(orders) && code == BMC_OK; k++) {
			if (a->op != BMC_ACT_SET || a->kind != orders[k].kind)
				continue;
			const struct bmc_row *row =
				bmc_snapshot_find(s, a->kind, a->id);
			if (row)
				code = check_row(t, row, orders[k].offsets, ret_bad,
						 err);
		}
	}
	return code;
}

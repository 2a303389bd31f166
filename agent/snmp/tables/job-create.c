// SPDX-License-Identifier: Apache-2.0
/* Jobs that a SET creates: the columns of one new row of cbmcJobTable become the
 * actions of the request and their plan. Called by set-rows.c through the table. */
#include <string.h>
#include <time.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "core/model/service.h"
#include "snmp/job.h"
#include "snmp/set.h"

/* What the request says so far. */
struct draft {
	struct sn_set *set;
	const struct sn_row_request *request;
	struct bmc_params *params; /* NULL: out of memory */
	struct bmc_action act;     /* what is done to each target */
	const struct bmc_row *target;
	bool named;         /* a target was */
	bool image, update; /* an image was; something that only an update has */
	long blade, slot;   /* -1: not given */
};

typedef int taker(struct draft *d, const struct sn_row_value *v);

/* ---- what is to be done ---- */

static int take_operation(struct draft *d, const struct sn_row_value *v)
{
	long op = v->number - 1;

	if (op <= BMC_ACT_NONE || !bmc_op_is_recipe((enum bmc_action_op)op))
		return SNMP_ERR_WRONGVALUE;
	d->act.op = (enum bmc_action_op)op;
	return SNMP_ERR_NOERROR;
}

static int take_mode(struct draft *d, const struct sn_row_value *v)
{
	long mode = v->number - 1;

	if (mode < BMC_BOOT_NORMAL || mode >= BMC_N_BOOTS)
		return SNMP_ERR_WRONGVALUE;
	d->act.num = mode;
	return SNMP_ERR_NOERROR;
}

static int number(struct draft *d, enum bmc_param key, int64_t n)
{
	return sn_error_status(bmc_params_set_num(d->params, key, n, NULL));
}

static int take_batch(struct draft *d, const struct sn_row_value *v)
{
	return number(d, BMC_PARAM_BATCH, v->number);
}

static int take_delay(struct draft *d, const struct sn_row_value *v)
{
	return number(d, BMC_PARAM_DELAY_MS, v->number);
}

static int take_canary(struct draft *d, const struct sn_row_value *v)
{
	return number(d, BMC_PARAM_CANARY, v->number);
}

static int take_per_blade(struct draft *d, const struct sn_row_value *v)
{
	return number(d, BMC_PARAM_PER_BLADE, v->number);
}

/* DateAndTime (RFC 2579) as milliseconds since 1970; without a zone it is UTC. -1: it
 * is none. */
static int64_t date_of(const unsigned char *o, size_t len)
{
	struct tm tm = { .tm_year = (o[0] << 8) + o[1] - 1900,
			 .tm_mon = o[2] - 1,
			 .tm_mday = o[3],
			 .tm_hour = o[4],
			 .tm_min = o[5],
			 .tm_sec = o[6] };
	bool zone = len == 11;

	if (o[2] < 1 || o[2] > 12 || o[3] < 1 || o[3] > 31 || o[4] > 23 || o[5] > 59 ||
	    o[6] > 60 || o[7] > 9 ||
	    (zone && ((o[8] != '+' && o[8] != '-') || o[9] > 13 || o[10] > 59)))
		return -1;
	int64_t ms = (int64_t)timegm(&tm) * 1000 + o[7] * 100;
	int64_t offset = zone ? (o[9] * 60 + o[10]) * INT64_C(60000) : 0;
	return zone && o[8] == '+' ? ms - offset : ms + offset;
}

static int take_date(struct draft *d, enum bmc_param key, const struct sn_row_value *v)
{
	if (v->len != 8 && v->len != 11)
		return SNMP_ERR_WRONGLENGTH;
	return number(d, key, date_of((const unsigned char *)v->text, v->len));
}

static int take_planned(struct draft *d, const struct sn_row_value *v)
{
	return take_date(d, BMC_PARAM_APPLY_AT, v);
}

static int take_until(struct draft *d, const struct sn_row_value *v)
{
	return take_date(d, BMC_PARAM_APPLY_UNTIL, v);
}

static int take_cancel(struct draft *d, const struct sn_row_value *v)
{
	(void)d;
	return v->number == 1 ? SNMP_ERR_NOERROR : SNMP_ERR_INCONSISTENTVALUE;
}

static int take_update(struct draft *d, const struct sn_row_value *v)
{
	d->image |= v->column->column == SN_JOB_IMAGE;
	d->update = true;
	return sn_job_update_take(d->set, d->params, v);
}

/* ---- to what ---- */

static int take_row(struct draft *d, const struct bmc_row *row)
{
	if (d->named || !row)
		return SNMP_ERR_INCONSISTENTVALUE;
	d->named = true;
	d->target = row;
	return SNMP_ERR_NOERROR;
}

static int take_id(struct draft *d, const struct sn_row_value *v)
{
	static const enum bmc_kind kinds[] = { BMC_BOARD, BMC_BLADE, BMC_CHASSIS };
	const struct bmc_row *row = NULL;
	char id[BMC_ID_MAX];

	if (v->len >= sizeof(id))
		return SNMP_ERR_WRONGLENGTH;
	if (v->len)
		memcpy(id, v->text, v->len);
	id[v->len] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && !row; i++)
		row = bmc_snapshot_find(sn_pinned(), kinds[i], id);
	return take_row(d, row);
}

/* The row whose objects the name is one of: a RowPointer's is the first one. */
static int take_pointer(struct draft *d, const struct sn_row_value *v)
{
	const struct sn_table *t = sn_table_at(v->name, v->len);
	const struct bmc_row *const *rows, *row = NULL;
	size_t n = t ? bmc_snapshot_rows(sn_pinned(), t->kind, &rows) : 0;

	if (!t ||
	    (t->kind != BMC_BOARD && t->kind != BMC_BLADE && t->kind != BMC_CHASSIS))
		return SNMP_ERR_INCONSISTENTVALUE;
	for (size_t i = 0; i < n && !row; i++) {
		struct sn_oid name;

		sn_oid_of(t, t->columns[0].column, rows[i], &name);
		if (netsnmp_oid_equals(v->name, v->len, name.id, name.len) == 0)
			row = rows[i];
	}
	return take_row(d, row);
}

static int take_blade(struct draft *d, const struct sn_row_value *v)
{
	d->blade = v->number;
	return d->named ? SNMP_ERR_INCONSISTENTVALUE : SNMP_ERR_NOERROR;
}

static int take_slot(struct draft *d, const struct sn_row_value *v)
{
	d->slot = v->number;
	return d->named ? SNMP_ERR_INCONSISTENTVALUE : SNMP_ERR_NOERROR;
}

static int take_aggregate(struct draft *d, const struct sn_row_value *v)
{
	char id[BMC_ID_MAX];

	(void)snprintf(id, sizeof(id), "%ld", v->number);
	return take_row(d, bmc_snapshot_find(sn_pinned(), BMC_AGGREGATE, id));
}

/* Blade and slot are a board, a blade alone is all boards of it. */
static int take_place(struct draft *d)
{
	enum bmc_kind kind = d->slot < 0 ? BMC_BLADE : BMC_BOARD;
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), kind, &rows);

	if (d->blade < 0 && d->slot < 0)
		return SNMP_ERR_NOERROR;
	for (size_t i = 0; i < n && d->blade >= 0; i++) {
		if (rows[i]->index[0] == (uint32_t)d->blade &&
		    (kind == BMC_BLADE || rows[i]->index[1] == (uint32_t)d->slot))
			return take_row(d, rows[i]);
	}
	return SNMP_ERR_INCONSISTENTVALUE;
}

/* ---- the actions ---- */

static int add(struct draft *d, const struct bmc_row *row, bool in_set)
{
	d->act.kind = (enum bmc_kind)row->kind;
	d->act.in_set = in_set;
	d->act.params = d->params;
	(void)bmc_copy(d->act.id, sizeof(d->act.id), row->id);
	return sn_set_add(d->set, &d->act) ? SNMP_ERR_NOERROR
					   : SNMP_ERR_RESOURCEUNAVAILABLE;
}

/* The agent's own board is never one of all boards. */
static int add_all(struct draft *d)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), BMC_BOARD, &rows);
	int status = SNMP_ERR_NOERROR;

	for (size_t i = 0; i < n && status == SNMP_ERR_NOERROR; i++) {
		if (((const struct bmc_board *)rows[i])->is_main != 1)
			status = add(d, rows[i], true);
	}
	return status;
}

static int add_member(struct draft *d, const char *id)
{
	const struct bmc_row *row;

	if ((row = bmc_snapshot_find(sn_pinned(), BMC_BOARD, id)))
		return add(d, row, true);
	if ((row = bmc_snapshot_find(sn_pinned(), BMC_BLADE, id)))
		return add(d, row, false);
	return bmc_snapshot_find(sn_pinned(), BMC_CHASSIS, id) ? add_all(d)
							       : SNMP_ERR_NOERROR;
}

static int add_aggregate(struct draft *d, const struct bmc_aggregate *aggregate)
{
	char members[sizeof(aggregate->members)], *rest = members, *id;
	int status =
		aggregate->members[0] ? SNMP_ERR_NOERROR : SNMP_ERR_INCONSISTENTVALUE;

	(void)bmc_copy(members, sizeof(members), aggregate->members);
	while (status == SNMP_ERR_NOERROR && (id = strsep(&rest, " ")))
		status = add_member(d, id);
	return status;
}

static int add_target(struct draft *d)
{
	switch (d->target->kind) {
	case BMC_AGGREGATE:
		return add_aggregate(d, (const struct bmc_aggregate *)d->target);
	case BMC_CHASSIS:
		return add_all(d);
	default:
		return add(d, d->target, false);
	}
}

/* ---- the row ---- */

static taker *taker_of(uint32_t column)
{
	/* clang-format off */
	static taker *const takers[SN_JOB_COLUMNS] = {
		[SN_JOB_OPERATION] = take_operation, [SN_JOB_TARGET_ID] = take_id,
		[SN_JOB_TARGET] = take_pointer, [SN_JOB_BLADE] = take_blade,
		[SN_JOB_SLOT] = take_slot, [SN_JOB_AGGREGATE] = take_aggregate,
		[SN_JOB_CANCEL] = take_cancel, [SN_JOB_MODE] = take_mode,
		[SN_JOB_PLANNED] = take_planned, [SN_JOB_UNTIL] = take_until,
		[SN_JOB_BATCH] = take_batch, [SN_JOB_DELAY] = take_delay,
		[SN_JOB_CANARY] = take_canary, [SN_JOB_PER_BLADE] = take_per_blade,
		[SN_JOB_IMAGE] = take_update, [SN_JOB_USER] = take_update,
		[SN_JOB_CREDENTIAL] = take_update, [SN_JOB_VERIFY] = take_update,
		[SN_JOB_DRY_RUN] = take_update, [SN_JOB_MAX_FAILED] = take_update,
		[SN_JOB_PRIORITY] = take_update,
	};
	/* clang-format on */

	return column < SN_JOB_COLUMNS ? takers[column] : NULL;
}

static int take_values(struct draft *d, size_t *ret_bad)
{
	int status = SNMP_ERR_NOERROR;

	for (size_t i = 0; i < d->request->n_values && status == SNMP_ERR_NOERROR;
	     i++) {
		const struct sn_row_value *v = &d->request->values[i];
		taker *take = taker_of(v->column->column);

		*ret_bad = i;
		status = take ? take(d, v) : SNMP_ERR_NOTWRITABLE;
	}
	if (status == SNMP_ERR_NOERROR)
		*ret_bad = d->request->n_values;
	return status;
}

/* An operation, a mode or an image where it needs one and nowhere else, one target. */
static bool complete(const struct draft *d)
{
	bool updates = d->act.op == BMC_ACT_UPDATE;

	if (updates != d->image || (d->update && !updates))
		return false;
	return d->act.op != BMC_ACT_NONE && d->target &&
	       (d->act.op == BMC_ACT_ENTER_MODE) == (d->act.num != 0);
}

static int create(struct draft *d, size_t *ret_bad)
{
	uint32_t wanted = d->request->index->part[0].number;
	uint32_t next = bmc_action_next_task();
	int status;

	if (wanted < next || wanted - next >= SN_JOB_AHEAD)
		return SNMP_ERR_INCONSISTENTNAME;
	status = take_values(d, ret_bad);
	if (status == SNMP_ERR_NOERROR)
		status = take_place(d);
	if (status == SNMP_ERR_NOERROR && !complete(d))
		status = SNMP_ERR_INCONSISTENTVALUE;
	if (status == SNMP_ERR_NOERROR)
		status = number(d, BMC_PARAM_TASK, wanted);
	return status == SNMP_ERR_NOERROR ? add_target(d) : status;
}

static int destroy(struct sn_set *set, const struct bmc_row *row)
{
	struct bmc_action act = { .op = BMC_ACT_REMOVE, .kind = BMC_TASK };

	(void)bmc_copy(act.id, sizeof(act.id), row->id);
	return sn_set_add(set, &act) ? SNMP_ERR_NOERROR : SNMP_ERR_RESOURCEUNAVAILABLE;
}

int sn_job_create(struct sn_set *set, const struct sn_row_request *request,
		  size_t *ret_bad)
{
	struct draft d = { .set = set, .request = request, .blade = -1, .slot = -1 };

	if (request->row)
		return destroy(set, request->row);
	d.params = bmc_params_new();
	if (!d.params || !sn_set_own(set, d.params))
		return SNMP_ERR_RESOURCEUNAVAILABLE;
	return create(&d, ret_bad);
}

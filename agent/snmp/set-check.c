// SPDX-License-Identifier: Apache-2.0
/* The varbinds of a SET: each is checked and becomes an action or a step. Changes
 * nothing. Called by set.c. */
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "snmp/handler.h"
#include "snmp/set-request.h"

static bool grow(struct sn_set *set)
{
	if (set->n < set->room)
		return true;
	if (set->n >= SN_SET_MAX)
		return false;
	size_t room = set->room ? set->room * 2 : 16;
	void *actions = reallocarray(set->actions, room, sizeof(*set->actions));
	if (!actions)
		return false;
	set->actions = actions;
	void *varbinds = reallocarray(set->varbinds, room, sizeof(*set->varbinds));
	if (!varbinds)
		return false;
	set->varbinds = varbinds;
	set->room = room;
	return true;
}

static int take_text(const struct bmc_field *f, const netsnmp_variable_list *vb,
		     struct bmc_action *a)
{
	if (vb->val_len >= sizeof(a->text) || (int64_t)vb->val_len > f->max)
		return SNMP_ERR_WRONGLENGTH;
	if (memchr(vb->val.string, '\0', vb->val_len))
		return SNMP_ERR_WRONGVALUE;
	memcpy(a->text, vb->val.string, vb->val_len);
	a->text[vb->val_len] = '\0';
	if (bmc_field_check(f, 0, a->text, NULL) == 0)
		return SNMP_ERR_NOERROR;
	return (int64_t)vb->val_len < f->min ? SNMP_ERR_WRONGLENGTH
					     : SNMP_ERR_WRONGVALUE;
}

static int take_number(const struct bmc_field *f, long n, struct bmc_action *a)
{
	a->num = n;
	if (f->type == BMC_BOOL) {
		if (n != 1 && n != 2)
			return SNMP_ERR_WRONGVALUE;
		a->num = n == 1;
	}
	if (f->type == BMC_ENUM) {
		a->num = n - 1;
		if (a->num <= 0)
			return SNMP_ERR_WRONGVALUE;
	}
	return bmc_field_check(f, a->num, NULL, NULL) == 0 ? SNMP_ERR_NOERROR
							   : SNMP_ERR_WRONGVALUE;
}

static int take_operation(long n, struct bmc_action *a)
{
	if (n - 1 < BMC_ACT_ON || n - 1 > BMC_ACT_POWER_CYCLE)
		return SNMP_ERR_WRONGVALUE;
	a->op = (enum bmc_action_op)(n - 1);
	return SNMP_ERR_NOERROR;
}

static int check_special(struct sn_set *set, const struct sn_column *column,
			 const struct bmc_row *row, long value)
{
	if (set->n_steps == SN_SET_STEPS)
		return SNMP_ERR_RESOURCEUNAVAILABLE;
	int status = column->special->check(set, row, value);
	if (status == SNMP_ERR_NOERROR)
		set->steps[set->n_steps++] =
			(struct sn_step){ column, row->handle, value };
	return status;
}

/* What can be said of a value without its row. */
static int take_value(const struct sn_cell *cell, const netsnmp_variable_list *vb,
		      struct bmc_action *a)
{
	if (cell->column->form == SN_ACTION)
		return take_operation(*vb->val.integer, a);
	a->op = BMC_ACT_SET;
	a->field = cell->field;
	return cell->field->type == BMC_TEXT
		       ? take_text(cell->field, vb, a)
		       : take_number(cell->field, *vb->val.integer, a);
}

static int check_action(struct sn_set *set, const struct sn_cell *cell,
			const struct bmc_row *row, const netsnmp_variable_list *vb)
{
	if (!grow(set))
		return SNMP_ERR_RESOURCEUNAVAILABLE;
	struct bmc_action *a = &set->actions[set->n];
	*a = (struct bmc_action){ .kind = row->kind };
	bmc_copy(a->id, sizeof(a->id), row->id);
	int status = take_value(cell, vb, a);
	if (status == SNMP_ERR_NOERROR)
		set->varbinds[set->n++] = set->index;
	return status;
}

int sn_set_check_cell(struct sn_set *set, const struct sn_cell *cell,
		      const struct bmc_row *row, const netsnmp_variable_list *vb)
{
	const struct sn_special *special = cell->column->special;

	if (special && special->take)
		return special->take(set, row, (const char *)vb->val.string,
				     vb->val_len);
	if (special)
		return check_special(set, cell->column, row, *vb->val.integer);
	return check_action(set, cell, row, vb);
}

static int check_absent(const struct sn_cell *cell, const netsnmp_variable_list *vb)
{
	struct bmc_action unused;
	int status = cell->column->special ? SNMP_ERR_NOERROR
					   : take_value(cell, vb, &unused);

	return status == SNMP_ERR_NOERROR ? SNMP_ERR_NOCREATION : status;
}

static bool in_view(const struct sn_set *set, netsnmp_variable_list *vb)
{
	return in_a_view(vb->name, &vb->name_length, set->pdu, vb->type) ==
	       VACM_SUCCESS;
}

/* In the order of RFC 3416, 4.2.5. */
static int check_varbind(struct sn_set *set, netsnmp_variable_list *vb)
{
	const struct sn_table *t = sn_table_at(vb->name, vb->name_length);
	const struct sn_cell *cell = NULL;

	if (!in_view(set, vb))
		return SNMP_ERR_NOACCESS;
	const struct bmc_row *row = t ? sn_find(t, vb, &cell) : NULL;
	bool creates = t && t->create;
	if (!cell)
		return SNMP_ERR_NOTWRITABLE;
	if (!sn_cell_writable(cell) && !(creates && cell->column->create))
		return SNMP_ERR_NOTWRITABLE;
	bool bad = set->index == set->bad_encoding;
	if ((bad ? set->bad_type : vb->type) != sn_value_type(cell))
		return SNMP_ERR_WRONGTYPE;
	if (bad)
		return SNMP_ERR_WRONGENCODING;
	if (creates)
		return sn_set_row_add(set, t, vb, cell, row);
	return row ? sn_set_check_cell(set, cell, row, vb) : check_absent(cell, vb);
}

bool sn_set_own(struct sn_set *set, struct bmc_params *params)
{
	bool first = !set->params;

	if (first)
		set->params = params;
	else
		(void)bmc_params_unref(params);
	return first;
}

bool sn_set_add(struct sn_set *set, const struct bmc_action *action)
{
	if (!grow(set))
		return false;
	set->actions[set->n] = *action;
	set->varbinds[set->n++] = set->index;
	return true;
}

bool sn_set_check(struct sn_set *set)
{
	netsnmp_variable_list *vb = set->pdu->variables;

	for (set->index = 1; vb; vb = vb->next_variable, set->index++) {
		set->status = check_varbind(set, vb);
		if (set->status != SNMP_ERR_NOERROR)
			return false;
	}
	set->status = sn_set_rows_check(set);
	if (set->status == SNMP_ERR_NOERROR)
		set->status = sn_set_check_twice(set);
	return set->status == SNMP_ERR_NOERROR;
}

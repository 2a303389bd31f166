// SPDX-License-Identifier: Apache-2.0
/* Which event is which notification of a standard MIB. Called by the notifier. */
#include "snmp/standard-traps.h"

#include <string.h>

#include "core/base/util.h"
#include "snmp/entity.h"

#define CONFIG_CHANGE "1.3.6.1.2.1.47.2.0.1"
#define OPER_ENABLED  "1.3.6.1.2.1.131.0.1"
#define OPER_DISABLED "1.3.6.1.2.1.131.0.2"
#define LINK_DOWN     "1.3.6.1.6.3.1.1.5.3"
#define LINK_UP       "1.3.6.1.6.3.1.1.5.4"

enum { IF_INDEX = 1, IF_ADMIN = 7, IF_OPER = 8, STATE_ADMIN = 2, STATE_ALARM = 5 };

/* Puts the value of a column in, of a row with an index of one sub-identifier. */
static void put(struct sn_standard_trap *t, const struct sn_table *table,
		uint32_t column, const struct bmc_row *row)
{
	const struct sn_cell *cells = sn_table_cells(table, row->kind);
	struct sn_trap_object *o = &t->objects[t->n];
	size_t i = 0;

	while (i < table->n_columns && table->columns[i].column != column)
		i++;
	if (i == table->n_columns || !sn_value_get(&cells[i], row, &o->value))
		return;
	o->name = *sn_table_prefix(table);
	o->name.id[o->name.len++] = column;
	o->name.id[o->name.len++] = row->index[0];
	t->n++;
}

static bool link_trap(const char *id, const struct bmc_row *nic,
		      struct sn_standard_trap *ret)
{
	struct sn_subids index;

	if (!nic || !sn_row_index(&sn_if_table, nic, &index))
		return false;
	put(ret, &sn_if_table, IF_INDEX, nic);
	put(ret, &sn_if_table, IF_ADMIN, nic);
	put(ret, &sn_if_table, IF_OPER, nic);
	return ret->n == 3 && sn_oid_parse(id, &ret->id);
}

static const struct bmc_row *entity_of(uint32_t handle)
{
	uint32_t index = sn_entity_index(handle);
	const struct sn_ordered *all;
	size_t n = sn_entities(&all);

	for (size_t i = 0; index && i < n; i++) {
		if (all[i].row->index[0] == index)
			return all[i].row;
	}
	return NULL;
}

static bool oper_trap(const struct bmc_event *e, struct sn_standard_trap *ret)
{
	const struct bmc_row *entity = entity_of(e->row.parent);
	bool on = strcmp(e->after, bmc_name_word(bmc_power_names, BMC_POWER_ON)) == 0;

	if (!entity || (!on && strcmp(e->after, bmc_name_word(bmc_power_names,
							      BMC_POWER_OFF)) != 0))
		return false;
	put(ret, &sn_entity_state_table, STATE_ADMIN, entity);
	put(ret, &sn_entity_state_table, STATE_ALARM, entity);
	return ret->n == 2 && sn_oid_parse(on ? OPER_ENABLED : OPER_DISABLED, &ret->id);
}

/* The same for every receiver: the first event in 5 s. */
static bool config_trap(const struct bmc_event *e, struct sn_standard_trap *ret)
{
	static uint32_t last;
	static int64_t time = BMC_UNKNOWN;

	if (e->row.index[0] != last) {
		if (time != BMC_UNKNOWN && e->time - time < SN_CONFIG_CHANGE_MS)
			return false;
		last = e->row.index[0];
		time = e->time;
	}
	return sn_oid_parse(CONFIG_CHANGE, &ret->id);
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), k = strlen(end);

	return n > k && strcmp(text + n - k, end) == 0;
}

bool sn_standard_trap(const struct bmc_event *e, struct sn_standard_trap *ret)
{
	const struct bmc_row *origin = bmc_snapshot_row(sn_pinned(), e->row.parent);

	ret->n = 0;
	if (!e->row.parent)
		return false;
	if (strcmp(e->type, "NicLinkUp") == 0)
		return link_trap(LINK_UP, origin, ret);
	if (strcmp(e->type, "NicLinkDown") == 0)
		return link_trap(LINK_DOWN, origin, ret);
	if (strcmp(e->type, "BoardPowerChanged") == 0)
		return oper_trap(e, ret);
	return (ends_with(e->type, "Inserted") || ends_with(e->type, "Removed")) &&
	       config_trap(e, ret);
}

// SPDX-License-Identifier: Apache-2.0
/* ENTITY-MIB's (RFC 6933) other tables: what each entity contains, which port is which
 * interface, and when any of it last changed. */
#include "snmp/entity.h"
#include "snmp/standard.h"

static bool pair(struct sn_subids *ret, uint32_t first, uint32_t second)
{
	*ret = (struct sn_subids){ .n = 2, .id = { first, second } };
	return true;
}

static bool contain(const struct sn_entity *e, struct sn_subids *ret)
{
	return e->row.parent && pair(ret, e->row.parent, e->row.index[0]);
}

/* Of ports that are in ifTable; 0: of all logical entities, for there are none. */
static bool map(const struct sn_entity *e, struct sn_subids *ret)
{
	const struct bmc_row *nic = sn_entity_row(e);

	return nic && nic->kind == BMC_NIC && sn_row_index(&sn_if_table, nic, ret) &&
	       pair(ret, e->row.index[0], 0);
}

static size_t contains_rows(const struct sn_ordered **ret)
{
	static struct sn_entity_rows contains;

	return sn_entities_each(&contains, ret, contain);
}

static size_t alias_rows(const struct sn_ordered **ret)
{
	static struct sn_entity_rows aliases;

	return sn_entities_each(&aliases, ret, map);
}

/* ---- values ---- */

static bool get_child(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_integer(ret, (long)row->index[0]);
}

/* The instance of ifIndex. */
static bool get_interface(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *nic = sn_entity_row(sn_entity(row));
	struct sn_oid name;

	if (!nic)
		return false;
	sn_oid_of(&sn_if_table, 1, nic, &name);
	return sn_name(ret, &name);
}

static bool get_last_change(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_time_stamp(ret, sn_entities_changed());
}

static const struct sn_column alias_columns[] = {
	SN_GET(2, "entAliasMappingIdentifier", ASN_OBJECT_ID, get_interface),
};
static const struct sn_column contains_columns[] = {
	SN_GET(1, "entPhysicalChildIndex", ASN_INTEGER, get_child),
};
static const struct sn_column general_columns[] = {
	SN_GET(1, "entLastChangeTime", ASN_TIMETICKS, get_last_change),
};

const struct sn_table sn_entity_alias_table = {
	.name = "entAliasMappingTable",
	.at = "1.3.6.1.2.1.47.1.3.2.1",
	.kind = SN_ENTITY_KIND,
	.n_index = 2,
	.index = { { "entPhysicalIndex" }, { "entAliasLogicalIndexOrZero" } },
	.rows = alias_rows,
	.columns = alias_columns,
	.n_columns = ARRAY_SIZE(alias_columns),
};

const struct sn_table sn_entity_contains_table = {
	.name = "entPhysicalContainsTable",
	.at = "1.3.6.1.2.1.47.1.3.3.1",
	.kind = SN_ENTITY_KIND,
	.n_index = 2,
	.index = { { "entPhysicalIndex" }, { "entPhysicalChildIndex" } },
	.rows = contains_rows,
	.columns = contains_columns,
	.n_columns = ARRAY_SIZE(contains_columns),
};

const struct sn_table sn_entity_general = {
	.name = "entityGeneral",
	.at = "1.3.6.1.2.1.47.1.4",
	.kind = BMC_CHASSIS,
	.columns = general_columns,
	.n_columns = ARRAY_SIZE(general_columns),
};

// SPDX-License-Identifier: Apache-2.0
/* SNMPv2-MIB's system group: who this agent is (RFC 3418). sysORLastChange and
 * sysORTable are net-snmp's. */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "snmp/set.h"
#include "snmp/system.h"
#include "snmp/value.h"

static bool text(struct sn_value *ret, const char *s)
{
	ret->type = ASN_OCTET_STR;
	ret->data = s;
	ret->len = strlen(s);
	return true;
}

static bool descr_get(const struct bmc_row *row, struct sn_value *ret)
{
	static char descr[BMC_NAME_MAX + 32];
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), BMC_CHASSIS, &rows);
	const struct bmc_chassis *c = n ? (const struct bmc_chassis *)rows[0] : NULL;

	(void)row;
	snprintf(descr, sizeof(descr), "%s management agent",
		 c && *c->model ? c->model : "Cluster server");
	return text(ret, descr);
}

static bool object_id_get(const struct bmc_row *row, struct sn_value *ret)
{
	struct sn_oid *product = &ret->u.name;

	(void)row;
	*product = sn_base;
	product->id[product->len - 1] = 2; /* cbmcProducts, beside clusterBmcMIB */
	product->id[product->len++] = 1;
	ret->type = ASN_OBJECT_ID;
	ret->data = product->id;
	ret->len = product->len * sizeof(oid);
	return true;
}

static bool up_time_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	sn_value_number(ret, ASN_TIMETICKS, (long)netsnmp_get_agent_uptime());
	return true;
}

static const struct bmc_manager *manager(const struct bmc_row *row)
{
	return (const struct bmc_manager *)row;
}

/* What a user has set, or else what stands elsewhere. */
static bool text_or(struct sn_value *ret, const char *set, const char *otherwise)
{
	return text(ret, *set ? set : otherwise);
}

static bool contact_get(const struct bmc_row *row, struct sn_value *ret)
{
	return text_or(ret, manager(row)->contact, sn_system()->contact);
}

static bool name_get(const struct bmc_row *row, struct sn_value *ret)
{
	return text_or(ret, manager(row)->system_name, manager(row)->hostname);
}

static bool location_get(const struct bmc_row *row, struct sn_value *ret)
{
	return text_or(ret, manager(row)->location, sn_system()->location);
}

/* Each is a setting of the manager. DisplayString has printable ASCII only here: line
 * ends, which it may have too, are for no setting. */
static int take(struct sn_set *set, const struct bmc_row *row, const char *field,
		const char *s, size_t len)
{
	struct bmc_action a = { .op = BMC_ACT_SET, .kind = BMC_MANAGER };

	a.field = bmc_field_find(BMC_MANAGER, field);
	if (len >= sizeof(a.text))
		return SNMP_ERR_WRONGLENGTH;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < ' ' || s[i] > '~')
			return SNMP_ERR_WRONGVALUE;
	}
	memcpy(a.text, s, len);
	if (!a.field || bmc_field_check(a.field, 0, a.text, NULL) < 0)
		return SNMP_ERR_WRONGVALUE;
	(void)bmc_copy(a.id, sizeof(a.id), row->id);
	return sn_set_add(set, &a) ? SNMP_ERR_NOERROR : SNMP_ERR_RESOURCEUNAVAILABLE;
}

#define TAKE(word, field)                                                     \
	static int word##_take(struct sn_set *set, const struct bmc_row *row, \
			       const char *s, size_t len)                     \
	{                                                                     \
		return take(set, row, field, s, len);                         \
	}

TAKE(contact, "contact")
TAKE(name, "system_name")
TAKE(location, "location")

static bool services_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	sn_value_number(ret, ASN_INTEGER, sn_system()->services);
	return true;
}

#define SPECIAL(word, is, getter, ...)                                           \
	static const struct sn_special word = {                                  \
		.syntax = (is), .type = (getter), .get = word##_get, __VA_ARGS__ \
	}

SPECIAL(descr, "DisplayString", ASN_OCTET_STR);
SPECIAL(object_id, "OBJECT IDENTIFIER", ASN_OBJECT_ID);
SPECIAL(up_time, "TimeTicks", ASN_TIMETICKS);
SPECIAL(contact, "DisplayString", ASN_OCTET_STR, .take = contact_take);
SPECIAL(name, "DisplayString", ASN_OCTET_STR, .take = name_take);
SPECIAL(location, "DisplayString", ASN_OCTET_STR, .take = location_take);
SPECIAL(services, "INTEGER", ASN_INTEGER);

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(1, "sysDescr", NULL, .special = &descr),
	SN_COLUMN(2, "sysObjectID", NULL, .special = &object_id),
	SN_COLUMN(3, "sysUpTime", NULL, .special = &up_time),
	SN_COLUMN(4, "sysContact", NULL, .special = &contact),
	SN_COLUMN(5, "sysName", NULL, .special = &name),
	SN_COLUMN(6, "sysLocation", NULL, .special = &location),
	SN_COLUMN(7, "sysServices", NULL, .special = &services),
};
/* clang-format on */

const struct sn_table sn_system_group = {
	.name = "system",
	.at = "1.3.6.1.2.1.1",
	.kind = BMC_MANAGER,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
};

// SPDX-License-Identifier: Apache-2.0
/* ENTITY-STATE-MIB (RFC 4268): what each entity does, as its row says. A slot is busy
 * when something is in it; else all entities of a row have its state. */
#include "snmp/entity.h"
#include "snmp/standard.h"

enum { UNKNOWN = 1 };
enum { LOCKED = 2, UNLOCKED = 4 };
enum { DISABLED = 2, ENABLED, TESTING };
enum { IDLE = 2, ACTIVE, BUSY };
enum { COLD_STANDBY = 3, PROVIDING_SERVICE };
/* BITS: bit 0 is the first of the first octet */
enum { UNDER_REPAIR = 0x40, CRITICAL = 0x20, WARNING = 0x04, INDETERMINATE = 0x02 };

static bool is_slot(const struct bmc_row *row)
{
	return sn_entity(row)->part->form == SN_ENTITY_SLOT;
}

static bool is_off(const struct bmc_row *is)
{
	return is->kind == BMC_BOARD &&
	       ((const struct bmc_board *)is)->power_state == BMC_POWER_OFF;
}

static bool get_changed(const struct bmc_row *row, struct sn_value *ret)
{
	int64_t since = sn_entity_since(sn_entity(row));

	return since != BMC_UNKNOWN && sn_date_of(ret, since);
}

static bool get_admin(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *is = sn_entity_row(sn_entity(row));

	if (!is)
		return false;
	return sn_integer(ret, is->status == BMC_DISABLED && !is_slot(row) ? LOCKED
									   : UNLOCKED);
}

static int oper_of(const struct bmc_row *is)
{
	static const uint8_t by_status[] = {
		[BMC_STATUS_UNKNOWN] = UNKNOWN,
		[BMC_ENABLED] = ENABLED,
		[BMC_ABSENT] = UNKNOWN, /* its source is silent: it is not gone */
		[BMC_STARTING] = DISABLED,
		[BMC_STANDBY_OFFLINE] = DISABLED,
		[BMC_UNAVAILABLE_OFFLINE] = DISABLED,
		[BMC_QUIESCED] = DISABLED,
		[BMC_UPDATING] = DISABLED,
		[BMC_DISABLED] = DISABLED,
	};

	if (is->status >= ARRAY_SIZE(by_status))
		return UNKNOWN;
	return is_off(is) ? DISABLED : by_status[is->status];
}

static bool get_oper(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *is = sn_entity_row(sn_entity(row));

	return is && sn_integer(ret, is_slot(row) ? ENABLED : oper_of(is));
}

static bool get_usage(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *is = sn_entity_row(sn_entity(row));

	if (!is)
		return false;
	if (is_slot(row))
		return sn_integer(ret, sn_entity_index(is->handle) ? BUSY : IDLE);
	return sn_integer(ret, oper_of(is) == ENABLED    ? ACTIVE
			       : oper_of(is) == DISABLED ? IDLE
							 : UNKNOWN);
}

/* No bit: nothing is wrong. */
static bool get_alarm(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *is = sn_entity_row(sn_entity(row));
	unsigned bits = 0;

	if (!is)
		return false;
	if (is->own_health == BMC_CRITICAL)
		bits = CRITICAL;
	else if (is->own_health == BMC_WARNING)
		bits = WARNING;
	if (is->status == BMC_UPDATING)
		bits |= UNDER_REPAIR;
	ret->u.octets[0] = (unsigned char)(is_slot(row) ? 0 : bits);
	return sn_octets(ret, ret->u.octets, 1);
}

static bool get_standby(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *is = sn_entity_row(sn_entity(row));

	if (!is)
		return false;
	if (is->status == BMC_STANDBY_OFFLINE && !is_slot(row))
		return sn_integer(ret, COLD_STANDBY);
	return sn_integer(ret, oper_of(is) == ENABLED || is_slot(row)
				       ? PROVIDING_SERVICE
				       : UNKNOWN);
}

static const struct sn_column columns[] = {
	SN_GET(1, "entStateLastChanged", ASN_OCTET_STR, get_changed),
	SN_GET(2, "entStateAdmin", ASN_INTEGER, get_admin),
	SN_GET(3, "entStateOper", ASN_INTEGER, get_oper),
	SN_GET(4, "entStateUsage", ASN_INTEGER, get_usage),
	SN_GET(5, "entStateAlarm", ASN_OCTET_STR, get_alarm),
	SN_GET(6, "entStateStandby", ASN_INTEGER, get_standby),
};

const struct sn_table sn_entity_state_table = {
	.name = "entStateTable",
	.at = "1.3.6.1.2.1.131.1.1.1",
	.kind = SN_ENTITY_KIND,
	.n_index = 1,
	.index = { { "entPhysicalIndex" } },
	.rows = sn_entities,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
};

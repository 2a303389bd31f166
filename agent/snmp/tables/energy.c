// SPDX-License-Identifier: Apache-2.0
/* ENERGY-OBJECT-MIB (RFC 7460): the power that the chassis, its power supplies, blades
 * and boards draw, of each whose reading is known. What nothing here knows is left out:
 * eoPowerNameplate (a power supply's capacity is what it gives out, not what it draws),
 * the power of each state, energy. Nothing can be written. */
#include "snmp/entity.h"
#include "snmp/standard.h"

#define ENERGY "1.3.6.1.2.1.229"

enum { POWER_METERING = 0x40 }; /* BITS: bit 0 is the first of the first octet */
enum { MILLI = -3 };            /* UnitMultiplier */
enum { HOW_UNKNOWN = 2, ACTUAL };
enum { AC = 1, DC };
enum { STATE_UNKNOWN = 255, STATE_OFF = 257, STATE_ON = 259 }; /* PowerStateSet */
enum { YES = 1, NO };                                          /* TruthValue */

/* What a row draws, in milliwatts. */
static int64_t draws(const struct bmc_row *is)
{
	switch (is->kind) {
	case BMC_CHASSIS:
		return ((const struct bmc_chassis *)is)->power;
	case BMC_PSU:
		return ((const struct bmc_psu *)is)->input_power;
	case BMC_BLADE:
		return ((const struct bmc_blade *)is)->power;
	case BMC_BOARD:
		return ((const struct bmc_board *)is)->power;
	default:
		return BMC_UNKNOWN;
	}
}

/* What is the row itself and has a reading. */
static bool is_metered(const struct sn_entity *e, struct sn_subids *ret)
{
	const struct bmc_row *is =
		e->part->form == SN_ENTITY_ITSELF ? sn_entity_row(e) : NULL;

	*ret = (struct sn_subids){ .n = 1, .id = { e->row.index[0] } };
	return is && draws(is) != BMC_UNKNOWN;
}

static size_t metered_rows(const struct sn_ordered **ret)
{
	static struct sn_entity_rows metered = { .by_values = true };

	return sn_entities_each(&metered, ret, is_metered);
}

static const struct bmc_row *subject(const struct bmc_row *row)
{
	return sn_entity_row(sn_entity(row));
}

/* ---- values ---- */

static bool get_capability(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	ret->u.octets[0] = POWER_METERING;
	return sn_octets(ret, ret->u.octets, 1);
}

static bool get_power(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *is = subject(row);
	int64_t power = is ? draws(is) : BMC_UNKNOWN;

	if (power == BMC_UNKNOWN)
		return false;
	return sn_integer(ret, (long)MAX(INT32_MIN, MIN(power, INT32_MAX)));
}

static bool get_multiplier(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_integer(ret, MILLI);
}

/* 0: not known. */
static bool get_accuracy(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_integer(ret, 0);
}

/* A power supply measures; of the others, their plugin knows. */
static bool get_caliber(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *is = subject(row);

	return is && sn_integer(ret, is->kind == BMC_PSU ? ACTUAL : HOW_UNKNOWN);
}

static bool get_current(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *is = subject(row);

	if (!is)
		return false;
	return sn_integer(ret,
			  is->kind == BMC_BLADE || is->kind == BMC_BOARD ? DC : AC);
}

/* No other device's agent reports it. */
static bool get_local(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_integer(ret, YES);
}

static bool get_admin(const struct bmc_row *row, struct sn_value *ret)
{
	static const uint16_t of_board[] = {
		[BMC_POWER_UNKNOWN] = STATE_UNKNOWN, [BMC_POWER_OFF] = STATE_OFF,
		[BMC_POWER_ON] = STATE_ON,           [BMC_POWERING_ON] = STATE_ON,
		[BMC_POWERING_OFF] = STATE_OFF,
	};
	const struct bmc_row *is = subject(row);
	int64_t state = BMC_POWER_ON; /* all but boards have no switch */

	if (!is)
		return false;
	if (is->kind == BMC_BOARD)
		state = ((const struct bmc_board *)is)->power_state;
	if (state < 0 || state >= (int64_t)ARRAY_SIZE(of_board))
		state = BMC_POWER_UNKNOWN;
	return sn_integer(ret, of_board[state]);
}

/* A board on its way to another state is in the one before. What draws power is on. */
static bool get_oper(const struct bmc_row *row, struct sn_value *ret)
{
	static const uint16_t of_board[] = {
		[BMC_POWER_UNKNOWN] = STATE_UNKNOWN, [BMC_POWER_OFF] = STATE_OFF,
		[BMC_POWER_ON] = STATE_ON,           [BMC_POWERING_ON] = STATE_OFF,
		[BMC_POWERING_OFF] = STATE_ON,
	};
	const struct bmc_row *is = subject(row);
	int64_t state = BMC_POWER_UNKNOWN;

	if (!is)
		return false;
	if (is->kind == BMC_BOARD)
		state = ((const struct bmc_board *)is)->power_state;
	else if (draws(is) > 0)
		state = BMC_POWER_ON;
	if (state < 0 || state >= (int64_t)ARRAY_SIZE(of_board))
		state = BMC_POWER_UNKNOWN;
	return sn_integer(ret, of_board[state]);
}

static bool get_reason(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_text(ret, ""); /* the MIB's DEFVAL */
}

static bool get_notifies(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_integer(ret, NO);
}

/* ---- the tables ---- */

static const struct sn_column notifies[] = {
	SN_GET(0, "eoPowerEnableStatusNotification", ASN_INTEGER, get_notifies),
};
static const struct sn_column capabilities[] = {
	SN_GET(1, "eoMeterCapability", ASN_OCTET_STR, get_capability),
};
static const struct sn_column columns[] = {
	SN_GET(1, "eoPower", ASN_INTEGER, get_power),
	SN_GET(3, "eoPowerUnitMultiplier", ASN_INTEGER, get_multiplier),
	SN_GET(4, "eoPowerAccuracy", ASN_INTEGER, get_accuracy),
	SN_GET(5, "eoPowerMeasurementCaliber", ASN_INTEGER, get_caliber),
	SN_GET(6, "eoPowerCurrentType", ASN_INTEGER, get_current),
	SN_GET(7, "eoPowerMeasurementLocal", ASN_INTEGER, get_local),
	SN_GET(8, "eoPowerAdminState", ASN_INTEGER, get_admin),
	SN_GET(9, "eoPowerOperState", ASN_INTEGER, get_oper),
	SN_GET(10, "eoPowerStateEnterReason", ASN_OCTET_STR, get_reason),
};

const struct sn_table sn_energy_notifies = {
	.name = "eoPowerEnableStatusNotification",
	.at = ENERGY ".0.1",
	.kind = BMC_CHASSIS,
	.columns = notifies,
	.n_columns = ARRAY_SIZE(notifies),
};

const struct sn_table sn_energy_meter_table = {
	.name = "eoMeterCapabilitiesTable",
	.at = ENERGY ".1.1.1",
	.kind = SN_ENTITY_KIND,
	.n_index = 1,
	.index = { { "entPhysicalIndex" } },
	.rows = metered_rows,
	.columns = capabilities,
	.n_columns = ARRAY_SIZE(capabilities),
};

const struct sn_table sn_energy_power_table = {
	.name = "eoPowerTable",
	.at = ENERGY ".1.2.1",
	.kind = SN_ENTITY_KIND,
	.n_index = 1,
	.index = { { "entPhysicalIndex" } },
	.rows = metered_rows,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
};

// SPDX-License-Identifier: Apache-2.0
/* ENTITY-SENSOR-MIB (RFC 3433): the value of each entity that is a sensor. */
#include "snmp/entity.h"
#include "snmp/standard.h"

enum {
	OTHER = 1,
	UNKNOWN,
	VOLTS_AC,
	VOLTS_DC,
	AMPERES,
	WATTS,
	CELSIUS = 8,
	HUMIDITY,
	RPM
};
enum { MILLI = 8, UNITS };
enum { STATUS_OK = 1, STATUS_UNAVAILABLE };

#define VALUE_MAX 1000000000 /* beyond it the value says overflow */

/* What a unit of the model is here. */
struct quantity {
	enum bmc_unit unit;
	int type, scale;
	const char *units;
};

/* clang-format off */
static const struct quantity quantities[] = {
	{ BMC_UNIT_MILLICELSIUS, CELSIUS,  MILLI, "millidegrees Celsius" },
	{ BMC_UNIT_MILLIVOLT,    VOLTS_DC, MILLI, "millivolts" },
	{ BMC_UNIT_MILLIAMPERE,  AMPERES,  MILLI, "milliamperes" },
	{ BMC_UNIT_MILLIWATT,    WATTS,    MILLI, "milliwatts" },
	{ BMC_UNIT_MILLIPERCENT, OTHER,    MILLI, "0.001 percent" },
	{ BMC_UNIT_RPM,          RPM,      UNITS, "revolutions per minute" },
	{ BMC_UNIT_NONE,         UNKNOWN,  UNITS, "" },
};
/* Rows that are sensors: by their type. */
static const struct quantity types[] = {
	[BMC_SENSOR_UNKNOWN] =     { BMC_UNIT_NONE, UNKNOWN,  MILLI, "" },
	[BMC_SENSOR_TEMPERATURE] = { BMC_UNIT_NONE, CELSIUS,  MILLI, "millidegrees Celsius" },
	[BMC_SENSOR_VOLTAGE] =     { BMC_UNIT_NONE, VOLTS_DC, MILLI, "millivolts" },
	[BMC_SENSOR_CURRENT] =     { BMC_UNIT_NONE, AMPERES,  MILLI, "milliamperes" },
	[BMC_SENSOR_POWER] =       { BMC_UNIT_NONE, WATTS,    MILLI, "milliwatts" },
	[BMC_SENSOR_FAN_SPEED] =   { BMC_UNIT_NONE, RPM,      MILLI, "0.001 revolutions per minute" },
	[BMC_SENSOR_PERCENT] =     { BMC_UNIT_NONE, OTHER,    MILLI, "0.001 percent" },
	[BMC_SENSOR_HUMIDITY] =    { BMC_UNIT_NONE, HUMIDITY, MILLI, "0.001 percent" },
};
static const struct quantity mains = { BMC_UNIT_NONE, VOLTS_AC, MILLI, "millivolts" };
/* clang-format on */

static const struct quantity *quantity_of(const struct sn_entity *e)
{
	const struct bmc_row *row = sn_entity_row(e);
	const struct quantity *q = quantities;

	if (!e->field) {
		int64_t type = row ? ((const struct bmc_sensor *)row)->type : 0;
		return &types[type > 0 && type < (int64_t)ARRAY_SIZE(types) ? type : 0];
	}
	if (strcmp(e->field->name, "input_voltage") == 0)
		return &mains;
	while (q->unit != BMC_UNIT_NONE && q->unit != e->field->unit)
		q++;
	return q;
}

static int64_t value_of(const struct sn_entity *e)
{
	const struct bmc_row *row = sn_entity_row(e);

	if (!row)
		return BMC_UNKNOWN;
	return e->field ? bmc_field_num(row, e->field)
			: ((const struct bmc_sensor *)row)->value;
}

/* ---- columns ---- */

static bool get_type(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_integer(ret, quantity_of(sn_entity(row))->type);
}

static bool get_scale(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_integer(ret, quantity_of(sn_entity(row))->scale);
}

static bool get_precision(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_integer(ret, 0);
}

static bool get_value(const struct bmc_row *row, struct sn_value *ret)
{
	int64_t is = value_of(sn_entity(row));

	if (is == BMC_UNKNOWN)
		return false;
	return sn_integer(ret, (long)MAX(-VALUE_MAX, MIN(is, VALUE_MAX)));
}

static bool get_status(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_integer(ret, value_of(sn_entity(row)) == BMC_UNKNOWN
				       ? STATUS_UNAVAILABLE
				       : STATUS_OK);
}

static bool get_units(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_text(ret, quantity_of(sn_entity(row))->units);
}

static bool get_time(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *is = sn_entity_row(sn_entity(row));

	return is && sn_time_stamp(ret, is->read_at);
}

/* The agent does not know it: each source has a rate of its own. */
static bool get_rate(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_number(ret, ASN_UNSIGNED, 0, UINT32_MAX);
}

/* ---- the table ---- */

static bool is_sensor(const struct sn_entity *e, struct sn_subids *ret)
{
	*ret = (struct sn_subids){ .n = 1, .id = { e->row.index[0] } };
	return e->part->class == SN_ENTITY_SENSOR;
}

static size_t sensor_rows(const struct sn_ordered **ret)
{
	static struct sn_entity_rows sensors;

	return sn_entities_each(&sensors, ret, is_sensor);
}

static const struct sn_column columns[] = {
	SN_GET(1, "entPhySensorType", ASN_INTEGER, get_type),
	SN_GET(2, "entPhySensorScale", ASN_INTEGER, get_scale),
	SN_GET(3, "entPhySensorPrecision", ASN_INTEGER, get_precision),
	SN_GET(4, "entPhySensorValue", ASN_INTEGER, get_value),
	SN_GET(5, "entPhySensorOperStatus", ASN_INTEGER, get_status),
	SN_GET(6, "entPhySensorUnitsDisplay", ASN_OCTET_STR, get_units),
	SN_GET(7, "entPhySensorValueTimeStamp", ASN_TIMETICKS, get_time),
	SN_GET(8, "entPhySensorValueUpdateRate", ASN_UNSIGNED, get_rate),
};

const struct sn_table sn_entity_sensor_table = {
	.name = "entPhySensorTable",
	.at = "1.3.6.1.2.1.99.1.1.1",
	.kind = SN_ENTITY_KIND,
	.n_index = 1,
	.index = { { "entPhysicalIndex" } },
	.rows = sensor_rows,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
};

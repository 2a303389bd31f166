// SPDX-License-Identifier: Apache-2.0
/* SYNTAX, UNITS and DESCRIPTION of the tables' objects. Called by the dump, from which
 * the MIB is made, and by value.c. */
#include "snmp/syntax.h"

#include <string.h>

#include "core/base/util.h"
#include "core/model/fields.h"
#include "snmp/value.h"

/* clang-format off */
const struct sn_convention sn_conventions[] = {
	{ bmc_status_names, "CbmcOperState",
	  "Whether a part is present and in use. The words are those of Redfish's Status.State (DSP2046).", 0 },
	{ bmc_health_names, "CbmcHealthState", "How well a part works, with all that it holds.", 0 },
	{ bmc_severity_names, "CbmcSeverity", "How urgent an event or a condition is.", 0 },
	{ bmc_image_state_names, "CbmcImagePhase", "What the last check of an image found.", 0 },
	{ bmc_image_trust_names, "CbmcImageSignature", "Whether a trusted key has signed an image.", 0 },
	{ bmc_task_state_names, "CbmcJobPhase",
	  "The progress of a job. completed(4) and above are final.", 0 },
	{ bmc_action_names, "CbmcOperation", "What a job does.", 0 },
	{ bmc_action_names, "CbmcPowerAction",
	  "What can be asked of a board or a blade. Reading gives none(1), which can't be written.",
	  BMC_ACT_POWER_CYCLE },
	{ bmc_boot_target_names, "CbmcBootTarget", "What a board starts after a reset.", 0 },
	{ bmc_boot_enabled_names, "CbmcBootOverride", "For which resets a boot target is used.", 0 },
	{ bmc_watchdog_names, "CbmcWatchdog", "Whether a board's own watchdog runs, and with which timeout.", 0 },
	{ bmc_board_state_names, "CbmcBoardActivity", "What a board runs, as far as it can be seen from outside.", 0 },
	{ bmc_power_names, "CbmcPowerPhase", "Whether a part is powered.", 0 },
	{ bmc_sensor_type_names, "CbmcSensorQuantity",
	  "What a sensor measures, with the unit that its value and its limits are in. All are written in thousandths of it.", 0 },
	{ bmc_context_names, "CbmcSensorPlace", "Which part of the machine a sensor measures.", 0 },
	{ bmc_fan_mode_names, "CbmcFanControl", "What decides on the speed of a fan.", 0 },
	{ bmc_link_names, "CbmcLinkState", "Whether a network link is up.", 0 },
	{ bmc_address_state_names, "CbmcAddressState", "Whether an IPv6 address may be used (RFC 4862).", 0 },
	{ bmc_media_names, "CbmcMediaType", "What a disk stores its data on.", 0 },
	{ bmc_protocol_names, "CbmcDiskInterface", "How a disk is attached.", 0 },
	{ bmc_chassis_form_names, "CbmcChassisForm", "How a chassis is built.", 0 },
	{ bmc_redundancy_names, "CbmcRedundancy", "Whether the chassis outlives a failing part of a group.", 0 },
	{ NULL, NULL, NULL, 0 },
};

struct quantity {
	const char *syntax, *units;
	int64_t min, max;
};

/* What a BMC_INT of each unit is in the MIB. */
static const struct quantity quantities[] = {
	[BMC_UNIT_NONE]         = { "Integer32", NULL, 0, INT32_MAX },
	[BMC_UNIT_MILLICELSIUS] = { "CbmcThousandths", "degrees Celsius", -273150, INT32_MAX },
	[BMC_UNIT_MILLIVOLT]    = { "CbmcThousandths", "volts", INT32_MIN, INT32_MAX },
	[BMC_UNIT_MILLIAMPERE]  = { "CbmcThousandths", "amperes", INT32_MIN, INT32_MAX },
	[BMC_UNIT_MILLIWATT]    = { "CbmcThousandths", "watts", 0, INT32_MAX },
	[BMC_UNIT_JOULE]        = { "CbmcGauge64", "joules", 0, INT64_MAX },
	[BMC_UNIT_MILLIPERCENT] = { "CbmcThousandths", "percent", 0, 100000 },
	[BMC_UNIT_RPM]          = { "Integer32", "revolutions per minute", 0, INT32_MAX },
	[BMC_UNIT_BYTE]         = { "CbmcGauge64", "octets", 0, INT64_MAX },
	[BMC_UNIT_MEGABIT_PER_SECOND] = { "Integer32", "megabits per second", 0, INT32_MAX },
	[BMC_UNIT_MEGAHERTZ]    = { "Integer32", "megahertz", 0, INT32_MAX },
	[BMC_UNIT_MILLISECOND]  = { "CbmcThousandths", "seconds", 0, INT32_MAX },
	[BMC_UNIT_SECOND]       = { "Integer32", "seconds", 0, INT32_MAX },
	[BMC_UNIT_HOUR]         = { "Integer32", "hours", 0, INT32_MAX },
	[BMC_UNIT_BY_ROW]       = { "CbmcThousandths", NULL, -1000000000, 1000000000 },
};
/* clang-format on */

static bool is_int(const struct sn_cell *cell)
{
	return !cell->column->special && cell->column->form == SN_BY_TYPE &&
	       cell->field->type == BMC_INT;
}

static bool is_enum(const struct sn_cell *cell)
{
	return cell->field && cell->field->type == BMC_ENUM &&
	       (cell->column->form == SN_BY_TYPE || cell->column->form == SN_ACTION);
}

static const char *convention_of(const struct sn_cell *cell)
{
	const struct sn_convention *c = sn_conventions;
	bool part = cell->column->form == SN_ACTION;

	while (c->name && (c->names != cell->field->names || (c->last != 0) != part))
		c++;
	return c->name;
}

const char *sn_syntax(const struct sn_cell *cell)
{
	if (is_int(cell))
		return quantities[cell->field->unit].syntax;
	if (is_enum(cell))
		return convention_of(cell);
	return sn_value_syntax(cell);
}

bool sn_syntax_range(const struct sn_cell *cell, int64_t *ret_min, int64_t *ret_max)
{
	const struct bmc_field *f = cell->field;

	if (!is_int(cell) || quantities[f->unit].max > INT32_MAX)
		return false;
	*ret_min = f->max > f->min ? f->min : quantities[f->unit].min;
	*ret_max = f->max > f->min ? f->max : quantities[f->unit].max;
	return true;
}

const char *sn_syntax_units(const struct sn_cell *cell)
{
	if (cell->column->units || !cell->field)
		return cell->column->units;
	return quantities[cell->field->unit].units;
}

const char *sn_syntax_doc(const struct sn_cell *cell)
{
	return cell->column->doc ? cell->column->doc
	       : cell->field     ? cell->field->doc
				 : "";
}

bool sn_syntax_optional(const struct sn_cell *cell)
{
	const struct bmc_field *f = cell->field;

	if (cell->column->special || cell->column->form == SN_ACTION ||
	    cell->column->form == SN_ROW_STATUS)
		return false;
	return !(f->type == BMC_ENUM ||
		 (f->type == BMC_TEXT && f->flags & BMC_SETTING) ||
		 strcmp(f->name, "id") == 0);
}

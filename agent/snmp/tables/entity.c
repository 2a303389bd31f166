// SPDX-License-Identifier: Apache-2.0
/* ENTITY-MIB (RFC 6933): the machine as a tree of physical entities. The tables of
 * logical entities are empty: there is one context. */
#include <ctype.h>

#include "snmp/entity.h"
#include "snmp/set.h"
#include "snmp/standard.h"

#define TEXT_MAX 32 /* entPhysicalAlias, entPhysicalAssetID, entPhysicalSerialNum */

static bool is_itself(const struct sn_entity *e)
{
	return e->part->form == SN_ENTITY_ITSELF;
}

/* A text of the row, of what is the row itself; else empty. */
static bool own_text(const struct bmc_row *row, enum sn_entity_text text, size_t max,
		     struct sn_value *ret)
{
	const struct sn_entity *e = sn_entity(row);
	const struct bmc_row *is = is_itself(e) ? sn_entity_row(e) : NULL;

	return sn_text_max(ret, is ? sn_entity_text(is, text) : "", max);
}

/* ---- entPhysicalTable ---- */

/* "Board Core-3588JD4", "Board slot sub1-01", "SoC temperature of sub1-01" */
static bool get_descr(const struct bmc_row *row, struct sn_value *ret)
{
	const struct sn_entity *e = sn_entity(row);
	const struct bmc_row *is = sn_entity_row(e);
	const char *model;

	if (!is)
		return false;
	if (e->part->form == SN_ENTITY_READING) {
		(void)snprintf(ret->u.text, sizeof(ret->u.text), "%s of %s",
			       e->part->label, is->id);
		ret->u.text[0] = (char)toupper((unsigned char)ret->u.text[0]);
		return sn_text(ret, ret->u.text);
	}
	model = sn_entity_text(is, SN_ENTITY_MODEL);
	if (e->part->form == SN_ENTITY_PROCESSOR)
		model = sn_entity_text(is, *sn_entity_text(is, SN_ENTITY_SOC)
						   ? SN_ENTITY_SOC
						   : SN_ENTITY_CPU_MODEL);
	if (e->part->form == SN_ENTITY_SLOT || !*model)
		model = is->id;
	(void)snprintf(ret->u.text, sizeof(ret->u.text), "%s %s", e->part->label,
		       model);
	return sn_text(ret, ret->u.text);
}

static bool get_vendor_type(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_no_name(ret);
}

static bool get_contained_in(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_integer(ret, (long)row->parent);
}

static bool get_class(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_integer(ret, (long)sn_entity(row)->part->class);
}

static bool get_position(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_integer(ret, sn_entity(row)->position);
}

/* "sub1-01", "sub1-01 slot", "sub1-01 SoC temperature". A sensor is named as users do:
 * it is what tools show beside its value. */
static bool get_name(const struct bmc_row *row, struct sn_value *ret)
{
	const struct sn_entity *e = sn_entity(row);
	const struct bmc_row *is = sn_entity_row(e);
	const char *label =
		is && is->kind == BMC_SENSOR ? sn_entity_text(is, SN_ENTITY_NAME) : "";

	if (!is)
		return false;
	if (is_itself(e))
		return sn_text(ret, *label ? label : is->id);
	(void)snprintf(ret->u.text, sizeof(ret->u.text), "%s %s", is->id,
		       e->part->form == SN_ENTITY_SLOT        ? "slot"
		       : e->part->form == SN_ENTITY_PROCESSOR ? "CPU"
							      : e->part->label);
	return sn_text(ret, ret->u.text);
}

static bool get_hardware(const struct bmc_row *row, struct sn_value *ret)
{
	return own_text(row, SN_ENTITY_HW_VERSION, 255, ret);
}

static bool get_firmware(const struct bmc_row *row, struct sn_value *ret)
{
	return own_text(row, SN_ENTITY_FIRMWARE, 255, ret);
}

static bool get_software(const struct bmc_row *row, struct sn_value *ret)
{
	return own_text(row, SN_ENTITY_OS_VERSION, 255, ret);
}

static bool get_serial(const struct bmc_row *row, struct sn_value *ret)
{
	return own_text(row, SN_ENTITY_SERIAL, TEXT_MAX, ret);
}

static bool get_maker(const struct bmc_row *row, struct sn_value *ret)
{
	return own_text(row, SN_ENTITY_MANUFACTURER, 255, ret);
}

/* Of a processor: what it says it is. */
static bool get_model(const struct bmc_row *row, struct sn_value *ret)
{
	const struct sn_entity *e = sn_entity(row);
	const struct bmc_row *is = sn_entity_row(e);

	if (is && e->part->form == SN_ENTITY_PROCESSOR)
		return sn_text(ret, sn_entity_text(is, SN_ENTITY_CPU_MODEL));
	return own_text(row, SN_ENTITY_MODEL, 255, ret);
}

static bool get_alias(const struct bmc_row *row, struct sn_value *ret)
{
	return own_text(row, SN_ENTITY_NAME, TEXT_MAX, ret);
}

static bool get_asset(const struct bmc_row *row, struct sn_value *ret)
{
	return own_text(row, SN_ENTITY_ASSET_TAG, TEXT_MAX, ret);
}

static bool get_is_fru(const struct bmc_row *row, struct sn_value *ret)
{
	const struct sn_entity *e = sn_entity(row);
	const struct bmc_row *is = is_itself(e) ? sn_entity_row(e) : NULL;

	return sn_integer(ret, is && bmc_kind_is(is->kind, BMC_KIND_PLUGGABLE) ? 1 : 2);
}

/* Nothing here says when it was made: RFC 6933 has eight octets of 0 for that. */
static bool get_made(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_octets(ret, "\0\0\0\0\0\0\0", 8);
}

static bool get_empty(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_text(ret, "");
}

static unsigned digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Of a board: the UUID that Redfish's ComputerSystem has. */
static bool get_uuid(const struct bmc_row *row, struct sn_value *ret)
{
	const struct sn_entity *e = sn_entity(row);
	const struct bmc_row *is = is_itself(e) ? sn_entity_row(e) : NULL;
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), BMC_MANAGER, &rows);
	char text[37];

	if (!is || is->kind != BMC_BOARD || n == 0 ||
	    !bmc_uuid_of(((const struct bmc_manager *)rows[0])->uuid, is->id, text))
		return sn_text(ret, "");
	for (size_t i = 0, to = 0; to < 16; i += 2) {
		i += text[i] == '-';
		ret->u.octets[to++] =
			(unsigned char)(digit(text[i]) << 4 | digit(text[i + 1]));
	}
	return sn_octets(ret, ret->u.octets, 16);
}

/* Writes a setting of the row. A longer text than 32 octets can be set elsewhere. */
static int take(struct sn_set *set, const struct bmc_row *row, enum sn_entity_text to,
		const char *text, size_t len)
{
	const struct sn_entity *e = sn_entity(row);
	const struct bmc_row *is = is_itself(e) ? sn_entity_row(e) : NULL;
	struct bmc_action a = { .op = BMC_ACT_SET };

	a.field = is ? sn_entity_field(is, to) : NULL;
	if (!a.field || !(a.field->flags & BMC_SETTING))
		return SNMP_ERR_NOTWRITABLE;
	if (len > TEXT_MAX)
		return SNMP_ERR_WRONGLENGTH;
	memcpy(a.text, text, len);
	if (strlen(a.text) != len || bmc_field_check(a.field, 0, a.text, NULL) < 0)
		return SNMP_ERR_WRONGVALUE;
	a.kind = is->kind;
	bmc_copy(a.id, sizeof(a.id), is->id);
	return sn_set_add(set, &a) ? SNMP_ERR_NOERROR : SNMP_ERR_RESOURCEUNAVAILABLE;
}

static int take_alias(struct sn_set *set, const struct bmc_row *row, const char *text,
		      size_t len)
{
	return take(set, row, SN_ENTITY_NAME, text, len);
}

static int take_asset(struct sn_set *set, const struct bmc_row *row, const char *text,
		      size_t len)
{
	return take(set, row, SN_ENTITY_ASSET_TAG, text, len);
}

/* clang-format off */
static const struct sn_column physical_columns[] = {
	SN_GET(2, "entPhysicalDescr", ASN_OCTET_STR, get_descr),
	SN_GET(3, "entPhysicalVendorType", ASN_OBJECT_ID, get_vendor_type),
	SN_GET(4, "entPhysicalContainedIn", ASN_INTEGER, get_contained_in),
	SN_GET(5, "entPhysicalClass", ASN_INTEGER, get_class),
	SN_GET(6, "entPhysicalParentRelPos", ASN_INTEGER, get_position),
	SN_GET(7, "entPhysicalName", ASN_OCTET_STR, get_name),
	SN_GET(8, "entPhysicalHardwareRev", ASN_OCTET_STR, get_hardware),
	SN_GET(9, "entPhysicalFirmwareRev", ASN_OCTET_STR, get_firmware),
	SN_GET(10, "entPhysicalSoftwareRev", ASN_OCTET_STR, get_software),
	SN_GET(11, "entPhysicalSerialNum", ASN_OCTET_STR, get_serial),
	SN_GET(12, "entPhysicalMfgName", ASN_OCTET_STR, get_maker),
	SN_GET(13, "entPhysicalModelName", ASN_OCTET_STR, get_model),
	SN_GET(14, "entPhysicalAlias", ASN_OCTET_STR, get_alias, .take = take_alias),
	SN_GET(15, "entPhysicalAssetID", ASN_OCTET_STR, get_asset, .take = take_asset),
	SN_GET(16, "entPhysicalIsFRU", ASN_INTEGER, get_is_fru),
	SN_GET(17, "entPhysicalMfgDate", ASN_OCTET_STR, get_made),
	SN_GET(18, "entPhysicalUris", ASN_OCTET_STR, get_empty),
	SN_GET(19, "entPhysicalUUID", ASN_OCTET_STR, get_uuid),
};
/* clang-format on */

const struct sn_table sn_entity_table = {
	.name = "entPhysicalTable",
	.at = "1.3.6.1.2.1.47.1.1.1.1",
	.kind = SN_ENTITY_KIND,
	.n_index = 1,
	.index = { { "entPhysicalIndex" } },
	.rows = sn_entities,
	.columns = physical_columns,
	.n_columns = ARRAY_SIZE(physical_columns),
};

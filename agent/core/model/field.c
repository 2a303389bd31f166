// SPDX-License-Identifier: Apache-2.0
/* Reading and writing a row's members through the tables in fields-KIND.c. */
#include "core/model/field.h"

#include <pthread.h>
#include <string.h>

#include "core/base/util.h"
#include "core/model/fields.h"

static const struct bmc_kind_desc *const kinds[BMC_N_KINDS] = {
	[BMC_CHASSIS] = &bmc_kind_chassis,
	[BMC_BLADE] = &bmc_kind_blade,
	[BMC_BOARD] = &bmc_kind_board,
	[BMC_FAN] = &bmc_kind_fan,
	[BMC_PSU] = &bmc_kind_psu,
	[BMC_DISK] = &bmc_kind_disk,
	[BMC_SENSOR] = &bmc_kind_sensor,
	[BMC_NIC] = &bmc_kind_nic,
	[BMC_FIRMWARE] = &bmc_kind_firmware,
	[BMC_MANAGER] = &bmc_kind_manager,
	[BMC_TASK] = &bmc_kind_task,
	[BMC_EVENT] = &bmc_kind_event,
	[BMC_ACCOUNT] = &bmc_kind_account,
	[BMC_ROLE] = &bmc_kind_role,
	[BMC_SESSION] = &bmc_kind_session,
	[BMC_CONDITION] = &bmc_kind_condition,
	[BMC_SUBSCRIPTION] = &bmc_kind_subscription,
	[BMC_AGGREGATE] = &bmc_kind_aggregate,
	[BMC_METRIC_REPORT] = &bmc_kind_metric_report,
	[BMC_TRIGGER] = &bmc_kind_trigger,
	[BMC_AUDIT] = &bmc_kind_audit,
	[BMC_STORED_IMAGE] = &bmc_kind_stored_image,
	[BMC_CERTIFICATE] = &bmc_kind_certificate,
};

_Static_assert(UINT8_MAX >= BMC_FIELDS_MAX, "at[] holds a field's place in a byte");

const struct bmc_kind_desc *bmc_kind(enum bmc_kind kind)
{
	return (unsigned)kind < BMC_N_KINDS ? kinds[kind] : NULL;
}

enum bmc_kind bmc_kind_find(const char *name)
{
	int kind = bmc_name_value(bmc_kind_names, name);

	return kind < 0 ? BMC_N_KINDS : (enum bmc_kind)kind;
}

const struct bmc_field *bmc_field_find(enum bmc_kind kind, const char *name)
{
	const struct bmc_kind_desc *k = bmc_kind(kind);

	for (size_t i = 0; k && i < k->n_fields; i++) {
		if (strcmp(k->fields[i].name, name) == 0)
			return &k->fields[i];
	}
	return NULL;
}

/* Per kind: offset -> position of the field + 1. */
static uint8_t at[BMC_N_KINDS][BMC_ROW_MAX];

static void fill_at(void)
{
	for (size_t k = 0; k < BMC_N_KINDS; k++) {
		for (size_t i = 0; i < kinds[k]->n_fields; i++)
			at[k][kinds[k]->fields[i].offset] = (uint8_t)(i + 1);
	}
}

const struct bmc_field *bmc_field_at(enum bmc_kind kind, size_t offset)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if ((unsigned)kind >= BMC_N_KINDS || offset >= BMC_ROW_MAX)
		return NULL;
	(void)pthread_once(&once, fill_at);
	uint8_t i = at[kind][offset];
	return i ? &kinds[kind]->fields[i - 1] : NULL;
}

static const char *member(const struct bmc_row *row, const struct bmc_field *f)
{
	return (const char *)row + f->offset;
}

int64_t bmc_field_num(const struct bmc_row *row, const struct bmc_field *f)
{
	int64_t wide;
	uint32_t word;
	uint16_t half;

	switch (f->type == BMC_TEXT ? 0 : f->size) {
	case sizeof(wide):
		memcpy(&wide, member(row, f), sizeof(wide));
		/* An enumeration that was never put reads as its "unknown". */
		return f->type == BMC_ENUM && wide == BMC_UNKNOWN ? 0 : wide;
	case sizeof(word):
		memcpy(&word, member(row, f), sizeof(word));
		return word;
	case sizeof(half):
		memcpy(&half, member(row, f), sizeof(half));
		return half;
	default:
		return BMC_UNKNOWN;
	}
}

const char *bmc_field_text(const struct bmc_row *row, const struct bmc_field *f)
{
	return f->type == BMC_TEXT ? member(row, f) : "";
}

bool bmc_field_known(const struct bmc_row *row, const struct bmc_field *f)
{
	switch (f->type) {
	case BMC_TEXT:
		return *member(row, f) != '\0';
	case BMC_ENUM:
	case BMC_REF:
		return bmc_field_num(row, f) != 0;
	default:
		return bmc_field_num(row, f) != BMC_UNKNOWN;
	}
}

static void store_num(char *p, size_t size, int64_t num)
{
	uint32_t word = (uint32_t)num;
	uint16_t half = (uint16_t)num;

	if (size == sizeof(num))
		memcpy(p, &num, sizeof(num));
	else if (size == sizeof(word))
		memcpy(p, &word, sizeof(word));
	else
		memcpy(p, &half, sizeof(half));
}

bool bmc_field_set(struct bmc_row *row, const struct bmc_field *f, int64_t num,
		   const char *text)
{
	char *p = (char *)row + f->offset;

	if (f->type != BMC_TEXT) {
		if (num == BMC_UNKNOWN && (f->type == BMC_ENUM || f->type == BMC_REF))
			num = 0;
		if (bmc_field_num(row, f) == num)
			return false;
		store_num(p, f->size, num);
		return true;
	}
	char was[BMC_ROW_MAX];
	memcpy(was, p, f->size);
	/* The rest is cleared so that equal rows are equal bytes. */
	memset(p, 0, f->size);
	(void)bmc_copy(p, f->size, text);
	return strcmp(was, p) != 0;
}

bool bmc_field_equal(const struct bmc_row *a, const struct bmc_row *b,
		     const struct bmc_field *f)
{
	if (f->type == BMC_TEXT)
		return strcmp(member(a, f), member(b, f)) == 0;
	return bmc_field_num(a, f) == bmc_field_num(b, f);
}

enum bmc_unit bmc_field_unit(const struct bmc_row *row, const struct bmc_field *f)
{
	static const enum bmc_unit units[] = {
		[BMC_SENSOR_TEMPERATURE] = BMC_UNIT_MILLICELSIUS,
		[BMC_SENSOR_VOLTAGE] = BMC_UNIT_MILLIVOLT,
		[BMC_SENSOR_CURRENT] = BMC_UNIT_MILLIAMPERE,
		[BMC_SENSOR_POWER] = BMC_UNIT_MILLIWATT,
		[BMC_SENSOR_FAN_SPEED] = BMC_UNIT_RPM,
		[BMC_SENSOR_PERCENT] = BMC_UNIT_MILLIPERCENT,
		[BMC_SENSOR_HUMIDITY] = BMC_UNIT_MILLIPERCENT,
	};

	if (f->unit != BMC_UNIT_BY_ROW)
		return f->unit;
	if (row->kind != BMC_SENSOR)
		return BMC_UNIT_NONE;
	uint64_t type = (uint64_t)((const struct bmc_sensor *)row)->type;
	return type < ARRAY_SIZE(units) ? units[type] : BMC_UNIT_NONE;
}

static int check_text(const struct bmc_field *f, const char *text,
		      struct bmc_error *err)
{
	size_t len = text ? strlen(text) : 0;
	size_t max = f->max > 0 ? (size_t)f->max : f->size - 1;

	if (!text)
		return bmc_fail(err, BMC_EINVAL, "%s has to be a text", f->name);
	if (len > max || len < (size_t)f->min)
		return bmc_fail(err, BMC_ERANGE, "%s takes %lld to %zu bytes of text",
				f->name, (long long)f->min, max);
	if (!bmc_text_ok(text, len))
		return bmc_fail(err, BMC_EINVAL,
				"%s has to be UTF-8 without control characters",
				f->name);
	return 0;
}

static int check_word(const struct bmc_field *f, int64_t num, struct bmc_error *err)
{
	for (const struct bmc_name *n = f->names; n && n->word; n++) {
		if (n->value == num && num >= f->min)
			return 0;
	}
	return bmc_fail(err, BMC_ERANGE, "%s can't have the value %lld", f->name,
			(long long)num);
}

/* Numbers are in thousandths of what frontends show: an error says so. */
static int check_range(const struct bmc_field *f, int64_t num, struct bmc_error *err)
{
	bool milli = f->unit == BMC_UNIT_MILLICELSIUS ||
		     f->unit == BMC_UNIT_MILLIVOLT || f->unit == BMC_UNIT_MILLIAMPERE ||
		     f->unit == BMC_UNIT_MILLIWATT ||
		     f->unit == BMC_UNIT_MILLIPERCENT ||
		     f->unit == BMC_UNIT_MILLISECOND || f->unit == BMC_UNIT_BY_ROW;

	if (num >= f->min && num <= f->max)
		return 0;
	return bmc_fail(err, BMC_ERANGE, "%s takes %lld to %lld%s", f->name,
			(long long)f->min, (long long)f->max,
			milli ? " thousandths" : "");
}

int bmc_field_check(const struct bmc_field *f, int64_t num, const char *text,
		    struct bmc_error *err)
{
	if (f->type == BMC_TEXT)
		return check_text(f, text, err);
	if (f->type == BMC_ENUM)
		return check_word(f, num, err);
	return check_range(f, num, err);
}

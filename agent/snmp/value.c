// SPDX-License-Identifier: Apache-2.0
/* Values and names: the one place that knows how a field of the model is written in
 * SMIv2. Called by the table handler, the notifier and the dump, all in SNMP's thread.
 */
#include "value.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "snmp/standard.h"
#include "snmp/syntax.h"

#define START_SLACK_MS 100

#define DAY_S 86400

struct sn_oid sn_base;

bool sn_oid_parse(const char *text, struct sn_oid *ret)
{
	ret->len = 0;
	if (*text == '.')
		text++;
	while (ret->len < SN_OID_MAX) {
		char *end;
		if (*text < '0' || *text > '9')
			return false;
		errno = 0;
		unsigned long n = strtoul(text, &end, 10);
		if (errno || n > UINT32_MAX)
			return false;
		ret->id[ret->len++] = n;
		if (!*end)
			return true;
		if (*end != '.')
			return false;
		text = end + 1;
	}
	return false;
}

void sn_oid_of(const struct sn_table *t, uint32_t column, const struct bmc_row *row,
	       struct sn_oid *ret)
{
	struct sn_subids index;

	*ret = *sn_table_prefix(t);
	ret->id[ret->len++] = column;
	if (!t->n_index && !sn_table_is_scalar(t))
		ret->id[ret->len++] = 0;
	if (!t->n_index || !sn_row_index(t, row, &index))
		return;
	for (size_t i = 0; i < index.n; i++)
		ret->id[ret->len++] = index.id[i];
}

void sn_value_number(struct sn_value *v, unsigned char type, long number)
{
	v->type = type;
	v->u.number = number;
	v->data = &v->u.number;
	v->len = sizeof(v->u.number);
}

void sn_value_big(struct sn_value *v, uint64_t number)
{
	v->type = ASN_COUNTER64;
	v->u.big.high = number >> 32;
	v->u.big.low = number & UINT32_MAX;
	v->data = &v->u.big;
	v->len = sizeof(v->u.big);
}

static void octets(struct sn_value *v, const void *data, size_t len)
{
	v->type = ASN_OCTET_STR;
	v->data = data;
	v->len = len;
}

/* The year and so on of a day, which is the same one for most times that are asked for.
 */
static const struct tm *day_of(time_t seconds)
{
	static struct tm tm;
	static time_t day = -1;

	if (seconds / DAY_S != day) {
		day = seconds / DAY_S;
		gmtime_r(&seconds, &tm);
	}
	return &tm;
}

void sn_date(int64_t wall_ms, unsigned char ret[11])
{
	time_t seconds = (time_t)(MAX(0, wall_ms) / 1000);
	const struct tm *day = day_of(seconds);
	int year = day->tm_year + 1900;
	int of_day = (int)(seconds % DAY_S);
	const int parts[] = { year >> 8,
			      year & 255,
			      day->tm_mon + 1,
			      day->tm_mday,
			      of_day / 3600,
			      of_day / 60 % 60,
			      of_day % 60,
			      (int)(wall_ms % 1000 / 100),
			      '+',
			      0,
			      0 };
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		ret[i] = (unsigned char)parts[i];
}

static bool get_time(const struct bmc_row *row, const struct bmc_field *f,
		     struct sn_value *ret)
{
	sn_date(bmc_wall(bmc_field_num(row, f)), ret->u.octets);
	octets(ret, ret->u.octets, 11);
	return true;
}

static bool get_text(const struct bmc_row *row, const struct bmc_field *f,
		     struct sn_value *ret)
{
	const char *text = bmc_field_text(row, f);

	octets(ret, text, strlen(text));
	return true;
}

static bool get_number(const struct bmc_row *row, const struct bmc_field *f,
		       struct sn_value *ret)
{
	sn_value_number(ret, ASN_INTEGER, (long)bmc_field_num(row, f));
	return true;
}

static bool get_big(const struct bmc_row *row, const struct bmc_field *f,
		    struct sn_value *ret)
{
	int64_t n = bmc_field_num(row, f);

	sn_value_big(ret, n < 0 ? 0 : (uint64_t)n);
	return true;
}

static bool get_truth(const struct bmc_row *row, const struct bmc_field *f,
		      struct sn_value *ret)
{
	sn_value_number(ret, ASN_INTEGER, bmc_field_num(row, f) ? 1 : 2);
	return true;
}

static bool get_enum(const struct bmc_row *row, const struct bmc_field *f,
		     struct sn_value *ret)
{
	int64_t n = bmc_field_num(row, f);

	sn_value_number(ret, ASN_INTEGER, n > 0 && n <= INT32_MAX ? (long)n + 1 : 1);
	return true;
}

static bool get_unsigned(const struct bmc_row *row, const struct bmc_field *f,
			 struct sn_value *ret)
{
	int64_t n = bmc_field_num(row, f);

	sn_value_number(ret, ASN_UNSIGNED, (long)MAX(0, MIN((int64_t)UINT32_MAX, n)));
	return true;
}

static int digit(char c)
{
	return c >= '0' && c <= '9'                   ? c - '0'
	       : (c | ' ') >= 'a' && (c | ' ') <= 'f' ? (c | ' ') - 'a' + 10
						      : -1;
}

/* "02:00:5e:10:00:01"; sscanf would take most of a GETBULK's time. */
static bool get_mac(const struct bmc_row *row, const struct bmc_field *f,
		    struct sn_value *ret)
{
	const char *at = bmc_field_text(row, f);

	for (size_t i = 0; i < 6; i++, at += 3) {
		int high = digit(at[0]), low = high < 0 ? -1 : digit(at[1]);
		if (low < 0 || at[2] != (i < 5 ? ':' : '\0'))
			return false;
		ret->u.octets[i] = (unsigned char)(high << 4 | low);
	}
	octets(ret, ret->u.octets, 6);
	return true;
}

/* When sysUpTime was 0. Two clocks are read one after the other, so what is found
 * differs by a tick from call to call: it is kept, for a manager compares TimeStamps.
 */
static int64_t time_of_start(void)
{
	static int64_t start;
	int64_t is = bmc_now() - (int64_t)netsnmp_get_agent_uptime() * 10;

	if (is - start > START_SLACK_MS || start - is > START_SLACK_MS)
		start = is;
	return start;
}

bool sn_time_stamp(struct sn_value *ret, int64_t at)
{
	int64_t up = (int64_t)netsnmp_get_agent_uptime();
	int64_t then = at == BMC_UNKNOWN ? 0 : (at - time_of_start()) / 10;

	sn_value_number(ret, ASN_TIMETICKS, (long)MAX(0, MIN(then, up)));
	return true;
}

static bool get_stamp(const struct bmc_row *row, const struct bmc_field *f,
		      struct sn_value *ret)
{
	return sn_time_stamp(ret, bmc_field_num(row, f));
}

static bool get_pointer(const struct bmc_row *row, const struct bmc_field *f,
			struct sn_value *ret)
{
	uint32_t handle = (uint32_t)bmc_field_num(row, f);
	const struct bmc_row *to = bmc_snapshot_row(sn_pinned(), handle);
	const struct sn_table *t = to ? sn_table_of(to->kind) : NULL;

	if (!t)
		return false;
	sn_oid_of(t, t->columns[0].column, to, &ret->u.name);
	ret->type = ASN_OBJECT_ID;
	ret->data = ret->u.name.id;
	ret->len = ret->u.name.len * sizeof(oid);
	return true;
}

static bool get_board_index(const struct bmc_row *row, const struct bmc_field *f,
			    unsigned i, struct sn_value *ret)
{
	uint32_t handle = (uint32_t)bmc_field_num(row, f);
	const struct bmc_row *to = NULL;

	if (BMC_HANDLE_KIND(handle) == BMC_BOARD)
		to = bmc_snapshot_row(sn_pinned(), handle);
	if (!to)
		return false;
	sn_value_number(ret, ASN_UNSIGNED, (long)to->index[i]);
	return true;
}

static bool get_ref_0(const struct bmc_row *row, const struct bmc_field *f,
		      struct sn_value *ret)
{
	return get_board_index(row, f, 0, ret);
}

static bool get_ref_1(const struct bmc_row *row, const struct bmc_field *f,
		      struct sn_value *ret)
{
	return get_board_index(row, f, 1, ret);
}

static bool get_none(const struct bmc_row *row, const struct bmc_field *f,
		     struct sn_value *ret)
{
	(void)row;
	(void)f;
	sn_value_number(ret, ASN_INTEGER, BMC_ACT_NONE + 1);
	return true;
}

static bool get_active(const struct bmc_row *row, const struct bmc_field *f,
		       struct sn_value *ret)
{
	(void)row;
	(void)f;
	sn_value_number(ret, ASN_INTEGER, SNMP_ROW_ACTIVE);
	return true;
}

struct form {
	unsigned char type;
	const char *syntax;
	bool (*get)(const struct bmc_row *, const struct bmc_field *,
		    struct sn_value *);
};

/* clang-format off */
static const struct form forms[] = {
	[SN_UNSIGNED] = { ASN_UNSIGNED,  "Unsigned32",  get_unsigned },
	[SN_MAC]      = { ASN_OCTET_STR, "MacAddress",  get_mac },
	[SN_STAMP]    = { ASN_TIMETICKS, "TimeStamp",   get_stamp },
	[SN_POINTER]  = { ASN_OBJECT_ID, "RowPointer",  get_pointer },
	[SN_REF_0]    = { ASN_UNSIGNED,  "Unsigned32",  get_ref_0 },
	[SN_REF_1]    = { ASN_UNSIGNED,  "Unsigned32",  get_ref_1 },
	[SN_ACTION]   = { ASN_INTEGER,   "INTEGER",     get_none },
	[SN_ROW_STATUS] = { ASN_INTEGER, "RowStatus",   get_active },
};

static const struct form by_type[] = {
	[BMC_INT]     = { ASN_INTEGER,   "Integer32",   get_number },
	[BMC_COUNTER] = { ASN_COUNTER64, "Counter64",   get_big },
	[BMC_BOOL]    = { ASN_INTEGER,   "TruthValue",  get_truth },
	[BMC_ENUM]    = { ASN_INTEGER,   "INTEGER",     get_enum },
	[BMC_TIME]    = { ASN_OCTET_STR, "DateAndTime", get_time },
	[BMC_TEXT]    = { ASN_OCTET_STR, "CbmcString",  get_text },
	[BMC_REF]     = { ASN_OBJECT_ID, "RowPointer",  get_pointer },
};
/* clang-format on */

static const struct form *form_of(const struct sn_cell *cell)
{
	const struct bmc_field *f = cell->field;

	if (cell->column->form != SN_BY_TYPE)
		return &forms[cell->column->form];
	if (f->type == BMC_INT && f->unit == BMC_UNIT_BYTE)
		return &by_type[BMC_COUNTER]; /* SMIv2's only number of 64 bits */
	return &by_type[f->type];
}

/* A text that can be set is there even when it is empty; an enumeration has a word for
 * unknown. All else that is not known has no instance. */
static bool shown(const struct bmc_row *row, const struct bmc_field *f)
{
	if (f->type == BMC_ENUM || (f->type == BMC_TEXT && f->flags & BMC_SETTING))
		return true;
	return bmc_field_known(row, f);
}

static bool needs_field(const struct sn_cell *cell)
{
	return cell->column->form != SN_ACTION && cell->column->form != SN_ROW_STATUS;
}

/* A number that SYNTAX has no room for is not shown rather than changed. */
static bool fits(const struct sn_cell *cell, const struct bmc_row *row)
{
	int64_t min, max;

	if (!sn_syntax_range(cell, &min, &max))
		return true;
	int64_t n = bmc_field_num(row, cell->field);
	return n >= min && n <= max;
}

bool sn_value_get(const struct sn_cell *cell, const struct bmc_row *row,
		  struct sn_value *ret)
{
	if (cell->column->special)
		return cell->column->special->get(row, ret);
	if (needs_field(cell) && (!cell->field || !shown(row, cell->field)))
		return false;
	return (!cell->field || fits(cell, row)) &&
	       form_of(cell)->get(row, cell->field, ret);
}

bool sn_value_is_fixed(const struct sn_cell *cell)
{
	const struct sn_column *c = cell->column;

	if (c->special || c->form == SN_STAMP)
		return false;
	return c->form != SN_BY_TYPE || !cell->field || cell->field->type != BMC_TIME;
}

unsigned char sn_value_type(const struct sn_cell *cell)
{
	return cell->column->special ? cell->column->special->type
				     : form_of(cell)->type;
}

const char *sn_value_syntax(const struct sn_cell *cell)
{
	return cell->column->special ? cell->column->special->syntax
				     : form_of(cell)->syntax;
}

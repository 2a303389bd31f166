// SPDX-License-Identifier: Apache-2.0
/* Get, GetNext and GetBulk over AgentX, see answer.h. Called by the client. */
#include "snmp/agentx/answer.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <string.h>

#include "core/base/util.h"
#include "snmp/walk.h"

#define TABLES_MAX 128
#define RANGES_MAX 2048 /* of a GetBulk */

/* clang-format off */
/* What snmpd answers for the machine itself: system, interfaces, ip, snmp, HOST-RESOURCES,
 * IF-MIB, NOTIFICATION-LOG-MIB and the framework's own MIBs. */
static const char *const left_out[] = {
	"1.3.6.1.2.1.1", "1.3.6.1.2.1.2", "1.3.6.1.2.1.4", "1.3.6.1.2.1.11", "1.3.6.1.2.1.25",
	"1.3.6.1.2.1.31", "1.3.6.1.2.1.92", "1.3.6.1.6",
};
/* clang-format on */

static const struct sn_table *tables[TABLES_MAX + 1];
static size_t n_tables;

static bool is_left_out(const struct sn_oid *prefix)
{
	struct sn_oid other;

	for (size_t i = 0; i < ARRAY_SIZE(left_out); i++) {
		if (sn_oid_parse(left_out[i], &other) && prefix->len >= other.len &&
		    netsnmp_oid_equals(prefix->id, other.len, other.id, other.len) == 0)
			return true;
	}
	return false;
}

static void insert(const struct sn_table *t)
{
	const struct sn_oid *p = sn_table_prefix(t);
	size_t i = n_tables++;

	for (; i > 0; i--) {
		const struct sn_oid *q = sn_table_prefix(tables[i - 1]);
		if (snmp_oid_compare(q->id, q->len, p->id, p->len) < 0)
			break;
		tables[i] = tables[i - 1];
	}
	tables[i] = t;
}

const struct sn_table *const *ax_tables(void)
{
	bool made = n_tables > 0;

	for (size_t i = 0; !made && sn_tables[i] && i < TABLES_MAX; i++) {
		if (!is_left_out(sn_table_prefix(sn_tables[i])))
			insert(sn_tables[i]);
	}
	return tables;
}

/* ---- values ---- */

/* Types have ASN.1's tags (RFC 2741, 5.4). */
void ax_put_varbind(struct ax_out *o, const unsigned long *name, size_t len,
		    const struct sn_value *v)
{
	struct counter64 big;
	long number;

	ax_put_u16(o, v->type);
	ax_put_u16(o, 0);
	ax_put_oid(o, name, len);
	switch (v->type) {
	case ASN_COUNTER64:
		memcpy(&big, v->data, sizeof(big));
		ax_put_u64(o, (uint64_t)big.high << 32 | big.low);
		return;
	case ASN_OBJECT_ID:
		ax_put_oid(o, v->data, v->len / sizeof(oid));
		return;
	case ASN_OCTET_STR:
	case ASN_IPADDRESS:
	case ASN_OPAQUE:
		ax_put_octets(o, v->data, v->len);
		return;
	default:
		memcpy(&number, v->data, sizeof(number));
		ax_put_u32(o, (uint32_t)number);
	}
}

static void put_exception(struct ax_out *o, unsigned type, const struct ax_oid *name)
{
	oid id[AX_OID_MAX];

	for (size_t i = 0; i < name->len; i++)
		id[i] = name->id[i];
	ax_put_u16(o, type);
	ax_put_u16(o, 0);
	ax_put_oid(o, id, name->len);
}

static size_t wide(const struct ax_oid *from, oid *ret)
{
	for (size_t i = 0; i < from->len; i++)
		ret[i] = from->id[i];
	return from->len;
}

/* ---- requests ---- */

static void get(const struct ax_oid *name, struct ax_out *out)
{
	oid id[AX_OID_MAX];
	size_t len = wide(name, id);
	const struct sn_table *t = sn_table_at(id, len);
	const struct sn_cell *cell = NULL;
	const struct bmc_row *row = t ? sn_walk_find(t, id, len, &cell) : NULL;
	struct sn_value v;

	if (!cell)
		put_exception(out, AX_NO_OBJECT, name);
	else if (!row || !sn_value_get(cell, row, &v))
		put_exception(out, AX_NO_INSTANCE, name);
	else
		ax_put_varbind(out, id, len, &v);
}

struct range {
	struct ax_oid from, to; /* `to` is excluded; without length: no end */
	bool ended;
};

static bool before(const struct sn_oid *name, const struct ax_oid *end)
{
	oid id[AX_OID_MAX];
	size_t len = wide(end, id);

	return !len || snmp_oid_compare(name->id, name->len, id, len) < 0;
}

/* The first object of the range; false when there is none. */
static bool first(const struct range *r, struct sn_oid *ret_name, struct sn_value *ret)
{
	oid id[AX_OID_MAX];
	size_t len = wide(&r->from, id);

	for (const struct sn_table *const *t = ax_tables(); *t; t++) {
		struct sn_walk w;
		sn_walk_open(&w, *t);
		sn_walk_seek(&w, id, len, r->from.include);
		if (!sn_walk_value(&w, ret))
			continue;
		sn_walk_name(&w, ret_name);
		return before(ret_name, &r->to);
	}
	return false;
}

/* Answers one, and moves the range behind it. */
static void get_next(struct range *r, struct ax_out *out)
{
	struct sn_oid name;
	struct sn_value v;

	r->ended = !first(r, &name, &v) || name.len > AX_OID_MAX;
	if (r->ended) {
		put_exception(out, AX_END_OF_VIEW, &r->from);
		return;
	}
	ax_put_varbind(out, name.id, name.len, &v);
	for (size_t i = 0; i < name.len; i++)
		r->from.id[i] = (uint32_t)name.id[i];
	r->from.len = name.len;
	r->from.include = false;
}

static int get_bulk(struct ax_in *in, struct ax_out *out)
{
	static struct range ranges[RANGES_MAX]; /* SNMP's thread only */
	unsigned once = ax_get_u16(in), times = ax_get_u16(in);
	size_t n = 0;

	for (; in->at < in->end && !in->failed && n < RANGES_MAX; n++) {
		ranges[n].ended = false;
		ax_get_oid(in, &ranges[n].from);
		ax_get_oid(in, &ranges[n].to);
	}
	if (in->failed || in->at < in->end)
		return AX_PARSE_ERROR;
	for (size_t i = 0; i < MIN(n, (size_t)once); i++)
		get_next(&ranges[i], out);
	for (bool more = n > once; more && times; times--) {
		size_t len = out->len;
		more = false;
		for (size_t i = once; i < n; i++) {
			get_next(&ranges[i], out);
			more |= !ranges[i].ended;
		}
		if (out->failed) { /* as many whole repetitions as there is room for */
			out->failed = false;
			out->len = len;
			return 0;
		}
	}
	return 0;
}

int ax_answer(unsigned type, struct ax_in *in, struct ax_out *out)
{
	struct range r;

	if (type == AX_GETBULK)
		return get_bulk(in, out);
	while (in->at < in->end && !in->failed) {
		r.ended = false;
		ax_get_oid(in, &r.from);
		ax_get_oid(in, &r.to);
		if (in->failed)
			break;
		if (type == AX_GET)
			get(&r.from, out);
		else
			get_next(&r, out);
	}
	return in->failed ? AX_PARSE_ERROR : 0;
}

// SPDX-License-Identifier: Apache-2.0
/* Spans of net-snmp's registry, see spans.h. Called by the read engine for each name.
 */
#include "snmp/reader/spans.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <net-snmp/agent/agent_callbacks.h>
#include <net-snmp/agent/null.h>

#include "snmp/handler.h"
#include "snmp/reader/encode.h"

static struct sn_span spans[SN_SPANS_MAX];
static size_t n_spans;
static size_t last_found; /* below n_spans or not */
static bool stale = true;
static void (*on_change)(void);

/* Whether others have registered something within the table, so that it is in parts. */
static bool in_parts(const netsnmp_subtree *tree, const struct sn_oid *p)
{
	return netsnmp_oid_equals(tree->start_a, tree->start_len, p->id, p->len) != 0 ||
	       tree->end_len != p->len ||
	       netsnmp_oid_equals(tree->end_a, p->len - 1, p->id, p->len - 1) != 0 ||
	       tree->end_a[p->len - 1] != p->id[p->len - 1] + 1;
}

static void classify(const netsnmp_subtree *tree, struct sn_span *s)
{
	const netsnmp_handler_registration *r = tree->reginfo;

	s->kind = SN_SPAN_FOREIGN;
	if (r && r->handler && r->handler->access_method == netsnmp_null_handler)
		s->kind = SN_SPAN_EMPTY;
	s->table = r ? sn_handler_table(r) : NULL;
	if (!s->table)
		return;
	s->oid = sn_table_prefix(s->table);
	s->part = in_parts(tree, s->oid);
	s->prefix_len =
		sn_encode_oid(s->oid->id, s->oid->len, s->prefix, sizeof(s->prefix));
	if (s->prefix_len)
		s->kind = SN_SPAN_TABLE;
}

void sn_spans_refresh(void)
{
	const netsnmp_subtree *tree;

	if (!stale)
		return;
	tree = netsnmp_subtree_find_first("");
	n_spans = 0;
	for (; tree && n_spans < SN_SPANS_MAX - 1; tree = tree->next) {
		struct sn_span *s = &spans[n_spans++];
		*s = (struct sn_span){ .start = tree->start_a,
				       .start_len = tree->start_len,
				       .end = tree->end_a,
				       .end_len = tree->end_len };
		classify(tree, s);
	}
	spans[n_spans] = (struct sn_span){ .kind = SN_SPAN_FOREIGN };
	stale = false;
	if (on_change)
		on_change();
}

/* Names of one table are asked for one after the other. */
static bool is_within(const struct sn_span *s, const oid *name, size_t len)
{
	if (s->kind != SN_SPAN_TABLE || s->part || len < s->oid->len)
		return false;
	for (size_t i = s->oid->len; i-- > 0;) { /* they differ at their ends */
		if (name[i] != s->oid->id[i])
			return false;
	}
	return true;
}

const struct sn_span *sn_span_find(const oid *name, size_t len)
{
	size_t low = 0, high;

	if (last_found < n_spans && is_within(&spans[last_found], name, len))
		return &spans[last_found];
	for (high = n_spans; low < high;) {
		size_t middle = low + (high - low) / 2;
		const struct sn_span *s = &spans[middle];
		if (snmp_oid_compare(name, len, s->end, s->end_len) >= 0)
			low = middle + 1;
		else
			high = middle;
	}
	last_found = low;
	return low < n_spans ? &spans[low] : NULL;
}

size_t sn_span_position(const struct sn_span *s)
{
	return (size_t)(s - spans);
}

static int on_registration(int major, int minor, void *registration, void *client)
{
	(void)major;
	(void)minor;
	(void)registration;
	(void)client;
	stale = true;
	return 0;
}

void sn_spans_init(void (*changed)(void))
{
	on_change = changed;
	stale = true;
	snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_REGISTER_OID,
			       on_registration, NULL);
	snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_UNREGISTER_OID,
			       on_registration, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "snmp/value.h"

/* What is registered with net-snmp, in the order of names: our tables, places where
 * nothing is, and what others serve. Read from net-snmp's registry, again after each
 * registration. SNMP's thread only. */

#define SN_SPANS_MAX   512
#define SN_PREFIX_ROOM 160 /* of a table's OID in BER */

enum sn_span_kind { SN_SPAN_EMPTY, SN_SPAN_TABLE, SN_SPAN_FOREIGN };

struct sn_span {
	const oid *start, *end; /* the registry's; the end is not within */
	size_t start_len, end_len;
	enum sn_span_kind kind;
	const struct sn_table *table;
	bool part;                /* of the table: others serve the rest */
	const struct sn_oid *oid; /* of the table */
	uint8_t prefix[SN_PREFIX_ROOM];
	size_t prefix_len;
};

/** Reads the registry if it has changed; what was found before is void then. */
void sn_spans_refresh(void);

/** The first span that ends after this name, or NULL; its successors follow it, the
 * last of all is foreign. */
const struct sn_span *sn_span_find(const oid *name, size_t len);

/** Its position, below SN_SPANS_MAX. */
size_t sn_span_position(const struct sn_span *s);

/** Has `changed` called when spans have been read, so that positions differ. Once. */
void sn_spans_init(void (*changed)(void));

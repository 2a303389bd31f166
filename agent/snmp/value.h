// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "bmc/error.h"
#include "snmp/table.h"

/* Values between rows and varbinds, both ways, and names of objects. SNMP's thread
 * only. */

#define SN_BASE_MAX 16
#define SN_OID_MAX  (SN_BASE_MAX + 8 + SN_SUBIDS_MAX) /* prefix, column, index */

struct sn_oid {
	oid id[SN_OID_MAX];
	size_t len;
};

struct sn_value {
	unsigned char type;
	const void *data; /* of the row, or into `u` */
	size_t len;
	union {
		long number;
		struct counter64 big;
		unsigned char octets[16];
		char text[160];
		struct sn_oid name;
	} u;
};

/** The root of the MIB (clusterBmcMIB). Set once from the enterprise number's OID. */
extern struct sn_oid sn_base;

/** Parses "1.3.6.1..." with or without a leading dot; false when it is none. */
bool sn_oid_parse(const char *text, struct sn_oid *ret);

/** The name of one object: of `t`'s entry, a column and a row. */
void sn_oid_of(const struct sn_table *t, uint32_t column, const struct bmc_row *row,
	       struct sn_oid *ret);
/** The part of it that all objects of the table share; borrowed. */
const struct sn_oid *sn_table_prefix(const struct sn_table *t);

/** The value of a cell; false when it is not known. It borrows from `row`. */
bool sn_value_get(const struct sn_cell *cell, const struct bmc_row *row,
		  struct sn_value *ret);

/** Whether a cell's value follows from the pinned snapshot alone: no clock, no counter
 *  of the agent's own. */
bool sn_value_is_fixed(const struct sn_cell *cell);

/** Puts a number in `v`. */
void sn_value_number(struct sn_value *v, unsigned char type, long number);
void sn_value_big(struct sn_value *v, uint64_t number);

/** The ASN.1 type that a cell answers with and takes. */
unsigned char sn_value_type(const struct sn_cell *cell);

/** The cell's SYNTAX as the MIB has it, without its range. */
const char *sn_value_syntax(const struct sn_cell *cell);

/** An event's time as DateAndTime (11 octets, UTC). */
void sn_date(int64_t wall_ms, unsigned char ret[11]);

/** The snapshot that this pass of the thread answers from. */
const struct bmc_snapshot *sn_pinned(void);

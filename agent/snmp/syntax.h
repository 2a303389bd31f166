// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "snmp/table.h"

/* How the MIB writes the objects of the tables: SYNTAX, range, UNITS and DESCRIPTION.
 * value.h answers by the same ranges, so an object never has a value that its SYNTAX
 * forbids. Static data, any thread, after sn_tables_resolve. */

/** An enumeration as a TEXTUAL-CONVENTION. */
struct sn_convention {
	const struct bmc_name *names;
	const char *name; /* "CbmcHealthState" */
	const char *doc;
	int last; /* the last value that belongs to it; 0: all of `names` do */
};

/** All of them; ends with a NULL name. */
extern const struct sn_convention sn_conventions[];

/** The cell's SYNTAX without its range: a type of SMIv2, of SNMPv2-TC, or ours. */
const char *sn_syntax(const struct sn_cell *cell);

/** The least and the largest value that a number may have; false: its type says it. */
bool sn_syntax_range(const struct sn_cell *cell, int64_t *ret_min, int64_t *ret_max);

/** UNITS, or NULL. */
const char *sn_syntax_units(const struct sn_cell *cell);

/** DESCRIPTION, one or more sentences. */
const char *sn_syntax_doc(const struct sn_cell *cell);

/** Whether rows may lack the object because its value is not known. */
bool sn_syntax_optional(const struct sn_cell *cell);

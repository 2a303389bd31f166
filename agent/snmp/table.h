// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "core/snapshot/snapshot.h"

/* How rows become SNMP objects. A table of CLUSTER-BMC-MIB is one struct sn_table, a
 * column one struct sn_column: a number, the object's name and the field it shows. What
 * syntax a column has follows from its field; `form` says so only where the MIB wants
 * another view of the same value. A handler that is the same for all of them does GET,
 * GETNEXT, GETBULK and SET. The group of scalars of a kind is a table without an index:
 * it shows the kind's first row. */

enum sn_form {
	SN_BY_TYPE,  /* Integer32, Counter64 (counters, bytes), TruthValue, an
			enumeration with  every value one higher, DateAndTime, UTF-8 text
		      */
	SN_UNSIGNED, /* Unsigned32 */
	SN_MAC,      /* six octets      */
	SN_STAMP,    /* TimeStamp: sysUpTime at that time, 0 when before the start    */
	SN_POINTER, /* RowPointer: the first object of the row that a reference names */
	SN_REF_0,   /* Unsigned32: index[0] of the board that a reference names   */
	SN_REF_1,   /* Unsigned32: index[1] of it   */
	SN_ACTION,  /* an operation: reads none(1), writing starts it  */
};

struct sn_value; /* value.h */
struct sn_set;   /* set.h */

/** A column that is no field of a row: where its value comes from, what writing it
 * does. */
struct sn_special {
	const char *syntax; /* as the MIB spells it */
	unsigned char type; /* ASN.1 type */
	bool (*get)(const struct bmc_row *row,
		    struct sn_value *ret); /* false: unknown  */
	/** Writing: 0, or an RFC 3416 error status. Nothing may change yet. NULL: read
	 * only. */
	int (*check)(struct sn_set *set, const struct bmc_row *row, long value);
	/** Carries it out, once all else of the PDU is stored; `check` has seen to it
	 * that it can be done. The row is of the snapshot of that moment. */
	void (*apply)(struct sn_set *set, const struct bmc_row *row, long value);
	/** Ends what `check` has begun, when the request ends, also when it fails. May
	 * be NULL. */
	void (*release)(const struct sn_set *set);
};

struct sn_column {
	uint32_t column;
	const char *name;  /* the object's name in the MIB    */
	const char *field; /* NULL: `special` only            */
	enum sn_form form;
	const struct sn_special *special;
};

/* An entry of a table of columns; further members by name. */
#define SN_COLUMN(number, object, of, ...)                                       \
	{                                                                        \
		.column = (number), .name = (object), .field = (of), __VA_ARGS__ \
	}

#define SN_INDEX_MAX 4

struct sn_table {
	const char *name; /* of the table, or of the scalars' group */
	uint32_t arc;     /* below cbmcObjects                      */
	const char *at;   /* of a standard MIB's table instead: the OID of its entry */
	enum bmc_kind kind;
	unsigned n_index; /* 0: scalars                             */
	const char *index[2];
	/** The row's index, n_index numbers; false: it is not in this table. NULL: what
	 * the row itself has. */
	bool (*index_of)(const struct bmc_row *row, uint32_t ret[SN_INDEX_MAX]);
	const struct sn_column *columns; /* in rising order         */
	size_t n_columns;
};

/** All tables, ends with NULL; ours in rising order of their arcs, then those of
 * standard MIBs. In tables/. */
extern const struct sn_table *const sn_tables[];

extern const struct sn_table sn_system_table, sn_blade_table, sn_board_table,
	sn_fan_table, sn_psu_table, sn_disk_table, sn_sensor_table, sn_nic_table,
	sn_firmware_table, sn_job_table, sn_event_table, sn_condition_table, sn_manager_table;
extern const struct sn_table sn_if_table, sn_ifx_table, sn_ip_address_table;

/** A column with its field found. */
struct sn_cell {
	const struct sn_column *column;
	const struct bmc_field *field; /* NULL for a special one */
};

/** Our table that shows a kind with a row for each index, or NULL. */
const struct sn_table *sn_table_of(enum bmc_kind kind);

/** Finds the field of every column. Once, before any other use; BMC_ENOTFOUND when a
 * table names a field that its kind lacks. */
int sn_tables_resolve(struct bmc_error *err);

/** The cells of table `t` (n_columns of them). After sn_tables_resolve. */
const struct sn_cell *sn_table_cells(const struct sn_table *t);

/** The cell for an object of this table by its field, or NULL. */
const struct sn_cell *sn_table_cell(const struct sn_table *t, const char *field);

/** Whether the MIB lets people write it. */
bool sn_cell_writable(const struct sn_cell *cell);

/** The table that an object's name is of, or NULL. */
const struct sn_table *sn_table_at(const unsigned long *name, size_t len);

/** Registers all tables with the agent. Before the thread runs. */
int sn_tables_register(struct bmc_error *err);

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "core/snapshot/snapshot.h"
#include "snmp/index.h"

/* How rows become SNMP objects. A table is one struct sn_table: where it hangs, which
 * kinds of rows it shows, what its INDEX is, and its columns. A struct sn_column is a
 * number, the object's name and the field it shows. What syntax a column has follows
 * from its field; `form` says so only where the MIB wants another view of the same
 * value. One handler for all of them does GET, GETNEXT and GETBULK, and set.h does SET.
 * The group of scalars of a kind is a table without an index: it shows the kind's first
 * row. */

enum sn_form {
	SN_BY_TYPE,  /* Integer32 (thousandths with a DISPLAY-HINT), Counter64
			(counters, bytes), TruthValue, an enumeration with every value
			one higher, DateAndTime, UTF-8 text */
	SN_UNSIGNED, /* Unsigned32 */
	SN_MAC,      /* six octets      */
	SN_STAMP,    /* TimeStamp: sysUpTime at that time, 0 when before the start    */
	SN_POINTER, /* RowPointer: the first object of the row that a reference names */
	SN_REF_0,   /* Unsigned32: index[0] of the board that a reference names   */
	SN_REF_1,   /* Unsigned32: index[1] of it   */
	SN_ACTION,  /* an operation: reads none(1), writing starts it  */
	SN_ROW_STATUS, /* RowStatus: reads active(1), see sn_row_request */
};

struct sn_value;   /* value.h */
struct sn_ordered; /* cursor.h */
struct sn_set;     /* set.h */

/** A column that is no field of a row: where its value comes from, what writing it
 * does. */
struct sn_special {
	const char *syntax; /* as the MIB has it */
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
	/** Writing an OCTET STRING: turns it into actions of the request (sn_set_add).
	 * Nothing may change yet. 0, or an RFC 3416 error status. `text` is borrowed,
	 * not terminated and may have NULs. NULL: no text is written. */
	int (*take)(struct sn_set *set, const struct bmc_row *row, const char *text,
		    size_t len);
};

struct sn_column {
	uint32_t column;
	const char *name;  /* the object's name in the MIB    */
	const char *field; /* NULL: `special` only            */
	enum sn_form form;
	bool create;       /* read-create: may be given when a row is created */
	const char *doc;   /* DESCRIPTION, where the field's own does not say it */
	const char *units; /* UNITS, where the field has none */
	const struct sn_special *special;
};

/* An entry of a table of columns; further members by name. */
#define SN_COLUMN(number, object, of, ...)                                       \
	{                                                                        \
		.column = (number), .name = (object), .field = (of), __VA_ARGS__ \
	}

/** What a SET says of one column of a row that it creates; of the column's type. */
struct sn_row_value {
	const struct sn_column *column;
	unsigned char type;
	long number;      /* INTEGER and the like */
	const char *text; /* OCTET STRING, else NULL; not terminated, may have NULs */
	const unsigned long *name; /* OBJECT IDENTIFIER, else NULL */
	size_t len;                /* octets or sub-identifiers    */
};

/** A row that a SET creates or destroys by RowStatus (RFC 2579). createAndGo, active
 * and destroy are all there is: a row is there or not, so createAndWait, notInService
 * and notReady are wrongValue. */
struct sn_row_request {
	const struct sn_key *index; /* as the request names it */
	const struct bmc_row *row;  /* NULL: it is created; else it is destroyed */
	const struct sn_row_value *values;
	size_t n_values;
};

struct sn_table {
	const char *name; /* of the table, or of the scalars' group */
	uint32_t arc;     /* below cbmcObjects                      */
	const char *at;   /* of a standard MIB's table instead: the OID of its entry; of
			     a scalar that is no part of a group: its own OID, its
			     column is number 0, the instance */
	enum bmc_kind kind;
	uint64_t others;  /* further kinds of rows: 1 << kind, or-ed */
	unsigned n_index; /* 0: scalars                             */
	struct sn_part index[SN_INDEX_MAX];
	/** The values of a row for the parts of the index; false: it is not in this
	 * table. NULL, for numbers of a single kind: what the row itself has. */
	bool (*index_of)(const struct bmc_row *row, struct sn_key *ret);
	/** Instead of the snapshot's rows: rows of the table's own, made from the
	 * pinned snapshot, in the order of their indexes and each with `kind` as its
	 * kind. They stay until the next pass of the thread. NULL: none. */
	size_t (*rows)(const struct sn_ordered **ret);
	const struct sn_column *columns; /* in rising order         */
	size_t n_columns;
	/* DESCRIPTIONs of the table, of a row and of the INDEX's parts, and the ranges
	 * of those (NULL: 1..4294967295); ours only */
	const char *doc, *row_doc, *index_doc[SN_INDEX_MAX], *index_range[SN_INDEX_MAX];
	/** Turns a row that is to be created or destroyed into actions of the request
	 * (sn_set_add). Nothing may change yet. 0, or an RFC 3416 error status with
	 * `*ret_bad` the position of the value at fault (n_values: the row as such).
	 * What is borrowed is so for the call. NULL: rows come and go by themselves. */
	int (*create)(struct sn_set *set, const struct sn_row_request *request,
		      size_t *ret_bad);
};

/** All tables, ends with NULL; ours in rising order of their arcs, then those of
 * standard MIBs. In list.c; tests have lists of their own. */
extern const struct sn_table *const sn_tables[];

extern const struct sn_table sn_system_table, sn_blade_table, sn_board_table,
	sn_fan_table, sn_psu_table, sn_disk_table, sn_sensor_table, sn_nic_table,
	sn_firmware_table, sn_job_table, sn_job_result_table, sn_event_table,
	sn_condition_table, sn_manager_table, sn_image_table;
extern const struct sn_table sn_system_group, sn_if_table, sn_ifx_table,
	sn_ip_address_table;
extern const struct sn_table sn_entity_table, sn_entity_alias_table,
	sn_entity_contains_table, sn_entity_general, sn_entity_sensor_table,
	sn_entity_state_table;
extern const struct sn_table sn_alarm_models_changed, sn_alarm_model_table,
	sn_alarm_changed, sn_alarm_active_table, sn_alarm_stats_table,
	sn_alarm_overflow, sn_alarm_clear_maximum, sn_alarm_clear_table;
extern const struct sn_table sn_energy_notifies, sn_energy_meter_table,
	sn_energy_power_table;
extern const struct sn_table sn_if_number, sn_if_changed, sn_if_stack_changed,
	sn_if_stack_table;
extern const struct sn_table sn_hr_system, sn_hr_memory, sn_hr_storage_table,
	sn_hr_device_table, sn_hr_processor_table, sn_hr_network_table,
	sn_hr_disk_table;

extern const struct sn_table sn_nlm_limit, sn_nlm_age, sn_nlm_config_table,
	sn_nlm_logged, sn_nlm_bumped, sn_nlm_stats_table, sn_nlm_log_table,
	sn_nlm_variable_table;
extern const struct sn_table sn_target_addr_table, sn_target_params_table,
	sn_notify_table, sn_community_table, sn_auth_traps;

/** A column with its field found. */
struct sn_cell {
	const struct sn_column *column;
	const struct bmc_field
		*field; /* NULL for a special one, and where the kind lacks it */
};

/** Our table that shows a kind with a row for each index, or NULL. */
const struct sn_table *sn_table_of(enum bmc_kind kind);

/** Finds the field of every column. Once, before any other use and after sn_base is
 * set; BMC_ENOTFOUND when a table names a field that its kinds lack. */
int sn_tables_resolve(struct bmc_error *err);

/** Whether it is one scalar whose only column is the instance. */
bool sn_table_is_scalar(const struct sn_table *t);

/** Whether it may have rows of this kind. */
bool sn_table_has(const struct sn_table *t, enum bmc_kind kind);

/** The cells of table `t` for rows of one of its kinds (n_columns of them). After
 *  sn_tables_resolve. */
const struct sn_cell *sn_table_cells(const struct sn_table *t, enum bmc_kind kind);

/** The cell for an object of this table by its field, or NULL. */
const struct sn_cell *sn_table_cell(const struct sn_table *t, const char *field);

/** The index of a row; false: it is not in this table. */
bool sn_row_index(const struct sn_table *t, const struct bmc_row *row,
		  struct sn_subids *ret);

/** Whether the MIB has it as read-write. */
bool sn_cell_writable(const struct sn_cell *cell);

/** The table that an object's name is of, or NULL. */
const struct sn_table *sn_table_at(const unsigned long *name, size_t len);

/** Registers all tables with the agent. Before the thread runs. */
int sn_tables_register(struct bmc_error *err);

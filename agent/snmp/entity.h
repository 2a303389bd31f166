// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/field.h"
#include "snmp/cursor.h"

/* The machine as a tree of physical entities (RFC 6933), made from the rows: chassis,
 * blade slot, blade, board slot, board, and in these processors, disks, fans, power
 * supplies, sensors and ports. One row becomes several entities: a slot, what is in it,
 * its processor and a sensor for each of its readings. A slot is there while what holds
 * it is; what it holds, while it is plugged in. A reading becomes a sensor once it has
 * been read, and stays one.
 *
 * The tree is recreated only when a row or a part comes or goes; values are those of
 * the pinned snapshot. SNMP's thread only. */

enum sn_entity_class { /* IANAPhysicalClass */
		       SN_ENTITY_CHASSIS = 3,
		       SN_ENTITY_CONTAINER = 5,
		       SN_ENTITY_POWER_SUPPLY,
		       SN_ENTITY_FAN,
		       SN_ENTITY_SENSOR,
		       SN_ENTITY_MODULE,
		       SN_ENTITY_PORT,
		       SN_ENTITY_CPU = 12,
		       SN_ENTITY_STORAGE_DRIVE = 15,
};

enum sn_entity_form {
	SN_ENTITY_SLOT,   /* where it is plugged in      */
	SN_ENTITY_ITSELF, /* the row                     */
	SN_ENTITY_PROCESSOR,
	SN_ENTITY_READING, /* a field of the row          */
};

enum sn_entity_text { /* fields that rows of several kinds have */
		      SN_ENTITY_NAME,
		      SN_ENTITY_ASSET_TAG,
		      SN_ENTITY_MODEL,
		      SN_ENTITY_MANUFACTURER,
		      SN_ENTITY_SERIAL,
		      SN_ENTITY_HW_VERSION,
		      SN_ENTITY_FIRMWARE,
		      SN_ENTITY_OS_VERSION,
		      SN_ENTITY_CPU_MODEL,
		      SN_ENTITY_SOC,
		      SN_ENTITY_TEXTS
};

/** What each row of a kind consists of. */
struct sn_part_of {
	enum bmc_kind kind;
	enum sn_entity_form form;
	enum sn_entity_class class;
	const char *key;   /* in the database: never changes; of a reading: its field */
	const char *label; /* for users */
};

struct sn_entity {
	struct bmc_row row; /* kind: the tables'; index[0]: entPhysicalIndex; handle: of
			       the row of the model; parent: entPhysicalContainedIn */
	const struct sn_part_of *part;
	const struct bmc_field *field; /* of a reading */
	int32_t position;              /* entPhysicalParentRelPos */
};

/* The kind of the tables' rows: not of the row that an entity is of. */
#define SN_ENTITY_KIND BMC_CHASSIS

static inline const struct sn_entity *sn_entity(const struct bmc_row *row)
{
	return (const struct sn_entity *)row;
}

/** Loads the indexes; 0 or an error of the store. Main thread, at start. */
int sn_entities_init(void);
void sn_entities_done(void);

/** Follows the snapshot that has been pinned. After each pin. */
void sn_entities_follow(void);

/** All entities, in the order of their entPhysicalIndex; for a table's `rows`. */
size_t sn_entities(const struct sn_ordered **ret);

/** Rows of a table that are made of the entities. Static, all 0 but `by_values`. */
struct sn_entity_rows {
	struct sn_entity_rows *next; /* of all that have been made */
	uint64_t generation;         /* of the tree */
	uint64_t snapshot;           /* that it was made of */
	bool by_values; /* `each` looks at values: recreated for each snapshot */
	struct sn_ordered *rows;
	size_t n;
};

/** Those entities for which `each` gives an index, in its order; for a table's `rows`.
 * They are made when they are asked for first after a change of the tree, or
 * of a value where they depend on values. */
size_t sn_entities_each(struct sn_entity_rows *made, const struct sn_ordered **ret,
			bool (*each)(const struct sn_entity *e, struct sn_subids *ret));

/** When a row of ENTITY-MIB last came, went or changed (BMC_TIME). */
int64_t sn_entities_changed(void);

/** The model's row that an entity is of; borrowed from the pinned snapshot. NULL: none.
 */
const struct bmc_row *sn_entity_row(const struct sn_entity *e);

/** A text of a row of the model, "" where its kind has none; borrowed from the row. */
const char *sn_entity_text(const struct bmc_row *row, enum sn_entity_text text);
/** Its field, or NULL. */
const struct bmc_field *sn_entity_field(const struct bmc_row *row,
					enum sn_entity_text text);

/** The entPhysicalIndex of a row itself, 0: it has none. */
uint32_t sn_entity_index(uint32_t handle);

/** When a row of a kind last came or went, 0: not since the start; when the state of a
 * row last changed (BMC_TIME). Of kinds that are entities. */
int64_t sn_rows_moved(enum bmc_kind kind);
int64_t sn_row_since(const struct bmc_row *row);

/** When the state of the entity's row last changed (BMC_TIME). */
int64_t sn_entity_since(const struct sn_entity *e);

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "snmp/entity.h"

/* What is known of each row besides its values: whether it is there, when its state and
 * its texts last changed. Followed from snapshot to snapshot, so that the tree of
 * entity.c is recreated only when it has to be. SNMP's thread only. */

#define SN_READINGS_MAX 8 /* of one kind: a bit each */

/* What is known of a row besides its values. */
struct sn_tracked {
	uint32_t index[2]; /* the row's */
	uint32_t texts;    /* hash of them */
	uint32_t itself;   /* entPhysicalIndex, 0: it is not there */
	int64_t since;     /* of the state */
	uint16_t state;    /* what entStateTable shows */
	bool absent;
	uint8_t read; /* which of its readings have been read, a bit each */
};

struct sn_tracked_kind {
	struct sn_tracked *rows; /* at the positions of the snapshot's */
	size_t n;
	uint64_t changed, membership;
	int64_t moved; /* when one of them came or went (BMC_TIME); 0: never */
	const struct bmc_field *present;
	const struct bmc_field *texts[SN_ENTITY_TEXTS]; /* NULL: the kind has none */
	const struct bmc_field *readings[SN_READINGS_MAX];
	size_t n_readings;
};

/** What each row consists of, in the order of what holds what. */
extern const struct sn_part_of sn_entity_parts[];
extern const size_t sn_entity_n_parts;

/** What is known of a kind's rows. */
const struct sn_tracked_kind *sn_tracked_kind(enum bmc_kind kind);

/** What is known of a row of the pinned snapshot; NULL: its kind is not followed. */
struct sn_tracked *sn_tracked(const struct bmc_row *row);

/** Follows all rows of the pinned snapshot; true: the tree is another one. Sets
 * `*changed` to the snapshot's time when a text of one has changed. */
bool sn_tracked_follow(int64_t *changed);

/** Finds the fields. Before any other use. */
void sn_tracked_init(void);
void sn_tracked_done(void);

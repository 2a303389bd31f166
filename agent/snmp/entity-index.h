// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

#include "bmc/model.h"

/* The numbers of physical entities (entPhysicalIndex, RFC 6933). A number is assigned
 * once to a part of a row's id ("slot" of board "sub1-01"), stored in the state
 * database, and never assigned again, so it names the same slot after a restart, a
 * removal or a change of the platform file. SNMP's thread, or the main one before it
 * runs. */

#define SN_ENTITY_INDEXES 65536 /* that can be assigned: ids come from plugins, too */

/** Reads what has been assigned. BMC_ENOMEM, or the store's error. Main thread, at
 * start. */
int sn_entity_indexes_load(void);
void sn_entity_indexes_done(void);

/** The number of a part of a row; `part` is one word, kept by the caller. 0: none has
 *  been assigned. */
uint32_t sn_entity_index_find(enum bmc_kind kind, const char *id, const char *part);

/** The same, assigned now if there is none; 0: out of memory or of numbers. */
uint32_t sn_entity_index_assign(enum bmc_kind kind, const char *id, const char *part);

/** Hands what has been assigned since the last call to the store, in one transaction.
 */
void sn_entity_indexes_store(void);

/** All numbers up to this one are stored, or can't be: only they are shown, else one
 * could be another slot's after a power cut. Grows; sn_wake() is called when it does.
 */
uint32_t sn_entity_indexes_stored(void);

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "snmp/retransmit.h"
#include "snmp/set.h"
#include "snmp/transport.h"

/* A SET request's state, shared by set.c (its life) and set-check.c (its varbinds). */

/* What a varbind asks for that is no action on a field. The row is looked up again when
 * the step is taken: the snapshot it was checked in is gone by then. */
struct sn_step {
	const struct sn_column *column; /* a special one */
	uint32_t handle;
	long value;
};

struct sn_set_answer;
struct sn_set_rows; /* set-rows.c */

struct sn_set {
	struct sn_set *next;
	netsnmp_session *session; /* borrowed: a port's */
	netsnmp_pdu *pdu;         /* the request, then the response */
	struct sn_origin origin;
	struct sn_fingerprint fingerprint;
	struct bmc_actor who;
	struct bmc_action *actions;
	long bad_encoding;      /* position of a value that is no encoding; 0: none */
	unsigned char bad_type; /* which its tag says */
	long *varbinds; /* of each action: the position of its varbind, from 1 */
	size_t n, room;
	struct sn_step steps[SN_SET_STEPS];
	size_t n_steps;
	struct sn_set_rows *rows;  /* of tables with a RowStatus; NULL: none */
	struct bmc_params *params; /* of a job that is created */
	struct bmc_transaction *transaction; /* reserved, not committed   */
	struct sn_set_answer *answer;        /* committed                 */
	int64_t deadline;
	int status; /* RFC 3416's, with the varbind that it is about */
	long index;
};

/** Releases what is reserved, ends the steps and frees. */
void sn_set_free(struct sn_set *set);
/** Takes the steps, once all actions are stored. */
void sn_set_take_steps(struct sn_set *set);

/** Checks one column of a row that is there; its type is right. An error status. */
int sn_set_check_cell(struct sn_set *set, const struct sn_cell *cell,
		      const struct bmc_row *row, const netsnmp_variable_list *vb);

/** Puts a varbind to the others of its row, which has a RowStatus. `row` NULL: it is
 * not there. An error status. */
int sn_set_row_add(struct sn_set *set, const struct sn_table *t,
		   const netsnmp_variable_list *vb, const struct sn_cell *cell,
		   const struct bmc_row *row);
/** Checks those rows; set->index becomes the varbind at fault. An error status. */
int sn_set_rows_check(struct sn_set *set);

/** Checks that no object and no board is given two things at once, and drops what is
 * said twice. An error status; set->index becomes the later varbind. */
int sn_set_check_twice(struct sn_set *set);

/** Checks all varbinds; fills actions and steps. False: status and index say what is
 * wrong. */
bool sn_set_check(struct sn_set *set);

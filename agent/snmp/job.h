// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "snmp/table.h"

/* cbmcJobTable's columns that a SET may give when it creates a job; the numbers are the
 * MIB's. SNMP's thread only. */

struct bmc_params;

enum sn_job_column {
	SN_JOB_OPERATION = 2,
	SN_JOB_TARGET_ID = 5,
	SN_JOB_TARGET = 6,
	SN_JOB_BLADE = 7,
	SN_JOB_SLOT = 8,
	SN_JOB_CANCEL = 21,
	SN_JOB_MODE = 29,
	SN_JOB_PLANNED = 30,
	SN_JOB_ROW_STATUS = 31,
	SN_JOB_AGGREGATE = 32,
	SN_JOB_BATCH = 33,
	SN_JOB_DELAY = 34,
	SN_JOB_CANARY = 35,
	SN_JOB_PER_BLADE = 36,
	SN_JOB_UNTIL = 37,
	SN_JOB_IMAGE = 38,
	SN_JOB_USER = 39,
	SN_JOB_CREDENTIAL = 40,
	SN_JOB_VERIFY = 41,
	SN_JOB_DRY_RUN = 42,
	SN_JOB_MAX_FAILED = 43,
	SN_JOB_PRIORITY = 44,
	SN_JOB_COLUMNS
};

#define SN_JOB_AHEAD 1000u /* how far above the next index a job may be created */

/** A struct sn_table's `create`. */
int sn_job_create(struct sn_set *set, const struct sn_row_request *request,
		  size_t *ret_bad);

/** Columns that only an update has. */
extern const struct sn_special sn_job_user, sn_job_credential, sn_job_verify;
/** Takes a value of one of them. 0, or an RFC 3416 error status. */
int sn_job_update_take(const struct sn_set *set, struct bmc_params *p,
		       const struct sn_row_value *v);

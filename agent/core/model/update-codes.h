// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* What stopped an update, as one word: "STAGE-DETAIL". All that can occur are the
 * stages and details of this table; doc/update-codes.md is written from it. */

enum bmc_stage {
	BMC_STAGE_NONE,
	BMC_STAGE_PREPARE, /* the image, as a whole: a step that has no name of its own
			    */
	BMC_STAGE_FETCH,
	BMC_STAGE_STORE,
	BMC_STAGE_CHECK,
	BMC_STAGE_ACCEPTS, /* from here on: a board */
	BMC_STAGE_DETACH,
	BMC_STAGE_WRITE,
	BMC_STAGE_VERIFY,
	BMC_STAGE_ATTACH,
	BMC_STAGE_BOOT,
	BMC_STAGE_CONFIRM,
	BMC_STAGE_ROLLBACK,
	BMC_STAGE_TASK, /* none of these: it was not begun, or cancelled before */
	BMC_N_STAGES
};

/* Details are negated enum bmc_err, and these. */
#define BMC_DETAIL_FAILED      0
#define BMC_DETAIL_INTERRUPTED 40 /* the service stopped meanwhile */
#define BMC_DETAIL_SILENT      41 /* the board's system does not answer */

/** "write" ...; "" for BMC_STAGE_NONE. */
const char *bmc_stage_word(enum bmc_stage stage);
/** BMC_STAGE_NONE: it is none. */
enum bmc_stage bmc_stage_find(const char *word);
/** "io" ...; what has no word of its own is "failed". */
const char *bmc_detail_word(int detail);

/** What the stage does, as a part of a sentence: "while the image was fetched". */
const char *bmc_stage_text(enum bmc_stage stage);
/** In which state a board is that failed in the stage and was not rolled back. */
const char *bmc_stage_left(enum bmc_stage stage);
/** What the detail says, and what to do next: sentences. */
const char *bmc_detail_text(int detail);
const char *bmc_detail_next(int detail);

/** Writes "write-io". */
void bmc_code_format(enum bmc_stage stage, int detail, char *ret, size_t size);
/** Takes a code apart; false: it is none of the table's. */
bool bmc_code_parse(const char *code, enum bmc_stage *ret_stage, int *ret_detail);
/** One sentence of what happened and one of what to do; "" for what is no code. */
void bmc_code_explain(const char *code, char *ret, size_t size);
/** The details that have a word, one after the other: false past the last. */
bool bmc_detail_nth(size_t n, int *ret);

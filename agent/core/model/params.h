// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

#include "bmc/error.h"
#include "bmc/model.h"

/* Typed parameters of an action beyond its own fields: counted, built by one thread and
 * read-only once an action that refers to it has been reserved, so the actions of one
 * transaction share one list. Texts are wiped when the last reference goes. */

enum bmc_param {
	BMC_PARAM_BATCH, /* boards of one wave, 1..2048                             */
	BMC_PARAM_DELAY_MS, /* from the end of a wave to the next one, 0..86,400,000 */
	BMC_PARAM_CANARY, /* boards that have to succeed before the others, 0..2048  */
	BMC_PARAM_PER_BLADE, /* boards of one blade under way at once, 1..2048 */
	BMC_PARAM_APPLY_AT,  /* not before: milliseconds since 1970 (UTC), 1..2^53  */
	BMC_PARAM_URI,  /* text, 2,047 bytes                                       */
	BMC_PARAM_USER, /* text, 127 bytes                                         */
	BMC_PARAM_CREDENTIAL,  /* text, 511 bytes; a secret */
	BMC_PARAM_APPLY_UNTIL, /* not begun by then, not done: as BMC_PARAM_APPLY_AT */
	BMC_PARAM_SECRETS, /* text of lines, 2,048 bytes; what is secret of a row  */
	BMC_PARAM_NTP,     /* text: core/base/ntp.h's list of servers, SET_NTP      */
	BMC_PARAM_TASK, /* number of the task to be, 1..2^32 - 1: there is one then also
			   when there is nothing to do; BMC_EEXIST: it is taken, or
			   too far ahead (bmc_action_next_task) */
	BMC_PARAM_IMAGE,  /* text: the id of a stored image, UPDATE                   */
	BMC_PARAM_VERIFY, /* enum bmc_verify, UPDATE                                  */
	BMC_PARAM_DRY_RUN,    /* 1: checks and says what it would do, UPDATE    */
	BMC_PARAM_MAX_FAILED, /* so many boards may fail before no more are begun,
				 0..2048 */
	BMC_PARAM_PRIORITY,   /* of waiting updates the highest begins first, 0..9 */
	BMC_PARAM_WAITS_FOR,  /* enum bmc_wait, 1..2, UPDATE: beside its time */
	BMC_N_PARAMS,
};

struct bmc_params;

/** An empty list with one reference; NULL: no memory. Any thread. */
struct bmc_params *bmc_params_new(void);
/** Takes another reference; accepts and returns NULL. Any thread. */
struct bmc_params *bmc_params_ref(struct bmc_params *p);
/** Gives one back; the last one wipes the texts. Accepts and returns NULL. Any thread.
 */
struct bmc_params *bmc_params_unref(struct bmc_params *p);

/** The least and the greatest value of a number. */
void bmc_params_range(enum bmc_param key, int64_t *ret_min, int64_t *ret_max);
/** Sets a number. BMC_ERANGE, BMC_EINVAL (the parameter is a text). */
int bmc_params_set_num(struct bmc_params *p, enum bmc_param key, int64_t num,
		       struct bmc_error *reterr);
/** Sets a text (copied). BMC_ERANGE: too long; BMC_EINVAL: no text (UTF-8 without
 * control characters), or the parameter is a number; BMC_ENOMEM. */
int bmc_params_set_text(struct bmc_params *p, enum bmc_param key, const char *text,
			struct bmc_error *reterr);

/** The number, or `otherwise` when it is not set. Accepts NULL. */
int64_t bmc_params_num(const struct bmc_params *p, enum bmc_param key,
		       int64_t otherwise);
/** The text, borrowed; NULL when it is not set. Accepts NULL. */
const char *bmc_params_text(const struct bmc_params *p, enum bmc_param key);

/** Gives the list a row (copied): of ADD the row to be, of SET the row whose member has
 * the new value. BMC_ENOMEM. */
int bmc_params_set_row(struct bmc_params *p, const struct bmc_row *row,
		       struct bmc_error *reterr);
/** The row, borrowed; NULL when there is none, or of another kind. Accepts NULL. */
const struct bmc_row *bmc_params_row(const struct bmc_params *p, enum bmc_kind kind);

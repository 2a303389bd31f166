// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/params.h"
#include "core/model/update-codes.h"
#include "core/ports/store.h"

/* An update's image, for the boards of its group: got and checked before the first
 * board begins, read by all of them, given back when the last one has ended. Updates
 * wait for each other, those with the highest priority go first. Main thread, but where
 * said. */

struct bmc_group;
struct bmc_run;
struct bmc_update;
struct bmc_verb_request;
struct bmc_step;
struct bmc_report;

/** 0, or why an update with these parameters can't be: no image is named, it is not
 * there, or nothing gets images (BMC_ENOTSUP). Any thread. */
int bmc_update_check(const struct bmc_params *params, struct bmc_error *err);
/** NULL: no memory. Any thread. */
struct bmc_update *bmc_update_new(struct bmc_params *params);
/** The group has ended. Accepts NULL. Any thread for one whose group was never begun.
 */
void bmc_update_free(struct bmc_update *u);

/** Adds what a restart needs to the parent task's record; never a password. The address
 * is borrowed from the update, and of the record it is the secret: its query may be
 * one. Any thread. */
void bmc_update_format(const struct bmc_update *u, struct bmc_record *rec);
/** From a record; NULL: it is no update's. */
struct bmc_update *bmc_update_load(const struct bmc_record *rec);

bool bmc_update_dry(const struct bmc_update *u);
/** Whether the image is there. Else it is got, and the group's plan and runs are woken
 * when it is, or can't be. */
bool bmc_update_ready(struct bmc_group *g);
/** Gives the image, which is there, back for as long as no board of the group is due,
 * and the group's place with it. False: the image has to be got first. */
bool bmc_update_rest(struct bmc_group *g);
/** Why it can't be: the words are borrowed, `*ret_code` is the code's text; NULL: it
 * can.
 */
const char *bmc_update_failure(const struct bmc_group *g, const char **ret_code);

/** Fills a flasher's call. False: the run waits for its image, the call is not needed,
 * or the run has gone on otherwise. */
bool bmc_update_call(struct bmc_run *run, struct bmc_verb_request *request);
/** A call that ended well: rates are learnt from it. */
void bmc_update_call_done(struct bmc_run *run);
/** The flasher does not take the image: whether there is another one to be asked. */
bool bmc_update_next_flasher(struct bmc_run *run);
/** Keeps what stopped the run, for the end of its rollback. The first one counts. */
void bmc_update_failed(struct bmc_run *run, enum bmc_stage stage, int detail,
		       const char *words);
/** Its rollback is over: ends the task with what stopped it; `how` says how it went. */
void bmc_update_end(struct bmc_run *run, const char *how);
/** The words at the end of a run that went well. */
void bmc_update_words(const struct bmc_run *run, char *ret, size_t size);

/** A board's progress: the parent's sums follow within half a second. */
void bmc_update_progress(struct bmc_run *run);
/** A board's task has ended, as its row says: counts for the sums. */
void bmc_update_count(struct bmc_group *g, const struct bmc_task *row);
/** What a group says at its end beside how many are done; "" nothing. */
void bmc_update_summary(const struct bmc_group *g, char *ret, size_t size);

/** Updates under way at once (1..): further ones wait. Each holds its image's buffers.
 * Before the first. */
void bmc_updates_init(unsigned at_once);
void bmc_updates_done(void);

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"
#include "core/base/loop.h"
#include "core/tasks/plan.h"
#include "core/tasks/recipes.h"
#include "core/tasks/tasks.h"
#include "core/tasks/update.h"

/* The step machine of recipes, shared by the files of this folder and by reserve.c and
 * execute.c of the action API, which make runs. Main thread only. */

/* Where a run is between two steps of its machine. */
enum bmc_run_at {
	BMC_RUN_IDLE,      /* not begun                            */
	BMC_RUN_PLANNED,   /* waits for its group's plan to begin it */
	BMC_RUN_QUEUED,    /* waits for the action that holds its board */
	BMC_RUN_JOURNAL,   /* waits for the database               */
	BMC_RUN_SEQUENCER, /* waits for its turn to power a board up */
	BMC_RUN_IMAGE,     /* waits for its group's image          */
	BMC_RUN_VERB,
	BMC_RUN_WAIT, /* for a condition or a time            */
};

/* A transaction for several boards: its parent task. */
struct bmc_group {
	struct bmc_task row;
	size_t left;                 /* boards still under way */
	size_t cancelled, not_begun; /* among the ended; cancelled before they began */
	bool durable;
	struct bmc_plan plan;
	struct bmc_waves waves;
	struct bmc_update *update; /* of an update; NULL: it is none */
	size_t n_blades;           /* blades that were named as a whole */
	char (*blades)[BMC_ID_MAX];
};

/* One board's share of a transaction: a task, a job in the journal, a walk through a
 * recipe.
 */
struct bmc_run {
	struct bmc_run *next;
	unsigned refs;
	uint64_t job;
	struct bmc_task row;
	struct bmc_group *group; /* NULL: a transaction for this board alone */
	uint32_t board;          /* handle; the run holds its claim, or waits for it */
	uint64_t owner;          /* of the claim                        */
	bool durable;            /* the journal's last entry is on the disk */
	bool cancel, resumed, ended;
	enum bmc_run_at at;
	unsigned step;
	uint32_t seq; /* grows with each step taken: what an older one started is
			 dropped */
	uint64_t verb_run;
	int64_t began;          /* start of the request                           */
	int64_t usb_before;     /* enum bmc_usb_mode when the last verb was started */
	bool starting;          /* whether the board was booting then */
	int64_t boot_deadline;  /* until when its boot is waited for  */
	int64_t retry_deadline; /* until when a verb that is refused for now is tried
				   again */
	bool left;              /* has been seen leaving USB since then           */
	int64_t claim_deadline; /* until when busy boards are waited for */
	struct bmc_checkpoint kept;
	bool has_kept;   /* `kept` is the present step's                */
	bool has_before; /* and is of the time before a restart         */
	int64_t kept_at; /* when it was written                         */
	struct bmc_timer *keep_timer;
	int64_t rate_at, rate_done; /* where the present rate is measured from */
	struct bmc_timer *timer;
	struct bmc_run *sequencer_next, *plan_next;
	int64_t power_from; /* in the sequencer: not powered up before (min_off) */
	uint32_t blade;     /* handle of the board's parent */
	bool in_wave;       /* the plan has begun it */
	bool unclaimed;     /* it claims its board when it begins */
	/* of an update */
	char flasher[BMC_ID_MAX]; /* instance; "": the first one */
	unsigned nth_flasher;
	enum bmc_stage failed_stage; /* what stopped it */
	int failed_detail;
	char failed[96];
	int64_t verb_bytes; /* that the present call is for */
	int64_t verb_began; /* 0: it goes on, or is not measured */
	bool once; /* its mode is the board's setting, which holds for one reset */
};

/** The step a run is in; static. */
static inline const struct bmc_step *bmc_run_step(const struct bmc_run *run)
{
	return &bmc_recipe((enum bmc_action_op)run->row.op)->steps[run->step];
}

/* ---- run.c ---- */

/** A run that has not begun and has no number yet. NULL: no memory. Any thread. */
struct bmc_run *bmc_run_new(enum bmc_action_op op, const char *board, uint32_t handle,
			    const struct bmc_actor *who);
/** Gives its task a number, and its job one that is unique over restarts. Any thread.
 */
void bmc_run_number(struct bmc_run *run, uint32_t task);
/** A number for pins that are set outside of tasks. Any thread. */
uint64_t bmc_step_number(void);
/** Gives back one reference. Accepts NULL. */
void bmc_run_unref(struct bmc_run *run);
/** Begins (the run's reference is stolen); its task is published and journaled. */
void bmc_run_begin(struct bmc_run *run);
/** As bmc_run_begin, past the group's plan. */
void bmc_run_start(struct bmc_run *run);
/** Begins it when its board is free and has settled. */
void bmc_run_queue(struct bmc_run *run);
/** Puts it on the list, so that it is seen and can be cancelled; bmc_run_begin does
 * too. */
void bmc_run_link(struct bmc_run *run);
/** Enters a step, at once or at a safe point cancelled. */
void bmc_run_enter(struct bmc_run *run, unsigned step);
/** Goes on after the present step, which is done. */
void bmc_run_pass(struct bmc_run *run);
/** Asks the task `number`, or all children of it, to end early. */
void bmc_run_cancel(uint32_t number);

/** Starts the timer of the present step's limit; false: no memory. */
bool bmc_run_timer(struct bmc_run *run, void (*fire)(void *arg));
/** Goes on at the present step's `on_fail`, or ends the task. */
void bmc_run_failed(struct bmc_run *run, const char *detail);
/** 1/1000 percent of the task, with so much of the present step done. */
int64_t bmc_run_percent(const struct bmc_run *run, int64_t millipercent);

extern struct bmc_run *bmc_runs;
/** Asks for an update of a board that nothing else has brought back. Set by the action
 * API while it is open. */
extern void (*bmc_reinstall_hook)(const char *board);
int bmc_runs_init(void);
/** Drops all that is under way, as it is in the journal. */
void bmc_runs_done(void);

/* ---- step-verb.c ---- */

/** The present step runs a verb and is in the journal. */
void bmc_step_verb_enter(struct bmc_run *run);
/** The verb of the present step may be started now. */
void bmc_run_verb(struct bmc_run *run);
/** The present step's call is not needed. */
void bmc_step_verb_none(struct bmc_run *run);
/** The present step's call could not be made. */
void bmc_step_verb_failed(struct bmc_run *run, int code, const char *words);
/** Speed of a transfer, from its bytes now; `*at` and `*last` are where the present
 * measurement began, 0 before. */
void bmc_rate_update(int64_t *rate, int64_t *at, int64_t *last, int64_t done);
/** The condition of the present step holds: its verb is not waited for any more. */
void bmc_step_verb_held(struct bmc_run *run);

/* ---- checkpoint.c ---- */

/** The newest checkpoint of the verb under way: it is written, at most one a second. */
void bmc_checkpoint_note(struct bmc_run *run, const struct bmc_checkpoint *kept);
/** The step is over, or left: nothing is written any more, and nothing kept. */
void bmc_checkpoint_leave(struct bmc_run *run);
/** As text for the journal (hexadecimal), and back; false: it is none. */
void bmc_checkpoint_format(const struct bmc_checkpoint *c, char *text, size_t size);
bool bmc_checkpoint_parse(struct bmc_checkpoint *c, const char *text);

/* ---- condition.c ---- */

/** Whether the present step's condition holds; notes on the way whether the board has
 * left. */
bool bmc_run_check(struct bmc_run *run);
/** Notes what USB shows before a verb is started. */
void bmc_run_observe(struct bmc_run *run);

/* ---- boot.c ---- */

/** Whether the board is to be sent on into a mode now that it is restarted: the
 * action's, or the board's override as it is now, which becomes the task's. */
bool bmc_run_to_mode(struct bmc_run *run);
/** Ends an override that was for this reset: up to two records to be stored with the
 * task's end. */
size_t bmc_run_boot_once(const struct bmc_run *run, struct bmc_record recs[2]);

/* ---- waits.c ---- */

/** What is waited for, as a task's step; static. */
const char *bmc_wait_words(int64_t waits_for);
/** The run waits for nothing but its plan any more, or has ended. */
void bmc_wait_end(struct bmc_run *run);
/** A run has ended: the update that waited for its board's reset, if that is what it
 * was, and the record to be stored together with the end. NULL: there is none. Then
 * bmc_plan_due. */
struct bmc_run *bmc_wait_reset(const struct bmc_run *by, struct bmc_record *ret);
/** The boards of this parent task that wait for a request are begun; `done` is called
 * when that is stored. BMC_ESTATE: none does; BMC_ENOMEM. */
int bmc_wait_request(uint32_t group, bmc_store_done *done, void *arg);
/** Claims after a restart what the run held before; `begun`: its board, too. */
void bmc_wait_resume(struct bmc_run *run, bool begun);

/* ---- journal.c ---- */

/** The job's record for a phase of a step. */
struct bmc_record bmc_run_record(const struct bmc_run *run,
				 enum bmc_journal_phase phase, unsigned step);
/** Writes it and calls `then` when it is on the disk, or at once when that can't be. */
void bmc_run_journal(struct bmc_run *run, enum bmc_journal_phase phase, unsigned step,
		     void (*then)(struct bmc_run *run));
/** Called for each entry that is on the disk: where tests kill the process. */
void bmc_journal_point(int code);
/** bmc_store_done for entries that are not waited for. */
void bmc_journal_noted(void *arg, int code);
void bmc_journal_init(bool test);
/** Whether its plan had let it begin. */
bool bmc_journal_begun(const struct bmc_journal_record *job);
/** Whether the service that wrote it meant this one's step. What has not begun fits: it
 * begins with this one's first. Of records that older services wrote only the step's
 * number is known. */
bool bmc_journal_fits(const struct bmc_journal_record *job, enum bmc_action_op op);

/* ---- sequencer.c: boards are powered up one after the other ---- */

void bmc_sequencer_enter(struct bmc_run *run);
void bmc_sequencer_leave(struct bmc_run *run);
void bmc_sequencer_init(int64_t inrush_ms);
void bmc_sequencer_done(void);

/* ---- end.c ---- */

/** Ends the run's task, gives back claim and reference. `error` and `detail` may be
 * NULL. */
void bmc_run_end(struct bmc_run *run, enum bmc_task_state state, const char *error,
		 const char *detail);
/** One of a group's boards has ended: its task. */
void bmc_group_count(struct bmc_group *g, const struct bmc_task *t);
/** Ends the group's task when none is left; frees it then. Returns whether it did. */
bool bmc_group_check_end(struct bmc_group *g, struct bmc_record *ret);
/** A group's task for which there is nothing to do: completed, shown and stored. It
 * stays the caller's. */
void bmc_group_nothing(struct bmc_group *g);
/** The parent task's record; the row is borrowed. */
struct bmc_record bmc_group_record(const struct bmc_group *g);
/** The first of its boards begins: it runs. */
void bmc_group_begin(struct bmc_group *g);
void bmc_group_free(struct bmc_group *g);

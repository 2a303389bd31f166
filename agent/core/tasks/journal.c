// SPDX-License-Identifier: Apache-2.0
/* The journal of runs: a step is on the disk as STARTED before its verb is called, so
 * after a crash resume.c knows what may have been done. Used by the step machine and
 * the action API. */
#include <limits.h>
#include <signal.h>
#include <stdlib.h>

#include "core/base/util.h"
#include "core/tasks/run.h"

struct waiting {
	struct bmc_run *run;
	uint32_t seq;
	void (*then)(struct bmc_run *run);
};

static struct {
	long crash_at; /* 0: never */
	long points;   /* entries that are on the disk */
} journal;

void bmc_journal_init(bool test)
{
	const char *at = test ? getenv("CLUSTERBMC_CRASH_AT") : NULL;

	journal.crash_at = at ? strtol(at, NULL, 10) : 0;
	journal.points = 0;
}

void bmc_journal_point(int code)
{
	if (code == BMC_OK && ++journal.points == journal.crash_at)
		(void)raise(SIGKILL);
}

void bmc_journal_noted(void *arg, int code)
{
	(void)arg;
	bmc_journal_point(code);
}

struct bmc_record bmc_run_record(const struct bmc_run *run,
				 enum bmc_journal_phase phase, unsigned step)
{
	struct bmc_record rec = { .type = BMC_REC_JOURNAL };

	rec.job = (struct bmc_journal_record){
		.job = run->job,
		.task = run->row.row.index[0],
		.kind = BMC_BOARD,
		.op = (uint16_t)run->row.op,
		.step = step,
		.phase = (uint16_t)phase,
	};
	(void)bmc_copy(rec.job.id, sizeof(rec.job.id), run->row.target_id);
	/* see bmc_journal_fits(), and make_run() of resume.c */
	rec.job.num = (int64_t)bmc_recipe_print((enum bmc_action_op)run->row.op, step)
		      << 32;
	if (run->row.op == BMC_ACT_UPDATE) {
		(void)bmc_copy(rec.job.field, sizeof(rec.job.field), run->flasher);
		rec.job.num |= (int64_t)run->failed_stage << 16 | run->failed_detail;
	}
	if (run->has_kept && phase == BMC_JOURNAL_STARTED)
		bmc_checkpoint_format(&run->kept, rec.text, sizeof(rec.text));
	return rec;
}

static void journaled(void *arg, int code)
{
	struct waiting *w = arg;
	struct bmc_run *run = w->run;

	bmc_journal_point(code);
	run->durable = code == BMC_OK;
	if (!run->ended && run->seq == w->seq)
		w->then(run);
	bmc_run_unref(run);
	free(w);
}

void bmc_run_journal(struct bmc_run *run, enum bmc_journal_phase phase, unsigned step,
		     void (*then)(struct bmc_run *run))
{
	struct bmc_record rec = bmc_run_record(run, phase, step);
	struct waiting *w = malloc(sizeof(*w));

	run->at = BMC_RUN_JOURNAL;
	run->seq++;
	if (w) {
		*w = (struct waiting){ .run = run, .seq = run->seq, .then = then };
		run->refs++;
		if (bmc_store && bmc_store->write(&rec, 1, journaled, w) == BMC_OK)
			return;
		run->refs--;
		free(w);
	}
	run->durable = false;
	then(run);
}

bool bmc_journal_begun(const struct bmc_journal_record *job)
{
	return job->phase > BMC_JOURNAL_ACCEPTED || job->step > 0;
}

bool bmc_journal_fits(const struct bmc_journal_record *job, enum bmc_action_op op)
{
	uint32_t print = (uint32_t)(job->num >> 32);

	return job->step < bmc_recipe(op)->n &&
	       (!bmc_journal_begun(job) || !print ||
		print == bmc_recipe_print(op, job->step));
}

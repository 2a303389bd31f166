// SPDX-License-Identifier: Apache-2.0
/* A board's share of an update: the flasher's calls with the board's view of the image,
 * what stopped it, and what the parent's task says of all of them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/plugin/instance.h"
#include "core/tasks/update-own.h"

#define SHOW_MS 500
/* What is assumed of a flasher that has not written anything since the service's start:
 * USB 2.0 in bulk with a board that writes its eMMC beside it. */
#define ASSUMED_RATE (INT64_C(8) << 20)
#define RATES        16
#define RATE_LEAST   (INT64_C(1) << 20) /* bytes that are worth a measurement */

/* Bytes per second of each flasher's last writes, and of its checks. */
static struct rate {
	char flasher[BMC_ID_MAX];
	int64_t write, verify;
} rates[RATES];

/* ---- rates ---- */

static struct rate *rate_of(const char *flasher)
{
	struct rate *oldest = &rates[RATES - 1];

	for (size_t i = 0; i < RATES; i++) {
		if (strcmp(rates[i].flasher, flasher) == 0)
			return &rates[i];
		if (!rates[i].flasher[0]) {
			oldest = &rates[i];
			break;
		}
	}
	*oldest = (struct rate){ 0 };
	(void)bmc_copy(oldest->flasher, sizeof(oldest->flasher), flasher);
	return oldest;
}

void bmc_update_call_done(struct bmc_run *run)
{
	enum bmc_stage stage = bmc_run_step(run)->stage;
	int64_t passed = MAX(bmc_now() - run->verb_began, (int64_t)1), rate;
	struct rate *r;

	if (run->row.bytes_total != BMC_UNKNOWN)
		run->row.bytes_done = run->row.bytes_total;
	if (!run->verb_began || run->verb_bytes < RATE_LEAST ||
	    (stage != BMC_STAGE_WRITE && stage != BMC_STAGE_VERIFY))
		return;
	r = rate_of(run->flasher);
	rate = run->verb_bytes / passed * 1000;
	if (stage == BMC_STAGE_WRITE)
		r->write = r->write ? (r->write + rate) / 2 : rate;
	else
		r->verify = r->verify ? (r->verify + rate) / 2 : rate;
}

/* How long a board takes, in ms. */
static int64_t time_of(const struct bmc_run *run, bool verify, bool *ret_assumed)
{
	const struct rate *r = rate_of(run->flasher);
	int64_t write = r->write ? r->write : ASSUMED_RATE;
	int64_t read = r->verify ? r->verify : write;
	int64_t boot = bmc_instances_platform()->boot_ms;

	*ret_assumed = !r->write;
	return run->verb_bytes / MAX(write / 1000, (int64_t)1) +
	       (verify ? run->verb_bytes / MAX(read / 1000, (int64_t)1) : 0) + boot;
}

/* ---- the calls ---- */

static enum bmc_flash_call call_of(enum bmc_stage stage)
{
	static const enum bmc_flash_call calls[BMC_N_STAGES] = {
		[BMC_STAGE_ACCEPTS] = BMC_FLASH_ACCEPTS,
		[BMC_STAGE_DETACH] = BMC_FLASH_DETACH,
		[BMC_STAGE_WRITE] = BMC_FLASH_WRITE,
		[BMC_STAGE_VERIFY] = BMC_FLASH_VERIFY,
		[BMC_STAGE_ATTACH] = BMC_FLASH_ATTACH,
		[BMC_STAGE_CONFIRM] = BMC_FLASH_CONFIRM,
		[BMC_STAGE_ROLLBACK] = BMC_FLASH_ROLLBACK,
	};

	return calls[stage];
}

bool bmc_update_is_begun(const struct bmc_run *run)
{
	return run->row.op == BMC_ACT_UPDATE && !run->ended &&
	       run->step >= BMC_UPDATE_WRITE_STEP;
}

/* What stopped the update as a whole stops this board. */
static void image_failed(struct bmc_run *run)
{
	const char *code = "", *why = bmc_update_failure(run->group, &code);
	enum bmc_stage stage = BMC_STAGE_PREPARE;
	int detail = BMC_DETAIL_FAILED;

	(void)bmc_code_parse(code, &stage, &detail);
	bmc_update_failed(run, stage, detail, why);
}

/* Of an image that the policy refuses by now nothing more is written; what was begun is
 * undone, and what is up stays. True: the call is not made. */
static bool is_refused(struct bmc_run *run)
{
	enum bmc_stage stage = bmc_run_step(run)->stage;

	if (!run->group->update->undo_only || stage == BMC_STAGE_ROLLBACK ||
	    stage == BMC_STAGE_CONFIRM)
		return false;
	image_failed(run);
	bmc_step_verb_failed(run, BMC_EPERM, run->failed);
	return true;
}

/* The image can't be had any more: nothing can be done to the board without it. */
static void no_image(struct bmc_run *run)
{
	image_failed(run);
	bmc_update_end(run, bmc_update_is_begun(run) ? bmc_stage_left(BMC_STAGE_WRITE)
						     : NULL);
}

static bool image_is_there(struct bmc_run *run)
{
	const char *code;

	run->at = BMC_RUN_IMAGE;
	if (!run->group || !run->group->update) {
		bmc_step_verb_failed(run, BMC_ENOTFOUND, "its image is not known");
		return false;
	}
	if (bmc_update_ready(run->group))
		return !is_refused(run);
	/* it may have failed just now, and the run with it */
	if (!run->ended && run->at == BMC_RUN_IMAGE &&
	    bmc_update_failure(run->group, &code))
		no_image(run);
	return false;
}

static bool flasher_is_there(struct bmc_run *run)
{
	if (!run->flasher[0] && !bmc_flasher_nth(run->row.target_id, run->nth_flasher,
						 run->flasher, sizeof(run->flasher))) {
		bmc_step_verb_failed(run, BMC_ENOTSUP,
				     "no flasher is bound to the board");
		return false;
	}
	return true;
}

bool bmc_update_call(struct bmc_run *run, struct bmc_verb_request *request)
{
	enum bmc_stage stage = bmc_run_step(run)->stage;
	struct bmc_update *u;
	struct bmc_flash *flash;

	run->refs++; /* it may end in here */
	bool may = image_is_there(run) && flasher_is_there(run);
	bmc_run_unref(run);
	if (!may)
		return false;
	if (!bmc_flasher_has(run->flasher, call_of(stage)) &&
	    bmc_flasher_has(run->flasher, BMC_FLASH_WRITE)) {
		bmc_step_verb_none(run);
		return false;
	}
	u = run->group->update;
	flash = bmc_images->open(u->image, run->row.target_id);
	if (!flash) {
		bmc_step_verb_failed(run, BMC_ENOMEM, "out of memory: try again");
		return false;
	}
	flash->verify = u->verify;
	flash->flags |= BMC_FLASH_KEEP_IDENTITY;
	run->verb_bytes = (int64_t)MIN(flash->bytes, (uint64_t)INT64_MAX);
	run->verb_began = run->has_before ? 0 : bmc_now();
	request->flasher = run->flasher;
	request->flash = flash;
	return true;
}

bool bmc_update_next_flasher(struct bmc_run *run)
{
	char name[BMC_ID_MAX];

	if (!bmc_flasher_nth(run->row.target_id, run->nth_flasher + 1, name,
			     sizeof(name)))
		return false;
	run->nth_flasher++;
	(void)bmc_copy(run->flasher, sizeof(run->flasher), name);
	return true;
}

/* ---- how it ends ---- */

void bmc_update_failed(struct bmc_run *run, enum bmc_stage stage, int detail,
		       const char *words)
{
	if (run->failed_stage != BMC_STAGE_NONE)
		return;
	run->failed_stage = stage;
	run->failed_detail = detail;
	(void)bmc_copy(run->failed, sizeof(run->failed),
		       words ? words : bmc_detail_text(detail));
	bmc_code_format(stage, detail, run->row.code, sizeof(run->row.code));
	(void)bmc_copy(run->row.error, sizeof(run->row.error), run->failed);
	bmc_task_note(&run->row, run->row.code);
}

void bmc_update_end(struct bmc_run *run, const char *how)
{
	bool cancelled = run->failed_detail == -BMC_ECANCELED;

	bmc_code_format(run->failed_stage, run->failed_detail, run->row.code,
			sizeof(run->row.code));
	bmc_run_end(run, cancelled ? BMC_TASK_CANCELLED : BMC_TASK_EXCEPTION,
		    run->failed[0] ? run->failed : bmc_detail_text(run->failed_detail),
		    how ? how : bmc_stage_left(run->failed_stage));
}

void bmc_update_words(const struct bmc_run *run, char *ret, size_t size)
{
	struct bmc_update *u = run->group ? run->group->update : NULL;
	bool assumed;
	int64_t ms;

	if (!u || !u->dry)
		return;
	ms = time_of(run, u->verify != BMC_VERIFY_NONE, &assumed);
	u->bytes += run->verb_bytes;
	u->ms = MAX(u->ms, ms);
	u->assumed |= assumed;
	(void)snprintf(ret, size,
		       "dry run: %s would write %" PRId64 " bytes in about %" PRId64
		       " s%s",
		       run->flasher, run->verb_bytes, (ms + 999) / 1000,
		       assumed ? " (assumed 8 MiB/s)" : "");
}

/* ---- the parent's sums ---- */

static int64_t plus(int64_t sum, int64_t more)
{
	if (more == BMC_UNKNOWN)
		return sum;
	return sum == BMC_UNKNOWN ? more : sum + more;
}

static void show_sums(struct bmc_update *u)
{
	struct bmc_task *t = &u->group->row;
	int64_t done = u->total ? u->done : BMC_UNKNOWN, percent = u->percent;
	int64_t total = u->total ? u->total : BMC_UNKNOWN, rate = BMC_UNKNOWN;

	for (const struct bmc_run *run = bmc_runs; run; run = run->next) {
		if (run->group != u->group || run->ended)
			continue;
		done = plus(done, run->row.bytes_done);
		total = plus(total, run->row.bytes_total);
		rate = plus(rate, run->row.rate);
		percent += run->row.percent;
	}
	t->bytes_done = done;
	t->bytes_total = total;
	t->rate = rate;
	t->percent = percent / MAX(t->targets, (int64_t)1);
	bmc_task_show(t);
}

static void sum(void *arg)
{
	struct bmc_update *u = arg;

	u->timer = NULL;
	show_sums(u);
}

void bmc_update_progress(struct bmc_run *run)
{
	struct bmc_update *u = run->group ? run->group->update : NULL;

	if (u && u->group && !u->timer)
		u->timer = bmc_timer_new(bmc_now() + SHOW_MS, sum, u);
}

void bmc_update_count(struct bmc_group *g, const struct bmc_task *row)
{
	struct bmc_update *u = g->update;

	if (!u)
		return;
	if (row->bytes_total != BMC_UNKNOWN) {
		u->done += MAX(row->bytes_done, (int64_t)0);
		u->total += row->bytes_total;
	}
	u->percent += 100000;
	if (u->group && g->left <= 1)
		show_sums(u);
	else if (!u->timer && u->group)
		u->timer = bmc_timer_new(bmc_now(), sum, u);
}

/* The waves that a plan makes of so many boards. */
static int64_t waves_of(const struct bmc_plan *plan, int64_t boards)
{
	int64_t canary = MIN((int64_t)plan->canary, boards), rest = boards - canary;
	int64_t batch = plan->batch ? plan->batch : MAX(rest, (int64_t)1);

	return (canary > 0) + (rest + batch - 1) / batch;
}

void bmc_update_summary(const struct bmc_group *g, char *ret, size_t size)
{
	const struct bmc_update *u = g->update;
	int64_t waves, ms;

	ret[0] = '\0';
	if (!u || !u->dry || g->left)
		return;
	waves = waves_of(&g->plan, g->row.targets_ok);
	ms = waves * u->ms + MAX(waves - 1, (int64_t)0) * g->plan.delay;
	(void)snprintf(ret, size,
		       "; dry run: %" PRId64 " bytes in %" PRId64
		       " wave%s, about %" PRId64 " s%s",
		       u->bytes, waves, waves == 1 ? "" : "s", (ms + 999) / 1000,
		       u->assumed ? ", assumed" : "");
}

// SPDX-License-Identifier: Apache-2.0
/* Getting and checking the images of jobs. A thread works, the main thread reports. */
#include "update/prepare.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "core/actions/action.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/pool.h"
#include "core/base/util.h"
#include "core/plugin/instance.h"
#include "update/check.h"
#include "update/fetch.h"

#define REPORT_MS 250
#define STOP_MS   5000

struct prepare {
	LIST_ENTRY(prepare) link; /* main thread */
	struct bmc_work work;
	struct upd_watch watch;
	struct bmc_prepare request;
	struct bmc_message progress, end;
	_Atomic bool cancelled;
	/* guarded by the lock */
	pthread_mutex_t lock;
	struct bmc_report report;
	int64_t reported; /* BMC_TIME */
	/* the thread's, until `end` is sent */
	int code;
	struct bmc_error err;
	struct bmc_prepared *image;
};

static struct {
	struct bmc_pool *pool;
	LIST_HEAD(, prepare) list;
	unsigned n;
} prepares;

static struct prepare *prepare_of(void *member, size_t offset)
{
	return (struct prepare *)((char *)member - offset);
}

/* ---- reports ---- */

static void send_progress(void *arg)
{
	struct prepare *p = arg;
	struct bmc_report report;

	pthread_mutex_lock(&p->lock);
	report = p->report;
	pthread_mutex_unlock(&p->lock);
	if (p->request.progress)
		p->request.progress(p->request.arg, &report);
}

static bool watch_report(struct upd_watch *w, const char *stage, int64_t done,
			 int64_t total)
{
	struct prepare *p = prepare_of(w, offsetof(struct prepare, watch));
	int64_t now = bmc_now();

	pthread_mutex_lock(&p->lock);
	bool other = strcmp(p->report.stage, stage) != 0;
	bool due = other || now - p->reported >= REPORT_MS || done == total;

	(void)bmc_copy(p->report.stage, sizeof(p->report.stage), stage);
	p->report.done = done;
	p->report.total = total;
	p->report.millipercent =
		total > 0 && done >= 0
			? (int64_t)((double)done / (double)total * 100000)
			: BMC_UNKNOWN;
	if (due)
		p->reported = now;
	pthread_mutex_unlock(&p->lock);
	if (due)
		bmc_loop_send(&p->progress, send_progress, p);
	return !p->cancelled;
}

/* ---- the thread ---- */

static int get_image(struct prepare *p, struct upd_stored **ret)
{
	const struct bmc_params *params = p->request.params;
	const char *id = bmc_params_text(params, BMC_PARAM_IMAGE);

	if (id) {
		*ret = upd_store_get(id);
		(void)upd_report(&p->watch, "check", 0, BMC_UNKNOWN);
		return *ret ? BMC_OK
			    : bmc_fail(&p->err, BMC_ENOTFOUND,
				       "there is no image `%.80s`", id);
	}
	const struct upd_fetch fetch = {
		.uri = bmc_params_text(params, BMC_PARAM_URI),
		.user = bmc_params_text(params, BMC_PARAM_USER),
		.password = bmc_params_text(params, BMC_PARAM_CREDENTIAL),
		.watch = &p->watch,
	};
	(void)upd_report(&p->watch, "fetch", 0, BMC_UNKNOWN);
	return upd_fetch(&fetch, ret, &p->err);
}

static void prepare_end(void *arg)
{
	struct prepare *p = arg;

	LIST_REMOVE(p, link);
	prepares.n--;
	p->request.done(p->request.arg, p->code, p->image,
			p->code == BMC_OK ? NULL : &p->err);
	(void)bmc_params_unref(p->request.params);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

static void prepare_run(struct bmc_work *work)
{
	struct prepare *p = prepare_of(work, offsetof(struct prepare, work));
	struct upd_stored *s = NULL;

	p->code = get_image(p, &s);
	if (p->code == BMC_OK)
		p->code = upd_check(s, &p->watch, p->request.refused_too, &p->image,
				    &p->err);
	(void)upd_stored_unref(s);
	if (p->code == BMC_OK)
		p->image->task = p->request.task;
	bmc_loop_send(&p->end, prepare_end, p);
}

/* ---- the main thread ---- */

int upd_prepare(const struct bmc_prepare *request, struct bmc_error *err)
{
	struct prepare *p;

	if (prepares.n >= UPD_PREPARES_MAX)
		return bmc_fail(err, BMC_EAGAIN,
				"%u images are being fetched or checked already: try "
				"again later",
				prepares.n);
	p = calloc(1, sizeof(*p));
	if (!p)
		return bmc_fail(err, BMC_ENOMEM, "no memory for an update");
	p->request = *request;
	p->request.params = bmc_params_ref(request->params);
	p->watch.report = watch_report;
	p->work.run = prepare_run;
	(void)pthread_mutex_init(&p->lock, NULL);
	LIST_INSERT_HEAD(&prepares.list, p, link);
	prepares.n++;
	if (bmc_pool_run(prepares.pool, &p->work) == BMC_OK)
		return BMC_OK;
	LIST_REMOVE(p, link);
	prepares.n--;
	(void)bmc_params_unref(p->request.params);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
	return bmc_fail(err, BMC_EAGAIN, "the system gives no thread: try again later");
}

void upd_prepare_cancel(uint32_t task)
{
	struct prepare *p;

	LIST_FOREACH (p, &prepares.list, link) {
		if (p->request.task == task)
			p->cancelled = true;
	}
}

int upd_prepare_init(struct bmc_error *err)
{
	prepares.pool = bmc_pool_new("images");
	return prepares.pool ? BMC_OK
			     : bmc_fail(err, BMC_ENOMEM, "no memory for updates");
}

void upd_prepare_done(void)
{
	struct prepare *p;

	LIST_FOREACH (p, &prepares.list, link)
		p->cancelled = true;
	prepares.pool = bmc_pool_free(prepares.pool, STOP_MS);
	bmc_loop_step(0); /* their ends */
}

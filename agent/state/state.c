// SPDX-License-Identifier: Apache-2.0
// bmc_store over SQLite: a bounded queue, one thread that writes everything that waits
// in one SQLite transaction, and callbacks on the main thread once that is on the disk.
// While the disk takes no writes, callers get an error at once; what they wrote is kept
// in order and tried again.
#include "state/state.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "state/answers.h"
#include "state/database.h"
#include "state/query.h"
#include "state/queue.h"

#define QUEUE_MAX       8192u
#define QUEUE_BYTES_MAX (32u << 20)
#define RETRY_MS        1000
#define END_SECONDS     5
#define FLUSH_SECONDS   2
#define TIDY_FIRST_MS   5000 /* after the start, which must not wait for it */
#define TIDY_MS         100  /* without anything else to do */

/* A page that the main thread waits for. */
struct request {
	enum bmc_record_type type;
	enum bmc_kind kind;
	struct state_page *page;
	int code;
	bool ready;
};

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake, answered;
	bool running, stop; /* under the lock, as all to `request` */
	struct state_txns queue;
	struct state_queries queries;
	struct request *request;
	atomic_bool durable;
	/* the thread's own */
	struct state_db db;
	struct state_bounds bounds;
	bool tidy; /* there may be rows too many */
	int64_t tidy_at;
	struct state_txns backlog;
	int64_t retry_at;
	int code; /* of the last failure */
	char dir[PATH_MAX];
	char aside[PATH_MAX]; /* at the start; main's */
} state = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- the thread: writing ---- */

static void answer(struct state_txn *t, int code)
{
	if (t->call)
		state_answer(t->call, code);
	t->call = NULL;
}

/* Applies what is in the list. Wrong records are answered and left out; the list is
 * unchanged otherwise. */
static int write_all(struct state_txns *l, struct bmc_error *err)
{
	int code = state_db_begin(&state.db, err);

	for (struct state_txn *t = l->head; t && code == BMC_OK; t = t->next) {
		code = state_db_apply(&state.db, t->records, t->n, err);
		if (code != BMC_EINVAL)
			continue;
		log_limited(LOG_ERR, "state: a change can't be stored: %s", err->what);
		answer(t, code);
		code = BMC_OK;
	}
	if (code == BMC_OK)
		return state_db_commit(&state.db, err);
	if (state.db.sql)
		state_db_rollback(&state.db);
	return code;
}

static const char *base_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

static int reopen(struct bmc_error *err)
{
	int code;

	state_db_close(&state.db);
	code = state_db_open(&state.db, state.dir, &state.bounds, err);
	if (state.db.aside[0])
		bmc_event_raise("StateSetAside", 0, base_name(state.db.aside), NULL,
				NULL);
	return code;
}

static void note_success(void)
{
	if (!atomic_exchange(&state.durable, true))
		log_notice("state: the database takes writes again");
}

static void note_failure(int code, const struct bmc_error *err)
{
	state.code = code;
	state.retry_at = bmc_now() + RETRY_MS;
	atomic_store(&state.durable, false);
	log_limited(LOG_WARNING,
		    "state: changes are not on the disk: %s; make room or make it "
		    "writable, it is tried again",
		    err->what);
}

/* Answers, and queues it for the next try; the oldest go when there are too many. */
static void postpone(struct state_txns *l)
{
	for (struct state_txn *t = state_txns_pop(l); t; t = state_txns_pop(l)) {
		answer(t, state.code);
		if (t->drop)
			state_txn_free(t);
		else
			state_txns_add(&state.backlog, t);
	}
	while (state.backlog.n > QUEUE_MAX || state.backlog.bytes > QUEUE_BYTES_MAX) {
		log_limited(LOG_WARNING,
			    "state: too many changes wait, the oldest are dropped");
		state_txn_free(state_txns_pop(&state.backlog));
	}
}

static void write_list(struct state_txns *l)
{
	struct bmc_error err = { 0 };
	struct state_txns all;
	int code = BMC_OK;

	if (!atomic_load(&state.durable) && bmc_now() < state.retry_at) {
		postpone(l);
		return;
	}
	state_txns_init(&all);
	state_txns_move(&all, &state.backlog);
	state_txns_move(&all, l);
	if (!state.db.writable)
		code = reopen(&err);
	if (code == BMC_OK)
		code = write_all(&all, &err);
	if (code == BMC_ENOSPC && state_db_make_room(&state.db))
		code = write_all(&all, &err);
	if (code == BMC_ECORRUPT)
		state_db_close(&state.db); /* the next try sets it aside */
	if (code != BMC_OK) {
		note_failure(code, &err);
		postpone(&all);
		return;
	}
	note_success();
	for (struct state_txn *t = all.head; t; t = t->next)
		answer(t, BMC_OK);
	state_txns_clear(&all);
}

/* ---- the thread: reading at the start ---- */

static void serve(struct request *r)
{
	struct bmc_error err = { 0 };
	int code = state_db_page(&state.db, r->type, r->kind, r->page, &err);

	if (code != BMC_OK)
		log_err("state: what was stored can't be read: %s", err.what);
	pthread_mutex_lock(&state.lock);
	r->code = code;
	r->ready = true;
	state.request = NULL;
	pthread_cond_signal(&state.answered);
	pthread_mutex_unlock(&state.lock);
}

/* ---- the thread: its loop ---- */

static void cancel_queries(void)
{
	struct state_query *q;

	pthread_mutex_lock(&state.lock);
	while ((q = state_queries_take(&state.queries)))
		state_answer(q->call, BMC_ECANCELED);
	pthread_mutex_unlock(&state.lock);
}

/* What the thread does in one round: writes first, then one query. */
struct work {
	struct state_txns writes;
	struct request *request;
	struct state_query *query;
};

/* When it does something without being asked. */
static int64_t next_turn(bool retry)
{
	int64_t now = bmc_now();

	return retry ? now + RETRY_MS : MAX(state.tidy_at, now + TIDY_MS);
}

/* Waits for something to do; false: there is an end. */
static bool next_work(struct work *w)
{
	bool retry = !atomic_load(&state.durable), timed = retry || state.tidy;
	int64_t until = next_turn(retry);
	bool go_on;

	pthread_mutex_lock(&state.lock);
	while (!state.stop && !state.queue.head && !state.request &&
	       !state.queries.first) {
		if (!timed)
			(void)pthread_cond_wait(&state.wake, &state.lock);
		else if (!bmc_cond_wait(&state.wake, &state.lock, until))
			break;
	}
	state_txns_move(&w->writes, &state.queue);
	w->request = state.request;
	w->query = state.stop ? NULL : state_queries_take(&state.queries);
	go_on = !state.stop || w->writes.head || state.request;
	pthread_mutex_unlock(&state.lock);
	return go_on;
}

static void *state_main(void *arg)
{
	struct work w = { 0 };

	(void)arg;
	state_txns_init(&w.writes);
	while (next_work(&w)) {
		if (w.writes.head || !atomic_load(&state.durable))
			write_list(&w.writes);
		else if (!w.request && !w.query && state.tidy &&
			 bmc_now() >= state.tidy_at)
			state.tidy = state_db_tidy(&state.db);
		if (w.request)
			serve(w.request);
		if (w.query)
			state_answer(w.query->call,
				     state_query_run(w.query, &state.db));
		state_answers_send();
	}
	cancel_queries();
	state.retry_at = 0; /* one last time */
	if (state.backlog.head)
		write_list(&w.writes);
	if (state.backlog.head)
		log_err("state: %zu changes were never stored", state.backlog.n);
	state_txns_clear(&state.backlog);
	state_db_close(&state.db);
	return NULL;
}

/* ---- bmc_store ---- */

static int enqueue(struct state_txn *t)
{
	int code = BMC_EAGAIN;

	pthread_mutex_lock(&state.lock);
	if (!state.running || state.stop) {
		code = BMC_ESTATE;
	} else if (state.queue.n < QUEUE_MAX &&
		   state.queue.bytes + t->size <= QUEUE_BYTES_MAX) {
		state_txns_add(&state.queue, t);
		pthread_cond_signal(&state.wake);
		code = BMC_OK;
	}
	pthread_mutex_unlock(&state.lock);
	return code;
}

static int write_records(const struct bmc_record *records, size_t n, bool drop,
			 bmc_store_done *done, void *arg)
{
	struct state_txn *t;
	int code;

	for (size_t i = 0; i < n; i++) {
		if (!state_storable(&records[i]))
			return BMC_EINVAL;
	}
	t = state_txn_new(records, n, done, arg);
	if (!t)
		return BMC_ENOMEM;
	t->drop = drop;
	code = enqueue(t);
	if (code != BMC_OK)
		state_txn_free(t);
	return code;
}

static int store_write(const struct bmc_record *records, size_t n, bmc_store_done *done,
		       void *arg)
{
	return write_records(records, n, false, done, arg);
}

static int store_write_or_drop(const struct bmc_record *records, size_t n,
			       bmc_store_done *done, void *arg)
{
	return write_records(records, n, true, done, arg);
}

static int page_get(struct request *r)
{
	pthread_mutex_lock(&state.lock);
	r->ready = !state.running;
	r->code = state.running ? BMC_OK : BMC_ESTATE;
	if (state.running) {
		state.request = r;
		pthread_cond_signal(&state.wake);
	}
	while (!r->ready)
		pthread_cond_wait(&state.answered, &state.lock);
	pthread_mutex_unlock(&state.lock);
	return r->code;
}

static int store_load(enum bmc_record_type type, enum bmc_kind kind,
		      int (*each)(void *arg, const struct bmc_record *), void *arg)
{
	struct state_page *page = calloc(1, sizeof(*page));
	struct request r = { .type = type, .kind = kind, .page = page };
	int code;

	if (!page)
		return BMC_ENOMEM;
	do {
		code = page_get(&r);
		for (size_t i = 0; code == BMC_OK && i < page->n; i++)
			code = each(arg, &page->records[i]);
	} while (code == BMC_OK && page->n == STATE_PAGE);
	free(page->rows);
	free(page);
	return code;
}

static int enqueue_query(struct state_query *q)
{
	int code = BMC_EAGAIN;

	pthread_mutex_lock(&state.lock);
	if (!state.running || state.stop) {
		code = BMC_ESTATE;
	} else if (state_queries_add(&state.queries, q)) {
		pthread_cond_signal(&state.wake);
		code = BMC_OK;
	}
	pthread_mutex_unlock(&state.lock);
	return code;
}

static int store_events(const struct bmc_event_query *query, bmc_store_events *got,
			void *arg)
{
	struct state_query *q;
	int code;

	if (query->limit > BMC_QUERY_EVENTS_MAX)
		return BMC_EINVAL;
	q = state_query_new(query, got, arg);
	if (!q)
		return BMC_ENOMEM;
	code = enqueue_query(q);
	if (code != BMC_OK)
		(void)state_query_free(q);
	return code;
}

static uint32_t store_events_max(void)
{
	return state_events_kept(state.bounds.events);
}

static bool store_durable(void)
{
	return atomic_load(&state.durable);
}

static const struct bmc_store_ops ops = {
	.write = store_write,
	.write_or_drop = store_write_or_drop,
	.load = store_load,
	.events = store_events,
	.events_max = store_events_max,
	.durable = store_durable,
};

const struct bmc_store_ops *bmc_store;

/* ---- start and end ---- */

/* In the loop's first pass: by then the inventory takes events. */
static void raise_set_aside(void *arg)
{
	(void)arg;
	bmc_event_raise("StateSetAside", 0, base_name(state.aside), NULL, NULL);
}

static int start_thread(struct bmc_error *err)
{
	int rc;

	bmc_cond_init(&state.wake);
	bmc_cond_init(&state.answered);
	state.running = true;
	rc = bmc_thread_new(&state.thread, state_main, NULL);
	if (rc == 0)
		return BMC_OK;
	state.running = false;
	state_db_close(&state.db);
	return bmc_fail(err, rc, "no thread for the state database");
}

void bmc_state_bounds(unsigned events, int64_t max_bytes)
{
	state.bounds = (struct state_bounds){ events, max_bytes };
}

int bmc_state_init(const char *dir, struct bmc_error *err)
{
	struct bmc_error why = { 0 };
	int code;

	state_txns_init(&state.queue);
	state_txns_init(&state.backlog);
	state.stop = false;
	(void)bmc_copy(state.dir, sizeof(state.dir), dir);
	state.tidy = true;
	state.tidy_at = bmc_now() + TIDY_FIRST_MS;
	code = state_db_open(&state.db, dir, &state.bounds, &why);
	atomic_store(&state.durable, code == BMC_OK);
	if (code != BMC_OK)
		note_failure(code, &why);
	(void)bmc_copy(state.aside, sizeof(state.aside), state.db.aside);
	if (state.aside[0])
		(void)bmc_loop_post(raise_set_aside, NULL);
	code = start_thread(err);
	if (code == BMC_OK)
		bmc_store = &ops;
	return code;
}

static int end_thread(int seconds)
{
	struct timespec until;

	pthread_mutex_lock(&state.lock);
	state.stop = true;
	pthread_cond_signal(&state.wake);
	pthread_mutex_unlock(&state.lock);
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	return pthread_timedjoin_np(state.thread, NULL, &until);
}

void bmc_state_flush(void)
{
	if (state.running && end_thread(FLUSH_SECONDS) != 0)
		log_err("state: the disk does not answer; ending without it");
}

void bmc_state_done(void)
{
	if (!state.running)
		return;
	if (end_thread(END_SECONDS) != 0)
		log_err("state: the disk does not answer; ending without it");
	state.running = false;
	cancel_queries();
	state_answers_report();
	bmc_store = NULL;
}

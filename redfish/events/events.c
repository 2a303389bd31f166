// SPDX-License-Identifier: Apache-2.0
// The deliverer's thread, see events.h: it waits for snapshots, sockets and times, and
// passes over the subscribers. Called by main and by the streams' resource.
#include "redfish/events/events.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "core/ports/subscriptions.h"
#include "redfish/events/subscriber.h"

#define WAIT_MS   2000 /* for something to do */
#define STREAM_MS 500  /* between two looks at whether the clients are there */
#define RECENT    64   /* messages that are kept for the other subscribers */

/* A stream that a serving thread hands over. */
struct arrival {
	LIST_ENTRY(arrival) link;
	char id[BMC_ID_MAX];
	struct rf_event_stream is;
};

static struct {
	pthread_mutex_t lock; /* of `arrivals` and `running` */
	bool running;
	LIST_HEAD(, arrival) arrivals;
	_Atomic bool stop;
	int wake;
	pthread_t thread;
	struct rf_events_conf conf;
	char ca[256];
	/* the thread's */
	struct bmc_snapshot *snap;
	LIST_HEAD(, rf_subscriber) list;
	struct rf_push_conf push;
	struct rf_event recent[RECENT];
	bool off; /* the service is disabled */
} events = { .lock = PTHREAD_MUTEX_INITIALIZER, .wake = -1 };

void rf_events_wake(void)
{
	if (events.wake >= 0)
		(void)eventfd_write(events.wake, 1);
}

/* ---- messages ---- */

static struct rf_event *event_of(const struct rf_pass *pass, const struct bmc_row *row)
{
	struct rf_event *e = &events.recent[row->index[0] % RECENT];

	if (e->number == row->index[0] && e->record)
		return e;
	rf_event_drop(e);
	if (rf_event_make(e, pass->snap, row))
		return e;
	rf_event_drop(e);
	return NULL;
}

/* ---- the subscribers ---- */

static uint32_t newest(const struct bmc_snapshot *s)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_EVENT, &rows);

	return n ? rows[n - 1]->index[0] : 0;
}

static struct rf_subscriber *find(const char *id)
{
	struct rf_subscriber *s;

	LIST_FOREACH (s, &events.list, link) {
		if (strcmp(s->id, id) == 0)
			break;
	}
	return s;
}

static void subscriber_free(struct rf_subscriber *s)
{
	LIST_REMOVE(s, link);
	(void)rf_push_free(s->push);
	rf_stream_drop(s);
	rf_sending_done(&s->sending, &s->had, false);
	free(s);
}

static bool is_ours(const struct bmc_subscription *row)
{
	return row->type == BMC_SUBSCRIBER_PUSH || row->type == BMC_SUBSCRIBER_STREAM;
}

static void begin(const struct bmc_subscription *row, int64_t now)
{
	struct rf_subscriber *s = calloc(1, sizeof(*s));

	if (!s)
		return; /* the next pass tries again */
	(void)bmc_copy(s->id, sizeof(s->id), row->row.id);
	s->row = row;
	s->since = now;
	s->last = bmc_subscriptions ? bmc_subscriptions->position(s->id) : 0;
	rf_reports_begin(&s->had);
	s->has_account = bmc_snapshot_find(events.snap, BMC_ACCOUNT, row->user) != NULL;
	LIST_INSERT_HEAD(&events.list, s, link);
}

/* What is known of one is the row's, as it is now. */
static void follow(const struct bmc_subscription *row, int64_t now)
{
	struct rf_subscriber *s = find(row->row.id);

	if (!s) {
		begin(row, now);
		return;
	}
	if (s->row->suspended == 1 && row->suspended != 1 && bmc_subscriptions)
		s->last = MAX(s->last, bmc_subscriptions->position(s->id));
	s->row = row;
	s->gone = false;
}

static void drop_gone(void)
{
	struct rf_subscriber *s, *next;

	for (s = LIST_FIRST(&events.list); s; s = next) {
		next = LIST_NEXT(s, link);
		if (s->gone)
			subscriber_free(s);
	}
}

static void follow_rows(int64_t now)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(events.snap, BMC_SUBSCRIPTION, &rows);
	struct rf_subscriber *s;

	LIST_FOREACH (s, &events.list, link)
		s->gone = true;
	for (size_t i = 0; i < n; i++) {
		const struct bmc_subscription *row =
			(const struct bmc_subscription *)rows[i];
		if (is_ours(row))
			follow(row, now);
	}
	drop_gone();
}

/* The rows' addresses hold as long as the snapshot is pinned. */
static void pin(int64_t now)
{
	struct bmc_snapshot *before = events.snap;

	events.snap = bmc_snapshot_get();
	if (!before || bmc_snapshot_changed(before, BMC_SUBSCRIPTION) !=
			       bmc_snapshot_changed(events.snap, BMC_SUBSCRIPTION))
		follow_rows(now);
	(void)bmc_snapshot_unref(before);
}

/* ---- streams that arrive ---- */

static void arrival_free(struct arrival *a)
{
	(void)http_stream_close(a->is.stream);
	(void)rf_event_filter_free(a->is.filter);
	free(a);
}

static struct arrival *next_arrival(void)
{
	(void)pthread_mutex_lock(&events.lock);
	struct arrival *a = LIST_FIRST(&events.arrivals);
	if (a)
		LIST_REMOVE(a, link);
	(void)pthread_mutex_unlock(&events.lock);
	return a;
}

/* Its row was published before, and may be gone again. */
static void take_arrivals(void)
{
	struct arrival *a;

	while ((a = next_arrival())) {
		struct rf_subscriber *s = find(a->id);
		if (s && !s->stream) {
			s->stream = a->is.stream;
			s->filter = a->is.filter;
			s->stamp = a->is.stamp;
			s->certificate = a->is.certificate;
			if (a->is.after && a->is.after < newest(events.snap))
				s->last = a->is.after;
			a->is.stream = NULL;
			a->is.filter = NULL;
		}
		arrival_free(a);
	}
}

bool rf_events_attach(const char *id, const struct rf_event_stream *opened)
{
	struct arrival *a = calloc(1, sizeof(*a));
	bool taken = false;

	if (a) {
		(void)bmc_copy(a->id, sizeof(a->id), id);
		a->is = *opened;
		(void)pthread_mutex_lock(&events.lock);
		taken = events.running;
		if (taken)
			LIST_INSERT_HEAD(&events.arrivals, a, link);
		(void)pthread_mutex_unlock(&events.lock);
	}
	if (taken) {
		rf_events_wake();
		return true;
	}
	free(a);
	(void)http_stream_close(opened->stream);
	(void)rf_event_filter_free(opened->filter);
	return false;
}

bool rf_events_room(const char *user)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_SUBSCRIPTION, &rows);
	unsigned all = 0, own = 0;

	for (size_t i = 0; i < n; i++) {
		const struct bmc_subscription *row =
			(const struct bmc_subscription *)rows[i];
		if (row->type != BMC_SUBSCRIBER_STREAM)
			continue;
		all++;
		own += strcmp(row->user, user) == 0;
	}
	return bmc_subscriptions && n < bmc_subscriptions->max() &&
	       all < events.conf.streams && own < events.conf.streams_user;
}

/* ---- a pass ---- */

/* The limits, and whether the service is on, are settings of the manager. */
static void take_settings(struct rf_pass *pass)
{
	const struct bmc_row *const *rows;
	const struct bmc_manager *m;

	pass->retry = (struct rf_retry_limits){ .attempts = 3, .interval_ms = 30000 };
	events.off = false;
	if (!bmc_snapshot_rows(events.snap, BMC_MANAGER, &rows))
		return;
	m = (const struct bmc_manager *)rows[0];
	events.off = m->events_enabled == 0;
	if (m->event_retries >= 0)
		pass->retry.attempts = (unsigned)m->event_retries;
	if (m->event_retry_interval > 0)
		pass->retry.interval_ms = m->event_retry_interval * 1000;
}

static void pass_by(struct rf_subscriber *s)
{
	s->last = MAX(s->last, newest(events.snap));
	if (bmc_subscriptions)
		bmc_subscriptions->delivered(s->id, s->last);
}

static bool takes_reports_only(const struct rf_subscriber *s)
{
	return s->row->type == BMC_SUBSCRIBER_PUSH &&
	       s->row->format == BMC_FORMAT_METRIC_REPORT;
}

static void pass_over(struct rf_pass *pass)
{
	struct rf_subscriber *s;

	LIST_FOREACH (s, &events.list, link) {
		if (events.off)
			rf_reports_pass_by(&s->had);
		if (events.off || takes_reports_only(s))
			pass_by(s);
		if (s->row->type == BMC_SUBSCRIBER_STREAM) {
			rf_stream_pass(s, pass);
			pass->wake = MIN(pass->wake, pass->now + STREAM_MS);
		} else if (!events.off) {
			rf_push_pass(s, pass);
		}
	}
}

/* When no event waits. */
static void pass_over_reports(struct rf_pass *pass)
{
	struct rf_subscriber *s;

	LIST_FOREACH (s, &events.list, link) {
		if (s->row->type == BMC_SUBSCRIBER_STREAM)
			rf_stream_reports(s, pass);
		else if (!events.off)
			rf_push_reports(s, pass);
	}
}

static void give_up(struct rf_pass *pass, const struct rf_report *report)
{
	struct rf_subscriber *s;

	LIST_FOREACH (s, &events.list, link) {
		if (s->sending.report != report)
			continue;
		if (s->stream) {
			rf_stream_end(s);
			continue;
		}
		rf_push_stop(s->push);
		rf_push_result(s, pass, false, "too slow for reports of this size");
	}
}

/* Transfers that have ended; the next of the same subscriber starts in this pass. */
static void take_results(struct rf_pass *pass)
{
	int running, left;
	CURLMsg *m;
	char why[64];

	(void)curl_multi_perform(events.push.multi, &running);
	while ((m = curl_multi_info_read(events.push.multi, &left))) {
		if (m->msg != CURLMSG_DONE)
			continue;
		CURL *easy = m->easy_handle;
		bool taken = rf_push_taken(easy, m->data.result, why);
		rf_push_result(rf_push_ended(easy), pass, taken, why);
	}
}

static void wait_for_work(int64_t until)
{
	struct curl_waitfd fd = { .fd = events.wake, .events = CURL_WAIT_POLLIN };
	int64_t left = MAX(INT64_C(0), MIN(until - bmc_now(), (int64_t)WAIT_MS));
	eventfd_t count;
	int n;

	(void)curl_multi_poll(events.push.multi, &fd, 1, (int)left, &n);
	if (fd.revents)
		(void)eventfd_read(events.wake, &count);
}

static void *run(void *arg)
{
	struct rf_pass pass = { .push = &events.push,
				.event = event_of,
				.give_up = give_up };

	(void)arg;
	while (!events.stop) {
		pass.now = bmc_now();
		pass.wake = pass.now + WAIT_MS;
		rf_reports_pass();
		pin(pass.now);
		pass.snap = events.snap;
		take_settings(&pass);
		take_arrivals();
		take_results(&pass);
		pass_over(&pass);
		pass_over_reports(&pass);
		take_results(&pass); /* new ones begin */
		wait_for_work(pass.wake);
	}
	return NULL;
}

/* ---- start and end ---- */

static void clean_up(void)
{
	while (!LIST_EMPTY(&events.list))
		subscriber_free(LIST_FIRST(&events.list));
	for (size_t i = 0; i < RECENT; i++)
		rf_event_drop(&events.recent[i]);
	rf_reports_done();
	events.snap = bmc_snapshot_unref(events.snap);
	if (events.push.multi)
		(void)curl_multi_cleanup(events.push.multi);
	events.push.multi = NULL;
	if (events.wake >= 0)
		(void)close(events.wake);
	events.wake = -1;
}

static int set_up(const struct rf_events_conf *conf, struct bmc_error *err)
{
	events.conf = *conf;
	(void)bmc_copy(events.ca, sizeof(events.ca), conf->ca);
	events.conf.ca = events.ca;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return bmc_fail(err, BMC_EIO, "libcurl does not start");
	events.push = (struct rf_push_conf){ .multi = curl_multi_init(),
					     .ca = events.ca,
					     .timeout_ms = (long)conf->timeout_ms };
	events.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!events.push.multi || events.wake < 0)
		return bmc_fail(err, BMC_ENOMEM, "no room for the deliverer of events");
	return bmc_snapshot_watch(events.wake) < 0
		       ? bmc_fail(err, BMC_ENOSPC, "too many watchers of snapshots")
		       : BMC_OK;
}

int rf_events_start(const struct rf_events_conf *conf, struct bmc_error *err)
{
	int r = set_up(conf, err);

	events.stop = false;
	if (r == 0 && bmc_thread_new(&events.thread, run, NULL) < 0)
		r = bmc_fail(err, BMC_EAGAIN, "no thread for the deliverer of events");
	if (r < 0) {
		bmc_snapshot_unwatch(events.wake);
		clean_up();
		return r;
	}
	(void)pthread_setname_np(events.thread, "events");
	(void)pthread_mutex_lock(&events.lock);
	events.running = true;
	(void)pthread_mutex_unlock(&events.lock);
	return BMC_OK;
}

void rf_events_stop(void)
{
	struct arrival *a;

	(void)pthread_mutex_lock(&events.lock);
	bool was = events.running;
	events.running = false;
	(void)pthread_mutex_unlock(&events.lock);
	if (!was)
		return;
	events.stop = true;
	rf_events_wake();
	(void)pthread_join(events.thread, NULL);
	bmc_snapshot_unwatch(events.wake);
	while ((a = next_arrival()))
		arrival_free(a);
	clean_up();
	curl_global_cleanup();
}

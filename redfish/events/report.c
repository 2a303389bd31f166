// SPDX-License-Identifier: Apache-2.0
// Metric reports for subscribers, see report.h. Called by the deliverer.
#include "redfish/events/report.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "core/base/util.h"
#include "redfish/cache.h"
#include "redfish/events/subscriber.h"
#include "redfish/list.h"
#include "redfish/render.h"
#include "redfish/uri.h"

#define TEST  BMC_REPORTS_MAX /* place of the test report */
#define TRIES 3               /* to make a body of one report, not of two */

struct rf_report {
	TAILQ_ENTRY(rf_report) link;
	unsigned refs;
	size_t place;
	uint64_t number;
	struct rf_body *body; /* NULL: a test report */
	char *text;           /* of the body, or owned */
	size_t len;
};

static struct {
	struct bmc_report_made made[RF_REPORT_PLACES]; /* as this pass has begun */
	uint64_t before[RF_REPORT_PLACES];             /* as the last one had    */
	TAILQ_HEAD(rf_report_list, rf_report) list;    /* the oldest first       */
	size_t bytes;
	bool rendered;        /* one, in this pass */
	pthread_mutex_t lock; /* of what follows */
	char *test;           /* owned */
	uint64_t tests;
} reports = { .list = TAILQ_HEAD_INITIALIZER(reports.list),
	      .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- which there are ---- */

void rf_reports_pass(void)
{
	for (size_t i = 0; i < RF_REPORT_PLACES; i++)
		reports.before[i] = reports.made[i].number;
	bmc_telemetry_made(reports.made);
	(void)pthread_mutex_lock(&reports.lock);
	reports.made[TEST].number = reports.tests;
	(void)pthread_mutex_unlock(&reports.lock);
	reports.rendered = false;
}

void rf_reports_begin(struct rf_reports_had *had)
{
	for (size_t i = 0; i < RF_REPORT_PLACES; i++)
		had->number[i] = reports.before[i];
}

void rf_reports_pass_by(struct rf_reports_had *had)
{
	for (size_t i = 0; i < RF_REPORT_PLACES; i++)
		had->number[i] = MAX(had->number[i], reports.made[i].number);
}

/* ---- which one wants ---- */

static const struct bmc_metric_report *row_at(const struct rf_pass *pass, size_t place)
{
	return (const struct bmc_metric_report *)bmc_snapshot_find(
		pass->snap, BMC_METRIC_REPORT, reports.made[place].id);
}

static bool wants(const struct rf_subscriber *s, const struct rf_pass *pass,
		  size_t place)
{
	const struct bmc_metric_report *row =
		place == TEST ? NULL : row_at(pass, place);
	struct rf_facts facts = { "", "", "", "", "" };
	char uri[RF_URI_MAX];
	struct rf_view view;

	if (place != TEST && (!row || !(row->actions & BMC_REPORT_SEND)))
		return false;
	if (s->row->type != BMC_SUBSCRIBER_STREAM)
		return !s->row->reports[0] ||
		       (row && rf_list_has(s->row->reports, row->row.id));
	rf_view_init(&view, pass->snap);
	if (row && rf_uri(&rf_report_definition, &view, &row->row, uri))
		facts.definition = uri;
	return rf_event_filter_takes(s->filter, true) &&
	       rf_event_filter_match(s->filter, &facts);
}

/* The place of the next one; RF_REPORT_PLACES: there is none. */
static size_t choose(struct rf_subscriber *s, const struct rf_pass *pass)
{
	size_t best = RF_REPORT_PLACES;

	for (size_t i = 0; i < RF_REPORT_PLACES; i++) {
		uint64_t number = reports.made[i].number;
		if (number <= s->had.number[i])
			continue;
		if (!wants(s, pass, i))
			s->had.number[i] = number;
		else if (best == RF_REPORT_PLACES || number < reports.made[best].number)
			best = i;
	}
	return best;
}

bool rf_report_waits(struct rf_subscriber *s, const struct rf_pass *pass)
{
	return choose(s, pass) < RF_REPORT_PLACES;
}

/* ---- bodies ---- */

static struct rf_report *unref(struct rf_report *r)
{
	if (!r || --r->refs)
		return NULL;
	TAILQ_REMOVE(&reports.list, r, link);
	reports.bytes -= r->len;
	if (r->body)
		(void)rf_body_unref(r->body);
	else
		free(r->text);
	free(r);
	return NULL;
}

/* As a GET answers it. */
static struct rf_body *render(const struct rf_pass *pass,
			      const struct bmc_metric_report *row)
{
	char uri[RF_URI_MAX];
	struct rf_view view;
	struct rf_render r = {
		.view = &view, .res = &rf_report, .row = &row->row, .uri = uri
	};

	rf_view_init(&view, pass->snap);
	if (!rf_uri(&rf_report, &view, &row->row, uri))
		return NULL;
	return rf_cache_make(&r, rf_render(&r), false);
}

static uint64_t number_now(size_t place)
{
	struct bmc_report_made made[BMC_REPORTS_MAX];

	bmc_telemetry_made(made);
	return strcmp(made[place].id, reports.made[place].id) == 0 ? made[place].number
								   : 0;
}

/* A report that is made meanwhile would be there in parts. */
static bool take_body(struct rf_report *r, const struct rf_pass *pass)
{
	const struct bmc_metric_report *row = row_at(pass, r->place);

	for (int i = 0; i < TRIES && row; i++) {
		r->number = number_now(r->place);
		if (!r->number)
			break;
		if (r->body)
			(void)rf_body_unref(r->body);
		r->body = render(pass, row);
		if (!r->body || number_now(r->place) == r->number)
			break;
	}
	if (!r->body)
		return false;
	r->text = r->body->text;
	r->len = r->body->len;
	return true;
}

static bool take_test(struct rf_report *r)
{
	(void)pthread_mutex_lock(&reports.lock);
	r->text = reports.test ? strdup(reports.test) : NULL;
	r->number = reports.tests;
	(void)pthread_mutex_unlock(&reports.lock);
	r->len = r->text ? strlen(r->text) : 0;
	return r->text != NULL;
}

/* Those that are slowest go. */
static void make_room(struct rf_pass *pass)
{
	const struct rf_report *newest = TAILQ_LAST(&reports.list, rf_report_list);

	while (reports.bytes > RF_REPORTS_BYTES && TAILQ_FIRST(&reports.list) != newest)
		pass->give_up(pass, TAILQ_FIRST(&reports.list));
}

static struct rf_report *find(size_t place, uint64_t number)
{
	struct rf_report *r;

	TAILQ_FOREACH (r, &reports.list, link) {
		if (r->place == place && r->number >= number)
			break;
	}
	return r;
}

static struct rf_report *make(size_t place, struct rf_pass *pass)
{
	struct rf_report *r = calloc(1, sizeof(*r));

	if (r)
		r->place = place;
	if (!r || !(place == TEST ? take_test(r) : take_body(r, pass))) {
		free(r);
		return NULL;
	}
	r->refs = 1;
	TAILQ_INSERT_TAIL(&reports.list, r, link);
	reports.bytes += r->len;
	make_room(pass);
	return r;
}

/* One is made in a pass, so that events come between two. */
static struct rf_report *body_at(size_t place, struct rf_pass *pass)
{
	struct rf_report *r = find(place, reports.made[place].number);

	if (r) {
		r->refs++;
		return r;
	}
	if (reports.rendered) {
		pass->wake = pass->now;
		return NULL;
	}
	reports.rendered = true;
	return make(place, pass);
}

/* ---- sending ---- */

bool rf_report_begin(struct rf_subscriber *s, struct rf_pass *pass, char *tail)
{
	size_t place = tail ? choose(s, pass) : RF_REPORT_PLACES;
	struct rf_report *r = place < RF_REPORT_PLACES ? body_at(place, pass) : NULL;

	if (!r) {
		free(tail);
		return false;
	}
	s->sending = (struct rf_sending){ .report = r, .tail = tail };
	return true;
}

const char *rf_sending_next(const struct rf_sending *x, size_t *ret_len)
{
	size_t head = x->report->len - 1; /* its brace comes with the tail */

	if (x->at < head) {
		*ret_len = head - x->at;
		return x->report->text + x->at;
	}
	*ret_len = strlen(x->tail + (x->at - head));
	return x->tail + (x->at - head);
}

size_t rf_sending_size(const struct rf_sending *x)
{
	return x->report->len - 1 + strlen(x->tail);
}

void rf_sending_done(struct rf_sending *x, struct rf_reports_had *had, bool taken)
{
	const struct rf_report *r = x->report;

	if (r && taken)
		had->number[r->place] = MAX(had->number[r->place], r->number);
	(void)unref(x->report);
	free(x->tail);
	*x = (struct rf_sending){ .report = NULL };
}

/* ---- the test report ---- */

void rf_report_test(char *text)
{
	(void)pthread_mutex_lock(&reports.lock);
	free(reports.test);
	reports.test = text;
	reports.tests++;
	(void)pthread_mutex_unlock(&reports.lock);
	rf_events_wake();
}

void rf_reports_done(void)
{
	free(reports.test);
	reports.test = NULL;
	memset(reports.made, 0, sizeof(reports.made));
}

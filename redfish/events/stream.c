// SPDX-License-Identifier: Apache-2.0
// GET of the stream of events (DSP0266, "Server-Sent Events"): a subscription is added,
// and when it can be seen the answer begins. Called through the table in resources/.
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/ports/subscriptions.h"
#include "redfish/events/events.h"
#include "redfish/events/filter.h"
#include "redfish/events/subscriptions.h"

static bool takes_stream(const struct rf_request *q)
{
	const char *h = http_header(q->http, "Accept");

	return !h || strcasestr(h, "text/event-stream") || strcasestr(h, "text/*") ||
	       strstr(h, "*/*");
}

/* $filter is the only one there is. */
static bool query_of(struct rf_request *q, const char **ret, int64_t *ret_format)
{
	*ret = "";
	*ret_format = BMC_FORMAT_EVENT;
	for (size_t i = 0; i < q->n_query; i++) {
		const struct rf_query *v = &q->query[i];
		if (strcmp(v->name, "$filter") != 0) {
			(void)rf_answer_message(q, RF_QUERY_UNSUPPORTED, v->name);
			return false;
		}
		*ret = v->value ? v->value : "";
		struct rf_event_filter *f =
			v->value && *v->value ? rf_event_filter_new(v->value) : NULL;
		if (!f) {
			(void)rf_message_add(&q->messages, RF_QUERY_VALUE, v->value,
					     v->name, NULL);
			(void)rf_answer_messages(q, 0);
			return false;
		}
		if (rf_event_filter_takes(f, true) && !rf_event_filter_takes(f, false))
			*ret_format = BMC_FORMAT_METRIC_REPORT;
		(void)rf_event_filter_free(f);
	}
	return true;
}

static uint32_t last_event_id(const struct rf_request *q)
{
	const char *h = http_header(q->http, "Last-Event-ID");
	char *end;

	if (!h || *h < '1' || *h > '9')
		return 0;
	unsigned long n = strtoul(h, &end, 10);
	return *end || n >= UINT32_MAX ? 0 : (uint32_t)n;
}

/* The row can be seen: the answer begins, with a comment so that the client sees that
 * it is there. It can't be seen when another has come first for the last place. */
static int begin(struct rf_request *q)
{
	static const char hello[] = ": events follow\n\n";
	const struct bmc_subscription *row = q->data;

	rf_refresh(q);
	if (!bmc_snapshot_find(q->snap, BMC_SUBSCRIPTION, row->row.id))
		return rf_answer_message(q, RF_SUBSCRIPTION_LIMIT, NULL);
	struct rf_event_filter *f = rf_event_filter_new(row->filter);
	struct http_stream *s = f ? http_answer_stream(q->http, "text/event-stream",
						       RF_STREAM_BYTES, ":\n\n")
				  : NULL;

	if (!s) {
		(void)rf_event_filter_free(f);
		bmc_subscriptions->close(row->row.id);
		return rf_answer_error(q, BMC_EAGAIN, NULL);
	}
	q->status = 200;
	(void)http_stream_write(s, hello, strlen(hello));
	(void)rf_events_attach(
		row->row.id,
		&(struct rf_event_stream){
			.stream = s,
			.filter = f,
			.after = last_event_id(q),
			.stamp = *q->login.session ? 0 : q->login.actor.stamp,
			.certificate = q->login.actor.certificate,
		});
	return RF_DONE;
}

/* Main thread. */
static void go_on(void *wait)
{
	struct rf_request *q = rf_wait_end(wait);

	if (q)
		rf_wait_resume(q);
}

static struct bmc_subscription *row_new(const struct rf_request *q, const char *filter,
					int64_t format)
{
	struct bmc_subscription *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->type = BMC_SUBSCRIBER_STREAM;
	s->protocol = BMC_EVENTS_REDFISH;
	s->policy = BMC_RETRY_TERMINATE;
	s->format = format;
	s->verify = s->heartbeat_minutes = BMC_UNKNOWN;
	bmc_subscriptions->new_id(s->row.id, &s->row.index[0]);
	s->row.kind = BMC_SUBSCRIPTION;
	(void)bmc_copy(s->user, sizeof(s->user), q->login.actor.name);
	(void)bmc_copy(s->session, sizeof(s->session), q->login.session);
	(void)bmc_copy(s->filter, sizeof(s->filter), filter);
	(void)snprintf(s->destination, sizeof(s->destination), "redfish-sse://%s",
		       q->http->client);
	return s;
}

static int add(struct rf_request *q, const char *filter, int64_t format)
{
	struct bmc_subscription *row = row_new(q, filter, format);
	int r = row ? bmc_subscriptions->open(row, rf_events_room) : BMC_ENOMEM;

	q->data = row;
	if (r < 0)
		return rf_answer_error(q, r, NULL);
	struct http_wait *w = rf_wait_begin(q, begin, NULL);
	if (!w) {
		bmc_subscriptions->close(row->row.id);
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	}
	if (bmc_loop_post(go_on, w) != BMC_OK)
		go_on(w);
	return RF_WAIT;
}

int rf_stream_open(struct rf_request *q)
{
	const char *filter;
	int64_t format;

	if (!takes_stream(q)) {
		rf_message_about(rf_message_add(&q->messages, RF_NOT_ACCEPTABLE,
						"Accept", NULL, NULL),
				 "", "Accept text/event-stream");
		return rf_answer_messages(q, 0);
	}
	if (!query_of(q, &filter, &format))
		return RF_DONE;
	if (!bmc_subscriptions)
		return rf_answer_error(q, BMC_EAGAIN, NULL);
	if (q->method == RF_HEAD)
		return rf_answer_text(q, 200, strdup(""), "text/event-stream");
	if (!rf_events_room(q->login.actor.name))
		return rf_answer_message(q, RF_SUBSCRIPTION_LIMIT, NULL);
	return add(q, filter, format);
}

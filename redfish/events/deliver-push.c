// SPDX-License-Identifier: Apache-2.0
// What a receiver of pushed events gets next, and what follows when it took it or not.
// Called by the deliverer.
#include <stdio.h>
#include <stdlib.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/ports/subscriptions.h"
#include "redfish/events/subscriber.h"
#include "redfish/resource.h"

#define MINUTE_MS 60000

static void note(const struct rf_subscriber *s)
{
	if (bmc_subscriptions)
		bmc_subscriptions->delivered(s->id, s->last);
}

/* The next event that it wants, as a message; NULL: there is none. */
static char *next_event(struct rf_subscriber *s, const struct rf_pass *pass)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(pass->snap, BMC_EVENT, &rows);
	size_t i = bmc_snapshot_lower(pass->snap, BMC_EVENT, s->last + 1, 0);

	for (; i < n; i++) {
		const struct rf_event *e = pass->event(pass, rows[i]);
		if (e && rf_lists_match(s->row, &e->facts)) {
			s->under_way = e->number;
			return rf_event_text(e, s->row->context);
		}
		s->last = rows[i]->index[0];
		note(s);
	}
	return NULL;
}

static int64_t heartbeat_ms(const struct rf_subscriber *s)
{
	return s->row->heartbeat == 1 && s->row->heartbeat_minutes > 0
		       ? s->row->heartbeat_minutes * MINUTE_MS
		       : 0;
}

static char *next_heartbeat(struct rf_subscriber *s, struct rf_pass *pass)
{
	int64_t every = heartbeat_ms(s);

	if (!every)
		return NULL;
	if (!s->heartbeat)
		s->heartbeat = pass->now + every;
	if (pass->now < s->heartbeat) {
		pass->wake = MIN(pass->wake, s->heartbeat);
		return NULL;
	}
	s->heartbeat = pass->now + every;
	pass->wake = MIN(pass->wake, s->heartbeat);
	s->under_way = 0;
	return rf_heartbeat_text(++s->heartbeats, s->row->context);
}

static bool configured(struct rf_subscriber *s, const struct rf_pass *pass)
{
	if (!s->push)
		s->push = rf_push_new(pass->push, s);
	if (!s->push)
		return false;
	if (s->known == s->row)
		return true;
	if (!rf_push_configure(s->push, s->row))
		return false;
	s->known = s->row;
	return true;
}

static bool may_send(struct rf_subscriber *s, struct rf_pass *pass)
{
	if (s->push && rf_push_busy(s->push))
		return false;
	if (s->row->suspended == 1) {
		rf_retry_done(&s->retry);
		rf_reports_pass_by(&s->had);
		return false;
	}
	if (pass->now < s->retry.next) {
		pass->wake = MIN(pass->wake, s->retry.next);
		return false;
	}
	return true;
}

void rf_push_pass(struct rf_subscriber *s, struct rf_pass *pass)
{
	char *text;

	if (!may_send(s, pass))
		return;
	text = next_event(s, pass);
	if (!text)
		text = next_heartbeat(s, pass);
	if (!text)
		return;
	if (!configured(s, pass)) {
		free(text);
		rf_push_result(s, pass, false, "out of memory");
	} else if (!rf_push_start(s->push, text)) {
		rf_push_result(s, pass, false, "no transfer");
	}
}

/* What follows a report's properties: its Context, and the closing brace. */
static char *tail_of(const struct rf_subscriber *s)
{
	json_t *context = json_string(s->row->context);
	char *text = json_dumps(context, JSON_ENCODE_ANY | RF_JSON_FLAGS), *tail = NULL;

	if (text &&
	    asprintf(&tail, s->row->context[0] ? ",\"Context\":%s}" : "}", text) < 0)
		tail = NULL;
	free(text);
	json_decref(context);
	return tail;
}

void rf_push_reports(struct rf_subscriber *s, struct rf_pass *pass)
{
	if (s->row->format != BMC_FORMAT_METRIC_REPORT || !may_send(s, pass))
		return;
	if (!rf_report_waits(s, pass)) {
		rf_retry_done(&s->retry); /* what failed is not there any more */
		return;
	}
	if (!rf_report_begin(s, pass, tail_of(s)))
		return;
	if (!configured(s, pass))
		rf_push_result(s, pass, false, "out of memory");
	else if (!rf_push_report(s->push, &s->sending))
		rf_push_result(s, pass, false, "no transfer");
}

static void give_up(const struct rf_subscriber *s, enum rf_retry_then then)
{
	if (!bmc_subscriptions)
		return;
	if (then == RF_RETRY_SUSPEND)
		bmc_subscriptions->suspend(s->id);
	else
		bmc_subscriptions->close(s->id);
}

void rf_push_result(struct rf_subscriber *s, struct rf_pass *pass, bool taken,
		    const char *why)
{
	bool report = s->sending.report != NULL;
	enum rf_retry_then then;

	rf_sending_done(&s->sending, &s->had, taken);
	if (taken) {
		rf_retry_done(&s->retry);
		s->last = MAX(s->last, s->under_way);
		note(s);
		return;
	}
	if (!report && !s->under_way) /* a heartbeat is not repeated */
		return;
	then = rf_retry_failed(&s->retry, (enum bmc_retry_policy)s->row->policy,
			       &pass->retry, pass->now);
	log_limited(LOG_WARNING, "subscription %s: its receiver took no %s: %s", s->id,
		    report ? "report" : "event", why);
	if (then == RF_RETRY_LATER)
		pass->wake = MIN(pass->wake, s->retry.next);
	else
		give_up(s, then);
	if (then != RF_RETRY_LATER) /* until its row says so */
		s->retry.next = pass->now + pass->retry.interval_ms;
}

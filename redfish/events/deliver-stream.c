// SPDX-License-Identifier: Apache-2.0
// What a stream gets next: events of the snapshot, before that older ones of the
// database. Called by the deliverer.
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/ports/auth.h"
#include "core/ports/store.h"
#include "core/ports/subscriptions.h"
#include "redfish/events/subscriber.h"

#define PAGE      64u
#define MESSAGE   4096  /* bytes that an event takes at most, as a rule */
#define UNREAD_MS 200   /* between two looks at a reader that is slow */
#define LOST_MS   30000 /* a row without its stream */

/* ---- older events ---- */

/* The deliverer and the state's answer share it; the last of the two frees it. */
struct rf_history {
	_Atomic unsigned refs;
	_Atomic bool ready;
	size_t n, next;
	struct bmc_event events[PAGE];
};

static void history_unref(struct rf_history *h)
{
	if (h && atomic_fetch_sub(&h->refs, 1) == 1)
		free(h);
}

/* Main thread. */
static void got(void *arg, int code, const struct bmc_event_page *page)
{
	struct rf_history *h = arg;

	if (code == BMC_OK && page) {
		h->n = MIN(page->n, (size_t)PAGE);
		memcpy(h->events, page->events, h->n * sizeof(h->events[0]));
	}
	h->ready = true;
	rf_events_wake();
	history_unref(h);
}

static struct rf_history *ask(uint32_t after, uint32_t before)
{
	const struct bmc_event_query query = { .after = after,
					       .before = before,
					       .limit = PAGE };
	struct rf_history *h =
		bmc_store && bmc_store->events ? calloc(1, sizeof(*h)) : NULL;

	if (!h)
		return NULL;
	h->refs = 2;
	if (bmc_store->events(&query, got, h) == BMC_OK)
		return h;
	free(h);
	return NULL;
}

/* ---- writing ---- */

static bool write_event(struct rf_subscriber *s, const struct rf_event *e)
{
	char *text = rf_event_text(e, s->row->context), *line = NULL;
	int len =
		text ? asprintf(&line, "id: %" PRIu32 "\ndata: %s\n\n", e->number, text)
		     : -1;
	int r = len < 0 ? BMC_ENOMEM : http_stream_write(s->stream, line, (size_t)len);

	free(text);
	if (len >= 0)
		free(line);
	return r == 0;
}

void rf_stream_end(struct rf_subscriber *s)
{
	rf_stream_drop(s);
	if (bmc_subscriptions)
		bmc_subscriptions->close(s->id);
}

/* Whether the event was passed by or written. */
static bool give(struct rf_subscriber *s, const struct rf_pass *pass,
		 const struct bmc_row *row)
{
	const struct rf_event *e = pass->event(pass, row);

	if (e && rf_event_filter_match(s->filter, &e->facts) && !write_event(s, e)) {
		rf_stream_end(s);
		return false;
	}
	s->last = row->index[0];
	return true;
}

static bool room(const struct rf_subscriber *s, struct rf_pass *pass)
{
	if (http_stream_room(s->stream) >= MESSAGE)
		return true;
	pass->wake = MIN(pass->wake, pass->now + UNREAD_MS);
	return false;
}

/* Goes on with a page of the database; false: it waits, or the stream has ended. */
static bool give_history(struct rf_subscriber *s, struct rf_pass *pass)
{
	struct rf_history *h = s->history;

	if (!h->ready)
		return false;
	while (h->next < h->n) {
		struct bmc_event *e = &h->events[h->next];
		const struct bmc_row *origin =
			e->origin_id[0] && e->origin_kind >= 0 &&
					e->origin_kind < BMC_N_KINDS
				? bmc_snapshot_find(pass->snap,
						    (enum bmc_kind)e->origin_kind,
						    e->origin_id)
				: NULL;
		if (!room(s, pass))
			return false;
		e->row.parent = origin ? origin->handle : 0;
		h->next++;
		if (!give(s, pass, &e->row))
			return false;
	}
	s->history = NULL;
	history_unref(h);
	return true;
}

/* Events before the snapshot's first one are in the database, if anywhere. */
static bool fetch(struct rf_subscriber *s, uint32_t first)
{
	s->history = ask(s->last, first);
	if (s->history)
		return true;
	s->last = first - 1;
	return false;
}

static bool lost(const struct rf_subscriber *s, const struct rf_pass *pass)
{
	return !s->stream && pass->now - s->since > LOST_MS;
}

/* A role may have lost it since. */
static bool may_log_in(const struct bmc_account *account,
		       const struct bmc_snapshot *snap)
{
	const struct bmc_row *role = bmc_snapshot_find(snap, BMC_ROLE, account->role);

	return account->enabled != 0 && role &&
	       (((const struct bmc_role *)role)->privileges & BMC_PRIV_LOGIN);
}

static bool may_go_on(const struct rf_subscriber *s, const struct bmc_snapshot *snap)
{
	const struct bmc_row *account =
		bmc_snapshot_find(snap, BMC_ACCOUNT, s->row->user);

	if (s->row->session[0] &&
	    !bmc_snapshot_find(snap, BMC_SESSION, s->row->session))
		return false;
	if (s->stamp && bmc_auth->stamp(s->row->user) != s->stamp)
		return false;
	if (s->certificate && !bmc_snapshot_row(snap, s->certificate))
		return false;
	if (!s->has_account)
		return true;
	return account && may_log_in((const struct bmc_account *)account, snap);
}

/* Writes as much of a report as there is room for; false: not all of it is written, and
 * nothing can come between. */
static bool go_on_with_report(struct rf_subscriber *s, struct rf_pass *pass)
{
	struct rf_sending *x = &s->sending;
	size_t len, space;
	const char *bytes;

	while (x->report && (bytes = rf_sending_next(x, &len), len)) {
		space = http_stream_room(s->stream);
		if (!space) {
			pass->wake = MIN(pass->wake, pass->now + UNREAD_MS);
			return false;
		}
		len = MIN(len, space);
		if (http_stream_write(s->stream, bytes, len) != 0) {
			rf_stream_end(s);
			return false;
		}
		x->at += len;
	}
	rf_sending_done(x, &s->had, true);
	return true;
}

/* Without an id, so that the last one that the client has seen is an event's. */
void rf_stream_reports(struct rf_subscriber *s, struct rf_pass *pass)
{
	static const char head[] = "data: ", tail[] = "}\n\n";

	while (s->stream && !s->sending.report && !s->history && room(s, pass) &&
	       rf_report_waits(s, pass) && rf_report_begin(s, pass, strdup(tail))) {
		if (http_stream_write(s->stream, head, strlen(head)) != 0)
			rf_stream_end(s);
		else
			(void)go_on_with_report(s, pass);
	}
}

void rf_stream_pass(struct rf_subscriber *s, struct rf_pass *pass)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(pass->snap, BMC_EVENT, &rows);

	if (lost(s, pass) && bmc_subscriptions) {
		s->since = pass->now;
		bmc_subscriptions->close(s->id);
	}
	if (!s->stream)
		return;
	if (!may_go_on(s, pass->snap) || http_stream_ended(s->stream)) {
		rf_stream_end(s);
		return;
	}
	if (!go_on_with_report(s, pass))
		return;
	while (s->history || (n && s->last + 1 < rows[0]->index[0])) {
		if (!s->history && !fetch(s, rows[0]->index[0]))
			break;
		uint32_t before = s->last;
		if (!give_history(s, pass))
			return;
		if (s->last == before) /* nothing more is there */
			s->last = rows[0]->index[0] - 1;
	}
	for (size_t i = bmc_snapshot_lower(pass->snap, BMC_EVENT, s->last + 1, 0);
	     i < n && room(s, pass); i++) {
		if (!give(s, pass, rows[i]))
			return;
	}
}

void rf_stream_drop(struct rf_subscriber *s)
{
	s->stream = http_stream_close(s->stream);
	s->filter = rf_event_filter_free(s->filter);
	rf_sending_done(&s->sending, &s->had, false);
	history_unref(s->history);
	s->history = NULL;
}

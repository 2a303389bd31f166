// SPDX-License-Identifier: Apache-2.0
/* The events that a receiver has not got yet, see receiver-feed.h. Called by
 * receiver.c; the store's answers come on the main thread and are left in the mail. */
#include "snmp/receiver-feed.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/ports/store.h"
#include "core/ports/subscriptions.h"
#include "core/snapshot/snapshot.h"
#include "snmp/engine.h"
#include "snmp/value.h"

#define AGAIN_MS 1000 /* before the database is asked again */

enum page { NO_PAGE, ASKED, HERE, FAILED };

/* What the main thread leaves for SNMP's; the last of the two frees it. */
struct sn_mail {
	_Atomic unsigned refs;
	_Atomic bool storing;
	_Atomic int page; /* enum page: who may touch what is below follows from it */
	int64_t again;    /* BMC_TIME */
	size_t n;
	struct bmc_event events[SN_FEED_PAGE];
};

static void mail_drop(struct sn_mail *m)
{
	if (m && atomic_fetch_sub(&m->refs, 1) == 1)
		free(m);
}

/* ---- the main thread ---- */

static void on_stored(void *arg, int code)
{
	struct sn_mail *m = arg;

	(void)code; /* not stored: it may be repeated after a crash, no more */
	m->storing = false;
	mail_drop(m);
	sn_wake();
}

static void on_page(void *arg, int code, const struct bmc_event_page *page)
{
	struct sn_mail *m = arg;

	m->n = code == BMC_OK ? MIN(page->n, SN_FEED_PAGE) : 0;
	if (m->n)
		memcpy(m->events, page->events, m->n * sizeof(m->events[0]));
	m->page = code == BMC_OK ? HERE : FAILED;
	mail_drop(m);
	sn_wake();
}

/* ---- SNMP's thread ---- */

static void store(struct sn_feed *f)
{
	struct sn_mail *m = f->mail;

	if (!f->confirms || !bmc_subscriptions)
		return;
	m->storing = true;
	atomic_fetch_add(&m->refs, 1);
	if (bmc_subscriptions->confirm(f->id, f->position, on_stored, m) == BMC_OK)
		return;
	m->storing = false;
	mail_drop(m);
}

static uint32_t newest(void)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), BMC_EVENT, &rows);

	return n ? rows[n - 1]->index[0] : 0;
}

bool sn_feed_init(struct sn_feed *f, const char *id, bool confirms)
{
	uint32_t last = newest();

	*f = (struct sn_feed){ .confirms = confirms, .position = last };
	(void)bmc_copy(f->id, sizeof(f->id), id);
	f->mail = calloc(1, sizeof(*f->mail));
	if (!f->mail)
		return false;
	f->mail->refs = 1;
	if (confirms && bmc_subscriptions)
		f->position = MIN(last, bmc_subscriptions->position(id));
	store(f);
	return true;
}

static void ask(struct sn_feed *f)
{
	const struct bmc_event_query query = { .after = f->position,
					       .limit = SN_FEED_PAGE };
	struct sn_mail *m = f->mail;

	if (bmc_now() < m->again)
		return;
	m->again = bmc_now() + AGAIN_MS;
	m->page = ASKED;
	atomic_fetch_add(&m->refs, 1);
	if (bmc_store->events(&query, on_page, m) == BMC_OK)
		return;
	m->page = FAILED;
	mail_drop(m);
}

/* The first stored event after the position; NULL: it is not here (yet). */
static const struct bmc_event *older(struct sn_feed *f, const struct bmc_row *oldest)
{
	struct sn_mail *m = f->mail;

	if (m->page == HERE) {
		for (size_t i = 0; i < m->n; i++) {
			if (m->events[i].row.index[0] > f->position)
				return &m->events[i];
		}
		if (m->n < SN_FEED_PAGE) { /* there are no more */
			m->page = NO_PAGE;
			return (const struct bmc_event *)oldest;
		}
		m->again = 0;
	}
	if (m->page != ASKED)
		ask(f);
	return NULL;
}

static void count_missed(struct sn_feed *f, const struct bmc_event *next)
{
	uint32_t gap = next->row.index[0] - f->position - 1;

	if (!gap)
		return;
	f->missed += gap;
	f->position += gap;
	log_warning("snmp: receiver %s: %" PRIu32 " events up to number %" PRIu32
		    " were removed from the log before it took them",
		    f->id, gap, f->position);
}

const struct bmc_event *sn_feed_next(struct sn_feed *f)
{
	const struct bmc_event *next;
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), BMC_EVENT, &rows);

	if (f->mail->storing || !n || rows[n - 1]->index[0] <= f->position)
		return NULL;
	if (rows[0]->index[0] <= f->position + 1 || !bmc_store)
		next = (const struct bmc_event *)rows[bmc_snapshot_lower(
			sn_pinned(), BMC_EVENT, f->position + 1, 0)];
	else
		next = older(f, rows[0]);
	if (next)
		count_missed(f, next);
	return next;
}

void sn_feed_taken(struct sn_feed *f, uint32_t event)
{
	f->position = event;
	store(f);
}

void sn_feed_skip(struct sn_feed *f)
{
	if (f->position == newest())
		return;
	f->position = newest();
	if (!f->mail->storing)
		store(f);
}

void sn_feed_forget(const struct sn_feed *f)
{
	if (f->confirms && bmc_subscriptions &&
	    strncmp(f->id, BMC_CONFIGURED_PREFIX, strlen(BMC_CONFIGURED_PREFIX)) == 0)
		bmc_subscriptions->forget(f->id);
}

void sn_feed_done(struct sn_feed *f)
{
	mail_drop(f->mail);
	f->mail = NULL;
}

// SPDX-License-Identifier: Apache-2.0
/* The queue from the sources' threads to the merge: bounded, so that a source that
 * talks too much waits and not the memory grows. put and gone run on any thread, the
 * draining on main. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "core/inventory/entries.h"
#include "core/model/field.h"

#define QUEUE_MAX   4096
#define QUEUE_WAIT  100 /* ms a source waits for room */
#define PASS_MAX    512 /* messages in one pass of the loop */
#define TEXT_COPIED 256 /* bytes of a text; no field is longer */

struct message {
	struct message *next;
	struct bmc_source *source;
	enum bmc_kind kind, parent_kind;
	int64_t at;
	bool gone;
	char id[BMC_ID_MAX], parent[BMC_ID_MAX];
	size_t n;
	struct bmc_value values[]; /* texts behind them */
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t room;
	pthread_t main_thread;
	bool open;
	struct bmc_message drain;
	struct message *first, **end;
	unsigned n;
} queue = { .lock = PTHREAD_MUTEX_INITIALIZER, .end = &queue.first };

/* ---- any thread ---- */

static bool id_ok(const char *id)
{
	size_t n = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n > 0 && n < BMC_ID_MAX && id[n] == '\0';
}

/* Rows of these kinds are made when a source first names them. */
static bool made_at_run_time(enum bmc_kind kind)
{
	return bmc_kind_is(kind, BMC_KIND_RUN_TIME);
}

static int check_target(enum bmc_kind kind, const char *id)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();

	if (!id || !bmc_kind_is(kind, BMC_KIND_PUT))
		return BMC_EINVAL;
	if (s && bmc_snapshot_find(s, kind, id))
		return 0;
	if (!made_at_run_time(kind))
		return BMC_ENOTFOUND;
	return id_ok(id) ? 0 : BMC_EINVAL;
}

static int check_value(enum bmc_kind kind, const struct bmc_value *v)
{
	const struct bmc_field *f = bmc_field_at(kind, v->offset);

	if (!f)
		return BMC_EINVAL;
	if (f->flags & BMC_DERIVED)
		return BMC_EREADONLY;
	if (f->type == BMC_BOOL && v->num != 0 && v->num != 1 && v->num != BMC_UNKNOWN)
		return BMC_EINVAL;
	if (f->type == BMC_ENUM && v->num != 0 && v->num != BMC_UNKNOWN)
		return bmc_name_word(f->names, v->num) == bmc_name_word(NULL, 0)
			       ? BMC_EINVAL
			       : 0;
	return 0;
}

static size_t text_size(const struct bmc_value *v)
{
	return v->text ? strnlen(v->text, TEXT_COPIED - 1) + 1 : 0;
}

/* Texts come from hardware and networks: what is no text comes out as '?'. */
static const char *copy_text(char *to, const struct bmc_value *v)
{
	size_t n = text_size(v);

	memcpy(to, v->text, n - 1);
	to[n - 1] = '\0';
	bmc_text_sanitize(to);
	return to;
}

static struct message *message_new(struct bmc_source *s, enum bmc_kind kind,
				   const char *id, const struct bmc_value *values,
				   size_t n)
{
	size_t texts = 0;

	for (size_t i = 0; i < n; i++)
		texts += text_size(&values[i]);
	struct message *m = calloc(1, sizeof(*m) + n * sizeof(values[0]) + texts);
	if (!m)
		return NULL;
	m->source = s;
	m->kind = kind;
	m->at = bmc_now();
	m->n = n;
	(void)bmc_copy(m->id, sizeof(m->id), id);
	char *to = (char *)&m->values[n];
	for (size_t i = 0; i < n; i++) {
		m->values[i] = values[i];
		if (!values[i].text)
			continue;
		m->values[i].text = copy_text(to, &values[i]);
		to += text_size(&values[i]);
	}
	return m;
}

/* Waits for room; the lock is held. */
static bool wait_for_room(void)
{
	int64_t until = bmc_now() + QUEUE_WAIT;

	while (queue.n >= QUEUE_MAX) {
		if (!bmc_cond_wait(&queue.room, &queue.lock, until))
			return queue.n < QUEUE_MAX;
	}
	return true;
}

static void drain_pass(void *arg)
{
	(void)arg;
	if (bmc_ingest_drain(PASS_MAX))
		bmc_loop_send(&queue.drain, drain_pass, NULL);
	bmc_merge_dirty();
}

static int enqueue(struct message *m)
{
	if (!queue.open || !m->source->live || m->source->muted)
		return BMC_ESTATE;
	if (!wait_for_room())
		return BMC_EAGAIN;
	*queue.end = m;
	queue.end = &m->next;
	queue.n++;
	bmc_loop_send(&queue.drain, drain_pass, NULL);
	return 0;
}

static int send(struct message *m)
{
	if (!m)
		return BMC_ENOMEM;
	pthread_mutex_lock(&queue.lock);
	bool full = queue.open && queue.n >= QUEUE_MAX;
	if (full && pthread_equal(pthread_self(), queue.main_thread)) {
		pthread_mutex_unlock(&queue.lock);
		(void)bmc_ingest_drain(QUEUE_MAX); /* main can't wait for itself */
		pthread_mutex_lock(&queue.lock);
	}
	int err = enqueue(m);
	pthread_mutex_unlock(&queue.lock);
	if (err)
		free(m);
	return err;
}

int bmc_inventory_put(struct bmc_source *s, enum bmc_kind kind, const char *id,
		      enum bmc_kind parent_kind, const char *parent,
		      const struct bmc_value *values, size_t n)
{
	int err = check_target(kind, id);

	if (n < 1 || n > BMC_PUT_MAX)
		err = BMC_EINVAL;
	for (size_t i = 0; err == 0 && i < n; i++)
		err = check_value(kind, &values[i]);
	if (err)
		return err;
	struct message *m = message_new(s, kind, id, values, n);
	if (m && parent) {
		m->parent_kind = parent_kind;
		(void)bmc_copy(m->parent, sizeof(m->parent), parent);
	}
	return send(m);
}

int bmc_inventory_gone(struct bmc_source *s, enum bmc_kind kind, const char *id)
{
	int err = check_target(kind, id);
	struct message *m = err ? NULL : message_new(s, kind, id, NULL, 0);

	if (err)
		return err;
	if (m)
		m->gone = true;
	return send(m);
}

/* ---- main ---- */

static struct bmc_entry *holder(const struct message *m)
{
	struct bmc_entry *up = NULL;

	if (m->parent[0] && bmc_is_hardware(m->parent_kind) &&
	    bmc_kind(m->parent_kind)->level < bmc_kind(m->kind)->level)
		up = bmc_entry_find(m->parent_kind, m->parent);
	return up ? up : bmc_inv.chassis;
}

static struct bmc_entry *make_row(const struct message *m)
{
	const uint32_t index[2] = { bmc_index_for(m->kind, m->id), 0 };
	struct bmc_entry *e = NULL;

	if (made_at_run_time(m->kind) &&
	    bmc_inv.sets[m->kind].n < 2 * BMC_RUN_TIME_ROWS && index[0] != 0)
		e = bmc_entry_new(m->kind, m->id, index, holder(m));
	if (e)
		bmc_settings_apply(e);
	else
		log_limited(LOG_WARNING, "%s %s: not taken in, there are too many",
			    bmc_kind(m->kind)->name, m->id);
	return e;
}

static void end_row(struct bmc_entry *e, unsigned source)
{
	if (!e)
		return;
	bmc_observation_drop(e, source, NULL);
	if (!e->slot && !e->core && !bmc_observation_any(e)) {
		bmc_entry_remove(e);
		bmc_inventory_urgent();
	}
}

static void apply(const struct message *m)
{
	struct bmc_entry *e = bmc_entry_find(m->kind, m->id);
	unsigned source = (unsigned)(m->source - bmc_inv.sources);

	if (!m->source->live || m->source->muted)
		return;
	if (m->gone) {
		end_row(e, source);
		return;
	}
	if (!e && !(e = make_row(m)))
		return;
	if (m->parent[0] && !e->slot)
		bmc_entry_set_up(e, holder(m));
	for (size_t i = 0; i < m->n; i++) {
		const struct bmc_field *f = bmc_field_at(m->kind, m->values[i].offset);
		if (bmc_observation_put(e, source, f, &m->values[i], m->at) < 0)
			log_limited(LOG_WARNING,
				    "%s %s: a value is lost, out of memory",
				    bmc_kind(m->kind)->name, m->id);
	}
}

static struct message *take_message(void)
{
	pthread_mutex_lock(&queue.lock);
	struct message *m = queue.first;
	if (m) {
		queue.first = m->next;
		if (!queue.first)
			queue.end = &queue.first;
		if (queue.n-- >= QUEUE_MAX)
			pthread_cond_broadcast(&queue.room);
	}
	pthread_mutex_unlock(&queue.lock);
	return m;
}

bool bmc_ingest_drain(unsigned max)
{
	struct message *m;

	while (max-- > 0) {
		m = take_message();
		if (!m)
			return false;
		apply(m);
		free(m);
	}
	return true;
}

void bmc_source_enable(struct bmc_source *s, bool live)
{
	pthread_mutex_lock(&queue.lock);
	s->live = live;
	s->muted = false;
	pthread_mutex_unlock(&queue.lock);
}

void bmc_ingest_mute(struct bmc_source *s, bool mute)
{
	pthread_mutex_lock(&queue.lock);
	s->muted = mute;
	pthread_mutex_unlock(&queue.lock);
}

void bmc_ingest_init(void)
{
	bmc_cond_init(&queue.room);
	pthread_mutex_lock(&queue.lock);
	queue.main_thread = pthread_self();
	queue.open = true;
	pthread_mutex_unlock(&queue.lock);
}

void bmc_ingest_done(void)
{
	struct message *m;

	pthread_mutex_lock(&queue.lock);
	queue.open = false;
	pthread_mutex_unlock(&queue.lock);
	while ((m = take_message()))
		free(m);
}

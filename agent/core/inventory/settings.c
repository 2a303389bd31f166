// SPDX-License-Identifier: Apache-2.0
/* The settings in force: they lie over what sources say, and come back when a row that
 * was gone comes back. A setting can have a limited one over it, which ends by time.
 * The action API writes both to the store, at the end of a limit this file does. Main
 * thread but for bmc_setting_limited. */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/inventory/entries.h"
#include "core/model/field.h"
#include "core/ports/reset.h"
#include "core/ports/store.h"

#define TEXT_MAX     (BMC_NAME_MAX * 4)
#define LIMIT_PREFIX "until." /* field of the record that stores a limited setting */

/* A limited setting. Stored as META: its end in wall clock; as text what it is, of a
 * number with what hardware gets at the end. */
struct limit {
	bool on;
	int64_t until, num, back;
	char text[TEXT_MAX];
};

struct setting {
	struct setting *next;
	enum bmc_kind kind;
	const struct bmc_field *field;
	char id[BMC_ID_MAX];
	bool lasting;  /* num and text are one that lasts */
	bool dropping; /* a reset is being stored, and it was not set since */
	int64_t num;
	char text[TEXT_MAX];
	struct limit limit; /* over it */
};

static struct {
	pthread_mutex_t lock; /* guards the list for readers of other threads */
	struct setting *first;
	struct bmc_timer *timer;
	bmc_setting_expired *expired;
} settings = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void expire(void *arg);

static struct setting **find(enum bmc_kind kind, const char *id,
			     const struct bmc_field *f)
{
	struct setting **at = &settings.first;

	while (*at &&
	       ((*at)->kind != kind || (*at)->field != f || strcmp((*at)->id, id) != 0))
		at = &(*at)->next;
	return at;
}

static struct setting *find_or_add(enum bmc_kind kind, const char *id,
				   const struct bmc_field *f)
{
	struct setting **at = find(kind, id, f), *s = *at;

	if (s || !(s = calloc(1, sizeof(*s))))
		return s;
	s->kind = kind;
	s->field = f;
	(void)bmc_copy(s->id, sizeof(s->id), id);
	(void)pthread_mutex_lock(&settings.lock);
	*at = s;
	(void)pthread_mutex_unlock(&settings.lock);
	return s;
}

static void drop(struct setting **at)
{
	struct setting *s = *at;

	(void)pthread_mutex_lock(&settings.lock);
	*at = s->next;
	(void)pthread_mutex_unlock(&settings.lock);
	free(s);
}

static void set_limit(struct setting *s, bool on)
{
	(void)pthread_mutex_lock(&settings.lock);
	s->limit.on = on;
	(void)pthread_mutex_unlock(&settings.lock);
}

bool bmc_setting_limited(enum bmc_kind kind, const char *id, const struct bmc_field *f)
{
	(void)pthread_mutex_lock(&settings.lock);
	const struct setting *s = *find(kind, id, f);
	bool limited = s && s->limit.on;
	(void)pthread_mutex_unlock(&settings.lock);
	return limited;
}

/* ---- values ---- */

static struct bmc_value in_force(const struct setting *s)
{
	if (s->limit.on)
		return (struct bmc_value){ .num = s->limit.num, .text = s->limit.text };
	return (struct bmc_value){ .num = s->num, .text = s->text };
}

static int persist(enum bmc_kind kind, const char *id, const struct bmc_field *f,
		   const struct bmc_value *v)
{
	struct setting *s = find_or_add(kind, id, f);

	if (!s)
		return BMC_ENOMEM;
	s->lasting = true;
	s->dropping = false;
	s->num = v->num;
	(void)bmc_copy(s->text, sizeof(s->text), v->text);
	set_limit(s, false);
	return 0;
}

int bmc_setting_persist(const struct bmc_entry *e, const struct bmc_field *f,
			const struct bmc_value *v)
{
	return persist(bmc_entry_kind(e), e->id, f, v);
}

static void schedule(void)
{
	int64_t next = INT64_MAX;

	for (const struct setting *s = settings.first; s; s = s->next) {
		if (s->limit.on)
			next = MIN(next, s->limit.until);
	}
	settings.timer = bmc_timer_cancel(settings.timer);
	if (next != INT64_MAX)
		settings.timer = bmc_timer_new(MAX(next, bmc_now()), expire, NULL);
}

static int limit(enum bmc_kind kind, const char *id, const struct bmc_field *f,
		 const struct bmc_value *v, int64_t until)
{
	struct setting *s = find_or_add(kind, id, f);

	if (!s)
		return BMC_ENOMEM;
	s->dropping = false;
	s->limit.until = until;
	s->limit.num = v->num;
	(void)bmc_copy(s->limit.text, sizeof(s->limit.text), v->text);
	set_limit(s, true);
	schedule();
	return 0;
}

int bmc_setting_limit(const struct bmc_entry *e, const struct bmc_field *f,
		      const struct bmc_value *v, int64_t until)
{
	return limit(bmc_entry_kind(e), e->id, f, v, until);
}

void bmc_settings_apply(struct bmc_entry *e)
{
	for (const struct setting *s = settings.first; s; s = s->next) {
		struct bmc_value v = in_force(s);

		if (s->kind != bmc_entry_kind(e) || strcmp(s->id, e->id) != 0 ||
		    (!s->lasting && !s->limit.on))
			continue;
		if (bmc_observation_put(e, BMC_SOURCE_SETTINGS, s->field, &v,
					bmc_now()) < 0)
			log_warning("%s %s: %s is not as it was set, out of memory",
				    bmc_kind(s->kind)->name, s->id, s->field->name);
	}
}

void bmc_settings_each(void (*each)(void *arg, enum bmc_kind kind, const char *id,
				    const struct bmc_field *f, int64_t num),
		       void *arg)
{
	int64_t now = bmc_now();

	for (const struct setting *s = settings.first; s; s = s->next) {
		bool over = s->limit.on && s->limit.until <= now;

		if (s->limit.on && !over)
			each(arg, s->kind, s->id, s->field, s->limit.num);
		else if (s->lasting && !over)
			each(arg, s->kind, s->id, s->field, s->num);
	}
}

/* ---- records ---- */

static struct bmc_record record(enum bmc_kind kind, const char *id,
				const struct bmc_field *f, enum bmc_record_type type)
{
	struct bmc_record r = { .type = type, .kind = kind };

	(void)bmc_copy(r.id, sizeof(r.id), id);
	(void)snprintf(r.field, sizeof(r.field), "%s%s",
		       type == BMC_REC_META ? LIMIT_PREFIX : "", f->name);
	return r;
}

struct bmc_record bmc_setting_record(enum bmc_kind kind, const char *id,
				     const struct bmc_field *f)
{
	const struct setting *s = *find(kind, id, f);
	bool lasting = s && s->lasting;
	struct bmc_record r =
		record(kind, id, f, lasting ? BMC_REC_SETTING : BMC_REC_SETTING_GONE);

	r.num = lasting ? s->num : 0;
	(void)bmc_copy(r.text, sizeof(r.text), lasting ? s->text : "");
	return r;
}

static void write_limit(struct bmc_record *r, const struct bmc_field *f,
			const struct limit *l)
{
	r->num = bmc_wall(l->until);
	if (f->type == BMC_TEXT)
		(void)bmc_copy(r->text, sizeof(r->text), l->text);
	else
		(void)snprintf(r->text, sizeof(r->text), "%" PRId64 " %" PRId64, l->num,
			       l->back);
}

struct bmc_record bmc_setting_limit_record(enum bmc_kind kind, const char *id,
					   const struct bmc_field *f)
{
	const struct setting *s = *find(kind, id, f);
	struct bmc_record r = record(kind, id, f, BMC_REC_META);

	if (s && s->limit.on)
		write_limit(&r, f, &s->limit);
	return r;
}

struct bmc_record bmc_setting_new_limit(uint32_t handle, const struct bmc_field *f,
					const struct bmc_value *v, int64_t until)
{
	const struct bmc_entry *e = bmc_entry_of(handle);
	struct bmc_record r = { .type = BMC_REC_META };
	struct setting *s = e ? find_or_add(bmc_entry_kind(e), e->id, f) : NULL;
	struct limit l = { .until = until, .num = v->num };

	if (!s)
		return r;
	if (!s->limit.on)
		s->limit.back = f->type == BMC_TEXT || !e->row
					? BMC_UNKNOWN
					: bmc_field_num(e->row, f);
	l.back = s->limit.back;
	(void)bmc_copy(l.text, sizeof(l.text), v->text);
	r = record(s->kind, s->id, f, BMC_REC_META);
	write_limit(&r, f, &l);
	return r;
}

/* ---- the end of a limit ---- */

static void store_end(const struct setting *s)
{
	struct bmc_record r = record(s->kind, s->id, s->field, BMC_REC_META);

	/* what is not stored ends at the next start */
	if (bmc_store && bmc_store->write(&r, 1, NULL, NULL) < 0)
		log_limited(LOG_WARNING, "%s of %s: its end is not stored",
			    s->field->name, s->id);
}

static void expire_one(struct setting *s)
{
	struct bmc_entry *e = bmc_entry_find(s->kind, s->id);
	int64_t num = s->lasting ? s->num : s->limit.back;
	struct bmc_value v;

	set_limit(s, false);
	v = in_force(s);
	if (e && !s->lasting)
		bmc_observation_drop(e, BMC_SOURCE_SETTINGS, s->field);
	else if (e && bmc_observation_put(e, BMC_SOURCE_SETTINGS, s->field, &v,
					  bmc_now()) < 0)
		log_limited(LOG_WARNING, "%s of %s: kept, out of memory",
			    s->field->name, s->id);
	store_end(s);
	log_info("%s of %s: its time is over", s->field->name, s->id);
	if (settings.expired)
		settings.expired(s->kind, s->id, s->field, num);
}

static void expire(void *arg)
{
	struct setting **at = &settings.first;
	int64_t now = bmc_now();

	(void)arg;
	settings.timer = NULL;
	while (*at) {
		struct setting *s = *at;

		if (s->limit.on && s->limit.until <= now)
			expire_one(s);
		if (s->lasting || s->limit.on)
			at = &s->next;
		else
			drop(at);
	}
	bmc_merge_dirty();
	schedule();
}

void bmc_settings_on_expiry(bmc_setting_expired *expired)
{
	settings.expired = expired;
}

/* ---- back to the configuration ---- */

static size_t count_limits(void)
{
	size_t n = 0;

	for (const struct setting *s = settings.first; s; s = s->next)
		n += s->limit.on;
	return n;
}

static void mark(bool dropping)
{
	for (struct setting *s = settings.first; s; s = s->next)
		s->dropping = dropping;
}

static void drop_marked(void)
{
	struct setting **at = &settings.first;

	while (*at) {
		struct setting *s = *at;
		struct bmc_entry *e = bmc_entry_find(s->kind, s->id);

		if (!s->dropping) {
			at = &s->next;
			continue;
		}
		if (e)
			bmc_observation_drop(e, BMC_SOURCE_SETTINGS, s->field);
		if (settings.expired && s->limit.on)
			settings.expired(s->kind, s->id, s->field, s->limit.back);
		drop(at);
	}
	bmc_merge_dirty();
	schedule();
}

/* What is set meanwhile stays. */
static void end_reset(int code)
{
	if (code == BMC_OK)
		drop_marked();
	else
		mark(false);
}

static size_t reset_records(struct bmc_record *ret)
{
	size_t i = 0;

	if (!ret)
		return BMC_N_KINDS + count_limits();
	for (; i < BMC_N_KINDS; i++)
		ret[i] = (struct bmc_record){ .type = BMC_REC_SETTING_GONE,
					      .kind = (enum bmc_kind)i };
	for (const struct setting *s = settings.first; s; s = s->next) {
		if (s->limit.on)
			ret[i++] = record(s->kind, s->id, s->field, BMC_REC_META);
	}
	mark(true);
	return i;
}

static const struct bmc_reset_part reset_part = { reset_records, end_reset };

/* ---- start and end ---- */

static bool usable(const struct bmc_record *r, const char *name,
		   const struct bmc_field *f, const struct bmc_value *v)
{
	struct bmc_error err;

	if (f && (f->flags & BMC_SETTING) &&
	    bmc_field_check(f, v->num, v->text, &err) == 0)
		return true;
	log_warning("%s %s: the stored setting %s is not one any more, left out",
		    bmc_kind(r->kind)->name, r->id, name);
	return false;
}

static int load_one(void *arg, const struct bmc_record *r)
{
	const struct bmc_field *f = bmc_field_find(r->kind, r->field);
	struct bmc_value v = { .num = r->num, .text = r->text };

	(void)arg;
	return usable(r, r->field, f, &v) ? persist(r->kind, r->id, f, &v) : 0;
}

/* A clock that was set back must not make a limit longer than any can be. */
static int64_t until_of(const struct bmc_record *r)
{
	int64_t now = bmc_now(), left = r->num - bmc_wall(now);

	return now + MAX(MIN(left, BMC_SETTING_LIMIT_MAX), 0);
}

static int load_limit(void *arg, const struct bmc_record *r)
{
	const char *name = r->field + strlen(LIMIT_PREFIX);
	struct bmc_value v = { .text = r->text };
	int64_t back = BMC_UNKNOWN;
	const struct bmc_field *f;

	(void)arg;
	if (strncmp(r->field, LIMIT_PREFIX, strlen(LIMIT_PREFIX)) != 0 || r->num <= 0 ||
	    r->kind >= BMC_N_KINDS)
		return 0;
	f = bmc_field_find(r->kind, name);
	if (f && f->type != BMC_TEXT &&
	    sscanf(r->text, "%" SCNd64 " %" SCNd64, &v.num, &back) != 2)
		return 0;
	if (!usable(r, name, f, &v))
		return 0;
	if (limit(r->kind, r->id, f, &v, until_of(r)) < 0)
		return BMC_ENOMEM;
	(*find(r->kind, r->id, f))->limit.back = back;
	return 0;
}

int bmc_settings_load(void)
{
	int code;

	bmc_reset_register(&reset_part);
	if (!bmc_store)
		return 0;
	code = bmc_store->load(BMC_REC_SETTING, BMC_N_KINDS, load_one, NULL);
	return code < 0 ? code
			: bmc_store->load(BMC_REC_META, BMC_N_KINDS, load_limit, NULL);
}

void bmc_settings_done(void)
{
	bmc_reset_unregister(&reset_part);
	settings.timer = bmc_timer_cancel(settings.timer);
	while (settings.first)
		drop(&settings.first);
	settings.expired = NULL;
}

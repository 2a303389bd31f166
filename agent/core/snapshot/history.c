// SPDX-License-Identifier: Apache-2.0
/* Rings of samples; see history.h. All rings have their samples at the same ticks, so a
 * ring is no more than its values. The main thread samples, any thread reads. */
#include "core/snapshot/history.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "core/snapshot/snapshot.h"

#define UNREAD INT32_MIN

struct series {
	uint32_t handle;
	uint32_t field; /* position in the kind's table                   */
	uint64_t first; /* tick of its first sample                       */
	int64_t count;  /* of a counter: its value at the last tick       */
	int64_t sum;    /* of the samples of this group                   */
	uint32_t n_sum;
	bool seen;      /* in this pass                                   */
	int32_t ring[]; /* the sample of tick t is at t % samples; behind
			 * them the mean of group g at g % means          */
};

_Static_assert(sizeof(struct series) + sizeof(void *) <= BMC_HISTORY_SERIES,
	       "BMC_HISTORY_SERIES is too small");

static struct {
	pthread_mutex_t lock;
	struct bmc_history_sizes sizes;
	uint64_t every; /* samples that a mean is of */
	bool full;      /* and that was said */
	size_t n, size;
	uint64_t tick;       /* of the newest samples; 0: none yet */
	struct series **all; /* ordered by handle, then field */
	struct bmc_timer *timer;
} history = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- rings; locked ---- */

static size_t ring_bytes(void)
{
	return (history.sizes.samples + history.sizes.means) * sizeof(int32_t);
}

static size_t series_bytes(void)
{
	return BMC_HISTORY_SERIES + ring_bytes();
}

static int32_t *sample_at(struct series *s, uint64_t tick)
{
	return &s->ring[tick % history.sizes.samples];
}

/* The samples of ticks (g - 1) * every + 1 to g * every are group g. */
static uint64_t group_of(uint64_t tick)
{
	return (tick + history.every - 1) / history.every;
}

static int32_t *mean_at(struct series *s, uint64_t group)
{
	return &s->ring[history.sizes.samples + group % history.sizes.means];
}

static size_t place(uint32_t handle, uint32_t field)
{
	size_t low = 0, high = history.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct series *s = history.all[mid];

		if (s->handle < handle || (s->handle == handle && s->field < field))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct series *find(uint32_t handle, uint32_t field)
{
	size_t at = place(handle, field);
	struct series *s = at < history.n ? history.all[at] : NULL;

	return s && s->handle == handle && s->field == field ? s : NULL;
}

static bool make_room(void)
{
	size_t size = history.size ? 2 * history.size : 64;
	struct series **all;

	if (history.n < history.size)
		return true;
	all = realloc(history.all, size * sizeof(struct series *));
	if (!all)
		return false;
	history.all = all;
	history.size = size;
	return true;
}

static struct series *add(uint32_t handle, uint32_t field)
{
	size_t at = place(handle, field);
	struct series *s;

	if ((history.n + 1) * series_bytes() > BMC_HISTORY_BYTES) {
		if (!history.full)
			log_warning("history: full, some readings have none");
		history.full = true;
		return NULL;
	}
	s = make_room() ? malloc(sizeof(*s) + ring_bytes()) : NULL;
	if (!s)
		return NULL;
	*s = (struct series){ .handle = handle,
			      .field = field,
			      .first = history.tick,
			      .count = BMC_UNKNOWN };
	for (size_t i = 0; i < history.sizes.samples + history.sizes.means; i++)
		s->ring[i] = UNREAD;
	memmove(&history.all[at + 1], &history.all[at],
		(history.n - at) * sizeof(history.all[0]));
	history.all[at] = s;
	history.n++;
	return s;
}

static void drop_unseen(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < history.n; i++) {
		if (history.all[i]->seen)
			history.all[kept++] = history.all[i];
		else
			free(history.all[i]);
	}
	history.n = kept;
}

/* ---- sampling ---- */

/* What one step of a stored number is: of bytes 64 KiB, so that 128 TiB fit. */
static int64_t step_of(const struct bmc_field *f)
{
	return f->unit == BMC_UNIT_BYTE && f->type != BMC_COUNTER ? 65536 : 1;
}

/* In 32 bits: thousandths of what is measured stay below two million of it. */
static int32_t sample_of(int64_t value)
{
	if (value == BMC_UNKNOWN)
		return UNREAD;
	return (int32_t)MAX(MIN(value, (int64_t)INT32_MAX), (int64_t)INT32_MIN + 1);
}

/* What a counter gained in a second, since the last tick. */
static int64_t rate(struct series *s, int64_t count)
{
	int64_t before = s->count;

	s->count = count;
	if (before == BMC_UNKNOWN || count == BMC_UNKNOWN || count < before)
		return BMC_UNKNOWN; /* reset, or not read */
	return (int64_t)((double)(count - before) * 1000.0 /
			 (double)history.sizes.interval);
}

static void add_sample(struct series *s, const struct bmc_field *f, int64_t value)
{
	if (f->type == BMC_COUNTER)
		value = rate(s, value);
	int32_t v = sample_of(value == BMC_UNKNOWN ? value : value / step_of(f));

	*sample_at(s, history.tick) = v;
	s->sum += v == UNREAD ? 0 : v;
	s->n_sum += v != UNREAD;
	s->seen = true;
}

static void sample_row(const struct bmc_row *row, const struct bmc_kind_desc *kind)
{
	for (uint32_t i = 0; i < kind->n_fields; i++) {
		const struct bmc_field *f = &kind->fields[i];
		struct series *s;

		if (!(f->flags & BMC_HISTORY))
			continue;
		s = find(row->handle, i);
		if (!s && bmc_field_num(row, f) != BMC_UNKNOWN)
			s = add(row->handle, i);
		if (s)
			add_sample(s, f, bmc_field_num(row, f));
	}
}

/* The group of `from` has ended, and those before the group of `to`, without samples.
 */
static void close_groups(struct series *s, uint64_t from, uint64_t to)
{
	*mean_at(s, from) = s->n_sum ? (int32_t)(s->sum / s->n_sum) : UNREAD;
	for (uint64_t g = MAX(from + 1,
			      to > history.sizes.means ? to - history.sizes.means : 0);
	     g < to; g++)
		*mean_at(s, g) = UNREAD;
	s->sum = s->n_sum = 0;
}

/* Ticks that were missed (the machine slept) have no values. */
static void skip_to(uint64_t tick)
{
	size_t samples = history.sizes.samples;
	uint64_t from = MAX(history.tick + 1, tick >= samples ? tick - samples + 1 : 0);
	bool missed = tick > history.tick + 1;

	for (size_t i = 0; i < history.n; i++) {
		struct series *s = history.all[i];

		s->seen = false;
		for (uint64_t t = from; t <= tick; t++)
			*sample_at(s, t) = UNREAD;
		if (missed)
			s->count = BMC_UNKNOWN;
		if (history.sizes.means && group_of(tick) > group_of(history.tick))
			close_groups(s, group_of(history.tick), group_of(tick));
	}
	history.tick = tick;
}

void bmc_history_sample(int64_t now)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	uint64_t tick = (uint64_t)(now / history.sizes.interval);

	if (!s || tick <= history.tick)
		return;
	(void)pthread_mutex_lock(&history.lock);
	skip_to(tick);
	for (size_t k = 0; k < BMC_N_KINDS; k++) {
		const struct bmc_row *const *rows;
		size_t n = bmc_snapshot_rows(s, (enum bmc_kind)k, &rows);

		if (!bmc_kind_is((enum bmc_kind)k, BMC_KIND_HARDWARE))
			continue;
		for (size_t i = 0; i < n; i++)
			sample_row(rows[i], bmc_kind((enum bmc_kind)k));
	}
	drop_unseen();
	(void)pthread_mutex_unlock(&history.lock);
}

static void due(void *arg)
{
	int64_t now = bmc_now();

	(void)arg;
	bmc_history_sample(now);
	history.timer = bmc_timer_new(
		(now / history.sizes.interval + 1) * history.sizes.interval, due, NULL);
}

/* ---- reading ---- */

static int64_t interval_of(bool means)
{
	return history.sizes.interval * (means ? (int64_t)history.every : 1);
}

static uint64_t newest_of(bool means)
{
	return means ? group_of(history.tick) - 1 : history.tick;
}

/* How many of a series there are. */
static size_t extent(const struct series *s, bool means)
{
	if (!means)
		return (size_t)MIN(history.tick - s->first + 1,
				   (uint64_t)history.sizes.samples);
	return (size_t)MIN(newest_of(true) + 1 - group_of(s->first),
			   (uint64_t)history.sizes.means);
}

size_t bmc_history_read(uint32_t handle, const struct bmc_field *f, bool means,
			struct bmc_history_values *ret)
{
	const struct bmc_kind_desc *kind = bmc_kind(BMC_HANDLE_KIND(handle));
	struct series *s = NULL;
	uint64_t newest = 0;

	ret->n = 0;
	(void)pthread_mutex_lock(&history.lock);
	if (kind && f >= kind->fields && f < kind->fields + kind->n_fields)
		s = find(handle, (uint32_t)(f - kind->fields));
	if (s && (!means || history.sizes.means)) {
		newest = newest_of(means);
		ret->n = MIN(extent(s, means), (size_t)BMC_HISTORY_MAX);
		ret->interval = interval_of(means);
		ret->last = (int64_t)newest * ret->interval;
	}
	for (size_t i = 0; i < ret->n; i++) {
		uint64_t at = newest - ret->n + 1 + i;
		int32_t v = means ? *mean_at(s, at) : *sample_at(s, at);
		ret->values[i] = v == UNREAD ? BMC_UNKNOWN : v * step_of(f);
	}
	(void)pthread_mutex_unlock(&history.lock);
	return ret->n;
}

int64_t bmc_history_newest(bool means, int64_t *ret_interval)
{
	(void)pthread_mutex_lock(&history.lock);
	bool any = history.sizes.samples && history.tick &&
		   (!means || history.sizes.means);
	int64_t at = any ? (int64_t)newest_of(means) * interval_of(means) : BMC_UNKNOWN;
	*ret_interval = any ? interval_of(means) : 0;
	(void)pthread_mutex_unlock(&history.lock);
	return at;
}

size_t bmc_history_bytes(void)
{
	(void)pthread_mutex_lock(&history.lock);
	size_t bytes = history.n * series_bytes();
	(void)pthread_mutex_unlock(&history.lock);
	return bytes;
}

/* ---- start and end ---- */

int bmc_history_init(const struct bmc_history_sizes *sizes, struct bmc_error *err)
{
	int64_t every = (sizes->mean_interval + sizes->interval / 2) / sizes->interval;

	history.sizes = *sizes;
	history.full = false;
	history.every = (uint64_t)MAX(every, 1);
	if (sizes->samples == 0)
		return BMC_OK;
	history.timer = bmc_timer_new(bmc_now(), due, NULL);
	return history.timer ? BMC_OK
			     : bmc_fail(err, BMC_ENOMEM, "history: out of memory");
}

void bmc_history_done(void)
{
	history.timer = bmc_timer_cancel(history.timer);
	(void)pthread_mutex_lock(&history.lock);
	for (size_t i = 0; i < history.n; i++)
		free(history.all[i]);
	free(history.all);
	history.all = NULL;
	history.n = history.size = history.sizes.samples = 0;
	history.tick = 0;
	(void)pthread_mutex_unlock(&history.lock);
}

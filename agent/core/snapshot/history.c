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
	uint32_t field; /* position in the kind's table           */
	uint64_t first; /* tick of its first sample               */
	bool seen;      /* in this pass                           */
	int32_t ring[]; /* the sample of tick t is at t % samples */
};

_Static_assert(sizeof(struct series) + sizeof(void *) <= BMC_HISTORY_SERIES,
	       "BMC_HISTORY_SERIES is too small");

static struct {
	pthread_mutex_t lock;
	size_t samples, n, size;
	int64_t interval, last_time;
	uint64_t tick;       /* of the newest samples; 0: none yet */
	struct series **all; /* ordered by handle, then field */
	struct bmc_timer *timer;
} history = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- rings; locked ---- */

static size_t series_bytes(void)
{
	return BMC_HISTORY_SERIES + history.samples * sizeof(int32_t);
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
		log_limited(LOG_WARNING, "history: full, some readings have none");
		return NULL;
	}
	s = make_room() ? malloc(sizeof(*s) + history.samples * sizeof(s->ring[0]))
			: NULL;
	if (!s)
		return NULL;
	*s = (struct series){ .handle = handle, .field = field, .first = history.tick };
	for (size_t i = 0; i < history.samples; i++)
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

/* In 32 bits: thousandths of what is measured stay below two million of it. */
static int32_t sample_of(int64_t value)
{
	if (value == BMC_UNKNOWN)
		return UNREAD;
	return (int32_t)MAX(MIN(value, (int64_t)INT32_MAX), (int64_t)INT32_MIN + 1);
}

static void sample_row(const struct bmc_row *row, const struct bmc_kind_desc *kind)
{
	for (uint32_t i = 0; i < kind->n_fields; i++) {
		struct series *s;
		int32_t value;

		if (!(kind->fields[i].flags & BMC_HISTORY))
			continue;
		value = sample_of(bmc_field_num(row, &kind->fields[i]));
		s = find(row->handle, i);
		if (!s && value != UNREAD)
			s = add(row->handle, i);
		if (!s)
			continue;
		s->ring[history.tick % history.samples] = value;
		s->seen = true;
	}
}

/* Ticks that were missed (the machine slept) have no values. */
static void skip_to(uint64_t tick)
{
	uint64_t from = MAX(history.tick + 1,
			    tick >= history.samples ? tick - history.samples + 1 : 0);

	for (size_t i = 0; i < history.n; i++) {
		history.all[i]->seen = false;
		for (uint64_t t = from; t <= tick; t++)
			history.all[i]->ring[t % history.samples] = UNREAD;
	}
	history.tick = tick;
}

void bmc_history_sample(int64_t now)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	uint64_t tick = (uint64_t)(now / history.interval);

	if (!s || tick <= history.tick)
		return;
	(void)pthread_mutex_lock(&history.lock);
	skip_to(tick);
	history.last_time = (int64_t)tick * history.interval;
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
	history.timer = bmc_timer_new((now / history.interval + 1) * history.interval,
				      due, NULL);
}

/* ---- reading ---- */

size_t bmc_history_read(uint32_t handle, const struct bmc_field *f, int64_t *ret_values,
			size_t max, int64_t *ret_last, int64_t *ret_interval)
{
	const struct bmc_kind_desc *kind = bmc_kind(BMC_HANDLE_KIND(handle));
	const struct series *s = NULL;
	size_t n = 0;

	(void)pthread_mutex_lock(&history.lock);
	if (kind && f >= kind->fields && f < kind->fields + kind->n_fields)
		s = find(handle, (uint32_t)(f - kind->fields));
	if (s) {
		uint64_t have = history.tick - s->first + 1;

		n = (size_t)MIN(MIN(have, (uint64_t)history.samples), (uint64_t)max);
		*ret_last = history.last_time;
		*ret_interval = history.interval;
	}
	for (size_t i = 0; i < n; i++) {
		int32_t v = s->ring[(history.tick - n + 1 + i) % history.samples];
		ret_values[i] = v == UNREAD ? BMC_UNKNOWN : v;
	}
	(void)pthread_mutex_unlock(&history.lock);
	return n;
}

size_t bmc_history_bytes(void)
{
	(void)pthread_mutex_lock(&history.lock);
	size_t bytes = history.n * series_bytes();
	(void)pthread_mutex_unlock(&history.lock);
	return bytes;
}

/* ---- start and end ---- */

int bmc_history_init(size_t samples, int64_t interval_ms, struct bmc_error *err)
{
	history.samples = samples;
	history.interval = interval_ms;
	if (samples == 0)
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
	history.n = history.size = history.samples = 0;
	history.tick = 0;
	(void)pthread_mutex_unlock(&history.lock);
}

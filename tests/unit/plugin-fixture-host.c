// SPDX-License-Identifier: Apache-2.0
/* The test host's operations. It keeps rows by applying puts to structs, as the
 * inventory does, and stands in for the helper by writing levels to the pin bank. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "plugin-fixture-own.h"

struct bmc_host plugin_fixture_host;

/* ---- rows ---- */

static struct reported *find(const struct fixture *r, enum bmc_kind kind,
			     const char *id)
{
	for (size_t i = 0; i < r->n_rows; i++) {
		const struct reported *t = &r->rows[i];

		if (t->kind == kind && strcmp(t->id, id) == 0)
			return (struct reported *)(uintptr_t)t;
	}
	return NULL;
}

static struct reported *add(struct fixture *r, enum bmc_kind kind, const char *id)
{
	const struct bmc_kind_desc *d = bmc_kind(kind);
	struct reported *t = &r->rows[r->n_rows++];

	assert_true(r->n_rows < MAX_ROWS);
	t->kind = kind;
	(void)snprintf(t->id, sizeof(t->id), "%s", id);
	t->row = calloc(1, d->size);
	for (size_t i = 0; i < d->n_fields; i++) {
		const struct bmc_field *f = &d->fields[i];

		if (f->type != BMC_TEXT && f->type != BMC_ENUM &&
		    f->size == sizeof(int64_t))
			*(int64_t *)(void *)((char *)t->row + f->offset) = BMC_UNKNOWN;
	}
	return t;
}

void plugin_fixture_apply(enum bmc_kind kind, void *row, const struct bmc_value *v)
{
	const struct bmc_kind_desc *d = bmc_kind(kind);

	for (size_t i = 0; i < d->n_fields; i++) {
		const struct bmc_field *f = &d->fields[i];
		char *at = (char *)row + f->offset;

		if (f->offset != v->offset)
			continue;
		if (f->type == BMC_TEXT) {
			assert_true(!v->text || strlen(v->text) < f->size);
			(void)snprintf(at, f->size, "%s", v->text ? v->text : "");
		} else {
			memcpy(at, &v->num, sizeof(v->num));
		}
		return;
	}
	fail_msg("put of an offset that is no field of %s", d->name);
}

/* A source puts no derived field. */
static void apply(struct reported *t, const struct bmc_value *v)
{
	const struct bmc_kind_desc *d = bmc_kind(t->kind);

	for (size_t i = 0; i < d->n_fields; i++)
		assert_false(d->fields[i].offset == v->offset &&
			     d->fields[i].flags & BMC_DERIVED);
	plugin_fixture_apply(t->kind, t->row, v);
}

static int put_part(struct bmc_host *h, enum bmc_kind kind, const char *id,
		    enum bmc_kind parent_kind, const char *parent,
		    const struct bmc_value *values, size_t n)
{
	struct fixture *r = h->fixture;
	struct reported *t;

	(void)parent_kind;
	assert_in_range(n, 1, 64);
	pthread_mutex_lock(&r->lock);
	r->puts++;
	if (r->refuse) {
		r->refuse--;
		pthread_mutex_unlock(&r->lock);
		return BMC_EAGAIN;
	}
	t = find(r, kind, id);
	if (!t)
		t = add(r, kind, id);
	if (parent)
		(void)snprintf(t->parent, sizeof(t->parent), "%s", parent);
	for (size_t i = 0; i < n; i++)
		apply(t, &values[i]);
	pthread_mutex_unlock(&r->lock);
	return BMC_OK;
}

static int put(struct bmc_host *h, enum bmc_kind kind, const char *id,
	       const struct bmc_value *values, size_t n)
{
	return put_part(h, kind, id, BMC_CHASSIS, NULL, values, n);
}

static int gone(struct bmc_host *h, enum bmc_kind kind, const char *id)
{
	struct fixture *r = h->fixture;
	struct reported *t;

	pthread_mutex_lock(&r->lock);
	t = find(r, kind, id);
	if (t) {
		free(t->row);
		*t = r->rows[--r->n_rows];
	}
	pthread_mutex_unlock(&r->lock);
	return t ? BMC_OK : BMC_ENOTFOUND;
}

const void *fixture_row(const struct fixture *r, enum bmc_kind kind, const char *id)
{
	const struct reported *t = find(r, kind, id);

	return t ? t->row : NULL;
}

const char *fixture_parent(const struct fixture *r, enum bmc_kind kind, const char *id)
{
	const struct reported *t = find(r, kind, id);

	return t ? t->parent : "";
}

size_t fixture_rows(const struct fixture *r, enum bmc_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_rows; i++)
		n += r->rows[i].kind == kind;
	return n;
}

size_t fixture_puts(const struct fixture *r)
{
	return r->puts;
}

void fixture_refuse(struct fixture *r, size_t n)
{
	r->refuse = n;
}

/* ---- the host's other operations ---- */

static void log_line(struct bmc_host *h, int priority, const char *fmt, ...)
{
	struct fixture *r = h->fixture;
	va_list args;

	(void)priority;
	pthread_mutex_lock(&r->lock);
	va_start(args, fmt);
	(void)vsnprintf(r->log[r->n_log++ % FIXTURE_LOG], sizeof(r->log[0]), fmt, args);
	va_end(args);
	pthread_mutex_unlock(&r->lock);
}

bool fixture_logged(struct fixture *r, const char *part)
{
	bool found = false;

	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < r->n_log && i < FIXTURE_LOG; i++)
		found |= strstr(r->log[i], part) != NULL;
	pthread_mutex_unlock(&r->lock);
	return found;
}

void fixture_log_clear(struct fixture *r)
{
	pthread_mutex_lock(&r->lock);
	r->n_log = 0;
	pthread_mutex_unlock(&r->lock);
}

static int64_t real_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t now(void)
{
	const struct fixture *r = plugin_fixture_host.fixture;

	return (r->stopped ? r->stopped : real_time()) + r->offset;
}

void fixture_stop_clock(struct fixture *r)
{
	r->stopped = real_time();
}

void fixture_advance(struct fixture *r, int64_t ms)
{
	r->offset += ms;
}

static const char *name(const struct bmc_host *h)
{
	return h->fixture->conf.plugin->name;
}

static int platform(const struct bmc_host *h, enum bmc_kind kind,
		    int (*each)(void *arg, const char *id, const uint32_t index[2],
				const struct bmc_conf *conf),
		    void *arg)
{
	const struct bmc_platform *p = h->fixture->platform;

	for (size_t i = p->first[kind]; i < p->first[kind + 1]; i++) {
		const struct bmc_slot *s = &p->slots[i];
		int code = each(arg, s->id, s->index, s->conf);

		if (code)
			return code;
	}
	return 0;
}

static void wake(struct bmc_host *h)
{
	const uint64_t one = 1;

	(void)!write(h->fixture->woken, &one, sizeof(one));
}

static int serve_wait(struct bmc_host *h, int fd, short events, int64_t ms)
{
	struct pollfd fds[] = { { .fd = h->fixture->stop, .events = POLLIN },
				{ .fd = h->fixture->woken, .events = POLLIN },
				{ .fd = fd, .events = events } };
	uint64_t n;

	(void)poll(fds, 3, (int)ms);
	if (fds[0].revents)
		return BMC_ECANCELED;
	if (fds[1].revents)
		(void)!read(h->fixture->woken, &n, sizeof(n));
	return fds[2].revents;
}

static int stop_fd(const struct bmc_host *h)
{
	return h->fixture->stop;
}

static const char *call_id(const struct bmc_call *j)
{
	return j->id;
}

static enum bmc_kind call_kind(const struct bmc_call *j)
{
	return j->kind;
}

static int64_t deadline(const struct bmc_call *j)
{
	return j->deadline;
}

static bool cancelled(const struct bmc_call *j)
{
	const struct fixture *r = j->fixture;

	return now() >= j->deadline || (r->cancel_at && r->told.beats >= r->cancel_at);
}

void fixture_sleep_really(struct fixture *r, unsigned times)
{
	r->sleeps = times;
}

/* Time passes by moving the clock, and a real millisecond so that others may run. */
static int call_sleep(struct bmc_call *j, int64_t ms)
{
	unsigned times = j->fixture->sleeps;

	usleep((useconds_t)(times ? ms * times : 1) * 1000);
	j->fixture->offset += times ? 0 : ms;
	return now() >= j->deadline ? BMC_ETIMEDOUT : BMC_OK;
}

static void progress(struct bmc_call *j, int64_t millipercent)
{
	(void)j;
	(void)millipercent;
}

/* ---- pins, as the helper's simulator driver writes them ---- */

static int write_pin(struct fixture *r, const char *board, enum bmc_pin pin,
		     bool active)
{
	static const char *const words[] = { "power", "reset", "locator" };
	const struct bmc_slot *s = bmc_platform_slot(r->platform, BMC_BOARD, board);
	const struct bmc_pin_desc *d = s ? &s->pins[pin] : NULL;
	struct bmc_trace_entry e = { .what = BMC_TRACE_PIN };
	uint8_t level;

	if (!d || !d->exists)
		return BMC_ENOTSUP;
	level = active != d->active_low;
	if (atomic_exchange(&r->bank->level[d->chip][d->line], level) == level)
		return BMC_OK;
	e.chip = (uint16_t)d->chip;
	e.line = (uint16_t)d->line;
	e.level = level;
	(void)snprintf(e.board, sizeof(e.board), "%s", board);
	(void)snprintf(e.text, sizeof(e.text), "%s", words[pin]);
	(void)bmc_pinbank_trace(r->bank, &e);
	return BMC_OK;
}

static int pin_set(struct bmc_call *j, enum bmc_pin pin, bool active,
		   struct bmc_error *err)
{
	int code = write_pin(j->fixture, j->id, pin, active);

	return code < 0 ? bmc_fail(err, code, "%s: no such pin", j->id) : code;
}

static int pin_pulse(struct bmc_call *j, enum bmc_pin pin, struct bmc_error *err)
{
	int code = pin_set(j, pin, true, err);

	return code < 0 ? code : pin_set(j, pin, false, err);
}

static int pin_read(struct bmc_host *h, const char *board, enum bmc_pin pin,
		    struct bmc_error *err)
{
	const struct bmc_slot *s =
		bmc_platform_slot(h->fixture->platform, BMC_BOARD, board);
	const struct bmc_pin_desc *d = s ? &s->pins[pin] : NULL;

	if (!d || !d->exists)
		return bmc_fail(err, BMC_ENOTSUP, "%s: no such pin", board);
	return atomic_load(&h->fixture->bank->level[d->chip][d->line]) != d->active_low;
}

static int smart(struct bmc_host *h, unsigned dev_major, unsigned dev_minor,
		 struct bmc_smart *ret, struct bmc_error *err)
{
	if (!h->fixture->smart)
		return bmc_fail(err, BMC_ENOTSUP, "%u:%u has no SMART", dev_major,
				dev_minor);
	*ret = *h->fixture->smart;
	return BMC_OK;
}

static int pin_place(const struct bmc_host *h, const char *board, enum bmc_pin pin,
		     struct bmc_pin_place *ret)
{
	const struct bmc_slot *s =
		bmc_platform_slot(h->fixture->platform, BMC_BOARD, board);

	if (!s || !s->pins[pin].exists)
		return BMC_ENOTFOUND;
	*ret = (struct bmc_pin_place){ s->pins[pin].chip, s->pins[pin].line,
				       s->pins[pin].active_low };
	return BMC_OK;
}

struct bmc_host_ops plugin_fixture_ops = {
	.abi = BMC_ABI,
	.size = sizeof(plugin_fixture_ops),
	.put = put,
	.put_part = put_part,
	.gone = gone,
	.log = log_line,
	.now = now,
	.name = name,
	.platform = platform,
	.wake = wake,
	.target_id = call_id,
	.target_kind = call_kind,
	.deadline = deadline,
	.cancelled = cancelled,
	.sleep = call_sleep,
	.progress = progress,
	.pin_set = pin_set,
	.pin_pulse = pin_pulse,
	.pin_read = pin_read,
	.smart = smart,
	.kind = bmc_kind,
	.pin_place = pin_place,
	.wait = serve_wait,
	.stop_fd = stop_fd,
};

void plugin_fixture_forget(struct fixture *r)
{
	for (size_t i = 0; i < r->n_rows; i++)
		free(r->rows[i].row);
	r->n_rows = 0;
}

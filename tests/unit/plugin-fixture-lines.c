// SPDX-License-Identifier: Apache-2.0
/* The test host's lines: levels in the pin bank as the helper writes them, edges that a
 * test scripts, presses, and the rows that are published. Time is the fixture's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugin-fixture-own.h"

static struct fixture *self(void)
{
	return plugin_fixture_host.fixture;
}

static const struct bmc_line *find(const char *id)
{
	const struct bmc_platform *p = self()->platform;
	int64_t ordinal = bmc_platform_line(p, id);

	return ordinal < 0 ? NULL : &p->lines[ordinal];
}

static int op_lines(const struct bmc_host *h,
		    int (*each)(void *arg, const char *line, const char *parent,
				bool input, const struct bmc_conf *conf),
		    void *arg)
{
	const struct bmc_platform *p = h->fixture->platform;
	int code = 0;

	for (size_t i = 0; i < p->n_lines && code == 0; i++) {
		const struct bmc_line *l = &p->lines[i];

		if (!l->slot)
			code = each(arg, l->id, l->parent, l->input, l->conf);
	}
	return code;
}

static int op_set(struct bmc_host *h, const char *id, bool active,
		  struct bmc_error *err)
{
	struct fixture *r = h->fixture;
	const struct bmc_line *l = find(id);
	struct fixture_line_set *s = &r->sets[r->n_sets];

	assert_non_null(l);
	assert_false(l->input || l->slot);
	assert_true(r->n_sets < MAX_LINE_SETS);
	r->n_sets++;
	(void)snprintf(s->line, sizeof(s->line), "%s", id);
	s->active = active;
	s->at = plugin_fixture_ops.now();
	if (r->line_fails)
		return bmc_fail(err, BMC_EIO, "%s: told to fail", id);
	atomic_store(&r->bank->level[l->chip][l->line], active != l->active_low);
	return BMC_OK;
}

static int op_read(struct bmc_host *h, const char *id, struct bmc_error *err)
{
	const struct bmc_line *l = find(id);

	if (h->fixture->line_fails)
		return bmc_fail(err, BMC_EIO, "%s: told to fail", id);
	return (atomic_load(&h->fixture->bank->level[l->chip][l->line]) != 0) !=
	       l->active_low;
}

static void advance(struct fixture *r, int64_t to)
{
	int64_t now = plugin_fixture_ops.now();

	r->offset += to > now ? to - now : 0;
}

static int op_edge(struct bmc_host *h, struct bmc_line_edge *ret, int64_t ms)
{
	struct fixture *r = h->fixture;
	int64_t now = plugin_fixture_ops.now(), until = r->serve_until;
	const struct scripted_edge *e = &r->edges[r->next_edge];

	if (now >= r->serve_until)
		return BMC_ECANCELED;
	if (ms >= 0 && now + ms < until)
		until = now + ms;
	if (r->next_edge < r->n_edges && e->due <= until) {
		advance(r, e->due);
		*ret = e->edge;
		r->next_edge++;
		return 1;
	}
	advance(r, until);
	return 0;
}

static int op_press(struct bmc_host *h, const char *line, enum bmc_press what)
{
	assert_non_null(find(line));
	h->fixture->presses[what]++;
	return BMC_OK;
}

static int op_published(const struct bmc_host *h, enum bmc_kind kind,
			int (*each)(void *arg, const struct bmc_row *row), void *arg)
{
	const struct fixture *r = h->fixture;
	int code = 0;

	for (size_t i = 0; i < r->n_published && code == 0; i++) {
		if (r->published[i].kind == kind)
			code = each(arg, r->published[i].row);
	}
	return code;
}

static bool op_alive(const struct bmc_host *h)
{
	return !h->fixture->dead;
}

void fixture_daemon(struct fixture *r, bool works)
{
	r->dead = !works;
}

void plugin_fixture_line_ops(struct bmc_host_ops *ops)
{
	ops->lines = op_lines;
	ops->line_set = op_set;
	ops->line_read = op_read;
	ops->edge = op_edge;
	ops->press = op_press;
	ops->published = op_published;
	ops->daemon_alive = op_alive;
}

/* ---- what tests do ---- */

static void add_edge(struct fixture *r, const char *line, bool active, bool resync,
		     int64_t at, int64_t late)
{
	struct scripted_edge *e = &r->edges[r->n_edges];

	assert_true(r->n_edges < MAX_EDGES - 1);
	r->n_edges++;
	(void)snprintf(e->edge.line, sizeof(e->edge.line), "%s", line);
	e->edge.active = active;
	e->edge.resync = resync;
	e->edge.at = at * 1000;
	e->due = at + late;
}

void fixture_edge(struct fixture *r, const char *line, bool active, int64_t at,
		  int64_t late)
{
	add_edge(r, line, active, false, at, late);
}

void fixture_resync(struct fixture *r, const char *line, bool active, int64_t at)
{
	add_edge(r, line, active, true, at, 0);
}

static void *published_row(struct fixture *r, enum bmc_kind kind, const char *id)
{
	struct reported *t = r->published;
	struct bmc_row *row;

	for (; t < r->published + r->n_published; t++) {
		if (t->kind == kind && strcmp(t->id, id) == 0)
			return t->row;
	}
	assert_true(r->n_published < MAX_EDGES);
	r->n_published++;
	t->kind = kind;
	(void)snprintf(t->id, sizeof(t->id), "%s", id);
	t->row = row = calloc(1, bmc_kind(kind)->size);
	row->kind = (uint16_t)kind;
	(void)snprintf(row->id, sizeof(row->id), "%s", id);
	return row;
}

void fixture_publish(struct fixture *r, enum bmc_kind kind, const char *id,
		     enum bmc_health health, const struct bmc_value *values, size_t n)
{
	struct bmc_row *row = published_row(r, kind, id);

	row->health = row->own_health = (uint16_t)health;
	for (size_t i = 0; i < n; i++)
		plugin_fixture_apply(kind, row, &values[i]);
}

void plugin_fixture_unpublish(struct fixture *r)
{
	for (size_t i = 0; i < r->n_published; i++)
		free(r->published[i].row);
	r->n_published = 0;
}

const struct fixture_line_set *fixture_line_set(const struct fixture *r, size_t n)
{
	return n < r->n_sets ? &r->sets[n] : NULL;
}

size_t fixture_line_sets(const struct fixture *r)
{
	return r->n_sets;
}

void fixture_line_fails(struct fixture *r, bool fails)
{
	r->line_fails = fails;
}

unsigned fixture_presses(const struct fixture *r, enum bmc_press what)
{
	return r->presses[what];
}

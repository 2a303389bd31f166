// SPDX-License-Identifier: Apache-2.0
/* What of a row was reported to the core, and what has to be next. Used by everything
 * in the simulator that has a value, under the simulator's lock. */
#include "row.h"

#include <stdio.h>
#include <stdlib.h>

static void include(struct sim_fields *f, size_t i)
{
	f->word[i / 64] |= (uint64_t)1 << i % 64;
}

static bool includes(const struct sim_fields *f, size_t i)
{
	return f->word[i / 64] >> i % 64 & 1;
}

static bool is_text(const struct bmc_field *f)
{
	return f->type == BMC_TEXT;
}

/* Only these can be reported; the common ones of a row are derived or references. */
static bool is_ours(const struct bmc_field *f)
{
	return !(f->flags & BMC_DERIVED) && f->type != BMC_REF &&
	       f->offset >= sizeof(struct bmc_row) &&
	       (is_text(f) || f->size == sizeof(int64_t));
}

static int64_t *number_at(void *row, const struct bmc_field *f)
{
	return (int64_t *)(void *)((char *)row + f->offset);
}

static char *text_at(void *row, const struct bmc_field *f)
{
	return (char *)row + f->offset;
}

static void forget(const struct bmc_kind_desc *d, void *row)
{
	memset(row, 0, d->size);
	for (size_t i = 0; i < d->n_fields; i++) {
		const struct bmc_field *f = &d->fields[i];

		if (is_ours(f) && !is_text(f) && f->type != BMC_ENUM)
			*number_at(row, f) = BMC_UNKNOWN;
	}
}

struct sim_row *sim_row_new(const struct sim_reporter *t, enum bmc_kind kind,
			    const char *id, const struct bmc_conf *conf)
{
	const struct bmc_kind_desc *d = t->ops->kind(kind);
	struct sim_row *r;

	if (strlen(id) >= BMC_ID_MAX || d->n_fields > SIM_FIELDS_MAX)
		return NULL;
	r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->kind = kind;
	memcpy(r->id, id, strlen(id) + 1);
	r->desc = d;
	r->conf = conf;
	r->was_gone = true;
	r->now = malloc(d->size);
	r->reported = malloc(d->size);
	if (!r->now || !r->reported)
		return sim_row_free(r);
	forget(d, r->now);
	forget(d, r->reported);
	for (size_t i = 0; i < d->n_fields; i++) {
		if (bmc_conf_text(conf, d->fields[i].name, NULL))
			include(&r->given, i);
	}
	return r;
}

struct sim_row *sim_row_free(struct sim_row *r)
{
	if (!r)
		return NULL;
	sim_row_unpin(r);
	free(r->now);
	free(r->reported);
	free(r);
	return NULL;
}

void sim_row_parent(struct sim_row *r, enum bmc_kind kind, const char *id)
{
	r->parent_kind = kind;
	(void)snprintf(r->parent, sizeof(r->parent), "%s", id);
}

const struct bmc_field *sim_row_field(const struct sim_row *r, const char *name)
{
	for (size_t i = 0; i < r->desc->n_fields; i++) {
		if (strcmp(r->desc->fields[i].name, name) == 0)
			return &r->desc->fields[i];
	}
	return NULL;
}

void sim_row_slow(struct sim_row *r, size_t offset)
{
	for (size_t i = 0; i < r->desc->n_fields; i++) {
		if (r->desc->fields[i].offset == offset)
			include(&r->slow, i);
	}
}

int64_t sim_row_reported(const struct sim_row *r, size_t offset)
{
	int64_t n;

	memcpy(&n, (const char *)r->reported + offset, sizeof(n));
	return n;
}

static struct sim_pin_value *find_pinned(const struct sim_row *r,
					 const struct bmc_field *f)
{
	struct sim_pin_value *p = r->pinned;

	while (p && p->field != f)
		p = p->next;
	return p;
}

bool sim_row_taken(const struct sim_row *r)
{
	const struct bmc_field *f = sim_row_field(r, "present");
	const struct sim_pin_value *p = f ? find_pinned(r, f) : NULL;

	return p && p->num == 0;
}

int sim_row_pin(struct sim_row *r, const struct bmc_field *f, int64_t num,
		const char *text)
{
	struct sim_pin_value *p = find_pinned(r, f);

	if (!p) {
		p = calloc(1, sizeof(*p));
		if (!p)
			return BMC_ENOMEM;
		p->field = f;
		p->next = r->pinned;
		r->pinned = p;
	}
	p->num = num;
	(void)snprintf(p->text, sizeof(p->text), "%s", text ? text : "");
	return BMC_OK;
}

void sim_row_unpin(struct sim_row *r)
{
	struct sim_pin_value *next;

	for (struct sim_pin_value *p = r->pinned; p; p = next) {
		next = p->next;
		free(p);
	}
	r->pinned = NULL;
}

/* ---- reporting ---- */

/* The values one put carries, and the fields they are of. */
struct batch {
	struct bmc_value values[SIM_FIELDS_MAX];
	const struct bmc_field *fields[SIM_FIELDS_MAX];
	size_t n;
};

static bool is_present_field(const struct bmc_field *f)
{
	return strcmp(f->name, "present") == 0;
}

/* The value to be shown: pinned, or none of a part that is away, or the model's.
 */
static struct bmc_value wanted(struct sim_row *r, const struct bmc_field *f, bool away)
{
	const struct sim_pin_value *p = find_pinned(r, f);
	struct bmc_value v = { .offset = f->offset };

	if (p) {
		v.num = p->num;
		v.text = is_text(f) ? p->text : NULL;
	} else if (is_text(f)) {
		v.text = away ? "" : text_at(r->now, f);
	} else if (away) {
		v.num = f->type == BMC_ENUM || is_present_field(f) ? 0 : BMC_UNKNOWN;
	} else {
		v.num = *number_at(r->now, f);
	}
	return v;
}

static bool is_unknown(const struct bmc_field *f, const struct bmc_value *v)
{
	if (is_text(f))
		return !*v->text;
	return v->num == (f->type == BMC_ENUM ? 0 : BMC_UNKNOWN);
}

static bool was_reported(const struct sim_row *r, const struct bmc_field *f,
			 const struct bmc_value *v)
{
	if (is_text(f))
		return strcmp(text_at(r->reported, f), v->text) == 0;
	return *number_at(r->reported, f) == v->num;
}

static void collect(struct sim_row *r, enum sim_report how, bool all, struct batch *b)
{
	bool away = r->absent || sim_row_taken(r);

	for (size_t i = 0; i < r->desc->n_fields; i++) {
		const struct bmc_field *f = &r->desc->fields[i];
		struct bmc_value v;
		bool reported;

		if (b->n == BMC_PUT_MAX)
			break; /* the rest is reported at the next tick */
		if (!is_ours(f) || (includes(&r->given, i) && !find_pinned(r, f)))
			continue;
		v = wanted(r, f, away);
		reported = was_reported(r, f, &v);
		/* What the probe read is reported again by the probe only: else values
		 * of a board that does not answer would look fresh. */
		if (reported &&
		    (!all || (includes(&r->slow, i) && how != SIM_REPORT_ALL)))
			continue;
		if (reported && is_unknown(f, &v))
			continue;
		b->fields[b->n] = f;
		b->values[b->n++] = v;
	}
}

static void remember(struct sim_row *r, const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct bmc_field *f = b->fields[i];

		if (is_text(f))
			(void)snprintf(text_at(r->reported, f), f->size, "%s",
				       b->values[i].text);
		else
			*number_at(r->reported, f) = b->values[i].num;
	}
}

static int put(const struct sim_row *r, const struct sim_reporter *t,
	       const struct batch *b)
{
	if (!r->parent[0])
		return t->ops->put(t->host, r->kind, r->id, b->values, b->n);
	return t->ops->put_part(t->host, r->kind, r->id, r->parent_kind, r->parent,
				b->values, b->n);
}

static int report_gone(struct sim_row *r, const struct sim_reporter *t)
{
	int e = r->was_gone ? BMC_OK : t->ops->gone(t->host, r->kind, r->id);

	if (e == BMC_EAGAIN)
		return e;
	r->was_gone = true;
	forget(r->desc, r->reported);
	return BMC_OK;
}

int sim_row_report(struct sim_row *r, const struct sim_reporter *t, enum sim_report how)
{
	int64_t now = t->ops->now();
	bool all = how == SIM_REPORT_ALL || now >= r->report_again;
	struct batch b = { .n = 0 };
	int e;

	if (r->gone || r->taken)
		return report_gone(r, t);
	collect(r, how, all, &b);
	if (b.n == 0)
		return BMC_OK;
	e = put(r, t, &b);
	if (e < 0)
		return e;
	r->was_gone = false;
	if (all)
		r->report_again = now + t->refresh;
	remember(r, &b);
	return BMC_OK;
}

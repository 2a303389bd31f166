// SPDX-License-Identifier: Apache-2.0
/* The platform file's lines that have a role: what each is about, and presence. */
#include <stdio.h>
#include <stdlib.h>

#include "gpio.h"

/* ---- what a line is about ---- */

static int same_id(void *arg, const char *id, const uint32_t index[2],
		   const struct bmc_conf *conf)
{
	(void)index;
	(void)conf;
	return strcmp(arg, id) == 0;
}

static size_t present_of(const struct bmc_kind_desc *d)
{
	for (size_t i = 0; i < d->n_fields; i++) {
		if (strcmp(d->fields[i].name, "present") == 0)
			return d->fields[i].offset;
	}
	return 0;
}

/* Ids are unique in a platform file, whatever their kind. */
static bool find_target(const struct gpio *g, const char *text, size_t len,
			struct gpio_target *ret)
{
	(void)snprintf(ret->id, sizeof(ret->id), "%.*s", (int)len, text);
	for (int k = 0; k < BMC_N_KINDS; k++) {
		const struct bmc_kind_desc *d = g->ops->kind((enum bmc_kind)k);

		if (!d || !(d->flags & BMC_KIND_SLOT) ||
		    !g->ops->platform(g->host, (enum bmc_kind)k, same_id, ret->id))
			continue;
		ret->kind = (enum bmc_kind)k;
		ret->present = present_of(d);
		return true;
	}
	return false;
}

static int add_targets(const struct gpio *g, struct gpio_line *l, const char *list)
{
	l->targets = calloc(strlen(list) / 2 + 1, sizeof(*l->targets));
	if (!l->targets)
		return BMC_ENOMEM;
	while (*(list += strspn(list, ", "))) {
		size_t len = strcspn(list, ", ");

		l->n_targets += find_target(g, list, len, &l->targets[l->n_targets]);
		list += len;
	}
	return BMC_OK;
}

bool gpio_line_is_about(const struct gpio_line *l, enum bmc_kind kind, const char *id)
{
	for (size_t i = 0; i < l->n_targets; i++) {
		if (l->targets[i].kind == kind && strcmp(l->targets[i].id, id) == 0)
			return true;
	}
	return false;
}

/* ---- finding them ---- */

static int count_line(void *arg, const char *line, const char *parent, bool input,
		      const struct bmc_conf *conf)
{
	(void)line;
	(void)parent;
	(void)input;
	(void)conf;
	++*(size_t *)arg;
	return 0;
}

static int add_line(void *arg, const char *line, const char *parent, bool input,
		    const struct bmc_conf *conf)
{
	struct gpio *g = arg;
	struct gpio_line *l = &g->lines[g->n_lines];

	l->role = (enum bmc_line_role)bmc_conf_num(conf, "role", BMC_LINE_NONE);
	if (l->role == BMC_LINE_NONE)
		return 0;
	g->n_lines++;
	(void)snprintf(l->id, sizeof(l->id), "%s", line);
	l->input = input;
	l->debounce = bmc_conf_num(conf, "debounce", 0);
	l->active = l->driven = BMC_UNKNOWN;
	return add_targets(g, l, bmc_conf_text(conf, "about", parent));
}

int gpio_lines_find(struct gpio *g, struct bmc_error *err)
{
	size_t n = 0;

	(void)g->ops->lines(g->host, count_line, &n);
	g->lines = calloc(n + 1, sizeof(*g->lines));
	if (!g->lines || g->ops->lines(g->host, add_line, g) < 0)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	return BMC_OK;
}

void gpio_lines_free(struct gpio *g)
{
	for (size_t i = 0; i < g->n_lines; i++)
		free(g->lines[i].targets);
	free(g->lines);
}

struct gpio_line *gpio_line(struct gpio *g, const char *id)
{
	for (size_t i = 0; i < g->n_lines; i++) {
		if (strcmp(g->lines[i].id, id) == 0)
			return &g->lines[i];
	}
	return NULL;
}

/* ---- presence ---- */

void gpio_present_put(struct gpio *g, const struct gpio_line *l)
{
	int64_t active;

	(void)pthread_mutex_lock(&g->lock);
	active = l->active;
	(void)pthread_mutex_unlock(&g->lock);
	for (size_t i = 0; i < l->n_targets; i++) {
		const struct gpio_target *t = &l->targets[i];
		struct bmc_value v = { .offset = t->present, .num = active };

		if (t->present)
			(void)g->ops->put(g->host, t->kind, t->id, &v, 1);
	}
}

static void read_line(struct gpio *g, struct gpio_line *l)
{
	struct bmc_error err = { 0 };
	int active = g->ops->line_read(g->host, l->id, &err);

	(void)pthread_mutex_lock(&g->lock);
	if (l->active == BMC_UNKNOWN && active >= 0)
		l->active = active;
	(void)pthread_mutex_unlock(&g->lock);
}

void gpio_present_poll(struct gpio *g)
{
	for (size_t i = 0; i < g->n_lines; i++) {
		struct gpio_line *l = &g->lines[i];

		if (l->role != BMC_LINE_PRESENCE)
			continue;
		if (l->active == BMC_UNKNOWN)
			read_line(g, l);
		gpio_present_put(g, l);
	}
}

// SPDX-License-Identifier: Apache-2.0
/* The buttons: how long one was held is taken from its edges' own times, so a busy
 * machine does not turn a short press into a long one. What a press does is the core's
 * to say. */
#include "gpio.h"

/* After POWER was held for `forced` its release may still be on the way with a time
 * before that: the helper's debounce and what the edge takes to get here. */
#define LATE_MS 200

static bool is_button(const struct gpio_line *l)
{
	return l->role >= BMC_LINE_BUTTON_POWER && l->role <= BMC_LINE_BUTTON_UID;
}

static void press(struct gpio *g, const struct gpio_line *l, enum bmc_press what)
{
	int code = g->ops->press(g->host, l->id, what);

	if (code < 0)
		g->ops->log(g->host, 4 /* warning */,
			    "%s was pressed, but nothing came of it: %s", l->id,
			    bmc_strerror(code));
}

static void pressed(struct gpio *g, struct gpio_line *l, int64_t at)
{
	l->down = true;
	l->spent = l->role != BMC_LINE_BUTTON_POWER;
	l->pressed = at;
	if (l->role == BMC_LINE_BUTTON_RESTART)
		press(g, l, BMC_PRESS_RESTART);
	else if (l->role == BMC_LINE_BUTTON_UID)
		press(g, l, BMC_PRESS_LOCATOR);
}

static void released(struct gpio *g, struct gpio_line *l, int64_t at)
{
	int64_t held = at - l->pressed; /* us */
	bool spent = l->spent;

	l->down = false;
	if (spent)
		return;
	if (held >= g->forced * 1000)
		press(g, l, BMC_PRESS_POWER_FORCED);
	else if (held >= g->graceful * 1000)
		press(g, l, BMC_PRESS_POWER_HELD);
	else
		press(g, l, BMC_PRESS_POWER);
}

/* A level that was read says nothing of when: a button that is down at the start was
 * not pressed, and one whose release got lost does nothing. */
void gpio_button_edge(struct gpio *g, struct gpio_line *l,
		      const struct bmc_line_edge *edge)
{
	if (edge->resync)
		l->down = l->down && edge->active;
	else if (edge->active && !l->down)
		pressed(g, l, edge->at);
	else if (!edge->active && l->down)
		released(g, l, edge->at);
}

int64_t gpio_buttons_due(struct gpio *g)
{
	int64_t now = g->ops->now(), next = -1;

	for (size_t i = 0; i < g->n_lines; i++) {
		struct gpio_line *l = &g->lines[i];
		int64_t due = l->pressed / 1000 + g->forced + l->debounce + LATE_MS;

		if (!is_button(l) || !l->down || l->spent)
			continue;
		if (now >= due) {
			l->spent = true;
			press(g, l, BMC_PRESS_POWER_FORCED);
		} else if (next < 0 || due - now < next) {
			next = due - now;
		}
	}
	return next;
}

bool gpio_button_prompts(const struct gpio *g, int64_t now, int64_t *ret_until)
{
	for (size_t i = 0; i < g->n_lines; i++) {
		const struct gpio_line *l = &g->lines[i];

		if (l->role != BMC_LINE_BUTTON_POWER || !l->down || l->spent)
			continue;
		*ret_until = (l->pressed + 999) / 1000 + g->graceful;
		if (now < *ret_until)
			return true;
	}
	return false;
}

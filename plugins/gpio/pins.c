// SPDX-License-Identifier: Apache-2.0
/* RESET, POWER and locator pins of boards: the verbs, and what the POWER line has. An
 * output changes by our verbs alone, so most polls repeat what is known; each line is
 * read again after a verb and now and then. */
#include <stdlib.h>

#include "gpio.h"

#define READ_AT_ONCE 8 /* lines that one poll reads again */

static int count_board(void *arg, const char *id, const uint32_t index[2],
		       const struct bmc_conf *conf)
{
	(void)id;
	(void)index;
	(void)conf;
	++*(size_t *)arg;
	return 0;
}

static int add_board(void *arg, const char *id, const uint32_t index[2],
		     const struct bmc_conf *conf)
{
	struct gpio *g = arg;
	struct bmc_pin_place place;
	struct gpio_pin *p = &g->pins[g->n_pins];

	(void)index;
	(void)conf;
	if (g->ops->pin_place(g->host, id, BMC_PIN_POWER, &place) < 0)
		return 0;
	(void)snprintf(p->board, sizeof(p->board), "%s", id);
	p->power = BMC_UNKNOWN;
	p->stale = true;
	g->n_pins++;
	return 0;
}

int gpio_pins_find(struct gpio *g, struct bmc_error *err)
{
	size_t n = 0;

	(void)g->ops->platform(g->host, BMC_BOARD, count_board, &n);
	g->pins = calloc(n + 1, sizeof(*g->pins));
	if (!g->pins)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	(void)g->ops->platform(g->host, BMC_BOARD, add_board, g);
	return BMC_OK;
}

/* ---- reading ---- */

static void read_pin(struct gpio *g, struct gpio_pin *p)
{
	struct bmc_error err = { 0 };
	int64_t known;
	int power;

	(void)pthread_mutex_lock(&g->lock);
	known = p->power;
	p->stale = false; /* before it is read: a verb meanwhile makes it so again */
	(void)pthread_mutex_unlock(&g->lock);
	power = g->ops->pin_read(g->host, p->board, BMC_PIN_POWER, &err);
	if (power < 0 && known != BMC_UNKNOWN)
		g->ops->log(g->host, 4 /* warning */, "%s: its power is unknown: %s",
			    p->board, err.what);
	(void)pthread_mutex_lock(&g->lock);
	p->power = power < 0 ? BMC_UNKNOWN : power;
	p->stale = p->stale || power < 0;
	(void)pthread_mutex_unlock(&g->lock);
}

static void put_pin(struct gpio *g, struct gpio_pin *p)
{
	int64_t power;

	(void)pthread_mutex_lock(&g->lock);
	power = p->power;
	(void)pthread_mutex_unlock(&g->lock);
	(void)g->ops->put(g->host, BMC_BOARD, p->board,
			  &BMC_NUM(bmc_board, power_pin, power), 1);
}

/* One line that can't be read costs a call each time; without a helper the first such
 * answer stands for all. */
void gpio_pins_poll(struct gpio *g)
{
	size_t again = g->cursor, n = g->n_pins;

	for (size_t i = 0; i < n; i++) {
		struct gpio_pin *p = &g->pins[i];
		bool turn = (i + n - again) % n < READ_AT_ONCE;

		if (p->stale || turn)
			read_pin(g, p);
		put_pin(g, p);
	}
	g->cursor = n ? (again + READ_AT_ONCE) % n : 0;
}

/* ---- verbs ---- */

static void read_soon(struct gpio *g, const char *board)
{
	(void)pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->n_pins; i++) {
		if (strcmp(g->pins[i].board, board) == 0)
			g->pins[i].stale = true;
	}
	(void)pthread_mutex_unlock(&g->lock);
	g->ops->wake(g->host);
}

static int verb_power(void *self, struct bmc_call *call, const struct bmc_args *args,
		      struct bmc_error *err)
{
	struct gpio *g = self;
	int code = g->ops->pin_set(call, BMC_PIN_POWER, args->num != 0, err);

	read_soon(g, g->ops->target_id(call));
	return code;
}

static int verb_reset(void *self, struct bmc_call *call, const struct bmc_args *args,
		      struct bmc_error *err)
{
	struct gpio *g = self;

	(void)args;
	return g->ops->pin_pulse(call, BMC_PIN_RESET, err);
}

/* A board's own pin, or the UID lights that are about the row. */
static int verb_locator(void *self, struct bmc_call *call, const struct bmc_args *args,
			struct bmc_error *err)
{
	struct gpio *g = self;
	const char *id = g->ops->target_id(call);
	enum bmc_kind kind = g->ops->target_kind(call);
	struct bmc_pin_place place;
	int code = BMC_ENOTSUP;

	if (kind == BMC_BOARD &&
	    g->ops->pin_place(g->host, id, BMC_PIN_LOCATOR, &place) == BMC_OK)
		return g->ops->pin_set(call, BMC_PIN_LOCATOR, args->num != 0, err);
	for (size_t i = 0; i < g->n_lines; i++) {
		const struct gpio_line *l = &g->lines[i];

		if (l->role != BMC_LINE_LED_UID || !gpio_line_is_about(l, kind, id))
			continue;
		code = g->ops->line_set(g->host, l->id, args->num != 0, err);
		if (code < 0)
			return code;
	}
	return code < 0 ? bmc_fail(err, code,
				   "%s has no locator light in the platform file", id)
			: code;
}

const struct bmc_verb gpio_verbs[] = {
	BMC_VERB("power", BMC_VERB_REPEATABLE | BMC_VERB_PINS, 3000, verb_power),
	/* a pulse takes up to 10 s */
	BMC_VERB("reset", BMC_VERB_PINS, 13000, verb_reset),
	BMC_VERB("locator", BMC_VERB_REPEATABLE | BMC_VERB_PINS, 3000, verb_locator),
	{ .name = NULL },
};

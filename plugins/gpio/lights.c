// SPDX-License-Identifier: Apache-2.0
/* LEDs and the buzzer: what is published of the rows that a light is about becomes a
 * pattern; patterns become levels. */
#include "gpio.h"

#define BLINK_MS 500
#define RETRY_MS 5000 /* a line that could not be set */

/* ---- what is published ---- */

static bool well(const struct bmc_row *row)
{
	return row->health == BMC_OK_HEALTH;
}

static bool ill(const struct bmc_row *row)
{
	return row->health == BMC_WARNING || row->health == BMC_CRITICAL;
}

static void count_part(struct gpio_count *c, const struct bmc_row *row, int64_t present)
{
	c->good += present != 0 && well(row);
	c->bad += present == 0 || ill(row);
}

static void count_nic(struct gpio_count *c, const struct bmc_nic *n)
{
	c->good += n->link == BMC_LINK_UP && !ill(&n->row);
	c->bad += n->link == BMC_LINK_DOWN || ill(&n->row);
}

/* Its system runs: good; it does something else: busy. */
static void count_board(struct gpio_count *c, const struct bmc_board *b,
			enum bmc_line_role role)
{
	bool runs = b->state == BMC_BOARD_ANDROID || b->state == BMC_BOARD_LINUX;

	if (role == BMC_LINE_LED_LAN) {
		c->good += runs && b->ip[0];
		return;
	}
	c->good += runs;
	c->busy +=
		!runs && b->state != BMC_BOARD_UNKNOWN && b->state != BMC_BOARD_OFFLINE;
}

static void count(struct gpio_line *l, const struct bmc_row *row)
{
	switch ((enum bmc_kind)row->kind) {
	case BMC_PSU:
		count_part(&l->count, row, ((const struct bmc_psu *)row)->present);
		break;
	case BMC_FAN:
		count_part(&l->count, row, ((const struct bmc_fan *)row)->present);
		break;
	case BMC_NIC:
		count_nic(&l->count, (const struct bmc_nic *)row);
		break;
	case BMC_BOARD:
		count_board(&l->count, (const struct bmc_board *)row, l->role);
		break;
	default:
		break;
	}
}

/* A light that is about the chassis is about all parts of its sort. */
static bool concerns(const struct gpio_line *l, const struct bmc_row *row)
{
	static const int kinds[] = {
		[BMC_LINE_LED_POWER] = BMC_PSU,   [BMC_LINE_LED_FAN] = BMC_FAN,
		[BMC_LINE_LED_FAN_BAD] = BMC_FAN, [BMC_LINE_LED_NET] = BMC_NIC,
		[BMC_LINE_LED_NET_BAD] = BMC_NIC, [BMC_LINE_LED_LAN] = BMC_BOARD,
		[BMC_LINE_LED_WORK] = BMC_BOARD,  [BMC_LINE_BUZZER] = BMC_FAN,
	};

	if (!kinds[l->role] || kinds[l->role] != row->kind)
		return false;
	if (l->n_targets == 1 && l->targets[0].kind == BMC_CHASSIS)
		return true;
	return gpio_line_is_about(l, (enum bmc_kind)row->kind, row->id);
}

static int see_row(void *arg, const struct bmc_row *row)
{
	struct gpio *g = arg;

	for (size_t i = 0; i < g->n_lines; i++) {
		if (!g->lines[i].input && concerns(&g->lines[i], row))
			count(&g->lines[i], row);
	}
	return 0;
}

/* The seed's rules: facts are in the README. */
static enum gpio_pattern pattern(const struct gpio *g, const struct gpio_line *l)
{
	const struct gpio_count *c = &l->count;

	switch (l->role) {
	case BMC_LINE_LED_BMC:
		return g->ops->daemon_alive(g->host) ? GPIO_ON : GPIO_OFF;
	case BMC_LINE_LED_POWER:
	case BMC_LINE_LED_FAN:
		return c->good && !c->bad ? GPIO_ON : GPIO_OFF;
	case BMC_LINE_LED_FAN_BAD:
		return c->bad ? GPIO_ON : GPIO_OFF;
	/* one port that is connected shows that the unit works */
	case BMC_LINE_LED_NET:
	case BMC_LINE_LED_LAN:
		return c->good ? GPIO_ON : GPIO_OFF;
	case BMC_LINE_LED_NET_BAD:
		return c->bad && !c->good ? GPIO_ON : GPIO_OFF;
	case BMC_LINE_LED_WORK:
		return c->good ? GPIO_ON : c->busy ? GPIO_BLINK : GPIO_OFF;
	case BMC_LINE_BUZZER:
		return g->alarm && c->bad ? GPIO_BEEP : GPIO_OFF;
	default:
		return GPIO_OFF;
	}
}

/* The UID lights are the verb `locator`'s alone. */
static bool is_light(const struct gpio_line *l)
{
	return !l->input && l->role != BMC_LINE_LED_UID;
}

static void count_all(struct gpio *g)
{
	static const enum bmc_kind kinds[] = { BMC_PSU, BMC_FAN, BMC_NIC, BMC_BOARD };

	for (size_t i = 0; i < g->n_lines; i++)
		g->lines[i].count = (struct gpio_count){ 0 };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		(void)g->ops->published(g->host, kinds[i], see_row, g);
}

bool gpio_lights_look(struct gpio *g)
{
	bool changed = false;

	count_all(g);
	for (size_t i = 0; i < g->n_lines; i++) {
		struct gpio_line *l = &g->lines[i];
		enum gpio_pattern want = is_light(l) ? pattern(g, l) : GPIO_OFF;

		if (!is_light(l))
			continue;
		(void)pthread_mutex_lock(&g->lock);
		changed = changed || want != l->want;
		if (want != l->want)
			l->since = g->ops->now();
		l->want = want;
		(void)pthread_mutex_unlock(&g->lock);
	}
	return changed;
}

/* ---- levels ---- */

/* Whether it is lit at a time since its pattern began, and for how long from then. */
static bool lit(const struct gpio *g, enum gpio_pattern want, int64_t since,
		int64_t *ret_next)
{
	int64_t on = want == GPIO_BLINK ? BLINK_MS : g->beep_on;
	int64_t off = want == GPIO_BLINK ? BLINK_MS : g->beep_off;
	int64_t at;

	*ret_next = -1;
	if (want <= GPIO_ON)
		return want == GPIO_ON;
	at = (since < 0 ? 0 : since) % (on + off);
	*ret_next = at < on ? on - at : on + off - at;
	return at < on;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* One line; returns when it is to be looked at again, -1: not by time. */
static int64_t drive(struct gpio *g, struct gpio_line *l, int64_t now)
{
	struct bmc_error err = { 0 };
	int64_t until = 0, next, driven, retry;
	bool on, keep;

	(void)pthread_mutex_lock(&g->lock);
	on = lit(g, l->want, now - l->since, &next);
	keep = l->want == GPIO_KEEP;
	driven = l->driven;
	retry = l->retry;
	(void)pthread_mutex_unlock(&g->lock);
	if (l->role == BMC_LINE_BUZZER && gpio_button_prompts(g, now, &until)) {
		on = true;
		next = until - now;
	} else if (keep) {
		return -1;
	}
	if (driven == (int64_t)on)
		return next;
	if (retry > now)
		return sooner(next, retry - now);
	int code = g->ops->line_set(g->host, l->id, on, &err);
	(void)pthread_mutex_lock(&g->lock);
	l->driven = code < 0 ? BMC_UNKNOWN : on;
	l->retry = code < 0 ? now + RETRY_MS : 0;
	(void)pthread_mutex_unlock(&g->lock);
	if (code >= 0)
		return next;
	if (!retry) /* once, not at each try */
		g->ops->log(g->host, 4 /* warning */, "%s can't be set: %s", l->id,
			    err.what);
	return sooner(next, RETRY_MS);
}

int64_t gpio_lights_drive(struct gpio *g)
{
	int64_t next = -1;

	for (size_t i = 0; i < g->n_lines; i++) {
		if (is_light(&g->lines[i]))
			next = sooner(next, drive(g, &g->lines[i], g->ops->now()));
	}
	return next;
}

void gpio_lights_quiet(struct gpio *g)
{
	for (size_t i = 0; i < g->n_lines; i++) {
		struct gpio_line *l = &g->lines[i];

		if (l->role != BMC_LINE_BUZZER || l->driven == 0)
			continue;
		if (g->ops->line_set(g->host, l->id, false, NULL) == BMC_OK)
			l->driven = 0;
	}
}

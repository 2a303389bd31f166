// SPDX-License-Identifier: Apache-2.0
/* What fan control sees: the rows that the core has published. Called by poll. */
#include <fnmatch.h>

#include "fancontrol.h"

/* ---- fans ---- */

struct looking {
	struct fancontrol *f;
	bool seen[FAN_FANS_MAX];
};

static int look_at_fan(void *arg, const struct bmc_row *row)
{
	const struct bmc_fan *fan = (const struct bmc_fan *)row;
	struct looking *l = arg;

	for (size_t i = 0; i < l->f->n_fans; i++) {
		struct fan_member *m = &l->f->fans[i];

		if (strcmp(m->id, row->id) != 0)
			continue;
		l->seen[i] = true;
		m->module = fan->module;
		m->failed = fan->rpm == BMC_UNKNOWN || fan->present == 0 ||
			    row->health == BMC_CRITICAL;
		m->manual =
			fan->mode == BMC_FAN_MANUAL && fan->target_duty != BMC_UNKNOWN
				? fan->target_duty
				: FAN_NONE;
		return 0;
	}
	return 0;
}

void fan_look_at_fans(struct fancontrol *f)
{
	struct looking l = { .f = f };

	(void)f->ops->published(f->host, BMC_FAN, look_at_fan, &l);
	for (size_t i = 0; i < f->n_fans; i++)
		f->fans[i].failed |= !l.seen[i];
}

/* ---- temperatures ---- */

struct temperatures {
	const struct fan_output *o;
	bool has_ambient, board_on;
	int64_t ambient, board, others; /* others: of boards that are not main */
	uint32_t handle;                /* of the board that is looked for */
	bool is_main, cooled;
};

static int64_t hotter(int64_t a, int64_t b)
{
	return a > b ? a : b; /* unknown is the lowest number */
}

static int is_cooled(void *arg, const struct bmc_row *row)
{
	struct temperatures *t = arg;

	if (row->handle != t->handle)
		return 0;
	t->cooled = fnmatch(t->o->boards, row->id, 0) == 0;
	t->is_main = ((const struct bmc_board *)row)->is_main == 1;
	return 1;
}

static void take_board(struct temperatures *t, int64_t temperature, bool is_main)
{
	t->board = hotter(t->board, temperature);
	if (!is_main)
		t->others = hotter(t->others, temperature);
}

static int look_at_board(void *arg, const struct bmc_row *row)
{
	const struct bmc_board *b = (const struct bmc_board *)row;
	struct temperatures *t = arg;

	if (fnmatch(t->o->boards, row->id, 0) != 0)
		return 0;
	t->board_on |= b->is_main != 1 && b->power_state == BMC_POWER_ON;
	take_board(t, hotter(b->soc_temperature, b->gpu_temperature), b->is_main == 1);
	return 0;
}

struct sensors {
	const struct fancontrol *f;
	struct temperatures *t;
};

static int look_at_sensor(void *arg, const struct bmc_row *row)
{
	const struct bmc_sensor *s = (const struct bmc_sensor *)row;
	const struct sensors *w = arg;
	struct temperatures *t = w->t;

	if (s->type != BMC_SENSOR_TEMPERATURE)
		return 0;
	if (s->context == BMC_CONTEXT_INTAKE) {
		t->has_ambient = true;
		t->ambient = hotter(t->ambient, s->value);
	} else if (BMC_HANDLE_KIND(row->parent) == BMC_BOARD &&
		   s->value != BMC_UNKNOWN) {
		t->handle = row->parent;
		t->cooled = false;
		(void)w->f->ops->published(w->f->host, BMC_BOARD, is_cooled, t);
		if (t->cooled)
			take_board(t, s->value, t->is_main);
	}
	return 0;
}

/* Blind: an intake that is not read, boards that are on and none is read, nothing at
 * all. */
void fan_look_at_temperatures(const struct fancontrol *f, const struct fan_output *o,
			      struct fan_zone_input *ret)
{
	struct temperatures t = {
		.o = o, .ambient = FAN_NONE, .board = FAN_NONE, .others = FAN_NONE
	};
	struct sensors w = { .f = f, .t = &t };

	(void)f->ops->published(f->host, BMC_BOARD, look_at_board, &t);
	(void)f->ops->published(f->host, BMC_SENSOR, look_at_sensor, &w);
	ret->ambient = t.ambient;
	ret->board = t.board;
	ret->blind = (t.has_ambient && t.ambient == FAN_NONE) ||
		     (t.board_on && t.others == FAN_NONE) ||
		     (t.ambient == FAN_NONE && t.board == FAN_NONE);
}

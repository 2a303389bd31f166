// SPDX-License-Identifier: Apache-2.0
/* What happens as time passes: pins and requests reach the boards, boards live,
 * readings are taken a few at a time. Everything here runs under the simulator's lock.
 */
#include "sim.h"

#define READING_MS 1000
#define LONG_AGO   1 /* before anything in the ring */

static bool is_line(const struct bmc_pin_place *p, bool has, const struct sim_trace *e)
{
	return has && p->chip == e->chip && p->line == e->line;
}

static void pin_changed(struct sim_board *b, const struct sim_trace *e, int64_t at)
{
	if (is_line(&b->power, b->has_power, e))
		sim_board_power(&b->model, (e->level != 0) != b->power.active_low, at);
	if (is_line(&b->reset, b->has_reset, e))
		sim_board_reset(&b->model, (e->level != 0) != b->reset.active_low, at);
}

/* Requests as verbs.c records them. */
static void requested(struct sim_board *b, const struct sim_trace *e, int64_t at)
{
	if (!e->level)
		return; /* the board never heard of it */
	if (strcmp(e->text, "loader reset") == 0)
		sim_board_leave(&b->model, at);
	else if (strcmp(e->text, "shutdown") == 0)
		(void)sim_board_shutdown(&b->model, at);
	else
		(void)sim_board_restart(&b->model, e->line ? e->line : BMC_USB_NONE,
					at);
}

struct follow {
	struct sim *sim;
	int64_t now;
	bool replay; /* entries count from their own time: the agent was not there */
};

static void each_entry(void *arg, const struct sim_trace *e)
{
	const struct follow *f = arg;
	struct sim_board *b = sim_find_board(f->sim, e->board);
	int64_t at = e->usec / 1000;

	if (!b)
		return;
	if (!f->replay || at > f->now || at < LONG_AGO)
		at = f->now; /* also what is from before this machine's start */
	if (e->what == BMC_TRACE_PIN)
		pin_changed(b, e, at);
	else if (e->what == BMC_TRACE_ADB)
		requested(b, e, at);
}

/* Pins as they are, whatever the ring says. A board without a POWER pin has power. */
static void read_levels(struct sim *s, int64_t now)
{
	for (size_t i = 0; i < s->n_boards; i++) {
		struct sim_board *b = &s->boards[i];
		const struct bmc_pin_place *p = &b->power, *r = &b->reset;

		if (b->has_power)
			sim_board_power(&b->model,
					sim_pins_level(&s->pins, p->chip, p->line) !=
						p->active_low,
					now);
		if (b->has_reset)
			sim_board_reset(&b->model,
					sim_pins_level(&s->pins, r->chip, r->line) !=
						r->active_low,
					now);
	}
}

static bool differs(const struct sim_seen *a, const struct sim_seen *b)
{
	return a->power != b->power || a->phase != b->phase || a->usb != b->usb ||
	       a->adb != b->adb || a->os != b->os;
}

static void live(struct sim *s, struct sim_board *b, int64_t now)
{
	struct sim_seen seen;

	if (b->model.present != sim_board_is_in(b))
		sim_board_present(&b->model, sim_board_is_in(b), now);
	sim_board_step(&b->model, now);
	seen = sim_board_seen(&b->model, now);
	if (!b->shown || differs(&seen, &b->seen) ||
	    b->row->absent == sim_board_is_in(b))
		sim_board_show(s, b, now);
}

/* Each board once a second, spread over the second. */
static void read_due(struct sim *s, int64_t now)
{
	int64_t n = (int64_t)s->n_boards;
	int64_t due = (now - s->started_at) * n / READING_MS;

	if (due - s->reads > n)
		s->reads = due - n;
	for (; s->reads < due; s->reads++) {
		struct sim_board *b = &s->boards[s->reads % n];

		sim_board_read(s, b, now);
		sim_board_show(s, b, now);
	}
	if (now - s->chassis_at >= READING_MS)
		sim_chassis_read(s, now);
}

void sim_tick(struct sim *s, int64_t now)
{
	struct follow f = { s, now, false };

	if (!sim_pins_follow(&s->pins, now, each_entry, &f))
		read_levels(s, now);
	for (size_t i = 0; i < s->n_boards; i++)
		live(s, &s->boards[i], now);
	read_due(s, now);
}

/* Lines of a bank in which nothing has happened: all boards have power. */
static void preset_pins(struct sim *s)
{
	for (size_t i = 0; i < s->n_boards; i++) {
		const struct sim_board *b = &s->boards[i];

		if (b->has_power)
			sim_pins_preset(&s->pins, b->power.chip, b->power.line,
					!b->power.active_low);
		if (b->has_reset)
			sim_pins_preset(&s->pins, b->reset.chip, b->reset.line,
					b->reset.active_low);
	}
}

/* The chassis was switched on then: all boards began to boot. */
static void switch_on(struct sim *s, int64_t at)
{
	for (size_t i = 0; i < s->n_boards; i++) {
		sim_board_power(&s->boards[i].model, false, at);
		sim_board_power(&s->boards[i].model, true, at);
	}
}

void sim_start(struct sim *s, bool is_new, int64_t now)
{
	struct follow f = { s, now, true };

	s->started_at = s->chassis_at = now - READING_MS; /* all is due at once */
	if (s->on_at <= 0 || s->on_at > now)
		s->on_at = is_new ? now : 0;
	if (is_new)
		preset_pins(s);
	if (s->on_at)
		switch_on(s, s->on_at);
	(void)sim_pins_follow(&s->pins, now, each_entry, &f);
	read_levels(s, now);
	for (size_t i = 0; i < s->n_boards; i++)
		s->boards[i].read_at = now;
	sim_keep(s);
}

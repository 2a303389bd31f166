// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>
#include <string.h>

#include "bmc/plugin.h"

/* Inside the plugin gpio: the pins of boards (pins.c), and the lines that the platform
 * file gives a role: what they are about (lines.c), LEDs and buzzer (lights.c), buttons
 * (buttons.c). All lines are the root helper's; here is what they mean. */

/* A row that a line is about. */
struct gpio_target {
	enum bmc_kind kind;
	char id[BMC_ID_MAX];
	size_t present; /* offset of the kind's field `present`; 0: it has none */
};

/* What a light or the buzzer does; KEEP: nothing has been looked at yet. */
enum gpio_pattern { GPIO_KEEP, GPIO_OFF, GPIO_ON, GPIO_BLINK, GPIO_BEEP };

/* What is published of a light's targets, counted anew at each look. */
struct gpio_count {
	unsigned good, bad, busy;
};

struct gpio_line {
	char id[2 * BMC_ID_MAX];
	enum bmc_line_role role;
	bool input;
	int64_t debounce; /* ms */
	struct gpio_target *targets;
	size_t n_targets;
	/* an input: BMC_UNKNOWN, 0 or 1 */
	int64_t active;
	/* an output */
	enum gpio_pattern want;
	struct gpio_count count;
	int64_t since;  /* ms: when the pattern began  */
	int64_t retry;  /* ms: not driven before, as it failed */
	int64_t driven; /* what was set: BMC_UNKNOWN, 0 or 1   */
	/* a button */
	bool down, spent; /* spent: what it is held for was reported already */
	int64_t pressed;  /* us of CLOCK_BOOTTIME */
};

/* A board with a POWER pin. */
struct gpio_pin {
	char board[BMC_ID_MAX];
	int64_t power; /* as read: BMC_UNKNOWN, 0 or 1 */
	bool stale;    /* is to be read at the next poll */
};

struct gpio {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	bool alarm;                /* the buzzer sounds for a fan */
	int64_t beep_on, beep_off; /* ms */
	int64_t graceful, forced;  /* ms: how long POWER is held */
	struct gpio_pin *pins;
	size_t n_pins, cursor;
	struct gpio_line *lines;
	size_t n_lines;
	pthread_mutex_t lock; /* of pins' and lines' states */
};

/* ---- pins.c ---- */

extern const struct bmc_verb gpio_verbs[];
int gpio_pins_find(struct gpio *g, struct bmc_error *err);
/** Reads and puts `power_pin` of the boards; the poll's thread. */
void gpio_pins_poll(struct gpio *g);

/* ---- lines.c ---- */

int gpio_lines_find(struct gpio *g, struct bmc_error *err);
void gpio_lines_free(struct gpio *g);
struct gpio_line *gpio_line(struct gpio *g, const char *id);
bool gpio_line_is_about(const struct gpio_line *l, enum bmc_kind kind, const char *id);
/** Puts `present` of what a presence line is about. */
void gpio_present_put(struct gpio *g, const struct gpio_line *l);
/** Puts all of them, after reading those that are not known; the poll's thread. */
void gpio_present_poll(struct gpio *g);

/* ---- lights.c ---- */

/** Works out from what is published what each light and the buzzer is to do; true: that
 * has changed for one of them. The poll's thread. */
bool gpio_lights_look(struct gpio *g);
/** Drives what is not as it is to be now, and returns in how many milliseconds that
 * will be so again, -1: not by time. The serving thread. */
int64_t gpio_lights_drive(struct gpio *g);
/** Nothing sounds any more. The serving thread. */
void gpio_lights_quiet(struct gpio *g);

/* ---- buttons.c ---- */

/** The serving thread. */
void gpio_button_edge(struct gpio *g, struct gpio_line *l,
		      const struct bmc_line_edge *edge);
/** Reports a button that is held for long enough, and returns in how many milliseconds
 * that may be so for the next, -1: for none. The serving thread. */
int64_t gpio_buttons_due(struct gpio *g);
/** Whether the prompt sounds: POWER is held, and not for long enough yet. Sets
 * `ret_until` (ms) then. */
bool gpio_button_prompts(const struct gpio *g, int64_t now, int64_t *ret_until);

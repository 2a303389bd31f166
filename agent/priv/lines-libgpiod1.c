// SPDX-License-Identifier: Apache-2.0
// Lines of real GPIO chips through libgpiod 1.6 (Debian 12). A line is first requested
// as it is to learn its level and then as an output of that level, so that taking it
// over after a restart moves nothing.
#include <errno.h>
#include <gpiod.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/base/util.h"
#include "priv/lines-driver.h"

#define CONSUMER "clusterbmc"

#define MAX_EDGES 64u /* that one look takes; the kernel keeps 16 of each line */

struct libgpiod {
	struct gpiod_chip *chip;
	const char *name;
	int epoll;
	uint32_t position;          /* of the chip: the data of its events */
	struct gpiod_line **inputs; /* those whose edges are requested */
	size_t n_inputs, turn;
};

static int take_output(struct gpiod_line *line)
{
	const struct gpiod_line_request_config as_is = {
		.consumer = CONSUMER,
		.request_type = GPIOD_LINE_REQUEST_DIRECTION_AS_IS,
	};

	if (gpiod_line_request(line, &as_is, 0) < 0)
		return -errno;
	int level = gpiod_line_get_value(line);
	gpiod_line_release(line);
	if (level < 0 || gpiod_line_request_output(line, CONSUMER, level) < 0)
		return -errno;
	return 0;
}

static int take_input(struct libgpiod *g, struct gpiod_line *line)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = g->position };

	if (gpiod_line_request_both_edges_events(line, CONSUMER) < 0)
		return -errno;
	int fd = gpiod_line_event_get_fd(line);
	if (fd < 0 || epoll_ctl(g->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
		int e = errno;
		gpiod_line_release(line);
		return -e;
	}
	g->inputs[g->n_inputs++] = line;
	return 0;
}

static int libgpiod_take(void *self, const struct bmc_line *d, uint32_t *ret_offset,
			 struct bmc_error *err)
{
	struct libgpiod *g = self;
	struct gpiod_line *line = d->line_name
					  ? gpiod_chip_find_line(g->chip, d->line_name)
					  : gpiod_chip_get_line(g->chip, d->line);

	if (!line)
		return bmc_fail(err, BMC_ENOTFOUND,
				"gpio chip %s has no such line: see gpioinfo", g->name);
	int r = d->input ? take_input(g, line) : take_output(line);
	if (r < 0)
		return bmc_fail(err, bmc_from_errno(-r),
				"gpio chip %s line %u can't be taken: %s; see gpioinfo",
				g->name, gpiod_line_offset(line), strerror(-r));
	*ret_offset = gpiod_line_offset(line);
	return 0;
}

static int open_chip(struct libgpiod *g, const char *name)
{
	g->name = name;
	g->chip = gpiod_chip_open_by_name(name);
	if (!g->chip)
		g->chip = gpiod_chip_open_by_label(name);
	return g->chip ? 0 : -1;
}

static void libgpiod_close(void *self)
{
	struct libgpiod *g = self;

	gpiod_chip_close(g->chip);
	free(g->inputs);
	free(g);
}

static int libgpiod_open(const struct priv_chip_conf *conf, void **ret_self,
			 struct bmc_error *err)
{
	const struct bmc_chip *chip = &conf->platform->chips[conf->chip];
	struct libgpiod *g = calloc(1, sizeof(*g));

	if (!g)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	g->epoll = conf->epoll;
	g->position = conf->chip;
	g->inputs = calloc(conf->platform->n_lines + 1, sizeof(struct gpiod_line *));
	if (!g->inputs || open_chip(g, chip->name) < 0) {
		free(g->inputs);
		free(g);
		return bmc_fail(err, BMC_ENOTFOUND,
				"gpio chip %s: no such name or label: see gpiodetect",
				chip->name);
	}
	*ret_self = g;
	return 0;
}

static int libgpiod_set(void *self, uint32_t offset, int level, struct bmc_error *err)
{
	const struct libgpiod *g = self;
	struct gpiod_line *line = gpiod_chip_get_line(g->chip, offset);

	if (line && gpiod_line_set_value(line, level) == 0)
		return 0;
	return bmc_fail(err, BMC_EIO, "gpio chip %s line %u: %s", g->name, offset,
			strerror(errno));
}

static int libgpiod_get(void *self, uint32_t offset, struct bmc_error *err)
{
	const struct libgpiod *g = self;
	struct gpiod_line *line = gpiod_chip_get_line(g->chip, offset);
	int level = line ? gpiod_line_get_value(line) : -1;

	if (level >= 0)
		return level;
	return bmc_fail(err, BMC_EIO, "gpio chip %s line %u: %s", g->name, offset,
			strerror(errno));
}

/* The kernel's time is CLOCK_MONOTONIC since Linux 5.7 and was the wall clock before:
 * the time of the look serves for all. */
static bool take_edge(struct gpiod_line *line, priv_edge_fn *each, void *arg)
{
	const struct timespec at_once = { 0 };
	struct gpiod_line_event event;

	if (gpiod_line_event_wait(line, &at_once) != 1 ||
	    gpiod_line_event_read(line, &event) < 0)
		return false;
	each(arg, gpiod_line_offset(line),
	     event.event_type == GPIOD_LINE_EVENT_RISING_EDGE, priv_now_us());
	return true;
}

/* Begins where the last look ended, so that a line that chatters starves no other. */
static void libgpiod_edges(void *self, priv_edge_fn *each, void *arg)
{
	struct libgpiod *g = self;
	unsigned taken = 0;

	for (size_t i = 0; i < g->n_inputs && taken < MAX_EDGES; i++) {
		struct gpiod_line *line = g->inputs[g->turn++ % g->n_inputs];
		for (unsigned n = 0; n < 16 && take_edge(line, each, arg); n++)
			taken++;
	}
}

const struct priv_line_driver priv_lines_libgpiod = {
	.name = "libgpiod",
	.open = libgpiod_open,
	.take = libgpiod_take,
	.set = libgpiod_set,
	.get = libgpiod_get,
	.edges = libgpiod_edges,
	.close = libgpiod_close,
};

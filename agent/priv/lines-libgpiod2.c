// SPDX-License-Identifier: Apache-2.0
// Lines of real GPIO chips through libgpiod 2.x: the same as lines-libgpiod1.c. All
// outputs of a chip are one request, first as they are and then as outputs of the
// levels that were read; all inputs are another one, with edges.
#include <dirent.h>
#include <errno.h>
#include <gpiod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/base/util.h"
#include "priv/lines-driver.h"

#define MAX_LINES 512u
#define MAX_EDGES 64u /* that one look takes */

struct libgpiod {
	struct gpiod_chip *chip;
	struct gpiod_line_request *request; /* outputs */
	struct gpiod_line_request *inputs;
	struct gpiod_edge_event_buffer *events;
	const char *name;
	unsigned input_offsets[MAX_LINES];
	size_t n_inputs;
	unsigned offsets[MAX_LINES];
	enum gpiod_line_value levels[MAX_LINES];
	size_t n;
};

static int collect_line(void *arg, const struct bmc_line *d)
{
	struct libgpiod *g = arg;

	if (g->n == MAX_LINES || g->n_inputs == MAX_LINES)
		return -ENOSPC;
	if (d->input)
		g->input_offsets[g->n_inputs++] = d->line;
	else
		g->offsets[g->n++] = d->line;
	return 0;
}

static bool is_called(struct gpiod_chip *chip, const char *name)
{
	struct gpiod_chip_info *info = gpiod_chip_get_info(chip);
	bool same = info && (strcmp(gpiod_chip_info_get_name(info), name) == 0 ||
			     strcmp(gpiod_chip_info_get_label(info), name) == 0);

	if (info)
		gpiod_chip_info_free(info);
	return same;
}

static struct gpiod_chip *find_chip(const char *name)
{
	struct gpiod_chip *chip = NULL;
	const struct dirent *e;
	char path[300];
	DIR *dir = opendir("/dev");

	while (dir && !chip && (e = readdir(dir))) {
		(void)snprintf(path, sizeof(path), "/dev/%s", e->d_name);
		if (strncmp(e->d_name, "gpiochip", 8) != 0 ||
		    !gpiod_is_gpiochip_device(path))
			continue;
		chip = gpiod_chip_open(path);
		if (chip && !is_called(chip, name)) {
			gpiod_chip_close(chip);
			chip = NULL;
		}
	}
	if (dir)
		(void)closedir(dir);
	return chip;
}

/* Adds each line with its direction and, for outputs, the level in g->levels. */
static int fill_config(const struct libgpiod *g, struct gpiod_line_config *lines,
		       enum gpiod_line_direction direction)
{
	struct gpiod_line_settings *one = gpiod_line_settings_new();
	int r = one ? gpiod_line_settings_set_direction(one, direction) : -1;

	for (size_t i = 0; r == 0 && i < g->n; i++) {
		if (direction == GPIOD_LINE_DIRECTION_OUTPUT)
			r = gpiod_line_settings_set_output_value(one, g->levels[i]);
		if (r == 0)
			r = gpiod_line_config_add_line_settings(lines, &g->offsets[i],
								1, one);
	}
	gpiod_line_settings_free(one);
	return r;
}

static struct gpiod_line_request *request_lines(const struct libgpiod *g,
						enum gpiod_line_direction direction)
{
	struct gpiod_line_config *lines = gpiod_line_config_new();
	struct gpiod_request_config *who = gpiod_request_config_new();
	struct gpiod_line_request *request = NULL;

	if (who)
		gpiod_request_config_set_consumer(who, "clusterbmc");
	if (lines && who && fill_config(g, lines, direction) == 0)
		request = gpiod_chip_request_lines(g->chip, who, lines);
	gpiod_request_config_free(who);
	gpiod_line_config_free(lines);
	return request;
}

static int take_lines(struct libgpiod *g)
{
	struct gpiod_line_request *as_is = request_lines(g, GPIOD_LINE_DIRECTION_AS_IS);

	if (!as_is)
		return -1;
	int r = gpiod_line_request_get_values(as_is, g->levels);
	gpiod_line_request_release(as_is);
	if (r == 0)
		g->request = request_lines(g, GPIOD_LINE_DIRECTION_OUTPUT);
	return g->request ? 0 : -1;
}

static int take_inputs(struct libgpiod *g)
{
	struct gpiod_line_config *lines = gpiod_line_config_new();
	struct gpiod_line_settings *one = gpiod_line_settings_new();
	struct gpiod_request_config *who = gpiod_request_config_new();

	g->events = gpiod_edge_event_buffer_new(MAX_EDGES);
	if (who)
		gpiod_request_config_set_consumer(who, "clusterbmc");
	if (lines && one && who && g->events &&
	    gpiod_line_settings_set_direction(one, GPIOD_LINE_DIRECTION_INPUT) == 0 &&
	    gpiod_line_settings_set_edge_detection(one, GPIOD_LINE_EDGE_BOTH) == 0 &&
	    gpiod_line_config_add_line_settings(lines, g->input_offsets, g->n_inputs,
						one) == 0)
		g->inputs = gpiod_chip_request_lines(g->chip, who, lines);
	gpiod_request_config_free(who);
	gpiod_line_settings_free(one);
	gpiod_line_config_free(lines);
	return g->inputs ? 0 : -1;
}

static struct gpiod_line_request *request_of(const struct libgpiod *g, uint32_t offset)
{
	for (size_t i = 0; i < g->n_inputs; i++) {
		if (g->input_offsets[i] == offset)
			return g->inputs;
	}
	return g->request;
}

static void libgpiod_close(void *self)
{
	struct libgpiod *g = self;

	if (g->request)
		gpiod_line_request_release(g->request);
	if (g->inputs)
		gpiod_line_request_release(g->inputs);
	gpiod_edge_event_buffer_free(g->events);
	gpiod_chip_close(g->chip);
	free(g);
}

static int libgpiod_open(const struct priv_chip_conf *conf, void **ret_self,
			 struct bmc_error *err)
{
	const struct bmc_chip *chip = &conf->platform->chips[conf->chip];
	struct libgpiod *g = calloc(1, sizeof(*g));

	if (!g)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	g->name = chip->name;
	g->chip = find_chip(chip->name);
	if (!g->chip) {
		free(g);
		return bmc_fail(err, BMC_ENOTFOUND,
				"gpio chip %s: no such name or label: see gpiodetect",
				chip->name);
	}
	int r = priv_chip_lines(conf->platform, conf->chip, collect_line, g);
	if (r < 0)
		errno = -r;
	if (r < 0 || (g->n > 0 && take_lines(g) < 0) ||
	    (g->n_inputs > 0 && take_inputs(g) < 0)) {
		int e = errno;
		libgpiod_close(g);
		return bmc_fail(
			err, bmc_from_errno(e),
			"gpio chip %s: its lines can't be taken: %s; see gpioinfo",
			chip->name, strerror(e));
	}
	*ret_self = g;
	return 0;
}

static int libgpiod_set(void *self, uint32_t offset, int level, struct bmc_error *err)
{
	const struct libgpiod *g = self;

	if (g->request &&
	    gpiod_line_request_set_value(g->request, offset,
					 level ? GPIOD_LINE_VALUE_ACTIVE
					       : GPIOD_LINE_VALUE_INACTIVE) == 0)
		return 0;
	return bmc_fail(err, BMC_EIO, "gpio chip %s line %u: %s", g->name, offset,
			strerror(errno));
}

static int libgpiod_get(void *self, uint32_t offset, struct bmc_error *err)
{
	const struct libgpiod *g = self;
	struct gpiod_line_request *request = request_of(g, offset);
	enum gpiod_line_value v =
		request ? gpiod_line_request_get_value(request, offset)
			: GPIOD_LINE_VALUE_ERROR;

	if (v != GPIOD_LINE_VALUE_ERROR)
		return v == GPIOD_LINE_VALUE_ACTIVE;
	return bmc_fail(err, BMC_EIO, "gpio chip %s line %u: %s", g->name, offset,
			strerror(errno));
}

static int libgpiod_watch(void *self, int epoll, uint64_t data)
{
	const struct libgpiod *g = self;
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = data };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, gpiod_line_request_get_fd(g->inputs),
			 &event) < 0
		       ? -errno
		       : 0;
}

static void libgpiod_edges(void *self, priv_edge_fn *each, void *arg)
{
	const struct libgpiod *g = self;

	if (gpiod_line_request_wait_edge_events(g->inputs, 0) != 1)
		return;
	int n = gpiod_line_request_read_edge_events(g->inputs, g->events, MAX_EDGES);
	for (int i = 0; i < n; i++) {
		struct gpiod_edge_event *e =
			gpiod_edge_event_buffer_get_event(g->events, (unsigned long)i);
		each(arg, gpiod_edge_event_get_line_offset(e),
		     gpiod_edge_event_get_event_type(e) == GPIOD_EDGE_EVENT_RISING_EDGE,
		     priv_now_us());
	}
}

const struct priv_line_driver priv_lines_libgpiod = {
	.name = "libgpiod",
	.open = libgpiod_open,
	.set = libgpiod_set,
	.get = libgpiod_get,
	.watch = libgpiod_watch,
	.edges = libgpiod_edges,
	.close = libgpiod_close,
};

// SPDX-License-Identifier: Apache-2.0
// Lines of real GPIO chips through libgpiod 2.x: the same as lines-libgpiod1.c. Each
// line is a request of its own, so that one that can't be had is no other's concern; an
// output is first requested as it is and then as an output of the level that was read.
#include <dirent.h>
#include <errno.h>
#include <gpiod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/base/util.h"
#include "priv/lines-driver.h"

#define MAX_EDGES 64u /* that one look takes; the kernel keeps 16 of each line */

/* A line that is taken. */
struct taken {
	uint32_t offset;
	bool input;
	struct gpiod_line_request *request;
};

struct libgpiod {
	struct gpiod_chip *chip;
	struct gpiod_edge_event_buffer *events;
	const char *name;
	int epoll;
	uint32_t position; /* of the chip: the data of its events */
	struct taken *lines;
	size_t n, turn;
};

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

/* With the settings, which are freed; NULL: they could not be made, or not had. */
static struct gpiod_line_request *request_line(const struct libgpiod *g,
					       unsigned offset,
					       struct gpiod_line_settings *settings)
{
	struct gpiod_line_config *lines = gpiod_line_config_new();
	struct gpiod_request_config *who = gpiod_request_config_new();
	struct gpiod_line_request *request = NULL;

	if (who)
		gpiod_request_config_set_consumer(who, "clusterbmc");
	if (lines && who && settings &&
	    gpiod_line_config_add_line_settings(lines, &offset, 1, settings) == 0)
		request = gpiod_chip_request_lines(g->chip, who, lines);
	int e = errno;
	gpiod_request_config_free(who);
	gpiod_line_settings_free(settings);
	gpiod_line_config_free(lines);
	errno = e;
	return request;
}

static struct gpiod_line_settings *directed(enum gpiod_line_direction direction)
{
	struct gpiod_line_settings *s = gpiod_line_settings_new();

	if (s && gpiod_line_settings_set_direction(s, direction) == 0)
		return s;
	gpiod_line_settings_free(s);
	return NULL;
}

static struct gpiod_line_request *take_output(const struct libgpiod *g, unsigned offset)
{
	struct gpiod_line_request *as_is =
		request_line(g, offset, directed(GPIOD_LINE_DIRECTION_AS_IS));

	if (!as_is)
		return NULL;
	enum gpiod_line_value level = gpiod_line_request_get_value(as_is, offset);
	gpiod_line_request_release(as_is);
	struct gpiod_line_settings *s = level == GPIOD_LINE_VALUE_ERROR
						? NULL
						: directed(GPIOD_LINE_DIRECTION_OUTPUT);
	if (s && gpiod_line_settings_set_output_value(s, level) == 0)
		return request_line(g, offset, s);
	gpiod_line_settings_free(s);
	return NULL;
}

static struct gpiod_line_request *take_input(const struct libgpiod *g, unsigned offset)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = g->position };
	struct gpiod_line_settings *s = directed(GPIOD_LINE_DIRECTION_INPUT);

	if (!s || gpiod_line_settings_set_edge_detection(s, GPIOD_LINE_EDGE_BOTH) < 0) {
		gpiod_line_settings_free(s);
		return NULL;
	}
	struct gpiod_line_request *request = request_line(g, offset, s);
	if (request && epoll_ctl(g->epoll, EPOLL_CTL_ADD,
				 gpiod_line_request_get_fd(request), &event) < 0) {
		gpiod_line_request_release(request);
		request = NULL;
	}
	return request;
}

static int libgpiod_take(void *self, const struct bmc_line *d, uint32_t *ret_offset,
			 struct bmc_error *err)
{
	struct libgpiod *g = self;
	int offset = d->line_name ? gpiod_chip_get_line_offset_from_name(g->chip,
									 d->line_name)
				  : (int)d->line;

	if (offset < 0)
		return bmc_fail(err, BMC_ENOTFOUND,
				"gpio chip %s has no such line: see gpioinfo", g->name);
	errno = 0;
	struct gpiod_line_request *request = d->input
						     ? take_input(g, (unsigned)offset)
						     : take_output(g, (unsigned)offset);
	if (!request)
		return bmc_fail(err, bmc_from_errno(errno ? errno : EIO),
				"gpio chip %s line %d can't be taken: %s; see gpioinfo",
				g->name, offset, strerror(errno));
	g->lines[g->n++] = (struct taken){ .offset = (uint32_t)offset,
					   .input = d->input,
					   .request = request };
	*ret_offset = (uint32_t)offset;
	return 0;
}

static struct gpiod_line_request *request_of(const struct libgpiod *g, uint32_t offset)
{
	for (size_t i = 0; i < g->n; i++) {
		if (g->lines[i].offset == offset)
			return g->lines[i].request;
	}
	return NULL;
}

static void libgpiod_close(void *self)
{
	struct libgpiod *g = self;

	for (size_t i = 0; i < g->n; i++)
		gpiod_line_request_release(g->lines[i].request);
	gpiod_edge_event_buffer_free(g->events);
	gpiod_chip_close(g->chip);
	free(g->lines);
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
	g->epoll = conf->epoll;
	g->position = conf->chip;
	g->lines = calloc(conf->platform->n_lines + 1, sizeof(*g->lines));
	g->events = gpiod_edge_event_buffer_new(MAX_EDGES);
	g->chip = g->lines && g->events ? find_chip(chip->name) : NULL;
	if (!g->chip) {
		gpiod_edge_event_buffer_free(g->events);
		free(g->lines);
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
	struct gpiod_line_request *request = request_of(g, offset);

	if (request &&
	    gpiod_line_request_set_value(request, offset,
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

/* The edges of one line that are there; how many. */
static int take_edges(const struct libgpiod *g, const struct taken *l,
		      priv_edge_fn *each, void *arg)
{
	if (gpiod_line_request_wait_edge_events(l->request, 0) != 1)
		return 0;
	int n = gpiod_line_request_read_edge_events(l->request, g->events, 16);
	for (int i = 0; i < n; i++) {
		struct gpiod_edge_event *e =
			gpiod_edge_event_buffer_get_event(g->events, (unsigned long)i);
		each(arg, l->offset,
		     gpiod_edge_event_get_event_type(e) == GPIOD_EDGE_EVENT_RISING_EDGE,
		     priv_now_us());
	}
	return n > 0 ? n : 0;
}

/* Begins where the last look ended, so that a line that chatters starves no other. */
static void libgpiod_edges(void *self, priv_edge_fn *each, void *arg)
{
	struct libgpiod *g = self;
	unsigned taken = 0;

	for (size_t i = 0; i < g->n && taken < MAX_EDGES; i++) {
		const struct taken *l = &g->lines[g->turn++ % g->n];
		if (l->input)
			taken += (unsigned)take_edges(g, l, each, arg);
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

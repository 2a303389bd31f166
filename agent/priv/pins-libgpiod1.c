// SPDX-License-Identifier: Apache-2.0
// Lines of real GPIO chips through libgpiod 1.6 (Debian 12). A line is first requested
// as it is to learn its level and then as an output of that level, so that taking it
// over after a restart moves nothing.
#include <errno.h>
#include <gpiod.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "priv/pins-driver.h"

#define CONSUMER "clusterbmc"

struct libgpiod {
	struct gpiod_chip *chip;
	const char *name;
};

static int take_line(void *arg, const struct bmc_slot *slot, enum bmc_pin pin)
{
	const struct libgpiod *g = arg;
	struct gpiod_line *line = gpiod_chip_get_line(g->chip, slot->pins[pin].line);
	const struct gpiod_line_request_config as_is = {
		.consumer = CONSUMER,
		.request_type = GPIOD_LINE_REQUEST_DIRECTION_AS_IS,
	};

	if (!line || gpiod_line_request(line, &as_is, 0) < 0)
		return -errno;
	int level = gpiod_line_get_value(line);
	gpiod_line_release(line);
	if (level < 0 || gpiod_line_request_output(line, CONSUMER, level) < 0)
		return -errno;
	return 0;
}

static int libgpiod_open(const struct priv_chip_conf *conf, void **ret_self,
			 struct bmc_error *err)
{
	const struct bmc_chip *chip = &conf->platform->chips[conf->chip];
	struct libgpiod *g = calloc(1, sizeof(*g));

	if (!g)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	g->name = chip->name;
	g->chip = gpiod_chip_open_by_name(chip->name);
	if (!g->chip)
		g->chip = gpiod_chip_open_by_label(chip->name);
	if (!g->chip) {
		free(g);
		return bmc_fail(err, BMC_ENOTFOUND,
				"gpio chip %s: no such name or label: see gpiodetect",
				chip->name);
	}
	int r = priv_chip_pins(conf->platform, conf->chip, take_line, g);
	if (r < 0) {
		gpiod_chip_close(g->chip);
		free(g);
		return bmc_fail(err, bmc_from_errno(-r),
				"gpio chip %s: a line can't be taken: %s; see gpioinfo",
				chip->name, strerror(-r));
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

static void libgpiod_close(void *self)
{
	struct libgpiod *g = self;

	gpiod_chip_close(g->chip);
	free(g);
}

const struct priv_pin_driver priv_pins_libgpiod = {
	.name = "libgpiod",
	.open = libgpiod_open,
	.set = libgpiod_set,
	.get = libgpiod_get,
	.close = libgpiod_close,
};

// SPDX-License-Identifier: Apache-2.0
/* The plugin gpio: its settings, its life, its two threads. */
#include <stdlib.h>

#include "gpio.h"

/* clang-format off */
static const struct bmc_conf_item settings[] = {
	{ .key = "alarm", .type = BMC_CONF_BOOL, .def = "true", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Whether the buzzer sounds when a fan fails or is missing." },
	{ .key = "beep_on", .type = BMC_CONF_INT, .min = 50, .max = 60000, .def = "500ms", .unit = "ms",
	  .reload = BMC_RELOAD_INSTANCE, .doc = "Length of the alarm's beep." },
	{ .key = "beep_off", .type = BMC_CONF_INT, .min = 50, .max = 600000, .def = "1500ms", .unit = "ms",
	  .reload = BMC_RELOAD_INSTANCE, .doc = "Time between two beeps." },
	{ .key = "graceful", .type = BMC_CONF_INT, .min = 500, .max = 60000, .def = "3s", .unit = "ms",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "POWER held for so long, then released: a graceful shutdown." },
	{ .key = "forced", .type = BMC_CONF_INT, .min = 1000, .max = 120000, .def = "5s", .unit = "ms",
	  .reload = BMC_RELOAD_INSTANCE, .doc = "POWER held for so long: the power is cut." },
	{ .key = NULL },
};
/* clang-format on */

static void destroy(void *self)
{
	struct gpio *g = self;

	gpio_lines_free(g);
	(void)pthread_mutex_destroy(&g->lock);
	free(g->pins);
	free(g);
}

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	struct gpio *g;
	int code;

	if (ops->size < offsetof(struct bmc_host_ops, press) + sizeof(ops->press))
		return bmc_fail(err, BMC_ENOTSUP,
				"this daemon is too old for the plugin: update it");
	g = calloc(1, sizeof(*g));
	if (!g)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	g->host = host;
	g->ops = ops;
	g->alarm = bmc_conf_num(conf, "alarm", 0) != 0;
	g->beep_on = bmc_conf_num(conf, "beep_on", 0);
	g->beep_off = bmc_conf_num(conf, "beep_off", 0);
	g->graceful = bmc_conf_num(conf, "graceful", 0);
	g->forced = bmc_conf_num(conf, "forced", 0);
	(void)pthread_mutex_init(&g->lock, NULL);
	code = gpio_pins_find(g, err);
	if (code == BMC_OK)
		code = gpio_lines_find(g, err);
	if (code == BMC_OK && g->forced <= g->graceful)
		code = bmc_fail(err, BMC_EINVAL,
				"forced: has to be longer than graceful");
	if (code < 0)
		destroy(g);
	else
		*ret_self = g;
	return code;
}

/* What is published says what lights show: only a change wakes the thread that drives
 * them. */
static int poll_all(void *self, struct bmc_error *err)
{
	struct gpio *g = self;

	(void)err;
	gpio_pins_poll(g);
	gpio_present_poll(g);
	if (gpio_lights_look(g))
		g->ops->wake(g->host);
	return BMC_OK;
}

static void take_edge(struct gpio *g, const struct bmc_line_edge *edge)
{
	struct gpio_line *l = gpio_line(g, edge->line);

	if (!l || !l->input)
		return;
	if (l->role != BMC_LINE_PRESENCE) {
		gpio_button_edge(g, l, edge);
		return;
	}
	(void)pthread_mutex_lock(&g->lock);
	l->active = edge->active;
	(void)pthread_mutex_unlock(&g->lock);
	gpio_present_put(g, l);
}

static int64_t sooner(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

/* Without a blinking light and a button that is held it waits for edges alone. */
static int serve(void *self, struct bmc_error *err)
{
	struct gpio *g = self;
	struct bmc_line_edge edge;
	int code = BMC_OK;

	(void)err;
	while (code >= 0) {
		int64_t due = gpio_buttons_due(g);

		due = sooner(due, gpio_lights_drive(g));
		code = g->ops->edge(g->host, &edge, due);
		if (code == 1)
			take_edge(g, &edge);
	}
	gpio_lights_quiet(g);
	return code == BMC_ECANCELED ? BMC_OK : code;
}

BMC_PLUGIN(gpio) = {
	BMC_PLUGIN_HEAD("gpio", "1.0"),
	.conf = settings,
	.create = create,
	.poll = poll_all,
	.verbs = gpio_verbs,
	.destroy = destroy,
	.serve = serve,
};

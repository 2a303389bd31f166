// SPDX-License-Identifier: Apache-2.0
/* The reference plugin: a whole cluster server from nothing but a platform file. This
 * file is its glue to the core; sim.h says what an instance consists of. */
#include <stdlib.h>

#include "sim.h"

static const struct bmc_conf_item settings[] = {
	{ .key = "pins",
	  .type = BMC_CONF_TEXT,
	  .min = 0,
	  .max = 4000,
	  .def = "",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "File of the simulated pins, shared with clusterbmc-priv: "
		 "STATE_DIR/simulator.pins. Empty: pins that nobody else sees." },
	{ .key = "socket",
	  .type = BMC_CONF_TEXT,
	  .min = 0,
	  .max = 107,
	  .def = "",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Path of the control socket. Empty: none." },
	{ .key = "boot_time",
	  .type = BMC_CONF_INT,
	  .min = 100,
	  .max = 600000,
	  .def = "8s",
	  .unit = "ms",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "From power to a running OS, before `speed`; each board a little "
		 "different." },
	{ .key = "speed",
	  .type = BMC_CONF_INT,
	  .min = 1,
	  .max = 1000,
	  .def = "1",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Boards boot and parts warm up so many times faster." },
	{ .key = "flash_rate",
	  .type = BMC_CONF_INT,
	  .min = 1000,
	  .max = 1000000000,
	  .def = "8000000",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Bytes per second that a board can be flashed with, before `speed`; "
		 "read back at twice that." },
	{ .key = "main",
	  .type = BMC_CONF_BOOL,
	  .def = "false",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Simulate the board `main` too, where no other plugin reads this "
		 "machine." },
	{ .key = "seed",
	  .type = BMC_CONF_INT,
	  .min = 0,
	  .max = INT32_MAX,
	  .def = "1",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Start of the random numbers: the same seed gives the same run." },
	{ .key = "refresh",
	  .type = BMC_CONF_INT,
	  .min = 1000,
	  .max = 3600000,
	  .def = "20s",
	  .unit = "ms",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Values that did not change are reported again after this time; less "
		 "than "
		 "the "
		 "instance's `stale`." },
	{ .key = NULL },
};

static const struct bmc_name os_words[] = { { BMC_OS_ANDROID, "android" },
					    { BMC_OS_LINUX, "linux" },
					    { 0, NULL } };

static const struct bmc_conf_item board_settings[] = {
	{ .key = "os",
	  .type = BMC_CONF_ENUM,
	  .names = os_words,
	  .def = "android",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "What the board runs." },
	{ .key = NULL },
};

static const struct bmc_conf_item board_conf[] = {
	{ .key = "simulator",
	  .type = BMC_CONF_SECTION,
	  .items = board_settings,
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "For the simulator." },
	{ .key = NULL },
};

void sim_seed(struct sim *s, uint64_t seed, int64_t now)
{
	sim_random_seed(&s->random, seed);
	for (size_t i = 0; i < s->n_boards; i++) {
		s->boards[i].load = sim_random_in(&s->random, 3000, 40000);
		s->boards[i].load_until = now;
	}
}

static void destroy(void *self)
{
	struct sim *s = self;

	s->control = sim_control_free(s->control);
	sim_unbuild(s);
	sim_pins_close(&s->pins);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static int start(struct sim *s, const struct bmc_conf *conf, struct bmc_error *err)
{
	const char *socket = bmc_conf_text(conf, "socket", "");
	bool is_new = false;
	int r;

	s->pins_path = bmc_conf_text(conf, "pins", "");
	r = sim_pins_open(&s->pins, s->pins_path, &is_new, err);

	if (r == BMC_OK)
		r = sim_build(s, err);
	if (r < 0)
		return r;
	sim_keep_load(s);
	sim_start(s, is_new, s->reporter.ops->now());
	return *socket ? sim_control_new(s, socket, &s->control, err) : BMC_OK;
}

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	struct sim *s;
	int r;

	if (ops->size < sizeof(*ops))
		return bmc_fail(err, BMC_ENOTSUP,
				"the daemon is older than this plugin");
	s = calloc(1, sizeof(*s));
	if (!s)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the simulator");
	pthread_mutex_init(&s->lock, NULL);
	s->reporter =
		(struct sim_reporter){ host, ops, bmc_conf_num(conf, "refresh", 0) };
	s->speed = bmc_conf_num(conf, "speed", 0);
	s->boot_ms = bmc_conf_num(conf, "boot_time", 0) / s->speed;
	s->flash_rate = bmc_conf_num(conf, "flash_rate", 0);
	s->simulate_main = bmc_conf_num(conf, "main", 0) != 0;
	s->inlet_celsius = 25.0;
	s->flow = 0.5;
	sim_random_seed(&s->random, (uint64_t)bmc_conf_num(conf, "seed", 0));
	r = start(s, conf, err);
	if (r < 0) {
		destroy(s);
		return r;
	}
	*ret_self = s;
	return BMC_OK;
}

static int poll_chassis(void *self, struct bmc_error *err)
{
	struct sim *s = self;

	(void)err;
	pthread_mutex_lock(&s->lock);
	sim_tick(s, s->reporter.ops->now());
	pthread_mutex_unlock(&s->lock);
	return BMC_OK;
}

BMC_PLUGIN(simulator) = {
	BMC_PLUGIN_HEAD("simulator", "1.0"),
	.conf = settings,
	.board_conf = board_conf,
	.create = create,
	.poll = poll_chassis,
	.probe = sim_probe,
	.verbs = sim_verbs,
	.flasher = &sim_flasher,
	.streams = sim_streams,
	.destroy = destroy,
};

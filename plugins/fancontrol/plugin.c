// SPDX-License-Identifier: Apache-2.0
/* The plugin `fancontrol`: its configuration, its poll, its verbs. fancontrol.h says
 * which file does what. */
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "fancontrol.h"

/* clang-format off */
#define CURVE(k, d, text) \
	{ .key = (k), .type = BMC_CONF_TEXT, .min = 0, .max = 200, .def = (d), \
	  .reload = BMC_RELOAD_INSTANCE, .doc = (text) }

static const struct bmc_conf_item zone_items[] = {
	{ .key = "pwm", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_ID_MAX - 1, .def = "!",
	  .reload = BMC_RELOAD_INSTANCE, .doc = "The entry of the platform file's `pwms`." },
	{ .key = "boards", .type = BMC_CONF_TEXT, .min = 1, .max = 63, .def = "*",
	  .reload = BMC_RELOAD_INSTANCE, .doc = "Which boards it cools: a pattern of their ids." },
	CURVE("ambient", NULL, "As above, for this pwm."),
	CURVE("board", NULL, "As above, for this pwm."),
	{ .key = NULL },
};

static const struct bmc_conf_item settings[] = {
	CURVE("ambient", "20C=25% 30C=40% 40C=70% 45C=100%",
	      "Duty by the temperature of the intake (sensors with `context: Intake`): points, straight lines between them."),
	CURVE("board", "50C=25% 65C=40% 80C=80% 85C=100%",
	      "Duty by the hottest board (SoC, GPU, and sensors whose parent is a board). The higher of both curves counts."),
	{ .key = "hysteresis", .type = BMC_CONF_INT, .min = 0, .max = 20000, .def = "2C", .unit = "mC",
	  .reload = BMC_RELOAD_INSTANCE, .doc = "A temperature has to fall by so much until fans slow down." },
	{ .key = "up", .type = BMC_CONF_INT, .min = 100, .max = 100000, .def = "10%", .unit = "m%",
	  .reload = BMC_RELOAD_INSTANCE, .doc = "Most rise of a duty in a second." },
	{ .key = "down", .type = BMC_CONF_INT, .min = 100, .max = 100000, .def = "1%", .unit = "m%",
	  .reload = BMC_RELOAD_INSTANCE, .doc = "Most fall of a duty in a second." },
	{ .key = "failed", .type = BMC_CONF_INT, .min = 0, .max = 100000, .def = "100%", .unit = "m%",
	  .reload = BMC_RELOAD_INSTANCE, .doc = "Least duty of a module one of whose fans has failed, is missing or not read." },
	{ .key = "recover", .type = BMC_CONF_INT, .min = 0, .max = 3600000, .def = "60s", .unit = "ms",
	  .reload = BMC_RELOAD_INSTANCE, .doc = "How long a failed fan has to turn well until it counts as good." },
	{ .key = "hold", .type = BMC_CONF_INT, .min = 2000, .max = 600000, .def = "10s", .unit = "ms",
	  .reload = BMC_RELOAD_INSTANCE, .doc = "When a duty is not set again within this, the root helper goes to full speed; at least three polls." },
	{ .key = "zones", .type = BMC_CONF_LIST, .max = FAN_ZONES_MAX, .items = zone_items,
	  .reload = BMC_RELOAD_INSTANCE, .doc = "Curves of single pwm outputs." },
	{ .key = NULL },
};

static const struct bmc_conf_item fan_items[] = {
	{ .key = "pwm", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_ID_MAX - 1, .def = "!",
	  .doc = "The entry of `pwms` that drives the fan." },
	{ .key = NULL },
};

static const struct bmc_conf_item board_conf[] = {
	{ .key = "fancontrol", .type = BMC_CONF_SECTION, .items = fan_items,
	  .doc = "Of a fan: who drives it." },
	{ .key = NULL },
};
/* clang-format on */

/* ---- configuration ---- */

static int take_curve(const struct bmc_conf *conf, const char *key,
		      struct fan_curve *ret, struct bmc_error *err)
{
	const struct bmc_conf *c = bmc_conf_find(conf, key);
	const char *why;

	if (!c || !c->text || fan_curve_parse(c->text, ret, &why))
		return BMC_OK;
	return bmc_conf_fail(c, err, BMC_EINVAL, "%s: %s", key, why);
}

static int take_curves(const struct bmc_conf *conf, struct fan_zone_conf *z,
		       struct bmc_error *err)
{
	int code = take_curve(conf, "ambient", &z->ambient, err);

	return code < 0 ? code : take_curve(conf, "board", &z->board, err);
}

static int take_zone(struct fan_output *o, const struct bmc_conf *conf,
		     struct bmc_error *err)
{
	const struct bmc_conf *list = bmc_conf_find(conf, "zones");
	int code;

	o->boards = "*";
	o->conf.hysteresis = bmc_conf_num(conf, "hysteresis", 0);
	o->conf.up = bmc_conf_num(conf, "up", 0);
	o->conf.down = bmc_conf_num(conf, "down", 0);
	o->conf.failed = bmc_conf_num(conf, "failed", 0);
	o->conf.recover = bmc_conf_num(conf, "recover", 0);
	fan_zone_init(&o->zone);
	code = take_curves(conf, &o->conf, err);
	for (list = list ? list->child : NULL; list && code == 0; list = list->next) {
		if (strcmp(bmc_conf_text(list, "pwm", ""), o->pwm) != 0)
			continue;
		o->boards = bmc_conf_text(list, "boards", NULL);
		code = take_curves(list, &o->conf, err);
	}
	return code;
}

/* The output of this name; n_outputs at its end: a new one. */
static size_t output_of(struct fancontrol *f, const char *pwm)
{
	size_t i = 0;

	while (i < f->n_outputs && strcmp(f->outputs[i].pwm, pwm) != 0)
		i++;
	return i;
}

static int add_fan(void *arg, const char *id, const uint32_t index[2],
		   const struct bmc_conf *conf)
{
	const char *pwm = bmc_conf_text(bmc_conf_find(conf, "fancontrol"), "pwm", NULL);
	struct fancontrol *f = arg;
	struct fan_member *m;
	size_t zone;

	(void)index;
	if (!pwm)
		return 0;
	zone = output_of(f, pwm);
	if (f->n_fans == FAN_FANS_MAX || zone == FAN_ZONES_MAX)
		return BMC_ERANGE;
	if (zone == f->n_outputs) {
		(void)snprintf(f->outputs[zone].pwm, BMC_ID_MAX, "%s", pwm);
		f->n_outputs++;
	}
	m = &f->fans[f->n_fans++];
	(void)snprintf(m->id, sizeof(m->id), "%s", id);
	m->zone = zone;
	m->module = BMC_UNKNOWN;
	m->manual = FAN_NONE;
	return 0;
}

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	struct fancontrol *f;
	int code;

	if (ops->size < offsetof(struct bmc_host_ops, pwm_read) + sizeof(ops->pwm_read))
		return bmc_fail(err, BMC_ENOTSUP,
				"the daemon is older than this plugin");
	f = calloc(1, sizeof(*f));
	if (!f)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the plugin fancontrol");
	f->host = host;
	f->ops = ops;
	f->hold_ms = bmc_conf_num(conf, "hold", 0);
	code = ops->platform(host, BMC_FAN, add_fan, f);
	if (code < 0)
		code = bmc_fail(err, code, "up to %d fans on %d pwms", FAN_FANS_MAX,
				FAN_ZONES_MAX);
	for (size_t i = 0; i < f->n_outputs && code == 0; i++)
		code = take_zone(&f->outputs[i], conf, err);
	if (code < 0) {
		free(f);
		return code;
	}
	if (!f->n_outputs)
		ops->log(
			host, LOG_WARNING,
			"no fan of the platform file says its pwm: nothing to control");
	*ret_self = f;
	return BMC_OK;
}

/* ---- a poll ---- */

/* A fan that fails has partners: those on its pwm, and those of its module. */
static bool has_failed(const struct fancontrol *f, size_t zone)
{
	for (size_t i = 0; i < f->n_fans; i++) {
		const struct fan_member *bad = &f->fans[i];

		if (bad->failed && bad->zone == zone)
			return true;
		for (size_t k = 0; bad->failed && k < f->n_fans; k++) {
			if (f->fans[k].zone == zone && bad->module > 0 &&
			    f->fans[k].module == bad->module)
				return true;
		}
	}
	return false;
}

/* The fastest that users ask of a fan on it. */
static int64_t manual_duty(const struct fancontrol *f, size_t zone)
{
	int64_t most = FAN_NONE;

	for (size_t i = 0; i < f->n_fans; i++) {
		if (f->fans[i].zone == zone && f->fans[i].manual > most)
			most = f->fans[i].manual;
	}
	return most;
}

static void tell(struct fancontrol *f, struct fan_output *o, bool blind)
{
	if (blind && !o->told)
		f->ops->log(f->host, LOG_WARNING,
			    "pwm %s: its temperatures are not known: full speed",
			    o->pwm);
	else if (!blind && o->told)
		f->ops->log(f->host, LOG_NOTICE,
			    "pwm %s: its temperatures are known again", o->pwm);
	o->told = blind;
}

static int drive(struct fancontrol *f, size_t zone, struct bmc_error *err)
{
	struct fan_output *o = &f->outputs[zone];
	struct fan_zone_input in = { .now = f->ops->now() };
	int64_t duty;

	fan_look_at_temperatures(f, o, &in);
	in.failed = has_failed(f, zone);
	in.manual = manual_duty(f, zone);
	tell(f, o, in.blind);
	duty = fan_zone_step(&o->zone, &o->conf, &in);
	return f->ops->pwm_set(f->host, o->pwm, duty, (uint32_t)f->hold_ms, err);
}

static void put_duties(const struct fancontrol *f, size_t zone)
{
	int duty = f->ops->pwm_read(f->host, f->outputs[zone].pwm, NULL);

	for (size_t i = 0; i < f->n_fans; i++) {
		const struct bmc_value v =
			BMC_NUM(bmc_fan, duty, duty < 0 ? BMC_UNKNOWN : duty);

		if (f->fans[i].zone == zone)
			(void)f->ops->put(f->host, BMC_FAN, f->fans[i].id, &v, 1);
	}
}

/* An output that fails does not keep the others from being set. */
static int poll_fans(void *self, struct bmc_error *err)
{
	struct fancontrol *f = self;
	struct bmc_error why = { 0 };
	int code = BMC_OK;

	fan_look_at_fans(f);
	for (size_t i = 0; i < f->n_outputs; i++) {
		int r = drive(f, i, &why);

		if (r < 0 && code == 0)
			code = bmc_fail(err, r, "%s", why.what);
		put_duties(f, i);
	}
	return code;
}

/* ---- verbs: what users set is published, and read from there ---- */

static int verb_setting(void *self, struct bmc_call *call, const struct bmc_args *args,
			struct bmc_error *err)
{
	const struct fancontrol *f = self;
	const char *id = f->ops->target_id(call);

	(void)args;
	for (size_t i = 0; i < f->n_fans; i++) {
		if (strcmp(f->fans[i].id, id) == 0)
			return BMC_OK;
	}
	return bmc_fail(err, BMC_ENOTSUP, "%s: the platform file does not say its pwm",
			id);
}

static const struct bmc_verb verbs[] = {
	BMC_VERB("fan_mode", BMC_VERB_REPEATABLE, 1000, verb_setting),
	BMC_VERB("fan_duty", BMC_VERB_REPEATABLE, 1000, verb_setting),
	{ 0 },
};

BMC_PLUGIN(fancontrol) = {
	BMC_PLUGIN_HEAD("fancontrol", "1.0"),
	.conf = settings,
	.board_conf = board_conf,
	.create = create,
	.poll = poll_fans,
	.verbs = verbs,
	.destroy = free,
};

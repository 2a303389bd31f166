// SPDX-License-Identifier: Apache-2.0
// What a platform file names to the root helper: GPIO lines (the pins of boards and the
// entries of `lines`), pwm outputs and storage. Part of bmc_platform_new().
#include <string.h>

#include "bmc/pinbank.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "core/platform/build.h"

static int out_of_memory(const struct bmc_platform_build *b)
{
	return bmc_fail(b->err, BMC_ENOMEM, "out of memory");
}

/* ---- lines ---- */

static void add_pin(struct bmc_platform *p, struct bmc_slot *s, enum bmc_pin pin)
{
	struct bmc_pin_desc *d = &s->pins[pin];
	struct bmc_line *l = &p->lines[p->n_lines];

	d->ordinal = (uint32_t)p->n_lines++;
	(void)snprintf(l->id, sizeof(l->id), "%s.%s", s->id,
		       bmc_name_word(bmc_pin_names, pin));
	(void)bmc_copy(l->parent, sizeof(l->parent), s->id);
	l->slot = s;
	l->conf = s->conf;
	l->pin = pin;
	l->chip = d->chip;
	l->line = d->line;
	l->line_name = d->line_name;
	l->active_low = d->active_low;
	l->pulse_ms = d->pulse_ms;
}

static int take_parent(const struct bmc_platform_build *b, const struct bmc_conf *conf,
		       char dst[BMC_ID_MAX])
{
	const struct bmc_conf *parent = bmc_conf_find(conf, "parent");
	const struct bmc_slot *slot = parent ? bmc_platform_find(b->p, parent->text)
					     : &b->p->slots[b->p->first[BMC_CHASSIS]];

	if (!slot)
		return bmc_conf_fail(
			parent, b->err, BMC_ENOTFOUND,
			"a line is about '%.31s', which this file does not have",
			parent->text);
	(void)bmc_copy(dst, BMC_ID_MAX, slot->id);
	return 0;
}

const struct bmc_name bmc_line_role_names[] = {
	{ BMC_LINE_NONE, "none" },
	{ BMC_LINE_PRESENCE, "presence" },
	{ BMC_LINE_BUTTON_POWER, "button_power" },
	{ BMC_LINE_BUTTON_RESTART, "button_restart" },
	{ BMC_LINE_BUTTON_UID, "button_uid" },
	{ BMC_LINE_LED_POWER, "led_power" },
	{ BMC_LINE_LED_BMC, "led_bmc" },
	{ BMC_LINE_LED_FAN, "led_fan" },
	{ BMC_LINE_LED_FAN_BAD, "led_fan_bad" },
	{ BMC_LINE_LED_UID, "led_uid" },
	{ BMC_LINE_LED_NET, "led_net" },
	{ BMC_LINE_LED_NET_BAD, "led_net_bad" },
	{ BMC_LINE_LED_LAN, "led_lan" },
	{ BMC_LINE_LED_WORK, "led_work" },
	{ BMC_LINE_BUZZER, "buzzer" },
	{ 0, NULL },
};

/* Each id of `about` is a row of this file. */
static int check_about(const struct bmc_platform_build *b, const struct bmc_conf *conf)
{
	const struct bmc_conf *about = bmc_conf_find(conf, "about");
	const char *at = about ? about->text : "";

	while (*(at += strspn(at, ", "))) {
		size_t len = strcspn(at, ", ");
		char id[BMC_ID_MAX];

		(void)snprintf(id, sizeof(id), "%.*s", (int)MIN(len, sizeof(id) - 1),
			       at);
		if (len >= sizeof(id) || !bmc_platform_find(b->p, id))
			return bmc_conf_fail(about, b->err, BMC_ENOTFOUND,
					     "a line is about '%.31s', which this file "
					     "does not have",
					     id);
		at += len;
	}
	return 0;
}

static int check_role(const struct bmc_platform_build *b, const struct bmc_conf *conf,
		      const struct bmc_line *l)
{
	enum bmc_line_role role = (enum bmc_line_role)bmc_conf_num(conf, "role", 0);
	bool input = role <= BMC_LINE_BUTTON_UID;

	if (role != BMC_LINE_NONE && input != l->input)
		return bmc_conf_fail(bmc_conf_find(conf, "role"), b->err, BMC_EINVAL,
				     "'%s' is an %s", bmc_conf_text(conf, "role", ""),
				     input ? "input" : "output");
	return check_about(b, conf);
}

static bool is_set(const struct bmc_conf *conf, const char *key)
{
	const struct bmc_conf *value = bmc_conf_find(conf, key);

	return value && !value->is_default;
}

static int add_line(const struct bmc_platform_build *b, const struct bmc_conf *conf)
{
	struct bmc_line *l = &b->p->lines[b->p->n_lines];
	struct bmc_platform_place place = { 0 };
	char id[BMC_ID_MAX];
	int rc = bmc_platform_take_id(b, conf, id);

	if (rc == 0 && bmc_platform_line(b->p, id) >= 0)
		rc = bmc_conf_fail(conf, b->err, BMC_EEXIST, "a second line '%s'", id);
	if (rc == 0)
		rc = take_parent(b, conf, l->parent);
	if (rc == 0)
		rc = bmc_platform_place(b, conf, &place);
	l->input = bmc_conf_num(conf, "direction", 0) == 0;
	if (rc == 0)
		rc = check_role(b, conf, l);
	if (rc < 0)
		return rc;
	l->chip = place.chip;
	l->line = place.line;
	l->line_name = place.line_name;
	if (l->input && is_set(conf, "pulse"))
		return bmc_conf_fail(conf, b->err, BMC_EINVAL,
				     "line '%s' is an input: it has no pulse", id);
	if (!l->input && is_set(conf, "debounce"))
		return bmc_conf_fail(conf, b->err, BMC_EINVAL,
				     "line '%s' is an output: it has no debounce", id);
	(void)bmc_copy(l->id, sizeof(l->id), id);
	l->conf = conf;
	l->active_low = bmc_conf_num(conf, "active", 0) == 1;
	l->pulse_ms = bmc_conf_num(conf, "pulse", 0);
	l->debounce_ms = bmc_conf_num(conf, "debounce", 0);
	b->p->n_lines++;
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct bmc_line *x = *(const struct bmc_line *const *)a;
	const struct bmc_line *y = *(const struct bmc_line *const *)b;

	if (x->chip != y->chip)
		return x->chip < y->chip ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->line_name && strcmp(x->line_name, y->line_name) != 0)
		return strcmp(x->line_name, y->line_name);
	return (x > y) - (x < y);
}

static int check_places(const struct bmc_platform_build *b)
{
	const struct bmc_platform *p = b->p;
	auto_free const struct bmc_line **sorted =
		calloc(p->n_lines + 1, sizeof(*sorted));

	if (!sorted)
		return out_of_memory(b);
	for (size_t i = 0; i < p->n_lines; i++)
		sorted[i] = &p->lines[i];
	qsort(sorted, p->n_lines, sizeof(*sorted), by_place);
	for (size_t i = 1; i < p->n_lines; i++) {
		const struct bmc_line *a = sorted[i - 1], *c = sorted[i];
		if (a->chip == c->chip && a->line == c->line &&
		    (!a->line_name || strcmp(a->line_name, c->line_name) == 0))
			return bmc_conf_fail(
				c->conf, b->err, BMC_EEXIST,
				"'%s' and '%s' have the same chip and line", a->id,
				c->id);
	}
	return 0;
}

static int build_lines(const struct bmc_platform_build *b)
{
	struct bmc_platform *p = b->p;
	const struct bmc_conf *list = bmc_conf_find(p->conf, "lines"), *c;
	int rc = 0;

	p->lines = calloc(p->n_slots * BMC_N_PINS + bmc_platform_count(list) + 1,
			  sizeof(*p->lines));
	if (!p->lines)
		return out_of_memory(b);
	for (size_t i = 0; i < p->n_slots * BMC_N_PINS; i++) {
		struct bmc_slot *s = &p->slots[i / BMC_N_PINS];
		if (s->pins[i % BMC_N_PINS].exists)
			add_pin(p, s, (enum bmc_pin)(i % BMC_N_PINS));
	}
	for (c = list ? list->child : NULL; c && rc == 0; c = c->next)
		rc = add_line(b, c);
	return rc < 0 ? rc : check_places(b);
}

/* ---- pwms and storage ---- */

/* A path below `top` that stays there, whatever links are on the way. */
static int take_device(const struct bmc_platform_build *b, const struct bmc_conf *conf,
		       const char *top, char *dst, size_t size)
{
	const char *path = bmc_conf_text(conf, "device", "");

	if (strncmp(path, top, strlen(top)) != 0 || strstr(path, "/../"))
		return bmc_conf_fail(conf, b->err, BMC_EINVAL,
				     "device '%.60s': a path below %s", path, top);
	if (!bmc_copy(dst, size, path))
		return bmc_conf_fail(conf, b->err, BMC_ERANGE, "device: too long");
	return 0;
}

static int add_pwm(const struct bmc_platform_build *b, const struct bmc_conf *conf)
{
	struct bmc_pwm *w = &b->p->pwms[b->p->n_pwms];
	char id[BMC_ID_MAX];
	int rc = bmc_platform_take_id(b, conf, id);

	if (rc == 0 && bmc_platform_pwm(b->p, id) >= 0)
		rc = bmc_conf_fail(conf, b->err, BMC_EEXIST, "a second pwm '%s'", id);
	if (rc < 0)
		return rc;
	w->simulated = bmc_conf_num(conf, "driver", 0) == 0;
	w->channel = (uint32_t)bmc_conf_num(conf, "channel", 0);
	if (w->simulated && b->p->n_pwms >= BMC_PINBANK_PWMS)
		return bmc_conf_fail(conf, b->err, BMC_ERANGE,
				     "a simulated pwm has to be among the first %u",
				     BMC_PINBANK_PWMS);
	if (!w->simulated)
		rc = take_device(b, conf, "/sys/", w->device, sizeof(w->device));
	if (rc < 0)
		return rc;
	(void)bmc_copy(w->id, sizeof(w->id), id);
	b->p->n_pwms++;
	return 0;
}

static int add_storage(const struct bmc_platform_build *b, const struct bmc_conf *conf)
{
	struct bmc_storage *t = &b->p->storage[b->p->n_storage];
	char id[BMC_ID_MAX];
	int rc = bmc_platform_take_id(b, conf, id);

	if (rc == 0 && bmc_platform_storage(b->p, id) >= 0)
		rc = bmc_conf_fail(conf, b->err, BMC_EEXIST, "a second storage '%s'",
				   id);
	if (rc == 0)
		rc = take_device(b, conf, "/dev/", t->device, sizeof(t->device));
	if (rc < 0)
		return rc;
	(void)bmc_copy(t->id, sizeof(t->id), id);
	t->writable = bmc_conf_num(conf, "writable", 0) == 1;
	b->p->n_storage++;
	return 0;
}

static int each(const struct bmc_platform_build *b, const struct bmc_conf *list,
		int (*add)(const struct bmc_platform_build *b,
			   const struct bmc_conf *conf))
{
	int rc = 0;

	for (const struct bmc_conf *c = list ? list->child : NULL; c && rc == 0;
	     c = c->next)
		rc = add(b, c);
	return rc;
}

int bmc_platform_build_lines(const struct bmc_platform_build *b)
{
	struct bmc_platform *p = b->p;
	const struct bmc_conf *pwms = bmc_conf_find(p->conf, "pwms"),
			      *storage = bmc_conf_find(p->conf, "storage");
	int rc = build_lines(b);

	p->pwms = calloc(bmc_platform_count(pwms) + 1, sizeof(*p->pwms));
	p->storage = calloc(bmc_platform_count(storage) + 1, sizeof(*p->storage));
	if (!p->pwms || !p->storage)
		return out_of_memory(b);
	if (rc == 0)
		rc = each(b, pwms, add_pwm);
	return rc < 0 ? rc : each(b, storage, add_storage);
}

/* ---- by id ---- */

int64_t bmc_platform_line(const struct bmc_platform *p, const char *id)
{
	for (size_t i = 0; i < p->n_lines; i++) {
		if (strcmp(p->lines[i].id, id) == 0)
			return (int64_t)i;
	}
	return BMC_ENOTFOUND;
}

int64_t bmc_platform_pwm(const struct bmc_platform *p, const char *id)
{
	for (size_t i = 0; i < p->n_pwms; i++) {
		if (strcmp(p->pwms[i].id, id) == 0)
			return (int64_t)i;
	}
	return BMC_ENOTFOUND;
}

int64_t bmc_platform_storage(const struct bmc_platform *p, const char *id)
{
	for (size_t i = 0; i < p->n_storage; i++) {
		if (strcmp(p->storage[i].id, id) == 0)
			return (int64_t)i;
	}
	return BMC_ENOTFOUND;
}

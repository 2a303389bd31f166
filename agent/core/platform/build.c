// SPDX-License-Identifier: Apache-2.0
// Building a platform from a checked tree, with the rules that a schema can't say:
// names that refer to one another, what must not be there twice. bmc_platform_new()
// calls it.
#include "core/platform/build.h"

#include <inttypes.h>
#include <string.h>

#include "bmc/pinbank.h"
#include "core/base/util.h"
#include "core/model/field.h"

static bool id_ok(const char *id)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	return *id && *id != '-' && id[strspn(id, ok)] == '\0' &&
	       strlen(id) < BMC_ID_MAX;
}

int bmc_platform_take_id(const struct bmc_platform_build *b,
			 const struct bmc_conf *conf, char dst[BMC_ID_MAX])
{
	const char *id = bmc_conf_text(conf, "id", "");

	if (!id_ok(id))
		return bmc_conf_fail(conf, b->err, BMC_EINVAL,
				     "id '%.32s': use up to 31 of a-z, 0-9 and -", id);
	bmc_copy(dst, BMC_ID_MAX, id);
	return 0;
}

size_t bmc_platform_count(const struct bmc_conf *list)
{
	const struct bmc_conf *c;
	size_t n = 0;

	for (c = list ? list->child : NULL; c; c = c->next)
		n++;
	return n;
}

/* ---- chips ---- */

static int chip_find(const struct bmc_platform *p, const char *id, uint32_t *ret)
{
	size_t i;

	for (i = 0; i < p->n_chips; i++) {
		if (strcmp(p->chips[i].id, id) == 0) {
			*ret = (uint32_t)i;
			return 0;
		}
	}
	return BMC_ENOTFOUND;
}

static int build_chip(const struct bmc_platform_build *b, const struct bmc_conf *conf)
{
	struct bmc_platform *p = b->p;
	struct bmc_chip *chip = &p->chips[p->n_chips];
	uint32_t other;
	int rc = bmc_platform_take_id(b, conf, chip->id);

	if (rc < 0)
		return rc;
	if (chip_find(p, chip->id, &other) == 0)
		return bmc_conf_fail(conf, b->err, BMC_EEXIST, "a second chip '%s'",
				     chip->id);
	chip->simulated = bmc_conf_num(conf, "driver", 0) == 0;
	chip->lines = (uint32_t)bmc_conf_num(conf, "lines", 0);
	bmc_copy(chip->name, sizeof(chip->name), bmc_conf_text(conf, "name", ""));
	if (chip->simulated && p->n_chips >= BMC_PINBANK_CHIPS)
		return bmc_conf_fail(conf, b->err, BMC_ERANGE,
				     "a simulated chip has to be among the first %u",
				     BMC_PINBANK_CHIPS);
	if (!chip->simulated && !*chip->name)
		return bmc_conf_fail(
			conf, b->err, BMC_EINVAL,
			"chip '%s' needs the name or label of its gpiochip", chip->id);
	p->n_chips++;
	return 0;
}

static int build_chips(const struct bmc_platform_build *b)
{
	const struct bmc_conf *list = bmc_conf_find(b->p->conf, "chips"), *c;
	int rc = 0;

	b->p->chips = calloc(MAX(bmc_platform_count(list), 1u), sizeof(*b->p->chips));
	if (!b->p->chips)
		return bmc_fail(b->err, BMC_ENOMEM, "out of memory");
	for (c = list ? list->child : NULL; c && rc == 0; c = c->next)
		rc = build_chip(b, c);
	return rc;
}

/* ---- slots: first all ids, then what refers to them ---- */

static const struct bmc_conf *list_of(const struct bmc_platform *p, enum bmc_kind kind)
{
	for (const struct bmc_name *n = bmc_platform_lists; n->word; n++) {
		if (n->value == (int)kind)
			return bmc_conf_find(p->conf, n->word);
	}
	return NULL;
}

static int build_slot(const struct bmc_platform_build *b, enum bmc_kind kind,
		      const struct bmc_conf *c)
{
	struct bmc_platform *p = b->p;
	struct bmc_slot *s = &p->slots[p->n_slots];

	s->kind = kind;
	s->conf = c;
	s->is_main = bmc_conf_num(c, "is_main", 0) == 1;
	s->ordinal = (uint32_t)(p->n_slots - p->first[kind]);
	p->by_id[p->n_slots++] = s;
	return bmc_platform_take_id(b, c, s->id);
}

static int build_slots(const struct bmc_platform_build *b)
{
	struct bmc_platform *p = b->p;
	size_t n = 0;
	int rc = 0;

	for (size_t k = 0; k < BMC_N_KINDS; k++)
		n += bmc_platform_count(list_of(p, (enum bmc_kind)k));
	p->slots = calloc(MAX(n, 1u), sizeof(*p->slots));
	p->by_id = calloc(MAX(n, 1u), sizeof(*p->by_id));
	if (!p->slots || !p->by_id)
		return bmc_fail(b->err, BMC_ENOMEM, "out of memory");
	for (size_t k = 0; k < BMC_N_KINDS; k++) {
		const struct bmc_conf *rows = list_of(p, (enum bmc_kind)k);

		p->first[k] = p->n_slots;
		for (rows = rows ? rows->child : NULL; rows && rc == 0;
		     rows = rows->next)
			rc = build_slot(b, (enum bmc_kind)k, rows);
	}
	p->first[BMC_N_KINDS] = p->n_slots;
	return rc;
}

static int by_id(const void *a, const void *b)
{
	const struct bmc_slot *x = *(const struct bmc_slot *const *)a;
	const struct bmc_slot *y = *(const struct bmc_slot *const *)b;
	int d = strcmp(x->id, y->id);

	return d ? d : (x > y) - (x < y);
}

static int check_ids(const struct bmc_platform_build *b)
{
	const struct bmc_platform *p = b->p;
	size_t i;

	qsort(p->by_id, p->n_slots, sizeof(*p->by_id), by_id);
	for (i = 1; i < p->n_slots; i++) {
		const struct bmc_slot *s = p->by_id[i];

		if (strcmp(p->by_id[i - 1]->id, s->id) == 0)
			return bmc_conf_fail(
				s->conf, b->err, BMC_EEXIST,
				"id '%s' is already in line %d%s", s->id,
				p->by_id[i - 1]->conf->line,
				p->by_id[i - 1]->conf->line == s->conf->line
					? ": use all names of the range in it"
					: "");
	}
	return 0;
}

/* A parent is of an earlier kind, so that there are no rings. Without one: the chassis.
 */
static int link_parent(const struct bmc_platform_build *b, struct bmc_slot *s,
		       const struct bmc_slot **ret)
{
	const struct bmc_conf *conf = bmc_conf_find(s->conf, "parent");
	const struct bmc_slot *parent;

	*ret = NULL;
	if (s->kind == BMC_CHASSIS && !conf)
		return 0;
	parent = conf ? bmc_platform_find(b->p, conf->text)
		      : &b->p->slots[b->p->first[BMC_CHASSIS]];
	if (!parent)
		return bmc_conf_fail(
			conf, b->err, BMC_ENOTFOUND,
			"'%s' is in '%.31s', which this file does not have", s->id,
			conf->text);
	if (bmc_kind(parent->kind)->level >= bmc_kind(s->kind)->level)
		return bmc_conf_fail(
			conf, b->err, BMC_EINVAL, "'%s' is a %s and can't be in a %s",
			s->id, bmc_kind(s->kind)->name, bmc_kind(parent->kind)->name);
	bmc_copy(s->parent, sizeof(s->parent), parent->id);
	s->parent_kind = parent->kind;
	*ret = parent;
	return 0;
}

/* "N" or "N.M", each 0..65535. */
static bool parse_index(const char *text, uint32_t index[2])
{
	char *end;
	int i;

	for (i = 0; i < 2; i++) {
		unsigned long n = strtoul(text, &end, 10);

		if (end == text || *text < '0' || *text > '9' || n > UINT16_MAX)
			return false;
		index[i] = (uint32_t)n;
		if (!*end)
			return true;
		if (*end != '.')
			return false;
		text = end + 1;
	}
	return false;
}

/* `n_inside[]` counts the boards of each blade so far, and at 0 those without one. */
static void default_index(struct bmc_slot *s, const struct bmc_slot *parent,
			  uint32_t *n_inside)
{
	bool in_blade = parent && parent->kind == BMC_BLADE;

	if (s->is_main)
		return;
	if (s->kind == BMC_BOARD) {
		s->index[0] = in_blade ? parent->index[0] : 0;
		s->index[1] = ++n_inside[in_blade ? parent->ordinal + 1 : 0];
	} else {
		s->index[0] = s->ordinal + 1;
	}
}

static int build_index(const struct bmc_platform_build *b, struct bmc_slot *s,
		       const struct bmc_slot *parent, uint32_t *n_inside)
{
	const struct bmc_conf *conf = bmc_conf_find(s->conf, "index");

	default_index(s, parent, n_inside);
	if (conf) {
		s->index[0] = s->index[1] = 0;
		if (!parse_index(conf->text, s->index))
			return bmc_conf_fail(
				conf, b->err, BMC_EINVAL,
				"index '%.16s': use N or N.M, as in 3 or 1.3",
				conf->text);
	}
	/* SNMP's table rows: only the board that we run on is 0.0 */
	if (s->index[0] || s->index[1] || s->is_main)
		return 0;
	return bmc_conf_fail(s->conf, b->err, BMC_ERANGE,
			     "index 0.0 of '%s' is for main alone", s->id);
}

/* ---- pins ---- */

int bmc_platform_place(const struct bmc_platform_build *b, const struct bmc_conf *conf,
		       struct bmc_platform_place *ret)
{
	const char *chip = bmc_conf_text(conf, "chip", "");
	bool numbered = bmc_conf_find(conf, "line") != NULL;

	if (chip_find(b->p, chip, &ret->chip) < 0)
		return bmc_conf_fail(conf, b->err, BMC_ENOTFOUND,
				     "no chip '%.31s' in 'chips'", chip);
	ret->line_name = bmc_conf_text(conf, "line_name", NULL);
	if (numbered == (ret->line_name != NULL))
		return bmc_conf_fail(conf, b->err, BMC_EINVAL,
				     "a line is given by 'line' or by 'line_name'");
	if (ret->line_name && b->p->chips[ret->chip].simulated)
		return bmc_conf_fail(
			conf, b->err, BMC_EINVAL,
			"lines of the simulator have no names: use 'line'");
	ret->line = numbered ? (uint32_t)bmc_conf_num(conf, "line", 0) : BMC_LINE_NAMED;
	if (!numbered || ret->line < b->p->chips[ret->chip].lines)
		return 0;
	return bmc_conf_fail(conf, b->err, BMC_ERANGE,
			     "line %" PRIu32 ": chip '%.31s' has 0 to %" PRIu32,
			     ret->line, chip, b->p->chips[ret->chip].lines - 1);
}

static int build_pin(const struct bmc_platform_build *b, struct bmc_slot *s,
		     const struct bmc_conf *conf)
{
	struct bmc_pin_desc *pin = &s->pins[bmc_conf_num(conf, "name", 0)];
	struct bmc_platform_place place = { 0 };
	int rc;

	if (pin->exists)
		return bmc_conf_fail(conf, b->err, BMC_EEXIST,
				     "'%s' has a second %s pin", s->id,
				     bmc_conf_text(conf, "name", ""));
	pin->exists = true;
	pin->active_low = bmc_conf_num(conf, "active", 0) == 1;
	pin->pulse_ms = bmc_conf_num(conf, "pulse", 0);
	pin->min_off_ms = bmc_conf_num(conf, "min_off", 0);
	rc = bmc_platform_place(b, conf, &place);
	pin->chip = place.chip;
	pin->line = place.line;
	pin->line_name = place.line_name;
	return rc;
}

static int build_refs(const struct bmc_platform_build *b)
{
	struct bmc_platform *p = b->p;
	const struct bmc_slot *parent, *main_slot = NULL;
	auto_free uint32_t *n_inside = calloc(p->n_slots + 1, sizeof(*n_inside));
	const struct bmc_conf *pins, *c;
	int rc = n_inside ? 0 : bmc_fail(b->err, BMC_ENOMEM, "out of memory");
	size_t i;

	for (i = 0; i < p->n_slots && rc == 0; i++) {
		struct bmc_slot *s = &p->slots[i];

		if (s->is_main && main_slot)
			return bmc_conf_fail(s->conf, b->err, BMC_EEXIST,
					     "'%s' and '%s' both are is_main",
					     main_slot->id, s->id);
		main_slot = s->is_main ? s : main_slot;
		rc = link_parent(b, s, &parent);
		if (rc == 0)
			rc = build_index(b, s, parent, n_inside);
		pins = bmc_conf_find(s->conf, "pins");
		for (c = pins ? pins->child : NULL; c && rc == 0; c = c->next)
			rc = build_pin(b, s, c);
	}
	return rc;
}

/* ---- what must not be there twice ---- */

struct claim {
	uint64_t key;
	const struct bmc_slot *slot;
};

static int by_key(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->slot > y->slot) - (x->slot < y->slot);
}

static int check_unique(const struct bmc_platform_build *b)
{
	const struct bmc_platform *p = b->p;
	auto_free struct claim *claims = calloc(p->n_slots + 1, sizeof(*claims));
	size_t i;

	if (!claims)
		return bmc_fail(b->err, BMC_ENOMEM, "out of memory");
	for (i = 0; i < p->n_slots; i++) {
		const struct bmc_slot *s = &p->slots[i];

		claims[i].slot = s;
		claims[i].key =
			(uint64_t)s->kind << 32 | s->index[0] << 16 | s->index[1];
	}
	qsort(claims, p->n_slots, sizeof(*claims), by_key);
	for (i = 1; i < p->n_slots; i++) {
		const struct bmc_slot *s = claims[i].slot, *first = claims[i - 1].slot;

		if (claims[i].key == claims[i - 1].key)
			return bmc_conf_fail(s->conf, b->err, BMC_EEXIST,
					     "'%s' and '%s' have the same index",
					     first->id, s->id);
	}
	return 0;
}

/* ---- sources ---- */

static int check_source(const struct bmc_platform_build *b, const struct bmc_conf *c)
{
	size_t len = strcspn(c->key, ".");
	char name[BMC_ID_MAX];
	enum bmc_kind kind;

	(void)snprintf(name, sizeof(name), "%.*s", (int)MIN(len, sizeof(name) - 1),
		       c->key);
	kind = bmc_kind_find(name);
	if (strcmp(c->key, "default") == 0)
		return 0;
	if (kind == BMC_N_KINDS)
		return bmc_conf_fail(
			c, b->err, BMC_ENOTFOUND,
			"source for '%.40s': use KIND.FIELD, as in board.serial, "
			"KIND or default",
			c->key);
	if (c->key[len] == '.' && !bmc_field_find(kind, c->key + len + 1))
		return bmc_conf_fail(c, b->err, BMC_ENOTFOUND,
				     "a %s has no field '%.31s'", name,
				     c->key + len + 1);
	return 0;
}

static int check_sources(const struct bmc_platform_build *b)
{
	const struct bmc_conf *map = bmc_conf_find(b->p->conf, "sources"), *c;
	int rc = 0;

	for (c = map ? map->child : NULL; c && rc == 0; c = c->next)
		rc = check_source(b, c);
	return rc;
}

int bmc_platform_build(struct bmc_platform *p, struct bmc_error *err)
{
	const struct bmc_platform_build b = { .p = p, .err = err };
	static int (*const steps[])(const struct bmc_platform_build *) = {
		build_chips,   build_slots,  check_ids,
		build_refs,    check_unique, bmc_platform_build_lines,
		check_sources,
	};
	size_t i;
	int rc = 0;

	for (i = 0; i < ARRAY_SIZE(steps) && rc == 0; i++)
		rc = steps[i](&b);
	return rc;
}

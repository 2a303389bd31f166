// SPDX-License-Identifier: Apache-2.0
// What a reload changes: compares two configurations by meaning ("10s" is "10000ms")
// and reports to main which keys and which instances differ, so that the rest can stay
// as it is.
#include <string.h>

#include "conf/daemon.h"

static bool is_list(const struct bmc_conf *c)
{
	return c->type == BMC_CONF_LIST || c->type == BMC_CONF_WORDS;
}

static bool same(const struct bmc_conf *a, const struct bmc_conf *b);

static bool same_in_order(const struct bmc_conf *a, const struct bmc_conf *b)
{
	for (a = a->child, b = b->child; a && b; a = a->next, b = b->next) {
		if (!same(a, b))
			return false;
	}
	return !a && !b;
}

static bool all_in(const struct bmc_conf *a, const struct bmc_conf *b)
{
	const struct bmc_conf *c;

	for (c = a->child; c; c = c->next) {
		if (!same(c, bmc_conf_find(b, c->key)))
			return false;
	}
	return true;
}

static bool same(const struct bmc_conf *a, const struct bmc_conf *b)
{
	if (!a || !b || a->type != b->type)
		return a == b;
	if (a->type == BMC_CONF_INT || a->type == BMC_CONF_BOOL ||
	    a->type == BMC_CONF_ENUM)
		return a->num == b->num;
	if (a->text || b->text)
		return a->text && b->text && strcmp(a->text, b->text) == 0;
	return is_list(a) ? same_in_order(a, b) : all_in(a, b) && all_in(b, a);
}

static void diff_items(const char *path, const struct bmc_conf_item *items,
		       const struct bmc_conf *const both[2],
		       const struct bmc_config_changes *changes)
{
	char key[128];

	for (; items->key; items++) {
		const struct bmc_conf *const below[2] = {
			bmc_conf_find(both[0], items->key),
			bmc_conf_find(both[1], items->key)
		};

		(void)snprintf(key, sizeof(key), "%s%s%s", path, *path ? "." : "",
			       items->key);
		if (strcmp(key, "instances") == 0)
			continue;
		if (items->type == BMC_CONF_SECTION)
			diff_items(key, items->items, below, changes);
		else if (!same(below[0], below[1]))
			changes->key(changes->arg, key, items->reload);
	}
}

static const struct bmc_config_instance *twin(const struct bmc_config *c,
					      const struct bmc_config_instance *in)
{
	size_t i;

	for (i = 0; i < c->n_instances; i++) {
		if (strcmp(c->instances[i].conf.name, in->conf.name) == 0)
			return &c->instances[i];
	}
	return NULL;
}

void bmc_config_diff(const struct bmc_config *was, const struct bmc_config *is,
		     const struct bmc_config_changes *changes)
{
	const struct bmc_conf *const roots[2] = { was->root, is->root };
	size_t i;

	diff_items("", bmc_conf_schema, roots, changes);
	if (same(bmc_conf_find(was->root, "platform"),
		 bmc_conf_find(is->root, "platform")) &&
	    !same(was->platform->conf, is->platform->conf))
		changes->key(changes->arg, "platform", BMC_RELOAD_RESTART);
	for (i = 0; i < was->n_instances; i++) {
		if (!twin(is, &was->instances[i]))
			changes->instance(changes->arg, &was->instances[i], NULL);
	}
	for (i = 0; i < is->n_instances; i++) {
		const struct bmc_config_instance *old = twin(was, &is->instances[i]);

		if (!old || !same(old->tree, is->instances[i].tree))
			changes->instance(changes->arg, old, &is->instances[i]);
	}
}

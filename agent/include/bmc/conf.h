// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Configuration as everybody sees it: a tree of values that has been checked against
 * a schema. The schema is a table of struct bmc_conf_item, the only place that knows a
 * key's type, range, default, unit and meaning: the loader, `clusterbmcd -t`, `-p` and
 * the manual's option list all walk it. A plugin brings the table for its own part.
 *
 * Trees are immutable once loaded and live until the instance that was given them is
 * destroyed; texts in them are borrowed. Header only: a plugin links to nothing. */

enum bmc_conf_type {
	BMC_CONF_INT,      /* whole number; with a unit of time "10s", "250ms" also  */
	BMC_CONF_BOOL,     /* true, false                                            */
	BMC_CONF_TEXT,     /* min..max bytes                                         */
	BMC_CONF_ENUM,     /* one word of `names`; the value's number is in `num`    */
	BMC_CONF_SECTION,  /* a mapping with the keys of `items`                     */
	BMC_CONF_LIST,     /* a sequence of mappings, each with the keys of `items`  */
	BMC_CONF_WORDS,    /* a sequence of texts                                    */
	BMC_CONF_MAP,      /* a mapping of free keys to texts                        */
	BMC_CONF_ANY,      /* checked later by somebody else's schema (a plugin's)   */
};

enum bmc_reload {
	BMC_RELOAD_LIVE,     /* taken over at once                            */
	BMC_RELOAD_INSTANCE, /* its plugin instance is made anew after its jobs */
	BMC_RELOAD_RESTART,  /* said so, and kept until the next start        */
};

/** One key of a schema. Tables end with a NULL key. `def` is written as in a file;
 *  NULL means that the key may be missing without a value, "!" that it is required. */
struct bmc_conf_item {
	const char *key;
	enum bmc_conf_type type;
	int64_t min, max;
	const char *def;
	const char *unit; /* "ms", "s", "bytes" or NULL; shown and accepted as suffix */
	enum bmc_reload reload;
	const struct bmc_name *names;
	const struct bmc_conf_item *items;
	const char *doc;
};

/** One node of a loaded tree. Children of a list and WORDS have a NULL key. */
struct bmc_conf {
	const char *key;
	enum bmc_conf_type type;
	const char *text;  /* a scalar as written, else NULL               */
	int64_t num;       /* INT (in `unit`), BOOL, ENUM                  */
	bool is_default;   /* not in the file                              */
	const char *file;  /* where it stands; "default" when it does not  */
	int line, column;  /* from 1                                       */
	const struct bmc_conf_item *item;
	struct bmc_conf *child, *next;
};

/** The child `key` of a section, or NULL. Accepts NULL. Borrowed. */
static inline const struct bmc_conf *bmc_conf_find(const struct bmc_conf *c, const char *key)
{
	for (c = c ? c->child : NULL; c; c = c->next) {
		if (c->key && strcmp(c->key, key) == 0)
			return c;
	}
	return NULL;
}

/** The number of child `key`, or `otherwise` where it has none. */
static inline int64_t bmc_conf_num(const struct bmc_conf *c, const char *key, int64_t otherwise)
{
	c = bmc_conf_find(c, key);
	return c && c->text ? c->num : otherwise;
}

/** The text of child `key`, or `otherwise`. Borrowed. */
static inline const char *bmc_conf_text(const struct bmc_conf *c, const char *key,
                                        const char *otherwise)
{
	c = bmc_conf_find(c, key);
	return c && c->text ? c->text : otherwise;
}

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "bmc/error.h"

/* Configuration as all parts see it: a tree of values that has been checked against
 * a schema. The schema is a table of struct bmc_conf_item, the only place that knows a
 * key's type, range, default, unit and meaning: the loader, `clusterbmcd -t`, `-p` and
 * the manual's option list all walk it. A plugin brings the table for its own part.
 *
 * Trees are immutable once loaded and live until the instance that was given them is
 * destroyed; texts in them are borrowed. Header only: a plugin links to nothing. */

enum bmc_conf_type {
	BMC_CONF_INT,     /* whole number; with a unit of time "10s", "250ms" also  */
	BMC_CONF_BOOL,    /* true, false                                            */
	BMC_CONF_TEXT,    /* min..max bytes                                         */
	BMC_CONF_ENUM,    /* one word of `names`; the value's number is in `num`    */
	BMC_CONF_SECTION, /* a mapping with the keys of `items`                     */
	BMC_CONF_LIST,    /* a sequence of mappings, each with the keys of `items`  */
	BMC_CONF_WORDS,   /* a sequence of texts                                    */
	BMC_CONF_MAP,     /* a mapping of free keys to texts                        */
	BMC_CONF_ANY,     /* checked later by another schema (a plugin's)   */
};

enum bmc_reload {
	BMC_RELOAD_LIVE,     /* taken over at once                            */
	BMC_RELOAD_INSTANCE, /* its plugin instance is recreated after its calls */
	BMC_RELOAD_RESTART,  /* said so, and kept until the next start        */
};

/** One key of a schema. Tables end with a NULL key. `def` is written as in a file;
 *  NULL means that the key may be missing without a value, "!" that it is required,
 * "{}" that a missing section is filled with the defaults of its keys. The key "*"
 * takes any key that the table does not name. `min`/`max` bound a number, a text's
 * bytes, a list's length; both 0: no bound. */
struct bmc_conf_item {
	const char *key;
	enum bmc_conf_type type;
	int64_t min, max;
	const char *def;
	const char *unit; /* "ms", "s", "bytes", ... (agent/conf/number.c) or NULL;
			   * shown, and accepted as suffix with its multiples ("150ms",
			   * "10s", "2m") */
	enum bmc_reload reload;
	const struct bmc_name *names;
	const struct bmc_conf_item *items;
	const char *doc;
	bool secret; /* not printed, not quoted in messages */
};

/** One node of a loaded tree. Children of a list and WORDS have a NULL key. */
struct bmc_conf {
	const char *key;
	enum bmc_conf_type type;
	const char *text; /* a scalar as written, else NULL               */
	int64_t num;      /* INT (in `unit`), BOOL, ENUM                  */
	bool is_default;  /* not in the file                              */
	const char *file; /* where it stands; "default" when it does not  */
	int line, column; /* from 1; 0 in a default                       */
	const struct bmc_conf_item *item;
	struct bmc_conf *child, *next;
};

/** The child `key` of a section, or NULL. Accepts NULL. Borrowed. */
static inline const struct bmc_conf *bmc_conf_find(const struct bmc_conf *c,
						   const char *key)
{
	for (c = c ? c->child : NULL; c; c = c->next) {
		if (c->key && strcmp(c->key, key) == 0)
			return c;
	}
	return NULL;
}

/** The number of child `key`, or `otherwise` where it has none. */
static inline int64_t bmc_conf_num(const struct bmc_conf *c, const char *key,
				   int64_t otherwise)
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

/** Fills `err` with "FILE:LINE: reason" (a long file name loses its front) and returns
 *  `code`, for who finds a value impossible that the schema allowed. */
__attribute__((format(printf, 4, 5))) static inline int bmc_conf_fail(
	const struct bmc_conf *c, struct bmc_error *err, int code, const char *fmt, ...)
{
	size_t len = strlen(c->file), room = 60;
	char reason[sizeof(err->what)];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	return bmc_fail(err, code, "%s%s:%d: %s", len > room ? "..." : "",
			c->file + (len > room ? len - room : 0), c->line, reason);
}

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>

#include "bmc/model.h"
#include "conf/conf.h"

/* The inside of a loaded file, for the files of agent/conf only: memory for the tree
 * and the steps that turn text into a checked tree. */

#define BMC_CONF_FILE_MAX  (4u << 20)   /* bytes of a file                          */
#define BMC_CONF_DEPTH_MAX 16           /* mappings and lists inside one another    */
#define BMC_CONF_KEYS_MAX  1024u        /* keys of one mapping                      */
#define BMC_CONF_KEY_MAX   100          /* bytes of a key                           */
#define BMC_CONF_ITEMS_MAX 65536u       /* items that all ranges of a file may make */
#define BMC_CONF_TREE_MAX  (128u << 20) /* bytes of a tree                          */

struct bmc_conf_chunk;

struct bmc_conf_file {
	struct bmc_conf_chunk *chunks; /* memory of the nodes, newest first */
	size_t bytes;
	size_t n_expanded; /* items made by ranges so far */
	const char *name;
	struct bmc_conf *root;
};

/** Zeroed memory that lives as long as the file; NULL when it would be too much. */
void *bmc_conf_alloc(struct bmc_conf_file *f, size_t size);
/** A terminated copy of `len` bytes, or NULL. */
char *bmc_conf_strndup(struct bmc_conf_file *f, const char *s, size_t len);
/** A node that stands where `at` does, or NULL. */
struct bmc_conf *bmc_conf_node(struct bmc_conf_file *f, const struct bmc_conf *at,
			       enum bmc_conf_type type);
/** The error for a NULL of the three above. */
int bmc_conf_full(const struct bmc_conf_file *f, struct bmc_error *err);

/** YAML to a raw tree of TEXT, SECTION and LIST; a value left out is a TEXT without
 * text. */
int bmc_conf_read(struct bmc_conf_file *f, const char *text, size_t len,
		  struct bmc_error *err);

/** Replaces list items that have a `range` by one item for each combination. */
int bmc_conf_expand(struct bmc_conf_file *f, struct bmc_conf *node,
		    struct bmc_error *err);

/** Checks the keys of a mapping against a schema, and adds what is not there. */
int bmc_conf_check_section(struct bmc_conf_file *f, struct bmc_conf *node,
			   const struct bmc_conf_item *items, struct bmc_error *err);
/** Checks one value against its item. */
int bmc_conf_check_value(struct bmc_conf_file *f, struct bmc_conf *node,
			 const struct bmc_conf_item *item, struct bmc_error *err);
/** The item for `key`, the "*" item where there is none by that name, or NULL. */
const struct bmc_conf_item *bmc_conf_item_find(const struct bmc_conf_item *items,
					       const char *key);

/** Parses a number with an optional suffix of `unit`'s family: 0, BMC_EINVAL,
 * BMC_ERANGE. */
int bmc_conf_number(const char *text, const char *unit, int64_t *ret);
/** The suffixes of a unit, as in "ms, s, m or h"; "" when it takes none. */
void bmc_conf_suffixes(const char *unit, char *buf, size_t size);

/* The best suggestion at what was meant. Start with { .word = ... }. */
struct bmc_conf_suggestion {
	const char *word;
	const char *best; /* NULL: nothing is near */
	unsigned distance;
};
/** Takes `candidate` when it is nearer than what was found so far. */
void bmc_conf_suggestion(struct bmc_conf_suggestion *g, const char *candidate);
/** How many bytes of a key may be quoted in a message: up to the first that no key has.
 * In `passphrase:hunter2`, without a blank, what follows is a value. */
int bmc_conf_key_shown(const char *key);
/** The error for a key that is in no schema. */
int bmc_conf_unknown(const struct bmc_conf *node,
		     const struct bmc_conf_suggestion *suggestion,
		     struct bmc_error *err);

/** A file owns its nodes and lends them out as const; here its owner takes one back. */
static inline struct bmc_conf *bmc_conf_mine(const struct bmc_conf *node)
{
	return (struct bmc_conf *)(uintptr_t)node;
}

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdio.h>

#include "bmc/conf.h"
#include "bmc/error.h"

/* Loading, checking, printing and documenting configuration files.
 *
 * Any scalar may be text; the schema says what it becomes. In a list's item a key
 * `range: {b: 1-9, s: 1-8}` makes one item for each combination, the first name
 * slowest; in the item's texts `{b}`, `{s}` and `{i}` (a count from 0) are replaced,
 * `{s:02}` with leading zeros. Expansion happens before the schema is applied; 65,536
 * items at most. */

struct bmc_conf_file; /* a loaded file: owns its tree */

/** Loads `path` and checks it against `schema`. On error `err->what` is "FILE:LINE:
 * reason". Bounds: 4 MiB, depth 16. No anchors or aliases (they can be made to
 * explode). */
int bmc_conf_load(const char *path, const struct bmc_conf_item *schema,
		  struct bmc_conf_file **ret, struct bmc_error *err);
/** As bmc_conf_load from memory; `name` stands for the file in messages. */
int bmc_conf_parse(const char *name, const char *text, size_t len,
		   const struct bmc_conf_item *schema, struct bmc_conf_file **ret,
		   struct bmc_error *err);
/** The root section. Borrowed. */
const struct bmc_conf *bmc_conf_root(const struct bmc_conf_file *f);
/** Accepts and returns NULL. */
struct bmc_conf_file *bmc_conf_free(struct bmc_conf_file *f);

/** Checks a BMC_CONF_ANY node (a plugin's settings) against its schema, in place: after
 * it the node is a section with defaults filled in. `node` may be NULL: then `*ret` is
 * a section of defaults, owned by `f`. */
int bmc_conf_apply(struct bmc_conf_file *f, const struct bmc_conf *node,
		   const struct bmc_conf_item *schema, const struct bmc_conf **ret,
		   struct bmc_error *err);

/** Prints the tree as YAML, each value with a comment saying where it came from. */
void bmc_conf_print(const struct bmc_conf *root, FILE *out);
/** Prints a schema's documentation as Markdown. */
void bmc_conf_doc(const char *title, const struct bmc_conf_item *schema, FILE *out);

/** The schema of clusterbmcd.yaml (schema.c). */
extern const struct bmc_conf_item bmc_conf_schema[];
/** The schema of a platform file (platform-schema.c): its rows take the BMC_STATIC
 * fields of their kind, and any other key for a plugin to check. Made at the first
 * call; any thread. */
const struct bmc_conf_item *bmc_platform_schema(void);

// SPDX-License-Identifier: Apache-2.0
// A schema as a Markdown page: what `clusterbmcd --dump-conf-doc` prints and what
// doc/clusterbmcd.yaml.md holds; a check fails when the page and the tables differ.
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "conf/tree.h"

static const char *const type_words[] = {
	[BMC_CONF_INT] = "number",
	[BMC_CONF_BOOL] = "true or false",
	[BMC_CONF_TEXT] = "text",
	[BMC_CONF_ENUM] = "word",
	[BMC_CONF_SECTION] = "section",
	[BMC_CONF_LIST] = "list of sections",
	[BMC_CONF_WORDS] = "list of texts",
	[BMC_CONF_MAP] = "map of texts",
	[BMC_CONF_ANY] = "section (its plugin's)",
};

static const char *const reload_words[] = {
	[BMC_RELOAD_LIVE] = "at once",
	[BMC_RELOAD_INSTANCE] = "new instance",
	[BMC_RELOAD_RESTART] = "restart",
};

static void put_type(const struct bmc_conf_item *item, FILE *out)
{
	const struct bmc_name *n;
	char suffixes[64];

	if (item->type == BMC_CONF_ENUM) {
		for (n = item->names; n->word; n++)
			(void)fprintf(out, "%s`%s`", n == item->names ? "" : ", ",
				      n->word);
		return;
	}
	(void)fputs(type_words[item->type], out);
	if (item->max == INT64_MAX)
		(void)fprintf(out, ", %" PRId64 " or more", item->min);
	else if (item->min != 0 || item->max != 0)
		(void)fprintf(out, ", %" PRId64 " to %" PRId64, item->min, item->max);
	if (item->type == BMC_CONF_TEXT && item->max)
		(void)fputs(" bytes", out);
	if (!item->unit)
		return;
	bmc_conf_suffixes(item->unit, suffixes, sizeof(suffixes));
	(void)fprintf(out, " %s (suffixes: %s)", item->unit, suffixes);
}

static void put_default(const char *def, FILE *out)
{
	if (!def)
		(void)fputs("none", out);
	else if (strcmp(def, "!") == 0)
		(void)fputs("required", out);
	else if (!*def)
		(void)fputs("empty", out);
	else
		(void)fprintf(out, "`%s`", def);
}

static bool is_table(const struct bmc_conf_item *item)
{
	return item->items &&
	       (item->type == BMC_CONF_SECTION || item->type == BMC_CONF_LIST);
}

/* `list`: what a change of the whole list needs, when these are keys of its sections.
 */
static void put_items(const char *path, const struct bmc_conf_item *items,
		      const enum bmc_reload *list, FILE *out)
{
	const struct bmc_conf_item *item;

	(void)fputs("| key | type | default | change needs | meaning |\n"
		    "|---|---|---|---|---|\n",
		    out);
	for (item = items; item->key; item++) {
		(void)fprintf(out, "| `%s` | ",
			      strcmp(item->key, "*") == 0 ? "(others)" : item->key);
		put_type(item, out);
		(void)fputs(" | ", out);
		put_default(item->def, out);
		(void)fprintf(out, " | %s | %s |\n",
			      reload_words[list ? *list : item->reload], item->doc);
	}
	for (item = items; item->key; item++) {
		char below[128];

		if (!is_table(item))
			continue;
		(void)snprintf(below, sizeof(below), "%s%s%s", path, item->key,
			       item->type == BMC_CONF_LIST ? "[]." : ".");
		(void)fprintf(out, "\n### `%.*s`\n\n", (int)strlen(below) - 1, below);
		put_items(below, item->items,
			  item->type == BMC_CONF_LIST ? &item->reload : list, out);
	}
}

void bmc_conf_doc(const char *title, const struct bmc_conf_item *schema, FILE *out)
{
	(void)fprintf(out, "## %s\n\n", title);
	put_items("", schema, NULL, out);
	(void)fputc('\n', out);
}

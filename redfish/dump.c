// SPDX-License-Identifier: Apache-2.0
// The tables as text, for the checks that compare them with DMTF's schemas and with the
// other frontends. Called by `clusterbmcd --dump-redfish`.
#include <string.h>

#include "core/model/field.h"
#include "redfish/redfish.h"
#include "redfish/resource.h"

static const char *const how_names[] = {
	[RF_HOW_FIELD] = "field", [RF_HOW_TEXT] = "text",   [RF_HOW_NUM] = "number",
	[RF_HOW_BOOL] = "bool",   [RF_HOW_NULL] = "null",   [RF_HOW_LIST] = "list",
	[RF_HOW_LINK] = "link",   [RF_HOW_SAME] = "link",   [RF_HOW_UP] = "link",
	[RF_HOW_URI] = "text",    [RF_HOW_DOWN] = "links",  [RF_HOW_ALL] = "links",
	[RF_HOW_EACH] = "each",   [RF_HOW_FN] = "function",
};

/* Whether a value that is not known is shown as null. */
static bool may_be_null(const struct rf_prop *p)
{
	const uint32_t other =
		RF_OMIT | RF_OR_ID | RF_FALSE_IF_UNKNOWN | RF_TEXT_IF_UNKNOWN;

	return p->how == RF_HOW_NULL || (p->how == RF_HOW_FIELD && !(p->flags & other));
}

/* `above`: the array whose elements these are, "" none. */
static void dump_props(FILE *out, const struct rf_resource *res, const char *above,
		       enum bmc_kind kind, const struct rf_prop *props)
{
	for (const struct rf_prop *p = props; p && p->path; p++) {
		bool row = p->how == RF_HOW_FIELD || (p->how == RF_HOW_FN && p->offset);
		const struct bmc_field *f = row ? bmc_field_at(kind, p->offset) : NULL;
		fprintf(out, "%s\t%s\t%s%s%s\t%s\t%s%s%s\t%s\t%s\n", res->uri,
			res->type, above, above[0] ? "[]/" : "", p->path,
			how_names[p->how], f ? bmc_kind(kind)->name : "", f ? "." : "",
			f ? f->name : "", p->flags & RF_PATCH ? "patch" : "",
			may_be_null(p) ? "null" : "");
		if (p->how == RF_HOW_EACH)
			dump_props(out, res, p->path, p->each->kind, p->each->props);
	}
}

void rf_dump(FILE *out)
{
	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		if (strchr((*r)->uri, 0)[-1] == '}') /* made by the renderer */
			fprintf(out, "%s\t%s\tId\tfield\t%s.id\t\t\n", (*r)->uri,
				(*r)->type, bmc_kind(rf_kind(*r))->name);
		dump_props(out, *r, "", rf_kind(*r), (*r)->props);
	}
}

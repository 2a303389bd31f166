// SPDX-License-Identifier: Apache-2.0
// CSDL of our Oem objects, written from the same tables as the objects: a property's
// name from its path, its type and meaning from its field. Clients and DMTF's validator
// fetch it under /redfish/v1/Schemas.
#include "redfish/oem.h"

#include <string.h>

#include "core/model/field.h"
#include "redfish/list.h"
#include "redfish/update.h"
#include "redfish/values.h"

#define OEM     "Oem/ClusterBmc/"
#define VERSION "v1_0_0"

/* "#ClusterBmcFan.v1_0_0.Fan" of a resource with such an object, or NULL. */
static const char *oem_type(const struct rf_resource *res)
{
	for (const struct rf_prop *p = res->props; p && p->path; p++) {
		if (strcmp(p->path, OEM "@odata.type") == 0)
			return p->text + 1;
	}
	return NULL;
}

static bool seen_before(const struct rf_resource *const *r)
{
	const char *type = oem_type(*r);

	for (const struct rf_resource *const *o = rf_resources; o != r; o++) {
		const char *other = oem_type(*o);
		if (other && strcmp(other, type) == 0)
			return true;
	}
	return false;
}

void rf_oem_each(void (*each)(void *arg, const char *type,
			      const struct rf_resource *res),
		 void *arg)
{
	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		if (oem_type(*r) && !seen_before(r))
			each(arg, oem_type(*r), *r);
	}
	each(arg, RF_UPDATE_OPTIONS, &rf_update_options);
}

static void escape(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '&' || *text == '<' || *text == '"')
			fprintf(out, "&#%d;", *text);
		else
			fputc(*text, out);
	}
}

static void annotate(FILE *out, const char *term, const char *lead, const char *text)
{
	fprintf(out, "<Annotation Term=\"OData.%s\" String=\"%s", term, lead);
	escape(out, text);
	fputs("\"/>\n", out);
}

static const char *edm_type(const struct bmc_field *f)
{
	if (f->type == BMC_TEXT || f->type == BMC_ENUM)
		return "Edm.String";
	if (f->type == BMC_BOOL)
		return "Edm.Boolean";
	if (f->type == BMC_TIME)
		return "Edm.DateTimeOffset";
	return rf_scale(f) > 1 ? "Edm.Decimal" : "Edm.Int64";
}

/* Of a property: of its field `f`, or without one a number or a text,
 * whose meaning is the property's text. */
static const char *type_of(const struct rf_prop *p, const struct bmc_field *f)
{
	if (f)
		return edm_type(f);
	if (p->flags & RF_TEXTS)
		return "Collection(Edm.String)";
	return p->how == RF_HOW_TEXT || p->flags & RF_STRING ? "Edm.String"
							     : "Edm.Int64";
}

static void property(FILE *out, const struct rf_prop *p, const struct bmc_field *f)
{
	const char *doc = f ? f->doc : p->text;

	fprintf(out, "<Property Name=\"%s\" Type=\"%s\">\n", p->path + strlen(OEM),
		type_of(p, f));
	fprintf(out,
		"<Annotation Term=\"OData.Permissions\" "
		"EnumMember=\"OData.Permission/%s\"/>\n",
		p->flags & RF_PATCH ? "ReadWrite" : "Read");
	annotate(out, "Description", "", doc);
	annotate(out, "LongDescription", "This property shall contain: ", doc);
	fputs("</Property>\n", out);
}

static void reference(FILE *out, const char *uri, const char *ns, const char *alias)
{
	fprintf(out,
		"<edmx:Reference Uri=\"%s\"><edmx:Include "
		"Namespace=\"%s\"%s%s%s/></edmx:Reference>\n",
		uri, ns, alias ? " Alias=\"" : "", alias ? alias : "",
		alias ? "\"" : "");
}

static void schema_head(FILE *out, const char *ns, int len)
{
	fprintf(out,
		"<Schema xmlns=\"http://docs.oasis-open.org/odata/ns/edm\" "
		"Namespace=\"%.*s\">\n"
		"<Annotation Term=\"Redfish.OwningEntity\" String=\"ClusterBmc\"/>\n",
		len, ns);
}

/* ---- actions ---- */

/* What our own actions do, and mean by their parameters. */
static const struct {
	const char *name, *doc, *param_doc;
} action_docs[] = {
	{ RF_ENTER_MODE, "This action restarts a board into a mode of its chip.",
	  "The mode that the board is to start." },
	{ RF_HUB_RESET,
	  "This action cuts the power of a board's USB port and switches it on again. "
	  "Where the "
	  "hub switches its ports together, the other boards of the hub lose it, too: "
	  "the task "
	  "names them.",
	  NULL },
	{ RF_RECOVER,
	  "This action brings back a board that does not answer, by its USB port's "
	  "power and, if "
	  "that does not do, by its own.",
	  NULL },
};

static void described(FILE *out, const char *what, const char *text)
{
	annotate(out, "Description", "", text);
	annotate(out, "LongDescription", what, text);
}

static void parameter(FILE *out, const struct rf_param *p, const char *doc)
{
	fprintf(out, "<Parameter Name=\"%s\" Type=\"%s\" Nullable=\"%s\">\n", p->name,
		p->type == JSON_STRING    ? "Edm.String"
		: p->type == JSON_INTEGER ? "Edm.Int64"
					  : "Edm.Boolean",
		p->required ? "false" : "true");
	described(out, "This parameter shall contain: ", doc);
	fputs("</Parameter>\n", out);
}

static size_t action_doc(const char *name)
{
	size_t i = 0;

	while (strcmp(action_docs[i].name, name) != 0)
		i++; /* each is in the table: a test makes all files */
	return i;
}

/* Bound to the OemActions of the resource's own schema (DSP0266, "OEM actions"). */
static void action(FILE *out, const struct rf_action *a, const struct rf_resource *res)
{
	int ns = (int)strcspn(res->type, ".");
	size_t doc = action_doc(a->name);

	fprintf(out,
		"<Action Name=\"%s\" IsBound=\"true\">\n"
		"<Parameter Name=\"%.*s\" Type=\"%.*s.v1_0_0.OemActions\"/>\n",
		strchr(a->name, '.') + 1, ns, res->type, ns, res->type);
	for (const struct rf_param *p = a->params; p->name; p++)
		parameter(out, p, action_docs[doc].param_doc);
	described(out, "", action_docs[doc].doc);
	fputs("</Action>\n", out);
}

static bool is_own(const struct rf_action *a)
{
	return strncmp(a->name, "Oem/", 4) == 0;
}

static void actions(FILE *out, const struct rf_resource *res)
{
	for (const struct rf_action *a = res->actions; a && a->name; a++) {
		if (is_own(a))
			action(out, a, res);
	}
}

/* The standard schema that own actions are bound to. */
static void bound_schema(FILE *out, const struct rf_resource *res)
{
	char uri[128], ns[64];
	int len = (int)strcspn(res->type, ".");
	bool any = false;

	for (const struct rf_action *a = res->actions; a && a->name; a++)
		any |= is_own(a);
	(void)snprintf(uri, sizeof(uri), RF_DMTF "%.*s_v1.xml", len, res->type);
	(void)snprintf(ns, sizeof(ns), "%.*s.v1_0_0", len, res->type);
	if (any)
		reference(out, uri, ns, NULL);
}

void rf_oem_write(FILE *out, const char *type, const struct rf_resource *res)
{
	int name = (int)strcspn(type, "."), whole = (int)(strrchr(type, '.') - type);

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	      "<edmx:Edmx xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\" "
	      "Version=\"4.0\">\n",
	      out);
	reference(out,
		  "http://docs.oasis-open.org/odata/odata/v4.0/errata03/csd01/complete/"
		  "vocabularies/Org.OData.Core.V1.xml",
		  "Org.OData.Core.V1", "OData");
	reference(out, RF_DMTF "RedfishExtensions_v1.xml", "RedfishExtensions.v1_0_0",
		  "Redfish");
	reference(out, RF_DMTF "Resource_v1.xml", "Resource", NULL);
	bound_schema(out, res);
	fputs("<edmx:DataServices>\n", out);
	schema_head(out, type, name);
	actions(out, res);
	fputs("</Schema>\n", out);
	schema_head(out, type, whole);
	fprintf(out,
		"<ComplexType Name=\"%s\" BaseType=\"Resource.OemObject\">\n"
		"<Annotation Term=\"OData.AdditionalProperties\" Bool=\"false\"/>\n",
		type + whole + 1);
	annotate(out, "Description", "",
		 "What this service knows beyond the standard.");
	annotate(
		out, "LongDescription", "",
		"This type shall contain what this service knows beyond the standard.");
	for (const struct rf_prop *p = res->props; p->path; p++) {
		if (strncmp(p->path, OEM, strlen(OEM)) != 0)
			continue;
		if (p->how == RF_HOW_FIELD)
			property(out, p, bmc_field_at(rf_kind(res), p->offset));
		else if (p->text && p->path[strlen(OEM)] != '@')
			property(out, p, NULL);
	}
	fputs("</ComplexType>\n</Schema>\n</edmx:DataServices>\n</edmx:Edmx>\n", out);
}

/* ---- served ---- */

struct wanted {
	const char *file;
	const char *type;
	const struct rf_resource *res;
};

static void match(void *arg, const char *type, const struct rf_resource *res)
{
	struct wanted *w = arg;
	size_t len = strcspn(type, ".");

	if (strncmp(w->file, type, len) != 0 || strcmp(w->file + len, "_v1.xml") != 0)
		return;
	w->type = type;
	w->res = res;
}

static int file(struct rf_request *q)
{
	struct wanted w = { .file = strrchr(q->uri, '/') + 1 };
	char *text = NULL;
	size_t len;

	rf_oem_each(match, &w);
	FILE *out = w.res ? open_memstream(&text, &len) : NULL;
	if (!out)
		return rf_answer_error(q, w.res ? BMC_ENOMEM : BMC_ENOTFOUND, NULL);
	rf_oem_write(out, w.type, w.res);
	(void)fclose(out);
	return rf_answer_text(q, 200, text, "application/xml;charset=utf-8");
}

const struct rf_resource rf_oem_file = {
	.uri = "/redfish/v1/Schemas/*",
	.type = "",
	.raw = file,
	.flags = RF_UNAUTHENTICATED,
};

// SPDX-License-Identifier: Apache-2.0
// The OData documents: the service document and $metadata, both made from the list of
// resources, so none can be missing.
#include <stdarg.h>
#include <string.h>

#include "redfish/list.h"
#include "redfish/oem.h"

/* The version of ServiceRoot that last changed the container. */
#define CONTAINER "ServiceRoot.v1_16_0"

/* ---- service document ---- */

static json_t *service(const char *name, const char *uri)
{
	return json_pack("{ss ss ss}", "kind", "Singleton", "name", name, "url", uri);
}

static int odata(struct rf_request *q)
{
	json_t *list = json_pack("[o]", service("Service", "/redfish/v1/"));

	for (const struct rf_prop *p = rf_root.props; p->path; p++) {
		const char *name = strrchr(p->path, '/');
		if (p->how == RF_HOW_LINK)
			(void)json_array_append_new(
				list, service(name ? name + 1 : p->path, p->text));
	}
	return rf_answer(q, 200,
			 json_pack("{ss so}", "@odata.context", "/redfish/v1/$metadata",
				   "value", list));
}

const struct rf_resource rf_odata = {
	.uri = "/redfish/v1/odata",
	.type = "",
	.raw = odata,
	.flags = RF_UNAUTHENTICATED,
};

/* ---- $metadata ---- */

static void include(FILE *out, const char *ns, const char *alias)
{
	fprintf(out, "<edmx:Include Namespace=\"%s\"%s%s%s/>\n", ns,
		alias ? " Alias=\"" : "", alias ? alias : "", alias ? "\"" : "");
}

/* "Chassis.v1_28_0.Chassis": its file, its namespace without and with the version. */
static void reference(FILE *out, const char *type)
{
	int name = (int)strcspn(type, "."), whole = (int)(strrchr(type, '.') - type);
	char ns[96];

	fprintf(out, "<edmx:Reference Uri=\"" RF_DMTF "%.*s_v1.xml\">\n", name, type);
	(void)snprintf(ns, sizeof(ns), "%.*s", name, type);
	include(out, ns, NULL);
	(void)snprintf(ns, sizeof(ns), "%.*s", whole, type);
	if (whole != name)
		include(out, ns, NULL);
	fputs("</edmx:Reference>\n", out);
}

static bool seen_before(const struct rf_resource *const *r)
{
	for (const struct rf_resource *const *o = rf_resources; o != r; o++) {
		if (strcmp((*o)->type, (*r)->type) == 0)
			return true;
	}
	return false;
}

/* Ours are served here. */
static void oem_reference(void *arg, const char *type, const struct rf_resource *res)
{
	int name = (int)strcspn(type, "."), whole = (int)(strrchr(type, '.') - type);
	char ns[96];

	(void)res;
	fprintf(arg, "<edmx:Reference Uri=\"/redfish/v1/Schemas/%.*s_v1.xml\">\n", name,
		type);
	(void)snprintf(ns, sizeof(ns), "%.*s", name, type);
	include(arg, ns, NULL);
	(void)snprintf(ns, sizeof(ns), "%.*s", whole, type);
	include(arg, ns, NULL);
	fputs("</edmx:Reference>\n", arg);
}

static void write_metadata(FILE *out)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	      "<edmx:Edmx xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\" "
	      "Version=\"4.0\">\n",
	      out);
	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		if ((*r)->type[0] && !seen_before(r))
			reference(out, (*r)->type);
	}
	rf_oem_each(oem_reference, out);
	reference(out, CONTAINER ".ServiceContainer");
	fputs("<edmx:Reference Uri=\"" RF_DMTF "RedfishExtensions_v1.xml\">\n", out);
	include(out, "RedfishExtensions.v1_0_0", "Redfish");
	fputs("</edmx:Reference>\n<edmx:DataServices>\n"
	      "<Schema xmlns=\"http://docs.oasis-open.org/odata/ns/edm\" "
	      "Namespace=\"Service\">\n"
	      "<EntityContainer Name=\"Service\" "
	      "Extends=\"" CONTAINER ".ServiceContainer\"/>\n"
	      "</Schema>\n</edmx:DataServices>\n</edmx:Edmx>\n",
	      out);
}

static int metadata(struct rf_request *q)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	write_metadata(out);
	(void)fclose(out);
	return rf_answer_text(q, 200, text, "application/xml;charset=utf-8");
}

const struct rf_resource rf_metadata = {
	.uri = "/redfish/v1/$metadata",
	.type = "",
	.raw = metadata,
	.flags = RF_UNAUTHENTICATED,
};

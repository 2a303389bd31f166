// SPDX-License-Identifier: Apache-2.0
// The index of JSON schemas: one entry for each type that some resource has.
#include <string.h>

#include "redfish/list.h"

#define SCHEMAS "/redfish/v1/JsonSchemas"

/* "Chassis.v1_28_0.Chassis": the length of "Chassis.v1_28_0". */
static int name_len(const char *type)
{
	const char *dot = strrchr(type, '.');

	return dot ? (int)(dot - type) : 0;
}

static const struct rf_resource *find(const char *name)
{
	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		size_t len = (size_t)name_len((*r)->type);
		if (len && strlen(name) == len && strncmp((*r)->type, name, len) == 0)
			return *r;
	}
	return NULL;
}

static bool known(const char *id)
{
	return find(id) != NULL;
}

static json_t *name(struct rf_render *r)
{
	return json_string(rf_id(r));
}

static json_t *definition(struct rf_render *r)
{
	const struct rf_resource *res = find(rf_id(r));

	return res ? json_sprintf("#%s", res->type) : NULL;
}

static json_t *address(struct rf_render *r)
{
	return json_sprintf("http://redfish.dmtf.org/schemas/v1/%s.json", rf_id(r));
}

static json_t *members(struct rf_render *r)
{
	json_t *list = json_array();
	char uri[RF_URI_MAX];

	(void)r;
	for (const struct rf_resource *const *o = rf_resources; *o; o++) {
		(void)snprintf(uri, sizeof(uri), SCHEMAS "/%.*s", name_len((*o)->type),
			       (*o)->type);
		if ((*o)->type[0] && find(strrchr(uri, '/') + 1) == *o)
			(void)json_array_append_new(list, rf_link(uri));
	}
	return list;
}

static json_t *count(struct rf_render *r)
{
	json_t *list = members(r);
	size_t n = json_array_size(list);

	json_decref(list);
	return json_integer((json_int_t)n);
}

static const struct rf_prop props[] = {
	RF_FN("Members@odata.count", count),
	RF_FN("Members", members),
	{ .path = NULL },
};

static const struct rf_prop file_props[] = {
	RF_FN("Name", name),
	RF_FN("Schema", definition),
	RF_TEXT("Languages[]", "en"),
	RF_TEXT("Location[0]/Language", "en"),
	RF_FN("Location[0]/PublicationUri", address),
	{ .path = NULL },
};

const struct rf_resource rf_json_schemas = {
	.uri = SCHEMAS,
	.type = "JsonSchemaFileCollection.JsonSchemaFileCollection",
	.name = "JSON schemas",
	.props = props,
	.flags = RF_NO_ID,
};
const struct rf_resource rf_json_schema = {
	.uri = SCHEMAS "/*",
	.type = "JsonSchemaFile.v1_1_5.JsonSchemaFile",
	.props = file_props,
	.known = known,
};

// SPDX-License-Identifier: Apache-2.0
// Message registries: DMTF's by their public addresses, and our own, whose messages are
// the event types of the core.
#include <string.h>

#include "core/events/event.h"
#include "core/model/field.h"
#include "redfish/list.h"
#include "redfish/standard.h"
#include "redfish/task.h"

#define REGISTRIES "/redfish/v1/Registries"

/* DMTF's table of contents, and ours, which is served here. */
static const struct rf_standard_registry own = { "ClusterBmc", "1.0.0" };

static const struct rf_standard_registry *find(const char *id)
{
	const struct rf_standard_registry *r = rf_standard_registries;
	char have[64];

	for (; r->prefix; r++) {
		(void)snprintf(have, sizeof(have), "%s.%s", r->prefix, r->version);
		if (strcmp(have, id) == 0)
			return r;
	}
	(void)snprintf(have, sizeof(have), "%s.%s", own.prefix, own.version);
	return strcmp(have, id) == 0 ? &own : NULL;
}

static bool known(const char *id)
{
	return find(id) != NULL;
}

static json_t *name(struct rf_render *r)
{
	const struct rf_standard_registry *f = find(rf_id(r));

	return f ? json_sprintf("%s message registry", f->prefix) : NULL;
}

/* Without the errata version, as in a MessageId. */
static json_t *registry(struct rf_render *r)
{
	const char *id = rf_id(r), *dot = strrchr(id, '.');

	return json_stringn(id, dot ? (size_t)(dot - id) : strlen(id));
}

static json_t *public_uri(struct rf_render *r)
{
	if (find(rf_id(r)) == &own)
		return NULL;
	return json_sprintf("http://redfish.dmtf.org/registries/%s.json", rf_id(r));
}

static json_t *own_uri(struct rf_render *r)
{
	return find(rf_id(r)) == &own ? json_sprintf(REGISTRIES "/%s.json", rf_id(r))
				      : NULL;
}

static json_t *link_to(const struct rf_standard_registry *r)
{
	char uri[RF_URI_MAX];

	(void)snprintf(uri, sizeof(uri), REGISTRIES "/%s.%s", r->prefix, r->version);
	return rf_link(uri);
}

static json_t *members(struct rf_render *r)
{
	json_t *list = json_pack("[o]", link_to(&own));

	(void)r;
	for (const struct rf_standard_registry *s = rf_standard_registries; s->prefix;
	     s++)
		(void)json_array_append_new(list, link_to(s));
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
	RF_FN("Registry", registry),
	RF_TEXT("Languages[]", "en"),
	RF_TEXT("Location[0]/Language", "en"),
	RF_FN("Location[0]/PublicationUri", public_uri),
	RF_FN("Location[0]/Uri", own_uri),
	{ .path = NULL },
};

static json_t *message(const struct bmc_event_type *t, enum bmc_severity severity)
{
	json_t *types = json_array(), *m;

	for (unsigned i = 0; i < t->n_args; i++)
		(void)json_array_append_new(types, json_string("string"));
	m = json_pack("{ss ss ss ss si ss}", "Description", t->doc, "LongDescription",
		      t->doc, "Message", t->message, "MessageSeverity",
		      bmc_name_word(bmc_severity_names, severity), "NumberOfArgs",
		      (int)t->n_args, "Resolution", t->resolution);
	(void)json_object_set_new(m, "ParamTypes", types);
	return m;
}

/* As rf_log_message_id() names it. */
static void add_one(json_t *messages, const struct bmc_event_type *t)
{
	char name[64];

	if (t->severity)
		(void)json_object_set_new(messages, t->name, message(t, t->severity));
	for (int s = BMC_SEVERITY_OK; !t->severity && s <= BMC_SEVERITY_CRITICAL; s++) {
		(void)snprintf(name, sizeof(name), "%s%s", t->name,
			       bmc_name_word(bmc_severity_names, s));
		(void)json_object_set_new(messages, name,
					  message(t, (enum bmc_severity)s));
	}
}

static void add(json_t *messages, const struct bmc_event_type *types)
{
	for (const struct bmc_event_type *t = types; t->name; t++)
		add_one(messages, t);
}

static int own_registry(struct rf_request *q)
{
	json_t *messages = json_object();

	add(messages, bmc_event_types);
	add(messages, rf_task_message_types);
	return rf_answer(
		q, 200,
		json_pack(
			"{ss ss ss ss ss ss ss ss so}", "@odata.type",
			"#MessageRegistry.v1_7_0.MessageRegistry", "Id",
			"ClusterBmc.1.0.0", "Name", "Events of a cluster server",
			"Language", "en", "Description",
			"The messages of the event log, of subscriptions and of traps.",
			"RegistryPrefix", "ClusterBmc", "RegistryVersion", "1.0.0",
			"OwningEntity", "clusterbmc", "Messages", messages));
}

const struct rf_resource rf_registries = {
	.uri = REGISTRIES,
	.type = "MessageRegistryFileCollection.MessageRegistryFileCollection",
	.name = "Message registries",
	.props = props,
	.flags = RF_NO_ID,
};
const struct rf_resource rf_registry = {
	.uri = REGISTRIES "/*",
	.type = "MessageRegistryFile.v1_1_5.MessageRegistryFile",
	.props = file_props,
	.known = known,
};
const struct rf_resource rf_own_messages = {
	.uri = REGISTRIES "/ClusterBmc.1.0.0.json",
	.type = "",
	.raw = own_registry,
};

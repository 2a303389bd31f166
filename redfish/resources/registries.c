// SPDX-License-Identifier: Apache-2.0
// Message registries: DMTF's Base by its public address, and our own, whose messages
// are the event types of the core.
#include "core/events/event.h"
#include "core/model/field.h"
#include "redfish/list.h"
#include "redfish/task.h"

#define REGISTRIES "/redfish/v1/Registries"

/* clang-format off */
static const struct rf_prop base_props[] = {
	RF_TEXT("Registry", "Base.1.22"),
	RF_TEXT("Languages[]", "en"),
	RF_TEXT("Location[0]/Language", "en"),
	RF_TEXT("Location[0]/PublicationUri", "http://redfish.dmtf.org/registries/Base.1.22.1.json"),
	{ .path = NULL },
};
static const struct rf_prop own_props[] = {
	RF_TEXT("Registry", "ClusterBmc.1.0"),
	RF_TEXT("Languages[]", "en"),
	RF_TEXT("Location[0]/Language", "en"),
	RF_TEXT("Location[0]/Uri", REGISTRIES "/ClusterBmc.1.0.0.json"),
	{ .path = NULL },
};
/* clang-format on */

static json_t *message(const struct bmc_event_type *t)
{
	/* one that comes in several severities is a warning at most here */
	enum bmc_severity severity = t->severity ? t->severity : BMC_SEVERITY_WARNING;
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

static void add(json_t *messages, const struct bmc_event_type *types)
{
	for (const struct bmc_event_type *t = types; t->name; t++)
		(void)json_object_set_new(messages, t->name, message(t));
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
	.members = RF_TO(&rf_base_registry, &rf_own_registry),
};
const struct rf_resource rf_base_registry = {
	.uri = REGISTRIES "/Base.1.22.1",
	.type = "MessageRegistryFile.v1_1_5.MessageRegistryFile",
	.name = "DMTF's Base registry",
	.props = base_props,
};
const struct rf_resource rf_own_registry = {
	.uri = REGISTRIES "/ClusterBmc.1.0.0",
	.type = "MessageRegistryFile.v1_1_5.MessageRegistryFile",
	.name = "This service's own registry",
	.props = own_props,
};
const struct rf_resource rf_own_messages = {
	.uri = REGISTRIES "/ClusterBmc.1.0.0.json",
	.type = "",
	.raw = own_registry,
};

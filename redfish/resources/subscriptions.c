// SPDX-License-Identifier: Apache-2.0
// Subscriptions to events: who is told of which.
#include <string.h>

#include "core/model/field.h"
#include "redfish/events/subscriptions.h"
#include "redfish/list.h"
#include "redfish/telemetry.h"

#define SUBSCRIPTION(r) ((const struct bmc_subscription *)rf_row(r))

/* "A B" as an array; none when it is empty: then all are meant. */
static json_t *words(const char *text)
{
	json_t *list = *text ? json_array() : NULL;

	while (*text) {
		size_t n = strcspn(text, " ");
		(void)json_array_append_new(list, json_stringn(text, n));
		text += n + (text[n] == ' ');
	}
	return list;
}

static json_t *registries(struct rf_render *r)
{
	return words(SUBSCRIPTION(r)->registries);
}

static json_t *no_registries(struct rf_render *r)
{
	return words(SUBSCRIPTION(r)->no_registries);
}

static json_t *messages(struct rf_render *r)
{
	return words(SUBSCRIPTION(r)->messages);
}

static json_t *no_messages(struct rf_render *r)
{
	return words(SUBSCRIPTION(r)->no_messages);
}

static json_t *resources(struct rf_render *r)
{
	return words(SUBSCRIPTION(r)->resources);
}

static json_t *severities(struct rf_render *r)
{
	return words(SUBSCRIPTION(r)->severities);
}

static json_t *origins(struct rf_render *r)
{
	json_t *list = words(SUBSCRIPTION(r)->origins),
	       *links = list ? json_array() : NULL;
	json_t *uri;
	size_t i;

	json_array_foreach (list, i, uri)
		(void)json_array_append_new(links, rf_link(json_string_value(uri)));
	json_decref(list);
	return links;
}

static json_t *reports(struct rf_render *r)
{
	const char *ids = SUBSCRIPTION(r)->reports;

	return *ids ? rf_report_links(r, ids) : NULL;
}

static json_t *format(struct rf_render *r)
{
	bool report = SUBSCRIPTION(r)->format == BMC_FORMAT_METRIC_REPORT;

	return json_string(
		bmc_name_word(bmc_event_format_names,
			      report ? BMC_FORMAT_METRIC_REPORT : BMC_FORMAT_EVENT));
}

static json_t *context(struct rf_render *r)
{
	return json_string(SUBSCRIPTION(r)->context);
}

/* Never shown. */
static json_t *headers(struct rf_render *r)
{
	return SUBSCRIPTION(r)->type == BMC_SUBSCRIBER_PUSH ? json_array() : NULL;
}

/* Keys and communities are never shown. */
static json_t *snmp(struct rf_render *r)
{
	const struct bmc_subscription *s = SUBSCRIPTION(r);

	if (s->type < BMC_SUBSCRIBER_SNMP_TRAP)
		return NULL;
	return json_pack("{sn sb ss sn sb ss sn sb}", "AuthenticationKey",
			 "AuthenticationKeySet", s->snmp_auth >= BMC_SNMP_AUTH_SHA1,
			 "AuthenticationProtocol",
			 bmc_name_word(bmc_snmp_auth_names, s->snmp_auth),
			 "EncryptionKey", "EncryptionKeySet",
			 s->snmp_priv >= BMC_SNMP_PRIV_AES128, "EncryptionProtocol",
			 bmc_name_word(bmc_snmp_priv_names, s->snmp_priv),
			 "TrapCommunity", "HideCommunityStrings", true);
}

static const struct rf_param no_params[] = {
	{ .name = NULL },
};
static const struct rf_action actions[] = {
	{ "EventDestination.SuspendSubscription", no_params, rf_subscription_suspend,
	  NULL },
	{ "EventDestination.ResumeSubscription", no_params, rf_subscription_resume,
	  NULL },
	{ .name = NULL },
};

/* clang-format off */
#define FIELD(path, member, ...) RF_FIELD(path, bmc_subscription, member, __VA_ARGS__)
#define WORDS(path, fn, member)  RF_FN(path, fn, RF_AT(bmc_subscription, member))

static const struct rf_prop props[] = {
	RF_STATUS(bmc_subscription),
	FIELD("SubscriptionType", type),
	FIELD("Protocol", protocol),
	FIELD("Destination", destination),
	RF_FN("Context", context, RF_AT(bmc_subscription, context), .flags = RF_PATCH,
	      .set = rf_subscription_set_context),
	RF_FN("EventFormatType", format, RF_AT(bmc_subscription, format)),
	WORDS("RegistryPrefixes", registries, registries),
	WORDS("ExcludeRegistryPrefixes", no_registries, no_registries),
	WORDS("MessageIds", messages, messages),
	WORDS("ExcludeMessageIds", no_messages, no_messages),
	WORDS("OriginResources", origins, origins),
	WORDS("ResourceTypes", resources, resources),
	WORDS("Severities", severities, severities),
	WORDS("MetricReportDefinitions", reports, reports),
	FIELD("SubordinateResources", subordinate),
	FIELD("DeliveryRetryPolicy", policy, .flags = RF_PATCH),
	FIELD("VerifyCertificate", verify, .flags = RF_PATCH | RF_OMIT),
	FIELD("SendHeartbeat", heartbeat),
	FIELD("HeartbeatIntervalMinutes", heartbeat_minutes, .flags = RF_OMIT),
	RF_BOOL("IncludeOriginOfCondition", false),
	RF_FN("SNMP", snmp),
	RF_FN("HttpHeaders", headers, .flags = RF_PATCH, .set = rf_subscription_set_headers),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_subscriptions = {
	.uri = "/redfish/v1/EventService/Subscriptions",
	.type = "EventDestinationCollection.EventDestinationCollection",
	.name = "Subscriptions",
	.members = RF_TO(&rf_subscription),
	.create_params = rf_subscription_params,
	.create = rf_subscription_create,
};
const struct rf_resource rf_subscription = {
	.uri = "/redfish/v1/EventService/Subscriptions/{subscription}",
	.type = "EventDestination.v1_16_0.EventDestination",
	.name = "Subscription",
	.props = props,
	.actions = actions,
	.flags = RF_DELETE,
};

// SPDX-License-Identifier: Apache-2.0
// The event service: what events can be had and how. Its limits are settings of the
// manager's row.
#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/action.h"
#include "redfish/events/subscriptions.h"
#include "redfish/list.h"

#define URI "/redfish/v1/EventService"

static const struct bmc_manager *manager(struct rf_render *r)
{
	const struct bmc_row *const *rows;

	return rf_rows(rf_view_of(r), BMC_MANAGER, &rows)
		       ? (const struct bmc_manager *)rows[0]
		       : NULL;
}

static json_t *enabled(struct rf_render *r)
{
	const struct bmc_manager *m = manager(r);

	return json_boolean(!m || m->events_enabled != 0);
}

static json_t *state(struct rf_render *r)
{
	const struct bmc_manager *m = manager(r);

	return json_string(!m || m->events_enabled != 0 ? "Enabled" : "Disabled");
}

static json_t *attempts(struct rf_render *r)
{
	const struct bmc_manager *m = manager(r);

	return m ? json_integer(m->event_retries) : NULL;
}

static json_t *interval(struct rf_render *r)
{
	const struct bmc_manager *m = manager(r);

	return m ? json_integer(m->event_retry_interval) : NULL;
}

/* The manager's row is not the request's. */
static int set(struct rf_request *q, int64_t num, struct bmc_action *act, size_t offset)
{
	const struct bmc_row *row = rf_the_manager(q);

	if (!row)
		return BMC_EREADONLY;
	act->op = BMC_ACT_SET;
	act->kind = BMC_MANAGER;
	(void)bmc_copy(act->id, sizeof(act->id), row->id);
	act->field = bmc_field_at(BMC_MANAGER, offset);
	act->num = num;
	return bmc_field_check(act->field, act->num, NULL, NULL);
}

static int set_enabled(struct rf_request *q, const json_t *v, struct bmc_action *act)
{
	return json_is_boolean(v) ? set(q, json_is_true(v), act,
					offsetof(struct bmc_manager, events_enabled))
				  : BMC_EINVAL;
}

static int set_attempts(struct rf_request *q, const json_t *v, struct bmc_action *act)
{
	return json_is_integer(v) ? set(q, json_integer_value(v), act,
					offsetof(struct bmc_manager, event_retries))
				  : BMC_EINVAL;
}

static int set_interval(struct rf_request *q, const json_t *v, struct bmc_action *act)
{
	return json_is_integer(v)
		       ? set(q, json_integer_value(v), act,
			     offsetof(struct bmc_manager, event_retry_interval))
		       : BMC_EINVAL;
}

static const struct rf_action actions[] = {
	{ "EventService.SubmitTestEvent", rf_test_event_params, rf_test_event_submit,
	  NULL },
	{ .name = NULL },
};

/* clang-format off */
static const struct rf_prop props[] = {
	RF_FN("ServiceEnabled", enabled, .flags = RF_PATCH, .set = set_enabled),
	RF_FN("Status/State", state),
	RF_TEXT("Status/Health", "OK"),
	RF_FN("DeliveryRetryAttempts", attempts, .flags = RF_PATCH, .set = set_attempts),
	RF_FN("DeliveryRetryIntervalSeconds", interval, .flags = RF_PATCH, .set = set_interval),
	RF_TEXT("EventFormatTypes[]", "Event"),
	RF_TEXT("EventFormatTypes[]", "MetricReport"),
	RF_TEXT("RegistryPrefixes[]", "ClusterBmc"),
	RF_TEXT("Severities[]", "OK"),
	RF_TEXT("Severities[]", "Warning"),
	RF_TEXT("Severities[]", "Critical"),
	RF_TEXT("ResourceTypes[]", "Chassis"),
	RF_TEXT("ResourceTypes[]", "ComputerSystem"),
	RF_TEXT("ResourceTypes[]", "Drive"),
	RF_TEXT("ResourceTypes[]", "EthernetInterface"),
	RF_TEXT("ResourceTypes[]", "Fan"),
	RF_TEXT("ResourceTypes[]", "Manager"),
	RF_TEXT("ResourceTypes[]", "PowerSupply"),
	RF_TEXT("ResourceTypes[]", "Sensor"),
	RF_TEXT("ResourceTypes[]", "Task"),
	RF_BOOL("ExcludeMessageId", true),
	RF_BOOL("ExcludeRegistryPrefix", true),
	RF_BOOL("IncludeOriginOfConditionSupported", false),
	RF_BOOL("SSEIncludeOriginOfConditionSupported", false),
	RF_BOOL("OriginResourcesSupported", true),
	RF_BOOL("SubordinateResourcesSupported", true),
	RF_TEXT("ServerSentEventUri", URI "/SSE"),
	RF_BOOL("SSEFilterPropertiesSupported/EventFormatType", true),
	RF_BOOL("SSEFilterPropertiesSupported/MessageId", true),
	RF_BOOL("SSEFilterPropertiesSupported/MetricReportDefinition", true),
	RF_BOOL("SSEFilterPropertiesSupported/OriginResource", true),
	RF_BOOL("SSEFilterPropertiesSupported/RegistryPrefix", true),
	RF_BOOL("SSEFilterPropertiesSupported/ResourceType", true),
	RF_BOOL("SSEFilterPropertiesSupported/SubordinateResources", true),
	RF_LINK("Subscriptions", "./Subscriptions"),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_event_service = {
	.uri = URI,
	.type = "EventService.v1_12_0.EventService",
	.name = "Events",
	.props = props,
	.actions = actions,
};
const struct rf_resource rf_event_stream = {
	.uri = URI "/SSE",
	.type = "",
	.raw = rf_stream_open,
};

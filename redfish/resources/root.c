// SPDX-License-Identifier: Apache-2.0
// The service root, and the two documents that stand beside it.
#include "redfish/list.h"
#include "redfish/patch.h"
#include "redfish/query.h"

static json_t *uuid(struct rf_render *r)
{
	const struct bmc_row *const *rows;
	size_t n = rf_rows(rf_view_of(r), BMC_MANAGER, &rows);
	const char *text = n ? ((const struct bmc_manager *)rows[0])->uuid : "";

	return text[0] ? json_string(text) : NULL;
}

#define BASE "/redfish/v1/"

/* clang-format off */
static const struct rf_prop props[] = {
	RF_TEXT("Id", "RootService"),
	RF_TEXT("RedfishVersion", "1.22.0"),
	RF_FN("UUID", uuid),
	RF_TEXT("Vendor", "ClusterBmc"),
	RF_TEXT("Product", "clusterbmc"),
	RF_BOOL("ProtocolFeaturesSupported/ExcerptQuery", true),
	RF_BOOL("ProtocolFeaturesSupported/FilterQuery", true),
	RF_BOOL("ProtocolFeaturesSupported/FilterQueryComparisonOperations", true),
	RF_BOOL("ProtocolFeaturesSupported/FilterQueryCompoundOperations", true),
	RF_BOOL("ProtocolFeaturesSupported/OnlyMemberQuery", true),
	RF_BOOL("ProtocolFeaturesSupported/SelectQuery", true),
	RF_BOOL("ProtocolFeaturesSupported/MultipleHTTPRequests", false),
	RF_BOOL("ProtocolFeaturesSupported/TopSkipQuery", true),
	RF_BOOL("ProtocolFeaturesSupported/ExpandQuery/ExpandAll", true),
	RF_BOOL("ProtocolFeaturesSupported/ExpandQuery/Levels", true),
	RF_NUM("ProtocolFeaturesSupported/ExpandQuery/MaxLevels", RF_EXPAND_LEVELS_MAX),
	RF_BOOL("ProtocolFeaturesSupported/ExpandQuery/Links", true),
	RF_BOOL("ProtocolFeaturesSupported/ExpandQuery/NoLinks", true),
	RF_BOOL("ProtocolFeaturesSupported/DeepOperations/DeepPATCH", true),
	RF_BOOL("ProtocolFeaturesSupported/DeepOperations/DeepPOST", false),
	RF_NUM("ProtocolFeaturesSupported/DeepOperations/MaxLevels", RF_DEEP_LEVELS_MAX),
	RF_LINK("Systems", BASE "Systems"),
	RF_LINK("Chassis", BASE "Chassis"),
	RF_LINK("Managers", BASE "Managers"),
	RF_LINK("SessionService", BASE "SessionService"),
	RF_LINK("AccountService", BASE "AccountService"),
	RF_LINK("Tasks", BASE "TaskService"),
	RF_LINK("EventService", BASE "EventService"),
	RF_LINK("UpdateService", BASE "UpdateService"),
	RF_LINK("TelemetryService", BASE "TelemetryService"),
	RF_LINK("CertificateService", BASE "CertificateService"),
	RF_LINK("AggregationService", BASE "AggregationService"),
	RF_LINK("Registries", BASE "Registries"),
	RF_LINK("JsonSchemas", BASE "JsonSchemas"),
	RF_LINK("Links/Sessions", BASE "SessionService/Sessions"),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_root = {
	.uri = "/redfish/v1",
	.type = "ServiceRoot.v1_20_0.ServiceRoot",
	.name = "Root Service",
	.props = props,
	.flags = RF_UNAUTHENTICATED,
};

static int versions(struct rf_request *q)
{
	return rf_answer(q, 200, json_pack("{ss}", "v1", "/redfish/v1/"));
}

const struct rf_resource rf_versions = {
	.uri = "/redfish",
	.type = "",
	.raw = versions,
	.flags = RF_UNAUTHENTICATED,
};

// SPDX-License-Identifier: Apache-2.0
// The service root, and the two documents that stand beside it.
#include "redfish/list.h"
#include "redfish/patch.h"
#include "redfish/query.h"
#include "redfish/redfish.h"

#define OEM "Oem/ClusterBmc/"

static const struct bmc_manager *manager(struct rf_render *r)
{
	const struct bmc_row *const *rows;

	return rf_rows(rf_view_of(r), BMC_MANAGER, &rows)
		       ? (const struct bmc_manager *)rows[0]
		       : NULL;
}

static json_t *text_or_none(const char *text)
{
	return text[0] ? json_string(text) : NULL;
}

static json_t *uuid(struct rf_render *r)
{
	const struct bmc_manager *m = manager(r);

	return m ? text_or_none(m->uuid) : NULL;
}

/* What a list of the network's agents shows (bmc-scan) is told to clients without a
 * login while the agent lets itself be found, and only then. */
static const struct bmc_manager *found(struct rf_render *r)
{
	const struct bmc_manager *m = manager(r);

	return m && (m->ssdp_enabled == 1 || m->dns_sd == 1) ? m : NULL;
}

static json_t *device_name(struct rf_render *r)
{
	const struct bmc_manager *m = found(r);

	return m ? text_or_none(m->system_name[0] ? m->system_name : m->hostname)
		 : NULL;
}

static json_t *software_version(struct rf_render *r)
{
	const struct bmc_manager *m = found(r);

	return m ? text_or_none(m->version) : NULL;
}

static json_t *start_time(struct rf_render *r)
{
	const struct bmc_manager *m = found(r);
	char text[32];

	if (!m)
		return NULL;
	rf_time(m->start_time, text);
	return json_string(text);
}

#define BASE           RF_ROOT
#define TEXT_OF(n)     #n
#define VERSION(minor) "1." TEXT_OF(minor) ".0"

/* clang-format off */
static const struct rf_prop props[] = {
	RF_TEXT("Id", "RootService"),
	RF_TEXT("RedfishVersion", VERSION(RF_MINOR)),
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
	RF_BOOL("ProtocolFeaturesSupported/DeepOperations/DeepPOST", true),
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
	RF_TEXT(OEM "@odata.type", "#ClusterBmcServiceRoot.v1_0_0.ServiceRoot"),
	RF_FN(OEM "DeviceName", device_name, .flags = RF_STRING,
	      .text = "The name of the device while it lets itself be found on the network: its SNMP system name, or its host name."),
	RF_FN(OEM "SoftwareVersion", software_version, .flags = RF_STRING,
	      .text = "The version of the agent while it lets itself be found on the network."),
	RF_FN(OEM "StartTime", start_time, .flags = RF_STRING,
	      .text = "The time at which the agent started while it lets itself be found on the network."),
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

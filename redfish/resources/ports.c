// SPDX-License-Identifier: Apache-2.0
// The enclosure's own network ports (those of its network units): one adapter with a
// port for each interface that no board holds.
#include "redfish/list.h"

#define OEM     "Oem/ClusterBmc/"
#define ADAPTER "/redfish/v1/Chassis/{chassis}/NetworkAdapters/network"

static const struct bmc_name link_words[] = { { BMC_LINK_UP, "LinkUp" },
					      { BMC_LINK_DOWN, "LinkDown" },
					      { 0, NULL } };

static bool has_ports(struct rf_view *v, const struct bmc_row *row)
{
	const struct bmc_row *const *rows;

	return rf_children(v, row, BMC_NIC, &rows) > 0;
}

static bool is_port(struct rf_view *v, const struct bmc_row *row)
{
	(void)v;
	return !row->parent || BMC_HANDLE_KIND(row->parent) == BMC_CHASSIS;
}

static json_t *gbps(struct rf_render *r)
{
	int64_t mbps = ((const struct bmc_nic *)rf_row(r))->speed;

	return mbps == BMC_UNKNOWN ? json_null() : json_real((double)mbps / 1000);
}

/* clang-format off */
static const struct rf_prop adapter_props[] = {
	RF_TEXT("Status/State", "Enabled"),
	RF_LINK("Ports", "./Ports"),
	{ .path = NULL },
};

static const struct rf_prop port_props[] = {
	RF_NAMED(bmc_nic),
	RF_STATUS_CONDITIONS(bmc_nic),
	RF_TEXT("PortProtocol", "Ethernet"),
	RF_FIELD("LinkStatus", bmc_nic, link, .names = link_words, .flags = RF_OMIT),
	RF_FN("CurrentSpeedGbps", gbps, RF_AT(bmc_nic, speed)),
	RF_FIELD("MaxFrameSize", bmc_nic, mtu),
	RF_FIELD("Ethernet/AssociatedMACAddresses[]", bmc_nic, mac, .flags = RF_OMIT),
	RF_LINK("Metrics", "./Metrics"),
	RF_TEXT(OEM "@odata.type", "#ClusterBmcPort.v1_0_0.Port"),
	RF_FIELD(OEM "Label", bmc_nic, name, .flags = RF_PATCH),
	{ .path = NULL },
};

static const struct rf_prop metrics_props[] = {
	RF_FIELD("RXBytes", bmc_nic, rx_bytes),
	RF_FIELD("TXBytes", bmc_nic, tx_bytes),
	RF_FIELD("RXErrors", bmc_nic, rx_errors),
	RF_FIELD("TXErrors", bmc_nic, tx_errors),
	RF_FIELD("Networking/RXFrames", bmc_nic, rx_packets),
	RF_FIELD("Networking/TXFrames", bmc_nic, tx_packets),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_adapters = {
	.uri = "/redfish/v1/Chassis/{chassis}/NetworkAdapters",
	.type = "NetworkAdapterCollection.NetworkAdapterCollection",
	.name = "Network of the enclosure",
	.members = RF_TO(&rf_adapter),
};
const struct rf_resource rf_adapter = {
	.uri = ADAPTER,
	.type = "NetworkAdapter.v1_14_0.NetworkAdapter",
	.name = "Network units",
	.props = adapter_props,
	.exists = has_ports,
};
const struct rf_resource rf_ports = {
	.uri = ADAPTER "/Ports",
	.type = "PortCollection.PortCollection",
	.name = "Ports",
	.members = RF_TO(&rf_port),
	.exists = has_ports,
};
const struct rf_resource rf_port = {
	.uri = ADAPTER "/Ports/{nic}",
	.type = "Port.v1_18_0.Port",
	.props = port_props,
	.exists = is_port,
};
const struct rf_resource rf_port_metrics = {
	.uri = ADAPTER "/Ports/{nic}/Metrics",
	.type = "PortMetrics.v1_8_1.PortMetrics",
	.name = "Metrics of the port",
	.props = metrics_props,
	.exists = is_port,
};

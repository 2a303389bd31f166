// SPDX-License-Identifier: Apache-2.0
// Network interfaces: of boards (rows of their own, or else the one address a board
// tells of itself) and of the manager, which has those of main. Ports of the chassis:
// ports.c.
#include <string.h>

#include "redfish/list.h"

static bool has_address(struct rf_view *v, const struct bmc_row *row)
{
	const struct bmc_board *b = (const struct bmc_board *)row;
	const struct bmc_row *const *nics;

	return row->status != BMC_ABSENT && b->mac[0] &&
	       rf_children(v, row, BMC_NIC, &nics) == 0;
}

/* The name that the computer behind it has. */
static const char *name_of(struct rf_render *r)
{
	const struct bmc_row *up = rf_row(r);

	if (up->kind != BMC_BOARD)
		up = rf_parent(rf_view_of(r), up);
	return up && up->kind == BMC_BOARD ? ((const struct bmc_board *)up)->hostname
					   : "";
}

static json_t *host_name(struct rf_render *r)
{
	const char *name = name_of(r);

	return name[0] ? json_stringn(name, strcspn(name, ".")) : json_null();
}

/* Only where the computer's name has a domain. */
static json_t *fqdn(struct rf_render *r)
{
	const char *name = name_of(r);

	return strchr(name, '.') ? json_string(name) : json_null();
}

/* Who gave an address is not known; it is said where there is one. */
static json_t *origin4(struct rf_render *r)
{
	return ((const struct bmc_nic *)rf_row(r))->ipv4[0] ? json_null() : NULL;
}

static json_t *origin6(struct rf_render *r)
{
	return ((const struct bmc_nic *)rf_row(r))->ipv6[0] ? json_null() : NULL;
}

/* What belongs to an address is there where that is, if only as unknown. */
#define WITH(name, address, member)                                     \
	static json_t *name(struct rf_render *r)                        \
	{                                                               \
		const struct rf_prop p = RF_FIELD("", bmc_nic, member); \
		return ((const struct bmc_nic *)rf_row(r))->address[0]  \
			       ? rf_value(r, &p)                        \
			       : NULL;                                  \
	}
WITH(netmask4, ipv4, ipv4_netmask)
WITH(gateway4, ipv4, ipv4_gateway)
WITH(prefix6, ipv6, ipv6_prefix)
WITH(state6, ipv6, ipv6_state)

static json_t *with_board_ip(struct rf_render *r)
{
	return ((const struct bmc_board *)rf_row(r))->ip[0] ? json_null() : NULL;
}

#define OEM "Oem/ClusterBmc/"

/* clang-format off */
static const struct rf_prop nic_props[] = {
	RF_NAMED(bmc_nic),
	RF_STATUS_CONDITIONS(bmc_nic),
	RF_FIELD("InterfaceEnabled", bmc_nic, enabled),
	RF_FN("HostName", host_name),
	RF_FN("FQDN", fqdn),
	RF_FIELD("MACAddress", bmc_nic, mac),
	RF_FIELD("LinkStatus", bmc_nic, link),
	RF_FIELD("SpeedMbps", bmc_nic, speed),
	RF_FIELD("MTUSize", bmc_nic, mtu),
	RF_FIELD("FullDuplex", bmc_nic, full_duplex),
	RF_FIELD("IPv4Addresses[0]/Address", bmc_nic, ipv4, .flags = RF_OMIT),
	RF_FN("IPv4Addresses[0]/SubnetMask", netmask4, RF_AT(bmc_nic, ipv4_netmask)),
	RF_FN("IPv4Addresses[0]/Gateway", gateway4, RF_AT(bmc_nic, ipv4_gateway)),
	RF_FN("IPv4Addresses[0]/AddressOrigin", origin4),
	RF_FN("IPv4StaticAddresses", rf_static_address_value,
	      RF_AT(bmc_nic, ipv4_static), .flags = RF_PATCH, .set = rf_static_address_set),
	RF_FIELD("IPv6Addresses[0]/Address", bmc_nic, ipv6, .flags = RF_OMIT),
	RF_FN("IPv6Addresses[0]/PrefixLength", prefix6, RF_AT(bmc_nic, ipv6_prefix)),
	RF_FN("IPv6Addresses[0]/AddressState", state6, RF_AT(bmc_nic, ipv6_state)),
	RF_FN("IPv6Addresses[0]/AddressOrigin", origin6),
	RF_FIELD("IPv6DefaultGateway", bmc_nic, ipv6_gateway),
	RF_LIST("NameServers"),
	RF_SAME("Links/Chassis", &rf_card),
	RF_TEXT(OEM "@odata.type", "#ClusterBmcEthernetInterface.v1_0_0.EthernetInterface"),
	RF_FIELD(OEM "Label", bmc_nic, name, .flags = RF_PATCH),
	RF_FIELD(OEM "Unit", bmc_nic, unit),
	RF_FIELD(OEM "RxBytes", bmc_nic, rx_bytes),
	RF_FIELD(OEM "TxBytes", bmc_nic, tx_bytes),
	RF_FIELD(OEM "RxPackets", bmc_nic, rx_packets),
	RF_FIELD(OEM "TxPackets", bmc_nic, tx_packets),
	RF_FIELD(OEM "RxErrors", bmc_nic, rx_errors),
	RF_FIELD(OEM "TxErrors", bmc_nic, tx_errors),
	{ .path = NULL },
};

static const struct rf_prop board_props[] = {
	RF_FIELD("Status/State", bmc_board, row.status),
	RF_NULL("Status/Health"),
	RF_NULL("InterfaceEnabled"),
	RF_NULL("LinkStatus"),
	RF_NULL("SpeedMbps"),
	RF_FN("HostName", host_name, RF_AT(bmc_board, hostname)),
	RF_FN("FQDN", fqdn),
	RF_FIELD("MACAddress", bmc_board, mac),
	RF_FIELD("IPv4Addresses[0]/Address", bmc_board, ip, .flags = RF_OMIT),
	RF_FN("IPv4Addresses[0]/SubnetMask", with_board_ip),
	RF_FN("IPv4Addresses[0]/Gateway", with_board_ip),
	RF_FN("IPv4Addresses[0]/AddressOrigin", with_board_ip),
	RF_LIST("NameServers"),
	RF_SAME("Links/Chassis", &rf_card),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_system_nics = {
	.uri = "/redfish/v1/Systems/{board}/EthernetInterfaces",
	.type = "EthernetInterfaceCollection.EthernetInterfaceCollection",
	.name = "Network interfaces",
	.members = RF_TO(&rf_system_nic, &rf_board_nic),
};
const struct rf_resource rf_system_nic = {
	.uri = "/redfish/v1/Systems/{board}/EthernetInterfaces/{nic}",
	.type = "EthernetInterface.v1_12_4.EthernetInterface",
	.props = nic_props,
};
const struct rf_resource rf_board_nic = {
	.uri = "/redfish/v1/Systems/{board}/EthernetInterfaces/first",
	.type = "EthernetInterface.v1_12_4.EthernetInterface",
	.name = "First network interface",
	.props = board_props,
	.exists = has_address,
};
const struct rf_resource rf_manager_nics = {
	.uri = "/redfish/v1/Managers/{manager}/EthernetInterfaces",
	.type = "EthernetInterfaceCollection.EthernetInterfaceCollection",
	.name = "The manager's network interfaces",
	.members = RF_TO(&rf_manager_nic),
};
const struct rf_resource rf_manager_nic = {
	.uri = "/redfish/v1/Managers/{manager}/EthernetInterfaces/{nic}",
	.type = "EthernetInterface.v1_12_4.EthernetInterface",
	.props = nic_props,
	.exists = rf_of_main,
};

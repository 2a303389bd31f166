// SPDX-License-Identifier: Apache-2.0
/* cbmcNicTable: one row for each network interface. */
#include "core/base/util.h"
#include "snmp/table.h"

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(2, "cbmcNicId", "id"),
	SN_COLUMN(3, "cbmcNicName", "name"),
	SN_COLUMN(4, "cbmcNicStatus", "status"),
	SN_COLUMN(5, "cbmcNicHealth", "health"),
	SN_COLUMN(6, "cbmcNicMacAddress", "mac", .form = SN_MAC),
	SN_COLUMN(7, "cbmcNicIpv4", "ipv4"),
	SN_COLUMN(8, "cbmcNicIpv6", "ipv6"),
	SN_COLUMN(9, "cbmcNicIpv4Netmask", "ipv4_netmask"),
	SN_COLUMN(10, "cbmcNicLink", "link"),
	SN_COLUMN(11, "cbmcNicSpeed", "speed"),
	SN_COLUMN(12, "cbmcNicMtu", "mtu", .form = SN_UNSIGNED),
	SN_COLUMN(13, "cbmcNicFullDuplex", "full_duplex"),
	SN_COLUMN(14, "cbmcNicRxBytes", "rx_bytes"),
	SN_COLUMN(15, "cbmcNicTxBytes", "tx_bytes"),
	SN_COLUMN(16, "cbmcNicRxPackets", "rx_packets"),
	SN_COLUMN(17, "cbmcNicTxPackets", "tx_packets"),
	SN_COLUMN(18, "cbmcNicRxErrors", "rx_errors"),
	SN_COLUMN(19, "cbmcNicTxErrors", "tx_errors"),
	SN_COLUMN(20, "cbmcNicParent", "parent",
		  .doc = "The row that holds the interface, by its first object."),
	SN_COLUMN(21, "cbmcNicBoardBlade", "parent", .form = SN_REF_0,
		  .doc = "First index in cbmcBoardTable of the board that holds the interface. No instance when no board holds it."),
	SN_COLUMN(22, "cbmcNicBoardSlot", "parent", .form = SN_REF_1,
		  .doc = "Second index in cbmcBoardTable of the board that holds the interface. No instance when no board holds it."),
	SN_COLUMN(23, "cbmcNicEnabled", "enabled"),
	SN_COLUMN(24, "cbmcNicIpv4Gateway", "ipv4_gateway"),
	SN_COLUMN(25, "cbmcNicIpv6Gateway", "ipv6_gateway"),
	SN_COLUMN(26, "cbmcNicIpv6Prefix", "ipv6_prefix"),
	SN_COLUMN(27, "cbmcNicIpv6State", "ipv6_state"),
	SN_COLUMN(28, "cbmcNicUnit", "unit"),
	SN_COLUMN(29, "cbmcNicIpv4Static", "ipv4_static"),
};
/* clang-format on */

const struct sn_table sn_nic_table = {
	.name = "cbmcNicTable",
	.arc = 8,
	.kind = BMC_NIC,
	.n_index = 1,
	.index = { { "cbmcNicIndex" } },
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.doc = "The network interfaces, those of the agent and those of boards.",
	.row_doc = "One network interface.",
	.index_doc = { "Number of the interface. It is the same after a restart." },
};

// SPDX-License-Identifier: Apache-2.0
/* The fields of a network interface. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_nic, name, .doc = "Label that users give it."),
	FIELD(bmc_nic, mac, BMC_TEXT, .flags = BMC_STATIC, .doc = "Its MAC address."),
	FIELD(bmc_nic, ipv4, BMC_TEXT, .doc = "Its first IPv4 address."),
	FIELD(bmc_nic, ipv6, BMC_TEXT, .doc = "Its first global IPv6 address."),
	FIELD(bmc_nic, ipv4_netmask, BMC_TEXT, .doc = "The mask of the IPv4 address."),
	FIELD(bmc_nic, link, BMC_ENUM, .flags = BMC_STATE, .names = bmc_link_names,
	      .doc = "Whether the cable carries a signal."),
	FIELD(bmc_nic, speed, BMC_INT, .unit = BMC_UNIT_MEGABIT_PER_SECOND, .flags = BMC_STATIC,
	      .doc = "Speed of the link."),
	FIELD(bmc_nic, mtu, BMC_INT, .unit = BMC_UNIT_BYTE, .doc = "Largest packet it sends."),
	FIELD(bmc_nic, full_duplex, BMC_BOOL, .doc = "Whether both ends may send at once."),
	FIELD(bmc_nic, rx_bytes, BMC_COUNTER, .unit = BMC_UNIT_BYTE, .doc = "Bytes received."),
	FIELD(bmc_nic, tx_bytes, BMC_COUNTER, .unit = BMC_UNIT_BYTE, .doc = "Bytes sent."),
	FIELD(bmc_nic, rx_packets, BMC_COUNTER, .doc = "Packets received."),
	FIELD(bmc_nic, tx_packets, BMC_COUNTER, .doc = "Packets sent."),
	FIELD(bmc_nic, rx_errors, BMC_COUNTER, .doc = "Packets received with errors."),
	FIELD(bmc_nic, tx_errors, BMC_COUNTER, .doc = "Packets that could not be sent."),
	FIELD(bmc_nic, enabled, BMC_BOOL, .flags = BMC_STATE, .doc = "Whether it is switched on."),
	FIELD(bmc_nic, ipv4_gateway, BMC_TEXT, .doc = "Where IPv4 leaves its network."),
	FIELD(bmc_nic, ipv6_gateway, BMC_TEXT, .doc = "Where IPv6 leaves its network."),
	FIELD(bmc_nic, ipv6_prefix, BMC_INT, .doc = "Length of the IPv6 address's prefix, in bits."),
	FIELD(bmc_nic, ipv6_state, BMC_ENUM, .names = bmc_address_state_names,
	      .doc = "Whether the IPv6 address may be used."),
};
/* clang-format on */

KIND(BMC_NIC, nic,
     .flags = BMC_KIND_HARDWARE | BMC_KIND_PUT | BMC_KIND_SLOT | BMC_KIND_RUN_TIME |
	      BMC_KIND_ROLLS_UP,
     .level = 4);

// SPDX-License-Identifier: Apache-2.0
/* The fields of a network interface. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_nic, name, .doc = "Label that users give to the interface; empty until they do."),
	FIELD(bmc_nic, mac, BMC_TEXT, .flags = BMC_STATIC, .doc = "MAC address of the interface."),
	FIELD(bmc_nic, ipv4, BMC_TEXT, .doc = "First IPv4 address of the interface."),
	FIELD(bmc_nic, ipv6, BMC_TEXT, .doc = "First global IPv6 address of the interface."),
	FIELD(bmc_nic, ipv4_netmask, BMC_TEXT, .doc = "Mask of the interface's IPv4 address."),
	FIELD(bmc_nic, link, BMC_ENUM, .flags = BMC_STATE, .names = bmc_link_names,
	      .doc = "Whether the interface's link is up."),
	FIELD(bmc_nic, speed, BMC_INT, .unit = BMC_UNIT_MEGABIT_PER_SECOND, .flags = BMC_STATIC,
	      .doc = "Speed of the interface's link."),
	FIELD(bmc_nic, mtu, BMC_INT, .unit = BMC_UNIT_BYTE,
	      .doc = "Size of the largest packet that the interface sends."),
	FIELD(bmc_nic, full_duplex, BMC_BOOL,
	      .doc = "Whether both ends of the link may send at the same time."),
	FIELD(bmc_nic, rx_bytes, BMC_COUNTER, .flags = BMC_HISTORY, .unit = BMC_UNIT_BYTE,
	      .doc = "Octets that the interface has received."),
	FIELD(bmc_nic, tx_bytes, BMC_COUNTER, .flags = BMC_HISTORY, .unit = BMC_UNIT_BYTE,
	      .doc = "Octets that the interface has sent."),
	FIELD(bmc_nic, rx_packets, BMC_COUNTER, .doc = "Packets that the interface has received."),
	FIELD(bmc_nic, tx_packets, BMC_COUNTER, .doc = "Packets that the interface has sent."),
	FIELD(bmc_nic, rx_errors, BMC_COUNTER, .doc = "Packets that the interface received with errors."),
	FIELD(bmc_nic, tx_errors, BMC_COUNTER, .doc = "Packets that the interface could not send."),
	FIELD(bmc_nic, enabled, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether the interface is switched on."),
	FIELD(bmc_nic, ipv4_gateway, BMC_TEXT,
	      .doc = "Router that IPv4 packets leave the network through."),
	FIELD(bmc_nic, ipv6_gateway, BMC_TEXT,
	      .doc = "Router that IPv6 packets leave the network through."),
	FIELD(bmc_nic, ipv6_prefix, BMC_INT, .doc = "Length of the IPv6 address's prefix, in bits."),
	FIELD(bmc_nic, ipv6_state, BMC_ENUM, .names = bmc_address_state_names,
	      .doc = "Whether the IPv6 address may be used."),
	FIELD(bmc_nic, unit, BMC_INT, .flags = BMC_STATIC | BMC_STATE, .min = 0, .max = 31,
	      .doc = "Number of the network unit that the interface belongs to; one unit may fail. 0: none."),
	FIELD(bmc_nic, ipv4_static, BMC_TEXT, .flags = BMC_SETTING | BMC_STATE, .max = 47,
	      .verb = "ipv4_static",
	      .doc = "IPv4 address that users give to a board's interface: ADDRESS/BITS, and a blank and the gateway where there is one. Empty: none, it gets one by DHCP."),
};
/* clang-format on */

KIND(BMC_NIC, nic,
     .flags = BMC_KIND_HARDWARE | BMC_KIND_PUT | BMC_KIND_SLOT | BMC_KIND_RUN_TIME |
	      BMC_KIND_ROLLS_UP,
     .level = 4);

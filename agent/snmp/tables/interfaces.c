// SPDX-License-Identifier: Apache-2.0
/* The network interfaces of main and of the chassis as IF-MIB (RFC 2863) and IP-MIB
 * (RFC 4293, its old table of addresses) show them: what inventory tools read. */
#include <arpa/inet.h>
#include <string.h>

#include "snmp/entity.h"
#include "snmp/standard.h"

#define IF_TYPE_ETHERNET 6
enum { STATUS_UP = 1, STATUS_DOWN, STATUS_UNKNOWN = 4 };

static const struct bmc_nic *nic(const struct bmc_row *row)
{
	return (const struct bmc_nic *)row;
}

/* Boards but main answer for their own interfaces themselves. */
static bool is_ours(const struct bmc_row *row)
{
	const struct bmc_row *up = bmc_snapshot_row(sn_pinned(), row->parent);

	return row->status != BMC_ABSENT && row->index[0] > 0 &&
	       (!up || up->kind != BMC_BOARD ||
		((const struct bmc_board *)up)->is_main == 1);
}

static bool by_number(const struct bmc_row *row, struct sn_key *ret)
{
	ret->part[0].number = row->index[0];
	return is_ours(row);
}

static bool by_address(const struct bmc_row *row, struct sn_key *ret)
{
	struct in_addr at;

	if (!is_ours(row) || inet_pton(AF_INET, nic(row)->ipv4, &at) != 1)
		return false;
	ret->part[0].number = ntohl(at.s_addr);
	return true;
}

/* ---- values ---- */

static bool ip(struct sn_value *ret, const char *is)
{
	ret->type = ASN_IPADDRESS;
	ret->data = ret->u.octets;
	ret->len = 4;
	return inet_pton(AF_INET, is, ret->u.octets) == 1;
}

static bool get_index(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_number(ret, ASN_INTEGER, row->index[0], INT32_MAX);
}

static bool get_id(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_text(ret, row->id);
}

static bool get_label(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_text(ret, nic(row)->name);
}

static bool get_type(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_number(ret, ASN_INTEGER, IF_TYPE_ETHERNET, INT32_MAX);
}

static bool get_mtu(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_number(ret, ASN_INTEGER, nic(row)->mtu, INT32_MAX);
}

/* Bits per second, all ones when that is too much for 32 bits. */
static bool get_speed(const struct bmc_row *row, struct sn_value *ret)
{
	int64_t mega = nic(row)->speed;

	return sn_number(ret, ASN_GAUGE,
			 mega > 0 ? MIN(mega, INT32_MAX) * 1000000 : mega, UINT32_MAX);
}

static bool get_high_speed(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_number(ret, ASN_GAUGE, nic(row)->speed, UINT32_MAX);
}

static bool get_mac(const struct bmc_row *row, struct sn_value *ret)
{
	unsigned char *m = ret->u.octets;
	int n = sscanf(nic(row)->mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &m[0], &m[1],
		       &m[2], &m[3], &m[4], &m[5]);

	ret->type = ASN_OCTET_STR;
	ret->data = m;
	ret->len = n == 6 ? 6 : 0; /* RFC 2863: empty where there is none */
	return true;
}

static bool get_admin(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_number(ret, ASN_INTEGER,
			 row->status == BMC_DISABLED ? STATUS_DOWN : STATUS_UP,
			 INT32_MAX);
}

static bool get_oper(const struct bmc_row *row, struct sn_value *ret)
{
	int64_t link = nic(row)->link;

	return sn_number(ret, ASN_INTEGER,
			 link == BMC_LINK_UP     ? STATUS_UP
			 : link == BMC_LINK_DOWN ? STATUS_DOWN
						 : STATUS_UNKNOWN,
			 INT32_MAX);
}

/* A counter of 32 bits wraps. */
static bool counter(struct sn_value *ret, int64_t is)
{
	return sn_number(ret, ASN_COUNTER, is < 0 ? is : is & UINT32_MAX, UINT32_MAX);
}

static bool big(struct sn_value *ret, int64_t is)
{
	sn_value_big(ret, is < 0 ? 0 : (uint64_t)is);
	return is != BMC_UNKNOWN;
}

static bool get_in(const struct bmc_row *row, struct sn_value *ret)
{
	return counter(ret, nic(row)->rx_bytes);
}

static bool get_out(const struct bmc_row *row, struct sn_value *ret)
{
	return counter(ret, nic(row)->tx_bytes);
}

static bool get_in_errors(const struct bmc_row *row, struct sn_value *ret)
{
	return counter(ret, nic(row)->rx_errors);
}

static bool get_out_errors(const struct bmc_row *row, struct sn_value *ret)
{
	return counter(ret, nic(row)->tx_errors);
}

static bool get_in_all(const struct bmc_row *row, struct sn_value *ret)
{
	return big(ret, nic(row)->rx_bytes);
}

static bool get_out_all(const struct bmc_row *row, struct sn_value *ret)
{
	return big(ret, nic(row)->tx_bytes);
}

static bool get_last_change(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_time_stamp(ret, sn_row_since(row));
}

static bool get_traps(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_integer(ret, 1); /* enabled: linkUp and linkDown are sent */
}

static bool get_connector(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_integer(ret, 1);
}

/* The counters are the kernel's: they began before this agent. */
static bool get_discontinuity(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	sn_value_number(ret, ASN_TIMETICKS, 0);
	return true;
}

static bool get_address(const struct bmc_row *row, struct sn_value *ret)
{
	return ip(ret, nic(row)->ipv4);
}

static bool get_netmask(const struct bmc_row *row, struct sn_value *ret)
{
	return ip(ret, nic(row)->ipv4_netmask);
}

/* ---- scalars and ifStackTable ---- */

static bool get_number(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), BMC_NIC, &rows);
	long count = 0;

	(void)row;
	for (size_t i = 0; i < n; i++)
		count += is_ours(rows[i]);
	return sn_integer(ret, count);
}

static bool get_table_change(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_time_stamp(ret, sn_rows_moved(BMC_NIC));
}

static bool get_active(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_integer(ret, 1);
}

#define STACK_MAX 256

/* No interface is above or below another: each has a row with 0 above and one with 0
 * below it. */
static size_t stack_rows(const struct sn_ordered **ret)
{
	static struct sn_ordered stack[STACK_MAX];
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), BMC_NIC, &rows), made = 0;

	for (unsigned above = 0; above < 2; above++) {
		for (size_t i = 0; i < n && made < STACK_MAX; i++) {
			if (!is_ours(rows[i]))
				continue;
			stack[made].row = rows[i];
			stack[made].index = (struct sn_subids){ .n = 2 };
			stack[made++].index.id[!above] = rows[i]->index[0];
		}
	}
	*ret = stack;
	return made;
}

/* ---- tables ---- */

/* clang-format off */
static const struct sn_column if_columns[] = {
	SN_GET(1, "ifIndex", ASN_INTEGER, get_index), SN_GET(2, "ifDescr", ASN_OCTET_STR, get_id),
	SN_GET(3, "ifType", ASN_INTEGER, get_type), SN_GET(4, "ifMtu", ASN_INTEGER, get_mtu),
	SN_GET(5, "ifSpeed", ASN_GAUGE, get_speed),
	SN_GET(6, "ifPhysAddress", ASN_OCTET_STR, get_mac),
	SN_GET(7, "ifAdminStatus", ASN_INTEGER, get_admin),
	SN_GET(8, "ifOperStatus", ASN_INTEGER, get_oper),
	SN_GET(9, "ifLastChange", ASN_TIMETICKS, get_last_change),
	SN_GET(10, "ifInOctets", ASN_COUNTER, get_in),
	SN_GET(14, "ifInErrors", ASN_COUNTER, get_in_errors),
	SN_GET(16, "ifOutOctets", ASN_COUNTER, get_out),
	SN_GET(20, "ifOutErrors", ASN_COUNTER, get_out_errors),
};
static const struct sn_column ifx_columns[] = {
	SN_GET(1, "ifName", ASN_OCTET_STR, get_id),
	SN_GET(6, "ifHCInOctets", ASN_COUNTER64, get_in_all),
	SN_GET(10, "ifHCOutOctets", ASN_COUNTER64, get_out_all),
	SN_GET(14, "ifLinkUpDownTrapEnable", ASN_INTEGER, get_traps),
	SN_GET(15, "ifHighSpeed", ASN_GAUGE, get_high_speed),
	SN_GET(17, "ifConnectorPresent", ASN_INTEGER, get_connector),
	SN_GET(18, "ifAlias", ASN_OCTET_STR, get_label),
	SN_GET(19, "ifCounterDiscontinuityTime", ASN_TIMETICKS, get_discontinuity),
};
static const struct sn_column ip_columns[] = {
	SN_GET(1, "ipAdEntAddr", ASN_IPADDRESS, get_address),
	SN_GET(2, "ipAdEntIfIndex", ASN_INTEGER, get_index),
	SN_GET(3, "ipAdEntNetMask", ASN_IPADDRESS, get_netmask),
};
/* clang-format on */

static const struct sn_column number_column[] = {
	SN_GET(0, "ifNumber", ASN_INTEGER, get_number),
};
static const struct sn_column changed_column[] = {
	SN_GET(0, "ifTableLastChange", ASN_TIMETICKS, get_table_change),
};
static const struct sn_column stack_changed_column[] = {
	SN_GET(0, "ifStackLastChange", ASN_TIMETICKS, get_table_change),
};
static const struct sn_column stack_columns[] = {
	SN_GET(3, "ifStackStatus", ASN_INTEGER, get_active),
};

const struct sn_table sn_if_number = {
	.name = "ifNumber",
	.at = "1.3.6.1.2.1.2.1",
	.kind = BMC_CHASSIS,
	.columns = number_column,
	.n_columns = 1,
};
const struct sn_table sn_if_changed = {
	.name = "ifTableLastChange",
	.at = "1.3.6.1.2.1.31.1.5",
	.kind = BMC_CHASSIS,
	.columns = changed_column,
	.n_columns = 1,
};
const struct sn_table sn_if_stack_changed = {
	.name = "ifStackLastChange",
	.at = "1.3.6.1.2.1.31.1.6",
	.kind = BMC_CHASSIS,
	.columns = stack_changed_column,
	.n_columns = 1,
};
const struct sn_table sn_if_stack_table = {
	.name = "ifStackTable",
	.at = "1.3.6.1.2.1.31.1.2.1",
	.kind = BMC_NIC,
	.n_index = 2,
	.index = { { "ifStackHigherLayer" }, { "ifStackLowerLayer" } },
	.rows = stack_rows,
	.columns = stack_columns,
	.n_columns = 1,
};

const struct sn_table sn_if_table = {
	.name = "ifTable",
	.at = "1.3.6.1.2.1.2.2.1",
	.kind = BMC_NIC,
	.n_index = 1,
	.index = { { "ifIndex" } },
	.index_of = by_number,
	.columns = if_columns,
	.n_columns = ARRAY_SIZE(if_columns),
};

const struct sn_table sn_ifx_table = {
	.name = "ifXTable",
	.at = "1.3.6.1.2.1.31.1.1.1",
	.kind = BMC_NIC,
	.n_index = 1,
	.index = { { "ifIndex" } },
	.index_of = by_number,
	.columns = ifx_columns,
	.n_columns = ARRAY_SIZE(ifx_columns),
};

const struct sn_table sn_ip_address_table = {
	.name = "ipAddrTable",
	.at = "1.3.6.1.2.1.4.20.1",
	.kind = BMC_NIC,
	.n_index = 1,
	.index = { { "ipAdEntAddr", SN_PART_ADDRESS } },
	.index_of = by_address,
	.columns = ip_columns,
	.n_columns = ARRAY_SIZE(ip_columns),
};

// SPDX-License-Identifier: Apache-2.0
/* SNMP-TARGET-MIB and SNMP-NOTIFICATION-MIB (RFC 3413), SNMP-COMMUNITY-MIB (RFC 3584),
 * to read: the receivers of notifications and the communities that are in force. They
 * are changed in the configuration and over Redfish. No community string and no key is
 * shown to anyone: snmpCommunityName has no instances. */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "core/ports/subscriptions.h"
#include "snmp/access.h"
#include "snmp/cursor.h"
#include "snmp/receiver.h"

#define TRAP_TAG   "trap"
#define INFORM_TAG "inform"
#define TIMEOUT \
	500 /* hundredths of a second: the first attempt's, see sn_back_off_ms */
#define RETRIES 255 /* the highest there is: until it is acknowledged */

enum { NON_VOLATILE = 3, READ_ONLY = 5, TRAP = 1, INFORM = 2 };

struct target {
	struct bmc_row row; /* first: the tables' rows are these */
	const struct sn_receiver *is;
};

struct community {
	struct bmc_row row;
	const struct sn_entry *is;
};

static bool octets(struct sn_value *ret, const void *data, size_t len)
{
	ret->type = ASN_OCTET_STR;
	ret->data = data;
	ret->len = len;
	return true;
}

static bool text(struct sn_value *ret, const char *s)
{
	return octets(ret, s, strlen(s));
}

static bool number(struct sn_value *ret, long value)
{
	sn_value_number(ret, ASN_INTEGER, value);
	return true;
}

/* The octets of a text, as an IMPLIED index. */
static void index_of(const char *id, struct sn_subids *ret)
{
	ret->n = 0;
	while (*id && ret->n < SN_SUBIDS_MAX)
		ret->id[ret->n++] = (unsigned char)*id++;
}

static int by_id(const void *a, const void *b)
{
	const struct sn_ordered *x = a, *y = b;
	size_t n = MIN(x->index.n, y->index.n);

	for (size_t i = 0; i < n; i++) {
		if (x->index.id[i] != y->index.id[i])
			return x->index.id[i] < y->index.id[i] ? -1 : 1;
	}
	return (x->index.n > y->index.n) - (x->index.n < y->index.n);
}

/* ---- snmpTargetAddrTable, snmpTargetParamsTable ---- */

static size_t target_rows(const struct sn_ordered **ret)
{
	static struct target targets[SN_RECEIVERS_MAX];
	static struct sn_ordered ordered[SN_RECEIVERS_MAX];
	size_t n = 0;

	while (n < SN_RECEIVERS_MAX && (targets[n].is = sn_receivers_get(n))) {
		targets[n].row.kind = BMC_MANAGER;
		ordered[n].row = &targets[n].row;
		index_of(targets[n].is->id, &ordered[n].index);
		n++;
	}
	qsort(ordered, n, sizeof(ordered[0]), by_id);
	*ret = ordered;
	return n;
}

static const struct sn_receiver *receiver(const struct bmc_row *row)
{
	return ((const struct target *)row)->is;
}

static const oid udp_ipv4[] = { 1, 3, 6, 1, 6, 1, 1 }; /* snmpUDPDomain, RFC 3417 */
static const oid udp_ipv6[] = { 1, 3, 6, 1, 2, 1, 100, 1, 2 }; /* RFC 3419 */
static const oid udp_dns[] = { 1, 3, 6, 1, 2, 1, 100, 1, 14 };

/* The address as its domain writes it; returns its length. */
static size_t encode(const struct sn_receiver *r, unsigned char *to, size_t size,
		     const oid **ret_domain, size_t *ret_len)
{
	unsigned char port[2] = { (unsigned char)(r->port >> 8),
				  (unsigned char)r->port };
	size_t n = 0;

	if (inet_pton(AF_INET, r->host, to) == 1) {
		n = 4;
		*ret_domain = udp_ipv4;
		*ret_len = sizeof(udp_ipv4);
	} else if (inet_pton(AF_INET6, r->host, to) == 1) {
		n = 16;
		*ret_domain = udp_ipv6;
		*ret_len = sizeof(udp_ipv6);
	} else {
		*ret_domain = udp_dns;
		*ret_len = sizeof(udp_dns);
		return (size_t)snprintf((char *)to, size, "%s:%d", r->host, r->port);
	}
	memcpy(to + n, port, sizeof(port));
	return n + sizeof(port);
}

static bool domain_get(const struct bmc_row *row, struct sn_value *ret)
{
	unsigned char address[SN_HOST_MAX + 8];
	const oid *domain;
	size_t len;

	(void)encode(receiver(row), address, sizeof(address), &domain, &len);
	ret->type = ASN_OBJECT_ID;
	ret->data = domain;
	ret->len = len;
	return true;
}

static bool address_get(const struct bmc_row *row, struct sn_value *ret)
{
	static unsigned char address[SN_HOST_MAX + 8];
	const oid *domain;
	size_t len;

	return octets(ret, address,
		      encode(receiver(row), address, sizeof(address), &domain, &len));
}

static bool timeout_get(const struct bmc_row *row, struct sn_value *ret)
{
	return number(ret, receiver(row)->inform ? TIMEOUT : 0);
}

static bool retries_get(const struct bmc_row *row, struct sn_value *ret)
{
	return number(ret, receiver(row)->inform ? RETRIES : 0);
}

static bool tags_get(const struct bmc_row *row, struct sn_value *ret)
{
	return text(ret, receiver(row)->inform ? INFORM_TAG : TRAP_TAG);
}

static bool params_get(const struct bmc_row *row, struct sn_value *ret)
{
	return text(ret, receiver(row)->id);
}

static bool model_get(const struct bmc_row *row, struct sn_value *ret)
{
	const struct sn_receiver *r = receiver(row);

	return number(ret, r->v3   ? SNMP_MP_MODEL_SNMPv3
			   : r->v1 ? SNMP_MP_MODEL_SNMPv1
				   : SNMP_MP_MODEL_SNMPv2c);
}

static bool security_get(const struct bmc_row *row, struct sn_value *ret)
{
	const struct sn_receiver *r = receiver(row);

	return number(ret, r->v3   ? SNMP_SEC_MODEL_USM
			   : r->v1 ? SNMP_SEC_MODEL_SNMPv1
				   : SNMP_SEC_MODEL_SNMPv2c);
}

/* Never the community itself: the name of its entry if it is one of those, or the
 * receiver's. */
static bool user_get(const struct bmc_row *row, struct sn_value *ret)
{
	const struct sn_receiver *r = receiver(row);
	const struct sn_entry *e;

	if (r->v3)
		return text(ret, r->user.name);
	for (size_t i = 0; (e = sn_access_community(i)); i++) {
		if (strcmp(e->community, r->community) == 0)
			return text(ret, e->name);
	}
	return text(ret, r->id);
}

static bool level_get(const struct bmc_row *row, struct sn_value *ret)
{
	const struct sn_entry *user = &receiver(row)->user;

	return number(ret, user->priv   ? SNMP_SEC_LEVEL_AUTHPRIV
			   : user->auth ? SNMP_SEC_LEVEL_AUTHNOPRIV
					: SNMP_SEC_LEVEL_NOAUTH);
}

static bool storage_get(const struct bmc_row *row, struct sn_value *ret)
{
	bool configured = strncmp(receiver(row)->id, BMC_CONFIGURED_PREFIX,
				  strlen(BMC_CONFIGURED_PREFIX)) == 0;

	return number(ret, configured ? READ_ONLY : NON_VOLATILE);
}

static bool status_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return number(ret, SNMP_ROW_ACTIVE);
}

#define SPECIAL(word, is, asn)                                  \
	static const struct sn_special word = { .syntax = (is), \
						.type = (asn),  \
						.get = word##_get }

SPECIAL(domain, "TDomain", ASN_OBJECT_ID);
SPECIAL(address, "TAddress", ASN_OCTET_STR);
SPECIAL(timeout, "TimeInterval", ASN_INTEGER);
SPECIAL(retries, "Integer32", ASN_INTEGER);
SPECIAL(tags, "SnmpTagList", ASN_OCTET_STR);
SPECIAL(params, "SnmpAdminString", ASN_OCTET_STR);
SPECIAL(model, "SnmpMessageProcessingModel", ASN_INTEGER);
SPECIAL(security, "SnmpSecurityModel", ASN_INTEGER);
SPECIAL(user, "SnmpAdminString", ASN_OCTET_STR);
SPECIAL(level, "SnmpSecurityLevel", ASN_INTEGER);
SPECIAL(storage, "StorageType", ASN_INTEGER);
SPECIAL(status, "RowStatus", ASN_INTEGER);

static const struct sn_column address_columns[] = {
	SN_COLUMN(2, "snmpTargetAddrTDomain", NULL, .special = &domain),
	SN_COLUMN(3, "snmpTargetAddrTAddress", NULL, .special = &address),
	SN_COLUMN(4, "snmpTargetAddrTimeout", NULL, .special = &timeout),
	SN_COLUMN(5, "snmpTargetAddrRetryCount", NULL, .special = &retries),
	SN_COLUMN(6, "snmpTargetAddrTagList", NULL, .special = &tags),
	SN_COLUMN(7, "snmpTargetAddrParams", NULL, .special = &params),
	SN_COLUMN(8, "snmpTargetAddrStorageType", NULL, .special = &storage),
	SN_COLUMN(9, "snmpTargetAddrRowStatus", NULL, .special = &status),
};
static const struct sn_column params_columns[] = {
	SN_COLUMN(2, "snmpTargetParamsMPModel", NULL, .special = &model),
	SN_COLUMN(3, "snmpTargetParamsSecurityModel", NULL, .special = &security),
	SN_COLUMN(4, "snmpTargetParamsSecurityName", NULL, .special = &user),
	SN_COLUMN(5, "snmpTargetParamsSecurityLevel", NULL, .special = &level),
	SN_COLUMN(6, "snmpTargetParamsStorageType", NULL, .special = &storage),
	SN_COLUMN(7, "snmpTargetParamsRowStatus", NULL, .special = &status),
};

#define TABLE(variable, object, where, part, of, with)    \
	const struct sn_table variable = {                \
		.name = (object),                         \
		.at = (where),                            \
		.kind = BMC_MANAGER,                      \
		.n_index = 1,                             \
		.index = { { (part), SN_PART_IMPLIED } }, \
		.rows = (of),                             \
		.columns = (with),                        \
		.n_columns = ARRAY_SIZE(with),            \
	}

TABLE(sn_target_addr_table, "snmpTargetAddrTable", "1.3.6.1.6.3.12.1.2.1",
      "snmpTargetAddrName", target_rows, address_columns);
TABLE(sn_target_params_table, "snmpTargetParamsTable", "1.3.6.1.6.3.12.1.3.1",
      "snmpTargetParamsName", target_rows, params_columns);

/* ---- snmpNotifyTable ---- */

static size_t notify_rows(const struct sn_ordered **ret)
{
	static struct bmc_row rows[] = { { .kind = BMC_MANAGER, .id = INFORM_TAG },
					 { .kind = BMC_MANAGER, .id = TRAP_TAG } };
	static struct sn_ordered ordered[ARRAY_SIZE(rows)];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		ordered[i].row = &rows[i];
		index_of(rows[i].id, &ordered[i].index);
	}
	*ret = ordered;
	return ARRAY_SIZE(rows);
}

static bool tag_get(const struct bmc_row *row, struct sn_value *ret)
{
	return text(ret, row->id);
}

static bool notify_get(const struct bmc_row *row, struct sn_value *ret)
{
	return number(ret, strcmp(row->id, INFORM_TAG) == 0 ? INFORM : TRAP);
}

static bool fixed_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return number(ret, READ_ONLY);
}

SPECIAL(tag, "SnmpTagValue", ASN_OCTET_STR);
SPECIAL(notify, "INTEGER", ASN_INTEGER);
SPECIAL(fixed, "StorageType", ASN_INTEGER);

static const struct sn_column notify_columns[] = {
	SN_COLUMN(2, "snmpNotifyTag", NULL, .special = &tag),
	SN_COLUMN(3, "snmpNotifyType", NULL, .special = &notify),
	SN_COLUMN(4, "snmpNotifyStorageType", NULL, .special = &fixed),
	SN_COLUMN(5, "snmpNotifyRowStatus", NULL, .special = &status),
};

TABLE(sn_notify_table, "snmpNotifyTable", "1.3.6.1.6.3.13.1.1.1", "snmpNotifyName",
      notify_rows, notify_columns);

/* ---- snmpCommunityTable ---- */

static size_t community_rows(const struct sn_ordered **ret)
{
	static struct community communities[SN_ENTRIES_MAX];
	static struct sn_ordered ordered[SN_ENTRIES_MAX];
	const struct sn_entry *e;
	size_t n = 0;

	while (n < SN_ENTRIES_MAX && (e = sn_access_community(n))) {
		communities[n].row.kind = BMC_MANAGER;
		communities[n].is = e;
		ordered[n].row = &communities[n].row;
		index_of(e->name, &ordered[n].index); /* never the community */
		n++;
	}
	qsort(ordered, n, sizeof(ordered[0]), by_id);
	*ret = ordered;
	return n;
}

static bool security_name_get(const struct bmc_row *row, struct sn_value *ret)
{
	return text(ret, ((const struct community *)row)->is->name);
}

static bool engine_get(const struct bmc_row *row, struct sn_value *ret)
{
	static unsigned char id[32];

	(void)row;
	return octets(ret, id, snmpv3_get_engineID(id, sizeof(id)));
}

static bool none_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return text(ret, "");
}

SPECIAL(security_name, "SnmpAdminString", ASN_OCTET_STR);
SPECIAL(engine, "SnmpEngineID", ASN_OCTET_STR);
SPECIAL(none, "SnmpAdminString", ASN_OCTET_STR);

static const struct sn_column community_columns[] = {
	SN_COLUMN(3, "snmpCommunitySecurityName", NULL, .special = &security_name),
	SN_COLUMN(4, "snmpCommunityContextEngineID", NULL, .special = &engine),
	SN_COLUMN(5, "snmpCommunityContextName", NULL, .special = &none),
	SN_COLUMN(6, "snmpCommunityTransportTag", NULL, .special = &none),
	SN_COLUMN(7, "snmpCommunityStorageType", NULL, .special = &fixed),
	SN_COLUMN(8, "snmpCommunityStatus", NULL, .special = &status),
};

TABLE(sn_community_table, "snmpCommunityTable", "1.3.6.1.6.3.18.1.1.1",
      "snmpCommunityIndex", community_rows, community_columns);

/* ---- snmpEnableAuthenTraps (RFC 3418) ---- */

/* enabled(1) and disabled(2) are TruthValue's numbers. */
static const struct sn_column auth_traps_column[] = {
	SN_COLUMN(0, "snmpEnableAuthenTraps", "snmp_auth_traps"),
};

const struct sn_table sn_auth_traps = {
	.name = "snmpEnableAuthenTraps",
	.at = "1.3.6.1.2.1.11.30",
	.kind = BMC_MANAGER,
	.columns = auth_traps_column,
	.n_columns = 1,
};

// SPDX-License-Identifier: Apache-2.0
/* The communities, users and roles that are in force, and who sent a request. Called by
 * the engine and by SET. */
#include "snmp/access.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <netinet/in.h>
#include <string.h>

#include "core/base/address.h"
#include "core/base/util.h"
#include "snmp/reader/reader.h"
#include "snmp/tls/tls.h"
#include "snmp/transport.h"

struct role {
	const char *word;
	uint32_t privileges;
	bool writes;
};

/* In the order of the config's words. */
static const struct role roles[] = {
	{ "Administrator",
	  BMC_PRIV_LOGIN | BMC_PRIV_CONFIGURE_SELF | BMC_PRIV_CONFIGURE_COMPONENTS |
		  BMC_PRIV_CONFIGURE_USERS | BMC_PRIV_CONFIGURE_MANAGER,
	  true },
	{ "Operator",
	  BMC_PRIV_LOGIN | BMC_PRIV_CONFIGURE_SELF | BMC_PRIV_CONFIGURE_COMPONENTS,
	  true },
	{ "ReadOnly", BMC_PRIV_LOGIN | BMC_PRIV_CONFIGURE_SELF, false },
};

/* clang-format off */
#define PROTOCOL(oids) (oids), OID_LENGTH(oids)
static const struct { const char *token; const oid *id; size_t len; } protocols[] = {
	{ "SHA",     PROTOCOL(usmHMACSHA1AuthProtocol) },
	{ "SHA-224", PROTOCOL(usmHMAC128SHA224AuthProtocol) },
	{ "SHA-256", PROTOCOL(usmHMAC192SHA256AuthProtocol) },
	{ "SHA-384", PROTOCOL(usmHMAC256SHA384AuthProtocol) },
	{ "SHA-512", PROTOCOL(usmHMAC384SHA512AuthProtocol) },
	{ "AES",     PROTOCOL(usmAESPrivProtocol) },
	{ "AES-192", PROTOCOL(usmAES192PrivProtocol) },
	{ "AES-256", PROTOCOL(usmAES256PrivProtocol) },
};
/* clang-format on */

static struct sn_access *in_force;

static bool is_tsm(const netsnmp_pdu *pdu)
{
	return pdu->version == SNMP_VERSION_3 &&
	       pdu->securityModel == SNMP_SEC_MODEL_TSM;
}

const oid *sn_access_protocol(const char *token, size_t *ret_len)
{
	for (size_t i = 0; token && i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(protocols[i].token, token) == 0) {
			*ret_len = protocols[i].len;
			return protocols[i].id;
		}
	}
	*ret_len = 0;
	return NULL;
}

bool sn_access_writes(const struct sn_entry *e)
{
	return roles[e->role].writes;
}

void sn_access_use(struct sn_access *a)
{
	struct sn_access *was = in_force;

	in_force = a;
	sn_vacm_apply(a, was);
	sn_reader_forget();
	sn_tls_use(a);
	sn_access_free(was);
}

const struct sn_entry *sn_access_community(size_t i)
{
	return in_force && i < in_force->n_communities ? &in_force->entries[i] : NULL;
}

void sn_access_done(void)
{
	sn_access_free(in_force);
	in_force = NULL;
}

void sn_access_switch(bool v2c, bool v3)
{
	bool communities = in_force && in_force->n_communities > 0;

	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_V1,
			       !v2c || !communities || !in_force->v1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_V2c,
			       !v2c || !communities);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_V3, !v3);
}

/* What the library keeps with a datagram begins with the address, see transport.c; with
 * a message over TLS it keeps none. */
const struct sockaddr *sn_access_peer(const netsnmp_pdu *pdu)
{
	if (is_tsm(pdu))
		return &sn_transport_origin()->addresses.remote_addr.sa;
	return pdu->transport_data_length < (int)sizeof(struct sockaddr_in6)
		       ? NULL
		       : pdu->transport_data;
}

void sn_access_client(const netsnmp_pdu *pdu, char *ret, size_t size)
{
	const struct sockaddr *sa = sn_access_peer(pdu);

	*ret = '\0';
	if (!sa)
		return;
	bmc_address_format(sa, sizeof(struct sockaddr_in6), ret, size);
}

static const struct sn_entry *entry_of(const netsnmp_pdu *pdu)
{
	if (!in_force)
		return NULL;
	if (pdu->version == SNMP_VERSION_3 && !pdu->securityName)
		return NULL;
	if (pdu->version == SNMP_VERSION_3)
		return is_tsm(pdu) ? sn_access_tls(in_force, pdu->securityName)
				   : sn_access_user(in_force, pdu->securityName);
	for (size_t i = 0; i < in_force->n_communities; i++) {
		const struct sn_entry *e = &in_force->entries[i];
		if (strlen(e->community) == pdu->community_len &&
		    memcmp(e->community, pdu->community, pdu->community_len) == 0)
			return e;
	}
	return NULL;
}

void sn_access_actor(const netsnmp_pdu *pdu, struct bmc_actor *ret)
{
	const struct sn_entry *e = entry_of(pdu);

	*ret = (struct bmc_actor){ .fresh = true };
	bmc_copy(ret->origin, sizeof(ret->origin), "snmp");
	sn_access_client(pdu, ret->client, sizeof(ret->client));
	if (!e)
		return;
	bmc_copy(ret->name, sizeof(ret->name), e->name);
	bmc_copy(ret->role, sizeof(ret->role), roles[e->role].word);
	ret->privileges = roles[e->role].privileges;
}

void sn_access_actor_role(const char *name, const char *role, struct bmc_actor *ret)
{
	*ret = (struct bmc_actor){ .fresh = true };
	bmc_copy(ret->origin, sizeof(ret->origin), "snmp");
	bmc_copy(ret->name, sizeof(ret->name), name);
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		if (strcmp(roles[i].word, role) != 0)
			continue;
		bmc_copy(ret->role, sizeof(ret->role), role);
		ret->privileges = roles[i].privileges;
	}
}
